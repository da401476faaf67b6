# SPDX-License-Identifier: GPL-2.0-or-later
"""Takes: the PATH, the devices and the os-release of this machine.
Gives: every program lorebot can use, whether it is there and works, what it enables and the line that installs it.
Never: asks a network; installs nothing unless the command line runs the command it gave.
"""

from bot.doctor.distribution import install_command, read_release
from bot.doctor.machine import Answer, Machine, run_program, run_visibly
from bot.doctor.needs import Need, able, survey

__all__ = [
    'Answer',
    'Machine',
    'Need',
    'able',
    'install_command',
    'read_release',
    'run_program',
    'run_visibly',
    'survey',
]
