"""Integrating: what is listed, what is in the way, and what the answer is like."""

from dataclasses import replace

import forge
import pytest
from cryptography import x509
from cryptography.x509.oid import ExtendedKeyUsageOID, ExtensionOID

from certlib import Bundle, endpoints, integrating, specs
from certlib.endpoints import Endpoint, Presented, serving
from certlib.errors import EndpointError, InputError, StoreError
from certlib.integrating import checks, designer, tls_settings
from certlib.integrating.designer import Protocol, ServerSettings
from certlib.products import PRODUCTS, Environment
from certlib.rules import Context
from certlib.stores import (
    INTERMEDIATE,
    PERSONAL,
    TRUSTED_ROOT,
    StoreAddress,
    StoreLocation,
    practice_machine,
)
from certlib.trust.roots import Trust

AT = forge.AT
BOARD = PRODUCTS["board-connector"]
CURRENT_USER = StoreAddress(StoreLocation.CURRENT_USER, "My")


@pytest.fixture
def machine(tmp_path):
    return practice_machine(tmp_path / "stores")


def put(machine, bundle, *, account=BOARD.service_account, address=PERSONAL):
    store = machine.open(address)
    store.add(bundle)
    if bundle.private_key is not None and account:
        store.grant_read(bundle.thumbprint, account)
    return bundle.thumbprint


def in_the_way(machine, thumbprint, account=BOARD.service_account):
    return integrating.obstacles(machine, thumbprint, account=account, at=AT)


def test_the_window_lists_name_issuer_and_thumbprint(machine):
    bundle = forge.leaf(
        san=["server.example.com", "server"],
        issuer=forge.ca(subject=forge.x500(DC="local", CN="Example CA")),
    )
    put(machine, bundle)
    (row,) = designer.listing(machine.open(PERSONAL))
    assert (row.dns_names, row.issued_by, row.thumbprint) == (
        "server.example.com, server",
        "CN=Example CA, DC=local",
        bundle.thumbprint,
    )
    assert row.saved_as == (
        f"LocalMachine - Personal - server.example.com, server ({bundle.thumbprint})"
    )


def test_once_own_roots_are_named_an_unknown_one_is_in_the_way(machine):
    own, other = forge.ca("Own Root"), forge.ca("Other Root")
    thumbprint = put(machine, forge.leaf(issuer=own))

    def said(trusted):
        found = integrating.obstacles(
            *(machine, thumbprint),
            account=BOARD.service_account,
            at=AT,
            trusted=[trusted.leaf],
        )
        return [one.text for one in found]

    assert [] == said(own)
    (text,) = said(other)
    assert "chain of issuers has a gap" in text


def test_a_usable_certificate_has_nothing_in_its_way(machine):
    assert () == in_the_way(machine, put(machine, forge.leaf()))


@pytest.mark.parametrize(
    ("bundle", "expected"),
    [
        (forge.leaf(not_after=AT - forge.SECOND), "The certificate has expired."),
        (forge.leaf(not_before=AT + forge.SECOND), "is not valid yet."),
        (forge.leaf(san=None), "names no server in its SubjectAlternativeName"),
        (forge.leaf(san=["10.0.0.1"]), "no DNS name in its SubjectAlternativeName"),
        (forge.leaf(san=["*.example.com"]), "Its first DNS name is *.example.com"),
        (replace(forge.leaf(), private_key=None), "has no private key with it"),
        (
            forge.leaf(eku=[ExtendedKeyUsageOID.CLIENT_AUTH]),
            "not meant for server authentication",
        ),
    ],
    ids=["expired", "not-yet", "no-san", "only-ip", "wildcard", "no-key", "eku"],
)
def test_each_obstacle_is_named_alone(machine, bundle, expected):
    (obstacle,) = in_the_way(machine, put(machine, bundle))
    assert expected in obstacle.text
    assert obstacle.fix
    assert obstacle.listed


@pytest.mark.parametrize(
    ("of_issuer", "expected"),
    [
        ({"not_after": AT - forge.SECOND}, "A certificate of the chain has expired."),
        ({"not_before": AT + forge.SECOND}, "of the chain is not yet valid."),
        ({"eku": [ExtendedKeyUsageOID.CLIENT_AUTH]}, "was not allowed to release"),
        (None, "The chain of issuers has a gap"),
    ],
    ids=["expired", "not-yet", "eku", "missing"],
)
def test_what_is_wrong_with_its_issuer_is_in_the_way(machine, of_issuer, expected):
    root = forge.ca("A Root")
    issuer = forge.ca("An Issuer", issuer=root, **of_issuer or {})
    put(machine, Bundle(root.leaf), address=TRUSTED_ROOT)
    if of_issuer is not None:
        put(machine, Bundle(issuer.leaf), address=INTERMEDIATE)
    (obstacle,) = in_the_way(machine, put(machine, forge.leaf(issuer=issuer)))
    assert expected in obstacle.text
    assert obstacle.listed


def test_a_key_that_the_service_cannot_read(machine):
    (obstacle,) = in_the_way(machine, put(machine, forge.leaf(), account=""))
    assert obstacle.text == (
        "NT Service\\BOARD Connector Service may not read its private key; only "
        "BUILTIN\\Administrators, NT AUTHORITY\\SYSTEM may. TLS handshakes would fail."
    )


@pytest.mark.parametrize(
    ("granted", "account"),
    [
        ("NT SERVICE\\board connector SERVICE", BOARD.service_account),
        ("NT SERVICE\\ALL SERVICES", "EXAMPLE\\svc-board"),
        ("", "LocalSystem"),
    ],
)
def test_rights_count_in_any_case_and_by_group(machine, granted, account):
    thumbprint = put(machine, forge.leaf(), account=granted)
    assert () == in_the_way(machine, thumbprint, account)


@pytest.mark.parametrize("group", ["Everyone", "Jeder", "S-1-5-32-545"])
def test_a_key_that_everybody_may_read_is_in_the_way(machine, group):
    (obstacle,) = in_the_way(machine, put(machine, forge.leaf(), account=group))
    assert "It is no secret any more." in obstacle.text


@pytest.mark.parametrize(
    ("address", "expected"),
    [
        (CURRENT_USER, "It is in Current User > Personal; it has to be in "),
        (
            StoreAddress(StoreLocation.LOCAL_MACHINE, "Root"),
            "It is in Local Machine > Trusted Root Certification Authorities; ",
        ),
        (None, "It is in no certificate store of this machine"),
    ],
)
def test_a_certificate_that_is_not_listed(machine, address, expected):
    bundle = forge.leaf()
    if address:
        put(machine, bundle, address=address)
    (obstacle,) = in_the_way(machine, bundle.thumbprint)
    assert obstacle.text.startswith(expected)
    assert obstacle.listed is (address is not None and address != CURRENT_USER)


def test_a_thumbprint_as_windows_copies_it_is_found(machine):
    thumbprint = put(machine, forge.leaf())
    copied = "\u200e" + " ".join(thumbprint[i : i + 2] for i in range(0, 40, 2))
    assert () == in_the_way(machine, copied.lower())


FRESH = ServerSettings.fresh(BOARD)


def told(machine, after, before=FRESH):
    return designer.consequences(before, after, machine, host="old.example.com")


def test_https_changes_the_clients_address(machine):
    thumbprint = put(machine, forge.leaf())
    after = replace(FRESH, protocol=Protocol.HTTPS, web=thumbprint)
    moved = (
        "Clients have to call https://server.example.com:8197/ instead of "
        "http://old.example.com:8097/."
    )
    assert told(machine, after) == (moved, "The service has to be restarted.")


def test_a_wildcard_is_no_address(machine):
    thumbprint = put(machine, forge.leaf(san=["*.example.com"]))
    after = replace(FRESH, protocol=Protocol.HTTPS, web=thumbprint)
    assert "https://old.example.com:8197/" in told(machine, after)[0]


def test_nothing_changed_needs_no_restart(machine):
    assert () == told(machine, FRESH)


def test_a_forgotten_second_button_is_mentioned(machine):
    new = put(machine, forge.leaf())
    old = put(machine, forge.leaf())
    before = replace(FRESH, protocol=Protocol.HTTPS, web=old, designer=old)
    assert (
        "The tab Configuration Server has another certificate than the web server.",
        "The service has to be restarted.",
    ) == told(machine, replace(before, web=new), before)


def test_https_needs_a_certificate(machine):
    with pytest.raises(InputError, match="needs a certificate"):
        told(machine, replace(FRESH, protocol=Protocol.HTTPS))


def test_two_ports_cannot_be_the_same(machine):
    with pytest.raises(InputError, match="both use port 8097"):
        told(machine, replace(FRESH, https_port=8097))


def test_a_selected_certificate_that_is_gone_is_an_error(machine):
    after = replace(FRESH, protocol=Protocol.HTTPS, web="0" * 40)
    with pytest.raises(StoreError):
        told(machine, after)


def judged(presented, *, at=AT, trusted=(), test=True, **options):
    environment = Environment.TEST if test else Environment.PRODUCTION
    context = Context(at, environment=environment)
    trust = Trust.of((), given=trusted)
    return checks.check(presented, context=context, trust=trust, **options)


def checked(bundle, *, name="server.example.com", **options):
    with serving.serve(bundle, server_name=name) as endpoint:
        presented = endpoints.look(endpoint)
    return judged(presented, **options)


def sent(*bundles):
    endpoint = Endpoint("127.0.0.1", 443, "server.example.com")
    return Presented(endpoint, tuple(b.leaf for b in bundles), "TLSv1.3", "x")


def failed(found):
    return [check.subject for check in found if not check.passed]


ROOT = forge.ca("Example Root CA").leaf


def test_a_right_answer_passes_every_check():
    bundle = forge.chain()
    found = checked(bundle, trusted=[bundle.chain[-1]], selected=bundle.leaf)
    assert [
        "TLS answer",
        "selected certificate",
        "server name",
        "validity",
        "server authentication",
        "chain",
        "trust",
    ] == [check.subject for check in found]
    assert [] == failed(found)


@pytest.mark.parametrize(
    ("bundle", "expected"),
    [
        (forge.leaf(san=["other.example.com"]), "server name"),
        (forge.leaf(san=None), "server name"),
        (forge.leaf(not_after=AT - forge.SECOND), "validity"),
        (forge.leaf(not_before=AT + forge.SECOND), "validity"),
        (replace(forge.chain(), chain=()), "chain"),
    ],
    ids=["other-name", "no-san", "expired", "not-yet", "missing-intermediate"],
)
def test_each_defect_fails_its_own_check(bundle, expected):
    trusted = [ROOT] if expected == "chain" else [bundle.leaf]
    found = failed(checked(bundle, trusted=trusted))
    untrusted = expected in ("validity", "chain")
    assert found == ([expected, "trust"] if untrusted else [expected])


def test_a_certificate_is_valid_in_its_last_second():
    bundle = forge.leaf(not_after=AT)
    trusted = [bundle.leaf]
    # What ends today is an error of its own, and still valid.
    assert ["certificate"] == failed(checked(bundle, trusted=trusted))
    late = checked(bundle, at=AT + forge.SECOND, trusted=trusted)
    assert ["validity", "trust"] == failed(late)


def test_a_root_that_clients_do_not_trust_is_named():
    bundle = forge.chain()
    other = forge.ca("Another Root").leaf
    (trust,) = [c for c in checked(bundle, trusted=[other]) if c.subject == "trust"]
    assert trust.passed is False
    assert trust.detail == (
        "not trusted: the certificate of its issuer, Example Root CA, was not found"
    )


def test_it_is_always_said_who_trusts_it():
    bundle = forge.chain()
    root = bundle.chain[-1]
    presented = sent(bundle, forge.Bundle(bundle.chain[0]))
    for trust, who in (
        (Trust.of((), given=[root]), "clients with the given roots"),
        (Trust.of((), roots=[root]), "this machine"),
        (Trust.of([root]), "the public roots"),
        (Trust.of([root], roots=[root]), "this machine and the public roots"),
    ):
        found = checks.check(presented, context=Context(AT), trust=trust)
        assert "trust" == found[-1].subject
        said = f"trusted by {who}: CN=Example Root CA; revocation was not looked up"
        assert (found[-1].passed, found[-1].detail) == (True, said)


def test_a_self_signed_one_is_neither_fine_nor_trusted():
    own = forge.leaf()
    assert ["certificate", "trust"] == failed(checked(own, test=False))
    assert ["trust"] == failed(checked(own))
    assert [] == failed(checked(own, trusted=[own.leaf]))


def test_what_cannot_be_judged_is_not_fine():
    odd = forge.chain(
        extra=[
            (
                x509.UnrecognizedExtension(
                    ExtensionOID.SUBJECT_ALTERNATIVE_NAME, b"\x04\x00"
                ),
                False,
            )
        ],
        san=None,
    )
    issuing = forge.Bundle(odd.chain[0])
    found = judged(sent(odd, issuing), trusted=[odd.chain[-1]])
    by_subject = {check.subject: check.passed for check in found}
    assert by_subject["server name"] is None
    assert by_subject["chain"] is None
    assert by_subject["trust"] is None


@pytest.mark.parametrize(
    ("bundle", "said"),
    [
        (forge.chain(private_key=forge.key(0, "RSA-1024")), "fewer than 2048 bits"),
        (forge.chain(private_key=forge.key(0, "Ed25519")), "cannot use a key of"),
        (forge.chain(is_ca=True), ""),
    ],
    ids=["small", "ed25519", "authority"],
)
def test_every_error_of_an_audit_is_asked(bundle, said):
    presented = sent(bundle, forge.Bundle(bundle.chain[0]))
    found = judged(presented, trusted=[bundle.chain[-1]])
    details = [c.detail for c in found if c.subject == "certificate"]
    assert all(said in detail for detail in details)
    assert bool(details) is bool(said)


def issued_by(issuing):
    return forge.leaf(issuer=issuing)


ENDED = {"not_after": AT - forge.SECOND}
SIGNING = specs.key_usage(certificate_signing=True)
A_ROOT = forge.ca("Example Root CA")
A_SERVER = forge.leaf(issuer=A_ROOT, private_key=forge.key(1), common_name="Server 1")
TWO_BELOW = forge.ca(
    "CA 3", issuer=forge.ca("CA 2", issuer=forge.ca("CA 1", path_length=0))
)


@pytest.mark.parametrize(
    ("issuing", "expected"),
    [
        (
            forge.ca("CA 1", issuer=A_ROOT, **ENDED),
            "CN=CA 1: has expired on 2026-11-02 07:59 UTC",
        ),
        (
            forge.ca("CA 1", issuer=A_ROOT, not_before=AT + forge.DAY),
            "CN=CA 1: is not valid before 2026-11-03 UTC",
        ),
        (A_SERVER, "CN=Server 1: is no certification authority (CA:TRUE)"),
        (
            forge.ca("CA 1", issuer=A_ROOT, is_ca=None),
            "CN=CA 1: is no certification authority (CA:TRUE)",
        ),
        (
            forge.ca("CA 1", issuer=A_ROOT, key_usage=specs.key_usage()),
            "CN=CA 1: may not sign certificates (keyCertSign)",
        ),
        (TWO_BELOW, "CN=CA 1: allows 0 CAs below it, and there are 2"),
        (forge.ca("Example Root CA", **ENDED), "CN=Example Root CA: has expired"),
    ],
    ids=["ended", "early", "server", "no-constraints", "usage", "length", "root"],
)
def test_an_issuer_that_clients_refuse_fails_the_chain(issuing, expected):
    bundle = issued_by(issuing)
    found = checked(bundle, trusted=[bundle.chain[-1]])
    assert ["chain", "trust"] == failed(found)
    assert expected in found[-1].detail
    assert "certification authority" in found[-2].fix


@pytest.mark.parametrize(
    "issuing",
    [
        forge.ca("CA 1", issuer=A_ROOT, key_usage=None),
        forge.ca("CA 2", issuer=forge.ca("CA 1", path_length=1)),
        forge.ca("CA 1", issuer=A_ROOT, not_after=AT),
    ],
    ids=["no-usage", "length", "last-second"],
)
def test_an_issuer_that_clients_accept_passes(issuing):
    bundle = issued_by(issuing)
    found = failed(checked(bundle, trusted=[bundle.chain[-1]]))
    assert not {"chain", "trust"} & set(found)


def test_of_two_issuers_the_one_that_has_not_ended_counts():
    old = forge.ca("CA 1", issuer=A_ROOT, **ENDED)
    new = forge.ca("CA 1", issuer=A_ROOT)
    bundle = issued_by(new)
    found = judged(sent(bundle, old, new), trusted=[A_ROOT.leaf])
    assert [] == failed(found)
    assert "leads over CN=CA 1, CN=Example Root CA" == found[-2].detail


def test_a_client_stops_at_the_root_that_it_trusts():
    gone = forge.ca("Gone Root", **ENDED)
    crossed = forge.ca("Example Root CA", issuer=gone)
    bundle = issued_by(forge.ca("CA 1", issuer=A_ROOT))
    presented = sent(bundle, forge.Bundle(bundle.chain[0]), crossed, gone)
    assert [] == failed(judged(presented, trusted=[A_ROOT.leaf]))


def test_the_old_certificate_asks_for_a_restart():
    old = forge.leaf(not_before=AT - 80 * forge.DAY)
    new = forge.leaf()
    (check,) = [
        c for c in checked(old, selected=new.leaf) if c.subject.startswith("selected")
    ]
    assert check.detail == (
        f"the service still presents the OLD certificate {old.thumbprint}"
    )
    assert check.fix.startswith("restart the service")


def test_a_newer_certificate_than_the_selected_one_is_no_restart():
    new, old = forge.leaf(), forge.leaf(not_before=AT - 80 * forge.DAY)
    (check,) = [
        c for c in checked(new, selected=old.leaf) if c.subject.startswith("selected")
    ]
    assert "presents another certificate" in check.detail


def test_an_old_protocol_is_told():
    own = forge.leaf()
    presented = replace(sent(own), protocol="TLSv1.1")
    assert ["protocol"] == failed(judged(presented, trusted=[own.leaf]))


def test_no_answer_is_the_only_check():
    error = EndpointError("it refuses the connection", fix="start the service")
    presented = Presented(Endpoint("127.0.0.1", 1), error=error)
    (check,) = judged(presented)
    assert (
        False,
        "it refuses the connection",
        "start the service",
    ) == (check.passed, check.detail, check.fix)


@pytest.fixture
def path(tmp_path):
    return tmp_path / "tls.json"


def compared(path, machine):
    return failed(integrating.compare(path, machine, at=AT))


def test_a_file_written_from_the_store_compares_equal(path, machine):
    choice, backup = integrating.configure(path, put(machine, forge.leaf()), machine)
    assert "server.example.com" == choice.subject_alt_name
    assert backup is None
    assert [] == compared(path, machine)


def test_a_moment_without_a_time_zone_is_none(path, machine):
    integrating.configure(path, put(machine, forge.leaf()), machine)
    with pytest.raises(InputError, match="has no time zone"):
        integrating.compare(path, machine, at=AT.replace(tzinfo=None))
    with pytest.raises(InputError, match="has no time zone"):
        checked(forge.leaf(), at=AT.replace(tzinfo=None))


def test_a_thumbprint_that_is_not_in_the_store(path, machine):
    tls_settings.write(path, forge.leaf().leaf)
    assert ["certificate"] == compared(path, machine)
    with pytest.raises(StoreError):
        integrating.configure(path, "0" * 40, machine)


def test_a_certificate_without_its_key_is_not_written(path, machine):
    thumbprint = put(machine, replace(forge.leaf(), private_key=None))
    with pytest.raises(StoreError, match="has no private key"):
        integrating.configure(path, thumbprint, machine)
    assert not path.exists()


def test_values_that_differ_are_named(path, machine):
    integrating.configure(path, put(machine, forge.leaf()), machine)
    path.write_text(path.read_text().replace("server.example", "old.example", 1))
    (check,) = [
        c for c in integrating.compare(path, machine, at=AT) if c.subject == "values"
    ]
    assert "subject_alt_name: old.example.com | server.example.com" == check.detail


def test_an_expired_choice_is_told(path, machine):
    bundle = forge.leaf(not_after=AT - forge.SECOND)
    integrating.configure(path, put(machine, bundle), machine)
    assert ["validity"] == compared(path, machine)


@pytest.mark.parametrize("product", PRODUCTS.values(), ids=lambda p: p.slug)
def test_every_product_has_its_twins(product):
    assert product.service_name in integrating.restart_twin(product)
    assert f"-LocalPort {product.https_port}" in integrating.firewall_twin(product)
