/* SPDX-License-Identifier: GPL-2.0-or-later */
static int fires_part_as_error(unsigned long addr, int n, struct page **pages)
{
	int ret = pin_user_pages_fast(addr, n, FOLL_WRITE, pages);

	if (ret != n) {
		if (ret > 0)
			unpin_user_pages(pages, ret);
		return ret;	/* fires: GUP-P14 */
	}
	dev_use(pages);
	return 0;
}

static int fires_negative_is_true(unsigned long addr, u32 *value)
{
	struct page *page;
	u32 *from;

	if (!get_user_pages_fast(addr, 1, 0, &page))
		return -EFAULT;
	from = kmap_local_page(page);	/* fires: GUP-P14 */
	*value = *from;
	kunmap_local(from);
	put_page(page);
	return 0;
}

static struct page **take_all(unsigned long addr, int n)
{
	struct page **pages = kvcalloc(n, sizeof(*pages), GFP_KERNEL);
	int got;

	if (!pages)
		return ERR_PTR(-ENOMEM);
	got = pin_user_pages_fast(addr, n, FOLL_WRITE, pages);
	if (got == n)
		return pages;
	if (got > 0)
		unpin_user_pages(pages, got);
	kvfree(pages);
	return ERR_PTR(-EFAULT);
}

static int fires_error_is_not_null(struct dev *dev, unsigned long addr, int n)
{
	struct page **pages = take_all(addr, n);	/* fires: GUP-P14 */

	if (!pages)
		return -ENOMEM;
	dev_use(dev, pages);
	return 0;
}

static struct page **take_or_null(unsigned long addr, int n)
{
	struct page **pages = kvcalloc(n, sizeof(*pages), GFP_KERNEL);
	int got;

	if (!pages)
		return NULL;
	got = pin_user_pages_fast(addr, n, FOLL_WRITE, pages);
	if (got == n)
		return pages;
	if (got > 0)
		unpin_user_pages(pages, got);
	kvfree(pages);
	return NULL;
}

static int fires_null_is_no_error(struct dev *dev, unsigned long addr, int n)
{
	struct page **pages = take_or_null(addr, n);	/* fires: GUP-P14 */

	if (IS_ERR(pages))
		return PTR_ERR(pages);
	dev_use(dev, pages);
	return 0;
}

static int quiet_part_is_an_error(unsigned long addr, int n, struct page **pages)
{
	int ret = pin_user_pages_fast(addr, n, FOLL_WRITE, pages);

	if (ret != n) {
		if (ret > 0)
			unpin_user_pages(pages, ret);
		return ret < 0 ? ret : -EFAULT;
	}
	dev_use(pages);
	return 0;
}

static int quiet_single(unsigned long addr, u32 *value)
{
	struct page *page;
	u32 *from;
	int ret = get_user_pages_fast(addr, 1, 0, &page);

	if (ret < 0)
		return ret;
	from = kmap_local_page(page);
	*value = *from;
	kunmap_local(from);
	put_page(page);
	return 0;
}

static int quiet_asked_both_ways(struct dev *dev, unsigned long addr, int n)
{
	struct page **one = take_all(addr, n), **two = take_or_null(addr, n);

	if (IS_ERR(one))
		return PTR_ERR(one);
	if (!two)
		return -ENOMEM;
	dev_use(dev, one);
	dev_use(dev, two);
	return 0;
}

static long quiet_returns_counts(unsigned long addr, int n, struct page **pages)
{
	long ret = pin_user_pages_fast(addr, n, FOLL_WRITE, pages);

	if (ret != n)
		return ret;
	return n;
}

static int quiet_nothing_is_not_a_part(unsigned long addr)
{
	struct page *page;
	int ret = get_user_pages_fast(addr, 1, 0, &page);

	if (ret != 1)
		return ret;
	put_page(page);
	return 0;
}
