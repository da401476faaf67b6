/* SPDX-License-Identifier: GPL-2.0-or-later */
static int fires_put(unsigned long addr)
{
	struct page *page;

	if (pin_user_pages_fast(addr, 1, FOLL_WRITE, &page) != 1)
		return -EFAULT;
	put_page(page);	/* fires: GUP-P01 */
	return 0;
}

static void fires_in_loop(unsigned long addr, int n, struct page **pages)
{
	int i, got = pin_user_pages_fast(addr, n, 0, pages);

	for (i = 0; i < got; i++) {
		set_page_dirty_lock(pages[i]);
		put_page(pages[i]);	/* fires: GUP-P01 */
	}
}

static int quiet_unpin(unsigned long addr, struct page **pages, int n)
{
	int got = pin_user_pages_fast(addr, n, FOLL_WRITE, pages);

	if (got > 0)
		unpin_user_pages_dirty_lock(pages, got, true);
	return got;
}

static int quiet_flag_selects(unsigned long addr, bool pin)
{
	struct page *page;
	int got;

	if (pin)
		got = pin_user_pages_fast(addr, 1, 0, &page);
	else
		got = get_user_pages_fast(addr, 1, 0, &page);
	if (got != 1)
		return -EFAULT;
	if (pin)
		unpin_user_page(page);
	else
		put_page(page);
	return 0;
}

static int quiet_other_kind(unsigned long addr)
{
	struct page *page;

	if (get_user_pages_fast(addr, 1, FOLL_WRITE, &page) != 1)
		return -EFAULT;
	unpin_user_page(page);
	return 0;
}

/* case: an object keeps them from one function to the next */
static int take(struct file *file, unsigned long addr, int n)
{
	struct buffer *buf = file->private_data;
	int got;

	buf->pages = kvmalloc_array(n, sizeof(*buf->pages), GFP_KERNEL);
	if (!buf->pages)
		return -ENOMEM;
	got = pin_user_pages_fast(addr, n, FOLL_WRITE | FOLL_LONGTERM, buf->pages);
	buf->count = got > 0 ? got : 0;
	return got == n ? 0 : -EFAULT;
}

static int fires_release(struct inode *inode, struct file *file)
{
	struct buffer *buf = file->private_data;
	int i;

	for (i = 0; i < buf->count; i++) {
		set_page_dirty_lock(buf->pages[i]);
		put_page(buf->pages[i]);	/* fires: GUP-P01 */
	}
	kvfree(buf->pages);
	return 0;
}

/* case: through a local array and a helper, in two files */
/* file: drivers/example/buffer.c */
#include "buffer.h"

int buffer_fill(struct buffer *buf, unsigned long addr, int n)
{
	struct page **pages = kvmalloc_array(n, sizeof(*pages), GFP_KERNEL);

	if (!pages)
		return -ENOMEM;
	if (pin_user_pages_fast(addr, n, FOLL_WRITE | FOLL_LONGTERM, pages) != n) {
		kvfree(pages);
		return -EFAULT;
	}
	buf->pages = pages;
	buf->count = n;
	return 0;
}

/* file: drivers/example/release.c */
#include "buffer.h"

static void put_all(struct page **pages, int n)
{
	while (n--)
		put_page(pages[n]);
}

static void fires_through_helper(struct work_struct *work)
{
	struct buffer *buf = container_of(work, struct buffer, work);

	put_all(buf->pages, buf->count);	/* fires: GUP-P01 */
}

/* case: the release goes by a note */
static int take(struct buffer *buf, unsigned long addr, int n)
{
	return pin_user_pages_fast(addr, n, FOLL_WRITE, buf->pages);
}

static void quiet_by_a_note(struct buffer *buf)
{
	int i;

	for (i = 0; i < buf->count; i++) {
		if (buf->pinned)
			unpin_user_page(buf->pages[i]);
		else
			put_page(buf->pages[i]);
	}
}

/* case: another function fills the field too */
static int take(struct buffer *buf, unsigned long addr, int n)
{
	return pin_user_pages_fast(addr, n, FOLL_WRITE, buf->pages);
}

static int fill(struct buffer *buf)
{
	int i;

	for (i = 0; i < buf->count; i++)
		buf->pages[i] = alloc_page(GFP_KERNEL);
	return 0;
}

static void quiet_filled_by_others(struct buffer *buf)
{
	release_pages(buf->pages, buf->count);
}

/* case: objects of two types */
static int take(struct buffer *buf, unsigned long addr, int n)
{
	return pin_user_pages_fast(addr, n, FOLL_WRITE, buf->pages);
}

static void quiet_other_object(struct table *table)
{
	release_pages(table->pages, table->count);
}

/* case: one more reference is taken of what the object keeps */
static int take(struct buffer *buf, unsigned long addr, int n)
{
	return pin_user_pages_fast(addr, n, FOLL_WRITE, buf->pages);
}

static void show(struct buffer *buf, int i)
{
	get_page(buf->pages[i]);
}

static void quiet_own_reference(struct buffer *buf, int i)
{
	put_page(buf->pages[i]);
}
