/* SPDX-License-Identifier: GPL-2.0-or-later */
static long fires_ioctl(struct file *file, unsigned int cmd, unsigned long arg)
{
	struct page *page;

	if (get_user_pages(arg, 1, FOLL_WRITE, &page) != 1)	/* fires: GUP-C01 */
		return -EFAULT;
	put_page(page);
	return 0;
}

static const struct file_operations ops = {
	.unlocked_ioctl = fires_ioctl,
	.mmap = quiet_mmap,
};

static long fires_after_unlock(struct mm_struct *mm, unsigned long addr, struct page **pages)
{
	long ret;

	mmap_read_lock(mm);
	ret = look_up(mm, addr);
	mmap_read_unlock(mm);
	if (ret)
		return ret;
	return pin_user_pages_remote(mm, addr, 1, FOLL_LONGTERM, pages, NULL);	/* fires: GUP-C01 */
}

static long fires_second_round(struct mm_struct *mm, unsigned long addr, long n, struct page **pages)
{
	long done = 0, ret;

	mmap_read_lock(mm);
	while (done < n) {
		ret = pin_user_pages(addr + done * PAGE_SIZE, n - done, 0, pages + done);	/* fires: GUP-C01 */
		mmap_read_unlock(mm);
		if (ret <= 0)
			return ret;
		done += ret;
	}
	return done;
}

static struct page *fires_vma(struct mm_struct *mm, unsigned long addr, struct vm_area_struct **vmap)
{
	mmap_read_lock(mm);
	*vmap = vma_lookup(mm, addr);
	mmap_read_unlock(mm);
	return get_user_page_vma_remote(mm, addr, 0, vmap);	/* fires: GUP-C01 */
}

static long fires_for_a_caller(struct buffer *buffer, unsigned long addr)
{
	return pin_user_pages(addr, buffer->n, FOLL_WRITE, buffer->pages);	/* fires: GUP-C01 */
}

static long middle(struct buffer *buffer, unsigned long addr)
{
	buffer->n = 1;
	return fires_for_a_caller(buffer, addr);
}

static ssize_t buffer_write(struct file *file, const char __user *data, size_t size, loff_t *pos)
{
	return middle(file->private_data, (unsigned long)data);
}

static const struct file_operations other_ops = {
	.write = buffer_write,
};

static int quiet_mmap(struct file *file, struct vm_area_struct *vma)
{
	return get_user_pages(vma->vm_start, 1, FOLL_WRITE, file->private_data);
}

static long quiet_locks(struct mm_struct *mm, unsigned long addr, struct page **pages)
{
	long ret;

	mmap_read_lock(mm);
	ret = pin_user_pages_remote(mm, addr, 1, FOLL_LONGTERM, pages, NULL);
	mmap_read_unlock(mm);
	return ret;
}

static long quiet_asserts(struct mm_struct *mm, unsigned long addr, struct page **pages, struct file *file)
{
	mmap_assert_locked(mm);
	return pin_user_pages_remote(mm, addr, 1, FOLL_LONGTERM, pages, NULL);
}

static long quiet_caller_locks(struct buffer *buffer, unsigned long addr)
{
	return pin_user_pages(addr, buffer->n, FOLL_WRITE, buffer->pages);
}

static long quiet_ioctl(struct file *file, unsigned int cmd, unsigned long arg)
{
	long ret;

	mmap_read_lock(current->mm);
	ret = quiet_caller_locks(file->private_data, arg);
	mmap_read_unlock(current->mm);
	return ret;
}

static const struct file_operations quiet_ops = {
	.unlocked_ioctl = quiet_ioctl,
};

static long quiet_downgraded(struct mm_struct *mm, unsigned long addr, struct page **pages)
{
	long ret;

	mmap_write_lock(mm);
	mmap_write_downgrade(mm);
	ret = pin_user_pages_remote(mm, addr, 1, FOLL_LONGTERM, pages, NULL);
	mmap_read_unlock(mm);
	return ret;
}

static long quiet_taken_again(struct mm_struct *mm, unsigned long addr, struct page **pages)
{
	long ret;

	mmap_read_lock(mm);
	mmap_read_unlock(mm);
	mmap_read_lock(mm);
	ret = pin_user_pages_remote(mm, addr, 1, FOLL_LONGTERM, pages, NULL);
	mmap_read_unlock(mm);
	return ret;
}

static long quiet_fast(struct file *file, unsigned int cmd, unsigned long arg)
{
	struct page *page;

	mmap_read_lock(current->mm);
	mmap_read_unlock(current->mm);
	return get_user_pages_fast(arg, 1, FOLL_WRITE, &page);
}

static long quiet_fast_at_once(struct file *file, unsigned int cmd, unsigned long arg)
{
	struct page *page;

	return get_user_pages_fast(arg, 1, FOLL_WRITE, &page);
}

static const struct file_operations fast_ops = {
	.unlocked_ioctl = quiet_fast,
	.compat_ioctl = quiet_fast_at_once,
};

static long quiet_spinlock(struct buffer *buffer, unsigned long addr)
{
	spin_lock(&buffer->lock);
	spin_unlock(&buffer->lock);
	return get_user_pages(addr, 1, FOLL_WRITE, buffer->pages);
}

static long unlocked_remote(struct file *file, struct mm_struct *mm, struct page **pages)
{
	return get_user_pages_remote(mm, 0, 1, 0, pages, NULL);	/* fires: GUP-C01 */
}

static struct page *unlocked_page(struct inode *inode, struct mm_struct *mm)
{
	struct vm_area_struct *vma;

	return get_user_page_vma_remote(mm, 0, 0, &vma);	/* fires: GUP-C01 */
}

static long quiet_after_spinlock(struct buffer *buffer, unsigned long addr)
{
	return get_user_pages(addr, 1, FOLL_WRITE, buffer->pages);
}

static long calls_after_spinlock(struct buffer *buffer, unsigned long addr)
{
	long ret;

	mmap_read_lock(buffer->mm);
	spin_lock(&buffer->lock);
	spin_unlock(&buffer->lock);
	ret = quiet_after_spinlock(buffer, addr);
	mmap_read_unlock(buffer->mm);
	return ret;
}

static const struct other_operations remote_ops = {
	.remote = unlocked_remote,
	.page = unlocked_page,
};
