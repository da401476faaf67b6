/* SPDX-License-Identifier: GPL-2.0-or-later */
/* case: a flag takes bit 30 */
/* file: include/linux/page_ref.h */
#define GUP_PIN_COUNTING_BIAS (1U << 10)
#define PIN_ALONE_BIAS (1U << 30)	/* fires: REF-R02 */

static inline int folio_ref_count(const struct folio *folio)
{
	return atomic_read(&folio->_refcount);
}

static inline void folio_ref_add(struct folio *folio, int nr)
{
	atomic_add(nr, &folio->_refcount);
}

static inline void folio_set_alone(struct folio *folio)
{
	folio_ref_add(folio, PIN_ALONE_BIAS);
}

static inline bool folio_alone(const struct folio *folio)
{
	return (unsigned int)folio_ref_count(folio) >= PIN_ALONE_BIAS;
}

/* case: the bias moves up */
/* file: include/linux/page_ref.h */
#define GUP_PIN_COUNTING_BIAS BIT(11)	/* fires: REF-R02 */

static inline int folio_ref_count(const struct folio *folio)
{
	return atomic_read(&folio->_refcount);
}

static inline void folio_ref_add(struct folio *folio, int nr)
{
	atomic_add(nr, &folio->_refcount);
}

/* case: quiet: the bias moves down and pins gain a bit */
/* file: include/linux/page_ref.h */
#define GUP_PIN_COUNTING_BIAS (1U << 9)

static inline int folio_ref_count(const struct folio *folio)
{
	return atomic_read(&folio->_refcount);
}

static inline void folio_ref_add(struct folio *folio, int nr)
{
	atomic_add(nr, &folio->_refcount);
}

/* case: quiet: a large number that is added but means no bit */
/* file: drivers/example/filler.c */
#define MANY (1U << 20)

static void fill(struct page *page)
{
	page_ref_add(page, MANY);
}

/* case: quiet: a flag in the other counter */
/* file: include/linux/example.h */
#define POOL_ALONE (1U << 30)

static inline void pool_set_alone(struct folio *folio)
{
	atomic_add(POOL_ALONE, &folio->_pincount);
}

static inline bool pool_alone(struct folio *folio)
{
	return (unsigned int)atomic_read(&folio->_pincount) >= POOL_ALONE;
}
