"""Context: what a certificate is judged for."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TypeVar

from certlib import names, products
from certlib.errors import InputError
from certlib.products import Approach, Environment, Product

MENTIONED = timedelta(days=30)
"""How long before its end a certificate is mentioned, unless told otherwise."""

ENVIRONMENTS = {str(one): one for one in Environment}
APPROACHES = {one.replace(" ", "-").lower(): one for one in Approach}
"""By the words for them that are typed: ``public-ca``."""

_One = TypeVar("_One")


def _one(known: Mapping[str, _One], word: str, what: str) -> _One:
    if found := known.get(word.strip().lower().replace(" ", "-")):
        return found
    raise InputError(
        f"there is no {what} {word!r}",
        fix=f"take one of {', '.join(known)}",
        parameter=what,
    )


_WITHIN = re.compile(r"(\d{1,5})\s*(%|d|days?|h|hours?)", re.ASCII)
_MAX_DAYS = 3650


def within(text: str) -> timedelta | float:
    """Return how long before its end a certificate is to be mentioned.

    Args:
        text: days (``30d``), hours (``12h``), or a part of its lifetime (``20%``).

    Raises:
        InputError: it is none of these, or more than ten years.
    """
    said = _WITHIN.fullmatch(text.strip().lower())
    number, unit = (int(said[1]), said[2][0]) if said else (_MAX_DAYS + 1, "")
    if unit == "%" and number <= 100:
        return number / 100
    length = timedelta(hours=number) if unit == "h" else timedelta(days=number)
    if unit == "%" or length > timedelta(days=_MAX_DAYS):
        raise InputError(
            f"{text!r} is no span before the end of a certificate",
            fix="write days (30d), hours (12h) or a part of its lifetime (20%)",
            parameter="expiring-within",
        )
    return length


@dataclass(frozen=True)
class Context:
    """What a certificate is judged for.

    Attributes:
        at: the moment, with a time zone.
        server_name: canonical name of the server on which the service runs
            (`names.server_name`), or empty when it is not known.
        product: the product that will use it, or None.
        environment: what the server is for.
        expiring_within: how long before its end a certificate is mentioned, or in
            which last part of its lifetime (0.2); left out, as long as fits its
            lifetime (`mentioned_before`).
        approach: where it is meant to come from. Left out, the rules for
            public CAs count for those that chain to a public one.
        practice: it is an exercise, in which practice keys are allowed.
    """

    at: datetime
    server_name: str = ""
    product: Product | None = None
    environment: Environment = Environment.PRODUCTION
    expiring_within: timedelta | float | None = None
    approach: Approach | None = None
    practice: bool = False

    @classmethod
    def of(
        cls,
        at: datetime,
        *,
        server: str = "",
        product: str = "",
        environment: str = "",
        approach: str = "",
        expiring_within: str = "",
    ) -> Context:
        """Return what words say that certificates are judged for.

        Args:
            at: the moment, with a time zone.
            server: the DNS name that they are to be good for.
            product: its short name, of `products.PRODUCTS`.
            environment: of `Environment`; production when left out.
            approach: one of `APPROACHES`.
            expiring_within: see `within`.

        Raises:
            InputError: one of them is not known.
        """
        return cls(
            at,
            names.host(server) if server else "",
            products.product(product) if product else None,
            _one(ENVIRONMENTS, environment or Environment.PRODUCTION, "environment"),
            within(expiring_within) if expiring_within else None,
            _one(APPROACHES, approach, "approach") if approach else None,
        )

    def mentioned_before(self, life: timedelta) -> timedelta:
        """Return how long before its end a certificate of this lifetime is mentioned.

        Unless told otherwise 30 days, and at most the last third of its life,
        in which authorities of short-lived ones renew them.
        """
        if self.expiring_within is None:
            return min(MENTIONED, life / 3)
        if isinstance(self.expiring_within, timedelta):
            return self.expiring_within
        return life * self.expiring_within
