"""The command that explains an error text, a code or a rule."""

from __future__ import annotations

import sys
from dataclasses import asdict

import click

from certlib import symptoms, texts
from certlib.cli.common import AS_JSON, example, print_json
from certlib.cli.console import bold, dim, out, safe
from certlib.errors import InputError
from certlib.symptoms import Match


@click.command(
    epilog=example(
        "certlib explain NET::ERR_CERT_COMMON_NAME_INVALID\n"
        "certlib explain unable to get local issuer certificate\n"
        "certlib explain 0x8009030D\n"
        "certlib explain san-missing\n"
        "certlib explain - < service.log"
    ),
    context_settings={"ignore_unknown_options": True},
)
@click.argument("text", nargs=-1, required=True, type=click.UNPROCESSED)
@AS_JSON
@click.option(
    "--limit",
    type=click.IntRange(1, 20),
    default=3,
    show_default=True,
    help="How many at most.",
)
def explain(text: tuple[str, ...], as_json: bool, limit: int) -> None:
    """Say what an error text, a code or a rule means, and what to do.

    Exit code 1 if nothing is known about it. TEXT may be ``-`` for what is
    piped in.
    """
    wanted = _piped() if text == ("-",) else " ".join(text)
    if not wanted.strip():
        raise InputError("no text is there to explain", fix="give the error's words")
    matches = symptoms.find(wanted, limit=limit)
    if as_json:
        print_json("explanations", [_row(m) for m in matches])
    elif matches:
        for match in matches:
            _show(match)
    else:
        _say_unknown(wanted)
    sys.exit(0 if matches else 1)


def _piped() -> str:
    return texts.decoded(sys.stdin.buffer.read(4 * symptoms.LONGEST))


def _show(match: Match) -> None:
    symptom = match.symptom
    likely = (
        "" if match.likeness == 100 else f"  {dim(f'{match.likeness:.0f} % alike')}"
    )
    out.print(f"{bold(safe(symptom.text))}{likely}")
    codes = f"  ({', '.join(symptom.codes)})" if symptom.codes else ""
    out.print(f"  {dim(safe(symptom.where + codes))}")
    for number, cause in enumerate(symptom.causes, 1):
        out.print(f"  {number}. {safe(cause.text)}")
        out.print(f"     {bold('check:')} {safe(cause.check)}")
        out.print(f"     {bold('do:')} {safe(cause.fix)}")
        seen = [f"notebook {cause.notebook}"] if cause.notebook else []
        seen += [f"rule {id_}" for id_ in cause.rules]
        if cause.fault:
            seen.append(f"certlib lab --fault {cause.fault}")
        if seen:
            out.print(f"     {dim(safe('see ' + ', '.join(seen)))}")
    out.print(f"  {dim(safe(f'{symptom.source}: {symptom.url}'))}\n")


def _row(match: Match) -> dict[str, object]:
    found = {"how": str(match.how), "likeness": match.likeness}
    return found | asdict(match.symptom) | {"rules": match.symptom.rules}


def _say_unknown(wanted: str) -> None:
    line = " ".join(wanted.split())
    shown = f"{line[:100]}…" if len(line) > 100 else line
    out.print(f"Nothing is known here about: {safe(shown)}")
    out.print(f"To do: {symptoms.rest(wanted)}")
