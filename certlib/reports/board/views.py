"""Views: what somebody wants to see again, by name, kept from one day to the next."""

from __future__ import annotations

import json
from pathlib import Path

from certlib import files
from certlib.errors import CertlibError, InputError
from certlib.parsers import JSON_ERRORS

MAX_VIEWS = 100
MAX_TEXT = 2_000


class Views:
    """Named views, each the part of an address that opens it.

    The port of the page is another one each day, so a browser would forget them.
    """

    def __init__(self, path: Path | None = None) -> None:
        """Read what was kept; a damaged file counts as none.

        Args:
            path: the JSON file, made when one is kept; None for this session only.
        """
        self.path, self.named = path, _kept(path)

    def keep(self, name: str, view: str) -> None:
        """Keep a view by its name, over one of that name; an empty one goes.

        Raises:
            InputError: it is too long, there are too many, or it cannot be written.
        """
        if self.path is None:
            self.named = self._with(name, view)
            return
        # Another board may keep its own in the same file.
        with files.locked(files.folder(self.path.parent)):
            self.named = _kept(self.path) or self.named
            named = self._with(name, view)
            files.write(self.path, json.dumps(named).encode(), replace=True)
        self.named = named

    def _with(self, name: str, view: str) -> dict[str, str]:
        named = {**self.named, name.strip(): view}
        named = {name: view for name, view in named.items() if name and view}
        if len(named) > MAX_VIEWS or len(name) + len(view) > MAX_TEXT:
            raise InputError(
                f"{MAX_VIEWS} views of {MAX_TEXT:,} characters are the limit",
                fix="take another one's name",
            )
        return named


def _kept(path: Path | None) -> dict[str, str]:
    try:
        kept = json.loads(files.read(path)) if path and path.is_file() else {}
        return {str(name): str(view) for name, view in kept.items()}
    except (*JSON_ERRORS, CertlibError):
        return {}
