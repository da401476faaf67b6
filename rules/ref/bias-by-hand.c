/* SPDX-License-Identifier: GPL-2.0-or-later */
static void fires_add(struct page *page)
{
	page_ref_add(page, GUP_PIN_COUNTING_BIAS);	/* fires: REF-R04 */
}

static void fires_through_a_variable(struct folio *folio, int pins)
{
	int refs = pins * GUP_PIN_COUNTING_BIAS;

	folio_put_refs(folio, refs);	/* fires: REF-R04 */
}

static void quiet_plain(struct page *page)
{
	page_ref_add(page, USHRT_MAX);
}

static bool quiet_compare(struct page *page)
{
	return page_ref_count(page) >= GUP_PIN_COUNTING_BIAS;
}

/* file: mm/example.c */
static void quiet_in_mm(struct folio *folio, int refs)
{
	folio_ref_add(folio, refs * GUP_PIN_COUNTING_BIAS);
}
