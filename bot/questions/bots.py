# SPDX-License-Identifier: GPL-2.0-or-later
"""Recognises mails that no person wrote; what they ask is not asked by anybody."""

from __future__ import annotations

import re
from functools import lru_cache

from bot.model import Message, Person

BOTS: tuple[tuple[str, str], ...] = (
    (r'^lkp@intel\.com$', 'kernel test robot'),
    (r'^(?:oliver\.sang|rong\.a\.chen|fengguang\.wu)@intel\.com$', 'kernel test robot, under its keepers’ addresses'),
    (r'syzbot|syzkaller', 'syzbot'),
    (r'patchwork-bot', 'patchwork'),
    (r'sashiko', 'Sashiko'),
    (
        r'^bot@kernelci\.org$|^ci@|^tip-bot|^noreply@|^no-reply@|[-_.]bot@|^bot[-+@]|^robot@|^devnull@',
        'robots of CI and hosting',
    ),
    (r'^regressions@leemhuis\.info$', 'regzbot'),
)
_NAMES = re.compile(r'(?i)\b(?:kernel test robot|syzbot|patchwork|kernelci|buildbot|ci bot|\w+[ -]bot|robot)\b')
_ADDRESSES = re.compile('|'.join(f'(?:{pattern})' for pattern, _ in BOTS), re.IGNORECASE)
_APPLIED = re.compile(r'(?im)^(?:applied|merged|queued|pushed|this (?:patch|series) was applied)\b')
_LISTED = re.compile(
    r'(?m)^\[\d+/\d+\] \S.*\n(?:\s+\S.*\n)?\s+(?:commit: [0-9a-f]{12,40}|https?://\S+/c/[0-9a-f]{8,40})'
)
# A program that writes under its keeper's address says so, in its first or its last words.
_SPEAKS = re.compile(
    r"(?im)^(?:hi[,!]?\s+)?(?:this is|i am|i'm) (?:an? |the )?(?:[\w-]+ ){0,3}(?:[\w-]*bot|robot|automaton)\b(?! (?:\w+ )?(?:report|said|found|complain))"
)
_SIGNS = re.compile(r'(?i)^[^>\n]{0,30}\b(?:patch|e?mail|review|ci|test)[ -]?(?:e?mail )?(?:ro)?bot$')
_PERSONAL = re.compile(r'(?:fengguang|rong|oliver)')


def automatic(message: Message) -> bool:
    """Tell whether a program sent this mail."""
    return message.automatic or robot(message.author) or _introduced(message.body)


@lru_cache(maxsize=4096)
def _introduced(body: str) -> bool:
    """Tell whether a text says in its own words, and in its signature, that a program wrote it."""
    last = next((line.strip() for line in reversed(body.split('\n')) if line.strip()), '')
    return bool(_SPEAKS.search(body)) and bool(_SIGNS.match(last))


def form_letter(message: Message) -> bool:
    """Tell whether a tool wrote the thanks of a maintainer (`b4 ty` and its like): a form, however personal its sender.

    They say where the patches went and list each with its commit; what they ask is asked of everybody, always.
    """
    return bool(_APPLIED.search(message.body)) and bool(_LISTED.search(message.body))


@lru_cache(maxsize=4096)
def robot(person: Person) -> bool:
    if _PERSONAL.search(person.email):
        return bool(_NAMES.search(person.name))
    return bool(_ADDRESSES.search(person.email) or _NAMES.search(person.name))
