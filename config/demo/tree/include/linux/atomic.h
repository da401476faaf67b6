/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef _LINUX_ATOMIC_H
#define _LINUX_ATOMIC_H

typedef struct {
	int counter;
} atomic_t;

static inline int atomic_read(const atomic_t *v)
{
	return __atomic_load_n(&v->counter, __ATOMIC_RELAXED);
}

static inline void atomic_set(atomic_t *v, int i)
{
	__atomic_store_n(&v->counter, i, __ATOMIC_RELAXED);
}

static inline void atomic_add(int i, atomic_t *v)
{
	__atomic_fetch_add(&v->counter, i, __ATOMIC_RELAXED);
}

static inline void atomic_sub(int i, atomic_t *v)
{
	__atomic_fetch_sub(&v->counter, i, __ATOMIC_RELAXED);
}

static inline bool atomic_sub_and_test(int i, atomic_t *v)
{
	return __atomic_sub_fetch(&v->counter, i, __ATOMIC_ACQ_REL) == 0;
}

static inline bool atomic_add_unless(atomic_t *v, int a, int u)
{
	int old = atomic_read(v);

	do {
		if (old == u)
			return false;
	} while (!__atomic_compare_exchange_n(&v->counter, &old, old + a, false,
					      __ATOMIC_ACQ_REL, __ATOMIC_RELAXED));
	return true;
}

#endif /* _LINUX_ATOMIC_H */
