/* SPDX-License-Identifier: GPL-2.0-or-later */
static int fires_pages(u64 addr, u64 len, struct page **pages)
{
	return pin_user_pages_fast(addr, len >> PAGE_SHIFT, FOLL_WRITE, pages);	/* fires: GUP-C05 */
}

static int fires_variable(struct buffer *buffer, unsigned long addr, unsigned long len)
{
	unsigned long npages = PFN_UP(len);
	struct page **pages = vmalloc(npages * sizeof(*pages));

	if (!pages)
		return -ENOMEM;
	buffer->got = get_user_pages_fast(addr, npages, 0, pages);	/* fires: GUP-C05 */
	return 0;
}

static int fires_one_caller(unsigned long addr, size_t nr, struct page **pages)
{
	return pin_user_pages_fast(addr, nr, FOLL_LONGTERM, pages);	/* fires: GUP-C05 */
}

static int from_ioctl(struct args *args, struct page **pages)
{
	return fires_one_caller(args->addr, args->nr, pages);
}

static int quiet_limit(u64 addr, u64 len, struct page **pages)
{
	if (len > MAX_BUFFER)
		return -EINVAL;
	return pin_user_pages_fast(addr, len >> PAGE_SHIFT, FOLL_WRITE, pages);
}

static int quiet_batch(unsigned long addr, unsigned long left, struct page **pages)
{
	unsigned long batch = min_t(unsigned long, left, 16);

	return pin_user_pages_fast(addr, batch, FOLL_WRITE, pages);
}

static int in_array(struct user *user, unsigned long addr)
{
	size_t nr = user->length / sizeof(*user->pages);

	return pin_user_pages_fast(addr, nr, FOLL_WRITE, user->pages);
}

static int quiet_as_many_as_fit(struct user *user, unsigned long addr)
{
	return in_array(user, addr);
}

static int quiet_narrow(unsigned long addr, int nr, struct page **pages)
{
	return pin_user_pages_fast(addr, nr, FOLL_WRITE, pages);
}

static long quiet_wide_function(unsigned long addr, u64 len, struct page **pages)
{
	return pin_user_pages(addr, len >> PAGE_SHIFT, FOLL_WRITE, pages);
}

static int quiet_allocated(struct buffer *buffer, unsigned long addr, unsigned long npages)
{
	buffer->pages = kvmalloc_array(npages, sizeof(*buffer->pages), GFP_KERNEL);
	if (!buffer->pages)
		return -ENOMEM;
	buffer->got = get_user_pages_fast(addr, npages, 0, buffer->pages);
	return 0;
}

static int quiet_of_unknown_callers(unsigned long addr, size_t nr, struct page **pages)
{
	return pin_user_pages_fast(addr, nr, FOLL_LONGTERM, pages);
}

static int quiet_caller_limits(unsigned long addr, size_t nr, struct page **pages)
{
	return pin_user_pages_fast(addr, nr, FOLL_LONGTERM, pages);
}

static int from_other_ioctl(struct args *args, struct page **pages)
{
	if (args->nr > 64)
		return -E2BIG;
	return quiet_caller_limits(args->addr, args->nr, pages);
}

/* case: who is given the address of the field limits it */
struct batch {
	size_t bytes;
	struct page **pages;
};

static int quiet_user_pages_of_batch(struct batch *batch, unsigned long addr)
{
	long nr = batch->bytes / sizeof(*batch->pages);

	nr = pin_user_pages_fast(addr, nr, FOLL_WRITE, batch->pages);
	return nr;
}

static int from_batch_ioctl(struct batch *batch, unsigned long addr, size_t wanted)
{
	batch->bytes = wanted;
	batch->pages = small_alloc(&batch->bytes);
	if (!batch->pages)
		return -ENOMEM;
	return quiet_user_pages_of_batch(batch, addr);
}

/* case: the address of another field says nothing */
struct batch {
	size_t bytes;
	size_t used;
	struct page **pages;
};

static int fires_user_pages_of_batch(struct batch *batch, unsigned long addr)
{
	long nr = batch->bytes / sizeof(*batch->pages);

	nr = pin_user_pages_fast(addr, nr, FOLL_WRITE, batch->pages);	/* fires: GUP-C05 */
	return nr;
}

static int from_batch_ioctl(struct batch *batch, unsigned long addr, size_t wanted)
{
	batch->bytes = wanted;
	batch->pages = small_alloc(&batch->used);
	if (!batch->pages)
		return -ENOMEM;
	return fires_user_pages_of_batch(batch, addr);
}
