"""An auditor's folder: certificates, keys, servers and a store, each with its verdict.

    uv run python tests/auditors_folder.py

writes docs/_static/audit.html and audit.xlsx, the report of it that the page on
auditing shows. Everything is the same in each run: keys are derived from numbers.

The verdicts were written down before anything was audited, each with its reason.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import timedelta
from functools import cache
from pathlib import Path

import forge
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    pkcs12,
)
from cryptography.x509.oid import ExtendedKeyUsageOID as Use
from forge import AT, DAY

from certlib import auditing, reports
from certlib.auditing import evidence, suppressions
from certlib.auditing.sources import FileSource, Found, Source, StoreSource, _presented
from certlib.bundles import Bundle
from certlib.endpoints import Endpoint, Presented
from certlib.products import PRODUCTS
from certlib.rules import Context
from certlib.stores import INTERMEDIATE, PERSONAL, TRUSTED_ROOT, practice_machine
from certlib.trust.roots import Trust

CONTEXT = Context(AT, product=PRODUCTS["board-connector"], practice=True)
WORD = "Practice-1"
LIFE = {"not_before": AT - 100 * DAY, "not_after": AT + 265 * DAY}


@cache
def key(number: int) -> ec.EllipticCurvePrivateKey:
    """Return a key, the same for the same number; it protects nothing."""
    return ec.derive_private_key(number + 1_000_003, ec.SECP256R1())


def authority(name: str, number: int, serial: int, **values: object) -> Bundle:
    """Return a certification authority's certificate."""
    numbers = {"private_key": key(number), "serial_number": (0x51 << 120) + serial}
    return forge.ca(name, **numbers | values)


ROOT = authority("Example Root CA", 1, 1, validity=1200 * DAY)
RENEWED = authority("Example Root CA", 1, 2, not_before=AT - 30 * DAY)
OLD = authority("Example Old Root", 2, 3)
CROSSED = authority("Example Root CA", 1, 4, issuer=OLD, validity=1000 * DAY)
POLICY = authority("Example Policy CA", 3, 5, issuer=RENEWED, path_length=1)
ISSUING = authority("Example Issuing CA", 4, 6, issuer=POLICY, path_length=0)
ENDED_CA = authority(
    *("Example Former CA", 5, 7),
    issuer=RENEWED,
    not_before=AT - 900 * DAY,
    not_after=AT - DAY,
)


def server(number: int, **values: object) -> Bundle:
    """Return a server's certificate of the issuing CA, right unless told otherwise."""
    name = f"app-{number:02}.example.com"
    right = {
        "common_name": name,
        "san": [name],
        "private_key": key(100 + number),
        "serial_number": (0x61 << 120) + number,
        "issuer": ISSUING,
    }
    return forge.leaf(**right | LIFE | values)


Verdict = frozenset[str]


@dataclass(frozen=True)
class Case:
    """One thing in the folder.

    Attributes:
        name: of its file.
        made: its content.
        verdict: the rules that it breaks.
        reason: why that is right.
        mode: of the file.
    """

    name: str
    made: Callable[[], bytes]
    verdict: Verdict
    reason: str
    mode: int = 0o600


def broken(*rules: str) -> Verdict:
    """Return the verdict of what breaks these rules."""
    return frozenset(rules)


FINE = broken()


def der(bundle: Bundle) -> Callable[[], bytes]:
    """Return what writes the certificate alone."""
    return lambda: forge.der(bundle)


def plain(number: int) -> bytes:
    """Return a private key that nothing protects."""
    return key(number).private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())


def pfx(bundle: Bundle, word: str) -> Callable[[], bytes]:
    """Return what writes a PFX file; an empty word protects nothing."""
    if word:
        return lambda: bundle.to_pfx(word)
    return lambda: pkcs12.serialize_key_and_certificates(
        b"", bundle.private_key, bundle.leaf, None, NoEncryption()
    )


def person(number: int, use: x509.ObjectIdentifier) -> Bundle:
    """Return a certificate that is no server's."""
    return server(number, common_name="Jane Doe", san=None, eku=[use])


RIGHT = [
    Case(
        f"right-{n:02}.cer",
        der(server(n)),
        FINE,
        "named, in its time, for servers; a file need not hold its issuers",
    )
    for n in range(1, 36)
]
WHOLE = [
    Case(
        f"whole-{n}.p7b",
        lambda n=n: server(n).to_p7b(),  # type: ignore[misc]
        FINE,
        "the same with its chain up to the given root",
    )
    for n in range(36, 41)
]
ODD = [
    Case(
        "ended.cer",
        der(server(41, not_after=AT - timedelta(seconds=1))),
        broken("expired"),
        "its last second has passed",
    ),
    Case(
        "tonight.cer",
        der(server(42, not_after=AT + timedelta(hours=15, minutes=30))),
        broken("about-to-expire"),
        "it ends today at 23:30: an error, not exit code 0",
    ),
    Case(
        "soon.cer",
        der(server(43, not_after=AT + 20 * DAY)),
        broken("expiring"),
        "twenty days are left of four months",
    ),
    Case(
        "tomorrow.cer",
        der(server(44, not_before=AT + DAY)),
        broken("not-yet-valid"),
        "it begins tomorrow",
    ),
    Case(
        "decade.cer",
        der(server(45, not_after=AT + 3000 * DAY)),
        broken("lifetime-too-long-for-apple"),
        "more than 825 days; the issuer lives longer",
    ),
    Case(
        "no-san.cer",
        der(server(46, san=None)),
        broken("san-missing", "common-name-only"),
        "the name stands in the CN only",
    ),
    Case(
        "other-cn.cer",
        der(server(47, common_name="app.example.org")),
        broken("common-name-not-in-san", "common-name-without-server-name"),
        "the CN is another server's",
    ),
    Case(
        "wildcard.cer",
        der(server(48, common_name="app.example.com", san=["*.example.com"])),
        FINE,
        "its own wildcard covers the CN",
    ),
    Case(
        "unicode.cer",
        der(server(49, common_name="müller.example", san=["xn--mller-kva.example"])),
        FINE,
        "the CN in Unicode is the A-label in the SAN",
    ),
    Case(
        "too-wide.cer",
        der(server(50, common_name="*.com", san=["*.com"])),
        broken("wildcard-too-wide"),
        "nobody owns .com",
    ),
    Case(
        "curve.cer",
        der(server(51, private_key=ec.derive_private_key(1_000_051, ec.SECP224R1()))),
        broken("curve-not-allowed", "path-not-judged"),
        "P-224 is no curve for servers, and the judge of paths does not know it",
    ),
    Case(
        "shared-a.cer",
        der(server(52, private_key=key(900))),
        broken("key-shared"),
        "another server has the same key",
    ),
    Case(
        "shared-b.cer",
        der(server(53, private_key=key(900))),
        broken("key-shared"),
        "another server has the same key",
    ),
    Case(
        "renewed-a.cer",
        der(server(54, private_key=key(901))),
        FINE,
        "renewed with the same key: the same server",
    ),
    Case(
        "renewed-b.cer",
        der(server(54, private_key=key(901), serial_number=(0x62 << 120) + 54)),
        FINE,
        "renewed with the same key: the same server",
    ),
    Case(
        "card.cer",
        der(person(55, Use.CLIENT_AUTH)),
        broken("not-a-server-certificate"),
        "a client's; it is not judged as a server's",
    ),
    Case(
        "mail.cer",
        der(person(56, Use.EMAIL_PROTECTION)),
        broken("not-a-server-certificate"),
        "a person's, for mail",
    ),
    Case(
        "code.cer",
        der(person(57, Use.CODE_SIGNING)),
        broken("not-a-server-certificate"),
        "for code",
    ),
    Case(
        "with-key.pem",
        lambda: server(58).leaf.public_bytes(Encoding.PEM) + plain(158),
        broken("private-key-without-passphrase"),
        "certificate and plain key in one file",
    ),
    Case(
        "open.pfx",
        pfx(server(59), ""),
        broken("private-key-without-passphrase", "private-key-file-open"),
        "no passphrase, and every user may read it",
        0o644,
    ),
    Case("locked.pfx", pfx(server(60), WORD), FINE, "as a PFX file has to be"),
    Case(
        "self-signed.cer",
        der(server(61, issuer=None)),
        broken("self-signed-in-production"),
        "no authority released it, and this is production",
    ),
    Case("root.cer", der(RENEWED), FINE, "the given root"),
    Case("root-before.cer", der(ROOT), FINE, "the root before its renewal"),
    Case("crossed.cer", der(CROSSED), FINE, "the same authority by an older root"),
    Case("policy.cer", der(POLICY), FINE, "the second of three levels"),
    Case("issuing.cer", der(ISSUING), FINE, "the third of three levels"),
    Case("former.cer", der(ENDED_CA), broken("expired"), "the authority has ended"),
    Case(
        "torn.cer", lambda: forge.der(server(62))[:200], broken("cannot-be-read"), "-"
    ),
    Case(
        "locked-away.pfx",
        pfx(server(63), "another word"),
        broken("not-opened"),
        "nobody gave its passphrase",
    ),
    *(
        Case(
            f"plain-{n}.key",
            lambda n=n: plain(700 + n),  # type: ignore[misc]
            broken("private-key-without-passphrase", "private-key-file-open"),
            "a plain key that its group may read",
            0o640,
        )
        for n in range(3)
    ),
]
FILES = [*RIGHT, *WHOLE, *ODD]

SERVERS: dict[int, tuple[Bundle, Verdict, str]] = {
    **{
        n: (server(n), FINE, "it sends its chain up to the given root")
        for n in range(1, 17)
    },
    71: (
        server(71, not_after=AT - DAY),
        broken("expired"),
        "it has ended",
    ),
    72: (
        server(72, san=["app-99.example.com"]),
        broken("san-without-server-name", "common-name-not-in-san"),
        "it is called by a name that only the CN has",
    ),
    73: (
        Bundle(server(73).leaf, key(173)),
        broken("chain-incomplete"),
        "it does not send its issuer",
    ),
    74: (
        server(74, issuer=None, is_ca=True),
        broken("self-signed-in-production", "ca-as-server"),
        "OpenSSL's usual self-signed one says that it is an authority",
    ),
}
"""Servers by number, what they present, and the verdict with its reason."""

READER = r"NT Service\BOARD Connector Service"
STORED: dict[int, tuple[str, Verdict, str]] = {
    81: (READER, FINE, "the service alone may read its key"),
    82: (
        "Jeder",
        broken("private-key-readable-by-anyone", "private-key-not-readable"),
        "everybody may read the key, in German",
    ),
    83: ("", broken("private-key-not-readable"), "the service may not read its key"),
}
"""Certificates in Personal by number, who is let in, the verdict and its reason."""

ACCEPTED = suppressions.Suppressions(
    (
        suppressions.Suppression(
            "lifetime-too-long-for-apple",
            "No Apple device calls it.",
            (AT + 60 * DAY).date(),
            "*decade.cer",
            "Jane Doe",
        ),
        suppressions.Suppression(
            "expired",
            "It is switched off.",
            (AT - DAY).date(),
            "*ended.cer",
            "Jane Doe",
        ),
    )
)


def lay(folder: Path) -> None:
    """Write the files."""
    folder.mkdir(parents=True)
    for case in FILES:
        (path := folder / case.name).write_bytes(case.made())
        path.chmod(case.mode)


def store(folder: Path, trust: Trust) -> StoreSource:
    """Return Personal of a practice machine with the stored ones, and rights."""
    machine = practice_machine(folder)
    machine.open(TRUSTED_ROOT).add(Bundle(RENEWED.leaf))
    for one in (POLICY, ISSUING):
        machine.open(INTERMEDIATE).add(Bundle(one.leaf))
    personal = machine.open(PERSONAL)
    for number, (reader, _, _) in STORED.items():
        personal.add(server(number))
        if reader:
            personal.grant_read(server(number).thumbprint, reader)
    return StoreSource(personal, trust)


def trust() -> Trust:
    """Return the trust in the given root, and in nothing public."""
    return Trust.of((), intermediates=[POLICY.leaf, ISSUING.leaf], given=[RENEWED.leaf])


@dataclass(frozen=True)
class Asked:
    """The servers as if they had been asked under their names."""

    trust: Trust

    def __iter__(self) -> Iterator[Found]:
        """Yield what each presents."""
        for number, (bundle, _, _) in SERVERS.items():
            sent = tuple(one for one in bundle.chain if one != RENEWED.leaf)
            endpoint = Endpoint(f"app-{number:02}.example.com", 8165)
            chain = (bundle.leaf, *sent)
            yield _presented(Presented(endpoint, chain, "TLSv1.3"), self.trust)


def report(folder: Path) -> tuple[list[auditing.Audited], evidence.Evidence]:
    """Audit it all, and return what was found and what it was about."""
    lay(folder / "certificates")
    trusted = trust()
    sources: list[Source] = [
        FileSource(folder / "certificates", (WORD,), trusted),
        Asked(trusted),
        store(folder / "stores", trusted),
    ]
    results = list(auditing.audit(sources, CONTEXT, suppressions=ACCEPTED))
    about = evidence.Evidence(
        ("certificates", "servers.csv", str(PERSONAL)),
        CONTEXT,
        trusted,
        "practice store",
        ACCEPTED,
        "accepted.toml",
    )
    return results, about


def main(to: Path) -> None:
    """Write the report as HTML and Excel."""
    import os
    import tempfile

    with tempfile.TemporaryDirectory() as name:
        os.chdir(name)
        results, about = report(Path())
        for ending in ("html", "xlsx"):
            reports.write(results, to / f"audit.{ending}", replace=True, about=about)


if __name__ == "__main__":
    main(Path(__file__).resolve().parent.parent / "docs" / "_static")
    sys.exit(0)
