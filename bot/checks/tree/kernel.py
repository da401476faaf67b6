# SPDX-License-Identifier: GPL-2.0-or-later
"""What the tree at one commit says about an area: its flags, prototypes, gates and constants.

Promises to know nothing by itself: every value, position and mask is read from the headers and functions of that
commit, so that one set of rules serves all kernels. Refuses to stand in for what the tree lacks: `None`, no default.
"""

from __future__ import annotations

import hashlib
import re
from bisect import bisect_left
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from fnmatch import fnmatchcase, translate
from functools import cached_property
from itertools import islice

import msgspec

from bot.checks.c.cexpr import Folded
from bot.checks.c.facts import Call, Clause, Define, Enumerator, Expr, Function, Param
from bot.checks.c.file import File
from bot.checks.rulebook.areas import Area
from bot.checks.tree.constants import Constants
from bot.checks.tree.flags import Flags, argument, evaluate
from bot.checks.tree.origin import Way, ways, whole
from bot.checks.tree.sources import Snapshot

_SPECIAL = re.compile(r'[*?[]')
_RELEASING = frozenset({'gup_put_folio', 'put_compound_head', 'unpin_user_page'})
_ZERO = frozenset({'is_zero_folio', 'is_zero_page', 'is_zero_pfn'})


@dataclass(frozen=True, slots=True)
class FlagDefinition:
    name: str
    value: int
    path: str
    line: int
    comment: str
    internal: bool


@dataclass(frozen=True, slots=True)
class Gate:
    """One condition under which a function turns flags away, and where it stands."""

    path: str
    function: str
    clause: Clause


@dataclass(frozen=True, slots=True)
class Origin:
    """A way in which flags get to a call, with what they are worth at this commit."""

    way: Way
    flags: Flags


class Kernel:
    """One area at one commit; all is computed when first asked for."""

    def __init__(self, snapshot: Snapshot, area: Area, words: Sequence[str]) -> None:
        self.snapshot, self.area = snapshot, area
        self.words = tuple(words)
        self.constants = Constants(snapshot, self)
        self._values: dict[tuple[str, int, int], tuple[Call, tuple[Origin, ...]]] = {}
        self._reaching: dict[str, frozenset[str]] = {}

    @cached_property
    def home(self) -> dict[str, File]:
        """The files that declare what the area is about, by path."""
        return self.snapshot.files(self.snapshot.paths(self.words, self.area.home))

    @cached_property
    def _blobs(self) -> tuple[tuple[str, str | None], ...]:
        """What the files of the area are at this commit: what is made of them alone is made once for all such commits."""
        return tuple((path, self.snapshot.blob(path)) for path in self.home)

    @cached_property
    def _index(self) -> dict[str, list[tuple[str, Define | Enumerator]]]:
        return self.snapshot.sources.once(('index', self._blobs), self._indexed)

    def _indexed(self) -> dict[str, list[tuple[str, Define | Enumerator]]]:
        found: dict[str, list[tuple[str, Define | Enumerator]]] = {}
        for path, file in self.home.items():
            for name, definitions in file.constants.items():
                found.setdefault(name, []).extend((path, one) for one in definitions)
        return found

    def defining(self, name: str) -> Iterator[tuple[str, Define | Enumerator]]:
        yield from self._index.get(name, ())

    @cached_property
    def flags(self) -> dict[str, FlagDefinition]:
        """Return the flags of the area by name; a name without a value in this tree is not among them."""
        words = self.area.flags
        found: dict[str, FlagDefinition] = {}
        for name in sorted(self._index) if words is not None else ():
            if words is None or not name.startswith(words.prefix):
                continue
            path, definition = self._index[name][0]
            value = self.constants.value(name).value
            if value is not None:
                comment = definition.comment if isinstance(definition, Enumerator) else ''
                internal = path.startswith(words.internal)
                found[name] = FlagDefinition(name, value, path, definition.line, comment, internal)
        return found

    @cached_property
    def _declared(self) -> dict[str, list[tuple[Param, ...]]]:
        return self.snapshot.sources.once(('declared', self._blobs), self._declarations)

    def _declarations(self) -> dict[str, list[tuple[Param, ...]]]:
        found: dict[str, list[tuple[Param, ...]]] = {}
        for path, file in self.home.items():
            for name, params in file.shared if path.endswith('.h') else file.exported:
                found.setdefault(name, []).append(params)
        return found

    def prototypes(self, name: str) -> list[tuple[Param, ...]]:
        """Return the parameter lists under which the area's headers declare a function; empty if they do not."""
        return self._declared.get(name, [])

    def position(self, name: str, role: str) -> int | None:
        """Return which argument of a declared function has a role, None when it has none or is not declared."""
        return next((at for params in self.prototypes(name) if (at := self.role(params, role)) is not None), None)

    def role(self, params: Sequence[Param], role: str) -> int | None:
        """Return the position of the parameter whose name the area gives that role; earlier names are better."""
        for name in self.area.parameters.get(role, ()):
            for nth, param in enumerate(params):
                if param.name == name:
                    return nth
        return None

    @cached_property
    def _groups(self) -> dict[tuple[str, ...], frozenset[str]]:
        return self.snapshot.sources.once(('groups', msgspec.json.encode(self.area.groups), self._blobs), dict)

    def group(self, patterns: tuple[str, ...]) -> frozenset[str]:
        """Return the declared functions that names, globs or `@groups` mean."""
        if patterns not in self._groups:
            names: set[str] = set()
            for pattern in patterns:
                if pattern.startswith('@'):
                    names |= self.group(self.area.groups.get(pattern[1:], ()))
                elif '*' in pattern:
                    names.update(self._like(pattern))
                elif pattern in self._declared:
                    names.add(pattern)
            self._groups[patterns] = frozenset(names)
        return self._groups[patterns]

    def _like(self, pattern: str) -> Iterator[str]:
        """Yield the declared functions that a glob means: only those that begin as it does are compared with it."""
        begins = _SPECIAL.split(pattern, maxsplit=1)[0]
        like = re.compile(translate(pattern)).match
        for name in islice(self._names, bisect_left(self._names, begins), None):
            if not name.startswith(begins):
                return
            if like(name):
                yield name

    @cached_property
    def _names(self) -> list[str]:
        return self.snapshot.sources.once(('names', self._blobs), lambda: sorted(self._declared))

    @cached_property
    def scene_words(self) -> tuple[str, ...]:
        """Return the literals that any file holds in which flags or pages of the area can travel."""
        names = self.group(('@get', '@pin', '@unpin'))
        shortest = {name for name in names if not any(other != name and other in name for other in names)}
        return tuple(sorted({*shortest, *([self.area.flags.prefix] if self.area.flags is not None else [])}))

    @cached_property
    def wrapper_words(self) -> tuple[str, ...]:
        """Return the literals one of which a file holds that takes or gives back what the area's flags are about."""
        flow = self.area.flow
        patterns = [name for one in flow.resources for name in one.take] if flow is not None else []
        names = [
            one for name in patterns for one in (self.area.groups.get(name[1:], ()) if name[:1] == '@' else (name,))
        ]
        names += sorted(self.group(('@unpin',)))
        words = {max(name.split('*'), key=len) for name in names if not name.startswith('!')}
        return tuple(sorted(word for word in words if not any(one != word and one in word for one in words)))

    def fold(self, text: str, near: str = '') -> Folded:
        return self.constants.fold(text, near)

    def value_at(self, path: str, function: Function, call: Call, position: int) -> Flags:
        """Return the flags value of an argument at a call, whatever way it came there."""
        origins = self.origins(path, function, call, position)
        if len(origins) == 1:
            return origins[0].flags
        return self._evaluated(whole(tuple(one.way for one in origins)), path)

    def origins(self, path: str, function: Function, call: Call, position: int) -> tuple[Origin, ...]:
        """Return the flags value of an argument for every caller and field it can come from."""
        key = (path, id(call), position)
        if key not in self._values:
            file, expr = self.snapshot.file(path), argument(function, call, position)
            found = ways(file, path, function, expr) if file is not None else (Way(expr),)
            self._values[key] = call, tuple(Origin(way, self._evaluated(way.expr, path)) for way in found)
        return self._values[key][1]

    def value_in(self, path: str, function: Function, call: Call, position: int) -> Flags:
        """Return the flags value of an argument as far as the function itself decides it."""
        return self._evaluated(argument(function, call, position), path)

    def worth(self, expr: Expr, path: str) -> Flags:
        """Return what a symbolic flags value is at this commit."""
        return self._evaluated(expr, path)

    def _evaluated(self, expr: Expr, path: str) -> Flags:
        return evaluate(expr, lambda text: self.constants.fold(text, path))

    @cached_property
    def gates(self) -> dict[str, tuple[Gate, ...]]:
        """Return the conditions of every gate, in the order of the area file and of the text."""
        found = {}
        for name, functions in self.area.gates.items():
            found[name] = tuple(
                Gate(path, function.name, clause)
                for path, file in self.home.items()
                for function in file.facts.functions
                if function.name in functions
                for clause in function.clauses
                if clause.kind != 'unread'
            )
        return found

    def refusal(self, name: str, gate: str, bits: int, about: int) -> tuple[Gate | None, bool]:
        """Return the condition by which a call of a function with some bits set is turned away because of those it is
        about, and whether all conditions on its way could be read: when they could, no condition means no refusal.
        """
        on_way = {name, *(self.area.gates.get(gate, ()) if self.guarded(name, gate) else ())}
        bodies = [
            (path, one)
            for path, file in self.home.items()
            for function in sorted(on_way)
            if (one := file.functions.get(function)) is not None
        ]
        conditions = [Gate(path, one.name, clause) for path, one in bodies for clause in one.clauses]
        found = next((one for one in conditions if self._refuses(one, bits, about)), None)
        words = self.named(about).split(' | ')
        unread = any(one.clause.kind == 'unread' and any(w in one.clause.text for w in words) for one in conditions)
        at_hand = any(path.endswith('.c') for path, _ in bodies)
        return found, at_hand and not unread and not any(one.damaged for _, one in bodies)

    def _refuses(self, gate: Gate, bits: int, about: int) -> bool:
        first, second = self.mask(gate) or 0, self.mask(gate, second=True) or 0
        clause = gate.clause
        if clause.kind == 'excludes' and clause.first == clause.second:
            return bool(first & about) and first & ~bits == 0
        if clause.kind == 'excludes':
            return bool(first & bits and second & bits and (first | second) & about)
        return clause.kind == 'rejects' and bool(first & about)

    def guarded(self, name: str, gate: str) -> bool:
        """Tell whether a call of a function passes a gate; one whose definition is not at hand is taken to."""
        return name in self._guarded(gate) or not any(name in file.functions for file in self.home.values())

    def _guarded(self, gate: str) -> frozenset[str]:
        """Return the functions of the area's files from whose bodies calls lead to a gate."""
        if gate not in self._reaching:
            found = fresh = set(self.area.gates.get(gate, ()))
            while fresh:
                calling = {
                    one.name for file in self.home.values() for name in fresh for one, _ in file.calls.get(name, ())
                }
                fresh = calling - found
                found = found | fresh
            self._reaching[gate] = frozenset(found)
        return self._reaching[gate]

    def mask(self, gate: Gate, second: bool = False) -> int | None:
        return self.constants.fold(gate.clause.second if second else gate.clause.first, gate.path).value

    def rejected(self, name: str) -> tuple[int, Gate] | None:
        """Return the bits that a gate turns away whatever else is set, and its first condition that does."""
        return self._mask_of(name, 'rejects')

    def accepted(self, name: str) -> tuple[int, Gate] | None:
        """Return the only bits that a gate lets through."""
        return self._mask_of(name, 'accepts')

    def _mask_of(self, name: str, kind: str) -> tuple[int, Gate] | None:
        bits, where = 0, None
        for gate in self.gates.get(name, ()):
            mask = self.mask(gate) if gate.clause.kind == kind else None
            if mask is not None:
                bits, where = bits | mask, where or gate
        return (bits, where) if where is not None else None

    def bits(self, names: Sequence[str]) -> int:
        """Return the bits of flags given by names or globs."""
        wanted = {flag.value for flag in self.flags.values() for name in names if fnmatchcase(flag.name, name)}
        return sum(wanted)

    def named(self, bits: int) -> str:
        """Return the flags' names for bits, joined as a kernel developer would write them."""
        known = [flag.name for flag in sorted(self.flags.values(), key=lambda flag: flag.value) if flag.value & bits]
        return ' | '.join(known) or hex(bits)

    @cached_property
    def zero_pins(self) -> bool | None:
        """Tell whether pins of the zero page are counted: nothing that gives pages back asks for it. None if none is at hand."""
        given = [
            {call.callee for call in function.calls}
            for path, file in self.home.items()
            if path.endswith('.c')
            for function in file.facts.functions
            if function.name in _RELEASING
        ]
        return not any(called & _ZERO for called in given) if given else None

    @cached_property
    def digest(self) -> str:
        """A hash over all that can change a verdict about a file that did not change itself."""
        said: list[object] = [sorted((flag.name, flag.value) for flag in self.flags.values())]
        for name, gates in sorted(self.gates.items()):
            said += [(name, gate.clause.kind, self.mask(gate), self.mask(gate, True)) for gate in gates]
        said.append(self.zero_pins)
        names = sorted(self.group(tuple(f'@{group}' for group in self.area.groups)))
        said += [
            (name, one.name, clause.kind, clause.text)
            for name, file in sorted(self.home.items())
            for one in file.facts.functions
            if one.clauses and one.name in self._declared
            for clause in one.clauses
        ]
        said += [
            (name, sorted({tuple(one.name for one in params) for params in self._declared[name]})) for name in names
        ]
        return hashlib.sha256(repr(said).encode()).hexdigest()
