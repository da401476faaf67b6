# SPDX-License-Identifier: GPL-2.0-or-later
"""Commands in mails: where they may stand, how many are read, and that nobody's quoted words are his command."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot import lore, questions
from bot.model import Message
from bot.questions.commands import MOST_COMMANDS, MOST_MISTAKES, Written, commands_in
from bot.questions.grammar import Order, Refusal
from bot.questions.zones import layout
from tests.questions.ordered import RITA, Desk
from tests.questions.talks import Mail, ledger, raws, talk

DAY = datetime(2025, 3, 4, tzinfo=UTC)


def mail(body: str, subject: str = 'Re: x', author: str = f'Rita Reader <{RITA}>') -> Message:
    [message] = lore.parse(raws([Mail('m@x.example', author, DAY, subject, '', body)]), ())
    return message


def read(body: str, **more: str) -> tuple[Written, ...]:
    message = mail(body, **more)
    graph = lore.quotes([message])
    return commands_in(message, layout(message, graph.segments['m@x.example']))


def verbs(body: str, **more: str) -> list[str]:
    return [w.read.verb.name for w in read(body, **more) if isinstance(w.read, Order)]


def mistakes(body: str) -> list[str]:
    return [w.read.what for w in read(body) if isinstance(w.read, Refusal) and not w.read.quiet]


def test_a_command_is_a_paragraph_of_its_own_words() -> None:
    assert verbs('Thanks.\n\n#lorebot resolve Q3: see v2\n\nRita\n') == ['resolve']
    assert verbs('#lorebot resolve Q3\n#lorebot note Q4: hm\n') == ['resolve', 'note']
    assert mistakes('I think\n#lorebot resolve Q3\n') == ['a command needs a paragraph of its own']


def test_a_long_text_that_the_mailer_wrapped_is_one_text() -> None:
    [found] = read('#lorebot defer Q3: the plumbers conference in\nVienna, if we get a slot there\n\nOther words.\n')
    assert isinstance(found.read, Order)
    assert found.read.text == 'the plumbers conference in Vienna, if we get a slot there'
    assert (found.first, found.last) == (1, 2)


def test_what_is_quoted_right_above_is_what_it_is_about() -> None:
    body = 'Ann wrote:\n> Why?\n> Where?\n\n#lorebot resolve: here\n\nText.\n\n#lorebot note: far\n'
    assert [w.above for w in read(body)] == [(2, 3), ()]


@pytest.mark.parametrize(
    'body',
    [
        '> #lorebot resolve Q3\n',
        'Ann wrote:\n> > #lorebot resolve Q3\n> yes\n\nNo.\n',
        'Text.\n\n-- \n#lorebot resolve Q3\n',
        'Text.\n\n  #lorebot resolve Q3\n',
        'Text.\n\n\t#lorebot resolve Q3\n',
        'See:\n\ndiff --git a/x b/x\n--- a/x\n+++ b/x\n@@ -1 +1,2 @@\n x\n+#lorebot resolve Q3\n',
        'I say #lorebot resolve Q3 as I like\n',
        '#lorebots resolve Q3\n',
        'Before.\n\nIn v1 I wrote:\n#lorebot resolve Q3\n',
    ],
)
def test_nothing_else_is_a_command(body: str) -> None:
    assert verbs(body) == []
    assert mistakes(body) == []


def test_a_commit_message_gives_no_commands() -> None:
    body = 'Lend it.\n\n#lorebot mute\n\nSigned-off-by: A <a@b.example>\n---\n x | 1 +\n 1 file changed\n\ndiff --git a/x b/x\n'
    assert verbs(body, subject='[PATCH] x') == []


def test_programs_and_lorebot_itself_command_nothing() -> None:
    body = '#lorebot resolve Q3\n'
    assert verbs(body, author='kernel test robot <lkp@intel.com>') == []
    message = mail(body)
    shape = layout(message, lore.quotes([message]).segments['m@x.example'])
    assert commands_in(message, shape, own=RITA.upper()) == ()
    assert commands_in(replace(message, automatic=True), shape) == ()


def test_there_is_an_end_to_commands_and_to_mistakes() -> None:
    many = read('#lorebot note Q1: x\n' * 40)
    assert len(many) == MOST_COMMANDS + 1
    assert isinstance(many[-1].read, Refusal) and 'ignored after 20 commands' in many[-1].read.what
    bad = read('#lorebot nonsense\n' * 9 + '#lorebot note Q1: x\n')
    assert len(bad) == MOST_MISTAKES + 1 and all(isinstance(w.read, Refusal) for w in bad)


LINES = st.sampled_from(
    ['#lorebot resolve Q3', '#lorebot', '#lorebot ^track', '#LOREBOT drop Q1: x', '> #lorebot mute', '-- ', '```', 'text', '',
     '    code();', '+#lorebot x', '@@ -1 +1 @@', 'diff --git a/x b/x', 'On x, A wrote:', '#lorebot note Q1: \x00\x1b[2J', '|', '---']
)  # fmt: skip


@settings(max_examples=60, deadline=None)
@given(st.one_of(st.lists(LINES, max_size=30).map('\n'.join), st.text(max_size=300)), st.booleans())
def test_every_mail_gives_commands_or_reasons(body: str, patch: bool) -> None:
    message = replace(mail('x\n', subject='[PATCH] x' if patch else 'Re: x'), body=body)
    found = commands_in(message, layout(message, lore.quotes([message]).segments['m@x.example']))
    for one in found:
        assert 1 <= one.first <= one.last <= len(message.lines)
        line = message.lines[one.first - 1]
        assert '#lorebot' in line.lower()
        if isinstance(one.read, Order):
            assert line.lower().startswith('#lorebot')
        else:
            assert one.read.what and one.read.todo and f'm@x.example line {one.first}' in one.read.where


def test_where_nobody_looked_at_the_sender_mails_command_nothing() -> None:
    said = Mail(
        'c@r',
        f'Rita Reader <{RITA}>',
        DAY,
        'Re: x',
        'answer@author.example',
        '#lorebot resolve Q2.3: why not?\n\n#lorebot resolv Q2\n',
    )
    made, before = ledger([*talk('pinning'), said]), ledger(talk('pinning'))
    assert [(q.id, q.state, q.events) for q in made.questions] == [(q.id, q.state, q.events) for q in before.questions]
    assert made.commands == ()
    assert made.coverage.notes[0] == 'c@r: unverified command by Rita Reader, ignored: line 1, resolve'
    assert 'resolv is no command' in made.coverage.notes[1] and 'did you mean resolve?' in made.coverage.notes[1]


QUOTING = """\
Ann wrote:
> > 1) Who gives the page back, and when would that happen? What if the
> >    process dies first?
>
> The driver gives it back when the device reports that it is done. When
> the process dies, the release hook of the file does the same.

#lorebot track: who tells the device?

> > 3) How can we be sure that no second device (DMA engines?) asks for the
> >    same page?
>
> I can't :)

#lorebot defer: after we agree on
the flag
#lorebot note Q2.4: see above

#lorebot resolve Q77

#lorebot ^note: all of it

#lorebot status
"""


def test_a_command_in_a_mail_is_about_what_is_quoted_above_it() -> None:
    desk = Desk(
        [*talk('pinning'), Mail('c@r', f'Rita Reader <{RITA}>', DAY, 'Re: x', 'answer@author.example', QUOTING)]
    )
    message = next(m for m in desk.messages if m.message_id == 'c@r')
    known = questions.Known(desk.ledger(), desk.messages, desk.series)
    taken = questions.mailed(message, desk.graph.segments['c@r'], known, questions.Actor(RITA))
    told = {
        f'{w.first}-{w.last}': str(t)
        if isinstance(t, Refusal)
        else [(c.verb, a.name, a.effect) for c in t for a in c.aims]
        for w, t in taken
    }
    assert told == {
        '8-8': 'Q2.1 is tracked already (c@r line 8); nothing needs to be done',
        '15-16': [('defer', 'Q2.3', 'deferred')],
        '17-17': [('note', 'Q2.4', 'noted')],
        '19-19': 'there is no Q77 (c@r line 19); there are Q2, Q3, Q4, Q5',
        '21-21': [('note', 'Q3', 'noted')],
        '23-23': [],
    }
    log = [c for _, t in taken if not isinstance(t, Refusal) for c in t]
    assert {c.at for c in log} == {DAY} and {c.origin for c in log} == {'c@r line 15', 'c@r line 17', 'c@r line 21'}
    again = questions.mailed(message, desk.graph.segments['c@r'], known, questions.Actor(RITA))
    assert again == taken
    after = {q.id: q for q in desk.ledger(log=log).questions}
    assert (after['Q2.3'].state, after['Q2.3'].qualifier) == ('deferred', 'blocked-by')
    event = next(e for e in after['Q2.3'].events if e.command)
    assert (event.message_id, event.lines) == ('c@r', (15, 15))


def test_quoted_lines_that_ask_nothing_yet_can_be_tracked_by_mail() -> None:
    body = 'Ann wrote:\n> The loan is refused with -EBUSY, see borrow_page().\n\n#lorebot track\n'
    desk = Desk(
        [*talk('pinning'), Mail('c@r', 'Theo <theo@third.example>', DAY, 'Re: x', 'answer@author.example', body)]
    )
    message = next(m for m in desk.messages if m.message_id == 'c@r')
    known = questions.Known(desk.ledger(), desk.messages, desk.series)
    [(_, taken)] = questions.mailed(message, desk.graph.segments['c@r'], known, questions.Actor('theo@third.example'))
    assert not isinstance(taken, Refusal)
    new = next(q for q in desk.ledger(log=taken).questions if q.id == 'Q6')
    assert (new.message_id, new.lines, new.asker.email) == ('answer@author.example', (14, 14), 'ann@author.example')


def test_the_duplicate_is_what_is_quoted_when_only_the_other_is_named() -> None:
    body = 'Theo wrote:\n> Is the page lock held here?\n\n#lorebot dup Q4\n'
    desk = Desk([*talk('pinning'), Mail('c@r', 'Theo <theo@third.example>', DAY, 'Re: x', 'other@third.example', body)])
    message = next(m for m in desk.messages if m.message_id == 'c@r')
    known = questions.Known(desk.ledger(), desk.messages, desk.series)
    [(_, taken)] = questions.mailed(message, desk.graph.segments['c@r'], known, questions.Actor('theo@third.example'))
    assert not isinstance(taken, Refusal)
    assert [(a.name, a.effect) for a in taken[0].aims] == [('Q4', 'kept'), ('Q5', 'merged')]
