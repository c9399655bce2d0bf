"""Instructions: how each product is told which certificate to present.

The conditions of the documents are those of the products' table: what stands
there decides which steps are shown. Source: Theobald Software's
documentation, "Install an X.509 certificate" and "Server settings".
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from certlib.products import Product, Setup


@dataclass(frozen=True)
class Step:
    """One thing to do, and the window in which it is done."""

    window: str
    action: str


def steps(of: Product) -> tuple[Step, ...]:
    """Return how a product is told its certificate, in the documents' order."""
    choosing = {
        Setup.DESIGNER: _designer_steps,
        Setup.WEB_DESIGNER: _web_designer_steps,
        Setup.FILE: _file_steps,
    }[of.setup]
    return (*choosing(of), *_last_steps(of))


def _designer_steps(of: Product) -> Iterator[Step]:
    yield Step("Designer", "Open the menu Server > Settings.")
    yield Step(
        "Server settings, tab Web Server",
        "Choose one of the HTTPS protocols first. With HTTP - Unrestricted the "
        "button for the certificate is grey.",
    )
    yield Step("Server settings, tab Web Server", "Click [Select X.509 certificate].")
    yield Step(
        "Edit certificate location",
        "Open Local Machine > Personal, select the certificate by its thumbprint, "
        "click [Ok].",
    )
    yield Step(
        "Server settings, tab Configuration Server",
        "If people log on to the Designer with custom credentials (TLS encryption), "
        "select the same certificate there: it is a second setting.",
    )
    yield Step("Server settings", "Click [OK].")
    yield Step("Question", "Restart the server now: click [Yes].")


def _web_designer_steps(of: Product) -> Iterator[Step]:
    page = "Settings, Transport Layer Security"
    yield Step("web Designer", "Open the menu Settings.")
    yield Step(page, "Click [Pick Certificate] and choose it by its thumbprint.")
    yield Step(page, "Tick Enable TLS and click [Save].")
    yield Step("Services", f"Restart the Windows service {of.service_name}.")


def _file_steps(of: Product) -> Iterator[Step]:
    yield Step(
        of.tls_file,
        "Write the certificate's names, issuer, end and thumbprint into the file; "
        "make folder and file if they are not there.",
    )
    yield Step("Services", f"Restart the Windows service {of.service_name}.")


def _last_steps(of: Product) -> Iterator[Step]:
    yield Step(
        "Firewall", f"Let clients reach TCP port {of.https_port} on this server."
    )
    yield Step(
        "Browser",
        f"Open https://<first name in the SAN>:{of.https_port}/ from another computer.",
    )
