# SPDX-License-Identifier: GPL-2.0-or-later
"""Trailers with the posting and patch they belong to, and the open questions of who gave them.

States facts only: that a tag stands while a question of the same person is open (a wish does not count). No tag is ever
dropped or doubted here.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from bot.model import Question, Report, Revision, Trailer
from bot.report.order import in_order_asked, trailers_in_order
from bot.report.persons import same_person

_APPROVALS = ('reviewed-by', 'acked-by')


@dataclass(frozen=True, slots=True)
class Given:
    """`position` is 0 for the cover, None when the trailer was given to a mail that is no part of the posting."""

    trailer: Trailer
    posting: int
    position: int | None
    open_questions: tuple[str, ...]


def given_trailers(report: Report) -> list[Given]:
    """Return all trailers of all postings, by posting, patch, name and person."""
    waiting = open_questions(report)
    return [given for revision in report.series.revisions for given in _of_revision(revision, waiting)]


def open_questions(report: Report) -> list[Question]:
    """Return what is open or contested, in the order asked; what only may be a question is not counted."""
    asked = report.ledger.questions if report.ledger else ()
    return [q for q in in_order_asked(asked) if q.state in ('open', 'contested') and q.tier != 'possible']


def _of_revision(revision: Revision, waiting: list[Question]) -> Iterator[Given]:
    positions = {p.message_id: p.position for p in revision.patches}
    if revision.cover:
        positions[revision.cover] = 0
    unique = {*revision.trailers, *(t for p in revision.patches for t in p.trailers)}
    found = [
        Given(t, revision.posting, positions.get(t.given_to), tuple(_open_of(t, revision.posting, waiting)))
        for t in trailers_in_order(unique)
    ]
    yield from sorted(found, key=lambda g: (g.position is None, g.position or 0))


def _open_of(trailer: Trailer, posting: int, waiting: list[Question]) -> Iterator[str]:
    if trailer.name.lower() not in _APPROVALS or trailer.person is None:
        return
    for question in waiting:
        if (
            question.kind != 'request'
            and same_person(question.asker, trailer.person)
            and (question.posting_asked or 1) <= posting
            and not _came_later(question, trailer)
        ):
            yield question.id


def _came_later(question: Question, trailer: Trailer) -> bool:
    """A tag is not given over a question that its giver asked only afterwards."""
    return bool(question.date and trailer.date and question.date > trailer.date)
