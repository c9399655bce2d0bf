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
class Instruction:
    """One thing to do, and the window in which it is done."""

    window: str
    action: str


def steps(of: Product) -> tuple[Instruction, ...]:
    """Return how a product is told its certificate, in the documents' order."""
    choosing = {
        Setup.DESIGNER: _designer_steps,
        Setup.WEB_DESIGNER: _web_designer_steps,
        Setup.FILE: _file_steps,
    }[of.setup]
    return (*choosing(of), *_last_steps(of))


def _designer_steps(of: Product) -> Iterator[Instruction]:
    yield Instruction("Designer", "Open the menu Server > Settings.")
    yield Instruction(
        "Server settings, tab Web Server",
        "Choose one of the HTTPS protocols first. With HTTP - Unrestricted the "
        "button for the certificate is grey.",
    )
    yield Instruction(
        "Server settings, tab Web Server", "Click [Select X.509 certificate]."
    )
    yield Instruction(
        "Edit certificate location",
        "Open Local Machine > Personal, select the certificate by its thumbprint, "
        "click [Ok].",
    )
    yield Instruction(
        "Server settings, tab Configuration Server",
        "If people log on to the Designer with custom credentials (TLS encryption), "
        "select the same certificate there: it is a second setting.",
    )
    yield Instruction("Server settings", "Click [OK].")
    yield Instruction("Question", "Restart the server now: click [Yes].")


def _web_designer_steps(of: Product) -> Iterator[Instruction]:
    page = "Settings, Transport Layer Security"
    yield Instruction("web Designer", "Open the menu Settings.")
    yield Instruction(page, "Click [Pick Certificate] and choose it by its thumbprint.")
    yield Instruction(page, "Tick Enable TLS and click [Save].")
    yield Instruction("Services", f"Restart the Windows service {of.service_name}.")


def _file_steps(of: Product) -> Iterator[Instruction]:
    yield Instruction(
        of.tls_file,
        "Write the certificate's names, issuer, end and thumbprint into the file; "
        "make folder and file if they are not there.",
    )
    yield Instruction("Services", f"Restart the Windows service {of.service_name}.")


def _last_steps(of: Product) -> Iterator[Instruction]:
    yield Instruction(
        "Firewall", f"Let clients reach TCP port {of.https_port} on this server."
    )
    yield Instruction(
        "Browser",
        f"Open https://<first name in the SAN>:{of.https_port}/ from another computer.",
    )
