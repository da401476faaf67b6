# SPDX-License-Identifier: GPL-2.0-or-later
"""Turns what compilers, linkers and checkers print into records, and tells new ones from those that only moved.

A record's key is its words without numbers and names of temporaries, and the function it stands in, outside of all functions
the name of the file: not the line, not the directory. So a complaint that moves with its function is the same one, and a
second one like it in the same function is new.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Iterator

from bot.model import Diagnostic

_WIDEST = 2000
_MOST = 5000
_PATH = r'(?P<file>[\w./+,@~-]{1,300})'

_COMPILER = re.compile(
    _PATH
    + r':(?P<line>\d{1,7}):(?:(?P<column>\d{1,7}):)? ?(?P<severity>fatal error|error|warning): (?P<message>.{1,1000})\Z'
)
_KERNEL_DOC = re.compile(
    r'(?P<severity>Warning|Error|warning|error): ' + _PATH + r':(?P<line>\d{1,7}) (?P<message>.{1,1000})\Z'
)
_DTC = re.compile(_PATH + r':(?P<line>\d{1,7})\.[\d.-]{1,30}: (?P<severity>Warning|ERROR) (?P<message>.{1,1000})\Z')
_OBJTOOL = re.compile(_PATH + r': (?P<severity>warning|error): objtool: (?P<message>.{1,1000})\Z')
_MODPOST = re.compile(r'(?P<severity>ERROR|WARNING): modpost: (?P<message>.{1,1000})\Z')
_UNDEFINED = re.compile(
    r'(?:\S{0,60}ld(?:\.lld|\.bfd)?: (?:error: )?)?(?:' + _PATH + r':(?P<line>\d{0,7}):?)?(?:\(\S{1,80}\): )?'
    r'(?P<message>undefined (?:reference to|symbol:?|hidden symbol:?) .{1,300})\Z'
)
_LINKER = re.compile(r'\S{0,60}ld(?:\.lld|\.bfd)?: (?P<severity>error|warning): (?P<message>.{1,1000})\Z')
_MAKE = re.compile(r'make(?:\[\d{1,3}\])?: \*\*\* (?P<message>.{1,1000})\Z')
_INSIDE = re.compile(r"[\w./+,@~-]: (?:In|in) (?:inlined )?(?:function|member function) [`'](?P<name>[\w.]{1,200})'")
_TOP_LEVEL = re.compile(r'[\w./+,@~-]{1,300}: At top level:')
# The compiler names a function where it changes; in a log of many, what the one before said last is no context.
_NEXT_OBJECT = re.compile(r'  [A-Z]{2,12}(?: \[M\])? {1,10}\S')
_OPTION = re.compile(r' \[(-W[\w+=<>-]{1,80}|-f[\w-]{1,80})(?:,-W\w{1,80})?\]\Z')
_OF_FUNCTION = re.compile(r"(?:not described in|for) '(\w{1,200})'|^(\w{1,200})(?:\(\))?\+0x[0-9a-f]{1,8}")
_READ = ('.c', '.h')
_ADDRESS = re.compile(r'\b0x[0-9a-f]+\b|\b\d+\b')

_TOOLS: tuple[tuple[str, re.Pattern[str]], ...] = (
    ('modpost', _MODPOST),
    ('objtool', _OBJTOOL),
    ('dtc', _DTC),
    ('kernel-doc', _KERNEL_DOC),
    ('ld', _UNDEFINED),
    ('ld', _LINKER),
    ('cc', _COMPILER),
    ('make', _MAKE),
)


def parse(log: bytes) -> tuple[Diagnostic, ...]:
    """Return every complaint of a build log, in order; make's own are left out where a tool said more."""
    found = list(_records(log))
    said = [d for d in found if d.tool != 'make']
    return tuple(said if any(d.severity == 'error' for d in said) else found)[:_MOST]


def _records(log: bytes) -> Iterator[Diagnostic]:
    function = ''
    for raw in log.split(b'\n'):
        text = raw[:_WIDEST].decode('utf-8', 'replace').rstrip()
        if _NEXT_OBJECT.match(text):
            function = ''
        inside = _INSIDE.search(text)
        if inside or _TOP_LEVEL.match(text):
            function = inside['name'] if inside else ''
            text = text[inside.end() :].lstrip(': ') if inside else ''
        for tool, pattern in _TOOLS:
            match = pattern.match(text)
            if match:
                yield _record(tool, match, function)
                break


def _record(tool: str, match: re.Match[str], function: str) -> Diagnostic:
    parts = match.groupdict()
    message = parts['message'].strip()
    option = _OPTION.search(message)
    if option:
        message = message[: option.start()]
    severity = (parts.get('severity') or 'error').lower().removeprefix('fatal ')
    if tool == 'cc' and _kconfig(parts.get('file') or ''):
        tool = 'kconfig'
    if tool == 'cc' and severity == 'warning' and not parts.get('column') and (parts.get('file') or '').endswith(_READ):
        tool = 'kernel-doc'  # as it printed before 6.18; every compiler names the column
    own = _OF_FUNCTION.search(message) if tool in ('kernel-doc', 'objtool') else None
    where = (own[1] or own[2]) if own else function if tool in ('cc', 'ld') else ''
    return Diagnostic(
        tool=tool,
        severity=severity,
        file=(parts.get('file') or '').removeprefix('./'),
        line=int(parts.get('line') or 0),
        function=where,
        message=message,
        option=option[1] if option else '',
        key=f'{tool}|{severity}|{where or _name(tool, parts)}|{_plain(message)}',
    )


def _name(tool: str, parts: dict[str, str | None]) -> str:
    """Return the name of a file for what a compiler says outside of every function: no word of it tells it apart."""
    return (parts.get('file') or '').rpartition('/')[2] if tool == 'cc' else ''


def _kconfig(file: str) -> bool:
    return file.rpartition('/')[2].startswith('Kconfig')


def _plain(message: str) -> str:
    """Return the words without what moves: numbers, and the quotes that depend on the locale."""
    return _ADDRESS.sub('N', message.replace('\u2018', "'").replace('\u2019', "'").replace('`', "'"))


def compare(
    before: Iterable[Diagnostic], after: Iterable[Diagnostic]
) -> tuple[tuple[Diagnostic, ...], tuple[Diagnostic, ...], int]:
    """Return what is new, what is gone, and how many stayed, counting equal keys."""
    old, new = list(before), list(after)
    fresh = _surplus(new, Counter(d.key for d in old))
    gone = _surplus(old, Counter(d.key for d in new))
    return fresh, gone, len(new) - len(fresh)


def less(all_of: Iterable[Diagnostic], gone: Iterable[Diagnostic]) -> tuple[Diagnostic, ...]:
    """Take as many of each key away as are gone; of the same file."""
    files = Counter((d.key, d.file) for d in gone)
    kept = []
    for record in all_of:
        if files[record.key, record.file]:
            files[record.key, record.file] -= 1
        else:
            kept.append(record)
    return tuple(kept)


def _surplus(records: list[Diagnostic], allowed: Counter[str]) -> tuple[Diagnostic, ...]:
    extra = []
    for record in records:
        if allowed[record.key]:
            allowed[record.key] -= 1
        else:
            extra.append(record)
    return tuple(extra)
