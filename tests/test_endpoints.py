"""Endpoints: what a server presents, and every way in which it does not."""

import asyncio
import contextlib
import itertools
import socket
import ssl
import threading
import time
import urllib.request
from dataclasses import replace

import forge
import pytest

from certlib import clock, endpoints, importing, keys
from certlib.bundles import Bundle
from certlib.endpoints import Endpoint, serving
from certlib.errors import EndpointError, InputError
from certlib.stores import INTERMEDIATE, PERSONAL, practice_machine

LOCAL = "127.0.0.1"


@contextlib.contextmanager
def talking(say: bytes, *, read: bool = True):
    """Run a TCP server that answers every connection with some bytes."""
    with socket.create_server((LOCAL, 0)) as listener:

        def work():
            with contextlib.suppress(OSError):
                while True:
                    connection, _ = listener.accept()
                    if read:
                        connection.recv(4096)
                    connection.sendall(say)
                    connection.close()

        threading.Thread(target=work, daemon=True).start()
        yield Endpoint(LOCAL, listener.getsockname()[1])


@contextlib.contextmanager
def hanging():
    """Accept connections and never say a word."""
    with socket.create_server((LOCAL, 0)) as listener:
        yield Endpoint(LOCAL, listener.getsockname()[1])


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("server.example.com:8165", ("server.example.com", 8165)),
        ("tls://server.example.com", ("server.example.com", 443)),
        ("TLS://Server.Example.COM:8197", ("server.example.com", 8197)),
        ("https://server.example.com:8165/path?q=1", ("server.example.com", 8165)),
        ("[::1]:443", ("::1", 443)),
        ("::1", ("::1", 443)),
        ("10.0.0.1", ("10.0.0.1", 443)),
        ("müller.example:443", ("xn--mller-kva.example", 443)),
    ],
)
def test_an_address_is_read(text, expected):
    endpoint = endpoints.parse(text)
    assert (endpoint.host, endpoint.port) == expected
    assert endpoint.server_name == endpoint.host


@pytest.mark.parametrize(
    "text",
    [
        "",
        "host:",
        "host:0",
        "host:65536",
        "a b:1",
        "ftp://host:21",
        "host:port",
        "::1:x",
    ],
)
def test_what_is_no_address_is_refused(text):
    with pytest.raises(InputError):
        endpoints.parse(text)


def test_an_endpoint_says_its_name_and_its_url():
    assert str(Endpoint("::1", 443)) == Endpoint("::1", 443).address == "[::1]:443"
    assert "https://[::1]:443/" == Endpoint("::1", 443).url
    behind = Endpoint(LOCAL, 8165, "server.example.com")
    assert "127.0.0.1:8165 (server.example.com)" == str(behind)
    assert "https://server.example.com:8165/" == behind.url


def test_the_whole_chain_is_presented_without_the_root():
    bundle = forge.chain()
    with serving.serve(bundle) as endpoint:
        presented = endpoints.look(endpoint)
    assert presented.chain == (bundle.leaf, bundle.chain[0])
    assert presented.leaf == bundle.leaf
    assert "TLSv1.3" == presented.protocol
    assert presented.error is None
    assert "server.example.com" == endpoint.server_name


@pytest.mark.parametrize(
    "bundle",
    [
        forge.leaf(not_before=forge.AT - 900 * forge.DAY),
        forge.leaf(san=None),
        forge.leaf(private_key=forge.key(kind="ECDSA-P384")),
        forge.leaf(private_key=forge.key(kind="RSA-2048"), issuer=forge.ca("gone")),
    ],
    ids=["expired", "no-san", "ecdsa", "unknown-root"],
)
def test_whatever_is_wrong_with_a_certificate_it_is_read(bundle):
    with serving.serve(bundle, server_name="server.example.com") as endpoint:
        assert endpoints.look(endpoint).leaf == bundle.leaf


def test_a_real_client_reads_the_page():
    bundle = forge.leaf(not_before=clock.now() - forge.DAY, san=["localhost"])
    trust = ssl.create_default_context(cadata=bundle.to_der())
    with serving.serve(bundle, host="127.0.0.1") as endpoint:
        url = f"https://localhost:{endpoint.port}/"
        with urllib.request.urlopen(url, context=trust, timeout=10) as response:
            page = response.read().decode()
    assert bundle.thumbprint in page


def test_the_page_escapes_what_the_certificate_says():
    bundle = forge.leaf(common_name="<script>")
    with serving.serve(bundle) as endpoint:
        context = ssl._create_unverified_context()
        address = f"https://{LOCAL}:{endpoint.port}/"
        with urllib.request.urlopen(address, context=context, timeout=10) as response:
            assert b"<script>" not in response.read()


def test_a_wildcard_is_asked_for_by_its_domain():
    with serving.serve(forge.leaf(san=["*.example.com"])) as endpoint:
        assert "example.com" == endpoint.server_name


def test_a_port_that_is_taken_is_named():
    with (
        serving.serve(forge.leaf()) as endpoint,
        pytest.raises(EndpointError, match=f"the port {endpoint.port} on {LOCAL}"),
        serving.serve(forge.leaf(), port=endpoint.port),
    ):
        pass


def test_a_port_is_free_again_afterwards():
    with serving.serve(forge.leaf()) as endpoint:
        endpoints.look(endpoint)
    with serving.serve(forge.leaf(), port=endpoint.port) as again:
        assert again.port == endpoint.port


@pytest.mark.parametrize(
    "bundle",
    [
        replace(forge.leaf(), private_key=None),
        forge.leaf(private_key=forge.key(kind="RSA-1024")),
    ],
    ids=["no-key", "weak-key"],
)
def test_what_cannot_be_served_is_refused(bundle):
    with pytest.raises(InputError), serving.serve(bundle):
        pass


@pytest.mark.parametrize("exportable", [True, False])
def test_a_certificate_of_a_store_is_served_if_its_key_may_leave(tmp_path, exportable):
    machine, bundle = practice_machine(tmp_path), forge.chain()
    machine.open(INTERMEDIATE).add(Bundle(bundle.chain[0]))
    machine.open(PERSONAL).add(bundle, exportable=exportable)
    if exportable:
        servable = importing.servable(machine, bundle.thumbprint)
        assert servable.certificates == bundle.certificates[:2]
        assert servable.private_key is not None
    else:
        with pytest.raises(InputError, match="may not leave"):
            importing.servable(machine, bundle.thumbprint)


def test_no_key_is_left_on_the_disk(tmp_path, monkeypatch):
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    with serving.serve(forge.leaf()):
        assert [] == list(tmp_path.rglob("*"))


def failure(endpoint, deadline=5.0):
    error = endpoints.look(endpoint, deadline=deadline).error
    assert isinstance(error, EndpointError)
    assert error.fix
    return error.message


def test_an_unknown_host():
    assert "is unknown" in failure(Endpoint("no-such-host.invalid", 443))


def test_a_refused_connection():
    with socket.create_server((LOCAL, 0)) as listener:
        port = listener.getsockname()[1]
    expected = f"{LOCAL}:{port} refuses the connection: nothing listens on this port"
    assert failure(Endpoint(LOCAL, port)) == expected


@pytest.mark.parametrize(
    ("say", "expected"),
    [
        (b"HTTP/1.1 400 Bad Request\r\n\r\n", "plain HTTP"),
        (b"SSH-2.0-OpenSSH_9.2\r\n", "SSH"),
        (b"220 mail.example.com ESMTP\r\n", "a greeting as mail and FTP servers"),
        (b"\x00\x01binary", "..binary"),
    ],
)
def test_another_protocol(say, expected):
    with talking(say) as endpoint:
        assert f"does not speak TLS: it answers with {expected}" in failure(endpoint)


def test_a_connection_that_is_closed():
    with talking(b"") as endpoint:
        assert "closes the connection in the TLS handshake" in failure(endpoint)


def test_a_tls_alert():
    alert = b"\x15\x03\x03\x00\x02\x02\x28"  # fatal, handshake_failure
    with talking(alert) as endpoint:
        assert "speaks TLS, and the handshake fails" in failure(endpoint)


def test_a_torn_handshake():
    with talking(b"\x16\x03\x03\x00\x40\x02") as endpoint:
        assert "closes the connection" in failure(endpoint)


def test_a_server_that_hangs_has_its_deadline():
    start = time.monotonic()
    with hanging() as endpoint:
        message = failure(endpoint, deadline=0.3)
    assert message.endswith("does not answer the TLS handshake within 0.3 s")
    assert time.monotonic() - start < 3


def test_hundreds_at_once_and_those_that_hang_cost_one_deadline():
    with serving.serve(forge.leaf()) as good, hanging() as bad:
        start = time.monotonic()
        asked = [good] * 300 + [bad] * 100
        found = list(endpoints.probe_many(asked, deadline=8, at_once=400))
    assert time.monotonic() - start < 20
    assert 300 == sum(p.error is None for p in found)
    assert {p.endpoint for p in found if p.error} == {bad}


def test_endpoints_are_a_stream_of_any_length():
    with serving.serve(forge.leaf()) as endpoint:
        endless = endpoints.probe_many(itertools.repeat(endpoint), at_once=4)
        found = list(itertools.islice(endless, 20))
        endless.close()
    assert [None] * 20 == [p.error for p in found]


def test_a_reader_that_stops_ends_the_work():
    def threads():
        return {t for t in threading.enumerate() if t.name == "certlib-endpoints"}

    before = threads()
    answers = endpoints.probe_many(
        itertools.repeat(endpoints.parse("[::1]:1")), at_once=2
    )
    assert next(answers) is not None
    (work,) = threads() - before
    answers.close()
    work.join(5)
    assert not work.is_alive()


def test_what_the_callers_stream_raises_comes_out():
    def stream():
        raise InputError("line 1 of hosts.txt is not an address", fix="correct it")
        yield

    with pytest.raises(InputError, match="line 1"):
        list(endpoints.probe_many(stream()))


def test_it_works_inside_a_running_event_loop():
    async def cell():
        with serving.serve(forge.leaf()) as endpoint:
            return endpoints.look(endpoint), await endpoints.probe(endpoint)

    plain, awaited = asyncio.run(cell())
    assert plain.error is awaited.error is None


def test_nothing_to_look_at():
    assert [] == list(endpoints.probe_many([]))


def test_a_bundle_in_a_result_shows_no_bytes():
    with serving.serve(forge.leaf()) as endpoint:
        assert "der=" not in repr(endpoints.look(endpoint))


@contextlib.contextmanager
def serving_der(data, folder):
    """Serve a certificate that no builder makes; its key is the first of the pool."""
    path = folder / "odd.pem"
    key = keys.write_private_key(forge.key(), None)
    path.write_bytes(ssl.DER_cert_to_PEM_cert(data).encode() + key)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(path)
    with socket.create_server((LOCAL, 0)) as listener:

        def work():
            with contextlib.suppress(OSError):
                while True:
                    connection, _ = listener.accept()
                    with context.wrap_socket(connection, server_side=True) as shaken:
                        shaken.recv(1)

        threading.Thread(target=work, daemon=True).start()
        yield Endpoint(LOCAL, listener.getsockname()[1])


def test_a_certificate_that_cannot_be_read_is_there_as_bytes(tmp_path):
    data = forge.unparsable()
    with serving_der(data, tmp_path) as endpoint:
        presented = endpoints.look(endpoint)
    assert presented.der == (data,)
    assert () == presented.chain
    assert "a certificate that cannot be read: 4 is not" in presented.error.message


def test_an_odd_server_costs_the_others_nothing(tmp_path):
    with (
        serving_der(forge.unparsable(), tmp_path) as odd,
        serving.serve(forge.leaf()) as good,
    ):
        found = list(endpoints.probe_many([odd, good, odd, good], at_once=1))
    assert [False, True, False, True] == [p.error is None for p in found]


class PanicException(BaseException):
    """What a parser written in Rust raises when it breaks down."""


def test_a_parser_that_breaks_down_costs_one_server(monkeypatch):
    def break_down(endpoint):
        raise PanicException("of a library")

    with serving.serve(forge.leaf()) as endpoint:
        monkeypatch.setattr(endpoints.handshake, "connection_to", break_down)
        error = endpoints.look(endpoint).error
    assert isinstance(error, EndpointError)
    assert "answers in a way that cannot be read" in error.message


@pytest.mark.timeout(20)
def test_whatever_ends_the_loop_reaches_the_reader():
    def stream():
        raise PanicException("in the caller's stream")
        yield

    with pytest.raises(PanicException):
        list(endpoints.probe_many(stream()))


@pytest.mark.timeout(20)
def test_a_loop_that_does_not_start_keeps_nobody_waiting(monkeypatch):
    def refuse(work):
        work.close()
        raise OSError("too many open files")

    monkeypatch.setattr(endpoints.probing.asyncio, "run", refuse)
    with pytest.raises(OSError, match="too many open files"):
        endpoints.look(Endpoint(LOCAL, 443))


@pytest.mark.parametrize("at_once", [0, -1])
@pytest.mark.timeout(20)
def test_none_at_once_is_refused(at_once):
    with pytest.raises(InputError, match="would be none"):
        list(endpoints.probe_many([Endpoint(LOCAL, 443)], at_once=at_once))


@pytest.mark.parametrize("host", ["127.0.0.1", "127.1.2.3", "localhost"])
def test_a_practice_server_is_for_this_computer(host):
    with serving.serve(forge.leaf(), host=host) as endpoint:
        assert host == endpoint.host


@pytest.mark.parametrize("host", ["", "0.0.0.0", "::", "192.0.2.1", "server.test"])
def test_nobody_else_reaches_a_practice_server(host):
    with (
        pytest.raises(InputError, match="is no loopback address"),
        serving.serve(forge.leaf(), host=host),
    ):
        pass
