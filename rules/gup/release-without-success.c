/* SPDX-License-Identifier: GPL-2.0-or-later */
static int fires_by_pointer(unsigned long addr)
{
	struct page *page = NULL;

	get_user_pages_fast(addr, 1, 0, &page);
	if (page)
		put_page(page);	/* fires: GUP-P16 */
	return 0;
}

static int fires_on_error_path(unsigned long addr, struct dev *dev)
{
	struct page *page;
	int ret = pin_user_pages_fast(addr, 1, 0, &page);

	if (ret < 0)
		goto out;
	ret = dev_write(dev);
out:
	unpin_user_page(page);	/* fires: GUP-P16 */
	return ret;
}

static int quiet_result(unsigned long addr)
{
	struct page *page = NULL;

	if (get_user_pages_fast(addr, 1, 0, &page) == 1)
		put_page(page);
	return 0;
}

static int quiet_ladder(unsigned long addr, struct dev *dev)
{
	struct page *page;
	int ret = pin_user_pages_fast(addr, 1, 0, &page);

	if (ret < 0)
		return ret;
	ret = dev_write(dev);
	unpin_user_page(page);
	return ret;
}
