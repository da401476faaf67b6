# SPDX-License-Identifier: GPL-2.0-or-later
"""The HTTP session that liblore is given: it bounds what an answer may be before liblore unpacks it.

Refuses answers that are too large unpacked, cut off, endless, or that send us to another host; reads no netrc. liblore
itself reads and unpacks whole bodies without a limit.
"""

from __future__ import annotations

import time
import zlib
from collections.abc import Callable, Mapping
from typing import Any
from urllib.parse import urljoin, urlsplit

import requests
import urllib3
from requests.adapters import HTTPAdapter

from bot import __version__

USER_AGENT = f'lorebot/{__version__}'
_CHUNK = 1 << 16
# An answer that trickles may take this many times the read timeout, which bounds only the wait for the next bytes.
_PATIENCE = 10


class AnswerRefused(Exception):
    """Say what was wrong with an answer that arrived; `retry` tells whether asking again may help.

    Not a `requests` exception: liblore takes those for an unreachable server.
    """

    def __init__(self, what: str, retry: bool) -> None:
        super().__init__(what)
        self.retry = retry


class _Adapter(HTTPAdapter):
    def __init__(self, limit: int, seconds: float) -> None:
        super().__init__(max_retries=0)
        self._limit, self._seconds = limit, seconds

    def send(
        self,
        request: requests.PreparedRequest,
        stream: bool = False,
        timeout: Any = None,
        verify: bool | str = True,
        cert: Any = None,
        proxies: Mapping[str, str] | None = None,
    ) -> requests.Response:
        answer = super().send(request, stream=True, timeout=timeout, verify=verify, cert=cert, proxies=proxies)
        # Without the body here, `requests` would read that of a redirect whole.
        try:
            answer._content = self._body(answer)
        finally:
            answer.close()
        return answer

    def _body(self, answer: requests.Response) -> bytes:
        chunks: list[bytes] = []
        size, until = 0, time.monotonic() + self._seconds
        try:
            # read1 returns what has arrived; read would wait for a whole chunk, however slowly it trickles in.
            while chunk := answer.raw.read1(_CHUNK, decode_content=True):
                size += len(chunk)
                chunks.append(chunk)
                if size > self._limit:
                    raise too_large(self._limit)
                if time.monotonic() > until:
                    raise requests.ReadTimeout(f'the answer was not complete after {self._seconds:.0f} s')
        except urllib3.exceptions.ReadTimeoutError as slow:
            raise requests.ReadTimeout(str(slow)) from slow
        except urllib3.exceptions.HTTPError as broken:
            raise AnswerRefused('the answer broke off', retry=True) from broken
        body = b''.join(chunks)
        if answer.status_code == 200 and body[:2] == b'\x1f\x8b':
            check_gzip(body, self._limit)
        return body


def too_large(limit: int) -> AnswerRefused:
    return AnswerRefused(f'the answer is larger than archive.max_answer_mib = {limit >> 20} allows', retry=False)


def check_gzip(data: bytes, limit: int) -> None:
    """Raise `AnswerRefused` unless gzip data is whole and unpacks to no more than `limit` bytes."""
    size = 0
    try:
        while data[:2] == b'\x1f\x8b':
            engine = zlib.decompressobj(16 + zlib.MAX_WBITS)
            while not engine.eof:
                piece = engine.decompress(data, _CHUNK)
                size += len(piece)
                data = engine.unconsumed_tail
                if size > limit:
                    raise too_large(limit)
                if not piece and not data and not engine.eof:
                    raise AnswerRefused('the gzip answer is cut off', retry=True)
            data = engine.unused_data
    except zlib.error:
        raise AnswerRefused('the gzip answer is damaged', retry=True) from None


class Session(requests.Session):
    """One archive's session; `limit` is in bytes unpacked, `read_timeout` in seconds."""

    def __init__(self, limit: int, read_timeout: float) -> None:
        super().__init__()
        for scheme in ('http://', 'https://'):
            self.mount(scheme, _Adapter(limit, read_timeout * _PATIENCE))
        self.headers['User-Agent'] = USER_AGENT
        self.max_redirects = 5
        # Any auth object keeps requests from looking up the host in ~/.netrc.
        self.auth = _no_auth

    def get_redirect_target(self, resp: requests.Response) -> str | None:
        target = super().get_redirect_target(resp)
        if target is not None and resp.url is not None:
            there = urlsplit(urljoin(resp.url, target))
            if there.hostname != urlsplit(resp.url).hostname or there.scheme not in ('http', 'https'):
                raise AnswerRefused(f'the archive sends us to another host, {ascii(str(there.hostname))}', retry=False)
        return target


_no_auth: Callable[[requests.PreparedRequest], requests.PreparedRequest] = lambda request: request  # noqa: E731
