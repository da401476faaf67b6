/* SPDX-License-Identifier: GPL-2.0-or-later */
int pin_pages(int count);
int unpin_pages(int count);
