# SPDX-License-Identifier: GPL-2.0-or-later
"""Clones a kernel tree because the user asked for it: the one place of this room where git may reach a network.

Promises a clone that is whole, and one of the kernel, or not there; and that nothing is ever deleted but a clone that was
made here and still stands where it was put. Refuses transports that run a command (`ext::`), prompts, and every setting of
the user but his proxies and his ssh agent.
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import tempfile
from pathlib import Path

from bot.errors import InfraError, UserError
from bot.trees.runner import clean_environment, first_line, git_missing, run

_MARK = 'lorebot-made'
_MOST_HEADS = 20
_VERSIONS = (re.compile(rb'^VERSION\s*=\s*\d', re.M), re.compile(rb'^PATCHLEVEL\s*=\s*\d', re.M))
_PROTOCOLS = 'https:http:git:ssh:file'
_PASSED = (
    'HOME',
    'SSH_AUTH_SOCK',
    'http_proxy',
    'https_proxy',
    'HTTPS_PROXY',
    'all_proxy',
    'ALL_PROXY',
    'no_proxy',
    'NO_PROXY',
)
_URL = re.compile(r'(?:(?:https?|git|ssh|file)://[^\s\x00-\x1f]+|[\w.-]+@[\w.-]+:[^\s\x00-\x1f]+)')
_NAME = re.compile(r'[A-Za-z0-9_][A-Za-z0-9_.-]{0,63}')


def name_of(url: str) -> str:
    """Return what a tree is called by its URL; raise `UserError` for what git could not clone, or only by running it."""
    if not _URL.fullmatch(url):
        todo = 'give an https, http, git, ssh or file URL'
        raise UserError('this is no URL of a git repository', where=ascii(url[:120])[1:-1], todo=todo)
    return re.sub(r'\.git$', '', url.rstrip('/').rpartition('/')[2].rpartition(':')[2])


def checked_name(name: str) -> str:
    """Return a name that may stand in settings and in a path; raise `UserError` for others."""
    if not _NAME.fullmatch(name):
        todo = 'give one with --name: letters, digits, "_", "." and "-"'
        raise UserError('a tree cannot be called so', where=ascii(name[:80])[1:-1], todo=todo)
    return name


def bring(url: str, to: Path, partial: bool, loud: bool) -> None:
    """Clone without a checkout, and with `partial` without the contents of files; raise `InfraError` in git's words.

    `loud` lets git show its progress on stderr.
    """
    if to.exists():
        raise UserError('there is something already', where=str(to), todo='give another place with --to')
    to.parent.mkdir(parents=True, exist_ok=True)
    scratch = Path(tempfile.mkdtemp(prefix=f'.{to.name}-', dir=to.parent))
    fresh = scratch / 'clone'
    filtered = ('--filter=blob:none',) if partial else ()
    shown = ('--progress',) if loud else ('--quiet',)
    env = clean_environment(to.parent) | {name: os.environ[name] for name in _PASSED if name in os.environ}
    words = ['git', 'clone', '--no-checkout', '--template=', *filtered, *shown, '--', url, str(fresh)]
    run.count()
    try:
        done = subprocess.run(
            words,
            cwd=to.parent,
            env=env | {'GIT_ALLOW_PROTOCOL': _PROTOCOLS},
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=None if loud else subprocess.PIPE,
            check=False,
        )
    except FileNotFoundError:
        shutil.rmtree(scratch, ignore_errors=True)
        raise git_missing() from None
    if done.returncode:
        shutil.rmtree(scratch, ignore_errors=True)
        said = first_line((done.stderr or b'').decode('utf-8', 'replace')) if done.stderr else 'see what git said above'
        raise InfraError('the tree cannot be cloned', where=said[:300], todo='check the URL and the network')
    lacking = _no_kernel(fresh / '.git')
    if lacking:
        shutil.rmtree(scratch, ignore_errors=True)
        todo = f'{lacking}; give the URL of a kernel tree, or --tree DIR to look at another one once'
        raise UserError('this is no tree of the kernel', where=ascii(url[:120])[1:-1], todo=todo)
    (fresh / '.git' / _MARK).write_text(f'{to}\n', encoding='utf-8')
    fresh.rename(to)
    scratch.rmdir()


def made_here(place: Path) -> bool:
    """Tell whether a clone was made by `bring` and stands where it was put: a copy of it is its user's own."""
    mark = place / '.git' / _MARK
    try:
        return not place.is_symlink() and mark.is_file() and mark.read_text(encoding='utf-8') == f'{place}\n'
    except (OSError, ValueError):
        return False


def delete(place: Path) -> None:
    """Delete a clone that `made_here` knows; raise `UserError` for any other directory."""
    if not made_here(place):
        raise UserError('lorebot did not make this clone', where=str(place), todo='delete it by hand')
    shutil.rmtree(place)


def _no_kernel(git_dir: Path) -> str:
    """Say what no branch of a fresh clone has that every kernel has, '' when one has all of it.

    HEAD of a server may name a branch that is not there, so the branches are looked at.
    """
    at = f'--git-dir={git_dir}'
    refs = run(at, 'for-each-ref', f'--count={_MOST_HEADS}', '--format=%(objectname)', 'refs/remotes').stdout
    said = ['it has no branch']
    for commit in dict.fromkeys(refs.decode('ascii', 'replace').split()):
        names = set(run(at, 'ls-tree', '-z', '--name-only', commit).stdout.split(b'\0'))
        gone = [name for name in ('Makefile', 'include', 'mm') if name.encode() not in names]
        if not gone and _versioned(at, commit):
            return ''
        said.append(f'it has no {gone[0]}' if gone else 'its Makefile has no VERSION and PATCHLEVEL')
    return said[-1]


def _versioned(at: str, commit: str) -> bool:
    """Tell whether the Makefile is that of a kernel; of one that a partial clone lacks, the name has to do."""
    done = run(at, 'cat-file', 'blob', f'{commit}:Makefile')
    return done.status != 0 or all(one.search(done.stdout) for one in _VERSIONS)
