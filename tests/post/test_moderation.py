# SPDX-License-Identifier: GPL-2.0-or-later
"""What moderators of a list see: the very mail that waits for them, or nothing."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from bot.errors import UserError
from bot.model import Letter
from bot.post import letters, outbox
from bot.store import Outbox
from tests.post.counter import Carrier, approve, office, put
from tests.post.example import policy
from tests.post.torture import NOW

MODERATED = policy(embargo_hours=0, per_hour=99, per_day=99, moderation='mods@host.example')


def test_moderators_see_a_mail_first_and_release_its_bytes(box: Outbox) -> None:
    letter, carry = put(box), Carrier()
    moderated = office(box, carry, rules=policy(embargo_hours=0, moderation='mods@host.example'))
    assert [d.what for d in outbox.drain(moderated)] == ['held'], 'not before a person approved it'
    approve(box, letter.id)
    assert [d.what for d in outbox.drain(moderated)] == ['held', 'sent']
    [copy] = carry.taken
    assert b'\nTo: mods@host.example\n' in copy and b'\nSubject: [moderation] Re: [PATCH v2 0/3] mm/gup' in copy
    assert b'In-Reply-To' not in copy.partition(b'\n\n')[0] and b'kvm@vger' not in copy.partition(b'\n\n')[0]
    assert b'\n> Hello\n' in copy and b'lorebot reply release ' + letter.id.encode() in copy
    assert [d.what for d in outbox.drain(moderated)] == ['held'], 'once for the same bytes'
    letters.tell(box, letters.find(box, letter.id), 'released', NOW, 'mod')
    assert [d.what for d in outbox.drain(moderated)] == ['sent'] and carry.taken[1] == letter.raw


def test_a_copy_for_moderators_goes_to_nobody_else(box: Outbox) -> None:
    letter = put(box)
    approve(box, letter.id)
    moderated = policy(embargo_hours=0, moderation='mods@host.example')
    carry = Carrier('delayed')
    assert [d.what for d in outbox.drain(office(box, carry, rules=moderated))] == ['held', 'delayed']
    other = policy(embargo_hours=0, moderation='others@host.example')
    said = [d.note for d in outbox.drain(office(box, carry, rules=other, hours=1))]
    assert 'mods@host.example does not moderate these lists' in said


def told(box: Outbox, carry: Carrier, hours: float = 1, **rules: object) -> list[str]:
    """Drain by the moderated policy, but for some rules; return what was done about each letter, and why."""
    here = policy(**{'embargo_hours': 0, 'per_hour': 99, 'per_day': 99, 'moderation': 'mods@host.example', **rules})
    return [f'{d.what}: {d.note}' for d in outbox.drain(office(box, carry, rules=here, hours=hours))]


@pytest.fixture
def delayed(box: Outbox) -> Letter:
    """Return an approved letter whose copy for the moderators a server put off: it waits."""
    letter = put(box)
    approve(box, letter.id)
    assert [one.partition(':')[0] for one in told(box, Carrier('delayed'), 0)] == ['held', 'delayed']
    return letters.find(box, letter.id)


CHANGES: dict[str, tuple[Callable[[Outbox, Letter], object], str]] = {
    'rejected': (
        lambda box, one: letters.tell(box, one, 'rejected', NOW, 'me', 'secret in it'),
        'the mail that it shows does not wait any more',
    ),
    'edited': (
        lambda box, one: letters.edit(box, one, 'Other\n', NOW, 'me'),
        'the mail that it shows was changed since',
    ),
}


@pytest.mark.parametrize('change', CHANGES)
def test_no_copy_of_what_a_person_turned_down_or_changed(box: Outbox, delayed: Letter, change: str) -> None:
    act, why = CHANGES[change]
    act(box, delayed)
    carry = Carrier()
    assert f'stopped: {why}' in told(box, carry) and carry.taken == []


def test_the_copy_of_changed_bytes_waits_for_their_approval(box: Outbox, delayed: Letter) -> None:
    letters.edit(box, delayed, 'Other\n', NOW, 'me')
    approve(box, delayed.id)
    carry = Carrier()
    told(box, carry)
    [copy] = carry.taken
    assert b'\n> Other\n' in copy and b'Hello' not in copy


@pytest.mark.parametrize(
    ('rule', 'why'),
    [
        ({'mute': True}, 'muted for'),
        ({'reply': 'author'}, 'would get it, and reply is "author"'),
        ({'kinds': ('lab',)}, 'mails of kind review are not wanted'),
        ({'moderation': ''}, 'does not moderate these lists'),
    ],
)
def test_no_copy_of_what_would_not_go_out_anyway(box: Outbox, delayed: Letter, rule: dict[str, Any], why: str) -> None:
    carry = Carrier()
    said = told(box, carry, **rule)
    assert any(why in one for one in said)
    assert not any(b'[moderation]' in one for one in carry.taken)


def test_a_letter_that_went_out_is_shown_to_nobody(box: Outbox, delayed: Letter) -> None:
    letters.tell(box, delayed, 'released', NOW, 'mod')
    carry = Carrier()
    assert [one.partition(':')[0] for one in told(box, carry)] == ['sent', 'stopped']
    assert carry.taken == [delayed.raw]


def test_other_moderators_get_a_copy_of_their_own(box: Outbox, delayed: Letter) -> None:
    carry = Carrier()
    told(box, carry, moderation='others@host.example')
    [copy] = carry.taken
    assert b'\nTo: others@host.example\n' in copy
    assert told(box, carry, 2)[1].startswith('sent') and b'\nTo: mods@host.example\n' in carry.taken[1]


def test_what_happens_to_the_original_while_it_is_judged_counts(box: Outbox, delayed: Letter) -> None:
    """The look at the archive takes its time; who turns the mail down meanwhile is heard."""
    looks = []

    def look(draft: object) -> outbox.Standing:
        looks.append(draft)
        if len(looks) == 3:
            letters.tell(box, letters.find(box, delayed.id), 'rejected', NOW, 'me')
        return outbox.Standing(2)

    carry = Carrier()
    post = office(box, carry, rules=MODERATED, hours=1)
    done = [d.what for d in outbox.drain(outbox.Post(box, post.policy, post.own, post.now, carry, look, post.archived))]
    assert carry.taken == [] and 'sent' not in done and len(looks) > 3


def test_a_copy_without_its_original_is_not_sent(box: Outbox, delayed: Letter) -> None:
    copy = next(one for one in box.letters() if letters.draft_of(one).kind == 'moderation')
    known = letters.history([copy], copy, 2)
    assert known.original is None
    assert letters.history(box.letters(), copy, 2).original is not None
    assert 'the mail that it shows is not in the outbox' in [
        r.text
        for r in outbox.judge(office(Alone(copy), Carrier(), rules=MODERATED), copy).against  # type: ignore[arg-type]
    ]


class Alone:
    """An outbox of one letter."""

    def __init__(self, letter: Letter) -> None:
        self.held = (letter,)

    def letters(self) -> tuple[Letter, ...]:
        return self.held


def test_nobody_edits_what_moderators_see(box: Outbox, delayed: Letter) -> None:
    copy = next(one for one in box.letters() if letters.draft_of(one).kind == 'moderation')
    with pytest.raises(UserError, match='moderators see a mail as it is') as caught:
        letters.edit(box, copy, 'Nothing to see.\n', NOW, 'me')
    assert delayed.id in caught.value.todo
