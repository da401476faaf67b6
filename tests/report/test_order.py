# SPDX-License-Identifier: GPL-2.0-or-later
"""Same facts, same bytes: whatever order they come in, whatever seed Python hashes with."""

from __future__ import annotations

import hashlib
import os
import random
import subprocess
import sys
from dataclasses import replace
from itertools import permutations
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot import report
from bot.model import Person, Report, Span, Trailer
from bot.report.order import trailers_in_order
from tests.report.example_lab import with_lab
from tests.report.letters import KINDS, letter

LINK = 'https://lore.kernel.org/r/'
ROOT = Path(__file__).parents[2]


def everything(found: Report) -> str:
    assert found.check
    rules = {f.rule: {'title': f.name} for f in found.check.findings}
    return ''.join(
        [
            *(report.render(found, form, link=LINK) for form in ('text', 'md', 'html', 'json')),
            *(letter(found, kind) for kind in KINDS),
            report.render_questions(found, 'text', link=LINK),
            *(report.render_findings(found.check, f, rules_meta=rules) for f in ('text', 'json', 'sarif')),
        ]
    )


def shuffled(found: Report, seed: int) -> Report:
    """Return the report with all that has no order of its own in another order."""
    mix = random.Random(seed)

    def other(items: tuple[Any, ...]) -> tuple[Any, ...]:
        return tuple(mix.sample(items, len(items)))

    check, ledger, mail = found.check, found.ledger, found.mail
    assert check and ledger
    revisions = tuple(
        replace(r, trailers=other(r.trailers), patches=tuple(replace(p, trailers=other(p.trailers)) for p in r.patches))
        for r in found.series.revisions
    )
    budgets = tuple(
        replace(
            b, before=replace(b.before, rows=other(b.before.rows)), after=replace(b.after, rows=other(b.after.rows))
        )
        for b in check.budgets
    )
    return replace(
        found,
        series=replace(found.series, revisions=revisions),
        mail=replace(mail, absent=other(mail.absent), odd=other(mail.odd), other_series=other(mail.other_series)),
        check=replace(
            check,
            findings=other(check.findings),
            flags=other(tuple(replace(f, sites=other(f.sites)) for f in check.flags)),
            budgets=other(budgets),
            coverage=replace(check.coverage, not_read=other(check.coverage.not_read)),
        ),
        ledger=replace(
            ledger,
            questions=other(tuple(replace(q, flags=other(q.flags), links=other(q.links)) for q in ledger.questions)),
        ),
        builds=other(found.builds),
        boots=other(found.boots),
    )


BYTES = everything(with_lab())


@settings(max_examples=6, deadline=None)
@given(st.integers())
def test_order_of_arrival_changes_nothing(seed: int) -> None:
    assert everything(shuffled(with_lab(), seed)) == BYTES


@pytest.mark.parametrize('seed', ['1', '4242'])
def test_hash_seed_changes_nothing(seed: str) -> None:
    code = 'import sys\nfrom tests.report.test_order import BYTES\nsys.stdout.write(BYTES)'
    done = subprocess.run(
        [sys.executable, '-c', code],
        cwd=ROOT,
        env=os.environ | {'PYTHONHASHSEED': seed},
        capture_output=True,
        check=True,
    )
    assert hashlib.sha256(done.stdout).hexdigest() == hashlib.sha256(BYTES.encode()).hexdigest()


def test_one_tag_given_twice_in_one_mail_has_one_order() -> None:
    """Seen once as two lines that changed places from one run to the next: they came from a set."""
    tag = Trailer('Acked-by', 'A <a@x.example>', Person('A', 'a@x.example'), 'p@x', Span('m@x', 7, 7), False)
    twice = [tag, replace(tag, span=Span('m@x', 9, 9)), replace(tag, name='Acked-By'), replace(tag, mismatch=True)]
    assert len({*twice}) == 4
    assert len({tuple(trailers_in_order(order)) for order in permutations(twice)}) == 1
