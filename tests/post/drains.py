# SPDX-License-Identifier: GPL-2.0-or-later
"""Histories of an outbox: letters are made, edited, approved and turned down while policies change and drains come by.

Numbers drawn by hypothesis become what happens; drafts, letters, moderators' copies and drains are the real ones, over an
outbox in memory. What must hold of all that was handed to a server is said in `PROMISES`, in words of their own.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

import msgspec
from hypothesis import strategies as st

from bot.errors import UserError
from bot.model import Draft, Letter, LetterEvent, LetterStep, Person, ReplyKind
from bot.post import letters, outbox
from bot.post.policy import Policy
from tests.post.example import POST, drafted, policy
from tests.post.torture import NOW

Numbers = tuple[int, int, int, int]
HISTORIES = st.binary(min_size=20, max_size=80)
"""Two bytes a step, after two for whom the lists want to see mails first."""
LISTS = ('linux-mm@kvack.org', 'kvm@vger.kernel.org', 'borrow@host.example')
LATE = ('late-devel@unknown.example', 'kvm@vger.kernel.org')
MODS = ('', '', 'mods@host.example', 'others@host.example')
JUDGED: tuple[LetterStep, ...] = ('approved', 'approved', 'approved', 'approved', 'released', 'rejected', 'again')
KINDS: tuple[ReplyKind, ...] = ('review', 'inline')
WANTED = policy(embargo_hours=0, per_hour=9, per_day=99, inline_per_patch=True)
SELDOM = msgspec.structs.replace(WANTED.rule(LISTS[1]), per_hour=1)
OPEN = msgspec.structs.replace(WANTED, list={**WANTED.list, LISTS[1]: SELDOM})
MODERATED = msgspec.structs.replace(OPEN.rule(LISTS[0]), moderation='mods@host.example')
NAMED = tuple(Person('', one) for one in LISTS)


class Memory:
    """An outbox in memory; a `Letters`."""

    def __init__(self) -> None:
        self.held: dict[str, Letter] = {}
        self.results: dict[str, bytes] = {}
        self.numbers = 0

    def letters(self) -> tuple[Letter, ...]:
        return tuple(self.held.values())

    def put_letter(self, letter: Letter, event: LetterEvent, evidence: tuple[str, bytes]) -> bool:
        if letter.id in self.held:
            return False
        self.results.update([evidence])
        self.held[letter.id] = replace(letter, events=())
        return self.put_letter_event(letter.id, event, 0)

    def put_letter_text(
        self, letter: Letter, event: LetterEvent, after: int, evidence: tuple[str, bytes] | None = None
    ) -> bool:
        if not self.put_letter_event(letter.id, event, after):
            return False
        self.held[letter.id] = replace(letter, events=self.held[letter.id].events)
        self.results.update([evidence] if evidence else [])
        return True

    def put_letter_event(self, letter: str, event: LetterEvent, after: int) -> bool:
        held = self.held[letter]
        if letters.last(held) != after:
            return False
        self.numbers += 1
        self.held[letter] = replace(held, events=(*held.events, replace(event, number=self.numbers)))
        return True


@dataclass(frozen=True)
class Handed:
    """A mail that was handed to a server, with what was true at that moment; `others` are all letters."""

    draft: Draft
    raw: bytes
    at: datetime
    policy: Policy
    lists: frozenset[str]
    letter: Letter
    others: tuple[Letter, ...]
    answer: str


@dataclass
class World:
    """One series, an outbox, a clock; `late` are lists that sent a copy since, `wrong` is what a queue did not do."""

    policy: Policy = OPEN
    now: datetime = NOW
    box: Memory = field(default_factory=Memory)
    late: tuple[str, ...] = ()
    runs: int = 0
    answer: str = 'sent'
    handed: list[Handed] = field(default_factory=list)
    wrong: list[str] = field(default_factory=list)

    def step(self, numbers: Numbers) -> None:
        what, a, b, c = numbers
        if what < 4:
            self._queue(a, b)
        elif what < 8:
            self._person(a, b, c)
        elif what < 10:
            self._change(a, b, c)
        elif what == 10:
            self.late = LATE[: 1 + a % 2] if a < 2 else LATE[1:]
        elif what == 11:
            self.now += timedelta(minutes=(5, 20, 61, 600)[a % 4])
        else:
            self.answer = ('sent', 'sent', 'delayed', 'delayed', 'unknown', 'refused')[a % 6]
            self._drain('there' if b == 15 else 'absent')

    def _queue(self, a: int, b: int) -> None:
        """Write a mail by the policy in force, as `lorebot reply --queue` does; now and then there is news."""
        self.runs += b % 2
        place = {'target__message_id': f'p{a % 3}@x.example', 'target__cc': NAMED if b < 8 else NAMED[:1]}
        fresh = drafted(
            KINDS[a % 2],
            f'Run {self.runs}\n',
            self.policy,
            run=f'r{self.runs}',
            date=self.now,
            target__lists=(),
            **place,
        )
        evidence = (f'r{self.runs}', str(self.runs).encode())
        said = letters.queue(self.box, letters.letter_of(fresh), self.now, 'me', evidence)
        held = self.box.held[fresh.id]
        if letters.state(held) == 'waiting' and letters.draft_of(held).recipients != fresh.recipients:
            self.wrong.append(f'{held.id} was {said} and goes to others')

    def _person(self, a: int, b: int, c: int) -> None:
        known = [*self.box.held.values()]
        if not known:
            return
        letter = known[a % len(known)]
        what = JUDGED[b % len(JUDGED)]
        with suppress(UserError):
            if c < 3:
                letters.edit(self.box, letter, f'By hand {c}.\n', self.now, 'me')
            else:
                letters.tell(self.box, letter, what, self.now, 'me')

    def _change(self, a: int, b: int, c: int) -> None:
        """A list changes its mind, or leaves the policy."""
        name = LISTS[a % 3]
        known = {one: rule for one, rule in self.policy.list.items() if c != 15 or one != name}
        changed = (
            {'moderation': MODS[c % 4]},
            {'reply': ('list', 'author', 'maintainers')[c % 3]},
            {'approval': c % 2 == 0},
            {'opt_in': c % 3 != 0},
            {'per_hour': 1 + c % 3},
            {'mute': c % 5 == 0},
            {'left_out': c % 5 == 0},
        )[b % 7]
        if c != 15:
            known[name] = msgspec.structs.replace(self.policy.rule(name), **changed)
        self.policy = msgspec.structs.replace(self.policy, list=known)

    def _drain(self, archived: outbox.Sighting) -> None:
        def look(draft: Draft) -> outbox.Standing:
            return outbox.Standing(draft.number, lists=self.late)

        list(
            outbox.drain(
                outbox.Post(
                    self.box, self.policy, POST.address, lambda: self.now, self._carry, look, lambda _: archived
                )
            )
        )

    def _carry(self, raw: bytes, sender: str, to: Sequence[str], ending: Callable[[], None]) -> outbox.Delivery:
        if self.answer != 'delayed':
            ending()
            letter = next(one for one in self.box.letters() if one.raw == raw and letters.state(one) == 'ending')
            draft = letters.draft_of(letter)
            say = frozenset(one for one in (*draft.lists, *self.late) if self.policy.has_say(one))
            self.handed.append(Handed(draft, raw, self.now, self.policy, say, letter, self.box.letters(), self.answer))
        return outbox.Delivery(self.answer, '')  # type: ignore[arg-type]


def world(drawn: bytes) -> World:
    """Return the world after all steps and a last drain."""
    first, rest = drawn[0] % 16, drawn[2:]
    made = World(OPEN if first < 6 else msgspec.structs.replace(OPEN, list={**OPEN.list, LISTS[0]: MODERATED}))
    for a, b in zip(rest[::2], rest[1::2], strict=False):
        made.step((a >> 4, a & 15, b >> 4, b & 15))
    made.answer = 'sent'
    made._drain('absent')
    return made


Promise = Callable[[World], Iterator[str]]


def moderators_see_what_waits_for_them(made: World) -> Iterator[str]:
    for one in made.handed:
        if one.draft.kind != 'moderation':
            continue
        quoted = {
            '\n'.join(f'> {line}'.rstrip() for line in x.raw.decode().rstrip('\n').split('\n')): x for x in one.others
        }
        shown = next((x for text, x in quoted.items() if text in one.draft.body), None)
        if shown is None or letters.state(shown) != 'waiting':
            yield f'{one.draft.id} shows what does not wait, or other bytes'
        elif any(one.policy.rule(n).approval for n in one.lists) and not _has(shown, 'approved'):
            yield f'{one.draft.id} shows what nobody approved'
        elif not {r.person.email for r in one.draft.recipients} <= {one.policy.rule(n).moderation for n in one.lists}:
            yield f'{one.draft.id} goes to others'


def nothing_without_the_word_of_people(made: World) -> Iterator[str]:
    for one in made.handed:
        if one.draft.kind == 'moderation':
            continue
        if any(one.policy.rule(n).approval for n in one.lists) and not _has(one.letter, 'approved'):
            yield f'{one.draft.id} without approval'
        if any(one.policy.rule(n).moderation for n in one.lists) and not _has(one.letter, 'released'):
            yield f'{one.draft.id} without release'
        last = [e.what for e in one.letter.events if e.what in ('rejected', 'again')]
        if last and last[-1] == 'rejected':
            yield f'{one.draft.id} though it was turned down'


def every_list_has_a_say_when_it_goes_out(made: World) -> Iterator[str]:
    for one in made.handed:
        if not one.lists:
            yield f'{one.draft.id} on no list'
        for name in one.lists:
            rule = one.policy.list.get(name)
            if rule is None or not rule.opt_in or rule.mute:
                yield f'{one.draft.id}: {name} does not want it'
        got = {r.person.email for r in one.draft.recipients} & {*LISTS, *LATE}
        if got and (not got <= one.lists or any(one.policy.rule(n).reply != 'list' for n in one.lists)):
            yield f'{one.draft.id} goes to {", ".join(sorted(got))}'


def the_rate_is_that_of_the_lists_then(made: World) -> Iterator[str]:
    sent = [one for one in made.handed if one.draft.kind != 'moderation']
    for n, one in enumerate(sent):
        for name in one.lists:
            recent = [
                s for s in sent[:n] if one.at - s.at < timedelta(hours=1) and name in s.lists and _counts(s, made, one)
            ]
            if len(recent) >= one.policy.rule(name).per_hour:
                yield f'{one.draft.id} on {name}'


def no_event_goes_out_twice(made: World) -> Iterator[str]:
    for name, letter in made.box.held.items():
        times = sum(one.draft.id == name and one.answer != 'refused' for one in made.handed)
        if times > 1 + sum(e.what == 'again' for e in letter.events):
            yield f'{name} {times} times'


def every_mail_rests_on_the_report_it_names(made: World) -> Iterator[str]:
    for one in made.handed:
        run = dict(one.draft.headers).get('X-Lorebot-Run', '')
        if one.draft.kind != 'moderation' and made.box.results.get(run) != run[1:].encode():
            yield f'{one.draft.id} rests on {run}'


def what_is_queued_follows_the_policy_in_force(made: World) -> Iterator[str]:
    yield from made.wrong


def _has(letter: Letter, what: str) -> bool:
    return any(e.what == what and e.digest == letter.digest for e in letter.events)


def _counts(earlier: Handed, made: World, now: Handed) -> bool:
    """What a server refused, or a person says nobody got, went to nobody."""
    after = [e for e in made.box.held[earlier.draft.id].events if letters.last(earlier.letter) < e.number]
    until = [e for e in after if e.number <= max(letters.last(x) for x in now.others)]
    return not any(e.what in ('refused', 'again') for e in until)


PROMISES: tuple[Promise, ...] = (
    moderators_see_what_waits_for_them,
    nothing_without_the_word_of_people,
    every_list_has_a_say_when_it_goes_out,
    the_rate_is_that_of_the_lists_then,
    no_event_goes_out_twice,
    every_mail_rests_on_the_report_it_names,
    what_is_queued_follows_the_policy_in_force,
)
"""What must hold of all that was handed to a server, and of what a queue left."""
