"""Rules: each one broken, and just kept."""

from __future__ import annotations

import subprocess
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import components
import forge
import pytest
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ed25519
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID
from hypothesis import given
from hypothesis import strategies as st

from certlib import keys, names, rules, summaries
from certlib.errors import InputError, PassphraseError
from certlib.keys import KeyKind
from certlib.names.addresses import StoreAddress
from certlib.products import PRODUCTS, Approach, Environment
from certlib.rules import RULES, Context, Finding, Judge, Severity
from certlib.rules.catalogue import catalogue
from certlib.rules.remedies import Doer
from certlib.rules.traits import are_odd, odd_countries
from certlib.summaries import (
    Kind,
    PathFault,
    Problem,
    Revocation,
    Role,
    Summary,
    Surroundings,
)

ROOT = Path(__file__).parent.parent
HERE = Context(at=forge.AT, server_name="server.example.com")
CLOUD = replace(HERE, product=PRODUCTS["board-cloud"])

Case = tuple[Summary, Context]


def summary(issuer: object = None, **overrides: object) -> Summary:
    """A certificate of an internal CA, unless it is to be self-signed."""
    bundle = forge.leaf(issuer=issuer or forge.ca(), **overrides)
    return summaries.of_certificate(bundle.leaf, private_key=True)


def case(context: Context = HERE, **overrides: object) -> Case:
    return summary(**overrides), context


def self_signed(environment: Environment) -> Case:
    found = summaries.of_certificate(forge.leaf().leaf)
    return found, replace(HERE, environment=environment)


def trusted(publicly: bool | None, context: Context = CLOUD) -> Case:
    return summary()._replace(publicly_trusted=publicly), context


ANY = ExtendedKeyUsageOID.ANY_EXTENDED_KEY_USAGE
CLIENT = ExtendedKeyUsageOID.CLIENT_AUTH
SERVER = ExtendedKeyUsageOID.SERVER_AUTH
EMAIL = ExtendedKeyUsageOID.EMAIL_PROTECTION
SERVER_OID, CLIENT_OID = SERVER.dotted_string, CLIENT.dotted_string
EMAIL_OID = EMAIL.dotted_string
MONTH = timedelta(days=30)
HOURS = timedelta(hours=1)


def odd(context: Context = HERE, **values: object) -> Case:
    """A right summary with other values, for what no CA would sign."""
    return summary()._replace(**values), context


AT_CRL = "CRL=http://ca.example.com/ca.crl"


def public(**values: object) -> Case:
    """A summary of a certificate that chains to a public root."""
    right = {
        "publicly_trusted": True,
        "serial_number": "7f" * 16,
        "extensions": (
            "authorityInfoAccess",
            "cRLDistributionPoints",
            "certificatePolicies",
        ),
        "addresses": (AT_CRL, "Issuer=http://ca.example.com/ca.cer"),
        "timestamps": 3,
    }
    return summary()._replace(**right | values), HERE


def around(context: Context = HERE, **values: object) -> Case:
    """A right summary of a certificate in certain surroundings."""
    return summary()._replace(surroundings=Surroundings(**values)), context


def around_stapling(**values: object) -> Case:
    """A certificate that demands an answer about itself, from a server."""
    asked = (x509.TLSFeature([x509.TLSFeatureType.status_request]), False)
    of = summary(extra=[asked])
    return of._replace(surroundings=Surroundings(**values)), HERE


def on_path(rule: str, subject: str = "", *, wrong: bool = True) -> tuple[Case, Case]:
    """A certificate whose path has a fault, and one whose path has none."""
    fault = PathFault(rule, subject, "as it should not be", wrong)
    return around(path_faults=(fault,)), around()


def in_store(store: str, **values: object) -> Case:
    around = Surroundings(store=StoreAddress.parse(store))
    return summary()._replace(surroundings=around, **values), HERE


def in_my(**values: object) -> Case:
    """A right summary of a certificate in the machine's Personal store."""
    return around(store=StoreAddress.parse(r"Cert:\LocalMachine\My"), **values)


def authority(**values: object) -> Case:
    """A summary of a CA's certificate."""
    return summaries.of_certificate(forge.ca().leaf)._replace(**values), HERE


def at_yunio(*names: str) -> Case:
    return case(replace(HERE, product=PRODUCTS["yunio"]), san=names)


def living(issued: datetime, lifetime: timedelta, **values: object) -> Case:
    """A certificate that lives so long, both ends counted."""
    end = issued + lifetime - forge.SECOND
    found = summary()._replace(not_before=issued, not_after=end, **values)
    return found, replace(HERE, at=issued)


def ending(left: timedelta, *, life: timedelta = 99 * forge.DAY) -> Case:
    """A certificate that has so much left of its life."""
    end = forge.AT + left
    return case(not_before=end - life, not_after=end)


UNIVERSAL = replace(HERE, product=PRODUCTS["xtract-universal"])
BR_2026 = datetime(2026, 3, 15, tzinfo=UTC)
EKU_2027 = datetime(2027, 3, 15, tzinfo=UTC)
NAMED = "server.example.com"
ROOT_END = (("CN=Issuing", forge.AT),)
EARLIER = (("CN=Issuing", forge.AT - forge.SECOND),)

CASES: dict[str, tuple[Case, Case]] = {
    # Form
    "cannot-be-read": (
        (summaries.of_der(forge.with_unreadable_extensions()), HERE),
        case(),
    ),
    "not-opened": (
        (summaries.not_opened(PassphraseError("it is protected", fix="ask")), HERE),
        (summaries.unreadable("it is torn"), HERE),
    ),
    "encoding-irregular": (odd(remarks=(Problem("Encoding", "odd"),)), case()),
    "time-not-in-der": (
        odd(remarks=(Problem("Validity", "odd"),)),
        odd(remarks=(Problem("Encoding", "odd"),)),
    ),
    "rsa-without-null": (
        odd(remarks=(Problem("Algorithm", "odd"),)),
        odd(remarks=(Problem("Encoding", "odd"),)),
    ),
    "unique-identifier": (
        odd(remarks=(Problem("Unique identifier", "odd"),)),
        odd(remarks=(Problem("Encoding", "odd"),)),
    ),
    "policy-repeated": (
        odd(remarks=(Problem("Policies", "2.5.29.32.0"),)),
        odd(remarks=(Problem("Encoding", "odd"),)),
    ),
    "precertificate": (
        case(extra=[(x509.PrecertPoison(), True)]),
        case(),
    ),
    "version-not-3": (odd(version=1), odd(version=3)),
    "serial-number-zero": (odd(serial_number="00"), odd(serial_number="01")),
    "serial-number-negative": (odd(serial_number="-01"), odd(serial_number="01")),
    "serial-number-too-long": (
        odd(serial_number="80" + "00" * 19),
        case(serial_number=2**159 - 1),
    ),
    "serial-number-too-short": (
        public(serial_number="ff" * 7),
        public(serial_number="01" + "00" * 7),
    ),
    "issuer-empty": (odd(issuer=""), odd(issuer="CN=x")),
    # Identity
    "san-missing": (case(san=None), case(san=["other.example.com"])),
    "addresses-only": (
        case(common_name="192.0.2.1", san=["192.0.2.1"]),
        case(san=[NAMED, "192.0.2.1"]),
    ),
    "common-name-only": (
        case(san=None),
        case(san=None, common_name="the server"),
    ),
    "san-without-server-name": (
        case(san=["example.com", "*.server.example.com"]),
        case(san=["example.com", "*.example.com"]),
    ),
    "common-name-without-server-name": (
        case(common_name="example.com"),
        case(common_name="*.Example.com"),
    ),
    "common-name-not-in-san": (
        case(common_name="a.example.com", san=[NAMED]),
        case(common_name="SERVER.example.com", san=[NAMED]),
    ),
    "common-name-too-long": (
        odd(common_names=("a" * 65,)),
        odd(common_names=("a" * 64,)),
    ),
    "common-name-repeated": (
        odd(common_names=(NAMED, "b")),
        odd(common_names=(NAMED,)),
    ),
    "wildcard-misplaced": (case(san=["a*.example.com"]), case(san=["*.example.com"])),
    "wildcard-too-wide": (case(san=["*.co.uk"]), case(san=["*.azurewebsites.net"])),
    "public-suffix-as-name": (case(san=[NAMED, "co.uk"]), case(san=["github.io"])),
    "reverse-zone-name": (
        case(san=[NAMED, "1.2.0.192.in-addr.arpa"]),
        case(san=[NAMED, "server.home.arpa"]),
    ),
    "wildcard-as-host-name": (
        at_yunio("*.example.com", NAMED),
        at_yunio(NAMED, "*.example.com"),
    ),
    "server-name-not-first": (
        at_yunio("a.example.com", NAMED),
        at_yunio(NAMED, "a.example.com"),
    ),
    "address-as-dns-name": (
        case(san=[NAMED, x509.DNSName("192.0.2.1")]),
        case(san=[NAMED, "192.0.2.1"]),
    ),
    "network-as-address": (
        odd(ip_addresses=("192.0.2.0/24",)),
        odd(ip_addresses=("192.0.2.0", "2001:db8::1")),
    ),
    "internal-name": (
        public(dns_names=("server.local",)),
        public(dns_names=("server.example.com",)),
    ),
    "short-name": (case(san=[NAMED, "server"]), case(san=[NAMED])),
    "underscore-in-name": (
        case(san=[NAMED, "a_b.example.com"]),
        case(san=[NAMED, "a-b.example.com"]),
    ),
    "trailing-dot-in-name": (case(san=[NAMED, "a.example.com."]), case()),
    "not-a-dns-name": (
        case(san=[NAMED, "a b.example.com"]),
        case(san=[NAMED, f"{'a' * 63}.example.com"]),
    ),
    "international-name-not-encoded": (
        case(san=[NAMED, "xn--a.example.com"]),
        case(san=[NAMED, "xn--mller-kva.example.com"]),
    ),
    "reserved-label-in-name": (
        case(san=[NAMED, "ab--c.example.com"]),
        case(san=[NAMED, "a--bc.example.com", "xn--mller-kva.example.com"]),
    ),
    "name-repeated": (case(san=[NAMED, NAMED]), case(san=[NAMED])),
    "country-not-two-letters": (
        odd(subject="CN=server.example.com, C=Germany"),
        odd(subject='CN="a, C=Germany", DC=Germany, C=DE + O=a'),
    ),
    "alternative-name-malformed": (
        odd(other_names=("RFC822 Name=admin at example.com",)),
        odd(other_names=("RFC822 Name=admin@example.com", "URL=https://a.example/x")),
    ),
    "name-of-another-kind": (
        public(other_names=("URL=https://example.com",)),
        public(other_names=()),
    ),
    "unprintable-subject": (
        odd(subject="CN=server\u202eexample.com"),
        odd(subject="CN=Müller & Söhne"),
    ),
    "nobody-named": (
        case(common_name=None),
        odd(subject="", common_names=(), san_critical=True),
    ),
    # Trust
    "self-signed-in-production": (
        self_signed(Environment.PRODUCTION),
        self_signed(Environment.TEST),
    ),
    "not-from-a-public-ca": (trusted(False), trusted(True)),
    "key-is-published": (
        case(private_key=keys.practice_key()),
        case(private_key=forge.key(1)),
    ),
    "chain-incomplete": (around(chain_complete=False), around(chain_complete=True)),
    "root-unknown": (
        around(chain_complete=True, root_known=False),
        around(chain_complete=True, root_known=True),
    ),
    "chain-in-wrong-order": (around(chain_in_order=False), around(chain_in_order=True)),
    "root-sent-along": (around(root_sent="CN=Root"), around()),
    "stranger-in-chain": (around(strangers=("CN=x",)), around()),
    "issuer-expired": (around(issuer_ends=EARLIER), around(issuer_ends=ROOT_END)),
    "issuer-not-yet-valid": on_path("issuer-not-yet-valid", "CN=x"),
    "issuer-may-not-issue": on_path("issuer-not-ca", "CN=x"),
    "name-not-permitted": on_path("name-not-permitted"),
    "policy-missing": on_path("policy-missing"),
    "issuer-weak": on_path("signature-weak", "CN=x"),
    "issuer-extension-refused": on_path("critical-extension", "CN=x"),
    "refused-by-clients": on_path("curve-explicit"),
    "identifier-of-another-issuer": on_path("identifier-of-another-issuer"),
    "revoked": on_path("revoked", "CN=x"),
    "revocation-list-irregular": (
        around(revocation=(Revocation("", "good", "the CRL of x", None, "has none"),)),
        around(revocation=(Revocation("", "good", "the CRL of x"),)),
    ),
    "revocation-not-checked": on_path("revocation-not-checked", wrong=False),
    "path-not-judged": on_path("key-unusual", "CN=x", wrong=False),
    "issuer-irregular": (around(irregular_issuers=("CN=x: KeyUsage: none",)), around()),
    "path-depends-on-client": (
        around(other_path_fails=True),
        around(other_path_fails=False),
    ),
    "outlives-its-issuer": (
        around(issuer_ends=ROOT_END),
        around(issuer_ends=(("CN=Issuing", forge.AT + 89 * forge.DAY),)),
    ),
    "signature-broken": on_path("signature-invalid"),
    "issuer-unconfirmed": on_path("issuer-other"),
    "key-shared": (around(same_key="b.cer"), around()),
    "key-known-weak": (around(key_weaknesses=("ROCA",)), around()),
    # Lifetime
    "expired": (
        case(not_after=forge.AT - forge.SECOND),
        case(not_after=forge.AT),
    ),
    "not-yet-valid": (
        case(not_before=forge.AT + forge.SECOND),
        case(not_before=forge.AT),
    ),
    "expiring": (
        ending(MONTH - forge.SECOND),
        ending(MONTH),
    ),
    "about-to-expire": (ending(forge.DAY - forge.SECOND), ending(forge.DAY)),
    "issuer-expiring": (
        around(issuer_ends=(("CN=Issuing", forge.AT + MONTH - forge.SECOND),)),
        around(issuer_ends=(("CN=Issuing", forge.AT + MONTH),)),
    ),
    "issuer-about-to-expire": (
        around(issuer_ends=(("CN=Issuing", forge.AT + forge.DAY - forge.SECOND),)),
        around(issuer_ends=(("CN=Issuing", forge.AT + forge.DAY),)),
    ),
    "ends-before-it-begins": (
        odd(not_before=forge.AT, not_after=forge.AT - forge.SECOND),
        odd(not_before=forge.AT, not_after=forge.AT),
    ),
    "lifetime-too-long": (
        living(BR_2026, 200 * forge.DAY + forge.SECOND, publicly_trusted=True),
        living(BR_2026, 200 * forge.DAY, publicly_trusted=True),
    ),
    "lifetime-too-long-for-apple": (
        living(forge.AT, 825 * forge.DAY + 2 * forge.SECOND),
        living(forge.AT, 825 * forge.DAY + forge.SECOND),  # openssl's -days 825
    ),
    "without-end": (
        odd(not_after=datetime(9999, 12, 31, 23, 59, 59, tzinfo=UTC)),
        odd(not_after=datetime(9998, 12, 31, 23, 59, 59, tzinfo=UTC)),
    ),
    # Keys and signatures
    "rsa-key-too-small": (odd(key_bits=2047), odd(key_bits=2048)),
    "rsa-key-too-large": (odd(key_bits=16_385), odd(key_bits=16_384)),
    "rsa-key-of-odd-size": (odd(key_bits=2049), odd(key_bits=2056)),
    "curve-not-allowed": (
        odd(key_algorithm="ECC", curve="secp256k1"),
        case(private_key=forge.key(kind=KeyKind.ECDSA_P256)),
    ),
    "curve-not-in-browsers": (odd(curve="ECDSA_P521"), odd(curve="ECDSA_P384")),
    "key-kind-not-for-windows": (
        case(private_key=forge.key(kind="Ed25519")),
        case(private_key=forge.key(kind=KeyKind.ECDSA_P384)),
    ),
    "signature-weak": (
        odd(signature_algorithm="sha1RSA"),
        odd(signature_algorithm="sha256RSA"),
    ),
    "signature-kind-unusual": (
        odd(signature_algorithm="Ed25519"),
        odd(signature_algorithm="sha384ECDSA"),
    ),
    # Extensions
    "not-for-server-authentication": (
        case(eku=[CLIENT, EMAIL]),
        case(eku=[CLIENT, SERVER]),
    ),
    "not-a-server-certificate": (
        odd(dns_names=(), extended_key_usage=(EMAIL_OID,), private_key=None),
        odd(dns_names=(), extended_key_usage=(EMAIL_OID,)),
    ),
    "extended-key-usage-missing": (case(eku=None), case(eku=[SERVER])),
    "for-any-purpose": (case(eku=[CLIENT, ANY]), case(eku=[SERVER, ANY])),
    "for-any-purpose-too": (case(eku=[SERVER, ANY]), case(eku=[SERVER, CLIENT])),
    "for-more-than-servers": (
        public(extended_key_usage=(SERVER_OID, CLIENT_OID), not_before=EKU_2027),
        public(
            extended_key_usage=(SERVER_OID, CLIENT_OID),
            not_before=EKU_2027 - forge.SECOND,
        ),
    ),
    "for-forbidden-purposes": (
        public(extended_key_usage=(SERVER_OID, EMAIL_OID)),
        public(extended_key_usage=(SERVER_OID, CLIENT_OID)),
    ),
    "key-usage-missing": (case(key_usage=None), case()),
    "key-may-not-sign": (
        odd(key_usage=("keyEncipherment",)),
        odd(key_usage=("digitalSignature",)),
    ),
    "key-may-not-serve": (
        odd(key_usage=("nonRepudiation",)),
        odd(key_usage=("nonRepudiation", "keyAgreement")),
    ),
    "key-usage-not-of-this-key": (
        odd(key_algorithm="ECC", key_usage=("digitalSignature", "keyEncipherment")),
        odd(key_algorithm="RSA", key_usage=("digitalSignature", "keyEncipherment")),
    ),
    "key-usage-not-critical": (
        odd(key_usage_critical=False),
        odd(key_usage_critical=True),
    ),
    "ca-as-server": (case(is_ca=True), case(is_ca=False)),
    "signs-without-being-a-ca": (
        odd(key_usage=("digitalSignature", "keyCertSign"), is_ca=False),
        odd(key_usage=("digitalSignature", "keyCertSign"), is_ca=True),
    ),
    "limits-without-ca": (
        odd(extensions=("nameConstraints",), is_ca=False),
        odd(extensions=("nameConstraints",), is_ca=True),
    ),
    "path-length-without-ca": (
        odd(path_length=0, is_ca=False),
        odd(path_length=0, is_ca=True),
    ),
    "ca-not-critical": (
        authority(basic_constraints_critical=False),
        authority(basic_constraints_critical=True),
    ),
    "ca-may-not-sign": (
        authority(key_usage=("cRLSign",)),
        authority(key_usage=("keyCertSign",)),
    ),
    "subject-key-identifier-missing": (
        authority(subject_key_identifier=""),
        authority(subject_key_identifier="00"),
    ),
    "authority-key-identifier-missing": (
        odd(authority_key_identifier=""),
        odd(authority_key_identifier="00"),
    ),
    "san-critical": (odd(san_critical=True), odd(san_critical=False)),
    "unknown-critical-extension": (
        odd(unknown_critical_extensions=("1.2.3",)),
        odd(extensions=("1.2.3",)),
    ),
    "revocation-not-findable": (
        public(addresses=("Issuer=http://ca.example.com/ca.cer",)),
        public(),
    ),
    "issuer-not-findable": (public(addresses=(AT_CRL,)), public()),
    "address-not-by-http": (
        public(addresses=("CRL=ldap:///CN=ca", "Issuer=http://ca.example.com/ca.cer")),
        public(addresses=("CRL=ldap:///CN=ca", AT_CRL)),
    ),
    "address-internal": (
        public(addresses=("CRL=http://ca01.corp/ca.crl",)),
        public(addresses=(AT_CRL,)),
    ),
    "timestamps-missing": (public(timestamps=1), public(timestamps=2)),
    "timestamps-empty": (odd(timestamps=0), odd(timestamps=None)),
    "policies-missing": (public(extensions=("authorityInfoAccess",)), public()),
    # Windows
    "private-key-missing": (odd(private_key=False), odd(private_key=None)),
    "key-of-another": (around(key_of_another=True), around()),
    "private-key-readable-by-anyone": (
        around(key_readers=("VORDEFINIERT\\Benutzer",)),
        around(key_readers=("BUILTIN\\Administrators", "THEO\\Benutzer")),
    ),
    "private-key-in-full-control": (
        in_my(key_controllers=("EXAMPLE\\svc",)),
        in_my(key_controllers=("VORDEFINIERT\\Administratoren", "S-1-5-18")),
    ),
    "private-key-exportable": (in_my(exportable=True), in_my(exportable=False)),
    "private-key-without-passphrase": (
        around(key_protected=False),
        around(key_protected=True),
    ),
    "private-key-file-open": (
        around(key_protected=False, key_file_readers=("every user",)),
        around(key_protected=True, key_file_readers=("every user",)),
    ),
    "protected-key-file-open": (
        around(key_protected=True, key_file_readers=("every user",)),
        around(key_protected=True),
    ),
    "private-key-not-readable": (
        around(UNIVERSAL, key_readers=("NT AUTHORITY\\SYSTEM",)),
        around(UNIVERSAL, key_readers=(PRODUCTS["xtract-universal"].service_account,)),
    ),
    "in-current-user": (
        in_store(r"Cert:\CurrentUser\My"),
        in_store(r"Cert:\LocalMachine\My"),
    ),
    "not-in-personal": (
        in_store(r"Cert:\LocalMachine\WebHosting"),
        in_store(r"Cert:\LocalMachine\My"),
    ),
    "not-a-root-among-roots": (
        in_store(r"Cert:\LocalMachine\Root"),
        in_store(r"Cert:\LocalMachine\Root", self_signed=True),
    ),
    "tls-version-old": (around(protocol="TLSv1.1"), around(protocol="TLSv1.2")),
    "old-tls-version-offered": (
        around(protocol="TLSv1.3", older_protocols=("TLSv1.1",)),
        around(protocol="TLSv1.3"),
    ),
    "cipher-suite-old": (
        around(cipher="ECDHE-RSA-DES-CBC3-SHA"),
        around(cipher="AES128-SHA"),
    ),
    "renegotiation-unsafe": (
        around(renegotiates_safely=False),
        around(renegotiates_safely=True),
    ),
    "stapled-answer-missing": (
        around_stapling(stapled=False),
        around_stapling(stapled=True),
    ),
    "client-certificate-asked": (
        around(protocol="TLSv1.2", asks_client=True),
        around(protocol="TLSv1.2", asks_client=False),
    ),
}
"""For each rule what breaks it, and what just keeps it."""


def broken(of: Case) -> list[str]:
    return [finding.rule for finding in rules.judge(*of)]


def test_every_rule_has_a_case() -> None:
    assert RULES.keys() == CASES.keys()


@pytest.mark.parametrize("rule", CASES)
def test_a_rule_finds_what_breaks_it_and_only_that(rule: str) -> None:
    breaks, keeps = CASES[rule]
    assert 1 == broken(breaks).count(rule)
    assert rule not in broken(keeps)


@pytest.mark.parametrize("rule", RULES.values(), ids=lambda rule: rule.id)
def test_a_rule_is_published_whole(rule: rules.Rule) -> None:
    assert rule.id == rule.breaches.__name__.replace("_", "-")
    for sentence in (rule.text, rule.remedy):
        assert sentence.endswith(".")
        assert "\n" not in sentence
        assert sentence[0].isupper()
    assert rule.source
    assert rule.url.startswith("https://")


def test_a_right_certificate_breaks_nothing() -> None:
    assert [] == broken(case())


def details(of: Case, rule: str) -> list[str]:
    return [finding.detail for finding in rules.judge(*of) if rule == finding.rule]


@pytest.mark.parametrize(
    ("rule", "of", "detail"),
    [
        (
            "san-without-server-name",
            case(san=["a.example", "192.0.2.1"]),
            "has a.example, 192.0.2.1; wanted server.example.com",
        ),
        (
            "common-name-without-server-name",
            case(common_name=None),
            "has none; wanted server.example.com",
        ),
        (
            "expired",
            case(not_after=forge.AT - forge.SECOND),
            "ended 2026-11-02 07:59 UTC",
        ),
        (
            "not-yet-valid",
            case(not_before=forge.AT + forge.SECOND),
            "begins 2026-11-02 08:00 UTC",
        ),
        ("about-to-expire", ending(timedelta(0)), "ends 2026-11-02 08:00 UTC"),
        ("expiring", ending(9 * forge.DAY), "ends 2026-11-11 08:00 UTC"),
        (
            "not-for-server-authentication",
            case(eku=[CLIENT]),
            "extended key usage: Client Authentication (1.3.6.1.5.5.7.3.2)",
        ),
        ("not-from-a-public-ca", trusted(None), "issuer: CN=Example Root CA"),
        (
            "server-name-not-first",
            at_yunio("a.example.com", NAMED),
            "first DNS name: a.example.com; wanted server.example.com",
        ),
        (
            "serial-number-too-long",
            odd(serial_number="80" + "00" * 19),
            "bytes: 21",
        ),
        ("timestamps-missing", public(timestamps=None), "has none; wanted 2"),
        (
            "curve-not-allowed",
            odd(key_algorithm="ECC", curve="secp256k1"),
            "curve: secp256k1",
        ),
        (
            "curve-not-allowed",
            odd(key_algorithm="ECC", curve=""),
            "curve: not a named one",
        ),
        (
            "not-a-server-certificate",
            odd(
                dns_names=(),
                extended_key_usage=(EMAIL_OID,),
                private_key=None,
            ),
            f"kind: {Role.MAIL}; extended key usage: Secure Email ({EMAIL_OID})",
        ),
        ("timestamps-missing", public(timestamps=1), "has 1; wanted 2"),
        (
            "for-more-than-servers",
            public(
                extended_key_usage=(SERVER_OID, CLIENT_OID),
                not_before=EKU_2027,
                not_after=EKU_2027 + MONTH,
            ),
            "extended key usage: Client Authentication (1.3.6.1.5.5.7.3.2)",
        ),
        (
            "unprintable-subject",
            odd(subject="CN=a\u202eb"),
            r"subject: 'CN=a\u202eb'",
        ),
    ],
)
def test_a_detail_has_the_values_that_differ(rule: str, of: Case, detail: str) -> None:
    assert [detail] == details(of, rule)


def at_its_end(environment: Environment) -> Case:
    """A self-signed certificate that a server presents, and nobody trusts."""
    of, context = self_signed(environment)
    around = Surroundings(server_name=NAMED, chain_complete=True, root_known=False)
    return of._replace(surroundings=around), context


def test_what_is_wrong_anyhow_is_not_said_twice() -> None:
    both = {"self-signed-in-production", "root-unknown"}
    for environment, expected in (
        (Environment.PRODUCTION, {"self-signed-in-production"}),
        (Environment.TEST, {"root-unknown"}),
    ):
        assert expected == both & set(broken(at_its_end(environment)))


def test_the_gap_in_a_chain_is_above_its_last_certificate() -> None:
    ends = (("CN=Issuing", forge.AT + MONTH), ("CN=Top", forge.AT + MONTH))
    for known, whose in ((ends, "CN=Top"), ((), "CN=server.example.com")):
        of = around(chain_complete=False, issuer_ends=known)
        assert [f"missing: the issuer of {whose}"] == details(of, "chain-incomplete")


def test_a_server_needs_version_3_and_an_old_root_does_not() -> None:
    root = authority(version=1, self_signed=True, is_ca=None, key_usage=None)
    issuer = authority(version=1, self_signed=False)
    own = odd(version=1, self_signed=True)
    for of, told in ((root, False), (issuer, True), (own, True)):
        assert told is ("version-not-3" in broken(of))


@pytest.mark.parametrize("self_signed", [False, True])
@pytest.mark.parametrize("of", [odd, authority], ids=["server", "authority"])
def test_only_the_signature_of_a_root_may_be_weak(
    of: Callable[..., Case], self_signed: bool
) -> None:
    weak = of(signature_algorithm="sha1RSA", self_signed=self_signed)
    is_root = of is authority and self_signed
    assert is_root is not ("signature-weak" in broken(weak))


UNREAD_KEY = odd(key_bits=None)
MAIL_ONLY = {
    "extended_key_usage": (EMAIL_OID,),
    "dns_names": (),
    "private_key": None,
}


@pytest.mark.parametrize(
    ("rule", "of"),
    [
        ("rsa-key-too-small", UNREAD_KEY),
        ("rsa-key-too-large", UNREAD_KEY),
        ("rsa-key-of-odd-size", UNREAD_KEY),
        ("rsa-key-of-odd-size", odd(key_algorithm="ECC", key_bits=521)),
        ("addresses-only", odd(ip_addresses=("192.0.2.1",), **MAIL_ONLY)),
        ("in-current-user", in_store(r"Cert:\CurrentUser\Trust", **MAIL_ONLY)),
        ("not-in-personal", in_store(r"Cert:\LocalMachine\CA", **MAIL_ONLY)),
        ("not-in-personal", in_store(r"Cert:\LocalMachine\CA", private_key=False)),
        ("in-current-user", around()),
        ("private-key-in-full-control", around(key_controllers=("EXAMPLE\\svc",))),
        (
            "private-key-in-full-control",
            around(
                store=StoreAddress.parse(r"Cert:\CurrentUser\My"),
                key_controllers=("EXAMPLE\\svc",),
            ),
        ),
        ("not-a-dns-name", case(san=[NAMED, "a.*.example.com"])),
        ("short-name", public(dns_names=("server",))),
        ("not-a-dns-name", case(san=[NAMED, x509.DNSName("192.0.2.1")])),
        ("issuer-extension-refused", on_path("critical-extension")[0]),
        ("ca-not-critical", odd(basic_constraints_critical=False)),
        ("subject-key-identifier-missing", odd(subject_key_identifier="")),
        ("root-unknown", self_signed(Environment.PRODUCTION)),
    ],
)
def test_a_rule_says_nothing_of_what_is_not_its_matter(rule: str, of: Case) -> None:
    assert [] == details(of, rule)


def test_each_name_that_is_not_encoded_is_told() -> None:
    of = odd(dns_names=("bücher.example", "müller.example", "xn--a.example"))
    assert 3 == len(details(of, "international-name-not-encoded"))


@pytest.mark.parametrize(
    ("first", "days"),
    [
        (datetime(2018, 3, 1, tzinfo=UTC), 825),
        (datetime(2020, 9, 1, tzinfo=UTC), 398),
        (datetime(2026, 3, 15, tzinfo=UTC), 200),
        (datetime(2027, 3, 15, tzinfo=UTC), 100),
        (datetime(2029, 3, 15, tzinfo=UTC), 47),
    ],
)
def test_how_long_a_public_one_may_live_depends_on_its_first_day(
    first: datetime, days: int
) -> None:
    rule, day = "lifetime-too-long", forge.DAY
    right = living(first, days * day, publicly_trusted=True)
    longer = living(first, days * day + forge.SECOND, publicly_trusted=True)
    earlier = living(first - forge.SECOND, (days + 1) * day, publicly_trusted=True)
    assert [] == details(right, rule)
    said = f"limit {days} days on its day of issue; lives 1 second longer"
    assert [said] == details(longer, rule)
    assert [] == details(earlier, rule)


@pytest.mark.parametrize(
    ("presented", "called", "said"),
    [
        (("*.example.com",), "my_server.example.com", True),
        (("*.example.com", "my_server.example.com"), "my_server.example.com", False),
        (("MY_SERVER.example.com",), "my_server.example.com", False),
        (("*.example.com",), "my-server.example.com", False),
        (("*.example.org",), "my_server.example.com", False),
    ],
)
def test_a_wildcard_does_not_stand_for_an_underscore_as_openssl_has_it(
    presented: tuple[str, ...], called: str, said: bool, tmp_path: Path
) -> None:
    leaf = forge.leaf(san=presented)
    leaf.write(tmp_path / "a.pem")
    asked = [
        components.require("openssl"),
        "x509",
        "-in",
        tmp_path / "a.pem",
        "-noout",
        "-checkhost",
    ]
    answer = subprocess.run([*asked, called], capture_output=True, text=True).stdout
    of = summaries.of_certificate(leaf.leaf)
    of = of._replace(surroundings=Surroundings(server_name=called))
    found = details((of, HERE), "underscore-in-name")
    told = [one for one in found if "OpenSSL" in one]
    assert said is bool(told)
    matches = any(names.matches(name, called) for name in presented)
    assert (matches and not said) is ("does match" in answer)


def test_an_issuer_with_just_a_day_left_is_expiring() -> None:
    for left, expected in (
        (forge.DAY, "issuer-expiring"),
        (forge.DAY - forge.SECOND, "issuer-about-to-expire"),
        (timedelta(0), "issuer-about-to-expire"),
    ):
        found = broken(around(issuer_ends=(("CN=Issuing", forge.AT + left),)))
        assert [expected] == [rule for rule in found if "expir" in rule]


def test_a_rule_of_traits_says_so() -> None:
    for one in RULES.values():
        looks_at = next(iter(one.breaches.__annotations__.values()))
        assert ("Traits" if one.of_traits else "Summary") == looks_at, one.id


@pytest.mark.parametrize("purpose", range(1, 10))
def test_what_a_public_server_certificate_is_not_for_besides(purpose: int) -> None:
    usage = (SERVER_OID, f"1.3.6.1.5.5.7.3.{purpose}")
    found = broken(public(extended_key_usage=usage))
    assert (purpose in (3, 4, 8, 9)) is ("for-forbidden-purposes" in found)


def test_ten_years_before_its_end_is_the_earliest() -> None:
    assert timedelta(days=3650) == rules.within("3650d")
    assert timedelta(days=30) == rules.MENTIONED


def test_an_authority_may_have_two_common_names() -> None:
    authority = summaries.of_certificate(forge.ca().leaf)
    twice = authority._replace(common_names=("Example CA", "b"))
    assert "common-name-repeated" not in broken((twice, HERE))


def test_an_expired_certificate_is_not_expiring_too() -> None:
    ends = {"expired", "about-to-expire", "expiring"}
    for left, expected in [
        (-forge.SECOND, {"expired"}),
        (timedelta(0), {"about-to-expire"}),
        (forge.DAY, {"expiring"}),
        (MONTH, set()),
    ]:
        assert expected == ends & set(broken(ending(left)))


@pytest.mark.parametrize(
    ("life", "left", "expected"),
    [
        (HOURS * 160, HOURS * 150, None),  # just issued
        (HOURS * 160, HOURS * 54, None),
        (HOURS * 160, HOURS * 53, "expiring"),  # a third of its life
        (HOURS * 160, HOURS * 10, "about-to-expire"),
        (HOURS * 24, HOURS * 24, None),
        (HOURS * 24, HOURS * 7, "expiring"),
        (HOURS * 24, HOURS * 5, "about-to-expire"),
        (forge.DAY * 47, forge.DAY * 16, None),
        (forge.DAY * 47, forge.DAY * 15, "expiring"),
        (forge.DAY * 90, forge.DAY * 3, "expiring"),
        (forge.DAY * 7300, forge.DAY * 72, "about-to-expire"),  # the last hundredth
        (forge.DAY * 7300, forge.DAY * 74, None),
    ],
)
def test_when_an_end_is_near_depends_on_the_lifetime(
    life: timedelta, left: timedelta, expected: str | None
) -> None:
    found = broken(ending(left, life=life))
    assert expected == next((rule for rule in found if "expir" in rule), None)


def test_who_gives_a_number_of_days_gets_it() -> None:
    context = replace(HERE, expiring_within=timedelta(days=60))
    found, _ = ending(50 * forge.DAY)
    assert ["expiring"] == broken((found, context))
    none = replace(HERE, expiring_within=timedelta(0))
    found, _ = ending(2 * forge.DAY)
    assert [] == broken((found, none))


@pytest.mark.parametrize(
    ("words", "life", "left", "expected"),
    [
        ("20%", forge.DAY * 100, forge.DAY * 19, ["expiring"]),
        ("20%", forge.DAY * 100, forge.DAY * 20, []),
        ("20%", forge.DAY * 400, forge.DAY * 79, ["expiring"]),  # further than 30 days
        ("20%", HOURS * 160, HOURS * 33, []),
        ("20%", HOURS * 160, HOURS * 31, ["expiring"]),
        ("100%", forge.DAY * 100, forge.DAY * 99, ["expiring"]),
        ("0%", forge.DAY * 100, forge.DAY * 2, []),
        ("10d", forge.DAY * 100, forge.DAY * 9, ["expiring"]),
        ("10d", forge.DAY * 100, forge.DAY * 10, []),
        ("36 hours", forge.DAY * 100, HOURS * 35, ["expiring"]),
        ("36h", forge.DAY * 100, HOURS * 36, []),
        ("36 hours", forge.DAY * 100, HOURS * 37, []),
        ("3 days", forge.DAY * 100, HOURS * 71, ["expiring"]),
    ],
)
def test_a_span_or_a_part_of_the_lifetime_is_mentioned(
    words: str, life: timedelta, left: timedelta, expected: list[str]
) -> None:
    found, _ = ending(left, life=life)
    context = replace(HERE, expiring_within=rules.within(words))
    assert expected == broken((found, context))


@pytest.mark.parametrize("words", ["", "30", "101%", "-1d", "1e9d", "3651d", "٣d", "d"])
def test_what_is_no_span_is_refused(words: str) -> None:
    with pytest.raises(InputError, match=r"30d.*20%"):
        rules.within(words)


@pytest.mark.parametrize(
    ("words", "left", "expected"),
    [
        ("", forge.DAY * 29, ["issuer-expiring"]),
        ("", forge.DAY * 31, []),
        ("20%", forge.DAY * 77, ["issuer-expiring"]),  # of the 390 days of the leaf
        ("20%", forge.DAY * 79, []),
        ("60d", forge.DAY * 59, ["issuer-expiring"]),
    ],
)
def test_the_end_of_an_issuer_is_one_of_the_chain(
    words: str, left: timedelta, expected: list[str]
) -> None:
    leaf, _ = ending(forge.DAY * 300, life=forge.DAY * 390)
    ends = (("CN=Issuing", forge.AT + left), ("CN=Root", forge.AT + 400 * forge.DAY))
    of = leaf._replace(surroundings=Surroundings(issuer_ends=ends))
    within = rules.within(words) if words else None
    found = rules.judge(of, replace(HERE, expiring_within=within))
    soon = [one for one in found if "expir" in one.rule]
    assert expected == [one.rule for one in soon]
    assert all(one.detail.startswith("CN=Issuing ends ") for one in soon)


def test_an_issuer_just_issued_for_a_short_lived_one_is_not_near_its_end() -> None:
    leaf, _ = ending(HOURS * 150, life=HOURS * 160)
    of = leaf._replace(
        surroundings=Surroundings(
            issuer_ends=(("CN=Issuing", forge.AT + 25 * forge.DAY),)
        )
    )
    assert "issuer-expiring" not in broken((of, HERE))


def test_words_say_what_is_judged_for() -> None:
    said = Context.of(
        forge.AT,
        server="SERVER.example.com",
        product="board-cloud",
        environment="Test",
        approach="internal CA",
        expiring_within="20%",
    )
    wanted = Context(
        forge.AT,
        "server.example.com",
        PRODUCTS["board-cloud"],
        Environment.TEST,
        0.2,
        Approach.INTERNAL_CA,
    )
    assert wanted == said
    assert Context(forge.AT) == Context.of(forge.AT)
    for wrong in ({"approach": "any"}, {"environment": "lab"}, {"product": "x"}):
        with pytest.raises(InputError, match=r"there is no"):
            Context.of(forge.AT, **wrong)


def test_a_certificate_without_usages_is_good_for_all() -> None:
    for eku in (None, [SERVER, ANY]):
        found = rules.judge(*case(eku=eku))
        assert Severity.ERROR not in {finding.severity for finding in found}


def test_an_address_that_is_written_as_a_dns_name_names_no_server() -> None:
    context = replace(HERE, server_name="192.0.2.1")
    found = broken(case(context, san=[NAMED, x509.DNSName("192.0.2.1")]))
    assert "san-without-server-name" in found


def test_an_address_need_not_be_a_common_name() -> None:
    context = replace(HERE, server_name="192.0.2.1")
    assert [] == broken(case(context, san=["server.example.com", "192.0.2.1"]))


def test_without_a_server_name_the_common_name_has_one_of_the_san() -> None:
    context = replace(HERE, server_name="")
    san = ["a.example.com", "b.example.com"]
    assert [] == broken(case(context, common_name="b.example.com", san=san))
    found = broken(case(context, common_name="c.example.com", san=san))
    assert ["common-name-without-server-name", "common-name-not-in-san"] == found


def test_a_public_ca_matters_for_the_cloud_only() -> None:
    assert [] == broken(trusted(False, HERE))
    on_site = replace(HERE, product=PRODUCTS["xtract-universal"])
    assert [] == broken(trusted(False, on_site))


def test_a_request_is_judged_by_what_it_can_say() -> None:
    wish = summary(san=None, eku=[CLIENT], not_after=forge.AT - forge.SECOND)._replace(
        kind=Kind.REQUEST
    )
    assert {
        "san-missing",
        "common-name-only",
        "not-for-server-authentication",
    } == set(broken((wish, CLOUD)))


def test_what_is_unreadable_breaks_one_rule_for_each_problem() -> None:
    assert ["cannot-be-read"] == broken((summaries.unreadable("it is torn"), HERE))
    assert ["File: it is torn"] == details(
        (summaries.unreadable("it is torn"), HERE), "cannot-be-read"
    )


def test_findings_come_worst_first_and_carry_their_source() -> None:
    findings = rules.judge(
        *case(
            common_name="x",
            not_after=forge.AT + 2 * forge.DAY,
            eku=[CLIENT],
            san=["y.example"],
        )
    )
    ranks = [finding.severity.rank for finding in findings]
    assert sorted(ranks) == ranks
    assert {Severity.ERROR, Severity.WARNING} == {f.severity for f in findings}
    worst = findings[0]
    of = RULES[worst.rule]
    said = (of.id, of.severity, of.text, worst.detail, of.remedy, of.source, of.url)
    assert Finding(*said, by=of.by) == worst


def test_only_the_rules_that_were_chosen_are_asked() -> None:
    of = case(san=None, not_after=forge.AT - forge.SECOND)
    chosen: list[rules.Rule] = [RULES["expired"]]
    assert ["expired"] == [f.rule for f in rules.judge(*of, rules=chosen)]
    assert () == rules.judge(*of, rules=[])


def roles() -> dict[Role, Summary]:
    """A certificate of each role, about to end, and what else it breaks."""
    soon = {
        "not_before": forge.AT - 100 * forge.DAY,
        "not_after": forge.AT + 20 * forge.DAY,
    }
    person = {**soon, "san": None, "common_name": "Jane Doe"}
    code = x509.ObjectIdentifier("1.3.6.1.5.5.7.3.3")
    made = {
        Role.SERVER: forge.leaf(issuer=forge.ca(), **soon),
        Role.MAIL: forge.leaf(issuer=forge.ca(), eku=[EMAIL], **person),
        Role.CODE: forge.leaf(issuer=forge.ca(), eku=[code], **person),
        Role.CLIENT: forge.leaf(issuer=forge.ca(), eku=[CLIENT], **person),
    }
    found = {role: summaries.of_certificate(one.leaf) for role, one in made.items()}
    root = summaries.of_certificate(forge.ca().leaf)
    found[Role.CA] = root._replace(not_after=soon["not_after"])
    return found


@pytest.mark.parametrize("role", roles())
@pytest.mark.parametrize("public", [True, False])
@pytest.mark.parametrize("late", [0, 30])
def test_a_remedy_fits_what_was_judged(role: Role, public: bool, late: int) -> None:
    found = roles()[role]._replace(publicly_trusted=public)
    assert role is found.role
    context = replace(HERE, server_name="", at=forge.AT + late * forge.DAY)
    findings = rules.judge(found, context)
    assert findings
    said = " ".join(finding.remedy for finding in findings)
    assert all(finding.by in set(Doer) for finding in findings)
    if role is not Role.SERVER:
        assert "Designer" not in said
        assert "restart" not in said
    if role is not Role.SERVER or public:
        assert "template Web Server" not in said
    by = {finding.by for finding in findings if finding.rule in ("expired", "expiring")}
    who = {Role.SERVER: Doer.SERVER, Role.CA: Doer.AUTHORITY}.get(role, Doer.YOU)
    assert {who} == by


def test_every_rule_says_who_does_what_it_asks_for() -> None:
    for one in RULES.values():
        asks = one.remedy.startswith(("Ask the CA", "Ask the public CA"))
        assert not asks or one.by is Doer.AUTHORITY, one.id
        assert "certlm.msc" not in one.remedy or one.by is Doer.SERVER, one.id


def test_severities_are_ranked() -> None:
    assert [0, 1, 2] == [severity.rank for severity in Severity]


def test_the_catalogue_is_that_of_the_rules() -> None:
    written = (ROOT / "docs" / "rules.md").read_text(encoding="utf-8")
    assert catalogue() == written, "run `python -m certlib.rules > docs/rules.md`"


def test_a_rule_of_ones_own_is_judged_like_the_others() -> None:
    @rules.rule(
        Severity.WARNING,
        source="Our policy, section 3",
        url="https://intranet.example.com/policy",
        remedy="Ask the team for a certificate of our own CA.",
    )
    def not_from_our_ca(summary: Summary, context: Context) -> Iterator[str]:
        """The certificate was not released by our own CA."""
        if "O=Example" not in summary.issuer:
            yield f"issuer: {summary.issuer}"

    try:
        assert ["not-from-our-ca"] == broken(case())
        of = RULES["not-from-our-ca"]
        assert "The certificate was not released by our own CA." == of.text
        assert [] == broken(odd(issuer="CN=CA, O=Example"))
    finally:
        del RULES["not-from-our-ca"]


def test_the_approach_decides_which_rules_count() -> None:
    short_serial = {"serial_number": "01", "publicly_trusted": True}
    inside = replace(HERE, approach=Approach.INTERNAL_CA)
    outside = replace(HERE, approach=Approach.PUBLIC_CA)
    alone = replace(HERE, approach=Approach.SELF_SIGNED, environment=Environment.TEST)
    wrong = "serial-number-too-short"
    assert wrong not in broken(odd(inside, **short_serial))
    assert wrong in broken(odd(outside, serial_number="01"))
    assert "not-from-a-public-ca" in broken(odd(outside))
    own = summaries.of_certificate(forge.leaf().leaf)
    assert "self-signed-in-production" in broken((own, inside))
    assert [] == broken((own, alone))


NO_DNS_NAMES = {
    " a.example.com": "it begins or ends with a blank, so no client finds it",
    "a.example.com\t": "it begins or ends with a blank, so no client finds it",
    "*.example.com\n": "it begins or ends with a blank, so no client finds it",
    "a b.example.com": "it contains a space",
    "*.-a.example.com": "the label '-a' is not made of 1 to 63 letters, digits and "
    "inner hyphens",
    "": "it is empty",
    ".": "it is empty",
    "*.": "it is empty",
    "*..": "it is empty",
}


@pytest.mark.parametrize("name", NO_DNS_NAMES)
def test_what_is_no_dns_name_is_quoted_with_the_reason(name: str) -> None:
    found = details(case(san=[NAMED, name]), "not-a-dns-name")
    assert [f"{name!r}: {NO_DNS_NAMES[name]}"] == found


@given(st.lists(st.text(".*_-ax1n:\0 \té", max_size=12), min_size=1, max_size=3))
def test_no_name_however_odd_ends_the_judging(found: list[str]) -> None:
    rules.judge(*odd(dns_names=tuple(found), common_names=tuple(found)))


@pytest.mark.parametrize("name", ["*.test", "*.local", "*.corp.", "*.com", "*.co.uk"])
def test_a_wildcard_for_a_whole_suffix_is_too_wide_registered_or_not(name: str) -> None:
    assert [f"DNS name: {name}"] == details(
        case(san=[NAMED, name]), "wildcard-too-wide"
    )


@pytest.mark.parametrize("name", ["*.github.io", "*.corp.test", "test", "*"])
def test_another_name_is_none_for_a_whole_suffix(name: str) -> None:
    assert [] == details(case(san=[NAMED, name]), "wildcard-too-wide")


def test_signatures_that_browsers_do_not_check_are_unusual() -> None:
    sha224 = "1.2.840.113549.1.1.14"
    found = details(odd(signature_algorithm=sha224), "signature-kind-unusual")
    assert [f"signature: {sha224}"] == found
    remarks = (summaries.Problem("Padding", "RSASSA-PSS with sha256, and no salt"),)
    found = details(odd(remarks=remarks), "signature-kind-unusual")
    assert ["RSASSA-PSS with sha256, and no salt"] == found


def test_who_lives_longer_needs_one_timestamp_more() -> None:
    for days, timestamps, missing in [(180, 2, []), (181, 3, []), (181, 2, ["3"])]:
        found, context = public(timestamps=timestamps)
        begin = forge.AT - forge.DAY
        found = found._replace(not_before=begin, not_after=begin + days * forge.DAY)
        said = details((found, context), "timestamps-missing")
        assert missing == [detail[-1] for detail in said]


def test_an_issuer_named_by_its_number_only_is_told() -> None:
    issuer = forge.ca().leaf
    by_number = x509.AuthorityKeyIdentifier(
        None, [x509.DirectoryName(issuer.subject)], issuer.serial_number
    )
    found = odd(authority_key_identifier="", extensions=("authorityKeyIdentifier",))
    assert ["AuthorityKeyIdentifier: only issuer and serial number"] == details(
        found, "authority-key-identifier-missing"
    )
    read = summaries.of_certificate(forge.leaf(extra=[(by_number, False)]).leaf)
    assert ("", True) == (
        read.authority_key_identifier,
        "authorityKeyIdentifier" in read.extensions,
    )


@pytest.mark.parametrize(
    ("common_name", "san"),
    [
        ("a.example.com", "*.example.com"),
        ("A.example.com", "a.example.com"),
        ("müller.example.com", "xn--mller-kva.example.com"),
        ("*.example.com", "a.example.com"),
    ],
)
def test_a_common_name_agrees_with_what_means_the_same(
    common_name: str, san: str
) -> None:
    unnamed = replace(HERE, server_name="")
    assert [] == broken(case(unnamed, common_name=common_name, san=[san]))


@pytest.mark.parametrize(
    ("subject", "found"),
    [
        ("CN=a, C=DE", []),
        ("CN=a, C=de", []),
        ("C=DEU", ["DEU"]),
        ("C=", [""]),
        ("C=D1, CN=a", ["D1"]),
        ("CN=a + C=x, DC=com", ["x"]),
        ('O="x, C=USA", C=US', []),
        ('C="U,S"', ['"U,S"']),
        ("DC=corp, CN=C=", []),
    ],
)
def test_countries_of_two_letters(subject: str, found: list[str]) -> None:
    assert found == list(odd_countries(subject))


@pytest.mark.parametrize(
    ("name", "good"),
    [
        ("RFC822 Name=a.b+c@example.com", True),
        ("RFC822 Name=a@b", True),
        ("URL=http://[bad", False),
        ("RFC822 Name=example.com", False),
        ("RFC822 Name=@example.com", False),
        ("RFC822 Name=a@", False),
        ("RFC822 Name=A <a@example.com>", False),
        ("RFC822 Name=müller@example.com", False),
        ("RFC822 Name=", False),
        ("URL=https://example.com", True),
        ("URL=urn:uuid:1", True),
        ("URL=example.com/path", False),
        ("URL=https://", False),
        ("URL=https://a b/", False),
        ("Other Name=1.2.3", True),
    ],
)
def test_mail_addresses_and_urls_in_the_san(name: str, good: bool) -> None:
    assert good is (
        "alternative-name-malformed" not in broken(odd(other_names=(name,)))
    )


def test_one_odd_name_does_not_hide_the_others() -> None:
    bundle = forge.leaf(issuer=forge.ca(), san=["aaaaa.example.com", "other.example"])
    latin = forge.damaged(bundle, b"aaaaa.example", b"b\xfccher.exampl")
    found = summaries.of_der(latin)
    assert ("bücher.exampl.com", "other.example") == found.dns_names
    said = {finding.rule: finding.detail for finding in rules.judge(found, HERE)}
    assert "the DNS name 'bücher.exampl.com' is not ASCII" in said["cannot-be-read"]
    assert "has 'bücher.exampl.com', other.example" in said["san-without-server-name"]


@given(
    st.lists(st.sampled_from([*CASES]), min_size=1, max_size=4),
    st.integers(0, 1),
)
def test_judging_many_says_the_same_as_judging_one(ids: list[str], which: int) -> None:
    judge = Judge(HERE)
    for id_ in ids:
        found, _ = CASES[id_][which]
        assert Judge(HERE)(found) == judge(found)


PLAIN_AND_ODD = ["a.example.com", "b.example.com", "a.example", "short", "a_b.de", ""]
PLAIN_AND_ODD += ["*.example.com", "a.de b.de", "a.de\n", f"{'x' * 64}.de", "192.0.2.1"]


@given(st.lists(st.sampled_from(PLAIN_AND_ODD), max_size=4))
def test_one_odd_name_or_a_repeated_one_makes_all_odd(names: list[str]) -> None:
    one_by_one = any(are_odd((name,)) for name in names)
    repeated = len(set(names)) < len(names)
    assert (one_by_one or repeated) == are_odd(tuple(names))


def test_names_that_every_rule_is_content_with_are_not_odd() -> None:
    plain = {name for name in PLAIN_AND_ODD if not are_odd((name,))}
    assert {"a.example.com", "b.example.com", "a.example"} == plain


def test_a_request_can_still_be_changed() -> None:
    request = x509.CertificateSigningRequestBuilder().subject_name(
        x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "server.example.com")])
    )
    signed = request.sign(ed25519.Ed25519PrivateKey.generate(), None)
    found = rules.judge(summaries.of_request(signed), HERE)
    assert "key-kind-not-for-windows" in {finding.rule for finding in found}
    for finding in found:
        assert finding.remedy.startswith("Change the request before you send it.")
        assert "renewal" not in finding.remedy
