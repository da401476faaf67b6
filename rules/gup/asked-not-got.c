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

static void release_region(struct region *region)
{
	int i;

	for (i = 0; i < region->count; i++)
		put_page(region->pages[i]);
	kfree(region->pages);
}

static int fires_in_helper(struct region *region, unsigned long addr, int n)
{
	region->pages = kcalloc(n, sizeof(*region->pages), GFP_KERNEL);
	if (!region->pages)
		return -ENOMEM;
	region->count = n;
	if (get_user_pages_fast(addr, n, FOLL_WRITE, region->pages) != n) {
		release_region(region);	/* fires: GUP-P07 */
		return -EFAULT;
	}
	return 0;
}

static int quiet_helper_with_what_was_got(struct region *region, unsigned long addr, int n)
{
	int got;

	region->pages = kcalloc(n, sizeof(*region->pages), GFP_KERNEL);
	if (!region->pages)
		return -ENOMEM;
	got = get_user_pages_fast(addr, n, FOLL_WRITE, region->pages);
	region->count = got > 0 ? got : 0;
	if (got != n) {
		release_region(region);
		return -EFAULT;
	}
	return 0;
}
