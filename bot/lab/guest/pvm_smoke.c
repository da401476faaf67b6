/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Runs a small guest twice, as a normal and as a protected VM, and asserts what sets them apart: a page the guest shares
 * is the host's to read, a page it keeps is not, nor is one it has taken back, neither for programs nor for the host's
 * kernel; and kept pages are wiped before the host has them again.
 *
 * The guest asks for MEM_SHARE of pages 2 and 3, writes a secret to page 1 (kept) and page 2 (shared) and leaves by MMIO;
 * asks for MEM_UNSHARE of page 2, writes another secret there and leaves again; checks that its secrets are still there,
 * and powers off by PSCI. What it was answered and what it found it writes to page 3, which stays shared.
 */
#include <errno.h>
#include <fcntl.h>
#include <setjmp.h>
#include <signal.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <unistd.h>
#include <linux/kvm.h>

#include "ktap.h"

#ifndef KVM_VM_TYPE_ARM_PROTECTED
#define KVM_VM_TYPE_ARM_PROTECTED (1UL << 31)
#endif

#define IPA	0x80000000UL
#define PAGE	4096UL
#define PAGES	4
#define SECRET	0x10feb07c0de5ec2eUL
#define TAKEN_BACK (SECRET + 1)
#define DOORBELL 0x10000000UL
#define REG_PC	0x6030000000100040UL

extern const char guest_begin[], guest_end[];

asm(".pushsection .rodata\n"
    ".balign 4096\n"
    ".globl guest_begin, guest_end\n"
    "guest_begin:\n"
    "	mov	x19, #0x80000000\n"
    "	add	x20, x19, #0x1000\n"		/* the kept page */
    "	add	x21, x19, #0x2000\n"		/* the page shared and taken back */
    "	add	x23, x19, #0x3000\n"		/* the page of answers */
    "	mov	x9, #0x10000000\n"		/* the doorbell: nothing is there, the host gets the store */
    "	ldr	x22, 1f\n"
    "	mov	x24, #0xc6000000\n"		/* ARM_SMCCC_KVM_FUNC_MEM_SHARE, vendor hyp call 3; MEM_UNSHARE is 4 */
    "	add	x0, x24, #3\n"
    "	mov	x1, x23\n"
    "	mov	x2, xzr\n"
    "	mov	x3, xzr\n"
    "	hvc	#0\n"
    "	add	x0, x24, #3\n"
    "	mov	x1, x21\n"
    "	mov	x2, xzr\n"
    "	mov	x3, xzr\n"
    "	hvc	#0\n"
    "	str	x0, [x23]\n"
    "	str	x22, [x20]\n"
    "	str	x22, [x21]\n"
    "	str	w22, [x9]\n"
    "	add	x0, x24, #4\n"
    "	mov	x1, x21\n"
    "	mov	x2, xzr\n"
    "	mov	x3, xzr\n"
    "	hvc	#0\n"
    "	str	x0, [x23, #8]\n"
    "	add	x10, x22, #1\n"
    "	str	x10, [x21]\n"
    "	str	w22, [x9]\n"
    "	ldr	x10, [x20]\n"
    "	str	x10, [x23, #16]\n"
    "	ldr	x10, [x21]\n"
    "	str	x10, [x23, #24]\n"
    "	mov	x0, #0x84000000\n"		/* PSCI SYSTEM_OFF */
    "	add	x0, x0, #8\n"
    "	hvc	#0\n"
    "0:	b	0b\n"
    "	.balign 8\n"
    "1:	.quad	0x10feb07c0de5ec2e\n"
    "guest_end:\n"
    ".popsection\n");

static sigjmp_buf back;

static void caught(int signal)
{
	siglongjmp(back, signal);
}

/* Reads a word that may be refused: returns the signal that refused it, or 0. */
static int peek(const char *page, size_t offset, uint64_t *value)
{
	int signal = sigsetjmp(back, 1);

	if (!signal)
		*value = *(const volatile uint64_t *)(page + offset);
	return signal;
}

struct vm {
	int fd, vcpu;
	char *memory;
	struct kvm_run *run;
	size_t run_size;
};

/* The two VMs make the same checks: the names tell them apart. */
static const char *kind = "";

#define must(good, name, ...) ({ int good_ = (good); detail(__VA_ARGS__); check(good_, "%s: %s", kind, name); })

static int prepare(struct vm *vm, int kvm)
{
	struct kvm_vcpu_init init = { 0 };
	uint64_t pc = IPA;
	struct kvm_one_reg reg = { .id = REG_PC, .addr = (uintptr_t)&pc };
	struct kvm_userspace_memory_region slot = {
		.guest_phys_addr = IPA, .memory_size = PAGES * PAGE, .userspace_addr = (uintptr_t)vm->memory,
	};

	memcpy(vm->memory, guest_begin, guest_end - guest_begin);
	if (!must(!ioctl(vm->fd, KVM_SET_USER_MEMORY_REGION, &slot), "memory slot set", "errno %d", errno))
		return 0;
	vm->vcpu = ioctl(vm->fd, KVM_CREATE_VCPU, 0);
	if (!must(vm->vcpu >= 0, "vCPU created", "errno %d", errno))
		return 0;
	ioctl(vm->fd, KVM_ARM_PREFERRED_TARGET, &init);
	init.features[0] |= 1 << KVM_ARM_VCPU_PSCI_0_2;
	if (!must(!ioctl(vm->vcpu, KVM_ARM_VCPU_INIT, &init), "vCPU initialised", "errno %d", errno))
		return 0;
	if (!must(!ioctl(vm->vcpu, KVM_SET_ONE_REG, &reg), "program counter set", "errno %d", errno))
		return 0;
	vm->run_size = ioctl(kvm, KVM_GET_VCPU_MMAP_SIZE, 0);
	vm->run = mmap(NULL, vm->run_size, PROT_READ | PROT_WRITE, MAP_SHARED, vm->vcpu, 0);
	return must(vm->run != MAP_FAILED, "run area mapped", "errno %d", errno);
}

static int leaves(struct vm *vm, uint32_t reason, const char *name)
{
	int failed = ioctl(vm->vcpu, KVM_RUN, 0) ? errno : 0;

	return must(!failed && vm->run->exit_reason == reason, name, "errno %d, reason %u", failed, vm->run->exit_reason);
}

/* What the guest wrote to its page of answers. */
static uint64_t answer(struct vm *vm, size_t offset)
{
	uint64_t value = ~0xbadUL;

	peek(vm->memory, 3 * PAGE + offset, &value);
	return value;
}

/* Writes a word that may be refused: returns the signal that refused it, or 0. */
static int scribble(char *page)
{
	int signal = sigsetjmp(back, 1);

	if (!signal)
		*(volatile uint64_t *)page = 0;
	return signal;
}

/* Has the host's kernel read the page: returns the error, or 0. */
static int kernel_reads(const char *page)
{
	int ends[2], failed = 0;

	if (pipe(ends))
		return errno;
	if (write(ends[1], page, 8) != 8)
		failed = errno;
	close(ends[0]);
	close(ends[1]);
	return failed;
}

/* A page of a protected guest is out of the host's reach in every way; of a normal guest it is the host's to read. */
static void refused(struct vm *vm, int protected, size_t page, uint64_t secret, const char *name)
{
	uint64_t value = 0;
	int signal = peek(vm->memory, page * PAGE, &value), failed;

	if (!protected) {
		must(!signal && value == secret, name, "signal %d", signal);
		return;
	}
	must(signal == SIGSEGV, name, "signal %d, read 0x%lx", signal, (unsigned long)value);
	signal = scribble(vm->memory + page * PAGE + 8);
	check(signal == SIGSEGV, "%s: %s, to write", kind, name);
	failed = kernel_reads(vm->memory + page * PAGE);
	detail("error %d", failed);
	check(failed == EFAULT, "%s: %s, to its kernel", kind, name);
}

static void converse(struct vm *vm, int protected)
{
	uint64_t value = 0;
	int signal;

	if (!leaves(vm, KVM_EXIT_MMIO, "guest leaves by MMIO"))
		return;
	must(vm->run->mmio.phys_addr == DOORBELL, "the store is the doorbell's", "at 0x%llx", vm->run->mmio.phys_addr);
	signal = peek(vm->memory, 2 * PAGE, &value);
	must(!signal && value == SECRET, "host reads the shared page", "signal %d", signal);
	if (protected)
		must(answer(vm, 0) == 0, "MEM_SHARE is granted", "it returned %ld", (long)answer(vm, 0));
	else
		must((long)answer(vm, 0) == -1, "MEM_SHARE is not for it", "it returned %ld", (long)answer(vm, 0));
	refused(vm, protected, 1, SECRET, protected ? "host is refused the private page" : "host reads the private page");
	if (!leaves(vm, KVM_EXIT_MMIO, "guest leaves by MMIO again"))
		return;
	if (protected)
		must(answer(vm, 8) == 0, "MEM_UNSHARE is granted", "it returned %ld", (long)answer(vm, 8));
	else
		must((long)answer(vm, 8) == -1, "MEM_UNSHARE is not for it", "it returned %ld", (long)answer(vm, 8));
	refused(vm, protected, 2, TAKEN_BACK,
		protected ? "host is refused the page taken back" : "host reads the page taken back");
	if (!leaves(vm, KVM_EXIT_SYSTEM_EVENT, "guest leaves by PSCI SYSTEM_OFF"))
		return;
	must(answer(vm, 16) == SECRET, "guest found its secret as it left it", "0x%lx", (unsigned long)answer(vm, 16));
	must(answer(vm, 24) == TAKEN_BACK, "guest found what it wrote to the page taken back", "0x%lx",
	     (unsigned long)answer(vm, 24));
}

static void one(int kvm, unsigned long type)
{
	int protected = type == KVM_VM_TYPE_ARM_PROTECTED, signal;
	struct vm vm = { .vcpu = -1, .run = MAP_FAILED };
	uint64_t value = 1;

	kind = protected ? "protected VM" : "normal VM";
	vm.fd = ioctl(kvm, KVM_CREATE_VM, type);
	if (!must(vm.fd >= 0, "created", "errno %d", errno))
		return;
	vm.memory = mmap(NULL, PAGES * PAGE, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	if (vm.memory != MAP_FAILED && prepare(&vm, kvm))
		converse(&vm, protected);
	if (vm.run != MAP_FAILED)
		munmap(vm.run, vm.run_size);
	if (vm.vcpu >= 0)
		close(vm.vcpu);
	close(vm.fd);
	signal = peek(vm.memory, PAGE, &value);
	if (protected)
		must(!signal && value == 0, "private page is wiped after teardown", "signal %d, 0x%lx", signal, (unsigned long)value);
	value = 1;
	signal = peek(vm.memory, 2 * PAGE, &value);
	if (protected)
		must(!signal && value == 0, "page taken back is wiped after teardown", "signal %d, 0x%lx", signal,
		     (unsigned long)value);
	munmap(vm.memory, PAGES * PAGE);
}

int main(void)
{
	struct sigaction action = { .sa_handler = caught };
	int kvm = open("/dev/kvm", O_RDWR | O_CLOEXEC);

	ktap_begin();
	sigaction(SIGSEGV, &action, NULL);
	sigaction(SIGBUS, &action, NULL);
	if (!check(kvm >= 0, "/dev/kvm opened"))
		return ktap_end();
	one(kvm, 0);
	one(kvm, KVM_VM_TYPE_ARM_PROTECTED);
	return ktap_end();
}
