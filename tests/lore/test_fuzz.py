# SPDX-License-Identifier: GPL-2.0-or-later
"""Subjects, reference graphs, diffs and trailers of any shape: what must hold whatever comes in.

Some dozen examples each in `check`; with --long 25,000 each, 10^5 in all: `./bot.sh check --long tests/lore/test_fuzz.py`.
"""

from __future__ import annotations

import os
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from bot.lore.b4_adapter import read_subject, read_tags
from bot.lore.characters import unseen
from bot.lore.diff import broken_hunk, changed_lines, files, find_diff, preimages
from bot.lore.postings import split
from bot.lore.tags import _tags
from bot.lore.threads import ancestors, assemble_threads, without_circles
from bot.model import Message, Person

LONG = int(os.environ.get('LOREBOT_EXAMPLES', '25000'))
QUIET = [HealthCheck.too_slow, HealthCheck.data_too_large, HealthCheck.filter_too_much]


def examples(property_: Callable[..., None], count: int) -> Callable[..., None]:
    return settings(max_examples=count, deadline=None, suppress_health_check=QUIET, database=None)(property_)


WORDS = st.sampled_from(
    ['PATCH', 'patch', 'RFC', 'RESEND', 'v2', 'V3', 'v2.1', 'v99999', '1/3', '01/10', '4/3', '0/0', '3 of 5', 'net-next',
     '-next', ',', ';', ':', '[', ']', '][', 'Re:', 'AW:', 'Fwd:', 'mm/gup:', 'GIT PULL', '=?utf-8?q?x?=', '/', 'v', 'v-1']
)  # fmt: skip
SUBJECTS = st.lists(st.one_of(WORDS, st.text(max_size=6)), max_size=14).map(' '.join) | st.text(max_size=120)


def a_subject_says_what_it_can(subject: str) -> None:
    said = read_subject(subject)
    assert said == read_subject(subject)
    assert said.version is None or 0 <= said.version <= 9999
    assert (said.position, said.total) >= (0, 0)
    assert not said.numbered or said.total >= 0
    assert '\n' not in said.title or '\n' in subject


@st.composite
def mails(draw: Any) -> list[Message]:
    """Return up to six mails that answer and name each other in any way, circles and ghosts included."""
    count = draw(st.integers(1, 6))
    names = [f'm{n}@x' for n in range(count)] + ['ghost@x', 'other@x']
    found = []
    for n in range(count):
        parent = draw(st.none() | st.sampled_from([i for i in names if i != names[n]]))
        refs = tuple(draw(st.lists(st.sampled_from([i for i in names if i != names[n]]), max_size=4)))
        date = draw(st.none() | st.integers(0, 5).map(lambda h: datetime(2024, 3, 1, tzinfo=UTC) + timedelta(hours=h)))
        subject = draw(st.sampled_from(['[PATCH 0/2] a', '[PATCH 1/2] b', '[PATCH 2/2] c', '[PATCH v2 1/2] b', 'Re: x', '[PATCH] d', 'talk']))  # fmt: skip
        text = draw(st.sampled_from(['words\n', 'diff --git a/x b/x\n--- a/x\n+++ b/x\n@@ -1 +1 @@\n-a\n+b\n']))
        found.append(
            Message(names[n], subject, Person('A', 'a@x'), (), (), date, None, parent, refs, parent or (refs[-1] if refs else None), text, b'')
        )  # fmt: skip
    return found


def references_lead_somewhere(found: list[Message]) -> None:
    ordered = without_circles(found)
    by_id = {m.message_id: m for m in ordered}
    threads = assemble_threads(ordered)
    assert sorted(m.message_id for t in threads for m in t.messages) == sorted(by_id)
    for message in ordered:
        above = [m.message_id for m in ancestors(message, by_id)]
        assert len(above) == len(set(above))
        assert message.message_id not in above
    for thread in threads:
        assert thread.get(thread.root) is not None
        assert not {g.message_id for g in thread.ghosts} & by_id.keys()
    pieces = [p.message_id for posting in split(ordered) for p in posting.pieces]
    assert len(pieces) == len(set(pieces))
    assert split(ordered) == split(without_circles(list(reversed(found))))


LINES = st.sampled_from(
    ['diff --git a/x.c b/x.c', 'diff --git "a/\\303\\244" "b/\\303\\244"', 'index 1111111..2222222 100644', '--- a/x.c', '+++ b/x.c',
     '--- /dev/null', '+++ /dev/null', '@@ -1,3 +1,3 @@', '@@ -1 +1 @@ f(void)', '@@ -0,0 +1,2 @@', '@@ -999999999,9 +1,9 @@', ' x',
     '+x', '-x', '', '\\ No newline at end of file', '-- ', '2.39.5', '---', 'rename from a', 'rename to b', 'new file mode 100644',
     'deleted file mode 100644', 'GIT binary patch', 'literal 5', 'zcmZ', 'Index: x.c', '> +x', 'Signed-off-by: A <a@x>']
)  # fmt: skip
TEXTS = st.lists(st.one_of(LINES, st.text(max_size=12)), max_size=24).map('\n'.join)


def a_diff_is_cut_out_of_its_mail(text: str) -> None:
    diff = find_diff(text)
    assert diff == '' or diff.rstrip('\n') in text
    again = find_diff(diff)
    assert again == '' or find_diff(again) == again
    assert all(files(diff)), diff
    assert all(p.path and p.before for p in preimages(diff))
    assert all(line[0] in '+-' for line in changed_lines(diff))
    assert broken_hunk(diff) == '' or broken_hunk(diff) in diff
    assert unseen(text, diff) == '' or not text.isascii()


TAGS = st.sampled_from(
    ['Reviewed-by: A B <a@x.org>', 'Acked-by:\tA <a@x.org> # mm', 'Fixes: 0123456789ab ("x")', 'Link: https://x.org/a', 'Cc: <a@x>',
     'Tested-by: A', '<a@x.org>', '> Acked-by: A <a@x.org>', 'a: b', 'Signed-off-by: =?utf-8?q?=C3=A4?= <a@x>', '-- ', '',
     'Reviewed-by: ' + 'x' * 600, 'by: x', 'Closes: https://x.org/b [1]', '[a: changed it]']
)  # fmt: skip
LETTERS = st.lists(st.one_of(TAGS, st.text(max_size=30)), max_size=10)


def a_trailer_keeps_its_line(lines: list[str]) -> None:
    plain = [line.replace('\n', ' ') for line in lines]
    found = list(_tags('m@x', plain))
    for tag, span in found:
        assert 1 <= span.first <= span.last <= len(plain)
        assert not plain[span.first - 1].startswith('>')
        assert '-- ' not in plain[: span.first - 1]
        assert tag.person is None or tag.person.email == tag.person.email.lower()
    assert list(_tags('m@x', plain)) == found
    assert read_tags('\n'.join(plain[:1])) == read_tags('\n'.join(plain[:1]))


PROPERTIES = (
    (a_subject_says_what_it_can, SUBJECTS),
    (references_lead_somewhere, mails()),
    (a_diff_is_cut_out_of_its_mail, TEXTS),
    (a_trailer_keeps_its_line, LETTERS),
)


@pytest.mark.parametrize('count', [60, pytest.param(LONG, marks=[pytest.mark.long, pytest.mark.timeout(4 * 3600)])])
@pytest.mark.parametrize(('holds', 'things'), PROPERTIES, ids=[p[0].__name__ for p in PROPERTIES])
def test_whatever_comes_in(holds: Callable[..., None], things: st.SearchStrategy[Any], count: int) -> None:
    def asked(thing: Any) -> None:
        holds(thing)

    examples(given(things)(asked), count)()
