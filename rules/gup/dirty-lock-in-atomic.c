/* SPDX-License-Identifier: GPL-2.0-or-later */
static void fires_under_spinlock(struct queue *queue, struct buffer *buf)
{
	spin_lock(&queue->lock);
	list_del(&buf->list);
	unpin_user_pages_dirty_lock(buf->pages, buf->count, true);	/* fires: GUP-D03 */
	spin_unlock(&queue->lock);
}

static void fires_with_irqs_off(struct queue *queue)
{
	struct buffer *buf;
	unsigned long flags;

	spin_lock_irqsave(&queue->lock, flags);
	list_for_each_entry(buf, &queue->done, list) {
		set_page_dirty_lock(buf->page);	/* fires: GUP-D03 */
		unpin_user_page(buf->page);
	}
	spin_unlock_irqrestore(&queue->lock, flags);
}

static void release_all(struct buffer *buf)
{
	unpin_user_pages_dirty_lock(buf->pages, buf->count, true);	/* fires: GUP-D03 */
}

static irqreturn_t fires_interrupt(int irq, void *data)
{
	release_all(data);
	return IRQ_HANDLED;
}

static int probe(struct device *dev, int irq, struct buffer *buf)
{
	return devm_request_irq(dev, irq, fires_interrupt, 0, "example", buf);
}

static void fires_end_io(struct bio *bio)
{
	struct buffer *buf = bio->bi_private;

	unpin_user_pages_dirty_lock(buf->pages, buf->count, buf->wrote);	/* fires: GUP-D03 */
}

static void submit(struct bio *bio, struct buffer *buf)
{
	bio->bi_end_io = fires_end_io;
	submit_bio(bio);
}

static void quiet_after_unlocking(struct queue *queue, struct buffer *buf)
{
	spin_lock(&queue->lock);
	list_del(&buf->list);
	spin_unlock(&queue->lock);
	unpin_user_pages_dirty_lock(buf->pages, buf->count, true);
}

static void quiet_not_marked(struct queue *queue, struct buffer *buf)
{
	spin_lock(&queue->lock);
	unpin_user_pages_dirty_lock(buf->pages, buf->count, false);
	spin_unlock(&queue->lock);
}

static void quiet_under_mutex(struct queue *queue, struct buffer *buf)
{
	mutex_lock(&queue->mutex);
	unpin_user_pages_dirty_lock(buf->pages, buf->count, true);
	mutex_unlock(&queue->mutex);
}

static void quiet_work(struct work_struct *work)
{
	struct buffer *buf = container_of(work, struct buffer, work);

	unpin_user_pages_dirty_lock(buf->pages, buf->count, true);
}

static void quiet_handler(struct bio *bio)
{
	struct buffer *buf = bio->bi_private;

	INIT_WORK(&buf->work, quiet_work);
	schedule_work(&buf->work);
}

static void quiet_that_asks(struct bio *bio)
{
	struct buffer *buf = bio->bi_private;

	if (in_interrupt())
		schedule_work(&buf->work);
	else
		unpin_user_pages_dirty_lock(buf->pages, buf->count, true);
}

static void submit_others(struct bio *one, struct bio *two)
{
	one->bi_end_io = quiet_handler;
	two->bi_end_io = quiet_that_asks;
}
