# SPDX-License-Identifier: GPL-2.0-or-later
"""The series that replies discuss while none of its own mails is at hand: what the replies' headers say of it.

Promises a name to list questions under. Refuses to pass for a posting: it has no patch, is not complete and says why.
"""

from __future__ import annotations

import re
from dataclasses import replace

from bot.lore import b4_adapter
from bot.lore.assemble import Assembly
from bot.model import Message, Person, Revision, Series, Thread

_AGAIN = re.compile(r'(?i)^(?:\s*(?:re|aw|sv|antw)\s*:)+\s*')
_WHY = 'none of its own mails is at hand: it is known by the replies to it only'


def of_replies(assembly: Assembly) -> Assembly:
    """Return the assembly with the series that its first thread discusses, unchanged if it has one or no mail at all."""
    if assembly.series or not assembly.threads:
        return assembly
    thread = assembly.threads[0]
    revision = _revision(thread, thread.messages[0])
    return replace(assembly, series=(Series(revision.subject, revision.author, None, (revision,)),))


def _revision(thread: Thread, reply: Message) -> Revision:
    subject = b4_adapter.read_subject(_AGAIN.sub('', reply.subject))
    first = next(iter(reply.references), reply.parent or reply.message_id)
    author = next((g.author for g in thread.ghosts if g.message_id == first and g.author), None)
    return Revision(
        version=subject.version or 1,
        posting=1,
        rfc=subject.rfc,
        resend=subject.resend,
        message_id=first,
        cover=None,
        subject=subject.title,
        author=author or Person('', ''),
        date=None,
        change_id=None,
        patches=(),
        expected=subject.total,
        missing=tuple(range(1, subject.total + 1)),
        base_hints=(),
        trailers=(),
        thread_root=thread.root,
        unusable=_WHY,
    )
