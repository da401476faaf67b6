# SPDX-License-Identifier: GPL-2.0-or-later
"""Who a mail goes to, each with the sentence why, and who of the conversation does not get it.

Promises that nobody is added who was not in the conversation, but those whom MAINTAINERS names where every list says so;
that no program, nobody who opted out and no list that is left out is written to; and that the author is reached where
From is not theirs (B4 Relay, a list that rewrites From). Takes addresses as bytes of ASCII: one that only looks like
another is another.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from bot.model import Appointed, Message, Person, Recipient, ReplyKind
from bot.post.fields import is_address
from bot.post.policy import Policy, Scope

# Hosts that carry lists only, or nearly so; beside them, an address is a list when the mail came through that list.
_LIST_HOSTS = re.compile(r'(vger\.kernel\.org|lists?\..+|kvack\.org|googlegroups\.com)')
_RELAY = re.compile(r'devnull\+(.*)@kernel\.org')
# Of an address whose host says nothing, what its name or the name before it gives away; MAINTAINERS and its readers write these.
_LIST_NAMES = frozenset(
    ('announce', 'commits', 'devel', 'discuss', 'list', 'lists', 'mailinglist', 'patches', 'team', 'users')
)
_LIST_HOST_LABELS = frozenset(('groups', 'list', 'lists', 'mailinglist', 'mailman', 'ml'))
_LIST_WORDS = ('open list', 'moderated list', 'mailing list', 'list:')
_SIGNED = ('From:', 'Signed-off-by:')
_LONGEST_SIGNED = 400


@dataclass(frozen=True, slots=True)
class Conversation:
    """The mail that is answered, all mails around it, and whom MAINTAINERS of the base tree names for the files."""

    target: Message
    messages: tuple[Message, ...] = ()
    appointed: Appointed = Appointed('')


@dataclass(frozen=True, slots=True)
class Chosen:
    """`lists` are those of the conversation that have a say, written to or not."""

    recipients: tuple[Recipient, ...]
    left_out: tuple[tuple[str, str], ...]
    lists: tuple[str, ...]


def choose(kind: ReplyKind, talk: Conversation, policy: Policy, own: str) -> Chosen:
    """Return who gets a mail of a kind in answer to the target."""
    target = talk.target
    say = with_a_say(target, policy)
    if kind in ('transcript', 'status'):
        sender = author(target, policy)
        found = [Recipient(sender, 'To', 'sender', 'wrote the commands')] if sender else []
        found = [one for one in found if not policy.opted_out(one.person.email)]
        return Chosen(tuple(found), (), say)
    scope = policy.over(say).reply
    found = [one for one in _candidates(talk, policy, scope, say) if one.person.email.lower() != own.lower()]
    chosen: dict[str, Recipient] = {}
    for one in found:
        if is_address(one.person.email) and not _unwanted(one.person.email, policy):
            chosen.setdefault(one.person.email.lower(), one)
    left = tuple(_left_out(talk, policy, scope, {*chosen, own.lower()}, frozenset(say)))
    return Chosen(tuple(chosen.values()), left, say)


def with_a_say(target: Message, policy: Policy) -> tuple[str, ...]:
    """Return the lists of a mail that are not left out."""
    return tuple(one for one in lists_of(target, policy) if policy.has_say(one))


def wants_maintainers(policy: Policy, target: Message) -> bool:
    """Tell whether the lists of a mail want those whom MAINTAINERS names to get a copy."""
    say = with_a_say(target, policy)
    return bool(say) and policy.over(say).reply == 'maintainers'


def _candidates(talk: Conversation, policy: Policy, scope: Scope, say: Sequence[str]) -> Iterator[Recipient]:
    target = talk.target
    to = author(target, policy)
    if to:
        hidden = to.email.lower() != target.author.email.lower()
        yield Recipient(to, 'To', 'author', 'wrote the mail' + (', though From says a relay' if hidden else ''))
    if scope == 'maintainers':
        present = _present(talk)
        for one in talk.appointed.people:
            here = one.person.email.lower() in present
            if one.role == 'M' and here:
                yield Recipient(one.person, 'Cc', 'maintainer', f'{one.because}; in the conversation')
            elif one.role == 'M' and policy.over(say).add_maintainers:
                why = 'not in the conversation; the lists say to add them'
                yield Recipient(one.person, 'Cc', 'added', f'{one.because}; {why}')
    if scope == 'list':
        for person in (*target.to, *target.cc):
            if person.email.lower() in say:
                yield Recipient(person, 'Cc', 'list', 'among To and Cc of the mail, and reply is "list"')


def _unwanted(email: str, policy: Policy) -> str:
    if policy.opted_out(email):
        return 'opted out'
    return 'a program' if policy.is_bot(email) else ''


def _left_out(
    talk: Conversation, policy: Policy, scope: Scope, chosen: set[str], say: frozenset[str]
) -> Iterator[tuple[str, str]]:
    told = set(chosen)
    for person in (talk.target.author, *talk.target.to, *talk.target.cc):
        email = person.email.lower()
        if email in told:
            continue
        told.add(email)
        yield email, _why_not(email, talk, policy, scope, say)


def _why_not(email: str, talk: Conversation, policy: Policy, scope: Scope, say: frozenset[str]) -> str:
    if not is_address(email):
        return 'no plain address'
    if why := _unwanted(email, policy):
        return why
    if not policy.has_say(email):
        return 'left_out by the policy'
    if not is_list(email, talk.target.lists, policy):
        return (
            'looks like a list, and the policy has no table for it'
            if email in say
            else 'no author of the mail and no list'
        )
    return f'a list, and reply is "{scope}"'


def _present(talk: Conversation) -> set[str]:
    return {p.email.lower() for m in (*talk.messages, talk.target) for p in (m.author, *m.to, *m.cc)}


def is_list(email: str, list_ids: tuple[str, ...], policy: Policy | None = None) -> bool:
    """Tell whether an address is a mailing list: by its host, the List-Ids of the mail's copies, or the policy."""
    _, _, host = email.lower().partition('@')
    known = {i.lower() for i in list_ids}
    named = policy is not None and email.lower() in policy.list
    return named or _LIST_HOSTS.fullmatch(host) is not None or email.lower().replace('@', '.', 1) in known


def looks_like_list(person: Person) -> bool:
    """Tell whether an address whose host says nothing looks like a list, by itself or by the name before it.

    Nobody can tell for sure; one that is taken for a list has a say, and none that the policy does not know has agreed. A
    table of it that says left_out makes it somebody without one.
    """
    local, _, host = person.email.lower().partition('@')
    parts = re.split('[-._+]', local)
    if local.startswith(('linux-', 'kernel-')) or local == 'kernel' or not _LIST_NAMES.isdisjoint(parts):
        return True
    labels = host.split('.')
    if any(label in _LIST_HOST_LABELS or 'mailman' in label for label in labels):
        return True
    name = ' '.join(person.name.lower().split())
    return name in (local, person.email.lower()) and '-' in local or any(word in name for word in _LIST_WORDS)


def lists_of(target: Message, policy: Policy) -> tuple[str, ...]:
    """Return the lists of a mail in lower case: those in To and Cc, and those that only sent a copy of it.

    What looks like a list is one, unless it wrote the mail.
    """
    wrote = target.author.email.lower()
    named = [p for p in (*target.to, *target.cc) if is_address(p.email)]
    found = [
        p.email.lower()
        for p in named
        if is_list(p.email, target.lists, policy) or (looks_like_list(p) and p.email.lower() != wrote)
    ]
    dotted = {email.replace('@', '.', 1): email for email in (*policy.list, *found)}
    for one in target.lists:
        address = dotted.get(one.lower()) or one.lower().replace('.', '@', 1)
        if is_address(address):
            found.append(address)
    return tuple(dict.fromkeys(found))


def author(target: Message, policy: Policy | None = None) -> Person | None:
    """Return who wrote the mail, None when no address of theirs is in it.

    lore takes Reply-To where From is a relay's or a list's; without one, a line of the patch may still say who it is.
    """
    relay = _RELAY.fullmatch(target.author.email.lower())
    if relay is None:
        hidden = is_list(target.author.email, target.lists, policy) or not is_address(target.author.email)
        return None if hidden else target.author
    # b4's relay writes the address with a dot for the @, so of those who signed, one fits or none does.
    signed = _signed(target.body[:200_000])
    return next((p for p in signed if is_address(p.email) and p.email.replace('@', '.') == relay[1]), None)


def _signed(body: str) -> Iterator[Person]:
    """Yield who says to have written or signed a patch, as `Name <address>` behind a tag at the start of a line."""
    for line in body.split('\n'):
        if line.startswith(_SIGNED) and len(line) <= _LONGEST_SIGNED and line.endswith('>'):
            name, _, email = line.partition(':')[2][:-1].rpartition('<')
            if email and not re.search(r'[<>\s]', email):
                yield Person(' '.join(name.split()), email.lower())
