# SPDX-License-Identifier: GPL-2.0-or-later
"""Reads MAINTAINERS and tells who maintains or reviews the files that a series touches.

Promises the sections whose F: pattern is the longest for each file, an N: only where no F: fits, and a K: for what the
patches say; a reason with every person. Refuses what X: excludes and, unless it is asked for, "THE REST". The caller sees
to it that the file is the base tree's: a patch must not appoint its own maintainer.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from email.utils import parseaddr

from bot.model import Person, Responsible, Role
from bot.trees.patterns import expression, glob_matches

REST = 'THE REST'

_ENTRY = re.compile(r'^([A-Z]):[ \t]*(\S.*?)[ \t]*$')
_LONGEST_LINE = 500
_MOST_LINES = 20_000


@dataclass(frozen=True, slots=True)
class Section:
    """One entry of the file; `lines` are the values by letter, in their order."""

    title: str
    lines: Mapping[str, tuple[str, ...]]

    def people(self) -> Iterator[tuple[Role, Person]]:
        roles: tuple[Role, ...] = ('M', 'R')
        for role in roles:
            for value in self.lines.get(role, ()):
                name, address = parseaddr(value)
                if '@' in address:
                    yield role, Person(name, address.lower())

    def covers(self, path: str) -> tuple[int, str]:
        """Return how closely the section names a file, 0 when it does not, and the line that does."""
        if any(glob_matches(x, path) for x in self.lines.get('X', ())):
            return 0, ''
        globs = [(len(f) + 1, f'F: {f}') for f in self.lines.get('F', ()) if glob_matches(f, path)]
        names = [(1, f'N: {n}') for n in self.lines.get('N', ()) if (e := expression(n)) and e.found_in(path)]
        return max([*globs, *names], default=(0, ''))


def parse(text: str) -> tuple[Section, ...]:
    """Return the sections of a MAINTAINERS file; whatever is no section is passed over."""
    found: list[Section] = []
    title, values = '', dict[str, list[str]]()
    for line in [*text.split('\n'), '']:
        entry = _ENTRY.match(line[:_LONGEST_LINE])
        if entry and title:
            values.setdefault(entry[1], []).append(entry[2])
        elif values and not entry:
            found.append(Section(title, {k: tuple(v) for k, v in values.items()}))
            title, values = '', {}
        if not entry:
            title = line.strip()[:_LONGEST_LINE] if line[:1].strip() else ''
    return tuple(found)


def responsible(
    sections: Sequence[Section], paths: Sequence[str], added: Sequence[str] = (), the_rest: bool = False
) -> tuple[Responsible, ...]:
    """Return the people for the files a series touches; `added` are the lines it adds, for K:."""
    known = [s for s in sections if the_rest or s.title != REST]
    out: dict[tuple[str, Role], Responsible] = {}
    for path in sorted(set(paths)):
        fits = [(*section.covers(path), section) for section in known]
        most = max((how for how, _, _ in fits), default=0)
        for how, line, section in fits:
            if how and how == most:
                whose = f' ({path})' if path not in line else ''
                _add(out, section, f'{section.title}, {line}{whose}')
    for section in known:
        key = next((k for k in section.lines.get('K', ()) if _says(k, added)), None)
        if key is not None:
            _add(out, section, f'{section.title}, K: {key}')
    return tuple(out[key] for key in sorted(out))


def homes(sections: Sequence[Section], paths: Sequence[str]) -> tuple[tuple[str, str], ...]:
    """Return section and T: line of the trees that the files a series touches are kept in, those of most files first."""
    count: dict[tuple[str, str], int] = {}
    known = [s for s in sections if s.title != REST and s.lines.get('T')]
    for path in sorted(set(paths)):
        fits = [(section.covers(path)[0], section) for section in known]
        most = max((how for how, _ in fits), default=0)
        for how, section in fits:
            for tree in section.lines['T'] if how and how == most else ():
                count[section.title, tree] = count.get((section.title, tree), 0) + 1
    return tuple(sorted(count, key=lambda home: -count[home]))


def _add(out: dict[tuple[str, Role], Responsible], section: Section, because: str) -> None:
    for role, person in section.people():
        out.setdefault((person.email, role), Responsible(person, role, because))


def _says(key: str, added: Sequence[str]) -> bool:
    wanted = expression(key)
    return wanted is not None and any(wanted.found_in(line[:_LONGEST_LINE]) for line in added[:_MOST_LINES])
