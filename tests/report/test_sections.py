# SPDX-License-Identifier: GPL-2.0-or-later
"""What the sections say in cases that the authored reports do not show."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from bot import report
from bot.model import (
    AppliedTree,
    BaseAttempt,
    Conflict,
    Event,
    Finding,
    Ledger,
    Person,
    Question,
    QuestionCoverage,
    Report,
    RevisionVerdict,
    Span,
    Trailer,
    crashed,
    failed,
    passed,
    skipped,
)
from bot.report import sections
from bot.report.contexts import BlameLine, Review
from bot.report.sections import hunks
from bot.report.trailers import _open_of
from bot.report.words import age, counted, listed, told
from tests.report.example import SECOND, poor, rich
from tests.report.example_checks import FINDINGS
from tests.report.example_lab import with_lab
from tests.report.example_ledger import MARA, TOMASZ, at, question, reply
from tests.report.example_tree import APPLIED, BASE, DIFFS
from tests.report.letters import letter

LINK = 'https://lore.kernel.org/r/'


def review(found: Report) -> Review:
    return sections.review(found, LINK)


def needs(found: Report) -> list[str]:
    return [n.text for n in review(found).headline.needs]


def asked(*questions: Question) -> Report:
    return replace(rich(), check=None, ledger=Ledger(passed(), questions, QuestionCoverage(5)))


def test_a_conflict_comes_first() -> None:
    conflict = Conflict(
        2, SECOND.patches[1].message_id, 'mm/gup.c', '@@ -139,6 +139,9 @@ int try_grab_folio', 'no match'
    )
    applied = AppliedTree(failed('patch 2 does not apply'), 'linux', BASE, 'the base-commit', (), (), conflict)
    found = replace(rich(), apply=applied, verdicts=(('apply', failed('patch 2 does not apply')), *rich().verdicts[1:]))
    assert needs(found)[0] == 'patch 2/3 does not apply: mm/gup.c'
    text = report.render(found, 'text', link=LINK)
    assert 'stops at mm/gup.c' in text and '    @@ -139,6 +139,9 @@ int try_grab_folio\n' in text
    assert 'apply      failed   stops at patch 2/3\n' in text
    assert text.count('no match') == 1, 'why it stops is told once'
    assert 'patch 2/3 does not apply there' in letter(found)


def test_a_stage_that_crashed_is_no_pass() -> None:
    found = replace(poor(), verdicts=(('questions', crashed('the job was killed')),))
    assert 'questions ended early: the job was killed' in needs(found)
    assert '  crashed: the job was killed' in report.render(found, 'text', link=LINK)
    assert 'None were found' not in report.render(found, 'md', link=LINK)


def test_builds_and_boots_are_told_by_patch() -> None:
    found = review(with_lab())
    (third,) = found.build.rows
    assert third.details == ("drivers/misc/lend.c:124: warning: unused variable 'left' [-Wunused-variable]",)
    assert found.build.heads == ('base', '3/3') and [row.cells for row in found.build.grid] == [('ok', 'FAIL')]
    assert found.build.blame == (BlameLine('3/3', "warning: lend_map: unused variable 'left'", 'arm64', ''),)
    assert found.build.again == ('arm64: make lend.o',)
    assert found.boot.rows[0].details == (
        'WARNING in try_grab_folio (lines 410-431 of the console)',
        'at mm/gup.c:143',
        'gup/2 failed, not ok',
        '1 event as on the base',
    )
    assert 'build fails: patch 3 brings a warning' in needs(with_lab())
    text = report.render(with_lab(), 'text', link=LINK)
    assert '  again, arm64: make lend.o\n' in text and '           base  3/3\n    arm64  ok    FAIL\n' in text
    assert '  3/3 arm64: failed, 1 new warning\n' in text


def test_nothing_found_and_all_looked_at() -> None:
    whole = replace(
        rich(), check=None, ledger=Ledger(passed()), verdicts=tuple((n, passed()) for n, _ in rich().verdicts)
    )
    quiet = replace(
        whole, series=replace(whole.series, revisions=(replace(SECOND, trailers=(), patches=SECOND.patches),))
    )
    assert review(quiet).headline.quiet == 'Nothing was found that waits for somebody.' and not needs(quiet)
    assert '  None were found.\n' in report.render(quiet, 'text', link=LINK)


def test_nothing_found_but_not_all_looked_at() -> None:
    found = review(replace(rich(), check=None, ledger=None))
    assert found.headline.quiet.endswith('but not all was looked at: no check, build, boot.')


def test_open_questions_come_in_classes_then_by_pressure_then_as_asked() -> None:
    found = review(
        asked(
            question(1, TOMASZ, 'nit?', class_='nit'),
            question(2, TOMASZ, 'a?', date=at(6, 9)),
            question(10, TOMASZ, 'c?'),
            question(9, TOMASZ, 'b?', flags=('re-asked',)),
            question(3, TOMASZ, 'please', kind='request'),
            question(4, TOMASZ, 'code?', class_='implementation', state='contested'),
        )
    )
    shown = [(g.title, [q.id for q in g.questions]) for g in found.questions.groups]
    assert shown == [
        ('on design', ['Q9', 'Q2', 'Q10']),
        ('on the code', ['Q4']),
        ('nits', ['Q1']),
        ('requests', ['Q3']),
    ]


def test_the_most_pressing_question_is_named_with_its_age() -> None:
    old, new = question(1, TOMASZ, 'a?', waiting_on='Mara'), question(2, TOMASZ, 'b?', date=at(7, 22), flags=('nak',))
    assert 'Q1 of Tomasz Wierzbicki waits on Mara for 47 days' in needs(asked(old))
    assert 'Q2 of Tomasz Wierzbicki, nak, is open' in needs(asked(old, new))
    assert '2 open questions on design' in needs(asked(old, new))


def test_possible_questions_are_named_and_never_counted() -> None:
    found = review(asked(question(1, TOMASZ, 'hm', tier='possible')))
    assert (found.questions.total, found.questions.open_count, found.questions.possible) == (0, 0, 'Q1')


def test_age_is_counted_to_the_newest_mail() -> None:
    moment = datetime(2024, 7, 1, 12, tzinfo=UTC)
    assert age(moment, moment + timedelta(hours=23)) == 'today'
    assert age(moment, moment + timedelta(hours=24)) == '1 day'
    assert age(moment, moment - timedelta(hours=1)) == age(None, moment) == age(moment, None) == ''


def test_words() -> None:
    assert listed(['Q1', 'Q2', 'Q3', 'Q3.1', 'Q5', 'Q6', 'Q8']) == 'Q1-Q3 Q3.1 Q5 Q6 Q8'
    assert listed(['P9', 'P10', 'P11', 'R12', '']) == 'P9-P11 R12 '
    assert [counted(n, 'patch', 'patches') for n in (0, 1, 2)] == ['0 patches', '1 patch', '2 patches']
    assert [told(x) for x in (None, (0, 0), (4, 4), (4, 9))] == ['', '', 'line 4', 'lines 4-9']


def test_only_the_open_questions_of_the_giver_spoil_a_tag() -> None:
    found = asked(question(1, MARA, 'a?'), question(2, TOMASZ, 'b?', state='answered'), question(3, TOMASZ, 'c?'))
    warned = {(g.patch, t.value): t.warnings for g in review(found).trailers.groups for t in g.trailers if t.warnings}
    assert warned[('2/3', 'Tomasz Wierzbicki')] == ('their own question Q3 still open',)
    assert ('1/3', 'Inés Okafor') not in warned


def test_a_question_asked_after_the_tag_does_not_spoil_it() -> None:
    given = datetime(2024, 9, 6, tzinfo=UTC)
    giver = Person('Tomasz W', 't@example.org')
    tag = Trailer('Acked-by', 'Tomasz W <t@example.org>', giver, 'p@x', Span('r@x', 1, 1), carried=False, date=given)
    before = replace(question(1, TOMASZ, 'a?'), asker=giver, date=given - timedelta(days=1))
    after = replace(before, date=given + timedelta(days=1))
    assert list(_open_of(tag, 1, [before])) == ['Q1']
    assert list(_open_of(tag, 1, [after])) == []


def test_a_question_about_a_later_posting_spoils_no_earlier_tag() -> None:
    found = asked(question(1, TOMASZ, 'a?', posting_asked=3, revision_asked=3))
    assert not any('question' in w for g in review(found).trailers.groups for t in g.trailers for w in t.warnings)


def test_own_sign_offs_and_copies_are_no_tags() -> None:
    names = {t.name for g in review(rich()).trailers.groups for t in g.trailers}
    assert names == {'Reviewed-by', 'Acked-by', 'Tested-by', 'Fixes'}


def test_question_known_by_quotation_points_to_the_mail_that_quotes_it() -> None:
    item = next(q for g in review(rich()).questions.groups for q in g.questions if q.id == 'Q14')
    assert item.quoted and item.place.message_id == 'ask-2@host.example' and item.place.lines == 'lines 31-32'


def test_commits_of_places() -> None:
    found = review(rich()).checks
    assert found.new[0].where.text == 'drivers/misc/lend.c:122@3d2e1f0a9b8c'
    assert {f.class_: f.where.commit for f in found.other} == {'fixed': BASE[:12], 'fixed-later': '1b0c9d8e7f6a'}
    assert found.budgets[0].rows[2].where.commit == APPLIED.patches[2].commit[:12]


def test_budget_pairs_both_sides() -> None:
    [budget] = review(rich()).checks.budgets
    assert [(r.macro, r.before, r.after) for r in budget.rows] == [
        ('page_ref_add', '0-9', '0-9'),
        ('GUP_PIN_COUNTING_BIAS', '10-30', '10-29'),
        ('GUP_BORROW_BIAS', '', '30'),
        ('', '31', '31'),
    ]
    assert [(line.name, line.before, line.after) for line in budget.limits][0] == ('bits for pins', '21', '20')


# Quotations of patches.


def quoted(**other: Any) -> tuple[str, ...] | None:
    finding: Finding = replace(FINDINGS[0], **other)
    found = hunks.quote(SECOND.patches[2], finding, None)
    return found.lines if found else None


def test_quote_has_two_lines_around() -> None:
    lines = quoted()
    assert lines and lines[0] == ' \tmmap_read_lock(lend->mm);' and lines[-1] == ' \tif (got != nr)'


@pytest.mark.parametrize(
    'other',
    [
        {'file': 'mm/gup.c'},
        {'line': 500, 'end_line': 501},
        {'line': 118, 'end_line': 119},
        {'message': 'says nothing of what stands there'},
        {'message': 'FOLL_LONGTERM goes to some_other_function(), which refuses it'},
    ],
)
def test_no_quote_where_the_place_is_not_sure(other: dict[str, Any]) -> None:
    assert quoted(**other) is None


def test_hunks_end_where_they_say() -> None:
    diff = DIFFS[1] + '-- \n2.45.1\n+++ b/evil.c\n'
    [hunk] = list(hunks.hunks(diff))
    assert hunk.file == 'mm/gup.c' and hunk.lines[-1] == (147, ' \t\t * and it is used in a *lot* of places.')


def test_hunks_of_a_diff_that_breaks_off() -> None:
    [hunk] = list(hunks.hunks('+++ b/x.c\n@@ -1,3 +1,3 @@\n a'))
    assert hunk.lines == ((1, ' a'),)


def test_points_fit_sixty_lines_however_many_there_are() -> None:
    """As many as a long thread has, in every group, each from another mail and with words for three lines."""
    text = 'Why is this ' + 'very ' * 40 + 'long?'
    kinds = (
        'unaddressed',
        'promised-not-visible',
        'answered-not-recorded',
        'changed-not-stated',
        'unknown',
        'verified',
    )
    who = Person('Bartholomew Featherstonehaugh-Wellington', 'b@host.example')
    one = question(1, who, text, flags=('re-asked', 'nak'))
    asked_then = [
        replace(
            one,
            id=f'Q{n}',
            qhash=f'{n:012x}',
            message_id=f'{"x" * 60}-{n}@host.example',
            state='answered' if n % 6 == 2 else 'resolved' if n % 6 == 5 else 'open',
            answers=(reply(MARA, n, (222, 225)),),
            verdicts=(RevisionVerdict(2, kinds[n % 6], 'nothing'),),
        )
        for n in range(60)
    ]
    page = report.render_points(asked(*asked_then), 'text', link=LINK)
    assert len(page.splitlines()) <= 60
    assert 'not visible in v2 (please check): 20' in page and 'changed in v2, not mentioned: 10' in page
    whole = report.render_points(asked(*asked_then), 'md', link=LINK)
    assert all(f'**Q{n}**' in whole for n in range(60) if n % 6 != 5), 'the others tell all of them'


def test_points_are_told_pressing_ones_first() -> None:
    def point(number: int, verdict: str, **said: Any) -> Question:
        return question(number, TOMASZ, 'Why?', verdicts=(RevisionVerdict(2, verdict, ''),), **said)

    found = asked(
        point(1, 'unaddressed', class_='nit'),
        point(2, 'unaddressed'),
        point(3, 'promised-not-visible', class_='nit'),
        point(4, 'unaddressed', class_='nit', flags=('nak',)),
        point(5, 'unaddressed', class_='nit', flags=('re-asked',)),
    )
    shown = report.render_points(found, 'text', link=LINK)
    assert re.findall(r'^ {4}(Q\d)', shown, re.MULTILINE) == ['Q5', 'Q4', 'Q3', 'Q2', 'Q1']


def test_silence_is_not_called_unaddressed() -> None:
    found = asked(question(1, TOMASZ, 'Why?', verdicts=(RevisionVerdict(2, 'unknown', ''),)))
    text = report.render_points(found, 'text', link=LINK)
    assert '0 of 1 point answered or visible in v2, 1 could not be compared' in text
    assert report.points_left(found, LINK) == 0


def test_of_one_mail_open_means_open_there() -> None:
    found = replace(rich(), ledger=Ledger(passed(), (question(1, TOMASZ, 'Why?'),), QuestionCoverage(1)))
    assert 'one mail read: "open" means open in the mail at hand' in report.render_questions(found, 'text', link=LINK)


def test_a_weak_base_is_told_at_the_top() -> None:
    weak = BaseAttempt('blob match', 'v6.9', BASE, True, '0 of 8 pre-images', 0, 8)
    found = replace(rich(), apply=AppliedTree(passed(), 'linux', BASE, 'blob match', (weak,)))
    assert 'on a foreign base, with no file as expected; --base REV names a better one' in needs(found)
    named = replace(weak, how='--base')
    found = replace(rich(), apply=AppliedTree(passed(), 'linux', BASE, '--base', (named,)))
    assert 'the base has 0 of 8 files as the series expects them: name a better one with --base' in needs(found)


def test_words_of_the_ledger_are_explained_where_they_occur() -> None:
    text = report.render_questions(asked(question(1, TOMASZ, 'Why?', flags=('re-asked',))), 'text', link=LINK)
    assert '  re-asked - asked again on a later posting\n' in text and 'unconfirmed' not in text


def test_what_nobody_should_overlook_of_a_posting_comes_first() -> None:
    whole = rich()
    notes = (
        'withdrawn by its author: <r@x> line 1',
        'the cover is not numbered 0/n',
        'patch 1 has characters that do not show: U+202E in a.c',
    )
    newest = replace(whole.series.newest, notes=notes)
    series = replace(whole.series, revisions=(*whole.series.revisions[:-1], newest))
    said = [need.text for need in sections.review(replace(whole, series=series), 'https://l/').headline.needs]
    assert said[:2] == [notes[0], notes[2]]
    assert notes[1] not in said


def test_a_review_is_silent_about_points_that_nobody_made() -> None:
    found = asked()
    assert 'Points on' not in report.render(found, 'text', link=LINK)
    assert '0 of 0 points' in report.render_points(found, 'text', link=LINK)
    one = question(
        1, Person('Bart', 'b@host.example'), 'Why is this so?', verdicts=(RevisionVerdict(2, 'unaddressed', 'x'),)
    )
    assert 'Points on' in report.render(asked(one), 'text', link=LINK)


def test_the_headline_says_in_how_many_entries_like_findings_stand() -> None:
    found = rich()
    assert found.check is not None
    first = next(f for f in found.check.findings if f.class_ == 'introduced')
    twin = replace(first, line=first.line + 9, end_line=first.end_line + 9, fingerprint='0' * 16)

    def said(*findings: Finding) -> str:
        assert found.check is not None
        check = replace(found.check, findings=findings)
        text = report.render(replace(found, check=check), 'text', link='https://lore.example.org/%s')
        return next(line for line in text.split('\n') if line.startswith('  check '))

    assert said(first, twin).endswith(f'2 {first.severity}s new, in 1 entry')
    assert said(first).endswith(f'1 {first.severity} new')


def test_of_many_answers_the_first_of_the_most_direct_is_shown() -> None:
    """What stands last in a long exchange is mostly a word of thanks for something else."""
    near = replace(reply(MARA, 2, (8, 9)), directness='near')
    answers = (near, reply(MARA, 3, (22, 25)), reply(MARA, 4, (58, 58)))
    events = tuple(Event('answered', a.message_id, a.lines, 'x', at(7, 1), a.author.label) for a in answers)
    base = replace(rich().ledger or Ledger(passed()), commands=())

    def shown(*order: Event) -> str:
        one = question(1, TOMASZ, 'Why?', state='answered', qualifier='unconfirmed', answers=answers, events=order)
        text = report.render_questions(
            replace(rich(), ledger=replace(base, questions=(one,))), 'text', link='https://lore.example.org/%s'
        )
        return ' '.join(text.split('    Q1 ')[1].split('\n\n')[0].split())

    assert shown(*events).endswith('Mara Lindqvist [2] lines 22-25')
    against = Event('contested', 'no@x.example', (3, 3), 'x', at(7, 2), 'Tomasz')
    assert shown(*events[:2], against, events[2]).endswith('Mara Lindqvist [2] line 58')
    assert shown(*events, against).endswith('Mara Lindqvist [2] lines 22-25')


def test_a_base_that_is_not_here_is_no_fault_of_a_patch() -> None:
    reason = (
        "the author's base is not here (no base is named); HEAD of linux has 0 of 5 files as the series expects them"
    )
    tried = BaseAttempt('blob match', 'HEAD', BASE, True, '0 of 5 pre-images: the best there is', 0, 5, ('mm/gup.c',))
    away = AppliedTree(skipped(reason), 'linux', None, '', (tried,), baseless=True, homes=('git://git.example/mm.git',))
    stages = [('apply', away.verdict), *((s, skipped("the author's base is not here")) for s in ('check', 'build'))]
    found = replace(rich(), apply=away, check=None, builds=(), boots=(), verdicts=tuple(stages))
    text = ' '.join(report.render(found, 'text', link='https://lore.example.org/%s').split())
    assert "* the author's base is not here, so nothing was applied" in text
    assert 'Apply: skipped' in text and reason in text and 'lorebot tree add URL' in text
    assert '(MAINTAINERS names git://git.example/mm.git)' in text and 'tried blob match HEAD' in text
    mail = ' '.join(letter(found, 'review').split())
    assert f'not applied: {reason}' in mail
    assert 'does not apply' not in mail and 'failed' not in mail and 'tree add' not in mail


@pytest.mark.parametrize(
    ('changes', 'says', 'never'),
    [
        ({'base': None, 'patches': (), 'baseless': True, 'verdict': skipped('x')}, ', applied nowhere', ', on '),
        ({}, '(a foreign base, ', 'applied nowhere'),
    ],
)
def test_the_header_says_on_what_it_was_applied_and_never_on_what_it_was_not(
    changes: dict[str, Any], says: str, never: str
) -> None:
    made = rich()
    assert made.apply is not None
    attempt = BaseAttempt('history of the files', 'abc', 'a' * 40, True, 'near', 1, 4)
    told = replace(made, apply=replace(made.apply, attempts=(attempt,), **changes))
    head = report.render(told, 'text', link='https://x.example/%s', columns=200).split('\n\n')[0]
    assert says in head and never not in head
    for form in ('md', 'html'):
        assert says in report.render(told, form, link='https://x.example/%s')


def test_a_foreign_base_is_said_loudly_everywhere() -> None:
    made = rich()
    assert made.apply is not None
    attempt = BaseAttempt('history of the files', 'abc', 'a' * 40, True, 'near', 1, 4)
    told = replace(made, apply=replace(made.apply, attempts=(attempt,), homes=('git://git.example.org/mm.git',)))
    text = report.render(told, 'text', link='https://x.example/%s', columns=200)
    assert '  * on a foreign base, with 1 of 4 files as expected; --base REV names a better one' in text
    assert ', a foreign base\n' in text and 'git://git.example.org/mm.git' in text


def test_a_resend_is_named_in_the_header() -> None:
    made = rich()
    first, second = made.series.revisions
    sent = replace(made, series=replace(made.series, revisions=(first, replace(second, resend=True))))
    assert 'v2 RESEND, ' in report.render(sent, 'text', link=LINK).split('\n\n')[0]


def test_mails_of_others_in_the_same_source_are_told_apart() -> None:
    found = asked(question(1, TOMASZ, 'Why?'))
    assert found.ledger is not None
    read = replace(found, ledger=replace(found.ledger, coverage=QuestionCoverage(30)))
    text = report.render_questions(read, 'text', link=LINK)
    assert '30 mails read, 23 of them in the threads of this series' in text


def test_places_without_lines_stand_alone_or_come_after() -> None:
    """ "And" joins; where nothing stands before it there is nothing to join."""
    made = rich()
    assert made.check is not None
    shown = [f for f in made.check.findings if f.patch == 3 and f.class_ == 'introduced']
    lost = [replace(f, line=99000, end_line=99000, file='mm/none.c', fingerprint=f'x{f.fingerprint}') for f in shown]
    alone = letter(replace(made, check=replace(made.check, findings=tuple(lost))), 'inline')
    assert '\nAt places that cannot be pointed to' in alone and '\n> ' not in alone
    both = letter(replace(made, check=replace(made.check, findings=(*shown, *lost))), 'inline')
    assert '\nAnd at places that cannot be pointed to' in both and '\n> ' in both
