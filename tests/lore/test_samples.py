# SPDX-License-Identifier: GPL-2.0-or-later
"""The mails that b4, Patchwork and public-inbox test their parsers with: what each is, found out by reading it.

The table holds facts only: mails, threads, postings as `v2 1/4`, and what is odd. `--update-golden` writes what the program
says; it is right only after somebody read the sample again.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable
from pathlib import Path

from bot.lore import Assembly, assemble, parse
from bot.lore.mailbox import read_file
from bot.model import GitRunner
from tests.lore.test_series import chains

TABLE = Path(__file__).parents[1] / 'data/parser-samples.txt'


def row(path: Path, name: str, git: GitRunner) -> str:
    messages = parse(read_file(path, 1 << 28, lambda *_: None), ())
    made = assemble(messages, None, git)
    postings = ' | '.join(', '.join(c) for c in chains(made)) or 'no patch'
    head = f'{name}: {len(messages)} mails, {len(made.threads)} threads, {postings}'
    return '\n  '.join([head, *given(made), *sorted(set(odd(made)))])


def given(made: Assembly) -> list[str]:
    """Return which tags replies gave, in all."""
    every = [
        t for s in made.series for r in s.revisions for t in (*r.trailers, *(t for p in r.patches for t in p.trailers))
    ]
    counts = Counter(t.name + (' by somebody else' if t.mismatch else '') for t in every if not t.carried)
    return ['given: ' + ', '.join(f'{name} {count}' for name, count in sorted(counts.items()))] if counts else []


def odd(made: Assembly) -> list[str]:
    """Return the beginnings of all notes, without what they quote of the mail."""
    notes = [n for s in made.series for r in s.revisions for n in r.notes]
    notes += [n for t in made.threads for m in t.messages for n in (*m.notes, m.unusable) if n]
    return [
        re.split(r"[:(]? ?['<(\\]|: the |: one | part was read|text/", n)[0]
        for n in notes
        if not n.startswith('patch ') or 'patch 1:' not in n
    ]


def test_every_sample(corpus: Path, git: GitRunner, golden: Callable[[Path, str], None]) -> None:
    root = corpus / 'parser-samples'
    files = sorted(p for p in root.rglob('*') if p.is_file() and p.name != 'SOURCE.txt')
    rows = [row(p, str(p.relative_to(root)), git) for p in files]
    assert len(rows) == 107 or len(rows) > 100
    golden(TABLE, '# SPDX-License-Identifier: GPL-2.0-or-later\n' + '\n'.join(rows) + '\n')
