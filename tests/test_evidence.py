"""SNC, the service's account, and the page to file."""

import stat
import sys
from dataclasses import replace

import components
import forge
import pytest

from certlib.bundles import Bundle, PfxProtection
from certlib.endpoints import browser
from certlib.endpoints.clients import Verdict
from certlib.errors import InputError
from certlib.integrating import checklists, service_accounts, snc
from certlib.integrating.checklists import Checklist
from certlib.integrating.checks import Check
from certlib.products import PRODUCTS

ACCOUNT = r"EXAMPLE\svc-board"


def written(folder, bundle=None, **options):
    bundle = bundle or forge.chain()
    options = {"passphrase": "Practice-1", "account": ACCOUNT} | options
    return snc.write(bundle, folder, **options)


def test_the_files_for_sapgenpse_hold_everything(tmp_path):
    bundle = forge.chain()
    made = written(tmp_path, bundle)
    read = Bundle.read(made.pfx, passphrase="Practice-1")
    assert read.certificates == bundle.certificates
    assert read.private_key is not None
    assert 2 == made.issuers.read_bytes().count(b"BEGIN CERTIFICATE")
    assert b"PRIVATE KEY" not in made.issuers.read_bytes()
    assert "p:CN=server.example.com" == made.snc_name


def test_the_commands_name_these_files_and_no_passphrase(tmp_path):
    assert (
        "sapgenpse.exe import_p12 -p board.pse -r board-issuers.pem board.p12",
        r"sapgenpse.exe seclogin -p board.pse -O EXAMPLE\svc-board",
        "sapgenpse.exe export_own_cert -v -p board.pse -o board.crt",
    ) == written(tmp_path, name="board").commands


def test_what_was_cut_off_before_the_pfx_is_written_again(tmp_path):
    bundle = forge.chain()
    made = written(tmp_path, bundle)
    made.pfx.unlink()
    assert made == written(tmp_path, bundle)


@pytest.mark.parametrize(
    ("account", "expected"),
    [
        (
            r"NT Service\BOARD Connector Service",
            r'"NT Service\BOARD Connector Service"',
        ),
        (r"CORP\O'Neil & Sons", '"CORP\\O\'Neil & Sons"'),
        (r"CORP\gmsa$", r'"CORP\gmsa$"'),
        ("LocalSystem", "LocalSystem"),
    ],
)
def test_an_account_is_one_word_at_the_prompt(tmp_path, account, expected):
    seclogin = written(tmp_path, account=account).commands[1]
    assert seclogin == f"sapgenpse.exe seclogin -p snc.pse -O {expected}"


def test_file_names_with_spaces_are_words_too(tmp_path):
    assert written(tmp_path, name="my board").commands[0] == (
        'sapgenpse.exe import_p12 -p "my board.pse" -r "my board-issuers.pem" '
        '"my board.p12"'
    )


@pytest.mark.parametrize(
    "changes",
    [
        {"account": r"CORP\svc; calc"},
        {"account": 'CORP\\svc" & calc'},
        {"account": "CORP\\svc\ncalc"},
        {"account": r"CORP\%PATH%"},
        {"account": ""},
        {"name": "%PATH%"},
        {"name": '"'},
        {"name": "../snc"},
        {"name": "-p"},
    ],
)
def test_what_no_quotes_help_against_is_refused(tmp_path, changes):
    with pytest.raises(InputError):
        written(tmp_path, **changes)
    assert [] == list(tmp_path.iterdir())


@pytest.mark.parametrize("there", ["snc.p12", "snc-issuers.pem"])
def test_a_file_that_is_there_leaves_no_half_result(tmp_path, there):
    (tmp_path / there).write_bytes(b"of another day")
    with pytest.raises(InputError, match=f"{there} exists already"):
        written(tmp_path)
    assert [path.name for path in tmp_path.iterdir()] == [there]


@pytest.mark.skipif(sys.platform == "win32", reason="links need a privilege there")
def test_a_pfx_that_cannot_be_written_leaves_no_half_result(tmp_path):
    (tmp_path / "snc.p12").symlink_to("nowhere")
    with pytest.raises(InputError):
        written(tmp_path)
    assert ["snc.p12"] == [path.name for path in tmp_path.iterdir()]


def test_a_self_signed_certificate_has_no_issuers(tmp_path):
    made = written(tmp_path, forge.leaf())
    assert made.issuers is None
    assert "-r" not in made.commands[0]


@pytest.mark.parametrize("passphrase", ["", "pässwort"])
def test_a_passphrase_that_a_console_garbles_is_refused(tmp_path, passphrase):
    with pytest.raises(InputError, match="empty or has characters beyond ASCII"):
        written(tmp_path, passphrase=passphrase)
    assert [] == list(tmp_path.iterdir())


def test_without_a_key_there_is_nothing_to_import(tmp_path):
    with pytest.raises(InputError, match="without its private key"):
        written(tmp_path, replace(forge.leaf(), private_key=None))


def test_nothing_is_overwritten(tmp_path):
    written(tmp_path)
    with pytest.raises(InputError, match="exists already"):
        written(tmp_path)


@pytest.mark.skipif(sys.platform == "win32", reason="modes are those of POSIX")
def test_the_pfx_is_its_owners_alone(tmp_path):
    assert 0o600 == stat.S_IMODE(written(tmp_path).pfx.stat().st_mode)


@pytest.mark.parametrize("protection", PfxProtection)
def test_a_program_that_is_not_ours_reads_the_pfx(tmp_path, protection):
    import subprocess

    openssl = components.require("openssl")
    made = written(tmp_path, protection=protection)
    command = [openssl, "pkcs12", "-in", made.pfx, "-nokeys", "-passin", "stdin"]
    run = subprocess.run(command, input=b"Practice-1\n", capture_output=True)
    assert 3 == run.stdout.count(b"BEGIN CERTIFICATE")


def test_the_user_store_is_the_one_for_snc():
    assert "-CertStoreLocation 'Cert:\\CurrentUser\\My'" in snc.user_store_twin("a.p12")


def titles(slug):
    tasks = service_accounts.tasks(
        PRODUCTS[slug], ACCOUNT, server_name="server.example.com", thumbprint="0" * 40
    )
    return [task.title for task in tasks]


@pytest.mark.parametrize("slug", PRODUCTS)
def test_each_product_has_its_tasks_for_a_new_account(slug):
    wanted = {"Service principal name", "Private key", "Log on", "Restart"}
    assert wanted <= set(titles(slug))
    assert ("SAP passwords" in titles(slug)) is PRODUCTS[slug].designer


@pytest.mark.parametrize("account", ["svc-board", r".\svc", "EXAMPLE\\", ""])
def test_an_account_that_is_not_of_a_domain_is_refused(account):
    with pytest.raises(InputError, match=r"is not (an|the name of an) account"):
        service_accounts.tasks(
            PRODUCTS["yunio"], account, server_name="a.example", thumbprint=""
        )


@pytest.mark.parametrize(
    ("account", "expected"),
    [
        (ACCOUNT, ACCOUNT),
        (r"CORP\svc web", r"'CORP\svc web'"),
        (r"CORP\O'Neil", r"'CORP\O''Neil'"),
        (r"CORP\gmsa$", r"'CORP\gmsa$'"),
        (r"CORP\$(calc)", r"'CORP\$(calc)'"),
    ],
)
def test_an_account_is_one_word_in_powershell(account, expected):
    principal, *_ = service_accounts.tasks(
        PRODUCTS["yunio"], account, server_name="a.example", thumbprint=""
    )
    assert principal.command == f"setspn -S HTTP/a.example {expected}"


@pytest.mark.parametrize(
    "account",
    [r"CORP\svc web; Stop-Computer", 'CORP\\svc"', "CORP\\a\nb", r"A\B\c", "a@b.c"],
)
def test_what_windows_allows_in_no_account_is_refused(account):
    with pytest.raises(InputError, match="is not the name of an account"):
        service_accounts.tasks(
            PRODUCTS["yunio"], account, server_name="a.example", thumbprint=""
        )


def page(**changes):
    values = {
        "product": PRODUCTS["board-connector"],
        "certificate": forge.leaf().leaf,
        "at": forge.AT,
        "url": "https://server.example.com:8197/",
        "readers": ["<Everyone>"],
        "done": ["Selected in the Designer"],
        "checks": [Check("chain", True, "complete")],
        "verdicts": [Verdict("curl", "OpenSSL", True, "no complaint")],
    }
    return Checklist(**values | changes)


def test_the_page_says_what_was_done_and_what_came_of_it():
    html = page().to_html()
    for text in (
        "2026-11-02 08:00 UTC",
        "Selected in the Designer",
        "https://server.example.com:8197/",
        "BOARD Connector Service",
        "✓ All checks passed",
        "✓ complete",
        "✓ accepts: no complaint",
    ):
        assert text in html


def test_the_page_escapes_what_others_say():
    assert "<Everyone>" not in page().to_html()


@pytest.mark.parametrize(
    ("changes", "passed"),
    [
        ({}, True),
        ({"checks": [Check("chain", False, "torn", "mend it")]}, False),
        ({"checks": [Check("chain", None, "unread", "ask again")]}, False),
        ({"verdicts": [Verdict("curl", "OpenSSL", False, "no")]}, False),
        ({"verdicts": [Verdict("curl", "OpenSSL", None, "not installed")]}, True),
    ],
)
def test_it_passes_when_nothing_failed(changes, passed):
    assert page(**changes).passed is passed
    assert ("Something is left to do" in page(**changes).to_html()) is not passed


def test_what_nobody_could_judge_is_not_passed_over():
    said = page(checks=[Check("chain", None, "an odd key")]).to_html()
    assert "not judged: an odd key" in said


def test_it_is_written_for_the_browser_and_for_the_printer(tmp_path):
    components.require_browser(browser.PROGRAM)
    checklist = page()
    html, pdf = checklists.write(checklist, tmp_path)
    assert html.read_text(encoding="utf-8") == checklist.to_html()
    assert pdf.read_bytes().startswith(b"%PDF-")


def test_without_a_browser_the_page_is_html_alone(tmp_path, monkeypatch):
    monkeypatch.setattr(browser, "PROGRAM", "no-such-browser")
    assert ["checklist.html"] == [p.name for p in checklists.write(page(), tmp_path)]
