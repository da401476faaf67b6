# SPDX-License-Identifier: GPL-2.0-or-later
"""Writes the seccomp filter of the sandbox: what no compiler, linker or emulator asks of a kernel is refused.

Promises that namespaces stay as bubblewrap made them and that the parts of the host's kernel with the longest record of
holes are out of reach: BPF, io_uring, keyrings, perf, userfaultfd, modules, mounts, and every family of sockets but AF_UNIX:
a network namespace keeps nobody from AF_VSOCK (which reaches the hypervisor) and AF_ALG. Refuses calls of another
architecture as a whole: they would be checked by the wrong numbers. Numbers are those of the kernel's own tables.
"""

from __future__ import annotations

import platform
import struct

_ALLOW, _REFUSE = 0x7FFF0000, 0x00050000
_EPERM, _ENOSYS, _EAFNOSUPPORT = 1, 38, 97
_AF_UNIX = 1
_LOAD, _EQUAL, _AT_LEAST, _ANY_BIT, _RETURN = 0x20, 0x15, 0x35, 0x45, 0x06
_NUMBER, _ARCH, _FIRST, _SECOND = 0, 4, 16, 24
_NEW_USER, _TIOCSTI, _X32 = 0x10000000, 0x5412, 0x40000000
_SAME = {
    'io_uring_setup': 425,
    'io_uring_enter': 426,
    'io_uring_register': 427,
    'open_tree': 428,
    'move_mount': 429,
    'fsopen': 430,
    'fsconfig': 431,
    'fsmount': 432,
    'fspick': 433,
    'pidfd_getfd': 438,
    'mount_setattr': 442,
}
_X86 = {
    'ptrace': 101,
    'syslog': 103,
    'pivot_root': 155,
    'adjtimex': 159,
    'acct': 163,
    'settimeofday': 164,
    'mount': 165,
    'umount2': 166,
    'swapon': 167,
    'swapoff': 168,
    'reboot': 169,
    'iopl': 172,
    'ioperm': 173,
    'init_module': 175,
    'delete_module': 176,
    'quotactl': 179,
    'clock_settime': 227,
    'kexec_load': 246,
    'add_key': 248,
    'request_key': 249,
    'keyctl': 250,
    'unshare': 272,
    'vmsplice': 278,
    'move_pages': 279,
    'perf_event_open': 298,
    'fanotify_init': 300,
    'name_to_handle_at': 303,
    'open_by_handle_at': 304,
    'clock_adjtime': 305,
    'setns': 308,
    'process_vm_readv': 310,
    'process_vm_writev': 311,
    'finit_module': 313,
    'kexec_file_load': 320,
    'bpf': 321,
    'userfaultfd': 323,
}
_ARM = {
    'umount2': 39,
    'mount': 40,
    'pivot_root': 41,
    'quotactl': 60,
    'vmsplice': 75,
    'acct': 89,
    'unshare': 97,
    'kexec_load': 104,
    'init_module': 105,
    'delete_module': 106,
    'clock_settime': 112,
    'syslog': 116,
    'ptrace': 117,
    'reboot': 142,
    'settimeofday': 170,
    'adjtimex': 171,
    'add_key': 217,
    'request_key': 218,
    'keyctl': 219,
    'swapon': 224,
    'swapoff': 225,
    'move_pages': 239,
    'perf_event_open': 241,
    'fanotify_init': 262,
    'name_to_handle_at': 264,
    'open_by_handle_at': 265,
    'clock_adjtime': 266,
    'setns': 268,
    'process_vm_readv': 270,
    'process_vm_writev': 271,
    'finit_module': 273,
    'bpf': 280,
    'userfaultfd': 282,
    'kexec_file_load': 294,
}
# Architecture as the kernel audits it, refused calls, the numbers of clone, clone3, ioctl, and of socket, socketpair.
_MACHINES = {
    'x86_64': (0xC000003E, _X86, 56, 435, 16, (41, 53)),
    'aarch64': (0xC00000B7, _ARM, 220, 435, 29, (198, 199)),
}


def program(machine: str | None = None) -> bytes:
    """Return the filter as bubblewrap reads it from a file, b'' for a machine whose numbers are not written here.

    A call that is not there at all (clone3, whose flags no filter can see) makes the C library take the older one.
    """
    found = _MACHINES.get(machine or platform.machine())
    if found is None:
        return b''
    audit, table, clone, clone3, ioctl, sockets = found
    rows = [
        _row(_LOAD, _ARCH),
        *_unless(_EQUAL, audit, _ENOSYS),
        _row(_LOAD, _NUMBER),
        *_when(_AT_LEAST, _X32, _ENOSYS),
    ]
    for number in sorted({*table.values(), *_SAME.values()}):
        rows += _when(_EQUAL, number, _EPERM)
    rows += _when(_EQUAL, clone3, _ENOSYS)
    rows += _argument(clone, _FIRST, _when(_ANY_BIT, _NEW_USER, _EPERM))
    rows += _argument(ioctl, _SECOND, _when(_EQUAL, _TIOCSTI, _EPERM))
    for number in sockets:
        rows += _argument(number, _FIRST, _unless(_EQUAL, _AF_UNIX, _EAFNOSUPPORT))
    return b''.join([*rows, _row(_RETURN, _ALLOW)])


def _row(code: int, value: int, then: int = 0, otherwise: int = 0) -> bytes:
    return struct.pack('=HBBI', code, then, otherwise, value)


def _when(code: int, value: int, errno: int) -> list[bytes]:
    """Refuse what fits, go on with the rest."""
    return [_row(code, value, 0, 1), _row(_RETURN, _REFUSE | errno)]


def _unless(code: int, value: int, errno: int) -> list[bytes]:
    return [_row(code, value, 1, 0), _row(_RETURN, _REFUSE | errno)]


def _argument(number: int, offset: int, refused: list[bytes]) -> list[bytes]:
    """Refuse a call by its argument; the number is loaded again after, for what follows."""
    looked = [_row(_LOAD, offset), *refused, _row(_LOAD, _NUMBER)]
    return [_row(_EQUAL, number, 0, len(looked)), *looked]
