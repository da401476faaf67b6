/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Pins pages the ways a program can, on any kernel, round after round: process_vm_readv() for a moment, io_uring's fixed
 * buffers for long. Afterwards no pin may be outstanding and the memory must be free again.
 */
#include <errno.h>
#include <stdint.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <sys/wait.h>
#include <linux/io_uring.h>

#include "ktap.h"
#include "vmstat.h"

#define SIZE	(8UL << 20)
#define ROUNDS	6
#define SLACK	(16L << 10)	/* kB: what caches may keep; one round leaked is 8 MiB a page set, six are 48 */

static char *fresh(void)
{
	char *memory = mmap(NULL, SIZE, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	if (memory == MAP_FAILED)
		exit(2);
	memset(memory, 0xa5, SIZE);
	return memory;
}

static int read_own(void)
{
	char *from = fresh(), *to = fresh();
	struct iovec source = { from, SIZE }, target = { to, SIZE };
	long got = syscall(SYS_process_vm_readv, getpid(), &target, 1UL, &source, 1UL, 0UL);

	munmap(from, SIZE);
	munmap(to, SIZE);
	return got == (long)SIZE ? 0 : errno;
}

static int register_buffer(void)
{
	struct io_uring_params params = { 0 };
	char *memory = fresh();
	struct iovec buffer = { memory, SIZE };
	int ring = syscall(SYS_io_uring_setup, 1, &params), failed = 0;
	long before = pins();

	if (ring < 0)
		return errno;
	if (syscall(SYS_io_uring_register, ring, IORING_REGISTER_BUFFERS, &buffer, 1))
		failed = errno;
	else if (pins() <= before)
		failed = ENODATA;	/* the counters do not move: the balance would prove nothing */
	else if (syscall(SYS_io_uring_register, ring, IORING_UNREGISTER_BUFFERS, NULL, 0))
		failed = errno;
	close(ring);
	munmap(memory, SIZE);
	return failed;
}

static int in_child(int (*action)(void))
{
	int status = 0;
	pid_t child = fork();

	if (!child)
		_exit(action());
	if (child < 0 || waitpid(child, &status, 0) != child)
		return errno;
	return WIFEXITED(status) ? WEXITSTATUS(status) : EINTR;
}

/* Pins come back when the last reference does, which may be a moment after the process. */
static long settled(long wanted)
{
	int tries;

	for (tries = 0; tries < 50 && pins() != wanted; tries++)
		usleep(20000);
	return pins() - wanted;
}

static void rounds(const char *name, int (*action)(void))
{
	long first = pins(), memory, left, lost;
	int failed = in_child(action), n;

	if (failed == ENOSYS || failed == EPERM) {
		skip("%s", name);
		return;
	}
	left = settled(first);
	memory = free_kib();
	for (n = 0; n < ROUNDS && !failed; n++)
		failed = in_child(action);
	left += settled(first + left);
	lost = memory - free_kib();
	detail("errno %d", failed);
	check(!failed, "%s works", name);
	detail("%ld pins outstanding", left);
	check(left == 0, "%s gives every pin back", name);
	detail("%ld kB lost", lost);
	check(lost < SLACK, "%s gives the memory back", name);
}

int main(void)
{
	ktap_begin();
	check(counter("/proc/vmstat", "nr_foll_pin_acquired") >= 0, "the kernel counts pins");
	rounds("process_vm_readv", read_own);
	rounds("io_uring fixed buffer", register_buffer);
	return ktap_end();
}
