/* SPDX-License-Identifier: GPL-2.0-or-later */
static int fires_error(struct folio *folio, int expected)
{
	if (!folio_ref_freeze(folio, expected))
		return -EAGAIN;
	if (folio_test_large(folio))
		return -EBUSY;	/* fires: REF-R07 */
	folio_ref_unfreeze(folio, expected);
	return 0;
}

static int fires_at_label(struct page *page, int expected)
{
	int ret = -EAGAIN;

	if (!page_ref_freeze(page, expected))
		goto out;
	if (PageCompound(page)) {
		ret = -EBUSY;
		goto out;	/* fires: REF-R07 */
	}
	page_ref_unfreeze(page, expected);
	ret = 0;
out:
	return ret;
}

static int quiet_unfrozen(struct folio *folio, int expected)
{
	if (!folio_ref_freeze(folio, expected))
		return -EAGAIN;
	if (folio_test_large(folio)) {
		folio_ref_unfreeze(folio, expected);
		return -EBUSY;
	}
	replace_it(folio);
	folio_ref_unfreeze(folio, expected);
	return 0;
}

static int quiet_not_frozen(struct folio *folio, int expected)
{
	return folio_ref_freeze(folio, expected) ? consume(folio) : -EAGAIN;
}

static int quiet_reference(struct folio *folio)
{
	if (!folio_try_get(folio))
		return -EAGAIN;
	if (folio_test_large(folio))
		return -EINVAL;
	return 0;
}
