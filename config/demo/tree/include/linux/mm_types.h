/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef _LINUX_MM_TYPES_H
#define _LINUX_MM_TYPES_H

#include <linux/kernel.h>
#include <linux/atomic.h>

struct page {
	unsigned long flags;
	struct folio *folio;
	atomic_t _refcount;
};

struct folio {
	struct page page;
	unsigned int order;
	atomic_t _pincount;
};

struct mm_struct {
	int mmap_lock;
	atomic_t has_pinned;
};

struct vm_area_struct {
	struct mm_struct *vm_mm;
	unsigned long vm_start;
	unsigned long vm_end;
	unsigned long vm_flags;
};

/*
 * What a caller may ask of get_user_pages(), pin_user_pages() and their kin.
 * The flags that only mm/ may use stand in mm/internal.h, from bit 16 up.
 */
enum {
	/* the pages will be written to */
	FOLL_WRITE = 1 << 0,
	/* take a reference of every page: put_page() gives it back */
	FOLL_GET = 1 << 1,
	/* write though the mapping forbids it */
	FOLL_FORCE = 1 << 3,
	/* do not wait for I/O */
	FOLL_NOWAIT = 1 << 4,
	/* do not fault pages in */
	FOLL_NOFAULT = 1 << 5,
	/* pins kept for as long as user space likes; only with FOLL_PIN */
	FOLL_LONGTERM = 1 << 8,
	/* pages of PCI peers are fine */
	FOLL_PCI_P2PDMA = 1 << 10,
	/* signals may cut it short */
	FOLL_INTERRUPTIBLE = 1 << 11,
};

#endif /* _LINUX_MM_TYPES_H */
