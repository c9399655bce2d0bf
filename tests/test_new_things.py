"""Where something new goes: one of each kind, added in a copy, is there everywhere."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import forge
import pytest

import certlib

ROOT = Path(__file__).parent.parent
PACKAGE = Path(certlib.__file__).parent
PAGE = (ROOT / "docs" / "explanation" / "architecture.md").read_text(encoding="utf-8")
TABLE = PAGE.partition("## Where something new goes")[2]

RULE = '''

@rule(Severity.ERROR, **baseline("4.2.2"), remedy="Take another name.")
def name_on_trial(summary: Summary, context: Context) -> Iterator[str]:
    """A name is on trial."""
    yield from (name for name in summary.dns_names if "trial" in name)
'''
FAULT = '''

@fault("settings")
def on_trial(service: Service) -> None:
    """The service is on trial.

    Nobody can say.
    """
    service.set(hangs=True)
'''
TASK = '''

@task()
def task_on_trial(material: Material) -> Exercise:
    """A task on trial."""
    raise NotImplementedError
'''
COMMAND = '''"""Trial: a command."""

import click


@click.command()
def trial() -> None:
    """Try something."""
    click.echo("tried")
'''
PRODUCT = 'Product("trial", "Trial", "Trial Service", 7001, 7002),'
ROWS = {
    "bundles/endings.py": ("FORMATS = (", 'Format("trial file", (".trial",)),'),
    "products.py": ("    for product in (", PRODUCT),
    "reports/__init__.py": (
        "FORMATS: dict[str, Callable[[Sequence[Audited], Evidence], bytes]] = {",
        '"trial": lambda results, evidence: b"%d of them" % len(results),',
    ),
    "cli/__init__.py": ("_MODULES = {", '"trial": ("trial:trial", "Try something."),'),
}
"""Tables: the line with which each begins, and a new row."""

APPENDED = {
    "rules/spelling.py": RULE,
    "practice/faults/answering.py": FAULT,
    "practice/tasks/creating.py": TASK,
    "cli/trial.py": COMMAND,
}


@pytest.fixture(scope="module")
def copy(tmp_path_factory):
    """A copy of certlib, with one more of each."""
    folder = tmp_path_factory.mktemp("copy")
    package = folder / "certlib"
    shutil.copytree(PACKAGE, package, ignore=shutil.ignore_patterns("__py*"))
    for name, (begin, row) in ROWS.items():
        before, line, after = (
            (package / name).read_text("utf-8").partition(f"{begin}\n")
        )
        assert line, f"{name} has no line {begin!r} any more"
        (package / name).write_text(f"{before}{line}{row}\n{after}", encoding="utf-8")
    for name, text in APPENDED.items():
        with (package / name).open("a", encoding="utf-8") as stream:
            stream.write(text)
    (folder / "in").mkdir()
    (folder / "in" / "a.trial").write_bytes(
        forge.leaf(san=("trial.example.com",)).to_der()
    )
    return folder


def run(folder, *arguments):
    """Run the copy; return its exit code and all that it says."""
    done = subprocess.run(
        [sys.executable, *arguments],
        cwd=folder,
        env=os.environ | {"PYTHONPATH": str(folder), "PYTHONIOENCODING": "utf-8"},
        capture_output=True,
        encoding="utf-8",
        timeout=120,
    )
    return done.returncode, done.stdout + done.stderr


SEEN = {
    "rule, file format": (("audit", "in"), 1, r"a\.trial.*name-on-trial"),
    "rule": (("rules", "name-on-trial"), 0, "A name is on trial"),
    "output format": (("audit", "in", "--format", "trial"), 1, "1 of them"),
    "output format, offered": (("audit", "--help"), 0, r"junit\|xml"),
    "product": (("audit", "--help"), 0, r"trial\|xtract|\[trial\|"),
    "command": (("--help",), 0, "trial +Try something"),
    "command, run": (("trial",), 0, "^tried$"),
}


@pytest.mark.parametrize("what", SEEN)
def test_a_face_shows_what_was_added(copy, what):
    arguments, expected, said_there = SEEN[what]
    code, said = run(copy, "-m", "certlib", *arguments)
    assert expected == code, said
    assert re.search(said_there, said, re.MULTILINE | re.DOTALL), said


PROGRAM = """
from certlib import products
from certlib.integrating import instructions
from certlib.practice import faults, tasks
from certlib.practice.exercises import of_step
from certlib.rules.catalogue import catalogue
print("on-trial" in faults.FAULTS, "name-on-trial" in catalogue())
print("task-on-trial" in {task.name for task in of_step("creating")})
print(instructions.steps(products.product("trial"))[-1].action)
"""


def test_rule_fault_exercise_and_product_are_known(copy):
    code, said = run(copy, "-c", PROGRAM)
    assert 0 == code, said
    assert ["True True", "True"] == said.splitlines()[:2]
    assert ":7002/" in said


def places():
    """What the table names: paths and names in certlib and in the checkout."""
    return sorted({name for name in re.findall(r"`([\w/.]+)`", TABLE) if len(name) > 3})


@pytest.mark.parametrize("place", places())
def test_the_table_names_what_there_is(place):
    path, _, name = place.partition(".")
    if place.endswith((".py", ".md")):
        assert (ROOT / place).is_file()
    elif place.isupper():  # of the same row
        assert re.search(rf"(?m)^{place}\b", "\n".join(sources()))
    else:
        (module,) = [
            p for p in (f"{path}.py", f"{path}/__init__.py") if (PACKAGE / p).is_file()
        ]
        assert re.search(rf"(?m)^{name}\b", (PACKAGE / module).read_text("utf-8"))


def sources():
    for folder in (ROOT / "tests", PACKAGE):
        for path in folder.rglob("*.py"):
            yield path.read_text(encoding="utf-8")
