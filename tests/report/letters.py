# SPDX-License-Identifier: GPL-2.0-or-later
"""The body of a mail of each kind, made of an authored report."""

from __future__ import annotations

from bot import report
from bot.model import Person, ReplyKind, Report, Told

BOT = Person('lorebot', 'lorebot@bots.example')
LINK = 'https://lore.kernel.org/r/'
TOLD = (
    Told('#lorebot resolve Q3: the cover letter of v2 explains it', 'done', ('Q3: open -> resolved, accepted',)),
    Told('#lorebot frobnicate Q4', 'refused', ('there is no command frobnicate; `help` lists them',)),
    Told('#lorebot status Q1', 'answered', ('Q1 open: "Why does a borrow need a bit of its own?"',)),
)
KINDS: tuple[ReplyKind, ...] = ('review', 'inline', 'lab', 'points', 'transcript', 'status')


def letter(found: Report, kind: ReplyKind = 'review', **other: object) -> str:
    told = TOLD[2:] if kind == 'status' else TOLD
    matter = report.Matter(kind, patch=3, own='own-1@bots.example', told=told)
    given = {'link': LINK, 'sender': report.Sender(BOT, 'owner@bots.example', '5d1c0a77'), **other}
    return report.render_letter(found, matter, **given)  # type: ignore[arg-type]
