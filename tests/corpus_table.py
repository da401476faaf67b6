# SPDX-License-Identifier: GPL-2.0-or-later
"""Reviews every thread and mbox of the shared corpus with `--stages questions` and prints what came of each.

`python -m tests.corpus_table [DIRECTORY]`; the directory (default ../shared/corpus) holds threads/*/ and unannotated/*.mbox.
Exit status 1 when one of them ended in anything but a report.
"""

from __future__ import annotations

import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

from bot import pipeline
from bot.errors import BotError
from bot.model import Outcome, Revision
from bot.request import Request
from tests.desk import desk

SHARED = Path(__file__).resolve().parents[2] / 'shared' / 'corpus'


def sources(corpus: Path) -> Iterator[Path]:
    yield from sorted(p for p in (corpus / 'threads').iterdir() if p.is_dir())
    yield from sorted((corpus / 'unannotated').glob('*.mbox'))


def posting(revision: Revision) -> str:
    """Return one posting as `v2:3`, with what is missing: `v2:3/4`."""
    name = f'RFCv{revision.version}' if revision.rfc else f'v{revision.version}'
    count = str(len(revision.patches)) if revision.complete else f'{len(revision.patches)}/{revision.expected}'
    return f'{name}{"r" if revision.resend else ""}:{count}'


def row(path: Path, scratch: Path) -> str:
    started = time.monotonic()
    with desk(scratch / path.stem) as at:
        reviewed = pipeline.review(Request(str(path), stages=('questions',)), at)
    seconds = time.monotonic() - started
    verdict = dict(reviewed.report.verdicts)['questions']
    if verdict.outcome is not Outcome.PASSED:
        raise BotError(verdict.reason, where=path.name)
    mails = sum(len(t.messages) for t in reviewed.assembly.threads)
    revisions = reviewed.series.revisions
    complete = sum(r.complete for r in revisions)
    chain = ' '.join(map(posting, revisions))
    ledger = reviewed.report.ledger
    asked = len(ledger.questions) if ledger else 0
    return (
        f'| {path.stem} | {mails} | {len(reviewed.assembly.series)} | {len(revisions)} | {complete} | {chain} '
        f'| {asked} | {seconds:.1f} |'
    )


def main(corpus: Path) -> int:
    print('| source | mails | series | postings of the first | complete | version:patches | items | seconds |')
    print('| --- | --- | --- | --- | --- | --- | --- | --- |')
    failed = 0
    with tempfile.TemporaryDirectory() as scratch:
        for path in sources(corpus):
            try:
                print(row(path, Path(scratch)), flush=True)
            except Exception as wrong:
                failed += 1
                print(f'| {path.stem} | {type(wrong).__name__}: {wrong} |', flush=True)
    return 1 if failed else 0


if __name__ == '__main__':
    sys.exit(main(Path(sys.argv[1]) if len(sys.argv) > 1 else SHARED))
