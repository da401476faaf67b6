/* SPDX-License-Identifier: GPL-2.0-or-later */
static int fires_unpin(unsigned long addr)
{
	struct page *page;

	if (get_user_pages_fast(addr, 1, FOLL_WRITE, &page) != 1)
		return -EFAULT;
	unpin_user_page(page);	/* fires: GUP-P02 */
	return 0;
}

static void fires_array(unsigned long addr, int n, struct page **pages)
{
	int got = get_user_pages_unlocked(addr, n, pages, 0);

	if (got > 0)
		unpin_user_pages(pages, got);	/* fires: GUP-P02 */
}

static int quiet_put(unsigned long addr)
{
	struct page *page;

	if (get_user_pages_fast(addr, 1, FOLL_WRITE, &page) != 1)
		return -EFAULT;
	put_page(page);
	return 0;
}

static void quiet_pinned(unsigned long addr, int n, struct page **pages)
{
	int got = pin_user_pages_fast(addr, n, 0, pages);

	if (got > 0)
		unpin_user_pages(pages, got);
}

static int quiet_other_kind(unsigned long addr)
{
	struct page *page;

	if (pin_user_pages_fast(addr, 1, FOLL_WRITE, &page) != 1)
		return -EFAULT;
	put_page(page);
	return 0;
}

static void quiet_folios(struct file *file, loff_t end, struct folio **folios, unsigned int n, pgoff_t *at)
{
	long got = memfd_pin_folios(file, 0, end, folios, n, at);

	if (got > 0)
		unpin_user_pages(folios, got);
}

static void quiet_wrong_function(unsigned long addr, int n, struct folio **folios)
{
	int got = get_user_pages_fast(addr, n, 0, folios);

	if (got > 0)
		unpin_folios(folios, got);
}
