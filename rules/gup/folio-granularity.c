/* SPDX-License-Identifier: GPL-2.0-or-later */
static int fires_one_for_all(unsigned long addr, int n, struct page **pages)
{
	int got = pin_user_pages_fast(addr, n, FOLL_LONGTERM, pages);

	if (got != n) {
		if (got > 0)
			unpin_user_pages(pages, got);
		return -EFAULT;
	}
	unpin_user_folio(page_folio(pages[0]), 1);	/* fires: GUP-P11 */
	return 0;
}

static void fires_steps_over_the_rest(struct table *table)
{
	unsigned int i = 0;

	while (i < table->count) {
		struct folio *folio = page_folio(table->pages[i]);

		unpin_user_folio(folio, 1);	/* fires: GUP-P11 */
		i += folio_nr_pages(folio);
	}
}

static int fires_whole_folio_for_one(unsigned long addr)
{
	struct page *page;
	struct folio *folio;

	if (pin_user_pages_fast(addr, 1, FOLL_LONGTERM, &page) != 1)
		return -EFAULT;
	folio = page_folio(page);
	unpin_user_folio(folio, folio_nr_pages(folio));	/* fires: GUP-P11 */
	return 0;
}

static int quiet_one_for_one(unsigned long addr)
{
	struct page *page;

	if (pin_user_pages_fast(addr, 1, FOLL_LONGTERM, &page) != 1)
		return -EFAULT;
	unpin_user_folio(page_folio(page), 1);
	return 0;
}

static int quiet_counted(unsigned long addr, int n, struct page **pages)
{
	int got = pin_user_pages_fast(addr, n, FOLL_LONGTERM, pages);

	if (got <= 0)
		return got;
	unpin_user_folio(page_folio(pages[0]), got);
	return 0;
}

static void quiet_each_page(struct table *table)
{
	unsigned int i;

	for (i = 0; i < table->count; i++)
		unpin_user_folio(page_folio(table->pages[i]), 1);
}

static int quiet_references(unsigned long addr, int n, struct page **pages)
{
	struct folio *folio;
	int got = get_user_pages_fast(addr, n, 0, pages);

	if (got <= 0)
		return got;
	folio = page_folio(pages[0]);
	folio_put_refs(folio, got);
	return 0;
}
