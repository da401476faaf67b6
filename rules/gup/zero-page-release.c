/* SPDX-License-Identifier: GPL-2.0-or-later */
/* case: this tree counts pins of the zero page */
static void fires_zero(struct page **pages, int n)
{
	int i;

	for (i = 0; i < n; i++) {
		if (is_zero_page(pages[i]))
			continue;
		unpin_user_page(pages[i]);	/* fires: GUP-Z01 */
	}
}

static void fires_pfn(unsigned long pfn, bool dirty)
{
	if (!is_zero_pfn(pfn))
		unpin_user_page(pfn_to_page(pfn));	/* fires: GUP-Z01 */
}

static bool is_odd(unsigned long pfn)
{
	return !pfn_valid(pfn) || PageReserved(pfn_to_page(pfn));
}

static int fires_reserved(unsigned long pfn, bool dirty)
{
	if (!is_odd(pfn)) {
		unpin_user_page_range_dirty_lock(pfn_to_page(pfn), 1, dirty);	/* fires: GUP-Z01 */
		return 1;
	}
	return 0;
}

static void quiet_all(struct page **pages, int n)
{
	unpin_user_pages(pages, n);
}

static void quiet_dirty(struct page *page)
{
	if (!is_zero_page(page))
		set_page_dirty_lock(page);
	unpin_user_page(page);
}

static bool is_odd_but_not_zero(unsigned long pfn)
{
	return PageReserved(pfn_to_page(pfn)) && !is_zero_pfn(pfn);
}

static void quiet_reserved_without_zero(unsigned long pfn)
{
	if (!is_odd_but_not_zero(pfn))
		unpin_user_page(pfn_to_page(pfn));
}

static void quiet_the_rest_is_kept(struct page **pages, int n)
{
	int i;

	for (i = 0; i < n; i++)
		if (is_zero_page(pages[i]))
			unpin_user_page(pages[i]);
}

static void quiet_of_another(unsigned long pfn, struct page *page)
{
	if (is_zero_pfn(pfn))
		return;
	unpin_user_page(page);
}

static void quiet_reference(struct page *page)
{
	if (!is_zero_page(page))
		put_page(page);
}
/* case: this tree does not count them */
/* file: mm/gup.c */
static void gup_put_folio(struct folio *folio, int refs, unsigned int flags)
{
	if (is_zero_folio(folio))
		return;
	folio_put_refs(folio, refs);
}

void unpin_user_page(struct page *page)
{
	gup_put_folio(page_folio(page), 1, FOLL_PIN);
}
/* file: drivers/example/dead.c */
static void fires_dead(struct page *page)
{
	if (!is_zero_page(page))
		unpin_user_page(page);	/* fires: GUP-Z01 */
}

static void fires_dead_too(struct page *page)
{
	if (is_zero_page(page))
		unpin_user_page(page);	/* fires: GUP-Z01 */
}

static void quiet_reserved_here(struct page *page)
{
	if (!PageReserved(page))
		unpin_user_page(page);
}
