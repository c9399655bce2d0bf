"""Parts of the path judge, each at its edge."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest
from asn1crypto import core
from asn1crypto import x509 as loose
from asn1crypto.keys import ECDomainParameters
from asn1crypto.util import extended_datetime
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from path_grids import maps
from pki import (
    AT,
    DNS,
    HOST,
    INT,
    OTHER,
    ROOT,
    Party,
    good,
    issuing,
    leaf,
    other,
    party,
    raw,
    remade,
    root,
)

from certlib.names.addresses import StoreAddress
from certlib.summaries import Surroundings
from certlib.trust import chains, distinguished, extensions, places
from certlib.trust.answers import Answer, State
from certlib.trust.credentials import Credential
from certlib.trust.faults import Fault, Standing
from certlib.trust.paths import MAX_CHECKS, Budget
from certlib.trust.policies import faults as policy_faults
from certlib.trust.pool import Verdict
from certlib.trust.pool import judge as judged
from certlib.trust.roots import GIVEN, MACHINE, PUBLIC, Trust
from certlib.trust.signatures import Link, verify

YES, NO, OPEN = Standing.YES, Standing.NO, Standing.NOT_JUDGED


def said(verdict: Verdict) -> list[tuple[str, int, bool]]:
    """Each fault, how far above the leaf it stands, and whether clients refuse."""
    return sorted((fault.rule, fault.depth, fault.wrong) for fault in verdict.faults)


# Answers


@pytest.mark.parametrize(
    ("state", "wanted", "expected"),
    [
        (State.GOOD, True, None),
        (State.NOT_LOOKED_UP, True, None),
        (State.UNKNOWN, False, None),
        (State.UNKNOWN, True, Fault("revocation-not-checked", 2, "x", wrong=False)),
        (State.REVOKED, False, Fault("revoked", 2, "x")),
    ],
)
def test_what_an_answer_says_against_a_certificate(
    state: State, wanted: bool, expected: Fault | None
) -> None:
    assert expected == Answer(state, "x", depth=2, wanted=wanted).fault


def test_an_answer_is_one_about_the_leaf_that_nobody_wanted() -> None:
    plain = Answer(State.UNKNOWN, "x")
    assert (0, False, "", None) == (
        plain.depth,
        plain.wanted,
        plain.remark,
        plain.fault,
    )


@pytest.mark.parametrize(
    ("reason", "words"),
    [
        ("keyCompromise", " (its key is in other hands)"),
        ("unspecified", ""),
        ("", ""),
        ("removeFromCRL", " (removeFromCRL)"),
    ],
)
def test_a_revocation_is_said_with_day_and_reason(reason: str, words: str) -> None:
    answer = Answer.revoked(datetime(2026, 1, 2, tzinfo=UTC), reason, "the CRL of x")
    assert State.REVOKED is answer.state
    assert f"was revoked on 2026-01-02 00:00 UTC{words}, says the CRL of x" == (
        answer.detail
    )


# Names


def name_of(tag: int, text: bytes) -> bytes:
    """A name of one common name in a string of some kind."""

    def tlv(tag: int, content: bytes) -> bytes:
        return bytes([tag, len(content)]) + content

    value = tlv(0x06, bytes.fromhex("550403")) + tlv(tag, text)
    return tlv(0x30, tlv(0x31, tlv(0x30, value)))


STRINGS = {
    0x0C: "utf-8",
    0x13: "latin-1",
    0x14: "latin-1",
    0x16: "latin-1",
    0x1A: "latin-1",
    0x1C: "utf-32-be",
    0x1E: "utf-16-be",
}


@pytest.mark.parametrize("tag", STRINGS)
def test_the_same_name_in_each_kind_of_string(tag: int) -> None:
    der = name_of(tag, "Müller  AG".encode(STRINGS[tag]))
    plain = name_of(0x0C, "müller ag".encode())
    assert distinguished.normalised(plain) == distinguished.normalised(der)
    assert "Müller  AG" == distinguished.described(der)


@pytest.mark.parametrize("tag", [0x12, 0x15, 0x1B, 0x1D, 0x03])
def test_what_is_no_text_is_compared_as_it_is(tag: int) -> None:
    der = name_of(tag, b"x")
    assert isinstance(distinguished.normalised(der)[0][0][1], bytes)
    assert "(empty name)" == distinguished.described(der)


def test_a_name_is_called_by_its_last_text() -> None:
    parts = [("C", "DE"), ("O", "Example"), ("CN", "Issuing")]
    der = x509.Name.from_rfc4514_string(
        ",".join(f"{k}={v}" for k, v in reversed(parts))
    ).public_bytes()
    assert "Issuing" == distinguished.described(der)
    assert "(unreadable name)" == distinguished.described(b"\x30\x05")


# Extensions


def read(oid: str, content: bytes, *, critical: bool) -> extensions.Extensions:
    """What is read of a certificate with one extension."""
    exts = ((raw(oid, content), critical),)
    made = leaf(INT, exts=exts, san=None, purposes=None, bits=(), ids=False)
    return Credential(made).extensions


def basic(length: int) -> bytes:
    return core.Sequence.dump(
        loose.BasicConstraints({"ca": True, "path_len_constraint": length})
    )


@pytest.mark.parametrize(
    ("length", "readable"), [(0, True), (2**31 - 1, True), (2**31, False)]
)
def test_a_path_length_out_of_reach_is_not_read(length: int, readable: bool) -> None:
    found = read("2.5.29.19", basic(length), critical=True)
    assert readable is (() == found.unreadable)
    assert not readable or (True, length) == (found.ca, found.path_length)


def san(*names: bytes) -> bytes:
    """Names that the library does not read as a whole, as one is not ASCII."""
    content = b"".join([b"\x82\x02\xfcx", *names])
    return b"\x30" + bytes([len(content)]) + content


@pytest.mark.parametrize(
    ("content", "address"),
    [
        ("c0000207", "192.0.2.7"),
        ("20010db8000000000000000000000001", "2001:db8::1"),
        ("c0000200ffffff00", "192.0.2.0/24"),
        ("c0000200ff00ff00", None),  # a mask with a gap
        ("c0000200000000ff", None),
        ("c00002", None),
        ("c000020701", None),
        ("c00002ff00ff", None),
    ],
)
def test_addresses_beside_a_name_that_is_none(
    content: str, address: str | None
) -> None:
    value = bytes.fromhex(content)
    names = san(b"\x87" + bytes([len(value)]) + value)
    found = read("2.5.29.17", names, critical=False)
    assert (address is None) is ("SubjectAlternativeName" in found.unreadable)
    if address is not None:
        assert [("dns", "üx"), ("ip", address)] == [
            (name.form, str(name.value)) for name in found.names
        ]


# Keys


@pytest.fixture(scope="module")
def small() -> rsa.RSAPrivateKey:
    return rsa.generate_private_key(65537, 2047)


@pytest.mark.parametrize("depth", [0, 1])
def test_one_bit_too_few(depth: int, small: rsa.RSAPrivateKey) -> None:
    middle = Party("Issuing", small) if depth else INT
    own = good_key() if depth else small
    end = leaf_with(own, middle)
    found = judged(end, [middle.by(ROOT)], [root], at=AT)
    assert [("issuer-key-weak" if depth else "key-weak", depth, True)] == said(found)


def leaf_with(key: Any, issuer: Party) -> x509.Certificate:
    return Party(HOST, key).by(
        issuer,
        ca=None,
        san=[DNS(HOST)],
        bits=("digital_signature",),
        purposes=[x509.ExtendedKeyUsageOID.SERVER_AUTH],
    )


def good_key() -> Any:
    return ec.generate_private_key(ec.SECP256R1())


@pytest.mark.parametrize("depth", [0, 1])
@pytest.mark.parametrize("exponent", [1, 4])
def test_an_exponent_that_is_none(depth: int, exponent: int) -> None:
    big = party("Big", "rsa-2048")

    def edit(it: Any) -> None:
        info = it["tbs_certificate"]["subject_public_key_info"]
        numbers = info["public_key"].parsed
        numbers["public_exponent"] = exponent
        info["public_key"] = core.ParsableOctetBitString(numbers.dump(force=True))

    if depth:
        odd = remade(Party("Issuing", big.key).by(ROOT), edit, ROOT.key)
        sent, end = [odd], leaf(Party("Issuing", big.key), kind="leaf")
    else:
        sent, end = [issuing], remade(leaf_with(big.key, INT), edit, INT.key)
    found = judged(end, sent, [root], at=AT)
    rule = "issuer-key-weak" if depth else "key-exponent"
    assert rule in {fault.rule for fault in found.faults if fault.depth == depth}
    assert NO is found.standing


@pytest.mark.parametrize("depth", [0, 1])
def test_a_curve_that_the_library_does_not_know_is_unusual(depth: int) -> None:
    def edit(it: Any) -> None:
        info = it["tbs_certificate"]["subject_public_key_info"]
        info["algorithm"]["parameters"] = ECDomainParameters(
            "named", "1.3.36.3.3.2.8.1.1.1"
        )

    middle = remade(issuing, edit, ROOT.key) if depth else issuing
    end = good if depth else remade(good, edit, INT.key)
    found = judged(end, [middle], [root], at=AT)
    assert OPEN is found.standing
    assert ("key-unusual", depth, False) in said(found)


@pytest.mark.parametrize(
    ("kind", "detail"),
    [
        (
            "curve-brainpool",
            "the key is on brainpoolP256r1, which browsers do not take",
        ),
        ("curve-k1", "the key is on secp256k1, which browsers do not take"),
        ("short", "the point of the key is written in a form that few clients read"),
    ],
)
def test_an_unusual_key_is_told_with_what_is_unusual(kind: str, detail: str) -> None:
    def edit(it: Any) -> None:
        point = good.public_key().public_bytes(
            Encoding.X962, PublicFormat.CompressedPoint
        )
        it["tbs_certificate"]["subject_public_key_info"]["public_key"] = point

    short = kind == "short"
    end = remade(good, edit, INT.key) if short else leaf(INT, kind=kind)
    found = judged(end, [issuing], [root], at=AT)
    assert [detail] == [fault.detail for fault in found.faults]


# Faults at their certificate


@pytest.mark.parametrize("depth", [0, 1, 2])
def test_an_extension_is_a_fault_of_its_certificate(depth: int) -> None:
    odd: tuple[Any, ...] = ((raw("1.2.3.4"), True),)
    of = [odd if depth == at else () for at in range(3)]
    end, middle = leaf(INT, exts=of[0]), INT.by(ROOT, exts=of[1])
    found = judged(end, [middle], [ROOT.by(ROOT, exts=of[2])], at=AT)
    assert [("critical-extension", depth, True)] == said(found)


def in_the_year_0(cert: x509.Certificate, issuer: Party, part: str) -> Any:
    """A certificate that begins or ends in a year which no calendar has."""

    def edit(it: Any) -> None:
        moment = core.GeneralizedTime(extended_datetime(0, 1, 1, tzinfo=UTC))
        it["tbs_certificate"]["validity"][part] = loose.Time("general_time", moment)

    return remade(cert, edit, issuer.key)


def test_a_begin_that_no_calendar_has_hides_no_end() -> None:
    for last, standing in ((30, YES), (-1, NO)):
        end = in_the_year_0(leaf(INT, last=last), INT, "not_before")
        found = judged(end, [issuing], [root], at=AT)
        assert standing is found.standing


@pytest.mark.parametrize("depth", [0, 1])
def test_a_date_that_cannot_be_read_leaves_it_open(depth: int) -> None:
    end = good if depth else in_the_year_0(good, INT, "not_after")
    middle = in_the_year_0(issuing, ROOT, "not_after") if depth else issuing
    found = judged(end, [middle], [root], at=AT)
    rule = "issuer-date-unreadable" if depth else "date-unreadable"
    assert [(rule, depth, False)] == said(found)
    assert OPEN is found.standing


def test_a_key_of_another_kind_did_not_sign() -> None:
    rsa_party = Party("Issuing", party("Big", "rsa-2048").key)
    by_curve, by_edwards = good, leaf(Party("Issuing", party("Ed", "ed25519").key))
    issuer = Credential(rsa_party.by(ROOT))
    for cert in (by_curve, by_edwards):
        assert Link.DENIED is verify(issuer, Credential(cert))
        assert Link.DENIED is verify(Credential(other), Credential(cert))


def test_how_an_anchor_was_signed_does_not_count() -> None:
    old = party("Old Root", "rsa-2048")
    weak = INT.by(old, digest=hashes.SHA1())
    assert [] == said(judged(good, [], [weak], at=AT))
    for sent, end in (
        ([weak], "chain-incomplete"),
        ([weak, old.by(old)], "root-unknown"),
    ):
        found = {fault.rule for fault in judged(good, sent, [root], at=AT).faults}
        assert {end, "signature-weak"} == found


# Which path is told


def test_of_two_ended_issuers_the_later_one_is_told() -> None:
    later, earlier = INT.by(ROOT, last=-1), INT.by(ROOT, last=-2)
    for sent in ([later, earlier], [earlier, later]):
        assert later == judged(good, sent, [root], at=AT).path[1]


def test_one_that_misleads_is_seen_behind_one_that_clients_pass_over() -> None:
    above, astray = party("Above"), party("Astray")
    passed_over = INT.by(above, last=80)
    misleading = INT.by(astray, last=70)
    sent = [
        INT.by(ROOT, last=90),
        passed_over,
        above.by(OTHER, last=-1),
        misleading,
        astray.by(OTHER, purposes=[x509.ExtendedKeyUsageOID.CLIENT_AUTH]),
    ]
    assert judged(good, sent, [root, other], at=AT).alternatives
    assert not judged(good, sent[:3], [root, other], at=AT).alternatives


def test_who_is_missing_is_called_by_name() -> None:
    found = judged(good, [], [root], at=AT)
    said_ = [fault.detail for fault in found.faults]
    assert ["the certificate of its issuer, Issuing, was not found"] == said_


@pytest.mark.parametrize(("wrong", "standing"), [(64, YES), (65, OPEN)])
def test_so_many_keys_of_one_name_are_tried(wrong: int, standing: Standing) -> None:
    strangers = [
        Party("Issuing", good_key()).by(ROOT, ids=False, last=60) for _ in range(wrong)
    ]
    mine = INT.by(ROOT, ids=False, last=20)
    found = judged(leaf(INT, ids=False), [*strangers, mine], [root], at=AT)
    assert standing is found.standing
    assert (standing is YES) is (found.anchor is not None)


def test_a_search_that_was_given_up_reaches_no_anchor() -> None:
    stranger = Party("Issuing", good_key())
    others = [stranger.by(ROOT, ids=False, last=60) for _ in range(MAX_CHECKS)]
    unfit = INT.by(
        ROOT, ids=False, last=90, purposes=[x509.ExtendedKeyUsageOID.CLIENT_AUTH]
    )
    found = judged(leaf(INT, ids=False), [unfit, *others], [root], at=AT)
    assert [("chain-too-complex", 0, False)] == said(found)
    assert (OPEN, None) == (found.standing, found.anchor)
    alone = judged(leaf(INT, ids=False), [unfit], [root], at=AT)
    assert (NO, root) == (alone.standing, alone.anchor)


@pytest.mark.parametrize(
    ("checks", "paths", "enough"), [(1, 1, True), (0, 1, False), (1, 0, False)]
)
def test_a_budget_ends_with_the_first_that_is_spent(
    checks: int, paths: int, enough: bool
) -> None:
    budget = Budget(checks, paths)
    assert enough is budget.spend(checks=1, paths=1)
    assert enough is not budget.exceeded


def test_a_root_that_was_renewed_is_one_step() -> None:
    renewed = ROOT.by(ROOT, last=60)
    order = chains.order(good, [issuing, root, renewed])
    assert (issuing, True) == (order[0], order[1] in (root, renewed))
    assert 2 == len(order)


# Policies


def policies(*oids: str) -> tuple[x509.ExtensionType, bool]:
    return (
        x509.CertificatePolicies(
            [x509.PolicyInformation(x509.ObjectIdentifier(one), None) for one in oids]
        ),
        False,
    )


@pytest.mark.parametrize(
    ("own", "missing"), [("1.2.3.3", False), ("1.2.3.2", True), ("1.2.3.1", True)]
)
def test_what_was_never_valid_maps_to_nothing(own: str, missing: bool) -> None:
    demands = (x509.PolicyConstraints(0, None), True)
    mapping = maps("1.2.3.1", "1.2.3.2")
    middle = INT.by(ROOT, exts=(policies("1.2.3.3"), mapping, demands))
    end = leaf(INT, exts=(policies(own),))
    path = [Credential(one) for one in (end, middle, root)]
    assert missing is bool(list(policy_faults(path)))


# Trust


def test_who_trusts_which_root() -> None:
    machine = Trust.of((), [root])
    assert (MACHINE,) == machine.owners_of(root)
    assert () == machine.owners_of(other)
    assert () == machine.owners_of(None)
    assert (False, True) == (machine.said, Trust.of((), given=[root]).said)
    both = Trust.of([root], [root], given=[root])
    assert (GIVEN, MACHINE, PUBLIC) == both.owners_of(root)


@pytest.mark.parametrize("which", ["roots", "intermediates", "given"])
def test_each_kind_counts_beside_the_public_roots(which: str) -> None:
    trust = Trust.of(None, **{which: [root]})
    assert trust is not Trust.of()
    assert not Trust.of().said
    assert Trust.of() is Trust.of()
    known = trust.pool.judge(issuing, at=AT, server=False).standing is YES
    assert (which != "intermediates") is known
    assert (which != "given") is bool(trust.issuers)


# Places


def test_a_server_is_not_helped_by_the_issuers_of_this_machine() -> None:
    trust = Trust.of((), [root], [issuing])
    for sent, complete in (((), False), ((issuing,), True)):
        served = Surroundings(server_name=HOST)
        assert complete is whole(places.presented((good, *sent), trust, served))
    store = StoreAddress.parse(r"Cert:\LocalMachine\My")
    assert True is whole(places.in_store(good, trust, store=store, private_key=True))


def whole(placed: places.Placed) -> bool | None:
    return placed.judged(AT).surroundings.chain_complete


def test_where_a_missing_issuer_counts() -> None:
    trust, given = Trust.of([root]), Trust.of((), given=[root])
    assert None is whole(places.in_file(good, (), trust))
    assert None is whole(places.in_file(good, [issuing], trust))
    assert False is whole(places.in_file(good, (), given))
    assert True is whole(places.in_file(good, [issuing], given))
    assert None is whole(places.in_file(issuing, (), given))  # no server
    elsewhere = places.in_file(good, (), given)
    noted = elsewhere.summary.noting(issuer_elsewhere="b.cer")
    assert None is whole(replace(elsewhere, summary=noted))
    store = StoreAddress.parse(r"Cert:\LocalMachine\My")
    lying = places.in_store(good, trust, store=store, private_key=True)
    assert False is whole(lying)
    served = Surroundings(server_name=HOST)
    assert False is whole(places.presented((good,), trust, served))
    assert None is whole(places.presented((good,), trust, Surroundings()))


@pytest.mark.parametrize(
    ("anchors", "sent", "known"),
    [
        ([root], [issuing], True),
        ([other], [issuing, root], False),
        ([root], [], False),
        ([root], [INT.by(ROOT, last=-1)], True),
    ],
)
def test_whether_the_root_is_known(
    anchors: list[x509.Certificate], sent: list[x509.Certificate], known: bool
) -> None:
    around = Surroundings(server_name=HOST)
    placed = places.presented((good, *sent), Trust.of(anchors), around)
    assert known is placed.judged(AT).surroundings.root_known


@pytest.mark.parametrize(
    ("sent", "in_order", "root_sent", "strangers"),
    [
        ((good, issuing), True, "", ()),
        ((good, good, issuing), True, "", ()),
        ((good, issuing, root), True, "CN=Root", ()),
        ((good, root, issuing), False, "CN=Root", ()),
        ((good, other, issuing), True, "", ("CN=Other Root",)),
        ((root,), True, "", ()),
    ],
)
def test_what_a_server_sends(
    sent: tuple[x509.Certificate, ...],
    in_order: bool,
    root_sent: str,
    strangers: tuple[str, ...],
) -> None:
    placed = places.presented(sent, Trust.of([root]), Surroundings(server_name=HOST))
    around = placed.summary.surroundings
    assert (in_order, root_sent, strangers) == (
        around.chain_in_order,
        around.root_sent,
        around.strangers,
    )


def test_the_verdict_in_words_names_whose_fault_it_is() -> None:
    served = Surroundings(server_name=HOST)

    def words(*sent: x509.Certificate) -> str:
        placed = places.presented((good, *sent), Trust.of([root]), served)
        return placed.judged(AT).surroundings.trust

    missing = "the certificate of its issuer, Issuing, was not found"
    assert f"not trusted: {missing}" == words()
    ended = INT.by(ROOT, last=-1)
    assert words(ended).startswith("not trusted: CN=Issuing: has expired on ")
    assert words(issuing).startswith("trusted by the public roots: CN=Root; ")
