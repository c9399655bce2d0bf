"""What clients are asked about: for each rule about them, a chain that breaks it.

    uv run python tests/measured_cases.py

asks the clients of this computer, and writes what they say into the package.
"""

from __future__ import annotations

import json
import re
import ssl
import subprocess
import sys
import warnings
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.x509.oid import ExtendedKeyUsageOID as Purpose
from live import served
from path_grids import entry
from pki import (
    DNS,
    HOST,
    INT,
    ROOT,
    Chain,
    good,
    issuing,
    leaf,
    limited,
    other,
    party,
    raw,
    root,
    under,
    usual,
    version_1,
)

import certlib
from certlib.endpoints import clients

RESULT = Path(certlib.__file__).parent / "rules" / "measured.json"


def named(*names: str | x509.GeneralName, cn: str = "A server") -> Callable[[], Chain]:
    return usual(name=cn, san=[entry(one) for one in names])


def subject(*common_names: str) -> x509.Name:
    kind = x509.NameOID.COMMON_NAME
    return x509.Name([x509.NameAttribute(kind, one) for one in common_names])


def _self_signed(**kw: Any) -> Chain:
    return leaf(party(HOST, "leaf"), **kw), [], [root]


RSA = party("Issuing", "rsa-2048")

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
    "san-critical": (
        usual(san=None, exts=((x509.SubjectAlternativeName([DNS(HOST)]), True),)),
        HOST,
    ),
}
"""By the rule that is broken: how the chain is made, and the name asked for."""


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


def measure() -> dict[str, Any]:
    """Return what each client says to each rule's chain, and the versions."""
    with ThreadPoolExecutor(4) as pool:
        answers = dict(zip(MEASURED, pool.map(_answers, MEASURED), strict=True))
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
        with served(chain, host) as endpoint:
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
        text = json.dumps(measure(), indent=1, sort_keys=True)
    RESULT.write_text(f"{text}\n", encoding="utf-8")
