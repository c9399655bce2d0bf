"""Fields: the inputs that say what a certificate shall be, for several forms."""

from __future__ import annotations

from pathlib import Path

import ipywidgets as widgets

from certlib.keys import KeyKind
from certlib.specs import CertificateSpec
from certlib.widgets.forms import Field, Values


def spec_fields() -> list[Field]:
    """Return the inputs for names, kind of key and friendly name."""
    return [
        Field(
            "server_names",
            "Server names",
            widgets.Text("", placeholder="todd.example.com, todd"),
            _meaning,
            hint="The DNS name under which the service is reached comes first.",
        ),
        Field(
            "key_kind",
            "Key",
            widgets.Dropdown(options=[k.value for k in KeyKind], value="RSA-3072"),
        ),
        Field(
            "friendly_name",
            "Friendly name",
            widgets.Text("", placeholder="Xtract Universal TLS"),
        ),
    ]


def spec(values: Values) -> CertificateSpec:
    """Return what was typed into the `spec_fields`.

    Raises:
        InputError: a name is not one, or there is no DNS name.
    """
    return CertificateSpec(
        _split(values["server_names"]),
        KeyKind(values["key_kind"]),
        friendly_name=values["friendly_name"],
    )


def is_file(path: Path) -> bool:
    """Tell whether a file is there, also for a text that no path can be."""
    try:
        return path.is_file()
    except (OSError, ValueError):  # too long, for example
        return False


def _split(text: str) -> tuple[str, ...]:
    return tuple(part.strip() for part in text.replace(";", ",").split(","))


def _meaning(text: str) -> str:
    wanted = CertificateSpec(_split(text))
    return f"CN = {wanted.common_name}; SAN: {', '.join(wanted.server_names)}"
