# SPDX-License-Identifier: GPL-2.0-or-later
"""What a posting could try against the machine that applies it: each attack with its diffs, what it wants and what holds.

`docs/hostile.md` is made of this table; `test_attacks.py` runs every row.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

PWNED = 'lorebot-was-here'


@dataclass(frozen=True, slots=True)
class Attack:
    """`ends`: refused (the patch does not go in, and the reason is told) or data (it goes in and means nothing)."""

    name: str
    tries: str
    holds: str
    ends: Literal['refused', 'data', 'either']
    diffs: tuple[str, ...]


def new(path: str, text: str = 'pwned', mode: str = '100644', end: bool = True) -> str:
    """Return the diff that creates a file with this text."""
    lines = text.split('\n')
    name = '"b/' + path.replace('\n', '\\n') + '"' if '\n' in path else f'b/{path}'
    old = name.replace('b/', 'a/', 1)
    head = f'diff --git {old} {name}\nnew file mode {mode}\nindex 0000000..1111111\n--- /dev/null\n+++ {name}\n'
    count = '1' if len(lines) == 1 else f'1,{len(lines)}'
    body = ''.join(f'+{line}\n' for line in lines)
    return f'{head}@@ -0,0 +{count} @@\n{body}' + ('' if end else '\\ No newline at end of file\n')


def link(path: str, target: str) -> str:
    return new(path, target, '120000', end=False)


def moved(how: str, old: str, to: str) -> str:
    return f'diff --git a/{old} b/{to}\nsimilarity index 100%\n{how} from {old}\n{how} to {to}\n'


def mode(path: str, value: str) -> str:
    return f'diff --git a/{path} b/{path}\nold mode 100644\nnew mode {value}\n'


_HOOK = f'#!/bin/sh\ntouch /tmp/{PWNED}'
_MODULE = f'[submodule "x"]\n\tpath = sub\n\turl = ext::touch /tmp/{PWNED}\n\tupdate = !touch /tmp/{PWNED}'
_OUTSIDE = "git refuses the path; the worktree is a throw-away one of lorebot's own"
_ATTRIBUTES = (
    "info/attributes of lorebot's repository outranks every .gitattributes; no filter, driver or encoding is configured"
)
_GIT = 'core.protectHFS and core.protectNTFS are on; git takes no path with .git in it'
_UNREAD = (
    'git runs with system and user configuration off, and never in a directory whose files it reads as configuration'
)

ATTACKS = (
    Attack('parent', 'create `../outside`', _OUTSIDE, 'refused', (new('../outside'),)),
    Attack('parent-inside', 'create `mm/../../outside`', _OUTSIDE, 'refused', (new('mm/../../outside'),)),
    Attack('absolute', 'create `/etc/outside`', _OUTSIDE, 'either', (new('/etc/outside'),)),
    Attack(
        'next-mail', 'overwrite the mail of the next patch', _OUTSIDE, 'refused', (new('../mails/0002'), new('mm/a.c'))
    ),
    Attack('admin', "write HEAD of the worktree's git directory", _OUTSIDE, 'refused', (new('../git/HEAD'),)),
    Attack(
        'line-break',
        'a path with a line break',
        'paths are only ever passed as list arguments and looked up entry by entry',
        'data',
        (new('mm/a\n../b.c'),),
    ),
    Attack(
        'option',
        'a path like an option',
        'every path stands after `--` or in a file',
        'data',
        (new('--upload-pack=touch pwned'), new('-rf')),
    ),
    Attack('pathspec', 'a path like a pathspec', 'GIT_LITERAL_PATHSPECS', 'data', (new(':(exclude)mm'), new(':!x'))),
    Attack(
        'pattern',
        'a path like a sparse-checkout pattern',
        'patterns are escaped',
        'data',
        (new('!mm/*'), new('mm/[a-z]?.c')),
    ),
    Attack(
        'dot-git',
        'create a hook in `.git/hooks`',
        _GIT,
        'refused',
        (new('.git/hooks/post-applypatch', _HOOK, '100755'),),
    ),
    Attack('dot-git-deep', 'create `mm/.git/config`', _GIT, 'refused', (new('mm/.git/config'),)),
    Attack('dot-git-case', 'create `.GIT/config`', _GIT, 'refused', (new('.GIT/config'),)),
    Attack('dot-git-ntfs-short', 'create `git~1/config` (NTFS)', _GIT, 'refused', (new('git~1/config'),)),
    Attack('dot-git-ntfs-dots', 'create `.git. ./config` (NTFS)', _GIT, 'refused', (new('.git. ./config'),)),
    Attack(
        'dot-git-ntfs-stream',
        'create `.git::$INDEX_ALLOCATION/x` (NTFS)',
        _GIT,
        'refused',
        (new('.git::$INDEX_ALLOCATION/x'),),
    ),
    Attack('dot-git-hfs', 'create `.gi\\u200ct/config` (HFS+)', _GIT, 'refused', (new('.gi\u200ct/config'),)),
    Attack('backslash', 'create `..\\..\\outside`', _GIT, 'either', (new('..\\..\\outside'),)),
    Attack(
        'rename-out',
        'rename a file out of the tree',
        _OUTSIDE,
        'refused',
        (moved('rename', 'Makefile', '../Makefile'),),
    ),
    Attack(
        'rename-in',
        'rename `/etc/passwd` into the tree',
        _OUTSIDE,
        'refused',
        (moved('rename', '../../../../etc/passwd', 'mm/p'),),
    ),
    Attack(
        'copy-in',
        'copy a key into the tree',
        _OUTSIDE,
        'refused',
        (moved('copy', '../../../../root/.ssh/id_rsa', 'mm/k'),),
    ),
    Attack('copy-admin', 'copy `.git/config` into the tree', _GIT, 'refused', (moved('copy', '.git/config', 'mm/c'),)),
    Attack(
        'link-through',
        "make a link to the tree's parent, write through it",
        'git does not apply beyond a symbolic link',
        'refused',
        (link('mm/out', '../../..'), new('mm/out/x')),
    ),
    Attack(
        'link-absolute',
        'make a link to /tmp, write through it',
        'git does not apply beyond a symbolic link',
        'refused',
        (link('mm/out', '/tmp'), new(f'mm/out/{PWNED}')),
    ),
    Attack(
        'link-at-once',
        'link and write in one patch',
        'git does not apply beyond a symbolic link',
        'refused',
        (link('mm/out', '/tmp') + new(f'mm/out/{PWNED}'),),
    ),
    Attack(
        'link-dir',
        'make a directory a link',
        'git does not apply beyond a symbolic link',
        'either',
        (moved('rename', 'mm/Kconfig', 'mm2') + link('mm', '/tmp'), new(f'mm/{PWNED}')),
    ),
    Attack('link-git', 'make `.git` a link', _GIT, 'refused', (link('.git', '/tmp'),)),
    Attack(
        'link-modules',
        'make `.gitmodules` a link',
        'read-tree refuses it; nothing reads it',
        'either',
        (link('.gitmodules', '/etc/passwd'),),
    ),
    Attack('link-loop', 'make a link to itself', 'links are never followed', 'data', (link('mm/loop', 'loop'),)),
    Attack(
        'submodule',
        'a submodule with a URL that is a command',
        'submodule.recurse=false, protocol.allow=never',
        'data',
        (
            new('.gitmodules', _MODULE),
            'diff --git a/sub b/sub\nnew file mode 160000\nindex 0000000..1111111\n--- /dev/null\n+++ b/sub\n@@ -0,0 +1 @@\n+Subproject commit '
            + '1' * 40
            + '\n',
        ),
    ),
    Attack(
        'submodule-option',
        'a submodule whose path is an option',
        'nothing initialises submodules',
        'data',
        (new('.gitmodules', '[submodule "x"]\n\tpath = -u\n\turl = ./-u'),),
    ),
    Attack(
        'hooks',
        'bring hooks in a directory of the tree',
        'core.hooksPath=/dev/null',
        'data',
        (new('.githooks/post-commit', _HOOK, '100755'), new('hooks/post-applypatch', _HOOK, '100755')),
    ),
    Attack(
        'filter',
        'a clean and smudge filter for every file',
        _ATTRIBUTES,
        'data',
        (new('.gitattributes', '* filter=evil'), new('mm/a.c')),
    ),
    Attack(
        'merge-driver',
        'a merge driver for every file',
        _ATTRIBUTES,
        'data',
        (new('.gitattributes', '* merge=evil diff=evil'), new('mm/a.c')),
    ),
    Attack(
        'eol',
        'other line ends for every file',
        _ATTRIBUTES,
        'data',
        (new('.gitattributes', '* text eol=crlf'), new('mm/a.c', 'one\ntwo')),
    ),
    Attack(
        'encoding',
        'another encoding for every file',
        _ATTRIBUTES,
        'data',
        (new('.gitattributes', '* working-tree-encoding=UTF-16'), new('mm/a.c')),
    ),
    Attack(
        'ident',
        'have `$Id$` expanded',
        _ATTRIBUTES,
        'data',
        (new('.gitattributes', '* ident export-subst'), new('mm/a.c', '$Id$')),
    ),
    Attack(
        'b4-config',
        'a `.b4-config` with a server for our keys',
        'b4 is given its settings by hand and is never run in a tree',
        'data',
        (new('.b4-config', '[b4]\n\tpw-url = http://127.0.0.1:9/\n\tsend-endpoint-web = http://127.0.0.1:9/'),),
    ),
    Attack(
        'mailmap',
        'a `.mailmap` that renames people',
        'people are those of the mails; log.mailmap is never asked for',
        'data',
        (new('.mailmap', 'Root <root@x.example> <author@example.org>'), new('mm/a.c')),
    ),
    Attack(
        'gitconfig',
        '`.gitconfig` and `.gitignore` in the tree',
        _UNREAD,
        'data',
        (
            new('.gitconfig', f'[core]\n\tpager = touch /tmp/{PWNED}'),
            new('.gitignore', '*\n!.gitignore'),
            new('mm/a.c'),
        ),
    ),
    Attack(
        'get-maintainer',
        'a get_maintainer.pl that does harm',
        'MAINTAINERS is read by own code; nothing of a patched tree runs outside the sandbox',
        'data',
        (
            new('scripts/get_maintainer.pl', f'#!/usr/bin/perl\nsystem("touch /tmp/{PWNED}");', '100755'),
            new('.get_maintainer.conf', '--scm'),
        ),
    ),
    Attack('mode-setuid', 'mode 104755', 'git knows two modes of files', 'either', (new('mm/m.c', mode='104755'),)),
    Attack('mode-world', 'mode 100777', 'git knows two modes of files', 'either', (new('mm/m.c', mode='100777'),)),
    Attack(
        'mode-dir',
        'mode 040000: git would make a broken tree',
        'modes of no file are refused before git sees them',
        'refused',
        (new('mm/m.c', mode='040000'),),
    ),
    Attack(
        'mode-huge',
        'mode 777777777777',
        'modes of no file are refused before git sees them',
        'refused',
        (new('mm/m.c', mode='777777777777'),),
    ),
    Attack('mode-word', 'mode "x"', 'git knows two modes of files', 'either', (new('mm/m.c', mode='x'),)),
    Attack(
        'mode-to-link',
        'turn a file into a link by its mode',
        'git refuses it',
        'either',
        (mode('Makefile', '120000'), new('mm/a.c')),
    ),
    Attack('file-and-dir', 'a file where a directory is', 'git refuses it', 'refused', (new('mm'),)),
    Attack(
        'binary',
        'a binary patch without its data',
        'told as what git says',
        'refused',
        (
            'diff --git a/b.bin b/b.bin\nnew file mode 100644\nindex 0000000..1111111\nBinary files /dev/null and b/b.bin differ\n',
        ),
    ),
    Attack(
        'binary-bomb',
        'a binary patch of absurd length',
        'told as what git says',
        'refused',
        (
            'diff --git a/b.bin b/b.bin\nnew file mode 100644\nindex 0000000..1111111\nGIT binary patch\nliteral 99999999999\nzcmV\n\nliteral 0\nHcmV?d00001\n\n',
        ),
    ),
    Attack(
        'hunk-counts',
        'a hunk of 99,999,999 lines',
        'counts are never trusted: bodies end where lines end',
        'refused',
        (
            'diff --git a/mm/gup.c b/mm/gup.c\nindex 1..2\n--- a/mm/gup.c\n+++ b/mm/gup.c\n@@ -1,99999999 +1,99999999 @@\n x\n',
        ),
    ),
    Attack(
        'hunk-overflow',
        'line numbers beyond 64 bits',
        'counts are never trusted',
        'refused',
        ('diff --git a/mm/gup.c b/mm/gup.c\n--- a/mm/gup.c\n+++ b/mm/gup.c\n@@ -' + '9' * 30 + ',1 +1,1 @@\n-x\n+y\n',),
    ),
    Attack(
        'hunk-negative',
        'negative line counts',
        'the line is no hunk',
        'refused',
        ('diff --git a/mm/gup.c b/mm/gup.c\n--- a/mm/gup.c\n+++ b/mm/gup.c\n@@ -1,-5 +1,-5 @@\n-x\n+y\n',),
    ),
    Attack(
        'long-path',
        'a path of 100,000 characters',
        'the file system refuses it',
        'refused',
        (new('mm/' + 'a' * 100_000),),
    ),
    Attack(
        'deep-path', 'a path of 5,000 directories', 'the file system refuses it', 'either', (new('d/' * 5000 + 'x'),)
    ),
    Attack(
        'second-mail',
        'a second mail inside the first',
        'mboxrd: `From ` lines are quoted, one mail stays one patch',
        'data',
        (
            new(
                'mm/a.c',
                'From 1111111111111111111111111111111111111111 Mon Sep 17 00:00:00 2001\nFrom: eve <e@x.example>\nSubject: [PATCH] two',
            ),
        ),
    ),
    Attack(
        'words-of-git',
        "text that reads like git's own output",
        'what git says is told from what it quotes',
        'data',
        (new('mm/a.c', 'Applying: x\nNo changes -- Patch already applied.'),),
    ),
)

POISON = (
    '$(touch /tmp/lorebot-was-here)',
    '`touch /tmp/lorebot-was-here`',
    '; touch /tmp/lorebot-was-here #',
    "'; DROP TABLE results; --",
    '" onload="alert(1)',
    '<script>alert(1)</script>',
    '{{ 7 * 7 }}{% include "/etc/passwd" %}',
    '../../../../etc/passwd',
    '--upload-pack=touch /tmp/lorebot-was-here',
    '%0d%0aBcc: eve@x.example',
    '(a+)+$ .* [^',
    'refs/heads/main:refs/heads/x~1^{/x}',
)
"""Text that would mean something to a shell, SQL, HTML, Jinja, a path, an option, a header, an expression, a ref."""


@dataclass(frozen=True, slots=True)
class Elsewhere:
    """An attack that a test of its own tries."""

    tries: str
    holds: str
    test: str


_SUITE = 'tests/trees/test_attacks.py::'
_TREES = 'tests/trees/test_hostile.py::'
ELSEWHERE = (
    Elsewhere('a million hunks', 'a diff is read once, in linear time (`--long`)', f'{_SUITE}test_a_million_hunks'),
    Elsewhere(
        'shell, SQL, HTML, Jinja, path, option, header, expression and ref metacharacters as subject, author, message-id, '
        'change-id, base and text of twelve patches, through review, every format and the draft reply',
        'list arguments, bound values, escaped templates, checked header fields, refs made of digests alone',
        f'{_SUITE}test_words_of_mails_reach_no_shell_ref_file_or_page',
    ),
    Elsewhere(
        'a prerequisite that reads like the URL of another host',
        'ids are looked up in the archive the series is from',
        'tests/test_prerequisites.py::test_an_id_that_looks_like_a_url_or_path_asks_nobody_else',
    ),
    Elsewhere(
        "hooks, drivers and pagers of the user's repository",
        'git gets an environment made from nothing',
        f'{_TREES}test_what_a_repository_asks_to_be_run_is_not_run',
    ),
    Elsewhere(
        'a file turned into a link to a victim, then written',
        'the link is replaced, never followed',
        f'{_TREES}test_a_link_instead_of_a_file_is_not_followed',
    ),
    Elsewhere(
        'a subject that reads like words of git', 'told apart', f'{_TREES}test_a_subject_cannot_pose_as_words_of_git'
    ),
    Elsewhere(
        'any text in any context',
        'never leaves its line',
        'tests/report/test_hostile.py::test_no_string_in_a_context_leaves_its_line',
    ),
    Elsewhere(
        'any text in a web page',
        'no element, attribute or address of its own',
        'tests/report/test_hostile.py::test_page_gets_no_element_attribute_or_address',
    ),
    Elsewhere(
        'any text in a command to paste',
        'quoted for a shell',
        'tests/report/test_hostile.py::test_a_command_to_paste_holds_no_other',
    ),
    Elsewhere(
        'header injection in a reply',
        'fields are encoded, line breaks taken out',
        'tests/post/test_injection.py::test_no_field_is_injected',
    ),
    Elsewhere(
        'a makefile that writes outside, reads keys, opens sockets',
        'the sandbox of the lab',
        'tests/lab/test_escape.py::test_a_makefile_that_writes_outside',
    ),
)


def table() -> str:
    """Return the page: every attack with what held."""
    rows = [
        f'| {_cell(a.tries)} | {_ENDS[a.ends]} | {_cell(a.holds)} | `{_SUITE}test_attack[{a.name}]` |' for a in ATTACKS
    ]
    rows += [f'| {_cell(e.tries)} | | {_cell(e.holds)} | `{e.test}` |' for e in ELSEWHERE]
    head = ['| tried | ends | what holds | test |', '| --- | --- | --- | --- |']
    return '\n'.join([_INTRO, *head, *rows])


_ENDS = {
    'refused': 'does not go in, said why',
    'data': 'goes in, means nothing',
    'either': 'depends on the version of git',
}
_INTRO = """\
What a posting, a tree or a mail could try, and what holds. Each row is a test; those of `test_attacks.py` compare every file
around the worktree before and after: the user\'s repository, lorebot\'s own, and what lies beside them.
"""


def _cell(text: str) -> str:
    return text.replace('|', '\\|').replace('\n', ' ')
