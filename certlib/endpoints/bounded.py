"""Bounded: answers over HTTP that end, both in size and in time.

`requests` waits for each piece of an answer and takes all of them: one that drips
for ever, or never ends, would hold the program or fill the memory.
"""

from __future__ import annotations

import math
import threading
import time
from typing import Any

import requests
import urllib3
from requests.adapters import HTTPAdapter
from urllib3.util import Retry


class BoundedAdapter(HTTPAdapter):
    """Fetches answers that are not endless, neither in size nor in time.

    Args:
        most: bytes of the largest answer, unpacked.
        deadline: seconds for an answer as a whole, with what is tried again.
        together: seconds to wait for all answers, however many there are.
        retries: what is tried again; nothing when left out.
    """

    def __init__(
        self,
        *,
        most: int,
        deadline: float,
        together: float = math.inf,
        retries: Retry | int = 0,
    ) -> None:
        super().__init__(max_retries=retries)
        self._most, self._deadline, self._together = most, deadline, together

    def send(
        self, request: requests.PreparedRequest, *arguments: Any, **options: Any
    ) -> requests.Response:
        """Send a request and return its answer, read to the end.

        Raises:
            requests.RequestException: there is none, or it is over a limit.
        """
        options["stream"] = True
        answers: list[requests.Response | BaseException] = []

        def fetch() -> None:
            try:
                answer = super(BoundedAdapter, self).send(
                    request, *arguments, **options
                )
                try:
                    self._read(answer, end, why)
                except urllib3.exceptions.HTTPError as error:  # torn, or damaged
                    raise requests.exceptions.ConnectionError(
                        error, request=request
                    ) from None
                answers.append(answer)
            except BaseException as error:  # raised again below
                answers.append(error)

        # In a thread, as nothing else ends the wait for a head that drips.
        begin = time.monotonic()
        why = f"no whole answer within {self._deadline:g} seconds"
        if self._together < self._deadline:
            why = "the answers took too long together"
        end = begin + max(0.0, min(self._deadline, self._together))
        thread = threading.Thread(target=fetch, daemon=True)
        thread.start()
        thread.join(end - begin)
        self._together -= time.monotonic() - begin
        if not answers:
            raise requests.exceptions.ReadTimeout(why, request=request)
        if isinstance(answers[0], BaseException):
            raise answers[0]
        return answers[0]

    def _read(self, answer: requests.Response, end: float, why: str) -> None:
        """Read an answer to its end.

        Raises:
            requests.RequestException: it is over a limit.
        """
        body = bytearray()
        with answer:
            # read1, as read waits until so many bytes are there.
            while chunk := answer.raw.read1(65536, decode_content=True):
                body += chunk
                if len(body) > self._most:
                    raise requests.exceptions.ContentDecodingError(
                        f"the answer has more than {self._most:,} bytes",
                        request=answer.request,
                    )
                if time.monotonic() > end:
                    raise requests.exceptions.ReadTimeout(why, request=answer.request)
        answer._content = bytes(body)
        answer._content_consumed = True
