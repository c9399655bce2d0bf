"""What a file says, and how Windows' certificate viewer words it."""

import base64
import ipaddress
import time
import warnings
from datetime import UTC, datetime

import forge
import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509.oid import (
    AuthorityInformationAccessOID,
    CertificatePoliciesOID,
    ExtendedKeyUsageOID,
    ExtensionOID,
)
from forge import AT, DAY, SECOND
from hypothesis import given
from hypothesis import strategies as st

from certlib import (
    files,
    inspecting,
    keys,
    signing,
    specs,
)
from certlib.bundles import reading
from certlib.errors import EncodingError, InputError, PassphraseError
from certlib.inspecting import details, views
from certlib.inspecting.details import Group, Show
from certlib.specs import CertificateSpec
from certlib.summaries import Kind
from certlib.trust.roots import Trust

URL = x509.UniformResourceIdentifier


def request(*server_names, key=None):
    spec, key = CertificateSpec(server_names), key or forge.key()
    builder = x509.CertificateSigningRequestBuilder().subject_name(spec.subject)
    for extension, critical in specs.extensions(spec, key.public_key()):
        builder = builder.add_extension(extension, critical=critical)
    return signing.sign_request(builder, key)


def short_and_long(field):
    return field.short, field.value


def view(bundle, **options):
    return inspecting.view(bundle, **{"at": AT} | options)


# --- reading: every form in which a certificate arrives


@pytest.mark.parametrize(
    ("name", "with_key"),
    [("a.pfx", True), ("a.pem", True), ("a.cer", False), ("a.p7b", False)],
)
def test_the_leaf_is_read_from_every_format(tmp_path, name, with_key):
    bundle = forge.chain()
    bundle.write(tmp_path / name, passphrase="secret" if "p7b" not in name else None)
    summary = inspecting.inspect(tmp_path / name, passphrase="secret")
    expected = (Kind.CERTIFICATE, bundle.thumbprint, with_key)
    assert expected == (summary.kind, summary.thumbprint, summary.private_key)


@pytest.mark.parametrize("encoding", [Encoding.PEM, Encoding.DER])
def test_a_signing_request_is_read(encoding):
    summary = inspecting.inspect(request("a.example.com").public_bytes(encoding))
    assert (Kind.REQUEST, ("a.example.com",)) == (summary.kind, summary.dns_names)


def test_a_request_is_read_that_certreq_wrote_with_its_own_label():
    pem = request("a.example.com").public_bytes(Encoding.PEM)
    pem = pem.replace(b"CERTIFICATE REQUEST", b"NEW CERTIFICATE REQUEST")
    assert ("a.example.com",) == inspecting.inspect(pem).dns_names


@pytest.mark.parametrize("passphrase", [None, "secret"])
def test_a_private_key_is_read(passphrase):
    pem = keys.write_private_key(forge.key(), passphrase)
    summary = inspecting.inspect(pem, passphrase=passphrase)
    assert (Kind.PRIVATE_KEY, True) == (summary.kind, summary.private_key)


@pytest.mark.parametrize(
    ("data", "error"),
    [
        (b"hello", EncodingError),
        (b"\x30\x82\x01", EncodingError),
        (b"\x30\x03\x02\x01\x00", EncodingError),
        (
            (
                b"-----BEGIN CERTIFICATE REQUEST-----\nMAA=\n"
                b"-----END CERTIFICATE REQUEST-----\n"
            ),
            EncodingError,
        ),
        (forge.leaf().to_pfx("right"), PassphraseError),
        (forge.leaf().to_pfx(None)[:-20], EncodingError),
        (keys.write_private_key(forge.key(), "right"), PassphraseError),
    ],
    ids=["text", "torn", "empty-der", "request", "pfx", "half-pfx", "key"],
)
def test_what_cannot_be_read_names_the_input(data, error):
    with pytest.raises(error, match=r"mail\.bin"):
        inspecting.inspect(data, origin="mail.bin", passphrase="wrong")


@pytest.mark.parametrize("encoding", [Encoding.PEM, Encoding.DER])
def test_a_request_of_an_odd_version_is_refused(encoding):
    der = request("a.example.com").public_bytes(Encoding.DER)
    data = der.replace(b"\x02\x01\x00", b"\x02\x01\x05", 1)
    if encoding is Encoding.PEM:
        data = (
            b"-----BEGIN CERTIFICATE REQUEST-----\n"
            + base64.encodebytes(data)
            + b"-----END CERTIFICATE REQUEST-----\n"
        )

    with pytest.raises(EncodingError, match=r"mail\.bin holds a signing request that"):
        inspecting.inspect(data, origin="mail.bin")


@pytest.mark.parametrize("label", ["CERTIFICATE REQUEST", "CERTIFICATE", "A" * 40])
def test_a_file_of_beginnings_is_gone_through_once(label):
    boundary = f"-----BEGIN {label}-----\n".encode()
    data = boundary * (files.MAX_SIZE // 8 // len(boundary))
    start = time.process_time()

    with pytest.raises(EncodingError):
        inspecting.inspect(data)
    assert reading.read(data, (), "mail.bin").refused

    assert time.process_time() - start < 5


def test_a_missing_file_a_folder_and_an_empty_file(tmp_path):
    (tmp_path / "empty.cer").touch()
    for path in (tmp_path / "none.cer", tmp_path, tmp_path / "empty.cer"):
        with pytest.raises(InputError, match=str(path)):
            inspecting.inspect(path)


# --- names: the two documented requirements, judged by the rules


@pytest.mark.parametrize(
    ("san", "common_name", "expected"),
    [
        (["todd.example.com"], "todd.example.com", []),
        (["TODD.example.com"], "Todd.Example.com", []),
        (["*.example.com"], "*.example.com", []),
        (["a.example.com"], "todd.example.com", ["san-without-server-name"]),
        (["todd.example.com"], "a", ["common-name-without-server-name"]),
        (None, "todd.example.com", ["san-missing"]),
    ],
)
def test_the_server_name_is_judged(san, common_name, expected):
    summary = inspecting.summarize(forge.leaf(san=san, common_name=common_name))
    found = inspecting.check_names(summary, "todd.example.com", at=AT)
    assert expected == [finding.rule for finding in found]


def test_a_request_is_judged_too():
    summary = inspecting.summarize(request("todd.example.com"))
    assert () == inspecting.check_names(summary, "todd.example.com", at=AT)


def test_a_private_key_names_no_server():
    summary = inspecting.summarize(forge.key())
    with pytest.raises(InputError, match="names no server"):
        inspecting.check_names(summary, "todd.example.com", at=AT)


# --- details: Windows' order and words


def test_the_fields_stand_in_windows_order():
    shown = view(forge.leaf(friendly_name="Todd")).details
    assert [
        "Version",
        "Serial number",
        "Signature algorithm",
        "Signature hash algorithm",
        "Issuer",
        "Valid from",
        "Valid to",
        "Subject",
        "Public key",
        "Public key parameters",
        "Subject Alternative Name",
        "Enhanced Key Usage",
        "Subject Key Identifier",
        "Basic Constraints",
        "Key Usage",
        "Thumbprint",
        "Friendly name",
    ] == [field.name for field in shown]


def test_the_version_1_fields_and_properties():
    name = forge.x500(DC="local", O="Example", CN="todd")
    bundle = forge.leaf(
        subject=name,
        serial_number=0xABC,
        not_before=datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC),
        not_after=datetime(2050, 1, 1, tzinfo=UTC),
    )
    shown = view(bundle)
    expected = {
        "Version": ("V3", "V3"),
        "Serial number": ("0abc", "0abc"),
        "Signature algorithm": ("sha256RSA", "sha256RSA"),
        "Signature hash algorithm": ("sha256", "sha256"),
        "Issuer": ("todd, Example, local", "CN = todd\nO = Example\nDC = local"),
        "Valid from": ("2026-01-02 03:04:05 UTC", "2026-01-02 03:04:05 UTC"),
        "Valid to": ("2050-01-01 00:00:00 UTC", "2050-01-01 00:00:00 UTC"),
        "Subject": ("todd, Example, local", "CN = todd\nO = Example\nDC = local"),
        "Public key parameters": ("05 00", "05 00"),
        "Thumbprint": (bundle.thumbprint.lower(), bundle.thumbprint.lower()),
    }
    assert expected == {name: short_and_long(shown.field(name)) for name in expected}


def test_the_public_key_in_words_and_as_bytes():
    rsa = view(forge.leaf()).field("Public key")
    assert ("RSA (2048 Bits)", "30 82 01 0a 02 82 01 01 00") == (
        rsa.short,
        rsa.value[:26],
    )
    ecdsa = view(forge.leaf(private_key=forge.key(kind="ECDSA-P256")))
    assert "ECC (256 Bits)" == ecdsa.field("Public key").short
    assert 65 == len(bytes.fromhex(ecdsa.field("Public key").value))
    assert "ECDSA_P256" == ecdsa.field("Public key parameters").value
    assert "sha256ECDSA" == ecdsa.field("Signature algorithm").value


EXTENSIONS = {
    "Subject Alternative Name": (
        x509.SubjectAlternativeName(
            [
                x509.DNSName("todd.example.com"),
                x509.IPAddress(ipaddress.ip_address("192.0.2.17")),
                x509.IPAddress(ipaddress.ip_address("2001:db8::1")),
                URL("https://todd.example.com/"),
                x509.RFC822Name("it@example.com"),
                x509.RegisteredID(x509.ObjectIdentifier("1.2.3")),
                x509.DirectoryName(forge.x500(O="Example", CN="todd")),
                x509.OtherName(
                    x509.ObjectIdentifier("1.3.6.1.4.1.311.20.2.3"),
                    b"\x0c\x0btodd@domain",
                ),
            ]
        ),
        (
            "DNS Name=todd.example.com\nIP Address=192.0.2.17\nIP Address=2001:db8::1\n"
            "URL=https://todd.example.com/\nRFC822 Name=it@example.com\n"
            "Registered ID=1.2.3\nDirectory Address:\n     CN=todd\n     O=Example\n"
            "Other Name:\n     Principal Name=todd@domain"
        ),
    ),
    "Enhanced Key Usage": (
        x509.ExtendedKeyUsage(
            [
                ExtendedKeyUsageOID.SERVER_AUTH,
                ExtendedKeyUsageOID.CLIENT_AUTH,
                x509.ObjectIdentifier("1.2.3.4"),
            ]
        ),
        (
            "Server Authentication (1.3.6.1.5.5.7.3.1)\n"
            "Client Authentication (1.3.6.1.5.5.7.3.2)\nUnknown Key Usage (1.2.3.4)"
        ),
    ),
    "Basic Constraints": (
        x509.BasicConstraints(ca=True, path_length=3),
        "Subject Type=CA\nPath Length Constraint=3",
    ),
    "Subject Key Identifier": (x509.SubjectKeyIdentifier(b"\x0a\xbc"), "0abc"),
    "Authority Key Identifier": (
        x509.AuthorityKeyIdentifier(
            b"\x01\xff", [x509.DirectoryName(forge.x500(CN="Root"))], 0x1234
        ),
        (
            "KeyID=01ff\nCertificate Issuer:\n"
            "     Directory Address:\n          CN=Root\n"
            "Certificate SerialNumber=1234"
        ),
    ),
    "Authority Information Access": (
        x509.AuthorityInformationAccess(
            [
                x509.AccessDescription(
                    AuthorityInformationAccessOID.CA_ISSUERS, URL("http://pki/ca.crt")
                ),
                x509.AccessDescription(
                    AuthorityInformationAccessOID.OCSP, URL("http://ocsp/")
                ),
            ]
        ),
        (
            "[1]Authority Info Access\n"
            "     Access Method=Certification Authority Issuer (1.3.6.1.5.5.7.48.2)\n"
            "     Alternative Name:\n          URL=http://pki/ca.crt\n"
            "[2]Authority Info Access\n"
            "     Access Method=On-line Certificate Status Protocol "
            "(1.3.6.1.5.5.7.48.1)\n"
            "     Alternative Name:\n          URL=http://ocsp/"
        ),
    ),
    "CRL Distribution Points": (
        x509.CRLDistributionPoints(
            [x509.DistributionPoint([URL("http://pki/ca.crl")], None, None, None)]
        ),
        (
            "[1]CRL Distribution Point\n     Distribution Point Name:\n"
            "          Full Name:\n               URL=http://pki/ca.crl"
        ),
    ),
    "Certificate Policies": (
        x509.CertificatePolicies(
            [
                x509.PolicyInformation(
                    x509.ObjectIdentifier("2.23.140.1.2.1"),
                    ["http://cps/", x509.UserNotice(None, "Be careful")],
                ),
                x509.PolicyInformation(CertificatePoliciesOID.ANY_POLICY, None),
            ]
        ),
        (
            "[1]Certificate Policy:\n     Policy Identifier=2.23.140.1.2.1\n"
            "     [1,1]Policy Qualifier Info:\n          Policy Qualifier Id=CPS\n"
            "          Qualifier:\n               http://cps/\n"
            "     [1,2]Policy Qualifier Info:\n"
            "          Policy Qualifier Id=User Notice\n"
            "          Qualifier:\n               Notice Text=Be careful\n"
            "[2]Certificate Policy:\n     Policy Identifier=All issuance policies"
        ),
    ),
    "Name Constraints": (
        x509.NameConstraints([x509.DNSName("example.com")], None),
        (
            "Permitted\n     [1]Subtrees (0..Max):\n          DNS Name=example.com\n"
            "Excluded=None"
        ),
    ),
    "Certificate Template Information": (
        x509.MSCertificateTemplate(x509.ObjectIdentifier("1.3.6.1.4.1.311.9"), 100, 4),
        "Template=1.3.6.1.4.1.311.9\nMajor Version Number=100\nMinor Version Number=4",
    ),
    "Certificate Template Name": (
        x509.UnrecognizedExtension(
            x509.ObjectIdentifier("1.3.6.1.4.1.311.20.2"),
            b"\x1e\x12" + "WebServer".encode("utf-16-be"),
        ),
        "WebServer",
    ),
    "Application Policies": (
        x509.UnrecognizedExtension(
            x509.ObjectIdentifier("1.3.6.1.4.1.311.21.10"),
            bytes.fromhex("300c") + bytes.fromhex("300a06082b06010505070301"),
        ),
        (
            "[1]Application Certificate Policy:\n"
            "     Policy Identifier=Server Authentication"
        ),
    ),
    "1.2.3.4.5": (
        x509.UnrecognizedExtension(x509.ObjectIdentifier("1.2.3.4.5"), b"\x05\x00"),
        "05 00",
    ),
}

BARE = {
    "san": None,
    "is_ca": None,
    "key_usage": None,
    "eku": None,
    "subject_key_identifier": False,
}


@pytest.mark.parametrize("name", EXTENSIONS)
def test_an_extension_in_windows_words(name):
    extension, expected = EXTENSIONS[name]
    shown = view(forge.leaf(**BARE, extra=[(extension, False)]))
    field = shown.field(name)
    assert (expected, Group.EXTENSION) == (field.value, field.group)
    assert "\n" not in field.short


@pytest.mark.parametrize(
    ("usages", "expected"),
    [
        (
            "digital_signature key_encipherment",
            "Digital Signature, Key Encipherment (a0)",
        ),
        (
            "content_commitment data_encipherment",
            "Non-Repudiation, Data Encipherment (50)",
        ),
        (
            "key_cert_sign crl_sign",
            "Certificate Signing, Off-line CRL Signing, CRL Signing (06)",
        ),
        ("key_agreement encipher_only", "Key Agreement, Encipher Only (09)"),
        ("key_agreement decipher_only", "Key Agreement, Decipher Only (08 80)"),
    ],
)
def test_the_key_usage_with_its_bits(usages, expected):
    all_usages = (
        "digital_signature content_commitment key_encipherment data_encipherment "
        "key_agreement key_cert_sign crl_sign encipher_only decipher_only"
    )
    usage = x509.KeyUsage(**{u: u in usages.split() for u in all_usages.split()})
    field = view(forge.leaf(key_usage=usage)).field("Key Usage")
    assert (expected, Group.CRITICAL_EXTENSION) == (field.value, field.group)


def test_the_key_usage_bits_are_those_of_the_encoding():
    usage = specs.key_usage(key_encipherment=True, certificate_signing=True)
    shown = view(forge.leaf(key_usage=usage)).field("Key Usage").value
    # BIT STRING: tag, length, number of unused bits, bits
    assert f"({usage.public_bytes()[3:].hex(' ')})" == shown[shown.index("(") :]


def test_every_title_has_a_case():
    tested = {extension.oid for extension, _ in EXTENSIONS.values()}
    assert set() == set(details.wording.TITLES) - tested - {
        ExtensionOID.FRESHEST_CRL,
        ExtensionOID.ISSUER_ALTERNATIVE_NAME,
        ExtensionOID.KEY_USAGE,
        ExtensionOID.PRECERT_SIGNED_CERTIFICATE_TIMESTAMPS,
    }


@pytest.mark.parametrize(
    ("choice", "expected"),
    [
        (Show.ALL, {*Group}),
        (Show.VERSION_1, {Group.VERSION_1}),
        (Show.EXTENSIONS, {Group.EXTENSION, Group.CRITICAL_EXTENSION}),
        ("Critical Extensions Only", {Group.CRITICAL_EXTENSION}),
        ("Properties Only", {Group.PROPERTY}),
    ],
)
def test_what_the_list_show_leaves(choice, expected):
    assert expected == {field.group for field in view(forge.leaf()).fields(choice)}


def test_an_unknown_choice_and_an_unknown_field_are_refused():
    with pytest.raises(InputError, match="no entry 'Everything'"):
        view(forge.leaf()).fields("Everything")
    with pytest.raises(InputError, match="no field 'Colour'"):
        view(forge.leaf()).field("Colour")


# --- general


def test_the_tab_general():
    expected = views.General(
        "Certificate Information",
        trouble=views.TRUST_THIS_ROOT,
        purposes=(
            "Ensures the identity of a remote computer",
            "All issuance policies",
        ),
        issued_to="server.example.com",
        issued_by="server.example.com",
        valid_from="2026-11-01 08:00:00 UTC",
        valid_to="2027-01-30 08:00:00 UTC",
        private_key="You have a private key that corresponds to this certificate.",
    )
    assert expected == view(forge.leaf()).general


def test_without_private_key_the_line_is_missing():
    assert "" == view(forge.leaf().leaf).general.private_key


@pytest.mark.parametrize(
    ("options", "expected"),
    [
        ({"eku": None}, "All application policies"),
        (
            {"eku": [ExtendedKeyUsageOID.CLIENT_AUTH]},
            views._PURPOSES["1.3.6.1.5.5.7.3.2"],
        ),
        (
            {"eku": [ExtendedKeyUsageOID.CODE_SIGNING]},
            "Code Signing (1.3.6.1.5.5.7.3.3)",
        ),
    ],
)
def test_purposes(options, expected):
    assert expected == view(forge.leaf(**options)).general.purposes[0]


@pytest.mark.parametrize(
    ("options", "expected"),
    [
        ({"subject": forge.x500(O="Example", OU="IT", CN="todd")}, "todd"),
        ({"subject": forge.x500(O="Example", OU="IT")}, "IT"),
        ({"subject": forge.x500(C="DE", L="Stuttgart")}, "DE"),
        ({"subject": forge.x500(), "san": ["a.example.com"]}, "a.example.com"),
        ({"subject": forge.x500(), "san": None}, ""),
    ],
)
def test_the_name_for_people(options, expected):
    assert expected == view(forge.leaf(**options)).general.issued_to


# --- certification path


def names_and_statuses(shown):
    return [(step.name, step.status) for step in shown.path]


def test_the_path_of_a_trusted_chain_is_ok():
    bundle = forge.chain()
    shown = view(bundle, trust=Trust.of((), given=[bundle.chain[-1]]))
    assert [
        ("Example Root CA", views.OK),
        ("Example Issuing CA", views.OK),
        ("server.example.com", views.OK),
    ] == names_and_statuses(shown)
    assert "" == shown.general.trouble


def test_the_root_is_found_among_the_trusted_ones():
    bundle = forge.chain()
    alone = forge.Bundle(bundle.leaf, chain=bundle.chain[:1])
    assert 3 == len(view(alone, trust=Trust.of((), given=[bundle.chain[-1]])).path)


def test_an_untrusted_root():
    shown = view(forge.chain())
    assert views.NOT_A_TRUSTED_ROOT == shown.path[0].status
    assert views.UNTRUSTED_PATH == shown.general.trouble


def test_a_missing_issuer():
    shown = view(forge.chain().leaf)
    assert [("server.example.com", views.ISSUER_MISSING)] == names_and_statuses(shown)
    assert views.NO_INFORMATION == shown.general.trouble


@pytest.mark.parametrize(
    ("at", "expected"),
    [
        (AT - DAY - SECOND, views.NOT_IN_DATE),
        (AT - DAY, views.OK),
        (AT + DAY, views.OK),
        (AT + DAY + SECOND, views.NOT_IN_DATE),
    ],
)
def test_in_date_to_the_last_second(at, expected):
    bundle = forge.leaf(not_after=AT + DAY)
    shown = view(bundle, at=at, trust=Trust.of((), given=[bundle.leaf]))
    assert expected == shown.path[-1].status
    assert (expected if expected != views.OK else "") == shown.general.trouble


def test_another_judge_has_the_last_word():
    verdicts = ["The certificate is revoked.", "", ""]
    shown = view(forge.chain(), statuses=verdicts)
    assert [views.OK, views.OK, "The certificate is revoked."] == [
        step.status for step in shown.path
    ]
    assert "The certificate is revoked." == shown.general.trouble


def test_another_judge_has_to_judge_them_all():
    with pytest.raises(InputError, match="2 statuses for 3 certificates"):
        view(forge.chain(), statuses=["", ""])


def test_a_moment_without_time_zone_is_refused():
    with pytest.raises(InputError, match="no time zone"):
        view(forge.leaf(), at=datetime(2026, 1, 1))  # noqa: DTZ001


# --- signing requests and private keys


def test_a_signing_request_is_shown():
    shown = view(request("todd.example.com"))
    assert "todd.example.com" == shown.general.issued_to
    assert "DNS Name=todd.example.com" == shown.field("Subject Alternative Name").value
    assert () == shown.path


def test_a_request_with_a_wrong_signature_says_so():
    data = bytearray(request("todd.example.com").public_bytes(Encoding.DER))
    data[-1] ^= 1
    shown = view(inspecting.read(bytes(data)))
    assert shown.general.trouble.startswith("Signature:")


def test_the_challenge_password_of_a_request_is_not_shown():
    built = (
        x509.CertificateSigningRequestBuilder()
        .subject_name(forge.x500(CN="todd"))
        .add_attribute(x509.oid.AttributeOID.CHALLENGE_PASSWORD, b"open sesame")
        .sign(forge.key(), hashes.SHA256())
    )
    shown = view(built)
    assert "is there, and not shown" == shown.field("Challenge Password").value
    assert b"open sesame".hex(" ") not in repr(shown)


def test_a_private_key_shows_its_public_half_only():
    key = forge.key()
    shown = view(key)
    secret = key.private_numbers().d.to_bytes(256).hex(" ")
    assert "RSA (2048 Bits)" == shown.field("Public key").short
    assert secret not in repr(shown)


# --- odd certificates never fail


def test_unreadable_extensions_are_shown_as_bytes():
    certificate = x509.load_der_x509_certificate(forge.with_unreadable_extensions())
    shown = view(certificate)
    assert shown.field("Extensions").value.startswith("cannot be read: ")
    constraints = shown.field("Basic Constraints")
    assert ("02 00", Group.CRITICAL_EXTENSION) == (constraints.value, constraints.group)
    assert "CN = server.example.com" == shown.field("Subject").value


def test_an_unreadable_public_key_says_so():
    rsa = bytes.fromhex("06092a864886f70d010101")
    data = forge.damaged(forge.leaf(), rsa, rsa[:-1] + b"\x63")
    shown = view(x509.load_der_x509_certificate(data))
    assert shown.field("Public key").short.startswith("cannot be read: ")


def test_an_odd_certificate_alone_is_inspected_and_says_what_is_odd():
    summary = inspecting.inspect(forge.with_unreadable_extensions())
    parts = [problem.part for problem in summary.problems]
    assert ["Extension basicConstraints"] == parts
    found = inspecting.check_names(summary, "", at=AT)
    assert "cannot-be-read" == found[0].rule


def rich():
    extra = [
        (extension, False)
        for name, (extension, _) in EXTENSIONS.items()
        if name not in {"Basic Constraints", "Subject Key Identifier"}
    ]
    subject = forge.x500(C="DE", O="Example", CN="todd")
    options = {"san": None, "eku": None, "subject": subject, "extra": extra}
    return forge.der(forge.leaf(**options))


RICH = rich()


@given(st.integers(0, len(RICH) - 1), st.integers(0, 255), st.data())
def test_no_damage_that_the_library_accepts_makes_the_viewer_fail(at, byte, data):
    odd = bytearray(RICH)
    odd[at] = byte
    odd[data.draw(st.integers(0, len(RICH) - 1))] = data.draw(st.integers(0, 255))
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            certificate = x509.load_der_x509_certificate(bytes(odd))
    except (ValueError, x509.InvalidVersion):
        return  # the library refuses it
    shown = view(certificate)
    assert {"Subject", "Public key", "Thumbprint"} <= {f.name for f in shown.details}


def test_the_largest_file_is_refused_before_it_is_read(tmp_path):
    path = tmp_path / "huge.cer"
    with path.open("wb") as stream:
        stream.truncate(files.MAX_SIZE + 1)
    with pytest.raises(InputError, match=r"huge\.cer"):
        inspecting.inspect(path)
