"""Interoperation: what is made here is taken by others, and the other way round."""

from __future__ import annotations

import subprocess
from functools import cache
from pathlib import Path

import forge
import pytest
from components import require
from cryptography.hazmat.primitives.serialization import Encoding

from certlib import creating
from certlib.bundles import Bundle, PfxProtection
from certlib.keys import KeyKind
from certlib.specs import CertificateSpec

ASCII = "correct horse"
UNICODE = "Pässwörd Ω \U0001f511"
FRIENDLY = "Xtract Universal"


@cache
def chain(kind: KeyKind = KeyKind.RSA_2048) -> Bundle:
    return forge.chain(private_key=forge.key(kind=kind), friendly_name=FRIENDLY)


def run(*command: str | Path, folder: Path) -> str:
    """Run a program to its good end and return what it says."""
    done = subprocess.run(
        [str(word) for word in command],
        cwd=folder,
        env={"PATH": "/usr/bin:/bin", "HOME": str(folder), "LC_ALL": "C.UTF-8"},
        capture_output=True,
        encoding="utf-8",
        errors="replace",
        timeout=120,
        check=False,
    )
    assert 0 == done.returncode, done.stdout + done.stderr
    return done.stdout + done.stderr


def passphrase_file(folder: Path, passphrase: str) -> Path:
    path = folder / "passphrase"
    path.write_text(passphrase, encoding="utf-8")
    return path


def has_certificates_of(bundle: Bundle, text: str) -> bool:
    """Tell whether a program has printed all the bundle's certificates as PEM."""
    return all(
        certificate.public_bytes(Encoding.PEM).decode().strip() in text
        for certificate in bundle.certificates
    )


@pytest.mark.parametrize("kind", KeyKind)
def test_openssl_verifies_a_certificate_made_here(
    kind: KeyKind, tmp_path: Path
) -> None:
    openssl = require("openssl")
    spec = CertificateSpec(
        ("server.example.com", "*.example.org", "192.0.2.1", "2001:db8::1"),
        key_kind=kind,
    )
    creating.create(spec, at=forge.AT).write(tmp_path / "server.cer")
    run(openssl, "x509", "-in", "server.cer", "-out", "server.pem", folder=tmp_path)
    verify = [
        *(openssl, "verify", "-x509_strict", "-purpose", "sslserver"),
        *("-attime", str(int(forge.AT.timestamp())), "-CAfile", "server.pem"),
    ]
    for name in ("server.example.com", "any.example.org"):
        told = run(*verify, "-verify_hostname", name, "server.pem", folder=tmp_path)
        assert "server.pem: OK" in told
    for address in ("192.0.2.1", "2001:db8::1"):
        told = run(*verify, "-verify_ip", address, "server.pem", folder=tmp_path)
        assert "server.pem: OK" in told


@pytest.mark.parametrize("passphrase", [ASCII, UNICODE])
@pytest.mark.parametrize("protection", PfxProtection)
@pytest.mark.parametrize("kind", [KeyKind.RSA_2048, KeyKind.ECDSA_P256])
def test_openssl_reads_a_pfx_written_here(
    kind: KeyKind, protection: PfxProtection, passphrase: str, tmp_path: Path
) -> None:
    openssl = require("openssl")
    bundle = chain(kind)
    bundle.write(tmp_path / "a.pfx", passphrase=passphrase, protection=protection)
    secret = passphrase_file(tmp_path, passphrase)
    told = run(
        *(openssl, "pkcs12", "-in", "a.pfx", "-nodes", "-passin", f"file:{secret}"),
        folder=tmp_path,
    )
    assert has_certificates_of(bundle, told)
    assert "-----BEGIN PRIVATE KEY-----" in told
    assert f"friendlyName: {FRIENDLY}" in told
    again = Bundle.from_bytes(told.encode())
    assert bundle.certificates == again.certificates


def test_openssl_tells_how_each_pfx_is_protected(tmp_path: Path) -> None:
    openssl = require("openssl")
    secret = passphrase_file(tmp_path, ASCII)
    expected = {
        PfxProtection.AES_256: ("MAC: sha256", "AES-256-CBC"),
        PfxProtection.TRIPLE_DES: ("MAC: sha1", "pbeWithSHA1And3-KeyTripleDES-CBC"),
    }
    for protection, (mac, cipher) in expected.items():
        path = tmp_path / f"{protection}.pfx"
        chain().write(path, passphrase=ASCII, protection=protection)
        told = run(
            *(openssl, "pkcs12", "-in", path, "-info", "-noout"),
            *("-passin", f"file:{secret}"),
            folder=tmp_path,
        )
        assert mac in told
        assert cipher in told


@pytest.mark.parametrize("passphrase", [ASCII, "Pässwörd Ω"])
@pytest.mark.parametrize("protection", PfxProtection)
def test_nss_imports_a_pfx_written_here(
    protection: PfxProtection, passphrase: str, tmp_path: Path
) -> None:
    pk12util, certutil = require("pk12util"), require("certutil")
    chain().write(tmp_path / "a.pfx", passphrase=passphrase, protection=protection)
    secret = passphrase_file(tmp_path, passphrase)
    (tmp_path / "none").write_text("\n")
    (tmp_path / "db").mkdir()
    database = ("-d", "sql:db")
    run(certutil, "-N", *database, "--empty-password", folder=tmp_path)
    run(
        *(pk12util, "-i", "a.pfx", *database, "-w", secret, "-k", "none"),
        folder=tmp_path,
    )
    told = run(certutil, "-L", *database, "-n", FRIENDLY, "-a", folder=tmp_path)
    assert chain().leaf == Bundle.from_bytes(told.encode()).leaf
    assert FRIENDLY in run(certutil, "-K", *database, folder=tmp_path)


@pytest.mark.parametrize("protection", PfxProtection)
def test_java_lists_a_pfx_written_here(
    protection: PfxProtection, tmp_path: Path
) -> None:
    keytool = require("keytool")
    chain().write(tmp_path / "a.pfx", passphrase=ASCII, protection=protection)
    secret = passphrase_file(tmp_path, ASCII)
    told = run(
        *(keytool, "-list", "-rfc", "-storetype", "PKCS12", "-keystore", "a.pfx"),
        *("-storepass:file", secret),
        folder=tmp_path,
    )
    assert "Entry type: PrivateKeyEntry" in told
    assert "Certificate chain length: 3" in told
    assert f"Alias name: {FRIENDLY.lower()}" in told


@pytest.mark.parametrize(
    "protection",
    [
        pytest.param([], id="today's"),
        pytest.param(["-legacy"], id="RC2 and 3DES"),
        pytest.param(["-legacy", "-descert"], id="3DES"),
        pytest.param(["-keypbe", "NONE", "-certpbe", "NONE"], id="MAC only"),
        pytest.param(["-macalg", "sha512"], id="SHA-512"),
        pytest.param(["-keyex"], id="key exchange only"),
    ],
)
@pytest.mark.parametrize("passphrase", [ASCII, UNICODE])
def test_a_pfx_written_by_openssl_is_read(
    passphrase: str, protection: list[str], tmp_path: Path
) -> None:
    openssl = require("openssl")
    chain().write(tmp_path / "all.pem")
    secret = passphrase_file(tmp_path, passphrase)
    run(
        *(openssl, "pkcs12", "-export", "-in", "all.pem", "-out", "a.pfx"),
        *("-name", FRIENDLY, "-passout", f"file:{secret}", *protection),
        folder=tmp_path,
    )
    again = Bundle.read(tmp_path / "a.pfx", passphrase=passphrase)
    assert chain().certificates == again.certificates
    assert again.private_key is not None
    assert FRIENDLY == again.friendly_name


def test_a_pfx_written_by_nss_is_read(tmp_path: Path) -> None:
    pk12util, certutil = require("pk12util"), require("certutil")
    chain().write(tmp_path / "a.pfx", passphrase=ASCII)
    secret = passphrase_file(tmp_path, ASCII)
    (tmp_path / "none").write_text("\n")
    (tmp_path / "db").mkdir()
    database = ("-d", "sql:db")
    run(certutil, "-N", *database, "--empty-password", folder=tmp_path)
    importing = (pk12util, "-i", "a.pfx", *database, "-w", secret, "-k", "none")
    run(*importing, folder=tmp_path)
    exporting = (pk12util, "-o", "b.pfx", "-n", FRIENDLY, *database)
    run(*exporting, "-w", secret, "-k", "none", folder=tmp_path)
    again = Bundle.read(tmp_path / "b.pfx", passphrase=ASCII)
    assert chain().certificates == again.certificates
    assert again.private_key is not None


def test_a_pfx_written_by_java_is_read(tmp_path: Path) -> None:
    keytool = require("keytool")
    secret = passphrase_file(tmp_path, ASCII)
    run(
        *(keytool, "-genkeypair", "-alias", "xu", "-keyalg", "RSA", "-keysize", "2048"),
        *("-dname", "CN=server.example.com", "-ext", "san=dns:server.example.com"),
        *("-storetype", "PKCS12", "-keystore", "a.p12", "-storepass:file", secret),
        folder=tmp_path,
    )
    again = Bundle.read(tmp_path / "a.p12", passphrase=ASCII)
    assert "CN=server.example.com" == again.subject
    assert again.private_key is not None
    assert "xu" == again.friendly_name


@pytest.mark.parametrize("form", ["PEM", "DER"])
def test_a_p7b_written_by_openssl_is_read(form: str, tmp_path: Path) -> None:
    openssl = require("openssl")
    chain().write(tmp_path / "all.pem")
    run(
        *(openssl, "crl2pkcs7", "-nocrl", "-certfile", "all.pem"),
        *("-outform", form, "-out", "a.p7b"),
        folder=tmp_path,
    )
    again = Bundle.read(tmp_path / "a.p7b")
    assert chain().certificates == again.certificates
    assert again.private_key is None


def test_openssl_reads_a_p7b_written_here(tmp_path: Path) -> None:
    openssl = require("openssl")
    chain().write(tmp_path / "a.p7b")
    told = run(
        *(openssl, "pkcs7", "-inform", "DER", "-in", "a.p7b", "-print_certs"),
        folder=tmp_path,
    )
    assert has_certificates_of(chain(), told)


@pytest.mark.parametrize("form", ["PEM", "DER"])
def test_a_certificate_written_by_openssl_is_read(form: str, tmp_path: Path) -> None:
    openssl = require("openssl")
    run(
        *(openssl, "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-utf8"),
        *("-subj", "/O=Müller AG/CN=server.example.com", "-keyout", "key.pem"),
        *("-addext", "subjectAltName=DNS:server.example.com"),
        *("-outform", form, "-out", "a.cer"),
        folder=tmp_path,
    )
    again = Bundle.read(tmp_path / "a.cer")
    assert "CN=server.example.com, O=Müller AG" == again.subject


@pytest.mark.parametrize("cipher", ["-aes256", "-des3"])
@pytest.mark.parametrize("traditional", [[], ["-traditional"]])
def test_a_key_encrypted_by_openssl_is_read(
    traditional: list[str], cipher: str, tmp_path: Path
) -> None:
    openssl = require("openssl")
    chain().write(tmp_path / "all.pem")
    secret = passphrase_file(tmp_path, UNICODE)
    run(
        *(openssl, "rsa", "-in", "all.pem", "-out", "key.pem", cipher, *traditional),
        *("-passout", f"file:{secret}"),
        folder=tmp_path,
    )
    parts = [(tmp_path / name).read_bytes() for name in ("key.pem", "all.pem")]
    certificates = parts[1].partition(b"-----BEGIN PRIVATE")[0]
    again = Bundle.from_bytes(parts[0] + certificates, passphrase=UNICODE)
    assert chain().certificates == again.certificates
    assert again.private_key is not None
