# SPDX-License-Identifier: GPL-2.0-or-later
"""Letters: what people do to one, what a drain does, and that no crash loses or doubles any."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from bot.errors import StoreError, UserError
from bot.model import Letter
from bot.post import letters, outbox
from bot.post.policy import Policy
from bot.store import Outbox
from tests.post import torture
from tests.post.example import POST, drafted, policy
from tests.post.torture import NOW

OPEN = policy(embargo_hours=0, per_hour=99, per_day=99)


@pytest.fixture
def box(tmp_path: Path) -> Iterator[Outbox]:
    with Outbox(tmp_path / 'outbox.sqlite3') as held:
        yield held


def put(box: Outbox, kind: str = 'review', **other: object) -> Letter:
    made = drafted(kind, rules=OPEN, **other)  # type: ignore[arg-type]
    letters.queue(box, letters.letter_of(made), NOW, 'me', ('run', b'{}'))
    return letters.find(box, made.id)


class Carrier:
    """Takes mails, or does with them what it is told."""

    def __init__(self, *said: str) -> None:
        self.said, self.taken = list(said), list[bytes]()

    def __call__(self, raw: bytes, sender: str, to: Sequence[str], ending: Callable[[], None]) -> outbox.Delivery:
        what = self.said.pop(0) if self.said else 'sent'
        if what != 'delayed':
            ending()
        if what == 'sent':
            self.taken.append(raw)
        return outbox.Delivery(what, f'it was {what}')  # type: ignore[arg-type]


def office(
    box: Outbox, carry: outbox.Carrier, archived: outbox.Sighting = 'absent', rules: Policy = OPEN, hours: float = 0
) -> outbox.Post:
    now = NOW + timedelta(hours=hours)
    return outbox.Post(
        box, rules, POST.address, lambda: now, carry, lambda d: outbox.Standing(d.number), lambda _: archived
    )


def drain(box: Outbox, carry: outbox.Carrier, archived: outbox.Sighting = 'absent', hours: float = 0) -> list[str]:
    return [done.what for done in outbox.drain(office(box, carry, archived, hours=hours))]


def approve(box: Outbox, name: str) -> None:
    letters.tell(box, letters.find(box, name), 'approved', NOW, 'me')


def test_a_letter_waits_for_approval_and_goes_out_once(box: Outbox) -> None:
    letter, carry = put(box), Carrier()
    assert drain(box, carry) == ['held'] and not carry.taken
    approve(box, letter.id)
    assert drain(box, carry) == ['sent'] and drain(box, carry) == []
    assert carry.taken == [letter.raw]
    assert [e.what for e in letters.find(box, letter.id).events] == ['queued', 'approved', 'claimed', 'ending', 'sent']


def test_approval_is_of_the_very_bytes(box: Outbox) -> None:
    letter, carry = put(box), Carrier()
    approve(box, letter.id)
    edited = letters.edit(box, letters.find(box, letter.id), 'Other words, ä.\n', NOW, 'me')
    assert edited.digest != letter.digest and b'Other words, \xc3\xa4.' in edited.raw
    assert b'Content-Transfer-Encoding: 8bit' in edited.raw
    assert drain(box, carry) == ['held']
    approve(box, letter.id)
    assert drain(box, carry) == ['sent'] and carry.taken == [edited.raw]


def test_editing_back_to_what_was_approved_is_approved(box: Outbox) -> None:
    letter = put(box)
    approve(box, letter.id)
    letters.edit(box, letters.find(box, letter.id), 'x\n', NOW, 'me')
    letters.edit(box, letters.find(box, letter.id), 'Hello\n', NOW, 'me')
    assert letters.find(box, letter.id).digest == letter.digest and drain(box, Carrier()) == ['sent']


@pytest.mark.parametrize(
    'body', ['', '\n\n', 'Reviewed-by: A <a@b.example>\n', 'x' * 1200, 'Hi\x07\n', 'Hi\rReviewed-by: A <a@b.example>\n']
)
def test_an_edit_that_must_not_go_out_is_refused(box: Outbox, body: str) -> None:
    with pytest.raises(UserError):
        letters.edit(box, put(box), body, NOW, 'me')


def test_the_same_event_is_one_letter(box: Outbox) -> None:
    letter = put(box)
    other = letters.letter_of(replace(letters.draft_of(letter), body='News\n'))
    assert letters.queue(box, other, NOW, 'me', ('run', b'{}')) == 'renewed'
    assert [one.raw for one in box.letters()] == [other.raw]
    letters.edit(box, letters.find(box, letter.id), 'By hand\n', NOW, 'me')
    assert letters.queue(box, letter, NOW, 'me', ('run', b'{}')) == 'kept'


def test_what_was_turned_down_is_never_sent(box: Outbox) -> None:
    letter = put(box)
    approve(box, letter.id)
    letters.tell(box, letters.find(box, letter.id), 'rejected', NOW, 'me', 'not now')
    assert drain(box, Carrier()) == [] and letters.state(letters.find(box, letter.id)) == 'rejected'
    with pytest.raises(UserError, match='rejected'):
        approve(box, letter.id)


def test_of_two_who_saw_the_same_one_alone_acts(box: Outbox) -> None:
    seen = put(box)
    approve(box, seen.id)
    with pytest.raises(UserError, match='something else happened'):
        letters.tell(box, seen, 'rejected', NOW, 'other')


def test_what_a_server_puts_off_is_tried_again_later(box: Outbox) -> None:
    approve(box, put(box).id)
    carry = Carrier('delayed')
    assert [drain(box, carry, hours=h) for h in (0, 0.1, 0.2)] == [['delayed'], ['held'], ['sent']]


def test_what_nobody_knows_is_looked_up_and_never_sent_on_a_guess(box: Outbox) -> None:
    letter, carry = put(box), Carrier('unknown')
    approve(box, letter.id)
    assert drain(box, carry) == ['unknown']
    assert drain(box, carry, archived='absent', hours=99) == drain(box, carry, archived='another', hours=999) == []
    assert letters.state(letters.find(box, letter.id)) == 'unknown' and not carry.taken
    assert drain(box, carry, archived='there') == ['found']
    assert letters.state(letters.find(box, letter.id)) == 'sent'


def test_a_person_may_say_that_nobody_got_it(box: Outbox) -> None:
    letter, carry = put(box), Carrier('unknown')
    approve(box, letter.id)
    drain(box, carry)
    letters.tell(box, letters.find(box, letter.id), 'again', NOW, 'me', 'the server has no trace of it')
    assert drain(box, carry) == ['sent'] and len(carry.taken) == 1


def test_what_a_server_refuses_waits_for_a_person(box: Outbox) -> None:
    letter, carry = put(box), Carrier('refused')
    approve(box, letter.id)
    assert [drain(box, carry), drain(box, carry)] == [['refused'], []]
    letters.tell(box, letters.find(box, letter.id), 'again', NOW, 'me')
    assert drain(box, carry) == ['sent']


def test_a_mail_of_which_nobody_knows_counts_against_rate_and_series(box: Outbox) -> None:
    first, second = put(box), put(box, target__message_id='v2-1@lindqvist.example')
    for letter in (first, second):
        approve(box, letter.id)
    posted = list(outbox.drain(office(box, Carrier('unknown'))))
    assert [done.what for done in posted] == ['unknown', 'stopped']
    assert 'another mail of this kind went out' in posted[1].note


def test_turning_down_what_may_have_gone_out_calls_nothing_back(box: Outbox) -> None:
    first = put(box)
    approve(box, first.id)
    assert drain(box, Carrier('unknown')) == ['unknown']
    letters.tell(box, letters.find(box, first.id), 'rejected', NOW, 'me')
    second = put(box, target__message_id='v2-1@lindqvist.example')
    approve(box, second.id)
    assert [done.what for done in outbox.drain(office(box, Carrier()))] == ['stopped']


def test_the_gate_is_asked_again_before_sending(box: Outbox) -> None:
    approve(box, put(box).id)
    closed = policy(mute=True)
    assert [d.what for d in outbox.drain(office(box, Carrier(), rules=closed))] == ['stopped']
    newer = replace(office(box, Carrier()), look=lambda d: outbox.Standing(d.number + 1))
    assert [d.note for d in outbox.drain(newer)] == ['posting 3 replaced the one it is about, 2']
    blind = replace(office(box, Carrier()), look=lambda d: outbox.Standing(None))
    assert [d.what for d in outbox.drain(blind)] == ['held']
    copied = replace(office(box, Carrier()), look=lambda d: outbox.Standing(d.number, lists=('new@lists.example',)))
    assert [d.note for d in outbox.drain(copied)] == ['new@lists.example has not opted in']
    narrow = office(box, Carrier(), rules=policy(reply='author', embargo_hours=0))
    assert [d.what for d in outbox.drain(narrow)] == ['stopped'], 'a list that no longer wants copies gets none'


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


def test_letter_and_report_are_kept_together_or_not_at_all(box: Outbox, monkeypatch: pytest.MonkeyPatch) -> None:
    letter = put(box)
    assert box.result('run') == b'{}'
    other = letters.letter_of(drafted('lab', rules=OPEN))
    run = Outbox._run

    def failing(self: Outbox, query: str, **values: object) -> object:
        if query == 'put_result':
            raise StoreError('the disk is full', where='', todo='')
        return run(self, query, **values)

    monkeypatch.setattr(Outbox, '_run', failing)
    with pytest.raises(StoreError):
        letters.queue(box, other, NOW, 'me', ('key', b'{}'))
    monkeypatch.undo()
    assert [one.id for one in box.letters()] == [letter.id]


@pytest.mark.parametrize(
    'statement', ['DELETE FROM letter', "UPDATE letter_event SET what = 'sent'", 'DELETE FROM letter_text']
)
def test_the_outbox_is_never_shortened(box: Outbox, statement: str) -> None:
    put(box)
    with pytest.raises(Exception, match='never'):
        box._db.execute(statement)


def test_ids_may_be_cut_short(box: Outbox) -> None:
    letter = put(box)
    assert letters.find(box, letter.id[:8]).id == letters.find(box, f'<{letter.id}>').id == letter.id
    for name in ('', 'nothing', '../x'):
        with pytest.raises(UserError):
            letters.find(box, name)


def check(found: torture.Count, runs: int) -> None:
    assert (found.runs, found.lost, found.doubled) == (runs, 0, 0)
    assert found.sent + found.held == 3 * runs and found.held
    assert set(found.left) <= {*torture.STEPS[4:7], torture.STEPS[-1]}, 'only from the dot on is there doubt'


def test_a_drain_that_is_killed_loses_and_doubles_nothing() -> None:
    check(torture.run(len(torture.STEPS)), len(torture.STEPS))


@pytest.mark.long
@pytest.mark.timeout(3000)
def test_five_hundred_killed_drains() -> None:
    check(torture.run(500), 500)
