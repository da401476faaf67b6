# SPDX-License-Identifier: GPL-2.0-or-later
"""Tells what somebody is to a question: its asker, an author of the series, a maintainer, a reviewer, somebody else.

Promises a reason with every role. Compares addresses only: a name proves nothing. Whether the address is really the
sender's is settled before anybody comes here.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass

from bot.model import Question, Responsible, Role, Series

LOCAL = 'local user'
_CO_AUTHOR = re.compile(r'(?mi)^[^\S\n]*(?:Co-developed-by|Signed-off-by):[^<\n]{0,80}<([^>\s]{3,128})>')


@dataclass(frozen=True, slots=True)
class Actor:
    """Who gives a command. `named` are the people of MAINTAINERS for the files of the series.

    `said` is a role given on the command line. `trusted` is the local user where no MAINTAINERS could be read: the store
    is his own, so a maintainer's rights are assumed and said to be.
    """

    address: str = ''
    authors: frozenset[str] = frozenset()
    named: tuple[Responsible, ...] = ()
    said: Role | None = None
    trusted: bool = False

    @property
    def label(self) -> str:
        return self.address or LOCAL


def authors(series: Series) -> frozenset[str]:
    """Return the addresses that posted the series, wrote its patches or signed them."""
    found = {r.author.email for r in series.revisions}
    for patch in (p for r in series.revisions for p in r.patches):
        found |= {patch.author.email, *(a.lower() for a in _CO_AUTHOR.findall(patch.commit_message))}
    return frozenset(found - {''})


def roles(actor: Actor, question: Question | None) -> Mapping[Role, str]:
    """Return every role of somebody, each with the reason; `question` is None for a command about the series."""
    if actor.said:
        return {actor.said: 'as said on the command line', 'O': 'anybody'}
    found: dict[Role, str] = {}
    if actor.address and question and question.asker.email == actor.address:
        found['A'] = 'asked it'
    if actor.address in actor.authors:
        found['S'] = 'wrote patches of the series'
    for one in actor.named:
        if actor.address and one.person.email == actor.address:
            found.setdefault(one.role, one.because)
    if actor.trusted and not found:
        found['M'] = 'assumed of the local user: no tree with MAINTAINERS was given'
    return {**found, 'O': 'anybody'}
