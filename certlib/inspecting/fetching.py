"""Fetching: what is to be inspected, from a file, a pipe, a store or a server."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING

from certlib import bundles, files, inspecting, texts
from certlib.bundles import Bundle
from certlib.errors import InputError
from certlib.inspecting import Opened
from certlib.trust import chains

if TYPE_CHECKING:
    from certlib.stores import Machine


def fetch(
    text: str,
    machine: Machine | None = None,
    *,
    passphrase: str | None = None,
    key: Path | None = None,
    thumbprint: str = "",
) -> Opened:
    r"""Return what a text names.

    Args:
        text: a file, ``-`` for standard input, ``Cert:\LocalMachine\My\THUMBPRINT``,
            or ``tls://HOST:PORT``.
        machine: whose stores; this computer's when left out.
        passphrase: of a file.
        key: the file of the private key, if that lies apart.
        thumbprint: of the certificate that is meant, where a file has several.

    Raises:
        InputError: it names nothing, or a file cannot be read.
        PassphraseError: the passphrase is missing or wrong.
        EncodingError: the content is of no kind that is known.
        StoreError: there is no such certificate.
        EndpointError: the server presented none.
    """
    meant = texts.pasted(text)
    if not files.is_there(Path(text)):
        if meant.lower().startswith(("tls://", "https://")):
            return Opened(_presented(meant))
        if meant.lower().startswith("cert:"):
            return Opened(_stored(meant, machine))
    piped = meant == "-"
    return inspecting.open_file(
        _piped() if piped else files.named(text),
        passphrase=passphrase,
        key=key and files.read(key) if piped else key,
        thumbprint=thumbprint,
        origin="standard input",
    )


def _piped() -> bytes:
    data = sys.stdin.buffer.read(files.MAX_SIZE + 1)
    if not data or len(data) > files.MAX_SIZE:
        raise InputError(
            f"standard input is {'too large' if data else 'empty'}",
            fix="pipe a certificate, request or key into it",
        )
    return data


def _stored(text: str, machine: Machine | None) -> Bundle:
    from certlib import stores  # a file needs none

    machine = machine or stores.this_machine()
    address, thumbprint = stores.entry_address(text)
    entry = machine.open(address or stores.PERSONAL).find(
        bundles.parse_thumbprint(thumbprint)
    )
    return Bundle(entry.certificate, friendly_name=entry.friendly_name)


def _presented(text: str) -> Bundle:
    from certlib import endpoints  # it loads a library for TLS

    shown = endpoints.look(endpoints.parse(text))
    if shown.leaf is None:
        raise shown.error or InputError(
            f"{text} sent no certificate", fix="check host and port"
        )
    chain = chains.order(shown.leaf, shown.chain)
    rest = tuple(one for one in shown.chain if one not in (shown.leaf, *chain))
    return Bundle(shown.leaf, chain=chain, beside=rest)
