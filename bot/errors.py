# SPDX-License-Identifier: GPL-2.0-or-later
"""What can go wrong for lorebot itself; what goes wrong for a kernel is data, never one of these.

    BotError
      UserError            exit 2: the request cannot be done as asked
        ConfigError          a setting, or the file that holds it
        RuleError            a rule file
        TemplateError        a template file, shipped or the user's own
        UnknownSource        SOURCE names no mail, thread or range
        UnusableThread       mail was found, no series can be made of it
        TreeError            --tree or --base names nothing usable
      InfraError           exit 3: asked rightly, the surroundings failed; `retry` says whether again may help
        ArchiveDown          no answer, or not a whole one, from a mail archive
        ToolMissing          a program that is needed is not installed
        StoreError           the database cannot be opened or is newer than this program
        JobLost              a job ended without a result
      Bug                  exit 4: lorebot broke a promise of its own

Every message has three parts: what could not be done, where, what to do.
"""

from __future__ import annotations


class BotError(Exception):
    """Carry the three parts of a message; `str()` joins them into the text a user reads."""

    exit_code = 4

    def __init__(self, what: str, *, where: str = '', todo: str = '') -> None:
        self.what, self.where, self.todo = what, where, todo
        super().__init__(what, where, todo)

    def __str__(self) -> str:
        sentence = f'{self.what} ({self.where})' if self.where else self.what
        return f'{sentence}; {self.todo}' if self.todo else sentence


class UserError(BotError):
    exit_code = 2


class ConfigError(UserError):
    pass


class RuleError(UserError):
    pass


class TemplateError(UserError):
    pass


class UnknownSource(UserError):
    pass


class UnusableThread(UserError):
    pass


class TreeError(UserError):
    pass


class InfraError(BotError):
    exit_code = 3
    retry = False


class ArchiveDown(InfraError):
    retry = True


class ToolMissing(InfraError):
    pass


class StoreError(InfraError):
    pass


class JobLost(InfraError):
    retry = True


class Bug(BotError):
    exit_code = 4
