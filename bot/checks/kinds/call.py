# SPDX-License-Identifier: GPL-2.0-or-later
"""Calls that pass what the called function does not take: flags, arguments, or their order.

Promises a finding only where some path surely gets there; a flags value nobody can know here never fires. Refuses to
look at functions the tree's headers do not declare.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from fnmatch import fnmatchcase

from bot.checks.c.facts import Call, Expr, Function
from bot.checks.c.file import File
from bot.checks.kinds import Match, looks_at, told
from bot.checks.rulebook.rules import CallRule, CallWhere, FlagsAre
from bot.checks.tree.flags import Case, Flags, leaves
from bot.checks.tree.kernel import Gate, Kernel, Origin
from bot.model import Evidence

_NUMBER = re.compile(r'\(*\s*(0[xX][0-9a-fA-F]+|\d+)[uUlL]*\s*\)*\Z')
_NULL = re.compile(r'\(*\s*(?:NULL|0|\(void \*\)\s*0)\s*\)*\Z')


@dataclass(frozen=True, slots=True)
class _Site:
    """One call with what the tree knows of its callee."""

    kernel: Kernel
    path: str
    function: Function
    call: Call

    @property
    def position(self) -> int | None:
        return self.kernel.position(self.call.callee, 'flags')

    def origins(self) -> tuple[Origin, ...]:
        at = self.position
        known = at is not None and at < len(self.call.args)
        return self.kernel.origins(self.path, self.function, self.call, at) if known and at is not None else ()


@dataclass(frozen=True, slots=True)
class _Hit:
    """What a predicate saw, for the message and the evidence."""

    bits: int = 0
    words: tuple[tuple[str, str], ...] = ()
    evidence: tuple[Evidence, ...] = ()
    argument: int | None = None
    weak: bool = False


def find(rule: CallRule, kernel: Kernel, path: str, file: File) -> Iterator[Match]:
    """Yield the calls in a file for which one of the rule's alternatives holds."""
    if not looks_at(rule.paths, path):
        return
    names = kernel.group(tuple(name for where in rule.where for name in where.functions))
    for name in sorted(names & file.calls.keys()):
        for function, call in file.calls[name]:
            site = _Site(kernel, path, function, call)
            hit = next((hit for one in rule.where if (hit := _holds(one, site)) is not None), None)
            if hit is not None:
                yield _match(rule, site, hit)


def flags_are(are: FlagsAre, kernel: Kernel, path: str, function: Function, call: Call) -> bool:
    """Tell whether predicates on flags hold for one call."""
    return _flags_hold(are, _Site(kernel, path, function, call)) is not None


def worth_is(are: FlagsAre, kernel: Kernel, path: str, expr: Expr) -> bool:
    """Tell whether predicates on single bits hold for a flags value, on one of its paths."""
    return any(_bits_hold(are, case, kernel) for case in kernel.worth(expr, path).cases)


def _bits_hold(are: FlagsAre, case: Case, kernel: Kernel) -> bool:
    may = not are.may or bool((case.ones | case.maybe) & kernel.bits(are.may))
    return may and _lack(are, case, kernel)


def _lack(are: FlagsAre, case: Case, kernel: Kernel) -> bool:
    """Tell whether one of the flags that are to be missing surely is."""
    lacking, known = [kernel.bits([name]) for name in are.lacks], case.ones | case.maybe | case.wild
    return not lacking or (all(lacking) and not all(known & mask for mask in lacking))


def _match(rule: CallRule, site: _Site, hit: _Hit) -> Match:
    at = site.position
    value = site.call.args[at] if at is not None and at < len(site.call.args) else ''
    params = next(iter(site.kernel.prototypes(site.call.callee)), ())
    prototype = ', '.join(param.name or param.type for param in params)
    values = {
        'flags': site.kernel.named(hit.bits) if hit.bits else '',
        'value': value,
        **dict(hit.words),
        'prototype': prototype,
    }
    message = told(rule, function=site.call.callee, **values)
    place = (site.path, site.call.line, site.call.end_line, site.function.name)
    return Match(rule, *place, site.call.text, message, hit.evidence, mark=_mark(site, hit.argument), weak=hit.weak)


def _mark(site: _Site, argument: int | None) -> tuple[str, str]:
    """Return the call as far as the argument that is wrong, and that argument; without one, the call as a whole."""
    call = site.call
    if argument is None or argument >= len(call.args):
        return '', call.text
    before = ', '.join(call.args[:argument]) + (', ' if argument else '')
    return f'{call.callee}({before}', call.args[argument]


def _holds(where: CallWhere, site: _Site) -> _Hit | None:
    if site.call.callee not in site.kernel.group(where.functions):
        return None
    hits: list[_Hit | None] = []
    if where.signature is not None:
        hits.append(_count_differs(site) if where.signature == 'count' else _order_differs(site))
    hits += [_is_null(role, site) for role in where.argument]
    if where.flags is not None:
        hits.append(_flags_hold(where.flags, site))
    if not hits or any(hit is None for hit in hits):
        return None
    found = [hit for hit in hits if hit is not None]
    bits = max(hit.bits for hit in found)
    words, evidence = (w for hit in found for w in hit.words), (e for hit in found for e in hit.evidence)
    argument = next((hit.argument for hit in found if hit.argument is not None), None)
    return _Hit(bits, tuple(words), tuple(evidence), argument, any(hit.weak for hit in found))


def _count_differs(site: _Site) -> _Hit | None:
    known = site.kernel.prototypes(site.call.callee)
    if not known or any(len(params) == len(site.call.args) for params in known):
        return None
    return _Hit(words=(('reason', f'{len(site.call.args)} arguments instead of {len(known[0])}'),))


def _order_differs(site: _Site) -> _Hit | None:
    """A flag stands at another argument and none at the flags'."""
    at, words = site.position, site.kernel.area.flags
    if at is None or words is None:
        return None
    flag = re.compile(rf'\b{re.escape(words.prefix)}')
    elsewhere = [nth for nth, text in enumerate(site.call.args) if nth != at and flag.search(text)]
    if not elsewhere or (at < len(site.call.args) and flag.search(site.call.args[at])):
        return None
    said = (('reason', f'`{site.call.args[elsewhere[0]]}` does not stand where flags do'),)
    return _Hit(words=said, argument=elsewhere[0])


def _is_null(role: str, site: _Site) -> _Hit | None:
    at = site.kernel.position(site.call.callee, role)
    if at is None or at >= len(site.call.args) or not _NULL.match(site.call.args[at]):
        return None
    return _Hit(words=(('argument', role),), argument=at)


def _flags_hold(are: FlagsAre, site: _Site) -> _Hit | None:
    """Return what holds for one origin of the flags, with the calls that lead there."""
    for origin in site.origins():
        hit = _origin_holds(are, origin, site)
        if hit is not None:
            return replace(hit, evidence=(*origin.way.notes, *hit.evidence), argument=site.position)
    return None


def _origin_holds(are: FlagsAre, origin: Origin, site: _Site) -> _Hit | None:
    flags = origin.flags
    if are.form and not any(_has_form(form, origin.way.expr) for form in are.form):
        return None
    if are.names and not _named(are.names, flags):
        return None
    if not (are.may or are.together or are.lacks or are.outside):
        return _Hit(words=(('flags', ', '.join(_named(are.names, flags))),)) if are.names else _Hit()
    return next((hit for case in flags.cases if (hit := _case_holds(are, case, site)) is not None), None)


def _case_holds(are: FlagsAre, case: Case, site: _Site) -> _Hit | None:
    """Return what holds on one path; every predicate that is given must."""
    kernel, possible = site.kernel, case.ones | case.maybe
    together = [kernel.bits([name]) for name in are.together]
    if not all(mask and possible & mask for mask in together):
        return None
    if not _lack(are, case, kernel):
        return None
    bits, evidence = sum(set(together)), list[Evidence]()
    wanted = [_any_of(are.may, possible, site)] if are.may else []
    wanted += [_beyond(are.outside, possible, site)] if are.outside else []
    for given in wanted:
        if not given[0]:
            return None
        bits |= given[0]
        evidence += given[1]
    said = [('gate', evidence[0].note if evidence else '')]
    refused = _refused(are.refused.removeprefix('@'), bits, possible, site) if are.refused else ('', [], False)
    if refused is None:
        return None
    evidence += refused[1]
    return _Hit(bits, (*said, ('reason', refused[0])), (*_set_at(bits, site), *evidence), weak=refused[2])


def _refused(gate: str, bits: int, possible: int, site: _Site) -> tuple[str, list[Evidence], bool] | None:
    """Return what is to be said of the call being turned away, where that stands, and whether it is unsure; None if it is not."""
    kernel, words = site.kernel, site.kernel.area.flags
    pins = words is not None and site.call.callee in kernel.group(('@pin',))
    whole = possible | (kernel.bits([words.pinned]) if pins and words is not None else 0)
    found, readable = kernel.refusal(site.call.callee, gate, whole, bits)
    if found is not None:
        return f'{found.function}() refuses the call', _gate_line(found), False
    return None if readable else ('kernels refuse that, and whether this one does could not be read', [], True)


def _set_at(bits: int, site: _Site) -> list[Evidence]:
    """Return the lines before the call that set one of the flags, where those are other lines."""
    named, at = set(site.kernel.named(bits).split(' | ')), site.position
    value = site.call.args[at] if at is not None and at < len(site.call.args) else ''
    lines = {
        one.line: f'`{one.text.strip().rstrip(";")}` sets {one.name}'
        for one in site.function.uses
        if one.how == 'sets' and one.name in named and one.where == value and one.line < site.call.line
    }
    return [Evidence(site.path, line, note) for line, note in sorted(lines.items())]


def _any_of(names: tuple[str, ...], possible: int, site: _Site) -> tuple[int, list[Evidence]]:
    """Return which of the flags may be set; `@gate` stands for what that gate turns away on the callee's way."""
    found = possible & site.kernel.bits([name for name in names if not name.startswith('@')])
    evidence: list[Evidence] = []
    for name in (name[1:] for name in names if name.startswith('@')):
        rejected = site.kernel.rejected(name) if site.kernel.guarded(site.call.callee, name) else None
        if rejected is not None and possible & rejected[0]:
            found |= possible & rejected[0]
            evidence += _gate_line(rejected[1])
    return found, evidence


def _beyond(name: str, possible: int, site: _Site) -> tuple[int, list[Evidence]]:
    """Return the flags that a gate on the callee's way does not accept."""
    gate = name.removeprefix('@')
    accepted = site.kernel.accepted(gate) if site.kernel.guarded(site.call.callee, gate) else None
    return (possible & ~accepted[0], _gate_line(accepted[1])) if accepted is not None else (0, [])


def _gate_line(gate: Gate) -> list[Evidence]:
    return [Evidence(gate.path, gate.clause.line, f'{gate.function}()')]


def _has_form(form: str, expr: Expr) -> bool:
    for leaf in leaves(expr):
        if form == 'truth' and leaf.kind == 'truth':
            return True
        number = _NUMBER.match(leaf.text) if leaf.kind == 'const' else None
        if form == 'literal' and number is not None and number[1].strip('0xX'):
            return True
    return False


def _named(patterns: tuple[str, ...], flags: Flags) -> list[str]:
    return sorted(name for name in flags.names if any(fnmatchcase(name, pattern) for pattern in patterns))
