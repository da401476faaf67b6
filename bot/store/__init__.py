# SPDX-License-Identifier: GPL-2.0-or-later
"""Takes: mails, and documents under keys made by the pipeline.
Gives: the same back, in this process or a later one; facts about git blobs from a file of their own.
Never: interprets a document, decides what is stale, or is written by a job (the fact file excepted).
"""

from bot.store.facts import FactFile
from bot.store.outbox import Outbox
from bot.store.store import Store

__all__ = ['FactFile', 'Outbox', 'Store']
