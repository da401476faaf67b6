# SPDX-License-Identifier: GPL-2.0-or-later
"""Reads config/machines, config/targets and config/tests: what to boot on, how to build, what to run. Unknown keys are
errors."""

from __future__ import annotations

from pathlib import Path
from typing import TypeVar

import msgspec

from bot import resources
from bot.errors import ConfigError, UserError
from bot.lab import shapes


class Proof(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A console line that must be there; it becomes the fact `name`, {word} filled in."""

    line: str
    name: str
    value: str
    missing: str


class Taint(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    allowed: int


class Machine(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One machine; config/machines/arm64-pkvm-nvhe.toml describes the fields. `memory` is in MiB, `qemu` the oldest."""

    arch: str
    why: str
    program: str
    machine: str
    cpu: str
    cpus: int
    memory: int
    console: str
    append: tuple[str, ...]
    channels: tuple[str, ...]
    qemu: tuple[int, int]
    proof: tuple[Proof, ...]
    taint: Taint
    accelerators: tuple[str, ...] = ('tcg',)
    default: bool = True
    name: str = ''


class GuestTest(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One test of the guest; config/tests/pvm_smoke.toml describes the fields."""

    why: str
    command: tuple[str, ...]
    seconds: int
    source: str = ''
    selftests: tuple[str, ...] = ()
    default: bool = False
    config: tuple[str, ...] = ()
    arch: str = ''
    name: str = ''


class Target(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One way to build; config/targets/arm64-pkvm.toml describes the fields."""

    why: str
    arch: str
    compiler: str
    cross: str
    configure: str
    kconfig: tuple[str, ...]
    renamed: tuple[tuple[str, ...], ...]
    goals: tuple[str, ...]
    artefacts: tuple[str, ...]
    objects: bool
    needs: tuple[str, ...]
    default: bool = False
    make: tuple[str, ...] = ()
    name: str = ''


Plan = TypeVar('Plan', Machine, GuestTest, Target)


def machines(names: tuple[str, ...] = (), directory: Path | None = None) -> tuple[Machine, ...]:
    """Return the machines of these names, the default ones when none is named; raise `UserError` for a name there is not."""
    found = _load(Machine, directory or resources.shipped('config') / 'machines')
    for machine in found:
        for proof in machine.proof:
            shapes.template(proof.line)
    return _named('machine', found, names) if names else tuple(machine for machine in found if machine.default)


def guest_tests(names: tuple[str, ...] = (), directory: Path | None = None) -> tuple[GuestTest, ...]:
    """Return the tests of these names, the default ones when none is named; raise `UserError` for a name there is not."""
    found = _load(GuestTest, directory or resources.shipped('config') / 'tests')
    return _named('test', found, names) if names else tuple(test for test in found if test.default)


def targets(names: tuple[str, ...] = (), directory: Path | None = None) -> tuple[Target, ...]:
    """Return the targets of these names, the default ones when none is named; raise `UserError` for a name there is not."""
    found = _load(Target, directory or resources.shipped('config') / 'targets')
    return _named('target', found, names) if names else tuple(target for target in found if target.default)


def _load(kind: type[Plan], directory: Path) -> tuple[Plan, ...]:
    plans = []
    for path in sorted(directory.glob('*.toml')):
        try:
            plan = msgspec.toml.decode(path.read_bytes(), type=kind, strict=True)
        except (msgspec.DecodeError, OSError) as wrong:
            raise ConfigError(
                f'cannot use a {kind.__name__}', where=f'{path.name}: {wrong}', todo='correct it'
            ) from None
        plans.append(msgspec.structs.replace(plan, name=path.stem))
    return tuple(plans)


def _named(what: str, found: tuple[Plan, ...], names: tuple[str, ...]) -> tuple[Plan, ...]:
    known = {plan.name: plan for plan in found}
    unknown = [name for name in names if name not in known]
    if unknown:
        raise UserError(f'no {what} is called {unknown[0]}', todo=f'there are: {", ".join(known)}')
    return tuple(known[name] for name in names) if names else found
