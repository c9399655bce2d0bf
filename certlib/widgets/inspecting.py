"""Inspecting, as a form that opens the certificate viewer."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path
from typing import Any

import ipywidgets as widgets

from certlib import (
    clock,
    files,
    inspecting,
    names,
    stores,
)
from certlib.bundles import endings
from certlib.errors import InputError
from certlib.rules import Finding, Tone
from certlib.summaries import Kind, Summary
from certlib.widgets import fields, look
from certlib.widgets.forms import Field, Form, Values
from certlib.widgets.viewer import CertificateViewer

FILE_KINDS = ",".join(e for kind in endings.FORMATS for e in kind.endings) + ",.txt"


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
        thing = self._read(values)
        trust = stores.trust_of(stores.this_machine())
        summary = inspecting.judged(thing, self._server_name, at=at, trust=trust)
        if summary.kind is not Kind.PRIVATE_KEY:
            self.findings = inspecting.check(
                summary, self._server_name, at=at, practice=self._at is not None
            )
        self.viewer = CertificateViewer(thing, at=at, trust=trust)
        self._place.children = (self.viewer,)
        return summary

    def _read(self, values: Values) -> inspecting.Inspected:
        passphrase = values["passphrase"] or None
        if not values["upload"]:
            if not (path := values["path"].strip()):
                raise InputError(
                    "no file is chosen", fix="choose a file, or type its path"
                )
            key = files.named(values["key"]) if values["key"].strip() else None
            return inspecting.read(files.named(path), passphrase=passphrase, key=key)
        uploaded = list(values["upload"])
        # It may hold a private key, which must not stay in the notebook's state.
        self.fields["upload"].widget.value = ()
        if len(uploaded) > _AT_ONCE:
            raise InputError(
                f"{len(uploaded)} files were chosen",
                fix="choose one, or two: the certificate and its private key",
            )
        first, *second = map(_content, uploaded)
        name = str(uploaded[0]["name"])
        key_data = second[0] if second else None
        return inspecting.read(first, passphrase=passphrase, key=key_data, origin=name)

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
        notes = "".join(f"<div>{_finding(finding)}</div>" for finding in self.findings)
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


def _content(uploaded: dict[str, Any]) -> bytes:
    data, name = bytes(uploaded["content"]), str(uploaded["name"])
    if not 0 < len(data) <= files.MAX_SIZE:
        raise InputError(
            f"{name} has {len(data):,} bytes; certificate files have from 1 to "
            f"{files.MAX_SIZE:,}",
            fix="check that this is the certificate and not something else",
        )
    return data


def _fields(path: str, offered: Path | None) -> list[Field]:
    upload = widgets.FileUpload(
        accept=FILE_KINDS, multiple=True, description="Choose a file"
    )
    return [
        Field("upload", "File", upload),
        Field(
            "path",
            "or its path",
            fields.file_input(path, offered=offered),
            lambda value: "is there" if _is_file(value) else "",
        ),
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


def _is_file(path: str) -> bool:
    return bool(path.strip()) and fields.is_file(files.named(path))


def _server_name(text: str) -> str:
    return names.host(text) if text.strip() else ""


def _meaning(text: str) -> str:
    name = _server_name(text)
    return "" if name == text.strip() else f"means {name}"


def _finding(finding: Finding) -> str:
    said = f"{finding.text} {finding.detail}. {finding.remedy}"
    return look.note(said, finding.severity.tone)
