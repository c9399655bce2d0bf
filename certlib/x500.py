"""X.500 names: subjects and issuers as Windows writes them."""

from __future__ import annotations

import re

from cryptography import x509

# .NET's X500DistinguishedName writes these; every other type as its OID.
_X500_TYPES = {
    "2.5.4.3": "CN",
    "2.5.4.4": "SN",
    "2.5.4.5": "SERIALNUMBER",
    "2.5.4.6": "C",
    "2.5.4.7": "L",
    "2.5.4.8": "S",
    "2.5.4.9": "STREET",
    "2.5.4.10": "O",
    "2.5.4.11": "OU",
    "2.5.4.12": "T",
    "2.5.4.42": "G",
    "2.5.4.43": "I",
    "0.9.2342.19200300.100.1.25": "DC",
    "1.2.840.113549.1.9.1": "E",
}


_TYPE_NAMES = {x509.ObjectIdentifier(oid): name for oid, name in _X500_TYPES.items()}


_X500_SPECIAL = re.compile(r'[,+="<>#;\n]|\A\s|\s\Z')


def x500(name: x509.Name) -> str:
    """Return an X.500 name as .NET and the Designer write it.

    Most specific part first: ``CN=Theobald CA, DC=theobald, DC=local``.
    """
    return described(name)[0]


def described(name: x509.Name) -> tuple[str, tuple[str, ...]]:
    """Return an X.500 name as `x500` writes it, and the common names in it.

    In one pass, as a large audit spends much of its time here.
    """
    text = ""
    common_names: tuple[str, ...] = ()
    for rdn in name.rdns:
        part = ""
        for attribute in rdn:
            value, type_ = attribute.value, _TYPE_NAMES.get(attribute.oid)
            if type_ is None:
                type_ = f"OID.{attribute.oid.dotted_string}"
            if not isinstance(value, str):
                value = value.hex()
            if type_ == "CN":
                common_names += (value,)
            # Nearly all values are letters and digits, which is told quickly.
            if not value.isalnum() and _X500_SPECIAL.search(value) is not None:
                value = _quoted(value)
            part = f"{part} + {type_}={value}" if part else f"{type_}={value}"
        text = f"{part}, {text}" if text else part
    return text, common_names


def x500_of(rdns: list[list[tuple[str, str]]]) -> tuple[str, tuple[str, ...]]:
    """Return the same as `described` for object identifiers and texts.

    Args:
        rdns: from the least to the most specific, as in the certificate.
    """
    parts = [
        " + ".join(
            f"{_X500_TYPES.get(oid, f'OID.{oid}')}={_quoted(value)}"
            for oid, value in rdn
        )
        for rdn in reversed(rdns)
    ]
    common_names = [v for rdn in rdns for oid, v in rdn if oid == "2.5.4.3"]
    return ", ".join(parts), tuple(common_names)


def x500_lines(name: x509.Name) -> str:
    """Return an X.500 name as the certificate viewer's value box shows it.

    One part a line, most specific first: ``CN = server.example.com``.
    """
    return "\n".join(
        f"{type_} = {value}"
        for rdn in reversed(name.rdns)
        for type_, value in _typed(rdn)
    )


def x500_values(name: x509.Name) -> str:
    """Return an X.500 name as the certificate viewer's list shows it.

    The values alone, most specific first: ``Theobald CA, theobald, local``.
    """
    return ", ".join(value for rdn in reversed(name.rdns) for _, value in _typed(rdn))


def _typed(rdn: x509.RelativeDistinguishedName) -> list[tuple[str, str]]:
    return [
        (
            _X500_TYPES.get(
                attribute.oid.dotted_string, f"OID.{attribute.oid.dotted_string}"
            ),
            attribute.value
            if isinstance(attribute.value, str)
            else attribute.value.hex(),
        )
        for attribute in rdn
    ]


def _quoted(value: str) -> str:
    if not _X500_SPECIAL.search(value):
        return value
    return '"' + value.replace('"', '""') + '"'
