"""Opening: services that go over to TLS, real ones of Debian."""

from __future__ import annotations

import contextlib
import os
import socket
import threading
from collections.abc import Iterator
from dataclasses import replace

import forge
import pytest
from components import missing, require, running
from pebble import free_ports

from certlib import auditing, endpoints
from certlib.endpoints import Endpoint, lists
from certlib.errors import EndpointError
from certlib.keys import write_private_key
from certlib.stores import practice_machine

LOCAL = "127.0.0.1"
RSA = forge.chain()


def as_root() -> None:
    if os.geteuid() != 0:
        missing("the right to start it (root)")


@pytest.fixture
def files(tmp_path):
    tmp_path.chmod(0o755)
    cert, key = tmp_path / "cert.pem", tmp_path / "key.pem"
    cert.write_bytes(replace(RSA, chain=RSA.chain[:1], private_key=None).to_pem())
    key.write_bytes(write_private_key(RSA.private_key, None))
    return tmp_path, cert, key


DOVECOT = """\
base_dir = {folder}/run
state_dir = {folder}/state
log_path = {folder}/log
listen = 127.0.0.1
protocols = imap pop3 submission
ssl = required
ssl_cert = <{cert}
ssl_key = <{key}
mail_location = maildir:{folder}/mail
passdb {{
  driver = static
  args = password=none
}}
userdb {{
  driver = static
  args = uid=65534 gid=65534 home={folder}
}}
submission_relay_host = 127.0.0.1
service imap-login {{
  chroot =
  inet_listener imap {{
    port = {imap}
  }}
  inet_listener imaps {{
    port = 0
  }}
}}
service pop3-login {{
  chroot =
  inet_listener pop3 {{
    port = {pop3}
  }}
  inet_listener pop3s {{
    port = 0
  }}
}}
service submission-login {{
  chroot =
  inet_listener submission {{
    port = {smtp}
  }}
}}
"""


@pytest.mark.parametrize("before", ["imap", "pop3", "smtp"])
def test_a_mail_server_goes_over_to_tls(files, before):
    program = require("dovecot")
    as_root()
    folder, cert, key = files
    ports = {name: free_ports(1)[0] for name in ("imap", "pop3", "smtp")}
    conf = folder / "dovecot.conf"
    conf.write_text(DOVECOT.format(folder=folder, cert=cert, key=key, **ports))
    with running(ports[before], program, "-F", "-c", conf):
        presented = endpoints.look(
            endpoints.parse(f"{before}://{LOCAL}:{ports[before]}")
        )
    assert (None, RSA.certificates[:2]) == (presented.error, presented.chain)


def test_a_directory_goes_over_to_tls(files):
    program = require("slapd")
    folder, cert, key = files
    conf = folder / "slapd.conf"
    conf.write_text(
        f"TLSCertificateFile {cert}\nTLSCertificateKeyFile {key}\n"
        f"pidfile {folder}/pid\n"
    )
    port = free_ports(1)[0]
    options = ("-f", conf, "-h", f"ldap://{LOCAL}:{port}", "-d", "0")
    with running(port, program, *options):
        presented = endpoints.look(endpoints.parse(f"ldap://{LOCAL}:{port}"))
    assert (None, RSA.leaf) == (presented.error, presented.leaf)


XRDP = """\
[Globals]
ini_version=1
port=tcp://127.0.0.1:{port}
security_layer={layer}
certificate={cert}
key_file={key}
[Logging]
LogFile={folder}/xrdp.log
LogLevel=INFO
EnableSyslog=0
[Xorg]
name=Xorg
lib=libxup.so
"""


@pytest.mark.parametrize("layer", ["tls", "rdp"])
def test_a_remote_desktop_goes_over_to_tls_if_it_has_it(files, layer):
    program = require("xrdp")
    as_root()
    folder, cert, key = files
    port = free_ports(1)[0]
    conf = folder / "xrdp.ini"
    conf.write_text(
        XRDP.format(port=port, layer=layer, cert=cert, key=key, folder=folder)
    )
    with running(port, program, "--nodaemon", "--config", conf):
        presented = endpoints.look(endpoints.parse(f"rdp://{LOCAL}:{port}"))
    if layer == "tls":
        assert (None, RSA.leaf) == (presented.error, presented.leaf)
    else:
        assert isinstance(presented.error, EndpointError)
        assert "does not go over to TLS" in presented.error.message


@contextlib.contextmanager
def saying(*answers: bytes) -> Iterator[int]:
    """Answer what a client says, line by line, and then no more."""
    with socket.create_server((LOCAL, 0)) as listener:

        def work() -> None:
            with contextlib.suppress(OSError):
                connection, _ = listener.accept()
                for answer in answers:
                    connection.sendall(answer)
                    connection.recv(100)
                connection.close()

        threading.Thread(target=work, daemon=True).start()
        yield listener.getsockname()[1]


@pytest.mark.parametrize(
    ("before", "answers"),
    [
        ("smtp", [b"220 a ESMTP\r\n", b"250 a\r\n", b"502 not here\r\n"]),
        ("smtp", [b"554 go away\r\n"]),
        ("smtp", [b"220-" + b"x" * 100_000]),
        ("smtp", [b"220-x\r\n" * 1000]),
        ("imap", [b"* OK hello\r\n", b"a BAD no\r\n"]),
        ("pop3", [b"-ERR\r\n"]),
        ("ldap", [b"\x30\x0c\x02\x01\x01\x78\x07\x0a\x01\x02\x04\x00\x04\x00"]),
        ("ldap", [b"HTTP/1.1 400 Bad\r\n"]),
        ("rdp", [b"\x03\0\0\x13\x0e\xd0\0\0\0\0\0\x03\0\x08\0\x02\0\0\0"]),
        ("rdp", [b""]),
    ],
)
def test_what_does_not_go_over_to_tls_is_told(before, answers):
    with saying(*answers) as port:
        error = endpoints.look(Endpoint(LOCAL, port, before=before), deadline=3).error
    assert isinstance(error, EndpointError)
    assert error.fix
    assert f"{before}://{LOCAL}:{port}" in error.message


@pytest.mark.parametrize(
    ("text", "port", "before"),
    [
        ("smtp://mail.example.com", 25, "smtp"),
        ("SMTP://mail.example.com:587", 587, "smtp"),
        ("smtps://mail.example.com", 465, ""),
        ("imap://mail.example.com", 143, "imap"),
        ("ldap://dc.example.com/", 389, "ldap"),
        ("ldaps://dc.example.com", 636, ""),
        ("rdp://dc.example.com", 3389, "rdp"),
    ],
)
def test_a_url_says_what_leads_to_tls(text, port, before):
    found = endpoints.parse(text)
    assert (port, before) == (found.port, found.before)
    (line,) = lists.read(f"{text}\n".encode())
    assert found == line.server


def test_an_audit_takes_such_a_url(tmp_path):
    machine = practice_machine(tmp_path)
    source = auditing.source("rdp://dc.example.com", machine)
    assert (Endpoint("dc.example.com", 3389, before="rdp"),) == source.servers
