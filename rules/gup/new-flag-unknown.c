/* SPDX-License-Identifier: GPL-2.0-or-later */
/* case: a flag nobody checks */
/* file: include/linux/example.h */
enum {
	/* take it away from the others */
	FOLL_NEW = 1 << 10,	/* fires: GUP-F15 */
};

/* case: a flag that is documented as slow, and still nobody says what it needs */
/* file: include/linux/example.h */
enum {
	/* not for the fast path */
	FOLL_NEW = 1 << 10,	/* fires: GUP-F15 */
};

/* case: a flag that is checked but that the fast path refuses */
/* file: include/linux/example.h */
enum {
	/* take it away from the others */
	FOLL_NEW = 1 << 10,	/* fires: GUP-F15 */
};
/* file: mm/gup.c */
static bool is_valid_gup_args(struct page **pages, unsigned int gup_flags)
{
	if (WARN_ON_ONCE(!(gup_flags & FOLL_PIN) && (gup_flags & FOLL_NEW)))
		return false;
	return true;
}

static int gup_fast_fallback(unsigned long start, unsigned int gup_flags)
{
	if (WARN_ON_ONCE(gup_flags & ~(FOLL_WRITE | FOLL_GET)))
		return -EINVAL;
	return 0;
}

/* case: quiet: checked, and documented as slow */
/* file: include/linux/example.h */
enum {
	/* not for the fast path */
	FOLL_NEW = 1 << 10,
};
/* file: mm/gup.c */
static bool is_valid_gup_args(struct page **pages, unsigned int gup_flags)
{
	if (WARN_ON_ONCE(!(gup_flags & FOLL_PIN) && (gup_flags & FOLL_NEW)))
		return false;
	return true;
}

static int gup_fast_fallback(unsigned long start, unsigned int gup_flags)
{
	if (WARN_ON_ONCE(gup_flags & ~(FOLL_WRITE | FOLL_GET)))
		return -EINVAL;
	return 0;
}

/* case: quiet: known to both */
/* file: include/linux/example.h */
#define FOLL_NEW BIT(10)
/* file: mm/gup.c */
static bool is_valid_gup_args(struct page **pages, unsigned int gup_flags)
{
	if (WARN_ON_ONCE(!(gup_flags & FOLL_PIN) && (gup_flags & FOLL_NEW)))
		return false;
	return true;
}

static int gup_fast_fallback(unsigned long start, unsigned int gup_flags)
{
	if (WARN_ON_ONCE(gup_flags & ~(FOLL_WRITE | FOLL_GET | FOLL_NEW)))
		return -EINVAL;
	return 0;
}

/* case: quiet: a gate that cannot be read is no proof */
/* file: include/linux/example.h */
#define FOLL_NEW BIT(10)
/* file: mm/gup.c */
static bool is_valid_gup_args(struct page **pages, unsigned int gup_flags)
{
	if (WARN_ON_ONCE(gup_flags & FLAGS_FROM_NOWHERE))
		return false;
	return true;
}

static int gup_fast_fallback(unsigned long start, unsigned int gup_flags)
{
	if (WARN_ON_ONCE(gup_flags & ~FLAGS_FROM_NOWHERE))
		return -EINVAL;
	return 0;
}

/* case: quiet: flags that were there before */
/* file: include/linux/example.h */
#define NOT_A_FLAG_AT_ALL 1

/* case: quiet: a flag for mm alone */
/* file: mm/example.h */
enum {
	FOLL_INNER = 1 << 24,
};
