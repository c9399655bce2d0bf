"""Policies: whether those that issuers demand are there (RFC 5280 section 6.1).

Any policy will do, as clients ask for none of their own. So it is enough to
know which policies count at each certificate (RFC 9618), without a tree. What a
trust anchor says of policies is no part of it, and clients do not ask.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from certlib.trust.credentials import Credential
from certlib.trust.extensions import Policies
from certlib.trust.faults import Fault

ANY_POLICY = "2.5.29.32.0"
_NEVER = 2**31
_RULE = "policy-missing"


@dataclass
class _State:
    """What counts at a certificate, and in how many others something begins to."""

    valid: frozenset[str] = frozenset({ANY_POLICY})
    explicit: int = _NEVER
    mapping: int = _NEVER
    any: int = _NEVER

    def limit(self, said: Policies) -> None:
        """Take over what an issuer demands of those below it."""
        self.explicit = min(self.explicit, _or_never(said.require_explicit))
        self.mapping = min(self.mapping, _or_never(said.inhibit_mapping))
        self.any = min(self.any, _or_never(said.inhibit_any))

    def pass_one(self) -> None:
        """Count one certificate that is not self-issued."""
        self.explicit, self.mapping, self.any = (
            max(count - 1, 0) for count in (self.explicit, self.mapping, self.any)
        )

    def keep(self, said: Policies, *, any_counts: bool) -> None:
        """Keep the policies that a certificate has, too."""
        named = said.policies - {ANY_POLICY}
        kept = named if ANY_POLICY in self.valid else named & self.valid
        more = ANY_POLICY in said.policies and any_counts
        self.valid = kept | self.valid if more else kept

    def map(self, said: Policies) -> None:
        """Exchange policies of an issuer for those of the one below it."""
        mapped = {old for old, _ in said.mappings} - {ANY_POLICY}
        known = mapped if ANY_POLICY in self.valid else mapped & self.valid
        new = {new for old, new in said.mappings if old in known and self.mapping}
        self.valid = (self.valid - mapped) | new


def _or_never(count: int | None) -> int:
    return _NEVER if count is None else count


def faults(chain: Sequence[Credential]) -> Iterator[Fault]:
    """Yield that a certificate lacks a policy that an issuer demands.

    Args:
        chain: the leaf first, the trust anchor last.
    """
    below = chain[:-1]
    if not any(one.extensions.policies.demanding for one in below):
        return
    state = _State()
    for depth, certificate in reversed([*enumerate(below)]):
        said, own_issuer = certificate.extensions.policies, certificate.is_self_issued
        state.keep(said, any_counts=state.any > 0 or (depth > 0 and own_issuer))
        if depth == 0:  # at the end, the last one is counted, too
            state.pass_one()
            state.explicit *= said.require_explicit != 0
        if not state.explicit and not state.valid:
            detail = "an issuer demands a policy (PolicyConstraints), and none is valid"
            yield Fault(_RULE, depth, detail)
            return
        if any(ANY_POLICY in pair for pair in said.mappings):
            yield Fault(_RULE, depth, "it maps a policy to any policy (PolicyMappings)")
        state.map(said)
        if not own_issuer:
            state.pass_one()
        state.limit(said)
