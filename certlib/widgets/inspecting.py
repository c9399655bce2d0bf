"""Inspecting, as a form that opens the certificate viewer."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path

import ipywidgets as widgets

from certlib import clock, inspecting, names, stores, texts
from certlib.errors import CertlibError, InputError
from certlib.rules import Finding, Tone
from certlib.summaries import Kind, Summary
from certlib.widgets import documents, fields, look
from certlib.widgets.forms import Field, Form, Values
from certlib.widgets.viewer import CertificateViewer


class InspectingForm(Form):
    """Says whether a file's certificate names a server, and opens the viewer.

    Its result is the `Summary`.

    Attributes:
        findings: what the certificate breaks, worst first.
        viewer: the viewer that is open below, or None.
    """

    def __init__(
        self,
        path: str = "",
        *,
        offered: Path | None = None,
        at: datetime | None = None,
    ) -> None:
        """Make the form.

        Args:
            path: a file to begin with.
            offered: the folder of one's own files, to choose from.
            at: the moment of an exercise, with a time zone; when left out it is
                now, and practice keys are a finding.
        """
        self.findings: tuple[Finding, ...] = ()
        self.viewer: CertificateViewer | None = None
        self._at, self._server_name = at, ""
        self._told: tuple[CertlibError, ...] = ()
        self._place = widgets.VBox()
        super().__init__(
            "Inspect a certificate, a signing request or a private key",
            _fields(path, offered),
            "Inspect",
            self._inspect,
            self._verdict,
            practice=at,
        )
        self.children += (self._place,)

    def picture(self) -> str:
        """Return the form and the viewer as static HTML, without secrets."""
        return super().picture() + (self.viewer.picture() if self.viewer else "")

    def _inspect(self, values: Values) -> Summary:
        self.viewer, self._place.children, self.findings = None, (), ()
        at = self._at or clock.now()
        self._server_name = _server_name(values["server_name"])
        opened = self._read(values)
        self._told, thing = opened.told, opened.thing
        trust = stores.trust_of(stores.this_machine())
        summary = inspecting.judged(thing, self._server_name, at=at, trust=trust)
        if summary.kind is not Kind.PRIVATE_KEY:
            self.findings = inspecting.check(
                summary, self._server_name, at=at, practice=self._at is not None
            )
        self.viewer = CertificateViewer(thing, at=at, trust=trust)
        self._place.children = (self.viewer,)
        return summary

    def _read(self, values: Values) -> inspecting.Opened:
        found = documents.given(self.fields, values, "path")
        if len(found) > _AT_ONCE:
            raise InputError(
                f"{len(found)} files were chosen",
                fix="choose one, or two: the certificate and its private key",
            )
        first, *second = found
        return inspecting.open_file(
            first.source,
            passphrase=values["passphrase"] or None,
            key=documents.key_given(second, values["key"]),
            origin=first.name,
        )

    def _verdict(self, summary: Summary) -> str:
        if summary.kind is Kind.PRIVATE_KEY:
            return look.box(
                f"This is a private key: {summary.key}.",
                "It names no server: look at the certificate that belongs to it.",
            )
        rows = [
            ("SAN", ", ".join(summary.server_names) or "none"),
            ("CN", ", ".join(summary.common_names) or "none"),
        ]
        notes = look.notes(
            (f"{one.said} {one.remedy}", one.severity.tone) for one in self.findings
        )
        notes += "".join(map(look.failure, self._told))
        return look.box(self._headline(), look.table(rows) + notes, self._tone())

    def _headline(self) -> str:
        meant = self._server_name or "a server"
        if self.findings:
            return f"Not right for {meant}:"
        names = "SAN and CN name " + (self._server_name or "the same server")
        return f"{names}. {self._trouble()}".strip()

    def _trouble(self) -> str:
        return self.viewer.view.general.trouble if self.viewer else ""

    def _tone(self) -> Tone:
        if self._told:
            return "bad"
        if self.findings:
            return self.findings[0].severity.tone
        # One verdict: nothing is green while the viewer below has a complaint.
        return "warn" if self._trouble() else "good"


def inspecting_form(
    path: str = "", *, offered: Path | None = None, at: datetime | None = None
) -> InspectingForm:
    """Return the form that inspects a file; see `InspectingForm`."""
    return InspectingForm(path, offered=offered, at=at)


_AT_ONCE = 2
"""Files that are looked at together: a certificate and its private key."""


def _fields(path: str, offered: Path | None) -> list[Field]:
    return [
        *documents.inputs("File", "path", fields.file_input(path, offered=offered)),
        fields.key_file(offered),
        Field(
            "passphrase",
            "Passphrase",
            widgets.Password(),
            hint="Only for a PFX or an encrypted private key.",
        ),
        Field(
            "server_name",
            "Server name",
            widgets.Text(placeholder="todd.example.com"),
            _meaning,
            hint="The DNS name of the server on which the Windows service runs.",
        ),
    ]


def _server_name(text: str) -> str:
    return names.host(text) if texts.pasted(text) else ""


def _meaning(text: str) -> str:
    name = _server_name(text)
    return "" if name == text.strip() else f"means {name}"
