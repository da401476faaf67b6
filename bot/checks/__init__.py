# SPDX-License-Identifier: GPL-2.0-or-later
"""Takes files of a kernel tree at its commits and rules.

Gives findings with the patch that brought them, the flags and counter bits a series changes, and what was not read.
Never writes, starts a program, or knows a kernel constant by heart.
"""

from bot.checks.alone import check_alone
from bot.checks.baseline import known, without
from bot.checks.engine import check_rev, check_series
from bot.checks.listing import WrapperList, list_wrappers
from bot.checks.rulebook.describe import describe, explain
from bot.checks.rulebook.examples import examples
from bot.checks.rulebook.reading import load_rules
from bot.checks.rulebook.rules import Rule

__all__ = [
    'Rule',
    'WrapperList',
    'check_alone',
    'check_rev',
    'check_series',
    'describe',
    'examples',
    'explain',
    'known',
    'list_wrappers',
    'load_rules',
    'without',
]
