# SPDX-License-Identifier: GPL-2.0-or-later
"""Tells a kernel image by its header, before an emulator is started on something else and nothing is heard for minutes.

Offsets and words are those of Documentation/arch/arm64/booting.rst and Documentation/arch/x86/boot.rst of the kernel.
"""

from __future__ import annotations

_ARM64, _ARM64_AT = b'ARM\x64', 56
_X86, _X86_AT = b'HdrS', 0x202
_ZBOOT, _GZIP, _ELF = b'MZ\0\0zimg', b'\x1f\x8b', b'\x7fELF'
_HEAD = 0x210
_BOOTS = {
    'arm64': ('arch/arm64/boot/Image, or a vmlinuz that holds one', ('arm64', 'zboot', 'gzip')),
    'x86_64': ('arch/x86/boot/bzImage', ('x86_64',)),
}


def kind(image: bytes) -> str:
    """Return what an image is: 'arm64', 'x86_64', 'zboot', 'gzip', 'elf', or '' for none of them."""
    head = image[:_HEAD]
    found = {
        'arm64': head[_ARM64_AT:].startswith(_ARM64),
        'x86_64': head[_X86_AT:].startswith(_X86),
        'zboot': head.startswith(_ZBOOT),
        'gzip': head.startswith(_GZIP),
        'elf': head.startswith(_ELF),
    }
    return next((name for name, fits in found.items() if fits), '')


def unfit(image: bytes, arch: str) -> str:
    """Return why a machine of an architecture cannot boot an image, '' when it may."""
    wanted, kinds = _BOOTS[arch]
    found = kind(image)
    if found in kinds:
        return ''
    what = {'': 'no kernel image', 'elf': 'an ELF file (vmlinux?)'}.get(found, f'an image for {found}')
    return f'it is {what}; {arch} boots {wanted}'
