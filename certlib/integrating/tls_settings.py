"""TLS settings: the file ``tls.json`` that tells a service its certificate.

Xtract Core has nothing else; yunIO's web Designer writes it; deleting it lets
people back into a Designer that an expired certificate has locked.

    {"tlsEnabled": true,
     "certificate": {"subjectAltName": "server.example.com",
                     "issuer": "CN=Example CA, DC=example, DC=com",
                     "notAfter": "20270717T152041.000Z",
                     "thumbprint": "40 hexadecimal digits"}}

Source: Theobald Software's documentation of Xtract Core and yunIO.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass, fields
from datetime import datetime
from pathlib import Path
from typing import Any

from cryptography import x509

from certlib import bundles, clock, files, powershell, summaries
from certlib.errors import CertlibError, InputError
from certlib.files import backups

_MOMENT = "%Y%m%dT%H%M%S.000Z"


@dataclass(frozen=True)
class Choice:
    """The certificate that a service is told to present.

    Attributes:
        subject_alt_name: its first DNS name, which becomes the host name.
        issuer: as .NET writes it, the most specific part first.
        not_after: its last second, in UTC.
        thumbprint: 40 upper-case hexadecimal digits.
    """

    subject_alt_name: str
    issuer: str
    not_after: datetime
    thumbprint: str

    @classmethod
    def of(cls, certificate: x509.Certificate) -> Choice:
        """Return the choice of a certificate.

        Raises:
            InputError: it has no DNS name in its SAN, or no issuer.
        """
        summary = summaries.of_certificate(certificate)
        if not summary.issuer:
            raise InputError(
                f"{summary.subject or 'the certificate'} does not name its issuer",
                fix="get a certificate that follows RFC 5280, section 4.1.2.4",
            )
        if not summary.dns_names or summary.not_after is None:
            raise InputError(
                f"{summary.subject} has no DNS name in its SubjectAlternativeName",
                fix="get a certificate that has the server's DNS name there",
            )
        return cls(
            summary.dns_names[0], summary.issuer, summary.not_after, summary.thumbprint
        )

    def differences(self, other: Choice) -> tuple[str, ...]:
        """Return what another choice says differently, one text a value."""
        return tuple(
            f"{field.name}: {getattr(self, field.name)} | {getattr(other, field.name)}"
            for field in fields(self)
            if getattr(self, field.name) != getattr(other, field.name)
        )


@dataclass(frozen=True)
class TlsSettings:
    """What a ``tls.json`` says.

    Attributes:
        enabled: whether the service speaks TLS.
        choice: the certificate for it; None if none is chosen.
    """

    enabled: bool
    choice: Choice | None = None

    def to_json(self) -> dict[str, Any]:
        """Return the content of the file."""
        settings: dict[str, Any] = {"tlsEnabled": self.enabled}
        if self.choice is not None:
            settings["certificate"] = {
                "subjectAltName": self.choice.subject_alt_name,
                "issuer": self.choice.issuer,
                "notAfter": self.choice.not_after.strftime(_MOMENT),
                "thumbprint": self.choice.thumbprint,
            }
        return settings


def read(path: Path) -> TlsSettings:
    """Return what a ``tls.json`` says.

    Raises:
        InputError: the file is not there, is not JSON, or a value in it is
            missing or not what it should be.
    """
    return _settings(path, _load(path))


def _settings(path: Path, loaded: dict[str, Any]) -> TlsSettings:
    enabled = loaded.get("tlsEnabled")
    if not isinstance(enabled, bool):
        raise _wrong(path, "tlsEnabled is neither true nor false")
    certificate = loaded.get("certificate")
    if certificate is None and not enabled:
        return TlsSettings(enabled)
    return TlsSettings(enabled, _read_choice(path, certificate))


def write(path: Path, certificate: x509.Certificate) -> Path | None:
    """Write a ``tls.json`` that switches TLS on with a certificate.

    What was there is kept beside it, and values that are not about the
    certificate are taken over. Whether the settings can be read back is tried
    before anything is written.

    Args:
        path: of the file; its folder is made if it is not there.
        certificate: the one to present.

    Returns:
        Where the earlier file is kept, or None if there was none.

    Raises:
        InputError: the certificate has no DNS name or no issuer; what is
            there is not JSON; or the file cannot be written. It is then as it
            was.
    """
    settings = TlsSettings(enabled=True, choice=Choice.of(certificate))
    files.folder(path.parent)
    with files.locked(path.parent):
        before = _load(path) if path.exists() else {}
        after = before | settings.to_json()
        data = _written(path, after)
        if _settings(path, json.loads(data)) != settings:
            raise _wrong(path, "it would not say what it should")
        backup = backups.keep(path) if path.exists() else None
        files.write(path, data, replace=True)
    return backup


def put_back(path: Path, backup: Path | None) -> None:
    """Undo `write`: have the earlier file again, or none if there was none.

    Raises:
        InputError: the file cannot be written.
    """
    with files.locked(path.parent):
        if backup is None:
            path.unlink(missing_ok=True)
        else:
            backups.put_back(path, backup)


def put_aside(path: Path) -> Path:
    """Take a ``tls.json`` out of the way, so that the service starts without TLS.

    The way back into a Designer that an expired certificate has locked. The
    documents delete the file; here it is kept under another name.

    Returns:
        Where it is kept.

    Raises:
        InputError: it is not there, or cannot be moved.
    """
    try:
        with files.locked(path.parent):
            backup = backups.keep(path)
            path.unlink()
    except OSError as error:
        raise InputError(
            f"{path} cannot be taken away: {error.strerror or error}",
            fix="run this as the administrator of the server",
        ) from None
    return backup


def recovery_twin(path: str, service_name: str) -> str:
    """Return the PowerShell that takes the file away and restarts the service."""
    aside = powershell.command("Rename-Item", Path=path, NewName="tls.json.expired")
    return f"{aside}\n{powershell.command('Restart-Service', Name=service_name)}"


def _written(path: Path, settings: dict[str, Any]) -> bytes:
    try:
        return json.dumps(settings, indent=2, ensure_ascii=False).encode()
    except (ValueError, RecursionError) as error:  # half a character, very deep
        raise _wrong(path, f"it cannot be written again: {error}") from None


def _load(path: Path) -> dict[str, Any]:
    data = files.read(path)
    try:
        loaded = json.loads(data.decode("utf-8-sig"))  # editors add the mark
    except UnicodeDecodeError:
        raise _wrong(path, "it is not UTF-8 text") from None
    except (ValueError, RecursionError) as error:
        raise _wrong(path, f"it is not JSON: {error}") from None
    if not isinstance(loaded, dict):
        raise _wrong(path, "it is not a JSON object")
    return loaded


def _read_choice(path: Path, value: object) -> Choice:
    if not isinstance(value, dict):
        raise _wrong(path, "the part 'certificate' is missing")
    texts = dict(_texts(path, value))
    try:
        not_after = clock.moment(
            datetime.strptime(texts["notAfter"], "%Y%m%dT%H%M%S.%f%z")
        )
    except (ValueError, InputError):
        raise _wrong(
            path, f"notAfter is {texts['notAfter']!r}, not like 20270717T152041.000Z"
        ) from None
    try:
        thumbprint = bundles.parse_thumbprint(texts["thumbprint"])
    except CertlibError as error:
        raise _wrong(path, error.message) from None
    return Choice(texts["subjectAltName"], texts["issuer"], not_after, thumbprint)


def _texts(path: Path, value: dict[str, object]) -> Iterator[tuple[str, str]]:
    for name in ("subjectAltName", "issuer", "notAfter", "thumbprint"):
        text = value.get(name)
        if not isinstance(text, str) or not text:
            raise _wrong(path, f"certificate.{name} is missing")
        yield name, text


def _wrong(path: Path, reason: str) -> InputError:
    return InputError(
        f"{path} cannot be used: {reason}",
        fix="put the file aside and write it again (5-integrating)",
    )
