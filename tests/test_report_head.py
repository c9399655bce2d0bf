"""Reports as evidence: each format says what it is about, and its sums add up."""

from __future__ import annotations

import csv
import html
import io
import json
import re
from datetime import date, timedelta
from xml.etree import ElementTree

import forge
import openpyxl
import pytest

from certlib import auditing, reports, summaries
from certlib.auditing import Audited, comparing, evidence
from certlib.auditing.comparing import Change, Changed
from certlib.auditing.evidence import NO_REVOCATION, NOT_LOOKED_AT, Evidence
from certlib.auditing.gate import Gate
from certlib.auditing.sources import DataSource
from certlib.auditing.suppressions import EXAMPLE, Suppression, Suppressions
from certlib.products import PRODUCTS, Approach, Environment
from certlib.reports.board.listing import Listing, Query
from certlib.rules import Context, Severity
from certlib.summaries import Kind, Summary
from certlib.trust.roots import Trust

DAY = timedelta(days=1)
CONTEXT = Context(
    forge.AT,
    server_name="server.example.com",
    product=PRODUCTS["board-connector"],
    environment=Environment.TEST,
    approach=Approach.INTERNAL_CA,
    expiring_within=45 * DAY,
    practice=True,
)
ACCEPTED = Suppression("expiring", "moves", date(9999, 1, 1), by="Jane Doe")
ENDED = Suppression("expired", "forgotten", forge.AT.date() - DAY, "*.old.example")
CHANGES = (Changed(Change.NEW, "CN=new", "new.cer", "until 2027-01-01"),)


def about(**changes):
    root = forge.ca("Given Root").leaf
    values = {
        "asked": ("/certificates", "tls://a.example:443"),
        "context": CONTEXT,
        "trust": Trust.of((), given=[root]),
        "stores": "practice store",
        "suppressions": Suppressions((ACCEPTED, ENDED)),
        "suppressed_in": "accepted.toml",
        "gate": Gate(Severity.WARNING, 3),
        "changes": CHANGES,
        "compared_with": "earlier.json",
    }
    return Evidence(**values | changes)


@pytest.fixture(scope="module")
def results():
    soon = forge.leaf(issuer=forge.ca(), not_after=forge.AT + 20 * DAY)
    late = forge.leaf(issuer=forge.ca(), not_after=forge.AT - DAY)
    sources = [
        DataSource(lambda: forge.der(soon), "soon.cer"),
        DataSource(lambda: forge.der(late), "late.cer"),
        DataSource(lambda: b"torn", "torn.cer"),
    ]
    accepted = Suppressions((ACCEPTED, ENDED))
    return list(auditing.audit(sources, CONTEXT, suppressions=accepted))


def written(results, format_, tmp_path):
    path = tmp_path / f"a.{format_}"
    reports.write(results, path, about=about())
    if format_ == "csv":
        return (tmp_path / "a.about.csv").read_text(encoding="utf-8-sig")
    if format_ != "xlsx":
        return path.read_text(encoding="utf-8")
    book = openpyxl.load_workbook(path)
    return "\n".join(
        str(value) for sheet in book for row in sheet.values for value in row
    )


SAID = (
    "/certificates; tls://a.example:443",
    "2026-11-02 08:00 UTC",
    "UTC, of all days and times",
    "Board Connector",
    "test",
    "internal",
    "server.example.com",
    "CN=Given Root",
    "practice store",
    "45 days",
    "warning; fewer than 3 certificates found",
    "accepted.toml",
    "accepted until 9999-01-01 by Jane Doe: moves",
    "expired of *.old.example: accepted until 2026-11-01: forgotten",
    evidence.rules_version(),
    NO_REVOCATION,
    *NOT_LOOKED_AT,
    "torn.cer: ",
)


@pytest.mark.parametrize("format_", sorted(set(reports.FORMATS) - {"junit"}))
def test_head_and_end_of_each_format(results, format_, tmp_path):
    said = written(results, format_, tmp_path).casefold()
    plain = html.unescape(said)
    missing = [t for t in SAID if t.casefold() not in plain]
    assert [] == missing


@pytest.mark.parametrize("format_", ["html", "json", "xlsx"])
def test_a_comparison_is_a_part(results, format_, tmp_path):
    said = written(results, format_, tmp_path)
    assert "CN=new" in said
    assert "until 2027-01-01" in said


@pytest.mark.parametrize("format_", sorted(set(reports.FORMATS) - {"junit", "csv"}))
def test_what_was_accepted_is_told_apart_from_fine(results, format_, tmp_path):
    said = written(results, format_, tmp_path)
    assert "Jane Doe" in said
    assert "moves" in said


def test_accepted_is_no_fine_in_the_table(results):
    rows = reports.render(results, "csv").decode("utf-8-sig")
    kinds = [row["severity"] for row in csv.DictReader(io.StringIO(rows))]
    assert "accepted" in kinds
    assert "fine" not in kinds


def test_who_accepts_is_read_and_written(tmp_path):
    (path := tmp_path / "a.toml").write_text(EXAMPLE)
    (entry,) = Suppressions.read(path).entries
    assert "Jane Doe" == entry.by
    Suppressions((entry,)).write(tmp_path / "b.toml")
    assert (entry,) == Suppressions.read(tmp_path / "b.toml").entries


def found(kind=Kind.CERTIFICATE, *severities, trusted=True, number=0):
    summary = Summary(kind, sha256=f"{number}", subject=f"CN=host-{number}.example")
    around = summaries.Surroundings(trusted=trusted)
    finding = reports_finding
    return Audited(
        (f"{number}.cer",),
        summary._replace(surroundings=around),
        tuple(finding(severity) for severity in severities),
    )


def reports_finding(severity):
    from certlib.rules import Finding

    return Finding("a-rule", severity, "text", "detail", "do", "source", "https://a.b")


def test_sums_add_up():
    results = [
        found(Kind.CERTIFICATE, Severity.ERROR, Severity.NOTICE),
        *[found(Kind.CERTIFICATE, Severity.NOTICE)] * 3,
        found(trusted=None),
        found(Kind.REQUEST),
        *[found(Kind.PRIVATE_KEY, Severity.WARNING)] * 2,
        found(Kind.UNREADABLE, Severity.ERROR),
    ]
    said = evidence.sums(results)
    assert (
        "5 certificates, 1 signing request, 2 private keys, 1 thing that was not read: "
        "2 with errors, 2 with warnings, 3 with notices, 2 fine (of 1 the path to a "
        "root was not judged)"
    ) == said
    assert len(results) == sum(evidence.tiles(results).values())
    things, _, parts = re.sub(r" \(.*\)", "", said).partition(": ")
    assert sum(map(int, re.findall(r"\d+", things))) == sum(
        map(int, re.findall(r"\d+", parts))
    )


def test_one_is_one():
    assert evidence.sums([found()]).startswith("1 certificate: ")
    assert evidence.sums([]).startswith("0 certificates: ")
    page = reports.render([found()], "html").decode()
    assert "1 certificates" not in page


def test_all_of_ten_thousand_are_shown():
    results = [found(number=number) for number in range(10_000)]
    listing = Listing(results, forge.AT)
    assert 10_000 == len(listing.rows(Query()))
    assert 1 == len(listing.rows(Query(words="host-9876.example")))
    assert 10_000 == len(reports.rows(results))
    page = reports.render(results, "html").decode()
    assert 10_000 == page.count("<details")
    document = json.loads(reports.render(results, "json"))
    assert 10_000 == len(document["certificates"])
    suite = ElementTree.fromstring(reports.render(results, "junit"))
    assert 10_000 == len(suite.findall("testcase"))
    book = openpyxl.load_workbook(
        io.BytesIO(reports.render(results, "xlsx")), read_only=True
    )
    assert 10_001 == sum(1 for _ in book["Audit"].values)


def test_the_same_audit_gives_the_same_bytes(results):
    for format_ in reports.FORMATS:
        once = reports.render(results, format_, about=about())
        assert once == reports.render(results, format_, about=about())


def test_an_earlier_report_is_compared_with(results, tmp_path):
    (path := tmp_path / "a.json").write_bytes(reports.render(results, "json"))
    assert () == comparing.compare(comparing.read(path), results)
