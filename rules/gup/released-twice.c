/* SPDX-License-Identifier: GPL-2.0-or-later */
static int fires_after_label(struct dev *dev, unsigned long addr)
{
	struct page *page;
	int ret = pin_user_pages_fast(addr, 1, 0, &page);

	if (ret != 1)
		return -EFAULT;
	ret = dev_write(dev);
	if (ret) {
		unpin_user_page(page);
		goto out;
	}
	ret = dev_wait(dev);
out:
	unpin_user_page(page);	/* fires: GUP-P06 */
	return ret;
}

static int fires_array(struct dev *dev, unsigned long addr, int n, struct page **pages)
{
	int ret = get_user_pages_fast(addr, n, 0, pages);

	if (ret <= 0)
		return -EFAULT;
	release_pages(pages, ret);
	if (dev->broken)
		release_pages(pages, ret);	/* fires: GUP-P06 */
	return 0;
}

static int quiet_once(struct dev *dev, unsigned long addr)
{
	struct page *page;
	int ret = pin_user_pages_fast(addr, 1, 0, &page);

	if (ret != 1)
		return -EFAULT;
	ret = dev_write(dev);
	if (ret)
		goto out;
	ret = dev_wait(dev);
out:
	unpin_user_page(page);
	return ret;
}

static void quiet_two_parts_of_one_array(unsigned long a, unsigned long b, struct page **pages)
{
	struct page **second = pages + 8;
	int got = pin_user_pages_fast(a, 8, 0, pages);
	int more = pin_user_pages_fast(b, 8, 0, second);

	if (more > 0)
		unpin_user_pages(second, more);
	if (got > 0)
		unpin_user_pages(pages, got);
}

static int quiet_each_round(unsigned long addr, int rounds)
{
	struct page *page;

	while (rounds--) {
		if (pin_user_pages_fast(addr, 1, 0, &page) != 1)
			return -EFAULT;
		unpin_user_page(page);
	}
	return 0;
}
