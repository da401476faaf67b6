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
    text = bench.table({**found, 'base': 500.0, 'objects': 800, 'load': 1.0, 'making': making, 'whole': 30.0})
    assert '1.05 (aim at most 1.05)' in text and 'median of a patch: 14.0 s, 0.028 of building the base' in text
    assert 'five patches from the command to the report: 30.0 s (build passed, boot failed)' in text
