/* SPDX-License-Identifier: GPL-2.0-or-later */
static int fires_get(unsigned long a, struct page **p)
{
	return get_user_pages_fast(a, 1, FOLL_WRITE | FOLL_HWPOISON, p);	/* fires: GUP-F17 */
}

static int fires_pin(unsigned long a, struct page **p, bool split)
{
	unsigned int flags = FOLL_WRITE;

	flags |= split ? FOLL_SPLIT_PMD : 0;
	return pin_user_pages_fast(a, 1, flags, p);	/* fires: GUP-F17 */
}

static int quiet_accepted(unsigned long a, struct page **p)
{
	return pin_user_pages_fast(a, 1, FOLL_WRITE | FOLL_LONGTERM, p);
}

static long quiet_slow(unsigned long a, struct page **p)
{
	return get_user_pages_unlocked(a, 1, p, FOLL_WRITE | FOLL_HWPOISON);
}
