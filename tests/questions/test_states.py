# SPDX-License-Identifier: GPL-2.0-or-later
"""What moves an item, and what must not: verdicts on a new posting, applying, putting off, other work, near misses."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from bot.model import Event, Ledger, Question
from bot.questions.hunks import substitutions
from bot.questions.state import settle
from tests.questions.talks import Mail, ledger, shown, talk

VERDICTS = {
    'atomic_inc': 'verified',
    'Which weaver': 'claimed',
    'clear this': 'changed-not-stated',
    'wake one': 'answered-not-recorded',
    'drop the cast': 'promised-not-visible',
    'in the log': 'unaddressed',
    'coloured yarn': 'deferred-carried',
    'carriage return': 'unknown',
}
RITA, ANN, MAX = 'Rita Reader <rita@reader.example>', 'Ann Author <ann@author.example>', 'Max Main <max@main.example>'


def of(made: Ledger, words: str) -> Question:
    found = [q for q in made.questions if words in q.text]
    assert len(found) == 1, [q.text for q in made.questions]
    return found[0]


def reply(name: str, author: str, day: int, parent: str, body: str) -> Mail:
    date = datetime(2025, 5, day, 15, tzinfo=UTC)
    return Mail(f'{name}@x.example', author, date, 'Re: [PATCH 1/1] loom: lend threads', parent, body)


def answered(question: str, text: str, author: str = ANN) -> Question:
    """Return the item that Rita asks and somebody answers, in the first posting."""
    mails = [m for m in talk('verdicts') if m.message_id in ('cover1@author.example', 'p1v1@author.example')]
    asked = reply('ask', RITA, 2, 'p1v1@author.example', f'> +\tloom->name = NULL;\n\n{question}\n')
    told = reply('tell', author, 3, 'ask@x.example', f'> {question}\n\n{text}\n')
    made = ledger([*mails, asked, told])
    return next(q for q in made.questions if q.message_id == 'ask@x.example')


@pytest.mark.parametrize('words', sorted(VERDICTS))
def test_every_verdict_can_be_reached(words: str) -> None:
    verdicts = of(ledger(talk('verdicts')), words).verdicts
    assert [v.verdict for v in verdicts] == [VERDICTS[words]], shown(ledger(talk('verdicts')))


def test_a_cover_that_is_not_at_hand_has_lost_nothing() -> None:
    """Rita asks below a sentence of the cover; of v2 only the patch is there, of a v2 that drops it the cover is, too."""
    said = 'Threads stay lent for as long as the borrower wants.'

    def signs(mails: list[Mail]) -> set[str]:
        return {e.rule for e in of(ledger(mails), 'carriage return').events if e.kind == 'sign'}

    whole = talk('verdicts')
    without = [replace(m, body=m.body.replace(said, '')) if m.message_id.startswith('cover2@') else m for m in whole]
    assert 'text-gone' not in signs([m for m in whole if not m.message_id.startswith('cover2@')])
    assert 'text-gone' in signs(without)


def test_what_was_settled_before_gets_no_further_verdict() -> None:
    third = [m for m in talk('verdicts') if '2@author' in m.message_id or 'v2@author' in m.message_id]
    week = timedelta(days=7)
    again = [
        Mail(
            m.message_id.replace('2@', '3@'), m.author, m.date + week, m.subject.replace('v2', 'v3'),
            m.parent.replace('2@', '3@'), m.body.replace('Changes in v2', 'Changes in v3').replace('atomic_inc() ', 'care '),
        )
        for m in third
    ]  # fmt: skip
    question = of(ledger([*talk('verdicts'), *again]), 'atomic_inc')
    assert [v.verdict for v in question.verdicts] == ['verified']
    assert question.posting_settled == 2


def test_items_of_one_text_compete_with_their_own_words() -> None:
    mails = talk('verdicts')
    asked = reply(
        'list', RITA, 2, 'cover1@author.example',
        '> Threads stay lent for as long as the borrower wants.\n\nThree things that I miss:\n\n'
        '1) Who else would borrow from this pool of bobbins?\n\n2) What happens when two shuttles hold one spindle?\n\n'
        '3) How is dye going to work for silk?\n',
    )  # fmt: skip
    told = [
        Mail(m.message_id, m.author, m.date, m.subject, m.parent, m.body.replace(
            ' - name the weaver', ' - say who else would borrow from the pool of bobbins, asked by Rita\n - name the weaver'))
        for m in mails
    ]  # fmt: skip
    made = ledger([*told, asked])
    verdicts = [[v.verdict for v in of(made, w).verdicts] for w in ('Who else', 'two shuttles', 'silk')]
    assert verdicts == [['claimed'], ['unknown'], ['unknown']]


@pytest.mark.parametrize(
    ('question', 'text', 'state', 'flag'),
    [
        ('Is this set by the firmware?', 'Yes.', 'answered', ''),
        ('Should we rename this to loom_name?', 'Yes.', 'answered', 'promised'),
        ('Why is this here?', "I can't :)", 'open', 'replied'),
        ('Why is this here?', 'Good question!', 'open', 'replied'),
        ('Why is this here?', 'What do you mean by here?', 'contested', ''),
        ('Could this be done with a lock?', 'I will do that in the next series.', 'answered', 'promised'),
        ('Could this be done with a lock?', 'That should go to a separate series.', 'deferred', ''),
        ('Could this be done with a lock?', 'We need this in the patch:\n\nFixes: 123456789abc ("loom: x")', 'answered', ''),
    ],
)  # fmt: skip
def test_what_a_reply_says(question: str, text: str, state: str, flag: str) -> None:
    found = answered(question, text)
    assert (found.state, 'promised' in found.flags) == (state, flag == 'promised'), found.events
    assert flag in ('', *found.flags)


def test_consent_of_somebody_else_promises_nothing() -> None:
    assert 'promised' not in answered('Should we rename this to loom_name?', 'Yes.', MAX).flags


def applied(text: str, author: str = RITA) -> Ledger:
    return ledger([*talk('verdicts'), reply('take', author, 20, 'p1v1@author.example', text)])


def test_whoever_applies_what_he_asked_about_is_content_with_an_answer_only() -> None:
    made = applied('Applied, thanks!\n')
    wake, log = of(made, 'wake one'), of(made, 'in the log')
    assert (wake.state, wake.qualifier, 'merged' in wake.flags) == ('resolved', 'accepted', True)
    assert (log.state, 'merged-open' in log.flags) == ('open', True)


@pytest.mark.parametrize(
    'text', ['Applied this on top of 6.14 and tested it.\n', 'Can this be applied now?\n', 'Thanks!\n']
)
def test_not_everything_with_the_word_is_applying(text: str) -> None:
    assert not any(f.startswith('merged') for q in applied(text).questions for f in q.flags)


def test_what_somebody_else_applies_answers_nothing_and_can_be_taken_out_again() -> None:
    made = applied('Queued for 6.16, thanks.\n', MAX)
    assert (of(made, 'wake one').state, of(made, 'in the log').state) == ('answered', 'open')
    out = reply('out', MAX, 22, 'take@x.example', 'I dropped this from the tree again.\n')
    taken = reply('take', MAX, 20, 'p1v1@author.example', 'Queued for 6.16, thanks.\n')
    flags = of(ledger([*talk('verdicts'), taken, out]), 'in the log').flags
    assert 'taken-out' in flags
    assert 'merged-open' not in flags


def test_what_was_put_off_to_a_version_waits_again_when_it_comes() -> None:
    late = reply(
        'late', ANN, 2, 'r1@reader.example', '> Does anybody read this in the log?\n\nLet us leave this for v2.\n'
    )
    before = of(ledger([*talk('verdicts'), late], datetime(2025, 5, 7, tzinfo=UTC)), 'in the log')
    after = of(ledger([*talk('verdicts'), late]), 'in the log')
    assert before.state == 'deferred'
    assert (after.state, 'due' in after.flags, after.waiting_on) == ('open', True, 'Ann Author')


def test_items_of_other_work_are_left_out_and_coverage_says_so() -> None:
    other = Mail(
        'other@z.example', MAX, datetime(2025, 5, 3, tzinfo=UTC), '[PATCH] spindle: oil it', '', 'Oil it.\n\n---\n'
    )
    asked = Mail('otherq@z.example', RITA, datetime(2025, 5, 4, tzinfo=UTC), 'Re: [PATCH] spindle: oil it',
                 'other@z.example', '> Oil it.\n\nWhich oil is used for spindles?\n')  # fmt: skip
    made = ledger([*talk('verdicts'), other, asked])
    assert not [q for q in made.questions if 'oil' in q.text]
    assert any('2 of 9 mails are about other work' in n for n in made.coverage.notes)
    assert made.coverage.messages == 9


def test_an_answer_far_below_another_question_is_not_counted_and_neither_is_what_follows_it() -> None:
    quoted = '> +\tloom->name = NULL;\n\nWhere would the checks for silk go?\n\n> +\tloom->tmp = (unsigned long)loom->count;\n'
    ask = reply('two', RITA, 2, 'p1v1@author.example', f'{quoted}\nIs the cast of any use to anybody?\n')
    lines = '\n'.join(f'> {t}' if not t.startswith('>') else f'>{t}' for t in ask.body.rstrip('\n').split('\n'))
    middle = lines.replace('> Is the cast', '\n'.join(['> > +\tx;'] * 9) + '\n> Is the cast')
    told = reply('tell', ANN, 3, 'two@x.example', f'{middle}\n\nNo, gcc takes it out of the object file anyway.\n')
    made = ledger([*talk('verdicts')[:2], ask, told])
    assert [of(made, w).state for w in ('silk', 'of any use')] == ['open', 'answered']


@pytest.mark.parametrize(
    ('text', 'wanted'),
    [
        ('s/could/may/', [('could', 'may')]),
        ('typo: s|foo bar|baz|', [('foo bar', 'baz')]),
        ('s/above/below ?', [('above', 'below')]),
        ('paths/to/files/ are no wish', []),
        ('drivers/usb/core', []),
    ],
)
def test_substitutions_are_read(text: str, wanted: list[tuple[str, str]]) -> None:
    assert substitutions(text) == wanted


def test_no_kind_of_event_moves_a_withdrawn_item_but_asking_again() -> None:
    at = datetime(2025, 1, 1, tzinfo=UTC)
    start = [Event('withdrawn', 'a@x', (1, 1), 'r', at)]
    for kind in ('answered', 'promised', 'applied', 'due', 'settled-by-revision', 'reviewed', 'deferred'):
        assert settle([*start, Event(kind, 'b@x', (1, 1), 'as-asked', at)], 'A', ('B',)).state == 'withdrawn', kind
    assert settle([*start, Event('re-asked', 'b@x', (1, 1), 'r', at)], 'A', ('B',)).state == 'open'
