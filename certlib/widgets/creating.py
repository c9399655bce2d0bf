"""Creating, as a form."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta
from functools import partial
from pathlib import Path

import ipywidgets as widgets

from certlib import clock, creating, files, texts
from certlib.bundles import Bundle, PfxProtection, endings
from certlib.errors import InputError, PassphraseError
from certlib.keys import PrivateKey
from certlib.widgets import fields, leads, look
from certlib.widgets.forms import Field, Form, Values


def creating_form(
    folder: Path,
    *,
    at: datetime | None = None,
    private_key: PrivateKey | None = None,
    serial_number: int | None = None,
) -> Form:
    """Return the form that makes a self-signed certificate as a PFX file.

    Its result is the `Bundle`.

    Args:
        folder: where the file goes; made when it is needed.
        at: the moment of the making, for exercises; now when left out.
        private_key: for exercises; a fresh one when left out.
        serial_number: for exercises; a random one when left out.
    """

    def create(values: Values) -> Bundle:
        path = _target(folder, values["file"])
        if not values["passphrase"]:
            raise PassphraseError(
                f"{path.name} needs a passphrase: it holds the private key",
                fix="type one into the field Passphrase",
            )
        bundle = creating.create(
            replace(fields.spec(values), validity=timedelta(days=values["days"])),
            at=at or clock.now(),
            private_key=private_key,
            serial_number=serial_number,
        )
        files.private_folder(folder)
        bundle.write(
            path,
            passphrase=values["passphrase"],
            protection=PfxProtection(values["protection"]),
            replace=values["replace"],
        )
        return bundle

    def show(bundle: Bundle) -> str:
        rows = [
            ("Subject", bundle.subject),
            ("Thumbprint", bundle.thumbprint),
            ("Valid until", clock.minute(bundle.leaf.not_valid_after_utc)),
            ("File", str(folder / form.values["file"])),
        ]
        return look.box("The certificate is made.", look.table(rows), "good")

    form = Form(
        "Create a self-signed certificate",
        _fields(folder, private_key),
        "Create",
        create,
        show,
        warning=fields.practice_warning(private_key),
        leads=lambda bundle: leads.onward(bundle, folder / form.values["file"]),
        practice=at,
    )
    return form


def _fields(folder: Path, private_key: PrivateKey | None) -> list[Field]:
    names, key_kind, friendly_name = fields.spec_fields(private_key)
    return [
        names,
        key_kind,
        Field(
            "days",
            "Valid for (days)",
            widgets.IntText(365),
            fields.whole_number(1, 3650, "days"),
        ),
        friendly_name,
        Field(
            "file",
            "File",
            widgets.Text("server.pfx"),
            lambda value: f"goes to {_target(folder, value)}",
        ),
        Field(
            "passphrase",
            "Passphrase",
            widgets.Password(),
            partial(fields.pfx_passphrase_meaning, chosen=True),
        ),
        Field(
            "protection",
            "Readable by",
            widgets.Dropdown(
                options=[
                    ("Windows Server 2019, Windows 10 1709 and newer", "aes256-sha256"),
                    ("Windows Server 2016 and older, too", "3des-sha1"),
                ]
            ),
        ),
        Field("replace", "Replace the file", widgets.Checkbox(False, indent=False)),
    ]


def _target(folder: Path, name: str) -> Path:
    name = texts.pasted(name)
    if Path(name).name != name or endings.format_of(Path(name)) != endings.PFX:
        raise InputError(
            f"{name!r} is not the name of a PFX file",
            fix="write a name without folders that ends in .pfx",
        )
    return folder / name
