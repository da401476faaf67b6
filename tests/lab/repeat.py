# SPDX-License-Identifier: GPL-2.0-or-later
"""Boots one kernel many times and counts: `python -m tests.lab.repeat IMAGE --lab DIR [--times 20] [--machine NAME]`.

IMAGE is a file, or the digest of an image that `lorebot build` kept in DIR (the store's lab/).
"""

from __future__ import annotations

import argparse
import sys
from collections import Counter
from pathlib import Path

from bot import lab
from bot.lab import logs


def main() -> int:
    """Print one line a boot that is not clean, then one line a machine; return 1 when any was not."""
    words = argparse.ArgumentParser(description=__doc__.partition('\n')[0])
    words.add_argument('image')
    words.add_argument('--lab', type=Path, required=True)
    words.add_argument('--times', type=int, default=20)
    words.add_argument('--machine', action='append', default=[])
    given = words.parse_args()
    kept = logs.read(given.lab / 'artefacts', given.image)
    kernel = lab.Kernel(kept or Path(given.image).read_bytes())
    counts = [_count(kernel, machine, given.lab, given.times) for machine in lab.machines(tuple(given.machine))]
    return int(any(count != given.times for count in counts))


def _count(kernel: lab.Kernel, machine: lab.Machine, place: Path, times: int) -> int:
    outcomes: Counter[str] = Counter()
    seconds = []
    for _ in range(times):
        result = lab.boot_image(kernel, machine, lab.guest_tests(), lab.site(place))
        outcomes[str(result.verdict.outcome)] += 1
        seconds.append(result.seconds)
        if result.verdict.outcome != 'passed':
            sys.stdout.write(f'{machine.name}: {result.verdict.outcome}: {result.verdict.reason}\n')
    middle = sorted(seconds)[len(seconds) // 2]
    sys.stdout.write(f'{machine.name}: {outcomes["passed"]} of {times} clean, median {middle:.1f} s\n')
    return outcomes['passed']


if __name__ == '__main__':
    sys.exit(main())
