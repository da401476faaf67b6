// SPDX-License-Identifier: GPL-2.0-or-later
/* Reef Ethernet: hands out one receive page many times and counts in bulk. */
#include <linux/mm.h>

struct reef_rx_buffer {
	struct page *page;
	u16 pagecnt_bias;
};

bool reef_rx_reuse(struct reef_rx_buffer *buffer);
void reef_rx_drop(struct reef_rx_buffer *buffer);

/* The stock of references is filled up in one go when it runs low. */
bool reef_rx_reuse(struct reef_rx_buffer *buffer)
{
	if (page_ref_count(buffer->page) - buffer->pagecnt_bias > 1)
		return false;

	if (unlikely(buffer->pagecnt_bias == 1)) {
		page_ref_add(buffer->page, USHRT_MAX - 1);
		buffer->pagecnt_bias = USHRT_MAX;
	}
	return true;
}

void reef_rx_drop(struct reef_rx_buffer *buffer)
{
	folio_put_refs(page_folio(buffer->page), buffer->pagecnt_bias);
	buffer->page = NULL;
}
