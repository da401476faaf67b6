# SPDX-License-Identifier: GPL-2.0-or-later
"""Finds quoted text that carries no `>`: Outlook copies, `|` or initials styles, ends of lines that a wrap tore off.

Promises that every such line stands in a mail that is answered; without that, text at the margin is the sender's own.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence

from bot.lore.quote_align import Index, Match
from bot.lore.quote_parse import View, normal
from bot.model import Message

_RUN = 3
# The share of such lines that stand in an ancestor from which on the mail is taken to quote in that style throughout.
_USUAL = 0.6
# Words of a line that are hardly the same by chance.
_TELLING = 3
_WORDS = 15
_PATCH = re.compile(r'(?m)^(?:diff --git |--- (?:a/|/dev/null)|@@ -\d)')


def candidates(message: Message, view: View, ancestors: Sequence[Index]) -> set[int]:
    """Return the unquoted lines that may be quotes; `view` gets the text of odd styles without their mark."""
    if not ancestors:
        return set()
    chosen = _odd_style(view, ancestors)
    if view.outlook is not None:
        chosen |= {n for n in range(view.outlook, len(view)) if view.depths[n] == 0 and view.keys[n]}
    elif not _PATCH.search(message.body):
        chosen |= _copies(view, ancestors[0])
    return chosen


def _odd_style(view: View, ancestors: Sequence[Index]) -> set[int]:
    """Return the lines in another quote style; a single one counts below "X wrote:", or in a mail that has more."""
    keys = {n: normal(text) for n, text in view.odd.items()}
    telling = [n for n, k in keys.items() if len(k.split()) >= _TELLING]
    known = {n for n in telling if any(keys[n] in a.anywhere for a in ancestors)}
    usual = len(known) >= max(_RUN, _USUAL * len(telling))
    chosen: set[int] = set()
    for run in _runs(sorted(view.odd)):
        here = known.intersection(run)
        if usual or len(here) >= _RUN or (here and _introduced(view, run[0])):
            for number in run:
                view.texts[number], view.keys[number] = view.odd[number], keys[number]
            chosen.update(n for n in run if keys[n])
    return chosen


def _introduced(view: View, number: int) -> bool:
    above = next((view.keys[n] for n in range(number - 1, -1, -1) if view.keys[n]), '')
    return above.endswith(':')


def _copies(view: View, parent: Index) -> set[int]:
    """Return runs of lines that the parent's author wrote word for word."""
    same = [n for n, k in enumerate(view.keys) if k and view.depths[n] == 0 and (0, k) in parent.lines]
    chosen: set[int] = set()
    for run in _runs(same, view):
        if len(run) >= _RUN and sum(len(view.keys[n].split()) for n in run) >= _WORDS:
            chosen.update(run)
    return chosen


def _runs(numbers: Iterable[int], view: View | None = None) -> list[list[int]]:
    runs: list[list[int]] = []
    for number in numbers:
        if runs and (number == runs[-1][-1] + 1 or (view and not any(view.keys[runs[-1][-1] + 1 : number]))):
            runs[-1].append(number)
        else:
            runs.append([number])
    return runs


def lost_marks(view: View, found: Mapping[int, object], parent: Index) -> dict[int, Match]:
    """Return unquoted lines that go on, word for word, where the quoted line above breaks off; their depth is set."""
    out: dict[int, Match] = {}
    for number in range(1, len(view)):
        above = number - 1
        if view.depths[number] or not view.keys[number] or not view.depths[above] or not view.keys[above]:
            continue
        if above not in found and above not in out:
            continue
        place = _goes_on(view.keys[above].split(), view.keys[number].split(), parent)
        if place is not None:
            line = parent.homes[place]
            view.depths[number] = view.depths[above]
            out[number] = (line, line, 'tokens')
    return out


def _goes_on(above: list[str], words: list[str], parent: Index) -> int | None:
    parent.tokenise()
    both = above[-3:] + words
    if len(above) < 3 or len(words) > 12:
        return None
    for start in parent.seeds.get(tuple(above[-3:]), ()):
        at = start + 3
        whole = parent.words[start : start + len(both)] == both
        torn = at < len(parent.homes) and parent.homes[at] == parent.homes[at - 1]
        if whole and torn:
            return at
    return None
