# SPDX-License-Identifier: GPL-2.0-or-later
"""What v(N+1) would leave open, told to its author before it is sent: its patches take their place behind the thread.

Promises the verdicts that the ledger would give on the day the patches are posted, and that nothing of them is kept.
Refuses the network unless an archive is named, and to guess: without an earlier posting there is nothing to compare.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from bot import __version__, intake, lore, pipeline, plans, report, shelf, stages
from bot.desk import Desk
from bot.errors import UnusableThread, UserError
from bot.model import Ledger, Message, RawMail, Report, Revision, Series, skipped
from bot.request import Request
from bot.shelf import Kept, Shelf

_START = datetime.min.replace(tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Reroll:
    """The review of the series as if the patches were posted; `notes` say what was taken for granted."""

    report: Report
    notes: tuple[str, ...]


def verify(v2: Request, series: str | None, network: bool, desk: Desk) -> Reroll:
    """Compare unsent patches with the earlier thread; raise `UserError` when either cannot be found."""
    source = lore.locate(v2.source, desk.settings.archive.url)
    if source.kind == 'archive':
        raise UserError('V2 is what was not sent yet', where=v2.source, todo='give the files of git format-patch')
    mine = lore.unsent(intake.fetch(source, v2, desk, keep=False))
    if mine is None:
        raise UnusableThread('there is no patch in it', where=v2.source, todo='give the files of git format-patch')
    thread, earlier, how = _earlier(mine, series, network, desk)
    version = mine.version or earlier.newest.version + 1
    raws, earlier, notes = _before(mine, version, thread, earlier)
    last = max((m.date for m in _mails(thread, raws) if m.date), default=_START)
    sent = lore.as_sent(mine, version, earlier.newest.message_id, last)
    wanted = lore.parse(sent, ())[0].message_id
    job = stages.Assemble((*raws, *sent), desk.settings.archive.prefer_lists, wanted, None)
    made: lore.Assembly = desk.finish(desk.start('assemble', job, wanted))
    whole = next((s for s in made.series if s.newest.message_id in {m.message_id for m in lore.parse(sent, ())}), None)
    if whole is None or len(whole.revisions) < 2:
        raise UserError(
            'these patches do not follow that series: neither title, author nor code agree',
            where=f'"{mine.subject}" after "{earlier.subject}"',
            todo='name the right one with --series, and give all patches',
        )
    asked = [f'the patches name no version: taken for v{version}'] if mine.version is None else []
    return Reroll(_reviewed(whole, made, desk), (*asked, how, *notes))


def _reviewed(series: Series, made: lore.Assembly, desk: Desk) -> Report:
    job = plans.questions_job(made.threads, series, None, desk)
    ledger: Ledger = desk.finish(desk.start('questions', job, series.newest.message_id))
    undone = [(stage.name, skipped('not asked for')) for stage in pipeline.STAGES if stage.name != 'questions']
    return report.compose(
        series=series,
        threads=made.threads,
        others=made.series[1:],
        verdicts=[*undone, ('questions', ledger.verdict)],
        ledger=ledger,
        tool=f'lorebot {__version__}',
    )


def _before(
    mine: lore.Unsent, version: int, thread: Shelf, earlier: Series
) -> tuple[tuple[RawMail, ...], Series, list[str]]:
    """Return the mails before a posting of that version, when it was posted meanwhile: its replies were not known."""
    raws = _about(earlier, thread)
    posted = next((r for r in earlier.revisions if _is(r, mine, version)), None)
    if posted is None or posted.posting == 1:
        return raws, earlier, []
    known = {m.message_id for m in _mails(thread, raws) if (m.date or _START) < (posted.date or _START)}
    kept = tuple(raw for raw in raws if any(m.message_id in known for m in lore.parse([raw], ())))
    older = Series(earlier.subject, earlier.author, earlier.change_id, earlier.revisions[: posted.posting - 1])
    return kept, older, [f'v{version} was posted already ({posted.message_id}): told as of the moment before']


def _about(series: Series, thread: Shelf) -> tuple[RawMail, ...]:
    """Return the mails of the conversations about a series: others on the same shelf have nothing to say here."""
    ids = {m for r in series.revisions for m in (r.message_id, r.cover, *(p.message_id for p in r.patches)) if m}
    wanted = {
        m.message_id
        for t in thread.assembly.threads
        if any(m.message_id in ids or ids.intersection(m.references) for m in t.messages)
        for m in t.messages
    }
    raws = (raw for one in thread.kept for raw in one.raws)
    return tuple(raw for raw in raws if any(m.message_id in wanted for m in lore.parse([raw], ())))


def _is(revision: Revision, mine: lore.Unsent, version: int) -> bool:
    same = (revision.version, revision.rfc, revision.resend) == (version, mine.rfc, mine.resend)
    return mine.version is not None and same


def _mails(thread: Shelf, raws: Sequence[RawMail]) -> list[Message]:
    there = {m.message_id for raw in raws for m in lore.parse([raw], ())} if raws else set()
    return [m for t in thread.assembly.threads for m in t.messages if m.message_id in there]


def _earlier(mine: lore.Unsent, series: str | None, network: bool, desk: Desk) -> tuple[Shelf, Series, str]:
    """Return the thread of the earlier postings, the series in it, and a sentence on how it was found."""
    if series is not None:
        thread = _named(series, network, desk)
        match = _follows(mine, thread)
        one = match[0] if match else thread.assembly.series[0]
        return thread, one, f'compared with "{one.subject}", as --series says'
    kept, _ = shelf.kept(desk)
    for thread in shelf.shelves(kept, desk, None)[0]:
        if (match := _follows(mine, thread)) is not None:
            return thread, match[0], f'compared with "{match[0].subject}", found by {match[1]}'
    raise UserError(
        'no series that the store remembers has this change-id, is answered by it, or has its author and title',
        where=f'"{mine.subject}" of {mine.author.label}',
        todo='name the thread of the earlier posting: --series SOURCE',
    )


def _named(series: str, network: bool, desk: Desk) -> Shelf:
    source = lore.locate(series, desk.settings.archive.url)
    if source.kind == 'archive' and not network and desk.store.source(source.key) is None:
        return _held(source.message_id or '', series, desk)
    raws = desk.store.source(source.key) if source.kind == 'archive' and not network else None
    kept = Kept(source, raws[1] if raws else intake.fetch(source, Request(series), desk))
    shelves, notes = shelf.shelves([kept], desk, None)
    if not shelves or not shelves[0].assembly.series:
        why = notes[0] if notes else shelves[0].assembly.unusable
        raise UnusableThread('no patch series in these mails', where=series, todo=why)
    return shelves[0]


def _held(message_id: str, series: str, desk: Desk) -> Shelf:
    """Return what the store remembers around a mail; the network is not asked."""
    for thread in shelf.shelves(shelf.kept(desk)[0], desk, None)[0]:
        if thread.assembly.series and any(t.get(message_id) for t in thread.assembly.threads):
            return thread
    raise UserError(
        'the store does not hold this thread, and the network is not asked without --archive',
        where=series,
        todo='give a file of it, or --archive https://lore.kernel.org/all',
    )


def _follows(mine: lore.Unsent, thread: Shelf) -> tuple[Series, str] | None:
    """Return the series of a thread that the patches follow: by change-id, by what they name, by author and title."""
    for one in thread.assembly.series:
        posted = {i for r in one.revisions for i in (r.message_id, *(p.message_id for p in r.patches))}
        tests = (
            (mine.change_id is not None and mine.change_id == one.change_id, 'its change-id'),
            (bool(mine.named & posted), 'a mail that the patches name'),
            (any(_titled(mine, r) for r in one.revisions), 'author and title'),
        )
        for holds, how in tests:
            if holds:
                return one, how
    return None


def _titled(mine: lore.Unsent, revision: Revision) -> bool:
    same = ' '.join(revision.subject.lower().split()) == ' '.join(mine.subject.lower().split())
    return same and mine.author.email == revision.author.email
