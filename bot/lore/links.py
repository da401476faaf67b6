# SPDX-License-Identifier: GPL-2.0-or-later
"""Postings to series: which posting follows which, why, and how sure that is.

The order of trust: the same change-id; an answer to, or a link to, an earlier posting; author and title; overlap of the
patches themselves. A later version number has to agree with every one of them but the first.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta

from bot.lore.diff import changed_lines, files, same_place
from bot.lore.hints import change_id, mentions
from bot.lore.postings import Piece, Posting, plain_title, same_person
from bot.lore.threads import ancestors
from bot.lore.versions import Chained, name_of, note_absent, settle_version
from bot.model import Link, Message, Span, Tie
from bot.model.memory import recalled

# As many characters of two titles have to agree when a mailer cut one of them at the end of a header line.
_PREFIX = 30
# Earlier postings looked at for one posting: a whole list's archive has thousands that touch one file.
_MOST_CANDIDATES = 200
# Within this a fix under a new title in the same lines is the same work; later it may be the next bug there.
_SOON = timedelta(days=21)


@dataclass(frozen=True, slots=True)
class _Traits:
    """What a posting is compared by; `patches` holds (title, patch id, files, changed lines) of each."""

    change_id: tuple[str, Span] | None
    title: str
    patches: tuple[tuple[str, str, frozenset[str], frozenset[str]], ...]


def chain(
    postings: Sequence[Posting], messages: Sequence[Message], ids: Mapping[str, str], ties: Sequence[Tie] = ()
) -> tuple[tuple[Chained, ...], ...]:
    """Return the series, each with its postings oldest first.

    `ids` are patch ids by message-id (or none at all); `ties` are what was said by hand, which goes before all else.
    """
    desk = _Desk(messages, ids)
    series: list[list[Chained]] = []
    for index, posting in enumerate(postings):
        here = Chained(posting, posting.version or 1, posting.resend, index, len(series))
        best = _by_hand(here, desk, ties) or _best(posting, desk)
        if best is None or _split_off(here, best, series[best[0].series][-1], desk):
            series.append([])
            if not here.notes:  # one that was split off, or follows another no more, misses nothing
                note_absent(here, 0)
        else:
            here.series, here.link = best[0].series, best[1]
            settle_version(here, series[here.series][-1])
        series[here.series].append(here)
        _note_moves(here, desk)
        desk.know(here)
    return tuple(tuple(s) for s in series)


def asked_for(wanted: str, chains: Sequence[Sequence[Chained]], by_id: Mapping[str, Message]) -> int | None:
    """Return the index of the series that holds a mail, else of the one whose posting it answers."""
    message = by_id.get(wanted)
    if message is None:
        return None
    members = {p.message_id: i for i, c in enumerate(chains) for one in c for p in one.posting.pieces}
    return next((members[m.message_id] for m in (message, *ancestors(message, by_id)) if m.message_id in members), None)


class _Desk:
    """What is known while postings are linked: traits, and which posting a mail belongs to or talks about."""

    def __init__(self, messages: Sequence[Message], ids: Mapping[str, str]) -> None:
        self.by_id = {m.message_id: m for m in messages}
        self._ids = ids
        self._traits: dict[int, _Traits] = {}
        self._members: dict[str, Chained] = {}
        self._marks: dict[str, list[Chained]] = {}
        self.refused: set[int] = set()

    def know(self, chained: Chained) -> None:
        self._members.update({p.message_id: chained for p in chained.posting.pieces})
        for mark in self._marks_of(chained.posting):
            self._marks.setdefault(mark, []).append(chained)

    def _marks_of(self, posting: Posting) -> set[str]:
        traits = self.traits(posting)
        marks = {f'title {traits.title[:_PREFIX]}'}
        if traits.change_id:
            marks.add(f'change-id {traits.change_id[0]}')
        for title, patch_id, paths, _ in traits.patches:
            marks |= {f'patch {title}', *(f'file {p}' for p in paths), *({f'id {patch_id}'} if patch_id else ())}
        return marks

    def candidates(self, posting: Posting, kinds: tuple[str, ...]) -> list[Chained]:
        """Return the earlier postings that share a mark of these kinds, newest first, a bounded number of them."""
        marks = (m for m in self._marks_of(posting) if m.startswith(kinds))
        found = {c.index: c for mark in marks for c in self._marks.get(mark, [])[-_MOST_CANDIDATES:]}
        return [found[i] for i in sorted(found, reverse=True) if found[i].series not in self.refused][:_MOST_CANDIDATES]

    def member(self, message_id: str) -> Chained | None:
        return self._members.get(message_id)

    def discussed(self, message_id: str) -> Chained | None:
        """Return the posting that a mail belongs to or, through what it answers, talks about."""
        message = self.by_id.get(message_id)
        if message is None:
            return None
        at = next((m for m in (message, *ancestors(message, self.by_id)) if m.message_id in self._members), None)
        return self._members[at.message_id] if at else None

    def traits(self, posting: Posting) -> _Traits:
        key = id(posting)
        if key not in self._traits:
            self._traits[key] = _Traits(
                change_id(posting), plain_title(posting.title), tuple(map(self._patch, posting.patches.values()))
            )
        return self._traits[key]

    def _patch(self, piece: Piece) -> tuple[str, str, frozenset[str], frozenset[str]]:
        return _traits_of(piece, self._ids.get(piece.message_id, ''))


@recalled
def _traits_of(piece: Piece, patch_id: str) -> tuple[str, str, frozenset[str], frozenset[str]]:
    return plain_title(piece.subject.title), patch_id, frozenset(files(piece.diff)), changed_lines(piece.diff)


def _best(posting: Posting, desk: _Desk) -> tuple[Chained, Link] | None:
    """Return the posting that this one follows: the strongest reason wins, then the newest posting."""
    for find in (_by_change_id, _by_reference, _by_title, _by_overlap, _by_similar_title, _by_hunk):
        found = find(posting, desk)
        if found is not None:
            return found
    return None


def _by_hand(here: Chained, desk: _Desk, ties: Sequence[Tie]) -> tuple[Chained, Link] | None:
    """Return the earlier posting that somebody tied this one to, and keep in mind those that it is not to follow."""
    desk.refused = set()
    own = {p.message_id for p in here.posting.pieces}
    found: tuple[Chained, Link] | None = None
    for tie in ties:
        other = desk.member(tie.partner(own))
        if other is None:
            continue
        said = f' by {tie.by} ({tie.id}){f": {tie.why}" if tie.why else ""}'
        if tie.holds:
            found = other, Link(f'linked by hand{said}', 'sure')
        else:
            desk.refused.add(other.series)
            here.notes.append(f'does not follow <{other.posting.head.message_id}>, said by hand{said}')
    return found


def _split_off(here: Chained, best: tuple[Chained, Link], newest: Chained, desk: _Desk) -> bool:
    """Tell whether a posting is the other half of a series that was split: its patches are of an old posting only."""
    other, posting = best[0], here.posting
    if other is newest or posting.resend or best[1].confidence == 'sure' or len(other.posting.patches) < 2:
        return False
    if _overlap(posting, newest, desk) > 0 or desk.traits(posting).title == desk.traits(newest.posting).title:
        return False
    taken = round(_overlap(posting, other, desk) * min(len(posting.patches), len(other.posting.patches)))
    if not taken or not _overlap(newest.posting, other, desk):
        return False
    head = other.posting.head.message_id
    here.notes.append(f'split off: {taken} of the {len(other.posting.patches)} patches of <{head}>')
    return True


def _note_moves(here: Chained, desk: _Desk) -> None:
    """Note the series of the same author whose patches this posting takes up: they moved into this one."""
    newest: dict[int, Chained] = {}
    for other in desk.candidates(here.posting, ('patch ', 'id ')):
        newest.setdefault(other.series, other)
    for other in newest.values():
        both = min(len(here.posting.patches), len(other.posting.patches))
        if (
            other.series == here.series
            or not both
            or here.link is None
            or not same_person(here.posting.author, other.posting.author)
        ):
            continue
        taken, all_of_it = round(_overlap(here.posting, other, desk) * both), len(other.posting.patches)
        if taken * 2 >= all_of_it:
            here.notes.append(f'takes up {taken} of {all_of_it} patches of <{other.posting.head.message_id}>')
            other.notes.append(f'{taken} of its {all_of_it} patches moved to <{here.posting.head.message_id}>')


def _follows(posting: Posting, other: Chained) -> bool:
    """Tell whether the version numbers allow that a posting comes after another one."""
    mine, rfc_left = posting.version or 1, other.posting.rfc and not posting.rfc
    return mine > other.version or rfc_left or (mine == other.version and posting.resend)


def _by_change_id(posting: Posting, desk: _Desk) -> tuple[Chained, Link] | None:
    mine = desk.traits(posting).change_id
    for other in desk.candidates(posting, ('change-id ',)):
        return other, Link(
            f'the same change-id {mine[0] if mine else ""} as {name_of(other)}', 'sure', mine and mine[1]
        )
    return None


def _by_reference(posting: Posting, desk: _Desk) -> tuple[Chained, Link] | None:
    head = posting.head.message
    near: list[tuple[int, bool, Chained, Link]] = []
    for answered in dict.fromkeys((*([head.parent] if head.parent else []), *reversed(head.references))):
        other = desk.discussed(answered)
        if other and other.series not in desk.refused and _agrees(posting, other, desk):
            exact = answered == head.parent and desk.member(answered) is other
            how = 'sent in reply to' if exact else 'sent into the thread of'
            near.append((other.index, exact, other, Link(f'{how} {name_of(other)}', 'sure' if exact else 'likely')))
    for mention in mentions(posting):
        other = desk.discussed(mention.message_id)
        sure = other is not None and desk.member(mention.message_id) is other and mention.history
        own = other is not None and same_person(posting.author, other.posting.author) and _follows(posting, other)
        if other and other.series not in desk.refused and ((sure and own) or _agrees(posting, other, desk)):
            if sure and mention.version not in (None, other.version) and other.posting.version is None:
                _note(other, f'names no version; the changelog of v{posting.version or 1} calls it v{mention.version}')
            link = Link(f'its text links to {name_of(other)}', 'sure' if sure else 'likely', mention.span)
            near.append((other.index, sure, other, link))
    if not near:
        return None
    best = max(near, key=lambda n: n[:2])
    return best[2], best[3]


def _note(chained: Chained, note: str) -> None:
    """Add a note of this beginning once: every later changelog says the same again."""
    if not any(n.split(';')[0] == note.split(';')[0] for n in chained.notes):
        chained.notes.append(note)


def _agrees(posting: Posting, other: Chained, desk: _Desk) -> bool:
    """Tell whether a reference can mean "the next version of": people answer with quite different series, too."""
    again = _same_again(posting, other, desk)
    if not _follows(posting, other) and not again:
        return False
    if same_person(posting.author, other.posting.author):
        step = (posting.version or 1) - other.version
        return step == 1 or again or _title_alike(posting, other, desk) or _overlap(posting, other, desk) >= 0.2
    return _overlap(posting, other, desk) >= 0.3


def _same_again(posting: Posting, other: Chained, desk: _Desk) -> bool:
    """Tell whether the same version is posted again: the whole of it, or some of its patches ("[PATCH v2.1 2/3]")."""
    if (posting.version or 1) != other.version:
        return False
    if desk.traits(posting).title == desk.traits(other.posting).title:
        return True
    theirs = other.posting.patches
    return (
        posting.cover is None
        and posting.total == other.posting.total > 1
        and all(
            at in theirs and plain_title(p.subject.title) == plain_title(theirs[at].subject.title)
            for at, p in posting.patches.items()
        )
    )


def _title_alike(posting: Posting, other: Chained, desk: _Desk) -> bool:
    mine, theirs = desk.traits(posting).title, desk.traits(other.posting).title
    short, long = sorted((mine, theirs), key=len)
    # One of two titles is cut where a mailer broke the header line.
    return mine == theirs or (len(short) >= _PREFIX and long.startswith(short) and _follows(posting, other))


def _by_title(posting: Posting, desk: _Desk) -> tuple[Chained, Link] | None:
    if len(desk.traits(posting).title) < 8:  # "fixes" and the like name no work
        return None
    for other in desk.candidates(posting, ('title ',)):
        if not same_person(posting.author, other.posting.author) or not _title_alike(posting, other, desk):
            continue
        if _follows(posting, other) or (posting.version or 1) == other.version or posting.version is None:
            share = _overlap(posting, other, desk)
            near = posting.resend or (posting.version or 1) - other.version == 1
            reason = (
                f'the same author and title as {name_of(other)}{", and most of its patches" if share >= 0.5 else ""}'
            )
            return other, Link(reason, 'sure' if near and share >= 0.5 else 'likely')
    return None


def _by_overlap(posting: Posting, desk: _Desk) -> tuple[Chained, Link] | None:
    for other in desk.candidates(posting, ('patch ', 'id ', 'file ')):
        if not _follows(posting, other):
            continue
        share = _overlap(posting, other, desk)
        both = min(len(posting.patches), len(other.posting.patches))
        same = same_person(posting.author, other.posting.author)
        if both and share >= (0.3 if same else 0.5) and (same or both >= 3):
            reason = f'{round(share * both)} of {both} patches are those of {name_of(other)}, by title or by what they change'
            return other, Link(reason, 'likely' if share >= 0.6 else 'possible')
    return None


def _by_similar_title(posting: Posting, desk: _Desk) -> tuple[Chained, Link] | None:
    """Find the version just before by a title that was reworded and patches that touch the same files."""
    for other in desk.candidates(posting, ('file ',)):
        step = (posting.version or 1) - other.version == 1 or (other.posting.rfc and not posting.rfc)
        if not step or not same_person(posting.author, other.posting.author):
            continue
        mine, theirs = (set(desk.traits(p).title.split()) for p in (posting, other.posting))
        if len(posting.patches) > 1 and len(mine & theirs) >= 4 and len(mine & theirs) / len(mine | theirs) >= 0.6:
            return other, Link(f'the same author and files as {name_of(other)}, under a title much like it', 'possible')
    return None


def _by_hunk(posting: Posting, desk: _Desk) -> tuple[Chained, Link] | None:
    """Find what a lone patch that says "v2" was before by the lines it changes: written anew, under a new title.

    The one before is the author's lone patch of days ago with the version just below, in the very hunks of the same
    files; of two such nobody can tell which.
    """
    if not (posting.version or 0) > 1 or posting.cover or len(posting.patches) != 1 or posting.total != 1:
        return None
    mine = next(iter(posting.patches.values()))
    near = [
        o
        for o in desk.candidates(posting, ('file ',))
        if _lone_before(posting, o) and same_place(mine.diff, next(iter(o.posting.patches.values())).diff)
    ]
    if len({o.series for o in near}) != 1:
        return None
    titles = [set(desk.traits(p).title.split()) for p in (posting, near[0].posting)]
    alike = len(titles[0] & titles[1]) * 2 >= min(map(len, titles))
    reason = (
        f'the same author, files and hunks as {name_of(near[0])}, within {_SOON.days} days, and it says that it is '
    )
    return near[0], Link(f'{reason}v{posting.version}', 'likely' if alike else 'possible')


def _lone_before(posting: Posting, other: Chained) -> bool:
    dates = (posting.head.message.date, other.posting.head.message.date)
    soon = dates[0] is not None and dates[1] is not None and timedelta(0) < dates[0] - dates[1] <= _SOON
    alone = other.posting.cover is None and other.posting.total == len(other.posting.patches) == 1
    step = (posting.version or 1) - other.version == 1
    return soon and alone and step and same_person(posting.author, other.posting.author)


def _overlap(posting: Posting, other: Chained, desk: _Desk) -> float:
    """Return how much of the smaller of two postings is in the other one, 0 to 1."""
    mine, theirs = desk.traits(posting).patches, list(desk.traits(other.posting).patches)
    smaller = min(len(mine), len(theirs))
    found = 0
    for patch in mine:
        twin = next((t for t in theirs if _same_patch(patch, t)), None)
        if twin is not None:
            theirs.remove(twin)
            found += 1
    return found / smaller if smaller else 0.0


def _same_patch(
    one: tuple[str, str, frozenset[str], frozenset[str]], other: tuple[str, str, frozenset[str], frozenset[str]]
) -> bool:
    if one[0] == other[0] or (one[1] and one[1] == other[1]):
        return True
    both = len(one[3] | other[3])
    return bool(one[2] & other[2]) and both > 0 and len(one[3] & other[3]) / both >= 0.5
