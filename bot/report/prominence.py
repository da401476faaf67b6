# SPDX-License-Identifier: GPL-2.0-or-later
"""Which open points a reader sees first.

Those that wait on him; those of the newest posting, and older ones that were asked again, refused or promised; the others.
Last come the points of people who gave their tag to a posting afterwards: they are told with that fact, never dropped, as
a tag for one patch says nothing of a question about another.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence

from bot.model import Question, Report, Revision, Trailer
from bot.report.persons import same_person

_PRESSING = ('re-asked', 'nak', 'promised')
_CONSENT = {'reviewed-by': 'reviewed', 'acked-by': 'acked'}


def prominence(question: Question, report: Report, reader: Collection[str] = ()) -> tuple[bool, bool, bool, int]:
    """Return a key to sort by, what comes first smallest; `reader` are the names that a ledger may give the reader."""
    older = (question.posting_asked or 1) < report.series.newest.posting and not set(_PRESSING) & set(question.flags)
    return (bool(consent(question, report)), question.waiting_on not in reader, older, pressing(question))


def pressing(question: Question) -> int:
    """Rank: asked again, refused, promised and not seen, not addressed by a revision; then all others."""
    for rank, flag in enumerate(_PRESSING):
        if flag in question.flags:
            return rank
    return len(_PRESSING) + (not any(v.verdict == 'unaddressed' for v in question.verdicts))


def consent(question: Question, report: Report) -> str:
    """Return "Jane Doe acked v7 since", with the patches where it was not the whole; '' when the asker gave no later tag.

    A tag in the patches as posted counts from the first posting that has it: its author may only have carried it on.
    """
    postings = report.series.revisions
    known = {key for r in postings if r.posting <= (question.posting_asked or 1) for key in _carried(r)}
    for revision in reversed(postings):
        if revision.posting < (question.posting_asked or 1):
            break
        given = [t for t in _tags(revision) if _is_later(t, question, known)]
        if given:
            verb = 'acked' if any(t.name.lower() == 'acked-by' for t in given) else 'reviewed'
            return f'{question.asker.label} {verb} {_what(revision, given)} since'
    return ''


def _tags(revision: Revision) -> list[Trailer]:
    unique = {*revision.trailers, *(t for patch in revision.patches for t in patch.trailers)}
    return [t for t in unique if t.name.lower() in _CONSENT and t.person is not None]


def _carried(revision: Revision) -> set[tuple[str, str]]:
    return {(t.name.lower(), t.value) for t in _tags(revision) if t.carried}


def _is_later(trailer: Trailer, question: Question, known: Collection[tuple[str, str]]) -> bool:
    if trailer.person is None or not same_person(trailer.person, question.asker):
        return False
    if trailer.carried and (trailer.name.lower(), trailer.value) in known:
        return False
    return bool(trailer.date and question.date and trailer.date > question.date)


def _what(revision: Revision, given: Sequence[Trailer]) -> str:
    """Return "v7", or "patches 2, 3 of v7" where not the cover nor every patch got the tag."""
    positions = {patch.message_id: patch.position for patch in revision.patches}
    got = sorted({positions[t.given_to] for t in given if t.given_to in positions})
    whole = any(t.given_to == revision.cover for t in given) or len(got) >= revision.expected or not got
    if whole:
        return f'v{revision.version}'
    return f'patch{"es" if len(got) > 1 else ""} {", ".join(map(str, got))} of v{revision.version}'
