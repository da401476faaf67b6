# SPDX-License-Identifier: GPL-2.0-or-later
"""Raw mails over HTTP from a public-inbox server, through liblore and nothing else.

Promises one clear sentence for each way this fails: no such mail (`UnknownSource`); no answer, half an answer, an
answer that is no mailbox (`ArchiveDown`). Refuses to follow other hosts and to read the user's git configuration.
"""

from __future__ import annotations

import gzip
import logging
import zlib
from collections.abc import Callable
from datetime import UTC, datetime
from types import TracebackType
from typing import Any, Self
from urllib.parse import quote, quote_plus

from bot import __version__
from bot.config import Archive as ArchiveSettings
from bot.errors import ArchiveDown, UnknownSource
from bot.lore.mailbox import split_mbox
from bot.model import RawMail


class Archive:
    """One server at one base URL, for as long as the `with` block lasts."""

    def __init__(self, base: str, settings: ArchiveSettings) -> None:
        import liblore
        import requests

        from bot.lore.session import Session

        logging.getLogger('liblore').addHandler(logging.NullHandler())
        self.base = base
        self._settings = settings
        self._lib, self._requests = liblore, requests
        self._session = Session(settings.max_answer_mib << 20, settings.read_timeout)
        timeouts = (settings.connect_timeout, settings.read_timeout)
        # follow_upstream would let a server name another one, and reads git config to reach it.
        self._node = liblore.LoreNode(base, request_timeout=timeouts, follow_upstream=False)
        self._node.set_user_agent('lorebot', __version__)
        self._node.set_requests_session(self._session)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, value: BaseException | None, at: TracebackType | None) -> None:
        self._node.close()
        self._session.close()

    def thread(self, message_id: str, found: str = '') -> list[RawMail]:
        """Return all mails of the thread that holds a mail; `found` tells how we came to it and ends in `origin`."""
        data = self._ask(lambda: self._node.get_mbox_by_msgid(message_id, nocache=True))
        if data is None:
            raise self.absent(message_id)
        return self._mails(data, found)

    def message(self, message_id: str) -> RawMail | None:
        """Return one mail alone."""
        data = self._ask(lambda: self._node.get_message_by_msgid(message_id, nocache=True))
        return next(iter(self._mails(data, '')), None) if data else None

    def absent(self, message_id: str) -> UnknownSource:
        return UnknownSource(
            f'the archive has no mail <{message_id}>',
            where=self.base,
            todo='check the message-id, or name another archive with --archive',
        )

    def newer(self, message_id: str, since: datetime) -> list[RawMail]:
        """Return the mails of a thread that the archive took in at or after `since`, as far as it can tell."""
        query = quote_plus(f'rt:{int(since.astimezone(UTC).timestamp())}..')
        # liblore's own get_thread_updates_since gives parsed mails only; the bytes as they came are wanted here.
        url = f'{self._node.url}/{quote(message_id, safe="")}/?x=m&q={query}'
        answer = self._ask(lambda: self._node.request('POST', url, data=''))
        if answer is None or answer.status_code == 404:
            return []
        self._check_status(answer.status_code)
        return self._mails(self._unzipped(answer.content), '')

    def search(self, query: str) -> list[RawMail]:
        """Return the mails that match (public-inbox 1.9: with their whole threads); an empty list when none does."""
        data = self._ask(lambda: self._node.get_mbox_by_query(query, full_threads=False, nocache=True))
        return self._mails(data, f'search for {query}') if data else []

    def _mails(self, data: bytes, found: str) -> list[RawMail]:
        origin = f'{self.base} ({found})' if found else self.base
        return [RawMail(mail, None, origin) for mail in split_mbox(data)]

    def _unzipped(self, data: bytes) -> bytes:
        return self._ask(lambda: gzip.decompress(data)) or b''

    def _ask(self, call: Callable[[], Any]) -> Any:
        """Call, and say in one sentence what went wrong; None stands for "no such thing"."""
        from bot.lore.session import AnswerRefused

        try:
            return call()
        except AnswerRefused as refused:
            raise self._down(str(refused), refused.retry) from None
        except self._lib.RemoteError as failure:
            if failure.status_code == 404:
                return None
            if failure.status_code is not None:
                self._check_status(failure.status_code)
            raise self._silent(failure.__cause__) from None
        except (EOFError, zlib.error, gzip.BadGzipFile):
            raise self._down('the answer is not a mailbox', retry=False) from None
        except (self._requests.RequestException, self._lib.LibloreError, ValueError) as failure:
            raise self._down(f'the request failed ({type(failure).__name__})', retry=False) from None

    def _check_status(self, status: int) -> None:
        if status == 200:
            return
        if status == 429:
            raise self._down('the archive asks us to wait (429)', retry=True)
        raise self._down(f'the archive answers with error {status}', retry=status >= 500)

    def _silent(self, cause: BaseException | None) -> ArchiveDown:
        from bot.lore.session import AnswerRefused

        if isinstance(cause, AnswerRefused):
            return self._down(str(cause), cause.retry)
        if isinstance(cause, self._requests.ConnectTimeout):
            return self._down(f'no connection within {self._settings.connect_timeout:g} s', retry=True)
        if isinstance(cause, self._requests.Timeout):
            return self._down(f'no answer within {self._settings.read_timeout:g} s', retry=True)
        return self._down('the archive cannot be reached', retry=True)

    def _down(self, what: str, retry: bool) -> ArchiveDown:
        todo = 'try again later, or name another archive with --archive' if retry else 'name another archive'
        error = ArchiveDown(what, where=self.base, todo=todo)
        error.retry = retry
        return error
