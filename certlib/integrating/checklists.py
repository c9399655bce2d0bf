"""Checklists: one page of what was done, to file as evidence."""

from __future__ import annotations

import tempfile
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path

from cryptography import x509

from certlib import bundles, clock, files, summaries, texts, x500
from certlib.endpoints import browser
from certlib.endpoints.clients import Verdict
from certlib.errors import EndpointError
from certlib.integrating.checks import Check
from certlib.products import Product


@dataclass(frozen=True)
class Checklist:
    """What was done to bring a service onto HTTPS.

    Attributes:
        product: whose service.
        certificate: the one that it presents.
        at: the moment of the page, with a time zone.
        url: where clients call the service.
        readers: who may read the private key.
        done: what was done, one sentence each.
        checks: how the service's answer came out.
        verdicts: what real clients said.
    """

    product: Product
    certificate: x509.Certificate
    at: datetime
    url: str
    readers: Sequence[str] = ()
    done: Sequence[str] = ()
    checks: Sequence[Check] = ()
    verdicts: Sequence[Verdict] = field(default=())

    @property
    def passed(self) -> bool:
        """Whether every check passed and no client refused."""
        return all(check.passed is True for check in self.checks) and not any(
            verdict.accepted is False for verdict in self.verdicts
        )

    def to_html(self) -> str:
        """Return the page, complete in itself."""
        return texts.rendered(
            "checklist.html.j2",
            title=f"HTTPS for {self.product.name}",
            at=clock.minute(clock.moment(self.at)),
            passed=self.passed,
            certificate=self._certificate(),
            done=self.done,
            checks=self.checks,
            verdicts=self.verdicts,
        )

    def _certificate(self) -> dict[str, str]:
        certificate = self.certificate
        summary = summaries.of_certificate(certificate)
        return {
            "Service": f"{self.product.name}, {self.product.service_name}",
            "Address": self.url,
            "Names": ", ".join(summary.server_names),
            "Issued by": x500.x500(certificate.issuer),
            "Thumbprint": bundles.thumbprint(certificate),
            "SHA-256": summary.sha256,
            "Serial number": summary.serial_number,
            "Valid from": clock.minute(certificate.not_valid_before_utc),
            "Valid to": clock.minute(certificate.not_valid_after_utc),
            "Private key is read by": ", ".join(self.readers) or "not looked at",
        }


def write(checklist: Checklist, folder: Path) -> list[Path]:
    """Write the page as HTML, and as PDF where there is a browser to print it.

    Args:
        checklist: the page.
        folder: where to; an earlier page there is replaced.

    Raises:
        InputError: it cannot be written.
    """
    html, pdf = folder / "checklist.html", folder / "checklist.pdf"
    page = checklist.to_html()
    files.write(html, page.encode(), replace=True)
    with tempfile.TemporaryDirectory(
        prefix="certlib-", ignore_cleanup_errors=True
    ) as home:
        try:
            printed = browser.print_page(page, folder=Path(home))
        except EndpointError:
            return [html]  # any browser prints it: Ctrl+P
    files.write(pdf, printed, replace=True)
    return [html, pdf]
