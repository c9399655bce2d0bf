"""Plans: what a renewal will do, found out without changing anything."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from datetime import datetime
from pathlib import Path

from cryptography import x509

from certlib import bundles, clock, integrating, requesting, texts, x500
from certlib.bundles import Bundle
from certlib.errors import CertlibError, InputError
from certlib.issuers import Issuer
from certlib.requesting import RenewalKey
from certlib.requesting.renewing import due
from certlib.requesting.renewing.due import Due
from certlib.requesting.renewing.places import Place
from certlib.requesting.renewing.service import Service
from certlib.requesting.signing_requests import SigningRequest
from certlib.stores import Machine


@dataclass(frozen=True)
class Job:
    """What a renewal is told; the same at each run of a scheduled one.

    Attributes:
        place: where the certificate lies.
        machine: whose roots tell whether the service's answer is trusted.
        folder: where requests lie with their keys.
        issuer: who shall sign; None to wait for an answer that a person joins.
        key: with which private key.
        passphrase: for the key of the request while it waits.
        service: what presents the certificate.
        fraction: of the lifetime after which it is due, where the issuer does
            not tell.
        remove_old: remove the old one once the new one has answered.
    """

    place: Place
    machine: Machine
    folder: Path
    issuer: Issuer | None = None
    key: RenewalKey = RenewalKey.NEW
    passphrase: str | None = field(default=None, repr=False)
    service: Service = field(default_factory=Service)
    fraction: float = due.FRACTION
    remove_old: bool = False


@dataclass(frozen=True)
class Plan:
    """What a renewal will do. Nothing has happened yet.

    Attributes:
        job: what was told.
        old: the certificate to be replaced, with its friendly name.
        due: when that is due.
        request: one that is under way already, or None.
        needed: whether anything will be done.
        steps: what will be done, in its order.
        strangers: accounts that may read the old key, and are not there any more.
    """

    job: Job
    old: Bundle
    due: Due
    request: SigningRequest | None
    needed: bool
    steps: tuple[str, ...] = ()
    strangers: tuple[str, ...] = ()

    @property
    def notes(self) -> tuple[str, ...]:
        """What to know beforehand."""
        service, notes = self.job.service, []
        if not self.needed:
            return ()
        if service.endpoint is None and not service.by_hand:
            notes.append("Nobody will see whether the service presents it.")
        notes += [
            f"{account} may read the old key and is not known here any more: it "
            "will not read the new one."
            for account in self.strangers
        ]
        return tuple(notes)

    def __str__(self) -> str:
        subject = x500.x500(self.old.leaf.subject)
        until = clock.minute(self.old.leaf.not_valid_after_utc)
        lines = [f"{subject} in {self.job.place.name}, valid until {until}"]
        lines.append(f"  thumbprint {self.old.thumbprint}, {self.due}")
        lines += [f"  {n}. {step}" for n, step in enumerate(self.steps, start=1)]
        lines += [f"  Note: {note}" for note in self.notes]
        return "\n".join(map(texts.shown, lines))


def plan(job: Job, *, at: datetime, if_needed: bool = False) -> Plan:
    """Return what a renewal would do.

    What an earlier run left unfinished is gone on with, and an answer that has
    come is taken: nothing is ordered twice.

    Args:
        job: what is to be renewed, and how.
        at: the moment, with a time zone.
        if_needed: leave a certificate alone that is not due.

    Raises:
        InputError: nothing can be renewed so: not clear which certificate, nobody
            to sign it, a service that cannot be restarted here.
        StoreError: the store has no such certificate, or cannot be read.
    """
    moment = clock.moment(at)
    present = job.place.present()
    request = _under_way(job, present, moment)
    new = answered(request) if request else None
    # After an import that was cut off, the new one is the newest that is there.
    old = next((one for one in present if one.leaf != new), present[0])
    when = due.when(old.leaf, job.issuer, at=moment, fraction=job.fraction)
    needed = request is not None or when.reached or not if_needed
    found = Plan(job, old, when, request, needed)
    if needed:
        _check(found)
        strangers = job.place.strangers(old.leaf)
        found = replace(found, steps=tuple(_steps(found)), strangers=strangers)
    return found


def _steps(found: Plan) -> Iterator[str]:
    job, old, request = found.job, found.old, found.request
    names = ", ".join(requesting.renewal_spec(old.leaf).server_names)
    issuer = job.issuer.name if job.issuer else ""
    if request is None:
        yield f"order a certificate for {names} from {issuer} with a {job.key}"
    elif request.answer_path.is_file():
        yield f"take the answer to the request {request.name}"
    else:
        yield f"go on with the request {request.name}: {request.state}"
    if before := job.service.before:
        yield f"run {' '.join(before)}"
    gone = job.place.strangers(old.leaf)
    readers = [one for one in job.place.readers(old.leaf) if one not in gone]
    may = f"; {', '.join(readers)} may read its key" * bool(readers)
    yield f"put it into {job.place.name}{may}"
    yield from job.service.by_hand or job.service.steps()
    if job.remove_old:
        yield f"remove the old one, {old.thumbprint}"


def _check(found: Plan) -> None:
    """See beforehand whether the plan can be carried out."""
    job = found.job
    job.service.check()
    _check_tls_file(found)
    if job.remove_old and job.service.endpoint is None:
        raise InputError(
            "the old one is removed only if the new one has answered",
            fix="say where the service answers (--check HOST:PORT)",
        )
    waiting = found.request is None or not found.request.answer_path.is_file()
    if waiting and job.issuer is None:
        raise InputError(
            "nobody is named who shall sign, and no answer has come to a request for "
            f"{x500.x500(found.old.leaf.subject)}",
            fix="name a certification authority (--submit), or join the answer of "
            "yours first (certlib join)",
        )
    if found.request is None and job.issuer is not None:
        job.issuer.refuse(requesting.renewal_spec(found.old.leaf).server_names)
    if found.request is None and job.key is RenewalKey.SAME:
        job.place.private_key()


def _check_tls_file(found: Plan) -> None:
    path = found.job.service.tls_file
    if path is None:
        return
    new = answered(found.request) if found.request else None
    known = {found.old.thumbprint, bundles.thumbprint(new) if new else ""} - {""}
    if (chosen := integrating.chosen(path)) not in known:
        raise InputError(
            f"{path} does not name the certificate that is to be renewed, but "
            f"{chosen or 'none'}",
            fix="renew the one that it names, or write it first (certlib integrate)",
        )


def _under_way(job: Job, present: list[Bundle], at: datetime) -> SigningRequest | None:
    """Return the request that this renewal goes on with, the newest of several."""
    newest = present[0].leaf
    wanted = set(requesting.renewal_spec(newest).server_names)
    there = {one.leaf for one in present}
    found = None
    for request in requesting.every(job.folder):
        if set(request.spec.server_names) != wanted:
            continue
        leaf = answered(request)
        if leaf is not None and leaf.not_valid_after_utc < at:
            continue
        begun = request.renewal is not None
        if leaf is None:
            begun |= request.made >= newest.not_valid_before_utc
        else:
            begun |= leaf not in there and _is_later(leaf, newest)
        if begun:
            found = request
    return found


def _is_later(one: x509.Certificate, other: x509.Certificate) -> bool:
    return (
        one.not_valid_before_utc > other.not_valid_before_utc
        and one.not_valid_after_utc > other.not_valid_after_utc
    )


def answered(request: SigningRequest) -> x509.Certificate | None:
    """Return the certificate that a request got; None while it waits."""
    if not request.answer_path.is_file():
        return None
    try:
        found = bundles.formats.read_certificates(request.answer_path)
    except CertlibError:  # damaged: whoever collects it is told
        return None
    return found[0] if found else None
