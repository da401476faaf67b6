# SPDX-License-Identifier: GPL-2.0-or-later
"""A series that needs another one first: found by patch id or message-id in what was read before, named when it is not."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pytest

from bot import pipeline, prerequisites, report
from bot.lore import Assembly, Source
from bot.model import BaseHint, Outcome, Revision, Series, Span
from bot.request import Request
from tests.desk import desk
from tests.report.example import rich
from tests.trees.build import Source as Repository
from tests.trees.build import numbered


@dataclass
class Two:
    """A tree, a series of two patches for it, and one patch that was made on top of them."""

    tree: Path
    below: Path
    above: Path


@pytest.fixture(scope='module')
def two(tmp_path_factory: pytest.TempPathFactory, need: Callable[..., None]) -> Two:
    need('git')
    top = tmp_path_factory.mktemp('two')
    source = Repository(top / 'linux')
    base = source.commit({'mm/gup.c': numbered(40)}, 'start')
    source.commit({'mm/gup.c': numbered(40, line5='long five;')}, 'mm: widen five')
    below = source.commit({'mm/gup.c': numbered(40, line5='long five;', line9='long nine;')}, 'mm: widen nine')
    source.commit({'mm/gup.c': numbered(40, line5='long five;', line7='long seven;', line9='long nine;')}, 'mm: seven')
    shape = ('format-patch', '--stdout', '--thread', '--no-signature', f'--base={base}')
    (top / 'below.mbox').write_text(source.git(*shape, f'{base}..{below}') + '\n')
    (top / 'above.mbox').write_text(source.git(*shape, f'{below}..HEAD') + '\n')
    source.git('reset', '-q', '--hard', base)
    return Two(source.path, top / 'below.mbox', top / 'above.mbox')


def look(directory: Path, two: Two, source: Path) -> pipeline.Review:
    with desk(directory) as at:
        return pipeline.review(Request(str(source), trees=(('linux', two.tree),), stages=('apply',)), at)


def test_patch_ids_are_looked_up_in_what_was_read_before(two: Two, tmp_path: Path) -> None:
    alone = look(tmp_path, two, two.above)
    assert alone.results['apply'].under == () and len(alone.results['apply'].needs) == 2
    assert 'the series says that it needs 2 other patches first' in alone.verdicts['apply'].reason
    assert look(tmp_path, two, two.below).verdicts['apply'].outcome is Outcome.PASSED
    found = look(tmp_path, two, two.above)
    applied = found.results['apply']
    assert found.verdicts['apply'].outcome is Outcome.PASSED, found.verdicts
    assert [p.subject for p in applied.under] == ['mm: widen five', 'mm: widen nine'] and len(applied.patches) == 1
    text = report.render(found.report, 'text', link='https://lore.example.org/%s')
    words = ' '.join(text.split())
    assert 'on ' + applied.ground[:12] + ' and 2 patches it needs' in words
    assert 'needed first: prerequisite-patch-id' in words and '"mm: widen five" of v1 of' in words
    assert f'--base {applied.ground}' in words


def test_a_dependency_named_by_message_id_brings_the_whole_posting(two: Two, tmp_path: Path) -> None:
    text = two.below.read_text()
    first = text.split('Message-ID: <' if 'Message-ID: <' in text else 'Message-Id: <')[1].split('>')[0]
    lines = [line for line in two.above.read_text().split('\n') if not line.startswith('prerequisite-patch-id')]
    at = lines.index('---')
    named = tmp_path / 'named.mbox'
    named.write_text(
        '\n'.join([*lines[: at + 1], f'Depends-on: <https://lore.kernel.org/r/{first}>', *lines[at + 1 :]])
    )
    look(tmp_path, two, two.below)
    applied = look(tmp_path, two, named).results['apply']
    assert applied.verdict.outcome is Outcome.PASSED and len(applied.under) == 2
    assert applied.needs[0].startswith(f'depends-on {first}: 2 patches of v1 of ')


@pytest.mark.parametrize('value', ['http://127.0.0.1:9/evil/x@y', '../../etc/passwd@x', '-@x', '@{-1}@x'])
def test_an_id_that_looks_like_a_url_or_path_asks_nobody_else(value: str, tmp_path: Path) -> None:
    hint = BaseHint('prerequisite-message-id', value, Span('a@b.example', 1, 1))
    series = rich().series
    newest = Revision(**{**{f: getattr(series.newest, f) for f in Revision.__slots__}, 'base_hints': (hint,)})
    one = Series(series.subject, series.author, None, (newest,))
    source = Source('archive', 'archive:http://127.0.0.1:1#m', 'm@x', 'http://127.0.0.1:1')
    with desk(tmp_path) as at:
        assert prerequisites.gather(Assembly((), (one,), ''), source, Request('m@x'), at) == ()


def test_what_the_store_remembers_is_put_together_once(
    two: Two, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Many kept sources that have nothing to do with it cost a look at their names; a few unread ones are read each time."""
    monkeypatch.setattr(prerequisites, '_READ', 2)
    for n in range(5):
        other = tmp_path / f'other{n}.mbox'
        other.write_text(two.below.read_text().replace('mm: widen', f'x{n}: widen').replace('long', f'other{n}'))
        with desk(tmp_path) as at:
            pipeline.review(Request(str(other), stages=('questions',)), at)
    look(tmp_path, two, two.below)
    found, counts = [], []
    for _ in range(4):
        with desk(tmp_path) as at:
            made = pipeline.review(Request(str(two.above), trees=(('linux', two.tree),), stages=('apply',)), at)
            found.append(len(made.results['apply'].under))
            counts.append(at.tally['assemble held'] + at.tally['assemble done'])
    assert found[-1] == 2 and sorted(found) == found
    assert max(counts) <= 1 + 2 + 1 and counts[-1] == 2
