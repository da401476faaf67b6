/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Facts of Linux 7.3.4 (2026-07), written by tests/checks/known_kernel.py. */

enum {
	FOLL_TOUCH = 0x10000,
	FOLL_TRIED = 0x20000,
	FOLL_REMOTE = 0x40000,
	FOLL_PIN = 0x80000,
	FOLL_FAST_ONLY = 0x100000,
	FOLL_UNLOCKABLE = 0x200000,
	FOLL_MADV_POPULATE = 0x400000,
};

