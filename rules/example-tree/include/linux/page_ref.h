/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Written for lorebot; see ../../README. */

#define GUP_PIN_COUNTING_SHIFT 10
#define GUP_PIN_COUNTING_BIAS (1U << GUP_PIN_COUNTING_SHIFT)

static inline int page_ref_count(const struct page *page)
{
	return atomic_read(&page->_refcount);
}

static inline int folio_ref_count(const struct folio *folio)
{
	return page_ref_count(&folio->page);
}

static inline void page_ref_add(struct page *page, int nr)
{
	atomic_add(nr, &page->_refcount);
}

static inline void folio_ref_add(struct folio *folio, int nr)
{
	page_ref_add(&folio->page, nr);
}

static inline void folio_put_refs(struct folio *folio, int refs)
{
	if (atomic_sub_and_test(refs, &folio->_refcount))
		__folio_put(folio);
}
