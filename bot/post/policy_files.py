# SPDX-License-Identifier: GPL-2.0-or-later
"""Reads the policy from its files, later ones over earlier ones; every mistake names file, key and what to write."""

from __future__ import annotations

import difflib
import os
import re
import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import msgspec

from bot import resources
from bot.errors import ConfigError
from bot.post.policy import Policy, Rule, faults

_ADDED = (('people', 'opted_out'), ('bots', 'addresses'))
_KEY = re.compile(r'`\$\.?([^`]*)`$')


def load(explicit: Path | None = None) -> Policy:
    """Read all files there are, `explicit` last; raise `ConfigError` for the first thing wrong with them."""
    merged: dict[str, Any] = {}
    origins: dict[str, Path] = {}
    for path in _layers(explicit):
        layer = _lowered(_read(path), path)
        _check_names(layer, path)
        _merge(merged, layer, path, origins)
    rules = merged.pop('list', {})
    policy: Policy = _typed(merged, Policy, '', origins)
    own = {a: _typed({**merged['every'], **t}, Rule, f'list."{a}"', origins) for a, t in sorted(rules.items())}
    policy = msgspec.structs.replace(policy, list=own)
    for key, why in faults(policy):
        raise ConfigError(f'policy {key}: {why}', where=_origin(key, origins), todo='correct it')
    return policy


def _layers(explicit: Path | None) -> Iterator[Path]:
    yield resources.shipped('config') / 'policy.toml'
    own = Path(os.environ.get('XDG_CONFIG_HOME') or Path.home() / '.config') / 'lorebot' / 'policy.toml'
    yield from (path for path in (Path('/etc/lorebot/policy.toml'), own) if path.is_file())
    if explicit is not None:
        yield explicit


def _read(path: Path) -> dict[str, Any]:
    try:
        return tomllib.loads(path.read_text(encoding='utf-8'))
    except OSError as failure:
        raise ConfigError(
            'cannot read the policy', where=f'{path}: {failure.strerror}', todo='check [post] policy'
        ) from None
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as wrong:
        raise ConfigError('not a TOML file', where=f'{path}: {wrong}', todo='correct the line named') from None


def _lowered(layer: dict[str, Any], path: Path) -> dict[str, Any]:
    """Compare lists by their address in lower case; two tables of one list contradict each other."""
    for name, table in layer.items():
        if not isinstance(table, dict):
            raise ConfigError(f'policy {name} is a table, not a value', where=str(path), todo=f'write [{name}]')
    own: dict[str, Any] = {}
    for name, table in layer.get('list', {}).items():
        if not isinstance(table, dict):
            raise ConfigError(f'policy list.{name} is a table', where=str(path), todo=f'write [list."{name}@HOST"]')
        if name.lower() in own:
            raise ConfigError(f'two tables for {name.lower()}', where=str(path), todo='make one of them')
        own[name.lower()] = table
    return {**layer, **({'list': own} if own else {})}


def _check_names(layer: dict[str, Any], path: Path) -> None:
    """Name the nearest known key: a policy that is misspelt must not be taken for a silent one."""
    sections = {
        'every': Rule,
        **{f.name: f.type for f in msgspec.structs.fields(Policy) if f.name not in ('every', 'list')},
    }
    for name, table in layer.items():
        if name == 'list':
            for address, rule in table.items():
                _check(rule, Rule, f'list."{address}"', path)
        elif name in sections:
            _check(table, sections[name], name, path)
        else:
            raise _unknown(name, [*sections, 'list'], path)


def _check(table: dict[str, Any], kind: type[msgspec.Struct], where: str, path: Path) -> None:
    known = kind.__struct_fields__
    for key in table:
        if key not in known:
            raise _unknown(f'{where}.{key}', [f'{where}.{one}' for one in known], path)


def _unknown(key: str, known: list[str], path: Path) -> ConfigError:
    near = difflib.get_close_matches(key, known, n=1)
    todo = f'did you mean {near[0]}?' if near else 'see config/policy.toml'
    return ConfigError(f'unknown key {key} of the policy', where=str(path), todo=todo)


def _merge(into: dict[str, Any], layer: dict[str, Any], path: Path, origins: dict[str, Path]) -> None:
    for name, table in layer.items():
        if name == 'list':
            _merge(into.setdefault('list', {}), table, path, origins)
            continue
        origins[name] = path
        target = into.setdefault(name, {})
        for key, value in table.items():
            both = (name, key) in _ADDED and isinstance(value, list) and isinstance(target.get(key), list)
            target[key] = [*target[key], *value] if both else value
            origins[f'{name}.{key}'] = path


def _typed(table: dict[str, Any], kind: type[Any], prefix: str, origins: dict[str, Path]) -> Any:
    try:
        return msgspec.convert(table, kind, strict=True)
    except msgspec.ValidationError as wrong:
        found = _KEY.search(str(wrong))
        key = '.'.join(part for part in (prefix, re.sub(r'\[[^][]*\]', '', found[1]) if found else '') if part)
        what = str(wrong).split(' - at ')[0]
        raise ConfigError(f'policy {key}: {what}', where=_origin(key, origins), todo='correct it') from None


def _origin(key: str, origins: dict[str, Path]) -> str:
    """Return the file a key was last read from, for what a list's table leaves out the file of the table."""
    plain = re.sub(r'^list\."([^"]*)"', r'\1', key)
    own = origins.get(plain) or origins.get(plain.rpartition('.')[0]) or origins.get(plain)
    return str(own) if own else ''
