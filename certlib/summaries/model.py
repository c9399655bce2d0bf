"""The values of a summary, and what the place of a certificate adds to them."""

from __future__ import annotations

from dataclasses import dataclass, fields
from datetime import datetime
from functools import lru_cache
from types import NoneType
from typing import Any, NamedTuple

from certlib.names.addresses import StoreAddress
from certlib.summaries.parts import Problem
from certlib.summaries.roles import Kind, Role, role_of


class PathFault(NamedTuple):
    """What is wrong on the path from a certificate to a root."""

    rule: str
    subject: str
    """Of the issuer that it is about; empty for the certificate itself."""
    detail: str
    wrong: bool
    """Whether clients refuse; otherwise it could not be checked."""
    extension: str = ""
    """The object identifier of the extension that it is about."""

    def __str__(self) -> str:
        return f"{self.subject}: {self.detail}" if self.subject else self.detail


@dataclass(frozen=True, slots=True)
class Revocation:
    """What is known of the revocation of one certificate of a path.

    Attributes:
        subject: of the issuer that it is about; empty for the certificate itself.
        state: ``good``, ``revoked``, ``cannot be checked`` or ``not looked up``.
        detail: who says so, or why nothing is known.
        until: to which moment a good answer counts, in UTC.
        remark: what is irregular about who says so; empty for nothing.
    """

    subject: str
    state: str
    detail: str
    until: datetime | None = None
    remark: str = ""


class Surroundings(NamedTuple):
    """What only the place of a certificate tells, and not the certificate.

    Texts and tuples are empty and the rest is None where nobody looked.

    Attributes:
        store: the address of the certificate store that it lies in.
        key_readers: the accounts that may read its private key.
        key_controllers: those that may also change who may.
        exportable: whether that key may leave the store.
        key_protected: whether a passphrase protects the key in its file.
        key_file_readers: who may read that file, too, and is not its owner.
        server_name: the name under which the server was asked for it.
        wanted_for: the name of the server that it is asked about for.
        protocol: the TLS version in which the server presented it.
        older_protocols: those that it speaks, too, and nobody should.
        cipher: the cipher suite, by OpenSSL's name.
        asks_client: the server asks its clients for a certificate, too.
        stapled: the server brought along an answer about its revocation (OCSP).
        renegotiates_safely: the server knows RFC 5746.
        chain_complete: its issuers are there up to a root.
        root_known: that root is one that this machine or the public trusts.
        chain_in_order: each certificate that was sent is issued by the next.
        root_sent: subject of the root that the server sent along.
        strangers: subjects of certificates sent that are not in the chain.
        issuer_ends: subjects of its issuers and their ends, the nearest first.
        issuer_elsewhere: subject and end of its issuer, found at another place.
        path_faults: what is wrong on its path to a root, or could not be checked.
        irregular_issuers: where one on its path is not as the standard wants it.
        other_path_fails: there is another path, which simple clients may try first, and
            it is not good.
        trusted: a path to a trusted root is good; None when nobody can tell.
        trust: who trusts it, why nobody does, or why nobody can tell.
        revocation: what is known of its revocation and that of its issuers.
        key_of_another: the private key beside it belongs to another certificate.
        same_key: the place of another certificate with the same key.
        same_key_more: how many others there are beside that one.
        key_weaknesses: what is publicly known against its key.
    """

    store: StoreAddress | None = None
    key_readers: tuple[str, ...] | None = None
    key_controllers: tuple[str, ...] | None = None
    exportable: bool | None = None
    key_protected: bool | None = None
    key_file_readers: tuple[str, ...] = ()
    server_name: str = ""
    wanted_for: str = ""
    protocol: str = ""
    older_protocols: tuple[str, ...] = ()
    cipher: str = ""
    asks_client: bool | None = None
    stapled: bool | None = None
    renegotiates_safely: bool | None = None
    chain_complete: bool | None = None
    root_known: bool | None = None
    chain_in_order: bool | None = None
    root_sent: str = ""
    strangers: tuple[str, ...] = ()
    issuer_ends: tuple[tuple[str, datetime], ...] = ()
    issuer_elsewhere: tuple[str, datetime] | None = None
    path_faults: tuple[PathFault, ...] = ()
    irregular_issuers: tuple[str, ...] = ()
    other_path_fails: bool = False
    trusted: bool | None = None
    trust: str = ""
    revocation: tuple[Revocation, ...] = ()
    key_of_another: bool = False
    same_key: str = ""
    same_key_more: int = 0
    key_weaknesses: tuple[str, ...] = ()


NOWHERE = Surroundings()
"""Of what was looked at by itself."""


class Summary(NamedTuple):
    """What a certificate, signing request or private key says.

    Texts are empty, tuples are empty and the rest is None where the thing
    does not say it. Moments are in UTC. Key and extended key usage are None
    when the extension is absent, and empty when it allows nothing.
    """

    kind: Kind
    sha256: str = ""
    """Fingerprint of the whole, lower-case hexadecimal."""
    thumbprint: str = ""
    """Windows' name for a certificate: SHA-1, upper-case hexadecimal."""
    version: int | None = None
    serial_number: str = ""
    """Hexadecimal in lower case, of even length, as Windows shows it."""
    signature_algorithm: str = ""
    """In Windows' words, ``sha256RSA``."""
    issuer: str = ""
    subject: str = ""
    common_names: tuple[str, ...] = ()
    not_before: datetime | None = None
    not_after: datetime | None = None
    key: str = ""
    """Kind of the public key in Windows' words, ``RSA (2048 Bits)``."""
    key_algorithm: str = ""
    """``RSA``, ``ECC``, ``Ed25519``, ..."""
    key_bits: int | None = None
    curve: str = ""
    key_sha256: str = ""
    """Fingerprint of the public key (its SubjectPublicKeyInfo)."""
    dns_names: tuple[str, ...] = ()
    ip_addresses: tuple[str, ...] = ()
    other_names: tuple[str, ...] = ()
    """Entries of the SubjectAlternativeName of another kind, ``URL=…``."""
    san_critical: bool | None = None
    key_usage: tuple[str, ...] | None = None
    """RFC 5280's names, ``digitalSignature``."""
    key_usage_critical: bool | None = None
    extended_key_usage: tuple[str, ...] | None = None
    """Object identifiers."""
    is_ca: bool | None = None
    path_length: int | None = None
    basic_constraints_critical: bool | None = None
    subject_key_identifier: str = ""
    authority_key_identifier: str = ""
    unknown_critical_extensions: tuple[str, ...] = ()
    self_signed: bool = False
    """It names itself as its issuer, and its key identifiers do not deny it."""
    private_key: bool | None = None
    """Whether the private key is there with it; None when nobody can know."""
    publicly_trusted: bool | None = None
    """Whether its chain ends at a public trust anchor; None when not looked at."""
    problems: tuple[Problem, ...] = ()
    extensions: tuple[str, ...] = ()
    """RFC 5280's names of those that are there; others by object identifier."""
    timestamps: int | None = None
    """How many logs of certificates have signed it; None without such a list."""
    addresses: tuple[str, ...] = ()
    """Where its revocation and its issuer are: ``CRL=…``, ``OCSP=…``, ``Issuer=…``."""
    remarks: tuple[Problem, ...] = ()
    """What was read with indulgence: it breaks the encoding rules."""
    surroundings: Surroundings = NOWHERE
    """What its place tells; `NOWHERE` when only the certificate was looked at."""

    @property
    def server_names(self) -> tuple[str, ...]:
        """Names in the SubjectAlternativeName that a client can ask for."""
        return self.dns_names + self.ip_addresses

    @property
    def role(self) -> Role:
        """What it is for, told by its place, too."""
        return role_of(self)

    def noting(self, **notes: Any) -> Summary:
        """Return it with more known of its `Surroundings`."""
        return self._replace(surroundings=self.surroundings._replace(**notes))

    def to_json(self) -> dict[str, Any]:
        """Return the values as JSON knows them; moments as ISO 8601 with zone."""
        values = _plain_values(self)
        values["role"] = str(self.role)
        if self.surroundings == NOWHERE:
            del values["surroundings"]
        return values


def _plain_values(named: Summary | Surroundings) -> dict[str, Any]:
    values = dict(zip(named._fields, named, strict=True))
    for name, value in values.items():
        if type(value) not in _AS_IT_IS and value != ():
            values[name] = _plain(value)
    return values


_AS_IT_IS = frozenset({NoneType, str, int, bool, Kind})


def _plain(value: Any) -> Any:
    match value:
        case Surroundings():
            return _plain_values(value)
        case tuple():
            if set(map(type, value)) <= _AS_IT_IS:  # as in nearly all
                return value
            return [_plain(inner) for inner in value]
        case datetime():
            return value.isoformat()
        case Problem() | Revocation():
            return _members(value)
        case StoreAddress():
            return str(value)
    return value


@lru_cache(maxsize=1024)
def _members(value: Problem | Revocation) -> dict[str, Any]:
    """Return the attributes of what thousands have alike; to be read only."""
    return {f.name: _plain(getattr(value, f.name)) for f in fields(value)}
