/* SPDX-License-Identifier: GPL-2.0-or-later */
static int fires_copied_from(unsigned long addr, void *to)
{
	struct page *page;
	void *from;

	if (pin_user_pages_fast(addr, 1, FOLL_WRITE, &page) != 1)
		return -EFAULT;
	from = kmap_local_page(page);
	memcpy(to, from, 16);
	kunmap_local(from);
	unpin_user_page(page);	/* fires: GUP-F09 */
	return 0;
}

static int fires_longterm_for_reading(unsigned long addr, u32 *value)
{
	struct page *page;
	u32 *from;

	if (pin_user_pages_fast(addr, 1, FOLL_WRITE | FOLL_LONGTERM, &page) != 1)
		return -EFAULT;
	from = kmap_local_page(page);
	*value = *from;
	kunmap_local(from);
	unpin_user_page(page);	/* fires: GUP-F09 */
	return 0;
}

static int quiet_taken_for_reading(unsigned long addr, void *to)
{
	struct page *page;
	void *from;

	if (pin_user_pages_fast(addr, 1, 0, &page) != 1)
		return -EFAULT;
	from = kmap_local_page(page);
	memcpy(to, from, 16);
	kunmap_local(from);
	unpin_user_page(page);
	return 0;
}

static int quiet_written(unsigned long addr, const void *from)
{
	struct page *page;
	void *to;

	if (pin_user_pages_fast(addr, 1, FOLL_WRITE, &page) != 1)
		return -EFAULT;
	to = kmap_local_page(page);
	memcpy(to, from, 16);
	kunmap_local(to);
	unpin_user_page(page);
	return 0;
}

static int quiet_lent(struct dev *dev, unsigned long addr)
{
	struct page *page;
	void *to;

	if (pin_user_pages_fast(addr, 1, FOLL_WRITE, &page) != 1)
		return -EFAULT;
	to = kmap_local_page(page);
	dev_read(dev, to);
	kunmap_local(to);
	unpin_user_page(page);
	return 0;
}
