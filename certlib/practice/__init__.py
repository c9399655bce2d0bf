"""Practice: certificates with known faults, the same on every machine."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

from certlib import creating, files, keys
from certlib.bundles import Bundle
from certlib.clock import PRACTICE_TIME
from certlib.practice import material
from certlib.practice.lessons import fresh_folder as fresh_folder
from certlib.practice.lessons import own_folder as own_folder
from certlib.practice.lessons import refused as refused
from certlib.specs import CertificateSpec

PASSPHRASE = "practice only"  # noqa: S105 # it protects nothing
_DAY = timedelta(days=1)
_CA = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "Practice CA")])


@dataclass(frozen=True)
class _Fault:
    """What is not as it should be in a certificate that a CA has released."""

    names: tuple[str, ...] = ("todd.example.com",)
    common_name: str = "todd.example.com"
    age: timedelta = 30 * _DAY
    validity: timedelta = 365 * _DAY
    usage: x509.ObjectIdentifier = ExtendedKeyUsageOID.SERVER_AUTH


_FAULTS = {
    "client.cer": _Fault(usage=ExtendedKeyUsageOID.CLIENT_AUTH),
    "expired.cer": _Fault(age=400 * _DAY),
    "expiring.cer": _Fault(age=350 * _DAY),
    "no-san.cer": _Fault(names=()),
    "old-name.cer": _Fault(("todd-old.example.com",), "todd-old.example.com"),
}


def files_to_audit(folder: Path) -> None:
    """Write certificates for an exercise into a folder, most with one fault.

    Raises:
        InputError: they are there already, or cannot be written.
    """
    files.folder(folder)
    right = _released(_Fault(), keys.practice_key("server"), 1)
    right.write(folder / "right.pfx", passphrase=PASSPHRASE)
    own = creating.create(
        CertificateSpec(("todd.example.com",)),
        at=PRACTICE_TIME,
        private_key=keys.practice_key("other"),
        serial_number=0x7E57 << 112,
    )
    own.write(folder / "self-signed.pfx", passphrase=PASSPHRASE)
    for number, (name, fault) in enumerate(_FAULTS.items(), start=2):
        key = ec.derive_private_key(number, ec.SECP256R1())  # nobody will use it
        _released(fault, key, number).write(folder / name)
    files.write(folder / "torn.cer", right.to_der()[:400])


def fleet(at: datetime) -> Path:
    """Make a folder with a certificate for a test server; return the file to audit it.

    Args:
        at: the moment from which on it is valid, with a time zone.

    Raises:
        InputError: it cannot be made.
    """
    folder = fresh_folder("nightly")
    files.folder(folder / "certificates")
    own = creating.create(CertificateSpec(("todd.example.com",)), at=at)
    own.write(folder / "certificates" / "todd.cer")
    files.write(path := folder / "nightly.toml", _FLEET, replace=True)
    return path


_FLEET = b"""\
history = "nightly.db"
at-least = 1
[[group]]
sources = ["certificates"]
environment = "test"
[[report]]
file = "nightly.html"
"""


def _released(fault: _Fault, key: keys.PrivateKey, number: int) -> Bundle:
    leaf = material.released(
        fault.names,
        key=key,
        start=PRACTICE_TIME - fault.age,
        issuer=_CA,
        signer=keys.practice_key("issuing"),
        validity=fault.validity,
        common_name=fault.common_name,
        usage=fault.usage,
        serial=number,
    )
    return Bundle(leaf, key)
