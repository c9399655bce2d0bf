"""Certificates for Windows services: create, request, inspect, import, audit.

The modules are the steps of the documented path: `creating`, `requesting`,
`inspecting`, `importing`, `integrating` and `auditing`.
"""

from certlib.bundles import Bundle
from certlib.errors import CertlibError
from certlib.specs import CertificateSpec

__version__ = "0.1.0"

__all__ = ["Bundle", "CertificateSpec", "CertlibError", "__version__"]
