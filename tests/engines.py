"""Engines: what programs of others say to the chains of the path judge's tests.

Each judges a batch of chains at the present moment, as its users have it.
"""

from __future__ import annotations

import ipaddress
import shutil
import subprocess
import warnings
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509 import verification
from cryptography.x509.oid import ExtendedKeyUsageOID as Purpose
from pki import AT, Chain

HERE = Path(__file__).parent
SERVER_AUTHENTICATION = Purpose.SERVER_AUTH.dotted_string


@dataclass(frozen=True)
class Question:
    """A chain in files, and the host that it shall name."""

    folder: Path
    chain: Chain
    host: str

    @classmethod
    def of(cls, folder: Path, chain: Chain, host: str) -> Question:
        folder.mkdir(parents=True)
        leaf, sent, anchors = chain
        for name, certificates in [
            ("leaf", [leaf]),
            ("sent", sent),
            ("chain", [leaf, *sent]),
            ("roots", anchors),
        ]:
            pem = b"".join(one.public_bytes(Encoding.PEM) for one in certificates)
            (folder / f"{name}.pem").write_bytes(pem)
        return cls(folder, chain, host)

    def file(self, name: str) -> str:
        return str(self.folder / f"{name}.pem")

    @property
    def is_address(self) -> bool:
        return isinstance(subject(self.host), x509.IPAddress)


def subject(host: str) -> x509.DNSName | x509.IPAddress:
    try:
        return x509.IPAddress(ipaddress.ip_address(host))
    except ValueError:
        return x509.DNSName(host)


# ---- cryptography ---------------------------------------------------------------


def _is_ca(policy: object, cert: object, ext: x509.BasicConstraints) -> None:
    if not ext.ca:
        raise ValueError


def _signs(policy: object, cert: object, ext: x509.KeyUsage | None) -> None:
    if ext is not None and not ext.key_cert_sign:
        raise ValueError


def _serves(policy: object, cert: object, ext: x509.ExtendedKeyUsage | None) -> None:
    fits = {Purpose.SERVER_AUTH, Purpose.ANY_EXTENDED_KEY_USAGE}
    if ext is not None and not fits & set(ext):
        raise ValueError


def relaxed(chain: Chain, host: str) -> bool:
    """Tell whether cryptography's verifier accepts, without the web's demands."""
    if not chain[2]:
        return False
    either = verification.Criticality.AGNOSTIC
    policy = verification.ExtensionPolicy.permit_all().may_be_present(
        x509.ExtendedKeyUsage, either, _serves
    )
    named = policy.require_present(x509.SubjectAlternativeName, either, None)
    authority = policy.require_present(
        x509.BasicConstraints, either, _is_ca
    ).may_be_present(x509.KeyUsage, either, _signs)
    builder = verification.PolicyBuilder().extension_policies(
        ca_policy=authority, ee_policy=named
    )
    return _verifies(builder, chain, host)


def strict(chain: Chain, host: str) -> bool:
    """Tell whether cryptography's verifier accepts as it is."""
    return bool(chain[2]) and _verifies(verification.PolicyBuilder(), chain, host)


def _verifies(builder: verification.PolicyBuilder, chain: Chain, host: str) -> bool:
    leaf, sent, anchors = chain
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            verifier = (
                builder.store(verification.Store(anchors))
                .time(AT)
                .build_server_verifier(subject(host))
            )
            verifier.verify(leaf, sent)
        except (verification.VerificationError, ValueError):
            return False
    return True


def _cryptography(questions: Iterable[Question]) -> dict[str, bool]:
    return {q.folder.name: relaxed(q.chain, q.host) for q in questions}


# ---- programs -------------------------------------------------------------------


def _openssl(questions: Iterable[Question]) -> dict[str, bool]:
    return {q.folder.name: _ends_well(_openssl_command(q)) for q in questions}


def _openssl_command(question: Question) -> list[str]:
    kind = "-verify_ip" if question.is_address else "-verify_hostname"
    roots = question.chain[2]
    trust = ["-CAfile", question.file("roots")] if roots else ["-no-CAfile"]
    sent = ["-untrusted", question.file("sent")] if question.chain[1] else []
    # TLS clients of Debian ask for this level, too.
    asked = ["-purpose", "sslserver", "-auth_level", "2", kind, question.host]
    alone = ["-no-CApath", "-no-CAstore"]
    return ["openssl", "verify", *asked, *alone, *trust, *sent, question.file("leaf")]


def _gnutls(questions: Iterable[Question]) -> dict[str, bool]:
    return {q.folder.name: _ends_well(_certtool_command(q)) for q in questions}


def _certtool_command(question: Question) -> list[str]:
    trust = ["--load-ca-certificate", question.file("roots")]
    what = ["--infile", question.file("chain"), "--verify-hostname", question.host]
    purpose = ["--verify-purpose", SERVER_AUTHENTICATION]
    return ["certtool", "--verify", *trust, *what, *purpose]


def _ends_well(command: list[str]) -> bool:
    done = subprocess.run(command, capture_output=True, timeout=30, check=False)
    return done.returncode == 0


def _java(questions: Iterable[Question]) -> dict[str, bool]:
    asked = list(questions)
    lines = [f"{question.folder} {question.host}" for question in asked]
    opened = ["--add-exports", "java.base/sun.security.util=ALL-UNNAMED"]
    done = subprocess.run(
        ["java", *opened, str(HERE / "PathEngine.java")],
        input="\n".join(lines),
        capture_output=True,
        text=True,
        timeout=120,
        check=True,
    )
    said = dict(line.split(" ", 1) for line in done.stdout.splitlines())
    return {q.folder.name: said[q.folder.name].startswith("accepts") for q in asked}


@dataclass(frozen=True)
class Engine:
    """A program or library of others that judges paths."""

    needs: tuple[str, ...]
    judge: Callable[[Iterable[Question]], Mapping[str, bool]]

    @property
    def missing(self) -> tuple[str, ...]:
        return tuple(name for name in self.needs if shutil.which(name) is None)


ENGINES = {
    "cryptography": Engine((), _cryptography),
    "OpenSSL": Engine(("openssl",), _openssl),
    "GnuTLS": Engine(("certtool",), _gnutls),
    "Java": Engine(("java", "javac"), _java),
}
