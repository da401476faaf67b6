# SPDX-License-Identifier: GPL-2.0-or-later
"""Looks for signs that a later posting dealt with an item: in its code, its changelog and its texts.

Promises for each sign the mail and lines where it is seen and the log-odds it adds. Refuses to count silence.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import TypeVar

from bot.model import Patch, Revision
from bot.model.memory import current, recalled
from bot.questions.anchor import Anchor
from bot.questions.asked import Asked
from bot.questions.changelog import Change, changes
from bot.questions.conversation import Conversation
from bot.questions.hunks import fate, left_over, place, same_change, substituted
from bot.questions.overlap import STOP, Weights, telling
from bot.questions.patches import Code, code, follows, news, partner, plain_text, prose, vocabulary
from bot.questions.tables import table

T = TypeVar('T')
_BLANKET = table('evidence').groups['blanket'][0].pattern
_NO_CLAIM = table('evidence').groups['no-claim'][0].pattern
_HOUSEKEEPING = table('evidence').groups['housekeeping'][0].pattern
_DROPS = re.compile(r'(?i)\b(?:drop|remove|delete|get rid of|leave out|omit)')
_BLANK = re.compile(r'(?i)\b(?:new ?lines?|(?:blank|empty) lines?|white ?space)\b')
_FEW = 5
_REST = 0.25
_GROWN = 10
_EXPLAIN = table('evidence').groups['asks-for-text'][0].pattern
WEIGHTS = {row.name: row.weight for row in table('evidence').groups['sign']}


@dataclass(frozen=True, slots=True)
class Sign:
    """One piece of evidence; a positive weight speaks for "dealt with", a negative one against it."""

    rule: str
    message_id: str
    lines: tuple[int, int]
    note: str

    @property
    def weight(self) -> float:
        return WEIGHTS[self.rule]


@dataclass(frozen=True, slots=True)
class Step:
    """A posting that is looked at, and the one before it; signs count what is new between the two."""

    before: Revision
    after: Revision


@dataclass(frozen=True, slots=True)
class Crowd:
    """What else was asked on the posting.

    `rival` gives the largest share of a changelog item's words that another item explains (of the same asker when
    told so); `taken` tells that another item of the same text explains it better with its own words; `alone` that
    nobody else commented on the patch.
    """

    rival: Callable[[str, bool], float]
    taken: Callable[[str], bool]
    alone: bool


@dataclass(frozen=True, slots=True)
class Seen:
    """What was found in one later posting: signs for and against, and sentences that answer in words."""

    signs: tuple[Sign, ...] = ()
    notes: tuple[Change, ...] = ()


def look(talk: Conversation, one: Asked, hook: Anchor, step: Step, rare: Weights, crowd: Crowd) -> Seen:
    """Return what one later posting shows about an item."""
    old = _lineage(hook, step.before)
    new = partner(old, step.after) if old else None
    where = new or (step.after.patches[0] if step.after.patches else None)
    if where is None:
        return Seen()
    view = _View(talk, one, hook, step, old, new, where)
    fixed = view.once('code and names', lambda: [*view.code(), *view.names()])
    signs = (*fixed, *view.texts(rare), *view.told(rare, crowd))
    return Seen(signs, tuple(view.notes(rare)))


def _lineage(hook: Anchor, before: Revision) -> Patch | None:
    """Return what the patch of the item had become in the posting before."""
    if hook.patch is None or before.posting == hook.posting.posting:
        return hook.patch
    return partner(hook.patch, before) or hook.patch


@dataclass(slots=True)
class _View:
    talk: Conversation
    one: Asked
    hook: Anchor
    step: Step
    old: Patch | None
    new: Patch | None
    where: Patch

    def once(self, what: str, make: Callable[[], T]) -> T:
        """Ask for something that no other item and no word weight enters once for the same item and postings."""
        depends = (self.talk.scene, self.one, self.hook, self.step.before, self.step.after)
        return current().of(what, lambda *_: make(), depends)

    def _sign(self, rule: str, note: str) -> Sign:
        """Return a sign seen in the patch of the item; without one it is seen in the posting, nobody can say where."""
        mid = self.where.message_id if self.new else self.step.after.message_id
        return Sign(rule, mid, self._whole(mid), note)

    def _sign_of_text(self, rule: str, note: str, in_patch: bool) -> Sign:
        """Return a sign seen in words: those of the patch, or else those of the cover."""
        mid = self.where.message_id if in_patch and self.new else self.step.after.message_id
        return Sign(rule, mid, self._whole(mid), note)

    def _whole(self, mid: str) -> tuple[int, int]:
        message = self.talk.messages.get(mid)
        return (1, len(message.lines)) if message else (1, 1)

    def code(self) -> Iterator[Sign]:
        old = code([self.old] if self.old else self.step.before.patches)
        new = code([self.new] if self.new else self.step.after.patches)
        everywhere = code(self.step.after.patches)
        if self.old and self.new is None:
            yield from self._dropped(everywhere)
            return
        stood = [*self._place()]
        yield from stood
        stays = (s for s in self._lines(old, everywhere) if not (s.rule == 'anchor-stays' and stood))
        yield from stays
        if self.new and old.changed:
            left = len(old.changed & new.changed) / len(old.changed)
            if self.old and same_change(self.old, self.new):
                yield self._sign('patch-same', 'same lines added and removed')
            elif left < 0.5:
                yield self._sign('patch-rewritten', f'{left:.0%} of its lines are left')
        yield from self._functions(old, new)

    def _dropped(self, everywhere: Code) -> Iterator[Sign]:
        """Yield what shows that a patch without a successor was dropped, and not merely renamed or folded."""
        if self.old is None or not follows(self.step.before, self.step.after):
            return
        files = set(self.old.files)
        left, added = left_over(self.old, self.step.after)
        if not files & everywhere.files:
            yield self._sign('patch-dropped', f'no patch of this posting touches {", ".join(sorted(files)[:3])}')
        elif added >= _FEW and left <= _REST * added:
            yield self._sign('patch-dropped', f'{left} of the {added} lines that it added are left')
        elif told := next((c for c, _ in self._items(anybody=True) if _drops(c.text, self.old.subject)), None):
            yield Sign('patch-dropped', told.message_id, (told.first, told.last), told.text[:120])

    def _place(self) -> Iterator[Sign]:
        """Yield what became of the place in the patch that the item stands on."""
        at = place(self.old, self.hook.quoted) if self.old else None
        if self.old is None or at is None:
            return
        became = fate(self.old, at, self.step.after)
        if became.blank and _BLANK.search(self.one.item.text):
            yield self._sign('substituted', 'the blank lines next to it changed')
        elif became.gone:
            yield self._sign('hunk-gone', f'{became.left} of {became.lines} lines of the place it stands on are left')
        elif became.beside:
            yield self._sign('beside-changed', f'new next to it: {became.beside[0][:80]}')

    def _lines(self, old: Code, everywhere: Code) -> Iterator[Sign]:
        present = everywhere.added | everywhere.kept
        lines = [s for s in self.hook.lines if s in old.added or self.step.before.posting == self.hook.posting.posting]
        gone = [s for s in lines if s not in present]
        note = f'{len(gone)} of {len(lines)} lines above it are gone'
        if lines and gone:
            yield self._sign('anchor-gone' if lines[0] in gone else 'near-anchor-gone', note)
        elif lines:
            yield self._sign('anchor-stays', 'the lines above it are as they were')

    def _functions(self, old: Code, new: Code) -> Iterator[Sign]:
        for name in sorted(set(re.findall(r'\b([A-Za-z_]\w+)\(\)', self.one.item.text))):
            if name in new.functions and old.functions.get(name, set()) != new.functions[name]:
                yield self._sign('function-changed', f'{name}() differs from the posting before')
                return

    def names(self) -> Iterator[Sign]:
        old = code([self.old] if self.old else self.step.before.patches)
        new = code([self.new] if self.new else self.step.after.patches)
        known = vocabulary(self.step.before, self._cover(self.step.before))
        fresh = (n for n in self.hook.brought if n in new.names and n not in new.old_names)
        gained = sorted(n for n in fresh if n not in known and n not in old.old_names)
        if gained:
            yield Sign('name-adopted', *self._line_with(gained[0]), ', '.join(gained[:4]))
        doubted = set(re.findall(r'[A-Za-z_]\w{4,}', self.one.item.text)) & (self.hook.names | self.hook.code_words)
        lost = sorted(n for n in doubted if n in old.names and n not in new.names and n.lower() not in STOP)
        if lost:
            yield self._sign('name-gone', ', '.join(lost[:4]))

    def _line_with(self, name: str) -> tuple[str, tuple[int, int]]:
        """Return the mail and line that brings a name in: in the patch of the item, or the first one that has it."""
        for patch in [self.new] if self.new else self.step.after.patches:
            message = self.talk.messages.get(patch.message_id)
            for number, line in enumerate(message.lines if message else (), 1):
                if line.startswith('+') and re.search(rf'\b{re.escape(name)}\b', line):
                    return patch.message_id, (number, number)
        return self.where.message_id, self._whole(self.where.message_id)

    def texts(self, rare: Weights) -> Iterator[Sign]:
        """Yield what happened to the prose: commit message, notes and comments of the patch, text of the cover."""
        covers = self._cover(self.step.before), self._cover(self.step.after)
        if not all(covers):  # a cover that is not at hand has lost nothing
            covers = ('', '')
        before, after = prose(self.old, covers[0]), prose(self.new, covers[1])
        hung = [p for p in self.hook.prose if p in plain_text(before)]
        if hung and hung[0] not in plain_text(after):
            mine = hung[0] in plain_text(prose(self.old, ''))
            yield self._sign_of_text('text-gone', f'no longer there: {hung[0][:100]}', mine)
        about_title = re.search(r'(?i)\b(?:subject|title)\b', self.one.item.text)
        if about_title and self.old and self.new and self.old.subject != self.new.subject:
            yield self._sign('title-changed', f'now: {self.new.subject[:100]}')
        if wanted := substituted(self.one.item.text, self.hook.quoted, self.step.after, after):
            yield self._sign('substituted', f'now: {wanted[:100]}')
        fresh = news(before, after)
        grown = len(telling(self._news_near() if self.hook.lines else fresh) - telling(before))
        if grown >= _GROWN and self.old and self.new and _EXPLAIN.search(self.one.item.text):
            yield self._sign('text-grown', f'{grown} new words in commit message and comments')
        share = rare.coverage(self.one.item.text, fresh)
        if share >= 0.5 and share >= rare.coverage(self.one.item.text, before) + 0.2:
            mine = rare.coverage(self.one.item.text, self._news_near()) >= 0.5
            yield self._sign_of_text('text-gained', f'{share:.2f} of its words in new sentences', mine)

    def _news_near(self) -> str:
        """Return what is new in the words of the patch itself: a cover grows with every posting."""
        return news(prose(self.old, ''), prose(self.new, ''))

    def _cover(self, posting: Revision) -> str:
        message = self.talk.messages.get(posting.cover or '')
        return message.body if message else ''

    def told(self, rare: Weights, crowd: Crowd) -> Iterator[Sign]:
        """Yield the changelog item of the posting that comes nearest to the item."""
        said = [(c, own) for c, own in self._known() if not (c.note and _NO_CLAIM.search(c.text))]
        found = [(c, own) for c, own in said if not _HOUSEKEEPING.search(c.text)]
        if not found:
            return
        scored = [(self._share(c.text, rare), self._names_asker(c), c, own) for c, own in found]
        share, named, best, own = max(scored, key=lambda f: (f[0] + 0.3 * f[1], f[3], -f[2].first))
        rival = crowd.rival(best.text, named)
        taken = crowd.taken(best.text)
        if taken:
            rule = 'changelog-silent'
        elif named and share >= 0.1 and share >= rival:
            rule = 'changelog-names-asker'
        elif share >= 0.2 and share >= 0.8 * rival:
            rule = 'changelog' if share >= 0.4 else 'changelog-perhaps'
        else:
            rule = 'changelog-only-comment' if own and crowd.alone and share >= rival else 'changelog-silent'
        if rule == 'changelog-silent' and (blanket := self._blanket(found)):
            yield Sign('changelog-blanket', blanket.message_id, (blanket.first, blanket.last), blanket.text[:120])
            return
        nearer = ', nearer to another item of the same text' if taken else ''
        note = f'{share:.2f} of its words{nearer}: {best.text[:120]}'
        yield Sign(rule, best.message_id, (best.first, best.last), note)

    def _blanket(self, found: Sequence[tuple[Change, bool]]) -> Change | None:
        """Return the changelog item that claims to have met all comments, the asker's at least."""
        return next((c for c, _ in found if _BLANKET.search(c.text)), None)

    def notes(self, rare: Weights) -> Iterator[Change]:
        """Yield what the posting answers in words: sentences of a note to the asker, or near to the item's words."""
        for change, _ in self._known():
            if not change.note or not _NO_CLAIM.search(change.text):
                continue
            share = self._share(change.text, rare)
            if share >= 0.4 or (share >= 0.1 and self._names_asker(change)):
                yield change

    def _known(self) -> list[tuple[Change, bool]]:
        return self.once('changelog items', lambda: list(self._items()))

    def _items(self, anybody: bool = False) -> Iterator[tuple[Change, bool]]:
        """Yield changelog items that may be about the patch, and whether they surely are.

        Those that thank other people than the asker are left out unless they are wanted.
        """
        after = self.step.after
        for mid in (after.cover, *(p.message_id for p in after.patches)):
            if mid is None or mid not in self.talk.messages:
                continue
            mine = self.new is not None and mid == self.new.message_id
            if mid != after.cover and self.new is not None and not mine:
                continue
            for change in changes(mid, self.talk.messages[mid].body, after.version):
                ours = not change.about or self.old is None or _about(change.about, self.old.subject)
                if ours and (anybody or not self._names_another(change)):
                    yield change, mine or bool(change.about and self.old)

    def _share(self, change: str, rare: Weights) -> float:
        """Return what share of a changelog item's words the item explains, or of the item's words the change holds."""
        back = rare.coverage(self.one.item.text, change) if len(telling(self.one.item.text)) >= 4 else 0.0
        return max(rare.coverage(change, self.hook.context), 0.8 * back)

    def _names_asker(self, change: Change) -> bool:
        return _names(self.one.asker.name, change.to, change.text)

    def _names_another(self, change: Change) -> bool:
        """Tell whether a changelog item thanks somebody of the conversation, and not the asker."""
        words = re.findall(r'\b[A-Z]\w{2,}', f'{change.to} {change.text}')
        others = (self.talk.named.get(w.lower(), ()) for w in words)
        posters = {self.step.before.author.email, self.step.after.author.email}
        people = {p for found in others for p in found if p.email not in posters}
        return bool(people) and not self._names_asker(change)


def _drops(text: str, subject: str) -> bool:
    """Tell whether a changelog item says that the patch with a subject was dropped."""
    have, wanted = telling(text), telling(subject.split(':', 1)[-1])
    return bool(_DROPS.search(text)) and len(have & wanted) >= 0.5 * max(len(wanted), 2)


@recalled
def _names(person: str, to: str, text: str) -> bool:
    """Tell whether a text, or the address above it, names a person, or calls him by a short form of a name."""
    parts = re.findall(r'\w{3,}', person)
    if any(re.search(rf'\b{re.escape(w)}\b', f'{to} {text}') for w in parts):
        return True
    called = re.match(r'([A-Z]\w{3,})[,:]', text)
    return bool(called and any(w.startswith(called[1]) for w in parts))


def _about(title: str, subject: str) -> bool:
    mine = set(re.findall(r'\w+', subject.lower()))
    other = set(re.findall(r'\w+', title.lower()))
    return len(mine & other) >= 0.6 * max(min(len(mine), len(other)), 1)
