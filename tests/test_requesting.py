"""From a spec to a released certificate, with the practice CA and by hand."""

from __future__ import annotations

import contextlib
import dataclasses
import json
import stat
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import forge
import pytest
from components import require
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.serialization import Encoding, pkcs7
from hypothesis import given
from hypothesis import strategies as st

from certlib import (
    auditing,
    creating,
    keys,
    requesting,
    rules,
    stores,
    summaries,
)
from certlib.bundles import Bundle, formats
from certlib.errors import (
    CertlibError,
    EncodingError,
    InputError,
    IssuerError,
    PassphraseError,
    StoreError,
)
from certlib.issuers import profiles, training
from certlib.issuers.by_hand import ByHand
from certlib.keys import KeyKind
from certlib.products import PRODUCTS, Environment
from certlib.requesting import RenewalKey, signing_requests
from certlib.rules import Context
from certlib.specs import CertificateSpec
from certlib.stores import INTERMEDIATE, TRUSTED_ROOT
from certlib.stores.folder import FolderMachine
from certlib.trust import chains

AT = forge.AT
SOON = ("-attime", str(int(AT.timestamp()) + 60))
SPEC = CertificateSpec(
    ("todd.example.com", "alias.example.com", "192.0.2.17"),
    KeyKind.ECDSA_P256,
    friendly_name="Xtract Universal TLS",
)
CONTEXT = Context(
    AT, server_name="todd.example.com", product=PRODUCTS["xtract-universal"]
)
FACTS = json.dumps(
    {
        "server_names": ["todd.example.com"],
        "key_kind": "ECDSA-P256",
        "validity_days": 365,
        "friendly_name": "",
        "made": "2026-11-02T08:00:00+00:00",
        "submission": None,
    }
).encode()
"""What is kept of a request."""


@pytest.fixture
def requests(tmp_path):
    return tmp_path / "requests"


@pytest.fixture
def request_(requests):
    return requesting.prepare(SPEC, requests, at=AT)


@pytest.fixture
def ca(tmp_path):
    return training.found(tmp_path / "ca", at=AT)


def answered(request, **changes) -> Bundle:
    """Return what a CA could answer: leaf, issuing CA and root, with our key."""
    values = {
        "private_key": request.private_key(),
        "common_name": request.spec.common_name,
        "san": request.spec.server_names,
    }
    return forge.chain(**values | changes)


def pem(*certificates) -> bytes:
    return b"".join(c.public_bytes(Encoding.PEM) for c in certificates)


def p7b(*certificates) -> bytes:
    return pkcs7.serialize_certificates(list(certificates), Encoding.DER)


# preparing


def test_a_request_asks_for_what_the_spec_says(request_):
    summary = request_.summary

    assert () == summary.problems
    assert "CN=todd.example.com" == summary.subject
    assert summary.server_names == SPEC.server_names
    assert ("digitalSignature",) == summary.key_usage
    assert summary.extended_key_usage == (summaries.SERVER_AUTHENTICATION,)
    assert summary.is_ca is False


def test_openssl_takes_the_request(request_):
    openssl = require("openssl")
    done = subprocess.run(
        [openssl, "req", "-verify", "-noout", "-text", "-in", request_.path],
        capture_output=True,
        text=True,
        check=True,
    )

    assert "Certificate request self-signature verify OK" in done.stderr + done.stdout
    assert "DNS:todd.example.com, DNS:alias.example.com, IP Address:192.0.2.17" in (
        done.stdout
    )


def test_key_and_request_outlast_a_restart(request_, requests):
    (again,) = requesting.pending(requests)

    assert again == request_
    assert keys.same_key(again.private_key().public_key(), again.csr.public_key())


def test_the_key_is_private_and_encrypted_if_asked(requests):
    request = requesting.prepare(SPEC, requests, at=AT, passphrase="häßlich")

    assert b"ENCRYPTED PRIVATE KEY" in request.key_path.read_bytes()
    assert request.private_key("häßlich") is not None
    with pytest.raises(PassphraseError):
        request.private_key()
    with pytest.raises(PassphraseError):
        request.private_key("wrong")
    if sys.platform != "win32":
        assert 0o600 == stat.S_IMODE(request.key_path.stat().st_mode)
        assert 0o700 == stat.S_IMODE(request.folder.stat().st_mode)


def test_no_secret_in_what_is_shown_or_kept_as_facts(requests):
    request = requesting.prepare(SPEC, requests, at=AT, passphrase="a secret")

    facts = (request.folder / "request.json").read_text()
    assert "a secret" not in facts + repr(request)
    assert {
        *("server_names", "key_kind", "validity_days", "friendly_name"),
        *("made", "submission"),
    } == set(json.loads(facts))


def test_a_second_request_for_a_server_is_refused_unless_asked(request_, requests):
    with pytest.raises(InputError, match=r"a request for todd\.example\.com"):
        requesting.prepare(SPEC, requests, at=AT)

    second = requesting.prepare(SPEC, requests, at=AT, again=True)

    assert [
        "todd.example.com",
        "todd.example.com~2",
    ] == [r.name for r in requesting.pending(requests)]
    assert second.key_path.read_bytes() != request_.key_path.read_bytes()


@pytest.mark.parametrize(
    ("name", "folder"),
    [
        ("*.example.com", "_wildcard.example.com"),
        ("nul.example.com", "_nul.example.com"),
        ("com1.example.com", "_com1.example.com"),
        ("console.example.com", "console.example.com"),
        ("MÜLLER.example.com", "xn--mller-kva.example.com"),
    ],
)
def test_every_name_gets_a_folder_that_windows_takes(requests, name, folder):
    request = requesting.prepare(
        CertificateSpec((name,), KeyKind.ECDSA_P256), requests, at=AT
    )

    assert request.name == folder
    assert signing_requests.load(requests / folder) == request


def test_nothing_is_left_when_a_request_cannot_be_kept(tmp_path, monkeypatch):
    def full(*args, **kwargs):
        raise InputError("disk full", fix="")

    monkeypatch.setattr(signing_requests.files, "write", full)
    with pytest.raises(InputError):
        requesting.prepare(SPEC, tmp_path, at=AT)

    assert [] == [path for path in tmp_path.iterdir() if path.name != ".lock"]


def test_a_moment_without_a_time_zone_is_refused(tmp_path):
    with pytest.raises(InputError, match="no time zone"):
        requesting.prepare(SPEC, tmp_path, at=AT.replace(tzinfo=None))

    assert [] == list(tmp_path.iterdir())


@given(
    st.lists(st.from_regex(r"[a-z]{1,12}\.example\.com", fullmatch=True), min_size=1),
    st.sampled_from([KeyKind.ECDSA_P256, KeyKind.ECDSA_P384]),
    st.integers(1, 4000),
    st.text(st.characters(categories=["L", "N", "P", "S"]), max_size=30),
)
def test_what_is_kept_comes_back(tmp_path_factory, names, kind, days, friendly_name):
    spec = CertificateSpec(tuple(names), kind, timedelta(days=days), friendly_name)

    request = requesting.prepare(spec, tmp_path_factory.mktemp("r"), at=AT)

    assert signing_requests.load(request.folder) == request
    assert request.summary.dns_names == spec.server_names


# checking


def test_a_right_request_has_no_findings(request_):
    assert () == requesting.check(request_, CONTEXT)


def test_a_request_is_judged_before_it_is_sent(request_):
    context = dataclasses.replace(CONTEXT, server_name="other.example.com")

    found = requesting.check(request_, context)

    assert [
        "san-without-server-name",
        "common-name-without-server-name",
    ] == [f.rule for f in found]


def test_a_request_that_was_changed_is_found(request_):
    alter(request_)

    changed = signing_requests.load(request_.folder)

    assert ["cannot-be-read"] == [f.rule for f in requesting.check(changed, CONTEXT)]


def alter(request) -> None:
    """Change a name in a request, so that its signature is wrong."""
    der = request.csr.public_bytes(Encoding.DER)
    wrong = der.replace(b"alias.example.com", b"other.example.com")
    assert wrong != der
    csr = x509.load_der_x509_csr(wrong)
    request.path.write_bytes(csr.public_bytes(Encoding.PEM))


# the practice CA, from beginning to end


def issue(request, ca, **kwargs) -> Bundle | None:
    request = requesting.submit(request, ca, at=AT)
    ca.approve(request.order, at=AT)
    return requesting.collect(request, ca, at=AT, **kwargs)


@pytest.mark.parametrize("kind", list(KeyKind))
@pytest.mark.parametrize(
    "slug", [s for s, p in PRODUCTS.items() if not p.public_ca_only]
)
def test_what_the_practice_ca_releases_passes_the_audit(requests, ca, kind, slug):
    spec = dataclasses.replace(SPEC, key_kind=kind)
    request = requesting.prepare(spec, requests, at=AT, private_key=forge.key(7, kind))

    bundle = issue(request, ca)

    context = Context(AT, "todd.example.com", PRODUCTS[slug], Environment.PRODUCTION)
    summary = rules_summary(bundle)
    assert () == rules.judge(summary, context)
    assert summary.server_names == SPEC.server_names
    assert summary.key_usage == request.summary.key_usage
    assert chains.anchor(bundle.leaf, bundle.chain, [ca.root]) == ca.root
    assert "Xtract Universal TLS" == bundle.friendly_name


def rules_summary(bundle):
    return auditing.summary_with_trust(
        bundle, private_key=bundle.private_key is not None
    )


def test_openssl_accepts_the_chain_and_its_name_constraints(request_, ca, tmp_path):
    openssl = require("openssl")
    bundle = issue(request_, ca)
    ca.export(tmp_path / "clients", at=AT)
    (tmp_path / "leaf.pem").write_bytes(pem(bundle.leaf))
    (tmp_path / "inter.pem").write_bytes(pem(ca.issuing))
    (tmp_path / "root.pem").write_bytes(pem(ca.root))

    def verify(*options):
        return subprocess.run(
            [
                *(openssl, "verify", "-x509_strict", *SOON, "-purpose", "sslserver"),
                *("-CAfile", "root.pem", "-untrusted", "inter.pem"),
                *(*options, "leaf.pem"),
            ],
            cwd=tmp_path,
            capture_output=True,
            text=True,
            check=False,
        )

    good = verify("-verify_hostname", "alias.example.com")
    assert 0 == good.returncode, good.stderr
    assert 0 == verify("-verify_ip", "192.0.2.17").returncode

    ca.revoke(bundle.leaf, at=AT)
    crl = ca.revocation_list(at=AT).public_bytes(Encoding.PEM)
    (tmp_path / "list.pem").write_bytes(crl)
    revoked = verify("-crl_check", "-CRLfile", tmp_path / "list.pem")
    assert "certificate revoked" in revoked.stderr


def test_the_name_constraints_hold_even_if_its_key_is_stolen(ca, tmp_path):
    openssl = require("openssl")
    key = keys.read_private_key((ca.folder / "issuing.pem").read_bytes())
    thief = Bundle(ca.issuing, key, (ca.root,))
    stolen = forge.leaf(san=("www.bank.de",), common_name="www.bank.de", issuer=thief)
    for name, *certificates in (
        ("leaf", stolen.leaf),
        ("inter", ca.issuing),
        ("root", ca.root),
    ):
        (tmp_path / f"{name}.pem").write_bytes(pem(*certificates))

    done = subprocess.run(
        [
            *(openssl, "verify", *SOON),
            *("-CAfile", "root.pem", "-untrusted", "inter.pem", "leaf.pem"),
        ],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=False,
    )

    assert "permitted subtree violation" in done.stderr


def test_an_order_waits_for_its_approval_over_a_restart(request_, requests, ca):
    submitted = requesting.submit(request_, ca, at=AT)
    assert requesting.collect(submitted, ca, at=AT) is None

    (waiting,) = requesting.pending(requests)
    restarted = training.load(ca.folder)
    assert "waiting at practice CA as number 1" == waiting.state
    assert AT == waiting.submission.at
    restarted.approve(waiting.order, at=AT)
    bundle = requesting.collect(waiting, restarted, at=AT)

    assert "CN=todd.example.com" == bundle.subject
    assert [] == requesting.pending(requests)
    assert signing_requests.load(request_.folder).bundle().thumbprint == (
        bundle.thumbprint
    )


def test_a_duplicate_submission_is_refused_by_whoever_sends_it(request_, ca):
    requesting.submit(request_, ca, at=AT)

    with pytest.raises(InputError, match="submitted already: waiting"):
        requesting.submit(request_, ca, at=AT)  # the object of before the first

    assert 1 == len(ca.waiting())
    assert ca.submit(request_.csr) == ca.waiting()[0]


def test_an_answered_request_is_not_submitted_again(request_, ca):
    issue(request_, ca)

    with pytest.raises(InputError, match="submitted already: answered"):
        requesting.submit(request_, ca, at=AT)
    with pytest.raises(InputError, match="answered already"):
        requesting.withdraw(request_)


def test_a_withdrawn_request_may_go_elsewhere(request_, ca, tmp_path):
    submitted = requesting.submit(request_, ca, at=AT)

    withdrawn = requesting.withdraw(submitted)

    assert withdrawn == request_
    elsewhere = ByHand(tmp_path / "exchange")
    assert "by hand" == requesting.submit(withdrawn, elsewhere, at=AT).submission.issuer


def test_an_order_is_collected_where_it_was_placed(request_, ca, tmp_path):
    elsewhere = ByHand(tmp_path / "exchange")
    with pytest.raises(InputError, match="is not at by hand: not submitted"):
        requesting.collect(request_, elsewhere, at=AT)

    requesting.submit(request_, ca, at=AT)
    with pytest.raises(InputError, match="is not at by hand: waiting at practice CA"):
        requesting.collect(request_, elsewhere, at=AT)


def test_the_fixed_practice_ca_is_the_same_everywhere(tmp_path):
    cas = [training.found(tmp_path / n, at=AT, fixed=True) for n in ("a", "b")]
    leaves = []
    for ca in cas:
        request = requesting.prepare(
            SPEC, ca.folder / "r", at=AT, private_key=keys.practice_key()
        )
        leaves.append(issue(request, ca).leaf)

    assert cas[0].root == cas[1].root
    assert leaves[0] == leaves[1]
    assert not list(cas[0].folder.glob("*.pem"))


def test_a_fresh_practice_ca_has_keys_of_its_own(ca, tmp_path):
    other = training.found(tmp_path / "other", at=AT)

    assert ca.root != other.root
    assert not keys.is_practice_key(ca.root.public_key())
    if sys.platform != "win32":
        for path in ca.folder.glob("*.pem"):
            assert 0o600 == stat.S_IMODE(path.stat().st_mode)


def test_a_second_practice_ca_in_the_folder_is_refused(ca):
    with pytest.raises(InputError, match="has a practice CA already"):
        training.found(ca.folder, at=AT)

    assert training.load(ca.folder) == ca


@pytest.mark.parametrize("left", ["root.cer", "issuing.cer", "issuing.pem"])
def test_what_is_left_of_a_practice_ca_is_not_overwritten(ca, left):
    kept = (ca.folder / left).read_bytes()
    for path in ca.folder.glob("*.*"):
        if path.name != left:
            path.unlink()

    with pytest.raises(InputError, match=f"a part of one: {left}"):
        training.found(ca.folder, at=AT)

    assert kept == (ca.folder / left).read_bytes()


@pytest.mark.parametrize("written", [1, 2, 3])
def test_a_founding_that_was_cut_off_goes_on_with_its_keys(ca, written):
    made = ["root.pem", "issuing.pem", "root.cer", "issuing.cer"]
    kept = {name: (ca.folder / name).read_bytes() for name in made[: min(written, 2)]}
    for name in made[written:]:
        (ca.folder / name).unlink()

    again = training.found(ca.folder, at=AT)

    assert again == training.load(ca.folder)
    for name, data in kept.items():
        assert data == (ca.folder / name).read_bytes()
    key = keys.read_private_key(kept["root.pem"])
    assert keys.has_key(again.root, key.public_key())


def test_the_practice_root_comes_and_goes(ca, tmp_path):
    machine = stores.practice_machine(tmp_path / "stores")

    added = ca.install(machine)

    assert [
        (
            "CN=certlib practice root CA: into Local Machine > Trusted Root "
            "Certification Authorities"
        ),
        (
            "CN=certlib practice issuing CA: into Local Machine > Intermediate "
            "Certification Authorities"
        ),
    ] == added
    assert [e.certificate for e in machine.open(TRUSTED_ROOT)] == [ca.root]
    assert [e.certificate for e in machine.open(INTERMEDIATE)] == [ca.issuing]
    assert [] == ca.install(machine)
    assert 2 == len(ca.uninstall(machine))
    assert [] == list(machine.open(TRUSTED_ROOT))
    assert [] == ca.uninstall(machine)


def test_a_real_store_refuses_the_published_practice_ca(tmp_path):
    ca = training.found(tmp_path / "ca", at=AT, fixed=True)
    machine = FolderMachine(tmp_path / "real")

    with pytest.raises(StoreError, match="practice key"):
        ca.install(machine)

    assert [] == list(machine.open(TRUSTED_ROOT))


def test_the_practice_ca_says_what_it_is_and_lives_short(ca):
    for certificate in (ca.root, ca.issuing):
        constraints = certificate.extensions.get_extension_for_class(
            x509.NameConstraints
        )
        assert "not for production" in certificate.subject.rfc4514_string()
        assert constraints.critical
        assert certificate.not_valid_after_utc - AT < timedelta(days=91)


@pytest.mark.parametrize(
    "name", ["server.theobald.local", "example.de", "badexample.com", "10.0.0.1"]
)
def test_the_practice_ca_refuses_names_that_are_not_for_practice(requests, ca, name):
    spec = CertificateSpec(("a.example.com", name), KeyKind.ECDSA_P256)
    request = requesting.prepare(spec, requests, at=AT)

    with pytest.raises(IssuerError, match="not a name for practice"):
        requesting.submit(request, ca, at=AT)

    assert signing_requests.load(request.folder).submission is None


def test_the_practice_ca_refuses_a_request_without_names(ca):
    key = forge.key()
    builder = x509.CertificateSigningRequestBuilder().subject_name(
        forge.x500(CN="todd.example.com")
    )
    csr = signing_requests.signing.sign_request(builder, key)

    with pytest.raises(IssuerError, match="names no server"):
        ca.submit(csr)


def test_the_practice_ca_refuses_names_that_cannot_be_read(ca):
    key = forge.key(kind=KeyKind.ECDSA_P256)
    broken = x509.UnrecognizedExtension(x509.ObjectIdentifier("2.5.29.17"), b"\x02\x00")
    request = (
        x509.CertificateSigningRequestBuilder()
        .subject_name(SPEC.subject)
        .add_extension(broken, critical=False)
        .sign(key, hashes.SHA256())
    )

    with pytest.raises(IssuerError, match="the names in the request cannot be read"):
        ca.submit(request)


@pytest.mark.parametrize("damage", [b"{", b"[]", b'{"x": 3}', b'{"1": "2026-11-02"}'])
def test_a_damaged_revocation_list_names_the_file(ca, damage):
    (ca.folder / "revoked.json").write_bytes(damage)

    with pytest.raises(EncodingError, match=r"revoked\.json is damaged"):
        ca.revocation_list(at=AT)


def test_the_practice_ca_ends(request_, ca):
    order = requesting.submit(request_, ca, at=AT).order

    with pytest.raises(IssuerError, match="the practice CA ended"):
        ca.approve(order, at=AT + profiles.ISSUING_VALIDITY + forge.DAY)
    ca.approve(order, at=AT + profiles.ISSUING_VALIDITY - forge.DAY)
    leaf, issuing, _ = ca.collect(order)
    assert leaf.not_valid_after_utc == issuing.not_valid_after_utc
    with pytest.raises(IssuerError, match="approved already"):
        ca.approve(order, at=AT)


@pytest.mark.parametrize("reference", ["2", "../1", "", "x", "-1"])
def test_orders_that_are_not_there(request_, ca, reference):
    order = requesting.submit(request_, ca, at=AT).order
    wrong = dataclasses.replace(order, reference=reference)

    with pytest.raises(IssuerError, match="has no order"):
        ca.collect(wrong)


# joining


@pytest.mark.parametrize(
    "write",
    [
        lambda b: [pem(*b.certificates)],
        lambda b: [pem(*reversed(b.certificates))],
        lambda b: [p7b(*b.certificates)],
        lambda b: [b.to_der(), p7b(*b.chain)],
        lambda b: [p7b(*b.chain), b.to_der()],
    ],
    ids=["pem", "pem-reversed", "p7b", "der-and-p7b", "p7b-and-der"],
)
def test_an_answer_in_any_form_is_joined_with_its_key(request_, write):
    answer = answered(request_)

    bundle = requesting.join(request_, *write(answer), at=AT)

    assert bundle.leaf == answer.leaf
    assert bundle.chain == answer.chain
    assert keys.same_key(bundle.private_key.public_key(), request_.csr.public_key())


def test_a_leaf_alone_is_an_answer_too(request_):
    answer = answered(request_)

    assert () == requesting.join(request_, answer.to_der(), at=AT).chain


def test_the_answer_finds_its_request(request_, requests):
    other = requesting.prepare(
        CertificateSpec(("other.example.com",), KeyKind.ECDSA_P256), requests, at=AT
    )

    assert requesting.for_answer(requests, answered(other).to_der()) == other
    assert requesting.for_answer(requests, answered(request_).to_p7b()) == request_
    with pytest.raises(InputError, match="belongs to none of the requests"):
        requesting.for_answer(requests, forge.leaf().to_der())


def test_after_a_renewal_with_the_same_key_the_request_that_waits_is_meant(
    request_, requests, ca
):
    old = issue(request_, ca)
    renewed = requesting.prepare(
        SPEC, requests, at=AT, private_key=old.private_key, again=True
    )

    assert requesting.for_answer(requests, old.to_der()) == renewed


def test_of_two_answers_to_one_key_the_newer_counts(request_):
    old = answered(request_, not_before=AT - 9 * forge.DAY)
    new = answered(request_, not_before=AT - forge.DAY)

    bundle = requesting.join(request_, pem(old.leaf, new.leaf, *new.chain), at=AT)

    assert bundle.leaf == new.leaf


def refused(request, *answers, at=AT, kind=CertlibError) -> str:
    """Join, which shall fail, keep nothing and lose nothing; return why."""
    key = request.key_path.read_bytes()
    with pytest.raises(kind) as caught:
        requesting.join(request, *answers, at=at)
    assert caught.type is kind
    assert not request.answer_path.exists()
    assert request.key_path.read_bytes() == key
    assert caught.value.fix
    return caught.value.message


def test_an_answer_for_another_key(request_):
    answer = answered(request_, private_key=forge.key(3))

    assert "is for another key" in refused(
        request_, pem(*answer.certificates), kind=InputError
    )


def test_an_answer_without_the_leaf(request_):
    message = refused(request_, p7b(*answered(request_).chain), kind=EncodingError)

    assert "certification authorities only" in message
    assert "CN=Example Issuing CA" in message
    assert "CN=Example Root CA" in message


def test_an_answer_without_san(request_):
    answer = answered(request_, san=None)

    assert "names no server" in refused(request_, answer.to_der(), kind=IssuerError)


def test_an_answer_that_lacks_a_name(request_):
    answer = answered(request_, san=["todd.example.com"])

    assert "lacks names that were asked for: alias.example.com, 192.0.2.17" in refused(
        request_, answer.to_der(), kind=IssuerError
    )


def test_an_answer_that_has_expired(request_):
    end = AT - forge.SECOND
    answer = answered(request_, not_after=end)

    assert "expired on 2026-11-02" in refused(
        request_, answer.to_der(), kind=IssuerError
    )
    assert requesting.join(request_, answer.to_der(), at=end).leaf == answer.leaf


@pytest.mark.parametrize(
    "data", [b"<html>pending</html>", b"", b"\x30\x82", b"-----BEGIN CERTIFICATE-----"]
)
def test_an_answer_that_is_no_certificate(request_, data):
    refused(request_, data, kind=EncodingError)


def test_a_request_whose_signature_is_wrong_is_neither_sent_nor_joined(request_, ca):
    alter(request_)
    changed = signing_requests.load(request_.folder)

    with pytest.raises(EncodingError, match="it was changed after"):
        requesting.submit(changed, ca, at=AT)
    assert "it was changed after" in refused(
        changed, answered(request_).to_der(), kind=EncodingError
    )


def test_an_answer_is_kept_when_the_passphrase_is_wrong(requests):
    request = requesting.prepare(SPEC, requests, at=AT, passphrase="right")
    key = request.private_key("right")
    answer = forge.chain(private_key=key, san=SPEC.server_names)

    with pytest.raises(PassphraseError):
        requesting.join(request, answer.to_der(), at=AT, passphrase="wrong")

    assert request.bundle("right").leaf == answer.leaf


def test_the_key_of_another_request_is_told_apart(request_):
    answer = answered(request_)
    request_.key_path.unlink()
    request_.key_path.write_bytes(keys.write_private_key(forge.key(5)))

    with pytest.raises(InputError, match="is not the key of"):
        requesting.join(request_, answer.to_der(), at=AT)


@pytest.mark.parametrize(
    "damage",
    [
        *(b"", b"{", b"[]", b'{"server_names": 3}', b"[" * 100_000),
        FACTS.replace(b"365", b"1e300"),
        FACTS.replace(b"+00:00", b""),
        FACTS.replace(b"todd.example.com", b"todd:80"),
        FACTS.replace(b"null", b'""'),
    ],
    ids=["empty", "torn", "list", "number", "deep", "days", "zone", "name", "nowhere"],
)
def test_damaged_facts_name_the_file_and_block_no_other(request_, requests, damage):
    other = requesting.prepare(SPEC, requests, at=AT, again=True)
    (request_.folder / "request.json").write_bytes(damage)

    with pytest.raises(CertlibError, match=r"request\.json"):
        signing_requests.load(request_.folder)
    with pytest.warns(UserWarning, match=r"request\.json"):
        assert [other] == requesting.pending(requests)
    with pytest.warns(UserWarning, match=r"request\.json"):
        assert other == requesting.for_answer(requests, answered(other).to_der())


def test_a_folder_that_cannot_be_written_says_so(tmp_path, monkeypatch):
    def refused(**options):
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(signing_requests.tempfile, "mkdtemp", refused)

    with pytest.raises(InputError, match="Permission denied"):
        requesting.prepare(SPEC, tmp_path, at=AT)


def test_an_issuer_with_a_key_of_an_odd_kind_is_no_obstacle(request_, requests):
    rsa = bytes.fromhex("06092a864886f70d010101")
    data = forge.damaged(forge.ca("Odd CA"), rsa, rsa[:-1] + b"\x63")
    odd = formats.read_der(data)
    answer = pem(answered(request_).leaf, odd)

    assert request_ == requesting.for_answer(requests, answer)
    assert request_.csr.public_key() == (
        requesting.join(request_, answer, at=AT).leaf.public_key()
    )


# by hand


def test_by_hand_waits_until_the_answer_lies_beside_the_request(request_, tmp_path):
    exchange = ByHand(tmp_path / "exchange")
    request = requesting.submit(request_, exchange, at=AT)
    assert requesting.collect(request, exchange, at=AT) is None

    sent = exchange.folder / request.submission.reference
    assert x509.load_pem_x509_csr(sent.read_bytes()) == request.csr
    answer = answered(request)
    sent.with_suffix(".cer").write_bytes(answer.to_der())
    sent.with_suffix(".p7b").write_bytes(p7b(*answer.chain))
    bundle = requesting.collect(request, exchange, at=AT)

    assert bundle.certificates == answer.certificates


def test_by_hand_does_not_take_the_old_answer_for_a_renewal(request_, tmp_path):
    exchange = ByHand(tmp_path / "exchange")
    first = requesting.submit(request_, exchange, at=AT)
    sent = exchange.folder / first.submission.reference
    old = answered(request_)
    sent.with_suffix(".cer").write_bytes(old.to_der())
    requesting.collect(first, exchange, at=AT)
    renewal = requesting.prepare(
        SPEC,
        request_.folder.parent,
        at=AT,
        private_key=request_.private_key(),
        again=True,
    )

    second = requesting.submit(renewal, exchange, at=AT)

    assert f"{sent.stem}~2.csr" == second.submission.reference
    assert request_.csr.public_bytes(Encoding.PEM) == sent.read_bytes()
    assert requesting.collect(second, exchange, at=AT) is None
    assert "waiting" in second.state

    new = answered(request_)
    (exchange.folder / f"{sent.stem}~2.cer").write_bytes(new.to_der())
    assert new.leaf == requesting.collect(second, exchange, at=AT).leaf


def test_by_hand_the_same_request_lies_there_once(request_, tmp_path):
    exchange = ByHand(tmp_path / "exchange")

    assert exchange.submit(request_.csr) == exchange.submit(request_.csr)
    assert 1 == len(list(exchange.folder.iterdir()))


def test_the_answer_to_an_earlier_request_is_no_answer_to_its_renewal(request_):
    old = answered(request_)
    requesting.join(request_, old.to_pem(), at=AT)
    renewal = requesting.prepare(
        SPEC,
        request_.folder.parent,
        at=AT,
        private_key=request_.private_key(),
        again=True,
    )

    with pytest.raises(IssuerError, match=f"that the request {request_.name} got"):
        requesting.join(renewal, old.to_pem(), at=AT)

    assert not renewal.answer_path.exists()
    assert old.leaf == requesting.join(request_, old.to_pem(), at=AT).leaf


def test_by_hand_stays_in_its_folder(request_, tmp_path):
    exchange = ByHand(tmp_path / "exchange")
    order = exchange.submit(request_.csr)

    with pytest.raises(IssuerError, match="not an order of this folder"):
        exchange.collect(dataclasses.replace(order, reference="../secret.csr"))


# renewing


def test_a_renewal_asks_for_the_same_again():
    old = creating.create(SPEC, at=AT).leaf

    spec = requesting.renewal_spec(old, friendly_name=SPEC.friendly_name)

    assert SPEC == spec


def test_a_renewal_keeps_the_common_name_first():
    old = forge.leaf(
        common_name="todd.example.com", san=("a.example.com", "todd.example.com")
    )

    spec = requesting.renewal_spec(old.leaf)

    assert ("todd.example.com", "a.example.com") == spec.server_names
    assert spec.key_kind is KeyKind.RSA_2048
    assert spec.validity == timedelta(days=90, seconds=1)


def test_a_renewal_of_a_certificate_without_san_takes_its_common_name():
    old = forge.leaf(common_name="TODD.example.com", san=None)

    assert ("todd.example.com",) == requesting.renewal_spec(old.leaf).server_names


def test_a_renewal_with_a_weak_key_gets_a_strong_one():
    old = forge.leaf(private_key=forge.key(kind="RSA-1024"))

    assert requesting.renewal_spec(old.leaf).key_kind is KeyKind.RSA_3072


@pytest.mark.parametrize("kind", list(KeyKind))
def test_the_kind_of_an_existing_key_is_what_is_kept(requests, kind):
    request = requesting.prepare(SPEC, requests, at=AT, private_key=forge.key(7, kind))

    assert signing_requests.load(request.folder).spec.key_kind is kind


def test_a_renewal_with_the_same_key(requests, ca):
    old = issue(requesting.prepare(SPEC, requests, at=AT), ca)
    spec = requesting.renewal_spec(old.leaf)

    renewed = requesting.prepare(
        spec, requests, at=AT, private_key=old.private_key, again=True
    )
    new = issue(renewed, ca)

    assert keys.same_key(new.leaf.public_key(), old.leaf.public_key())
    assert new.thumbprint != old.thumbprint


def test_what_each_key_means_for_the_read_grant_is_said():
    assert "grant it Read again" in RenewalKey.NEW.meaning
    assert "access list" in RenewalKey.SAME.meaning


def test_a_preparation_that_was_killed_leaves_no_key(tmp_path):
    left = tmp_path / ".unfinished-1"
    left.mkdir()
    (left / "key.pem").write_bytes(b"secret")

    requesting.prepare(CertificateSpec(("server.example.com",)), tmp_path, at=AT)

    assert not left.exists()


def test_one_request_is_submitted_once_by_however_many(tmp_path, ca):
    request = requesting.prepare(
        CertificateSpec(("server.example.com",)), tmp_path / "requests", at=AT
    )

    def submit(_):
        with contextlib.suppress(InputError):
            return requesting.submit(request, ca, at=AT)

    with ThreadPoolExecutor(4) as pool:
        done = list(pool.map(submit, range(4)))

    assert 1 == len([one for one in done if one])
    assert 1 == len(ca.waiting())


def test_a_practice_ca_numbers_the_orders_of_everybody(tmp_path, ca):
    requests = [
        signing_requests.build(
            CertificateSpec((f"server{number}.example.com",)), forge.key(0)
        )
        for number in range(6)
    ]

    with ThreadPoolExecutor(6) as pool:
        orders = list(pool.map(ca.submit, requests))

    assert [str(n) for n in range(1, 7)] == sorted(o.reference for o in orders)
    for order in orders:
        ca.approve(order, at=AT)
    leaves = [ca.collect(order)[0] for order in orders]
    with ThreadPoolExecutor(6) as pool:
        list(pool.map(lambda leaf: ca.revoke(leaf, at=AT), leaves))
    assert 6 == len(list(ca.revocation_list(at=AT)))


@pytest.mark.parametrize("name", ["server.example.com", "server.corp", "192.0.2.1"])
def test_a_practice_key_may_stand_beside_a_name_for_practice(tmp_path, name):
    spec = CertificateSpec(("server.example.com", name))
    key = keys.practice_key("server")
    assert requesting.prepare(spec, tmp_path, at=AT, private_key=key)


def test_a_practice_key_is_refused_beside_a_public_name(tmp_path):
    spec = CertificateSpec(("server.example.com", "www.certlib.dev"))
    with pytest.raises(InputError, match=r"could be www\.certlib\.dev"):
        requesting.prepare(
            spec, tmp_path, at=AT, private_key=keys.practice_key("server")
        )
    assert [] == requesting.pending(tmp_path)


@pytest.mark.skipif(sys.platform == "win32", reason="links need a right on Windows")
def test_a_planted_link_is_no_request(tmp_path):
    requesting.prepare(SPEC, tmp_path / "elsewhere", at=AT)
    (tmp_path / "own").mkdir()
    (tmp_path / "own" / "planted").symlink_to(tmp_path / "elsewhere" / SPEC.common_name)
    with pytest.warns(UserWarning, match="is a symbolic link"):
        assert [] == requesting.pending(tmp_path / "own")
