"""The PFX matrix: who opens what whom has written, by kind of passphrase.

    uv run python -m attacks.pfx_matrix > docs/reference/pfx.md

Programs that are not here are left out of the table, which says so.
"""

from __future__ import annotations

import shutil
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterable
from pathlib import Path

HERE = Path(__file__).parent
if __name__ == "__main__":
    sys.path[:0] = [str(HERE.parent / "tests"), str(HERE.parent / "tests/wine")]

import forge  # noqa: E402
from cryptography.hazmat.primitives.serialization import (  # noqa: E402
    Encoding,
    NoEncryption,
    PrivateFormat,
)

from certlib.bundles import Bundle, PfxProtection  # noqa: E402
from certlib.errors import CertlibError  # noqa: E402

PASSPHRASES: dict[str, str | None] = {
    "ASCII": "correct horse",
    "umlaut": "Pässwörd",
    "emoji": "horse \U0001f40e staple",
    "long": "x" * 1000,
    "empty": "",
    "none": None,
}
WINDOWS = "Windows (Wine)"

Jobs = list[tuple[str, Path, str | None]]
"""What to do (read or write), with which file and passphrase."""


def bundle() -> Bundle:
    return forge.chain(private_key=forge.key(0), friendly_name="server")


def lay(folder: Path) -> None:
    """Lay what other programs make their files of."""
    made = bundle()
    chain = b"".join(c.public_bytes(Encoding.PEM) for c in made.certificates)
    (folder / "chain.pem").write_bytes(chain)
    (folder / "all.pem").write_bytes(made.to_pem())
    assert made.private_key is not None
    (folder / "key.der").write_bytes(
        made.private_key.private_bytes(
            Encoding.DER, PrivateFormat.PKCS8, NoEncryption()
        )
    )


def _run(*words: str | Path, folder: Path) -> tuple[bool, str]:
    done = subprocess.run(
        [str(word) for word in words],
        cwd=folder,
        env={"PATH": "/usr/bin:/bin", "HOME": str(folder), "LC_ALL": "C.UTF-8"},
        stdin=subprocess.DEVNULL,
        capture_output=True,
        encoding="utf-8",
        errors="replace",
        timeout=120,
        check=False,
    )
    return done.returncode == 0, done.stdout + done.stderr


def _secret(folder: Path, passphrase: str | None) -> Path:
    path = folder / "secret"
    path.write_text(f"{passphrase or ''}\n", encoding="utf-8")
    return path


def by_certlib(jobs: Jobs, protection: PfxProtection) -> list[bool]:
    done = []
    for what, path, passphrase in jobs:
        try:
            if what == "write":
                data = bundle().to_pfx(passphrase, protection=protection)
                path.write_bytes(data)
                done.append(True)
            else:
                found = Bundle.read(path, passphrase=passphrase)
                done.append(found.private_key is not None)
        except CertlibError:
            done.append(False)
    return done


def by_openssl(jobs: Jobs, *legacy: str) -> list[bool]:
    done = []
    for what, path, passphrase in jobs:
        folder = path.parent
        secret = f"file:{_secret(folder, passphrase)}"
        words: tuple[str | Path, ...] = ("openssl", "pkcs12", *legacy)
        if what == "write":
            open_ = ("-keypbe", "NONE", "-certpbe", "NONE", "-nomac")
            words += ("-export", "-in", "all.pem", "-out", path, "-passout", secret)
            fine, _ = _run(*words, *(open_ * (passphrase is None)), folder=folder)
            done.append(fine)
        else:
            words += ("-in", path, "-nodes", "-passin", secret)
            fine, said = _run(*words, folder=folder)
            done.append(fine and "PRIVATE KEY" in said)
    return done


def by_nss(jobs: Jobs) -> list[bool]:
    done = []
    for what, path, passphrase in jobs:
        with tempfile.TemporaryDirectory(dir=path.parent) as name:
            folder = Path(name)
            (folder / "no").write_text("\n")
            _run("certutil", "-N", "-d", "sql:.", "--empty-password", folder=folder)
            data = ("-d", "sql:.", "-k", "no", "-w", _secret(folder, passphrase))
            if what == "write":
                plain = folder / "plain.p12"
                plain.write_bytes(bundle().to_pfx("x"))
                ours = ("-d", "sql:.", "-k", "no", "-W", "x")
                _run("pk12util", "-i", plain, *ours, folder=folder)
                fine, _ = _run(
                    "pk12util", "-o", path, "-n", "server", *data, folder=folder
                )
                done.append(fine and path.exists())
            else:
                fine, _ = _run("pk12util", "-i", path, *data, folder=folder)
                _, keys = _run("certutil", "-K", "-d", "sql:.", folder=folder)
                done.append(fine and "server" in keys)
    return done


def by_java(jobs: Jobs) -> list[bool]:
    folder = jobs[0][1].parent
    lines = [
        "\t".join([what, str(path), *([] if secret is None else [secret])])
        for what, path, secret in jobs
    ]
    (folder / "jobs").write_text("\n".join(lines), encoding="utf-8")
    _, said = _run("java", HERE / "Pfx.java", "jobs", folder=folder)
    return [line in ("opens", "written") for line in said.splitlines()[: len(jobs)]]


_INSIDE = """
import ctypes, json, sys
from ctypes import wintypes as w
import warnings; warnings.simplefilter("ignore")
crypt32 = ctypes.WinDLL("crypt32")
class Blob(ctypes.Structure):
    _fields_ = [("size", w.DWORD), ("data", ctypes.c_void_p)]
crypt32.PFXImportCertStore.argtypes = [ctypes.c_void_p, w.LPCWSTR, w.DWORD]
crypt32.PFXImportCertStore.restype = ctypes.c_void_p
crypt32.PFXExportCertStoreEx.argtypes = [
    ctypes.c_void_p, ctypes.c_void_p, w.LPCWSTR, ctypes.c_void_p, w.DWORD]
crypt32.CertEnumCertificatesInStore.argtypes = [ctypes.c_void_p, ctypes.c_void_p]
crypt32.CertEnumCertificatesInStore.restype = ctypes.c_void_p
crypt32.CertGetCertificateContextProperty.argtypes = [
    ctypes.c_void_p, w.DWORD, ctypes.c_void_p, ctypes.c_void_p]
def opened(path, secret):
    data = open(path, "rb").read()
    held = ctypes.create_string_buffer(data, len(data))
    blob = Blob(len(data), ctypes.cast(held, ctypes.c_void_p))
    return crypt32.PFXImportCertStore(ctypes.byref(blob), secret, 1)
def read(path, secret):
    store = opened(path, secret)
    one, size = None, w.DWORD()
    while store and (one := crypt32.CertEnumCertificatesInStore(store, one)):
        if crypt32.CertGetCertificateContextProperty(one, 2, None, ctypes.byref(size)):
            return True
    return False
def write(path, secret):
    store, blob = opened("Z:" + FOLDER + "/plain.p12", "x"), Blob()
    for _ in range(2):
        if not crypt32.PFXExportCertStoreEx(store, ctypes.byref(blob), secret, None, 4):
            return False
        if blob.data is None:
            held = ctypes.create_string_buffer(blob.size)
            blob.data = ctypes.cast(held, ctypes.c_void_p)
    open(path, "wb").write(held.raw[: blob.size])
    return True
for what, path, secret in JOBS:
    print(int({"read": read, "write": write}[what]("Z:" + path, secret)), flush=True)
"""


def by_windows(jobs: Jobs) -> list[bool]:
    from harness import WindowsPython

    folder = jobs[0][1].parent
    (folder / "plain.p12").write_bytes(
        bundle().to_pfx("x", protection=PfxProtection.TRIPLE_DES)
    )
    asked = [(what, str(path), secret) for what, path, secret in jobs]
    script = folder / "inside.py"
    script.write_text(
        f"JOBS = {asked!r}\nFOLDER = {str(folder)!r}\n{_INSIDE}", encoding="utf-8"
    )
    with WindowsPython.session(folder) as windows:
        done = windows.run(f"Z:{script}")
    return [line == "1" for line in done.stdout.split()]


Program = Callable[[Jobs], list[bool]]

WRITERS: dict[str, Program] = {
    "certlib": lambda jobs: by_certlib(jobs, PfxProtection.AES_256),
    "certlib, for old Windows": lambda jobs: by_certlib(jobs, PfxProtection.TRIPLE_DES),
    "OpenSSL": by_openssl,
    "OpenSSL -legacy": lambda jobs: by_openssl(jobs, "-legacy"),
    "NSS": by_nss,
    "Java": by_java,
    WINDOWS: by_windows,
}
READERS = {
    name: work for name, work in WRITERS.items() if name != "certlib, for old Windows"
}
NEEDS = {"NSS": "pk12util", "Java": "java", WINDOWS: "wine"}


def present(names: Iterable[str]) -> list[str]:
    """Return the programs that are here."""
    return [n for n in names if n not in NEEDS or shutil.which(NEEDS[n])]


Matrix = dict[tuple[str, str], dict[str, bool] | None]
"""By writer and passphrase: which readers open it; None if it cannot be written."""


def matrix(writers: list[str], readers: list[str], kinds: list[str]) -> Matrix:
    """Have each write, and each read what the others have written."""
    found: Matrix = {}
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        lay(folder)
        written: list[tuple[str, str, Path]] = []
        for number, writer in enumerate(writers):
            jobs: Jobs = [
                ("write", folder / f"{number}-{at}.p12", PASSPHRASES[kind])
                for at, kind in enumerate(kinds)
            ]
            for kind, job, done in zip(kinds, jobs, WRITERS[writer](jobs), strict=True):
                found[writer, kind] = {} if done else None
                if done:
                    written.append((writer, kind, job[1]))
        for reader in readers:
            jobs = [("read", path, PASSPHRASES[kind]) for _, kind, path in written]
            for (writer, kind, _), opens in zip(
                written, READERS[reader](jobs), strict=True
            ):
                row = found[writer, kind]
                assert row is not None
                row[reader] = opens
    return found


HEAD = """# Who opens which PFX file

Written by `uv run python -m attacks.pfx_matrix > docs/reference/pfx.md`: each program
writes a file with an RSA key and its chain, and each opens it with the same passphrase.
*none* is a file without protection, *empty* one that is protected by the empty text,
*long* has 1,000 characters.

- **Java** takes passphrases of ASCII characters only, for writing and for opening, and
  finds no key in a file that is not protected.
- **OpenSSL 3** opens the RC2 of `-legacy` with `-legacy` only.
- Files without any protection are refused by some, so certlib asks for a passphrase.
- **Windows** is that of Wine here, which takes ASCII only and writes no PFX file. What
  Windows itself does with an umlaut was not tried. Windows Server 2016 and older open
  none with AES (`--old-windows` writes one for them).
"""


def page(found: Matrix, readers: list[str]) -> str:
    lines = [HEAD, row(["Written by", "Passphrase", *readers])]
    lines.append(row(["---"] * (2 + len(readers))))
    for (writer, kind), opens in found.items():
        said = (
            ["is not written"] + [""] * (len(readers) - 1)
            if opens is None
            else ["✓" if opens[reader] else "no" for reader in readers]
        )
        lines.append(row([writer, kind, *said]))
    missing = [name for name in WRITERS if name not in {w for w, _ in found}]
    if missing:
        lines.append(f"\nNot here, so not asked: {', '.join(missing)}.")
    return "\n".join(lines) + "\n"


def row(cells: list[str]) -> str:
    return f"| {' | '.join(cells)} |"


if __name__ == "__main__":
    those = present(READERS)
    print(page(matrix(present(WRITERS), those, list(PASSPHRASES)), those), end="")
