"""Service accounts: what has to be done when a service gets another account.

Source: Theobald Software's documentation, "Run the service under a Windows
service account".
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from certlib import names, powershell
from certlib.errors import InputError
from certlib.products import Product

REASONS = (
    "the web server's protocol 'HTTPS - Restricted to AD users' (Kerberos)",
    "Windows authentication towards a destination, a database for example",
    "single sign-on to SAP by Kerberos SNC or by a logon ticket",
)
"""What a domain account is needed for; otherwise the virtual account is right."""


@dataclass(frozen=True)
class Task:
    """One thing to do for a new account.

    Attributes:
        title: what.
        detail: how, by hand.
        command: the same as a command, if there is one.
    """

    title: str
    detail: str
    command: str = ""


def tasks(
    product: Product, account: str, *, server_name: str, thumbprint: str
) -> tuple[Task, ...]:
    r"""Return what has to be done, in order.

    Args:
        product: whose service.
        account: the domain account, as ``DOMAIN\name``.
        server_name: the server's full DNS name.
        thumbprint: of the certificate that the service uses.

    Raises:
        InputError: the account is not one of a domain, or the name is none.
    """
    domain, mark, user = account.partition("\\")
    if not (mark and domain.strip() and user.strip()) or domain == ".":
        raise InputError(
            f"{account!r} is not an account of a domain",
            fix=r"write it as DOMAIN\name",
        )
    return tuple(_tasks(product, account, names.dns_name(server_name), thumbprint))


def _tasks(
    product: Product, account: str, server_name: str, thumbprint: str
) -> Iterator[Task]:
    yield Task(
        "Service principal name",
        "A domain administrator registers the name under which clients ask for the "
        "service (Kerberos).",
        f"setspn -S HTTP/{server_name} {account}",
    )
    folder = product.folder or f"the installation folder of {product.name}"
    yield Task(
        "Installation folder",
        f"The account may read and write {folder} and all folders below it.",
    )
    yield Task(
        "Private key",
        f"The account may read the private key of {thumbprint}: certlm.msc > the "
        "certificate > All Tasks > Manage Private Keys > add the account, tick only "
        "Read. A renewed certificate with a new key needs this again.",
    )
    yield Task(
        "Log on",
        f"The service {product.service_name} logs on with the account: services.msc > "
        "Properties > Log On.",
    )
    if product.designer:
        yield Task(
            "Designer",
            "In the Designer's connection to the server, the Target Principal is the "
            "account's user principal name (name@domain).",
        )
        yield Task(
            "SAP passwords",
            "Since version 5.0 passwords of SAP sources are encrypted with a key of "
            "the service account (older documentation): enter them again.",
        )
    yield Task(
        "Restart",
        "Restart the service, and check its answer on HTTPS.",
        powershell.command("Restart-Service", Name=product.service_name),
    )
