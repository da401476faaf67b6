# SPDX-License-Identifier: GPL-2.0-or-later
"""An SMTP server on loopback that keeps what it takes, and fails where it is told to.

Written for these tests: it speaks as much of RFC 5321 as a client needs, in a thread of its own, and counts a mail as
taken at the dot that ends it, as real servers do, whether or not its answer ever arrives.
"""

from __future__ import annotations

import base64
import socketserver
import ssl
import threading
from dataclasses import dataclass, field
from types import TracebackType
from typing import Self


@dataclass
class Taken:
    sender: str
    to: list[str]
    raw: bytes
    encrypted: bool
    user: str


@dataclass
class Sink:
    """`fail` names a step and what happens there: 'mail', 'rcpt', 'data', 'dot' -> an answer, or 'cut' for none.

    'cut' at the dot takes the mail and then says nothing; 'drop' at the dot forgets it and says nothing.
    """

    fail: dict[str, str] = field(default_factory=dict)
    extensions: tuple[str, ...] = ('8BITMIME', 'SIZE 30000000', 'AUTH PLAIN')
    tls: ssl.SSLContext | None = None
    password: str = ''
    taken: list[Taken] = field(default_factory=list)
    sessions: int = 0

    def __enter__(self) -> Self:
        sink = self

        class Handler(socketserver.StreamRequestHandler):
            def handle(self) -> None:
                sink.sessions += 1
                _Session(sink, self).run()

        self._server = socketserver.ThreadingTCPServer(('127.0.0.1', 0), Handler)
        self._server.daemon_threads = True
        self.port = int(self._server.server_address[1])
        threading.Thread(target=self._server.serve_forever, args=(0.02,), daemon=True).start()
        return self

    def __exit__(self, kind: type[BaseException] | None, value: BaseException | None, at: TracebackType | None) -> None:
        self._server.shutdown()
        self._server.server_close()


class _Cut(Exception):
    pass


class _Session:
    def __init__(self, sink: Sink, handler: socketserver.StreamRequestHandler) -> None:
        self.sink, self.handler = sink, handler
        self.input, self.output = handler.rfile, handler.wfile
        self.encrypted, self.user, self.sender = False, '', ''
        self.to: list[str] = []

    def run(self) -> None:
        try:
            self.say('220 sink.example ESMTP')
            while line := self.input.readline(2000):
                if not self.obey(line.decode('ascii', 'replace').strip()):
                    return
        except (_Cut, OSError, ValueError):
            return

    def say(self, answer: str) -> None:
        self.output.write(answer.encode() + b'\r\n')
        self.output.flush()

    def failing(self, step: str) -> bool:
        said = self.sink.fail.get(step)
        if said == 'cut':
            raise _Cut
        if said:
            self.say(said)
        return bool(said)

    def obey(self, line: str) -> bool:
        verb, _, rest = line.partition(' ')
        match verb.upper():
            case 'EHLO':
                more = ('STARTTLS',) if self.sink.tls and not self.encrypted else ()
                lines = ['sink.example', *self.sink.extensions, *more]
                for n, one in enumerate(lines):
                    self.say(f'250{"-" if n < len(lines) - 1 else " "}{one}')
            case 'STARTTLS':
                self.secure()
            case 'AUTH':
                self.login(rest)
            case 'MAIL' if not self.failing('mail'):
                self.sender, self.to = rest, []
                self.say('250 ok')
            case 'RCPT' if not self.failing('rcpt' if not self.to else 'rcpt2'):
                self.to.append(rest.partition('<')[2].partition('>')[0])
                self.say('250 ok')
            case 'DATA' if not self.failing('data'):
                self.take()
            case 'QUIT':
                self.say('221 bye')
                return False
            case 'MAIL' | 'RCPT' | 'DATA':
                pass
            case _:
                self.say('250 ok')
        return True

    def secure(self) -> None:
        assert self.sink.tls is not None
        self.say('220 go on')
        socket = self.sink.tls.wrap_socket(self.handler.connection, server_side=True)
        self.input, self.output = socket.makefile('rb'), socket.makefile('wb')
        self.encrypted = True

    def login(self, rest: str) -> None:
        _, _, said = rest.partition(' ')
        _, user, password = base64.b64decode(said).decode().split('\0')
        right = password == self.sink.password
        self.user = user if right else ''
        self.say('235 welcome' if right else '535 5.7.8 no')

    def take(self) -> None:
        self.say('354 go on')
        lines: list[bytes] = []
        while (line := self.input.readline()) != b'.\r\n':
            if not line.endswith(b'\r\n'):
                raise _Cut  # the client went away in the midst of the mail: nothing was taken
            lines.append(line[1:] if line.startswith(b'.') else line)
            if 'midst' in self.sink.fail and len(lines) > 5:
                raise _Cut
        if self.sink.fail.get('dot') == 'drop':
            raise _Cut
        if (said := self.sink.fail.get('dot', 'cut')) != 'cut':
            self.say(said)
            return
        self.sink.taken.append(Taken(self.sender, self.to, b''.join(lines), self.encrypted, self.user))
        if 'dot' in self.sink.fail:
            raise _Cut
        self.say('250 2.0.0 taken')
