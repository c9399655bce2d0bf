"""The words of the glossary in the notebooks: linked where they first appear.

uv run python tests/glossary.py        (writes the links)
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from pathlib import Path

FOLDER = Path(__file__).parents[1] / "notebooks"
GLOSSARY = FOLDER / "glossary.ipynb"
LESSONS = [FOLDER / "0-start-here.ipynb", *sorted(FOLDER.glob("[1-9]-*.ipynb"))]

WORDS = {
    "certificate-store": r"certificate stores?",
    "certification-authority": r"certification authorit(?:y|ies)",
    "chain": r"chains?",
    "common-name": r"common name",
    "pfx-file": r"PFX files?",
    "passphrase": r"passphrases?",
    "private-key": r"private keys?",
    "root": r"roots?",
    "self-signed": r"self-signed",
    "service-account": r"(?:service account|account of the service)",
    "signing-request": r"signing requests?",
    "subject-alternative-name": r"Subject Alternative Name",
    "thumbprint": r"thumbprint",
    "wildcard": r"wildcard",
}
"""By the heading in the glossary: how the word is written."""

_ASIDE = re.compile(r"(?ms)```.*?```|`[^`]*`|\[[^]]*\]\([^)]*\)|^#.*?$|\*[A-Z][^*]*\*")


def first(text: str, pattern: str) -> re.Match[str] | None:
    """Return where a word appears first: not in code, a heading, or a link."""
    aside = [match.span() for match in _ASIDE.finditer(text)]
    for match in re.finditer(rf"(?<![\w-])(?:{pattern})(?![\w-])", text):
        if not any(begin <= match.start() < end for begin, end in aside):
            return match
    return None


def texts(path: Path) -> Iterator[str]:
    """Yield the texts of a notebook."""
    for cell in json.loads(path.read_text(encoding="utf-8"))["cells"]:
        if cell["cell_type"] == "markdown":
            yield "".join(cell["source"])


def link(text: str, name: str, match: re.Match[str]) -> str:
    """Return a text with one word as a link."""
    begin, end = match.span()
    return f"{text[:begin]}[{match[0]}](glossary.ipynb#{name}){text[end:]}"


def _write(path: Path) -> None:
    notebook = json.loads(path.read_text(encoding="utf-8"))
    cells = [cell for cell in notebook["cells"] if cell["cell_type"] == "markdown"]
    for name, pattern in WORDS.items():
        if any(f"(glossary.ipynb#{name})" in text for text in texts(path)):
            continue
        for cell in cells:
            text = "".join(cell["source"])
            if match := first(text, pattern):
                linked = link(text, name, match)
                cell["source"] = linked.splitlines(keepends=True)
                break
    text = json.dumps(notebook, indent=1, ensure_ascii=False)
    path.write_text(f"{text}\n", encoding="utf-8")


if __name__ == "__main__":
    for lesson in LESSONS:
        _write(lesson)
