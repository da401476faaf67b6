/* SPDX-License-Identifier: GPL-2.0-or-later */
static void fires_pages(struct file *file, loff_t end, struct folio **folios, unsigned int n, pgoff_t *at)
{
	long i, got = memfd_pin_folios(file, 0, end, folios, n, at);

	for (i = 0; i < got; i++)
		unpin_user_page(folio_page(folios[i], 0));	/* fires: GUP-P10 */
}

static void fires_put(struct file *file, loff_t end, struct folio **folios, unsigned int n, pgoff_t *at)
{
	long i, got = memfd_pin_folios(file, 0, end, folios, n, at);

	for (i = 0; i < got; i++)
		folio_put(folios[i]);	/* fires: GUP-P10 */
}

static void quiet_folios(struct file *file, loff_t end, struct folio **folios, unsigned int n, pgoff_t *at)
{
	long i, got = memfd_pin_folios(file, 0, end, folios, n, at);

	for (i = 0; i < got; i++)
		unpin_folio(folios[i]);
}

static int quiet_pages(unsigned long addr)
{
	struct page *page;

	if (pin_user_pages_fast(addr, 1, 0, &page) != 1)
		return -EFAULT;
	put_page(page);
	return 0;
}
