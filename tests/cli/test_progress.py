# SPDX-License-Identifier: GPL-2.0-or-later
"""What is said of long work: nothing in a pipe, lines with -v."""

from __future__ import annotations

import logging

import pytest

from bot.cli.progress import bars


@pytest.mark.parametrize(('level', 'said'), [(logging.WARNING, 0), (logging.INFO, 12)])
def test_in_a_pipe_progress_is_told_in_few_lines_and_only_when_asked(
    level: int, said: int, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(level), bars() as progress:
        progress('assemble', 0, 0)
        progress('assemble', 0, 0)
        for number in range(0, 14001, 250):
            progress('parsing mails', number, 14000)
    assert len(caplog.messages) == said
    if said:
        assert caplog.messages[:2] == ['assemble', 'parsing mails 0 of 14000']
        assert caplog.messages[-1] == 'parsing mails 14000 of 14000'
