/* SPDX-License-Identifier: GPL-2.0-or-later */
static int fires_put(unsigned long addr)
{
	struct page *page;

	if (pin_user_pages_fast(addr, 1, FOLL_WRITE, &page) != 1)
		return -EFAULT;
	put_page(page);	/* fires: GUP-P01 */
	return 0;
}

static void fires_in_loop(unsigned long addr, int n, struct page **pages)
{
	int i, got = pin_user_pages_fast(addr, n, 0, pages);

	for (i = 0; i < got; i++) {
		set_page_dirty_lock(pages[i]);
		put_page(pages[i]);	/* fires: GUP-P01 */
	}
}

static int quiet_unpin(unsigned long addr, struct page **pages, int n)
{
	int got = pin_user_pages_fast(addr, n, FOLL_WRITE, pages);

	if (got > 0)
		unpin_user_pages_dirty_lock(pages, got, true);
	return got;
}

static int quiet_flag_selects(unsigned long addr, bool pin)
{
	struct page *page;
	int got;

	if (pin)
		got = pin_user_pages_fast(addr, 1, 0, &page);
	else
		got = get_user_pages_fast(addr, 1, 0, &page);
	if (got != 1)
		return -EFAULT;
	if (pin)
		unpin_user_page(page);
	else
		put_page(page);
	return 0;
}

static int quiet_other_kind(unsigned long addr)
{
	struct page *page;

	if (get_user_pages_fast(addr, 1, FOLL_WRITE, &page) != 1)
		return -EFAULT;
	unpin_user_page(page);
	return 0;
}
