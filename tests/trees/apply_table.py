# SPDX-License-Identifier: GPL-2.0-or-later
"""Applies every series of the shared corpus to every tree that is named and tells how many go in, and why the others do not.

`python -m tests.trees.apply_table [--postings] [--corpus DIRECTORY] TREE...`; the newest posting of each series, or with
`--postings` all of them. Exit status 1 when one of them ended in anything but a verdict.
"""

from __future__ import annotations

import argparse
import re
import sys
import tempfile
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from bot import intake, lore
from bot.errors import BotError
from bot.model import AppliedTree, Outcome, Revision
from bot.request import Request
from bot.trees import open_tree
from tests.corpus_table import SHARED, posting, sources
from tests.desk import desk

_MAX_TAGS = 40


@dataclass(frozen=True, slots=True)
class Row:
    source: str
    subject: str
    posted: str
    done: AppliedTree

    def __str__(self) -> str:
        done = self.done
        taken = next((a for a in done.attempts if a.chosen), None)
        images = f'{taken.found}/{taken.wanted}' if taken else '-'
        why = done.verdict.reason.replace('|', '/')
        went_in = f'{len(done.patches)}'
        told = [self.source, self.subject[:50].replace('|', '/'), self.posted, done.tree, str(done.verdict.outcome)]
        return f'| {" | ".join([*told, went_in, images, why])} |'


def series(corpus: Path, scratch: Path, every: bool) -> Iterator[tuple[str, str, Revision]]:
    """Yield source, subject and posting of every series in the corpus."""
    for path in sources(corpus):
        with desk(scratch / path.stem) as at:
            place, asked = lore.locate(str(path), at.settings.archive.url), Request(str(path))
            found = intake.assemble(place, asked, at, intake.read(place, asked, at))
        for one in found.series:
            for revision in one.revisions if every else one.revisions[-1:]:
                yield path.stem, one.subject, revision


def kind(done: AppliedTree) -> str:
    """Return the reason without names and numbers, so that like ones count together."""
    reason = done.conflict.reason if done.conflict else done.verdict.reason
    return re.sub(r'\b[0-9a-f]{12,40}\b', 'X', re.sub(r'\d+', 'N', reason.partition(':')[0].partition(';')[0]))


def main(arguments: list[str]) -> int:
    parser = argparse.ArgumentParser(prog='tests.trees.apply_table')
    parser.add_argument('trees', nargs='+', type=Path)
    parser.add_argument('--postings', action='store_true')
    parser.add_argument('--corpus', type=Path, default=SHARED)
    given = parser.parse_args(arguments)
    counts: dict[str, Counter[str]] = {}
    reasons: Counter[tuple[str, str]] = Counter()
    failed = 0
    print('| source | series | posting | tree | outcome | patches in | pre-images | why |')
    print('| --- | --- | --- | --- | --- | --- | --- | --- |')
    with tempfile.TemporaryDirectory() as scratch:
        for source, subject, revision in series(given.corpus, Path(scratch), given.postings):
            for path in given.trees:
                try:
                    with open_tree(path, Path(scratch) / 'shop') as tree:
                        done = tree.apply(revision, None, _MAX_TAGS, lambda *_: None)
                except BotError as wrong:
                    failed += 1
                    print(f'| {source} | {subject[:50]} | {posting(revision)} | {path.name} | {wrong} |', flush=True)
                    continue
                print(Row(source, subject, posting(revision), done), flush=True)
                counts.setdefault(done.tree, Counter())[str(done.verdict.outcome)] += 1
                if done.verdict.outcome is not Outcome.PASSED:
                    reasons[done.tree, kind(done)] += 1
    _summary(counts, reasons)
    return 1 if failed else 0


def _summary(counts: dict[str, Counter[str]], reasons: Counter[tuple[str, str]]) -> None:
    print('\n| tree | applies | does not | not tried |\n| --- | --- | --- | --- |')
    for tree, count in counts.items():
        print(f'| {tree} | {count["passed"]} | {count["failed"]} | {count["skipped"]} |')
    print('\n| tree | why not | series |\n| --- | --- | --- |')
    for (tree, why), number in sorted(reasons.items(), key=lambda pair: (pair[0][0], -pair[1], pair[0][1])):
        print(f'| {tree} | {why} | {number} |')


if __name__ == '__main__':
    sys.exit(main(sys.argv[1:]))
