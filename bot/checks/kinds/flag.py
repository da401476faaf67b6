# SPDX-License-Identifier: GPL-2.0-or-later
"""Definitions of flags: their bits, their place, and who ought to know them.

Promises one match for each flag and rule, at the line that defines it. Refuses flags whose value is not known.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from bot.checks.kinds import Match, looks_at, told
from bot.checks.rulebook.rules import FlagRule, FlagWhere
from bot.checks.tree.kernel import FlagDefinition, Gate, Kernel
from bot.model import Evidence


def find(rule: FlagRule, kernel: Kernel, base: Kernel | None) -> Iterator[Match]:
    """Yield the flags for which one of the alternatives holds; `base` is what they are new against, if anything."""
    for flag in kernel.flags.values():
        if not looks_at(rule.paths, flag.path):
            continue
        for where in rule.where:
            if _holds(where, flag, kernel, base):
                yield _match(rule, where, flag, kernel)
                break


def _match(rule: FlagRule, where: FlagWhere, flag: FlagDefinition, kernel: Kernel) -> Match:
    other, gate = _collision(flag, kernel), _gate(where, kernel)
    message = told(
        rule,
        flag=flag.name,
        value=hex(flag.value),
        bit=flag.value.bit_length() - 1,
        other=other.name if other else '',
        gate=f'{gate.function}()' if gate else '',
        reason=_reason(where, other, gate),
    )
    evidence = [Evidence(other.path, other.line, f'{other.name} has the same bit')] if where.collides and other else []
    evidence += [Evidence(gate.path, gate.clause.line, f'{gate.function}()')] if gate else []
    return Match(rule, flag.path, flag.line, flag.line, '', flag.name, message, tuple(evidence))


def _reason(where: FlagWhere, other: FlagDefinition | None, gate: Gate | None) -> str:
    if where.collides and other is not None:
        return f'{other.name} has the same bit'
    if where.internal_range:
        return 'that is among the bits of internal flags'
    return f'{gate.function}() does not know it' if gate is not None else ''


def _holds(where: FlagWhere, flag: FlagDefinition, kernel: Kernel, base: Kernel | None) -> bool:
    words = '|'.join(map(re.escape, where.silent_on))
    return (
        (not where.new or (base is not None and flag.name not in base.flags))
        and (not where.collides or _collision(flag, kernel) is not None)
        and (where.internal is None or flag.internal == where.internal)
        and (where.internal_range is None or _in_internal_range(flag, kernel) == where.internal_range)
        and (not where.unlisted or _unlisted(where.unlisted.removeprefix('@'), flag, kernel))
        and (not where.unknown_to or _unknown_to(where.unknown_to.removeprefix('@'), flag, kernel))
        and (not words or re.search(words, flag.comment, re.IGNORECASE) is None)
    )


def _collision(flag: FlagDefinition, kernel: Kernel) -> FlagDefinition | None:
    """Return the flag that was defined earlier (by path and line) and shares a bit."""
    before = [
        one for one in kernel.flags.values() if one.value & flag.value and (one.path, one.line) < (flag.path, flag.line)
    ]
    return min(before, key=lambda one: (one.path, one.line), default=None)


def _in_internal_range(flag: FlagDefinition, kernel: Kernel) -> bool | None:
    """Tell whether the bit is where internal flags are; None when the tree keeps no internal ones apart."""
    internal = [one.value for one in kernel.flags.values() if one.internal and one.name != flag.name]
    return flag.value >= min(internal) if internal else None


def _unlisted(gate: str, flag: FlagDefinition, kernel: Kernel) -> bool:
    rejected = kernel.rejected(gate)
    return rejected is not None and not rejected[0] & flag.value


def _unknown_to(gate: str, flag: FlagDefinition, kernel: Kernel) -> bool:
    """Tell whether none of the gate's conditions has the flag's bit; False when the tree's gate cannot be read."""
    gates = kernel.gates.get(gate, ())
    if any(kernel.mask(one) is None for one in gates):
        return False
    masks = [kernel.mask(one, second) for one in gates for second in (False, True)]
    return bool(gates) and not any(mask is not None and mask & flag.value for mask in masks)


def _gate(where: FlagWhere, kernel: Kernel) -> Gate | None:
    name = (where.unlisted or where.unknown_to).removeprefix('@')
    gates = kernel.gates.get(name, ())
    wanted = 'rejects' if where.unlisted else 'accepts'
    return next((one for one in gates if one.clause.kind == wanted), gates[0] if gates else None)
