"""Checks: is what a service presents what it should present?"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime

from cryptography import x509

from certlib import (
    bundles,
    clock,
    rules,
    summaries,
    trust,
    x500,
)
from certlib.endpoints import Presented
from certlib.rules import Context
from certlib.trust import chains


@dataclass(frozen=True)
class Check:
    """One thing that was looked at in a service's answer.

    Attributes:
        subject: what was looked at.
        passed: how it came out.
        detail: what was seen.
        fix: what to do if it did not pass.
    """

    subject: str
    passed: bool
    detail: str
    fix: str = ""

    def __str__(self) -> str:
        return f"{'ok  ' if self.passed else 'FAIL'} {self.subject}: {self.detail}"


def check(
    presented: Presented,
    *,
    at: datetime,
    trusted: Iterable[x509.Certificate] = (),
    selected: x509.Certificate | None = None,
) -> tuple[Check, ...]:
    """Return what a service's answer is like, thing by thing.

    Args:
        presented: from `certlib.endpoints`.
        at: the moment, with a time zone.
        trusted: the roots that clients trust; without any, the root that the
            chain ends at is named and not judged.
        selected: the certificate that was selected for the service.

    Raises:
        InputError: the moment has no time zone.
    """
    at = clock.moment(at)
    leaf = presented.leaf
    if leaf is None or presented.error is not None:
        error = presented.error
        text = error.message if error else f"{presented.endpoint} sent no certificate"
        return (Check("TLS answer", False, text, error.fix if error else ""),)
    seen = [Check("TLS answer", True, f"{presented.protocol}, {presented.cipher}")]
    if presented.protocol not in ("TLSv1.2", "TLSv1.3"):
        seen.append(_old_protocol(presented))
    if selected is not None:
        seen.append(_is_selected(leaf, selected))
    seen += _leaf_checks(presented, leaf, at)
    seen += _chain_checks(leaf, presented.chain, tuple(trusted), at)
    return tuple(seen)


def _old_protocol(presented: Presented) -> Check:
    return Check(
        "protocol",
        False,
        f"{presented.protocol} is the best that the server offers",
        "switch TLS 1.2 on in Windows on the server (RFC 8996)",
    )


def _is_selected(leaf: x509.Certificate, selected: x509.Certificate) -> Check:
    shown = bundles.thumbprint(leaf)
    if leaf == selected:
        return Check("selected certificate", True, f"{shown} is presented")
    if leaf.not_valid_before_utc <= selected.not_valid_before_utc:
        return Check(
            "selected certificate",
            False,
            f"the service still presents the OLD certificate {shown}",
            "restart the service; if that does not help, select the new certificate "
            "again",
        )
    return Check(
        "selected certificate",
        False,
        f"the service presents another certificate, {shown}",
        "compare the port, and the thumbprint in the Designer",
    )


_LEAF_RULES = {
    "server name": ("san-missing", "san-without-server-name"),
    "validity": ("expired", "not-yet-valid"),
    "server authentication": ("not-for-server-authentication",),
}


def _leaf_checks(
    presented: Presented, leaf: x509.Certificate, at: datetime
) -> Iterator[Check]:
    summary = summaries.of_certificate(leaf)
    context = Context(at, presented.endpoint.server_name)
    fine = {
        "server name": f"{context.server_name} is in the SubjectAlternativeName",
        "validity": f"until {clock.minute(leaf.not_valid_after_utc)}",
        "server authentication": "allowed",
    }
    for subject, wanted in _LEAF_RULES.items():
        found = rules.judge(summary, context, rules=[rules.RULES[n] for n in wanted])
        if found:
            detail = f"{found[0].text} ({found[0].detail})"
            yield Check(subject, False, detail, found[0].remedy)
        else:
            yield Check(subject, True, fine[subject])


def _chain_checks(
    leaf: x509.Certificate,
    sent: tuple[x509.Certificate, ...],
    trusted: tuple[x509.Certificate, ...],
    at: datetime,
) -> Iterator[Check]:
    roots = trusted or tuple(one for one in sent if chains.is_self_signed(one))
    verdict = trust.judge(leaf, sent, roots, at=at)
    path, anchor = verdict.path, verdict.anchor if trusted else None
    issuer = x500.x500(path[-1].issuer)
    said = {fault.rule for fault in verdict.faults}
    if "chain-incomplete" in said and len(path) == 1:
        yield _issuer_not_sent(issuer, only="" if trusted else _UNLESS_A_ROOT)
        return
    if wrong := [_in_words(fault, path) for fault in verdict.faults if _is_new(fault)]:
        yield Check("chain", False, "; ".join(wrong), _RENEW_ISSUER)
        return
    count = sum(one in sent for one in path)
    yield Check("chain", True, f"{count} sent, ends at {issuer}")
    if anchor is not None:
        yield Check("trust", True, x500.x500(anchor.subject))
    elif trusted:
        yield Check(
            "trust",
            False,
            f"clients do not trust {issuer}",
            "distribute the root to the clients (group policy; Firefox has a store of "
            "its own)",
        )


_SAID_ELSEWHERE = frozenset(
    {"root-unknown", "chain-incomplete", "expired", "not-yet-valid", "purpose-missing"}
)
"""Faults that have a line of their own."""


def _is_new(fault: trust.Fault) -> bool:
    return fault.rule not in _SAID_ELSEWHERE


def _in_words(fault: trust.Fault, path: tuple[x509.Certificate, ...]) -> str:
    checked = "" if fault.wrong else " (this cannot be checked here)"
    whose = f"{x500.x500(path[fault.depth].subject)}: " if fault.depth else ""
    return f"{whose}{fault.detail}{checked}"


_UNLESS_A_ROOT = "unless it is a root that the clients trust, "

_RENEW_ISSUER = (
    "get the present certificate of this issuer from the certification authority, "
    "import it into Local Machine > Intermediate Certification Authorities on the "
    "server, and restart the service; if it is no CA, get another certificate"
)


def _issuer_not_sent(issuer: str, *, only: str) -> Check:
    return Check(
        "chain",
        False,
        f"the server does not send the certificate of its issuer, {issuer}",
        f"{only}import it into Local Machine > Intermediate Certification "
        "Authorities on the server, and restart the service",
    )
