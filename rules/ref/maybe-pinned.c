/* SPDX-License-Identifier: GPL-2.0-or-later */
static void fires_chooses(struct page *page)
{
	if (page_maybe_dma_pinned(page))	/* fires: REF-R10 */
		unpin_user_page(page);
	else
		put_page(page);
}

static void fires_in_a_loop(struct folio **folios, int n)
{
	int i;

	for (i = 0; i < n; i++) {
		if (!folio_maybe_dma_pinned(folios[i])) {	/* fires: REF-R10 */
			folio_put(folios[i]);
			continue;
		}
		unpin_user_folio(folios[i], 1);
	}
}

static void fires_assertion(struct folio *folio)
{
	VM_BUG_ON_FOLIO(folio_maybe_dma_pinned(folio), folio);	/* fires: REF-R10 */
	folio_put(folio);
}

static int quiet_refuses(struct folio *folio)
{
	if (folio_maybe_dma_pinned(folio))
		return -EBUSY;
	folio_put(folio);
	return 0;
}

static void quiet_surely_pinned(struct folio *folio)
{
	WARN_ON_ONCE(!folio_maybe_dma_pinned(folio));
	unpin_user_folio(folio, 1);
}

static void quiet_known(struct buffer *buffer, struct page *page)
{
	if (buffer->pinned)
		unpin_user_page(page);
	else
		put_page(page);
}
