# SPDX-License-Identifier: GPL-2.0-or-later
"""What commands do to a ledger: states, duplicates, new and cut questions; time, order and taking back."""

from __future__ import annotations

import random
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.model import Aim, Command, Event, Ledger, Person, Responsible, Role
from bot.questions.effects import CONTRADICTED, did
from bot.questions.grammar import Refusal
from bot.questions.state import in_order, settle
from bot.questions.verbs import ROLES, VERBS
from bot.report import tell_events, tell_log, tell_question
from bot.report.inert import acting
from tests.questions.ordered import ANN, LATE, RITA, THEO, Desk
from tests.questions.talks import Mail, talk

MAINTAINER = Responsible(Person('Max', 'max@m.example'), 'M', 'MM, F: mm/ (mm/borrow.c)')


def without_log(made: Ledger) -> Ledger:
    return replace(made, commands=(), undone=())


@pytest.mark.parametrize(
    ('line', 'me', 'state'),
    [
        ('resolve Q2.3: told at the conference', RITA, ('resolved', 'accepted')),
        ('resolve Q2.3', ANN, ('resolved', 'claimed')),
        ('resolve Q2.3', THEO, ('open', '')),
        ('answered Q2.3: answer@author.example', RITA, ('answered', 'accepted')),
        ('answered Q2.3: answer@author.example', THEO, ('answered', 'unconfirmed')),
        ('reopen Q2.1: it dies later', RITA, ('open', 'reopened')),
        ('reopen Q2.1: it dies later', THEO, ('answered', 'accepted')),
        ('defer Q2.3: v3', RITA, ('deferred', 'version')),
        ('defer Q2.3: LPC', RITA, ('deferred', 'venue')),
        ('defer Q2.3: after the flag is named', RITA, ('deferred', 'blocked-by')),
        ('defer Q2.3: LPC', ANN, ('deferred', 'proposed')),
        ('withdraw Q2.3', RITA, ('withdrawn', '')),
        ('untrack Q2.3', ANN, ('withdrawn', 'untracked')),
        ('note Q2.3: hm', THEO, ('open', '')),
        ('resolve Q2.3', '', ('resolved', 'accepted')),
        ('drop Q2.3: moot', '', ('withdrawn', 'dropped')),
        ('carry Q2.1: v2', RITA, ('open', 'carried')),
    ],
)
def test_a_command_has_the_effect_of_its_role(line: str, me: str, state: tuple[str, str]) -> None:
    desk = Desk('pinning')
    [command] = desk.say(line, me, trusted=not me)
    name = command.aims[0].name
    assert desk.state(name) == state
    event = next(e for e in desk.one(name).events if e.command)
    assert (event.kind, event.command) == (f'command:{line.split()[0]}', command.id)


@pytest.mark.parametrize(
    ('line', 'me', 'what', 'todo'),
    [
        (
            'withdraw Q2.3',
            ANN,
            'cannot withdraw Q2.3, being an author of the series',
            'the asker can; a maintainer says drop',
        ),
        ('drop Q2.3: x', RITA, 'cannot drop Q2.3, being the asker', 'a maintainer can; the asker says withdraw'),
        ('class Q2.3: nit', THEO, 'being somebody else', 'the asker or a maintainer or a reviewer can'),
        ('mute', RITA, 'cannot mute the series', 'a maintainer or an author of the series can'),
        ('resolve Q7', RITA, 'there is no Q7', 'there are Q2, Q3, Q4, Q5'),
        ('resolve Q2.9', RITA, 'there is no Q2.9', 'there are Q2, Q2.1, Q2.2, Q2.3, Q2.4, Q2.5'),
        ('resolve R9', RITA, 'there is no R9', 'there are R1, R2'),
        ('resolve q:00000000', RITA, 'there is no 00000000', 'Q'),
        ('resolve x@y', RITA, 'no mail x@y was read', 'check the message-id'),
        (
            'resolve ack@reader.example',
            RITA,
            'nothing is asked in ack@reader.example',
            'track ack@reader.example:FIRST-LAST',
        ),
        ('resolve ^', RITA, '^ is the mail that is replied to', 'name a question'),
        ('resolve', RITA, 'resolve of which question?', 'write resolve Q3'),
        ('resolve mine', 'nobody@x.example', 'has asked nothing that is not settled', 'name the questions'),
        ('resolve mine', '', 'mine needs to know who you are', '--me ADDRESS'),
        ('dup Q4: Q4', RITA, 'Q4 is no duplicate of itself', 'name two questions'),
        ('dup Q4', RITA, 'a duplicate of which question?', 'dup Q5: Q3'),
        ('split Q5', THEO, 'Q5 is one sentence', 'only several'),
        ('track Q5', RITA, 'Q5 is tracked already', 'nothing needs'),
        ('track answer@author.example:900', RITA, 'lines 900-900 hold no text', 'count from 1'),
        ('track answer@author.example:1-60', RITA, 'hold no text', 'count from 1'),
        ('track review@reader.example:9', RITA, 'Q2.1 stands in these lines already', 'nothing'),
        ('undo', RITA, 'gave no command here', 'name the id'),
        ('answered Q2.3: somewhere', THEO, 'needs its place', 'answered Q2.3: and its message-id'),
        ('undo c012345', RITA, 'c012345 is no command about this series', 'see the log'),
    ],
)
def test_what_cannot_be_done_is_refused_and_nothing_is_recorded(line: str, me: str, what: str, todo: str) -> None:
    desk = Desk('pinning')
    no = desk.try_(line, me, trusted=not me)
    assert isinstance(no, Refusal)
    assert what in no.what, no.what
    assert todo in no.todo, no.todo


def test_one_who_is_several_acts_in_the_first_role_that_may() -> None:
    desk = Desk('pinning')
    both = Responsible(Person('Rita', RITA), 'M', 'MM, F: mm/ (mm/borrow.c)')
    [dropped] = desk.say('drop Q2.3: moot', RITA, named=(both,), trusted=False)
    [withdrawn] = desk.say('withdraw Q2.4', RITA, named=(both,), trusted=False)
    assert [(c.aims[0].role, c.aims[0].because) for c in (dropped, withdrawn)] == [
        ('M', 'MM, F: mm/ (mm/borrow.c)'),
        ('A', 'asked it'),
    ]


def test_mine_are_those_of_the_asker_that_are_not_settled() -> None:
    desk = Desk('pinning')
    [command] = desk.say('withdraw mine', RITA)
    assert [a.name for a in command.aims] == ['Q2', 'Q2.1', 'Q2.2', 'Q2.3', 'Q2.4', 'R1']


PROTEST = Mail(
    'no@reader.example',
    f'Rita Reader <{RITA}>',
    LATE + timedelta(days=3),
    'Re: [PATCH RFC 0/1] mm: borrow pages for the frobnicator',
    'answer@author.example',
    '> > 2) What happens to a page that somebody else has pinned already?\n>\n'
    '> The loan is refused with -EBUSY, see borrow_page().\n\nThat is not what I asked.\n',
)


def test_a_later_mail_never_overrides_a_command_and_is_noted() -> None:
    desk = Desk([*talk('pinning'), PROTEST])
    assert desk.state('Q2.2') == ('contested', 'asker-insists')
    desk.say('resolve Q2.2', 'max@m.example', named=(MAINTAINER,))
    held = desk.one('Q2.2')
    assert (held.state, held.qualifier, CONTRADICTED in held.flags) == ('resolved', 'accepted', True)
    assert [e.kind for e in held.events][-2:] == ['command:resolve', 'contested']
    desk.say('undo', 'max@m.example', named=(MAINTAINER,))
    assert desk.state('Q2.2') == ('contested', 'asker-insists')
    assert CONTRADICTED not in desk.one('Q2.2').flags


def test_an_authors_claim_gives_way_to_the_askers_protest() -> None:
    desk = Desk([*talk('pinning'), PROTEST])
    desk.say('resolve Q2.2', ANN)
    claimed = desk.one('Q2.2')
    assert (claimed.state, CONTRADICTED in claimed.flags, claimed.by) == ('contested', True, '')
    assert desk.state('Q2.2', LATE + timedelta(days=1)) == ('resolved', 'claimed')


def test_before_its_time_a_command_is_not_known() -> None:
    desk = Desk('pinning')
    [command] = desk.say('resolve Q2.3', RITA)
    early = desk.ledger(command.at - timedelta(seconds=1))
    assert early.commands == () and early == replace(
        desk.ledger(command.at - timedelta(seconds=1), log=()), commands=()
    )
    assert desk.state('Q2.3', command.at) == ('resolved', 'accepted')


def test_a_duplicate_gives_its_replies_to_the_other() -> None:
    desk = Desk('pinning')
    desk.say('dup Q2.1: Q2.3', RITA)
    kept, dup = desk.one('Q2.3'), desk.one('Q2.1')
    assert (dup.state, dup.qualifier, dup.duplicate_of) == ('withdrawn', 'duplicate', 'Q2.3')
    assert (kept.state, kept.qualifier) == ('answered', 'accepted')
    assert {a.message_id for a in kept.answers} == {'answer@author.example'}
    assert any(e.kind == 'asked-too' and e.lines == dup.lines for e in kept.events)
    assert isinstance(desk.try_('dup Q4: Q2.1', RITA), Refusal)


def test_a_circle_of_duplicates_keeps_one_of_them() -> None:
    desk = Desk('pinning')
    [one] = desk.say('dup Q4: Q5', THEO)
    turned = replace(one, id='cother', at=one.at + timedelta(hours=1))
    kept, dup = one.aims
    circle = replace(turned, aims=(replace(dup, effect='kept'), replace(kept, effect='merged')))
    made = desk.ledger(log=[one, circle])
    assert [(q.id, q.duplicate_of) for q in made.questions if q.duplicate_of] == [('Q4', 'Q5')]
    assert next(q for q in made.questions if q.id == 'Q5').state != 'withdrawn'


def test_merge_keeps_the_first() -> None:
    desk = Desk('pinning')
    desk.say('merge Q5,Q4', THEO)
    assert [(q.id, q.duplicate_of) for q in desk.ledger().questions if q.duplicate_of] == [('Q4', 'Q5')]


def test_lines_become_a_question_with_the_next_number_and_its_answers() -> None:
    desk = Desk('pinning')
    before = {q.qhash: q.id for q in desk.ledger().questions}
    [command] = desk.say('track answer@author.example:14: Refused for good?', THEO)
    new = [q for q in desk.ledger().questions if q.qhash not in before]
    assert [(q.id, q.asker.email, q.lines, q.tier, q.title) for q in new] == [
        ('Q6', ANN, (14, 14), 'sure', 'Refused for good?')
    ]
    assert {q.qhash: q.id for q in desk.ledger().questions if q.qhash in before} == before
    desk.say(f'undo {command.id}', THEO)
    assert {q.qhash: q.id for q in desk.ledger().questions} == before


def test_quoted_lines_are_tracked_where_they_were_written() -> None:
    desk = Desk('pinning')
    lines = next(m for m in desk.mails if m.message_id == 'ack@reader.example').body.split('\n')
    at = next(n for n, text in enumerate(lines, 1) if 'The driver gives it back' in text)
    desk.say(f'track ack@reader.example:{at}', THEO)
    new = desk.one('Q6')
    assert (new.message_id, new.lines, new.asker.email) == ('answer@author.example', (9, 9), ANN)


def test_what_only_may_be_a_question_becomes_one_and_keeps_its_id() -> None:
    desk = Desk('points')
    assert desk.one('R5').tier == 'possible'
    desk.say('track R5', RITA)
    assert desk.one('R5').tier == 'sure'


def test_a_question_is_cut_into_its_sentences() -> None:
    desk = Desk('pinning')
    desk.say('split Q2.1', RITA)
    assert desk.state('Q2.1') == ('withdrawn', 'split')
    assert [desk.one(n).text for n in ('Q2.1a', 'Q2.1b')] == [
        'Who gives the page back, and when would that happen?',
        'What if the process dies first?',
    ]
    desk.say('resolve Q2.1b', RITA)
    assert desk.state('Q2.1b') == ('resolved', 'accepted')


def test_title_addressee_class_and_links_are_shown_with_the_question() -> None:
    desk = Desk('pinning')
    for line in (
        'retitle Q2.3: DMA engines',
        'to Q2.3: Theo Third',
        'class Q2.3: process',
        'link Q2.3: https://x.example/1',
    ):
        desk.say(line, RITA)
    found = desk.one('Q2.3')
    assert (found.title, found.to, found.class_, found.links) == (
        'DMA engines', ('Theo Third',), 'process', ('https://x.example/1',)
    )  # fmt: skip
    assert (found.state, found.waiting_on) == ('open', 'Theo Third')


def test_a_deferral_to_a_version_ends_with_that_version() -> None:
    desk = Desk('reroll')
    posted = min(m.date for m in desk.mails if 'v2' in m.subject and 'Re:' not in m.subject)
    asked = next(q for q in desk.ledger().questions if 'cast' in q.text)
    desk.now = posted - timedelta(hours=1)
    desk.say(f'defer q:{asked.qhash}: v2', asked.asker.email)
    assert desk.state(asked.id, posted - timedelta(minutes=1)) == ('deferred', 'version')
    woken = desk.one(asked.id)
    assert woken.state != 'deferred' and 'woken' in woken.flags
    assert any(e.kind == 'woken' and e.message_id.startswith('cover') for e in woken.events)


def test_carried_into_a_version_it_stays_open_whatever_that_seems_to_settle() -> None:
    desk = Desk('reroll')
    posted = min(m.date for m in desk.mails if 'v2' in m.subject and 'Re:' not in m.subject)
    settled = next(q for q in desk.ledger().questions if q.state == 'resolved' and q.posting_settled == 2)
    desk.now = posted - timedelta(hours=1)
    desk.say(f'carry q:{settled.qhash}: v2', settled.asker.email)
    kept = desk.one(settled.id)
    assert (kept.state, kept.qualifier, CONTRADICTED in kept.flags) == ('open', 'carried', True)
    desk.log, desk.now = [], posted - timedelta(hours=1)
    desk.say(f'carry q:{settled.qhash}: v1', settled.asker.email)
    assert desk.one(settled.id).state == 'resolved'


def test_a_muted_series_says_so() -> None:
    desk = Desk('pinning')
    [mute] = desk.say('mute', '')
    made = desk.ledger()
    assert made.muted == mute.id and any('muted by local user' in n for n in made.coverage.notes)
    desk.say('unmute', '')
    assert desk.ledger().muted == ''


def test_a_command_finds_its_question_by_its_place_when_the_words_are_read_otherwise() -> None:
    desk = Desk('pinning')
    [command] = desk.say('resolve Q2.3', RITA)
    other = replace(command, aims=(replace(command.aims[0], qhash='0' * 16),))
    made = desk.ledger(log=[other])
    assert next(q for q in made.questions if q.id == 'Q2.3').state == 'resolved'


def test_a_command_whose_question_is_gone_is_told() -> None:
    desk = Desk('pinning')
    [command] = desk.say('resolve Q2.3', RITA)
    gone = replace(command, aims=(replace(command.aims[0], qhash='0' * 16, lines=(1, 1)),))
    [note, late] = desk.ledger(log=[gone]).coverage.notes
    assert command.id in note and 'resolve Q2.3' in note and late.startswith('1 command was given after')


LINES = st.sampled_from(
    ['resolve Q2.3', 'resolve Q2.1: x', 'reopen Q2.1: y', 'defer Q4: LPC', 'drop Q5: z', 'dup Q4: Q5', 'dup Q5: Q2.2', 'merge Q2.2,Q2.3',
     'split Q2.1', 'track R3', 'track answer@author.example:14', 'retitle Q4: t', 'class Q4: nit', 'to Q4: X', 'untrack Q1', 'note Q1: n',
     'link Q1: a@b', 'carry Q2.1: v2', 'mute', 'unmute', 'resolve Q2.1a', 'resolve Q6', 'answered Q4: https://a.example/b']
)  # fmt: skip


@pytest.fixture(scope='module')
def shared() -> Desk:
    return Desk('pinning')


def said(desk: Desk, lines: list[str]) -> list[Command]:
    desk.log, desk.now = [], LATE
    for line in lines:
        taken = desk.try_(line, '', role='M')
        if not isinstance(taken, Refusal):
            desk.log += taken
        desk.now += timedelta(minutes=7)
    return list(desk.log)


@settings(max_examples=12, deadline=None)
@given(lines=st.lists(LINES, max_size=5), line=LINES, data=st.data())
def test_a_command_that_was_taken_back_was_never_given(
    shared: Desk, lines: list[str], line: str, data: st.DataObject
) -> None:
    log = said(shared, [*lines, line])
    if not log:
        return
    gone = data.draw(st.sampled_from(log))
    undo = Command('cffff', shared.now, '', 'undo', gone.id, gone.aims)
    rest = [c for c in log if c.id != gone.id]
    assert without_log(shared.ledger(log=[*log, undo])) == without_log(shared.ledger(log=rest))
    redo = Command('cfffe', shared.now + timedelta(hours=1), '', 'undo', undo.id, gone.aims)
    assert without_log(shared.ledger(log=[*log, undo, redo])) == without_log(shared.ledger(log=log))


@settings(max_examples=8, deadline=None)
@given(lines=st.lists(LINES, min_size=2, max_size=6), seed=st.integers(0, 99))
def test_the_order_in_which_commands_come_in_is_nothing(shared: Desk, lines: list[str], seed: int) -> None:
    log = said(shared, lines)
    mixed = [*log, *log[:1]]
    random.Random(seed).shuffle(mixed)
    assert shared.ledger(log=mixed) == shared.ledger(log=log)


KINDS = st.sampled_from(
    [
        'answered',
        'contested',
        'accepted',
        're-asked',
        'withdrawn',
        'settled-by-revision',
        'reviewed',
        'promised',
        'nacked',
        'applied',
        'unapplied',
        'due',
    ]
)


@given(
    st.lists(KINDS, max_size=6),
    st.sampled_from(['resolved', 'dropped', 'withdrawn', 'deferred', 'untracked', 'accepted']),
)
def test_nothing_read_from_mails_changes_a_state_that_a_command_holds(kinds: list[str], effect: str) -> None:
    start = datetime(2025, 1, 1, tzinfo=UTC)
    order = Event('command:x', 'm@x', (1, 1), effect, start, 'a@b', 'as M, by command line: LPC', 'c1')
    later = [
        Event(k, f'{n}@x', (1, 1), 'r', start + timedelta(days=n + 1), note='verified') for n, k in enumerate(kinds)
    ]
    alone, after = settle([order], 'A', ()), settle(in_order([*later, order]), 'A', ())
    assert (after.state, after.qualifier) == (alone.state, alone.qualifier)
    assert (CONTRADICTED in after.flags) == bool({'contested', 're-asked', 'nacked'} & set(kinds))


@pytest.mark.parametrize(
    ('effect', 'kinds', 'state', 'flags'),
    [
        ('carried', ['applied'], 'open', ('carried', 'merged-open')),
        ('accepted', ['applied'], 'answered', ('merged',)),
        ('accepted', ['applied', 'unapplied'], 'answered', ('taken-out',)),
        ('deferred', ['due'], 'deferred', ()),
        ('deferral-proposed', ['due'], 'open', ('due',)),
        ('reopened', ['applied'], 'resolved', ('merged',)),
    ],
)
def test_what_is_applied_or_due_is_flagged_as_the_state_of_a_command_is(
    effect: str, kinds: list[str], state: str, flags: tuple[str, ...]
) -> None:
    start = datetime(2025, 1, 1, tzinfo=UTC)
    order = Event('command:x', 'm@x', (1, 1), effect, start, 'a@b', 'as M, by command line: LPC', 'c1')
    later = [Event(k, f'{n}@x', (1, 1), 'as-asked', start + timedelta(days=n + 1)) for n, k in enumerate(kinds)]
    after = settle([order, *later], 'A', ())
    assert (after.state, after.flags) == (state, flags)


def test_a_mute_is_of_one_series_though_the_mails_hold_others() -> None:
    desk = Desk('pinning')
    [mute] = desk.say('mute', '')
    other = replace(mute, aims=tuple(replace(a, message_id='else@x', seen_in='else@x') for a in mute.aims))
    assert (desk.ledger(log=[mute]).muted, desk.ledger(log=[other]).muted) == (mute.id, '')


def test_an_author_takes_back_his_own_mute_only() -> None:
    desk = Desk('pinning')
    desk.say('mute', '')
    desk.say('unmute', ANN)
    assert desk.ledger().muted


def test_an_undo_is_for_who_gave_the_command_and_for_maintainers() -> None:
    desk = Desk('pinning')
    [command] = desk.say('resolve Q2.3', RITA)
    no = desk.try_(f'undo {command.id}', THEO, trusted=False)
    assert isinstance(no, Refusal) and 'given by somebody else' in no.what and RITA in no.todo
    [undo] = desk.say(f'undo {command.id}', 'max@m.example', named=(MAINTAINER,), trusted=False)
    assert (undo.aims[0].role, undo.text, desk.state('Q2.3')) == ('M', command.id, ('open', ''))
    assert isinstance(desk.try_(f'undo {command.id}', RITA), Refusal)
    desk.say(f'undo {undo.id}', 'max@m.example', named=(MAINTAINER,), trusted=False)
    assert desk.state('Q2.3') == ('resolved', 'accepted')


WAYS = {'dup': 'dup Q5: Q4', 'merge': 'merge Q4,Q5', 'split': 'split Q4', 'track': 'track later@author.example:4', 'class': 'class Q4: nit',
        'link': 'link Q4: a@b', 'carry': 'carry Q4: v2', 'mute': 'mute', 'unmute': 'unmute', 'answered': 'answered Q4: a@b'}  # fmt: skip


@pytest.mark.parametrize('role', ROLES)
def test_who_may_do_what_is_what_the_table_says(shared: Desk, role: Role) -> None:
    shared.log = []
    for verb in VERBS.values():
        if verb.about not in ('items', 'series'):
            continue
        line = WAYS.get(verb.name, f'{verb.name} Q4' + (': x' if verb.text == 'required' else ''))
        taken = shared.try_(line, 'x@x.example', role=role, trusted=False)
        expected = verb.roles.get(role) or verb.roles.get('O')
        if isinstance(taken, Refusal):
            assert expected is None, line
        else:
            assert {a.effect for a in taken[0].aims} - {'kept'} == {expected}, line


@given(text=st.text(max_size=80))
@settings(max_examples=15, deadline=None)
def test_whatever_a_text_says_it_is_only_text(shared: Desk, text: str) -> None:
    shared.log, shared.now = [], LATE
    taken = shared.try_(f'retitle Q4: {text}', '')
    if isinstance(taken, Refusal):
        assert not text.strip() or 'needs words' in taken.what
        return
    made = shared.ledger(log=taken)
    found = next(q for q in made.questions if q.id == 'Q4')
    assert found.title == ' '.join(text.encode('utf-8', 'replace').decode().split())
    assert [(q.id, q.state) for q in made.questions] == [(q.id, q.state) for q in shared.ledger(log=()).questions]
    told = (
        tell_events(found, 'https://x.example/')
        + tell_log(made)
        + tell_question(found, shared.messages, 'https://x.example/')
    )
    assert all(c == '\n' or not acting(c) for c in told)


@pytest.mark.parametrize(
    ('text', 'how'),
    [
        ('v3', 'version'),
        ('a later series', 'version'),
        ('follow-up patches', 'version'),
        ('next cycle', 'version'),
        ('the MM call', 'venue'),
        ('LPC, later in the year', 'venue'),
        ('after the rework of the lock', 'blocked-by'),
    ],
)
def test_where_something_is_put_off_to(text: str, how: str) -> None:
    start = datetime(2025, 1, 1, tzinfo=UTC)
    order = Event('command:defer', 'm@x', (1, 1), 'deferred', start, 'a@b', f'as the asker, by command line: {text}')
    assert settle([replace(order, command='c1')], 'A', ()).qualifier == how


def test_who_commanded_is_told_in_sentences_what_was_done() -> None:
    aim = Aim('h', 'm@x', 'm@x', (3, 3), 'Q1', 'A', 'deferred')
    given_ = Command('c1', datetime(2025, 1, 1, tzinfo=UTC), RITA, 'defer', 'LPC', (aim,))
    assert did(given_) == ('Q1: deferred',)
    assert did(replace(given_, text='v3')) == ('Q1: deferred; wakes when that version is posted',)
    noted = replace(given_, verb='drop', aims=(replace(aim, effect='noted', role='O'),))
    assert did(noted) == ('Q1: recorded as a remark, the state stays; a maintainer can drop it',)
    postings = tuple(replace(aim, qhash='', lines=(0, 0), name=f'posting {n}', effect='muted') for n in (1, 2))
    assert did(replace(given_, verb='mute', aims=postings)) == (
        'the series: nothing about this series is to be mailed',
    )
