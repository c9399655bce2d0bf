"""Fields: the inputs that say what a certificate shall be, for several forms."""

from __future__ import annotations

from pathlib import Path

import ipywidgets as widgets

from certlib import keys
from certlib.keys import KeyKind, PrivateKey
from certlib.specs import CertificateSpec
from certlib.widgets.forms import Field, Values


def practice_warning(private_key: PrivateKey | None) -> str:
    """Return what a form says above its inputs if its key is given, not made."""
    if private_key is None:
        return ""
    return (
        "For practice: this form takes a published key, which everybody has. What it "
        "makes is no good for a real server."
    )


def spec_fields(private_key: PrivateKey | None = None) -> list[Field]:
    """Return the inputs for names, kind of key and friendly name.

    Args:
        private_key: the key that will be used; one is made as chosen without it.
    """
    given = keys.kind_of(private_key.public_key()) if private_key else None
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
            widgets.Dropdown(
                options=[k.value for k in KeyKind],
                value=(given or KeyKind.RSA_3072).value,
                disabled=private_key is not None,
            ),
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
