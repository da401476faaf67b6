# SPDX-License-Identifier: GPL-2.0-or-later
"""Commands in mails through a whole review, signed with keys made here: whose take effect, and whose do not."""

from __future__ import annotations

import random
import re
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from bot import engine, orders, pipeline, stages
from bot.desk import Desk
from bot.model import Ledger
from bot.pipeline import Review
from bot.request import Request
from tests.desk import desk
from tests.lore import keys
from tests.questions.talks import Mail, raws, talk
from tests.test_signatures import name_server

RITA, ANN, THEO = 'rita@reader.example', 'ann@author.example', 'theo@third.example'
DAY = datetime(2025, 3, 4, tzinfo=UTC)
DOMAINS = ('reader.example', 'author.example', 'third.example', 'other.example')
RECORDS = {f's1._domainkey.{one}': keys.record(one) for one in DOMAINS}
ORDER = '#lorebot resolve Q2.3: see v2\n'
Change = Callable[[bytes], bytes]


@pytest.fixture(autouse=True)
def here(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(engine, 'run_job', lambda spec, minutes, progress: stages.perform(spec, progress))


@pytest.fixture(scope='module')
def dns() -> Iterator[str]:
    with name_server(RECORDS) as (address, _):
        yield address


def said(body: str = ORDER, who: str = f'Rita Reader <{RITA}>', mid: str = 'c@r', at: datetime = DAY) -> bytes:
    """Return a reply to Ann's answer with a text."""
    mails = talk('pinning')
    mails.append(Mail(mid, who, at, 'Re: x', 'answer@author.example', body))
    return raws(mails)[-1].raw


def dkim(mail: bytes, domain: str = 'reader.example', at: datetime = DAY, **how: Any) -> bytes:
    return keys.with_dkim(mail, domain, domain, at, **how)


class Talk:
    """The conversation about pinning with further mails, read by desks of one store."""

    def __init__(self, directory: Path, dns: str) -> None:
        self.directory = directory
        self.settings: dict[str, Any] = {'attestation__dns': dns}

    @contextmanager
    def desk(self) -> Iterator[Desk]:
        with desk(self.directory, **self.settings) as at:
            yield at

    def look(self, at: Desk, mails: Sequence[bytes], as_of: datetime | None = None) -> Review:
        folder = self.directory / 'mails'
        folder.mkdir(exist_ok=True)
        for old in folder.iterdir():
            old.unlink()
        for n, mail in enumerate([*(r.raw for r in raws(talk('pinning'))), *mails]):
            (folder / f'{n:03}.eml').write_bytes(mail)
        return pipeline.review(Request(str(folder), stages=('questions',), as_of=as_of), at)

    def ledger(self, *mails: bytes, as_of: datetime | None = None) -> Ledger:
        with self.desk() as at:
            return orders.ledger(self.look(at, mails, as_of))


@pytest.fixture
def pinning(tmp_path: Path, dns: str) -> Talk:
    return Talk(tmp_path, dns)


def state(ledger: Ledger, name: str) -> tuple[str, str]:
    return next((q.state, q.qualifier) for q in ledger.questions if q.id == name)


def log(ledger: Ledger) -> list[tuple[str, str, str]]:
    return [(c.actor, c.verb, c.origin) for c in ledger.commands]


def notes(ledger: Ledger) -> str:
    return '\n'.join(
        n
        for n in ledger.coverage.notes
        if 'lorebot' in n or 'command' in n or ': refused, ' in n or n.startswith('not taken')
    )


def test_a_signed_command_takes_effect_like_a_local_one(pinning: Talk) -> None:
    before = pinning.ledger()
    made = pinning.ledger(dkim(said()))
    assert (state(before, 'Q2.3')[0], state(made, 'Q2.3')) == ('open', ('resolved', 'accepted'))
    assert log(made) == [(RITA, 'resolve', 'c@r line 1')]
    event = next(e for q in made.questions for e in q.events if e.command)
    assert (event.message_id, event.lines, event.actor, event.rule) == ('c@r', (1, 1), RITA, 'resolved')
    assert notes(made) == ''
    with pinning.desk() as at:
        assert at.commands(['answer@author.example', 'c@r', *(m.message_id for m in talk('pinning'))]) == made.commands


def test_patatt_with_a_known_key(pinning: Talk, tmp_path: Path) -> None:
    keys.publish(tmp_path / 'ring', RITA, 'rita')
    pinning.settings['attestation__keyrings'] = (str(tmp_path / 'ring'),)
    plain = pinning.ledger(keys.with_patatt(said(), RITA, 'rita', DAY))
    assert log(plain) == []
    assert 'no signature says which mail it answers' in notes(plain)
    broken = keys.with_patatt(said(mid='e@r'), RITA, 'rita', DAY).replace(b'see v2', b'see v3')
    assert log(pinning.ledger(dkim(broken))) == []  # the domain stands for what the person did not sign
    name = next(q.qhash for q in plain.questions if q.id == 'Q2.3')[:12]
    bound = said(f'#lorebot resolve q:{name}: see v2\n')
    assert state(pinning.ledger(keys.with_patatt(bound, RITA, 'rita', DAY)), 'Q2.3') == ('resolved', 'accepted')


NOT_PROVEN: dict[str, tuple[Change, str]] = {
    'unsigned': (lambda m: m, 'it is not signed'),
    'text changed': (lambda m: dkim(m).replace(b'see v2', b'see v3'), 'its text is not the text that was signed'),
    'header changed': (lambda m: dkim(m).replace(b'Re: x', b'Re: y'), 'its header is not the header that was signed'),
    'of another domain': (lambda m: dkim(m, 'other.example'), 'other.example signed it, not rita@reader.example'),
    'another message-id': (
        lambda m: dkim(m).replace(b'<c@r>', b'<d@r>'),
        'its header is not the header that was signed',
    ),
    'no id signed': (
        lambda m: dkim(m, include_headers=[b'from', b'date', b'subject']),
        'its signature leaves out Message-Id',
    ),
    'no date signed': (
        lambda m: dkim(m, include_headers=[b'from', b'message-id', b'subject']),
        'its signature leaves out Date',
    ),
    'a second id on top': (lambda m: b'Message-ID: <c@r>\n' + dkim(m), 'it has 2 fields Message-Id'),
    'a second parent on top': (lambda m: b'In-Reply-To: <x@y>\n' + dkim(m), 'it has 2 fields In-Reply-To'),
    'a second sender on top': (lambda m: b'From: Theo <theo@third.example>\n' + dkim(m), 'it has 2 fields From'),
    'too late': (lambda m: dkim(m, at=DAY + timedelta(days=80)), ''),
    'by a list': (
        lambda m: dkim(m.replace(b'Rita Reader <', b'"Rita Reader via L" <')),
        'its From is not that of one person: a list wrote it',
    ),
    'a key nobody knows': (lambda m: keys.with_patatt(m, RITA, 'k', DAY), f'no key of {RITA} is in the keyrings'),
}


@pytest.mark.parametrize('how', NOT_PROVEN)
def test_what_is_not_proven_is_shown_and_does_nothing(how: str, pinning: Talk) -> None:
    change, why = NOT_PROVEN[how]
    made = pinning.ledger(change(said()))
    assert log(made) == []
    assert state(made, 'Q2.3')[0] == 'open'
    assert 'unverified command by ' in notes(made) and 'ignored: line 1, resolve' in notes(made)
    assert why in notes(made)


@pytest.mark.parametrize(
    'body', [f'Theo wrote:\n> {ORDER}\nNo.\n', f'Text.\n\n-- \n{ORDER}', f'I like\n{ORDER}', '#lorebot approve Q2.3\n']
)
def test_signed_words_that_are_no_command(body: str, pinning: Talk) -> None:
    assert log(pinning.ledger(dkim(said(body)))) == []


def test_programs_and_lorebot_itself_command_nothing(pinning: Talk) -> None:
    robot = said('#lorebot note Q2: x\n', 'kernel test robot <bot@reader.example>')
    automatic = b'Auto-Submitted: auto-replied\n' + said()
    assert log(pinning.ledger(dkim(robot), dkim(automatic.replace(b'c@r', b'd@r')))) == []
    pinning.settings['post__address'] = RITA
    assert log(pinning.ledger(dkim(said()))) == []


def test_a_copy_by_a_second_list_and_a_second_reading_change_nothing(pinning: Talk) -> None:
    one = dkim(said())
    copy = b'List-Id: <b.lists.example>\nReceived: from a by b; Tue, 04 Mar 2025 00:05:00 +0000\n' + one
    first = pinning.ledger(one)
    assert pinning.ledger(one) == first
    both = pinning.ledger(copy, one)
    assert log(both) == log(first)
    assert [(q.id, q.state, len(q.events)) for q in both.questions] == [
        (q.id, q.state, len(q.events)) for q in first.questions
    ]


def test_other_words_under_the_id_of_a_signed_mail_are_not_taken(pinning: Talk) -> None:
    """Which of two copies is read is the archive's choice: it must be the very one that is proven."""
    forged = b'List-Id: <a.first.example>\n' + said('#lorebot withdraw Q2.3\n')
    pinning.settings['archive__prefer_lists'] = ('a.first.example',)
    for mails in ([forged, dkim(said())], [dkim(said()), forged]):
        made = pinning.ledger(*mails)
        assert ('withdraw' in str(log(made)), state(made, 'Q2.3')[0] == 'withdrawn') == (False, False)


def test_a_signed_mail_that_is_moved_to_another_thread_does_nothing(pinning: Talk) -> None:
    """The signature leaves out what it answers: whoever resends the mail can hang it below anything."""
    loose = [b'from', b'date', b'message-id', b'subject', b'content-type', b'content-transfer-encoding']
    moved = dkim(said('#lorebot resolve Q2.3\n\n#lorebot mute\n'), include_headers=loose)
    moved = moved.replace(b'In-Reply-To: <answer@author.example>', b'In-Reply-To: <other@third.example>')
    made = pinning.ledger(moved)
    assert log(made) == []
    assert notes(made).count('no signature says which mail it answers') == 2


def test_roles_are_those_of_local_commands(pinning: Talk) -> None:
    theo = said('#lorebot drop Q2.3: no\n\n#lorebot note Q2.3: hm\n', f'Theo <{THEO}>')
    ann = said('#lorebot resolve Q2.3: v2\n', f'Ann <{ANN}>', 'a@a', DAY + timedelta(hours=1))
    made = pinning.ledger(dkim(theo, 'third.example'), dkim(ann, 'author.example'))
    assert log(made) == [(THEO, 'note', 'c@r line 3'), (ANN, 'resolve', 'a@a line 1')]
    assert f'{THEO} cannot drop Q2.3, being somebody else' in notes(made)
    assert state(made, 'Q2.3') == ('resolved', 'claimed')


def test_undo_by_mail_and_by_hand(pinning: Talk) -> None:
    one = dkim(said())
    given = pinning.ledger(one).commands[0].id
    stranger = dkim(
        said(f'#lorebot undo {given}\n', f'Theo <{THEO}>', 'u@t', DAY + timedelta(hours=1)), 'third.example'
    )
    assert state(pinning.ledger(one, stranger), 'Q2.3') == ('resolved', 'accepted')
    own = dkim(said('#lorebot undo <c@r>\n', mid='u@r', at=DAY + timedelta(hours=2)))
    back = pinning.ledger(one, own)
    assert (state(back, 'Q2.3')[0], back.undone) == ('open', (given,))
    with pinning.desk() as at:
        review = pinning.look(at, [one])
        orders.command(review, f'undo {back.commands[-1].id}', RITA)
    assert state(pinning.ledger(one, own), 'Q2.3') == ('resolved', 'accepted')


def test_commands_of_one_mail_act_in_the_order_of_its_lines(pinning: Talk) -> None:
    last = [('resolve Q2.3', 'resolved'), ('reopen Q2.3: no', 'open'), ('defer Q2.3: LPC', 'deferred')]
    for n in range(3):
        body = '\n\n'.join(f'#lorebot {line}' for line, _ in [*last[n:], *last[:n]]) + '\n\n#lorebot undo\n'
        mail = dkim(said(body, mid=f'c{n}@r', at=DAY + timedelta(hours=n)))
        assert state(pinning.ledger(mail), 'Q2.3')[0] == [*last[n:], *last[:n]][1][1]


def test_the_order_of_reading_changes_nothing(tmp_path: Path, dns: str) -> None:
    mails = [
        dkim(said('#lorebot note Q2.3: one\n', f'Theo <{THEO}>', 'n@t'), 'third.example'),
        dkim(said('#lorebot resolve Q2.3: two\n', mid='r@r', at=DAY + timedelta(hours=1))),
        dkim(said('#lorebot undo\n', mid='u@r', at=DAY + timedelta(hours=2))),
        dkim(said('#lorebot defer Q2.3: v9\n', mid='d@r', at=DAY + timedelta(hours=3))),
        dkim(said('#lorebot mute\n', f'Ann <{ANN}>', 'm@a', DAY + timedelta(hours=4)), 'author.example'),
    ]
    found = []
    for seed in range(4):
        order = random.Random(seed).sample(mails, len(mails)) if seed else mails
        (tmp_path / str(seed)).mkdir()
        at = Talk(tmp_path / str(seed), dns)
        for n in range(0 if seed else 4, 5):
            made = at.ledger(*order[: n + 1])
        found.append(made)
    assert found[0] == found[1] == found[2] == found[3]
    assert [verb for _, verb, _ in log(found[0])] == ['note', 'resolve', 'undo', 'defer', 'mute']
    assert state(found[0], 'Q2.3')[0] == 'deferred'


def test_an_earlier_day_does_not_know_a_later_command(pinning: Talk) -> None:
    pinning.ledger(dkim(said()))
    assert log(pinning.ledger(dkim(said()), as_of=DAY - timedelta(hours=1))) == []
    assert len(log(pinning.ledger(dkim(said()), as_of=DAY))) == 1


def test_there_is_an_end_to_commands_and_to_mistakes(pinning: Talk) -> None:
    many = ''.join(f'#lorebot note Q2.3: x{n}\n\n' for n in range(30))
    made = pinning.ledger(dkim(said(many)))
    assert len(made.commands) == 20 and 'ignored after 20 commands' in notes(made)
    bad = '#lorebot nonsense\n\n' * 6 + '#lorebot note Q2.3: late\n'
    made = pinning.ledger(dkim(said(bad, mid='b@r')))
    assert 'ignored after 5 mistakes' in notes(made) and 'late' not in str(made.commands)


def notes_of(who: str, mid: str, count: int, hour: int) -> bytes:
    text = ''.join(f'#lorebot note Q2.3: {mid} {n}\n\n' for n in range(count))
    return dkim(said(text, f'X <{who}>', mid, DAY + timedelta(hours=hour)), who.rpartition('@')[2])


def test_there_is_an_end_to_commands_of_a_day(pinning: Talk) -> None:
    """A domain of one's own has addresses without end: who has no part in the series shares one measure with all such."""
    mails = [notes_of(RITA, f'r{n}@r', 20, n) for n in range(4)]
    mails += [notes_of(f'p{n}@other.example', f'p{n}@o', 9, n) for n in range(3)]
    mails.append(notes_of('late@other.example', 'late@o', 1, 25))
    made = pinning.ledger(*mails)
    count = Counter(c.actor for c in made.commands)
    assert count == {
        RITA: 60,
        'p0@other.example': 9,
        'p1@other.example': 9,
        'p2@other.example': 2,
        'late@other.example': 1,
    }
    assert f'60 commands a day are taken of {RITA}; send it tomorrow' in notes(made)
    refused = [n for n in made.coverage.notes if ': refused, ' in n]
    assert len(refused) == 20 and '7 more commands in mails were refused' in notes(made)
    assert ANN in {c.actor for c in pinning.ledger(*mails, notes_of(ANN, 'a@a', 1, 5)).commands}


def test_a_day_is_that_of_arrival(pinning: Talk) -> None:
    by = b'Received: from a by mx.list.example; Tue, 04 Mar 2025 09:00:00 +0000\n'
    mails = [by + notes_of(f'p{n}@other.example', f'p{n}@o', 9, hour) for n, hour in enumerate((5, -3, -2))]
    assert len(pinning.ledger(*mails).commands) == 20


def test_who_came_first_counts_in_whatever_order_mails_are_read(tmp_path: Path, dns: str) -> None:
    mails = [notes_of(f'p{n}@other.example', f'p{n}@o', 9, n) for n in range(3)]
    for name in ('a', 'b'):
        (tmp_path / name).mkdir()
    late = Talk(tmp_path / 'a', dns)
    assert len(late.ledger(*mails[1:]).commands) == 18
    assert late.ledger(*mails) == Talk(tmp_path / 'b', dns).ledger(*mails)


def test_a_command_of_another_conversation_in_the_same_file_is_not_about_this_one(pinning: Talk) -> None:
    apart = said(mid='z@r').replace(b'answer@author.example', b'else@third.example')
    apart = re.sub(rb'References: .*', b'References: <else@third.example>', apart)
    made = pinning.ledger(dkim(apart), apart.replace(b'z@r', b'y@r'))
    assert log(made) == [] and notes(made) == ''
    bridge = said('See there.\n', f'Theo <{THEO}>', 'b@t').replace(b'References: ', b'References: <z@r> ')
    made = pinning.ledger(dkim(apart), bridge)
    assert log(made) == [] and 'it answers something else than this series' in notes(made)
    name = next(q.qhash for q in made.questions if q.id == 'Q2.3')[:12]
    meant = apart.replace(b'resolve Q2.3', f'resolve q:{name}'.encode())
    assert log(pinning.ledger(dkim(meant), bridge)) == [(RITA, 'resolve', 'z@r line 1')]


def test_what_would_be_a_proof_is_told_once(pinning: Talk) -> None:
    made = pinning.ledger(said(), said(mid='d@r'))
    assert sum(n.startswith('a command counts with a DKIM signature') for n in made.coverage.notes) == 1
    assert 'a command counts' not in notes(pinning.ledger(dkim(said('#lorebot drop Q2.3: no\n'))))


ABOVE = 'Received: from a (a [192.0.2.1]) by mx.list.example (Postfix); Tue, 04 Mar 2025 00:00:05 +0000\n'
TOLD = 'Authentication-Results: mx.list.example; dkim=pass (1 key) header.d=reader.example header.i=@reader.example\n'
FOREIGN = 'Received: from mx.list.example (x [192.0.2.2]) by relay.example; Tue, 04 Mar 2025 00:00:06 +0000\n'


@pytest.mark.parametrize(
    ('above', 'taken'),
    [
        (ABOVE + TOLD, True),
        (TOLD + ABOVE, True),
        (TOLD, False),
        (FOREIGN + ABOVE + TOLD, False),
        (ABOVE.replace('mx.list', 'mx.other') + TOLD, False),
        (ABOVE + TOLD.replace('mx.list', 'mx.other'), False),
        (ABOVE + TOLD.replace('mx.list', 'mx.other') + TOLD, False),
        (ABOVE + TOLD.replace('dkim=pass', 'dkim=fail'), False),
        (ABOVE + TOLD.replace('dkim=pass', 'spf=pass'), False),
        (ABOVE + TOLD.replace('dkim=pass', 'dkim=fail (dkim=pass)'), False),
        (ABOVE + TOLD.replace('reader.example', 'other.example'), False),
        (ABOVE + TOLD.replace('header.i=@', 'header.i=mary@'), False),
        (
            ABOVE
            + TOLD.replace('dkim=pass', 'spf=pass smtp.mailfrom="x; dkim=pass').replace('\n', ' y"@evil.example\n'),
            False,
        ),
        (ABOVE + TOLD.replace('dkim=pass (1 key)', 'spf=pass (a (b); dkim=pass').replace('\n', ' c)\n'), False),
        (ABOVE + TOLD.replace('dkim=pass', 'spf=pass (a \\) (b'), False),
        (ABOVE + TOLD.replace('(1 key)', '(1 (small) key, "quoted)'), True),
    ],
)
def test_the_word_of_a_server_that_is_trusted(above: str, taken: bool, pinning: Talk) -> None:
    pinning.settings = {'attestation__authservs': ('mx.list.example',)}
    made = pinning.ledger(above.encode() + dkim(said()))
    assert bool(log(made)) == taken
    pinning.settings = {'store__path': str(pinning.directory / 'other')}
    assert log(pinning.ledger(above.encode() + dkim(said()))) == []


def test_a_server_vouches_for_what_was_signed_alone(pinning: Talk) -> None:
    pinning.settings = {'attestation__authservs': ('mx.list.example',)}
    some = dkim(said(), include_headers=[b'from', b'date', b'subject'])
    assert log(pinning.ledger((ABOVE + TOLD).encode() + some)) == []
    short = dkim(said(), length=True)
    assert log(pinning.ledger((ABOVE + TOLD).encode() + short)) == []


def test_a_text_that_only_its_encoding_makes_a_command(pinning: Talk) -> None:
    """The way a text travels is no part of a signature that leaves it out; a command must stand there in the open."""
    some = [b'from', b'date', b'message-id', b'subject', b'in-reply-to', b'references']
    innocent = said('=23lorebot resolve Q2.3\n')
    changed = dkim(innocent, include_headers=some).replace(b'Encoding: 8bit', b'Encoding: quoted-printable')
    made = pinning.ledger(changed)
    assert log(made) == [] and 'how its text is encoded' in notes(made)
    assert len(log(pinning.ledger(dkim(said(), include_headers=some)))) == 1


def test_mime_in_mime_in_mime_and_a_mail_without_text(pinning: Talk) -> None:
    deep = said(mid='deep@r').partition(b'MIME-Version')[0]
    for n in range(300):
        deep += b'Content-Type: multipart/mixed; boundary=b%d\n\n--b%d\n' % (n, n)
    deep += b'Content-Type: text/plain\n\n' + ORDER.encode()
    bare = said(mid='bare@r').partition(b'\n\n')[0]
    made = pinning.ledger(dkim(deep), bare, dkim(said()))
    assert log(made) == [(RITA, 'resolve', 'c@r line 1')]


@pytest.mark.long
def test_a_mail_of_ten_megabytes(pinning: Talk) -> None:
    large = said('x' * 70 + '\n' + ('y' * 70 + '\n') * 140_000 + '\n' + ORDER, mid='large@r')
    made = pinning.ledger(large)
    assert log(made) == [] and state(made, 'Q2.3')[0] == 'open'


def test_who_is_meant_is_written_down_once(pinning: Talk) -> None:
    """Homoglyphs and capitals: an address is compared whole, in lower case."""
    capital = said(who='Rita <RITA@Reader.example>')
    assert log(pinning.ledger(dkim(capital))) == [(RITA, 'resolve', 'c@r line 1')]
    alike = said('#lorebot withdraw Q2.3\n', 'Rita <r\u0456ta@reader.example>', 'h@r')
    assert 'withdraw' not in str(log(pinning.ledger(alike)))
