/* SPDX-License-Identifier: GPL-2.0-or-later */
static long fires_always(struct mm_struct *mm, unsigned long addr, struct page **pages)
{
	int locked = 1;
	long ret;

	mmap_read_lock(mm);
	ret = get_user_pages_remote(mm, addr, 1, FOLL_WRITE, pages, &locked);
	mmap_read_unlock(mm);	/* fires: GUP-C03 */
	return ret;
}

static long fires_on_failure(struct mm_struct *mm, unsigned long addr, struct page **pages)
{
	int locked = 1;
	long ret;

	mmap_read_lock(mm);
	ret = pin_user_pages_remote(mm, addr, 1, FOLL_WRITE, pages, &locked);
	if (ret <= 0) {
		mmap_read_unlock(mm);	/* fires: GUP-C03 */
		return ret ? ret : -EFAULT;
	}
	if (locked)
		mmap_read_unlock(mm);
	return 0;
}

static long fires_guard(struct mm_struct *mm, unsigned long addr, struct page **pages)
{
	int locked = 1;

	guard(mmap_read_lock)(mm);
	return get_user_pages_remote(mm, addr, 1, 0, pages, &locked);	/* fires: GUP-C03 */
}

static long fires_callers_variable(struct mm_struct *mm, unsigned long addr, struct page **pages, int *locked)
{
	long ret = get_user_pages_remote(mm, addr, 1, 0, pages, locked);

	mmap_read_unlock(mm);	/* fires: GUP-C03 */
	return ret;
}

static long quiet_asks(struct mm_struct *mm, unsigned long addr, struct page **pages)
{
	int locked = 1;
	long ret;

	mmap_read_lock(mm);
	ret = get_user_pages_remote(mm, addr, 1, 0, pages, &locked);
	if (locked)
		mmap_read_unlock(mm);
	return ret;
}

static long quiet_takes_it_again(struct mm_struct *mm, unsigned long addr, struct page **pages)
{
	int locked = 1;
	long ret;

	mmap_read_lock(mm);
	ret = pin_user_pages_remote(mm, addr, 1, 0, pages, &locked);
	if (!locked)
		mmap_read_lock(mm);
	mmap_read_unlock(mm);
	return ret;
}

static long quiet_none(struct mm_struct *mm, unsigned long addr, struct page **pages)
{
	long ret;

	mmap_read_lock(mm);
	ret = get_user_pages_remote(mm, addr, 1, 0, pages, NULL);
	mmap_read_unlock(mm);
	return ret;
}

static long quiet_helper_asks(struct mm_struct *mm, unsigned long addr, struct page **pages)
{
	int locked = 1;
	long ret;

	mmap_read_lock(mm);
	ret = get_user_pages_remote(mm, addr, 1, 0, pages, &locked);
	unlock_if(mm, &locked);
	return ret;
}
