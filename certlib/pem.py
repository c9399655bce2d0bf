"""PEM: the blocks in a text file (RFC 7468), whatever they hold."""

from __future__ import annotations

import re
from collections.abc import Iterator

_BLOCK = re.compile(
    # A block ends before the next boundary, and no step is tried twice: a file
    # of a hundred thousand BEGIN lines is gone through once.
    rb"-----BEGIN (?P<label>[A-Z0-9 ]++)-----"
    rb"(?P<text>[^-]*+(?:-(?!----)[^-]*+)*+)"
    rb"-----END (?P=label)-----"
)


def is_pem(data: bytes) -> bool:
    """Tell whether bytes are to be read as PEM."""
    return b"-----BEGIN " in data


def blocks(data: bytes) -> Iterator[re.Match[bytes]]:
    """Yield the whole blocks, each with its ``label`` and its ``text``.

    What stands between them is passed over, and so is a block that does not
    end. It takes time in proportion to the size of the data.
    """
    return _BLOCK.finditer(data)
