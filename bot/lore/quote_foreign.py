# SPDX-License-Identifier: GPL-2.0-or-later
"""Knows quoted lines that no mail wrote: marks of cutting, footers of lists, headers that mail programs add, logs."""

from __future__ import annotations

import re
from collections.abc import Container, Sequence
from itertools import accumulate, groupby

from bot.lore.quote_parse import View, pseudo_header

_CUT = re.compile(
    r'(?i)^[\s\[(<{*.#+=\-_~/\\|…]*+(?:(?:snip(?:ped|pet)?|cut|trim(?:med)?|skip(?:ped)?|del(?:eted)?|removed|omitted|'
    r'\d+ (?:more )?lines?|lots? of|same|etc|patch|diff|stuff|quoted|unrelated|'
    r'rest)\b.{0,40})?[\s\])>}*.#+=\-_~/\\|…]*$'
)
_FOOTER = re.compile(
    r'(?i)^(?:_{20,}|-{2,3}|to unsubscribe\b.*|.*\bmailing list$|the body of a message to majordomo.*|'
    r'more majordomo info.*|'
    r'https?://(?>\S*(?:mailman|majordomo|listinfo))\S*+|unsubscribe:.*|.{0,20}mailman.*|please read the faq.*)$'
)
_UNCLAIMED = 1 << 30


def cutting(text: str) -> bool:
    """Tell whether the line only says that something was left out."""
    return bool(_CUT.match(text))


def footer(text: str) -> bool:
    return bool(_FOOTER.match(text.strip()))


class Foreign:
    """The quoted lines of one mail; `found` are those that another mail was seen to have written."""

    def __init__(self, view: View, found: Container[int]) -> None:
        self.view = view
        self._backed = _backed(view.depths, found)
        self._claimed = _claimed(view)

    def __contains__(self, number: int) -> bool:
        """Tell whether a quoted line that was not found is no mail's: by its shape, or as all of its block is unknown."""
        text = self.view.keys[number]
        if cutting(text) or footer(text) or pseudo_header(text) or _header_goes_on(self.view, number):
            return True
        return not self._backed[number] and self._claimed[number] >= self.view.depths[number]


def _header_goes_on(view: View, number: int) -> bool:
    """Tell whether the line is one of the folded lines of addresses below a header that Outlook wrote."""
    for above in range(number - 1, max(number - 24, -1), -1):
        text = view.keys[above]
        if not text or view.depths[above] != view.depths[number]:
            return False
        if pseudo_header(text):
            return ';' in text or '@' in text or text.lower().startswith('subject')
    return False


def _backed(depths: Sequence[int], found: Container[int]) -> list[bool]:
    """Return for each line whether a line of its block, the quoted lines around it without a gap, was found."""
    backed: list[bool] = []
    for quoted, block in groupby(range(len(depths)), key=lambda number: depths[number] > 0):
        lines = list(block)
        backed += [quoted and any(number in found for number in lines)] * len(lines)
    return backed


def _claimed(view: View) -> list[int]:
    """Return for each line the least depth at which an attribution stands up to there."""
    least = [_UNCLAIMED] * (len(view) + 1)  # a claim counts its lines from one: it speaks of those behind it
    for claim in view.claims:
        least[claim.first] = min(least[claim.first], claim.depth)
    return list(accumulate(least, min))
