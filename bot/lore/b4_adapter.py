# SPDX-License-Identifier: GPL-2.0-or-later
"""The only module that knows b4: subjects, tags and ready-to-apply patches, with plain values in and out.

b4's Python API is internal and was made for a command line; tests/lore/test_b4_contract.py holds it to what is used
here. Promises: a fresh LoreMailbox for every get_series (a second call changes the first one's result), no network, no
configuration but ours, no process but through the GitRunner, no SystemExit and no b4 object beyond this module.
"""

from __future__ import annotations

import copy
import functools
import hashlib
import logging
import re
import threading
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from email.message import EmailMessage
from typing import Any

from bot.model import GitRunner, Person

LOCK = threading.Lock()  # b4 keeps its state in module globals
_LEAD = re.compile(r'(?:\s*\[[^\[\]]{0,160}\])+')
_REPLY = re.compile(
    r'\s*(?:\[[^\]]{0,40}\]\s*)*(?:re|aw|fwd?|sv|vs|antw|wg|tr|odp|ref|rv)\s*(?:\[\d+\]\s*)?[:：]', re.I
)
_LAST_VERSION = 9999
_REPLY_ANY = re.compile(r'\s*\w{2,3}\s*[:：]\s*\[')


@dataclass(frozen=True, slots=True)
class Subject:
    """What a subject line says. `version` is None when it names none; `numbered` tells that it has n/m."""

    title: str
    reply: bool
    patch: bool
    rfc: bool
    resend: bool
    version: int | None
    position: int
    total: int
    numbered: bool
    tags: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Tag:
    name: str
    value: str
    person: Person | None


@dataclass(frozen=True, slots=True)
class Sheet:
    """One mail of a posting as b4 gets to see it: its place decided, its text decoded."""

    message_id: str
    author: Person
    date: str
    title: str
    position: int
    total: int
    text: str
    patch_id: str


@dataclass(frozen=True, slots=True)
class Ready:
    """A patch as `git mailinfo` splits it; `rest` starts at the `---` or at the diff."""

    author: Person
    date: str
    title: str
    message: str
    rest: str


@dataclass(frozen=True, slots=True)
class Prepared:
    """`order` maps a position to its message-id; `ready` lacks the mails that git mailinfo cannot read."""

    order: dict[int, str]
    expected: int
    complete: bool
    ready: dict[str, Ready]


@functools.cache
def _b4() -> Any:
    """Import b4 (0.4 s) and give it the only configuration that it ever gets."""
    import b4

    b4.can_network = False
    b4.MAIN_CONFIG.clear()
    b4.MAIN_CONFIG.update(copy.deepcopy(b4.DEFAULT_CONFIG))
    b4.MAIN_CONFIG.update({'attestation-policy': 'off', 'listid-preference': ['*'], 'gpgbin': 'gpg'})
    # Its own starts with `\s*` at every line, and takes time that grows with the square of a run of blank lines.
    b4.DIFFSTAT_RE = re.compile(r'(?im)^[^\S\n]*\d+ file.*\d (insertion|deletion)')
    b4.USER_CONFIG.clear()
    b4.USER_CONFIG.update({'name': 'lorebot', 'email': 'lorebot@localhost'})
    for name in ('b4', 'liblore'):
        quiet = logging.getLogger(name)
        quiet.propagate = False
        quiet.addHandler(logging.NullHandler())
    return b4


def library() -> Any:
    """Return b4 with our configuration, for `attestors.py`; whoever calls into it holds `LOCK`."""
    return _b4()


@functools.lru_cache(maxsize=8192)
def read_subject(subject: str) -> Subject:
    """Return what a decoded subject line says."""
    reply = bool(_REPLY.match(subject) or _REPLY_ANY.match(subject))
    if not subject.startswith('['):
        return Subject(subject, reply, False, False, False, None, 1, 1, False, ())
    lead = _LEAD.match(subject)
    # b4 goes quadratically over nested brackets, so it gets the prefixes and never a long title.
    said = _b4().LoreSubject(f'{_tidy(lead[0])} x' if lead else subject[:200].replace('=?', '= ?'))
    title = subject[lead.end() :] if lead else said.subject
    return Subject(
        title=title.strip().lstrip(': '),
        reply=reply or said.reply,
        patch=said.patch,
        rfc=said.rfc,
        resend=said.resend,
        version=None if said.revision_inferred or said.revision > _LAST_VERSION else said.revision,
        position=said.counter,
        total=said.expected,
        numbered=not said.counters_inferred,
        tags=tuple(t for t in said.get_extra_prefixes(exclude=['patch']) if not re.match(r'(?i)rfc|resend|patch', t)),
    )


def _tidy(prefixes: str) -> str:
    """Write prefixes the way b4 reads them: it takes `[PATCH,v2,1/3]` for nothing and `v2.1` for no version."""
    plain = re.sub(r'[,;]|=\?', ' ', prefixes)
    plain = re.sub(r'(?i)\b(patch|rfc|resend)-?(v\d)', r'\1 \2', plain)
    plain = re.sub(r'(?i)(?<![\w.])-?v(\d{1,4})(?:\.\d+)?(?![\w.])', r'v\1', plain)
    plain = re.sub(r'(?<!\w)(\d{1,4})\s*(?:/|of)\s*(\d{1,4})(?!\w)', r'\1/\2', plain)
    # int() refuses more digits than 4300, and no series is that long.
    return re.sub(r'(?i)\bv\d{5,}\b', '', plain)


def read_tags(text: str) -> tuple[Tag, ...]:
    """Return the trailers in a line or two of unquoted text, by b4's rules for replies."""
    with LOCK:
        found = _b4().LoreMessage.find_trailers(text, followup=True)[0]
    return tuple(Tag(t.name, t.value, Person(t.addr[0], t.addr[1].lower()) if t.addr else None) for t in found)


def same_address(one: str, other: str) -> bool:
    """Tell whether two addresses are one person's by b4's rule (`a+x@host`, `a@sub.host`)."""
    return bool(_b4().LoreTrailer(name='Acked-by', value=f'x <{one}>').email_eq(other))


def patch_ids(diffs: Sequence[str], git: GitRunner) -> tuple[str, ...]:
    """Return git's stable patch id of each diff, '' where it has none; one git process for all."""
    names = [hashlib.sha1(f'{at}\0{d}'.encode(), usedforsecurity=False).hexdigest() for at, d in enumerate(diffs)]
    text = ''.join(f'commit {name}\n{diff}\n' for name, diff in zip(names, diffs, strict=True) if diff)
    if not text:
        return ('',) * len(diffs)
    lines = git('patch-id', '--stable', stdin=text.encode()).stdout.decode('ascii', 'replace').split('\n')
    known = {name: patch_id for patch_id, _, name in (line.partition(' ') for line in lines)}
    return tuple(known.get(name, '') for name in names)


def prepare(sheets: Sequence[Sheet], version: int, git: GitRunner) -> Prepared:
    """Let b4 put one posting together; mails it cannot read are left out of `ready`, never raised."""
    ids = {s.text: s.patch_id for s in sheets}
    # b4 reads ids with a header parser that mangles some, so it gets numbers; here they become message-ids again.
    real = {f'{at}@sheet': s for at, s in enumerate(sheets)}
    with LOCK, _git_through(git, ids):
        series = _series(real, version)
        if series is None:
            return Prepared({}, max((s.total for s in sheets), default=0), False, {})
        order = {at: real[m.msgid].message_id for at, m in enumerate(series.patches) if m is not None}
        mails = _am_ready(series, None)
        if mails is None:
            mails = [m for at in order if at for m in _am_ready(_series(real, version), [at]) or []]
        ready = dict(r for r in (_ready(m, real) for m in mails) if r is not None)
        return Prepared(order, int(series.expected), bool(series.complete), ready)


def _series(sheets: Mapping[str, Sheet], version: int) -> Any:
    box = _b4().LoreMailbox()
    for number, sheet in sheets.items():
        try:
            box.add_message(_mail(number, sheet, version))
        except (Exception, SystemExit):  # b4 has nothing to say about this mail
            continue
    try:
        return box.get_series(version, codereview_trailers=False)
    except (Exception, SystemExit):
        return None


def _mail(number: str, sheet: Sheet, version: int) -> EmailMessage:
    mail = EmailMessage()
    mail['From'] = f'"{_plain(sheet.author.name)}" <{_plain(sheet.author.email) or "unknown@invalid"}>'
    mail['Date'] = sheet.date
    mail['Subject'] = f'[PATCH v{version} {sheet.position}/{sheet.total}] {_bracketless(sheet.title)}'
    mail['Message-Id'] = f'<{number}>'
    mail.set_payload(sheet.text, charset='utf-8')
    return mail


def _plain(text: str) -> str:
    return re.sub(r'[\x00-\x1f\x7f<>"\\]', '', text)


def _bracketless(title: str) -> str:
    """Keep b4 from joining a bracket in the title with those of the prefix."""
    return _plain(title).replace('[', '(').replace(']', ')')


def _am_ready(series: Any, positions: list[int] | None) -> list[EmailMessage] | None:
    try:
        return list(series.get_am_ready(noaddtrailers=True, allowbadchars=True, cherrypick=positions))
    except (Exception, SystemExit):
        return None


def _ready(mail: EmailMessage, sheets: Mapping[str, Sheet]) -> tuple[str, Ready] | None:
    text = mail.get_payload(decode=True)
    sheet = sheets.get(str(mail['Message-Id']).strip('<>'))
    if not isinstance(text, bytes) or sheet is None:
        return None
    body = text.decode('utf-8', 'replace').replace('\r\n', '\n')
    # The same rule as git's patchbreak(): what follows is no longer the message.
    cut = re.search(r'(?m)^(?:diff -|Index: |---(?:[ \t]*$| \S))', body)
    at = cut.start() if cut else len(body)
    name, _, address = str(mail['From']).rpartition('<')
    author = Person(name.strip().strip('"'), address.strip('> ').lower())
    title = re.sub(r'^\[[^\]]*\] ?', '', str(mail['Subject']))
    if title == _bracketless(sheet.title):  # else the mail has a Subject: of its own in its text
        title = sheet.title
    return sheet.message_id, Ready(author, str(mail['Date']), title, body[:at].strip('\n'), body[at:])


@contextmanager
def _git_through(git: GitRunner, ids: dict[str, str]) -> Iterator[None]:
    """Have b4 start git through our runner (clean environment), and not at all for patch ids that are known."""
    b4 = _b4()

    def run(gitdir: Any, args: list[str], stdin: bytes | None = None, *, decode: bool = True, **_: Any) -> Any:
        if args[:1] == ['patch-id']:
            known = ids.get((stdin or b'').decode('utf-8', 'replace'))
            out = f'{known} {"0" * 40}\n'.encode() if known else b''
            return 0, out.decode() if decode else out
        answer = git(*args, stdin=stdin or b'')
        return answer.status, answer.stdout.decode('utf-8', 'replace') if decode else answer.stdout

    before = b4.git_run_command
    b4.git_run_command = run
    try:
        yield
    finally:
        b4.git_run_command = before
