"""Carrying out: the plan of a renewal is done, or everything is as it was."""

from __future__ import annotations

import contextlib
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum

from cryptography import x509

from certlib import clock, errors, files, integrating, requesting
from certlib.bundles import Bundle
from certlib.errors import CertlibError, InputError, IssuerError
from certlib.requesting import RenewalKey, signing_requests
from certlib.requesting.renewing import journal, plans
from certlib.requesting.renewing.due import TellsWhen
from certlib.requesting.renewing.places import FilePlace, Undo
from certlib.requesting.renewing.plans import Plan
from certlib.requesting.signing_requests import Renewal, SigningRequest

Say = Callable[[str], None]
Now = Callable[[], datetime]


class Kind(StrEnum):
    """How a renewal came out."""

    NOT_DUE = "not due"
    WAITING = "waiting"
    RENEWED = "renewed"
    BY_HAND = "to be selected by hand"
    TAKEN_BACK = "taken back"


@dataclass(frozen=True)
class Outcome:
    """How a renewal came out.

    Attributes:
        kind: in a word.
        detail: in a sentence.
        old: thumbprint of the certificate that was to be replaced.
        new: thumbprint of its successor, or empty.
        looked: whether the service's answer was looked at.
    """

    kind: Kind
    detail: str
    old: str
    new: str = ""
    looked: bool = False


def carry_out(
    plan: Plan, *, at: datetime, progress: Say = lambda step: None
) -> Outcome:
    """Do what a plan says, and write it into the log beside the requests.

    Args:
        plan: from `plan`.
        at: the moment, with a time zone.
        progress: is told each step before it is done.

    Raises:
        InputError: what was planned for has changed, or a program failed.
        IssuerError: the certification authority refused or did not answer.
        StoreError: the store refused.
    """
    moment = clock.moment(at)
    folder = files.private_folder(plan.job.folder)
    with files.locked(files.private_folder(folder / ".renewing")):
        try:
            outcome = _carried_out(plan, moment, progress)
        except CertlibError as error:
            told = {"outcome": "failed", "detail": error.message, "fix": error.fix}
            journal.note(folder, plan, moment, told)
            raise
        told = {"outcome": outcome.kind, "detail": outcome.detail, "new": outcome.new}
        journal.note(folder, plan, moment, told)
        return outcome


def _carried_out(plan: Plan, at: datetime, say: Say) -> Outcome:
    if not plan.needed:
        return Outcome(Kind.NOT_DUE, str(plan.due), plan.old.thumbprint)
    if plan.job.place.present()[0].leaf not in _expected(plan):
        raise InputError(
            "somebody else has renewed the certificate meanwhile",
            fix="run it again, and see what is left to do",
        )
    now = _running(at)
    request = _requested(plan, at, say)
    bundle = _answer(plan, request, at)
    if bundle is None:
        state = signing_requests.load(request.folder).state
        return Outcome(Kind.WAITING, state, plan.old.thumbprint)
    outcome = _installed(plan, bundle, now, say)
    if outcome.kind is not Kind.TAKEN_BACK:
        _finish(plan, request, say)
    return outcome


def _running(at: datetime) -> Now:
    """Return a clock that goes on from a moment: issuing and restarting take time."""
    begun = time.monotonic()
    return lambda: at + timedelta(seconds=time.monotonic() - begun)


def _expected(plan: Plan) -> tuple[x509.Certificate | None, ...]:
    request = plan.request
    return plan.old.leaf, plans.answered(request) if request else None


def _requested(plan: Plan, at: datetime, say: Say) -> SigningRequest:
    """Return the request for it, made and handed in if need be."""
    job, request = plan.job, plan.request
    if request is None:
        say(plan.steps[0])
        spec = requesting.renewal_spec(
            plan.old.leaf, friendly_name=plan.old.friendly_name
        )
        same = job.key is RenewalKey.SAME
        request = requesting.prepare(
            *(spec, job.folder),
            at=at,
            passphrase=job.passphrase,
            private_key=job.place.private_key() if same else None,
            again=True,
            renewal=Renewal(plan.old.thumbprint),
        )
    elif request.renewal is None:  # a person's
        mark = Renewal(plan.old.thumbprint, made_for_it=False)
        request = signing_requests.keep(replace(request, renewal=mark))
    if request.submission is None and not request.answer_path.is_file():
        assert job.issuer is not None  # noqa: S101 # see plan
        request = requesting.submit(request, job.issuer, at=at)
    return request


def _answer(plan: Plan, request: SigningRequest, at: datetime) -> Bundle | None:
    """Return what came back with its key, or None while it has not."""
    job = plan.job
    if request.answer_path.is_file():
        return request.bundle(job.passphrase)
    assert job.issuer is not None  # noqa: S101 # see plan
    try:
        return requesting.collect(request, job.issuer, at=at, passphrase=job.passphrase)
    except IssuerError:
        if isinstance(job.issuer, TellsWhen):  # its orders end by an error
            requesting.withdraw(request)
        raise


def _installed(plan: Plan, bundle: Bundle, now: Now, say: Say) -> Outcome:
    """Put the new one into its place and have the service take it."""
    job, service = plan.job, plan.job.service
    outcome = Outcome(
        Kind.RENEWED,
        f"valid until {clock.minute(bundle.leaf.not_valid_after_utc)}",
        *(plan.old.thumbprint, bundle.thumbprint),
        looked=service.endpoint is not None,
    )
    known = service.look(plan.old.leaf, job.machine, at=now())
    undo: list[Undo] = []
    with _taken_back(plan, bundle, undo):
        service.prepare(_facts(plan, bundle))
        say(f"put it into {job.place.name}")
        undo.append(job.place.put(bundle, plan.old.leaf))
        if service.by_hand:
            detail = f"left to do: {'; '.join(service.by_hand)}"
            return replace(outcome, kind=Kind.BY_HAND, detail=detail, looked=False)
        if service.tls_file is not None:
            say(f"write {service.tls_file}")
            undo.append(_point(plan, bundle))
        if service.restart or service.after:
            say("have the service take it")
        service.reload(_facts(plan, bundle))
        wrong = service.wait_for(bundle.leaf, job.machine, now=now, known=known)
    if not wrong:
        return outcome
    said = "; ".join(f"{check.subject}: {check.detail}" for check in wrong)
    left = _take_back(plan, bundle, undo)
    after = service.wait_for(plan.old.leaf, job.machine, now=now, known=known)
    again = "the old one answers again" if not after else "nor does the old one answer"
    detail = ". ".join([said, again, *left])
    return replace(outcome, kind=Kind.TAKEN_BACK, detail=detail)


def _point(plan: Plan, bundle: Bundle) -> Undo:
    path = plan.job.service.tls_file
    assert path is not None  # noqa: S101 # for the type checker
    if integrating.chosen(path) == bundle.thumbprint:  # an earlier run was cut off
        _, backup = integrating.configure(path, plan.old.thumbprint, plan.job.machine)
    _, backup = integrating.configure(path, bundle.thumbprint, plan.job.machine)

    def undo() -> list[str]:
        integrating.put_back(path, backup)
        return []

    return undo


@contextlib.contextmanager
def _taken_back(plan: Plan, bundle: Bundle, undo: list[Undo]) -> Iterator[None]:
    """Take back what was done when an error ends the block."""
    try:
        yield
    except BaseException as error:
        if left := _take_back(plan, bundle, undo):
            what = "see what could not be taken back"
            errors.add_hint(error, f"{what}: {'; '.join(left)}")
        raise


def _take_back(plan: Plan, bundle: Bundle, undo: list[Undo]) -> list[str]:
    """Have everything as it was, the service too; return what is left behind."""
    left = []
    for step in reversed(undo):
        try:
            left += step()
        except CertlibError as error:
            left.append(error.message)
    if not undo and not plan.job.service.before:
        return left
    try:
        plan.job.service.reload(_facts(plan, bundle) | {"CERTLIB_UNDONE": "1"})
    except CertlibError as error:
        left.append(error.message)
    return left


def _facts(plan: Plan, bundle: Bundle) -> dict[str, str]:
    """Return what programs find in their environment."""
    place = plan.job.place
    return {
        "CERTLIB_OLD_THUMBPRINT": plan.old.thumbprint,
        "CERTLIB_NEW_THUMBPRINT": bundle.thumbprint,
        "CERTLIB_FILE": str(place.path) if isinstance(place, FilePlace) else "",
    }


def _finish(plan: Plan, request: SigningRequest, say: Say) -> None:
    """Clear up behind a renewal that is done."""
    request = signing_requests.load(request.folder)
    if plan.job.remove_old:
        say(f"remove the old one, {plan.old.thumbprint}")
        plan.job.place.remove(plan.old.leaf)
    with files.locked(request.folder.parent):
        if request.renewal is not None and request.renewal.made_for_it:
            signing_requests.forget(request)  # its key has its place now
        else:
            signing_requests.keep(replace(request, renewal=None))
