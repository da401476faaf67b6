# SPDX-License-Identifier: GPL-2.0-or-later
"""Says where in the source the functions of a call trace were, and which patch of the series wrote that line.

Promises no guess: the file is compiled once more with line numbers, in the sandbox and as that patch has it, and a place is
told only where the function is as long as the console says. What the build makes otherwise is not touched: no image
carries debug information, and a boot without events costs nothing. Refuses functions of files that the series leaves alone.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from posixpath import normpath

from bot.lab import base as bases
from bot.lab.base import Shop
from bot.lab.blocks import bare
from bot.lab.plans import Target
from bot.lab.workspace import Workspace, workspace
from bot.model import AppliedTree, BootResult, Checkout, ConsoleEvent, FileChange, FilesAt

_FRAME = re.compile(r'(?P<func>[\w.$]{1,160})\+0x(?P<offset>[0-9a-f]{1,8})/0x(?P<size>[0-9a-f]{1,8})\Z')
_SYMBOL = re.compile(
    r'(?P<at>[0-9a-f]{8,16}) .{7} (?P<section>\.\S{1,60})\s+(?P<size>[0-9a-f]{8,16}) (?:\.hidden )?(?P<name>\S{1,160})\Z'
)
_ADDRESS = re.compile(r'0x[0-9a-f]{8,16}\Z')
_LINE = re.compile(r'(?P<file>\S{1,300}):(?P<line>\d{1,7})(?: \(discriminator \d+\))?\Z')
_EL2 = '__kvm_nvhe_'
_TRAPS = ('el1h_64_sync', 'el1_sync')
_STALE = 'hyp_panic'
_MOST_FILES = 6
_MOST_FRAMES = 16
# What kbuild noted of the object's own command, without what it does to the object afterwards.
_COMPILE = r"""
cmd=$(sed -n -e 's/^savedcmd_[^ ]* := //p' -e 's/^cmd_[^ ]* := //p' "${1%/*}/.${1##*/}.cmd" | head -n 1 | sed 's/ ; .*//')
[ -n "$cmd" ] && eval "$cmd -g1 -o .lorebot-places.o" && exec "$2" -t -w .lorebot-places.o
"""


@dataclass(frozen=True, slots=True)
class _Frame:
    text: str
    func: str
    offset: int
    size: int
    returns: bool


@dataclass(slots=True)
class _History:
    """What is known of the series: `changes` of each position, `commits` with 0 for the base."""

    commits: dict[int, str]
    changes: dict[int, tuple[FileChange, ...]]
    files: FilesAt

    def touched(self, position: int) -> list[str]:
        paths = {c.path for n, some in self.changes.items() if n <= position for c in some if c.new_blob}
        return sorted(path for path in paths if path.endswith('.c'))

    def writer(self, path: str, line: int, position: int) -> int:
        """Return the patch that wrote a line of the file as it is at a position, 0 when the base had it."""
        for at in range(position, 0, -1):
            change = next((c for c in self.changes.get(at, ()) if c.path == path), None)
            if change is not None:
                if any(first <= line <= last for first, last in change.new_ranges):
                    return at
                line = carried(line, change)
        return 0


def carried(line: int, change: FileChange) -> int:
    """Return where a line that a change left alone was before it."""
    place = line - sum(last - first + 1 for first, last in change.new_ranges if last < line)
    for first, last in change.old_ranges:
        place += last - first + 1 if place >= first else 0
    return place


def placed(
    boots: Sequence[BootResult],
    applied: AppliedTree,
    files: FilesAt,
    checkout: Checkout,
    target: Target,
    shop: Shop,
) -> tuple[BootResult, ...]:
    """Return the boots with places in their events, where the series touched a function of the trace."""
    positions = sorted({b.position for b in boots if b.position and any(e.frames or e.at for e in b.events)})
    if not positions or applied.base is None:
        return tuple(boots)
    history = _history(applied, files)
    shop = bases.ready(target, shop)
    base = bases.build(checkout.tree_id(applied.base), target, shop, checkout.at(applied.base))
    known: dict[int, Mapping[str, tuple[tuple[str, int], ...]]] = {}
    for position in positions:
        events = [e for b in boots if b.position == position for e in b.events]
        with workspace(base.tree, shop.directory / 'work', bases.tools(shop)) as tree:
            configure = bases.words(target, shop, 'olddefconfig', 'syncconfig')
            known[position] = _of_position(position, events, history, tree, target.cross, configure)
    return tuple(
        replace(b, events=tuple(_with_places(e, known[b.position], history, b.position) for e in b.events))
        if b.position in known
        else b
        for b in boots
    )


def _history(applied: AppliedTree, files: FilesAt) -> _History:
    commits = {0: applied.base or '', **{p.position: p.commit for p in applied.patches}}
    before, changes = applied.base or '', {}
    for patch in applied.patches:
        changes[patch.position], before = files.changes(before, patch.commit), patch.commit
    return _History(commits, changes, files)


def _of_position(
    position: int,
    events: Sequence[ConsoleEvent],
    history: _History,
    tree: Workspace,
    cross: str,
    configure: Sequence[str],
) -> dict[str, tuple[tuple[str, int], ...]]:
    """Return file and line of each frame that is in a touched file, what was inlined there first."""
    frames = {f.text: f for e in events for f in _frames(e)}
    wanted = {bare(f.func) for f in frames.values()}
    texts = {path: history.files.read(history.commits[position], path) or b'' for path in history.touched(position)}
    named = [path for path, text in texts.items() if any(name.encode() in text for name in wanted)]
    if not named:
        return {}
    tree.step()
    everything = {c.path for n, some in history.changes.items() if n <= position for c in some}
    tree.put({path: history.files.read(history.commits[position], path) for path in sorted(everything)})
    if any(path.rpartition('/')[2].startswith('Kconfig') for path in everything):
        tree.run(configure)  # Without the symbol that a patch adds, what it adds is not compiled.
    found: dict[str, tuple[tuple[str, int], ...]] = {}
    for path in named[:_MOST_FILES]:
        for suffix in ('', '.nvhe'):
            mine = [f for f in frames.values() if f.func.startswith(_EL2) is bool(suffix)]
            found |= lines(tree, f'{path.removesuffix(".c")}{suffix}.o', mine, cross) if mine else {}
    return found


def _frames(event: ConsoleEvent) -> Iterator[_Frame]:
    """Yield the frames of a trace; all but the innermost, and what trapped, hold the address after a call.

    Below hyp_panic stands what the link register happened to hold when EL2 trapped: the last call, not the trap.
    """
    above = ''
    for text in event.frames[:_MOST_FRAMES]:
        if match := _FRAME.match(text):
            returns = bool(above) and above not in _TRAPS
            if above != _STALE:
                yield _Frame(text, match['func'], int(match['offset'], 16), int(match['size'], 16), returns)
            above = bare(match['func'])


def lines(
    tree: Workspace, object_name: str, frames: Sequence[_Frame], cross: str
) -> dict[str, tuple[tuple[str, int], ...]]:
    """Compile one object with line numbers and look the frames up in it; {} where it is no object of this build."""
    listed = tree.run(['sh', '-c', _COMPILE, 'sh', object_name, f'{cross}objdump'])
    if not listed.ok:
        return {}
    symbols = [m for line in listed.output.decode('utf-8', 'replace').splitlines() if (m := _SYMBOL.match(line))]
    found: dict[str, tuple[tuple[str, int], ...]] = {}
    for frame in frames:
        name = frame.func.removeprefix(_EL2)
        fitting = [m for m in symbols if m['name'] == name and int(m['size'], 16) == frame.size]
        if len(fitting) == 1:
            at = int(fitting[0]['at'], 16) + frame.offset - int(frame.returns)
            words = ['-i', '-a', '-e', '.lorebot-places.o', '-j', fitting[0]['section'], f'{at:#x}']
            told = tree.run([f'{cross}addr2line', *words]).output.decode('utf-8', 'replace').splitlines()
            places = [m for line in told if not _ADDRESS.match(line) and (m := _LINE.match(line))]
            if places:
                found[frame.text] = tuple((_inside(m['file']), int(m['line'])) for m in places)
    return found


def _inside(path: str) -> str:
    """Return a path of the compiler as one of the tree."""
    return normpath(path.removeprefix('/src/'))


def _with_places(
    event: ConsoleEvent, known: Mapping[str, tuple[tuple[str, int], ...]], history: _History, position: int
) -> ConsoleEvent:
    """Write down what is known of an event's frames; the file and line of a WARN are the kernel's own words."""
    at, _, number = event.at.rpartition(':')
    rows = [(event.function, normpath(at), int(number))] if at and number.isdigit() else []
    rows += [(bare(text.partition('+')[0]), *place) for text in event.frames for place in known.get(text, ())[:2]]
    told: dict[tuple[str, int], str] = {}
    for function, path, line in rows:
        writer = history.writer(path, line, position)
        whose = f', a line of patch {writer}' if writer else ''
        told.setdefault((path, line), f'{function} at {path}:{line}{whose}'.removeprefix(' at '))
    own = f'{event.function} at {normpath(at)}:{number}'.removeprefix(' at ')
    return replace(event, places=tuple(place for place in told.values() if place != own))
