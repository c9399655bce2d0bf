"""Rules: each documented requirement once.

A rule is a function whose name is the fault and whose first docstring line is
the published text. It looks at a `Summary` and yields a detail for each time
the requirement is broken: the values that differ, not a sentence about them.

A rule of your own takes a few lines, see `rule`.
"""

from certlib.rules.judging import Judge, judge
from certlib.rules.model import (
    RULES,
    Context,
    Finding,
    Rule,
    Severity,
    is_certificate,
    is_server_certificate,
    is_wanted_or_there,
    rule,
)
from certlib.rules.traits import Role, Traits

# Each of these publishes its rules; their order is that of the catalogue.
from certlib.rules import (  # isort: skip
    form,
    identity,
    trust,
    lifetime,
    key_material,
    extensions,
    windows,
)

__all__ = [
    "RULES",
    "Context",
    "Finding",
    "Judge",
    "Role",
    "Rule",
    "Severity",
    "Traits",
    "extensions",
    "form",
    "identity",
    "is_certificate",
    "is_server_certificate",
    "is_wanted_or_there",
    "judge",
    "key_material",
    "lifetime",
    "rule",
    "trust",
    "windows",
]
