"""Challenges: how a public CA is shown that a DNS name is ours.

http-01: the CA fetches ``http://<name>/.well-known/acme-challenge/<token>``
from port 80 of the server (RFC 8555 section 8.3). dns-01: the CA looks up
the TXT record ``_acme-challenge.<name>`` (section 8.4); it is the only one
for wildcards, and the one for servers that the internet does not reach.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager, ExitStack, contextmanager, suppress
from dataclasses import dataclass
from datetime import timedelta
from typing import Protocol

from acme import challenges, standalone
from josepy.jwk import JWK

from certlib.errors import InputError, IssuerError
from certlib.files import programs

Wanted = Sequence[tuple[str, challenges.Challenge]]
"""Names, without ``*.``, and the challenge that the CA chose for each."""


class Solver(Protocol):
    """Shows a CA that names are ours."""

    @property
    def kind(self) -> str:
        """``http-01`` or ``dns-01``."""

    def proving(self, wanted: Wanted, account_key: JWK) -> AbstractContextManager[None]:
        """Have the proofs in place while the CA looks for them."""


@dataclass(frozen=True)
class HttpServer:
    """Answers http-01 from a small web server of its own, while it is needed.

    Attributes:
        port: that the CA's port 80 arrives at. Windows' own web server (IIS)
            must not hold it meanwhile.
        address: on which to listen; empty for all.
    """

    port: int = 80
    address: str = ""
    kind: str = "http-01"

    @contextmanager
    def proving(self, wanted: Wanted, account_key: JWK) -> Iterator[None]:
        """Serve the proofs.

        Raises:
            InputError: the port is taken or may not be used.
        """
        resources = {
            standalone.HTTP01RequestHandler.HTTP01Resource(
                challenge, *_response(challenge, account_key)
            )
            for _, challenge in wanted
        }
        try:
            server = standalone.HTTP01DualNetworkedServers(
                (self.address, self.port), resources
            )
        except OSError as error:
            raise InputError(
                f"port {self.port} cannot be used for http-01: {error}",
                fix="stop the web server that holds it while the certificate is "
                "issued, or prove the name by dns-01",
            ) from None
        server.serve_forever()
        try:
            yield
        finally:
            server.shutdown_and_server_close()


Hook = Callable[[str, str, str], None]
"""Called with ``add`` or ``remove``, the record's name and its value."""


@dataclass(frozen=True)
class DnsHook:
    """Answers dns-01 by a hook that sets and removes TXT records.

    Attributes:
        hook: sets a record (``add``) and removes it again (``remove``).
        settling: how long to wait until the records have spread.
    """

    hook: Hook
    settling: timedelta = timedelta(0)
    kind: str = "dns-01"

    @contextmanager
    def proving(self, wanted: Wanted, account_key: JWK) -> Iterator[None]:
        """Have the TXT records in the DNS; they are removed in any case.

        Raises:
            InputError: the hook failed.
        """
        with ExitStack() as records:
            for name, challenge in wanted:
                record = f"{challenges.DNS01.LABEL}.{name}"
                _, value = _response(challenge, account_key)
                records.enter_context(_in_dns(self.hook, record, value))
            time.sleep(self.settling.total_seconds())
            yield


@contextmanager
def _in_dns(hook: Hook, record: str, value: str) -> Iterator[None]:
    try:
        hook("add", record, value)  # may fail after it has set the record
        yield
    except BaseException:
        with suppress(Exception):  # what went wrong first is to be told
            hook("remove", record, value)
        raise
    hook("remove", record, value)


def command_hook(
    command: Sequence[str], *, patience: timedelta = timedelta(minutes=2)
) -> Hook:
    """Return a hook that runs a program: ``command add|remove RECORD VALUE``.

    The words are handed over as they are, no shell reads them.
    """

    def hook(action: str, record: str, value: str) -> None:
        words = [*command, action, record, value]
        code, said = programs.run(words, called="the DNS hook", patience=patience)
        if code:
            raise InputError(
                f"the DNS hook failed to {action} {record}: exit code {code}"
                f"{', ' + said if said else ''}",
                # Its other words may hold a secret.
                fix=f"run {command[0]} by hand with {action} {record} {value}",
            )

    return hook


def where(name: str, challenge: challenges.Challenge) -> str:
    """Return what the CA asked to see a proof: an URL or a DNS record."""
    match challenge:
        case challenges.HTTP01():
            return challenge.uri(name)
        case challenges.DNS01():
            return f"TXT {challenge.validation_domain_name(name)}"
        case _:
            return name


def _response(
    challenge: challenges.Challenge, account_key: JWK
) -> tuple[challenges.ChallengeResponse, str]:
    if not isinstance(challenge, challenges.KeyAuthorizationChallenge):
        raise IssuerError(
            f"the CA chose a challenge that is not known: {challenge}",
            fix="prove the name by http-01 or dns-01",
        )
    response, validation = challenge.response_and_validation(account_key)
    return response, validation
