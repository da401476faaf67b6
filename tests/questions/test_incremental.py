# SPDX-License-Identifier: GPL-2.0-or-later
"""A ledger that grew mail by mail is, byte for byte, the one made of all mails at once: at every step, in any order."""

from __future__ import annotations

import random
from collections.abc import Iterable, Sequence
from pathlib import Path

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot import lore, questions, trees
from bot.config import load
from bot.model import RawMail
from bot.model.memory import Memory
from bot.store import FactFile
from tests.questions.talks import each, raws, talk

TALKS = {name: raws(talk(name)) for name in ('pinning', 'reroll')}
COPIES = raws(each(talk('reroll'), lambda body: body + '\n-- \nlist footer\n'))
SETTINGS = load().settings.questions


def assembled(mails: Sequence[RawMail]) -> bytes:
    """Return threads, series and ledger of some mails as bytes, by whatever memory is in use."""
    made = lore.assemble(lore.parse(mails, ('a.list',)), None, trees.run)
    series = made.series[0] if made.series else None
    graph = lore.quotes([m for t in made.threads for m in t.messages])
    ledger = questions.ask(made.threads, series, graph, SETTINGS)
    return msgspec.json.encode((made, dict(graph.segments), graph.ghosts, ledger))


def grown(batches: Iterable[Sequence[RawMail]], memory: Memory) -> None:
    """Let the mails come in batch by batch; what is remembered must not show."""
    here: list[RawMail] = []
    for batch in batches:
        here += batch
        with memory:
            step = assembled(here)
        assert step == assembled(here)


def batches(mails: Sequence[RawMail], seed: int, sizes: Sequence[int]) -> list[list[RawMail]]:
    order = list(mails)
    random.Random(seed).shuffle(order)
    out: list[list[RawMail]] = []
    while order:
        size = sizes[len(out) % len(sizes)]
        out.append(order[:size])
        order = order[size:]
    return out


@settings(max_examples=4, deadline=None)
@given(name=st.sampled_from(sorted(TALKS)), seed=st.integers(0, 999), sizes=st.lists(st.integers(1, 3), min_size=1))
def test_in_any_order_and_any_batches(name: str, seed: int, sizes: list[int]) -> None:
    grown(batches(TALKS[name], seed, sizes), Memory())


@pytest.mark.parametrize('name', sorted(TALKS))
def test_answers_before_what_they_answer(name: str, tmp_path: Path) -> None:
    """Every mail changes what is known of those that came before it: their quotes, their people, their postings."""
    here: list[RawMail] = []
    memory = Memory()
    for mail in reversed(TALKS[name]):
        here.append(mail)
        whole = assembled(here)
        with memory:
            assert assembled(here) == whole
        with FactFile(tmp_path / 'facts') as facts, Memory(facts, 'this program'):
            assert assembled(here) == whole


def test_a_person_whom_a_changelog_names_writes_later() -> None:
    mails = each(talk('reroll'), lambda body: body.replace('atomic_inc() (Rita)', 'atomic_inc() (Theo)'), False)
    without = [m for m in mails if 'third' not in m.author.lower()]
    assert without != mails
    grown([raws(without), [r for r in raws(mails) if b'third@' in r.raw or b'@third' in r.raw]], Memory())


def test_copies_of_a_second_list_that_come_later() -> None:
    grown([TALKS['reroll'], COPIES[:3], COPIES[3:]], Memory())


def test_a_mail_that_is_taken_away_again_leaves_nothing_behind() -> None:
    memory = Memory()
    mails = TALKS['pinning']
    for here in (mails, mails[:-2], mails[1:], mails):
        with memory:
            step = assembled(here)
        assert step == assembled(here)


def test_one_memory_for_two_conversations() -> None:
    memory = Memory()
    for name in ('pinning', 'reroll', 'pinning'):
        with memory:
            step = assembled(TALKS[name])
        assert step == assembled(TALKS[name])


@settings(max_examples=2, deadline=None)
@given(name=st.sampled_from(sorted(TALKS)), seed=st.integers(0, 999))
def test_facts_of_earlier_processes(tmp_path_factory: pytest.TempPathFactory, name: str, seed: int) -> None:
    here: list[RawMail] = []
    path = tmp_path_factory.mktemp('facts') / 'facts.sqlite3'
    for batch in batches(TALKS[name], seed, (3,)):
        here += batch
        with FactFile(path) as facts, Memory(facts, 'this program'):
            step = assembled(here)
        assert step == assembled(here)


def test_facts_of_another_program_do_not_count(tmp_path: Path) -> None:
    mails = TALKS['pinning']
    with FactFile(tmp_path / 'facts.sqlite3') as facts:
        with Memory(facts, 'old'):
            assembled(mails)
        counting = Counting(facts)
        with Memory(counting, 'new'):
            assembled(mails)
    assert (counting.found, counting.put_in > 0) == (0, True)


def test_one_more_mail_is_one_mails_work(tmp_path: Path) -> None:
    mails = TALKS['reroll']
    with FactFile(tmp_path / 'facts.sqlite3') as facts:
        with Memory(facts, 'p'):
            assembled(mails[:-1])
        counting = Counting(facts)
        with Memory(counting, 'p'):
            assembled(mails)
    assert {kind: n for kind, n in counting.made.items() if n > 1} == {}
    assert counting.made['mail'] == counting.made['quotes'] == counting.made['zones'] == 1


class Counting:
    """A fact cache that counts what was asked of it."""

    def __init__(self, facts: FactFile) -> None:
        self.facts, self.found, self.put_in = facts, 0, 0
        self.made: dict[str, int] = {}

    def get(self, kind: str, version: str, blob: str) -> bytes | None:
        fact = self.facts.get(kind, version, blob)
        self.found += fact is not None
        return fact

    def put(self, kind: str, version: str, blob: str, fact: bytes) -> None:
        self.put_in += 1
        self.made[kind] = self.made.get(kind, 0) + 1
        self.facts.put(kind, version, blob, fact)


def of_corpus(path: Path) -> list[RawMail]:
    archive = load().settings.archive
    return list(lore.read(lore.locate(str(path), archive.url), archive, trees.run, lambda *_: None))


@pytest.mark.parametrize('name', ['gup-fast-retval', 'devmem-dmabuf-pools', 'iommu-deferred-attach'])
def test_real_threads_mail_by_mail(corpus: Path, name: str) -> None:
    mails = of_corpus(corpus / 'threads' / name)
    grown(batches(mails, len(name), (4, 1, 6)), Memory())


@pytest.mark.long
@pytest.mark.parametrize('seed', [None, 1, 2])
def test_a_long_conversation_in_and_out_of_order(corpus: Path, seed: int | None) -> None:
    mails = of_corpus(corpus / 'unannotated/gmem-uffd-missing.mbox')
    grown([mails] if seed is None else batches(mails, seed, (7, 1, 12)), Memory())


@pytest.mark.long
def test_every_mail_of_a_long_conversation_at_its_time(corpus: Path) -> None:
    mails = of_corpus(corpus / 'unannotated/gmem-inplace-conversion.mbox')
    at = {m.message_id: n for n, m in enumerate(lore.parse(mails, ()))}
    order = sorted(mails, key=lambda r: at[lore.parse([r], ())[0].message_id])
    grown([order[:60], *([m] for m in order[60:])], Memory())
