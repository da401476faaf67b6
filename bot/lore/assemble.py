# SPDX-License-Identifier: GPL-2.0-or-later
"""Messages to threads and series: the room's last step, and the only one that needs git (patch ids, mailinfo)."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from bot.lore import b4_adapter, tags
from bot.lore.links import asked_for, chain
from bot.lore.postings import Posting, split
from bot.lore.revisions import Desk, build
from bot.lore.threads import assemble_threads, without_circles
from bot.lore.versions import Chained
from bot.model import GitRunner, Message, Revision, Series, Thread, Tie
from bot.model.memory import current, kept_all

_PULL = re.compile(r'(?i)\[[^\[\]]*\bpull\b')


@dataclass(frozen=True, slots=True)
class Assembly:
    """Threads by date; series with the one that was asked for first. `unusable` says why there is no series to review."""

    threads: tuple[Thread, ...]
    series: tuple[Series, ...]
    unusable: str


def assemble(messages: Sequence[Message], wanted: str | None, git: GitRunner, ties: Sequence[Tie] = ()) -> Assembly:
    """Make threads and series of messages; `wanted` is the message-id asked for, `ties` what was said by hand.

    The first series is the one that holds or discusses `wanted`, else the one with most postings, then most mails.
    """
    with current():
        return _assemble(messages, wanted, git, ties)


def _assemble(messages: Sequence[Message], wanted: str | None, git: GitRunner, ties: Sequence[Tie]) -> Assembly:
    ordered = without_circles(messages)
    threads = assemble_threads(ordered)
    postings = split(ordered)
    pieces = {p.message_id: p for posting in postings for p in posting.pieces}
    ids = _patch_ids(postings, git)
    chains = chain(postings, ordered, ids, ties)
    roots = {m.message_id: t.root for t in threads for m in t.messages}
    desk = Desk(
        {m.message_id: m for m in ordered},
        roots,
        ids,
        tags.given(ordered, pieces),
        git,
        {t.root: t.messages for t in threads},
    )
    first = _first(wanted, chains, desk)
    sizes = {t.root: len(t.messages) for t in threads}
    ranked = sorted(
        range(len(chains)), key=lambda i: (i != first, -len(chains[i]), -_mails(chains[i], roots, sizes), i)
    )
    series = tuple(_series(build(chains[i], desk)) for i in ranked)
    return Assembly(threads, series, _unusable(ordered, series, wanted))


def _patch_ids(postings: Sequence[Posting], git: GitRunner) -> dict[str, str]:
    pieces = [p for posting in postings for p in posting.patches.values()]
    found = kept_all('patch-id', [p.diff for p in pieces], lambda diffs: b4_adapter.patch_ids(diffs, git))
    return {p.message_id: patch_id for p, patch_id in zip(pieces, found, strict=True)}


def _first(wanted: str | None, chains: Sequence[Sequence[Chained]], desk: Desk) -> int | None:
    """Return the series that is asked for, else one that shares its thread."""
    found = asked_for(wanted or '', chains, desk.messages)
    root = desk.roots.get(wanted or '')
    if found is not None or root is None:
        return found
    return next(
        (i for i, c in enumerate(chains) if any(desk.roots[one.posting.head.message_id] == root for one in c)), None
    )


def _mails(chained: Sequence[Chained], roots: dict[str, str], sizes: dict[str, int]) -> int:
    return sum(sizes[root] for root in {roots[c.posting.head.message_id] for c in chained})


def _series(revisions: tuple[Revision, ...]) -> Series:
    newest = revisions[-1]
    change_id = next((r.change_id for r in reversed(revisions) if r.change_id), None)
    return Series(newest.subject, newest.author, change_id, revisions)


def _unusable(messages: Sequence[Message], series: Sequence[Series], wanted: str | None) -> str:
    if not messages:
        return 'no mail was found'
    if wanted is not None and all(m.message_id != wanted for m in messages):
        return f'the mail <{wanted}> is not among the {len(messages)} found'
    if not series:
        return f'none of the {len(messages)} mails is a patch or a cover letter{_instead(messages)}'
    return series[0].newest.unusable and f'of the series asked for {series[0].newest.unusable}'


def _instead(messages: Sequence[Message]) -> str:
    """Say what such mails are, where that can be told."""
    pulls = [m for m in messages if m.parent is None and _PULL.search(m.subject)]
    if pulls:
        return f': <{pulls[0].message_id}> asks to pull from a repository and carries no patches'
    broken = [m for m in messages if m.unusable]
    return f': of <{broken[0].message_id}>, {broken[0].unusable}' if broken else ''
