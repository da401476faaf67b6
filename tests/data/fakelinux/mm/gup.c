// SPDX-License-Identifier: GPL-2.0-or-later
#include "mm.h"

static int pinned;

int pin_pages(int count)
{
	pinned += count;
	return count;
}

int unpin_pages(int count)
{
	pinned -= count;
	return pinned;
}
