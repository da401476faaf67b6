# SPDX-License-Identifier: GPL-2.0-or-later
"""Takes: the command line.
Gives: the result on stdout, progress and warnings on stderr, an exit code (0 fine, 1 found something, 2 your mistake,
3 surroundings failed, 4 our bug).
Never: decides anything about a series; the only room that prints, and the only one that knows click and rich.
"""

from __future__ import annotations

import importlib
import logging
import os
import signal
import sys
from typing import NoReturn

import click

from bot import __version__
from bot.errors import BotError

# Name, module, and what `--help` says: looking it up in the module would import every parser and git library there is.
_COMMANDS = (
    ('review', 'bot.cli.review', 'Review the series that SOURCE names.'),
    (
        'questions',
        'bot.cli.questions',
        'List the questions asked about the series that SOURCE names, with their state.',
    ),
    (
        'verify-reroll',
        'bot.cli.reroll',
        'Say what patches that were not sent yet would leave open of the earlier review.',
    ),
    ('series', 'bot.cli.series', 'Tell which postings make one series, and correct it by hand.'),
    ('queue', 'bot.cli.queue', 'Say which series need you now, why, and in which order.'),
    ('check', 'bot.cli.check', 'Check GUP flags and page reference counts in a tree, a range or a series.'),
    ('build', 'bot.cli.lab', 'Build every patch of the series and report what each brings.'),
    (
        'boot',
        'bot.cli.lab',
        'Boot every patch of the series, or a kernel image, as a pKVM host and run the guest tests.',
    ),
    ('reply', 'bot.cli.reply', 'Draft mails about a series, approve them, and send what may go out.'),
    ('tree', 'bot.cli.tree', 'Look at the kernel trees that series are applied to, add one, remove one.'),
    ('rules', 'bot.cli.check', 'Look at the rules of the static checks.'),
    ('doctor', 'bot.cli.setup', 'Say which programs are missing, what each enables and how to install it.'),
    ('config', 'bot.cli.setup', 'Look at the settings in force.'),
    (
        'demo',
        'bot.cli.setup',
        'Review a bundled series, written for lorebot, on a kernel-shaped tree built on the fly.',
    ),
    ('job', 'bot.cli.job', ''),
)
_MODULES = {name: module for name, module, _ in _COMMANDS}


class Commands(click.Group):
    """Imports a command's module only when that command is run."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        return list(_MODULES)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        if cmd_name not in _MODULES:
            return None
        found: click.Command = getattr(importlib.import_module(_MODULES[cmd_name]), cmd_name.replace('-', '_'))
        return found

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        with formatter.section('Commands'):
            formatter.write_dl([(name, said) for name, _, said in _COMMANDS if said])


@click.group(cls=Commands, context_settings={'help_option_names': ['-h', '--help']})
@click.version_option(__version__, prog_name='lorebot')
@click.option('-v', '--verbose', count=True, help='Say what is being done; twice for every detail.')
def lorebot(verbose: int) -> None:
    """Review Linux kernel patch series and keep account of the questions asked about them."""
    level = (logging.WARNING, logging.INFO, logging.DEBUG)[min(verbose, 2)]
    # What these say of a connection, the error at the end says in one sentence.
    for library in ('urllib3', 'liblore'):
        logging.getLogger(library).setLevel((logging.CRITICAL, logging.WARNING, logging.DEBUG)[min(verbose, 2)])
    logging.basicConfig(level=level, format='lorebot: %(message)s', stream=sys.stderr, force=True)


def main() -> NoReturn:
    """Run the command line and exit."""
    sys.exit(run(sys.argv[1:]))


def run(arguments: list[str]) -> int:
    """Run one command and return its exit code; every error ends here as one sentence."""
    try:
        status = lorebot.main(arguments, prog_name='lorebot', standalone_mode=False)
        sys.stdout.flush()
        return status if isinstance(status, int) else 0
    except BotError as failure:
        return _say(str(failure), failure.exit_code)
    except click.ClickException as wrong:
        wrong.show()
        return 2
    except (KeyboardInterrupt, click.Abort):
        return _say('interrupted; what was finished is kept', 128 + signal.SIGINT)
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 128 + signal.SIGPIPE
    except Exception as bug:
        return _complain(bug)


def _complain(bug: Exception) -> int:
    if isinstance(bug, OSError) and bug.filename is not None and bug.strerror:
        return _say(f'cannot use {bug.filename}: {bug.strerror}; name another path, or mend this one', 2)
    logging.getLogger(__name__).debug('the traceback', exc_info=bug)
    where = _innermost(bug)
    return _say(f'bug: {type(bug).__name__}: {bug} ({where}); run with -vv and report what it prints', 4)


def _innermost(bug: Exception) -> str:
    trace = bug.__traceback__
    while trace is not None and trace.tb_next is not None:
        trace = trace.tb_next
    return f'{trace.tb_frame.f_code.co_name}, line {trace.tb_lineno}' if trace else ''


def _say(sentence: str, status: int) -> int:
    click.echo(f'lorebot: {sentence}', err=True)
    return status
