"""Cases of the path judge: a chain each, the verdict, and the rules that say why."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.x509.oid import ExtendedKeyUsageOID as Purpose
from pki import (
    DNS,
    HOST,
    INT,
    IP4,
    IP4_OUT,
    MAIL,
    NET4,
    NET6,
    OLD,
    OTHER,
    PRINTABLE,
    ROOT,
    UPN,
    URI,
    UTF8,
    Chain,
    Party,
    chain_of,
    dn,
    explicit,
    good,
    issuing,
    leaf,
    limited,
    old,
    org,
    other,
    other_inner_algorithm,
    party,
    pss_key,
    pss_sha1,
    raw,
    root,
    rooted,
    sha1_issuer,
    sha1_root,
    tampered,
    under,
    usual,
    version_1,
    with_extension,
)
from pki import (
    version_1_with_extensions as first,
)

from certlib.trust.faults import Standing

YES, NO, OPEN = Standing.YES, Standing.NO, Standing.NOT_JUDGED


@dataclass(frozen=True)
class Case:
    """A chain and what is said to it.

    Args:
        standing: the verdict.
        rule: the rules that are broken, with blanks between them.
        make: makes the chain.
        differs: why cryptography's verifier says otherwise; empty if it agrees.
        reason: why most engines say otherwise; empty if they do not.
        host: the name that clients call the server by.
    """

    standing: Standing
    rule: str
    make: Callable[[], Chain]
    differs: str = ""
    reason: str = ""
    host: str = HOST


OTHER_NAME = "san-without-server-name"
IDENTIFIER = "identifier-of-another-issuer"
NAMES_ISSUER = x509.AuthorityKeyIdentifier(None, [x509.DirectoryName(dn("Root"))], 4711)
WEAK_KEY = "OpenSSL and what is built on it refuse; the others do as they are told"
SMALL_KEY = (
    "Baseline Requirements 6.1.5 demand 2048 bits, as Apple's clients do since iOS 13 "
    "(HT210176); OpenSSL rounds up to 112 bits of security"
)
UNUSUAL_KEY = (
    "Baseline Requirements 6.1.5 have P-256, P-384 and P-521 only; browsers do not "
    "take another, so that nobody says yes for all clients"
)
UNASKED = (
    "RFC 5280 6.1.5 wants a policy, as Java does; OpenSSL asks if told to, and "
    "GnuTLS never, though it refuses the extension when it is critical"
)
NO_DSA = "TLS 1.3 has no DSA, and clients offer none for TLS 1.2"
TOO_LATE = "its last second has passed when the programs are asked"
WILDCARD = "RFC 5280 leaves wildcards open; cryptography refuses"
LIVE_ANY = (
    "OpenSSL, curl, Python, Node.js and NSS refuse it live; Baseline Requirements "
    "7.1.2.7.10 forbid it in a server's certificate"
)
ONE_PATH = "OpenSSL and GnuTLS try one path only, and this one is not the first"
TOO_FAR = "longer than certlib follows; Java and cryptography refuse, too"
EMPTY_CA = "RFC 5280 4.1.2.6 demands a subject of an issuer; GnuTLS and Java refuse"
WITH_EXTENSIONS = "version-without-extensions"
FIRST = "OpenSSL and NSS take it; RFC 5280 4.1.2.1 does not, nor do GnuTLS and Java"
OTHER_INSIDE = "RFC 5280 4.1.1.2 demands the same one; GnuTLS and Java refuse"
ODD_LIMIT = "OpenSSL reads it all the same; NSS, GnuTLS and Java do not"
URI_HOST = (
    "RFC 5280 4.2.1.10 wants a host there, as GnuTLS does; servers need no such name"
)
NO_ADDRESS = "OpenSSL and what is built on it refuse what they cannot read"
ADDRESSES = "Chromium, Java and NSS refuse it live; OpenSSL and GnuTLS do not"
NOWHERE = x509.DistributionPoint([URI("http://a.test/a")], None, None, None)
LIMIT = "2.5.29.19"
STAR = bytes.fromhex("3013a111300f820d2a2e") + b"example.com"
LEAST = bytes.fromhex("3014a0123010820b") + b"example.com" + bytes.fromhex("800101")
SINGLE = bytes.fromhex("300aa00830068704c0000207")
MORE = bytes.fromhex("30030101ff0500")
HUGE = bytes.fromhex("300e0101ff0209010000000000000000")
NO_SAN = "the oracle demands a SubjectAlternativeName"

BUILT_ON = "OpenSSL and what is built on it refuse: curl, Python, Node.js"
BY_ID = "the oracle does not look at key identifiers, nor does Go"
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
    "version 1 with extensions": Case(
        NO,
        WITH_EXTENSIONS,
        lambda: (first(good, INT.key), [issuing], [root]),
        reason=FIRST,
    ),
    "issuer of version 1 with extensions": Case(
        NO,
        WITH_EXTENSIONS,
        lambda: (good, [first(issuing, ROOT.key)], [root]),
        reason=FIRST,
    ),
    "root of version 1 with extensions": Case(
        NO,
        WITH_EXTENSIONS,
        lambda: (good, [issuing], [first(root, ROOT.key)]),
        reason=FIRST,
    ),
    "two algorithms of the root": Case(
        NO,
        "signature-algorithms-differ",
        lambda: (good, [issuing], [other_inner_algorithm(root, ROOT.key)]),
        reason=OTHER_INSIDE,
    ),
    "more behind the limits of a CA": Case(
        OPEN,
        "extension-unreadable",
        under(ca=None, exts=((raw(LIMIT, MORE), True),)),
        reason=ODD_LIMIT,
    ),
    "a path length of nine bytes": Case(
        OPEN,
        "extension-unreadable",
        under(ca=None, exts=((raw(LIMIT, HUGE), True),)),
        reason=ODD_LIMIT,
    ),
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
        reason=ONE_PATH,
    ),
    "altered": Case(
        NO,
        f"signature-invalid {OTHER_NAME}",
        lambda: (tampered(good), [issuing], [root]),
    ),
    "altered, no identifiers": Case(
        NO,
        f"issuer-other {OTHER_NAME}",
        lambda: (tampered(leaf(INT, ids=False)), [issuing], [root]),
    ),
    "issuer altered": Case(
        NO,
        "signature-invalid",
        lambda: (good, [tampered(INT.by(ROOT, san=[DNS(HOST)]))], [root]),
    ),
    "wrong key identifier": Case(NO, IDENTIFIER, usual(aki=b"1234"), BY_ID),
    "wrong key identifier of the issuer": Case(
        NO, IDENTIFIER, under(aki=b"1234"), BY_ID
    ),
    "wrong serial number of the issuer": Case(
        NO, IDENTIFIER, usual(ids=False, exts=((NAMES_ISSUER, False),)), BY_ID, BUILT_ON
    ),
    "wrong and right key identifier": Case(
        YES,
        "",
        lambda: (good, [INT.by(ROOT, aki=b"1234", last=90), issuing], [root]),
        reason=ONE_PATH,
    ),
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
        reason=ONE_PATH,
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
        reason=ONE_PATH,
    ),
    "a circle": Case(
        NO, "root-unknown", lambda: (good, [INT.by(OLD), OLD.by(INT)], [root])
    ),
    "a circle over another certificate of the leaf": Case(
        NO,
        "root-unknown",
        lambda: (good, [INT.by(party(HOST, "leaf")), leaf(INT, last=20)], [root]),
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
    "too long": Case(OPEN, "chain-too-complex", lambda: chain_of(11), reason=TOO_FAR),
    "path length kept": Case(YES, "", under(length=0)),
    "path length of the root kept": Case(YES, "", rooted(length=1)),
    "path length exceeded": Case(NO, "path-length-exceeded", rooted(length=0)),
    # dates
    "ended": Case(NO, "expired", usual(last=-1)),
    "ends now": Case(YES, "", usual(last=0), reason=TOO_LATE),
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
        NO, "ca-without-subject", under(party=party("", "empty")), reason=EMPTY_CA
    ),
    "leaf without a subject": Case(YES, "", usual(name="")),
    # purposes
    "issuer for servers": Case(YES, "", under(purposes=[Purpose.SERVER_AUTH])),
    "issuer for clients": Case(
        NO, "purpose-of-issuer", under(purposes=[Purpose.CLIENT_AUTH])
    ),
    "issuer for anything": Case(
        NO,
        "purpose-of-issuer",
        under(purposes=[Purpose.ANY_EXTENDED_KEY_USAGE]),
        ANY,
    ),
    "root for clients": Case(
        NO, "purpose-of-issuer", rooted(purposes=[Purpose.CLIENT_AUTH])
    ),
    "leaf for clients": Case(
        NO, "purpose-missing", usual(purposes=[Purpose.CLIENT_AUTH])
    ),
    "leaf without purposes": Case(YES, "", usual(purposes=None)),
    "leaf for anything": Case(
        NO,
        "purpose-missing",
        usual(purposes=[Purpose.ANY_EXTENDED_KEY_USAGE]),
        ANY,
        LIVE_ANY,
    ),
    "leaf for key exchange": Case(YES, "", usual(bits=("key_encipherment",))),
    "leaf for nothing in TLS": Case(
        NO, "usage-missing", usual(bits=("content_commitment",)), ANY
    ),
    # keys
    "small RSA": Case(NO, "key-weak", usual(kind="rsa-1024"), WEAK, reason=WEAK_KEY),
    "RSA": Case(YES, "", usual(kind="rsa-2048")),
    "exponent 3": Case(YES, "", usual(kind="e3")),
    "issuer with small RSA": Case(
        NO,
        "issuer-key-weak",
        under(party=party("Weak", "rsa-1024")),
        reason=WEAK_KEY,
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
    "P-224": Case(OPEN, "key-unusual", usual(kind="curve-p224"), WEAK, UNUSUAL_KEY),
    "P-192": Case(NO, "key-weak", usual(kind="curve-p192"), WEAK),
    "secp256k1": Case(OPEN, "key-unusual", usual(kind="curve-k1"), WEAK, UNUSUAL_KEY),
    "issuer on brainpool": Case(
        OPEN,
        "key-unusual",
        under(party=party("B", "curve-brainpool")),
        reason=UNUSUAL_KEY,
    ),
    "Ed25519": Case(YES, "", under(party=party("E", "ed25519")), KINDS),
    "Ed448": Case(YES, "", under(party=party("E", "ed448")), KINDS),
    "DSA": Case(NO, "key-unusual", under(party=party("D", "dsa")), reason=NO_DSA),
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
        UNUSUAL_KEY,
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
    "critical addresses": Case(
        NO,
        "critical-extension",
        usual(exts=((x509.CRLDistributionPoints([NOWHERE]), True),)),
        reason=ADDRESSES,
    ),
    "critical addresses that are none": Case(
        NO,
        "critical-extension extension-unreadable",
        usual(exts=((raw("2.5.29.31"), True),)),
    ),
    "critical addresses of the issuer that are none": Case(
        NO,
        "critical-extension extension-unreadable",
        under(exts=((raw("2.5.29.31"), True),)),
    ),
    "addresses of the issuer that are none": Case(
        OPEN,
        "extension-unreadable",
        under(exts=((raw("2.5.29.31"), False),)),
        "cryptography does not read it",
        NO_ADDRESS,
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
        reason=WILDCARD,
    ),
    "wildcard permitted": Case(
        YES,
        "",
        limited([DNS("example.com")], san=[DNS(HOST), DNS("*.example.com")]),
    ),
    "CN without DNS names": Case(
        NO,
        f"name-not-permitted {OTHER_NAME}",
        limited([DNS("a.test")], san=[IP4]),
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
    "DNS limited to a dot": Case(OPEN, "name-not-checked", limited([DNS(".")])),
    "DNS with a dot behind": Case(
        OPEN, "name-not-checked", limited([DNS("example.com.")])
    ),
    "DNS with a star excluded": Case(
        OPEN,
        "name-not-checked",
        under(exts=((raw("2.5.29.30", STAR), True),)),
        reason="clients read it apart, and the standard has no star there",
    ),
    "an address for a network": Case(
        OPEN,
        "extension-unreadable",
        under(exts=((raw("2.5.29.30", SINGLE), True),)),
        "the oracle does not ask for the form of another kind",
        "GnuTLS refuses, and no standard says what it means",
    ),
    "a subtree with a minimum": Case(
        OPEN,
        "extension-unreadable",
        under(exts=((raw("2.5.29.30", LEAST), True),)),
        "the oracle overlooks it",
    ),
    "URI with an address, excluded": Case(
        NO,
        "name-not-permitted",
        limited(None, [URI("a.test")], san=[DNS(HOST), URI("https://192.0.2.7/")]),
        reason=URI_HOST,
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
