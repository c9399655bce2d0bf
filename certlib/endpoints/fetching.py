"""Fetching: what lies at the addresses that stand in certificates.

The addresses are a stranger's: plain HTTP only, no names or passwords of this
computer, and bounds on time, size and the number of redirections.
"""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from urllib.parse import urlsplit

import requests

from certlib import texts
from certlib.bundles import formats
from certlib.endpoints.bounded import BoundedAdapter
from certlib.errors import EndpointError
from certlib.parsers import plain_reason
from certlib.trust.revocation import Lookup

DEADLINE = 10.0
"""Seconds for one address, from looking up its name to the last byte."""

MAX_LIST = 32 * 1024 * 1024
"""Bytes of the largest list; the largest public ones have some ten million."""

MAX_FAILED = 10_000
"""Hosts that are remembered as failing."""

_REDIRECTIONS = 3
_QUESTION = {"Content-Type": "application/ocsp-request"}
_FIX = "look up revocation on a computer that reaches it, or give the list (--crl)"


def lookup(lists: Iterable[Path], *, online: bool) -> Lookup:
    """Return where revocation is looked up.

    Args:
        lists: files of revocation lists (CRL), or folders of them.
        online: ask at the addresses in the certificates, too.

    Raises:
        InputError: nothing can be read, or a folder has no list in it.
        EncodingError: a file is no such list, or damaged.
    """
    given = [one for path in lists for one in formats.read_lists(path)]
    return Lookup.of(given, Fetcher() if online else None)


class Fetcher:
    """Fetches revocation lists and answers; a host that fails is asked once only.

    Args:
        deadline: seconds for one address.
        most: bytes of the largest answer.
    """

    def __init__(self, *, deadline: float = DEADLINE, most: int = MAX_LIST) -> None:
        self._session = session = requests.Session()
        session.adapters.clear()  # a redirection may not lead to https
        session.mount("http://", BoundedAdapter(most=most, deadline=deadline))
        session.max_redirects = _REDIRECTIONS
        session.auth = _nobody
        self._deadline = deadline
        self._failed: dict[str, EndpointError] = {}

    def fetch(self, url: str, question: bytes = b"") -> bytes:
        """Return what lies at an address, or what it answers to a question.

        Raises:
            EndpointError: nothing came, too much, or too late.
        """
        try:
            parts = urlsplit(url)
        except ValueError:  # brackets that hold no address
            parts = urlsplit("")
        host = parts.netloc.lower()
        if (known := self._failed.get(host)) is not None:
            raise known
        if parts.scheme.lower() != "http":
            raise _failure(url, "is not an address by http")
        try:
            response = self._asked(url, question)
        except (requests.RequestException, ValueError, OSError) as error:
            failed = _failure(url, f"does not answer: {plain_reason(error)}")
            unreachable = isinstance(error, requests.Timeout | requests.ConnectionError)
            if unreachable and len(self._failed) < MAX_FAILED:
                self._failed[host] = failed
            raise failed from None
        if response.status_code != requests.codes.ok:
            raise _failure(url, f"answers HTTP {response.status_code}")
        return response.content

    def _asked(self, url: str, question: bytes) -> requests.Response:
        # A little longer than the whole may take: the adapter says when it is late.
        timeout = self._deadline + 1
        if not question:
            return self._session.get(url, timeout=timeout)
        return self._session.post(
            url, data=question, headers=_QUESTION, timeout=timeout
        )


def _nobody(request: requests.PreparedRequest) -> requests.PreparedRequest:
    """Log in as nobody: otherwise a file of passwords (.netrc) would be asked."""
    return request


def _failure(url: str, why: str) -> EndpointError:
    return EndpointError(f"{texts.shown(url)} {why}", fix=_FIX)
