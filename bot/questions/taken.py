# SPDX-License-Identifier: GPL-2.0-or-later
"""Tells which patches of a posting were applied by the end of the mails at hand: for the queue, and for the report.

Promises the mail and the line that say so. Refuses an author's "applied" without a list of commits: he means a
suggestion; and what was said about another posting.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime

from bot.model import Message, Revision, Span, Taken
from bot.model.series import bare_subject
from bot.questions.taking import Taking, taking, unquoted

_START = datetime.min.replace(tzinfo=UTC)


def taken(posting: Revision, mails: Sequence[Message]) -> Taken | None:
    """Return what mails after the posting say was applied of it, None when nothing was, or all was taken out again."""
    held = {m.message_id: m for m in mails}
    inside: dict[int, tuple[Message, Taking]] = {}
    commits: dict[int, str] = {}
    for mail in _after(mails, posting.date or _START):
        said = taking(mail, unquoted(mail))
        if said is None or (_by_author(mail, posting) and not said.listed):
            continue
        about = _about(posting, mail, held)
        places = positions(said, posting, about) if about is not None else {}
        if said.kind == 'unapplied':
            inside = {p: told for p, told in inside.items() if p not in places}
        else:
            inside |= dict.fromkeys(places, (mail, said))
            commits |= places
    if not inside:
        return None
    mail, said = max(inside.values(), key=lambda told: ((told[0].date or _START), told[0].message_id))
    span = Span(mail.message_id, said.line, said.line)
    ids = tuple((p, commits[p]) for p in sorted(inside) if commits.get(p))
    return Taken(
        span, said.said, said.who or mail.author.label, mail.date, tuple(sorted(inside)), posting.expected, ids
    )


def positions(said: Taking, posting: Revision, about: str) -> Mapping[int, str]:
    """Return the positions of the posting that a mail about one of its mails speaks of, each with its commit if it is told.

    `about` is '' where the mail answers one that is not at hand: then only a list of titles tells.
    """
    every = {p.position: '' for p in posting.patches}
    if said.listed:
        return _named(said, posting)
    if said.part or not about:
        return {}
    if said.numbers:
        return {n: '' for n in said.numbers if n in every}
    single = next((p.position for p in posting.patches if p.message_id == about), None)
    if single is None or said.whole:
        return every
    return {single: ''}


def _named(said: Taking, posting: Revision) -> dict[int, str]:
    """Find the listed patches by title; by number only in a list of as many."""
    titles = {bare_subject(p.subject): p.position for p in posting.patches}
    found: dict[int, str] = {}
    for one in said.listed:
        position = titles.get(bare_subject(one.title))
        if position is None and one.total == posting.expected and one.number in titles.values():
            position = one.number
        if position is not None:
            found[position] = one.commit
    return found


def _about(posting: Revision, mail: Message, held: Mapping[str, Message]) -> str | None:
    """Return the mail of the posting that is nearest above, None when another mail at hand starts the thread.

    Where the mail that is answered is not at hand, the one of the same subject, or '' when there is none.
    """
    own = {posting.message_id, *(p.message_id for p in posting.patches)}
    at, entered = mail.parent, set[str]()
    while at is not None and at not in entered:
        if at in own:
            return at
        entered.add(at)
        at = held[at].parent if at in held else None
    if any(i in held for i in entered):
        return None  # it hangs below another mail that is at hand
    wanted = bare_subject(mail.subject)
    named = {bare_subject(posting.subject): posting.message_id}
    return ({bare_subject(p.subject): p.message_id for p in posting.patches} | named).get(wanted, '')


def _by_author(mail: Message, posting: Revision) -> bool:
    people = (posting.author, *(p.author for p in posting.patches))
    return mail.author in people or mail.author.name == posting.author.name


def _after(mails: Sequence[Message], since: datetime) -> list[Message]:
    """Return the replies after a moment, by date."""
    later = [m for m in mails if (m.date or _START) > since and m.parent]
    return sorted(later, key=lambda m: (m.date or _START, m.message_id))
