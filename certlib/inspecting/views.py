"""Views: what Windows' certificate viewer shows, tab by tab.

A view never fails on a certificate that `cryptography` accepts, however odd:
what cannot be read says so in its place.
"""

from __future__ import annotations

import warnings
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime

from cryptography import x509
from cryptography.x509.oid import NameOID

from certlib import clock, summaries
from certlib.bundles import Bundle
from certlib.errors import InputError
from certlib.inspecting import details, odd, wording
from certlib.inspecting.details import Detail, Show
from certlib.inspecting.odd import Odd
from certlib.keys import PrivateKey
from certlib.parsers import attempt
from certlib.stores.chain_engine import ISSUER_MISSING, NOT_IN_DATE, STATUS
from certlib.summaries import ANY_EXTENDED_KEY_USAGE, SERVER_AUTHENTICATION, Summary
from certlib.trust import places
from certlib.trust.faults import Fault
from certlib.trust.paths import End
from certlib.trust.pool import Verdict
from certlib.trust.roots import Trust

OK = "This certificate is OK."
NOT_A_TRUSTED_ROOT = (
    "This CA Root certificate is not trusted because it is not in the Trusted Root "
    "Certification Authorities store."
)

NO_INFORMATION = "Windows does not have enough information to verify this certificate."
TRUST_THIS_ROOT = (
    "This CA Root certificate is not trusted. To enable trust, install this "
    "certificate in the Trusted Root Certification Authorities store."
)
UNTRUSTED_PATH = (
    "This certificate cannot be verified up to a trusted certification authority."
)
HAS_PRIVATE_KEY = "You have a private key that corresponds to this certificate."

_PURPOSES = {
    SERVER_AUTHENTICATION: "Ensures the identity of a remote computer",
    "1.3.6.1.5.5.7.3.2": "Proves your identity to a remote computer",
    ANY_EXTENDED_KEY_USAGE: "All application policies",
}
_ANY_POLICY = "2.5.29.32.0"

# CertGetNameString looks for these, in this order, for a name for people.
_NAMES_FOR_PEOPLE = (
    NameOID.COMMON_NAME,
    NameOID.ORGANIZATIONAL_UNIT_NAME,
    NameOID.ORGANIZATION_NAME,
    NameOID.EMAIL_ADDRESS,
)


@dataclass(frozen=True, slots=True)
class General:
    """The tab General.

    Attributes:
        heading: what kind of thing it is.
        trouble: why it is not trusted, or an empty text.
        purposes: what it is meant for, a sentence each.
        issued_to: the name for people of its owner.
        issued_by: the name for people of its issuer.
        valid_from: when it begins, in UTC, or an empty text.
        valid_to: its last second, in UTC, or an empty text.
        private_key: the sentence on its private key, or an empty text.
    """

    heading: str
    trouble: str = ""
    purposes: tuple[str, ...] = ()
    issued_to: str = ""
    issued_by: str = ""
    valid_from: str = ""
    valid_to: str = ""
    private_key: str = ""


@dataclass(frozen=True, slots=True)
class Element:
    """A certificate in the tab Certification Path, and its status."""

    name: str
    status: str
    certificate: x509.Certificate

    @property
    def ok(self) -> bool:
        """Whether nothing speaks against it."""
        return self.status == OK


@dataclass(frozen=True, slots=True)
class View:
    """What the certificate viewer shows.

    Attributes:
        general: the tab General.
        details: the tab Details, in Windows' order.
        path: the tab Certification Path, from the root to the leaf; empty for
            what is not a certificate.
    """

    general: General
    details: tuple[Detail, ...]
    path: tuple[Element, ...] = ()

    def fields(self, show: Show | str = Show.ALL) -> tuple[Detail, ...]:
        """Return the fields that a choice of the list 'Show' leaves.

        Raises:
            InputError: the list has no such choice.
        """
        try:
            chosen = Show(show)
        except ValueError:
            raise InputError(
                f"the list 'Show' has no entry {show!r}",
                fix=f"take one of {', '.join(Show)}",
            ) from None
        return tuple(field for field in self.details if chosen.includes(field.group))

    def field(self, name: str) -> Detail:
        """Return a field by its name, without regard to case.

        Raises:
            InputError: there is no such field.
        """
        for found in self.details:
            if found.name.casefold() == name.strip().casefold():
                return found
        raise InputError(
            f"there is no field {name!r}",
            fix=f"take one of {', '.join(field.name for field in self.details)}",
        )


def of_bundle(
    bundle: Bundle,
    *,
    at: datetime,
    trust: Trust | None = None,
    statuses: Sequence[str] | None = None,
) -> View:
    """Return the view of a certificate with its chain.

    Args:
        bundle: the leaf is shown; the chain is its certification path.
        at: the moment for 'expired'.
        trust: the trusted roots and known issuers; none when left out.
        statuses: the verdicts of another judge, Windows' chain engine for
            example, from the leaf to the root, one for each certificate of
            the bundle; an empty text is a good one.

    Raises:
        InputError: the number of statuses differs.
    """
    leaf = bundle.leaf
    has_key = bundle.private_key is not None
    others = (*bundle.chain, *bundle.beside)
    placed = places.in_file(leaf, others, trust or Trust.of(()), private_key=has_key)
    summary = placed.summary
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # the library warns of odd values
        if statuses is None:
            verdict = placed.verdict(at)
            path, statuses = verdict.path, _statuses(verdict)
            trouble = _trouble(statuses)
        else:
            path = bundle.certificates
            _check_number(statuses, path)
            trouble = next((s for s in statuses if s and s != OK), "")
        general = _general(leaf, summary, trouble)
        steps = [
            Element(issued_to(one), status or OK, one)
            for one, status in zip(path, statuses, strict=True)
        ]
    fields = details.of_certificate(leaf, summary, bundle.friendly_name)
    return View(general, fields, tuple(reversed(steps)))


def of_request(request: x509.CertificateSigningRequest) -> View:
    """Return the view of a signing request."""
    summary = summaries.of_request(request)
    general = General(
        "Certificate Signing Request Information",
        trouble="; ".join(f"{p.part}: {p.reason}" for p in summary.problems),
        purposes=_purposes(summary),
        issued_to=_for_people(lambda: request.subject),
    )
    return View(general, details.of_request(request, summary))


def of_odd(certificate: Odd) -> View:
    """Return the view of a certificate that the library refuses."""
    summary = certificate.summary
    general = General(
        "Certificate Information",
        trouble=odd.trouble(summary),
        purposes=_purposes(summary),
        issued_to=", ".join(summary.common_names or summary.server_names),
        issued_by=summary.issuer,
        valid_from=clock.second(summary.not_before) if summary.not_before else "",
        valid_to=clock.second(summary.not_after) if summary.not_after else "",
    )
    return View(general, odd.fields(certificate))


def of_private_key(key: PrivateKey) -> View:
    """Return the view of a private key, which shows its public half only."""
    summary = summaries.of_private_key(key)
    heading = f"Private Key Information: {summary.key}"
    return View(General(heading), details.of_private_key(key, summary))


def _statuses(verdict: Verdict) -> list[str]:
    """Return the status of each certificate of a path, from leaf to root."""
    of_each = [OK] * len(verdict.path)
    for fault in reversed(verdict.faults):  # the first one of a certificate counts
        of_each[fault.depth] = _in_windows_words(fault)
    return of_each


def _in_windows_words(fault: Fault) -> str:
    if not fault.wrong:
        return f"This could not be judged: {fault.detail}."
    return _STATUS_OF.get(fault.rule) or f"Clients refuse this: {fault.detail}."


_STATUS_OF = {
    "expired": NOT_IN_DATE,
    "not-yet-valid": NOT_IN_DATE,
    "issuer-expired": NOT_IN_DATE,
    "issuer-not-yet-valid": NOT_IN_DATE,
    End.NO_ISSUER: ISSUER_MISSING,
    End.OTHER_ISSUER: ISSUER_MISSING,
    End.UNKNOWN_ROOT: NOT_A_TRUSTED_ROOT,
    End.FORGED: STATUS[0x8],
    "purpose-missing": STATUS[0x10],
    "purpose-of-issuer": STATUS[0x10],
    "issuer-not-ca": STATUS[0x400],
    "issuer-may-not-sign": STATUS[0x400],
    "path-length-exceeded": STATUS[0x400],
    "name-not-permitted": STATUS[0x800],
    "key-weak": STATUS[0x100000],
    "key-exponent": STATUS[0x100000],
    "issuer-key-weak": STATUS[0x100000],
    "signature-weak": STATUS[0x100000],
    "critical-extension": STATUS[0x8000000],
    "revoked": STATUS[0x4],
}
"""Windows' sentences for what the judge of paths finds."""


def _trouble(statuses: Sequence[str]) -> str:
    """Return the sentence of the tab General for statuses from leaf to root."""
    if NOT_IN_DATE in statuses:
        return NOT_IN_DATE
    match statuses[-1]:
        case status if status == ISSUER_MISSING:
            return NO_INFORMATION
        case status if status == NOT_A_TRUSTED_ROOT:
            return TRUST_THIS_ROOT if len(statuses) == 1 else UNTRUSTED_PATH
    return next((status for status in statuses if status != OK), "")


def _check_number(statuses: Sequence[str], path: Sequence[x509.Certificate]) -> None:
    if len(statuses) != len(path):
        raise InputError(
            f"there are {len(statuses)} statuses for {len(path)} certificates",
            fix="give one for each, an empty text where nothing is wrong",
        )


def _general(leaf: x509.Certificate, summary: Summary, trouble: str) -> General:
    return General(
        "Certificate Information",
        trouble=trouble,
        purposes=(*_purposes(summary), *_issuance_policies(leaf, summary)),
        issued_to=issued_to(leaf),
        issued_by=issued_by(leaf),
        valid_from=clock.second(summary.not_before) if summary.not_before else "",
        valid_to=clock.second(summary.not_after) if summary.not_after else "",
        private_key=HAS_PRIVATE_KEY if summary.private_key else "",
    )


def _purposes(summary: Summary) -> tuple[str, ...]:
    if summary.extended_key_usage is None:
        return ("All application policies",)
    return tuple(
        _PURPOSES.get(oid) or wording.usage(x509.ObjectIdentifier(oid))
        for oid in summary.extended_key_usage
    )


def _issuance_policies(leaf: x509.Certificate, summary: Summary) -> tuple[str, ...]:
    every = ("All issuance policies",)
    if summary.self_signed:
        return every
    with attempt():  # it may have none; of an odd one the tab Details says why
        policies = leaf.extensions.get_extension_for_class(x509.CertificatePolicies)
        found = {p.policy_identifier.dotted_string for p in policies.value}
        return every if _ANY_POLICY in found else ()
    return ()


def issued_to(certificate: x509.Certificate) -> str:
    """Return the name for people of a certificate's owner, as Windows shows it."""
    name = _for_people(lambda: certificate.subject)
    if name:
        return name
    with attempt():  # an empty subject, as public CAs issue today
        san = certificate.extensions.get_extension_for_class(
            x509.SubjectAlternativeName
        )
        return ", ".join(san.value.get_values_for_type(x509.DNSName))
    return ""


def issued_by(certificate: x509.Certificate) -> str:
    """Return the name for people of a certificate's issuer, as Windows shows it."""
    return _for_people(lambda: certificate.issuer)


def _for_people(read: Callable[[], x509.Name]) -> str:
    with attempt() as reading:
        name = read()
    if reading.failed:
        return wording.unread(reading)
    for oid in _NAMES_FOR_PEOPLE:
        if found := name.get_attributes_for_oid(oid):
            return str(found[-1].value)
    attributes = list(name)
    return str(attributes[0].value) if attributes else ""
