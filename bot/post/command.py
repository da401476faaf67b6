# SPDX-License-Identifier: GPL-2.0-or-later
"""Hands a mail to a program as sendmail and msmtp take it: on standard input, addresses as arguments.

Of a program that fails nobody knows how far it came; only what sysexits.h keeps for mistakes made before anything was
sent is taken for a failure where nothing was. No address can be an option: all are checked, and stand behind `--`.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from bot.errors import ToolMissing
from bot.model import Programs
from bot.post.fields import is_address
from bot.post.outbox import Delivery

# EX_USAGE, EX_NOUSER, EX_NOHOST, EX_UNAVAILABLE of a shell that found no program (127) or could not run it (126), EX_NOPERM, EX_CONFIG.
_BEFORE = {64: 'refused', 67: 'refused', 68: 'refused', 77: 'refused', 78: 'refused', 126: 'refused', 127: 'refused'}


@dataclass(frozen=True, slots=True)
class Command:
    words: tuple[str, ...]
    run: Programs
    timeout: float = 600.0

    def __call__(self, raw: bytes, sender: str, to: Sequence[str], ending: Callable[[], None]) -> Delivery:
        """Run the program; what it does with the mail cannot be seen, so all of it counts as the end of the mail."""
        if not all(is_address(one) for one in (sender, *to)):
            return Delivery('refused', 'an address is none')
        ending()
        try:
            ran = self.run([*self.words, '-f', sender, '--', *to], raw, self.timeout)
        except ToolMissing as absent:
            return Delivery('refused', str(absent))
        said = ' '.join(ran.stderr.split())[:300]
        if ran.status == 0:
            return Delivery('sent', f'{self.words[0]} took it')
        if ran.status in _BEFORE:
            return Delivery('refused', f'{self.words[0]} ended with {ran.status}: {said}')
        return Delivery('unknown', f'{self.words[0]} ended with {ran.status}: {said}')
