"""Revoking: lists (CRL) and answers (OCSP) for the tests, and where they lie."""

from __future__ import annotations

import contextlib
import threading
from collections.abc import Callable, Iterator, Mapping
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from asn1crypto import core
from asn1crypto import ocsp as loose_ocsp
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import padding
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509 import ocsp
from cryptography.x509.oid import AuthorityInformationAccessOID as Access
from cryptography.x509.oid import ExtendedKeyUsageOID as Purpose
from pki import AT, DAY, INT, Party, dn, issuing, leaf, party

Reason = x509.ReasonFlags


def crl(
    *revoked: x509.Certificate,
    by: Party = INT,
    reason: Reason | None = None,
    first: float = -1,
    last: float | None = 6,
    exts: tuple[tuple[x509.ExtensionType, bool], ...] = (),
    of_entry: tuple[tuple[x509.ExtensionType, bool], ...] = (),
) -> x509.CertificateRevocationList:
    """Return a list with these certificates, its days counted from now."""
    build = (
        x509.CertificateRevocationListBuilder()
        .issuer_name(dn(by.name))
        .last_update(AT + first * DAY)
        .next_update(AT + (1 if last is None else last) * DAY)
    )
    for ext, critical in exts:
        build = build.add_extension(ext, critical)
    for one in revoked:
        entry = x509.RevokedCertificateBuilder(one.serial_number, AT - 2 * DAY)
        if reason is not None:
            entry = entry.add_extension(x509.CRLReason(reason), False)
        for ext, critical in of_entry:
            entry = entry.add_extension(ext, critical)
        build = build.add_revoked_certificate(entry.build())
    return build.sign(by.key, hashes.SHA256())


def scope(**values: Any) -> tuple[tuple[x509.ExtensionType, bool], ...]:
    """Return the extension that says for what a list is."""
    usual: dict[str, Any] = {
        "full_name": None,
        "relative_name": None,
        "only_contains_user_certs": False,
        "only_contains_ca_certs": False,
        "only_some_reasons": None,
        "indirect_crl": False,
        "only_contains_attribute_certs": False,
    }
    return ((x509.IssuingDistributionPoint(**usual | values), True),)


def at_address(url: str) -> x509.CRLDistributionPoints:
    """Return the extension that says where the list lies."""
    names = [x509.UniformResourceIdentifier(url)]
    return x509.CRLDistributionPoints([x509.DistributionPoint(names, None, None, None)])


def asked_at(url: str) -> x509.AuthorityInformationAccess:
    """Return the extension that says where the responder is."""
    where = x509.UniformResourceIdentifier(url)
    return x509.AuthorityInformationAccess([x509.AccessDescription(Access.OCSP, where)])


def responder(**kw: Any) -> x509.Certificate:
    """Return the certificate of a responder that is not the issuer itself."""
    kw.setdefault("purposes", [Purpose.OCSP_SIGNING])
    kw.setdefault("by", INT)
    return leaf(kw.pop("by"), "Responder", "responder", san=None, **kw)


def answered(
    certificate: x509.Certificate,
    status: ocsp.OCSPCertStatus = ocsp.OCSPCertStatus.GOOD,
    *,
    issuer: x509.Certificate = issuing,
    signer: Party = INT,
    sent: x509.Certificate | None = None,
    named: x509.Certificate | None = None,
    first: float = -0.5,
    last: float | None = 1,
    reason: Reason | None = None,
    nonce: bytes = b"",
    digest: Any = None,
    pss: Any = None,
) -> bytes:
    """Return the answer of a responder, its days counted from now."""
    revoked = status is ocsp.OCSPCertStatus.REVOKED
    build = (
        ocsp.OCSPResponseBuilder()
        .add_response(
            certificate,
            issuer,
            digest or hashes.SHA1(),
            status,
            AT + first * DAY,
            None if last is None else AT + last * DAY,
            AT - 2 * DAY if revoked else None,
            reason if revoked else None,
        )
        .responder_id(ocsp.OCSPResponderEncoding.HASH, named or sent or issuing)
    )
    if sent is not None:
        build = build.certificates([sent])
    if nonce:
        build = build.add_extension(x509.OCSPNonce(nonce), False)
    made = build.sign(signer.key, hashes.SHA256()).public_bytes(Encoding.DER)
    return made if pss is None else _signed_by_pss(made, signer.key, pss)


def _signed_by_pss(answer: bytes, signer: Any, digest: Any) -> bytes:
    """Return an answer signed by RSASSA-PSS, which the builder cannot do."""
    it = loose_ocsp.OCSPResponse.load(answer)
    basic = it["response_bytes"]["response"].parsed
    hash_ = {"algorithm": digest.name}
    basic["signature_algorithm"] = {
        "algorithm": "rsassa_pss",
        "parameters": {
            "hash_algorithm": hash_,
            "mask_gen_algorithm": {"algorithm": "mgf1", "parameters": hash_},
            "salt_length": 20,
        },
    }
    basic["signature"] = signer.sign(
        basic["tbs_response_data"].dump(), padding.PSS(padding.MGF1(digest), 20), digest
    )
    it["response_bytes"]["response"] = core.ParsableOctetString(basic.dump(force=True))
    return bytes(it.dump(force=True))


RESPONDER = party("Responder", "responder")

Page = bytes | int | Callable[[bytes], bytes]
"""What lies at a path, the status of an error, or what answers a question."""


@contextlib.contextmanager
def published(pages: Mapping[str, Page]) -> Iterator[tuple[str, list[str]]]:
    """Serve pages over HTTP on loopback; yield the address, and what is asked."""
    asked: list[str] = []

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self._answer(b"")

        def do_POST(self) -> None:
            self._answer(self.rfile.read(int(self.headers["Content-Length"])))

        def _answer(self, question: bytes) -> None:
            asked.append(self.path)
            page = pages.get(self.path, 404)
            if isinstance(page, int):
                self.send_response(page)
                self.send_header("Location", "https://127.0.0.1:1/")
                self.send_header("Content-Length", "0")
                self.end_headers()
                return
            content = page if isinstance(page, bytes) else page(question)
            self.send_response(200)
            self.send_header("Content-Length", str(len(content)))
            self.end_headers()
            with contextlib.suppress(OSError):
                self.wfile.write(content)

        def log_message(self, format: str, *args: object) -> None:  # noqa: A002
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    thread = threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_address[1]}", asked
    finally:
        server.shutdown()
        server.server_close()
