/* SPDX-License-Identifier: GPL-2.0-or-later */
static int fires_fast(unsigned long a, struct page **p)
{
	return pin_user_pages_fast(a, 1, FOLL_GET | FOLL_WRITE, p);	/* fires: GUP-F02 */
}

static long fires_in_a_switch(unsigned long a, struct page **p, int mode)
{
	unsigned int flags = 0;

	switch (mode) {
	case 0:
		flags = FOLL_WRITE;
		break;
	case 1:
		flags = FOLL_GET;
		fallthrough;
	default:
		flags |= FOLL_FORCE;
	}
	return pin_user_pages(a, 1, flags, p);	/* fires: GUP-F02 */
}

static int quiet_pin(unsigned long a, struct page **p)
{
	return pin_user_pages_fast(a, 1, FOLL_WRITE, p);
}

static long quiet_get(unsigned long a, struct page **p)
{
	return get_user_pages(a, 1, FOLL_GET, p);
}
