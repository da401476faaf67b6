# SPDX-License-Identifier: GPL-2.0-or-later
"""Which postings make one series when authors rename, split, merge and withdraw them, and when people say so by hand."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import pytest
from click.testing import CliRunner

from bot.cli import lorebot
from bot.errors import UserError
from bot.lore import Assembly, assemble, entry, in_force
from bot.model import Command, GitRunner, Tie
from tests.lore.letters import ADA, RITA, diff, letter, patch_text, posting, read, reply
from tests.lore.test_series import chains

NOW = datetime(2024, 4, 1, tzinfo=UTC)


def put(git: GitRunner, *mails: bytes, ties: tuple[Tie, ...] = ()) -> Assembly:
    return assemble(read(*mails), None, git, ties)


def changes(*names: str, new: str = 'new') -> list[str]:
    """Return diffs that share their lines when their names and `new` are the same."""
    return [diff(f'mm/{n}.c', old=f'the old way of {n}', new=f'{new} way of {n}') for n in names]


def test_a_renamed_series(git: GitRunner) -> None:
    first = posting(
        'a', ['count pins', 'count more', 'test it'], cover='Count the pins', changes=changes('x', 'y', 'z')
    )
    second = posting('b', ['count pins', 'count more', 'test it'], prefix='PATCH v2', cover='A bias for longterm users', minutes=1e4, changes=changes('x', 'y', 'z'))  # fmt: skip
    made = put(git, *first, *second)
    assert chains(made) == [['v1 3/3', 'v2 3/3']]
    link = made.series[0].newest.link
    assert link is not None
    assert (link.reason, link.confidence) == (
        '3 of 3 patches are those of v1, by title or by what they change',
        'likely',
    )


def test_a_split_series(git: GitRunner) -> None:
    whole = posting('a', ['one', 'two', 'three', 'four'], cover='All of it', changes=changes('x', 'y', 'z', 'w'))
    left = posting(
        'b', ['one', 'two'], prefix='PATCH v2', cover='The first half', minutes=1e4, changes=changes('x', 'y')
    )
    right = posting(
        'c', ['three', 'four'], prefix='PATCH v2', cover='What is left', minutes=1e4 + 60, changes=changes('z', 'w')
    )
    made = put(git, *whole, *left, *right)
    assert sorted(chains(made)) == [['v1 4/4', 'v2 2/2'], ['v2 2/2']]
    (alone,) = next(s for s in made.series if len(s.revisions) == 1).revisions
    assert alone.notes == ('split off: 2 of the 4 patches of <a-0@test>',)


def test_a_series_that_moves_into_another(git: GitRunner) -> None:
    small = posting('a', ['one', 'two'], cover='A small cleanup', changes=changes('x', 'y'))
    large = posting('b', ['three', 'four', 'five'], cover='The large work', minutes=100, changes=changes('z', 'w', 'v'))
    both = posting('c', ['one', 'two', 'three', 'four', 'five'], prefix='PATCH v2', cover='The large work', minutes=1e4, changes=changes('x', 'y', 'z', 'w', 'v'))  # fmt: skip
    made = put(git, *small, *large, *both)
    assert sorted(chains(made)) == [['v1 2/2'], ['v1 3/3', 'v2 5/5']]
    notes = {r.message_id: r.notes for s in made.series for r in s.revisions}
    assert notes['c-0@test'] == ('takes up 2 of 2 patches of <a-0@test>',)
    assert notes['a-0@test'] == ('2 of its 2 patches moved to <c-0@test>',)


@pytest.mark.parametrize(
    ('text', 'to', 'said'),
    [
        ('Please ignore this series, I sent the wrong branch.\n', 'a-0', 'withdrawn by its author: <r@test> line 1'),
        ('Hi all,\n\nself-NAK, this breaks gup_test.\n', 'a-0', 'withdrawn by its author: <r@test> line 3'),
        ("I'm dropping this patch in v2.\n", 'a-2', 'patch 2 is withdrawn by its author: <r@test> line 1'),
        ('This series is superseded by https://example.org/b.\n', 'a-0', 'superseded by its author: <r@test> line 1'),
        ('Should I drop this series?\n', 'a-0', ''),
        ('> Please ignore this series\nNo.\n', 'a-0', ''),
        ('If nobody minds I would drop this patch.\n', 'a-0', ''),
        ('We drop this page reference later.\n', 'a-0', ''),
    ],
)  # fmt: skip
def test_what_an_author_takes_back(text: str, to: str, said: str, git: GitRunner) -> None:
    mails = posting('a', ['one', 'two'])
    (series,) = put(git, *mails, reply(to, text, name='r', sender=ADA)).series
    assert series.newest.notes == ((said,) if said else ())
    (series,) = put(git, *mails, reply(to, text, name='r', sender=RITA)).series
    assert series.newest.notes == ()


def test_by_hand(git: GitRunner) -> None:
    one = posting('a', ['one', 'two'], cover='Count the pins', changes=changes('x', 'y'))
    two = posting('b', ['three'], prefix='PATCH v2', cover='Something else', minutes=1e4, changes=changes('z'))
    assert chains(put(git, *one, *two)) == [['v1 2/2'], ['v2 1/1']]
    tie = Tie('b-1@test', 'a-0@test', True, 'rita@example.net', '0123456789ab', 'a rewrite')
    made = put(git, *one, *two, ties=(tie,))
    assert chains(made) == [['v1 2/2', 'v2 1/1']]
    link = made.series[0].newest.link
    assert link is not None
    assert link.reason == 'linked by hand by rita@example.net (0123456789ab): a rewrite'


def test_apart_by_hand(git: GitRunner) -> None:
    mails = [
        *posting('a', ['one', 'two']),
        *posting('b', ['one', 'two'], prefix='PATCH v2', answers='a-0', minutes=1e4),
    ]
    assert len(put(git, *mails).series) == 1
    tie = Tie('a-0@test', 'b-0@test', False, 'rita@example.net', '0123456789ab')
    made = put(git, *mails, ties=(tie,))
    assert sorted(chains(made)) == [['v1 2/2'], ['v2 2/2']]
    assert 'does not follow <a-0@test>, said by hand by rita@example.net (0123456789ab)' in [
        n for s in made.series for r in s.revisions for n in r.notes
    ]


def said(verb: str, *mails: str, text: str = '', minute: int = 0) -> Command:
    return entry(verb, mails, text, 'rita@example.net', NOW.replace(minute=minute))


def test_the_last_word_counts_and_can_be_taken_back() -> None:
    first, second = said('series-link', 'a@x', 'b@x'), said('series-unlink', 'b@x', 'a@x', minute=1)
    assert [t.holds for t in in_force([first])] == [True]
    assert [t.holds for t in in_force([second, first])] == [False]
    back = said('series-undo', 'a@x', text=second.id, minute=2)
    assert in_force([first, second, back]) == in_force([first])
    assert in_force([first, said('series-undo', 'a@x', text=first.id, minute=3)]) == ()


@pytest.mark.parametrize(
    'mails', [('a@x', 'a@x'), ('a@x', 'no id'), ('a@x', "x'; DROP TABLE command"), ('<a@x>', 'a@x')]
)
def test_what_is_no_pair_of_postings(mails: tuple[str, str]) -> None:
    with pytest.raises(UserError):
        said('series-link', *mails)


def test_the_commands(tmp_path: Path) -> None:
    mails = [*posting('a', ['one'], cover='Count the pins'), *posting('b', ['zwei'], prefix='PATCH v2', cover='Mehr', minutes=1e4, changes=changes('z'))]  # fmt: skip
    folder = tmp_path / 'mails'
    folder.mkdir()
    for at, mail in enumerate(mails):
        (folder / f'{at}.eml').write_bytes(mail)
    (folder / '9.eml').write_bytes(
        letter('[PATCH] other', patch_text('m', diff('k.c')), name='k', minutes=5, sender=RITA)
    )

    def run(*words: str) -> str:
        done = CliRunner().invoke(lorebot, ['series', *words], catch_exceptions=False)
        return done.output

    assert run('list', str(folder)).count('#1') == 3
    name = run('link', 'a-0@test', 'https://lore.kernel.org/r/b-0@test', '-m', 'a rewrite').partition(':')[0]
    listed = run('list', str(folder))
    assert f'linked by hand by the local user ({name}): a rewrite (sure)' in listed
    assert f'by hand, {name}: <a-0@test> and <b-0@test> follow one another' in listed
    assert 'holds no longer' in run('undo', name, 'a-0@test')
    assert 'by hand' not in run('list', str(folder))
    for verb in ('link', 'unlink'):
        with pytest.raises(UserError, match='no mail that was read here has this message-id .nobody@test'):
            run(verb, 'a-0@test', 'nobody@test')
    with pytest.raises(UserError, match='not in force'):
        run('undo', name, 'a-0@test')
