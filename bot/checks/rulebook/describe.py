# SPDX-License-Identifier: GPL-2.0-or-later
"""Writes the reference of the rules for readers.

Promises the same text for the same rules. Refuses to add what no rule file says.
"""

from __future__ import annotations

from collections.abc import Sequence

from bot.checks.rulebook.examples import examples
from bot.checks.rulebook.rules import Paths, Rule


def describe(rules: Sequence[Rule]) -> str:
    """Return the rules as Markdown: by area, each with what it says, why, where it looks and the lines of its examples."""
    lines = ['# Rules', '', 'Made from the files in `rules/`; do not edit here.', '']
    for area in dict.fromkeys(rule.area for rule in rules):
        words = next(rule.words for rule in rules if rule.area == area)
        lines += [f'## {words.title}', '']
        for rule in rules:
            if rule.area == area:
                lines += _one(rule)
    return '\n'.join(lines)


def explain(rule: Rule) -> str:
    """Return one rule as Markdown."""
    return '\n'.join(_one(rule)).rstrip('\n') + '\n'


def _one(rule: Rule) -> list[str]:
    lines = [
        f'### {rule.id} {rule.name}',
        '',
        f'{rule.title}. *{rule.severity}*, confidence {rule.confidence}, `rules/{rule.source}`.',
        '',
        ' '.join(rule.why.split()),
        '',
        *(f'- {reference}' for reference in rule.references),
        *_paths(rule.paths),
    ]
    fires = list(dict.fromkeys(line for case in examples(rule) for line in case.firing_lines()))
    return [*lines, '', 'Fires on:', '', *(f'    {line}' for line in fires), '']


def _paths(paths: Paths) -> list[str]:
    lines = [f'- looks only below {", ".join(paths.within)}'] if paths.within else []
    return lines + ([f'- does not look below {", ".join(paths.outside)}'] if paths.outside else [])
