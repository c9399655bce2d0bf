"""Remedies: what to do next, and who does it; it depends on what is judged."""

from __future__ import annotations

from enum import StrEnum
from typing import NamedTuple, TypedDict

from certlib.rules.traits import Traits
from certlib.summaries import Kind, Role


class Doer(StrEnum):
    """Who does what a remedy says."""

    YOU = "you"
    SERVER = "the server's administrator"
    AUTHORITY = "the certification authority"
    CLIENT = "the clients' administrator"


class Remedy(NamedTuple):
    """What to do next, and who does it."""

    text: str
    by: Doer


class Advice(TypedDict):
    """The same, as rules say it that share it."""

    remedy: str
    by: Doer


NEXT_TIME = Advice(
    remedy="Ask the CA to put it right at the next renewal.", by=Doer.AUTHORITY
)

_OF_AN_AUTHORITY = {
    "expired": "Tell the team that runs this authority: what it issued ended with it. "
    "Where a renewed certificate of it is there already, remove this one.",
    "expiring": "Ask the team that runs this authority for its renewed certificate.",
    "about-to-expire": "Ask the team that runs this authority for its renewed "
    "certificate today, and import that wherever this one lies.",
    "not-yet-valid": "Check the clock of this computer; otherwise ask the team that "
    "runs this authority for its present certificate.",
}
"""By rule, where the certificate is an authority's own."""

_NEW_KEY = "The team that runs this authority has to make a new key and certificate."
_OF_A_PERSON = {
    "expired": "Whoever it belongs to gets a new one; no server is held up by it.",
    "expiring": "Whoever it belongs to gets a new one; no server is held up by it.",
    "about-to-expire": "Whoever it belongs to gets a new one today.",
}
"""By rule, where the certificate is no server's."""

_AD_CS = " (on AD CS: template Web Server)"


def fitting(rule: str, text: str, by: Doer, traits: Traits) -> Remedy:
    """Return the remedy of a rule as it fits what is judged.

    Args:
        rule: its id.
        text: what a server's administrator would be told.
        by: who would do it.
        traits: of what is judged.
    """
    if traits.kind is Kind.REQUEST:
        text = text.replace(" at the next renewal", "")
        more = "" if text.startswith("Ask the CA") else f" {text}"
        return Remedy(f"Change the request before you send it.{more}", Doer.YOU)
    if traits.kind is not Kind.CERTIFICATE or traits.role is Role.SERVER:
        public = traits.publicly_trusted is True
        return Remedy(text.replace(_AD_CS, "") if public else text, by)
    if traits.role is Role.CA:
        if text.startswith("Make a new key"):
            text = _NEW_KEY
        return Remedy(_OF_AN_AUTHORITY.get(rule, text), _of_an_authority(by))
    return Remedy(_OF_A_PERSON.get(rule, text), Doer.YOU)


def _of_an_authority(by: Doer) -> Doer:
    return Doer.AUTHORITY if by in (Doer.YOU, Doer.SERVER) else by
