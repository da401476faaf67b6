# SPDX-License-Identifier: GPL-2.0-or-later
"""The policy: nothing by silence, the strictest word of several lists, and every mistake with file, key and cure."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot import post
from bot.errors import ConfigError
from bot.post.policy import SCOPES, Rule, strictest

AGREED = 'opt_in = true\nagreed = "https://lore.example/agreed"\n'
Load = Callable[..., post.Policy]


@pytest.fixture
def load(tmp_path: Path) -> Load:
    def read(text: str) -> post.Policy:
        (tmp_path / 'policy.toml').write_text(text)
        return post.load_policy(tmp_path / 'policy.toml')

    return read


def test_as_shipped_nothing_is_allowed() -> None:
    shipped = post.load_policy()
    assert shipped.list == {} and not shipped.opted_in('linux-mm@kvack.org')
    assert shipped.every.approval and shipped.every.embargo_hours and not shipped.overall.direct


def test_a_list_opts_in_for_itself_alone(load: Load) -> None:
    made = load(f'[list."Linux-MM@kvack.org"]\n{AGREED}')
    assert made.opted_in('linux-mm@KVACK.org') and not made.opted_in('kvm@vger.kernel.org')
    assert made.rule('linux-mm@kvack.org').approval, 'what its table does not say is as in [every]'


def test_layers(load: Load, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv('XDG_CONFIG_HOME', str(tmp_path / 'config'))
    (tmp_path / 'config' / 'lorebot').mkdir(parents=True)
    (tmp_path / 'config/lorebot/policy.toml').write_text(
        f'[every]\ndepth = 3\n[list."mm@x.example"]\n{AGREED}per_day = 3\n[people]\nopted_out = ["a@x.example"]\n'
    )
    made = load(
        '[list."mm@x.example"]\nper_day = 1\n[people]\nopted_out = ["@y.example"]\n[bots]\naddresses = ["z@*"]\n'
    )
    assert (made.rule('mm@x.example').per_day, made.rule('mm@x.example').depth) == (1, 3)
    assert made.opted_in('mm@x.example')
    assert made.opted_out('A@x.example') and made.opted_out('b@y.example') and not made.opted_out('b@x.example')
    assert (
        made.opted_out('A+lists@x.example') and made.opted_out('b+x@y.example') and not made.opted_out('a+x@b.example')
    )
    assert load('[people]\nopted_out = ["c+kernel@z.example"]\n').opted_out('c@z.example')
    assert made.is_bot('z@w.example') and made.is_bot('lkp@intel.com') and not made.is_bot('mara@lindqvist.example')


@pytest.mark.parametrize(
    ('text', 'what', 'todo'),
    [
        (
            '[every]\nopt_in = true\nagreed = "https://x"',
            'policy every.opt_in: no list can be opted in for another',
            '',
        ),
        ('[list."a@b.c"]\nopt_in = true', 'policy list."a@b.c".agreed: opt_in needs the web address', ''),
        ('[list."a@b.c"]\nopt_inn = true', 'unknown key list."a@b.c".opt_inn', 'did you mean list."a@b.c".opt_in?'),
        ('[list."a@b.c"]\nkinds = ["x"]', 'policy list."a@b.c".kinds: Invalid enum value', ''),
        ('[list."a@b.c"]\nembargo_hours = "x"', 'policy list."a@b.c".embargo_hours: Expected', ''),
        ('[list."a@b.c"]\nembargo_hours = -1', 'policy list."a@b.c".embargo_hours: hours are from 0', ''),
        (f'[list."a@b.c"]\n{AGREED}left_out = true', 'policy list."a@b.c".left_out: a list cannot be', ''),
        ('[list."a@b.c"]\nmoderation = "Mods <m@b.c>"', 'policy list."a@b.c".moderation: write an address', ''),
        ('[list.foo]\nmute = true', 'policy list."foo": a table of a list is named by its address', ''),
        ('[list]\nfoo = 1', 'policy list.foo is a table', ''),
        ('[list."a@b.c"]\nmute = true\n[list."A@b.c"]\nmute = true', 'two tables for a@b.c', 'make one of them'),
        ('[lists]\nx = 1', 'unknown key lists', 'did you mean list?'),
        ('[overall]\nper_our = 1', 'unknown key overall.per_our', 'did you mean overall.per_hour?'),
        ('[overall]\nper_day = 1.5', 'policy overall.per_day: Expected `int`', ''),
        ('[overall]\nper_day = -1', 'policy overall.per_day: a number of mails', ''),
        ('[every]\nper_day = -1', 'policy every.per_day: a number of mails', ''),
        ('[every]\nkinds = "review"', 'policy every.kinds: Expected `array`', ''),
        ('every = 1', 'policy every is a table', 'write [every]'),
        ('[people]\nopted_out = ["foo"]', "policy people.opted_out: 'foo' is neither", ''),
        ('[bots]\naddresses = ["bot"]', "policy bots.addresses: 'bot' is no pattern", ''),
        ('nonsense', 'not a TOML file', 'correct the line named'),
    ],
)
def test_mistakes(load: Load, tmp_path: Path, text: str, what: str, todo: str) -> None:
    with pytest.raises(ConfigError) as caught:
        load(text)
    assert caught.value.what.startswith(what)
    assert str(tmp_path / 'policy.toml') in caught.value.where
    assert caught.value.todo == todo if todo else caught.value.todo


def test_no_such_file(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match='cannot read the policy'):
        post.load_policy(tmp_path / 'absent.toml')


def rules() -> st.SearchStrategy[Rule]:
    every = post.load_policy().every
    said: dict[str, st.SearchStrategy[Any]] = {
        **dict.fromkeys(('mute', 'approval', 'quiet_on_clean', 'add_maintainers', 'inline_per_patch'), st.booleans()),
        'reply': st.sampled_from(SCOPES),
        'embargo_hours': st.integers(0, 48),
        'depth': st.integers(0, 4),
        'kinds': st.lists(st.sampled_from(('review', 'lab', 'status')), unique=True).map(tuple),
        'moderation': st.sampled_from(('', 'm@a.example', 'm@b.example')),
    }
    return st.fixed_dictionaries(said).map(lambda given: msgspec.structs.replace(every, **given))


@given(st.lists(rules(), min_size=1, max_size=4), rules())
def test_one_more_list_never_allows_more(some: list[Rule], more: Rule) -> None:
    few = strictest([(f'{n}@x.example', rule) for n, rule in enumerate(some)])
    many = strictest([*((f'{n}@x.example', rule) for n, rule in enumerate(some)), ('z@x.example', more)])
    assert many.kinds <= few.kinds and many.depth <= few.depth and many.embargo_hours >= few.embargo_hours
    assert SCOPES.index(many.reply) <= SCOPES.index(few.reply)
    for forbids in ('mute', 'approval', 'quiet_on_clean'):
        assert getattr(many, forbids) >= getattr(few, forbids)
    for allows in ('add_maintainers', 'inline_per_patch'):
        assert getattr(many, allows) <= getattr(few, allows)
    assert set(many.moderation) >= set(few.moderation)


@given(st.permutations([0, 1, 2]), st.lists(rules(), min_size=3, max_size=3))
def test_the_order_of_lists_does_not_matter(order: list[int], some: list[Rule]) -> None:
    named = [(f'{n}@x.example', rule) for n, rule in enumerate(some)]
    one, other = strictest(named), strictest([named[n] for n in order])
    for field in ('mute', 'reply', 'embargo_hours', 'kinds', 'approval', 'depth'):
        assert getattr(one, field) == getattr(other, field)
    assert set(one.moderation) == set(other.moderation)
