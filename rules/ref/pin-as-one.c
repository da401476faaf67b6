/* SPDX-License-Identifier: GPL-2.0-or-later */
static int fires_compares(unsigned long addr)
{
	struct page *page;

	if (pin_user_pages_fast(addr, 1, FOLL_WRITE, &page) != 1)
		return -EFAULT;
	if (page_count(page) != 1 + page_mapcount(page))	/* fires: REF-R05 */
		return -EBUSY;
	unpin_user_page(page);
	return 0;
}

static bool fires_freezes(struct folio *folio, unsigned int flags)
{
	int expected = folio_mapcount(folio) + 1;

	if (flags & FOLL_PIN)
		return folio_ref_freeze(folio, expected);	/* fires: REF-R05 */
	return true;
}

static bool quiet_biased(struct folio *folio, unsigned int flags)
{
	int expected = folio_mapcount(folio) + 1;

	if (flags & FOLL_PIN)
		expected += folio_has_pincount(folio) ? 0 : GUP_PIN_COUNTING_BIAS - 1;
	return folio_ref_freeze(folio, expected);
}

static int quiet_before(struct page *page, unsigned long addr)
{
	if (page_count(page) != 1)
		return -EBUSY;
	return pin_user_pages_fast(addr, 1, FOLL_WRITE, &page);
}

static int quiet_after_release(unsigned long addr)
{
	struct page *page;

	if (pin_user_pages_fast(addr, 1, FOLL_WRITE, &page) != 1)
		return -EFAULT;
	unpin_user_page(page);
	return page_count(page) == 1;
}

static int quiet_reference(unsigned long addr)
{
	struct page *page;

	if (get_user_pages_fast(addr, 1, FOLL_WRITE, &page) != 1)
		return -EFAULT;
	return page_count(page) == 2;
}
