"""Lab: lay the notebooks into a folder of the user's and open JupyterLab there."""

from __future__ import annotations

import contextlib
import hashlib
import ipaddress
import json
import os
import secrets
import sys
import tempfile
import warnings
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from certlib import files
from certlib.errors import InputError

START = "0-start-here.ipynb"
DIAGNOSING = "7-diagnosing.ipynb"

FAULT = "CERTLIB_FAULT"
"""Environment variable: the broken service that 7-diagnosing begins with."""

_RECORD = ".certlib-notebooks.json"
_WIDGET_VIEW = "application/vnd.jupyter.widget-view+json"
_ANNOUNCEMENTS = "@jupyterlab/apputils-extension:announcements"


@dataclass
class Laid:
    """What `lay` did with each notebook."""

    new: list[str] = field(default_factory=list)
    updated: list[str] = field(default_factory=list)
    kept: list[str] = field(default_factory=list)
    """Changed by the user, and left alone."""
    beside: list[str] = field(default_factory=list)
    """New editions of those, laid beside them."""


def notebooks() -> Path:
    """Return the folder of the notebooks that came with certlib.

    They travel inside the wheel; in a checkout they stand beside the package.

    Raises:
        InputError: this installation has none.
    """
    package = Path(__file__).parents[1]
    for folder in (package / "notebooks", package.parent / "notebooks"):
        if (folder / START).is_file():
            return folder
    raise InputError(
        "this installation of certlib has no notebooks",
        fix="install it from its wheel, or run it in a clone of the repository",
    )


def lay(folder: Path) -> Laid:
    """Copy the notebooks into a folder, never over one whose cells were changed.

    Of such a one a new edition is laid beside it. Outputs that Lab has saved are
    no change.

    Raises:
        InputError: the folder cannot be written.
    """
    source = notebooks()
    if folder.resolve() == source.resolve():
        return Laid()  # a contributor works on the notebooks themselves
    if folder.is_file():
        raise InputError(f"{folder} is a file", fix="name a folder", parameter="folder")
    files.folder(folder)
    with files.locked(folder):
        return _lay(source, folder)


def _lay(source: Path, folder: Path) -> Laid:
    laid, record = Laid(), _read_record(folder)
    originals = {path.name: path.read_bytes() for path in source.glob("*.ipynb")}
    editions = {name: _digest(data) for name, data in originals.items()}
    fresh = {n for n, d in editions.items() if n in record and d not in record[n]}
    for name, digest in editions.items():
        record[name] = [*dict.fromkeys([*record.get(name, ()), digest])]
    # Before the copies: whoever goes on after a kill knows them as its own.
    files.write(folder / _RECORD, json.dumps(record, indent=1).encode(), replace=True)
    for name, data in sorted(originals.items()):
        target = folder / name
        present = _digest(_content(target)) if target.exists() else None
        if present is not None and present not in record[name]:
            laid.kept.append(name)
            if name in fresh:
                target = folder / f"{target.stem} ({editions[name][:6]}).ipynb"
                laid.beside.append(target.name)
                files.write(target, _dressed(data), replace=True)
        elif present != editions[name]:
            (laid.new if present is None else laid.updated).append(name)
            files.write(target, _dressed(data), replace=True)
    return laid


def _content(path: Path) -> bytes:
    # What somebody has emptied is theirs, too.
    return files.read(path) if path.stat().st_size or not path.is_file() else b""


def _dressed(data: bytes) -> bytes:
    """Return a notebook that says of this Python what Lab would note in it.

    Otherwise each one that is opened counts as changed and not yet saved.
    """
    from ipykernel.ipkernel import IPythonKernel

    try:
        notebook = json.loads(data)
    except ValueError:  # no notebook, which Lab says itself
        return data
    notebook["metadata"] |= {
        "kernelspec": {
            "display_name": "Python 3 (ipykernel)",
            "language": "python",
            "name": "python3",
        },
        "language_info": IPythonKernel.language_info,
    }
    return json.dumps(notebook, indent=1, ensure_ascii=False).encode() + b"\n"


def begin_with(fault: str) -> None:
    """Have 7-diagnosing begin with a fault of the lab.

    Args:
        fault: its name, or ``random`` for any of them.

    Raises:
        InputError: there is no such fault.
    """
    from certlib.practice.faults import FAULTS

    if fault == "random":
        fault = secrets.choice(list(FAULTS))
    elif fault not in FAULTS:
        raise InputError(
            f"there is no fault {fault}",
            fix=f"take random, or one of {', '.join(FAULTS)}",
        )
    os.environ[FAULT] = fault


def open_lab(
    folder: Path,
    *,
    browser: bool = True,
    port: int = 8888,
    start: str = START,
    listen: str = "127.0.0.1",
) -> None:
    """Run JupyterLab on the notebooks until it is stopped (Ctrl+C).

    It listens on this computer only, unless `listen` is another address, and asks for
    a token, which is part of the address that it opens or prints. Nothing is asked of
    the internet. `start` is the notebook that is open at first.

    Raises:
        InputError: `listen` is no IP address, nor ``localhost``.
    """
    from jupyterlab.labapp import LabApp

    if listen != "localhost":
        _refuse_no_address(listen)
    arguments = [
        f"--ServerApp.root_dir={folder.resolve()}",
        f"--LabApp.default_url=/lab/tree/{start}",
        f"--ServerApp.ip={listen}",
        f"--ServerApp.port={port}",
        "--LabApp.news_url=None",
        "--LabApp.check_for_updates_class=jupyterlab.handlers.announcements.NeverCheckForUpdate",
        f"--ServerApp.open_browser={browser}",
        f"--ContentsManager.pre_save_hook={__name__}.without_widget_state",
        # The address is printed all the same; the rest looks like trouble.
        "--ServerApp.log_level=WARN",
        "--LabApp.log_level=WARN",
    ]
    if hasattr(os, "geteuid") and os.geteuid() == 0:
        arguments.append("--ServerApp.allow_root=True")  # in a container
    with contextlib.suppress(ImportError):
        import voila  # noqa: F401 # switches on a warning that is not for users
    warnings.filterwarnings("ignore", category=DeprecationWarning, module="traitlets")
    sys.argv = ["jupyter-lab"]  # what LabApp calls itself in its own messages
    with tempfile.TemporaryDirectory(prefix="certlib-") as configuration:
        _keep_calm(Path(configuration))
        LabApp.launch_instance(argv=arguments)


def _refuse_no_address(listen: str) -> None:
    try:
        ipaddress.ip_address(listen)
    except ValueError:
        raise InputError(
            f"{listen!r} is no IP address",
            fix="take 127.0.0.1, or 0.0.0.0 in a container",
            parameter="listen",
        ) from None


def without_widget_state(model: dict[str, Any], **_: object) -> None:
    """Take out of a notebook that is saved what lives only with its kernel.

    What stands in its fields may be passphrases. Without the references to live
    widgets each form is a picture of itself when it is opened again.
    """
    if model["type"] != "notebook" or model["content"] is None:
        return
    model["content"]["metadata"].pop("widgets", None)
    for cell in model["content"].get("cells", ()):
        for output in cell.get("outputs", ()):
            if len(output.get("data", ())) > 1:
                output["data"].pop(_WIDGET_VIEW, None)


def _keep_calm(folder: Path) -> None:
    """Tell Lab, after what the user has told it, not to ask whether to fetch news."""
    settings = {"disabledExtensions": {_ANNOUNCEMENTS: True}}
    files.folder(folder / "labconfig")
    files.write(
        folder / "labconfig" / "page_config.json", json.dumps(settings).encode()
    )
    known = os.environ.get("JUPYTER_CONFIG_PATH", "")
    paths = [*filter(None, known.split(os.pathsep)), str(folder)]
    os.environ["JUPYTER_CONFIG_PATH"] = os.pathsep.join(paths)


def _digest(data: bytes) -> str:
    """Return a digest of a notebook's cells, without what Lab saves with them."""
    try:
        cells = json.loads(data)["cells"]
        said = [[cell["cell_type"], "".join(cell["source"])] for cell in cells]
    except (ValueError, KeyError, TypeError, RecursionError):  # no notebook any more
        return hashlib.sha256(data).hexdigest()
    return hashlib.sha256(json.dumps(said).encode()).hexdigest()


def _read_record(folder: Path) -> dict[str, list[str]]:
    """Return the digests of the editions of each notebook that were laid there."""
    try:
        loaded = json.loads(files.read(folder / _RECORD))
    except (InputError, ValueError, RecursionError):
        return {}
    known = loaded.items() if isinstance(loaded, dict) else ()
    # One of an earlier edition of certlib has a single digest.
    listed = {name: d if isinstance(d, list) else [d] for name, d in known}
    return {name: [d for d in of if isinstance(d, str)] for name, of in listed.items()}
