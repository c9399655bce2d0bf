"""What the commands that judge share: for what, whom clients trust, what is revoked."""

from __future__ import annotations

import contextlib
import math
from pathlib import Path
from typing import TYPE_CHECKING

import click

from certlib import products
from certlib.bundles import Bundle
from certlib.cli.common import A_FILE
from certlib.errors import InputError, PassphraseError
from certlib.products import Environment
from certlib.rules import APPROACHES

if TYPE_CHECKING:
    from certlib.endpoints import Proxy

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


def _number(_: click.Context, __: click.Parameter, value: float) -> float:
    if math.isnan(value):  # which no range refuses
        raise click.BadParameter(f"{value} is no number of seconds")
    return value


TIMEOUT = click.option(
    "--timeout",
    type=click.FloatRange(0, 600, min_open=True),
    callback=_number,
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
