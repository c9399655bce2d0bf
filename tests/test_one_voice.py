"""One voice: every face says the same of the same certificates."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import forge
import pki
import pytest
from cryptography import x509
from cryptography.hazmat.primitives.hashes import SHA1
from cryptography.hazmat.primitives.serialization import Encoding
from path_cases import CASES as DECLARED
from pki import AT, HOST, Chain
from revoking import crl

from certlib import auditing, importing, inspecting
from certlib.auditing import Audited
from certlib.auditing.sources import DataSource, Found, StoreSource, _presented
from certlib.bundles import Bundle
from certlib.endpoints import Endpoint, Presented
from certlib.inspecting import views
from certlib.integrating import checks
from certlib.rules import Context, Severity
from certlib.stores import (
    PERSONAL,
    TRUSTED_ROOT,
    practice_machine,
    trust_of,
)
from certlib.summaries import Role
from certlib.trust import places
from certlib.trust.faults import Standing
from certlib.trust.revocation import Lookup
from certlib.trust.revocation_lists import RevocationList
from certlib.trust.roots import Trust

CONTEXT = Context(AT, server_name=HOST)
CASES = {
    name: case
    for name, case in DECLARED.items()
    if case.host == HOST and not case.rule.startswith("san-")
}
"""Those that are about the path alone."""
ANSWERS = {Standing.YES: True, Standing.NO: False, Standing.NOT_JUDGED: None}


def presented(chain: Chain) -> Presented:
    leaf, sent, _ = chain
    endpoint = Endpoint("127.0.0.1", 443, HOST)
    return Presented(endpoint, (leaf, *sent), "TLSv1.3", "x")


def trust(chain: Chain) -> Trust:
    return Trust.of((), given=chain[2])


def checked(chain: Chain) -> tuple[checks.Check, ...]:
    return checks.check(presented(chain), context=CONTEXT, trust=trust(chain))


def audited(*found: Found) -> Audited:
    (one,) = auditing.audit([list(found)], CONTEXT)
    return one


def errors(one: Audited) -> set[str]:
    return {f.rule for f in one.findings if f.severity is Severity.ERROR}


def answer(one: Audited) -> bool | None:
    assert one.summary.surroundings is not None
    return one.summary.surroundings.trusted


@pytest.mark.parametrize("name", CASES)
def test_check_and_audit_of_a_server(name: str) -> None:
    chain = CASES[name].make()
    seen = checked(chain)
    one = audited(_presented(presented(chain), trust(chain)))
    assert ANSWERS[CASES[name].standing] is seen[-1].passed is answer(one)
    assert all(check.passed for check in seen) is not bool(errors(one))


@pytest.mark.parametrize("name", CASES)
def test_no_certificate_is_fine_that_is_not_trusted(name: str) -> None:
    chain = CASES[name].make()
    one = audited(_presented(presented(chain), trust(chain)))
    assert answer(one) is True or errors(one)


def in_file(chain: Chain) -> Audited | None:
    """The same certificates in one file; None if it has no single leaf."""
    leaf, sent, _ = chain
    data = b"".join(one.public_bytes(Encoding.PEM) for one in (leaf, *sent))
    found = list(DataSource(lambda: data, "chain.pem", (), trust(chain)))
    mine = [one for one in found if one.leaf == leaf]
    return audited(mine[0]) if mine else None


@pytest.mark.parametrize("name", CASES)
def test_a_file_and_the_viewer(name: str) -> None:
    chain = CASES[name].make()
    leaf, sent, _ = chain
    verdict = places.in_file(leaf, sent, trust(chain)).verdict(AT)
    shown = views.of_bundle(Bundle(leaf, chain=tuple(sent)), at=AT, trust=trust(chain))
    assert CASES[name].standing is verdict.standing
    assert (verdict.standing is Standing.YES) is not bool(shown.general.trouble)
    assert (verdict.standing is Standing.YES) is all(step.ok for step in shown.path)
    one = in_file(chain)
    if one is not None and answer(one) is not None:
        # A root or an issuer that is missing is elsewhere; all else is the same.
        assert ANSWERS[verdict.standing] is answer(one)


@pytest.mark.parametrize("name", CASES)
def test_a_store(name: str) -> None:
    leaf, sent, anchors = CASES[name].make()
    machine = Trust.of((), anchors, sent)
    found = places.in_store(leaf, machine, store=PERSONAL, private_key=True)
    one = audited(Found.of("My", found, ()))
    assert ANSWERS[CASES[name].standing] is answer(one)
    assert answer(one) is True or errors(one)


@pytest.mark.parametrize("name", CASES)
def test_a_plan_of_an_import_and_a_pfx_file(name: str, tmp_path: Any) -> None:
    chain = CASES[name].make()
    leaf, sent, _ = chain
    bundle = Bundle(leaf, pki.private_key_of(leaf), tuple(dict.fromkeys(sent)))
    machine = practice_machine(tmp_path)
    for anchor in chain[2]:
        machine.open(TRUSTED_ROOT).add(Bundle(anchor))
    plan = importing.plan(bundle, machine, context=replace(CONTEXT, practice=True))
    words = {True: "trusted by ", False: "not trusted: ", None: "not judged: "}
    wanted = ANSWERS[CASES[name].standing]
    assert plan.trust.startswith(words[wanted])
    assert wanted is True or Severity.ERROR in {f.severity for f in plan.findings}
    data = bundle.to_pfx("geheim")
    found = list(DataSource(lambda: data, "a.pfx", ("geheim",), trust(chain)))
    (mine,) = [one for one in found if one.leaf == chain[0]]
    one = audited(mine)
    if chain[2]:  # without given roots, those that are missing may lie elsewhere
        assert wanted is answer(one)
        assert wanted is True or errors(one)


def test_a_plan_of_an_import_says_what_an_audit_says(tmp_path: Any) -> None:
    bundle = forge.chain(not_after=forge.AT - forge.SECOND)
    machine = practice_machine(tmp_path)
    machine.open(TRUSTED_ROOT).add(Bundle(bundle.chain[-1]))
    context = Context(forge.AT, practice=True)
    plan = importing.plan(bundle, machine, context=context)
    assert ["expired"] == [finding.rule for finding in plan.findings]
    assert plan.trust.startswith("not trusted: has expired on ")
    importing.carry_out(plan)
    source = StoreSource(machine.open(PERSONAL), trust_of(machine))
    (one,) = auditing.audit([source], context)
    assert {"expired"} == errors(one)
    assert one.summary.surroundings is not None
    assert plan.trust == one.summary.surroundings.trust


def test_an_identifier_of_another_issuer_is_told() -> None:
    told = []
    for chain in (DECLARED["wrong key identifier"].make(), DECLARED["usual"].make()):
        one = audited(_presented(presented(chain), trust(chain)))
        told.append("identifier-of-another-issuer" in {f.rule for f in one.findings})
    assert [True, False] == told


def test_a_file_for_given_roots_has_to_lead_to_one() -> None:
    for name in ("nothing sent", "unknown root", "a circle"):
        leaf, sent, anchors = DECLARED[name].make()
        told = []
        for trusted in (Trust.of((), given=anchors), Trust.of((), anchors)):
            placed = places.in_file(leaf, sent, trusted)
            told.append(bool(errors(audited(Found.of("a.pem", placed, ())))))
        assert [True, False] == told, name


def test_a_forged_issuer_is_no_unknown_root() -> None:
    chain = DECLARED["issuer altered"].make()
    one = audited(_presented(presented(chain), trust(chain)))
    assert {"signature-broken"} == errors(one)


def test_certificates_that_issue_each_other_are_looked_at() -> None:
    chain = DECLARED["a circle over another certificate of the leaf"].make()
    data = b"".join(one.public_bytes(Encoding.PEM) for one in chain[1])
    (found,) = DataSource(lambda: data, "chain.pem", (), trust(chain))
    assert {"root-unknown"} <= errors(audited(found))


# ---- revocation ------------------------------------------------------------------

LISTS: dict[str, tuple[Callable[[], Any], Standing, str]] = {
    "good": (crl, Standing.YES, "good"),
    "revoked": (lambda: crl(pki.good), Standing.NO, "revoked"),
    "on hold": (
        lambda: crl(pki.good, reason=x509.ReasonFlags.certificate_hold),
        Standing.NO,
        "revoked",
    ),
    "expired": (lambda: crl(last=-0.5), Standing.NOT_JUDGED, "cannot be checked"),
    "of another key": (
        lambda: crl(by=pki.Party("Issuing", pki.key("a third key"))),
        Standing.NOT_JUDGED,
        "cannot be checked",
    ),
    "of another CA": (
        lambda: crl(by=pki.OTHER),
        Standing.NOT_JUDGED,
        "cannot be checked",
    ),
}


@pytest.mark.parametrize("name", LISTS)
def test_every_face_says_the_same_of_revocation(name: str, tmp_path: Any) -> None:
    make, standing, state = LISTS[name]
    lookup = Lookup.of([RevocationList(make())])
    chain = (pki.good, [pki.issuing], [pki.root])
    asked = replace(Trust.of((), given=[pki.root]), revocation=lookup)
    of_machine = replace(Trust.of((), [pki.root], [pki.issuing]), revocation=lookup)
    seen = checks.check(presented(chain), context=CONTEXT, trust=asked)
    pem = b"".join(one.public_bytes(Encoding.PEM) for one in (pki.good, pki.issuing))
    pfx = Bundle(pki.good, pki.key("leaf"), (pki.issuing,)).to_pfx("geheim")
    store = places.in_store(pki.good, of_machine, store=PERSONAL, private_key=True)
    found = {
        "server": _presented(presented(chain), asked),
        "file": next(iter(DataSource(lambda: pem, "a.pem", (), asked))),
        "PFX": next(iter(DataSource(lambda: pfx, "a.pfx", ("geheim",), asked))),
        "store": Found.of("My", store, ()),
    }
    answers = {place: audited(one) for place, one in found.items()}
    assert dict.fromkeys(found, ANSWERS[standing]) == {
        place: answer(one) for place, one in answers.items()
    }
    assert {state} == {
        one.summary.surroundings.revocation[0].state for one in answers.values()
    }
    rules_ = {"revoked", "revocation-not-checked"}
    assert 1 == len({frozenset(errors(one) & rules_) for one in answers.values()})
    machine = practice_machine(tmp_path)
    machine.open(TRUSTED_ROOT).add(Bundle(pki.root))
    plan = importing.plan(
        Bundle(pki.good, pki.key("leaf"), (pki.issuing,)),
        machine,
        context=CONTEXT,
        revocation=lookup,
    )
    words = {True: "trusted by ", False: "not trusted: ", None: "not judged: "}
    assert plan.trust.startswith(words[ANSWERS[standing]])
    bundle = Bundle(pki.good, chain=(pki.issuing,))
    shown = views.of_bundle(bundle, at=AT, trust=asked)
    assert (standing is Standing.YES) is not bool(shown.general.trouble)
    assert ANSWERS[standing] is seen[-1].passed
    judged = inspecting.judged(bundle, HOST, at=AT, trust=asked)
    assert ANSWERS[standing] is judged.surroundings.trusted


# ---- roles ---------------------------------------------------------------------

SMART_CARD = x509.ObjectIdentifier("1.3.6.1.4.1.311.20.2.2")
RDP = x509.ObjectIdentifier("1.3.6.1.4.1.311.54.1.2")
USAGES = x509.oid.ExtendedKeyUsageOID


def lone(name: str = "A Name", **options: Any) -> Bundle:
    values: dict[str, Any] = {"common_name": name, "san": None}
    return forge.leaf(**values | options)


ROLES: dict[str, tuple[Callable[[], Bundle], Role]] = {
    "server": (lambda: lone(san=["a.example.com"]), Role.SERVER),
    "openssl's default": (
        lambda: lone("Mein Server", is_ca=True, key_usage=None, eku=None),
        Role.CA,
    ),
    "root": (lambda: forge.ca("A Root"), Role.CA),
    "no name at all": (
        lambda: lone("", is_ca=True, key_usage=None, eku=None),
        Role.CA,
    ),
    "client": (lambda: lone(eku=[USAGES.CLIENT_AUTH]), Role.CLIENT),
    "smart card": (
        lambda: lone(eku=[USAGES.CLIENT_AUTH, SMART_CARD, USAGES.EMAIL_PROTECTION]),
        Role.CLIENT,
    ),
    "person": (
        lambda: lone(eku=[USAGES.EMAIL_PROTECTION, USAGES.CLIENT_AUTH]),
        Role.MAIL,
    ),
    "code": (lambda: lone(eku=[USAGES.CODE_SIGNING]), Role.CODE),
    "remote desktop": (lambda: lone(eku=[RDP]), Role.REMOTE_DESKTOP),
    "time stamps": (lambda: lone(eku=[USAGES.TIME_STAMPING]), Role.OTHER),
}


def on_a_port(bundle: Bundle) -> Audited:
    endpoint = Endpoint("127.0.0.1", 443, HOST)
    answer = Presented(endpoint, (bundle.leaf,), "TLSv1.3", "x")
    return audited_at(_presented(answer, Trust.of(())))


def audited_at(*found: Found, server_name: str = "") -> Audited:
    context = Context(forge.AT, server_name=server_name)
    (one,) = auditing.audit([list(found)], context)
    return one


def file_of(data: bytes, name: str) -> Found:
    (found,) = DataSource(lambda: data, name, ("geheim",), Trust.of(()))
    return found


PLACES: dict[str, Callable[[Bundle, Any], Audited]] = {
    "port": lambda bundle, folder: on_a_port(bundle),
    "asked": lambda bundle, folder: audited_at(
        file_of(bundle.to_der(), "a.cer"), server_name=HOST
    ),
    "key beside": lambda bundle, folder: audited_at(
        file_of(bundle.to_pfx("geheim"), "a.pfx")
    ),
    "personal": lambda bundle, folder: audited_at(
        *StoreSource(_with(bundle, folder), Trust.of(()))
    ),
}


def _with(bundle: Bundle, folder: Any) -> Any:
    store = practice_machine(folder).open(PERSONAL)
    store.add(bundle)
    return store


@pytest.mark.parametrize("name", ROLES)
@pytest.mark.parametrize("place", PLACES)
def test_what_a_server_uses_is_judged_as_a_servers(
    name: str, place: str, tmp_path: Any
) -> None:
    bundle = ROLES[name][0]()
    one = PLACES[place](bundle, tmp_path)
    assert Role.SERVER is one.summary.role
    assert errors(one) - {"self-signed-in-production", "root-unknown"} or (
        name == "server" and place != "asked" and place != "port"
    )
    assert ("ca-as-server" in {f.rule for f in one.findings}) is bool(one.summary.is_ca)


@pytest.mark.parametrize("name", ROLES)
def test_kinds_are_told_apart(name: str) -> None:
    make, role = ROLES[name]
    one = audited_at(file_of(make().to_der(), "a.cer"))
    rules = {finding.rule for finding in one.findings}
    assert role is one.summary.role
    other = role not in (Role.SERVER, Role.CA)
    assert other is ("not-a-server-certificate" in rules)
    assert "not-for-server-authentication" not in rules
    assert not (other and any("Web Server" in f.remedy for f in one.findings))


@pytest.mark.parametrize("name", ROLES)
def test_inspecting_for_a_server_claims_only_what_was_looked_at(name: str) -> None:
    bundle = ROLES[name][0]()
    summary = inspecting.judged(
        Bundle(bundle.leaf), HOST, at=forge.AT, trust=Trust.of(())
    )
    assert inspecting.check_names(summary, HOST, at=forge.AT)


def test_version_1_is_told_where_a_server_uses_it() -> None:
    own = pki.leaf(pki.party(HOST, "leaf"))
    first = pki.version_1(own, pki.key("leaf"))
    endpoint = Endpoint("127.0.0.1", 443, HOST)
    found = _presented(Presented(endpoint, (first,), "TLSv1.3", "x"), Trust.of(()))
    (one,) = auditing.audit([[found]], CONTEXT)
    assert "version-not-3" in errors(one)


@pytest.mark.parametrize("name", CASES)
def test_a_file_is_judged_with_all_that_is_in_it(name: str) -> None:
    leaf, sent, anchors = CASES[name].make()
    data = b"".join(one.public_bytes(Encoding.PEM) for one in (leaf, *sent))
    thumbprint = leaf.fingerprint(SHA1()).hex()
    thing = inspecting.read(data, thumbprint=thumbprint)
    if not isinstance(thing, Bundle):  # one that the library refuses
        return
    known = Trust.of((), given=anchors)
    said = inspecting.judged(thing, HOST, at=AT, trust=known).surroundings.trusted
    everything = places.in_file(leaf, sent, known, server_name=HOST).judged(AT)
    assert everything.surroundings.trusted is said
