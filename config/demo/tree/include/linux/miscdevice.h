/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef _LINUX_MISCDEVICE_H
#define _LINUX_MISCDEVICE_H

#include <linux/fs.h>

struct miscdevice {
	const char *name;
	const struct file_operations *fops;
};

int misc_register(struct miscdevice *misc);
void misc_deregister(struct miscdevice *misc);

#define module_misc_device(m)					\
	int __init m##_init(void);				\
	int __init m##_init(void) { return misc_register(&m); }	\
	void __exit m##_exit(void);				\
	void __exit m##_exit(void) { misc_deregister(&m); }

#endif /* _LINUX_MISCDEVICE_H */
