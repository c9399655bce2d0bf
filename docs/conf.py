"""How the documentation is built: Sphinx, MyST and the notebooks as they are."""

import shutil
from pathlib import Path

import certlib

HERE = Path(__file__).parent

# Sphinx reads only what lies below its own folder.
shutil.rmtree(HERE / "notebooks", ignore_errors=True)
(HERE / "notebooks").mkdir()
for notebook in sorted((HERE.parent / "notebooks").glob("*.ipynb")):
    shutil.copy(notebook, HERE / "notebooks")

project = "certlib"
author = "The certlib authors"
copyright = "2026, the certlib authors"
version = release = certlib.__version__

extensions = ["myst_nb", "sphinx.ext.autodoc", "sphinx.ext.napoleon"]
exclude_patterns = ["_build"]
nb_execution_mode = "off"  # the stored outputs are tested, and shown
nb_ipywidgets_js = {}  # readers see a still picture of each widget
myst_enable_extensions = ["colon_fence", "deflist"]
myst_heading_anchors = 3
suppress_warnings = ["mystnb.unknown_mime_type", "misc.highlighting_failure"]
autodoc_member_order = "bysource"
autodoc_typehints = "signature"

html_theme = "pydata_sphinx_theme"
html_title = "certlib"
html_theme_options = {
    "show_toc_level": 2,
    "navigation_with_keys": True,
    "header_links_before_dropdown": 6,
    "secondary_sidebar_items": ["page-toc"],
}
html_sidebars = {"**": []}
html_static_path = ["_static"]
