"""Designer: the choices in its windows, and what they mean for the service.

Source: Theobald Software's documentation, "Server settings"; the windows are
in `certlib.widgets.designer`.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from certlib import summaries
from certlib.errors import InputError
from certlib.products import Product
from certlib.stores import PERSONAL, CertificateStore, Machine, StoreEntry


@dataclass(frozen=True)
class Row:
    """A certificate as the window "Edit certificate location" lists it.

    Attributes:
        dns_names: column SubjectAltName DNS.
        issued_by: column Issued by.
        thumbprint: column Thumbprint.
        entry: the certificate in its store.
    """

    dns_names: str
    issued_by: str
    thumbprint: str
    entry: StoreEntry

    @classmethod
    def of(cls, entry: StoreEntry) -> Row:
        """Return the row of a certificate; unreadable parts are empty."""
        summary = summaries.of_certificate(entry.certificate)
        return cls(
            ", ".join(summary.dns_names), summary.issuer, entry.thumbprint, entry
        )

    @property
    def saved_as(self) -> str:
        """What the window shows behind 'Currently saved certificate'."""
        where = self.entry.address.display_name.replace("Local Machine", "LocalMachine")
        return f"{where.replace(' > ', ' - ')} - {self.dns_names} ({self.thumbprint})"


def listing(store: CertificateStore) -> list[Row]:
    """Return the rows that the window shows for a store."""
    return [Row.of(entry) for entry in store]


class Protocol(StrEnum):
    """The choices on the tab Web Server, in its words and order."""

    HTTP = "HTTP - Unrestricted"
    HTTPS = "HTTPS - Unrestricted"
    HTTPS_AD = "HTTPS - Restricted to AD users with Designer read access"
    HTTPS_CUSTOM = "HTTPS - Restricted to custom users with Designer read access"

    @property
    def tls(self) -> bool:
        """Whether a certificate is needed."""
        return self is not Protocol.HTTP


@dataclass(frozen=True)
class ServerSettings:
    """What the window "Server settings" holds about TLS.

    Attributes:
        protocol: of the web server.
        http_port: of the web server without TLS.
        https_port: of the web server with TLS.
        web: thumbprint of the web server's certificate, or empty.
        designer: thumbprint of the certificate on the tab Configuration
            Server, or empty.
    """

    protocol: Protocol
    http_port: int
    https_port: int
    web: str = ""
    designer: str = ""

    @classmethod
    def fresh(cls, product: Product) -> ServerSettings:
        """Return the settings of a new installation."""
        return cls(Protocol.HTTP, product.http_port, product.https_port)


RESTART = "The service has to be restarted."


def consequences(
    before: ServerSettings, after: ServerSettings, machine: Machine, *, host: str
) -> tuple[str, ...]:
    """Return what a change of the settings means for those who use the service.

    Args:
        before: the settings that the service runs with.
        after: those that it will run with after its restart.
        machine: on which the certificates are.
        host: the server's host name so far.

    Raises:
        InputError: HTTPS is chosen without a certificate, or the two ports
            are the same.
        StoreError: a certificate is not in Local Machine > Personal.
    """
    if after.http_port == after.https_port:
        raise InputError(
            f"HTTP and HTTPS cannot both use port {after.http_port}",
            fix="give each a port of its own",
        )
    if after.protocol.tls and not after.web:
        raise InputError(
            f"{after.protocol} needs a certificate",
            fix="click [Select X.509 certificate]",
        )
    if before == after:
        return ()
    old = _address(before, machine, host)
    new = _address(after, machine, host)
    told = [f"Clients have to call {new} instead of {old}."] if old != new else []
    if after.designer and after.designer != after.web:
        told.append(
            "The tab Configuration Server has another certificate than the web server."
        )
    return (*told, RESTART)


def _address(settings: ServerSettings, machine: Machine, host: str) -> str:
    if not settings.protocol.tls:
        return f"http://{host}:{settings.http_port}/"
    row = Row.of(machine.open(PERSONAL).find(settings.web))
    first = row.dns_names.partition(", ")[0]
    # What a wildcard becomes is not documented for every product.
    name = first if first and not first.startswith("*") else host
    return f"https://{name}:{settings.https_port}/"
