# SPDX-License-Identifier: GPL-2.0-or-later
"""Pages that one function leaves in a field of an object and another gives back, over the files of a tree.

Promises to accuse a release only when all that is known to fill the field fills it with one kind of pages, by the type of
the object. A field that something else may fill is left alone, and the reason is told. Refuses files in other
directories: two drivers may have structures of one name.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from posixpath import dirname

from bot.checks.callers.walks import Walks
from bot.checks.flow.events import Event, Walked
from bot.checks.sights.fillings import Filling
from bot.checks.tree.kernel import Kernel

_MAX_NOTES = 4
_WRITTEN = rb'(?:->|\.)\s*%s\s*(?:\[[^\]\n]*\]\s*)?=(?!=)'
Use = tuple[str, Filling]
"""A file and what a function there does with a field."""


@dataclass
class _Held:
    """All that is done with one field by files that can mean the same one."""

    takes: list[Use] = field(default_factory=list)
    gives: list[Use] = field(default_factory=list)
    others: list[Use] = field(default_factory=list)
    references: list[Use] = field(default_factory=list)

    def near(self, path: str) -> _Held:
        """Return what files near one do with it."""
        return _Held(*([use for use in some if _near(use[0], path)] for some in self.lists))

    @property
    def lists(self) -> tuple[list[Use], ...]:
        return self.takes, self.gives, self.others, self.references


class Fields:
    """The fields of one commit, for one area; `unsure` says of which nothing can be said, and why."""

    def __init__(self, kernel: Kernel, walks: Walks) -> None:
        self.kernel, self.walks = kernel, walks
        self.unsure: list[tuple[str, str]] = []

    @cached_property
    def uses(self) -> list[Use]:
        """Return what the files of the tree do with fields that pages are kept in."""
        entries = self.walks.wrappers(self.kernel).table.entries
        found = [(path, one) for path, entry in sorted(entries.items()) for one in entry.fillings]
        return found + [(path, one) for path in self._more(found) if path not in entries for one in self._in(path)]

    @cached_property
    def events(self) -> dict[str, dict[str, Walked]]:
        """Return what is wrong with what functions give back, by file and function."""
        found: dict[str, dict[str, list[Event]]] = {}
        marking = {path for path, one in self.uses if one.role == 'mark'}
        for held in self._held().values():
            for use, event in [*self._mistaken(held), *_never_marked(held, marking)]:
                found.setdefault(use[0], {}).setdefault(use[1].function, []).append(event)
        return {
            path: {name: Walked(tuple(events)) for name, events in sorted(by.items())}
            for path, by in sorted(found.items())
        }

    def _more(self, found: Sequence[Use]) -> list[str]:
        """Return the files near those that take into objects which may give back what those hold."""
        flow = self.kernel.area.flow
        takes = [(path, one) for path, one in found if one.role == 'take' and one.scope == 'tree']
        if flow is None or not takes:
            return []
        given = [name for one in flow.resources if one.common for name in one.give if not name.startswith('!')]
        literals = sorted({max(name.split('*'), key=len) for name in given})
        under = sorted({f'{dirname(path)}/' for path, _ in takes} - {'/'})
        tags = sorted({one.field.split('.')[0] for _, one in takes})
        snapshot = self.walks.snapshot
        return sorted({*snapshot.paths(literals, under)} & {*snapshot.paths(tags, under)})

    def _in(self, path: str) -> tuple[Filling, ...]:
        file = self.walks.snapshot.file(path)
        return self.walks.of(self.kernel, path, file).fillings if file is not None else ()

    def _held(self) -> dict[tuple[str, str], _Held]:
        found: dict[tuple[str, str], _Held] = {}
        for path, one in self.uses:
            where = path if one.scope == 'name' or (one.scope == 'file' and path.endswith('.c')) else ''
            held = found.setdefault((one.field, where), _Held())
            known = {'take': held.takes, 'give': held.gives, 'other': held.others, 'reference': held.references}
            if one.role in known:
                known[one.role].append((path, one))
        return {key: held for key, held in sorted(found.items()) if held.takes and held.gives}

    def _mistaken(self, held: _Held) -> Iterator[tuple[Use, Event]]:
        """Yield the releases that give a field's pages back as what none of them is."""
        for use in held.gives:
            near = held.near(use[0])
            kinds = {name for _, one in near.takes for name in one.names}
            if len(kinds) != 1 or kinds & set(use[1].names) or _same_function(near.takes, use):
                continue
            if any(kinds & set(one.names) for _, one in _in_function(near.gives, use)):
                continue  # this function tells them apart
            reason = self._reason(near, use)
            if reason:
                self.unsure.append(
                    (use[0], f'{use[0]}:{use[1].line} {use[1].function}(): {_called(use[1])} is not judged: {reason}')
                )
            else:
                yield use, _event('mismatch', use, near.takes, resource=min(kinds), given=','.join(use[1].names))

    def _reason(self, near: _Held, use: Use) -> str:
        """Return why the pages of a field may be others than those that were taken, '' when they are not."""
        for path, one in [*near.others, *near.references]:
            more = one.why or f'`{one.text.rstrip(";")}` takes one more reference'
            return f'{more} ({path}:{one.line})'
        writes = self._written(near, use)
        return f'{writes} writes to it' if writes else ''

    def _written(self, near: _Held, use: Use) -> str:
        """Return a file near by that was not followed and writes to a field of that name in such an object."""
        one, snapshot = use[1], self.walks.snapshot
        if one.scope != 'tree':
            return ''
        known = {path for path, _ in self.uses}
        under = sorted({f'{dirname(path)}/' for path, _ in near.takes} - {'/'})
        written = re.compile(_WRITTEN % re.escape(one.member.encode()))
        for path in snapshot.paths([one.field.split('.')[0]], under):
            text = snapshot.sources.text(snapshot.commit, path) if path not in known else None
            if text is not None and written.search(text) is not None:
                return path
        return ''


def _never_marked(held: _Held, marking: set[str]) -> Iterator[tuple[Use, Event]]:
    """Yield releases of pins that are taken in one other file, where neither file marks any page as written."""
    for use in held.gives:
        near = held.near(use[0])
        takers = {path for path, _ in near.takes}
        if len(near.takes) != 1 or near.others or takers == {use[0]} or (takers | {use[0]}) & marking:
            continue
        if {'pin'} == set(near.takes[0][1].names) == set(use[1].names):
            yield use, _event('clean', use, near.takes, resource='pin', given='', fact='never')


def _event(what: str, use: Use, takes: Sequence[Use], resource: str, given: str, fact: str = 'field') -> Event:
    path, one = use
    first = next((take for take in takes if take[0] == path), takes[0])
    notes = [(one.line, f'they are kept in {_called(one)}')]
    notes += [
        (one.line, f'{more.function}() takes the same kind by `{more.callee}()`')
        for _, more in takes
        if more != first[1]
    ]
    return Event(
        what,
        resource,
        'object',
        False,
        first[1].callee,
        first[1].line,
        first[1].text,
        one.line,
        one.text,
        one.text,
        one.line,
        given,
        path=tuple(notes[:_MAX_NOTES]),
        fact=fact,
        taker=first[1].function,
        taken_in='' if first[0] == path else first[0],
        weak=one.scope == 'name',
    )


def _called(one: Filling) -> str:
    tag, _, names = one.field.partition('.')
    return (
        f'`{names}` of some object (by its name alone: its type is not known)' if tag == '?' else f'`{names}` of {tag}'
    )


def _near(one: str, other: str) -> bool:
    """Tell whether two files are in one directory, or one in a directory below the other's."""
    first, second = f'{dirname(one)}/', f'{dirname(other)}/'
    return first.startswith(second) or second.startswith(first)


def _in_function(uses: Sequence[Use], use: Use) -> list[Use]:
    return [other for other in uses if (other[0], other[1].function) == (use[0], use[1].function)]


def _same_function(takes: Sequence[Use], use: Use) -> bool:
    """Tell whether a function takes into the field itself: what it gives back is followed along its paths."""
    return bool(_in_function(takes, use))
