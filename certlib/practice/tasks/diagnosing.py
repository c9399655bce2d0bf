"""Tasks for diagnosing: how to come from words to a cause, and then the lab."""

from __future__ import annotations

import tempfile
from collections.abc import Iterable
from pathlib import Path

from cryptography import x509

from certlib import clock, symptoms
from certlib.practice.exercises import (
    TASKS,
    Exercise,
    Fill,
    Tick,
    filled,
    fitting,
    task,
    ticked,
)
from certlib.practice.faults import FAULTS, REPAIRS, broken
from certlib.practice.faults import exercise as lab
from certlib.practice.material import DAY, Material
from certlib.rules import RULES, Severity
from certlib.rules.measured import measured
from certlib.symptoms import Cause, Symptom
from certlib.trust import pool


@task(minutes=4)
def words_and_causes(material: Material) -> Exercise:
    """What is behind a client's words."""
    found = _apart(material.random.sample(symptoms.all_symptoms(), 60))
    cause = {one.text: _likely(one.text) for one in found}
    right = {text: one.text for text, one in cause.items()}
    offered = material.shuffled(*right.values())
    texts = list(right)

    def wrong(text: str, said: str) -> str:
        return f"{text!r} is not that. To see what it is: {cause[text].check}."

    turned = [offered[n:] + offered[:n] for n in range(len(offered))]
    answers = [dict(zip(texts, order, strict=True)) for order in turned]
    return Exercise(
        "Four people send four messages. What is the most likely cause of each? The "
        "field below these tasks explains messages; so does certlib explain.",
        Fill(dict.fromkeys(texts, offered)),
        filled(right, wrong),
        right=right,
        wrong=(
            *(answer for answer in answers if answer != right),
            right | {texts[0]: right[texts[1]]},
        ),
        hints=(
            "Paste each of them into the field What does it mean? below.",
            f"The first one: {right[texts[0]]}",
        ),
        solution=" ".join(f"{text}: {one}" for text, one in right.items()),
    )


def _likely(text: str) -> Cause:
    return symptoms.find(text)[0].symptom.causes[0]


def _apart(offered: Iterable[Symptom]) -> list[Symptom]:
    """Return four symptoms none of which could have a cause of another one."""
    found: list[Symptom] = []
    for one in offered:
        taken = {cause for other in found for cause in other.causes}
        if taken.isdisjoint(one.causes) and _likely(one.text) is one.causes[0]:
            found.append(one)
        if len(found) == 4:
            break
    return found


@task()
def who_refuses_what(material: Material) -> Exercise:
    """Which faults fit what two clients say."""
    table = {
        rule: said
        for rule, said in measured().answers.items()
        if "Chromium" in said and {True, False} == set(said.values())
    }
    shown = ("Chromium", "Java", "curl", "gnutls-cli")
    pairs = [(a, b) for a in shown for b in shown if a != b]
    refusing, accepting = next(
        (no, yes)
        for no, yes in material.random.sample(pairs, len(pairs))
        if any(said[yes] and not said[no] for said in table.values())
    )
    rules = material.shuffled(*table)[:7]
    fits = {rule for rule, s in table.items() if s[accepting] and not s[refusing]}
    if fits.isdisjoint(rules):
        rules = (*rules[:-1], material.random.choice(sorted(fits)))
    why_not = {
        RULES[rule].text: ""
        if rule in fits
        else f"{refusing} {_does(table[rule][refusing])} that, and {accepting} "
        f"{_does(table[rule][accepting])} it."
        for rule in rules
    }
    right = fitting(why_not)
    signs = {True: "accepts", False: "refuses"}
    return Exercise(
        f"One user says that {refusing} refuses the server, another one that "
        f"{accepting} gets in. The table was measured. Which faults may it be? Tick "
        "them.",
        Tick(tuple(why_not)),
        ticked(why_not),
        right=right,
        wrong=(
            frozenset(why_not),
            frozenset(why_not) - right,
            *(frozenset({text}) for text in why_not if text not in right),
        ),
        hints=(
            f"Look for the rows in which {refusing} refuses.",
            f"In them {accepting} has to accept, too.",
        ),
        solution=" ".join(sorted(right)),
        given=(
            ("Fault", *shown),
            *((RULES[r].text, *(signs[table[r][c]] for c in shown)) for r in rules),
        ),
    )


def _does(accepts: object) -> str:
    return "accepts" if accepts else "refuses"


@task(minutes=4)
def what_the_log_says(material: Material) -> Exercise:
    """What helps a service that does not start."""
    names = material.shuffled("no-private-key", "key-not-readable", "selection-is-gone")
    logs = {name: " ".join(_tried(material, name)) for name in names}
    repairs = ("import", "grant", "select", "restart", "issuer")
    offered = tuple(REPAIRS[one].text for one in repairs)
    by_text = dict(zip(offered, repairs, strict=True))
    labels = dict(zip("ABC", names, strict=True))
    right = {one: REPAIRS[FAULTS[name].repair].text for one, name in labels.items()}

    def check(answer: dict[str, str]) -> str:
        for label, name in labels.items():
            log = _tried(material, name, by_text[answer[label]])
            if not log[0].startswith("Listening"):
                return f"{label} still does not start. {log[0]}"
            if answer[label] != right[label]:
                return f"{label} starts; something smaller would have done."
        return ""

    return Exercise(
        "Three services do not start. Read their logs, and say what the smallest thing "
        "is that you do about each; it is done, and the service is started again.",
        Fill(dict.fromkeys(labels, offered)),
        check,
        right=right,
        wrong=tuple(dict.fromkeys(labels, text) for text in offered),
        hints=(
            "Keyset does not exist: the key is there, but not for this account.",
            "What is not in the store cannot be loaded: something else is selected.",
        ),
        solution="; ".join(f"{label}: {text}" for label, text in right.items()),
        given=(
            ("", "What users report", "The log"),
            *((label, FAULTS[n].report, logs[n]) for label, n in labels.items()),
        ),
    )


def _tried(material: Material, name: str, repair: str = "") -> tuple[str, ...]:
    """Return the log of a broken service, after a repair if one is named."""
    with tempfile.TemporaryDirectory(prefix="certlib-") as folder:
        service = broken(name, material.seed, Path(folder))
        try:
            if repair:
                REPAIRS[repair].do(service)
            return service.log
        finally:
            service.stop()


@task()
def chains_that_hold(material: Material) -> Exercise:
    """Which chains reach a root that clients trust."""
    root, other = material.authority("Example Root"), material.authority("Other Root")
    issuing = material.authority("Example Issuing CA", root)
    old = material.authority(
        "Example Issuing CA", root, key=issuing.key, validity=399 * DAY
    )
    strange = material.authority("Other Issuing CA", other)
    sent = {
        "issuing": (issuing, [issuing.certificate]),
        "with its root": (issuing, [issuing.certificate, root.certificate]),
        "no issuer": (issuing, []),
        "an old issuer": (issuing, [old.certificate]),
        "another root": (strange, [strange.certificate, other.certificate]),
    }
    given = [("Server", "Released by", "It sends along")]
    why_not = {}
    for name in material.shuffled(*sent):
        host, (issuer, along) = material.host(), sent[name]
        leaf = material.leaf(host, issuer=issuer).leaf
        verdict = pool.judge(leaf, along, [root.certificate], at=material.at)
        why_not[host] = f"{verdict.faults[0].detail}." if verdict.faults else ""
        lines = "; ".join(map(_line, along)) or "nothing"
        given.append((host, issuer.name.rfc4514_string()[3:], lines))
    right = fitting(why_not)
    wrong = [host for host in why_not if host not in right]
    return Exercise(
        f"It is {clock.spoken(material.at)}. The clients trust Example Root and "
        "nothing else. Which of these servers do they accept? Tick them.",
        Tick(tuple(why_not)),
        ticked(why_not),
        right=right,
        wrong=(frozenset(why_not), frozenset(wrong), *(right | {w} for w in wrong)),
        hints=(
            "Each certificate has to be followed by its issuer, up to Example Root.",
            "The root itself may be sent or left out: the clients have it.",
        ),
        solution=f"{' and '.join(sorted(right))}.",
        given=tuple(given),
    )


def _line(certificate: x509.Certificate) -> str:
    name = certificate.subject.rfc4514_string()[3:]
    return f"{name}, until {clock.day(certificate.not_valid_after_utc)}"


@task()
def what_cannot_wait(material: Material) -> Exercise:
    """What cannot wait until tomorrow."""
    answers = measured().answers
    stopping = [rule for rule in answers if not measured().accepting(rule)]
    harmless = [
        rule
        for rule in answers
        if not measured().refusing(rule) and RULES[rule].severity is not Severity.ERROR
    ]
    chosen = [
        *material.random.sample(stopping, 3),
        *material.random.sample(harmless, 3),
    ]
    why_not = {
        RULES[rule].text: ""
        if RULES[rule].severity is Severity.ERROR
        else f"all clients accept it; it is a {RULES[rule].severity}."
        for rule in material.shuffled(*chosen)
    }
    right = fitting(why_not)
    first = min(right)
    return Exercise(
        "An audit of six servers found these, one on each. Which servers does no "
        "client get into, so that they cannot wait? Tick them.",
        Tick(tuple(why_not)),
        ticked(why_not),
        right=right,
        wrong=(frozenset(why_not), right - {first}, frozenset(why_not) - right),
        hints=(
            "What makes clients refuse: dates, names, purpose, and a gap in the chain.",
            "Three of them stop every client.",
        ),
        solution=" ".join(sorted(right)),
    )


_EASY_FIRST = sorted(FAULTS.values(), key=lambda fault: fault.level)
TASKS.update((fault.name, lab.task(fault)) for fault in _EASY_FIRST)
