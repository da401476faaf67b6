# SPDX-License-Identifier: GPL-2.0-or-later
"""The KTAP corpus, read by us as its headers say, and by the kernel's own parser with no better an opinion."""

from __future__ import annotations

import json
import subprocess
import sys
from collections import Counter
from pathlib import Path

import pytest

from bot.lab.verdict import leaves
from bot.model import Outcome
from tests.lab import ktap_corpus
from tests.lab.ktap_corpus import CORPUS, Entry, entries, header, parsed, read, write

ENTRIES = entries()
# Prints what the kernel's parser makes of each log: whether it is content, and how many innermost tests passed. Its count of
# errors is left out: it knows no plan that comes last.
THEIRS = """
import json, sys
import io
import kunit_parser, kunit_printer
told = {}
for name, lines in json.load(sys.stdin).items():
    test = kunit_parser.parse_run_tests(lines, kunit_printer.Printer(False, io.StringIO()))
    told[name] = (test.ok_status(), test.counts.passed)
json.dump(told, sys.stdout)
"""


@pytest.mark.parametrize('entry', ENTRIES, ids=lambda e: e.path.name)
def test_the_corpus_is_read_as_its_headers_say(entry: Entry, request: pytest.FixtureRequest) -> None:
    if request.config.getoption('--update-golden'):
        write(entry.path, entry.origin, entry.lines)
    assert header(entry.origin, parsed(entry.lines)) == read(entry.path).header


@pytest.mark.parametrize('number', sorted(ktap_corpus.RECIPES))
def test_derived_logs_are_what_the_script_makes(number: str) -> None:
    source, _, recipe = ktap_corpus.RECIPES[number]
    assert recipe(read(CORPUS / source).lines) == read(CORPUS / number).lines


def test_the_kernels_own_parser_is_never_stricter(request: pytest.FixtureRequest) -> None:
    place = request.config.cache.mkdir('lorebot-lab') / 'debian/linux/tools/testing/kunit'
    if not (place / 'kunit_parser.py').is_file():
        pytest.skip('no kernel tree is unpacked: ./bot.sh check --long unpacks one')
    logs = {e.path.name: e.lines for e in ENTRIES}
    done = subprocess.run(
        [sys.executable, '-c', THEIRS], cwd=place, input=json.dumps(logs), capture_output=True, text=True, check=True
    )
    theirs = json.loads(done.stdout)
    for entry in ENTRIES:
        mine, (content, passed) = parsed(entry.lines), theirs[entry.path.name]
        if not content:
            assert mine.outcome is not Outcome.PASSED, entry.path.name
        if mine.outcome is Outcome.PASSED:
            counts = Counter(outcome for _, outcome in leaves(mine))
            assert (content, counts[Outcome.PASSED]) == (True, passed), entry.path.name


def test_both_kinds_of_nesting_are_in_the_corpus() -> None:
    texts = [Path(e.path).read_text(encoding='utf-8') for e in ENTRIES]
    assert any('\n    ok 1 ' in t for t in texts) and any('\n# ok 1 ' in t for t in texts)
