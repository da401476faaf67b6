# SPDX-License-Identifier: GPL-2.0-or-later
"""Two authored reports: a rich one in which everything occurs, and a poor one in which nothing could be found out."""

from __future__ import annotations

from datetime import UTC, datetime

from bot.model import (
    Attestation,
    BaseHint,
    Link,
    MailFacts,
    Patch,
    PatchChange,
    Person,
    Report,
    Revision,
    Series,
    Signature,
    Span,
    Trailer,
    failed,
    passed,
    skipped,
)
from tests.report.example_checks import CHECK
from tests.report.example_ledger import INES, LEDGER, MARA, TOMASZ, YUTO, at
from tests.report.example_tree import APPLIED, BASE, DIFFS

V1, V2 = '20240603-borrow-v1-%d-5c1d9e0b7a24@lindqvist.example', '20240701-borrow-v2-%d-5c1d9e0b7a24@lindqvist.example'
CHANGE = '20240528-borrow-5c1d9e0b7a24'
SUBJECTS = (
    'mm: Give borrowed pages a flag and a bias',
    'mm/gup: Count borrows in the upper bits of _refcount',
    'misc: lend: Borrow the pages of a guest for the length of a call',
)


def patch(ids: str, position: int, trailers: tuple[Trailer, ...] = ()) -> Patch:
    return Patch(
        position=position,
        total=3,
        message_id=ids % position,
        subject=SUBJECTS[position - 1],
        author=MARA,
        date=at(7, 1),
        commit_message='',
        notes='',
        diff=DIFFS[position - 1],
        files=tuple(sorted({line[6:] for line in DIFFS[position - 1].splitlines() if line.startswith('+++ b/')})),
        preimages=(),
        patch_id=f'{position:040x}',
        am=b'',
        trailers=trailers,
    )


def tag(name: str, person: Person, given_to: str, where: Span, *, carried: bool = False, odd: bool = False) -> Trailer:
    return Trailer(name, f'{person.name} <{person.email}>', person, given_to, where, carried, odd)


def signed(position: int) -> Trailer:
    return tag('Signed-off-by', MARA, V2 % position, Span(V2 % position, 14, 14), carried=True)


TAGS = (
    tag('Reviewed-by', INES, V2 % 1, Span(V2 % 1, 15, 15), carried=True),
    Trailer('Fixes', '0c1d2e3f4a5b ("misc: lend: Hand out pages")', None, V2 % 3, Span(V2 % 3, 13, 13), True),
    tag('Acked-by', TOMASZ, V2 % 2, Span('ack-1@pages.example', 9, 9)),
    tag('Tested-by', YUTO, V2 % 0, Span('tested-1@wide.example', 4, 4)),
    tag('Reviewed-by', TOMASZ, V2 % 3, Span('odd-1@elsewhere.example', 2, 2), odd=True),
    *(signed(position) for position in (1, 2, 3)),
)

FIRST = Revision(
    version=1,
    posting=1,
    rfc=True,
    resend=False,
    message_id=V1 % 0,
    cover=V1 % 0,
    subject='mm/gup: Let drivers borrow pages of a guest',
    author=MARA,
    date=at(6, 3),
    change_id=CHANGE,
    patches=tuple(patch(V1, n) for n in (1, 2)),
    expected=3,
    missing=(3,),
    base_hints=(),
    trailers=(tag('Acked-by', INES, V1 % 2, Span('ack-0@host.example', 5, 5)),),
    thread_root=V1 % 0,
    notes=('two patches carry the number 2/3; the first was taken',),
)

SECOND = Revision(
    version=2,
    posting=2,
    rfc=False,
    resend=False,
    message_id=V2 % 0,
    cover=V2 % 0,
    subject='mm/gup: Let drivers borrow pages of a guest',
    author=MARA,
    date=at(7, 1),
    change_id=CHANGE,
    patches=tuple(patch(V2, n, tuple(t for t in TAGS if t.carried and t.given_to == V2 % n)) for n in (1, 2, 3)),
    expected=3,
    missing=(),
    base_hints=(BaseHint('base-commit', BASE, Span(V2 % 0, 61, 61)),),
    trailers=TAGS,
    thread_root=V2 % 0,
    link=Link('the same change-id', 'sure', Span(V2 % 0, 60, 60)),
)


CHANGES = (
    PatchChange(1, 1, 'same'),
    PatchChange(
        2,
        2,
        'code',
        '@@ -4,3 +4,4 @@\n @@ mm/gup.c: static int lend(struct page *page)\n \n-+\treturn 0;\n++\tif (!page)\n++\t\treturn -EINVAL;',
    ),
    PatchChange(0, 3, 'new'),
)


ATTESTED = tuple(
    Attestation(
        V2 % n,
        'mara@lindqvist.example',
        Signature('dkim', 'valid', 'lindqvist.example', at(7, 1), ('from', 'subject', 'message-id')),
        Signature('patatt', 'unknown', 'mara@lindqvist.example', None, (), 'no key of it is in the keyrings'),
    )
    for n in range(4)
)


def rich() -> Report:
    """Two postings, applied; findings of every class, flags, bits, questions in every state, tags that do not fit."""
    return Report(
        series=Series('mm/gup: Let drivers borrow pages of a guest', MARA, CHANGE, (FIRST, SECOND)),
        mail=MailFacts(
            messages=23,
            people=((MARA, 9), (TOMASZ, 7), (INES, 5), (YUTO, 2)),
            absent=('lost-1@pages.example', V1 % 3),
            odd=(('base64-1@host.example', 'the text part is cut off in the middle of a base64 line'),),
            other_series=('20240620-lend-tests-v1-0-aa@lindqvist.example',),
            archive='https://lore.kernel.org/all',
        ),
        verdicts=(
            ('apply', passed()),
            ('check', failed('1 new error')),
            ('build', skipped('this version has no lab: nothing was built or booted')),
            ('boot', skipped('this version has no lab: nothing was built or booted')),
            ('questions', passed()),
        ),
        apply=APPLIED,
        check=CHECK,
        ledger=LEDGER,
        as_of='2024-07-22T08:30:00Z',
        tool='lorebot 0.1.0',
        changes=CHANGES,
        attestations=ATTESTED,
    )


def poor() -> Report:
    """One posting of which half is missing, from files; every stage skipped."""
    cover = Revision(
        version=1,
        posting=1,
        rfc=False,
        resend=False,
        message_id='20240801-tidy-0-1@nowhere.example',
        cover=None,
        subject='mm: Tidy up comments',
        author=Person('', 'someone@nowhere.example'),
        date=None,
        change_id=None,
        patches=(),
        expected=2,
        missing=(1, 2),
        base_hints=(),
        trailers=(),
        thread_root='20240801-tidy-0-1@nowhere.example',
    )
    reason = 'the newest posting lacks patches 1 and 2'
    return Report(
        series=Series('mm: Tidy up comments', cover.author, None, (cover,)),
        mail=MailFacts(messages=1, people=((cover.author, 1),)),
        verdicts=(
            ('apply', skipped(reason)),
            ('check', skipped('there is no applied tree to check')),
            ('build', skipped('there is no applied tree to build')),
            ('boot', skipped('there is nothing to boot')),
            ('questions', skipped('not asked for')),
        ),
        tool='lorebot 0.1.0',
    )


def moment() -> datetime:
    return datetime(2024, 7, 22, 8, 30, tzinfo=UTC)
