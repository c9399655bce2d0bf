"""The path judge against a table of cases, an oracle and random PKIs."""

from __future__ import annotations

import datetime as dt
import ipaddress
import itertools
import random
import time
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import pytest
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
    padding,
    rsa,
)
from cryptography.x509 import verification as engine
from cryptography.x509.oid import ExtendedKeyUsageOID as Purpose
from cryptography.x509.oid import NameOID

from certlib.parsers import UNREADABLE, panics_as_errors
from certlib.trust import Pool, SignatureCache, Standing, Verdict, judge

AT = dt.datetime(2026, 6, 1, tzinfo=dt.UTC)
DAY = dt.timedelta(days=1)
HOST = "srv.example.com"
YES, NO, OPEN = Standing.YES, Standing.NO, Standing.NOT_JUDGED


# ---- a forge -------------------------------------------------------------------


@cache
def key(name: str) -> Any:
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
    """Return a certificate signed by RSA with a digest that is refused otherwise."""
    algorithm = {"algorithm": f"{digest.name}_rsa", "parameters": core.Null()}

    def edit(it: Any) -> None:
        it["signature_algorithm"] = algorithm
        it["tbs_certificate"]["signature"] = algorithm
        content = it["tbs_certificate"].dump(force=True)
        it["signature_value"] = signer.sign(content, padding.PKCS1v15(), digest)

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


@dataclass(frozen=True)
class Case:
    standing: Standing
    rule: str
    make: Callable[[], Chain]
    differs: str = ""
    """Why the oracle says otherwise, in one line; empty if it agrees."""


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


def pss_key(cert: x509.Certificate, signer: Any) -> x509.Certificate:
    der = cert.public_bytes(serialization.Encoding.DER)
    plain = bytes.fromhex("300d06092a864886f70d0101010500")
    spki = cert.public_key().public_bytes(
        serialization.Encoding.DER, serialization.PublicFormat.SubjectPublicKeyInfo
    )
    marked = spki.replace(plain, bytes.fromhex("300b06092a864886f70d01010a"), 1)
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


def with_extension(
    cert: x509.Certificate, signer: Any, oid: str, value: bytes
) -> x509.Certificate:
    def edit(it: Any) -> None:
        content = it["tbs_certificate"]
        one = loose.Extension({"extn_id": oid, "critical": False})
        one["extn_value"] = core.ParsableOctetString(value)
        content["extensions"] = loose.Extensions([*content["extensions"], one])

    return remade(cert, edit, signer)


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


NO_SAN = "the oracle demands a SubjectAlternativeName"
UTF8 = x509.name._ASN1Type.UTF8String
PRINTABLE = x509.name._ASN1Type.PrintableString


# ---- the table -----------------------------------------------------------------

WEAK = "the oracle is told not to look at the key of a leaf"
PSS = "the oracle does not know RSASSA-PSS keys"
KINDS = "the oracle takes the keys of the public web only"
BYTES = "the oracle compares names byte by byte"
FORMS = "the oracle does not know constraints of this form"
CN = "the oracle ignores common names, OpenSSL does not"
ANY = "the oracle does not look at this"
SELF = "the oracle takes a leaf in the store for a root that is no CA"
STRICT = "the oracle reads extensions strictly"
V1 = "the oracle takes version 3 only"

CASES: dict[str, Case] = {
    "usual": Case(YES, "", usual()),
    "root sent along": Case(YES, "", lambda: (good, [root, issuing], [root])),
    "root alone issues": Case(YES, "", lambda: (leaf(ROOT), [], [root])),
    "leaf sent along": Case(YES, "", lambda: (good, [good, issuing, good], [root])),
    "issuer in the store": Case(YES, "", lambda: (good, [], [root, issuing])),
    "nothing sent": Case(NO, "chain-incomplete", lambda: (good, [], [root])),
    "no anchors": Case(NO, "chain-incomplete", lambda: (good, [issuing], [])),
    "unknown root": Case(NO, "root-unknown", lambda: (good, [issuing, root], [other])),
    "self-signed": Case(
        NO, "root-unknown", lambda: (leaf(party(HOST, "leaf")), [], [root])
    ),
    "self-signed and trusted": Case(
        YES, "", lambda: (s := leaf(party(HOST, "leaf")), [], [s])
    ),
    "another root of the name": Case(
        NO,
        "issuer-other",
        lambda: (good, [issuing], [(p := party("Root", "fake")).by(p)]),
    ),
    "another issuer of the name": Case(
        NO, "issuer-other", lambda: (good, [party("Issuing", "x").by(ROOT)], [root])
    ),
    "the other issuer sent first": Case(
        YES, "", lambda: (good, [party("Issuing", "x").by(ROOT), issuing], [root])
    ),
    "two issuers, no identifiers": Case(
        YES,
        "",
        lambda: (
            leaf(INT, ids=False),
            [party("Issuing", "x").by(ROOT), INT.by(ROOT, ids=False)],
            [root],
        ),
    ),
    "altered": Case(
        NO, "signature-invalid", lambda: (tampered(good), [issuing], [root])
    ),
    "altered, no identifiers": Case(
        NO, "issuer-other", lambda: (tampered(leaf(INT, ids=False)), [issuing], [root])
    ),
    "issuer altered": Case(
        NO,
        "signature-invalid",
        lambda: (good, [tampered(INT.by(ROOT, san=[DNS(HOST)]))], [root]),
    ),
    "wrong key identifier": Case(YES, "", usual(aki=b"1234")),
    "no key identifiers": Case(YES, "", usual(ids=False)),
    # cross-signed
    "cross-signed root sent": Case(
        YES, "", lambda: (good, [issuing, ROOT.by(OLD)], [root])
    ),
    "cross-signed to the older root": Case(
        YES, "", lambda: (good, [issuing, ROOT.by(OLD)], [old])
    ),
    "cross-signed copy ended": Case(
        YES, "", lambda: (good, [issuing, ROOT.by(OLD, last=-1)], [root])
    ),
    "ended copy of the root": Case(
        YES, "", lambda: (good, [issuing, ROOT.by(ROOT, last=-1)], [root])
    ),
    "older root ended": Case(
        YES,
        "",
        lambda: (good, [issuing, ROOT.by(OLD)], [OLD.by(OLD, last=-1), root]),
    ),
    "root ended, older one good": Case(
        YES,
        "",
        lambda: (good, [issuing, ROOT.by(OLD)], [ROOT.by(ROOT, last=-1), old]),
    ),
    "issuer renewed": Case(
        YES, "", lambda: (good, [INT.by(ROOT, last=-1), issuing], [root])
    ),
    "issuer crossed, one way limited": Case(
        YES,
        "",
        lambda: (
            good,
            [INT.by(OTHER, purposes=[Purpose.CLIENT_AUTH], last=90), issuing],
            [root, other],
        ),
    ),
    "a circle": Case(
        NO, "root-unknown", lambda: (good, [INT.by(OLD), OLD.by(INT)], [root])
    ),
    "a circle and a way out": Case(
        YES, "", lambda: (good, [INT.by(OLD), OLD.by(INT), issuing], [root])
    ),
    "key change of the issuer": Case(
        YES,
        "",
        lambda: (
            leaf(party("Issuing", "new")),
            [party("Issuing", "new").by(INT), INT.by(ROOT, length=0)],
            [root],
        ),
        "the oracle counts self-issued certificates",
    ),
    # lengths
    "eleven above": Case(YES, "", lambda: chain_of(10), "its default depth is 8"),
    "too long": Case(OPEN, "chain-too-complex", lambda: chain_of(11)),
    "path length kept": Case(YES, "", under(length=0)),
    "path length of the root kept": Case(YES, "", rooted(length=1)),
    "path length exceeded": Case(NO, "path-length-exceeded", rooted(length=0)),
    # dates
    "ended": Case(NO, "expired", usual(last=-1)),
    "ends now": Case(YES, "", usual(last=0)),
    "begins now": Case(YES, "", usual(first=0)),
    "not yet valid": Case(NO, "not-yet-valid", usual(first=1)),
    "issuer ended": Case(NO, "issuer-expired", under(last=-1)),
    "issuer not yet valid": Case(NO, "issuer-not-yet-valid", under(first=1)),
    "root ended": Case(NO, "issuer-expired", rooted(last=-1)),
    "root not yet valid": Case(NO, "issuer-not-yet-valid", rooted(first=1)),
    # authority
    "issuer is no CA": Case(NO, "issuer-not-ca", under(ca=False)),
    "issuer without constraints": Case(NO, "issuer-not-ca", under(ca=None)),
    "leaf issues": Case(
        NO,
        "issuer-not-ca issuer-may-not-sign",
        lambda: (leaf(party("a", "leaf")), [leaf(ROOT, "a")], [root]),
    ),
    "issuer may not sign": Case(NO, "issuer-may-not-sign", under(bits=("crl_sign",))),
    "root may not sign": Case(NO, "issuer-may-not-sign", rooted(bits=("crl_sign",))),
    "root is no CA": Case(NO, "issuer-not-ca", rooted(ca=False)),
    "issuer without key usage": Case(YES, "", under(bits=())),
    "root of version 1": Case(
        YES,
        "",
        lambda: (leaf(ROOT), [], [version_1(root, ROOT.key)]),
        V1,
    ),
    "issuer of version 1": Case(
        NO,
        "issuer-not-ca",
        lambda: (good, [version_1(issuing, ROOT.key)], [root]),
    ),
    "issuer without a subject": Case(
        NO, "ca-without-subject", under(party=party("", "empty"))
    ),
    "leaf without a subject": Case(YES, "", usual(name="")),
    # purposes
    "issuer for servers": Case(YES, "", under(purposes=[Purpose.SERVER_AUTH])),
    "issuer for clients": Case(
        NO, "purpose-of-issuer", under(purposes=[Purpose.CLIENT_AUTH])
    ),
    "issuer for anything": Case(
        YES, "", under(purposes=[Purpose.ANY_EXTENDED_KEY_USAGE])
    ),
    "root for clients": Case(
        NO, "purpose-of-issuer", rooted(purposes=[Purpose.CLIENT_AUTH])
    ),
    "leaf for clients": Case(
        NO, "purpose-missing", usual(purposes=[Purpose.CLIENT_AUTH])
    ),
    "leaf without purposes": Case(YES, "", usual(purposes=None)),
    "leaf for anything": Case(
        YES, "", usual(purposes=[Purpose.ANY_EXTENDED_KEY_USAGE])
    ),
    "leaf for key exchange": Case(YES, "", usual(bits=("key_encipherment",))),
    "leaf for nothing in TLS": Case(
        NO, "usage-missing", usual(bits=("content_commitment",)), ANY
    ),
    # keys
    "small RSA": Case(NO, "key-weak", usual(kind="rsa-1024"), WEAK),
    "RSA": Case(YES, "", usual(kind="rsa-2048")),
    "exponent 3": Case(YES, "", usual(kind="e3")),
    "issuer with small RSA": Case(
        NO, "issuer-key-weak", under(party=party("Weak", "rsa-1024"))
    ),
    "issuer with RSA": Case(YES, "", under(party=party("Issuing", "rsa-2048"))),
    "RSASSA-PSS signature": Case(
        YES,
        "",
        under(party=party("Issuing", "rsa-2048"), leaf={"pss": True}),
    ),
    "RSASSA-PSS with SHA-1": Case(NO, "signature-weak", lambda: pss_sha1()),
    "SHA-1": Case(
        NO,
        "signature-weak",
        under(party=party("Issuing", "rsa-2048"), leaf={"digest": hashes.SHA1()}),
    ),
    "MD5": Case(
        NO,
        "signature-weak",
        under(party=party("Issuing", "rsa-2048"), leaf={"digest": hashes.MD5()}),
    ),
    "SHA-1 of an issuer": Case(
        NO,
        "signature-weak",
        lambda: sha1_issuer(),
    ),
    "SHA-1 of the root": Case(YES, "", lambda: sha1_root()),
    "P-384": Case(YES, "", under(party=party("Issuing", "curve-p384"))),
    "P-521": Case(YES, "", under(party=party("Issuing", "curve-p521"))),
    "P-224": Case(OPEN, "key-unusual", usual(kind="curve-p224"), WEAK),
    "P-192": Case(NO, "key-weak", usual(kind="curve-p192"), WEAK),
    "secp256k1": Case(OPEN, "key-unusual", usual(kind="curve-k1"), WEAK),
    "issuer on brainpool": Case(
        OPEN, "key-unusual", under(party=party("B", "curve-brainpool"))
    ),
    "Ed25519": Case(YES, "", under(party=party("E", "ed25519")), KINDS),
    "Ed448": Case(YES, "", under(party=party("E", "ed448")), KINDS),
    "DSA": Case(NO, "key-unusual", under(party=party("D", "dsa"))),
    "explicit curve": Case(
        NO, "curve-explicit", lambda: (explicit(good, INT.key), [issuing], [root]), WEAK
    ),
    "issuer with explicit curve": Case(
        NO, "curve-explicit", lambda: (good, [explicit(issuing, ROOT.key)], [root])
    ),
    "RSASSA-PSS key": Case(
        OPEN,
        "key-unusual",
        lambda: (pss_key(leaf(INT, kind="rsa-2048"), INT.key), [issuing], [root]),
        WEAK,
    ),
    "two algorithms": Case(
        NO,
        "signature-algorithms-differ",
        lambda: (other_inner_algorithm(good, INT.key), [issuing], [root]),
    ),
    # extensions
    "poison": Case(
        NO, "critical-extension", usual(exts=((x509.PrecertPoison(), True),))
    ),
    "unknown critical": Case(
        NO, "critical-extension", usual(exts=((raw("1.2.3.4"), True),))
    ),
    "unknown": Case(YES, "", usual(exts=((raw("1.2.3.4"), False),))),
    "unknown critical of the issuer": Case(
        NO, "critical-extension", under(exts=((raw("1.2.3.4"), True),))
    ),
    "unknown critical of the root": Case(
        NO, "critical-extension", rooted(exts=((raw("1.2.3.4"), True),))
    ),
    "critical issuer names": Case(
        NO,
        "critical-extension",
        usual(exts=((x509.IssuerAlternativeName([DNS("a.test")]), True),)),
    ),
    "critical freshest CRL": Case(
        NO,
        "critical-extension",
        usual(
            exts=(
                (
                    x509.FreshestCRL(
                        [
                            x509.DistributionPoint(
                                [URI("http://a.test/")], None, None, None
                            )
                        ]
                    ),
                    True,
                ),
            )
        ),
    ),
    "critical AIA": Case(
        NO,
        "critical-extension",
        usual(
            exts=(
                (
                    x509.AuthorityInformationAccess(
                        [
                            x509.AccessDescription(
                                x509.oid.AuthorityInformationAccessOID.OCSP,
                                URI("http://a.test/"),
                            )
                        ]
                    ),
                    True,
                ),
            )
        ),
        "the oracle is told to let it pass",
    ),
    "critical policies": Case(
        YES,
        "",
        usual(
            exts=(
                (
                    x509.CertificatePolicies(
                        [x509.PolicyInformation(x509.ObjectIdentifier("1.2.3"), None)]
                    ),
                    True,
                ),
            )
        ),
        "the oracle refuses them when critical, clients do not",
    ),
    "key identifier that is none": Case(
        YES, "", usual(ids=False, exts=((raw("2.5.29.14"), False),))
    ),
    "names that are none": Case(
        OPEN, "extension-unreadable", usual(san=None, exts=((raw("2.5.29.17"), False),))
    ),
    "constraints that are none": Case(
        OPEN, "extension-unreadable", under(exts=((raw("2.5.29.30"), False),))
    ),
    "limits of a CA that are none": Case(
        OPEN, "extension-unreadable", under(ca=None, exts=((raw("2.5.29.19"), False),))
    ),
    "names that cannot be read, limited": Case(
        OPEN,
        "extension-unreadable name-not-checked",
        limited([DNS("example.com")], san=None, exts=((raw("2.5.29.17"), False),)),
    ),
    "BasicConstraints with the default": Case(
        YES, "", usual(exts=((raw("2.5.29.19", b"\x30\x03\x01\x01\x00"), False),))
    ),
    "an extension twice": Case(
        NO,
        "extension-twice",
        lambda: (
            with_extension(good, INT.key, "2.5.29.14", b"\x04\x01\x05"),
            [issuing],
            [root],
        ),
    ),
    # names of issuers
    "case and blanks": Case(
        YES,
        "",
        lambda: (
            leaf(Party(dn(" issuing "), INT.key)),
            [Party("ISSUING", INT.key).by(ROOT)],
            [root],
        ),
        BYTES,
    ),
    "kinds of strings": Case(
        YES,
        "",
        lambda: (
            leaf(Party(org("A  b", "c", PRINTABLE), INT.key)),
            [Party(org("a B", "C", UTF8), INT.key).by(ROOT)],
            [root],
        ),
        BYTES,
    ),
    # name constraints
    "DNS permitted": Case(YES, "", limited([DNS("example.com")])),
    "DNS permitted in capitals": Case(YES, "", limited([DNS("EXAMPLE.com")])),
    "DNS with a dot": Case(
        YES, "", limited([DNS(".example.com")]), "the oracle refuses the dot"
    ),
    "DNS permitted, noncritical": Case(
        NO, "name-not-permitted", limited([DNS("a.test")], critical=False)
    ),
    "DNS not permitted": Case(NO, "name-not-permitted", limited([DNS("a.test")])),
    "DNS of a longer label": Case(
        NO, "name-not-permitted", limited([DNS("ample.com")])
    ),
    "DNS excluded": Case(NO, "name-not-permitted", limited(None, [DNS("example.com")])),
    "DNS another excluded": Case(YES, "", limited(None, [DNS("a.test")])),
    "DNS permitted and excluded": Case(
        NO, "name-not-permitted", limited([DNS("example.com")], [DNS(HOST)])
    ),
    "one of two not permitted": Case(
        NO,
        "name-not-permitted",
        limited([DNS("example.com")], san=[DNS(HOST), DNS("a.test")]),
    ),
    "wildcard reaches the excluded": Case(
        OPEN,
        "name-not-checked",
        limited(None, [DNS("a.example.com")], san=[DNS(HOST), DNS("*.example.com")]),
    ),
    "wildcard permitted": Case(
        YES,
        "",
        limited([DNS("example.com")], san=[DNS(HOST), DNS("*.example.com")]),
    ),
    "CN without DNS names": Case(
        NO, "name-not-permitted", limited([DNS("a.test")], san=[IP4])
    ),
    "CN permitted": Case(YES, "", limited([DNS("example.com")], san=None), NO_SAN),
    "IP permitted": Case(YES, "", limited([NET4], san=[DNS(HOST), IP4])),
    "IP not permitted": Case(
        NO, "name-not-permitted", limited([NET4], san=[DNS(HOST), IP4_OUT])
    ),
    "IP of the other version": Case(
        NO, "name-not-permitted", limited([NET6], san=[DNS(HOST), IP4])
    ),
    "IP excluded": Case(
        NO, "name-not-permitted", limited(None, [NET4], san=[DNS(HOST), IP4])
    ),
    "IP limited, no IP": Case(YES, "", limited([NET4])),
    "mail permitted": Case(
        YES, "", limited([MAIL("example.com")], san=[DNS(HOST), MAIL("a@EXAMPLE.com")])
    ),
    "mail of a subdomain": Case(
        NO,
        "name-not-permitted",
        limited([MAIL("example.com")], san=[DNS(HOST), MAIL("a@b.example.com")]),
    ),
    "mail of the subdomains": Case(
        YES,
        "",
        limited([MAIL(".example.com")], san=[DNS(HOST), MAIL("a@b.example.com")]),
    ),
    "mailbox": Case(
        NO,
        "name-not-permitted",
        limited([MAIL("A@example.com")], san=[DNS(HOST), MAIL("a@example.com")]),
    ),
    "URI permitted": Case(
        YES,
        "",
        limited([URI("example.com")], san=[DNS(HOST), URI("https://example.com/a")]),
        FORMS,
    ),
    "URI excluded": Case(
        NO,
        "name-not-permitted",
        limited(None, [URI(".com")], san=[DNS(HOST), URI("https://example.com:1/")]),
    ),
    "DN permitted": Case(
        YES,
        "",
        limited([x509.DirectoryName(org("Good"))], name=org(" good", HOST)),
        FORMS,
    ),
    "DN not permitted": Case(
        NO,
        "name-not-permitted",
        limited([x509.DirectoryName(org("Good"))], name=org("Bad", HOST)),
    ),
    "DN excluded": Case(
        NO,
        "name-not-permitted",
        limited(None, [x509.DirectoryName(org("Bad"))], name=org("Bad", HOST)),
    ),
    "DN limited, no subject": Case(
        YES,
        "",
        limited([x509.DirectoryName(org("Good"))], name=""),
        FORMS,
    ),
    "other form limited": Case(
        OPEN, "name-not-checked", limited(None, [UPN], san=[DNS(HOST), UPN])
    ),
    "other form limited, none there": Case(YES, "", limited(None, [UPN])),
    "root permits": Case(
        NO,
        "name-not-permitted",
        rooted(exts=((x509.NameConstraints([DNS("a.test")], None), True),)),
    ),
    "issuer's own DN not permitted": Case(
        NO,
        "name-not-permitted",
        rooted(
            exts=(
                (
                    x509.NameConstraints([x509.DirectoryName(org("Good"))], None),
                    True,
                ),
            )
        ),
    ),
    "no SAN": Case(YES, "", usual(san=None), NO_SAN),
}


def pss_sha1() -> Chain:
    signer = party("Issuing", "rsa-2048")
    cert = leaf(signer, pss=True)

    def edit(it: Any) -> None:
        sha1 = {"algorithm": "sha1"}
        mask = {"algorithm": "mgf1", "parameters": sha1}
        scheme = {
            "algorithm": "rsassa_pss",
            "parameters": {
                "hash_algorithm": sha1,
                "mask_gen_algorithm": mask,
                "salt_length": 32,
            },
        }
        it["signature_algorithm"] = scheme
        it["tbs_certificate"]["signature"] = scheme
        it["signature_value"] = signer.key.sign(
            it["tbs_certificate"].dump(force=True),
            padding.PSS(padding.MGF1(hashes.SHA1()), 32),
            hashes.SHA1(),
        )

    return remade(cert, edit), [signer.by(ROOT)], [root]


def sha1_issuer() -> Chain:
    top = party("Top", "rsa-2048")
    return leaf(INT), [INT.by(top, digest=hashes.SHA1())], [top.by(top)]


def sha1_root() -> Chain:
    top = party("Top", "rsa-2048")
    return leaf(INT), [INT.by(top)], [top.by(top, digest=hashes.SHA1())]


# ---- the oracle ----------------------------------------------------------------


def _is_ca(policy: object, cert: object, ext: x509.BasicConstraints) -> None:
    if not ext.ca:
        raise ValueError


def _signs(policy: object, cert: object, ext: x509.KeyUsage | None) -> None:
    if ext is not None and not ext.key_cert_sign:
        raise ValueError


def _serves(policy: object, cert: object, ext: x509.ExtendedKeyUsage | None) -> None:
    fits = {Purpose.SERVER_AUTH, Purpose.ANY_EXTENDED_KEY_USAGE}
    if ext is not None and not fits & set(ext):
        raise ValueError


def oracle(chain: Chain) -> bool:
    """Tell whether cryptography's verifier accepts, without the web's demands."""
    leaf, sent, anchors = chain
    if not anchors:
        return False
    either = engine.Criticality.AGNOSTIC
    relaxed = engine.ExtensionPolicy.permit_all().may_be_present(
        x509.ExtendedKeyUsage, either, _serves
    )
    named = relaxed.require_present(x509.SubjectAlternativeName, either, None)
    authority = relaxed.require_present(
        x509.BasicConstraints, either, _is_ca
    ).may_be_present(x509.KeyUsage, either, _signs)
    verifier = (
        engine.PolicyBuilder()
        .store(engine.Store(anchors))
        .time(AT)
        .extension_policies(ca_policy=authority, ee_policy=named)
        .build_server_verifier(DNS(HOST))
    )
    try:
        verifier.verify(leaf, sent)
    except engine.VerificationError:
        return False
    return True


def verdict(chain: Chain, **kw: Any) -> Verdict:
    leaf, sent, anchors = chain
    return judge(leaf, sent, anchors, at=AT, **kw)


@pytest.mark.parametrize("name", CASES)
def test_table(name: str) -> None:
    case = CASES[name]
    found = verdict(case.make())
    expected = set(case.rule.split())
    rules = {fault.rule for fault in found.faults}
    assert (case.standing, expected) == (found.standing, rules), found.faults


@pytest.mark.parametrize("name", CASES)
def test_table_by_the_oracle(name: str) -> None:
    case = CASES[name]
    says = oracle(case.make())
    agrees = says is (case.standing is YES)
    assert agrees is not bool(case.differs), (says, case.differs)


# ---- random PKIs ---------------------------------------------------------------

LIMITS = [
    x509.NameConstraints([DNS("example.com")], None),
    x509.NameConstraints([DNS("a.test")], None),
    x509.NameConstraints(None, [DNS(HOST)]),
    x509.NameConstraints(None, [DNS("a.test")]),
    x509.NameConstraints([NET6], None),
]
DEFECTS: list[dict[str, Any]] = [
    {"first": 1},
    {"last": -1},
    {"ca": False, "bits": ("digital_signature",)},
    {"ca": None},
    {"bits": ("crl_sign",)},
    {"purposes": [Purpose.CLIENT_AUTH]},
    {"purposes": [Purpose.SERVER_AUTH]},
    {"length": 0},
    {"length": 1},
    {"exts": ((raw("1.2.3.4"), True),)},
    {"ids": False},
    {"aki": b"another key"},
    *({"exts": ((limit, True),)} for limit in LIMITS),
]
ROOT_DEFECTS = [
    defect
    for defect in DEFECTS
    if not {"purposes", "exts"} & defect.keys()
    or any(isinstance(e, x509.NameConstraints) for e, _ in defect.get("exts", ()))
]
"""Those that the oracle looks at in a trust anchor, too."""


def random_pki(seed: int) -> Chain:
    """Return authorities that sign each other at random, some with a defect."""
    r = random.Random(seed)
    names = [f"CA {i}" for i in range(r.randint(2, 5))]
    parties = [party(n, f"pki {i}") for i, n in enumerate(names)]
    if r.random() < 0.3:  # another authority of the same name
        parties.append(party(names[-1], "pki twin"))
    roots = r.sample(parties, r.randint(1, 2))

    def defect(kinds: list[dict[str, Any]], chance: float) -> dict[str, Any]:
        return dict(r.choice(kinds)) if r.random() < chance else {}

    anchors = [p.by(p, **defect(ROOT_DEFECTS, 0.15)) for p in roots]
    sent = []
    for _ in range(r.randint(2, 9)):
        subject, issuer = r.sample(parties, 2)
        if subject.name != issuer.name:  # self-issued ones count differently
            cert = subject.by(issuer, **defect(DEFECTS, 0.35))
            sent.append(tampered(cert) if r.random() < 0.05 else cert)
    kinds: list[dict[str, Any]] = [
        {"first": 1},
        {"last": -1},
        {"purposes": [Purpose.CLIENT_AUTH]},
        {"san": [DNS(HOST), DNS("b.test")]},
        {"ids": False},
        {"aki": b"another key"},
        {"exts": ((raw("1.2.3.4"), True),)},
    ]
    cert = leaf(r.choice(parties), **defect(kinds, 0.15))
    return tampered(cert) if r.random() < 0.05 else cert, sent, anchors


@pytest.mark.parametrize("block", range(10))
def test_random_pkis_against_the_oracle(block: int) -> None:
    accepted = 0
    for seed in range(block * 60, block * 60 + 60):
        chain = random_pki(seed)
        found = verdict(chain)
        accepted += found.standing is YES
        says = oracle(chain)
        if found.standing is YES and not says:  # in circles it gives up early
            says = oracle((chain[0], list(found.path[1:-1]), [found.path[-1]]))
        assert (found.standing is YES) is says, (seed, found.faults)
        assert (found.standing is YES) is not bool(found.faults), seed
        assert found.path[0] == chain[0], seed
        turned = chain[0], chain[1][::-1], chain[2][::-1]
        assert verdict(turned).faults == found.faults, seed
    assert 5 < accepted < 55  # so that both answers are tried


# ---- bounds, caches and speed ---------------------------------------------------


def test_a_path_that_is_tried_first_and_fails_is_told() -> None:
    limited = INT.by(OTHER, purposes=[Purpose.CLIENT_AUTH], last=90)
    found = judge(good, [limited, issuing], [root, other], at=AT)
    assert (YES, True) == (found.standing, found.alternatives)
    assert (good, issuing, root) == found.path
    assert not judge(good, [issuing], [root], at=AT).alternatives


def test_the_fault_stands_at_its_certificate() -> None:
    ended = INT.by(ROOT, last=-1)
    found = judge(good, [ended], [root], at=AT)
    assert [("issuer-expired", 1)] == [(f.rule, f.depth) for f in found.faults]
    assert (good, ended, root) == found.path
    assert root == found.anchor


def test_a_cached_pool_says_the_same() -> None:
    for seed in range(60):
        leaf, sent, anchors = random_pki(seed)
        pool = Pool(sent, anchors)
        first = pool.judge(leaf, at=AT)
        assert first == pool.judge(leaf, at=AT)
        assert first == Pool((), anchors).including(sent).judge(leaf, at=AT)
        assert pool.including(sent) is pool


def test_the_signature_cache_is_bounded() -> None:
    cache = SignatureCache(limit=2)
    for i in range(5):
        judge(leaf(INT, f"h{i}.test"), [issuing], [root], at=AT, cache=cache)
    assert 2 == len(cache)


def took(act: Callable[[], Any]) -> float:
    begin = time.process_time()
    act()
    return time.process_time() - begin


def test_a_thousand_issuers_of_one_name_are_bounded() -> None:
    twins = [party("Issuing", f"twin {i}").by(ROOT) for i in range(1000)]
    pool = Pool([*twins, issuing], [root])
    assert YES is pool.judge(good, at=AT).standing  # by the key identifier
    lost = leaf(INT, ids=False, last=20)
    found: list[Verdict] = []
    seconds = took(lambda: found.append(Pool(twins, [root]).judge(lost, at=AT)))
    assert OPEN is found[0].standing
    assert ["chain-too-complex"] == [fault.rule for fault in found[0].faults]
    assert seconds < 2


def test_authorities_that_all_sign_each_other_are_bounded() -> None:
    mesh = [party(f"M{i}", f"mesh {i}") for i in range(20)]
    sent = [a.by(b, ids=False) for a in mesh for b in mesh if a is not b]
    lost = leaf(mesh[0])
    found: list[Verdict] = []
    seconds = took(lambda: found.append(judge(lost, sent, [root], at=AT)))
    assert OPEN is found[0].standing
    assert seconds < 2
    over = NO, "expired"
    ended = judge(leaf(mesh[0], last=-1), sent, [root], at=AT)
    assert over == (ended.standing, ended.faults[0].rule)


def test_a_thousand_constraints_are_bounded() -> None:
    trees = [DNS(f"d{i}.test") for i in range(1000)]
    limits = ((x509.NameConstraints(None, trees), True),)
    issuer = INT.by(ROOT, exts=limits)
    few, many = leaf(INT), leaf(INT, san=[DNS(f"h{i}.test") for i in range(1000)])
    pool = Pool([issuer], [root])
    found: list[Verdict] = []
    seconds = took(
        lambda: found.extend(pool.judge(c, at=AT) for c in [*[few] * 50, many])
    )
    assert (YES, OPEN) == (found[0].standing, found[-1].standing)
    assert seconds < 2


def test_speed() -> None:
    parties = [party(f"Issuing {i}", f"i{i}") for i in range(20)]
    pool = Pool([p.by(ROOT) for p in parties], [root])
    leaves = [leaf(parties[i % 20], f"h{i}.test") for i in range(2000)]
    der = [one.public_bytes(serialization.Encoding.DER) for one in leaves]
    fresh = [x509.load_der_x509_certificate(one) for one in der]
    pool.judge(leaves[0], at=AT)
    seconds = took(lambda: [pool.judge(one, at=AT) for one in fresh])
    print(f"{seconds / len(fresh) * 1e6:.0f} µs a leaf")
    assert seconds / len(fresh) < 0.001


def odd_certificates() -> list[x509.Certificate]:
    """Return what can be loaded of the library's own odd certificates."""
    vectors = pytest.importorskip("cryptography_vectors")
    found = []
    for path in sorted((Path(vectors.__file__).parent / "x509").rglob("*")):
        if path.suffix not in {".pem", ".der", ".crt", ".cer"}:
            continue
        data = path.read_bytes()
        try:
            with panics_as_errors():
                if b"-----BEGIN" in data:
                    found += x509.load_pem_x509_certificates(data)
                else:
                    found.append(x509.load_der_x509_certificate(data))
        except UNREADABLE:
            continue
    return found


@pytest.mark.filterwarnings("ignore")
def test_odd_certificates_are_judged_without_breaking_down() -> None:
    odd = odd_certificates()
    assert len(odd) > 100
    pool = Pool(odd, odd[::2])
    for one in odd:
        for found in (pool.judge(one, at=AT), judge(one, [], [one], at=AT)):
            assert (found.standing is YES) is not bool(found.faults)
            assert all(fault.detail for fault in found.faults)


@pytest.mark.filterwarnings("ignore")
def test_torn_certificates_are_judged_without_breaking_down() -> None:
    r = random.Random(7)
    whole = [issuing, leaf(INT), limited([DNS("example.com")])()[1][0], root]
    torn = []
    for _ in range(3000):
        der = bytearray(r.choice(whole).public_bytes(serialization.Encoding.DER))
        der[r.randrange(len(der))] = r.randrange(256)
        try:
            with panics_as_errors():
                torn.append(x509.load_der_x509_certificate(bytes(der)))
        except UNREADABLE:
            continue
    assert len(torn) > 1000
    pool = Pool([*torn[:50], issuing], [root])
    known = {good, issuing, root}
    for one in torn:
        found = pool.judge(one, at=AT)
        judge(good, [one], [root], at=AT)
        judge(good, [issuing], [one], at=AT)
        accepted = found.standing is YES and one not in known
        assert not accepted or one.tbs_certificate_bytes in {
            c.tbs_certificate_bytes for c in whole
        }, found
