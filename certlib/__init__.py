"""Certificates for Windows services: create, request, inspect, import, audit.

The modules are the steps of the documented path: `creating`, `requesting`,
`inspecting`, `importing`, `integrating` and `auditing`.
"""

from __future__ import annotations

TYPE_CHECKING = False  # typing takes longer to load than all of this
if TYPE_CHECKING:
    from certlib.bundles import Bundle
    from certlib.errors import CertlibError
    from certlib.specs import CertificateSpec

__version__ = "0.1.0"

__all__ = ["Bundle", "CertificateSpec", "CertlibError", "__version__"]

_HOMES = {
    "Bundle": "certlib.bundles",
    "CertificateSpec": "certlib.specs",
    "CertlibError": "certlib.errors",
}


def __getattr__(name: str) -> object:
    # Loaded when they are asked for: a command that needs none starts at once.
    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    from importlib import import_module  # it, too, takes its time

    return getattr(import_module(_HOMES[name]), name)
