/* SPDX-License-Identifier: GPL-2.0-or-later */
static int fires_untested(unsigned long addr, int n, struct page **pages)
{
	int ret = pin_user_pages_fast(addr, n, 0, pages);

	if (ret == n)
		return 0;
	unpin_user_pages(pages, ret);	/* fires: GUP-P05 */
	return -EFAULT;
}

static int fires_unsigned_test(unsigned long addr, unsigned int n, struct page **pages)
{
	int ret = pin_user_pages_fast(addr, n, 0, pages);

	if (ret < n) {
		if (ret > 0)
			unpin_user_pages(pages, ret);
		return -EFAULT;
	}
	dev_write(n);
	unpin_user_pages(pages, n);	/* fires: GUP-P05 */
	return 0;
}

static int quiet_positive(unsigned long addr, int n, struct page **pages)
{
	int ret = pin_user_pages_fast(addr, n, 0, pages);

	if (ret == n)
		return 0;
	if (ret > 0)
		unpin_user_pages(pages, ret);
	return -EFAULT;
}

static int quiet_clamped(unsigned long addr, int n, struct page **pages)
{
	int got = pin_user_pages_fast(addr, n, 0, pages);

	if (got < 0)
		got = 0;
	unpin_user_pages(pages, got);
	return got;
}

static int quiet_part(unsigned long addr, int n, struct page **pages)
{
	int ret = pin_user_pages_fast(addr, n, 0, pages);

	if (ret <= 0)
		return -EFAULT;
	unpin_user_pages(pages, n);
	return 0;
}
