"""Extensions: what the path judge asks of them, read strictly or leniently.

`cryptography` reads all extensions or, for one odd one, none. Then each is
read on its own with the more lenient `asn1crypto`.
"""

from __future__ import annotations

import ipaddress
import warnings
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from asn1crypto import x509 as asn1_x509
from cryptography import x509

from certlib.parsers import attempt
from certlib.trust import distinguished


class Name(NamedTuple):
    """One name, or one subtree of names, of a form such as ``dns`` or ``ip``."""

    form: str
    value: Any


@dataclass
class Policies:
    """What an issuer says and demands of policies; None where it says nothing."""

    policies: frozenset[str] = frozenset()
    mappings: tuple[tuple[str, str], ...] = ()
    require_explicit: int | None = None
    inhibit_mapping: int | None = None
    inhibit_any: int | None = None

    @property
    def demanding(self) -> bool:
        """Whether any certificate can fail over it."""
        return self.require_explicit is not None or bool(self.mappings)


@dataclass
class Extensions:
    """What the extensions of one certificate say; None where one is absent."""

    ca: bool | None = None
    path_length: int | None = None
    signs_certificates: bool | None = None
    signs_lists: bool | None = None
    serves_tls: bool | None = None
    purposes: frozenset[str] | None = None
    names: tuple[Name, ...] = ()
    permitted: tuple[Name, ...] = ()
    excluded: tuple[Name, ...] = ()
    key_id: bytes | None = None
    issuer_key_id: bytes | None = None
    issuer_serial: int | None = None
    critical: tuple[str, ...] = ()
    unreadable: tuple[str, ...] = ()
    duplicates: tuple[str, ...] = ()
    limits_names: bool = False
    maps: bool = False
    policies: Policies = field(default_factory=Policies)


_NEEDED = {
    "2.5.29.15": "KeyUsage",
    "2.5.29.17": "SubjectAlternativeName",
    "2.5.29.19": "BasicConstraints",
    "2.5.29.30": "NameConstraints",
    "2.5.29.31": "CRLDistributionPoints",  # OpenSSL refuses one that it cannot read
    "2.5.29.36": "PolicyConstraints",
    "2.5.29.37": "ExtendedKeyUsage",
}
"""Those without which a certificate cannot be judged."""


def read(certificate: x509.Certificate, der: bytes) -> Extensions:
    """Return what the extensions of a certificate say."""
    with attempt(), warnings.catch_warnings(action="ignore"):  # odd texts of policies
        found = _read_strictly(certificate.extensions)
        # The library does not tell all of name constraints.
        return _read_leniently(der) if found.limits_names or found.maps else found
    return _read_leniently(der)


def _read_strictly(extensions: Iterable[x509.Extension[Any]]) -> Extensions:
    found = Extensions()
    for extension in extensions:
        value = extension.value
        if extension.critical:
            found.critical += (extension.oid.dotted_string,)
        if (take := _STRICT.get(type(value))) is not None:
            take(value, found)
    return found


def _basic_constraints(value: x509.BasicConstraints, found: Extensions) -> None:
    found.ca, found.path_length = value.ca, _within_reach(value.path_length)


def _within_reach(path_length: int | None) -> int | None:
    if path_length is not None and path_length > _MAX_PATH_LENGTH:
        raise ValueError("the path length is out of reach")
    return path_length


_MAX_PATH_LENGTH = 2**31 - 1
"""The most that clients read; whoever writes more means no limit, or none at all."""


def _key_usage(value: x509.KeyUsage, found: Extensions) -> None:
    found.signs_certificates = value.key_cert_sign
    found.signs_lists = value.crl_sign
    found.serves_tls = (
        value.digital_signature or value.key_encipherment or value.key_agreement
    )


def _purposes(value: x509.ExtendedKeyUsage, found: Extensions) -> None:
    found.purposes = frozenset(purpose.dotted_string for purpose in value)


def _alternative_names(value: x509.SubjectAlternativeName, found: Extensions) -> None:
    found.names = tuple(_named(name) for name in value)


def _name_constraints(value: x509.NameConstraints, found: Extensions) -> None:
    found.limits_names = True


def _named(name: x509.GeneralName) -> Name:
    match name:
        case x509.DNSName():
            return Name("dns", name.value)
        case x509.IPAddress():
            return Name("ip", name.value)
        case x509.RFC822Name():
            return Name("email", name.value)
        case x509.UniformResourceIdentifier():
            return Name("uri", name.value)
        case x509.DirectoryName():
            der = name.value.public_bytes()
            return Name("dn", distinguished.normalised(der))
        case x509.OtherName():
            return Name("other_name", None)
    return Name("registered_id", None)


def _policies(value: x509.CertificatePolicies, found: Extensions) -> None:
    found.policies.policies = frozenset(
        one.policy_identifier.dotted_string for one in value
    )


def _policy_constraints(value: x509.PolicyConstraints, found: Extensions) -> None:
    found.policies.require_explicit = value.require_explicit_policy
    found.policies.inhibit_mapping = value.inhibit_policy_mapping


def _inhibit_any(value: x509.InhibitAnyPolicy, found: Extensions) -> None:
    found.policies.inhibit_any = value.skip_certs


def _unknown(value: x509.UnrecognizedExtension, found: Extensions) -> None:
    found.maps |= value.oid.dotted_string == _MAPPINGS


_MAPPINGS = "2.5.29.33"
"""Policy mappings, which the library does not read."""


def _key_id(value: x509.SubjectKeyIdentifier, found: Extensions) -> None:
    found.key_id = value.digest


def _issuer_key_id(value: x509.AuthorityKeyIdentifier, found: Extensions) -> None:
    found.issuer_key_id = value.key_identifier
    found.issuer_serial = value.authority_cert_serial_number


_STRICT: dict[type, Callable[[Any, Extensions], None]] = {
    x509.BasicConstraints: _basic_constraints,
    x509.KeyUsage: _key_usage,
    x509.ExtendedKeyUsage: _purposes,
    x509.SubjectAlternativeName: _alternative_names,
    x509.NameConstraints: _name_constraints,
    x509.SubjectKeyIdentifier: _key_id,
    x509.AuthorityKeyIdentifier: _issuer_key_id,
    x509.CertificatePolicies: _policies,
    x509.PolicyConstraints: _policy_constraints,
    x509.InhibitAnyPolicy: _inhibit_any,
    x509.UnrecognizedExtension: _unknown,
}


def _read_leniently(der: bytes) -> Extensions:
    found = Extensions()
    seen: set[str] = set()
    with attempt() as reading:
        extensions = list(
            asn1_x509.Certificate.load(der)["tbs_certificate"]["extensions"]
        )
        oids = [extension["extn_id"].dotted for extension in extensions]
    if reading.failed:
        return Extensions(unreadable=("all extensions",))
    for oid, extension in zip(oids, extensions, strict=True):
        if oid in seen:
            found.duplicates += (oid,)
        seen.add(oid)
        with attempt() as reading:
            if extension["critical"].native:
                found.critical += (oid,)
                # Who has to process it reads all of it.
                _ = _whole(extension["extn_value"]).native
            if (take := _LENIENT.get(oid)) is not None:
                take(_whole(extension["extn_value"]), found)
        if reading.failed and (oid in _NEEDED or oid in found.critical):
            found.unreadable += (_NEEDED.get(oid, oid),)
    return found


def _whole(value: Any) -> Any:
    """Return what an extension holds, if nothing stands behind it."""
    if len(value.parsed.dump()) != len(value.contents):
        raise ValueError("more follows where it should end")
    return value.parsed


def _loose_basic_constraints(value: Any, found: Extensions) -> None:
    found.ca = bool(value["ca"].native)
    found.path_length = _within_reach(value["path_len_constraint"].native)


def _loose_key_usage(value: Any, found: Extensions) -> None:
    bits = value.native
    found.signs_certificates = "key_cert_sign" in bits
    found.signs_lists = "crl_sign" in bits
    found.serves_tls = bool(
        bits & {"digital_signature", "key_encipherment", "key_agreement"}
    )


def _loose_purposes(value: Any, found: Extensions) -> None:
    found.purposes = frozenset(purpose.dotted for purpose in value)


def _loose_names(value: Any, found: Extensions) -> None:
    found.names = tuple(_loosely_named(name) for name in value)


def _loose_constraints(value: Any, found: Extensions) -> None:
    found.limits_names = True
    found.permitted = _loose_subtrees(value["permitted_subtrees"])
    found.excluded = _loose_subtrees(value["excluded_subtrees"])


def _loose_subtrees(subtrees: Any) -> tuple[Name, ...]:
    if not subtrees.contents:
        return ()
    return tuple(_loose_subtree(subtree) for subtree in subtrees)


def _loose_subtree(subtree: Any) -> Name:
    if subtree["minimum"].native or subtree["maximum"].native is not None:
        raise ValueError("a subtree has a minimum or maximum (RFC 5280 4.2.1.10)")
    name = _loosely_named(subtree["base"])
    if name.form == "ip" and not isinstance(name.value, _NETWORKS):
        raise ValueError("the address is not a network")
    return name


_NETWORKS = ipaddress.IPv4Network | ipaddress.IPv6Network


def _loosely_named(name: Any) -> Name:
    content: bytes = name.chosen.contents
    match name.name:
        case "dns_name":
            return Name("dns", content.decode("latin-1"))
        case "rfc822_name":
            return Name("email", content.decode("latin-1"))
        case "uniform_resource_identifier":
            return Name("uri", content.decode("latin-1"))
        case "ip_address":
            return Name("ip", _address(content))
        case "directory_name":
            return Name("dn", distinguished.normalised(name.chosen.chosen.dump()))
    return Name(str(name.name), None)


def _address(content: bytes) -> Any:
    if len(content) in (4, 16):
        return ipaddress.ip_address(content)
    half = len(content) // 2
    mask = int.from_bytes(content[half:])
    bits = mask.bit_count()
    if half not in (4, 16) or mask != ((1 << bits) - 1) << (half * 8 - bits):
        raise ValueError("the address is not a network")
    return ipaddress.ip_network((content[:half], bits), strict=False)


def _loose_policies(value: Any, found: Extensions) -> None:
    found.policies.policies = frozenset(
        one["policy_identifier"].dotted for one in value
    )


def _loose_policy_constraints(value: Any, found: Extensions) -> None:
    found.policies.require_explicit = value["require_explicit_policy"].native
    found.policies.inhibit_mapping = value["inhibit_policy_mapping"].native


def _loose_inhibit_any(value: Any, found: Extensions) -> None:
    found.policies.inhibit_any = value.native


def _loose_mappings(value: Any, found: Extensions) -> None:
    found.policies.mappings = tuple(
        (one["issuer_domain_policy"].dotted, one["subject_domain_policy"].dotted)
        for one in value
    )


def _loose_key_id(value: Any, found: Extensions) -> None:
    found.key_id = value.native


def _loose_issuer_key_id(value: Any, found: Extensions) -> None:
    found.issuer_key_id = value["key_identifier"].native
    found.issuer_serial = value["authority_cert_serial_number"].native


def _only_read(value: Any, found: Extensions) -> None:
    """Read an extension that says nothing about paths, to see that it can be."""
    _ = value.native


_LENIENT: dict[str, Callable[[Any, Extensions], None]] = {
    "2.5.29.14": _loose_key_id,
    "2.5.29.15": _loose_key_usage,
    "2.5.29.17": _loose_names,
    "2.5.29.19": _loose_basic_constraints,
    "2.5.29.30": _loose_constraints,
    "2.5.29.31": _only_read,
    "2.5.29.32": _loose_policies,
    _MAPPINGS: _loose_mappings,
    "2.5.29.35": _loose_issuer_key_id,
    "2.5.29.36": _loose_policy_constraints,
    "2.5.29.37": _loose_purposes,
    "2.5.29.54": _loose_inhibit_any,
}
