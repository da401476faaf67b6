# SPDX-License-Identifier: GPL-2.0-or-later
"""Histories of a bot among people: numbers drawn by hypothesis become postings, replies, approvals, opt-ins, hours.

The world asks the gate before every mail and keeps what it let through. What must hold of those mails is said in
`INVARIANTS`, each by words of its own that share nothing with the gate.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

import msgspec
from hypothesis import strategies as st

from bot.model import Answered, Decision, Draft, History, Past, Person, Recipient, ReplyKind
from bot.post import gate
from bot.post.policy import Bots, Overall, People, Policy, Rule

OWN = 'bot@lore.example'
LISTS = ('mm@lists.example', 'kvm@lists.example', 'arm@lists.example', 'all@lists.example')
KINDS: tuple[ReplyKind, ...] = ('review', 'inline', 'lab', 'points', 'transcript', 'status')
START = datetime(2026, 3, 20, 9, tzinfo=UTC)
AUTHORS = ('mara@a.example', 'ines@b.example', 'oskar@c.example')
BOT = 'robot@ci.example'
UNKNOWN = 'strange-devel@far.example'  # looks like a list, and no policy knows it
ADDED = 'ada@far.example'

Numbers = tuple[int, int, int, int]
HISTORIES = st.binary(min_size=40, max_size=140)
"""Two bytes a step, after four times two for the rules of the lists: quick to draw, and what fails shrinks to little."""


@dataclass(frozen=True)
class Sent:
    """A mail that went out, with what was true at that moment."""

    draft: Draft
    digest: str
    at: datetime
    policy: Policy
    newest: int | None
    approved: frozenset[str]
    released: frozenset[str]


@dataclass
class World:
    """Three series, four lists, a clock; `sent` is all that went out and `refused` counts what one rule alone was against."""

    policy: Policy
    now: datetime = START
    seen: bool = True
    newest: list[int] = field(default_factory=lambda: [1, 1, 1])
    posted: dict[tuple[int, int], datetime] = field(default_factory=lambda: {(n, 1): START for n in range(3)})
    drafts: dict[str, tuple[Draft, str, int]] = field(default_factory=dict)
    approved: dict[str, set[str]] = field(default_factory=dict)
    released: dict[str, set[str]] = field(default_factory=dict)
    rejected: set[str] = field(default_factory=set)
    sent: list[Sent] = field(default_factory=list)
    refused: dict[str, int] = field(default_factory=dict)

    def step(self, numbers: Numbers) -> None:
        """Let one thing happen; half of the things are drafts, and then everything that may go out does."""
        what, a, b, c = numbers
        if what < 7:
            self._draft(a, b, c)
        elif what < 10:
            self._judge(a, b)
        elif what == 10:
            series = a % 3
            self.newest[series] += 1
            self.posted[series, self.newest[series]] = self.now
        elif what == 11:  # time passes, and a drain comes by
            self.now += timedelta(minutes=(7, 31, 61, 300, 1441)[a % 5])
            self.drain()
        elif what == 12:
            self.seen = bool(a % 3)
        elif what == 13:
            self._change_of_mind(a, b)
        else:
            self.drain()

    def _draft(self, a: int, b: int, c: int) -> None:
        series, kind = a % 3, KINDS[b % 6]
        number = max(1, self.newest[series] - (a == 15))
        answered = self._answered(series, number, c, kind)
        lists = tuple(one for n, one in enumerate(LISTS) if (a + b + n * c) % 3 == 0)
        lists += (UNKNOWN,) if a == 13 else ()
        made = Draft(
            id=f'{kind}-{answered.message_id}',
            kind=kind,
            series=f's{series}',
            posting=f's{series}-v{number}',
            number=number,
            posted=self.posted[series, number] if b != 15 else None,
            answers=answered,
            author=AUTHORS[series],
            lists=lists,
            recipients=(
                Recipient(Person('', AUTHORS[series] if c != 13 else BOT), 'To', 'author', ''),
                *(Recipient(Person('', one), 'Cc', 'list', '') for one in lists[: c % 3]),
                *((Recipient(Person('', UNKNOWN if c % 2 else ADDED), 'Cc', 'added', ''),) if b % 7 == 6 else ()),
            ),
            left_out=(),
            headers=(),
            body='',
            clean=b == 14,
            muted='c1' if a == 14 else '',
        )
        self.drafts.setdefault(made.id, (made, 'd0', series))

    def _answered(self, series: int, number: int, c: int, kind: ReplyKind) -> Answered:
        """Mostly a patch or a person's mail; now and then a program's, or one of lorebot's own."""
        place = f's{series}-v{number}-p{c % 3}'
        if c == 15 and self.sent:
            return Answered(self.sent[-1].draft.id, Person('', AUTHORS[series]))
        author = {14: OWN, 12: BOT, 11: 'bot+9@lore.example'}.get(c, AUTHORS[series])
        above = c // 5 if kind == 'status' else 0
        return Answered(place, Person('', author), automatic=c == 10, own_above=above, direct=c % 2 == 0)

    def _judge(self, a: int, b: int) -> None:
        """A person approves, edits, rejects or releases one of the drafts."""
        if not self.drafts:
            return
        name = sorted(self.drafts)[a % len(self.drafts)]
        draft, digest, series = self.drafts[name]
        if b < 9:
            self.approved.setdefault(name, set()).add(digest)
        elif b < 12:
            self.drafts[name] = (draft, f'd{int(digest[1:]) + 1}', series)
        elif b < 15:
            self.released.setdefault(name, set()).add(digest)
        else:
            self.rejected.add(name)

    def _change_of_mind(self, a: int, b: int) -> None:
        """A list opts in or out or says otherwise what it wants, or an author opts out."""
        if b < 12:
            name = LISTS[a % 4]
            rule = self.policy.rule(name)
            changed = msgspec.structs.replace(rule, **_otherwise(rule, b))
            self.policy = msgspec.structs.replace(self.policy, list={**self.policy.list, name: changed})
        else:
            out = People((AUTHORS[a % 3],) if b < 15 else ('@a.example',))
            self.policy = msgspec.structs.replace(self.policy, people=out)

    def drain(self) -> None:
        """Ask the gate about every draft, and send what it allows; every third is never heard of again."""
        for name in sorted(self.drafts):
            draft, digest, series = self.drafts[name]
            newest = self.newest[series] if self.seen else None
            history = self._history(name, newest)
            said = gate.decide(draft, digest, self.policy, history, self.now, OWN)
            if said.gate == 'allow':
                known = (history.approved, history.released)
                self.sent.append(Sent(draft, digest, self.now, self.policy, newest, *known))
            else:
                self._count(said)

    def _history(self, name: str, newest: int | None) -> History:
        past = tuple(
            Past(
                s.draft.id,
                s.draft.slot,
                s.draft.answers.message_id,
                s.draft.lists,
                s.at,
                'unknown' if n % 3 else 'sent',
            )
            for n, s in enumerate(self.sent)
        )
        approved, released = (frozenset(held.get(name, ())) for held in (self.approved, self.released))
        return History(past, newest, approved, released, name in self.rejected)

    def _count(self, said: Decision) -> None:
        against = {ruling.rule for ruling in said.against}
        if len(against) == 1:
            rule = against.pop()
            self.refused[rule] = self.refused.get(rule, 0) + 1


def world(drawn: bytes) -> World:
    """Return the world after all steps."""
    numbers = [(a >> 4, a & 15, b >> 4, b & 15) for a, b in zip(drawn[::2], drawn[1::2], strict=False)]
    made = World(policy(numbers[:4]))
    for step in numbers[4:]:
        made.step(step)
    made.drain()
    return made


def policy(numbers: Sequence[Numbers]) -> Policy:
    """Return a policy of which most lists want mail, each with limits of its own."""
    rules = {name: _rule(*four) for name, four in zip(LISTS, numbers, strict=True)}
    every = _rule(0, 0, 0, 0)
    (first, *_), (_, second, *_) = numbers[0], numbers[1]
    return Policy(
        every=msgspec.structs.replace(every, opt_in=False),
        overall=Overall(per_hour=1 + first // 2, per_day=2 + first, direct=second % 2 == 0),
        people=People(()),
        bots=Bots(('robot@*',)),
        list={name: rule for name, rule in rules.items() if rule.per_day != 1},
    )


def _otherwise(rule: Rule, b: int) -> dict[str, object]:
    """Return what a list says otherwise from now on."""
    said: tuple[dict[str, object], ...] = (
        {'reply': {'list': 'author', 'author': 'maintainers', 'maintainers': 'list'}[rule.reply]},
        {'add_maintainers': not rule.add_maintainers},
        {'approval': not rule.approval},
        {'moderation': '' if rule.moderation else 'mods@m.example'},
        {'per_day': 1},
        {'mute': not rule.mute},
    )
    return {'opt_in': not rule.opt_in} if b < 6 else said[b - 6]


def _rule(a: int, b: int, c: int, d: int) -> Rule:
    return Rule(
        opt_in=a != 0,
        agreed='https://lore.example/agreed',
        mute=a == 1,
        left_out=False,
        reply='maintainers' if d == 15 else 'list',
        add_maintainers=d == 15,
        embargo_hours=(0, 0, 0, 1, 24)[b % 5],
        moderation='mods@m.example' if a == 2 else '',
        kinds=KINDS if b < 13 else KINDS[b % 3 :],
        per_hour=1 + c // 3,
        per_day=c,
        quiet_on_clean=d % 2 == 0,
        approval=d % 4 == 1,
        inline_per_patch=d % 5 == 0,
        depth=d % 4,
    )


Oracle = Callable[[Sequence[Sent]], Iterator[str]]


def never_to_a_list_that_has_not_opted_in(sent: Sequence[Sent]) -> Iterator[str]:
    for one in sent:
        got = [r.person.email for r in one.draft.recipients if r.person.email in (*LISTS, UNKNOWN)]
        alone = one.draft.kind in ('transcript', 'status') and one.policy.overall.direct and one.draft.answers.direct
        if not one.draft.lists and not alone:
            yield f'{one.draft.id} on no list'
        for name in {*got, *one.draft.lists}:
            table = one.policy.list.get(name)
            if table is None or not table.opt_in:
                yield f'{one.draft.id} to {name}'


def never_twice_for_the_same_event(sent: Sequence[Sent]) -> Iterator[str]:
    ids = [one.draft.id for one in sent]
    yield from (name for name in set(ids) if ids.count(name) > 1)


def never_in_answer_to_itself_a_bot_or_an_automatic_mail(sent: Sequence[Sent]) -> Iterator[str]:
    ids = {one.draft.id for one in sent}
    for one in sent:
        to = one.draft.answers
        if to.automatic or to.message_id in ids or to.author.email in (OWN, BOT, 'bot+9@lore.example'):
            yield one.draft.id
        if any(r.person.email in (OWN, BOT) for r in one.draft.recipients):
            yield one.draft.id


def never_beyond_the_rate(sent: Sequence[Sent]) -> Iterator[str]:
    for n, one in enumerate(sent):
        for hours, limit in ((1, 'per_hour'), (24, 'per_day')):
            window = [s for s in sent[:n] if (one.at - s.at) / timedelta(hours=1) < hours]
            if len(window) >= getattr(one.policy.overall, limit):
                yield f'{one.draft.id} in all {limit}'
            for name in one.draft.lists:
                if sum(name in s.draft.lists for s in window) >= getattr(one.policy.list[name], limit):
                    yield f'{one.draft.id} on {name} {limit}'


def never_before_the_embargo(sent: Sequence[Sent]) -> Iterator[str]:
    for one in sent:
        if one.draft.kind not in ('transcript', 'status'):
            hours = max((one.policy.list[name].embargo_hours for name in one.draft.lists), default=0)
            if hours and (one.draft.posted is None or (one.at - one.draft.posted).total_seconds() < hours * 3600):
                yield one.draft.id


def never_after_the_series_was_superseded(sent: Sequence[Sent]) -> Iterator[str]:
    for one in sent:
        if one.draft.kind not in ('transcript', 'status') and (one.newest is None or one.newest != one.draft.number):
            yield one.draft.id


def never_without_approval_of_these_bytes(sent: Sequence[Sent]) -> Iterator[str]:
    for one in sent:
        wanted = any(one.policy.list[name].approval for name in one.draft.lists) or not one.draft.lists
        shown = any(one.policy.list[name].moderation for name in one.draft.lists)
        if wanted and one.digest not in one.approved:
            yield f'{one.draft.id} not approved'
        if shown and one.digest not in one.released:
            yield f'{one.draft.id} not released'


def reply_depth_is_bounded(sent: Sequence[Sent]) -> Iterator[str]:
    for one in sent:
        most = min((one.policy.list[name].depth for name in one.draft.lists), default=1)
        if one.draft.answers.own_above > most:
            yield one.draft.id


def one_mail_per_series_and_kind(sent: Sequence[Sent]) -> Iterator[str]:
    seen: dict[tuple[str, ...], str] = {}
    for one in sent:
        draft = one.draft
        apart = draft.kind in ('transcript', 'status') or (
            draft.kind == 'inline'
            and bool(draft.lists)
            and all(one.policy.list[n].inline_per_patch for n in draft.lists)
        )
        key = (draft.kind, draft.series, str(draft.number), draft.answers.message_id if apart else '')
        if key in seen:
            yield f'{draft.id} after {seen[key]}'
        seen[key] = draft.id


def nothing_to_people_or_about_series_that_want_none(sent: Sequence[Sent]) -> Iterator[str]:
    for one in sent:
        out = one.policy.people.opted_out
        known = (*out, *(a for a in AUTHORS for o in out if o.startswith('@') and a.endswith(o)))
        if one.draft.author in known or one.draft.muted:
            yield one.draft.id
        if any(one.policy.list[name].mute for name in one.draft.lists):
            yield one.draft.id


def nobody_gets_it_beyond_what_all_lists_say(sent: Sequence[Sent]) -> Iterator[str]:
    for one in sent:
        rules = [one.policy.list[name] for name in one.draft.lists]
        for person in one.draft.recipients:
            wanted = {'list': ('list',), 'added': ('maintainers',)}.get(person.role)
            if wanted and not all(rule.reply in wanted for rule in rules):
                yield f'{one.draft.id} to {person.person.email}'
            if person.role == 'added' and not (rules and all(rule.add_maintainers for rule in rules)):
                yield f'{one.draft.id} adds {person.person.email}'


INVARIANTS: tuple[tuple[Oracle, tuple[str, ...]], ...] = (
    (never_to_a_list_that_has_not_opted_in, ('opt-in',)),
    (never_twice_for_the_same_event, ('once',)),
    (never_in_answer_to_itself_a_bot_or_an_automatic_mail, ('loop',)),
    (never_beyond_the_rate, ('rate',)),
    (never_before_the_embargo, ('embargo',)),
    (never_after_the_series_was_superseded, ('superseded',)),
    (never_without_approval_of_these_bytes, ('approval', 'moderation')),
    (reply_depth_is_bounded, ('depth',)),
    (one_mail_per_series_and_kind, ('one-per-series',)),
    (nobody_gets_it_beyond_what_all_lists_say, ('scope',)),
    (nothing_to_people_or_about_series_that_want_none, ('opt-out', 'mute')),
)
"""What must hold of the mails that went out, and the rules of the gate that see to it."""


def without(rules: Sequence[str]) -> tuple[tuple[str, gate.Check], ...]:
    """Return the gate's rules but these: what a property test has to notice."""
    return tuple((name, check) for name, check in gate.RULES if name not in rules)
