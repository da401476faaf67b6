# SPDX-License-Identifier: GPL-2.0-or-later
"""Chained postings to Revisions: patches in order and ready for `git am`, what is missing, trailers, notes."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from email.utils import format_datetime, parsedate_to_datetime

from bot.lore import b4_adapter, headers
from bot.lore.b4_adapter import Prepared, Ready, Sheet
from bot.lore.characters import unseen
from bot.lore.diff import broken_hunk, files, preimages
from bot.lore.fates import fate
from bot.lore.hints import base_hints, change_id
from bot.lore.postings import Piece, plain_title
from bot.lore.tags import carried
from bot.lore.threads import ancestors
from bot.lore.versions import Chained
from bot.model import GitRunner, Message, Patch, Revision, Trailer
from bot.model.memory import current, kept, recalled

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Desk:
    """What all revisions are built with: mails, threads' roots, patch ids and replies' trailers by message-id, threads by root."""

    messages: Mapping[str, Message]
    roots: Mapping[str, str]
    patch_ids: Mapping[str, str]
    given: Mapping[str, Sequence[Trailer]]
    git: GitRunner
    threads: Mapping[str, Sequence[Message]]


def build(series: Sequence[Chained], desk: Desk) -> tuple[Revision, ...]:
    """Return the revisions of one series, oldest first."""
    done: list[Revision] = []
    for number, chained in enumerate(series, 1):
        revision = _revision(chained, number, desk)
        whole = _rerolled(revision, chained, done, series, desk)
        done.append(current().same('revision', whole.message_id, whole))
    return tuple(done)


def _revision(chained: Chained, number: int, desk: Desk) -> Revision:
    posting = chained.posting
    ids = ' '.join(desk.patch_ids.get(p.message_id) or '-' for p in posting.pieces)
    prepared = _prepared(chained.version, desk.git, ids, *posting.pieces)
    expected = max([posting.total, prepared.expected, *posting.patches])
    patches = tuple(
        _patch_of(posting.patches[at], expected, prepared, desk)
        for at in sorted(posting.patches)
        if posting.patches[at].diff
    )
    missing = tuple(sorted(set(range(1, expected + 1)) - {p.position for p in patches}))
    told = change_id(posting)
    became = fate(posting.pieces, desk.threads[desk.roots[posting.head.message_id]], desk.messages)
    told_of = [became, *posting.notes, *chained.notes, *_oddities(posting.patches, prepared)]
    cover = posting.cover
    return Revision(
        version=chained.version,
        posting=number,
        rfc=posting.rfc,
        resend=chained.resend,
        message_id=posting.head.message_id,
        cover=cover.message_id if cover else None,
        subject=posting.title,
        author=posting.author,
        date=posting.head.message.date,
        change_id=told[0] if told else None,
        patches=patches,
        expected=expected,
        missing=missing,
        base_hints=base_hints(posting),
        trailers=(*carried(cover), *desk.given.get(cover.message_id, ())) if cover else (),
        thread_root=desk.roots[posting.head.message_id],
        link=chained.link,
        notes=tuple(dict.fromkeys(n for n in told_of if n)),
        unusable='' if patches else 'none of its patches is at hand',
    )


@recalled
def _prepared(version: int, git: GitRunner, ids: str, *pieces: Piece) -> Prepared:
    """Have b4 and git put a posting together; `ids` are the patch ids of its pieces, `-` for none."""
    sheets = [_sheet(p, i.strip('-')) for p, i in zip(pieces, ids.split(), strict=True)]
    return kept('prepared', Prepared, (sheets, version), lambda: b4_adapter.prepare(sheets, version, git))


def _sheet(piece: Piece, patch_id: str) -> Sheet:
    message = piece.message
    return Sheet(
        message_id=piece.message_id,
        author=message.author,
        date=_stated_date(message),
        title=piece.subject.title,
        position=piece.subject.position,
        total=piece.subject.total,
        text=piece.text,
        patch_id=patch_id,
    )


def _stated_date(message: Message) -> str:
    """Return the author's date in his own time zone, which a commit keeps."""
    own = headers.zoned(headers.from_raw(message.raw, 'Date'))
    return format_datetime(own if own and own == message.date_claimed else message.date or _EPOCH)


def _oddities(patches: Mapping[int, Piece], prepared: Prepared) -> list[str]:
    notes: list[str] = []
    for at, piece in sorted(patches.items()):
        if not piece.diff:
            notes.append(f'patch {at} holds no diff')
        elif piece.message_id not in prepared.ready:
            notes.append(f'patch {at} could not be split by git mailinfo')
        if piece.diff and piece.text != piece.message.body:
            notes.append(f'patch {at} is an attachment')
        if piece.more:
            notes.append(f'patch {at}: more than one patch is attached; the other {piece.more} are not looked at')
        if broken := broken_hunk(piece.diff):
            notes.append(f'patch {at} is damaged: a hunk ends before its lines do ({broken})')
        if hidden := unseen(f'{piece.subject.title}\n{_prose(piece)}', piece.diff):
            notes.append(f'patch {at} has characters that do not show: {hidden}')
        if piece.message.flowed:
            notes.append(f'patch {at} is format=flowed: its lines may be broken')
        notes += [f'patch {at}: {note}' for note in piece.message.notes]
    return notes


def _prose(piece: Piece) -> str:
    return piece.text.partition(piece.diff[:40])[0] if piece.diff else piece.text


def _patch_of(piece: Piece, total: int, prepared: Prepared, desk: Desk) -> Patch:
    ready = prepared.ready.get(piece.message_id)
    return _patch(piece, total, ready, desk.patch_ids.get(piece.message_id, ''), *desk.given.get(piece.message_id, ()))


@recalled
def _patch(piece: Piece, total: int, known: Ready | None, patch_id: str, *given: Trailer) -> Patch:
    ready = known or _split(piece)
    return Patch(
        position=piece.subject.position,
        total=total,
        message_id=piece.message_id,
        subject=ready.title,
        author=ready.author,
        date=piece.message.date,
        commit_message=ready.message,
        notes=_notes(ready.rest),
        diff=piece.diff,
        files=files(piece.diff),
        preimages=preimages(piece.diff),
        patch_id=patch_id,
        am=_am(ready, piece),
        trailers=(*carried(piece), *given),
    )


def _split(piece: Piece) -> Ready:
    """Take a mail apart that git mailinfo cannot read."""
    above, _, below = piece.text.partition(piece.diff[:40])
    message, _, notes = above.partition('\n---\n')
    date = piece.message.date_claimed or piece.message.date or _EPOCH
    return Ready(
        piece.message.author, format_datetime(date), piece.subject.title, message.strip('\n'), f'{notes}{below}'
    )


def _notes(rest: str) -> str:
    """Return what stands between the --- and the diff, without the diffstat."""
    above = re.split(r'(?m)^(?:diff -|Index: |--- \S|GIT binary patch)', rest, maxsplit=1)[0]
    lines = above.removeprefix('---').strip('\n').split('\n')
    kept = [
        line
        for line in lines
        if not re.match(
            r' \S.*\|\s+(?:\d+|Bin)\b| \d+ files? changed| (?:create|delete|mode change|rename|copy|rewrite) ', line
        )
    ]
    return '\n'.join(kept).strip('\n')


def _am(ready: Ready, piece: Piece) -> bytes:
    """Return the mail for `git am`: it starts with From:, so git takes it for one mail whatever its text holds."""
    author = ready.author if '@' in ready.author.email else piece.message.author
    email = re.sub(r'[^!-~]|[<>]', '', author.email) or 'unknown@invalid'
    name = re.sub(r'[\x00-\x1f\x7f<>"\\]', '', author.name or email)
    message = ready.message
    if re.match(r'(?:From|Date|Subject):', message, re.I):
        # git would take these lines for headers a second time; one of our own before them ends that.
        message = f'From: "{name}" <{email}>\n\n{message}'
    head = [
        f'From: "{name}" <{email}>' if re.search(r'[^\w .-]', name) else f'From: {name} <{email}>',
        f'Date: {_date(ready.date)}',
        f'Subject: [PATCH] {_one_line(ready.title) or "(no subject)"}',
        'Content-Type: text/plain; charset=UTF-8',
        'Content-Transfer-Encoding: 8bit',
    ]
    text = '\n'.join([*head, '', message, '---', '', piece.diff])
    return text.encode('utf-8', 'replace')


def _one_line(text: str) -> str:
    return re.sub(r'[\x00-\x1f\x7f]+', ' ', text).strip()


def _date(stated: str) -> str:
    try:
        return format_datetime(parsedate_to_datetime(stated))
    except (ValueError, TypeError, IndexError, OverflowError):
        return format_datetime(_EPOCH)


def _rerolled(
    revision: Revision, chained: Chained, done: Sequence[Revision], series: Sequence[Chained], desk: Desk
) -> Revision:
    """Complete a posting that answers its predecessor with only some of the patches."""
    if not revision.patches or not done or chained.posting.cover is not None:
        return revision
    swapped = _swapped(revision, chained, done[-1], series[: len(done)], desk)
    if swapped is not None:
        kept = tuple(p for p in done[-1].patches if p.position != swapped.position)
        whole = replace(revision, expected=done[-1].expected, missing=done[-1].missing, patches=(swapped,))
        return _completed(whole, done[-1], {p.position: p for p in kept})
    if not revision.missing:
        return revision
    before = series[len(done) - 1]
    members = {*(p.message_id for p in before.posting.pieces), *(p.message_id for p in done[-1].patches)}
    for piece in chained.posting.patches.values():
        if _answered(piece, chained, desk) not in members or done[-1].expected != chained.posting.total:
            return revision
    taken = {p.position: p for p in done[-1].patches if p.position in revision.missing}
    return _completed(revision, done[-1], taken) if taken else revision


def _answered(piece: Piece, chained: Chained, desk: Desk) -> str | None:
    """Return the nearest mail above a patch that is not of its own posting."""
    own = {p.message_id for p in chained.posting.pieces}
    above = ancestors(piece.message, desk.messages)
    return next((m.message_id for m in above if m.message_id not in own), None)


def _swapped(
    revision: Revision, chained: Chained, before: Revision, series: Sequence[Chained], desk: Desk
) -> Patch | None:
    """Return the patch of a posting of one, at the place of the patch that it replaces, None when it is a whole.

    It was sent as an answer to that very patch, or into the talk below it, and has its title, or changes its files and is
    a direct answer. Where a series has no cover its first patch stands for all of it: who answers that posts a whole.
    """
    posting = chained.posting
    if posting.total > 1 or len(revision.patches) != 1 or before.expected < 2:
        return None
    mine, piece = revision.patches[0], next(iter(posting.patches.values()))
    patches = {p.message_id: p for one in series for p in one.posting.patches.values() if p is not one.posting.head}
    patches |= {p.head.message_id: p.head for p in (one.posting for one in series) if p.total == 1 and not p.cover}
    above = next((m.message_id for m in ancestors(piece.message, desk.messages) if m.message_id in patches), None)
    if above is None:
        return None
    old = patches[above]
    titles = (plain_title(mine.subject), plain_title(old.subject.title))
    target = next((p for p in before.patches if p.message_id == above), None) or next(
        (p for p in before.patches if plain_title(p.subject) in titles), None
    )
    if target is None:
        return None
    alike = titles[0] == titles[1] or (piece.message.parent == above and set(mine.files) & set(target.files))
    return replace(mine, position=target.position, total=target.total) if alike else None


def _completed(revision: Revision, before: Revision, taken: Mapping[int, Patch]) -> Revision:
    """Return a posting with the patches `taken` from the one before it."""
    patches = tuple(sorted([*revision.patches, *taken.values()], key=lambda p: p.position))
    what = (
        f'patch {min(taken)} is that' if len(taken) == 1 else f'patches {", ".join(map(str, sorted(taken)))} are those'
    )
    return replace(
        revision,
        subject=before.subject,
        change_id=revision.change_id or before.change_id,
        base_hints=revision.base_hints or before.base_hints,
        patches=patches,
        missing=tuple(at for at in revision.missing if at not in taken),
        partial_reroll=True,
        notes=(*revision.notes, f'only part was posted again: {what} of v{before.version}'),
    )
