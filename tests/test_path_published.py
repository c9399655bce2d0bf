"""The path judge on a published set: NIST's PKITS of 2011, certificates and lists.

A file's name says whether the path is valid. Where it says neither, section 4.8 of the
set's document does: what demands a policy and has none is not.
"""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import cryptography_vectors
import pytest
from cryptography import x509

from certlib.bundles import formats
from certlib.parsers import attempt
from certlib.trust.faults import Standing
from certlib.trust.pool import Pool
from certlib.trust.revocation import Lookup

FOLDER = Path(cryptography_vectors.__file__).parent / "x509" / "PKITS_data"
AT = datetime(2026, 11, 2, tzinfo=UTC)
POLICY_MISSING = {f"DifferentPoliciesTest{n}EE" for n in (4, 5, 7, 8, 9, 12)}
DSA = {"ValidDSASignaturesTest4EE"}  # clients take none
HOLD_ENDED = {"ValiddeltaCRLTest5EE"}  # the base list counts, whatever a delta says


@pytest.fixture(scope="module")
def certificates() -> dict[str, x509.Certificate]:
    """Two have a DSA key without its parameters, which nobody reads any more."""
    found = {}
    for path in sorted((FOLDER / "certs").glob("*.crt")):
        with attempt():
            found[path.stem] = x509.load_der_x509_certificate(path.read_bytes())
    assert len(found) > 400
    return found


@pytest.fixture(scope="module")
def answers(
    certificates: dict[str, x509.Certificate], request: pytest.FixtureRequest
) -> dict[str, Standing]:
    pool = Pool(certificates.values(), [certificates["TrustAnchorRootCertificate"]])
    lists = sorted((FOLDER / "crls").glob("*.crl")) if request.param else []
    given = [one for path in lists for one in formats.read_lists(path)]
    ask = Lookup.of(given, None).asking(AT)
    return {
        name: pool.judge(one, at=AT, server=False, revocation=ask).standing
        for name, one in certificates.items()
        if name.endswith("EE")
    }


def said(answers: dict[str, Standing], standing: Standing) -> set[str]:
    return {name for name, one in answers.items() if one is standing}


@pytest.mark.filterwarnings("ignore::cryptography.utils.CryptographyDeprecationWarning")
@pytest.mark.parametrize("answers", [False], indirect=True, ids=["without lists"])
def test_what_is_valid_is_trusted(answers: dict[str, Standing]) -> None:
    refused = {name for name in answers if name not in said(answers, Standing.YES)}
    assert DSA == {name for name in refused if name.startswith("Valid")}
    assert POLICY_MISSING == {
        name for name in refused if not name.startswith(("Valid", "Invalid"))
    }


@pytest.mark.filterwarnings("ignore::cryptography.utils.CryptographyDeprecationWarning")
@pytest.mark.parametrize("answers", [True], indirect=True, ids=["with lists"])
def test_with_revocation_nothing_invalid_is_trusted(
    answers: dict[str, Standing],
) -> None:
    assert not [n for n in said(answers, Standing.YES) if n.startswith("Invalid")]
    wronged = {n for n in said(answers, Standing.NO) if n.startswith("Valid")}
    assert DSA | HOLD_ENDED == wronged
