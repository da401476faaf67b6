# SPDX-License-Identifier: GPL-2.0-or-later
"""Puts measured tables into docs/measurements.md, each between two marks that name the command which made it."""

from __future__ import annotations

from pathlib import Path

PAGE = Path(__file__).resolve().parents[1] / 'docs/measurements.md'


def write(name: str, command: str, table: str) -> None:
    """Replace the table called `name`; raise `ValueError` when the page has no place for it."""
    text = PAGE.read_text(encoding='utf-8')
    begin, end = f'<!-- {name}: made by `{command}` -->\n', f'<!-- end of {name} -->\n'
    head, found, rest = text.partition(f'<!-- {name}:')
    _, closed, tail = rest.partition(end)
    if not found or not closed:
        raise ValueError(f'{PAGE.name} has no place for {name}')
    PAGE.write_text(f'{head}{begin}\n```text\n{table}\n```\n\n{end}{tail}', encoding='utf-8')
