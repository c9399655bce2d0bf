"""Clock: moments with a time zone, and one that exercises share."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from certlib.errors import InputError

PRACTICE_TIME = datetime(2026, 11, 2, 8, 0, tzinfo=UTC)
"""The moment at which the exercises of the notebooks take place."""


def now() -> datetime:
    """Return this moment in UTC, in whole seconds like a certificate's times."""
    return datetime.now(UTC).replace(microsecond=0)


def moment(at: datetime) -> datetime:
    """Return a moment in UTC and whole seconds.

    Raises:
        InputError: it has no time zone, so nobody knows which moment it is, or is
            outside of the years 1 to 9999 in UTC.
    """
    if at.tzinfo is None:
        raise InputError(
            f"the time {at} has no time zone",
            fix="write datetime(..., tzinfo=UTC)",
        )
    try:
        return at.astimezone(UTC).replace(microsecond=0)
    except OverflowError:
        raise InputError(
            f"the time {at} is outside of the years 1 to 9999 in UTC",
            fix="write a time that a calendar has",
        ) from None


def day(at: datetime) -> str:
    """Return the day of a moment in UTC: 2026-11-02, and 0001-01-01 on any system."""
    return at.isoformat()[:10]


def spoken(at: datetime) -> str:
    """Return the day of a moment in UTC as it stands in a sentence: 2 November 2026."""
    return f"{at.day} {at:%B %Y}"


def minute(at: datetime) -> str:
    """Return a moment in UTC as people read it: 2026-11-02 08:00 UTC."""
    # strftime is slower, and its %Y does not pad years before 1000 everywhere.
    return f"{_utc(at).isoformat(' ', 'minutes')[:16]} UTC"


def second(at: datetime) -> str:
    """Return a moment in UTC as nobody misreads it: 2026-11-02 08:00:00 UTC."""
    return f"{_utc(at).isoformat(' ', 'seconds')[:19]} UTC"


_UNITS = {
    "day": timedelta(days=1),
    "hour": timedelta(hours=1),
    "minute": timedelta(minutes=1),
    "second": timedelta(seconds=1),
}


def length(long: timedelta) -> str:
    """Return how long something is, as people say it: 2 days 1 hour, 1 second."""
    rest, said = abs(long), []
    for noun, unit in _UNITS.items():
        number, rest = divmod(rest, unit)
        if number:
            said.append(f"{number:,} {noun}{'s' * (number > 1)}")
    return "minus " * (long < timedelta(0)) + (" ".join(said) or "0 seconds")


def _utc(at: datetime) -> datetime:
    return at if at.tzinfo is UTC or at.tzinfo is None else at.astimezone(UTC)
