# SPDX-License-Identifier: GPL-2.0-or-later
"""A finding stands at one line of a patch mail, or nowhere: an answer is never put under another line."""

from __future__ import annotations

from dataclasses import replace
from types import SimpleNamespace
from typing import cast

import pytest

from bot.model import Evidence, Excerpt, Patch
from bot.report import placement
from bot.report.sections.hunks import lines_meant
from tests.report.example import SECOND
from tests.report.example_checks import FINDINGS

DIFF = """diff --git a/drivers/misc/lend.c b/drivers/misc/lend.c
--- a/drivers/misc/lend.c
+++ b/drivers/misc/lend.c
@@ -10,3 +10,4 @@ static int lend_map(void)
 	int got;
-	got = 0;
+	got = get_user_pages(addr, lend->nr,
+			     FOLL_WRITE | FOLL_LONGTERM, lend->pages);
 	return got;
@@ -40,2 +41,3 @@ static int other(void)
 	int got;
+	got = get_user_pages(addr, lend->nr,
 	return got;
diff --git a/drivers/misc/twin.c b/drivers/misc/twin.c
--- a/drivers/misc/twin.c
+++ b/drivers/misc/twin.c
@@ -1 +1,2 @@
 	int got;
+			     FOLL_WRITE | FOLL_LONGTERM, lend->pages);
"""
BODY = f'Lend pages.\n\nSigned-off-by: A <a@example.org>\n---\n lend.c | 3 ++-\n\n{DIFF}-- \n2.43.0\n'
AT = replace(FINDINGS[0], line=11, end_line=12)


def finding(text: str, line: int, first: int = 2, file: str = 'drivers/misc/lend.c'):  # type: ignore[no-untyped-def]
    return replace(AT, file=file, line=line, end_line=line, excerpt=(Excerpt(line, text, first, len(text)),))


FLAGS, CALL = '\t\t\t     FOLL_WRITE | FOLL_LONGTERM, lend->pages);', '\tgot = get_user_pages(addr, lend->nr,'


@pytest.mark.parametrize(
    ('text', 'line', 'file', 'number'),
    [
        (FLAGS, 12, 'drivers/misc/lend.c', 12),
        (FLAGS, 31, 'drivers/misc/lend.c', 12),  # applied elsewhere than the patch says
        (CALL, 11, 'drivers/misc/lend.c', 11),
        (CALL, 42, 'drivers/misc/lend.c', 42),  # of two that read alike the nearer
        (FLAGS, 2, 'drivers/misc/twin.c', 2),
        ('\treturn got;', 13, 'drivers/misc/lend.c', 13),  # a line that is kept
    ],
)
def test_the_line_of_the_mail(text: str, line: int, file: str, number: int) -> None:
    place = placement(finding(text, line, file=file), DIFF, BODY)
    assert place is not None and (place.file, place.number) == (file, number)
    lines = BODY.split('\n')
    assert lines[place.quoted - 1] == place.text and place.text[1:] == text
    assert lines[place.hunk - 1].startswith('@@ -')
    assert place.hunk < place.quoted


@pytest.mark.parametrize(
    ('text', 'line', 'file', 'body'),
    [
        ('\tgot = 0;', 11, 'drivers/misc/lend.c', BODY),  # a line the patch removes
        (FLAGS, 12, 'mm/gup.c', BODY),
        (FLAGS, 900, 'drivers/misc/lend.c', BODY),  # far from there: another one that reads alike
        ('\t}', 12, 'drivers/misc/lend.c', BODY),
        (FLAGS, 12, 'drivers/misc/lend.c', 'the diff is an attachment'),
        ('', 12, 'drivers/misc/lend.c', BODY),
    ],
)
def test_nowhere(text: str, line: int, file: str, body: str) -> None:
    assert placement(finding(text, line, file=file), DIFF, body) is None


def test_line_ends_of_windows_and_no_source() -> None:
    place = placement(finding(FLAGS, 12), DIFF, BODY.replace('\n', '\r\n'))
    assert place is not None and place.number == 12
    assert placement(replace(AT, excerpt=()), DIFF, BODY) is None


@pytest.mark.parametrize(
    ('line', 'note', 'text'),
    [
        (11, '`got = get_user_pages(addr, lend->nr,` takes', '+\tgot = get_user_pages(addr, lend->nr,'),
        (10, '`int got` is declared in get_user_pages', ''),  # a line that the patch does not add stands for nothing
        (70, '`get_user_pages_remote(addr)` takes', ''),
    ],
)
def test_evidence_that_the_patch_adds_stands_for_a_line_in_no_hunk(line: int, note: str, text: str) -> None:
    evidence = (Evidence('drivers/misc/lend.c', line, note),)
    one = replace(AT, line=300, end_line=300, message='lend_map() calls `lend_all(lend)`', evidence=evidence)
    found = lines_meant(cast(Patch, SimpleNamespace(diff=DIFF)), one)
    assert (found.text[found.first] if found else '') == text


def shown(*lines: tuple[int, str]):  # type: ignore[no-untyped-def]
    """Return a finding at the last of these lines whose words name no code at all: only its source can place it."""
    source = tuple(Excerpt(number, text) for number, text in lines)
    return replace(
        AT, function='', message='it stays', evidence=(), line=lines[-1][0], end_line=lines[-1][0], excerpt=source
    )


GOT, KEPT = '\tint got;', '\treturn got;'


@pytest.mark.parametrize(
    ('lines', 'meant'),
    [
        (((11, CALL), (12, FLAGS), (13, KEPT)), KEPT),
        (((31, CALL), (32, FLAGS), (33, KEPT)), KEPT),  # applied elsewhere than the patch says
        (((11, CALL), (12, FLAGS), (13, '\treturn other;')), None),  # another line than the mail has
        (((12, '\tother();'), (13, KEPT)), None),  # what stands before it is not the mail's
        (((13, KEPT),), None),  # two places read like it, and too little is shown to tell them apart
        (((41, GOT), (42, CALL), (43, KEPT)), KEPT),
    ],
)
def test_a_finding_that_names_no_code_is_placed_by_the_source_it_shows(
    lines: tuple[tuple[int, str], ...], meant: str | None
) -> None:
    patch = replace(SECOND.patches[0], diff=DIFF)
    found = lines_meant(patch, shown(*lines))
    assert (found.text[found.last][1:] if found else None) == meant
    if found is not None:
        assert found.first - found.start <= 5


def test_like_lines_of_another_function_are_not_the_place() -> None:
    patch, found = replace(SECOND.patches[0], diff=DIFF), shown((11, CALL), (12, FLAGS))
    assert lines_meant(patch, replace(found, function='lend_map')) is not None
    assert lines_meant(patch, replace(found, function='lend_all')) is None
