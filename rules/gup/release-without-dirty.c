/* SPDX-License-Identifier: GPL-2.0-or-later */
static int fires_written_by_cpu(unsigned long addr, const void *from)
{
	struct page *page;
	void *to;

	if (pin_user_pages_fast(addr, 1, FOLL_WRITE, &page) != 1)
		return -EFAULT;
	to = kmap_local_page(page);
	memcpy(to + offset_in_page(addr), from, 16);
	kunmap_local(to);
	unpin_user_page(page);	/* fires: GUP-D01 */
	return 0;
}

static int fires_bit_set_in_page(unsigned long addr, int bit, unsigned int flags)
{
	struct page *page;
	unsigned long *base;

	if (get_user_pages_fast(addr, 1, flags, &page) < 1)
		return -EFAULT;
	base = kmap_atomic(page);
	set_bit(bit, base);
	kunmap_atomic(base);
	put_page(page);	/* fires: GUP-D01 */
	return 0;
}

static int fires_stored_through_address(unsigned long addr, u32 value)
{
	struct page *page;
	u32 *word;

	if (pin_user_pages_fast(addr, 1, FOLL_WRITE, &page) != 1)
		return -EFAULT;
	word = page_address(page);
	*word = value;
	unpin_user_pages_dirty_lock(&page, 1, false);	/* fires: GUP-D01 */
	return 0;
}

static int fires_read_by_device(struct device *dev, unsigned long addr, unsigned int flags)
{
	struct page *page;
	dma_addr_t dma;

	if (pin_user_pages_fast(addr, 1, flags, &page) != 1)
		return -EFAULT;
	dma = dma_map_page(dev, page, 0, PAGE_SIZE, DMA_FROM_DEVICE);
	if (!dma_mapping_error(dev, dma)) {
		start_and_wait(dev, dma);
		dma_unmap_page(dev, dma, PAGE_SIZE, DMA_FROM_DEVICE);
		unpin_user_page(page);	/* fires: GUP-D01 */
		return 0;
	}
	unpin_user_page(page);
	return -EIO;
}

static int fires_page_helpers(unsigned long addr, struct page *other)
{
	struct page *page;

	if (get_user_pages_fast(addr, 1, FOLL_WRITE, &page) != 1)
		return -EFAULT;
	copy_highpage(page, other);
	put_page(page);	/* fires: GUP-D01 */
	return 0;
}

static int quiet_marked_first(unsigned long addr, const void *from)
{
	struct page *page;
	void *to;

	if (pin_user_pages_fast(addr, 1, FOLL_WRITE, &page) != 1)
		return -EFAULT;
	to = kmap_local_page(page);
	memcpy(to, from, 16);
	kunmap_local(to);
	set_page_dirty_lock(page);
	unpin_user_page(page);
	return 0;
}

static int quiet_marked_by_release(unsigned long addr, u32 value)
{
	struct page *page;
	u32 *word;

	if (pin_user_pages_fast(addr, 1, FOLL_WRITE, &page) != 1)
		return -EFAULT;
	word = page_address(page);
	*word = value;
	unpin_user_pages_dirty_lock(&page, 1, true);
	return 0;
}

static int quiet_only_read(unsigned long addr, void *to)
{
	struct page *page;
	void *from;

	if (pin_user_pages_fast(addr, 1, 0, &page) != 1)
		return -EFAULT;
	from = kmap_local_page(page);
	memcpy(to, from, 16);
	kunmap_local(from);
	unpin_user_page(page);
	return 0;
}

static int quiet_read_by_device(struct device *dev, unsigned long addr)
{
	struct page *page;
	dma_addr_t dma;

	if (pin_user_pages_fast(addr, 1, 0, &page) != 1)
		return -EFAULT;
	dma = dma_map_page(dev, page, 0, PAGE_SIZE, DMA_TO_DEVICE);
	if (!dma_mapping_error(dev, dma)) {
		start_and_wait(dev, dma);
		dma_unmap_page(dev, dma, PAGE_SIZE, DMA_TO_DEVICE);
	}
	unpin_user_page(page);
	return 0;
}

static void quiet_marked_after_unmapping(struct buffer *buf)
{
	dma_unmap_sg(buf->dev, buf->sgl, buf->nents, DMA_FROM_DEVICE);
	unpin_user_pages_dirty_lock(buf->pages, buf->count, buf->wrote);
}

static void quiet_device_only_read(struct buffer *buf)
{
	dma_unmap_sg(buf->dev, buf->sgl, buf->nents, DMA_TO_DEVICE);
	unpin_user_pages(buf->pages, buf->count);
}

static int quiet_write_of_the_array(unsigned long addr, int n, struct page **pages)
{
	int got;

	memset(pages, 0, n * sizeof(*pages));
	got = pin_user_pages_fast(addr, n, FOLL_WRITE, pages);
	if (got > 0)
		unpin_user_pages(pages, got);
	return got;
}

/* case: taken for writing in one function, given back in another, and marked in none */
static int take(struct region *region, unsigned long addr, int n)
{
	int got = pin_user_pages_fast(addr, n, FOLL_WRITE | FOLL_LONGTERM, region->pages);

	region->count = got > 0 ? got : 0;
	return got == n ? 0 : -EFAULT;
}

static void fires_never_marked(struct region *region)
{
	unpin_user_pages(region->pages, region->count);	/* fires: GUP-D01 */
	kvfree(region->pages);
}

/* case: taken for reading */
static int take(struct region *region, unsigned long addr, int n)
{
	int got = pin_user_pages_fast(addr, n, FOLL_LONGTERM, region->pages);

	region->count = got > 0 ? got : 0;
	return got == n ? 0 : -EFAULT;
}

static void quiet_for_reading(struct region *region)
{
	unpin_user_pages(region->pages, region->count);
}

/* case: the file marks pages elsewhere */
static int take(struct region *region, unsigned long addr, int n)
{
	int got = pin_user_pages_fast(addr, n, FOLL_WRITE | FOLL_LONGTERM, region->pages);

	region->count = got > 0 ? got : 0;
	return got == n ? 0 : -EFAULT;
}

static void quiet_marked_before(struct region *region)
{
	unpin_user_pages(region->pages, region->count);
}

static void done(struct region *region)
{
	int i;

	for (i = 0; i < region->count; i++)
		set_page_dirty_lock(region->pages[i]);
}

/* case: a release by itself */
static void fires_after_unmapping(struct buffer *buf)
{
	dma_unmap_sg(buf->dev, buf->sgl, buf->nents, DMA_BIDIRECTIONAL);
	unpin_user_pages(buf->pages, buf->count);	/* fires: GUP-D01 */
	kvfree(buf->pages);
}

/* case: a mapping that nobody used */
static int quiet_mapping_undone(struct region *region, struct page **pages, unsigned long addr, int n)
{
	int got = pin_user_pages_fast(addr, n, FOLL_WRITE | FOLL_LONGTERM, pages);
	int ret = -EFAULT;

	if (got < 0)
		return got;
	if (got < n)
		goto unpin;
	ret = dma_map_sgtable(region->dev, &region->table, DMA_FROM_DEVICE, 0);
	if (ret < 0)
		goto unpin;
	ret = charge_region(region, n);
	if (ret < 0) {
		dma_unmap_sgtable(region->dev, &region->table, DMA_FROM_DEVICE, 0);
		goto unpin;
	}
	region->pages = pages;
	return 0;
unpin:
	unpin_user_pages(pages, got);
	return ret;
}

static int fires_mapping_used(struct region *region, struct page **pages, unsigned long addr, int n)
{
	int got = pin_user_pages_fast(addr, n, FOLL_WRITE, pages);

	if (got <= 0)
		return got ? got : -EFAULT;
	if (!dma_map_sgtable(region->dev, &region->table, DMA_FROM_DEVICE, 0)) {
		wait_for_device(region);
		dma_unmap_sgtable(region->dev, &region->table, DMA_FROM_DEVICE, 0);
	}
	unpin_user_pages(pages, got);	/* fires: GUP-D01 */
	return 0;
}

/* case: in two files, and neither marks any page */
/* file: drivers/example/take.c */
int region_take(struct region *region, unsigned long addr, int n)
{
	return pin_user_pages_fast(addr, n, FOLL_WRITE | FOLL_LONGTERM, region->pages);
}

/* file: drivers/example/release.c */
static void fires_in_other_file(struct region *region)
{
	unpin_user_pages(region->pages, region->count);	/* fires: GUP-D01 */
}

/* case: in two files, one of which marks pages */
/* file: drivers/example/take.c */
int region_take(struct region *region, unsigned long addr, int n)
{
	return pin_user_pages_fast(addr, n, FOLL_WRITE | FOLL_LONGTERM, region->pages);
}

void region_done(struct region *region, int nth)
{
	set_page_dirty_lock(region->pages[nth]);
}

/* file: drivers/example/release.c */
static void quiet_marked_in_other_file(struct region *region)
{
	unpin_user_pages(region->pages, region->count);
}
