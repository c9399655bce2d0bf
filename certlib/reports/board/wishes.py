"""Wishes: what to audit and for what, as somebody types it on the page."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta

from certlib import clock, files, names, stores, texts
from certlib.bundles import formats, kinds
from certlib.endpoints import fetching
from certlib.errors import InputError
from certlib.products import PRODUCTS, Environment
from certlib.rules import Context
from certlib.stores import Machine
from certlib.trust.roots import Trust


@dataclass(frozen=True)
class Wish:
    """What to audit, and for what.

    Attributes:
        paths: files, folders, stores and servers, see `auditing.source`.
        store: the address of a store, or empty.
        servers: host:port, one a line.
        server_name: the DNS name that they are to be good for, or empty.
        product: its short name, or empty.
        environment: of `Environment`.
        days: how long before its end a certificate is mentioned; as long as fits its
            lifetime when left out.
        roots: files of roots that the clients trust, too.
        lists: files or folders of revocation lists to look up in.
        online: look up revocation at the addresses in the certificates.
    """

    paths: tuple[str, ...] = ()
    store: str = ""
    servers: str = ""
    server_name: str = ""
    product: str = ""
    environment: str = Environment.PRODUCTION.value
    days: int | None = None
    roots: tuple[str, ...] = ()
    lists: tuple[str, ...] = ()
    online: bool = False


def trust(wish: Wish, machine: Machine) -> Trust:
    """Return whom the clients trust, and where revocation is looked up.

    Raises:
        CertlibError: a file cannot be read.
    """
    roots, lists = (
        [files.named(text) for text in lines if texts.pasted(text)]
        for lines in (wish.roots, wish.lists)
    )
    given = formats.read_certificates(*roots)
    found = fetching.lookup(lists, online=wish.online)
    return stores.trust_of(machine, given=given, revocation=found)


def is_pasted(lines: tuple[str, ...]) -> bool:
    """Tell whether somebody pasted the content of a file where names are meant."""
    return kinds.is_pasted("\n".join(lines))


def named(lines: tuple[str, ...]) -> list[str]:
    """Return what the lines name, or the one text that was pasted there instead."""
    if is_pasted(lines):
        return ["\n".join(lines)]
    return list(filter(None, map(texts.pasted, lines)))


def context(wish: Wish) -> Context:
    """Return what is judged for, now.

    Raises:
        InputError: the days, the name or the environment cannot be meant.
    """
    if wish.environment not in [*Environment]:
        raise InputError(
            f"there is no environment {wish.environment}", fix="choose another one"
        )
    if wish.days is not None and not 0 <= wish.days <= 3650:
        raise InputError(
            f"{wish.days} is not between 0 and 3650 days", fix="type another number"
        )
    name = texts.pasted(wish.server_name)
    return Context(
        at=clock.now(),
        server_name=names.server_name(name) if name else "",
        product=PRODUCTS.get(wish.product),
        environment=Environment(wish.environment),
        expiring_within=None if wish.days is None else timedelta(days=wish.days),
    )
