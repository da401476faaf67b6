# SPDX-License-Identifier: GPL-2.0-or-later
"""Finds where a mail begins to show another one without quote marks: forwarded below a rule, copied below its header.

Promises the first line of it, whatever the language of the mail program, where it has the shape that such programs give it.
Refuses to look for the words in other mails: whoever passes on a mail that nobody else has seen would be held for its author.
"""

from __future__ import annotations

import re

from bot.questions.zones import Layout, introduces

_RULE = re.compile(r'^\s*-{3,}\s*[^\W\d_][^\n]{2,120}?-{3,}+\s*$')
_BEGUN = re.compile(
    r'(?i)^\s*(?:begin(?:ning)? (?:of )?forwarded|(?:start of )?forwarded (?:message|mail)\s*:?$|anfang der weitergeleiteten)'
)
_FROM = re.compile(r'(?i)^\s*\*?(?:from|von|de|van|da|od|från|fra|от|kimden|发件人|寄件者|差出人)\*?\s?[:：]\*?\s*\S')
_MORE = re.compile(
    r'(?i)^\s*\*?(?:sent|date|to|cc|subject|gesendet|datum|an|betreff|envoyé|à|objet|enviado|para|asunto|assunto|inviato'
    r'|oggetto|verzonden|aan|onderwerp|till|ämne|дата|кому|тема|发送时间|日期|收件人|主题|送信日時|宛先|件名)\*?\s?[:：]'
)
_NEAR = 6


def told_again(layout: Layout) -> int:
    """Return the first line (1-based) of a mail that is shown without marks, 0 when there is none."""
    return next((n for n in range(1, len(layout.texts) + 1) if _begins(layout, n)), 0)


def _begins(layout: Layout, number: int) -> bool:
    text = layout.texts[number - 1]
    if layout.depths[number - 1] or not text.strip():
        return False
    below = layout.texts[number : number + _NEAR]
    head = bool(_FROM.match(text)) and any(map(_MORE.match, below))
    return head or bool(_RULE.match(text) or _BEGUN.match(text)) or _unmarked(layout, number)


def _unmarked(layout: Layout, number: int) -> bool:
    """Tell whether "X wrote:" stands here and no quote below it."""
    text = layout.texts[number - 1].rstrip()
    if not text.endswith((':', '：')):
        return False
    above = layout.texts[number - 2] if number > 1 and not layout.depths[number - 2] else ''
    below = next((n for n in range(number, len(layout.texts)) if layout.texts[n].strip() or layout.depths[n]), None)
    return introduces(f'{above} {text}') and (below is None or not layout.depths[below])
