"""Layers: arrows point down only, and a step has one name everywhere."""

from __future__ import annotations

import ast
import json
import re
import subprocess
import sys
from graphlib import CycleError, TopologicalSorter
from pathlib import Path

import pytest

import certlib

PACKAGE = Path(certlib.__file__).parent
ROOT = PACKAGE.parent

LAYERS = {
    "words": {
        "names",
        "x500",
        "keys",
        "clock",
        "files",
        "powershell",
        "parsers",
        "texts",
        "errors",
    },
    "nouns": {
        "bundles",
        "summaries",
        "rules",
        "stores",
        "issuers",
        "endpoints",
        "trust",
        "products",
        "specs",
        "signing",
        "symptoms",
    },
    "steps": {
        "creating",
        "requesting",
        "inspecting",
        "importing",
        "integrating",
        "auditing",
    },
    "faces": {"widgets", "cli", "reports", "practice", "__main__"},
}
"""Where each room, or module of its own, belongs."""

ALLOWED = {
    "words": {"words"},
    "nouns": {"words", "nouns"},
    "steps": {"words", "nouns", "steps"},
    "faces": {"words", "nouns", "steps", "faces", "package"},
    # What `import certlib` offers: never a face.
    "package": {"words", "nouns", "steps"},
}
"""What a layer may import."""

ONLY_IN = {
    "ipywidgets": {"widgets"},
    "pandas": {"reports"},
    "tornado": {"reports"},
    "click": {"cli"},
    "rapidfuzz": {"symptoms"},
    "openpyxl": {"endpoints"},
    "tlslite": {"endpoints"},
    "apprise": {"auditing"},
    "jsonschema": {"auditing"},
    "prometheus_client": {"reports"},
}
"""Libraries that stand in one face only, by what may import them."""

HEAVY = ("IPython", "ipywidgets", "jupyterlab", "pandas")
WINDOWS_ONLY = re.compile(r"certlib\.stores\.(windows|_)")
STEPS = (
    "1-creating",
    "2-requesting",
    "3-inspecting",
    "4-importing",
    "5-integrating",
    "6-auditing",
)


def dotted(path: Path) -> str:
    parts = path.relative_to(ROOT).with_suffix("").parts
    return ".".join(part for part in parts if part != "__init__")


MODULES = {dotted(path): path for path in sorted(PACKAGE.rglob("*.py"))}
each_module = pytest.mark.parametrize("module", MODULES)


def imports(module: str, *, at_top: bool = False) -> set[str]:
    """Return the dotted names that a module imports, its own package's in full."""
    tree = ast.parse(MODULES[module].read_text(encoding="utf-8"))
    found: set[str] = set()
    for node in tree.body if at_top else ast.walk(tree):
        match node:
            case ast.Import():
                found |= {alias.name for alias in node.names}
            case ast.ImportFrom():
                assert 0 == node.level, f"{module} imports relatively"
                name = str(node.module)
                below = {f"{name}.{alias.name}" for alias in node.names} & set(MODULES)
                found |= below or {name}
    return found


def part(module: str) -> str:
    """Return a module's or package's name within certlib, empty for certlib itself."""
    return module.partition(".")[2].partition(".")[0]


def layer(module: str) -> str:
    if module == "certlib":
        return "package"
    homes = [name for name, parts in LAYERS.items() if part(module) in parts]
    assert homes, f"say in LAYERS of {__file__} where {module} belongs"
    return homes[0]


def test_each_module_belongs_to_one_layer() -> None:
    parts = [name for names in LAYERS.values() for name in names]
    assert len(parts) == len(set(parts))


def test_the_table_of_layers_is_that_of_the_package() -> None:
    listed = {name for names in LAYERS.values() for name in names}
    assert {part(module) for module in MODULES if part(module)} == listed


@each_module
def test_arrows_point_down(module: str) -> None:
    wrong = {
        name
        for name in imports(module)
        if name.partition(".")[0] == "certlib"
        and part(name) != part(module)
        and layer(name) not in ALLOWED[layer(module)]
    }
    assert set() == wrong


@each_module
def test_no_step_reaches_inside_another(module: str) -> None:
    if layer(module) != "steps":
        return
    wrong = {
        name
        for name in imports(module)
        if name in MODULES
        and layer(name) == "steps"
        and part(name) != part(module)
        and name.count(".") > 1
    }
    assert set() == wrong


def circles(graph: dict[str, set[str]]) -> list[str]:
    """Return one circle of a graph, or nothing."""
    try:
        TopologicalSorter(graph).prepare()
    except CycleError as error:
        return list(error.args[1])
    return []


def test_no_room_needs_itself() -> None:
    # Imports inside functions and under TYPE_CHECKING count as well.
    graph: dict[str, set[str]] = {}
    for module in MODULES:
        if layer(module) != "package":
            needed = {part(name) for name in imports(module) if part(name)}
            graph.setdefault(part(module), set()).update(needed - {part(module)})
    assert [] == circles(graph)


def test_no_module_needs_itself() -> None:
    # A room's door imports what is inside, which may name the room's first lines.
    doors = {m for m, path in MODULES.items() if path.name == "__init__.py"}
    graph = {
        module: (imports(module) & set(MODULES)) - {module} - doors
        for module in set(MODULES) - doors
    }
    assert [] == circles(graph)


@each_module
def test_heavy_libraries_stand_in_their_face_only(module: str) -> None:
    wrong = {
        name
        for name in imports(module)
        if part(module) not in ONLY_IN.get(name.partition(".")[0], {part(module)})
    }
    assert set() == wrong


def loaded_after(modules: list[str]) -> list[str]:
    """Return what a fresh interpreter has loaded after it imported modules."""
    program = f"import {', '.join(modules)}, sys; print(*sys.modules, sep='\\n')"
    done = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=True
    )
    return done.stdout.split()


def test_the_core_loads_neither_faces_nor_windows() -> None:
    core = [
        module
        for module in MODULES
        if layer(module) != "faces" and not WINDOWS_ONLY.match(module)
    ]
    loaded = loaded_after(core)
    wrong = [
        name
        for name in loaded
        if name in HEAVY
        or name == "certlib.stores.windows"
        or (name in MODULES and layer(name) == "faces")
    ]
    assert [] == wrong


@pytest.mark.parametrize("module", ["certlib", "certlib.cli", "certlib.cli.inspect"])
def test_a_command_starts_without_what_it_does_not_need(module: str) -> None:
    loaded = set(loaded_after([module]))
    judges = {"certlib.trust.pool", "certlib.rules", "certlib.stores"}
    formats = {"asn1crypto.cms", "email.message", "zipfile", "tomllib"}
    library = {"cryptography"} if module != "certlib.cli.inspect" else set()
    assert set() == loaded & (judges | formats | library)


def first_line(module: str) -> str:
    text = MODULES[module].read_text(encoding="utf-8")
    return (ast.get_docstring(ast.parse(text)) or "").partition("\n")[0]


def title(notebook: Path) -> str:
    cell = json.loads(notebook.read_text(encoding="utf-8"))["cells"][0]
    return "".join(cell["source"]).partition("\n")[0].removeprefix("# ")


NOTEBOOKS = sorted((ROOT / "notebooks").glob("[1-6]-*.ipynb"))
LESSONS = sorted((ROOT / "notebooks").glob("[1-9][a-z]-*.ipynb"))
"""Further lessons of a step, which stands before them."""
each_notebook = pytest.mark.parametrize("notebook", NOTEBOOKS, ids=lambda p: p.stem)


def test_notebooks_are_the_steps() -> None:
    assert NOTEBOOKS
    assert {path.stem for path in NOTEBOOKS} <= set(STEPS)


@each_notebook
def test_a_step_has_one_stem_everywhere(notebook: Path) -> None:
    stem = notebook.stem.partition("-")[2]
    assert MODULES[f"certlib.{stem}"]
    wanted = [f"tests/test_{stem}.py", f"docs/{stem}.md"]
    assert [] == [name for name in wanted if not (ROOT / name).is_file()]


@each_notebook
def test_a_notebook_asks_what_its_module_answers(notebook: Path) -> None:
    stem = notebook.stem.partition("-")[2]
    assert first_line(f"certlib.{stem}") == title(notebook)


@pytest.mark.parametrize("lesson", LESSONS, ids=lambda path: path.stem)
def test_a_further_lesson_belongs_to_a_step(lesson: Path) -> None:
    assert [] != [path for path in NOTEBOOKS if path.name[0] == lesson.name[0]]


def readme_rows() -> list[str]:
    lines = (ROOT / "README.md").read_text(encoding="utf-8").splitlines()
    return [line for line in lines if line.startswith("|") and ".ipynb" in line]


@pytest.mark.parametrize("notebook", [*NOTEBOOKS, *LESSONS], ids=lambda p: p.stem)
def test_the_readme_has_a_row_for_each_lesson(notebook: Path) -> None:
    rows = [row for row in readme_rows() if notebook.name in row]
    assert 1 == len(rows)
    question = title(notebook).partition(": ")[2]
    assert question[1:] in rows[0]  # its first letter may be a capital one there
