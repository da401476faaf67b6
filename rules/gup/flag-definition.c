/* SPDX-License-Identifier: GPL-2.0-or-later */
/* case: two flags on one bit */
/* file: include/linux/zone.h */
enum {
	FOLL_FIRST = 1 << 10,
	FOLL_SECOND = 1 << 10,	/* fires: GUP-F14 */
};

/* case: a public flag above the internal ones */
/* file: include/linux/zone.h */
enum {
	FOLL_NEW = BIT(23),	/* fires: GUP-F14 */
};

/* case: an internal flag that callers can pass */
/* file: mm/zone.h */
enum {
	FOLL_INNER = 1 << 23,	/* fires: GUP-F14 */
};

/* case: quiet: public flags on free bits, counted on from the one before */
/* file: include/linux/zone.h */
enum {
	NOT_A_FLAG = (1 << 10) - 1,
	FOLL_NEW,
};
#define FOLL_OTHER	0x800

/* case: quiet: an internal flag that is listed */
/* file: mm/internal.h */
enum {
	FOLL_TOUCH = 1 << 20,
	FOLL_REMOTE = 1 << 21,
	FOLL_PIN = 1 << 22,
	FOLL_INNER = 1 << 23,
};

#define INTERNAL_GUP_FLAGS (FOLL_TOUCH | FOLL_REMOTE | FOLL_PIN | FOLL_INNER)

/* case: quiet: a tree that keeps all flags in one header */
/* file: include/linux/zone.h */
enum {
	FOLL_TOUCH = 1 << 20,
	FOLL_REMOTE = 1 << 21,
	FOLL_PIN = 1 << 22,
	FOLL_NEW = 1 << 23,
};

#define INTERNAL_GUP_FLAGS (FOLL_TOUCH | FOLL_REMOTE | FOLL_PIN)
/* file: mm/internal.h */
#define NOTHING_HERE 1
