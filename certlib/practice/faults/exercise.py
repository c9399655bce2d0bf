"""Exercise: a broken service, to be found out and repaired.

What the learner sees is what the machine, the service and a client say; what is
answered is done to the machine, and then real clients are asked again.
"""

from __future__ import annotations

import tempfile
import textwrap
from collections.abc import Iterator
from pathlib import Path

from cryptography import x509

from certlib import clock, summaries, x500
from certlib.errors import CertlibError
from certlib.practice.exercises import Bench, Exercise, Fill, Task
from certlib.practice.faults import FAULTS, REPAIRS, Fault, broken
from certlib.practice.faults.measured import browser_says
from certlib.practice.material import Material
from certlib.practice.service import Look, Service
from certlib.summaries import Summary

_ASKED = ("Python", "curl")
_CAUSE, _REPAIR = "Cause", "Repair"
_BY_HAND = "start it again: I have repaired it myself, in its stores (Look closer)"
_PASSPHRASE = "practice only"  # noqa: S105 # it protects nothing


def exercise(fault: Fault, material: Material) -> Exercise:
    """Return the exercise for a fault, with evidence from a service that has it."""
    seed = material.seed
    service = broken(fault.name, seed, material.folder)
    try:
        seen = service.look(_ASKED[:1])
        evidence = tuple(_evidence(service, seen))
    finally:
        service.stop()
    nothing = "" if service.answers else "ERR_CONNECTION_REFUSED"
    page = browser_says(fault.name) or nothing
    bench = Bench(service.machine, seen.presented, service.address, page)
    causes = tuple(sorted(one.cause for one in FAULTS.values()))
    repairs = (*(repair.text for repair in REPAIRS.values()), _BY_HAND)
    right = {_CAUSE: fault.cause, _REPAIR: REPAIRS[fault.repair].text}
    other = next(c for c in causes if c != fault.cause)
    idle = REPAIRS["root" if fault.repair == "restart" else "restart"].text

    def check(answer: dict[str, str]) -> str:
        return _outcome(fault, service, answer)

    return Exercise(
        f"{service.product.name} on {service.host} is in trouble. {fault.report}",
        Fill({_CAUSE: causes, _REPAIR: repairs}),
        check,
        right=right,
        wrong=(
            right | {_CAUSE: other},
            *([right | {_REPAIR: _BY_HAND}] if fault.repair != "restart" else []),
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
        bench=bench,
    )


def _outcome(fault: Fault, shown: Service, answer: dict[str, str]) -> str:
    """Repair the service, ask clients, and say what is wrong."""
    thought = next(
        (one for one in FAULTS.values() if one.cause == answer[_CAUSE]), None
    )
    if thought is None:
        return "What is the cause?"
    if thought is not fault:
        return f"Were that the cause, users would report: {thought.report}"
    if answer[_REPAIR] == _BY_HAND:
        shown.restart()
        return _still(shown, "It was started again")
    repair = next((r for r in REPAIRS.values() if r.text == answer[_REPAIR]), None)
    if repair is None:
        return "The cause is right. What do you do about it?"
    # Another one of the same kind, so that the next answer meets the same fault.
    with tempfile.TemporaryDirectory(prefix="certlib-") as folder:
        service = broken(fault.name, shown.material.seed, Path(folder))
        try:
            repair.do(service)
        except CertlibError as error:
            service.stop()
            return f"The cause is right, but that cannot be done: {error.message}."
        return _still(service, "After that repair")


def _still(service: Service, when: str) -> str:
    """Return what clients still complain about, and stop the service."""
    try:
        seen = service.look(_ASKED)
    finally:
        service.stop()
    if seen.good:
        return ""
    return f"The cause is right. {when}, and there is still: {seen.complaint}"


def _evidence(service: Service, seen: Look) -> Iterator[tuple[str, str]]:
    yield "Users call", service.address
    yield "A client says", seen.complaint or "no complaint"
    yield "The service's log says", " ".join(service.log)
    yield "It runs as", service.product.service_account
    if not seen.presented:
        yield "It presents", "no certificate"
    for number, certificate in enumerate(seen.presented):
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
                f"{text}; selected" if chosen else text,
            )
    if service.settings.selected:
        yield f"Selected in the {service.product.setup}", service.settings.selected
    yield "PFX files at hand", "; ".join(_written(service)) or "none"


def _written(service: Service) -> Iterator[str]:
    """Write what the authority has sent, and yield the places."""
    for number, bundle in enumerate(service.made, start=1):
        path = service.material.folder / f"{number}.pfx"
        bundle.write(path, passphrase=_PASSPHRASE)
        yield f"{path} (passphrase: {_PASSPHRASE})"


def _line(certificate: x509.Certificate) -> str:
    """Return what matters of a certificate in one line."""
    summary = summaries.of_certificate(certificate)
    parts = [
        summary.subject,
        *([] if summary.is_ca and not summary.server_names else [_names(summary)]),
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


def _names(summary: Summary) -> str:
    return f"names {', '.join(summary.server_names) or 'none'}"


def task(fault: Fault) -> Task:
    """Return the task to find a fault and to repair it."""

    def make(material: Material) -> Exercise:
        return exercise(fault, material)

    report = textwrap.shorten(fault.report, 48, placeholder=" …")
    title = f"Level {fault.level}: {report}"
    minutes = 3 + fault.level
    return Task(fault.name, title, "diagnosing", minutes, make, fault.level)
