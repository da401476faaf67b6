/* SPDX-License-Identifier: GPL-2.0-or-later */
static int fires_page(struct bio *bio, int len)
{
	struct page *page = alloc_page(GFP_NOIO);

	if (!page)
		return -ENOMEM;
	if (!bio_add_page(bio, page, len, 0)) {
		free_page(page);	/* fires: REF-R16 */
		return -EIO;
	}
	return 0;
}

static void fires_through_a_cast(struct page **pages, int n)
{
	while (n--)
		free_page((unsigned long)pages[n]);	/* fires: REF-R16 */
}

static void fires_folio(struct folio *folio, int order)
{
	free_pages((unsigned long)folio, order);	/* fires: REF-R16 */
}

static void quiet_address(struct buffer *buffer)
{
	unsigned long page = __get_free_page(GFP_KERNEL);

	if (!page)
		return;
	fill(buffer, page);
	free_page(page);
}

static void quiet_address_of_page(struct page *page)
{
	free_page((unsigned long)page_address(page));
}

static void quiet_by_descriptor(struct page *page)
{
	__free_page(page);
}

static void quiet_array_in_a_page(struct page **pages)
{
	free_page((unsigned long)pages);
}

static int quiet_local_array_in_a_page(unsigned long start)
{
	struct page **pages = (struct page **)__get_free_page(GFP_KERNEL);

	if (!pages)
		return -ENOMEM;
	look_at(pages, start);
	free_page((unsigned long)pages);
	return 0;
}
