"""Judging: which requirements does a certificate break?"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable
from datetime import UTC, datetime, time, timedelta

from certlib.rules.context import MENTIONED
from certlib.rules.model import RULES, Context, Finding, Rule
from certlib.rules.traits import Traits, traits_of
from certlib.summaries import Summary

_MAX_COMBINATIONS = 10_000

_Key = tuple[Traits, int]
"""Traits, and how many of the effective dates have come."""


class Judge:
    """Judges certificates for one purpose, thousands of them quickly.

    The findings that follow from a certificate's traits, and the rules that
    are left for a closer look, are worked out once for each combination.
    """

    def __init__(self, context: Context, rules: Iterable[Rule] | None = None) -> None:
        """Make a judge.

        Args:
            context: what the certificates are judged for.
            rules: by which; all when left out.
        """
        self.context = context
        self.rules = tuple(RULES.values() if rules is None else rules)
        self._soon = _soon(context)
        self._begins = sorted({_begin(r) for r in self.rules if r.since is not None})
        self._known: dict[_Key, tuple[tuple[Finding, ...], tuple[Rule, ...]]] = {}

    def __call__(self, summary: Summary) -> tuple[Finding, ...]:
        """Return what a certificate or request breaks, the worst first."""
        context = self.context
        traits = traits_of(summary, context.at, self._soon)
        key = (traits, self._era(summary.not_before))
        known = self._known.get(key)
        if known is None:
            known = self._known_from_now_on(key)
        same, closer = known
        if not closer:
            return same
        own = [
            rule.finding(detail, traits)
            for rule in closer
            for detail in rule.details(summary, context)
        ]
        if not own:
            return same
        return tuple(sorted((*same, *own), key=_rank))

    def _era(self, begin: datetime | None) -> int:
        """Return how many of the effective dates have come when it begins."""
        return 0 if begin is None else bisect_right(self._begins, begin)

    def _known_from_now_on(
        self, key: _Key
    ) -> tuple[tuple[Finding, ...], tuple[Rule, ...]]:
        traits, era = key
        begun = set(self._begins[:era])
        applying = [
            rule
            for rule in self.rules
            if (rule.since is None or _begin(rule) in begun)
            and rule.applies(traits, self.context)
        ]
        found = [
            rule.finding(detail, traits)
            for rule in applying
            if rule.of_traits
            for detail in rule.details(traits, self.context)
        ]
        known = (
            tuple(sorted(found, key=_rank)),
            tuple(rule for rule in applying if not rule.of_traits),
        )
        if len(self._known) >= _MAX_COMBINATIONS:  # bounded, whatever comes
            self._known.clear()
        self._known[key] = known
        return known


def judge(
    summary: Summary, context: Context, *, rules: Iterable[Rule] | None = None
) -> tuple[Finding, ...]:
    """Return what a certificate, request or unreadable thing breaks, worst first.

    For many certificates make one `Judge` and ask it again and again.
    """
    chosen = tuple(RULES.values() if rules is None else rules)
    # By identity, as it is quick; a judge keeps its rules, so ids stay theirs.
    key = context, tuple(map(id, chosen))
    if (known := _judges.get(key)) is None:
        if len(_judges) >= _MAX_JUDGES:
            del _judges[next(iter(_judges))]
        known = _judges[key] = Judge(context, chosen)
    return known(summary)


_MAX_JUDGES = 8
_judges: dict[tuple[Context, tuple[int, ...]], Judge] = {}
"""The last judges that were needed, by context and rules."""


def _soon(context: Context) -> datetime:
    """Return until when a certificate has to hold to need no closer look."""
    within = context.expiring_within
    if within is None:
        return context.at + MENTIONED
    # Who asks for a part of each lifetime asks for a look at each.
    return context.at + within if isinstance(within, timedelta) else _LATEST


_LATEST = datetime.max.replace(tzinfo=UTC)


def _begin(rule: Rule) -> datetime:
    assert rule.since is not None  # noqa: S101 # asked for those only
    return datetime.combine(rule.since, time(), UTC)


def _rank(finding: Finding) -> int:
    return finding.severity.rank
