# SPDX-License-Identifier: GPL-2.0-or-later
"""Measures how much of one text's wording another holds, rare words counting more.

Promises a share between 0 and 1 that depends on the texts of one conversation only. Knows no synonyms.
"""

from __future__ import annotations

import hashlib
import math
import re
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from functools import lru_cache

from bot.model.memory import current, recalled

_WORD = re.compile(r'[A-Za-z_][A-Za-z0-9_]+|\d+')
_ENDING = re.compile(r'(?:ations?|ings?|ed|es|s|ly)$')
STOP = frozenset(
    re.findall(
        r'\S+',
        """
    a about actually after all also am an and any are as at be because been but by can cannot could did do does
    doing don done even for from get give go got had has have he her here him his how however i if in into is isn
    it its just know let like ll look make maybe me mean more most much my need no not now of ok on one only or
    other our out over own please re really s same see seem she should since so some still such sure t take than
    thank thanks that the their them then there these they thing think this those though to too up us use ve very
    want was way we well were what when where whether which while who why will with without won would yes yet you
    your
    """,
    )
)


@recalled
def words(text: str) -> list[str]:
    """Return the telling words of a text, lower case, endings cut; identifiers whole."""
    return [_stem(low) for word in _WORD.findall(text) if (low := word.lower()) not in STOP]


@lru_cache(maxsize=20_000)
def _stem(low: str) -> str:
    return low if '_' in low or len(low) < 6 else _ENDING.sub('', low).rstrip('e')


@recalled
def telling(text: str) -> frozenset[str]:
    return frozenset(words(text))


@dataclass(frozen=True, slots=True)
class Weights:
    """How rare each word is among the texts given."""

    seen: Counter[str]
    texts: int
    known: dict[str, float] = field(default_factory=dict, compare=False)
    totals: dict[str, float] = field(default_factory=dict, compare=False)
    pairs: dict[tuple[str, str], frozenset[str]] = field(default_factory=dict, compare=False)

    def of(self, word: str) -> float:
        found = self.known.get(word)
        if found is None:
            found = self.known[word] = math.log((self.texts + 1) / (self.seen[word] + 0.5))
        return found

    def coverage(self, wanted: str, text: str) -> float:
        """Return the share of the weight of `wanted` that also stands in `text`."""
        total = self.totals.get(wanted)
        if total is None:
            # Summed exactly: the order of a set's words differs from run to run.
            total = self.totals[wanted] = math.fsum(map(self.of, telling(wanted)))
        both = self.pairs.get((wanted, text))
        if both is None:
            both = self.pairs[wanted, text] = telling(wanted) & telling(text)
        return math.fsum(map(self.of, both)) / total if both and total > 0 else 0.0


def weights(texts: Iterable[str]) -> Weights:
    seen: Counter[str] = Counter()
    count = 0
    for text in texts:
        seen.update(telling(text))
        count += 1
    pairs: dict[tuple[str, str], frozenset[str]] = current().of('words in common', dict, ())
    return Weights(seen, count, pairs=pairs)


@recalled
def fingerprint(origin: str, text: str) -> str:
    """Return the hash that a question keeps for ever: whose words, however white space and marks travelled."""
    plain = ' '.join(re.findall(r'\w+', text.lower()))
    return hashlib.sha256(f'{origin}\0{plain}'.encode()).hexdigest()[:16]


def content_words(sentences: Sequence[str]) -> int:
    return sum(len(words(s)) for s in sentences)
