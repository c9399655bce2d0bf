"""Documents: what a form is given, chosen in the browser, named by path, or pasted."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import ipywidgets as widgets

from certlib import files, texts
from certlib.bundles import endings, kinds
from certlib.errors import InputError
from certlib.widgets import fields
from certlib.widgets.forms import Field, Values

KINDS = ",".join(e for kind in endings.FORMATS for e in kind.endings) + ",.txt"


@dataclass(frozen=True)
class Given:
    """A file, or a text that stands for one.

    Attributes:
        name: what to call it.
        source: where it lies, or its bytes.
    """

    name: str
    source: Path | bytes

    @property
    def data(self) -> bytes:
        """Its bytes.

        Raises:
            InputError: it cannot be read.
        """
        return (
            self.source if isinstance(self.source, bytes) else files.read(self.source)
        )

    @property
    def path(self) -> str:
        """Where it lies, for a command; its name if it came through the browser."""
        return str(self.source) if isinstance(self.source, Path) else self.name


def inputs(
    label: str, name: str, widget: widgets.Widget, *, hint: str = ""
) -> list[Field]:
    """Return the two inputs for documents: to choose, and for paths or texts.

    Args:
        label: of the first.
        name: of the second.
        widget: of the second.
        hint: below the second.
    """
    chosen = widgets.FileUpload(
        accept=KINDS, multiple=True, description="Choose a file"
    )
    return [
        Field("upload", label, chosen, needed=name),
        Field(
            *(name, "or its path, or its text", widget, meaning),
            hint=hint,
            needed=name,
        ),
    ]


def meaning(text: str) -> str:
    """Return what a path or text is.

    Raises:
        InputError: there is no such file.
    """
    if kinds.is_pasted(text):
        return "pasted"
    paths = _paths(text)
    if missing := [str(path) for path in paths if not fields.is_file(path)]:
        raise InputError(f"{missing[0]} is not there", fix="check the path")
    return "is there" if len(paths) == 1 else f"{len(paths)} files" if paths else ""


def given(form: dict[str, Field], values: Values, name: str) -> list[Given]:
    """Return what a form was given, which it forgets: it may hold a private key.

    Args:
        form: the fields of the form.
        values: theirs.
        name: of the input for paths or texts.

    Raises:
        InputError: nothing was given, or what was is empty or too large.
    """
    if values["upload"]:
        form["upload"].empty()
        return [_uploaded(one) for one in values["upload"]]
    text = str(values[name])
    if kinds.is_pasted(text):
        form[name].empty()
        return [Given("the pasted text", text.encode())]
    if paths := _paths(text):
        return [Given(path.name, path) for path in paths]
    raise InputError(
        "no file is chosen", fix="choose a file, type its path, or paste its text"
    )


def key_given(more: list[Given], named: str) -> Path | bytes | None:
    """Return the private key's file, if it lies apart.

    Args:
        more: what was given beside the certificate.
        named: what stands in the field for the key.
    """
    apart = texts.pasted(named)
    return more[0].source if more else files.named(apart) if apart else None


def _paths(text: str) -> list[Path]:
    if not texts.pasted(text):
        return []
    if fields.is_file(whole := files.named(text)):
        return [whole]  # its name may have a semicolon
    return [files.named(part) for part in text.split(";") if texts.pasted(part)]


def _uploaded(uploaded: dict[str, Any]) -> Given:
    data, name = bytes(uploaded["content"]), str(uploaded["name"])
    if not 0 < len(data) <= files.MAX_SIZE:
        raise InputError(
            f"{name} has {len(data):,} bytes; certificate files have from 1 to "
            f"{files.MAX_SIZE:,}",
            fix="check that this is the certificate and not something else",
        )
    return Given(name, data)
