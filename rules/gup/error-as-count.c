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

static int fires_counted_down(unsigned long addr, int n, struct page **pages)
{
	int ret = get_user_pages_fast(addr, n, 0, pages);

	if (ret < n) {
		while (ret--)
			put_page(pages[ret]);	/* fires: GUP-P05 */
		return -EFAULT;
	}
	return 0;
}

static int fires_added_before_the_test(unsigned long addr, int n, struct page **pages)
{
	int done = 0, ret;

	do {
		ret = pin_user_pages_fast(addr + done * PAGE_SIZE, n - done, 0, pages + done);
		done += ret;
		if (ret <= 0)
			goto undo;
	} while (done < n);
	return 0;
undo:
	unpin_user_pages(pages, done);	/* fires: GUP-P05 */
	return -EFAULT;
}

static int fires_unsigned_is_never_negative(unsigned long addr, unsigned long n, struct page **pages)
{
	unsigned long got = pin_user_pages(addr, n, FOLL_WRITE, pages);

	if (got <= 0)
		return -EFAULT;
	if (got < n) {
		unpin_user_pages(pages, got);
		return -EFAULT;
	}
	dev_use(pages);
	return 0;	/* fires: GUP-P05 */
}

static int quiet_small_numbers_are_int(unsigned long addr, u8 n, struct page **pages)
{
	int got = pin_user_pages_fast(addr, n, FOLL_WRITE, pages);

	if (got < n) {
		if (got > 0)
			unpin_user_pages(pages, got);
		return -EFAULT;
	}
	unpin_user_pages(pages, n);
	return 0;
}

static int quiet_counted_down_from_success(unsigned long addr, int n, struct page **pages)
{
	int got = get_user_pages_fast(addr, n, 0, pages);

	if (got < 0)
		return got;
	while (got--)
		put_page(pages[got]);
	return 0;
}

static int quiet_added_after_the_test(unsigned long addr, int n, struct page **pages)
{
	int done = 0, ret;

	do {
		ret = pin_user_pages_fast(addr + done * PAGE_SIZE, n - done, 0, pages + done);
		if (ret <= 0)
			goto undo;
		done += ret;
	} while (done < n);
	return 0;
undo:
	unpin_user_pages(pages, done);
	return -EFAULT;
}
