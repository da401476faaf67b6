/* SPDX-License-Identifier: GPL-2.0-or-later */
static int fires_copy(unsigned long addr, const void *data, size_t len)
{
	struct page *page;
	void *to;

	if (get_user_pages_fast(addr, 1, 0, &page) != 1)
		return -EFAULT;
	to = kmap_local_page(page);
	memcpy(to + offset_in_page(addr), data, len);	/* fires: GUP-Z02 */
	kunmap_local(to);
	put_page(page);
	return 0;
}

static int fires_store(unsigned long addr, u32 value)
{
	struct page *pages[1];
	u32 *to;

	if (pin_user_pages_fast(addr, 1, FOLL_LONGTERM, pages) != 1)
		return -EFAULT;
	to = page_address(pages[0]);
	to[0] = value;	/* fires: GUP-Z02 */
	unpin_user_page(pages[0]);
	return 0;
}

static int fires_page_helper(struct mm_struct *mm, unsigned long addr, const char *data, int len)
{
	struct page *page;

	if (get_user_pages_remote(mm, addr, 1, FOLL_FORCE, &page, NULL) != 1)
		return -EFAULT;
	memcpy_to_page(page, offset_in_page(addr), data, len);	/* fires: GUP-Z02 */
	put_page(page);
	return 0;
}

static int quiet_for_writing(unsigned long addr, const void *data, size_t len)
{
	struct page *page;
	void *to;

	if (get_user_pages_fast(addr, 1, FOLL_WRITE, &page) != 1)
		return -EFAULT;
	to = kmap_local_page(page);
	memcpy(to + offset_in_page(addr), data, len);
	kunmap_local(to);
	put_page(page);
	return 0;
}

static int quiet_reads(unsigned long addr, void *data, size_t len)
{
	struct page *page;
	void *from;

	if (get_user_pages_fast(addr, 1, 0, &page) != 1)
		return -EFAULT;
	from = kmap_local_page(page);
	memcpy(data, from + offset_in_page(addr), len);
	kunmap_local(from);
	put_page(page);
	return 0;
}

static int quiet_asks(unsigned long addr, const void *data, size_t len)
{
	struct page *page;

	if (get_user_pages_fast(addr, 1, 0, &page) != 1)
		return -EFAULT;
	if (!is_zero_page(page))
		memcpy_to_page(page, offset_in_page(addr), data, len);
	put_page(page);
	return 0;
}
