# SPDX-License-Identifier: GPL-2.0-or-later
"""Takes: a series applied to a kernel tree, or a kernel image; targets, machines and guest tests as data.
Gives: build results with new diagnostics only, boot results with titled console events, the first bad patch.
Never: runs a submitter's code outside the sandbox unasked, calls anything passed that did not earn it.
"""

from bot.lab.attribute import first_bad, matrix
from bot.lab.base import Shop
from bot.lab.boot import Kernel, Site, boot_image
from bot.lab.boots import boot_series
from bot.lab.build import Built, build_series
from bot.lab.debian import fetch as fetch_debian
from bot.lab.plans import GuestTest, Machine, Target, guest_tests, machines, targets
from bot.lab.sandbox import probe

__all__ = [
    'Built',
    'GuestTest',
    'Kernel',
    'Machine',
    'Shop',
    'Site',
    'Target',
    'boot_image',
    'boot_series',
    'build_series',
    'fetch_debian',
    'first_bad',
    'guest_tests',
    'machines',
    'matrix',
    'probe',
    'targets',
]
