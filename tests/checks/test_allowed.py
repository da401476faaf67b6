# SPDX-License-Identifier: GPL-2.0-or-later
"""What keeps a rule quiet: a comment with a reason, a baseline, a setting. None of it does so unseen."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from bot.checks import check_rev, check_series, known, load_rules, without
from bot.errors import RuleError, UserError
from bot.model import CheckResult, Outcome
from bot.report import findings_document
from bot.resources import shipped
from tests.checks.files import Memory, Trees, applied, example_tree, quiet

SHIPPED = [shipped('rules')]
RULES = load_rules(SHIPPED, only=['GUP-F03'])
BAD = 'long f(unsigned long a, struct page **p)\n{\n%s\treturn get_user_pages_fast(a, 1, FOLL_LONGTERM, p);%s\n}\n'


def checked(text: str, path: str = 'drivers/a.c') -> CheckResult:
    return check_rev(Trees({**example_tree(), path: text}), '0', RULES, Memory(), quiet)


@pytest.mark.parametrize(
    ('above', 'beside'),
    [
        ('\t/* lorebot: allow GUP-F03: kept for the old ioctl */\n', ''),
        ('\t// lorebot: allow GUP-F03 kept for the old ioctl\n', ''),
        ('', ' /* lorebot: allow GUP-F03, kept for the old ioctl */'),
        ('\t/*\n\t * lorebot: allow GUP-F03: kept for the old ioctl\n\t * until 7.9\n\t */\n', ''),
    ],
)
def test_a_comment_with_a_reason_is_heeded_and_told(above: str, beside: str) -> None:
    result = checked(BAD % (above, beside))
    assert (result.findings, result.verdict.outcome) == ((), Outcome.PASSED)
    (note,) = [note for note in result.coverage.notes if 'GUP-F03' in note]
    assert note.startswith('drivers/a.c:')
    assert 'a comment allows GUP-F03: kept for the old ioctl' in note


@pytest.mark.parametrize(
    'above',
    [
        '\t/* lorebot: allow GUP-F03 */\n',  # no reason
        '\t/* lorebot: allow GUP-F05: another rule */\n',
        '\t/* lorebot: allow GUP-F03: too far away */\n\ta++;\n',
        '\tlorebot: allow GUP-F03: this is code;\n',
    ],
)
def test_anything_less_is_not_heeded(above: str) -> None:
    assert [one.rule for one in checked(BAD % (above, '')).findings] == ['GUP-F03']


def test_a_series_that_brings_its_own_allowance_is_told_of() -> None:
    bad = BAD % ('\t/* lorebot: allow GUP-F03: trust me */\n', '')
    trees = Trees({**example_tree(), 'drivers/a.c': ''}, {**example_tree(), 'drivers/a.c': bad})
    result = check_series(trees, applied(1), RULES, Memory(), quiet)
    assert result.findings == ()
    expected = 'drivers/a.c:4: a comment allows GUP-F03: trust me; the series itself brings that comment'
    assert expected in result.coverage.notes


def test_a_baseline_leaves_out_what_it_knows_and_says_so(tmp_path: Path) -> None:
    before = checked(BAD % ('', ''))
    (tmp_path / 'base.json').write_text(json.dumps(findings_document(before)))
    again = checked('/* moved down */\n\n' + BAD % ('', '') + (BAD % ('', '')).replace(' f(', ' g('))
    left = without(again, known(tmp_path / 'base.json'))
    assert [one.function for one in left.findings] == ['g']
    assert left.verdict.reason == '1 error left'
    assert '1 finding of the baseline left out' in left.coverage.notes
    assert without(before, known(tmp_path / 'base.json')).verdict.outcome is Outcome.PASSED


@pytest.mark.parametrize('text', ['', '{"schema": "lorebot.report/1", "findings": []}', '[1]', '{"findings": 3}'])
def test_another_file_is_no_baseline(tmp_path: Path, text: str) -> None:
    (tmp_path / 'base.json').write_text(text)
    with pytest.raises(UserError, match='no result of a check'):
        known(tmp_path / 'base.json')
    with pytest.raises(UserError, match='cannot read the baseline'):
        known(tmp_path / 'absent.json')


def test_a_rule_is_switched_off_everywhere_or_below_a_directory() -> None:
    assert 'GUP-F03' not in {rule.id for rule in load_rules(SHIPPED, off=['gup-f03'])}
    rules = load_rules(SHIPPED, only=['GUP-F03'], off=['longterm-without-pin drivers/staging/'])
    tree = Trees({**example_tree(), 'drivers/a.c': BAD % ('', ''), 'drivers/staging/b.c': BAD % ('', '')})
    assert [one.file for one in check_rev(tree, '0', rules, Memory(), quiet).findings] == ['drivers/a.c']


def test_switching_off_what_is_not_there_names_the_setting() -> None:
    with pytest.raises(RuleError, match="no rule 'GUP-F033'.*check.off"):
        load_rules(SHIPPED, off=['GUP-F033'])
