/* SPDX-License-Identifier: GPL-2.0-or-later */
static int fires_first_test(struct region *region, unsigned long npages, unsigned long limit)
{
	long got;

	if (atomic64_read(&current->mm->pinned_vm) + npages > limit)
		return -ENOMEM;
	got = pin_user_pages_fast(region->addr, npages, FOLL_LONGTERM, region->pages);
	if (got != npages)
		return region_undo(region, got);
	atomic64_add(npages, &current->mm->pinned_vm);	/* fires: GUP-A01 */
	return 0;
}

static int map_range(struct region *region, unsigned long npages)
{
	if (region_fill(region, npages) < 0)
		return -EFAULT;
	atomic64_add(npages, &region->mm->pinned_vm);
	return 0;
}

static int fires_test_before_helper(struct region *region, unsigned long npages, unsigned long limit)
{
	if (npages + atomic64_read(&region->mm->pinned_vm) > limit)
		return -ENOMEM;
	return map_range(region, npages);	/* fires: GUP-A01 */
}

static int fires_kept_on_failure(struct region *region, unsigned long npages, unsigned long limit)
{
	unsigned long now = atomic64_add_return(npages, &region->mm->pinned_vm);

	if (now > limit)
		return -ENOMEM;	/* fires: GUP-A01 */
	if (region_fill(region, npages) < 0) {
		atomic64_sub(npages, &region->mm->pinned_vm);
		return -EFAULT;
	}
	return 0;
}

static int fires_by_field(struct region *region, struct mm_struct *mm, unsigned long npages)
{
	int ret;

	mmap_write_lock(mm);
	mm->locked_vm += npages;
	ret = region_fill(region, npages);
	mmap_write_unlock(mm);
	if (ret < 0)
		return ret;	/* fires: GUP-A01 */
	return 0;
}

static int fires_after_account(struct region *region, unsigned long npages)
{
	int ret = account_locked_vm(current->mm, npages, true);

	if (ret)
		return ret;
	region->pages = kvcalloc(npages, sizeof(*region->pages), GFP_KERNEL);
	if (!region->pages)
		return -ENOMEM;	/* fires: GUP-A01 */
	return 0;
}

static int fires_exchanged(struct ring *ring, unsigned long n, unsigned long limit)
{
	unsigned long now = atomic_long_read(&ring->user->locked_vm), sum;

	do {
		sum = now + n;
		if (sum > limit)
			return -ENOMEM;
	} while (!atomic_long_try_cmpxchg(&ring->user->locked_vm, &now, sum));
	if (ring_fill(ring, n) < 0)
		return -EFAULT;	/* fires: GUP-A01 */
	return 0;
}

static int fires_other_count(struct region *region, unsigned long npages, unsigned long limit)
{
	long got;

	if (atomic64_add_return(npages, &region->mm->pinned_vm) > limit) {
		atomic64_sub(npages, &region->mm->pinned_vm);
		return -ENOMEM;
	}
	got = pin_user_pages_fast(region->addr, npages, FOLL_LONGTERM, region->pages);
	if (got < npages) {
		atomic64_sub(got, &region->mm->pinned_vm);	/* fires: GUP-A01 */
		return -EFAULT;
	}
	return 0;
}

static int fires_twice(struct region *region, unsigned long npages, unsigned long limit)
{
	int ret = 0;

	if (atomic64_add_return(npages, &region->mm->pinned_vm) > limit) {
		ret = -ENOMEM;
		goto out;
	}
	ret = region_fill(region, npages);
	if (ret < 0) {
		atomic64_sub(npages, &region->mm->pinned_vm);
		goto out;
	}
	return 0;
out:
	atomic64_sub(npages, &region->mm->pinned_vm);	/* fires: GUP-A01 */
	return ret;
}

static void remember(struct holder *holder)
{
	holder->mm = current->mm;
	mmgrab(holder->mm);
}

static void fires_whoever_runs(struct holder *holder)
{
	atomic64_sub(holder->npages, &current->mm->pinned_vm);	/* fires: GUP-A01 */
	holder->npages = 0;
}

static int charge(struct region *region, unsigned long n, unsigned long limit)
{
	if (atomic64_add_return(n, &region->mm->pinned_vm) > limit) {
		atomic64_sub(n, &region->mm->pinned_vm);
		return -ENOMEM;
	}
	return 0;
}

static void uncharge(struct region *region, unsigned long n)
{
	atomic64_sub(n, &region->mm->pinned_vm);
}

static int fires_through_helper(struct region *region, unsigned long n, unsigned long limit)
{
	int ret = charge(region, n, limit);

	if (ret)
		return ret;
	ret = region_fill(region, n);
	if (ret < 0)
		return ret;	/* fires: GUP-A01 */
	return 0;
}

static int quiet_through_helpers(struct region *region, unsigned long n, unsigned long limit)
{
	int ret = charge(region, n, limit);

	if (ret)
		return ret;
	ret = region_fill(region, n);
	if (ret < 0)
		uncharge(region, n);
	return ret;
}

static int quiet_undone(struct region *region, unsigned long npages, unsigned long limit)
{
	int ret = -ENOMEM;

	if (atomic64_add_return(npages, &region->mm->pinned_vm) > limit)
		goto uncharge;
	ret = region_fill(region, npages);
	if (ret < 0)
		goto uncharge;
	return 0;
uncharge:
	atomic64_sub(npages, &region->mm->pinned_vm);
	return ret;
}

static int quiet_account(struct region *region, unsigned long npages)
{
	int ret = account_locked_vm(current->mm, npages, true);

	if (ret)
		return ret;
	region->pages = kvcalloc(npages, sizeof(*region->pages), GFP_KERNEL);
	if (!region->pages) {
		account_locked_vm(current->mm, npages, false);
		return -ENOMEM;
	}
	return 0;
}

static int quiet_in_parts(struct region *region, unsigned long npages, unsigned long limit)
{
	long got;

	if (atomic64_add_return(npages, &region->mm->pinned_vm) > limit) {
		atomic64_sub(npages, &region->mm->pinned_vm);
		return -ENOMEM;
	}
	got = pin_user_pages_fast(region->addr, npages, FOLL_LONGTERM, region->pages);
	if (got < npages) {
		atomic64_sub(npages - got, &region->mm->pinned_vm);
		atomic64_sub(got, &region->mm->pinned_vm);
		return -EFAULT;
	}
	return 0;
}

static int quiet_given_to_another(struct region *region, unsigned long npages)
{
	int ret = account_locked_vm(current->mm, npages, true);

	if (ret)
		return ret;
	ret = region_fill(region, npages);
	if (ret < 0)
		region_release(region);
	return ret;
}

static int quiet_exchange(struct ring *ring, unsigned long n, unsigned long limit)
{
	unsigned long now = atomic_long_read(&ring->user->locked_vm), sum;

	do {
		sum = now + n;
		if (sum > limit)
			return -ENOMEM;
	} while (!atomic_long_try_cmpxchg(&ring->user->locked_vm, &now, sum));
	return 0;
}

static void quiet_owner(struct holder *holder)
{
	atomic64_sub(holder->npages, &holder->mm->pinned_vm);
	holder->npages = 0;
}

static int quiet_old_exchange(struct ring *ring, unsigned long n, unsigned long limit)
{
	unsigned long now, sum;

	do {
		now = atomic_long_read(&ring->user->locked_vm);
		sum = now + n;
		if (sum > limit)
			return -ENOMEM;
	} while (atomic_long_cmpxchg(&ring->user->locked_vm, now, sum) != now);
	return 0;
}

static int fires_what_is_left(struct region *region, unsigned long npages)
{
	long got;

	if (account_locked_vm(region->mm, npages, true))
		return -ENOMEM;
	while (npages) {
		got = pin_user_pages_fast(region->addr, npages, FOLL_LONGTERM, region->pages);
		if (got < 0)
			goto out;
		npages -= got;
	}
	return 0;
out:
	account_locked_vm(region->mm, npages, false);	/* fires: GUP-A01 */
	return got;
}

static void put_chunks(struct region *region)
{
	region->chunks = 0;
}

static int fires_after_helper(struct region *region, unsigned long npages)
{
	if (account_locked_vm(region->mm, npages, true))
		return -ENOMEM;
	if (region_fill(region, npages) < 0) {
		put_chunks(region);
		return -EFAULT;	/* fires: GUP-A01 */
	}
	return 0;
}

static void drop_region(struct region *region)
{
	region_release(region);
}

static int quiet_through_others(struct region *region, unsigned long npages)
{
	if (account_locked_vm(region->mm, npages, true))
		return -ENOMEM;
	if (region_fill(region, npages) < 0) {
		drop_region(region);
		return -EFAULT;
	}
	return 0;
}

static int quiet_busy(struct region *region, unsigned long npages)
{
	int ret = account_locked_vm(region->mm, npages, true);

	if (ret)
		return ret;
	if (region->busy)
		ret = -EBUSY;
	if (ret >= 0)
		return ret;
	account_locked_vm(region->mm, npages, false);
	return ret;
}

/* case: mm counts locked VMAs */
/* file: mm/example.c */
static int quiet_vmas(struct mm_struct *mm, struct vm_area_struct *vma)
{
	mm->locked_vm += vma_pages(vma);
	if (lock_pages(vma))
		return -EAGAIN;
	return 0;
}

/* case: nothing was charged */
static int quiet_nothing_charged(struct region *region, unsigned long npages, unsigned long limit)
{
	int ret = -ENOMEM;

	if (atomic64_add_return(npages, &region->mm->pinned_vm) > limit)
		goto out;
	ret = region_fill(region, npages);
	if (ret < 0)
		goto out;
	return 0;
out:
	if (npages)
		atomic64_sub(npages, &region->mm->pinned_vm);
	return ret;
}
