# SPDX-License-Identifier: GPL-2.0-or-later
"""Writes the table of the newest kernel known, by which a file without a tree is checked.

    python -m tests.checks.known_kernel TREE VERSION DATE OUT

Only facts are taken from TREE (names, values, parameter names, masks), through the same reading of C that checks a
tree; the headers written from them are our own. `tests/checks/test_alone.py` holds that both are read alike.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator, Sequence
from pathlib import Path

from bot.checks.c.facts import Param
from bot.checks.counters.budget import biases
from bot.checks.tree.kernel import Gate, Kernel
from tests.checks.sites import judged

_HEAD = '/* SPDX-License-Identifier: GPL-2.0-or-later */\n/* Facts of Linux {version} ({date}), written by tests/checks/known_kernel.py. */\n\n'


def headers(kernels: dict[str, Kernel]) -> dict[str, str]:
    """Return the texts of small headers that say what the kernels' own say, by path."""
    texts = dict.fromkeys(('include/linux/mm_types.h', 'include/linux/mm.h', 'mm/internal.h', 'mm/gup.c'), '')
    for name in sorted(kernels):
        kernel = kernels[name]
        texts['include/linux/mm_types.h'] += _flags(kernel, internal=False) + _counters(kernel)
        texts['mm/internal.h'] += _flags(kernel, internal=True)
        texts['include/linux/mm.h'] += ''.join(_prototypes(kernel)) + ''.join(_biases(kernel))
        texts['mm/gup.c'] += ''.join(_gates(kernel))
    return texts


def _flags(kernel: Kernel, internal: bool) -> str:
    words = kernel.area.flags
    if words is None:
        return ''
    lines = [
        f'\t{one.name} = {one.value:#x},\n'
        for one in sorted(kernel.flags.values(), key=lambda one: (one.value, one.name))
        if one.internal == internal
    ]
    for prefix in () if internal else words.foreign:
        for name in sorted(name for file in kernel.home.values() for name in file.constants if name.startswith(prefix)):
            value = kernel.constants.value(name).value
            lines += [f'\t{name} = {value:#x},\n'] if value is not None else []
    return 'enum {\n' + ''.join(dict.fromkeys(lines)) + '};\n\n' if lines else ''


def _counters(kernel: Kernel) -> str:
    members = {
        member.name: member.type
        for file in kernel.home.values()
        for member in file.facts.members
        if member.name in kernel.area.counters
    }
    lines = ''.join(f'\t{kind} {name};\n' for name, kind in sorted(members.items()))
    return f'struct folio {{\n{lines}}};\n\n' if lines else ''


def _prototypes(kernel: Kernel) -> Iterator[str]:
    counting = [name for one in kernel.area.counters.values() for name in (*one.read, *one.change)]
    groups = [f'@{name}' for name in kernel.area.groups]
    for name in sorted(kernel.group((*groups, *counting))):
        for params in dict.fromkeys(kernel.prototypes(name)):
            yield f'{_returned(kernel, name)}{name}({", ".join(map(_param, params)) or "void"});\n'


def _returned(kernel: Kernel, name: str) -> str:
    made = [file.functions[name].returns for file in kernel.home.values() if name in file.functions]
    return 'struct page *' if any('*' in one for one in made) else 'long '


def _param(param: Param) -> str:
    return f'{param.type} {param.name}'.replace('* ', '*').strip()


def _biases(kernel: Kernel) -> Iterator[str]:
    """Yield each bias with a function that counts in it and one that asks for it: that is how a bias is known."""
    for counter in sorted(kernel.area.counters):
        for bias in biases(kernel, counter):
            words = kernel.area.counters[counter]
            read, change = words.read[0], next(name for name in words.change if '*' not in name)
            yield f'\n#define {bias.macro} (1U << {bias.bit})\n'
            amount = f'refs * {bias.macro}' if bias.counts else bias.macro
            yield f'static inline void known_add_{bias.bit}(struct folio *folio, int refs)\n{{\n\t{change}(folio, {amount});\n}}\n'
            yield f'static inline bool known_test_{bias.bit}(struct folio *folio)\n{{\n\treturn (unsigned int){read}(folio) >= {bias.macro};\n}}\n'


def _gates(kernel: Kernel) -> Iterator[str]:
    """Yield the functions that check flags, and for each that leads to one a body that calls it."""
    declared = kernel.group(tuple(f'@{group}' for group in kernel.area.groups))
    passed: dict[str, list[str]] = {name: [] for name in declared}
    for name in sorted(kernel.gates):
        for function in dict.fromkeys(gate.function for gate in kernel.gates[name]):
            conditions = [_condition(kernel, gate) for gate in kernel.gates[name] if gate.function == function]
            body = ''.join(f'\tif ({text})\n\t\treturn false;\n' for text in dict.fromkeys(conditions) if text)
            yield f'bool {function}(unsigned int gup_flags, struct page **pages, int *locked)\n{{\n{body}\treturn true;\n}}\n'
            for caller in declared:
                if kernel.guarded(caller, name):
                    passed[caller].append(function)
    for caller in sorted(passed):
        if any(caller in file.functions for file in kernel.home.values()):
            params = ', '.join(map(_param, kernel.prototypes(caller)[0]))
            calls = ''.join(f'\t{function}(gup_flags, pages, locked);\n' for function in sorted(passed[caller]))
            yield f'{_returned(kernel, caller)}{caller}({params})\n{{\n{calls}\treturn 0;\n}}\n'


_SHAPES = {
    'accepts': 'gup_flags & ~({first})',
    'rejects': 'gup_flags & ({first})',
    'argument': '(gup_flags & ({first})) && !{name}',
    'excludes': '(gup_flags & ({first})) && (gup_flags & ({second}))',
    'both': '(gup_flags & ({first})) == ({first})',
    'requires': '(gup_flags & ({first})) && !(gup_flags & ({second}))',
}


def _condition(kernel: Kernel, gate: Gate) -> str:
    """Return the condition in the shape that is read as this clause, '' when its masks are not known."""
    first, second, kind = kernel.mask(gate), kernel.mask(gate, second=True), gate.clause.kind
    if first is None or (second is None and kind in ('excludes', 'requires')):
        return ''
    kind = 'both' if kind == 'excludes' and first == second else kind
    names = {'first': kernel.named(first), 'second': kernel.named(second or 0), 'name': gate.clause.second}
    return _SHAPES[kind].format(**names)


def main(arguments: Sequence[str]) -> int:
    tree, version, date, out = arguments
    for path, text in headers(judged(Path(tree)).kernels).items():
        target = Path(out) / path
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_text(_HEAD.format(version=version, date=date) + text, encoding='utf-8')
    return 0


if __name__ == '__main__':
    sys.exit(main(sys.argv[1:]))
