/* SPDX-License-Identifier: GPL-2.0-or-later */
static bool fires_page(struct pipe_inode_info *pipe, struct pipe_buffer *buf)
{
	get_page(buf->page);	/* fires: REF-R06 */
	return true;
}

static bool fires_folio(struct pipe_inode_info *pipe, struct pipe_buffer *buf)
{
	folio_get(page_folio(buf->page));	/* fires: REF-R06 */
	return true;
}

static bool quiet_tries(struct pipe_inode_info *pipe, struct pipe_buffer *buf)
{
	return try_get_page(buf->page);
}

static void quiet_release(struct pipe_inode_info *pipe, struct pipe_buffer *buf)
{
	get_page(buf->page);
	put_page(buf->page);
}

static const struct pipe_buf_operations page_ops = {
	.release = quiet_release,
	.get = fires_page,
};

static const struct pipe_buf_operations folio_ops = {
	.get = fires_folio,
};

static const struct pipe_buf_operations good_ops = {
	.get = quiet_tries,
};

static const struct other_operations other_ops = {
	.get = quiet_release,
};
