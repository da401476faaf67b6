# SPDX-License-Identifier: GPL-2.0-or-later
"""A call trace's functions are found in the source, and the line's writer is the patch that put it there."""

from __future__ import annotations

import re
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.lab import Shop
from bot.lab import base as bases
from bot.lab.console import read_console
from bot.lab.places import _frames, _History, _of_position, carried, lines
from bot.lab.sandbox import Ran
from bot.lab.watch import Ended
from bot.lab.workspace import workspace
from bot.model import ConsoleEvent, FileChange
from tests.lab.console_corpus import entries

SOURCE = """int volatile counter;
static inline void inner(int n)
{
	counter += n;
}
__attribute__((noinline)) int outer(int n);
__attribute__((noinline)) int outer(int n)
{
	inner(n);
	return counter;
}
"""
CALLER = 'int outer(int n);\nint caller(void);\nint caller(void)\n{\n\treturn outer(1) + outer(2);\n}\n'


@given(st.lists(st.sampled_from('kgcr'), min_size=1, max_size=30))
def test_a_line_left_alone_is_where_it_was(script: list[str]) -> None:
    """k: a line both sides have, g: gone, c: come, r: replaced."""
    old = new = 0
    gone, come, kept = [], [], []
    for step in script:
        old += step in 'kgr'
        new += step in 'kcr'
        gone += [(old, old)] if step in 'gr' else []
        come += [(new, new)] if step in 'cr' else []
        kept += [(new, old)] if step == 'k' else []
    change = FileChange('a.c', 'a.c', 'a', 'b', tuple(gone), tuple(come))
    assert [carried(after, change) for after, _ in kept] == [before for _, before in kept]


def test_frames_are_found_where_the_compiler_put_them(
    need: Callable[..., None], confined: None, tmp_path: Path
) -> None:
    need('gcc', 'objdump', 'addr2line', 'bwrap')
    tree = tmp_path / 'tree'
    (tree / 'mm').mkdir(parents=True)
    (tree / 'mm/a.c').write_text(SOURCE + CALLER)
    (tree / 'mm/.a.o.cmd').write_text('savedcmd_mm/a.o := gcc -O2 -c -o mm/a.o mm/a.c ; touch mm/a.o.done\n')
    subprocess.run(['gcc', '-O2', '-c', '-o', 'mm/a.o', 'mm/a.c'], cwd=tree, check=True)
    sizes = {
        m[2]: int(m[1], 16)
        for m in re.finditer(
            r'([0-9a-f]{16}) (outer|caller)$',
            subprocess.run(['objdump', '-t', 'mm/a.o'], cwd=tree, check=True, capture_output=True, text=True).stdout,
            re.MULTILINE,
        )
    }
    text = (f'outer+0x0/{sizes["outer"]:#x}', f'caller+{sizes["caller"]:#x}/{sizes["caller"]:#x}', 'outer+0x0/0x1')
    frames = list(_frames(ConsoleEvent('warn', '', '', '', '', 1, 1, frames=text)))
    assert [f.returns for f in frames] == [False, True, True]
    with workspace(tree, tmp_path / 'work', bases.tools(Shop(tmp_path))) as work:
        work.step()
        found = lines(work, 'mm/a.o', frames, '')
        assert lines(work, 'mm/none.o', frames, '') == {}
    assert set(found) == set(text[:2]), 'a function of another size is not this one'
    assert found[text[0]][-1][0] == 'mm/a.c' and 4 <= found[text[0]][0][1] <= 9
    assert found[text[1]][-1] in (('mm/a.c', 16), ('mm/a.c', 17))


def test_which_frames_hold_return_addresses() -> None:
    def told(*names: str) -> list[tuple[str, bool]]:
        texts = tuple(f'{name}+0x10/0x20' for name in names)
        event = ConsoleEvent('hyp', '', '', '', '', 1, 1, frames=texts)
        return [(f.func, f.returns) for f in _frames(event)]

    assert told('a', 'b') == [('a', False), ('b', True)]
    assert told('el1h_64_sync', 'a', 'b') == [('el1h_64_sync', False), ('a', False), ('b', True)]
    el2 = ('__kvm_nvhe_hyp_panic', '__kvm_nvhe_give', '__kvm_nvhe_handle')
    assert told(*el2) == [('__kvm_nvhe_hyp_panic', False), ('__kvm_nvhe_handle', True)]


def test_the_corpus_has_frames_for_its_traces() -> None:
    logs = [entry.log for entry in entries()]
    events = [e for log in logs for e in read_console(log).events]
    assert sum(bool(e.frames) for e in events) > 10
    assert all(len(e.frames) == len(e.trace) for e in events)


class Recorder:
    """A workspace that only notes what is asked of it."""

    def __init__(self) -> None:
        self.ran: list[str] = []

    def step(self) -> None: ...

    def put(self, files: object) -> None: ...

    def run(self, words: list[str]) -> Ran:
        self.ran.append(words[0])
        return Ran(Ended.EXIT, 1, b'', False, 0.0, '')


class Texts:
    """Files that all hold the same words, at every commit."""

    def read(self, commit: str, path: str) -> bytes:
        return b'int grab(void) { return 1; }'


@pytest.mark.parametrize(('paths', 'ran'), [(['mm/gup.c'], ['sh']), (['mm/gup.c', 'mm/Kconfig'], ['make', 'sh'])])
def test_a_symbol_that_a_patch_adds_is_configured_before_its_code_is_looked_up(
    paths: list[str], ran: list[str]
) -> None:
    changes = tuple(FileChange(p, p, 'a', 'b', (), ()) for p in paths)
    history = _History({0: 'base', 1: 'tip'}, {1: changes}, Texts())  # type: ignore[arg-type]
    event = ConsoleEvent('bug', 'kernel BUG in grab', 'grab', '', '', 1, 2, frames=('grab+0x4/0x8',))
    tree = Recorder()
    assert _of_position(1, [event], history, tree, '', ['make']) == {}  # type: ignore[arg-type]
    assert tree.ran == ran
