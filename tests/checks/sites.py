# SPDX-License-Identifier: GPL-2.0-or-later
"""Counts the calls that take GUP flags in a kernel tree and says where each one's flags are decided.

    python -m tests.checks.sites TREE [-v]
    python -m tests.checks.sites REPOSITORY:COMMIT FACTS

TREE is an unpacked source tree. With a commit of a repository, every call is printed as PATH:LINE with its flags, and
what is known of blobs is kept in the file FACTS, as the product does. `decided` is: at the call, in the function, by callers (static function, all of them in
the file), by the field's assignments in the file, or open with the reason. The plain count is made without any parser:
names before a parenthesis in text without comments, less prototypes, definitions and macro bodies' own lines.
"""

from __future__ import annotations

import re
import sys
from collections import Counter
from collections.abc import Iterator, Sequence
from pathlib import Path

from bot.checks import load_rules
from bot.checks.c.cparse import Unit
from bot.checks.judgement import Judgement
from bot.checks.tree.flags import argument
from bot.checks.tree.kernel import Kernel
from bot.checks.tree.sources import Sources, is_c
from bot.resources import shipped
from bot.store import FactFile
from bot.trees import open_tree
from tests.checks.files import Directory, Memory, quiet

_GROUPS = ('@get', '@pin')


def judged(top: Path) -> Judgement:
    rules = load_rules([shipped('rules')])
    return Judgement(Sources(Directory(top), Memory(), rules[0].watch, quiet).at('tree'), rules, {})


def sites(kernel: Kernel, paths: Sequence[str]) -> Iterator[tuple[str, str, int, str]]:
    """Yield (decided, path, line, text) of every call that takes flags."""
    names = kernel.group(_GROUPS)
    for path, file in kernel.snapshot.files(paths).items():
        for name in sorted(names & file.calls.keys()):
            at = kernel.position(name, 'flags')
            for function, call in file.calls[name]:
                if at is None or at >= len(call.args):
                    yield 'no flags argument', path, call.line, call.text
                    continue
                own = kernel.value_in(path, function, call, at)
                value = kernel.value_at(path, function, call, at)
                if own.exact:
                    simple = argument(function, call, at).kind in ('const', '|') or '?' in call.args[at]
                    decided = 'at the call' if simple and at not in call.values else 'in the function'
                elif value.exact:
                    fields = any(leaf.kind == 'field' for leaf in own.unknown)
                    decided = 'by a field of the file' if fields else 'by the callers in the file'
                else:
                    decided = f'open: {value.unknown[0].kind if value.unknown else "?"}'
                yield decided, path, call.line, call.text


def plain_lines(text: bytes, names: frozenset[str]) -> Iterator[int]:
    """Yield the line of each call by name without a parser: inside braces, so that prototypes and definitions are none."""
    unit, depth = Unit(text), 0
    listed = '|'.join(sorted(names, key=len, reverse=True))
    word = re.compile(rf'[{{}}]|\b({listed})\s*\('.encode())
    for hit in word.finditer(unit.plain):
        if hit[1] is None:
            depth += 1 if hit[0] == b'{' else -1
        elif depth > 0:
            yield unit.line(hit.start(1))


def of_commit(place: str, facts: Path) -> int:
    """Print the calls of one commit, with the flags of each and what decides them."""
    repository, _, commit = place.rpartition(':')
    with open_tree(Path(repository), facts.with_suffix('.workshop')) as tree, FactFile(facts) as cache:
        rules = load_rules([shipped('rules')])
        judgement = Judgement(Sources(tree.files, cache, rules[0].watch, quiet).at(commit), rules, {})
        kernel = next(one for one in judgement.kernels.values() if one.area.flags is not None)
        names = kernel.group(_GROUPS)
        words = [one for one in sorted(names) if not any(other != one and other in one for other in names)]
        paths = [path for path in judgement.snapshot.paths(words) if is_c(path)]
        for decided, path, line, text in sites(kernel, paths):
            print(f'{path}:{line}:{decided}:{text[:110]}')
    return 0


def main(arguments: Sequence[str]) -> int:
    top = Path(arguments[0])
    if not top.exists():
        return of_commit(arguments[0], Path(arguments[1]))
    judgement = judged(top)
    kernel = next(one for one in judgement.kernels.values() if one.area.flags is not None)
    names = kernel.group(_GROUPS)
    paths = [path for path in judgement.snapshot.paths(sorted(names)) if is_c(path)]
    found = list(sites(kernel, paths))
    plain = sum(1 for path in paths for _ in plain_lines((top / path).read_bytes(), names))
    print(f'{len(found)} calls in {len({path for _, path, _, _ in found})} files; {plain} counted without a parser')
    for decided, count in Counter(one[0] for one in found).most_common():
        print(f'  {count:4d}  {decided}')
    for decided, path, line, text in found:
        if '-v' in arguments or decided.startswith(('open', 'by')):
            print(f'  {decided:28s} {path}:{line} {text[:110]}')
    return 0


if __name__ == '__main__':
    sys.exit(main(sys.argv[1:]))
