# SPDX-License-Identifier: GPL-2.0-or-later
"""Tells when two names or addresses are one person: by address, else by full name; a first name alone proves nothing."""

from __future__ import annotations

from collections.abc import Iterable

from bot.model import Person


def same_person(one: Person, other: Person) -> bool:
    return bool(_keys(one) & _keys(other))


def people(authors: Iterable[Person]) -> tuple[tuple[Person, int], ...]:
    """Count mails by person, most first, each under the name and address used most."""
    groups: list[tuple[set[str], list[Person]]] = []
    for author in sorted(authors):
        keys = _keys(author)
        together = [g for g in groups if g[0] & keys]
        groups = [g for g in groups if not g[0] & keys]
        groups.append((keys.union(*(g[0] for g in together)), [author] + [p for g in together for p in g[1]]))
    counted = [(_most_used(persons), len(persons)) for _, persons in groups]
    return tuple(sorted(counted, key=lambda pair: (-pair[1], pair[0])))


def _keys(person: Person) -> set[str]:
    return {key for key in (person.email.lower(), _full_name(person.name)) if key}


def _full_name(name: str) -> str:
    """Some mail programs write "Tian, Kevin"."""
    last, comma, first = name.casefold().partition(',')
    words = (f'{first} {last}' if comma else last).split()
    return ' '.join(words) if len(words) > 1 else ''


def _most_used(persons: list[Person]) -> Person:
    return min(persons, key=lambda p: (-persons.count(p), not p.name, p))
