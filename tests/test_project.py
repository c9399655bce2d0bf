"""The project's own files agree with each other."""

from __future__ import annotations

import ast
import json
import os
import re
import subprocess
import sys
import tomllib
from pathlib import Path

import click
import pytest
import yaml
from packaging.requirements import Requirement

ROOT = Path(__file__).parent.parent
NOTEBOOKS = sorted((ROOT / "notebooks").glob("*.ipynb"))

each_notebook = pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)


def pyproject():
    return tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))


def wanted(lines):
    """Requirements by name, without what only some platforms need."""
    parsed = [Requirement(line) for line in lines]
    return {r.name: str(r.specifier) for r in parsed if r.marker is None}


# No channel can be reached from a test: what conda-forge calls otherwise, and what it
# has not, as its feedstocks say (https://conda-forge.org/feedstock-outputs/).
CONDA_NAMES = {"playwright": "playwright-python", "tree-sitter": "tree_sitter"}
PIP_ONLY = {"axe-playwright-python", "badkeys", "tlslite-ng", "tree-sitter-powershell"}


def environment(name):
    """What conda, and what pip is asked for."""
    listed = yaml.safe_load((ROOT / name).read_text())["dependencies"]
    pip = next(d["pip"] for d in listed if isinstance(d, dict))
    return (
        wanted(d for d in listed if isinstance(d, str)),
        wanted(line for line in pip if not line.startswith("-")),
    )


def for_conda(lines):
    """The same, from lines of pyproject.toml."""
    all_ = wanted(lines)
    pip = {name: all_.pop(name) for name in PIP_ONLY & all_.keys()}
    return {CONDA_NAMES.get(name, name): v for name, v in all_.items()}, pip


def test_environment_yml_has_the_dependencies_by_condas_names():
    project = pyproject()["project"]
    conda, pip = for_conda(
        project["dependencies"] + project["optional-dependencies"]["lab"]
    )
    conda |= {"pip": "", "python": project["requires-python"]}
    assert (conda, pip) == environment("environment.yml")


def test_test_tools_are_apart():
    conda, pip = for_conda(
        [
            *pyproject()["dependency-groups"]["test"],
            *pyproject()["dependency-groups"]["browser"],
        ]
    )
    assert (conda | {"pip": ""}, pip) == environment("environment-test.yml")


def test_the_five_packages_of_the_design_come_with_the_lab():
    project = pyproject()["project"]
    light = wanted(project["dependencies"]).keys()
    five = {"jupyterlab", "cryptography", "pandas", "ipywidgets", "nbval"}
    assert five <= wanted(project["optional-dependencies"]["lab"]).keys() | light
    assert light.isdisjoint({"jupyterlab", "pandas", "ipywidgets", "nbval"})


def test_there_are_notebooks():
    assert NOTEBOOKS


@each_notebook
def test_every_code_cell_has_been_run(path):
    """The notebook tests silently compare nothing in a cell that was never run."""
    idle = [
        cell["id"]
        for cell in json.loads(path.read_text(encoding="utf-8"))["cells"]
        if cell["cell_type"] == "code" and cell["execution_count"] is None
    ]
    assert [] == idle


@each_notebook
def test_no_widget_state_is_stored(path):
    """It would hold what was typed, passphrases too."""
    text = path.read_text(encoding="utf-8")
    assert "widgets" not in json.loads(text)["metadata"]
    assert "application/vnd.jupyter.widget" not in text


@each_notebook
def test_stored_outputs_are_small_and_without_private_keys(path):
    cells = json.loads(path.read_text(encoding="utf-8"))["cells"]
    outputs = json.dumps([cell.get("outputs", []) for cell in cells])
    assert "PRIVATE KEY" not in outputs
    assert len(outputs) < 400_000


@each_notebook
def test_notebook_functions_are_short(path):
    cells = json.loads(path.read_text(encoding="utf-8"))["cells"]
    for cell in cells:
        source = "".join(cell["source"])
        for body in re.findall(r"^def .*\n((?:    .*\n?|\n)*)", source, re.MULTILINE):
            assert len(body.strip().splitlines()) <= 5, cell["id"]


def test_importing_certlib_is_light():
    code = "import sys, certlib; print(*sys.modules)"
    run = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True
    )
    assert not {"pandas", "ipywidgets", "IPython"} & set(run.stdout.split())


def test_notebooks_stay_in_practice_here():
    assert "1" == os.environ["CERTLIB_PRACTICE_ONLY"]


def test_the_readme_example_prints_what_it_says():
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    code, printed = re.search(
        r"```python\n(.*?)```\n+```\n(.*?)```", readme, re.DOTALL
    ).groups()
    run = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True
    )
    assert printed == run.stdout


def test_the_readme_names_every_command():
    from certlib.cli import commands

    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    listed = set(re.findall(r"^\| `certlib ([\w-]+)", readme, re.MULTILINE))
    assert set(commands.list_commands(click.Context(commands))) == listed


def test_the_readme_is_short_and_its_links_lead_somewhere():
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    assert len(readme.splitlines()) < 150
    links = re.findall(r"\]\(([^)#:]+)\)", readme)
    assert [] == [link for link in links if not (ROOT / link).exists()]


def test_the_actions_of_ci_are_pinned():
    workflows = sorted((ROOT / ".github" / "workflows").glob("*.yml"))
    used = [
        line.split("uses:")[1].strip()
        for path in workflows
        for line in path.read_text(encoding="utf-8").splitlines()
        if "uses:" in line
    ]
    assert used
    assert [] == [u for u in used if not re.match(r"[\w/-]+@[0-9a-f]{40} # v", u)]


FAULTY_IN_3_11_2 = re.compile(r"[*+?}]\+|\(\?>")
"""Possessive quantifiers and atomic groups: Debian 12's Python misreads them."""


def patterns(source):
    """Return each regular expression of a program, without escapes and classes."""
    for call in ast.walk(ast.parse(source)):
        if isinstance(call, ast.Call) and ast.unparse(call.func).startswith("re."):
            for part in (part for given in call.args[:1] for part in ast.walk(given)):
                if isinstance(part, ast.Constant) and isinstance(part.value, str):
                    yield re.sub(r"\\.|\[[^]]*\]", "x", part.value)


def test_no_pattern_is_one_that_an_early_3_11_misreads():
    assert [True] == [
        bool(FAULTY_IN_3_11_2.search(found))
        for found in patterns('re.compile(r"(?:-(?!----)[^-]*+)*+")')
    ]
    found = [
        (path.name, pattern)
        for path in sorted((ROOT / "certlib").rglob("*.py"))
        for pattern in patterns(path.read_text(encoding="utf-8"))
    ]
    assert len(found) > 50
    assert [] == [one for one in found if FAULTY_IN_3_11_2.search(one[1])]


def test_uv_run_brings_no_tool_of_developers():
    project = pyproject()
    default = project["tool"]["uv"]["default-groups"]
    brought = {
        r for name in default for r in wanted(project["dependency-groups"][name])
    }
    assert not brought & {"mypy", "sphinx", "playwright", "ruff"}
