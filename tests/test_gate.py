"""A build fails for the right reason: the report of a CI, the log and the exit code."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from datetime import date, timedelta
from xml.etree import ElementTree

import forge
import pytest

from certlib import auditing, clock, reports, rules
from certlib.auditing.evidence import Evidence
from certlib.auditing.gate import USUAL, Gate, not_read
from certlib.auditing.sources import DataSource, FileSource
from certlib.auditing.suppressions import Suppression, Suppressions
from certlib.errors import InputError
from certlib.rules import Context, Judge, Severity, lifetime, traits
from certlib.summaries import of_certificate

HERE = Context(at=forge.AT, server_name="server.example.com", practice=True)
DAY = timedelta(days=1)


def found(*bundles, context=HERE, suppressions=None):
    sources = [
        DataSource(lambda b=b: forge.der(b), f"{n}.cer") for n, b in enumerate(bundles)
    ]
    return list(auditing.audit(sources, context, suppressions=suppressions))


def ending(days):
    """A certificate that ends so many days after the moment judged for."""
    return forge.leaf(
        issuer=forge.ca(),
        not_before=forge.AT - 100 * DAY,
        not_after=forge.AT + days * DAY,
    )


def suite(results, gate=USUAL):
    return ElementTree.fromstring(
        reports.render(results, "junit", about=Evidence(gate=gate))
    )


def cases(suite):
    return [
        (case.get("classname"), case.get("name")) for case in suite.findall("testcase")
    ]


WARNED = [
    (Severity.ERROR, "0", True),
    (Severity.WARNING, "1", False),
    (Severity.NOTICE, "1", False),
    (None, "0", True),
]


@pytest.mark.parametrize(("fail_on", "failures", "passes"), WARNED)
def test_failures_follow_the_severity_that_fails(fail_on, failures, passes):
    results, gate = found(ending(20)), Gate(fail_on)
    assert (failures, passes) == (
        suite(results, gate).get("failures"),
        gate.passes(results),
    )


def test_each_case_has_one_name():
    bad = forge.leaf(common_name="no name", san=("a_b.example.com", "c_d.example.com"))
    results = found(bad, ending(-1)) * 2
    names = cases(suite(results))
    assert len(set(names)) == len(names)


def test_what_was_accepted_is_skipped_with_the_reason():
    accepted = Suppression("expiring", "moves in January", date(9999, 1, 31))
    results = found(ending(20), suppressions=Suppressions((accepted,)))
    whole = suite(results, Gate(Severity.WARNING))
    (skipped,) = whole.findall("testcase/skipped")
    assert "accepted until 9999-01-31: moves in January" == skipped.get("message")
    assert ("0", "1") == (whole.get("failures"), whole.get("skipped"))


FEW = [
    (None, 0, "nothing was found, so nothing was judged"),
    (None, 1, ""),
    (0, 0, ""),
    (2, 1, "certificates found: 1, expected at least 2"),
    (1, 1, ""),
]


@pytest.mark.parametrize(("at_least", "number", "said"), FEW)
def test_too_few_certificates_fail(at_least, number, said):
    gate = Gate(at_least=at_least)
    results = found(*[ending(300)] * number)
    assert said == gate.too_few(results)
    assert (not said) is gate.passes(results)
    assert str(int(bool(said))) == suite(results, gate).get("failures")


@pytest.mark.parametrize("fail_on", [*Severity, None], ids=str)
@pytest.mark.parametrize("at_least", [None, 0])
def test_where_nothing_could_be_read_no_gate_lets_it_pass(fail_on, at_least):
    unread, gate = DataSource(lambda: b"rubbish", "a.cer"), Gate(fail_on, at_least)
    results = list(auditing.audit([unread], HERE))
    assert not gate.passes(results)
    never = "nothing of it could be read, so nothing was judged"
    assert ("" if fail_on else never) == gate.too_few(results)
    assert (2 if fail_on else 3) == reports.exit_code(results, "nagios", gate)
    assert gate.passes([*results, *found(ending(300))]) is (fail_on is None)


NOT_READ = ["fullchain.txt", "key.key", "notes.docx"]


def test_what_a_mixed_folder_skipped_is_told(tmp_path):
    (tmp_path / "inner").mkdir()
    for name in [*NOT_READ, ".hidden", "inner/a.cer"]:
        (tmp_path / name).write_bytes(b"")
    skipped = not_read([FileSource(tmp_path)])
    assert NOT_READ == [path.name for path in skipped]


def audit(*arguments, cwd):
    return subprocess.run(
        [sys.executable, "-m", "certlib", "audit", *map(str, arguments)],
        capture_output=True,
        encoding="utf-8",
        cwd=cwd,
        env=os.environ
        | {"XDG_DATA_HOME": str(cwd / "data"), "PYTHONIOENCODING": "utf-8"},
        timeout=120,
    )


@pytest.fixture
def folder(tmp_path):
    folder = tmp_path / "in"
    folder.mkdir()
    start = clock.now() - 90 * DAY
    near = forge.leaf(not_before=start, not_after=clock.now() + 9 * DAY)
    near.write(folder / "near.cer")
    (folder / "fullchain.txt").write_text("")
    return folder


def test_exit_code_report_and_log_agree(folder, tmp_path):
    run = audit(
        folder, "--fail-on=warning", "--format=junit", "--out=a.xml", cwd=tmp_path
    )
    root = ElementTree.parse(tmp_path / "a.xml").getroot()
    assert (1, True) == (run.returncode, int(root.get("failures", "0")) > 0)
    assert "near.cer" in run.stderr
    assert re.search(r"1 certificate: \d with errors", run.stderr)
    assert "fullchain.txt" in run.stderr


ENDS = {
    "--fail-on=warning": 0,
    "--fail-on=warning --expiring-within=30d": 0,
    "--fail-on=warning --expiring-within=40d": 1,
    "--fail-on=warning --expiring-within=20%": 1,
    "--fail-on=never --expiring-within=20%": 0,
    "--fail-on=never --at-least=2": 1,
    "--fail-on=error --approach=internal-ca": 1,
    "--fail-on=never --approach=internal-ca": 0,
    "--expiring-within=soon": 2,
}


@pytest.mark.parametrize(("options", "code"), ENDS.items(), ids=ENDS)
def test_the_options_decide(options, code, tmp_path):
    start = clock.now() - 169 * DAY
    own = forge.leaf(not_before=start, not_after=start + 200 * DAY)
    own.write(tmp_path / "own.cer")
    same = ("--environment=test", f"--root={tmp_path / 'own.cer'}")
    run = audit(tmp_path / "own.cer", *same, *options.split(), cwd=tmp_path)
    assert code == run.returncode, run.stdout + run.stderr


def test_an_empty_store_is_not_fine(tmp_path):
    run = audit("Cert:\\LocalMachine\\My", cwd=tmp_path)
    assert 2 == run.returncode
    assert "nothing was found, so nothing was judged" in run.stderr
    assert (
        0 == audit("Cert:\\LocalMachine\\My", "--at-least=0", cwd=tmp_path).returncode
    )


def returning(value):
    return lambda summary, context: value


def raising(summary, context):
    raise ZeroDivisionError("by zero")


BROKEN = {
    "text": (returning("a text"), "returns something else than texts"),
    "nothing": (returning(None), "fails: TypeError"),
    "number": (returning([1]), "returns something else than texts"),
    "raises": (raising, "fails: ZeroDivisionError: by zero"),
}


@pytest.mark.parametrize(("function", "said"), BROKEN.values(), ids=BROKEN)
@pytest.mark.parametrize("of_traits", [False, True])
def test_a_rule_of_ones_own_that_is_broken_is_named(function, said, of_traits):
    broken = rules.Rule(
        "our-own",
        "Ours.",
        Severity.ERROR,
        source="",
        url="",
        remedy="",
        applies=rules.model.is_certificate,
        since=None,
        of_traits=of_traits,
        breaches=function,
    )
    with pytest.raises(InputError, match=f"^the rule our-own {said}"):
        Judge(HERE, [broken])(of_certificate(forge.leaf().leaf))


def test_there_is_one_table_of_lifetimes():
    assert traits.LIMITS is lifetime.LIMITS
    starts = [since for since, _ in traits.LIMITS]
    assert sorted(starts, reverse=True) == starts
    assert set(traits._DAYS) >= {days for _, days in traits.LIMITS}
