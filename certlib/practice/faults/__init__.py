"""Faults: what breaks a service, each laid into one that works.

A fault is a function: its name is the cause's, the first line of its docstring the
cause in a sentence, the rest what users report. It changes the service and
returns how that is repaired.
"""

from __future__ import annotations

from pathlib import Path

from certlib.practice.faults import answering, certificates, issuers, placing
from certlib.practice.faults.catalogue import FAULTS as FAULTS
from certlib.practice.faults.catalogue import REPAIRS as REPAIRS
from certlib.practice.faults.catalogue import Fault as Fault
from certlib.practice.service import Service
from certlib.stores import PERSONAL

CHAPTERS = (certificates, issuers, placing, answering)
"""The modules of faults."""


def broken(name: str, seed: str, folder: Path) -> Service:
    """Return a service with a fault, restarted unless that is the fault."""
    service = Service.fresh(f"{seed}/{name}", folder)
    before = service.settings.selected
    FAULTS[name].lay(service)
    if FAULTS[name].repair == "certificate":  # the good one would be a way out
        service.machine.open(PERSONAL).remove(before)
    if service.restarts:
        service.restart()
    return service
