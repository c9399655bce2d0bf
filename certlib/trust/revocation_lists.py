"""Revocation lists (CRL, RFC 5280 section 5): what one says of a certificate.

A list that is not wholly understood says nothing: parts of lists, lists for other
issuers and changes to another list are named, and count as "cannot be checked".
"""

from __future__ import annotations

import re
from datetime import datetime
from functools import cached_property

from cryptography import x509

from certlib import clock
from certlib.errors import EncodingError
from certlib.parsers import attempt
from certlib.trust import distinguished
from certlib.trust.answers import Answer, State
from certlib.trust.credentials import Credential
from certlib.trust.distinguished import Rdns
from certlib.trust.signatures import WEAK_ALGORITHMS, Link, made_with

_PEM = re.compile(rb"-----BEGIN X509 CRL-----[^-]*-----END X509 CRL-----")

_UNDERSTOOD = {
    x509.AuthorityKeyIdentifier.oid,
    x509.IssuingDistributionPoint.oid,
}


_DEMANDED = {
    x509.AuthorityKeyIdentifier.oid: "AuthorityKeyIdentifier",
    x509.CRLNumber.oid: "CRLNumber",
}


class RevocationList:
    """A list as the judge reads it, each part and each signature looked at once.

    Args:
        crl: the list; whether it belongs to a certificate is seen later.
    """

    def __init__(self, crl: x509.CertificateRevocationList) -> None:
        self._crl = crl
        self._links: dict[bytes, Link] = {}

    @cached_property
    def issuer(self) -> Rdns | None:
        """The name of who issued it, in the form for comparing."""
        with attempt():
            return distinguished.normalised(self._crl.issuer.public_bytes())
        return None

    def answer(
        self, certificate: Credential, issuer: Credential, *, at: datetime
    ) -> Answer:
        """Return what it says of a certificate at a moment."""
        whose = f"the CRL of {issuer.subject_text}"
        with attempt() as reading:
            why, entry = self._unusable(certificate, issuer), self._entry(certificate)
            if why and not (why == _DELTA and _is_revoking(entry)):
                return Answer(State.UNKNOWN, f"{whose} {why}")
            if entry is not None:
                return _of_entry(entry, whose)
            if why := self._outdated(at):
                return Answer(State.UNKNOWN, f"{whose} {why}")
            until = self._crl.next_update_utc
            return Answer(State.GOOD, whose, until, remark=self._remark)
        return Answer(State.UNKNOWN, f"{whose} cannot be read: {reading.reason}")

    def _unusable(self, certificate: Credential, issuer: Credential) -> str:
        """Return why it is none for this certificate, or an empty text."""
        if self.issuer != issuer.subject:
            return "is one of another issuer"
        algorithm = self._crl.signature_algorithm_oid.dotted_string
        if (digest := WEAK_ALGORITHMS.get(algorithm)) is not None:
            return f"is signed with {digest.upper()}"
        match self._link(issuer):
            case Link.DENIED:
                return "is not signed with the key of this issuer"
            case Link.NOT_CHECKED:
                return "has a signature that cannot be checked here"
        if issuer.extensions.signs_lists is False:
            return "counts for nothing, as its issuer may not sign any (cRLSign)"
        return self._beyond() or self._elsewhere(certificate)

    def _link(self, issuer: Credential) -> Link:
        if (known := self._links.get(issuer.spki)) is None:
            content = self._crl.tbs_certlist_bytes
            known = self._links[issuer.spki] = made_with(issuer, self._crl, content)
        return known

    @cached_property
    def _remark(self) -> str:
        """What it lacks by RFC 5280 section 5.2, without which most clients do."""
        there = {extension.oid for extension in self._crl.extensions}
        lacking = [name for oid, name in _DEMANDED.items() if oid not in there]
        return f"has no {' and no '.join(lacking)}" if lacking else ""

    @cached_property
    def _scope(self) -> x509.IssuingDistributionPoint | None:
        kind = x509.IssuingDistributionPoint
        found = [e.value for e in self._crl.extensions if isinstance(e.value, kind)]
        return found[0] if found else None

    def _beyond(self) -> str:
        """Return which kind of list it is that nobody can judge by, if it is one."""
        for extension in self._crl.extensions:
            if isinstance(extension.value, x509.DeltaCRLIndicator):
                return _DELTA
            if extension.critical and extension.oid not in _UNDERSTOOD:
                oid = extension.oid.dotted_string
                return f"has a critical extension that is not known ({oid})"
        if self._scope is None:
            return ""
        if self._scope.indirect_crl:
            return "has certificates of other issuers in it (indirect CRL)"
        if self._scope.only_some_reasons:
            return "tells only some of the reasons"
        if self._scope.relative_name is not None:
            return "is a part whose name is not written out"
        return ""

    def _elsewhere(self, certificate: Credential) -> str:
        """Return that it is a part in which the certificate would not be."""
        scope, is_ca = self._scope, certificate.extensions.ca is True
        if scope is None:
            return ""
        if scope.only_contains_attribute_certs or (
            scope.only_contains_user_certs if is_ca else scope.only_contains_ca_certs
        ):
            return "is a part for certificates of another kind"
        named = {str(name.value) for name in scope.full_name or ()}
        if named and not named & set(points(certificate)):
            return "is a part, and not the one that the certificate names"
        return ""

    def _entry(self, certificate: Credential) -> x509.RevokedCertificate | None:
        serial = certificate.certificate.serial_number
        return self._crl.get_revoked_certificate_by_serial_number(serial)

    def _outdated(self, at: datetime) -> str:
        begin, end = self._crl.last_update_utc, self._crl.next_update_utc
        if at < begin:
            return f"is not valid before {clock.minute(begin)}"
        if end is None:
            return "does not say how long it is valid"
        return f"has expired on {clock.minute(end)}" if at > end else ""


_DELTA = "has only the changes to another one (delta CRL)"


def _is_revoking(entry: x509.RevokedCertificate | None) -> bool:
    """Tell whether an entry revokes, which counts in a list of changes, too."""
    return entry is not None and not any(
        isinstance(one.value, x509.CRLReason)
        and one.value.reason is x509.ReasonFlags.remove_from_crl
        for one in entry.extensions
    )


def _of_entry(entry: x509.RevokedCertificate, whose: str) -> Answer:
    reason = ""
    for extension in entry.extensions:
        if isinstance(extension.value, x509.CRLReason):
            reason = extension.value.reason.value
        elif extension.critical:
            oid = extension.oid.dotted_string
            told = f"{whose} says of it what is not known here ({oid})"
            return Answer(State.UNKNOWN, told)
    if reason == x509.ReasonFlags.remove_from_crl.value:
        return Answer(State.GOOD, whose)
    return Answer.revoked(entry.revocation_date_utc, reason, whose)


def points(certificate: Credential) -> list[str]:
    """Return the names under which the certificate says that its list lies."""
    with attempt():
        return [
            str(name.value)
            for extension in certificate.certificate.extensions
            if isinstance(extension.value, x509.CRLDistributionPoints)
            for point in extension.value
            for name in point.full_name or ()
        ]
    return []


def load(data: bytes, *, origin: str) -> list[RevocationList]:
    """Return the lists in DER, or in one PEM file after the other.

    Raises:
        EncodingError: there is none, or one cannot be read.
    """
    with attempt() as reading:
        if not data.lstrip().startswith(b"-----") and b"-----BEGIN" not in data:
            return [RevocationList(x509.load_der_x509_crl(data))]
        found = [x509.load_pem_x509_crl(one) for one in _PEM.findall(data)]
        if found:
            return [RevocationList(one) for one in found]
    raise EncodingError(
        f"{origin} is no list of revoked certificates (CRL)"
        + (f": {reading.reason}" if reading.failed else ""),
        fix="get it again from the certification authority, in DER or PEM",
    )
