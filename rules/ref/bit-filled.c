/* SPDX-License-Identifier: GPL-2.0-or-later */
/* case: a driver fills all bits below the sign */
/* file: include/linux/page_ref.h */
#define GUP_PIN_COUNTING_BIAS (1U << 10)
#define PIN_ALONE_BIAS (1U << 30)	/* fires: REF-R14 */

static inline int folio_ref_count(const struct folio *folio)
{
	return atomic_read(&folio->_refcount);
}

static inline void folio_ref_add(struct folio *folio, int nr)
{
	atomic_add(nr, &folio->_refcount);
}

static inline void page_ref_add(struct page *page, int nr)
{
	atomic_add(nr, &page->_refcount);
}

static inline void folio_set_alone(struct folio *folio)
{
	folio_ref_add(folio, PIN_ALONE_BIAS);
}

static inline bool folio_alone(const struct folio *folio)
{
	return (unsigned int)folio_ref_count(folio) >= PIN_ALONE_BIAS;
}
/* file: drivers/example/rx.c */
#define REFS_AT_ONCE ((int)(~0U >> 1))

static void fill(struct page *page)
{
	page_ref_add(page, REFS_AT_ONCE - 1);
}
/* case: a million reaches bit 19 */
/* file: include/linux/page_ref.h */
#define GUP_PIN_COUNTING_BIAS (1U << 10)
#define PIN_ALONE_BIAS (1U << 19)	/* fires: REF-R14 */

static inline int folio_ref_count(const struct folio *folio)
{
	return atomic_read(&folio->_refcount);
}

static inline void folio_ref_add(struct folio *folio, int nr)
{
	atomic_add(nr, &folio->_refcount);
}

static inline void page_ref_add(struct page *page, int nr)
{
	atomic_add(nr, &page->_refcount);
}

static inline void folio_set_alone(struct folio *folio)
{
	folio_ref_add(folio, PIN_ALONE_BIAS);
}

static inline bool folio_alone(const struct folio *folio)
{
	return (unsigned int)folio_ref_count(folio) >= PIN_ALONE_BIAS;
}
/* file: drivers/example/million.c */
#define EXTRA_REFS 1000000

static void fill(struct buffer *buffer)
{
	buffer->refs += EXTRA_REFS;
	page_ref_add(buffer->page, EXTRA_REFS);
}
/* case: a field that was given a constant, and what is left of one */
/* file: include/linux/page_ref.h */
#define GUP_PIN_COUNTING_BIAS (1U << 10)
#define PIN_ALONE_BIAS (1U << 16)	/* fires: REF-R14 */

static inline int folio_ref_count(const struct folio *folio)
{
	return atomic_read(&folio->_refcount);
}

static inline void folio_ref_add(struct folio *folio, int nr)
{
	atomic_add(nr, &folio->_refcount);
}

static inline void page_ref_add(struct page *page, int nr)
{
	atomic_add(nr, &page->_refcount);
}

static inline void folio_set_alone(struct folio *folio)
{
	folio_ref_add(folio, PIN_ALONE_BIAS);
}

static inline bool folio_alone(const struct folio *folio)
{
	return (unsigned int)folio_ref_count(folio) >= PIN_ALONE_BIAS;
}
/* file: drivers/example/field.c */
#define BIAS_MAX 0x1ffff

static void begin(struct ring *ring)
{
	ring->bias = BIAS_MAX;
	page_ref_add(ring->page, ring->bias);
}
/* case: refilled with what is missing */
/* file: include/linux/page_ref.h */
#define GUP_PIN_COUNTING_BIAS (1U << 10)
#define PIN_ALONE_BIAS (1U << 16)	/* fires: REF-R14 */

static inline int folio_ref_count(const struct folio *folio)
{
	return atomic_read(&folio->_refcount);
}

static inline void folio_ref_add(struct folio *folio, int nr)
{
	atomic_add(nr, &folio->_refcount);
}

static inline void page_ref_add(struct page *page, int nr)
{
	atomic_add(nr, &page->_refcount);
}

static inline void folio_set_alone(struct folio *folio)
{
	folio_ref_add(folio, PIN_ALONE_BIAS);
}

static inline bool folio_alone(const struct folio *folio)
{
	return (unsigned int)folio_ref_count(folio) >= PIN_ALONE_BIAS;
}
/* file: drivers/example/refill.c */
#define BIAS_MAX 0x1ffff

static void refill(struct ring *ring, int used)
{
	page_ref_add(ring->page, BIAS_MAX - used);
}
/* case: quiet: a million and bit 30 */
/* file: include/linux/page_ref.h */
#define GUP_PIN_COUNTING_BIAS (1U << 10)
#define PIN_ALONE_BIAS (1U << 30)

static inline int folio_ref_count(const struct folio *folio)
{
	return atomic_read(&folio->_refcount);
}

static inline void folio_ref_add(struct folio *folio, int nr)
{
	atomic_add(nr, &folio->_refcount);
}

static inline void page_ref_add(struct page *page, int nr)
{
	atomic_add(nr, &page->_refcount);
}

static inline void folio_set_alone(struct folio *folio)
{
	folio_ref_add(folio, PIN_ALONE_BIAS);
}

static inline bool folio_alone(const struct folio *folio)
{
	return (unsigned int)folio_ref_count(folio) >= PIN_ALONE_BIAS;
}
/* file: drivers/example/million.c */
#define EXTRA_REFS 1000000

static void fill(struct buffer *buffer)
{
	page_ref_add(buffer->page, EXTRA_REFS);
}
/* case: quiet: biases are counted, not filled in */
/* file: include/linux/page_ref.h */
#define GUP_PIN_COUNTING_BIAS (1U << 10)
#define PIN_ALONE_BIAS (1U << 11)

static inline int folio_ref_count(const struct folio *folio)
{
	return atomic_read(&folio->_refcount);
}

static inline void folio_ref_add(struct folio *folio, int nr)
{
	atomic_add(nr, &folio->_refcount);
}

static inline void page_ref_add(struct page *page, int nr)
{
	atomic_add(nr, &page->_refcount);
}

static inline void folio_set_alone(struct folio *folio)
{
	folio_ref_add(folio, PIN_ALONE_BIAS);
}

static inline bool folio_alone(const struct folio *folio)
{
	return (unsigned int)folio_ref_count(folio) >= PIN_ALONE_BIAS;
}
/* file: mm/example.c */
static void pin(struct folio *folio, int refs)
{
	folio_ref_add(folio, GUP_PIN_COUNTING_BIAS * 2);
	folio_ref_add(folio, refs);
}
/* case: quiet: another counter */
/* file: include/linux/page_ref.h */
#define GUP_PIN_COUNTING_BIAS (1U << 10)
#define PIN_ALONE_BIAS (1U << 16)

static inline int folio_ref_count(const struct folio *folio)
{
	return atomic_read(&folio->_refcount);
}

static inline void folio_ref_add(struct folio *folio, int nr)
{
	atomic_add(nr, &folio->_refcount);
}

static inline void page_ref_add(struct page *page, int nr)
{
	atomic_add(nr, &page->_refcount);
}

static inline void folio_set_alone(struct folio *folio)
{
	folio_ref_add(folio, PIN_ALONE_BIAS);
}

static inline bool folio_alone(const struct folio *folio)
{
	return (unsigned int)folio_ref_count(folio) >= PIN_ALONE_BIAS;
}
/* file: drivers/example/other.c */
#define MANY 1000000

static void fill(struct pool *pool)
{
	atomic_add(MANY, &pool->users);
	page_ref_sub(pool->page, MANY);
}
/* case: quiet: a bit of the other counter */
/* file: include/linux/example.h */
#define POOL_ALONE (1U << 16)

static inline void pool_set_alone(struct folio *folio)
{
	atomic_add(POOL_ALONE, &folio->_pincount);
}

static inline bool pool_alone(struct folio *folio)
{
	return (unsigned int)atomic_read(&folio->_pincount) >= POOL_ALONE;
}
/* file: drivers/example/pool.c */
#define MANY 1000000

static void fill(struct page *page)
{
	page_ref_add(page, MANY);
}
