# SPDX-License-Identifier: GPL-2.0-or-later
"""For stories of many commands: their jobs run in this process, as starting one costs more than what it does.

That a job does the same in a process of its own is tested where the engine is. The demo's v2 takes up every point but
what is asked here in `POINT`: nothing in it changes what that quotes, and nobody replies to it.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest

from bot import cli, engine, stages
from bot.model import Progress

Run = Callable[..., str]

POINT = b"""\
From mboxrd@z Thu Jan  1 00:00:00 1970
From: Jarek Solnin <jarek.solnin@example.org>
To: Ines Marlow <ines.marlow@example.org>
Date: Wed, 04 Mar 2026 11:30:00 +0100
Subject: Re: [RFC PATCH 2/3] misc: pinbuf: add a driver for the mesh capture engine
Message-ID: <93ab20c4-jarek-1@example.org>
In-Reply-To: <20260302-pinbuf-steady-v1-2-5c1d7e904a2b@example.org>

On Mon, Mar 02, 2026 at 09:14:04AM +0100, Ines Marlow wrote:
> +static int pinbuf_open(struct inode *inode, struct file *file)
> +{
> +	file->private_data = kzalloc(sizeof(struct pinbuf), GFP_KERNEL);

Is this charged to the memory cgroup of whoever opens the device?

"""
ASKER = 'jarek.solnin@example.org'


def before_v2(mbox: Path) -> bytes:
    """Return what was known before the demo's v2 was posted."""
    text = mbox.read_bytes()
    return text[: text.rindex(b'From mboxrd', 0, text.index(b'Subject: [PATCH v2 0/3]'))]


def with_point(mbox: Path, path: Path) -> Path:
    """Write the demo's mails with `POINT` among those about v1."""
    early = before_v2(mbox)
    path.write_bytes(early + POINT + mbox.read_bytes()[len(early) :])
    return path


def asked(document: str, asker: str) -> str:
    """Return the id of the one open question of a person in a document of `lorebot questions --format json`."""
    [name] = [
        q['id'] for q in json.loads(document)['questions'] if (q['asker']['email'], q['state']) == (asker, 'open')
    ]
    return str(name)


def runner(directory: Path, patch: pytest.MonkeyPatch, output: pytest.CaptureFixture[str]) -> Run:
    """Return a function that runs a command below `directory`, with a store there, and returns what it prints."""

    def here(spec: bytes, minutes: float, progress: Progress) -> bytes:
        return stages.perform(spec, progress)

    patch.setattr(engine, 'run_job', here)
    patch.chdir(directory)
    (directory / 'my.toml').write_text(f'[store]\npath = "{directory}/store"\n')

    def command(*arguments: object, status: int = 0) -> str:
        output.readouterr()
        assert cli.run([*map(str, arguments), '--config', 'my.toml']) == status
        return output.readouterr().out

    return command
