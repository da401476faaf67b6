# SPDX-License-Identifier: GPL-2.0-or-later
"""Authored conversations: text files of mails, made into raw bytes and read by the lore room like any others."""

from __future__ import annotations

from base64 import encodebytes
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from email.utils import format_datetime
from pathlib import Path
from quopri import encodestring

from bot import lore, questions, trees
from bot.config import load
from bot.model import Ledger, Message, QuoteGraph, RawMail

HERE = Path(__file__).parent / 'talks'
PLAIN, QUOTED, BASE64 = '8bit', 'quoted-printable', 'base64'


@dataclass(frozen=True)
class Mail:
    """One authored mail; `encoding` and `crlf` are how its text travels."""

    message_id: str
    author: str
    date: datetime
    subject: str
    parent: str
    body: str
    encoding: str = PLAIN
    crlf: bool = False

    def raw(self, references: Sequence[str]) -> bytes:
        chain = ' '.join(f'<{r}>' for r in references)
        head = [
            f'From: {self.author}',
            'To: list@lists.example',
            f'Subject: {self.subject}',
            f'Date: {format_datetime(self.date)}',
            f'Message-ID: <{self.message_id}>',
            *([f'In-Reply-To: <{self.parent}>', f'References: {chain}'] if self.parent else []),
            'MIME-Version: 1.0',
            'Content-Type: text/plain; charset=utf-8',
            f'Content-Transfer-Encoding: {self.encoding}',
        ]
        text = self.body.encode()
        body = {PLAIN: text, QUOTED: encodestring(text), BASE64: encodebytes(text)}[self.encoding]
        whole = '\n'.join(head).encode() + b'\n\n' + body
        return whole.replace(b'\n', b'\r\n') if self.crlf else whole


def talk(name: str) -> list[Mail]:
    """Return the mails of one authored conversation."""
    out = []
    for part in (HERE / f'{name}.txt').read_text(encoding='utf-8').split('\n== '):
        head, _, body = part.removeprefix('== ').partition('\n')
        mid, author, date, subject, parent = ([f.strip() for f in head.split(' | ')] + [''])[:5]
        body = body if body.endswith('\n') else body + '\n'
        out.append(Mail(mid, author, datetime.fromisoformat(date).replace(tzinfo=UTC), subject, parent, body))
    return out


def raws(mails: Sequence[Mail]) -> list[RawMail]:
    parents = {m.message_id: m.parent for m in mails}
    return [RawMail(m.raw(_line_of_descent(m, parents)), None, 'authored') for m in mails]


def _line_of_descent(mail: Mail, parents: dict[str, str]) -> list[str]:
    chain: list[str] = []
    at = mail.parent
    while at and at not in chain:
        chain.append(at)
        at = parents.get(at, '')
    return chain[::-1]


def parsed(mails: Sequence[Mail]) -> tuple[Message, ...]:
    return lore.parse(raws(mails), ())


def graph(mails: Sequence[Mail]) -> QuoteGraph:
    return lore.quotes(parsed(mails))


def ledger(mails: Sequence[Mail] | Sequence[RawMail], as_of: datetime | None = None) -> Ledger:
    """Return the ledger of authored mails, by way of the lore room."""
    given = [m for m in mails if isinstance(m, RawMail)] or raws([m for m in mails if isinstance(m, Mail)])
    messages = lore.parse(given, ())
    made = lore.assemble(messages, None, trees.run)
    series = made.series[0] if made.series else None
    return questions.ask(made.threads, series, lore.quotes(messages), load().settings.questions, as_of)


def each(mails: Sequence[Mail], change: Callable[[str], str], replies_only: bool = True) -> list[Mail]:
    """Return the mails with their texts changed; patches stay as they are unless asked for."""
    return [replace(m, body=change(m.body)) if 'Re:' in m.subject or not replies_only else m for m in mails]


def shown(ledger: Ledger) -> str:
    """Return a ledger as a person reads it: one paragraph an item, its events below."""
    out = []
    for q in ledger.questions:
        settled = f', settled by posting {q.posting_settled}' if q.posting_settled else ''
        out.append(f'{q.id} {q.kind} ({q.tier}, {q.class_}) {q.asker.label} -> {", ".join(q.to)}')
        out.append(f'    "{q.text}"')
        out.append(
            f'    {q.state} {q.qualifier}{settled}; waits on {q.waiting_on or "nobody"}; {" ".join(q.flags) or "-"}'
        )
        out += [f'    v{v.revision} {v.verdict}' for v in q.verdicts]
        out += [
            f'    {e.kind:20} {e.message_id} {e.lines[0]}-{e.lines[1]} {e.rule}' for e in q.events if e.kind != 'asked'
        ]
        out.append('')
    notes = ledger.coverage.notes
    out.append(
        f'{ledger.coverage.messages} mails, {len(ledger.coverage.ghosts)} ghosts; {"; ".join(notes) or "no notes"}'
    )
    return '\n'.join(out) + '\n'
