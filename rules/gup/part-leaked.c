/* SPDX-License-Identifier: GPL-2.0-or-later */
static int fires_not_all(struct dev *dev, unsigned long start, int n)
{
	struct page **pages = kvmalloc_array(n, sizeof(*pages), GFP_KERNEL);
	int ret;

	if (!pages)
		return -ENOMEM;
	ret = pin_user_pages_fast(start, n, FOLL_WRITE, pages);
	if (ret != n) {
		ret = -EFAULT;
		goto free_pages;	/* fires: GUP-P04 */
	}
	dev_use(dev, pages);
	return 0;
free_pages:
	kvfree(pages);
	return ret;
}

static int fires_in_object(struct region *region, unsigned long start, int n)
{
	int got;

	region->pages = kcalloc(n, sizeof(*region->pages), GFP_KERNEL);
	if (!region->pages)
		return -ENOMEM;
	got = pin_user_pages_fast(start, n, FOLL_WRITE, region->pages);
	if (unlikely(got < n)) {
		got = got < 0 ? got : -EFAULT;
		goto out;	/* fires: GUP-P04 */
	}
	return 0;
out:
	kfree(region->pages);
	return got;
}

static long fires_callers_array(unsigned long start, unsigned long n, struct page **pages)
{
	long got;

	mmap_read_lock(current->mm);
	got = pin_user_pages(start, n, FOLL_WRITE, pages);
	mmap_read_unlock(current->mm);
	return got == n ? 0 : -EINVAL;	/* fires: GUP-P04 */
}

static int fires_references(unsigned long start, int n)
{
	struct page *pages[8];
	int got = get_user_pages_fast(start, n, 0, pages);

	if (got < n)
		return -EFAULT;	/* fires: GUP-P04 */
	release_pages(pages, got);
	return 0;
}

static int fires_folios(struct file *file, loff_t end, unsigned int n)
{
	struct folio *folios[8];
	pgoff_t at;
	long got = memfd_pin_folios(file, 0, end, folios, n, &at);

	if (got != n)
		return -EINVAL;	/* fires: GUP-P04 */
	unpin_folios(folios, got);
	return 0;
}

static int quiet_released(struct dev *dev, unsigned long start, int n, struct page **pages)
{
	int ret = pin_user_pages_fast(start, n, FOLL_WRITE, pages);

	if (ret != n) {
		if (ret > 0)
			unpin_user_pages(pages, ret);
		return -EFAULT;
	}
	return dev_use(dev, pages);
}

static int quiet_goes_on(unsigned long start, unsigned int n, struct page **pages)
{
	unsigned int done = 0;
	int ret;

	while (done < n) {
		ret = pin_user_pages_fast(start + done * PAGE_SIZE, n - done, FOLL_WRITE, pages + done);
		if (ret <= 0)
			goto undo;
		done += ret;
	}
	return 0;
undo:
	unpin_user_pages(pages, done);
	return ret ? ret : -EFAULT;
}

static int quiet_one_is_all(unsigned long start)
{
	struct page *page;
	int ret = pin_user_pages_fast(start, 1, FOLL_WRITE, &page);

	if (ret < 1)
		return -EFAULT;
	unpin_user_page(page);
	return 0;
}

static int quiet_all_lost(unsigned long start, int n)
{
	struct page *pages[8];
	int ret = pin_user_pages_fast(start, n, 0, pages);

	if (ret < 0)
		return ret;
	return -EBUSY;
}

static int quiet_count_is_kept(struct buffer *buffer, unsigned long start, int n)
{
	int ret = get_user_pages_fast(start, n, 0, buffer->pages);

	if (ret > 0)
		buffer->count = ret;
	if (ret != n)
		return -EFAULT;
	return 0;
}

static int quiet_no_pages(struct dev *dev, int n)
{
	int ret = dev_reserve(dev, n);

	return ret < n ? -ENOSPC : 0;
}

static int fires_warned_of_a_part(struct region *region, unsigned long start, int n, struct page **pages)
{
	struct page *local[8];
	int got = pin_user_pages_fast(start, 8, FOLL_WRITE, local);

	if (got < 0)
		return got;
	if (WARN_ON_ONCE(got != 8))
		return -EFAULT;	/* fires: GUP-P04 */
	memcpy(region->data, page_address(local[0]), n);
	unpin_user_pages_dirty_lock(local, 8, true);
	return 0;
}

static int fires_a_part_is_a_success(struct buffer *buf, unsigned long addr, int n)
{
	int ret = pin_user_pages_fast(addr, n, FOLL_WRITE | FOLL_LONGTERM, buf->pages);	/* fires: GUP-P04 */

	if (ret < 0)
		return ret;
	buf->count = n;
	return 0;
}

static int quiet_the_number_is_kept(struct buffer *buf, unsigned long addr, int n)
{
	int ret = pin_user_pages_fast(addr, n, FOLL_WRITE | FOLL_LONGTERM, buf->pages);

	if (ret < 0)
		return ret;
	buf->count = ret;
	return 0;
}

static int quiet_the_number_is_returned(struct buffer *buf, unsigned long addr, int n)
{
	int ret = pin_user_pages_fast(addr, n, FOLL_WRITE | FOLL_LONGTERM, buf->pages);

	if (ret <= 0)
		return ret ? ret : -EFAULT;
	return ret;
}

static int quiet_compared_with_what_was_asked_for(struct buffer *buf, unsigned long addr, size_t size)
{
	int ret = pin_user_pages_fast(addr, size >> PAGE_SHIFT, FOLL_WRITE | FOLL_LONGTERM, buf->pages);

	if (ret < 0)
		return ret;
	if (ret << PAGE_SHIFT < size) {
		unpin_user_pages(buf->pages, ret);
		return -EFAULT;
	}
	return 0;
}

static int fires_next_range_after_a_part(struct range *ranges, int n, struct page **pages, int *total)
{
	int i, got;

	for (i = 0; i < n; i++) {
		got = get_user_pages_fast(ranges[i].start, ranges[i].count, FOLL_WRITE, pages);	/* fires: GUP-P04 */
		if (got < 0)
			return got;
		*total += got;
		pages += got;
	}
	return 0;
}

static int quiet_range_goes_on_by_a_field(struct buffer *buf, struct range *range, int n, struct page **pages)
{
	int got;

	buf->count = 0;
	while (n - buf->count) {
		unsigned long addr = range->start + buf->count * PAGE_SIZE;

		got = get_user_pages_fast(addr, n - buf->count, FOLL_WRITE, pages);
		if (got < 0)
			return got;
		buf->count += got;
		pages += got;
	}
	return 0;
}

static int quiet_range_goes_on_with_the_array(unsigned long addr, int n, struct page **pages)
{
	int got;

	while (n > 0) {
		got = get_user_pages_fast(addr, n, FOLL_WRITE, pages);
		if (got < 0)
			return got;
		addr += got * PAGE_SIZE;
		pages += got;
		n -= got;
	}
	return 0;
}

static int quiet_next_range_after_all(struct range *ranges, int n, struct page **pages, int *total)
{
	int i, got;

	for (i = 0; i < n; i++) {
		got = get_user_pages_fast(ranges[i].start, ranges[i].count, FOLL_WRITE, pages);
		if (got > 0)
			*total += got;
		if (got != ranges[i].count)
			return -EFAULT;
		pages += got;
	}
	return 0;
}
