# SPDX-License-Identifier: GPL-2.0-or-later
"""Groups of commands of which one is meant when none is named."""

from __future__ import annotations

from typing import ClassVar

import click


class Listing(click.Group):
    """Takes a first word that is none of its commands for the argument of the command `first`."""

    first: ClassVar[str] = 'list'

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        if args and args[0] not in self.commands and args[0] not in self.get_help_option_names(ctx):
            args = [self.first, *args]
        return super().parse_args(ctx, args)

    def get_params(self, ctx: click.Context) -> list[click.Parameter]:
        """Show the options of that command, which may be given without its name."""
        options = [p for p in self.commands[self.first].params if isinstance(p, click.Option)]
        return [*options, *super().get_params(ctx)]

    def list_commands(self, ctx: click.Context) -> list[str]:
        return list(self.commands)

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        with formatter.section('Commands'):
            formatter.write_dl([(name, (one.help or '').split('\n')[0]) for name, one in self.commands.items()])

    def collect_usage_pieces(self, ctx: click.Context) -> list[str]:
        return ['[OPTIONS] SOURCE | COMMAND [ARGS]...']
