# SPDX-License-Identifier: GPL-2.0-or-later
"""A real public-inbox server on a loopback port, for as long as a `with` block lasts.

    with PublicInbox(tmp_path) as inbox:
        inbox.add('alpha', [mail, mail, ...])
        inbox.url('alpha')                      # http://127.0.0.1:PORT/alpha
        inbox.epoch('alpha')                    # the bare repository of epoch 0

Needs Debian's `public-inbox` package and perl (see PROGRAMS). Nothing of the user's configuration is read, nothing but
`root` is written, and the port is open before the first answer is possible, so no test waits or polls.
"""

from __future__ import annotations

import os
import re
import socket
import subprocess
from collections.abc import Sequence
from pathlib import Path
from types import TracebackType
from typing import Self

PROGRAMS = ('public-inbox-init', 'public-inbox-httpd', 'perl', 'git')

# One pass that writes the git epoch and the Xapian index; public-inbox has no command for it.
_IMPORT = """
my ($name, $file) = @ARGV;
my $ibx = PublicInbox::Config->new->lookup_name($name) or die "no inbox $name";
open my $fh, '<', $file or die $!;
PublicInbox::InboxWritable->new($ibx)->import_mbox($fh, 'mboxrd');
"""
# systemd's socket activation: the listening socket is file 3, and the process is told so.
_ACTIVATE = 'POSIX::dup2(shift, 3); $ENV{LISTEN_PID} = $$; $ENV{LISTEN_FDS} = 1; exec @ARGV'


def mboxrd(mails: Sequence[bytes]) -> bytes:
    """Return mails as the mbox that public-inbox and b4 exchange."""
    out = []
    for mail in mails:
        escaped = re.sub(rb'(?m)^(>*From )', rb'>\1', mail.replace(b'\r\n', b'\n'))
        out.append(b'From mboxrd@z Thu Jan  1 00:00:00 1970\n' + escaped.rstrip(b'\n') + b'\n\n')
    return b''.join(out)


class PublicInbox:
    def __init__(self, root: Path) -> None:
        self.root = root
        self._lists: set[str] = set()
        self._server: subprocess.Popen[bytes] | None = None
        # public-inbox puts its URL into redirects, so the port is chosen before the first inbox exists.
        self._socket = socket.create_server(('127.0.0.1', 0))
        self._socket.setblocking(False)
        self.port = self._socket.getsockname()[1]
        self._env = {
            'PATH': os.environ['PATH'],
            'HOME': str(root),
            'PI_CONFIG': str(root / 'config'),
            'LC_ALL': 'C.UTF-8',
            'GIT_CONFIG_NOSYSTEM': '1',
            'GIT_CONFIG_GLOBAL': '/dev/null',
        }

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, value: BaseException | None, at: TracebackType | None) -> None:
        self._stop()
        self._socket.close()

    def url(self, name: str) -> str:
        return f'http://127.0.0.1:{self.port}/{name}'

    def epoch(self, name: str) -> Path:
        return self.root / name / 'git' / '0.git'

    def add(self, name: str, mails: Sequence[bytes]) -> None:
        """Put mails into a list, which is made when it is new, and have them served."""
        if name not in self._lists:
            address, folder = f'{name}@example.org', str(self.root / name)
            self._run('public-inbox-init', '-V2', '-Lfull', '-j1', name, folder, self.url(name), address)
            self._lists.add(name)
        file = self.root / 'incoming.mbox'
        file.write_bytes(mboxrd(mails))
        self._run('perl', '-MPublicInbox::Config', '-MPublicInbox::InboxWritable', '-e', _IMPORT, name, str(file))
        # A running server serves new mails at once, but finds them only half a minute after its last search.
        self._stop()
        self._start()

    def remove(self, mail: bytes) -> None:
        """Take a mail out of all lists, as an administrator does; the epoch gets a commit that says so."""
        self._run('public-inbox-learn', 'rm', '--all', stdin=mail)

    def _run(self, *command: str, stdin: bytes = b'') -> None:
        done = subprocess.run(command, env=self._env, input=stdin, capture_output=True, check=False)
        assert done.returncode == 0, (command[0], done.stderr.decode(errors='replace'))

    def _start(self) -> None:
        number = self._socket.fileno()
        command = ['perl', '-MPOSIX', '-e', _ACTIVATE, str(number), 'public-inbox-httpd', '-W0']
        self._server = subprocess.Popen(
            command, env=self._env, pass_fds=(number,), stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
        )

    def _stop(self) -> None:
        if self._server is not None:
            self._server.terminate()
            self._server.wait()
            self._server = None
