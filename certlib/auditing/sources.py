"""Sources: where certificates are found, read one after the other.

Iterating a source never raises for what it finds: what cannot be read is
yielded as something unreadable, with the reason.
"""

from __future__ import annotations

import csv
import warnings
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field, replace
from datetime import datetime
from pathlib import Path
from typing import Protocol

from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding

from certlib import (
    bundles,
    endpoints,
    files,
    keys,
    summaries,
    texts,
)
from certlib.auditing import contents
from certlib.bundles import reading
from certlib.bundles.reading import Content
from certlib.endpoints import Endpoint, Presented
from certlib.errors import CertlibError, InputError
from certlib.stores import CertificateStore, StoreEntry
from certlib.summaries import Kind, Summary, Surroundings
from certlib.trust import chains, places
from certlib.trust.places import Placed
from certlib.trust.roots import Trust


@dataclass(frozen=True, slots=True)
class Found:
    """A certificate, or something that should have been one, and its place.

    Attributes:
        place: where it was found, in words of its source.
        summary: what it says.
        certificates: it and its issuers in DER, for a closer look.
        leaf: the certificate itself, if it could be read.
        trust: judges by which path it is trusted, from what came with it.
    """

    place: str
    summary: Summary
    certificates: tuple[bytes, ...] = field(default=(), repr=False)
    leaf: x509.Certificate | None = field(default=None, repr=False)
    trust: Trust | None = field(default=None, repr=False)

    @classmethod
    def of(cls, place: str, placed: Placed, ders: tuple[bytes, ...]) -> Found:
        """Return a certificate that was placed by `certlib.trust.places`."""
        return cls(place, placed.summary, ders, placed.leaf, placed.trust)

    def judged(self, at: datetime) -> Found:
        """Return it with what its path to a root is like at a moment."""
        if self.leaf is None or self.trust is None:
            return self
        placed = Placed(self.leaf, self.summary, self.trust)
        return replace(self, summary=placed.judged(at))


class Source(Protocol):
    """Something that certificates are found in."""

    def __iter__(self) -> Iterator[Found]:
        """Yield each; never raises for what cannot be read."""


SUFFIXES = frozenset(
    ending for kind in bundles.FORMATS if kind.searched for ending in kind.endings
)
"""Endings of the files that are read in a folder."""


@dataclass(frozen=True)
class DataSource:
    """The content of a file that is already there, dropped or piped.

    Attributes:
        read: returns it; `CertlibError` becomes something unreadable.
        name: what to call it.
        passphrases: to try on what is protected, one after the other.
        trust: the roots that are trusted; the public ones when left out.
    """

    read: Callable[[], bytes] = field(repr=False)
    name: str
    passphrases: tuple[str, ...] = field(default=(), repr=False)
    trust: Trust = field(default_factory=Trust.of, repr=False)

    def __iter__(self) -> Iterator[Found]:
        """Yield what is in it."""
        try:
            data = self.read()
        except CertlibError as error:
            yield _not_opened(self.name, error)
            return
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # they are remarks of the summaries
            held = reading.read(data, self.passphrases, Path(self.name).name)
            found = list(_found(held, self.trust))
        yield from _numbered(self.name, found)


def _numbered(name: str, found: list[Found]) -> Iterator[Found]:
    for number, one in enumerate(found, start=1):
        yield replace(one, place=name if len(found) == 1 else f"{name} #{number}")


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
        """Yield the server certificates of each file."""
        for path in self._paths():
            yield from DataSource(
                lambda path=path: files.read(path),  # type: ignore[misc]
                texts.shown(str(path)),
                self.passphrases,
                self.trust,
            )

    def skipped(self) -> list[Path]:
        """Return the files of a folder that are not read, by their endings."""
        if not self.path.is_dir():
            return []
        unknown = (p for p in self._visible() if p.suffix.lower() not in SUFFIXES)
        return [path for path in unknown if path.is_file()]

    def _visible(self) -> Iterator[Path]:
        for path in sorted(self.path.rglob("*")):
            inner = path.relative_to(self.path).parts
            if not any(part.startswith(".") for part in inner):
                yield path

    def _paths(self) -> Iterator[Path]:
        if not self.path.is_dir():
            yield self.path
            return
        for path in self._visible():
            if path.suffix.lower() not in SUFFIXES:
                continue
            try:
                if path.is_file():
                    yield path
            except OSError:  # not ours to look at; reading it says why
                yield path


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
            yield _not_opened(str(self.store.address), error)

    def _found(self, entry: StoreEntry) -> Found:
        leaf, address = entry.certificate, str(self.store.address)
        around = Surroundings(
            store=address,
            key_readers=self._readers(entry),
            signature_valid=chains.signature_valid(leaf, leaf),
        )
        summary = summaries.of_certificate(leaf, private_key=entry.has_private_key)
        if address.casefold().endswith(("\\root", "\\ca", "\\authroot")):
            summary = summary._replace(private_key=entry.has_private_key or None)
        placed = Placed(leaf, summary._replace(surroundings=around), self.trust)
        path = (leaf, *chains.order(leaf, self.trust.issuers))
        return Found.of(f"{address}\\{entry.thumbprint}", placed, _ders(path))

    def _readers(self, entry: StoreEntry) -> tuple[str, ...] | None:
        if not entry.has_private_key:
            return None
        try:
            return tuple(self.store.readers(entry.thumbprint))
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
    """

    servers: tuple[Endpoint, ...]
    trust: Trust = field(default_factory=Trust.of, repr=False)
    deadline: float = endpoints.DEADLINE
    at_once: int = endpoints.AT_ONCE

    def __iter__(self) -> Iterator[Found]:
        """Yield what each server presents, as the answers come."""
        for presented in endpoints.probe_many(
            self.servers, deadline=self.deadline, at_once=self.at_once
        ):
            yield _presented(presented, self.trust)


@dataclass(frozen=True)
class ListSource:
    """Servers in a list: a text with one on a line, or a CSV file.

    A CSV file has a column ``host`` (or ``server``, ``endpoint``, ``name``,
    ``url``, ``address``; otherwise its first is taken) and may have ``port``.

    Attributes:
        path: the file.
        trust: the roots that are trusted; the public ones when left out.
        deadline: seconds that each server has.
    """

    path: Path
    trust: Trust = field(default_factory=Trust.of, repr=False)
    deadline: float = endpoints.DEADLINE

    def __iter__(self) -> Iterator[Found]:
        """Yield what each server presents, and each line that names none."""
        try:
            listed = hosts(files.read(self.path).decode("utf-8-sig", "replace"))
        except CertlibError as error:
            yield _not_opened(str(self.path), error)
            return
        asked = []
        for line, text in listed:
            try:
                asked.append(endpoints.parse(text))
            except CertlibError as error:
                yield _not_opened(f"{self.path} line {line}", error)
        yield from EndpointSource(tuple(asked), self.trust, self.deadline)


LISTS = frozenset([".csv", ".txt"])
"""Endings of the files that are lists of servers."""

_HOST_COLUMNS = ("host", "server", "endpoint", "name", "url", "address")


def hosts(text: str) -> list[tuple[int, str]]:
    """Return the servers that a list names, each with its line.

    Args:
        text: one server a line, or CSV; what follows a ``#`` does not count.
    """
    lines = [line.partition("#")[0].strip() for line in text.splitlines()]
    delimiter = ";" if any(";" in line for line in lines) else ","
    rows = [
        (number, [cell.strip() for cell in row])
        for number, row in enumerate(csv.reader(lines, delimiter=delimiter), start=1)
        if any(row)
    ]
    head = [cell.lower() for cell in rows[0][1]] if rows else []
    host = next((head.index(name) for name in _HOST_COLUMNS if name in head), None)
    if host is None:
        return [(number, row[0]) for number, row in rows]
    port = head.index("port") if "port" in head else len(head)
    return [
        (number, ":".join(filter(None, [*row[host : host + 1], *row[port : port + 1]])))
        for number, row in rows[1:]
    ]


def _ders(path: Iterable[x509.Certificate]) -> tuple[bytes, ...]:
    return tuple(one.public_bytes(Encoding.DER) for one in path)


def _not_opened(place: str, error: CertlibError) -> Found:
    return Found(place, summaries.not_opened(error))


def _found(held: Content, trust: Trust) -> Iterator[Found]:
    """Yield the leaves among certificates, and what is no certificate."""
    for summary in contents.others(held):
        yield Found("", summary)
    loaded = list(dict.fromkeys(held.certificates))
    with_key = contents.fingerprints(held)
    mine = {c for c in loaded if _has_key(c, with_key)}
    leaves = set(chains.leaves(loaded))
    chosen = [c for c in loaded if c in mine or c in leaves]
    if mine and len(leaves) == 1:
        chosen = [c for c in loaded if c in mine]
    issuers = chains.by_subject(c for c in loaded if c not in leaves)
    # Most files hold one certificate: nothing else is to be read for it.
    others = loaded if len(loaded) > 1 else []
    trust = trust.including(c for c in others if c not in leaves or _is_ca(c))
    for leaf in chosen:
        key = True if leaf in mine else False if held.is_pfx else None
        placed = places.in_file(leaf, (), trust, private_key=key)
        yield Found.of("", placed, _ders((leaf, *chains.order(leaf, issuers))))


def _has_key(certificate: x509.Certificate, fingerprints: set[str]) -> bool:
    key = keys.public_key(certificate) if fingerprints else None
    return key is not None and keys.key_sha256(key) in fingerprints


def _is_ca(certificate: x509.Certificate) -> bool:
    """Tell whether it might have issued others, although none here is its own."""
    return summaries.of_certificate(certificate).is_ca is True


def _presented(presented: Presented, trust: Trust) -> Found:
    place = str(presented.endpoint)
    if not presented.chain:
        error = presented.error or InputError(
            f"{place} presented no certificate", fix="check what runs on this port"
        )
        return _not_opened(place, error)
    placed = places.presented(
        presented.chain,
        trust,
        server_name=presented.endpoint.server_name,
        protocol=presented.protocol,
    )
    if presented.error is not None and placed.summary.kind is Kind.CERTIFICATE:
        problem = summaries.Problem("Handshake", presented.error.message)
        problems = (*placed.summary.problems, problem)
        placed = replace(placed, summary=placed.summary._replace(problems=problems))
    return Found.of(place, placed, presented.der)
