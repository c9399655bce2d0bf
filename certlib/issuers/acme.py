"""ACME: a public certification authority that issues by itself (RFC 8555).

The protocol is spoken by the library `acme`. What is here: what to ask for,
how to prove that a name is ours (`certlib.issuers.challenges`), and what to
do about an answer that is an error.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from acme import client as acme_client
from acme import errors as acme_errors
from acme import messages
from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding
from josepy.jwa import ES256
from josepy.jwk import JWK, JWKEC
from josepy.util import ComparableECKey
from urllib3.util import Retry

from certlib import files, keys, specs
from certlib.bundles import formats
from certlib.endpoints.bounded import BoundedAdapter
from certlib.errors import InputError, IssuerError
from certlib.issuers import Chain, Order, RenewalTime, problems, public_names
from certlib.issuers.challenges import Solver
from certlib.keys import KeyKind

LETS_ENCRYPT = "https://acme-v02.api.letsencrypt.org/directory"
"""Let's Encrypt: free, trusted by everybody, with strict rate limits."""

LETS_ENCRYPT_STAGING = "https://acme-staging-v02.api.letsencrypt.org/directory"
"""The same for trying out: trusted by nobody, with generous rate limits."""

USER_AGENT = "certlib"

MAX_ANSWER = 1024 * 1024
"""Bytes of the largest answer, unpacked: a chain has some thousand."""

DEADLINE = 60.0
"""Seconds for an answer as a whole, with what is tried again."""

MAX_WAITING = 600.0
"""Seconds to wait for all answers of an order, which may name any number of pages."""

# A CA that is down for a moment is asked again at once and after 1, 2, 4 and 8
# seconds. What has reached it is repeated only if that changes nothing there.
RETRIES = Retry(
    total=5,
    other=0,  # a certificate that is not trusted stays so
    backoff_factor=0.5,
    status_forcelist=(500, 502, 503, 504),
    allowed_methods=("GET", "HEAD"),
    respect_retry_after_header=False,
    raise_on_status=False,
)


@dataclass(frozen=True)
class ExternalAccount:
    """An account at a commercial CA, to which the ACME account is bound.

    Attributes:
        key_id: the CA's name for it ("EAB KID").
        hmac_key: its secret in base64url, as the CA shows it.

    Raises:
        InputError: the secret is not base64url.
    """

    key_id: str
    hmac_key: str = field(repr=False)

    def __post_init__(self) -> None:
        digits = self.hmac_key.rstrip("=")
        # One digit over makes no byte.
        if not re.fullmatch(r"[A-Za-z0-9_-]+", digits) or len(digits) % 4 == 1:
            raise InputError(
                f"the HMAC key of the external account {self.key_id} is not base64url",
                fix="copy it from the CA's portal again, whole and without spaces",
            )


@dataclass(frozen=True)
class AcmeCA:
    """A certification authority that speaks ACME. It is an `issuers.Issuer`.

    Attributes:
        directory: the URL of its directory, `LETS_ENCRYPT` for example.
        solver: proves that the names are ours.
        account_key: a file with the key of the account; made, readable by its
            owner only, when it is not there.
        terms_agreed: whether the CA's terms of service have been agreed to.
        email: for the CA's messages, or empty.
        external_account: for a CA that wants one.
        trust: certificates (PEM) that the directory's own TLS is held
            against; Mozilla's roots when left out.
        patience: how long `collect` waits for the CA.
    """

    directory: str
    solver: Solver
    account_key: Path
    terms_agreed: bool = False
    email: str = ""
    external_account: ExternalAccount | None = None
    trust: Path | None = None
    patience: timedelta = timedelta(seconds=90)

    @property
    def name(self) -> str:
        """The URL of the directory."""
        return self.directory

    def refuse(self, server_names: tuple[str, ...]) -> None:
        """Let names pass that can be ordered and proven.

        Raises:
            InputError: a public CA cannot release them, this solver cannot prove
                them, or the terms have not been agreed to.
            IssuerError: the terms have not been agreed to, and the CA did not say
                where they stand.
        """
        public_names.refuse(server_names, self.solver)
        if not self.terms_agreed:
            with self._network() as network:
                self._refuse_unagreed(self._listed(network))

    def submit(self, request: x509.CertificateSigningRequest) -> Order:
        """Open an order.

        Raises:
            InputError: a public CA cannot release these names, or this solver
                cannot prove them, or the terms have not been agreed to;
                nothing was ordered.
            IssuerError: the CA refused it or did not answer.
        """
        public_names.refuse(specs.requested_names(request), self.solver)
        with self._connection() as client:
            try:
                order = client.new_order(request.public_bytes(Encoding.PEM))
            except TypeError:  # the library goes through what is not there
                raise _no_authorizations(self.name) from None
            return Order(self.name, order.uri, request)

    def collect(self, order: Order) -> Chain | None:
        """Prove the names, let the CA issue, and return leaf and chain.

        Goes on where it stopped; what the CA has accepted is not asked again.

        Raises:
            IssuerError: a name could not be proven, or the CA refused the
                order or did not answer.
        """
        with self._connection() as client:
            resource = _resume(client, order)
            self._prove(client, resource)
            try:
                done = client.poll_finalization(resource, self._deadline())
            except acme_errors.TimeoutError:
                return None
        data = done.fullchain_pem.encode()
        return tuple(formats.read(data, origin=self.directory).certificates)

    def renewal_time(self, certificate: x509.Certificate) -> RenewalTime:
        """Ask the CA when to renew one of its certificates. It needs no account.

        Raises:
            IssuerError: the CA did not answer.
        """
        with self._network() as network:
            listed = self._listed(network, "newOrder")
            client = acme_client.ClientV2(listed, network)
            at, again = client.renewal_time(certificate.public_bytes(Encoding.PEM))
            return RenewalTime(at and at.astimezone(UTC), again.astimezone(UTC))

    def _prove(
        self, client: acme_client.ClientV2, order: messages.OrderResource
    ) -> None:
        if order.body.status != messages.STATUS_PENDING:
            return
        account_key = self._account_key()
        waiting = [
            (a.body.identifier.value, _choose(a.body, self.solver))
            for a in order.authorizations
            if a.body.status == messages.STATUS_PENDING
        ]
        with self.solver.proving(
            [(name, challenge.chall) for name, challenge in waiting], account_key
        ):
            for _, challenge in waiting:
                if challenge.status == messages.STATUS_PENDING:
                    client.answer_challenge(challenge, challenge.response(account_key))
            client.poll_authorizations(order, self._deadline())

    def _deadline(self) -> datetime:
        # The library compares with the local time without a zone.
        return datetime.now() + self.patience  # noqa: DTZ005

    @contextmanager
    def _connection(self) -> Iterator[acme_client.ClientV2]:
        """Connect as the holder of the account."""
        key = self._account_key()
        with self._network(key) as network:
            listed = self._listed(network, "newOrder", "newNonce", "newAccount")
            client = acme_client.ClientV2(listed, network)
            self._log_in(client, key)
            yield client

    @contextmanager
    def _network(self, key: JWK | None = None) -> Iterator[acme_client.ClientNetwork]:
        self._refuse_odd()
        network = acme_client.ClientNetwork(
            key,
            alg=ES256,
            verify_ssl=str(self.trust) if self.trust else True,  # type: ignore[arg-type]
            user_agent=USER_AGENT,
        )
        bounded = BoundedAdapter(
            most=MAX_ANSWER, deadline=DEADLINE, together=MAX_WAITING, retries=RETRIES
        )
        for scheme in ("https://", "http://"):  # whatever its answers lead to
            network.session.mount(scheme, bounded)
        with network.session, problems.explained(self.directory):
            yield network

    def _refuse_odd(self) -> None:
        if "@" in self.directory.partition("://")[2].partition("/")[0]:
            raise InputError(
                f"{self.directory} has a name or a password in it",
                fix="give the address alone; an ACME account has a key instead",
            )
        if self.trust is not None:
            formats.read_certificates(self.trust)  # says what is wrong with it

    def _listed(
        self, network: acme_client.ClientNetwork, *wanted: str
    ) -> messages.Directory:
        try:
            listed = acme_client.ClientV2.get_directory(self.directory, network)
        except (AttributeError, TypeError):  # JSON, and no object
            raise problems.not_acme(self.directory, "no directory") from None
        for name in wanted:
            if not hasattr(listed, name):
                raise problems.not_acme(self.directory, f"no {name} in its directory")
        return listed

    def _log_in(self, client: acme_client.ClientV2, key: JWK) -> None:
        self._refuse_unagreed(client.directory)
        account = messages.NewRegistration.from_data(
            email=self.email or None,
            terms_of_service_agreed=True,
            external_account_binding=self._binding(client, key),
        )
        try:
            client.new_account(account)
        except acme_errors.ConflictError as known:  # the key has an account
            client.net.account = messages.RegistrationResource(
                uri=known.location, body=messages.Registration()
            )

    def _refuse_unagreed(self, listed: messages.Directory) -> None:
        if not self.terms_agreed:
            raise InputError(
                f"the terms of service of {self.directory} have not been agreed to",
                fix=f"read {_terms(listed)} and set terms_agreed",
            )

    def _binding(self, client: acme_client.ClientV2, key: JWK) -> dict[str, Any] | None:
        if self.external_account is None:
            if client.external_account_required():
                raise InputError(
                    f"{self.directory} wants an account at the CA itself",
                    fix="copy the key ID and the HMAC key for ACME (EAB) from the CA's "
                    "portal into `ExternalAccount`",
                )
            return None
        return messages.ExternalAccountBinding.from_data(
            key.public_key(),
            self.external_account.key_id,
            self.external_account.hmac_key,
            client.directory,
        )

    def _account_key(self) -> JWKEC:
        if not self.account_key.exists():
            folder = files.private_folder(self.account_key.parent)
            with files.locked(folder):  # another process may make one, too
                self._make_account_key()
        key = keys.read_private_key(
            files.read(self.account_key), origin=str(self.account_key)
        )
        if keys.curve_name(key.public_key()) != "ECDSA_P256":
            raise InputError(
                f"the account key in {self.account_key} is no ECDSA-P256 key",
                fix="name another file; a key is made in it",
            )
        return JWKEC(key=ComparableECKey(key))

    def _make_account_key(self) -> None:
        if not self.account_key.exists():
            fresh = keys.generate(KeyKind.ECDSA_P256)
            data = keys.write_private_key(fresh)
            files.write(self.account_key, data, secret=True)


def _choose(
    authorization: messages.Authorization, solver: Solver
) -> messages.ChallengeBody:
    for challenge in authorization.challenges:
        if challenge.chall.typ == solver.kind:
            return challenge
    offered = ", ".join(c.chall.typ for c in authorization.challenges)
    raise IssuerError(
        f"the CA does not take {solver.kind} for {authorization.identifier.value}",
        fix=f"prove the name by one of: {offered}",
    )


def _resume(client: acme_client.ClientV2, order: Order) -> messages.OrderResource:
    """Return an order as the CA has it now."""
    body = messages.Order.from_json(_ask(client, order.reference))
    if not body.authorizations:
        raise _no_authorizations(order.issuer)
    return messages.OrderResource(
        body=body,
        uri=order.reference,
        authorizations=[
            messages.AuthorizationResource(
                body=messages.Authorization.from_json(_ask(client, url)), uri=url
            )
            for url in body.authorizations
        ],
        csr_pem=order.request.public_bytes(Encoding.PEM),
    )


def _no_authorizations(directory: str) -> IssuerError:
    return problems.not_acme(directory, "an order without authorizations")


def _ask(client: acme_client.ClientV2, url: str) -> Any:
    """Fetch a resource as RFC 8555 section 6.3 wants it (POST-as-GET)."""
    response = client.net.post(url, None, new_nonce_url=client.directory["newNonce"])
    return response.json()


def _terms(directory: messages.Directory) -> str:
    meta = getattr(directory, "meta", None)
    return str(getattr(meta, "terms_of_service", None) or "the CA's terms")
