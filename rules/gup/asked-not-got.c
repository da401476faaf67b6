/* SPDX-License-Identifier: GPL-2.0-or-later */
static int fires_all(unsigned long addr, int n, struct page **pages)
{
	int ret = pin_user_pages_fast(addr, n, 0, pages);

	if (ret <= 0)
		return -EFAULT;
	dev_write(ret);
	unpin_user_pages(pages, n);	/* fires: GUP-P07 */
	return 0;
}

static int fires_on_error(unsigned long addr, int n, struct page **pages)
{
	int ret = get_user_pages_fast(addr, n, 0, pages);

	if (ret != n) {
		release_pages(pages, n);	/* fires: GUP-P07 */
		return -EFAULT;
	}
	release_pages(pages, ret);
	return 0;
}

static int quiet_got(unsigned long addr, int n, struct page **pages)
{
	int ret = pin_user_pages_fast(addr, n, 0, pages);

	if (ret <= 0)
		return -EFAULT;
	unpin_user_pages(pages, ret);
	return 0;
}

static int quiet_all_or_nothing(unsigned long addr, int n, struct page **pages)
{
	int ret = pin_user_pages_fast(addr, n, 0, pages);

	if (ret != n) {
		if (ret > 0)
			unpin_user_pages(pages, ret);
		return -EFAULT;
	}
	unpin_user_pages(pages, n);
	return 0;
}
