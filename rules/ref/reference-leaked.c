/* SPDX-License-Identifier: GPL-2.0-or-later */
static struct folio *fires_null(struct page *page, int refs, unsigned int flags)
{
	struct folio *folio = try_get_folio(page, refs);

	if (!folio)
		return NULL;
	if (flags & FOLL_EXCLUSIVE) {
		if (!folio_ref_freeze_for(folio))
			return NULL;	/* fires: REF-R09 */
	}
	return folio;
}

static bool folio_ref_freeze_for(struct folio *folio)
{
	return folio_test_large(folio);
}

static int fires_error(struct folio *folio)
{
	if (!folio_try_get(folio))
		return -EAGAIN;
	if (folio_test_large(folio))
		return -EINVAL;	/* fires: REF-R09 */
	return 0;
}

static struct folio *quiet_put(struct page *page, int refs, unsigned int flags)
{
	struct folio *folio = try_get_folio(page, refs);

	if (!folio)
		return NULL;
	if ((flags & FOLL_EXCLUSIVE) && !folio_ref_freeze_for(folio)) {
		folio_put_refs(folio, refs);
		return NULL;
	}
	return folio;
}

static int quiet_kept(struct folio *folio, struct list_head *list)
{
	if (!folio_try_get(folio))
		return -EAGAIN;
	list_add(&folio->lru, list);
	return 0;
}

static int quiet_frozen(struct folio *folio, int expected)
{
	if (!folio_ref_freeze(folio, expected))
		return -EAGAIN;
	if (folio_test_large(folio))
		return -EBUSY;
	folio_ref_unfreeze(folio, expected);
	return 0;
}
