"""README: the commands it shows are run, in their order, and say what it prints."""

from __future__ import annotations

import os
import re
import shlex
import subprocess
import sys
from pathlib import Path

from certlib import Bundle
from certlib.endpoints import serving

ROOT = Path(__file__).parent.parent
README = (ROOT / "README.md").read_text(encoding="utf-8")
SECRET = "correct horse battery"
CHANGES = re.compile(r"[0-9A-F]{40}|\d{4}-\d\d-\d\d \d\d:\d\d")


def shown():
    """Each command of the section, with what is printed below it."""
    (block,) = re.findall(
        r"## On the command line\n+```console\n(.*?)```", README, re.DOTALL
    )
    parts = re.split(r"^\$ ", block, flags=re.MULTILINE)[1:]
    return [part.rstrip("\n").partition("\n")[::2] for part in parts]


def test_the_commands_of_the_readme_in_their_order(tmp_path):
    def run(words):
        return subprocess.run(
            [sys.executable, "-m", "certlib", *words],
            capture_output=True,
            encoding="utf-8",
            cwd=tmp_path,
            env=os.environ
            | {"XDG_DATA_HOME": str(tmp_path), "CERTLIB_PASSPHRASE": SECRET}
            | {"COLUMNS": "88", "PYTHONIOENCODING": "utf-8"},
            timeout=120,
        )

    commands = shown()
    assert ["create", "import", "convert", "check", "audit"] == [
        command.split()[1] for command, _ in commands
    ]
    for command, printed in commands:
        _, name, *rest = shlex.split(command)
        if name == "check":
            bundle = Bundle.read(tmp_path / "todd.pfx", passphrase=SECRET)
            host = rest[0].partition(":")[0]
            with serving.serve(bundle) as at:
                rest[:1] = [f"{at.host}:{at.port}", "--server", host]
                done = run([name, *rest])
        else:
            done = run([name, *rest, *(["--yes"] if name == "import" else [])])
        # What is self-signed is for test environments, and the audit says so.
        assert (name == "audit") == done.returncode, done.stdout + done.stderr
        if printed:
            said = CHANGES.sub("…", " ".join(done.stdout.split()))
            assert CHANGES.sub("…", " ".join(printed.split())) == said


def test_the_readme_has_the_picture_of_the_site():
    home = (ROOT / "docs" / "index.md").read_text(encoding="utf-8")
    (picture,) = re.findall(r"!\[[^]]*\]\((_static/\S+)\)", home)
    assert f"(docs/{picture})" in README
