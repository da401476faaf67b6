# SPDX-License-Identifier: GPL-2.0-or-later
"""A file without a tree: checked by the newest kernel known, whose table says what its own headers say."""

from __future__ import annotations

from pathlib import Path

from bot.checks import check_alone, load_rules
from bot.checks.judgement import Judgement
from bot.checks.sources import Sources
from bot.model import Outcome
from bot.resources import shipped
from tests.checks.files import EXAMPLE_TREE, Directory, Memory, quiet
from tests.checks.known_kernel import headers

RULES = load_rules([shipped('rules')])
KNOWN = shipped('rules') / 'known-kernel'
BAD = b'long f(unsigned long a, struct page **p)\n{\n\treturn get_user_pages_fast(a, 1, FOLL_LONGTERM, p);\n}\n'


def judgement(top: Path) -> Judgement:
    return Judgement(Sources(Directory(top), Memory(), RULES[0].watch, quiet).at('tree'), RULES, {})


def said(one: Judgement) -> dict[str, object]:
    """Return all that rules ask of the headers, by area."""
    answers: dict[str, object] = {}
    for name, kernel in one.kernels.items():
        gates = {
            gate: sorted(
                {(at.function, at.clause.kind, kernel.mask(at), kernel.mask(at, True)) for at in found}, key=str
            )
            for gate, found in kernel.gates.items()
        }
        group = sorted(kernel.group(tuple(f'@{group}' for group in kernel.area.groups)))
        answers[name] = (
            {flag.name: (flag.value, flag.internal) for flag in kernel.flags.values()},
            gates,
            {fn: {tuple(param.name for param in params) for params in kernel.prototypes(fn)} for fn in group},
            {(fn, gate): kernel.guarded(fn, gate) for fn in group for gate in kernel.gates},
        )
    return answers


def test_the_table_of_a_tree_says_what_the_tree_says(tmp_path: Path) -> None:
    example = judgement(EXAMPLE_TREE)
    for path, text in headers(example.kernels).items():
        (tmp_path / path).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / path).write_text(text)
    again = judgement(tmp_path)
    assert said(again) == said(example)
    assert again.bias_macros == example.bias_macros != ()


def test_the_shipped_table_is_of_a_real_kernel() -> None:
    kernel = judgement(KNOWN).kernels['gup']
    assert {'FOLL_PIN', 'FOLL_LONGTERM', 'FOLL_WRITE', 'FOLL_GET'} <= kernel.flags.keys()
    assert kernel.flags['FOLL_PIN'].internal
    assert kernel.rejected('arguments') is not None
    assert kernel.accepted('fast') is not None


def test_a_fault_is_found_without_a_tree_and_the_kernel_is_named() -> None:
    result = check_alone({'a.c': BAD}, KNOWN, RULES, quiet)
    assert [(one.rule, one.file, one.line) for one in result.findings] == [('GUP-F03', 'a.c', 3)]
    assert all(line.file == 'a.c' for one in result.findings for line in one.evidence)
    assert result.coverage.notes[0].startswith('no tree: flags, prototypes and argument checks are those of Linux ')
    assert result.verdict.outcome is Outcome.FAILED


def test_a_right_file_is_quiet() -> None:
    result = check_alone({'a.c': BAD.replace(b'get_user', b'pin_user')}, KNOWN, RULES, quiet)
    assert (result.findings, result.verdict.outcome) == ((), Outcome.PASSED)
