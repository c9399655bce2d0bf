"""Chains: who issued whom, in whatever order and company they come."""

from __future__ import annotations

import itertools
import warnings

import forge
import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from hypothesis import given
from hypothesis import strategies as st
from pki import party

from certlib.bundles import Bundle
from certlib.importing import Wish, places_for
from certlib.stores import TRUSTED_ROOT
from certlib.trust import chains

BUNDLE = forge.chain()
LEAF, ISSUING, ROOT = BUNDLE.certificates
STRANGERS = [forge.leaf().leaf, forge.ca("Stranger CA").leaf]


def test_issued_wants_the_name_and_the_signature() -> None:
    assert chains.issued(ISSUING, LEAF)
    assert chains.issued(ROOT, ISSUING)
    assert not chains.issued(ROOT, LEAF)
    assert not chains.issued(LEAF, ISSUING)
    namesake = forge.ca("Example Issuing CA", private_key=forge.key(1)).leaf
    assert ISSUING.subject == namesake.subject
    assert not chains.issued(namesake, LEAF)


def test_self_signed() -> None:
    assert [False, False, True] == [
        chains.is_self_signed(one) for one in BUNDLE.certificates
    ]
    claimed = forge.leaf(issuer=forge.ca(), issuer_name=LEAF.subject).leaf
    assert claimed.issuer == claimed.subject
    assert not chains.is_self_signed(claimed)


@pytest.mark.parametrize("kind", ["rsa-2048", "curve-p256"])
def test_what_is_signed_with_an_old_digest_has_an_issuer_all_the_same(
    kind: str,
) -> None:
    top, other = party("Old Root", kind), party("Old Root", "rsa-3072")
    root = top.by(top, digest=hashes.SHA1())
    below = party("Server").by(top, digest=hashes.SHA1())
    assert chains.is_self_signed(root)
    assert not chains.is_self_signed(below)
    assert chains.issued(root, below)
    assert not chains.issued(other.by(other), below)
    assert [below] == chains.leaves([root, below])
    places_for.refuse(Bundle(root), Wish(to=TRUSTED_ROOT))  # it is one


@given(st.permutations([LEAF, ISSUING, ROOT, ROOT, *STRANGERS]))
def test_the_order_of_candidates_does_not_count(candidates: list[object]) -> None:
    assert (ISSUING, ROOT) == chains.order(LEAF, candidates)


def test_the_chain_ends_where_an_issuer_is_missing() -> None:
    assert (ISSUING,) == chains.order(LEAF, [ISSUING])
    assert () == chains.order(LEAF, [ROOT])
    assert () == chains.order(LEAF, [])
    assert () == chains.order(ROOT, [LEAF, ISSUING, ROOT])


def test_cas_that_issued_each_other_make_no_circle() -> None:
    one = forge.ca("CA 1")
    two = forge.ca("CA 2", issuer=one)
    crossed = forge.ca("CA 1", issuer=two)
    leaf = forge.leaf(issuer=crossed).leaf
    pool = [crossed.leaf, two.leaf]
    for candidates in itertools.permutations(pool):
        assert (crossed.leaf, two.leaf) == chains.order(leaf, candidates)
        assert (two.leaf,) == chains.order(crossed.leaf, candidates)


@pytest.mark.parametrize("order", list(itertools.permutations(range(3))))
def test_the_leaf_of_a_chain_is_the_one_that_issued_nothing(
    order: tuple[int, ...],
) -> None:
    assert [LEAF] == chains.leaves([BUNDLE.certificates[i] for i in order])


def test_renewed_certificates_did_not_issue_each_other() -> None:
    old, new = forge.leaf().leaf, forge.leaf().leaf
    assert [old, new] == chains.leaves([old, new, old])
    root = forge.ca().leaf
    renewed = forge.ca().leaf
    leaf = forge.leaf(issuer=forge.ca()).leaf
    assert [leaf] == chains.leaves([root, renewed, leaf])


@pytest.mark.parametrize("turned", [False, True])
def test_of_an_issuer_and_its_renewal_the_one_that_ends_last_is_taken(
    turned: bool,
) -> None:
    root = forge.ca()
    ended, renewed = (
        forge.ca(
            "Example Issuing CA", issuer=root, path_length=0, validity=n * forge.DAY
        )
        for n in (1, 3650)
    )
    candidates = [renewed.leaf, ended.leaf] if turned else [ended.leaf, renewed.leaf]
    leaf = forge.leaf(issuer=ended).leaf
    assert (renewed.leaf, root.leaf) == chains.order(leaf, [*candidates, root.leaf])


def test_odd_keys_and_signatures_are_no_issuers() -> None:
    odd = forge.leaf(private_key=forge.key(kind="Ed448"), san=None)
    assert chains.is_self_signed(odd.leaf)
    assert not chains.issued(odd.leaf, LEAF)
    assert not chains.issued(STRANGERS[0], odd.leaf)


@pytest.mark.filterwarnings("ignore:Attribute's length")  # making it warns, too
def test_odd_names_are_looked_at_without_a_warning() -> None:
    odd = forge.x500(C="Deutschland", CN="Example CA")  # two letters are right
    issuer = forge.ca("Example CA", subject=odd)
    leaf = forge.leaf(issuer=issuer).leaf
    fresh = [x509.load_der_x509_certificate(forge.der(issuer))]
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        assert tuple(fresh) == chains.order(leaf, fresh)
