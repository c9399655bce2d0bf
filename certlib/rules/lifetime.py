"""Lifetime: from when until when?"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime, timedelta

from certlib import clock
from certlib.rules.citations import APPLE, baseline, rfc_5280
from certlib.rules.model import (
    Applies,
    Context,
    is_certificate,
    is_public,
    is_server_certificate,
    rule,
    told,
)
from certlib.rules.remedies import Doer
from certlib.rules.severity import Severity
from certlib.rules.traits import APPLE_DAYS, LIMITS, Phase, lives_longer
from certlib.summaries import Summary

_DAY = timedelta(days=1)
_SECOND = timedelta(seconds=1)


def _in(*phases: Phase) -> Applies:
    """Return what tells whether a certificate is in one of the phases."""
    return lambda traits, context: (
        traits.phase in phases and is_certificate(traits, context)
    )


@rule(
    Severity.ERROR,
    **rfc_5280("4.1.2.5"),
    remedy="Renew it, import the new one, select it in the Designer and restart.",
    by=Doer.SERVER,
    applies=_in(Phase.EXPIRED, Phase.ODD),
)
def expired(summary: Summary, context: Context) -> Iterator[str]:
    """The certificate has expired."""
    if summary.not_after is not None and summary.not_after < context.at:
        yield f"ended {clock.minute(summary.not_after)}"


@rule(
    Severity.ERROR,
    **rfc_5280("4.1.2.5"),
    remedy="Check the clock of this computer; otherwise wait, or ask for another.",
    by=Doer.SERVER,
    applies=_in(Phase.ODD),
)
def not_yet_valid(summary: Summary, context: Context) -> Iterator[str]:
    """The certificate is not valid yet."""
    if summary.not_before is not None and summary.not_before > context.at:
        yield f"begins {clock.minute(summary.not_before)}"


@rule(
    Severity.WARNING,
    **rfc_5280("4.1.2.5"),
    remedy="Renew it now: after its end the Designer itself may be locked out.",
    by=Doer.SERVER,
    applies=_in(Phase.EXPIRING, Phase.ODD),
)
def expiring(summary: Summary, context: Context) -> Iterator[str]:
    """The certificate expires soon."""
    begin, end = summary.not_before, summary.not_after
    if begin is None or end is None or end < context.at:
        return
    left, life = end - context.at, end - begin
    if _last_part(life) <= left < context.mentioned_before(life):
        yield f"ends {clock.minute(end)}"


@rule(
    Severity.ERROR,
    **rfc_5280("4.1.2.5"),
    remedy="Renew it today, import the new one, select it and restart the service.",
    by=Doer.SERVER,
    applies=_in(Phase.EXPIRING, Phase.ODD),
)
def about_to_expire(summary: Summary, context: Context) -> Iterator[str]:
    """The certificate ends within a day, or is in the last hundredth of its life."""
    begin, end = summary.not_before, summary.not_after
    if begin is None or end is None or end < context.at:
        return
    if end - context.at < _last_part(end - begin):
        yield f"ends {clock.minute(end)}"


def _last_part(life: timedelta) -> timedelta:
    """Return how much is left when it is too late to plan a renewal.

    A day, but no more than a quarter of a life that is counted in hours.
    """
    return max(min(_DAY, life / 4), life / 100)


@rule(
    Severity.WARNING,
    **rfc_5280("6.1.3"),
    remedy="Ask the certification authority for its renewed certificate, and for "
    "yours under it.",
    by=Doer.SERVER,
    applies=told("issuer_ends"),
)
def issuer_expiring(summary: Summary, context: Context) -> Iterator[str]:
    """A certificate of the chain expires soon, and with it this one."""
    begin, own_end = summary.not_before, summary.not_after
    # The life of a chain is that of the certificate whose life it ends.
    life = own_end - begin if begin and own_end else timedelta.max
    for subject, end in _ends_of_issuers(summary, context):
        if _DAY <= end - context.at < context.mentioned_before(life):
            yield f"{subject} ends {clock.minute(end)}"


@rule(
    Severity.ERROR,
    **rfc_5280("6.1.3"),
    remedy="Get the renewed certificate of the issuer today, and import that.",
    by=Doer.SERVER,
    applies=told("issuer_ends"),
)
def issuer_about_to_expire(summary: Summary, context: Context) -> Iterator[str]:
    """A certificate of the chain ends within a day, and with it this one."""
    for subject, end in _ends_of_issuers(summary, context):
        if end - context.at < _DAY:
            yield f"{subject} ends {clock.minute(end)}"


def _ends_of_issuers(
    summary: Summary, context: Context
) -> Iterator[tuple[str, datetime]]:
    """Yield the issuers that have not ended yet, and their ends."""
    for subject, end in summary.surroundings.issuer_ends:
        if end >= context.at:
            yield subject, end


@rule(
    Severity.ERROR,
    **rfc_5280("4.1.2.5"),
    remedy="Ask for a new one; this one is never valid.",
    applies=_in(Phase.ODD),
)
def ends_before_it_begins(summary: Summary, context: Context) -> Iterator[str]:
    """The end of the validity lies before its begin."""
    begin, end = summary.not_before, summary.not_after
    if begin is not None and end is not None and end < begin:
        yield f"begins {clock.minute(begin)}, ends {clock.minute(end)}"


@rule(
    Severity.ERROR,
    **baseline("6.3.2"),
    remedy="Ask the CA for a certificate that lives no longer than the limit.",
    by=Doer.AUTHORITY,
    applies=lambda traits, context: (
        traits.limits_exceeded > 0 and is_public(traits, context)
    ),
    since=date(2018, 3, 1),
)
def lifetime_too_long(summary: Summary, context: Context) -> Iterator[str]:
    """The certificate lives longer than public CAs may issue."""
    if summary.not_before is None or summary.not_after is None:
        return
    limit = next(days for since, days in LIMITS if summary.not_before >= since)
    # Both ends count, and a second over a day is a day (BR 6.3.2).
    lived = summary.not_after - summary.not_before + _SECOND
    if lived > limit * _DAY:
        over = clock.length(lived - limit * _DAY)
        yield f"limit {limit} days on its day of issue; lives {over} longer"


@rule(
    Severity.WARNING,
    **APPLE,
    remedy="Ask for a shorter one if iPhones, iPads or Macs call this server.",
    applies=lambda traits, context: (
        lives_longer(traits, APPLE_DAYS) and is_server_certificate(traits, context)
    ),
    since=date(2019, 7, 1),
)
def lifetime_too_long_for_apple(summary: Summary, context: Context) -> Iterator[str]:
    """The certificate lives longer than the 825 days that Apple accepts."""
    if summary.not_before is None or summary.not_after is None:
        return
    lived = summary.not_after - summary.not_before  # Apple counts no second more
    if lived > APPLE_DAYS * _DAY:
        yield f"lives {lived.days:,} days"


@rule(
    Severity.WARNING,
    **rfc_5280("4.1.2.5"),
    remedy="Get one with an end, so that somebody has to look at it now and then.",
    applies=lambda traits, context: (
        traits.phase is Phase.ODD and is_server_certificate(traits, context)
    ),
)
def without_end(summary: Summary, context: Context) -> Iterator[str]:
    """The certificate says that it never expires."""
    if summary.not_after is not None and summary.not_after.year == 9999:
        yield f"ends {clock.day(summary.not_after)}"
