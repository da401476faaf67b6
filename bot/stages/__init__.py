# SPDX-License-Identifier: GPL-2.0-or-later
"""Takes what a review knows so far. Gives the jobs of its stages and their results, the same on any engine.

Never decides whether a stage runs (the pipeline does), never keeps a result (the desk does).
"""

from bot.stages.documents import PERFORMERS, key, mails, perform, read, survey, write
from bot.stages.jobs import (
    Apply,
    Appoint,
    Assemble,
    Attest,
    Check,
    CheckAlone,
    CheckRev,
    Hear,
    Job,
    Questions,
    TreeAt,
    Vouch,
)
from bot.stages.lab_jobs import Bench, Boot, Boots, Build, Builds
from bot.stages.lab_perform import base_is_built, first_bad
from bot.stages.perform import remembering

__all__ = [
    'PERFORMERS',
    'Appoint',
    'Apply',
    'Assemble',
    'Attest',
    'Bench',
    'Boot',
    'Boots',
    'Build',
    'Builds',
    'Check',
    'CheckAlone',
    'CheckRev',
    'Hear',
    'Job',
    'Questions',
    'TreeAt',
    'Vouch',
    'base_is_built',
    'first_bad',
    'key',
    'mails',
    'perform',
    'read',
    'remembering',
    'survey',
    'write',
]
