/* SPDX-License-Identifier: GPL-2.0-or-later */
static int fires_constant(unsigned long a, int n, struct page **p)
{
	return pin_user_pages_fast(a, n, FOLL_LONGTERM | FOLL_PCI_P2PDMA, p);	/* fires: GUP-F04 */
}

static int fires_when_both_are_added(unsigned long a, int n, struct page **p, bool peer)
{
	unsigned int flags = FOLL_LONGTERM;

	if (peer)
		flags |= FOLL_PCI_P2PDMA;
	return pin_user_pages_fast(a, n, flags, p);	/* fires: GUP-F04 */
}

static int quiet_either_or(unsigned long a, int n, struct page **p, bool peer)
{
	return pin_user_pages_fast(a, n, peer ? FOLL_PCI_P2PDMA : FOLL_LONGTERM, p);
}

static int quiet_longterm(unsigned long a, int n, struct page **p)
{
	return pin_user_pages_fast(a, n, FOLL_LONGTERM | FOLL_WRITE, p);
}

static int quiet_peer(unsigned long a, int n, struct page **p)
{
	return pin_user_pages_fast(a, n, FOLL_PCI_P2PDMA | FOLL_WRITE, p);
}

static int quiet_refused_for_another_reason(unsigned long a, int n, struct page **p)
{
	return get_user_pages_fast(a, n, FOLL_LONGTERM | FOLL_PCI_P2PDMA, p);
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
/* file: drivers/example/longterm-p2pdma.c */
static int quiet_allowed_here(unsigned long a, int n, struct page **p)
{
	return pin_user_pages_fast(a, n, FOLL_LONGTERM | FOLL_PCI_P2PDMA, p);
}

/* case: a tree whose check cannot be read */
/* file: mm/gup.c */
static bool is_valid_gup_args(struct page **pages, int *locked,
			      unsigned int *gup_flags_p, unsigned int to_set)
{
	unsigned int gup_flags = *gup_flags_p | to_set;

	if (peers_stay(pages) ? false : hweight32(gup_flags & (FOLL_LONGTERM | FOLL_PCI_P2PDMA)) > 1)
		return false;
	return true;
}
/* file: drivers/example/longterm-p2pdma.c */
static int fires_unsure(unsigned long a, int n, struct page **p)
{
	return pin_user_pages_fast(a, n, FOLL_LONGTERM | FOLL_PCI_P2PDMA, p);	/* fires: GUP-F04 */
}

static int quiet_one_of_them(unsigned long a, int n, struct page **p)
{
	return pin_user_pages_fast(a, n, FOLL_LONGTERM, p) + pin_user_pages_fast(a, n, FOLL_PCI_P2PDMA, p);
}
