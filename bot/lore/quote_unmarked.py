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
    chosen: set[int] = set()
    for run in _runs(sorted(view.odd)):
        keys = {n: normal(view.odd[n]) for n in run}
        known = [n for n in run if len(keys[n].split()) >= 3 and any(keys[n] in a.anywhere for a in ancestors)]
        if len(known) >= _RUN:
            for number in run:
                view.texts[number], view.keys[number] = view.odd[number], keys[number]
            chosen.update(n for n in run if keys[n])
    return chosen


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
