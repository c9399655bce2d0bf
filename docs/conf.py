"""How the documentation is built: Sphinx, MyST and the notebooks as they are."""

import shutil
import sys
from pathlib import Path
from typing import Any

import click

import certlib

HERE = Path(__file__).parent
sys.path.insert(0, str(HERE))

import generated  # noqa: E402 # from beside this file

# Sphinx reads only what lies below its own folder.
shutil.rmtree(HERE / "notebooks", ignore_errors=True)
(HERE / "notebooks").mkdir()
for notebook in sorted((HERE.parent / "notebooks").glob("*.ipynb")):
    shutil.copy(notebook, HERE / "notebooks")
generated.write(HERE / "reference" / "generated")

project = "certlib"
author = "The certlib authors"
copyright = "2026, the certlib authors"
version = release = certlib.__version__

extensions = [
    "myst_nb",
    "sphinx.ext.autodoc",
    "sphinx.ext.napoleon",
    "sphinx_click",
]
exclude_patterns = ["_build"]
nb_execution_mode = "off"  # the stored outputs are tested, and shown
nb_ipywidgets_js = {}  # readers see a still picture of each widget
myst_enable_extensions = ["colon_fence", "deflist"]
myst_heading_anchors = 3
suppress_warnings = [
    "mystnb.unknown_mime_type",
    "misc.highlighting_failure",
    "ref.python",  # "InputError" is plain enough
]
autodoc_member_order = "bysource"
autodoc_typehints = "signature"
napoleon_use_ivar = True
add_module_names = False
python_use_unqualified_type_names = True

html_theme = "pydata_sphinx_theme"
html_title = "certlib"
html_theme_options = {
    "show_toc_level": 2,
    "navigation_with_keys": True,
    "navigation_depth": 2,
    "show_prev_next": False,
    "header_links_before_dropdown": 6,
    "secondary_sidebar_items": ["page-toc"],
    "footer_start": ["copyright"],
    "footer_end": [],
}
html_sidebars = {"index": []}
html_static_path = ["_static"]
html_css_files = ["site.css"]
html_show_sourcelink = False
html_copy_source = False


def setup(app: Any) -> None:
    """Have commands shown as a terminal would show them."""
    app.connect("sphinx-click-process-envvars", lambda _, ctx, lines: lines.clear())
    for part in ("description", "options", "arguments"):
        app.connect(f"sphinx-click-process-{part}", _plain)
    app.connect("sphinx-click-process-epilog", _examples)


def _plain(_app: Any, _ctx: click.Context, lines: list[str]) -> None:
    """Keep backslashes and stars, which mean something else to Sphinx."""
    for number, line in enumerate(lines):
        if not line.startswith(".."):
            lines[number] = line.replace("\\", "\\\\").replace("*", "\\*")


def _examples(_app: Any, ctx: click.Context, lines: list[str]) -> None:
    epilog = (ctx.command.epilog or "").replace("\b\n", "")
    shown = [f"   {line}".rstrip() for line in epilog.splitlines()]
    lines[:] = [".. code-block:: text", "", *shown, ""]
