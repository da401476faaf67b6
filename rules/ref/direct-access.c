/* SPDX-License-Identifier: GPL-2.0-or-later */
static void fires_inc(struct page *page)
{
	atomic_inc(&page->_refcount);	/* fires: REF-R01 */
}

static bool fires_read(struct folio *folio)
{
	return atomic_read(&folio->_pincount) > 1;	/* fires: REF-R01 */
}

static void quiet_helper(struct page *page)
{
	page_ref_add(page, 1);
}

static void quiet_address(struct page *page)
{
	prefetch(&page->_refcount);
}

static void quiet_other_field(struct thing *thing)
{
	atomic_inc(&thing->refcount);
}

/* file: mm/example.c */
static void quiet_in_mm(struct page *page)
{
	atomic_inc(&page->_refcount);
}
