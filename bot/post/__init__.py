# SPDX-License-Identifier: GPL-2.0-or-later
"""Takes a conversation, a body that is already written, a policy and what happened before.
Gives a draft with header fields, recipients and threading; what every rule says of sending it; and the way out by SMTP.
Never sends what the gate did not allow, never invents a recipient, never lets text of a mail become a header field.
"""

from __future__ import annotations

from bot.post.copies import is_copy
from bot.post.draft import Occasion, draft, event_id
from bot.post.fields import person
from bot.post.gate import decide
from bot.post.policy import Policy
from bot.post.policy_files import load as load_policy
from bot.post.recipients import Conversation, wants_maintainers, with_a_say
from bot.post.sending import carrier
from bot.post.signing import signed
from bot.post.write import mail, write

__all__ = [
    'Conversation',
    'Occasion',
    'Policy',
    'carrier',
    'decide',
    'draft',
    'event_id',
    'is_copy',
    'load_policy',
    'mail',
    'person',
    'signed',
    'wants_maintainers',
    'with_a_say',
    'write',
]
