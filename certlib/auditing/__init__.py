"""Auditing: do the certificates that are there meet the requirements?

Sources are read one after the other and judged as they come. What cannot be
read becomes a finding and never stops the run.
"""

from __future__ import annotations

import sys
from collections import defaultdict
from collections.abc import Callable, Collection, Iterable, Iterator
from dataclasses import dataclass, field, replace

from cryptography import x509

from certlib import endpoints, files, stores, summaries, texts
from certlib.auditing import relatives
from certlib.auditing.found import Found
from certlib.auditing.sharing import Pool
from certlib.auditing.sources import (
    DataSource,
    EndpointSource,
    FileSource,
    ListSource,
    Source,
    StoreSource,
)
from certlib.auditing.suppressions import Suppressed, Suppressions
from certlib.bundles import Bundle, kinds
from certlib.endpoints import lists
from certlib.errors import InputError
from certlib.rules import Context, Finding, Judge, Severity
from certlib.stores import Machine
from certlib.summaries import Summary
from certlib.trust import chains
from certlib.trust.roots import Trust


@dataclass(frozen=True, slots=True)
class Audited:
    """A certificate and what is wrong with it.

    Attributes:
        places: where it was found; more than one for a certificate found twice.
        summary: what it says.
        findings: the requirements it breaks, the worst first, each at its place;
            empty is fine.
        suppressed: findings that somebody has accepted, with the reason.
        certificates: it and its issuers in DER, for a closer look.
    """

    places: tuple[str, ...]
    summary: Summary
    findings: tuple[Finding, ...]
    suppressed: tuple[Suppressed, ...] = ()
    certificates: tuple[bytes, ...] = field(default=(), repr=False)

    @property
    def place(self) -> str:
        """All its places as one text."""
        return ", ".join(self.places)

    @property
    def worst(self) -> Severity | None:
        """The severity of the worst finding, or None if there is none."""
        return self.findings[0].severity if self.findings else None

    @property
    def told(self) -> tuple[tuple[Finding, tuple[str, ...]], ...]:
        """Each finding once, with the places it is at if not at all of them."""
        at: dict[Finding, list[str]] = defaultdict(list)
        for one in self.findings:
            at[one._replace(place="")].append(one.place)
        return tuple((one, self._some(places)) for one, places in at.items())

    @property
    def accepted(self) -> tuple[tuple[Suppressed, tuple[str, ...]], ...]:
        """The same for what somebody has accepted."""
        at: dict[Suppressed, list[str]] = defaultdict(list)
        for one in self.suppressed:
            everywhere = replace(one, finding=one.finding._replace(place=""))
            at[everywhere].append(one.finding.place)
        return tuple((one, self._some(places)) for one, places in at.items())

    def at_place(self) -> dict[str, list[Finding]]:
        """Return what is wrong at each place, an empty list where nothing is."""
        found: dict[str, list[Finding]] = {place: [] for place in self.places}
        for one in self.findings:
            found.setdefault(one.place or self.place, []).append(one)
        return found

    def _some(self, places: list[str]) -> tuple[str, ...]:
        return () if len(self.places) == len(places) else tuple(places)


Progress = Callable[[Found], bool | None]
"""Is told each thing that was found; False stops the search."""


def source(
    text: str,
    machine: Machine,
    *,
    passphrases: Iterable[str] = (),
    trust: Trust | None = None,
    server_name: str = "",
    client: Bundle | None = None,
    deadline: float = endpoints.DEADLINE,
    proxy: endpoints.Proxy | None = None,
    pool: Pool | None = None,
) -> Source:
    r"""Return the source that a text names.

    ``Cert:\LocalMachine\My`` is a store of the machine, ``tls://host:port`` a
    server, ``-`` standard input, a text in PEM what it holds, a file with an ending
    of `lists.ENDINGS` a list of servers; everything else a file or a folder.

    Args:
        text: what to look at.
        machine: whose stores are meant.
        passphrases: to try on what is protected.
        trust: the roots that are trusted; those of the machine and the public
            ones when left out.
        server_name: by which servers are called (SNI) and have to be named; a line
            of a list may say another one.
        client: certificate and key for servers that ask their clients for one.
        deadline: seconds that each server has.
        proxy: by which servers are reached, see `endpoints.proxies`.
        pool: a ``dask.distributed.Client``, for example, whose machines ask the
            servers; this one if left out.

    Raises:
        InputError: there is no such file or folder, or no such server.
        StoreError: there is no such store, or the roots cannot be read.
    """
    trust = trust or stores.trust_of(machine)
    meant, tried = texts.pasted(text), tuple(passphrases)
    if meant.lower().startswith("cert:"):
        store = machine.open(stores.StoreAddress.parse(meant))
        return StoreSource(store, trust)
    if endpoints.is_url(meant):
        asked = endpoints.parse(meant)
        asked = replace(asked, server_name=server_name or asked.host, proxy=proxy)
        return EndpointSource((asked,), trust, deadline, client=client, pool=pool)
    if kinds.is_pasted(text):
        return DataSource(text.encode, "pasted text", tried, trust)
    if meant == "-":
        return DataSource(sys.stdin.buffer.read, "standard input", tried, trust)
    path = files.named(text)
    if not files.is_there(path):
        raise InputError(f"{path} does not exist", fix="check the path")
    if path.suffix.lower() not in lists.ENDINGS or path.is_dir():
        return FileSource(path, tried, trust)
    name = texts.shown(str(path))
    return ListSource(
        *(lambda: files.read(path), name, trust, deadline, tried, server_name, client),
        path,
        proxy,
        pool,
    )


def audit(
    sources: Iterable[Source],
    context: Context,
    *,
    suppressions: Suppressions | None = None,
    progress: Progress = lambda found: None,
) -> Iterator[Audited]:
    """Yield every certificate of the sources with its findings.

    All sources are read before the first one is judged: the same certificate
    found twice is one with two places, and one key in two certificates is a
    finding on both. Keys are looked up among those that are known to be weak.

    Args:
        sources: files, folders, stores and servers, mixed as you like.
        context: what the certificates are judged for.
        suppressions: findings that somebody has accepted.
        progress: is told each thing that was found; False stops the search, and
            what was found until then is judged.
    """
    found = _merged(_search(sources, progress))
    roles = {one.summary.role for one, *_ in found}
    if context.server_name and summaries.Role.SERVER not in roles:
        asked = {"wanted_for": context.server_name}
        found = [[relatives.noting(one, asked) for one in group] for group in found]
    judge = Judge(context)
    for found_together in relatives.noted(found):
        group = [one.judged(context.at) for one in found_together]
        places = tuple(dict.fromkeys(one.place for one in group))
        findings = _judged(group, judge)
        accepted: tuple[Suppressed, ...] = ()
        if suppressions is not None:
            findings, accepted = suppressions.apply(
                findings, group[0].summary, at=context.at
            )
        first = max(group, key=lambda one: len(one.certificates))
        yield Audited(places, group[0].summary, findings, accepted, first.certificates)


def _search(sources: Iterable[Source], progress: Progress) -> Iterator[Found]:
    for one in sources:
        for found in one:
            yield found
            if progress(found) is False:
                return


def _merged(found: Iterable[Found]) -> list[list[Found]]:
    """Group what is the same certificate, in the order of first sight."""
    groups: dict[object, list[Found]] = defaultdict(list)
    for one in found:
        groups[one.summary.sha256 or id(one)].append(one)
    for group in groups.values():
        keys = {one.summary.private_key for one in group}
        key = True if True in keys else False if False in keys else None
        if len(keys) > 1:
            group[:] = [
                one._replace(summary=one.summary._replace(private_key=key))
                for one in group
            ]
    return list(groups.values())


def _judged(group: list[Found], judge: Judge) -> tuple[Finding, ...]:
    """Return what is wrong at each place, together what is wrong at several."""
    if len(group) == 1:  # as nearly all are
        (one,) = group
        return tuple(f._replace(place=one.place) for f in judge(one.summary))
    together: dict[Finding, dict[str, Finding]] = defaultdict(dict)
    of_summary: dict[Summary, tuple[Finding, ...]] = {}
    for one in group:
        if (found := of_summary.get(one.summary)) is None:
            found = of_summary[one.summary] = judge(one.summary)
        for finding in found:
            together[finding][one.place] = finding._replace(place=one.place)
    placed = [finding for at in together.values() for finding in at.values()]
    return tuple(sorted(placed, key=lambda finding: finding.severity.rank))


def summary_with_trust(
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
    return summaries.of_certificate(bundle.leaf, private_key=private_key)._replace(
        publicly_trusted=anchor is not None
    )
