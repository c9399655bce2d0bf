"""Errors: one family, told apart by whose move is next.

    CertlibError
    ├── InputError            the caller's: a file, a name, an option
    │   ├── PassphraseError   the passphrase is missing or wrong
    │   └── ExistsError       the file is there and was not to be replaced
    ├── EncodingError         the sender's: bytes that are not what they claim
    ├── StoreError            the machine's: a certificate store refused
    ├── IssuerError           the certification authority's
    └── EndpointError         the server's: no TLS answer to look at

Every error says what happened to which thing, and what to do next. None of
them carries a passphrase or a private key.
"""

from __future__ import annotations

import contextlib
import re
from collections.abc import Iterator

from certlib import texts

_LOGIN = re.compile(r"(?<=://)[^\s/@:\[]*:[^\s/@]*@")
"""Name and password in an address (RFC 3986, section 3.2.1)."""


class CertlibError(Exception):
    """Something went wrong that a person can do something about.

    Args:
        message: what happened, to which thing.
        fix: what to do next, in one sentence.
        parameter: the one that does it, if that is what it takes; an option on
            the command line.
    """

    def __init__(self, message: str, *, fix: str, parameter: str = "") -> None:
        # It quotes what strangers wrote, and addresses as they were given.
        self.message = texts.shown(_LOGIN.sub("***@", message))
        self.fix = texts.shown_lines(fix)
        self.parameter = parameter
        super().__init__(self.message)

    def __str__(self) -> str:
        return f"{self.message}\n  fix: {self.fix}"

    @property
    def sentence(self) -> str:
        """What happened and what to do next, without a full stop."""
        return f"{self.message}; {self.fix}"

    def __reduce__(self) -> tuple[object, ...]:
        # A keyword-only argument does not survive the default pickling, and
        # errors cross process boundaries in a large audit.
        return _rebuild, (type(self), self.message, self.fix), self.__dict__

    def _render_traceback_(self) -> list[str]:
        """Show two lines in a notebook instead of forty (an IPython hook)."""
        return [f"{type(self).__name__}: {self}"]


class InputError(CertlibError):
    """What the caller gave cannot be used."""


class PassphraseError(InputError):
    """The passphrase is missing or does not open the file."""


class ExistsError(InputError):
    """A file is there already and was not to be replaced."""


class EncodingError(CertlibError):
    """The bytes are not the certificate, key or request that they should be."""


class StoreError(CertlibError):
    """A certificate store refused.

    Args:
        message: what happened, to which thing.
        fix: what to do next.
        code: Windows' own error code, if it gave one.
    """

    def __init__(self, message: str, *, fix: str, code: int | None = None) -> None:
        if code is not None:
            message = f"{message} (Windows error 0x{code & 0xFFFFFFFF:08X})"
        super().__init__(message, fix=fix)
        self.code = code


class IssuerError(CertlibError):
    """A certification authority refused, failed or did not answer."""


class EndpointError(CertlibError):
    """A server gave no TLS answer that could be looked at."""


@contextlib.contextmanager
def part(what: str, extra: str = "lab") -> Iterator[None]:
    """Import, in the block, what the light installation leaves out.

    Args:
        what: that needs it, as a sentence begins with it.
        extra: of certlib, which brings it.

    Raises:
        InputError: it is not installed.
    """
    try:
        yield
    except ModuleNotFoundError as error:
        if (error.name or "").startswith("certlib"):
            raise
        raise InputError(
            f"{what} needs {error.name}, which is not installed here",
            fix=f"pip install 'certlib[{extra}]'",
        ) from None


def add_hint(error: BaseException, hint: str) -> None:
    """Say further what to do, when what was done before an error is not undone."""
    if isinstance(error, CertlibError):
        error.fix = f"{error.fix}; and {hint}"
    else:
        error.add_note(hint)


def _rebuild(kind: type[CertlibError], message: str, fix: str) -> CertlibError:
    error = kind.__new__(kind)
    CertlibError.__init__(error, message, fix=fix)
    return error
