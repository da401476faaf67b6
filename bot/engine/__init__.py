# SPDX-License-Identifier: GPL-2.0-or-later
"""Takes: jobs, each one self-contained JSON document.
Gives: the documents they answer with, from processes of their own, wherever an Executor runs them; programs of the user's.
Never: knows what a job does, keeps a queue, writes the store.
"""

from bot.engine.local import local
from bot.engine.process import abandon, answer, run_job
from bot.engine.program import run_program

__all__ = ['abandon', 'answer', 'local', 'run_job', 'run_program']
