/* SPDX-License-Identifier: GPL-2.0-or-later */
static int fires_spinlock(struct dev *dev, unsigned long addr, struct page **pages)
{
	int ret;

	spin_lock_irq(&dev->lock);
	ret = pin_user_pages_fast(addr, 1, 0, pages);	/* fires: GUP-C04 */
	spin_unlock_irq(&dev->lock);
	return ret;
}

static long fires_guard(struct dev *dev, unsigned long addr, struct page **pages)
{
	guard(spinlock)(&dev->lock);
	if (dev->gone)
		return -ENODEV;
	return get_user_pages_unlocked(addr, 1, pages, 0);	/* fires: GUP-C04 */
}

static long fires_rcu(struct task_struct *task, unsigned long addr, struct page **pages)
{
	long ret;

	rcu_read_lock();
	ret = get_user_pages_remote(task->mm, addr, 1, 0, pages, NULL);	/* fires: GUP-C04 */
	rcu_read_unlock();
	return ret;
}

static long fires_faults_off(unsigned long addr, struct page **pages)
{
	long ret;

	pagefault_disable();
	ret = get_user_pages(addr, 1, 0, pages);	/* fires: GUP-C04 */
	pagefault_enable();
	return ret;
}

static int quiet_only_fast(struct dev *dev, unsigned long addr, struct page **pages)
{
	int ret;

	spin_lock(&dev->lock);
	ret = get_user_pages_fast_only(addr, 1, 0, pages);
	spin_unlock(&dev->lock);
	return ret;
}

static int quiet_after(struct dev *dev, unsigned long addr, struct page **pages)
{
	scoped_guard(spinlock, &dev->lock) {
		if (dev->gone)
			return -ENODEV;
	}
	return pin_user_pages_fast(addr, 1, 0, pages);
}

static long quiet_sleeping_lock(struct mm_struct *mm, unsigned long addr, struct page **pages)
{
	long ret;

	mmap_read_lock(mm);
	ret = get_user_pages_remote(mm, addr, 1, 0, pages, NULL);
	mmap_read_unlock(mm);
	return ret;
}
