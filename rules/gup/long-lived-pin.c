/* SPDX-License-Identifier: GPL-2.0-or-later */
static int fires_region(struct region *region, unsigned long addr, int n)
{
	int ret = pin_user_pages_fast(addr, n, FOLL_WRITE, region->pages);	/* fires: GUP-F07 */

	if (ret < 0)
		return ret;
	if (ret != n) {
		unpin_user_pages(region->pages, ret);
		return -EFAULT;
	}
	return 0;
}

static int fires_choice(struct region *region, unsigned long addr, int n, bool write)
{
	int ret = pin_user_pages_fast(addr, n, write ? FOLL_WRITE : 0, region->pages);	/* fires: GUP-F07 */

	if (ret == n)
		return 0;
	if (ret > 0)
		unpin_user_pages(region->pages, ret);
	return -EFAULT;
}

static int quiet_longterm(struct region *region, unsigned long addr, int n)
{
	int ret = pin_user_pages_fast(addr, n, FOLL_WRITE | FOLL_LONGTERM, region->pages);

	if (ret == n)
		return 0;
	if (ret > 0)
		unpin_user_pages(region->pages, ret);
	return -EFAULT;
}

static int quiet_short(struct region *region, unsigned long addr, int n)
{
	int ret = pin_user_pages_fast(addr, n, FOLL_WRITE, region->pages);

	if (ret <= 0)
		return -EFAULT;
	dev_copy(n);
	unpin_user_pages(region->pages, ret);
	return 0;
}

static int quiet_references(struct region *region, unsigned long addr, int n)
{
	int ret = get_user_pages_fast(addr, n, FOLL_WRITE, region->pages);

	if (ret <= 0)
		return -EFAULT;
	region->count = ret;
	return 0;
}

static int quiet_handed_on(struct list_head *bios, unsigned long addr)
{
	struct page *page;

	if (pin_user_pages_fast(addr, 1, FOLL_WRITE, &page) != 1)
		return -EFAULT;
	bio_submit(bios, page);
	return 0;
}

static int quiet_leak(unsigned long addr)
{
	struct page *page;

	if (pin_user_pages_fast(addr, 1, FOLL_WRITE, &page) != 1)
		return -EFAULT;
	return 0;
}

static int fires_buffer(struct buffer *buffer, unsigned long addr, int n)
{
	int ret = pin_user_pages_fast(addr, n, FOLL_WRITE, buffer->held);	/* fires: GUP-F07 */

	if (ret == n)
		return 0;
	if (ret > 0)
		unpin_user_pages(buffer->held, ret);
	return -EFAULT;
}

static void drop_buffer(struct buffer *buffer)
{
	unpin_user_pages(buffer->held, buffer->count);
}

static int buffer_release(struct inode *inode, struct file *file)
{
	drop_buffer(file->private_data);
	return 0;
}

static const struct file_operations buffer_fops = {
	.release = buffer_release,
};

static int quiet_frame(struct frame *frame, unsigned long addr, int n)
{
	int ret = pin_user_pages_fast(addr, n, FOLL_WRITE, frame->map);

	if (ret == n)
		return 0;
	if (ret > 0)
		unpin_user_pages(frame->map, ret);
	return -EFAULT;
}

static int quiet_frame_of_one_call(struct frame *frame, unsigned long addr, int n)
{
	int ret = quiet_frame(frame, addr, n);

	if (ret)
		return ret;
	dev_copy(n);
	unpin_user_pages(frame->map, n);
	return 0;
}

static void request_end_io(struct bio *bio)
{
	struct request *request = bio->bi_private;

	unpin_user_pages(request->vecs, request->count);
}

static int quiet_until_the_device_is_done(struct request *request, struct bio *bio, unsigned long addr, int n)
{
	int ret = pin_user_pages_fast(addr, n, FOLL_WRITE, request->vecs);

	if (ret != n) {
		if (ret > 0)
			unpin_user_pages(request->vecs, ret);
		return -EFAULT;
	}
	bio->bi_private = request;
	bio->bi_end_io = request_end_io;
	submit_bio(bio);
	return 0;
}

static struct page **lend_pages(unsigned long addr, int n, unsigned int flags)
{
	struct page **pages = kvmalloc_array(n, sizeof(*pages), GFP_KERNEL);
	int got;

	if (!pages)
		return ERR_PTR(-ENOMEM);
	got = pin_user_pages_fast(addr, n, flags, pages);
	if (got != n) {
		if (got > 0)
			unpin_user_pages(pages, got);
		kvfree(pages);
		return ERR_PTR(-ENOMEM);
	}
	return pages;
}

static int fires_through_a_function(struct vault *vault, unsigned long addr, int n)
{
	struct page **pages = lend_pages(addr, n, FOLL_WRITE);	/* fires: GUP-F07 */

	if (IS_ERR(pages))
		return PTR_ERR(pages);
	vault->slots = pages;
	return 0;
}

static int quiet_through_a_function(struct vault *vault, unsigned long addr, int n)
{
	struct page **pages = lend_pages(addr, n, FOLL_WRITE | FOLL_LONGTERM);

	if (IS_ERR(pages))
		return PTR_ERR(pages);
	vault->slots = pages;
	return 0;
}

static int quiet_waits_for_the_device(struct engine *engine, unsigned long addr, int n)
{
	int ret = pin_user_pages_fast(addr, n, FOLL_WRITE, engine->work);

	if (ret != n) {
		if (ret > 0)
			unpin_user_pages(engine->work, ret);
		return -EFAULT;
	}
	engine_start(engine);
	wait_event(engine->queue, engine->idle);
	return 0;
}

static int fires_written_down_later(struct shelf *shelf, unsigned long addr, int n)
{
	struct page **pages = kvmalloc_array(n, sizeof(*pages), GFP_KERNEL);
	int ret;

	if (!pages)
		return -ENOMEM;
	ret = pin_user_pages_fast(addr, n, FOLL_WRITE, pages);	/* fires: GUP-F07 */
	if (ret != n) {
		if (ret > 0)
			unpin_user_pages(pages, ret);
		kvfree(pages);
		return -EFAULT;
	}
	shelf->books = pages;
	return 0;
}

static int quiet_is_told_of_changes(struct vault *vault, unsigned long addr, int n)
{
	unsigned long seq = mmu_interval_read_begin(&vault->notifier);
	int ret = pin_user_pages_fast(addr, n, FOLL_WRITE, vault->slots);

	if (ret != n) {
		if (ret > 0)
			unpin_user_pages(vault->slots, ret);
		return -EFAULT;
	}
	vault->seq = seq;
	return 0;
}
