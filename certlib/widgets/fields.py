"""Fields: the inputs that say what a certificate shall be, for several forms."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

import ipywidgets as widgets
from cryptography import x509

from certlib import files, keys, stores, x500
from certlib.bundles import formats
from certlib.errors import InputError, StoreError
from certlib.keys import KeyKind, PrivateKey
from certlib.products import PRODUCTS
from certlib.specs import CertificateSpec
from certlib.stores import Machine
from certlib.widgets.forms import Caution, Field, Values

PRACTICE_ONLY = "CERTLIB_PRACTICE_ONLY"
"""With this environment variable no form touches a real store."""

LONG_ENOUGH = 12
"""Characters of a passphrase that protects a file."""


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
        split(values["server_names"]),
        KeyKind(values["key_kind"]),
        friendly_name=values["friendly_name"],
    )


def product_field() -> Field:
    """Return the input for a product, by its short name."""
    offered = [(product.name, slug) for slug, product in PRODUCTS.items()]
    return Field("product", "Product", widgets.Dropdown(options=offered))


def root_field() -> Field:
    """Return the input for the root of an own CA."""
    return Field(
        "root",
        "Root of your own CA",
        file_input(),
        lambda text: ", ".join(x500.x500(one.subject) for one in roots(text)),
        hint="Its file, if clients trust it and this computer does not.",
    )


def roots(text: str) -> tuple[x509.Certificate, ...]:
    """Return the certificates of a file that was named there, or none.

    Raises:
        CertlibError: it cannot be read.
    """
    return formats.read_certificates(files.named(text)) if text.strip() else ()


def passphrase_meaning(text: str) -> str:
    """Return what a new passphrase is worth, or an empty text if there is none."""
    if not text:
        return ""
    if len(text) >= LONG_ENOUGH:
        return "long enough"
    return Caution(
        f"short: take {LONG_ENOUGH} characters or more, as whoever has the file can "
        "try as many as they like"
    )


def pfx_passphrase_meaning(text: str, *, chosen: bool = False) -> str:
    """Return what a PFX file's passphrase is worth, and who will not open the file.

    Args:
        text: the passphrase.
        chosen: the form has a field that says which Windows opens it.
    """
    said = passphrase_meaning(text)
    if not text:
        return said
    if not chosen:
        old = "Windows Server 2016 and older do not open the PFX file"
        said = type(said)(f"{said}; {old}")
    if text.isascii():
        return said
    return Caution(f"{said}; Java opens no PFX file with such a passphrase")


def whole_number(least: int, most: int, unit: str) -> Callable[[int], str]:
    """Return a check that refuses what is out of bounds, and changes nothing."""

    def check(value: int) -> str:
        if least <= value <= most:
            return ""
        raise InputError(
            f"{value} is not between {least} and {most} {unit}",
            fix="type another number",
        )

    return check


def _own_files(folder: Path | None) -> tuple[str, ...]:
    """Return the PFX files below a folder, the newest first, to choose from."""
    found = [*folder.glob("*.pfx"), *folder.glob("*/*/*.pfx")] if folder else []
    return tuple(map(str, sorted(found, key=_age)))


def machine_input() -> widgets.Dropdown:
    """Return the input for whose certificate store is meant, see `machine`."""
    return widgets.Dropdown(
        options=[
            ("Practice store of yours", "practice"),
            ("This computer's own store", "real"),
        ]
    )


def machine(choice: str, practice: Machine) -> Machine:
    """Return the machine that was chosen in a `machine_input`.

    Raises:
        StoreError: a real store must not be touched here.
    """
    if choice == "practice":
        return practice
    if os.environ.get(PRACTICE_ONLY):
        raise StoreError(
            "only the practice store may be used here",
            fix=f"unset the environment variable {PRACTICE_ONLY}",
        )
    return stores.this_machine()


def file_input(value: str = "", *, offered: Path | None = None) -> widgets.Combobox:
    """Return an input for the path of a file, which offers one's own.

    Args:
        value: the path to begin with.
        offered: the folder of one's own files.
    """
    return widgets.Combobox(
        value=value,
        options=_own_files(offered),
        placeholder="type a path, or choose one of yours",
    )


def key_file(offered: Path | None = None) -> Field:
    """Return the input for the file of a private key that lies apart.

    Args:
        offered: the folder of one's own files.
    """
    return Field(
        "key",
        "File of the key",
        file_input(offered=offered),
        _there_or_empty,
        hint="Only if the private key lies in a file of its own.",
    )


def _there_or_empty(value: str) -> str:
    if not value.strip():
        return ""
    if not is_file(Path(value.strip())):
        raise InputError(f"{value} is not there", fix="check the path")
    return "is there"


def _age(path: Path) -> float:
    return -path.stat().st_mtime


def is_file(path: Path) -> bool:
    """Tell whether a file is there, also for a text that no path can be."""
    try:
        return path.is_file()
    except (OSError, ValueError):  # too long, for example
        return False


def split(text: str) -> tuple[str, ...]:
    """Return the names that are typed into one line."""
    return tuple(part.strip() for part in text.replace(";", ",").split(","))


def _meaning(text: str) -> str:
    wanted = CertificateSpec(split(text))
    return f"CN = {wanted.common_name}; SAN: {', '.join(wanted.server_names)}"
