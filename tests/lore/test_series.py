# SPDX-License-Identifier: GPL-2.0-or-later
"""Odd mail, row by row of what b4 makes of it alone: postings, versions, completeness and notes."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from bot.lore import Assembly, assemble
from bot.model import GitRunner, Revision
from tests.lore.letters import ADA, RITA, diff, letter, patch_text, posting, read, reply

Assemble = Callable[..., Assembly]
BOB = 'Bob Builder <bob@example.com>'


@pytest.fixture
def put(git: GitRunner) -> Assemble:
    def together(*mails: bytes, wanted: str | None = None) -> Assembly:
        return assemble(read(*mails), wanted, git)

    return together


def short(revision: Revision) -> str:
    """Say in a few characters what a posting is: `RFC v2 resend 2/3`."""
    marks = (
        ['RFC'] * revision.rfc
        + [f'v{revision.version}']
        + ['resend'] * revision.resend
        + ['part'] * revision.partial_reroll
    )
    return ' '.join([*marks, f'{len(revision.patches)}/{revision.expected}'])


def chains(assembly: Assembly) -> list[list[str]]:
    return [[short(r) for r in s.revisions] for s in assembly.series]


def test_a_plain_series(put: Assemble) -> None:
    (series,) = put(*posting('a', ['one', 'two', 'three'])).series
    (revision,) = series.revisions
    assert short(revision) == 'v1 3/3'
    assert (revision.complete, revision.missing, revision.notes, revision.link) == (True, (), (), None)
    assert (revision.message_id, revision.cover, revision.subject) == ('a-0@test', 'a-0@test', 'Do the work')
    assert [(p.position, p.total, p.message_id, p.subject) for p in revision.patches] == [
        (1, 3, 'a-1@test', 'one'),
        (2, 3, 'a-2@test', 'two'),
        (3, 3, 'a-3@test', 'three'),
    ]


@pytest.mark.parametrize(
    ('prefix', 'says'),
    [
        ('PATCH', 'v1'),
        ('PATCHv2', 'v2'),
        ('PATCH V3', 'v3'),
        ('v3 PATCH', 'v3'),
        ('PATCH -v4', 'v4'),
        ('RFC PATCH v2 net-next', 'RFC v2'),
        ('PATCH RFC', 'RFC v1'),
        ('RFCv2', 'RFC v2'),
        ('PATCH,v2,', 'v2'),
        ('PATCH v2.1', 'v2'),
        ('PATCH RESEND v2', 'v2 resend'),
        ('patch resend', 'v1 resend'),
        ('EXTERNAL] [PATCH v2', 'v2'),
        ('PATCH v99999999999', 'v1'),
        ('PATCH [RFC]', 'RFC v1'),
    ],
)
def test_prefixes(prefix: str, says: str, put: Assemble) -> None:
    (series,) = put(*posting('a', ['one', 'two'], prefix=prefix)).series
    assert [short(r) for r in series.revisions] == [f'{says} 2/2']
    assert series.revisions[0].patches[1].subject == 'two'


@pytest.mark.parametrize(
    'subject', ['[PATCH 002/120] x', '[PATCH 2/120 v1] x', '[PATCH 2 of 120] x', '[2/120] x', '[PATCH] [2/120] x']
)
def test_numbers(subject: str, put: Assemble) -> None:
    (series,) = put(letter(subject, patch_text('m', diff()), name='a')).series
    assert [(p.position, p.total) for p in series.newest.patches] == [(2, 120)]
    assert len(series.newest.missing) == 119


def test_a_missing_patch(put: Assemble) -> None:
    mails = posting('a', ['one', 'two', 'three'])
    (series,) = put(*mails[:2], mails[3]).series
    assert (series.newest.missing, series.newest.complete) == ((2,), False)
    (series,) = put(mails[0]).series
    assert (series.newest.missing, series.newest.unusable) == ((1, 2, 3), 'none of its patches is at hand')
    (series,) = put(mails[2], mails[3]).series  # the cover and patch 1 are ghosts
    assert (series.newest.missing, series.newest.cover) == ((1,), None)


def test_a_patch_without_a_diff(put: Assemble) -> None:
    mails = posting('a', ['one', 'two'])
    (series,) = put(*mails[:2], letter('[PATCH 2/2] two', 'it was too large\n', name='a-2', answers='a-0')).series
    assert series.newest.missing == (2,)
    assert series.newest.notes == ('patch 2 holds no diff',)


def test_without_cover_and_deeply_threaded(put: Assemble) -> None:
    assert chains(put(*posting('a', ['one', 'two', 'three'], cover=None))) == [['v1 3/3']]
    deep = [
        letter(
            f'[PATCH {n}/3] p{n}',
            patch_text('m', diff(f'{n}.c')),
            name=f'a-{n}',
            answers=f'a-{n - 1}' if n > 1 else '',
            minutes=n,
        )
        for n in (1, 2, 3)
    ]
    assert chains(put(*reversed(deep))) == [['v1 3/3']]


def test_without_threading(put: Assemble) -> None:
    def loose(name: str, title: str, minutes: float) -> list[bytes]:
        texts = ['About.\n', *(patch_text('m', diff(f'{name}{n}.c')) for n in (1, 2))]
        return [
            letter(f'[PATCH {n}/2] {title} {n}', t, name=f'{name}-{n}', minutes=minutes + n / 60)
            for n, t in enumerate(texts)
        ]

    found = put(*loose('a', 'pin pages', 0), *loose('b', 'map folios', 10))
    assert [[r.message_id for r in s.revisions] for s in found.series] == [['a-0@test'], ['b-0@test']]
    assert chains(found) == [['v1 2/2'], ['v1 2/2']]


def test_a_cover_that_is_not_numbered(put: Assemble) -> None:
    about = letter('Let us count pins', 'About.\n', name='a-0')
    patches = posting('a', ['one', 'two'], cover=None, answers='a-0', minutes=1)
    second = letter('[PATCH 2/2] two', patch_text('m', diff('b.c')), name='a-2', answers='a-0', minutes=2)
    (series,) = put(about, patches[0], second).series
    assert (series.newest.cover, series.subject) == ('a-0@test', 'Let us count pins')
    assert series.newest.notes == ('the cover is not numbered 0/n',)
    (series,) = put(letter('A bug', 'It breaks.\n', name='a-0', sender=RITA), patches[0], second).series
    assert series.newest.cover is None


def test_four_of_three(put: Assemble) -> None:
    extra = letter('[PATCH 4/3] four', patch_text('m', diff('d.c')), name='a-4', answers='a-0', minutes=1)
    (series,) = put(*posting('a', ['one', 'two', 'three']), extra).series
    assert short(series.newest) == 'v1 4/4'
    assert series.newest.notes == ('a patch is numbered 4/3',)


def test_two_patches_of_one_number(put: Assemble) -> None:
    extra = letter('[PATCH 2/2] another', patch_text('m', diff('d.c')), name='a-x', answers='a-0', minutes=1)
    (series,) = put(*posting('a', ['one', 'two']), extra).series
    assert [p.message_id for p in series.newest.patches] == ['a-1@test', 'a-2@test', 'a-x@test']
    assert series.newest.notes == ('two patches are numbered 2/2: one is counted as 3',)


def test_the_second_version_answers_the_first(put: Assemble) -> None:
    """b4 takes this cover for a follow-up and loses the change-id in it."""
    told = 'v2.\n\n---\nbase-commit: 0123456789ab\nchange-id: 20240301-x-abc\nLink: https://example.org/\n'
    second = posting('b', ['one', 'two'], prefix='PATCH v2', answers='a-0', minutes=1e4, cover_text=told)
    (series,) = put(*posting('a', ['one', 'two']), *second).series
    assert [short(r) for r in series.revisions] == ['v1 2/2', 'v2 2/2']
    newest = series.newest
    assert (newest.change_id, newest.cover, newest.thread_root) == ('20240301-x-abc', 'b-0@test', 'a-0@test')
    assert [(h.kind, h.value) for h in newest.base_hints] == [('base-commit', '0123456789ab')]
    assert newest.link is not None
    assert (newest.link.reason, newest.link.confidence) == ('sent in reply to v1', 'sure')


def test_a_second_version_that_does_not_say_so(put: Assemble) -> None:
    changes = [diff('mm/file1.c', new='other'), diff('mm/file2.c', new='other')]
    for answers in ('a-0', ''):
        (series,) = put(
            *posting('a', ['one', 'two']), *posting('b', ['one', 'two'], answers=answers, minutes=1e4, changes=changes)
        ).series
        assert [short(r) for r in series.revisions] == ['v1 2/2', 'v2 2/2']
        assert series.newest.notes == ('names no version: taken for v2 because v1 was posted before',)


def test_a_single_patch_posted_again_twice(put: Assemble) -> None:
    title = 'mm/gup: count the pins'
    mails = [
        letter(f'[PATCH] {title}', patch_text('m', diff(new=f'n{n}')), name=f'a{n}', minutes=n * 5000) for n in range(3)
    ]
    (series,) = put(*mails).series
    assert [short(r) for r in series.revisions] == ['v1 1/1', 'v2 1/1', 'v3 1/1']
    assert all('names no version' in r.notes[0] for r in series.revisions[1:])


def test_a_resend_and_its_original(put: Assemble) -> None:
    """b4 merges them to one series of twice the length."""
    first = posting('a', ['one', 'two'], prefix='PATCH v2')
    second = posting('b', ['one', 'two'], prefix='PATCH RESEND v2', minutes=1e4)
    (series,) = put(*first, *second).series
    assert [short(r) for r in series.revisions] == ['v2 2/2', 'v2 resend 2/2']
    same = [diff('mm/file1.c'), diff('mm/file2.c')]
    silent = posting('c', ['one', 'two'], minutes=1e4, changes=same)
    (series,) = put(*posting('a', ['one', 'two'], changes=same), *silent).series
    assert [short(r) for r in series.revisions] == ['v1 2/2', 'v1 resend 2/2']
    assert series.newest.notes == ('names no version: taken for v1 sent again',)


def test_rfc_then_v1(put: Assemble) -> None:
    found = put(
        *posting('a', ['one', 'two'], prefix='RFC PATCH'),
        *posting('b', ['one', 'two'], prefix='RFC PATCH v2', minutes=1e4),
        *posting('c', ['one', 'two'], minutes=2e4),
        *posting('d', ['one', 'two'], prefix='PATCH v2', minutes=3e4),
    )
    assert chains(found) == [['RFC v1 2/2', 'RFC v2 2/2', 'v1 2/2', 'v2 2/2']]
    assert [r.posting for r in found.series[0].revisions] == [1, 2, 3, 4]
    assert all(r.notes == () for r in found.series[0].revisions)


def test_a_gap_in_the_versions(put: Assemble) -> None:
    found = put(*posting('a', ['one', 'two']), *posting('b', ['one', 'two'], prefix='PATCH v5', minutes=1e4))
    assert found.series[0].newest.notes == ('v2 to v4 are not among these mails',)


@pytest.mark.parametrize('answers', ['a-2', 'a-0'])
def test_a_partial_reroll(answers: str, put: Assemble) -> None:
    """b4 completes it only when it answers the very patch."""
    again = letter(
        '[PATCH v3 2/3] two',
        patch_text('m', diff('mm/file2.c', new='better')),
        name='b-2',
        answers=answers,
        minutes=1e4,
    )
    (series,) = put(*posting('a', ['one', 'two', 'three'], prefix='PATCH v2'), again).series
    newest = series.newest
    assert [short(r) for r in series.revisions] == ['v2 3/3', 'v3 part 3/3']
    assert [p.message_id for p in newest.patches] == ['a-1@test', 'b-2@test', 'a-3@test']
    assert (newest.subject, series.subject) == ('Do the work', 'Do the work')
    assert (newest.complete, newest.notes) == (True, ('only part was posted again: patches 1, 3 are those of v2',))


def test_no_reroll_across_different_totals(put: Assemble) -> None:
    again = letter('[PATCH v3 2/4] two', patch_text('m', diff()), name='b-2', answers='a-2', minutes=1e4)
    (series,) = put(*posting('a', ['one', 'two', 'three'], prefix='PATCH v2'), again).series
    assert (series.newest.missing, series.newest.partial_reroll) == ((1, 3, 4), False)


def test_one_patch_of_the_same_version_again(put: Assemble) -> None:
    text = patch_text('m', diff('mm/file2.c', new='better'))
    again = letter('[PATCH v2.1 2/3] two', text, name='b-2', answers='a-2', minutes=1e4)
    (series,) = put(*posting('a', ['one', 'two', 'three'], prefix='PATCH v2'), again).series
    assert [short(r) for r in series.revisions] == ['v2 3/3', 'v2 part 3/3']
    assert [p.message_id for p in series.newest.patches] == ['a-1@test', 'b-2@test', 'a-3@test']
    assert series.newest.notes[0] == 'v2 was posted before, changed since'


def test_a_resent_patch_does_not_fill_a_gap_of_the_original(put: Assemble) -> None:
    mails = posting('a', ['one', 'two'], prefix='PATCH v2')
    again = letter('[PATCH RESEND v2 1/2] one', patch_text('m', diff()), name='b-1', answers='a-0', minutes=1e4)
    found = put(mails[0], mails[2], again)
    assert [r.message_id for s in found.series for r in s.revisions] == ['a-0@test', 'b-1@test']
    assert found.series[0].revisions[0].missing == (1,)


@pytest.mark.parametrize(('hours', 'postings'), [(5, 1), (72, 2)])
def test_patches_that_forget_the_version_of_their_cover(hours: int, postings: int, put: Assemble) -> None:
    cover = letter('[PATCH v3 0/1] Do the work', 'About.\n', name='a-0')
    patch = letter('[PATCH 1/1] one', patch_text('m', diff()), name='a-1', answers='a-0', minutes=hours * 60)
    found = put(cover, patch)
    assert sum(len(s.revisions) for s in found.series) == postings
    assert found.series[0].revisions[0].version == 3


def test_two_series_in_one_thread(put: Assemble) -> None:
    """b4 merges series that have the same revision number."""
    inner = posting('b', ['uno', 'due'], cover='Something else', answers='a-0', minutes=100)
    other = letter(
        '[PATCH] a quick fix', patch_text('m', diff('z.c')), name='c', sender=BOB, answers='a-1', minutes=200
    )
    found = put(*posting('a', ['one', 'two']), *inner, other, wanted='b-1@test')
    assert [[r.message_id for r in s.revisions] for s in found.series] == [['b-0@test'], ['a-0@test'], ['c@test']]
    assert len(found.threads) == 1
    assert chains(found) == [['v1 2/2'], ['v1 2/2'], ['v1 1/1']]


@pytest.mark.parametrize(
    'subject',
    [
        'Re: [PATCH] x',
        'RE: [PATCH v2] x',
        'Aw: [PATCH] x',
        '[EXTERNAL] Re: [PATCH] x',
        '回复: [PATCH] x',
        'Re[2]: [PATCH] x',
        'Fwd: [PATCH] x',
    ],
)
def test_a_reply_with_a_diff_is_no_patch(subject: str, put: Assemble) -> None:
    mails = posting('a', ['one', 'two'])
    found = put(*mails, reply('a-1', f'Rather:\n\n{diff()}', name='r', subject=subject))
    assert chains(found) == [['v1 2/2']]


@pytest.mark.parametrize(
    'subject',
    [
        '+ mm-gup.patch added to mm-unstable branch',
        '[merged mm-stable] mm-gup.patch removed from -mm tree',
        'Patch "x" has been added to the 6.6-stable tree',
    ],
)
def test_notices_with_a_diff_are_no_patches(subject: str, put: Assemble) -> None:
    notice = letter(subject, patch_text('m', diff()), name='n')
    assert put(notice).unusable == 'none of the 1 mails is a patch or a cover letter'


def test_a_patch_without_any_prefix(put: Assemble) -> None:
    assert chains(put(letter('mm: fix it', patch_text('m', diff()), name='n'))) == [['v1 1/1']]
    assert put(letter('mm: broken?', f'How about\n{diff()}', name='n')).series == ()


def test_attached_patches(put: Assemble) -> None:
    for kind in ('text/x-patch', 'text/x-diff', 'application/octet-stream; name=a.patch', 'text/plain'):
        text = f'--cut\nContent-Type: text/plain\n\nWhy.\n\n--cut\nContent-Type: {kind}\n\n{diff()}\n--cut--\n'
        mail = letter('[PATCH] x', text, name='a', headers=['Content-Type: multipart/mixed; boundary=cut'])
        (series,) = put(mail).series
        (patch,) = series.newest.patches
        assert (patch.diff, patch.commit_message) == (diff(), 'Why.')
        assert series.newest.notes == ('patch 1 is an attachment',)


def test_characters_that_make_b4_exit(put: Assemble) -> None:
    text = patch_text('Why \u200b and \u202e.', diff(new='\u2066int x;'))
    (series,) = put(letter('[PATCH] x', text, name='a', headers=['Content-Type: text/plain; charset=utf-8'])).series
    assert series.newest.patches[0].commit_message.startswith('Why \u200b and \u202e.')
    assert series.newest.notes == (
        'patch 1 has characters that do not show: U+200B in its message, U+202E in its message, U+2066 in mm/gup.c:2',
    )


def test_flowed_and_wrong_charset_are_noted(put: Assemble) -> None:
    kind = 'Content-Type: text/plain; charset=utf-8; format=flowed'
    mail = letter('[PATCH] x', patch_text('m', diff()), name='a', headers=[kind]) + b'\xe4'
    assert put(mail).series[0].newest.notes == (
        'patch 1 is format=flowed: its lines may be broken',
        'patch 1: the text claims to be utf-8 and is not',
    )


def test_a_pull_request_and_nothing(put: Assemble) -> None:
    assert put(letter('[GIT PULL] x', 'please pull\n', name='a')).unusable
    assert put().unusable == 'no mail was found'
    found = put(*posting('a', ['one']), wanted='other@test')
    assert found.unusable == 'the mail <other@test> is not among the 2 found'


def test_the_series_asked_for_comes_first(put: Assemble) -> None:
    one = posting('a', ['one', 'two'], cover='Aaa bbb')
    two = [
        *posting('b', ['uno'], cover='Ccc ddd', minutes=10),
        *posting('c', ['uno'], cover='Ccc ddd', prefix='PATCH v2', minutes=1e4),
    ]
    talk = [reply('a-1', 'Why?\n', name='r1'), reply('r1', 'Because.\n', name='r2', sender=ADA, minutes=90)]
    for wanted, first in (('r2@test', 'a-0@test'), ('c-1@test', 'b-0@test'), (None, 'b-0@test')):
        found = put(*one, *two, *talk, wanted=wanted)
        assert found.series[0].revisions[0].message_id == first
        assert found.unusable == ''


def test_input_order_does_not_matter(put: Assemble) -> None:
    mails = [
        *posting('a', ['one', 'two']),
        *posting('b', ['one', 'two'], prefix='PATCH v2', answers='a-0', minutes=1e4),
        reply('b-1', 'Acked-by: Rita Reviewer <rita@example.net>\n', name='r'),
    ]
    assert put(*mails) == put(*reversed(mails)) == put(*mails, *mails)


@pytest.mark.parametrize('place', ['a-2', 'a-0'])
def test_a_lone_patch_below_patch_n_replaces_it(place: str, put: Assemble) -> None:
    """An answer to the very patch is that patch anew; an answer to the cover is a whole."""
    lone = letter(
        '[PATCH v2] two', patch_text('m', diff('mm/file2.c', new='better')), name='b', answers=place, minutes=900
    )
    (series,) = put(*posting('a', ['one', 'two', 'three']), lone).series
    newest = series.newest
    if place == 'a-0':
        assert short(newest) == 'v2 1/1'
        return
    assert short(newest) == 'v2 part 3/3'
    assert [(p.position, p.message_id) for p in newest.patches] == [(1, 'a-1@test'), (2, 'b@test'), (3, 'a-3@test')]
    assert newest.subject == 'Do the work'


def test_lone_patches_replace_one_after_the_other(put: Assemble) -> None:
    lone = [
        letter(
            f'[PATCH v2] {title}',
            patch_text('m', diff(f'mm/file{n}.c', new='better')),
            name=f'b{n}',
            answers=f'a-{n}',
            minutes=900 + n,
        )
        for n, title in ((2, 'two'), (3, 'three'))
    ]
    (series,) = put(*posting('a', ['one', 'two', 'three']), *lone).series
    assert [short(r) for r in series.revisions] == ['v1 3/3', 'v2 part 3/3', 'v2 part 3/3']
    assert [p.message_id for p in series.newest.patches] == ['a-1@test', 'b2@test', 'b3@test']
    assert not any('posted before' in note for note in series.newest.notes)


def test_a_fix_written_anew_under_a_new_title(put: Assemble) -> None:
    first = letter('[PATCH] repair the counting of frobs', patch_text('m', diff('mm/file.c')), name='a')
    second = letter(
        '[PATCH v2] count every frob once', patch_text('m', diff('mm/file.c', new='other')), name='b', minutes=1200
    )
    late = letter(
        '[PATCH v2] count every frob once', patch_text('m', diff('mm/file.c', new='other')), name='b', minutes=9e4
    )
    assert chains(put(first, second)) == [['v1 1/1', 'v2 1/1']]
    alone = put(first, late).series
    assert sorted(short(s.newest) for s in alone) == ['v1 1/1', 'v2 1/1']
    assert ('v1 is not among these mails',) in [s.newest.notes for s in alone]
