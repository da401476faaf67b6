# SPDX-License-Identifier: GPL-2.0-or-later
"""Runs rules over a series or a tree and says what each finding has to do with the series.

Promises that base and every patch are judged by the same rules and each by its own headers, that a finding carries the
patch that brought it, and that what was not read is in the coverage. Refuses to fail for what a kernel looks like.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from functools import cached_property

from bot.checks.allowances import heeded, idle
from bot.checks.c.file import File
from bot.checks.classes import Life, Step, lives
from bot.checks.folding import folded
from bot.checks.judgement import Judgement, file_words
from bot.checks.kinds import Match
from bot.checks.rulebook.rules import CallRule, OwnRule, Rule
from bot.checks.sections import bit_budgets, flag_changes
from bot.checks.shown import shown
from bot.checks.tree.kernel import Kernel
from bot.checks.tree.sources import Sources, is_c
from bot.model import (
    AppliedTree,
    CheckCoverage,
    CheckResult,
    FactCache,
    FileChange,
    FilesAt,
    Finding,
    FindingClass,
    Progress,
    Verdict,
    failed,
    passed,
    skipped,
)


def check_series(
    files: FilesAt, applied: AppliedTree, rules: Sequence[Rule], cache: FactCache, progress: Progress
) -> CheckResult:
    """Check base and every applied patch; a series that stopped at a conflict is checked as far as it went.

    `files` must know the base and the commit of every applied patch.
    """
    missing = _missing(applied, rules)
    if missing:
        return CheckResult(skipped(missing))
    try:
        return _checked(_SeriesRun(Sources(files, cache, rules[0].watch, progress), applied, rules, progress))
    except LookupError as error:
        return CheckResult(skipped(f'the tree cannot be read: {error}'))


def _missing(applied: AppliedTree, rules: Sequence[Rule]) -> str:
    if not rules:
        return 'no rule was asked for'
    if applied.base is None:
        return 'no base was found, so there is nothing to compare the series with'
    return '' if applied.patches else 'no patch of the series was applied'


def _checked(run: _SeriesRun) -> CheckResult:
    findings, allowed = (
        tuple(sorted((run.finding(one) for one in run.lives(quiet)), key=_order)) for quiet in (False, True)
    )
    flags = flag_changes(run.judgements, run.positions)
    budgets = bit_budgets(run.judgements, run.positions)
    tip = run.judgements[-1]
    scope = run.scope_at(len(run.judgements) - 1)
    followed = sorted(run.touched[-1])
    coverage = _coverage(tip, scope, [*run.notes(), *_rule_notes(tip, scope, followed)])
    return CheckResult(_verdict(findings, run.applied), findings, flags, budgets, coverage, allowed)


class _SeriesRun:
    """The commits of a series, from the base on, and the files in which findings are looked for."""

    def __init__(self, sources: Sources, applied: AppliedTree, rules: Sequence[Rule], progress: Progress) -> None:
        self.applied, self.rules, self.progress = applied, rules, progress
        assert applied.base is not None
        commits = [applied.base, *(patch.commit for patch in applied.patches)]
        self.positions = [patch.position for patch in applied.patches]
        self.changes = [sources.files.changes(old, new) for old, new in zip(commits, commits[1:], strict=False)]
        memory: dict[tuple[str, str, str], list[Match]] = {}
        snapshot = sources.at(commits[0])
        self.judgements = [Judgement(snapshot, rules, memory)]
        for commit, changed in zip(commits[1:], self.changes, strict=True):
            snapshot = snapshot.after(commit, changed)
            one = Judgement(snapshot, rules, memory)
            one.base = self.judgements[0]
            one.walks.base = one.base.walks
            self.judgements.append(one)
        self.touched = self._touched()
        self.everywhere = len({one.digest for one in self.judgements}) > 1
        self.judgements[0].foresee(self._words if self.everywhere else ())
        self._scopes: dict[int, list[str]] = {}
        self._found: dict[int, list[Match]] = {}

    def _touched(self) -> list[frozenset[str]]:
        """Return, for every commit, the paths under which files that any patch touches stand there."""
        at_tip = {change.path for changed in self.changes for change in changed}
        paths = [frozenset(at_tip)]
        for changed in reversed(self.changes):
            renamed = {change.path: change.old_path for change in changed}
            paths.append(frozenset(renamed.get(path, path) for path in paths[-1]) | {c.old_path for c in changed})
        return paths[::-1]

    def scope_at(self, nth: int) -> list[str]:
        """Return the files to judge at a commit: those the series touches; all callers when the headers' say changes."""
        if nth not in self._scopes:
            paths = {path for path in self.touched[nth] if is_c(path)}
            if self.everywhere:
                paths.update(self.judgements[nth].snapshot.paths(self._words))
            self._scopes[nth] = sorted(paths)
        return self._scopes[nth]

    @cached_property
    def _words(self) -> tuple[str, ...]:
        return file_words(self.rules, self.judgements[0].kernels, False)

    def lives(self, allowed: bool = False) -> list[Life]:
        """Follow every finding from the base to the last patch; those that comments allow are followed apart."""
        steps = []
        for nth in range(len(self.judgements)):
            if not allowed:
                self.progress('checking', nth, len(self.judgements))
            matches = [match for match in self.found(nth) if bool(match.allowed) is allowed]
            changed: Sequence[FileChange] = self.changes[nth - 1] if nth else ()
            steps.append(Step(self.positions[nth - 1] if nth else None, tuple(matches), tuple(changed)))
        if not allowed:
            self.progress('checking', len(self.judgements), len(self.judgements))
        ever = frozenset(path for paths in self.touched for path in paths)
        return [one for one in lives(steps) if one.class_ != 'pre-existing' or one.match.path in ever]

    def finding(self, life: Life) -> Finding:
        return _finding(life, life.class_, life.patch, self.judgements[0])

    def found(self, nth: int) -> list[Match]:
        """Return what the rules find at a commit; paths are walked only where the series touches a file."""
        if nth not in self._found:
            one, touched = self.judgements[nth], self.touched[nth]
            found = [*one.in_files(self.scope_at(nth), touched.__contains__), *one.in_tree()]
            self._found[nth] = folded(one, found)
        return self._found[nth]

    def notes(self) -> list[str]:
        last = len(self.judgements) - 1
        before, after = (heeded(self.found(nth)) for nth in (0, last))
        notes = [
            f'{note}{"" if key in before else "; the series itself brings that comment"}' for key, note in after.items()
        ]
        notes += idle(self.judgements[last], [path for path in self.touched[last] if is_c(path)])
        conflict = self.applied.conflict
        if conflict is not None:
            done = ', '.join(map(str, self.positions))
            notes.append(f'patch {conflict.position} does not apply: only patches {done} were checked')
        return notes


def _finding(life: Life, class_: FindingClass, patch: int | None, judgement: Judgement) -> Finding:
    """Make the model's finding of a match and its life, with the lines of source it is about."""
    match, rule = life.match, life.match.rule
    mark = match.mark if match.mark[1] else ('', match.statement)
    made = Finding(
        rule=rule.id,
        name=rule.name,
        severity=rule.severity,
        confidence='low' if match.weak else rule.confidence,
        file=match.path,
        line=match.line,
        end_line=match.end_line,
        function=match.function,
        message=match.message,
        patch=patch,
        class_=class_,
        fingerprint=life.fingerprint,
        evidence=(*match.evidence, *life.notes),
        allowed=match.allowed,
    )
    return shown(made, mark, judgement.snapshot, match.commit)


def check_rev(
    files: FilesAt,
    rev: str,
    rules: Sequence[Rule],
    cache: FactCache,
    progress: Progress,
    paths: Sequence[str] = (),
    lone: bool = False,
) -> CheckResult:
    """Check a whole tree at one commit, or only the files and directories named; every finding is `pre-existing`.

    `lone` files have no tree around them: their callers are not to be seen.
    """
    if not rules:
        return CheckResult(skipped('no rule was asked for'))
    judgement = Judgement(Sources(files, cache, rules[0].watch, progress).at(rev), rules, {}, lone=lone)
    try:
        return _checked_rev(judgement, progress, [path.strip('/') for path in paths])
    except LookupError as error:
        return CheckResult(skipped(f'the tree cannot be read: {error}'))


def _checked_rev(judgement: Judgement, progress: Progress, named: Sequence[str]) -> CheckResult:
    rules = judgement.rules
    words = file_words(rules, judgement.kernels) if not all(map(is_c, named)) or not named else ()
    judgement.foresee(words)
    listed = judgement.snapshot.paths(words) if words else ()
    wanted = sorted(
        {path for path in named if is_c(path)} | {path for path in listed if not named or _below(path, named)}
    )
    matches = list(judgement.in_files(_counted(wanted, progress)))
    progress('checking', len(wanted), len(wanted))
    matches += [match for match in judgement.in_tree() if not named or match.path in named or _below(match.path, named)]
    matches = folded(judgement, matches)
    known = [_finding(one, 'pre-existing', None, judgement) for one in lives([Step(None, tuple(matches), ())])]
    findings = tuple(sorted((one for one in known if not one.allowed), key=_order))
    allowed = tuple(sorted((one for one in known if one.allowed), key=_order))
    notes = [f'{path}: there is no such file' for path in wanted if judgement.snapshot.blob(path) is None]
    notes += [*heeded(matches).values(), *idle(judgement, wanted)]
    notes += _handed(judgement, [path for path in wanted if path in named]) if len(named) <= _FEW else []
    errors = sum(one.severity == 'error' for one in findings)
    verdict = failed(f'{errors} {"error" if errors == 1 else "errors"}') if errors else passed()
    return CheckResult(
        verdict,
        findings,
        coverage=_coverage(judgement, wanted, [*notes, *_rule_notes(judgement, wanted, wanted)], not named),
        allowed=allowed,
    )


def _counted(paths: Sequence[str], progress: Progress) -> Iterator[str]:
    for nth, path in enumerate(paths):
        progress('checking', nth, len(paths))
        yield path


def _below(path: str, directories: Sequence[str]) -> bool:
    return any(path.startswith(f'{directory}/') for directory in directories)


def _rule_notes(judgement: Judgement, scope: Sequence[str], followed: Sequence[str]) -> list[str]:
    """Say where rules had nothing to work with: their silence is no verdict then."""
    notes = [*_undecided(judgement, scope), *_not_followed(judgement, followed), *judgement.unsure(followed)]
    for rule in judgement.rules:
        kernel = judgement.kernel(rule)
        if isinstance(rule, CallRule):
            wanted = sorted({name[1:] for where in rule.where for name in _gates(where.flags)})
            gone = [name for name in wanted if not kernel.gates.get(name)]
            if gone:
                functions = ', '.join(f'{one}()' for name in gone for one in kernel.area.gates.get(name, ()))
                notes.append(f'{rule.id}: this tree has none of {functions}, so nothing was compared with it')
    if not any(kernel.home for kernel in judgement.kernels.values()):
        notes.append('this tree has none of the headers the rules read: those that need them said nothing')
    return notes


def _not_followed(judgement: Judgement, scope: Sequence[str]) -> list[str]:
    """Name the functions that were not followed along their paths, with the reason."""
    areas = {rule.area: judgement.kernel(rule) for rule in judgement.rules if isinstance(rule, OwnRule)}
    lost: dict[str, set[str]] = {}
    for path, file in judgement.snapshot.files(path for path in scope if is_c(path)).items():
        for kernel in areas.values():
            for name, one in judgement.walks.of(kernel, path, file).functions.items():
                if one.gave_up:
                    lost.setdefault(one.gave_up, set()).add(f'{name}() in {path}')
    return [
        f'not followed along {"its" if len(names) == 1 else "their"} paths, {why}: {", ".join(sorted(names))}'
        for why, names in sorted(lost.items())
    ]


def _handed(judgement: Judgement, paths: Sequence[str]) -> list[str]:
    """Say what of the pages taken in some files was not judged, because functions nobody here knows got them."""
    areas = {rule.area: judgement.kernel(rule) for rule in judgement.rules if isinstance(rule, OwnRule)}
    lost: dict[str, set[str]] = {}
    takes, functions = set[tuple[str, str, int]](), set[tuple[str, str]]()
    for path, file in judgement.snapshot.files(path for path in paths if is_c(path)).items():
        for kernel in areas.values():
            for name, one in judgement.walks.of(kernel, path, file).functions.items():
                for event in one.events if not one.gave_up else ():
                    if event.what == 'handed':
                        lost.setdefault(event.given, set()).add(f'{path}:{event.here_line} {name}()')
                        takes.add((path, name, event.take_line))
                        functions.add((path, name))
    if not lost:
        return []
    said = f'not judged: {_plural(len(takes), "acquire")} in {_plural(len(functions), "function")}: '
    where = (f'{", ".join(sorted(at))}: pages handed to {to}(), unknown here' for to, at in sorted(lost.items()))
    return [said + '; '.join(where)]


def _plural(number: int, what: str) -> str:
    return f'{number} {what}{"" if number == 1 else "s"}'


def _undecided(judgement: Judgement, scope: Sequence[str]) -> list[str]:
    """Say how many calls get flags that their function does not decide."""
    kernel = next((judgement.kernel(rule) for rule in judgement.rules if isinstance(rule, CallRule)), None)
    if kernel is None:
        return []
    decided = list(_deciding(kernel, judgement.snapshot.files(scope)))
    leaves = Counter(kind for kind in decided if kind)
    kinds = ', '.join(f'{count} by a {kind}' for kind, count in sorted(leaves.items()))
    total = sum(leaves.values())
    said = f'{total} of {len(decided)} calls get flags that are decided elsewhere ({kinds}): no rule speaks of those'
    return [said] if total else []


def _deciding(kernel: Kernel, files: Mapping[str, File]) -> Iterator[str]:
    """Yield, for every call that takes flags, what hides them from its function; '' where they are known."""
    for path, file in files.items():
        for name in sorted(kernel.group(('@get', '@pin')) & file.calls.keys()):
            position = kernel.position(name, 'flags')
            for function, call in file.calls[name] if position is not None else ():
                unknown = kernel.value_at(path, function, call, position or 0).unknown
                yield min((leaf.kind for leaf in unknown), default='')


def _gates(flags: object) -> list[str]:
    names = [*getattr(flags, 'may', ()), getattr(flags, 'outside', '')]
    return [name for name in names if name.startswith('@')]


def _coverage(
    judgement: Judgement, scope: Sequence[str], notes: Sequence[str], with_homes: bool = True
) -> CheckCoverage:
    """Count what was looked at; where files were named, the headers read to understand them are no part of it."""
    snapshot = judgement.snapshot
    homes = {path for kernel in judgement.kernels.values() for path in kernel.home if with_homes}
    read = [file.facts for file in snapshot.files([*scope, *homes]).values()]
    return CheckCoverage(
        files=len(read),
        functions=sum(len(facts.functions) for facts in read),
        damaged_functions=sum(facts.damaged for facts in read),
        not_read=tuple(f'{path}: {why}' for path, why in sorted(snapshot.sources.absent.items())),
        notes=tuple(notes),
    )


def _verdict(findings: Sequence[Finding], applied: AppliedTree) -> Verdict:
    brought = [one for one in findings if one.class_ == 'introduced' and one.severity == 'error']
    if brought:
        first = brought[0]
        more = f' and {len(brought) - 1} more' if len(brought) > 1 else ''
        return failed(f'patch {first.patch} introduces {first.rule} in {first.file}{more}')
    part = ' (only as far as the series applied)' if applied.conflict is not None else ''
    return passed(f'no error was introduced{part}')


_FEW = 10
_CLASSES = ('introduced', 'fixed-later', 'moved', 'fixed', 'pre-existing')
_SEVERITIES = ('error', 'warning', 'info')


def _order(one: Finding) -> tuple[int, int, int, str, int, str]:
    place = (one.file, one.line, one.rule)
    return (_CLASSES.index(one.class_), _SEVERITIES.index(one.severity), one.patch or 0, *place)
