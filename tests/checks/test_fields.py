# SPDX-License-Identifier: GPL-2.0-or-later
"""Pages kept in a field of an object are followed from the function that takes them to the one that gives them back."""

from __future__ import annotations

import pytest

from bot.checks import check_rev, check_series, load_rules
from bot.checks.alone import check_alone
from bot.model import Finding
from bot.resources import shipped
from tests.checks.files import Memory, Trees, applied, example_tree, quiet

RULES = load_rules([shipped('rules')])
BASE = example_tree()
IOCTL = """
static long obj_ioctl(struct file *file, unsigned int cmd, unsigned long arg)
{
	struct obj *obj = file->private_data;
	long got;

	obj->pages = kvmalloc_array(obj->n, sizeof(*obj->pages), GFP_KERNEL);
	if (!obj->pages)
		return -ENOMEM;
	got = pin_user_pages_fast(arg, obj->n, FOLL_WRITE | FOLL_LONGTERM, obj->pages);
	obj->count = got > 0 ? got : 0;
	return got == obj->n ? 0 : -EFAULT;
}
"""
RELEASE = """
static int obj_release(struct inode *inode, struct file *file)
{
	struct obj *obj = file->private_data;
	int i;

	for (i = 0; i < obj->count; i++)
		put_page(obj->pages[i]);
	kvfree(obj->pages);
	return 0;
}
"""
DECLARED = '\tstruct obj *obj = file->private_data;\n'
UNPIN = RELEASE.replace('put_page', 'unpin_user_page')
PUT_AT = RELEASE.split('\n').index('\t\tput_page(obj->pages[i]);') + 1


def told(files: dict[str, str]) -> tuple[list[Finding], tuple[str, ...]]:
    tree = {**BASE, **{path: text.encode() for path, text in files.items()}}
    result = check_rev(Trees(tree), '0', RULES, Memory(), quiet, sorted(files))
    return [one for one in result.findings if one.rule in ('GUP-P01', 'GUP-P02')], result.coverage.notes


def found(files: dict[str, str]) -> list[tuple[str, str, int]]:
    return [(one.rule, one.file, one.line) for one in told(files)[0]]


def test_a_release_in_the_same_file() -> None:
    findings, _ = told({'drivers/x/obj.c': IOCTL + RELEASE})
    (one,) = findings
    assert (one.rule, one.function, one.confidence) == ('GUP-P01', 'obj_release', 'high')
    assert 'pin_user_pages_fast() took (obj_ioctl(), line 10)' in one.message
    assert any('`pages` of obj' in line.note for line in one.evidence)


def test_a_release_in_a_file_that_takes_nothing() -> None:
    assert found({'drivers/x/a.c': IOCTL, 'drivers/x/b.c': RELEASE}) == [('GUP-P01', 'drivers/x/b.c', PUT_AT)]


def test_a_release_below() -> None:
    assert found({'drivers/x/a.c': IOCTL, 'drivers/x/y/b.c': RELEASE}) == [('GUP-P01', 'drivers/x/y/b.c', PUT_AT)]


def test_evidence_names_the_file_where_it_was_taken() -> None:
    findings, _ = told({'drivers/x/a.c': IOCTL, 'drivers/x/b.c': RELEASE})
    assert ('drivers/x/a.c', 10) in {(line.file, line.line) for line in findings[0].evidence}
    assert 'obj_ioctl(), drivers/x/a.c:10' in findings[0].message


def test_a_lone_file() -> None:
    result = check_alone({'obj.c': (IOCTL + RELEASE).encode()}, shipped('rules') / 'known-kernel', RULES, quiet)
    assert [(one.rule, one.function) for one in result.findings if one.rule == 'GUP-P01'] == [
        ('GUP-P01', 'obj_release')
    ]


@pytest.mark.parametrize(
    'files',
    [
        {'drivers/x/a.c': IOCTL + UNPIN},
        {'drivers/x/a.c': IOCTL, 'drivers/z/b.c': RELEASE},
        {
            'drivers/x/a.c': 'struct obj {\n\tint n;\n};\n' + IOCTL,
            'drivers/x/b.c': 'struct obj {\n\tint m;\n};\n' + RELEASE,
        },
        {'drivers/x/a.c': IOCTL, 'drivers/x/b.c': RELEASE.replace('struct obj', 'struct other')},
    ],
    ids=['given back rightly', 'another driver', 'a type of each file', 'another type'],
)
def test_silence(files: dict[str, str]) -> None:
    assert found(files) == []


@pytest.mark.parametrize(
    ('more', 'why'),
    [
        ('void f(struct obj *o, struct page *p)\n{\n\to->pages[0] = p;\n}\n', 'f() writes something else to it'),
        ('void f(struct obj *o)\n{\n\tget_page(o->pages[0]);\n}\n', '`get_page(o->pages[0])` takes one more reference'),
        (
            'void f(struct obj *o)\n{\n\talloc_pages_bulk(GFP_KERNEL, o->n, o->pages);\n}\n',
            'alloc_pages_bulk() may fill it',
        ),
    ],
    ids=['written to', 'referenced', 'filled by a call'],
)
def test_what_may_hold_other_pages_is_not_judged_and_told(more: str, why: str) -> None:
    findings, notes = told({'drivers/x/a.c': IOCTL + RELEASE + more})
    assert findings == []
    assert any('obj_release(): `pages` of obj is not judged: ' in note and why in note for note in notes)


def test_a_file_that_takes_and_gives_nothing_may_fill_it() -> None:
    other = 'void f(struct obj *o, void *v)\n{\n\to->pages[0] = vmalloc_to_page(v);\n}\n'
    findings, notes = told({'drivers/x/a.c': IOCTL, 'drivers/x/b.c': RELEASE, 'drivers/x/c.c': other})
    assert findings == []
    assert any('drivers/x/c.c writes to it' in note for note in notes)


def test_an_object_of_unknown_type_is_told_as_less_sure() -> None:
    text, released = (one.replace(DECLARED, '').replace('obj->', 'to_obj(file)->') for one in (IOCTL, RELEASE))
    findings, _ = told({'drivers/x/a.c': text + released})
    assert [one.confidence for one in findings] == ['low']
    assert found({'drivers/x/a.c': text, 'drivers/x/b.c': released}) == []


@pytest.mark.parametrize(
    ('before', 'after', 'file'),
    [
        ({'a.c': IOCTL, 'b.c': UNPIN}, {'a.c': IOCTL, 'b.c': RELEASE}, 'b.c'),
        (
            {'a.c': IOCTL.replace('pin_user_pages', 'get_user_pages'), 'b.c': RELEASE},
            {'a.c': IOCTL, 'b.c': RELEASE},
            'b.c',
        ),
        ({'b.c': RELEASE}, {'a.c': IOCTL, 'b.c': RELEASE}, 'b.c'),
    ],
    ids=['the release changes', 'the taking changes', 'the taking is new'],
)
def test_a_series_that_changes_either_half(before: dict[str, str], after: dict[str, str], file: str) -> None:
    states = ({**BASE, **{f'drivers/x/{path}': text.encode() for path, text in one.items()}} for one in (before, after))
    result = check_series(Trees(*states), applied(1), RULES, Memory(), quiet)
    mine = [one for one in result.findings if one.rule == 'GUP-P01']
    assert [(one.file, one.class_, one.patch) for one in mine] == [(f'drivers/x/{file}', 'introduced', 1)]


def test_a_release_that_its_own_path_accuses_is_told_once() -> None:
    file = """
struct buffer { struct page **pages; };
int another(struct buffer *b, unsigned long addr)
{
	return pin_user_pages_fast(addr, 4, FOLL_WRITE, b->pages);
}
static int fill(struct buffer *b, unsigned long addr, int n)
{
	return pin_user_pages_fast(addr, n, FOLL_WRITE, b->pages);
}
int drop(struct buffer *b, unsigned long addr, int n)
{
	int i, got = fill(b, addr, n);

	for (i = 0; i < got; i++)
		put_page(b->pages[i]);
	return 0;
}
"""
    assert [one for one in found({'drivers/x/one.c': file}) if one[2] == 16] == [('GUP-P01', 'drivers/x/one.c', 16)]
