# SPDX-License-Identifier: GPL-2.0-or-later
"""The whole room on a written conversation (golden), on real ones, and on mails no person would send."""

from __future__ import annotations

import json
import logging
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st

from bot.config import Archive
from bot.lore import Assembly, assemble, locate, parse, read
from bot.model import GitRunner, Patch, Progress, RawMail, Revision, Trailer
from tests.lore.letters import ADA, RITA, diff, letter, posting, reply

# Held out: a blind score is taken on these threads later, so no test may say anything of what is in them.
HELD_OUT = {'pci-xgene-msi', 'atomic64-fallback', 'can-raw-memleak', 'iio-hx9023s-tuning', 'gup-vaddr-pin-pages'}


def told(assembly: Assembly) -> str:
    """Return all that was assembled as text a person can check."""
    lines = []
    for thread in assembly.threads:
        ghosts = ''.join(f', lacks <{g.message_id}> (seen in <{g.seen_in}>)' for g in thread.ghosts)
        lines.append(f'thread <{thread.root}>: {len(thread.messages)} mails{ghosts}')
    for series in assembly.series:
        lines.append(f'\nseries "{series.subject}" by {series.author.label}, change-id {series.change_id}')
        for revision in series.revisions:
            lines += told_revision(revision)
    return '\n'.join([*lines, '', f'unusable: {assembly.unusable or "no"}', ''])


def told_revision(revision: Revision) -> list[str]:
    marks = ''.join([' RFC' * revision.rfc, ' resend' * revision.resend, ' partial' * revision.partial_reroll])
    head = f'posting {revision.posting}: v{revision.version}{marks} <{revision.message_id}> {revision.date:%Y-%m-%d}'
    lines = [f'  {head}, {len(revision.patches)} of {revision.expected}, missing {list(revision.missing)}']
    if revision.link:
        lines.append(f'    follows: {revision.link.reason} ({revision.link.confidence}, {revision.link.span})')
    lines += [f'    base: {h.kind} {h.value} at {h.span.first}' for h in revision.base_hints]
    lines += [f'    note: {note}' for note in revision.notes]
    lines += [f'    cover has {told_trailer(t)}' for t in revision.trailers]
    return [*lines, *(line for patch in revision.patches for line in told_patch(patch))]


def told_patch(patch: Patch) -> list[str]:
    head = f'    {patch.position}/{patch.total} <{patch.message_id}> "{patch.subject}" by {patch.author.label}'
    names = ', '.join(f'{p.path} {p.before}..{p.after}' for p in patch.preimages)
    return [f'{head}: {names}', *(f'      {told_trailer(t)}' for t in patch.trailers)]


def told_trailer(trailer: Trailer) -> str:
    how = 'carried' if trailer.carried else f'given in <{trailer.span.message_id}>'
    return f'{trailer.name}: {trailer.value} ({how}, line {trailer.span.first}{", MISMATCH" * trailer.mismatch})'


def conversation() -> list[bytes]:
    history = 'Second try.\n\nChanges since v1:\n- Rita wanted it\n\nv1: https://lore.kernel.org/r/v1-0@test\n\nbase-commit: 0123456789ab\n'
    v1 = posting('v1', ['mm/gup: count pins', 'mm/gup: test the count'], prefix='RFC PATCH mm', cover='Count the pins')
    v2 = posting(
        'v2', ['mm/gup: count pins', 'mm/gup: test the count', 'docs: say so'], prefix='PATCH v2', cover='Count the pins', cover_text=history,
        answers='v1-0', minutes=1e4,
    )  # fmt: skip
    fixed = letter(
        '[PATCH v3 2/3] mm/gup: test the count',
        f'Why.\n\nSigned-off-by: {ADA}\n---\n\n{diff("mm/file2.c", new="best")}',
        name='v3-2',
        answers='v2-2',
        minutes=2e4,
    )
    return [
        *v1,
        reply('v1-1', '> Why: mm/gup: count pins.\n\nWhy not folios?\n', name='r1'),
        reply('r1', f'> Why not folios?\n\nDone in v2.\n\n> Acked-by: {RITA}\n', name='r2', sender=ADA, minutes=90),
        *v2,
        reply('v2-0', f'For the series:\nReviewed-by: {RITA}\n', name='r3', minutes=10100),
        reply('v2-2', 'Acked-by: Somebody Else <se@example.com>\n', name='r4', minutes=10200),
        reply('lost', f'Tested-by: {RITA}\n', name='r5', minutes=10300),
        fixed,
        letter('[PATCH] mm: an unrelated fix', f'm\n---\n{diff("mm/z.c")}', name='other', sender=RITA, minutes=500),
    ]


def test_a_conversation(git: GitRunner, golden: Callable[[Path, str], None]) -> None:
    messages = parse([RawMail(m, None, 'test') for m in conversation()], ())
    golden(Path(__file__).parent / 'golden' / 'conversation.txt', told(assemble(messages, 'r1@test', git)))


def real(path: Path, settings: Archive, git: GitRunner, quiet: Progress) -> Assembly:
    messages = parse(read(locate(str(path), settings.url), settings, git, quiet), settings.prefer_lists)
    return assemble(messages, None, git)


def test_real_threads_agree_with_the_people_who_read_them(
    corpus: Path, settings: Archive, git: GitRunner, quiet: Progress
) -> None:
    """Postings, revision numbers and line numbers as annotated by hand; of the held-out threads only that they work."""
    paths = sorted((corpus / 'threads').iterdir())
    assert len(paths) == 18
    for path in paths:
        assembly = real(path, settings, git, quiet)
        assert assembly.series and not assembly.series[0].newest.unusable, path.name
        if path.name not in HELD_OUT:
            check_against_gold(assembly, corpus.parent / 'gold' / 'questions' / f'{path.name}.json')


def check_against_gold(assembly: Assembly, path: Path) -> None:
    gold = json.loads(path.read_text(encoding='utf-8'))
    revisions = sorted((r for s in assembly.series for r in s.revisions), key=lambda r: (r.date is None, r.date))
    expected = [(p['first_message_id'], p['revision']) for p in gold['postings']]
    assert [(r.message_id, r.version) for r in revisions] == expected, path.name
    mails = {m.message_id: m for t in assembly.threads for m in t.messages}
    assert mails.keys() == {m['message_id'] for m in gold['messages']}
    for item in [*gold['questions'], *gold['requests']]:
        line = mails[item['message_id']].lines[item['line'] - 1]
        assert item.get('first_line', item['text'].split('\n')[0]).strip() in line, (path.name, item['id'])


@pytest.mark.long
def test_every_sample_is_read_or_refused(corpus: Path, settings: Archive, git: GitRunner, quiet: Progress) -> None:
    paths = [p for p in sorted((corpus / 'parser-samples').rglob('*.*')) if p.suffix in ('.mbox', '.eml')]
    assert len(paths) == 107
    for path in paths:
        for revision in (r for s in real(path, settings, git, quiet).series for r in s.revisions):
            assert all(p.am.startswith(b'From: ') and p.diff for p in revision.patches), path.name


@pytest.mark.long
def test_every_real_mbox_assembles(corpus: Path, settings: Archive, git: GitRunner, quiet: Progress) -> None:
    chains = {}
    for path in sorted((corpus / 'unannotated').glob('*.mbox')):
        assembly = real(path, settings, git, quiet)
        chains[path.stem] = [f'{"RFC " * r.rfc}v{r.version}:{len(r.patches)}' for r in assembly.series[0].revisions]
        assert all(r.complete for r in assembly.series[0].revisions), path.name
    assert chains['gmem-selftests-fd-based'] == ['RFC v1:5', 'RFC v2:9', 'RFC v3:6', 'v1:6', 'v2:6']
    assert chains['gmem-direct-map-removal'] == ['RFC v3:6', 'v4:12', 'v6:11', 'v7:12', 'v8:13', 'v9:13']
    assert chains['pkvm-shadow-state-el2'] == ['v1:89', 'v2:24']
    assert chains['gup-reliable-ro-longterm'] == ['RFC v1:19', 'v1:20']


def test_one_git_process_a_patch_and_one_for_all_ids(git: GitRunner) -> None:
    calls: list[str] = []

    def counted(*args: str, **how: object) -> object:
        calls.append(args[0])
        return git(*args, **how)  # type: ignore[arg-type]

    messages = parse([RawMail(m, None, 'test') for m in conversation()], ())
    assemble(messages, None, counted)  # type: ignore[arg-type]
    assert sorted(calls) == ['mailinfo'] * 7 + ['patch-id']


_SUBJECTS = st.sampled_from(
    [
        'PATCH',
        'PATCH v2',
        'RFC',
        'PATCH RESEND',
        'PATCH v2 0/2',
        'PATCH 1/2',
        'PATCH v2 2/2',
        '3/2',
        'PATCH 0/0',
        'PATCH 9999/9999',
    ]
)
_TEXTS = st.sampled_from(
    [
        'x',
        diff(),
        f'm\n---\n{diff()}',
        'change-id: a\n',
        'v1: https://x/m1@test\n',
        'Acked-by: a <a@b.c>\n',
        '--- \n+++ \n',
        '\0',
    ]
)
_MAILS = st.tuples(
    _SUBJECTS,
    st.sampled_from(['a title', 'another', '', '[x', 'Re: y']),
    _TEXTS,
    st.integers(0, 4),
    st.integers(0, 4),
    st.integers(0, 2),
)


@hypothesis_settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(_MAILS, max_size=7))
def test_no_mails_raise(git: GitRunner, mails: list[tuple[str, str, str, int, int, int]]) -> None:
    letters = [
        letter(f'[{prefix}] {title}', text, name=f'm{n}', answers=f'm{above}', minutes=minutes)
        for prefix, title, text, n, above, minutes in mails
    ]
    messages = parse([RawMail(m, None, 'test') for m in letters], ())
    assembly = assemble(messages, 'm1@test', git)
    assert sorted(m.message_id for t in assembly.threads for m in t.messages) == [
        m.message_id for m in sorted(messages, key=lambda m: m.message_id)
    ]
    placed = [p.message_id for s in assembly.series for r in s.revisions for p in r.patches if not r.partial_reroll]
    assert len(placed) == len(set(placed))
    for series in assembly.series:
        assert [r.posting for r in series.revisions] == list(range(1, len(series.revisions) + 1))
        assert [r.link is None for r in series.revisions] == [True] + [False] * (len(series.revisions) - 1)


def test_nothing_is_logged_or_printed(
    git: GitRunner, capfd: pytest.CaptureFixture[str], caplog: pytest.LogCaptureFixture
) -> None:
    handlers = logging.getLogger().handlers[:]
    assemble(parse([RawMail(m, None, 'test') for m in conversation()], ()), None, git)
    assert capfd.readouterr() == ('', '')
    assert logging.getLogger().handlers == handlers
