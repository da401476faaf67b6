# SPDX-License-Identifier: GPL-2.0-or-later
"""A lock that a call may have dropped, and that is given back without asking.

Promises to follow every way from the call until somebody looks at the variable that says whether the lock is still held.
Refuses a NULL there: then the call keeps the lock.
"""

from __future__ import annotations

from collections.abc import Iterator

from bot.checks.c.graph import Step, Term
from bot.checks.sights.shapes import Body, Shape, mentions


def drops(body: Body) -> Iterator[Shape]:
    """Yield the unlocks that follow a call with `locked`, unasked."""
    for lock, one in sorted(body.words.flow.locks.items()):
        for nth, step in body.takes() if one.told else ():
            name = _said_by(body.argument(step, one.told))
            if name:
                yield from _unlocks(body, nth, step, name, lock)


def _said_by(term: Term | None) -> str:
    """Return the variable that says whether the lock is still held."""
    if term is None or (term.op == 'k' and term.text == '0'):
        return ''
    inner = term.parts[0] if term.op == '&' else term
    return inner.text if inner.op == 'n' else ''


def _unlocks(body: Body, nth: int, step: Step, name: str, lock: str) -> Iterator[Shape]:
    seen = set()
    for at in sorted(body.after(nth, lambda one: _asks(body, one, name, lock))):
        one = body.graph.steps[at]
        meaning = body.words.meaning(one.callee)
        if one.kind == 'call' and (meaning.role, meaning.lock) == ('unlock', lock) and one.line not in seen:
            seen.add(one.line)
            notes = ((step.line, f'`{step.text}` may drop the lock and then clears `{name}`'),)
            yield Shape('unlock-after-drop', body.name, one.line, one.text, step.callee, name, notes)


def _asks(body: Body, step: Step, name: str, lock: str) -> bool:
    """Tell whether a step looks at the variable, or takes the lock anew."""
    meaning = body.words.meaning(step.callee) if step.kind == 'call' else None
    taken = meaning is not None and (meaning.role, meaning.lock) == ('lock', lock)
    return taken or mentions(step, name) or (step.target is not None and step.target.text == name)
