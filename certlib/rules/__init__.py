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
from certlib.rules.context import APPROACHES as APPROACHES
from certlib.rules.context import ENVIRONMENTS as ENVIRONMENTS
from certlib.rules.context import MENTIONED as MENTIONED
from certlib.rules.context import within as within
from certlib.rules.judging import Judge as Judge
from certlib.rules.judging import judge as judge
from certlib.rules.model import RULES as RULES
from certlib.rules.model import Context as Context
from certlib.rules.model import Finding as Finding
from certlib.rules.model import Rule as Rule
from certlib.rules.model import is_certificate as is_certificate
from certlib.rules.model import is_server_certificate as is_server_certificate
from certlib.rules.model import is_wanted_or_there as is_wanted_or_there
from certlib.rules.model import rule as rule
from certlib.rules.severity import Colours as Colours
from certlib.rules.severity import Severity as Severity
from certlib.rules.severity import Tone as Tone
from certlib.rules.traits import Traits as Traits

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
