// SPDX-License-Identifier: GPL-2.0-or-later
#include "mm.h"

void start_kernel(void);

void start_kernel(void)
{
	int old_warning;

	pin_pages(1);
	unpin_pages(1);
}
