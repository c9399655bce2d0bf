"""Reports: each format read back by something else than what wrote it."""

import csv
import dataclasses
import io
import json
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from html.parser import HTMLParser
from xml.etree import ElementTree

import forge
import openpyxl
import pytest
from cryptography.hazmat.primitives.serialization import Encoding
from hypothesis import example, given
from hypothesis import strategies as st

from certlib import auditing, reports, rules, summaries, texts
from certlib.auditing import Audited, Suppressions, comparing
from certlib.auditing.comparing import Change
from certlib.auditing.sources import DataSource
from certlib.auditing.suppressions import Suppression
from certlib.errors import CertlibError, EncodingError, InputError
from certlib.reports import tables
from certlib.rules import Context, Finding, Severity

HERE = Context(at=forge.AT, server_name="server.example.com", practice=True)
EVIL = '=cmd()<script>alert("x")</script>'


def audited(*bundles, context=HERE, suppressions=None):
    sources = [
        DataSource(lambda b=b: forge.der(b), f"{n}.cer") for n, b in enumerate(bundles)
    ]
    return list(auditing.audit(sources, context, suppressions=suppressions))


@pytest.fixture(scope="module")
def results():
    evil = forge.leaf(common_name=EVIL, private_key=forge.key(1))
    return audited(forge.leaf(issuer=forge.ca()), evil)


def test_a_row_for_each_finding_and_each_fine_one(results):
    rows = reports.rows(results)
    assert "fine" == rows[0][3]
    assert len(rows) == 1 + len(results[1].findings)
    table = tables.frame(results)
    assert list(reports.COLUMNS) == list(table.columns)
    for row, expected in zip(table.itertuples(index=False), rows, strict=True):
        assert expected == tuple(row)


def test_csv_holds_no_formula(results):
    text = reports.render(results, "csv").decode("utf-8-sig")
    rows = list(csv.DictReader(io.StringIO(text)))
    assert f"CN={EVIL}" not in {row["detail"] for row in rows}
    cells = [cell for row in rows for cell in row.values()]
    assert [] == [cell for cell in cells if cell[:1] in "=+-@\t\r" and cell]
    assert "fine" == rows[0]["severity"]


@pytest.mark.parametrize(
    ("text", "harmless"),
    [
        ("=1", "'=1"),
        ("+1", "'+1"),
        ("-1", "'-1"),
        ("@x", "'@x"),
        (" =1", "' =1"),
        ("\t=1", r"\t=1"),
        ("\n=1", r"\n=1"),
        ("a;=1", "a;'=1"),
        ('a; "=1', "a;' \"=1"),
        ("1=", "1="),
    ],
)
def test_formulas_are_neutralised(text, harmless):
    assert harmless == reports.plain(text)


TRICKY = st.text(st.sampled_from("=+-@;\t|,\"' \r\na\x1b\u202e\x9b"), max_size=12)


@given(st.lists(TRICKY, min_size=2, max_size=4))
def test_no_reader_of_csv_sees_a_formula(values):
    # Excel takes the separator of its country, whatever the file was written with.
    unread = summaries.unreadable("it is torn")
    results = [
        Audited((value,), unread._replace(subject=value), ()) for value in values
    ]
    text = reports.render(results, "csv").decode("utf-8-sig")
    for separator in ",;\t|":
        rows = csv.reader(io.StringIO(text), delimiter=separator)
        cells = [cell.lstrip(' "') for row in rows for cell in row]
        assert [] == [cell for cell in cells if cell[:1] in tuple("=+-@")]


EVIL_TEXT = "a\x00\x07\x1b[2J\x7f\x9b1m\u200e\u202e\u2066\ufeff\u2028\udcfc\nb"


@given(st.text(st.one_of(st.characters(), st.sampled_from(EVIL_TEXT)), min_size=1))
@example(EVIL_TEXT)
def test_no_format_hands_on_what_a_stranger_wrote_into_the_screen(text):
    found = Finding(
        "a-rule", Severity.ERROR, text, text, text, text, "https://a.example"
    )
    unread = summaries.unreadable("it is torn")._replace(subject=text)
    results = [Audited((text,), unread, (found,))]
    for format_ in set(reports.FORMATS) - {"xlsx", "xml"}:
        for said in (
            reports.render(results, format_).decode("utf-8-sig"),
            reports.printed(results, format_),
        ):
            assert said.replace("\n", "") == texts.shown(said.replace("\n", ""))
    book = openpyxl.load_workbook(io.BytesIO(reports.render(results, "xlsx")))
    for row in book.active:
        for cell in row:
            assert str(cell.value or "") == texts.shown(str(cell.value or ""))


def test_excel_keeps_what_is_too_long_or_too_old_for_it():
    old = datetime(12, 1, 1, tzinfo=UTC)
    unread = summaries.unreadable("it is torn")._replace(not_after=old)
    places = tuple(f"/certificates/of/a/server/in/a/folder/{n}.cer" for n in range(700))
    book = reports.render([Audited(places, unread, ())], "xlsx")
    sheet = openpyxl.load_workbook(io.BytesIO(book)).worksheets[0]
    assert places == tuple(row[0].value for row in sheet.iter_rows(min_row=2))
    row = sheet[2]
    assert "0012-01-01T00:00:00+00:00" == row[2].value


def test_excel_has_filters_days_and_no_formula(results):
    book = openpyxl.load_workbook(io.BytesIO(reports.render(results, "xlsx")))
    sheet = book.active
    assert f"A1:L{sheet.max_row}" == sheet.auto_filter.ref
    assert "A2" == sheet.freeze_panes
    assert reports.COLUMNS == tuple(cell.value for cell in sheet[1])
    kinds = {cell.data_type for row in sheet for cell in row}
    assert kinds <= {"s", "d", "n"}
    assert all(c.data_type != "n" or c.value is None for row in sheet for c in row)
    assert results[0].summary.not_after.date() == sheet["C2"].value.date()


class Tags(HTMLParser):
    def __init__(self):
        super().__init__()
        self.tags, self.links = [], []

    def handle_starttag(self, tag, attributes):
        self.tags.append(tag)
        self.links += [v for k, v in attributes if k in ("src", "href")]


def test_the_page_stands_alone_and_is_escaped(results):
    page = reports.render(results, "html").decode()
    tags = Tags()
    tags.feed(page)
    assert not {"script", "link", "img", "iframe"} & set(tags.tags)
    assert all(link.startswith("https://") for link in tags.links)
    assert "&lt;script&gt;" in page
    assert "To do (you):" in page


def test_junit_counts_errors_as_failures(results):
    suite = ElementTree.fromstring(reports.render(results, "junit"))
    errors = [f for r in results for f in r.findings if f.severity is Severity.ERROR]
    assert str(len({f.rule for f in errors})) == suite.get("failures")
    cases = 1 + len({f.rule for f in results[1].findings})
    assert str(cases) == suite.get("tests")


def test_junit_takes_what_xml_cannot_hold():
    odd = audited(forge.leaf(common_name="a\x00\x1b b"))
    assert len(ElementTree.fromstring(reports.render(odd, "xml")))


def test_json_has_everything(results):
    document = json.loads(reports.render(results, "json"))
    assert [r.summary.thumbprint for r in results] == [
        one["summary"]["thumbprint"] for one in document["certificates"]
    ]
    assert [f.rule for f in results[1].findings] == [
        finding["rule"] for finding in document["certificates"][1]["findings"]
    ]
    assert {("1.cer",)} == {
        (finding["place"],) for finding in document["certificates"][1]["findings"]
    }


def test_the_ending_decides_the_format(results, tmp_path):
    for ending in ("json", "csv", "html", "xlsx", "xml"):
        reports.write(results, tmp_path / f"a.{ending}")
    assert (tmp_path / "a.xlsx").read_bytes().startswith(b"PK")
    with pytest.raises(InputError, match="exists already"):
        reports.write(results, tmp_path / "a.csv")
    with pytest.raises(InputError, match="no format 'docx'"):
        reports.write(results, tmp_path / "a.docx")


# Comparing


def test_what_has_changed_since_an_earlier_audit(tmp_path):
    ca = forge.ca()
    same = forge.leaf(issuer=ca, san=["same.example.com"], common_name="same")
    gone = forge.leaf(issuer=ca, common_name="gone")
    worse = forge.leaf(issuer=ca, common_name="worse", validity=60 * forge.DAY)
    old = forge.leaf(issuer=ca, common_name="old")
    renewed = forge.leaf(issuer=ca, common_name="old", validity=91 * forge.DAY)
    new = forge.leaf(issuer=ca, common_name="new")
    (tmp_path / "a.json").write_bytes(
        reports.render(audited(same, gone, worse, old), "json")
    )
    later = Context(at=forge.AT + 40 * forge.DAY, server_name="server.example.com")
    found = comparing.compare(
        comparing.read(tmp_path / "a.json"),
        audited(same, worse, renewed, new, context=later),
    )
    assert [
        (Change.WORSE, "CN=worse", "expiring"),
        (Change.RENEWED, "CN=old", "until 2027-01-30, now until 2027-01-31"),
        (Change.NEW, "CN=new", "until 2027-01-30"),
        (Change.GONE, "CN=gone", "until 2027-01-30"),
    ] == [(c.change, c.subject, c.detail) for c in found]


@pytest.mark.parametrize(
    "data", [b'{"a": 1}', b"[1]", b"no", b'[{"place": 1}]', b"\xff"]
)
def test_what_is_no_earlier_audit_is_refused(tmp_path, data):
    (tmp_path / "a.json").write_bytes(data)
    with pytest.raises(EncodingError):
        comparing.read(tmp_path / "a.json")


# Places


def at_two_places(suppressions=None):
    """One certificate that has ended, in a file and at a server with old TLS."""
    late = forge.leaf(issuer=forge.ca(), not_after=forge.AT - forge.SECOND)
    file = DataSource(lambda: late.leaf.public_bytes(Encoding.DER), "a.cer")
    return list(
        auditing.audit([file, _OverOldTls(file)], HERE, suppressions=suppressions)
    )


class _OverOldTls:
    """The same certificate at a server that speaks an old version of TLS."""

    def __init__(self, source):
        self.source = source

    def __iter__(self):
        for one in self.source:
            around = one.summary.surroundings._replace(protocol="TLSv1", server_name="")
            yield one._replace(
                place="[::1]:443",
                summary=one.summary._replace(surroundings=around),
            )


def test_a_finding_belongs_to_its_place():
    (one,) = at_two_places()
    at = {(f.rule, f.place) for f in one.findings}
    assert {"a.cer", "[::1]:443"} == {place for rule, place in at if rule == "expired"}
    assert ["[::1]:443"] == [place for rule, place in at if rule == "tls-version-old"]
    assert [("expired", ()), ("tls-version-old", ("[::1]:443",))] == [
        (finding.rule, places) for finding, places in one.told
    ]
    assert [
        ("a.cer", "expired"),
        ("[::1]:443", "expired"),
        ("[::1]:443", "tls-version-old"),
    ] == [(row[0], row[4]) for row in reports.rows([one])]
    suite = ElementTree.fromstring(reports.render([one], "junit"))
    assert [
        ("a.cer", "expired"),
        ("[::1]:443", "expired"),
        ("[::1]:443", "tls-version-old"),
    ] == [(case.get("classname"), case.get("name")) for case in suite.iter("testcase")]
    assert "Only at:</b> [::1]:443" in reports.render([one], "html").decode()


@pytest.mark.parametrize("pattern", ["a.cer", "[::1]:443"])
def test_what_is_accepted_at_one_place_counts_at_the_other(pattern):
    entry = Suppression("expired", "why", date(2027, 1, 1), pattern)
    (one,) = at_two_places(Suppressions((entry,)))
    (other,) = {"a.cer", "[::1]:443"} - {pattern}
    assert [other] == [f.place for f in one.findings if f.rule == "expired"]
    assert [pattern] == [s.finding.place for s in one.suppressed]
    rows = {row[:1] + row[3:5]: row[7] for row in reports.rows([one])}
    assert "accepted until 2027-01-01: why" == rows[pattern, "accepted", "expired"]
    assert (other, "error", "expired") in rows


def test_worse_at_one_place_says_where(tmp_path):
    (one,) = at_two_places()
    fine = dataclasses.replace(
        one, findings=tuple(f for f in one.findings if f.rule == "expired")
    )
    (tmp_path / "a.json").write_bytes(reports.render([fine], "json"))
    (found,) = comparing.compare(comparing.read(tmp_path / "a.json"), [one])
    assert (Change.WORSE, "tls-version-old at [::1]:443") == (
        found.change,
        found.detail,
    )


def test_a_list_of_an_earlier_version_is_compared(tmp_path, results):
    document = json.loads(reports.render(results, "json"))["certificates"]
    for one in document:
        for finding in one["findings"]:
            del finding["place"]
    (tmp_path / "a.json").write_text(json.dumps(document))
    assert () == comparing.compare(comparing.read(tmp_path / "a.json"), results)


# Suppressions


def accepted(tmp_path, text):
    (tmp_path / "a.toml").write_text(text, encoding="utf-8")
    return Suppressions.read(tmp_path / "a.toml")


ENTRY = """
[[suppress]]
rule = "expired"
certificate = "*.example.com"
reason = "It is switched off."
until = 2026-11-02
"""


def test_a_finding_is_accepted_until_a_day(tmp_path):
    late = forge.leaf(issuer=forge.ca(), not_after=forge.AT - forge.SECOND)
    given = accepted(tmp_path, ENTRY)
    (found,) = audited(late, suppressions=given)
    assert () == found.findings
    assert [("expired", "It is switched off.", date(2026, 11, 2))] == [
        (s.finding.rule, s.reason, s.until) for s in found.suppressed
    ]
    after = Context(at=forge.AT + timedelta(hours=16), practice=True)  # the next day
    (found,) = audited(late, suppressions=given, context=after)
    assert ["expired"] == [finding.rule for finding in found.findings]


@pytest.mark.parametrize(
    ("pattern", "covered"),
    [("*", True), ("0.cer", True), ("1.cer", False), ("*.EXAMPLE.com", True)],
)
def test_which_certificate_is_meant(pattern, covered):
    late = forge.leaf(issuer=forge.ca(), not_after=forge.AT - forge.SECOND)
    entry = Suppression("expired", "why", date(2027, 1, 1), pattern)
    (found,) = audited(late, suppressions=Suppressions((entry,)))
    assert covered == (found.findings == ())


@pytest.mark.parametrize(
    "text",
    [
        "suppress",
        "other = 1",
        "suppress = 1",
        ENTRY.replace("2026-11-02", "'soon'"),
        ENTRY.replace("until = 2026-11-02", ""),
        ENTRY.replace('reason = "It is switched off."', ""),
        ENTRY.replace("It is switched off.", " "),
        ENTRY.replace("expired", "no-such-rule"),
        ENTRY + "more = 1\n",
    ],
)
def test_a_careless_suppression_is_refused(tmp_path, text):
    with pytest.raises((InputError, EncodingError)):
        accepted(tmp_path, text)


def test_who_accepts_it_last_is_named_with_reason_and_day(tmp_path):
    late = forge.leaf(issuer=forge.ca(), not_after=forge.AT - forge.SECOND)
    first = Suppression("expired", "why", date(2027, 1, 1), by="Ada")
    last = Suppression("expired", "it moves", date(2027, 2, 2), by="Grace")
    path = tmp_path / "accepted.toml"
    Suppressions((first,)).write(path)
    Suppressions.read(path).adding(last).write(path)
    (found,) = audited(late, suppressions=Suppressions.read(path))
    assert [("it moves", date(2027, 2, 2), "Grace")] == [
        (s.reason, s.until, s.by) for s in found.suppressed
    ]


@pytest.mark.parametrize("name", ["reason", "certificate", "by"])
def test_a_suppression_says_it_in_so_many_characters(tmp_path, name):
    path = tmp_path / "accepted.toml"
    for length, fine in ((2000, True), (2001, False)):
        entry = replace(
            Suppression("expired", "why", date(2027, 1, 1)), **{name: "a" * length}
        )
        if fine:
            Suppressions((entry,)).write(path)
            assert (entry,) == Suppressions.read(path).entries
            continue
        before = path.read_bytes()
        with pytest.raises(InputError, match="2,000 are the limit"):
            Suppressions((entry,)).write(path)
        assert before == path.read_bytes()
        path.write_bytes(before.replace(b'"\n', b'a"\n'))
        with pytest.raises(InputError, match="2,000 are the limit"):
            Suppressions.read(path)


@pytest.mark.parametrize(
    "text", ["done 😀", "ü" * 1500, "\x00\x7f\x85\u202e", 'a\n"""\\']
)
def test_what_is_accepted_is_read_as_it_was_written(tmp_path, text):
    path = tmp_path / "accepted.toml"
    entry = Suppression("expired", f"x{text}", date(2027, 1, 1), f"x{text}", text)
    Suppressions((entry,)).write(path)
    assert (entry,) == Suppressions.read(path).entries


def test_half_a_character_spoils_no_file_of_accepted_findings(tmp_path):
    path = tmp_path / "accepted.toml"
    with pytest.raises(CertlibError, match="not TOML"):
        Suppressions((Suppression("expired", "\ud800", date(2027, 1, 1)),)).write(path)
    assert not path.exists()


@pytest.mark.parametrize("format_", reports.FORMATS)
@pytest.mark.parametrize("year", [1, 1890, 1899, 9999])
def test_a_day_that_excel_does_not_know_loses_no_report(year, format_):
    days = [datetime(year, month, 1, tzinfo=UTC) for month in (1, 2)]
    summary = summaries.of_certificate(forge.leaf().leaf)._replace(
        not_before=days[0], not_after=days[1]
    )
    found = rules.judge(summary, Context(forge.AT))
    report = reports.render([Audited(("odd.cer",), summary, found, (), ())], format_)
    if format_ == "xlsx":
        sheet = openpyxl.load_workbook(io.BytesIO(report))["Audit"]
        report = str([str(cell.value) for row in sheet for cell in row]).encode()
    assert b"odd.cer" in report
    if format_ not in ("junit", "xml", "sarif", "md", "nagios"):  # findings alone
        assert f"{year:04d}-02-01".encode() in report
