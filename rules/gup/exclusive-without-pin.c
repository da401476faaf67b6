/* SPDX-License-Identifier: GPL-2.0-or-later */
static long fires_get(unsigned long a, struct page **p)
{
	return get_user_pages(a, 1, FOLL_WRITE | FOLL_EXCLUSIVE, p);	/* fires: GUP-X01 */
}

static long fires_unlocked(unsigned long a, struct page **p, bool alone)
{
	unsigned int flags = alone ? FOLL_EXCLUSIVE : 0;

	return get_user_pages_unlocked(a, 1, p, flags | FOLL_WRITE);	/* fires: GUP-X01 */
}

static long quiet_pin(unsigned long a, struct page **p)
{
	return pin_user_pages(a, 1, FOLL_EXCLUSIVE | FOLL_LONGTERM, p);
}

static long quiet_get(unsigned long a, struct page **p)
{
	return get_user_pages(a, 1, FOLL_WRITE, p);
}
