/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Part of lorebot's demo tree: shaped like a kernel, written for lorebot, and good for nothing else. */
#ifndef _LINUX_KERNEL_H
#define _LINUX_KERNEL_H

typedef _Bool bool;
typedef unsigned char u8;
typedef unsigned short u16;
typedef unsigned int u32;
typedef unsigned long long u64;
typedef long long s64;
typedef unsigned long size_t;
typedef long ssize_t;

#define true	1
#define false	0
#define NULL	((void *)0)

#define __user
#define __init
#define __exit
#define __must_check	__attribute__((warn_unused_result))

#define INT_MAX		((int)(~0U >> 1))
#define USHRT_MAX	((u16)~0U)

#define EFAULT	14
#define EBUSY	16
#define ENOMEM	12
#define EINVAL	22
#define ENOTTY	25

#define likely(x)	__builtin_expect(!!(x), 1)
#define unlikely(x)	__builtin_expect(!!(x), 0)
#define min(a, b)	((a) < (b) ? (a) : (b))
#define ARRAY_SIZE(a)	(sizeof(a) / sizeof((a)[0]))

#define BIT(n)		(1UL << (n))
#define offsetof(t, m)	__builtin_offsetof(t, m)
#define container_of(p, t, m)	((t *)((char *)(p) - offsetof(t, m)))

#define PAGE_SHIFT	12
#define PAGE_SIZE	(1UL << PAGE_SHIFT)
#define PAGE_MASK	(~(PAGE_SIZE - 1))
#define offset_in_page(a)	((unsigned long)(a) & ~PAGE_MASK)

int warn_once(const char *what);

#define WARN_ON_ONCE(x)		(unlikely(x) ? warn_once(#x) : 0)
#define VM_WARN_ON_ONCE(x)	WARN_ON_ONCE(x)

#endif /* _LINUX_KERNEL_H */
