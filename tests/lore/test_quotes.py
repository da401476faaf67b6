# SPDX-License-Identifier: GPL-2.0-or-later
"""Who wrote which line: quote styles, wraps, copies without marks, ghosts; and what is never taken for a quote."""

from __future__ import annotations

import random
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot import lore
from bot.lore.quote_claims import parse_claim, same_person
from bot.model import Message, Person, QuoteGraph, Segment
from tests.questions.mails import messages
from tests.questions.quote_score import measure, rewrap, summary

ANN, RITA, THEO = (Person(n, f'{n[:4].strip().lower()}@x.example') for n in ('Ann Author', 'Rita Reader', 'Theo Third'))
START = datetime(2025, 3, 3, 9, tzinfo=UTC)
ROOT = """The frobnicator borrows pages of a process for a while and gives them back when it is done.

Nobody else may pin such a page while it is lent, or the data on it would change under the device.
How long the loan lasts is up to the driver, which knows its hardware best.
"""


def mail(mid: str, author: Person, body: str, *ancestors: str, hours: int = 0, subject: str = 'Re: frob') -> Message:
    """Return a message whose References are `ancestors`, oldest first."""
    parent = ancestors[-1] if ancestors else None
    date = START + timedelta(hours=hours)
    return Message(mid, subject, author, (), (), date, None, parent, ancestors, parent, body, b'')


def writers(graph: QuoteGraph, mid: str) -> list[tuple[int, str | None, str]]:
    """Return depth, writer and step for every line of a mail."""
    return [(s.depth, s.origin, s.how) for s in graph.segments[mid] for _ in range(s.first, s.last + 1)]


def line(graph: QuoteGraph, mid: str, number: int) -> Segment:
    return next(s for s in graph.segments[mid] if s.first <= number <= s.last)


def quoted(text: str, mark: str = '> ') -> str:
    return '\n'.join(mark + t for t in text.rstrip('\n').split('\n'))


@pytest.mark.parametrize('mark', ['> ', '>', ' > ', '>\t'])
def test_every_style_of_mark_finds_the_writer(mark: str) -> None:
    root = mail('root@x', ANN, ROOT, subject='frob')
    reply = mail('reply@x', RITA, f'Ann Author wrote:\n{quoted(ROOT, mark)}\n\nAgreed.\n', 'root@x', hours=1)
    found = writers(lore.quotes([root, reply]), 'reply@x')
    assert [w for d, w, _ in found if d] == ['root@x'] * 4
    assert found[-2] == (0, 'reply@x', 'own')


def test_nested_quotes_are_traced_through_the_mails_in_between() -> None:
    one = mail('1@x', ANN, ROOT, subject='frob')
    two = mail(
        '2@x',
        RITA,
        f'Ann Author wrote:\n{quoted(ROOT)}\n\nWhy is the driver the one to decide how long?\n',
        '1@x',
        hours=1,
    )
    three = mail('3@x', THEO, f'Rita Reader wrote:\n{quoted(two.body)}\n\nBecause it must.\n', '1@x', '2@x', hours=2)
    graph = lore.quotes([one, two, three])
    deep = line(graph, '3@x', 3)
    assert (deep.depth, deep.origin, deep.origin_lines, deep.how) == (2, '1@x', (1, 4), 'exact')
    assert line(graph, '3@x', 8).origin == '2@x'
    assert line(graph, '3@x', 8).origin_lines == (7, 7)


@pytest.mark.parametrize('width', [50, 58, 66, 76])
def test_rewrapped_quotes_keep_writer_and_place(width: int) -> None:
    root = mail('root@x', ANN, ROOT, subject='frob')
    body = rewrap(f'Ann Author wrote:\n{quoted(ROOT)}\n\nAgreed.\n', width).body
    graph = lore.quotes([root, mail('reply@x', RITA, body, 'root@x', hours=1)])
    for segment in graph.segments['reply@x']:
        assert segment.depth == 0 or segment.origin == 'root@x'


def test_a_line_torn_off_by_a_wrap_belongs_to_the_quote() -> None:
    root = mail('root@x', ANN, ROOT, subject='frob')
    torn = '> The frobnicator borrows pages of a process for a while and gives them\nback when it is done.\n>\n\nYes.\n'
    graph = lore.quotes([root, mail('reply@x', RITA, torn, 'root@x', hours=1)])
    assert (line(graph, 'reply@x', 2).depth, line(graph, 'reply@x', 2).origin) == (1, 'root@x')
    assert line(graph, 'reply@x', 5).how == 'own'


def test_an_edited_quote_is_still_the_writers_and_a_cut_is_nobodys() -> None:
    root = mail('root@x', ANN, ROOT, subject='frob')
    body = '> The frobnicator borrows PAGES of a process for a while and gives them back when done.\n> [...]\n\nYes.\n'
    graph = lore.quotes([root, mail('reply@x', RITA, body, 'root@x', hours=1)])
    assert (line(graph, 'reply@x', 1).origin, line(graph, 'reply@x', 1).how) == ('root@x', 'tokens')
    assert line(graph, 'reply@x', 2).how == 'foreign'


def test_an_outlook_copy_without_marks_is_quoted_text() -> None:
    root = mail('root@x', ANN, ROOT, subject='frob')
    head = 'We agree.\n\n-----Original Message-----\nFrom: Ann Author\nSent: Monday, March 3, 2025 9:00\nTo: list\nSubject: frob\n\n'
    graph = lore.quotes([root, mail('reply@x', RITA, head + ROOT, 'root@x', hours=1)])
    assert line(graph, 'reply@x', 1).how == 'own'
    assert [line(graph, 'reply@x', n).origin for n in (9, 11, 12)] == ['root@x'] * 3


@pytest.mark.parametrize('mark', ['| ', 'AA> ', ': '])
def test_odd_marks_count_where_the_text_is_an_ancestors(mark: str) -> None:
    body = ROOT + 'A fourth line says that this is all there is to it.\n'
    root = mail('root@x', ANN, body, subject='frob')
    text = quoted('\n'.join(t for t in body.split('\n') if t), mark)
    graph = lore.quotes([root, mail('reply@x', RITA, f'{text}\n\nAgreed.\n', 'root@x', hours=1)])
    assert {line(graph, 'reply@x', n).origin for n in (1, 2, 3, 4)} == {'root@x'}
    table = mail('table@x', RITA, '| a | b |\n| c | d |\n| e | f |\n', 'root@x', hours=1)
    assert {w for _, w, _ in writers(lore.quotes([root, table]), 'table@x')} == {'table@x'}


def test_angle_brackets_in_an_own_diff_are_code() -> None:
    root = mail('root@x', ANN, ROOT, subject='frob')
    diff = 'How about:\n\n--- a/f.c\n+++ b/f.c\n@@ -1,3 +1,3 @@\n >> shift;\n-a\n+b\n > 3;\n'
    graph = lore.quotes([root, mail('reply@x', RITA, diff, 'root@x', hours=1)])
    assert {w for _, w, _ in writers(graph, 'reply@x')} == {'reply@x'}


def test_a_quoted_log_is_foreign_and_no_mails() -> None:
    root = mail('root@x', ANN, ROOT, subject='frob')
    log = 'The build says\n\n> frob.c:12: error: no such thing as a frob\n> make: stopped\n\nPlease look.\n'
    graph = lore.quotes([root, mail('reply@x', RITA, log, 'root@x', hours=1)])
    assert {line(graph, 'reply@x', n).how for n in (3, 4)} == {'foreign'}


def test_two_mails_quoted_in_one_are_kept_apart() -> None:
    one = mail('1@x', ANN, ROOT, subject='frob')
    two = mail('2@x', THEO, 'The hardware gives up after a second, so the loan is short.\n', '1@x', hours=1)
    both = f'Ann Author wrote:\n{quoted(ROOT)}\n\nTheo Third wrote:\n{quoted(two.body)}\n\nSo be it.\n'
    graph = lore.quotes([one, two, mail('3@x', RITA, both, '1@x', hours=2)])
    assert line(graph, '3@x', 2).origin == '1@x'
    assert line(graph, '3@x', 8).origin == '2@x'


def test_absent_mails_become_ghosts_and_give_way_to_the_real_ones() -> None:
    two = mail(
        '2@x', RITA, f'On 03.03.25 09:00, Ann Author wrote:\n{quoted(ROOT)}\n\nWhy is that so?\n', '1@x', hours=1
    )
    text = f'On Mon, 3 Mar 2025 10:00:00 +0000, Rita Reader wrote:\n{quoted(two.body)}\n\nBecause.\n'
    three = mail('3@x', THEO, text, '1@x', '2@x', hours=2)
    alone = lore.quotes([three])
    assert [(g.message_id, g.author and g.author.name) for g in alone.ghosts] == [
        ('1@x', 'Ann Author'),
        ('2@x', 'Rita Reader'),
    ]
    assert alone.ghosts[1].date == datetime(2025, 3, 3, 10, tzinfo=UTC)
    assert line(alone, '3@x', 3).origin == '1@x'
    whole = lore.quotes([mail('1@x', ANN, ROOT, subject='frob'), two, three])
    assert whole.ghosts == ()
    assert line(whole, '3@x', 3).how == 'exact'


def test_references_too_short_give_a_ghost_without_an_id() -> None:
    body = f'Rita Reader wrote:\n> Ann Author <ann@x.example> writes:\n{quoted(ROOT, "> > ")}\n\nHm.\n'
    graph = lore.quotes([mail('3@x', THEO, body, '2@x', hours=2)])
    deep = line(graph, '3@x', 3)
    assert (deep.origin, deep.how, deep.speaker) == (None, 'claimed', Person('Ann Author', 'ann@x.example'))


def test_text_of_a_mail_beside_the_line_of_descent_is_found_by_its_words() -> None:
    one = mail('1@x', ANN, ROOT, subject='frob')
    side = mail(
        'side@x', THEO, 'The hardware gives up after one second so that the loan is always short.\n', '1@x', hours=1
    )
    body = '> The hardware gives up after one second so that the loan is always short.\n\nNot on mine.\n'
    graph = lore.quotes([one, side, mail('3@x', RITA, body, '1@x', hours=2)])
    assert (line(graph, '3@x', 1).origin, line(graph, '3@x', 1).how) == ('side@x', 'shingle')


@pytest.mark.parametrize(
    ('text', 'name', 'email'),
    [
        ('On Wed, Jun 19, 2024 at 09:37:58AM +0200, David H wrote:', 'David H', ''),
        ('On 19.06.24 04:44, John H wrote:', 'John H', ''),
        ('On 6/18/24 5:05 PM, Elliot B wrote:', 'Elliot B', ''),
        ('On Fri, Aug 02, 2024 at 08:26:48AM +0000, Tian, K wrote:', 'Tian, K', ''),
        ('Am 19.06.24 um 04:44 schrieb Jörg R:', 'Jörg R', ''),
        ('Le 19/06/2024 à 10:00, Christophe L a écrit :', 'Christophe L', ''),
        ('El mié, 19 jun 2024 a las 10:00, Pablo N (<p@x.example>) escribió:', 'Pablo N', 'p@x.example'),
        ('Il 19/06/24 10:00, Angelo D ha scritto:', 'Angelo D', ''),
        ('W dniu 19.06.2024 o 10:00, Jan K pisze:', 'Jan K', ''),
        ('Den 2024-06-19 kl. 10:00, skrev Maarten L:', 'Maarten L', ''),
        ('在 2024/6/19 10:00, Wang W 写道:', 'Wang W', ''),
        ('* Ingo M <m@x.example> [2024-06-19 10:00:00]:', 'Ingo M', 'm@x.example'),
        ('Fuad T <f@x.example> writes:', 'Fuad T', 'f@x.example'),
        ("On Thu, 4 Sep 2025 13:11:53 +0200, 'Quentin P' via team <team@x.example> wrote:", 'Quentin P', ''),
        ('Quoting Stephen B (2024-06-19 10:00:00)', 'Stephen B', ''),
    ],
)
def test_attribution_lines_of_many_kinds(text: str, name: str, email: str) -> None:
    claim = parse_claim(text)
    assert claim is not None
    assert claim[0] == Person(name, email)


@pytest.mark.parametrize(
    'text', ['Here is the list:', 'On 2024-06-19 I did a test:', 'In particular:', 'On Monday, you wrote:']
)
def test_other_lines_that_end_in_a_colon_claim_nothing(text: str) -> None:
    assert parse_claim(text) is None


def test_people_are_the_same_by_address_or_part_of_the_name() -> None:
    assert same_person(Person('Jörg Müller', ''), Person('Mueller, Jorg', 'j@x.example'))
    assert not same_person(Person('Ann Author', ''), Person('Rita Reader', ''))


def _bodies() -> st.SearchStrategy[str]:
    marks = st.sampled_from(
        ['', '> ', '>> ', '> > ', '|', '@@ -1,9 +1,9 @@', '-----Original Message-----', 'x wrote:', '+']
    )
    text = st.text(st.characters(blacklist_categories=['Cs']), max_size=40)
    return st.lists(st.tuples(marks, text).map(''.join), max_size=12).map('\n'.join)


@settings(max_examples=60, deadline=None)
@given(st.lists(_bodies(), min_size=1, max_size=4))
def test_any_text_is_cut_without_gaps(bodies: list[str]) -> None:
    mails = [mail(f'{n}@x', ANN, b, *(f'{i}@x' for i in range(n)), hours=n) for n, b in enumerate(bodies)]
    graph = lore.quotes(mails)
    for one in mails:
        last = 0
        for segment in graph.segments[one.message_id]:
            assert segment.first == last + 1 <= segment.last
            last = segment.last
        assert last == len(one.lines)


def test_mails_that_answer_each_other_in_a_circle_are_survived() -> None:
    loop = [mail('1@x', ANN, quoted(ROOT), '2@x'), mail('2@x', RITA, quoted(ROOT), '1@x', hours=1)]
    assert set(lore.quotes(loop).segments) == {'1@x', '2@x'}


def test_arrival_order_does_not_matter(corpus: Path) -> None:
    mails = list(messages(corpus / 'threads' / 'hp-proone-wakeup'))
    whole = lore.quotes(mails)
    random.Random(3).shuffle(mails)
    assert lore.quotes(mails) == whole


def test_real_conversations_reach_the_aims(corpus: Path) -> None:
    for name in ('exclusive-gup', 'hp-proone-wakeup'):
        shares = summary(measure(messages(corpus / 'threads' / name)))
        assert shares['attributed'] >= 0.995
        assert shares['names'] >= 0.993
        assert shares['rewrapped'] >= 0.97


def test_a_flattened_mail_is_nobodys_text() -> None:
    flat = 'From: x ' + ' > '.join(['some words of somebody that were quoted by another one in a long line'] * 12)
    graph = lore.quotes([mail('flat@x', ANN, flat)])
    assert [(s.origin, s.how) for s in graph.segments['flat@x']] == [(None, 'unattributed')]
