# SPDX-License-Identifier: GPL-2.0-or-later
"""Whole ledgers: authored conversations against goldens, states and evidence, replays, the seed mail."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot import config, lore, questions
from bot.model import Event, Ledger, Message, Outcome, Person, Question, QuoteGraph, Thread
from bot.questions.state import in_order, settle
from tests.questions.mails import messages
from tests.questions.talks import Mail, ledger, parsed, shown, talk

TALKS = ('pinning', 'reroll')
GOLDENS = Path(__file__).parent / 'golden'


def of(made: Ledger, words: str) -> Question:
    found = [q for q in made.questions if words in q.text]
    assert len(found) == 1, [q.text for q in found]
    return found[0]


@pytest.mark.parametrize('name', TALKS)
def test_ledgers_read_as_a_person_would_write_them(name: str, golden: Callable[[Path, str], None]) -> None:
    golden(GOLDENS / f'{name}.txt', shown(ledger(talk(name))))


def test_a_numbered_list_is_one_group_and_each_item_has_its_own_state() -> None:
    made = ledger(talk('pinning'))
    group = {q.id: (q.state, q.qualifier) for q in made.questions if q.id.startswith('Q2.')}
    assert group == {
        'Q2.1': ('answered', 'accepted'),
        'Q2.2': ('answered', 'unconfirmed'),
        'Q2.3': ('open', ''),
        'Q2.4': ('open', ''),
        'Q2.5': ('withdrawn', ''),
    }


def test_what_a_new_posting_did_is_told_from_what_it_only_says() -> None:
    made = ledger(talk('reroll'))
    verdicts = {words: of(made, words).verdicts[-1].verdict for words in ('atomic', 'cast', 'wake one', 'in the log')}
    assert verdicts == {
        'atomic': 'verified',
        'cast': 'promised-not-visible',
        'wake one': 'answered-not-recorded',
        'in the log': 'unaddressed',
    }
    assert (of(made, 'atomic').revision_settled, of(made, 'cast').revision_settled) == (2, None)


@pytest.mark.parametrize('name', TALKS)
def test_every_state_has_an_event_and_every_event_a_place(name: str) -> None:
    mails = {m.message_id: m for m in parsed(talk(name))}
    for q in ledger(talk(name)).questions:
        assert q.events[0].kind == 'asked'
        assert q.state == 'open' or len(q.events) > 1
        for event in q.events:
            assert 1 <= event.lines[0] <= event.lines[1] <= len(mails[event.message_id].lines)
            assert event.rule


@pytest.mark.parametrize('name', TALKS)
def test_replaying_a_day_equals_reading_only_the_mails_of_that_day(name: str) -> None:
    mails = talk(name)
    for last in mails:
        early = [m for m in mails if m.date <= last.date]
        replayed = {q.qhash: (q.state, q.flags) for q in ledger(mails, last.date).questions}
        assert replayed == {q.qhash: (q.state, q.flags) for q in ledger(early, last.date).questions}


def test_silence_sets_a_flag_and_never_a_state() -> None:
    mails = talk('pinning')
    early = ledger(mails, datetime(2025, 3, 3, 20, tzinfo=UTC))
    late = ledger(mails, datetime(2025, 6, 3, tzinfo=UTC))
    assert {q.qhash: q.state for q in early.questions} == {q.qhash: q.state for q in late.questions}
    assert 'very-stale' in of(late, 'DMA engines').flags
    assert of(early, 'DMA engines').flags == ('replied',)


def test_nothing_is_asked_by_a_robot_and_a_cover_makes_no_requests() -> None:
    robot = Mail(
        'bot@x',
        'kernel test robot <lkp@intel.com>',
        talk('pinning')[-1].date,
        'Re: x',
        'patch@author.example',
        'Why?\n',
    )
    made = ledger([*talk('pinning'), robot])
    assert all(q.asker.email != 'lkp@intel.com' for q in made.questions)
    assert '1 mail was sent by a program' in ' '.join(made.coverage.notes)
    assert not [q for q in ledger(talk('reroll')).questions if q.kind == 'request' and q.seen_in.startswith('cover')]


def test_a_review_tag_of_the_asker_settles_his_questions_on_that_patch() -> None:
    mails = talk('pinning')
    given_ = Mail(
        'tag@third.example', 'Theo Third <theo@third.example>', datetime(2025, 3, 4, tzinfo=UTC), 'Re: [PATCH RFC 1/1] mm',
        'patch@author.example', 'Reviewed-by: Theo Third <theo@third.example>\n',
    )  # fmt: skip
    made = ledger([*mails, given_])
    assert (of(made, 'page lock').state, of(made, 'page lock').qualifier) == ('resolved', 'accepted')
    assert of(made, 'DMA engines').state == 'open'


def test_a_question_asked_again_on_the_next_posting_is_open_again() -> None:
    again = Mail(
        'again@reader.example', 'Rita Reader <rita@reader.example>', datetime(2025, 4, 9, tzinfo=UTC), 'Re: [PATCH v2 2/2] frob',
        'p2v2@author.example', '> Print it when the device goes away.\n\nWhy is this needed, it is freed in the next line?\n',
    )  # fmt: skip
    made = ledger([*talk('reroll'), again])
    old = next(q for q in made.questions if q.message_id == 'r2@third.example' and 'freed' in q.text)
    assert (old.state, 're-asked' in old.flags) == ('open', True)
    assert [v.verdict for v in old.verdicts] == ['verified']


def test_why_prints_every_event() -> None:
    made = ledger(talk('reroll'))
    question = of(made, 'atomic')
    lines = questions.why(made, question.id)
    assert len(lines) == len(question.events)
    assert all('lines' in text and 'rule' in text for text in lines)
    assert questions.why(made, question.qhash) == lines
    assert questions.why(made, 'Q99') == []


def test_no_mail_is_a_skipped_ledger_with_its_reason() -> None:
    made = questions.ask((), None, QuoteGraph(), config.load().settings.questions)
    assert made.verdict.outcome is Outcome.SKIPPED


KINDS = st.sampled_from(
    ['answered', 'promised', 'discussed', 'counter-question', 'deferred', 'accepted', 'contested', 'withdrawn', 'replied',
     'reviewed', 're-asked', 'settled-by-revision', 'nacked', 'sign', 'applied', 'unapplied', 'due']
)  # fmt: skip


@given(st.lists(st.tuples(KINDS, st.integers(0, 5)), max_size=8), st.randoms())
def test_the_fold_depends_on_the_events_only(kinds: list[tuple[str, int]], chance: object) -> None:
    events = [Event(k, f'{d}@x', (1, 1), 'r', datetime(2025, 1, 1 + d, tzinfo=UTC)) for k, d in kinds]
    shuffled = list(events)
    chance.shuffle(shuffled)  # type: ignore[attr-defined]
    assert settle(in_order(events), 'A', ('B',)) == settle(in_order(shuffled), 'A', ('B',))
    assert settle((), 'A', ('B',)).state == 'open'


@settings(max_examples=40, deadline=None)
@given(st.lists(st.text(st.characters(blacklist_categories=['Cs']), max_size=200), min_size=1, max_size=3))
def test_any_text_makes_a_ledger(bodies: list[str]) -> None:
    mails = tuple(
        Message(f'{n}@x', 'Re: x', Person('A', 'a@x'), (), (), datetime(2025, 1, 1 + n, tzinfo=UTC), None,
                f'{n - 1}@x' if n else None, (), f'{n - 1}@x' if n else None, body, b'')
        for n, body in enumerate(bodies)
    )  # fmt: skip
    made = questions.ask((Thread('0@x', mails),), None, lore.quotes(mails), config.load().settings.questions)
    assert made.verdict.outcome is Outcome.PASSED


def _alone(corpus: Path) -> Ledger:
    mail = next(
        m for m in messages(corpus / 'threads' / 'exclusive-gup') if m.message_id == 'ZnQpslcah7dcSS8z@google.com'
    )
    made = lore.quotes([mail])
    return questions.ask((Thread(mail.message_id, (mail,)),), None, made, config.load().settings.questions)


def test_the_seed_mail_alone_lists_the_group_of_five_and_the_ghosts(corpus: Path) -> None:
    made = _alone(corpus)
    group = [q for q in made.questions if q.id.startswith('Q3.')]
    assert [q.id for q in group] == ['Q3.1', 'Q3.2', 'Q3.3', 'Q3.4', 'Q3.5']
    assert {(q.asker.name, q.quote_depth, q.to) for q in group} == {('David Hildenbrand', 1, ('Elliot Berman',))}
    assert [q.lines for q in group] == [(37, 38), (40, 42), (44, 45), (67, 69), (71, 72)]
    assert [q.state for q in group] == ['open', 'open', 'contested', 'open', 'open']
    assert [g.author.name for g in made.coverage.ghosts if g.author] == [
        'Elliot Berman',
        'John Hubbard',
        'David Hildenbrand',
    ]
    assert any('only one mail' in n for n in made.coverage.notes)


def test_the_quoter_asks_nothing_that_he_only_quotes(corpus: Path) -> None:
    own = [q for q in _alone(corpus).questions if q.asker.name == 'Mostafa Saleh']
    assert own
    assert all(q.quote_depth == 0 for q in own)
    assert not any('GUP pins special' in q.text for q in own)


def test_the_flattened_seed_says_what_it_cannot_know(corpus: Path) -> None:
    text = (corpus / 'seed-mail.txt').read_text(encoding='utf-8')
    date = datetime(2024, 6, 20, tzinfo=UTC)
    mail = Message('seed@x', 'Re: x', Person('Mostafa Saleh', 'm@x'), (), (), date, None, None, (), None, text, b'')
    made = questions.ask((Thread('seed@x', (mail,)),), None, lore.quotes([mail]), config.load().settings.questions)
    assert made.questions == ()
    assert any('line breaks are lost' in n for n in made.coverage.notes)
