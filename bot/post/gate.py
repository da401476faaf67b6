# SPDX-License-Identifier: GPL-2.0-or-later
"""Decides whether a mail may go out: one pure function of the draft, the policy, what happened, and the time.

Promises, each held by a property test (docs/replies.md): nothing to a list that has not opted in; nothing twice for one
event; no answer to itself, a program or Auto-Submitted mail; nothing beyond the rate, before the embargo is over, about a
posting that a newer one replaced, or without the approval of these very bytes where that is asked for; no chain of its
own mails; one mail for a posting and kind. Refuses to be silent: every rule says what it holds of every mail.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from datetime import UTC, datetime, timedelta

from bot.model import Decision, Draft, Gate, History, Past, Ruling
from bot.post.fields import plain
from bot.post.policy import Overall, Policy, Rule, Strictest
from bot.post.recipients import looks_like_list

Said = Iterator[tuple[Gate, str]]
Check = Callable[['Case'], Said]

_EMBARGOED = ('review', 'inline', 'lab', 'points')


class Case:
    """All that is known when a decision is made.

    `rule` is the strictest word of the lists that have a say and of those that would get it, of which `written` are all.
    """

    def __init__(self, draft: Draft, digest: str, policy: Policy, history: History, now: datetime, own: str) -> None:
        self.draft, self.digest, self.policy, self.history, self.now = draft, digest, policy, history, now
        self.own = own.lower()
        self.written = _lists_written_to(draft, policy)
        self.rule: Strictest = policy.over((*draft.lists, *self.written))

    def held_by(self, field: str, *values: object) -> str:
        """Return the lists whose rule has one of these values, for a sentence."""
        return ', '.join(one for one in self.rule.lists if getattr(self.policy.rule(one), field) in values)


def decide(draft: Draft, digest: str, policy: Policy, history: History, now: datetime, own: str) -> Decision:
    """Return what every rule says; `digest` is that of the bytes that would go out, `own` lorebot's address."""
    case = Case(draft, digest, policy, history, now, own)
    return Decision(tuple(Ruling(name, gate, text) for name, check in RULES for gate, text in check(case)))


def opt_in(case: Case) -> Said:
    draft, policy = case.draft, case.policy
    for one in case.rule.lists:
        if policy.opted_in(one):
            yield 'allow', f'{one} opted in: {policy.rule(one).agreed}'
        else:
            yield 'stop', f'{one} has not opted in'
    for address in case.written:
        if address not in case.rule.lists and not policy.opted_in(address):
            yield 'stop', f'{address} would get it and has not opted in'
    if not case.rule.lists:
        if draft.kind in ('transcript', 'status') and policy.overall.direct and draft.answers.direct:
            yield 'allow', 'commands that came to lorebot alone are answered: overall.direct'
        else:
            yield 'stop', 'no list that has a say is in the conversation, so none agreed to mail from lorebot'


def mute(case: Case) -> Said:
    if case.rule.mute:
        yield 'stop', f'muted for {case.held_by("mute", True)}'
    if case.draft.muted:
        yield 'stop', f'the series was muted by command {case.draft.muted}'
    if not (case.rule.mute or case.draft.muted):
        yield 'allow', 'neither the lists nor the series are muted'


def kind(case: Case) -> Said:
    if case.draft.kind == 'moderation':
        strangers = [a for a in _addresses(case.draft) if a not in case.rule.moderation]
        yield from (('stop', f'{a} does not moderate these lists') for a in strangers)
        yield 'allow', 'a copy for the moderators alone'
    elif case.draft.kind in case.rule.kinds:
        yield 'allow', f'mails of kind {case.draft.kind} are wanted'
    else:
        lists = [one for one in case.rule.lists if case.draft.kind not in case.policy.rule(one).kinds]
        unwanted = f'mails of kind {case.draft.kind} are not wanted by {", ".join(lists)}'
        yield 'stop', unwanted if lists else 'on no list, nothing but answers to commands is mailed'


def opted_out(case: Case) -> Said:
    out = [a for a in dict.fromkeys((case.draft.author, *_addresses(case.draft))) if a and case.policy.opted_out(a)]
    yield from (('stop', f'{address} wants no mail from lorebot') for address in out)
    if not out:
        yield 'allow', 'nobody concerned has opted out'


def scope(case: Case) -> Said:
    wide = {'list': 'list', 'maintainer': 'maintainers', 'added': 'maintainers'}
    beyond = [one for one in case.draft.recipients if wide.get(one.role, case.rule.reply) != case.rule.reply]
    for one in beyond:
        yield 'stop', f'{one.person.email} would get it, and reply is "{case.rule.reply}" for these lists'
    added = [one for one in case.draft.recipients if one.role == 'added' and not case.rule.add_maintainers]
    for one in added:
        yield 'stop', f'{one.person.email} was not in the conversation, and not all lists say add_maintainers'
    if not beyond and not added:
        yield 'allow', f'nobody gets it beyond what reply = "{case.rule.reply}" says'


def loop(case: Case) -> Said:
    answered, author = case.draft.answers, case.draft.answers.author.email.lower()
    own = {past.id for past in case.history.past}
    if author == case.own or plain(author) == plain(case.own) or answered.message_id in own:
        yield 'stop', "it would answer lorebot's own mail"
    elif answered.automatic:
        yield 'stop', 'it would answer a mail that a program sent (Auto-Submitted, or an address known for it)'
    elif case.policy.is_bot(author):
        yield 'stop', f'it would answer {author}, a bot by the policy'
    else:
        yield 'allow', 'a person wrote the mail that it answers'
    for address in _addresses(case.draft):
        if case.policy.is_bot(address) or plain(address) == plain(case.own):
            yield 'stop', f'{address}, a program, would get it'


def depth(case: Case) -> Said:
    above, most = case.draft.answers.own_above, case.rule.depth
    gate: Gate = 'allow' if above <= most else 'stop'
    yield gate, f"{above} of lorebot's mails stand above the one it answers, at most {most} may"


def once(case: Case) -> Said:
    same = [past for past in case.history.past if past.id == case.draft.id]
    if same:
        yield 'stop', f'it went out already, or may have: recorded {_moment(same[0].at)}, {same[0].state}'
    else:
        yield 'allow', 'nothing went out for this event and revision'


def one_per_series(case: Case) -> Said:
    draft = case.draft
    alike = [p for p in case.history.past if p.slot == draft.slot and p.id != draft.id]
    if draft.kind == 'inline' and case.rule.inline_per_patch:
        alike = [p for p in alike if p.answers == draft.answers.message_id]
    if alike:
        yield 'stop', f'another mail of this kind went out for the posting: {alike[0].id}'
    else:
        yield 'allow', 'the first of its kind for the posting'


def superseded(case: Case) -> Said:
    newest, number = case.history.newest, case.draft.number
    if case.draft.kind in ('transcript', 'status'):
        yield 'allow', 'it answers a command, whatever is the newest posting'
    elif newest is None:
        yield 'hold', 'whether there is a newer posting could not be seen'
    elif newest > number:
        yield 'stop', f'posting {newest} replaced the one it is about, {number}'
    else:
        # Of files nobody can say what they lack: who approves a mail about them has to know.
        where = '' if case.draft.source.startswith('<') else ' in the files it was read from; no archive was asked'
        yield 'allow', f'posting {number} is the newest{where}'


def embargo(case: Case) -> Said:
    if case.draft.kind not in _EMBARGOED or not case.rule.embargo_hours:
        yield 'allow', 'no embargo'
    elif case.draft.posted is None:
        yield 'hold', 'when it was posted is not known, so nobody can tell whether the embargo is over'
    else:
        over = case.draft.posted + timedelta(hours=case.rule.embargo_hours)
        who = case.held_by('embargo_hours', case.rule.embargo_hours)
        gate: Gate = 'allow' if case.now >= over else 'hold'
        yield gate, f'{case.rule.embargo_hours:g} hours of embargo for {who} end {_moment(over)}'


def rate(case: Case) -> Said:
    limits: list[tuple[str, Rule | Overall, Sequence[Past]]] = [
        (f'conversations on {one}', case.policy.rule(one), _about(case, one)) for one in case.rule.lists
    ]
    limits.append(('all', case.policy.overall, case.history.past))
    for what, limit, mails in limits:
        for span, name, most in ((1, 'hour', limit.per_hour), (24, 'day', limit.per_day)):
            sent = sum(case.now - past.at < timedelta(hours=span) for past in mails)
            gate: Gate = 'allow' if sent < most else 'hold'
            yield gate, f'{sent} of {most} in the last {name} for {what}'


def quiet(case: Case) -> Said:
    if not case.draft.clean:
        yield 'allow', 'there is something to say'
    elif case.rule.quiet_on_clean:
        yield 'stop', 'there is nothing to report, and clean results are not mailed'
    else:
        yield 'allow', 'there is nothing to report; that may be mailed'


def approval(case: Case) -> Said:
    if case.history.rejected:
        yield 'stop', 'a person turned it down'
    elif case.draft.kind == 'moderation':
        yield _of_copy(case)
    elif not case.rule.approval:
        yield 'allow', 'no list asks for approval'
    elif case.digest in case.history.approved:
        yield 'allow', 'a person approved these very bytes'
    else:
        who = case.held_by('approval', True) or 'mail that no list speaks for'
        changed = ' (others were; it was changed since)' if case.history.approved else ''
        yield 'hold', f'{who} asks for approval, and nobody approved these bytes{changed}'


def _of_copy(case: Case) -> tuple[Gate, str]:
    """A copy goes out while the mail that it shows waits, as it was shown, and with the approval that it needs."""
    shows, original = case.draft.shows, case.history.original
    if shows is None or original is None:
        return 'stop', 'the mail that it shows is not in the outbox'
    if not original.waiting:
        return 'stop', 'the mail that it shows does not wait any more'
    if original.digest != shows.digest:
        return 'stop', 'the mail that it shows was changed since'
    if case.rule.approval and shows.digest not in original.approved:
        return 'hold', 'nobody approved the mail that it shows'
    return 'allow', 'the mail that it shows was approved' if case.rule.approval else 'no list asks for approval'


def moderation(case: Case) -> Said:
    if not case.rule.moderation or case.draft.kind == 'moderation':
        yield 'allow', 'nobody has to see it first'
    elif case.digest in case.history.released:
        yield 'allow', f'released after {", ".join(case.rule.moderation)} saw it'
    else:
        yield 'hold', f'{", ".join(case.rule.moderation)} has to see it first, and nobody released it'


def whole(case: Case) -> Said:
    if not case.draft.recipients:
        yield 'stop', 'nobody would get it'
    yield from (('stop', fault) for fault in case.draft.faults)
    if case.draft.recipients and not case.draft.faults:
        yield 'allow', 'the mail is whole'


RULES: tuple[tuple[str, Check], ...] = (
    ('opt-in', opt_in),
    ('mute', mute),
    ('kind', kind),
    ('opt-out', opted_out),
    ('scope', scope),
    ('loop', loop),
    ('depth', depth),
    ('once', once),
    ('one-per-series', one_per_series),
    ('superseded', superseded),
    ('embargo', embargo),
    ('rate', rate),
    ('quiet', quiet),
    ('approval', approval),
    ('moderation', moderation),
    ('whole', whole),
)
"""All rules in the order they are told; each says something about every mail, and the strictest word counts."""


def _lists_written_to(draft: Draft, policy: Policy) -> list[str]:
    """Return the recipients that are lists, those too that only the policy knows for one, or that look like one.

    Who wrote the mail that is answered is a person whatever the address looks like.
    """
    return [
        r.person.email.lower()
        for r in draft.recipients
        if r.person.email.lower() in policy.list
        or r.role == 'list'
        or (r.role in ('maintainer', 'added') and looks_like_list(r.person))
    ]


def _addresses(draft: Draft) -> list[str]:
    return [r.person.email.lower() for r in draft.recipients]


def _about(case: Case, address: str) -> list[Past]:
    return [past for past in case.history.past if address in past.lists]


def _moment(at: datetime) -> str:
    return at.astimezone(UTC).strftime('%Y-%m-%d %H:%M UTC')
