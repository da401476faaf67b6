# SPDX-License-Identifier: GPL-2.0-or-later
"""The measuring commands measure what they say: cases, two releases, spoilt functions."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from bot.checks import load_rules
from bot.resources import shipped
from tests.checks import bench, cases, fuzz, releases
from tests.checks.mutate import examples, mutant

HEAD = 'int f(unsigned long a, int n, struct page **p)\n{\n'
LEAK = f"""{HEAD}	int ret = pin_user_pages_fast(a, n, FOLL_WRITE, p);

	if (ret < 0)
		return ret;
	if (probe(a))
		return -EIO;
	unpin_user_pages(p, ret);
	return 0;
}}
"""
FIXED = LEAK.replace('\t\treturn -EIO;', '\t\tgoto out;').replace('\tunpin', 'out:\n\tunpin')
OTHER = f'{HEAD}\treturn get_user_pages_fast(a, n, FOLL_LONGTERM, p);\n}}\n'


def case(top: Path, name: str, before: str, after: str, rule: str, line: int) -> None:
    (top / name).mkdir(parents=True)
    (top / name / 'before.c').write_text(before)
    (top / name / 'after.c').write_text(after)
    said = {'file': 'drivers/x.c', 'expect_before': [{'rule': rule, 'line': line}], 'expect_after': []}
    (top / name / 'case.json').write_text(json.dumps(said))


@pytest.mark.parametrize(
    ('before', 'after', 'line', 'score'),
    [
        (LEAK, FIXED, 8, 'HIT'),
        (LEAK, FIXED, 14, 'HIT'),
        (LEAK, FIXED, 15, 'FAR'),
        (LEAK, LEAK, 8, 'BOTH'),
        (FIXED, FIXED, 8, 'MISS'),
        (OTHER, FIXED, 3, 'MISS'),
    ],
)
def test_a_hit_is_near_and_gone_after_the_fix(before: str, after: str, line: int, score: str, tmp_path: Path) -> None:
    case(tmp_path, 'x', before, after, 'GUP-P03', line)
    [found] = cases.score_all(tmp_path)
    assert (found.score, found.family) == (score, 'GUP-P')


def test_the_table_lists_noise_and_totals(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    case(tmp_path, 'leak', LEAK, FIXED + OTHER.replace(' f(', ' g('), 'GUP-P03', 8)
    case(tmp_path, 'unknown', OTHER, FIXED, 'GUP-Q77', 3)
    assert cases.main([str(tmp_path), '--json', str(tmp_path / 'out.json')]) == 0
    told = capsys.readouterr().out
    assert told.endswith('HIT 1 of 2; NO RULE 1\n')
    assert 'false findings in after.c: 1\n  leak GUP-F03:15\n' in told
    assert [one['score'] for one in json.loads((tmp_path / 'out.json').read_text())] == ['HIT', 'NO RULE']
    (tmp_path / 'empty').mkdir()
    assert cases.main([str(tmp_path / 'empty')]) == 2


def trees(top: Path) -> tuple[Path, Path]:
    """Return two trees: a leak is fixed, a fault comes, and one function only moves."""
    from tests.checks.files import example_tree

    for name in ('old', 'new'):
        for path, text in example_tree().items():
            (top / name / path).parent.mkdir(parents=True, exist_ok=True)
            (top / name / path).write_bytes(text)
        (top / name / 'drivers').mkdir()
    (top / 'old/drivers/a.c').write_text(LEAK)
    (top / 'new/drivers/a.c').write_text(FIXED)
    (top / 'old/drivers/b.c').write_text(LEAK)
    (top / 'new/drivers/b.c').write_text('/* new */\n\n' + LEAK + OTHER.replace(' f(', ' g('))
    (top / 'new/drivers/c.c').write_text('int nothing;\n')
    return top / 'old', top / 'new'


def check_told(told: str) -> None:
    assert '3 C files differ, 1 pairs of functions touch these APIs' in told
    assert 'NEW 1 (333.33 per 1000 changed files), FIXED 1\n' in told
    assert '  NEW   GUP-F03 error   drivers/b.c:16 g(): ' in told
    assert '  FIXED GUP-P03 error   drivers/a.c:8 f(): ' in told
    assert '  pair  drivers/a.c f()' in told


def test_two_releases(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    old, new = trees(tmp_path)
    assert releases.main([str(old), str(new), '-v']) == 0
    check_told(capsys.readouterr().out)


def test_two_commits_of_a_repository(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    repo = tmp_path / 'repo'
    repo.mkdir()
    clean = {**{k: v for k, v in os.environ.items() if not k.startswith('GIT_')}, 'GIT_CONFIG_GLOBAL': os.devnull}
    clean |= {f'GIT_{who}_{what}': 'a@b' for who in ('AUTHOR', 'COMMITTER') for what in ('NAME', 'EMAIL')}
    subprocess.run(['git', 'init', '-q', '.'], cwd=repo, check=True, env=clean)
    for tag, top in zip(('old', 'new'), trees(tmp_path), strict=True):
        work = ['git', f'--work-tree={top}']
        subprocess.run([*work, 'add', '-A'], cwd=repo, check=True, env=clean)
        subprocess.run([*work, 'commit', '-qm', tag], cwd=repo, check=True, env=clean)
        subprocess.run(['git', 'tag', tag], cwd=repo, check=True, env=clean)
    assert releases.main([f'{repo}:old', f'{repo}:new', '-v']) == 0
    check_told(capsys.readouterr().out)


def test_spoilt_functions_pass_through_it_all() -> None:
    told = fuzz.run(range(400), examples(), seed=20261122)
    assert told.faults == [] and told.cases == 400
    assert told.found > 0, 'some still are functions with a fault to find'


def test_a_case_is_the_same_every_time() -> None:
    sources = examples()
    assert [mutant(sources, 3, n) for n in range(50)] == [mutant(sources, 3, n) for n in range(50)]
    assert len({mutant(sources, 3, n) for n in range(50)}) > 45


def broken(bench: fuzz.Bench, text: bytes, number: int) -> int:
    if number == 1:
        raise KeyError('seen')
    if number == 2:
        end = time.process_time() + 60
        while time.process_time() < end:
            pass
    return 0


def test_faults_are_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(fuzz.Bench, 'run', broken)
    monkeypatch.setattr(fuzz, 'SECONDS', 0.2)
    told = fuzz.run(range(4), [b'int f(void)\n{\n}\n'], seed=1)
    assert [(at, what.partition(':')[0]) for at, what in told.faults] == [(1, 'KeyError'), (2, 'TooSlow')]
    assert told.cases == 4 and signal.getitimer(signal.ITIMER_PROF) == (0.0, 0.0)


def test_a_finding_outside_its_file_is_a_fault() -> None:
    class Elsewhere:
        line, end_line, evidence, rule = 99, 99, (), load_rules([shipped('rules')])[0]

    bench = fuzz.Bench()
    bench.judgement.in_file = lambda path: [Elsewhere()]  # type: ignore[method-assign,assignment,misc]
    with pytest.raises(ValueError, match=r'names lines \[99, 99\] of 1'):
        bench.run(b'x', 1)


@pytest.mark.long
def test_many_spoilt_functions_in_processes_with_limits() -> None:
    command = [sys.executable, '-m', 'tests.checks.fuzz', '20000', '--seed', '5']
    done = subprocess.run(command, capture_output=True, text=True, check=False, cwd=Path(__file__).parents[2])
    assert done.returncode == 0, done.stdout + done.stderr
    assert done.stdout.startswith('20000 spoilt functions, seed 5: 0 faults')


DIFF = """diff = x
--- ./mm/a.c
+++ /tmp/x
@@ -10,3 +10,1 @@ int f(void)
 	int ret;
-	ret = pin_user_pages(a, 1,
-			     0, p);
@@ -40 +38,0 @@
-	get_user_pages(a, 1, 0, p);
"""


def test_what_peers_write_is_read() -> None:
    names = frozenset({'pin_user_pages', 'get_user_pages'})
    assert bench.of_diff(DIFF, names) == {('mm/a.c', 11), ('mm/a.c', 40)}
    assert bench.listed('./mm/a.c:11:x\nmm/b.c:3:y:4: z\nnoise\n') == {('mm/a.c', 11), ('mm/b.c', 3)}


def test_a_command_is_measured_with_its_children(tmp_path: Path) -> None:
    burn = 'import time; end = time.process_time() + 0.2\nwhile time.process_time() < end: pass'
    run = bench.timed(
        [sys.executable, '-c', f'import subprocess, sys; subprocess.run([sys.executable, "-c", {burn!r}])'], tmp_path
    )
    assert run.cpu >= 0.2 and run.mib > 1 and run.status == 0
    assert bench.timed(['false'], tmp_path).status == 1


def test_the_table_has_ratios_and_names_what_is_missing() -> None:
    def row(name: str, cpu: float) -> bench.Row:
        return bench.Row(name, bench.Run(cpu, 1, 10, '', 0), 2, 0, 1)

    told = bench.table([row('lorebot, cold', 2), row('lorebot, warm', 0.5), row('spatch', 14)], 3, ['weggli'])
    assert 'spatch takes 7.0 times our CPU time cold (aim 5), 28 times warm (aim 30)' in told
    assert told.endswith('missing here: weggli')


@pytest.mark.long
def test_the_benchmark_asks_lorebot_and_counts(tmp_path: Path) -> None:
    tree = trees(tmp_path)[1]
    clean = {**os.environ, 'GIT_CONFIG_GLOBAL': os.devnull}
    clean |= {f'GIT_{who}_{what}': 'a@b' for who in ('AUTHOR', 'COMMITTER') for what in ('NAME', 'EMAIL')}
    for command in (['init', '-q', '.'], ['add', '-A'], ['commit', '-qm', 'x']):
        subprocess.run(['git', *command], cwd=tree, check=True, env=clean)
    head = subprocess.run(['git', 'rev-parse', 'HEAD'], cwd=tree, check=True, capture_output=True, text=True).stdout
    options = bench.arguments([f'{tree}:{head.strip()}', str(tree), '--peers', 'none'])
    told = bench.measure(options)
    for what in ('cold', 'warm'):
        [line] = [one for one in told.splitlines() if one.startswith(f'lorebot, {what}')]
        assert line.split()[5:8] == ['3', '0', '0']
    assert 'all rules, warm' in told and '3 calls, counted without a parser' in told
