"""The ground the tests for Windows stand on: Python, cryptography, pywin32."""

import subprocess
import sys
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
import win32crypt
import win32cryptcon
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, padding, rsa
from cryptography.hazmat.primitives.serialization import (
    BestAvailableEncryption,
    Encoding,
    pkcs12,
)
from cryptography.x509.oid import NameOID

import certlib
from certlib.stores import _crypt32

PASSPHRASE = "correct horse"
COMMIT = 3  # CERT_STORE_CTRL_COMMIT, which win32cryptcon lacks


def self_signed(key) -> x509.Certificate:
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "windows.test")])
    now = datetime.now(UTC)
    return (
        x509.CertificateBuilder(name, name, key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=1))
        .sign(key, hashes.SHA256())
    )


def pfx(key, certificate) -> bytes:
    encryption = BestAvailableEncryption(PASSPHRASE.encode())
    return pkcs12.serialize_key_and_certificates(
        b"windows.test", key, certificate, None, encryption
    )


@contextmanager
def local_machine(store: str):
    opened = win32crypt.CertOpenStore(
        win32cryptcon.CERT_STORE_PROV_SYSTEM,
        0,
        None,
        win32cryptcon.CERT_SYSTEM_STORE_LOCAL_MACHINE,
        store,
    )
    try:
        yield opened
    finally:
        opened.CertCloseStore()


def encoded_in(store: str) -> list[bytes]:
    with local_machine(store) as opened:
        return [found.CertEncoded for found in opened.CertEnumCertificatesInStore()]


@pytest.fixture(scope="module")
def key():
    return rsa.generate_private_key(public_exponent=65537, key_size=2048)


@pytest.fixture
def certificate(key):
    return self_signed(key)


def test_this_is_windows():
    assert "win32" == sys.platform
    assert sys.getwindowsversion() >= (10,)


def test_certlib_is_the_one_of_this_working_tree():
    root = Path(__file__).resolve().parents[3]
    assert root / "certlib" == Path(certlib.__file__).resolve().parent


def test_a_child_process_finds_certlib_too():
    command = [sys.executable, "-c", "import certlib; print(certlib.__file__)"]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    assert certlib.__file__ == done.stdout.strip()


def test_cryptography_signs_and_verifies(key):
    signature = key.sign(b"data", padding.PKCS1v15(), hashes.SHA256())
    key.public_key().verify(signature, b"data", padding.PKCS1v15(), hashes.SHA256())


def test_a_certificate_is_added_found_and_removed(certificate):
    encoded = certificate.public_bytes(Encoding.DER)
    with local_machine("MY") as store:
        store.CertAddEncodedCertificateToStore(
            win32cryptcon.X509_ASN_ENCODING,
            encoded,
            win32cryptcon.CERT_STORE_ADD_REPLACE_EXISTING,
        )
        store.CertControlStore(0, COMMIT, None)
    assert encoded in encoded_in("MY")

    with local_machine("MY") as store:
        for found in store.CertEnumCertificatesInStore():
            if found.CertEncoded == encoded:
                # Not pywin32's own, after which the context is freed twice.
                _crypt32.delete_certificate(found.HANDLE)
        store.CertControlStore(0, COMMIT, None)
    assert encoded not in encoded_in("MY")


def test_the_root_store_knows_authorities():
    assert encoded_in("ROOT")


def test_a_pfx_is_imported(key, certificate):
    blob = pfx(key, certificate)
    store = win32crypt.PFXImportCertStore(
        blob, PASSPHRASE, win32cryptcon.CRYPT_EXPORTABLE
    )
    found = [each.CertEncoded for each in store.CertEnumCertificatesInStore()]
    store.CertCloseStore()
    assert [certificate.public_bytes(Encoding.DER)] == found


@pytest.mark.wine_unsupported("PFXImportCertStore cannot read EC keys")
def test_a_pfx_with_an_ec_key_is_imported():
    key = ec.generate_private_key(ec.SECP256R1())
    blob = pfx(key, self_signed(key))
    store = win32crypt.PFXImportCertStore(
        blob, PASSPHRASE, win32cryptcon.CRYPT_EXPORTABLE
    )
    assert 1 == len(store.CertEnumCertificatesInStore())
    store.CertCloseStore()
