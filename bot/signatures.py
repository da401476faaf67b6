# SPDX-License-Identifier: GPL-2.0-or-later
"""Says who is proven to have sent what was posted of a series, beside the stages: it waits for none and none waits for it.

Promises one attestation for each posted mail. Refuses to hold up a report for a key that cannot be had.
"""

from __future__ import annotations

from collections.abc import Callable

from bot import intake, lore, plans
from bot.model import Attestation, RawMail


def start(review: plans.Underway, raws: tuple[RawMail, ...]) -> Callable[[], tuple[Attestation, ...]]:
    """Begin to look at the signatures and return what waits for the result; where nothing is signed it is there at once."""
    own = lore.posted(review.series)
    job = plans.plan_attest(review, raws, intake.keys(lore.with_ids(raws, own), review.request, review.desk))
    if job is None:
        return lambda: _unsigned(review)
    step = review.desk.start('attest', job, review.series.newest.message_id)
    return lambda: tuple(review.desk.finish(step))


def _unsigned(review: plans.Underway) -> tuple[Attestation, ...]:
    own = lore.posted(review.series)
    mails = (m for t in review.assembly.threads for m in t.messages if m.message_id in own)
    return tuple(sorted(map(lore.unsigned, mails), key=lambda one: one.message_id))
