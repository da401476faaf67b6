/* SPDX-License-Identifier: GPL-2.0-or-later */
static long fires_pin(unsigned long a)
{
	return pin_user_pages(a, 1, 0, NULL);	/* fires: GUP-F05 */
}

static long fires_where_pages_come_before_flags(unsigned long a)
{
	return pin_user_pages_unlocked(a, 1, NULL, FOLL_WRITE);	/* fires: GUP-F05 */
}

static int fires_fast(unsigned long a)
{
	return get_user_pages_fast(a, 1, FOLL_WRITE, NULL);	/* fires: GUP-F05 */
}

static long quiet_fault_in(unsigned long a)
{
	return get_user_pages(a, 1, FOLL_WRITE, NULL);
}

static long quiet_with_pages(unsigned long a, struct page **p)
{
	return pin_user_pages_remote(current->mm, a, 1, 0, p, NULL);
}
