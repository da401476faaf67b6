# SPDX-License-Identifier: GPL-2.0-or-later
"""One file's facts with the look-ups that rules need again and again.

Promises each index is made once per blob. Refuses to hold anything the facts do not say.
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import cached_property

from bot.checks.c.facts import Call, Define, Enumerator, FileFacts, Function, Param, Setting


class File:
    """The facts of one blob, indexed."""

    def __init__(self, facts: FileFacts) -> None:
        self.facts = facts

    @cached_property
    def calls(self) -> dict[str, list[tuple[Function, Call]]]:
        """Return all calls by the name that is called, with the functions they stand in."""
        found: dict[str, list[tuple[Function, Call]]] = {}
        for function in self.facts.functions:
            for call in function.calls:
                found.setdefault(call.callee, []).append((function, call))
        return found

    @cached_property
    def functions(self) -> dict[str, Function]:
        """Return functions by name; of several (`#if` arms) the longest, the others are stubs."""
        return {one.name: one for one in sorted(self.facts.functions, key=lambda one: one.end_line - one.line)}

    @cached_property
    def shared(self) -> tuple[tuple[str, tuple[Param, ...]], ...]:
        """Return name and parameters of all that a header declares: prototypes first, then functions that are no macros."""
        return (*self._prototypes, *((one.name, one.params) for one in self.facts.functions if not one.macro))

    @cached_property
    def exported(self) -> tuple[tuple[str, tuple[Param, ...]], ...]:
        """Return what of that can be called from other files when this is no header."""
        own = (one for one in self.facts.functions if not (one.macro or one.static))
        return (*self._prototypes, *((one.name, one.params) for one in own))

    @property
    def _prototypes(self) -> Iterator[tuple[str, tuple[Param, ...]]]:
        return ((one.name, one.params) for one in self.facts.prototypes)

    @cached_property
    def users(self) -> dict[str, list[Function]]:
        """Return, for each flag, the functions that name it."""
        found: dict[str, list[Function]] = {}
        for function in self.facts.functions:
            for name in dict.fromkeys(use.name for use in function.uses):
                found.setdefault(name, []).append(function)
        return found

    @cached_property
    def stored(self) -> frozenset[str]:
        """Return the fields that the file assigns to."""
        return frozenset(store.field for function in self.facts.functions for store in function.stores)

    @cached_property
    def kept(self) -> dict[str, tuple[Setting, ...]]:
        """Return the assignments to fields that flags are kept in, by field."""
        found: dict[str, list[Setting]] = {}
        for one in self.facts.settings:
            found.setdefault(one.field, []).append(one)
        return {field: tuple(settings) for field, settings in found.items()}

    @cached_property
    def constants(self) -> dict[str, list[Define | Enumerator]]:
        """Return macros and enumerators by name."""
        found: dict[str, list[Define | Enumerator]] = {}
        for define in self.facts.defines:
            found.setdefault(define.name, []).append(define)
        for member in self.facts.enumerators:
            found.setdefault(member.name, []).append(member)
        return found

    @cached_property
    def counting(self) -> tuple[Function, ...]:
        """Return the functions that have to do with a counter."""
        return tuple(
            one
            for one in self.facts.functions
            if one.changes or one.compares or one.accesses or one.guards or one.factors
        )
