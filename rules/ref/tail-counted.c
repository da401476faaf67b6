/* SPDX-License-Identifier: GPL-2.0-or-later */
static void fires_next(struct page *page, int i)
{
	page_ref_inc(nth_page(page, i));	/* fires: REF-R12 */
}

static void fires_plus(struct page *page, int i, int refs)
{
	struct page *tail = page + i;

	page_ref_add(tail, refs);	/* fires: REF-R12 */
}

static void fires_of_address(void *address, int refs)
{
	struct page *page = virt_to_page(address);

	page_ref_sub(page, refs);	/* fires: REF-R12 */
}

static void quiet_head(void *address, int refs)
{
	struct page *page = virt_to_head_page(address);

	page_ref_sub(page, refs);
}

static void quiet_folio(struct page *page, int i, int refs)
{
	folio_ref_add(page_folio(page + i), refs);
}

static void quiet_own(struct ring *ring)
{
	page_ref_add(ring->page, ring->refs);
}

static void quiet_first(struct folio *folio)
{
	page_ref_inc(folio_page(folio, 0));
}
/* case: mm counts tails */
/* file: mm/example.c */
static void quiet_in_mm(struct page *page, int i)
{
	page_ref_inc(page + i);
}
/* case: the counters themselves */
/* file: include/linux/example.h */
static inline void quiet_in_header(struct page *page, int i)
{
	page_ref_inc(page + i);
}
/* case: page tables of an architecture */
/* file: arch/example/mm.c */
static void quiet_in_arch(struct page *page, int i)
{
	page_ref_inc(page + i);
}
/* case: who makes pages sets their counts */
/* file: kernel/example.c */
static void quiet_begin(struct page *page, int i)
{
	set_page_count(page + i, 1);
}
