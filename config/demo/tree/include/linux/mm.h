/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef _LINUX_MM_H
#define _LINUX_MM_H

#include <linux/page_ref.h>

extern struct mm_struct *current_mm;

void mmap_read_lock(struct mm_struct *mm);
void mmap_read_unlock(struct mm_struct *mm);
void mmap_assert_locked(struct mm_struct *mm);

void __folio_put(struct folio *folio);
void folio_mark_dirty_lock(struct folio *folio);
void *kmap_local_page(struct page *page);
void kunmap_local(void *address);

#define page_folio(p)	((p)->folio)

static inline bool folio_test_large(const struct folio *folio)
{
	return folio->order > 0;
}

static inline bool folio_has_pincount(const struct folio *folio)
{
	return folio->order > 1;
}

static inline void folio_get(struct folio *folio)
{
	folio_ref_add(folio, 1);
}

static inline void folio_put_refs(struct folio *folio, int refs)
{
	if (folio_ref_sub_and_test(folio, refs))
		__folio_put(folio);
}

static inline void folio_put(struct folio *folio)
{
	folio_put_refs(folio, 1);
}

static inline void get_page(struct page *page)
{
	folio_get(page_folio(page));
}

static inline void put_page(struct page *page)
{
	folio_put(page_folio(page));
}

/*
 * A pin of a small folio adds this to its _refcount, so that pins and plain
 * references share one counter: the low ten bits hold references, the bits
 * above them pins, and the sign bit tells of an overflow.
 */
#define GUP_PIN_COUNTING_BIAS	(1U << 10)

/* A small folio with 1024 plain references looks pinned: that is accepted. */
static inline bool folio_maybe_dma_pinned(struct folio *folio)
{
	if (folio_has_pincount(folio))
		return atomic_read(&folio->_pincount) > 0;

	return (unsigned int)folio_ref_count(folio) >= GUP_PIN_COUNTING_BIAS;
}

long get_user_pages(unsigned long start, unsigned long nr_pages,
		    unsigned int gup_flags, struct page **pages);
long get_user_pages_unlocked(unsigned long start, unsigned long nr_pages,
			     struct page **pages, unsigned int gup_flags);
int get_user_pages_fast(unsigned long start, int nr_pages,
			unsigned int gup_flags, struct page **pages);
long pin_user_pages(unsigned long start, unsigned long nr_pages,
		    unsigned int gup_flags, struct page **pages);
int pin_user_pages_fast(unsigned long start, int nr_pages,
			unsigned int gup_flags, struct page **pages);
void unpin_user_page(struct page *page);
void unpin_user_pages(struct page **pages, unsigned long npages);
void unpin_user_pages_dirty_lock(struct page **pages, unsigned long npages,
				 bool make_dirty);

#endif /* _LINUX_MM_H */
