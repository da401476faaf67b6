/* SPDX-License-Identifier: GPL-2.0-or-later */
static int fires_cached(struct address_space *mapping, pgoff_t index, char *to)
{
	struct page *page = read_mapping_page(mapping, index, NULL);
	char *from;

	if (IS_ERR(page))
		return PTR_ERR(page);
	if (!PagePrivate(page))
		return -EIO;	/* fires: REF-R17 */
	from = kmap_local_page(page);
	memcpy(to, from, PAGE_SIZE);
	kunmap_local(from);
	put_page(page);
	return 0;
}

static int fires_each_round(struct address_space *mapping, pgoff_t from, pgoff_t to)
{
	int seen = 0;

	while (from < to) {
		struct folio *folio = filemap_get_folio(mapping, from++);

		if (IS_ERR(folio))
			break;
		seen += folio_test_large(folio);
	}
	return seen;	/* fires: REF-R17 */
}

static struct page *quiet_returned(struct address_space *mapping, pgoff_t index)
{
	struct folio *folio = filemap_lock_folio(mapping, index);

	if (IS_ERR(folio))
		return NULL;
	folio_unlock(folio);
	return &folio->page;
}

static int quiet_filled(struct address_space *mapping, struct page **pages, int count)
{
	int nth;

	for (nth = 0; nth < count; nth++) {
		struct folio *folio = filemap_grab_folio(mapping, nth);

		if (IS_ERR(folio))
			return nth;
		pages[nth] = &folio->page;
	}
	return count;
}

static int quiet_done(struct address_space *mapping, pgoff_t index)
{
	struct page *page = find_lock_page(mapping, index);
	int large = 0;

	if (page) {
		large = PageCompound(page);
		unlock_page(page);
		put_page(page);
	}
	return large;
}

static int quiet_mapped_is_there(struct address_space *m, int n, char *to)
{
	struct page *page = NULL;
	char *data = NULL;
	int ret;

	page = find_get_page(m, n);
	if (!page)
		return -ENOENT;
	data = kmap_local_page(page);
	ret = work(data);
	if (ret < 0)
		goto out;
	memcpy(to, data, 8);
out:
	if (data) {
		kunmap_local(data);
		put_page(page);
	}
	return ret;
}

static int quiet_not_a_folio(struct address_space *m, int n)
{
	struct folio *page = __filemap_get_folio(m, n, FGP_ENTRY, 0);

	if (!page || xa_is_value(page))
		return -ENOENT;
	n = folio_test_large(page);
	folio_put(page);
	return n;
}

static int fires_once_where_nothing_gives_back(struct address_space *mapping, pgoff_t index, char *to)
{
	struct page *page = read_mapping_page(mapping, index, NULL);
	char *data;

	if (IS_ERR(page))
		return PTR_ERR(page);
	data = kmap_local_page(page);
	if (!data[0]) {
		kunmap_local(data);
		return -ENOENT;	/* fires: REF-R17 */
	}
	memcpy(to, data, 8);
	kunmap_local(data);
	return 0;
}

static int quiet_not_looked_up(struct folio *folio)
{
	if (!folio_try_get(folio))
		return -EAGAIN;
	if (folio_test_large(folio))
		return -EINVAL;
	return 0;
}
