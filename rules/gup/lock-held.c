/* SPDX-License-Identifier: GPL-2.0-or-later */
static int fires_fast(struct mm_struct *mm, unsigned long addr, struct page **pages)
{
	int ret;

	mmap_read_lock(mm);
	ret = pin_user_pages_fast(addr, 1, 0, pages);	/* fires: GUP-C02 */
	mmap_read_unlock(mm);
	return ret;
}

static long fires_one_way(struct mm_struct *mm, unsigned long addr, struct page **pages, bool keep)
{
	long ret;

	mmap_write_lock(mm);
	if (!keep)
		mmap_write_unlock(mm);
	ret = get_user_pages_unlocked(addr, 1, pages, 0);	/* fires: GUP-C02 */
	if (keep)
		mmap_write_unlock(mm);
	return ret;
}

static int quiet_before(struct mm_struct *mm, unsigned long addr, struct page **pages)
{
	int ret;

	mmap_read_lock(mm);
	ret = find_there(mm, addr);
	mmap_read_unlock(mm);
	return ret ? ret : get_user_pages_fast(addr, 1, 0, pages);
}

static long quiet_locked_function(struct mm_struct *mm, unsigned long addr, struct page **pages)
{
	long ret;

	mmap_read_lock(mm);
	ret = pin_user_pages(addr, 1, 0, pages);
	mmap_read_unlock(mm);
	return ret;
}

static int quiet_other_lock(spinlock_t *lock, unsigned long addr, struct page **pages)
{
	int ret;

	spin_lock(lock);
	ret = pin_user_pages_fast(addr, 1, 0, pages);
	spin_unlock(lock);
	return ret;
}
