"""Odd: a certificate that the library refuses, shown as far as it can be read."""

from __future__ import annotations

from dataclasses import dataclass, field

from certlib import clock, summaries
from certlib.errors import EncodingError
from certlib.inspecting import details
from certlib.inspecting.details import Detail, Group
from certlib.summaries import Summary

UNREAD = "Most programs refuse this certificate: {}."


@dataclass(frozen=True)
class Odd:
    """A certificate that no program here can use.

    Attributes:
        der: its bytes.
        error: why it is refused.
    """

    der: bytes = field(repr=False)
    error: EncodingError

    @property
    def summary(self) -> Summary:
        """What can be read of it."""
        return summaries.of_der(self.der)


def trouble(summary: Summary) -> str:
    """Return why it is refused, in one sentence."""
    reasons = (f"{problem.part}: {problem.reason}" for problem in summary.problems)
    return UNREAD.format("; ".join(reasons))


def fields(odd: Odd) -> tuple[Detail, ...]:
    """Return the fields of the tab Details, those that can be read."""
    summary = odd.summary
    said = {
        "Version": f"V{summary.version}" if summary.version else "",
        "Serial number": summary.serial_number,
        "Signature algorithm": summary.signature_algorithm,
        "Issuer": summary.issuer,
        "Valid from": clock.second(summary.not_before) if summary.not_before else "",
        "Valid to": clock.second(summary.not_after) if summary.not_after else "",
        "Subject": summary.subject,
        "Public key": summary.key,
    }
    unread = {problem.part: problem.reason for problem in summary.problems}
    told = [
        details.text_field(name, value or _why(name, unread))
        for name, value in said.items()
    ]
    names = ", ".join(summary.server_names)
    if names:
        title = "Subject Alternative Name"
        told.append(details.text_field(title, names, Group.EXTENSION))
    for part, reason in unread.items():
        if part not in said:
            told.append(details.text_field(part, f"cannot be read: {reason}"))
    thumbprint = summary.thumbprint.lower()
    return (*told, details.text_field("Thumbprint", thumbprint, Group.PROPERTY))


def _why(name: str, unread: dict[str, str]) -> str:
    part = "Validity" if name.startswith("Valid") else name
    return f"cannot be read: {unread[part]}" if part in unread else "cannot be read"
