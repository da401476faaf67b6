# SPDX-License-Identifier: GPL-2.0-or-later
"""Zones, sentences and the weighing of sentences, on small authored texts."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from bot.model import Message, Person, Segment
from bot.questions.bots import robot
from bot.questions.changelog import changes
from bot.questions.classify import classify
from bot.questions.features import FEATURES
from bot.questions.find import Item, find
from bot.questions.sentences import paragraphs, split
from bot.questions.zones import Layout, Zone, layout


def laid(body: str, subject: str = 'Re: frob') -> Layout:
    date = datetime(2025, 3, 3, tzinfo=UTC)
    message = Message('m@x', subject, Person('A', 'a@x'), (), (), date, None, None, (), None, body, b'')
    segments = []
    for number, text in enumerate(message.lines, 1):
        depth = len(text) - len(text.lstrip('>'))
        segments.append(Segment(number, number, depth, None if depth else 'm@x', None, 'foreign' if depth else 'own'))
    return layout(message, segments)


def items(body: str) -> list[Item]:
    return find(paragraphs(laid(body)))


def asked(body: str) -> list[str]:
    return [i.text for i in items(body) if i.kind == 'question' and i.tier != 'possible']


def test_every_line_has_the_zone_of_its_shape() -> None:
    body = '\n'.join(
        (
            'Hi Ann,',
            '',
            'On Mon, 3 Mar 2025, Rita wrote:',
            '> old words',
            'This is prose.',
            '\tif (x) {',
            '[   12.345678] BUG: soft lockup',
            'mm/frob.c:12:3: error: no such thing',
            'Reviewed-by: Ann <ann@x.example>',
            'Thanks,',
            'Ann',
            '--',
            'Ann, who signs',
        )
    )
    zones = ['greeting', 'blank', 'attribution', 'quote', 'prose', 'code', 'trace', 'log', 'trailers']
    assert [str(z) for z in laid(body).zones] == [*zones, 'greeting', 'greeting', 'signature', 'signature']


def test_words_told_again_are_no_new_words() -> None:
    body = 'In v1 I wrote:\nis this needed?\n\n\nI still think so.'
    assert laid(body).zones[:2] == (Zone.QUOTE, Zone.QUOTE)
    assert asked(body) == []


@pytest.mark.parametrize(('opens', 'closes'), [('"', '"'), ('"""', '"""'), ('“', '”')])
def test_what_stands_between_marks_alone_in_their_lines_is_cited(opens: str, closes: str) -> None:
    body = f'The page reads:\n\n{opens}\nDo not use the flag here.\n\nIs it needed?\n{closes}\n\nPlease reword it.'
    assert [(i.kind, i.text) for i in items(body)] == [('request', 'Please reword it.')]
    lone = f'The page reads:\n\n{opens}\nIs it needed?\n\n> old words\n\nIs it so?\n{closes}\n'
    assert asked(lone) == ['Is it needed?', 'Is it so?'], 'a quotation does not reach over what others wrote'


@pytest.mark.parametrize(
    ('text', 'parts'),
    [
        ('Is it (IOMMUs?) in the future? Yes.', ['Is it (IOMMUs?) in the future?', 'Yes.']),
        ('See e.g. the docs. It works.', ['See e.g. the docs.', 'It works.']),
        ('Why? Because.', ['Why?', 'Because.']),
        ('Needed? :) I think so.', ['Needed? :)', 'I think so.']),
        ('Look at it. It is in https://x.example/?q=1 too.', ['Look at it.', 'It is in https://x.example/?q=1 too.']),
        ('needed in the future?thanks.', ['needed in the future?', 'thanks.']),
    ],
)
def test_sentences_end_where_a_reader_ends_them(text: str, parts: list[str]) -> None:
    assert [s.text for s in split([(1, text)])] == parts


def test_sentences_remember_their_lines() -> None:
    found = split([(3, 'One sentence that goes'), (4, 'on. And a'), (5, 'second one.')])
    assert [(s.first, s.last) for s in found] == [(3, 4), (4, 5)]


@pytest.mark.parametrize(
    'text',
    [
        'Why is this lock needed here?',
        'I wonder whether the lock is needed at all.',
        "I don't understand why this takes the lock.",
        'Could you please explain why the page is not put back.',
        'So the count is only read here?',
        'What about using a mutex instead?',
        "Wouldn't a mutex be better?",
        'It would be good to know how large these get.',
        'The main question is, who owns the page.',
        'Please let me know if you would prefer a second patch.',
        'This is a leak, right?',
    ],
)
def test_questions_are_found_with_and_without_a_mark(text: str) -> None:
    assert asked(text) == [text]


@pytest.mark.parametrize(
    'text',
    [
        'See https://x.example/cgit/log/?h=next for it.',
        'Please let me know if you have any other questions.',
        'mm/frob.c:12:3: error: did you mean frob?',
        'Who knows?',
        'This takes the lock(?) twice.',
        'p = q ? r : s;',
        'Can you please rename the helper?',
        'I wonder.',
        'What I want is a lock.',
        'Is it needed? No, the caller holds it.',
    ],
)
def test_what_only_looks_like_a_question_is_none(text: str) -> None:
    assert asked(text) == []


def test_a_list_below_a_question_is_one_group_with_the_authors_numbers() -> None:
    found = items('Can you comment on these points?  In particular:\n\n1) Who frees it\n\n2) When is it freed?\n')
    lead, *children = found
    assert lead.lead is not None
    assert [(i.number, i.group, i.tier) for i in children] == [('1', lead.lead, 'likely'), ('2', lead.lead, 'sure')]


def test_adjacent_questions_are_one_item_and_a_closer_takes_in_what_it_closes() -> None:
    assert asked('Who frees it? And when? It is a leak.') == ['Who frees it? And when?']
    assert asked('I can resend the whole series today. Thoughts?') == ['I can resend the whole series today. Thoughts?']
    assert asked('Thoughts?') == []


def test_a_mark_alone_in_its_line_belongs_to_the_text_above() -> None:
    found = [i for i in items('How about\n\n  a = b + c\n\n?\n') if i.kind == 'question']
    assert [(i.first, i.last) for i in found] == [(1, 5)]


def test_headings_are_not_asked() -> None:
    assert asked('A) Convert to private?\n  * must not be pinned\n  * must not be mapped\n') == []


@pytest.mark.parametrize(
    ('text', 'kind', 'tier'),
    [
        ('Please add a comment here.', 'request', 'likely'),
        ('nit: one blank line too many', 'request', 'likely'),
        ('NAK, this breaks userspace.', 'objection', 'sure'),
        ('This should be unsigned.', 'request', 'possible'),
    ],
)
def test_demands_have_a_kind_and_a_tier(text: str, kind: str, tier: str) -> None:
    assert [(i.kind, i.tier) for i in items(text)] == [(kind, tier)]


@pytest.mark.parametrize(
    ('text', 'on_code', 'class_'),
    [
        ('Which tree should this go through?', False, 'process'),
        ('Did you test this on real hardware?', False, 'process'),
        ('nit: s/foo/bar/ ?', True, 'nit'),
        ('What is the use case for this interface?', False, 'design'),
        ('Why is frob_count() not checked for NULL?', True, 'implementation'),
    ],
)
def test_classes(text: str, on_code: bool, class_: str) -> None:
    assert classify(text, on_code) == class_


def test_every_feature_has_a_reason_and_a_name_of_its_own() -> None:
    assert all(f.reason and f.weight for f in FEATURES)
    assert len({f.name for f in FEATURES}) == len(FEATURES)


@pytest.mark.parametrize(
    'person', [Person('kernel test robot', 'lkp@intel.com'), Person('syzbot', 'syzbot+1@x.example')]
)
def test_robots_are_known(person: Person) -> None:
    assert robot(person)
    assert not robot(Person('Abbot Robotham', 'abbot@x.example'))


@pytest.mark.parametrize(
    'head', ['Changes in v3:', 'v2 -> v3:', 'Changes since v2:', '--\nv3:\n', 'v3 changes:', '[v2->v3]']
)
def test_changelogs_of_the_step_are_read_and_older_ones_are_not(head: str) -> None:
    body = f'Some text.\n\n{head}\n - count atomically (Rita)\n   as she said\n - drop the cast\n\nChanges in v2:\n - rebased\n'
    assert [c.text for c in changes('m@x', body, 3)] == ['count atomically (Rita) as she said', 'drop the cast']


@pytest.mark.parametrize(
    'told',
    [
        'In short, move semantics are hard to see here.',
        'No need to convince anybody.',
        'But to me the main question is getting the order right.',
        'Both cases have the same question about what is done at the end.',
        'Or something like that?',
        'Yes, should all be in the next version.',
    ],
)
def test_what_tells_is_no_item(told: str) -> None:
    assert not [i for i in items(f'> int frob;\n\n{told}\n') if i.tier != 'possible']


@pytest.mark.parametrize(
    'wanted',
    [
        'In that case, move the check up.',
        'No need to check for NULL here.',
        'My main question is whether this is needed.',
    ],
)
def test_what_asks_is_an_item(wanted: str) -> None:
    assert [i for i in items(f'> int frob;\n\n{wanted}\n') if i.tier != 'possible']


def test_the_message_of_an_enclosed_patch_asks_for_nothing() -> None:
    body = (
        'Can you squash this?\n\n'
        f'From {"a" * 40} Mon Sep 17 00:00:00 2001\nFrom: A <a@x>\nSubject: [PATCH] fixup: frob\n\n'
        "Let's rename the frob as well.\n\n---\n mm/f.c | 2 +-\n\ndiff --git a/mm/f.c b/mm/f.c\n"
    )
    assert [i.text for i in items(body)] == ['Can you squash this?']


def test_a_version_of_more_digits_than_python_counts_is_none() -> None:
    assert changes('x@y', f'---\nv{"1" * 5000}:\n- rename it\n\nChanges in v2:\n- drop it\n', 2)[0].text == 'drop it'
