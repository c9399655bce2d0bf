"""Bundles: every format in and out, and every bad file refused with a reason."""

from __future__ import annotations

import base64
import hashlib
import random
import stat
import sys
import time
import traceback
from collections.abc import Callable
from functools import cache
from pathlib import Path

import forge
import pytest
from asn1crypto import pkcs12 as asn1_pkcs12
from cryptography import x509
from cryptography.hazmat.primitives.serialization import (
    BestAvailableEncryption,
    Encoding,
    PrivateFormat,
    pkcs7,
    pkcs12,
)
from hypothesis import given
from hypothesis import strategies as st

from certlib import bundles, keys
from certlib.bundles import Bundle, PfxProtection, formats
from certlib.errors import CertlibError, EncodingError, InputError, PassphraseError
from certlib.keys import KeyKind

SECRET = "corréct horse"

Writer = Callable[[Bundle], bytes]
WITH_KEY: dict[str, Writer] = {
    "PEM": lambda bundle: bundle.to_pem(),
    "PEM, encrypted": lambda bundle: bundle.to_pem(SECRET),
    "PFX, AES": lambda bundle: bundle.to_pfx(SECRET),
    "PFX, 3DES": lambda bundle: bundle.to_pfx(
        SECRET, protection=PfxProtection.TRIPLE_DES
    ),
}
FORMATS = WITH_KEY | {
    "PFX, open": lambda bundle: bundle.to_pfx(None),
    "P7B": lambda bundle: bundle.to_p7b(),
    "P7B as PEM": lambda bundle: pkcs7.serialize_certificates(
        list(bundle.certificates), Encoding.PEM
    ),
    "DER": lambda bundle: bundle.to_der(),
}


@cache
def chain(kind: KeyKind = KeyKind.RSA_2048) -> Bundle:
    return forge.chain(private_key=forge.key(kind=kind))


@cache
def sample(name: str) -> bytes:
    return FORMATS[name](chain())


def numbers(bundle: Bundle) -> object:
    return bundle.private_key and bundle.private_key.private_numbers()


@pytest.mark.parametrize("kind", [KeyKind.RSA_2048, KeyKind.ECDSA_P256])
@pytest.mark.parametrize("name", FORMATS)
def test_every_format_keeps_what_it_can_hold(name: str, kind: KeyKind) -> None:
    bundle = chain(kind)
    again = Bundle.from_bytes(FORMATS[name](bundle), passphrase=SECRET)
    assert bundle.leaf == again.leaf
    assert (() if name == "DER" else bundle.chain) == again.chain
    has_key = name in WITH_KEY or name == "PFX, open"
    assert (numbers(bundle) if has_key else None) == numbers(again)


@given(st.permutations(range(3)), st.booleans())
def test_the_chain_may_stand_in_any_order(order: list[int], with_key: bool) -> None:
    bundle = chain()
    parts = [bundle.certificates[i].public_bytes(Encoding.PEM) for i in order]
    if with_key:
        parts.insert(order[0], keys.write_private_key(forge.key()))
    again = Bundle.from_bytes(b"\n".join(parts))
    assert bundle.certificates == again.certificates
    assert with_key is (again.private_key is not None)


def test_half_a_character_is_no_friendly_name() -> None:
    with pytest.raises(InputError, match="no Unicode text"):
        forge.leaf(friendly_name="\udcff").to_pfx(SECRET)


@pytest.mark.parametrize("name", ["", "Xtract Universal 2026", "Müller"])
def test_a_pfx_keeps_the_friendly_name(name: str) -> None:
    bundle = forge.leaf(friendly_name=name)
    again = Bundle.from_bytes(bundle.to_pfx(SECRET), passphrase=SECRET)
    assert name == again.friendly_name


def test_text_around_pem_blocks_is_passed_over() -> None:
    text = b"Bag Attributes\n  localKeyID: 01\n" + sample("PEM") + b"\n\xffend\n"
    assert chain().certificates == Bundle.from_bytes(text).certificates
    windows = sample("PEM").replace(b"\n", b"\r\n")
    assert chain().certificates == Bundle.from_bytes(windows).certificates
    old = sample("PEM").replace(b" CERTIFICATE", b" X509 CERTIFICATE")
    assert chain().certificates == Bundle.from_bytes(old).certificates


def test_after_a_renewal_with_the_same_key_the_newest_is_meant() -> None:
    old = forge.leaf(not_before=forge.AT - 365 * forge.DAY)
    new = forge.leaf(not_before=forge.AT)
    both = new.to_pem() + old.leaf.public_bytes(Encoding.PEM)
    assert new.leaf == Bundle.from_bytes(both).leaf


def test_certificates_of_other_chains_are_left_out() -> None:
    stranger = forge.ca("Stranger CA").leaf.public_bytes(Encoding.PEM)
    again = Bundle.from_bytes(stranger + sample("PEM"))
    assert chain().certificates == again.certificates


def test_without_a_key_two_leaves_are_ambiguous() -> None:
    servers = [forge.leaf(common_name=f"s{i}.example.com") for i in range(2)]
    data = b"".join(s.leaf.public_bytes(Encoding.PEM) for s in servers)
    with pytest.raises(EncodingError, match=r"all\.pem holds 2 certificates"):
        Bundle.from_bytes(data, origin="all.pem")


def test_a_key_that_does_not_match_is_refused() -> None:
    with pytest.raises(InputError, match="does not belong to the certificate CN=serv"):
        Bundle(forge.leaf().leaf, forge.key(1))
    data = chain().leaf.public_bytes(Encoding.PEM) + keys.write_private_key(
        forge.key(1)
    )
    with pytest.raises(InputError, match=r"any certificate in server\.pem"):
        Bundle.from_bytes(data, origin="server.pem")


def test_of_two_keys_in_a_file_that_of_the_certificate_is_taken() -> None:
    data = keys.write_private_key(forge.key(1)) + sample("PEM")
    again = Bundle.from_bytes(data)
    assert (chain().leaf, numbers(chain())) == (again.leaf, numbers(again))


def test_repr_shows_no_key() -> None:
    bundle = forge.chain(not_after=forge.AT)
    assert (
        f"<Bundle CN=server.example.com, thumbprint {bundle.thumbprint}, "
        "expires 2026-11-02, with private key, 2 in chain>"
    ) == repr(bundle)
    content = formats.read(bundle.to_pem())
    assert "private_key" not in repr(content)


@pytest.mark.parametrize("name", ["PEM, encrypted", "PFX, AES", "PFX, 3DES"])
@pytest.mark.parametrize("passphrase", [None, "", "wrong", "corréct hors", "a\0b"])
def test_a_wrong_passphrase_is_told_and_not_quoted(
    name: str, passphrase: str | None
) -> None:
    with pytest.raises(PassphraseError) as caught:
        Bundle.from_bytes(sample(name), passphrase=passphrase, origin="server.pfx")
    shown = "".join(traceback.format_exception(caught.value)) + repr(caught.value.args)
    assert SECRET not in shown
    if passphrase != "a\0b":
        assert "server.pfx" in caught.value.message
    assert "PRIVATE KEY" not in shown


@pytest.mark.parametrize("protection", PfxProtection)
def test_a_pfx_is_not_written_with_what_is_no_passphrase(
    protection: PfxProtection,
) -> None:
    # OpenSSL ends a passphrase at a NUL, and the library breaks down over it.
    with pytest.raises(PassphraseError, match="NUL"):
        forge.leaf().to_pfx("a\0b", protection=protection)


def test_a_panic_of_the_library_is_an_encoding_error(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    class PanicException(BaseException):  # as PyO3 has it
        pass

    def panic(*_: object) -> None:
        raise PanicException("called unwrap on [115, 101, 99]")

    monkeypatch.setattr(x509, "load_der_x509_certificate", panic)
    with pytest.raises(EncodingError, match="broke down over it") as caught:
        Bundle.from_bytes(sample("DER"))
    assert "115" not in str(caught.value)


def test_a_bundle_without_its_certificate_is_refused() -> None:
    key_only = keys.write_private_key(forge.key())
    der_only = forge.key().private_bytes(
        Encoding.DER, PrivateFormat.PKCS8, BestAvailableEncryption(SECRET.encode())
    )
    for data in (key_only, der_only):
        with pytest.raises(EncodingError, match=r"server\.key holds no certificate"):
            Bundle.from_bytes(data, passphrase=SECRET, origin="server.key")


BAD: dict[str, tuple[Callable[[], bytes], str]] = {
    "zeros": (lambda: b"\0" * 1000, "is not a certificate file"),
    "text": (lambda: b"Dear customer, your", "is not a certificate file"),
    "noise": (lambda: random.Random(1).randbytes(5000), "is not a certificate file"),
    "half a DER": (
        lambda: sample("DER")[: len(sample("DER")) // 2],
        "or only a part of one",
    ),
    "half a P7B": (lambda: sample("P7B")[:-1], "or only a part of one"),
    "half a PFX": (lambda: sample("PFX, AES")[:-1], "or only a part of one"),
    "half a PEM": (
        lambda: sample("PEM")[:500],
        "holds a torn PEM block: CERTIFICATE begins",
    ),
    "an empty sequence": (lambda: b"\x30\x00", "is not a certificate file"),
    "a PEM of noise": (
        lambda: b"-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----",
        "holds a certificate that cannot be read",
    ),
    "a signing request": (
        lambda: (
            b"-----BEGIN CERTIFICATE REQUEST-----\nAAAA\n"
            b"-----END CERTIFICATE REQUEST-----"
        ),
        "holds a signing request that cannot be read",
    ),
    "a future version": (forge.unparsable, "holds a certificate that cannot be read"),
    "a future version as PEM": (
        lambda: pem(forge.unparsable()),
        "holds a certificate that cannot be read",
    ),
    "unreadable extensions": (
        forge.with_unreadable_extensions,
        "holds a certificate that cannot be read",
    ),
    "an Ed25519 key": (
        lambda: forge.leaf(private_key=forge.key(kind="Ed25519")).to_pfx(None),
        "is Ed25519, which Windows' TLS (Schannel) cannot use",
    ),
    "nested without end": (
        lambda: b"\x30\x80" * 100_000,
        "is not a certificate file",
    ),
}


def pem(der: bytes) -> bytes:
    body = base64.encodebytes(der)
    return b"-----BEGIN CERTIFICATE-----\n" + body + b"-----END CERTIFICATE-----\n"


@pytest.mark.parametrize("name", BAD)
def test_a_bad_file_is_named_with_its_fix(name: str, tmp_path: Path) -> None:
    data, reason = BAD[name]
    path = tmp_path / "server.bin"
    path.write_bytes(data())
    before = path.read_bytes()
    with pytest.raises(CertlibError) as caught:
        Bundle.read(path)
    assert "server.bin" in caught.value.message
    assert reason in caught.value.message
    assert caught.value.fix
    assert before == path.read_bytes()


def test_a_file_of_begin_lines_takes_no_hours() -> None:
    start = time.monotonic()
    with pytest.raises(EncodingError, match="a torn PEM block"):
        Bundle.from_bytes(b"-----BEGIN CERTIFICATE-----\n" * 100_000)
    assert time.monotonic() - start < 5


def test_unreadable_chain_certificate_in_a_pfx_is_told() -> None:
    with pytest.raises(CertlibError, match=r"server\.pem"):
        Bundle.from_bytes(sample("PEM") + pem(forge.unparsable()), origin="server.pem")


@given(
    st.binary(max_size=200)
    | st.binary(max_size=60).map(lambda body: b"\x30" + bytes([len(body)]) + body)
    | st.binary(max_size=60).map(pem)
)
def test_noise_raises_nothing_but_certlib_errors(data: bytes) -> None:
    try:
        Bundle.from_bytes(data, passphrase=SECRET)
    except CertlibError as error:
        told = str(error)
    else:
        told = ""
    assert SECRET not in told


@given(
    st.sampled_from(["PEM", "P7B", "P7B as PEM", "DER", "PFX, open", "PFX, 3DES"]),
    st.lists(
        st.tuples(st.floats(0, 1, exclude_max=True), st.integers(1, 255)),
        min_size=1,
        max_size=4,
    ),
    st.floats(0, 1),
    st.booleans(),
)
def test_mutated_files_raise_nothing_but_certlib_errors(
    name: str, changes: list[tuple[float, int]], end: float, cut: bool
) -> None:
    data = bytearray(sample(name))
    for place, bits in changes:
        data[int(place * len(data))] ^= bits
    if cut:
        del data[int(end * len(data)) :]
    try:
        bundle = Bundle.from_bytes(bytes(data), passphrase=SECRET)
    except CertlibError as error:
        told = str(error)
    else:
        told = repr(bundle)  # can be shown, whatever was changed
    assert SECRET not in told


ENDINGS = {
    ".pfx": True,
    ".P12": True,
    ".pem": True,
    ".cer": False,
    ".crt": False,
    ".der": False,
    ".p7b": False,
}


@pytest.mark.parametrize("ending", ENDINGS)
def test_write_takes_the_format_from_the_ending(ending: str, tmp_path: Path) -> None:
    path = tmp_path / f"server{ending}"
    chain().write(path, passphrase=SECRET)
    again = Bundle.read(path, passphrase=SECRET)
    assert chain().leaf == again.leaf
    assert ENDINGS[ending] is (again.private_key is not None)
    if sys.platform != "win32":
        expected = 0o600 if ENDINGS[ending] else 0o644
        assert expected == stat.S_IMODE(path.stat().st_mode)


def test_write_never_replaces_a_key_unasked(tmp_path: Path) -> None:
    path = tmp_path / "server.pem"
    forge.leaf().write(path)
    before = path.read_bytes()
    with pytest.raises(InputError, match="exists already"):
        forge.leaf(private_key=forge.key(1)).write(path)
    with pytest.raises(PassphraseError):
        forge.leaf(private_key=forge.key(1)).write(path, passphrase="\0", replace=True)
    assert before == path.read_bytes()
    assert ["server.pem"] == [entry.name for entry in tmp_path.iterdir()]


def test_write_knows_no_other_ending(tmp_path: Path) -> None:
    with pytest.raises(
        InputError, match=r"no certificate format that is written has the ending '.jks'"
    ):
        forge.leaf().write(tmp_path / "server.jks")
    assert [] == list(tmp_path.iterdir())


def test_a_pfx_of_several_leaves_takes_the_one_of_the_key() -> None:
    other = forge.leaf(private_key=forge.key(1), common_name="other.example.com")
    data = pkcs12.serialize_key_and_certificates(
        None,
        forge.key(1),
        None,
        [forge.leaf().leaf, other.leaf],
        BestAvailableEncryption(b"x"),
    )
    assert other.leaf == Bundle.from_bytes(data, passphrase="x").leaf


@given(st.binary(min_size=20, max_size=20), st.sampled_from(["", " ", ":"]))
def test_a_thumbprint_is_read_however_it_is_shown(digest: bytes, mark: str) -> None:
    expected = digest.hex().upper()
    shown = mark.join(expected[i : i + 2] for i in range(0, 40, 2))
    assert expected == bundles.parse_thumbprint("\u200e" + shown.lower() + "\n")
    assert expected == bundles.parse_thumbprint(expected)


@pytest.mark.parametrize(
    "label", ["Thumbprint : ", "Cert Hash(sha1): ", "Fingerabdruck: ", "0x", "sha1="]
)
def test_what_a_program_calls_a_thumbprint_may_stand_before_it(label: str) -> None:
    for mark in ("", ":", " "):
        shown = mark.join(["a1"] * 20)
        assert "A1" * 20 == bundles.parse_thumbprint(label + shown)


@pytest.mark.parametrize(
    "text", ["", "AB", "G" * 40, "O7" + ":a1" * 19, "A" * 39, "A" * 64, "٣" * 40]
)
def test_what_is_no_thumbprint_is_refused(text: str) -> None:
    with pytest.raises(InputError, match="is not a thumbprint"):
        bundles.parse_thumbprint(text)


def test_thumbprint_is_sha1_as_windows_shows_it() -> None:
    expected = hashlib.sha1(forge.der(chain())).hexdigest().upper()
    assert expected == chain().thumbprint


def with_odd_key(bundle: Bundle) -> Bundle:
    """Return the same with a key on a curve that nobody knows."""
    curve = bytes.fromhex("2a8648ce3d030107")
    data = forge.damaged(bundle, curve, curve[:-1] + b"\x7f")
    return Bundle(x509.load_der_x509_certificate(data))


def test_a_certificate_has_its_key_and_no_other() -> None:
    key = forge.key(kind=KeyKind.ECDSA_P256)
    bundle = forge.leaf(private_key=key)
    odd = with_odd_key(bundle).leaf
    assert [True, False, False] == [
        keys.has_key(bundle.leaf, key.public_key()),
        keys.has_key(bundle.leaf, forge.key().public_key()),
        keys.has_key(odd, key.public_key()),
    ]


@pytest.mark.parametrize("passphrase", [None, SECRET])
def test_a_damaged_pfx_may_be_just_that(passphrase: str | None) -> None:
    data = bytearray(forge.leaf().to_pfx(passphrase))
    data[len(data) // 2] ^= 0xFF
    with pytest.raises(PassphraseError, match="or the file is damaged") as caught:
        Bundle.from_bytes(bytes(data), passphrase=passphrase)
    assert "the file again" in caught.value.fix


@pytest.mark.parametrize("name", ["a.pfx", "a.p12", "a.pem"])
@pytest.mark.parametrize("protection", PfxProtection)
def test_an_empty_passphrase_protects_nothing_and_is_refused(
    tmp_path: Path, name: str, protection: PfxProtection
) -> None:
    with pytest.raises(PassphraseError, match="the passphrase is empty"):
        forge.leaf().write(tmp_path / name, passphrase="", protection=protection)
    assert [] == list(tmp_path.iterdir())


def slow(data: bytes, part: str) -> bytes:
    """Return a PFX file that claims two thousand million rounds somewhere."""
    pfx = asn1_pkcs12.Pfx.load(data)
    if part == "MAC":
        pfx["mac_data"]["iterations"] = 2**31 - 1
        return pfx.dump(force=True)
    safe = pfx.authenticated_safe
    first = safe[0]["content"]["encrypted_content_info"]
    derivation = first["content_encryption_algorithm"]["parameters"]
    derivation["key_derivation_func"]["parameters"]["iteration_count"] = 2**31 - 1
    pfx["auth_safe"]["content"] = safe.dump(force=True)
    return pfx.dump(force=True)


@pytest.mark.timeout(20)
@pytest.mark.parametrize("part", ["MAC", "encryption"])
def test_a_pfx_file_with_endless_rounds_is_refused_before_any_work(part):
    data = slow(forge.leaf().to_pfx(passphrase="secret"), part)
    with pytest.raises(EncodingError, match="2,147,483,647 rounds"):
        Bundle.from_bytes(data, passphrase="secret")
