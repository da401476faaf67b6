# SPDX-License-Identifier: GPL-2.0-or-later
"""Every row of the matrix of odd mail: what lorebot makes of it, what b4 makes of it, and that the page says so."""

from __future__ import annotations

import logging
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import b4
import liblore.utils
import pytest

from bot.lore import Assembly, assemble, b4_adapter
from bot.model import GitRunner
from tests.lore.letters import read
from tests.lore.odd_mail import ROWS, Row
from tests.lore.test_series import chains

PAGE = Path(__file__).parents[2] / 'docs/odd-mail.md'
SLOW = [pytest.param(r, id=r.name, marks=[pytest.mark.long] if r.slow else []) for r in ROWS]


def all_notes(made: Assembly) -> list[str]:
    notes = [n for s in made.series for r in s.revisions for n in r.notes]
    return notes + [n for t in made.threads for m in t.messages for n in (*m.notes, m.unusable) if n]


def short(made: Assembly) -> str:
    return ' | '.join(', '.join(one) for one in chains(made))


@pytest.mark.parametrize('row', SLOW)
def test_row(row: Row, git: GitRunner) -> None:
    made = assemble(read(*row.mails()), None, git)
    assert short(made) == row.postings
    assert made.unusable == row.unusable
    notes = all_notes(made)
    for note in row.notes:
        assert any(n.startswith(note) for n in notes), notes
    for series in made.series:
        assert all(r.unusable for r in series.revisions if not r.patches)


def by_b4(mails: Sequence[bytes]) -> str:
    """Say what b4 makes of these mails: its series, whether it would hand all of them to git am, what it leaves aside."""
    b4_adapter.read_subject('[PATCH] x')  # gives b4 its configuration
    said: list[str] = []
    box = _box(mails, said)
    for revision in sorted(box.series):
        said.append(_series(mails, revision))
    aside = {'follow-up': len(box.followups), 'left aside': len(box.unknowns)}
    said += [f'{count} {name}' for name, count in aside.items() if count]
    return '; '.join(said) or 'nothing'


def _box(mails: Sequence[bytes], said: list[str]) -> Any:
    box = b4.LoreMailbox()
    for raw in mails:
        try:
            box.add_message(liblore.utils.parse_message(raw))
        except (Exception, SystemExit) as wrong:
            said.append(f'add_message raises {type(wrong).__name__}')
    return box


def _series(mails: Sequence[bytes], revision: int) -> str:
    try:
        made = _box(mails, []).get_series(revision, codereview_trailers=False)
        if made is None:
            return f'v{revision}: no series'
        there = sum(p is not None for p in made.patches[1:])
        words = [f'v{revision} {there}/{made.expected} {"complete" if made.complete else "incomplete"}']
        words += ['with cover'] if made.has_cover else []
        words += ['partial reroll'] if made.partial_reroll else []
        words += [f'change-id {made.change_id}'] if made.change_id else []
        return f'{", ".join(words)}, {_ready(made)}'
    except (Exception, SystemExit) as wrong:
        return f'v{revision}: {type(wrong).__name__}'


def _ready(made: Any) -> str:
    try:
        return f'{len(made.get_am_ready(noaddtrailers=True))} ready for git am'
    except SystemExit:
        return 'exits'
    except Exception as wrong:
        return f'{type(wrong).__name__} when made ready'


def line(row: Row) -> str:
    def cell(text: str) -> str:
        return text.replace('|', '\\|')

    ours = row.postings or f'no series: {row.unusable}'
    more = ''.join(f'; "{note} ..."' for note in row.notes)
    theirs = by_b4(row.mails())
    return f'| {cell(row.case)} | {cell(theirs)} | {cell(ours)}: {cell(row.says)}{cell(more)} | {row.name} |'


HEAD = """<!-- SPDX-License-Identifier: GPL-2.0-or-later -->
# Odd mail

Made by `pytest tests/lore/test_odd_mail.py --long --update-golden` of tests/lore/odd_mail.py; what b4 0.16 does was
measured in that run, with the mails of the row in one mailbox and without its command line. `2/3` are patches at hand of
those announced, postings of one series are apart by commas, series by bars. Notes stand in every report. Each row is
the test `tests/lore/test_odd_mail.py::test_row[NAME]`.

| case | b4 | lorebot | test |
| --- | --- | --- | --- |
"""


@pytest.mark.parametrize('slow', [False, pytest.param(True, marks=pytest.mark.long)])
def test_the_page_is_current(slow: bool, request: pytest.FixtureRequest, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.CRITICAL)
    rows = [row for row in ROWS if slow or not row.slow]
    lines = {row.name: line(row) for row in rows}
    if request.config.getoption('--update-golden'):
        known = {one.rsplit('| ', 1)[1].rstrip(' |'): one for one in _table()}
        PAGE.write_text(HEAD + ''.join(f'{(known | lines)[r.name]}\n' for r in ROWS if r.name in known | lines))
    assert [one for one in _table() if one.rsplit('| ', 1)[1].rstrip(' |') in lines] == list(lines.values())
    assert len(_table()) == len(ROWS)


def _table() -> list[str]:
    text = PAGE.read_text(encoding='utf-8') if PAGE.is_file() else ''
    return [one for one in text.split('\n') if one.startswith('| ') and not one.startswith(('| case', '| ---'))]


Table = Callable[[], list[str]]
