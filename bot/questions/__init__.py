# SPDX-License-Identifier: GPL-2.0-or-later
"""Takes the threads of a series with their quote graph, and the revisions when they are known.
Gives the ledger: who asked what, who answered, where it stands, each with mail, lines and rule.
Never reads an archive or a tree, never takes silence for an answer, never asks what somebody only quotes.
"""

from bot.questions.ledger import ask, why
from bot.questions.taken import taken

__all__ = ['ask', 'taken', 'why']
