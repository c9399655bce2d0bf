"""Details: all about one certificate of the board."""

from __future__ import annotations

from cryptography import x509

from certlib import inspecting, texts
from certlib.auditing import Audited, linting
from certlib.bundles import Bundle
from certlib.errors import InputError
from certlib.inspecting.views import View
from certlib.parsers import attempt
from certlib.reports.board.listing import Listing
from certlib.reports.board.session import Session


def page(listing: Listing, number: int, session: Session) -> str:
    """Return what is wrong with a certificate, and all that it says, as HTML."""
    one = listing.results[number]
    return texts.rendered(
        "board-detail.html.j2",
        one=one,
        number=number,
        name=listing.names[number],
        end=listing.end(number),
        days=listing.days_left(number),
        view=_view(one, session),
        owner=listing.owners[number],
        owned_as=_owned_as(one),
        kept=session.memory.history is not None,
    )


def deep_look(one: Audited) -> list[list[str]]:
    """Return what the linter pkilint says to a certificate, a row a remark.

    Raises:
        InputError: there is no certificate, or pkilint is not installed.
        EncodingError: it cannot read the certificate.
    """
    if not one.certificates:
        raise InputError("there is no certificate here", fix="choose another row")
    remarks = linting.lint(one.certificates[0])
    return [[r.severity, r.code, r.node, r.message] for r in remarks]


def _owned_as(one: Audited) -> list[tuple[str, str]]:
    """Return what a note can be for; a name or a place outlasts a renewal."""
    names = one.summary.server_names or ()
    return [
        *((name, f"all for {texts.shown(name)}") for name in names),
        *((place, f"what is at {texts.shown(place)}") for place in one.places),
        *[(one.summary.thumbprint, "this certificate alone")]
        * bool(one.summary.thumbprint),
    ]


def _view(one: Audited, session: Session) -> View | None:
    """Return what Windows' viewer would show; None for what it cannot open."""
    with attempt():
        leaf, *chain = map(x509.load_der_x509_certificate, one.certificates)
        return inspecting.view(
            Bundle(leaf, chain=tuple(chain)),
            at=session.context.at,
            trust=session.trust,
        )
    return None
