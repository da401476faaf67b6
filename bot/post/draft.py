# SPDX-License-Identifier: GPL-2.0-or-later
"""Makes a mail of a body that is written: its fields, its recipients, its place in the thread.

Same report, mail, policy and settings give the same bytes. The Message-ID is made of what is answered, with what kind of
mail, and from which address: the same event never has two. Refuses nothing and sends nothing; what must not go out has
its `faults`, and the gate reads them.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import datetime
from email.utils import format_datetime

from bot import config
from bot.errors import ConfigError
from bot.model import Answered, Draft, Message, Person, Recipient, ReplyKind, Series
from bot.post.fields import is_address, is_message_id, mailbox, message_ids, person, plain, text
from bot.post.policy import Policy
from bot.post.recipients import Conversation, choose
from bot.post.write import mail

_LONGEST_LINE = 998  # RFC 5322 2.1.1, in octets
_LONGEST_MAIL = 400_000  # vger takes no mail longer than this
_LONGEST_HEAD = 64_000  # Postfix cuts off what is beyond 102,400 octets, and relays add fields of their own
# RFC 5322 sets no bound; these are within one screen of every archive and far below what servers cut off.
_MOST_REFERENCES, _LONGEST_REFERENCES = 100, 8_000
_TAG_WITHOUT_PERSON = re.compile(
    r'\s*([\w-]{1,40}-by:|(fixes|link|closes|buglink|change-id|base-commit):\s)', re.IGNORECASE
)
BROKEN = re.compile('[^\t\n -\ud7ff\ue000-\U0010ffff]|[\x7f-\x9f]')
_OWN_ID = re.compile(r'[0-9a-f]{32}\.lorebot@.+')


@dataclass(frozen=True, slots=True)
class Occasion:
    """What a mail is made for: the conversation, the series, what there is to say and when it is said.

    `muted` is the command by which nothing is mailed about the series, `run` the id of the run that found it out.
    """

    kind: ReplyKind
    talk: Conversation
    series: Series
    body: str
    date: datetime | None
    tool: str
    run: str = ''
    clean: bool = False
    muted: str = ''
    source: str = ''

    @property
    def target(self) -> Message:
        return self.talk.target


def draft(made_for: Occasion, policy: Policy, settings: config.Post) -> Draft:
    """Return the mail; raise `ConfigError` for an unusable own address."""
    if not is_address(settings.address):
        raise ConfigError(
            'no mail address',
            where=f'post.address = {settings.address!r}',
            todo='write it as name@host, without a name',
        )
    target, newest = made_for.target, made_for.series.newest
    chosen = choose(made_for.kind, made_for.talk, policy, settings.address)
    body = BROKEN.sub('\ufffd', made_for.body.replace('\r\n', '\n')).rstrip('\n') + '\n'
    name = event_id(made_for.kind, newest.message_id, target.message_id, settings.address)
    found = _fields(made_for, name, chosen.recipients, body, settings)
    made = Draft(
        id=name,
        kind=made_for.kind,
        series=made_for.series.change_id or made_for.series.revisions[0].message_id,
        posting=newest.message_id,
        number=newest.posting,
        posted=newest.date,
        answers=_answered(made_for, settings.address),
        author=newest.author.email.lower(),
        lists=chosen.lists,
        recipients=chosen.recipients,
        left_out=chosen.left_out,
        headers=tuple((field, value) for field, value in found if value),
        body=body,
        clean=made_for.clean,
        muted=made_for.muted,
        source=made_for.source,
    )
    return replace(made, faults=(*_faults(made_for, settings), *mail_faults(mail(made))))


def event_id(kind: ReplyKind, posting: str, answered: str, address: str) -> str:
    """Return the Message-ID, without brackets, of the one mail of a kind that a posting and a mail can give rise to.

    What answers commands is about their mail alone: a newer posting gives no second answer.
    """
    posting = '' if kind in ('transcript', 'status') else posting
    event = '\0'.join((kind, posting, answered, address.lower()))
    return f'{hashlib.sha256(event.encode("utf-8", "replace")).hexdigest()[:32]}.lorebot@{address.partition("@")[2]}'


def _answered(made_for: Occasion, own: str) -> Answered:
    target, known = made_for.target, {m.message_id: m for m in made_for.talk.messages}
    above = [i for i in _chain(target) if _OWN_ID.fullmatch(i) or (i in known and known[i].author.email == own.lower())]
    others = {p.email.lower() for p in (*target.to, *target.cc)} - {target.author.email.lower()}
    direct = bool(others) and not target.lists and {plain(one) for one in others} == {plain(own.lower())}
    return Answered(target.message_id, target.author, target.automatic, len(above), direct)


def _fields(
    made_for: Occasion, name: str, recipients: tuple[Recipient, ...], body: str, settings: config.Post
) -> Iterator[tuple[str, str]]:
    target = made_for.target
    threaded = is_message_id(target.message_id)
    unsolicited = made_for.kind not in ('transcript', 'status')
    yield 'From', mailbox(Person(settings.name, settings.address))
    contact = person(settings.contact)
    yield 'Reply-To', mailbox(contact) if contact else ''
    yield 'To', ', '.join(mailbox(r.person) for r in recipients if r.field == 'To')
    yield 'Cc', ', '.join(mailbox(r.person) for r in recipients if r.field == 'Cc')
    yield 'Subject', text(_subject(target.subject))
    yield 'Date', format_datetime(made_for.date) if made_for.date else ''
    yield 'Message-ID', f'<{name}>'
    yield 'In-Reply-To', message_ids([target.message_id]) if threaded else ''
    yield 'References', _references(target) if threaded else ''
    yield 'MIME-Version', '1.0'
    yield 'Content-Type', 'text/plain; charset=utf-8'
    yield 'Content-Transfer-Encoding', '7bit' if body.isascii() else '8bit'
    yield 'Auto-Submitted', 'auto-generated' if unsolicited else 'auto-replied'  # RFC 3834 5
    yield 'X-Mailer', text(made_for.tool)
    yield 'X-Lorebot-Run', text(made_for.run)
    yield 'X-Patchwork-Hint', 'ignore'


def _subject(subject: str) -> str:
    return subject if subject.lower().startswith('re:') else f'Re: {subject}'


def _chain(target: Message) -> list[str]:
    """Return all ancestors, oldest first; a mail without References still says whom it answers."""
    return [*target.references] or ([target.in_reply_to] if target.in_reply_to else [])


def _references(target: Message) -> str:
    """Return the chain with the mail that is answered; of one that is too long its start and what is nearest, as news do it.

    RFC 5537 3.4.4: the first and the last ones are what programs find a place in the thread by.
    """
    ids = [one for one in dict.fromkeys([*_chain(target), target.message_id]) if is_message_id(one)]
    left = _LONGEST_REFERENCES - len(ids[0])
    kept: list[str] = []
    for one in reversed(ids[1:]):
        left -= len(one) + len('<> ')
        if left < 0 or len(kept) == _MOST_REFERENCES - 1:
            break
        kept.append(one)
    return message_ids([ids[0], *reversed(kept)])


def _faults(made_for: Occasion, settings: config.Post) -> Iterator[str]:
    """Yield every reason why such a mail must not go out, whatever its words are and whatever people allow."""
    target = made_for.target
    if not settings.contact:
        yield 'nobody is named whom people can write to about the bot: set post.contact'
    elif person(settings.contact) is None:
        yield 'post.contact names nobody: write name@host, or Name <name@host>'
    if settings.address.lower().endswith('@localhost'):
        yield f'{settings.address} reaches nobody: set post.address'
    if not is_message_id(target.message_id):
        yield 'the mail that it answers has no usable message-id: a reply could not be threaded'
    if made_for.date is None:
        yield 'no mail at hand has a date, so the reply has none'


def mail_faults(raw: bytes) -> Iterator[str]:
    """Yield what is wrong with the bytes of a mail, also after a person edited or quoted them."""
    head, _, body = raw.partition(b'\n\n')
    if len(raw) > _LONGEST_MAIL:
        yield f'the mail is longer than lists take ({_LONGEST_MAIL} octets)'
    if len(head) > _LONGEST_HEAD:
        yield f'its header is longer than servers take ({_LONGEST_HEAD} octets)'
    if any(len(line) > _LONGEST_LINE for line in head.split(b'\n')):
        yield f'a line of its header is longer than mail may have ({_LONGEST_LINE} octets)'
    for number, line in enumerate(body.split(b'\n'), start=1):
        if len(line) > _LONGEST_LINE:
            yield f'line {number} is longer than mail may have ({_LONGEST_LINE} octets)'
        elif is_tag(line.decode('utf-8', 'replace')):
            yield f'line {number} reads as a trailer, and a program gives none'


def is_tag(line: str) -> bool:
    """Tell whether a line reads as a trailer: a word with a colon, and an address behind it; or one that needs no person.

    Goes over the line once, whatever stands in it.
    """
    if _TAG_WITHOUT_PERSON.match(line):
        return True
    name, *rest = line.split() or ['']
    return len(name) > 2 and name.endswith(':') and (name[0].isalnum() or name[0] == '_') and any(map(_addresses, rest))


def _addresses(word: str) -> bool:
    at = word.find('@', 1)
    dot = word.find('.', at + 2)
    return 0 < at < dot < len(word) - 1
