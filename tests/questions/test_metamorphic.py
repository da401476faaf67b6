# SPDX-License-Identifier: GPL-2.0-or-later
"""However a conversation travels, its items and their states are the same."""

from __future__ import annotations

import random
import re
import textwrap
from dataclasses import replace
from datetime import timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.model import Ledger
from tests.questions.quote_score import rewrap
from tests.questions.talks import BASE64, PLAIN, QUOTED, Mail, each, ledger, raws, talk

TALKS = ('pinning', 'points', 'reroll')
FOOTER = (
    '_______________________________________________\nfrob mailing list\nhttps://lists.example/mailman/listinfo/frob\n'
)
Shape = dict[str, tuple[str, str, tuple[str, ...]]]


def shape(made: Ledger) -> Shape:
    """Return what must not change: the items by hash, with state, qualifier and the verdicts of later postings."""
    return {
        q.qhash: (q.state, q.qualifier, tuple(v.verdict for v in q.verdicts))
        for q in made.questions
        if q.tier != 'possible'
    }


@pytest.fixture(scope='module')
def known() -> dict[str, Shape]:
    return {name: shape(ledger(talk(name))) for name in TALKS}


@settings(max_examples=8, deadline=None)
@given(name=st.sampled_from(TALKS), width=st.integers(50, 76))
def test_rewrapped_quotes(known: dict[str, Shape], name: str, width: int) -> None:
    assert shape(ledger(each(talk(name), lambda body: rewrap(body, width).body))) == known[name]


@pytest.mark.parametrize('name', TALKS)
@pytest.mark.parametrize(('before', 'mark', 'after'), [('', '>', ' '), (' ', '> ', '')])
def test_quote_styles(known: dict[str, Shape], name: str, before: str, mark: str, after: str) -> None:
    def restyle(body: str) -> str:
        return re.sub(r'(?m)^(?:> ?)+', lambda m: before + mark * m[0].count('>') + after, body)

    assert shape(ledger(each(talk(name), restyle))) == known[name]


@pytest.mark.parametrize('name', TALKS)
@pytest.mark.parametrize('mark', ['| ', 'RR> '])
def test_rare_quote_styles_make_no_items(known: dict[str, Shape], name: str, mark: str) -> None:
    """Depth is lost in these styles, and with it who answered whom; what was asked is not."""
    restyled = each(talk(name), lambda body: re.sub(r'(?m)^(?:> ?)+', lambda m: mark * m[0].count('>'), body))
    assert shape(ledger(restyled)).keys() == known[name].keys()


@settings(max_examples=10, deadline=None)
@given(
    name=st.sampled_from(TALKS),
    ways=st.lists(st.tuples(st.sampled_from([PLAIN, QUOTED, BASE64]), st.booleans()), min_size=9, max_size=9),
)
def test_encodings_and_line_ends(known: dict[str, Shape], name: str, ways: list[tuple[str, bool]]) -> None:
    mails = [replace(m, encoding=e, crlf=c) for m, (e, c) in zip(talk(name), ways, strict=False)]
    assert shape(ledger(mails)) == known[name]


@settings(max_examples=6, deadline=None)
@given(name=st.sampled_from(TALKS), width=st.integers(50, 76))
def test_own_words_rewrapped(known: dict[str, Shape], name: str, width: int) -> None:
    def refill(body: str) -> str:
        parts = re.split(r'(\n\n+)', body)
        return ''.join(_filled(p, width) if _prose(p) else p for p in parts)

    # Everybody who quotes them quotes the lines as they then stand: the quotes go along.
    made = ledger(each(talk(name), lambda body: rewrap(refill(body), width).body))
    assert shape(made) == known[name]


def _prose(part: str) -> bool:
    shaped = re.search(r'(?m)^\s*(?:>|[-*+@]|On .* wrote:|\w+,$|\S+-by: )', part)
    return bool(re.match(r'[A-Z0-9]', part)) and not shaped and not re.search(r'\n\d+[).] ', part)


def _filled(part: str, width: int) -> str:
    hanging = re.match(r'\d+[).] ', part)
    return textwrap.fill(' '.join(part.split()), width, subsequent_indent='   ' if hanging else '')


@pytest.mark.parametrize('name', TALKS)
@pytest.mark.parametrize('levels', [1, 2])
def test_a_mail_sent_again_inside_another_asks_nothing_new(known: dict[str, Shape], name: str, levels: int) -> None:
    mails = talk(name)
    for level in range(levels):
        last = mails[-1]
        quoted = '\n'.join(f'> {t}'.rstrip() for t in last.body.rstrip().split('\n'))
        body = f'On Thu, 8 May 2025, {last.author} wrote:\n{quoted}\n'
        when = last.date + timedelta(minutes=1)
        subject = last.subject if 'Re:' in last.subject else f'Re: {last.subject}'
        mails.append(Mail(f'deep{level}@x.example', 'Nemo <n@x.example>', when, subject, last.message_id, body))
    assert shape(ledger(mails)) == known[name]


@pytest.mark.parametrize('name', TALKS)
def test_footers_of_lists(known: dict[str, Shape], name: str) -> None:
    assert shape(ledger(each(talk(name), lambda body: body + FOOTER))) == known[name]


@pytest.mark.parametrize('name', TALKS)
def test_signatures(known: dict[str, Shape], name: str) -> None:
    assert shape(ledger(each(talk(name), lambda body: f'{body}\n-- \nWho asks?\n'))) == known[name]


@settings(max_examples=8, deadline=None)
@given(name=st.sampled_from(TALKS), seed=st.integers(0, 99))
def test_arrival_order_and_copies_of_several_lists(known: dict[str, Shape], name: str, seed: int) -> None:
    mails = raws([*talk(name), *each(talk(name), lambda body: body + FOOTER)])
    random.Random(seed).shuffle(mails)
    assert shape(ledger(mails)) == known[name]


@pytest.mark.parametrize('name', TALKS)
def test_one_more_nesting_changes_nothing(known: dict[str, Shape], name: str) -> None:
    mails = talk(name)
    deep = [
        Mail(
            f'again-{m.message_id}',
            'Nemo <nemo@x.example>',
            m.date + timedelta(minutes=1),
            f'Re: {m.subject}',
            m.message_id,
            f'{m.author} wrote:\n' + '\n'.join(f'> {t}' for t in m.body.rstrip().split('\n')) + '\n',
        )
        for m in mails
        if 'Re:' in m.subject
    ]
    assert shape(ledger([*mails, *deep])) == known[name]


@pytest.mark.parametrize('name', TALKS)
def test_the_same_mails_give_the_same_ledger(name: str) -> None:
    assert ledger(talk(name)) == ledger(talk(name))
