# SPDX-License-Identifier: GPL-2.0-or-later
"""Reads the table of commands: which verbs there are, what they take, who may give them and what comes of it.

Promises that nothing else decides who may do what. A table that does not parse is our bug and fails at import.
"""

from __future__ import annotations

import tomllib
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from importlib.resources import files
from typing import Any, Literal, cast

from bot.model import Role, State

ROLES: Mapping[Role, str] = {
    'A': 'the asker',
    'M': 'a maintainer',
    'S': 'an author of the series',
    'R': 'a reviewer',
    'O': 'somebody else',
}
"""In the order in which the roles of one person are tried."""


@dataclass(frozen=True, slots=True)
class Effect:
    """What a command does to a state: nothing when `state` is empty. What `holds` no later mail overrides."""

    name: str
    state: State | Literal['']
    qualifier: str
    flag: str
    holds: bool
    says: str


@dataclass(frozen=True, slots=True)
class Verb:
    """One command: what it is about, whether text follows the colon, and its effect by role."""

    name: str
    about: Literal['items', 'series', 'undo', 'read']
    text: Literal['required', 'optional', 'none']
    form: Literal['', 'item', 'class', 'link', 'version']
    says: str
    roles: Mapping[Role, str]
    proof: tuple[Role, ...] = ()

    def allowed(self, roles: Iterable[Role]) -> Role | None:
        """Return the first of somebody's roles that may give this command."""
        held = set(roles)
        return next((role for role in ROLES if role in held and role in self.roles), None)


def _load() -> tuple[dict[str, Effect], dict[str, Verb]]:
    data = tomllib.loads(files('bot.questions').joinpath('verbs.toml').read_text(encoding='utf-8'))
    effects = {
        name: Effect(
            name, e.get('state', ''), e.get('qualifier', ''), e.get('flag', ''), e.get('holds', False), e['says']
        )
        for name, e in data['effects'].items()
    }
    verbs = {v['name']: _verb(v) for v in data['verb']}
    strange = {e for v in verbs.values() for e in v.roles.values()} - set(effects)
    if strange:
        raise ValueError(f'verbs.toml names effects that are not there: {sorted(strange)}')
    return effects, verbs


def _verb(v: Mapping[str, Any]) -> Verb:
    roles = cast(Mapping[Role, str], v['roles'])
    return Verb(v['name'], v['about'], v['text'], v.get('form', ''), v['says'], roles, tuple(v.get('proof', ())))


EFFECTS, VERBS = _load()


def reference() -> str:
    """Return the table of verbs and of their effects as Markdown."""
    return '\n'.join([*_verb_rows(), '', *_effect_rows()])


def _verb_rows() -> Iterator[str]:
    yield f'| command | {" | ".join(ROLES)} | text | |'
    yield '| --- |' + ' --- |' * (len(ROLES) + 2)
    for verb in VERBS.values():
        cells = [verb.roles.get(role, '') for role in ROLES]
        form = {'item': 'an id', 'link': 'an address', 'version': 'v2, v3 ...'}.get(verb.form, verb.text)
        yield f'| `{verb.name}` | {" | ".join(cells)} | {form} | {verb.says} |'


def _effect_rows() -> Iterator[str]:
    yield '| effect | state | later mail | |\n| --- | --- | --- | --- |'
    for effect in EFFECTS.values():
        state = ', '.join(part for part in (effect.state, effect.qualifier) if part)
        later = ('is noted, never overrides' if effect.holds else 'counts') if effect.state else ''
        yield f'| {effect.name} | {state} | {later} | {effect.says} |'
