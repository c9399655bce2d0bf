"""Roots: where a chain may end, and who trusts it there."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field, replace
from functools import cache
from types import MappingProxyType

from cryptography import x509

from certlib.trust import chains
from certlib.trust.pool import Pool
from certlib.trust.revocation import NOWHERE, Lookup

Anchors = Collection[x509.Certificate] | None
"""The trust anchors that count as public; Mozilla's roots when None."""

PUBLIC = "the public roots"
MACHINE = "this machine"
GIVEN = "clients with the given roots"


@dataclass(frozen=True)
class Trust:
    """Which roots are trusted and by whom, and which issuers are known.

    Attributes:
        pool: judges paths to all these roots.
        owners: who trusts each of them.
        issuers: roots and intermediate certificates of the machine, by subject.
        revocation: where revocation is looked up.
        roots_only: judges paths without the issuers of the machine; `pool` if None.
        said: whether somebody has said which roots the clients trust.
    """

    pool: Pool = field(repr=False)
    owners: Mapping[x509.Certificate, tuple[str, ...]] = field(repr=False)
    issuers: chains.BySubject = field(default_factory=dict, repr=False)
    revocation: Lookup = field(default=NOWHERE, repr=False)
    roots_only: Pool | None = field(default=None, repr=False)
    said: bool = False

    @classmethod
    def of(
        cls,
        anchors: Anchors = None,
        roots: Collection[x509.Certificate] = (),
        intermediates: Collection[x509.Certificate] = (),
        *,
        given: Collection[x509.Certificate] = (),
    ) -> Trust:
        """Return the trust in public anchors, and in a machine's certificates.

        Args:
            anchors: the public trust anchors.
            roots: those that the machine trusts.
            intermediates: issuers that it knows.
            given: roots that somebody says the clients trust.
        """
        if anchors is None:
            if not roots and not intermediates and not given:
                return _public()
            anchors = chains.public_anchors()
        owners: dict[x509.Certificate, tuple[str, ...]] = defaultdict(tuple)
        for owner, owned in ((GIVEN, given), (MACHINE, roots), (PUBLIC, anchors)):
            for root in dict.fromkeys(owned):
                owners[root] += (owner,)
        roots_only = Pool((), owners)
        return cls(
            roots_only.including(intermediates),
            MappingProxyType(dict(owners)),
            chains.by_subject((*intermediates, *roots)),
            roots_only=roots_only,
            said=bool(given),
        )

    def including(self, sent: Iterable[x509.Certificate]) -> Trust:
        """Return the same trust with other certificates at hand, too."""
        return replace(self, pool=self.pool.including(sent))

    def as_clients(self, sent: Iterable[x509.Certificate]) -> Trust:
        """Return the trust of clients, who know what was sent and no other issuer.

        An issuer that this machine has by chance is at hand nowhere else.
        """
        return replace(self, pool=(self.roots_only or self.pool).including(sent))

    def owners_of(self, anchor: x509.Certificate | None) -> tuple[str, ...]:
        """Return who trusts a root, those first that know it best."""
        return () if anchor is None else self.owners.get(anchor, ())


@cache
def _public() -> Trust:
    anchors = chains.public_anchors()
    return Trust(Pool((), anchors), dict.fromkeys(anchors, (PUBLIC,)))
