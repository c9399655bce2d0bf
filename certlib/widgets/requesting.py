"""Requesting, as forms: make a request, see what waits, join an answer."""

from __future__ import annotations

import base64
from collections.abc import Callable, Sequence
from datetime import datetime
from pathlib import Path
from typing import Any

import ipywidgets as widgets
from cryptography.hazmat.primitives.serialization import Encoding

from certlib import clock, requesting
from certlib.bundles import Bundle, assemble
from certlib.errors import CertlibError, InputError, PassphraseError
from certlib.issuers import public_names, training
from certlib.keys import PrivateKey
from certlib.requesting.signing_requests import SigningRequest
from certlib.specs import CertificateSpec
from certlib.widgets import documents, fields, leads, look
from certlib.widgets.forms import Field, Form, Values
from certlib.widgets.panels import Panel, Pictured


def request_form(
    folder: Path,
    *,
    at: datetime | None = None,
    private_key: PrivateKey | None = None,
    leads: Callable[[SigningRequest], Sequence[widgets.Widget]] = lambda request: (),
) -> Form:
    """Return the form that makes a signing request and keeps its key.

    Its result is the `SigningRequest`.

    Args:
        folder: for the requests.
        at: the moment; now when left out.
        private_key: for exercises; a fresh one when left out.
        leads: what leads on from a request.
    """

    def prepare(values: Values) -> SigningRequest:
        if not values["passphrase"]:
            raise PassphraseError(
                "the private key needs a passphrase: it may lie here for days",
                fix="type one into the field Passphrase",
            )
        return requesting.prepare(
            fields.spec(values),
            folder,
            at=at or clock.now(),
            passphrase=values["passphrase"],
            private_key=private_key,
            again=values["again"],
        )

    return Form(
        "Make a signing request",
        _request_fields(private_key),
        "Make it",
        prepare,
        _show_request,
        warning=fields.practice_warning(private_key),
        practice=at,
        leads=leads,
    )


def _request_fields(private_key: PrivateKey | None) -> list[Field]:
    return [
        *fields.spec_fields(private_key),
        Field(
            "passphrase",
            "Passphrase",
            widgets.Password(),
            fields.passphrase_meaning,
            hint="Protects the private key while the request is away.",
        ),
        Field(
            "again",
            "Make another one for this server",
            widgets.Checkbox(False, indent=False),
        ),
    ]


class AnswerForm(Form):
    """Joins an answer with its key, as a PFX file beside the request.

    The request is found by its key. The result is the `Bundle`.

    Attributes:
        file: the PFX file that was written, or None.
    """

    def __init__(self, folder: Path, *, at: datetime | None = None) -> None:
        """Make the form.

        Args:
            folder: of the requests.
            at: the moment; now when left out.
        """
        self.file: Path | None = None
        self._folder, self._at = folder, at
        super().__init__(
            "Join an answer with its key",
            _answer_fields(),
            "Join",
            self._join,
            self._show_bundle,
            practice=at,
            leads=self._lead,
        )

    def _lead(self, bundle: Bundle) -> list[widgets.Widget]:
        return leads.onward(bundle, self.file) if self.file else []

    def _join(self, values: Values) -> Bundle:
        self.file = None
        found = documents.given(self.fields, values, "answer")
        answers = [one.data for one in found]
        if not values["pfx_passphrase"]:
            raise PassphraseError(
                "the PFX file needs a passphrase: it holds the private key",
                fix="type one into the field Passphrase of the PFX",
            )
        request = requesting.for_answer(self._folder, *answers)
        bundle = requesting.join(
            request,
            *answers,
            at=self._at or clock.now(),
            passphrase=values["key_passphrase"] or None,
        )
        path = request.folder / f"{request.name}.pfx"
        passphrase, replace = values["pfx_passphrase"], values["replace"]
        bundle.write(path, passphrase=passphrase, replace=replace)
        self.file = path
        return bundle

    def _show_bundle(self, bundle: Bundle) -> str:
        rows = [
            ("Subject", bundle.subject),
            ("Thumbprint", bundle.thumbprint),
            ("Valid until", clock.minute(bundle.leaf.not_valid_after_utc)),
            ("Certificates in chain", str(len(bundle.chain))),
            ("File", str(self.file)),
        ]
        return look.box("Certificate and key are joined.", look.table(rows), "good")


def _answer_fields() -> list[Field]:
    return [
        *documents.inputs(
            "Answer",
            "answer",
            widgets.Text("", placeholder="answer.p7b, or answer.cer; chain.p7b"),
            hint="The files that came back, with a semicolon between them.",
        ),
        Field("key_passphrase", "Passphrase of the key", widgets.Password()),
        Field(
            "pfx_passphrase",
            "Passphrase of the PFX",
            widgets.Password(),
            fields.pfx_passphrase_meaning,
        ),
        Field("replace", "Replace the PFX file", widgets.Checkbox(False, indent=False)),
    ]


class PendingPanel(Panel):
    """The requests in a folder that wait for their answer.

    One whose order the issuer has closed can be withdrawn there, so that it can
    be submitted again.
    """

    def __init__(self, folder: Path, *, practice: datetime | None = None) -> None:
        """Make the list as it is now."""
        self._folder, self._list = folder, widgets.HTML()
        self._submitted = widgets.Dropdown(
            description="Submitted", layout={"width": "24em"}
        )
        button = widgets.Button(
            description="Withdraw", tooltip="The issuer is not told"
        )
        button.on_click(lambda _: self._clicked())
        self._said = widgets.HTML()
        self._withdrawal = widgets.HBox(
            [self._submitted, button, self._said], layout=look.WRAPPED
        )
        parts = [self._list, self._withdrawal]
        super().__init__("Pending requests", parts, practice=practice)
        self.renew()

    def renew(self) -> None:
        """Show the list as it is now."""
        waiting = requesting.pending(self._folder)
        rows = [
            (r.name, clock.day(r.made), r.state, ", ".join(r.spec.server_names))
            for r in waiting
        ]
        submitted = [r.name for r in waiting if r.submission]
        self._submitted.options = submitted
        self._submitted.value = submitted[0] if submitted else None
        self._withdrawal.layout.display = None if submitted else "none"
        header = ("Request", "Made", "State", "Server names")
        self._list.value = (
            look.table(rows, header=header)
            if rows
            else look.note("No request waits for its answer.")
        )

    def withdraw(self, name: str) -> SigningRequest:
        """Choose a request that was submitted, and press 'Withdraw'.

        Raises:
            InputError: there is no such request, or its answer has come.
        """
        waiting = {r.name: r for r in requesting.pending(self._folder)}
        if name not in waiting:
            raise InputError(f"no request {name} waits", fix="look at the list again")
        request = requesting.withdraw(waiting[name])
        self.renew()
        return request

    def _clicked(self) -> None:
        try:
            name = self.withdraw(str(self._submitted.value)).name
        except CertlibError as error:
            self._said.value = look.failure(error)
        else:
            self._said.value = look.note(f"{name} can be submitted again.", "good")

    def picture(self) -> str:
        """Return the list as static HTML."""
        return look.box(self.heading, str(self._list.value))


def public_names_form() -> Form:
    """Return the form that says which names a public CA can release.

    Its result is a dict of reasons by name, empty for those that it can.
    """

    def asked(values: Values) -> dict[str, str]:
        wanted = CertificateSpec(fields.split(values["server_names"])).server_names
        return {name: public_names.why_not_public(name) for name in wanted}

    def show(reasons: dict[str, str]) -> str:
        rows = [
            (name, reason or "can be asked for") for name, reason in reasons.items()
        ]
        table = look.table(rows, header=("Name", "A public CA"))
        if any(reasons.values()):
            return look.box("Not with all of these names:", table, "bad")
        return look.box(
            "A public CA can release it, once you prove them:", table, "good"
        )

    (server_names, *_) = fields.spec_fields()
    return Form(
        "Will a public certification authority release it?",
        [server_names],
        "Ask",
        asked,
        show,
    )


class RequestDesk(Pictured):
    """One's own requests: make one, see what waits, join its answer.

    Attributes:
        request: the form that makes one.
        answer: the form that joins its answer.
    """

    def __init__(self, folder: Path) -> None:
        """Make the desk.

        Args:
            folder: for the requests; the practice CA lives in ``practice-ca`` in it.
        """
        self._folder = folder
        self.request = request_form(folder / "requests", leads=self._lead)
        self.answer = AnswerForm(folder / "requests")
        self._pending = PendingPanel(folder / "requests")
        super().__init__([self.request, self._pending, self.answer])

    def __repr__(self) -> str:
        return "<RequestDesk>"

    def let_the_practice_ca_answer(self, request: SigningRequest) -> Path:
        """Have the practice CA release a request, and name its answer to the form.

        Raises:
            IssuerError: the CA does not release such names.
        """
        at = clock.now()
        ca = training.at_hand(self._folder / "practice-ca", at=at)
        path = request.folder / "from-practice-ca.p7b"
        assemble(ca.release(request.csr, at=at)).write(path, replace=True)
        self.answer.fill(answer=str(path))
        return path

    def _lead(self, request: SigningRequest) -> list[widgets.Widget]:
        self._pending.renew()
        button = widgets.Button(
            description="Let the practice CA answer", layout={"width": "auto"}
        )
        said = widgets.HTML()

        def answer(_: Any) -> None:
            try:
                path = self.let_the_practice_ca_answer(request)
            except CertlibError as error:
                said.value = look.failure(error)
                return
            text = f"For exercises only: {path} is named in the form below. Join it."
            said.value = look.note(text, "good")

        button.on_click(answer)
        csr = base64.b64encode(request.path.read_bytes()).decode()
        save = widgets.HTML(look.download(request.path.name, csr))
        return [widgets.HBox([button, save], layout=look.LINKS), said]

    def picture(self) -> str:
        """Return both forms as static HTML, without secrets."""
        return self.request.picture() + self.answer.picture()


def _show_request(request: SigningRequest) -> str:
    rows = [
        ("Server names", ", ".join(request.spec.server_names)),
        ("Send this file", str(request.path)),
        ("This stays here", str(request.key_path)),
    ]
    text = request.csr.public_bytes(Encoding.PEM).decode()
    return look.box(
        "The request is made.",
        look.table(rows)
        + "<details><summary>The request, to copy from</summary>"
        + f"{look.code(text)}</details>",
        "good",
    )
