"""Clients: what real client programs say to a server's certificate.

Each verifies by its own rules and says so in its own words. They are the
programs of this computer; one that is not installed is named and left out.
"""

from __future__ import annotations

import importlib.resources
import os
import re
import shutil
import socket
import ssl
import subprocess  # the clients are other programs
import sys
import tempfile
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from cryptography import x509

from certlib import names
from certlib.endpoints import Endpoint, browser
from certlib.errors import EndpointError
from certlib.files.environment import for_programs

DEADLINE = 30.0
"""Seconds that a client has: a browser and a Java machine start slowly."""

NO_COMPLAINT = "no complaint"

TRUST_VARIABLES = (
    "SSL_CERT_FILE",
    "SSL_CERT_DIR",
    "CURL_CA_BUNDLE",
    "REQUESTS_CA_BUNDLE",
    "NODE_EXTRA_CA_CERTS",
)
"""Where an environment tells programs whom to trust besides the roots given."""


@dataclass(frozen=True)
class Verdict:
    """What a client said.

    Attributes:
        client: its name.
        library: whose TLS it uses.
        accepted: whether it accepted the certificate; None if it could not be
            asked.
        words: its own words.
    """

    client: str
    library: str
    accepted: bool | None
    words: str

    def __str__(self) -> str:
        said = {True: "accepts", False: "REFUSES", None: "not asked"}[self.accepted]
        return f"{self.client} ({self.library}): {said}: {self.words}"


@dataclass(frozen=True)
class Question:
    """What a client is asked.

    Attributes:
        endpoint: the server.
        roots: a PEM file of what it shall trust, or None for what this
            computer trusts.
        folder: for whatever the client needs; its own.
        deadline: seconds that it has.
    """

    endpoint: Endpoint
    roots: Path | None
    folder: Path
    deadline: float


@dataclass(frozen=True)
class Client:
    """A client program.

    Attributes:
        name: what people call it.
        library: whose TLS it uses.
        needs: the programs without which it cannot be asked.
        ask: returns whether it accepts, and its words.
    """

    name: str
    library: str
    needs: tuple[str, ...]
    ask: Callable[[Question], tuple[bool, str]]

    @property
    def missing(self) -> tuple[str, ...]:
        """The programs that are not installed here."""
        return tuple(name for name in self.needs if shutil.which(name) is None)


def verdicts(
    endpoint: Endpoint,
    *,
    roots: Iterable[x509.Certificate] = (),
    clients: Iterable[Client] | None = None,
    deadline: float = DEADLINE,
) -> Iterator[Verdict]:
    """Yield what each client says to a server's certificate.

    Args:
        endpoint: the server.
        roots: the only ones that the clients shall trust; without any, each
            trusts what it trusts on this computer.
        clients: all of `CLIENTS` when left out.
        deadline: seconds that each of them has.
    """
    trusted, reached = tuple(roots), _reached(endpoint, deadline)
    for client in CLIENTS.values() if clients is None else clients:
        if client.missing:
            words = f"not installed: {', '.join(client.missing)}"
            yield Verdict(client.name, client.library, None, words)
            continue
        if isinstance(reached, str):
            yield Verdict(client.name, client.library, None, reached)
            continue
        with tempfile.TemporaryDirectory(
            prefix="certlib-", ignore_cleanup_errors=True
        ) as folder:
            path = browser.write_roots(Path(folder), trusted)
            question = Question(reached, path, Path(folder), deadline)
            yield _ask(client, question)


def _ask(client: Client, question: Question) -> Verdict:
    accepted: bool | None
    try:
        accepted, words = client.ask(question)
    except subprocess.TimeoutExpired:
        accepted, words = None, f"did not finish within {question.deadline:g} s"
    except EndpointError as error:  # the browser could not be asked
        accepted, words = None, error.message
    except OSError as error:  # not reached; a refusal is a verdict, see `_python`
        accepted, words = None, f"{error.strerror or error}"
    return Verdict(client.name, client.library, accepted, words)


def _reached(endpoint: Endpoint, deadline: float) -> Endpoint | str:
    """Return a server by the address that answers, or why none does.

    A name may have several, and each client would try another one first.
    """
    try:
        with socket.create_connection((endpoint.host, endpoint.port), deadline) as one:
            return replace(endpoint, host=one.getpeername()[0])
    except OSError as error:
        return f"nobody answers there: {error.strerror or error}"


def environment(*, own_trust: bool) -> dict[str, str]:
    """Return the environment for a client.

    Args:
        own_trust: leave out what the environment says about trust.
    """
    return for_programs(*(TRUST_VARIABLES if own_trust else ()))


def _run(question: Question, command: Sequence[str]) -> tuple[bool, str]:
    done = subprocess.run(  # noqa: S603 - a fixed program, arguments are not a shell's
        command,
        input=b"",
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        timeout=question.deadline,
        check=False,
        cwd=question.folder,
        env=environment(own_trust=question.roots is not None),
    )
    return done.returncode == 0, done.stdout.decode("utf-8", "replace")


def _spoken(output: str, *patterns: str) -> str:
    """Return the words that a pattern finds in an output, or its last line."""
    for pattern in patterns:
        if found := re.search(pattern, output, re.MULTILINE):
            return " ".join(found[1].split())
    lines = [line.strip() for line in output.splitlines() if line.strip()]
    return lines[-1][:200] if lines else "no words"


def _openssl(question: Question) -> tuple[bool, str]:
    name = question.endpoint.server_name
    if names.is_ip_address(name):
        identity = ["-noservername", "-verify_ip", name]
    else:
        identity = ["-servername", name, "-verify_hostname", name]
    trust = ["-verify_return_error"]
    if question.roots:
        trust += ["-CAfile", str(question.roots), "-no-CApath", "-no-CAstore"]
    there = question.endpoint.address
    command = ["openssl", "s_client", "-connect", there, *identity, *trust]
    accepted, output = _run(question, command)
    if accepted:
        return True, _spoken(output, r"(Verify return code: 0 .*)$")
    return False, _spoken(output, r"verify error:(num=\d+:.*)$")


def _curl(question: Question) -> tuple[bool, str]:
    endpoint, roots = question.endpoint, question.roots
    trust = ["--cacert", str(roots)] if roots else []
    if sys.platform == "win32":  # its own curl asks for a revocation list
        trust += ["--ssl-no-revoke"]
    elif roots:
        trust += ["--capath", str(_empty(question.folder))]
    there = ["--noproxy", "*", "--connect-to", f"::{endpoint.address}"]
    limits = ["--max-time", f"{question.deadline:g}", "--output", os.devnull]
    silent = ["--silent", "--show-error"]
    command = ["curl", *silent, *limits, *trust, *there, endpoint.url]
    accepted, output = _run(question, command)
    return accepted, NO_COMPLAINT if accepted else _spoken(output, r"^curl: (.*)$")


def _gnutls(question: Question) -> tuple[bool, str]:
    endpoint, roots = question.endpoint, question.roots
    name = endpoint.server_name
    identity = ["--verify-hostname", name]
    if not names.is_ip_address(name):
        identity += ["--sni-hostname", name]
    trust = ["--x509cafile", str(roots)] if roots else []
    there = ["--port", str(endpoint.port), endpoint.host]
    accepted, output = _run(question, ["gnutls-cli", *identity, *trust, *there])
    return accepted, _spoken(output, r"^- Status: (.*)$", r"^\*\*\* (.*)$")


def _python(question: Question) -> tuple[bool, str]:
    endpoint, roots = question.endpoint, question.roots
    context = ssl.create_default_context(cafile=roots)
    try:
        with (
            socket.create_connection(
                (endpoint.host, endpoint.port), question.deadline
            ) as plain,
            context.wrap_socket(plain, server_hostname=endpoint.server_name),
        ):
            return True, NO_COMPLAINT
    except ssl.SSLCertVerificationError as error:
        return False, error.verify_message
    except ssl.SSLEOFError:  # it hung up, whatever the certificate is like
        raise
    except ssl.SSLError as error:
        return False, str(error.reason or error).lower().replace("_", " ")


def _probe(program: str, name: str) -> Callable[[Question], tuple[bool, str]]:
    """Return what asks a program that runs one of our own sources."""
    source = importlib.resources.files("certlib.endpoints") / "probes" / name

    def ask(question: Question) -> tuple[bool, str]:
        with importlib.resources.as_file(source) as path:
            command = [program, str(path), *_arguments(question)]
            accepted, output = _run(question, command)
        return accepted, NO_COMPLAINT if accepted else _spoken(output)

    return ask


_java, _node = _probe("java", "TlsProbe.java"), _probe("node", "tls_probe.js")


def _nss(question: Question) -> tuple[bool, str]:
    endpoint = question.endpoint
    database = browser.trust_database(question.folder, question.roots)
    there = ["-h", endpoint.host, "-p", str(endpoint.port), "-a", endpoint.server_name]
    accepted, output = _run(question, ["tstclnt", *there, "-d", database, "-b", "-Q"])
    if accepted:
        return True, NO_COMPLAINT
    return False, _spoken(output, r"(SEC_ERROR_.*|SSL_ERROR_.*)$")


def _chromium(question: Question) -> tuple[bool, str]:
    seen = browser.visit(
        question.endpoint,
        folder=question.folder,
        roots=question.roots,
        deadline=question.deadline,
    )
    return seen.accepted, seen.words


def _arguments(question: Question) -> list[str]:
    endpoint = question.endpoint
    roots = str(question.roots) if question.roots else "-"
    return [endpoint.host, str(endpoint.port), endpoint.server_name, roots]


def _empty(folder: Path) -> Path:
    path = folder / "empty"
    path.mkdir(exist_ok=True)
    return path


CLIENTS = {
    client.name: client
    for client in (
        Client("Python", "OpenSSL", (), _python),
        Client("openssl s_client", "OpenSSL", ("openssl",), _openssl),
        Client("curl", "curl's own choice", ("curl",), _curl),
        Client("gnutls-cli", "GnuTLS", ("gnutls-cli",), _gnutls),
        Client("Java", "JSSE", ("java", "javac"), _java),
        Client("Node.js", "OpenSSL in Node.js", ("node",), _node),
        Client("tstclnt", "NSS", ("tstclnt", "certutil"), _nss),
        Client("Chromium", "BoringSSL", (browser.PROGRAM, "certutil"), _chromium),
    )
}
"""The clients by name. On Windows a program of these names may be another one:
``certutil`` there is Windows' own, so that NSS and Chromium are left out."""
