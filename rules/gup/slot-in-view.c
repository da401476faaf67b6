/* SPDX-License-Identifier: GPL-2.0-or-later */
static int fires_field_of_a_context(struct context *ctx, unsigned long addr)
{
	if (pin_user_pages_fast(addr, 1, FOLL_WRITE | FOLL_LONGTERM, &ctx->page) != 1)	/* fires: GUP-P12 */
		return -EFAULT;
	ctx->address = page_to_phys(ctx->page);
	return 0;
}

static int fires_global(unsigned long addr)
{
	int ret = get_user_pages_fast(addr, 1, FOLL_WRITE, &shared_state->page);	/* fires: GUP-P12 */

	if (ret < 1)
		return ret < 0 ? ret : -EFAULT;
	return 0;
}

static int quiet_local_first(struct context *ctx, unsigned long addr)
{
	struct page *page;

	if (pin_user_pages_fast(addr, 1, FOLL_WRITE | FOLL_LONGTERM, &page) != 1)
		return -EFAULT;
	ctx->page = page;
	return 0;
}

static int quiet_cleared(struct context *ctx, unsigned long addr)
{
	if (pin_user_pages_fast(addr, 1, FOLL_WRITE | FOLL_LONGTERM, &ctx->page) != 1) {
		ctx->page = NULL;
		return -EFAULT;
	}
	return 0;
}

static int quiet_own_object(unsigned long addr)
{
	struct context ctx;

	if (pin_user_pages_fast(addr, 1, FOLL_WRITE, &ctx.page) != 1)
		return -EFAULT;
	use_context(&ctx);
	unpin_user_page(ctx.page);
	return 0;
}

static int quiet_freed_with_it(unsigned long addr)
{
	struct context *ctx = kzalloc(sizeof(*ctx), GFP_KERNEL);

	if (!ctx)
		return -ENOMEM;
	if (pin_user_pages_fast(addr, 1, FOLL_WRITE | FOLL_LONGTERM, &ctx->page) != 1) {
		kfree(ctx);
		return -EFAULT;
	}
	publish(ctx);
	return 0;
}

static int quiet_array_with_a_count(struct context *ctx, unsigned long addr, int n)
{
	int got = pin_user_pages_fast(addr, n, FOLL_WRITE | FOLL_LONGTERM, ctx->pages);

	if (got < 0)
		return got;
	ctx->count = got;
	return 0;
}

static int fires_cleared_too_late(struct window *window, unsigned long addr)
{
	if (window->frame)
		return -EEXIST;
	if (pin_user_pages_fast(addr, 1, FOLL_WRITE | FOLL_LONGTERM, &window->frame) != 1) {	/* fires: GUP-P12 */
		window->frame = NULL;
		return -EFAULT;
	}
	return 0;
}

static int quiet_one_of_many(struct context *ctx, unsigned long addr, int n)
{
	int i;

	for (i = 0; i < n; i++) {
		if (pin_user_pages_fast(addr + i * PAGE_SIZE, 1, FOLL_WRITE | FOLL_LONGTERM, &ctx->pages[i]) != 1)
			goto undo;
	}
	ctx->count = n;
	return 0;
undo:
	unpin_user_pages(ctx->pages, i);
	return -EFAULT;
}

static int quiet_array_of_one(struct context *ctx, unsigned long addr)
{
	if (pin_user_pages_fast(addr, 1, FOLL_WRITE | FOLL_LONGTERM, ctx->pages) != 1)
		return -EFAULT;
	ctx->count = 1;
	return 0;
}
