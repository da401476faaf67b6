# SPDX-License-Identifier: GPL-2.0-or-later
"""Reads the examples beside a rule: C that must fire on marked lines and stay quiet on all others.

In `<name>.c`, `/* case: words */` begins an independent case, `/* file: path */` a file in it (without one, a driver's),
and `/* fires: ID */` on a line says that the rule must fire there. Each case is laid over the example tree
`rules/example-tree`, which stands for the base. Refuses a mark for another rule: it would never be checked.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from bot.checks.rulebook.rules import Rule
from bot.errors import RuleError

_MARK = re.compile(r'/\*\s*(case|file|fires):\s*([^*]*?)\s*\*/')
_FIRES = re.compile(r'\s*/\*\s*fires:[^*]*\*/')


@dataclass(frozen=True, slots=True)
class Example:
    """One case: files by path, and the (path, line) pairs where the rule must fire."""

    name: str
    files: tuple[tuple[str, str], ...]
    fires: frozenset[tuple[str, int]]

    def firing_lines(self) -> list[str]:
        """Return the marked lines without their marks."""
        texts = dict(self.files)
        return [_FIRES.sub('', texts[path].split('\n')[line - 1]).strip() for path, line in sorted(self.fires)]


def examples(rule: Rule) -> tuple[Example, ...]:
    """Return the cases of a rule's example file; raises `RuleError` for a mark of another rule."""
    cases, name, files = [], '', dict[str, list[str]]()
    path = default = f'drivers/example/{rule.name}.c'
    for line in rule.example.split('\n'):
        for kind, text in _MARK.findall(line):
            if kind == 'case':
                cases += [_example(rule, name, files)] if files else []
                name, files, path = text, {}, default
            elif kind == 'file':
                path = text
        if not re.match(r'\s*/\*\s*(?:case|file):', line):
            files.setdefault(path, []).append(line)
    return tuple(one for one in [*cases, _example(rule, name, files)] if any(text.strip() for _, text in one.files))


def _example(rule: Rule, name: str, files: dict[str, list[str]]) -> Example:
    fires = set()
    for path, lines in files.items():
        for nth, line in enumerate(lines, 1):
            for kind, text in _MARK.findall(line):
                if kind == 'fires' and text != rule.id:
                    raise RuleError(f'an example is marked for {text}', where=rule.source, todo=f'write {rule.id}')
                if kind == 'fires':
                    fires.add((path, nth))
    return Example(name, tuple((path, '\n'.join(lines)) for path, lines in files.items()), frozenset(fires))
