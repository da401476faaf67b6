# SPDX-License-Identifier: GPL-2.0-or-later
"""Every way through a function is an edge of its graph, and every edge a way through the function."""

from __future__ import annotations

import random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.checks.c.cfg import graph_of
from bot.checks.c.cparse import Unit, Unreadable, function_declarator
from bot.checks.c.graph import END, Graph
from bot.checks.c.items import params


def graph(body: str) -> Graph:
    unit = Unit(f'static int f(struct dev *dev, int n, int m)\n{{\n{body}\n}}\n'.encode())
    (one,) = unit.bodies
    return graph_of(unit, one, params(unit, function_declarator(one.node) if one.node else None))


def ways(one: Graph, limit: int = 200) -> set[str]:
    """Return the calls and returns of every path, each step taken at most three times, as words in a row."""
    found = set[str]()
    waiting: list[tuple[int, tuple[str, ...], dict[int, int]]] = [(0, (), {})]
    while waiting and len(found) < limit:
        at, said, seen = waiting.pop()
        if at == END or seen.get(at, 0) == 3:
            continue
        step = one.steps[at]
        seen = {**seen, at: seen.get(at, 0) + 1}
        if step.kind == 'call':
            said = (*said, step.callee)
        if step.kind == 'return':
            found.add(' '.join(said))
            continue
        waiting += [(following, said, seen) for following in step.next]
    return found


@pytest.mark.parametrize(
    ('body', 'expected'),
    [
        ('if (n) a(); else b(); c();', {'a c', 'b c'}),
        ('if (n && m) a(); b();', {'a b', 'b'}),
        ('if (p() || q()) a();', {'p a', 'p q a', 'p q'}),
        ('if (!(p() && q())) a();', {'p a', 'p q a', 'p q'}),
        ('if (unlikely(WARN_ON(p()))) return a();', {'p a', 'p'}),
        ('return n ? a() : b();', {'a', 'b'}),
        ('n = n ?: a(); b();', {'a b', 'b'}),
        ('while (n--) { if (m) break; if (n) continue; a(); } b();', {'b', 'a b', 'a a b'}),
        ('for (n = 0; p(); n++) a();', {'p', 'p a p'}),
        ('do { a(); } while (m); b();', {'a b', 'a a b'}),
        ('list_for_each_entry(n, &dev->list, node) { a(); } b();', {'b', 'a b', 'a a b'}),
        (
            'switch (n) { case 1: a(); fallthrough; case 2: b(); break; default: c(); } d();',
            {'a b d', 'b d', 'c d'},
        ),
        ('switch (n) { case 1: a(); } b();', {'a b', 'b'}),
        (
            'if (a()) goto one; if (b()) goto two; return 0; two: c(); one: d(); return 1;',
            {'a d', 'a b c d', 'a b'},
        ),
        ('again: a(); if (n) goto again; b();', {'a b', 'a a b'}),
        ('#ifdef X\na();\n#else\nb();\n#endif\nc();', {'a c', 'b c'}),
        ('n = ({ int k = a(); k + b(); }); c();', {'a b c'}),
        ('if (n) BUG(); a();', {'a'}),
        ('BUG_ON(n); a();', {'a'}),
        ('while (1) { if (a()) return 0; }', {'a', 'a a'}),
    ],
)
def test_the_ways_through_a_function(body: str, expected: set[str]) -> None:
    found = ways(graph(body))
    assert expected <= found
    assert all(set(way.split()) <= {word for one in expected for word in one.split()} for way in found)


@pytest.mark.parametrize(
    ('body', 'expected'),
    [
        (
            'struct page **p __free(kvfree) = get(); if (n) return 1; a(); return 0;',
            {'get free:kvfree', 'get a free:kvfree'},
        ),
        (
            'guard(mutex)(&dev->lock); if (n) goto out; a(); out: return 0;',
            {'guard:mutex a unguard:mutex', 'guard:mutex unguard:mutex'},
        ),
        ('scoped_guard(spinlock, &dev->lock) { if (n) return 1; a(); } b(); return 0;',
         {'guard:spinlock unguard:spinlock', 'guard:spinlock a unguard:spinlock b'}),
        ('while (n--) { void *p __free(kfree) = get(); if (m) break; a(); } return 0;',
         {'', 'get free:kfree', 'get a free:kfree'}),
        ('{ void *p __free(kfree) = get(); if (n) goto out; a(); } b(); out: return 0;',
         {'get free:kfree', 'get a free:kfree b'}),
    ],
)  # fmt: skip
def test_clean_ups_run_when_a_scope_is_left_by_any_way(body: str, expected: set[str]) -> None:
    assert expected <= ways(graph(body))


def test_what_is_returned_is_worked_out_before_clean_ups_run() -> None:
    one = graph('void *p __free(kfree) = get(); return use(p);')
    assert ways(one) == {'get use free:kfree'}


def test_conditions_of_one_name_are_one_test() -> None:
    terms = [step.terms[0].text for step in graph('#ifdef X\na();\n#endif\n#ifdef X\nb();\n#endif').steps if step.terms]
    assert terms.count('#X') == 2


def test_damage_is_marked_and_the_rest_is_there() -> None:
    one = graph('n = ); a(); if (m) b();')
    assert one.damaged
    assert {'a b', 'a'} <= ways(one)


def test_what_is_too_large_says_so() -> None:
    assert graph('a();' * 6000).lost == 'more than 5000 steps'
    assert graph('n = ' + '(' * 400 + '1' + ')' * 400 + ';').lost == 'nested too deeply'


WORDS = (
    'if (n) {', '}', 'else {', 'goto out;', 'out:', 'while (m--) {', 'for (;;) {', 'break;', 'continue;', 'do {',
    '} while (n);', 'switch (n) {', 'case 1:', 'default:', '#if X', '#else', '#endif', '({', '});', 'return n;', 'a(p);',
    'guard(m)(&l);', 'x = y ?: z;', '&&', '(', ')', 'void *p __free(kfree) = q();', 'list_for_each(a, b) {',
)  # fmt: skip


@settings(max_examples=150, deadline=None)
@given(st.integers(0, 10**9))
def test_any_row_of_words_gives_a_graph_whose_edges_lead_to_steps(seed: int) -> None:
    chance = random.Random(seed)
    words = [chance.choice(WORDS) for _ in range(chance.randrange(40))]
    try:
        unit = Unit(('int f(int n)\n{\n' + '\n'.join(words) + '\n}\n').encode())
    except Unreadable:
        return
    for body in unit.bodies:
        one = graph_of(unit, body, ())
        assert all(at == END or 0 <= at < len(one.steps) for step in one.steps for at in step.next)
        assert all(len(step.next) == (2 if step.kind == 'test' else 1) for step in one.steps)
