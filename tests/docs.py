# SPDX-License-Identifier: GPL-2.0-or-later
"""The pages of docs/ that are made from the code; `./bot.sh golden tests/setup` writes them anew.

The page about templates is made by the report room, and held current by its tests.
"""

from __future__ import annotations

from collections.abc import Iterator
from importlib import import_module
from pathlib import Path

import click

TOP = Path(__file__).resolve().parents[1]
_MADE = (
    'This page is made from the code by `./bot.sh golden tests/setup`; a test holds it current. Do not edit it by hand.'
)
_SPDX = '<!-- SPDX-License-Identifier: GPL-2.0-or-later -->'
_COLUMNS = 100
_ORDERS = """\
What lorebot reads from mails can be wrong, and people know more than mails say. A command says what should become of a
question. It is kept in a log that is never shortened; `lorebot questions undo` takes it back.

## On the command line

    lorebot questions resolve Q3.1-3 --series SOURCE : the cover letter of v2 explains it
    lorebot questions defer Q4,R2 --series SOURCE -m v3
    lorebot questions track MESSAGE-ID:12-14 --series SOURCE
    lorebot questions undo --series SOURCE

| target | means |
| --- | --- |
| `Q3`, `Q3.1`, `R2`, `P1` | the question, request or possible question of that id |
| `Q3.1-3`, `Q3-5` | all of these; commas join several targets |
| `q:3fa9c2d1` | the question whose hash begins so: 8 to 16 digits, the same on every machine |
| a message-id | all that is asked in that mail; with `:12-14` (of `track` only) these lines of it; in `<>` if it has a colon |
| `mine` | all that `--me` asked and that is not settled |
| `^` | in a mail: all that is asked in the mail it replies to |
| `c3fa9c2d1`, a message-id | of `undo`: that command; all that came in that mail; with no target one's own last |

Text follows a colon, or `-m`. `dup Q5: Q3` makes Q5 a duplicate of Q3, `merge Q3,Q5` the same.

The local user is `[user] address` or `--me`. What he is to a question is found by addresses: its asker (A), an author of the
series (S), or a maintainer (M) or reviewer (R) whom the longest pattern in MAINTAINERS names for a file the series touches. That
file is read from the base in `--tree`, never as a patch leaves it; "THE REST" counts with `[questions] the_rest`. Without a
tree nobody can tell: who is neither asker nor author is then taken for a maintainer, and told so. `--role` says otherwise.

A command sets the state on its day, and `--as-of` an earlier day does not know it. A later mail that speaks against what an
asker or a maintainer said is shown as the flag *contradicted*; what only an author claims or proposes, a protest of the
asker contests. `lorebot questions why` shows commands among the other events, `lorebot questions log` lists them all.

## In mails

The same words after `#lorebot` at the start of a line, as in `#lorebot resolve Q3: see v2`, in a paragraph of its own, not in a quote,
signature, diff, code or commit message, and not below another mail that is shown without quote marks (a forwarded one, an
Outlook copy, "Theo wrote:"). No target means what is quoted right above. They have to stand in the text/plain part of the
mail itself: attachments, forwarded mails, digests and mails in HTML alone have none, nor have mails of programs (vacation
replies, bounces). A mail has at most 20 commands; after 5 mistakes the rest is ignored. A day has at most 60 of one sender,
20 of all together who have no part in the series, and 200 of all but its authors and maintainers.

They take effect whenever `lorebot review` or `lorebot questions` reads the mail, as if given on its day, with the roles of
its sender's address; without a tree nobody is a maintainer by mail. What a command is about is looked up as it stood that
day, so the order in which mails are read changes nothing; reading one again, or a copy by a second list, neither. There is
no command that approves, releases or sends a letter.

Who sent a mail counts as proven by one of:

| proof | needs |
| --- | --- |
| a patatt signature of the very address | its key in `[attestation] keyrings` |
| a DKIM signature of the very domain in From | the key: `[attestation] dns` names who may be asked |
| dkim=pass for that domain in the topmost `Authentication-Results` | its server in `[attestation] authservs`; no host but such a one above it in `Received` |

The signature has to cover From, Message-ID, Subject and (DKIM) Date. Where it leaves out In-Reply-To or References, anybody
could hang the mail below another, and whoever answers two mails joins their threads: a command then, or in a mail that does
not itself say that it answers a posting of the series, has to name what it is about by `q:HASH` or message-id, or quote it. A
field that stands twice, a header that two programs could read differently, a From that is not one plain address or that a
list wrote (`Rita via list`, the address of a list or of its program), a text whose unsigned encoding makes it a command, and
a broken patatt signature are no proof. What is not proven is shown as unverified with the reason under what the report rests
on, and nothing is done; what is refused stands there, too. What was tried: [hostile.md](hostile.md).

`lorebot reply SOURCE --kind transcript` (or `status`, for mails that only ask) writes the answers, each to the proven sender
alone; `--queue` puts them into the outbox, where policy and gate have their say ([replies.md](replies.md)).

## Who may do what

A maintainer M, an asker A, an author S and a reviewer R are as above, O is anybody else. Somebody who is several acts in the
first of A M S R O that has an effect; where none has one, the command is refused.
"""


def commands_page() -> str:
    return page('# Commands', '\n'.join(_commands()))


def rules_page() -> str:
    checks, resources = import_module('bot.checks'), import_module('bot.resources')
    return page('# Rules', checks.describe(checks.load_rules([resources.shipped('rules')])))


def orders_page() -> str:
    questions = import_module('bot.questions')
    return page('# Commands about questions', f'{_ORDERS}\n{questions.reference()}\n')


def standing_page() -> str:
    return page('# Standing findings', import_module('tests.checks.triage').table())


def hostile_page() -> str:
    trees, mails = import_module('tests.trees.attacks'), import_module('tests.mail_attacks')
    return page('# What is tried against lorebot', f'{trees.table()}\n\n{mails.table()}')


PAGES = {
    'docs/cli.md': commands_page,
    'docs/rules.md': rules_page,
    'docs/commands.md': orders_page,
    'docs/standing-findings.md': standing_page,
    'docs/hostile.md': hostile_page,
}


def page(title: str, text: str) -> str:
    """Put the licence and the warning on top of a page; a text with a title of its own keeps it."""
    if text.startswith('# '):
        title, _, text = text.partition('\n')
    return f'{_SPDX}\n{title}\n\n{_MADE}\n\n{text.strip()}\n'


def walk() -> Iterator[tuple[str, click.Context]]:
    """Yield every command of the command line by its full name, groups before what they hold."""
    top: click.Group = import_module('bot.cli').lorebot
    yield from _below(_context(top, 'lorebot', None))


def _context(command: click.Command, name: str, parent: click.Context | None) -> click.Context:
    helped = command.context_settings.get('help_option_names')
    return click.Context(
        command, parent, name, terminal_width=_COLUMNS, max_content_width=_COLUMNS, help_option_names=helped
    )


def _below(context: click.Context) -> Iterator[tuple[str, click.Context]]:
    yield context.command_path, context
    if not isinstance(context.command, click.Group):
        return
    for name in context.command.list_commands(context):
        command = context.command.get_command(context, name)
        if command is not None and not command.hidden:
            yield from _below(_context(command, name, context))


def _commands() -> Iterator[str]:
    for name, context in walk():
        yield f'## {name}\n\n```text\n{context.get_help()}\n```\n'
