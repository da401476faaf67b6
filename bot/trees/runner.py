# SPDX-License-Identifier: GPL-2.0-or-later
"""The only place that starts git: an environment built from nothing, list arguments, every process counted.

Promises that no user or system setting, hook, pager, prompt, credential helper, filter or network transport takes part
(a repository's own config is overridden wherever it could run something) and that absent objects are never fetched.
Refuses nothing else: whether a command writes is the caller's care.
"""

from __future__ import annotations

import os
import re
import subprocess
from pathlib import Path
from threading import Lock

from bot.errors import ToolMissing
from bot.model import GitOutput

NAME, ADDRESS = 'lorebot', 'lorebot@localhost'

_SAID = re.compile(r'^(?:error|fatal): (.*)$', re.MULTILINE)
_INHERITED = ('PATH', 'TMPDIR', 'LD_LIBRARY_PATH')

_ENVIRONMENT = {
    'LC_ALL': 'C',
    'LANGUAGE': 'C',
    'TZ': 'UTC',
    'GIT_CONFIG_NOSYSTEM': '1',
    'GIT_CONFIG_SYSTEM': os.devnull,
    'GIT_CONFIG_GLOBAL': os.devnull,
    'GIT_ATTR_NOSYSTEM': '1',
    'GIT_TERMINAL_PROMPT': '0',
    'GIT_ASKPASS': 'false',
    'GIT_EDITOR': ':',
    'GIT_PAGER': 'cat',
    'GIT_OPTIONAL_LOCKS': '0',
    'GIT_NO_LAZY_FETCH': '1',
    'GIT_NO_REPLACE_OBJECTS': '1',
    'GIT_LITERAL_PATHSPECS': '1',
}

_SETTINGS = {
    'core.hooksPath': os.devnull,
    'core.fsmonitor': 'false',
    'core.pager': 'cat',
    'core.attributesFile': os.devnull,
    'core.excludesFile': os.devnull,
    'core.autocrlf': 'false',
    'core.safecrlf': 'false',
    'core.untrackedCache': 'false',
    'core.quotePath': 'true',
    'core.protectHFS': 'true',
    'core.protectNTFS': 'true',
    # An older git without GIT_NO_LAZY_FETCH still starts `git fetch` for an absent object: it may reach nothing.
    'protocol.allow': 'never',
    'credential.helper': '',
    'gc.auto': '0',
    'maintenance.auto': 'false',
    'color.ui': 'false',
    'commit.gpgSign': 'false',
    'log.showSignature': 'false',
    'submodule.recurse': 'false',
    'rerere.enabled': 'false',
    'diff.renames': 'true',
    'diff.noprefix': 'false',
    'diff.mnemonicPrefix': 'false',
    'apply.whitespace': 'nowarn',
    'mailinfo.scissors': 'false',
    'merge.conflictStyle': 'merge',
    # The three-way fallback compares a lost file with every file of the tree: 80,000 blobs, many perhaps absent.
    'merge.renameLimit': '100',
    'user.name': NAME,
    'user.email': ADDRESS,
    'user.useConfigOnly': 'true',
}


def clean_environment(at: Path) -> dict[str, str]:
    """Return all variables git gets; `at` and its parents are declared safe, whoever owns them (they were asked for)."""
    found = {name: os.environ[name] for name in _INHERITED if name in os.environ}
    settings = [*_SETTINGS.items(), *(('safe.directory', str(p)) for p in (at, *at.parents))]
    pairs = {f'GIT_CONFIG_KEY_{n}': key for n, (key, _) in enumerate(settings)}
    pairs |= {f'GIT_CONFIG_VALUE_{n}': value for n, (_, value) in enumerate(settings)}
    return found | _ENVIRONMENT | pairs | {'GIT_CONFIG_COUNT': str(len(settings))}


class Runner:
    """A `GitRunner`; without `cwd` git runs in `/`, so that no repository is found by chance."""

    def __init__(self) -> None:
        self._started = 0
        self._lock = Lock()

    def __call__(
        self,
        *args: str,
        cwd: Path | None = None,
        stdin: bytes = b'',
        borrow: Path | None = None,
        index: Path | None = None,
    ) -> GitOutput:
        """Run `git ARGS`; `borrow` is one more directory of objects to read from, `index` the index of another repository."""
        where = Path(os.sep) if cwd is None else cwd.resolve()
        env = clean_environment(where)
        env |= {'GIT_ALTERNATE_OBJECT_DIRECTORIES': _quoted(borrow)} if borrow else {}
        env |= {'GIT_INDEX_FILE': str(index)} if index else {}
        self.count()
        try:
            done = subprocess.run(['git', *args], cwd=where, input=stdin, capture_output=True, env=env, check=False)
        except FileNotFoundError:
            if not where.is_dir():
                raise
            raise git_missing() from None
        return GitOutput(done.returncode, done.stdout, done.stderr.decode('utf-8', 'replace'))

    def count(self) -> None:
        """Count one more git process; for those that GitPython starts."""
        with self._lock:
            self._started += 1

    def processes(self) -> int:
        """Return how many git processes were started so far."""
        return self._started


def _quoted(path: Path) -> str:
    """Write a path so that a colon in it does not part it in two."""
    return '"' + str(path).replace('\\', '\\\\').replace('"', '\\"') + '"'


def first_line(stderr: str) -> str:
    """Return what git's first error or fatal line says, else the first line that says anything."""
    found = _SAID.search(stderr)
    return found.group(1) if found else next((line for line in stderr.splitlines() if line.strip()), 'git said nothing')


def git_missing() -> ToolMissing:
    return ToolMissing('git cannot be started', where='PATH', todo='install git: `lorebot doctor` says how')


run = Runner()
