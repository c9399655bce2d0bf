"""Training: an internal CA for practice, with a root and an issuing CA.

It walks the whole path without a server: a request waits until somebody
approves it, the answer is fetched, clients are told to trust the root. What
its certificates say, and why they can do no harm: `certlib.issuers.profiles`.

    <folder>/root.cer, issuing.cer        the two certificates
    <folder>/root.pem, issuing.pem        their keys, unless those are fixed
    <folder>/orders/<number>.csr, .cer    a request, and its certificate
    <folder>/revoked.json                 serial numbers and moments
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding

from certlib import bundles, clock, files, keys, signing, specs, stores, x500
from certlib.bundles import Bundle, csr, formats
from certlib.errors import CertlibError, EncodingError, InputError, IssuerError
from certlib.issuers import Chain, Order, profiles
from certlib.keys import KeyKind, PrivateKey
from certlib.parsers import JSON_ERRORS
from certlib.stores import INTERMEDIATE, TRUSTED_ROOT, Machine, StoreAddress

_FILES = ("root.pem", "issuing.pem", "root.cer", "issuing.cer")
"""In the order in which they are written: with the last one the CA is there."""


@dataclass(frozen=True)
class TrainingCA:
    """A practice CA in a folder. It is an `issuers.Issuer`.

    Requests wait until `approve` is called, as they do where a person at the
    certification authority decides.

    Attributes:
        folder: where it lives.
        root: the certificate that clients have to trust.
        issuing: the certificate that signs the servers'.
        name: what to call it.
    """

    folder: Path
    root: x509.Certificate
    issuing: x509.Certificate
    name: str = "practice CA"

    def refuse(self, server_names: tuple[str, ...]) -> None:
        """Let names for practice pass.

        Raises:
            IssuerError: one is not for practice.
        """
        _refuse_strange(server_names)

    def submit(self, request: x509.CertificateSigningRequest) -> Order:
        """Take a request in; the same one twice is one order while it waits.

        Raises:
            IssuerError: the request is not signed with its own key, names no
                server, or one that is not for practice.
        """
        _refuse(request)
        with files.locked(self.folder):
            for order in self.waiting():
                if order.request == request:
                    return order
            number = max(self._numbers(), default=0) + 1
            files.write(self._path(number, ".csr"), request.public_bytes(Encoding.PEM))
        return Order(self.name, str(number), request)

    def collect(self, order: Order) -> Chain | None:
        """Return leaf, issuing CA and root, or None until it is approved.

        Raises:
            IssuerError: there is no such order.
        """
        self._request(order.reference)
        there = self._path(order.reference, ".cer").is_file()
        return self._answer(order) if there else None

    def _answer(self, order: Order) -> Chain:
        leaf = _read_certificate(self._path(order.reference, ".cer"))
        return leaf, self.issuing, self.root

    def waiting(self) -> list[Order]:
        """Return the orders that nobody has approved yet."""
        return [
            Order(self.name, str(number), self._request(str(number)))
            for number in self._numbers()
            if not self._path(number, ".cer").is_file()
        ]

    def approve(self, order: Order, *, at: datetime) -> None:
        """Release the certificate of an order, as the CA's administrator does.

        Raises:
            InputError: `at` has no time zone.
            IssuerError: there is no such order, it was approved before, or the
                CA has expired.
        """
        request = self._request(order.reference)
        path = self._path(order.reference, ".cer")
        if path.is_file():
            raise IssuerError(
                f"order {order.reference} was approved already",
                fix="collect it, or submit a new request",
            )
        start = clock.moment(at) - signing.BACKDATED
        leaf = profiles.server(request, self.issuing, self._issuing_key(), start)
        files.write(path, leaf.public_bytes(Encoding.DER))

    def release(
        self, request: x509.CertificateSigningRequest, *, at: datetime
    ) -> Chain:
        """Take a request in, approve it, and return leaf, issuing CA and root.

        Raises:
            IssuerError: it is no request for practice, or the CA has expired.
        """
        order = self.submit(request)
        self.approve(order, at=at)
        return self._answer(order)

    def revoke(self, certificate: x509.Certificate, *, at: datetime) -> None:
        """Put a certificate of this CA on its revocation list.

        Raises:
            InputError: `at` has no time zone.
            EncodingError: the stored list is damaged.
            IssuerError: it is not from this CA.
        """
        if certificate.issuer != self.issuing.subject:
            raise IssuerError(
                f"{x500.x500(certificate.subject)} is not from this practice CA",
                fix="ask the CA that stands in its field Issuer",
            )
        moment = clock.moment(at)
        with files.locked(self.folder):
            revoked = {certificate.serial_number: moment} | self._revoked()
            data = {f"{serial:x}": when.isoformat() for serial, when in revoked.items()}
            text = json.dumps(data, indent=2).encode()
            files.write(self.folder / "revoked.json", text, replace=True)

    def revocation_list(self, *, at: datetime) -> x509.CertificateRevocationList:
        """Return the list of revoked certificates as of a moment.

        Raises:
            InputError: `at` has no time zone.
            EncodingError: the stored list is damaged.
        """
        return profiles.revocation_list(
            self.issuing, self._issuing_key(), self._revoked(), clock.moment(at)
        )

    def export(self, folder: Path, *, at: datetime) -> list[Path]:
        """Write what clients need into a folder: both certificates and the CRL.

        Raises:
            InputError: a file cannot be written.
        """
        files.private_folder(folder)
        content = {
            "practice-root.cer": self.root.public_bytes(Encoding.DER),
            "practice-issuing.cer": self.issuing.public_bytes(Encoding.DER),
            "practice.crl": self.revocation_list(at=at).public_bytes(Encoding.DER),
        }
        for name, data in content.items():
            files.write(folder / name, data, replace=True)
        return [folder / name for name in content]

    def install(self, machine: Machine) -> list[str]:
        """Let a machine trust this CA, and say what was added where.

        Raises:
            StoreError: the store refused; a real one refuses the fixed
                practice keys.
        """
        added = []
        for address, certificate in self._places():
            store, bundle = machine.open(address), Bundle(certificate)
            if not stores.has(store, bundle.thumbprint):
                store.add(bundle)
                added.append(_move(certificate, "into", address))
        return added

    def uninstall(self, machine: Machine) -> list[str]:
        """Take that trust away again, and say what was removed from where.

        Raises:
            StoreError: the store refused.
        """
        removed = []
        for address, certificate in self._places():
            store, thumbprint = machine.open(address), bundles.thumbprint(certificate)
            if stores.has(store, thumbprint):
                store.remove(thumbprint)
                removed.append(_move(certificate, "out of", address))
        return removed

    def _places(self) -> tuple[tuple[StoreAddress, x509.Certificate], ...]:
        return ((TRUSTED_ROOT, self.root), (INTERMEDIATE, self.issuing))

    def _issuing_key(self) -> PrivateKey:
        if keys.is_practice_key(self.issuing.public_key()):
            return keys.practice_key("issuing")
        path = self.folder / "issuing.pem"
        return keys.read_private_key(files.read(path, follow=False), origin=path.name)

    def _path(self, number: int | str, suffix: str) -> Path:
        return self.folder / "orders" / f"{number}{suffix}"

    def _numbers(self) -> list[int]:
        paths = (self.folder / "orders").glob("*.csr")
        return sorted(int(path.stem) for path in paths if path.stem.isdecimal())

    def _request(self, reference: str) -> x509.CertificateSigningRequest:
        if not reference.isdecimal() or int(reference) not in self._numbers():
            raise IssuerError(
                f"the practice CA has no order {reference!r}",
                fix="submit the request to it first",
            )
        path = self._path(reference, ".csr")
        return csr.read(files.read(path), origin=str(path))

    def _revoked(self) -> dict[int, datetime]:
        path = self.folder / "revoked.json"
        if not path.is_file():
            return {}
        data = files.read(path)
        try:
            return {
                int(serial, 16): clock.moment(datetime.fromisoformat(when))
                for serial, when in json.loads(data).items()
            }
        except (*JSON_ERRORS, InputError):
            raise EncodingError(
                f"{path} is damaged",
                fix="bring it back from a backup; without it nothing is revoked",
            ) from None


def found(folder: Path, *, at: datetime, fixed: bool = False) -> TrainingCA:
    """Found a practice CA in a folder and return it.

    Cut off anywhere it can be run again, and goes on with the keys that it has made.

    Args:
        folder: for its files; made if it is not there.
        at: the moment, with a time zone.
        fixed: with the published practice keys, so that every machine has the
            same CA, byte for byte. Real stores refuse it then.

    Raises:
        InputError: there is one in the folder already, or a part of one that
            `found` has not left, or `at` has no zone.
    """
    start = clock.moment(at) - signing.BACKDATED
    files.private_folder(folder)
    files.private_folder(folder / "orders", within=folder)
    with files.locked(folder):
        _refuse_present(folder, fixed=fixed)
        root_key = _key(folder, "root", fixed=fixed)
        issuing_key = _key(folder, "issuing", fixed=fixed)
        root = profiles.root(root_key, start)
        issuing = profiles.issuing(issuing_key, root, root_key, start)
        # The one that was cut off has told nobody of its root.
        data = root.public_bytes(Encoding.DER)
        files.write(folder / "root.cer", data, replace=True)
        files.write(folder / "issuing.cer", issuing.public_bytes(Encoding.DER))
    return TrainingCA(folder, root, issuing)


def _refuse_present(folder: Path, *, fixed: bool) -> None:
    """Let a folder pass that is empty, or as far as a founding that was cut off."""
    order = _FILES[2:] if fixed else _FILES
    present = [name for name in _FILES if (folder / name).exists()]
    if present != list(order[: len(present)]) or _FILES[-1] in present:
        raise InputError(
            f"{folder} has a practice CA already, or a part of one: "
            f"{', '.join(present)}",
            fix="use `training.load`, or choose another folder",
        )


def at_hand(folder: Path, *, at: datetime) -> TrainingCA:
    """Return a practice CA that holds at a moment, founded if there is none.

    Args:
        folder: for the practice CAs of different months.
        at: the moment, with a time zone.
    """
    home = folder / f"{clock.moment(at):%Y-%m}"
    return load(home) if home.exists() else found(home, at=at)


def load(folder: Path) -> TrainingCA:
    """Return the practice CA that was founded in a folder.

    Raises:
        InputError: there is none.
    """
    return TrainingCA(
        folder,
        _read_certificate(folder / "root.cer"),
        _read_certificate(folder / "issuing.cer"),
    )


def _key(folder: Path, which: str, *, fixed: bool) -> PrivateKey:
    """Return a fixed key, the one that was made before, or a fresh one."""
    if fixed:
        return keys.practice_key(which)
    path = folder / f"{which}.pem"
    if path.exists():
        return keys.read_private_key(files.read(path, follow=False), origin=path.name)
    key = keys.generate(KeyKind.ECDSA_P256)
    data = keys.write_private_key(key)
    files.write(path, data, secret=True)
    return key


def _refuse(request: x509.CertificateSigningRequest) -> None:
    if not csr.is_signed_by_its_key(request):
        raise IssuerError(
            "the practice CA refused the request: its signature is wrong, so nobody "
            "has proven to have its private key",
            fix="make the request again and send it unchanged",
        )
    try:
        wanted = specs.requested_names(request)
    except CertlibError as error:
        raise IssuerError(
            f"the practice CA refused the request: {error.message}", fix=error.fix
        ) from None
    _refuse_strange(wanted)


def _refuse_strange(wanted: tuple[str, ...]) -> None:
    if strange := [name for name in wanted if not profiles.is_for_practice(name)]:
        raise IssuerError(
            "the practice CA refused the request: not a name for practice: "
            f"{', '.join(strange)}",
            fix=f"take names that end in .{', .'.join(profiles.DOMAINS)}",
        )


def _read_certificate(path: Path) -> x509.Certificate:
    return formats.read_certificates(path)[0]


def _move(certificate: x509.Certificate, verb: str, address: StoreAddress) -> str:
    name = x500.x500(certificate.subject).partition(",")[0]
    return f"{name}: {verb} {address.display_name}"
