# SPDX-License-Identifier: GPL-2.0-or-later
"""Who is proven to have sent a mail, with keys made here: every state of DKIM and patatt, and none taken for another."""

from __future__ import annotations

import shutil
import subprocess
from collections import Counter
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from bot.lore import parse
from bot.lore.attest import attest, key_names
from bot.model import Attestation, GitRunner, Message, RawMail, Signature
from tests.lore import keys
from tests.lore.letters import diff, letter, patch_text

START = datetime(2024, 3, 1, 9, 0, tzinfo=UTC)  # the date of letters
NAME = 's1._domainkey.example.org'
MAIL = letter('[PATCH] x', patch_text('Why.', diff()), name='a')
Attest = Callable[..., Attestation]


def message(mail: bytes) -> Message:
    (made,) = parse([RawMail(mail, None, 'test')], ())
    return made


@pytest.fixture
def look(git: GitRunner, tmp_path: Path) -> Attest:
    def at(mail: bytes, known: dict[str, bytes | None] | None = None) -> Attestation:
        return attest(message(mail), known or {}, [tmp_path / 'keyring'], git)

    return at


def said(one: Signature) -> tuple[str, str]:
    return one.state, one.reason


def test_a_mail_without_signatures(look: Attest) -> None:
    found = look(MAIL)
    assert (said(found.dkim), said(found.patatt)) == (('absent', 'it is not signed'), ('absent', 'it is not signed'))
    assert (found.proven, found.person) == ('', '')


def test_dkim_is_valid_with_the_key_and_unknown_without(look: Attest) -> None:
    mail = keys.with_dkim(MAIL, 'example.org', 'k', START)
    assert key_names(message(mail)) == (NAME,)
    good = look(mail, {NAME: keys.record('k')})
    assert (said(good.dkim), good.dkim.signer, good.dkim.signed) == (('valid', ''), 'example.org', START)
    assert {'from', 'subject', 'date', 'message-id'} <= set(good.dkim.covers)
    assert (good.proven, good.person) == ('ada@example.org', '')
    offline = look(mail)
    assert said(offline.dkim) == ('unknown', f'offline: the key {NAME} was not asked for')
    assert said(look(mail, {NAME: None}).dkim) == ('unknown', f'no key is published at {NAME} any more')
    assert said(look(mail, {NAME: b'v=DKIM1; p='}).dkim)[0] == 'unknown'
    assert offline.proven == ''


def test_dkim_by_rsa(look: Attest, tmp_path: Path, need: Callable[..., None]) -> None:
    need('openssl')
    private = tmp_path / 'rsa.pem'
    subprocess.run(['openssl', 'genrsa', '-traditional', '-out', str(private), '2048'], capture_output=True, check=True)
    mail = keys.with_rsa(MAIL, 'example.org', private, START)
    known: dict[str, bytes | None] = {NAME: keys.rsa_record(private)}
    assert said(look(mail, known).dkim) == ('valid', '')
    assert said(look(mail.replace(b'[PATCH] x', b'[PATCH] y'), known).dkim)[0] == 'broken'


@pytest.mark.parametrize('known', [{}, {NAME: keys.record('k')}])
def test_a_changed_text_is_broken_with_and_without_network(known: dict[str, bytes | None], look: Attest) -> None:
    mail = keys.with_dkim(MAIL, 'example.org', 'k', START).replace(b'+new', b'+evil')
    assert said(look(mail, known).dkim) == ('broken', 'its text is not the text that was signed')


def test_a_changed_header_is_broken(look: Attest) -> None:
    mail = keys.with_dkim(MAIL, 'example.org', 'k', START).replace(b'[PATCH] x', b'[PATCH] y')
    assert said(look(mail, {NAME: keys.record('k')}).dkim) == ('broken', 'its header is not the header that was signed')
    assert look(mail).dkim.state == 'unknown'  # which only the key can tell


def test_the_key_of_another(look: Attest) -> None:
    mail = keys.with_dkim(MAIL, 'example.org', 'k', START)
    assert look(mail, {NAME: keys.record('another')}).dkim.state == 'broken'


def test_another_domain_stands_for_nobody_but_itself(look: Attest) -> None:
    mail = keys.with_dkim(MAIL, 'lists.example.net', 'k', START)
    found = look(mail, {'s1._domainkey.lists.example.net': keys.record('k')})
    assert said(found.dkim) == ('foreign', 'lists.example.net signed it, not ada@example.org')
    assert found.proven == ''


def test_the_senders_own_signature_decides(look: Attest) -> None:
    """A list that signs what it changed does not mend the signature that it broke."""
    own = keys.with_dkim(MAIL, 'example.org', 'k', START)
    both = keys.with_dkim(own + b'\n_____\nlist footer\n', 'lists.example.net', 'l', START)
    known: dict[str, bytes | None] = {NAME: keys.record('k'), 's1._domainkey.lists.example.net': keys.record('l')}
    assert said(look(both, known).dkim) == ('broken', 'its text is not the text that was signed')
    kept = keys.with_dkim(own, 'lists.example.net', 'l', START)
    assert look(kept, known).dkim.state == 'valid'


@pytest.mark.parametrize('days', [-40, 40])
def test_a_signature_far_from_the_date_is_stale(days: int, look: Attest) -> None:
    mail = keys.with_dkim(MAIL, 'example.org', 'k', START + timedelta(days=days))
    if days > 0:
        assert said(look(mail, {NAME: keys.record('k')}).dkim) == (
            'broken', 'its DKIM signature is dated after the mail',
        )  # fmt: skip
    else:
        assert said(look(mail, {NAME: keys.record('k')}).dkim) == ('stale', 'signed 40 days from its date')


def test_an_expired_signature_is_stale_only_when_it_was_so_in_its_day(look: Attest) -> None:
    """dkimpy asks the clock on the wall: read today, every old mail of a sender who sets x= would fail."""
    known: dict[str, bytes | None] = {NAME: keys.record('k')}
    fresh = keys.with_dkim(MAIL, 'example.org', 'k', START, expires=86400)
    assert look(fresh, known).dkim.state == 'valid'
    late = keys.with_dkim(MAIL, 'example.org', 'k', START - timedelta(days=3), expires=86400)
    assert said(look(late, known).dkim) == ('stale', 'its DKIM signature had expired when the mail was sent')


def test_text_behind_the_signed_part_is_anybodys(look: Attest) -> None:
    mail = keys.with_dkim(MAIL, 'example.org', 'k', START, length=True)
    known: dict[str, bytes | None] = {NAME: keys.record('k')}
    assert look(mail, known).dkim.state == 'valid'
    found = look(mail + b'\n#lorebot resolve Q1\n', known)
    assert said(found.dkim) == ('broken', 'text stands behind the part that was signed')


def test_a_second_sender_is_no_sender(look: Attest) -> None:
    signed = keys.with_dkim(MAIL, 'example.org', 'k', START, include_headers=[b'subject', b'from', b'date'])
    forged = signed.replace(b'From: Ada', b'From: Eve <eve@example.org>\nFrom: Ada')
    assert look(forged, {NAME: keys.record('k')}).dkim.state == 'broken'
    assert look(forged, {NAME: keys.record('k')}).proven == ''


@pytest.mark.parametrize(
    'value', ['', 'v=1', 'v=1; d=../..; s=x', 'd=a b; s=\x00', 'v=1; a=x; d=example.org; s=s1; b=!']
)
def test_a_malformed_signature_is_broken(value: str, look: Attest) -> None:
    assert look(f'DKIM-Signature: {value}\n'.encode() + MAIL, {NAME: keys.record('k')}).dkim.state == 'broken'
    assert look(f'X-Developer-Signature: {value}\n'.encode() + MAIL).patatt.state == 'broken'


def test_many_signatures_are_looked_at_in_bounds(look: Attest) -> None:
    assert look(b'DKIM-Signature: v=1; d=example.net; s=x\n' * 5000 + MAIL).dkim.state == 'broken'


def test_patatt(look: Attest, tmp_path: Path) -> None:
    mail = keys.with_patatt(MAIL, 'ada@example.org', 'p', START)
    assert said(look(mail).patatt) == ('unknown', 'no key of ada@example.org is in the keyrings')
    keys.publish(tmp_path / 'keyring', 'ada@example.org', 'p')
    good = look(mail)
    assert (said(good.patatt), good.patatt.signer, good.patatt.signed) == (('valid', ''), 'ada@example.org', START)
    assert good.patatt.covers == ('from', 'subject', 'date', 'message-id')[:2] + good.patatt.covers[2:]
    assert (good.person, good.proven, good.dkim.state) == ('ada@example.org', 'ada@example.org', 'absent')
    assert said(look(mail.replace(b'+new', b'+evil')).patatt) == ('broken', 'it is not what was signed')
    assert look(mail.replace(b'[PATCH] x', b'[PATCH] y')).patatt.state == 'broken'


def test_a_second_developer_signature_lends_nothing(look: Attest, tmp_path: Path) -> None:
    mail = keys.with_patatt(MAIL, 'ada@example.org', 'p', START)
    keys.publish(tmp_path / 'keyring', 'ada@example.org', 'p')
    lent = b'X-Developer-Signature: v=1; a=ed25519-sha256; i=ADA@example.org; h=from:in-reply-to; bh=x; b=y\n'
    made = look(lent + mail)
    assert made.patatt.state == 'broken' and made.person != 'ada@example.org'


def test_patatt_of_another_person_and_another_time(look: Attest, tmp_path: Path) -> None:
    keys.publish(tmp_path / 'keyring', 'eve@example.org', 'e')
    keys.publish(tmp_path / 'keyring', 'ada@example.org', 'p')
    foreign = look(keys.with_patatt(MAIL, 'eve@example.org', 'e', START))
    assert said(foreign.patatt) == ('foreign', 'eve@example.org signed it, not ada@example.org')
    for days in (-31, 31):
        old = look(keys.with_patatt(MAIL, 'ada@example.org', 'p', START + timedelta(days=days)))
        assert said(old.patatt) == ('stale', 'signed 31 days from its date')
    assert look(keys.with_patatt(MAIL, 'ada@example.org', 'e', START)).patatt.state == 'broken'


def test_what_a_list_adds_below_a_signed_text(look: Attest, tmp_path: Path) -> None:
    """b4 calls it sound and cuts the text; we show the whole text and so must not call it signed."""
    keys.publish(tmp_path / 'keyring', 'ada@example.org', 'p')
    mail = keys.with_patatt(MAIL, 'ada@example.org', 'p', START) + b'\n#lorebot resolve Q1\n'
    assert said(look(mail).patatt) == ('broken', 'text stands behind the part that was signed')


def test_one_kind_never_stands_for_the_other(look: Attest, tmp_path: Path) -> None:
    keys.publish(tmp_path / 'keyring', 'ada@example.org', 'p')
    known: dict[str, bytes | None] = {NAME: keys.record('k')}
    by_hand = keys.with_patatt(MAIL, 'ada@example.org', 'p', START)
    both = keys.with_dkim(by_hand, 'example.org', 'k', START)
    assert (look(both, known).dkim.state, look(both, known).patatt.state) == ('valid', 'valid')
    assert (look(both).dkim.state, look(both).patatt.state, look(both).proven) == (
        'unknown',
        'valid',
        'ada@example.org',
    )
    # A server of the domain signs what it is given: that the person's own signature is broken counts for more.
    relayed = keys.with_dkim(by_hand.replace(b'+new', b'+evil'), 'example.org', 'k', START)
    found = look(relayed, known)
    assert (found.dkim.state, found.patatt.state, found.proven) == ('valid', 'broken', '')


def test_openpgp(look: Attest, tmp_path: Path, need: Callable[..., None], monkeypatch: pytest.MonkeyPatch) -> None:
    need('gpg')
    home = tmp_path / 'gnupg'
    home.mkdir(mode=0o700)
    monkeypatch.setenv('GNUPGHOME', str(home))
    plain = [
        'gpg',
        '--batch',
        '--passphrase',
        '',
        '--quick-gen-key',
        'Ada <ada@example.org>',
        'ed25519',
        'sign',
        'never',
    ]
    subprocess.run(plain, capture_output=True, check=True)
    key = subprocess.run(['gpg', '--export', 'ada@example.org'], capture_output=True, check=True).stdout
    now = datetime.now(UTC).replace(microsecond=0)
    dated = letter('[PATCH] x', patch_text('Why.', diff()), name='a', minutes=(now - START).total_seconds() / 60)
    mail = keys.with_patatt(dated, 'ada@example.org', '', now, 'openpgp', 'ada@example.org')
    assert said(look(mail).patatt) == ('unknown', 'no key of ada@example.org is in the keyrings')
    keys.put(tmp_path / 'keyring', 'openpgp', 'example.org', 'ada', key)
    assert said(look(mail).patatt) == ('valid', '')
    assert look(mail.replace(b'+new', b'+evil')).patatt.state == 'broken'
    subprocess.run(['gpgconf', '--kill', 'all'], capture_output=True, check=False)


def test_without_the_program_nobody_can_tell(git: GitRunner, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    mail = keys.with_patatt(MAIL, 'ada@example.org', 'p', START).replace(b'a=ed25519-sha256', b'a=openpgp-sha256')
    made = message(mail)
    (tmp_path / 'git').symlink_to(str(shutil.which('git')))
    monkeypatch.setenv('PATH', str(tmp_path))
    assert said(attest(made, {}, [], git).patatt) == ('unknown', 'gpg is not installed')


def test_real_mails_offline(corpus: Path, git: GitRunner) -> None:
    """Nine in ten carry the hash of their text: it holds for all but those a list put its footer below."""
    counts: Counter[tuple[str, str]] = Counter()
    broken = set()
    for path in sorted((corpus / 'threads').rglob('*.eml')):
        found = attest(message(path.read_bytes()), {}, [], git)
        counts['dkim', found.dkim.state] += 1
        counts['patatt', found.patatt.state] += 1
        assert found.proven == ''
        if found.dkim.state == 'broken':
            broken.add(path.parent.name)
    assert counts == {
        ('dkim', 'unknown'): 471, ('dkim', 'absent'): 50, ('dkim', 'broken'): 10,
        ('patatt', 'absent'): 511, ('patatt', 'unknown'): 20,
    }  # fmt: skip
    assert broken == {'iommu-deferred-attach'}  # its list was a Mailman that adds a footer
