# SPDX-License-Identifier: GPL-2.0-or-later
"""The lab's benchmark reads what a run says and sets every time against the base."""

from __future__ import annotations

import json
import subprocess

import pytest

from tests.lab import bench

REPORT = {
    'builds': [{'target': 'arm64-pkvm'}],
    'boots': [{'machine': 'nvhe'}, {'machine': 'hvhe'}],
    'verdicts': {'build': {'outcome': 'passed'}, 'boot': {'outcome': 'failed'}},
}
TOLD = """lorebot: arm64-pkvm, patch base: 500.0 s
lorebot: arm64-pkvm, patch 1: 6.0 s
lorebot: arm64-pkvm, patch 2: 8.0 s
lorebot: nvhe, patch base: 3.0 s
lorebot: nvhe, patch 1: 2.0 s
lorebot: hvhe, patch 1: 2.5 s
lorebot: nvhe, patch 2: 2.0 s
lorebot: hvhe, patch 2: 4.0 s
"""


def test_the_times_of_a_run_are_put_together() -> None:
    done = subprocess.CompletedProcess([], 1, json.dumps(REPORT), TOLD)
    found = bench._parts(done, 30.0)
    assert found['built'] == {1: 6.0, 2: 8.0} and found['booted'] == {'base': 3.0, '1': 4.5, '2': 6.0}
    assert found['own'] == 30.0 - 14.0 - 13.5
    with pytest.raises(SystemExit, match='ended with 3'):
        bench._parts(subprocess.CompletedProcess([], 3, '', 'no compiler'), 1.0)
    making = {'sandboxed': 21.0, 'bare': 20.0, 'ratio': 1.05}
    walls = {'sandboxed_wall': 11.0, 'bare_wall': 10.0, 'ratio_wall': 1.1}
    whole = {'base': 500.0, 'objects': 800, 'load': 1.0, 'making': {**making, **walls}, 'whole': 30.0}
    text = bench.table({**found, **whole, 'selftests': 60.0})
    assert '1.05 (aim at most 1.05)' in text and '11.0 s, 10.0 s: 1.10' in text
    assert 'both machines: 12.2 s, at most 14.0 s (aim under 20 s)' in text
    assert 'incremental build against cold: 7.0 s to 500 s, 0.014' in text
    assert 'five patches from the command to the report: 30.0 s (build passed, boot failed)' in text


def test_a_header_gets_its_function_before_its_end() -> None:
    assert bench._with('#ifndef H\n#endif /* H */\n', 'h.h', 3).splitlines()[-1] == '#endif /* H */'
    assert 'return 3;' in bench._with('#ifndef H\n#endif\n', 'h.h', 3)
    assert bench._with('int a;\n', 'a.c', 1).startswith('int a;\n\nint lorebot_bench_1(void);')
