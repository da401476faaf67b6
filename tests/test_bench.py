# SPDX-License-Identifier: GPL-2.0-or-later
"""The benchmark measures what it says: copies are other conversations, and one more mail is one more answer."""

from __future__ import annotations

from pathlib import Path

from bot import lore
from bot.fakes import Demo
from tests import bench, measurements


def test_a_copy_is_another_conversation_with_the_same_shape(demo: Demo) -> None:
    raws = bench.mails_of(demo.mbox)
    one, other = (lore.parse([bench._renamed(r, n) for r in raws], ()) for n in (0, 1))
    assert not {m.message_id for m in one} & {m.message_id for m in other}
    assert [m.parent is None for m in one] == [m.parent is None for m in other]
    assert [m.body for m in one] == [m.body for m in other]


def test_one_more_mail_answers_the_newest(demo: Demo) -> None:
    raws = bench.mails_of(demo.mbox)
    more = lore.parse([*raws, bench._one_more(raws)], ())
    assert more[-1].parent == more[-2].message_id


def test_what_is_kept_is_not_done_again(demo: Demo, tmp_path: Path) -> None:
    with bench.desk(tmp_path, bench.Inline()) as at:
        at.store.put_source('x', bench.mails_of(demo.mbox), bench.NOW)
        first = bench.ledger(at, 'x')
        assert bench.ledger(at, 'x') == first
    assert at.tally == {'assemble done': 1, 'questions done': 1, 'assemble held': 1, 'questions held': 1}


def test_a_table_goes_where_its_marks_are(tmp_path: Path) -> None:
    page = tmp_path / 'page.md'
    page.write_text('a\n<!-- x: made by `old` -->\nold\n<!-- end of x -->\nb\n', encoding='utf-8')
    before, measurements.PAGE = measurements.PAGE, page
    try:
        measurements.write('x', 'new', 'figures')
    finally:
        measurements.PAGE = before
    assert page.read_text(encoding='utf-8') == (
        'a\n<!-- x: made by `new` -->\n\n```text\nfigures\n```\n\n<!-- end of x -->\nb\n'
    )
