"""What is told of issuers that only strict clients refuse."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from cryptography import x509
from path_grids import maps, no_any
from pki import (
    AT,
    DNS,
    HOST,
    ROOT,
    Chain,
    Purpose,
    damaged_signature,
    good,
    issuing,
    limited,
    party,
    raw,
    remade,
    root,
    rooted,
    sha1_root,
    under,
    usage,
    usual,
    version_1,
)

from certlib.rules import Context, judge
from certlib.trust import places
from certlib.trust.faults import Standing
from certlib.trust.roots import Trust

SIGNS = ("key_cert_sign", "crl_sign")


def numbered(number: int) -> Chain:
    def edit(it: object) -> None:
        it["tbs_certificate"]["serial_number"] = number  # type: ignore[index]

    return good, [remade(issuing, edit, ROOT.key)], [root]


IRREGULAR: dict[str, tuple[Callable[[], Chain], set[str]]] = {
    "nothing": (usual(), set()),
    "no identifiers": (
        under(ids=False),
        {
            "CN=Issuing: SubjectKeyIdentifier: none",
            "CN=Issuing: AuthorityKeyIdentifier: no key identifier",
        },
    ),
    "no identifiers of the root": (
        rooted(ids=False),
        {"CN=Root: SubjectKeyIdentifier: none"},
    ),
    "another identifier of the root": (
        rooted(aki=b"1234"),
        {"CN=Root: AuthorityKeyIdentifier: another one than its own"},
    ),
    "no key usage": (under(bits=()), {"CN=Issuing: KeyUsage: none"}),
    "no key usage of the root": (rooted(bits=()), {"CN=Root: KeyUsage: none"}),
    "key usage not critical": (
        under(bits=(), exts=((usage(*SIGNS), False),)),
        {"CN=Issuing: KeyUsage: not critical"},
    ),
    "authority not critical": (
        under(
            ca=None,
            bits=SIGNS,
            exts=((x509.BasicConstraints(True, None), False),),
        ),
        {"CN=Issuing: BasicConstraints: not critical"},
    ),
    "limits not critical": (
        limited([DNS("example.com")], critical=False),
        {"CN=Issuing: NameConstraints: not critical"},
    ),
    "limits with a dot": (
        limited([DNS(".example.com")]),
        {"CN=Issuing: NameConstraints: begins with a dot (.example.com)"},
    ),
    "limits without any": (
        under(exts=((raw("2.5.29.30", b"\x30\x00"), True),)),
        {"CN=Issuing: NameConstraints: empty"},
    ),
    "demands not critical": (
        under(exts=((x509.PolicyConstraints(5, None), False),)),
        {"CN=Issuing: PolicyConstraints: not critical"},
    ),
    "demands critical": (
        under(exts=((x509.PolicyConstraints(5, None), True),)),
        {"CN=Issuing: PolicyConstraints: critical; GnuTLS and NSS refuse it"},
    ),
    "mappings critical": (
        under(exts=(maps("1.2.3.1", "1.2.3.2"),)),
        {"CN=Issuing: PolicyMappings: critical; GnuTLS and NSS refuse it"},
    ),
    "prohibition critical": (
        under(exts=(no_any(0),)),
        {"CN=Issuing: InhibitAnyPolicy: critical; NSS refuses it"},
    ),
    "a size of no whole bytes": (
        under(party=party("Issuing", "rsa-2052")),
        {
            "CN=Issuing: the size of the RSA key is no multiple of eight (2052 bits)",
        },
    ),
    "a size of whole bytes": (under(party=party("Issuing", "rsa-2048")), set()),
    "a curve of no whole bytes": (under(party=party("Issuing", "curve-p521")), set()),
    "serial number of zero": (
        lambda: numbered(0),
        {"CN=Issuing: the serial number is not positive (00)"},
    ),
    "serial number too long": (
        lambda: numbered(1 << 160),
        {"CN=Issuing: the serial number takes more than 20 bytes"},
    ),
    "purposes of the root": (
        rooted(purposes=[Purpose.ANY_EXTENDED_KEY_USAGE]),
        {"CN=Root: ExtendedKeyUsage: any purpose, which OpenSSL does not take"},
    ),
    "nothing, as its purpose is servers": (
        rooted(purposes=[Purpose.SERVER_AUTH]),
        set(),
    ),
    "weak root": (
        sha1_root,
        {"CN=Top: it signed itself with SHA1, which nobody relies on"},
    ),
    "root whose own signature is broken": (
        lambda: (good, [issuing], [damaged_signature(root)]),
        {"CN=Root: its key does not confirm its own signature"},
    ),
    "root of version 1": (
        lambda: (good, [issuing], [version_1(root, ROOT.key)]),
        {"CN=Root: it is of version 1"},
    ),
}


@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize("name", IRREGULAR)
def test_what_strict_clients_refuse_is_told_and_decides_nothing(name: str) -> None:
    make, wanted = IRREGULAR[name]
    leaf, sent, anchors = make()
    placed = places.in_file(leaf, sent, Trust.of((), given=anchors))
    assert Standing.YES is placed.verdict(AT).standing
    found = judge(placed.judged(AT), Context(AT, server_name=HOST))
    told = {one.detail for one in found if one.rule == "issuer-irregular"}
    assert wanted <= told
    assert bool(wanted) is bool(told)


def test_nothing_is_told_of_a_public_root() -> None:
    leaf, sent, anchors = rooted(bits=())()
    placed = places.in_file(leaf, sent, Trust.of(anchors))
    assert () == placed.judged(AT).surroundings.irregular_issuers


@pytest.mark.parametrize("damaged", [False, True])
def test_a_root_that_does_not_confirm_itself_is_told(damaged: bool) -> None:
    own = damaged_signature(root) if damaged else root
    placed = places.in_file(own, (), Trust.of((), [own]))
    found = judge(placed.judged(AT), Context(AT))
    assert damaged is ("issuer-irregular" in {one.rule for one in found})
