"""Store forms: what the store browser asks before it imports, exports or renames."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import ipywidgets as widgets

from certlib import clock, files, importing
from certlib.bundles import Bundle
from certlib.errors import InputError
from certlib.rules import Context
from certlib.stores import PERSONAL, Machine, StoreAddress, StoreEntry
from certlib.widgets import fields, look
from certlib.widgets.forms import Field, Form, Values

Plan = Callable[[str, Callable[[], object]], None]
"""Takes what would happen, a step a line, and what carries it out."""


def importing_form(
    machine: Machine, plan: Plan, address: StoreAddress = PERSONAL
) -> Form:
    """Return the form that imports a file, uploaded or named, into a store."""

    def planned(values: Values) -> importing.ImportPlan:
        passphrase = values["passphrase"] or None
        if uploaded := list(values["upload"]):
            form.fields["upload"].empty()  # it may hold a private key
            content, name = bytes(uploaded[0]["content"]), str(uploaded[0]["name"])
            bundle = Bundle.from_bytes(content, passphrase=passphrase, origin=name)
        elif path := values["path"].strip():
            bundle = Bundle.read(files.named(path), passphrase=passphrase)
        else:
            raise InputError("no file is chosen", fix="choose one, or type its path")
        made = importing.plan(
            bundle,
            machine,
            importing.Wish(to=address, exportable=values["exportable"]),
            context=Context(clock.now(), practice=machine.practice),
        )
        said = [line for line, _ in made.verdict_lines()]
        notes = (*made.steps, *said, *made.notes)
        plan("\n".join(map(str, notes)), lambda: importing.carry_out(made))
        return made

    chosen = widgets.FileUpload(description="Choose a file")
    form = Form(
        f"Import into {address.display_name}",
        [
            Field("upload", "File", chosen, needed="file"),
            Field("path", "or its path", fields.file_input(), needed="file"),
            Field("passphrase", "Passphrase", widgets.Password()),
            Field("exportable", "Key may be exported", widgets.Checkbox(indent=False)),
        ],
        "Show the plan",
        planned,
        lambda made: look.note("Read the plan above, and carry it out there."),
    )
    return form


def export_form(entry: StoreEntry, machine: Machine) -> Form:
    """Return the form that writes a certificate of a store to a file."""

    def written(values: Values) -> str:
        path = files.named(values["path"])
        importing.export(
            entry.thumbprint,
            machine,
            path,
            address=entry.address,
            passphrase=values["passphrase"] or None,
        )
        return str(path)

    return Form(
        f"Export {entry.thumbprint}",
        [
            Field(
                "path",
                "New file",
                widgets.Text(placeholder="todd.cer, todd.p7b, todd.pem or todd.pfx"),
                hint=".pfx and .pem take the private key along, .cer and .p7b do not.",
            ),
            Field(
                "passphrase",
                "Passphrase",
                widgets.Password(),
                fields.pfx_passphrase_meaning,
                hint="Only for a file with the private key.",
            ),
        ],
        "Write the file",
        written,
        lambda path: look.note(f"Written: {path}", "good"),
    )


def properties_form(entry: StoreEntry, machine: Machine, plan: Plan) -> Form:
    """Return the form for the properties that one can change: the friendly name."""

    def planned(values: Values) -> Any:
        made = importing.plan_naming(
            entry.thumbprint, values["name"], machine, address=entry.address
        )
        plan(str(made), lambda: importing.rename(made))
        return made

    return Form(
        f"Properties of {entry.thumbprint}",
        [Field("name", "Friendly name", widgets.Text(entry.friendly_name))],
        "Show the plan",
        planned,
        lambda made: look.note("Read the plan above, and carry it out there."),
    )
