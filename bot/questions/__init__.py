# SPDX-License-Identifier: GPL-2.0-or-later
"""Takes the threads of a series with their quote graph, and the revisions when they are known.
Gives the ledger: who asked what, who answered, where it stands, each with mail, lines and rule.
Never reads an archive or a tree, never takes silence for an answer, never asks what somebody only quotes.
"""

from bot.questions.commands import Written, commands_in
from bot.questions.effects import did, muting
from bot.questions.grammar import Order, Refusal, parse
from bot.questions.hear import Talk, hear
from bot.questions.ledger import ask, why
from bot.questions.mailed import mailed
from bot.questions.roles import Actor, authors
from bot.questions.take import take
from bot.questions.taken import taken
from bot.questions.targets import Given, Known, choose
from bot.questions.verbs import EFFECTS, ROLES, VERBS, Verb, reference

__all__ = [
    'EFFECTS',
    'ROLES',
    'VERBS',
    'Actor',
    'Given',
    'Known',
    'Order',
    'Refusal',
    'Talk',
    'Verb',
    'Written',
    'ask',
    'authors',
    'choose',
    'commands_in',
    'hear',
    'mailed',
    'muting',
    'parse',
    'reference',
    'did',
    'take',
    'taken',
    'why',
]
