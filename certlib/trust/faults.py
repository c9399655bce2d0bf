"""Faults: why a certificate is not trusted, or why nobody can tell.

The verdict is derived from the faults and from nothing else, so that a reason
and a verdict cannot disagree.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum


class Standing(StrEnum):
    """The three answers to the question whether clients trust a certificate."""

    YES = "yes"
    NO = "no"
    NOT_JUDGED = "not judged"


@dataclass(frozen=True)
class Fault:
    """What is wrong with one certificate of a path, or cannot be checked.

    Args:
        rule: the id of the rule, in kebab case.
        depth: how many steps above the leaf the certificate stands; 0 is the
            leaf.
        detail: the difference between what is and what should be.
        wrong: whether clients refuse; otherwise it cannot be checked here.
        extension: the object identifier of the one that it is about.
    """

    rule: str
    depth: int
    detail: str
    wrong: bool = True
    extension: str = ""


def standing(faults: Iterable[Fault]) -> Standing:
    """Return the verdict that follows from the faults of a path."""
    kinds = {fault.wrong for fault in faults}
    if True in kinds:
        return Standing.NO
    return Standing.NOT_JUDGED if kinds else Standing.YES
