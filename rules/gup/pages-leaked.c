/* SPDX-License-Identifier: GPL-2.0-or-later */
static int fires_allocation_fails(struct dev *dev, unsigned long start, int n)
{
	struct page **pages;
	struct item *item;
	int ret;

	pages = kvmalloc_array(n, sizeof(*pages), GFP_KERNEL);
	if (!pages)
		return -ENOMEM;
	ret = pin_user_pages_fast(start, n, FOLL_WRITE, pages);
	if (ret != n) {
		if (ret > 0)
			unpin_user_pages(pages, ret);
		ret = ret < 0 ? ret : -EFAULT;
		goto free_pages;
	}
	item = kzalloc(sizeof(*item), GFP_KERNEL);
	if (!item) {
		ret = -ENOMEM;
		goto free_pages;	/* fires: GUP-P03 */
	}
	item->pages = pages;
	dev_add(dev, item);
	return 0;
free_pages:
	kvfree(pages);
	return ret;
}

static int fires_one_page(unsigned long addr, struct dev *dev)
{
	struct page *page;

	if (get_user_pages_fast(addr, 1, 0, &page) != 1)
		return -EFAULT;
	if (!dev->ready)
		return -ENODEV;	/* fires: GUP-P03 */
	memcpy(dev->buffer, page_address(page), PAGE_SIZE);
	put_page(page);
	return 0;
}

static int fires_callers_array(struct page **pages, unsigned long start, int n)
{
	int ret = pin_user_pages_fast(start, n, 0, pages);

	if (ret < 0)
		return ret;
	if (ret < n) {
		unpin_user_pages(pages, ret);
		return -EFAULT;
	}
	ret = dev_map(n);
	if (ret < 0)
		return ret;	/* fires: GUP-P03 */
	return 0;
}

static int fires_by_scope(unsigned long start, int n)
{
	struct page **pages __free(kvfree) = kvmalloc_array(n, sizeof(*pages), GFP_KERNEL);
	int ret;

	if (!pages)
		return -ENOMEM;
	ret = pin_user_pages_fast(start, n, 0, pages);
	if (ret < 0)
		return ret;
	if (ret == n && dev_busy())
		return -EBUSY;	/* fires: GUP-P03 */
	unpin_user_pages(pages, ret);
	return 0;
}

static int quiet_ladder(struct dev *dev, unsigned long start, int n)
{
	struct page **pages = kvmalloc_array(n, sizeof(*pages), GFP_KERNEL);
	int i, ret, got;

	if (!pages)
		return -ENOMEM;
	got = get_user_pages_fast(start, n, FOLL_WRITE, pages);
	if (got < n) {
		ret = got < 0 ? got : -EFAULT;
		goto put;
	}
	ret = dev_write(dev, n);
	if (ret)
		goto put;
	dev->done++;
put:
	for (i = 0; i < got; i++)
		put_page(pages[i]);
	kvfree(pages);
	return ret;
}

static int quiet_part_only(unsigned long start, int n)
{
	struct page *pages[16];
	int ret = pin_user_pages_fast(start, n, 0, pages);

	if (ret < n)
		return -EFAULT;
	unpin_user_pages(pages, n);
	return 0;
}

static void drop(struct page **pages, int n)
{
	while (n--)
		unpin_user_page(pages[n]);
}

static int quiet_by_helper(unsigned long start, int n)
{
	struct page *pages[16];
	int ret = pin_user_pages_fast(start, n, 0, pages);

	if (ret > 0)
		drop(pages, ret);
	return 0;
}

static int quiet_same_condition(unsigned long start, bool user)
{
	struct page *page;
	int ret;

	if (user) {
		ret = pin_user_pages_fast(start, 1, 0, &page);
		if (ret != 1)
			return -EFAULT;
	}
	dev_work();
	if (user)
		unpin_user_page(page);
	return 0;
}

static int quiet_by_physical_address(unsigned long start, phys_addr_t *phys)
{
	struct page *page;

	if (pin_user_pages_fast(start, 1, 0, &page) != 1)
		return -EFAULT;
	*phys = page_to_phys(page);
	return 0;
}

static int fires_folios(struct file *file, loff_t end, unsigned int n)
{
	struct folio **folios = kvmalloc_array(n, sizeof(*folios), GFP_KERNEL);
	pgoff_t at;
	long got;

	if (!folios)
		return -ENOMEM;
	got = memfd_pin_folios(file, 0, end, folios, n, &at);
	if (got <= 0)
		goto out;
	if (dev_add(got)) {
		got = -EIO;
		goto out;	/* fires: GUP-P03 */
	}
	unpin_folios(folios, got);
out:
	kvfree(folios);
	return got;
}

static struct page *one_page(unsigned long start)
{
	struct page *page;

	if (pin_user_pages_fast(start, 1, FOLL_LONGTERM, &page) != 1)
		return ERR_PTR(-ENOMEM);
	return page;
}

static void cache_flush(struct page *pages[], int n)
{
	int i;

	for (i = 0; i < n; i++)
		clflush_cache_range(page_address(pages[i]), PAGE_SIZE);
}

static int quiet_address_only_read(unsigned long start)
{
	struct page *page = one_page(start);

	if (IS_ERR(page))
		return PTR_ERR(page);
	cache_flush(&page, 1);
	unpin_user_page(page);
	return 0;
}

static int fires_address_only_read(unsigned long start)
{
	struct page *page = one_page(start);

	if (IS_ERR(page))
		return PTR_ERR(page);
	cache_flush(&page, 1);
	if (dev_add(1))
		return -EIO;	/* fires: GUP-P03 */
	unpin_user_page(page);
	return 0;
}

static long numbered(unsigned long start, unsigned long *pfn, struct batch *batch)
{
	long got = pin_user_pages_fast(start, batch->size, FOLL_LONGTERM, batch->pages);

	if (got > 0)
		*pfn = page_to_pfn(batch->pages[0]);
	return got;
}

static int quiet_by_number(unsigned long start, unsigned long *pfn)
{
	struct batch batch;
	long got;

	batch_init(&batch);
	got = numbered(start, pfn, &batch);
	if (got != 1)
		return -EFAULT;
	return 0;
}

static int quiet_that_cannot_be(struct region *region, unsigned long start, int n)
{
	struct page *page = one_page(start);

	if (IS_ERR(page))
		return PTR_ERR(page);
	if (WARN_ON_ONCE(n != region->count))
		return -EINVAL;
	region->page = page;
	return 0;
}

static ssize_t fires_iterator_one_page(struct socket *sock, struct iov_iter *iter, size_t len)
{
	struct page *page;
	size_t offset;
	ssize_t got = iov_iter_get_pages2(iter, &page, len, 1, &offset);

	if (got <= 0)
		return got;
	if (!sock->ready)
		return -EAGAIN;	/* fires: GUP-P03 */
	memcpy_to_page(page, offset, sock->header, got);
	put_page(page);
	return got;
}

static ssize_t fires_iterator_array_made(struct dev *dev, struct iov_iter *iter, size_t len)
{
	struct page **pages = NULL;
	struct item *item;
	size_t offset;
	ssize_t got = iov_iter_get_pages_alloc2(iter, &pages, len, &offset);

	if (got < 0)
		return got;
	item = kzalloc(sizeof(*item), GFP_KERNEL);
	if (!item) {
		kvfree(pages);	/* fires: GUP-P03 */
		return -ENOMEM;
	}
	item->pages = pages;
	dev_add(dev, item);
	return got;
}

static ssize_t quiet_iterator_all_put(struct socket *sock, struct iov_iter *iter, size_t len)
{
	struct page *pages[16];
	size_t offset;
	ssize_t got = iov_iter_get_pages2(iter, pages, len, 16, &offset);
	int i, n;

	if (got <= 0)
		return got;
	n = DIV_ROUND_UP(got + offset, PAGE_SIZE);
	for (i = 0; i < n; i++)
		put_page(pages[i]);
	return got;
}

static ssize_t quiet_iterator_into_message(struct message *msg, struct iov_iter *iter, size_t len)
{
	struct page *page;
	size_t offset;
	ssize_t got = iov_iter_get_pages2(iter, &page, len, 1, &offset);

	if (got <= 0)
		return got ?: -EIO;
	bvec_set_page(&msg->bvec[msg->used++], page, got, offset);
	return got;
}
