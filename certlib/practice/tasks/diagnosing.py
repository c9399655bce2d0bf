"""Tasks for diagnosing: a broken service each, to be found out and repaired.

What the learner sees is what the machine, the service and a client say; what is
answered is done to the machine, and then real clients are asked again.
"""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from pathlib import Path

from cryptography import x509

from certlib import clock, endpoints, summaries, x500
from certlib.errors import CertlibError
from certlib.practice.exercises import TASKS, Exercise, Fill, Task
from certlib.practice.faults import FAULTS, REPAIRS, Fault, broken
from certlib.practice.material import Material
from certlib.practice.service import DEADLINE, Service

_ASKED = ("Python", "curl")
_CAUSE, _REPAIR = "Cause", "Repair"


def exercise(fault: Fault, seed: str) -> Exercise:
    """Return the exercise for a fault, with evidence from a service that has it."""
    with tempfile.TemporaryDirectory(prefix="certlib-") as folder:
        service = broken(fault.name, seed, Path(folder))
        try:
            evidence = tuple(_evidence(service))
        finally:
            service.stop()
    causes = tuple(sorted(one.cause for one in FAULTS.values()))
    repairs = tuple(repair.text for repair in REPAIRS.values())
    right = {_CAUSE: fault.cause, _REPAIR: REPAIRS[fault.repair].text}
    other = next(c for c in causes if c != fault.cause)
    idle = REPAIRS["root" if fault.repair == "restart" else "restart"].text

    def check(answer: dict[str, str]) -> str:
        return _outcome(fault, seed, answer)

    return Exercise(
        f"{service.product.name} on {service.host} is in trouble. {fault.report}",
        Fill({_CAUSE: causes, _REPAIR: repairs}),
        check,
        right=right,
        wrong=(
            right | {_CAUSE: other},
            right | {_CAUSE: causes[-1] if fault.cause != causes[-1] else causes[-2]},
            right | {_REPAIR: idle},
        ),
        hints=(
            "Begin with the service's own log: did the web server start at all?",
            "Then compare line by line what clients ask for and what they get.",
            f"What helps: {REPAIRS[fault.repair].text}.",
        ),
        solution=f"{fault.cause} What helps: {REPAIRS[fault.repair].text}.",
        given=(("What", "What it says"), *evidence),
    )


def _outcome(fault: Fault, seed: str, answer: dict[str, str]) -> str:
    """Repair a service of the same kind, ask clients, and say what is wrong."""
    thought = next(one for one in FAULTS.values() if one.cause == answer[_CAUSE])
    if thought is not fault:
        return f"Were that the cause, users would report: {thought.report}"
    repair = next(one for one in REPAIRS.values() if one.text == answer[_REPAIR])
    with tempfile.TemporaryDirectory(prefix="certlib-") as folder:
        service = broken(fault.name, seed, Path(folder))
        try:
            repair.do(service)
            seen = service.look(_ASKED)
        except CertlibError as error:
            return f"The cause is right, but that cannot be done: {error.message}."
        finally:
            service.stop()
    if seen.good:
        return ""
    return f"The cause is right. After that repair there is still: {seen.complaint}"


def _evidence(service: Service) -> Iterator[tuple[str, str]]:
    yield "Users call", service.address
    yield "A client says", service.look(_ASKED[:1]).complaint or "no complaint"
    yield "The service's log says", " ".join(service.log)
    yield "It runs as", service.product.service_account
    presented = endpoints.look(service.endpoint, deadline=DEADLINE)
    if presented.leaf is None:
        yield "It presents", "no certificate"
    for number, certificate in enumerate(presented.chain):
        yield ("It presents" if not number else "and sends along"), _line(certificate)
    for root in service.trusted:
        yield "Clients trust", _line(root)
    for address in service.machine.addresses():
        for entry in service.machine.open(address):
            key = "with a private key" if entry.has_private_key else "no private key"
            chosen = entry.thumbprint == service.settings.selected
            text = f"{_line(entry.certificate)}; {key}"
            yield (
                f"In {address.display_name}",
                f"{text}; selected in the Designer" if chosen else text,
            )
    if service.settings.selected:
        yield "Selected in the Designer", service.settings.selected


def _line(certificate: x509.Certificate) -> str:
    """Return what matters of a certificate in one line."""
    summary = summaries.of_certificate(certificate)
    parts = [
        summary.subject,
        f"names {', '.join(summary.server_names) or 'none'}",
        f"by {x500.x500(certificate.issuer)}",
        f"until {clock.minute(certificate.not_valid_after_utc)}",
        f"from {clock.minute(certificate.not_valid_before_utc)}",
        summary.key,
        summary.signature_algorithm,
    ]
    if summary.is_ca:
        parts.append("an authority")
    if summary.unknown_critical_extensions:
        parts.append(f"critical: {', '.join(summary.unknown_critical_extensions)}")
    return "; ".join(parts)


def _task(fault: Fault) -> Task:
    def make(material: Material) -> Exercise:
        return exercise(fault, material.seed)

    title = f"Level {fault.level}"
    return Task(fault.name, title, "diagnosing", 3 + fault.level, make)


TASKS.update((fault.name, _task(fault)) for fault in FAULTS.values())
