/* SPDX-License-Identifier: GPL-2.0-or-later */
static long fires_sum(u64 uaddr, u64 size, struct page **pages)
{
	unsigned long npages;

	npages = PFN_UP(size + offset_in_page(uaddr));	/* fires: GUP-A02 */
	return pin_user_pages(uaddr & PAGE_MASK, npages, FOLL_WRITE, pages);
}

static long fires_last_page(unsigned long addr, size_t size, struct page **pages)
{
	unsigned long first = addr >> PAGE_SHIFT;
	unsigned long last = (addr + size - 1) >> PAGE_SHIFT;	/* fires: GUP-A02 */
	unsigned long n = last - first + 1;

	return get_user_pages_unlocked(addr, n, pages, FOLL_WRITE);
}

static long fires_field(struct request *req, struct page **pages)
{
	unsigned long end = PAGE_ALIGN(req->addr + req->len);	/* fires: GUP-A02 */
	unsigned long n = (end - (req->addr & PAGE_MASK)) >> PAGE_SHIFT;

	return pin_user_pages(req->addr, n, FOLL_WRITE, pages);
}

static int fires_kept_in_object(struct buffer *buffer, unsigned long addr, unsigned long size)
{
	buffer->n = DIV_ROUND_UP(offset_in_page(addr) + size, PAGE_SIZE);	/* fires: GUP-A02 */
	buffer->pages = kcalloc(buffer->n, sizeof(*buffer->pages), GFP_KERNEL);
	if (!buffer->pages)
		return -ENOMEM;
	return pin_user_pages_fast(addr & PAGE_MASK, buffer->n, FOLL_WRITE, buffer->pages);
}

static int fires_cut(unsigned long addr, u64 len, struct page **pages)
{
	int n = len >> PAGE_SHIFT;	/* fires: GUP-A02 */

	return pin_user_pages_fast(addr, n, FOLL_WRITE, pages);
}

static int fires_offset(unsigned long addr, unsigned int len, struct page **pages)
{
	int n = DIV_ROUND_UP(len, PAGE_SIZE);	/* fires: GUP-A02 */

	return pin_user_pages_fast(addr & PAGE_MASK, n, FOLL_WRITE, pages);
}

static int fires_late(unsigned long addr, unsigned int len, int n, struct page **pages)
{
	int ret = pin_user_pages_fast(addr, n, FOLL_WRITE, pages);

	if (!access_ok((void __user *)addr, len))	/* fires: GUP-A02 */
		return -EFAULT;
	return ret;
}

static long quiet_asked(u64 uaddr, u64 size, struct page **pages)
{
	unsigned long npages;

	if (uaddr + size < uaddr)
		return -EINVAL;
	npages = PFN_UP(size + offset_in_page(uaddr));
	return pin_user_pages(uaddr & PAGE_MASK, npages, FOLL_WRITE, pages);
}

static long quiet_checked_sum(u64 uaddr, u64 size, struct page **pages)
{
	u64 end;

	if (check_add_overflow(uaddr, size, &end))
		return -EOVERFLOW;
	return pin_user_pages(uaddr, (end >> PAGE_SHIFT) - (uaddr >> PAGE_SHIFT) + 1, FOLL_WRITE, pages);
}

static long quiet_narrow_length(unsigned long uaddr, u32 size, struct page **pages)
{
	unsigned long npages = PFN_UP(size + offset_in_page(uaddr));

	return pin_user_pages(uaddr & PAGE_MASK, npages, FOLL_WRITE, pages);
}

static long quiet_limit(unsigned long uaddr, size_t size, struct page **pages)
{
	if (size > MAX_BUFFER)
		return -EINVAL;
	return pin_user_pages(uaddr, (uaddr + size - 1) / PAGE_SIZE - uaddr / PAGE_SIZE + 1, FOLL_WRITE, pages);
}

static int quiet_cut_after_limit(unsigned long addr, u64 len, struct page **pages)
{
	int n;

	if (len > MAX_BUFFER)
		return -EINVAL;
	n = len >> PAGE_SHIFT;
	return pin_user_pages_fast(addr, n, FOLL_WRITE, pages);
}

static int quiet_aligned(unsigned long addr, unsigned int len, struct page **pages)
{
	int n = DIV_ROUND_UP(len, PAGE_SIZE);

	if (addr & ~PAGE_MASK)
		return -EINVAL;
	return pin_user_pages_fast(addr & PAGE_MASK, n, FOLL_WRITE, pages);
}

static int quiet_with_offset(unsigned long addr, unsigned int len, struct page **pages)
{
	unsigned int offset = addr & ~PAGE_MASK;
	int n = DIV_ROUND_UP(len + offset, PAGE_SIZE);

	return pin_user_pages_fast(addr & PAGE_MASK, n, FOLL_WRITE, pages);
}

static int quiet_early(unsigned long addr, unsigned int len, int n, struct page **pages)
{
	if (!access_ok((void __user *)addr, len))
		return -EFAULT;
	return pin_user_pages_fast(addr, n, FOLL_WRITE, pages);
}

static int in_one_page(unsigned long addr, size_t size, struct page **pages)
{
	return pin_user_pages(addr, PFN_UP(offset_in_page(addr) + size), FOLL_WRITE, pages);
}

static int quiet_callers_limit(struct request *req, struct page **pages)
{
	if (req->len > PAGE_SIZE)
		return -EINVAL;
	return in_one_page(req->addr, req->len, pages);
}

static long quiet_field_of_unknown_type(struct request *req, unsigned long start, struct page **pages)
{
	unsigned long n = PFN_UP(req->bytes + offset_in_page(start));

	return pin_user_pages(start, n, FOLL_WRITE, pages);
}
