# SPDX-License-Identifier: GPL-2.0-or-later
"""Tags that are carried from posting to posting: shown with what changed under them, never removed."""

from __future__ import annotations

from dataclasses import replace

import pytest

from bot.model import Series
from bot.report.sections.tags import changed_since
from bot.report.trailers import Given
from tests.report.example import rich

V1, V2 = 'old@x.example', 'new@x.example'


def two_postings(before: str, after: str, title: str = '', to_cover: bool = False) -> tuple[Series, Given]:
    """Return a series whose second posting carries a tag that a reply gave to the first, with these patch ids."""
    series = rich().series
    newest = series.revisions[-1]
    tag = next(t for p in newest.patches for t in p.trailers if t.name == 'Reviewed-by')
    patch = next(p for p in newest.patches if p.message_id == tag.given_to)
    old_cover = 'cover@x.example'
    reply = replace(tag, given_to=old_cover if to_cover else V1, carried=False)
    old = replace(patch, message_id=V1, patch_id=before, trailers=(), subject=title or patch.subject)
    first = replace(newest, version=1, posting=1, cover=old_cover, patches=(old,), trailers=(reply,))
    carried = replace(tag, given_to=V2, carried=True)
    new = replace(patch, message_id=V2, patch_id=after, trailers=(carried,))
    second = replace(newest, version=2, posting=2, patches=(new,), trailers=())
    return replace(series, revisions=(first, second)), Given(carried, 2, 1, ())


@pytest.mark.parametrize('to_cover', [False, True])
def test_a_tag_on_a_patch_that_changed_is_shown(to_cover: bool) -> None:
    assert list(changed_since(*two_postings('a', 'b', to_cover=to_cover))) == [
        'given to v1, and the patch changed since'
    ]


@pytest.mark.parametrize(
    ('before', 'after', 'title'), [('a', 'a', ''), ('', 'b', ''), ('a', '', ''), ('a', 'b', 'mm: other')]
)
def test_nothing_is_said_where_it_is_the_same_or_cannot_be_told(before: str, after: str, title: str) -> None:
    assert list(changed_since(*two_postings(before, after, title))) == []


def test_a_tag_given_in_a_reply_to_this_posting_is_no_carried_one() -> None:
    series, given = two_postings('a', 'b')
    assert list(changed_since(series, replace(given, trailer=replace(given.trailer, carried=False)))) == []
