# SPDX-License-Identifier: GPL-2.0-or-later
"""Letters: what people do to one, what a drain does, and that no crash loses or doubles any."""

from __future__ import annotations

from dataclasses import replace

import pytest

from bot.errors import StoreError, UserError
from bot.post import letters, outbox
from bot.store import Outbox
from tests.post import torture
from tests.post.counter import OPEN, Carrier, approve, drain, office, put
from tests.post.example import drafted, policy
from tests.post.torture import NOW


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


def test_what_is_said_anew_rests_on_the_new_report(box: Outbox) -> None:
    letter = put(box)
    other = letters.letter_of(drafted(rules=OPEN, body='News\n', run='later'))
    assert letters.queue(box, other, NOW, 'me', ('later', b'{"new": 1}')) == 'renewed'
    assert (box.result('run'), box.result('later')) == (b'{}', b'{"new": 1}')
    letters.tell(box, letters.find(box, letter.id), 'rejected', NOW, 'me')
    assert letters.queue(box, letter, NOW, 'me', ('last', b'{}')) == 'kept' and box.result('last') is None


def test_a_letter_of_an_old_policy_is_made_anew(box: Outbox) -> None:
    letter = put(box)
    approve(box, letter.id)
    narrow = policy(reply='author', embargo_hours=0)
    assert [d.what for d in outbox.drain(office(box, Carrier(), rules=narrow))] == ['stopped']
    anew = letters.letter_of(drafted(rules=narrow))
    assert letters.queue(box, anew, NOW, 'me', ('run', b'{}')) == 'renewed'
    held = letters.find(box, letter.id)
    assert [r.person.email for r in letters.draft_of(held).recipients] == ['mara@lindqvist.example']
    carry = Carrier()
    assert [d.what for d in outbox.drain(office(box, carry, rules=narrow))] == ['held'], 'nobody approved these bytes'
    approve(box, letter.id)
    assert [d.what for d in outbox.drain(office(box, carry, rules=narrow))] == ['sent']
    assert carry.taken == [anew.raw] and b'\nCc:' not in anew.raw


def test_another_date_alone_makes_no_other_letter(box: Outbox) -> None:
    put(box)
    later = drafted(rules=OPEN, date=NOW)
    assert letters.queue(box, letters.letter_of(later), NOW, 'me', ('run', b'{}')) == 'kept'


def test_a_person_s_words_outlive_a_change_of_policy(box: Outbox) -> None:
    letter = put(box)
    letters.edit(box, letter, 'By hand, ä.\n', NOW, 'me')
    narrow = drafted(rules=policy(reply='author'), body='News\n', run='later')
    said = letters.queue(
        box, letters.letter_of(narrow), NOW, 'me', ('later', b'{}'), lambda raw: b'X-Signed: y\n' + raw
    )
    held = letters.find(box, letter.id)
    assert said == 'renewed' and letters.draft_of(held).body == 'By hand, ä.\n' and held.raw.startswith(b'X-Signed')
    assert b'\nCc:' not in held.raw and b'Encoding: 8bit' in held.raw
    assert b'X-Lorebot-Run: 5d1c0a77' in held.raw and box.result('later') is None, 'they were about the report before'


def test_the_rate_counts_the_lists_that_had_a_say_when_it_was_sent(box: Outbox) -> None:
    """A copy by one more list came between draft and drain: what went out counts against that list, too."""
    late = 'borrow@host.example'
    first = put(box, 'inline', target__cc=(), target__lists=())
    assert late not in letters.draft_of(first).lists
    approve(box, first.id)
    seen = replace(office(box, Carrier()), look=lambda d: outbox.Standing(d.number, lists=(late,)))
    assert [d.what for d in outbox.drain(seen)] == ['sent']
    assert late in letters.draft_of(letters.find(box, first.id)).lists
    assert letters.find(box, first.id).raw == first.raw
    second = put(box)
    approve(box, second.id)
    once = office(box, Carrier(), rules=policy(embargo_hours=0, per_hour=1))
    known = letters.history(box.letters(), second, 2)
    assert [one.lists for one in known.past] == [('linux-mm@kvack.org', late)]
    assert f'1 of 1 in the last hour for conversations on {late}' in [
        r.text for r in outbox.judge(once, second).against
    ]


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
