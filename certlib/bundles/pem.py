"""PEM: the blocks in a text file (RFC 7468), whatever they hold."""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import pairwise
from typing import NamedTuple

_BOUNDARY = re.compile(rb"-----(BEGIN|END) ([A-Z0-9 ]+)-----")


class Block(NamedTuple):
    """A whole block of a PEM file."""

    label: bytes
    text: bytes
    """What stands between the boundaries."""
    whole: bytes
    """The block with its boundaries."""


def is_pem(data: bytes) -> bool:
    """Tell whether bytes are to be read as PEM."""
    return b"-----BEGIN " in data


def blocks(data: bytes) -> Iterator[Block]:
    """Yield the whole blocks.

    What stands between them is passed over, and so is a block that does not
    end. It takes time in proportion to the size of the data.
    """
    # A plain scan: early releases of Python 3.11 misread possessive quantifiers.
    for begin, end in pairwise(_BOUNDARY.finditer(data)):
        text = data[begin.end() : end.start()]
        if (begin[1], end[1], begin[2]) == (
            b"BEGIN",
            b"END",
            end[2],
        ) and b"-----" not in text:
            yield Block(begin[2], text, data[begin.start() : end.end()])
