# SPDX-License-Identifier: GPL-2.0-or-later
"""Reads rule directories: area files, rules and the examples beside them.

Promises rules in order of their ids, or a `RuleError` that names the file, the key and the nearest known one.
Refuses a rule without examples, two rules of one id, and a message with a placeholder its kind does not fill.
"""

from __future__ import annotations

import difflib
import re
import string
import tomllib
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any, TypeVar

import msgspec

from bot.checks.c.facts import Counting, Watch
from bot.checks.rulebook.areas import Area, Wrapper
from bot.checks.rulebook.rules import KINDS, PLACEHOLDERS, Rule
from bot.errors import RuleError

_AREA_FILE = 'area.toml'
_WRAPPERS_FILE = 'wrappers.toml'
_FILLED_IN = frozenset({'area', 'words', 'watch', 'source', 'example'})
_ID = re.compile(r'[A-Z]{2,8}-[A-Z][0-9]{2}')
_UNKNOWN_KEY = re.compile(r'unknown field `(\w+)`(?: - at `\$?\.?(.*?)`)?')
_Read = TypeVar('_Read', Area, Rule, Wrapper)


def load_rules(directories: Sequence[Path], only: Sequence[str] = (), off: Sequence[str] = ()) -> tuple[Rule, ...]:
    """Read all rules of the directories; later ones add to, and by the same id replace, earlier ones.

    `only` keeps rules of these ids or names; `off` takes rules away again, "ID" everywhere, "ID DIRECTORY" below it.
    Raises `RuleError`.
    """
    areas, found = _areas(directories), {}
    watch = _watch(areas.values())
    for path in _files(directories):
        if path.name not in (_AREA_FILE, _WRAPPERS_FILE):
            rule = _rule(path, areas, watch)
            found[rule.id] = rule
    rules = tuple(found[key] for key in sorted(found))
    if not rules:
        raise RuleError('there are no rules', where=', '.join(map(str, directories)), todo='name a rules directory')
    return _without(_chosen(rules, only), rules, off)


def _files(directories: Sequence[Path]) -> list[Path]:
    return [path for directory in directories for path in sorted(directory.glob('*/*.toml'))]


def _areas(directories: Sequence[Path]) -> dict[str, Area]:
    """Read the area files; one in a later directory replaces that of the same folder name. Wrappers add up."""
    areas = {
        path.parent.name: _converted(Area, _toml(path), path) for path in _files(directories) if path.name == _AREA_FILE
    }
    for path in _files(directories):
        if path.name == _WRAPPERS_FILE and path.parent.name in areas:
            area = areas[path.parent.name]
            said = {**area.wrappers, **_wrappers(path, area)}
            areas[path.parent.name] = msgspec.structs.replace(area, wrappers=said)
    return areas


def with_wrappers(rules: Sequence[Rule], path: Path) -> list[Rule]:
    """Return rules that know the functions of a wrapper table, where nothing else is said of them."""
    found = []
    for rule in rules:
        has = rule.words.flags is not None and path.is_file()
        said = {**_wrappers(path, rule.words), **rule.words.wrappers} if has else rule.words.wrappers
        found.append(msgspec.structs.replace(rule, words=msgspec.structs.replace(rule.words, wrappers=said)))
    return found


def _wrappers(path: Path, area: Area) -> dict[str, Wrapper]:
    """Read what a maintainer says of functions; a resource the area does not have is a mistake."""
    found = {name: _converted(Wrapper, table, path) for name, table in _toml(path).items()}
    resources = {one.name for one in area.flow.resources} if area.flow is not None else set()
    for name, one in found.items():
        for said in filter(None, (one.takes, *(give.resource for give in one.gives))):
            if said not in resources:
                raise _error(path, f'{name}: no resource is called {said!r}', said, said, sorted(resources))
    return found


def _watch(areas: Iterable[Area]) -> Watch:
    prefixes, follow, counters = set[str](), set[str](), dict[str, Counting]()
    for area in areas:
        prefixes.update([area.flags.prefix, *area.flags.foreign] if area.flags else [])
        follow.update(area.follow)
        counters.update(area.counters)
    return Watch(prefixes=tuple(sorted(prefixes)), calls=tuple(sorted(follow)), counters=dict(sorted(counters.items())))


def _toml(path: Path) -> dict[str, Any]:
    try:
        return tomllib.loads(path.read_text(encoding='utf-8'))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise RuleError(f'a rule file is no TOML: {error}', where=_shown(path), todo='mend that line') from error


def _rule(path: Path, areas: Mapping[str, Area], watch: Watch) -> Rule:
    data = _toml(path)
    kind = data.get('kind')
    if kind not in KINDS:
        raise _error(path, f'kind is {kind!r}', 'kind', str(kind), KINDS)
    for key in sorted(_FILLED_IN & set(data)):
        raise _error(
            path, f'unknown key {key!r}', key, key, [name for name in _keys(KINDS[kind]) if name not in _FILLED_IN]
        )
    area = areas.get(path.parent.name)
    if area is None:
        raise RuleError('the folder has no area.toml', where=_shown(path), todo='add one beside the rule')
    example = path.with_suffix('.c')
    if not example.is_file():
        raise RuleError('a rule has no examples', where=_shown(path), todo=f'write {example.name} beside it')
    rule = _converted(KINDS[kind], data, path)
    _checked(rule, area, path)
    return msgspec.structs.replace(
        rule,
        area=path.parent.name,
        words=area,
        watch=watch,
        source=f'{path.parent.name}/{path.name}',
        example=example.read_text(encoding='utf-8'),
    )


def _converted(kind: type[_Read], data: Mapping[str, Any], path: Path) -> _Read:
    try:
        return msgspec.convert(data, kind)
    except msgspec.ValidationError as error:
        unknown = _UNKNOWN_KEY.search(str(error))
        if unknown is None:
            raise RuleError(f'a rule file is not as it must be: {error}', where=_shown(path), todo='mend it') from error
        within = f' in {unknown[2]}' if unknown[2] else ''
        raise _error(path, f'unknown key {unknown[1]!r}{within}', unknown[1], unknown[1], _keys(kind)) from error


def _keys(kind: Any) -> list[str]:
    """Return every key that may stand in a file of that kind, those of its inner tables included."""
    found, waiting = [], [kind]
    while waiting:
        at = waiting.pop()
        if isinstance(at, type) and issubclass(at, msgspec.Struct):
            for field in msgspec.structs.fields(at):
                found += [] if field.name in _FILLED_IN else [field.encode_name]
                waiting += [] if field.name in _FILLED_IN else [field.type]
        else:
            waiting += list(getattr(at, '__args__', ()))
    return found


def _error(path: Path, what: str, key: str, wrong: str, known: Iterable[str]) -> RuleError:
    near = difflib.get_close_matches(wrong, list(known), n=1, cutoff=0.3)
    todo = f'did you mean {near[0]!r}?' if near else f'known are: {", ".join(sorted(set(known)))}'
    return RuleError(f'{what}', where=f'{_shown(path)}, key {key}', todo=todo)


def _shown(path: Path) -> str:
    return f'{path.parent.name}/{path.name}'


def _checked(rule: Rule, area: Area, path: Path) -> None:
    """Raise for what the types cannot tell: ids, placeholders, groups and gates that are not there."""
    if not _ID.fullmatch(rule.id):
        raise RuleError(f'id is {rule.id!r}', where=f'{_shown(path)}, key id', todo='write it like GUP-F03')
    allowed = PLACEHOLDERS[rule.kind]
    for _, field, _, _ in string.Formatter().parse(rule.message):
        if field is not None and field not in allowed:
            raise _error(path, f'unknown placeholder {{{field}}}', 'message', field, allowed)
    for where in getattr(rule, 'where', ()):
        for name in _references(where):
            if name.removeprefix('@') not in area.groups and name.removeprefix('@') not in area.gates:
                raise _error(path, f'unknown group or gate {name}', 'where', name, [*area.groups, *area.gates])


def _references(table: msgspec.Struct) -> list[str]:
    """Return every `@name` in a table and the tables inside it."""
    found: list[str] = []
    for value in msgspec.structs.astuple(table):
        if isinstance(value, msgspec.Struct):
            found += _references(value)
        values = value if isinstance(value, tuple) else (value,)
        found += [one for one in values if isinstance(one, str) and one.startswith('@')]
    return found


def _chosen(rules: tuple[Rule, ...], only: Sequence[str]) -> tuple[Rule, ...]:
    for wanted in only:
        _known(rules, wanted, 'the rule asked for')
    return tuple(rule for rule in rules if not only or _is_named(rule, only))


def _is_named(rule: Rule, names: Sequence[str]) -> bool:
    return any(name.upper() == rule.id or name.lower() == rule.name for name in names)


def _known(rules: Sequence[Rule], wanted: str, where: str) -> None:
    """Raise `RuleError` for what names no rule; case does not matter."""
    if not any(_is_named(rule, [wanted]) for rule in rules):
        spelt = {name.lower(): name for rule in rules for name in (rule.id, rule.name)}
        near = difflib.get_close_matches(wanted.lower(), list(spelt), n=1, cutoff=0.3)
        todo = f'did you mean {spelt[near[0]]!r}?' if near else '`lorebot rules list` shows all'
        raise RuleError(f'there is no rule {wanted!r}', where=where, todo=todo)


def _without(chosen: tuple[Rule, ...], rules: Sequence[Rule], off: Sequence[str]) -> tuple[Rule, ...]:
    """Take rules away, or narrow the paths they look at; all that looks at no path is off as a whole or not at all."""
    below: dict[str, list[str]] = {}
    for entry in off:
        name, _, directory = entry.partition(' ')
        _known(rules, name, 'setting check.off')
        for rule in rules:
            if _is_named(rule, [name]):
                below.setdefault(rule.id, []).append(directory.strip())
    kept = [rule for rule in chosen if '' not in below.get(rule.id, ())]
    return tuple(_narrowed(rule, below.get(rule.id, [])) for rule in kept)


def _narrowed(rule: Rule, directories: Sequence[str]) -> Rule:
    if not directories:
        return rule
    paths = msgspec.structs.replace(rule.paths, outside=(*rule.paths.outside, *directories))
    return msgspec.structs.replace(rule, paths=paths)
