# SPDX-License-Identifier: GPL-2.0-or-later
"""Commands that come by mail: who sent each, what it does, into the log; the ledger is made after that.

Promises that nothing is recorded of a mail whose sender is not proven, and that reading the same mails again records
nothing new. Refuses to let a mail approve, release or send anything: there are no such commands.
"""

from __future__ import annotations

import logging
from collections.abc import Sequence

from bot import intake, lore, plans, stages
from bot.errors import InfraError
from bot.model import Appointed, Heard, Message, RawMail, Responsible, Revision, Sender

log = logging.getLogger(__name__)


def hear(review: plans.Underway, raws: Sequence[RawMail]) -> tuple[Heard, ...]:
    """Record the commands in the mails of a review and return all of them, those that did nothing, too."""
    mails = [m for t in review.assembly.threads for m in t.messages if '#lorebot' in m.body.lower()]
    if not mails:
        return ()
    try:
        heard = _heard(review, mails, raws)
    except InfraError as lost:
        log.warning('commands in mails were not looked at: %s', lost)
        return ()
    entries = [c for one in heard for c in one.entries]
    if entries:
        review.desk.record(entries)
    return heard


def appointed(review: plans.Underway, posting: Revision) -> Appointed:
    """Return whom MAINTAINERS of the base tree names for a posting; nobody when there is no tree."""
    desk, request = review.desk, review.request
    at = stages.survey(request.trees, desk.workshop)
    if not at:
        return Appointed('')
    tags, rest = desk.settings.apply.max_tags, desk.settings.questions.the_rest
    job = stages.Appoint(posting, at, str(desk.workshop), request.base, tags, rest)
    made: Appointed = desk.finish(desk.start('appoint', job, posting.message_id))
    return made


def _heard(review: plans.Underway, mails: Sequence[Message], raws: Sequence[RawMail]) -> tuple[Heard, ...]:
    desk, threads = review.desk, review.assembly.threads
    senders = _senders(review, mails, raws)
    proven = {one.message_id for one in senders if one.address}
    said = {m.message_id for m in mails}
    others = tuple(
        c for c in desk.commands(m.message_id for t in threads for m in t.messages) if c.message_id not in said
    )
    named = _named(review, [m for m in mails if m.message_id in proven])
    own, facts = desk.settings.post.address, str(desk.facts)
    job = stages.Hear(threads, review.series, desk.settings.questions, senders, named, others, own, facts)
    made: tuple[Heard, ...] = desk.finish(desk.start('hear', job, review.series.newest.message_id))
    return made


def _senders(review: plans.Underway, mails: Sequence[Message], raws: Sequence[RawMail]) -> tuple[Sender, ...]:
    desk = review.desk
    copies = lore.with_ids(raws, {m.message_id for m in mails})
    keys = intake.keys(copies, review.request, desk)
    rings = tuple(str(one) for one in desk.settings.keyrings if one.is_dir())
    job = stages.Vouch(copies, keys, rings, desk.settings.attestation.authservs)
    made: tuple[Sender, ...] = desk.finish(desk.start('vouch', job, review.series.newest.message_id))
    return made


def _named(review: plans.Underway, mails: Sequence[Message]) -> dict[str, tuple[Responsible, ...]]:
    """Return whom MAINTAINERS names for each posting that was the newest one when a mail was sent."""
    dates = [m.date for m in mails if m.date]
    early = [[r for r in review.series.revisions if r.date and r.date <= date] for date in dates]
    newest = {some[-1].message_id: some[-1] for some in early if some}
    return {name: appointed(review, posting).people for name, posting in newest.items()}
