"""Checks: is what a service presents what it should present?

What is asked here and what an audit says of the same server are the same
rules, over the same certificates and roots.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from cryptography import x509

from certlib import bundles, clock, rules, summaries
from certlib.bundles import Bundle
from certlib.endpoints import Presented
from certlib.errors import CertlibError
from certlib.rules import RULES, Context, Finding, Severity, servers
from certlib.stores import chain_engine
from certlib.summaries import Summary
from certlib.trust.roots import Trust


@dataclass(frozen=True)
class Check:
    """One thing that was looked at in a service's answer.

    Attributes:
        subject: what was looked at.
        passed: how it came out; None if it could not be judged.
        detail: what was seen.
        fix: what to do if it did not pass, or would be better.
        warned: it passed, and something would be better.
    """

    subject: str
    passed: bool | None
    detail: str
    fix: str = ""
    warned: bool = False

    def __str__(self) -> str:
        word = {True: "ok  ", False: "FAIL", None: "?   "}[self.passed]
        return f"{word} {self.subject}: {self.detail}"


def check(
    presented: Presented,
    *,
    context: Context,
    trust: Trust | None = None,
    selected: x509.Certificate | None = None,
) -> tuple[Check, ...]:
    """Return what a service's answer is like, thing by thing.

    Args:
        presented: from `certlib.endpoints`.
        context: what it is judged for; the server's name is that which was
            asked for.
        trust: the roots that clients trust; the public ones when left out.
        selected: the certificate that was selected for the service.

    Raises:
        InputError: the moment has no time zone.
    """
    clock.moment(context.at)
    trust = trust or Trust.of()
    seen = _seen(presented, context, trust, selected)
    if presented.another is not None:
        seen += [
            replace(one, subject=f"{_key(presented.another)} {one.subject}")
            for one in _seen(presented.another, context, trust, None)
        ]
    return tuple(seen)


def second_opinion(presented: Presented, seen: Sequence[Check], *, at: datetime) -> str:
    """Return what Windows' own engine says, where it says otherwise.

    It knows the stores of this machine and nothing else, so it may well be right
    for this computer and not for others: nothing of it is in the answer.

    Args:
        presented: from `certlib.endpoints`.
        seen: from `check`.
        at: the moment, with a time zone.

    Returns:
        A line; empty where it says the same, and elsewhere than on Windows.
    """
    if sys.platform != "win32" or not presented.chain or presented.error is not None:
        return ""
    leaf, *sent = presented.chain
    name = presented.endpoint.server_name
    good = all(one.passed for one in seen if one.subject in _OF_CERTIFICATE)
    try:
        status = chain_engine.chain_status(
            Bundle(leaf, chain=tuple(sent)), name, at=clock.moment(at)
        )
    except CertlibError as error:
        return f"Windows says nothing: {error.message}"
    return status.otherwise(good=good)


_OF_CERTIFICATE = frozenset(
    {"server name", "validity", "server authentication", "certificate", "chain"}
    | {"revocation", "trust"}
)


def _key(presented: Presented) -> str:
    leaf = presented.leaf
    return summaries.of_certificate(leaf).key_algorithm if leaf is not None else "?"


def _seen(
    presented: Presented,
    context: Context,
    trust: Trust,
    selected: x509.Certificate | None,
) -> list[Check]:
    leaf = presented.leaf
    if leaf is None or presented.error is not None:
        error = presented.error
        text = error.message if error else f"{presented.endpoint} sent no certificate"
        return [Check("TLS answer", False, text, error.fix if error else "")]
    seen = [Check("TLS answer", True, f"{presented.protocol}, {presented.cipher}")]
    if presented.asks_client:
        seen.append(Check("client certificate", True, "the server asks for one, too"))
    summary = presented.placed(trust).judged(clock.moment(context.at))
    of_server = [one for one in RULES.values() if one.chapter == servers.__name__]
    seen += [
        replace(
            _failed(_OF_SERVER.get(finding.rule, "server"), [finding]),
            passed=finding.severity is Severity.WARNING,
            warned=finding.severity is Severity.WARNING,
        )
        for finding in rules.judge(summary, context, rules=of_server)
        if finding.severity is not Severity.NOTICE
    ]
    if selected is not None:
        seen.append(_is_selected(leaf, selected))
    errors = [one for one in _errors() if one not in of_server]
    found = rules.judge(summary, context, rules=errors)
    seen += _leaf_checks(summary, [f for f in found if f.rule not in _PATH])
    seen += _chain_check(summary, [f for f in found if f.rule in _PATH])
    seen += _revocation_check(summary)
    seen.append(_trust_check(summary))
    return seen


_OF_SERVER = {
    "tls-version-old": "protocol",
    "old-tls-version-offered": "protocol",
    "cipher-suite-old": "cipher suite",
}


def _errors() -> list[rules.Rule]:
    return [rule for rule in RULES.values() if rule.severity is Severity.ERROR]


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


@dataclass(frozen=True)
class _Subject:
    """A line of its own: by which rules, and what it says if none is broken."""

    rules: tuple[str, ...]
    looked_at: Callable[[Summary], bool]
    fine: Callable[[Summary], str]


def _unread(summary: Summary, part: str) -> bool:
    return any(problem.part.startswith((part, "Cert")) for problem in summary.problems)


_SUBJECTS = {
    "server name": _Subject(
        ("san-missing", "san-without-server-name"),
        lambda s: bool(s.server_names) or not _unread(s, "Ext"),
        lambda s: f"{_asked(s)} is in the SubjectAlternativeName",
    ),
    "validity": _Subject(
        ("expired", "not-yet-valid", "ends-before-it-begins"),
        lambda s: s.not_before is not None and s.not_after is not None,
        lambda s: f"until {clock.minute(s.not_after) if s.not_after else ''}",
    ),
    "server authentication": _Subject(
        ("not-for-server-authentication",),
        lambda s: s.extended_key_usage is not None or not _unread(s, "Ext"),
        lambda s: "allowed",
    ),
}


def _asked(summary: Summary) -> str:
    return summary.surroundings.server_name


def _leaf_checks(summary: Summary, found: list[Finding]) -> Iterator[Check]:
    for name, subject in _SUBJECTS.items():
        if broken := [f for f in found if f.rule in subject.rules]:
            yield _failed(name, broken)
        elif subject.looked_at(summary):
            yield Check(name, True, subject.fine(summary))
        else:
            yield Check(name, None, "not judged: it cannot be read", _ANEW)
    told = {rule for subject in _SUBJECTS.values() for rule in subject.rules}
    for finding in found:
        if finding.rule not in told:
            yield _failed("certificate", [finding])


def _failed(subject: str, found: list[Finding]) -> Check:
    detail = "; ".join(f.said for f in found)
    return Check(subject, False, detail, found[0].remedy)


_PATH = frozenset(
    {
        "chain-incomplete",
        "issuer-expired",
        "issuer-extension-refused",
        "issuer-may-not-issue",
        "issuer-not-yet-valid",
        "issuer-weak",
        "name-not-permitted",
        "path-not-judged",
        "revocation-not-checked",
        "revoked",
        "root-unknown",
        "signature-broken",
    }
)
"""Rules about the way from the certificate to a root."""


def _chain_check(summary: Summary, found: list[Finding]) -> Iterator[Check]:
    names = [name for name, _ in summary.surroundings.issuer_ends]
    broken = [f for f in found if f.rule not in _SAID_ELSEWHERE]
    if summary.surroundings.chain_complete is False and not names:
        yield _issuer_not_sent(summary.issuer)
    elif broken:
        wrong = any(f.rule != "path-not-judged" for f in broken)
        details = "; ".join(f.detail for f in broken)
        yield Check("chain", False if wrong else None, details, _RENEW_ISSUER)
    elif names:
        yield Check("chain", True, f"leads over {', '.join(names)}")


_RENEW_ISSUER = (
    "get the present certificate of this issuer from the certification authority, "
    "import it into Local Machine > Intermediate Certification Authorities on the "
    "server, and restart the service; if it is no CA, get another certificate"
)
_ANEW = "ask the certification authority to issue it again, and check that one"


_SAID_ELSEWHERE = frozenset(
    {"chain-incomplete", "root-unknown", "revoked", "revocation-not-checked"}
)


def _revocation_check(summary: Summary) -> Iterator[Check]:
    """Yield what was found about revocation; that nobody looked, the trust says."""
    around = summary.surroundings
    rules_ = ("revoked", "revocation-not-checked")
    broken = [fault for fault in around.path_faults if fault.rule in rules_]
    good = [one.detail for one in around.revocation if one.state == "good"]
    if broken:
        passed = False if any(fault.wrong for fault in broken) else None
        details = "; ".join(map(str, broken))
        fix = RULES[rules_[passed is None]].remedy
        yield Check("revocation", passed, details, fix)
    elif good:
        who = " and ".join(dict.fromkeys(good))
        yield Check("revocation", True, f"not revoked, says {who}")


def _issuer_not_sent(issuer: str) -> Check:
    return Check(
        "chain",
        False,
        f"the server does not send the certificate of its issuer, {issuer}",
        "import it into Local Machine > Intermediate Certification Authorities on "
        "the server, and restart the service, unless it is a root",
    )


def _trust_check(summary: Summary) -> Check:
    around = summary.surroundings
    fix = "put right what is said above, and check again"
    if around.root_known is False:
        fix = (
            "distribute the root to the clients (group policy; Firefox takes it from "
            "Windows since version 120), and give it here as a root"
        )
    return Check("trust", around.trusted, around.trust, fix)
