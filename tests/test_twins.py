"""Twins: the commands to copy are PowerShell, and name what there is."""

from __future__ import annotations

import re
import string
from collections.abc import Iterator

import forge
import pytest
import tree_sitter_powershell
from hypothesis import given
from hypothesis import strategies as st
from tree_sitter import Language, Node, Parser

from certlib import (
    creating,
    importing,
    integrating,
    products,
    stores,
)
from certlib.bundles import Bundle
from certlib.errors import InputError
from certlib.importing import twins
from certlib.importing.twins import Twin
from certlib.keys import KeyKind
from certlib.specs import CertificateSpec
from certlib.stores import PERSONAL, StoreAddress, StoreEntry

PARSER = Parser(Language(tree_sitter_powershell.language()))

_DOCS = "https://learn.microsoft.com/powershell/module/"
CMDLETS = {
    "Get-ChildItem": (
        {"LiteralPath", "Filter", "Recurse", "Force"},
        _DOCS + "microsoft.powershell.management/get-childitem",
    ),
    "Get-Item": ({"LiteralPath"}, _DOCS + "microsoft.powershell.management/get-item"),
    "Join-Path": (
        {"Path", "ChildPath"},
        _DOCS + "microsoft.powershell.management/join-path",
    ),
    "Set-Content": (
        {"LiteralPath", "Value"},
        _DOCS + "microsoft.powershell.management/set-content",
    ),
    "Select-Object": (
        {"Property"},
        _DOCS + "microsoft.powershell.utility/select-object",
    ),
    "Read-Host": (
        {"AsSecureString"},
        _DOCS + "microsoft.powershell.utility/read-host",
    ),
    # -DeleteKey is of the certificate provider.
    "Remove-Item": (
        {"LiteralPath", "DeleteKey"},
        _DOCS + "microsoft.powershell.security/about/about_certificate_provider",
    ),
    "Import-Certificate": (
        {"FilePath", "CertStoreLocation"},
        "https://learn.microsoft.com/powershell/module/pki/import-certificate",
    ),
    "Import-PfxCertificate": (
        {"FilePath", "CertStoreLocation", "Exportable", "Password"},
        "https://learn.microsoft.com/powershell/module/pki/import-pfxcertificate",
    ),
    "Export-Certificate": (
        {"Cert", "FilePath", "Type"},
        "https://learn.microsoft.com/powershell/module/pki/export-certificate",
    ),
    "Export-PfxCertificate": (
        {"Cert", "FilePath", "Password", "CryptoAlgorithmOption"},
        "https://learn.microsoft.com/powershell/module/pki/export-pfxcertificate",
    ),
    "New-SelfSignedCertificate": (
        {
            *("Subject", "TextExtension", "CertStoreLocation", "KeyAlgorithm"),
            *("KeyLength", "KeyUsage", "HashAlgorithm", "NotAfter", "Type"),
            "FriendlyName",
        },
        "https://learn.microsoft.com/powershell/module/pki/new-selfsignedcertificate",
    ),
    "Get-Date": (set(), _DOCS + "microsoft.powershell.utility/get-date"),
    "Restart-Service": (
        {"Name"},
        _DOCS + "microsoft.powershell.management/restart-service",
    ),
    "New-NetFirewallRule": (
        {"DisplayName", "Direction", "Protocol", "LocalPort", "Action"},
        "https://learn.microsoft.com/powershell/module/netsecurity/new-netfirewallrule",
    ),
}
"""The cmdlets that twins use: the parameters of theirs, and where that stands."""

PROGRAMS = {
    "certutil.exe": {
        "user",
        "csp",
        "addstore",
        "importpfx",
        "exportpfx",
        "store",
        "delstore",
    },
    "icacls.exe": set(),
    "openssl.exe": {"export", "in", "out"},
}
"""Programs, and their options that start with a hyphen."""

HOSTILE = (
    "it's.pfx",
    "$(Remove-Item C:\\).pfx",
    "`whoami`.pfx",
    "a; Stop-Computer #.pfx",
    'quo"te.pfx',
    "two\nlines.pfx",
    "\u2019; Stop-Computer; \u2018.pfx",
    "C:\\Program Files\\Müller & Söhne\\%TEMP%.pfx",
    "-Force",
    "-server[1].pfx",
    "[server] ‘old’ `1`.pfx",
)


def entry(kind: KeyKind = KeyKind.RSA_2048, address: str = str(PERSONAL)) -> StoreEntry:
    leaf = forge.leaf(private_key=forge.key(kind=kind)).leaf
    return StoreEntry(StoreAddress.parse(address), leaf, has_private_key=True)


USERS = r"Cert:\CurrentUser\My"
ACCOUNT = r"NT Service\BOARD Connector Service"

RSA = forge.key(kind=KeyKind.RSA_2048).public_key()
EC = forge.key(kind=KeyKind.ECDSA_P256).public_key()

TWINS: dict[str, Twin] = {
    "import-certificate": twins.import_certificate(stores.INTERMEDIATE, "ca.cer"),
    "import-issuer": twins.import_issuer(stores.INTERMEDIATE, forge.ca().leaf),
    "import-pfx": twins.import_pfx(PERSONAL, "server.pfx", RSA, exportable=False),
    "import-pfx-exportable": twins.import_pfx(PERSONAL, "a.pfx", RSA, exportable=True),
    "import-pfx-ec": twins.import_pfx(PERSONAL, "a.pfx", EC, exportable=False),
    "import-pem": twins.import_pfx(PERSONAL, "-a.pem", RSA, exportable=False),
    "listing": twins.listing(PERSONAL),
    "listing-of-user": twins.listing(StoreAddress.parse(USERS)),
    "removal": twins.removal(entry(), with_key=False),
    "removal-with-key": twins.removal(entry(), with_key=True),
    "grant": twins.grant(entry(), ACCOUNT),
    "grant-ec": twins.grant(entry(KeyKind.ECDSA_P256), ACCOUNT),
    "grant-of-user": twins.grant(entry(address=USERS), ACCOUNT),
    "revoke": twins.revoke(entry(), ACCOUNT),
    "readers": twins.readers(entry()),
    "export-pfx": twins.export(entry(), "a.pfx", protection="TripleDES_SHA1"),
    "export-cer": twins.export(entry(), "a.cer"),
    "export-p7b": twins.export(entry(), "a.p7b"),
}

TEXTS = {
    "creating": creating.twin(CertificateSpec(("todd.example.com", "10.0.0.1"))),
    "creating-ec": creating.twin(
        CertificateSpec(("todd.example.com",), key_kind=KeyKind.ECDSA_P384)
    ),
    "restarting": integrating.restart_twin(products.product("yunio")),
    "firewall": integrating.firewall_twin(products.product("yunio")),
}
"""Twins of the other steps, which are PowerShell only."""

each_twin = pytest.mark.parametrize("name", TWINS)


def nodes(node: Node, kind: str) -> Iterator[Node]:
    if node.type == kind:
        yield node
    for child in node.children:
        yield from nodes(child, kind)


def parse(text: str) -> Node:
    # This grammar knows no list of bare words, which PowerShell takes.
    text = re.sub(r"(-KeyUsage) (\w+), (\w+)", r"\1 '\2', '\3'", text)
    root = PARSER.parse(text.encode()).root_node
    assert not root.has_error, f"{root}\n{text}"
    return root


def commands(text: str) -> list[tuple[str, list[str]]]:
    """Return each command of a text that has a name, with its parameters' names."""
    if not text:  # certutil cannot do everything
        return []
    return [
        (
            name.text.decode(),
            [
                parameter.text.decode().lstrip("-")
                for elements in command.children
                if elements.type == "command_elements"
                for parameter in elements.children
                if parameter.type == "command_parameter"
            ],
        )
        for command in nodes(parse(text), "command")
        # What `&` starts is named by an expression.
        if (name := next(nodes(command, "command_name"), None)) is not None
    ]


def check(text: str) -> None:
    """Fail if a text is no PowerShell, or calls what there is not."""
    for command, parameters in commands(text):
        known = CMDLETS[command][0] if command in CMDLETS else PROGRAMS[command]
        assert set(parameters) <= known, f"{command} in\n{text}"


def test_the_check_finds_what_is_wrong() -> None:
    for wrong in ("Get-Item -Paht 'x'", "Get-Itme -Path 'x'"):
        with pytest.raises((AssertionError, KeyError)):
            check(wrong)
    with pytest.raises(AssertionError):
        check("Get-Item -LiteralPath 'x")


@each_twin
def test_a_twin_is_powershell(name: str) -> None:
    twin = TWINS[name]
    assert twin.powershell
    check(twin.powershell)
    check(twin.certutil)
    assert twin.mmc.startswith(("certlm.msc > ", "certmgr.msc > "))


@pytest.mark.parametrize("name", TEXTS)
def test_the_twin_of_another_step_is_powershell(name: str) -> None:
    assert TEXTS[name]
    check(TEXTS[name])


def test_every_cmdlet_of_the_table_is_used() -> None:
    texts = [text for t in TWINS.values() for text in (t.powershell, t.certutil)]
    used = {name for text in (*texts, *TEXTS.values()) for name, _ in commands(text)}
    assert CMDLETS.keys() | PROGRAMS.keys() == used


def test_all_of_an_import_is_powershell(tmp_path) -> None:
    machine = stores.practice_machine(tmp_path)
    plan = importing.plan(
        forge.chain(), machine, importing.Wish(service_account=ACCOUNT)
    )
    check(plan.by_hand.powershell)
    check(plan.by_hand.certutil)
    assert plan.twin == plan.by_hand.powershell
    assert [
        "Join-Path",
        "Set-Content",
        "Import-Certificate",
        "Import-PfxCertificate",
        "Read-Host",
    ] == [command for command, _ in commands(plan.twin)][:5]


def literals(text: str) -> list[str]:
    """Return what the quoted texts of PowerShell stand for."""
    kinds = ("verbatim_string_characters", "verbatim_string_literal")
    found = [n for kind in kinds for n in nodes(parse(text), kind)]
    return [
        re.sub("(['\u2018\u2019\u201a\u201b])[\x27\u2018\u2019\u201a\u201b]", r"\1", t)
        for t in (n.text.decode()[1:-1] for n in found)
    ]


@pytest.mark.parametrize("file_name", HOSTILE)
def test_a_hostile_file_name_stays_one_text(file_name: str) -> None:
    for twin in (
        twins.import_pfx(PERSONAL, file_name, RSA, exportable=False),
        twins.import_certificate(PERSONAL, file_name),
        twins.export(entry(), file_name),
    ):
        plain = {command for command, _ in commands(twin.powershell)}
        assert plain <= CMDLETS.keys() | {"openssl.exe"}
        assert {file_name, f".\\{file_name}"} & {*literals(twin.powershell)}
        check(twin.certutil)


@given(st.text(min_size=1).filter(lambda text: "\0" not in text))
def test_any_text_stays_one_text(text: str) -> None:
    printed = twins.import_certificate(PERSONAL, text).powershell
    called = [command for command, _ in commands(printed)]
    literally = ["Get-Item"] * bool(set("[]*?`") & set(text))
    assert sorted([*literally, "Import-Certificate"]) == sorted(called)
    assert bool(literally) is ("-LiteralPath" in printed.partition(" | ")[0])
    assert [text, str(PERSONAL)] == literals(printed)


@given(st.text(string.printable, min_size=1))
def test_any_account_that_is_taken_stays_one_text(text: str) -> None:
    try:
        account = stores.checked_account(text)
    except InputError:
        return
    printed = twins.grant(entry(), account).powershell
    check(printed)
    assert f"{stores.for_icacls(account)}:(R)" in literals(printed)


@pytest.mark.parametrize(
    ("name", "kind"), [("a.p7b", "P7B"), ("a.cer", "CERT"), ("a.der", "CERT")]
)
def test_a_certificate_is_exported_as_what_its_file_is_called(
    name: str, kind: str
) -> None:
    assert f"-Type {kind}" in str(twins.export(entry(), name))


def test_a_key_of_the_user_is_looked_for_in_the_profile() -> None:
    profile, everyone = "$env:APPDATA", "$env:ProgramData"
    for address, used, other in (
        (USERS, profile, everyone),
        (str(PERSONAL), everyone, profile),
    ):
        text = twins.grant(entry(address=address), ACCOUNT).powershell
        assert used in text
        assert other not in text


def test_a_passphrase_is_asked_for() -> None:
    for name in ("import-pfx", "export-pfx"):
        assert "(Read-Host -AsSecureString 'Passphrase')" in TWINS[name].powershell
        assert " -p " not in TWINS[name].certutil


@pytest.mark.parametrize("key", [RSA, EC], ids=["RSA", "EC"])
@pytest.mark.parametrize("root", [False, True])
@pytest.mark.parametrize("exportable", [False, True])
def test_an_import_by_certutil_lets_the_key_leave_and_trusts_as_asked(
    key, exportable: bool, root: bool
) -> None:
    twin = twins.import_pfx(
        PERSONAL, "a.pfx", key, exportable=exportable, include_root=root
    )
    last = twin.certutil.rpartition("a.pfx")[2].strip(" '\"").split(",")
    wanted = {"AT_KEYEXCHANGE": key is RSA, "NoExport": not exportable}
    wanted["NoRoot"] = not root
    assert [word for word, is_wanted in wanted.items() if is_wanted] == [
        word for word in last if word
    ]
    assert exportable is ("-Exportable" in twin.powershell)
    assert exportable is ("do not tick" not in twin.mmc)


def test_what_removal_leaves_behind_is_said() -> None:
    assert "-DeleteKey" in TWINS["removal-with-key"].powershell
    assert "-DeleteKey" not in TWINS["removal"].powershell
    assert "the private key stays" in TWINS["removal-with-key"].mmc


def test_a_twin_in_print_has_a_part_for_each_tool() -> None:
    assert "PowerShell:\n" in str(TWINS["import-pfx"])
    assert "\n\ncertutil:\n" in str(TWINS["import-pfx"])
    assert "\n\nMMC:\n" in str(TWINS["import-pfx"])
    assert "certutil:" not in str(TWINS["grant"])


def test_the_trap_of_old_windows_is_named() -> None:
    assert "'The password you entered is incorrect'" in str(TWINS["import-pfx"])
    assert "TripleDES-SHA1" in TWINS["import-pfx"].trap
    assert "Trap:" not in str(TWINS["listing"])


def test_several_twins_are_one(tmp_path) -> None:
    both = twins.joined([TWINS["import-pfx"], TWINS["grant"]])
    assert both.powershell.startswith("Import-PfxCertificate")
    assert "icacls.exe" in both.powershell
    assert TWINS["import-pfx"].certutil == both.certutil
    assert 2 == len(both.mmc.splitlines())


def test_a_bundle_without_key_is_imported_as_a_certificate(tmp_path) -> None:
    root = Bundle(forge.ca().leaf)
    plan = importing.plan(
        root,
        stores.practice_machine(tmp_path),
        importing.Wish(to=stores.TRUSTED_ROOT, file_name="root.cer"),
    )
    assert plan.twin.startswith("Import-Certificate")
    assert () == plan.readers


def test_a_pem_file_with_the_key_goes_by_way_of_a_pfx_file() -> None:
    twin = twins.export(entry(), "o'a.PEM")
    export, _, convert = twin.powershell.rpartition("\n")
    assert export.startswith("Export-PfxCertificate ")
    assert "-FilePath 'o''a.pfx'" in export
    assert "openssl.exe pkcs12 -in 'o''a.pfx' -out 'o''a.PEM'" == convert
    assert "Yes, export the private key" in twin.mmc


def test_each_kind_of_key_gets_its_provider() -> None:
    rsa, other = TWINS["import-pfx"].certutil, TWINS["import-pfx-ec"].certutil
    assert "-csp 'Microsoft Enhanced RSA and AES Cryptographic Provider'" in rsa
    assert rsa.endswith("'server.pfx' 'AT_KEYEXCHANGE,NoExport,NoRoot'")
    assert "-csp 'Microsoft Software Key Storage Provider'" in other
    assert other.endswith("'a.pfx' 'NoExport,NoRoot'")


def test_pem_becomes_a_pfx_file_before_windows_imports_it() -> None:
    convert, command = TWINS["import-pem"].powershell.split("\n", 1)
    assert r"openssl.exe pkcs12 -export -in '.\-a.pem' -out '.\-a.pfx'" == convert
    assert "-FilePath '-a.pfx'" in command
    assert TWINS["import-pem"].certutil.startswith(f"{convert}\ncertutil.exe ")


def test_an_issuer_is_written_before_it_is_imported() -> None:
    root = forge.ca().leaf
    twin = twins.import_issuer(stores.INTERMEDIATE, root)
    pem = next(text for text in literals(twin.powershell) if "BEGIN" in text)
    assert root == Bundle.from_bytes(pem.encode()).leaf
    assert twin.certutil.endswith("certutil.exe -addstore 'CA' $issuer")


def test_nothing_is_granted_on_another_file() -> None:
    script = TWINS["grant"].powershell
    assert script.index("if ($file -and") < script.index("icacls.exe")
    assert script.index("$file = if ($name)") < script.index("Get-ChildItem")
    assert "throw" in script


@pytest.mark.parametrize(
    ("account", "written", "where"),
    [
        (r"NT Service\XtractUniversal", r"NT Service\XtractUniversal", "whole name"),
        (r"THEO\svc-xu", r"THEO\svc-xu", "in the domain (Locations…)"),
        (r"THEO\svc-xu$", r"THEO\svc-xu$", "Service Accounts"),
        (r"NT AUTHORITY\NETWORK SERVICE", "*S-1-5-20", "on this computer"),
        ("xu", "xu", "on this computer"),
        ("S-1-5-21-1-2-3-1001", "*S-1-5-21-1-2-3-1001", "in the domain"),
    ],
)
def test_advice_fits_the_kind_of_account(account, written, where) -> None:
    twin = twins.grant(entry(), account)
    assert f"/grant '{written}:(R)'" in twin.powershell
    assert where in twin.mmc
