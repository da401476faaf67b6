# SPDX-License-Identifier: GPL-2.0-or-later
"""The console corpus, and what the parser owes to logs nobody has seen yet."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.errors import ConfigError
from bot.lab import shapes
from bot.lab.console import LIMIT, messages, new_events, read_console
from tests.lab import derive_consoles
from tests.lab.console_corpus import CORPUS, Entry, entries, header, read, write

ENTRIES = entries()
HEADS = sorted({shapes.head(row.line) for row in shapes.shipped_table().shape})


@pytest.mark.parametrize('entry', ENTRIES, ids=lambda e: e.path.name)
def test_the_corpus_is_read_as_its_headers_say(entry: Entry, request: pytest.FixtureRequest) -> None:
    if request.config.getoption('--update-golden'):
        write(entry.path, entry.origin, entry.log)
    assert header(entry.origin, read_console(entry.log)) == read(entry.path).header


def test_the_corpus_is_large_and_says_where_it_comes_from() -> None:
    assert len(ENTRIES) >= 25
    assert all(e.origin.startswith(('boot of ', 'derived from ')) for e in ENTRIES)


@pytest.mark.parametrize('number', sorted(derive_consoles.RECIPES))
def test_derived_logs_are_what_the_script_makes(number: str) -> None:
    source, _, recipe = derive_consoles.RECIPES[number]
    assert recipe(read(CORPUS / source).log) == read(CORPUS / number).log


def test_titles_hold_nothing_that_changes_between_runs() -> None:
    titles = {event.title for entry in ENTRIES for event in read_console(entry.log).events}
    assert not [t for t in titles if '0x' in t or 'ffff8' in t]


@settings(max_examples=150, deadline=None)
@given(st.binary(max_size=4000))
def test_any_bytes_are_a_console(log: bytes) -> None:
    console = read_console(log)
    assert console == read_console(log)
    assert all(1 <= e.first <= e.last <= console.lines for e in console.events)


@settings(max_examples=150, deadline=None)
@given(st.lists(st.tuples(st.sampled_from(HEADS), st.text(max_size=60)), max_size=30))
def test_lines_that_begin_like_an_event_are_an_event_or_nothing(parts: list[tuple[str, str]]) -> None:
    log = '\n'.join(head + rest for head, rest in parts).encode()
    console = read_console(log)
    assert len({e.title for e in console.events}) == len(console.events) <= len(parts) * 2
    assert sum(e.count for e in console.events) <= log.count(b'\n') + 1 + log.count(b'[')


@settings(max_examples=60, deadline=None)
@given(st.sampled_from([entry.path.name for entry in ENTRIES]), st.floats(0, 1))
def test_a_log_cut_at_a_line_tells_the_same_story_so_far(name: str, share: float) -> None:
    log = read(CORPUS / name).log
    cut = log[: log.rfind(b'\n', 0, int(len(log) * share)) + 1]
    whole, part = (tuple(e.title for e in read_console(text).events) for text in (log, cut))
    assert part[:-1] == whole[: len(part[:-1])]


def test_the_echoed_command_line_is_no_event() -> None:
    log = b'[    0.000000] Kernel command line: BUG: panic oops=panic WARNING: x\n[    0.1] ok\n'
    assert read_console(log).events == ()


def test_what_a_program_prints_is_no_event() -> None:
    log = b'test says: kernel BUG at mm/gup.c:1!\n  BUG: indented\nthe WARNING: is mine\n'
    assert read_console(log).events == ()


def test_a_flood_is_read_up_to_the_limit_and_said() -> None:
    line = b'[    1.000000] flood\n'
    console = read_console(line * (LIMIT // len(line) + 2))
    assert console.flooded and console.ended == 'cut'


def test_a_line_of_any_length_is_cut() -> None:
    assert len(next(iter(messages(b'x' * 1_000_000))).text) <= 1000


def test_only_titles_the_base_lacks_are_new() -> None:
    one = read_console(b'WARNING: a.c:1 at f+0x1/0x2\n').events
    two = read_console(b'WARNING: a.c:9 at f+0x3/0x4\nWARNING: b.c:1 at g+0x1/0x2\n').events
    assert [e.title for e in new_events(two, one)] == ['WARNING in g']


@pytest.mark.parametrize('line', ['{nope}', '{rest} after', '{text} and {text}'])
def test_a_template_that_could_be_slow_or_wrong_is_refused(line: str, tmp_path: Path) -> None:
    (tmp_path / 'a.toml').write_text(f'[[shape]]\nline = "{line}"\nkind = "bug"\ntitle = "t"\nwhy = "w"\n')
    with pytest.raises(ConfigError, match=r'a\.toml'):
        shapes.load(tmp_path)
