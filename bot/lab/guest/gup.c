/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Takes and gives back user pages through the kernel's own gup_test interface: every way of taking, every kind of
 * memory. After each the number of pins outstanding must be what it was. Extra FOLL_* flags may be given in hexadecimal:
 * a series that adds one is tested with it.
 */
#include <errno.h>
#include <stdint.h>
#include <stdlib.h>
#include <sys/ioctl.h>
#include <sys/mman.h>

#include "ktap.h"
#include "vmstat.h"

#define FOLL_WRITE	0x1
#define SIZE		(4UL << 20)
#define HUGE		(2UL << 20)
#define ROUNDS		4
#define SLACK		(8L << 10)	/* kB: what caches may keep; four rounds leaked are 16 MiB */

/* The interface of mm/gup_test.h, which is no uapi header. */
struct gup_test {
	uint64_t get_delta_usec, put_delta_usec, addr, size;
	uint32_t nr_pages_per_call, gup_flags, test_flags, which_pages[8];
};

struct way {
	const char *name;
	unsigned int number;
	uint32_t pages;
};

static const struct way ways[] = {
	{ "get_user_pages_fast", 1, 512 },
	{ "pin_user_pages_fast", 2, 512 },
	{ "pin_user_pages longterm", 3, 16 },
	{ "get_user_pages", 4, 16 },
	{ "pin_user_pages", 5, 16 },
};

struct kind {
	const char *name;
	int flags, advice;
};

static const struct kind kinds[] = {
	{ "private pages", MAP_PRIVATE | MAP_ANONYMOUS, MADV_NOHUGEPAGE },
	{ "shared pages", MAP_SHARED | MAP_ANONYMOUS, MADV_NOHUGEPAGE },
	{ "transparent huge pages", MAP_PRIVATE | MAP_ANONYMOUS, MADV_HUGEPAGE },
	{ "hugetlb pages", MAP_PRIVATE | MAP_ANONYMOUS | MAP_HUGETLB, 0 },
};

/* What one round of taking and giving back did; `failed` is its errno, or -1 where there is no such memory. */
struct did {
	int failed;
	unsigned long size;
	long pins;
};

static struct did once(int gup, const struct way *way, const struct kind *kind, uint32_t flags)
{
	struct gup_test test = {
		.size = SIZE, .nr_pages_per_call = way->pages, .gup_flags = flags,
	};
	struct did did = { .failed = -1 };
	/* Twice the room, so that the start can be aligned to a huge page. */
	char *room = mmap(NULL, 2 * SIZE, PROT_READ | PROT_WRITE, kind->flags, -1, 0), *memory;
	long before;

	if (room == MAP_FAILED)
		return did;
	memory = (char *)(((uintptr_t)room + HUGE - 1) & ~(HUGE - 1));
	if (kind->advice)
		madvise(memory, SIZE, kind->advice);
	memset(memory, 0x5a, SIZE);
	test.addr = (uintptr_t)memory;
	before = pins();
	did.failed = ioctl(gup, _IOWR('g', way->number, struct gup_test), &test) ? errno : 0;
	did.size = test.size;
	did.pins = pins() - before;
	munmap(room, 2 * SIZE);
	return did;
}

/*
 * Tells whether a way takes nothing of the plainest memory with a flag: which ways it goes with is for the series to say, and
 * refusal is no failure. gup_test returns 0 for it.
 */
static int refuses(int gup, const struct way *way, uint32_t extra)
{
	struct did did = once(gup, way, &kinds[0], FOLL_WRITE | extra);

	return did.failed == EINVAL || !did.size;
}

static void try(int gup, const struct way *way, const struct kind *kind, uint32_t flags, uint32_t extra, int refused)
{
	const char *access = flags & FOLL_WRITE ? "to write" : "to read";
	struct did did = once(gup, way, kind, flags | extra);
	long free;
	int n;

	if (did.failed < 0 || refused) {
		skip("%s, %s, %s", way->name, kind->name, access);
		return;
	}
	detail("errno %d, %lu of %lu kB taken, %ld pins outstanding", did.failed, did.size / 1024, SIZE / 1024, did.pins);
	check(!did.failed && did.size == SIZE && !did.pins, "%s, %s, %s", way->name, kind->name, access);
	if (!extra || did.failed)
		return;
	free = free_kib();
	for (n = 0; n < ROUNDS; n++)
		once(gup, way, kind, flags | extra);
	free -= free_kib();
	detail("%ld kB lost in %d rounds of %lu kB", free, ROUNDS, SIZE / 1024);
	check(free < SLACK, "%s, %s, %s: memory given back", way->name, kind->name, access);
}

static void reserve_hugetlb(void)
{
	FILE *file = fopen("/sys/kernel/mm/hugepages/hugepages-2048kB/nr_hugepages", "w");

	if (!file)
		return;
	fprintf(file, "%lu\n", 2 * SIZE / HUGE);
	fclose(file);
}

int main(int argc, char **argv)
{
	uint32_t extra = argc > 1 ? strtoul(argv[1], NULL, 16) : 0;
	size_t w, k;
	int gup, refused;

	ktap_begin();
	gup = open("/sys/kernel/debug/gup_test", O_RDWR | O_CLOEXEC);
	if (gup < 0) {
		puts("1..0 # SKIP no gup_test in this kernel (CONFIG_GUP_TEST, debugfs)");
		return 4;
	}
	reserve_hugetlb();
	for (w = 0; w < sizeof(ways) / sizeof(*ways); w++) {
		refused = extra && refuses(gup, &ways[w], extra);
		for (k = 0; k < sizeof(kinds) / sizeof(*kinds); k++) {
			try(gup, &ways[w], &kinds[k], FOLL_WRITE, extra, refused);
			try(gup, &ways[w], &kinds[k], 0, extra, refused);
		}
	}
	return ktap_end();
}
