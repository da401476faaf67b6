/* SPDX-License-Identifier: GPL-2.0-or-later */
/* case: one release for both */
static int fires_by_kind_of_memory(struct buffer *buf, unsigned long addr, int n)
{
	int got;

	if (buf->user)
		got = pin_user_pages_fast(addr, n, FOLL_WRITE, buf->pages);
	else
		got = get_user_pages_fast(addr, n, FOLL_WRITE, buf->pages);	/* fires: GUP-P08 */
	buf->count = got > 0 ? got : 0;
	return got == n ? 0 : -EFAULT;
}

static void release(struct buffer *buf)
{
	unpin_user_pages(buf->pages, buf->count);
}

/* case: two functions, one release */
static int take_long(struct region *region, unsigned long addr)
{
	return pin_user_pages_fast(addr, 1, FOLL_LONGTERM, &region->page);	/* fires: GUP-P08 */
}

static int fires_two_ways_in(struct region *region, unsigned long addr)
{
	return get_user_pages_fast(addr, 1, 0, &region->page);
}

static void release(struct region *region)
{
	put_page(region->page);
}

/* case: the release asks */
static int quiet_with_a_note(struct buffer *buf, unsigned long addr, int n)
{
	if (buf->user)
		return pin_user_pages_fast(addr, n, FOLL_WRITE, buf->pages);
	return get_user_pages_fast(addr, n, FOLL_WRITE, buf->pages);
}

static void release(struct buffer *buf)
{
	if (buf->user)
		unpin_user_pages(buf->pages, buf->count);
	else
		release_pages(buf->pages, buf->count);
}

/* case: two places */
static int quiet_two_places(struct buffer *buf, struct table *table, unsigned long addr, int n)
{
	if (buf->user)
		return pin_user_pages_fast(addr, n, FOLL_WRITE, buf->pages);
	return get_user_pages_fast(addr, n, FOLL_WRITE, table->pages);
}

static void release(struct buffer *buf)
{
	unpin_user_pages(buf->pages, buf->count);
}
