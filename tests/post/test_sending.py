# SPDX-License-Identifier: GPL-2.0-or-later
"""How mail is handed over: by the settings, else by git's own, never by those of the directory we stand in."""

from __future__ import annotations

import subprocess
from pathlib import Path
from typing import Any

import msgspec
import pytest

from bot import config, engine, post
from bot.errors import ConfigError
from bot.post.command import Command
from bot.post.smtp import Server
from tests.post.example import POST, drafted

SEND = config.load().settings.send


def chosen(**other: Any) -> Any:
    return post.carrier(msgspec.structs.replace(SEND, **other), engine.run_program)


@pytest.fixture
def git(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Stand in a repository with settings of its own; return git's settings of the user."""
    repository = tmp_path / 'repository'
    subprocess.run(['git', 'init', '-q', str(repository)], check=True)
    for key, value in (
        ('sendemail.smtpServer', 'evil.example'),
        ('credential.helper', '!touch ../evil; echo password=x'),
    ):
        subprocess.run(['git', '-C', str(repository), 'config', key, value], check=True)
    monkeypatch.chdir(repository)
    monkeypatch.setenv('GIT_CONFIG_GLOBAL', str(tmp_path / 'gitconfig'))
    return tmp_path / 'gitconfig'


def test_nothing_says_how(git: Path) -> None:
    with pytest.raises(ConfigError, match='nothing says how to send mail'):
        chosen()


def test_git_of_the_user(git: Path) -> None:
    git.write_text(
        '[sendemail]\nsmtpServer = mail.example\nsmtpServerPort = 2525\nsmtpEncryption = tls\nsmtpUser = me\nsmtpPass = p\n'
        '[sendemail "bot"]\nsmtpUser = bot\n'
    )
    assert chosen() == Server('mail.example', 2525, 'starttls', 'me', 'p', 60.0)
    assert chosen(identity='bot').user == 'bot' and not Path('../evil').exists()


@pytest.mark.parametrize(
    'line', ['smtpServer = /usr/bin/msmtp', 'sendmailCmd = /usr/bin/msmtp -i', 'sendmailcmd = /usr/bin/msmtp']
)
def test_a_program_of_git(git: Path, line: str) -> None:
    git.write_text(f'[sendemail]\n{line}\n')
    assert chosen() == Command(('/usr/bin/msmtp', '-i'), engine.run_program)


def test_a_password_is_asked_of_the_user_s_helper(git: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    git.write_text('[credential]\nhelper = "!f() { grep -q host=mail.example && echo password=secret; }; f"\n')
    assert chosen(server='mail.example', user='me').password == 'secret'
    assert not Path('../evil').exists()
    git.write_text('')
    monkeypatch.setenv('GIT_TERMINAL_PROMPT', '0')
    monkeypatch.setenv('GIT_ASKPASS', 'true')
    with pytest.raises(ConfigError, match='no password'):
        chosen(server='mail.example', user='me')


def test_settings_of_our_own(tmp_path: Path) -> None:
    (tmp_path / 'password').write_text('secret\nnot this\n')
    made = chosen(server='mail.example', port=26, user='me', password_file=str(tmp_path / 'password'))
    assert made == Server('mail.example', 26, 'starttls', 'me', 'secret', 60.0)
    assert chosen(command=('msmtp', '-i')) == Command(('msmtp', '-i'), engine.run_program)


@pytest.mark.parametrize(
    ('other', 'said'),
    [
        ({'command': ('msmtp',), 'server': 'mail.example'}, 'two ways to send'),
        ({'server': 'mail.example', 'password_file': '/absent'}, 'cannot read the password'),
    ],
)
def test_mistakes(other: dict[str, Any], said: str) -> None:
    with pytest.raises(ConfigError, match=said):
        chosen(**other)


def test_a_real_program_takes_a_mail(tmp_path: Path) -> None:
    program = tmp_path / 'sendmail'
    program.write_text(f'#!/bin/sh\necho "$@" > {tmp_path}/words; cat > {tmp_path}/mail\n')
    program.chmod(0o700)
    carry = chosen(command=(str(program), '-i'))
    assert carry(b'Subject: x\n\n', 'b@x.example', ['a@y.example'], lambda: None).what == 'sent'
    assert (tmp_path / 'words').read_text() == '-i -f b@x.example -- a@y.example\n'
    assert (tmp_path / 'mail').read_bytes() == b'Subject: x\n\n'
    assert chosen(command=('/absent/program',))(b'', 'b@x.example', ['a@y.example'], lambda: None).what == 'refused'


def test_a_signature_that_patatt_takes(tmp_path: Path) -> None:
    patatt, signing = pytest.importorskip('patatt'), pytest.importorskip('nacl.signing')
    base64 = pytest.importorskip('nacl.encoding').Base64Encoder
    secret = signing.SigningKey.generate()
    key = tmp_path / 'key'
    key.write_bytes(secret.encode(encoder=base64))
    raw = post.mail(drafted(body='Grüße\n' * 3))
    made = post.signed(raw, f'ed25519:{key}', POST.address)
    assert made.partition(b'\n\n')[2] == raw.partition(b'\n\n')[2]
    public = tmp_path / 'keys' / 'ed25519' / 'bots.example' / 'lorebot'
    public.mkdir(parents=True)
    (public / 'default').write_bytes(secret.verify_key.encode(encoder=base64))
    checked = patatt.validate_message(made, [str(tmp_path / 'keys')])
    assert [one[0] for one in checked] == [patatt.RES_VALID]
    changed = patatt.validate_message(made.replace(b'Gr', b'gr'), [str(tmp_path / 'keys')])
    assert [one[0] for one in changed] != [patatt.RES_VALID]


def test_a_key_that_is_none() -> None:
    with pytest.raises(ConfigError, match='cannot sign the mail'):
        post.signed(post.mail(drafted()), 'ed25519:/absent', POST.address)
