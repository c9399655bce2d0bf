"""The path judge against a table of cases, and against the engines of others."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pki
import pytest
from components import require_all
from cryptography.hazmat.primitives.hashes import SHA256
from engines import ENGINES, Question, relaxed
from path_cases import CASES, Case
from path_grids import GRIDS
from pki import AT

from certlib import rules, summaries
from certlib.rules import RULES, Context
from certlib.trust.faults import Standing
from certlib.trust.pool import judge

TABLE = {**CASES, **GRIDS}


def said(case: Case) -> tuple[Standing, set[str]]:
    """Return what the judge says to the path, and the rules to the names."""
    leaf, sent, anchors = case.make()
    found = judge(leaf, sent, anchors, at=AT)
    broken = {fault.rule for fault in found.faults}
    misnamed = names_broken(summaries.of_certificate(leaf), case.host)
    return Standing.NO if misnamed else found.standing, broken | misnamed


def names_broken(summary: summaries.Summary, host: str) -> set[str]:
    """Return the rules on names; without a SAN clients differ by age."""
    if summary.san_critical is None or summary.problems:
        return set()
    asked = [RULES["san-without-server-name"], RULES["san-missing"]]
    context = Context(at=AT, server_name=host)
    return {finding.rule for finding in rules.judge(summary, context, rules=asked)}


@pytest.mark.parametrize("name", TABLE)
def test_the_verdict_is_the_declared_one(name: str) -> None:
    case = TABLE[name]
    assert (case.standing, set(case.rule.split())) == said(case)


@pytest.mark.parametrize("name", CASES)
def test_cryptography_agrees_or_the_case_says_why(name: str) -> None:
    case = CASES[name]
    agrees = relaxed(case.make(), case.host) is (case.standing is Standing.YES)
    assert agrees is not bool(case.differs), case.differs


@pytest.mark.parametrize(
    ("make", "rules"),
    [
        (lambda: pki.point_as(2), {"key-unusual"}),
        (lambda: pki.point_as(6), {"key-unusual"}),  # which OpenSSL and GnuTLS take
        (lambda: pki.pss(SHA256(), SHA256(), 32, trailer=2), {"algorithm-not-checked"}),
        (pki.ml_dsa, {"algorithm-not-checked", "key-unusual"}),
    ],
    ids=["a compressed point", "a hybrid point", "trailer", "ML-DSA"],
)
def test_what_nobody_can_check_here_is_not_judged(
    make: Callable[[], pki.Chain], rules: set[str]
) -> None:
    leaf, sent, anchors = make()
    found = judge(leaf, sent, anchors, at=AT)
    assert (Standing.NOT_JUDGED, rules) == (
        found.standing,
        {f.rule for f in found.faults},
    )


def test_the_table_is_long() -> None:
    assert len(TABLE) == len(CASES) + len(GRIDS)
    assert len(TABLE) >= 300


def test_no_majority_of_engines_says_otherwise_without_a_reason(
    tmp_path: Path,
) -> None:
    require_all(sorted({need for one in ENGINES.values() for need in one.needs}))
    asked = {
        name: Question.of(tmp_path / f"{number:03}", case.make(), case.host)
        for number, (name, case) in enumerate(TABLE.items())
    }
    answers = [engine.judge(asked.values()) for engine in ENGINES.values()]
    unexplained, accepted = [], []
    for name, case in TABLE.items():
        fine = case.standing is Standing.YES
        votes = [answer[asked[name].folder.name] for answer in answers]
        against = sum(vote is not fine for vote in votes)
        if against > len(votes) / 2 and not case.reason:
            unexplained.append((name, votes))
        if fine and not any(votes):
            accepted.append(name)
    assert ([], []) == (unexplained, accepted)
