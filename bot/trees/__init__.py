# SPDX-License-Identifier: GPL-2.0-or-later
"""Takes a git repository of the user, posted revisions and ranges.

Gives files at commits, series applied patch by patch with every base tried, and the runner all git goes through.
Never writes to the user's repository, never fetches unasked, never runs what a repository, mail or patch asks to be run.
"""

from bot.trees.cloning import bring, checked_name, delete, made_here, name_of
from bot.trees.runner import run
from bot.trees.standing import AWAY, most_telling
from bot.trees.tree import Tree, open_tree

processes = run.processes

__all__ = [
    'AWAY',
    'Tree',
    'bring',
    'checked_name',
    'delete',
    'made_here',
    'most_telling',
    'name_of',
    'open_tree',
    'processes',
    'run',
]
