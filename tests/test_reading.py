"""Reading: however a thing is wrapped and labelled, every reader says the same."""

from __future__ import annotations

import base64
import io
import json
import time
import unicodedata
import zipfile
from datetime import UTC, datetime
from functools import cache

import forge
import pytest
from asn1crypto import algos, cms
from asn1crypto import pkcs12 as asn1_pkcs12
from cryptography import x509
from cryptography.hazmat.primitives import hashes, hmac
from cryptography.hazmat.primitives.kdf.pbkdf2 import PBKDF2HMAC
from cryptography.hazmat.primitives.serialization import (
    BestAvailableEncryption,
    Encoding,
    NoEncryption,
    PrivateFormat,
    PublicFormat,
    load_pem_private_key,
    pkcs7,
    pkcs12,
)
from hypothesis import given
from hypothesis import strategies as st

from certlib import auditing, bundles, files, inspecting, keys, passphrases
from certlib.auditing.sources import DataSource
from certlib.bundles import Bundle, choosing, foreign, formats, pem, reading
from certlib.errors import CertlibError, EncodingError, InputError, PassphraseError
from certlib.keys import KeyKind
from certlib.requesting import answers
from certlib.rules import Context
from certlib.summaries import Kind

SECRET = "secrèt"
DER, PKCS8 = Encoding.DER, PrivateFormat.PKCS8


def request() -> x509.CertificateSigningRequest:
    builder = x509.CertificateSigningRequestBuilder().subject_name(forge.x500(CN="r"))
    return builder.sign(forge.key(), hashes.SHA256())


def revoked() -> bytes:
    ca = forge.ca()
    builder = (
        x509.CertificateRevocationListBuilder()
        .issuer_name(ca.leaf.subject)
        .last_update(forge.AT)
        .next_update(forge.AT + forge.DAY)
    )
    return builder.sign(ca.private_key, hashes.SHA256()).public_bytes(DER)


@cache
def things() -> dict[str, tuple[bytes, str]]:
    """Return each kind of thing in DER, and the label that it should have."""
    key, curve = forge.key(), forge.key(kind=KeyKind.ECDSA_P256)
    chain = forge.chain()
    locked = BestAvailableEncryption(SECRET.encode())
    old = PrivateFormat.TraditionalOpenSSL
    return {
        "certificate": (forge.der(chain), "CERTIFICATE"),
        "request": (request().public_bytes(DER), "CERTIFICATE REQUEST"),
        "P7B": (chain.to_p7b(), "PKCS7"),
        "PFX": (chain.to_pfx(SECRET), "PKCS12"),
        "key": (key.private_bytes(DER, PKCS8, NoEncryption()), "PRIVATE KEY"),
        "encrypted key": (
            key.private_bytes(DER, PKCS8, locked),
            "ENCRYPTED PRIVATE KEY",
        ),
        "PKCS #1": (key.private_bytes(DER, old, NoEncryption()), "RSA PRIVATE KEY"),
        "SEC 1": (curve.private_bytes(DER, old, NoEncryption()), "EC PRIVATE KEY"),
        "CRL": (revoked(), "X509 CRL"),
        "public key": (
            key.public_key().public_bytes(DER, PublicFormat.SubjectPublicKeyInfo),
            "PUBLIC KEY",
        ),
    }


LABELS = sorted({label for _, label in things().values()} | {"CMS", "X509 CERTIFICATE"})
ENCODINGS = ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "cp1252"]
ENDS = ["\n", "\r\n", "\r", "\\n", " \n", "\n\n"]
WRAPPINGS = {
    "plain": lambda text: text,
    "quoted": lambda text: text.replace("\n", "\n> "),
    "quoted twice": lambda text: "> > " + text.replace("\n", "\n>> "),
    "indented": lambda text: text.replace("\n", "\n\t  "),
    "in a letter": lambda text: f"Schöne Grüße\n\n{text}\nder Aussteller\n",
    "unseen": lambda text: text.replace("BEGIN ", "BEGIN\u00a0").replace(
        "-----BEGIN", "\u200b-----BEGIN\u200d"
    ),
    "dashes": lambda text: text.replace("-----BEGIN", "—–-BEGIN").replace(
        "-----END", "——-END"
    ),
    "a mark": lambda text: "\u202a" + text,
    "JSON": lambda text: json.dumps({"it": text}),
    "a comment": lambda text: (
        "# from -----BEGIN CERTIFICATE----- and to -----END CERTIFICATE-----\n" + text
    ),
}
NEEDS_UNICODE = {"unseen", "a mark"}
TAILS = [b"", b"\n", b"\r\n\r\n", b"\0\0", b"\x1a"]


def armoured(der: bytes, label: str, *, width: int = 64, end: str = "\n") -> str:
    text = base64.b64encode(der).decode()
    lines = [text[at : at + width] for at in range(0, len(text), width)]
    return end.join([f"-----BEGIN {label}-----", *lines, f"-----END {label}-----", ""])


def encoded(text: str, encoding: str) -> bytes:
    data = text.encode(encoding, "replace")
    return data


def said(data: bytes) -> tuple[object, ...]:
    """Return what the one reader finds in a file."""
    content = reading.read(data, (SECRET,))
    assert [] == [str(error) for error in content.refused if content.certificates]
    return (
        [one.public_bytes(DER) for one in content.certificates],
        [key.private_numbers() for key in content.private_keys],
        [one.public_bytes(DER) for one in content.requests],
        content.others,
        content.is_pfx,
    )


def told(read) -> object:
    """Return what a reader that uses a file makes of it, or that it refuses."""
    try:
        return read()
    except CertlibError as error:
        return type(error)


def of_all(data: bytes) -> list[object]:
    """Return what each face makes of the bytes of a file."""
    context = Context(at=forge.AT)
    inspected = told(lambda: inspecting.inspect(data, passphrase=SECRET))
    joined = told(lambda: answers.read([data]))
    imported = told(lambda: repr(Bundle.from_bytes(data, passphrase=SECRET)))
    audited = [
        (one.summary.kind, one.summary.sha256, [f.rule for f in one.findings])
        for one in auditing.audit([DataSource(lambda: data, "a", (SECRET,))], context)
    ]
    return [inspected, joined, imported, audited]


@cache
def plainly(name: str) -> tuple[tuple[object, ...], list[object]]:
    der, _ = things()[name]
    return said(der), of_all(der)


@given(
    st.sampled_from(sorted(things())),
    st.sampled_from(LABELS),
    st.sampled_from(ENCODINGS),
    st.sampled_from(ENDS),
    st.sampled_from(sorted(WRAPPINGS)),
    st.sampled_from([64, 76, 100_000]),
)
def test_wrappings_of_pem_change_nothing(name, label, encoding, end, wrapping, width):
    if encoding == "cp1252" and wrapping in NEEDS_UNICODE:
        encoding = "utf-8"
    text = WRAPPINGS[wrapping](armoured(things()[name][0], label, width=width))
    data = encoded(text.replace("\n", end), encoding)
    assert plainly(name)[0] == said(data)


@pytest.mark.parametrize("name", sorted(things()))
@pytest.mark.parametrize("encoding", ["utf-8", "utf-16"])
def test_every_face_says_the_same(name, encoding):
    der = things()[name][0]
    for label in ("CERTIFICATE", things()[name][1]):
        data = encoded(armoured(der, label), encoding)
        assert plainly(name)[1] == of_all(data)
    assert plainly(name)[1] == of_all(base64.b64encode(der))
    assert plainly(name)[1] == of_all(der + b"\r\n")


@given(
    st.sampled_from(sorted(things())),
    st.sampled_from(ENCODINGS),
    st.sampled_from(["", "\n", "\r\n", "\r"]),
    st.sampled_from(["", '"', "data:application/x-pkcs12;base64,"]),
)
def test_base64_without_lines_around_it_is_read(name, encoding, end, before):
    text = base64.b64encode(things()[name][0]).decode()
    wrapped = end.join(text[at : at + 64] for at in range(0, len(text), 64))
    data = encoded(before + wrapped + end + before[:1].strip("d"), encoding)
    assert plainly(name)[0] == said(data)


@given(st.sampled_from(sorted(things())), st.sampled_from(TAILS))
def test_a_tail_changes_nothing(name, tail):
    assert plainly(name)[0] == said(things()[name][0] + tail)


def test_base64_of_a_pem_text_is_read():
    # As a secret of Kubernetes holds it.
    text = armoured(things()["certificate"][0], "CERTIFICATE")
    assert plainly("certificate")[0] == said(base64.b64encode(text.encode()))


def test_der_certificates_one_after_the_other_are_all_read():
    chain = forge.chain()
    data = b"".join(one.public_bytes(DER) for one in chain.certificates)
    assert list(chain.certificates) == reading.read(data).certificates


# Torn


def torn():
    text = armoured(things()["certificate"][0], "CERTIFICATE")
    return {
        "no end": text.rpartition("-----END")[0],
        "no begin": text.partition("-----\n")[2],
        "cut": text[: len(text) // 2],
        "four hyphens": text.replace("-----BEGIN", "----BEGIN"),
        "four at the end": text.replace("E-----\n", "E----\n", 1),
        "another end": text.replace("END CERTIFICATE", "END PKCS7"),
        "cut inside": text.replace(text[200:460], ""),
    }


@pytest.mark.parametrize("name", torn())
@pytest.mark.parametrize("first", [True, False])
def test_a_torn_block_beside_a_good_one_is_a_finding(name, first):
    good = forge.leaf()
    parts = [good.leaf.public_bytes(Encoding.PEM).decode(), torn()[name]]
    data = "\n".join(parts if first else reversed(parts)).encode()
    context = Context(at=forge.AT)
    found = list(auditing.audit([DataSource(lambda: data, "a.pem")], context))
    assert good.thumbprint in {one.summary.thumbprint for one in found}
    rules = {finding.rule for one in found for finding in one.findings}
    assert "cannot-be-read" in rules
    with pytest.raises(EncodingError):
        Bundle.from_bytes(data)


@pytest.mark.parametrize("name", torn())
def test_advice_on_a_torn_block_speaks_of_the_file(name):
    with pytest.raises(EncodingError) as caught:
        inspecting.read(torn()[name].encode())
    assert "RFC 5280" not in str(caught.value)
    assert "again" in caught.value.fix


# What is not read


def archive():
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w") as packed:
        packed.writestr("server.cer", forge.der(forge.leaf()))
    return stream.getvalue()


FOREIGN = {
    "JKS": (b"\xfe\xed\xfe\xed\0\0\0\2", "keytool -importkeystore"),
    "JCEKS": (b"\xce\xce\xce\xce\0\0\0\2", "-srcstoretype JCEKS"),
    "PVK": (b"\x1e\xf1\xb5\xb0" + bytes(40), "openssl rsa -inform PVK"),
    "OpenSSH": (
        forge.key().private_bytes(Encoding.PEM, PrivateFormat.OpenSSH, NoEncryption()),
        "ssh-keygen -p -m PKCS8",
    ),
    "PGP": (b"-----BEGIN PGP MESSAGE-----\n\nAAAA\n-----END PGP MESSAGE-----", "gpg"),
    "ZIP": (archive(), "Expand-Archive"),
    "HTML": (b"\xef\xbb\xbf\r\n<!DOCTYPE html><html>Log in</html>", "login"),
    "HTML in UTF-16": ("<html><body>".encode("utf-16"), "login"),
    "ssh-rsa": (b"ssh-rsa AAAAB3NzaC1yc2E me", "ssh-keygen"),
    "PuTTY": (b"PuTTY-User-Key-File-3: ssh-rsa", "puttygen"),
    "SQLite": (b"SQLite format 3\0" + bytes(80), "pk12util"),
    "mail": (b"Received: from a\r\nSubject: certificate\r\n", "attached"),
}


@pytest.mark.parametrize("name", FOREIGN)
def test_what_is_not_read_is_named_with_what_converts_it(name):
    data, line = FOREIGN[name]
    with pytest.raises(EncodingError) as caught:
        inspecting.read(data, origin="mine.cer")
    assert line in caught.value.fix
    assert "RFC 5280" not in caught.value.fix
    assert "mine.cer is" in caught.value.message


def test_an_archive_says_what_is_in_it():
    with pytest.raises(EncodingError, match=r"a ZIP archive with server\.cer"):
        inspecting.read(archive())


def test_a_file_with_an_odd_name_stands_in_no_command():
    odd = foreign.refused(foreign.JKS, "a; rm -rf.jks")
    assert "-srckeystore FILE" in odd.fix


@given(st.binary(max_size=300))
def test_no_bytes_stop_the_reader(data):
    content = reading.read(data)
    assert not content.is_empty


@pytest.mark.timeout(60)
@pytest.mark.parametrize(
    "data",
    [
        b"-" * files.MAX_SIZE,
        b"-----BEGIN " * (files.MAX_SIZE // 11),
        b"-----BEGIN A-----\n" * (files.MAX_SIZE // 18),
        b"A" * files.MAX_SIZE,
        b"\n> " * (files.MAX_SIZE // 3),
        "—".encode() * (files.MAX_SIZE // 3),
        b"\x30\x80" * (files.MAX_SIZE // 2),
        b"PK\x03\x04" + bytes(files.MAX_SIZE - 4),
        b"\\n" * (files.MAX_SIZE // 2) + b"BEGIN",
    ],
    ids=["hyphens", "begins", "torn", "letters", "quotes", "dashes", "ber", "zip", "n"],
)
def test_reading_takes_time_in_proportion(data):
    start = time.process_time()
    assert reading.read(data).refused
    assert time.process_time() - start < 20
