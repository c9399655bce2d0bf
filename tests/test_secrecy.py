"""Keys in files: whether a passphrase protects them, and who else may read them."""

from __future__ import annotations

import sys

import forge
import pytest
from click.testing import CliRunner
from cryptography.hazmat.primitives.serialization import (
    BestAvailableEncryption,
    Encoding,
    NoEncryption,
    PrivateFormat,
    pkcs12,
)

from certlib import auditing, cli
from certlib.auditing.gate import USUAL
from certlib.auditing.sources import FileSource
from certlib.rules import Context

HERE = Context(forge.AT, practice=True)
WORD = b"Practice-1"
POSIX = pytest.mark.skipif(sys.platform == "win32", reason="modes are those of POSIX")
SECRET = {
    "private-key-without-passphrase",
    "private-key-file-open",
    "protected-key-file-open",
}


def key(encryption=NoEncryption(), form=PrivateFormat.PKCS8, coding=Encoding.PEM):  # noqa: B008
    return forge.key().private_bytes(coding, form, encryption)


def pfx(word):
    chosen = BestAvailableEncryption(word) if word else NoEncryption()
    bundle = forge.leaf()
    return pkcs12.serialize_key_and_certificates(
        b"", bundle.private_key, bundle.leaf, None, chosen
    )


PEM = forge.leaf().leaf.public_bytes(Encoding.PEM)
LOCKED = BestAvailableEncryption(WORD)
OLD = PrivateFormat.TraditionalOpenSSL
FILES = {
    "plain.pem": (key(), True),
    "pkcs1.key": (key(form=OLD), True),
    "plain.key": (key(coding=Encoding.DER), True),
    "with.pem": (PEM + key(), True),
    "locked.pem": (key(LOCKED), False),
    "old.pem": (key(LOCKED, OLD), False),
    "both.pem": (PEM + key(LOCKED), False),
    "open.pfx": (pfx(b""), True),
    "locked.pfx": (pfx(WORD), False),
}
MODES = {0o600: False, 0o640: True, 0o604: True}


def rules_of(path):
    return {f.rule for one in found(path) for f in one.findings} & SECRET


def found(path):
    return list(auditing.audit([FileSource(path, (WORD.decode(),))], HERE))


@pytest.mark.parametrize("name", FILES)
@pytest.mark.parametrize("mode", MODES, ids=oct)
@POSIX
def test_a_key_in_a_file_is_told(tmp_path, name, mode):
    data, plain = FILES[name]
    (path := tmp_path / name).write_bytes(data)
    path.chmod(mode)
    expected = set()
    if plain:
        expected.add("private-key-without-passphrase")
    if MODES[mode]:
        expected.add("private-key-file-open" if plain else "protected-key-file-open")
    assert expected == rules_of(path)


def test_a_certificate_without_key_has_no_such_finding(tmp_path):
    (tmp_path / "a.cer").write_bytes(PEM)
    assert set() == rules_of(tmp_path)


def test_a_folder_of_plain_keys_is_not_passed(tmp_path):
    for number in range(6):
        (tmp_path / f"{number}.key").write_bytes(key())
    results = found(tmp_path)
    assert 6 == len(results)
    assert all(rules_of(tmp_path / f"{number}.key") for number in range(6))
    assert "no certificate was found" in USUAL.too_few(results)
    run = CliRunner().invoke(cli.commands, ["audit", str(tmp_path)])
    assert 1 == run.exit_code
    assert "0 certificates, 6 private keys: " in run.output
    assert "PRIVATE" not in run.output


def test_a_key_beside_a_certificate_of_another_is_told_too(tmp_path):
    other = forge.key(7).private_bytes(
        Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()
    )
    (path := tmp_path / "a.pem").write_bytes(PEM + other)
    told = {f.rule for one in found(path) for f in one.findings}
    assert {"key-of-another", "private-key-without-passphrase"} <= told
