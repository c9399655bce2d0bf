"""Summaries: read once into plain values, whatever is odd about the thing."""

from __future__ import annotations

import hashlib
import ipaddress
import json
import warnings
from datetime import UTC, datetime
from typing import Any

import forge
import pki
import pytest
from asn1crypto import algos
from asn1crypto import x509 as loose
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509.oid import ExtendedKeyUsageOID, ObjectIdentifier
from hypothesis import given
from hypothesis import strategies as st

from certlib import specs, summaries
from certlib.parsers import plain_reason
from certlib.summaries import Kind, Problem, Summary, lenient, parts
from certlib.trust import chains

UNKNOWN = ObjectIdentifier("1.3.6.1.4.1.55555.1")


def of(**overrides: object) -> Summary:
    return summaries.of_certificate(forge.leaf(**overrides).leaf)


def test_what_a_certificate_says() -> None:
    bundle = forge.chain(
        san=("Server.example.com", "192.0.2.1", "2001:db8::1", "*.example.org"),
        serial_number=0xABC,
        validity=90 * forge.DAY - forge.SECOND,
    )
    der = forge.der(bundle)
    issuer_key = summaries.of_certificate(bundle.chain[0]).subject_key_identifier
    actual = summaries.of_certificate(bundle.leaf, private_key=True)
    assert (
        Summary(
            kind=Kind.CERTIFICATE,
            sha256=hashlib.sha256(der).hexdigest(),
            thumbprint=hashlib.sha1(der).hexdigest().upper(),
            version=3,
            serial_number="0abc",
            signature_algorithm="sha256RSA",
            issuer="CN=Example Issuing CA",
            subject="CN=server.example.com",
            common_names=("server.example.com",),
            not_before=datetime(2026, 11, 1, 8, 0, tzinfo=UTC),
            not_after=datetime(2027, 1, 30, 7, 59, 59, tzinfo=UTC),
            key="RSA (2048 Bits)",
            key_algorithm="RSA",
            key_bits=2048,
            key_sha256=actual.key_sha256,
            dns_names=("server.example.com", "*.example.org"),
            ip_addresses=("192.0.2.1", "2001:db8::1"),
            san_critical=False,
            key_usage=("digitalSignature", "keyEncipherment"),
            key_usage_critical=True,
            extended_key_usage=("1.3.6.1.5.5.7.3.1",),
            is_ca=False,
            basic_constraints_critical=True,
            subject_key_identifier=actual.subject_key_identifier,
            authority_key_identifier=issuer_key,
            private_key=True,
            extensions=(
                "subjectAltName",
                "basicConstraints",
                "keyUsage",
                "extKeyUsage",
                "subjectKeyIdentifier",
                "authorityKeyIdentifier",
            ),
        )
        == actual
    )
    assert ("server.example.com", "*.example.org", "192.0.2.1", "2001:db8::1") == (
        actual.server_names
    )


def test_a_summary_of_der_is_that_of_the_certificate() -> None:
    bundle = forge.chain()
    assert summaries.of_certificate(bundle.leaf) == summaries.of_der(forge.der(bundle))


def test_what_is_absent_is_told_from_what_is_empty() -> None:
    bare = of(
        common_name=None,
        san=None,
        key_usage=None,
        eku=None,
        is_ca=None,
        subject_key_identifier=False,
    )
    assert ((), (), ()) == (bare.common_names, bare.dns_names, bare.problems)
    assert (None, None, None, None) == (
        bare.san_critical,
        bare.key_usage,
        bare.extended_key_usage,
        bare.is_ca,
    )
    nothing = x509.KeyUsage(*[False] * 9)
    assert () == of(key_usage=nothing).key_usage


@pytest.mark.parametrize(
    ("kind", "expected"),
    [
        ("RSA-1024", ("RSA (1024 Bits)", "RSA", 1024, "", "sha256RSA")),
        ("ECDSA-P256", ("ECC (256 Bits)", "ECC", 256, "ECDSA_P256", "sha256ECDSA")),
        ("ECDSA-P384", ("ECC (384 Bits)", "ECC", 384, "ECDSA_P384", "sha256ECDSA")),
        ("Ed25519", ("Ed25519", "Ed25519", None, "", "Ed25519")),
        ("Ed448", ("Ed448", "Ed448", None, "", "Ed448")),
    ],
)
def test_keys_in_windows_words(kind: str, expected: tuple[object, ...]) -> None:
    summary = of(private_key=forge.key(kind=kind))
    assert expected == (
        summary.key,
        summary.key_algorithm,
        summary.key_bits,
        summary.curve,
        summary.signature_algorithm,
    )


def test_signature_algorithms_in_windows_words() -> None:
    assert "sha384RSA" == of(digest=hashes.SHA384()).signature_algorithm
    assert "sha512RSA" == of(digest=hashes.SHA512()).signature_algorithm
    odd = of(digest=hashes.SHA224()).signature_algorithm
    assert "1.2.840.113549.1.1.14" == odd


@pytest.mark.parametrize(
    ("digest", "mask", "salt", "said"),
    [
        ("SHA256", "SHA256", 32, []),
        ("SHA384", "SHA384", 48, []),
        ("SHA512", "SHA512", 64, []),
        ("SHA256", "SHA256", 20, ["sha256, a mask with sha256, and 20 bytes"]),
        ("SHA512", "SHA256", 64, ["sha512, a mask with sha256, and 64 bytes"]),
        ("SHA224", "SHA224", 28, ["sha224, a mask with sha224, and 28 bytes"]),
    ],
)
def test_rsassa_pss_as_browsers_do_not_know_it_is_remarked(
    digest: str, mask: str, salt: int, said: list[str]
) -> None:
    odd = pki.pss(getattr(hashes, digest)(), getattr(hashes, mask)(), salt)[0]
    found = [
        (one.part, one.reason) for one in summaries.of_certificate(odd).remarks
    ]  # and nothing is remarked besides
    assert [("Padding", f"RSASSA-PSS with {one} of salt") for one in said] == found


@pytest.mark.parametrize(
    ("number", "expected"),
    [(1, "01"), (0x7F, "7f"), (0x100, "0100"), (2**159 - 1, "7f" + "ff" * 19)],
)
def test_serial_numbers_have_an_even_length(number: int, expected: str) -> None:
    assert expected == of(serial_number=number).serial_number


def test_a_negative_serial_number_is_shown() -> None:
    der = forge.damaged(
        forge.leaf(serial_number=0x11223344),
        b"\x02\x04\x11\x22\x33\x44",
        b"\x02\x04\xff\x22\x33\x44",
    )
    summary = summaries.of_der(der)
    assert (Kind.CERTIFICATE, "-ddccbc") == (
        summary.kind,
        summary.serial_number,
    )


OTHER_NAMES = [
    "server.example.com",
    x509.UniformResourceIdentifier("https://server.example.com"),
    x509.RFC822Name("admin@example.com"),
    x509.DirectoryName(forge.x500(CN="server")),
    x509.RegisteredID(UNKNOWN),
    x509.OtherName(UNKNOWN, b"\x0c\x01a"),
    x509.IPAddress(ipaddress.ip_network("192.0.2.0/24")),
]


def test_other_names_are_kept_apart() -> None:
    summary = of(san=OTHER_NAMES)
    assert ("server.example.com",) == summary.dns_names
    assert (
        "URL=https://server.example.com",
        "RFC822 Name=admin@example.com",
        "Directory Address=CN=server",
        "Registered ID=1.3.6.1.4.1.55555.1",
        "Other Name=1.3.6.1.4.1.55555.1",
    ) == summary.other_names


def test_what_is_read_leniently_has_the_same_words() -> None:
    usage = specs.key_usage(key_encipherment=True)
    right = forge.leaf(san=OTHER_NAMES, key_usage=usage)
    strict = summaries.of_der(forge.der(right))
    lenient = summaries.of_der(forge.with_unreadable_extensions(right))
    assert ((), 1) == (strict.problems, len(lenient.problems))
    assert (strict.dns_names, strict.other_names, strict.key_usage) == (
        lenient.dns_names,
        lenient.other_names,
        lenient.key_usage,
    )


def test_extensions_of_a_ca() -> None:
    summary = summaries.of_certificate(forge.ca(path_length=0).leaf)
    assert (True, 0) == (summary.is_ca, summary.path_length)
    assert ("digitalSignature", "keyCertSign", "cRLSign") == summary.key_usage


def test_critical_extensions_that_nobody_knows_are_named() -> None:
    critical = (x509.UnrecognizedExtension(UNKNOWN, b"\x05\x00"), True)
    assert (UNKNOWN.dotted_string,) == of(extra=[critical]).unknown_critical_extensions
    harmless = (critical[0], False)
    assert () == of(extra=[harmless]).unknown_critical_extensions


def test_extended_key_usages_are_object_identifiers() -> None:
    usage = [ExtendedKeyUsageOID.CLIENT_AUTH, UNKNOWN]
    assert ("1.3.6.1.5.5.7.3.2", "1.3.6.1.4.1.55555.1") == of(
        eku=usage
    ).extended_key_usage


def test_self_signed_is_who_names_itself() -> None:
    assert of().self_signed
    assert not of(issuer=forge.ca()).self_signed
    # A CA's leaf with the CA's own name: the key identifiers deny it.
    ca = forge.ca("same name")
    namesake = of(common_name="same name", issuer=ca)
    assert namesake.subject == namesake.issuer
    assert not namesake.self_signed


@pytest.mark.parametrize(
    "der",
    [
        b"",
        b"noise",
        b"\x30\x80" * 1000,
        forge.der(forge.leaf())[:-1],
    ],
)
def test_what_cannot_be_parsed_is_still_summed_up(der: bytes) -> None:
    summary = summaries.of_der(der)
    assert Kind.UNREADABLE is summary.kind
    assert hashlib.sha1(der).hexdigest().upper() == summary.thumbprint
    (problem,) = summary.problems
    assert "Certificate" == problem.part
    assert problem.reason


def test_what_cannot_be_read_is_named_and_the_rest_is_there() -> None:
    summary = summaries.of_der(forge.with_unreadable_extensions())
    parts = [problem.part for problem in summary.problems]
    assert ["Extension basicConstraints"] == parts
    assert (Kind.CERTIFICATE, "CN=server.example.com", "RSA (2048 Bits)") == (
        summary.kind,
        summary.subject,
        summary.key,
    )
    assert ("server.example.com",) == summary.dns_names


def test_what_the_library_refuses_is_read_with_indulgence() -> None:
    summary = summaries.of_der(forge.unparsable())
    assert (Kind.CERTIFICATE, 5, "CN=server.example.com") == (
        summary.kind,
        summary.version,
        summary.subject,
    )
    assert ["Certificate"] == [problem.part for problem in summary.problems]


def test_odd_values_are_read_without_a_warning() -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        summary = of(common_name="x" * 65)
        assert ("x" * 65,) == summary.common_names
        assert () == of(common_name="").problems


def test_a_panic_of_the_library_is_a_problem() -> None:
    class PanicException(BaseException):  # as PyO3 has it
        pass

    reader = parts.Reader()
    with reader.part("Subject"):
        raise PanicException("a passphrase, perhaps")
    reason = "the library that reads it broke down over it"
    assert [Problem("Subject", reason)] == reader.problems


@given(
    st.lists(
        st.tuples(st.floats(0, 1, exclude_max=True), st.integers(1, 255)),
        min_size=1,
        max_size=5,
    )
)
def test_no_change_of_a_certificate_stops_the_reading(
    changes: list[tuple[float, int]],
) -> None:
    der = bytearray(SAMPLE)
    for place, bits in changes:
        der[int(place * len(der))] ^= bits
    summary = summaries.of_der(bytes(der))
    json.dumps(summary.to_json())
    assert hashlib.sha256(der).hexdigest() == summary.sha256


SAMPLE = forge.der(forge.chain(san=["a.example", "192.0.2.1"]))


def request(**values: object) -> x509.CertificateSigningRequest:
    builder = x509.CertificateSigningRequestBuilder().subject_name(
        forge.x500(CN="server.example.com")
    )
    san = x509.SubjectAlternativeName([x509.DNSName("server.example.com")])
    builder = builder.add_extension(san, critical=False)
    return builder.sign(forge.key(), hashes.SHA256())


def test_what_a_request_says() -> None:
    summary = summaries.of_request(request())
    assert (Kind.REQUEST, ()) == (summary.kind, summary.problems)
    assert ("CN=server.example.com", ("server.example.com",), "RSA (2048 Bits)") == (
        summary.subject,
        summary.dns_names,
        summary.key,
    )


def test_a_request_that_was_not_signed_by_its_key_is_told() -> None:
    der = bytearray(request().public_bytes(Encoding.DER))
    der[-1] ^= 1
    summary = summaries.of_request(x509.load_der_x509_csr(bytes(der)))
    assert (Problem("Signature", "it was not made with the key in the request"),) == (
        summary.problems
    )


def test_what_a_private_key_says() -> None:
    summary = summaries.of_private_key(forge.key())
    certificate = of()
    assert (Kind.PRIVATE_KEY, True) == (summary.kind, summary.private_key)
    assert (certificate.key, certificate.key_sha256) == (
        summary.key,
        summary.key_sha256,
    )


def test_json_has_plain_values_only() -> None:
    summary = summaries.of_certificate(forge.chain().leaf)
    again = json.loads(json.dumps(summary.to_json()))
    assert "2026-11-01T08:00:00+00:00" == again["not_before"]
    assert ("certificate", ["server.example.com"]) == (
        again["kind"],
        again["dns_names"],
    )
    problems = json.loads(json.dumps(summaries.unreadable("torn").to_json()))[
        "problems"
    ]
    assert [{"part": "File", "reason": "torn"}] == problems


def test_a_reason_is_one_short_line() -> None:
    assert "ValueError" == plain_reason(ValueError())
    assert "a b" == plain_reason(ValueError(" a\n  b "))
    assert 200 == len(plain_reason(ValueError("x" * 500)))


def test_what_the_parser_says_is_put_into_plain_words() -> None:
    (problem,) = summaries.of_der(forge.with_unreadable_extensions()).problems
    expected = "a value is of another kind than belongs there, at BasicConstraints"
    assert expected == problem.reason
    torn = forge.der(forge.leaf())[:-1]
    with pytest.raises(ValueError, match="ParseError") as caught:
        x509.load_der_x509_certificate(torn)
    assert "it ends too early" == plain_reason(caught.value)


def test_an_rsa_algorithm_without_null_is_noted() -> None:
    with_null = bytes.fromhex("300d06092a864886f70d01010b0500")
    without = bytes.fromhex("300b06092a864886f70d01010b")
    whole = loose.Certificate.load(forge.der(forge.leaf()))
    outer = whole["signature_algorithm"].dump()
    assert with_null == outer
    whole["signature_algorithm"] = algos.SignedDigestAlgorithm.load(without)
    odd = summaries.of_der(whole.dump(force=True))
    reason = "the RSA algorithm of the key or the signature lacks its NULL"
    assert Problem("Algorithm", reason) in odd.remarks
    assert () == of().remarks


def test_the_logs_that_signed_it_are_counted() -> None:
    anchors = chains.public_anchors()
    assert {None} == {summaries.of_certificate(one).timestamps for one in anchors}
    empty = x509.UnrecognizedExtension(
        x509.ObjectIdentifier("1.3.6.1.4.1.11129.2.4.2"), bytes.fromhex("04020000")
    )
    assert 0 == of(extra=[(empty, False)]).timestamps


@pytest.mark.parametrize(
    ("said", "plain"),
    [
        (
            "'ascii' codec can't decode byte 0xfc in position 1",
            "a text has bytes that its kind of string does not allow",
        ),
        (
            (
                "The Choice type can not be implicitly tagged even if in an implicit "
                "module - due to its nature any tagging must be explicit"
            ),
            "a value is of another kind than belongs there",
        ),
        (
            (
                "Parsed a serial number which wasn't positive. Loading this will "
                "cause an exception in a future release of cryptography."
            ),
            "the serial number is zero or negative",
        ),
        (
            "This will be an exception in a future version",
            "it is encoded in a way that is not allowed any more",
        ),
    ],
)
def test_what_libraries_say_to_programmers_is_said_to_everybody(
    said: str, plain: str
) -> None:
    assert plain == plain_reason(ValueError(said))


def test_an_odd_one_among_many_changes_nothing_for_the_others() -> None:
    right = [forge.der(forge.leaf(serial_number=n)) for n in range(1, 41)]
    warned = forge.der(forge.leaf(serial_number=77))
    warned = warned.replace(b"\x02\x01\x4d", b"\x02\x01\xb3", 1)  # -77
    odd = [warned, forge.unparsable(), forge.with_unreadable_extensions(), b"noise"]
    for position in (0, 7, 31, 32, 40):
        ders = [*right[:position], *odd, *right[position:]]
        alone = [summaries.of_der(der) for der in ders]
        assert alone == summaries.of_many(ders)
        assert [] == [s for s in alone if s.remarks and s.serial_number != "-4d"]
    assert summaries.of_der(warned).remarks


def dated(end: bytes) -> bytes:
    """Return a certificate whose end is written in another way of the same length."""
    bundle = forge.leaf(not_after=datetime(2051, 1, 1, tzinfo=UTC))
    return forge.damaged(bundle, b"20510101000000Z", end)


@pytest.mark.parametrize(
    ("written", "expected"),
    [
        (b"99991231235959Z", datetime(9999, 12, 31, 23, 59, 59, tzinfo=UTC)),
        (b"00010101000000Z", datetime(1, 1, 1, tzinfo=UTC)),
        (b"18900101000000Z", datetime(1890, 1, 1, tzinfo=UTC)),
        (b"2051010102+0200", datetime(2051, 1, 1, tzinfo=UTC)),
        (b"2051010122-0200", datetime(2051, 1, 2, tzinfo=UTC)),
        (b"205101010000.5Z", datetime(2051, 1, 1, 0, 0, 30, tzinfo=UTC)),
    ],
)
def test_odd_dates_are_told_in_utc(written, expected):
    assert expected == summaries.of_der(dated(written)).not_after


@pytest.mark.parametrize(
    "written", [b"00000101000000Z", b"9999123122-0400", b"0001010100+0400", b"x" * 15]
)
def test_a_date_that_nobody_can_count_with_is_a_problem_of_the_validity(written):
    summary = summaries.of_der(dated(written))
    assert None is summary.not_after
    assert "Validity" in {problem.part for problem in summary.problems}
    assert summary.not_before is not None
    assert json.dumps(summary.to_json())


KINDS = ("rsa-2048", "e3", "", "curve-p384", "curve-p521", "ed25519", "ed448")


@pytest.mark.parametrize("kind", KINDS)
def test_unique_identifiers_are_remarked_behind_any_usual_key(kind: str) -> None:
    plain = pki.leaf(pki.INT, kind=kind)
    odd = pki.with_unique_ids(plain, pki.INT.key)
    found = [
        [(r.part, r.reason) for r in summaries.of_certificate(one).remarks]
        for one in (plain, odd)
    ]
    said = [("Unique identifier", f"{who}UniqueID") for who in ("issuer", "subject")]
    assert [[], said] == found


@pytest.mark.parametrize("twice", [False, True])
def test_a_policy_that_is_there_twice_is_remarked(twice: bool) -> None:
    oids = ["2.5.29.32.0", "1.2.3", *["1.2.3"] * twice]
    policies = [
        x509.PolicyInformation(x509.ObjectIdentifier(oid), None) for oid in oids
    ]
    exts = ((x509.CertificatePolicies(policies), False),)
    cert = pki.leaf(pki.INT, exts=exts)
    said = [Problem("Policies", "1.2.3")] if twice else []
    assert said == list(summaries.of_certificate(cert).remarks)
    der = cert.public_bytes(Encoding.DER)
    values: dict[str, Any] = {"remarks": (), "addresses": ()}
    lenient.read(der, _refuses, values)
    assert tuple(said) == values["remarks"]


def _refuses(der: bytes) -> x509.Certificate:
    raise ValueError
