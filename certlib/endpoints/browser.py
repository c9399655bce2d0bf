"""Browser: a page in a real, headless Chromium, and what it says of the server.

Chromium trusts what stands in an NSS database of a home folder of its own; the
one of the person at the computer is neither read nor changed.
"""

from __future__ import annotations

import os
import shutil
import subprocess  # Chromium's trust is kept by another program
import sys
from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding

from certlib import files
from certlib.endpoints import Endpoint, in_brackets
from certlib.errors import EndpointError
from certlib.files import environment

if TYPE_CHECKING:
    from playwright.sync_api import Page, PdfMargins

T = TypeVar("T")

_NAMES = ("chromium", "chromium-browser", "google-chrome")
PROGRAM = next((name for name in _NAMES if shutil.which(name)), _NAMES[0])
"""The browser's name on this computer."""

VIEW = {"width": 820, "height": 380}
"""Pixels of the window."""


class NotHereError(EndpointError):
    """There is no browser that could be asked."""


@dataclass(frozen=True)
class Visit:
    """What a browser showed.

    Attributes:
        accepted: whether it showed the page.
        words: its title, or the browser's own error.
        screenshot: the window as PNG.
        issuer: who issued the certificate, in the browser's words.
        subject: for whom.
        protocol: ``TLS 1.3`` for example.
        valid_from: in UTC.
        valid_to: in UTC.
    """

    accepted: bool
    words: str
    screenshot: bytes = field(default=b"", repr=False)
    issuer: str = ""
    subject: str = ""
    protocol: str = ""
    valid_from: datetime | None = None
    valid_to: datetime | None = None


def visit(
    endpoint: Endpoint,
    *,
    folder: Path,
    roots: Path | None = None,
    deadline: float = 30.0,
) -> Visit:
    """Open the page of a service in a headless Chromium.

    Args:
        endpoint: the service; its server name is what stands in the address.
        folder: becomes the browser's home.
        roots: a PEM file of what it shall trust; only what is built in, if
            left out.
        deadline: seconds for the page.

    Raises:
        NotHereError: Chromium, certutil or Playwright is not installed.
        EndpointError: one of them failed.
    """
    trust_database(folder, roots)
    rules = f"MAP {endpoint.server_name} {in_brackets(endpoint.host)}"

    def look(page: Page) -> Visit:
        from playwright.sync_api import Error

        try:
            response = page.goto(endpoint.url, timeout=1000 * deadline)
        except Error as error:
            said = str(error).partition("net::")[2].partition(" ")[0] or str(error)
            return Visit(False, said.splitlines()[0], _warning(page))
        details = response.security_details() if response else None
        return _visit(page, details or {})

    return _with_page(folder, look, f"--host-resolver-rules={rules}")


def print_page(html: str, *, folder: Path) -> bytes:
    """Return a page of HTML as PDF, as the browser prints it.

    Raises:
        NotHereError: Chromium or Playwright is not installed.
    """

    def work(page: Page) -> bytes:
        page.set_content(html)
        edge = "18mm"
        margin: PdfMargins = {"top": edge, "right": edge, "bottom": edge, "left": edge}
        return page.pdf(format="A4", margin=margin)

    return _with_page(folder, work)


def write_roots(folder: Path, roots: Iterable[x509.Certificate]) -> Path | None:
    """Write a PEM file of roots and return its path; None if there are none."""
    pem = b"".join(root.public_bytes(Encoding.PEM) for root in roots)
    path = folder / "roots.pem"
    if pem:
        files.write(path, pem)
    return path if pem else None


def trust_database(home: Path, roots: Path | None) -> str:
    """Make the NSS database of a home folder and return its address.

    Raises:
        NotHereError: NSS' certutil is not installed.
        EndpointError: it refuses the folder or a root.
    """
    folder = home / ".pki" / "nssdb"
    folder.mkdir(parents=True, exist_ok=True)
    address = f"sql:{folder}"
    _certutil("-d", address, "-N", "--empty-password")
    if roots is not None:
        text = roots.read_text(encoding="ascii")
        end = "-----END CERTIFICATE-----\n"
        for number, pem in enumerate(text.split(end)[:-1]):
            _certutil(
                *("-d", address, "-A", "-t", "C,,", "-n", f"practice {number}", "-a"),
                text=pem + end,
            )
    return address


def _certutil(*arguments: str, text: str = "") -> None:
    program = shutil.which("certutil")
    if program is None or sys.platform == "win32":  # Windows' certutil is another
        raise NotHereError(
            "not installed: NSS' certutil", fix="apt install libnss3-tools"
        )
    done = subprocess.run(  # noqa: S603 - a fixed program, arguments are not a shell's
        [program, *arguments],
        input=text.encode(),
        check=False,
        capture_output=True,
        env=environment.for_programs(),
    )
    if done.returncode:
        said = done.stderr.decode("utf-8", "replace").strip().splitlines()
        raise EndpointError(
            f"certutil cannot make the browser's list of roots: {''.join(said[-1:])}",
            fix="check that the folder can be written and the roots are certificates",
        )


def _with_page(folder: Path, work: Callable[[Page], T], *arguments: str) -> T:
    try:
        from playwright.sync_api import Error, sync_playwright
    except ImportError:
        raise NotHereError(
            "not installed: Playwright", fix="uv sync --group test"
        ) from None
    program = shutil.which(PROGRAM)
    if program is None:
        raise NotHereError(f"not installed: {PROGRAM}", fix="apt install chromium")

    def run() -> T:
        with sync_playwright() as playwright:
            chromium = playwright.chromium.launch(
                executable_path=program,
                args=["--disable-gpu", *_sandbox(), *arguments],
                env={**environment.for_programs(), "HOME": str(folder)},
            )
            try:
                page = chromium.new_page(viewport=VIEW)  # type: ignore[arg-type]
                return work(page)
            finally:
                chromium.close()

    # Playwright's plain interface refuses a thread whose event loop runs, as a
    # notebook's does.
    with ThreadPoolExecutor(1) as thread:
        try:
            return thread.submit(run).result()
        except Error as error:
            raise EndpointError(
                f"the browser failed: {str(error).splitlines()[0]}",
                fix=f"start {PROGRAM} by hand and see what it says",
            ) from None


def _sandbox() -> tuple[str, ...]:
    as_root = sys.platform != "win32" and os.geteuid() == 0
    return ("--no-sandbox",) if as_root else ()


def _warning(page: Page) -> bytes:
    from playwright.sync_api import Error

    try:
        return page.screenshot()
    except Error:  # not every error page can be drawn without a screen
        return b""


def _visit(page: Page, details: Any) -> Visit:
    return Visit(
        accepted=True,
        words=page.title(),
        screenshot=page.screenshot(),
        issuer=details.get("issuer", ""),
        subject=details.get("subjectName", ""),
        protocol=details.get("protocol", ""),
        valid_from=_moment(details.get("validFrom")),
        valid_to=_moment(details.get("validTo")),
    )


def _moment(seconds: float | None) -> datetime | None:
    return None if seconds is None else datetime.fromtimestamp(seconds, UTC)
