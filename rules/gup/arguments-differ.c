/* SPDX-License-Identifier: GPL-2.0-or-later */
static long fires_old_vmas(unsigned long a, struct page **p)
{
	return pin_user_pages(a, 1, FOLL_WRITE, p, NULL);	/* fires: GUP-F12 */
}

static long fires_old_vmas_of_get(unsigned long a, struct page **p, unsigned int flags)
{
	return get_user_pages(a, 1, flags, p, NULL);	/* fires: GUP-F12 */
}

static long fires_flags_before_pages(unsigned long a, unsigned long n, struct page **p)
{
	return pin_user_pages_unlocked(a, n, FOLL_WRITE, p);	/* fires: GUP-F12 */
}

static long fires_with_a_name_for_the_flags(unsigned long a, unsigned long n, struct page **p, unsigned int more)
{
	return get_user_pages(a, n, more, FOLL_WRITE | FOLL_FORCE);	/* fires: GUP-F12 */
}

static long quiet_flags_last(unsigned long a, unsigned long n, struct page **p)
{
	return pin_user_pages_unlocked(a, n, p, FOLL_WRITE);
}

static long quiet_zero_and_null(unsigned long a, unsigned long n)
{
	return get_user_pages(a, n, 0, NULL);
}

static long quiet_own_function(unsigned long a, struct page **p)
{
	return pin_user_pages_our_way(a, p, FOLL_WRITE);
}
