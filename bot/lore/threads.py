# SPDX-License-Identifier: GPL-2.0-or-later
"""Messages to threads: who answers whom, what hangs together, and which mails are known only by reference.

Promises that following `parent` ends: a chain that runs in a circle is cut at its earliest mail, with a note.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace

from bot.model import Ghost, Message, Thread


def in_order(messages: Iterable[Message]) -> list[Message]:
    """Return messages by date, then id; those without a date last."""
    return sorted(messages, key=lambda m: (m.date is None, m.date and m.date.timestamp(), m.message_id))


def without_circles(messages: Sequence[Message]) -> list[Message]:
    """Return the messages in order, with `parent` taken off where it would lead back to the mail itself."""
    ordered = in_order(messages)
    parents = {m.message_id: m.parent for m in ordered}
    safe: set[str] = set()
    for message in ordered:
        path: dict[str, None] = {}
        at: str | None = message.message_id
        while at is not None and at in parents and at not in safe:
            if at in path:
                circle = set(list(path)[list(path).index(at) :])
                parents[next(m.message_id for m in ordered if m.message_id in circle)] = None
                break
            path[at] = None
            at = parents[at]
        safe.update(path)
    return [m if parents[m.message_id] == m.parent else _cut(m) for m in ordered]


def _cut(message: Message) -> Message:
    return replace(message, parent=None, notes=(*message.notes, 'its references run in a circle: taken for a root'))


def ancestors(message: Message, by_id: Mapping[str, Message]) -> list[Message]:
    """Return the mails at hand that a mail answers, nearest first; a ghost between two is stepped over."""
    found: list[Message] = []
    seen = {message.message_id}
    at = message
    while True:
        step = by_id.get(at.parent or '')
        if step is None and at.parent is not None:
            step = next((by_id[i] for i in reversed(at.references) if i in by_id and i not in seen), None)
        if step is None or step.message_id in seen:
            return found
        seen.add(step.message_id)
        found.append(step)
        at = step


def assemble_threads(messages: Sequence[Message]) -> tuple[Thread, ...]:
    """Return the threads by date of their first mail; `messages` come from `without_circles`.

    The root of a thread is its earliest mail at hand that answers no mail at hand.
    """
    leaders: dict[str, str] = {}

    def leader(name: str) -> str:
        while leaders.setdefault(name, name) != name:
            leaders[name] = leaders[leaders[name]]
            name = leaders[name]
        return name

    for message in messages:
        for other in (message.in_reply_to, *message.references):
            if other is not None:
                leaders[leader(other)] = leader(message.message_id)
    groups: dict[str, list[Message]] = {}
    for message in messages:
        groups.setdefault(leader(message.message_id), []).append(message)
    return tuple(_thread(group) for group in groups.values())


def _thread(group: list[Message]) -> Thread:
    here = {m.message_id for m in group}
    root = next((m for m in group if m.parent not in here), group[0])
    ghosts: dict[str, Ghost] = {}
    for message in group:
        for known in (message.in_reply_to, *message.references):
            if known is not None and known not in here:
                ghosts.setdefault(known, Ghost(known, None, None, message.message_id))
    unusable = 'no mail of this thread has text' if all(m.unusable for m in group) else ''
    return Thread(root.message_id, tuple(group), tuple(ghosts.values()), unusable)
