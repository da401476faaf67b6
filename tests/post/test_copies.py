# SPDX-License-Identifier: GPL-2.0-or-later
"""A letter of which nobody knows is looked for in the archive: what is taken for it, and what is not."""

from __future__ import annotations

import quopri
from collections.abc import Sequence

import pytest

from bot import lore, replies
from bot.errors import ArchiveDown, UnknownSource
from bot.model import Letter, RawMail
from bot.post import letters
from tests.desk import desk as desks
from tests.post.example import POST, drafted

BODY = 'Look at line 3.\n\n>  \tpin_user_pages(a,\n\nFrom here on it leaks, ä.\n\n-- \nlorebot is a program.\n'
FOOTER = '_______________________________________________\nlist mailing list\nhttps://lists.example/list\n'


@pytest.fixture
def letter() -> Letter:
    return letters.letter_of(drafted(body=BODY))


def seen(letter: Letter, tmp_path: object, monkeypatch: pytest.MonkeyPatch, mails: Sequence[bytes] | Exception) -> str:
    def read(*_: object) -> tuple[RawMail, ...]:
        if isinstance(mails, Exception):
            raise mails
        return tuple(RawMail(raw, None, '') for raw in mails)

    monkeypatch.setattr(lore, 'read', read)
    with desks(tmp_path, **{'post.address': POST.address}) as at:  # type: ignore[arg-type]
        return replies.archived(letter, at)


def mail(letter: Letter, sender: str = f'lorebot <{POST.address}>', body: str = BODY, more: str = '') -> bytes:
    head = f'From: {sender}\nSubject: Re: x\nMessage-ID: <{letter.id}>\n{more}'
    return f'{head}Content-Type: text/plain; charset=utf-8\n\n{body}'.encode()


def encoded(letter: Letter) -> bytes:
    """Return the letter as a relay writes it that knows no 8 bits, with a footer and other blanks."""
    text = quopri.encodestring((BODY.replace('\t', '  ') + FOOTER).encode())
    coding = 'Content-Transfer-Encoding: quoted-printable\n'
    return mail(letter, body='', more=coding) + text


@pytest.mark.parametrize('kind', ['itself', 'footer', 'encoded', 'from', 'rewritten', 'beside another', 'capitals'])
def test_the_letter_is_known_again(
    kind: str, letter: Letter, tmp_path: object, monkeypatch: pytest.MonkeyPatch
) -> None:
    listed = 'lorebot via list <list@lists.example>'
    mails = {
        'itself': [letter.raw],
        'footer': [mail(letter, body=BODY + FOOTER)],
        'encoded': [encoded(letter)],
        'from': [mail(letter, body=BODY.replace('\nFrom', '\n>From'))],
        'rewritten': [mail(letter, listed, more=f'Reply-To: {POST.contact}\n')],
        'beside another': [mail(letter, 'Eve <eve@evil.example>'), letter.raw],
        'capitals': [mail(letter, 'Lorebot <LOREBOT@bots.example>')],
    }
    assert seen(letter, tmp_path, monkeypatch, mails[kind]) == 'there'


@pytest.mark.parametrize('kind', ['stranger', 'words', 'half', 'order', 'in front', 'essay', 'nothing', 'look-alike'])
def test_what_anybody_can_post_under_its_id_is_not_the_letter(
    kind: str, letter: Letter, tmp_path: object, monkeypatch: pytest.MonkeyPatch
) -> None:
    lines = BODY.splitlines(keepends=True)
    forged = {
        'stranger': mail(letter, 'Eve <eve@evil.example>'),
        'words': mail(letter, body='spam\n'),
        'half': mail(letter, body=''.join(lines[:3])),
        'order': mail(letter, body=''.join(reversed(lines))),
        'in front': mail(letter, body='Ignore what follows.\n' + BODY),
        'essay': mail(letter, body=BODY + 'and one thing more\n' * 40),
        'nothing': mail(letter, body=''),
        'look-alike': mail(letter, 'lorebot <lоrebot@bots.example>'),
    }
    assert seen(letter, tmp_path, monkeypatch, [forged[kind]]) == 'another'


def test_what_an_archive_lacks_and_one_that_is_down(
    letter: Letter, tmp_path: object, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert seen(letter, tmp_path, monkeypatch, []) == 'absent'
    assert seen(letter, tmp_path, monkeypatch, UnknownSource('no such mail')) == 'absent'
    assert seen(letter, tmp_path, monkeypatch, ArchiveDown('no answer')) == 'unasked'
    other = mail(letter).replace(letter.id.encode(), b'other@bots.example')
    assert seen(letter, tmp_path, monkeypatch, [other]) == 'absent'
