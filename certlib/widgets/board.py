"""Board: the auditor's page, shown in a notebook."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import anywidget
import traitlets

from certlib.auditing import Audited
from certlib.reports.board.server import BoardServer
from certlib.reports.board.session import Session
from certlib.reports.board.wishes import Wish
from certlib.stores import Machine
from certlib.widgets import look
from certlib.widgets.panels import Panel


class Board(Panel):
    """The page that `certlib board` opens, as a part of a notebook.

    What is ticked there comes back with `frame`.

    Attributes:
        session: what the page works on.
    """

    def __init__(self, machine: Machine, accepted: Path) -> None:
        """Serve the page on this computer, as long as the kernel lives.

        Args:
            machine: whose stores can be chosen.
            accepted: the TOML file of accepted findings; made when one is.
        """
        self.session = Session(machine, accepted.absolute())
        server = BoardServer(self.session)
        server.start()
        super().__init__("Audit", [_Page(url=server.url)])
        self.layout.max_width = "100%"

    def audit(self, *paths: str | Path, **wish: Any) -> tuple[Audited, ...]:
        """Audit files, folders, stores or servers, and show them on the page.

        Args:
            paths: what `auditing.source` takes.
            wish: of `Wish`.

        Raises:
            CertlibError: nothing was named, or something cannot be opened.
        """
        return self.session.audit(Wish(tuple(map(str, paths)), **wish))

    def frame(self) -> Any:
        """Return a pandas table of what is ticked, or of all, a row a finding."""
        return self.session.frame()

    def picture(self) -> str:
        """Return what can be chosen, as a picture."""
        rows = [(label, "") for label in ("Files", "Servers", "Store", "Product")]
        return look.picture(self.heading, rows, button="Audit")


class _Page(anywidget.AnyWidget):
    """The page in a frame.

    Attributes:
        url: its address, with the token.
    """

    _esm = Path(__file__).parent / "static" / "board.js"
    url = traitlets.Unicode().tag(sync=True)
