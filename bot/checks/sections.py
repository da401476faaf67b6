# SPDX-License-Identifier: GPL-2.0-or-later
"""The sections a series gets besides its findings: flags it changes and bits it takes from a counter.

Promises that each site and each account names the patch that made it. Refuses to speak of what the series leaves alone.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Literal

from bot.checks.counters.budget import Bias, biases, changes, compared
from bot.checks.flagchange import Seen, Subject, occurrences, seen
from bot.checks.judgement import Judgement
from bot.checks.tree.kernel import FlagDefinition, Kernel
from bot.model import BitBudget, FlagChange, FlagSite


def bit_budgets(judgements: Sequence[Judgement], positions: Sequence[int]) -> tuple[BitBudget, ...]:
    """Return the accounts of all counters whose bits the series deals out anew."""
    found = []
    for name, kernel in judgements[0].kernels.items():
        for counter in kernel.area.counters:
            kernels = [one.kernels[name] for one in judgements]
            first = next((nth for nth, one in enumerate(kernels) if changes(kernels[0], one, counter)), None)
            patch = positions[first - 1] if first else None
            budget = compared(kernels[0], kernels[-1], counter, patch)
            found += [budget] if budget is not None else []
    return tuple(found)


def flag_changes(judgements: Sequence[Judgement], positions: Sequence[int]) -> tuple[FlagChange, ...]:
    """Return the flags whose definition the series adds, changes or removes, with all their sites."""
    found = []
    for name, kernel in judgements[0].kernels.items():
        if kernel.area.flags is not None:
            kernels = [one.kernels[name] for one in judgements]
            for flag in _changed(kernels[0], kernels[-1]):
                found.append(_change(flag, kernels, judgements, positions))
    return tuple(sorted(found, key=lambda one: one.flag))


def _changed(before: Kernel, after: Kernel) -> list[str]:
    names = {*before.flags, *after.flags}
    return sorted(name for name in names if _value(before, name) != _value(after, name))


def _value(kernel: Kernel, name: str) -> int | None:
    flag = kernel.flags.get(name)
    return flag.value if flag is not None else None


def _change(
    name: str, kernels: Sequence[Kernel], judgements: Sequence[Judgement], positions: Sequence[int]
) -> FlagChange:
    before, after = _value(kernels[0], name), _value(kernels[-1], name)
    first = next(nth for nth, kernel in enumerate(kernels) if nth and _value(kernel, name) != before)
    change: Literal['added', 'changed', 'removed']
    change = 'added' if before is None else 'removed' if after is None else 'changed'
    return FlagChange(name, change, before, after, positions[first - 1], _dated(name, judgements, positions))


def _dated(name: str, judgements: Sequence[Judgement], positions: Sequence[int]) -> tuple[FlagSite, ...]:
    """Return the sites where the flag was last defined, each with the first patch that has it; a site of the base has none."""
    last = next(one for one in reversed(judgements) if _flag(one, name) is not None)
    subject = _subject(name, last, judgements[0])
    counts: dict[tuple[str, str, str, str], int] = {}
    found = []
    for one in seen(subject) if subject is not None else ():
        key = (one.site.file, one.site.function, one.kind, one.name)
        counts[key] = counts.get(key, 0) + 1
        found.append(replace(one.site, patch=_born(one, counts[key], judgements, positions)))
    return tuple(found)


def _born(one: Seen, nth: int, judgements: Sequence[Judgement], positions: Sequence[int]) -> int | None:
    """Return the first patch whose tree has the nth such thing in that function; what must learn has no patch."""
    if not one.kind:
        return None
    scenes = [(at, judgement.scene) for at, judgement in enumerate(judgements)]
    first = next((at for at, scene in scenes if scene is not None and occurrences(scene, one) >= nth), 0)
    return positions[first - 1] if first else None


def _subject(name: str, judgement: Judgement, base: Judgement) -> Subject | None:
    flag = _flag(judgement, name)
    if flag is None or judgement.scene is None or base.scene is None:
        return None
    old = _biases(base)
    known = {bias.macro for bias in old}
    fresh = tuple(bias for bias in _biases(judgement) if bias.macro not in known)
    return Subject(flag, judgement.scene, base.scene, fresh, old)


def _flag(judgement: Judgement, name: str) -> FlagDefinition | None:
    return next((flag for one in judgement.kernels.values() if (flag := one.flags.get(name)) is not None), None)


def _biases(judgement: Judgement) -> tuple[Bias, ...]:
    found: dict[str, Bias] = {}
    for kernel in judgement.kernels.values():
        for counter in kernel.area.counters:
            found.update((bias.macro, bias) for bias in biases(kernel, counter))
    return tuple(found[name] for name in sorted(found))
