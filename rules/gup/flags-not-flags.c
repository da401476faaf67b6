/* SPDX-License-Identifier: GPL-2.0-or-later */
static int fires_comparison(unsigned long a, int n, struct page **p, int dir)
{
	return pin_user_pages_fast(a, n, dir == DMA_FROM_DEVICE, p);	/* fires: GUP-F06 */
}

static int fires_bool_parameter(unsigned long a, int n, struct page **p, bool write)
{
	return get_user_pages_fast(a, n, write, p);	/* fires: GUP-F06 */
}

static long fires_number(unsigned long a, struct page **p)
{
	unsigned int flags = 1;

	return get_user_pages(a, 1, flags, p);	/* fires: GUP-F06 */
}

static int quiet_choice(unsigned long a, int n, struct page **p, int dir)
{
	return pin_user_pages_fast(a, n, dir == DMA_FROM_DEVICE ? FOLL_WRITE : 0, p);
}

static int quiet_product(unsigned long a, int n, struct page **p, int dir)
{
	return pin_user_pages_fast(a, n, (dir == DMA_FROM_DEVICE) * FOLL_WRITE, p);
}

static long quiet_none(unsigned long a, struct page **p)
{
	return get_user_pages(a, 1, 0, p);
}
