/* SPDX-License-Identifier: GPL-2.0-or-later */
static struct area *fires_in_an_error_path(struct store *store, int n)
{
	struct area *area = make_area(store, n);
	int i;

	for (i = 0; i < n; i++) {
		area->folios[i] = folio_alloc(GFP_KERNEL, 0);
		if (!area->folios[i])
			goto undo;
	}
	return area;
undo:
	while (i--)
		__folio_put(area->folios[i]);	/* fires: REF-R15 */
	free_area(area);
	return NULL;
}

static void fires_one(struct cache *cache, struct folio *folio)
{
	folio_clear_uptodate(folio);
	if (cache->last == folio)
		cache->last = NULL;
	__folio_put(folio);	/* fires: REF-R15 */
}

static void fires_before_the_test(struct folio *folio, struct folio *other)
{
	__folio_put(other);	/* fires: REF-R15 */
	if (folio_put_testzero(folio))
		account_gone(folio);
}

static void quiet_last_one(struct folio *folio)
{
	if (folio_put_testzero(folio))
		__folio_put(folio);
}

static void quiet_several(struct folio *folio, int refs)
{
	if (folio_ref_sub_and_test(folio, refs))
		__folio_put(folio);
}

static void quiet_frozen(struct folio *folio)
{
	if (!folio_ref_freeze(folio, 1))
		return;
	forget(folio);
	__folio_put(folio);
}

static void quiet_put(struct folio *folio)
{
	folio_clear_uptodate(folio);
	folio_put(folio);
}

/* case: mm frees what it counted elsewhere */
/* file: mm/example.c */
static void quiet_below_mm(struct folio_batch *batch)
{
	int i;

	for (i = 0; i < batch->nr; i++)
		__folio_put(batch->folios[i]);
}
