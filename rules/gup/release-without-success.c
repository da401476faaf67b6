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

static int fires_slot_that_failed(unsigned long addr, int n, struct page **pages)
{
	int i;

	for (i = 0; i < n; i++) {
		if (get_user_pages_fast(addr + i * PAGE_SIZE, 1, 0, &pages[i]) != 1)
			goto undo;
	}
	return 0;
undo:
	for (; i >= 0; i--)
		put_page(pages[i]);	/* fires: GUP-P16 */
	return -EFAULT;
}

static int quiet_slots_before_it(unsigned long addr, int n, struct page **pages)
{
	int i;

	for (i = 0; i < n; i++) {
		if (get_user_pages_fast(addr + i * PAGE_SIZE, 1, 0, &pages[i]) != 1)
			goto undo;
	}
	return 0;
undo:
	while (i--)
		put_page(pages[i]);
	return -EFAULT;
}

static int quiet_as_many_as_before_it(unsigned long addr, int n, struct page **pages)
{
	int i, ret;

	for (i = 0; i < n; i++) {
		ret = pin_user_pages_fast(addr + i * PAGE_SIZE, 1, FOLL_WRITE, &pages[i]);
		if (ret < 0)
			goto err;
		if (ret == 0) {
			ret = -EFAULT;
			goto err;
		}
	}
	return 0;
err:
	unpin_user_pages(pages, i);
	return ret;
}

static int quiet_behind_those_before_it(struct context *ctx, unsigned long addr, unsigned int n)
{
	unsigned int done;

	for (done = 0; done < n; done++) {
		if (pin_user_pages_fast(addr + done * PAGE_SIZE, 1, FOLL_WRITE, ctx->pages + done) != 1)
			goto err;
	}
	return 0;
err:
	unpin_user_pages(ctx->pages, done);
	return -EFAULT;
}

static int fires_all_of_them(struct context *ctx, unsigned long addr, int n)
{
	int i;

	for (i = 0; i < n; i++) {
		if (pin_user_pages_fast(addr + i * PAGE_SIZE, 1, FOLL_WRITE, &ctx->pages[i]) != 1)
			goto err;
	}
	return 0;
err:
	unpin_user_pages(ctx->pages, n);	/* fires: GUP-P16 */
	return -EFAULT;
}

static int fires_with_the_one_that_failed(struct context *ctx, unsigned long addr, int n)
{
	int i;

	for (i = 0; i < n; i++) {
		if (pin_user_pages_fast(addr + i * PAGE_SIZE, 1, FOLL_WRITE, &ctx->pages[i]) != 1)
			goto err;
	}
	return 0;
err:
	unpin_user_pages(ctx->pages, i + 1);	/* fires: GUP-P16 */
	return -EFAULT;
}
