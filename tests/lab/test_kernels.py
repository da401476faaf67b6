# SPDX-License-Identifier: GPL-2.0-or-later
"""A kernel image is told from what is none, and from one of another architecture."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.lab.kernels import kind, unfit

ARM = b'MZ@\xfa'.ljust(56, b'\0') + b'ARMd' + bytes(600)
X86 = b'MZ'.ljust(0x202, b'\0') + b'HdrS' + bytes(600)


@pytest.mark.parametrize(
    ('image', 'arch', 'why'),
    [
        (ARM, 'arm64', ''),
        (b'MZ\0\0zimg' + bytes(600), 'arm64', ''),
        (b'\x1f\x8b\x08', 'arm64', ''),
        (X86, 'x86_64', ''),
        (X86, 'arm64', 'it is an image for x86_64; arm64 boots arch/arm64/boot/Image, or a vmlinuz that holds one'),
        (ARM, 'x86_64', 'it is an image for arm64; x86_64 boots arch/x86/boot/bzImage'),
        (b'\x7fELF\x02', 'x86_64', 'it is an ELF file (vmlinux?); x86_64 boots arch/x86/boot/bzImage'),
        (
            b'root:x:0:0',
            'arm64',
            'it is no kernel image; arm64 boots arch/arm64/boot/Image, or a vmlinuz that holds one',
        ),
        (b'', 'x86_64', 'it is no kernel image; x86_64 boots arch/x86/boot/bzImage'),
    ],
)
def test_what_can_be_booted(image: bytes, arch: str, why: str) -> None:
    assert unfit(image, arch) == why


@given(st.binary(max_size=700))
def test_any_bytes_are_something_or_nothing(image: bytes) -> None:
    assert kind(image) in ('', 'arm64', 'x86_64', 'zboot', 'gzip', 'elf')
