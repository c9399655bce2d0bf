"""What the commands share that judge: for what, and whom the clients trust."""

from __future__ import annotations

import contextlib
from collections.abc import Iterable
from pathlib import Path

import click
from cryptography import x509

from certlib import endpoints, products
from certlib.bundles import Bundle, formats
from certlib.cli.common import A_FILE
from certlib.errors import InputError, PassphraseError
from certlib.products import Environment

ROOTS = click.option(
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

CLIENT_CERT = click.option(
    "--client-cert",
    type=A_FILE,
    help="Certificate and key (.pfx, .pem) for servers that ask their clients for one.",
)

TIMEOUT = click.option(
    "--timeout",
    type=click.FloatRange(0, 600, min_open=True),
    default=endpoints.DEADLINE,
    show_default=True,
    metavar="SECONDS",
    help="How long each server may take.",
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


def certificates(paths: Iterable[Path]) -> list[x509.Certificate]:
    """Return the certificates in files, for example of roots."""
    return [one for path in paths for one in formats.read_certificates(path)]
