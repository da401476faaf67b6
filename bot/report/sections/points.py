# SPDX-License-Identifier: GPL-2.0-or-later
"""What became of reviewers' points in the newest posting, by the verdicts of the ledger; no scores and no blame.

"Not visible" is said of what the ledger looked for and did not find; where it could not look it says so.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from bot.model import Event, Ledger, Question
from bot.report.order import in_order_asked
from bot.report.persons import same_person
from bot.report.points_contexts import PointGroup, PointItem, PointsSection
from bot.report.sections.frame import Frame, version
from bot.report.words import anchor, counted, day, listed

_CLASSES = ('design', 'implementation', 'process', 'nit')
# So many are told one by one in plain text: the whole is to fit 60 lines (notes/questions.md 6.2), links and all.
_SHOWN = {'left': 5, 'unseen': 1, 'unrecorded': 2, 'unstated': 0}
_BRIEF = 64
_TITLES = {
    'left': 'not visible in {} (please check)',
    'unseen': 'open, and nothing to compare was found in {}',
    'unrecorded': 'answered on the list, not written down in {}',
    'unstated': 'changed in {}, not mentioned',
}
_SAID = {
    'promised-not-visible': 'promised, no sign of it in {}',
    'unaddressed': 'no reply, no change, no mention in {}',
    'answered-not-recorded': 'answered on the list; no change and no text in {}',
    'changed-not-stated': 'what it is about changed in {}, nobody says why',
    'verified': 'done in {}, and said so',
    'claimed': 'the changelog of {} says so',
    'unknown': 'what it is about cannot be found again in {}',
}
_FOUND = {
    'anchor-gone': 'changed the code that {} commented on',
    'near-anchor-gone': 'changed the code next to what {} commented on',
    'function-changed': 'changed the function that {} asked about',
    'patch-rewritten': 'rewrote the patch that {} commented on',
    'patch-dropped': 'dropped the patch that {} commented on',
    'name-adopted': 'took up a name that {} brought in',
    'name-gone': 'took out a name that {} asked about',
    'title-changed': 'changed the subject that {} commented on',
    'text-gone': 'took out a sentence that {} commented on',
    'text-gained': 'added text about what {} asked',
}
# A cover is written anew for every posting: that a sentence of it went is no change of the patches.
_IN_WORDS = ('text-gone', 'text-gained')
# Only what was found again as it stood can be said to have not changed.
_LOOKED = ('anchor-stays', 'patch-same')


def points_section(frame: Frame, whole: bool = False) -> PointsSection | None:
    """Return the section, None when there is but one posting; `whole` tells every point one by one in plain text."""
    earlier = [r for r in frame.report.series.revisions if r.posting < frame.newest.posting]
    ledger = frame.report.ledger
    if not earlier or ledger is None:
        return None
    points = in_order_asked(points_asked(frame))
    now = version(frame.newest)
    first, last = (version(r) if version(r) != now else f'{now} of {day(r.date)}' for r in (earlier[0], earlier[-1]))
    kinds = [(group_of(frame, q), q) for q in points]
    limits = dict.fromkeys(_SHOWN, len(points)) if whole else _SHOWN
    groups = tuple(_group(frame, name, kinds, now, limits[name]) for name in _TITLES)
    return PointsSection(
        version=now,
        before=first if len(earlier) == 1 else f'{first} to {last}',
        total=len(points),
        shown_count=sum(kind not in ('left', 'unseen') for kind, _ in kinds),
        left_count=sum(kind == 'left' for kind, _ in kinds),
        unseen_count=sum(kind == 'unseen' for kind, _ in kinds),
        groups=tuple(g for g in groups if g.count),
        settled=_settled([(kind, q) for kind, q in kinds if kind not in _TITLES]),
        possible=sum(q.tier == 'possible' and (q.posting_asked or 1) < frame.newest.posting for q in ledger.questions),
        coverage=coverage(ledger, frame.report.mail.messages),
    )


def points_asked(frame: Frame) -> list[Question]:
    """Return what others than the authors asked about earlier postings; what only may be a point is none."""
    asked = frame.report.ledger.questions if frame.report.ledger else ()
    revisions = frame.report.series.revisions
    authors = {r.author for r in revisions} | {p.author for r in revisions for p in r.patches}
    earlier = [q for q in asked if (q.posting_asked or 1) < frame.newest.posting]
    return [q for q in earlier if q.tier != 'possible' and not any(same_person(q.asker, a) for a in authors)]


def coverage(ledger: Ledger, own: int = 0) -> str:
    """Return what was read, in words: of one mail a ledger can say only what is open in it.

    `own` is how many mails stand in the threads of the series, 0 when that is not known: others came with the source.
    """
    read = counted(ledger.coverage.messages, 'mail')
    ghosts = len(ledger.coverage.ghosts)
    if ledger.coverage.messages == 1:
        read = 'one mail read: "open" means open in the mail at hand'
    read += '' if ledger.coverage.messages == 1 else ' read'
    if 0 < own < ledger.coverage.messages:
        read += f', {own} of them in the threads of this series'
    return read + (f', {ghosts} more known only by quotation' if ghosts else '')


def verdict(frame: Frame, q: Question) -> str:
    """Return what the newest posting did about an item, '' when nothing is said."""
    return next((v.verdict for v in reversed(q.verdicts) if v.revision == frame.newest.version), '')


def group_of(frame: Frame, q: Question) -> str:
    """Return the group of an item: what is settled has its state for a group."""
    if q.state in ('resolved', 'withdrawn', 'deferred') or q.qualifier == 'accepted':
        return q.state
    said = verdict(frame, q)
    if said in ('promised-not-visible', 'unaddressed'):
        return 'left'
    if said == 'changed-not-stated':
        return 'unstated'
    if q.state in ('open', 'contested'):
        return 'unseen' if said in ('', 'unknown') and q.state == 'open' else 'left'
    return 'unrecorded' if said == 'answered-not-recorded' else q.state


def pressing(frame: Frame, q: Question) -> tuple[int, int, int]:
    """Rank: asked again, refused, promised, unaddressed, then the rest; within them design first."""
    flags = ('re-asked' in q.flags, 'nak' in q.flags, verdict(frame, q) == 'promised-not-visible')
    rank = next((n for n, holds in enumerate(flags) if holds), len(flags))
    return (rank, verdict(frame, q) != 'unaddressed', _CLASSES.index(q.class_))


def _group(frame: Frame, name: str, kinds: Sequence[tuple[str, Question]], now: str, limit: int) -> PointGroup:
    found = sorted((q for kind, q in kinds if kind == name), key=lambda q: pressing(frame, q))
    rest = found[limit:]
    return PointGroup(
        name=name,
        title=_TITLES[name].format(now),
        points=tuple(_item(frame, q, now) for q in found),
        shown=limit,
        more=listed([q.id for q in in_order_asked(rest)]),
        count=len(found),
        ids=listed([q.id for q in in_order_asked(found)]),
    )


def _item(frame: Frame, q: Question, now: str) -> PointItem:
    last = q.answers[-1] if q.answers else None
    quoted = q.message_id is None or q.quote_depth > 0
    return PointItem(
        id=q.id,
        asker=q.asker.label,
        revision=f'v{q.revision_asked}' if q.revision_asked else '',
        said=_said(frame, q, now),
        evidence=next((v.evidence for v in reversed(q.verdicts) if v.revision == frame.newest.version), ''),
        text=q.text,
        brief=cut_words(q.text, _BRIEF),
        place=frame.places.mail(q.seen_in if quoted or not q.message_id else q.message_id, q.lines),
        answer=frame.places.mail(last.message_id, last.lines) if last else None,
        answered_by=last.author.label if last else '',
        anchor=anchor('point', q.id),
    )


def _said(frame: Frame, q: Question, now: str) -> str:
    marks = [{'re-asked': 'asked again', 'nak': 'refused over it'}[f] for f in ('re-asked', 'nak') if f in q.flags]
    if q.state == 'contested':
        marks.append('contested')
    told = _SAID.get(verdict(frame, q), 'still open in {}').format(now)
    return ', '.join([*marks, told])


def _settled(kinds: Sequence[tuple[str, Question]]) -> str:
    names: dict[str, int] = {}
    for kind, q in kinds:
        how = 'by the asker' if q.qualifier == 'accepted' else q.qualifier if kind == 'resolved' else kind
        names[how or kind] = names.get(how or kind, 0) + 1
    return ', '.join(f'{name} {count}' for name, count in sorted(names.items(), key=lambda n: (-n[1], n[0])))


def cut_words(text: str, columns: int) -> str:
    """Return the text, cut after a word when it is longer."""
    text = ' '.join(text.split())
    return text if len(text) <= columns else text[: columns - 3].rsplit(' ', 1)[0] + '...'


def changelog(frame: Frame) -> tuple[str, ...]:
    """Return a line for every point that changed and is told nowhere, or was answered and not written down.

    A line says what the patches show (lines gone, a name taken up), never that the point is met.
    """
    lines = []
    for q in in_order_asked(points_asked(frame)):
        said, signs = verdict(frame, q), _signs(frame, q)
        told = any(s.rule.startswith('changelog') and s.note.startswith('+') for s in signs)
        if said in ('verified', 'changed-not-stated') and not told:
            lines.append(_changed(frame, q, signs))
        elif said == 'answered-not-recorded' and any(s.rule in _LOOKED for s in signs):
            lines.append(_unchanged(frame, q))
    return tuple(line for line in lines if line)


def _signs(frame: Frame, q: Question) -> list[Event]:
    """Return the signs of the newest posting, the weightiest first."""
    mine = {frame.newest.message_id, *(p.message_id for p in frame.newest.patches)}
    found = [e for e in q.events if e.kind == 'sign' and e.message_id in mine]
    return sorted(found, key=lambda e: -_weight(e))


def _weight(sign: Event) -> float:
    number = re.match(r'[+-]\d+\.\d+', sign.note)
    return float(number[0]) if number else 0.0


def _changed(frame: Frame, q: Question, signs: Sequence[Event]) -> str:
    best = next((s for s in signs if s.rule in _FOUND and s.note.startswith('+')), None)
    if best is None:
        return ''
    position = next((p.position for p in frame.newest.patches if p.message_id == best.message_id), None)
    if position is None and best.rule in _IN_WORDS:
        return ''
    where = f'{frame.label(position)}: ' if position is not None and frame.newest.expected > 1 else ''
    name = best.note.partition(': ')[2] if best.rule in ('name-adopted', 'name-gone') else ''
    named = f' ({name})' if name else ''
    return f'{where}{_FOUND[best.rule].format(q.asker.label)}{named}: "{cut_words(q.text, 70)}"'


def _unchanged(frame: Frame, q: Question) -> str:
    last = q.answers[-1] if q.answers else None
    where = f', answered in {frame.places.url(last.message_id)}' if last else ''
    return f'no change for what {q.asker.label} asked: "{cut_words(q.text, 70)}"{where}'
