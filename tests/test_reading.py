"""Reading: however a thing is wrapped and labelled, every reader says the same."""

from __future__ import annotations

import base64
import io
import json
import time
import unicodedata
import zipfile
from functools import cache, partial
from urllib.parse import quote

import forge
import pytest
from asn1crypto import algos, cms, core, parser
from asn1crypto import keys as asn1_keys
from asn1crypto import pkcs12 as asn1_pkcs12
from cryptography import x509
from cryptography.hazmat.primitives import hashes, hmac
from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes
from cryptography.hazmat.primitives.kdf.pbkdf2 import PBKDF2HMAC
from cryptography.hazmat.primitives.kdf.scrypt import Scrypt
from cryptography.hazmat.primitives.serialization import (
    BestAvailableEncryption,
    Encoding,
    NoEncryption,
    PrivateFormat,
    PublicFormat,
)
from cryptography.x509 import ocsp
from hypothesis import given
from hypothesis import strategies as st

from certlib import auditing, bundles, files, inspecting, keys, summaries, texts
from certlib.auditing.sources import DataSource
from certlib.bundles import Bundle, choosing, foreign, formats, reading
from certlib.errors import CertlibError, EncodingError, InputError, PassphraseError
from certlib.keys import KeyKind, passphrases
from certlib.reports.board.session import Session
from certlib.reports.board.wishes import Wish
from certlib.requesting import answers
from certlib.rules import Context
from certlib.stores import practice_machine
from certlib.widgets import documents
from certlib.widgets.inspecting import InspectingForm

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


def answered() -> bytes:
    ca = forge.ca()
    leaf = forge.leaf(issuer=ca)
    status = ocsp.OCSPCertStatus.GOOD
    builder = (
        ocsp.OCSPResponseBuilder()
        .add_response(
            leaf.leaf, ca.leaf, hashes.SHA256(), status, forge.AT, None, None, None
        )
        .responder_id(ocsp.OCSPResponderEncoding.HASH, ca.leaf)
    )
    return builder.sign(ca.private_key, hashes.SHA256()).public_bytes(DER)


TRUSTED_FOR_SERVERS = bytes.fromhex("300c300a06082b06010505070301")
"""What OpenSSL writes after the certificate (x509 -trustout -addtrust serverAuth)."""


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
        "OCSP": (answered(), "OCSP RESPONSE"),
        "trusted": (forge.der(chain) + TRUSTED_FOR_SERVERS, "TRUSTED CERTIFICATE"),
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
    "a page": lambda text: f"<!DOCTYPE html><p class='x'>{text}</p>".replace(
        "\n", "<br />\n"
    ),
    "a page's signs": lambda text: text.replace("+", "&#43;").replace("/", "&#x2F;"),
    "a header": lambda text: quote(text, safe=""),
    "JSON": lambda text: json.dumps({"it": text}),
    "a comment": lambda text: (
        "# from -----BEGIN CERTIFICATE----- and to -----END CERTIFICATE-----\n" + text
    ),
}
NEEDS_UNICODE = {"unseen", "a mark"}
FRONTS = [b"", b"\xef\xbb\xbf", b"\r\n", b"\0"]
TAILS = [b"", b"\n", b"\r\n\r\n", b"\0\0", b"\x1a"]


def armoured(der: bytes, label: str, *, width: int = 64, end: str = "\n") -> str:
    text = base64.b64encode(der).decode()
    lines = [text[at : at + width] for at in range(0, len(text), width)]
    return end.join([f"-----BEGIN {label}-----", *lines, f"-----END {label}-----", ""])


def encoded(text: str, encoding: str) -> bytes:
    return text.encode(encoding, "replace")


def said(data: bytes) -> tuple[object, ...]:
    """Return what the one reader finds in a file."""
    content = reading.read(data, (SECRET,))
    return (
        [type(error) for error in content.refused],
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
    source = DataSource(lambda: data, "a", (SECRET,))
    audited = judged(auditing.audit([source], context))
    return [inspected, joined, imported, audited]


def judged(found) -> list[tuple[object, ...]]:
    return [
        (one.summary.kind, one.summary.sha256, [f.rule for f in one.findings])
        for one in found
    ]


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
    st.sampled_from(["", '"', "> ", "data:application/x-pkcs12;base64,"]),
)
def test_base64_without_lines_around_it_is_read(name, encoding, end, before):
    text = base64.b64encode(things()[name][0]).decode()
    wrapped = end.join(text[at : at + 64] for at in range(0, len(text), 64))
    if before == "> " and end:  # as mail quotes each line
        wrapped = wrapped.replace(end, f"{end}> ")
    data = encoded(before + wrapped + end + before[:1].strip("d>"), encoding)
    assert plainly(name)[0] == said(data)


PASTES = {
    "PEM": lambda der, label: armoured(der, label),
    "base64 in lines": lambda der, label: base64.encodebytes(der).decode(),
    "base64 on one line": lambda der, label: base64.b64encode(der).decode(),
    "base64url": lambda der, label: base64.urlsafe_b64encode(der).decode().rstrip("="),
    "base64 of PEM": lambda der, label: base64.b64encode(
        armoured(der, label).encode()
    ).decode(),
    "a URL of data": lambda der, label: (
        f"data:application/pkix-cert;base64,{base64.b64encode(der).decode()}"
    ),
    "with blanks around": lambda der, label: (
        f"\n \u200b{base64.b64encode(der).decode()}  \n"
    ),
}


@pytest.mark.parametrize("name", sorted(things()))
@pytest.mark.parametrize("paste", PASTES)
def test_what_is_pasted_is_the_same_everywhere(name, paste, tmp_path):
    der, label = things()[name]
    text = PASTES[paste](der, label)
    _, joined, imported, audited = plainly(name)[1]
    machine = practice_machine(tmp_path)
    source = auditing.source(text, machine, passphrases=[SECRET])
    assert audited == judged(auditing.audit([source], Context(at=forge.AT)))
    board = Session(machine, tmp_path / "accepted.toml", passphrases=(SECRET,))
    seen = board.audit(Wish(paths=tuple(text.splitlines()), environment="test"))
    places = {place.partition(" #")[0] for one in seen for place in one.places}
    assert (len(audited), {"pasted text"}) == (len(seen), places)
    form = InspectingForm("", at=forge.AT)
    (found,) = documents.given(form.fields, {"upload": (), "path": text}, "path")
    assert joined == told(lambda: answers.read([found.source]))
    read = told(lambda: repr(Bundle.from_bytes(found.source, passphrase=SECRET)))
    assert imported == read


@given(
    st.sampled_from(sorted(things())), st.sampled_from(FRONTS), st.sampled_from(TAILS)
)
def test_what_stands_around_changes_nothing(name, front, tail):
    assert plainly(name)[0] == said(front + things()[name][0] + tail)


def test_base64_of_a_pem_text_is_read():
    # As a secret of Kubernetes holds it.
    text = armoured(things()["certificate"][0], "CERTIFICATE")
    assert plainly("certificate")[0] == said(base64.b64encode(text.encode()))


def test_what_is_joined_to_a_certificate_in_der_is_read_or_told():
    chain = forge.chain()
    der, issuer = forge.der(chain), chain.chain[0]
    key = chain.private_key.private_bytes(DER, PKCS8, NoEncryption())
    for joined in (der + key, key + der):
        content = reading.read(joined)
        assert ([chain.leaf], 1) == (content.certificates, len(content.private_keys))
    pem = issuer.public_bytes(Encoding.PEM)
    assert [chain.leaf, issuer] == reading.read(der + b"\r\n" + pem).certificates
    (told,) = reading.read(der + b"what is this?").remarked
    assert "a piece in DER with 13 bytes behind it" in told.message


def test_der_beside_pem_is_read_or_told():
    made = [forge.leaf(serial_number=number).leaf for number in range(11, 15)]
    ways = [(DER, Encoding.PEM), (Encoding.PEM, DER)]
    for first, second in ways:
        data = b"".join(
            one.public_bytes((first, second)[number % 2])
            for number, one in enumerate(made)
        )
        assert set(made) == set(reading.read(data).certificates)
    pem = made[0].public_bytes(Encoding.PEM)
    (told,) = reading.read(pem + made[1].public_bytes(DER)[:-9]).remarked
    assert "bytes behind it" in told.message
    for harmless in (b"\0" * 50, "0 s:CN=Ü\nIssued to Ümit".encode(), b"\x1a"):
        content = reading.read(pem + harmless + pem)
        assert ([], []) == (content.refused, content.remarked)


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


@pytest.mark.parametrize("name", ["no end", "cut", "cut inside"])
def test_what_is_left_of_a_torn_file_is_inspected_and_the_rest_told(name):
    good = forge.leaf()
    data = good.leaf.public_bytes(Encoding.PEM) + torn()[name].encode()
    opened = inspecting.open_file(data, origin="a.pem")
    assert good.leaf == opened.thing.leaf
    assert ["a.pem holds"] == [told.message[:11] for told in opened.told]


TAILS = {
    "another value": (b"\x05\x00", True),
    "text": (b"hello", True),
    "a torn value": (b"\x30\x82\x03\x00", True),
    "settings": (TRUSTED_FOR_SERVERS, False),
    "an end of line": (b"\r\n", False),
    "zeros": (bytes(16), False),
    "nothing": (b"", False),
}


@pytest.mark.parametrize("label", ["CERTIFICATE", "X509 CERTIFICATE"])
@pytest.mark.parametrize("name", TAILS)
def test_bytes_behind_a_certificate_in_pem_are_a_finding(name, label):
    good, (tail, told) = forge.leaf(), TAILS[name]
    data = armoured(good.to_der() + tail, label).encode()
    found = list(auditing.audit([DataSource(lambda: data, "a.pem")], Context(forge.AT)))
    rules = {finding.rule for one in found for finding in one.findings}
    assert good.thumbprint in {one.summary.thumbprint for one in found}
    assert told is ("cannot-be-read" in rules)
    assert told is bool(inspecting.open_file(data).told)
    assert good.leaf == Bundle.from_bytes(data).leaf


# Certificates that the library refuses


def test_every_face_says_the_same_of_a_certificate_that_is_refused():
    der = forge.unparsable()
    context = Context(at=forge.AT)
    (audited,) = auditing.audit([DataSource(lambda: der, "a.cer")], context)
    opened = inspecting.open_file(der)
    assert audited.summary == inspecting.summarize(opened.thing)
    view = inspecting.view(opened.thing, at=forge.AT)
    (problem,) = audited.summary.problems
    assert problem.reason in view.general.trouble
    assert problem.reason in opened.thing.error.message
    assert audited.summary.thumbprint.lower() == view.field("Thumbprint").value
    assert audited.summary.subject == view.field("Subject").value
    for use in (Bundle.from_bytes, lambda data: answers.read([data])):
        with pytest.raises(EncodingError) as refused:
            use(der)
        assert problem.reason in refused.value.message


def test_a_refused_certificate_beside_its_issuer_is_what_the_file_is_about():
    odd, ca = forge.unparsable(), forge.ca()
    data = ca.leaf.public_bytes(DER) + odd
    assert odd == inspecting.read(data).der
    assert ca.leaf == inspecting.read(data, thumbprint=ca.thumbprint).leaf


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
    "hexadecimal": (forge.leaf().to_der().hex().encode(), "-decodehex"),
    "hexadecimal in columns": (
        b"0000\t30 82 03 1f 30 82 02 07  a0 03 02 01 02 02 14 33   0...0...\n",
        "-decodehex",
    ),
    "dump": (b"00000000: 3082 0327 3082 020f a003 0201 0202 147a", "-decodehex"),
    "Kubernetes": (b"apiVersion: v1\nkind: Secret\n", "kubectl get secret"),
    "JSON": (b'{"x5c": ["MIID"]}', "as a file of its own"),
    "gzip": (b"\x1f\x8b\x08\x08" + bytes(20), "gzip -dk"),
    "shortcut": (b"[InternetShortcut]\r\nURL=https://x\r\n", "leads to"),
    "picture": (b"\x89PNG\r\n\x1a\n" + bytes(20), "the file itself"),
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


def test_what_holds_no_certificate_is_no_root(tmp_path):
    path = tmp_path / "a.key"
    path.write_bytes(things()["key"][0])
    with pytest.raises(EncodingError, match=r"a\.key holds no certificate"):
        formats.read_certificates(path)


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


# Several keys in a PFX file


def pfx_of(*together: Bundle, passphrase: str = "one") -> bytes:
    """Return one PFX file with all of them and their keys (RFC 7292)."""
    protection = bundles.PfxProtection.TRIPLE_DES
    parts = [
        asn1_pkcs12.Pfx.load(one.to_pfx(passphrase, protection=protection))
        for one in together
    ]
    safes = [safe for part in parts for safe in part.authenticated_safe]
    inner = asn1_pkcs12.AuthenticatedSafe(safes).dump()
    mac = parts[0]["mac_data"]
    salt, rounds = mac["mac_salt"].native, mac["iterations"].native
    key = mac_key(passphrase, salt, rounds)
    signer = hmac.HMAC(key, hashes.SHA1())  # as old files have it
    signer.update(inner)
    digest = asn1_pkcs12.DigestInfo(
        {
            "digest_algorithm": algos.DigestAlgorithm({"algorithm": "sha1"}),
            "digest": signer.finalize(),
        }
    )
    return asn1_pkcs12.Pfx(
        {
            "version": "v3",
            "auth_safe": {"content_type": "data", "content": inner},
            "mac_data": {"mac": digest, "mac_salt": salt, "iterations": rounds},
        }
    ).dump()


def mac_key(passphrase: str, salt: bytes, rounds: int) -> bytes:
    """Return the key of a PFX file's MAC (RFC 7292 appendix B.2, one block)."""

    def filled(text: bytes) -> bytes:
        size = -(-len(text) // 64) * 64
        return (text * (size // len(text) + 1))[:size]

    text = b"\3" * 64 + filled(salt) + filled(passphrase.encode("utf-16-be") + b"\0\0")
    for _ in range(rounds):
        digest = hashes.Hash(hashes.SHA1())
        digest.update(text)
        text = digest.finalize()
    return text


def server(number: int, name: str, **overrides) -> Bundle:
    return forge.leaf(
        private_key=forge.key(number), common_name=name, san=[name], **overrides
    )


def test_all_pairs_of_a_pfx_file_are_seen():
    one, two = server(0, "a.example.com"), server(1, "b.example.com")
    data = pfx_of(one, two)
    content = reading.read(data, ("one",))
    assert [one.leaf, two.leaf] == content.certificates
    numbers = [key.private_numbers() for key in content.private_keys]
    assert [b.private_key.private_numbers() for b in (one, two)] == numbers

    context = Context(at=forge.AT, practice=True)
    found = auditing.audit([DataSource(lambda: data, "a.pfx", ("one",))], context)
    assert [True, True] == [result.summary.private_key for result in found]


def sealed(word: str, *items: asn1_pkcs12.SafeBag) -> cms.ContentInfo:
    """Return a part of a PFX file that is encrypted as a whole (RFC 7292, 4.1)."""
    plain = asn1_pkcs12.SafeContents(list(items)).dump()
    salt, vector, rounds = b"s" * 16, b"v" * 16, 2048
    key = PBKDF2HMAC(hashes.SHA256(), 32, salt, rounds).derive(word.encode())
    padding = 16 - len(plain) % 16
    cipher = Cipher(algorithms.AES(key), modes.CBC(vector)).encryptor()
    text = cipher.update(plain + bytes([padding]) * padding) + cipher.finalize()
    derivation = {
        "salt": algos.Pbkdf2Salt(name="specified", value=core.OctetString(salt)),
        "iteration_count": rounds,
        "prf": {"algorithm": "sha256"},
    }
    scheme = {
        "key_derivation_func": {"algorithm": "pbkdf2", "parameters": derivation},
        "encryption_scheme": {
            "algorithm": "aes256_cbc",
            "parameters": core.OctetString(vector),
        },
    }
    content = {
        "content_type": "data",
        "content_encryption_algorithm": {"algorithm": "pbes2", "parameters": scheme},
        "encrypted_content": text,
    }
    return cms.ContentInfo(
        {
            "content_type": "encrypted_data",
            "content": {"version": "v0", "encrypted_content_info": content},
        }
    )


def bag_of(key, word: str = "") -> asn1_pkcs12.SafeBag:
    """Return the bag of a key, plain or encrypted by itself."""
    if not word:
        plain = key.private_bytes(DER, PKCS8, NoEncryption())
        value = asn1_keys.PrivateKeyInfo.load(plain)
        return asn1_pkcs12.SafeBag({"bag_id": "key_bag", "bag_value": value})
    der = key.private_bytes(DER, PKCS8, BestAvailableEncryption(word.encode()))
    value = asn1_keys.EncryptedPrivateKeyInfo.load(der)
    kind = "pkcs8_shrouded_key_bag"
    return asn1_pkcs12.SafeBag({"bag_id": kind, "bag_value": value})


def outside(*items: asn1_pkcs12.SafeBag) -> cms.ContentInfo:
    contents = asn1_pkcs12.SafeContents(list(items)).dump()
    return cms.ContentInfo({"content_type": "data", "content": contents})


PARTS = {
    "each in a part": lambda a, b: [sealed("one", a()), sealed("one", b())],
    "both in one part": lambda a, b: [sealed("one", a(), b())],
    "both in one part, encrypted again": lambda a, b: [
        sealed("one", a("one"), b("one"))
    ],
    "one in a part, one outside": lambda a, b: [sealed("one", a()), outside(b("one"))],
    "one outside, one in a part": lambda a, b: [outside(a("one")), sealed("one", b())],
    "both outside": lambda a, b: [outside(a("one"), b("one"))],
}


@pytest.mark.parametrize("name", PARTS)
def test_keys_are_all_seen_in_whatever_part_they_lie(name):
    pair = (server(0, "a.example.com"), server(1, "b.example.com"))
    bags = [partial(bag_of, one.private_key) for one in pair]
    parts = PARTS[name](*bags)
    content = asn1_pkcs12.AuthenticatedSafe(parts).dump()
    safe = {"content_type": "data", "content": content}
    data = asn1_pkcs12.Pfx({"version": "v3", "auth_safe": safe}).dump()
    found = {key.private_numbers() for key in reading.read(data, ("one",)).private_keys}
    assert {one.private_key.private_numbers() for one in pair} == found


def test_of_two_servers_one_has_to_be_named():
    one, two = server(0, "a.example.com"), server(1, "b.example.com")
    content = formats.read(pfx_of(one, two), passphrase="one")
    with pytest.raises(InputError, match="2 certificates with their private keys") as e:
        bundles.of_content(content)
    assert one.thumbprint in e.value.message
    assert two.thumbprint in e.value.message
    named = bundles.of_content(content, thumbprint=two.thumbprint.lower())
    assert (two.leaf, (one.leaf,)) == (named.leaf, named.beside)
    assert named.private_key is not None
    with pytest.raises(InputError, match="has the thumbprint"):
        bundles.of_content(content, thumbprint="0" * 40)


@pytest.mark.parametrize("first", ["ca", "leaf"])
def test_an_authority_beside_a_server_is_not_meant(first):
    ca = forge.ca("Issuing")
    leaf = server(0, "a.example.com", issuer=ca)
    data = pfx_of(*((ca, leaf) if first == "ca" else (leaf, ca)))
    assert leaf.leaf == Bundle.from_bytes(data, passphrase="one").leaf


def test_of_a_certificate_and_its_renewal_the_newest_is_meant():
    old = server(0, "a.example.com", not_before=forge.AT - 365 * forge.DAY)
    new = server(1, "a.example.com")
    chosen = Bundle.from_bytes(pfx_of(new, old), passphrase="one")
    assert (new.leaf, (old.leaf,)) == (chosen.leaf, chosen.beside)
    longer = server(2, "a.example.com", validity=200 * forge.DAY)
    chosen = Bundle.from_bytes(pfx_of(longer, new), passphrase="one")
    assert longer.leaf == chosen.leaf


def test_what_openssl_signs_itself_is_a_server():
    # `openssl req -x509` says CA:TRUE of everything.
    own = summaries.of_certificate(forge.leaf(is_ca=True).leaf)
    ca = summaries.of_certificate(forge.ca().leaf)
    assert (False, True) == (choosing.is_authority(own), choosing.is_authority(ca))


@pytest.mark.timeout(60)
def test_very_many_keys_take_no_hours():
    key = forge.key().private_bytes(Encoding.PEM, PKCS8, NoEncryption())
    content = reading.read(key * 3000)
    assert content.refused
    assert len(content.private_keys) <= keys.MAX_IN_FILE


# Passphrases


WORD = "Müllerß"
OLD = {
    "bytes of UTF-8": WORD.encode().decode("latin-1"),
    "cp850": WORD.encode("cp850").decode("latin-1"),
    "decomposed": unicodedata.normalize("NFD", WORD),
}


@pytest.mark.parametrize("spelling", OLD)
def test_a_pfx_file_opens_as_older_programs_spelt_it(spelling):
    data = forge.leaf().to_pfx(OLD[spelling])
    assert Bundle.from_bytes(data, passphrase=WORD).private_key
    with pytest.raises(PassphraseError):
        Bundle.from_bytes(data, passphrase="Mullerss")


@pytest.mark.parametrize(
    "spelt",
    [
        WORD.encode("latin-1"),
        WORD.encode("cp850"),
        unicodedata.normalize("NFD", WORD).encode(),
    ],
)
@pytest.mark.parametrize("form", [PKCS8, PrivateFormat.TraditionalOpenSSL])
def test_a_key_opens_as_older_programs_spelt_it(spelt, form):
    data = forge.key().private_bytes(Encoding.PEM, form, BestAvailableEncryption(spelt))
    key = keys.read_private_key(data, WORD)
    assert forge.key().private_numbers() == key.private_numbers()
    with pytest.raises(PassphraseError):
        keys.read_private_key(data, "Mullerss")


def test_a_key_under_a_cipher_of_the_past_is_not_said_to_be_under_another_word():
    headers = "Proc-Type: 4,ENCRYPTED\nDEK-Info: DES-CBC,77BA1EC3EF3EDF16\n\n"
    begin = "-----BEGIN RSA PRIVATE KEY-----\n"
    text = armoured(b"12345678" * 32, "RSA PRIVATE KEY").replace(begin, begin + headers)
    with pytest.raises(EncodingError, match="encrypted in a way that is not read here"):
        keys.read_private_key(text.encode(), "right")


@pytest.mark.parametrize("page", ["cp1252", "cp850", "cp437"])
def test_a_passphrase_that_a_console_wrote_into_a_file_opens(page):
    written = texts.decoded(WORD.encode(page))
    assert Bundle.from_bytes(forge.leaf().to_pfx(WORD), passphrase=written).private_key
    locked = BestAvailableEncryption(WORD.encode())
    data = forge.key().private_bytes(Encoding.PEM, PKCS8, locked)
    assert keys.read_private_key(data, written)


@pytest.mark.parametrize(
    ("passphrase", "expected"),
    [
        ("word ", "a blank"),
        ("\u00a0word", "a blank"),
        ('"word"', "a quotation mark"),
        ("„word“", "a quotation mark"),
        ("word", ""),
        ("", ""),
    ],
)
def test_edges_of_a_passphrase_are_doubted(passphrase, expected):
    assert expected in passphrases.doubt(passphrase)
    if passphrase:
        with pytest.raises(PassphraseError) as caught:
            Bundle.from_bytes(forge.leaf().to_pfx("right"), passphrase=passphrase)
        assert ("which may not belong" in caught.value.fix) is bool(expected)


@given(st.text(min_size=1, max_size=20).filter(lambda text: text.isprintable()))
def test_the_passphrase_itself_is_tried_first(passphrase):
    for spellings in (passphrases.of_key(passphrase), passphrases.of_pfx(passphrase)):
        assert passphrase.encode() == spellings[0]
        assert len(spellings) < 40


def test_spellings_are_tried_only_as_long_as_it_is_bearable():
    spellings = passphrases.of_pfx(WORD)
    assert spellings[:1] == passphrases.bearable(spellings, 9_000_000)
    assert spellings == passphrases.bearable(spellings, 2000)


def sequence(*parts: bytes) -> bytes:
    return parser.emit(0, 1, 16, b"".join(parts))


def called(oid: str, parameters: bytes) -> bytes:
    return sequence(core.ObjectIdentifier(oid).dump(), parameters)


def with_pbmac1(rounds: int) -> bytes:
    """Return a PFX file with the MAC of RFC 9579, as OpenSSL writes it from 3.4 on."""
    pfx = asn1_pkcs12.Pfx.load(forge.leaf().to_pfx(SECRET))
    with_sha256 = called("1.2.840.113549.2.9", core.Null().dump())
    numbers = core.Integer(rounds).dump() + core.Integer(32).dump()
    salt = core.OctetString(b"8 bytes.").dump()
    derived = called("1.2.840.113549.1.5.12", sequence(salt + numbers, with_sha256))
    algorithm = called("1.2.840.113549.1.5.14", sequence(derived, with_sha256))
    key = PBKDF2HMAC(hashes.SHA256(), 32, b"8 bytes.", min(rounds, 2000))
    mac = hmac.HMAC(key.derive(SECRET.encode()), hashes.SHA256())
    mac.update(pfx["auth_safe"]["content"].native)
    digest = sequence(algorithm, core.OctetString(mac.finalize()).dump())
    unused = core.OctetString(b"unused").dump() + core.Integer(1).dump()
    return sequence(
        core.Integer(3).dump(), pfx["auth_safe"].dump(), sequence(digest, unused)
    )


@pytest.mark.timeout(20)
def test_the_rounds_of_a_modern_mac_are_read_before_any_work():
    assert reading.read(with_pbmac1(2000), (SECRET,)).private_keys
    (refused,) = reading.read(with_pbmac1(2**31 - 1), (SECRET,)).refused
    assert "would take 2,147,483,647 rounds" in refused.message


def locked_by_scrypt(n: int, p: int) -> bytes:
    """Return a key as `openssl pkcs8 -topk8 -scrypt` writes it (RFC 7914 section 7)."""
    salt = core.OctetString(b"8 bytes.").dump()
    costs = sequence(salt, *(core.Integer(one).dump() for one in (n, 8, p)))
    first = core.OctetString(b"16 bytes: the IV").dump()
    with_ = sequence(
        called("1.3.6.1.4.1.11591.4.11", costs),
        called("2.16.840.1.101.3.4.1.42", first),
    )
    plain = things()["key"][0]
    secret = Scrypt(b"8 bytes.", 32, min(n, 1024), 8, min(p, 1)).derive(SECRET.encode())
    cipher = Cipher(algorithms.AES(secret), modes.CBC(b"16 bytes: the IV")).encryptor()
    gap = 16 - len(plain) % 16
    content = cipher.update(plain + bytes([gap]) * gap) + cipher.finalize()
    algorithm = called("1.2.840.113549.1.5.13", with_)
    return sequence(algorithm, core.OctetString(content).dump())


@pytest.mark.timeout(20)
@pytest.mark.parametrize(("n", "p"), [(1024, 2**20), (2**26, 1), (2**40, 2**30)])
def test_the_cost_of_scrypt_is_read_before_any_work(n, p):
    (refused,) = reading.read(locked_by_scrypt(n, p), (SECRET,)).refused
    assert f"would take {8 * 8 * n * p:,} rounds" in refused.message


def test_a_key_that_scrypt_protects_is_protected():
    content = reading.read(locked_by_scrypt(1024, 1), (SECRET,))
    assert (1, set()) == (len(content.private_keys), content.unprotected)


@pytest.mark.timeout(20)
def test_rounds_are_read_before_any_work_however_the_key_is_wrapped():
    der = things()["encrypted key"][0]
    endless = asn1_keys.EncryptedPrivateKeyInfo.load(der)
    derivation = endless["encryption_algorithm"]["parameters"]["key_derivation_func"]
    derivation["parameters"]["iteration_count"] = 2**31 - 1
    data = endless.dump(force=True)
    for wrapped in (data, armoured(data, "RSA PRIVATE KEY").encode("utf-16")):
        (refused,) = reading.read(wrapped, (WORD,)).refused
        assert "2,147,483,647 rounds" in refused.message
