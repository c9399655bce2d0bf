"""Inspecting: does the certificate name the server?

`inspect` returns what a file says as plain values, `view` what Windows'
certificate viewer shows of it, and `check_names` judges it for a server: the
documents want the server's DNS name in the SubjectAlternativeName (SAN) and
in the common name (CN).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

from cryptography import x509

from certlib import bundles, clock, summaries
from certlib.bundles import Bundle, formats
from certlib.bundles.content import Content
from certlib.errors import CertlibError, InputError
from certlib.inspecting import details, odd
from certlib.inspecting.details import Detail
from certlib.inspecting.odd import Odd
from certlib.keys import PrivateKey
from certlib.summaries import Kind, Role, Summary

if TYPE_CHECKING:
    from certlib.inspecting.views import View
    from certlib.rules import Finding
    from certlib.trust.roots import Trust

Inspected = Bundle | x509.CertificateSigningRequest | PrivateKey | Odd
"""What can be inspected: certificates, a signing request, or a private key."""


@dataclass(frozen=True)
class Opened:
    """A file that was opened.

    Attributes:
        thing: what it holds.
        told: what else is in it and cannot be read, and why.
    """

    thing: Inspected
    told: tuple[CertlibError, ...] = ()


NAME_RULES = (
    "cannot-be-read",
    "san-missing",
    "san-without-server-name",
    "common-name-without-server-name",
)
"""The rules on the server's name, by id."""


def read(
    source: Path | bytes,
    *,
    passphrase: str | None = None,
    key: Path | bytes | None = None,
    thumbprint: str = "",
    origin: str = "the data",
) -> Inspected:
    """Return what a file or its bytes hold, see `open_file`."""
    return open_file(
        source, passphrase=passphrase, key=key, thumbprint=thumbprint, origin=origin
    ).thing


def open_file(
    source: Path | bytes,
    *,
    passphrase: str | None = None,
    key: Path | bytes | None = None,
    thumbprint: str = "",
    origin: str = "the data",
) -> Opened:
    """Return what a file or its bytes hold, however odd or torn it is.

    Args:
        source: certificates, a signing request or a private key, in any format.
        passphrase: for a PFX or an encrypted private key.
        key: a file with the private key, if that lies apart.
        thumbprint: of the certificate that is meant, where there are several.
        origin: what to call bytes in an error.

    Raises:
        InputError: a file cannot be read, key and certificate differ, or it is
            not clear which certificate is meant.
        PassphraseError: the passphrase is missing or wrong.
        EncodingError: the content is none of these, or damaged.
    """
    if isinstance(source, Path):
        origin = source.name
    content = formats.read_files(
        source, key, passphrase=passphrase, origin=origin, whole=False
    )
    odd = _odd(content, thumbprint)
    others = (
        why for der, why in content.odd_certificates if odd is None or der != odd.der
    )
    told = (*content.refused, *content.remarked, *others)
    return Opened(odd or _loaded(content, thumbprint, origin), told)


def _odd(content: Content, thumbprint: str) -> Odd | None:
    """Return the certificate that is meant if it is one that the library refuses."""
    found = [Odd(der, why) for der, why in content.odd_certificates]
    if thumbprint:
        wanted = bundles.parse_thumbprint(thumbprint)
        return next((o for o in found if o.summary.thumbprint == wanted), None)
    if not content.certificates:
        return found[0] if found else None
    # An authority's is only in the chain; the server's is what the file is about.
    return next((odd for odd in found if odd.summary.role is Role.SERVER), None)


def _loaded(content: Content, thumbprint: str, origin: str) -> Inspected:
    if not content.certificates:
        if content.requests:
            return content.requests[0]
        if content.private_keys:
            return content.private_keys[0]
    if len(content.certificates) == 1 and not content.private_keys:
        return Bundle(content.certificates[0])
    return bundles.of_content(
        content, thumbprint=thumbprint, origin=origin, whole=False
    )


def inspect(
    source: Path | bytes, *, passphrase: str | None = None, origin: str = "the data"
) -> Summary:
    """Return what a file or its bytes say, as plain values.

    Of several certificates it is the leaf, with `Summary.private_key` telling
    whether its key is in the file. See `read` for what is taken and raised.
    """
    return summarize(read(source, passphrase=passphrase, origin=origin))


def summarize(thing: Inspected) -> Summary:
    """Return the summary of something that was read."""
    match thing:
        case Bundle():
            there = thing.private_key is not None
            return summaries.of_certificate(thing.leaf, private_key=there)
        case x509.CertificateSigningRequest():
            return summaries.of_request(thing)
        case Odd():
            return thing.summary
        case _:
            return summaries.of_private_key(thing)


def check_names(
    summary: Summary, server_name: str, *, at: datetime
) -> tuple[Finding, ...]:
    """Return which requirements on the server's name are broken, worst first.

    Args:
        summary: of a certificate or a signing request.
        server_name: canonical, see `names.server_name`; when it is empty, CN
            and SAN are only compared with each other.
        at: the moment to judge, with a time zone.

    Raises:
        InputError: it is a private key, which names nobody; or `at` has no
            time zone.
    """
    if summary.kind is Kind.PRIVATE_KEY:
        raise InputError(
            "a private key names no server",
            fix="give the certificate or the signing request that was made with it",
        )
    from certlib import rules  # loaded only where something is judged

    context = rules.Context(at=clock.moment(at), server_name=server_name)
    wanted = [rules.RULES[rule] for rule in NAME_RULES]
    return rules.judge(summary, context, rules=wanted)


def judged(
    thing: Inspected, server_name: str, *, at: datetime, trust: Trust
) -> Summary:
    """Return what something says, and for a certificate who trusts it.

    Args:
        thing: what was read.
        server_name: canonical, see `names.server_name`: the server that it is
            wanted for; or empty.
        at: the moment to judge, with a time zone.
        trust: the trusted roots and known issuers.

    Raises:
        InputError: `at` has no time zone.
    """
    if not isinstance(thing, Bundle):
        return summarize(thing)
    from certlib.trust import places  # loaded only where something is judged

    return places.in_file(
        thing.leaf,
        (*thing.chain, *thing.beside),
        trust,
        private_key=thing.private_key is not None,
        server_name=server_name,
    ).judged(clock.moment(at))


def check(
    summary: Summary, server_name: str, *, at: datetime, practice: bool = False
) -> tuple[Finding, ...]:
    """Return which requirements a file's certificate breaks, worst first.

    All of them but those on its place: a ``.cer`` is right without its private
    key, and a self-signed certificate for a test.

    Args:
        summary: of a certificate or a signing request.
        server_name: canonical, see `names.server_name`, or empty.
        at: the moment to judge, with a time zone.
        practice: practice keys are allowed.

    Raises:
        InputError: `at` has no time zone.
    """
    from certlib import products, rules

    context = rules.Context(
        at=clock.moment(at),
        server_name=server_name,
        environment=products.Environment.TEST,
        practice=practice,
    )
    found = rules.judge(summary, context)
    return tuple(f for f in found if f.rule != "private-key-missing")


def fields(thing: Inspected) -> tuple[Detail, ...]:
    """Return what the tab Details of the certificate viewer shows; nothing is judged.

    Args:
        thing: what was read.
    """
    summary = summarize(thing)
    match thing:
        case Bundle():
            return details.of_certificate(thing.leaf, summary, thing.friendly_name)
        case x509.CertificateSigningRequest():
            return details.of_request(thing, summary)
        case Odd():
            return odd.fields(thing)
        case _:
            return details.of_private_key(thing, summary)


def view(
    thing: Inspected | x509.Certificate,
    *,
    at: datetime,
    trust: Trust | None = None,
    statuses: Sequence[str] | None = None,
) -> View:
    """Return what the certificate viewer shows.

    Args:
        thing: a certificate, a bundle, a signing request or a private key.
        at: the moment for 'expired', with a time zone.
        trust: the trusted roots and known issuers; none when left out.
        statuses: the verdicts of another judge, see `views.of_bundle`.

    Raises:
        InputError: `at` has no time zone, or the number of statuses differs.
    """
    from certlib.inspecting import views  # they know who trusts it

    at = clock.moment(at)
    match thing:
        case x509.Certificate():
            return views.of_bundle(Bundle(thing), at=at, trust=trust, statuses=statuses)
        case Bundle():
            return views.of_bundle(thing, at=at, trust=trust, statuses=statuses)
        case x509.CertificateSigningRequest():
            return views.of_request(thing)
        case Odd():
            return views.of_odd(thing)
        case _:
            return views.of_private_key(thing)
