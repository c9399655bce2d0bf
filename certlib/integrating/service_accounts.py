"""Service accounts: what has to be done when a service gets another account.

Source: Theobald Software's documentation, "Run the service under a Windows
service account".
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from certlib import names, powershell, stores, texts
from certlib.errors import InputError
from certlib.products import Product
from certlib.stores import AccountKind

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
        command: the same as a command of PowerShell, if there is one.
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
    account = checked(account)
    kind = stores.kind_of(account)
    if "\\" not in account or kind not in (AccountKind.DOMAIN, AccountKind.MANAGED):
        raise InputError(
            f"{account!r} is not an account of a domain, but a {kind}",
            fix=_OTHERWISE.get(kind, _AS_WHOAMI),
        )
    managed = kind is AccountKind.MANAGED
    return (
        _principal_name(account, names.dns_name(server_name)),
        *_rights(product, thumbprint, managed=managed),
        *(_in_the_designer() if product.designer else ()),
        Task(
            "Restart",
            "Restart the service, and check its answer on HTTPS.",
            powershell.command("Restart-Service", Name=product.service_name),
        ),
    )


_AS_WHOAMI = r"write it as DOMAIN\name, as `whoami` shows it"
_OTHERWISE = {
    AccountKind.VIRTUAL: "nothing of this is needed for it: towards other computers it "
    r"is the server's own account, DOMAIN\SERVER$",
    AccountKind.BUILT_IN: "let the service run under its virtual account, or under a "
    r"domain account that is written as DOMAIN\name",
}
"""What to do about accounts that need no domain administrator."""


def checked(account: str) -> str:
    r"""Return an account's name, if it is one that Windows can have.

    ``name`` or ``authority\name``, without spaces around it. What is left may
    have spaces, quotes and other characters that a command line has to quote.

    Raises:
        InputError: a part of it is empty, or has a character that Windows
            does not allow in a logon name.
    """
    text = texts.pasted(account)
    if text.removeprefix("*").upper().startswith("S-1-"):
        text = stores.account_meant(text)
    parts = text.split("\\")
    if len(parts) > 2 or not all(map(_PART.fullmatch, parts)):
        raise _not_an_account(account, "the name of an account")
    return text


# Microsoft's documentation of the attribute sAMAccountName; each part begins and
# ends with something that is no space.
_PART = re.compile(r'(?!\s)[^"/\\\[\]:;|=,+*?<>@\x00-\x1f\x7f]+(?<!\s)')


def _not_an_account(account: str, wanted: str) -> InputError:
    return InputError(
        f"{account!r} is not {wanted}",
        fix=_AS_WHOAMI,
    )


def _principal_name(account: str, server_name: str) -> Task:
    plain = re.fullmatch(r"[\w.\\-]+", account, re.ASCII)
    word = account if plain else powershell.quote(account)
    return Task(
        "Service principal name",
        "A domain administrator registers the name under which clients ask for the "
        "service (Kerberos).",
        f"setspn -S HTTP/{server_name} {word}",
    )


def _rights(product: Product, thumbprint: str, *, managed: bool) -> Iterator[Task]:
    add = "add the account"
    log_on = ""
    if managed:
        add = "add the account (Object Types… > Service Accounts)"
        log_on = (
            " Leave both passwords empty; Test-ADServiceAccount has to say True here "
            "before."
        )
    folder = product.folder or f"the installation folder of {product.name}"
    yield Task(
        "Installation folder",
        f"The account may read and write {folder} and all folders below it.",
    )
    yield Task(
        "Private key",
        f"The account may read the private key of {thumbprint}: certlm.msc > the "
        f"certificate > All Tasks > Manage Private Keys > {add}, tick only "
        "Read. A renewed certificate with a new key needs this again.",
    )
    yield Task(
        "Log on",
        f"The service {product.service_name} logs on with the account: services.msc > "
        f"Properties > Log On.{log_on}",
    )


def _in_the_designer() -> Iterator[Task]:
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
