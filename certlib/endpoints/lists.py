"""Lists: servers that somebody wrote down, in a text, a CSV file or a workbook.

A port is never dropped: a line that may mean several things is refused. So is a
whole file in which keys may stand, before anything of it is looked up.
"""

from __future__ import annotations

import csv
import io
import re
import warnings
import zipfile
from collections.abc import Iterator, Sequence
from typing import NamedTuple

from certlib import texts
from certlib.endpoints.endpoint import DEFAULT_PORT, Endpoint, parse, split
from certlib.errors import CertlibError, EncodingError, InputError, part

MAX_LINES = 100_000
"""Lines of the longest list."""

MAX_UNPACKED = 64 * 1024 * 1024
"""Bytes of the largest workbook, unpacked."""

ENDINGS = frozenset([".csv", ".tsv", ".txt", ".xlsx"])
"""Endings of the files that are lists, unless they hold something else."""


class Line(NamedTuple):
    """A line of a list."""

    place: str
    """Which one: ``line 3``."""
    server: Endpoint | CertlibError
    """Whom it names, or why it names nobody."""


Row = tuple[str, list[str]]
_Meant = tuple[str, int, str, str]  # host, port, name to call by, before TLS

# As people call their columns, in small letters and without blanks and marks; the
# first that is there counts.
_HOST = (
    *(
        "host",
        "hostname",
        "fqdn",
        "dnsname",
        "dnshostname",
        "dns",
        "server",
        "endpoint",
    ),
    *("url", "uri", "computer", "computername", "machine", "target", "rechner"),
    *("rechnername", "hostnamen", "servername", "system", "name"),
)
_ADDRESS = (
    *("address", "ip", "ipaddress", "ipaddr", "ipv4", "ipv4address", "ipv6"),
    *("adresse", "ipadresse", "connectto"),
)
_NAME = (
    *("sni", "servernameindication", "virtualhost", "vhost", "certificatename"),
    *("servername", "dnsname"),
)
_PORT = (
    *("tlsport", "httpsport", "porthttps", "sslport", "port", "tcpport", "porttcp"),
    *("portnumber", "portno", "portnr", "portnummer"),
)


_SAYS_PORT = re.compile(r"(?<![^\W_])ports?(?![^\W_])", re.IGNORECASE)


class _Columns(NamedTuple):
    host: int | None
    address: int | None
    name: int | None
    port: int | None
    width: int
    labelled: bool
    """Whether the host stands in a column that may hold a name for people."""
    several_ports: bool
    """Whether it does not say in which column the port for TLS is."""


def is_list(data: bytes) -> bool:
    """Tell whether a file is to be read as a list, and holds nothing secret."""
    if _is_workbook(data):
        return True
    text = texts.decoded(data)
    return "\0" not in text and not _may_hold_a_key(text)


_SECRET = re.compile(
    r"----[ -]?BEGIN |PRIVATE KEY|PuTTY-User-Key|\"kty\"|<RSAKeyValue>"
    r"|(?<![A-Za-z0-9+/=._-])[A-Za-z0-9+/=_]{40,}"  # base64, or bytes as digits
)
_SHORT_SECRET = re.compile(r"(?=\S*[a-z])(?=\S*[A-Z])[A-Za-z0-9+/]{18,}={0,2}|\S+==?")


def _may_hold_a_key(text: str) -> bool:
    lines = [
        line.strip()
        for line in text.splitlines()
        if "://" not in line and not _SEPARATOR.match(line)
    ]
    return any(_SECRET.search(line) or _SHORT_SECRET.fullmatch(line) for line in lines)


def read(data: bytes, server_name: str = "") -> list[Line]:
    """Return what each line of a list says; those that say nothing are left out.

    Args:
        data: the file.
        server_name: by which servers are called whose line says no name (SNI).

    Raises:
        InputError: it is no list, or it is too long.
        EncodingError: it is a workbook that cannot be read.
    """
    tables = _sheets(data) if _is_workbook(data) else [_table(texts.decoded(data))]
    if any(_may_hold_a_key("\n".join(cells)) for rows in tables for _, cells in rows):
        raise InputError(
            "it may hold a key, so nothing of it was looked up",
            fix="name one server a line, as host:port",
        )
    lines = [line for rows in tables for line in _servers(rows, server_name)]
    if len(lines) > MAX_LINES:
        raise InputError(
            f"it has {len(lines):,} lines, {MAX_LINES:,} are read",
            fix="split it into several lists",
        )
    return lines


_SEPARATOR = re.compile(r'\s*"?sep=(.)"?\s*$', re.IGNORECASE)
"""What Excel writes, and reads, before the first line."""


def _table(text: str) -> list[Row]:
    rows: list[Row] = []
    separator = ""
    for number, line in enumerate(re.split(r"\r\n|\r|\n", text), start=1):
        line = re.sub(r'(^|[\s;,])#[^"]*$', r"\1", line)
        line = line if _SEPARATOR.match(line) else line.strip()
        if not line.strip(";,\t "):
            continue
        if not rows and (said := _SEPARATOR.match(line)):
            separator = said[1]
            continue
        between = separator or next((c for c in "\t;," if c in line), ",")
        cells = _cells(line, between)
        if not rows and _columns(cells) is not None and len(cells) > 1:
            separator = between  # what the head has, the others have
        rows.append((f"line {number}", cells))
    return rows


def _cells(line: str, separator: str) -> list[str]:
    # Line by line: a quote that is never closed shall not swallow the others.
    try:
        found = next(csv.reader([line], delimiter=separator, skipinitialspace=True))
    except csv.Error:  # longer than any cell may be
        found = [line]
    return [texts.pasted(cell) for cell in found]


def _is_workbook(data: bytes) -> bool:
    return data.startswith(b"PK\x03\x04")


def _sheets(data: bytes) -> list[list[Row]]:
    with part("a list in an Excel file"):
        import openpyxl

    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # of styles and extensions
            _check_unpacked(data)
            book = openpyxl.load_workbook(
                io.BytesIO(data), read_only=True, data_only=True
            )
            sheets = [list(_rows(sheet)) for sheet in book.worksheets]
    except CertlibError:
        raise
    except Exception:  # the library raises many kinds
        raise EncodingError(
            "it is no workbook that can be read", fix="save it as .xlsx or .csv again"
        ) from None
    first, *others = sheets or [[]]
    # Further sheets count if they have a head: most hold notes.
    return [first, *(rows for rows in others if rows and _columns(rows[0][1]))]


def _check_unpacked(data: bytes) -> None:
    with zipfile.ZipFile(io.BytesIO(data)) as packed:
        unpacked = sum(part.file_size for part in packed.infolist())
    if unpacked > MAX_UNPACKED:
        raise InputError(
            f"it has {unpacked:,} bytes unpacked, {MAX_UNPACKED:,} are read",
            fix="save the list of servers as a workbook of its own",
        )


def _rows(sheet: object) -> Iterator[Row]:
    title = texts.shown(sheet.title)  # type: ignore[attr-defined]
    rows = sheet.iter_rows(values_only=True)  # type: ignore[attr-defined]
    for number, row in enumerate(rows, start=1):
        cells = [texts.pasted(_cell(value)) for value in row]
        while cells and not cells[-1]:
            del cells[-1]
        if cells and not cells[0].startswith("#"):
            yield f"sheet {title!r} line {number}", cells


def _cell(value: object) -> str:
    if isinstance(value, float) and value.is_integer():
        value = int(value)
    return "" if value is None else str(value)


def _columns(cells: Sequence[str]) -> _Columns | None:
    """Return what the columns hold if this is their head, otherwise None."""
    head = [re.sub(r"[\W_]", "", cell).casefold() for cell in cells]

    def find(known: Sequence[str], *taken: int | None) -> int | None:
        places = (head.index(name) for name in known if name in head)
        return next((place for place in places if place not in taken), None)

    port, address, host = find(_PORT), find(_ADDRESS), find(_HOST)
    of_ports = [n for n, cell in enumerate(cells) if _SAYS_PORT.search(cell)]
    several = port is None and len(of_ports) > 1
    if port is None and of_ports:  # 'Dienst-Port', 'Port (TLS)'
        port = of_ports[0]
    name = find(_NAME, host)
    if host is None and address is None:
        rest = [n for n in range(len(head)) if n not in (port, name) and head[n]]
        if port is None or len(rest) != 1 or not head[rest[0]].isalpha():
            return None
        host = rest[0]  # whatever its name is
    labelled = host is not None and head[host] in ("name", "system", "servername")
    return _Columns(host, address, name, port, len(head), labelled, several)


def _servers(rows: list[Row], server_name: str) -> Iterator[Line]:
    columns = _columns(rows[0][1]) if rows else None
    for place, cells in rows if columns is None else rows[1:]:
        try:
            meant = _plain(cells) if columns is None else _headed(cells, columns)
            host, port, name, before = meant
            yield Line(place, Endpoint(host, port, name or server_name, before))
        except CertlibError as error:
            yield Line(place, error)


_NUMBERED = re.compile(r"(^|[:\s])\d+$")  # as a port or another server is


def _plain(cells: list[str]) -> _Meant:
    """Return whom a line without head means: the host, then perhaps the port."""
    first, *rest = cells
    while rest and not rest[-1]:
        rest.pop()
    host, port, before = split(first)
    if rest and (given := _port(rest[0])) is not None:
        port, rest = _one(port, given, first), rest[1:]
    if rest and (port is None or any(map(_NUMBERED.search, rest))):
        raise _unclear(f"what {_short(rest[0])} is", "host,port")
    return host, DEFAULT_PORT if port is None else port, "", before


def _headed(cells: list[str], of: _Columns) -> _Meant:
    def cell(column: int | None) -> str:
        return cells[column] if column is not None and column < len(cells) else ""

    if any(cells[of.width :]):
        raise _unclear(f"in which column {_short(cells[of.width])} stands")
    if of.several_ports:
        raise _unclear("which port is that of TLS", "a column 'TLS port'")
    where = cell(of.address) or cell(of.host)
    host, port, before = split(where)
    if cell(of.port):
        given = _port(cell(of.port))
        if given is None:
            raise _unclear(f"which port {_short(cell(of.port))} is", "one number")
        port = _one(port, given, where)
    elif of.port is None and of.host is not None and port is None:
        after = cell(of.host + 1)
        if of.host + 1 not in (of.address, of.name) and after.isdigit():
            raise _unclear(f"whether {_short(after)} is a port", "a column 'port'")
    name = cell(of.name)
    if not name and cell(of.address):
        name = _called(cell(of.host), labelled=of.labelled)
    return host, DEFAULT_PORT if port is None else port, name, before


def _called(host: str, *, labelled: bool) -> str:
    """Return the name to ask an address for, which stands beside it."""
    if not host:
        return ""
    try:
        return parse(host).host
    except CertlibError:
        if labelled:  # a name for people, as 'ERP Production'
            return ""
        raise


def _port(text: str) -> int | None:
    said = re.fullmatch(r"(?:tcp[ /:])?(\d{1,6})(?:/tcp)?", text, re.IGNORECASE)
    return int(said[1]) if said else None


def _one(port: int | None, given: int, host: str) -> int:
    if port not in (None, given):
        raise _unclear(f"whether {_short(host)} means port {port} or {given}")
    return given


def _short(text: str) -> str:
    """Return a cell for an error, not all of what may be a secret."""
    return repr(text if len(text) <= 40 else f"{text[:12]}…")


def _unclear(what: str, how: str = "host:port") -> InputError:
    return InputError(f"it is not clear {what}", fix=f"write {how}")
