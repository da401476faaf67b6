# SPDX-License-Identifier: GPL-2.0-or-later
"""A checkout small enough to set up in seconds and without a network: the real bot.sh, a real venv, a real pip."""

from __future__ import annotations

import os
import shutil
import subprocess
from dataclasses import dataclass
from pathlib import Path

TOP = Path(__file__).resolve().parents[2]

PYPROJECT = """\
[build-system]
requires = []
build-backend = "backend"
backend-path = ["."]
[project]
name = "lorebot"
version = "1"
dependencies = []
[project.optional-dependencies]
dev = []
"""

BACKEND = """\
import pathlib
import zipfile

def build_editable(directory, settings=None, metadata=None):
    info = 'lorebot-1.dist-info'
    files = {
        'lorebot.pth': str(pathlib.Path.cwd()),
        f'{info}/METADATA': 'Metadata-Version: 2.1\\nName: lorebot\\nVersion: 1\\n',
        f'{info}/WHEEL': 'Wheel-Version: 1.0\\nGenerator: test\\nRoot-Is-Purelib: true\\nTag: py3-none-any\\n',
    }
    files[f'{info}/RECORD'] = ''.join(f'{name},,\\n' for name in [*files, f'{info}/RECORD'])
    with zipfile.ZipFile(pathlib.Path(directory, 'lorebot-1-py3-none-any.whl'), 'w') as wheel:
        for name, text in files.items():
            wheel.writestr(name, text)
    return 'lorebot-1-py3-none-any.whl'
"""

TELL = """\
import os
import sys

print('cwd', os.getcwd())
print('args', sys.argv[1:])
"""

GATE = """\
import os
import sys

print('ran', __package__, sys.argv[1:])
sys.exit(1 if __package__ in os.environ.get('RED', '').split() else 0)
"""


@dataclass(frozen=True, slots=True)
class Run:
    status: int
    out: str
    err: str


@dataclass(frozen=True, slots=True)
class Checkout:
    top: Path

    @property
    def script(self) -> Path:
        return self.top / 'bot.sh'

    def start(
        self, *args: str, cwd: Path | None = None, script: Path | None = None, **env: str
    ) -> subprocess.Popen[str]:
        return subprocess.Popen(
            [str(script or self.script), *args],
            cwd=cwd or self.top,
            env={**os.environ, **env},
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            start_new_session=True,
        )

    def run(self, *args: str, cwd: Path | None = None, script: Path | None = None, **env: str) -> Run:
        with self.start(*args, cwd=cwd, script=script, **env) as process:
            out, err = process.communicate(timeout=240)
        return Run(process.returncode, out, err)


def make_checkout(top: Path) -> Checkout:
    """Lay out a checkout whose `bot` tells how it was called and whose gates only say that they ran."""
    files = {
        'pyproject.toml': PYPROJECT,
        'backend.py': BACKEND,
        '.ci/lock.txt': '# nothing to install\n',
        'bot/__init__.py': '',
        'bot/__main__.py': TELL,
        'tests/__init__.py': '',
        'tests/sizes.py': GATE.replace('__package__', "'sizes'"),
        **{f'{tool}/__main__.py': GATE for tool in ('ruff', 'mypy', 'pytest')},
        **{f'{tool}/__init__.py': '' for tool in ('ruff', 'mypy', 'pytest')},
    }
    for name, text in files.items():
        (top / name).parent.mkdir(parents=True, exist_ok=True)
        (top / name).write_text(text, encoding='utf-8')
    shutil.copy2(TOP / 'bot.sh', top / 'bot.sh')
    return Checkout(top)
