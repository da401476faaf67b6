# SPDX-License-Identifier: GPL-2.0-or-later
"""How each need is looked for. A probe answers what was found ('' nothing) and what is wrong with it ('' nothing).

A program that is there but does not say its version is found as `present`.
"""

from __future__ import annotations

import os
from collections.abc import Callable

from bot.doctor.machine import Machine, at_least, version_in

Probe = Callable[[Machine, str], tuple[str, str]]
"""`probe(machine, minimum)` returns (found, problem)."""

ABSENT = ('', 'not installed')
_SILENT = 'present'

_SQLITE = """\
import sqlite3
sqlite3.connect(':memory:').execute('CREATE VIRTUAL TABLE t USING fts5(x)')
print(sqlite3.sqlite_version)
"""


def program(name: str, *args: str) -> Probe:
    """Look for a program that prints its version when run with the arguments; without any it is not run."""

    def probe(machine: Machine, minimum: str) -> tuple[str, str]:
        if not args:
            return (_SILENT, '') if machine.which(name) else ABSENT
        answer = machine.ask(name, *args)
        if answer is None:
            return ABSENT
        if answer.status != 0:
            return '', f'{name} {" ".join(args)} failed: {_first_line(answer.text)}'
        found = version_in(answer.text)
        return found or _SILENT, too_old(found, minimum)

    return probe


def header(include: str, macro: str) -> Probe:
    """Look for a C header the way a compiler does; `macro` holds its version."""

    def probe(machine: Machine, minimum: str) -> tuple[str, str]:
        answer = machine.ask('gcc', '-E', '-P', '-', stdin=f'#include <{include}>\nlorebot_version {macro}\n')
        if answer is None:
            return '', 'not known: looking for it takes gcc'
        if answer.status != 0:
            return ABSENT
        found = version_in(answer.text.rpartition('lorebot_version')[2])
        return found or _SILENT, too_old(found, minimum)

    return probe


def python(machine: Machine, minimum: str) -> tuple[str, str]:
    """Ask the interpreter that runs lorebot."""
    found = version_in(machine.run([machine.python, '--version'], '').text)
    return found, too_old(found, minimum) if found else 'it does not say its version'


def sqlite(machine: Machine, minimum: str) -> tuple[str, str]:
    """Make a full-text table with the SQLite that this Python is linked with."""
    answer = machine.run([machine.python, '-c', _SQLITE], '')
    if answer.status != 0:
        last = answer.text.strip().rpartition('\n')[2]
        return '', f'Python cannot use it: {last}'
    found = version_in(answer.text)
    return found, too_old(found, minimum)


def cross_compiler(machine: Machine, minimum: str) -> tuple[str, str]:
    """Take the GNU cross compiler, else clang with lld; the kernel's own minimums are in Documentation/process/changes.rst."""
    gcc, problem = program('aarch64-linux-gnu-gcc', '-dumpfullversion')(machine, '8.1')
    if gcc and not problem:
        return f'gcc {gcc}', ''
    clang, clang_problem = program('clang', '-dumpversion')(machine, '17.0.1')
    if clang and not clang_problem and machine.which('ld.lld'):
        return f'clang {clang} with lld', ''
    return (f'gcc {gcc}', problem) if gcc else ABSENT


def sandbox(machine: Machine, minimum: str) -> tuple[str, str]:
    """Run `true` inside bubblewrap: user namespaces may be forbidden though the program is there."""
    found, problem = program('bwrap', '--version')(machine, minimum)
    if problem:
        return found, problem
    answer = machine.ask('bwrap', '--ro-bind', '/', '/', '--unshare-all', '--die-with-parent', 'true')
    if answer is not None and answer.status == 0:
        return found, ''
    said = _first_line(answer.text) if answer else ''
    return found, (
        f'it cannot make a sandbox here: {said} (see the sysctls kernel.unprivileged_userns_clone and '
        'kernel.apparmor_restrict_unprivileged_userns)'
    )


def kvm(machine: Machine, minimum: str) -> tuple[str, str]:
    """Look whether this user may open /dev/kvm; that a guest really runs, only a boot can tell."""
    device = machine.devices / 'kvm'
    if not device.exists():
        return '', 'no such device'
    if not os.access(device, os.R_OK | os.W_OK):
        return '', 'no permission to open it: join the group that owns it'
    return _SILENT, ''


def too_old(found: str, minimum: str) -> str:
    """Return the sentence for a version below the minimum, '' for any other."""
    if found and minimum and not at_least(found, minimum):
        return f'older than {minimum}'
    return ''


def _first_line(text: str) -> str:
    return text.strip().partition('\n')[0] or 'it printed nothing'
