"""Accounts and other things that people paste: one meaning, however it is written."""

from __future__ import annotations

import pytest

from certlib import bundles, endpoints, files, names, stores
from certlib.errors import InputError
from certlib.stores import AccountKind, StoreAddress

THUMBPRINT = "C0ED94092D25B46DA0C6DEA4B1429D780B1F8011"
PAIRS = [THUMBPRINT[n : n + 2] for n in range(0, 40, 2)]


@pytest.mark.parametrize(
    "text",
    [
        THUMBPRINT.lower(),
        f"\u200e{THUMBPRINT}",
        f"\u200b{THUMBPRINT}\ufeff",
        f"\u202a{THUMBPRINT}\u202c",
        f"?{THUMBPRINT}",  # what a console makes of U+200E
        f"â€Ž{THUMBPRINT}",  # and what its UTF-8 is in Windows-1252
        "-".join(PAIRS),
        ":".join(PAIRS),
        "\xa0".join(PAIRS),
        "\u2011".join(PAIRS),
        f'"{THUMBPRINT}"',
        rf"Cert:\LocalMachine\My\{THUMBPRINT}",
        rf"Microsoft.PowerShell.Security\Certificate::LocalMachine\My\{THUMBPRINT}",
        f"sha1 Fingerprint={':'.join(PAIRS)}",
    ],
)
def test_a_thumbprint_is_one_however_it_is_pasted(text):
    assert THUMBPRINT == bundles.parse_thumbprint(text)


@pytest.mark.parametrize("text", ["", THUMBPRINT[1:], f"{THUMBPRINT}0", "G" * 40])
def test_what_is_no_thumbprint(text):
    with pytest.raises(InputError, match="is not a thumbprint"):
        bundles.parse_thumbprint(text)
    with pytest.raises(InputError, match="SHA-256"):
        bundles.parse_thumbprint("ab" * 32)


def test_a_certificates_path_has_its_store():
    path = rf"Cert:\CurrentUser\My\{THUMBPRINT}"
    user = StoreAddress.parse(r"Cert:\CurrentUser\My")
    assert (user, THUMBPRINT) == stores.entry_address(path)
    assert (None, THUMBPRINT) == stores.entry_address(THUMBPRINT)
    assert user == StoreAddress.parse(' "Cert:\\CurrentUser\\My" \u200e')
    shown = r"Microsoft.PowerShell.Security\Certificate::CurrentUser\My"
    assert user == StoreAddress.parse(shown)


NETWORK = r"NT AUTHORITY\NETWORK SERVICE"


@pytest.mark.parametrize(
    ("text", "account"),
    [
        ("S-1-5-20", NETWORK),
        ("*S-1-5-20", NETWORK),
        (" s-1-5-20\u200e", NETWORK),
        ("NetworkService", NETWORK),
        (r"NT-AUTORITÄT\Netzwerkdienst", NETWORK),
        (r"AUTORITE NT\Service réseau", NETWORK),
        (r"VORDEFINIERT\Administratoren", r"BUILTIN\Administrators"),
        ("LocalSystem", r"NT AUTHORITY\SYSTEM"),
        (r".\LocalSystem", r"NT AUTHORITY\SYSTEM"),
        ("Jeder", "Everyone"),
        ("S-1-5-21-1-2-3-1001", "S-1-5-21-1-2-3-1001"),
        (
            '"NT Service\\BOARD Connector Service"',
            r"NT Service\BOARD Connector Service",
        ),
        (r"THEO\Benutzer", r"THEO\Benutzer"),  # not the built-in one
        (r"THEO\svc-xu$", r"THEO\svc-xu$"),
    ],
)
def test_an_account_is_one_by_any_of_its_names(text, account):
    assert account == stores.checked_account(text)
    assert account == stores.checked_account(account)


@pytest.mark.parametrize(
    "account",
    [
        *("Everyone", "Jeder", "S-1-1-0", "*S-1-1-0", "everyone"),
        *(r"BUILTIN\Users", r"VORDEFINIERT\Benutzer", "S-1-5-32-545"),
        *(r"NT AUTHORITY\Authenticated Users", "Authentifizierte Benutzer"),
        *(r"CORP\Domain Users", r"CORP\Domänen-Benutzer", "S-1-5-21-1-2-3-513"),
        *(r"BUILTIN\Guests", "Gäste", r"CORP\Domänen-Gäste", "S-1-5-21-1-2-3-514"),
        *("S-1-5-11", r"NT-AUTORITÄT\INTERAKTIV", "S-1-5-7"),
    ],
)
def test_groups_of_nearly_everybody(account):
    assert stores.everybody_in(account)


@pytest.mark.parametrize(
    "account",
    [
        *(r"CORP\Users", r"CORP\everyone-else", "S-1-5-21-1-2-3-1513", "S-1-5-18"),
        *(r"NT Service\BOARD Connector Service", r"CORP\Domain Admins"),
        *("S-1-5-21-1-2-3-512", r"BUILTIN\Administrators", ""),
    ],
)
def test_others_are_not(account):
    assert not stores.everybody_in(account)


def test_built_in_accounts_have_one_name_for_icacls_in_every_language():
    assert "*S-1-5-20" == stores.for_icacls(NETWORK)
    assert "*S-1-5-80-1-2-3-4-5" == stores.for_icacls("S-1-5-80-1-2-3-4-5")
    assert r"THEO\xu" == stores.for_icacls(r"THEO\xu")


@pytest.mark.parametrize(
    ("account", "kind"),
    [
        (NETWORK, AccountKind.BUILT_IN),
        ("S-1-5-20", AccountKind.BUILT_IN),
        (r"VORDEFINIERT\Irgendwer", AccountKind.BUILT_IN),
        (r"BUILTIN\Somebody", AccountKind.BUILT_IN),
        (r"NT Service\XtractUniversal", AccountKind.VIRTUAL),
        (r"IIS AppPool\Default", AccountKind.VIRTUAL),
        ("S-1-5-80-1-2-3-4-5", AccountKind.VIRTUAL),
        (r"THEO\svc$", AccountKind.MANAGED),
        (r"THEO\svc", AccountKind.DOMAIN),
        ("svc@theobald.example", AccountKind.DOMAIN),
        (r".\svc", AccountKind.LOCAL),
        ("svc", AccountKind.LOCAL),
    ],
)
def test_kinds_of_accounts(account, kind):
    assert kind is stores.kind_of(account)


@pytest.mark.parametrize(
    "text",
    [
        "todd.example.com",
        " todd.example.com\u200e",
        '"todd.example.com"',
        "https://todd.example.com:8165/designer?x#y",
        "HTTPS://Todd.Example.com",
        "ldaps://todd.example.com",
        "\u202atodd.example.com\u202c",
    ],
)
def test_a_host_is_one_however_it_is_pasted(text):
    assert "todd.example.com" == names.server_name(text) == names.host(text)
    assert ("todd.example.com",) == names.server_names((text, ""))
    assert "[::1]:443" == str(endpoints.parse("https://[::1]/"))


def test_a_path_is_found_however_it_is_pasted(tmp_path):
    path = tmp_path / "a b.pfx"
    path.touch()
    for text in (
        f'"{path}"',
        f" {path} ",
        f"\u202a{path}",
        f'"{path}" \u200e',
        f'{path}"',
    ):
        assert path == files.named(text)
    odd = tmp_path / " \u202eodd'.pfx"  # a name like this is taken as it is
    odd.touch()
    assert odd == files.named(str(odd))
    assert not files.is_there(files.named("a\0b"))
