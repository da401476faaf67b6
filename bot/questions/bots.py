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
_PERSONAL = re.compile(r'(?:fengguang|rong|oliver)')


def automatic(message: Message) -> bool:
    """Tell whether a program sent this mail."""
    return message.automatic or robot(message.author)


@lru_cache(maxsize=4096)
def robot(person: Person) -> bool:
    if _PERSONAL.search(person.email):
        return bool(_NAMES.search(person.name))
    return bool(_ADDRESSES.search(person.email) or _NAMES.search(person.name))
