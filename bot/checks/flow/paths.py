# SPDX-License-Identifier: GPL-2.0-or-later
"""Walks a function along all its paths and tells what happens to what it takes.

Promises that a path is left out only when it cannot be taken with what is known, that loops end because states repeat,
and that each event comes with the path that leads to it; where there are too many, they are joined where they meet
(`meeting.py`), and what rests on what joining forgets is not told. Refuses functions whose states grow beyond its limits
even so: it says so and accuses nobody of more than a lock that it has no part in.
"""

from __future__ import annotations

from collections.abc import Container, Hashable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property

from bot.checks.c.graph import END, Graph, Step
from bot.checks.flow.arms import split
from bot.checks.flow.charges import faults
from bot.checks.flow.events import Event, Walked
from bot.checks.flow.habits import Habit
from bot.checks.flow.handed import handed_on
from bot.checks.flow.live import live_names, predecessors, reaching, returned_names
from bot.checks.flow.meeting import BY_HELD, BY_SIGN, BY_TAKEN, meeting_key, met
from bot.checks.flow.ownership import Effects
from bot.checks.flow.state import State, Token
from bot.checks.flow.summaries import Taken
from bot.checks.flow.values import Value
from bot.checks.flow.writes import Happening
from bot.checks.rulebook.areas import Account
from bot.checks.tree.words import Meaning, Words

_MAX_VISITS = 10_000
_MAX_STATES = 200
_MAX_NOTES = 7
_BY_ROUND = ('overwritten', 'overrun', 'failed')
"""What is said of one slot of an array in one round of a loop."""


@dataclass(frozen=True, slots=True)
class _Visit:
    step: int
    state: State
    before: _Visit | None
    arm: str = ''


def walk_paths(
    graph: Graph, words: Words, habits: Mapping[str, Habit], wrappers: Mapping[str, Meaning] | None = None
) -> tuple[Walked, Taken | None, str]:
    """Return the events of one function, what it takes for its caller, and why that cannot be relied on, if so."""
    walk = _Walk(graph, words, habits, wrappers or {})
    if graph.lost or not walk.effects.takes:
        return Walked(gave_up=graph.lost), None, graph.lost
    reason = walk.run()
    for level in (BY_SIGN, BY_TAKEN, BY_HELD) if reason else ():
        joined = _Walk(graph, words, habits, wrappers or {}, level)
        if not joined.run():
            walk, reason = joined, ''
            break
    idle = {graph.steps[nth].line for nth in walk.effects.read - walk.effects.busy}
    happened = [one for one in walk.events.values() if one.what != 'unwritten' or one.take_line in idle]
    events = sorted(happened, key=lambda one: (one.line, one.what, one.take_line, one.partial))
    if reason:
        events = [one for one in events if one.lock and not _locks(graph, words, one.lock)]
    elif walk.level:
        events = [one for one in events if not _forgotten(graph, words, one)]
    walked = Walked(tuple(events), reason, graph.damaged, tuple(sorted(walk.effects.staying)), walk.never())
    taken, top = handed_on(graph, walk.effects.leaving)
    if taken is not None and not top and not reason:
        reason = walk.run(also_without=True)
        taken, top = handed_on(graph, walk.effects.leaving)
    if walk.level >= BY_TAKEN and taken is not None:
        top = top or 'its paths were joined'
    return walked, taken, reason or top


def _forgotten(graph: Graph, words: Words, event: Event) -> bool:
    """Tell whether an event rests on what joined paths forget: which lock goes with which test, which round a loop is in."""
    return event.what in _BY_ROUND or (bool(event.lock) and _locks(graph, words, event.lock))


def _locks(graph: Graph, words: Words, lock: str) -> bool:
    """Tell whether a function has a part in a lock itself: then what holds at a call depends on the way to it."""
    calls = (words.meaning(step.callee) for step in graph.steps if step.kind == 'call')
    return any(one.role in ('lock', 'unlock') and one.lock == lock for one in calls)


def charge_left(graph: Graph, words: Words) -> tuple[str, int | None] | None:
    """Return how a function that charges an account says so to its caller, and where its count stands."""
    walk = _Walk(graph, words, {}, {})
    if graph.lost or len(walk.effects.takes) != 1 or walk.run():
        return None
    exits = walk.effects.leaving
    left = [(one, token) for one in exits for token in one.tokens if token.has and token.object is not None]
    if not left or any(one.signs != {'0'} or 'p' in token.outcome for one, token in left):
        return None
    places: dict[Value | None, int] = {('i', name): nth for nth, name in enumerate(graph.params)}
    return 'charge-zero', places.get(left[0][1].count)


def faulty(graphs: Mapping[str, Graph], accounts: tuple[Account, ...]) -> dict[str, tuple[Event, ...]]:
    """Return, by function, what is wrong with its charges on every path."""
    found: dict[str, list[Event]] = {}
    for one in faults(graphs, accounts):
        place = (one.line, one.text, one.text, one.line)
        event = Event(one.kind, 'charge', 'caller', False, one.key, one.first_line, one.first_text, *place)
        found.setdefault(one.function, []).append(event)
    return {name: tuple(events) for name, events in found.items()}


class _Walk:
    def __init__(
        self,
        graph: Graph,
        words: Words,
        habits: Mapping[str, Habit],
        wrappers: Mapping[str, Meaning],
        level: int = 0,
    ) -> None:
        self.graph, self.level = graph, level
        self.effects = Effects(graph, words, habits, wrappers, self._happened)
        self.events: dict[tuple[object, ...], Event] = {}
        self.left_out: list[_Visit] = []
        self.visit = _Visit(0, State(), None)
        self.silent = False
        self.lost, self.kept, self.losing = set[int](), set[int](), set[int]()

    @cached_property
    def live(self) -> Sequence[frozenset[str]]:
        return live_names(self.graph)

    @cached_property
    def deciding(self) -> Sequence[frozenset[str]]:
        return live_names(self.graph, deciding=True)

    @cached_property
    def returned(self) -> frozenset[str]:
        return returned_names(self.graph)

    @cached_property
    def ahead(self) -> Container[int]:
        return reaching(self.graph, self.effects.takes)

    @cached_property
    def meetings(self) -> frozenset[int]:
        return frozenset(nth for nth, above in enumerate(predecessors(self.graph)) if len(above) > 1)

    def run(self, also_without: bool = False) -> str:
        """Walk until no new state is found; return why it was given up, '' when it was not.

        Where nothing is held and nothing can be taken any more is left out, or, with `also_without`, walked after the rest.
        """
        waiting = self.left_out if also_without else [self.visit]
        seen: list[dict[Hashable, State | None]] = [{} for _ in self.graph.steps]
        visits = 0
        while waiting:
            self.visit = self._next(waiting)
            if self.level and self.visit.step in self.meetings and self._is_stale(seen[self.visit.step].values()):
                continue
            visits += 1
            if visits > _MAX_VISITS * (2 if self.level == BY_HELD else 1):
                return 'too many paths'
            for nth, state, arm in reversed(list(self._after(self.visit.step, self.visit.state.copy()))):
                if nth == END:
                    continue
                if not also_without and not state.tokens and not state.arrays and nth not in self.ahead:
                    self.left_out.append(_Visit(nth, state, self.visit, arm))
                    continue
                state.keep_live(self.live[nth], self.deciding[nth])
                fresh = self._met(nth, state, seen[nth])
                if fresh is None:
                    continue
                if len(seen[nth]) > _MAX_STATES:
                    return 'too many states'
                waiting.append(_Visit(nth, fresh, self.visit, arm))
        return ''

    def _next(self, waiting: list[_Visit]) -> _Visit:
        """Take the visit to go on with: where paths are joined, one that no other can meet any more on its way."""
        if not self.level:
            return waiting.pop()
        first = min(range(len(waiting)), key=lambda nth: waiting[nth].step)
        return waiting.pop(first)

    def _is_stale(self, known: Iterable[State | None]) -> bool:
        """Tell whether another path has met this visit's since: the visit of the two together is still to come."""
        return not any(self.visit.state is one for one in known)

    def _met(self, nth: int, state: State, seen: dict[Hashable, State | None]) -> State | None:
        """Return the state to go on with from a step, joined with what met it there before; None when it is nothing new."""
        if self.level and nth not in self.meetings:
            return state
        if not self.level:
            key: Hashable = state.key()
            if key in seen:
                return None
            seen[key] = None
            return state
        key = meeting_key(state, self.deciding[nth] if self.level == BY_SIGN else self.returned, self.level)
        before = seen.get(key)
        after = met(nth, before, state) if before is not None else state
        if before is not None and after.key() == before.key():
            return None
        seen[key] = after
        return after

    def _after(self, nth: int, state: State) -> list[tuple[int, State, str]]:
        step = self.graph.steps[nth]
        if step.kind == 'test':
            return self._arms(nth, step, state)
        if step.kind == 'set':
            self.effects.assign(nth, step, state)
        elif step.kind == 'call':
            self.effects.call(nth, step, state)
        elif step.kind == 'return':
            self._leave(nth, step, state)
            return []
        return [(step.next[0], state, '')]

    def _leave(self, nth: int, step: Step, state: State) -> None:
        self.losing = set[int]()
        self.effects.returned(nth, step, state)
        self.lost |= self.losing
        kept = {one.step for one in state.tokens.values() if one.has or one.held in ('released', 'escaped')}
        self.kept |= kept - self.losing

    def never(self) -> tuple[int, ...]:
        """Return the lines that take what every way out loses."""
        return tuple(sorted({self.graph.steps[nth].line for nth in self.lost - self.kept}))

    def _arms(self, nth: int, step: Step, state: State) -> list[tuple[int, State, str]]:
        yes, no = split(state, step.terms[0], self.graph.types)
        if yes is not None and yes is no:
            no = yes.copy()
        for slot, arm in enumerate((yes, no)):
            if slot in step.warns and arm is not None:
                _warned(arm, state)
        if yes is not None and step.loop[1] > step.loop[0]:
            self._counted_down(step, yes, state)
        if no is not None and step.loop[1] > step.loop[0]:
            no = self._past_loop(step, no)
        found = [(step.next[0], yes, 'yes')] if yes is not None else []
        return found + ([(step.next[1], no, 'no')] if no is not None else [])

    def _past_loop(self, step: Step, state: State) -> State:
        """A loop that is over has done to all pages what its body does to one; one that takes pages has its own account."""
        first, last = step.loop
        held = [token for token in state.tokens.values() if token.held == 'held']
        if not held or any(first <= nth < last for nth in self.effects.takes):
            return state
        scratch, silent = state.copy(), self.silent
        self.silent = True
        for nth in range(first, last):
            one = self.graph.steps[nth]
            if one.kind == 'set':
                self.effects.assign(nth, one, scratch)
            elif one.kind == 'call':
                self.effects.call(nth, one, scratch)
        self.silent = silent
        after = state.copy()
        for token in held:
            after.tokens[token.step] = scratch.tokens[token.step]
            if token.has and scratch.tokens[token.step].held == 'released':
                self._bounded(step, token, state)
        return after

    def _counted_down(self, step: Step, state: State, before: State) -> None:
        """A loop that counts a result down to zero never gets there from a negative one."""
        term, (first, last) = step.terms[0], step.loop
        token = before.token_of(self.effects.value(term, before)) if term.op == 'n' else None
        if token is None or token.result != 'count' or 'n' not in state.tokens[token.step].outcome:
            return
        for nth in range(first, last):
            if self.graph.steps[nth].kind == 'call' and self.effects.gives(self.graph.steps[nth]):
                self._happened(Happening('negative', token, nth))
                return

    def _bounded(self, step: Step, token: Token, state: State) -> None:
        """A loop that gives elements back must end where what was taken ends; one that looks at each first may go on."""
        test, (first, last) = step.terms[0], step.loop
        body = self.graph.steps[first:last]
        if test.op not in ('<', '!=') or any(one.kind == 'test' for one in body) or token.prior or token.single:
            return
        bound = self.effects.value(test.parts[1], state)
        gives = [first + nth for nth, one in enumerate(body) if one.kind == 'call' and self.effects.gives(one)]
        unsigned = self.graph.types.get(test.parts[0].text, '').startswith(('unsigned', 'u32', 'u64', 'size_t'))
        if gives and bound == token.count and token.outcome & {'n', 'z', 'p'}:
            what = 'miscount' if token.outcome & {'z', 'p'} else 'negative'
            self._happened(Happening(what, token, gives[0]))
        elif gives and bound == token.value and unsigned and 'n' in token.outcome:
            self._happened(Happening('negative', token, gives[0]))

    def _happened(self, one: Happening) -> None:
        if self.silent or one.token.vague or (one.what == 'lost' and 'warned' in one.token.seen):
            return
        if one.what == 'lost':
            self.losing.add(one.token.step)
        take, here = self.graph.steps[one.token.step], self.graph.steps[one.step]
        trail = self._trail(one.token.step)
        anchor = self._anchor(one, trail)
        partial = not one.token.prior and 'f' not in one.token.outcome
        key = (one.what, one.token.step, anchor, partial, one.given, one.lock, one.fact)
        if key not in self.events:
            at = self.graph.steps[anchor]
            self.events[key] = Event(
                one.what,
                one.token.resource,
                one.token.home,
                partial,
                take.callee,
                take.line,
                take.text,
                at.line,
                here.text if one.what == 'uncounted' else at.text,
                here.text or here.kind,
                here.line,
                one.given,
                one.lock,
                self._notes(trail),
                one.fact,
            )

    def _trail(self, take: int) -> list[tuple[int, str]]:
        """Return the steps since something was taken, each with the arm it went on by."""
        found, at, arm = list[tuple[int, str]](), self.visit, ''
        while at is not None and at.step != take:
            found.append((at.step, arm))
            arm = at.arm
            at = at.before  # type: ignore[assignment]
        if at is not None:
            found.append((take, arm))
        return found[::-1]

    def _anchor(self, one: Happening, trail: list[tuple[int, str]]) -> int:
        """Return what is to be mended: the first `goto` after taking, the taking itself, else the step."""
        if one.what in ('outlives', 'uncounted'):
            return one.token.step
        if one.what not in ('lost', 'forgotten'):
            return one.step
        jumps = [nth for nth, _ in trail if self.graph.steps[nth].kind == 'goto']
        return jumps[0] if jumps else one.step

    def _notes(self, trail: list[tuple[int, str]]) -> tuple[tuple[int, str], ...]:
        notes = []
        for nth, arm in trail[1:]:
            step = self.graph.steps[nth]
            if step.kind == 'test' and step.loop == (0, 0) and step.text:
                notes.append((step.line, f'`{step.text}` is {"true" if arm == "yes" else "false"}'))
            elif step.kind == 'goto':
                notes.append((step.line, f'`{step.text}`'))
        return tuple(notes[:2] + notes[2:][-(_MAX_NOTES - 2) :])


def _warned(arm: State, before: State) -> None:
    """Note what is held where the source warns of something that cannot be, unless it is what came of taking it."""
    for token in list(arm.tokens.values()):
        if token.has and token.outcome == before.tokens[token.step].outcome:
            arm.tokens[token.step] = replace(token, seen=token.seen | {'warned'})
