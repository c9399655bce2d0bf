"""Symptoms: found by text, part, code, rule and in spite of typos; else not at all."""

from __future__ import annotations

import json
import random
import string
import subprocess
import sys
from pathlib import Path

import pytest
import seen
from click.testing import CliRunner

from certlib import symptoms
from certlib.cli.explain import explain
from certlib.errors import InputError
from certlib.practice.faults import FAULTS
from certlib.rules import RULES
from certlib.symptoms import How
from certlib.widgets.symptoms import symptoms_form

ROOT = Path(__file__).parent.parent
DATA = json.loads(
    (Path(symptoms.__file__).parent / "symptoms.json").read_text(encoding="utf-8")
)


def first(text):
    return symptoms.find(text)[0].symptom


def texts(text):
    return [match.symptom.text for match in symptoms.find(text)]


# The data


def test_there_are_enough_and_no_text_twice() -> None:
    known = [symptom.plain for symptom in symptoms.all_symptoms()]
    assert 150 <= len(known) == len(set(known))


def test_all_kinds_of_programs_have_some() -> None:
    places = " ".join(symptom.where for symptom in symptoms.all_symptoms())
    for program in (
        *("Chrome", "Firefox", "OpenSSL", "curl", "Java", ".NET", "Schannel", "Node"),
        *("Go", "Python", "certutil", "certreq", "PowerShell", "sapgenpse", "Designer"),
    ):
        assert program in places


def test_each_reference_resolves_and_nothing_is_left_over() -> None:
    rows = DATA["symptoms"]
    assert {cause for row in rows for cause in row["causes"]} == set(DATA["causes"])
    assert {row["source"] for row in rows} == set(DATA["sources"])


@pytest.mark.parametrize("cause", DATA["causes"])
def test_a_cause_has_check_fix_rules_that_exist_and_a_notebook(cause) -> None:
    row = DATA["causes"][cause]
    assert row["text"].endswith(".")
    assert row["check"]
    assert row["fix"]
    assert set() == set(row["rules"]) - set(RULES)
    assert (ROOT / "notebooks" / f"{row['notebook']}.ipynb").is_file()
    assert row.get("fault", "expired") in FAULTS


def test_each_has_causes_and_a_source_that_can_be_opened() -> None:
    for symptom in symptoms.all_symptoms():
        assert symptom.causes
        assert symptom.where
        assert symptom.source
        assert symptom.url.startswith("https://")


# Found


@pytest.mark.parametrize("symptom", symptoms.all_symptoms(), ids=lambda s: s.text[:40])
def test_its_own_text_finds_it(symptom) -> None:
    assert symptom.text in texts(symptom.text)


def test_each_code_finds_those_that_have_it() -> None:
    for symptom in symptoms.all_symptoms():
        for code in symptom.codes:
            found = symptoms.find(code, limit=20)
            assert symptom in [match.symptom for match in found], code


@pytest.mark.parametrize(
    ("text", "cause"),
    [
        ("NET::ERR_CERT_COMMON_NAME_INVALID", "wrong-name"),
        ("ERR_CERT_COMMON_NAME_INVALID", "wrong-name"),
        ("cert_common_name", "wrong-name"),
        ("unable to get local issuer certificate", "missing-intermediate"),
        ("local issuer", "missing-intermediate"),
        ("Keyset does not exist", "key-no-read"),
        ("Schannel 36870", "key-no-read"),
        ("Event ID 36870", "key-no-read"),
        ("PKIX path building failed", "own-list"),
        ("pkix path bulding faild", "own-list"),
        ("verify error 20", "missing-intermediate"),
        ("Der Schlüsselsatz ist nicht vorhanden", "key-no-read"),
        ("Schluesselsatz ist nicht vorhanden", "key-no-read"),
        ("Das angegebene Netzwerkkennwort ist falsch", "passphrase"),
        ("DER ZIELPRINZIPALNAME IST FALSCH", "wrong-name"),
        ("Das Remotezertifikat ist ungültig", "unknown-root"),
        (
            "x509: certificate is valid for a.example.com, not b.example.com",
            "wrong-name",
        ),
    ],
)
def test_the_first_cause(text, cause) -> None:
    assert DATA["causes"][cause]["text"] == first(text).causes[0].text


@pytest.mark.parametrize(
    "spelling",
    [
        *("0x8009030D", "0X8009030d", "8009030D", "8009030d", "8009030Dh"),
        *("-2146893043", "2148074253", "SEC_E_UNKNOWN_CREDENTIALS"),
        *("HRESULT: 0x8009030D", "(0x8009030d)", "failed with 0x8009030DL."),
    ],
)
def test_a_code_in_any_spelling(spelling) -> None:
    match = symptoms.find(spelling)[0]
    assert "SEC_E_UNKNOWN_CREDENTIALS" in match.symptom.codes
    assert How.CODE is match.how


CURL_NAME = (
    "curl: (60) SSL: no alternative certificate subject name matches target host name "
    "'erp.example.com'"
)


@pytest.mark.parametrize(
    ("line", "cause"),
    [
        (
            CURL_NAME,
            "wrong-name",
        ),
        (
            "remote certificate is invalid: RemoteCertificateNameMismatch",
            "wrong-name",
        ),
        ("curl: (60) SSL certificate problem: certificate has expired", "expired"),
    ],
)
def test_the_reason_comes_before_its_frame(line, cause) -> None:
    assert DATA["causes"][cause]["text"] == first(line).causes[0].text


def test_an_event_with_its_alert_is_one_text() -> None:
    assert ["48."] == [t.rpartition(" ")[2] for t in texts("Schannel 36887 alert 48")]


def test_in_a_pasted_line_the_inner_message_comes_before_its_frame() -> None:
    line = (
        "requests.exceptions.SSLError: [SSL: CERTIFICATE_VERIFY_FAILED] certificate "
        "verify failed: unable to get local issuer certificate (_ssl.c:1006)"
    )
    found = texts(line)
    assert "unable to get local issuer certificate" == found[0]
    assert any("CERTIFICATE_VERIFY_FAILED" in text for text in found)


def mangled(text, chance):
    """Return a text with two typos."""
    for _ in range(2):
        at = chance.randrange(len(text))
        letter = chance.choice(string.ascii_lowercase)
        text = chance.choice(
            [
                text[:at] + text[at + 1 :],
                text[:at] + letter + text[at + 1 :],
                text[:at] + letter + text[at:],
                text[:at] + text[at : at + 2][::-1] + text[at + 2 :],
            ]
        )
    return text


@pytest.mark.parametrize("seed", range(3))
def test_two_typos_are_forgiven(seed) -> None:
    chance = random.Random(seed)
    known = symptoms.all_symptoms()
    again = [s for s in known if s.text in texts(mangled(s.text, chance))]
    assert 0.95 * len(known) <= len(again)


# Not found


@pytest.mark.parametrize(
    "text",
    [
        *("", " ", "hello world", "1234", "error", "certificate", "connection", "…"),
        *("12345678", "0x80091234", "alert", "the file", "\x00\x1b[31m", "SSL"),
        "Mix 200 g of flour with two eggs and milk. Bake it at 180 degrees.",
        "Das Wetter ist heute schön, morgen regnet es.",
        "ORA-12154: TNS:could not resolve the connect identifier specified",
        "kubectl: pod is in CrashLoopBackOff",
        "The printer is out of paper",
        "HTTP Error 503. The service is unavailable.",
        "The license has expired",
        "Die Datei wurde nicht gefunden",
        "The user name or password is incorrect",
        "permission denied (publickey)",
        "How do I install a printer driver on Windows 11?",
        "lorem ipsum dolor sit amet " * 2000,
    ],
)
def test_what_is_not_known_is_not_guessed(text) -> None:
    assert [] == symptoms.find(text)


# Rules


@pytest.mark.parametrize("spelling", ["san-missing", "SAN-MISSING", "san_missing"])
def test_a_rule_is_explained(spelling) -> None:
    match = symptoms.find(spelling)[0]
    rule = RULES["san-missing"]
    assert How.RULE is match.how
    assert (rule.text, rule.url) == (match.symptom.text, match.symptom.url)
    assert rule.remedy == match.symptom.causes[0].fix


def test_every_rule_is_explained() -> None:
    assert list(RULES.values()) == [
        rule for rule in RULES.values() if rule.text == first(rule.id).text
    ]


# The command


def run(*arguments, stdin=None):
    return CliRunner().invoke(explain, arguments, input=stdin)


def test_the_command_says_cause_check_and_fix() -> None:
    done = run("unable", "to", "get", "local", "issuer", "certificate")
    assert 0 == done.exit_code
    cause = DATA["causes"]["missing-intermediate"]
    for words in (cause["text"], cause["check"], cause["fix"], "4-importing"):
        assert words in done.output
    assert "https://docs.openssl.org" in done.output


def test_the_command_names_the_task_that_teaches_it() -> None:
    assert "certlib lab --fault key-not-readable" in run("0x80090016").output


def test_a_code_that_begins_like_an_option() -> None:
    assert "SEC_E_UNKNOWN_CREDENTIALS" in run("-2146893043").output


def test_from_a_pipe_in_utf_16_too() -> None:
    for encoding in ("utf-8", "utf-16"):
        done = run("-", stdin="Der Schlüsselsatz ist nicht vorhanden.".encode(encoding))
        assert 0 == done.exit_code, encoding
        assert "NTE_BAD_KEYSET" in done.output or "0x80090016" in done.output


def test_json() -> None:
    rows = json.loads(run("--json", "0x80090016").output)["explanations"]
    assert "code" == rows[0]["how"]
    assert "private-key-not-readable" in rows[0]["rules"]
    nothing = run("--json", "hello world")
    assert (1, []) == (nothing.exit_code, json.loads(nothing.output)["explanations"])


def test_nothing_found_is_said_and_exit_code_1() -> None:
    done = run("hello", "world")
    assert 1 == done.exit_code
    assert "Nothing is known here about: hello world" in done.output
    assert "certutil -error 0x80091234" in run("0x80091234").output


def test_a_strangers_text_is_printed_harmlessly() -> None:
    done = run("\x1b[2J\x07[red]\u202eevil\nqqqq")
    assert 1 == done.exit_code
    assert "\\x1b[2J\\x07[red]\\u202eevil qqqq" in done.output
    assert f"about: {'qx' * 50}…\n" in run("qx" * 5000).output


def test_as_a_process() -> None:
    done = subprocess.run(
        [sys.executable, "-m", "certlib", "explain", "0x8009030D"],
        capture_output=True,
        encoding="utf-8",
        timeout=60,
    )
    assert (0, "") == (done.returncode, done.stderr)
    assert "SEC_E_UNKNOWN_CREDENTIALS" in done.stdout


def test_it_starts_without_what_it_does_not_need() -> None:
    program = (
        "import sys; from certlib import symptoms; import certlib.cli.explain; "
        "symptoms.find('0x8009030D'); print(*sys.modules)"
    )
    loaded = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=True
    ).stdout.split()
    assert set() == {"cryptography", "certlib.rules", "pandas"} & set(loaded)


def test_the_form_explains_a_text_with_causes_checks_and_lessons():
    form = symptoms_form()
    form.fill(text="unable to get local isuer certificate")
    assert "unable to get local issuer certificate" == form.submit()[0].symptom.text
    said = seen.html(form)
    for part in ("Check: ", "Do: ", "Learn it in", "docmanager:open"):
        assert part in said


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "there is no text"),
        ("my cat is hungry", "nothing is known"),
        ("0x80091234", "certutil -error 0x80091234"),
    ],
)
def test_the_form_says_what_is_left_to_try(text, said):
    form = symptoms_form()
    form.fill(text=text)
    with pytest.raises(InputError, match=said):
        form.submit()


def test_the_form_escapes_what_was_pasted():
    form = symptoms_form()
    form.fill(text="<img src=x onerror=alert(1)> certificate has expired")
    form.submit()
    assert "<img" not in seen.html(form)
