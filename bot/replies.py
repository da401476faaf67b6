# SPDX-License-Identifier: GPL-2.0-or-later
"""From a review to a mail: which kinds there is something to say in, what they answer, and how they come to the outbox.

Promises that a letter and the report it rests on are kept in one transaction, and that before one goes out the archive
is asked for a newer posting. Decides nothing about sending: the gate does.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Collection, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from bot import __version__, intake, lore, orders, post, questions, report, trees
from bot.config import Settings
from bot.desk import Desk
from bot.errors import BotError, UnusableThread, UserError
from bot.model import (
    Appointed,
    Decision,
    Draft,
    Heard,
    Ledger,
    Letter,
    Letters,
    Message,
    Person,
    Programs,
    ReplyKind,
    Report,
    Told,
)
from bot.pipeline import Review
from bot.post import letters, outbox
from bot.request import Request

OFFERED: tuple[ReplyKind, ...] = ('review', 'inline', 'lab', 'points')
"""The kinds of mail that a review gives rise to."""
ANSWERS: tuple[ReplyKind, ...] = ('transcript', 'status')
"""The kinds that answer commands in mails."""


@dataclass(frozen=True, slots=True)
class Written:
    """A draft, the bytes it would be sent as, the report it rests on, and what the gate says of it now."""

    draft: Draft
    raw: bytes
    evidence: tuple[str, bytes]
    decision: Decision


def nothing(review: Review, kind: ReplyKind, patch: int = 0, mail: str = '') -> str:
    """Return why a review has nothing for a mail of a kind, '' when it has; `patch` and `mail` as they were named."""
    return next(_silence(review, kind, patch, mail), '')


def _silence(review: Review, kind: ReplyKind, patch: int, mail: str) -> Iterator[str]:
    found, brought = review.report, report.patches_with_findings(review.report)
    if kind == 'inline' and not brought:
        yield 'no finding is new with a patch'
    elif kind == 'inline' and patch not in brought and any(p.position == patch for p in found.series.newest.patches):
        yield f'no finding is new with patch {patch}'
    elif kind == 'lab' and not report.has_news(found, 'lab'):
        yield 'no build or boot failed' if found.builds or found.boots else 'no patch was built or booted'
    elif kind == 'points' and len(found.series.revisions) < 2:
        yield 'there is but one posting'
    elif kind == 'points' and found.ledger is None:
        yield 'it was not looked at what reviewers asked'
    elif kind in ANSWERS and not mail and not _asking(review, kind, ''):
        yield f'no mail of a proven sender asks for a {kind}'


def write(review: Review, kind: ReplyKind, patch: int = 0, at: datetime | None = None) -> Written:
    """Write the mail of a kind about a review; `at` is its date, that of the newest mail at hand without.

    An inline mail is about the patch with the gravest finding unless `patch` names one. Raise `UserError` for a kind that
    this review has nothing for.
    """
    found = review.report
    number = patch or _patch(found, kind)
    return answer(review, found, report.Matter(kind, patch=number), _target(review, number), at)


def answers(review: Review, kind: ReplyKind, mail: str = '', at: datetime | None = None) -> list[Written]:
    """Write the mails that answer commands, one for each mail of a proven sender, or for the one mail named.

    A mail that asks how things stand and does nothing else gets the kind `status`. Raise `UserError` when there is none.
    """
    chosen = _asking(review, kind, mail.strip('<>'))
    if not chosen:
        todo = 'commands of senders who are not proven are never answered; see what the report rests on'
        raise UserError(f'no mail asks for a {kind}', where=mail.strip('<>') or review.request.source, todo=todo)
    found, ledger = review.report, orders.ledger(review)
    mails = {m.message_id: m for m in orders.messages(review)}
    made = []
    for name, some in chosen.items():
        told = tuple(Told(one.said, one.outcome, _told(review, one, ledger)) for one in some)
        made.append(_to_sender(answer(review, found, report.Matter(kind, told=told), mails[name], at), some[0].address))
    return made


def _asking(review: Review, kind: ReplyKind, wanted: str) -> dict[str, list[Heard]]:
    """Return what proven senders said, by mail, where a mail of a kind answers it; all mails, or the one that is wanted."""
    heard: dict[str, list[Heard]] = {}
    for one in review.heard:
        if one.address and wanted in ('', one.message_id):
            heard.setdefault(one.message_id, []).append(one)
    return {name: some for name, some in heard.items() if _kind_of(some) == kind}


def _kind_of(heard: Sequence[Heard]) -> ReplyKind:
    return 'status' if all(one.outcome == 'answered' for one in heard) else 'transcript'


def _told(review: Review, one: Heard, ledger: Ledger) -> tuple[str, ...]:
    if one.outcome == 'refused':
        return (one.why,)
    if one.outcome == 'done':
        done = (told for c in one.entries for told in questions.did(c))
        return (*done, *(f'`#lorebot undo {c.id}` takes it back' for c in one.entries))
    order = questions.parse(one.said.partition(' ')[2])
    if isinstance(order, questions.Refusal) or order.verb.name == 'help':
        return tuple(f'{verb.name}: {verb.says}' for verb in questions.VERBS.values())
    given = questions.Given(order, questions.Actor(one.address), review.desk.now(), one.message_id, one.lines[0])
    some = questions.choose(given, questions.Known(ledger, orders.messages(review), review.series))
    if isinstance(some, questions.Refusal):
        return (f'{some.what}; {some.todo}',)
    return tuple(report.tell_status(some).splitlines()) or ('nothing was asked',)


def _to_sender(written: Written, address: str) -> Written:
    """Return the mail; raise `UserError` where it would go to another than the proven sender."""
    if {one.person.email.lower() for one in written.draft.recipients} <= {address}:
        return written
    raise UserError('the answer would go to somebody else', where=written.draft.answers.message_id, todo='see --why')


def answer(
    review: Review, found: Report, matter: report.Matter, target: Message, at: datetime | None = None
) -> Written:
    """Write a mail in answer to a mail of the conversation."""
    settings, kind = review.desk.settings, matter.kind
    policy, document = policies(review.desk), report.render(found, 'json', link=settings.archive.link).encode()
    run = hashlib.sha256(document).hexdigest()[:16]
    own = post.event_id(kind, found.series.newest.message_id, target.message_id, settings.post.address)
    matter = report.Matter(kind, matter.patch, own, matter.told)
    body = report.render_letter(
        found, matter, link=settings.archive.link, sender=_sender(settings, run), **_looks(review)
    )
    made_for = post.Occasion(
        kind=kind,
        talk=post.Conversation(target, orders.messages(review), _appointed(review, policy, target)),
        series=found.series,
        body=body,
        date=at or (datetime.fromisoformat(found.as_of) if found.as_of else None),
        tool=f'lorebot {__version__}',
        run=run,
        clean=not report.has_news(found, kind),
        muted=muted(review.desk, {r.message_id for r in found.series.revisions}),
        source=_source(review),
    )
    draft = post.draft(made_for, policy, settings.post)
    raw = signer(settings)(post.mail(draft))
    return Written(draft, raw, (run, document), _decided(review.desk, draft, raw, policy))


def offered(found: Report) -> tuple[ReplyKind, ...]:
    """Return the kinds of mail that a report has something for."""
    return tuple(kind for kind in OFFERED if report.has_news(found, kind))


def check_posted(review: Review) -> None:
    """Raise `UserError` for what nobody can look at again before the mail goes out: standard input, commits."""
    if review.source.kind == 'range' or review.request.source == '-':
        raise UserError(
            'a mail about this cannot be sent', where=review.request.source, todo='name the posting: an id or a file'
        )


def enqueue(written: Written, desk: Desk, actor: str) -> letters.Queued:
    """Put a mail into the outbox with the report it rests on; say what became of one of the same event there."""
    with desk.outbox() as box:
        letter = letters.letter_of(written.draft, written.raw)
        return letters.queue(box, letter, desk.now(), actor, written.evidence, signer(desk.settings))


def policies(desk: Desk) -> post.Policy:
    named = desk.settings.post.policy
    return post.load_policy(Path(named).expanduser() if named else None)


def office(desk: Desk, box: Letters, run: Programs | None) -> outbox.Post:
    """Return all that a drain works with; without `run` it can judge and not send."""
    settings = desk.settings
    carry: outbox.Carrier = post.carrier(settings.send, run) if run is not None else _nobody
    return outbox.Post(
        box=box,
        policy=policies(desk),
        own=settings.post.address,
        now=desk.now,
        carry=carry,
        look=lambda draft: look(draft, desk),
        archived=lambda letter: archived(letter, desk),
    )


def look(draft: Draft, desk: Desk) -> outbox.Standing:
    """Ask the archive, or the files, how the series of a letter stands; what is held from before does not count."""
    try:
        source = lore.locate(draft.source, desk.settings.archive.url)
        raws = lore.read(source, desk.settings.archive, trees.run, desk.progress, desk.stdin)
        made = intake.assemble(source, Request(draft.source), desk, raws)
    except BotError:
        return outbox.Standing(None, muted(desk, {draft.posting}))
    target = next((m for t in made.threads for m in t.messages if m.message_id == draft.answers.message_id), None)
    lists = post.with_a_say(target, policies(desk)) if target else ()
    for series in made.series:
        ids = [revision.message_id for revision in series.revisions]
        if draft.posting in ids:
            later = len(ids) - 1 - ids.index(draft.posting)
            return outbox.Standing(draft.number + later, muted(desk, ids), lists)
    return outbox.Standing(None, muted(desk, {draft.posting}), lists)


def muted(desk: Desk, postings: Collection[str]) -> str:
    """Return the command by which nothing is mailed about postings, '' for none; its author's own counts as much."""
    log = desk.commands(postings)
    found = [questions.muting(log, postings, silent) for silent in ('muted', 'muted-self')]
    return next((one.id for one in found if one), '')


def archived(letter: Letter, desk: Desk) -> outbox.Sighting:
    """Ask the archive for a letter; a mail of its id counts only when it is the letter, as anybody can take an id."""
    try:
        source = lore.locate(letter.id, desk.settings.archive.url)
        raws = lore.read(source, desk.settings.archive, trees.run, desk.progress, None)
    except UserError:
        return 'absent'
    except BotError:
        return 'unasked'
    copies = [m for raw in raws for m in lore.parse([raw], ()) if m.message_id == letter.id]
    if any(post.is_copy(m, letters.draft_of(letter), desk.settings.post.address) for m in copies):
        return 'there'
    return 'another' if copies else 'absent'


def signer(settings: Settings) -> Callable[[bytes], bytes]:
    """Return what signs a mail, or leaves it as it is where no key is set."""
    key = settings.send.sign
    return (lambda raw: post.signed(raw, key, settings.post.address)) if key else bytes


def _nobody(raw: bytes, sender: str, to: Sequence[str], ending: Callable[[], None]) -> outbox.Delivery:
    return outbox.Delivery('delayed', 'nothing is sent here')


def _decided(desk: Desk, draft: Draft, raw: bytes, policy: post.Policy) -> Decision:
    digest = hashlib.sha256(raw).hexdigest()
    held = desk.letters()
    known = letters.history(held, next((one for one in held if one.id == draft.id), None), draft.number)
    return post.decide(draft, digest, policy, known, desk.now(), desk.settings.post.address)


def _patch(found: Report, kind: ReplyKind) -> int:
    if kind == 'inline':
        brought = report.patches_with_findings(found)
        if not brought:
            raise UserError('no finding is new with a patch', where=kind, todo='there is nothing to remark')
        return brought[0]
    if kind == 'lab' and not report.has_news(found, 'lab'):
        raise UserError('no build or boot failed', where=kind, todo='there is nothing to tell')
    return report.first_failing(found) if kind == 'lab' else 0


def _target(review: Review, patch: int) -> Message:
    """Return the mail that is answered: a patch, or what starts the posting."""
    wanted = next((p.message_id for p in review.series.newest.patches if patch and p.position == patch), '')
    if patch and not wanted:
        raise UserError(
            f'there is no patch {patch}', where=review.request.source, todo='name one of the newest posting'
        )
    if not wanted:
        return review.newest_mail
    found = next((m for m in orders.messages(review) if m.message_id == wanted), None)
    if found is None:
        raise UnusableThread('the patch is not at hand', where=wanted, todo='give the series itself')
    return found


def _appointed(review: Review, policy: post.Policy, target: Message) -> Appointed:
    """Ask MAINTAINERS only where the lists want those whom it names."""
    wanted = post.wants_maintainers(policy, target)
    return orders.appointed(review) if wanted else Appointed('')


def _source(review: Review) -> str:
    """Return what names the conversation for good: a message-id in an archive, a path from the top for files."""
    if review.source.kind == 'archive':
        return f'<{review.series.newest.message_id}>'  # bare, an id made like a URL would be asked of the host it names
    path = Path(review.request.source)
    return str(path.resolve()) if path.exists() else review.request.source


def _sender(settings: Any, run: str) -> report.Sender:
    contact = post.person(settings.post.contact)
    return report.Sender(Person(settings.post.name, settings.post.address), contact.email if contact else '', run)


def _looks(review: Review) -> dict[str, Any]:
    named = review.desk.settings.report.templates
    return {'templates': Path(named).expanduser() if named else None}
