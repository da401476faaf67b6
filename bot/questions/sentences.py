# SPDX-License-Identifier: GPL-2.0-or-later
"""Cuts the prose of one mail into paragraphs, list items and sentences that remember their lines.

Promises the same sentences however the lines are broken. Refuses to join text of different quote depth.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace

from bot.model.memory import kept, recalled
from bot.questions.zones import Layout, Zone

_MARKER = re.compile(
    r'^\s*(?:\(?(?P<number>\d{1,2}|[a-zA-Z])[.)]|\[(?P<index>\d{1,2})\](?!:)|(?P<bullet>[-*+•o]))(?P<space>\s+)(?=\S)'
)
_END = re.compile(r'(?<![.?!])[.?!]+["\')\]]*(?=\s|$)|…(?=\s|$)|(?<=\s[a-z]{2}|[a-z]{3})\?(?=[A-Za-z]+[.,!]?(?:\s|$))')
_SHORT = re.compile(
    r'(?i)(?:\b(?:e\.g|i\.e|etc|vs|cf|resp|approx|fig|sec|no|v\d|mr|dr|incl|aka|al|viz|w\.r\.t|iow|s)|\b[A-Z])\.$'
)
_NEXT = re.compile(r'\S')
_LOOKED_AT = 200
# A plain word in lower case; a name of the code may open a sentence, too.
_GOES_ON = re.compile(r'^(?-i:[a-z]+)(?=[ ,;:.?!)]|$)')
_BROKEN_OFF = re.compile(r'(?i)\b(?:of|with|like|using|as|by|than|via|from|into|calls?|to|be)$')
# More code than this between two halves of a sentence says nothing about it.
_LONGEST_EXAMPLE = 240
_SMILEY = re.compile(r'\s*(?:[:;]-?[)(PpDd/|]|\^\^|\(:|😊|🙂|😉)')


@dataclass(frozen=True, slots=True)
class Sentence:
    """One sentence, white space collapsed, and the lines (1-based) that it stands in."""

    text: str
    first: int
    last: int


@dataclass(frozen=True, slots=True)
class Paragraph:
    """Prose of one depth without a blank line; `marker` is the author's list number or bullet, '' outside lists."""

    sentences: tuple[Sentence, ...]
    first: int
    last: int
    depth: int
    marker: str
    block: int

    @property
    def text(self) -> str:
        return ' '.join(s.text for s in self.sentences)


@recalled
def paragraphs(layout: Layout, depth: int = 0) -> list[Paragraph]:
    """Return the paragraphs at one quote depth; `block` counts stretches of text between quotes."""
    return kept('paragraphs', list[Paragraph], layout.name and (layout.name, depth), lambda: _cut(layout, depth))


def _cut(layout: Layout, depth: int) -> list[Paragraph]:
    out: list[Paragraph] = []
    lines: list[tuple[int, str]] = []
    marker, block = '', 0
    indent = 0
    for number, text in _prose(layout, depth):
        if number < 0 or text == '':
            _close(out, lines, depth, marker, block)
            lines, marker = [], ''
            block += number < 0
            continue
        mark = _MARKER.match(text)
        if mark and _begins_item(mark, lines, text):
            _close(out, lines, depth, marker, block)
            lines, marker = [], mark['number'] or mark['index'] or mark['bullet']
            indent = mark.end()
            text = text[mark.end() :]
        elif marker and lines and _dedented(text, indent, lines):
            _close(out, lines, depth, marker, block)
            lines, marker = [], ''
        lines.append((number, text))
    _close(out, lines, depth, marker, block)
    return _lone_marks([p if p.depth else _before_code(p, layout) for p in _around_code(out, layout)])


def _dedented(text: str, indent: int, lines: Sequence[tuple[int, str]]) -> bool:
    """Tell whether the line leaves a list item whose own lines were indented."""
    at = len(text) - len(text.lstrip())
    earlier = [len(t) - len(t.lstrip()) for _, t in lines[1:]]
    return at < indent and bool(earlier) and min(earlier) >= indent


def _begins_item(mark: re.Match[str], lines: Sequence[tuple[int, str]], text: str) -> bool:
    if mark['bullet'] == 'o' or (mark['number'] or '').isalpha():
        return not lines or lines[-1][1].rstrip().endswith((':', '.', '?', '!', ';', ','))
    return not (mark['bullet'] == '-' and lines and not re.match(r'^\s*- ', text))


def _prose(layout: Layout, depth: int) -> list[tuple[int, str]]:
    """Return (line, text) of prose at `depth`; '' for a gap inside the author's text, -1 for a quote in between."""
    wanted = Zone.PROSE if depth == 0 else Zone.QUOTE
    out: list[tuple[int, str]] = []
    for number, (zone, at, text) in enumerate(zip(layout.zones, layout.depths, layout.texts, strict=True), 1):
        if at == depth and zone is wanted and text.strip():
            out.append((number, text))
        elif at != depth:
            out.append((-1, ''))
        else:
            out.append((number, ''))
    return out


def _close(out: list[Paragraph], lines: Sequence[tuple[int, str]], depth: int, marker: str, block: int) -> None:
    if lines:
        found = tuple(split(lines))
        if found:
            out.append(Paragraph(found, lines[0][0], lines[-1][0], depth, marker, block))


def split(lines: Sequence[tuple[int, str]]) -> list[Sentence]:
    """Cut numbered lines of one paragraph into sentences."""
    text = ''
    homes: list[int] = []
    for number, line in lines:
        piece = ' '.join(line.split())
        piece = (' ' if text else '') + piece
        text += piece
        homes.extend([number] * len(piece))
    out: list[Sentence] = []
    start = 0
    for end in [*_ends(text), len(text)]:
        piece = text[start:end].strip()
        if piece:
            first = start + len(text[start:end]) - len(text[start:end].lstrip())
            out.append(Sentence(piece, homes[first], homes[end - 1]))
        start = end
    return out


def _ends(text: str) -> list[int]:
    ends: list[int] = []
    inside, looked = False, 0
    for stop in _END.finditer(text):
        inside, looked = _inside(text, looked, stop.end(), inside), stop.end()
        if _placeholder(text, stop):
            continue
        smiley = _SMILEY.match(text, stop.end())
        end = smiley.end() if smiley else stop.end()
        after = _NEXT.search(text, end)
        if after and not _breaks(text, stop, text[after.start() : after.start() + _LOOKED_AT], inside):
            continue
        ends.append(end)
    return ends


def _inside(text: str, start: int, end: int, before: bool) -> bool:
    """Tell whether a parenthesis is open at `end`, where one was open at `start` or not."""
    opened, closed = text.rfind('(', start, end), text.rfind(')', start, end)
    return before if opened == closed else opened > closed


def _placeholder(text: str, stop: re.Match[str]) -> bool:
    """Tell whether the marks stand for a value that is not known (`qcs404 ???`), apart from every word."""
    alone = stop[0].startswith('??') and text[stop.start() - 1 : stop.start()] == ' '
    return alone and _NEXT.search(text, stop.end()) is not None


def _breaks(text: str, stop: re.Match[str], rest: str, inside: bool) -> bool:
    if '?' in stop[0]:
        closes = inside and ')' in rest and ')' not in stop[0]
        aside = ')' in stop[0] and rest[0].islower()
        return not closes and not aside and not rest.startswith((',', ':', ';'))
    if stop[0].startswith('.') and _SHORT.search(text[max(stop.end() - 12, 0) : stop.end()]):
        return False
    if inside and ')' in rest[:120]:
        return False
    return not rest[0].islower() or stop[0].startswith('!')


def _around_code(found: Sequence[Paragraph], layout: Layout) -> list[Paragraph]:
    """Join what goes on below an example: the sentence began above it, unfinished, and goes on in lower case."""
    out: list[Paragraph] = []
    for paragraph in found:
        shown = _shown(out[-1], paragraph, layout) if out and not paragraph.depth else ''
        if not shown:
            out.append(paragraph)
            continue
        above, head, tail = out.pop(), paragraph.sentences[0], paragraph.sentences[1:]
        opened = above.sentences[-1]
        joined = Sentence(f'{opened.text} {shown} {head.text}', opened.first, head.last)
        sentences = (*above.sentences[:-1], joined, *tail)
        out.append(Paragraph(sentences, above.first, paragraph.last, above.depth, above.marker, above.block))
    return out


def _before_code(paragraph: Paragraph, layout: Layout) -> Paragraph:
    """Give a last sentence that breaks off at a preposition the code that it points at, right below."""
    last = paragraph.sentences[-1]
    code: list[str] = []
    for number in range(paragraph.last, len(layout.zones)):
        if layout.zones[number] is not Zone.CODE:
            break
        code.append(' '.join(layout.texts[number].split()))
    shown = ' '.join(code)
    if not shown or len(shown) > _LONGEST_EXAMPLE or not _BROKEN_OFF.search(last.text):
        return paragraph
    end = paragraph.last + len(code)
    whole = replace(last, text=f'{last.text} {shown}', last=end)
    return replace(paragraph, sentences=(*paragraph.sentences[:-1], whole), last=end)


def _shown(above: Paragraph, below: Paragraph, layout: Layout) -> str:
    """Return the few lines of code that interrupt a sentence, '' when the two paragraphs are sentences of their own."""
    if above.block != below.block or below.marker or not _GOES_ON.match(below.text):
        return ''
    if above.text.rstrip().endswith(('.', '?', '!')):
        return ''
    between = range(above.last, below.first - 1)
    zones = {layout.zones[n] for n in between}
    if Zone.CODE not in zones or zones - {Zone.CODE, Zone.BLANK}:
        return ''
    shown = ' '.join(' '.join(layout.texts[n].split()) for n in between if layout.zones[n] is Zone.CODE)
    return shown if len(shown) <= _LONGEST_EXAMPLE else '[...]'


def _lone_marks(found: Sequence[Paragraph]) -> list[Paragraph]:
    """Give a `?` that stands alone in its line to the text above it: the question went around an example."""
    out: list[Paragraph] = []
    for paragraph in found:
        if paragraph.text.strip(' ?') == '' and '?' in paragraph.text and out and out[-1].block == paragraph.block:
            start = _opened(out)
            above = out[start:]
            del out[start:]
            sentences = [s for p in above for s in p.sentences]
            keep, tail = _unfinished(sentences)
            joined = Sentence(' '.join(s.text for s in tail) + ' ?', tail[0].first, paragraph.last)
            first = above[0]
            out.append(Paragraph((*keep, joined), first.first, paragraph.last, first.depth, first.marker, first.block))
        else:
            out.append(paragraph)
    return out


def _opened(out: Sequence[Paragraph]) -> int:
    """Return the paragraph in which the sentence that a lone `?` closes begins: the nearest left open."""
    for back in range(len(out) - 1, max(len(out) - 4, -1), -1):
        if out[back].block != out[-1].block:
            break
        if not out[back].text.rstrip().endswith(('.', '?', '!')) and not out[back].text.startswith(('http', '[')):
            return back
    return len(out) - 1


def _unfinished(sentences: Sequence[Sentence]) -> tuple[Sequence[Sentence], Sequence[Sentence]]:
    for at, sentence in enumerate(sentences):
        if not sentence.text.endswith(('.', '?', '!')):
            return sentences[:at], sentences[at:]
    return sentences[:-1], sentences[-1:]
