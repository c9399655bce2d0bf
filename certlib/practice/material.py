"""Material: names, keys and certificates for practice, other ones for each learner.

The same seed gives the same bytes on every machine; the keys protect nothing.
"""

from __future__ import annotations

import random
import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

from certlib import signing, specs, stores
from certlib.bundles import Bundle
from certlib.clock import PRACTICE_TIME
from certlib.keys import PrivateKey
from certlib.specs import CertificateSpec
from certlib.stores import PERSONAL, Machine, StoreAddress, StoreLocation

DAY = timedelta(days=1)

USERS = StoreAddress(StoreLocation.CURRENT_USER, PERSONAL.name)
"""Current User > Personal, where no service looks."""

_NUMBERS = 0x5EED << 112
"""Serial numbers of certificates for practice begin with it."""

_ORDER = 2**255  # below that of the curve P-256

_WORDS = """
    amber anchor arrow aspen atlas basil birch bison cedar cobalt comet coral
    delta ember falcon fern finch flint garnet harbor hazel heron indigo ivory
    juniper larch lark linden lotus maple marlin meadow onyx opal otter pine
    quartz raven reed robin sable saffron spruce stork tulip umber willow
"""


@dataclass(frozen=True)
class Authority:
    """A certification authority for practice: its name, key and certificate."""

    name: x509.Name
    key: PrivateKey
    made: x509.Certificate | None = None

    @property
    def certificate(self) -> x509.Certificate:
        """Its certificate."""
        assert self.made is not None  # noqa: S101 # only while it is being made
        return self.made


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
    extra: Sequence[x509.ExtensionType] = (),
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
        extra: further extensions, critical each; one of a kind that it has
            anyway takes that one's place.
    """
    subject = _name(common_name or names[0])
    spec = CertificateSpec(tuple(names) or (common_name,))
    builder = signing.begun(
        *(subject, issuer or subject, key.public_key(), _NUMBERS + serial),
        *(start, signing.last_second(start, validity)),
    )
    for extension, critical in specs.extensions(spec, key.public_key()):
        match extension:
            case x509.SubjectAlternativeName() if not names:
                continue
            case x509.ExtendedKeyUsage():
                extension = x509.ExtendedKeyUsage([usage])
        if extension.oid not in {other.oid for other in extra}:
            builder = builder.add_extension(extension, critical=critical)
    for extension in extra:
        builder = builder.add_extension(extension, critical=True)
    signer = signer or key
    builder = builder.add_extension(_identifier(signer), critical=False)
    return signing.sign_certificate(builder, signer)


class Material:
    """What the exercises of one learner are made of.

    Attributes:
        seed: what all of it follows from.
        random: the learner's own chance.
        folder: for files of the exercise; made when first needed.
        at: the moment at which the exercise takes place.
    """

    def __init__(
        self, seed: str, folder: Path, *, at: datetime = PRACTICE_TIME
    ) -> None:
        """Take a learner's seed and a folder for files."""
        self.seed = seed
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
        self,
        name: str,
        issuer: Authority | None = None,
        *,
        age: timedelta = 400 * DAY,
        validity: timedelta = 3650 * DAY,
        key: PrivateKey | None = None,
        ca: bool = True,
        path_length: int | None = None,
        extra: Sequence[x509.ExtensionType] = (),
    ) -> Authority:
        """Return a certification authority, a root if nobody issues it.

        Args:
            name: its common name.
            issuer: who releases it.
            age: how long it has been valid.
            validity: how long it is valid altogether.
            key: its own; a fresh one when left out.
            ca: whether its certificate says that it is one.
            path_length: how many authorities may stand below it.
            extra: further extensions, critical each.
        """
        key = key or self.key()
        signer = issuer or Authority(name=_name(name), key=key)
        start = self.at - age
        public = key.public_key()
        builder = signing.begun(
            *(_name(name), signer.name, public, _NUMBERS + self._next()),
            *(start, signing.last_second(start, validity)),
        )
        for extension, critical in (
            (x509.BasicConstraints(ca=ca, path_length=path_length), True),
            (specs.key_usage(certificate_signing=ca), True),
            (x509.SubjectKeyIdentifier.from_public_key(public), False),
            (_identifier(signer.key), False),
            *((extension, True) for extension in extra),
        ):
            builder = builder.add_extension(extension, critical)
        made = signing.sign_certificate(builder, signer.key)
        return Authority(name=_name(name), key=key, made=made)

    def leaf(
        self,
        *names: str,
        issuer: Authority | None = None,
        age: timedelta = 30 * DAY,
        key: PrivateKey | None = None,
        **otherwise: Any,
    ) -> Bundle:
        """Return a server certificate with its key.

        Args:
            names: for its SubjectAlternativeName.
            issuer: who releases it; itself when left out.
            age: how long it has been valid.
            key: its own; a fresh one when left out.
            otherwise: what `released` takes.
        """
        key = key or self.key()
        leaf = released(
            names,
            key=key,
            start=self.at - age,
            issuer=issuer.name if issuer else None,
            signer=issuer.key if issuer else None,
            serial=self._next(),
            **otherwise,
        )
        return Bundle(leaf, key)

    def machine(self) -> Machine:
        """Return a machine for practice, an empty one each time."""
        return stores.practice_machine(self.folder / secrets.token_hex(8))

    def shuffled(self, *things: str) -> tuple[str, ...]:
        """Return the things in this learner's order."""
        return tuple(self.random.sample(things, len(things)))

    def _next(self) -> int:
        self._serial += 1
        return self._serial


def _name(common_name: str) -> x509.Name:
    return x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, common_name)])


def _identifier(key: PrivateKey) -> x509.AuthorityKeyIdentifier:
    return x509.AuthorityKeyIdentifier.from_issuer_public_key(key.public_key())
