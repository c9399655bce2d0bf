"""Clients: real programs, each refusing what is wrong in its own words."""

import contextlib
import socket
from dataclasses import replace

import components
import forge
import pytest

from certlib import clock
from certlib.endpoints import Endpoint, browser, clients, serving
from certlib.endpoints.clients import CLIENTS
from certlib.errors import EndpointError

NAME = "server.example.com"
NOW = clock.now()  # the clients judge by the clock of this computer
ROOT = forge.ca("Example Root CA").leaf
RECENT = NOW - forge.DAY


def recent(**overrides):
    return forge.chain(**{"not_before": RECENT} | overrides)


CASES = {
    "expired": recent(not_before=RECENT - forge.DAY, not_after=RECENT),
    "not yet valid": recent(not_before=NOW + 3 * forge.DAY),  # NSS forgives one day
    "wrong name": recent(san=["other.example.com"]),
    "own signature": forge.leaf(not_before=RECENT),
    "missing intermediate": replace(recent(), chain=()),
}

WORDS = {
    "expired": {
        "Python": "certificate has expired",
        "openssl s_client": "num=10:certificate has expired",
        "curl": "certificate has expired",
        "gnutls-cli": "uses expired certificate",
        "Java": "CertificateExpiredException",
        "Node.js": "CERT_HAS_EXPIRED",
        "tstclnt": "SEC_ERROR_EXPIRED_CERTIFICATE",
        "Chromium": "ERR_CERT_DATE_INVALID",
    },
    "not yet valid": {
        "Python": "certificate is not yet valid",
        "openssl s_client": "num=9:certificate is not yet valid",
        "curl": "certificate is not yet valid",
        "gnutls-cli": "not yet valid certificate",
        "Java": "CertificateNotYetValidException",
        "Node.js": "CERT_NOT_YET_VALID",
        "tstclnt": "SEC_ERROR_EXPIRED_CERTIFICATE",
        "Chromium": "ERR_CERT_DATE_INVALID",
    },
    "wrong name": {
        "Python": "Hostname mismatch",
        "openssl s_client": "num=62:hostname mismatch",
        "curl": "no alternative certificate subject name matches",
        "gnutls-cli": "The name in the certificate does not match the expected",
        "Java": "No subject alternative DNS name matching server.example.com",
        "Node.js": "ERR_TLS_CERT_ALTNAME_INVALID",
        "tstclnt": "SSL_ERROR_BAD_CERT_DOMAIN",
        "Chromium": "ERR_CERT_COMMON_NAME_INVALID",
    },
    "own signature": {
        "Python": "self-signed certificate",
        "openssl s_client": "num=18:self-signed certificate",
        "curl": "self-signed certificate",
        "gnutls-cli": "The certificate issuer is unknown",
        "Java": "unable to find valid certification path",
        "Node.js": "DEPTH_ZERO_SELF_SIGNED_CERT",
        "tstclnt": "SEC_ERROR_CA_CERT_INVALID",
        "Chromium": "ERR_CERT_AUTHORITY_INVALID",
    },
    "missing intermediate": {
        "Python": "unable to get local issuer certificate",
        "openssl s_client": "num=20:unable to get local issuer certificate",
        "curl": "unable to get local issuer certificate",
        "gnutls-cli": "The certificate issuer is unknown",
        "Java": "unable to find valid certification path",
        "Node.js": "UNABLE_TO_VERIFY_LEAF_SIGNATURE",
        "tstclnt": "SEC_ERROR_UNKNOWN_ISSUER",
        "Chromium": "ERR_CERT_AUTHORITY_INVALID",
    },
}


@pytest.fixture(scope="module")
def servers():
    with contextlib.ExitStack() as stack:
        bundles = {"good": recent()} | CASES
        yield {
            case: stack.enter_context(serving.serve(bundle, server_name=NAME))
            for case, bundle in bundles.items()
        }


@pytest.fixture(params=CLIENTS.values(), ids=CLIENTS.keys(), scope="module")
def client(request):
    reason = f"the client {request.param.name}"
    components.require_all(request.param.needs, reason=reason)
    return request.param


def asked(client, endpoint, roots=(ROOT,)):
    (verdict,) = clients.verdicts(endpoint, roots=roots, clients=[client])
    return verdict


def test_a_right_certificate_is_accepted(client, servers, record_property):
    verdict = asked(client, servers["good"])
    assert verdict.accepted, verdict.words
    record_property("summary", str(verdict))


@pytest.mark.parametrize("case", CASES)
def test_a_wrong_one_is_refused_in_the_clients_own_words(
    client, servers, case, record_property
):
    verdict = asked(client, servers[case])
    assert verdict.accepted is False
    assert WORDS[case][client.name] in verdict.words
    record_property("summary", f"{case}: {verdict}")


def test_without_the_practice_root_nobody_accepts(client, servers):
    assert asked(client, servers["good"], roots=()).accepted is False


def test_at_least_four_tls_libraries_are_asked():
    libraries = {client.library for client in CLIENTS.values()}
    assert libraries >= {"OpenSSL", "GnuTLS", "JSSE", "BoringSSL", "NSS"}


def test_who_did_not_connect_refused_nothing(client):
    with socket.create_server(("127.0.0.1", 0)) as listener:
        endpoint = Endpoint("127.0.0.1", listener.getsockname()[1], NAME)
    verdict = asked(client, endpoint)
    assert verdict.accepted is None
    assert "nobody answers there" in verdict.words


def test_every_client_asks_the_address_that_answers(servers, monkeypatch):
    port = servers["good"].port
    there = [
        (socket.AF_INET6, socket.SOCK_STREAM, 6, "", ("::1", port, 0, 0)),
        (socket.AF_INET, socket.SOCK_STREAM, 6, "", ("127.0.0.1", port)),
    ]
    monkeypatch.setattr(socket, "getaddrinfo", lambda *_, **__: there)
    reached = clients._reached(Endpoint("both.example", port, NAME), 5)
    assert Endpoint("127.0.0.1", port, NAME) == reached


def test_a_client_that_is_not_installed_is_named():
    absent = replace(CLIENTS["curl"], name="lynx", needs=("no-such-program",))
    verdict = asked(absent, Endpoint("127.0.0.1", 9))
    assert str(verdict) == (
        "lynx (curl's own choice): not asked: not installed: no-such-program"
    )


def test_a_client_that_hangs_has_its_deadline():
    components.require("openssl")
    with socket.create_server(("127.0.0.1", 0)) as listener:
        endpoint = Endpoint("127.0.0.1", listener.getsockname()[1], NAME)
        (verdict,) = clients.verdicts(
            endpoint, clients=[CLIENTS["openssl s_client"]], deadline=0.5
        )
    assert (None, "did not finish within 0.5 s") == (verdict.accepted, verdict.words)


def test_what_the_environment_trusts_does_not_count(monkeypatch, tmp_path, servers):
    components.require("curl")
    bundle = tmp_path / "all.pem"
    bundle.write_bytes(recent().to_pem())
    for variable in clients.TRUST_VARIABLES:
        monkeypatch.setenv(variable, str(bundle))
    other = forge.ca("Another Root CA").leaf
    assert asked(CLIENTS["curl"], servers["good"], roots=[other]).accepted is False


@pytest.fixture
def roots(tmp_path):
    components.require_browser(browser.PROGRAM)
    components.require("certutil", reason="Chromium's trust")
    path = tmp_path / "roots.pem"
    path.write_bytes(forge.ca("Example Root CA").to_pem())
    return path


def test_the_browser_shows_the_page_and_its_security_details(servers, roots, tmp_path):
    seen = browser.visit(servers["good"], folder=tmp_path, roots=roots)
    assert (seen.words, seen.issuer, seen.subject, seen.protocol) == (
        "HTTPS answers",
        "Example Issuing CA",
        NAME,
        "TLS 1.3",
    )
    assert seen.valid_from == RECENT
    assert seen.screenshot.startswith(b"\x89PNG")


def test_roots_that_nss_refuses_are_words_too(tmp_path):
    components.require("certutil")
    roots = tmp_path / "roots.pem"
    junk = "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n"
    roots.write_text(junk, encoding="ascii")
    with pytest.raises(EndpointError, match="certutil cannot make the browser's list"):
        browser.trust_database(tmp_path, roots)


def test_a_client_whose_trust_cannot_be_made_ends_nothing(servers, monkeypatch):
    refusing = components.require("false")
    monkeypatch.setattr(browser.shutil, "which", lambda name: refusing)
    asked = [replace(CLIENTS["tstclnt"], needs=()), CLIENTS["Python"]]
    found = clients.verdicts(servers["good"], clients=asked)
    assert [None, False] == [verdict.accepted for verdict in found]


def test_a_page_is_printed_as_pdf(tmp_path):
    components.require_browser(browser.PROGRAM)
    assert browser.print_page("<h1>x</h1>", folder=tmp_path).startswith(b"%PDF-")
