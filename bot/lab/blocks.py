# SPDX-License-Identifier: GPL-2.0-or-later
"""One event's lines on a console: where its report ends, its call trace, the function it is named after.

Refuses to grow: a report longer than `LONGEST` lines ends there.
"""

from __future__ import annotations

import re

from bot.lab import shapes
from bot.model import ConsoleEvent

LONGEST = 160
_DEEPEST = 32
_TITLE = 160

_FUNC = r'([A-Za-z_][\w.$]{0,127})\+0x[0-9a-f]{1,8}(?:/0x[0-9a-f]{1,8})?'
_FRAME = re.compile(
    r'(?:kvm \[\d{1,10}\]: )?\s{1,16}(?:\[<[0-9a-f]{4,16}>\] )?'
    + r'(?P<frame>'
    + _FUNC
    + r')(?: \[[^\]]{1,80}\])?(?: \([A-Z]{1,4}\))?\s*\Z'
)
_PC = re.compile(r'(?:pc : |RIP: [0-9a-f]{4}:|PC is at )' + _FUNC)
_TRACE = re.compile(r'(?:kvm \[\d{1,10}\]: )?(?:Call [Tt]race:|nVHE call trace:|<TASK>|<IRQ>)')
_SUFFIX = re.compile(r'\.(?:isra|part|constprop|cold|llvm|lto_priv)\b.*\Z')
_NUMBERS = ((re.compile(r'\b0x[0-9a-f]+\b|\b(?=[0-9a-f]*\d)[0-9a-f]{8,}\b'), 'ADDR'), (re.compile(r'\b\d+\b'), 'NUM'))


def bare(function: str) -> str:
    """Return a function's name as its source has it: no compiler's suffix, no EL2 prefix."""
    return _SUFFIX.sub('', function.removeprefix('__kvm_nvhe_'))


def normalised(words: str) -> str:
    """Replace what varies from run to run: addresses and numbers."""
    for pattern, name in _NUMBERS:
        words = pattern.sub(name, words)
    return ' '.join(words.split())[:_TITLE]


class Block:
    """A report under way."""

    def __init__(
        self, shape: shapes.Shape, match: re.Match[str], number: int, text: str, plumbing: re.Pattern[str]
    ) -> None:
        self._shape, self._match, self._text, self._plumbing = shape, match, text, plumbing
        self._first = self._last = number
        self._size = 0
        self._places = match.groupdict()
        self._pc = self._named = self._access = ''
        self._trace: list[str] = []
        self._frames: list[str] = []
        self._in_trace = False
        self.fatal = shape.kind in ('panic', 'hyp') or text.startswith('Kernel panic')

    def add(self, number: int, text: str) -> bool:
        """Take the next line; return False when it was the last."""
        self._size += 1
        if self._size > LONGEST:
            return False
        if text.startswith(('---[ end ', 'kvm [')) and '---[ end ' in text[:40]:
            self._last = number
            return False
        if self._useful(text):
            self._last = number
        return True

    def _useful(self, text: str) -> bool:
        """Read what a line says about the event; tell whether it does."""
        frame = _FRAME.match(text)
        if frame and self._in_trace and len(self._trace) < _DEEPEST:
            self._trace.append(bare(frame['frame'].partition('+')[0]))
            self._frames.append(frame['frame'])
            return True
        if _TRACE.match(text.lstrip()):
            self._in_trace = not self._trace or self._in_trace
            return True
        if not frame and text[:1] not in (' ', '') and self._trace and not text.startswith('kvm ['):
            self._in_trace = False
        pc = _PC.match(text)
        if pc and not self._pc:
            self._pc = bare(pc[1])
            return True
        return self._names(text)

    def _names(self, text: str) -> bool:
        where = self._shape.where
        if not self._named and where not in ('pc', 'trace'):
            match = shapes.template(where).match(text.strip())
            if match:
                self._named = bare(match.groupdict().get('func') or '')
                return True
        if self._shape.access and not self._access:
            match = shapes.template(self._shape.access).match(text)
            self._access = match['word'] if match else ''
            return match is not None
        return False

    def event(self) -> ConsoleEvent:
        function = self._function()
        place = self._places.get('file') or ''
        return ConsoleEvent(
            kind=self._shape.kind,
            title=self._title(function),
            function=function,
            at=f'{place}:{self._places.get("line")}' if place else '',
            text=self._text[:_TITLE],
            first=self._first,
            last=self._last,
            fatal=self.fatal,
            trace=tuple(self._trace),
            frames=tuple(self._frames),
        )

    def _function(self) -> str:
        asked = [bare(self._places.get('func') or ''), self._named]
        if self._shape.where == 'pc':
            asked.append(self._pc)
        for function in (*asked, *self._trace, self._pc):
            if function and not self._plumbing.fullmatch(function):
                return function
        return ''

    def _title(self, function: str) -> str:
        title = self._shape.title
        if self._access:
            title = title.replace(' in {func}', f' {self._access} in {{func}}')
        if not function:
            title = title.replace(' in {func}', '')
        for place in ('text', 'word', 'rest'):
            title = title.replace(f'{{{place}}}', normalised(self._places.get(place) or ''))
        return title.replace('{func}', function)
