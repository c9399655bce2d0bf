r"""PEM: the blocks in a text (RFC 7468), whatever they hold and however it got here.

Mail quotes and wraps it, word processors turn hyphens into dashes, JSON writes
``\n`` for the ends of lines. All of that is taken off; what is torn is named.
"""

from __future__ import annotations

import base64
import binascii
import html
import re
from collections.abc import Iterator
from dataclasses import dataclass
from urllib.parse import unquote

from certlib.errors import EncodingError

_DASHES = "-\u00ad\u2010-\u2015\u2212\ufe58\ufe63\uff0d"
# Each boundary stands at the first of its hyphens, so a long row of them is
# passed over once, and a label has an end: the search takes linear time.
_BOUNDARY = re.compile(
    r"(?<!-)(-{2,9}) ?(BEGIN|END) {1,4}"
    r"([A-Z0-9#][A-Z0-9#/. ]{0,60}?) {0,4}(-{2,9})(?!-)"
)
_ODD_BOUNDARY = re.compile(
    rf"(?<![{_DASHES}])[{_DASHES}]{{1,9}}\s*(BEGIN|END)\s+"
    rf"([A-Z0-9#][A-Z0-9#/. ]{{0,60}}?)\s*[{_DASHES}]{{1,9}}"
)
_BROKEN_BOUNDARY = re.compile(r"(-----(?:BEGIN|END)[ \n][A-Z0-9 \n]{1,60}?-----)")
# Unseen characters, and blanks that are none of ASCII.
_UNSEEN = re.compile("[\u00ad\u200b-\u200f\u202a-\u202e\u2060-\u2069\ufeff]")
_BLANKS = re.compile("[\u00a0\u1680\u2000-\u200a\u202f\u205f\u3000]")
_TAGS = re.compile(r"</?[A-Za-z][^<>]{0,200}>")
_QUOTED = re.compile(r"^[ \t]*(?:[>|][ \t]*)+|^[ \t]+", re.MULTILINE)
_HEADER = re.compile(r"(?:[A-Za-z][A-Za-z0-9-]*:[^\n]*\n(?:[ \t][^\n]*\n)*)+\n?")


@dataclass(frozen=True)
class Block:
    """A whole block of a PEM text.

    Attributes:
        label: what stands after BEGIN.
        headers: lines before the base64; OpenSSL's encrypted keys have some.
        body: the base64, on one or more lines.
    """

    label: str
    headers: str
    body: str

    @property
    def whole(self) -> bytes:
        """The block as RFC 7468 writes it."""
        lines = re.findall(".{1,64}", "".join(self.body.split()))
        text = [f"-----BEGIN {self.label}-----", *lines, f"-----END {self.label}-----"]
        if self.headers:
            text.insert(1, f"{self.headers.strip()}\n")
        return "\n".join([*text, ""]).encode("ascii", "replace")


@dataclass(frozen=True)
class Torn:
    """A part of a block.

    Attributes:
        label: what stands after BEGIN or END.
        reason: what is wrong with it.
    """

    label: str
    reason: str


def is_pem(text: str) -> bool:
    """Tell whether a text has lines of PEM in it."""
    return _BOUNDARY.search(text) is not None


def cleaned(text: str) -> str:
    """Return a text without what mail, word processors and JSON do to PEM."""
    text = text.replace("\r\n", "\n").replace("\r", "\n")
    if "BEGIN" in text:
        text = unquote(text) if "BEGIN%20" in text else text
        text = (
            html.unescape(_TAGS.sub("\n", text)) if "<" in text or "&" in text else text
        )
    if not text.isascii():
        text = _BLANKS.sub(" ", _UNSEEN.sub("", text))
        text = _ODD_BOUNDARY.sub(_plain_boundary, text)
    if "BEGIN" not in text and "END" not in text:
        return text
    if "\\" in text:
        text = text.replace("\\r", "").replace("\\n", "\n").replace("\\/", "/")
    # A field of one line drops the ends of lines that are pasted into it.
    text = text.replace("----------BEGIN", "-----\n-----BEGIN")
    if "\n>" in text or "\n|" in text or "\n " in text or text[:1] in "> |\t":
        text = _QUOTED.sub("", text)
    return _BROKEN_BOUNDARY.sub(lambda m: m[0].replace("\n", " "), text)


def _plain_boundary(found: re.Match[str]) -> str:
    text = found[0]
    return text if text.isascii() else f"-----{found[1]} {found[2].strip()}-----"


def blocks(text: str) -> Iterator[Block | Torn]:
    """Yield the blocks of a cleaned text, and what is left of torn ones.

    What stands between them is passed over, and so are lines that only speak of
    PEM. It takes time in proportion to the size of the text.
    """
    opened: re.Match[str] | None = None
    for found in _BOUNDARY.finditer(text):
        if found[2] == "BEGIN":
            if opened is not None and _starts_line(text, opened):
                yield Torn(opened[3], "begins and does not end")
            opened = found
        elif opened is not None:
            yield from _between(text, opened, found)
            opened = None
        elif _starts_line(text, found):
            yield Torn(found[3], "ends and does not begin")
    if opened is not None and _starts_line(text, opened):
        yield Torn(opened[3], "begins and does not end")


def _starts_line(text: str, found: re.Match[str]) -> bool:
    return found.start() == 0 or text[found.start() - 1] in "\n\"'`"


def _between(
    text: str, begin: re.Match[str], end: re.Match[str]
) -> Iterator[Block | Torn]:
    label, inner = begin[3], text[begin.end() : end.start()]
    if "\n" not in inner and not _is_base64(inner):
        return  # a sentence about PEM
    if label != end[3]:
        yield Torn(label, f"ends as {end[3]}")
    elif any(len(dashes) != 5 for dashes in (begin[1], begin[4], end[1], end[4])):
        yield Torn(label, "has not five hyphens on each side of BEGIN and END")
    else:
        inner = inner.lstrip()
        header = _HEADER.match(inner)
        cut = header.end() if header is not None else 0
        yield Block(label, inner[:cut], inner[cut:])


def _is_base64(text: str) -> bool:
    return len(text) > 32 and re.fullmatch(r"[A-Za-z0-9+/=\s]+", text) is not None


def decoded(body: str) -> bytes:
    """Return what base64 stands for.

    Raises:
        EncodingError: the text is not base64.
    """
    text = "".join(body.split())
    if not text.isalnum():
        text = text.translate(_AROUND).replace("=3D", "=").rstrip("=")
    try:
        return base64.b64decode(text + "=" * (-len(text) % 4), validate=True)
    except (binascii.Error, ValueError):
        raise EncodingError(
            "the text is not base64, or something stands in between",
            fix="ask for the file again",
        ) from None


_AROUND = str.maketrans("", "", "\"'`,;\\")
"""What program texts and JSON put around lines."""


def bare(text: str) -> bytes | None:
    """Return what a text that is nothing but base64 stands for, otherwise None."""
    text = _QUOTED.sub("", text).strip().strip("\"'`")
    text = text.rpartition(";base64,")[2] if text.startswith("data:") else text
    text = text.replace("\\r", "").replace("\\n", "\n").strip()
    if len(text) < 64 or _BARE.fullmatch(text) is None:
        return None
    try:
        return decoded(text.translate(_OF_URLS))
    except EncodingError:
        return None


_BARE = re.compile(r"[A-Za-z0-9+/=_\s-]+")
_OF_URLS = str.maketrans("-_", "+/")
"""The alphabet of base64url, in which ACME and JSON carry DER (RFC 4648 section 5)."""
