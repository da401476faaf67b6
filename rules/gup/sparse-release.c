/* SPDX-License-Identifier: GPL-2.0-or-later */
static int fires_hole_at_start(unsigned long addr, int n, struct page **pages)
{
	int got = pin_user_pages_fast(addr, n, 0, pages);

	if (got <= 0)
		return -EFAULT;
	keep_page(pages[0]);
	pages[0] = NULL;
	unpin_user_pages(pages, got);	/* fires: GUP-P18 */
	return 0;
}

static int fires_holes_in_loop(unsigned long addr, int n, struct page **pages)
{
	int i, got = get_user_pages_fast(addr, n, 0, pages);

	if (got <= 0)
		return -EFAULT;
	for (i = 0; i < got; i++) {
		if (folio_test_large(page_folio(pages[i])))
			pages[i] = NULL;
	}
	release_pages(pages, got);	/* fires: GUP-P18 */
	return 0;
}

static int quiet_no_hole(unsigned long addr, int n, struct page **pages)
{
	int got = pin_user_pages_fast(addr, n, 0, pages);

	if (got <= 0)
		return -EFAULT;
	unpin_user_pages(pages, got);
	return 0;
}

static int quiet_one_by_one(unsigned long addr, int n, struct page **pages)
{
	int i, got = get_user_pages_fast(addr, n, 0, pages);

	if (got <= 0)
		return -EFAULT;
	pages[0] = NULL;
	for (i = 1; i < got; i++)
		put_page(pages[i]);
	return 0;
}
