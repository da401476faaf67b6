/* SPDX-License-Identifier: GPL-2.0-or-later */
static int fires_copy(unsigned long addr, void *to)
{
	struct page *page;
	void *from;

	if (get_user_pages_fast(addr, 1, 0, &page) != 1)
		return -EFAULT;
	put_page(page);
	from = kmap_local_page(page);	/* fires: GUP-P17 */
	memcpy(to, from, 64);
	kunmap_local(from);
	return 0;
}

static void fires_in_loop(unsigned long addr, int n, struct page **pages)
{
	int i, got = pin_user_pages_fast(addr, n, 0, pages);

	for (i = 0; i < got; i++) {
		unpin_user_page(pages[i]);
		flush_dcache_page(pages[i]);	/* fires: GUP-P17 */
	}
}

static int quiet_order(unsigned long addr, void *to)
{
	struct page *page;
	void *from;

	if (get_user_pages_fast(addr, 1, 0, &page) != 1)
		return -EFAULT;
	from = kmap_local_page(page);
	memcpy(to, from, 64);
	kunmap_local(from);
	put_page(page);
	return 0;
}

static void quiet_next_element(unsigned long addr, int n, struct page **pages)
{
	int i, got = pin_user_pages_fast(addr, n, 0, pages);

	for (i = 0; i < got; i++) {
		flush_dcache_page(pages[i]);
		unpin_user_page(pages[i]);
	}
}

static int quiet_dirtied(unsigned long addr)
{
	struct page *page;

	if (pin_user_pages_fast(addr, 1, FOLL_WRITE, &page) != 1)
		return -EFAULT;
	unpin_user_page(page);
	set_page_dirty_lock(page);
	return 0;
}
