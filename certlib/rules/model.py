"""What a rule is, and how one is published."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import date
from typing import Any, NamedTuple, TypeVar

from certlib.errors import InputError
from certlib.products import Approach
from certlib.rules.context import Context as Context
from certlib.rules.remedies import Doer, fitting
from certlib.rules.severity import Severity
from certlib.rules.traits import Traits
from certlib.summaries import Kind, Role, Summary


class Finding(NamedTuple):
    """A requirement that a certificate breaks; an audit says at which `place`."""

    rule: str
    severity: Severity
    text: str
    detail: str
    remedy: str
    source: str
    url: str
    place: str = ""
    by: str = ""
    """Who does what the remedy says."""

    @property
    def said(self) -> str:
        """The fault as a sentence, with what is wrong here in brackets."""
        return f"{self.text} ({self.detail})" if self.detail else self.text


Applies = Callable[[Traits, Context], bool]
Judgement = Callable[[Any, Context], Iterable[str]]
_Judgement = TypeVar("_Judgement", bound=Judgement)


@dataclass(frozen=True)
class Rule:
    """A documented requirement.

    Attributes:
        id: the fault, in words with hyphens.
        text: the fault in one sentence.
        severity: how bad it is.
        source: document and section that the requirement comes from.
        url: where that can be read.
        remedy: what to do next.
        applies: what it is a requirement for, told by `Traits`.
        since: it holds for certificates that begin on this day (UTC) or later.
        of_traits: it looks at `Traits` only, so it is judged once for all
            certificates that have the same.
        breaches: yields a detail for each breach.
        by: who does what the remedy says, for a server's certificate.
    """

    id: str
    text: str
    severity: Severity
    source: str
    url: str
    remedy: str
    applies: Applies
    since: date | None
    of_traits: bool
    breaches: Judgement
    by: Doer = Doer.YOU

    @property
    def chapter(self) -> str:
        """The module that the rule stands in."""
        return self.breaches.__module__

    def details(self, judged: Any, context: Context) -> tuple[str, ...]:
        """Return a detail for each breach.

        Args:
            judged: a `Summary`, or its `Traits` for a rule that looks at no more.
            context: what it is judged for.

        Raises:
            InputError: the function fails, or returns something else.
        """
        try:
            found = self.breaches(judged, context)
            details = None if isinstance(found, str) else tuple(found)
        except Exception as error:  # whoever wrote the rule may do anything in it
            raise InputError(
                f"the rule {self.id} fails: {type(error).__name__}: {error}",
                fix=f"correct its function in {self.chapter}",
            ) from error
        if details == ():
            return ()
        if details is None or not all(isinstance(one, str) for one in details):
            raise InputError(
                f"the rule {self.id} returns something else than texts",
                fix="let its function `yield` a text for each breach",
            )
        return details

    def finding(self, detail: str, traits: Traits) -> Finding:
        """Return the finding that says this detail of what has these traits."""
        remedy = fitting(self.id, self.remedy, self.by, traits)
        return Finding(
            self.id,
            self.severity,
            self.text,
            detail,
            remedy.text,
            self.source,
            self.url,
            by=str(remedy.by),
        )


RULES: dict[str, Rule] = {}
"""All rules by id, in the order in which they are written."""


def is_certificate(traits: Traits, context: Context) -> bool:
    """Every certificate that could be read."""
    return traits.kind is Kind.CERTIFICATE


def is_wanted_or_there(traits: Traits, context: Context) -> bool:
    """Server certificates, and requests for them."""
    return traits.role is Role.SERVER


def is_server_certificate(traits: Traits, context: Context) -> bool:
    """Certificates of servers."""
    return traits.role is Role.SERVER and traits.kind is Kind.CERTIFICATE


def told(*fields: str) -> Applies:
    """Return what tells whether the surroundings say something of these fields."""
    return lambda traits, context: not traits.told.isdisjoint(fields)


def is_ca(traits: Traits, context: Context) -> bool:
    """Certificates of certification authorities."""
    return traits.is_ca is True and traits.kind is Kind.CERTIFICATE


def is_public(traits: Traits, context: Context) -> bool:
    """Server certificates to which the rules for public CAs apply."""
    if not is_server_certificate(traits, context):
        return False
    if context.approach is not None:
        return context.approach is Approach.PUBLIC_CA
    return traits.publicly_trusted is True and not traits.self_signed


def public_and_known(traits: Traits, context: Context) -> bool:
    """The same, if their extensions could be read."""
    return is_public(traits, context) and traits.extensions_known


def rule(
    severity: Severity,
    *,
    source: str,
    url: str,
    remedy: str,
    by: Doer = Doer.YOU,
    applies: Applies = is_certificate,
    since: date | None = None,
) -> Callable[[_Judgement], _Judgement]:
    '''Publish a function as a rule; see `Rule` for what is given.

    One whose first parameter is called ``traits`` is given `Traits`, and judged once
    for all certificates that have the same; any other is given a `Summary`.

    A rule of your own, in a notebook for example::

        @rules.rule(
            Severity.WARNING,
            source="Our policy, section 3",
            url="https://intranet.example.com/policy",
            remedy="Ask the team for a certificate of our own CA.",
        )
        def not_from_our_ca(summary, context):
            """The certificate was not released by our own CA."""
            if "O=Example" not in summary.issuer:
                yield f"issuer: {summary.issuer}"
    '''

    def publish(breaches: _Judgement) -> _Judgement:
        name = breaches.__name__.replace("_", "-")
        text = (breaches.__doc__ or name).strip().partition("\n")[0]
        if (there := RULES.get(name)) and there.chapter != breaches.__module__:
            raise InputError(
                f"there is a rule {name} already, in {there.chapter}",
                fix="give the function another name",
            )
        looks_at = next(iter(inspect.signature(breaches).parameters), "")
        RULES[name] = Rule(
            name,
            text,
            severity,
            source,
            url,
            remedy,
            applies,
            since,
            looks_at == "traits",
            breaches,
            by,
        )
        return breaches

    return publish


def wanted_name(summary: Summary, context: Context) -> str:
    """Return the name that the certificate has to contain, or an empty text."""
    around = summary.surroundings
    return around.server_name or around.wanted_for or context.server_name
