# SPDX-License-Identifier: GPL-2.0-or-later
"""What became of each patch of a posting: matched as git range-diff matches them."""

from __future__ import annotations

import tempfile
from itertools import permutations
from pathlib import Path

from hypothesis import given, settings
from hypothesis import strategies as st

from bot.lore import compare
from bot.lore.matching import heaviest
from bot.lore.rangediff import _gain, _side
from bot.model import Patch, Person, Revision
from tests.lore.range_score import by_git, signs

AUTHOR = Person('Ann Author', 'ann@example.org')


def diff(name: str, *lines: str, at: int = 10) -> str:
    old = sum(line[:1] in ' -' for line in lines)
    new = sum(line[:1] in ' +' for line in lines)
    body = '\n'.join(lines)
    return (
        f'diff --git a/{name} b/{name}\nindex 1111111..2222222 100644\n--- a/{name}\n+++ b/{name}\n'
        f'@@ -{at},{old} +{at},{new} @@ int f(void)\n{body}\n'
    )


def patch(position: int, subject: str, text: str, message: str = 'Why.') -> Patch:
    return Patch(
        position, 0, f'm{position}@x', subject, AUTHOR, None, message, '', text, (), (), '', b'',
    )  # fmt: skip


def posting(*patches: Patch) -> Revision:
    return Revision(
        1, 1, False, False, 'c@x', None, 'a series', AUTHOR, None, None, patches, len(patches), (), (), (), 'c@x'
    )  # fmt: skip


def became(old: Revision, new: Revision) -> list[tuple[int, int, str]]:
    return [(one.old, one.new, one.how) for one in compare(old, new)]


LONG = [f'+\tcount += {n};' for n in range(20)]
OTHER = [f'+\tput_page(pages[{n}]);' for n in range(20)]


def test_the_five_things_that_become_of_a_patch() -> None:
    old = posting(
        patch(1, 'one', diff('a.c', ' x', '+y', ' z')),
        patch(2, 'two', diff('b.c', ' x', '+y', ' z')),
        patch(3, 'three', diff('c.c', ' x', *LONG)),
        patch(4, 'four', diff('d.c', ' x', *OTHER)),
    )
    new = posting(
        patch(1, 'one', diff('a.c', ' x', '+y', ' z', at=70)),
        patch(2, 'three', diff('c.c', ' x', *LONG[:-1], '+\tcount--;')),
        patch(3, 'two', diff('b.c', ' x', '+y', ' z'), 'Why it is so.'),
        patch(4, 'five', diff('e.c', ' k', *[f'+\tnothing({n});' for n in range(20)])),
    )
    assert became(old, new) == [(1, 1, 'same'), (3, 2, 'code'), (2, 3, 'message'), (0, 4, 'new'), (4, 0, 'gone')]
    shown = compare(old, new)[1].interdiff
    assert '-+\tcount += 19;' in shown
    assert '++\tcount--;' in shown


def test_line_numbers_and_blob_ids_are_no_change() -> None:
    text = diff('a.c', ' x', '+y')
    other = text.replace('1111111..2222222', '3333333..4444444').replace('@@ -10', '@@ -99').replace('+10', '+99')
    assert became(posting(patch(1, 'one', text)), posting(patch(1, 'one', other))) == [(1, 1, 'same')]


def test_an_empty_posting_has_nothing_in_common_with_any() -> None:
    one = posting(patch(1, 'one', diff('a.c', ' x', '+y')))
    assert became(posting(), one) == [(0, 1, 'new')]
    assert became(one, posting()) == [(1, 0, 'gone')]
    assert became(posting(), posting()) == []


@given(st.dictionaries(st.tuples(st.integers(0, 4), st.integers(0, 4)), st.integers(1, 30), max_size=14))
def test_the_matching_is_the_heaviest(gains: dict[tuple[int, int], int]) -> None:
    found = heaviest(gains)
    assert len(set(found.values())) == len(found)
    assert all(pair in gains for pair in found.items())
    best = max(sum(gains.get((i, order[i]), 0) for i in range(5)) for order in permutations(range(5)))
    assert sum(gains[pair] for pair in found.items()) == best


CONTEXT = [' \tone();', ' \ttwo();', ' \tthree();']
WORDS = st.lists(
    st.sampled_from(['\tget(p);', '\tput(p);', '\tif (!p)', '\treturn -EINVAL;', '\tn++;']),
    min_size=1,
    max_size=5,
    unique=True,
).map(sorted)  # lines that change places: there git's diff is now and then a line shorter than ours
PATCHES = st.lists(st.tuples(st.sampled_from(['a.c', 'b.c', 'c.c']), WORDS), min_size=1, max_size=4)


@settings(max_examples=25, deadline=None)
@given(PATCHES, PATCHES)
def test_git_says_the_same(old: list[tuple[str, list[str]]], new: list[tuple[str, list[str]]]) -> None:
    sides = [
        posting(
            *(
                patch(n, f'patch of {name}', diff(name, *CONTEXT, *(f'+{line}' for line in lines), *CONTEXT))
                for n, (name, lines) in enumerate(side, 1)
            )
        )
        for side in (old, new)
    ]
    with tempfile.TemporaryDirectory() as scratch:
        theirs = by_git(sides[0], sides[1], Path(scratch))
    ours = signs(compare(sides[0], sides[1]))
    assert saved(sides, ours) == saved(sides, theirs)


def saved(sides: list[Revision], found: list[tuple[int, int, str]]) -> int:
    """Return what a matching saves: where two cost the same, git may take either."""
    old, new = ([_side(one) for one in side.patches] for side in sides)
    return sum(_gain(old[i - 1], new[j - 1]) for i, j, _ in found if i and j)
