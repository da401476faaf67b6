/* SPDX-License-Identifier: GPL-2.0-or-later */
static int fires_constant(unsigned long a, int n, struct page **p)
{
	return get_user_pages_fast(a, n, FOLL_WRITE | FOLL_LONGTERM, p);	/* fires: GUP-F03 */
}

static long fires_through_a_loop(unsigned long a, unsigned long n, struct page **p, struct list_head *head)
{
	unsigned int flags = 0;
	struct item *item;
	long got = 0;

	list_for_each_entry(item, head, node) {
		got += get_user_pages(a, n, flags, p);	/* fires: GUP-F03 */
		if (item->lasting)
			flags |= FOLL_LONGTERM;
	}
	return got;
}

static long fires_after_a_jump_back(unsigned long a, unsigned long n, struct page **p)
{
	unsigned int flags = FOLL_WRITE;
	long got;

again:
	got = get_user_pages_unlocked(a, n, p, flags);	/* fires: GUP-F03 */
	if (got == -EAGAIN) {
		flags |= FOLL_LONGTERM;
		goto again;
	}
	return got;
}

static int quiet_pin(unsigned long a, int n, struct page **p)
{
	return pin_user_pages_fast(a, n, FOLL_LONGTERM, p);
}

static long quiet_cleared(unsigned long a, unsigned long n, struct page **p)
{
	unsigned int flags = FOLL_LONGTERM;

	flags &= ~FOLL_LONGTERM;
	return get_user_pages(a, n, flags, p);
}

static long quiet_replaced(unsigned long a, unsigned long n, struct page **p, bool write)
{
	unsigned int flags = FOLL_LONGTERM;

	flags = write ? FOLL_WRITE : 0;
	return get_user_pages(a, n, flags, p);
}
