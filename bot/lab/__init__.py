# SPDX-License-Identifier: GPL-2.0-or-later
"""Takes: a series applied to a kernel tree, or a kernel image; targets, machines and guest tests as data.
Gives: build results with new diagnostics only, boot results with titled console events, the first bad patch.
Never: runs a submitter's code outside the sandbox unasked, calls anything passed that did not earn it.
"""

from bot.lab.attribute import first_bad, matrix
from bot.lab.base import Shop, warm
from bot.lab.boot import Kernel, Site, boot_image
from bot.lab.boots import boot_series
from bot.lab.build import Built, build_series
from bot.lab.debian import Fetched, kept
from bot.lab.debian import fetch as fetch_debian
from bot.lab.keeping import any_base, bases_kept, by_target, images, prune, read_log
from bot.lab.kernels import unfit
from bot.lab.kit import GUEST
from bot.lab.modes import added
from bot.lab.places import placed
from bot.lab.plans import GuestTest, Machine, Target, guest_tests, machines, targets
from bot.lab.ready import booted_with, built_with, lacks_to_boot, lacks_to_build, site
from bot.lab.sandbox import Limits, probe
from bot.lab.selftests import Programs, selftests
from bot.lab.summary import stage_verdict, telling

__all__ = [
    'GUEST',
    'Built',
    'Fetched',
    'GuestTest',
    'Kernel',
    'Limits',
    'Machine',
    'Programs',
    'Shop',
    'Site',
    'Target',
    'added',
    'any_base',
    'bases_kept',
    'boot_image',
    'boot_series',
    'booted_with',
    'build_series',
    'built_with',
    'by_target',
    'fetch_debian',
    'first_bad',
    'guest_tests',
    'images',
    'kept',
    'lacks_to_boot',
    'lacks_to_build',
    'machines',
    'matrix',
    'placed',
    'probe',
    'prune',
    'read_log',
    'selftests',
    'site',
    'stage_verdict',
    'targets',
    'telling',
    'unfit',
    'warm',
]
