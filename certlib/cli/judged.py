"""What the commands share that judge: for what, and whom the clients trust."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

import click
from cryptography import x509

from certlib import products
from certlib.bundles import formats
from certlib.cli.common import A_FILE
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


def certificates(paths: Iterable[Path]) -> list[x509.Certificate]:
    """Return the certificates in files, for example of roots."""
    return [one for path in paths for one in formats.read_certificates(path)]
