"""Service: what has to happen around a renewal so that clients see the new one."""

from __future__ import annotations

import sys
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

from cryptography import x509

from certlib import endpoints, integrating, stores
from certlib.endpoints import Endpoint
from certlib.errors import InputError
from certlib.files import programs
from certlib.integrating import Check
from certlib.rules import Context
from certlib.stores import Machine

_LOOK_AGAIN = 1.0  # seconds between two looks at a service that starts
_POWERSHELL = ("powershell.exe", "-NoProfile", "-NonInteractive", "-Command")
_ANSWERS = frozenset({"TLS answer", "selected certificate"})


@dataclass(frozen=True)
class Service:
    """What presents the certificate, as far as a renewal may touch it.

    Attributes:
        tls_file: a ``tls.json`` that names the certificate.
        restart: name of a Windows service to restart.
        before: a program to run before anything is changed.
        after: a program to run once the new one is in its place; and again after
            it was taken back, with ``CERTLIB_UNDONE`` in its environment.
        endpoint: where the service answers on HTTPS.
        patience: how long it may take until it does.
        by_hand: what a person has to do instead of all this; empty for nothing.
    """

    tls_file: Path | None = None
    restart: str = ""
    before: tuple[str, ...] = ()
    after: tuple[str, ...] = ()
    endpoint: Endpoint | None = None
    patience: timedelta = timedelta(minutes=1)
    by_hand: tuple[str, ...] = ()

    def check(self) -> None:
        """See beforehand whether a service can be restarted here.

        Raises:
            InputError: it cannot.
        """
        if self.restart and sys.platform != "win32":
            raise InputError(
                f"{self.restart} cannot be restarted here: this is no Windows",
                fix="name a program that does it: --after 'systemctl restart NAME'",
            )

    def steps(self) -> list[str]:
        """Return what will be done, in its order."""
        steps = [f"write {self.tls_file}"] * bool(self.tls_file)
        steps += [f"restart the service {self.restart}"] * bool(self.restart)
        steps += [f"run {' '.join(self.after)}"] * bool(self.after)
        if self.endpoint:
            steps.append(
                f"look whether {self.endpoint} presents it; if not within "
                f"{self.patience.total_seconds():.0f} s, take all of it back"
            )
        return steps

    def prepare(self, facts: Mapping[str, str]) -> None:
        """Run the program for before the change."""
        if self.before:
            _run(self.before, facts)

    def reload(self, facts: Mapping[str, str]) -> None:
        """Have the service take the certificate that is in its place now."""
        if self.restart:
            twin = integrating.restart_of(self.restart)
            stop = f"$ErrorActionPreference = 'Stop'; {twin}"
            _run((*_POWERSHELL, stop), facts)
        if self.after:
            _run(self.after, facts)

    def look(
        self, certificate: x509.Certificate, machine: Machine, *, at: datetime
    ) -> tuple[Check, ...]:
        """Return what the service's answer is like; nothing if nobody said where."""
        if self.endpoint is None:
            return ()
        return integrating.check(
            endpoints.look(self.endpoint),
            context=Context(at),
            trust=stores.trust_of(machine),
            selected=certificate,
        )

    def wait_for(
        self,
        certificate: x509.Certificate,
        machine: Machine,
        *,
        now: Callable[[], datetime],
        known: tuple[Check, ...],
    ) -> tuple[Check, ...]:
        """Return what is wrong with the service's answer; nothing is fine.

        Args:
            certificate: that it has to present.
            machine: whose roots are trusted.
            now: the moment to judge, which goes on.
            known: how it answered before: what was wrong then may still be.
        """
        before = {one.subject for one in known if one.passed is not True} - _ANSWERS
        was_down = any(c.subject == "TLS answer" and not c.passed for c in known)
        end = time.monotonic() + self.patience.total_seconds()
        while True:
            seen = self.look(certificate, machine, at=now())
            wrong = [c for c in seen if c.passed is not True]
            wrong = [c for c in wrong if c.subject not in before]
            if was_down:  # nobody knows what else was wrong then
                wrong = [c for c in wrong if c.subject in _ANSWERS]
            if not wrong or time.monotonic() >= end:
                return tuple(wrong)
            time.sleep(_LOOK_AGAIN)


def _run(words: tuple[str, ...], facts: Mapping[str, str]) -> None:
    code, said = programs.run(words, called="the program", variables=facts)
    if code:
        raise InputError(
            f"{' '.join(words)} failed with exit code {code}"
            f"{': ' + said if said else ''}",
            fix="run it by hand, and see what it wants",
        )
