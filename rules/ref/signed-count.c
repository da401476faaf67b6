/* SPDX-License-Identifier: GPL-2.0-or-later */
/* case: a bias without a sign makes the comparison unsigned; an overflow check on unsigned copies looks past bit 31 */
static bool fires_unsigned_overflow(struct page *page, unsigned int refs)
{
	unsigned int old, new;

	old = atomic_read(&page->_refcount);
	if (check_add_overflow(old, refs, &new))	/* fires: REF-R03 */
		return false;
	return atomic_cmpxchg(&page->_refcount, old, new) == old;
}

static bool fires_on_pins(struct folio *folio, unsigned int pins)
{
	unsigned int old = atomic_read(&folio->_pincount), new;

	return !check_add_overflow(old, pins, &new);	/* fires: REF-R03 */
}

static bool quiet_signed_overflow(struct page *page, int refs)
{
	int old = atomic_read(&page->_refcount), new;

	return !check_add_overflow(old, refs, &new);
}

static bool quiet_other_number(unsigned int a, unsigned int b)
{
	unsigned int sum;

	return !check_add_overflow(a, b, &sum);
}

static bool quiet_bias_is_unsigned(struct folio *folio)
{
	return folio_ref_count(folio) >= GUP_PIN_COUNTING_BIAS;
}

/* case: a signed bias: a count that ran over is negative and smaller */
/* file: include/linux/page_ref.h */
#define GUP_PIN_COUNTING_BIAS (1 << 10)

static inline int folio_ref_count(const struct folio *folio)
{
	return atomic_read(&folio->_refcount);
}

static inline void folio_ref_add(struct folio *folio, int nr)
{
	atomic_add(nr, &folio->_refcount);
}

#define PINS_ALONE (1 << 20)

static inline void folio_pin_alone(struct folio *folio)
{
	atomic_add(PINS_ALONE, &folio->_pincount);
}

static inline bool fires_on_the_pin_count(struct folio *folio)
{
	return atomic_read(&folio->_pincount) >= PINS_ALONE;	/* fires: REF-R03 */
}
/* file: drivers/example/owners.c */
#define OWNER_BIAS 128
#define READER_BIAS (1U << 8)

static bool fires_another_counter(struct request *request)
{
	return atomic_read(&request->owners) >= OWNER_BIAS;	/* fires: REF-R03 */
}

static bool quiet_another_counter(struct request *request)
{
	return (unsigned int)atomic_read(&request->owners) >= OWNER_BIAS;
}

static bool quiet_bias_without_a_sign(struct request *request)
{
	return atomic_read(&request->owners) >= READER_BIAS;
}

static bool quiet_limit(struct request *request)
{
	return atomic_read(&request->owners) >= OWNER_LIMIT;
}
/* file: drivers/example/signed.c */
static bool fires_signed_compare(struct folio *folio)
{
	return folio_ref_count(folio) >= GUP_PIN_COUNTING_BIAS;	/* fires: REF-R03 */
}

static bool fires_variable(struct folio *folio)
{
	int count = folio_ref_count(folio);

	return count < GUP_PIN_COUNTING_BIAS;	/* fires: REF-R03 */
}

static bool quiet_cast(struct folio *folio)
{
	return (unsigned int)folio_ref_count(folio) >= GUP_PIN_COUNTING_BIAS;
}

static bool quiet_small_number(struct folio *folio)
{
	return folio_ref_count(folio) > 1;
}

static bool quiet_equality(struct folio *folio)
{
	return folio_ref_count(folio) == GUP_PIN_COUNTING_BIAS;
}
