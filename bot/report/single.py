# SPDX-License-Identifier: GPL-2.0-or-later
"""Tells one question at a time as plain text: itself with its replies, its events, what a command changed, the log.

Promises that every line of a mail is shown as it stands there, harmless for a terminal, and every fact with its place.
"""

from __future__ import annotations

import shlex
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import UTC, datetime

from bot.model import Command, Event, Ledger, Message, Question
from bot.report.inert import one_line, verbatim
from bot.report.layout import fill
from bot.report.places import Places
from bot.report.words import counted, day

_COLUMNS = 76
_MOST_LINES = 30
_ROLES = {'A': 'asker', 'M': 'maintainer', 'S': 'author', 'R': 'reviewer', 'O': 'participant'}

_PUT_OFF = {
    'version': 'to a later posting',
    'venue': 'to be discussed elsewhere',
    'blocked-by': 'until something else is decided',
}


def standing(question: Question) -> str:
    """Return state and qualifier in words: "answered, unconfirmed"; a mail has no legend for those that are none."""
    if question.qualifier in _PUT_OFF:
        return f'{question.state} {_PUT_OFF[question.qualifier]}'
    return ', '.join(part for part in (question.state, question.qualifier) if part)


def tell_question(question: Question, messages: Sequence[Message], link: str) -> str:
    """Return a question with the lines of its mail, its replies with theirs, verdicts, commands and links."""
    mails, places = {m.message_id: m for m in messages}, Places(link)
    return _text(_question(question, mails, places))


def tell_events(question: Question, link: str) -> str:
    """Return every event of a question: when, what and who; where; rule, and what it saw."""
    return _text([*_head(question), '', *_events(question.events, Places(link))])


def tell_status(questions: Iterable[Question]) -> str:
    """Return one line a question: id, state, flags, the beginning of its words."""
    return _text(_status(q) for q in questions)


def tell_log(ledger: Ledger) -> str:
    """Return the log of commands about a series, oldest first; what was taken back says so."""
    back = {c.text: c.id for c in ledger.commands if c.verb == 'undo' and c.id not in ledger.undone}
    lines = [line for c in ledger.commands for line in _logged(c, back.get(c.id, ''))]
    return _text(lines or ['no command was given about this series'])


def tell_change(commands: Sequence[Command], new: int, before: Ledger, after: Ledger, source: str) -> str:
    """Return what commands did to which question, as whom, and how to take them back; `source` names the series."""
    return _text(_change(commands, new, before, after, source))


def _question(q: Question, mails: Mapping[str, Message], places: Places) -> Iterator[str]:
    yield from _head(q)
    yield _place(places, q.seen_in, q.lines, '  ') + (', as quoted there' if q.quote_depth else '')
    yield from _quoted(mails.get(q.seen_in), q.lines)
    if q.answers:
        yield ''
        yield 'replies'
    for answer in q.answers:
        mail = mails.get(answer.message_id)
        when = f', {day(mail.date)}' if mail and mail.date else ''
        yield f'  {one_line(answer.author.label)}{when}, {answer.directness}'
        yield _place(places, answer.message_id, answer.lines, '  ')
        yield from _quoted(mail, answer.lines)
    for verdict in q.verdicts:
        yield ''
        yield from _filled(f'v{verdict.revision}: {verdict.verdict} ({verdict.evidence})')
    given = [e for e in q.events if e.command]
    yield from ['', *_events(given, places)] if given else []
    yield from ['', *(f'link: {one_line(url)}' for url in q.links)] if q.links else []


def _head(q: Question) -> Iterator[str]:
    asked = f' asked {day(q.date)}' if q.date else ''
    on = f' on v{q.revision_asked}' if q.revision_asked else ''
    yield from _filled(f'{q.id} (q:{q.qhash[:12]}), {q.kind} on {q.class_}, {q.tier}')
    yield from _filled(f'by {q.asker.label},{asked}{on}, to {", ".join(q.to)}', '  ')
    waits = f'; waits on {q.waiting_on}' if q.waiting_on else ''
    flags = ''.join(f', {flag}' for flag in sorted({*q.flags} - {q.qualifier}))
    yield from _filled(f'{standing(q)}{waits}{flags.replace(", ", "; ", 1)}', '  ')
    if q.duplicate_of:
        yield from _filled(f'a duplicate of {q.duplicate_of}', '  ')
    if q.title:
        yield from _filled(f'title given by command: {q.title}', '  ')


def _events(events: Iterable[Event], places: Places) -> Iterator[str]:
    for event in events:
        yield from _filled(f'{_moment(event.at)}  {event.kind} by {event.actor or "nobody known"}')
        yield _place(places, event.message_id, event.lines, '    ')
        said = f': {event.note}' if event.note else ''
        by = f'command {event.command}, effect' if event.command else 'rule'
        yield from _filled(f'{by} {event.rule}{said}', '    ')


def _quoted(mail: Message | None, lines: tuple[int, int]) -> Iterator[str]:
    if mail is None:
        return
    some = mail.lines[lines[0] - 1 : lines[1]]
    yield from (f'    > {verbatim(line)}'.rstrip() for line in some[:_MOST_LINES])
    if len(some) > _MOST_LINES:
        yield f'    [{counted(len(some) - _MOST_LINES, "more line")}]'


def _place(places: Places, message_id: str, lines: tuple[int, int], indent: str) -> str:
    place = places.mail(message_id, lines)
    return f'{indent}{place.url} {place.lines}'.rstrip()


def _status(q: Question) -> str:
    others = sorted({*q.flags} - {q.qualifier})
    flags = f' [{", ".join(others)}]' if others else ''
    return _cut(f'{q.id:6} {standing(q)}{flags}: {one_line(q.title or q.text)}')


def _logged(command: Command, back: str) -> Iterator[str]:
    aims = [a for a in command.aims if a.effect != 'kept' or command.verb == 'merge']
    names = ', '.join(dict.fromkeys(a.name if any(a.lines) else 'the series' for a in aims))
    what = f'undo {command.text}' if command.verb == 'undo' else f'{command.verb} {names}'
    if command.verb != 'note' and aims and all(a.effect == 'noted' for a in aims):
        what += ' (a remark only)'
    text = f': {command.text}' if command.text and command.verb != 'undo' else ''
    gone = f' [taken back by {back}]' if back else ''
    yield from _filled(f'{command.id}  {_moment(command.at)}  {what}{text}{gone}')
    yield from _filled(f'by {_who(command)}, {command.origin}', '    ')


def _who(command: Command) -> str:
    ways = dict.fromkeys(_ROLES[a.role] + (f' ({a.because})' if a.role != 'A' else '') for a in command.aims)
    return f'{command.actor} as {"; ".join(ways)}'


def _change(commands: Sequence[Command], new: int, before: Ledger, after: Ledger, source: str) -> Iterator[str]:
    for command in commands:
        yield from _changed(command, before, after)
        already = ' (recorded already)' if not new else ''
        what = f'undo of {command.text}' if command.verb == 'undo' else command.verb
        yield from _filled(f'{command.id}{already}: {what}, given by {_who(command)}')
    yield f'take it back: lorebot questions undo {" ".join(c.id for c in commands)} --series {shlex.quote(source)}'


def _changed(command: Command, before: Ledger, after: Ledger) -> Iterator[str]:
    old = {q.qhash: q for q in before.questions}
    touched = {a.qhash for a in command.aims if a.qhash} | {
        q.qhash
        for q in (*before.questions, *after.questions)
        if any(e.command in (command.id, command.text) and e.command for e in q.events)
    }
    now = {q.qhash: q for q in after.questions}
    shown = dict.fromkeys(q.qhash for q in (*after.questions, *before.questions) if q.qhash in touched)
    for qhash in shown:
        yield from _step(old.get(qhash), now.get(qhash))
    if not shown:
        yield f'the series: {", ".join(dict.fromkeys(a.effect for a in command.aims))}'


def _step(was: Question | None, is_: Question | None) -> Iterator[str]:
    """Tell what became of one question."""
    one = is_ or was
    assert one is not None
    words = f'"{one_line(one.text)}"'
    if was is None:
        yield _cut(f'{one.id}: new, {standing(one)}: {words}')
    elif is_ is None:
        yield _cut(f'{one.id}: gone: {words}')
    else:
        moved = f'{standing(was)} -> ' if standing(was) != standing(is_) else 'still '
        yield _cut(f'{one.id}: {moved}{standing(is_)}: {words}')
        yield from (line for change in _changes(was, is_) for line in _filled(change, '  '))


def _changes(was: Question, is_: Question) -> Iterator[str]:
    """Yield what else than the state is another one now."""
    pairs = (
        ('put to', ', '.join(was.to), ', '.join(is_.to)),
        ('class', was.class_, is_.class_),
        ('tier', was.tier, is_.tier),
        ('title', was.title, is_.title),
        ('links', ' '.join(was.links), ' '.join(is_.links)),
        ('duplicate of', was.duplicate_of, is_.duplicate_of),
        ('flags', _flags(was), _flags(is_)),
    )
    yield from (f'{name}: {old or "none"} -> {new or "none"}' for name, old, new in pairs if old != new)


def _flags(q: Question) -> str:
    """Return the flags that neither age nor the state itself explains."""
    return ', '.join(sorted({*q.flags} - {'stale', 'very-stale', q.qualifier}))


def _moment(at: datetime | None) -> str:
    return at.astimezone(UTC).strftime('%Y-%m-%d %H:%M') if at else 'date unknown'


def _cut(line: str) -> str:
    return line if len(line) <= _COLUMNS else line[: _COLUMNS - 3] + '...'


def _filled(text: str, indent: str = '') -> list[str]:
    return fill(one_line(text), _COLUMNS, indent, indent + '  ').split('\n')


def _text(lines: Iterable[str]) -> str:
    return '\n'.join(lines) + '\n'
