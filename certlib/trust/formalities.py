"""Formalities: where an issuer is not as the standard wants it.

Most clients overlook it, and strict ones refuse: OpenSSL with -x509_strict,
the verifier of `cryptography`. None of it decides a verdict.
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import lru_cache

from cryptography import x509

from certlib.summaries import ANY_EXTENDED_KEY_USAGE, Summary, of_certificate
from certlib.trust.credentials import Credential
from certlib.trust.extensions import Extensions
from certlib.trust.signatures import Link, verify, weak_digest

_MUST_BE_CRITICAL = {
    "nameConstraints": ("2.5.29.30", "NameConstraints"),
    "policyConstraints": ("2.5.29.36", "PolicyConstraints"),
    "inhibitAnyPolicy": ("2.5.29.54", "InhibitAnyPolicy"),
}

_NOT_PROCESSED = {
    "2.5.29.33": ("PolicyMappings", "GnuTLS and NSS refuse"),
    "2.5.29.36": ("PolicyConstraints", "GnuTLS and NSS refuse"),
    "2.5.29.54": ("InhibitAnyPolicy", "NSS refuses"),
}


@lru_cache(maxsize=1024)
def of_issuer(certificate: x509.Certificate, *, anchor: bool) -> tuple[str, ...]:
    """Return what is irregular about an issuer, for its subject.

    Args:
        certificate: of the issuer, which may be that of thousands.
        anchor: whether it is the trust anchor, which nobody has to confirm.
    """
    said, read = of_certificate(certificate), Credential(certificate)
    top = anchor or said.self_signed
    found = [*_in_form(said), *_of_identifiers(said, read, top=top)]
    if said.version == 3:
        found += _of_an_authority(said)
        found += _of_limits(said, read.extensions)
    if top:
        found += _of_root(said, read)
    return tuple(f"{said.subject}: {one}" for one in found)


_NOT_CONFIRMED = "its key does not confirm its own signature"


def of_root(certificate: x509.Certificate) -> tuple[str, ...]:
    """Return that a trusted root was damaged, which no client looks at."""
    read = Credential(certificate)
    whose = of_certificate(certificate).subject
    return () if _confirms_itself(read) else (f"{whose}: {_NOT_CONFIRMED}",)


def _confirms_itself(read: Credential) -> bool:
    return not read.is_self_issued or verify(read, read) is not Link.DENIED


def _in_form(said: Summary) -> Iterator[str]:
    for one in (*said.problems, *said.remarks):
        yield f"{one.part}: {one.reason}"
    if said.version not in (3, None):
        yield f"it is of version {said.version}"
    number = said.serial_number
    if number.startswith("-") or not number.strip("0"):
        yield f"the serial number is not positive ({number})"
    elif int(number, 16).bit_length() >= 160:
        yield "the serial number takes more than 20 bytes"
    if said.key_algorithm == "RSA" and (said.key_bits or 0) % 8:
        yield f"the size of the RSA key is no multiple of eight ({said.key_bits} bits)"


def _of_identifiers(said: Summary, read: Credential, *, top: bool) -> Iterator[str]:
    own, issuer = said.subject_key_identifier, said.authority_key_identifier
    if not own and said.version == 3:
        yield "SubjectKeyIdentifier: none"
    if not issuer and ("authorityKeyIdentifier" in said.extensions or not top):
        yield "AuthorityKeyIdentifier: no key identifier"
    if issuer and top and read.is_self_issued and issuer != own:
        yield "AuthorityKeyIdentifier: another one than its own"
    if read.extensions.issuer_serial is not None:
        yield "AuthorityKeyIdentifier: has issuer and serial number, too"


def _of_an_authority(said: Summary) -> Iterator[str]:
    if said.basic_constraints_critical is False:
        yield "BasicConstraints: not critical"
    if said.key_usage is None:
        yield "KeyUsage: none"
    elif said.key_usage_critical is False:
        yield "KeyUsage: not critical"


def _of_limits(said: Summary, read: Extensions) -> Iterator[str]:
    for name, (oid, shown) in _MUST_BE_CRITICAL.items():
        if name in said.extensions and oid not in read.critical:
            yield f"{shown}: not critical"
    for oid in sorted(_NOT_PROCESSED.keys() & read.critical):
        yield "{}: critical; {} it".format(*_NOT_PROCESSED[oid])
    if read.limits_names and not (read.permitted or read.excluded):
        yield "NameConstraints: empty"
    for tree in (*read.permitted, *read.excluded):
        if tree.form == "dns" and tree.value.startswith("."):
            yield f"NameConstraints: begins with a dot ({tree.value})"


def _of_root(said: Summary, read: Credential) -> Iterator[str]:
    if (digest := weak_digest(read)) is not None:
        yield f"it signed itself with {digest.upper()}, which nobody relies on"
    if not _confirms_itself(read):
        yield _NOT_CONFIRMED
    if ANY_EXTENDED_KEY_USAGE in (said.extended_key_usage or ()):
        yield "ExtendedKeyUsage: any purpose, which OpenSSL does not take"
