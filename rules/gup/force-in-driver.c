/* SPDX-License-Identifier: GPL-2.0-or-later */
static long fires_driver(unsigned long a, struct page **p)
{
	return pin_user_pages(a, 1, FOLL_WRITE | FOLL_FORCE, p);	/* fires: GUP-F10 */
}

static int fires_access(struct task_struct *t, unsigned long a, void *b)
{
	return access_process_vm(t, a, b, 8, FOLL_FORCE);	/* fires: GUP-F10 */
}

static long fires_get(unsigned long a, struct page **p)
{
	return get_user_pages(a, 1, FOLL_FORCE, p);	/* fires: GUP-F10 */
}

static long quiet_driver(unsigned long a, struct page **p)
{
	return pin_user_pages(a, 1, FOLL_WRITE, p);
}

/* file: fs/proc/example.c */
static int quiet_proc(struct task_struct *t, unsigned long a, void *b)
{
	return access_process_vm(t, a, b, 8, FOLL_FORCE);
}

/* file: kernel/example.c */
static int quiet_debugger(struct task_struct *t, unsigned long a, void *b)
{
	return access_process_vm(t, a, b, 8, FOLL_FORCE | FOLL_WRITE);
}
