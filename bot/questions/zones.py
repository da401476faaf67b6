# SPDX-License-Identifier: GPL-2.0-or-later
"""Tells what every line of a mail is: prose, quote, diff, code, trace, log, trailers, signature and the like.

Promises one zone a line. Refuses to read meaning: a zone says what shape a line has, never what it wants.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from enum import StrEnum

from bot.model import Message, Segment
from bot.model.memory import kept, name_of, recalled


class Zone(StrEnum):
    BLANK = 'blank'
    PROSE = 'prose'
    QUOTE = 'quote'
    DIFF = 'diff'
    CODE = 'code'
    TRACE = 'trace'
    LOG = 'log'
    TRAILERS = 'trailers'
    SIGNATURE = 'signature'
    FOOTER = 'footer'
    ATTRIBUTION = 'attribution'
    GREETING = 'greeting'
    FLAT = 'flat'
    COMMAND = 'command'


@dataclass(frozen=True, slots=True)
class Layout:
    """Zone and quote depth of every line (index 0 is line 1), and the text without its quote marks."""

    zones: tuple[Zone, ...]
    depths: tuple[int, ...]
    texts: tuple[str, ...]
    patch: bool
    name: str = ''
    """A digest of what it was made of, when facts are kept."""

    @property
    def commit_text_to(self) -> int:
        """Return the last line of the commit message in a patch mail, 0 in other mails."""
        if not self.patch:
            return 0
        ends = (
            n for n, (t, d) in enumerate(zip(self.texts, self.depths, strict=True), 1) if d == 0 and t.rstrip() == '---'
        )
        return next(ends, len(self.texts))


_TRAILER = re.compile(
    r'^\s*(?:(?:[A-Z][a-z]+-)+(?:[Bb]y|[Tt]o|[Ii][Dd]|[Oo]f)|Fixes|Link|Closes|Cc|CC|To|Bug|References|Assisted-by|'
    r'base-commit|change-id|prerequisite-patch-id|[A-Z][a-z]+-[a-z-]+): \S'
)
_COMMAND = re.compile(r'#lorebot(?=[\s:^]|$)', re.IGNORECASE)
_FOOTER = re.compile(
    r'(?i)^(?:_{20,}|to unsubscribe\b.*|.{0,60}\bmailing list$|unsubscribe:.*|the body of a message to majordomo.*|'
    r'more majordomo info.*|https?://(?>\S*(?:mailman|majordomo|listinfo))\S*+)$'
)
_TRACE = re.compile(
    r'^\s*(?:\[\s*\d+\.\d+\]|<\d>|\[<?[0-9a-f]{8,16}>?\]|Call [Tt]race|RIP: |Code: [0-9a-f]{2} |'
    r'[ER][A-Z0-9]{2}: [0-9a-f]{8,}|'
    r'(?:\? )?[\w.]+\+0x[0-9a-f]+/0x[0-9a-f]+|BUG: |WARNING: CPU|Kernel panic|Modules linked in|---\[ (?:end|cut) |'
    r'-{4,}\[|\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\S* |[A-Z][a-z]{2} [ \d]\d \d\d:\d\d:\d\d )'
)
_LOG = re.compile(
    r"""(?x)^\s*(?:
        \S+\.[chS](?::\d+)+:?\s            # a compiler's place
      | \S+:\d+:\d+:\s | make(?:\[\d+\])?:\s
      | [\w@~:./-]*[$]\s+\S                # a shell prompt
      | \#\s(?:cat|echo|ls|cd|dd|mount|modprobe|insmod|\./)\b
      | (?:error|warning|ERROR|WARNING|CHECK):\s
      | (?:In\ file\ included\ from|In\ function)\b
      | \S*\d%\s.*\d%
      | [0-9a-f]{7,40}\s.*\d{4}-\d\d-\d\d\s+\d+\s   # git blame, as robots cite it
    )"""
)
_DIFF_HEAD = re.compile(r'^(?:diff --git |diff -|Index: \S|--- (?:a/|/dev/null)|@@ -\d+(?:,\d+)? \+\d+(?:,\d+)? @@)')
_DIFF_BODY = re.compile(
    r'^(?:[+\-@\\ \t]|diff |index [0-9a-f]|new file|deleted file|old mode|new mode|similarity|rename |copy |'
    r'Binary |GIT )'
)
_STAT = re.compile(
    r'^ \S.{0,120}\s\|\s+(?:\d+|Bin|Unknown)\b|^ \d+ files? changed|^ (?:create|delete|rename) (?:mode )?\S'
)
_CODE_END = re.compile(r'(?:[;{}]|\*/|\\|&&|\|\|)\s*(?://.*)?$')
_CODE_START = re.compile(
    r'^\s*(?:#\s*(?:define|include|if|ifdef|ifndef|endif|else|undef)\b|(?:if|for|while|switch)\s*\(|else\s*(?:$|\{|if\b)|'
    r'return\b[^.?]*;|'
    r'(?:__\w+\s+)*(?:static|struct|enum|union|extern|const|void|unsigned|u8|u16|u32|u64|bool|int|char|'
    r'long)\s+[\w*][^.?]*[;{(=,]|'
    r'case\s+\w+:|default:|/\*|\*/|\}|\{|goto\s+\w+;|#\s*$)'
)
_CODE_BITS = re.compile(r'->|[=!<>]=|[;{}]|\b\w+_\w+\b|0x[0-9a-f]+|/\*|&\w|[+*/|-]=|\w\s*=\s*\w')
_CALL = re.compile(r'\w\(')
_WORDY = re.compile(
    r'\b(?:the|this|that|is|are|we|you|it|I|not|and|to|of|why|what|how|please|should|would|could|can)\b'
)
_PLAIN_WORD = re.compile(r"(?:^|(?<=\s))[a-z']{2,}(?=[\s?.,]|$)")
_OPENING = re.compile(
    r'(?i)^(?:hi+|hello|hey|dear|good (?:morning|day|evening|afternoon)|greetings|moin|'
    r'hallo)\b[^?]{0,40}[,!.:)-]?\s*$'
)
_CLOSING = re.compile(
    r'(?i)^(?:thanks?(?: you)?(?: (?:again|a lot|in advance|so much|very much|for your \w++))?|thx|cheers|(?:best |'
    r'kind |warm )?regards|br|best(?: wishes)?|'
    r'sincerely|yours|/\w++|greetings|take care|hth|rgds|tia)\s*+(?:[,.!:;)-]+\s*+)?(?:[A-Z]\w*[.,]?)?$'
)
_SAID = re.compile(
    r'(?i)\b(?:wrote|writes|written|schrieb|skrev|scrisse|scritto|[ée]crit|escribi[óo]|escreveu|schreef|napisał\w*|'
    r'пишет|'
    r'писал\w*|kirjoitti|napsal|írta)\b|写道|寫道|^Quoting\b|^\* (?:.*\s)?[^\s<]*<\S[^\s@]*@\S+>'
)


@recalled
def layout(message: Message, segments: Sequence[Segment]) -> Layout:
    """Sort the lines of a mail into zones; `segments` are the quote graph's, which knows the quotes without marks."""
    lines = message.lines
    depths = [0] * len(lines)
    for segment in segments:
        for number in range(segment.first - 1, min(segment.last, len(lines))):
            depths[number] = segment.depth
    texts = [unmarked(t, d) if d else t for t, d in zip(lines, depths, strict=True)]
    patch = not re.match(r'(?i)\s*(?:re|aw|sv|vs|fwd?)\s*:', message.subject) and bool(
        _STAT_OR_DIFF.search(message.body)
    )
    name = name_of(message.subject, message.body, segments)
    zones = kept('zones', list[Zone], name, lambda: _Zoner(texts, depths, patch).run())
    for segment in segments:
        if segment.depth == 0 and segment.how == 'unattributed':
            zones[segment.first - 1 : segment.last] = [Zone.FLAT] * (segment.last - segment.first + 1)
    return Layout(tuple(zones), tuple(depths), tuple(texts), patch, name)


def introduces(text: str) -> bool:
    """Tell whether a text says that somebody wrote what follows."""
    return bool(_SAID.search(text))


def ghost_layout(seen: Layout, lines: Collection[int]) -> Layout:
    """Return the layout of an absent mail's text as one mail quotes it: those `lines` (1-based) as if unquoted.

    What the quoting mail put in between is a gap; only what the absent mail itself quoted parts its text.
    """
    depth = min((seen.depths[n - 1] for n in lines), default=0)
    depths = [0 if n in lines or d < depth else 1 for n, d in enumerate(seen.depths, 1)]
    texts = [t if n in lines else '' for n, t in enumerate(seen.texts, 1)]
    patch = any(_DIFF_HEAD.match(t) for t in texts)
    return Layout(tuple(_Zoner(texts, depths, patch).run()), tuple(depths), tuple(texts), patch)


_RETOLD = re.compile(
    r'^(?:\w+ v\d+,? |[Ee]arlier,? |[Pp]reviously,? |[Bb]efore,? )?(?:I|[A-Z]\w+(?: [A-Z]\w+)?) (?:wrote|replied|'
    r'said|asked|answered|commented):\s*$'
)
# One word that answers or points up looks like a name below a mail.
_SIGNED = re.compile(r"^[-~/]{0,2}\s?[A-Z][\w.'-]*(?: [A-Z][\w.'-]*){0,2}[.,]?$")
_REPLY = re.compile(
    r'(?i)^(?:ditto|same(?: here)?|likewise|agreed?|done|fixed|yes|no|nope|yep|yeah|yup|ok(?:ay)?|right|exactly|indeed|'
    r'ack|acked|nak|nack|correct|true|false|why|what|how|when|where|sure|fair|understood|removed|dropped|changed|'
    r'applied|queued|merged|reverted|pushed|picked|added|updated|never|maybe|perhaps|probably|both|neither|thoughts|'
    r'ping|please|drop|remove|see|absolutely|definitely|certainly|good|nice|great|oops|wrong|unused|redundant|typo)\b'
)
_MARKS = {'"': '"', "'": "'", '""': '""', '"""': '"""', "'''": "'''", "''": "''", '“': '”', '``': "''"}
_LONGEST_CITATION = 120
_MARK = re.compile(r'[ \t]?(?:[>|]|[A-Za-z]{1,4}>)')
_STAT_OR_DIFF = re.compile(r'(?m)^(?:diff --git |--- a/| \d+ files? changed)')


def unmarked(line: str, depth: int) -> str:
    """Return the line without its first `depth` quote marks, and the one space after them."""
    at = 0
    for _ in range(depth):
        mark = _MARK.match(line, at)
        if mark is None:
            break
        at = mark.end()
    return line[at + 1 :] if depth and line[at : at + 1] == ' ' else line[at:]


def _cited(texts: Sequence[str], depths: Sequence[int]) -> frozenset[int]:
    """Return the lines (from 0) between two that hold nothing but quotation marks: a man page, a standard, another mail.

    Such a pair stands in one stretch of the author's own text; marks without a partner mean nothing.
    """
    found, opened, mark = set[int](), -1, ''
    for number, (text, depth) in enumerate(zip(texts, depths, strict=True)):
        bare = text.strip()
        if depth or number - opened > _LONGEST_CITATION:
            opened, mark = -1, ''
        if depth or not bare:
            continue
        if opened >= 0 and bare == _MARKS[mark]:
            found.update(range(opened, number + 1))
            opened, mark = -1, ''
        elif bare in _MARKS:
            opened, mark = number, bare
    return frozenset(found)


_GIT_HEAD = re.compile(r'^\s?From [0-9a-f]{40} Mon Sep 17 00:00:00 2001\s*$')
_SCISSORS = re.compile(r'^\s*(?:-+ ?(?:>8|8<|>%|%<)|(?:>8|8<|>%|%<) ?-)[-\s]')
_PATCH_SUBJECT = re.compile(r'^\s?Subject:\s*\[(?>[^\]]*PATCH)[^\]]*\]')
_PATCH_HEADER = re.compile(r'^\s?(?:From|Date|Subject|To|Cc):\s')


def _enclosed(texts: Sequence[str], depths: Sequence[int]) -> frozenset[int]:
    """Return the lines (from 0) of the message of a patch that a mail encloses: it speaks of the patch, not to anybody.

    It begins at git's own first line, at the headers of a patch or at scissors, and goes up to the `---` or the diff.
    """
    found, at = set[int](), 0
    while at < len(texts):
        if depths[at] or not _opens_patch(texts, at):
            at += 1
            continue
        ends = range(at + 1, min(at + _LONGEST_CITATION, len(texts)))
        end = next((n for n in ends if depths[n] or texts[n].rstrip() == '---' or _DIFF_HEAD.match(texts[n])), None)
        if end is not None and not depths[end]:
            found.update(range(at, end))
        at = end or at + 1
    return frozenset(found)


def _opens_patch(texts: Sequence[str], at: int) -> bool:
    if _GIT_HEAD.match(texts[at]) or _SCISSORS.match(texts[at]):
        return True
    head = texts[at : at + 4]
    subject = next((n for n, text in enumerate(head) if _PATCH_SUBJECT.match(text)), None)
    return subject is not None and all(_PATCH_HEADER.match(t) for t in head[: subject + 1])


class _Zoner:
    """One pass over the lines; every rule looks at the line, its neighbours and the zone it is in."""

    def __init__(self, texts: Sequence[str], depths: Sequence[int], patch: bool) -> None:
        self.texts, self.depths, self.patch = texts, depths, patch
        self.zones: list[Zone] = []
        self.retold = False
        self.opened = False
        self.cited = _cited(texts, depths) | (frozenset() if patch else _enclosed(texts, depths))

    def run(self) -> list[Zone]:
        for number in range(len(self.texts)):
            self.zones.append(self._zone(number))
        self._calls_of_code()
        self._sign_off()
        return self.zones

    def _zone(self, number: int) -> Zone:
        text = self.texts[number]
        before = self.zones[-1] if self.zones else Zone.BLANK
        if self.depths[number]:
            return Zone.QUOTE
        if before is Zone.SIGNATURE or text.rstrip() == '--':
            return Zone.SIGNATURE
        if before is Zone.DIFF and self._still_diff(number):
            return Zone.DIFF
        if _DIFF_HEAD.match(text) or (self.patch and _STAT.match(text)):
            self.opened = self.opened or bool(_DIFF_HEAD.match(text))
            return Zone.DIFF
        if not text.strip():
            self.retold = self.retold and bool(number) and bool(self.texts[number - 1].strip())
            return Zone.BLANK
        self.retold = self._retells(number, text)
        return Zone.QUOTE if self.retold or number in self.cited else self._shape(number, text, before)

    def _retells(self, number: int, text: str) -> bool:
        """Tell whether the line belongs to words of old that are told again without marks ("In v1 I wrote:").

        They end at two blank lines, at the next quote, or where nothing says that they go on.
        """
        if _RETOLD.match(text) and not self._quote_below(number):
            return True
        return self.retold and not any(self.depths[max(number - 2, 0) : number])

    def _still_diff(self, number: int) -> bool:
        text = self.texts[number]
        if self.patch and self.opened:
            return True
        if _DIFF_BODY.match(text) and not _STAT.match(self.texts[number - 1]):
            return True
        return (
            not text.strip() and number + 1 < len(self.texts) and bool(re.match(r'^[+\-@ \t]', self.texts[number + 1]))
        )

    def _shape(self, number: int, text: str, before: Zone) -> Zone:
        bare = text.strip()
        tail = before is Zone.TRAILERS and re.match(r'^\s*(?:\[.*\]|<\S[^\s@]*@\S+>)\s*$', text)
        shapes = (
            (Zone.COMMAND, _COMMAND.match(text) or before is Zone.COMMAND),
            (Zone.FOOTER, _FOOTER.match(bare) or (before is Zone.FOOTER and text.startswith('http'))),
            (Zone.TRAILERS, tail or (_TRAILER.match(text) and not bare.endswith('?'))),
            (Zone.TRACE, _TRACE.match(text)),
            (Zone.LOG, _LOG.match(text)),
            (Zone.ATTRIBUTION, bare and self._attribution(number, text)),
            (Zone.GREETING, _OPENING.match(bare) or _CLOSING.match(bare)),
            (Zone.CODE, looks_like_code(text)),
        )
        return next((zone for zone, fits in shapes if fits), Zone.PROSE)

    def _attribution(self, number: int, text: str) -> bool:
        """Tell whether the line, or the one or two after it, end in "X wrote:" right above a quote."""
        joined = text
        for later in range(number, min(number + 3, len(self.texts))):
            if later > number:
                if self.depths[later] or not self.texts[later].strip():
                    return False
                joined += ' ' + self.texts[later]
            if joined.rstrip().endswith((':', '：')):
                return self._quote_below(later) and bool(_SAID.search(joined)) and len(joined) < 400
        return False

    def _quote_below(self, number: int) -> bool:
        for later in range(number + 1, min(number + 4, len(self.texts))):
            if self.depths[later]:
                return True
            if self.texts[later].strip():
                return False
        return False

    def _calls_of_code(self) -> None:
        """Let short lines between two lines of code be code, too."""
        for number in range(1, len(self.zones) - 1):
            near = (self.zones[number - 1], self.zones[number + 1])
            indented = self.texts[number][:1] in (' ', '\t')
            if self.zones[number] is Zone.PROSE and near == (Zone.CODE, Zone.CODE) and indented:
                self.zones[number] = Zone.CODE

    def _sign_off(self) -> None:
        """Let a name that stands alone after the last prose be a greeting."""
        for number in range(len(self.zones) - 1, -1, -1):
            zone, text = self.zones[number], self.texts[number].strip()
            if zone in (Zone.BLANK, Zone.SIGNATURE, Zone.FOOTER, Zone.QUOTE, Zone.GREETING):
                continue
            if zone is not Zone.PROSE or _REPLY.match(text) or not _SIGNED.match(text):
                return
            self.zones[number] = Zone.GREETING


def _has_code(text: str) -> bool:
    call = _CALL.search(text)
    return bool(_CODE_BITS.search(text)) or (call is not None and text.find(')', call.end()) >= 0)


def looks_like_code(text: str) -> bool:
    """Tell whether a line at the margin of a mail is C, a command or a table rather than a sentence."""
    bare = text.strip()
    words = len(_WORDY.findall(bare))
    if bare.endswith('?') and (words or len(_PLAIN_WORD.findall(bare)) >= 3):
        return False
    if _CODE_START.match(text) and words <= 2:
        return True
    listed = bool(re.match(r'^\(?(?:\d{1,2}|[a-z])[.)]\s+[A-Za-z]', bare)) and len(_PLAIN_WORD.findall(bare)) >= 2
    if _CODE_END.search(bare) and not listed and words <= 1 and (_has_code(bare) or len(bare) <= 3):
        return True
    deep = bool(re.match(r'^(?: {4,}|\t)', text))
    if deep and words == 0 and _has_code(bare) and not re.match(r'^(?:\d+[.)]|[-*])\s', bare):
        return True
    return not re.search(r'[A-Za-z]{2}', bare) and bare not in ('?',) and not re.match(r'^\(?\d+[.)]', bare)
