/* SPDX-License-Identifier: GPL-2.0-or-later */
static int fires_foll_to_fault(struct mm_struct *mm, unsigned long a, bool *unlocked)
{
	return fixup_user_fault(mm, a, FOLL_WRITE, unlocked);	/* fires: GUP-F16 */
}

static long fires_fault_to_gup(unsigned long a, struct page **p)
{
	return get_user_pages(a, 1, FAULT_FLAG_WRITE, p);	/* fires: GUP-F16 */
}

static long fires_fault_to_pin(unsigned long a, struct page **p)
{
	return pin_user_pages(a, 1, FOLL_WRITE | FAULT_FLAG_USER, p);	/* fires: GUP-F16 */
}

static int fires_fault_to_access(struct task_struct *t, unsigned long a, void *b)
{
	return access_process_vm(t, a, b, 8, FAULT_FLAG_WRITE);	/* fires: GUP-F16 */
}

static vm_fault_t fires_variable(struct vm_area_struct *vma, unsigned long a, bool write)
{
	unsigned int flags = FAULT_FLAG_USER;

	if (write)
		flags |= FOLL_WRITE;
	return handle_mm_fault(vma, a, flags, NULL);	/* fires: GUP-F16 */
}

static int quiet_fault(struct mm_struct *mm, unsigned long a, bool *unlocked)
{
	return fixup_user_fault(mm, a, FAULT_FLAG_WRITE, unlocked);
}

static long quiet_gup(unsigned long a, struct page **p)
{
	return pin_user_pages(a, 1, FOLL_WRITE, p);
}

static vm_fault_t quiet_choice(struct vm_area_struct *vma, unsigned long a, unsigned int gup_flags)
{
	return handle_mm_fault(vma, a, gup_flags & FOLL_WRITE ? FAULT_FLAG_WRITE : 0, NULL);
}
