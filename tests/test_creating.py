"""Creating: a self-signed server certificate that says what the spec wants."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone

import forge
import pytest
from cryptography import x509
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes

from certlib import (
    creating,
    keys,
    signing,
    summaries,
)
from certlib.clock import PRACTICE_TIME
from certlib.errors import InputError
from certlib.keys import KeyKind
from certlib.specs import CertificateSpec
from certlib.trust import chains

NAMES = ("Server.Example.com", "192.0.2.1", "müller.example", "2001:DB8::1")
SPEC = CertificateSpec(NAMES, key_kind=KeyKind.RSA_2048, friendly_name="XU")


def made(**overrides: object) -> summaries.Summary:
    values = {"at": forge.AT, "private_key": forge.key()} | overrides
    return summaries.of_certificate(creating.create(SPEC, **values).leaf)


def test_it_says_what_the_documents_want() -> None:
    summary = made()
    assert () == summary.problems
    assert ("server.example.com",) == summary.common_names
    assert "CN=server.example.com" == summary.subject == summary.issuer
    assert ("server.example.com", "xn--mller-kva.example") == summary.dns_names
    assert ("192.0.2.1", "2001:db8::1") == summary.ip_addresses
    assert (False, True) == (summary.is_ca, summary.basic_constraints_critical)
    assert (summaries.SERVER_AUTHENTICATION,) == summary.extended_key_usage
    assert ("sha256RSA", 3) == (summary.signature_algorithm, summary.version)
    assert summary.self_signed


@pytest.mark.parametrize(
    ("kind", "usage", "signature"),
    [
        (KeyKind.RSA_2048, ("digitalSignature", "keyEncipherment"), "sha256RSA"),
        (KeyKind.ECDSA_P256, ("digitalSignature",), "sha256ECDSA"),
        (KeyKind.ECDSA_P384, ("digitalSignature",), "sha384ECDSA"),
    ],
)
def test_key_usage_and_signature_fit_the_key(
    kind: KeyKind, usage: tuple[str, ...], signature: str
) -> None:
    summary = made(private_key=forge.key(kind=kind))
    assert (usage, True) == (summary.key_usage, summary.key_usage_critical)
    assert signature == summary.signature_algorithm


def test_the_bundle_has_its_key_and_name() -> None:
    bundle = creating.create(SPEC, at=forge.AT)
    assert bundle.private_key is not None
    assert "RSA (2048 Bits)" == keys.describe(bundle.leaf.public_key())
    assert ((), "XU") == (bundle.chain, bundle.friendly_name)
    assert chains.is_self_signed(bundle.leaf)


def test_it_begins_ten_minutes_ago_and_lasts_to_the_second() -> None:
    summary = made()
    begin = forge.AT - timedelta(minutes=10)
    assert begin == summary.not_before
    assert begin + timedelta(days=365, seconds=-1) == summary.not_after


def test_the_moment_may_stand_in_any_zone() -> None:
    elsewhere = forge.AT.astimezone(timezone(timedelta(hours=5, minutes=30)))
    assert made(serial_number=1) == made(serial_number=1, at=elsewhere)
    with pytest.raises(InputError, match="has no time zone"):
        made(at=forge.AT.replace(tzinfo=None))


@pytest.mark.parametrize("kind", [KeyKind.RSA_2048, KeyKind.ECDSA_P384])
def test_the_same_input_gives_the_same_certificate(kind: KeyKind) -> None:
    key = forge.key(kind=kind)
    one, other = (made(private_key=key, serial_number=2**120) for _ in range(2))
    assert one.thumbprint == other.thumbprint
    assert one.thumbprint != made(private_key=key).thumbprint


def test_a_practice_certificate_has_one_thumbprint_on_every_machine() -> None:
    bundle = creating.create(
        CertificateSpec(("server.example.com",)),
        at=PRACTICE_TIME,
        private_key=keys.practice_key(),
        serial_number=1,
    )
    assert "AAB0C6357313713959B14066C1C4E6469E921D59" == bundle.thumbprint


def test_a_serial_number_has_sixteen_bytes() -> None:
    numbers = [signing.random_serial_number() for _ in range(500)]
    assert {127} == {number.bit_length() for number in numbers}
    assert 500 == len(set(numbers))
    assert 32 == len(made().serial_number)


def test_a_validity_without_end_is_refused() -> None:
    spec = CertificateSpec(NAMES, validity=timedelta(days=36525))
    late = datetime(9990, 1, 1, tzinfo=UTC)
    with pytest.raises(InputError, match="ends after the year 9999"):
        creating.create(spec, at=late, private_key=forge.key())


def test_the_last_second_of_the_calendar_is_reached() -> None:
    start = datetime(9998, 12, 31, tzinfo=UTC)
    assert datetime(9999, 12, 31, 23, 59, 59, tzinfo=UTC) == signing.last_second(
        start, timedelta(days=366)
    )
    with pytest.raises(InputError, match="9999"):
        signing.last_second(start, timedelta(days=366, seconds=1))


@pytest.mark.parametrize("kind", KeyKind)
def test_prove_tells_a_pair_from_strangers(kind: KeyKind) -> None:
    key, stranger = forge.key(0, kind), forge.key(3)
    signing.prove(key, key.public_key())
    for other in (stranger.public_key(), forge.key(kind="Ed25519").public_key(), None):
        with pytest.raises(InvalidSignature):
            signing.prove(key, other)


def test_a_request_is_signed_with_the_strength_of_its_key() -> None:
    builder = x509.CertificateSigningRequestBuilder().subject_name(SPEC.subject)
    for kind, digest in (
        (KeyKind.RSA_2048, hashes.SHA256),
        (KeyKind.ECDSA_P384, hashes.SHA384),
    ):
        request = signing.sign_request(builder, forge.key(kind=kind))
        assert request.is_signature_valid
        assert isinstance(request.signature_hash_algorithm, digest)


def test_the_twin_says_the_same_in_powershell() -> None:
    text = "DNS=server.example.com&IPAddress=192.0.2.1&DNS=xn--mller-kva.example"
    expected = (
        "$certificate = New-SelfSignedCertificate -Subject 'CN=server.example.com' "
        f"-TextExtension @('2.5.29.17={{text}}{text}&IPAddress=2001:db8::1') "
        r"-CertStoreLocation 'Cert:\LocalMachine\My' -KeyAlgorithm 'RSA' "
        "-KeyLength 2048 -KeyUsage DigitalSignature, KeyEncipherment "
        "-HashAlgorithm 'SHA256' -NotAfter (Get-Date).AddDays(365) "
        "-Type 'SSLServerAuthentication' -FriendlyName 'XU'"
    )
    assert expected == creating.twin(SPEC).replace(" `\n   ", "")
