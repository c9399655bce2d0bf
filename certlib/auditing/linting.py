"""Linting: what does the linter `pkilint` say to one certificate?

It checks far more than the rules of certlib and takes far longer, so it is
for one certificate at a time. Optional: ``certlib[pkilint]``.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from typing import Any

from certlib.errors import EncodingError, InputError


@dataclass(frozen=True, slots=True)
class Remark:
    """What the linter says.

    Attributes:
        severity: in its words: FATAL, ERROR, WARNING, NOTICE or INFO.
        code: its name for the finding.
        node: the part of the certificate.
        message: the difference, if it says one.
    """

    severity: str
    code: str
    node: str
    message: str


def lint(der: bytes) -> tuple[Remark, ...]:
    """Return what `pkilint`'s linter for RFC 5280 says to a certificate.

    Raises:
        InputError: `pkilint` is not installed.
        EncodingError: it cannot read the certificate.
    """
    try:
        results = linter()(der)
    except ImportError:
        raise InputError(
            "the linter pkilint is not installed", fix="pip install 'certlib[pkilint]'"
        ) from None
    except Exception as error:  # of pyasn1, of many kinds
        raise EncodingError(
            f"pkilint cannot read the certificate: {error}",
            fix="see the findings of certlib, which read part by part",
        ) from None
    return tuple(
        Remark(
            description.finding.severity.name,
            description.finding.code,
            result.node.path.rpartition(".")[2],
            description.message or "",
        )
        for result in results
        for description in result.finding_descriptions
    )


@cache
def linter() -> Callable[[bytes], Any]:
    """Return the linter as a function of a certificate in DER.

    Raises:
        ImportError: `pkilint` is not installed.
    """
    from pkilint import loader
    from pkilint.pkix import certificate, extension, name

    checks = certificate.create_pkix_certificate_validator_container(
        certificate.create_decoding_validators(
            name.ATTRIBUTE_TYPE_MAPPINGS, extension.EXTENSION_MAPPINGS
        ),
        [
            certificate.create_issuer_validator_container([]),
            certificate.create_validity_validator_container(),
            certificate.create_subject_validator_container([]),
            certificate.create_extensions_validator_container([]),
            certificate.create_spki_validator_container([]),
        ],
    )
    return lambda der: checks.validate(
        loader.load_certificate(der, "the certificate").root
    )
