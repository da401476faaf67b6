# SPDX-License-Identifier: GPL-2.0-or-later
"""Who is proven to have sent a mail: what its signatures say, each kind for itself, and never one for another."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Literal

SignatureKind = Literal['dkim', 'patatt']
SignatureState = Literal['valid', 'absent', 'broken', 'stale', 'foreign', 'unknown']
"""valid: made by the sender, over all of this text, near its date. absent: no signature of this kind. broken: what is here
is not what was signed. stale: sound, but too old or expired when the mail was sent. foreign: sound, by somebody who is not
the sender. unknown: nobody could tell, for want of network or of the key; never a reason for doubt, never one for trust."""


@dataclass(frozen=True, slots=True)
class Signature:
    """One kind of signature on one mail; `reason` is a sentence, '' only when it is valid.

    `signer` is the signing domain of DKIM, the signing address of patatt, as the signature claims it; '' when absent.
    `covers` are the header fields that were signed, lower case; a field that is not among them may be anybody's.
    """

    kind: SignatureKind
    state: SignatureState
    signer: str = ''
    signed: datetime | None = None
    covers: tuple[str, ...] = ()
    reason: str = ''


@dataclass(frozen=True, slots=True)
class Attestation:
    """What the signatures of one mail say of its sender; `sender` is the address in From:."""

    message_id: str
    sender: str
    dkim: Signature
    patatt: Signature

    @property
    def person(self) -> str:
        """Return the address whose own key signed this mail, '' when that is not proven."""
        return self.sender if self.patatt.state == 'valid' else ''

    @property
    def proven(self) -> str:
        """Return the sender's address when his key, or the servers of his domain, stand for it; '' otherwise.

        A domain stands for whom it lets send; a person's key stands for the person (`person`). A patatt signature that
        is broken or foreign outweighs a DKIM signature that is valid: somebody changed what the person had signed.
        """
        if self.person:
            return self.person
        return self.sender if self.dkim.state == 'valid' and self.patatt.state in ('absent', 'unknown') else ''
