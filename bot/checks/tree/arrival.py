# SPDX-License-Identifier: GPL-2.0-or-later
"""Where a flag can arrive, and who gives back what was taken with it.

Promises a reason for every arrival: the flag is named there, a parameter carries it from there, or the field that
holds the flags is tested for it in the file or set outside it. Refuses to follow memory: pages are followed by name through calls,
assignments, file variables and the fields of one file, not through pointers to pointers.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property, lru_cache

from bot.checks.c.facts import Call, Expr, Function, Param
from bot.checks.c.items import root
from bot.checks.tree.flags import argument, leaves
from bot.checks.tree.kernel import FlagDefinition, Kernel
from bot.checks.tree.scene import Place, Scene

_MAX_HOLDERS = 5000
_MAX_WRAPPED = 4

Holder = tuple[str, str, str]
"""Path, function ('' for a variable or field of the whole file), name."""


@dataclass(frozen=True, slots=True)
class Arrival:
    """A call that can pass the flag: `named` when its own name stands there, `why` and `refused` say how far it gets."""

    path: str
    function: Function
    call: Call
    position: int
    named: bool
    why: str
    refused: str


@dataclass(frozen=True, slots=True)
class Release:
    """A call that gives pages back by a function which does not know the flag they were taken with."""

    path: str
    function: Function
    call: Call
    source: Arrival


@lru_cache(maxsize=16)
def arrivals(scene: Scene, flag: FlagDefinition) -> Arrivals:
    return Arrivals(scene, flag)


class Arrivals:
    """One flag in a scene."""

    def __init__(self, scene: Scene, flag: FlagDefinition) -> None:
        self.scene, self.kernel, self.flag = scene, scene.kernel, flag
        self.carrying: dict[tuple[Place, int], Arrival] = {}
        self.calls: dict[tuple[str, str, int, str, int], Arrival] = {}
        self._fresh: list[Place] = []
        self._getting: dict[tuple[str, str], dict[str, list[Holder]]] = {}
        for path, function, call, position in self._entries():
            self._note(path, function, call, position)
        while self._fresh:
            place = self._fresh.pop(0)
            function = scene.function(place)
            for call in function.calls:
                for position in range(len(call.args)):
                    self._note(place[0], function, call, position)

    def _entries(self) -> Iterator[tuple[str, Function, Call, int]]:
        """Yield the arguments where the flag can enter: those that name it, and the flags of functions that take them."""
        takes = self.kernel.group(('@pin', '@get'))
        for path, file in self.scene.files.items():
            for function in file.users.get(self.flag.name, ()):
                for call in function.calls:
                    yield from ((path, function, call, nth) for nth in self._naming(function, call))
            for name in sorted(takes & file.calls.keys()):
                position = self.kernel.position(name, 'flags')
                for function, call in file.calls[name] if position is not None else ():
                    yield path, function, call, position if position is not None else 0

    def _naming(self, function: Function, call: Call) -> list[int]:
        return [nth for nth in range(len(call.args)) if _mentions(argument(function, call, nth), self.flag.name)]

    def _note(self, path: str, function: Function, call: Call, position: int) -> None:
        key = (path, function.name, call.line, call.callee, position)
        if key in self.calls or position >= len(call.args):
            return
        expr = argument(function, call, position)
        why = self._why(path, function, call, position, expr)
        if not why:
            return
        place = self.scene.resolve(path, call.callee)
        refused = self._refused(call.callee, place)
        self.calls[key] = found = Arrival(path, function, call, position, _mentions(expr, self.flag.name), why, refused)
        if place is not None and not refused and (place, position) not in self.carrying:
            self.carrying[place, position] = found
            self._fresh.append(place)

    def _why(self, path: str, function: Function, call: Call, position: int, expr: Expr) -> str:
        """Say how the flag gets into a value, '' when it cannot as far as is known."""
        for leaf in leaves(expr):
            if leaf.kind == 'const' and self.flag.name in leaf.text and not _removed(expr, self.flag.name):
                return f'{self.flag.name} is named' + ('' if self.flag.name in call.args[position] else ' before')
            source = self.carrying.get(((path, function.name), leaf.index)) if leaf.kind == 'parameter' else None
            if source is not None:
                return f'{leaf.text} carries it from {source.function.name}() ({source.path}:{source.call.line})'
            if leaf.kind == 'field' and position == self.kernel.role(self._params(path, call.callee), 'flags'):
                why = self._field(path, leaf.text)
                if why:
                    return why
        return ''

    def _params(self, path: str, name: str) -> tuple[Param, ...]:
        place = self.scene.resolve(path, name)
        if place is not None:
            return self.scene.function(place).params
        known = self.kernel.prototypes(name)
        return known[0] if known else ()

    def _field(self, path: str, text: str) -> str:
        """A field holds the flag when the file looks for it there, or when nothing in the file ever sets the field."""
        field, file = root(text), self.scene.files[path]
        if not field.startswith('.'):
            return ''
        for function in file.users.get(self.flag.name, ()):
            if any(use.name == self.flag.name and field == root(use.where) for use in function.uses):
                return f'{text} is where {function.name}() looks for {self.flag.name}'
        return '' if field[1:] in file.stored else f'{text} is set outside this file, and nothing limits it here'

    def _refused(self, name: str, place: Place | None) -> str:
        """Say who turns the flag away behind this call, '' if nobody is known to."""
        words = self.kernel.area.flags
        accepted = self.kernel.accepted('fast') if name in self.kernel.group(('@fast',)) else None
        if accepted is not None and not accepted[0] & self.flag.value:
            return f'{accepted[1].function}() refuses it'
        pinned = self.kernel.flags.get(words.pinned) if words is not None else None
        if pinned is not None and name in self.kernel.group(('@get',)):
            for gate in self.kernel.gates.get('arguments', ()):
                first, second = self.kernel.mask(gate) or 0, self.kernel.mask(gate, second=True) or 0
                if gate.clause.kind == 'requires' and first & self.flag.value and second & pinned.value:
                    return f'{gate.function}() refuses it without {pinned.name}'
        return self._turned_away(place) if place is not None else ''

    def _turned_away(self, place: Place) -> str:
        for clause in self.scene.function(place).clauses:
            mask = self.kernel.fold(clause.first, place[0]).value if clause.kind in ('accepts', 'rejects') else None
            if mask is not None and bool(mask & self.flag.value) == (clause.kind == 'rejects'):
                return f'{place[1]}() refuses it'
        return ''

    @cached_property
    def holders(self) -> dict[Holder, Arrival]:
        """Return the variables, parameters and fields that may hold pages taken with the flag."""
        found: dict[Holder, Arrival] = {}
        for one in self.calls.values():
            params = self._params(one.path, one.call.callee)
            at = self.kernel.role(params, 'pages')
            if at is None or at >= len(one.call.args) or one.refused:
                continue
            found.setdefault(self._holder(one.path, one.function, root(one.call.args[at])), one)
            place = self.scene.resolve(one.path, one.call.callee)
            if place is not None:
                found.setdefault((*place, params[at].name), one)
        waiting = list(found)
        while waiting and len(found) < _MAX_HOLDERS:
            key = waiting.pop(0)
            for fresh in self._handed_on(key):
                if fresh not in found:
                    found[fresh] = found[key]
                    waiting.append(fresh)
        return found

    def _holder(self, path: str, function: Function, name: str) -> Holder:
        shared = name.startswith('.') or name in self.scene.files[path].facts.variables
        return path, '' if shared else function.name, name

    def _handed_on(self, key: Holder) -> Iterator[Holder]:
        """Yield what gets the pages next: by assignment, or as the parameter of a function that does not give them back."""
        path, owner, name = key
        if (path, owner) not in self._getting:
            self._getting[path, owner] = self._gets(path, owner)
        yield from self._getting[path, owner].get(name, ())

    def _gets(self, path: str, owner: str) -> dict[str, list[Holder]]:
        """Return what gets the pages of each variable of a function, or of all the file's where there is no owner."""
        found: dict[str, list[Holder]] = {}
        file, gives_back = self.scene.files[path], self.kernel.group(('@unpin',))
        for function in [file.functions[owner]] if owner else file.facts.functions:
            for assign in function.assigns:
                for name in dict.fromkeys(assign.sources) if assign.to else ():
                    found.setdefault(name, []).append(self._holder(path, function, assign.to))
            for call in function.calls:
                place = self.scene.resolve(path, call.callee) if call.callee not in gives_back else None
                if place is not None:
                    for param, text in zip(self.scene.function(place).params, call.args, strict=False):
                        if param.name:
                            found.setdefault(root(text), []).append((*place, param.name))
        return found

    def releases(self) -> Iterator[Release]:
        """Yield the calls that give such pages back without the flag."""
        for path, file in self.scene.files.items():
            for name in sorted(self.kernel.group(('@unpin',)) & file.calls.keys()):
                if self.knows(path, name):
                    continue
                for function, call in file.calls[name]:
                    held = self.holders.get(self._holder(path, function, root(call.args[0]))) if call.args else None
                    if held is not None and not self._tests(function):
                        yield Release(path, function, call, held)

    def _tests(self, function: Function) -> bool:
        return any(use.name == self.flag.name and use.how == 'tests' for use in function.uses)

    def knows(self, path: str, name: str, depth: int = 0) -> bool:
        """Tell whether a releasing function can give the flag back: it names it, takes it, or calls only what does."""
        place = self.scene.resolve(path, name)
        if place is None:
            return True
        function = self.scene.function(place)
        if any(use.name == self.flag.name for use in function.uses):
            return True
        if self.kernel.role(function.params, 'flags') is not None:
            return True
        inner = [call.callee for call in function.calls if call.callee in self.kernel.group(('@unpin',))]
        return bool(inner) and depth < _MAX_WRAPPED and all(self.knows(place[0], one, depth + 1) for one in inner)


def _mentions(expr: Expr, name: str) -> bool:
    return any(leaf.kind == 'const' and name in leaf.text for leaf in leaves(expr))


def _removed(expr: Expr, name: str) -> bool:
    """Tell whether the flag's name stands only under a `~`: it is taken away there, not passed."""
    return expr.kind == '&' and all(not _mentions(part, name) or part.kind == '~' for part in expr.parts)


def release_relevant(scene: Scene, flag: FlagDefinition) -> bool:
    """Tell whether giving pages back depends on the flag: some function that releasing ones call tests it."""
    below = scene.below(scene.releasing())
    return any(
        (path, function.name) in below and any(use.name == flag.name and use.how == 'tests' for use in function.uses)
        for path, file in scene.files.items()
        for function in file.users.get(flag.name, ())
    )


def sinks(flag: FlagDefinition, scene: Scene) -> list[tuple[Place, int]]:
    """Return the parameters in which releasing code looks for the flag: tested there, or handed to one that is."""
    below = scene.below(scene.releasing())
    found: dict[tuple[Place, int], None] = {}
    for place in sorted(below):
        function = scene.function(place)
        tested = {use.where for use in function.uses if use.name == flag.name and use.how == 'tests'}
        found.update({(place, nth): None for nth, param in enumerate(function.params) if param.name in tested})
    waiting = list(found)
    while waiting:
        place, position = waiting.pop()
        for path, function, call in scene.callers(place):
            expr = argument(function, call, position) if position < len(call.args) else Expr('complex')
            key = ((path, function.name), expr.index)
            if expr.kind == 'parameter' and key[0] in below and key not in found:
                found[key] = None
                waiting.append(key)
    return sorted(found)


def exact_bits(kernel: Kernel, path: str, function: Function, call: Call, position: int) -> int | None:
    """Return the flags an argument surely has by its own function's say, None when that does not decide them."""
    if position >= len(call.args):
        return None
    value = kernel.value_in(path, function, call, position)
    return value.may if value.exact else None
