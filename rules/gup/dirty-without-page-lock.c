/* SPDX-License-Identifier: GPL-2.0-or-later */
static int fires_before_put(unsigned long addr)
{
	struct page *page;

	if (get_user_pages_fast(addr, 1, FOLL_WRITE, &page) != 1)
		return -EFAULT;
	clear_highpage(page);
	set_page_dirty(page);	/* fires: GUP-D02 */
	put_page(page);
	return 0;
}

static void fires_in_release_loop(struct buffer *buf)
{
	int i;

	for (i = 0; i < buf->count; i++) {
		if (buf->wrote && !PageReserved(buf->pages[i]))
			SetPageDirty(buf->pages[i]);	/* fires: GUP-D02 */
		put_page(buf->pages[i]);
	}
}

static void fires_folio_of_pin(struct buffer *buf)
{
	struct folio *folio = page_folio(buf->page);

	folio_mark_dirty(folio);	/* fires: GUP-D02 */
	unpin_user_page(buf->page);
}

static void fires_when_lock_is_not_got(struct page *page)
{
	if (!trylock_page(page))
		goto put;
	wait_on_page_writeback(page);
put:
	set_page_dirty(page);	/* fires: GUP-D02 */
	unpin_user_page(page);
}

static void quiet_variant_with_lock(struct buffer *buf)
{
	int i;

	for (i = 0; i < buf->count; i++) {
		set_page_dirty_lock(buf->pages[i]);
		put_page(buf->pages[i]);
	}
}

static void quiet_under_lock(struct page *page)
{
	lock_page(page);
	set_page_dirty(page);
	unlock_page(page);
	unpin_user_page(page);
}

static void quiet_under_trylock(struct buffer *buf)
{
	struct page *page = buf->page;

	if (trylock_page(page)) {
		set_page_dirty(page);
		unlock_page(page);
	} else {
		hand_to_worker(buf);
	}
	unpin_user_page(page);
}

static void quiet_locked_by_the_caller(struct folio *folio)
{
	folio_mark_dirty(folio);
	folio_unlock(folio);
	folio_put(folio);
}

static void quiet_other_page(struct page *page, struct page *meta)
{
	set_page_dirty(meta);
	put_page(page);
}

static void fires_array_of_the_caller(struct page **pages, int n, bool wrote)
{
	int i;

	for (i = 0; i < n; i++) {
		if (wrote)
			set_page_dirty(pages[i]);	/* fires: GUP-D02 */
		put_page(pages[i]);
	}
}

static int fires_copied_into(struct page *into, struct record *record)
{
	void *address = kmap_local_page(into);

	memcpy(address, record, sizeof(*record));
	set_page_dirty(into);	/* fires: GUP-D02 */
	kunmap_local(address);
	return 0;
}

static int quiet_copied_under_the_lock(struct page *into, struct record *record)
{
	void *address;

	lock_page(into);
	address = kmap_local_page(into);
	memcpy(address, record, sizeof(*record));
	set_page_dirty(into);
	kunmap_local(address);
	unlock_page(into);
	return 0;
}

/* case: no page comes from user space */
static void quiet_own_page(struct cache *cache)
{
	struct page *page = cache->page;

	set_page_dirty(page);
	put_page(page);
}

/* case: mm has the lock from its caller */
/* file: mm/example.c */
static void quiet_below_mm(unsigned long addr, struct folio *folio)
{
	folio_mark_dirty(folio);
	folio_put(folio);
	get_user_pages(addr, 1, 0, NULL);
}
