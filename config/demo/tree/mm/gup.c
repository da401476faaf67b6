// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Getting and pinning user pages, as far as lorebot's demo needs it: the names
 * and the rules of the real thing, in a few small functions.
 */
#include <linux/mm.h>

#include "internal.h"

static void gup_put_folio(struct folio *folio, int refs, unsigned int flags)
{
	if (flags & FOLL_PIN) {
		if (folio_has_pincount(folio))
			atomic_sub(refs, &folio->_pincount);
		else
			refs *= GUP_PIN_COUNTING_BIAS;
	}

	folio_put_refs(folio, refs);
}

/**
 * try_grab_folio() - take references or pins of a folio
 * @folio: the folio, which the caller keeps from going away
 * @refs: how many
 * @flags: FOLL_GET for references, FOLL_PIN for pins
 *
 * Return: 0, or -ENOMEM when the counter is about to overflow.
 */
int __must_check try_grab_folio(struct folio *folio, int refs, unsigned int flags)
{
	if (WARN_ON_ONCE(folio_ref_count(folio) <= 0))
		return -ENOMEM;

	if (flags & FOLL_GET)
		folio_ref_add(folio, refs);

	if (flags & FOLL_PIN) {
		/* The exact counter of a large folio leaves _refcount at one per pin. */
		if (folio_has_pincount(folio)) {
			folio_ref_add(folio, refs);
			atomic_add(refs, &folio->_pincount);
		} else {
			folio_ref_add(folio, refs * GUP_PIN_COUNTING_BIAS);
		}
	}

	return 0;
}

/* As try_grab_folio(), for a folio that may be freed meanwhile. */
static struct folio *try_grab_folio_fast(struct page *page, int refs, unsigned int flags)
{
	struct folio *folio = page_folio(page);

	if (!folio_ref_try_add(folio, refs))
		return NULL;

	if (flags & FOLL_GET)
		return folio;

	if (folio_has_pincount(folio))
		atomic_add(refs, &folio->_pincount);
	else
		folio_ref_add(folio, refs * (GUP_PIN_COUNTING_BIAS - 1));

	return folio;
}

void unpin_user_page(struct page *page)
{
	gup_put_folio(page_folio(page), 1, FOLL_PIN);
}

void unpin_user_pages(struct page **pages, unsigned long npages)
{
	unsigned long i;

	for (i = 0; i < npages; i++)
		unpin_user_page(pages[i]);
}

void unpin_user_pages_dirty_lock(struct page **pages, unsigned long npages, bool make_dirty)
{
	unsigned long i;

	for (i = 0; make_dirty && i < npages; i++)
		folio_mark_dirty_lock(page_folio(pages[i]));

	unpin_user_pages(pages, npages);
}

/* Checks what a caller passed, and adds what the function called stands for. */
static bool is_valid_gup_args(struct page **pages, int *locked,
			      unsigned int *gup_flags_p, unsigned int to_set)
{
	unsigned int gup_flags = *gup_flags_p;

	if (WARN_ON_ONCE(gup_flags & INTERNAL_GUP_FLAGS))
		return false;

	gup_flags |= to_set;
	if (locked) {
		if (WARN_ON_ONCE(*locked != 1))
			return false;
		gup_flags |= FOLL_UNLOCKABLE;
	}

	/* One kind of hold at a time. */
	if (WARN_ON_ONCE((gup_flags & FOLL_GET) && (gup_flags & FOLL_PIN)))
		return false;

	/* What is kept for long has to be a pin. */
	if (WARN_ON_ONCE((gup_flags & FOLL_LONGTERM) && !(gup_flags & FOLL_PIN)))
		return false;

	/* A hold needs a place to be written down. */
	if (WARN_ON_ONCE((gup_flags & (FOLL_GET | FOLL_PIN)) && !pages))
		return false;

	if (WARN_ON_ONCE((gup_flags & FOLL_LONGTERM) && (gup_flags & FOLL_PCI_P2PDMA)))
		return false;

	*gup_flags_p = gup_flags;
	return true;
}

static long __get_user_pages(struct mm_struct *mm, unsigned long start,
			     unsigned long nr_pages, unsigned int gup_flags,
			     struct page **pages)
{
	unsigned long i;

	for (i = 0; i < nr_pages; i++, start += PAGE_SIZE) {
		struct page *page = lookup_user_page(mm, start);
		int ret;

		if (!page && !(gup_flags & FOLL_NOFAULT)) {
			ret = faultin_user_page(mm, start, gup_flags);
			if (ret)
				return i ? (long)i : ret;
			page = lookup_user_page(mm, start);
		}
		if (!page)
			return i ? (long)i : -EFAULT;
		if (!pages)
			continue;

		ret = try_grab_folio(page_folio(page), 1, gup_flags);
		if (ret)
			return i ? (long)i : ret;
		pages[i] = page;
	}

	return i;
}

long get_user_pages(unsigned long start, unsigned long nr_pages,
		    unsigned int gup_flags, struct page **pages)
{
	unsigned int to_set = FOLL_TOUCH | (pages ? FOLL_GET : 0);

	if (!is_valid_gup_args(pages, NULL, &gup_flags, to_set))
		return -EINVAL;

	mmap_assert_locked(current_mm);
	return __get_user_pages(current_mm, start, nr_pages, gup_flags, pages);
}

long get_user_pages_unlocked(unsigned long start, unsigned long nr_pages,
			     struct page **pages, unsigned int gup_flags)
{
	unsigned int to_set = FOLL_TOUCH | FOLL_UNLOCKABLE | (pages ? FOLL_GET : 0);
	long ret;

	if (!is_valid_gup_args(pages, NULL, &gup_flags, to_set))
		return -EINVAL;

	mmap_read_lock(current_mm);
	ret = __get_user_pages(current_mm, start, nr_pages, gup_flags, pages);
	mmap_read_unlock(current_mm);
	return ret;
}

long pin_user_pages(unsigned long start, unsigned long nr_pages,
		    unsigned int gup_flags, struct page **pages)
{
	if (!is_valid_gup_args(pages, NULL, &gup_flags, FOLL_PIN))
		return 0;

	mmap_assert_locked(current_mm);
	return __get_user_pages(current_mm, start, nr_pages, gup_flags, pages);
}

static int gup_fast(unsigned long start, int nr_pages, unsigned int gup_flags,
		    struct page **pages)
{
	int i;

	for (i = 0; i < nr_pages; i++, start += PAGE_SIZE) {
		struct page *page = lookup_user_page(current_mm, start);

		if (!page || !try_grab_folio_fast(page, 1, gup_flags))
			break;
		pages[i] = page;
	}

	return i;
}

static int gup_fast_fallback(unsigned long start, int nr_pages,
			     unsigned int gup_flags, struct page **pages)
{
	int nr_done;
	long ret;

	/* All that the path without mmap_lock knows how to honour. */
	if (WARN_ON_ONCE(gup_flags & ~(FOLL_WRITE | FOLL_LONGTERM | FOLL_FORCE |
				       FOLL_PIN | FOLL_GET | FOLL_FAST_ONLY |
				       FOLL_NOFAULT | FOLL_PCI_P2PDMA)))
		return -EINVAL;

	if (gup_flags & FOLL_PIN)
		atomic_set(&current_mm->has_pinned, 1);

	nr_done = gup_fast(start, nr_pages, gup_flags, pages);
	if (nr_done == nr_pages || (gup_flags & FOLL_FAST_ONLY))
		return nr_done;

	start += (unsigned long)nr_done << PAGE_SHIFT;
	mmap_read_lock(current_mm);
	ret = __get_user_pages(current_mm, start, nr_pages - nr_done,
			       gup_flags | FOLL_TOUCH | FOLL_UNLOCKABLE,
			       pages + nr_done);
	mmap_read_unlock(current_mm);

	if (ret < 0)
		return nr_done ? nr_done : ret;
	return nr_done + ret;
}

int get_user_pages_fast(unsigned long start, int nr_pages,
			unsigned int gup_flags, struct page **pages)
{
	if (!is_valid_gup_args(pages, NULL, &gup_flags, FOLL_GET))
		return -EINVAL;

	return gup_fast_fallback(start, nr_pages, gup_flags, pages);
}

int pin_user_pages_fast(unsigned long start, int nr_pages,
			unsigned int gup_flags, struct page **pages)
{
	if (!is_valid_gup_args(pages, NULL, &gup_flags, FOLL_PIN))
		return -EINVAL;

	return gup_fast_fallback(start, nr_pages, gup_flags, pages);
}
