/* SPDX-License-Identifier: GPL-2.0-or-later */
static long fires_constant(unsigned long a, struct page **p)
{
	return get_user_pages(a, 1, FOLL_WRITE | FOLL_PIN, p);	/* fires: GUP-F01 */
}

static long fires_on_one_path(unsigned long a, struct page **p, bool remote)
{
	unsigned int flags = FOLL_WRITE;

	if (remote)
		flags |= FOLL_REMOTE;
	return pin_user_pages(a, 1, flags, p);	/* fires: GUP-F01 */
}

static int fires_for_access(struct task_struct *t, unsigned long a, void *b)
{
	return access_process_vm(t, a, b, 8, FOLL_TOUCH);	/* fires: GUP-F01 */
}

static long quiet_public(unsigned long a, struct page **p)
{
	return get_user_pages(a, 1, FOLL_WRITE | FOLL_FORCE, p);
}

static long quiet_cleared(unsigned long a, struct page **p)
{
	unsigned int flags = FOLL_WRITE | FOLL_PIN;

	flags &= ~FOLL_PIN;
	return pin_user_pages(a, 1, flags, p);
}

static long quiet_because_callers_decide(unsigned long a, struct page **p, unsigned int flags)
{
	return pin_user_pages(a, 1, flags, p);
}

static void quiet_another_function(struct folio *folio)
{
	gup_put_folio(folio, 1, FOLL_PIN);
}
