"""PKI: chains of certificates for the tests of the path judge, made at this moment.

The present moment, as programs of others cannot be asked about another one.
"""

from __future__ import annotations

import datetime as dt
import ipaddress
import itertools
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from typing import Any

from asn1crypto import core
from asn1crypto import x509 as loose
from asn1crypto.keys import ECDomainParameters, SpecifiedECDomain
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import (
    dsa,
    ec,
    ed448,
    ed25519,
    mldsa,
    padding,
    rsa,
)
from cryptography.x509.oid import ExtendedKeyUsageOID as Purpose
from cryptography.x509.oid import NameOID

AT = dt.datetime.now(dt.UTC).replace(microsecond=0)
DAY = dt.timedelta(days=1)
HOST = "srv.example.com"


@cache
def key(name: str) -> Any:
    made = _made(name)
    MADE.append(made)
    return made


MADE: list[Any] = []
"""All private keys, to serve certificates with."""


def private_key_of(cert: x509.Certificate) -> Any:
    public = cert.public_key()
    return next(one for one in MADE if one.public_key() == public)


def _made(name: str) -> Any:
    match name.partition("-")[0]:
        case "rsa":
            return rsa.generate_private_key(65537, int(name.split("-")[1]))
        case "e3":
            return rsa.generate_private_key(3, 2048)
        case "dsa":
            return dsa.generate_private_key(2048)
        case "ed25519":
            return ed25519.Ed25519PrivateKey.generate()
        case "ed448":
            return ed448.Ed448PrivateKey.generate()
        case "curve":
            return ec.generate_private_key(CURVES[name.split("-")[1]]())
    return ec.generate_private_key(ec.SECP256R1())


CURVES: dict[str, Any] = {
    "p256": ec.SECP256R1,
    "p384": ec.SECP384R1,
    "p521": ec.SECP521R1,
    "p224": ec.SECP224R1,
    "p192": ec.SECP192R1,
    "brainpool": ec.BrainpoolP256R1,
    "k1": ec.SECP256K1,
}


def dn(text: str | x509.Name) -> x509.Name:
    if isinstance(text, x509.Name):
        return text
    return x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, text)] if text else [])


@dataclass
class Party:
    """A name and a key, and the certificates that others issue for them."""

    name: str | x509.Name
    key: Any

    def by(self, issuer: Party, **kw: Any) -> x509.Certificate:
        return forge(self, issuer, **kw)


def party(name: str | x509.Name, kind: str = "") -> Party:
    return Party(name, key(kind or str(name)))


USAGE = dict.fromkeys(
    (
        "digital_signature",
        "content_commitment",
        "key_encipherment",
        "data_encipherment",
        "key_agreement",
        "key_cert_sign",
        "crl_sign",
        "encipher_only",
        "decipher_only",
    ),
    False,
)


def usage(*bits: str) -> x509.KeyUsage:
    return x509.KeyUsage(**{**USAGE, **dict.fromkeys(bits, True)})


def forge(
    subject: Party,
    issuer: Party,
    *,
    ca: bool | None = True,
    length: int | None = None,
    first: int = -30,
    last: int = 30,
    san: list[x509.GeneralName] | None = None,
    bits: tuple[str, ...] | None = None,
    purposes: list[x509.ObjectIdentifier] | None = None,
    exts: tuple[tuple[x509.ExtensionType, bool], ...] = (),
    ids: bool = True,
    aki: bytes | None = None,
    digest: Any = None,
    pss: bool = False,
) -> x509.Certificate:
    public = subject.key.public_key()
    build = (
        x509.CertificateBuilder()
        .subject_name(dn(subject.name))
        .issuer_name(dn(issuer.name))
        .public_key(public)
        .serial_number(x509.random_serial_number())
        .not_valid_before(AT + first * DAY)
        .not_valid_after(AT + last * DAY)
    )
    for ext, critical in extensions(
        public, issuer, ca, length, san, bits, purposes, ids, aki
    ):
        build = build.add_extension(ext, critical)
    for ext, critical in exts:
        build = build.add_extension(ext, critical)
    if isinstance(issuer.key, ed25519.Ed25519PrivateKey | ed448.Ed448PrivateKey):
        return build.sign(issuer.key, None)
    scheme = padding.PSS(padding.MGF1(hashes.SHA256()), 32) if pss else None
    signed = build.sign(issuer.key, hashes.SHA256(), rsa_padding=scheme)
    return signed if digest is None else resigned(signed, issuer.key, digest)


def resigned(cert: x509.Certificate, signer: Any, digest: Any) -> x509.Certificate:
    """Return a certificate signed with a digest that is refused otherwise."""
    if isinstance(signer, rsa.RSAPrivateKey):
        algorithm = {"algorithm": f"{digest.name}_rsa", "parameters": core.Null()}
        how = padding.PKCS1v15(), digest
    else:
        algorithm = {"algorithm": f"{digest.name}_ecdsa"}
        how = (ec.ECDSA(digest),)

    def edit(it: Any) -> None:
        it["signature_algorithm"] = algorithm
        it["tbs_certificate"]["signature"] = algorithm
        content = it["tbs_certificate"].dump(force=True)
        it["signature_value"] = signer.sign(content, *how)

    return remade(cert, edit)


def extensions(
    public: Any,
    issuer: Party,
    ca: bool | None,
    length: int | None,
    san: list[x509.GeneralName] | None,
    bits: tuple[str, ...] | None,
    purposes: list[x509.ObjectIdentifier] | None,
    ids: bool,
    aki: bytes | None,
) -> Any:
    if ca is not None:
        yield x509.BasicConstraints(ca, length), True
    if bits is None and ca:
        bits = ("key_cert_sign", "crl_sign")
    if bits:
        yield usage(*bits), True
    if purposes is not None:
        yield x509.ExtendedKeyUsage(purposes), False
    if san:
        yield x509.SubjectAlternativeName(san), False
    if ids:
        yield x509.SubjectKeyIdentifier.from_public_key(public), False
        given = x509.AuthorityKeyIdentifier.from_issuer_public_key(
            issuer.key.public_key()
        )
        if aki is not None:
            given = x509.AuthorityKeyIdentifier(aki, None, None)
        yield given, False


def leaf(issuer: Party, name: str = HOST, kind: str = "", **kw: Any) -> Any:
    kw.setdefault("san", [x509.DNSName(HOST)])
    kw.setdefault("ca", None)
    kw.setdefault("purposes", [Purpose.SERVER_AUTH])
    kw.setdefault("bits", ("digital_signature",))
    return forge(party(name, kind or "leaf"), issuer, **kw)


def remade(
    cert: x509.Certificate, edit: Callable[[Any], None], signer: Any = None
) -> x509.Certificate:
    """Return a certificate with other contents, signed again if a key is given."""
    it = loose.Certificate.load(cert.public_bytes(serialization.Encoding.DER))
    edit(it)
    if signer is not None:
        content = it["tbs_certificate"].dump(force=True)
        it["signature_value"] = signer.sign(content, ec.ECDSA(hashes.SHA256()))
    return x509.load_der_x509_certificate(it.dump(force=True))


ROOT, INT = party("Root"), party("Issuing")
OTHER, OLD = party("Other Root"), party("Older Root")
root, other, old = ROOT.by(ROOT), OTHER.by(OTHER), OLD.by(OLD)
issuing = INT.by(ROOT)
good = leaf(INT)

Chain = tuple[x509.Certificate, list[x509.Certificate], list[x509.Certificate]]


def usual(**kw: Any) -> Callable[[], Chain]:
    """A usual chain with a leaf of these properties."""
    return lambda: (leaf(INT, **kw), [issuing], [root])


def under(top: Party = ROOT, anchor: Any = None, **kw: Any) -> Callable[[], Chain]:
    """A usual leaf under an issuing CA of these properties."""
    leaf_args = kw.pop("leaf", {})
    middle = kw.pop("party", INT)

    def make() -> Chain:
        sent = [middle.by(top, **kw)]
        return leaf(middle, **leaf_args), sent, [anchor or root]

    return make


def rooted(**kw: Any) -> Callable[[], Chain]:
    """A usual chain under a root of these properties."""
    return lambda: (good, [issuing], [ROOT.by(ROOT, **kw)])


def limited(
    permitted: Any = None, excluded: Any = None, critical: bool = True, **kw: Any
) -> Callable[[], Chain]:
    """A usual leaf under an issuing CA with name constraints."""
    limits = x509.NameConstraints(permitted, excluded)
    return under(exts=((limits, critical),), leaf=kw)


def raw(oid: str, data: bytes = b"\x05\x00") -> x509.ExtensionType:
    return x509.UnrecognizedExtension(x509.ObjectIdentifier(oid), data)


def chain_of(length: int) -> Chain:
    """A chain with so many issuing CAs."""
    parties = [ROOT, *(party(f"CA {i}") for i in range(length))]
    sent = [b.by(a) for a, b in itertools.pairwise(parties)]
    return leaf(parties[-1]), sent, [root]


def tampered(cert: x509.Certificate) -> x509.Certificate:
    der = cert.public_bytes(serialization.Encoding.DER)
    return x509.load_der_x509_certificate(der.replace(b"srv.example", b"srw.example"))


def explicit(cert: x509.Certificate, signer: Any) -> x509.Certificate:
    """The key's curve written out in numbers."""

    def edit(it: Any) -> None:
        p = 2**256 - 2**224 + 2**192 + 2**96 - 1
        b = "5ac635d8aa3a93e7b3ebbd55769886bc651d06b0cc53b0f63bce3c3e27d2604b"
        n = "ffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632551"
        g = ec.derive_private_key(1, ec.SECP256R1()).public_key()
        point = g.public_bytes(
            serialization.Encoding.X962, serialization.PublicFormat.UncompressedPoint
        )
        domain = SpecifiedECDomain(
            {
                "version": 1,
                "field_id": {"field_type": "prime_field", "parameters": p},
                "curve": {
                    "a": (p - 3).to_bytes(32),
                    "b": bytes.fromhex(b),
                },
                "base": point,
                "order": int(n, 16),
                "cofactor": 1,
            }
        )
        algorithm = it["tbs_certificate"]["subject_public_key_info"]["algorithm"]
        algorithm["parameters"] = ECDomainParameters("specified", domain)

    return remade(cert, edit, signer)


def point_as(mark: int) -> Chain:
    """A usual chain in whose leaf the point of the key is written in another form.

    Args:
        mark: 2 for the shorter one, 6 for the mixed one (SEC 1 section 2.3.3).
    """

    def edit(it: Any) -> None:
        info = it["tbs_certificate"]["subject_public_key_info"]
        point = info["public_key"].native
        first = bytes([mark + (point[-1] & 1)])
        info["public_key"] = first + (point[1:33] if mark == 2 else point[1:])

    return remade(good, edit, INT.key), [issuing], [root]


def ml_dsa() -> Chain:
    """A leaf under a root with a key of a kind that no client of today knows."""
    signer = mldsa.MLDSA65PrivateKey.generate()
    public = signer.public_key()

    def signed(subject: str, key_: Any, ext: x509.ExtensionType) -> x509.Certificate:
        return (
            x509.CertificateBuilder()
            .subject_name(dn(subject))
            .issuer_name(dn("ML-DSA"))
            .public_key(key_)
            .serial_number(7)
            .not_valid_before(AT - DAY)
            .not_valid_after(AT + DAY)
            .add_extension(ext, True)
            .sign(signer, None)
        )

    top = signed("ML-DSA", public, x509.BasicConstraints(True, None))
    san = x509.SubjectAlternativeName([x509.DNSName(HOST)])
    return signed(HOST, key("leaf").public_key(), san), [], [top]


def pss_key(cert: x509.Certificate, signer: Any) -> x509.Certificate:
    return marked_key(cert, signer, bytes.fromhex("300b06092a864886f70d01010a"))


def marked_key(cert: x509.Certificate, signer: Any, mark: bytes) -> x509.Certificate:
    """The RSA key with another algorithm, written in 13 bytes."""
    der = cert.public_bytes(serialization.Encoding.DER)
    plain = bytes.fromhex("300d06092a864886f70d0101010500")
    spki = cert.public_key().public_bytes(
        serialization.Encoding.DER, serialization.PublicFormat.SubjectPublicKeyInfo
    )
    marked = spki.replace(plain, mark, 1)
    head = spki[:4]
    marked = head[:2] + (len(marked) - 4).to_bytes(2) + marked[4:]
    assert spki in der

    def edit(it: Any) -> None:
        info = loose.PublicKeyInfo.load(marked)
        it["tbs_certificate"]["subject_public_key_info"] = info

    return remade(cert, edit, signer)


def version_1(cert: x509.Certificate, signer: Any) -> x509.Certificate:
    def edit(it: Any) -> None:
        it["tbs_certificate"]["version"] = "v1"
        del it["tbs_certificate"]["extensions"]

    return remade(cert, edit, signer)


def version_1_with_extensions(cert: x509.Certificate, signer: Any) -> x509.Certificate:
    def edit(it: Any) -> None:
        it["tbs_certificate"]["version"] = "v1"

    return remade(cert, edit, signer)


def with_extension(
    cert: x509.Certificate, signer: Any, oid: str, value: bytes
) -> x509.Certificate:
    def edit(it: Any) -> None:
        content = it["tbs_certificate"]
        one = loose.Extension({"extn_id": oid, "critical": False})
        one["extn_value"] = core.ParsableOctetString(value)
        content["extensions"] = loose.Extensions([*content["extensions"], one])

    return remade(cert, edit, signer)


def with_unique_ids(cert: x509.Certificate, signer: Any) -> x509.Certificate:
    def edit(it: Any) -> None:
        for part in ("issuer_unique_id", "subject_unique_id"):
            it["tbs_certificate"][part] = b"\xb2"

    return remade(cert, edit, signer)


def damaged_signature(cert: x509.Certificate) -> x509.Certificate:
    der = cert.public_bytes(serialization.Encoding.DER)
    return x509.load_der_x509_certificate(der[:-1] + bytes([der[-1] ^ 1]))


def other_inner_algorithm(cert: x509.Certificate, signer: Any) -> x509.Certificate:
    def edit(it: Any) -> None:
        it["tbs_certificate"]["signature"] = {"algorithm": "sha384_ecdsa"}

    return remade(cert, edit, signer)


ANY_PURPOSE = Purpose.ANY_EXTENDED_KEY_USAGE
DNS, IP = x509.DNSName, x509.IPAddress
MAIL, URI = x509.RFC822Name, x509.UniformResourceIdentifier
NET4 = IP(ipaddress.ip_network("192.0.2.0/24"))
NET6 = IP(ipaddress.ip_network("2001:db8::/32"))
IP4 = IP(ipaddress.ip_address("192.0.2.7"))
IP4_OUT = IP(ipaddress.ip_address("198.51.100.7"))
UPN = x509.OtherName(x509.ObjectIdentifier("1.3.6.1.4.1.311.20.2.3"), b"\x0c\x01a")
O = NameOID.ORGANIZATION_NAME  # noqa: E741


def org(text: str, common_name: str = "", kind: Any = None) -> x509.Name:
    parts = [x509.NameAttribute(O, text, kind)]
    if common_name:
        parts.append(x509.NameAttribute(NameOID.COMMON_NAME, common_name))
    return x509.Name(parts)


UTF8 = x509.name._ASN1Type.UTF8String
PRINTABLE = x509.name._ASN1Type.PrintableString


def pss_sha1() -> Chain:
    return pss(hashes.SHA1(), hashes.SHA1(), 32)


def pss(digest: Any, mask: Any, salt: int, trailer: int = 1) -> Chain:
    """A usual chain whose leaf is signed by RSASSA-PSS with these parameters."""
    signer = party("Issuing", "rsa-2048")
    cert = leaf(signer, pss=True)

    def edit(it: Any) -> None:
        of_mask = {"algorithm": "mgf1", "parameters": {"algorithm": mask.name}}
        scheme = {
            "algorithm": "rsassa_pss",
            "parameters": {
                "hash_algorithm": {"algorithm": digest.name},
                "mask_gen_algorithm": of_mask,
                "salt_length": salt,
                "trailer_field": trailer,
            },
        }
        it["signature_algorithm"] = scheme
        it["tbs_certificate"]["signature"] = scheme
        it["signature_value"] = signer.key.sign(
            it["tbs_certificate"].dump(force=True),
            padding.PSS(padding.MGF1(mask), salt),
            digest,
        )

    return remade(cert, edit), [signer.by(ROOT)], [root]


def sha1_issuer() -> Chain:
    top = party("Top", "rsa-2048")
    return leaf(INT), [INT.by(top, digest=hashes.SHA1())], [top.by(top)]


def sha1_root() -> Chain:
    top = party("Top", "rsa-2048")
    return leaf(INT), [INT.by(top)], [top.by(top, digest=hashes.SHA1())]
