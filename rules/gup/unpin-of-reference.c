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

/* case: an object keeps them from one function to the next */
static int take(struct buffer *buf, unsigned long addr, int n)
{
	buf->count = get_user_pages_fast(addr, n, FOLL_WRITE, buf->pages);
	return buf->count == n ? 0 : -EFAULT;
}

static void fires_kept(struct buffer *buf)
{
	unpin_user_pages_dirty_lock(buf->pages, buf->count, true);	/* fires: GUP-P02 */
}

/* case: one page in an object */
static int take(struct slot *slot, unsigned long addr)
{
	struct page *page;

	if (get_user_pages_fast(addr, 1, FOLL_WRITE, &page) != 1)
		return -EFAULT;
	slot->page = page;
	return 0;
}

static void fires_one_page(struct slot *slot)
{
	struct page *page = slot->page;

	unpin_user_page(page);	/* fires: GUP-P02 */
}

/* case: the page is somebody else's as well */
static int take(struct slot *slot, unsigned long addr)
{
	return get_user_pages_fast(addr, 1, FOLL_WRITE, &slot->page);
}

static void borrow(struct slot *slot, struct page *page)
{
	slot->page = page;
}

static void quiet_from_elsewhere(struct slot *slot)
{
	unpin_user_page(slot->page);
}
