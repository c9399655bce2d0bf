"""Answers: whether a certificate was revoked, and who says so."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from certlib import clock
from certlib.trust.faults import Fault


class State(StrEnum):
    """What is known of a certificate's revocation."""

    GOOD = "good"
    REVOKED = "revoked"
    UNKNOWN = "cannot be checked"
    NOT_LOOKED_UP = "not looked up"


@dataclass(frozen=True)
class Answer:
    """Whether one certificate of a path was revoked.

    Args:
        state: what is known.
        detail: who says so; or why nothing is known.
        until: to which moment a good answer counts, in UTC; None if it does not
            say so.
        depth: how many steps above the leaf the certificate stands.
        wanted: somebody wants to know, so that no answer is a fault.
        remark: what is irregular about who says so; empty for nothing.
    """

    state: State
    detail: str
    until: datetime | None = None
    depth: int = 0
    wanted: bool = False
    remark: str = ""

    @classmethod
    def revoked(cls, since: datetime, reason: str, by: str) -> Answer:
        """Return that a certificate was revoked.

        Args:
            since: when, in UTC.
            reason: as RFC 5280 calls it; empty if none is given.
            by: who says so.
        """
        words = _REASONS.get(reason, reason)
        why = f" ({words})" if words else ""
        detail = f"was revoked on {clock.minute(since)}{why}, says {by}"
        return cls(State.REVOKED, detail)

    @property
    def fault(self) -> Fault | None:
        """What speaks against the certificate, or None."""
        if self.state is State.REVOKED:
            return Fault("revoked", self.depth, self.detail)
        if self.state is State.UNKNOWN and self.wanted:
            return Fault("revocation-not-checked", self.depth, self.detail, wrong=False)
        return None


_REASONS = {
    "keyCompromise": "its key is in other hands",
    "cACompromise": "the key of its issuer is in other hands",
    "affiliationChanged": "its owner has another name or place",
    "superseded": "another one takes its place",
    "cessationOfOperation": "it is not needed any more",
    "certificateHold": "it is on hold",
    "privilegeWithdrawn": "its owner may not have it any more",
    "aACompromise": "the key of an authority is in other hands",
    "unspecified": "",
}
"""The reasons of RFC 5280 section 5.3.1 in plain words."""
