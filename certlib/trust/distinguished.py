"""X.500 names in the form in which two of them can be compared.

RFC 5280 section 7.1: neither case nor the kind of string nor the number of
blanks tells two names apart.
"""

from __future__ import annotations

from functools import lru_cache

from asn1crypto import parser

Rdns = tuple[tuple[tuple[bytes, str | bytes], ...], ...]
"""A name from the least to the most specific part: object identifier and value."""

_STRINGS = {
    0x0C: "utf-8",
    0x13: "latin-1",
    0x14: "latin-1",
    0x16: "latin-1",
    0x1A: "latin-1",
    0x1C: "utf-32-be",
    0x1E: "utf-16-be",
}
"""The encoding of each kind of string by its tag."""

COMMON_NAME = bytes.fromhex("550403")
EMAIL_ADDRESS = bytes.fromhex("2a864886f70d010901")


def elements(sequence: bytes) -> list[bytes]:
    """Return the elements of a DER sequence or set, each with its header.

    Raises:
        ValueError: it is not DER.
    """
    rest = content(sequence)
    found = []
    while rest:
        size = parser.peek(rest)
        found.append(rest[:size])
        rest = rest[size:]
    return found


def content(element: bytes) -> bytes:
    """Return what stands in a DER element after its header.

    Raises:
        ValueError: it is not DER.
    """
    return bytes(parser.parse(element)[4])


@lru_cache(maxsize=8192)
def normalised(der: bytes) -> Rdns:
    """Return a name in the form for comparing; what is no text stays bytes.

    Raises:
        ValueError: it is not DER.
    """
    return tuple(map(_normalised, elements(der)))


@lru_cache(maxsize=8192)
def _normalised(rdn: bytes) -> tuple[tuple[bytes, str | bytes], ...]:
    """Return a part of a name; thousands of names end in the same ones."""
    return tuple(
        sorted((_attribute(one, fold=True) for one in elements(rdn)), key=repr)
    )


def values(der: bytes, oid: bytes) -> list[str]:
    """Return the texts of one type of attribute in a name, as they are written."""
    found = []
    for rdn in elements(der):
        for one in elements(rdn):
            kind, value = _attribute(one, fold=False)
            if kind == oid and isinstance(value, str):
                found.append(value)
    return found


def starts_with(name: Rdns, base: Rdns) -> bool:
    """Tell whether a name lies in the subtree of another one."""
    return name[: len(base)] == base


@lru_cache(maxsize=8192)
def described(der: bytes) -> str:
    """Return the most specific text of a name, to call it by in a sentence."""
    try:
        texts = [
            value
            for rdn in elements(der)
            for one in elements(rdn)
            if isinstance(value := _attribute(one, fold=False)[1], str)
        ]
    except ValueError:
        return "(unreadable name)"
    return texts[-1] if texts else "(empty name)"


def _attribute(der: bytes, *, fold: bool) -> tuple[bytes, str | bytes]:
    parts = elements(der)
    if len(parts) != 2:
        raise ValueError("an attribute of a name has no value, or two")
    kind, value = parts
    encoding = _STRINGS.get(value[0])
    oid = kind[2:]
    if encoding is None:
        return oid, value
    try:
        text = content(value).decode(encoding)
    except UnicodeDecodeError:
        return oid, value
    return oid, " ".join(text.split()).casefold() if fold else text
