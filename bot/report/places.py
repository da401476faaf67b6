# SPDX-License-Identifier: GPL-2.0-or-later
"""Where a statement can be checked: lines of a mail, a line of code at a commit, lines of a patch.

Addresses of mails are made here and nowhere else, from the configured base and the percent-encoded message-id."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Annotated
from urllib.parse import quote

from bot.errors import ConfigError
from bot.model import Span
from bot.report.words import told


@dataclass(frozen=True, slots=True)
class MailPlace:
    """Lines of a mail, or a whole mail."""

    message_id: Annotated[str, 'message-id without angle brackets']
    url: Annotated[str, 'where an archive shows the mail']
    lines: Annotated[str, '"line 4" or "lines 4-9" of its text; empty for the whole mail']


@dataclass(frozen=True, slots=True)
class CodePlace:
    """A line of a file, at a commit where one is known."""

    text: Annotated[str, 'file:line@commit, the commit cut to 12 digits']
    plain: Annotated[str, 'file:line alone; several lines are "12,15"']
    file: Annotated[str, 'path from the top of the tree']
    line: Annotated[int, 'first line, from 1']
    commit: Annotated[str, 'commit cut to 12 digits; empty when none is known']


@dataclass(frozen=True, slots=True)
class Quote:
    """Lines of a patch as they stand there; a format may prefix them, never wrap them."""

    lines: Annotated[tuple[str, ...], 'the lines, tabs and blanks kept']
    place: Annotated[MailPlace | None, 'the mail they stand in']


@dataclass(frozen=True, slots=True)
class Places:
    """Makes places of one report: `link` is put before message-ids, `commits` maps patch positions to commits."""

    link: str
    commits: tuple[tuple[int | None, str], ...] = ()

    def __post_init__(self) -> None:
        if not self.link.startswith(('https://', 'http://')):
            raise ConfigError(
                'links to mails need a web address',
                where=f'archive.link = {self.link!r}',
                todo='start it with https://',
            )

    def mail(self, message_id: str, lines: tuple[int, int] | None = None) -> MailPlace:
        return MailPlace(message_id, self.url(message_id), told(lines))

    def span(self, span: Span | None) -> MailPlace | None:
        return self.mail(span.message_id, (span.first, span.last)) if span else None

    def url(self, message_id: str) -> str:
        """Return the address of a mail; `@` stays as it is, as on every list (RFC 3986 allows it in a path)."""
        text = message_id.encode('utf-8', 'replace').decode('utf-8')
        return f'{self.link.rstrip("/")}/{quote(text, safe="@")}'

    def code(self, file: str, line: int | Sequence[int], patch: int | None) -> CodePlace:
        """Return the place of lines in the tree as it is after that patch (None: after the last, 0: the base)."""
        commit = dict(self.commits).get(patch, '')[:12]
        lines = [line] if isinstance(line, int) else sorted(set(line))
        plain = f'{file}:{",".join(str(n) for n in lines)}'
        return CodePlace(plain + (f'@{commit}' if commit else ''), plain, file, lines[0], commit)
