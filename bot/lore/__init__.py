# SPDX-License-Identifier: GPL-2.0-or-later
"""Mail in, series out.

Takes: a SOURCE (message-id, URL, mbox, mail, maildir, folder, epoch, stdin), settings of the archive, a git runner.
Gives: messages without loss, threads, and series whose postings are linked with a reason each.
Never does: apply, judge or interpret; read git configuration; ask any host but the archive's (and the name server that the settings name); raise on odd mail.
"""

from bot.lore.assemble import Assembly, assemble
from bot.lore.attest import attest, ids_of, is_signed, key_names, posted, unsigned, with_ids
from bot.lore.dns import published
from bot.lore.parse import parse
from bot.lore.quotes import quotes
from bot.lore.rangediff import compare
from bot.lore.read import read
from bot.lore.sender import copy_of, senders
from bot.lore.source import KEPT_KINDS, Source, locate, recall, same_place
from bot.lore.ties import VERBS as SERIES_VERBS
from bot.lore.ties import entry, in_force
from bot.lore.unseen import of_replies
from bot.lore.unsent import Unsent, as_sent, unsent

__all__ = [
    'KEPT_KINDS',
    'SERIES_VERBS',
    'Assembly',
    'Source',
    'Unsent',
    'as_sent',
    'assemble',
    'attest',
    'compare',
    'copy_of',
    'entry',
    'ids_of',
    'in_force',
    'is_signed',
    'key_names',
    'locate',
    'of_replies',
    'parse',
    'posted',
    'published',
    'quotes',
    'read',
    'recall',
    'same_place',
    'senders',
    'unsent',
    'unsigned',
    'with_ids',
]
