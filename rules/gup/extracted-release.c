/* SPDX-License-Identifier: GPL-2.0-or-later */
static ssize_t fires_unpins_always(struct iov_iter *iter, size_t len)
{
	struct page *stack[16], **pages = stack;
	size_t offset;
	ssize_t got = iov_iter_extract_pages(iter, &pages, len, 16, 0, &offset);

	if (got <= 0)
		return got;
	send_pages(pages, got, offset);
	unpin_user_pages(pages, DIV_ROUND_UP(got + offset, PAGE_SIZE));	/* fires: GUP-P09 */
	return got;
}

static ssize_t fires_puts(struct iov_iter *iter, size_t len)
{
	struct page *page, **pages = &page;
	size_t offset;
	ssize_t got = iov_iter_extract_pages(iter, &pages, len, 1, 0, &offset);

	if (got <= 0)
		return got;
	put_page(pages[0]);	/* fires: GUP-P09 */
	return got;
}

static ssize_t fires_puts_where_asked(struct iov_iter *iter, struct page **pages, size_t len)
{
	bool user = iov_iter_extract_will_pin(iter);
	size_t offset;
	ssize_t got = iov_iter_extract_pages(iter, &pages, len, 16, 0, &offset);
	int i;

	for (i = 0; user && i < 16; i++)
		put_page(pages[i]);	/* fires: GUP-P09 */
	return got;
}

static ssize_t quiet_asks(struct iov_iter *iter, size_t len)
{
	struct page *stack[16], **pages = stack;
	size_t offset;
	ssize_t got = iov_iter_extract_pages(iter, &pages, len, 16, 0, &offset);

	if (got <= 0)
		return got;
	send_pages(pages, got, offset);
	if (iov_iter_extract_will_pin(iter))
		unpin_user_pages(pages, DIV_ROUND_UP(got + offset, PAGE_SIZE));
	return got;
}

static ssize_t quiet_remembers(struct request *request, struct iov_iter *iter, size_t len)
{
	struct page *stack[16], **pages = stack;
	size_t offset;
	ssize_t got = iov_iter_extract_pages(iter, &pages, len, 16, 0, &offset);

	if (request->need_unpin && got > 0)
		unpin_user_pages(pages, DIV_ROUND_UP(got + offset, PAGE_SIZE));
	return got;
}

static int quiet_taken_by_itself(unsigned long addr, int n, struct page **pages)
{
	int got = pin_user_pages_fast(addr, n, 0, pages);

	if (got > 0)
		unpin_user_pages(pages, got);
	return got;
}

static int quiet_for_another_rule(unsigned long addr)
{
	struct page *page;

	if (pin_user_pages_fast(addr, 1, 0, &page) != 1)
		return -EFAULT;
	put_page(page);
	return 0;
}

static ssize_t fires_puts_what_is_in_the_list(struct iov_iter *iter, struct sg_table *table, struct page **pages, size_t len)
{
	struct scatterlist *sg = table->sgl;
	ssize_t got, all = 0;
	size_t offset;

	while (len > 0) {
		got = iov_iter_extract_pages(iter, &pages, len, 1, 0, &offset);
		if (got <= 0)
			goto undo;
		sg_set_page(sg++, pages[0], got, offset);
		table->nents++;
		len -= got;
		all += got;
	}
	return all;
undo:
	while (table->nents > 0)
		put_page(sg_page(&table->sgl[--table->nents]));	/* fires: GUP-P09 */
	return got;
}

static ssize_t quiet_unpins_what_is_in_the_list(struct iov_iter *iter, struct sg_table *table, struct page **pages, size_t len)
{
	struct page *page;
	size_t offset;
	ssize_t got = iov_iter_extract_pages(iter, &pages, len, 1, 0, &offset);

	if (got <= 0)
		return got;
	page = pages[0];
	sg_set_page(table->sgl, page, got, offset);
	if (!start(table)) {
		unpin_user_page(sg_page(table->sgl));
		return -EIO;
	}
	return got;
}

static ssize_t quiet_another_list(struct iov_iter *iter, struct scatterlist *old, struct page **pages, size_t len)
{
	size_t offset;
	ssize_t got = iov_iter_extract_pages(iter, &pages, len, 1, 0, &offset);

	put_page(sg_page(old));
	return got;
}
