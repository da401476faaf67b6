# SPDX-License-Identifier: GPL-2.0-or-later
"""How functions that give pages back mark them as written: under the page lock, where they may sleep, or not at all.

Promises to speak of a lock only where every way to a step has it, or none has. Refuses pages that the file does not
take from user space, unless it gives them back as pins.
"""

from __future__ import annotations

import re
from collections import deque
from collections.abc import Iterator, Mapping

from bot.checks.c.file import File
from bot.checks.c.graph import END, Step, Term
from bot.checks.flow.events import Event
from bot.checks.flow.roots import Named
from bot.checks.tree.words import Words, matches

_COPIES = re.compile('memcpy|memmove|copy_page')
_TRIED = re.compile('try')
_DIRECTION = re.compile('(?:dma_)?(?:data_)?dir(?:ection)?$')
_CALLERS_DEEP = 4
Held = tuple[frozenset[Term], frozenset[str]]
"""The pages locked, and the locks taken under which nobody may sleep."""


def mark_events(one: Named, from_users: bool, callbacks: Mapping[str, tuple[int, str]]) -> Iterator[Event]:
    """Yield the marks of one function that lack the page lock, or that sleep where they must not."""
    steps = one.graph.steps
    places = [nth for nth, step in one.calls('dirty', 'give') if marks(one.words, step)]
    if not places:
        return
    context = callbacks.get(one.name)
    if context is not None and one.asks(one.words.flow.may_sleep):
        context = None
    held = _held(one)
    given = {one.pages(step) for _, step in one.calls('give')}
    unlocked = {one.root(step.terms[0]) for step in steps if _is(step, one.words, 'give') and step.terms}
    for nth in places:
        step, state = steps[nth], held[nth]
        if state is None or not step.terms:
            continue
        root = one.root(step.terms[0])
        if _sleeps(step):
            if state[1]:
                yield one.event('asleep', step, fact='lock')
            elif context is not None:
                yield one.event('asleep', step, fact='callback', path=((context[0], context[1]),))
        elif (
            root not in state[0]
            and root not in unlocked
            and (root in given and (from_users or _of_array(one, step.terms[0])) or _copied_into(one, root))
        ):
            yield one.event('unlocked-mark', step)


def device_events(one: Named, from_users: bool) -> Iterator[Event]:
    """Yield the pages that a device wrote to and that a function gives back without ever marking one.

    A function that maps or takes itself has paths on which the device never began; those are for the walk.
    """
    steps = one.graph.steps
    if any(marks(one.words, step) for _, step in one.calls('dirty', 'give')) or one.asks(('dirty',)):
        return
    unmapped = next((step for step in steps if step.kind == 'call' and _from_device(step, one.words)), None)
    maps = any(step.kind == 'call' and matches(step.callee, one.words.flow.device) for step in steps)
    if unmapped is None or maps or next(one.calls('take'), None) is not None:
        return
    for _, step in one.calls('give'):
        pins = any(resource.name == 'pin' for resource in one.words.meaning(step.callee).resources)
        if pins or from_users:
            yield one.event('clean', step, unmapped, fact='unmap')


def callbacks_of(text: bytes, file: File, words: Words) -> dict[str, tuple[int, str]]:
    """Return the functions that run where nobody may sleep, with the line that shows it and what it says."""
    found: dict[str, tuple[int, str]] = {}
    for function in file.facts.functions:
        for call in function.calls:
            at = words.callback(call.callee)
            if at is not None and at < len(call.args):
                name = call.args[at].strip('& ')
                found.setdefault(name, (call.line, f'{name}() is called where nobody may sleep: `{call.callee}()`'))
    fields = '|'.join(map(re.escape, words.flow.callback_fields))
    setting = re.compile(rf'(?:->|\.)\s*({fields})\s*=\s*&?(\w+)\s*[;,]'.encode()) if fields else None
    for match in setting.finditer(text) if setting is not None else ():
        name, field = match[2].decode(), match[1].decode()
        line = text.count(b'\n', 0, match.start()) + 1
        found.setdefault(name, (line, f'{name}() is called where nobody may sleep: `{field}`'))
    return _below({name: why for name, why in found.items() if name in file.functions}, file)


def _below(found: dict[str, tuple[int, str]], file: File) -> dict[str, tuple[int, str]]:
    known, fresh = dict(found), deque((name, 0) for name in sorted(found))
    while fresh:
        name, depth = fresh.popleft()
        if depth >= _CALLERS_DEEP:
            continue
        for call in file.functions[name].calls:
            if call.callee in file.functions and call.callee not in known:
                known[call.callee] = known[name]
                fresh.append((call.callee, depth + 1))
    return known


def _of_array(one: Named, term: Term) -> bool:
    """Tell whether a page is an element of an array that some object has, or a caller: who keeps pages so got them from somebody."""
    at = term
    for _ in range(4):
        if at.op == 'n':
            at = one.aliases_whole.get(at.text, Term('?'))
        elif at.op in ('[', '*') and at.parts:
            root = one.root(at)
            return root.op == '.' or (
                root.text in one.graph.params and one.graph.types.get(root.text, '').count('*') > 1
            )
        elif at.op == 'f' and at.parts:
            at = at.parts[0]
    return False


def _copied_into(one: Named, page: Term) -> bool:
    """Tell whether a function was given a single page, maps it for itself and copies into it: it has no lock of its own then."""
    if page.text not in one.graph.params or one.graph.types.get(page.text, '').count('*') != 1:
        return False
    steps, view = one.graph.steps, one.words.flow.view
    mapped = {
        step.target.text
        for step in steps
        if step.kind == 'call' and step.target is not None and matches(step.callee, view) and step.terms
        and one.root(step.terms[0]) == page
    }  # fmt: skip
    mapped |= {
        step.target.text
        for step in steps
        if step.kind == 'set' and step.target is not None and step.terms[0].text in mapped and step.terms[0].op == 'n'
    }
    copied = any(
        step.kind == 'call' and _COPIES.fullmatch(step.callee) and step.terms and step.terms[0].text in mapped
        for step in steps
    )
    return copied and not any(_is(step, one.words, 'take') for step in steps)


def marks(words: Words, step: Step) -> bool:
    """Tell whether a call marks pages as written, or may."""
    if words.meaning(step.callee).role == 'dirty':
        return True
    return '_dirty' in step.callee and bool(step.terms) and step.terms[-1] != Term('k', '0')


def _sleeps(step: Step) -> bool:
    return step.callee.endswith('_lock')


def _is(step: Step, words: Words, which: str) -> bool:
    lock = words.flow.page_lock
    return step.kind == 'call' and lock is not None and matches(step.callee, getattr(lock, which))


def _from_device(step: Step, words: Words) -> bool:
    wanted = words.flow.from_device
    return matches(step.callee, words.flow.unmap) and any(
        term.op == 'n' and term.text in wanted or term.op in ('n', '.') and _DIRECTION.match(term.text)
        for term in step.terms
    )


def _held(one: Named) -> list[Held | None]:
    """Return what is locked on all ways to each step, None for a step that no way leads to."""
    steps = one.graph.steps
    found: list[Held | None] = [None] * len(steps)
    found[0] = (frozenset(), frozenset())
    waiting = deque([0])
    while waiting:
        nth = waiting.popleft()
        state = found[nth]
        assert state is not None
        for arm, following in enumerate(steps[nth].next):
            if following == END:
                continue
            after = _after(one, steps[nth], arm, state)
            before = found[following]
            met = after if before is None else (after[0] & before[0], after[1] & before[1])
            if met != before:
                found[following] = met
                waiting.append(following)
    return found


def _after(one: Named, step: Step, arm: int, state: Held) -> Held:
    pages, locks = state
    if step.kind == 'test' and arm == 0 and step.terms[0].op == 'n':
        tried = one.made_by.get(step.terms[0].text)
        if tried is not None and _is(tried, one.words, 'take') and tried.terms:
            pages = pages | {one.root(tried.terms[0])}
    if step.kind == 'call' and step.terms and not _TRIED.search(step.callee):
        page = {one.root(step.terms[0])}
        pages = (
            pages | page if _is(step, one.words, 'take') else pages - page if _is(step, one.words, 'give') else pages
        )
    atomic = one.words.flow.locks.get('atomic')
    if step.kind == 'call' and atomic is not None and not _TRIED.search(step.callee):
        lock = {_family(step)}
        locks = locks | lock if matches(step.callee, atomic.take) else locks
        locks = locks - lock if matches(step.callee, atomic.give) else locks
    return pages, locks


def _family(step: Step) -> str:
    """Return the name of a lock's functions without what they do, so that taking and giving back are one."""
    return re.sub(r'un(?=lock)|_irq\w*|_bh|enable|disable|^un(?=guard)|(?<=^k)un(?=map)', '', step.callee)
