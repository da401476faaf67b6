# SPDX-License-Identifier: GPL-2.0-or-later
"""Trailers of the newest posting, patch by patch, with what does not fit: facts for a reader, never a verdict."""

from __future__ import annotations

from collections.abc import Iterator

from bot.model import Patch, Revision, Series, Trailer
from bot.report.contexts import TrailerGroup, TrailerItem, TrailersSection
from bot.report.persons import same_person
from bot.report.sections.frame import Frame
from bot.report.trailers import Given, given_trailers

_CONSENT = ('reviewed-by', 'acked-by', 'tested-by')
# Who is copied and where things are linked is no consent; who wrote a patch together with others is told.
_NO_TAGS = ('cc', 'to', 'link', 'change-id', 'base-commit', 'message-id', 'prerequisite-patch-id')


def trailers_section(frame: Frame) -> TrailersSection:
    newest = frame.newest.posting
    given = given_trailers(frame.report)
    kept = {(g.trailer.name.lower(), g.trailer.value) for g in given if g.posting == newest}
    lost = {
        (g.trailer.name.lower(), g.trailer.value)
        for g in given
        if g.posting != newest and not g.trailer.carried and g.trailer.person
    }
    return TrailersSection(
        groups=tuple(_groups(frame, [g for g in given if g.posting == newest])), earlier=len(lost - kept)
    )


def _groups(frame: Frame, given: list[Given]) -> Iterator[TrailerGroup]:
    for position in sorted({g.position for g in given if g.position is not None}):
        items = tuple(_item(frame, g) for g in given if g.position == position and _tells(frame, g))
        patch = frame.patch(position)
        place = frame.patch_place(position) or frame.places.mail(frame.newest.message_id)
        if items:
            yield TrailerGroup(frame.label(position), patch.subject if patch else frame.newest.subject, place, items)


def _tells(frame: Frame, given: Given) -> bool:
    """The author's own sign-off is on every patch; it tells something only where it does not match."""
    trailer = given.trailer
    if trailer.name.lower() in _NO_TAGS:
        return False
    patch = frame.patch(given.position)
    authors = [frame.newest.author, *([patch.author] if patch else [])]
    own = trailer.person is not None and any(same_person(trailer.person, author) for author in authors)
    return not (trailer.name.lower() == 'signed-off-by' and own and not trailer.mismatch)


def _item(frame: Frame, given: Given) -> TrailerItem:
    trailer = given.trailer
    return TrailerItem(
        name=trailer.name,
        value=trailer.person.label if trailer.person else trailer.value,
        place=frame.places.mail(trailer.span.message_id, (trailer.span.first, trailer.span.last)),
        carried=trailer.carried,
        warnings=(*warnings(given), *changed_since(frame.report.series, given)),
    )


def changed_since(series: Series, given: Given) -> Iterator[str]:
    """Say that a carried tag was given to an older posting of the patch, which changed since.

    The tag counts from the first posting that has it, carried or in a reply; patches are the same by title, and
    unchanged by git's patch id. Nothing is said where one of them has none.
    """
    trailer = given.trailer
    if not trailer.carried or trailer.name.lower() not in _CONSENT or trailer.person is None:
        return
    newest = next((p for r in series.revisions for p in r.patches if p.message_id == trailer.given_to), None)
    for revision in series.revisions:
        if newest is None or revision.posting >= given.posting:
            return
        older = next((p for p in revision.patches if p.subject == newest.subject), None)
        if older is not None and _stands_on(revision, older, trailer):
            if older.patch_id and newest.patch_id and older.patch_id != newest.patch_id:
                yield f'given to v{revision.version}, and the patch changed since'
            return


def _stands_on(revision: Revision, patch: Patch, trailer: Trailer) -> bool:
    """Tell whether the same person gave the same tag to a patch, or to the whole posting."""
    places = {patch.message_id, revision.cover} - {None}
    return any(
        t.name.lower() == trailer.name.lower() and t.person and trailer.person and same_person(t.person, trailer.person)
        for t in (*patch.trailers, *revision.trailers)
        if t.given_to in places
    )


def warnings(given: Given) -> Iterator[str]:
    """Say what does not fit about one trailer."""
    if given.trailer.mismatch:
        yield 'the mail that gives it is not from that address'
    if given.open_questions:
        noun = 'question' if len(given.open_questions) == 1 else 'questions'
        yield f'their own {noun} {", ".join(given.open_questions)} still open'
