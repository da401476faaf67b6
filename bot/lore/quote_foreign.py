# SPDX-License-Identifier: GPL-2.0-or-later
"""Knows quoted lines that no mail wrote: marks of cutting, footers of lists, headers that mail programs add, logs."""

from __future__ import annotations

import re
from collections.abc import Container

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


def cutting(text: str) -> bool:
    """Tell whether the line only says that something was left out."""
    return bool(_CUT.match(text))


def footer(text: str) -> bool:
    return bool(_FOOTER.match(text.strip()))


def alien(view: View, number: int, found: Container[int]) -> bool:
    """Tell whether a quoted line that was not found is no mail's: by its shape, or as all of its block is unknown."""
    text = view.keys[number]
    if cutting(text) or footer(text) or pseudo_header(text) or _header_goes_on(view, number):
        return True
    return not any(n in found for n in _block(view, number)) and not _claimed(view, number)


def _header_goes_on(view: View, number: int) -> bool:
    """Tell whether the line is one of the folded lines of addresses below a header that Outlook wrote."""
    for above in range(number - 1, max(number - 24, -1), -1):
        text = view.keys[above]
        if not text or view.depths[above] != view.depths[number]:
            return False
        if pseudo_header(text):
            return ';' in text or '@' in text or text.lower().startswith('subject')
    return False


def _block(view: View, number: int) -> range:
    size = len(view)
    first = last = number
    while first > 0 and view.depths[first - 1]:
        first -= 1
    while last + 1 < size and view.depths[last + 1]:
        last += 1
    return range(first, last + 1)


def _claimed(view: View, number: int) -> bool:
    return any(c.first <= number and c.depth < view.depths[number] for c in view.claims)
