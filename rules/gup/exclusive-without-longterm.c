/* SPDX-License-Identifier: GPL-2.0-or-later */
static long fires_constant(unsigned long a, struct page **p)
{
	return pin_user_pages(a, 1, FOLL_EXCLUSIVE | FOLL_WRITE, p);	/* fires: GUP-X02 */
}

static long fires_on_one_path(unsigned long a, struct page **p, bool lasting)
{
	unsigned int flags = FOLL_EXCLUSIVE;

	if (lasting)
		flags |= FOLL_LONGTERM;
	return pin_user_pages(a, 1, flags, p);	/* fires: GUP-X02 */
}

static long quiet_both(unsigned long a, struct page **p)
{
	return pin_user_pages(a, 1, FOLL_EXCLUSIVE | FOLL_LONGTERM, p);
}

static long quiet_both_or_none(unsigned long a, struct page **p, bool alone)
{
	return pin_user_pages(a, 1, alone ? FOLL_EXCLUSIVE | FOLL_LONGTERM : FOLL_WRITE, p);
}

static long quiet_unknown_rest(unsigned long a, struct page **p, unsigned int more)
{
	return pin_user_pages(a, 1, more | FOLL_EXCLUSIVE, p);
}

static long quiet_get(unsigned long a, struct page **p)
{
	return get_user_pages(a, 1, FOLL_EXCLUSIVE, p);
}
