# SPDX-License-Identifier: GPL-2.0-or-later
"""A conversation with commands in its mails: who is answered, with which words, once; whole mails compared."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from bot import engine, replies, stages
from bot.desk import Desk
from bot.errors import UserError
from bot.model import Letter, ReplyKind
from bot.post import letters
from tests.desk import Clock
from tests.lore.public_inbox import mboxrd
from tests.post import office
from tests.post.sink import Sink
from tests.questions.talks import Mail, raws, talk
from tests.test_incoming import ANN, DAY, RECORDS, RITA, THEO, dkim
from tests.test_signatures import name_server

HERE = Path(__file__).parent / 'stories'
LIST = 'list@lists.example'
Golden = Callable[[Path, str], None]


def mails() -> list[bytes]:
    """Rita commands and asks; Theo says that he is Rita; Ann asks; somebody asks for what no mail can have."""
    told = [
        (
            'r1@r',
            f'Rita <{RITA}>',
            '#lorebot resolve Q2.3: v2 says it\n\n#lorebot frobnicate Q2\n\n#lorebot status Q2.3\n',
        ),
        ('f@t', f'Rita <{RITA}>', '#lorebot withdraw Q3\n'),
        ('a@a', f'Ann <{ANN}>', '#lorebot status\n'),
        ('t@t', f'Theo <{THEO}>', '#lorebot approve\n\n#lorebot release\n\n#lorebot undo <r1@r>\n'),
    ]
    plain = talk('pinning')
    for n, (mid, who, body) in enumerate(told):
        plain.append(Mail(mid, who, DAY + timedelta(hours=n), 'Re: x', 'answer@author.example', body))
    made = [one.raw for one in raws(plain)]
    signers = {'r1@r': 'reader.example', 'a@a': 'author.example', 't@t': 'third.example'}
    for at, mail in enumerate(plain):
        if mail.message_id in signers:
            made[at] = dkim(made[at], signers[mail.message_id], mail.date)
    return made


class Office:
    """A desk that answers, on the day after."""

    def __init__(self, directory: Path, sink: Sink, dns: str) -> None:
        self.directory, self.sink, self.dns, self.clock = directory, sink, dns, Clock()
        self.clock.now = datetime(2025, 3, 5, 9, tzinfo=UTC)
        self.policy = office.table(LIST, approval='false', per_hour='9')
        (directory / 'talk.mbox').write_bytes(mboxrd(mails()))

    def answer(self, kind: ReplyKind, mail: str = '') -> list[str]:
        """Queue the answers of a kind; return what became of each."""
        with self.desk() as at:
            review = office.look(at, str(self.directory / 'talk.mbox'), 'questions')
            made = replies.answers(review, kind, mail, at.now())
            return [replies.enqueue(one, at, 'oskar') for one in made]

    def desk(self) -> AbstractContextManager[Desk]:
        return office.desk(
            self.directory,
            self.clock,
            self.sink,
            self.policy,
            attestation__dns=self.dns,
            archive__link='https://lore.example/r/',
        )

    def send(self) -> tuple[list[str], tuple[Letter, ...]]:
        with self.desk() as at:
            return office.send(at), at.letters()

    def sent(self) -> list[str]:
        return [mail.raw.decode().replace('\r\n', '\n') for mail in self.sink.taken]


@pytest.fixture
def bureau(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Office]:
    monkeypatch.setattr(engine, 'run_job', lambda spec, minutes, progress: stages.perform(spec, progress))
    with Sink() as sink, name_server(RECORDS) as (dns, _):
        yield Office(tmp_path, sink, dns)


def test_the_proven_senders_alone_are_answered_and_each_once(bureau: Office, golden: Golden) -> None:
    bureau.answer('transcript')
    bureau.answer('status')
    first, held = bureau.send()
    assert {letters.draft_of(one).answers.message_id for one in held} == {'r1@r', 'a@a', 't@t'}
    assert [one.partition(':')[0] for one in first] == ['sent'] * 3
    assert sorted(str(mail.to) for mail in bureau.sink.taken) == sorted(str([one]) for one in (RITA, ANN, THEO))
    bureau.answer('transcript')
    bureau.send()
    assert len(bureau.sink.taken) == 3
    golden(HERE / 'answers.sent.txt', '\n=====\n'.join(bureau.sent()))


def test_who_opted_out_is_not_answered_and_no_list_no_answer(bureau: Office) -> None:
    bureau.policy += f'[people]\nopted_out = ["{RITA}"]\n'
    bureau.answer('transcript', 'r1@r')
    bureau.send()
    assert bureau.sink.taken == []
    bureau.policy = office.table(LIST, opt_in='false')
    bureau.answer('status')
    bureau.send()
    assert bureau.sink.taken == []


def test_approval_is_never_given_by_mail(bureau: Office) -> None:
    bureau.policy = office.table(LIST)
    bureau.answer('transcript', 't@t')
    said, held = bureau.send()
    assert bureau.sink.taken == [] and [letters.state(one) for one in held] == ['waiting']


def test_a_forged_mail_has_no_answer(bureau: Office) -> None:
    with pytest.raises(UserError, match='no mail asks for a transcript'):
        bureau.answer('transcript', 'f@t')
