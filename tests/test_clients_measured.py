"""What clients were measured to say: still true, and what our texts say of them."""

from __future__ import annotations

import ast
import json
import re
from pathlib import Path

import clients_page
import measured_faults
import pytest
from components import require_all
from live import served
from measured_cases import MEASURED, NOT_MEASURED, SERVED, versions
from pki import AT

from certlib import auditing
from certlib.auditing.sources import Found
from certlib.endpoints import Endpoint, Presented, clients
from certlib.practice.faults import FAULTS
from certlib.practice.faults import measured as lab
from certlib.rules import RULES, Context
from certlib.rules.measured import measured
from certlib.trust import places
from certlib.trust.roots import Trust

ROOT = Path(__file__).parent.parent
QUICK = [
    clients.CLIENTS[name]
    for name in ("Python", "openssl s_client", "curl", "gnutls-cli", "tstclnt")
]
"""Those that answer within a tenth of a second; Java and a browser take seconds."""

SLOW = ("curve-not-in-browsers",)
"""The rules that the slow ones are asked about again."""


def test_the_rules_that_were_measured_exist() -> None:
    assert set() == set(MEASURED) - set(RULES)
    assert set() == set(measured().answers) - set(MEASURED)


def test_each_rule_was_measured_or_has_a_reason_why_not() -> None:
    assert set(RULES) == set(measured().answers) ^ set(NOT_MEASURED)
    assert set() == {why for why in NOT_MEASURED.values() if not why or "\n" in why}


ELSEWHERE = {
    "for-more-than-servers": "it holds from a later day on",
    **dict.fromkeys(SERVED, "it is about the server"),
}
"""Rules that the chain alone does not break."""


@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize("rule", sorted(set(MEASURED) - set(ELSEWHERE)))
def test_what_was_measured_breaks_the_rule(rule: str) -> None:
    make, host = MEASURED[rule]
    leaf, sent, anchors = make()
    endpoint = Endpoint("127.0.0.1", 443, host)
    seen = Presented(endpoint, (leaf, *sent), "TLSv1.3", "x", stapled=b"")
    context = Context(AT, server_name=host)
    told = set()
    for trust in (Trust.of(anchors), Trust.of((), given=anchors)):
        at_server = Found.of("a", seen.placed(trust), ())
        in_files = [Found.of("b", places.in_file(c, (), trust), ()) for c in sent]
        for one in auditing.audit([[at_server, *in_files]], context):
            told |= {finding.rule for finding in one.findings}
    assert rule in told


@pytest.mark.parametrize("rule", sorted(measured().answers))
def test_what_was_measured_is_still_said(rule: str) -> None:
    make, host = MEASURED[rule]
    asked = [one for one in clients.CLIENTS.values() if one in QUICK or rule in SLOW]
    for one in asked:
        require_all(one.needs)
    chain, now = make(), dict(versions())
    with served(chain, host, SERVED.get(rule)) as endpoint:
        said = {
            one.client: one.accepted
            for one in clients.verdicts(endpoint, roots=chain[2], clients=asked)
        }
    kept = {
        client: accepted
        for client, accepted in measured().answers[rule].items()
        if client in said and now.get(client) == measured().versions[client]
    }
    assert kept == {client: said[client] for client in kept}


WORDS = {
    "Chromium": "Chromium",
    "Java": "Java",
    "GnuTLS": "gnutls-cli",
    "OpenSSL": "openssl s_client",
    "curl": "curl",
}
"""How our texts call clients."""


@pytest.mark.parametrize("rule", sorted(measured().answers))
def test_a_rule_that_names_clients_says_what_was_measured(rule: str) -> None:
    named = {WORDS[word] for word in WORDS if re.search(word, RULES[rule].text)}
    assert named <= set(measured().refusing(rule))


NAMES = (
    r"\b([Bb]rowsers?|Chrom(e|ium)|Firefox|curl|Java|Node|OpenSSL|GnuTLS|NSS|Go"
    r"|(every|no) client)\b"
)
VERBS = r"\b(refuse|accept|ignore|take|reject|forgive|look|fail)s?\b"

WITHOUT_SAN = ("common-name-only", {"Chromium"}, set())
WITH_CN = ("common-name-only", set(), {"curl", "openssl s_client", "Java", "Node.js"})
CLAIMS: dict[str, tuple[str, set[str], set[str]]] = {
    "browsers and Go refuse, while curl, OpenSSL, Java": (
        *("common-name-only", {"Chromium"}, WITH_CN[2]),
    ),
    "Browsers and Go ignore it": WITHOUT_SAN,
    "Browsers and Go look nowhere else": WITHOUT_SAN,
    "browsers and Go do not look there": WITHOUT_SAN,
    "no browser takes it": WITHOUT_SAN,
    "Browsers look into the SAN only (common-name-only)": WITHOUT_SAN,
    "curl, OpenSSL, Java and Node.js take": WITH_CN,
    "a certificate for other purposes alone every client refuses": (
        "not-for-server-authentication",
        {"Java", "Node.js", "curl", "openssl s_client", "tstclnt", "gnutls-cli"},
        set(),
    ),
    "writes an IP address as a DNS name, which no client accepts": (
        "address-as-dns-name",
        {"Java", "Node.js", "curl", "openssl s_client", "tstclnt", "gnutls-cli"},
        set(),
    ),
    "OpenSSL and curl refuse RSA keys below 2048 bits": (
        *("rsa-key-too-small", {"openssl s_client", "curl"}, set()),
    ),
}
"""What texts say of clients: the rule that was measured, who refuses, who accepts."""

WRITTEN = ("clients.md", "rules.md")
"""Pages that are written from what was measured."""

SAID_BY_OTHERS = (
    "Firefox takes the roots that an administrator installed",  # Mozilla, linked
    "NSS, for one, forgives a certificate that begins",  # of the day, not of a fault
    "takes passphrases of ASCII characters only",  # files, not certificates
    "some clients refuse it, GnuTLS for one",  # an answer that was to be stapled
    "click on the icon before the address",  # how, not whether
)
"""What was not measured with a certificate."""


def statements() -> set[str]:
    """Return the sentences of notebooks, docs and exercises that speak of clients."""
    pages = [*ROOT.glob("docs/**/*.md"), ROOT / "README.md"]
    found = [p.read_text("utf-8") for p in pages if p.name not in WRITTEN]
    for path in ROOT.glob("notebooks/*.ipynb"):
        cells = json.loads(path.read_text("utf-8"))["cells"]
        found += ["".join(c["source"]) for c in cells if c["cell_type"] == "markdown"]
    for path in ROOT.glob("certlib/practice/tasks/*.py"):
        strings = [
            node.value
            for node in ast.walk(ast.parse(path.read_text("utf-8")))
            if isinstance(node, ast.Constant) and isinstance(node.value, str)
        ]
        found += strings
    causes = json.loads((ROOT / "certlib/symptoms/symptoms.json").read_text("utf-8"))
    found += [cause["text"] for cause in causes["causes"].values()]
    plain = (re.sub(r"\]\([^)]*\)|\[", "", " ".join(text.split())) for text in found)
    each = [one.replace("]", "") for text in plain for one in re.split(r"[.;|] ", text)]
    speaks = [one for one in each if re.search(NAMES, one)]
    return {one for one in speaks if re.search(VERBS, one)}


def test_no_statement_about_clients_is_unknown() -> None:
    known = (*CLAIMS, *SAID_BY_OTHERS)
    rules = {rule.text.rstrip(".") for rule in RULES.values()}
    unknown = [
        one
        for one in statements()
        if not any(text.rstrip(".") in one for text in known)
        and not any(text in one for text in rules)
    ]
    assert [] == unknown


@pytest.mark.parametrize("claim", CLAIMS)
def test_what_texts_say_of_clients_was_measured(claim: str) -> None:
    rule, refusing, accepting = CLAIMS[claim]
    assert [one for one in statements() if claim in one]
    assert refusing <= set(measured().refusing(rule))
    assert accepting <= set(measured().accepting(rule))


ROWS = {
    "no SAN, the name in the CN": "common-name-only",
    "key may not make digital signatures": "key-may-not-sign",
    "for any purpose only": "for-any-purpose",
    "key on P-521": "curve-not-in-browsers",
    "Ed25519 key": "key-kind-not-for-windows",
    "SHA-1 signature": "signature-weak",
}
"""The rows of the page on auditing, and the rule that was measured."""


@pytest.mark.parametrize("row", ROWS)
def test_the_page_on_auditing_says_what_was_measured(row: str) -> None:
    page = (ROOT / "docs" / "auditing.md").read_text(encoding="utf-8")
    (line,) = [one for one in page.splitlines() if one.startswith(f"| {row} |")]
    words = {**WORDS, "Node": "Node.js"}
    refusing, accepting = (
        {words[word] for word in words if re.search(rf"\b{word}\b", cell)}
        for cell in line.split("|")[2:4]
    )
    assert refusing <= set(measured().refusing(ROWS[row]))
    assert accepting <= set(measured().accepting(ROWS[row]))


def test_the_page_on_clients_is_what_was_measured() -> None:
    assert clients_page.page() == clients_page.PAGE.read_text(encoding="utf-8")


def test_each_difference_to_the_clients_is_explained() -> None:
    assert clients_page.otherwise() == set(clients_page.OTHERWISE)
    explained = set(clients_page.OTHERWISE_IN_THE_LAB)
    assert clients_page.otherwise_in_the_lab() == explained


def test_every_fault_of_the_lab_that_is_served_was_measured() -> None:
    assert set(lab.measured()["answers"]) <= set(FAULTS)
    assert len(lab.measured()["answers"]) >= 30


@pytest.mark.parametrize("fault", FAULTS)
def test_what_is_said_of_the_lab_is_still_said(fault: str) -> None:
    known = lab.measured()["answers"].get(fault)
    asked = [one for one in clients.CLIENTS.values() if one in QUICK]
    for one in asked:
        require_all(one.needs)
    with measured_faults.serving(fault) as service:
        if known is None:  # nobody answers, or never
            assert not service.answers or fault in measured_faults.NOT_ASKED
            return
        assert known["audit"] == measured_faults.audited(service)
        said = {
            one.client: one.accepted for one in measured_faults.answers(service, asked)
        }
    now, then = dict(versions()), lab.measured()["versions"]
    same = {name for name in said if now.get(name) == then[name]}
    assert {n: known["clients"][n] for n in same} == {n: said[n] for n in same}
