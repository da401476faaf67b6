# SPDX-License-Identifier: GPL-2.0-or-later
"""How long the functions and files of bot/ are, held to the caps of CONTRIBUTING.md: `python -m tests.sizes`.

A function is measured from its `def` to its last line, docstring and inner functions included; decorators are not.
"""

from __future__ import annotations

import ast
import math
import statistics
import sys
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

FUNCTION_MEDIAN, FUNCTION_P90, FUNCTION_MAX, FILE_MAX = 10, 30, 60, 400

PACKAGE = Path(__file__).resolve().parents[1] / 'bot'


@dataclass(frozen=True, slots=True, order=True)
class Size:
    lines: int
    name: str


@dataclass(frozen=True, slots=True)
class Sizes:
    functions: tuple[Size, ...]
    files: tuple[Size, ...]

    @property
    def over(self) -> list[str]:
        """Return a sentence for every cap that is broken."""
        lengths = [f.lines for f in self.functions]
        wrong = []
        if lengths and statistics.median(lengths) > FUNCTION_MEDIAN:
            wrong.append(
                f'the median function has {statistics.median(lengths):g} lines, not {FUNCTION_MEDIAN} or fewer'
            )
        if lengths and percentile(lengths, 90) > FUNCTION_P90:
            wrong.append(f'one function in ten has more than {FUNCTION_P90} lines (p90 {percentile(lengths, 90)})')
        wrong += [
            f'{f.name}: {f.lines} lines, not {FUNCTION_MAX} or fewer' for f in self.functions if f.lines > FUNCTION_MAX
        ]
        wrong += [f'{f.name}: {f.lines} lines, not {FILE_MAX} or fewer' for f in self.files if f.lines > FILE_MAX]
        return wrong


def percentile(lengths: Sequence[int], percent: int) -> int:
    """Return the smallest length that at least `percent` of 100 do not exceed (nearest rank)."""
    return sorted(lengths)[max(0, math.ceil(len(lengths) * percent / 100) - 1)]


def measure(package: Path) -> Sizes:
    """Measure every Python file below the package."""
    functions: list[Size] = []
    files: list[Size] = []
    for path in sorted(package.rglob('*.py')):
        name = str(path.relative_to(package.parent))
        text = path.read_text(encoding='utf-8')
        files.append(Size(len(text.splitlines()), name))
        functions += [
            Size((node.end_lineno or node.lineno) - node.lineno + 1, f'{name}:{node.lineno} {node.name}()')
            for node in ast.walk(ast.parse(text, name))
            if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
        ]
    return Sizes(tuple(functions), tuple(files))


def table(sizes: Sizes) -> str:
    return '\n'.join((_row('functions', sizes.functions), _row('files', sizes.files)))


def _row(what: str, sizes: Iterable[Size]) -> str:
    ordered = sorted(sizes)
    if not ordered:
        return f'{what:<10}    0'
    lengths = [s.lines for s in ordered]
    shown = f'median {statistics.median(lengths):>5g}   p90 {percentile(lengths, 90):>4}   max {lengths[-1]:>4}'
    return f'{what:<10} {len(ordered):>4}   {shown}   {ordered[-1].name}'


def main() -> int:
    sizes = measure(PACKAGE)
    print(table(sizes))
    for sentence in sizes.over:
        print(f'over: {sentence}')
    return 1 if sizes.over else 0


if __name__ == '__main__':
    sys.exit(main())
