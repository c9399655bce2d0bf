"""Formats for programs: what monitoring, code scanning and CIs read is right there."""

from __future__ import annotations

import importlib.util
import json
import subprocess
import sys
from datetime import date, timedelta
from xml.etree import ElementTree

import forge
import pytest
from components import missing, sarif_validator

from certlib import auditing, reports, summaries
from certlib.auditing import Audited
from certlib.auditing.evidence import Evidence
from certlib.auditing.gate import Gate
from certlib.auditing.sources import DataSource
from certlib.auditing.suppressions import Suppression, Suppressions
from certlib.rules import Context, Finding, Severity

DAY = timedelta(days=1)
CONTEXT = Context(forge.AT, practice=True)
ENDS = {"fine": 300, "soon": 20, "late": -1}


def found(*names, accepted=()):
    sources = [
        DataSource(
            lambda n=n: forge.der(
                forge.leaf(
                    issuer=forge.ca(),
                    common_name=f"{n}.example.com",
                    san=(f"{n}.example.com",),
                    not_before=forge.AT - 300 * DAY,
                    not_after=forge.AT + ENDS[n] * DAY,
                )
            ),
            rf"C:\certs\{n} #1.cer",
        )
        for n in names
    ]
    entries = tuple(
        Suppression(rule, "it moves", date(9999, 1, 1)) for rule in accepted
    )
    return list(auditing.audit(sources, CONTEXT, suppressions=Suppressions(entries)))


def about(**more):
    return Evidence(context=CONTEXT, **more)


def sarif(results):
    return json.loads(reports.render(results, "sarif", about=about()))


def test_sarif_keeps_to_its_schema_and_hides_what_was_accepted():
    check = sarif_validator()
    log = sarif(found(*ENDS, accepted=("expiring",)))
    assert [] == [error.message for error in check.iter_errors(log)]
    (run,) = log["runs"]
    hidden = {one["ruleId"] for one in run["results"] if "suppressions" in one}
    assert {"expiring"} == hidden
    for one in run["results"]:
        assert one["ruleId"] == run["tool"]["driver"]["rules"][one["ruleIndex"]]["id"]
    broken = sarif(found("late"))
    broken["runs"][0]["results"][0]["level"] = "awful"
    assert not check.is_valid(broken)


def test_a_place_of_sarif_is_no_address_of_a_stranger():
    (late, *_) = sarif(found("late"))["runs"][0]["results"]
    (where,) = late["locations"]
    assert (
        "C%3A/certs/late%20%231.cer"
        == where["physicalLocation"]["artifactLocation"]["uri"]
    )
    assert r"C:\certs\late #1.cer" == where["logicalLocations"][0]["fullyQualifiedName"]
    keys = [
        one["partialFingerprints"]["certificate/v1"]
        for one in sarif(found("late", "soon"))["runs"][0]["results"]
    ]
    assert len(keys) == len(set(keys))


def test_no_text_of_a_stranger_is_a_link_in_code_scanning():
    evil = "a [click](https://e.example) b"
    finding = Finding("a", Severity.ERROR, evil, evil, evil, evil, "https://a.example")
    unread = summaries.unreadable(evil)._replace(subject=evil)
    (one,) = sarif([Audited((evil,), unread, (finding,))])["runs"][0]["results"]
    assert "](" not in one["message"]["text"]
    assert 4 == one["message"]["text"].count("[click] (https://e.example)")


STATES = {
    "nothing wrong": (("fine",), (), Gate(), 0),
    "an error": (("fine", "late"), (), Gate(), 2),
    "an error that the gate lets pass": (("late",), (), Gate(None), 1),
    "a warning": (("soon",), (), Gate(), 1),
    "too few": (("fine",), (), Gate(at_least=2), 2),
    "nothing there": ((), (), Gate(), 3),
    "all accepted": (("late",), ("expired",), Gate(), 0),
}


@pytest.mark.parametrize(
    ("names", "accepted", "gate", "code"), STATES.values(), ids=STATES
)
def test_the_state_of_a_plug_in(names, accepted, gate, code):
    results = found(*names, accepted=accepted)
    said = reports.render(results, "nagios", about=about(gate=gate)).decode()
    assert code == reports.exit_code(results, "nagios", gate)
    states = ("OK", "WARNING", "CRITICAL", "UNKNOWN")
    assert said.startswith(f"CERTLIB {states[code]} - ")
    first, *rest = said.splitlines()
    _, figures = first.split("|")
    values = dict(one.split("=") for one in figures.split())
    counted = [v for n, v in values.items() if n != "days_left"]
    assert len(results) == sum(int(one.removesuffix(";;;0")) for one in counted)
    assert not any("|" in line for line in rest)
    if names:
        assert str(min(ENDS[n] for n in names)) == values["days_left"]


def test_a_plug_in_as_monitoring_runs_it(tmp_path):
    def run(folder):
        return subprocess.run(
            [sys.executable, "-m", "certlib", "audit", folder, "--format=nagios"],
            capture_output=True,
            encoding="utf-8",
            timeout=120,
        )

    (tmp_path / "notes.txt").write_text("no certificate\n")
    forge.leaf(not_after=forge.AT).write(tmp_path / "a.cer")
    done = run(tmp_path)
    assert (2, True) == (done.returncode, done.stdout.startswith("CERTLIB CRITICAL"))
    assert "error expired" in done.stdout


EVIL = (
    "<img src=x> [a](http://e.example) www.e.example @all `x` **b** | c ~~d~~ a_b_c #1"
)


def test_markdown_shows_a_strangers_text_as_text():
    if importlib.util.find_spec("markdown_it") is None:
        missing("the package markdown-it-py", reason="Markdown")
    from markdown_it import MarkdownIt

    finding = Finding(
        "a-rule", Severity.ERROR, EVIL, EVIL, EVIL, EVIL, "https://a.example"
    )
    unread = summaries.unreadable("it is torn")._replace(subject=EVIL)
    said = reports.render([Audited((EVIL,), unread, (finding,))], "md").decode()
    page = MarkdownIt().enable(["table", "strikethrough"]).render(said)
    for mark in ("<img", "<a ", "<code", "<strong", "<del", "<em"):
        assert mark not in page
    (row,) = ElementTree.fromstring(page[page.index("<tbody") : page.index("</table")])
    assert EVIL == row[1].text
    for mark in ("@all", "http:", "www."):  # people that are called, links
        assert mark not in said


def test_junit_says_when_how_long_and_what():
    suite = ElementTree.fromstring(
        reports.render(found("late"), "junit", about=about(seconds=1.25))
    )
    assert "1.250" == suite.get("time")
    assert forge.AT.isoformat() == suite.get("timestamp")
    case = suite.find("testcase")
    told = {one.get("name"): one.get("value") for one in case.find("properties")}
    assert "CN=late.example.com" in told["subject"]
    assert (forge.AT - DAY).isoformat() == told["expires"]
    assert 40 == len(told["thumbprint"])
