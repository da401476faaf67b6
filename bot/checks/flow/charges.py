# SPDX-License-Identifier: GPL-2.0-or-later
"""Accounts that pages are charged to: every way in which C writes a charge becomes one step that can be followed.

Promises that `atomic64_add_return(n, &mm->pinned_vm)`, `mm->locked_vm += n`, a compare-and-exchange of the sum, and a
helper of the file that does one of these are the same to the walk. Refuses to tell two objects of one account apart while
following: what is given back to any of them is given back; `events` then says when it went to another.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass

import msgspec

from bot.checks.c.graph import END, Graph, Step, Term
from bot.checks.rulebook.areas import Account
from bot.checks.tree.words import matches

_ATOMIC = re.compile(
    r'(?:raw_)?atomic(?:64|_long)?_(?:fetch_)?(add|sub|inc|dec)(?:_return|_and_test|_unless)?(?:_\w+)?'
)
_EXCHANGE = re.compile(r'(?:atomic(?:64|_long)?_)?(?:try_)?cmpxchg(?:_\w+)?')
_READ = re.compile(r'atomic(?:64|_long)?_read\w*')
_ROUNDS = 3
_ONE = Term('k', '1')
_UNKNOWN = Term('?')


@dataclass(frozen=True, slots=True)
class Helper:
    """What a call of a function of the file does to accounts: its way, the account, and where its count stands."""

    way: str
    key: str
    count: int | None = None


Wrapper = Callable[[Graph], tuple[str, int | None] | None]


def charged(
    graphs: Mapping[str, Graph], accounts: tuple[Account, ...], settle: tuple[str, ...], wrapper: Wrapper
) -> dict[str, Graph]:
    """Return the graphs with charges as steps; `wrapper` tells by which result a function hands a charge to its caller."""
    settle = (*settle, *(f'!{name}' for name in graphs))
    made = {name: _graph(graph, accounts, {}, settle) for name, graph in graphs.items()}
    known: dict[str, Helper] = {}
    for _ in range(_ROUNDS):
        fresh = {name: one for name, graph in made.items() if (one := _helper(graph, wrapper)) is not None}
        if fresh == known:
            break
        known = fresh
        made = {name: _graph(graph, accounts, _others(known, name), settle) for name, graph in graphs.items()}
    return made


def _others(known: Mapping[str, Helper], name: str) -> dict[str, Helper]:
    return {other: helper for other, helper in known.items() if other != name}


def _graph(
    graph: Graph, accounts: tuple[Account, ...], helpers: Mapping[str, Helper], settle: tuple[str, ...]
) -> Graph:
    given: dict[str, list[Term]] = {}
    for step in graph.steps:
        if step.kind == 'set' and step.target is not None and step.target.op == 'n':
            given.setdefault(step.target.text, []).append(step.terms[0])
    steps = [_step(nth, step, accounts, helpers, settle, given) for nth, step in enumerate(graph.steps)]
    old = {
        step.target.text: _bare(was.terms[1])
        for step, was in zip(steps, graph.steps, strict=True)
        if step.target is not None and step.callee.startswith('charge-truth:') and _EXCHANGE.fullmatch(was.callee)
    }
    return msgspec.structs.replace(graph, steps=tuple(_asked(step, old) for step in steps))


def _bare(term: Term) -> Term:
    return term.parts[0] if term.op == '&' else term


def _asked(step: Step, old: Mapping[str, Term]) -> Step:
    """A compare-and-exchange that returns what was there succeeded when that is the old value."""
    test = step.terms[0] if step.kind == 'test' else _UNKNOWN
    if test.op not in ('==', '!=') or test.parts[0].op != 'n' or old.get(test.parts[0].text) != test.parts[1]:
        return step
    done = test.parts[0] if test.op == '==' else Term('!', parts=(test.parts[0],))
    return msgspec.structs.replace(step, terms=(done,))


def _step(
    nth: int,
    step: Step,
    accounts: tuple[Account, ...],
    helpers: Mapping[str, Helper],
    settle: tuple[str, ...],
    given: Mapping[str, list[Term]],
) -> Step:
    """Return the step, or the charge that it is."""
    for account in accounts:
        found = _set(step, account, given) if step.kind == 'set' else _called(step, account, given)
        if found is not None:
            way, key, count, place = found
            target = step.target if step.kind == 'call' else Term('n', f'%charge{nth}')
            terms = (Term('n', f'charge:{key}'), count, place)
            return Step(
                'call', step.line, step.next, target, f'{way}:{key}', terms, step.text or _text(step), step.loop
            )
    if step.kind != 'call':
        return step
    helper = helpers.get(step.callee)
    if helper is not None:
        count = step.terms[helper.count] if helper.count is not None and helper.count < len(step.terms) else _UNKNOWN
        terms = (Term('n', f'charge:{helper.key}'), count, _UNKNOWN)
        return msgspec.structs.replace(step, callee=f'{helper.way}:{helper.key}', terms=terms)
    settles = matches(step.callee, settle) and not step.callee.startswith(('charge', 'uncharge'))
    return msgspec.structs.replace(step, callee=f'settle:{step.callee}') if settles else step


def _text(step: Step) -> str:
    assert step.target is not None
    return f'{_shown(step.target)} = {_shown(step.terms[0])}'


def _shown(term: Term) -> str:
    if term.op == '.':
        return f'{_shown(term.parts[0])}->{term.text}'
    if len(term.parts) == 2:
        return f'{_shown(term.parts[0])} {term.op} {_shown(term.parts[1])}'
    return term.text or term.op


def _place(term: Term, account: Account) -> Term | None:
    """Return the field of an account that a term is, or the address of."""
    inner = term.parts[0] if term.op == '&' else term
    return inner if inner.op == '.' and inner.text in account.fields and inner.parts else None


def _set(step: Step, account: Account, given: Mapping[str, list[Term]]) -> tuple[str, str, Term, Term] | None:
    """Read `x->field += n` and `x->field = sum`."""
    place = _place(step.target, account) if step.target is not None and step.target.op == '.' else None
    if place is None:
        return None
    value = step.terms[0]
    if value.op == 'n' and len(given.get(value.text, ())) == 1:
        value = given[value.text][0]
    if value.op in ('+', '-') and len(value.parts) == 2:
        way = 'charge' if value.op == '+' else 'uncharge'
        return way, place.text, value.parts[1], place.parts[0]
    return None


def _called(step: Step, account: Account, given: Mapping[str, list[Term]]) -> tuple[str, str, Term, Term] | None:
    if matches(step.callee, account.both) and len(step.terms) > 2:
        way = {'1': 'charge-zero', '0': 'uncharge'}.get(step.terms[2].text if step.terms[2].op == 'k' else '', 'settle')
        return way, account.name, step.terms[1], step.terms[0]
    if matches(step.callee, account.charge) and len(step.terms) > 1:
        return 'charge-zero', account.name, step.terms[1], step.terms[0]
    if matches(step.callee, account.uncharge) and step.terms:
        return 'uncharge', account.name, _UNKNOWN, step.terms[0]
    atomic, exchange = _ATOMIC.fullmatch(step.callee), _EXCHANGE.fullmatch(step.callee)
    places = [one for term in step.terms if (one := _place(term, account)) is not None]
    if not places:
        return None
    if atomic is not None:
        way = 'charge' if atomic[1] in ('add', 'inc') else 'uncharge'
        count = step.terms[0] if atomic[1] in ('add', 'sub') and len(step.terms) > 1 else _ONE
        return way, places[0].text, count, places[0].parts[0]
    return _exchanged(step, places[0], given) if exchange is not None and len(step.terms) > 2 else None


def _exchanged(step: Step, place: Term, given: Mapping[str, list[Term]]) -> tuple[str, str, Term, Term] | None:
    """Read a compare-and-exchange that stores the old value and something."""
    new = step.terms[2]
    if new.op == 'n' and len(given.get(new.text, ())) == 1:
        new = given[new.text][0]
    if new.op not in ('+', '-') or len(new.parts) != 2:
        return None
    way = 'uncharge' if new.op == '-' else 'charge-truth'
    return way, place.text, new.parts[1], place.parts[0]


def _helper(graph: Graph, wrapper: Wrapper) -> Helper | None:
    """Return what a call of a function does, when it does one thing to one account; what does more settles it."""
    mine = [step for step in graph.steps if step.kind == 'call' and ':' in step.callee and _way(step)]
    if graph.lost:
        return None
    if not mine:
        settles = any(step.kind == 'call' and step.callee.startswith('settle:') for step in graph.steps)
        return Helper('settle', '') if settles else None
    keys = {step.callee.partition(':')[2] for step in mine}
    ways = {_way(step) for step in mine}
    if len(keys) == 1 and ways == {'uncharge'}:
        return Helper('uncharge', min(keys), _position(graph, mine[0].terms[1]) if len(mine) == 1 else None)
    found = wrapper(graph) if len(keys) == 1 and 'charge' in ways else None
    if found is not None:
        return Helper(found[0], min(keys), found[1])
    if len(keys) == 1 and ways == {'charge'} and graph.returns.strip() == 'void' and len(mine) == 1:
        return Helper('charge', min(keys), _position(graph, mine[0].terms[1]))
    return Helper('settle', min(keys))


def _way(step: Step) -> str:
    way = step.callee.partition(':')[0]
    return (
        'charge' if way.startswith('charge') else way if way in ('uncharge', 'settle') and len(step.terms) == 3 else ''
    )


def _position(graph: Graph, term: Term) -> int | None:
    return graph.params.index(term.text) if term.op == 'n' and term.text in graph.params else None


@dataclass(frozen=True, slots=True)
class Fault:
    """Something wrong with an account whatever path is taken: `kind` is split or foreign; (line, text) of both places."""

    kind: str
    function: str
    key: str
    line: int
    text: str
    first_line: int
    first_text: str


def faults(graphs: Mapping[str, Graph], accounts: tuple[Account, ...]) -> Iterator[Fault]:
    """Yield charges that are tested in one step and made in another, and those given back to whoever happens to run."""
    fields = {field for account in accounts for field in account.fields}
    readers = {name for name, graph in graphs.items() if _only_tests(graph, fields)}
    adders = {name for name, graph in graphs.items() if any(_adds(step) for step in graph.steps)}
    saved = {key for graph in graphs.values() for key in _saved(graph)}
    for name, graph in sorted(graphs.items()):
        yield from _split(name, graph, fields, readers, adders)
        yield from _foreign(name, graph, graphs, saved)


def _reads(step: Step, fields: set[str]) -> str:
    """Return the field whose value a step reads atomically."""
    if step.kind != 'call' or not _READ.fullmatch(step.callee):
        return ''
    inside = [one for term in step.terms for one in term.inside()]
    return next((one.text for one in inside if one.op == '.' and one.text in fields), '')


def _only_tests(graph: Graph, fields: set[str]) -> bool:
    """Tell whether a function compares an account's value and changes nothing."""
    changes = any(step.kind == 'call' and _way(step) for step in graph.steps)
    reads = any(_reads(step, fields) for step in graph.steps)
    return reads and not changes and any(step.kind == 'test' for step in graph.steps) and len(graph.steps) < 40


def _adds(step: Step) -> bool:
    """Tell whether a step adds to an account without looking at the sum."""
    atomic = 'atomic' in step.text and 'return' not in step.text and 'cmpxchg' not in step.text
    return step.kind == 'call' and step.callee.startswith('charge:') and atomic


def _split(name: str, graph: Graph, fields: set[str], readers: set[str], adders: set[str]) -> Iterator[Fault]:
    for nth, step in enumerate(graph.steps):
        field = _reads(step, fields)
        helps = step.kind == 'call' and step.callee in readers and step.callee != name
        if not (field or helps) or (field and not _is_compared(graph, nth)):
            continue
        for at in sorted(_behind(graph, nth)):
            one = graph.steps[at]
            same = one.kind == 'call' and one.callee.partition(':')[2] in ([field] if field else fields)
            helps = same and _way(one) != 'uncharge' and one.text.partition('(')[0] in adders
            if same and (helps or _adds(one)):
                yield Fault('split', name, one.callee.partition(':')[2], one.line, one.text, step.line, step.text)
                return


def _is_compared(graph: Graph, nth: int) -> bool:
    """Tell whether a value that was read, or a sum with it, is compared with anything but its own old value."""
    target = graph.steps[nth].target
    known = {target.text} if target is not None else set()
    for step in graph.steps[nth + 1 :]:
        inside = {one.text for term in step.terms for one in term.inside() if one.op == 'n'}
        if step.kind == 'set' and step.target is not None and step.target.op == 'n' and inside & known:
            known.add(step.target.text)
        if step.kind == 'test' and inside & known:
            return any(one.op in ('<', '>', '<=', '>=') for one in step.terms[0].inside())
    return False


def _behind(graph: Graph, start: int) -> set[int]:
    seen, waiting = set[int](), [one for one in graph.steps[start].next if one != END]
    while waiting:
        nth = waiting.pop()
        if nth not in seen:
            seen.add(nth)
            waiting += [one for one in graph.steps[nth].next if one != END]
    return seen


def _is_current(term: Term) -> bool:
    return any(one.op == 'n' and one.text == 'current' for one in term.inside())


def _saved(graph: Graph) -> Iterator[str]:
    """Yield what is kept of the task that runs, to be used later."""
    for step in graph.steps:
        target = step.target
        if step.kind == 'set' and target is not None and target.op == '.' and _is_current(step.terms[0]):
            yield step.terms[0].text


def _foreign(name: str, graph: Graph, graphs: Mapping[str, Graph], saved: set[str]) -> Iterator[Fault]:
    """A charge given back to the task that runs, though the one that was charged is written down."""
    mine = [step for step in graph.steps if step.kind == 'call' and _way(step)]
    for step in mine:
        if _way(step) != 'uncharge' or not _is_current(step.terms[2]) or step.terms[2].text not in saved:
            continue
        if any(_way(one) == 'charge' for one in mine):
            continue
        key = step.callee.partition(':')[2]
        first = _first_charge(graphs, key)
        if first is not None:
            yield Fault('foreign', name, key, step.line, step.text, *first)


def _first_charge(graphs: Mapping[str, Graph], key: str) -> tuple[int, str] | None:
    found = [
        (step.line, step.text)
        for graph in graphs.values()
        for step in graph.steps
        if step.kind == 'call' and _way(step) == 'charge' and step.callee.partition(':')[2] == key
    ]
    return min(found, default=None)
