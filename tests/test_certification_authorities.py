"""Our requests, signed by real CA programs: what of them survives.

Each is asked the way its own manual says, and its answer is joined like any
other. `requesting.check` and the audit judge what came of it.
"""

from __future__ import annotations

import contextlib
import json
import os
import subprocess
from collections.abc import Callable
from pathlib import Path

import forge
import pebble
import pytest
import requests
from components import missing, require
from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding

from certlib import (
    auditing,
    clock,
    keys,
    requesting,
    rules,
    summaries,
)
from certlib.bundles import Bundle
from certlib.errors import IssuerError
from certlib.issuers.by_hand import ByHand
from certlib.keys import KeyKind
from certlib.products import PRODUCTS, Environment
from certlib.rules import Context, Severity
from certlib.specs import CertificateSpec

NAMES = ("todd.example.com", "alias.example.com", "192.0.2.17", "2001:db8::17")
EASY_RSA = Path("/usr/share/easy-rsa/easyrsa")


def run(*command, cwd, **environment) -> str:
    done = subprocess.run(
        list(map(str, command)),
        cwd=cwd,
        env=os.environ | environment,
        capture_output=True,
        text=True,
        check=False,
    )
    assert 0 == done.returncode, done.stdout + done.stderr
    return done.stdout


def root() -> Bundle:
    """Return a root that is valid today, as these programs know no other day."""
    now = clock.now()
    return forge.ca("Example Root CA", not_before=now - forge.DAY)


OPENSSL_CA = """
[ca]
default_ca = example
[example]
database = {folder}/index.txt
new_certs_dir = {folder}
serial = {folder}/serial
certificate = {folder}/root.pem
private_key = {folder}/root.key
default_md = sha256
default_days = 90
policy = anything
unique_subject = no
{copy}
[anything]
commonName = supplied
"""


def openssl_ca(folder: Path, request: Path, copy: str = "copy_extensions = copy"):
    """Sign with ``openssl ca``."""
    openssl = require("openssl")
    authority = root()
    (folder / "root.pem").write_bytes(authority.leaf.public_bytes(Encoding.PEM))
    (folder / "root.key").write_bytes(keys.write_private_key(authority.private_key))
    (folder / "index.txt").write_text("")
    (folder / "serial").write_text("1000")
    (folder / "ca.cnf").write_text(OPENSSL_CA.format(folder=folder, copy=copy))
    run(
        *(openssl, "ca", "-batch", "-notext", "-config", "ca.cnf"),
        *("-in", request, "-out", "answer.pem"),
        cwd=folder,
    )
    return [(folder / "answer.pem").read_bytes(), (folder / "root.pem").read_bytes()]


def easy_rsa(folder: Path, request: Path):
    """Sign with easy-rsa."""
    if not EASY_RSA.exists():
        missing("the program easyrsa")
    batch = {"EASYRSA_BATCH": "1", "EASYRSA_PKI": str(folder / "pki")}
    run(EASY_RSA, "init-pki", cwd=folder, **batch)
    run(EASY_RSA, "build-ca", "nopass", cwd=folder, **batch)
    run(EASY_RSA, "import-req", request, "todd", cwd=folder, **batch)
    run(EASY_RSA, "--days=90", "sign-req", "server", "todd", cwd=folder, **batch)
    pki = folder / "pki"
    answer = (pki / "issued" / "todd.crt").read_bytes()
    return [answer, (pki / "ca.crt").read_bytes()]


CFSSL = {
    "signing": {
        "default": {
            "expiry": "2160h",
            "usages": ["digital signature", "key encipherment", "server auth"],
        }
    }
}


def cfssl(folder: Path, request: Path):
    """Sign with ``cfssl serve``, over HTTP."""
    program = require("cfssl")
    authority = root()
    (folder / "root.pem").write_bytes(authority.leaf.public_bytes(Encoding.PEM))
    (folder / "root.key").write_bytes(keys.write_private_key(authority.private_key))
    (folder / "config.json").write_text(json.dumps(CFSSL))
    (port,) = pebble.free_ports(1)
    with serving(
        folder / "cfssl.log",
        [
            *(program, "serve", "-address", "127.0.0.1", "-port", str(port)),
            *("-ca", folder / "root.pem", "-ca-key", folder / "root.key"),
            *("-config", folder / "config.json"),
        ],
        port,
    ):
        answer = requests.post(
            f"http://127.0.0.1:{port}/api/v1/cfssl/sign",
            json={"certificate_request": request.read_text()},
            timeout=30,
        ).json()
    assert answer["success"], answer
    signed = answer["result"]["certificate"].encode()
    return [signed, (folder / "root.pem").read_bytes()]


@contextlib.contextmanager
def serving(log: Path, command, port: int):
    with log.open("wb") as output:
        process = subprocess.Popen(
            list(map(str, command)), stdout=output, stderr=subprocess.STDOUT
        )
        try:
            pebble.wait_for(port, process, log)
            yield
        finally:
            process.terminate()
            process.wait(10)


Sign = Callable[[Path, Path], list[bytes]]
each_ca = pytest.mark.parametrize("sign", [openssl_ca, easy_rsa, cfssl])


def prepare(folder: Path, kind: KeyKind = KeyKind.RSA_2048):
    return requesting.prepare(CertificateSpec(NAMES, kind), folder, at=clock.now())


def judged(bundle: Bundle) -> list[str]:
    """Return the errors for a production server, at which an audit fails.

    Warnings are left out: they are about what a CA decides by itself. easy-rsa,
    for one, allows key encipherment to ECDSA keys.
    """
    context = Context(
        clock.now(), NAMES[0], PRODUCTS["xtract-universal"], Environment.PRODUCTION
    )
    summary = auditing.summary_with_trust(bundle, private_key=True, anchors=[])
    return [
        f"{finding.rule}: {finding.detail}"
        for finding in rules.judge(summary, context)
        if finding.severity is Severity.ERROR
    ]


@each_ca
@pytest.mark.parametrize("kind", [KeyKind.RSA_2048, KeyKind.ECDSA_P256])
def test_a_request_signed_by_a_real_ca_becomes_a_bundle(
    tmp_path: Path, sign: Sign, kind: KeyKind
) -> None:
    request = prepare(tmp_path / "requests", kind)

    bundle = requesting.join(request, *sign(tmp_path, request.path), at=clock.now())

    assert [] == judged(bundle)
    summary = auditing.summary_with_trust(bundle, anchors=[])
    assert set(NAMES) == set(summary.server_names)
    assert "digitalSignature" in summary.key_usage
    assert summaries.SERVER_AUTHENTICATION in summary.extended_key_usage
    assert 1 == len(bundle.chain)
    assert bundle.private_key is not None


def test_openssl_ca_that_drops_the_names_is_found_out(tmp_path: Path) -> None:
    request = prepare(tmp_path / "requests")
    answer = openssl_ca(tmp_path, request.path, copy="")

    with pytest.raises(IssuerError, match="names no server") as caught:
        requesting.join(request, *answer, at=clock.now())

    assert "copy_extensions" in caught.value.fix


def test_a_real_ca_reached_through_a_folder(tmp_path: Path) -> None:
    exchange = ByHand(tmp_path / "exchange", name="internal CA")
    request = requesting.submit(
        prepare(tmp_path / "requests"), exchange, at=clock.now()
    )
    sent = exchange.folder / request.submission.reference
    leaf, issuer = openssl_ca(tmp_path, sent)

    sent.with_suffix(".pem").write_bytes(leaf + issuer)
    bundle = requesting.collect(request, exchange, at=clock.now())

    assert [] == judged(bundle)


def test_openssl_ca_copies_the_key_usage_that_we_asked_for(tmp_path: Path) -> None:
    request = prepare(tmp_path / "requests")
    answer = x509.load_pem_x509_certificate(openssl_ca(tmp_path, request.path)[0])

    asked = request.csr.extensions.get_extension_for_class(x509.KeyUsage)
    got = answer.extensions.get_extension_for_class(x509.KeyUsage)

    assert got == asked
