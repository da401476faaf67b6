# SPDX-License-Identifier: GPL-2.0-or-later
"""The command line as a user meets it: what is printed where, and how it ends."""

from __future__ import annotations

import io
import json
import os
import pty
import re
import subprocess
import sys
from pathlib import Path

import click
import pytest

from bot import cli
from bot.fakes import Demo


@pytest.fixture
def lorebot(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Run in an empty directory; return the options that put the store there, too."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / 'my.toml').write_text(f'[store]\npath = "{tmp_path}/store"\n')
    return ['--config', str(tmp_path / 'my.toml')]


def test_review_prints_the_result_and_nothing_else(
    demo: Demo, lorebot: list[str], capfd: pytest.CaptureFixture[str]
) -> None:
    cli.run(['review', str(demo.mbox), '--stages', 'questions', *lorebot])
    printed = capfd.readouterr()
    assert printed.out.startswith('mm, misc: pins that stay')
    assert printed.err == ''


def test_what_was_done_and_what_was_held_is_counted_on_request(
    demo: Demo, lorebot: list[str], capfd: pytest.CaptureFixture[str]
) -> None:
    asked = ['-v', 'review', str(demo.mbox), '--stages', 'questions', *lorebot]
    cli.run(asked)
    assert 'lorebot: assemble done: 1, questions done: 1, source read: 1' in capfd.readouterr().err
    cli.run(asked)
    assert 'lorebot: assemble held: 1, questions held: 1, source read: 1' in capfd.readouterr().err


def test_every_format_is_written_to_the_directory(demo: Demo, lorebot: list[str], tmp_path: Path) -> None:
    cli.run(['review', str(demo.mbox), '--stages', 'questions', '--out', 'out', *lorebot])
    assert sorted(p.name for p in (tmp_path / 'out').iterdir()) == [
        'reply.eml',
        'report.html',
        'report.json',
        'report.md',
        'report.txt',
    ]
    assert json.loads((tmp_path / 'out/report.json').read_text())['schema'] == 'lorebot.report/1'


def test_json_is_one_document(demo: Demo, lorebot: list[str], capfd: pytest.CaptureFixture[str]) -> None:
    cli.run(['questions', str(demo.mbox), '--format', 'json', *lorebot])
    assert json.loads(capfd.readouterr().out)['schema'] == 'lorebot.questions/1'
    cli.run(['check', '--series', str(demo.mbox), '--tree', str(demo.tree), '--format', 'json', *lorebot])
    assert json.loads(capfd.readouterr().out)['schema'] == 'lorebot.findings/1'


def test_mail_comes_from_stdin(
    demo: Demo, lorebot: list[str], capfd: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sys, 'stdin', io.TextIOWrapper(io.BytesIO(demo.mbox.read_bytes())))
    assert cli.run(['questions', '-', *lorebot]) == 0
    assert 'Nkechi' in capfd.readouterr().out


def test_replies_alone_have_questions_and_no_review(
    lorebot: list[str], capfd: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    head = 'From: Rita <rita@reader.example>\nDate: Thu, 8 May 2025 10:00:00 +0000\nMessage-ID: <r@reader.example>\n'
    head += 'Subject: Re: [PATCH v2 0/2] frob: lend\nReferences: <c@author.example>\nIn-Reply-To: <c@author.example>\n'
    reply = tmp_path / 'reply.eml'
    reply.write_text(f'{head}\nWhy is the lock taken?\n')
    assert cli.run(['questions', str(reply), *lorebot]) == 0
    assert 'no mail of the series itself was read' in ' '.join(capfd.readouterr().out.split())
    assert cli.run(['review', str(reply), *lorebot]) == 2
    assert cli.run(['review', str(reply), '--stages', 'questions', '--out', str(tmp_path / 'out'), *lorebot]) == 2
    reply.write_text(' '.join(head.split('\n')) + 'Content-Type: text/plain ' + 'word > word > word > ' * 60)
    capfd.readouterr()
    assert cli.run(['questions', str(reply), *lorebot]) == 0
    assert 'its line breaks are lost' in ' '.join(capfd.readouterr().out.split())


def test_a_fault_the_series_brings_in_is_exit_1(demo: Demo, lorebot: list[str]) -> None:
    asked = ['check', '--series', str(demo.mbox), '--tree', str(demo.tree), *lorebot]
    assert cli.run(asked) == 1
    assert cli.run([*asked, '--fail-on', 'never']) == 0


def test_a_draft_is_a_mail_and_says_why_it_was_not_sent(
    demo: Demo, lorebot: list[str], capfd: pytest.CaptureFixture[str]
) -> None:
    assert cli.run(['reply', str(demo.mbox), '--to-file', 'draft.eml', *lorebot]) == 0
    printed = capfd.readouterr()
    assert printed.out == 'draft.eml\n'
    assert 'not sent' in printed.err
    text = Path('draft.eml').read_text()
    assert 'In-Reply-To: <20260316-pinbuf-steady-v2-0-5c1d7e904a2b@example.org>' in text


@pytest.mark.parametrize(
    ('arguments', 'status', 'said'),
    [
        (['review', 'no such thing'], 2, 'SOURCE names nothing known'),
        (['review', '/nonexistent/x.mbox'], 2, 'there is no such file'),
        (['review', '../x.mbox'], 2, 'there is no such file'),
        (['review', 'a@b', '--stages', 'cook'], 2, "'cook' is no stage; there are apply, check"),
        (['review', 'a@b', '--as-of', 'yesterday'], 2, 'write 2024-06-20'),
        (['review', 'a@b', '--archive', 'http://127.0.0.1:1/x'], 3, '127.0.0.1:1'),
        (['review'], 2, "Missing argument 'SOURCE'"),
        (['revieww'], 2, 'revieww'),
        (['check', '--rev', 'HEAD', '--range', 'a..b'], 2, 'exclude each other'),
        (['check', '--tree', '/nonexistent'], 2, 'nonexistent'),
        (['check', '--tree', '.'], 2, 'not a git repository'),
        (['check', '--alone'], 2, 'give PATHs'),
        (['check', '--alone', 'x.c', '--rev', 'HEAD'], 2, 'files without a tree'),
        (['check', '--alone', 'absent.c'], 2, 'cannot read a file (absent.c'),
        (['check', '--alone', 'my.toml'], 2, 'this is no C file (my.toml)'),
        (['check', '--alone', 'x.c', '--baseline', 'my.toml'], 2, 'the baseline is no result of a check'),
        (['check', '--explain', 'GUP-F033'], 2, 'GUP-F03'),
        (['rules', 'show', 'GUP-F033'], 2, 'GUP-F03'),
    ],
)
def test_a_mistake_is_one_sentence(
    arguments: list[str], status: int, said: str, lorebot: list[str], capfd: pytest.CaptureFixture[str]
) -> None:
    own = lorebot if arguments[0] in ('review', 'check') and len(arguments) > 1 else []
    assert cli.run([*arguments, *own]) == status
    printed = capfd.readouterr()
    assert said in printed.err
    assert printed.out == ''
    assert 'Traceback' not in printed.err


def test_a_rule_is_found_however_it_is_written(lorebot: list[str], capfd: pytest.CaptureFixture[str]) -> None:
    told = []
    for name in ('GUP-F03', 'gup-f03', 'LONGTERM-without-pin'):
        assert cli.run(['rules', 'show', name]) == 0
        told.append(capfd.readouterr().out)
    assert told[0] == told[1] == told[2]


def test_a_base_is_looked_at_even_when_patches_are_missing(
    demo: Demo, lorebot: list[str], tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    text = demo.mbox.read_bytes()
    (tmp_path / 'part.mbox').write_bytes(re.sub(rb'Subject: \[PATCH v2 2/3\]', b'Subject: Re: lost', text))
    asked = ['review', 'part.mbox', '--stages', 'apply', '--tree', str(demo.tree), '--base', 'nonsense', *lorebot]
    assert cli.run(asked) == 2
    assert 'the base names no commit of this tree (nonsense)' in capfd.readouterr().err


def test_a_network_that_fails_is_told_in_one_sentence(lorebot: list[str], capfd: pytest.CaptureFixture[str]) -> None:
    assert cli.run(['review', 'a@b.example', '--archive', 'http://127.0.0.1:1/x', *lorebot]) == 3
    assert capfd.readouterr().err.count('\n') == 1


def test_a_bug_says_where_and_asks_for_a_report(lorebot: list[str], capfd: pytest.CaptureFixture[str]) -> None:
    Path('job.json').write_text('{"stage": "nothing", "job": {}}')
    assert cli.run(['job', 'job.json']) == 4
    assert re.search(r'lorebot: bug: KeyError: .* \(perform, line \d+\)', capfd.readouterr().err)


def test_settings_are_shown_with_their_origin(lorebot: list[str], capfd: pytest.CaptureFixture[str]) -> None:
    assert cli.run(['config', 'show', '--origin', *lorebot]) == 0
    out = capfd.readouterr().out
    assert re.search(r'^store\.path = ".*/store"    # .*my\.toml$', out, re.MULTILINE)
    assert re.search(r'^report\.columns = 78    # .*default\.toml$', out, re.MULTILINE)


def test_help_needs_no_parser_or_git_library() -> None:
    code = 'import sys; from bot import cli; cli.run(["--help"]); print([m for m in ("b4", "git", "tree_sitter") if m in sys.modules])'
    done = subprocess.run([sys.executable, '-c', code], capture_output=True, text=True, check=True)
    assert done.stdout.endswith('[]\n')
    assert 'review' in done.stdout


def test_a_closed_pipe_is_no_error(demo: Demo, lorebot: list[str]) -> None:
    command = [sys.executable, '-m', 'bot', 'review', str(demo.mbox), '--stages', 'questions', *lorebot]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    assert process.stdout is not None and process.stderr is not None
    process.stdout.close()
    said = process.stderr.read().decode()
    process.wait()
    assert 'Traceback' not in said and 'bug' not in said


def test_progress_is_drawn_only_for_a_person(demo: Demo, lorebot: list[str]) -> None:
    command = [sys.executable, '-m', 'bot', 'review', str(demo.mbox), '--tree', str(demo.tree), *lorebot]
    ours, theirs = pty.openpty()
    env = {**os.environ, 'TERM': 'xterm', 'COLUMNS': '100'}
    env.pop('NO_COLOR')
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=theirs, env=env)
    os.close(theirs)
    seen = b''
    while chunk := _read(ours):
        seen += chunk
    process.wait()
    os.close(ours)
    assert b'apply' in seen and b'\x1b[' in seen


def _read(descriptor: int) -> bytes:
    try:
        return os.read(descriptor, 4096)
    except OSError:  # Linux reports the far end's close as EIO
        return b''


def test_the_help_says_of_each_command_what_the_command_says_itself() -> None:
    context = click.Context(cli.lorebot)
    for name, _, said in cli._COMMANDS:
        command = cli.lorebot.get_command(context, name)
        assert command is not None and (command.hidden or (command.help or '').startswith(said)), name


def test_a_path_that_is_not_in_the_tree_is_no_clean_result(
    demo: Demo, lorebot: list[str], capfd: pytest.CaptureFixture[str]
) -> None:
    asked = ['check', '--tree', str(demo.tree), *lorebot]
    assert cli.run([*asked, 'mm/nosuch.c']) == 2
    assert 'mm/nosuch.c is not there' in capfd.readouterr().err
    assert cli.run([*asked, '--fail-on', 'never', 'mm/', 'mm/gup.c']) == 0


def test_a_file_without_a_tree_is_checked_and_known_again(
    lorebot: list[str], capfd: pytest.CaptureFixture[str]
) -> None:
    body = 'long f(unsigned long a, struct page **p)\n{\n\treturn get_user_pages_fast(a, 1, FOLL_LONGTERM, p);\n}\n'
    Path('bad.c').write_text(body)
    assert cli.run(['check', '--alone', 'bad.c', '--format', 'json', *lorebot]) == 1
    Path('known.json').write_text(capfd.readouterr().out)
    assert cli.run(['check', '--alone', 'bad.c', '--baseline', 'known.json', *lorebot]) == 0
    assert '1 finding of the baseline left out' in capfd.readouterr().out
    assert cli.run(['check', '--explain', 'gup-f03']) == 0
    assert 'longterm-without-pin' in capfd.readouterr().out


def test_files_where_no_tree_is_need_no_option(lorebot: list[str], capfd: pytest.CaptureFixture[str]) -> None:
    Path('bad.c').write_text(
        'int f(unsigned long a, struct page **p)\n{\n\tget_user_pages_fast(a, 1, FOLL_LONGTERM, p);\n'
        '\tif (pin_user_pages_fast(a, 1, FOLL_LONGTERM, p) < 1)\n\t\treturn -EFAULT;\n\tfrob(p);\n\treturn 0;\n}\n'
    )
    assert cli.run(['check', 'bad.c', *lorebot]) == 1
    told = capfd.readouterr().out
    assert told.startswith('bad.c:3:28: error: ')
    assert '>  3 | ' not in told and '> 3 |         get_user_pages_fast(a, 1, FOLL_LONGTERM, p);' in told
    assert (
        'not judged: 1 acquire in 1 function: ' in told and 'bad.c:6 f(): pages handed to frob(), unknown here' in told
    )
    assert '1 file and 1 function read' in told, 'headers of our own do not count'
    assert '\x1b' not in told
    assert cli.run(['check', 'bad.c', '--brief', *lorebot]) == 1
    assert ' | ' not in capfd.readouterr().out


def test_mails_are_no_files_of_a_tree(demo: Demo, lorebot: list[str], capfd: pytest.CaptureFixture[str]) -> None:
    Path('some mails').mkdir()
    (Path('some mails') / 'v1.mbox').write_bytes(demo.mbox.read_bytes())
    for path in ('some mails', 'some mails/v1.mbox'):
        assert cli.run(['check', path, *lorebot]) == 2
        assert f"lorebot check --series '{path}'" in capfd.readouterr().err


def test_one_reply_alone_tells_what_it_asks_and_quotes(
    demo: Demo, lorebot: list[str], capfd: pytest.CaptureFixture[str]
) -> None:
    mails = demo.mbox.read_text().split('\nFrom ')
    (one,) = [m for m in mails if re.search(r'(?m)^From: Oskar', m) and 'Who else would use this?' in m and '1)' in m]
    Path('one.eml').write_text(one[one.index('\n') + 1 :])
    assert cli.run(['questions', 'one.eml', *lorebot, '--format', 'json']) == 0
    found = json.loads(capfd.readouterr().out)
    asked = [q['text'] for q in found['questions'] if q['asker']['name'].startswith('Oskar')]
    assert 'Who else would use this?' in asked
    assert not any('about other work' in note for note in found['coverage']['notes'])


def test_a_place_that_cannot_be_written_is_the_users_mistake(
    demo: Demo, lorebot: list[str], capfd: pytest.CaptureFixture[str]
) -> None:
    Path('taken').write_text('a file')
    assert cli.run(['review', str(demo.mbox), '--stages', 'questions', '--out', 'taken', *lorebot]) == 2
    assert 'cannot use taken' in capfd.readouterr().err


def test_a_file_outside_of_the_repository_is_of_no_tree(lorebot: list[str], capfd: pytest.CaptureFixture[str]) -> None:
    (Path.cwd() / 'work' / '.git').mkdir(parents=True)
    lone = Path.cwd() / 'lone.c'
    lone.write_text('int x;\n')
    os.chdir('work')
    assert cli.run(['check', str(lone), *lorebot]) == 0
    assert 'no tree: flags, prototypes' in capfd.readouterr().out
