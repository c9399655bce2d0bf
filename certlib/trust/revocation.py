"""Revocation: was a certificate of a path taken back by its issuer?

Asked are lists (CRL) that somebody gave, an answer that the server brought along,
and, if wanted, the addresses in the certificate. One that says "revoked" is enough.
Where nobody looked, that is the answer.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Protocol

from cryptography import x509
from cryptography.x509.oid import AuthorityInformationAccessOID

from certlib.errors import CertlibError
from certlib.parsers import attempt
from certlib.trust import responders, revocation_lists
from certlib.trust.answers import Answer, State
from certlib.trust.credentials import Credential
from certlib.trust.distinguished import Rdns
from certlib.trust.revocation_lists import RevocationList

MAX_ADDRESSES = 3
"""Addresses of a certificate that are tried; the rest is a stranger's wish."""

MAX_REMEMBERED = 10_000
"""Answers of responders, and lists, that are remembered."""

SHORT_LIVED = timedelta(days=7)
"""How long one may live that is left to run out (CA/Browser Forum BR 1.6.1)."""


class Network(Protocol):
    """Who fetches from the addresses in certificates."""

    def fetch(self, url: str, question: bytes = b"") -> bytes:
        """Return what lies at an address, or what it answers to a question.

        Raises:
            CertlibError: nothing came, too much, or too late.
        """


Ask = Callable[[Sequence[Credential], bool], tuple[Answer, ...]]
"""Asks about each certificate of a path but the last; told whether that is trusted."""


@dataclass(frozen=True)
class _Question:
    """Whom it is about, who issued it, and for which moment."""

    certificate: Credential
    issuer: Credential
    at: datetime


@dataclass(eq=False)
class Lookup:
    """Where revocation is looked up, and what was found there.

    Attributes:
        lists: those that somebody gave, by the name of their issuer.
        network: who fetches others; None to look up nothing.
    """

    lists: dict[Rdns | None, list[RevocationList]] = field(default_factory=dict)
    network: Network | None = None
    _fetched: dict[object, list[RevocationList] | Answer | str] = field(
        default_factory=dict, repr=False
    )

    @classmethod
    def of(
        cls, given: Iterable[RevocationList] = (), network: Network | None = None
    ) -> Lookup:
        """Return a lookup in lists, and in the network if there is one."""
        lists: dict[Rdns | None, list[RevocationList]] = defaultdict(list)
        for one in given:
            lists[one.issuer].append(one)
        return cls(dict(lists), network)

    @property
    def wanted(self) -> bool:
        """Whether somebody wants to know."""
        return bool(self.lists) or self.network is not None

    def asking(self, at: datetime, stapled: bytes = b"") -> Ask | None:
        """Return who answers for a moment, or None if nobody can.

        Args:
            at: the moment, with a time zone.
            stapled: the answer that the server brought along; empty for none.
        """
        if not self.wanted and not stapled:
            return None
        return lambda path, trusted: tuple(
            self._answer(path, depth, at, b"" if depth else stapled, trusted=trusted)
            for depth in range(max(1, len(path) - 1))
        )

    def _answer(
        self,
        path: Sequence[Credential],
        depth: int,
        at: datetime,
        stapled: bytes,
        *,
        trusted: bool,
    ) -> Answer:
        if depth + 1 >= len(path):
            return Answer(State.NOT_LOOKED_UP, "its issuer is not there")
        question = _Question(path[depth], path[depth + 1], at)
        answers = list(self._at_hand(question, stapled))
        # A stranger's addresses are asked only where somebody trusted vouches.
        if self.network is not None and trusted:
            answers += self._online(question, self.network)
        for state in (State.REVOKED, State.GOOD, State.UNKNOWN):
            if said := [one for one in answers if one.state is state]:
                told = _joined(said) if state is State.UNKNOWN else said[0]
                return replace(told, depth=depth, wanted=self.wanted)
        if self.network is not None and not trusted:
            why = "its path leads to no trusted root"
            return Answer(State.NOT_LOOKED_UP, why, depth=depth)
        return self._nobody(path[depth], depth)

    def _nobody(self, certificate: Credential, depth: int) -> Answer:
        """Return that nobody was there to ask."""
        why = "no CRL of its issuer was given"
        if self.network is not None:
            why = "it names no address of a CRL or of a responder (OCSP) by http"
            if _lives_shortly(certificate):
                why = "it lives a few days only"
                return Answer(State.NOT_LOOKED_UP, why, depth=depth)
        # Many authorities say nothing of revocation for those below their root.
        state = State.NOT_LOOKED_UP if depth or not self.wanted else State.UNKNOWN
        return Answer(state, why, depth=depth, wanted=self.wanted)

    def _at_hand(self, question: _Question, stapled: bytes) -> Iterator[Answer]:
        about = question.certificate, question.issuer
        for one in self.lists.get(question.issuer.subject, ()):
            yield one.answer(*about, at=question.at)
        if stapled:
            whose = "the answer that the server brought along (OCSP)"
            yield responders.answer(stapled, *about, at=question.at, whose=whose)

    def _online(self, question: _Question, network: Network) -> Iterator[Answer]:
        about = question.certificate
        for url in _by_http(revocation_lists.points(about)):
            yield self._by_list(url, network, question)
        for url in _by_http(_responders(about)):
            key = url, about.digest, question.issuer.spki, question.at
            if not isinstance(known := self._fetched.get(key), Answer):
                known = _asked(url, network, question)
                self._remember(key, known)
            yield known

    def _by_list(self, url: str, network: Network, question: _Question) -> Answer:
        if (known := self._fetched.get(url)) is None:
            try:
                known = revocation_lists.load(network.fetch(url), origin=url)
            except CertlibError as error:
                known = error.message
            self._remember(url, known)
        if isinstance(known, list):
            about = question.certificate, question.issuer
            return known[0].answer(*about, at=question.at)
        return Answer(State.UNKNOWN, str(known))

    def _remember(self, key: object, what: list[RevocationList] | Answer | str) -> None:
        if len(self._fetched) >= MAX_REMEMBERED:
            del self._fetched[next(iter(self._fetched))]
        self._fetched[key] = what


NOWHERE = Lookup()
"""Nothing is looked up but what a server brings along."""


def _asked(url: str, network: Network, question: _Question) -> Answer:
    whose = f"the responder {url}"
    about = question.certificate, question.issuer
    with attempt() as reading:
        asked, request = responders.question(*about)
    if reading.failed:
        return Answer(State.UNKNOWN, f"{whose} cannot be asked: {reading.reason}")
    try:
        came = network.fetch(url, asked)
    except CertlibError as error:
        return Answer(State.UNKNOWN, error.message)
    return responders.answer(came, *about, at=question.at, request=request, whose=whose)


def _joined(answers: Sequence[Answer]) -> Answer:
    """Return several that say nothing as one."""
    return Answer(
        State.UNKNOWN, "; ".join(dict.fromkeys(one.detail for one in answers))
    )


def _by_http(addresses: Iterable[str]) -> list[str]:
    plain = [one for one in addresses if one.lower().startswith("http://")]
    return list(dict.fromkeys(plain))[:MAX_ADDRESSES]


def _responders(certificate: Credential) -> list[str]:
    """Return the addresses at which a certificate says that it can be asked about."""
    with attempt():
        return [
            str(one.access_location.value)
            for extension in certificate.certificate.extensions
            if isinstance(extension.value, x509.AuthorityInformationAccess)
            for one in extension.value
            if one.access_method == AuthorityInformationAccessOID.OCSP
        ]
    return []


def _lives_shortly(certificate: Credential) -> bool:
    life = certificate.validity
    return life is not None and life[1] - life[0] <= SHORT_LIVED
