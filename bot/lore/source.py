# SPDX-License-Identifier: GPL-2.0-or-later
"""What SOURCE names: a message-id, an archive's URL, a file, a directory, standard input or a git range.

Promises to read nothing of a file but its first bytes and to touch no network. Refuses, with one sentence each,
message-ids that no archive could hold, URLs that name no mail, and files that are no mail.
"""

from __future__ import annotations

import gzip
import re
import zlib
from dataclasses import dataclass
from pathlib import Path
from typing import Literal
from urllib.parse import unquote, urlsplit

from bot.errors import UnknownSource
from bot.lore.flat import flattened
from bot.lore.headers import is_message_id

Kind = Literal['archive', 'epoch', 'mbox', 'maildir', 'folder', 'mail', 'stdin', 'range']

FOLDER_SUFFIXES = ('.eml', '.patch')
KEPT_KINDS: tuple[Kind, ...] = ('mbox', 'maildir', 'folder', 'mail')
"""Files and directories of mail that stay where they are. An epoch is a whole list, standard input is gone once read."""
_LORE = 'https://lore.kernel.org/all'
# Hosts that only redirect to lore, and lore itself: all of them answer for every list below /all.
_LORE_HOSTS = ('lore.kernel.org', 'lkml.kernel.org', 'patch.msgid.link', 'msgid.link')
_RANGE = re.compile(r'(?!-)[^\s\x00-\x1f\x7f~^:?*\[\\]*[~^\w]*\.\.\.?(?!-)[^\s\x00-\x1f\x7f:?*\[\\]*')


@dataclass(frozen=True, slots=True)
class Source:
    """One SOURCE, understood. `key` changes when the file it names does; `where` is the base URL, path or range."""

    kind: Kind
    key: str
    message_id: str | None
    where: str


def locate(source: str, archive: str) -> Source:
    """Tell what SOURCE names; `archive` is the base URL where a bare message-id is looked up. Raise `UnknownSource`."""
    if source == '-':
        return Source('stdin', 'stdin', None, '-')
    if re.match(r'https?://', source, re.I):
        return _from_url(source, archive)
    path = _existing(source)
    if path is not None:
        return _from_path(path)
    if _meant_as_path(source):
        raise UnknownSource('there is no such file', where=_shown(source), todo='check the path')
    bare = source.removeprefix('<').removesuffix('>')
    if ('@' in bare and '@{' not in bare) or bare != source:
        return _archived(bare, archive)
    if _RANGE.fullmatch(source) and source not in ('..', '...'):
        return Source('range', f'range:{source}', None, source)
    raise UnknownSource(
        'SOURCE names nothing known',
        where=_shown(source),
        todo='give a message-id, an archive URL, an mbox, a mail, a maildir, a directory of .eml files, - or A..B',
    )


def recall(key: str) -> Source | None:
    """Return the source that a key of the store was made of, None for one that cannot be read again."""
    kind, _, rest = key.partition(':')
    if kind == 'archive':
        base, _, message_id = rest.partition('#')
        return Source('archive', key, message_id, base)
    for known in KEPT_KINDS:
        if kind == known:
            return Source(known, key, None, rest.rpartition(':')[0])
    return None


def same_place(key: str, other: str) -> bool:
    """Tell whether two keys are of one file or directory, at different times."""
    one, two = recall(key), recall(other)
    return one is not None and two is not None and one.where == two.where and one.message_id == two.message_id


def _shown(text: str) -> str:
    return ascii(text[:120])[1:-1]


def _archived(message_id: str, base: str) -> Source:
    if not is_message_id(message_id):
        raise UnknownSource(
            'this is not a message-id', where=_shown(message_id), todo='give it as it stands in the Message-ID header'
        )
    base = base.rstrip('/')
    if not re.match(r'https?://[^/\s]', base):
        raise UnknownSource('the archive is no http URL', where=_shown(base), todo='check --archive or archive.url')
    return Source('archive', f'archive:{base}#{message_id}', message_id, base)


def _from_url(url: str, archive: str) -> Source:
    try:
        parts = urlsplit(url)
        host, _ = (parts.hostname or '').lower(), parts.port
    except ValueError:
        raise UnknownSource('this URL cannot be read', where=_shown(url), todo='check it') from None
    if parts.username is not None or not host:
        raise UnknownSource(
            'a URL with a user name, or without a host, is no archive', where=_shown(url), todo='take it out'
        )
    segments = [s for s in parts.path.split('/') if s]
    at = next((i for i, s in enumerate(segments) if '@' in unquote(s)), None)
    if at is None:
        raise UnknownSource(
            'this URL names no mail: no part of its path is a message-id',
            where=_shown(url),
            todo='copy the permalink of the mail',
        )
    if host in _LORE_HOSTS:
        # A slash in a message-id should come as %2F; people paste it as it is. Only lore's list names are known well
        # enough (one segment) to put such an id together again.
        first = 1 if host in ('lore.kernel.org', 'lkml.kernel.org') and at > 0 else 0
        return _archived(unquote('/'.join(segments[first : at + 1])), _lore_base(host, segments, at))
    if 'patch' in segments[:at]:  # Patchwork: names the mail, but is no archive
        return _archived(unquote(segments[at]), archive)
    lead = [s for s in segments[:at] if s != 'r']
    return _archived(unquote(segments[at]), '/'.join([f'{parts.scheme}://{parts.netloc}', *lead]))


def _lore_base(host: str, segments: list[str], at: int) -> str:
    if host == 'lore.kernel.org' and at > 0 and segments[0] not in ('r', 'all'):
        return f'https://lore.kernel.org/{segments[0]}'
    return _LORE


def _existing(source: str) -> Path | None:
    try:
        path = Path(source).expanduser()
        return path if source and path.exists() else None
    except (OSError, ValueError, RuntimeError):
        return None


def _meant_as_path(source: str) -> bool:
    return source.startswith(('/', './', '../', '~')) or source.endswith(('.mbox', '.mbx', '.gz', *FOLDER_SUFFIXES))


def _from_path(path: Path) -> Source:
    where = str(path.resolve())
    if path.is_dir():
        holds = _directory_kind(path)
        return Source(holds, f'{holds}:{where}:{_directory_state(path, holds)}', None, where)
    try:
        with path.open('rb') as file:
            head = file.read(65536)
    except OSError as failure:
        raise UnknownSource(f'cannot read the file: {failure.strerror}', where=path.name, todo='check it') from None
    kind = kind_of(unpacked_head(head))
    if kind is None:
        raise UnknownSource(
            'this file is no mail and no mbox',
            where=path.name,
            todo='an mbox starts with a "From " line, a mail with a header',
        )
    state = path.stat()
    return Source(kind, f'{kind}:{where}:{state.st_size}-{state.st_mtime_ns}', None, where)


def unpacked_head(head: bytes) -> bytes:
    """Return the first bytes of what a gzip file holds; other bytes come back as they are."""
    if head[:2] != b'\x1f\x8b':
        return head
    try:
        return zlib.decompressobj(16 + zlib.MAX_WBITS).decompress(head, 4096)
    except (zlib.error, gzip.BadGzipFile):
        return b''


def kind_of(head: bytes) -> Literal['mbox', 'mail'] | None:
    """Tell by its first bytes whether data is an mbox or one mail; None when it is neither."""
    head = head.lstrip(b'\r\n')
    if flattened(head):
        return 'mail'
    if re.match(rb'From [^\n]*\n(?:>?From |[!-9;-~]{1,200}:)', head):
        return 'mbox'
    return 'mail' if re.match(rb'[!-9;-~]{1,200}:', head) else None


def _directory_kind(path: Path) -> Literal['epoch', 'maildir', 'folder']:
    if (path / 'HEAD').is_file() and (path / 'objects').is_dir() and (path / 'refs').is_dir():
        return 'epoch'
    if (path / 'cur').is_dir() and (path / 'new').is_dir():
        return 'maildir'
    if any(p.suffix in FOLDER_SUFFIXES for p in path.iterdir()):
        return 'folder'
    if any((path / 'git').glob('*.git')):
        raise UnknownSource(
            'this is a whole public-inbox', where=path.name, todo='give one of its epochs, such as git/0.git'
        )
    boxes = sorted(p.name for p in path.iterdir() if p.name.endswith(('.mbox', '.mbox.gz', '.mbx')) or p.name == 'mbox')
    if boxes:
        raise UnknownSource(
            f'a directory of mboxes is no one conversation; it has {len(boxes)}',
            where=path.name,
            todo=f'give one of them, such as {_shown(f"{path.name}/{boxes[0]}")}',
        )
    inside = sorted(
        p.name for p in path.iterdir() if p.is_dir() and any(q.suffix in FOLDER_SUFFIXES for q in p.iterdir())
    )
    if inside:
        raise UnknownSource(
            f'no mail in this directory itself, but in {len(inside)} below it',
            where=path.name,
            todo=f'give one of them, such as {_shown(f"{path.name}/{inside[0]}")}',
        )
    raise UnknownSource(
        'no mail in this directory', where=path.name, todo='give a maildir, .eml files or a public-inbox epoch'
    )


def _directory_state(path: Path, kind: str) -> str:
    watched = {
        'epoch': ('HEAD', 'packed-refs', 'refs/heads/*'),
        'maildir': ('cur/*', 'new/*'),
        'folder': tuple(f'*{s}' for s in FOLDER_SUFFIXES),
    }[kind]
    files = sorted(p for pattern in watched for p in path.glob(pattern) if p.is_file())
    stats = '\n'.join(f'{p.relative_to(path)} {p.stat().st_size} {p.stat().st_mtime_ns}' for p in files)
    return f'{len(files)}-{zlib.crc32(stats.encode("utf-8", "surrogateescape")):08x}'
