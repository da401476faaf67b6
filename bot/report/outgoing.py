# SPDX-License-Identifier: GPL-2.0-or-later
"""Tells of mails that could be sent: who gets one and why, what every rule says, what happened to it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import UTC

from bot.model import Decision, Draft, Letter, LetterState
from bot.report.inert import one_line, verbatim
from bot.report.layout import fill
from bot.report.sections.frame import full
from bot.report.words import counted

_COLUMNS = 76
_MOST_LEFT_OUT = 8


def tell_draft(draft: Draft) -> str:
    """Return every recipient with the reason, and who of the conversation does not get the mail."""
    return _text(_draft(draft))


def tell_rulings(decision: Decision, whole: bool = False) -> str:
    """Return what the rules say, those first that are against it; what allows it is counted, and named for the `whole`."""
    return _text(_rulings(decision, whole))


def tell_letter(letter: Letter, state: LetterState, draft: Draft) -> str:
    """Return a letter in two lines: state, kind, recipients, subject."""
    approved = any(e.what == 'approved' and e.digest == letter.digest for e in letter.events)
    said = f'{state}, approved' if approved and state == 'waiting' else state
    to = ', '.join(r.person.email for r in draft.recipients) or 'nobody'
    return _text(
        [
            f'{letter.id}  {said}',
            *_filled(f'{draft.kind} to {to}', '    '),
            *_filled(dict(draft.headers).get('Subject', ''), '    '),
        ]
    )


def tell_happened(letter: Letter) -> str:
    """Return all that happened to a letter, oldest first."""
    return _text(['', 'what happened', *(line for e in letter.events for line in _event(letter, e.number))])


def harmless(raw: bytes) -> str:
    """Return a mail as it is, but for what would act on a terminal."""
    return '\n'.join(verbatim(line) for line in raw.decode('utf-8', 'replace').split('\n'))


def _draft(draft: Draft) -> Iterator[str]:
    yield from _filled(f'{draft.kind} mail {draft.id}')
    yield from _filled(f'in answer to {draft.answers.message_id}', '  ')
    yield ''
    yield 'recipients' if draft.recipients else 'recipients: none'
    for one in draft.recipients:
        yield from _filled(f'{one.field} {full(one.person)}: {one.because}', '  ')
    if draft.left_out:
        yield 'not written to'
    for address, why in draft.left_out[:_MOST_LEFT_OUT]:
        yield from _filled(f'{address}: {why}', '  ')
    if len(draft.left_out) > _MOST_LEFT_OUT:
        yield f'  and {len(draft.left_out) - _MOST_LEFT_OUT} more'
    if draft.lists:
        yield from _filled(f'lists that have a say: {", ".join(draft.lists)}')
    yield ''


def _rulings(decision: Decision, whole: bool) -> Iterator[str]:
    yield {'allow': 'it may be sent', 'hold': 'it has to wait', 'stop': 'it is not sent'}[decision.gate]
    order = ('stop', 'hold', 'allow')
    for ruling in sorted(decision.rulings, key=lambda r: order.index(r.gate)):
        if whole or ruling.gate != 'allow':
            yield from _filled(f'{ruling.gate} {ruling.rule}: {ruling.text}', '  ')
    allowed = sum(r.gate == 'allow' for r in decision.rulings)
    if allowed and not whole:
        yield f'  {counted(allowed, "rule allows", "rules allow")} it: --all names them'


def _event(letter: Letter, number: int) -> Iterator[str]:
    event = next(e for e in letter.events if e.number == number)
    who = f' by {event.actor}' if event.actor else ''
    bytes_ = f' ({event.digest[:16]})' if event.digest else ''
    note = f': {event.note}' if event.note else ''
    at = event.at.astimezone(UTC).strftime('%Y-%m-%d %H:%M')
    yield from _filled(f'{at}  {event.what}{who}{bytes_}{note}', '  ')


def _filled(text: str, indent: str = '') -> list[str]:
    return fill(one_line(text), _COLUMNS, indent, indent + '  ').split('\n')


def _text(lines: Iterable[str]) -> str:
    return '\n'.join(lines) + '\n'
