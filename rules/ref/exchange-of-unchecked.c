/* SPDX-License-Identifier: GPL-2.0-or-later */
static bool fires_other_variable(struct folio *folio, unsigned int pins)
{
	unsigned int old, new;

	do {
		old = atomic_read(&folio->_pincount);
		if (check_add_overflow(old, pins, &new))
			return false;
	} while (atomic_cmpxchg(&folio->_pincount, old, pins) != old);	/* fires: REF-R08 */
	return true;
}

static bool fires_other_sum(struct page *page, int refs)
{
	int new, old = atomic_read(&page->_refcount);

	do {
		new = old + refs * LIMIT_BIAS;
		if (new < 0)
			return false;
	} while (!atomic_try_cmpxchg(&page->_refcount, &old, old + refs));	/* fires: REF-R08 */
	return true;
}

static bool quiet_checked_value(struct folio *folio, unsigned int pins)
{
	unsigned int old, new;

	do {
		old = atomic_read(&folio->_pincount);
		if (check_add_overflow(old, pins, &new))
			return false;
	} while (atomic_cmpxchg(&folio->_pincount, old, new) != old);
	return true;
}

static bool quiet_same_sum(struct page *page, int refs)
{
	int new, old = atomic_read(&page->_refcount);

	do {
		new = refs * (LIMIT_BIAS - 1) + old;
		if (new < 0)
			return false;
	} while (!atomic_try_cmpxchg(&page->_refcount, &old, old - refs + refs * LIMIT_BIAS));
	return true;
}

static bool quiet_nothing_checked(struct page *page)
{
	return atomic_cmpxchg(&page->_refcount, 1, 0) == 1;
}

static bool quiet_other_counter(struct thing *thing, unsigned int more)
{
	unsigned int old, new;

	do {
		old = atomic_read(&thing->users);
		if (check_add_overflow(old, more, &new))
			return false;
	} while (atomic_cmpxchg(&thing->users, old, more) != old);
	return true;
}
