# SPDX-License-Identifier: GPL-2.0-or-later
"""Scores the ledger on annotated conversations: `python -m tests.questions.score SHARED [THREAD...] [-v] [-s]`.

SHARED holds corpus/threads, gold/questions, gold/to_scorer.py and gold/score_questions.py. Without names all threads
with gold are scored. -v lists misses and false finds, -s the states that differ, each with its events.
"""

from __future__ import annotations

import importlib.util
import json
import sys
import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from types import ModuleType
from typing import Any

from bot import lore, questions
from bot.model import Ledger, Question
from tests.questions.mails import assembled, messages, settings


def document(ledger: Ledger) -> dict[str, Any]:
    """Return what the scorer's mapping reads of DESIGN §5's questions document."""
    return {'schema': 'lorebot.questions/1', 'questions': [_question(q) for q in ledger.questions]}


def _question(q: Question) -> dict[str, Any]:
    return {
        'id': q.id,
        'message_id': q.message_id,
        'seen_in': q.seen_in,
        'lines': list(q.lines),
        'text': q.text,
        'kind': q.kind,
        'class': q.class_,
        'tier': q.tier,
        'state': q.state,
        'qualifier': q.qualifier,
        'flags': list(q.flags),
        'revision_settled': q.revision_settled,
        'posting_settled': q.posting_settled,
        'answers': [
            {'message_id': a.message_id, 'lines': list(a.lines), 'directness': a.directness} for a in q.answers
        ],
        'verdicts': [{'revision': v.revision, 'verdict': v.verdict, 'evidence': v.evidence} for v in q.verdicts],
    }


def ledger_of(path: Path) -> tuple[Ledger, float, int]:
    """Return the ledger of one conversation, the seconds that quotes and questions took, and the number of mails."""
    mails = messages(path)
    threads, series = assembled(mails)
    start = time.perf_counter()
    ledger = questions.ask(threads, series, lore.quotes(mails), settings().questions)
    return ledger, time.perf_counter() - start, len(mails)


def module(path: Path) -> ModuleType:
    spec = importlib.util.spec_from_file_location(path.stem, path)
    assert spec and spec.loader
    made = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(made)
    return made


def score(shared: Path, names: Sequence[str]) -> tuple[dict[str, Any], list[Any], Mapping[str, Ledger], float]:
    """Return the scorer's summary, its lists per conversation, the ledgers and mails per second."""
    judge, mapping = module(shared / 'gold/score_questions.py'), module(shared / 'gold/to_scorer.py')
    ledgers: dict[str, Ledger] = {}
    predictions: list[Any] = []
    seconds, mails = 0.0, 0
    for name in names:
        ledgers[name], took, count = ledger_of(shared / 'corpus/threads' / name)
        predictions += mapping.predictions(json.loads(json.dumps(document(ledgers[name]))))
        seconds, mails = seconds + took, mails + count
    gold = judge.load_gold([str(shared / 'gold/questions' / f'{n}.json') for n in names])
    summary, lists = judge.score(predictions, gold)
    judge.report(summary)
    return summary, lists, ledgers, mails / max(seconds, 1e-9)


def shares(summary: Mapping[str, Any]) -> dict[str, float]:
    """Return the six numbers that the issue names."""
    answers, revisions = summary['answers'], summary['revisions']
    return {
        'detection F1 lenient': summary['lenient'][2],
        'detection F1 strict': summary['strict'][2],
        'status accuracy': summary['status']['accuracy'],
        'open-list F1': summary['open_list']['prf'][2],
        'answering mail': answers['found_one'] / max(answers['gold_with_answer'], 1),
        'resolving revision': revisions['right'] / max(revisions['gold'], 1),
    }


def errors(lists: Sequence[Any]) -> list[str]:
    out = []
    for one in lists:
        out += [f'MISS {m["id"]} {m["kind"]} {m["status"]} | {m["sentence"][:160]}' for m in one['miss']]
        out += [f'FALSE {one["family"]} {why} | {p["kind"]} {p["text"][:160]}' for p, why in one['fp_strict']]
    return out


def states(lists: Sequence[Any], ledgers: Mapping[str, Ledger]) -> list[str]:
    known = {(q.message_id, q.text): q for ledger in ledgers.values() for q in ledger.questions}
    out = []
    for one in lists:
        for found, gold in one['tp']:
            wanted = {a['message_id'] for a in gold['answered_by']}
            lost = bool(wanted) and not wanted & set(found['answered_by'])
            revision = (
                gold['status'] == 'resolved-by-revision' and found['resolved_revision'] != gold['resolved_revision']
            )
            if found['status'] != gold['status'] or lost or revision:
                out.append(
                    f'{gold["id"]} {gold["status"]} {gold.get("resolved_revision")} <- {found["status"]} '
                    f'{found["resolved_revision"]}{" NO ANSWER" if lost else ""} | {gold["sentence"][:140]}'
                )
                out.append(
                    f'    gold: {[(a["message_id"][:20], a["line"]) for a in gold["answered_by"]]} {gold.get("note", "")}'
                )
                out += [
                    f'    {e.kind} {e.message_id[:20]} {e.lines} {e.rule} {e.actor} {e.note[:110]}'
                    for e in known[(found['message_id'], found['text'])].events
                ]
    return out


def main(arguments: Sequence[str]) -> int:
    plain = [a for a in arguments if not a.startswith('-')]
    shared = Path(plain[0])
    names = plain[1:] or sorted(p.stem for p in (shared / 'gold/questions').glob('*.json'))
    summary, lists, ledgers, speed = score(shared, names)
    for name, value in shares(summary).items():
        print(f'  {name:22s} {value:.3f}')
    print(f'  {speed:.0f} mails a second (quotes and questions, on this machine)')
    if '-v' in arguments:
        print('\n'.join(errors(lists)))
    if '-s' in arguments:
        print('\n'.join(states(lists, ledgers)))
    return 0


if __name__ == '__main__':
    sys.exit(main(sys.argv[1:]))
