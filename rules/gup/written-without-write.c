/* SPDX-License-Identifier: GPL-2.0-or-later */
static int fires_release(unsigned long addr, int n, struct page **pages)
{
	int got = pin_user_pages_fast(addr, n, 0, pages);

	if (got <= 0)
		return -EFAULT;
	dev_read(got);
	unpin_user_pages_dirty_lock(pages, got, true);	/* fires: GUP-F08 */
	return 0;
}

static int fires_each(unsigned long addr, int n, struct page **pages)
{
	int i, got = get_user_pages_fast(addr, n, 0, pages);

	for (i = 0; i < got; i++) {
		set_page_dirty_lock(pages[i]);	/* fires: GUP-F08 */
		put_page(pages[i]);
	}
	return got;
}

static int quiet_for_writing(unsigned long addr, int n, struct page **pages)
{
	int got = pin_user_pages_fast(addr, n, FOLL_WRITE, pages);

	if (got <= 0)
		return -EFAULT;
	dev_read(got);
	unpin_user_pages_dirty_lock(pages, got, true);
	return 0;
}

static int quiet_by_direction(unsigned long addr, int n, struct page **pages, bool write)
{
	int got = pin_user_pages_fast(addr, n, write ? FOLL_WRITE : 0, pages);

	if (got <= 0)
		return -EFAULT;
	dev_read(got);
	unpin_user_pages_dirty_lock(pages, got, write);
	return 0;
}

static int quiet_not_marked(unsigned long addr, int n, struct page **pages)
{
	int got = pin_user_pages_fast(addr, n, 0, pages);

	if (got <= 0)
		return -EFAULT;
	dev_write(got);
	unpin_user_pages_dirty_lock(pages, got, false);
	return 0;
}

static int fires_stored(unsigned long addr, u32 value)
{
	struct page *page;
	u32 *word;

	if (pin_user_pages_fast(addr, 1, 0, &page) != 1)
		return -EFAULT;
	word = kmap_local_page(page);
	*word = value;	/* fires: GUP-F08 */
	kunmap_local(word);
	unpin_user_page(page);
	return 0;
}

static int quiet_stored(unsigned long addr, u32 value)
{
	struct page *page;
	u32 *word;

	if (pin_user_pages_fast(addr, 1, FOLL_WRITE, &page) != 1)
		return -EFAULT;
	word = kmap_local_page(page);
	*word = value;
	kunmap_local(word);
	unpin_user_page(page);
	return 0;
}
