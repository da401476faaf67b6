/* SPDX-License-Identifier: GPL-2.0-or-later */
static int fires_region(struct region *region, unsigned long addr, int n)
{
	int ret = pin_user_pages_fast(addr, n, FOLL_WRITE, region->pages);

	if (ret < 0)
		return ret;
	if (ret != n) {
		unpin_user_pages(region->pages, ret);
		return -EFAULT;
	}
	return 0;	/* fires: GUP-F07 */
}

static int fires_choice(struct region *region, unsigned long addr, int n, bool write)
{
	int ret = pin_user_pages_fast(addr, n, write ? FOLL_WRITE : 0, region->pages);

	if (ret == n)
		return 0;	/* fires: GUP-F07 */
	if (ret > 0)
		unpin_user_pages(region->pages, ret);
	return -EFAULT;
}

static int quiet_longterm(struct region *region, unsigned long addr, int n)
{
	int ret = pin_user_pages_fast(addr, n, FOLL_WRITE | FOLL_LONGTERM, region->pages);

	if (ret == n)
		return 0;
	if (ret > 0)
		unpin_user_pages(region->pages, ret);
	return -EFAULT;
}

static int quiet_short(struct region *region, unsigned long addr, int n)
{
	int ret = pin_user_pages_fast(addr, n, FOLL_WRITE, region->pages);

	if (ret <= 0)
		return -EFAULT;
	dev_copy(n);
	unpin_user_pages(region->pages, ret);
	return 0;
}

static int quiet_references(struct region *region, unsigned long addr, int n)
{
	int ret = get_user_pages_fast(addr, n, FOLL_WRITE, region->pages);

	if (ret <= 0)
		return -EFAULT;
	region->count = ret;
	return 0;
}

static int quiet_handed_on(struct list_head *bios, unsigned long addr)
{
	struct page *page;

	if (pin_user_pages_fast(addr, 1, FOLL_WRITE, &page) != 1)
		return -EFAULT;
	bio_submit(bios, page);
	return 0;
}

static int quiet_leak(unsigned long addr)
{
	struct page *page;

	if (pin_user_pages_fast(addr, 1, FOLL_WRITE, &page) != 1)
		return -EFAULT;
	return 0;
}
