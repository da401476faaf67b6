# SPDX-License-Identifier: GPL-2.0-or-later
"""Takes what the store remembers, and whom the list is for.
Gives every series once, with the reasons that hold for it, in the order of a table of rules.
Never reads a network, runs a check, or adds reasons up: the first rule that holds decides, and says why.
"""

from bot.triage.collect import narrowed, queue
from bot.triage.me import Me
from bot.triage.rules import RULES

__all__ = ['RULES', 'Me', 'narrowed', 'queue']
