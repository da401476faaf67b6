/* SPDX-License-Identifier: GPL-2.0-or-later */
static int fires_after_release(struct dev *dev, unsigned long addr, int n)
{
	struct page **pages = kvmalloc_array(n, sizeof(*pages), GFP_KERNEL);
	int got;

	if (!pages)
		return -ENOMEM;
	got = pin_user_pages_fast(addr, n, FOLL_WRITE | FOLL_LONGTERM, pages);
	if (got != n) {
		if (got > 0)
			unpin_user_pages(pages, got);
		return -EFAULT;	/* fires: GUP-P19 */
	}
	dev->pages = pages;
	return 0;
}

static int fires_second_array(struct dev *dev, unsigned long addr, int n)
{
	struct page **pages, **more;
	int got;

	pages = kcalloc(n, sizeof(struct page *), GFP_KERNEL);
	if (!pages)
		return -ENOMEM;
	more = kcalloc(n, sizeof(struct page *), GFP_KERNEL);
	if (!more)
		return -ENOMEM;	/* fires: GUP-P19 */
	got = get_user_pages_fast(addr, n, 0, pages);
	if (got > 0)
		release_pages(pages, got);
	kfree(more);
	kfree(pages);
	return 0;
}

static int fires_kfree_of_kvmalloc(unsigned long addr, int n)
{
	struct page **pages = kvmalloc_array(n, sizeof(*pages), GFP_KERNEL);
	int got;

	if (!pages)
		return -ENOMEM;
	got = get_user_pages_fast(addr, n, 0, pages);
	if (got > 0)
		release_pages(pages, got);
	kfree(pages);	/* fires: GUP-P19 */
	return 0;
}

static int quiet_object_that_others_have(struct queue *queue, unsigned long addr, int n)
{
	struct region *region = kzalloc(sizeof(*region), GFP_KERNEL);
	int got, i, rc;

	if (!region)
		return -ENOMEM;
	region->pages = kcalloc(n, sizeof(*region->pages), GFP_KERNEL);
	if (!region->pages) {
		kfree(region);
		return -ENOMEM;
	}
	got = pin_user_pages_fast(addr, n, FOLL_WRITE | FOLL_LONGTERM, region->pages);
	if (got != n) {
		if (got > 0)
			unpin_user_pages(region->pages, got);
		kfree(region->pages);
		kfree(region);
		return -EFAULT;
	}
	for (i = 0; i < queue->count; i++)
		queue->slots[i].region = region;
	rc = queue_wait(queue);
	if (!rc)
		kfree(region);
	return rc;
}

static int fires_object_without_its_array(unsigned long addr, int n, struct region **made)
{
	struct region *region = kzalloc(sizeof(*region), GFP_KERNEL);
	int got;

	if (!region)
		return -ENOMEM;
	region->pages = kvcalloc(n, sizeof(*region->pages), GFP_KERNEL);
	if (!region->pages) {
		kfree(region);
		return -ENOMEM;
	}
	got = pin_user_pages_fast(addr, n, FOLL_WRITE | FOLL_LONGTERM, region->pages);
	if (got != n) {
		if (got > 0)
			unpin_user_pages(region->pages, got);
		kfree(region);	/* fires: GUP-P19 */
		return -EFAULT;
	}
	*made = region;
	return 0;
}

static int quiet_ladder(struct dev *dev, unsigned long addr, int n)
{
	struct page **pages = kvmalloc_array(n, sizeof(*pages), GFP_KERNEL);
	int got, ret = -EFAULT;

	if (!pages)
		return -ENOMEM;
	got = pin_user_pages_fast(addr, n, FOLL_WRITE | FOLL_LONGTERM, pages);
	if (got == n) {
		dev->pages = pages;
		return 0;
	}
	if (got > 0)
		unpin_user_pages(pages, got);
	kvfree(pages);
	return ret;
}

static int quiet_cleanup(unsigned long addr, int n)
{
	struct page **pages __free(kvfree) = kvmalloc_array(n, sizeof(*pages), GFP_KERNEL);
	int got;

	if (!pages)
		return -ENOMEM;
	got = get_user_pages_fast(addr, n, 0, pages);
	if (got <= 0)
		return -EFAULT;
	release_pages(pages, got);
	return 0;
}

static struct page **quiet_returned(unsigned long addr, int n)
{
	struct page **pages = kcalloc(n, sizeof(*pages), GFP_KERNEL);

	if (!pages)
		return NULL;
	if (pin_user_pages_fast(addr, n, FOLL_LONGTERM, pages) != n)
		pages[0] = NULL;
	return pages;
}

static int quiet_managed(struct device *dev, unsigned long addr, int n)
{
	struct page **pages = devm_kcalloc(dev, n, sizeof(*pages), GFP_KERNEL);
	int got;

	if (!pages)
		return -ENOMEM;
	got = get_user_pages_fast(addr, n, 0, pages);
	if (got > 0)
		release_pages(pages, got);
	return 0;
}
