/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Facts of Linux 7.3.4 (2026-07), written by tests/checks/known_kernel.py. */

long access_process_vm(struct task_struct *tsk, unsigned long addr, void *buf, int len, unsigned int gup_flags);
long access_remote_vm(struct mm_struct *mm, unsigned long addr, void *buf, int len, unsigned int gup_flags);
long fixup_user_fault(struct mm_struct *mm, unsigned long address, unsigned int fault_flags, bool *unlocked);
long get_user_page_fast_only(unsigned long addr, unsigned int gup_flags, struct page **pagep);
struct page *get_user_page_vma_remote(struct mm_struct *mm, unsigned long addr, int gup_flags, struct vm_area_struct **vmap);
long get_user_pages(unsigned long start, unsigned long nr_pages, unsigned int gup_flags, struct page **pages);
long get_user_pages_fast(unsigned long start, int nr_pages, unsigned int gup_flags, struct page **pages);
long get_user_pages_fast_only(unsigned long start, int nr_pages, unsigned int gup_flags, struct page **pages);
long get_user_pages_remote(struct mm_struct *mm, unsigned long start, unsigned long nr_pages, unsigned int gup_flags, struct page **pages, int *locked);
long get_user_pages_unlocked(unsigned long start, unsigned long nr_pages, struct page **pages, unsigned int gup_flags);
long handle_mm_fault(struct vm_area_struct *vma, unsigned long address, unsigned int flags, struct pt_regs *regs);
long pin_user_pages(unsigned long start, unsigned long nr_pages, unsigned int gup_flags, struct page **pages);
long pin_user_pages_fast(unsigned long start, int nr_pages, unsigned int gup_flags, struct page **pages);
long pin_user_pages_remote(struct mm_struct *mm, unsigned long start, unsigned long nr_pages, unsigned int gup_flags, struct page **pages, int *locked);
long pin_user_pages_unlocked(unsigned long start, unsigned long nr_pages, struct page **pages, unsigned int gup_flags);
long unpin_folio(struct folio *folio);
long unpin_folios(struct folio **folios, unsigned long nfolios);
long unpin_user_folio(struct folio *folio, unsigned long npages);
long unpin_user_page(struct page *page);
long unpin_user_page_range_dirty_lock(struct page *page, unsigned long npages, bool make_dirty);
long unpin_user_pages(struct page **pages, unsigned long npages);
long unpin_user_pages_dirty_lock(struct page **pages, unsigned long npages, bool make_dirty);
long folio_put_refs(struct folio *folio, int refs);
long folio_ref_add(struct folio *folio, int nr);
long folio_ref_add_unless_zero(struct folio *folio, int nr);
long folio_ref_count(const struct folio *folio);
long folio_ref_dec(struct folio *folio);
long folio_ref_dec_and_test(struct folio *folio);
long folio_ref_dec_return(struct folio *folio);
long folio_ref_freeze(struct folio *folio, int count);
long folio_ref_inc(struct folio *folio);
long folio_ref_inc_return(struct folio *folio);
long folio_ref_sub(struct folio *folio, int nr);
long folio_ref_sub_and_test(struct folio *folio, int nr);
long folio_ref_sub_return(struct folio *folio, int nr);
long folio_ref_try_add(struct folio *folio, int count);
long folio_ref_unfreeze(struct folio *folio, int count);
long page_count(const struct page *page);
long page_ref_add(struct page *page, int nr);
long page_ref_add_unless_zero(struct page *page, int nr);
long page_ref_count(const struct page *page);
long page_ref_dec(struct page *page);
long page_ref_dec_and_test(struct page *page);
long page_ref_dec_return(struct page *page);
long page_ref_freeze(struct page *page, int count);
long page_ref_inc(struct page *page);
long page_ref_inc_return(struct page *page);
long page_ref_sub(struct page *page, int nr);
long page_ref_sub_and_test(struct page *page, int nr);
long page_ref_unfreeze(struct page *page, int count);
long set_page_count(struct page *page, int v);

#define GUP_PIN_COUNTING_BIAS (1U << 10)
static inline void known_add_10(struct folio *folio, int refs)
{
	folio_put_refs(folio, refs * GUP_PIN_COUNTING_BIAS);
}
static inline bool known_test_10(struct folio *folio)
{
	return (unsigned int)page_ref_count(folio) >= GUP_PIN_COUNTING_BIAS;
}
