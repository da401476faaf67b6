# SPDX-License-Identifier: GPL-2.0-or-later
"""What a finding has to do with the series: introduced, fixed, moved, pre-existing, or introduced and fixed later."""

from __future__ import annotations

import subprocess
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

from bot.checks import check_rev, check_series, load_rules
from bot.model import AppliedPatch, AppliedTree, CheckResult, Conflict, FileChange, Outcome, passed
from bot.resources import shipped
from tests.checks.files import GitTrees, Memory, Trees, applied, example_tree, quiet

RULES = load_rules([shipped('rules')], only=['GUP-F03', 'flags-not-flags', 'GUP-F17', 'GUP-F05'])
BASE: dict[str, bytes | str] = {**example_tree()}
BAD = '\tn = get_user_pages_fast(a, n, FOLL_LONGTERM, p);\n'
GOOD = '\tn = pin_user_pages_fast(a, n, FOLL_LONGTERM, p);\n'


def function(name: str, *lines: str) -> str:
    return f'static int {name}(unsigned long a, int n, struct page **p)\n{{\n{"".join(lines)}\treturn n;\n}}\n'


def check(*texts: str, path: str = 'drivers/a.c') -> CheckResult:
    """Check a series in which one file is each of the texts in turn."""
    files = Trees(*({**BASE, path: text} for text in texts))
    return check_series(files, applied(len(texts) - 1), RULES, Memory(), quiet)


def classes(result: CheckResult) -> list[tuple[str, int | None, str, str, int]]:
    return [(one.class_, one.patch, one.rule, one.function, one.line) for one in result.findings]


def test_introduced() -> None:
    result = check(function('f'), function('f'), function('f', BAD))
    assert classes(result) == [('introduced', 2, 'GUP-F03', 'f', 3)]
    assert result.verdict.outcome is Outcome.FAILED
    assert result.verdict.reason == 'patch 2 introduces GUP-F03 in drivers/a.c'


def test_fixed() -> None:
    result = check(function('f', BAD), function('f', GOOD))
    assert classes(result) == [('fixed', 1, 'GUP-F03', 'f', 3)]
    assert result.verdict.outcome is Outcome.PASSED


def test_introduced_and_fixed_later() -> None:
    result = check(function('f'), function('f', BAD), function('f', BAD), function('f', GOOD))
    assert classes(result) == [('fixed-later', 1, 'GUP-F03', 'f', 3)]
    assert result.findings[0].evidence[-1].note == 'introduced by patch 1, gone since patch 3'
    assert result.verdict.outcome is Outcome.PASSED


def test_pre_existing_whatever_happens_around_it() -> None:
    before = function('f', BAD)
    after = (
        '/* new */\n\n' + function('other') + function('f', '\tn++;\n', BAD.replace('(a, n', '(a,\t/* all */\n\t\t n'))
    )
    first, second = check(before, before), check(before, after)
    assert classes(second) == [('pre-existing', None, 'GUP-F03', 'f', 10)]
    assert first.findings == () or first.findings[0].fingerprint == second.findings[0].fingerprint
    lone = check_rev(Trees({**BASE, 'drivers/a.c': before}), '0', RULES, Memory(), quiet)
    assert lone.findings[0].fingerprint == second.findings[0].fingerprint


def test_only_files_the_series_touches_are_spoken_of() -> None:
    tree = {**BASE, 'drivers/other.c': function('g', BAD), 'drivers/a.c': function('f')}
    files = Trees(tree, {**tree, 'drivers/a.c': function('f', GOOD)})
    assert check_series(files, applied(1), RULES, Memory(), quiet).findings == ()


def test_moved_to_another_function_or_file() -> None:
    assert classes(check(function('f', BAD), function('g', BAD))) == [('moved', 1, 'GUP-F03', 'g', 3)]
    tree = {**BASE, 'drivers/a.c': function('f', BAD)}
    files = Trees(tree, {**BASE, 'drivers/a.c': '', 'drivers/b.c': function('f', BAD)})
    (finding,) = check_series(files, applied(1), RULES, Memory(), quiet).findings
    assert (finding.class_, finding.file) == ('moved', 'drivers/b.c')


def test_a_rewritten_statement_is_the_same_finding() -> None:
    rewritten = BAD.replace('FOLL_LONGTERM', 'FOLL_WRITE | FOLL_LONGTERM')
    assert classes(check(function('f', BAD), function('f', rewritten))) == [('moved', 1, 'GUP-F03', 'f', 3)]


def test_a_renamed_file_keeps_its_findings() -> None:
    text = function('f', BAD)
    files = Trees(
        {**BASE, 'drivers/a.c': text}, {**BASE, 'drivers/b.c': text + '\n'}, renames={'drivers/b.c': 'drivers/a.c'}
    )
    (finding,) = check_series(files, applied(1), RULES, Memory(), quiet).findings
    assert (finding.class_, finding.file, finding.patch) == ('pre-existing', 'drivers/b.c', None)


def test_one_more_of_the_same_statement() -> None:
    result = check(function('f', BAD, '\tx();\n'), function('f', BAD, '\tx();\n', BAD))
    assert classes(result) == [('introduced', 1, 'GUP-F03', 'f', 5), ('pre-existing', None, 'GUP-F03', 'f', 3)]
    assert len({one.fingerprint for one in result.findings}) == 2


def test_a_header_that_changes_judges_callers_it_does_not_touch() -> None:
    caller = {'drivers/a.c': function('f', '\tn = pin_user_pages_fast(a, n, FOLL_FORCE, p);\n').encode()}
    gup = example_tree()['mm/gup.c'].replace(b' FOLL_FORCE |', b'')
    result = check_series(
        Trees({**BASE, **caller}, {**BASE, **caller, 'mm/gup.c': gup}), applied(1), RULES, Memory(), quiet
    )
    assert classes(result) == [('introduced', 1, 'GUP-F17', 'f', 3)]
    assert result.findings[0].evidence[0].file == 'mm/gup.c'


def test_each_commit_is_judged_by_its_own_prototypes() -> None:
    text = function('f', '\tn = get_user_pages_unlocked(a, n, p, n > 1);\n').encode()
    swapped = example_tree()['include/linux/mm.h'].replace(
        b'struct page **pages, unsigned int gup_flags);\nint get_user_pages_fast',
        b'unsigned int gup_flags, struct page **pages);\nint get_user_pages_fast',
    )
    assert swapped != BASE['include/linux/mm.h']
    result = check_series(
        Trees({**BASE, 'drivers/a.c': text}, {**BASE, 'drivers/a.c': text, 'include/linux/mm.h': swapped}),
        applied(1),
        RULES,
        Memory(),
        quiet,
    )
    assert classes(result) == [('fixed', 1, 'GUP-F06', 'f', 3)]


def test_a_conflict_is_said_and_the_rest_is_checked() -> None:
    tree = replace(applied(1), conflict=Conflict(2, 'm2@example.org', 'drivers/a.c', '@@ -1 +1 @@', 'context'))
    files = Trees({**BASE, 'drivers/a.c': function('f')}, {**BASE, 'drivers/a.c': function('f', GOOD)})
    result = check_series(files, tree, RULES, Memory(), quiet)
    assert result.verdict.reason == 'no error was introduced (only as far as the series applied)'
    assert result.coverage.notes == ('patch 2 does not apply: only patches 1 were checked',)


def test_nothing_to_check_is_skipped_with_a_reason() -> None:
    for tree in (applied(0), applied(1, base=None)):
        result = check_series(Trees(BASE, BASE), tree, RULES, Memory(), quiet)
        assert result.verdict.outcome is Outcome.SKIPPED
        assert result.verdict.reason


def test_what_could_not_be_read_is_named() -> None:
    files = Trees({**BASE, 'drivers/a.c': function('f', BAD), 'drivers/deep.c': '(' * 3000 + 'get_user_pages'})
    files.absent = {'drivers/a.c'}
    result = check_rev(files, '0', RULES, Memory(), quiet)
    assert result.findings == ()
    assert result.coverage.not_read == (
        'drivers/a.c: its blob is not in this clone',
        'drivers/deep.c: nested more than 1000 levels deep',
    )


def test_a_blob_that_arrives_later_is_looked_at_although_the_search_is_cached() -> None:
    files, cache = Trees({**BASE, 'drivers/a.c': function('f', BAD)}), Memory()
    files.absent = {'drivers/a.c'}
    assert check_rev(files, '0', RULES, cache, quiet).findings == ()
    files.absent = set()
    assert len(check_rev(files, '0', RULES, cache, quiet).findings) == 1


def test_named_paths_only() -> None:
    files = Trees({**BASE, 'drivers/a.c': function('f', BAD), 'drivers/b.c': function('f', BAD)})
    result = check_rev(files, '0', RULES, Memory(), quiet, ['drivers/b.c'])
    assert [one.file for one in result.findings] == ['drivers/b.c']
    assert result.verdict.outcome is Outcome.FAILED


def test_named_directories_and_files_that_are_not_there() -> None:
    files = Trees({**BASE, 'drivers/x/b.c': function('f', BAD), 'fs/c.c': function('f', BAD)})
    result = check_rev(files, '0', RULES, Memory(), quiet, ['drivers/', 'lib/none.c'])
    assert [one.file for one in result.findings] == ['drivers/x/b.c']
    assert result.coverage.notes == ('lib/none.c: there is no such file',)


def test_a_tree_that_cannot_be_read_at_all_is_skipped() -> None:
    class Unreadable(Trees):
        def changes(self, old: str, new: str) -> tuple[FileChange, ...]:
            raise LookupError(f'{old}..{new} cannot be compared')

    result = check_series(Unreadable(BASE, BASE), applied(1), RULES, Memory(), quiet)
    assert result.verdict.outcome is Outcome.SKIPPED
    assert result.verdict.reason == 'the tree cannot be read: 0..1 cannot be compared'


def test_damaged_functions_are_counted_and_still_judged() -> None:
    result = check(function('f'), function('f', '\tx = );\n', BAD))
    assert classes(result) == [('introduced', 1, 'GUP-F03', 'f', 4)]
    assert result.coverage.damaged_functions == 1


def test_a_tree_without_headers_says_that_rules_could_not_speak() -> None:
    result = check_rev(Trees({'drivers/a.c': function('f', BAD)}), '0', RULES, Memory(), quiet)
    assert result.findings == ()
    assert any('none of the headers' in note for note in result.coverage.notes)


def test_flags_that_are_decided_elsewhere_are_counted() -> None:
    text = (
        function('f', BAD, GOOD)
        + 'int g(unsigned int flags, struct s *s)\n{\n\tpin_user_pages(a, 1, flags, p);\n\tpin_user_pages(a, 1, s->f, p);\n}\n'
    )
    result = check_rev(Trees({**BASE, 'drivers/a.c': text}), '0', RULES, Memory(), quiet)
    (note,) = result.coverage.notes
    assert (
        note
        == '2 of 4 calls get flags that are decided elsewhere (1 by a field, 1 by a parameter): no rule speaks of those'
    )


def test_progress_counts_up_to_the_end() -> None:
    seen: list[tuple[str, int, int]] = []
    files = Trees({**BASE, 'drivers/a.c': function('f')}, {**BASE, 'drivers/a.c': function('f', BAD)})
    check_series(files, applied(1), RULES, Memory(), lambda *step: seen.append(step))
    checking = [(done, total) for what, done, total in seen if what == 'checking']
    assert checking == [(0, 2), (1, 2), (2, 2)]


def test_on_a_real_repository(tmp_path: Path, need: Callable[..., None]) -> None:
    """The same through git: a rename with a change, and a finding that a later patch takes away."""
    need('git')

    def git(*args: str) -> str:
        who = ['-c', 'user.name=a', '-c', 'user.email=a@example.org', '-c', 'commit.gpgsign=false']
        return subprocess.run(
            ['git', '-C', str(tmp_path), *who, *args], capture_output=True, text=True, check=True
        ).stdout

    def commit(**files: str | None) -> str:
        for name, text in files.items():
            path = tmp_path / 'drivers' / f'{name}.c'
            path.write_text(text) if text is not None else path.unlink()
        git('add', '-A')
        git('commit', '-qm', 'x')
        return git('rev-parse', 'HEAD').strip()

    git('init', '-q')
    for path, text in BASE.items():
        (tmp_path / path).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / path).write_bytes(text.encode() if isinstance(text, str) else text)
    (tmp_path / 'drivers').mkdir()
    old = function('f', BAD) + function('padding', *['\tn++;\n'] * 20)
    commits = [
        commit(a=old),
        commit(a=None, b='/* moved */\n' + old),
        commit(c=function('g', BAD)),
        commit(c=function('g', GOOD)),
    ]
    patches = tuple(AppliedPatch(nth, f'm{nth}', 'x', one) for nth, one in enumerate(commits[1:], 1))
    tree = AppliedTree(passed(), 'example', commits[0], 'given', (), patches)
    result = check_series(GitTrees(tmp_path), tree, RULES, Memory(), quiet)
    assert [(one.class_, one.patch, one.file, one.function) for one in result.findings] == [
        ('fixed-later', 2, 'drivers/c.c', 'g'),
        ('pre-existing', None, 'drivers/b.c', 'f'),
    ]
