# SPDX-License-Identifier: GPL-2.0-or-later
"""docs/question-states.md says what the tables say: its tables are made from them."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from pathlib import Path

from bot.model import Event
from bot.questions import effects, state
from bot.questions.tables import table

PAGE = Path(__file__).parents[2] / 'docs' / 'question-states.md'


def rows(heads: Iterable[str], cells: Iterable[Iterable[str]]) -> str:
    heads = list(heads)
    lines = [heads, ['---'] * len(heads), *cells]
    return '\n'.join(f'| {" | ".join(line)} |' for line in lines)


def tables() -> dict[str, str]:
    groups = table('evidence').groups
    weighed = {
        name: rows(('name', 'weight', 'reason'), ([r.name, f'{r.weight:+.1f}', r.reason] for r in groups[group]))
        for name, group in (('signs', 'sign'), ('leanings', 'leaning'))
    }
    return {'events': rows(('event', 'from', 'to'), state.table()), **weighed}


def test_the_page_is_as_the_tables(golden: Callable[[Path, str], None]) -> None:
    text = PAGE.read_text(encoding='utf-8')
    for name, made in tables().items():
        start, end = f'<!-- table: {name} -->\n', '<!-- end -->'
        before, found, rest = text.partition(start)
        assert found, name
        text = f'{before}{start}\n{made}\n\n{end}{rest.partition(end)[2]}'
    golden(PAGE, text)


def test_every_event_that_the_room_makes_is_known_to_the_fold_or_only_told() -> None:
    told = {'asked', 'asked-too', 'followed-up', 'sign', 'acked', 'tested'}
    of_commands = {'woken'}
    made = set()
    for file in sorted(Path(state.__file__).parent.glob('*.py')):
        made |= set(re.findall(r"Event\(\s*'([a-z-]+)'", file.read_text(encoding='utf-8')))
    assert made - told - of_commands <= {kind for kind, _, _ in state.table()}, made
    assert all(effects.moves(Event(kind, '', (1, 1), '', None, command='c1')) for kind in of_commands)
    assert 'settled-by-revision' in made
