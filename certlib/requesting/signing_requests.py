"""Signing requests: what is asked of a certification authority, and its key.

A `SigningRequest` lives in a folder of its own (see `certlib.requesting` for
what lies in it), because its private key must outlast a restart and days of
waiting. The folder appears whole or not at all, and only `forget` deletes it.
"""

from __future__ import annotations

import json
import shutil
import tempfile
import warnings
from collections.abc import Iterator
from dataclasses import asdict, dataclass, replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding

from certlib import bundles, clock, files, keys, signing, summaries
from certlib.bundles import Bundle, csr, formats
from certlib.errors import CertlibError, EncodingError, InputError
from certlib.issuers import Order
from certlib.keys import KeyKind, PrivateKey
from certlib.parsers import JSON_ERRORS
from certlib.specs import CertificateSpec, extensions
from certlib.summaries import Summary

ANSWER = "answer.pem"
"""The file with leaf and chain, once they have come back."""

_UNFINISHED = ".unfinished-"

_FACTS = "request.json"
# Names that Windows gives to devices, whatever follows after a dot.
_DEVICES = frozenset(
    ["con", "prn", "aux", "nul"]
    + [f"{port}{number}" for port in ("com", "lpt") for number in range(10)]
)


@dataclass(frozen=True)
class Submission:
    """Where a request was handed in.

    Attributes:
        issuer: `Issuer.name` of who has it.
        reference: what the issuer calls it.
        at: when, in UTC.
    """

    issuer: str
    reference: str
    at: datetime


@dataclass(frozen=True)
class Renewal:
    """An unattended renewal that is not finished.

    Attributes:
        thumbprint: of the certificate that is to be replaced.
        made_for_it: whether the request was, and is not a person's.
    """

    thumbprint: str
    made_for_it: bool = True


@dataclass(frozen=True)
class SigningRequest:
    """A request for a certificate, with its private key on this machine.

    Attributes:
        folder: in which its files lie.
        spec: what the certificate shall say.
        csr: the request itself (PKCS #10, RFC 2986).
        made: when, in UTC.
        submission: where it was handed in, or None.
        renewal: the unattended one that it is for, while that is not finished.
    """

    folder: Path
    spec: CertificateSpec
    csr: x509.CertificateSigningRequest
    made: datetime
    submission: Submission | None = None
    renewal: Renewal | None = None

    def __repr__(self) -> str:
        return f"<SigningRequest {self.name}: {self.state}>"

    @property
    def name(self) -> str:
        """The name of its folder: the first server name, numbered if need be."""
        return self.folder.name

    @property
    def state(self) -> str:
        """How far it is, in words."""
        if self.answer_path.is_file():
            return "answered"
        if self.submission is None:
            return "not submitted"
        sent = self.submission
        return f"waiting at {sent.issuer} as number {sent.reference}"

    @property
    def path(self) -> Path:
        """The request as a file (PEM), for the certification authority."""
        return self.folder / "request.csr"

    @property
    def key_path(self) -> Path:
        """The private key. It is for nobody else."""
        return self.folder / "key.pem"

    @property
    def answer_path(self) -> Path:
        """Leaf and chain (PEM), once they have come back."""
        return self.folder / ANSWER

    @property
    def summary(self) -> Summary:
        """What the request says, for the viewer and the rules."""
        return summaries.of_request(self.csr)

    @property
    def order(self) -> Order | None:
        """What the issuer is asked for, once it has been handed in."""
        if self.submission is None:
            return None
        return Order(self.submission.issuer, self.submission.reference, self.csr)

    def private_key(self, passphrase: str | None = None) -> PrivateKey:
        """Return the private key.

        Raises:
            PassphraseError: the passphrase is missing or wrong.
            InputError: the file is gone, or holds the key of another request.
        """
        key = keys.read_private_key(
            files.read(self.key_path, follow=False),
            passphrase,
            origin=str(self.key_path),
        )
        if not keys.same_key(key.public_key(), self.csr.public_key()):
            raise InputError(
                f"{self.key_path} is not the key of {self.path}",
                fix="bring the folder back as it was, from a backup; or make a new "
                "request",
            )
        return key

    def bundle(self, passphrase: str | None = None) -> Bundle:
        """Return what came back, with the private key.

        Raises:
            InputError: nothing has come back yet.
            PassphraseError: the passphrase of the key is missing or wrong.
        """
        if not self.answer_path.is_file():
            raise InputError(
                f"the request {self.name} has no answer yet",
                fix="collect it from its issuer, or join the file that came back",
            )
        content = formats.read(
            files.read(self.answer_path), origin=str(self.answer_path)
        )
        return bundles.assemble(
            content.certificates,
            self.private_key(passphrase),
            friendly_name=self.spec.friendly_name,
            origin=str(self.answer_path),
        )


def build(spec: CertificateSpec, key: PrivateKey) -> x509.CertificateSigningRequest:
    """Return a signing request; the same spec and key give the same bytes."""
    builder = x509.CertificateSigningRequestBuilder().subject_name(spec.subject)
    for extension, critical in extensions(spec, key.public_key()):
        if not isinstance(extension, x509.SubjectKeyIdentifier):  # the CA makes it
            builder = builder.add_extension(extension, critical=critical)
    return signing.sign_request(builder, key)


def store(
    folder: Path,
    spec: CertificateSpec,
    key: PrivateKey,
    *,
    passphrase: str | None,
    at: datetime,
    renewal: Renewal | None = None,
) -> SigningRequest:
    """Build a request, lay it into a folder of its own, and return it.

    Args:
        folder: that holds all requests, and that the caller has locked.
        spec: what the certificate shall say.
        key: its private key.
        passphrase: to encrypt the key with.
        at: the moment, in UTC.
        renewal: see `SigningRequest`.

    Raises:
        InputError: it cannot be written.
    """
    request = build(spec, key)
    for left in folder.glob(f"{_UNFINISHED}*"):  # by one that was killed
        shutil.rmtree(left, ignore_errors=True)
    unfinished = _unfinished(folder)
    try:
        content = keys.write_private_key(key, passphrase)
        files.write(unfinished / "key.pem", content, secret=True)
        files.write(unfinished / "request.csr", request.public_bytes(Encoding.PEM))
        made = SigningRequest(unfinished, spec, request, at, renewal=renewal)
        files.write(unfinished / _FACTS, _to_json(made))
        return replace(made, folder=_put_in_place(unfinished, folder, spec))
    finally:
        shutil.rmtree(unfinished, ignore_errors=True)


def _unfinished(folder: Path) -> Path:
    try:
        return Path(tempfile.mkdtemp(prefix=_UNFINISHED, dir=folder))
    except OSError as error:
        raise _not_made(folder, error) from None


def _not_made(path: Path, error: OSError) -> InputError:
    return InputError(
        f"no request can be kept in {path}: {error.strerror or error}",
        fix="check that you may write into its folder",
    )


def keep(request: SigningRequest) -> SigningRequest:
    """Keep what is known of a request, as its submission, and return it."""
    files.write(request.folder / _FACTS, _to_json(request), replace=True)
    return load(request.folder)


def forget(request: SigningRequest) -> None:
    """Delete a request with its key, once certificate and key lie elsewhere.

    Raises:
        InputError: it cannot be deleted.
    """
    files.refuse_link(request.folder)
    gone = _unfinished(request.folder.parent)
    try:
        request.folder.rename(gone / request.name)  # whole or not at all
        shutil.rmtree(gone)
    except OSError as error:
        raise InputError(
            f"{request.folder} cannot be deleted: {error.strerror or error}",
            fix="delete this folder by hand: its private key is in use elsewhere",
        ) from None


def load(folder: Path) -> SigningRequest:
    """Return the request that lies in a folder.

    Raises:
        InputError: there is none.
        EncodingError: its files are damaged.
    """
    files.refuse_link(folder)
    facts = files.read(folder / _FACTS)
    path = folder / "request.csr"
    request = csr.read(files.read(path), origin=str(path))
    try:
        return _from_json(folder, request, json.loads(facts))
    except (*JSON_ERRORS, CertlibError):
        raise EncodingError(
            f"{folder / _FACTS} is damaged",
            fix="bring it back from a backup; key.pem beside it is still the key",
        ) from None


def load_all(folder: Path) -> Iterator[SigningRequest]:
    """Yield all requests in a folder, the oldest first.

    One whose files are damaged is left out with a warning: the others wait, too.

    Raises:
        InputError: it is a file, or nobody may look into it.
    """
    files.look_into(folder)
    found = list(_readable(folder))
    yield from sorted(found, key=lambda request: (request.made, request.name))


def _readable(folder: Path) -> Iterator[SigningRequest]:
    for path in sorted(folder.glob(f"[!.]*/{_FACTS}")):
        try:
            yield load(path.parent)
        except CertlibError as error:
            warnings.warn(f"left out of {folder}: {error}", stacklevel=4)


def folder_name(spec: CertificateSpec) -> str:
    """Return the name of the folder for a request: good for every file system."""
    name = spec.common_name.replace("*", "_wildcard")
    return f"_{name}" if name.partition(".")[0] in _DEVICES else name


def _put_in_place(unfinished: Path, folder: Path, spec: CertificateSpec) -> Path:
    name = folder_name(spec)
    number = 1
    while True:
        target = folder / (name if number == 1 else f"{name}~{number}")
        try:
            if not target.exists():  # POSIX would replace an empty folder
                return unfinished.rename(target)
        except FileExistsError:
            pass
        except OSError as error:
            if not target.exists():
                raise _not_made(target, error) from None
        number += 1


def _to_json(request: SigningRequest) -> bytes:
    spec, submission = request.spec, request.submission
    facts: dict[str, Any] = {
        "server_names": spec.server_names,
        "key_kind": spec.key_kind,
        "validity_days": spec.validity / timedelta(days=1),
        "friendly_name": spec.friendly_name,
        "made": request.made.isoformat(),
        "submission": None,
    }
    if request.renewal is not None:
        facts["renewal"] = asdict(request.renewal)
    if submission is not None:
        at = submission.at.isoformat()
        facts["submission"] = asdict(submission) | {"at": at}
    return json.dumps(facts, indent=2, ensure_ascii=False).encode()


def _from_json(
    folder: Path, request: x509.CertificateSigningRequest, facts: dict[str, Any]
) -> SigningRequest:
    spec = CertificateSpec(
        tuple(facts["server_names"]),
        KeyKind(facts["key_kind"]),
        timedelta(days=facts["validity_days"]),
        facts["friendly_name"],
    )
    placed = facts["submission"]
    return SigningRequest(
        folder,
        spec,
        request,
        clock.moment(datetime.fromisoformat(facts["made"])),
        None
        if placed is None
        else Submission(
            str(placed["issuer"]),
            str(placed["reference"]),
            clock.moment(datetime.fromisoformat(placed["at"])),
        ),
        Renewal(**facts["renewal"]) if "renewal" in facts else None,
    )
