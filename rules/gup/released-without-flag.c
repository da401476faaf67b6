/* SPDX-License-Identifier: GPL-2.0-or-later */
static long fires_in_one_function(unsigned long a, struct page **p)
{
	long n = pin_user_pages(a, 1, FOLL_EXCLUSIVE | FOLL_LONGTERM, p);

	if (n > 0)
		unpin_user_pages(p, n);	/* fires: GUP-X03 */
	return n;
}

static void fires_in_a_callee(struct page **list, unsigned long n)
{
	unsigned long i;

	for (i = 0; i < n; i++)
		unpin_user_page(list[i]);	/* fires: GUP-X03 */
}

static long quiet_hands_on(unsigned long a, struct page **p)
{
	long n = pin_user_pages(a, 1, FOLL_EXCLUSIVE | FOLL_LONGTERM, p);

	fires_in_a_callee(p, n);
	return n;
}

static long quiet_aware(unsigned long a, struct page **p)
{
	long n = pin_user_pages(a, 1, FOLL_EXCLUSIVE | FOLL_LONGTERM, p);

	if (n > 0)
		unpin_exclusive_pages(p, n);
	return n;
}

static long quiet_plain(unsigned long a, struct page **p)
{
	long n = pin_user_pages(a, 1, FOLL_LONGTERM, p);

	if (n > 0)
		unpin_user_pages(p, n);
	return n;
}

static void quiet_decides(struct page **list, unsigned long n, unsigned int flags)
{
	if (flags & FOLL_EXCLUSIVE)
		unpin_exclusive_pages(list, n);
	else
		unpin_user_pages(list, n);
}

static long quiet_tells(unsigned long a, struct page **p, unsigned int flags)
{
	long n = pin_user_pages(a, 1, flags | FOLL_EXCLUSIVE | FOLL_LONGTERM, p);

	quiet_decides(p, n, flags);
	return n;
}

/* file: drivers/example/elsewhere.c */
static void fires_for_a_field(struct buffer *buffer)
{
	unpin_user_pages(buffer->list, buffer->count);	/* fires: GUP-X03 */
}

static long quiet_fills_the_field(struct buffer *b, unsigned long a)
{
	b->count = pin_user_pages(a, 1, FOLL_EXCLUSIVE | FOLL_LONGTERM, b->list);
	return b->count;
}
