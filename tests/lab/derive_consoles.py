# SPDX-License-Identifier: GPL-2.0-or-later
"""Makes corpus entries out of others: cut, garbled, interleaved, as serial lines and dying guests do it.

    python -m tests.lab.derive_consoles        writes all entries of RECIPES again

Every derivation is a function of the source log alone: no chance in it.
"""

from __future__ import annotations

import re
from collections.abc import Callable

from tests.lab.console_corpus import CORPUS, read, write

Recipe = Callable[[bytes], bytes]
_STAMP = re.compile(rb'^\[ *\d+\.\d+\](?:\[[^\]]*\])? ?', re.MULTILINE)


def cut_at(marker: bytes, extra: int = 0) -> Recipe:
    """Cut the log `extra` bytes after the first marker."""
    return lambda log: log[: log.index(marker) + len(marker) + extra]


def garble(log: bytes) -> bytes:
    """Turn every 97th byte that is not the end of a line into one that no text has."""
    return bytes(0xFF if n % 97 == 96 and byte != 10 else byte for n, byte in enumerate(log))


def unstamped(log: bytes) -> bytes:
    """Take the times away, as a kernel without CONFIG_PRINTK_TIME prints."""
    return _STAMP.sub(b'', log)


def interleave(log: bytes) -> bytes:
    """Put half a line of a user's program before every fifth line, without an end of its own."""
    lines = log.split(b'\n')
    return b'\n'.join(b'# test output ' + line if n % 5 == 4 and line else line for n, line in enumerate(lines))


def crlf(log: bytes) -> bytes:
    """End lines as a serial terminal does, with a colour before each."""
    return log.replace(b'\n', b'\x1b[0m\r\n')


def callers(log: bytes) -> bytes:
    """Add the caller to each stamp, as CONFIG_PRINTK_CALLER does."""
    return _STAMP.sub(lambda m: m[0].rstrip() + b'[    T1] ', log)


def twice(log: bytes) -> bytes:
    """Two boots in one log: the console of a machine that was reset."""
    return log + log


def quoted(log: bytes) -> bytes:
    """Every line as a user's program would print it: nothing in it is the kernel's own."""
    return b'\n'.join(b'test says: ' + line for line in _STAMP.sub(b'', log).split(b'\n'))


RECIPES: dict[str, tuple[str, str, Recipe]] = {
    '051': ('003', 'cut in the middle of the call trace', cut_at(b'Call trace:', 60)),
    '052': ('003', 'cut right after the line that begins the event', cut_at(b'WARNING: drivers/misc/lkdtm/bugs.c', 30)),
    '053': ('005', 'every 97th byte garbled', garble),
    '054': ('003', 'no times', unstamped),
    '055': ('002', 'half a line of a program before every fifth line', interleave),
    '056': ('012', 'CR LF and colours', crlf),
    '057': ('009', 'callers in the stamps', callers),
    '058': ('003', 'two boots in one log', twice),
    '059': ('002', 'printed by a program', quoted),
    '060': ('022', 'cut before the host panics', cut_at(b'nVHE hyp BUG at:', 90)),
    '061': ('001', 'cut before power-off', cut_at(b'start pvm_smoke', 30)),
}


def main() -> None:
    for number, (source, how, recipe) in RECIPES.items():
        log = recipe(read(CORPUS / source).log)
        write(CORPUS / number, f'derived from {source}: {how}', log)


if __name__ == '__main__':
    main()
