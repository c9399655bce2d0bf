"""The site builds without a warning and without the internet, and answers searches."""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
from importlib.util import find_spec
from pathlib import Path

import click
import components
import pytest
import tree_sitter_powershell
from tree_sitter import Language, Parser

from certlib.cli import commands
from certlib.rules import RULES

ROOT = Path(__file__).parent.parent
PAGES = [*sorted((ROOT / "docs").rglob("*.md")), ROOT / "README.md"]
PAGES = [p for p in PAGES if "_build" not in p.parts and "generated" not in p.parts]
CONTEXT = click.Context(commands)
COMMANDS = {
    n: commands.get_command(CONTEXT, n) for n in commands.list_commands(CONTEXT)
}
WORDS = [
    "JUnit", "tls.json", "Restart-Service", "Board Cloud", "sapgenpse", "NO_COLOR",
    "CERTLIB_CONFIG", "exit code", "mkcert", "Posh-ACME", "thumbprint", "Prometheus",
    "0x8009030D", "Firefox", "wheelhouse", "Docker", "JupyterHub", "Colab", "CNG",
]  # fmt: skip
"""What people look for, besides every option and every rule."""


def options(name):
    return {
        option
        for param in COMMANDS[name].params
        for option in (*param.opts, *param.secondary_opts)
        if option.startswith("--")
    } | {"--help"}


@pytest.fixture(scope="module")
def site(tmp_path_factory):
    """The site, built from a copy: conf.py writes beside its pages."""
    if find_spec("myst_nb") is None:
        components.missing("the group 'docs'", reason="it builds the documentation")
    folder = tmp_path_factory.mktemp("site")
    for part in ("docs", "notebooks"):
        shutil.copytree(
            ROOT / part,
            folder / part,
            ignore=shutil.ignore_patterns("_build", "work", ".ipynb_checkpoints"),
        )
    shutil.copy(ROOT / "SECURITY.md", folder)
    run = subprocess.run(
        [
            *(sys.executable, "-m", "sphinx", "-W", "--keep-going", "-q", "-b", "html"),
            *(str(folder / "docs"), str(folder / "html")),
        ],
        capture_output=True,
        text=True,
        timeout=600,
    )
    assert (0, "") == (run.returncode, run.stderr)
    return folder / "html"


@pytest.fixture(scope="module")
def browser(site):
    if find_spec("playwright") is None:
        components.missing("the group 'browser'", reason="it opens the site")
    chromium = components.require("chromium", reason="it opens the site")
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        yield playwright.chromium.launch(
            executable_path=str(chromium), args=["--no-sandbox"]
        )


def test_the_site_builds_and_has_four_kinds_of_pages(site):
    home = (site / "index.html").read_text(encoding="utf-8")
    for kind in ("course", "how-to", "reference", "explanation"):
        assert f'href="{kind}/index.html"' in home
    page = (site / "notebooks/1-creating.html").read_text(encoding="utf-8")
    assert "Create a self-signed certificate" in page
    rules = (site / "rules.html").read_text(encoding="utf-8")
    assert 1 == len(re.findall("<h1", rules))


def test_the_site_asks_nothing_of_the_internet(site):
    loaded = re.compile(r'<(?:script|link|img)[^>]* (?:src|href)="(?:https?:)?//[^"]*"')
    pages = sorted(site.rglob("*.html"))
    assert len(pages) > 60
    asked = {found for p in pages for found in loaded.findall(p.read_text("utf-8"))}
    assert set() == {one for one in asked if "canonical" not in one}


def test_the_site_finds_every_option_and_rule(site, browser):
    wanted = [*WORDS, *RULES, *sorted({o for name in COMMANDS for o in options(name)})]
    page = browser.new_page()
    page.goto(f"file://{site}/search.html")
    page.wait_for_function("typeof Search !== 'undefined' && Search.hasIndex()")
    found = page.evaluate(
        "wanted => wanted.map(q => Search._performSearch(...Search._parseQuery(q))"
        ".length)",
        wanted,
    )
    page.close()
    assert [] == [word for word, n in zip(wanted, found, strict=True) if not n]


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [1400, 400])
def test_the_site_fits_a_desk_and_a_phone(site, browser, width, scheme):
    page = browser.new_page(
        viewport={"width": width, "height": 900}, color_scheme=scheme
    )
    for name in ("index", "rules", "how-to/not-answering", "reference/configuration"):
        page.goto(f"file://{site}/{name}.html")
        wide = page.evaluate(
            "[...document.querySelectorAll('article p, article h1, article table')]"
            ".filter(e => e.getBoundingClientRect().right > innerWidth"
            " && !e.closest('.pst-scrollable-table-container')).length"
        )
        assert (name, 0) == (name, wide)
        assert width >= page.evaluate("document.documentElement.scrollWidth")
    if width == 1400:
        page.goto(f"file://{site}/index.html")
        assert 900 >= page.evaluate("document.documentElement.scrollHeight")
        background = page.evaluate("getComputedStyle(document.body).backgroundColor")
        assert (scheme == "light") == (background == "rgb(255, 255, 255)")
    page.close()


@pytest.mark.parametrize("path", PAGES, ids=lambda path: path.stem)
def test_pages_show_commands_and_options_that_there_are(path):
    text = path.read_text(encoding="utf-8").replace("\\\n", " ")
    unknown = []
    for line in re.findall(r"certlib(?: --config \S+)? ([a-z-]+ [^`\n|]*)", text):
        name = line.split()[0]
        if name in COMMANDS:
            words = re.findall(r"(?<=\s)--[a-z][a-z-]*", line.split(" # ")[0])
            unknown += [(name, w) for w in words if w not in options(name)]
    assert [] == unknown


@pytest.mark.parametrize("path", PAGES, ids=lambda path: path.stem)
def test_powershell_on_pages_is_powershell(path):
    parser = Parser(Language(tree_sitter_powershell.language()))
    text = path.read_text(encoding="utf-8")
    for block in re.findall(r"```powershell\n(.*?)```", text, re.DOTALL):
        root = parser.parse(block.replace("…", "x").encode()).root_node
        assert not root.has_error, block


def test_every_kind_of_json_is_documented():
    page = (ROOT / "docs" / "reference" / "json.md").read_text(encoding="utf-8")
    for name in COMMANDS:
        if "--json" in options(name):
            assert f"| `{name} --json` |" in page
