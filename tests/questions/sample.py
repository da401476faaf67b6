# SPDX-License-Identifier: GPL-2.0-or-later
"""Draws replies by lot for annotation, and scores what is found in them: the honest test of finding.

    python -m tests.questions.sample draw SEED OUT MBOX:COUNT...    writes OUT/NNN.eml, prints their own lines, numbered
    python -m tests.questions.sample score SHARED OUT [-v]          reads OUT/items.txt

`MBOX?:COUNT` draws only replies with a "?" of their own. items.txt is written by a person who has not seen what the
program finds: a line an item, "NNN KIND FIRST-LAST"; kinds are q (on design or code), p (process), r (request or nit),
and o before q or r for what may be found or not. Look at one sample once: what was mended after it is no test any more.
"""

from __future__ import annotations

import json
import random
import re
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from bot.model import Message
from bot.questions.bots import automatic
from tests.questions.mails import messages
from tests.questions.score import document, errors, ledger_of, module

_KINDS = {'q': 'design', 'oq': 'design', 'p': 'process'}
_MOST_LINES = 120
# No list has so few writers that two mails of one do not do.
_MOST_OF_ONE = 2


def own_lines(message: Message) -> list[tuple[int, str]]:
    """Return the lines that no mark says are quoted, up to the signature."""
    found = []
    for number, line in enumerate(message.lines, 1):
        if line.rstrip() == '--':
            break
        if line.strip() and not re.match(r'^\s?\w{0,3}>', line):
            found.append((number, line))
    return found


def draw(seed: int, out: Path, wishes: Sequence[str]) -> None:
    """Write the replies that the lot falls on, at most two of one writer, robots left out."""
    out.mkdir(parents=True)
    chance, taken = random.Random(seed), 0
    for wish in wishes:
        name, _, count = wish.rpartition(':')
        wanted, writers = taken + int(count), dict[str, int]()
        mails = list(messages(Path(name.removesuffix('?'))))
        chance.shuffle(mails)
        for mail in mails:
            own = own_lines(mail)
            asks = not name.endswith('?') or any('?' in text for _, text in own)
            fits = mail.subject.lower().startswith('re:') and 3 <= len(own) <= _MOST_LINES and not automatic(mail)
            if taken == wanted or not (fits and asks) or writers.get(mail.author.email, 0) == _MOST_OF_ONE:
                continue
            writers[mail.author.email] = writers.get(mail.author.email, 0) + 1
            (out / f'{taken:03}.eml').write_bytes(mail.raw)
            print(f'===== {taken:03} {mail.author.label} | {mail.subject}')
            print('\n'.join(f'{number}: {text}' for number, text in own))
            taken += 1


def annotated(out: Path) -> dict[str, list[tuple[str, int, int]]]:
    found: dict[str, list[tuple[str, int, int]]] = {}
    for line in (out / 'items.txt').read_text(encoding='utf-8').splitlines():
        name, kind, place = line.split()[:3]
        first, _, last = place.partition('-')
        found.setdefault(f'{int(name):03}', []).append((kind, int(first), int(last or first)))
    return found


def family(name: str, mail: Message, items: Sequence[tuple[str, int, int]]) -> dict[str, Any]:
    """Return one mail as the scorer's gold has it."""
    made: dict[str, Any] = {'thread': name, 'messages': [{'message_id': mail.message_id}]}
    made |= {'questions': [], 'requests': [], 'negatives': []}
    for kind, first, last in items:
        text = '\n'.join(mail.lines[first - 1 : last])
        item: dict[str, Any] = {'id': f'{name}:{first}', 'message_id': mail.message_id, 'text': text, 'sentence': text}
        item |= {'status': 'open', 'answered_by': [], 'kind': _KINDS.get(kind, 'request'), 'optional': kind[0] == 'o'}
        made['questions' if kind in _KINDS else 'requests'].append(item)
    return made


def score(shared: Path, out: Path, verbose: bool) -> None:
    """Print detection on the sample, by the scorer of the gold."""
    judge, mapping = module(shared / 'gold/score_questions.py'), module(shared / 'gold/to_scorer.py')
    gold, found = annotated(out), []
    families = []
    for path in sorted(out.glob('*.eml')):
        mail = messages(path)[0]
        families.append(family(path.stem, mail, gold.get(path.stem, [])))
        found += mapping.predictions(json.loads(json.dumps(document(ledger_of(path)[0]))))
    summary, lists = judge.score([p for p in found if p['message_id']], families)
    print(f'gold {summary["gold"]}  found {summary["tp"]}')
    for name in ('lenient', 'strict'):
        print('{:8} P {:.3f}  R {:.3f}  F1 {:.3f}'.format(name, *summary[name]))
    if verbose:
        print('\n'.join(errors(lists)))


if __name__ == '__main__':
    if sys.argv[1] == 'draw':
        draw(int(sys.argv[2]), Path(sys.argv[3]), sys.argv[4:])
    else:
        score(Path(sys.argv[2]), Path(sys.argv[3]), '-v' in sys.argv)
