"""Rules: each documented requirement once.

A rule is a function whose name is the fault and whose first docstring line is
the published text. It looks at a `Summary` and yields a detail for each time
the requirement is broken: the values that differ, not a sentence about them.

A rule of your own takes a few lines, see `rule`.
"""

from certlib.rules import (
    chain,
    extensions,
    form,
    identity,
    key_material,
    lifetime,
    placement,
    purposes,
    revocation,
    secrecy,
    servers,
    spelling,
)
from certlib.rules.context import APPROACHES, ENVIRONMENTS, MENTIONED, within
from certlib.rules.judging import Judge, judge
from certlib.rules.model import (
    RULES,
    Context,
    Finding,
    Rule,
    is_certificate,
    is_server_certificate,
    is_wanted_or_there,
    rule,
)
from certlib.rules.severity import Colours, Severity, Tone
from certlib.rules.traits import Traits
from certlib.summaries import Role

CHAPTERS = (
    form,
    identity,
    spelling,
    chain,
    revocation,
    lifetime,
    key_material,
    purposes,
    extensions,
    placement,
    secrecy,
    servers,
)
"""The modules of rules, in the order of the catalogue and of findings."""

_order = [chapter.__name__ for chapter in CHAPTERS]
_sorted = sorted(RULES.items(), key=lambda each: _order.index(each[1].chapter))
RULES.clear()
RULES.update(_sorted)

__all__ = [
    "APPROACHES",
    "CHAPTERS",
    "ENVIRONMENTS",
    "MENTIONED",
    "RULES",
    "Colours",
    "Context",
    "Finding",
    "Judge",
    "Role",
    "Rule",
    "Severity",
    "Tone",
    "Traits",
    "chain",
    "extensions",
    "form",
    "identity",
    "is_certificate",
    "is_server_certificate",
    "is_wanted_or_there",
    "judge",
    "key_material",
    "lifetime",
    "placement",
    "purposes",
    "revocation",
    "rule",
    "secrecy",
    "servers",
    "spelling",
    "within",
]
