# SPDX-License-Identifier: GPL-2.0-or-later
"""Takes a report, the mail to answer and a body that is already written.
Gives a draft: header fields, recipients, threading, and the reasons why it may not be sent; and the draft as a mail.
Never sends, never invents a recipient beyond the thread, never lets text of a mail become a header field.
"""

from __future__ import annotations

from bot.post.draft import draft
from bot.post.write import mail, write

__all__ = ['draft', 'mail', 'write']
