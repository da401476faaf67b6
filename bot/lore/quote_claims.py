# SPDX-License-Identifier: GPL-2.0-or-later
"""Reads attribution lines ("On DATE, X wrote:") as claims about who wrote the quoted text below them.

Promises a name, an address and a date only where the line shows them, in any language that puts them there.
Refuses to decide whether the claim is true: that is the alignment's business.
"""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta, timezone
from functools import lru_cache

from bot.model import Person

VERBS = frozenset(
    re.findall(
        r'\S+',
        """
    dixit ecrit escreveu escribe escribio escribió geschreven geschrieben kirjoitti napisal napisala napisał
    napisała napsal napsala pisze said says schreef schreibt schrev schrieb scrisse scritto skrev skriver spake
    typed viết write writes written wrote wrotes yazdı écrit écrivait írt írta έγραψε написав написал
    написала писал писала пишет さんは書きました 写道 寫道
    """,
    )
)
_LEADERS = frozenset(
    re.findall(
        r'\S+',
        """
    a alle am and at by da de del den di dne dnia e el em en from ha il kl kl. la las le los o om on op par por
    quoting the um uur v von y à às в и
    """,
    )
)
_ZONES = re.compile(r'^(?:[AP]\.?M\.?|[A-Z]{2,5}|[+-]\d{2}:?\d{2})$')
_ADDRESS = re.compile(r'[<(\[]?\s*(?:mailto:)?([A-Za-z0-9._%+=-]{1,64}@[A-Za-z0-9.-]{1,128})\s*[>)\]]?')
_MESSAGE_ID = re.compile(r'(?i)\b(?:in|message)\s+(?:message\s*)?<[^>]{1,200}>')
_LAST_DIGIT = re.compile(r'^(.*\d)(\D*)$')
_WORD = re.compile(r'[^\W\d_]')
_MONTHS = {
    m: i for i, m in enumerate(['jan', 'feb', 'mar', 'apr', 'may', 'jun', 'jul', 'aug', 'sep', 'oct', 'nov', 'dec'], 1)
}
_LONGEST = 400
_GLUED = re.compile(r'(?<=wrote:|rites:)\s?>+\s.*$')
_RELAYED = re.compile(r'(?i)[\'"]?\s+via\s+.*$')


@dataclass(frozen=True, slots=True)
class Claim:
    """Who is said to have written the text below lines `first`..`last` (1-based), quoted at `depth` + 1."""

    person: Person
    date: datetime | None
    first: int
    last: int
    depth: int


def parse_claim(text: str) -> tuple[Person, datetime | None] | None:
    """Return the speaker and the date of one attribution line, None when the text is something else."""
    text = _GLUED.split(' '.join(text.split()))[0]
    if not (text.endswith((':', ':]', '：')) or text.startswith('Quoting ')) or len(text) > _LONGEST:
        return None
    bare = _MESSAGE_ID.sub(' ', text)
    addresses = _ADDRESS.findall(bare)
    words = {w.strip(':,.;').lower() for w in bare.split()}
    verb = bool(words & VERBS) or '写道' in bare or '寫道' in bare or 'wrote' in bare[-12:]
    date = claim_date(bare)
    opener = bare.startswith(('* ', 'Quoting ', '+++ ')) and (bool(addresses) or date is not None)
    ends = bare.rstrip(':：] ').rpartition(' ')[2].lower() in VERBS and len(words) <= 8
    if not (verb and (addresses or date is not None or ends) or opener or (date is not None and addresses)):
        return None
    name = _name(_RELAYED.sub('', _ADDRESS.sub(' ', bare)))
    if re.search(r'(?i)(?:^|\W)(?:you|i)$', name):
        return None
    email = addresses[-1].lower() if addresses and not _RELAYED.search(bare) else ''
    return (Person(name, email), date) if name or email else None


def same_person(one: Person, other: Person) -> bool:
    """Tell whether two mentions are one person: equal addresses, or a common part of the name of three letters."""
    if one.email and one.email == other.email:
        return True
    return bool(_parts(one) & _parts(other))


@lru_cache(maxsize=4096)
def _parts(person: Person) -> set[str]:
    plain = unicodedata.normalize('NFKD', person.name or person.email.split('@')[0])
    letters = ''.join(c for c in plain if not unicodedata.combining(c)).lower()
    return {w for w in re.findall(r'[^\W\d_]{2,}', letters) if len(w) > 2 or not w.isascii()} or set(letters.split())


def _name(text: str) -> str:
    text = text.rstrip(':：] ').replace('写道', ' ').replace('寫道', ' ')
    split = _LAST_DIGIT.match(text)
    after, before = (split[2], split[1]) if split else (text, '')
    return _clean(after) or _clean(re.split(r'\d', before, maxsplit=1)[0])


def _clean(text: str) -> str:
    words = re.sub(r'\([A-Z]{2,5}\)', ' ', text).replace('"', ' ').split()
    while words and (_noise(words[0]) or _ZONES.match(words[0].strip('(),.;'))) and len(words) > 1:
        words.pop(0)
    while words and _noise(words[-1]):
        words.pop()
    name = ' '.join(words).strip(" ,;.:*[]()<>-+'")
    return name if _WORD.search(name) and not _noise(name) else ''


def _noise(word: str) -> bool:
    bare = word.strip('(),.;:*[]<>').lower()
    return not _WORD.search(bare) or bare in VERBS or bare in _LEADERS or bare in ('following', 'the', 'reply', 'hi')


_TIME = re.compile(r'(\d{1,2})[:.](\d{2})(?:[:.](\d{2}))?[ \u202f]?([AaPp]\.?[Mm])?')
_OFFSET = re.compile(r'(?<!\d)([+-])(\d{2}):?(\d{2})(?!\d)')
_DATES = (
    (re.compile(r'(?<!\d)(\d{4})[-/](\d{1,2})[-/](\d{1,2})'), 'ymd'),
    (re.compile(r'(?<!\d)(\d{1,2})[.-](\d{1,2})[.-](\d{2,4})(?!\d)'), 'dmy'),
    (re.compile(r'(?<!\d)(\d{1,2})/(\d{1,2})/(\d{2,4})'), 'slash'),
    (re.compile(r'(?<!\d)(\d{1,2})[ .]+([A-Za-z]{3})[a-z]*\.?,?[ ]+(\d{4})'), 'dMy'),
    (re.compile(r'([A-Za-z]{3})[a-z]*\.?[ ]+(\d{1,2})(?:st|nd|rd|th)?,?[ ]+(\d{4})'), 'Mdy'),
)


def claim_date(text: str) -> datetime | None:
    """Return the date that a line names, in UTC when it has an offset; as written (taken as UTC) when it has none."""
    for pattern, order in _DATES:
        found = pattern.search(text)
        day = found and _day(found, order, text)
        if found and day:
            return _with_time(day, text[found.end() :] + ' ' + text[: found.start()])
    return None


def _day(found: re.Match[str], order: str, text: str) -> datetime | None:
    a, b, c = found.groups()
    if order == 'slash':
        order = 'dmy' if int(a) > 12 or not re.search(r'\d\s?[AaPp]\.?[Mm]|/\d\d\b', text) else 'mdy'
    year, month, day = {
        'ymd': (a, b, c),
        'dmy': (c, b, a),
        'mdy': (c, a, b),
        'dMy': (c, b, a),
        'Mdy': (c, a, b),
    }[order]
    number = _MONTHS.get(month.lower()) if not month.isdigit() else int(month)
    try:
        return datetime(int(year) + (2000 if int(year) < 100 else 0), number or 0, int(day), tzinfo=UTC)
    except ValueError:
        return None


def _with_time(day: datetime, rest: str) -> datetime | None:
    clock = _TIME.search(rest)
    if not clock:
        return day
    hour, minute, second = int(clock[1]), int(clock[2]), int(clock[3] or 0)
    half = (clock[4] or '').lower()
    hour = hour % 12 + (12 if half.startswith('p') else 0) if half else hour
    if hour > 23 or minute > 59 or second > 59:
        return day
    stamp = day.replace(hour=hour, minute=minute, second=second)
    offset = _OFFSET.search(rest)
    if offset and int(offset[2]) <= 14 and int(offset[3]) <= 59:
        shift = timedelta(hours=int(offset[2]), minutes=int(offset[3]))
        return stamp.replace(tzinfo=timezone(shift if offset[1] == '+' else -shift)).astimezone(UTC)
    return stamp
