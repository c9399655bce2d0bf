"""Rules: each one broken, and just kept."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import forge
import pytest
from cryptography.x509.oid import ExtendedKeyUsageOID

from certlib import rules, summaries
from certlib.products import PRODUCTS, Environment
from certlib.rules import RULES, Context, Finding, Severity
from certlib.summaries import Kind, Summary

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
    return replace(summary(), publicly_trusted=publicly), context


ANY = ExtendedKeyUsageOID.ANY_EXTENDED_KEY_USAGE
CLIENT = ExtendedKeyUsageOID.CLIENT_AUTH
SERVER = ExtendedKeyUsageOID.SERVER_AUTH
EMAIL = ExtendedKeyUsageOID.EMAIL_PROTECTION
MONTH = timedelta(days=30)

CASES: dict[str, tuple[Case, Case]] = {
    "cannot-be-read": (
        (summaries.of_der(forge.with_unreadable_extensions()), HERE),
        case(),
    ),
    "san-missing": (case(san=None), case(san=["other.example.com"])),
    "san-without-server-name": (
        case(san=["example.com", "*.server.example.com"]),
        case(san=["example.com", "*.example.com"]),
    ),
    "common-name-without-server-name": (
        case(common_name="example.com"),
        case(common_name="*.Example.com"),
    ),
    "private-key-missing": (
        (replace(summary(), private_key=False), HERE),
        (replace(summary(), private_key=None), HERE),
    ),
    "self-signed-in-production": (
        self_signed(Environment.PRODUCTION),
        self_signed(Environment.TEST),
    ),
    "not-from-a-public-ca": (trusted(False), trusted(True)),
    "expired": (
        case(not_after=forge.AT - forge.SECOND),
        case(not_after=forge.AT),
    ),
    "not-yet-valid": (
        case(not_before=forge.AT + forge.SECOND),
        case(not_before=forge.AT),
    ),
    "expiring": (
        case(not_after=forge.AT + MONTH - forge.SECOND),
        case(not_after=forge.AT + MONTH),
    ),
    "not-for-server-authentication": (
        case(eku=[CLIENT, EMAIL]),
        case(eku=[CLIENT, SERVER]),
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
        ("expiring", case(not_after=forge.AT), "ends 2026-11-02 08:00 UTC"),
        (
            "not-for-server-authentication",
            case(eku=[CLIENT]),
            "extended key usage: 1.3.6.1.5.5.7.3.2",
        ),
        ("not-from-a-public-ca", trusted(None), "issuer: CN=Example Root CA"),
    ],
)
def test_a_detail_has_the_values_that_differ(rule: str, of: Case, detail: str) -> None:
    assert [detail] == details(of, rule)


def test_an_expired_certificate_is_not_expiring_too() -> None:
    gone = broken(case(not_after=forge.AT - forge.SECOND))
    assert ("expired" in gone, "expiring" in gone) == (True, False)
    last = broken(case(not_after=forge.AT))
    assert ("expired" in last, "expiring" in last) == (False, True)


def test_a_certificate_without_usages_is_good_for_all() -> None:
    for eku in (None, [ANY], [CLIENT, ANY]):
        assert [] == broken(case(eku=eku))


def test_an_address_need_not_be_a_common_name() -> None:
    context = replace(HERE, server_name="192.0.2.1")
    assert [] == broken(case(context, san=["server.example.com", "192.0.2.1"]))


def test_without_a_server_name_the_common_name_has_one_of_the_san() -> None:
    context = replace(HERE, server_name="")
    san = ["a.example.com", "b.example.com"]
    assert [] == broken(case(context, common_name="b.example.com", san=san))
    found = broken(case(context, common_name="c.example.com", san=san))
    assert ["common-name-without-server-name"] == found


def test_a_public_ca_matters_for_the_cloud_only() -> None:
    assert [] == broken(trusted(False, HERE))
    on_site = replace(HERE, product=PRODUCTS["xtract-universal"])
    assert [] == broken(trusted(False, on_site))


def test_a_request_is_judged_by_what_it_can_say() -> None:
    wish = replace(
        summary(san=None, eku=[CLIENT], not_after=forge.AT - forge.SECOND),
        kind=Kind.REQUEST,
    )
    assert ["san-missing", "not-for-server-authentication"] == broken((wish, CLOUD))


def test_what_is_unreadable_breaks_one_rule_for_each_problem() -> None:
    assert ["cannot-be-read"] == broken((summaries.unreadable("it is torn"), HERE))
    assert ["File: it is torn"] == details(
        (summaries.unreadable("it is torn"), HERE), "cannot-be-read"
    )


def test_findings_come_worst_first_and_carry_their_source() -> None:
    findings = rules.judge(
        *case(common_name="x", not_after=forge.AT, eku=[CLIENT], san=["y.example"])
    )
    ranks = [finding.severity.rank for finding in findings]
    assert sorted(ranks) == ranks
    assert {Severity.ERROR, Severity.WARNING} == {f.severity for f in findings}
    worst = findings[0]
    of = RULES[worst.rule]
    assert (
        Finding(of.id, of.severity, of.text, worst.detail, of.remedy, of.source, of.url)
        == worst
    )


def test_only_the_rules_that_were_chosen_are_asked() -> None:
    of = case(san=None, not_after=forge.AT - forge.SECOND)
    chosen: list[rules.Rule] = [RULES["expired"]]
    assert ["expired"] == [f.rule for f in rules.judge(*of, rules=chosen)]
    assert () == rules.judge(*of, rules=[])


def test_severities_are_ranked() -> None:
    assert [0, 1, 2] == [severity.rank for severity in Severity]
