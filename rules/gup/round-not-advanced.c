/* SPDX-License-Identifier: GPL-2.0-or-later */
static int fires_same_place(unsigned long addr, int n, struct page **pages)
{
	int left = n, got;

	while (left) {
		got = pin_user_pages_fast(addr, left, FOLL_WRITE, pages);	/* fires: GUP-P20 */
		if (got <= 0)
			return -EFAULT;
		left -= got;
		addr += got * PAGE_SIZE;
	}
	return 0;
}

static int fires_one_slot(unsigned long addr, int n)
{
	struct page *page;
	int i;

	for (i = 0; i < n; i++) {
		if (get_user_pages_fast(addr + i * PAGE_SIZE, 1, 0, &page) != 1)	/* fires: GUP-P20 */
			return -EFAULT;
		flush_dcache_page(page);
	}
	put_page(page);
	return 0;
}

static int fires_as_many_again(unsigned long addr, int n, struct page **pages)
{
	int done = 0, got;

	while (done < n) {
		got = pin_user_pages_fast(addr + done * PAGE_SIZE, n, FOLL_WRITE, pages + done);	/* fires: GUP-P20 */
		if (got <= 0)
			break;
		done += got;
	}
	return done;
}

static int quiet_goes_on(unsigned long addr, int n, struct page **pages)
{
	int done = 0, got;

	while (done < n) {
		got = pin_user_pages_fast(addr + done * PAGE_SIZE, n - done, FOLL_WRITE, pages + done);
		if (got <= 0)
			break;
		done += got;
	}
	return done;
}

static int quiet_pointer_goes_on(unsigned long addr, int n, struct page **pages)
{
	int got;

	while (n) {
		got = pin_user_pages_fast(addr, n, FOLL_WRITE, pages);
		if (got <= 0)
			return -EFAULT;
		pages += got;
		n -= got;
	}
	return 0;
}

static int quiet_given_back_each_time(unsigned long addr, int n)
{
	struct page *page;
	int i;

	for (i = 0; i < n; i++) {
		if (get_user_pages_fast(addr + i * PAGE_SIZE, 1, 0, &page) != 1)
			return -EFAULT;
		flush_dcache_page(page);
		put_page(page);
	}
	return 0;
}

static int quiet_elements(unsigned long addr, int n, struct page **pages)
{
	int i;

	for (i = 0; i < n; i++) {
		if (get_user_pages_fast(addr + i * PAGE_SIZE, 1, 0, &pages[i]) != 1)
			return -EFAULT;
	}
	return 0;
}

static int quiet_batches(unsigned long addr, int batch, int n, struct page **pages)
{
	int i;

	for (i = 0; i < n; i++) {
		if (pin_user_pages_fast(addr + i * batch * PAGE_SIZE, batch, 0, pages + i * batch) != batch)
			return -EFAULT;
	}
	return 0;
}

static int one_round(struct pipe *pipe, unsigned long addr, int n)
{
	int got = pin_user_pages_fast(addr, n, FOLL_WRITE, pipe->pages);

	if (got < 0)
		return got;
	pipe_send(pipe);
	unpin_user_pages_dirty_lock(pipe->pages, got, true);
	return 0;
}

static int quiet_given_back_each_round(struct pipe *pipe, unsigned long addr, int n)
{
	int ret;

	while (n > 0) {
		ret = one_round(pipe, addr, n);
		if (ret < 0)
			return ret;
		n -= pipe->done;
	}
	return 0;
}
