# SPDX-License-Identifier: GPL-2.0-or-later
"""A series written for the tests on the example tree: it adds a flag FOLL_SOLO that is kept in bit 30 of the counters."""

from __future__ import annotations

from bot.model import CheckResult
from tests.checks.files import Trees, example_tree

SOLO_HEADER = """
#define PIN_SOLO_SHIFT 30
#define PIN_SOLO_BIAS (1U << PIN_SOLO_SHIFT)

static inline bool folio_solo(const struct folio *folio)
{
	unsigned int count = folio_ref_count(folio);

	return count >= PIN_SOLO_BIAS;
}

static inline bool folio_make_solo(struct folio *folio)
{
	if (folio_solo(folio))
		return false;
	folio_ref_add(folio, PIN_SOLO_BIAS);
	return true;
}
"""
SOLO_RELEASE = """
void unpin_solo_pages(struct page **pages, unsigned long npages)
{
	put_pages(pages, npages, FOLL_PIN | FOLL_SOLO);
}
"""
DRIVER = """
static long take(struct buffer *buffer, unsigned long start)
{
	unsigned int flags = FOLL_WRITE | FOLL_LONGTERM;

	if (buffer->alone)
		flags |= FOLL_SOLO;
	buffer->count = pin_user_pages(start, buffer->size, flags, buffer->pages);
	return buffer->count;
}

static void give_back(struct buffer *buffer)
{
	unpin_user_pages(buffer->pages, buffer->count);
}
"""
OLD_DRIVER = """
static int lasting(unsigned long start, struct page **pages)
{
	return get_user_pages_fast(start, 1, FOLL_LONGTERM, pages);
}
"""
READER = """
static int pins(struct page *page)
{
	return page_ref_count(page) / GUP_PIN_COUNTING_BIAS;
}
"""


def edited(tree: dict[str, bytes], path: str, old: str, new: str) -> dict[str, bytes]:
    """Return the tree with one text in one file replaced; the text must be there."""
    text = tree[path].decode()
    assert old in text, f'{path} has no {old!r}'
    return {**tree, path: text.replace(old, new, 1).encode()}


def solo() -> Trees:
    """Return base and four patches: a move, the flag, a driver that gives back without it, and the driver mended."""
    base = {**example_tree(), 'drivers/old/old.c': OLD_DRIVER.encode(), 'lib/reader.c': READER.encode()}
    bias = '#define GUP_PIN_COUNTING_SHIFT 10\n#define GUP_PIN_COUNTING_BIAS (1U << GUP_PIN_COUNTING_SHIFT)\n'
    first = edited(base, 'include/linux/page_ref.h', bias, '')
    first['include/linux/page_bias.h'] = bias.encode()
    second = edited(
        first,
        'include/linux/mm_types.h',
        '\tFOLL_EXCLUSIVE = 1 << 9,\n',
        '\tFOLL_EXCLUSIVE = 1 << 9,\n\tFOLL_SOLO = 1 << 10,\n',
    )
    second = edited(second, 'include/linux/mm.h', '\nint fixup_user_fault', SOLO_HEADER + '\nint fixup_user_fault')
    second = edited(
        second,
        'include/linux/mm.h',
        'void unpin_exclusive_pages',
        'void unpin_solo_pages(struct page **pages, unsigned long npages);\nvoid unpin_exclusive_pages',
    )
    second = edited(
        second,
        'mm/gup.c',
        '\tfolio_put_refs(folio, refs);\n',
        '\tif (flags & FOLL_SOLO)\n\t\trefs += PIN_SOLO_BIAS;\n\tfolio_put_refs(folio, refs);\n',
    )
    second = edited(second, 'mm/gup.c', '\nstatic void grab', SOLO_RELEASE + '\nstatic void grab')
    second = edited(
        second,
        'mm/gup.c',
        '\tif (WARN_ON_ONCE((gup_flags & (FOLL_GET',
        '\tif (WARN_ON_ONCE(!(gup_flags & FOLL_PIN) && (gup_flags & FOLL_SOLO)))\n\t\treturn false;\n\tif (WARN_ON_ONCE((gup_flags & (FOLL_GET',
    )
    third = {**second, 'drivers/new/new.c': DRIVER.encode()}
    fourth = edited(third, 'drivers/new/new.c', '\tunpin_user_pages(buffer', '\tunpin_solo_pages(buffer')
    return Trees(base, first, second, third, fourth)


def told(result: CheckResult) -> str:
    """Return a check's result as text a person can read and a golden file can hold."""
    lines = [f'verdict: {result.verdict.outcome}: {result.verdict.reason}', '']
    for one in result.findings:
        where = f'{one.file}:{one.line}' + (f' {one.function}()' if one.function else '')
        lines.append(f'{one.class_} by {one.patch}: {one.rule} {one.severity} {where}: {one.message}')
        lines += [f'    {note.file}:{note.line} {note.note}' for note in one.evidence]
    for change in result.flags:
        lines += ['', f'{change.flag} {change.change} by {change.patch}: {change.before} -> {change.after}']
        for site in change.sites:
            where = f'{site.file}:{site.line}' + (f' {site.function}()' if site.function else '')
            lines.append(
                f'  {site.role} ({site.patch}) {where}: `{site.text}`' + (f' - {site.note}' if site.note else '')
            )
    for budget in result.budgets:
        lines += ['', f'{budget.counter} by {budget.patch}: {budget.consequence}']
        for name, state in (('before', budget.before), ('after', budget.after)):
            lines.append(f'  {name}: pin bits {state.pin_bits}, pins {state.max_pins}, plain {state.max_plain}')
            lines += [f'    {row.low}..{row.high} {row.owner} {row.macro} {row.file}:{row.line}' for row in state.rows]
    lines += ['', f'{result.coverage.functions} functions, {result.coverage.damaged_functions} damaged']
    return '\n'.join([*lines, *result.coverage.not_read, *result.coverage.notes, ''])
