# SPDX-License-Identifier: GPL-2.0-or-later
"""The matrix of odd mail as data: what came, what lorebot is to make of it, and why. docs/odd-mail.md is made of it.

Every mail is written here. `postings` are those of all series as `RFC v2 resend 2/3`, series apart by `|`; `notes` are
beginnings of notes that have to be there, of any posting or mail; `unusable` is the reason when there is no series.
"""

from __future__ import annotations

import base64
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from tests.lore.letters import diff, letter, patch_text, posting, reply


@dataclass(frozen=True, slots=True)
class Row:
    """`says` is a sentence for the page; a `slow` row is run with --long only."""

    case: str
    mails: Callable[[], Sequence[bytes]]
    postings: str
    says: str
    notes: tuple[str, ...] = ()
    unusable: str = ''
    slow: bool = False

    @property
    def name(self) -> str:
        return '-'.join(re.findall(r'\w+', self.case.lower()))


def one(text: str | None = None, subject: str = '[PATCH] x', name: str = 'a', **how: object) -> bytes:
    return letter(subject, patch_text('Why.', diff()) if text is None else text, name=name, **how)  # type: ignore[arg-type]


def without(mail: bytes, header: str) -> bytes:
    return re.sub(rb'(?m)^' + header.encode() + rb': [^\n]*\n', b'', mail, count=1)


def put(mail: bytes, header: str, value: str) -> bytes:
    return re.sub(rb'(?m)^' + header.encode() + rb': [^\n]*$', f'{header}: {value}'.encode(), mail, count=1)


def kind(value: str) -> list[str]:
    return [f'Content-Type: {value}']


def parts(*leaves: str, boundary: str = 'cut') -> str:
    return ''.join(f'--{boundary}\n{leaf}\n' for leaf in leaves) + f'--{boundary}--\n'


def attached(leaf: str, said: str = 'Why.\n') -> bytes:
    text = parts(f'Content-Type: text/plain\n\n{said}', f'{leaf}\n\n{diff()}')
    return one(text, headers=kind('multipart/mixed; boundary=cut'))


def nested(depth: int) -> bytes:
    """Return a mail of parts within parts, the patch innermost."""
    text = f'Content-Type: text/plain\n\n{patch_text("m", diff())}'
    for level in range(depth):
        text = f'Content-Type: multipart/mixed; boundary=b{level}\n\n--b{level}\n{text}\n--b{level}--\n'
    head, _, body = text.partition('\n\n')
    return one(body, headers=[head])


def wide(count: int) -> bytes:
    leaf = 'Content-Type: text/plain\n\nx'
    return one(parts(*[leaf] * count), headers=kind('multipart/mixed; boundary=cut'))


def again(
    name: str, prefix: str, answers: str = '', minutes: float = 1e4, cover_text: str = 'What it is about.\n'
) -> list[bytes]:
    return posting(name, ['one', 'two'], prefix=prefix, answers=answers, minutes=minutes, cover_text=cover_text)


def part_again(answers: str) -> list[bytes]:
    first = posting('a', ['one', 'two', 'three'], prefix='PATCH v2')
    text = patch_text('m', diff('mm/file2.c', new='better'))
    return [*first, letter('[PATCH v3 2/3] two', text, name='b-2', answers=answers, minutes=1e4)]


def plain(name: str = 'a') -> list[bytes]:
    return posting(name, ['one', 'two'])


def numbered(*subjects: str) -> list[bytes]:
    texts = [patch_text('m', diff(f'{n}.c')) for n in range(len(subjects))]
    return [
        letter(s, t, name=f'a{n}', answers='a0' if n else '', minutes=n)
        for n, (s, t) in enumerate(zip(subjects, texts, strict=True))
    ]


TOLD = 'v2.\n\n---\nbase-commit: 0123456789ab\nchange-id: 20240301-x-abc\nLink: https://example.org/\n'
SAME = [diff('mm/file1.c'), diff('mm/file2.c')]
CYRILLIC = 'text/plain; charset=koi8-r'

ROWS = (
    # -- which mails make one posting
    Row('patch missing', lambda: [plain()[0], plain()[2]], 'v1 1/2', 'says which, applies nothing'),
    Row(
        'only the cover',
        lambda: plain()[:1],
        'v1 0/2',
        'names the series and what is missing',
        unusable='of the series asked for none of its patches is at hand',
    ),
    Row(
        'only a patch from the middle',
        lambda: posting('a', ['one', 'two', 'three'])[2:3],
        'v1 1/3',
        'says which are missing',
    ),
    Row('out of order', lambda: plain()[::-1], 'v1 2/2', 'the order in which mails arrive never counts'),
    Row(
        'without a cover',
        lambda: posting('a', ['one', 'two'], cover=None),
        'v1 2/2',
        'the first patch stands for the series',
    ),
    Row(
        '120 patches, numbered 001/120',
        lambda: posting('a', [f'change {n}' for n in range(120)], prefix='PATCH 0'),
        'v1 120/120',
        'all in order',
        slow=True,
    ),
    Row(
        'each patch answers the one before',
        lambda: [
            letter(
                f'[PATCH {n}/3] p{n}',
                patch_text('m', diff(f'{n}.c')),
                name=f'a{n}',
                answers=f'a{n - 1}' if n > 1 else '',
                minutes=n,
            )
            for n in (1, 2, 3)
        ],
        'v1 3/3',
        'depth does not matter',
    ),
    Row(
        'patches without any threading',
        lambda: [without(m, 'In-Reply-To') for m in [without(m, 'References') for m in plain()]],
        'v1 2/2',
        'joined by author, numbers and time',
    ),
    Row(
        'cover without 0/N',
        lambda: [
            letter('Let us count pins', 'About.\n', name='a-0'),
            *[
                letter(f'[PATCH {n}/2] p', patch_text('m', diff(f'{n}.c')), name=f'a-{n}', answers='a-0', minutes=n)
                for n in (1, 2)
            ],
        ],
        'v1 2/2',
        'the mail of the same author that the patches answer is the cover',
        notes=('the cover is not numbered 0/n',),
    ),
    Row(
        '[PATCH 4/3]',
        lambda: [*numbered('[PATCH 1/3] a', '[PATCH 2/3] b', '[PATCH 3/3] c', '[PATCH 4/3] d')],
        'v1 4/4',
        'kept, and said',
        notes=('a patch is numbered 4/3',),
    ),
    Row(
        'two patches of one number',
        lambda: [
            *plain(),
            letter('[PATCH 2/2] another', patch_text('m', diff('d.c')), name='x', answers='a-0', minutes=1),
        ],
        'v1 3/3',
        'kept as one more patch, and said',
        notes=('two patches are numbered 2/2',),
    ),
    Row(
        '[PATCH,v2,1/3]',
        lambda: numbered('[PATCH,v2,1/3] a', '[PATCH,v2,2/3] b', '[PATCH,v2,3/3] c'),
        'v2 3/3',
        'commas are blanks',
    ),
    Row(
        '[PATCHv2 1/2], [PATCH V2 2/2]',
        lambda: numbered('[PATCHv2 1/2] a', '[PATCH V2 2/2] b'),
        'v2 2/2',
        'read as meant',
    ),
    Row(
        'an encoded-word subject',
        lambda: numbered('=?utf-8?q?=5BPATCH_v2_1/2=5D_gr=C3=BC=C3=9Fe?=', '[PATCH v2 2/2] b'),
        'v2 2/2',
        'decoded first',
    ),
    Row(
        'a patch without a diff',
        lambda: [*plain()[:2], letter('[PATCH 2/2] two', 'too large\n', name='a-2', answers='a-0')],
        'v1 1/2',
        'counts as missing',
        notes=('patch 2 holds no diff',),
    ),
    # -- which postings make one series
    Row(
        'RESEND and original in one mailbox',
        lambda: [*again('a', 'PATCH v2', minutes=0), *again('b', 'PATCH RESEND v2')],
        'v2 2/2, v2 resend 2/2',
        'two postings of one series',
    ),
    Row(
        'sent again without a word',
        lambda: [*posting('a', ['one', 'two'], changes=SAME), *posting('c', ['one', 'two'], minutes=1e4, changes=SAME)],
        'v1 2/2, v1 resend 2/2',
        'equal patches: a resend',
        notes=('names no version: taken for v1 sent again',),
    ),
    Row(
        'v2 in one thread without "v2"',
        lambda: [*plain(), *again('b', 'PATCH', answers='a-0')],
        'v1 2/2, v2 2/2',
        'split by their covers, counted, and said',
        notes=('names no version: taken for v2',),
    ),
    Row(
        'a single patch sent again without "v2"',
        lambda: [
            one(patch_text('m', diff(new=f'n{n}')), '[PATCH] mm/gup: count the pins', f'a{n}', minutes=n * 5000)
            for n in range(2)
        ],
        'v1 1/1, v2 1/1',
        'counted, and said',
        notes=('names no version: taken for v2',),
    ),
    Row(
        'two series of one version in one thread',
        lambda: [*plain(), *posting('b', ['uno', 'due'], cover='Something else', answers='a-0', minutes=100)],
        'v1 2/2 | v1 2/2',
        'apart by their covers',
    ),
    Row(
        'v2 cover in reply to v1, with base-commit and change-id',
        lambda: [*plain(), *again('b', 'PATCH v2', 'a-0', cover_text=TOLD)],
        'v1 2/2, v2 2/2',
        'both are read from the cover itself',
    ),
    Row(
        'partial reroll in reply to the patch',
        lambda: part_again('a-2'),
        'v2 3/3, v3 part 3/3',
        'completed from v2, and said',
        notes=('only part was posted again: patches 1, 3 are those of v2',),
    ),
    Row(
        'partial reroll in reply to the cover',
        lambda: part_again('a-0'),
        'v2 3/3, v3 part 3/3',
        'the same',
        notes=('only part was posted again',),
    ),
    Row(
        'a v5.1 of one patch',
        lambda: [
            *posting('a', ['one', 'two', 'three'], prefix='PATCH v5'),
            letter(
                '[PATCH v5.1 2/3] two',
                patch_text('m', diff('mm/file2.c', new='better')),
                name='b',
                answers='a-2',
                minutes=1e3,
            ),
        ],
        'v5 3/3, v5 part 3/3',
        'v5 with that patch in its place',
        notes=('v5 was posted before',),
    ),
    Row(
        'RFC, then v1',
        lambda: [*again('a', 'RFC PATCH', minutes=0), *again('b', 'PATCH')],
        'RFC v1 2/2, v1 2/2',
        'one series; RFC and v1 are both 1',
    ),
    Row(
        'a reply that carries a diff',
        lambda: [*plain(), reply('a-1', f'Rather:\n\n{diff()}', name='r')],
        'v1 2/2',
        'a suggestion, never a patch',
    ),
    Row(
        'GIT PULL',
        lambda: [letter('[GIT PULL] fixes', 'please pull\n', name='a')],
        '',
        'no series, with the reason',
        unusable='none of the 1 mails is a patch or a cover letter: <a@test> asks to pull from a repository and carries no patches',
    ),
    Row(
        '[PATCH] with no diff and no number',
        lambda: [letter('[PATCH] x', 'nothing\n', name='a')],
        '',
        'no series, with the reason',
        unusable='none of the 1 mails is a patch or a cover letter',
    ),
    Row(
        'a notice that a patch was taken',
        lambda: [letter('+ mm-gup.patch added to mm-unstable branch', patch_text('m', diff()), name='n')],
        '',
        'no posting',
        unusable='none of the 1 mails is a patch or a cover letter',
    ),
    # -- where the patch stands
    Row(
        'attached as text/x-patch',
        lambda: [attached('Content-Type: text/x-patch')],
        'v1 1/1',
        'the attachment, after the text of the mail',
        notes=('patch 1 is an attachment',),
    ),
    Row(
        'attached as text/x-diff',
        lambda: [attached('Content-Type: text/x-diff')],
        'v1 1/1',
        'the same',
        notes=('patch 1 is an attachment',),
    ),
    Row(
        'attached as application/octet-stream',
        lambda: [attached('Content-Type: application/octet-stream; name=a.patch')],
        'v1 1/1',
        'the same',
        notes=('patch 1 is an attachment',),
    ),
    Row(
        'two patches attached to one mail',
        lambda: [
            one(
                parts(
                    'Content-Type: text/plain\n\nWhy.\n',
                    f'Content-Type: text/x-patch\n\n{diff("a.c")}',
                    f'Content-Type: text/x-patch\n\n{diff("b.c")}',
                ),
                headers=kind('multipart/mixed; boundary=cut'),
            )
        ],
        'v1 1/1',
        'the first is taken, the others are told',
        notes=('patch 1 is an attachment', 'patch 1: more than one patch is attached'),
    ),
    Row(
        'HTML only',
        lambda: [one(f'<html><body><pre>{patch_text("m", diff())}</pre></body></html>', headers=kind('text/html'))],
        'v1 1/1',
        'the text is made of it, and said',
        notes=('patch 1: the mail is HTML only',),
    ),
    Row(
        'format=flowed',
        lambda: [one(headers=kind('text/plain; format=flowed'))],
        'v1 1/1',
        'said; git tells whether a line broke',
        notes=('patch 1 is format=flowed',),
    ),
    Row(
        'lines broken by a mailer',
        lambda: [one(patch_text('m', diff(new='a very long line that\nwas broken')))],
        'v1 1/1',
        'said before git trips over it',
        notes=('patch 1 is damaged: a hunk ends before its lines do',),
    ),
    Row(
        'tabs turned into blanks',
        lambda: [one(patch_text('m', diff(old='    old', new='    new').replace(' first', '         first')))],
        'v1 1/1',
        'only git can tell; a whole hunk is taken as it is',
    ),
    # -- bytes that lie
    Row(
        'base64',
        lambda: [
            one(
                base64.encodebytes(patch_text('m', diff()).encode()).decode(),
                headers=[*kind('text/plain; charset=utf-8'), 'Content-Transfer-Encoding: base64'],
            )
        ],
        'v1 1/1',
        'decoded',
    ),
    Row('whole mail CRLF', lambda: [one().replace(b'\n', b'\r\n')], 'v1 1/1', 'lines end with LF from there on'),
    Row(
        'zero-width character',
        lambda: [one(patch_text('m', diff(new='int \u200bx;')), headers=kind('text/plain; charset=utf-8'))],
        'v1 1/1',
        'a finding',
        notes=('patch 1 has characters that do not show: U+200B in mm/gup.c:2',),
    ),
    Row(
        'bidirectional override',
        lambda: [one(patch_text('Why \u202e.', diff(new='\u2066int x;')), headers=kind('text/plain; charset=utf-8'))],
        'v1 1/1',
        'a finding',
        notes=('patch 1 has characters that do not show: U+202E in its message, U+2066 in mm/gup.c:2',),
    ),
    Row(
        'Latin-1 that claims UTF-8',
        lambda: [
            one(patch_text('Gr\xfc\xdfe', diff()), headers=kind('text/plain; charset=utf-8')).replace(
                'Gr\xfc\xdfe'.encode(), 'Gr\xfc\xdfe'.encode('latin-1')
            )
        ],
        'v1 1/1',
        'marked as lost, and said',
        notes=('patch 1: the text claims to be utf-8 and is not',),
    ),
    Row(
        'a charset nobody knows',
        lambda: [one(headers=kind('text/plain; charset=x-none'))],
        'v1 1/1',
        'UTF-8 or Latin-1, and said',
        notes=("patch 1: charset 'x-none' is not known",),
    ),
    Row(
        '8-bit text without a charset',
        lambda: [
            one(patch_text('Gr\xfc\xdfe', diff())).replace('Gr\xfc\xdfe'.encode(), 'Gr\xfc\xdfe'.encode('latin-1'))
        ],
        'v1 1/1',
        'Latin-1, and said',
        notes=('patch 1: the text has 8-bit characters of no stated charset',),
    ),
    Row(
        'koi8-r',
        lambda: [one(headers=kind(CYRILLIC)).replace(b'Why.', 'Почему.'.encode('koi8-r'))],
        'v1 1/1',
        'decoded',
    ),
    # -- headers that lie
    Row(
        'no Message-Id',
        lambda: [without(one(), 'Message-ID')],
        'v1 1/1',
        'one is made of the contents, and said',
        notes=('patch 1: no valid Message-ID',),
    ),
    Row(
        'two Message-Ids',
        lambda: [one(headers=['Message-ID: <second@test>'])],
        'v1 1/1',
        'the first counts, the second is told',
        notes=('patch 1: the mail has 2 Message-IDs',),
    ),
    Row(
        'one Message-Id, two texts',
        lambda: [one(patch_text('m', diff(new='n1'))), one(patch_text('m', diff(new='n2')))],
        'v1 1/1',
        'the first list in preference counts, and said',
        notes=('patch 1: the 2 copies of this mail differ in their text',),
    ),
    Row(
        'no Date',
        lambda: [without(one(), 'Date')],
        'v1 1/1',
        'the time of arrival counts',
        notes=('patch 1: no Date header',),
    ),
    Row(
        'a Date that is none',
        lambda: [put(one(), 'Date', 'some day')],
        'v1 1/1',
        'the time of arrival counts, and said',
        notes=('patch 1: no usable Date header',),
    ),
    Row(
        'a Date in 2106',
        lambda: [
            put(
                one(headers=['Received: from a by b; Fri, 01 Mar 2024 09:00:05 +0000']),
                'Date',
                'Mon, 1 Mar 2106 00:00:00 +0000',
            )
        ],
        'v1 1/1',
        'the time of arrival counts, and said',
        notes=('patch 1: no usable Date header',),
    ),
    Row(
        'a clock that runs a year ahead',
        lambda: [
            put(
                one(headers=['Received: from a by b; Fri, 01 Mar 2024 09:00:05 +0000']),
                'Date',
                'Sat, 1 Mar 2025 09:00:00 +0000',
            )
        ],
        'v1 1/1',
        'the archive took it in earlier: its time counts, and said',
        notes=('patch 1: its Date is 365 days after its arrival',),
    ),
    Row(
        'no Subject',
        lambda: [without(one(), 'Subject')],
        'v1 1/1',
        'a root signed off by its sender that holds a diff is a patch',
    ),
    Row('no From', lambda: [without(one(), 'From')], 'v1 1/1', 'somebody without a name'),
    Row(
        'references in a circle',
        lambda: [
            letter('[PATCH 1/2] a', patch_text('m', diff('a.c')), name='a', answers='b'),
            letter('[PATCH 2/2] b', patch_text('m', diff('b.c')), name='b', answers='a', minutes=1),
        ],
        'v1 2/2',
        'cut at the earliest mail, and said',
        notes=('patch 1: its references run in a circle',),
    ),
    # -- mails that want to hurt
    Row('parts nested 60 deep', lambda: [nested(60)], 'v1 1/1', 'read'),
    Row(
        'parts nested 5000 deep',
        lambda: [nested(5000)],
        '',
        'unusable, with the reason',
        unusable='none of the 1 mails is a patch or a cover letter: of <a@test>, the mail cannot be parsed (RecursionError)',
        notes=('the mail cannot be parsed',),
        slow=True,
    ),
    Row(
        '20,000 parts',
        lambda: [wide(20000)],
        '',
        'the first text counts',
        unusable='none of the 1 mails is a patch or a cover letter',
        slow=True,
    ),
    Row(
        'a mail of 50 MB',
        lambda: [one(patch_text('m', diff()) + 'x' * 79 * 1 + ('y' * 79 + '\n') * 655_360)],
        'v1 1/1',
        'read',
        slow=True,
    ),
    Row(
        'a References header of 120 kB',
        lambda: [one(headers=['References: ' + '<x@y> ' * 20_000])],
        'v1 1/1',
        'the last 500 count',
    ),
    Row('a subject of 20 kB', lambda: [one(subject='[PATCH] ' + 'x' * 20_000)], 'v1 1/1', 'cut'),
    Row(
        'a subject of 300 brackets',
        lambda: [one(subject='[' * 300 + 'PATCH' + ']' * 300)],
        'v1 1/1',
        'a root signed off by its sender that holds a diff is a patch',
    ),
    Row(
        'nothing at all',
        lambda: [b''],
        '',
        'unusable, with the reason',
        unusable='none of the 1 mails is a patch or a cover letter',
    ),
    Row('no mail', list, '', 'unusable, with the reason', unusable='no mail was found'),
)
