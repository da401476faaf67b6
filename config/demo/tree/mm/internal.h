/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef _MM_INTERNAL_H
#define _MM_INTERNAL_H

#include <linux/mm.h>

/* Never from outside mm/: is_valid_gup_args() refuses them. */
enum {
	/* mark the pages accessed */
	FOLL_TOUCH = 1 << 16,
	/* a fault was already tried */
	FOLL_TRIED = 1 << 17,
	/* another process's memory */
	FOLL_REMOTE = 1 << 18,
	/* take pins: unpin_user_page() gives them back */
	FOLL_PIN = 1 << 19,
	/* no fallback to the slow path */
	FOLL_FAST_ONLY = 1 << 20,
	/* mmap_lock may be dropped on the way */
	FOLL_UNLOCKABLE = 1 << 21,
};

#define INTERNAL_GUP_FLAGS (FOLL_TOUCH | FOLL_TRIED | FOLL_REMOTE | FOLL_PIN | \
			    FOLL_FAST_ONLY | FOLL_UNLOCKABLE)

int __must_check try_grab_folio(struct folio *folio, int refs, unsigned int flags);

/* The page behind a user address, NULL where nothing is mapped; of the demo only. */
struct page *lookup_user_page(struct mm_struct *mm, unsigned long address);
int faultin_user_page(struct mm_struct *mm, unsigned long address, unsigned int flags);

#endif /* _MM_INTERNAL_H */
