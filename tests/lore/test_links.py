# SPDX-License-Identifier: GPL-2.0-or-later
"""Which posting follows which: every reason, its confidence and its span, and what must not be linked."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from bot.lore import assemble
from bot.model import GitRunner, Link, Series, Span
from tests.lore.letters import ADA, RITA, diff, letter, patch_text, posting, read, reply

Put = Callable[..., tuple[Series, ...]]
LATER = 1e4


@pytest.fixture
def put(git: GitRunner) -> Put:
    return lambda *mails: assemble(read(*mails), None, git).series


def link_of(series: tuple[Series, ...]) -> Link:
    assert len(series) == 1, [s.subject for s in series]
    link = series[0].newest.link
    assert link is not None
    return link


def test_change_id_beats_everything(put: Put) -> None:
    told = 'About.\n\n---\nchange-id: 20240301-pins-1a2b\n'
    first = posting('a', ['one', 'two'], cover='Count pins', cover_text=told)
    second = posting('b', ['uno'], cover='Entirely new words', sender=RITA, minutes=LATER, cover_text=f'x\n{told}')
    link = link_of(put(*first, *second))
    assert link == Link('the same change-id 20240301-pins-1a2b as v1', 'sure', Span('b-0@test', 5, 5))


@pytest.mark.parametrize('value', ['../../etc', 'a b', '$(x)', '-x', 'x' * 200, '.*'])
def test_a_change_id_that_could_mean_something_elsewhere_is_none(value: str, put: Put) -> None:
    told = f'About.\n\nchange-id: {value}\n'
    first = posting('a', ['one'], cover='Count pins', cover_text=told)
    second = posting('b', ['uno'], cover='Entirely new', minutes=LATER, cover_text=told)
    assert [s.change_id for s in put(*first, *second)] == [None, None]


def test_the_change_id_of_the_header(put: Put) -> None:
    first = letter('[PATCH] Count', patch_text('m', diff()), name='a', headers=['X-Change-ID: 20240301-x-1'])
    second = letter(
        '[PATCH v2] Sum', patch_text('m', diff('b')), name='b', minutes=9, headers=['X-Change-ID: 20240301-x-1']
    )
    assert link_of(put(first, second)).confidence == 'sure'


@pytest.mark.parametrize(
    ('text', 'confidence'),
    [
        ('Changes since v1 [1]:\n- all of it\n\nfoo\nbar\n[1] {url}\n', 'sure'),
        ('v1: {url}\n', 'sure'),
        ('- Link to v1: {url}\n', 'sure'),
        ('This is v2 of the series first posted here:\n\n{url}\n', 'sure'),
        ('[v1]: {url}\n', 'sure'),
        ('RFC (<a-0@test>) was liked.\n', 'sure'),
        ('Somebody suggested it in {url} yesterday.\n', 'likely'),
    ],
)
def test_links_in_the_cover(text: str, confidence: str, put: Put) -> None:
    about = 'About.\n\n' + text.format(url='https://lore.kernel.org/linux-mm/a-0@test/')
    second = posting('b', ['uno'], prefix='PATCH v2', cover='Entirely new words', minutes=LATER, cover_text=about)
    link = link_of(put(*posting('a', ['one', 'two'], cover='Count pins'), *second))
    assert (link.reason, link.confidence) == ('its text links to v1', confidence)
    assert link.span is not None
    assert 'a-0@test' in about.split('\n')[link.span.first - 1]


def test_a_link_below_the_line_of_a_single_patch(put: Put) -> None:
    second = patch_text('m', diff('b.c'), 'v2: reworked\n\nv1: https://lore.kernel.org/r/a@test\n')
    link = link_of(
        put(
            letter('[PATCH] Count pins', patch_text('m', diff()), name='a'),
            letter('[PATCH v2] Sum up', second, name='b', minutes=9),
        )
    )
    assert link == Link('its text links to v1', 'sure', Span('b@test', 7, 7))


def test_into_the_discussion(put: Put) -> None:
    talk = reply('a-0', 'Please post v2.\n', name='r')
    second = posting('b', ['uno'], prefix='PATCH v2', cover='Entirely new words', answers='r', minutes=LATER)
    link = link_of(put(*posting('a', ['one', 'two'], cover='Count pins'), talk, *second))
    assert (link.reason, link.confidence) == ('sent into the thread of v1', 'likely')


def test_author_and_title(put: Put) -> None:
    first = posting('a', ['one', 'two', 'three'], cover='Count the pins')
    link = link_of(
        put(*first, *posting('b', ['one', 'two'], prefix='PATCH v2', cover='count the  pins!', minutes=LATER))
    )
    assert link == Link('the same author and title as v1, and most of its patches', 'sure')
    renamed = 'Ada Author <ada@new-employer.example>'
    link = link_of(
        put(*first, *posting('b', ['x'], prefix='PATCH v4', cover='Count the pins', minutes=LATER, sender=renamed))
    )
    assert link == Link('the same author and title as v1', 'likely')


def test_a_title_that_a_mailer_cut(put: Put) -> None:
    long = 'mm/gup: count the pins of every page that is ever pinned'
    first = posting('a', ['one', 'two'], cover=long)
    assert link_of(put(*first, *posting('b', ['x', 'y'], prefix='PATCH v2', cover=long[:40], minutes=LATER)))


def test_overlap_of_patches(put: Put) -> None:
    first = posting('a', ['one', 'two', 'three', 'four'], cover='Count pins')
    second = posting(
        'b', ['two', 'three', 'five'], prefix='PATCH v2', cover='Entirely new words', minutes=LATER, sender=RITA
    )
    link = link_of(put(*first, *second))
    assert link == Link('2 of 3 patches are those of v1, by title or by what they change', 'likely')


def test_v1_after_rfc_v3_under_another_title(put: Put) -> None:
    first = posting('a', ['one', 'two', 'three'], prefix='RFC PATCH v3', cover='Count pins')
    (series,) = put(*first, *posting('b', ['one', 'two', 'four'], cover='Entirely new words', minutes=LATER))
    assert [(r.rfc, r.version) for r in series.revisions] == [(True, 3), (False, 1)]
    assert series.newest.notes == ()


def test_overlap_by_what_is_changed(put: Put) -> None:
    changes = [diff(f'mm/{n}.c', old=f'int before_{n};', new=f'int after_{n};') for n in range(3)]
    moved = [c.replace('@@ -1,3 +1,3 @@', '@@ -9,3 +9,3 @@') for c in changes]
    first = posting('a', ['one', 'two', 'three'], cover='Count pins', changes=changes)
    second = posting('b', ['uno', 'due', 'tre'], prefix='PATCH v2', cover='New words', minutes=LATER, changes=moved)
    assert link_of(put(*first, *second)).reason.startswith('3 of 3 patches are those of v1')


def test_a_reworded_title_and_the_same_files(put: Put) -> None:
    first = posting('a', ['one', 'two'], cover='KVM selftests for private memory of guests by descriptor')
    second = posting(
        'b', ['uno', 'due'], prefix='PATCH v2', cover='KVM selftests for private memory by descriptor', minutes=LATER
    )
    assert link_of(put(*first, *second)).confidence == 'possible'


def test_a_link_in_the_changelog_names_an_unnumbered_version(put: Put) -> None:
    told = 'v3: https://lore.kernel.org/r/a-0@test\n'
    second = posting('b', ['uno'], prefix='PATCH v4', cover='Entirely new words', minutes=LATER, cover_text=told)
    (series,) = put(*posting('a', ['one', 'two'], cover='Count pins'), *second)
    assert series.revisions[0].notes == ('names no version; the changelog of v4 calls it v3',)


@pytest.mark.parametrize(
    ('what', 'second'),
    [
        ('a different title', posting('b', ['uno'], prefix='PATCH v2', cover='Entirely new words', minutes=LATER)),
        (
            'a different author',
            posting('b', ['uno'], prefix='PATCH v2', cover='Count the pins', minutes=LATER, sender=RITA),
        ),
        (
            'an answer with another series',
            posting('b', ['uno'], cover='Entirely new words', answers='a-0', minutes=LATER),
        ),
        ('an older version', posting('b', ['one', 'two'], prefix='PATCH v2', cover='Other', minutes=-LATER)),
        (
            'a backport',
            posting('b', ['one', 'two'], prefix='PATCH 6.6', cover='6.6.1-rc1 review', minutes=LATER, sender=RITA),
        ),
        (
            'a link to what it is based on',
            posting(
                'b',
                ['uno'],
                cover='New words',
                minutes=LATER,
                cover_text='Based on https://lore.kernel.org/r/a-0@test\n',
            ),
        ),
    ],
)
def test_not_linked(what: str, second: list[bytes], put: Put) -> None:
    assert len(put(*posting('a', ['one', 'two'], cover='Count the pins'), *second)) == 2, what


def test_short_titles_link_nothing(put: Put) -> None:
    assert (
        len(
            put(
                *posting('a', ['one', 'two'], cover='Fixes'),
                *posting(
                    'b', ['x', 'y'], prefix='PATCH v2', cover='Fixes', minutes=LATER, changes=[diff('p'), diff('q')]
                ),
            )
        )
        == 2
    )


def test_every_version_answers_the_first_one(put: Put) -> None:
    mails = [
        m
        for n in (1, 2, 3)
        for m in posting(
            f'v{n}', ['one', 'two'], prefix=f'PATCH v{n}', answers='v1-0' if n > 1 else '', minutes=n * LATER
        )
    ]
    (series,) = put(*mails)
    assert [r.version for r in series.revisions] == [1, 2, 3]
    assert all(r.notes == () for r in series.revisions)
    assert series.newest.author.label == ADA.split(' <')[0]
