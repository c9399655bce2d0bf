"""An auditor's folder is audited: each verdict is the one that was written down."""

from __future__ import annotations

import contextlib
import io
import os
import time
from pathlib import Path

import auditors_folder as folder
import openpyxl
import pytest
from auditors_folder import CONTEXT, FILES, SERVERS, STORED

from certlib import auditing, reports
from certlib.auditing.sources import EndpointSource
from certlib.endpoints import serving
from certlib.summaries import Kind

MOST_SECONDS = 30
STATIC = Path(__file__).resolve().parent.parent / "docs" / "_static"


@pytest.fixture(scope="module")
def audited(tmp_path_factory):
    """What was found: the rules that are broken at each place, and how long it took."""
    base = tmp_path_factory.mktemp("auditor")
    folder.lay(base / "certificates")
    trust = folder.trust()
    with contextlib.ExitStack() as stack:
        asked = [
            stack.enter_context(
                serving.serve(bundle, server_name=f"app-{number:02}.example.com")
            )
            for number, (bundle, _, _) in SERVERS.items()
        ]
        begun = time.monotonic()
        sources = [
            auditing.FileSource(base / "certificates", (folder.WORD,), trust),
            EndpointSource(tuple(asked), trust, deadline=20.0),
            folder.store(base / "stores", trust),
        ]
        results = list(auditing.audit(sources, CONTEXT))
        took = time.monotonic() - begun
    found = {}
    for one in results:
        for place, findings in one.at_place().items():
            found[place.replace("\\", "/")] = (one, frozenset(f.rule for f in findings))
    return found, took


def at(audited, end):
    """Return the rules that are broken at the place with this end."""
    (broken,) = (rules for place, (_, rules) in audited[0].items() if end in place)
    return broken


@pytest.mark.parametrize("case", FILES, ids=lambda case: case.name)
def test_a_file_has_its_verdict(audited, case):
    assert case.verdict == at(audited, f"/{case.name}"), case.reason


@pytest.mark.parametrize("number", SERVERS)
def test_a_server_has_its_verdict(audited, number):
    _, verdict, reason = SERVERS[number]
    assert verdict == at(audited, f"(app-{number:02}.example.com)"), reason


@pytest.mark.parametrize("number", STORED)
def test_a_stored_one_has_its_verdict(audited, number):
    _, verdict, reason = STORED[number]
    assert verdict == at(audited, f"/My/{folder.server(number).thumbprint}"), reason


def test_nothing_else_was_found_and_in_time(audited):
    found, took = audited
    assert len(FILES) + len(SERVERS) + len(STORED) == len(found)
    kinds = [one.summary.kind for one, _ in found.values()]
    assert 60 <= kinds.count(Kind.CERTIFICATE)
    assert 20 == len(SERVERS)
    assert took < MOST_SECONDS


def verdicts(book):
    """Place, severity and rule of each row of a report in Excel."""
    sheet = openpyxl.load_workbook(io.BytesIO(book))["Audit"]
    return [(row[0], row[3], row[4]) for row in sheet.values]


@pytest.mark.skipif(os.name == "nt", reason="modes are those of POSIX")
def test_the_report_in_the_documentation_says_the_same(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    results, about = folder.report(Path())
    hint = "run: uv run python tests/auditors_folder.py"
    told = verdicts(reports.render(results, "xlsx", about=about))
    assert told == verdicts((STATIC / "audit.xlsx").read_bytes()), hint
    page = (STATIC / "audit.html").read_text("utf-8")
    assert [] == [place for place, *_ in told[1:] if place not in page], hint


def test_the_report_is_the_same_each_time(tmp_path, monkeypatch):
    made = []
    for name in ("one", "two"):
        (tmp_path / name).mkdir()
        monkeypatch.chdir(tmp_path / name)
        results, about = folder.report(Path())
        made.append(reports.render(results, "html", about=about))
    assert made[0] == made[1]
