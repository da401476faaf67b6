// SPDX-License-Identifier: GPL-2.0-or-later
/* Takes pages the way a command from user space says, and gives them back. */
#include <linux/mm.h>
#include <linux/slab.h>
#include <linux/uaccess.h>

enum gup_test_cmd {
	GUP_FAST_BENCHMARK,
	PIN_FAST_BENCHMARK,
	PIN_LONGTERM_BENCHMARK,
};

struct gup_test {
	u64 addr;
	u32 nr_pages;
	u32 gup_flags;
};

long gup_test_ioctl(unsigned int cmd, unsigned long arg);

static void put_back_pages(unsigned int cmd, struct page **pages, unsigned long nr_pages)
{
	unsigned long i;

	switch (cmd) {
	case GUP_FAST_BENCHMARK:
		for (i = 0; i < nr_pages; i++)
			put_page(pages[i]);
		break;
	case PIN_FAST_BENCHMARK:
	case PIN_LONGTERM_BENCHMARK:
		unpin_user_pages(pages, nr_pages);
		break;
	}
}

static int take_pages(unsigned int cmd, const struct gup_test *gup, struct page **pages)
{
	switch (cmd) {
	case GUP_FAST_BENCHMARK:
		return get_user_pages_fast(gup->addr, gup->nr_pages, gup->gup_flags, pages);
	case PIN_FAST_BENCHMARK:
		return pin_user_pages_fast(gup->addr, gup->nr_pages, gup->gup_flags, pages);
	case PIN_LONGTERM_BENCHMARK:
		return pin_user_pages_fast(gup->addr, gup->nr_pages,
					   gup->gup_flags | FOLL_LONGTERM, pages);
	default:
		return -ENOTTY;
	}
}

long gup_test_ioctl(unsigned int cmd, unsigned long arg)
{
	struct page **pages;
	struct gup_test gup;
	int ret;

	if (copy_from_user(&gup, (void __user *)arg, sizeof(gup)))
		return -EFAULT;
	if (gup.nr_pages == 0 || gup.nr_pages > INT_MAX)
		return -EINVAL;

	pages = kvmalloc_array(gup.nr_pages, sizeof(*pages), GFP_KERNEL);
	if (!pages)
		return -ENOMEM;

	ret = take_pages(cmd, &gup, pages);
	if (ret > 0) {
		put_back_pages(cmd, pages, ret);
		ret = 0;
	}

	kvfree(pages);
	return ret;
}
