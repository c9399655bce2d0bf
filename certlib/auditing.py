"""Auditing: do the certificates that are there meet the requirements?

Sources are read one after the other and judged as they come. What cannot be
read becomes a finding and never stops the run.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Protocol

from cryptography import x509

from certlib import bundles, chains, files, rules, stores, summaries
from certlib.bundles import Bundle
from certlib.errors import CertlibError, InputError, PassphraseError
from certlib.rules import Context, Finding, Severity
from certlib.stores import CertificateStore, Machine
from certlib.summaries import Summary


@dataclass(frozen=True, slots=True)
class Found:
    """A certificate, or something that should have been one, and its place.

    Attributes:
        place: where it was found, in words of its source.
        summary: what it says.
    """

    place: str
    summary: Summary


@dataclass(frozen=True, slots=True)
class Audited:
    """A certificate and what is wrong with it.

    Attributes:
        place: where it was found.
        summary: what it says.
        findings: the requirements it breaks, the worst first; empty is fine.
    """

    place: str
    summary: Summary
    findings: tuple[Finding, ...]

    @property
    def worst(self) -> Severity | None:
        """The severity of the worst finding, or None if there is none."""
        return self.findings[0].severity if self.findings else None


class Source(Protocol):
    """Something that certificates are found in."""

    def __iter__(self) -> Iterator[Found]:
        """Yield each; never raises for what cannot be read."""


@dataclass(frozen=True)
class FileSource:
    """A file, or a folder with all that lies below it.

    Attributes:
        path: the file or folder.
        passphrases: to try on files that are protected, one after the other.
        anchors: the trust anchors that count as public.
    """

    path: Path
    passphrases: tuple[str, ...] = ()
    anchors: Collection[x509.Certificate] | None = None

    def __repr__(self) -> str:
        return f"<FileSource {self.path}>"

    def __iter__(self) -> Iterator[Found]:
        """Yield the server certificates of each file."""
        for path in self._paths():
            try:
                yield from self._read(path)
            except CertlibError as error:
                reason = f"{error.message}; {error.fix}"
                yield Found(str(path), summaries.unreadable(reason))

    def _paths(self) -> Iterator[Path]:
        if not self.path.is_dir():
            yield self.path
            return
        for path in sorted(self.path.rglob("*")):
            hidden = any(p.startswith(".") for p in path.relative_to(self.path).parts)
            if path.is_file() and not hidden and path.suffix.lower() in SUFFIXES:
                yield path

    def _read(self, path: Path) -> Iterator[Found]:
        data = files.read(path)
        content = self._opened(data, path.name)
        if not content.certificates:
            return  # a private key of its own is nothing to audit
        if content.private_key is not None:
            made = [bundles.assemble(content.certificates, content.private_key)]
        else:
            made = [
                Bundle(leaf, chain=chains.order(leaf, content.certificates))
                for leaf in chains.leaves(content.certificates)
            ]
        keyed = path.suffix.lower() in {".pfx", ".p12"}
        for number, bundle in enumerate(made, start=1):
            place = str(path) if len(made) == 1 else f"{path} #{number}"
            known = True if bundle.private_key is not None else False if keyed else None
            yield Found(place, summarize(bundle, known, self.anchors))

    def _opened(self, data: bytes, origin: str) -> bundles.Content:
        for passphrase in (None, *self.passphrases):
            try:
                return bundles.read_content(data, passphrase=passphrase, origin=origin)
            except PassphraseError:
                continue
        raise PassphraseError(
            f"{origin} is protected, and none of the {len(self.passphrases)} "
            "passphrases that were given opens it",
            fix="give its passphrase to read it too",
        )


SUFFIXES = frozenset(
    [
        ".cer",
        ".crt",
        ".der",
        ".pem",
        ".p7b",
        ".p7c",
        ".pfx",
        ".p12",
        ".cert",
        ".ca-bundle",
    ]
)
"""Endings of the files that are read in a folder."""


@dataclass(frozen=True)
class StoreSource:
    """A certificate store.

    Attributes:
        store: the store.
        machine: on which its issuers are looked up, too.
        anchors: the trust anchors that count as public.
    """

    store: CertificateStore
    machine: Machine | None = None
    anchors: Collection[x509.Certificate] | None = None

    def __iter__(self) -> Iterator[Found]:
        """Yield every certificate in the store."""
        issuers = self._issuers()
        for entry in self.store:
            chain = chains.order(entry.certificate, issuers)
            place = f"{self.store.address}\\{entry.thumbprint}"
            bundle = Bundle(entry.certificate, chain=chain)
            yield Found(place, summarize(bundle, entry.has_private_key, self.anchors))

    def _issuers(self) -> list[x509.Certificate]:
        if self.machine is None:
            return []
        addresses = (stores.INTERMEDIATE, stores.TRUSTED_ROOT)
        return [e.certificate for a in addresses for e in self.machine.open(a)]


def source(
    text: str, machine: Machine, *, passphrases: Iterable[str] = ()
) -> FileSource | StoreSource:
    r"""Return the source that a text names.

    ``Cert:\LocalMachine\My`` is a store of the machine, everything else a file
    or a folder.

    Raises:
        InputError: there is no such file or folder.
        StoreError: there is no such store.
    """
    if text.lower().startswith("cert:"):
        store = machine.open(stores.StoreAddress.parse(text))
        return StoreSource(store, machine)
    path = Path(text)
    if not path.exists():
        raise InputError(f"{path} does not exist", fix="check the path")
    return FileSource(path, tuple(passphrases))


def audit(sources: Iterable[Source], context: Context) -> Iterator[Audited]:
    """Yield every certificate of the sources with its findings.

    Args:
        sources: files, folders and stores, mixed as you like.
        context: what the certificates are judged for.
    """
    for one in sources:
        for found in one:
            yield Audited(
                found.place, found.summary, rules.judge(found.summary, context)
            )


def summarize(
    bundle: Bundle,
    private_key: bool | None = None,
    anchors: Collection[x509.Certificate] | None = None,
) -> Summary:
    """Return a bundle's summary, with whether its chain is publicly trusted.

    Args:
        bundle: leaf and chain.
        private_key: whether the key is there; None when nobody can know.
        anchors: what counts as public; Mozilla's roots when left out.
    """
    public = chains.public_anchors() if anchors is None else anchors
    anchor = chains.anchor(bundle.leaf, bundle.chain, public)
    return replace(
        summaries.of_certificate(bundle.leaf, private_key=private_key),
        publicly_trusted=anchor is not None,
    )


def reaches(results: Iterable[Audited], severity: Severity) -> bool:
    """Tell whether any finding is at least as bad as a severity."""
    worst = (r.worst for r in results)
    return any(w is not None and w.rank <= severity.rank for w in worst)
