# SPDX-License-Identifier: GPL-2.0-or-later
"""Takes an order: finds what it is about and the role of who gave it, and makes the entries for the log.

Promises entries that name hash and place of every question, or a refusal that says what is near. Records nothing itself.
The same order of the same person at the same time, or in the same line of the same mail, has the same id.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import replace

from bot.model import Aim, Command, Question, Role
from bot.questions.grammar import Refusal, is_link, item_of
from bot.questions.roles import roles
from bot.questions.sentences import split
from bot.questions.targets import Given, Known, Refused, ids, meant, questions, to_track
from bot.questions.verbs import ROLES


def take(given: Given, known: Known) -> tuple[Command, ...] | Refusal:
    """Return the entries for the log: one, but one for each command that an `undo` takes back."""
    try:
        about = given.order.verb.about
        if about == 'undo':
            return tuple(_undo(given, known))
        aims = _series(given, known) if about == 'series' else _items(given, known)
        return (_entry(given, given.order.text, aims),)
    except Refused as no:
        return no.refusal


def _items(given: Given, known: Known) -> tuple[Aim, ...]:
    name = given.order.verb.name
    if name == 'track':
        return tuple(_aim(given, one) for one in to_track(given, known))
    found = questions(given, known)
    if name in ('dup', 'merge'):
        return _merged(given, *_duplicates(given, found, known))
    whole = [q for q in found if len(split([(1, q.text)])) < 2]
    if name == 'split' and whole:
        raise Refused(f'{ids(whole)} is one sentence', given.where, 'only several can be cut apart')
    return tuple(_aim(given, q) for q in found)


def _duplicates(given: Given, found: Sequence[Question], known: Known) -> tuple[Question, Sequence[Question]]:
    """Return the question to keep and its duplicates."""
    if given.order.verb.name == 'merge':
        return found[0], found[1:]
    if given.order.text:
        return meant(item_of(given.order.text), given, known)[0], found
    if given.above and len(found) == 1:
        return found[0], given.above
    raise Refused('a duplicate of which question?', given.where, 'write dup Q5: Q3')


def _merged(given: Given, kept: Question, rest: Sequence[Question]) -> tuple[Aim, ...]:
    if not rest:
        raise Refused('merge needs two questions', given.where, 'write merge Q3,Q5')
    if any(q.qhash == kept.qhash for q in rest):
        raise Refused(f'{kept.id} is no duplicate of itself', given.where, 'name two questions')
    if kept.duplicate_of:
        raise Refused(f'{kept.id} is itself a duplicate', given.where, f'name {kept.duplicate_of}')
    aims = [_aim(given, q) for q in rest]
    return (replace(_at(kept), role=aims[0].role, effect='kept', because=aims[0].because), *aims)


def _at(question: Question) -> Aim:
    seen, lines = question.seen_in, question.lines
    return Aim(question.qhash, question.message_id or '', seen, lines, question.id, 'O', '')


def _aim(given: Given, one: Question | Aim) -> Aim:
    question = one if isinstance(one, Question) else None
    held = roles(given.actor, question)
    role = _role(given, held, question)
    if role in given.order.verb.proof and not (given.above or is_link(given.order.text)):
        todo = f'write {given.order.verb.name} {question.id if question else "Q3"}: and its message-id or address'
        raise Refused('from you that needs its place', given.where, todo)
    base = _at(one) if isinstance(one, Question) else one
    return replace(base, role=role, effect=given.order.verb.roles[role], because=held[role])


def _role(given: Given, held: Mapping[Role, str], question: Question | None) -> Role:
    verb = given.order.verb
    role = verb.allowed(held)
    if role is not None:
        return role
    who = ' or '.join(ROLES[r] for r in ROLES if r in verb.roles)
    of = f' {question.id}' if question else ' the series'
    instead = {'withdraw': '; a maintainer says drop', 'drop': '; the asker says withdraw'}.get(verb.name, '')
    what = f'{given.actor.label} cannot {verb.name}{of}, being {ROLES[next(iter(held))]}'
    say = '' if given.message_id else '; say what you are with --role'
    raise Refused(what, given.where, f'{who} can{instead}{say}')


def _series(given: Given, known: Known) -> tuple[Aim, ...]:
    """Return an aim for each posting, so that the command is found again whichever of them is at hand."""
    held = roles(given.actor, None)
    role = _role(given, held, None)
    effect = given.order.verb.roles[role]
    return tuple(
        Aim('', r.message_id, r.message_id, (0, 0), f'posting {r.posting}', role, effect, held[role])
        for r in known.series.revisions
    )


def _undo(given: Given, known: Known) -> list[Command]:
    asked = {q.qhash: q for q in known.ledger.questions}
    out = []
    for command in _taken_back(given, known):
        held = {r: why for aim in command.aims for r, why in roles(given.actor, asked.get(aim.qhash)).items()}
        own = command.actor == given.actor.label
        if not own and 'M' not in held:
            todo = f'{command.actor} or a maintainer can take it back'
            raise Refused(f'{command.id} was given by somebody else', given.where, todo)
        role: Role = 'M' if 'M' in held else next(iter(held))
        because = 'their own command' if own else held['M']
        aims = tuple(replace(aim, role=role, effect='undone', because=because) for aim in command.aims)
        out.append(_entry(given, command.id, aims))
    return out


def _taken_back(given: Given, known: Known) -> list[Command]:
    log, gone = known.ledger.commands, set(known.ledger.undone)
    if not given.order.items:
        own = [c for c in log if c.id not in gone and c.verb != 'undo' and c.actor == given.actor.label]
        if not own:
            raise Refused(f'{given.actor.label} gave no command here', given.where, 'name the id of one')
        return own[-1:]
    out: list[Command] = []
    for item in given.order.items:
        wanted = given.parent if item.kind == 'parent' else item.value
        some = [c for c in log if (item.kind == 'command' and c.id.startswith(wanted)) or wanted == c.message_id != '']
        if not some or (item.kind == 'command' and len(some) > 1):
            what = f'{wanted or "^"} is {"several commands" if some else "no command about this series"}'
            raise Refused(what, given.where, 'see the log for the ids')
        if some[0].id in gone:
            raise Refused(f'{some[0].id} is taken back already', given.where, 'undo that undo to have it again')
        out.extend(some)
    return out


def _entry(given: Given, text: str, aims: tuple[Aim, ...]) -> Command:
    verb, actor = given.order.verb, given.actor.label
    source: tuple[object, ...] = (given.message_id, given.line, text if verb.about == 'undo' else '')
    if not given.message_id:
        places = [(a.qhash, a.seen_in, a.lines, a.effect) for a in aims]
        source = (given.at.isoformat(), actor, verb.name, text, places)
    digest = hashlib.sha256(repr(source).encode('utf-8', 'replace')).hexdigest()[:10]
    return Command(f'c{digest}', given.at, actor, verb.name, text, aims, given.message_id, given.line)
