/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Written for lorebot; see ../../README. */

struct page {
	unsigned long flags;
	atomic_t _refcount;
};

struct folio {
	struct page page;
	atomic_t _refcount;
	atomic_t _pincount;
};

enum fault_flag {
	FAULT_FLAG_WRITE = 1 << 0,
	FAULT_FLAG_USER = 1 << 1,
	FAULT_FLAG_UNSHARE = 1 << 2,
};

enum {
	/* take a reference */
	FOLL_GET = 1 << 0,
	/* fail where nothing is mapped */
	FOLL_DUMP = 1 << 1,
	/* the page will be written */
	FOLL_WRITE = 1 << 2,
	/* override the protection */
	FOLL_FORCE = 1 << 3,
	/* never a file mapping */
	FOLL_ANON = 1 << 4,
	/* held as long as user space likes */
	FOLL_LONGTERM = 1 << 5,
	/* split a huge page first; not for the fast path */
	FOLL_SPLIT_PMD = 1 << 6,
	/* device memory is fine */
	FOLL_PCI_P2PDMA = 1 << 7,
	/* tell of poison; not for the fast path */
	FOLL_HWPOISON = 1 << 8,
	/* nobody else may pin it; not for the fast path */
	FOLL_EXCLUSIVE = 1 << 9,
};
