/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Written for lorebot; see ../README. */

static bool is_valid_gup_args(struct page **pages, int *locked,
			      unsigned int *gup_flags_p, unsigned int to_set)
{
	unsigned int gup_flags = *gup_flags_p;

	if (WARN_ON_ONCE(gup_flags & INTERNAL_GUP_FLAGS))
		return false;
	gup_flags |= to_set;
	if (WARN_ON_ONCE((gup_flags & FOLL_GET) && (gup_flags & FOLL_PIN)))
		return false;
	if (WARN_ON_ONCE(!(gup_flags & FOLL_PIN) && (gup_flags & FOLL_LONGTERM)))
		return false;
	if (WARN_ON_ONCE(!(gup_flags & FOLL_PIN) && (gup_flags & FOLL_EXCLUSIVE)))
		return false;
	if (WARN_ON_ONCE((gup_flags & FOLL_LONGTERM) && (gup_flags & FOLL_PCI_P2PDMA)))
		return false;
	if (WARN_ON_ONCE((gup_flags & (FOLL_GET | FOLL_PIN)) && !pages))
		return false;
	*gup_flags_p = gup_flags;
	return true;
}

static int gup_fast_fallback(unsigned long start, unsigned long nr_pages,
			     unsigned int gup_flags, struct page **pages)
{
	if (WARN_ON_ONCE(gup_flags & ~(FOLL_WRITE | FOLL_LONGTERM | FOLL_FORCE |
				       FOLL_PIN | FOLL_GET | FOLL_PCI_P2PDMA)))
		return -EINVAL;
	return gup_fast(start, nr_pages, gup_flags, pages);
}

static void gup_put_folio(struct folio *folio, int refs, unsigned int flags)
{
	if (flags & FOLL_PIN)
		refs *= GUP_PIN_COUNTING_BIAS;
	if (flags & FOLL_EXCLUSIVE)
		folio_clear_exclusive(folio);
	folio_put_refs(folio, refs);
}

static void put_pages(struct page **pages, unsigned long npages, unsigned int flags)
{
	unsigned long i;

	for (i = 0; i < npages; i++)
		gup_put_folio(page_folio(pages[i]), 1, flags);
}

void unpin_user_page(struct page *page)
{
	gup_put_folio(page_folio(page), 1, FOLL_PIN);
}

void unpin_user_pages(struct page **pages, unsigned long npages)
{
	put_pages(pages, npages, FOLL_PIN);
}

void unpin_exclusive_pages(struct page **pages, unsigned long npages)
{
	put_pages(pages, npages, FOLL_PIN | FOLL_EXCLUSIVE);
}

static void grab(struct folio *folio, int refs)
{
	folio_ref_add(folio, refs * (GUP_PIN_COUNTING_BIAS - 1));
}

long pin_user_pages(unsigned long start, unsigned long nr_pages,
		    unsigned int gup_flags, struct page **pages)
{
	if (!is_valid_gup_args(pages, NULL, &gup_flags, FOLL_PIN))
		return 0;
	return take_pages(start, nr_pages, gup_flags, pages);
}
