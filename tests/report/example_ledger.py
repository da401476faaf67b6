# SPDX-License-Identifier: GPL-2.0-or-later
"""The authored conversation: four people, and a question in every state there is."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from bot.model import (
    Answer,
    Event,
    Ghost,
    Ledger,
    Person,
    Question,
    QuestionCoverage,
    RevisionVerdict,
    passed,
)

MARA = Person('Mara Lindqvist', 'mara@lindqvist.example')
TOMASZ = Person('Tomasz Wierzbicki', 'tomasz@pages.example')
INES = Person('Inés Okafor', 'ines.okafor@host.example')
YUTO = Person('山本 結人', 'yuto@wide.example')


def at(month: int, day: int) -> datetime:
    return datetime(2024, month, day, 9, 15, tzinfo=UTC)


def question(number: int, asker: Person, text: str, **said: Any) -> Question:
    """One question; what is not said is that of an open design question about v1."""
    mail = said.pop('message_id', f'ask-{number}@{asker.email.partition("@")[2]}')
    facts: dict[str, Any] = {
        'date': at(6, 3 + number),
        'quote_depth': 0,
        'lines': (10 * number, 10 * number + 1),
        'to': (MARA.name,),
        'kind': 'question',
        'class_': 'design',
        'tier': 'sure',
        'state': 'open',
        'qualifier': '',
        'waiting_on': '',
        'flags': (),
        'revision_asked': 1,
        'posting_asked': 1,
        'revision_settled': None,
        'posting_settled': None,
        'verdicts': (),
        'answers': (),
        'links': (),
        'seen_in': mail or '',
        **said,
    }
    facts.setdefault('events', (Event('asked', mail or facts['seen_in'], facts['lines'], 'find/1', facts['date']),))
    return Question(id=f'Q{number}', qhash=f'{number:012x}', asker=asker, message_id=mail, text=text, **facts)


def reply(author: Person, number: int, lines: tuple[int, int]) -> Answer:
    return Answer(f'reply-{number}@{author.email.partition("@")[2]}', author, lines, 'direct')


QUESTIONS = (
    question(
        1,
        TOMASZ,
        'Why does a borrow need a bit of its own? Could the driver not hold an ordinary pin for the length of the call, '
        'and say so with a field of its own?',
        waiting_on='Mara Lindqvist',
        flags=('stale',),
        verdicts=(RevisionVerdict(2, 'unaddressed', 'no reply, no change, not in the changelog'),),
    ),
    question(
        2,
        INES,
        'What happens to a borrowed page when the guest is migrated?',
        state='contested',
        qualifier='counter-question',
        waiting_on='Inés Okafor',
        flags=('nak',),
        answers=(reply(MARA, 2, (22, 25)),),
        verdicts=(RevisionVerdict(2, 'answered-not-recorded', 'answered on the list, nothing changed'),),
        links=('https://lore.kernel.org/r/migrate-1@host.example',),
    ),
    question(
        3,
        TOMASZ,
        'try_grab_folio() adds the bias before it looks at the zero page. Is that on purpose?',
        class_='implementation',
        waiting_on='Mara Lindqvist',
        flags=('re-asked', 'promised'),
        verdicts=(RevisionVerdict(2, 'promised-not-visible', '"will fix in v2"; the line is unchanged'),),
    ),
    question(4, YUTO, 'Which tree should take this, mm or misc?', class_='process', tier='likely'),
    question(5, YUTO, 'lend_map or map_lend?', class_='nit', revision_asked=2, posting_asked=2, date=at(7, 20)),
    question(
        6,
        TOMASZ,
        'Please add a selftest that borrows one page twice.',
        kind='request',
        class_='implementation',
        waiting_on='Mara Lindqvist',
    ),
    question(
        7, TOMASZ, 'Is FOLL_WRITE needed?', state='answered', qualifier='unconfirmed', answers=(reply(MARA, 7, (4, 6)),)
    ),
    question(8, INES, 'Who calls this?', state='answered', qualifier='accepted', answers=(reply(MARA, 8, (9, 9)),)),
    question(
        9,
        INES,
        'Should the comment not name the bit?',
        state='resolved',
        qualifier='verified',
        class_='nit',
        revision_settled=2,
        posting_settled=2,
        verdicts=(RevisionVerdict(2, 'verified', 'include/linux/mm.h names it'),),
    ),
    question(10, TOMASZ, 'Can this be a bool?', state='resolved', qualifier='claimed', revision_settled=2),
    question(11, INES, 'Should all of this move to guest_memfd?', state='deferred', qualifier='venue'),
    question(12, YUTO, 'Is mm_types.h the wrong file?', state='withdrawn'),
    question(13, TOMASZ, 'I wonder who uses lend at all.', tier='possible'),
    question(
        14,
        Person('Abe Nomura', ''),
        'I do not see how this can work with huge pages.',
        kind='objection',
        message_id=None,
        seen_in='ask-2@host.example',
        quote_depth=2,
        lines=(31, 32),
        date=None,
    ),
)

LEDGER = Ledger(
    verdict=passed(),
    questions=QUESTIONS,
    coverage=QuestionCoverage(
        messages=23,
        ghosts=(Ghost(None, Person('Abe Nomura', ''), None, 'ask-2@host.example'),),
        notes=('1 mail has no quotes and could not be tied to a question',),
    ),
)
