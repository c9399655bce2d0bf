"""Servers as they are: old ones, careful ones, and those with several certificates."""

from __future__ import annotations

import contextlib
import socket
import ssl
import subprocess
import threading
import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import forge
import pytest
from components import require
from cryptography.x509.oid import ExtendedKeyUsageOID
from tlslite.errors import BaseTLSException
from tlslite.handshakesettings import HandshakeSettings
from tlslite.tlsconnection import TLSConnection
from tlslite.utils.keyfactory import parsePEMKey
from tlslite.x509certchain import X509CertChain

from certlib import auditing, clock, endpoints, keys, stores
from certlib.auditing.sources import EndpointSource, ListSource
from certlib.bundles import Bundle
from certlib.endpoints import Endpoint, Presented, lists, serving
from certlib.errors import EndpointError
from certlib.integrating import checks
from certlib.products import Environment
from certlib.rules import Context
from certlib.stores import practice_machine
from certlib.trust.roots import Trust

CLIENT = ExtendedKeyUsageOID.CLIENT_AUTH
LOCAL = "127.0.0.1"
NAME = "server.example.com"
HERE = Context(at=forge.AT, environment=Environment.TEST, practice=True)
ROOT = forge.ca("Example Root CA").leaf
RSA = forge.chain()
ECDSA = forge.chain(private_key=forge.key(kind="ECDSA-P256"))


@contextlib.contextmanager
def gnutls(folder: Path, priority: str, *bundles: Bundle) -> Iterator[Endpoint]:
    """Run GnuTLS's server, which still has what the libraries of today dropped."""
    program = require("gnutls-serv", reason="it speaks as servers of the past")
    options = [f"--priority={priority}"]
    for number, bundle in enumerate(bundles):
        path = folder / f"{number}.pem"
        path.write_bytes(replace(bundle, chain=bundle.chain[:1]).to_pem())
        options += [f"--x509certfile={path}", f"--x509keyfile={path}"]
    with socket.create_server((LOCAL, 0)) as free:
        port = free.getsockname()[1]
    with subprocess.Popen(
        [
            program,
            "--http",
            "--nodb",
            "--disable-client-cert",
            f"--port={port}",
            *options,
        ],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    ) as server:
        try:
            _wait_for(port)
            yield Endpoint(LOCAL, port, NAME)
        finally:
            server.terminate()


def _wait_for(port: int) -> None:
    for _ in range(200):
        with contextlib.suppress(OSError), socket.create_connection((LOCAL, port)):
            return
        time.sleep(0.05)
    pytest.fail(f"nothing listens on {port}", pytrace=False)


def only(version: str, more: str = "") -> str:
    return f"NORMAL:-VERS-ALL:+VERS-TLS{version}:%VERIFY_ALLOW_SIGN_WITH_SHA1{more}"


def audited(presented: Presented) -> set[str]:
    """Return the rules that an audit finds broken, by the certificate's key."""
    trust = Trust.of((), given=[ROOT])
    found = [auditing.sources._presented(presented, trust)]
    (one,) = auditing.audit([found], HERE)
    return {finding.rule for finding in one.findings}


def seen(presented: Presented) -> tuple[checks.Check, ...]:
    trust = Trust.of((), given=[ROOT])
    return checks.check(presented, context=HERE, trust=trust)


def failed(presented: Presented) -> list[str]:
    return [check.subject for check in seen(presented) if not check.passed]


# Clients' certificates


def demanding(version: ssl.TLSVersion, ca: Bundle | None = None):
    """Return what makes a server demand a certificate of its client."""

    def adjust(context: ssl.SSLContext) -> None:
        context.minimum_version = context.maximum_version = version
        if ca is not None:
            context.load_verify_locations(cadata=ca.to_der())
        context.verify_mode = ssl.CERT_REQUIRED

    return adjust


@pytest.mark.parametrize("version", [ssl.TLSVersion.TLSv1_2, ssl.TLSVersion.TLSv1_3])
def test_a_server_that_demands_a_certificate_is_read_and_noted(version):
    with serving.serve(RSA, adjust=demanding(version)) as endpoint:
        presented = endpoints.look(endpoint)
    assert presented.error is None
    assert RSA.certificates[:2] == presented.chain
    assert presented.asks_client
    assert version.name.replace("_", ".") == presented.protocol
    assert {"client-certificate-asked"} == audited(presented)
    assert [] == failed(presented)


def test_its_faults_are_told_nevertheless():
    alone = replace(RSA, chain=())
    with serving.serve(alone, adjust=demanding(ssl.TLSVersion.TLSv1_2)) as endpoint:
        presented = endpoints.look(endpoint)
    assert {"chain-incomplete", "client-certificate-asked"} == audited(presented)


@pytest.mark.parametrize("version", [ssl.TLSVersion.TLSv1_2, ssl.TLSVersion.TLSv1_3])
def test_who_has_a_certificate_shows_it(version):
    ca = forge.ca("Clients", not_before=clock.now() - forge.DAY)
    at = clock.now() - forge.DAY
    client = forge.leaf(issuer=ca, not_before=at, eku=[CLIENT])
    with serving.serve(RSA, adjust=demanding(version, ca)) as endpoint:
        presented = endpoints.look(endpoint, client=client)
    assert (None, RSA.leaf) == (presented.error, presented.leaf)


def test_a_client_that_is_refused_is_told_so():
    ca = forge.ca("Clients")
    adjust = demanding(ssl.TLSVersion.TLSv1_2, ca)
    with serving.serve(RSA, adjust=adjust) as endpoint:
        presented = endpoints.look(endpoint, client=forge.leaf())
    assert isinstance(presented.error, EndpointError)
    assert "refuses the certificate of the client" in presented.error.message


def test_a_server_that_asks_for_none_is_not_noted():
    with serving.serve(RSA) as endpoint:
        assert not endpoints.look(endpoint).asks_client


# Old servers


def test_a_server_without_rfc_5746_is_read_and_told(tmp_path):
    old = only("1.2", ":%DISABLE_SAFE_RENEGOTIATION")
    with gnutls(tmp_path, old, RSA) as endpoint:
        presented = endpoints.look(endpoint)
    assert (None, RSA.leaf) == (presented.error, presented.leaf)
    assert {"renegotiation-unsafe"} == audited(presented)
    assert [] == failed(presented)
    assert ["server"] == [one.subject for one in seen(presented) if one.warned]


@pytest.mark.parametrize("version", ["1.0", "1.1"])
def test_an_old_version_is_read_and_told(tmp_path, version):
    with gnutls(tmp_path, only(version), RSA) as endpoint:
        presented = endpoints.look(endpoint)
    assert (None, RSA.leaf) == (presented.error, presented.leaf)
    assert {"tls-version-old"} == audited(presented)


@pytest.mark.parametrize(
    ("cipher", "version"),
    [("3DES-CBC", "1.2"), ("ARCFOUR-128", "1.0"), ("3DES-CBC", "1.1")],
)
def test_a_server_with_ciphers_of_the_past_is_read_and_told(tmp_path, cipher, version):
    old = only(version, f":-CIPHER-ALL:+{cipher}")
    with gnutls(tmp_path, old, RSA) as endpoint:
        presented = endpoints.look(endpoint)
    assert (None, RSA.certificates[:2]) == (presented.error, presented.chain)
    told = {"cipher-suite-old"} | ({"tls-version-old"} if version != "1.2" else set())
    assert told == audited(presented)
    assert "cipher suite" in failed(presented)


def test_ssl_3_is_read_and_told():
    with ssl_3(RSA) as endpoint:
        presented = endpoints.look(endpoint)
    assert ("SSLv3", RSA.leaf) == (presented.protocol, presented.leaf)
    assert "tls-version-old" in audited(presented)


@contextlib.contextmanager
def ssl_3(bundle: Bundle) -> Iterator[Endpoint]:
    """Serve with tlslite-ng: the programs here have no SSL 3.0 any more."""
    chain, settings = X509CertChain(), HandshakeSettings()
    chain.parsePemList(replace(bundle, private_key=None).to_pem().decode())
    pem = keys.write_private_key(bundle.private_key, None).decode()
    key = parsePEMKey(pem, private=True)
    settings.minVersion = settings.maxVersion = (3, 0)
    settings.versions = [(3, 0)]
    settings.useExtendedMasterSecret = False  # it is newer

    def work(listener: socket.socket) -> None:
        while True:
            with contextlib.suppress(BaseTLSException):
                connection, _ = listener.accept()
                server = TLSConnection(connection)
                server.handshakeServer(
                    certChain=chain, privateKey=key, settings=settings
                )

    with socket.create_server((LOCAL, 0)) as listener:
        threading.Thread(target=lambda: _quietly(work, listener), daemon=True).start()
        yield Endpoint(LOCAL, listener.getsockname()[1], NAME)


def _quietly(work, listener):
    with contextlib.suppress(OSError):  # the block is left
        work(listener)


# Two certificates on one port


@pytest.mark.parametrize("version", ["1.2", "1.3:+VERS-TLS1.2"])
def test_both_certificates_of_a_port_are_asked_for(tmp_path, version):
    late = replace(ECDSA, leaf=_late().leaf)
    with gnutls(tmp_path, only(version), RSA, late) as endpoint:
        presented = endpoints.look(endpoint)
        trust = Trust.of((), given=[ROOT])
        found = list(auditing.audit([EndpointSource((endpoint,), trust)], HERE))
    assert presented.another is not None
    both = {presented.leaf, presented.another.leaf}
    assert {RSA.leaf, late.leaf} == both
    broken = {one.summary.key_algorithm: one.findings for one in found}
    assert () == broken["RSA"]
    assert ["expired"] == [finding.rule for finding in broken["ECC"]]
    assert any("validity" in subject for subject in failed(presented))


def _late() -> Bundle:
    key = forge.key(kind="ECDSA-P256")
    return forge.chain(private_key=key, not_after=forge.AT - forge.SECOND)


def test_one_certificate_is_told_once(tmp_path):
    with gnutls(tmp_path, "NORMAL", ECDSA) as endpoint:
        presented = endpoints.look(endpoint)
    assert (ECDSA.leaf, None) == (presented.leaf, presented.another)


def test_a_certificate_sent_twice_is_in_order():
    first, issuer = RSA.leaf, RSA.chain[0]
    for chain in [(first, first, issuer), (first, issuer, issuer)]:
        presented = Presented(Endpoint(LOCAL, 443, NAME), chain, "TLSv1.3", "x")
        assert set() == audited(presented)
    turned = Presented(Endpoint(LOCAL, 443, NAME), (first, RSA.chain[1], issuer))
    assert "chain-in-wrong-order" in audited(turned)


# Names


def by_name(names: dict[str, Bundle], folder: Path):
    """Return what makes a server choose its certificate by the name (SNI)."""
    contexts = {}
    for number, (name, bundle) in enumerate(names.items()):
        path = folder / f"sni{number}.pem"
        path.write_bytes(replace(bundle, chain=bundle.chain[:1]).to_pem())
        contexts[name] = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        contexts[name].load_cert_chain(path)

    def choose(shaken: ssl.SSLObject, name: str, context: ssl.SSLContext) -> None:
        shaken.context = contexts.get(name, context)

    def adjust(context: ssl.SSLContext) -> None:
        context.sni_callback = choose

    return adjust


@pytest.fixture
def named(tmp_path):
    """Serve another certificate to those who call it erp.example.com."""
    name, key = "erp.example.com", forge.key(1)
    other = forge.chain(san=[name], common_name=name, private_key=key)
    adjust = by_name({"erp.example.com": other}, tmp_path)
    with serving.serve(RSA, adjust=adjust) as endpoint:
        yield endpoint.port, other


def source(text: str, folder: Path, **options: object):
    machine = practice_machine(folder / "store")
    machine.open(stores.TRUSTED_ROOT).add(Bundle(ROOT))
    return auditing.source(text, machine, **options)


def test_the_wanted_name_is_the_one_that_is_asked_for(named, tmp_path):
    port, other = named
    wanted = "erp.example.com"
    asked = source(f"tls://{LOCAL}:{port}", tmp_path, server_name=wanted)
    (one,) = auditing.audit([asked], replace(HERE, server_name=wanted))
    assert (other.thumbprint, ()) == (one.summary.thumbprint, one.findings)


def test_a_list_says_by_which_name_each_address_is_called(named, tmp_path):
    port, other = named
    rows = ["address;port;SNI", f"{LOCAL};{port};erp.example.com", f"{LOCAL};{port};"]
    path = tmp_path / "servers.csv"
    path.write_text("\n".join(rows))
    found = list(auditing.audit([source(str(path), tmp_path, server_name=NAME)], HERE))
    at = {one.place: (one.summary.thumbprint, one.findings) for one in found}
    assert {
        f"{LOCAL}:{port} (erp.example.com)": (other.thumbprint, ()),
        f"{LOCAL}:{port} ({NAME})": (RSA.thumbprint, ()),
    } == at


def test_a_line_without_a_name_is_called_by_the_one_given():
    lines = lists.read(b"10.0.0.1:8165\nerp.example.com\n", NAME)
    assert [NAME, NAME] == [line.server.server_name for line in lines]
    lines = lists.read(b"name,address\nerp.example.com,10.0.0.1\n", NAME)
    assert ["erp.example.com"] == [line.server.server_name for line in lines]


def test_each_server_of_a_list_has_its_time():
    with socket.create_server((LOCAL, 0)) as silent:
        line = f"{LOCAL}:{silent.getsockname()[1]}".encode()
        start = time.monotonic()
        (found,) = ListSource(lambda: line, "list", Trust.of(()), deadline=0.3)
    assert time.monotonic() - start < 3
    assert "0.3 s" in found.summary.problems[0].reason
