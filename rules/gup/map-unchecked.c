/* SPDX-License-Identifier: GPL-2.0-or-later */
static int take(struct buffer *buf, unsigned long addr, int n)
{
	return pin_user_pages_fast(addr, n, FOLL_WRITE | FOLL_LONGTERM, buf->pages);
}

static void fires_count_is_used(struct buffer *buf)
{
	int n = dma_map_sg(buf->dev, buf->sgl, buf->count, DMA_FROM_DEVICE);	/* fires: GUP-P15 */

	start_device(buf->dev, buf->sgl, n);
}

static int fires_taken_for_an_errno(struct buffer *buf)
{
	int n = dma_map_sg(buf->dev, buf->sgl, buf->count, DMA_FROM_DEVICE);	/* fires: GUP-P15 */

	if (n < 0)
		return n;
	start_device(buf->dev, buf->sgl, n);
	return 0;
}

static int fires_nobody_looks(struct buffer *buf)
{
	dma_map_sgtable(buf->dev, &buf->table, DMA_TO_DEVICE, 0);	/* fires: GUP-P15 */
	start_device(buf->dev, buf->table.sgl, buf->table.nents);
	return 0;
}

static int fires_zero_is_an_address(struct buffer *buf)
{
	dma_addr_t at = dma_map_page(buf->dev, buf->pages[0], 0, PAGE_SIZE, DMA_TO_DEVICE);	/* fires: GUP-P15 */

	if (!at)
		return -EIO;
	start_at(buf->dev, at);
	return 0;
}

static int fires_table_is_a_count(struct buffer *buf)
{
	int ret = dma_map_sgtable(buf->dev, &buf->table, DMA_TO_DEVICE, 0);	/* fires: GUP-P15 */

	if (ret <= 0)
		return -EIO;
	start_device(buf->dev, buf->table.sgl, ret);
	return 0;
}

static int quiet_zero_fails(struct buffer *buf)
{
	int n = dma_map_sg(buf->dev, buf->sgl, buf->count, DMA_FROM_DEVICE);

	if (!n)
		return -EIO;
	start_device(buf->dev, buf->sgl, n);
	return 0;
}

static int quiet_field(struct buffer *buf)
{
	buf->mapped = dma_map_sg(buf->dev, buf->sgl, buf->count, DMA_FROM_DEVICE);
	if (buf->mapped == 0)
		return -EIO;
	return 0;
}

static int quiet_handed_on(struct buffer *buf)
{
	return dma_map_sgtable(buf->dev, &buf->table, DMA_TO_DEVICE, 0);
}

static int quiet_errno(struct buffer *buf)
{
	int ret = dma_map_sgtable(buf->dev, &buf->table, DMA_TO_DEVICE, 0);

	if (ret < 0)
		return ret;
	start_device(buf->dev, buf->table.sgl, buf->table.nents);
	return 0;
}

static int quiet_asked(struct buffer *buf)
{
	dma_addr_t at = dma_map_page(buf->dev, buf->pages[0], 0, PAGE_SIZE, DMA_TO_DEVICE);

	if (dma_mapping_error(buf->dev, at))
		return -EIO;
	start_at(buf->dev, at);
	return 0;
}

static int fires_kept_in_a_field_that_was_looked_at_before(struct queue *queue, u32 size)
{
	if (queue->entries)
		return -EBUSY;
	queue->entries = dma_map_sg(queue->dev, queue->sgl, queue->count, DMA_TO_DEVICE);	/* fires: GUP-P15 */
	queue->slot[queue->entries].size = size;
	queue->entries++;
	return 0;
}

static int quiet_field_that_a_loop_looks_at(struct ring *ring, u32 size)
{
	ring->mapped = dma_map_sg(ring->dev, ring->sgl, ring->count, DMA_TO_DEVICE);
	while (ring->mapped > 0)
		ring_send(ring, ring->mapped--);
	return 0;
}
