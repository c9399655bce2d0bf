"""What the commands share that ask a certification authority: which, and how."""

from __future__ import annotations

import shlex
import sys
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

import click
import platformdirs

from certlib.cli.common import A_FILE, together
from certlib.errors import InputError
from certlib.issuers import Chain, Issuer, Order

if TYPE_CHECKING:
    from cryptography import x509

    from certlib.issuers.training import TrainingCA

_DATA = Path(platformdirs.user_data_dir("certlib"))

FOLDER = click.option(
    "--folder",
    type=A_FILE,
    default=_DATA / "requests",
    show_default="requests in certlib's data folder",
    help="Where requests lie with their keys.",
)

issuer_options = together(
    click.option(
        "--submit",
        default="",
        metavar="TO",
        help="Who shall sign it: letsencrypt, letsencrypt-staging, the URL of an "
        "ACME directory, practice, or a folder through which people exchange "
        "requests and answers.",
    ),
    click.option("--agree-terms", is_flag=True, help="To the ACME CA's terms."),
    click.option("--email", default="", help="For the ACME CA's messages."),
    click.option(
        "--http-port",
        type=click.IntRange(1, 65535),
        default=80,
        show_default=True,
        help="Where http-01 is answered; the CA asks port 80.",
    ),
    click.option(
        "--dns-hook",
        default="",
        metavar="COMMAND",
        help="Prove the names by dns-01: called with add or remove, record, value.",
    ),
    click.option(
        "--acme-root", type=A_FILE, help="The root of an ACME server in the house."
    ),
)
"""Who shall sign, see `Wish`."""


def words(command: str) -> tuple[str, ...]:
    """Return the words of a command that stands in one option.

    Raises:
        InputError: a quotation mark in it is never closed.
    """
    try:
        if sys.platform != "win32":
            return tuple(shlex.split(command))
        # Backslashes stand in paths there.
        return tuple(word.strip('"') for word in shlex.split(command, posix=False))
    except ValueError as error:
        raise InputError(
            f"the command {command!r} cannot be read: {error}",
            fix="close each quotation mark",
        ) from None


@dataclass(frozen=True)
class AtOnce:
    """The practice CA, which nobody else would have release what it is asked."""

    ca: TrainingCA
    at: datetime

    @property
    def name(self) -> str:
        """Its name."""
        return self.ca.name

    def refuse(self, server_names: tuple[str, ...]) -> None:
        """Let names for practice pass."""
        self.ca.refuse(server_names)

    def submit(self, request: x509.CertificateSigningRequest) -> Order:
        """Take a request in, and release the certificate."""
        order = self.ca.submit(request)
        self.ca.approve(order, at=self.at)
        return order

    def collect(self, order: Order) -> Chain | None:
        """Return leaf, issuing CA and root."""
        return self.ca.collect(order)


@dataclass(frozen=True)
class Wish:
    """Who shall sign, as the options say it."""

    submit: str
    agree_terms: bool
    email: str
    http_port: int
    dns_hook: str
    acme_root: Path | None

    def issuer(self, at: datetime) -> Issuer:
        """Return the certification authority.

        Raises:
            InputError: the text names none.
        """
        from certlib import files
        from certlib.issuers import acme, training
        from certlib.issuers.by_hand import ByHand

        known = {
            "letsencrypt": acme.LETS_ENCRYPT,
            "letsencrypt-staging": acme.LETS_ENCRYPT_STAGING,
        }
        wanted = known.get(self.submit, self.submit)
        if wanted == "practice":
            return AtOnce(training.at_hand(_DATA / "practice-ca", at=at), at)
        if wanted.startswith("https://"):
            return self._acme(wanted)
        if wanted and files.is_there(Path(wanted)) and Path(wanted).is_dir():
            return ByHand(Path(wanted).resolve())
        raise InputError(
            f"{self.submit!r} is no certification authority",
            fix=f"give --submit {', '.join(known)}, practice, the https:// URL of an "
            "ACME directory, or a folder that exists",
        )

    def _acme(self, directory: str) -> Issuer:
        from certlib.issuers.acme import AcmeCA
        from certlib.issuers.challenges import DnsHook, HttpServer, command_hook

        hook = words(self.dns_hook)
        return AcmeCA(
            directory,
            DnsHook(command_hook(hook)) if hook else HttpServer(self.http_port),
            _DATA / "acme" / "account.pem",
            terms_agreed=self.agree_terms,
            email=self.email,
            trust=self.acme_root,
        )
