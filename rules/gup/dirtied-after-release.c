/* SPDX-License-Identifier: GPL-2.0-or-later */
static int fires_one(unsigned long addr)
{
	struct page *page;

	if (pin_user_pages_fast(addr, 1, FOLL_WRITE, &page) != 1)
		return -EFAULT;
	unpin_user_page(page);
	set_page_dirty_lock(page);	/* fires: GUP-D04 */
	return 0;
}

static void fires_in_loop(unsigned long addr, int n, struct page **pages)
{
	int i, got = get_user_pages_fast(addr, n, FOLL_WRITE, pages);

	for (i = 0; i < got; i++) {
		put_page(pages[i]);
		set_page_dirty_lock(pages[i]);	/* fires: GUP-D04 */
	}
}

static int quiet_order(unsigned long addr)
{
	struct page *page;

	if (pin_user_pages_fast(addr, 1, FOLL_WRITE, &page) != 1)
		return -EFAULT;
	set_page_dirty_lock(page);
	unpin_user_page(page);
	return 0;
}

static void quiet_looked_at(unsigned long addr, int n, struct page **pages)
{
	int i, got = get_user_pages_fast(addr, n, FOLL_WRITE, pages);

	for (i = 0; i < got; i++) {
		put_page(pages[i]);
		flush_dcache_page(pages[i]);
	}
}
