# SPDX-License-Identifier: GPL-2.0-or-later
"""Builds that attack the machine that builds them: each attempt is really made, and each is proven harmless.

Should the sandbox ever fail, the attempts must not take the developer's machine with them: each is bounded, or looks
first whether it is confined, and none deletes or overwrites anything but this test's own files.
"""

from __future__ import annotations

import os
import socket
import time
from pathlib import Path

import pytest

from bot.lab.sandbox import MIB, Limits, Ran, Sandbox
from bot.lab.take import take
from bot.lab.watch import Ended

pytestmark = pytest.mark.usefixtures('confined')

SMALL = Limits(seconds=60, memory=256 * MIB, processes=48, file=16 * MIB, disk=48 * MIB, scratch=8 * MIB, output=MIB)


def make(tree: Path, recipe: str, limits: Limits = SMALL, variables: str = '') -> Ran:
    """Build a tree whose Makefile is a submitter's: the recipe, line by line, and what it sets when it is read."""
    tree.mkdir(exist_ok=True)
    lines = ''.join(f'\t{line}\n' for line in recipe.splitlines())
    (tree / 'Makefile').write_text(f'{variables}\nall:\n{lines}')
    return Sandbox(limits=limits, writable=((tree, '/src'),)).run(['make', '-s', 'all'], '/src')


def test_a_makefile_that_writes_outside(tmp_path: Path) -> None:
    outside = tmp_path / 'outside'
    outside.mkdir()
    victims = [str(outside), '/usr/bin', '/etc', '/var/tmp', '/root', '/']
    recipe = f'-for d in {" ".join(victims)} ..; do echo owned >$$d/lorebot-owned; done'
    ran = make(tmp_path / 'tree', recipe)
    assert not [d for d in (*victims, str(tmp_path)) if (Path(d) / 'lorebot-owned').exists()]
    assert ran.output.count(b'lorebot-owned') >= len(victims)


def test_a_makefile_that_reads_keys(tmp_path: Path) -> None:
    key = Path.home() / '.ssh' / 'id_ed25519'
    key.parent.mkdir(parents=True)
    key.write_text('PRIVATE KEY')
    ran = make(
        tmp_path / 'tree', f'-cat ~/.ssh/* {key} /root/.ssh/* /proc/*/environ /etc/shadow\n-ls -d /home /root /run'
    )
    assert b'PRIVATE KEY' not in ran.output
    assert b'root:' not in ran.output and b'PYTEST' not in ran.output
    assert b"cannot access '/home'" in ran.output and b"cannot access '/run'" in ran.output


def test_a_makefile_that_opens_a_socket(tmp_path: Path) -> None:
    with socket.create_server(('127.0.0.1', 0)) as server:
        server.settimeout(0.2)
        port = server.getsockname()[1]
        code = f'import socket; socket.create_connection(("127.0.0.1", {port}), 2)'
        ran = make(tmp_path / 'tree', f"-/usr/bin/python3 -c '{code}' || echo REFUSED")
        with pytest.raises(TimeoutError):
            server.accept()
    assert b'REFUSED' in ran.output


def test_a_makefile_that_asks_the_hypervisor(tmp_path: Path) -> None:
    code = """
import socket
for name, kind, place in (("VSOCK", 1, (2, 5001)), ("ALG", 5, ("hash", "sha256")), ("PACKET", 3, ("lo", 0)), ("NETLINK", 3, (0, 0))):
    try:
        made = socket.socket(getattr(socket, "AF_" + name), kind)
        made.bind(place) if name != "VSOCK" else made.connect(place)
        print(name, "HAD")
    except OSError as error:
        print(name, error.errno)
"""
    tree = tmp_path / 'tree'
    tree.mkdir()
    (tree / 'ask.py').write_text(code)
    ran = make(tree, '/usr/bin/python3 ask.py')
    assert ran.output.decode().split() == ['VSOCK', '97', 'ALG', '97', 'PACKET', '97', 'NETLINK', '97']


def test_a_makefile_that_forks_without_end(tmp_path: Path) -> None:
    limits = Limits(seconds=3, memory=256 * MIB, processes=48, disk=48 * MIB, output=MIB)
    confined = 'test $$(ls -d /proc/[0-9]* | wc -l) -lt 12 || exit 1; '
    ran = make(tmp_path / 'tree', confined + 'bomb() { bomb | bomb & }; bomb; sleep 600', limits)
    assert b'annot fork' in ran.output
    assert not survivors('bomb() { bomb | bomb & }')


def test_a_makefile_that_takes_all_memory(tmp_path: Path) -> None:
    code = 'b = [bytearray(b"x" * (16 << 20)) for _ in range(128)]'
    tree = tmp_path / 'tree'
    tree.mkdir()
    (tree / 'eat.py').write_text(code)
    ran = make(tree, '/usr/bin/python3 eat.py && echo FED')
    assert not ran.ok and b'FED' not in ran.output


def test_a_makefile_that_fills_the_disk(tmp_path: Path) -> None:
    fill = 'for n in $$(seq 100); do head -c 8000000 /dev/zero >file$$n || exit 1; sleep 0.02; done; sleep 60'
    ran = make(tmp_path / 'tree', fill)
    assert ran.ended is Ended.DISK


def test_one_endless_file(tmp_path: Path) -> None:
    ran = make(tmp_path / 'tree', 'head -c 99999999 /dev/zero >file')
    assert not ran.ok
    assert (tmp_path / 'tree' / 'file').stat().st_size <= SMALL.file


def test_scratch_places_are_small(tmp_path: Path) -> None:
    places = '/tmp/file /dev/shm/file /etc/lorebot-file /lorebot-file'
    fill = f'-for f in {places}; do head -c 99999999 /dev/zero >$$f; done'
    ran = make(tmp_path / 'tree', f'{fill}\n-stat -c %s /tmp/file')
    assert int(ran.output.splitlines()[-1]) <= SMALL.scratch
    assert ran.output.count(b'Read-only file system') == 2


def test_a_makefile_that_sleeps_for_ever(tmp_path: Path) -> None:
    began = time.monotonic()
    ran = make(tmp_path / 'tree', 'sleep 61234 & setsid sleep 61234 & sleep 61234', Limits(seconds=0.5))
    assert ran.ended is Ended.TIMEOUT
    assert time.monotonic() - began < 50
    assert not survivors('sleep 61234')


def test_a_process_left_behind_dies_with_the_build(tmp_path: Path) -> None:
    ran = make(tmp_path / 'tree', 'setsid sleep 62345 >/dev/null 2>&1 & echo done')
    assert ran.ok and not survivors('sleep 62345')


def test_a_build_that_floods_its_output(tmp_path: Path) -> None:
    ran = make(tmp_path / 'tree', 'head -c 50000000 /dev/zero')
    assert ran.output_cut and len(ran.output) == SMALL.output


def test_code_that_runs_while_the_makefile_is_read(tmp_path: Path) -> None:
    mark = tmp_path / 'mark'
    ran = make(tmp_path / 'tree', 'echo "$(GOT)"', variables=f'GOT := $(shell touch {mark} && echo TOUCHED)')
    assert not mark.exists() and b'TOUCHED' not in ran.output


def test_a_build_step_that_deletes(tmp_path: Path) -> None:
    beside = tmp_path / 'beside'
    beside.mkdir()
    (beside / 'kept').write_text('x')
    wipe = f'-rm -rf {beside} ../beside $(CURDIR)/../beside\n-touch /usr/lib/lorebot-none'
    ran = make(tmp_path / 'tree', wipe)
    assert (beside / 'kept').exists() and b'Read-only file system' in ran.output


def test_an_output_directory_that_is_a_link(tmp_path: Path) -> None:
    outside = tmp_path / 'outside'
    outside.mkdir()
    (outside / 'Image').write_text('SECRET')
    tree = tmp_path / 'tree'
    tree.mkdir()
    (tree / 'boot').symlink_to(outside)
    (tree / 'Image').symlink_to(outside / 'Image')
    os.link(outside / 'Image', tree / 'hard')
    ran = make(tree, '-echo owned >boot/owned\n-mkdir -p out && ln -s /etc/passwd out/Image')
    assert not (outside / 'owned').exists() and b'boot/owned' in ran.output
    assert [take(tree, p, MIB) for p in ('boot/Image', 'Image', 'hard', 'out/Image', '../outside/Image', 'boot')] == [
        None
    ] * 6


def test_a_pipe_or_device_left_as_an_artefact(tmp_path: Path) -> None:
    make(tmp_path / 'tree', 'mkfifo Image')
    assert take(tmp_path / 'tree', 'Image', MIB) is None


def survivors(words: str) -> list[str]:
    """Return the processes of this machine with these words in their command line, after a moment to die in."""
    for _ in range(100):
        found = [
            p for p in Path('/proc').glob('[0-9]*/cmdline') if int(p.parent.name) != os.getpid() and words in said(p)
        ]
        if not found:
            return []
        time.sleep(0.05)
    return [said(p) for p in found]


def said(path: Path) -> str:
    try:
        return path.read_bytes().replace(b'\0', b' ').decode(errors='replace')
    except OSError:
        return ''
