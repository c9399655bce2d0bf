"""Places: a certificate where it was found, judged with what came with it.

All faces ask here, so that the same certificates get the same verdict in a
check, an audit, the viewer and the plan of an import.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from datetime import datetime
from functools import lru_cache

from cryptography import x509

from certlib import clock, summaries
from certlib.names.addresses import StoreAddress
from certlib.summaries import PathFault, Revocation, Role, Summary, Surroundings
from certlib.trust import chains, formalities, weak_keys
from certlib.trust.answers import Answer, State
from certlib.trust.faults import Fault, Standing
from certlib.trust.paths import End
from certlib.trust.pool import Verdict
from certlib.trust.roots import PUBLIC, Trust

NOT_REACHED = frozenset(End) - {End.FORGED}
"""Faults that say only that no root was reached."""

_MISSING = frozenset({End.NO_ISSUER, End.OTHER_ISSUER})

NOT_LOOKED_UP = (Revocation("", State.NOT_LOOKED_UP, "nobody asked for it"),)


@dataclass(frozen=True)
class Placed:
    """A certificate at its place.

    Attributes:
        leaf: the certificate.
        summary: what it says; its surroundings tell the place.
        trust: the trusted roots, and the certificates that are at hand.
        stapled: what the server brought along about its revocation (OCSP).
    """

    leaf: x509.Certificate = field(repr=False)
    summary: Summary
    trust: Trust = field(repr=False)
    stapled: bytes = field(default=b"", repr=False)

    def verdict(self, at: datetime) -> Verdict:
        """Return what the judge of paths says for a moment."""
        serves = self.summary.role is Role.SERVER
        ask = self.trust.revocation.asking(at, self.stapled)
        return self.trust.pool.judge(self.leaf, at=at, server=serves, revocation=ask)

    def judged(self, at: datetime, verdict: Verdict | None = None) -> Summary:
        """Return the summary with what its path and its key are like at a moment."""
        verdict = verdict or self.verdict(at)
        weaknesses = weak_keys.of_certificate(self.leaf)
        around = self.summary.surroundings._replace(key_weaknesses=weaknesses)
        owners = self.trust.owners_of(verdict.anchor)
        path = [self.summary, *map(_of_issuer, verdict.path[1:])]
        return self.summary._replace(
            publicly_trusted=PUBLIC in owners,
            # Another authority may bear the same name.
            self_signed=self.summary.self_signed and len(verdict.path) == 1,
            surroundings=_on_path(around, verdict, path, owners, whole=self._is_whole),
        )

    @property
    def _is_whole(self) -> bool:
        """Whether a missing issuer is an error: a file need not hold all of them.

        A server and a store have to; so has the file of a server's certificate for
        whose clients roots are given.
        """
        around = self.summary.surroundings
        serves = self.summary.role is Role.SERVER
        given = self.trust.said and serves and around.issuer_elsewhere is None
        return around.store is not None or around.server_name != "" or given

    def beside_key_of_another(self) -> Placed:
        """Return it as one in whose file lies a key that belongs to nothing there."""
        return replace(self, summary=self.summary.noting(key_of_another=True))


def in_file(
    leaf: x509.Certificate,
    others: Iterable[x509.Certificate],
    trust: Trust,
    *,
    private_key: bool | None = None,
    server_name: str = "",
) -> Placed:
    """Return a certificate that lies in a file with others.

    Args:
        leaf: the certificate.
        others: the rest of the file.
        trust: the trusted roots.
        private_key: whether its key is in the file; None if nobody can know.
        server_name: the server that it is wanted for.
    """
    summary = summaries.of_certificate(leaf, private_key=private_key)
    wanted = summary.noting(wanted_for=server_name)
    return Placed(leaf, wanted, trust.including(others))


def in_store(
    leaf: x509.Certificate,
    trust: Trust,
    *,
    store: StoreAddress,
    private_key: bool | None,
    key_readers: tuple[str, ...] | None = None,
    key_controllers: tuple[str, ...] | None = None,
    exportable: bool | None = None,
) -> Placed:
    """Return a certificate that lies in a store, or will.

    Args:
        leaf: the certificate.
        trust: the trusted roots, and the issuers of the machine.
        store: the address of the store.
        private_key: whether its key is there; None if that does not matter.
        key_readers: who may read the key; None if nobody looked.
        key_controllers: who may change that; None if nobody looked.
        exportable: whether the key may leave; None if that does not matter.
    """
    summary = summaries.of_certificate(leaf, private_key=private_key)
    placed = summary.noting(
        store=store,
        key_readers=key_readers,
        key_controllers=key_controllers,
        exportable=exportable,
    )
    return Placed(leaf, placed, trust)


def presented(
    chain: tuple[x509.Certificate, ...],
    trust: Trust,
    around: Surroundings,
    stapled: bytes = b"",
) -> Placed:
    """Return the certificate that a server presents.

    Args:
        chain: what it sent, its own certificate first.
        trust: the trusted roots.
        around: by which name it was asked, and what it agreed on.
        stapled: what it brought along about its revocation (OCSP).
    """
    leaf, *sent = dict.fromkeys(chain)  # some send one of them twice
    path = (leaf, *chains.order(leaf, sent))
    root = path[-1] if len(path) > 1 and chains.is_self_signed(path[-1]) else None
    around = around._replace(
        chain_in_order=tuple(c for c in (leaf, *sent) if c in path) == path,
        root_sent=summaries.of_certificate(root).subject if root is not None else "",
        strangers=tuple(
            summaries.of_certificate(c).subject for c in sent if c not in path
        ),
    )
    summary = summaries.of_certificate(leaf)._replace(surroundings=around)
    return Placed(leaf, summary, trust.as_clients(sent), stapled)


@lru_cache(maxsize=1024)
def _of_issuer(certificate: x509.Certificate) -> Summary:
    """Return the summary of an issuer, that of thousands."""
    return summaries.of_certificate(certificate)


def _on_path(
    around: Surroundings,
    verdict: Verdict,
    path: list[Summary],
    owners: tuple[str, ...],
    *,
    whole: bool,
) -> Surroundings:
    said = {fault.rule for fault in verdict.faults}
    left_out = NOT_REACHED if whole else NOT_REACHED - {End.OTHER_ISSUER}
    trusted, words = _in_words(verdict, path, owners, whole=whole)
    return around._replace(
        issuer_ends=tuple(
            (one.subject, one.not_after) for one in path[1:] if one.not_after
        ),
        path_faults=tuple(
            _path_fault(fault, path)
            for fault in verdict.faults
            if fault.rule not in left_out
        ),
        irregular_issuers=tuple(
            irregular
            for one in verdict.path[1:]
            # A public root is as it is, and clients have it as it is.
            if one is not verdict.anchor or PUBLIC not in owners
            for irregular in formalities.of_issuer(one, anchor=one is verdict.anchor)
        )
        or _of_itself(verdict),
        other_path_fails=verdict.alternatives,
        chain_complete=not said & _MISSING if whole else None,
        root_known=_root_known(verdict, said) if whole else None,
        trusted=trusted,
        trust=words,
        revocation=tuple(_revocation(one, path) for one in verdict.revocation)
        or NOT_LOOKED_UP,
    )


def _of_itself(verdict: Verdict) -> tuple[str, ...]:
    """Return what is irregular about a root that is looked at for its own sake."""
    own = verdict.anchor is not None and len(verdict.path) == 1
    return formalities.of_root(verdict.path[0]) if own else ()


def _root_known(verdict: Verdict, said: set[str]) -> bool | None:
    """Return whether a known root was reached; None if something else is wrong."""
    if verdict.anchor is not None:
        return True
    return False if said & NOT_REACHED else None


def _revocation(answer: Answer, path: list[Summary]) -> Revocation:
    whose = path[answer.depth].subject if answer.depth else ""
    told = answer.state, answer.detail, answer.until, answer.remark
    return Revocation(whose, *told)


def _path_fault(fault: Fault, path: list[Summary]) -> PathFault:
    whose = path[fault.depth].subject if fault.depth else ""
    return PathFault(fault.rule, whose, fault.detail, fault.wrong, fault.extension)


def _in_words(
    verdict: Verdict, path: list[Summary], owners: tuple[str, ...], *, whole: bool
) -> tuple[bool | None, str]:
    """Return whether a certificate is trusted, and by whom or why not."""
    if verdict.standing is Standing.YES:
        root = path[-1].subject
        revoked = _not_revoked(verdict.revocation)
        return True, f"trusted by {' and '.join(owners)}: {root}; {revoked}"
    wrong = {fault.rule for fault in verdict.faults if fault.wrong}
    reasons = "; ".join(
        fault.detail if fault.rule in NOT_REACHED else str(_path_fault(fault, path))
        for fault in verdict.faults
    )
    if verdict.standing is Standing.NO and (whole or wrong - NOT_REACHED):
        return False, f"not trusted: {reasons}"
    return None, f"not judged: {reasons}"


def _not_revoked(answers: tuple[Answer, ...]) -> str:
    """Return what is known of the revocation of a path that is good."""
    good = [one for one in answers if one.state is State.GOOD]
    if not answers or answers[0].state is not State.GOOD:
        why = f" ({answers[0].detail})" if answers else ""
        return f"revocation was not looked up{why}"
    ends = [one.until for one in good if one.until is not None]
    until = f" until {clock.minute(min(ends))}" if ends else ""
    who = " and ".join(dict.fromkeys(one.detail for one in good))
    rest = "" if len(good) == len(answers) else ", of the server's own alone"
    return f"not revoked{until}{rest}, says {who}"
