"""Revocation: lists and responders of several kinds, each with its answer."""

from __future__ import annotations

import base64
import contextlib
import json
import os
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import revoking
from components import require
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509 import ocsp
from live import served
from pki import (
    AT,
    DAY,
    HOST,
    INT,
    OTHER,
    ROOT,
    Party,
    dn,
    issuing,
    key,
    leaf,
    raw,
    root,
)
from revoking import RESPONDER, Reason, answered, crl, responder, scope

from certlib import auditing, endpoints
from certlib.auditing.sources import _presented
from certlib.bundles import formats
from certlib.endpoints import Endpoint
from certlib.endpoints.fetching import Fetcher
from certlib.errors import EncodingError, EndpointError, InputError
from certlib.integrating import checks
from certlib.issuers import training
from certlib.rules import Context
from certlib.trust import places, responders, revocation_lists
from certlib.trust.answers import Answer, State
from certlib.trust.credentials import Credential
from certlib.trust.faults import Standing
from certlib.trust.pool import Pool, Verdict
from certlib.trust.revocation import Lookup
from certlib.trust.revocation_lists import RevocationList
from certlib.trust.roots import Trust

GOOD, REVOKED, UNKNOWN = State.GOOD, State.REVOKED, State.UNKNOWN
NOT_LOOKED_UP = State.NOT_LOOKED_UP
mine, neighbour = leaf(INT), leaf(INT)
PEM, DER = Encoding.PEM, Encoding.DER


def judged(
    *lists: x509.CertificateRevocationList,
    stapled: bytes = b"",
    certificate: x509.Certificate = mine,
    network: Any = None,
    anchor: x509.Certificate = root,
    server: bool = True,
    at: Any = AT,
) -> Verdict:
    lookup = Lookup.of(map(RevocationList, lists), network)
    ask = lookup.asking(at, stapled)
    pool = Pool([issuing], [anchor])
    return pool.judge(certificate, at=at, revocation=ask, server=server)


def said(*lists: x509.CertificateRevocationList, **otherwise: Any) -> Answer:
    return judged(*lists, **otherwise).revocation[0]


# ---- lists ----------------------------------------------------------------------

SAME_NAME = Party("Issuing", key("another key of that name"))
NOT_SIGNING = Party("Issuing", INT.key).by(ROOT, bits=("key_cert_sign",))
URL = "http://crl.example.com/1.crl"
PLACED = leaf(INT, exts=((revoking.at_address(URL), False),))
PART = [x509.UniformResourceIdentifier(URL)]
OTHER_PART = [x509.UniformResourceIdentifier("http://crl.example.com/2.crl")]
CHANGES = ((x509.DeltaCRLIndicator(7), True),)
OF_ANOTHER = x509.CertificateIssuer([x509.DirectoryName(x509.Name([]))])

LISTS: dict[str, tuple[Callable[[], Any], State, str]] = {
    "not on it": (lambda: crl(neighbour), GOOD, "the CRL of Issuing"),
    "empty": (crl, GOOD, "the CRL of Issuing"),
    "on it": (lambda: crl(neighbour, mine), REVOKED, "was revoked on "),
    "with a reason": (
        lambda: crl(mine, reason=Reason.key_compromise),
        REVOKED,
        "its key is in other hands",
    ),
    "on hold": (
        lambda: crl(mine, reason=Reason.certificate_hold),
        REVOKED,
        "it is on hold",
    ),
    "removed from it": (lambda: crl(mine, reason=Reason.remove_from_crl), GOOD, ""),
    "expired": (lambda: crl(last=-0.5), UNKNOWN, "has expired on "),
    "expired, and on it": (lambda: crl(mine, last=-0.5), REVOKED, "was revoked on "),
    "of tomorrow": (lambda: crl(first=1), UNKNOWN, "is not valid before "),
    "another CA of the name": (
        lambda: crl(by=SAME_NAME),
        UNKNOWN,
        "is not signed with the key of this issuer",
    ),
    "another CA of the name, and on it": (
        lambda: crl(mine, by=SAME_NAME),
        UNKNOWN,
        "is not signed with the key of this issuer",
    ),
    "another CA": (lambda: crl(by=OTHER), UNKNOWN, "no CRL of its issuer was given"),
    "indirect": (lambda: crl(exts=scope(indirect_crl=True)), UNKNOWN, "indirect CRL"),
    "delta": (lambda: crl(exts=CHANGES), UNKNOWN, "delta CRL"),
    "delta, removed": (
        lambda: crl(mine, reason=Reason.remove_from_crl, exts=CHANGES),
        UNKNOWN,
        "delta CRL",
    ),
    "delta, on it": (lambda: crl(mine, exts=CHANGES), REVOKED, "was revoked on "),
    "critical number": (
        lambda: crl(exts=((x509.CRLNumber(1), True),)),
        UNKNOWN,
        "2.5.29.20",
    ),
    "some reasons": (
        lambda: crl(exts=scope(only_some_reasons=frozenset({Reason.superseded}))),
        UNKNOWN,
        "only some of the reasons",
    ),
    "of users": (lambda: crl(exts=scope(only_contains_user_certs=True)), GOOD, ""),
    "of CAs": (
        lambda: crl(mine, exts=scope(only_contains_ca_certs=True)),
        UNKNOWN,
        "for certificates of another kind",
    ),
    "of attributes": (
        lambda: crl(exts=scope(only_contains_attribute_certs=True)),
        UNKNOWN,
        "for certificates of another kind",
    ),
    "a part that nobody names": (
        lambda: crl(exts=scope(full_name=PART)),
        UNKNOWN,
        "is a part, and not the one",
    ),
    "unknown extension": (
        lambda: crl(exts=((raw("1.2.3.4"), False),)),
        GOOD,
        "the CRL of Issuing",
    ),
    "unknown critical extension": (
        lambda: crl(mine, exts=((raw("1.2.3.4"), True),)),
        UNKNOWN,
        "a critical extension that is not known (1.2.3.4)",
    ),
    "unknown critical extension of the entry": (
        lambda: crl(mine, of_entry=((OF_ANOTHER, True),)),
        UNKNOWN,
        "2.5.29.29",
    ),
}


@pytest.mark.parametrize("name", LISTS)
def test_what_a_list_says(name: str) -> None:
    make, state, words = LISTS[name]
    answer = said(make())
    assert state is answer.state
    assert words in answer.detail
    standing = judged(make()).standing
    wanted = {GOOD: Standing.YES, REVOKED: Standing.NO, UNKNOWN: Standing.NOT_JUDGED}
    assert wanted[state] is standing


def test_a_good_answer_says_until_when() -> None:
    assert AT + 6 * DAY == said(crl()).until


def test_what_a_list_lacks_is_told() -> None:
    named = x509.AuthorityKeyIdentifier(b"1234", None, None), False
    number = x509.CRLNumber(1), False
    told = {
        "has no AuthorityKeyIdentifier and no CRLNumber": crl(),
        "has no CRLNumber": crl(exts=(named,)),
        "": crl(exts=(named, number)),
    }
    assert list(told) == [said(one).remark for one in told.values()]


def test_a_part_counts_for_those_that_name_it() -> None:
    for part, state in ((PART, GOOD), (OTHER_PART, UNKNOWN)):
        found = said(crl(exts=scope(full_name=part)), certificate=PLACED)
        assert state is found.state


def test_a_list_of_an_issuer_that_may_not_sign_any() -> None:
    pool = Pool([NOT_SIGNING], [root])
    ask = Lookup.of([RevocationList(crl(mine))]).asking(AT)
    (found,) = pool.judge(mine, at=AT, revocation=ask).revocation[:1]
    assert (UNKNOWN, True) == (found.state, "cRLSign" in found.detail)


def test_a_list_changed_after_it_was_signed() -> None:
    der = bytearray(crl(mine).public_bytes(DER))
    der[-1] ^= 1
    answer = said(x509.load_der_x509_crl(bytes(der)))
    assert UNKNOWN is answer.state


def test_a_revoked_issuer() -> None:
    verdict = judged(crl(), crl(issuing, by=ROOT))
    assert [GOOD, REVOKED] == [one.state for one in verdict.revocation]
    assert [("revoked", 1)] == [(f.rule, f.depth) for f in verdict.faults]
    assert Standing.NO is verdict.standing


def test_a_path_over_another_issuer_is_found() -> None:
    again = INT.by(OTHER)
    other = OTHER.by(OTHER)
    pool = Pool([issuing, again], [root, other])
    lists = [RevocationList(crl()), RevocationList(crl(issuing, by=ROOT))]
    verdict = pool.judge(mine, at=AT, revocation=Lookup.of(lists).asking(AT))
    assert Standing.YES is verdict.standing
    assert other == verdict.anchor


def test_nobody_looked() -> None:
    assert Lookup().asking(AT) is None
    verdict = Pool([issuing], [root]).judge(mine, at=AT)
    assert () == verdict.revocation
    assert Standing.YES is verdict.standing


def test_of_two_lists_the_worse_counts() -> None:
    for lists in ((crl(), crl(mine)), (crl(mine), crl())):
        assert REVOKED is said(*lists).state
    for lists in ((crl(), crl(last=-0.5)), (crl(last=-0.5), crl())):
        assert GOOD is said(*lists).state


def test_a_key_that_is_no_key_of_lists_is_not_taken() -> None:
    weak = (
        crl()
        .public_bytes(DER)
        .replace(
            bytes.fromhex("06082a8648ce3d040302"), bytes.fromhex("06072a8648ce3d0401")
        )
    )
    with pytest.raises(EncodingError):
        revocation_lists.load(weak, origin="weak.crl")


# ---- answers that a server brings along -----------------------------------------

R = ocsp.OCSPCertStatus
BY_RSA = Party("Responder", key("rsa-2048"))


ANOTHER = Party("Responder", key("rsa-2048-another"))


def by_rsa() -> x509.Certificate:
    """Return the certificate of a responder with an RSA key."""
    purposes = [x509.oid.ExtendedKeyUsageOID.OCSP_SIGNING]
    return leaf(INT, "Responder", "rsa-2048", san=None, purposes=purposes)


ANSWERS: dict[str, tuple[Callable[[], bytes], State, str]] = {
    "good": (lambda: answered(mine), GOOD, "brought along"),
    "good by SHA-256": (lambda: answered(mine, digest=hashes.SHA256()), GOOD, ""),
    "revoked": (
        lambda: answered(mine, R.REVOKED, reason=Reason.superseded),
        REVOKED,
        "another one takes its place",
    ),
    "unknown": (lambda: answered(mine, R.UNKNOWN), UNKNOWN, "does not know"),
    "of another": (lambda: answered(neighbour), UNKNOWN, "another certificate"),
    "of another issuer": (
        lambda: answered(mine, issuer=OTHER.by(OTHER)),
        UNKNOWN,
        "another certificate",
    ),
    "old": (lambda: answered(mine, first=-3, last=-1), UNKNOWN, "an old answer"),
    "without end": (lambda: answered(mine, last=None), GOOD, ""),
    "old, without end": (
        lambda: answered(mine, first=-1.5, last=None),
        UNKNOWN,
        "an old answer",
    ),
    "of tomorrow": (lambda: answered(mine, first=0.5), UNKNOWN, "not valid before"),
    "of this moment": (lambda: answered(mine, first=0), GOOD, ""),
    "by a clock that is fast": (lambda: answered(mine, first=4 / 1440), GOOD, ""),
    "by one that is too fast": (
        lambda: answered(mine, first=6 / 1440),
        UNKNOWN,
        "not valid before",
    ),
    "old, by a clock that is slow": (lambda: answered(mine, last=-4 / 1440), GOOD, ""),
    "old, by one that is too slow": (
        lambda: answered(mine, last=-6 / 1440),
        UNKNOWN,
        "an old answer",
    ),
    "by a responder": (
        lambda: answered(mine, signer=RESPONDER, sent=responder()),
        GOOD,
        "",
    ),
    "revoked, by a responder": (
        lambda: answered(mine, R.REVOKED, signer=RESPONDER, sent=responder()),
        REVOKED,
        "",
    ),
    "by one that may not": (
        lambda: answered(mine, signer=RESPONDER, sent=responder(purposes=None)),
        UNKNOWN,
        "no OCSP signing",
    ),
    "by one for servers": (
        lambda: answered(mine, signer=Party(HOST, key("leaf")), sent=neighbour),
        UNKNOWN,
        "no OCSP signing",
    ),
    "by one of another CA": (
        lambda: answered(mine, signer=RESPONDER, sent=responder(by=OTHER)),
        UNKNOWN,
        "did not let answer",
    ),
    "by one of another CA of the name": (
        lambda: answered(mine, signer=RESPONDER, sent=responder(by=SAME_NAME)),
        UNKNOWN,
        "did not let answer",
    ),
    "by one that has expired": (
        lambda: answered(mine, signer=RESPONDER, sent=responder(last=-1)),
        UNKNOWN,
        "not valid now",
    ),
    "by nobody": (
        lambda: answered(mine, signer=RESPONDER, named=responder()),
        UNKNOWN,
        "not signed with its key",
    ),
    "forged": (
        lambda: answered(mine, signer=OTHER, sent=responder(), named=OTHER.by(OTHER)),
        UNKNOWN,
        "not signed with its key",
    ),
    "by PSS": (
        lambda: answered(mine, signer=BY_RSA, sent=by_rsa(), pss=hashes.SHA384()),
        GOOD,
        "",
    ),
    "revoked, by PSS": (
        lambda: answered(
            mine, R.REVOKED, signer=BY_RSA, sent=by_rsa(), pss=hashes.SHA256()
        ),
        REVOKED,
        "",
    ),
    "by PSS with SHA-1": (
        lambda: answered(mine, signer=BY_RSA, sent=by_rsa(), pss=hashes.SHA1()),
        UNKNOWN,
        "signs with SHA1",
    ),
    "by PSS of another": (
        lambda: answered(
            mine,
            signer=ANOTHER,
            named=ANOTHER.by(INT),
            sent=None,
            pss=hashes.SHA256(),
        ),
        UNKNOWN,
        "not signed with its key",
    ),
    "busy": (
        lambda: ocsp.OCSPResponseBuilder.build_unsuccessful(
            ocsp.OCSPResponseStatus.TRY_LATER
        ).public_bytes(DER),
        UNKNOWN,
        "try later",
    ),
    "no answer": (lambda: b"hello", UNKNOWN, "cannot be read"),
}


@pytest.mark.parametrize("name", ANSWERS)
def test_what_an_answer_says(name: str) -> None:
    make, state, words = ANSWERS[name]
    answer = said(stapled=make())
    assert state is answer.state
    assert words in answer.detail


@pytest.mark.parametrize("name", ANSWERS)
def test_an_answer_that_nobody_wanted_is_a_fault_only_if_it_says_revoked(
    name: str,
) -> None:
    make, state, _ = ANSWERS[name]
    wanted = Standing.NO if state is REVOKED else Standing.YES
    assert wanted is judged(stapled=make()).standing


# ---- the network ------------------------------------------------------------------


def quick() -> Fetcher:
    return Fetcher(deadline=3, most=100_000)


def with_list(address: str, path: str = "/1.crl") -> x509.Certificate:
    return leaf(INT, exts=((revoking.at_address(address + path), False),))


def test_a_list_is_fetched_once() -> None:
    pages: dict[str, revoking.Page] = {}
    with revoking.published(pages) as (address, asked):
        one, two = with_list(address), with_list(address)
        pages["/1.crl"] = crl(two).public_bytes(DER)
        ask = Lookup.of((), quick()).asking(AT)
        pool = Pool([issuing], [root])
        states = [
            pool.judge(c, at=AT, revocation=ask).revocation[0].state for c in (one, two)
        ]
        assert [GOOD, REVOKED] == states
        assert ["/1.crl"] == asked


def test_a_responder_is_asked() -> None:
    pages: dict[str, revoking.Page] = {}

    def answer(question: bytes) -> bytes:
        (one,) = ocsp.load_der_ocsp_request(question).extensions
        assert not one.critical  # RFC 6960, 4.4
        return answered(certificate, R.REVOKED, nonce=one.value.nonce)

    with revoking.published(pages) as (address, asked):
        place = revoking.asked_at(f"{address}/ocsp")
        certificate = leaf(INT, exts=((place, False),))
        pages["/ocsp"] = answer
        verdict = judged(certificate=certificate, network=quick())
        assert REVOKED is verdict.revocation[0].state
        pages["/ocsp"] = answered(certificate, nonce=b"another question")
        assert "(nonce)" in said(certificate=certificate, network=quick()).detail
        pages["/ocsp"] = answered(certificate)  # many responders have none
        assert GOOD is said(certificate=certificate, network=quick()).state
        assert ["/ocsp"] * 3 == asked


ODD_PAGES: dict[str, tuple[revoking.Page, str]] = {
    "not there": (404, "answers HTTP 404"),
    "leads to https": (302, "does not answer"),
    "too large": (b"0" * 200_000, "the answer has more than 100,000 bytes"),
    "no list": (b"<html>", "is no list of revoked certificates"),
    "empty": (b"", "is no list of revoked certificates"),
}


@pytest.mark.parametrize("name", ODD_PAGES)
def test_what_comes_instead_of_a_list(name: str) -> None:
    page, words = ODD_PAGES[name]
    with revoking.published({"/1.crl": page}) as (address, _):
        answer = said(certificate=with_list(address), network=quick())
    assert UNKNOWN is answer.state
    assert words in answer.detail


def drip(server: socket.socket) -> None:
    connection, _ = server.accept()
    with contextlib.suppress(OSError), connection:
        connection.sendall(b"HTTP/1.1 200 OK\r\nX: ")
        while True:
            connection.sendall(b"x")
            time.sleep(0.05)


def test_a_list_that_drips_is_given_up() -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        threading.Thread(target=drip, args=(server,), daemon=True).start()
        url = f"http://127.0.0.1:{server.getsockname()[1]}/1.crl"
        begin = time.monotonic()
        fetcher = Fetcher(deadline=0.5)
        for _ in range(4):  # from the second time on it is known
            with pytest.raises(EndpointError, match=r"within 0\.5 seconds"):
                fetcher.fetch(url)
        assert time.monotonic() - begin < 1.9


@pytest.mark.parametrize(
    "answer",
    [
        b"Content-Encoding: gzip\r\n\r\nxyz",
        b"Transfer-Encoding: chunked\r\n\r\nno number\r\n",
        b"Content-Length: 9\r\n\r\nx",
    ],
    ids=["damaged", "no chunk", "torn"],
)
def test_an_answer_that_breaks_off_is_said(answer: bytes) -> None:
    def answering(server: socket.socket) -> None:
        connection, _ = server.accept()
        with contextlib.suppress(OSError), connection:
            connection.recv(4096)
            connection.sendall(b"HTTP/1.1 200 OK\r\n" + answer)

    with socket.create_server(("127.0.0.1", 0)) as server:
        threading.Thread(target=answering, args=(server,), daemon=True).start()
        url = f"http://127.0.0.1:{server.getsockname()[1]}/1.crl"
        with pytest.raises(EndpointError, match="does not answer"):
            Fetcher(deadline=5).fetch(url)


def test_only_plain_http_is_fetched() -> None:
    for url in (
        "https://example.com/1.crl",
        "ldap:///CN=x",
        "file:///etc/passwd",
        "http://[x/",
    ):
        with pytest.raises(EndpointError, match="is not an address by http"):
            quick().fetch(url)
        certificate = leaf(INT, exts=((revoking.at_address(url), False),))
        answer = said(certificate=certificate, network=quick())
        assert (UNKNOWN, True) == (answer.state, "by http" in answer.detail)


def test_passwords_of_this_computer_are_sent_to_nobody(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "netrc").write_text("machine 127.0.0.1 login me password geheim\n")
    monkeypatch.setenv("NETRC", str(tmp_path / "netrc"))
    with socket.create_server(("127.0.0.1", 0)) as server:
        url = f"http://127.0.0.1:{server.getsockname()[1]}/1.crl"
        with pytest.raises(EndpointError):
            Fetcher(deadline=0.5).fetch(url)
        connection, _ = server.accept()
        with connection:
            assert b"authorization" not in connection.recv(4096).lower()


def test_addresses_of_strangers_are_not_asked() -> None:
    with revoking.published({"/1.crl": crl().public_bytes(DER)}) as (address, asked):
        certificate = with_list(address)
        verdict = judged(
            certificate=certificate, network=quick(), anchor=OTHER.by(OTHER)
        )
        assert [] == asked
    assert NOT_LOOKED_UP is verdict.revocation[0].state
    assert Standing.NO is verdict.standing


def test_a_short_lived_one_needs_no_address() -> None:
    short = leaf(INT, first=-1, last=5)
    assert NOT_LOOKED_UP is said(certificate=short, network=quick()).state
    assert UNKNOWN is said(network=quick()).state


# ---- files ------------------------------------------------------------------------


def test_lists_in_files_and_folders(tmp_path: Path) -> None:
    pem = crl().public_bytes(PEM) + crl(by=OTHER).public_bytes(PEM)
    (tmp_path / "two.crl").write_bytes(pem)
    (tmp_path / "one.crl").write_bytes(crl(by=ROOT).public_bytes(DER))
    (tmp_path / "other.pem").write_bytes(root.public_bytes(PEM))
    assert 3 == len(formats.read_lists(tmp_path))
    assert 2 == len(formats.read_lists(tmp_path / "two.crl"))
    with pytest.raises(EncodingError, match=r"other\.pem is no list"):
        formats.read_lists(tmp_path / "other.pem")
    (tmp_path / "empty").mkdir()
    with pytest.raises(InputError, match="has no revocation list"):
        formats.read_lists(tmp_path / "empty")


WRAPPED = {
    "PEM in UTF-16": lambda one: one.public_bytes(PEM).decode().encode("utf-16"),
    "PEM under another label": lambda one: one.public_bytes(PEM).replace(
        b"X509 CRL", b"CERTIFICATE"
    ),
    "PEM quoted by mail": lambda one: (
        b"> " + one.public_bytes(PEM).replace(b"\n", b"\r\n> ")
    ),
    "PEM beside a certificate": lambda one: (
        root.public_bytes(PEM) + one.public_bytes(PEM)
    ),
    "base64": lambda one: base64.encodebytes(one.public_bytes(DER)),
    "DER behind a mark": lambda one: b"\xef\xbb\xbf" + one.public_bytes(DER),
    "DER before a line end": lambda one: one.public_bytes(DER) + b"\r\n",
}


@pytest.mark.parametrize("name", WRAPPED)
def test_a_list_is_read_however_it_is_wrapped(name: str, tmp_path: Path) -> None:
    whole = crl()
    (tmp_path / "a.crl").write_bytes(WRAPPED[name](whole))
    (found,) = formats.read_lists(tmp_path / "a.crl")
    assert whole == found._crl


@pytest.mark.parametrize("cut", [-10, 100])
def test_a_torn_list_is_refused_in_plain_words(cut: int, tmp_path: Path) -> None:
    for form in (PEM, DER):
        (tmp_path / "a.crl").write_bytes(crl().public_bytes(form)[:cut])
        with pytest.raises(EncodingError, match=r"a\.crl is no list") as caught:
            formats.read_lists(tmp_path / "a.crl")
        assert "http" not in str(caught.value)


# ---- programs of others -----------------------------------------------------------


def pem_key(name: Party) -> bytes:
    form = serialization.PrivateFormat.TraditionalOpenSSL
    plain = serialization.NoEncryption()
    made: bytes = name.key.private_bytes(PEM, form, plain)
    return made


CONFIG = """
[ca]
default_ca = mine
[mine]
database = {folder}/index.txt
crlnumber = {folder}/number
default_md = sha256
default_crl_days = 3
"""


@pytest.fixture
def ca(tmp_path: Path) -> Path:
    """A folder with a CA of `openssl ca`, which has revoked `mine`."""
    require("openssl")
    (tmp_path / "ca.pem").write_bytes(issuing.public_bytes(PEM))
    (tmp_path / "ca.key").write_bytes(pem_key(INT))
    (tmp_path / "mine.pem").write_bytes(mine.public_bytes(PEM))
    (tmp_path / "index.txt").write_text("")
    (tmp_path / "number").write_text("01\n")
    (tmp_path / "ca.cnf").write_text(CONFIG.format(folder=tmp_path))
    command(tmp_path, "-revoke", "mine.pem", "-crl_reason", "keyCompromise")
    command(tmp_path, "-valid", "valid.pem", certificate=neighbour)
    return tmp_path


def command(
    folder: Path, *asked: str, certificate: x509.Certificate | None = None
) -> None:
    if certificate is not None:
        (folder / asked[-1]).write_bytes(certificate.public_bytes(PEM))
    signer = ["-config", "ca.cnf", "-cert", "ca.pem", "-keyfile", "ca.key"]
    subprocess.run(
        ["openssl", "ca", *signer, *asked], cwd=folder, check=True, capture_output=True
    )


def test_the_list_of_openssl(ca: Path) -> None:
    command(ca, "-gencrl", "-out", "ca.crl")
    (found,) = formats.read_lists(ca / "ca.crl")
    # A list is of the present second, and this module of an earlier one.
    later = AT + DAY
    ask = Lookup.of([found]).asking(later)
    pool = Pool([issuing], [root])
    answers = [
        pool.judge(c, at=later, revocation=ask).revocation[0] for c in (mine, neighbour)
    ]
    assert [REVOKED, GOOD] == [one.state for one in answers]
    assert "its key is in other hands" in answers[0].detail


@pytest.mark.parametrize("delegated", [False, True])
def test_the_responder_of_openssl(ca: Path, delegated: bool) -> None:
    signer, signing = ("responder.pem", RESPONDER) if delegated else ("ca.pem", INT)
    if delegated:
        (ca / signer).write_bytes(responder().public_bytes(PEM))
    (ca / "signer.key").write_bytes(pem_key(signing))
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    options = ["-index", "index.txt", "-CA", "ca.pem", "-rsigner", signer]
    process = subprocess.Popen(
        ["openssl", "ocsp", "-port", str(port), *options, "-rkey", "signer.key"],
        cwd=ca,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
    )
    try:
        assert process.stderr is not None
        assert b"waiting for" in process.stderr.readline()
        url = f"http://127.0.0.1:{port}/"
        for certificate, state in ((mine, REVOKED), (neighbour, GOOD)):
            found = answer_at(url, certificate)
            assert state is found.state, found.detail
    finally:
        process.kill()
        process.communicate()


def answer_at(url: str, certificate: x509.Certificate) -> Answer:
    """Return what a responder says, whatever address the certificate names."""
    about = Credential(certificate), Credential(issuing)
    asked, request = responders.question(*about)
    came = Fetcher().fetch(url, asked)
    later = AT + DAY / 2  # it answers for the present moment
    return responders.answer(came, *about, at=later, request=request)


def test_the_list_and_the_answer_of_cfssl(tmp_path: Path) -> None:
    require("cfssl")
    (tmp_path / "ca.pem").write_bytes(issuing.public_bytes(PEM))
    (tmp_path / "ca.key").write_bytes(pem_key(INT))
    (tmp_path / "mine.pem").write_bytes(mine.public_bytes(PEM))
    (tmp_path / "serials").write_text(f"{mine.serial_number}\n")
    made = cfssl(tmp_path, "gencrl", "serials", "ca.pem", "ca.key")
    (found,) = revocation_lists.load(base64.b64decode(made), origin="cfssl")
    later = AT + DAY
    ask = Lookup.of([found]).asking(later)
    pool = Pool([issuing], [root])
    for certificate, state in ((mine, REVOKED), (neighbour, GOOD)):
        verdict = pool.judge(certificate, at=later, revocation=ask)
        assert state is verdict.revocation[0].state, verdict.revocation
    signed = ["-ca", "ca.pem", "-responder", "ca.pem", "-responder-key", "ca.key"]
    for status, state in (("good", GOOD), ("revoked", REVOKED)):
        asked = ["ocspsign", *signed, "-cert", "mine.pem", "-status", status]
        asked += ["-reason", "1"] if state is REVOKED else []
        answer = json.loads(cfssl(tmp_path, *asked))["ocspResponse"]
        assert state is said(stapled=base64.b64decode(answer), at=later).state


def cfssl(folder: Path, *asked: str) -> str:
    done = subprocess.run(
        ["cfssl", *asked], cwd=folder, check=True, capture_output=True, text=True
    )
    return done.stdout


# ---- the practice CA --------------------------------------------------------------


def test_the_list_of_the_practice_ca(tmp_path: Path) -> None:
    authority = training.found(tmp_path / "ca", at=AT - DAY)
    names = x509.SubjectAlternativeName([x509.DNSName(HOST)])
    builder = x509.CertificateSigningRequestBuilder().subject_name(dn(HOST))
    request = builder.add_extension(names, False).sign(key("leaf"), hashes.SHA256())
    chains = [authority.release(request, at=AT - DAY / 2) for _ in range(2)]
    authority.revoke(chains[0][0], at=AT)
    authority.export(tmp_path / "published", at=AT)
    lists = formats.read_lists(tmp_path / "published")
    trust = replace(Trust.of((), given=[authority.root]), revocation=Lookup.of(lists))
    for chain, state in zip(chains, (REVOKED, GOOD), strict=True):
        placed = places.in_file(chain[0], chain[1:], trust)
        assert state is placed.verdict(AT).revocation[0].state


# ---- every face ---------------------------------------------------------------------


@pytest.fixture
def files(tmp_path: Path) -> Path:
    """Return a folder with the files that the command line is given."""
    (tmp_path / "root.cer").write_bytes(root.public_bytes(DER))
    pem = mine.public_bytes(PEM) + issuing.public_bytes(PEM)
    (tmp_path / "mine.pem").write_bytes(pem)
    (tmp_path / "mine.crl").write_bytes(crl(mine).public_bytes(DER))
    (tmp_path / "good.crl").write_bytes(crl(neighbour).public_bytes(DER))
    (tmp_path / "old.crl").write_bytes(crl(last=-0.5).public_bytes(DER))
    return tmp_path


def run(folder: Path, *asked: str) -> subprocess.CompletedProcess[str]:
    """Run certlib with the root trusted, and stores of its own."""
    return subprocess.run(
        [sys.executable, "-m", "certlib", *asked, "--root", "root.cer"],
        capture_output=True,
        encoding="utf-8",
        cwd=folder,
        env=os.environ
        | {"XDG_DATA_HOME": str(folder / "data"), "PYTHONIOENCODING": "utf-8"},
        timeout=60,
    )


FACES: dict[str, tuple[str, int, str]] = {
    "mine.crl": ("revoked", 1, "was revoked on "),
    "good.crl": ("good", 0, "not revoked until "),
    "old.crl": ("cannot be checked", 1, "has expired on "),
    "": ("not looked up", 0, "revocation was not looked up"),
}


@pytest.mark.parametrize("name", FACES)
def test_the_command_line(name: str, files: Path) -> None:
    state, code, words = FACES[name]
    option = ["--crl", name] if name else []
    with served((mine, [issuing], [root]), HOST) as endpoint:
        checked = run(files, "check", endpoint.address, "--server", HOST, *option)
    assert (code, "") == (checked.returncode, checked.stderr)
    assert words in " ".join(checked.stdout.split())
    audited = run(files, "audit", "mine.pem", "--format", "json", *option)
    (one,) = json.loads(audited.stdout)["certificates"]
    (answer, *_) = one["summary"]["surroundings"]["revocation"]
    assert state == answer["state"]
    inspected = run(files, "inspect", "mine.pem", "--server", HOST, *option)
    assert code == inspected.returncode
    assert words in " ".join(inspected.stderr.split())


@pytest.mark.parametrize("status", [R.GOOD, R.REVOKED])
def test_an_answer_that_a_real_server_brings_along(
    status: ocsp.OCSPCertStatus, files: Path
) -> None:
    require("openssl")
    (files / "answer.der").write_bytes(answered(mine, status))
    (files / "mine.key").write_bytes(pem_key(Party(HOST, key("leaf"))))
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    chain = ["-cert", "mine.pem", "-key", "mine.key", "-cert_chain", "mine.pem"]
    stapled = ["-status_file", "answer.der"]
    process = subprocess.Popen(
        ["openssl", "s_server", "-accept", f"127.0.0.1:{port}", *chain, *stapled],
        cwd=files,
        stdin=subprocess.PIPE,  # it ends with its input
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
    )
    try:
        assert process.stdout is not None
        while process.stdout.readline().strip() != b"ACCEPT":
            assert process.poll() is None
        presented = endpoints.look(Endpoint("127.0.0.1", port, HOST))
    finally:
        process.kill()
        process.communicate()
    trust = Trust.of((), given=[root])
    seen = checks.check(presented, context=Context(AT), trust=trust)
    (told,) = (check for check in seen if check.subject == "revocation")
    assert (status is R.GOOD) is told.passed
    assert "brought along" in told.detail
    found = _presented(presented, trust)
    (one,) = auditing.audit([[found]], Context(AT, server_name=HOST))
    wanted = set() if status is R.GOOD else {"revoked"}
    assert wanted == {f.rule for f in one.findings} & {"revoked"}
