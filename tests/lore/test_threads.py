# SPDX-License-Identifier: GPL-2.0-or-later
"""Threads by references: ghosts, circles, and chains that go through mails that are not there."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from bot.lore.threads import ancestors, assemble_threads, without_circles
from bot.model import Ghost, Message
from tests.lore.letters import letter, read


def names(messages: tuple[Message, ...] | list[Message]) -> list[str]:
    return [m.message_id.removesuffix('@test') for m in messages]


def test_two_threads() -> None:
    mails = read(
        letter('a', name='a'), letter('b', name='b', minutes=1),
        letter('Re: a', name='c', answers='a', minutes=2), letter('Re: b', name='d', answers='b', minutes=3),
    )  # fmt: skip
    threads = assemble_threads(without_circles(mails))
    assert [(t.root, names(t.messages), t.ghosts) for t in threads] == [
        ('a@test', ['a', 'c'], ()),
        ('b@test', ['b', 'd'], ()),
    ]


def test_replies_to_one_ghost_are_one_thread() -> None:
    mails = read(
        letter('Re: x', name='a', answers='gone'),
        letter('Re: x', name='b', references=['first', 'gone'], answers='a', minutes=1),
    )
    (thread,) = assemble_threads(without_circles(mails))
    assert thread.root == 'a@test'
    assert thread.ghosts == (Ghost('gone@test', None, None, 'a@test'), Ghost('first@test', None, None, 'b@test'))


def test_ancestors_step_over_a_ghost() -> None:
    mails = read(letter('a', name='a'), letter('Re: a', name='c', references=['a'], answers='ghost', minutes=2))
    by_id = {m.message_id: m for m in mails}
    assert names(ancestors(by_id['c@test'], by_id)) == ['a']


def test_a_circle_is_cut_at_its_earliest_mail() -> None:
    circle = [letter('x', name=n, answers=a, minutes=m) for n, a, m in (('a', 'c', 5), ('b', 'a', 3), ('c', 'b', 4))]
    mails = without_circles(read(*circle, letter('x', name='d', answers='a', minutes=1)))
    assert {m.message_id: m.parent for m in mails} == {
        'd@test': 'a@test', 'b@test': None, 'c@test': 'b@test', 'a@test': 'c@test',
    }  # fmt: skip
    assert ['circle' in ''.join(m.notes) for m in mails] == [False, True, False, False]
    (thread,) = assemble_threads(mails)
    assert thread.root == 'b@test'


def test_a_thread_without_text() -> None:
    picture = letter('x', 'zz', name='a', headers=['Content-Type: image/png'])
    assert assemble_threads(without_circles(read(picture)))[0].unusable
    assert not assemble_threads(without_circles(read(picture, letter('x', name='b', answers='a'))))[0].unusable


@given(st.lists(st.tuples(st.integers(0, 5), st.integers(0, 7), st.integers(0, 7), st.integers(0, 3)), max_size=8))
def test_any_references(mails: list[tuple[int, int, int, int]]) -> None:
    letters = [letter('x', name=f'm{n}', answers=f'm{a}', references=[f'm{r}'], minutes=t) for n, a, r, t in mails]
    messages = without_circles(read(*letters))
    by_id = {m.message_id: m for m in messages}
    for message in messages:
        at, steps = message, 0
        while at.parent in by_id:
            at, steps = by_id[at.parent], steps + 1
            assert steps <= len(messages)
        assert len(ancestors(message, by_id)) < len(messages)
    threads = assemble_threads(messages)
    assert sorted(m.message_id for t in threads for m in t.messages) == sorted(by_id)
    assert all(t.get(t.root) for t in threads)
