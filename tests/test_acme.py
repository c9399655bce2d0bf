"""Issuance by a public CA, against pebble: a real ACME server."""

from __future__ import annotations

import contextlib
import dataclasses
import http.server
import json
import socket
import ssl
import stat
import sys
import threading
import time
from datetime import timedelta

import forge
import pebble
import pytest
import requests
from acme import challenges
from josepy.jwk import JWKEC
from josepy.util import ComparableECKey

from certlib import (
    auditing,
    clock,
    keys,
    requesting,
    rules,
    summaries,
)
from certlib.bundles import Bundle
from certlib.endpoints.bounded import BoundedAdapter
from certlib.errors import InputError, IssuerError
from certlib.issuers import Order, acme
from certlib.issuers.challenges import DnsHook, HttpServer, command_hook
from certlib.keys import KeyKind
from certlib.products import PRODUCTS, Environment
from certlib.requesting import signing_requests
from certlib.requesting.renewing import due
from certlib.rules import Context, Severity
from certlib.specs import CertificateSpec
from certlib.trust import chains

NAMES = ("board.example.com", "www.board.example.com")


@pytest.fixture(scope="module")
def server(tmp_path_factory):
    with pebble.running(tmp_path_factory.mktemp("pebble")) as running:
        yield running


def prepare(folder, *server_names, key_kind=KeyKind.ECDSA_P256, **kwargs):
    spec = CertificateSpec(server_names or NAMES, key_kind)
    return requesting.prepare(spec, folder, at=clock.now(), **kwargs)


def issue(request, ca):
    now = clock.now()
    return requesting.collect(requesting.submit(request, ca, at=now), ca, at=now)


def audit(bundle: Bundle, root) -> list[str]:
    """Return the errors for Board Cloud in production, at which an audit fails.

    Warnings are left out: pebble writes no policies and no issuer's address,
    and whoever asks for a certificate has no say in that.
    """
    context = Context(
        clock.now(),
        server_name=bundle.leaf.subject.rfc4514_string().removeprefix("CN="),
        product=PRODUCTS["board-cloud"],
        environment=Environment.PRODUCTION,
    )
    summary = auditing.summary_with_trust(bundle, private_key=True, anchors=[root])
    return [
        finding.rule
        for finding in rules.judge(summary, context)
        if finding.severity is Severity.ERROR
    ]


@pytest.mark.parametrize("kind", [KeyKind.ECDSA_P256, KeyKind.RSA_2048])
def test_http_01_issues_what_board_cloud_wants(server, tmp_path, kind):
    request = prepare(tmp_path, key_kind=kind)

    bundle = issue(request, server.ca(tmp_path, server.http_server()))

    assert [] == audit(bundle, server.root())
    assert chains.anchor(bundle.leaf, bundle.chain, [server.root()]) == server.root()
    assert bundle.private_key is not None
    summary = auditing.summary_with_trust(bundle, anchors=[])
    assert set(NAMES) == set(summary.server_names)
    assert "digitalSignature" in summary.key_usage
    assert summaries.SERVER_AUTHENTICATION in summary.extended_key_usage


def test_the_same_bundle_is_no_public_one_without_the_root(server, tmp_path):
    bundle = issue(prepare(tmp_path), server.ca(tmp_path, server.http_server()))

    other = forge.ca().leaf

    assert ["not-from-a-public-ca"] == audit(bundle, other)


def test_dns_01_issues_a_wildcard(server, tmp_path):
    request = prepare(tmp_path, "*.board.example.com", "board.example.com")

    bundle = issue(request, server.ca(tmp_path, server.dns_hook()))

    assert [] == audit(bundle, server.root())
    assert (
        "*.board.example.com",
        "board.example.com",
    ) == auditing.summary_with_trust(bundle, anchors=[]).dns_names


def test_dns_records_are_removed_when_the_proof_is_over(server, tmp_path):
    calls = []

    def hook(action, record, value):
        calls.append((action, record))
        server.set_record(action, record, value)

    issue(prepare(tmp_path, NAMES[0]), server.ca(tmp_path, DnsHook(hook)))

    record = f"_acme-challenge.{NAMES[0]}"
    assert calls == [("add", record), ("remove", record)]


def test_a_program_as_dns_hook(server, tmp_path):
    port = server.dns_management_port
    program = tmp_path / "hook.py"
    program.write_text(
        "import json, sys, urllib.request as r\n"
        "action, record, value = sys.argv[1:]\n"
        "verb = 'set-txt' if action == 'add' else 'clear-txt'\n"
        "body = json.dumps({'host': record + '.', 'value': value}).encode()\n"
        f"r.urlopen(f'http://127.0.0.1:{port}/' + verb, body)\n"
    )
    hook = command_hook([sys.executable, str(program)])

    bundle = issue(prepare(tmp_path, NAMES[0]), server.ca(tmp_path, DnsHook(hook)))

    assert bundle.subject == f"CN={NAMES[0]}"


def test_a_dns_hook_that_fails_says_what_it_said(server, tmp_path):
    hook = command_hook([sys.executable, "-c", "raise SystemExit('zone is read-only')"])
    ca = server.ca(tmp_path, DnsHook(hook))
    request = requesting.submit(prepare(tmp_path, NAMES[0]), ca, at=clock.now())

    with pytest.raises(InputError, match="exit code 1, zone is read-only"):
        requesting.collect(request, ca, at=clock.now())

    repaired = server.ca(tmp_path, server.dns_hook())
    assert requesting.collect(request, repaired, at=clock.now()) is not None


def dns_challenges(*server_names):
    chall = challenges.DNS01(token=b"t" * 32)
    return [(name, chall) for name in server_names]


def test_a_record_is_removed_when_the_hook_fails_after_it_was_set():
    account_key = JWKEC(key=ComparableECKey(keys.practice_key("ecdsa")))
    calls = []

    def hook(action, record, value):
        calls.append((action, record.removeprefix("_acme-challenge.")))
        if record.endswith("b.example.com"):
            raise InputError(f"{action} failed", fix="")

    wanted = dns_challenges("a.example.com", "b.example.com", "c.example.com")
    with (
        pytest.raises(InputError, match=r"^add failed"),
        DnsHook(hook).proving(wanted, account_key),
    ):
        pytest.fail("proven without the records")

    assert [
        ("add", "a.example.com"),
        ("add", "b.example.com"),
        ("remove", "b.example.com"),
        ("remove", "a.example.com"),
    ] == calls


@pytest.mark.parametrize(
    ("code", "said"),
    [
        ("raise SystemExit(3)", "exit code 3"),
        ("while True: pass", "longer than 1 second\n"),
    ],
)
def test_an_error_of_a_dns_hook_does_not_show_its_secret(code, said):
    command = [sys.executable, "-c", code, "--api-token", "s3cr3t"]
    hook = command_hook(command, patience=timedelta(seconds=1))

    with pytest.raises(InputError, match=said) as caught:
        hook("add", "_acme-challenge.a.example.com", "value")

    assert "s3cr3t" not in str(caught.value)
    assert sys.executable in str(caught.value)


def test_the_account_key_is_private_and_used_again(server, tmp_path):
    ca = server.ca(tmp_path, server.http_server(), email="admin@example.com")

    issue(prepare(tmp_path, NAMES[0]), ca)
    first = ca.account_key.read_bytes()
    issue(prepare(tmp_path, NAMES[0], again=True), ca)

    assert ca.account_key.read_bytes() == first
    if sys.platform != "win32":
        assert 0o600 == stat.S_IMODE(ca.account_key.stat().st_mode)


def test_a_failed_http_challenge_names_the_url_and_the_answer(server, tmp_path):
    nobody = HttpServer(port=pebble.free_ports(1)[0], address="127.0.0.1")
    ca = server.ca(tmp_path, nobody)
    request = requesting.submit(prepare(tmp_path, NAMES[0]), ca, at=clock.now())

    with pytest.raises(IssuerError) as caught:
        requesting.collect(request, ca, at=clock.now())

    url = f"http://{NAMES[0]}/.well-known/acme-challenge/"
    assert f"asked {url}" in caught.value.message
    assert "connection refused" in caught.value.message
    assert "open port 80" in caught.value.fix
    # The order is closed; the same request and key go on with a new one.
    again = requesting.withdraw(request)
    assert issue(again, server.ca(tmp_path, server.http_server())) is not None


def test_a_wrong_dns_record_is_named(server, tmp_path):
    def wrong(action, record, value):
        server.set_record(action, record, "wrong")

    ca = server.ca(tmp_path, DnsHook(wrong))
    request = requesting.submit(prepare(tmp_path, NAMES[0]), ca, at=clock.now())

    with pytest.raises(IssuerError, match="asked TXT _acme-challenge") as caught:
        requesting.collect(request, ca, at=clock.now())
    assert "got unauthorized" in caught.value.message


def test_a_taken_port_is_said_and_nothing_is_lost(server, tmp_path):
    ca = server.ca(tmp_path, HttpServer(port=server.port, address="127.0.0.1"))
    request = requesting.submit(prepare(tmp_path, NAMES[0]), ca, at=clock.now())

    with pytest.raises(InputError, match=f"port {server.port} cannot be used"):
        requesting.collect(request, ca, at=clock.now())

    free = server.ca(tmp_path, server.http_server())
    assert requesting.collect(request, free, at=clock.now()) is not None


def test_a_ca_that_is_down_for_a_moment_is_asked_again(server, tmp_path):
    gate = pebble.Gate(server.port)
    gate.open()
    ca = server.ca(
        tmp_path,
        server.http_server(),
        directory=f"https://127.0.0.1:{gate.port}/dir",
    )
    request = requesting.submit(prepare(tmp_path, NAMES[0]), ca, at=clock.now())
    gate.shut()

    def back_up():
        time.sleep(1)
        gate.open()

    thread = threading.Thread(target=back_up)
    thread.start()
    try:
        assert requesting.collect(request, ca, at=clock.now()) is not None
    finally:
        thread.join()
        gate.shut()


def test_an_order_goes_on_after_an_outage_and_a_restart(server, tmp_path, monkeypatch):
    monkeypatch.setattr(acme, "RETRIES", acme.RETRIES.new(total=1, backoff_factor=0))
    gate = pebble.Gate(server.port)
    gate.open()
    ca = server.ca(
        tmp_path,
        server.http_server(),
        directory=f"https://127.0.0.1:{gate.port}/dir",
    )
    request = requesting.submit(prepare(tmp_path, NAMES[0]), ca, at=clock.now())
    gate.shut()
    with pytest.raises(IssuerError, match="does not answer") as caught:
        requesting.collect(request, ca, at=clock.now())
    assert "nothing is lost" in caught.value.fix

    gate.open()
    try:
        (waiting,) = requesting.pending(tmp_path)  # as after a restart
        assert requesting.collect(waiting, ca, at=clock.now()) is not None
    finally:
        gate.shut()


def test_the_ca_asks_for_an_account_of_its_own(tmp_path_factory, tmp_path):
    secret = "zWNDZM6eQGHWpSRTPal5eIUYFTu7EajVIoguysqZ9wG44nMEtx3MUAsUDkMTQ12W"
    settings = {
        "externalAccountBindingRequired": True,
        "externalAccountMACKeys": {"kid-1": secret},
    }
    with pebble.running(tmp_path_factory.mktemp("eab"), **settings) as server:
        without = server.ca(tmp_path, server.http_server())
        request = prepare(tmp_path, NAMES[0])
        with pytest.raises(InputError, match="wants an account at the CA itself"):
            requesting.submit(request, without, at=clock.now())

        wrong = acme.ExternalAccount("kid-1", secret[::-1])
        stranger = dataclasses.replace(without, external_account=wrong)
        with pytest.raises(IssuerError, match="unauthorized") as caught:
            requesting.submit(request, stranger, at=clock.now())
        assert "EAB" in caught.value.fix

        account = acme.ExternalAccount("kid-1", secret)
        bound = dataclasses.replace(without, external_account=account)
        assert secret not in repr(bound)
        assert issue(request, bound) is not None


def test_a_torn_hmac_key_is_refused_without_showing_it():
    with pytest.raises(InputError, match="not base64url") as caught:
        acme.ExternalAccount("kid-1", "half a secret")
    with pytest.raises(InputError, match="not base64url"):
        acme.ExternalAccount("kid-1", "A")

    assert "half a secret" not in str(caught.value)


def test_the_terms_must_be_agreed_to(server, tmp_path):
    ca = server.ca(tmp_path, server.http_server(), terms_agreed=False)

    with pytest.raises(InputError, match="terms of service") as caught:
        requesting.submit(prepare(tmp_path), ca, at=clock.now())

    assert "data:text/plain" in caught.value.fix  # where pebble has its terms
    spec = CertificateSpec(("unasked.example.com",))
    with pytest.raises(InputError, match="terms of service"):
        requesting.prepare(spec, tmp_path / "new", at=clock.now(), issuer=ca)
    assert not (tmp_path / "new").exists()


def test_a_directory_whose_certificate_is_not_trusted(server, tmp_path):
    ca = server.ca(tmp_path, server.http_server(), trust=None)

    with pytest.raises(IssuerError, match="is not trusted"):
        requesting.submit(prepare(tmp_path), ca, at=clock.now())


def test_an_url_that_is_no_directory(server, tmp_path):
    url = f"https://127.0.0.1:{server.management_port}/roots/0"
    ca = server.ca(tmp_path, server.http_server(), directory=url)

    with pytest.raises(IssuerError, match="not ACME"):
        requesting.submit(prepare(tmp_path), ca, at=clock.now())


def test_a_name_that_the_ca_rejects(tmp_path_factory, tmp_path):
    blocked = {"domainBlocklist": ["blocked.example.com"]}
    with pebble.running(tmp_path_factory.mktemp("blocked"), **blocked) as server:
        ca = server.ca(tmp_path, server.http_server())
        with pytest.raises(IssuerError, match="rejectedIdentifier"):
            requesting.submit(
                prepare(tmp_path, "blocked.example.com"), ca, at=clock.now()
            )


@pytest.mark.parametrize(
    ("name", "reason"),
    [
        ("server", "short name"),
        ("server.corp", "no public domain"),
        ("server.local", "no public domain"),
        ("10.0.0.1", "address of a private network"),
        ("2001:4860:4860::8888", "for DNS names only"),
    ],
)
def test_what_no_public_ca_releases_is_said_before_anything_is_sent(
    tmp_path, name, reason
):
    nowhere = acme.AcmeCA(
        "https://127.0.0.1:1/dir", HttpServer(), tmp_path / "account.pem"
    )
    request = prepare(tmp_path, "server.example.com", name)

    with pytest.raises(InputError, match=reason):
        requesting.submit(request, nowhere, at=clock.now())

    assert signing_requests.load(request.folder).submission is None
    assert not nowhere.account_key.exists()


def test_a_wildcard_is_for_dns_01_only(tmp_path):
    request = prepare(tmp_path, "*.example.com")
    nowhere = acme.AcmeCA(
        "https://127.0.0.1:1/dir", HttpServer(), tmp_path / "account.pem"
    )

    with pytest.raises(InputError, match="proven in the DNS only"):
        requesting.submit(request, nowhere, at=clock.now())


def test_renewal_time_where_the_ca_tells_none(server, tmp_path):
    # Debian's pebble 2.4 has no renewal information (RFC 9773); 2.6 has.
    ca = server.ca(tmp_path, server.http_server())
    bundle = issue(prepare(tmp_path, NAMES[0]), ca)

    renewal = ca.renewal_time(bundle.leaf)

    assert renewal.at is None
    assert timedelta(hours=5) < renewal.ask_again - clock.now() < timedelta(hours=7)


@contextlib.contextmanager
def https_server(folder, answer):
    """Run an HTTPS server for what pebble does not do.

    Args:
        folder: for its certificate, which is also its root.
        answer: gets the path and returns status, type and text.
    """
    (port,) = pebble.free_ports(1)

    class Handler(http.server.BaseHTTPRequestHandler):
        def do_GET(self):
            self.rfile.read(int(self.headers.get("Content-Length", 0)))
            status, kind, text = answer(self.path, f"https://127.0.0.1:{port}")
            self.send_response(status)
            self.send_header("Content-Type", kind)
            self.send_header("Retry-After", "3600")
            self.send_header("Replay-Nonce", "bm9uY2U")
            self.send_header("Location", f"https://127.0.0.1:{port}/made")
            self.end_headers()
            self.wfile.write(b"" if self.command == "HEAD" else text.encode())

        do_HEAD = do_POST = do_GET  # noqa: N815

        def log_message(self, *args):
            pass

    tls = pebble.tls_files(folder)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(tls)
    server = http.server.ThreadingHTTPServer(("127.0.0.1", port), Handler)
    server.socket = context.wrap_socket(server.socket, server_side=True)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    try:
        yield f"https://127.0.0.1:{port}/dir", tls
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


@pytest.mark.parametrize(
    ("status", "kind", "text", "message"),
    [
        (503, "text/html", "<h1>maintenance</h1>", "is out of order: HTTP 503"),
        (404, "text/html", "<h1>not here</h1>", "has nothing at https://127.0.0.1"),
        (200, "text/html", "<h1>welcome</h1>", "not ACME"),
        (200, "application/json", "[]", "not ACME: no directory"),
        (200, "application/json", "{}", "not ACME: no newOrder"),
        (200, "application/json", '{"newOrder": "x"}', "not ACME: no newNonce"),
        (
            429,
            "application/problem+json",
            json.dumps(
                {
                    "type": "urn:ietf:params:acme:error:rateLimited",
                    "detail": "too many orders, retry after 2026-12-24",
                }
            ),
            "refused (rateLimited): too many orders, retry after 2026-12-24",
        ),
    ],
)
def test_what_a_server_that_is_in_trouble_says(
    tmp_path, monkeypatch, status, kind, text, message
):
    monkeypatch.setattr(acme, "RETRIES", acme.RETRIES.new(total=1, backoff_factor=0))
    with https_server(tmp_path, lambda *_: (status, kind, text)) as (url, trust):
        ca = acme.AcmeCA(
            url, HttpServer(), tmp_path / "account.pem", terms_agreed=True, trust=trust
        )
        with pytest.raises(IssuerError) as caught:
            requesting.submit(prepare(tmp_path), ca, at=clock.now())

    assert message in caught.value.message
    if status == 429:
        assert "staging" in caught.value.fix


def test_an_order_without_authorizations(tmp_path):
    def answer(path, here):
        if path == "/dir":
            names = ("newNonce", "newAccount", "newOrder")
            return (
                200,
                "application/json",
                json.dumps(dict.fromkeys(names, here + "/x")),
            )
        return 201, "application/json", '{"status": "pending"}'

    with https_server(tmp_path, answer) as (url, trust):
        ca = acme.AcmeCA(
            url, HttpServer(), tmp_path / "account.pem", terms_agreed=True, trust=trust
        )
        request = prepare(tmp_path)
        with pytest.raises(IssuerError, match="an order without authorizations"):
            ca.submit(request.csr)
        order = Order(ca.name, url.replace("/dir", "/made"), request.csr)
        with pytest.raises(IssuerError, match="an order without authorizations"):
            ca.collect(order)


def test_an_order_that_the_ca_does_not_know(server, tmp_path):
    ca = server.ca(tmp_path, server.http_server())
    request = requesting.submit(prepare(tmp_path, NAMES[0]), ca, at=clock.now())
    lost = dataclasses.replace(request.order, reference=request.order.reference + "x")

    with pytest.raises(IssuerError, match="has nothing at") as caught:
        ca.collect(lost)

    assert lost.reference in caught.value.message

    assert "withdraw" in caught.value.fix


def test_renewal_time_where_the_ca_tells_one(tmp_path):
    # Debian's pebble has none, so this server speaks RFC 9773 and nothing else.
    now = clock.now()
    start, end = now + 20 * forge.DAY, now + 22 * forge.DAY
    asked = []

    def answer(path, here):
        asked.append(path)
        window = {"start": start.isoformat(), "end": end.isoformat()}
        listed = {"newOrder": f"{here}/order", "renewalInfo": f"{here}/ari"}
        body = listed if path == "/dir" else {"suggestedWindow": window}
        return 200, "application/json", json.dumps(body)

    leaf = forge.chain(not_before=now - forge.DAY).leaf
    with https_server(tmp_path, answer) as (url, trust):
        ca = acme.AcmeCA(url, HttpServer(), tmp_path / "account.pem", trust=trust)
        renewal = ca.renewal_time(leaf)
        young = due.when(leaf, ca, at=start - forge.DAY)
        old = due.when(leaf, ca, at=end + forge.DAY)

    assert (False, True) == (young.reached, old.reached)
    assert "its certification authority says so" == old.why
    assert start <= renewal.at <= end
    assert timedelta(minutes=55) < renewal.ask_again - now < timedelta(minutes=65)
    assert asked[1].startswith("/ari/")
    assert not ca.account_key.exists()


def test_renewal_with_the_same_key(server, tmp_path):
    ca = server.ca(tmp_path, server.http_server())
    old = issue(prepare(tmp_path), ca)

    spec = requesting.renewal_spec(old.leaf)
    request = requesting.prepare(
        spec, tmp_path, at=clock.now(), private_key=old.private_key, again=True
    )
    new = issue(request, ca)

    assert set(NAMES) == set(spec.server_names)
    assert new.thumbprint != old.thumbprint
    assert keys.same_key(new.leaf.public_key(), old.leaf.public_key())


def test_a_hook_gets_no_passphrase(monkeypatch):
    monkeypatch.setenv("CERTLIB_PASSPHRASE", "secret")
    monkeypatch.setenv("ZONE_TOKEN", "its own")
    code = "import os, sys; sys.exit('|'.join(map(str, map(os.environ.get, %s))))"
    wanted = ["CERTLIB_PASSPHRASE", "ZONE_TOKEN"]
    hook = command_hook([sys.executable, "-c", code % wanted])
    with pytest.raises(InputError, match=r"None\|its own"):
        hook("add", "_acme-challenge.example.com", "value")


@contextlib.contextmanager
def endless(folder, head, pause):
    """Run an HTTPS server whose answer goes on for ever; yield its URL and root."""
    tls = pebble.tls_files(folder)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(tls)
    stop = threading.Event()

    def talk(listener):
        with contextlib.suppress(OSError):
            while True:
                connection, _ = listener.accept()
                with contextlib.suppress(OSError), connection:
                    connection.recv(65536)
                    connection.sendall(head)
                    while not stop.wait(pause):
                        connection.sendall(b"a" if pause else b"a" * 65536)

    plain = socket.create_server(("127.0.0.1", 0))
    with context.wrap_socket(plain, server_side=True) as listener:
        threading.Thread(target=talk, args=(listener,), daemon=True).start()
        yield f"https://127.0.0.1:{listener.getsockname()[1]}/dir", tls
        stop.set()


@pytest.mark.parametrize(
    ("head", "pause", "message"),
    [
        (b"HTTP/1.1 200 OK\r\n\r\n", 0, "has more than 1,048,576 bytes"),
        (b"HTTP/1.1 200 OK\r\n\r\n", 0.05, "no whole answer within 1 seconds"),
        (b"HTTP/1.1 200 OK\r\nX: ", 0.05, "no whole answer within 1 seconds"),
    ],
    ids=["endless", "dripping", "dripping head"],
)
def test_no_answer_is_endless(tmp_path, monkeypatch, head, pause, message):
    monkeypatch.setattr(acme, "DEADLINE", 20.0 if pause == 0 else 1.0)
    with endless(tmp_path, head, pause) as (url, root):
        ca = acme.AcmeCA(
            url, HttpServer(), tmp_path / "account.pem", terms_agreed=True, trust=root
        )
        with pytest.raises(IssuerError, match=message):
            ca.submit(prepare(tmp_path).csr)


def test_answers_are_not_waited_for_without_end_however_many_there_are(tmp_path):
    head = b"HTTP/1.1 200 OK\r\nContent-Length: 9999\r\n\r\n"
    with endless(tmp_path, head, 0.05) as (url, root), requests.Session() as session:
        bounded = BoundedAdapter(most=9999, deadline=0.5, together=0.8)
        session.mount("https://", bounded)
        said = []
        for _ in range(3):
            with pytest.raises(requests.exceptions.ReadTimeout) as caught:
                session.get(url, verify=str(root))
            said.append(str(caught.value))
    alone, together = "within 0.5 seconds", "took too long together"
    assert [True, False, False] == [alone in text for text in said]
    assert [False, True, True] == [together in text for text in said]


def test_what_its_answers_lead_to_is_bounded_too(tmp_path):
    """The directory may name addresses without TLS."""
    ca = acme.AcmeCA("https://127.0.0.1:1/dir", HttpServer(), tmp_path / "account.pem")
    with ca._network() as network:
        for url in ("https://127.0.0.1/", "http://127.0.0.1/"):
            assert isinstance(network.session.get_adapter(url), BoundedAdapter)


def test_an_odd_address_or_root_is_said_before_anything_is_sent(tmp_path):
    here = {"solver": HttpServer(), "account_key": tmp_path / "account.pem"}
    csr = prepare(tmp_path).csr
    ours = acme.AcmeCA("https://me:word@127.0.0.1:1/dir", **here)
    with pytest.raises(InputError, match=r"\*\*\*@127.0.0.1:1/dir has a name"):
        ours.submit(csr)
    ours = acme.AcmeCA("https://127.0.0.1:1/dir", **here, trust=tmp_path / "none.pem")
    with pytest.raises(InputError, match=r"none.pem does not exist"):
        ours.submit(csr)


@pytest.mark.parametrize("text", ["[" * 100_000, "1", "null", '{"newOrder": 1}'])
def test_odd_json_is_not_acme(tmp_path, text):
    answer = (200, "application/json", text)
    with https_server(tmp_path, lambda *_: answer) as (url, root):
        ca = acme.AcmeCA(
            url, HttpServer(), tmp_path / "account.pem", terms_agreed=True, trust=root
        )
        with pytest.raises(IssuerError, match="not ACME"):
            ca.submit(prepare(tmp_path).csr)
