"""What the commands that judge share: for what, whom clients trust, what is revoked."""

from __future__ import annotations

import contextlib
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click
from cryptography import x509

from certlib import products, stores
from certlib.bundles import Bundle, formats
from certlib.cli.common import A_FILE
from certlib.errors import InputError, PassphraseError
from certlib.products import Environment
from certlib.rules import APPROACHES
from certlib.stores import Machine
from certlib.trust.revocation import Lookup
from certlib.trust.roots import Trust

if TYPE_CHECKING:
    from certlib.endpoints import Proxy

_Command = Callable[..., Any]

_ROOTS = click.option(
    "--root",
    "root_files",
    type=A_FILE,
    multiple=True,
    help="A root certificate that the clients trust, besides those of this machine "
    "and the public ones; may be repeated.",
)

PRODUCT = click.option("--product", type=click.Choice(list(products.PRODUCTS)))

ENVIRONMENT = click.option(
    "--environment",
    type=click.Choice([e.value for e in Environment]),
    default=Environment.PRODUCTION.value,
    show_default=True,
    help="What the server is for.",
)

APPROACH = click.option(
    "--approach",
    type=click.Choice(list(APPROACHES)),
    help="Where they are meant to come from; otherwise what each chain says.",
)

EXPIRING_WITHIN = click.option(
    "--expiring-within",
    default="",
    metavar="30d|20%",
    help="Mention what ends within this time, or in this last part of its lifetime; "
    "its issuers, too. Otherwise 30 days, or the last third of a shorter life.",
)

CLIENT_CERT = click.option(
    "--client-cert",
    type=A_FILE,
    help="Certificate and key (.pfx, .pem) for servers that ask their clients for one.",
)


def _deadline() -> float:
    from certlib import endpoints  # it loads a library for TLS: not all of us ask

    return endpoints.DEADLINE


TIMEOUT = click.option(
    "--timeout",
    type=click.FloatRange(0, 600, min_open=True),
    default=_deadline,
    show_default="5.0",
    metavar="SECONDS",
    help="How long each server may take.",
)


def _proxy(_: click.Context, __: click.Parameter, text: str) -> Proxy | None:
    if not text:
        return None
    from certlib.endpoints import proxies

    return proxies.parse(text)


PROXY = click.option(
    "--proxy",
    default="",
    metavar="URL",
    callback=_proxy,
    help="The HTTP proxy by which servers are reached (CONNECT). If left out, "
    "HTTPS_PROXY, ALL_PROXY and NO_PROXY say it, or Windows' settings.",
)


def client_from(path: Path | None, passphrases: tuple[str, ...]) -> Bundle | None:
    """Return what a client shows of itself, opened by one of the passphrases.

    Raises:
        InputError: the file cannot be read, or holds no private key.
        PassphraseError: none of the passphrases opens it.
    """
    if path is None:
        return None
    *tried, last = passphrases or (None,)
    for one in tried:
        with contextlib.suppress(PassphraseError):
            return _with_key(Bundle.read(path, passphrase=one), path)
    return _with_key(Bundle.read(path, passphrase=last), path)


def _with_key(bundle: Bundle, path: Path) -> Bundle:
    if bundle.private_key is not None:
        return bundle
    raise InputError(
        f"{path} holds no private key, which a client needs to show its certificate",
        fix="give a .pfx or .pem with both",
    )


_LISTS = click.option(
    "--crl",
    "list_files",
    type=A_FILE,
    multiple=True,
    help="A revocation list (CRL), or a folder of them, to look up in; may be "
    "repeated.",
)

_ONLINE = click.option(
    "--online",
    is_flag=True,
    help="Look up revocation at the addresses in the certificates (CRL and OCSP).",
)


def trusting(command: _Command) -> _Command:
    """Give a command the options of `trust`: --root, --crl and --online."""
    return _ROOTS(looking_up(command))


def looking_up(command: _Command) -> _Command:
    """Give a command the options of `lookup`: --crl and --online."""
    return _LISTS(_ONLINE(command))


def trust(
    machine: Machine,
    roots: tuple[Path, ...],
    lists: tuple[Path, ...],
    online: bool,
) -> Trust:
    """Return whom the clients trust, and where revocation is looked up."""
    return stores.trust_of(
        machine, given=certificates(roots), revocation=lookup(lists, online)
    )


def lookup(lists: tuple[Path, ...], online: bool) -> Lookup:
    """Return where revocation is looked up."""
    from certlib.endpoints import fetching  # it loads a library for HTTP

    return fetching.lookup(lists, online=online)


def certificates(paths: tuple[Path, ...]) -> list[x509.Certificate]:
    """Return the certificates in files, for example of roots."""
    return [one for path in paths for one in formats.read_certificates(path)]
