"""Proxies: servers are reached by CONNECT, through a real one (tinyproxy)."""

from __future__ import annotations

import contextlib
import itertools
import os
import socket
import ssl
import subprocess
import sys
import threading
import time
from dataclasses import replace
from pathlib import Path

import forge
import pytest
from components import missing, require, running
from pebble import free_ports

from certlib import auditing, endpoints
from certlib.auditing import settings
from certlib.endpoints import proxies, serving
from certlib.endpoints.endpoint import in_brackets
from certlib.errors import EndpointError, InputError
from certlib.keys import write_private_key
from certlib.reports import nightly
from certlib.stores import practice_machine

LOCAL = "127.0.0.1"
BUNDLE = forge.chain()


class Running:
    """A proxy, and what its log says."""

    def __init__(self, port, log):
        self.url, self.log = f"http://{LOCAL}:{port}", log

    @property
    def led(self):
        """How often it was asked to lead somewhere."""
        return self.log.read_text().count("CONNECT ")


@contextlib.contextmanager
def proxy(folder, *more):
    program = require("tinyproxy")
    port, log = free_ports(1)[0], folder / "proxy.log"
    log.touch()
    lines = (f"Port {port}", f"Listen {LOCAL}", "Timeout 20", f'LogFile "{log}"')
    config = folder / "proxy.conf"
    config.write_text("\n".join((*lines, "LogLevel Connect", *more, "")))
    with running(port, program, "-d", "-c", config):
        yield Running(port, log)


def through(endpoint, url):
    return replace(endpoint, proxy=proxies.parse(url))


def test_a_server_is_read_through_a_proxy(tmp_path):
    with proxy(tmp_path) as way, serving.serve(BUNDLE) as server:
        seen = endpoints.look(through(server, way.url))
        assert way.led
    assert BUNDLE.leaf == seen.leaf
    assert seen.error is None


@pytest.fixture
def mail(tmp_path):
    """A mail server, which speaks first and goes over to TLS."""
    with mail_at(tmp_path, LOCAL) as server:
        yield server


@contextlib.contextmanager
def mail_at(tmp_path, host, tls="tls_context"):
    try:
        from aiosmtpd.controller import Controller
    except ImportError:
        missing("the package aiosmtpd")
    pem = tmp_path / "mail.pem"
    pem.write_bytes(BUNDLE.to_pem(None) + write_private_key(BUNDLE.private_key, None))
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(pem)
    server = Controller(object(), host, free_ports(1)[0], **{tls: context})
    server.start()
    try:
        yield endpoints.parse(f"smtp://{in_brackets(host)}:{server.port}")
    finally:
        server.stop()


def test_who_speaks_first_behind_a_proxy_is_heard(tmp_path, mail):
    with proxy(tmp_path) as way:
        for _ in range(10):  # its greeting may come together with the proxy's answer
            assert BUNDLE.leaf == endpoints.look(through(mail, way.url)).leaf


def test_an_ipv6_address_is_reached_with_and_without_a_proxy(tmp_path):
    six = "::1"
    try:
        socket.create_server((six, 0), family=socket.AF_INET6).close()
    except OSError:
        missing("IPv6 on loopback")
    with (
        proxy(tmp_path) as way,
        mail_at(tmp_path, six, "ssl_context") as server,
        mail_at(tmp_path, six) as mail,
    ):
        at, machine = f"[::1]:{server.port}", practice_machine(tmp_path)
        for text in (at, f"tls://{at}", f"smtp://[::1]:{mail.port}"):
            asked = endpoints.parse(text)
            assert text in (asked.address, str(asked), f"tls://{asked.address}")
            assert BUNDLE.leaf == endpoints.look(asked).leaf
            before = way.led
            assert BUNDLE.leaf == endpoints.look(through(asked, way.url)).leaf
            assert way.led > before
        (found,) = auditing.source(f"tls://{at}", machine, proxy=proxies.parse(way.url))
        assert (at, BUNDLE.leaf) == (found.place, found.leaf)
        for none in (six, f"[{six}]", at, "example.com"):
            before = way.led
            env = {"HTTPS_PROXY": way.url, "NO_PROXY": none}
            done = certlib("audit", "--host", at, "--fail-on=never", **env)
            assert (0, True) == (done.returncode, at in done.stdout), done.stderr
            assert (none == "example.com") == (way.led > before)


def test_a_proxy_that_wants_a_name_and_a_password(tmp_path):
    with (
        proxy(tmp_path, "BasicAuth jane hunter2") as way,
        serving.serve(BUNDLE) as server,
    ):
        right = through(server, way.url.replace("//", "//jane:hunter2@"))
        assert BUNDLE.leaf == endpoints.look(right).leaf
        assert "hunter2" not in repr(right) + repr(right.proxy) + str(right.proxy)
        assert right.proxy.login not in repr(right.proxy)
        wrong = through(server, way.url.replace("//", "//jane:hunter3@"))
        for one in (wrong, through(server, way.url)):
            error = endpoints.look(one).error
            assert isinstance(error, EndpointError)
            assert "the proxy" in error.message
            assert "40" in error.message
            assert "hunter" not in str(error)


def test_a_proxy_that_is_not_there_or_leads_nowhere(tmp_path):
    server = endpoints.parse(f"{LOCAL}:{free_ports(1)[0]}")
    gone = endpoints.look(through(server, f"http://{LOCAL}:{free_ports(1)[0]}"))
    assert "the proxy" in gone.error.message
    with proxy(tmp_path) as way:
        nowhere = endpoints.look(through(server, way.url))
        assert "does not lead to" in nowhere.error.message
    with socket.create_server((LOCAL, 0)) as silent:
        start = time.monotonic()
        url = f"http://{LOCAL}:{silent.getsockname()[1]}"
        mute = endpoints.look(through(server, url), deadline=1)
        assert 10 > time.monotonic() - start
    assert "within 1 s" in mute.error.message or "timed out" in mute.error.message


@pytest.mark.parametrize("begin", [b"HTTP/1.1 200 OK\r\n", b"HTTP"])
def test_a_proxy_that_drips_for_ever_holds_nobody(begin):
    def drip(server):
        peer, _ = server.accept()
        with contextlib.suppress(OSError):
            peer.sendall(begin)
            while True:
                peer.sendall(b"/: a\r\n")
                time.sleep(0.1)

    with socket.create_server((LOCAL, 0)) as server:
        threading.Thread(target=drip, args=(server,), daemon=True).start()
        url = f"http://{LOCAL}:{server.getsockname()[1]}"
        target = endpoints.parse("192.0.2.1:443")
        before = set(threading.enumerate())
        assert endpoints.look(through(target, url), deadline=1).error is not None
        # Python would wait for them at its end.
        left = set(threading.enumerate()) - before
        for one in [thread for thread in left if not thread.daemon]:
            one.join(10)
            assert not one.is_alive(), one.name


@pytest.mark.parametrize(
    "text", ["socks5://a:1080", "https://a", "http://", "a:b:c", "http://u:secret@:8"]
)
def test_what_is_no_http_proxy(text):
    with pytest.raises(InputError, match="no HTTP proxy") as raised:
        proxies.parse(text)
    assert "secret" not in str(raised.value)


def certlib(*words, **env):
    there = {k: v for k, v in os.environ.items() if not k.lower().endswith("_proxy")}
    return subprocess.run(
        [sys.executable, "-m", "certlib", *words],
        capture_output=True,
        encoding="utf-8",
        env=there | {"PYTHONIOENCODING": "utf-8"} | env,
        timeout=120,
    )


def test_the_commands_take_a_proxy_and_that_of_the_environment(tmp_path):
    with proxy(tmp_path) as way, serving.serve(BUNDLE) as server:
        at = server.address
        asked = ("audit", f"tls://{at}", "--fail-on=never")
        led = [0]
        for words, env in (
            ((*asked, "--proxy", way.url), {}),
            (asked, {"HTTPS_PROXY": way.url}),
            (("check", at), {"HTTPS_PROXY": way.url}),
            (asked, {"ALL_PROXY": way.url, "NO_PROXY": "example.com"}),
            (asked, {"HTTPS_PROXY": way.url, "NO_PROXY": f"a.example,{LOCAL}"}),
            (asked, {"HTTPS_PROXY": way.url, "NO_PROXY": at}),
            (asked, {"HTTPS_PROXY": way.url, "NO_PROXY": "*"}),
            (asked, {}),
        ):
            done = certlib(*words, **env)
            assert done.returncode in (0, 1), done.stderr
            assert "Not read" not in done.stdout
            led.append(way.led)
    more = [new > old for old, new in itertools.pairwise(led)]
    assert [True, True, True, True, False, False, False, False] == more
    bad = certlib("check", at, "--proxy=socks5://a:1")
    assert (2, True) == (bad.returncode, "--proxy" in bad.stderr)


def test_a_list_and_a_night_go_through_a_proxy(tmp_path):
    machine = practice_machine(tmp_path)
    with proxy(tmp_path) as way, serving.serve(BUNDLE) as server:
        (tmp_path / "servers.txt").write_text(f"{server.address}\n")
        by = proxies.parse(way.url)
        source = auditing.source(str(tmp_path / "servers.txt"), machine, proxy=by)
        assert [BUNDLE.leaf] == [one.leaf for one in source]
        before = way.led
        (path := tmp_path / "fleet.toml").write_text(
            f'history = "a.db"\nproxy = "{way.url}"\n'
            f'[[group]]\nsources = ["tls://{server.address}"]\n'
        )
        night = nightly.run(settings.read(Path(path)), machine, at=forge.AT)
        assert way.led > before
    assert [BUNDLE.leaf.subject.rfc4514_string()] == [
        one.summary.subject for one in night.results
    ]
