"""Lenient: what can still be read of a certificate that a library refuses.

`cryptography` is strict and says no to the whole, or to all extensions, for
one fault. Here each part is read on its own, and what it refuses is read with
the more lenient `asn1crypto`. That is slow, so only odd certificates come here.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from typing import Any

from asn1crypto import core, parser
from asn1crypto import x509 as asn1_x509
from cryptography import x509

from certlib import keys, x500
from certlib.parsers import ASN1_ERRORS, plain_reason
from certlib.summaries import parts
from certlib.summaries.parts import Problem, Reader, Values


def read(
    der: bytes, load: Callable[[bytes], x509.Certificate], values: Values
) -> tuple[Problem, ...]:
    """Read what can be read and return what cannot.

    Args:
        der: a certificate that could not be read in one go.
        load: reads it with `cryptography`, or raises.
        values: the values of a `Summary`, which are filled in.
    """
    reader, quiet = Reader(), Reader()
    strict = loose = None
    with reader.part("Certificate"):
        strict = load(der)
    with quiet.part("Certificate"):
        loose = _parse(der)
    for part, by_the_book in parts.PARTS.items():
        before = len(reader.problems)
        if strict is not None:
            with reader.part(part):
                by_the_book.tell(by_the_book.take(strict), values)
        failed = strict is None or len(reader.problems) > before
        if failed and loose is not None:
            general = reader.problems[before:]
            with quiet.part(part):
                _LENIENT[part](loose, values, reader)
            if len(reader.problems) > before + len(general):
                del reader.problems[before : before + len(general)]  # told exactly
    return tuple(reader.problems)


def first_element(data: bytes) -> bytes:
    """Return the first DER value of several that stand one after the other.

    OpenSSL's TRUSTED CERTIFICATE has its own settings after the certificate.

    Raises:
        ValueError: there is no whole one.
    """
    return data[: parser.peek(data)]


def certificates_in(content: core.Sequence) -> list[bytes]:
    """Return the certificates of a PKCS #7 text in DER, readable or not.

    Raises:
        ValueError: it is damaged.
    """
    return [
        choice.chosen.dump()
        for choice in content["content"]["certificates"]
        if choice.name == "certificate"
    ]


def is_certificate(der: bytes) -> bool:
    """Tell whether DER has the form of a certificate, readable or not."""
    try:
        _parse(der)
    except ASN1_ERRORS:
        return False
    return True


def wrong_time_types(der: bytes) -> Iterator[str]:
    """Yield which ends of the validity are not encoded as RFC 5280 wants.

    Section 4.1.2.5: through the year 2049 as UTCTime.
    """
    try:
        validity = _parse(der)["tbs_certificate"]["validity"]
        for part in ("not_before", "not_after"):
            time = validity[part]
            if time.name == "general_time" and time.native.year < 2050:
                label = "Valid from" if part == "not_before" else "Valid to"
                yield f"{label} is a GeneralizedTime in {time.native.year}"
    except ASN1_ERRORS:
        return


def algorithms_without_null(der: bytes) -> Iterator[str]:
    """Yield that an RSA algorithm has no parameters, where NULL belongs.

    RFC 4055 section 1.2 for signatures, RFC 3279 section 2.3.1 for keys.
    """
    if RSA_WITHOUT_NULL.search(der) is not None:
        yield "the RSA algorithm of the key or the signature lacks its NULL"


RSA_WITHOUT_NULL = re.compile(
    rb"\x30\x0b\x06\x09\x2a\x86\x48\x86\xf7\x0d\x01\x01[\x01\x04\x05\x0b-\x0d]"
)
"""A sequence of one identifier, that of an RSA key or signature, and nothing else."""


def unusual_padding(der: bytes) -> Iterator[str]:
    """Yield that RSASSA-PSS is used in another way than browsers know.

    They want one digest for text and mask, and a salt as long as it is.
    """
    try:
        used = _parse(der)["signature_algorithm"]["parameters"]
        digest = used["hash_algorithm"]["algorithm"].native
        mask = used["mask_gen_algorithm"]["parameters"]["algorithm"].native
        salt = used["salt_length"].native
    except ASN1_ERRORS:
        return
    if digest != mask or _SALTS.get(digest) != salt:
        yield f"RSASSA-PSS with {digest}, a mask with {mask}, and {salt} bytes of salt"


_SALTS = {"sha256": 32, "sha384": 48, "sha512": 64}
"""Bytes of salt by the digest (TLS Baseline Requirements 7.1.3.2.1)."""


def unique_identifiers(der: bytes) -> Iterator[str]:
    """Yield which of the identifiers of RFC 5280 section 4.1.2.8 it has."""
    try:
        content = _parse(der)["tbs_certificate"]
        for part in ("issuer_unique_id", "subject_unique_id"):
            if content[part].native is not None:
                yield f"{part.partition('_')[0]}UniqueID"
    except ASN1_ERRORS:
        return


BEHIND_THE_KEY = re.compile(
    rb"(?:\x02\x03\x01\x00\x01|\x02\x01[\x03\x11]|\x03\x21\x00.{32}|\x03\x3a\x00.{57}"
    rb"|\x03\x42\x00.{65}|\x03\x62\x00.{97}|\x03\x81\x86\x00.{133})[\x81\x82]",
    re.DOTALL,
)
"""The end of a usual key, and the tag of a unique identifier."""


def _parse(der: bytes) -> asn1_x509.Certificate:
    certificate = asn1_x509.Certificate.load(der)
    content = certificate["tbs_certificate"]
    # It parses what is asked for only: a request must not pass for a certificate.
    content["validity"]["not_before"].native  # noqa: B018
    content["subject_public_key_info"]["algorithm"].native  # noqa: B018
    return certificate


def _loose_version(c: asn1_x509.Certificate, values: Values, reader: Reader) -> None:
    values["version"] = int(c["tbs_certificate"]["version"]) + 1


def _loose_serial_number(
    c: asn1_x509.Certificate, values: Values, reader: Reader
) -> None:
    values["serial_number"] = parts.serial_number(c.serial_number)


def _loose_signature(c: asn1_x509.Certificate, values: Values, reader: Reader) -> None:
    oid = x509.ObjectIdentifier(c["signature_algorithm"]["algorithm"].dotted)
    values["signature_algorithm"] = parts.signature_name(oid)


def _loose_issuer(c: asn1_x509.Certificate, values: Values, reader: Reader) -> None:
    values["issuer"] = _described(c.issuer)[0]


def _loose_subject(c: asn1_x509.Certificate, values: Values, reader: Reader) -> None:
    values["subject"], values["common_names"] = _described(c.subject)


def _described(name: asn1_x509.Name) -> tuple[str, tuple[str, ...]]:
    return x500.x500_of(
        [[(a["type"].dotted, str(a["value"].native)) for a in r] for r in name.chosen]
    )


def _loose_validity(c: asn1_x509.Certificate, values: Values, reader: Reader) -> None:
    validity = c["tbs_certificate"]["validity"]
    for part in ("not_before", "not_after"):
        with reader.part("Validity"):
            values[part] = _moment(validity[part])


def _moment(time: asn1_x509.Time) -> datetime:
    """Return a time in UTC, whatever its offset; one without counts as UTC.

    Raises:
        ValueError: it lies outside the years that can be counted with.
    """
    native = time.native
    if not isinstance(native, datetime):  # asn1crypto's own, for the year 0
        raise ValueError(  # noqa: TRY004 # it is what stands there
            f"the year {native.year:04} is none of any calendar in use"
        )
    if native.tzinfo is None:
        native = native.replace(tzinfo=UTC)
    try:
        return native.astimezone(UTC).replace(microsecond=0)
    except OverflowError:
        raise ValueError(f"the year {native.year} is too far away") from None


def _loose_key(c: asn1_x509.Certificate, values: Values, reader: Reader) -> None:
    info = c.public_key
    algorithm = _ALGORITHMS.get(info.algorithm, info.algorithm.upper())
    values["key"] = values["key_algorithm"] = algorithm
    if algorithm in {"RSA", "DSA", "ECC"}:
        values["key_bits"] = info.bit_size
        values["key"] = f"{algorithm} ({info.bit_size} Bits)"
    if algorithm == "ECC" and info.curve[0] == "named":
        values["curve"] = keys.windows_curve(info.curve[1])
    values["key_sha256"] = info.sha256.hex()


_ALGORITHMS = {"ec": "ECC", "rsassa_pss": "RSA", "ed25519": "Ed25519", "ed448": "Ed448"}


def _loose_extensions(c: asn1_x509.Certificate, values: Values, reader: Reader) -> None:
    present, unknown = [], []
    for extension in c["tbs_certificate"]["extensions"]:
        oid = extension["extn_id"].dotted
        critical = bool(extension["critical"].native)
        name, read = _EXTENSIONS.get(oid, (extension["extn_id"].native, None))
        present.append(name)
        if read is not None:
            with reader.part(f"Extension {name}"):
                read(values, extension["extn_value"], critical)
        elif critical and name == oid:
            unknown.append(oid)
    values["extensions"] = tuple(present)
    values["unknown_critical_extensions"] = tuple(unknown)


_LENIENT: dict[str, Callable[[asn1_x509.Certificate, Values, Reader], None]] = {
    "Version": _loose_version,
    "Serial number": _loose_serial_number,
    "Signature algorithm": _loose_signature,
    "Issuer": _loose_issuer,
    "Subject": _loose_subject,
    "Validity": _loose_validity,
    "Public key": _loose_key,
    "Extensions": _loose_extensions,
}
"""The same parts as in `parts.PARTS`."""


def _san(values: Values, octets: Any, critical: bool) -> None:
    """Read the names one by one: an odd one does not hide the others."""
    found: dict[str, list[str]] = {"dns": [], "ip": [], "other": []}
    odd: list[str] = []
    content = parser.parse(bytes(octets))[4]
    while content:
        element, content = _split(content)
        try:
            kind, text = _general_name(element)
            found[kind].append(text)
            if kind == "dns" and not text.isascii():
                odd.append(f"the DNS name {text!r} is not ASCII")
        except (ValueError, TypeError, KeyError) as error:
            odd.append(f"entry {element.hex()}: {plain_reason(error)}")
    values["dns_names"] = tuple(found["dns"])
    values["ip_addresses"] = tuple(found["ip"])
    values["other_names"], values["san_critical"] = tuple(found["other"]), critical
    if odd:
        raise ValueError("; ".join(odd))


def _split(content: bytes) -> tuple[bytes, bytes]:
    """Return the first DER value, and what follows it."""
    length = parser.peek(content)
    return content[:length], content[length:]


def _general_name(element: bytes) -> tuple[str, str]:
    """Return whether an entry is a DNS name, an address or another, and its text."""
    name = asn1_x509.GeneralName.load(element)
    match name.name:
        case "dns_name":
            return "dns", _text(name.chosen.contents).lower()
        case "ip_address":
            return "ip", str(name.native)
        case form:
            return "other", parts.worded(form, _other_name(name))


def _text(data: bytes) -> str:
    try:
        return data.decode()
    except UnicodeDecodeError:
        return data.decode("latin-1")


def _other_name(name: Any) -> str:
    match name.name:
        case "directory_name":
            return _described(name.chosen)[0]
        case "other_name":
            return str(name.chosen["type_id"].dotted)
        case "registered_id":
            return str(name.chosen.dotted)
        case "rfc822_name" | "uniform_resource_identifier":
            return _text(name.chosen.contents)
    return str(name.native)


def _key_usage(values: Values, octets: Any, critical: bool) -> None:
    bits = core.BitString.load(octets.parsed.dump()).native
    flags = tuple(n < len(bits) and bits[n] == 1 for n in range(len(parts.KEY_USAGES)))
    values["key_usage"], values["key_usage_critical"] = parts.usages(flags), critical


def _extended_key_usage(values: Values, octets: Any, critical: bool) -> None:
    values["extended_key_usage"] = tuple(purpose.dotted for purpose in octets.parsed)


def _basic_constraints(values: Values, octets: Any, critical: bool) -> None:
    constraints = octets.parsed
    values["is_ca"] = constraints["ca"].native
    values["path_length"] = constraints["path_len_constraint"].native
    values["basic_constraints_critical"] = critical


def _subject_key_identifier(values: Values, octets: Any, critical: bool) -> None:
    values["subject_key_identifier"] = octets.parsed.native.hex()


def _authority_key_identifier(values: Values, octets: Any, critical: bool) -> None:
    key = octets.parsed["key_identifier"].native or b""
    values["authority_key_identifier"] = key.hex()


def _policies(values: Values, octets: Any, critical: bool) -> None:
    parts.tell_policies(
        values, [one["policy_identifier"].dotted for one in octets.parsed]
    )


def _points(values: Values, octets: Any, critical: bool) -> None:
    places = (point["distribution_point"] for point in octets.parsed)
    names = (n for place in places if place.name == "full_name" for n in place.chosen)
    values["addresses"] += tuple(f"CRL={_other_name(name)}" for name in names)


def _access(values: Values, octets: Any, critical: bool) -> None:
    said = [(one["access_method"].dotted, one) for one in octets.parsed]
    values["addresses"] += tuple(
        f"{parts.LIES_THERE[method]}={_other_name(one['access_location'])}"
        for method, one in said
        if method in parts.LIES_THERE
    )


_EXTENSIONS: dict[str, tuple[str, Callable[[Values, Any, bool], None] | None]] = {
    "2.5.29.14": ("subjectKeyIdentifier", _subject_key_identifier),
    "2.5.29.15": ("keyUsage", _key_usage),
    "2.5.29.17": ("subjectAltName", _san),
    "2.5.29.19": ("basicConstraints", _basic_constraints),
    "2.5.29.31": ("cRLDistributionPoints", _points),
    "2.5.29.32": ("certificatePolicies", _policies),
    "2.5.29.35": ("authorityKeyIdentifier", _authority_key_identifier),
    "2.5.29.37": ("extKeyUsage", _extended_key_usage),
    "1.3.6.1.5.5.7.1.24": ("tlsfeature", None),
    "1.3.6.1.4.1.11129.2.4.2": ("signedCertificateTimestamps", None),
    "1.3.6.1.4.1.11129.2.4.3": ("precertPoison", None),
    "1.3.6.1.5.5.7.1.1": ("authorityInfoAccess", _access),
}
