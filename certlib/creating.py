"""Creating: how do I make a self-signed certificate for a test environment?

For production the documents ask for a certificate that a certification
authority released: see `certlib.requesting`.
"""

from __future__ import annotations

from datetime import datetime

from certlib import clock, keys, names, powershell, signing
from certlib.bundles import Bundle
from certlib.keys import PrivateKey
from certlib.powershell import Raw
from certlib.specs import CertificateSpec, extensions
from certlib.stores import PERSONAL


def create(
    spec: CertificateSpec,
    *,
    at: datetime,
    private_key: PrivateKey | None = None,
    serial_number: int | None = None,
) -> Bundle:
    """Return a self-signed server certificate with its private key.

    The same spec, moment, key and serial number give the same certificate,
    byte for byte.

    Args:
        spec: what it shall say.
        at: the moment of its making, with a time zone.
        private_key: a fresh one of the spec's kind when left out.
        serial_number: a random one of 16 bytes when left out.

    Raises:
        InputError: `at` has no time zone, or the validity ends after the year
            9999.
    """
    start = clock.moment(at) - signing.BACKDATED
    key = private_key or keys.generate(spec.key_kind)
    if serial_number is None:
        serial_number = signing.random_serial_number()
    subject, public = spec.subject, key.public_key()
    end = signing.last_second(start, spec.validity)
    builder = signing.begun(subject, subject, public, serial_number, start, end)
    for extension, critical in extensions(spec, public):
        builder = builder.add_extension(extension, critical=critical)
    leaf = signing.sign_certificate(builder, key)
    return Bundle(leaf, key, friendly_name=spec.friendly_name)


def twin(spec: CertificateSpec) -> str:
    """Return the PowerShell that makes such a certificate on the server itself.

    It needs an elevated session and puts the certificate into
    Local Machine > Personal at once.
    """
    rsa, bits = spec.key_kind.is_rsa, spec.key_kind.bits
    command = powershell.command(
        "New-SelfSignedCertificate",
        Subject=f"CN={spec.common_name}",
        TextExtension=Raw(f"@({powershell.quote('2.5.29.17={text}' + _san(spec))})"),
        CertStoreLocation=str(PERSONAL),
        KeyAlgorithm="RSA" if rsa else f"ECDSA_nistP{bits}",
        KeyLength=bits if rsa else "",
        KeyUsage=Raw(
            "DigitalSignature, KeyEncipherment" if rsa else "DigitalSignature"
        ),
        HashAlgorithm=spec.key_kind.digest.upper(),
        NotAfter=Raw(f"(Get-Date).AddDays({spec.validity.days})"),
        Type="SSLServerAuthentication",
        FriendlyName=spec.friendly_name,
    )
    return f"$certificate = {command}"


def _san(spec: CertificateSpec) -> str:
    # -DnsName would write an IP address as a DNS name, which no client accepts.
    return "&".join(map(names.text_entry, spec.server_names))
