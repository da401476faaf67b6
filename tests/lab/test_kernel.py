# SPDX-License-Identifier: GPL-2.0-or-later
"""A real kernel, from source to the verdict: Debian's 7.3 configured to the minimum, faults put in, found at their patch.

Slow: ten minutes of two cores the first time, a minute when pytest's cache has the built base.
"""

from __future__ import annotations

import shutil
import subprocess
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

import pytest

from bot.lab import Shop, boot_series, build_series, first_bad, guest_tests, machines, matrix, targets
from bot.lab.debian import AptRoot, Fetched
from bot.model import AppliedPatch, AppliedTree, FileChange, passed

GUP, EL2 = 'mm/gup.c', 'arch/arm64/kvm/hyp/nvhe/mem_protect.c'
PUT = '\tfolio_put_refs(folio, refs);\n}'
DONATE = '\tmeta = host_stage2_encode_gfn_meta(vm, gfn);'
BODY = 'static void gup_put_folio(struct folio *folio, int refs, unsigned int flags)\n{\n'


class Source:
    """Unpacked sources, and a series on them given as whole files: no git of 96,000 files is needed for that."""

    def __init__(self, top: Path, name: str) -> None:
        self.top, self.name = top, name
        self.states: dict[str, dict[str, bytes]] = {name: {p: (top / p).read_bytes() for p in (GUP, EL2)}}

    def series(self, *patches: Mapping[str, str]) -> AppliedTree:
        state, applied = dict(self.states[self.name]), []
        for n, patch in enumerate(patches, 1):
            state = {**state, **{path: text.encode() for path, text in patch.items()}}
            self.states[f'p{n}'] = state
            applied.append(AppliedPatch(n, f'{n}@t', f'patch {n}', f'p{n}'))
        return AppliedTree(passed(), 'debian', self.name, 'given', (), tuple(applied))

    def read(self, commit: str, path: str) -> bytes | None:
        return self.states[commit].get(path)

    def text(self, path: str) -> str:
        return self.states[self.name][path].decode()

    def blob_id(self, commit: str, path: str) -> str | None:
        raise NotImplementedError('the lab does not ask for it')

    def containing(self, commit: str, literals: object, under: object = ()) -> tuple[list[str], list[str]]:
        raise NotImplementedError('the lab does not ask for it')

    def changes(self, old: str, new: str) -> tuple[FileChange, ...]:
        before, after = self.states[old], self.states[new]
        return tuple(FileChange(p, p, 'old', 'new', (), ()) for p in sorted(after) if before[p] != after[p])

    def tree_id(self, commit: str) -> str:
        return commit

    @contextmanager
    def at(self, commit: str) -> Iterator[Path]:
        """Give a copy: the build moves it away."""
        copy = self.top.with_name('copy')
        shutil.rmtree(copy, ignore_errors=True)
        shutil.copytree(self.top, copy, symlinks=True)
        yield copy


@pytest.fixture
def source(debian: Fetched, need: Callable[..., None]) -> Source:
    need('tar', 'xz', 'make', 'flex', 'bison', 'bc', 'ccache', 'aarch64-linux-gnu-gcc')
    place = debian.site.directory / 'debian'
    AptRoot(place / 'apt').unpack('linux-source-7.3/trixie-backports', place / 'source')
    (archive,) = place.glob('source/usr/src/linux-source-*.tar.xz')
    top = place / 'linux'
    if not (top / '.unpacked').exists():
        top.mkdir(exist_ok=True)
        subprocess.run(['tar', '-xf', str(archive), '-C', str(top), '--strip-components=1'], check=True)
        (top / '.unpacked').touch()
    return Source(top, archive.name)


def _in_donation(text: str) -> str:
    """Put a BUG into the path that gives a page to a guest: the same line stands in others before it."""
    head, name, rest = text.partition('int __pkvm_host_donate_guest')
    return head + name + rest.replace(DONATE, f'\tBUG_ON(gfn & 2);\n{DONATE}', 1)


@pytest.mark.long
@pytest.mark.timeout(7200)
def test_faults_in_a_real_kernel_are_found_at_their_patch(source: Source, debian: Fetched, confined: None) -> None:
    gup, el2 = source.text(GUP), source.text(EL2)
    unused = gup.replace(BODY, f'{BODY}\tint old_refs;\n\n\told_refs = refs;\n')
    applied = source.series(
        {GUP: unused},
        {GUP: unused.replace(PUT, f'\tundeclared_thing(folio);\n{PUT}')},
        {GUP: gup.replace(PUT, f'\tWARN_ON_ONCE(flags & FOLL_PIN);\n{PUT}')},
        {GUP: gup, EL2: _in_donation(el2)},
        {EL2: el2},
    )
    site = debian.site
    shop = Shop(site.directory / 'shop', site.directory / 'ccache')
    built = build_series(applied, source, source, targets(('arm64-pkvm',))[0], shop)
    assert not built.results[0].broken and built.results[0].lost == ()
    boots = boot_series(built, machines(('arm64-pkvm-nvhe',)), guest_tests(), site, seconds=300)
    found = {bad.check: (bad.patch, bad.fixed_by) for bad in first_bad(matrix(built.results, boots))}
    assert found['build arm64-pkvm'] == (2, 3)
    assert found["warning arm64-pkvm: gup_put_folio: variable 'old_refs' set but not used"] == (1, 3)
    assert found['arm64-pkvm-nvhe: WARNING in gup_put_folio'] == (3, 5)
    assert found['arm64-pkvm-nvhe: nVHE hyp BUG in __pkvm_host_donate_guest'] == (4, 5)
