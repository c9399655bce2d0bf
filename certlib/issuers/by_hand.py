"""By hand: an issuer to whom a person carries the request.

The request is laid into a folder for a person or another program to take to
the certification authority, and the answer is looked for beside it. It fits
every CA: AD CS with ``certreq``, cfssl, easy-rsa, ``openssl ca``, a web page.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import count
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding

from certlib import files, keys
from certlib.bundles import endings, formats
from certlib.errors import IssuerError
from certlib.issuers import Chain, Order

SUFFIXES = (
    *endings.P7B.endings,
    *endings.CERTIFICATE.endings,
    *endings.PEM.endings,
)
"""Endings of an answer; a ``.p7b`` comes first, as it has the chain."""


@dataclass(frozen=True)
class ByHand:
    """A folder through which requests and answers are exchanged.

    Attributes:
        folder: where requests are laid and answers are looked for.
        name: what to call the certification authority.
    """

    folder: Path
    name: str = "by hand"

    def refuse(self, server_names: tuple[str, ...]) -> None:
        """Let all names pass: people at the CA decide."""

    def submit(self, request: x509.CertificateSigningRequest) -> Order:
        """Lay the request into the folder, under a name that is still free.

        It is ``<key>.csr``, and ``<key>~2.csr`` for a renewal with the same
        key: the answer to the earlier request may still lie there.

        Raises:
            InputError: the file cannot be written.
        """
        files.private_folder(self.folder)
        data = request.public_bytes(Encoding.PEM)
        name = self._free_name(keys.key_sha256(request.public_key())[:16], data)
        if not (self.folder / name).exists():  # otherwise it is the same
            files.write(self.folder / name, data)
        return Order(self.name, name, request)

    def collect(self, order: Order) -> Chain | None:
        """Return what stands in the answers beside the request, if there are any.

        All files with the request's name count: ``X.cer`` with the server's
        certificate and ``X.p7b`` with the chain make one answer.

        Raises:
            InputError: an answer cannot be read.
            EncodingError: it is no certificate file.
            IssuerError: the order came from elsewhere.
        """
        if Path(order.reference).name != order.reference:
            raise IssuerError(
                f"{order.reference!r} is not an order of this folder",
                fix="collect it from the issuer that it was submitted to",
            )
        there = filter(Path.is_file, self._answers(order.reference))
        return tuple(dict.fromkeys(formats.read_certificates(*there))) or None

    def _answers(self, name: str) -> list[Path]:
        return [(self.folder / name).with_suffix(suffix) for suffix in SUFFIXES]

    def _free_name(self, stem: str, data: bytes) -> str:
        names = (f"{stem}~{n}.csr" if n > 1 else f"{stem}.csr" for n in count(1))
        return next(name for name in names if self._is_free(name, data))

    def _is_free(self, name: str, data: bytes) -> bool:
        if any(answer.exists() for answer in self._answers(name)):
            return False
        path = self.folder / name
        return not path.exists() or data == files.read(path)
