"""Texts: as files hold them, as people paste them, as strangers write them."""

from __future__ import annotations

import codecs
import unicodedata
from collections.abc import Iterable
from functools import cache
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import jinja2

_MARKS = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF32_LE, "utf-32-le"),  # before UTF-16, whose mark it begins with
    (codecs.BOM_UTF32_BE, "utf-32-be"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)


def decoded(data: bytes) -> str:
    """Return the text that the bytes of a file are. Never raises.

    UTF-8, and UTF-16 as Notepad and `>` of Windows PowerShell 5 write it, with a
    byte order mark or without; what is none of these is taken for Windows-1252.
    """
    for mark, encoding in _MARKS:
        if data.startswith(mark):
            return data[len(mark) :].decode(encoding, "replace")
    if (wide := _without_mark(data)) is not None:
        return data.decode(wide, "replace")
    try:
        return data.decode()
    except UnicodeDecodeError:
        return data.decode("cp1252", _KEPT)


def _kept(error: UnicodeError) -> tuple[str, int]:
    """Keep a byte for which Windows-1252 has no character, as Windows does."""
    if not isinstance(error, UnicodeDecodeError):
        raise error
    return error.object[error.start : error.end].decode("latin-1"), error.end


_KEPT = "certlib.kept"

codecs.register_error(_KEPT, _kept)


def _without_mark(data: bytes) -> str | None:
    """Tell UTF-16 by its zeros: the upper halves of most letters, and no others."""
    sample = data[:4096]
    first, second = sample[::2].count(0), sample[1::2].count(0)
    if second > len(sample) // 6 and first * 8 < second:
        return "utf-16-le"
    if first > len(sample) // 6 and second * 8 < first:
        return "utf-16-be"
    return None


# They join letters in names of some languages (RFC 5892 appendix A.1).
_JOINERS = "\u200c\u200d"
# Letters and marks by their category, with nothing to see.
_BLANKS = frozenset("\u034f\u115f\u1160\u17b4\u17b5\u2800\u3164\uffa0")
_QUOTES = ('""', "''", "``", "“”", "„“", "‘’", "‚‘", "«»", "<>")


def pasted(text: str) -> str:
    r"""Return what somebody meant who pasted a text.

    Without invisible marks (Windows' dialogs put U+200E and U+202A in front),
    blanks around it, and the quotes of Explorer's "Copy as path".
    """
    seen = "".join(
        " " if _is_blank(c) else c for c in text if c in _JOINERS or not _hidden(c)
    )
    while (bare := _unquoted(seen.strip())) != seen:
        seen = bare
    return seen


def _is_blank(c: str) -> bool:
    return unicodedata.category(c) == "Zs"


def _hidden(c: str) -> bool:
    return not c.isascii() and (
        unicodedata.category(c) == "Cf" or c in _BLANKS or _selects(c)
    )


def _selects(c: str) -> bool:
    return "\ufe00" <= c <= "\ufe0f" or "\U000e0100" <= c <= "\U000e01ef"


def _unquoted(text: str) -> str:
    return text[1:-1] if len(text) > 1 and text[0] + text[-1] in _QUOTES else text


def shown(text: str) -> str:
    r"""Return a stranger's text on one line, harmless wherever it is shown.

    What moves a cursor, turns the direction of writing, ends a line or cannot be
    seen is written out: ``\x1b``, ``\u202e``, ``\n``. So is a byte of a file's
    name that is no character: ``\xfc``.
    """
    if text.isascii() and text.isprintable():
        return text
    return "".join(c if c.isprintable() and not _hidden(c) else _code(c) for c in text)


def _code(c: str) -> str:
    if "\udc80" <= c <= "\udcff":  # as Python carries such a byte (PEP 383)
        return f"\\x{ord(c) - 0xDC00:02x}"
    return c.encode("unicode_escape").decode()


_FEW_WORDS = 24
_ONE_NAME = 40


def stays_whole(text: str) -> bool:
    """Tell whether a text stays on one line in the cell of a table.

    A few words, a host or a thumbprint do; prose and paths break, a short path like
    a long one, so that a page does not depend on where a file lies.
    """
    path = "/" in text or ":\\" in text or text.startswith("\\\\")
    return not path and len(text) <= (_FEW_WORDS if " " in text else _ONE_NAME)


def shown_lines(text: str) -> str:
    """Return a text of ours, in which the ends of lines are meant, as `shown`."""
    return "\n".join(map(shown, text.split("\n")))


_PLAIN = str.maketrans(
    {
        **dict.fromkeys("✓✔", "+"),
        **dict.fromkeys("✗✘×", "x"),
        **dict.fromkeys("‐‑‒–—―−", "-"),
        **dict.fromkeys("•·", "*"),
        **dict.fromkeys("‘’‚‛", "'"),
        **dict.fromkeys("“”„«»", '"'),
        "…": "...",
        "→": "->",
        "←": "<-",
        "≥": ">=",
        "≤": "<=",
        "\xa0": " ",
    }
)


def plain(error: UnicodeError) -> tuple[str, int]:
    """Write in plain characters what a screen's code page does not have.

    A handler of errors for `codecs.register_error`.
    """
    if not isinstance(error, UnicodeEncodeError):
        raise error
    missing = error.object[error.start : error.end].translate(_PLAIN)
    return missing.encode("ascii", "backslashreplace").decode(), error.end


PLAIN = "certlib.plain"
"""The name of `plain` among the handlers of errors."""

codecs.register_error(PLAIN, plain)


def rendered(template: str, **values: Any) -> str:
    """Return a page of HTML from `certlib/templates`, with values, all harmless.

    A text is shown as `shown` does and escaped, unless the template calls it
    ``safe``.
    """
    return _templates().get_template(template).render(**values)


@cache
def _templates() -> jinja2.Environment:
    import jinja2  # only who makes a page needs it

    made = jinja2.Environment(
        loader=jinja2.PackageLoader("certlib", "templates"),
        autoescape=True,
        trim_blocks=True,
        lstrip_blocks=True,
        finalize=_harmless,
    )
    made.filters["in_lines"] = _in_lines
    return made


def _in_lines(parts: Iterable[str]) -> object:
    """Return texts as the lines of a field in which somebody writes them."""
    from markupsafe import Markup

    return Markup("\n").join(map(shown, parts))  # escapes what it joins


def _harmless(value: object) -> object:
    # A path or a note is written as its text, too; what has __html__ is markup.
    return value if hasattr(value, "__html__") else shown(str(value))
