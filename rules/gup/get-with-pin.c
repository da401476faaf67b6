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

static long quiet_refused_for_another_reason(unsigned long a, struct page **p)
{
	return get_user_pages(a, 1, FOLL_GET | FOLL_PIN, p);
}

static long quiet_get(unsigned long a, struct page **p)
{
	return get_user_pages(a, 1, FOLL_GET, p);
}

/* case: a tree that has no such check */
/* file: mm/gup.c */
static bool is_valid_gup_args(struct page **pages, int *locked,
			      unsigned int *gup_flags_p, unsigned int to_set)
{
	unsigned int gup_flags = *gup_flags_p | to_set;

	if (WARN_ON_ONCE(!(gup_flags & FOLL_PIN) && (gup_flags & FOLL_LONGTERM)))
		return false;
	return true;
}
/* file: drivers/example/get-with-pin.c */
static int quiet_allowed_here(unsigned long a, int n, struct page **p)
{
	return pin_user_pages_fast(a, n, FOLL_GET | FOLL_WRITE, p);
}

/* case: a tree that refuses it in the function itself */
/* file: mm/gup.c */
long pin_user_pages(unsigned long start, unsigned long nr_pages,
		    unsigned int gup_flags, struct page **pages)
{
	if (WARN_ON_ONCE(gup_flags & FOLL_GET))
		return -EINVAL;
	return take_pages(start, nr_pages, gup_flags | FOLL_PIN, pages);
}
/* file: drivers/example/get-with-pin.c */
static long fires_as_before_6_2(unsigned long a, struct page **p)
{
	return pin_user_pages(a, 1, FOLL_GET, p);	/* fires: GUP-F02 */
}
