/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Facts of Linux 7.3.4 (2026-07), written by tests/checks/known_kernel.py. */

bool is_valid_gup_args(unsigned int gup_flags, struct page **pages, int *locked)
{
	if (gup_flags & (FOLL_TOUCH | FOLL_TRIED | FOLL_REMOTE | FOLL_PIN | FOLL_FAST_ONLY | FOLL_UNLOCKABLE | FOLL_MADV_POPULATE))
		return false;
	if ((gup_flags & (FOLL_GET | FOLL_PIN)) == (FOLL_GET | FOLL_PIN))
		return false;
	if ((gup_flags & (FOLL_LONGTERM)) && !(gup_flags & (FOLL_PIN)))
		return false;
	if ((gup_flags & (FOLL_GET | FOLL_PIN)) && !pages)
		return false;
	if ((gup_flags & (FOLL_LONGTERM)) && (gup_flags & (FOLL_PCI_P2PDMA)))
		return false;
	return true;
}
bool gup_fast_fallback(unsigned int gup_flags, struct page **pages, int *locked)
{
	if (gup_flags & ~(FOLL_WRITE | FOLL_GET | FOLL_FORCE | FOLL_NOFAULT | FOLL_LONGTERM | FOLL_PCI_P2PDMA | FOLL_HONOR_NUMA_FAULT | FOLL_PIN | FOLL_FAST_ONLY))
		return false;
	return true;
}
long fixup_user_fault(struct mm_struct *mm, unsigned long address, unsigned int fault_flags, bool *unlocked)
{
	return 0;
}
long get_user_page_fast_only(unsigned long addr, unsigned int gup_flags, struct page **pagep)
{
	gup_fast_fallback(gup_flags, pages, locked);
	is_valid_gup_args(gup_flags, pages, locked);
	return 0;
}
struct page *get_user_page_vma_remote(struct mm_struct *mm, unsigned long addr, int gup_flags, struct vm_area_struct **vmap)
{
	is_valid_gup_args(gup_flags, pages, locked);
	return 0;
}
long get_user_pages(unsigned long start, unsigned long nr_pages, unsigned int gup_flags, struct page **pages)
{
	is_valid_gup_args(gup_flags, pages, locked);
	return 0;
}
long get_user_pages_fast(unsigned long start, int nr_pages, unsigned int gup_flags, struct page **pages)
{
	gup_fast_fallback(gup_flags, pages, locked);
	is_valid_gup_args(gup_flags, pages, locked);
	return 0;
}
long get_user_pages_fast_only(unsigned long start, int nr_pages, unsigned int gup_flags, struct page **pages)
{
	gup_fast_fallback(gup_flags, pages, locked);
	is_valid_gup_args(gup_flags, pages, locked);
	return 0;
}
long get_user_pages_remote(struct mm_struct *mm, unsigned long start, unsigned long nr_pages, unsigned int gup_flags, struct page **pages, int *locked)
{
	is_valid_gup_args(gup_flags, pages, locked);
	return 0;
}
long get_user_pages_unlocked(unsigned long start, unsigned long nr_pages, struct page **pages, unsigned int gup_flags)
{
	is_valid_gup_args(gup_flags, pages, locked);
	return 0;
}
long handle_mm_fault(struct vm_area_struct *vma, unsigned long address, unsigned int flags, struct pt_regs *regs)
{
	return 0;
}
long pin_user_pages(unsigned long start, unsigned long nr_pages, unsigned int gup_flags, struct page **pages)
{
	is_valid_gup_args(gup_flags, pages, locked);
	return 0;
}
long pin_user_pages_fast(unsigned long start, int nr_pages, unsigned int gup_flags, struct page **pages)
{
	gup_fast_fallback(gup_flags, pages, locked);
	is_valid_gup_args(gup_flags, pages, locked);
	return 0;
}
long pin_user_pages_remote(struct mm_struct *mm, unsigned long start, unsigned long nr_pages, unsigned int gup_flags, struct page **pages, int *locked)
{
	is_valid_gup_args(gup_flags, pages, locked);
	return 0;
}
long pin_user_pages_unlocked(unsigned long start, unsigned long nr_pages, struct page **pages, unsigned int gup_flags)
{
	is_valid_gup_args(gup_flags, pages, locked);
	return 0;
}
long unpin_folio(struct folio *folio)
{
	return 0;
}
long unpin_folios(struct folio **folios, unsigned long nfolios)
{
	return 0;
}
long unpin_user_folio(struct folio *folio, unsigned long npages)
{
	return 0;
}
long unpin_user_page(struct page *page)
{
	return 0;
}
long unpin_user_page_range_dirty_lock(struct page *page, unsigned long npages, bool make_dirty)
{
	return 0;
}
long unpin_user_pages(struct page **pages, unsigned long npages)
{
	return 0;
}
long unpin_user_pages_dirty_lock(struct page **pages, unsigned long npages, bool make_dirty)
{
	return 0;
}
