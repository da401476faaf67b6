# SPDX-License-Identifier: GPL-2.0-or-later
"""Gathers what the rules look at: assemblies, ledgers and results, as they were known on the day asked for.

Ledgers are jobs like any others and are kept; of apply, check, build and boot only what the store already holds is used
(bot/triage/held.py).
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from fnmatch import fnmatchcase

from bot import plans, questions, shelf
from bot.desk import Desk, Step
from bot.errors import InfraError
from bot.model import Entry, Ledger, Outcome, Pace, Queue, Revision, Series, crashed
from bot.report import mails_of
from bot.shelf import Shelf
from bot.triage.facts import Facts
from bot.triage.held import held
from bot.triage.me import Me, known_as
from bot.triage.pace import pace_of, paces, told
from bot.triage.rules import RULES, reasons
from bot.triage.rules import told as rules_told

_START = datetime.min.replace(tzinfo=UTC)
_HALF = 0.5


def queue(desk: Desk, addresses: Sequence[str], as_of: datetime | None) -> Queue:
    """Return all series the store knows, in order, for the person of these addresses (none: for nobody in particular)."""
    kept, notes = shelf.kept(desk)
    shelves, lost = shelf.shelves(kept, desk, as_of)
    mails = {m.message_id: m for s in shelves for t in s.assembly.threads for m in t.messages}
    now = as_of or max((m.date for m in mails.values() if m.date), default=None)
    me = known_as(addresses, mails.values())
    measured = paces(mails.values(), desk.settings.questions.stale_days)
    entries = sorted(_entries(shelves, desk, as_of, now or _START, me, measured), key=_place)
    notes = [*notes, *lost, *_of_me(me)]
    return Queue(
        entries=tuple(replace(entry, number=n) for n, entry in enumerate(entries, 1)),
        as_of=now,
        addresses=me.addresses,
        names=me.names,
        rules=rules_told(me.anybody),
        paces=tuple(measured[name] for name in sorted(measured)),
        sources=len(kept),
        mails=len(mails),
        notes=tuple(notes),
    )


def _of_me(me: Me) -> Iterator[str]:
    if me.addresses and not me.names:
        yield f'no mail at hand is from {me.addresses[0]} or sent to it: nothing can wait on this address'


def _entries(
    shelves: Sequence[Shelf],
    desk: Desk,
    as_of: datetime | None,
    now: datetime,
    me: Me,
    measured: Mapping[str, Pace],
) -> Iterator[Entry]:
    found = list(_series(shelves))
    steps = [_ask(one, series, desk, as_of) for one, series in found]
    every = [series for _, series in found]
    for (one, series), step in zip(found, steps, strict=True):
        mails = mails_of(series, one.assembly.threads)
        results = list(held(series.newest.message_id, desk.store, as_of))
        pace = pace_of([name for m in mails if m.message_id == series.newest.message_id for name in m.lists], measured)
        facts = Facts(
            series=series,
            ledger=_finish(step, desk),
            mails=mails,
            results=results,
            me=me,
            now=now,
            pace=pace,
            maintained=_maintained(series.newest, desk.settings.user.maintains),
            taken=questions.taken(series.newest, mails),
            follower=_follower(series, every),
        )
        yield _entry(facts, one.command(series))


def _entry(facts: Facts, source: str) -> Entry:
    return Entry(
        number=0,
        series=facts.series,
        source=source,
        reasons=reasons(facts),
        last_mail=facts.last_mail,
        cold=facts.cold,
        pace=told(facts.pace),
        mails=len(facts.mails),
        results=tuple(facts.results),
        notes=tuple(_notes(facts)),
    )


def _notes(facts: Facts) -> Iterator[str]:
    if not facts.newest.complete:
        yield f'{len(facts.newest.patches)} of {facts.newest.expected} patches are at hand'
    if facts.taken is not None and not facts.taken.whole:
        yield f'{len(facts.taken.positions)} of {facts.taken.expected} patches were applied, a reply of {facts.taken.who} says'
    if facts.ledger.verdict.outcome is not Outcome.PASSED:
        yield f'its questions were not read: {facts.ledger.verdict.reason}'
    for result in facts.results:
        if result.verdict.outcome is Outcome.CRASHED:
            yield f'{result.stage} ended early: {result.verdict.reason}'
    if not facts.results:
        yield 'no result of apply, check, build or boot is held for the newest posting'


def _place(entry: Entry) -> tuple[int, bool, float, str]:
    """Within one rule: what still moves first, then the longest waiting; lists of what is over are newest first."""
    index = next(n for n, rule in enumerate(RULES) if rule.name == entry.rule)
    since = entry.reasons[0].since or entry.last_mail or _START
    order = (since - _START).total_seconds()
    return (index, entry.cold, -order if RULES[index].newest_first else order, entry.series.newest.message_id)


def _series(shelves: Iterable[Shelf]) -> Iterator[tuple[Shelf, Series]]:
    """Yield every series once, however many sources hold it."""
    seen: set[str] = set()
    for one in shelves:
        for series in one.assembly.series:
            posted = {r.message_id for r in series.revisions}
            if not posted & seen:
                yield one, series
            seen |= posted


def _ask(one: Shelf, series: Series, desk: Desk, as_of: datetime | None) -> Step:
    """Ask for the ledger of a series over its own threads: the same job as a review's when its source holds no other."""
    own = {m.message_id for m in mails_of(series, one.assembly.threads)}
    threads = tuple(t for t in one.assembly.threads if any(m.message_id in own for m in t.messages))
    job = plans.questions_job(threads, series, as_of, desk)
    return desk.start('questions', job, series.newest.message_id)


def _finish(step: Step, desk: Desk) -> Ledger:
    try:
        made: Ledger = desk.finish(step)
        return made
    except InfraError as lost:
        return Ledger(crashed(str(lost)))


def _maintained(newest: Revision, patterns: Sequence[str]) -> bool:
    paths = {path for patch in newest.patches for path in patch.files}
    return any(
        fnmatchcase(path, pattern) or path.startswith(pattern.rstrip('/') + '/')
        for path in paths
        for pattern in patterns
    )


def _follower(series: Series, every: Sequence[Series]) -> Series | None:
    """Return a later series that carries at least half of the newest posting's patches."""
    mine = series.newest.patches
    later = [s for s in every if s is not series and (s.newest.date or _START) > (series.newest.date or _START)]
    for other in sorted(later, key=lambda s: (s.newest.date or _START, s.newest.message_id)):
        theirs = other.newest.patches
        same = sum(any(_same(p.patch_id, p.subject, o.patch_id, o.subject) for o in theirs) for p in mine)
        if mine and same >= _HALF * len(mine):
            return other
    return None


def _same(patch_id: str, subject: str, other_id: str, other_subject: str) -> bool:
    return bool(patch_id and patch_id == other_id) or subject.lower() == other_subject.lower()


def narrowed(found: Queue, wanted: str) -> Queue:
    """Return the queue with the entries that a number, a message-id or a part of a subject names."""
    bare = wanted.strip('<>').lower()
    chosen = [e for e in found.entries if bare in (str(e.number), *_names(e))]
    chosen = chosen or [e for e in found.entries if bare in e.series.subject.lower()]
    return replace(found, entries=tuple(chosen))


def _names(entry: Entry) -> set[str]:
    posted: Iterable[Revision] = entry.series.revisions
    return {i.lower() for r in posted for i in (r.message_id, *(p.message_id for p in r.patches))} | {
        entry.source.lower(),
        (entry.series.change_id or '').lower(),
    }
