# SPDX-License-Identifier: GPL-2.0-or-later
"""The reply commands: draft a mail, see why it may not go out, let people judge it, and empty the outbox."""

from __future__ import annotations

import fcntl
import getpass
import logging
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import click

from bot import engine, pipeline, post, replies, report
from bot.cli.groups import Listing
from bot.cli.session import Common, desk, series_options
from bot.config import Settings, load
from bot.desk import Desk
from bot.errors import InfraError, UserError
from bot.model import Letter, LetterStep
from bot.post import letters, outbox
from bot.store import Outbox

_CONFIG = click.option(
    '--config', 'config_file', type=click.Path(path_type=Path), metavar='FILE', help='More settings.'
)
_ID = click.argument('name', metavar='ID')
_ALL = click.option(
    '--all', 'whole', is_flag=True, help='As --why, and every rule that allows it (so does lorebot -v).'
)
_SAID = {'held': 'waits', 'stopped': 'never'}


class Drafting(Listing):
    """Takes a first word that is none of its commands for the SOURCE of `draft`."""

    first = 'draft'


@click.group(cls=Drafting)
def reply(**_: object) -> None:
    """Draft mails about a series, approve them, and send what may go out.

    Nothing is sent but by `reply send`, and then only what the policy, a person and the gate allow. The options are those
    of `draft`, whose name may be left out. An ID may be cut short as long as one letter alone begins like it.
    """


@reply.command()
@click.argument('source')
@series_options
@click.option(
    '--kind',
    type=click.Choice(replies.OFFERED + replies.ANSWERS),
    default='review',
    show_default=True,
    help='What to write.',
)
@click.option(
    '--patch', type=int, default=0, metavar='N', help='The patch to remark on [the one with the worst finding].'
)
@click.option('--mail', default='', metavar='ID', help='The mail whose commands are answered [all of them].')
@click.option('--to-file', type=click.Path(path_type=Path), metavar='FILE', help='Write the mail there [stdout].')
@click.option('--why', is_flag=True, help='Tell who would get it and which rules are against it, instead of the mail.')
@_ALL
@click.option('--queue', is_flag=True, help='Put the mail into the outbox, dated now.')
def draft(
    source: str,
    common: Common,
    kind: str,
    patch: int,
    mail: str,
    to_file: Path | None,
    why: bool,
    whole: bool,
    queue: bool,
) -> int:
    """Draft a mail about the series that SOURCE names."""
    settings = common.settings()
    if queue and common.as_of:
        raise UserError('a mail of the past is not sent', where='--queue with --as-of', todo='leave one of them out')
    with desk(settings) as at:
        reviewed = pipeline.review(common.request(settings, source), at)
        if queue:
            replies.check_posted(reviewed)
        if why_not := replies.nothing(reviewed, kind, patch, mail):  # type: ignore[arg-type]
            click.echo(f'lorebot: nothing to say: {why_not}', err=True)
            return 0
        when = at.now() if queue else None
        if kind in replies.ANSWERS:
            made = replies.answers(reviewed, kind, mail, when)
        else:
            made = [replies.write(reviewed, kind, patch, when)]  # type: ignore[arg-type]
        queued = [_queue(one, at) if queue else '' for one in made]
    if to_file is not None and len(made) > 1:
        raise UserError(f'{len(made)} mails are to be answered', where='--to-file', todo='name one with --mail ID')
    for written, said in zip(made, queued, strict=True):
        _tell_draft(written, said, to_file, why or whole, whole)
    return 0


def _queue(written: replies.Written, at: Desk) -> str:
    """Put a mail into the outbox; return what became of it, and of the approval of one that it replaced."""
    before = next((one for one in at.letters() if one.id == written.draft.id), None)
    said = replies.enqueue(written, at, _me(at.settings))
    if before is None:
        return said
    if said == 'kept' and letters.state(before) != 'waiting':
        return f'kept as it is: {letters.state(before)}'
    after = next(one for one in at.letters() if one.id == written.draft.id)
    return said + _fallen(before, after.digest)


def _tell_draft(written: replies.Written, queued: str, to_file: Path | None, why: bool, whole: bool) -> None:
    if why:
        click.echo(
            report.tell_draft(written.draft) + report.tell_rulings(written.decision, whole or _verbose()), nl=False
        )
    elif queued:
        click.echo(f'{written.draft.id}: {queued}')
    elif to_file is None:
        click.echo(written.raw, nl=False)
    else:
        post.write(written.draft, to_file, written.raw)
        click.echo(to_file)
    for ruling in () if why else written.decision.against:
        click.echo(f'lorebot: not sent: {ruling.text}', err=True)


@reply.command('list')
@click.option('--all', 'every', is_flag=True, help='Those that went out or were turned down, too.')
@_CONFIG
def list_(every: bool, config_file: Path | None) -> int:
    """List the letters in the outbox: the state of each, who gets it, its subject."""
    with _box(config_file) as (_, box):
        for letter in box.letters():
            if every or letters.state(letter) not in ('sent', 'rejected'):
                click.echo(report.tell_letter(letter, letters.state(letter), letters.draft_of(letter)), nl=False)
    return 0


@reply.command()
@_ID
@click.option('--why', is_flag=True, help='Who gets it, which rules are against it now, and all that happened to it.')
@_ALL
@_CONFIG
def show(name: str, why: bool, whole: bool, config_file: Path | None) -> int:
    """Show a letter: the very bytes that would be sent."""
    with _box(config_file) as (at, box):
        letter = letters.find(box, name)
        if why or whole:
            decision = outbox.judge(replies.office(at, box, None), letter)
            told = report.tell_draft(letters.draft_of(letter)) + report.tell_rulings(decision, whole or _verbose())
            click.echo(told + report.tell_happened(letter), nl=False)
        else:
            click.echo(report.harmless(letter.raw), nl=False)
    return 0


@reply.command()
@_ID
@_CONFIG
def edit(name: str, config_file: Path | None) -> int:
    """Edit the text of a letter in $EDITOR; it has to be approved anew."""
    with _box(config_file) as (at, box):
        letter = letters.find(box, name)
        before = letters.draft_of(letter).body
        after = click.edit(before, extension='.txt', require_save=True)
        if after is None or after == before:
            click.echo('nothing was changed')
            return 0
        edited = letters.edit(box, letter, after, at.now(), _me(at.settings), replies.signer(at.settings))
        click.echo(f'{letter.id}: edited {edited.digest[:16]}{_fallen(letter, edited.digest)}')
    return 0


def _fallen(before: Letter, digest: str) -> str:
    """Return what other bytes took with them: approval and release are of the very bytes."""
    said = {(e.what, e.digest) for e in before.events}
    gone = [one for one in ('approved', 'released') if (one, before.digest) in said and (one, digest) not in said]
    return f'; it was {" and ".join(gone)}, and has to be anew' if gone else ''


@reply.command()
@click.argument('names', nargs=-1, required=True, metavar='ID...')
@_CONFIG
def approve(names: tuple[str, ...], config_file: Path | None) -> int:
    """Approve the very bytes of letters; an edit takes the approval with it."""
    return _tell(names, 'approved', '', config_file)


@reply.command()
@click.argument('names', nargs=-1, required=True, metavar='ID...')
@_CONFIG
def release(names: tuple[str, ...], config_file: Path | None) -> int:
    """Let letters go on that the moderators of a list saw."""
    return _tell(names, 'released', '', config_file)


@reply.command()
@_ID
@click.option('-m', '--message', default='', metavar='TEXT', help='Why not.')
@_CONFIG
def reject(name: str, message: str, config_file: Path | None) -> int:
    """Turn a letter down: it is never sent."""
    return _tell((name,), 'rejected', message, config_file)


@reply.command()
@_ID
@click.option('-m', '--message', required=True, metavar='TEXT', help='How you know that nobody got it.')
@_CONFIG
def again(name: str, message: str, config_file: Path | None) -> int:
    """Let a letter be sent though nobody knows whether it was, or a server refused it."""
    return _tell((name,), 'again', message, config_file)


@reply.command()
@click.option('--dry-run', is_flag=True, help='Say what would be done; nothing is sent or recorded.')
@_CONFIG
def send(dry_run: bool, config_file: Path | None) -> int:
    """Send what may go out now, each letter once; tell what waits, and why."""
    status = 0
    with _box(config_file) as (at, box), _alone(at.settings):
        if dry_run:
            for letter in box.letters():
                if letters.state(letter) == 'waiting':
                    decision = outbox.judge(replies.office(at, box, None), letter)
                    text = decision.against[0].text if decision.against else 'would be sent'
                    click.echo(f'{letter.id}: {decision.gate}: {text}')
            return 0
        for done in outbox.drain(replies.office(at, box, engine.run_program)):
            click.echo(f'{done.letter.id}: {_SAID.get(done.what, done.what)}: {done.note}'.rstrip(': '))
            status = status or int(done.what in ('unknown', 'refused'))
    return status


def _tell(names: tuple[str, ...], what: LetterStep, note: str, config_file: Path | None) -> int:
    with _box(config_file) as (at, box):
        for letter in [letters.find(box, name) for name in names]:
            letters.tell(box, letter, what, at.now(), _me(at.settings), note)
            click.echo(f'{letter.id}: {what} {letter.digest[:16]}')
    return 0


def _verbose() -> bool:
    return logging.getLogger().isEnabledFor(logging.INFO)


def _me(settings: Settings) -> str:
    return settings.user.address or getpass.getuser()


@contextmanager
def _box(config_file: Path | None) -> Iterator[tuple[Desk, Outbox]]:
    with desk(load(config_file).settings) as at, at.outbox() as box:
        yield at, box


@contextmanager
def _alone(settings: Settings) -> Iterator[None]:
    """Let one drain work at a time; the lock is the kernel's and ends with the process."""
    path = settings.log_dir / 'outbox.lock'
    with path.open('w') as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            raise InfraError('another lorebot is sending', where=str(path), todo='wait for it to end') from None
        yield
