"""Fetching: what lies at the addresses that stand in certificates.

The addresses are a stranger's: plain HTTP only, no names or passwords of this
computer, and bounds on time, size and the number of redirections.
"""

from __future__ import annotations

import queue
import threading
from urllib.parse import urlsplit

import requests

from certlib import texts
from certlib.errors import EndpointError
from certlib.parsers import plain_reason

DEADLINE = 10.0
"""Seconds for one address, from looking up its name to the last byte."""

MOST_BYTES = 32 * 1024 * 1024
"""The size of a list; the largest public ones have some ten million bytes."""

_REDIRECTIONS = 3
_CHUNK = 64 * 1024
_QUESTION = {"Content-Type": "application/ocsp-request"}
_FIX = "look up revocation on a computer that reaches it, or give the list (--crl)"


class Fetcher:
    """Fetches revocation lists and answers; a host that fails is asked once only.

    Args:
        deadline: seconds for one address.
        most_bytes: the largest answer that is taken.
    """

    def __init__(
        self, *, deadline: float = DEADLINE, most_bytes: int = MOST_BYTES
    ) -> None:
        self._deadline, self._most_bytes = deadline, most_bytes
        self._failed: dict[str, EndpointError] = {}

    def fetch(self, url: str, question: bytes = b"") -> bytes:
        """Return what lies at an address, or what it answers to a question.

        Raises:
            EndpointError: nothing came, too much, or too late.
        """
        parts = urlsplit(url)
        host = parts.netloc.lower()
        if (known := self._failed.get(host)) is not None:
            raise known
        if parts.scheme.lower() != "http":
            raise _failure(url, "is not an address by http")
        came: queue.SimpleQueue[bytes | EndpointError] = queue.SimpleQueue()
        # A server may send a byte now and then for ever: who waits is a thread.
        threading.Thread(
            target=lambda: came.put(self._tried(url, question)), daemon=True
        ).start()
        result: bytes | EndpointError
        try:
            result = came.get(timeout=self._deadline)
        except queue.Empty:
            result = _failure(url, f"has not answered within {self._deadline:g} s")
        if isinstance(result, EndpointError):
            if (
                not isinstance(result, _AddressError)
                and len(self._failed) < _MOST_FAILED
            ):
                self._failed[host] = result
            raise result
        return result

    def _tried(self, url: str, question: bytes) -> bytes | EndpointError:
        try:
            return self._fetched(url, question)
        except EndpointError as error:
            return error
        except (requests.RequestException, ValueError, OSError) as error:
            return _failure(url, f"does not answer: {plain_reason(error)}")

    def _fetched(self, url: str, question: bytes) -> bytes:
        with requests.Session() as session:
            del session.adapters["https://"]  # a redirection may not lead there
            session.max_redirects = _REDIRECTIONS
            session.auth = _nobody
            session.headers.update({"Accept-Encoding": "identity"})
            with session.request(
                "POST" if question else "GET",
                url,
                data=question or None,
                headers=_QUESTION if question else None,
                timeout=self._deadline + 1,  # of a thread that nobody waits for then
                stream=True,
            ) as response:
                if response.status_code != requests.codes.ok:
                    raise _failure(
                        url, f"answers HTTP {response.status_code}", _AddressError
                    )
                return self._body(url, response)

    def _body(self, url: str, response: requests.Response) -> bytes:
        body = bytearray()
        while chunk := response.raw.read(_CHUNK, decode_content=False):
            body += chunk
            if len(body) > self._most_bytes:
                raise _failure(
                    url, f"sends over {self._most_bytes} bytes", _AddressError
                )
        return bytes(body)


_MOST_FAILED = 10_000


def _nobody(request: requests.PreparedRequest) -> requests.PreparedRequest:
    """Log in as nobody: otherwise a file of passwords (.netrc) would be asked."""
    return request


class _AddressError(EndpointError):
    """One address of a host that answers is no good."""


def _failure(
    url: str, why: str, kind: type[EndpointError] = EndpointError
) -> EndpointError:
    return kind(f"{texts.shown(url)} {why}", fix=_FIX)
