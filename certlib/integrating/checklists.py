"""Checklists: one page of what was done, to file as evidence."""

from __future__ import annotations

import tempfile
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from html import escape
from pathlib import Path

from cryptography import x509

from certlib import (
    bundles,
    clock,
    files,
    summaries,
    x500,
)
from certlib.endpoints import browser
from certlib.endpoints.clients import Verdict
from certlib.errors import EndpointError
from certlib.integrating.checks import Check
from certlib.products import Product

_STYLE = """
body { font: 14px/1.45 "Segoe UI", Arial, sans-serif; color: #1f2328; margin: 2em auto;
  max-width: 52em; padding: 0 1em }
h1 { font-size: 22px; margin-bottom: 2px } h2 { font-size: 16px; margin: 22px 0 6px }
table { border-collapse: collapse; width: 100% } code { font-size: 13px }
th, td { text-align: left; vertical-align: top; padding: 4px 10px 4px 0;
  border-bottom: 1px solid #d8dee4 } th { width: 15em; font-weight: 600 }
.good { color: #1a7f37 } .bad { color: #cf222e } .none { color: #57606a }
.sign { display: flex; gap: 3em; margin-top: 3em }
.sign span { border-top: 1px solid #57606a; padding: 4px 6em 0 0 }
"""


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
        title = f"HTTPS for {self.product.name}"
        result = _mark(self.passed, "All checks passed", "Something is left to do")
        parts = [
            f"<h1>{escape(title)}</h1>",
            f"<p>{clock.minute(clock.moment(self.at))}. {result}</p>",
            _section("Certificate", self._certificate()),
            _section("Done", ((f"{n}.", escape(t)) for n, t in _numbered(self.done))),
            _section("Answer of the service", map(_check_row, self.checks)),
            _section("Real clients", map(_verdict_row, self.verdicts)),
            '<div class="sign"><span>Date, name</span><span>Signature</span></div>',
        ]
        return (
            '<!doctype html><html lang="en"><head><meta charset="utf-8">'
            f"<title>{escape(title)}</title><style>{_STYLE}</style></head>"
            f"<body>{''.join(parts)}</body></html>"
        )

    def _certificate(self) -> Iterable[tuple[str, str]]:
        certificate = self.certificate
        summary = summaries.of_certificate(certificate)
        texts = {
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
        return ((name, f"<code>{escape(text)}</code>") for name, text in texts.items())


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


def _numbered(texts: Iterable[str]) -> Iterable[tuple[int, str]]:
    return enumerate(texts, start=1)


def _section(title: str, rows: Iterable[tuple[str, str]]) -> str:
    body = "".join(f"<tr><th>{escape(a)}</th><td>{b}</td></tr>" for a, b in rows)
    return f"<h2>{title}</h2><table>{body}</table>" if body else ""


def _check_row(check: Check) -> tuple[str, str]:
    fix = "" if check.passed else f"<br>{escape(check.fix)}"
    if check.passed is None:
        return check.subject, f'<span class="none">– {escape(check.detail)}</span>{fix}'
    return check.subject, _mark(check.passed, check.detail, check.detail) + fix


def _verdict_row(verdict: Verdict) -> tuple[str, str]:
    client = f"{verdict.client} ({verdict.library})"
    if verdict.accepted is None:
        return client, f'<span class="none">not asked: {escape(verdict.words)}</span>'
    return client, _mark(
        verdict.accepted, f"accepts: {verdict.words}", f"refuses: {verdict.words}"
    )


def _mark(good: bool, yes: str, no: str) -> str:
    if good:
        return f'<span class="good">✓ {escape(yes)}</span>'
    return f'<span class="bad">✗ {escape(no)}</span>'
