"""The command that opens the auditor's page."""

from __future__ import annotations

import webbrowser
from pathlib import Path

import click
import platformdirs

from certlib import stores
from certlib.cli.common import A_FILE, PASSPHRASES, example, passphrases
from certlib.cli.console import err, out
from certlib.cli.trusted import trusting
from certlib.errors import part


@click.command(
    epilog=example(
        "certlib board\n"
        "certlib board C:\\certificates tls://todd.example.com:8165\n"
        "certlib board 'Cert:\\LocalMachine\\My' --no-browser"
    )
)
@click.argument("path", nargs=-1)
@click.option(
    "--port", type=click.IntRange(0, 65535), default=0, help="Not a free one."
)
@click.option("--browser/--no-browser", default=True, help="Open it, or print the URL.")
@trusting
@click.option(
    "--suppressions",
    type=A_FILE,
    default=Path("accepted.toml"),
    show_default=True,
    help="The TOML file of accepted findings; made when one is accepted.",
)
@click.option(
    "--history",
    type=A_FILE,
    help="Keep each audit in this SQLite file, and who owns what.",
)
@click.option(
    "--notes", "listed", type=A_FILE, help="A CSV file of owners, as of history."
)
@PASSPHRASES
def board(
    path: tuple[str, ...],
    port: int,
    browser: bool,
    root_files: tuple[Path, ...],
    list_files: tuple[Path, ...],
    online: bool,
    suppressions: Path,
    history: Path | None,
    listed: Path | None,
    passphrase_file: Path | None,
) -> None:
    """Open the auditor's page in the browser.

    PATH is what `certlib audit` takes; it is audited at once. The page listens on
    this computer only and wants the token in the address. Stop it with Ctrl+C.
    """
    with part("certlib board"):
        from certlib.reports.board.memory import Memory
        from certlib.reports.board.server import BoardServer
        from certlib.reports.board.session import Session
        from certlib.reports.board.views import Views
        from certlib.reports.board.wishes import Wish

    memory = Memory(history, listed)
    views = Views(Path(platformdirs.user_data_dir("certlib")) / "views.json")
    session = Session(
        *(stores.this_machine(), suppressions.absolute()), memory=memory, views=views
    )
    session.passphrases = tuple(passphrases(passphrase_file))
    roots, lists = (tuple(map(str, given)) for given in (root_files, list_files))
    session.wish = Wish(path, roots=roots, lists=lists, online=online)
    if path or roots or lists:
        session.check(session.wish)
    server = BoardServer(session, port)
    if path:
        session.start(session.wish)
    out.print(server.url)
    err.print("The board answers at this address until you stop it with Ctrl+C.")
    server.run(lambda: browser and webbrowser.open(server.url))
