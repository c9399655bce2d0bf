"""Run the tests for Windows in a Windows Python under Wine.

The files listed here run unchanged, in an own process, against the certlib of
this working tree. What Wine lacks they mark `wine_unsupported(reason)`; a reason
has to be listed here too, so that no test is skipped in silence.
"""

import subprocess
import xml.etree.ElementTree as ET
from pathlib import Path

import pytest
from harness import WindowsPython, windows_path

ROOT = Path(__file__).resolve().parents[2]
PLUGINS = Path(__file__).resolve().parent / "inside"

# Relative to the root of the project.
FILES = (
    "tests/wine/inside/test_windows_python.py",
    "tests/wine/inside/test_windows_store.py",
    "tests/wine/inside/test_notebook.py",
    "tests/wine/inside/test_renewing_on_windows.py",
    "tests/test_stores.py",
    "tests/test_folder_store.py",
    "tests/test_importing.py",
    "tests/test_files.py",
    "tests/test_bundles.py",
)

# Whole messages of the skips that may happen inside.
ALLOWED_SKIPS = {
    "no list of open files",
    "Wine: PFXImportCertStore cannot read EC keys",
    "Wine: CNG, which EC keys need, refuses to import any key",
    "Wine: SetNamedSecurityInfo leaves out what it is told of a file",
    "Wine: everybody is an administrator",
    "Wine: a rename replaces a symbolic link to nowhere",
    "Windows has no file modes",
    "links need a right on Windows",
    "only root gives files away",
}

# Below the limit of the outer test, so that this one ends in our own words.
SECONDS = 500


def run_inside(windows: WindowsPython, file: str, report: Path):
    return windows.run(
        *("-m", "pytest", "-c", "pyproject.toml", "--override-ini=addopts="),
        *("-p", "wine_unsupported", "-p", "no:cacheprovider", "--strict-markers"),
        *("--color=no", "--tb=short", "-q", "--timeout=120"),
        *(f"--junit-xml={windows_path(report)}", file),
        cwd=ROOT,
        env={
            "PYTHONPATH": f"{windows_path(ROOT)};{windows_path(PLUGINS)}",
            "HYPOTHESIS_STORAGE_DIRECTORY": r"C:\hypothesis",
        },
        timeout=SECONDS,
    )


@pytest.mark.parametrize("file", FILES)
def test_passes_inside(windows, file, tmp_path, record_property):
    report = tmp_path / "report.xml"
    try:
        done = run_inside(windows, file, report)
    except subprocess.TimeoutExpired as late:
        pytest.fail(
            f"{file} ran over {SECONDS} s:\n{late.output}{late.stderr}", pytrace=False
        )
    last_line = (done.stdout.strip().splitlines() or ["nothing printed"])[-1]
    record_property("summary", f"inside, {last_line}")
    if done.returncode != 0:
        pytest.fail(
            f"{file} failed in Windows Python, exit code {done.returncode}\n"
            f"{done.stdout}{done.stderr}",
            pytrace=False,
        )
    # Exit code 0 leaves two outcomes: passed, or skipped with a message.
    cases = list(ET.parse(report).iter("testcase"))
    skips = [skip.get("message") for case in cases for skip in case.iter("skipped")]
    assert len(cases) > len(skips), "nothing passed inside"
    assert set(skips) <= ALLOWED_SKIPS


def test_exit_code_and_streams_pass_through(windows):
    done = windows.run(
        "-c",
        "import sys; print(input()); print('é', file=sys.stderr); sys.exit(3)",
        stdin="ü\n",
    )
    assert (3, "ü\n", "é\n") == (done.returncode, done.stdout, done.stderr)


def test_a_timeout_ends_the_children_too(windows):
    nap = "import time; print('begun', flush=True); time.sleep(100)"
    parent = f"import subprocess, sys; subprocess.run([sys.executable, '-c', {nap!r}])"
    with pytest.raises(subprocess.TimeoutExpired) as late:
        windows.run("-c", parent, timeout=3)
    assert "begun\n" == late.value.output
    assert "again\n" == windows.run("-c", "print('again')").stdout
