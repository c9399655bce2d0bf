"""What clients are asked about: for each rule about them, a chain that breaks it.

    uv run python tests/measured_cases.py [RULE...]

asks the clients of this computer, and writes what they say into the package.
"""

from __future__ import annotations

import json
import re
import ssl
import subprocess
import sys
import warnings
from collections.abc import Callable, Collection, Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import revoking
from asn1crypto import x509 as loose
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.x509.oid import ExtendedKeyUsageOID as Purpose
from live import served
from path_grids import entry
from pki import (
    AT,
    DAY,
    DNS,
    HOST,
    INT,
    ROOT,
    Chain,
    damaged_signature,
    explicit,
    good,
    issuing,
    leaf,
    limited,
    marked_key,
    other,
    party,
    raw,
    remade,
    root,
    under,
    usage,
    usual,
    version_1,
    with_unique_ids,
)

import certlib
from certlib.endpoints import clients
from certlib.rules import RULES

RESULT = Path(certlib.__file__).parent / "rules" / "measured.json"


def named(*names: str | x509.GeneralName, cn: str = "A server") -> Callable[[], Chain]:
    return usual(name=cn, san=[entry(one) for one in names])


def subject(*common_names: str) -> x509.Name:
    kind = x509.NameOID.COMMON_NAME
    return x509.Name([x509.NameAttribute(kind, one) for one in common_names])


def _policies(*oids: str) -> tuple[x509.ExtensionType, bool]:
    found = [x509.PolicyInformation(x509.ObjectIdentifier(oid), None) for oid in oids]
    return x509.CertificatePolicies(found), False


def _list_at(url: str) -> tuple[x509.ExtensionType, bool]:
    return revoking.at_address(url), False


def _self_signed(**kw: Any) -> Chain:
    return leaf(party(HOST, "leaf"), **kw), [], [root]


RSA = party("Issuing", "rsa-2048")
_SIGNS = ("key_cert_sign",)
_LENGTH_WITHOUT_CA = "2.5.29.19", b"\x30\x03\x02\x01\x00"
_NO_TIMESTAMPS = "1.3.6.1.4.1.11129.2.4.2", b"\x04\x02\x00\x00"
_PLACES = ("certlib.rules.placement", "certlib.rules.secrecy")

MEASURED: dict[str, tuple[Callable[[], Chain], str]] = {
    "san-missing": (usual(san=None), HOST),
    "common-name-only": (usual(san=None), HOST),
    "san-without-server-name": (named("a.example.com"), HOST),
    "address-as-dns-name": (named(x509.DNSName("127.0.0.1")), "127.0.0.1"),
    "addresses-only": (named("127.0.0.1"), "127.0.0.1"),
    "common-name-not-in-san": (named(HOST, cn="b.example.com"), HOST),
    "common-name-repeated": (usual(name=subject("a", HOST)), HOST),
    "common-name-without-server-name": (named(HOST), HOST),
    "wildcard-misplaced": (named("s*.example.com"), HOST),
    "wildcard-too-wide": (named("*.com"), "example.com"),
    "trailing-dot-in-name": (named(f"{HOST}."), HOST),
    "underscore-in-name": (named("my_app.example.com"), "my_app.example.com"),
    "not-a-dns-name": (named(f"{HOST} "), HOST),
    "reserved-label-in-name": (named("ab--c.example.com"), "ab--c.example.com"),
    "public-suffix-as-name": (named("co.uk"), "co.uk"),
    "short-name": (named("srv"), "srv"),
    "name-repeated": (named(HOST, HOST), HOST),
    "nobody-named": (usual(name=""), HOST),
    "self-signed-in-production": (_self_signed, HOST),
    "root-unknown": (lambda: (good, [issuing, root], [other]), HOST),
    "chain-incomplete": (lambda: (good, [], [root]), HOST),
    "chain-in-wrong-order": (lambda: _two_issuers(), HOST),
    "root-sent-along": (lambda: (good, [issuing, root], [root]), HOST),
    "stranger-in-chain": (lambda: (good, [issuing, other], [root]), HOST),
    "issuer-expired": (under(last=-1), HOST),
    "issuer-may-not-issue": (under(ca=False), HOST),
    "name-not-permitted": (limited([DNS("a.test")]), HOST),
    "issuer-weak": (under(party=party("Weak", "rsa-1024")), HOST),
    "issuer-extension-refused": (under(exts=((raw("1.2.3.4"), True),)), HOST),
    "unknown-critical-extension": (usual(exts=((raw("1.2.3.4"), True),)), HOST),
    "precertificate": (usual(exts=((x509.PrecertPoison(), True),)), HOST),
    "expired": (usual(last=-1), HOST),
    "lifetime-too-long-for-apple": (usual(last=3650), HOST),
    "rsa-key-too-small": (usual(kind="rsa-1024"), HOST),
    "curve-not-allowed": (usual(kind="curve-k1"), HOST),
    "curve-not-in-browsers": (usual(kind="curve-p521"), HOST),
    "key-kind-not-for-windows": (usual(kind="ed25519"), HOST),
    "signature-weak": (under(party=RSA, leaf={"digest": hashes.SHA1()}), HOST),
    "signature-kind-unusual": (under(party=party("E", "ed25519")), HOST),
    "not-for-server-authentication": (usual(purposes=[Purpose.CLIENT_AUTH]), HOST),
    "extended-key-usage-missing": (usual(purposes=None), HOST),
    "for-any-purpose": (usual(purposes=[Purpose.ANY_EXTENDED_KEY_USAGE]), HOST),
    "key-usage-missing": (usual(bits=()), HOST),
    "key-may-not-sign": (usual(kind="rsa-2048", bits=("key_encipherment",)), HOST),
    "key-may-not-serve": (usual(bits=("content_commitment",)), HOST),
    "key-usage-not-of-this-key": (
        usual(bits=("digital_signature", "key_encipherment")),
        HOST,
    ),
    "ca-as-server": (
        usual(ca=True, bits=("digital_signature", "key_cert_sign")),
        HOST,
    ),
    "signs-without-being-a-ca": (
        usual(ca=False, bits=("digital_signature", "key_cert_sign")),
        HOST,
    ),
    "version-not-3": (lambda: (version_1(good, INT.key), [issuing], [root]), HOST),
    "authority-key-identifier-missing": (usual(ids=False), HOST),
    "subject-key-identifier-missing": (under(ids=False), HOST),
    "time-not-in-der": (lambda: _times_written_long(), HOST),
    "rsa-without-null": (lambda: _without_null(), HOST),
    "serial-number-zero": (lambda: _numbered(0), HOST),
    "serial-number-negative": (lambda: _numbered(-5), HOST),
    "serial-number-too-long": (lambda: _numbered(1 << 167), HOST),
    "serial-number-too-short": (lambda: _numbered(5), HOST),
    "issuer-empty": (lambda: _by_nobody(), HOST),
    "unique-identifier": (
        lambda: (with_unique_ids(good, INT.key), [issuing], [root]),
        HOST,
    ),
    "policy-repeated": (usual(exts=(_policies("1.2.3", "1.2.3"),)), HOST),
    "common-name-too-long": (
        lambda: _renamed({"common_name": "a" * 65, "organization_name": "A"}),
        HOST,
    ),
    "country-not-two-letters": (lambda: _renamed({"country_name": "DEU"}), HOST),
    "alternative-name-malformed": (named(HOST, x509.RFC822Name("no address")), HOST),
    "name-of-another-kind": (named(HOST, x509.RFC822Name("a@example.com")), HOST),
    "unprintable-subject": (usual(name="a\u202eb"), HOST),
    "reverse-zone-name": (named("1.2.0.192.in-addr.arpa"), "1.2.0.192.in-addr.arpa"),
    "network-as-address": (
        lambda: _with_san(b"\x87\x08\x7f\x00\x00\x01\xff\xff\xff\xff"),
        "127.0.0.1",
    ),
    "international-name-not-encoded": (
        lambda: _with_san(b"\x82\x11m\xc3\xbcll.example.com"),
        "xn--mll-hoa.example.com",
    ),
    "internal-name": (named("server.corp"), "server.corp"),
    "issuer-not-yet-valid": (under(first=3), HOST),
    "policy-missing": (under(exts=((x509.PolicyConstraints(0, None), True),)), HOST),
    "refused-by-clients": (
        lambda: (explicit(good, INT.key), [issuing], [root]),
        HOST,
    ),
    "identifier-of-another-issuer": (usual(aki=b"12345678901234567890"), HOST),
    "issuer-irregular": (under(bits=()), HOST),
    "path-depends-on-client": (lambda: _two_ways(), HOST),
    "outlives-its-issuer": (under(last=10), HOST),
    "signature-broken": (lambda: (damaged_signature(good), [issuing], [root]), HOST),
    "revocation-not-findable": (usual(), HOST),
    "issuer-not-findable": (usual(), HOST),
    "address-not-by-http": (usual(exts=(_list_at("ldap://ca.example.com/x"),)), HOST),
    "address-internal": (usual(exts=(_list_at("http://ca.corp/x.crl"),)), HOST),
    "not-yet-valid": (usual(first=3), HOST),
    "expiring": (usual(last=5), HOST),
    "about-to-expire": (usual(last=0.5), HOST),
    "issuer-expiring": (under(last=5), HOST),
    "issuer-about-to-expire": (under(last=0.5), HOST),
    "ends-before-it-begins": (lambda: _turned(), HOST),
    "lifetime-too-long": (usual(last=500), HOST),
    "without-end": (lambda: _without_end(), HOST),
    "rsa-key-of-odd-size": (usual(kind="rsa-2052"), HOST),
    "for-any-purpose-too": (
        usual(purposes=[Purpose.SERVER_AUTH, Purpose.ANY_EXTENDED_KEY_USAGE]),
        HOST,
    ),
    "for-more-than-servers": (
        usual(purposes=[Purpose.SERVER_AUTH, Purpose.CLIENT_AUTH]),
        HOST,
    ),
    "for-forbidden-purposes": (
        usual(purposes=[Purpose.SERVER_AUTH, Purpose.CODE_SIGNING]),
        HOST,
    ),
    "key-usage-not-critical": (
        usual(bits=(), exts=((usage("digital_signature"), False),)),
        HOST,
    ),
    "path-length-without-ca": (lambda: _with_bytes(*_LENGTH_WITHOUT_CA), HOST),
    "limits-without-ca": (
        usual(exts=((x509.NameConstraints([DNS("example.com")], None), True),)),
        HOST,
    ),
    "ca-not-critical": (
        under(ca=None, exts=((x509.BasicConstraints(True, None), False),), bits=_SIGNS),
        HOST,
    ),
    "ca-may-not-sign": (under(bits=("crl_sign",)), HOST),
    "timestamps-missing": (usual(), HOST),
    "timestamps-empty": (lambda: _with_bytes(*_NO_TIMESTAMPS), HOST),
    "policies-missing": (usual(), HOST),
    "stapled-answer-missing": (
        usual(exts=((x509.TLSFeature([x509.TLSFeatureType.status_request]), False),)),
        HOST,
    ),
    "tls-version-old": (usual(), HOST),
    "old-tls-version-offered": (usual(), HOST),
    "client-certificate-asked": (usual(), HOST),
    "san-critical": (
        usual(san=None, exts=((x509.SubjectAlternativeName([DNS(HOST)]), True),)),
        HOST,
    ),
}
"""By the rule that is broken: how the chain is made, and the name asked for."""


SERVED: dict[str, Callable[[ssl.SSLContext], None]] = {
    "tls-version-old": lambda context: _only(context, ssl.TLSVersion.TLSv1_1),
    "old-tls-version-offered": lambda context: _from(context, ssl.TLSVersion.TLSv1),
    "client-certificate-asked": lambda context: _asking(context),
}
"""What is wrong with the server, and not with its certificate."""


_NO_CERTIFICATE = "what stands there is no certificate that a server could present"
_NOT_SERVED = "OpenSSL does not serve it"
_ONE_PRODUCT = "it is about one product, and not about its clients"
_PLACE = "it is about the place of a certificate, which no client sees"
NOT_MEASURED: dict[str, str] = {
    "not-opened": _NO_CERTIFICATE,
    "cannot-be-read": _NOT_SERVED,
    "path-not-judged": _NOT_SERVED,
    "encoding-irregular": "measured as what is irregular: a negative serial number",
    "wildcard-as-host-name": _ONE_PRODUCT,
    "server-name-not-first": _ONE_PRODUCT,
    "not-from-a-public-ca": _ONE_PRODUCT,
    "key-is-published": "clients do not know whose hands a key is in",
    "key-shared": "clients see one server at a time",
    "key-known-weak": "clients do not look for the weaknesses of a key",
    "revoked": "clients look it up as they are set; by default most do not",
    "revocation-not-checked": "it is about a question that was asked of certlib",
    "revocation-list-irregular": "it is about a list, and most clients fetch none",
    "issuer-unconfirmed": "measured as chain-incomplete, which it is on a server",
    "not-a-server-certificate": "measured as not-for-server-authentication",
    "rsa-key-too-large": _NOT_SERVED,
    "cipher-suite-old": _NOT_SERVED,
    "renegotiation-unsafe": _NOT_SERVED,
    **dict.fromkeys(
        (rule for rule, it in RULES.items() if it.chapter in _PLACES), _PLACE
    ),
}
"""The rules that no client was asked about, and why."""


IN_A_BROWSER = (
    "common-name-only",
    "curve-not-in-browsers",
    "for-any-purpose",
    "key-kind-not-for-windows",
    "key-may-not-serve",
    "key-may-not-sign",
    "rsa-key-too-small",
    "san-missing",
    "signature-weak",
    "trailing-dot-in-name",
    "wildcard-misplaced",
)
"""The rules about which a browser is asked, too, which takes seconds for each."""


def _two_issuers() -> Chain:
    below = party("Second")
    return leaf(below), [INT.by(ROOT), below.by(INT)], [root]


def _changed(edit: Callable[[Any], None], kind: str = "") -> Chain:
    """A usual chain whose leaf was changed before it was signed."""
    return remade(leaf(INT, kind=kind), edit, INT.key), [issuing], [root]


def _numbered(number: int) -> Chain:
    def edit(it: Any) -> None:
        it["tbs_certificate"]["serial_number"] = number

    return _changed(edit)


def _with_bytes(oid: str, value: bytes) -> Chain:
    san = None if oid == "2.5.29.17" else [DNS(HOST)]
    return usual(san=san, exts=((raw(oid, value), False),))()


def _with_san(entry: bytes) -> Chain:
    return _with_bytes("2.5.29.17", b"\x30" + bytes([len(entry)]) + entry)


def _renamed(subject: dict[str, str]) -> Chain:
    def edit(it: Any) -> None:
        it["tbs_certificate"]["subject"] = loose.Name.build(subject)

    return _changed(edit)


def _timed(**times: loose.Time) -> Chain:
    def edit(it: Any) -> None:
        for part, time in times.items():
            it["tbs_certificate"]["validity"][part] = time

    return _changed(edit)


def _times_written_long() -> Chain:
    ends = {"not_before": AT - DAY, "not_after": AT + DAY}
    return _timed(**{p: loose.Time("general_time", end) for p, end in ends.items()})


def _without_end() -> Chain:
    last = datetime(9999, 12, 31, 23, 59, 59, tzinfo=UTC)
    return _timed(not_after=loose.Time("general_time", last))


def _turned() -> Chain:
    return _timed(not_before=loose.Time("utc_time", AT + 40 * DAY))


def _without_null() -> Chain:
    key = bytes.fromhex("300b06092a864886f70d010101")
    return (
        marked_key(leaf(INT, kind="rsa-2048"), INT.key, key),
        [issuing],
        [root],
    )


def _by_nobody() -> Chain:
    nameless = party("", "nameless")
    return leaf(nameless), [nameless.by(ROOT)], [root]


def _two_ways() -> Chain:
    """One way over an issuer that may not release this name, and one that is good."""
    limits = x509.NameConstraints([DNS("a.test")], None)
    return good, [INT.by(ROOT, last=60, exts=((limits, True),)), issuing], [root]


def _only(context: ssl.SSLContext, version: ssl.TLSVersion) -> None:
    context.minimum_version = context.maximum_version = version


def _from(context: ssl.SSLContext, version: ssl.TLSVersion) -> None:
    context.minimum_version = version


def _asking(context: ssl.SSLContext) -> None:
    context.verify_mode = ssl.CERT_OPTIONAL


def measure(rules: Collection[str]) -> dict[str, Any]:
    """Return what each client says to the chains of rules, and the versions."""
    with ThreadPoolExecutor(4) as pool:
        answers = dict(zip(rules, pool.map(_answers, rules), strict=True))
    return {
        "versions": dict(versions()),
        "answers": {rule: answer for rule, answer in answers.items() if answer},
    }


def _answers(rule: str) -> dict[str, bool]:
    make, host = MEASURED[rule]
    chain = make()
    asked = [
        client
        for client in clients.CLIENTS.values()
        if client.name != "Chromium" or rule in IN_A_BROWSER
    ]
    try:
        with served(chain, host, SERVED.get(rule)) as endpoint:
            said = list(clients.verdicts(endpoint, roots=chain[2], clients=asked))
    except ssl.SSLError as error:
        print(f"not served: {error}", file=sys.stderr)
        return {}
    return {one.client: one.accepted for one in said if one.accepted is not None}


COMMANDS = {
    "openssl s_client": ["openssl", "version"],
    "curl": ["curl", "--version"],
    "gnutls-cli": ["gnutls-cli", "--version"],
    "Java": ["java", "--version"],
    "Node.js": ["node", "--version"],
    "tstclnt": ["dpkg-query", "--show", "--showformat=${Version}", "libnss3"],
    "Chromium": ["chromium", "--version"],
}


def versions() -> Iterator[tuple[str, str]]:
    """Yield each client and its version."""
    yield "Python", f"{sys.version_info.major}.{sys.version_info.minor}"
    for client, command in COMMANDS.items():
        done = subprocess.run(command, capture_output=True, text=True, check=False)
        if found := re.search(r"(?:\d+:)?(\d+(?:\.\d+)+)", done.stdout):
            yield client, found[1]


if __name__ == "__main__":
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        found = measure(sys.argv[1:] or MEASURED)
    if sys.argv[1:]:
        found["answers"] = json.loads(RESULT.read_text())["answers"] | found["answers"]
    text = json.dumps(found, indent=1, sort_keys=True)
    RESULT.write_text(f"{text}\n", encoding="utf-8")
