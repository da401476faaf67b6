# SPDX-License-Identifier: GPL-2.0-or-later
"""What an outbox promises, held over generated histories; and that each promise is noticed when its code is taken away."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import replace

import pytest
from hypothesis import Phase, find, given, settings
from hypothesis.errors import NoSuchExample

from bot.model import Letter, LetterEvent
from bot.post import gate, letters, outbox
from tests.post import drains
from tests.post.drains import HISTORIES, PROMISES, Promise, world


def holds(cases: int) -> None:
    @settings(max_examples=cases, deadline=None, database=None, derandomize=True, phases=[Phase.generate, Phase.shrink])
    @given(HISTORIES)
    def held(drawn: bytes) -> None:
        made = world(drawn)
        assert [said for promise in PROMISES for said in promise(made)] == []

    held()


def test_promises() -> None:
    holds(60)


@pytest.mark.long
@pytest.mark.timeout(3000)
def test_all_promises_over_ten_thousand_histories() -> None:
    holds(10_000)


def _plainly(box: drains.Memory, letter: Letter, lists: object, claim: LetterEvent) -> bool:
    return box.put_letter_event(letter.id, claim, letters.last(letter))


def _as_before(draft: object) -> object:
    return draft.body  # type: ignore[attr-defined]


def _blind(*_: object) -> Iterable[object]:
    return ()


def _always(case: object) -> tuple[str, str]:
    return 'allow', 'the mail that it shows was approved'


class Forgetful(drains.Memory):
    """Keeps no new evidence, as the outbox did once."""

    def put_letter_text(self, letter: Letter, event: object, after: int, evidence: object = None) -> bool:
        return super().put_letter_text(letter, event, after)  # type: ignore[arg-type]


def _without(rule: str) -> object:
    return tuple((name, check) for name, check in gate.RULES if name != rule)


BROKEN: dict[str, tuple[Promise, list[tuple[object, str, object]]]] = {
    'copies of what does not wait': (
        drains.moderators_see_what_waits_for_them,
        [(gate, '_of_copy', _always), (outbox, '_of_shown', _blind)],
    ),
    'rate by the draft': (drains.the_rate_is_that_of_the_lists_then, [(outbox, 'claimed_as', _plainly)]),
    'old evidence': (drains.every_mail_rests_on_the_report_it_names, [(drains, 'Memory', Forgetful)]),
    'stale letters': (drains.what_is_queued_follows_the_policy_in_force, [(letters, '_undated', _as_before)]),
    'no opt-in': (drains.every_list_has_a_say_when_it_goes_out, [(gate, 'RULES', _without('opt-in'))]),
    'no scope': (drains.every_list_has_a_say_when_it_goes_out, [(gate, 'RULES', _without('scope'))]),
    'no approval': (drains.nothing_without_the_word_of_people, [(gate, 'RULES', _without('approval'))]),
    'no moderation': (drains.nothing_without_the_word_of_people, [(gate, 'RULES', _without('moderation'))]),
    'sent on a guess': (
        drains.no_event_goes_out_twice,
        [(gate, 'RULES', _without('once')), (letters, '_STATES', {**letters._STATES, 'unknown': 'waiting'})],
    ),
}


# Three mails within an hour, the first of them before a copy came: such histories are rare.
_RARE = ('rate by the draft',)


@pytest.mark.parametrize('name', [pytest.param(n, marks=[pytest.mark.long] if n in _RARE else []) for n in BROKEN])
def test_a_broken_promise_is_found_out(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    promise, changes = BROKEN[name]
    for where, what, other in changes:
        monkeypatch.setattr(where, what, other)
    make: Callable[[], drains.Memory] = drains.Memory
    monkeypatch.setattr(drains, 'World', lambda policy: replace(drains_world(policy), box=make()))
    quick = settings(max_examples=3000, deadline=None, database=None, derandomize=True, phases=[Phase.generate])
    try:
        find(HISTORIES, lambda drawn: bool(list(promise(world(drawn)))), settings=quick)
    except NoSuchExample:
        pytest.fail(f'{promise.__name__} did not notice: {name}')


drains_world = drains.World
