# SPDX-License-Identifier: GPL-2.0-or-later
"""The table of findings that were read: what is unread, what is gone, and how many are true."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.checks.triage import Reading, compared, precision, readings


def reading(rule: str, function: str, verdict: str, count: int = 1) -> Reading:
    return Reading('7.0', rule, 'error', 'mm/a.c', function, verdict, 'because', count)


def document(*keys: tuple[str, str]) -> dict[str, object]:
    return {'findings': [{'rule': rule, 'file': 'mm/a.c', 'function': function} for rule, function in keys]}


def test_what_nobody_has_read_is_told_by_number() -> None:
    entries = [reading('GUP-P03', 'one', 'true'), reading('GUP-P04', 'two', 'false')]
    unread, gone = compared(document(('GUP-P03', 'one'), ('GUP-P03', 'one')), entries)
    assert unread == {('GUP-P03', 'mm/a.c', 'one'): 1}
    assert gone == {('GUP-P04', 'mm/a.c', 'two'): 1}


def test_what_is_open_is_not_true() -> None:
    entries = [
        reading('GUP-P03', 'one', 'true', 2),
        reading('GUP-P03', 'two', 'open'),
        reading('GUP-P04', 'x', 'false'),
    ]
    assert list(precision(entries)) == [('error', 2, 1, 1), ('GUP-P03', 2, 0, 1), ('GUP-P04', 0, 1, 0)]


def test_a_verdict_that_is_none_is_refused(tmp_path: Path) -> None:
    table = tmp_path / 'triage.toml'
    table.write_text(
        '[[finding]]\nkernel = "7.0"\nrule = "GUP-P03"\nseverity = "error"\nfile = "mm/a.c"\n'
        'function = "one"\nverdict = "perhaps"\nwhy = "because"\n'
    )
    with pytest.raises(ValueError, match="verdict 'perhaps' is none"):
        readings(table)


def test_the_table_itself_can_be_read() -> None:
    assert all(entry.why and entry.count > 0 for entry in readings())
