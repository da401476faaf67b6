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


def commands_page() -> str:
    return page('# Commands', '\n'.join(_commands()))


def rules_page() -> str:
    checks, resources = import_module('bot.checks'), import_module('bot.resources')
    return page('# Rules', checks.describe(checks.load_rules([resources.shipped('rules')])))


PAGES = {'docs/cli.md': commands_page, 'docs/rules.md': rules_page}


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
