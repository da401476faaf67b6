# SPDX-License-Identifier: GPL-2.0-or-later
"""The section about a flag that a series adds, changes or removes: every place that has to do with it.

Promises the definition, all uses by name, the calls it can travel through, the functions that do its work on a
counter, who gives back without it, and what ought to know it and was not taught. Refuses to call such a place wrong; it says what
was seen there, and the rules judge.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from bot.checks.c.facts import Call, Function
from bot.checks.counters.budget import Bias
from bot.checks.tree.arrival import Arrivals, arrivals, exact_bits, release_relevant, sinks
from bot.checks.tree.kernel import FlagDefinition, Kernel
from bot.checks.tree.scene import Place, Scene
from bot.model import FlagSite

_ROLES = {'tests': 'tests', 'sets': 'sets', 'clears': 'sets', 'passes': 'passes', 'other': 'tests'}
_ORDER = ('defines', 'passes', 'tests', 'sets', 'releases-unaware', 'must-learn')


@dataclass(frozen=True, slots=True)
class Seen:
    """A site and what tells it in another commit: a call's or use's name inside its function."""

    site: FlagSite
    kind: str
    name: str


@dataclass(frozen=True, slots=True)
class Subject:
    """A flag at one commit beside the base, and the biases that the series brings and that were there before."""

    flag: FlagDefinition
    scene: Scene
    base: Scene
    new_biases: tuple[Bias, ...]
    old_biases: tuple[Bias, ...]

    @property
    def kernel(self) -> Kernel:
        return self.scene.kernel


def seen(subject: Subject) -> list[Seen]:
    """Return every site of a flag at one commit; the patch that made it is for the caller to find."""
    flag = subject.flag
    defines = FlagSite(flag.path, flag.line, '', 'defines', f'{flag.name} = {flag.value:#x}', None, _kind(flag))
    found = [Seen(defines, 'flag', flag.name), *_masks(subject), *_uses(subject)]
    travelling = arrivals(subject.scene, flag)
    found += _travels(subject, travelling)
    works = list(_linked(subject))
    found += [_seen(one.place, one.line, one.how, one.text, one.note, one.kind, one.name) for one in works]
    if release_relevant(subject.scene, flag):
        found += _unaware(travelling)
        found += _untaught_releases(subject)
    if flag.name not in subject.base.kernel.flags:
        found += _closed_gates(flag, subject.kernel)
    if works:
        found += _untaught_counting(subject, works)
    return _unique(found)


def occurrences(scene: Scene, one: Seen) -> int:
    """Return how often what makes the site stands in its function, in another commit."""
    file = scene.files.get(one.site.file)
    if one.kind == 'flag':
        return int(one.name in scene.kernel.flags)
    function = file.functions.get(one.site.function) if file is not None else None
    if file is None or function is None:
        return sum(define.name == one.name for define in file.facts.defines) if file and one.kind == 'mask' else 0
    if one.kind == 'call':
        return sum(call.callee == one.name for call in function.calls)
    if one.kind == 'use':
        return sum(use.name == one.name for use in function.uses)
    return sum(
        one.name in names
        for names in [*(c.names for c in function.compares), *(c.names for c in function.changes), function.factors]
    )


def _seen(place: Place, line: int, role: str, text: str, note: str, kind: str, name: str) -> Seen:
    return Seen(FlagSite(place[0], line, place[1], role, text, None, note), kind, name)


def _kind(flag: FlagDefinition) -> str:
    bit = f'bit {flag.value.bit_length() - 1}' if flag.value and not flag.value & (flag.value - 1) else 'several bits'
    return f'{bit}, {"for mm only" if flag.internal else "for all callers"}'


def _unique(found: list[Seen]) -> list[Seen]:
    """Keep one site per line and role; what releases without the flag is not also told that it must learn it."""
    kept: dict[tuple[str, int, str], Seen] = {}
    for one in found:
        kept.setdefault((one.site.file, one.site.line, one.site.role), one)
    unaware = {(one.site.file, one.site.line) for one in kept.values() if one.site.role == 'releases-unaware'}
    chosen = [
        one for one in kept.values() if one.site.role != 'must-learn' or (one.site.file, one.site.line) not in unaware
    ]
    return sorted(chosen, key=lambda one: (_ORDER.index(one.site.role), one.site.file, one.site.line))


def _masks(subject: Subject) -> Iterator[Seen]:
    name = subject.flag.name
    for path, file in subject.scene.files.items():
        for one in file.facts.defines:
            if name in one.body and one.name != name:
                yield _seen(
                    (path, ''),
                    one.line,
                    'defines',
                    f'#define {one.name}',
                    f'a mask that holds {name}',
                    'mask',
                    one.name,
                )


def _uses(subject: Subject) -> Iterator[Seen]:
    name = subject.flag.name
    for path, file in subject.scene.files.items():
        for function in file.users.get(name, ()):
            for use in function.uses:
                if use.name == name:
                    note = f'to {use.where}()' if use.how == 'passes' and use.where not in ('', 'return') else ''
                    yield _seen((path, function.name), use.line, _ROLES[use.how], use.text, note, 'use', name)


def _travels(subject: Subject, travelling: Arrivals) -> Iterator[Seen]:
    """Yield calls that can pass the flag without naming it in the call: those that take pages, and those in functions that are new."""
    takes = subject.kernel.group(('@pin', '@get'))
    for one in travelling.calls.values():
        if subject.flag.name in one.call.args[one.position]:
            continue
        if one.call.callee not in takes and one.function.name in subject.base.names:
            continue
        note = f'can carry it: {one.why}' + (f'; {one.refused}' if one.refused else '')
        yield _seen(
            (one.path, one.function.name), one.call.line, 'passes', one.call.text, note, 'call', one.call.callee
        )


def _unaware(travelling: Arrivals) -> Iterator[Seen]:
    for one in travelling.releases():
        source, place = one.source, (one.path, one.function.name)
        note = (
            f'{one.call.callee}() does not know {travelling.flag.name}; the pages can come from {source.call.callee}() in '
            f'{source.function.name}() ({source.path}:{source.call.line}), where {source.why}'
        )
        yield _seen(place, one.call.line, 'releases-unaware', one.call.text, note, 'call', one.call.callee)


def _closed_gates(flag: FlagDefinition, kernel: Kernel) -> Iterator[Seen]:
    """Yield gates that lack a new flag: a list of what is accepted, one of what is rejected, conditions on the rest."""
    for gates in kernel.gates.values():
        masks = [(gate, kernel.mask(gate), kernel.mask(gate, second=True)) for gate in gates]
        known = any(value is not None and value & flag.value for _, mask, second in masks for value in (mask, second))
        accepting = [gate for gate in gates if gate.clause.kind == 'accepts']
        rejecting = [gate for gate in gates if gate.clause.kind == 'rejects']
        if known or not gates:
            continue
        if accepting:
            gate, note = accepting[0], f'accepts a list of flags that lacks {flag.name} and turns calls with it away'
        elif flag.internal and rejecting:
            gate, note = rejecting[0], f'does not turn {flag.name} away from callers, though it is internal'
        else:
            gate, note = gates[0], f'says nothing about {flag.name}: what it needs and excludes is not checked'
        place, text = (gate.path, gate.function), gate.clause.text
        yield _seen(place, gate.clause.line, 'must-learn', text, f'{gate.function}() {note}', '', '')


def _untaught_releases(subject: Subject) -> Iterator[Seen]:
    """Yield functions that give back as pins but without the flag: with a twin that adds it they pass, else they must learn."""
    flag, kernel, scene = subject.flag, subject.kernel, subject.scene
    pinned = kernel.flags.get(kernel.area.flags.pinned) if kernel.area.flags else None
    passed: list[tuple[Place, str, Function, Call, int]] = []
    for place, position in sinks(flag, scene) if pinned is not None else ():
        for path, function, call in scene.callers(place):
            bits = exact_bits(kernel, path, function, call, position)
            if bits is not None and pinned is not None and bits & pinned.value:
                passed.append((place, path, function, call, bits))
    twins = {place: function.name for place, _, function, _, bits in passed if bits & flag.value}
    for place, path, function, call, bits in passed:
        if bits & flag.value:
            continue
        where = (path, function.name)
        if place not in twins:
            note = f'gives back with {kernel.named(bits)} alone, and no other function calls {place[1]}() with {flag.name} added'
            yield _seen(where, call.line, 'must-learn', call.text, note, '', '')
        elif not occurrences(subject.base, _seen(where, 0, '', '', '', 'call', call.callee)):
            note = f'passes {kernel.named(bits)} without it; {twins[place]}() is the twin that adds it'
            yield _seen(where, call.line, 'passes', call.text, note, 'call', call.callee)


@dataclass(frozen=True, slots=True)
class _Work:
    """A function that does a flag's work on a counter, or calls one that does; `how` is tests or sets."""

    place: Place
    how: str
    line: int
    text: str
    note: str
    kind: str
    name: str


def _linked(subject: Subject) -> Iterator[_Work]:
    """Yield the functions that do the flag's work with a bias the series brings, when a user of the flag is among them."""
    macros = {bias.macro for bias in subject.new_biases}
    works = _working(subject.scene, macros, subject.base.names) if macros else []
    users = {
        (path, one.name) for path, file in subject.scene.files.items() for one in file.users.get(subject.flag.name, ())
    }
    if users & {one.place for one in works}:
        yield from works


def _working(scene: Scene, macros: set[str], known: frozenset[str]) -> list[_Work]:
    """Return the work itself, and upwards from every function that is new the calls that bring it about."""
    found: list[_Work] = []
    verbs: dict[Place, str] = {}
    for path, file in scene.files.items():
        for function in file.counting:
            for work in _own_work((path, function.name), function, macros):
                found.append(work)
                verbs[work.place] = 'sets' if 'sets' in (work.how, verbs.get(work.place)) else work.how
    waiting = [place for place in sorted(verbs) if place[1] not in known]
    done = set(waiting)
    while waiting:
        verb = waiting.pop(0)
        for path, function, call in scene.callers(verb):
            place, note = (path, function.name), f'through {verb[1]}()'
            found.append(_Work(place, verbs[verb], call.line, call.text, note, 'call', verb[1]))
            verbs.setdefault(place, verbs[verb])
            if place[1] not in known and place not in done:
                done.add(place)
                waiting.append(place)
    return found


def _own_work(place: Place, function: Function, macros: set[str]) -> Iterator[_Work]:
    named = set()
    for change in function.changes:
        for name in sorted(macros & set(change.names)):
            named.add(name)
            yield _Work(place, 'sets', change.line, change.text, f'changes {change.counter} by {name}', 'bias', name)
    for compare in function.compares:
        for name in sorted(macros & set(compare.names)):
            named.add(name)
            yield _Work(
                place, 'tests', compare.line, compare.text, f'compares {compare.counter} with {name}', 'bias', name
            )
    for name in sorted((macros & set(function.factors)) - named):
        how = 'sets' if function.changes else 'tests'
        yield _Work(place, how, function.line, f'{function.name}()', f'computes with {name}', 'bias', name)


def _untaught_counting(subject: Subject, works: list[_Work]) -> Iterator[Seen]:
    """Yield functions that compute with a counting bias and do none of the new work: their count may hold the flag's bit."""
    taught = {one.place for one in works}
    counting = {bias.macro for bias in subject.old_biases if bias.counts}
    for path, file in subject.scene.files.items():
        for function in file.counting:
            names = sorted(counting & set(function.factors))
            if names and (path, function.name) not in taught:
                note = (
                    f'computes with {", ".join(names)} and knows nothing of the bit that goes with {subject.flag.name}'
                )
                yield _seen((path, function.name), function.line, 'must-learn', f'{function.name}()', note, '', '')
