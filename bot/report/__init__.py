# SPDX-License-Identifier: GPL-2.0-or-later
"""Takes what the stages found about a series.
Gives the report as text, Markdown, HTML and JSON, findings as SARIF, and the body of a reply.
Never judges, fetches, writes files or sends; shows nothing from a mail unescaped and no clock, host or local path.
"""

from __future__ import annotations

from bot.report.chains import tell_series
from bot.report.compose import compose, mail_facts, mails_of
from bot.report.formats.findings import findings_document
from bot.report.formats.questions import questions_document
from bot.report.formats.review import report_document
from bot.report.formats.sarif import sarif
from bot.report.letters import Matter, Sender, first_failing, has_news, patches_with_findings, render_letter
from bot.report.outgoing import harmless, tell_draft, tell_happened, tell_letter, tell_rulings
from bot.report.reference import document_contexts
from bot.report.sections.hunks import Placement, placement
from bot.report.single import tell_change, tell_events, tell_log, tell_question, tell_status
from bot.report.surface import (
    points_left,
    render,
    render_boots,
    render_findings,
    render_lab,
    render_points,
    render_questions,
    render_queue,
    render_reroll,
)

__all__ = [
    'Matter',
    'Placement',
    'Sender',
    'placement',
    'compose',
    'document_contexts',
    'findings_document',
    'first_failing',
    'harmless',
    'has_news',
    'mail_facts',
    'mails_of',
    'questions_document',
    'patches_with_findings',
    'points_left',
    'render',
    'render_boots',
    'render_findings',
    'render_lab',
    'render_letter',
    'render_points',
    'render_questions',
    'render_queue',
    'render_reroll',
    'report_document',
    'sarif',
    'tell_change',
    'tell_draft',
    'tell_events',
    'tell_happened',
    'tell_letter',
    'tell_log',
    'tell_question',
    'tell_rulings',
    'tell_series',
    'tell_status',
]
