# SPDX-License-Identifier: GPL-2.0-or-later
"""A desk with a policy and a server for mail: from the mails of a series to those that went out about it."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from bot import engine, pipeline, replies
from bot.desk import Desk
from bot.model import Letter, LetterStep
from bot.pipeline import Review
from bot.post import letters, outbox
from bot.request import Request
from tests import desk as desks
from tests.post.sink import Sink

OWN, CONTACT = 'lorebot@bots.example', 'owner@bots.example'


def table(address: str, **said: Any) -> str:
    """Return the table of a list that wants everything, but for what is said otherwise."""
    kinds = '["review", "inline", "lab", "points", "transcript", "status"]'
    given = {'opt_in': 'true', 'agreed': '"https://lore.example/agreed"', 'reply': '"list"', 'kinds': kinds, **said}
    return f'[list."{address}"]\n' + ''.join(f'{name} = {value}\n' for name, value in given.items())


@contextmanager
def desk(directory: Path, clock: desks.Clock, sink: Sink, policy: str, **more: Any) -> Iterator[Desk]:
    """Open a desk whose mail goes to the sink, by a policy."""
    (directory / 'policy.toml').write_text(policy)
    own = {
        'post.address': OWN,
        'post.contact': CONTACT,
        'post.policy': str(directory / 'policy.toml'),
        'send.server': '127.0.0.1',
        'send.port': sink.port,
        'send.encryption': 'none',
        **{key.replace('__', '.'): value for key, value in more.items()},
    }
    with desks.desk(directory, clock, **own) as at:
        yield at


def look(at: Desk, source: str, *stages: str, tree: Path | None = None, **more: Any) -> Review:
    return pipeline.review(Request(source, trees=(('demo', tree),) if tree else (), stages=stages, **more), at)


def enqueue(at: Desk, review: Review, kind: Any = 'review') -> Letter:
    """Write a mail about a review and put it into the outbox."""
    written = replies.write(review, kind, at=at.now())
    replies.enqueue(written, at, 'oskar')
    return next(one for one in at.letters() if one.id == written.draft.id)


def approve(at: Desk, letter: Letter) -> None:
    tell(at, letter, 'approved')


def tell(at: Desk, letter: Letter, what: LetterStep) -> None:
    with at.outbox() as box:
        letters.tell(box, letter, what, at.now(), 'oskar')


def send(at: Desk) -> list[str]:
    """Empty the outbox as `lorebot reply send` does; return what was done about each letter."""
    with at.outbox() as box:
        return [f'{h.what}: {h.note}' for h in outbox.drain(replies.office(at, box, engine.run_program))]
