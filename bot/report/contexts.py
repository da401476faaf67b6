# SPDX-License-Identifier: GPL-2.0-or-later
"""What each template may use: one frozen dataclass a template, every field said in words; docs/templates.md is made of it.

No string in a context holds a line break or a control character (`inert.py` sees to it): hostile text cannot leave its
line. Text that has lines is a `Quote` (places.py). An empty string, tuple or None means there is nothing to say.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated

from bot.report.asked_contexts import QuestionsSection
from bot.report.check_contexts import ChecksSection
from bot.report.mail_contexts import AnswersMail, InlineMail, LabMail, PointsMail, Signature
from bot.report.places import MailPlace, Quote
from bot.report.points_contexts import PointsPage, PointsSection, RerollPage
from bot.report.queue_contexts import QueuePage


@dataclass(frozen=True, slots=True)
class Need:
    """One thing that waits for a person."""

    text: Annotated[str, 'one short sentence']
    anchor: Annotated[str, 'where a page tells more']


@dataclass(frozen=True, slots=True)
class StageLine:
    stage: Annotated[str, 'apply, check, build, boot or questions']
    outcome: Annotated[str, 'passed, failed, skipped or crashed']
    summary: Annotated[str, 'what came out, or the reason']


@dataclass(frozen=True, slots=True)
class Headline:
    """What this is and what needs somebody; the first lines of every report."""

    subject: Annotated[str, 'subject of the newest posting']
    author: Annotated[str, 'name and address of its sender']
    version: Annotated[str, '"v2", "RFC v1"']
    date: Annotated[str, 'day of the newest posting; empty when unknown']
    patches: Annotated[str, '"5 of 5 patches"']
    base: Annotated[str, 'the base that was taken, and whose it is; empty when nothing was applied']
    made_on: Annotated[str, 'what the author named as its base, where nothing was applied']
    place: Annotated[MailPlace, 'the cover, or the first patch']
    needs: Annotated[tuple[Need, ...], 'what waits for somebody, most pressing first']
    quiet: Annotated[str, 'what to say when nothing does']
    stages: Annotated[tuple[StageLine, ...], 'every stage, in order']
    as_of: Annotated[str, 'time of the newest mail at hand; ages are counted to it']
    read: Annotated[str, '"69 mails by 13 people"']


@dataclass(frozen=True, slots=True)
class RevisionLine:
    posting: Annotated[int, 'number of the posting, from 1']
    version: Annotated[str, '"v2", "RFC v1"']
    date: Annotated[str, 'day of the posting']
    patches: Annotated[str, '"5 of 5"']
    complete: Annotated[str, '"yes", or the positions that are missing']
    linked: Annotated[str, 'how it was tied to the posting before, and how surely; empty for the first']
    evidence: Annotated[MailPlace | None, 'the lines that tie it']
    place: Annotated[MailPlace, 'the cover, or the first patch']
    notes: Annotated[tuple[str, ...], 'what is odd about this posting']


@dataclass(frozen=True, slots=True)
class LinkLine:
    """Postings that follow the one before them in one and the same way."""

    postings: Annotated[str, '"#2 follows", "#2-#5 follow"']
    linked: Annotated[str, 'how each was tied to the posting before, and how surely']
    evidence: Annotated[tuple[MailPlace, ...], 'the lines that tie them']


@dataclass(frozen=True, slots=True)
class ChangeLine:
    """Patches to which the same happened since the posting before."""

    how: Annotated[str, '"unchanged", "only the message changed", "code changed", "new", "gone"']
    patches: Annotated[
        tuple[str, ...], 'positions, "4 (was 3)" where it moved; of those that are gone the old one with its title'
    ]


@dataclass(frozen=True, slots=True)
class InterdiffItem:
    """A patch of which message or code changed since the posting before."""

    patch: Annotated[str, '"4 (was 3)"']
    subject: Annotated[str, 'title of the patch now']
    place: Annotated[MailPlace, 'the patch now']
    quote: Annotated[
        Quote, 'the two patches compared, author, title and message first; the first sign of a line says which has it'
    ]
    brief: Annotated[Quote, 'the beginning of that']
    more: Annotated[int, 'how many lines follow the beginning']


@dataclass(frozen=True, slots=True)
class RevisionsSection:
    change_id: Annotated[str, 'the change-id of the series; empty without one']
    base_commit: Annotated[str, 'the base-commit the newest posting names; empty without one']
    rows: Annotated[tuple[RevisionLine, ...], 'all postings, oldest first']
    links: Annotated[tuple[LinkLine, ...], 'the same ties as in the rows, like ones together']
    since: Annotated[str, 'the posting that the newest is compared with, "v1 (#1)"; empty when there is none']
    changes: Annotated[tuple[ChangeLine, ...], 'what became of the patches since then']
    interdiffs: Annotated[tuple[InterdiffItem, ...], 'the patches whose message or code changed since then']
    signatures: Annotated[str, 'what the signatures say of who sent the newest posting: DKIM and patatt']


@dataclass(frozen=True, slots=True)
class AttemptLine:
    how: Annotated[str, 'where the candidate came from']
    name: Annotated[str, 'tag, branch or tree']
    commit: Annotated[str, 'commit cut to 12 digits']
    chosen: Annotated[bool, 'whether this one was taken']
    found: Annotated[str, '"4 of 6" pre-images; empty when not counted']
    reason: Annotated[str, 'why it was taken, or not']
    missing: Annotated[tuple[str, ...], 'paths whose pre-image is not in it']


@dataclass(frozen=True, slots=True)
class AppliedLine:
    patch: Annotated[str, '"2/5"']
    subject: Annotated[str, 'subject without prefix']
    commit: Annotated[str, 'commit cut to 12 digits']
    three_way: Annotated[bool, 'whether git had to merge']
    place: Annotated[MailPlace, 'the patch']


@dataclass(frozen=True, slots=True)
class ConflictLine:
    """The first patch that does not apply."""

    patch: Annotated[str, '"2/5"']
    path: Annotated[str, 'the file it stopped at']
    hunk: Annotated[str, 'the @@ line of the hunk; empty when git named none']
    reason: Annotated[str, 'what git said']
    place: Annotated[MailPlace, 'the patch']


@dataclass(frozen=True, slots=True)
class ApplySection:
    outcome: Annotated[str, 'passed, failed, skipped or crashed']
    reason: Annotated[str, 'the reason given by the stage']
    tree: Annotated[str, 'name of the tree']
    base: Annotated[str, 'full commit id of the base; empty without one']
    how: Annotated[str, 'how the base was found']
    attempts: Annotated[tuple[AttemptLine, ...], 'the base taken, then the best of the others']
    attempts_more: Annotated[int, 'how many more bases were tried']
    patches: Annotated[tuple[AppliedLine, ...], 'the commits made']
    conflict: Annotated[ConflictLine | None, 'where it stopped']
    nearest: Annotated[
        str, 'a base that takes the whole series, and the option that names it; empty without a conflict'
    ]
    needs: Annotated[tuple[str, ...], 'what the author says must be there first, and what became of it']
    merged: Annotated[str, 'the commits that patches became in this tree; empty without any']
    todo: Annotated[tuple[str, ...], "how to come by the author's base; empty where it was applied on its own"]


@dataclass(frozen=True, slots=True)
class LabLine:
    patch: Annotated[str, '"2/5", or "base"']
    target: Annotated[str, 'build target or machine']
    outcome: Annotated[str, 'passed, failed, skipped or crashed']
    reason: Annotated[str, 'the reason given']
    details: Annotated[tuple[str, ...], 'diagnostics or console lines that matter']
    artefacts: Annotated[tuple[str, ...], 'what is kept of it, with digests']
    reproducer: Annotated[str, 'the command that does it again']


@dataclass(frozen=True, slots=True)
class GridRow:
    name: Annotated[str, 'target, machine or test']
    cells: Annotated[tuple[str, ...], 'ok, FAIL, LOST or - for each patch; empty where it was not looked at']
    inner: Annotated[bool, 'whether it is a test of the machine above']


@dataclass(frozen=True, slots=True)
class BlameLine:
    patch: Annotated[str, '"2/5", or "base"']
    what: Annotated[str, 'the warning, splat or test that fails from there on']
    where: Annotated[str, 'targets or machines that show it']
    more: Annotated[str, 'where it is gone again, what could not be seen']


@dataclass(frozen=True, slots=True)
class LabSection:
    stage: Annotated[str, 'build or boot']
    outcome: Annotated[str, 'passed, failed, skipped or crashed']
    reason: Annotated[str, 'the reason given by the stage']
    rows: Annotated[
        tuple[LabLine, ...], 'by patch, then target; those that passed and leave nothing to say are left out'
    ]
    heads: Annotated[tuple[str, ...], 'the patches that the columns of the table stand for']
    grid: Annotated[tuple[GridRow, ...], 'the table: a row a target, or a machine and below it its tests']
    again: Annotated[tuple[str, ...], 'the command for each target or machine that does it again']
    blame: Annotated[tuple[BlameLine, ...], 'which patch brought what, in order of patches']
    notes: Annotated[tuple[str, ...], 'what holds for all rows: configuration, sandbox, emulator, lost symbols']


@dataclass(frozen=True, slots=True)
class TrailerItem:
    name: Annotated[str, '"Reviewed-by"']
    value: Annotated[str, 'the person by name, or what the trailer holds']
    place: Annotated[MailPlace, 'where it was given']
    carried: Annotated[bool, 'whether it stands in the patch itself']
    warnings: Annotated[tuple[str, ...], 'what does not fit']


@dataclass(frozen=True, slots=True)
class TrailerGroup:
    patch: Annotated[str, '"2/5", or "cover"']
    subject: Annotated[str, 'subject without prefix']
    place: Annotated[MailPlace, 'the patch or cover']
    trailers: Annotated[tuple[TrailerItem, ...], 'by name, then person']


@dataclass(frozen=True, slots=True)
class TrailersSection:
    groups: Annotated[tuple[TrailerGroup, ...], 'patches of the newest posting that have any']
    earlier: Annotated[int, 'how many were given to earlier postings only']


@dataclass(frozen=True, slots=True)
class OddLine:
    place: Annotated[MailPlace, 'the mail']
    reason: Annotated[str, 'what is odd about it']


@dataclass(frozen=True, slots=True)
class GhostLine:
    """A mail known only because others quote it."""

    author: Annotated[str, 'who is said to have written it']
    date: Annotated[str, 'day it is said to be from']
    place: Annotated[MailPlace | None, 'the mail, when its message-id is known']
    seen_in: Annotated[MailPlace, 'a mail that quotes it']


@dataclass(frozen=True, slots=True)
class UnreadLine:
    """Files that could not be read for one and the same reason."""

    count: Annotated[int, 'how many']
    reason: Annotated[str, 'why they could not']
    paths: Annotated[tuple[str, ...], 'the first of them']
    more: Annotated[int, 'how many are not named']


@dataclass(frozen=True, slots=True)
class EvidenceSection:
    """What the report rests on and what it could not see."""

    archive: Annotated[str, 'base URL of the archive; empty for mail from files']
    messages: Annotated[int, 'mails read']
    people: Annotated[tuple[str, ...], 'who wrote, with the number of mails']
    as_of: Annotated[str, 'time of the newest mail at hand']
    absent: Annotated[tuple[MailPlace, ...], 'mails that are referred to and not at hand']
    ghosts: Annotated[tuple[GhostLine, ...], 'mails known only by quotation']
    odd: Annotated[tuple[OddLine, ...], 'mails that could not be read, or only in part']
    not_read: Annotated[tuple[UnreadLine, ...], 'files the checks could not read']
    notes: Annotated[tuple[str, ...], 'what else could not be told']
    other_series: Annotated[tuple[MailPlace, ...], 'other series in the same threads']
    not_run: Annotated[tuple[StageLine, ...], 'stages that were skipped or ended early']
    command: Annotated[
        tuple[str, ...], 'the command that makes this report again, an option a part; TREE stands for a clone'
    ]
    tool: Annotated[str, 'program and version']


@dataclass(frozen=True, slots=True)
class Review:
    """The whole review."""

    headline: Annotated[Headline, 'what this is']
    revisions: Annotated[RevisionsSection, 'all postings']
    apply: Annotated[ApplySection, 'the base and the patches on it']
    checks: Annotated[ChecksSection, 'findings, flags, bit budgets']
    build: Annotated[LabSection, 'builds']
    boot: Annotated[LabSection, 'boots']
    points: Annotated[PointsSection | None, 'what became of points on earlier postings; None where none were made']
    questions: Annotated[QuestionsSection, 'what was asked']
    trailers: Annotated[TrailersSection, 'tags given']
    evidence: Annotated[EvidenceSection, 'what this rests on']


@dataclass(frozen=True, slots=True)
class ReviewMail:
    """The body of a reply to the series."""

    headline: Annotated[Headline, 'what this is']
    apply: Annotated[ApplySection, 'the base and the patches on it']
    checks: Annotated[ChecksSection, 'findings, flags, bit budgets']
    build: Annotated[LabSection, 'builds']
    boot: Annotated[LabSection, 'boots']
    questions: Annotated[QuestionsSection, 'what was asked']
    evidence: Annotated[EvidenceSection, 'what this rests on']
    signature: Annotated[Signature, 'who sends it']


@dataclass(frozen=True, slots=True)
class LabPage:
    """What was built or booted, alone."""

    subject: Annotated[str, 'subject of the newest posting; empty where an image was booted']
    base: Annotated[str, 'tree and base in words; empty where an image was booted']
    sections: Annotated[tuple[LabSection, ...], 'builds, boots or both']


@dataclass(frozen=True, slots=True)
class QuestionsPage:
    """The questions of a series alone."""

    subject: Annotated[str, 'subject of the newest posting']
    version: Annotated[str, '"v2", "RFC v1"']
    as_of: Annotated[str, 'time that ages are counted to; empty when unknown']
    questions: Annotated[QuestionsSection, 'what was asked']
    messages: Annotated[int, 'mails read']
    ghosts: Annotated[tuple[GhostLine, ...], 'mails known only by quotation']
    notes: Annotated[tuple[str, ...], 'what could not be told']


@dataclass(frozen=True, slots=True)
class FindingsPage:
    """The findings of the checks alone."""

    checks: Annotated[ChecksSection, 'findings, flags, bit budgets']
    not_read: Annotated[tuple[UnreadLine, ...], 'files the checks could not read']
    notes: Annotated[tuple[str, ...], 'what else could not be told']
    brief: Annotated[bool, 'one line a finding instead of its source and path']
    counts: Annotated[
        str, '"3 errors, 1 warning"; "nothing found" or, of a series, "nothing new" when there is nothing'
    ]


TEMPLATES: dict[str, type] = {
    'text/review.txt.j2': Review,
    'markdown/review.md.j2': Review,
    'html/review.html.j2': Review,
    'mail/review.txt.j2': ReviewMail,
    'mail/inline.txt.j2': InlineMail,
    'mail/lab.txt.j2': LabMail,
    'mail/points.txt.j2': PointsMail,
    'mail/transcript.txt.j2': AnswersMail,
    'mail/status.txt.j2': AnswersMail,
    'text/questions.txt.j2': QuestionsPage,
    'text/lab.txt.j2': LabPage,
    'text/findings.txt.j2': FindingsPage,
    'text/queue.txt.j2': QueuePage,
    'text/points.txt.j2': PointsPage,
    'markdown/points.md.j2': PointsPage,
    'html/points.html.j2': PointsPage,
    'text/reroll.txt.j2': RerollPage,
}
"""Every template that is rendered by name, and what it is given; others are parts that these include."""
