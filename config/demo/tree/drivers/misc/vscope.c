// SPDX-License-Identifier: GPL-2.0-or-later
/* Vireo logic analyser: captures into a buffer that user space hands in. */
#include <linux/miscdevice.h>
#include <linux/mm.h>
#include <linux/slab.h>
#include <linux/uaccess.h>

#define VSCOPE_MAX_PAGES	256

struct vscope_window {
	u64 addr;
	u32 nr_pages;
	u32 reserved;
};

struct vscope {
	struct page **pages;
	int nr_pages;
};

static void vscope_close_window(struct vscope *scope)
{
	unpin_user_pages_dirty_lock(scope->pages, scope->nr_pages, true);
	kvfree(scope->pages);
	scope->pages = NULL;
	scope->nr_pages = 0;
}

static long vscope_open_window(struct vscope *scope, const struct vscope_window *window)
{
	struct page **pages;
	int nr;

	if (!window->nr_pages || window->nr_pages > VSCOPE_MAX_PAGES)
		return -EINVAL;

	pages = kvmalloc_array(window->nr_pages, sizeof(*pages), GFP_KERNEL);
	if (!pages)
		return -ENOMEM;

	nr = pin_user_pages_fast(window->addr, window->nr_pages,
				 FOLL_WRITE | FOLL_LONGTERM, pages);
	if (nr != (int)window->nr_pages) {
		if (nr > 0)
			unpin_user_pages(pages, nr);
		kvfree(pages);
		return nr < 0 ? nr : -EFAULT;
	}

	if (scope->pages)
		vscope_close_window(scope);
	scope->pages = pages;
	scope->nr_pages = nr;
	return 0;
}

static long vscope_ioctl(struct file *file, unsigned int cmd, unsigned long arg)
{
	struct vscope_window window;

	if (cmd != 0)
		return -ENOTTY;
	if (copy_from_user(&window, (void __user *)arg, sizeof(window)))
		return -EFAULT;
	return vscope_open_window(file->private_data, &window);
}

static int vscope_open(struct inode *inode, struct file *file)
{
	file->private_data = kzalloc(sizeof(struct vscope), GFP_KERNEL);
	return file->private_data ? 0 : -ENOMEM;
}

static int vscope_release(struct inode *inode, struct file *file)
{
	struct vscope *scope = file->private_data;

	if (scope->pages)
		vscope_close_window(scope);
	kfree(scope);
	return 0;
}

static const struct file_operations vscope_fops = {
	.open		= vscope_open,
	.release	= vscope_release,
	.unlocked_ioctl	= vscope_ioctl,
};

static struct miscdevice vscope_misc = {
	.name	= "vscope",
	.fops	= &vscope_fops,
};
module_misc_device(vscope_misc)
