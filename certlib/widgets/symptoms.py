"""Symptoms: a field for an error text, and what may be behind it."""

from __future__ import annotations

from html import escape

import ipywidgets as widgets

from certlib import symptoms
from certlib.errors import InputError
from certlib.practice.faults import FAULTS
from certlib.rules import RULES
from certlib.symptoms import Cause, Match
from certlib.widgets import look
from certlib.widgets.forms import Field, Form, Values


def symptoms_form() -> Form:
    """Return the form that explains an error text, a code or the id of a rule.

    Its result is the list of `symptoms.Match`, the most likely first.
    """

    def asked(values: Values) -> list[Match]:
        text = values["text"].strip()
        if not text:
            raise InputError(
                "there is no text", fix="paste what the program says, or its code"
            )
        found = symptoms.find(text)
        if not found:
            raise InputError("nothing is known here about it", fix=symptoms.rest(text))
        return found

    return Form(
        "What does it mean?",
        [
            Field(
                "text",
                "Error, code or rule",
                widgets.Text(placeholder="NET::ERR_CERT_COMMON_NAME_INVALID"),
                hint="As the program says it, or a part of that; German will do, too.",
                needed="text",
            )
        ],
        "Explain",
        asked,
        lambda found: "".join(map(_shown, found)),
    )


def _shown(match: Match) -> str:
    symptom = match.symptom
    where = ", ".join((symptom.where, *symptom.codes))
    near = "" if match.likeness == 100 else f" ({match.likeness:.0f} % alike)"
    causes = "".join(f"<li>{_cause(cause)}</li>" for cause in symptom.causes)
    source = look.link(symptom.url, symptom.source)
    body = f"{escape(where)}<ol>{causes}</ol>{source}"
    return look.box(symptom.text + near, body)


def _cause(cause: Cause) -> str:
    rules = " ".join(RULES[id_].text for id_ in cause.rules)
    fault = FAULTS[cause.fault] if cause.fault else None
    taught = look.notebook(f"{cause.notebook}.ipynb", cause.notebook)
    lab = look.notebook("7-diagnosing.ipynb", "7-diagnosing")
    return (
        f"<b>{escape(cause.text)}</b><br>Check: {escape(cause.check)}<br>"
        f"Do: {escape(cause.fix)}"
        + (f"<br>An audit says: {escape(rules)}" if rules else "")
        + (f"<br>Learn it in {taught}" if cause.notebook else "")
        + (
            f", and in {lab} at level {fault.level}: <i>{escape(fault.report)}</i>"
            if fault
            else ""
        )
    )
