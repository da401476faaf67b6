# SPDX-License-Identifier: GPL-2.0-or-later
"""A file without a tree: checked by the newest kernel known, whose table says what its own headers say."""

from __future__ import annotations

from pathlib import Path

from bot.checks import check_alone, load_rules
from bot.checks.judgement import Judgement
from bot.checks.tree.generations import rows_of
from bot.checks.tree.sources import Sources
from bot.model import Outcome
from bot.resources import shipped
from tests.checks.files import EXAMPLE_TREE, Directory, Memory, quiet
from tests.checks.former import declared, wrong
from tests.checks.known_kernel import headers

RULES = load_rules([shipped('rules')])
KNOWN = shipped('rules') / 'known-kernel'
BAD = b'long f(unsigned long a, struct page **p)\n{\n\treturn get_user_pages_fast(a, 1, FOLL_LONGTERM, p);\n}\n'


def judgement(top: Path) -> Judgement:
    return Judgement(Sources(Directory(top), Memory(), RULES[0].watch, quiet).at('tree'), RULES, {})


def said(one: Judgement) -> dict[str, object]:
    """Return all that rules ask of the headers, by area."""
    answers: dict[str, object] = {}
    for name, kernel in one.kernels.items():
        gates = {
            gate: sorted(
                {(at.function, at.clause.kind, kernel.mask(at), kernel.mask(at, True)) for at in found}, key=str
            )
            for gate, found in kernel.gates.items()
        }
        group = sorted(kernel.group(tuple(f'@{group}' for group in kernel.area.groups)))
        answers[name] = (
            {flag.name: (flag.value, flag.internal) for flag in kernel.flags.values()},
            gates,
            {fn: {tuple(param.name for param in params) for params in kernel.prototypes(fn)} for fn in group},
            {(fn, gate): kernel.guarded(fn, gate) for fn in group for gate in kernel.gates},
        )
    return answers


def test_the_table_of_a_tree_says_what_the_tree_says(tmp_path: Path) -> None:
    example = judgement(EXAMPLE_TREE)
    for path, text in headers(example.kernels).items():
        (tmp_path / path).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / path).write_text(text)
    again = judgement(tmp_path)
    assert said(again) == said(example)
    assert again.bias_macros == example.bias_macros != ()


def test_the_shipped_table_is_of_a_real_kernel() -> None:
    kernel = judgement(KNOWN).kernels['gup']
    assert {'FOLL_PIN', 'FOLL_LONGTERM', 'FOLL_WRITE', 'FOLL_GET'} <= kernel.flags.keys()
    assert kernel.flags['FOLL_PIN'].internal
    assert kernel.rejected('arguments') is not None
    assert kernel.accepted('fast') is not None


def test_a_fault_is_found_without_a_tree_and_the_kernel_is_named() -> None:
    result = check_alone({'a.c': BAD}, KNOWN, RULES, quiet)
    assert [(one.rule, one.file, one.line) for one in result.findings] == [('GUP-F03', 'a.c', 3)]
    assert all(line.file == 'a.c' for one in result.findings for line in one.evidence)
    assert result.coverage.notes[0].startswith('no tree: flags, prototypes and argument checks are those of Linux ')
    assert result.verdict.outcome is Outcome.FAILED


def test_a_right_file_is_quiet() -> None:
    result = check_alone({'a.c': BAD.replace(b'get_user', b'pin_user')}, KNOWN, RULES, quiet)
    assert (result.findings, result.verdict.outcome) == ((), Outcome.PASSED)


OLD = b"""long quiet_then(struct mm_struct *mm, unsigned long a, struct page **p)
{
	long ret;

	mmap_read_lock(mm);
	ret = get_user_pages_remote(mm, a, 1, FOLL_FORCE, p, NULL, NULL);
	mmap_read_unlock(mm);
	return ret;
}
"""


def found(text: bytes) -> list[tuple[str, int]]:
    """Return the rules and lines found in a driver that stands alone."""
    return [(one.rule, one.line) for one in check_alone({'drivers/a.c': text}, KNOWN, RULES, quiet).findings]


def test_an_older_file_is_read_by_the_prototypes_its_calls_fit() -> None:
    result = check_alone({'drivers/a.c': OLD}, KNOWN, RULES, quiet)
    assert result.findings == ()
    assert (
        'calls are judged as those of kernels before 6.5, which they fit: get_user_pages_remote() with 7 arguments'
        in result.coverage.notes
    )


def test_what_no_release_had_is_still_wrong() -> None:
    assert ('GUP-F12', 6) in found(OLD.replace(b'NULL, NULL', b'NULL, NULL, NULL, NULL'))


def test_a_call_among_newer_words_is_no_reason_to_judge_by_an_older_kernel() -> None:
    newer = OLD.replace(
        b'mmap_read_lock(mm);',
        b'mmap_read_lock(mm);\n\tvm_flags_set(mm->v, VM_IO);\n\tf(get_user_page_vma_remote(mm, a, 0, &v));',
    )
    assert ('GUP-F12', 8) in found(newer)


def test_every_former_prototype_is_one_and_the_newest_are_the_tables() -> None:
    kernel = judgement(KNOWN).kernels['gup']
    rows = [row for row in rows_of((KNOWN / 'FORMER').read_text()) if row.kind == 'prototype']
    assert len(rows) > 30
    for row in (row for row in rows if row.last is None):
        assert row.arity in {len(params) for params in kernel.prototypes(row.name)}, row
    assert all(row.last is None or row.first <= row.last for row in rows)


UNLOCKED = b"""%sstatic long take%s(struct work *w, unsigned long a)
{
	return get_user_pages(a, 1, FOLL_WRITE, w->pages);
}
"""


def test_a_lone_function_without_callers_is_taken_at_its_word() -> None:
    assert ('GUP-C01', 3) in found(UNLOCKED % (b'', b''))
    assert found(UNLOCKED % (b'', b'_locked')) == []
    assert found(UNLOCKED % (b'/* Called with mmap_lock held. */\n', b'')) == []
    caller = b'long go(struct work *w)\n{\n\tmmap_read_lock(w->mm);\n\ttake(w, 0);\n\tmmap_read_unlock(w->mm);\n}\n'
    assert found(UNLOCKED % (b'', b'') + caller) == []


WRAPPED = b"""int map(struct dev *d, u64 a, u64 n)
{
	struct ib_umem *umem = ib_umem_get(d, a, n, 0);

	if (IS_ERR(umem))
		return PTR_ERR(umem);
	if (d->bad) {
		%s
		return -EIO;
	}
	ib_umem_release(umem);
	return 0;
}
"""


def test_what_well_known_functions_take_is_known() -> None:
    assert found(WRAPPED % b'dev_err(d, "bad");') == [('GUP-P03', 9)]
    assert found(WRAPPED % b'ib_umem_release(umem);') == []


GUEST = b"""int peek(struct kvm_vcpu *v, u64 a)
{
	struct kvm_host_map map;

	if (kvm_vcpu_map(v, a, &map))
		return -EINVAL;
	kvm_vcpu_unmap(v, &map, true);
	return 0;
}
"""


def test_what_is_taken_into_a_local_object_is_given_back_from_it() -> None:
    assert found(GUEST) == []
    assert found(GUEST.replace(b'\tkvm_vcpu_unmap(v, &map, true);\n', b'')) == [('GUP-P03', 7)]


LARGE = b"""long many(struct dev *d, unsigned long a, struct page **p)
{
	long ret;

	ret = get_user_pages(a, 1, 0, p);
	%s
	return ret;
}
"""


def test_a_lock_is_missed_in_functions_with_too_many_paths_too() -> None:
    branches = b'\n\t'.join(b'if (d->f%d)\n\t\td->g%d = ret + %d;' % (n, n, n) for n in range(12))
    uses = b'\n\t'.join(b'if (d->f%d > d->g%d)\n\t\tret |= h(d->f%d);' % (n, n, n) for n in range(12))
    text = LARGE % (branches + b'\n\t' + uses)
    assert not any('too many' in note for note in check_alone({'a.c': text}, KNOWN, RULES, quiet).coverage.notes)
    assert ('GUP-C01', 5) in found(text)


def test_a_lock_is_missed_in_functions_that_are_given_up_too() -> None:
    text = LARGE % b'\n\t'.join(
        b'if (d->f%d)\n\t\tret |= pin_user_pages_fast(a, 1, 0, d->p%d);' % (n, n) for n in range(12)
    )
    notes = check_alone({'a.c': text}, KNOWN, RULES, quiet).coverage.notes
    assert any(note.startswith('not followed along its paths, too many') and 'many() in a.c' in note for note in notes)
    assert ('GUP-C01', 5) in found(text)


def test_rows_of_former_kernels_are_held_against_headers(tmp_path: Path) -> None:
    (tmp_path / 'include/linux').mkdir(parents=True)
    (tmp_path / 'include/linux/mm.h').write_text(
        'long pin_user_pages(unsigned long start, unsigned long nr_pages,\n\t\t    unsigned int gup_flags, struct page **pages);\n'
        'static inline void put_user_page(struct page *page)\n{\n\tput_page(page);\n}\n'
    )
    table = (
        '5.6 6.4 pin_user_pages(unsigned long start, struct page **pages);\n'
        '6.5 - pin_user_pages(unsigned long start, unsigned long nr_pages, unsigned int gup_flags, struct page **pages);\n'
        '5.2 5.5 put_user_page(struct page *page);\n'
        '5.6 - unpin_user_page(struct page *page);\n'
        '5.8 - word mmap_read_lock\n'
    )
    rows = list(rows_of(table))
    known = declared(tmp_path, sorted({row.name for row in rows}))
    assert list(wrong(rows, (5, 3), known)) == [
        'pin_user_pages(unsigned long start, unsigned long nr_pages, unsigned int gup_flags, struct page **pages);'
        ' is there, and the row says it is not'
    ]
    assert list(wrong(rows, (6, 6), known)) == [
        'put_user_page(struct page *page); is there, and the row says it is not',
        'unpin_user_page(struct page *page); is not there: nothing of that name',
    ]
