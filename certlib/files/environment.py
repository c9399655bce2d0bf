"""Environment: the variable with a passphrase, and what programs get of the rest."""

from __future__ import annotations

import os

PASSPHRASE = "CERTLIB_PASSPHRASE"  # noqa: S105 # a name, not a secret
"""The variable for those who start the command line without a person."""


def for_programs(*left_out: str) -> dict[str, str]:
    """Return the environment for a program that is started: without a passphrase.

    Args:
        left_out: further variables that it shall not have.
    """
    return {k: v for k, v in os.environ.items() if k not in (PASSPHRASE, *left_out)}
