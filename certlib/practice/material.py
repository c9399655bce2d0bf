"""Material: names, keys and certificates for practice, other ones for each learner.

The same seed gives the same bytes on every machine; the keys protect nothing.
"""

from __future__ import annotations

import random
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

from certlib import signing, specs
from certlib.bundles import Bundle
from certlib.clock import PRACTICE_TIME
from certlib.keys import PrivateKey
from certlib.specs import CertificateSpec

DAY = timedelta(days=1)
_ORDER = 2**255  # below that of the curve P-256

_WORDS = """
    amber anchor arrow aspen atlas basil birch bison cedar cobalt comet coral
    delta ember falcon fern finch flint garnet harbor hazel heron indigo ivory
    juniper larch lark linden lotus maple marlin meadow onyx opal otter pine
    quartz raven reed robin sable saffron spruce stork tulip umber willow
"""


@dataclass(frozen=True)
class Authority:
    """A certification authority for practice: its certificate and its key."""

    certificate: x509.Certificate
    key: PrivateKey


def released(
    names: Sequence[str],
    *,
    key: PrivateKey,
    start: datetime,
    issuer: x509.Name | None = None,
    signer: PrivateKey | None = None,
    validity: timedelta = 365 * DAY,
    common_name: str = "",
    usage: x509.ObjectIdentifier = ExtendedKeyUsageOID.SERVER_AUTH,
    serial: int = 1,
) -> x509.Certificate:
    """Return a server certificate, right but for what is asked otherwise.

    Args:
        names: for its SubjectAlternativeName; none leaves that out.
        key: its own.
        start: the moment from which it holds.
        issuer: who releases it; itself when left out.
        signer: the issuer's key; its own when left out.
        validity: how long.
        common_name: the first name when left out.
        usage: the one Extended Key Usage.
        serial: its number.
    """
    subject = _name(common_name or names[0])
    spec = CertificateSpec(tuple(names) or (common_name,))
    builder = (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(issuer or subject)
        .public_key(key.public_key())
        .serial_number((0x5EED << 112) + serial)
        .not_valid_before(start)
        .not_valid_after(signing.last_second(start, validity))
    )
    for extension, critical in specs.extensions(spec, key.public_key()):
        match extension:
            case x509.SubjectAlternativeName() if not names:
                continue
            case x509.ExtendedKeyUsage():
                extension = x509.ExtendedKeyUsage([usage])
        builder = builder.add_extension(extension, critical=critical)
    signer = signer or key
    identifier = x509.AuthorityKeyIdentifier.from_issuer_public_key(signer.public_key())
    builder = builder.add_extension(identifier, critical=False)
    return signing.sign_certificate(builder, signer)


class Material:
    """What the exercises of one learner are made of.

    Attributes:
        random: the learner's own chance.
        folder: for files of the exercise; made when first needed.
        at: the moment at which the exercise takes place.
    """

    def __init__(
        self, seed: str, folder: Path, *, at: datetime = PRACTICE_TIME
    ) -> None:
        """Take a learner's seed and a folder for files."""
        self.random = random.Random(seed)  # noqa: S311 # exercises, not secrets
        self.folder, self.at = folder, at
        self._words = _WORDS.split()
        self.random.shuffle(self._words)
        self._serial = 1

    def word(self) -> str:
        """Return a word that this exercise has not had yet."""
        return self._words.pop()

    def host(self, domain: str = "example.com") -> str:
        """Return the DNS name of a server."""
        return f"{self.word()}.{domain}"

    def key(self) -> ec.EllipticCurvePrivateKey:
        """Return a key for practice; the same seed gives the same ones."""
        return ec.derive_private_key(self.random.randrange(1, _ORDER), ec.SECP256R1())

    def authority(
        self, name: str, issuer: Authority | None = None, *, days: int = 3650
    ) -> Authority:
        """Return a certification authority, a root if nobody issues it."""
        key = self.key()
        signer = issuer.key if issuer else key
        start = self.at - 400 * DAY
        usage = specs.key_usage(certificate_signing=True)
        builder = (
            x509.CertificateBuilder()
            .subject_name(_name(name))
            .issuer_name(issuer.certificate.subject if issuer else _name(name))
            .public_key(key.public_key())
            .serial_number((0x5EED << 112) + self._next())
            .not_valid_before(start)
            .not_valid_after(signing.last_second(start, days * DAY))
            .add_extension(x509.BasicConstraints(ca=True, path_length=None), True)
            .add_extension(usage, True)
            .add_extension(
                x509.SubjectKeyIdentifier.from_public_key(key.public_key()), False
            )
            .add_extension(
                x509.AuthorityKeyIdentifier.from_issuer_public_key(signer.public_key()),
                False,
            )
        )
        return Authority(signing.sign_certificate(builder, signer), key)

    def leaf(
        self,
        *names: str,
        issuer: Authority | None = None,
        age: timedelta = 30 * DAY,
        validity: timedelta = 365 * DAY,
        common_name: str = "",
        usage: x509.ObjectIdentifier = ExtendedKeyUsageOID.SERVER_AUTH,
        key: PrivateKey | None = None,
    ) -> Bundle:
        """Return a server certificate with its key; see `released`."""
        key = key or self.key()
        made = released(
            names,
            key=key,
            start=self.at - age,
            issuer=issuer.certificate.subject if issuer else None,
            signer=issuer.key if issuer else None,
            validity=validity,
            common_name=common_name,
            usage=usage,
            serial=self._next(),
        )
        return Bundle(made, key)

    def shuffled(self, *things: str) -> tuple[str, ...]:
        """Return the things in this learner's order."""
        return tuple(self.random.sample(things, len(things)))

    def _next(self) -> int:
        self._serial += 1
        return self._serial


def _name(common_name: str) -> x509.Name:
    return x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, common_name)])
