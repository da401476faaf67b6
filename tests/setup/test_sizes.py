# SPDX-License-Identifier: GPL-2.0-or-later
"""The caps on the length of functions and files, and the ruler they are measured with."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests import sizes


def test_bot_is_within_the_caps() -> None:
    assert sizes.measure(sizes.PACKAGE).over == []


def test_a_function_is_measured_from_def_to_its_last_line(tmp_path: Path) -> None:
    (tmp_path / 'a.py').write_text(
        'import x\n\n\n@x.decorated\n@x.twice\ndef outer():\n    """Doc."""\n\n    async def inner():\n        pass\n'
        '    return inner\n\n\nclass C:\n    def method(self): ...\n',
        encoding='utf-8',
    )
    measured = sizes.measure(tmp_path)
    assert {f.name.split()[1]: f.lines for f in measured.functions} == {'outer()': 6, 'inner()': 2, 'method()': 1}
    assert [f.lines for f in measured.files] == [15]


@pytest.mark.parametrize(
    ('lengths', 'sentence'),
    [
        ([61], 'f0: 61 lines, not 60 or fewer'),
        ([11, 11, 11], 'the median function has 11 lines, not 10 or fewer'),
        ([1] * 8 + [31, 31], 'one function in ten has more than 30 lines (p90 31)'),
    ],
)
def test_each_cap_is_named_when_it_is_broken(lengths: list[int], sentence: str) -> None:
    functions = tuple(sizes.Size(n, f'f{i}') for i, n in enumerate(lengths))
    assert sentence in sizes.Sizes(functions, ()).over


def test_long_files_are_named() -> None:
    assert sizes.Sizes((), (sizes.Size(401, 'bot/a.py'), sizes.Size(400, 'bot/b.py'))).over == [
        'bot/a.py: 401 lines, not 400 or fewer'
    ]


@given(st.lists(st.integers(1, 500), min_size=1), st.integers(1, 100))
def test_the_percentile_is_a_length_that_enough_do_not_exceed(lengths: list[int], percent: int) -> None:
    found = sizes.percentile(lengths, percent)
    assert found in lengths
    assert sum(n <= found for n in lengths) * 100 >= percent * len(lengths)
    assert sum(n < found for n in lengths) * 100 < percent * len(lengths)
