/* SPDX-License-Identifier: GPL-2.0-or-later */
static long fires_split(unsigned long a, struct page **p)
{
	return get_user_pages(a, 1, FOLL_SPLIT_PMD, p);	/* fires: GUP-F13 */
}

static long fires_anon(unsigned long a, struct page **p, bool anon)
{
	unsigned int flags = FOLL_WRITE;

#ifdef CONFIG_EXAMPLE
	if (anon)
		flags |= FOLL_ANON;
#endif
	return pin_user_pages(a, 1, flags, p);	/* fires: GUP-F13 */
}

static int fires_dump(struct task_struct *t, unsigned long a, void *b)
{
	return access_process_vm(t, a, b, 8, FOLL_DUMP);	/* fires: GUP-F13 */
}

static long quiet_write(unsigned long a, struct page **p)
{
	return get_user_pages(a, 1, FOLL_WRITE, p);
}

/* file: mm/example.c */
static long quiet_in_mm(unsigned long a, struct page **p)
{
	return get_user_pages(a, 1, FOLL_SPLIT_PMD | FOLL_ANON | FOLL_DUMP, p);
}

/* file: arch/example/kernel/uprobes.c */
static long quiet_in_uprobes_of_an_architecture(struct mm_struct *mm, unsigned long a, struct vm_area_struct **v)
{
	return PTR_ERR_OR_ZERO(get_user_page_vma_remote(mm, a, FOLL_FORCE | FOLL_SPLIT_PMD, v));
}
