# SPDX-License-Identifier: GPL-2.0-or-later
"""Flag values at a call: exact where the function decides, sound everywhere, unknown with its reason."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.checks.c.cexpr import Folded, unknown
from bot.checks.c.extract import read_facts
from bot.checks.c.facts import Expr, Watch
from bot.checks.tree.flags import Flags, argument, bind, evaluate

WATCH = Watch(prefixes=('FOLL_',), calls=('user_page',))
BITS = {f'FOLL_{name}': 1 << nth for nth, name in enumerate('ABCDEFGH')}


def worth(text: str) -> Folded:
    if text.strip('()~') in ('0', '1'):
        return Folded(eval(text))
    return Folded(BITS[text]) if text in BITS else unknown(f'no {text}')


def at_call(body: str, params: str = 'int c, unsigned int given, struct s *s') -> Flags:
    """Return the value of the third argument of the last get_user_pages() in a function with that body."""
    (function,) = read_facts(f'long f({params})\n{{\n{body}\n}}\n'.encode(), WATCH).functions
    call = [one for one in function.calls if one.callee == 'get_user_pages'][-1]
    return evaluate(argument(function, call, 2), worth)


def names(bits: int) -> str:
    return ''.join(name[-1] for name, bit in BITS.items() if bits & bit)


CALL = 'get_user_pages(a, 1, {}, p);'
FLOW = 'unsigned int v = FOLL_A; {} ' + CALL.format('v')


@pytest.mark.parametrize(
    ('body', 'must', 'may'),
    [
        (CALL.format('FOLL_A | FOLL_B'), 'AB', 'AB'),
        (CALL.format('c ? FOLL_A : 0'), '', 'A'),
        (CALL.format('(c ? FOLL_A : FOLL_B) | FOLL_C'), 'C', 'ABC'),
        (CALL.format('(unsigned int)(FOLL_A)'), 'A', 'A'),
        (FLOW.format('v |= FOLL_B;'), 'AB', 'AB'),
        (FLOW.format('if (c) v |= FOLL_B;'), 'A', 'AB'),
        (FLOW.format('if (c) v |= FOLL_B; else v = FOLL_C;'), '', 'ABC'),
        (FLOW.format('if (c) return 0; else v |= FOLL_B;'), 'AB', 'AB'),
        (FLOW.format('v &= ~FOLL_A;'), '', ''),
        (FLOW.format('v |= FOLL_B; if (c) v &= ~(FOLL_A | FOLL_B);'), '', 'AB'),
        (FLOW.format('v = v & FOLL_B;'), '', ''),
        (FLOW.format('v ^= FOLL_A | FOLL_B;'), 'B', 'B'),
        (
            FLOW.format('switch (c) { case 1: v = FOLL_B; break; case 2: v |= FOLL_C; default: v |= FOLL_D; }'),
            '',
            'ABCD',
        ),
        (FLOW.format('switch (c) { case 1: v = FOLL_B; }'), '', 'AB'),
        (FLOW.format('switch (c) { case 1: return 0; default: v = FOLL_B; }'), 'B', 'B'),
        (FLOW.format('while (c--) v |= FOLL_B;'), 'A', 'AB'),
        (FLOW.format('do { v |= FOLL_B; } while (c--);'), 'AB', 'AB'),
        (FLOW.format('for (c = 0; c < 3; c++) { if (c == 2) break; v = FOLL_B; }'), '', 'AB'),
        (FLOW.format('while (1) { v |= FOLL_B; if (c) break; }'), 'AB', 'AB'),
        (FLOW.format('while (c) { if (c == 2) continue; v |= FOLL_B; }'), 'A', 'AB'),
        (FLOW.format('if (c) goto out; v |= FOLL_B; out:'), 'A', 'AB'),
        (FLOW.format('goto out; v |= FOLL_B; out:'), 'A', 'A'),
        (FLOW.format('again: if (c) { v |= FOLL_B; goto again; }'), 'A', 'AB'),
        (FLOW.format('if (c && (v |= FOLL_B)) c = 0;'), 'A', 'AB'),
        (FLOW.format('c = c ? (v |= FOLL_B) : (v |= FOLL_C);'), 'A', 'ABC'),
        (FLOW.format('({ v |= FOLL_B; });'), 'AB', 'AB'),
        (FLOW.format('\n#ifdef X\nv |= FOLL_B;\n#endif\n'), 'A', 'AB'),
        (FLOW.format('\n#ifdef X\nv |= FOLL_B;\n#else\nv |= FOLL_C;\n#endif\n'), 'A', 'ABC'),
        (FLOW.format('unsigned int w = FOLL_B; if (c) w |= FOLL_C; v = w;'), 'B', 'BC'),
        (FLOW.format('list_for_each_entry(x, y, z) { v |= FOLL_B; }'), 'A', 'AB'),
        (FLOW.format('scoped_guard(mutex, &l) { v |= FOLL_B; }'), 'A', 'AB'),
        ('unsigned int v; if (c) v = FOLL_A; else v = FOLL_B; ' + CALL.format('v'), '', 'AB'),
        ('unsigned int v = FOLL_A, w = FOLL_B; while (c--) { v |= w; w |= FOLL_C; } ' + CALL.format('v'), 'A', 'ABC'),
        (CALL.format('(c == 1) * FOLL_B'), '', 'B'),
        (CALL.format('given & (FOLL_A & 0)'), '', ''),
    ],
)
def test_exact_values(body: str, must: str, may: str) -> None:
    flags = at_call(body)
    assert (names(flags.must), names(flags.may)) == (must, may)
    assert flags.exact
    assert flags.reasons == ()


@pytest.mark.parametrize(
    ('body', 'must', 'may', 'reason'),
    [
        (CALL.format('given'), '', '', 'parameter given: the callers decide'),
        (CALL.format('given | FOLL_A'), 'A', 'A', 'parameter given: the callers decide'),
        (CALL.format('s->flags'), '', '', 'field s->flags: set elsewhere'),
        (CALL.format('pick(c)'), '', '', 'result of pick()'),
        (CALL.format('FOLL_Z | FOLL_A'), 'A', 'A', 'FOLL_Z: no FOLL_Z'),
        (FLOW.format('fill(&v);'), '', 'A', 'the address of v is given away'),
        (FLOW.format('v++;'), '', '', 'v is counted'),
        (FLOW.format('v = v + c;'), '', '', 'v + c'),
        ('static unsigned int v = FOLL_A; v |= FOLL_B; ' + CALL.format('v'), '', '', 'variable v is not followed'),
        ('given |= FOLL_A; given &= ~FOLL_B; ' + CALL.format('given'), 'A', 'A', 'parameter given: the callers decide'),
        (FLOW.format('{ ' * 130 + 'v |= FOLL_B;' + ' }' * 130), '', '', 'the function is too large to follow'),
    ],
)
def test_unknown_values_say_why(body: str, must: str, may: str, reason: str) -> None:
    flags = at_call(body)
    assert (names(flags.must), names(flags.may), flags.reasons) == (must, may, (reason,))
    assert not flags.exact


def test_a_bool_is_a_truth_value_and_not_unknown() -> None:
    flags = at_call(CALL.format('write'), 'bool write')
    assert flags.exact
    assert {case.ones for case in flags.cases} == {0, 1}


def test_paths_are_kept_apart() -> None:
    flags = at_call(CALL.format('c ? FOLL_A : FOLL_B'))
    assert {names(case.ones) for case in flags.cases} == {'A', 'B'}


def test_many_conditions_stay_sound_when_paths_are_merged() -> None:
    flags = at_call(
        'unsigned int v = 0;'
        + ''.join(f'if (c == {n}) v |= {name};' for n, name in enumerate(BITS))
        + CALL.format('v | FOLL_A')
    )
    assert (names(flags.must), names(flags.may), flags.exact) == ('A', 'ABCDEFGH', True)


def test_a_parameter_can_be_bound_to_what_a_caller_gives() -> None:
    expr = Expr('|', parts=(Expr('parameter', 'given', index=1), Expr('const', 'FOLL_A')))
    bound = bind(expr, {1: Expr('const', 'FOLL_B')})
    assert names(evaluate(bound, worth).must) == 'AB'


# A program is a list of statements over two variables; running it down every path tells what the analysis must cover.
SIMPLE = st.tuples(st.sampled_from('vw'), st.sampled_from(['=', '|=', '&= ~']), st.sampled_from([*BITS, 'w', 'v'])).map(
    lambda one: ('do', *one)
)
STATEMENTS = st.recursive(
    st.lists(SIMPLE, min_size=1, max_size=3),
    lambda inner: st.lists(
        st.one_of(SIMPLE, st.tuples(st.just('if'), inner, inner), st.tuples(st.just('loop'), inner)),
        min_size=1,
        max_size=3,
    ),
    max_leaves=8,
)


def as_c(program: list[tuple[object, ...]]) -> str:
    parts = []
    for kind, *rest in program:
        if kind == 'do':
            parts.append(f'{rest[0]} {rest[1]}{rest[2]};')
        elif kind == 'if':
            parts.append(f'if (c) {{ {as_c(rest[0])} }} else {{ {as_c(rest[1])} }}')  # type: ignore[arg-type]
        else:
            parts.append(f'while (c--) {{ {as_c(rest[0])} }}')  # type: ignore[arg-type]
    return ' '.join(parts)


def run(program: list[tuple[object, ...]], states: set[tuple[int, int]]) -> set[tuple[int, int]]:
    for kind, *rest in program:
        if kind == 'do':
            states = {step(state, str(rest[0]), str(rest[1]), str(rest[2])) for state in states}
        elif kind == 'if':
            states = run(rest[0], states) | run(rest[1], states)  # type: ignore[arg-type]
        else:
            while not (again := run(rest[0], states)) <= states:  # type: ignore[arg-type]
                states = states | again
    return states


def step(state: tuple[int, int], target: str, operator: str, source: str) -> tuple[int, int]:
    value = BITS.get(source, state['vw'.find(source)])
    old = state['vw'.index(target)]
    new = {'=': value, '|=': old | value, '&= ~': old & ~value}[operator]
    return (new, state[1]) if target == 'v' else (state[0], new)


@settings(max_examples=150, deadline=None)
@given(STATEMENTS)
def test_no_path_escapes(program: list[tuple[object, ...]]) -> None:
    flags = at_call(f'unsigned int v = FOLL_A, w = FOLL_B; {as_c(program)} {CALL.format("v")}')
    for value, _ in run(program, {(BITS['FOLL_A'], BITS['FOLL_B'])}):
        assert any(
            case.ones & ~value == 0 and value & ~(case.ones | case.maybe | case.wild) == 0 for case in flags.cases
        )
