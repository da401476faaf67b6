/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Written for lorebot; see ../README. */

enum {
	/* the page was used */
	FOLL_TOUCH = 1 << 20,
	/* somebody else's memory */
	FOLL_REMOTE = 1 << 21,
	/* count a pin, not a reference */
	FOLL_PIN = 1 << 22,
};

#define INTERNAL_GUP_FLAGS (FOLL_TOUCH | FOLL_REMOTE | FOLL_PIN)
