/* SPDX-License-Identifier: GPL-2.0-or-later */
static ssize_t fires_extracted(struct iov_iter *iter, size_t len, struct page **pages)
{
	size_t offset;
	ssize_t got = iov_iter_extract_pages(iter, &pages, len, 16, 0, &offset);

	if (got > 0)
		get_page(pages[0]);	/* fires: GUP-P13 */
	return got;
}

static int fires_slab(struct queue *queue, unsigned long addr, size_t len)
{
	void *copy = kmalloc(len, GFP_KERNEL);
	struct page *page;

	if (!copy)
		return -ENOMEM;
	page = virt_to_page(copy);
	get_page(page);	/* fires: GUP-P13 */
	queue_page(queue, page);
	return get_user_pages_fast(addr, 1, 0, &queue->user);
}

static ssize_t quiet_asks(struct iov_iter *iter, size_t len, struct page **pages)
{
	size_t offset;
	ssize_t got = iov_iter_extract_pages(iter, &pages, len, 16, 0, &offset);

	if (got > 0 && user_backed_iter(iter))
		get_page(pages[0]);
	return got;
}

static int quiet_own_page(struct queue *queue, unsigned long addr)
{
	void *copy = (void *)__get_free_page(GFP_KERNEL);
	struct page *page;

	if (!copy)
		return -ENOMEM;
	page = virt_to_page(copy);
	get_page(page);
	queue_page(queue, page);
	return get_user_pages_fast(addr, 1, 0, &queue->user);
}

static int quiet_of_user(struct queue *queue, unsigned long addr)
{
	struct page *page;

	if (get_user_pages_fast(addr, 1, 0, &page) != 1)
		return -EFAULT;
	get_page(page);
	queue_page(queue, page);
	put_page(page);
	return 0;
}

static int fires_on_the_arm_of_kernel_memory(struct iov_iter *iter, struct page **pages, int n, size_t *off)
{
	ssize_t len = iov_iter_extract_pages(iter, &pages, LONG_MAX, n, 0, off);
	int i;

	if (len <= 0)
		return -EFAULT;
	if (iov_iter_is_kvec(iter))
		for (i = 0; i < n; i++)
			get_page(pages[i]);	/* fires: GUP-P13 */
	return 0;
}

static int quiet_on_the_other_arm(struct iov_iter *iter, struct page **pages, int n, size_t *off)
{
	ssize_t len = iov_iter_extract_pages(iter, &pages, LONG_MAX, n, 0, off);
	int i;

	if (len <= 0)
		return -EFAULT;
	if (!iov_iter_is_kvec(iter))
		for (i = 0; i < n; i++)
			get_page(pages[i]);
	return 0;
}
