# SPDX-License-Identifier: GPL-2.0-or-later
"""The order of the queue: which rule places a series, and what never does."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import pytest

from bot.model import (
    HeldResult,
    Ledger,
    Message,
    Pace,
    Person,
    Question,
    QuestionCoverage,
    RevisionVerdict,
    Span,
    Taken,
    failed,
    passed,
)
from bot.triage.facts import Facts
from bot.triage.me import Me, known_as
from bot.triage.pace import pace_of, paces
from bot.triage.rules import RULES, reasons
from tests.report.example import rich
from tests.report.example_ledger import INES, MARA, TOMASZ, question, reply

NEWEST = rich().series.newest
START: datetime = NEWEST.date or datetime.min
DAY = timedelta(days=1)
GREEN = tuple(HeldResult(stage, passed(), START) for stage in ('apply', 'check'))


def mail(number: int, author: Person, days: float, parent: str | None = None, **said: Any) -> Message:
    facts: dict[str, Any] = {'to': (), 'cc': (), 'lists': ('linux-mm.kvack.org',), 'body': '', **said}
    return Message(
        message_id=f'mail-{number}@host.example',
        subject='Re: lend',
        author=author,
        date_claimed=START + days * DAY,
        date_archived=None,
        in_reply_to=parent,
        references=(parent,) if parent else (),
        parent=parent,
        raw=b'',
        **facts,
    )


COVER = replace(mail(0, MARA, 0, to=(TOMASZ,)), message_id=NEWEST.message_id)
TALK = (COVER, mail(1, INES, 1, NEWEST.message_id), mail(2, MARA, 2, 'mail-1@host.example'))


def facts(me: Person | None, *asked: Question, **said: Any) -> Facts:
    """Return what is known two days after v2, with a reply of Inés; `said` changes some of it."""
    known: dict[str, Any] = {
        'series': rich().series,
        'ledger': Ledger(passed(), asked, QuestionCoverage(3)),
        'mails': TALK,
        'results': (),
        'me': Me((me.email,), (me.name,)) if me else Me(),
        'now': START + 3 * DAY,
        'pace': Pace('', 7.0, 40, 3.0),
        'maintained': False,
        **said,
    }
    return Facts(**known)


def rules(at: Facts) -> list[str]:
    return [reason.rule for reason in reasons(at)]


OPEN = question(1, TOMASZ, 'Why a bit of its own?', waiting_on=MARA.name)
LEFT = replace(OPEN, verdicts=(RevisionVerdict(2, 'unaddressed', 'nothing'),))
DONE = replace(OPEN, state='resolved', qualifier='verified', waiting_on='')
TAKEN = Taken(Span('mail-1@host.example', 1, 1), 'Applied, thanks!', INES.name, START, (1, 2, 3), 3)
TOLD = replace(
    OPEN, state='answered', qualifier='unconfirmed', waiting_on=TOMASZ.name, answers=(reply(MARA, 1, (4, 6)),)
)


@pytest.mark.parametrize(
    ('me', 'asked', 'said', 'expected'),
    [
        (MARA, (OPEN,), {}, 'waits'),
        (MARA, (replace(OPEN, flags=('re-asked',)),), {}, 'asked-again'),
        (MARA, (replace(OPEN, flags=('nak',)),), {}, 'asked-again'),
        (TOMASZ, (LEFT,), {}, 'left'),
        (TOMASZ, (replace(LEFT, qualifier='accepted', state='answered'),), {}, 'unchecked'),
        (INES, (OPEN,), {}, 'others'),
        (TOMASZ, (DONE,), {'results': GREEN}, 'ready'),
        (TOMASZ, (DONE,), {'results': (GREEN[0], HeldResult('check', failed('1 error'), START))}, 'failing'),
        (TOMASZ, (DONE,), {}, 'unchecked'),
        (TOMASZ, (), {'mails': TALK[:1]}, 'new'),
        (MARA, (DONE,), {'results': GREEN}, 'nothing'),
        (Person('Yuto', 'yuto@else.example'), (OPEN,), {}, 'nothing'),
        (Person('Yuto', 'yuto@else.example'), (DONE,), {'maintained': True, 'results': GREEN}, 'ready'),
        (TOMASZ, (DONE,), {'now': START + 10 * DAY}, 'stale'),
        (MARA, (OPEN,), {'now': START + 10 * DAY}, 'waits'),
        (MARA, (OPEN,), {'now': START + 100 * DAY}, 'waits'),
        (INES, (OPEN,), {'now': START + 100 * DAY}, 'stale'),
        (None, (OPEN,), {'now': START + 100 * DAY}, 'stale'),
        (MARA, (OPEN,), {'taken': TAKEN}, 'taken'),
        (MARA, (OPEN,), {'taken': replace(TAKEN, positions=(1,))}, 'waits'),
        (MARA, (OPEN,), {'follower': rich().series}, 'superseded'),
        (None, (OPEN,), {}, 'waits'),
        (None, (LEFT,), {}, 'waits'),
        (None, (DONE,), {'results': GREEN}, 'ready'),
        (MARA, (replace(OPEN, tier='possible'),), {}, 'nothing'),
        (MARA, (replace(OPEN, state='contested', waiting_on=''),), {}, 'waits'),
    ],
)
def test_the_first_rule_that_holds_places_a_series(
    me: Person | None, asked: tuple[Question, ...], said: dict[str, Any], expected: str
) -> None:
    assert rules(facts(me, *asked, **said))[0] == expected


def test_every_reason_that_holds_is_told_in_the_order_of_the_rules() -> None:
    names = [rule.name for rule in RULES]
    found = rules(facts(TOMASZ, LEFT, results=(HeldResult('check', failed('1 error'), START),)))
    assert found == ['left', 'failing', 'others'] and found == sorted(found, key=names.index)


def test_answers_are_news_until_one_writes_again() -> None:
    asked = replace(TOLD, events=(*TOLD.events, replace(TOLD.events[0], kind='answered', at=START + 2 * DAY)))
    early = (*TALK, mail(3, TOMASZ, 1, 'mail-1@host.example'))
    assert 'answers' in rules(facts(TOMASZ, asked, mails=early))
    assert 'answers' not in rules(facts(TOMASZ, asked, mails=(*early, mail(4, TOMASZ, 2.5, 'mail-1@host.example'))))


def test_a_new_revision_is_news_to_who_wrote_about_an_earlier_one() -> None:
    talk = (mail(5, TOMASZ, -5), *TALK)
    assert rules(facts(TOMASZ, DONE, mails=talk))[0] == 'news'
    assert 'news' not in rules(facts(TOMASZ, DONE, mails=(*talk, mail(6, TOMASZ, 1))))


def test_a_result_that_crashed_is_no_pass_and_no_failure() -> None:
    crashed = (GREEN[0], HeldResult('check', replace(failed('x'), outcome='crashed'), START))  # type: ignore[arg-type]
    assert not {'ready', 'failing'} & set(rules(facts(TOMASZ, DONE, results=crashed)))


def test_what_waits_on_the_reader_is_never_behind_a_number() -> None:
    """However many wait on others, and however long the silence: his own come first, and are told as his."""
    others = [question(n, TOMASZ, f'What of {n}?', waiting_on='the list') for n in range(2, 6)]
    at = facts(MARA, *others, replace(OPEN, id='Q9'), now=START + 800 * DAY)
    first, *rest = reasons(at)
    assert (first.rule, first.what) == ('waits', f'Q9 of {TOMASZ.name}')
    silent = next(r for r in rest if r.rule == 'stale')
    assert silent.what == 'Q9 waits on you, 4 on others' and silent.questions[0] == 'Q9'


def test_evidence_is_in_every_reason_about_points() -> None:
    for reason in reasons(facts(MARA, OPEN, LEFT)):
        if reason.rule in ('waits', 'left', 'others', 'asked-again'):
            assert reason.questions and len(reason.places) == len(reason.questions) and reason.since and reason.step


def test_a_person_is_known_by_all_addresses_and_the_names_they_write() -> None:
    other = replace(mail(7, Person('M. Lindqvist', 'mara@second.example'), 1), cc=(Person('', 'x@y.example'),))
    me = known_as([MARA.email, '<Mara@Second.example>'], (*TALK, other))
    assert me.named('M. Lindqvist') and me.named(MARA.name) and not me.named('Lindqvist') and not me.named('')
    assert Me().named('anybody at all')


def test_pace_is_measured_by_list_or_said_to_be_a_setting() -> None:
    few = paces(TALK, 9)
    assert not pace_of(('linux-mm.kvack.org',), few).measured and few[''].days == 9.0
    asked = [mail(n, TOMASZ, 0, lists=('slow.example',)) for n in range(1000, 1120)]
    answers = [
        mail(n + 500, MARA, 20 if n < 1110 else 40, f'mail-{n}@host.example', lists=('slow.example',))
        for n in range(1000, 1120)
    ]
    slow = paces([*asked, *answers], 7)
    assert pace_of(('slow.example',), slow).days == 40.0
    assert pace_of(('other.example',), slow).list_id == ''
    quick = [replace(m, date_claimed=START + timedelta(hours=1)) for m in answers]
    assert paces([*asked, *quick], 7)['slow.example'].days == 7.0, 'a day of silence means nothing'
