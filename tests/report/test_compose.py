# SPDX-License-Identifier: GPL-2.0-or-later
"""The report counts mails and people of its own threads, and knows no other clock than the mails'."""

from __future__ import annotations

import mailbox
from dataclasses import replace
from datetime import UTC, datetime
from email.header import decode_header, make_header
from email.utils import parseaddr
from pathlib import Path
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from bot import report
from bot.model import Ghost, Message, Person, Report, Thread, passed
from bot.report.persons import people
from tests.post.example import cover
from tests.report.example import V1, V2, rich

MARA, TOM = Person('Mara Lindqvist', 'mara@lindqvist.example'), Person('Tom', 'tom@pages.example')


def mail(message_id: str, author: Person = MARA, **other: Any) -> Message:
    return cover(message_id=message_id, author=author, **other)


THREADS = (
    Thread(
        V1 % 0,
        (mail(V1 % 0), mail('r1', TOM, parent=V1 % 0), mail('bot', Person('b', 'bot@x.example'), automatic=True)),
        ghosts=(Ghost('gone@x.example', None, None, 'r1'), Ghost(None, None, None, 'r1')),
    ),
    Thread(
        V2 % 0,
        (
            mail(V2 % 0),
            mail('r2', TOM, parent='lost@x.example', date_claimed=datetime(2024, 7, 9, 10, tzinfo=UTC)),
            mail('odd', TOM, notes=('no charset',), unusable='no text part'),
        ),
    ),
    Thread('other', (mail('other', Person('Else', 'else@x.example')),)),
)


def composed(**other: Any) -> Report:
    found = rich()
    return report.compose(series=found.series, threads=THREADS, verdicts=found.verdicts, **other)


def test_mails_of_other_threads_do_not_count() -> None:
    facts = composed(archive='https://lore.kernel.org/all').mail
    assert facts.messages == 6 and facts.archive == 'https://lore.kernel.org/all'
    assert facts.people == ((TOM, 3), (MARA, 2))


def test_absent_and_odd_mails() -> None:
    facts = composed().mail
    assert facts.absent == ('gone@x.example', 'lost@x.example')
    assert facts.odd == (('odd', 'no charset'), ('odd', 'no text part'))


def test_as_of_is_the_newest_mail_unless_said() -> None:
    assert composed().as_of == '2024-07-09T10:00:00Z'
    moment = datetime(2024, 7, 1, 1, 2, 3).astimezone()
    assert composed(as_of=moment).as_of == moment.astimezone(UTC).strftime('%Y-%m-%dT%H:%M:%SZ')


def test_mails_without_dates_give_no_moment() -> None:
    bare = tuple(replace(t, messages=tuple(replace(m, date_claimed=None) for m in t.messages)) for t in THREADS)
    found = rich()
    made = report.compose(series=found.series, threads=bare, verdicts=[('apply', passed())])
    assert made.as_of == '' and report.render(made, 'text', link='https://x.example/')


def test_other_series_are_named_by_their_newest_posting() -> None:
    assert composed(others=(rich().series,)).mail.other_series == (V2 % 0,)


def test_one_person_may_have_two_addresses_or_two_names() -> None:
    counted = people(
        [
            Person('Tomasz Wierzbicki', 'tom@pages.example'),
            Person('Tomasz Wierzbicki', 'tom@home.example'),
            Person('', 'tom@home.example'),
            Person('Tomasz', 'tomasz@elsewhere.example'),
            Person('Wierzbicki, Tomasz', 'tw@work.example'),
        ]
    )
    assert [n for _, n in counted] == [4, 1]


PERSONS = st.builds(
    Person, st.sampled_from(['', 'Ann', 'Ann Bee', 'Cee Dee', 'cee  dee']), st.sampled_from(['', 'a@x', 'b@x', 'c@x'])
)


@given(st.lists(PERSONS, max_size=12), st.randoms())
def test_people_do_not_depend_on_order(authors: list[Person], mix: Any) -> None:
    other = authors[:]
    mix.shuffle(other)
    assert people(other) == people(authors)
    assert sum(n for _, n in people(authors)) == len(authors)


def test_people_of_a_real_thread(corpus: Path) -> None:
    box = [mailbox.mboxMessage(p.read_bytes()) for p in sorted((corpus / 'threads' / 'exclusive-gup').glob('*.eml'))]
    shown = [parseaddr(str(make_header(decode_header(m['From'])))) for m in box]
    counted = people(Person(name, address.lower()) for name, address in shown)
    assert len(box) == 69 and len(counted) == 13
    assert [p.name for p, _ in counted[:2]] == ['Jason Gunthorpe', 'David Hildenbrand']


def test_report_is_the_same_whatever_order_threads_come_in() -> None:
    found = rich()
    made = report.compose(series=found.series, threads=THREADS[::-1], verdicts=found.verdicts)
    assert made == composed()
