"""What the commands share that trust: which roots, and where revocation is sought."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from certlib.bundles import formats
from certlib.cli.common import A_FILE

if TYPE_CHECKING:
    from certlib.stores import Machine
    from certlib.trust.revocation import Lookup
    from certlib.trust.roots import Trust

_Command = Callable[..., Any]

_ROOTS = click.option(
    "--root",
    "root_files",
    type=A_FILE,
    multiple=True,
    help="A root certificate that the clients trust, besides those of this machine "
    "and the public ones; may be repeated.",
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
    from certlib import stores  # they are loaded only where something is judged

    given = formats.read_certificates(*roots)
    return stores.trust_of(machine, given=given, revocation=lookup(lists, online))


def lookup(lists: tuple[Path, ...], online: bool) -> Lookup:
    """Return where revocation is looked up."""
    if not lists and not online:
        from certlib.trust.revocation import NOWHERE

        return NOWHERE
    from certlib.endpoints import fetching  # it loads a library for HTTP

    return fetching.lookup(lists, online=online)
