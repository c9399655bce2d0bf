"""Keys: made, read and described; the wrong ones refused with the reason."""

from __future__ import annotations

import traceback

import forge
import pytest
from cryptography.hazmat.primitives.serialization import (
    BestAvailableEncryption,
    Encoding,
    NoEncryption,
    PrivateFormat,
)

from certlib import keys
from certlib.errors import EncodingError, InputError, PassphraseError
from certlib.keys import KeyKind

PASSPHRASES = ["secret", "pässwörd", "пароль", "\U0001f511", " ", "x" * 1023]
NOT_PASSPHRASES = {
    "x" * 1024: "longer than 1023 bytes",
    "ü" * 512: "longer than 1023 bytes",
    "top\0secret": "NUL character",
    "top\ud800secret": "no proper text",
}
FORMS = [
    (Encoding.PEM, PrivateFormat.PKCS8),
    (Encoding.DER, PrivateFormat.PKCS8),
    (Encoding.PEM, PrivateFormat.TraditionalOpenSSL),
]


@pytest.mark.parametrize("kind", KeyKind)
def test_generate_makes_the_kind_that_was_asked_for(kind: KeyKind) -> None:
    described = {
        KeyKind.RSA_2048: ("RSA (2048 Bits)", ""),
        KeyKind.RSA_3072: ("RSA (3072 Bits)", ""),
        KeyKind.RSA_4096: ("RSA (4096 Bits)", ""),
        KeyKind.ECDSA_P256: ("ECC (256 Bits)", "ECDSA_P256"),
        KeyKind.ECDSA_P384: ("ECC (384 Bits)", "ECDSA_P384"),
    }
    public = keys.generate(kind).public_key()
    assert described[kind] == (keys.describe(public), keys.curve_name(public))


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("RSA-3072", KeyKind.RSA_3072),
        (" rsa2048 ", KeyKind.RSA_2048),
        ("rsa 4096", KeyKind.RSA_4096),
        ("ecdsa_p256", KeyKind.ECDSA_P256),
        ("ECDSAP384", KeyKind.ECDSA_P384),
    ],
)
def test_parse_key_kind(text: str, expected: KeyKind) -> None:
    assert expected is KeyKind.parse(text)


def test_ed25519_is_refused_for_windows_with_the_reason() -> None:
    with pytest.raises(InputError, match="Schannel") as caught:
        KeyKind.parse("Ed25519")
    assert "RSA-3072" in caught.value.fix


@pytest.mark.parametrize("text", ["", "RSA-1024", "DSA", "RSA"])
def test_other_kinds_are_refused_with_what_is_offered(text: str) -> None:
    with pytest.raises(InputError, match="there is no key kind") as caught:
        KeyKind.parse(text)
    assert "ECDSA-P384" in caught.value.fix


@pytest.mark.parametrize("passphrase", [None, *PASSPHRASES])
def test_a_written_key_is_read_back(passphrase: str | None) -> None:
    key = forge.key()
    again = keys.read_private_key(keys.write_private_key(key, passphrase), passphrase)
    assert key.private_numbers() == again.private_numbers()


@pytest.mark.parametrize(("encoding", "form"), FORMS)
@pytest.mark.parametrize("kind", [KeyKind.RSA_2048, KeyKind.ECDSA_P256])
def test_every_form_of_a_key_is_read(
    kind: KeyKind, encoding: Encoding, form: PrivateFormat
) -> None:
    key = forge.key(kind=kind)
    plain = key.private_bytes(encoding, form, NoEncryption())
    locked = key.private_bytes(encoding, form, BestAvailableEncryption(b"secret"))
    expected = key.private_numbers()
    assert expected == keys.read_private_key(plain).private_numbers()
    assert expected == keys.read_private_key(plain, "needless").private_numbers()
    assert expected == keys.read_private_key(locked, "secret").private_numbers()


@pytest.mark.parametrize(("encoding", "form"), FORMS)
@pytest.mark.parametrize(
    ("passphrase", "message"),
    [
        (None, "the private key in server.key is encrypted"),
        ("", "the private key in server.key is encrypted"),
        ("guess", "the passphrase does not open the private key in server.key"),
    ],
)
def test_an_encrypted_key_wants_its_passphrase(
    encoding: Encoding, form: PrivateFormat, passphrase: str | None, message: str
) -> None:
    data = forge.key().private_bytes(encoding, form, BestAvailableEncryption(b"right"))
    with pytest.raises(PassphraseError) as caught:
        keys.read_private_key(data, passphrase, origin="server.key")
    assert message == caught.value.message


@pytest.mark.parametrize("passphrase", NOT_PASSPHRASES)
def test_what_no_library_takes_is_no_passphrase(passphrase: str) -> None:
    with pytest.raises(PassphraseError) as caught:
        keys.write_private_key(forge.key(), passphrase)
    assert NOT_PASSPHRASES[passphrase] in caught.value.message
    everything = "".join(traceback.format_exception(caught.value)) + repr(caught.value)
    assert passphrase not in everything
    assert None is caught.value.__context__


@pytest.mark.parametrize(
    "data", [b"", b"\0" * 100, b"-----BEGIN PRIVATE KEY-----\nAAAA", b"hello"]
)
@pytest.mark.parametrize("passphrase", [None, "secret"])
def test_what_is_no_key_is_said_to_be_none(data: bytes, passphrase: str | None) -> None:
    with pytest.raises(EncodingError, match=r"server\.key holds no private key"):
        keys.read_private_key(data, passphrase, origin="server.key")


@pytest.mark.parametrize("kind", ["Ed25519", "Ed448"])
def test_keys_that_schannel_cannot_use_are_refused(kind: str) -> None:
    data = keys.write_private_key(forge.key(kind=kind))
    with pytest.raises(InputError, match=f"is {kind}, which Windows"):
        keys.read_private_key(data)


def test_practice_keys_are_known_as_such() -> None:
    for name in ("server", "other", "root", "issuing", "ecdsa"):
        assert keys.is_practice_key(keys.practice_key(name).public_key())
    assert not keys.is_practice_key(forge.key().public_key())
    with pytest.raises(InputError, match="no practice key 'none'"):
        keys.practice_key("none")


def test_same_key() -> None:
    one, other = forge.key(0).public_key(), forge.key(1).public_key()
    assert keys.same_key(one, one)
    assert not keys.same_key(one, other)
