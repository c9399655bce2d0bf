r"""Run Windows programs, first of all Windows' own Python, under Wine.

    with WindowsPython.session(tmp_path) as windows:
        done = windows.run("-c", "import sys; print(sys.platform)")
    assert (0, "win32\n") == (done.returncode, done.stdout)

Each session has a registry, certificate stores and a C: drive of its own, so
nothing a program does there is seen by the next session. Linux files are seen
at drive Z:, see `windows_path`; arguments are passed on as they are.
"""

import contextlib
import shutil
import subprocess
import sys
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

import wine_build

# Wine's server waits this long for work, should nobody be left to stop it.
SERVER_SECONDS = 900

CODE_PAGE = "cp1252"
"""What Windows programs write into a pipe: Wine has this code page, and no other."""


def missing_component() -> str | None:
    """Return what this machine lacks to run Windows Python, as a sentence."""
    if sys.platform == "win32":
        return "this is Windows, where the tests run without Wine"
    for program in ("wine", "wineserver"):
        if shutil.which(program) is None:
            return f"{program} is not installed; .ci/setup installs it"
    for what, folder in {
        "Wine prefix": wine_build.prefix_folder(),
        "Windows Python": wine_build.python_folder(),
    }.items():
        if not folder.exists():
            return f"the {what} is missing or out of date; run tests/wine/wine_build.py"
    return None


def windows_path(path: Path) -> str:
    r"""Return how Windows programs call a Linux file: Z:\home\me\file."""
    return "Z:" + str(path.resolve()).replace("/", "\\")


@dataclass
class WindowsPython:
    """A Windows machine of one session, as far as Wine is one."""

    prefix: Path
    _server_runs: bool = False

    @classmethod
    @contextlib.contextmanager
    def session(cls, folder: Path) -> Iterator["WindowsPython"]:
        """Make a machine inside a folder; stop and remove it at the end."""
        windows = cls(folder / "wine")
        # Twice as fast as shutil.copytree, and shares blocks where it can.
        subprocess.run(
            ["cp", "-a", "--reflink=auto", wine_build.prefix_folder(), windows.prefix],
            check=True,
        )
        try:
            yield windows
        finally:
            windows.stop()
            shutil.rmtree(windows.prefix, ignore_errors=True)

    def run(
        self,
        *arguments: str,
        timeout: float = 120,
        cwd: Path | None = None,
        env: Mapping[str, str] | None = None,
        stdin: str = "",
    ) -> subprocess.CompletedProcess[str]:
        """Run python.exe and return its exit code, stdout and stderr.

        Args:
            timeout: seconds until every program of this machine is ended.
            env: variables besides those Wine and Windows set, with values
                as Windows wants them.

        Raises:
            subprocess.TimeoutExpired: with what was printed until then.
        """
        python = wine_build.python_folder() / "python.exe"
        return self.run_program(
            str(python), *arguments, timeout=timeout, cwd=cwd, env=env, stdin=stdin
        )

    def run_program(
        self,
        *command: str,
        timeout: float = 120,
        cwd: Path | None = None,
        env: Mapping[str, str] | None = None,
        stdin: str = "",
    ) -> subprocess.CompletedProcess[str]:
        """Run a Windows program; see `run`."""
        self._start_server()
        process = subprocess.Popen(
            ["wine", *command],
            cwd=cwd,
            env=self._environment | dict(env or {}),
            # Pipes, as Windows Python fails to start with a plain file here.
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            encoding=CODE_PAGE,
            errors="replace",
        )
        try:
            stdout, stderr = process.communicate(stdin, timeout=timeout)
        except subprocess.TimeoutExpired:
            # Ends the program's children too, which may hold its pipes.
            self.stop()
            process.kill()
            stdout, stderr = process.communicate(timeout=30)
            raise subprocess.TimeoutExpired(
                command, timeout, output=stdout, stderr=stderr
            ) from None
        except BaseException:
            process.kill()
            raise
        return subprocess.CompletedProcess(command, process.returncode, stdout, stderr)

    def stop(self) -> None:
        """End every program of this machine; the disk and registry stay."""
        self._server_runs = False
        # Fails when the server is gone already, which is what we want.
        with contextlib.suppress(subprocess.TimeoutExpired):
            self._quietly("wineserver", "--kill")

    @property
    def _environment(self) -> dict[str, str]:
        own = {"PYTHONDONTWRITEBYTECODE": "1"}
        return wine_build.wine_environment(self.prefix) | own

    def _start_server(self) -> None:
        """Start Wine's server and services with none of our pipes in hand.

        They outlive the program that starts them. Started by the first program
        with pipes, they would keep these open, and its reader would hang.
        """
        if self._server_runs:
            return
        self._quietly("wineserver", f"--persistent={SERVER_SECONDS}")
        self._quietly("wine", "cmd", "/c", "exit 0")
        self._server_runs = True

    def _quietly(self, *command: str) -> None:
        subprocess.run(
            command,
            env=self._environment,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            timeout=60,
        )
