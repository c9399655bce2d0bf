"""Integrating: how does the service come to answer on HTTPS?

The Designer lists what is in Local Machine > Personal; one certificate is
selected; the service restarts; then its answer is checked by a TLS handshake.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from cryptography import x509

from certlib import bundles, clock, powershell, rules, stores
from certlib.errors import CertlibError, StoreError
from certlib.integrating import designer, tls_settings
from certlib.integrating.checks import Check as Check
from certlib.integrating.checks import check as check
from certlib.integrating.designer import Row
from certlib.integrating.tls_settings import Choice
from certlib.integrating.tls_settings import put_back as put_back
from certlib.products import Environment, Product
from certlib.rules import Context, Finding, Severity
from certlib.stores import PERSONAL, CertificateStore, Machine, StoreEntry
from certlib.summaries import Summary
from certlib.trust import places

_OF_CLIENTS = ("root-unknown",)
"""Whom the clients trust is not told by the server's machine alone."""


@dataclass(frozen=True)
class Obstacle:
    """Why a certificate is not listed, or will not work once it is selected.

    Attributes:
        text: what is in the way.
        fix: what to do about it.
        listed: whether the Designer lists the certificate, perhaps elsewhere
            in its tree, which has no stores of users.
    """

    text: str
    fix: str
    listed: bool = True

    def __str__(self) -> str:
        return f"{self.text}\n  fix: {self.fix}"


def obstacles(
    machine: Machine,
    thumbprint: str,
    *,
    account: str,
    at: datetime,
    trusted: Iterable[x509.Certificate] = (),
) -> tuple[Obstacle, ...]:
    """Return what keeps the service from using a certificate; empty is fine.

    Args:
        machine: on which the service runs.
        thumbprint: of the certificate, as copied from anywhere.
        account: under which the service runs.
        at: the moment, with a time zone.
        trusted: roots that the clients trust besides those of the machine; if any
            is given, a certificate that leads to none of all these is told.

    Raises:
        InputError: the text is not a thumbprint.
        StoreError: a store cannot be read.
    """
    wanted = bundles.parse_thumbprint(thumbprint)
    store = machine.open(PERSONAL)
    entry = next((e for e in store if e.thumbprint == wanted), None)
    if entry is None:
        return (_not_listed(machine, wanted),)
    summary, judged = _judged(machine, entry, clock.moment(at), tuple(trusted))
    found = [Obstacle(f.said, f.remedy) for f in judged]
    if summary.server_names and not summary.dns_names:
        found.append(_no_dns_name())
    if summary.dns_names and summary.dns_names[0].startswith("*."):
        found.append(_wildcard(summary.dns_names[0]))
    if entry.has_private_key:
        found += _unreadable_key(store, wanted, account)
    return tuple(found)


def _judged(
    machine: Machine,
    entry: StoreEntry,
    at: datetime,
    trusted: tuple[x509.Certificate, ...],
) -> tuple[Summary, tuple[Finding, ...]]:
    """Return what an audit finds wrong with a certificate at its place."""
    summary = places.in_store(
        entry.certificate,
        stores.trust_of(machine, given=trusted),
        store=entry.address,
        private_key=entry.has_private_key,
    ).judged(at)
    wrong = [
        rule
        for rule in rules.RULES.values()
        if rule.severity is Severity.ERROR and (trusted or rule.id not in _OF_CLIENTS)
    ]
    # Whether a self-signed one is right for it, the choice of the way has decided.
    context = Context(at, environment=Environment.TEST, practice=machine.practice)
    return summary, rules.judge(summary, context, rules=wrong)


def _not_listed(machine: Machine, thumbprint: str) -> Obstacle:
    for address in machine.addresses():
        if address == PERSONAL:
            continue
        try:
            there = stores.has(machine.open(address), thumbprint)
        except StoreError:
            continue
        if there:
            return Obstacle(
                f"It is in {address.display_name}; it has to be in "
                f"{PERSONAL.display_name}.",
                "Import its PFX file into the personal store of the computer "
                "(certlm.msc), not into that of a user (certmgr.msc).",
                listed=address.location is PERSONAL.location,
            )
    return Obstacle(
        f"It is in no certificate store of this machine ({machine.display_name}).",
        "Import its PFX file on the machine on which the service runs.",
        listed=False,
    )


def _wildcard(name: str) -> Obstacle:
    return Obstacle(
        f"Its first DNS name is {name}, and the first name becomes the host name of "
        "the service; what a wildcard does there is documented for yunIO only.",
        "yunIO: enter the host name as custom service URL. Elsewhere get a "
        "certificate with the server's own name first.",
    )


def _no_dns_name() -> Obstacle:
    return Obstacle(
        "It has no DNS name in its SubjectAlternativeName, only addresses; the "
        "column SubjectAltName DNS is empty, and the service would have no host name.",
        "Get a certificate that has the server's DNS name there.",
    )


def _unreadable_key(
    store: CertificateStore, thumbprint: str, account: str
) -> Iterator[Obstacle]:
    try:
        readers = store.readers(thumbprint)
        may_read = store.may_read(thumbprint, account)
    except CertlibError as error:
        yield Obstacle(
            f"Who may read its private key cannot be told: {error.message}.", error.fix
        )
        return
    for who in readers:
        if whom := stores.everybody_in(who):
            yield Obstacle(
                f"{who} may read its private key: {whom}. It is no secret any more.",
                f"Take {who} out in Manage Private Keys, let {account} in alone, and "
                "get a certificate with a new key.",
            )
            return
    if not may_read:
        yield Obstacle(
            f"{account} may not read its private key; only {', '.join(readers)} may. "
            "TLS handshakes would fail.",
            f"certlm.msc > the certificate > All Tasks > Manage Private Keys: add "
            f"{account} with Read. After a renewal with a new key do it again.",
        )


def configure(
    path: Path, thumbprint: str, machine: Machine
) -> tuple[Choice, Path | None]:
    """Write the ``tls.json`` of a product without a Designer.

    Args:
        path: of the file.
        thumbprint: of a certificate in Local Machine > Personal.
        machine: on which the service runs.

    Returns:
        What was written, and where the earlier file is kept, if there was one.

    Raises:
        InputError: the thumbprint is none, the certificate has no DNS name,
            or what is there is not JSON.
        StoreError: the certificate or its private key is not there.
    """
    entry = machine.open(PERSONAL).find(bundles.parse_thumbprint(thumbprint))
    if not entry.has_private_key:
        raise stores.no_private_key(entry.thumbprint, PERSONAL)
    backup = tls_settings.write(path, entry.certificate)
    return Choice.of(entry.certificate), backup


def chosen(path: Path) -> str:
    """Return the thumbprint that a ``tls.json`` names; empty if it names none.

    Raises:
        InputError: it is not there, or cannot be read as one.
    """
    choice = tls_settings.read(path).choice
    return choice.thumbprint if choice else ""


def compare(path: Path, machine: Machine, *, at: datetime) -> tuple[Check, ...]:
    """Compare a ``tls.json`` with the store of the machine.

    Args:
        path: of the file.
        machine: on which the service runs.
        at: the moment, with a time zone.

    Raises:
        InputError: the file cannot be read as one, or the moment has no time
            zone.
        StoreError: the store cannot be read.
    """
    at = clock.moment(at)
    settings = tls_settings.read(path)
    seen = [
        Check(
            "TLS",
            settings.enabled,
            "switched on" if settings.enabled else "switched off",
            "select a certificate, or set tlsEnabled to true",
        )
    ]
    if settings.choice is None:
        return tuple(seen)
    choice = settings.choice
    rows = {row.thumbprint: row for row in designer.listing(machine.open(PERSONAL))}
    row = rows.get(choice.thumbprint)
    seen.append(
        Check(
            "certificate",
            row is not None,
            f"{choice.thumbprint} is {'' if row else 'not '}in {PERSONAL.display_name}",
            f"choose one of {', '.join(rows) or 'none there'}, or import it",
        )
    )
    if row is not None:
        seen += _compared_values(choice, row)
    seen.append(
        Check(
            "validity",
            choice.not_after >= at,
            f"until {clock.minute(choice.not_after)}",
            "renew it; if the Designer is locked, put tls.json aside and restart",
        )
    )
    return tuple(seen)


def _compared_values(choice: Choice, row: Row) -> Iterator[Check]:
    differing = choice.differences(Choice.of(row.entry.certificate))
    yield Check(
        "values",
        not differing,
        "; ".join(differing) or "the same in the file and in the certificate",
        "write the file again from the certificate",
    )
    yield Check(
        "private key",
        row.entry.has_private_key,
        "there" if row.entry.has_private_key else "missing",
        "import the PFX file",
    )


def restart_twin(product: Product) -> str:
    """Return the PowerShell that restarts a product's service."""
    return restart_of(product.service_name)


def restart_of(service_name: str) -> str:
    """Return the PowerShell that restarts a Windows service."""
    return powershell.command("Restart-Service", Name=service_name)


def firewall_twin(product: Product) -> str:
    """Return the PowerShell that lets clients reach the service."""
    return powershell.command(
        "New-NetFirewallRule",
        DisplayName=f"{product.name} HTTPS",
        Direction="Inbound",
        Protocol="TCP",
        LocalPort=product.https_port,
        Action="Allow",
    )
