"""Problems: what an ACME server's errors mean, and what to do about them."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import requests
from acme import errors as acme_errors
from acme import messages
from josepy.errors import Error as JoseError

from certlib.errors import IssuerError
from certlib.issuers.challenges import where
from certlib.parsers import JSON_ERRORS, plain_reason

_LATER = "nothing is lost: collect again later"

_PROOF_FIXES = {
    "caa": "let the CAA record of the domain name this CA, or ask the CA it names",
    "connection": "open port 80 to this server from the internet, or use dns-01",
    "dns": "check that the name has a public DNS entry and its DNS servers answer",
    "incorrectResponse": "check that the name leads to this server and no other one",
    "unauthorized": "check that the name leads to this server, and what answers there",
}

_FIXES = _PROOF_FIXES | {
    "accountDoesNotExist": "name a new file for the account key; an account is opened",
    "badNonce": _LATER,
    "badCSR": "look at the request in the viewer and prepare a new one",
    "externalAccountRequired": "get key ID and HMAC key (EAB) from the CA's portal",
    "rateLimited": "wait until the time that the CA names; practise with its staging "
    "directory, which has generous limits",
    "rejectedIdentifier": "ask for another name, or ask another CA",
    "unauthorized": "check the file of the account key and the external account (EAB)",
    "serverInternal": _LATER,
    "unsupportedIdentifier": "ask for DNS names only",
    "userActionRequired": "open the page that the CA names and agree to the new terms",
}


@contextmanager
def explained(directory: str) -> Iterator[None]:
    """Turn what the ACME library raises into an `IssuerError` with a fix."""
    try:
        with _told(directory):
            yield
    except JSON_ERRORS as error:  # an answer that the library goes through unchecked
        raise not_acme(directory, plain_reason(error)) from None


@contextmanager
def _told(directory: str) -> Iterator[None]:
    try:
        yield
    except acme_errors.ValidationError as error:
        raise _not_proven(error) from None
    except messages.Error as error:
        raise _refused(directory, error) from None
    except acme_errors.IssuanceError as error:
        raise _refused(directory, error.error) from None
    except acme_errors.TimeoutError:
        raise IssuerError(
            f"{directory} has not looked at the proofs in time", fix=_LATER
        ) from None
    except requests.exceptions.SSLError as error:
        raise IssuerError(
            f"the TLS certificate of {directory} is not trusted: {plain_reason(error)}",
            fix="check the address; for a CA of your own give its root (trust)",
        ) from None
    except acme_errors.ClientError as error:
        raise _client_error(directory, error) from None
    except (acme_errors.Error, JoseError, requests.exceptions.JSONDecodeError) as error:
        raise not_acme(directory, plain_reason(error)) from None
    except requests.exceptions.RequestException as error:
        raise IssuerError(
            f"{directory} does not answer: {plain_reason(error)}", fix=_LATER
        ) from None


def _client_error(directory: str, error: acme_errors.ClientError) -> IssuerError:
    response = error.args[0] if error.args else None
    if isinstance(response, requests.Response):
        status = f"HTTP {response.status_code} {response.reason}"
        if response.status_code >= 500:
            return IssuerError(f"{directory} is out of order: {status}", fix=_LATER)
        if response.status_code == 404:
            return IssuerError(
                f"{directory} has nothing at {response.url}: {status}",
                fix="check the URL of the directory; if it forgot an old order, "
                "withdraw the request and submit it again",
            )
        return not_acme(directory, status)
    return not_acme(directory, plain_reason(error))


def not_acme(directory: str, reason: str) -> IssuerError:
    """Return the error for a server that speaks something else."""
    return IssuerError(
        f"{directory} answered with something that is not ACME: {reason}",
        fix=f"check that this is the URL of an ACME directory; otherwise {_LATER}",
    )


def _refused(directory: str, error: messages.Error) -> IssuerError:
    details = [error.detail or error.title or str(error.typ)]
    for sub in error.subproblems or ():
        about = f"{sub.identifier.value}: " if sub.identifier else ""
        details.append(f"{about}{sub.detail}")
    code = _code(error)
    return IssuerError(
        f"{directory} refused ({code}): {'; '.join(details)}",
        fix=_FIXES.get(
            code, "do what the CA says; then withdraw the request and submit it again"
        ),
    )


def _not_proven(error: acme_errors.ValidationError) -> IssuerError:
    asked, fixes = [], []
    for authorization in error.failed_authzrs:
        name = authorization.body.identifier.value
        for challenge in authorization.body.challenges:
            if challenge.error is not None:
                code = _code(challenge.error)
                asked.append(
                    f"asked {where(name, challenge.chall)}, got {code}: "
                    f"{challenge.error.detail}"
                )
                fixes.append(_PROOF_FIXES.get(code, "put right what the CA found"))
    return IssuerError(
        f"the CA could not see that the names are ours: {'; '.join(asked)}",
        fix=f"{'; '.join(dict.fromkeys(fixes))}. The order is closed: withdraw the "
        "request, then submit it again",
    )


def _code(error: messages.Error) -> str:
    return str(error.typ).rpartition(":")[2]
