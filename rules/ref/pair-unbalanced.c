/* SPDX-License-Identifier: GPL-2.0-or-later */
/* case: a flag's bias is taken from large folios and never added to them */
/* file: mm/alone.c */
static bool set_alone(struct folio *folio, unsigned int pins)
{
	unsigned int old;

	do {
		old = atomic_read(&folio->_pincount);
		if (old != 0)
			return false;
	} while (atomic_cmpxchg(&folio->_pincount, old, pins) != old);
	return true;
}

static bool fires_grab_folio(struct folio *folio, int refs, unsigned int flags)
{
	folio_ref_add(folio, refs);
	if (folio_test_large(folio))
		return set_alone(folio, refs);	/* fires: REF-R11 */
	folio_ref_add(folio, refs * (GUP_PIN_COUNTING_BIAS - 1) + PIN_ALONE_BIAS);
	return true;
}

static void fires_put_folio(struct folio *folio, int refs, unsigned int flags)
{
	if (folio_test_large(folio))
		atomic_sub(refs + PIN_ALONE_BIAS, &folio->_pincount);
	else
		refs = refs * GUP_PIN_COUNTING_BIAS + PIN_ALONE_BIAS;
	folio_put_refs(folio, refs);
}

/* case: a reference more is given back than was taken */
/* file: mm/twice.c */
static void fires_get_pair(struct folio *folio)
{
	folio_ref_inc(folio);	/* fires: REF-R11 */
}

static void fires_put_pair(struct folio *folio)
{
	folio_ref_sub(folio, 2);
}

/* case: pins of small folios are counted once and given back by the bias */
/* file: mm/small.c */
static void fires_pin_small(struct folio *folio, int pins)
{
	folio_ref_add(folio, pins);	/* fires: REF-R11 */
}

static void fires_unpin_small(struct folio *folio, int pins)
{
	folio_put_refs(folio, pins * GUP_PIN_COUNTING_BIAS);
}

/* case: quiet: both count large folios in one place and small ones in another, and nothing for the zero page */
/* file: mm/same.c */
static bool quiet_grab_folio(struct folio *folio, int refs, unsigned int flags)
{
	if (is_zero_folio(folio))
		return true;
	if (WARN_ON_ONCE(!(flags & (FOLL_GET | FOLL_PIN))))
		return false;
	if (flags & FOLL_PIN) {
		if (folio_test_large(folio))
			atomic_add(refs, &folio->_pincount);
		else
			folio_ref_add(folio, refs * (GUP_PIN_COUNTING_BIAS - 1));
	}
	folio_ref_add(folio, refs);
	return true;
}

static void quiet_put_folio(struct folio *folio, int refs, unsigned int flags)
{
	if (flags & FOLL_PIN) {
		if (is_zero_folio(folio))
			return;
		if (folio_test_large(folio))
			atomic_sub(refs, &folio->_pincount);
		else
			refs *= GUP_PIN_COUNTING_BIAS;
	}
	folio_put_refs(folio, refs);
}

/* case: quiet: what a loop adds is as much as it runs, which nobody here knows */
/* file: mm/loop.c */
static void quiet_get_many(struct folio *folio, int nr)
{
	while (nr--)
		folio_ref_inc(folio);
}

static void quiet_put_many(struct folio *folio, int nr)
{
	folio_ref_sub(folio, nr);
}

/* case: quiet: names that do not pair up, and counters that are set outright */
/* file: mm/other.c */
static void quiet_get_one(struct folio *folio)
{
	folio_ref_inc(folio);
}

static void quiet_put_other(struct folio *folio)
{
	folio_ref_sub(folio, 2);
}

static void quiet_pin_all(struct page *page, int pins)
{
	set_page_count(page, pins);
}

static void quiet_unpin_all(struct page *page, int pins)
{
	page_ref_sub(page, 2 * pins);
}

/* case: quiet: a flag that comes on top of a pin asks for nothing by itself */
/* file: mm/ontop.c */
static int quiet_grab_folio(struct folio *folio, int refs, unsigned int flags)
{
	if (flags & FOLL_GET)
		folio_ref_add(folio, refs);
	else if (flags & FOLL_PIN)
		folio_ref_add(folio, refs * GUP_PIN_COUNTING_BIAS);
	if (flags & FOLL_ALONE)
		folio_ref_add(folio, PIN_ALONE_BIAS);
	return 0;
}

static void quiet_put_folio(struct folio *folio, int refs, unsigned int flags)
{
	if (flags & FOLL_PIN)
		refs *= GUP_PIN_COUNTING_BIAS;
	if (flags & FOLL_ALONE)
		refs += PIN_ALONE_BIAS;
	folio_put_refs(folio, refs);
}
