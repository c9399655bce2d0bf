"""Grids of cases for the path judge: one property each, at each place of a chain."""

from __future__ import annotations

import ipaddress
import itertools
from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any

from asn1crypto import x509 as loose
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.x509.oid import AuthorityInformationAccessOID as Access
from path_cases import (
    LIVE_ANY,
    NO,
    NO_DSA,
    OPEN,
    OTHER_NAME,
    SMALL_KEY,
    UNASKED,
    UNUSUAL_KEY,
    WEAK_KEY,
    YES,
    Case,
)
from pki import (
    DNS,
    HOST,
    INT,
    IP,
    OLD,
    ROOT,
    URI,
    Chain,
    Party,
    Purpose,
    good,
    issuing,
    leaf,
    limited,
    old,
    party,
    raw,
    root,
    rooted,
    under,
    usual,
)

Make = Callable[[], Chain]

PLACES: dict[str, Callable[..., Make]] = {
    "leaf": usual,
    "issuer": under,
    "root": rooted,
}
"""Where a property may stand in a usual chain of three."""


def expected(said: str, make: Make, **more: Any) -> Case:
    """Return a case whose verdict is written as its rules.

    Nothing for one that is right; ``?`` before what cannot be checked.
    """
    if not said:
        return Case(YES, "", make, **more)
    return Case(OPEN if said[0] == "?" else NO, said.removeprefix("?"), make, **more)


# ---- names ----------------------------------------------------------------------

LONG = "a" * 63

NAMES: dict[str, tuple[str, list[str | x509.GeneralName], bool | str]] = {
    "the name": (HOST, [HOST], True),
    "in capitals": (HOST, ["SRV.Example.COM"], True),
    "the second of two": (HOST, ["a.test", HOST], True),
    "the last of fifty": (HOST, [*(f"h{n}.test" for n in range(49)), HOST], True),
    "another name": (HOST, ["a.test"], False),
    "a name below": (HOST, [f"a.{HOST}"], False),
    "the domain only": (HOST, ["example.com"], False),
    "the host only": (HOST, ["srv"], False),
    "it ends alike": (HOST, ["xsrv.example.com"], False),
    "it begins alike": (HOST, ["srv.example.com.test"], False),
    "a label of 63": (f"{LONG}.example.com", [f"{LONG}.example.com"], True),
    "a short name": ("srv", ["srv"], True),
    "another short name": ("srv", ["srw"], False),
    "a wildcard": (HOST, ["*.example.com"], True),
    "a wildcard in capitals": (HOST, ["*.EXAMPLE.com"], True),
    "a wildcard for two labels": (f"a.{HOST}", ["*.example.com"], False),
    "a wildcard for none": ("example.com", ["*.example.com"], False),
    "a wildcard of another": (HOST, ["*.example.org"], False),
    "a wildcard not at the left": ("a.srv.example.com", ["a.*.example.com"], False),
    "two wildcards": ("a.srv.example.com", ["*.*.example.com"], False),
    "a wildcard for all": (HOST, ["*"], False),
    "a wildcard and an A-label": (
        "xn--mller-kva.example.com",
        ["*.example.com"],
        True,
    ),
    "a wildcard inside an A-label": (
        "xn--mller-kva.example.com",
        ["xn--*.example.com"],
        False,
    ),
    "an A-label": ("xn--mller-kva.example.com", ["xn--mller-kva.example.com"], True),
    "a digit first": ("1srv.example.com", ["1srv.example.com"], True),
    "a hyphen": ("a-b.example.com", ["a-b.example.com"], True),
    "two hyphens": ("ab--c.example.com", ["ab--c.example.com"], True),
    "IPv4": ("192.0.2.7", ["192.0.2.7"], True),
    "another IPv4": ("192.0.2.7", ["192.0.2.8"], False),
    "IPv4 beside a name": ("192.0.2.7", [HOST, "192.0.2.7"], True),
    "a name beside IPv4": (HOST, ["192.0.2.7", HOST], True),
    "IPv6": ("2001:db8::7", ["2001:db8::7"], True),
    "another IPv6": ("2001:db8::7", ["2001:db8::8"], False),
    "IPv4 as a DNS name": ("192.0.2.7", [x509.DNSName("192.0.2.7")], False),
    "a name for an address": ("192.0.2.7", [HOST], False),
    "an address for a name": (HOST, ["192.0.2.7"], False),
    "a blank behind": (HOST, [f"{HOST} "], False),
    "a blank before": (HOST, [f" {HOST}"], False),
    "a tab behind": (HOST, [f"{HOST}\t"], False),
    "a URL": (HOST, [URI(f"https://{HOST}/")], "san-missing"),
    "a URL in a DNS name": (HOST, [f"https://{HOST}/"], False),
    "a port": (HOST, [f"{HOST}:443"], False),
    "mail": (HOST, [x509.RFC822Name(f"a@{HOST}")], "san-missing"),
}
"""The host, the names, and whether they fit, or why not (RFC 9525 section 6.3)."""


def names() -> Iterator[tuple[str, Case]]:
    for name, (host, entries, fits) in NAMES.items():
        san = [entry(one) for one in entries]
        make = usual(name="A server", san=san)
        said = fits if isinstance(fits, str) else "" if fits else OTHER_NAME
        yield f"name: {name}", expected(said, make, host=host)


def entry(name: str | x509.GeneralName) -> x509.GeneralName:
    if isinstance(name, x509.GeneralName):
        return name
    try:
        return IP(ipaddress.ip_address(name))
    except ValueError:
        return DNS(name)


# ---- keys and digests -----------------------------------------------------------

KEYS = {
    "rsa-1024": ("key-weak", WEAK_KEY),
    "rsa-1536": ("key-weak", WEAK_KEY),
    "rsa-2040": ("key-weak", SMALL_KEY),
    "rsa-2048": ("", ""),
    "rsa-3072": ("", ""),
    "e3": ("", ""),
    "curve-p256": ("", ""),
    "curve-p384": ("", ""),
    "curve-p521": ("", ""),
    "curve-p192": ("key-weak", ""),
    "curve-p224": ("?key-unusual", UNUSUAL_KEY),
    "curve-k1": ("?key-unusual", UNUSUAL_KEY),
    "curve-brainpool": ("?key-unusual", UNUSUAL_KEY),
    "ed25519": ("", ""),
    "ed448": ("", ""),
    "dsa": ("key-unusual", NO_DSA),
}
"""What is said to a kind of key, and why most engines say otherwise of a leaf's."""


def key_kinds() -> Iterator[tuple[str, Case]]:
    for kind, (said, reason) in KEYS.items():
        make = usual(kind=kind)
        yield f"key of the leaf: {kind}", expected(said, make, reason=reason)
        above = said.replace("key-weak", "issuer-key-weak")
        reason = reason * (reason != WEAK_KEY)  # GnuTLS refuses those of issuers, too
        middle, top = party(f"Issuing {kind}", kind), party(f"Root {kind}", kind)
        make = under(party=middle)
        yield f"key of the issuer: {kind}", expected(above, make, reason=reason)
        make = _under_root(top)
        yield f"key of the root: {kind}", expected(above, make, reason=reason)


def _under_root(top: Party, **kw: Any) -> Make:
    return lambda: (good, [INT.by(top)], [top.by(top, **kw)])


DIGESTS = {
    "MD5": (hashes.MD5(), False),
    "SHA-1": (hashes.SHA1(), False),
    "SHA-224": (hashes.SHA224(), True),
    "SHA-384": (hashes.SHA384(), True),
    "SHA-512": (hashes.SHA512(), True),
}
"""Digests of signatures, and whether they are good enough."""


def digests() -> Iterator[tuple[str, Case]]:
    signers = {
        "": (party("Issuing RSA", "rsa-2048"), party("Root RSA", "rsa-3072")),
        " with ECDSA": (party("Issuing EC"), party("Root EC")),
    }
    for kind, used in itertools.product(signers, DIGESTS):
        (middle, top), (digest, fine) = signers[kind], DIGESTS[used]
        if kind and used == "MD5":  # there is no such algorithm
            continue
        name, said = used + kind, "" if fine else "signature-weak"
        make = under(party=middle, leaf={"digest": digest})
        yield f"digest of the leaf: {name}", expected(said, make)
        yield f"digest of the issuer: {name}", expected(said, _signed(top, digest))
        # Nobody relies on a root's signature upon itself.
        yield (
            f"digest of the root: {name}",
            expected("", _under_root(top, digest=digest)),
        )


def _signed(top: Party, digest: Any) -> Make:
    return lambda: (good, [INT.by(top, digest=digest)], [top.by(top)])


# ---- dates ----------------------------------------------------------------------

DATES = {
    "ended yesterday": ({"last": -1}, "expired"),
    "ended with its begin": ({"first": -2, "last": -2}, "expired"),
    "ends tomorrow": ({"last": 1}, ""),
    "begins tomorrow": ({"first": 1}, "not-yet-valid"),
    "began yesterday": ({"first": -1}, ""),
    "for twenty years": ({"first": -3650, "last": 3650}, ""),
    "until 2060": ({"last": 12500}, ""),
}


def dates() -> Iterator[tuple[str, Case]]:
    for (name, (given, said)), (place, make) in itertools.product(
        DATES.items(), PLACES.items()
    ):
        rule = f"issuer-{said}" if said and place != "leaf" else said
        yield f"{place}: {name}", expected(rule, make(**given))


# ---- purposes and usages --------------------------------------------------------

LIVE_ROOT = "Java, GnuTLS and NSS do not ask it of a root, OpenSSL does"
SERVER, CLIENT, ANY = (
    Purpose.SERVER_AUTH,
    Purpose.CLIENT_AUTH,
    Purpose.ANY_EXTENDED_KEY_USAGE,
)
PURPOSES: dict[str, tuple[list[x509.ObjectIdentifier] | None, bool]] = {
    "none said": (None, True),
    "servers": ([SERVER], True),
    "servers and clients": ([SERVER, CLIENT], True),
    "clients and servers": ([CLIENT, SERVER], True),
    "clients": ([CLIENT], False),
    "code": ([Purpose.CODE_SIGNING], False),
    "mail": ([Purpose.EMAIL_PROTECTION], False),
    "time stamps": ([Purpose.TIME_STAMPING], False),
    "OCSP": ([Purpose.OCSP_SIGNING], False),
    "anything": ([ANY], False),
    "clients and anything": ([CLIENT, ANY], False),
    "one of its own": ([x509.ObjectIdentifier("1.3.6.1.4.1.55555.2")], False),
}


def purposes() -> Iterator[tuple[str, Case]]:
    for (name, (given, fine)), (place, make) in itertools.product(
        PURPOSES.items(), PLACES.items()
    ):
        rule = "purpose-missing" if place == "leaf" else "purpose-of-issuer"
        wide = ANY in (given or ())  # of a root, half of the clients ask nothing
        said = "" if fine or (wide and place == "root") else rule
        why = (LIVE_ROOT if place == "root" else LIVE_ANY) if wide else ""
        case = expected(said, make(purposes=given), reason=why)
        yield f"purposes of the {place}: {name}", case


USAGES = {
    "digital_signature": True,
    "content_commitment": False,
    "key_encipherment": True,
    "data_encipherment": False,
    "key_agreement": True,
    "key_cert_sign": False,
    "crl_sign": False,
}
"""What a key may do, and whether that alone serves TLS."""


def usages() -> Iterator[tuple[str, Case]]:
    for (bit, fine), kind in itertools.product(USAGES.items(), ("leaf", "rsa-2048")):
        said = "" if fine else "usage-missing"
        make = usual(kind=kind, bits=(bit,))
        kind_name = "RSA" if kind != "leaf" else "ECDSA"
        yield f"{kind_name} may only: {bit}", expected(said, make)
    for bit, place in itertools.product(USAGES, ("issuer", "root")):
        said = "" if bit == "key_cert_sign" else "issuer-may-not-sign"
        yield f"{place} may only: {bit}", expected(said, PLACES[place](bits=(bit,)))


# ---- path lengths ---------------------------------------------------------------


def lengths() -> Iterator[tuple[str, Case]]:
    """One of three authorities limits the number of those below it."""
    for place, limit in itertools.product(range(3), range(3)):
        below = 2 - place
        said = "" if limit >= below else "path-length-exceeded"
        yield (
            f"length {limit} with {below} below",
            expected(said, _with_length(place, limit)),
        )


def _with_length(place: int, limit: int) -> Make:
    def make() -> Chain:
        parties = [ROOT, party("CA 1"), party("CA 2")]
        made = [
            one.by(parties[max(n - 1, 0)], length=limit if n == place else None)
            for n, one in enumerate(parties)
        ]
        return leaf(parties[-1]), made[1:], made[:1]

    return make


# ---- name constraints -----------------------------------------------------------

TREES = {
    HOST: True,
    "example.com": True,
    "com": True,
    "": True,
    "a.test": False,
    "xample.com": False,
    "b.srv.example.com": False,
    "srv.example.co": False,
}
"""Subtrees, and whether the host lies in them (RFC 5280 section 4.2.1.10)."""


def limits() -> Iterator[tuple[str, Case]]:
    kinds = itertools.product(TREES.items(), ("permitted", "excluded"), (True, False))
    for (tree, within), kind, critical in kinds:
        trees = [DNS(tree)]
        given = (trees, None) if kind == "permitted" else (None, trees)
        fine = within is (kind == "permitted")
        said = "" if fine else "name-not-permitted"
        mark = "critical" if critical else "noncritical"
        shown = tree or "the empty name"
        yield (
            f"{shown} {kind}, {mark}",
            expected(said, limited(*given, critical=critical)),
        )
        above = rooted(exts=((x509.NameConstraints(*given), critical),))
        yield f"{shown} {kind} by the root, {mark}", expected(said, above)


# ---- extensions -----------------------------------------------------------------

_WHERE = [URI("http://a.test/a")]
_AT = x509.AccessDescription(Access.CA_ISSUERS, _WHERE[0])
EXTENSIONS: dict[str, tuple[x509.ExtensionType, bool]] = {
    "unknown": (raw("1.3.6.1.4.1.55555.3"), False),
    "policies": (
        x509.CertificatePolicies(
            [x509.PolicyInformation(x509.ObjectIdentifier("1.2.3"), None)]
        ),
        True,
    ),
    "CRL addresses": (
        x509.CRLDistributionPoints([x509.DistributionPoint(_WHERE, None, None, None)]),
        False,
    ),
    "freshest CRL": (
        x509.FreshestCRL([x509.DistributionPoint(_WHERE, None, None, None)]),
        False,
    ),
    "issuer's other names": (x509.IssuerAlternativeName(_WHERE), False),
    "issuer's address": (x509.AuthorityInformationAccess([_AT]), False),
    "TLS feature": (x509.TLSFeature([x509.TLSFeatureType.status_request]), False),
    "no OCSP": (x509.OCSPNoCheck(), False),
    "template": (
        x509.MSCertificateTemplate(x509.ObjectIdentifier("1.2.3.4"), 1, 0),
        False,
    ),
    "template's name": (raw("1.3.6.1.4.1.311.20.2", b"\x1e\x02\x00W"), False),
    "CA's version": (raw("1.3.6.1.4.1.311.21.1", b"\x02\x01\x00"), False),
    "Netscape's comment": (raw("2.16.840.1.113730.1.13", b"\x16\x01a"), False),
    "attributes": (raw("2.5.29.9", bytes.fromhex("300a300806022a0331020500")), False),
}
"""Extensions, and whether clients process them when they are critical."""


def marked() -> Iterator[tuple[str, Case]]:
    """Each extension at the leaf and at its issuer, critical or not."""
    for (name, (ext, processed)), place, critical in itertools.product(
        EXTENSIONS.items(), ("leaf", "issuer"), (True, False)
    ):
        said = "critical-extension" if critical and not processed else ""
        mark = "critical" if critical else "noncritical"
        make = PLACES[place](exts=((ext, critical),))
        yield f"{name} of the {place}, {mark}", expected(said, make)


# ---- policies -------------------------------------------------------------------

ANY_POLICY = "2.5.29.32.0"
Said = tuple[x509.ExtensionType, bool]


def has(*policies: str) -> Said:
    infos = [x509.PolicyInformation(x509.ObjectIdentifier(p), None) for p in policies]
    return x509.CertificatePolicies(infos), False


def demands(after: int, mapping: int | None = None) -> Said:
    return x509.PolicyConstraints(after, mapping), True


def no_any(after: int) -> Said:
    return x509.InhibitAnyPolicy(after), True


def maps(old: str, new: str) -> Said:
    pair = {"issuer_domain_policy": old, "subject_domain_policy": new}
    return raw("2.5.29.33", loose.PolicyMappings([pair]).dump()), True


A, B = "1.2.3.1", "1.2.3.2"
SAME = "its own name"
POLICIES: dict[str, tuple[list[list[Said | str]], bool]] = {
    "nobody demands any": ([[has(A)], [has(B)]], True),
    "one runs through": ([[has(A), demands(0)], [has(A)]], True),
    "the leaf has none": ([[has(A), demands(0)], []], False),
    "the issuer has none": ([[demands(0)], [has(A)]], False),
    "the leaf has another": ([[has(A), demands(0)], [has(B)]], False),
    "any above": ([[has(ANY_POLICY), demands(0)], [has(A)]], True),
    "any below": ([[has(A), demands(0)], [has(ANY_POLICY)]], True),
    "demanded only further below": ([[demands(5)], [], []], True),
    "demanded from the second on": ([[demands(1)], [], []], False),
    "demanded from the leaf's issuer on": ([[], [demands(1)], []], False),
    "demanded behind the leaf": ([[], [demands(2)], []], True),
    "demanded by the leaf": ([[], [demands(0)]], False),
    "demanded by the leaf, and there": ([[has(A)], [has(A), demands(0)]], True),
    "a self-issued one is not counted": ([[demands(2)], [SAME], []], True),
    "any is forbidden": (
        [[has(A), no_any(0), demands(0)], [has(ANY_POLICY)]],
        False,
    ),
    "any is forbidden, another there": (
        [[has(A), no_any(0), demands(0)], [has(A)]],
        True,
    ),
    "any is forbidden further below": (
        [[has(A), no_any(1), demands(0)], [has(ANY_POLICY)], [has(A)]],
        True,
    ),
    "any is forbidden from the second on": (
        [[has(A), no_any(1), demands(0)], [has(A)], [has(ANY_POLICY)]],
        False,
    ),
    "any of a self-issued one": (
        [[has(A), no_any(0), demands(0)], [SAME, has(ANY_POLICY)], [has(A)]],
        True,
    ),
    "mapped": ([[has(A), demands(0), maps(A, B)], [has(B)]], True),
    "mapped, the old one below": ([[has(A), demands(0), maps(A, B)], [has(A)]], False),
    "mapped from any": ([[has(A), maps(ANY_POLICY, A)], [has(A)]], False),
    "mapped to any": ([[has(A), maps(A, ANY_POLICY)], [has(A)]], False),
    "any is mapped by name": (
        [[has(ANY_POLICY), demands(0), maps(A, B)], [has(B)]],
        True,
    ),
    "mapping is forbidden": (
        [[has(A), demands(0, 0)], [has(A), maps(A, B)], [has(B)]],
        False,
    ),
    "mapping is forbidden further below": (
        [[has(A), demands(0, 1)], [has(A), maps(A, B)], [has(B)]],
        True,
    ),
}
"""What each says of policies, the highest issuer first, and whether it holds."""


def policies() -> Iterator[tuple[str, Case]]:
    for name, (levels, fine) in POLICIES.items():
        said = "" if fine else "policy-missing"
        make = lambda levels=levels: _with_policies(levels)  # noqa: E731
        yield f"policies: {name}", expected(said, make)
    for after, critical in itertools.product((0, 1), (True, False)):
        mark = "critical" if critical else "noncritical"
        demand = {"exts": ((x509.PolicyConstraints(after, None), critical),)}
        # No client asks what a trust anchor says of policies.
        of_root = f"policies: demanded by the root after {after}, {mark}"
        yield of_root, expected("", rooted(**demand))
        reason = "" if critical else UNASKED
        of_issuer = f"policies: demanded by the issuer after {after}, {mark}"
        yield of_issuer, expected("policy-missing", under(**demand), reason=reason)
    demand = {"exts": ((x509.PolicyConstraints(0, None), False),)}
    of_leaf = "policies: demanded by the leaf, noncritical"
    yield of_leaf, expected("policy-missing", usual(**demand), reason=UNASKED)


def _with_policies(levels: list[list[Said | str]]) -> Chain:
    above, sent = ROOT, []
    for number, level in enumerate(levels):
        exts = tuple(one for one in level if not isinstance(one, str))
        if number == len(levels) - 1:
            return leaf(above, exts=exts), sent, [root]
        name = above.name if SAME in level else f"CA {number}"
        below = Party(name, party(f"CA {number}").key)
        sent.append(below.by(above, exts=exts))
        above = below
    raise AssertionError("the last one is the leaf")


# ---- cross-signed roots ---------------------------------------------------------


def crossed() -> Iterator[tuple[str, Case]]:
    """A root that an older one has signed, too: what is sent, and who is trusted."""
    cross, ended = ROOT.by(OLD), ROOT.by(OLD, last=-1)
    sent = {
        "the issuer": [issuing],
        "the cross-certificate behind": [issuing, cross],
        "the cross-certificate before": [cross, issuing],
        "both roots": [issuing, cross, root, old],
        "an ended cross-certificate": [issuing, ended],
        "an ended one and a good one": [issuing, ended, cross],
    }
    trusted = {"the root": [root], "the older root": [old], "both": [root, old]}
    for (name, given), (who, anchors) in itertools.product(
        sent.items(), trusted.items()
    ):
        said = "" if root in anchors or cross in given else _missing(given, ended)
        chain = good, given, anchors
        yield f"sent {name}, trusted {who}", expected(said, lambda chain=chain: chain)


def _missing(given: list[x509.Certificate], ended: x509.Certificate) -> str:
    return "issuer-expired" if ended in given else "chain-incomplete"


def _all(*grids: Iterable[tuple[str, Case]]) -> Mapping[str, Case]:
    return dict(itertools.chain.from_iterable(grids))


GRIDS = _all(
    names(),
    key_kinds(),
    digests(),
    dates(),
    purposes(),
    usages(),
    lengths(),
    limits(),
    marked(),
    policies(),
    crossed(),
)
