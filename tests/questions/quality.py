# SPDX-License-Identifier: GPL-2.0-or-later
"""What the quality gate measures: the issue's six scores and three shares of quoted lines, each with its noise.

The program is deterministic and the gold stands still, so equal code gives equal numbers. The noise is what another
draw of items would have given: a bootstrap over the items of every conversation (over the conversations for quotes),
seeded. A score may fall by one such standard error, and never by less than one item; what falls further fails.
"""

from __future__ import annotations

import json
import random
import statistics
import tomllib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from bot.model import Ledger, Message
from tests.questions import quote_score, score
from tests.questions.mails import messages

TABLE = Path(__file__).with_suffix('.toml')
MARK = '# --- written by `./bot.sh quality --set` ---'
ROUNDS = 400
LEAST = 0.001

Ask = Callable[[Path], Ledger]


@dataclass(frozen=True, slots=True)
class Measured:
    """One number between 0 and 1, the noise in it, and what it counts."""

    value: float
    noise: float
    count: int


def wanted(table: Mapping[str, Any]) -> list[str]:
    """Return the names of the conversations to score."""
    return sorted([*table['threads'], *(table['held_out'] if table['held_out_too'] else [])])


def read_table(path: Path = TABLE) -> dict[str, Any]:
    return tomllib.loads(path.read_text(encoding='utf-8'))


def ask(path: Path) -> Ledger:
    return score.ledger_of(path)[0]


def scores(shared: Path, names: Sequence[str], ask: Ask = ask) -> dict[str, Measured]:
    """Return the six scores of the ledgers that `ask` makes."""
    judge, mapping = score.module(shared / 'gold/score_questions.py'), score.module(shared / 'gold/to_scorer.py')
    given = (score.document(ask(shared / 'corpus/threads' / name)) for name in names)
    predictions = [p for document in given for p in mapping.predictions(json.loads(json.dumps(document)))]
    gold = judge.load_gold([str(shared / 'gold/questions' / f'{n}.json') for n in names])
    summary, lists = judge.score(predictions, gold)
    chance = random.Random(1)
    drawn = [score.shares(judge.summarise([_redrawn(one, chance) for one in lists])) for _ in range(ROUNDS)]
    counts = _counts(summary)
    return {
        name: Measured(value, max(statistics.pstdev(d[name] for d in drawn), 1 / max(counts[name], 1)), counts[name])
        for name, value in score.shares(summary).items()
    }


def _redrawn(one: Mapping[str, Any], chance: random.Random) -> dict[str, Any]:
    """Return the scorer's lists of one conversation with their items drawn anew, with replacement."""
    return {k: chance.choices(v, k=len(v)) if isinstance(v, list) and v else v for k, v in one.items()}


def _counts(summary: Mapping[str, Any]) -> dict[str, int]:
    """Return how many items each score is about."""
    opened = summary['open_list']
    return {
        'detection F1 lenient': summary['gold'],
        'detection F1 strict': summary['gold'],
        'status accuracy': summary['status']['judged'],
        'open-list F1': opened['tp'] + opened['fp'] + opened['fn'],
        'answering mail': summary['answers']['gold_with_answer'],
        'resolving revision': summary['revisions']['gold'],
    }


def quoting(tallies: Sequence[quote_score.Tally]) -> dict[str, Measured]:
    """Return the shares of quoted lines that are attributed, agree with names, and survive a rewrap."""
    chance = random.Random(1)
    drawn = [_shares(chance.choices(tallies, k=len(tallies))) for _ in range(ROUNDS)]
    whole = quote_score.total(tallies)
    counts = {
        'attributed': sum(whole.lines.values()),
        'names': sum(whole.names.values()),
        'rewrapped': whole.rewrapped['lines'],
    }
    return {
        f'quotes {name}': Measured(value, max(statistics.pstdev(d[name] for d in drawn), LEAST), counts[name])
        for name, value in _shares(tallies).items()
    }


def _shares(tallies: Sequence[quote_score.Tally]) -> dict[str, float]:
    return quote_score.summary(quote_score.total(tallies))


def measure(shared: Path, names: Sequence[str], ask: Ask = ask) -> dict[str, Measured]:
    """Return all that the gate looks at."""
    return scores(shared, names, ask) | quoting([tally(shared / 'corpus/threads' / name) for name in names])


def tally(path: Path) -> quote_score.Tally:
    return quote_score.measure(messages(path))


def floors(table: Mapping[str, Any]) -> dict[str, float]:
    """Return the least that each score may be."""
    return {name: row['score'] - row['noise'] for name, row in table.get('accepted', {}).items()}


def failures(found: Mapping[str, Measured], table: Mapping[str, Any]) -> list[str]:
    """Return a sentence for each score below its floor, and for each that has none."""
    least = floors(table)
    out = [f'{name}: no accepted score; ./bot.sh quality --set' for name in found if name not in least]
    out += [f'{name}: accepted, and no longer measured' for name in least if name not in found]
    for name, one in found.items():
        if one.value < least.get(name, 0.0) - 1e-9:
            row = table['accepted'][name]
            out.append(f'{name}: {one.value:.4f} is below {row["score"]:.4f} by more than the noise {row["noise"]:.4f}')
    return out


def written(found: Mapping[str, Measured], text: str) -> str:
    """Return the text of the table with the accepted scores replaced by these."""
    rows = [
        f'"{name}" = {{ score = {one.value:.4f}, noise = {one.noise:.4f} }}  # of {one.count}'
        for name, one in found.items()
    ]
    return f'{text.partition(MARK)[0]}{MARK}\n[accepted]\n' + '\n'.join(rows) + '\n'


@dataclass(frozen=True, slots=True)
class Guards:
    """What shows, without gold, that the inference went astray on mail nobody annotated."""

    mails: int
    unattributed: float
    questions: int
    to_nobody: float
    possible: float


def guards(conversations: Sequence[tuple[Sequence[Message], Ledger]]) -> Guards:
    """Return the guard metrics of notes/questions.md §9; commands of users are not there yet to be counted."""
    lines = quote_score.total([quote_score.lines_only(mails) for mails, _ in conversations])
    asked = [q for _, ledger in conversations for q in ledger.questions if q.kind == 'question']
    count = max(len(asked), 1)
    return Guards(
        sum(len(mails) for mails, _ in conversations),
        1 - quote_score.summary(lines)['attributed'],
        len(asked),
        sum(q.to in ((), ('the list',)) for q in asked) / count,
        sum(q.tier == 'possible' for q in asked) / count,
    )


def conversation(path: Path) -> tuple[Sequence[Message], Ledger]:
    """Return the mails of an mbox with their ledger."""
    mails = messages(path)
    return mails, ask(path)
