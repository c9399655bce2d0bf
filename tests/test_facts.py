"""Facts that texts state and a slip would change unseen: each compared at its edge."""

from __future__ import annotations

import json
import re
from datetime import timedelta, timezone
from pathlib import Path

import click
import forge
import pytest
from test_twins import CMDLETS, PROGRAMS, commands

from certlib import cli, clock, products
from certlib.bundles import PfxProtection
from certlib.cli import given
from certlib.products import PRODUCTS, WITHOUT_WEB_SERVER
from certlib.rules import Context, judge
from certlib.summaries import of_certificate

ROOT = Path(__file__).parent.parent
SECOND, DAY = timedelta(seconds=1), timedelta(days=1)


def texts():
    """The texts of notebooks, docs and README, by where they stand."""
    found = {p.name: p.read_text("utf-8") for p in ROOT.glob("docs/**/*.md")}
    found["README.md"] = (ROOT / "README.md").read_text("utf-8")
    for path in ROOT.glob("notebooks/*.ipynb"):
        for number, cell in enumerate(json.loads(path.read_text("utf-8"))["cells"]):
            if cell["cell_type"] == "markdown":
                found[f"{path.name} {number}"] = "".join(cell["source"])
    return found


TEXTS = texts()
CODE = {
    str(path.relative_to(ROOT)): path.read_text("utf-8")
    for path in ROOT.glob("certlib/**/*.py")
}
"""Forms, help and exercises speak of products, too."""

OTHER_PORTS = {443, 587, 8888}  # the web's own, mail's, and the notebooks'
OTHER_ACCOUNTS = {"Spooler"}  # an exercise's wrong answer
OTHER_PROGRAMS = {"Xtract product", "Xtract products"}


def found(pattern):
    """Where a text or the code has something of a pattern: pairs of place and it."""
    return {
        (place, match)
        for place, text in (TEXTS | CODE).items()
        for match in re.findall(pattern, text)
    }


def test_texts_name_accounts_of_products_only():
    known = {p.service_name for p in PRODUCTS.values()} | OTHER_ACCOUNTS
    named = found(r"NT Service\\{1,2}([A-Za-z][\w ]*)")
    assert len(named) > 5
    assert [] == [one for one in named if one[1].strip() not in known]


def test_texts_name_ports_of_products_only():
    known = {port.number for product in PRODUCTS.values() for port in product.ports}
    named = found(r"(?:\w\}?:|\b[Pp]orts? )(\d{3,5})\b(?![:%])")
    assert len(named) > 5
    assert [] == [one for one in named if int(one[1]) not in known | OTHER_PORTS]


def test_texts_write_names_of_products_as_the_products_do():
    known = {p.name for p in PRODUCTS.values()} | {*WITHOUT_WEB_SERVER.values()}
    named = found(r"\b(Xtract (?:for )?[A-Za-z]+|(?<![-/])(?i:yunio)\b(?!['\"-]))")
    assert len(named) > 5
    assert [] == [one for one in named if one[1] not in known | OTHER_PROGRAMS]


def rows(page):
    """Cells of the tables of a page, without the numbers of their footnotes."""
    return [
        [re.sub(r" \(\d\)$", "", cell.strip()).strip("`") for cell in line.split("|")]
        for line in TEXTS[page].splitlines()
    ]


@pytest.mark.parametrize("product", PRODUCTS.values(), ids=PRODUCTS)
def test_the_table_of_products_in_the_docs_is_that_of_the_code(product):
    row = [
        *("", product.name, product.setup.value),
        *(str(product.http_port), str(product.https_port)),
        *(product.service_account, ""),
    ]
    assert row in rows("integrating.md")


def test_the_table_of_accounts_in_the_docs_is_that_of_the_code():
    expected = {product.service_account for product in PRODUCTS.values()}
    named = {row[2]: row[1] for row in rows("importing.md") if len(row) == 4}
    assert expected <= named.keys()
    for product in PRODUCTS.values():
        assert product.name.startswith(named[product.service_account])


@pytest.mark.parametrize("name", WITHOUT_WEB_SERVER.values())
def test_the_docs_say_which_products_have_no_web_server(name):
    (line,) = [
        text
        for text in TEXTS["integrating.md"].splitlines()
        if "no web server of their own" in text
    ]
    assert name.removesuffix(" Services") in line


BLOCKS = [
    (place, block)
    for place, text in TEXTS.items()
    for block in re.findall(r"```powershell\n(.*?)```", text, re.DOTALL)
]

CONTEXT = click.Context(cli.commands)
OPTIONS = {
    given.long_name(param)
    for name in cli.commands.list_commands(CONTEXT)
    if (command := cli.commands.get_command(CONTEXT, name)) is not None
    for param in command.params
}
"""The options of certlib's own commands."""

BY_HAND = {name: parameters for name, (parameters, _) in CMDLETS.items()} | {
    "Format-List": {"Property"},
    "Set-Alias": {"Name", "Value"},
    "Out-String": set(),
    "Invoke-Expression": set(),
    "winget": {"exact", "id", "scope"},
    "certlib": OPTIONS,
    "Where-Object": set(),
    "Get-PfxData": {"FilePath", "Password"},
    "certutil": PROGRAMS["certutil.exe"] | {"dump"},
    "certreq": {
        *("new", "machine", "submit", "config", "attrib", "retrieve", "accept"),
    },
    "py": {"m", "all-groups", "3.12"},
    **PROGRAMS,
}
"""What else is typed by hand, and its parameters."""

PROPERTIES = {
    *("Subject", "DnsNameList", "NotAfter", "HasPrivateKey", "Thumbprint"),
    *("Extensions", "Oid"),
}
"""What certificates and extensions have in PowerShell."""


@pytest.mark.parametrize(("place", "block"), BLOCKS, ids=[b[0] for b in BLOCKS])
def test_what_is_to_be_typed_by_hand_is_powershell(place, block):
    def quoted(words):
        return ", ".join(f"'{word}'" for word in words[0].split(", "))

    # The grammar of the check knows no list of bare words, which PowerShell takes.
    lists = re.findall(r"\b\w+(?:, \w+)+", block)
    named = {word for words in lists for word in words.split(", ")}
    named |= set(re.findall(r"\$_\.(\w+)", block))
    assert named <= PROPERTIES
    for command, parameters in commands(re.sub(r"\b\w+(?:, \w+)+", quoted, block)):
        assert {*parameters} <= BY_HAND[command], command


AES_256 = bytes.fromhex("60864801650304012a")  # 2.16.840.1.101.3.4.1.42
TRIPLE_DES = bytes.fromhex("2a864886f70d010c0103")  # 1.2.840.113549.1.12.1.3


@pytest.mark.parametrize("protection", [None, *PfxProtection])
def test_the_protection_of_a_pfx_file_is_what_it_says(protection, tmp_path):
    chosen = {} if protection is None else {"protection": protection}
    forge.leaf().write(tmp_path / "a.pfx", passphrase="secret", **chosen)
    data = (tmp_path / "a.pfx").read_bytes()
    old = protection is PfxProtection.TRIPLE_DES
    assert (not old, old) == (AES_256 in data, TRIPLE_DES in data)


@pytest.mark.parametrize("hours", [-11, 0, 5.5, 14])
def test_moments_are_shown_in_utc_wherever_they_come_from(hours):
    there = clock.PRACTICE_TIME.astimezone(timezone(timedelta(hours=hours)))
    assert "2026-11-02 08:00 UTC" == clock.minute(there)
    assert "2026-11-02 08:00:00 UTC" == clock.second(there)


@pytest.mark.parametrize(
    ("long", "said"),
    [
        (SECOND, "1 second"),
        (0 * SECOND, "0 seconds"),
        (-2 * DAY, "minus 2 days"),
        (1000 * DAY + 3600 * SECOND, "1,000 days 1 hour"),
        (DAY - timedelta.resolution, "23 hours 59 minutes 59 seconds"),
    ],
    ids=str,
)
def test_how_long_something_is_reads_as_people_say_it(long, said):
    assert said == clock.length(long)


ENDS = [
    (-SECOND, {"expired"}),
    (0 * SECOND, {"about-to-expire"}),
    (30 * DAY - SECOND, {"expiring"}),
    (30 * DAY, set()),
]


@pytest.mark.parametrize(("left", "expected"), ENDS, ids=str)
def test_the_end_counts_to_the_second(left, expected):
    leaf = forge.leaf(not_before=forge.AT - 300 * DAY, not_after=forge.AT + left).leaf
    found = {f.rule for f in judge(of_certificate(leaf), Context(forge.AT))}
    assert expected == found & {"expired", "about-to-expire", "expiring"}


LIVES = [(200 * DAY - SECOND, set()), (200 * DAY, {"lifetime-too-long"})]


@pytest.mark.parametrize(("lived", "expected"), LIVES, ids=str)
def test_the_limit_of_200_days_counts_to_the_second(lived, expected):
    leaf = forge.leaf(not_before=forge.AT, not_after=forge.AT + lived).leaf
    context = Context(forge.AT, approach=products.Approach.PUBLIC_CA)
    found = {f.rule for f in judge(of_certificate(leaf), context)}
    assert expected == found & {"lifetime-too-long"}
