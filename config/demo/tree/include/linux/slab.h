/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef _LINUX_SLAB_H
#define _LINUX_SLAB_H

#include <linux/kernel.h>

#define GFP_KERNEL	0U

void *kzalloc(size_t size, unsigned int gfp);
void *kvmalloc_array(size_t n, size_t size, unsigned int gfp);
void kfree(const void *p);
void kvfree(const void *p);

#endif /* _LINUX_SLAB_H */
