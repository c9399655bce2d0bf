"""Sources: where certificates are found, read one after the other.

Iterating a source never raises for what it finds: what cannot be read is
yielded as something unreadable, with the reason.
"""

from __future__ import annotations

import contextlib
import os
import warnings
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Protocol

from cryptography import x509

from certlib import endpoints, files, summaries, texts
from certlib.auditing import contents, folders, sharing
from certlib.auditing.found import Found
from certlib.auditing.sharing import Pool
from certlib.bundles import Bundle, reading
from certlib.bundles.content import Content
from certlib.endpoints import Endpoint, Presented, Proxy, lists
from certlib.errors import CertlibError, InputError
from certlib.files import rights
from certlib.parsers import der_of
from certlib.stores import CertificateStore, StoreEntry
from certlib.summaries import Kind
from certlib.trust import chains, places
from certlib.trust.roots import Trust


class Source(Protocol):
    """Something that certificates are found in."""

    def __iter__(self) -> Iterator[Found]:
        """Yield each; never raises for what cannot be read."""


@dataclass(frozen=True)
class DataSource:
    """The content of a file that is already there, dropped or piped.

    Attributes:
        read: returns it; `CertlibError` becomes something unreadable.
        name: what to call it.
        passphrases: to try on what is protected, one after the other.
        trust: the roots that are trusted; the public ones when left out.
        path: the file itself, if it lies on this machine: who may read it?
    """

    read: Callable[[], bytes] = field(repr=False)
    name: str
    passphrases: tuple[str, ...] = field(default=(), repr=False)
    trust: Trust = field(default_factory=Trust.of, repr=False)
    path: Path | None = None

    def __iter__(self) -> Iterator[Found]:
        """Yield what is in it."""
        return _read_together([self])

    def held(self) -> Content:
        """Return what is in it, readable or not.

        Raises:
            CertlibError: it could not be opened.
        """
        name = os.path.basename(self.name)  # noqa: PTH119 # ten times as fast
        return reading.read(self.read(), self.passphrases, name)

    def found(self, held: Content) -> list[Found]:
        """Return what is in it, after `held`."""
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # they are remarks of the summaries
            readers = rights.others_reading(self.path) if held.private_keys else ()
            return [
                contents.beside_key(f, held, readers)
                for f in contents.found(held, self.trust)
            ]


def _read_together(sources: Iterable[DataSource]) -> Iterator[Found]:
    """Yield what is in each, in their order.

    Most files hold one certificate and no more. Those are read many at once, which
    is much faster than each by itself.
    """
    alone: list[tuple[DataSource, x509.Certificate]] = []
    for source in sources:
        try:
            held = source.held()
        except CertlibError as error:
            found = [Found.not_opened(source.name, error)]
        else:
            if held.is_one_certificate:
                alone.append((source, held.certificates[0]))
                if len(alone) < summaries.BATCH:
                    continue
                found = []
            else:
                found = list(_numbered(source.name, source.found(held)))
        yield from _read_alone(alone)
        alone.clear()
        yield from found
    yield from _read_alone(alone)


def _read_alone(files: list[tuple[DataSource, x509.Certificate]]) -> list[Found]:
    read = summaries.of_certificates([leaf for _, leaf in files])
    return [
        Found(source.name, summary, (der_of(leaf),), leaf, source.trust)
        for (source, leaf), summary in zip(files, read, strict=True)
    ]


def _numbered(name: str, found: list[Found]) -> Iterator[Found]:
    for number, one in enumerate(found, start=1):
        yield one._replace(place=name if len(found) == 1 else f"{name} #{number}")


@dataclass(frozen=True)
class FileSource:
    """A file, or a folder with all that lies below it.

    Attributes:
        path: the file or folder.
        passphrases: to try on files that are protected, one after the other.
        trust: the roots that are trusted; the public ones when left out.
    """

    path: Path
    passphrases: tuple[str, ...] = field(default=(), repr=False)
    trust: Trust = field(default_factory=Trust.of, repr=False)

    def __iter__(self) -> Iterator[Found]:
        """Yield the server certificates of each file, and what cannot be looked at."""
        return _read_together(map(self._source, self._seen()))

    def _source(self, seen: folders.Seen) -> DataSource:
        path, why = seen if isinstance(seen, tuple) else (seen, None)

        def read() -> bytes:
            if why is not None:
                raise why
            return files.read(path)

        name = texts.shown(str(path))
        return DataSource(read, name, self.passphrases, self.trust, path)

    def skipped(self) -> tuple[Path, ...]:
        """Return the files of a folder that are none of certificates."""
        try:
            return folders.passed_over(self.path) if self.path.is_dir() else ()
        except (OSError, ValueError):  # reading it says why
            return ()

    def _seen(self) -> list[folders.Seen]:
        try:
            if self.path.is_dir():
                return folders.walk(self.path)
        except (OSError, ValueError):  # reading it says why
            pass
        return [self.path]


@dataclass(frozen=True)
class StoreSource:
    """A certificate store.

    Attributes:
        store: the store.
        trust: the roots that are trusted, and the issuers of the machine; the
            public roots when left out.
    """

    store: CertificateStore
    trust: Trust = field(default_factory=Trust.of, repr=False)

    def __iter__(self) -> Iterator[Found]:
        """Yield every certificate in the store."""
        try:
            for entry in self.store:
                yield self._found(entry)
        except CertlibError as error:
            yield Found.not_opened(str(self.store.address), error)

    def _found(self, entry: StoreEntry) -> Found:
        leaf, address = entry.certificate, self.store.address
        there: bool | None = entry.has_private_key
        if address.is_named("Root", "CA", "AuthRoot"):
            there = there or None  # authorities keep theirs elsewhere
        placed = places.in_store(
            leaf,
            self.trust,
            store=address,
            private_key=there,
            key_readers=self._accounts(entry, self.store.readers),
            key_controllers=self._accounts(entry, self.store.controllers),
            exportable=entry.exportable,
        )
        path = map(der_of, (leaf, *chains.order(leaf, self.trust.issuers)))
        return Found.of(f"{address}\\{entry.thumbprint}", placed, tuple(path))

    def _accounts(
        self, entry: StoreEntry, who: Callable[[str], list[str]]
    ) -> tuple[str, ...] | None:
        if not entry.has_private_key:
            return None
        try:
            return tuple(who(entry.thumbprint))
        except CertlibError:  # not everybody may see the rights on a key
            return None


@dataclass(frozen=True)
class EndpointSource:
    """Servers that are asked for their certificates, many at once.

    Attributes:
        servers: whom to ask.
        trust: the roots that are trusted; the public ones when left out.
        deadline: seconds that each of them has.
        at_once: how many are asked at the same time.
        client: certificate and key for those that ask their clients for one.
        pool: processes or machines that ask them, a ``dask.distributed.Client`` for
            example; this one if left out, or if there is a `client`: its key stays.
    """

    servers: tuple[Endpoint, ...]
    trust: Trust = field(default_factory=Trust.of, repr=False)
    deadline: float = endpoints.DEADLINE
    at_once: int = endpoints.AT_ONCE
    client: Bundle | None = field(default=None, repr=False)
    pool: Pool | None = field(default=None, repr=False)

    def __iter__(self) -> Iterator[Found]:
        """Yield what each server presents, as the answers come."""
        for presented in self._asked():
            yield _presented(presented, self.trust)
            if presented.another is not None:
                yield _presented(presented.another, self.trust)

    def _asked(self) -> Iterator[Presented]:
        if self.pool is not None and self.client is None:
            return sharing.probed(self.pool, self.servers, self.deadline, self.at_once)
        return endpoints.probe_many(
            self.servers,
            deadline=self.deadline,
            at_once=self.at_once,
            client=self.client,
        )


@dataclass(frozen=True)
class ListSource:
    """Servers in a list, see `endpoints.lists`; or what such a file holds instead.

    Attributes:
        read: returns its content; `CertlibError` becomes something unreadable.
        name: what to call it.
        trust: the roots that are trusted; the public ones when left out.
        deadline: seconds that each server has.
        passphrases: to try if it is no list but something that is protected.
        server_name: by which servers are called whose line says no name.
        client: certificate and key for those that ask their clients for one.
        path: the file itself, if it lies on this machine.
        proxy: by which the servers are reached.
        pool: who asks them, see `EndpointSource`.
    """

    read: Callable[[], bytes] = field(repr=False)
    name: str
    trust: Trust = field(default_factory=Trust.of, repr=False)
    deadline: float = endpoints.DEADLINE
    passphrases: tuple[str, ...] = field(default=(), repr=False)
    server_name: str = ""
    client: Bundle | None = field(default=None, repr=False)
    path: Path | None = None
    proxy: Proxy | None = None
    pool: Pool | None = field(default=None, repr=False)

    def __iter__(self) -> Iterator[Found]:
        """Yield each line that names no server, and what each server presents."""
        try:
            data = self.read()
            if not lists.is_list(data):
                yield from DataSource(
                    lambda: data, self.name, self.passphrases, self.trust, self.path
                )
                return
            lines = lists.read(data, self.server_name)
        except CertlibError as error:
            yield Found.not_opened(self.name, error)
            return
        if not lines:
            empty = InputError(
                "it names no server", fix="write one a line, as host:port"
            )
            yield Found.not_opened(self.name, empty)
        for place, server in lines:
            if isinstance(server, CertlibError):
                yield Found.not_opened(f"{self.name} {place}", server)
        asked = [
            replace(one, proxy=self.proxy)
            for _, one in lines
            if isinstance(one, Endpoint)
        ]
        yield from EndpointSource(
            tuple(dict.fromkeys(asked)),
            self.trust,
            self.deadline,
            client=self.client,
            pool=self.pool,
        )


def expected(source: Source) -> int | None:
    """Return how many things a source will have, about; None if nobody knows."""
    match source:
        case EndpointSource():
            return len(source.servers)
        case FileSource():
            return len(source._seen())
        case ListSource():
            with contextlib.suppress(CertlibError):
                return len(lists.read(source.read(), source.server_name))
    return None


def _presented(presented: Presented, trust: Trust) -> Found:
    place = str(presented.endpoint)
    if not presented.chain:
        error = presented.error or InputError(
            f"{place} presented no certificate", fix="check what runs on this port"
        )
        return Found.not_opened(place, error)
    placed = presented.placed(trust)
    if presented.error is not None and placed.summary.kind is Kind.CERTIFICATE:
        problem = summaries.Problem("Handshake", presented.error.message)
        problems = (*placed.summary.problems, problem)
        placed = replace(placed, summary=placed.summary._replace(problems=problems))
    return Found.of(place, placed, presented.der)
