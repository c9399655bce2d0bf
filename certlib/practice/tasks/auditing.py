"""Tasks for auditing: what is wrong, how bad, and who ends next."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import date, timedelta

from cryptography.x509.oid import ExtendedKeyUsageOID

from certlib import auditing, clock, files
from certlib.auditing import Audited
from certlib.auditing.gate import Gate
from certlib.auditing.suppressions import Suppressions
from certlib.bundles import Bundle
from certlib.practice.exercises import (
    Exercise,
    Fill,
    Tick,
    Write,
    filled,
    fitting,
    same,
    task,
    ticked,
)
from certlib.practice.material import DAY, Material
from certlib.rules import Context, Severity
from certlib.stores import practice_machine


def _audited(
    material: Material, bundles: Mapping[str, Bundle]
) -> tuple[dict[str, Audited], tuple[tuple[str, ...], ...]]:
    """Lay certificates into a folder; return what the audit says, and a table."""
    folder = material.folder / material.word()
    files.private_folder(folder)
    for name, bundle in bundles.items():
        files.write(folder / name, replace(bundle, private_key=None).to_pem())
    machine = practice_machine(material.folder / "no machine")
    source = auditing.source(str(folder), machine)
    found = auditing.audit([source], Context(material.at, practice=True))
    by_name = {
        name: one
        for one in found
        for name in bundles
        if any(name in place for place in one.places)
    }
    return by_name, _table(bundles)


def _table(bundles: Mapping[str, Bundle]) -> tuple[tuple[str, ...], ...]:
    rows = [("File", "Issued to", "Begins", "Ends")]
    for name, bundle in sorted(bundles.items()):
        leaf = bundle.leaf
        begin, end = leaf.not_valid_before_utc, leaf.not_valid_after_utc
        rows.append((name, bundle.subject, clock.day(begin), clock.day(end)))
    return tuple(rows)


def _without_errors(one: Audited) -> str:
    wrong = [f for f in one.findings if f.severity is Severity.ERROR]
    return "" if wrong else "the audit has no error for it."


@task(minutes=5)
def errors_in_a_folder(material: Material) -> Exercise:
    """Which of them may not stay in use."""
    ca = material.authority("Practice CA")
    pool = {
        "fine": material.leaf(material.host(), issuer=ca),
        "ended": material.leaf(material.host(), issuer=ca, age=400 * DAY),
        "for clients": material.leaf(
            material.host(), issuer=ca, usage=ExtendedKeyUsageOID.CLIENT_AUTH
        ),
        "no SAN": material.leaf(common_name=material.host(), issuer=ca),
        "not yet": material.leaf(material.host(), issuer=ca, age=-5 * DAY),
        "fine too": material.leaf(material.host(), issuer=ca, age=100 * DAY),
    }
    labels = material.shuffled(*(f"{n}.cer" for n in range(1, len(pool) + 1)))
    bundles = dict(zip(labels, pool.values(), strict=True))
    found, _ = _audited(material, bundles)
    what = dict(zip(labels, pool, strict=True))
    given = [("File", "SAN", "Purpose", "Begins", "Ends")]
    for name in sorted(labels):
        leaf = bundles[name].leaf
        given.append(
            (
                name,
                "(none)" if what[name] == "no SAN" else bundles[name].subject[3:],
                "clients" if what[name] == "for clients" else "servers",
                clock.day(leaf.not_valid_before_utc),
                clock.day(leaf.not_valid_after_utc),
            )
        )
    why_not = {name: _without_errors(found[name]) for name in sorted(labels)}
    right = fitting(why_not)
    fine = next(n for n, w in what.items() if w == "fine")
    one = next(iter(sorted(right)))
    return Exercise(
        f"It is {clock.spoken(material.at)}. Six server certificates lie in a folder. "
        "For which of them does the audit report an error, since clients refuse them? "
        "Tick them.",
        Tick(tuple(sorted(labels))),
        ticked(why_not),
        right=right,
        wrong=(frozenset(labels), right - {one}, right | {fine}, frozenset({fine})),
        hints=(
            "Look at the day, at the names and at the purpose.",
            "Four of the six have an error.",
        ),
        solution="; ".join(
            f"{name}: {found[name].findings[0].text}" for name in sorted(right)
        ),
        given=tuple(given),
    )


@task(minutes=2)
def who_ends_next(material: Material) -> Exercise:
    """Who ends next."""
    ages = material.random.sample(range(100, 300), 6)
    bundles = {
        f"{material.word()}.cer": material.leaf(material.host(), age=age * DAY)
        for age in ages
    }
    bundles[f"{material.word()}.cer"] = material.leaf(
        material.host(), age=10 * DAY, validity=15 * DAY
    )
    found, given = _audited(material, bundles)
    ends = {n: a.summary.not_after for n, a in found.items() if a.summary.not_after}
    order = sorted(ends, key=lambda name: ends[name])

    def check(answer: str) -> str:
        wanted = same(answer).removesuffix(".cer") + ".cer"
        if wanted not in ends:
            return f"There is no file {answer}."
        if wanted != order[0]:
            earlier = sum(ends[n] < ends[wanted] for n in ends)
            count = "another one ends" if earlier == 1 else f"{earlier} others end"
            return f"{wanted}: {count} before it."
        return ""

    return Exercise(
        f"It is {clock.spoken(material.at)}. Which of these certificates has to be "
        "renewed first?",
        Write("File", "name.cer"),
        check,
        right=order[0],
        wrong=(order[1], order[-1], "nobody.cer"),
        hints=("The begin does not matter.", "Look for the smallest day under Ends."),
        solution=f"{order[0]} ends on {clock.day(ends[order[0]])}.",
        given=given,
    )


@task(minutes=5)
def accept_one_finding(material: Material) -> Exercise:
    """Accept one finding, and no other."""
    first, second = material.host(), material.host()
    bundles = {
        "first.cer": material.leaf(first, age=350 * DAY),
        "second.cer": material.leaf(second, age=350 * DAY),
    }
    found, given = _audited(material, bundles)
    rules = sorted({f.rule for one in found.values() for f in one.findings})
    until = material.at.date() + timedelta(days=10)
    labels = ("rule", "certificate", "reason", "until")

    def check(answer: dict[str, str]) -> str:
        lines = [f"{name} = {_toml(answer[name])}" for name in labels]
        path = material.folder / "accepted.toml"
        text = "\n".join(["[[suppress]]", *lines])
        files.write(path, text.encode(), replace=True)
        entries = Suppressions.read(path)
        accepted = {
            name: entries.apply(one.findings, one.summary, at=material.at)[1]
            for name, one in found.items()
        }
        if any(f.finding.rule != "expiring" for f in accepted["first.cer"]):
            return f"{answer['rule']} is not the finding that was meant."
        if accepted["second.cer"]:
            return f"The finding on {second} would be accepted as well."
        if not accepted["first.cer"]:
            return f"The finding on {first} still counts."
        if entries.entries[0].until > until:
            return f"It would be accepted longer than until {until}."
        return ""

    right = {
        "rule": "expiring",
        "certificate": first,
        "reason": "The server is switched off next week.",
        "until": str(until),
    }
    return Exercise(
        f"Both certificates expire soon. The server {first} is switched off next "
        f"week, so its finding is accepted until {until}; that on {second} is not. "
        "Fill in the entry of the file.",
        Fill({"rule": tuple(rules), "certificate": (), "reason": (), "until": ()}),
        check,
        right=right,
        wrong=(
            right | {"certificate": "*"},
            right | {"certificate": second},
            right | {"until": "2099-12-31"},
            right | {"until": "2026-10-01"},
            right | {"reason": " "},
            right | {"rule": next(rule for rule in rules if rule != "expiring")},
        ),
        hints=(
            "The certificate can be given by its DNS name.",
            "A star stands for anything, which is too much here.",
        ),
        solution="; ".join(f"{name} = {value}" for name, value in right.items()),
        given=given,
    )


def _toml(text: str) -> str:
    try:
        return str(date.fromisoformat(text.strip()))
    except ValueError:
        return '"' + text.replace("\\", "\\\\").replace('"', '\\"') + '"'


@task()
def exit_codes(material: Material) -> Exercise:
    """What a build makes of it."""
    ca = material.authority("Practice CA")
    signed = {
        f"{host} {text}": material.leaf(host, issuer=ca, age=age * DAY)
        for host, text, age in (
            (material.host(), "has expired", material.random.randrange(370, 500)),
            (material.host(), "ends soon", material.random.randrange(341, 360)),
        )
    }
    bundles = {f"{n}.cer": b for n, b in enumerate(signed.values(), start=1)}
    found, _ = _audited(material, bundles)
    by_text = dict(zip(signed, (found[name] for name in bundles), strict=True))
    cases = {
        f"{text}, --fail-on {severity}": str(
            int(not Gate(severity).passes([by_text[text]]))
        )
        for text in material.shuffled(*by_text)
        for severity in (Severity.ERROR, Severity.WARNING)
    }

    return Exercise(
        "A build runs certlib audit every night, with --fail-on for the severity from "
        "which it fails. With which exit code does each of these runs end?",
        Fill(dict.fromkeys(cases, ("0", "1", "2"))),
        filled(cases, lambda case, code: f"{case}: the exit code is not {code}."),
        right=dict(cases),
        wrong=tuple(dict.fromkeys(cases, code) for code in "012"),
        hints=(
            "0 is fine, 1 means findings, 2 that something could not be run.",
            "What ends soon is a warning, what has ended an error.",
        ),
        solution="; ".join(f"{case}: {code}" for case, code in cases.items()),
    )


@task()
def one_key_for_several(material: Material) -> Exercise:
    """Who shares a private key."""
    ca = material.authority("Practice CA")
    shared = material.key()
    bundles = {
        f"{material.word()}.cer": material.leaf(material.host(), issuer=ca, key=key)
        for key in (shared, material.key(), shared, material.key(), shared)
    }
    bundles = {name: bundles[name] for name in material.shuffled(*bundles)}
    found, _ = _audited(material, bundles)
    given = [("File", "Issued to", "Public key (SHA-256, first digits)")]
    for name, one in sorted(found.items()):
        given.append((name, one.summary.subject, one.summary.key_sha256[:12]))
    why_not = {
        name: ""
        if any(f.rule == "key-shared" for f in found[name].findings)
        else "its key is in no other certificate."
        for name in sorted(bundles)
    }
    right = fitting(why_not)
    alone = next(n for n in sorted(bundles) if n not in right)
    return Exercise(
        "If one server is broken into, every certificate with the same private key "
        "has to be replaced. Which of these share one? Tick them.",
        Tick(tuple(sorted(bundles))),
        ticked(why_not),
        right=right,
        wrong=(frozenset(bundles), frozenset({alone}), frozenset(sorted(right)[:2])),
        hints=("Same key, same digits.", "Three of the five share a key."),
        solution=f"{', '.join(sorted(right))}.",
        given=tuple(given),
    )
