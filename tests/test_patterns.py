# SPDX-License-Identifier: GPL-2.0-or-later
"""No text makes a pattern slow that mails, logs or reports are looked at with: work grows as the text does."""

from __future__ import annotations

import re
from itertools import count

import pytest

from bot.lab import diagnostics
from bot.lab.selftests import _FAILED
from bot.model import Person, RawMail
from bot.post import recipients
from bot.post.draft import is_tag
from tests.growth import growth
from tests.lore.letters import diff, letter, patch_text, reply
from tests.patterns import Used, patterns, slow
from tests.post.example import cover
from tests.questions.talks import ledger

BOUNDED = {
    (
        'lore/headers.py',
        '"(?:',
    ): 'each quote costs a look ahead of 300 characters, in the 64 KiB of a header that are read',
    ('lore/quote_claims.py', '[<('): 'an attribution has 400 characters',
    ('lore/quote_claims.py', '(?i)['): 'an attribution has 400 characters',
    ('lore/quote_claims.py', '([A-Za-z]{3})'): 'an attribution has 400 characters',
    ('lore/sender.py', '(?:.+-(?:request'): 'From is read up to 1000 characters',
    ('lore/source.py', '(?!-)'): 'what the user gives on the command line',
    ('lore/tags.py', '\\s*<'): 'a line with a tag, and the one below it, has 500 characters',
    ('questions/address.py', ','): 'what a greeting matched: five names, with blanks only around what parts them',
    ('questions/grammar.py', '(?x)'): 'two pieces of 200 characters; then the line is refused',
    ('questions/grammar.py', '(.*?)'): 'a name of a dozen characters',
    ('trees/mails.py', '^date:'): 'every line of the headers ends, so that nothing is tried twice',
    ('trees/maintainers.py', '^([A-Z])'): 'a line is read up to 500 characters',
    ('trees/wishes.py', '(?:\\.git)'): 'a line of MAINTAINERS, or a remote of the own clone',
    ('lab/diagnostics.py', '\\S{0,60}ld'): 'a line is read up to 2000 characters, and the first 60 are tried',
}


def bounded(used: Used) -> bool:
    path, source = used.where.partition(':')[0], used.pattern.pattern
    told = source.decode('latin-1') if isinstance(source, bytes) else source
    return any(path == where and told.startswith(begins) for where, begins in BOUNDED)


_LONG = [pytest.param(room, marks=pytest.mark.long) for room in ('lore', 'questions')]


@pytest.mark.parametrize('room', ['post', 'report', 'replies', 'config', 'trees', 'lab', *_LONG])
def test_no_pattern_is_slow(room: str) -> None:
    suspects = [(used, text) for used in patterns(room) if not bounded(used) and (text := slow(used))]
    assert [(used.where, used.use, text) for used, text in suspects if slow(used)] == []


@pytest.mark.parametrize(
    ('pattern', 'use'),
    [
        (r'\s*\w\S+:\s+\S*.*\S@\S+\.\S', 'match'),
        (r'(?m)^(?:From|Signed-off-by): *(.{0,120}?) *<([^<>\s]{3,200})>$', 'findall'),
        (r'\S@\S+\.\S', 'search'),
        (r'\[(?=[^\]]*\]\()', 'sub'),
        (r'[\s,:;]*\b(?:by|with|at)?[\s,:;]*$', 'sub'),
        (r'(?m)^\s*(?:Co-developed-by|Signed-off-by):', 'findall'),
        (r'(?:return\b|int\s+[\w*]+[^.?]*[;{(=,])', 'match'),
    ],
)
def test_patterns_that_were_slow_are_found(pattern: str, use: str) -> None:
    assert slow(Used('', re.compile(pattern), use))


LINES = [
    ('aa: ', '@'),
    ('aa: ', 'x@'),
    ('aa: ', 'x@y'),
    ('aa: ', ' @'),
    ('a', ':'),
    ('', 'a: '),
    ('ab: ', 'x x@'),
    ('', 'a-'),
    (' ' * 50, 'a-by'),
]


@pytest.mark.parametrize(('start', 'more'), LINES)
def test_a_line_is_looked_at_once_for_tags(start: str, more: str) -> None:
    texts = {size: start + more * size + '\0' for size in (2000, 16000)}
    assert growth(lambda size: is_tag(texts[size]), *texts) < 24, 'eight times as much, not sixty-four'


@pytest.mark.parametrize('line', ['From: {} <a', 'From: {}x <a@b', 'Signed-off-by: {}', 'From: x<{}>', '{}\nFrom: '])
@pytest.mark.parametrize('more', [' ', '<', 'a ', '\nFrom: '])
def test_who_signed_is_read_once(line: str, more: str) -> None:
    relay = Person('x', 'devnull+a.b.example@kernel.org')
    mails = {size: cover(author=relay, body=line.format(more * size)) for size in (2000, 16000)}
    assert growth(lambda size: recipients.author(mails[size]), *mails) < 24


REPLIES = [
    ('> ', '=', 'x'),
    ('from', ' ', 'x'),
    ('Reviewed-by: Ada Author\n<', '@', 'x'),
    ('Reviewed-by: Ada <ada@author.example>\n<', '@<', 'x'),
    ('thanks', ' ', '?'),
    ('/', 'a', '?'),
    ('f ', 'a(', 'x'),
    ('int ', 'a', 'x'),
    ('; x ', '/*a*/', 'x'),
    ('', '0', 'x'),
    ('0% ', '0', 'x'),
    ('* ', '<a@', 'x:'),
    ('http://', 'mailman', ' x'),
    ('> http://', 'mailman', ' x'),
    ('Subject: [', 'PATCH', 'x'),
    ('--- ab', '-', 'x'),
    ('[1/2] a', ' ', 'x'),
    ('#lorebot ', ' ', 'x'),
    ('a', '.', 'x'),
    ('Right', '?', 'x'),
    ('Or am I missing', '?', 'x'),
    ('A few ', 'questions ', '. x:\n\n1. why?\n\n2. how?'),
    ('', 'a>', 'x'),
    ('', '>', 'x'),
    ('a', '\r', 'x'),
    ('', '> a\n', 'x'),
]
PATCHES = [('a', '\n', 'x'), ('---\nChanges in v2:\n- ', '0', 'x'), ('a', '\r', 'x')]
_number = count()


def reviewed(text: str, answer: str) -> None:
    """Take in a patch with that text and a reply; what was read before is kept, so every mail is another one."""
    name = f'p-{next(_number)}'
    patch = letter('[PATCH v2] mm: x', patch_text(text, diff()), name=name)
    ledger([RawMail(mail, None, 'test') for mail in (patch, reply(name, answer, name=f'{name}-r'))])


@pytest.mark.parametrize(('start', 'more', 'end'), REPLIES)
def test_a_reply_is_read_once(start: str, more: str, end: str) -> None:
    def work(size: int) -> None:
        reviewed('Why: x.', f'Hello {next(_number)}.\n\n{start}{more * (size // len(more))}{end}\n')

    assert growth(work, 25_000, 200_000, 2) < 24, 'eight times as much, not sixty-four'


@pytest.mark.parametrize(('start', 'more', 'end'), PATCHES)
def test_a_patch_is_read_once(start: str, more: str, end: str) -> None:
    def work(size: int) -> None:
        reviewed(f'Why {next(_number)}.\n{start}{more * (size // len(more))}{end}\n', 'Why?\n')

    assert growth(work, 25_000, 200_000, 2) < 24, 'eight times as much, not sixty-four'


@pytest.mark.parametrize(
    'line', ['a' * 1900, 'make[1]: *** [' + ': ' * 450, 'make: *** [x' + ': ' * 450 + 'x' * 700 + ']']
)
def test_a_log_takes_what_its_lines_take(line: str) -> None:
    """Each line of the log of a build is read up to a width, and may cost no more than a few looks at each character."""
    plain = ('make[1]: *** [x] ' + 'a b ' * 500)[: len(line)]
    looked = {size: (f'{text}\n' * 200).encode() for size, text in ((1, plain), (2, line))}
    assert growth(lambda size: (diagnostics.parse(looked[size]), _FAILED.findall(looked[size])), 1, 2) < 24
