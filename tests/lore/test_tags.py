# SPDX-License-Identifier: GPL-2.0-or-later
"""Trailers: who gave which to what, in which line; and what is none."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from bot.lore import assemble
from bot.model import GitRunner, Person, Revision, Span, Trailer
from tests.lore.letters import ADA, RITA, diff, posting, read, reply

Put = Callable[..., Revision]
RITA_IS = Person('Rita Reviewer', 'rita@example.net')


@pytest.fixture
def put(git: GitRunner) -> Put:
    def newest(*mails: bytes) -> Revision:
        return assemble(read(*posting('a', ['one', 'two']), *mails), None, git).series[0].newest

    return newest


def replied(revision: Revision, position: int) -> list[Trailer]:
    return [t for t in revision.patches[position - 1].trailers if not t.carried]


def test_carried(put: Put) -> None:
    (trailer,) = put().patches[0].trailers
    person = Person('Ada Author', 'ada@example.org')
    assert trailer == Trailer('Signed-off-by', ADA, person, 'a-1@test', Span('a-1@test', 3, 3), carried=True)


def test_given_to_a_patch_through_a_thread(put: Put) -> None:
    talk = reply('a-2', '> a line\n\nWhy?\n', name='r1')
    answer = reply('r1', 'So that.\n', name='r2', sender=ADA, minutes=70)
    tag = reply('r2', 'I see.\n\nReviewed-by: Rita Reviewer <rita@example.net>\n', name='r3', minutes=80)
    revision = put(talk, answer, tag)
    expected = Trailer('Reviewed-by', RITA, RITA_IS, 'a-2@test', Span('r3@test', 3, 3), carried=False)
    assert replied(revision, 2) == [expected]
    assert replied(revision, 1) == []


def test_given_to_the_cover(put: Put) -> None:
    revision = put(reply('a-0', f'For all:\nTested-by: {RITA}\n', name='r'))
    assert revision.trailers == (Trailer('Tested-by', RITA, RITA_IS, 'a-0@test', Span('r@test', 2, 2), carried=False),)


@pytest.mark.parametrize(
    'text',
    [
        f'> Reviewed-by: {RITA}\n',
        f'>> Acked-by: {RITA}\n',
        f'| Acked-by: {RITA}\n',
        f'Hi\n-- \nAcked-by: {RITA}\n',
        'Note: see rita@example.net\n',
        'reviewed-by/acked-by is wanted from rita@example.net\n',
        '    Acked-by: Rita Reviewer <rita@example.net> (in an example)\n',
        'Reviewed-by: me\n',
        f'How about:\n\nSigned-off-by: {RITA}\n---\n{diff()}',
        'Acked-by: ' + 'x' * 600 + ' <rita@example.net>\n',
    ],
)
def test_no_tag(text: str, put: Put) -> None:
    assert replied(put(reply('a-1', text, name='r')), 1) == []


def test_on_two_lines(put: Put) -> None:
    (trailer,) = replied(put(reply('a-1', 'Reviewed-by: Rita Reviewer\n<rita@example.net>\n', name='r')), 1)
    assert (trailer.person, trailer.span) == (RITA_IS, Span('r@test', 1, 2))


def test_a_tag_beside_a_proposed_patch(put: Put) -> None:
    text = f'Fine with this on top:\nReviewed-by: {RITA}\n\nSuggested-by: Bob <b@x.org>\nSigned-off-by: {RITA}\n---\n{diff()}'
    assert [t.name for t in replied(put(reply('a-1', text, name='r')), 1)] == ['Reviewed-by']


@pytest.mark.parametrize(
    ('signer', 'differs'),
    [
        ('Rita Reviewer <rita@home.example.net>', False),
        ('Rita Reviewer <rita+kernel@example.net>', False),
        ('R. R. <rita@example.net>', False),
        ('Reviewer Rita <rr@elsewhere.example>', False),
        ('Bob Builder <bob@example.com>', True),
    ],
)
def test_a_signer_who_is_not_the_sender(signer: str, differs: bool, put: Put) -> None:
    (trailer,) = replied(put(reply('a-1', f'Acked-by: {signer}\n', name='r')), 1)
    assert trailer.mismatch is differs
    (trailer,) = replied(put(reply('a-1', f'Reported-by: {signer}\n', name='r')), 1)
    assert trailer.mismatch is False


def test_robots(put: Put) -> None:
    robot = 'kernel test robot <lkp@intel.com>'
    assert replied(put(reply('a-1', f'Kindly add\nReported-by: {robot}\n', name='r', sender=robot)), 1) == []
    assert len(replied(put(reply('a-1', f'Tested-by: {robot}\n', name='r', sender=robot)), 1)) == 1


def test_said_twice_counts_once_and_by_version(put: Put) -> None:
    tag = f'Acked-by: {RITA}\n'
    again = posting('b', ['one', 'two'], prefix='PATCH v2', answers='a-0', minutes=1e4)
    mails = [
        reply('a-1', tag, name='r1'),
        reply('r1', tag, name='r2', minutes=70),
        *again,
        reply('b-1', tag, name='r3', minutes=2e4),
    ]
    assert [t.span.message_id for t in replied(put(*mails[:2]), 1)] == ['r1@test']
    assert [t.span.message_id for t in replied(put(*mails), 1)] == ['r3@test']
