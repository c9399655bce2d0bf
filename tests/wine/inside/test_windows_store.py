"""The certificate stores of Windows: what no other kind of machine has.

The contract that all machines keep is in tests/test_stores.py. Everything here
leaves the stores as it found them.
"""

from __future__ import annotations

import hashlib
import subprocess
import sys
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import forge
import ntsecuritycon
import pytest
import pywintypes
import win32api
import win32cryptcon
import win32security
from cryptography.hazmat.primitives.asymmetric import rsa

from certlib import (
    bundles,
    files,
    importing,
    stores,
)
from certlib.bundles import Bundle
from certlib.endpoints import Endpoint, Presented
from certlib.errors import InputError, StoreError
from certlib.integrating import checks
from certlib.keys import KeyKind
from certlib.rules import Context
from certlib.stores import (
    ElevationError,
    KeyProvider,
    StoreAddress,
    _accounts,
    _capi,
    _certificates,
    _cng,
    chain_engine,
    windows,
)
from certlib.stores._certificates import StoredKey
from certlib.stores.windows import WindowsMachine, WindowsStore
from certlib.trust.roots import Trust

MY = StoreAddress.parse("LocalMachine/My")
USERS = StoreAddress.parse("CurrentUser/My")
NETWORK_SERVICE = "NT AUTHORITY\\NETWORK SERVICE"
NOW = datetime.now(UTC)


@pytest.fixture
def machine() -> WindowsMachine:
    return WindowsMachine()


@pytest.fixture
def store(machine: WindowsMachine) -> Iterator[WindowsStore]:
    yield from emptied(machine, MY)


@pytest.fixture
def users_store(machine: WindowsMachine) -> Iterator[WindowsStore]:
    yield from emptied(machine, USERS)


def emptied(machine: WindowsMachine, address: StoreAddress) -> Iterator[WindowsStore]:
    store = machine.open(address)
    before = {entry.thumbprint for entry in store}
    yield store
    for thumbprint in {entry.thumbprint for entry in store} - before:
        store.remove(thumbprint)


def bundle(number: int, **options: object) -> Bundle:
    """Return a certificate that is good today, with a key of its own."""
    today = {"not_before": NOW - forge.DAY, "private_key": forge.key(number)}
    return forge.leaf(**today | options)


def key_of(store: WindowsStore, thumbprint: str) -> StoredKey:
    return store._with_key(thumbprint)[1]


def in_another_process(program: str, *arguments: str) -> str:
    """Run a program with certlib's nouns at hand; return what it printed."""
    head = "import sys; from certlib import *; from certlib import importing, stores\n"
    done = subprocess.run(
        [sys.executable, "-c", head + program, *arguments],
        capture_output=True,
        encoding="utf-8",
        timeout=100,
    )
    assert 0 == done.returncode, done.stderr
    return done.stdout.strip()


# The whole story, in several processes


IMPORT = """
from pathlib import Path
bundle = Bundle.read(Path(sys.argv[1]), passphrase="a passphrase")
wish = importing.Wish(exportable=True)
plan = importing.plan(bundle, stores.this_machine(), wish)
print(importing.carry_out(plan).thumbprint)
"""

LIST_AND_SIGN = """
store = stores.this_machine().open(stores.PERSONAL)
store.prove_key(sys.argv[1])
print(*(e.thumbprint for e in store if e.has_private_key))
"""

SERVE = """
import socket, ssl, tempfile, threading
from pathlib import Path
exported = stores.this_machine().open(stores.PERSONAL).export(sys.argv[1])
with tempfile.TemporaryDirectory() as folder:
    file = Path(folder) / "server.pem"
    exported.write(file)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(file)
listener = socket.create_server(("127.0.0.1", 0))
def answer():
    with listener.accept()[0] as plain, context.wrap_socket(plain, True) as secured:
        secured.sendall(b"hello")
thread = threading.Thread(target=answer)
thread.start()
trusted = Bundle(exported.leaf).to_pem().decode()
client = ssl.create_default_context(cadata=trusted)
with socket.create_connection(listener.getsockname()) as plain:
    with client.wrap_socket(plain, server_hostname="server.example.com") as secured:
        print(secured.recv(5).decode(), secured.version())
thread.join()
"""

REMOVE = """
importing.remove(importing.plan_removal(sys.argv[1], stores.this_machine()))
"""


def test_a_certificate_from_its_import_to_its_end(
    store: WindowsStore, tmp_path: Path
) -> None:
    made = bundle(20, friendly_name="Xtract Universal")
    made.write(tmp_path / "server.pfx", passphrase="a passphrase")

    imported = in_another_process(IMPORT, str(tmp_path / "server.pfx"))
    assert made.thumbprint == imported

    listed = in_another_process(LIST_AND_SIGN, imported)
    assert imported in listed.split()
    assert "hello TLSv1.3" == in_another_process(SERVE, imported)

    key = key_of(store, imported)
    assert key.exists()
    in_another_process(REMOVE, imported)
    assert imported not in {entry.thumbprint for entry in store}
    assert not key.exists()


# Keys


def test_an_rsa_key_goes_to_capi_unless_told_otherwise(store: WindowsStore) -> None:
    added = store.add(bundle(21))
    key = key_of(store, added.thumbprint)
    assert (KeyProvider.CAPI.value, 24, True, 1) == (
        key.provider,
        key.provider_type,
        key.machine,
        key.key_spec,
    )
    assert key.container.startswith("certlib-")


@pytest.mark.wine_unsupported("CNG, which EC keys need, refuses to import any key")
@pytest.mark.parametrize("kind", [KeyKind.RSA_2048, KeyKind.ECDSA_P384])
def test_a_key_goes_to_cng_when_told_so(kind: KeyKind) -> None:
    store = WindowsMachine(provider=KeyProvider.CNG).open(MY)
    made = bundle(0, private_key=forge.key(22, kind))
    store.add(made, exportable=True)
    try:
        assert KeyProvider.CNG.value == key_of(store, made.thumbprint).provider
        store.prove_key(made.thumbprint)
        exported = store.export(made.thumbprint).private_key
        assert made.private_key.private_numbers() == exported.private_numbers()
        before = store.readers(made.thumbprint)
        store.grant_read(made.thumbprint, NETWORK_SERVICE)
        assert {*before, NETWORK_SERVICE} == set(store.readers(made.thumbprint))
    finally:
        store.remove(made.thumbprint)


def test_capi_refuses_an_ec_key_before_anything_happens() -> None:
    machine = WindowsMachine(provider=KeyProvider.CAPI)
    made = bundle(0, private_key=forge.key(23, KeyKind.ECDSA_P256))
    with pytest.raises(InputError, match="takes no ECC"):
        importing.plan(made, machine)
    with pytest.raises(InputError, match="takes no ECC"):
        machine.open(MY).add(made)


def test_a_new_key_is_open_to_two_accounts_only(
    machine: WindowsMachine, store: WindowsStore
) -> None:
    added = store.add(bundle(24))
    assert list(machine.default_readers) == store.readers(added.thumbprint)
    assert 2 == len(machine.default_readers)


def test_a_key_left_behind_is_made_anew(store: WindowsStore) -> None:
    made = bundle(25)
    store.add(made, exportable=True)
    key = key_of(store, made.thumbprint)
    store.remove(made.thumbprint)
    key.create(made.private_key, exportable=True)  # an import that was cut off
    assert not store.add(made).exportable


def test_a_refused_certificate_leaves_no_key_behind() -> None:
    made = bundle(26)
    store = WindowsMachine(read_only=True).open(MY)
    with pytest.raises(StoreError, match="opened for reading only") as caught:
        store.add(made)
    assert 0x80070005 == caught.value.code & 0xFFFFFFFF
    place = _certificates.place_for(made.private_key, None, MY.location)
    assert not place.exists()


def test_a_lost_key_proves_nothing(store: WindowsStore) -> None:
    added = store.add(bundle(27))
    key_of(store, added.thumbprint).delete()
    with pytest.raises(StoreError, match="is not there, or this account") as caught:
        store.prove_key(added.thumbprint)
    assert 0x80090016 == caught.value.code & 0xFFFFFFFF
    assert not store.find(added.thumbprint).exportable


def test_a_foreign_key_proves_nothing(store: WindowsStore) -> None:
    other = store.add(bundle(28))
    made = bundle(29)
    with store._opened(write=True) as opened:
        _certificates.add(opened, made, key_of(store, other.thumbprint))
    with pytest.raises(StoreError, match="that of another certificate"):
        store.prove_key(made.thumbprint)


def test_the_users_key_is_not_the_machines(
    store: WindowsStore, users_store: WindowsStore
) -> None:
    made = bundle(30)
    users_store.add(made)
    store.add(made)
    assert key_of(store, made.thumbprint).machine
    store.remove(made.thumbprint)
    users_store.prove_key(made.thumbprint)
    assert not key_of(users_store, made.thumbprint).machine


def test_a_key_of_odd_length_is_refused_and_leaves_nothing(store: WindowsStore) -> None:
    odd = bundle(0, private_key=rsa.generate_private_key(65537, 2056))
    with pytest.raises(StoreError, match="an RSA key of 2056 bits"):
        store.add(odd)
    assert odd.thumbprint not in {entry.thumbprint for entry in store}
    assert not _certificates.place_for(odd.private_key, None, MY.location).exists()


@pytest.mark.parametrize("kind", [KeyKind.RSA_2048, KeyKind.RSA_3072])
def test_a_capi_blob_holds_the_whole_key(kind: KeyKind) -> None:
    key = forge.key(37, kind)
    blob = _capi._to_blob(key)
    assert b"RSA2" == blob[8:12]
    assert key.private_numbers() == _capi._from_blob(blob).private_numbers()


@pytest.mark.parametrize(
    ("kind", "magic", "size"),
    [(KeyKind.ECDSA_P256, b"ECS2", 32), (KeyKind.ECDSA_P384, b"ECS4", 48)],
)
def test_a_cng_blob_holds_the_whole_key(kind: KeyKind, magic: bytes, size: int) -> None:
    key = forge.key(38, kind)
    name, blob = _cng._to_blob(key)
    assert ("ECCPRIVATEBLOB", magic, 8 + 3 * size) == (name, blob[:4], len(blob))
    assert key.private_numbers() == _cng._from_blob(blob).private_numbers()


# Accounts


def test_an_account_that_is_not_there_is_refused_first(
    machine: WindowsMachine, store: WindowsStore
) -> None:
    before = {entry.thumbprint for entry in store}
    with pytest.raises(StoreError, match="knows no account") as caught:
        importing.plan(
            bundle(31),
            machine,
            importing.Wish(service_account=r"NT Service\No Such Service"),
        )
    assert 1332 == caught.value.code
    assert before == {entry.thumbprint for entry in store}


def test_an_import_lets_the_service_account_in(
    machine: WindowsMachine, store: WindowsStore
) -> None:
    plan = importing.plan(
        bundle(32), machine, importing.Wish(service_account="network service")
    )
    entry = importing.carry_out(plan)
    assert set(plan.readers) == set(store.readers(entry.thumbprint))
    assert NETWORK_SERVICE in plan.readers
    assert f"goes to the {KeyProvider.CAPI.value} and may not" in str(plan)


def test_reading_is_all_that_is_granted(store: WindowsStore) -> None:
    added = store.add(bundle(33))
    store.grant_read(added.thumbprint, NETWORK_SERVICE)
    acl = key_of(store, added.thumbprint).security().GetSecurityDescriptorDacl()
    account = _accounts.lookup(NETWORK_SERVICE)
    aces = [acl.GetAce(n) for n in range(acl.GetAceCount())]
    masks = [mask for _, mask, sid in aces if sid == account]
    # A file's access list shows the generic right as what it stands for there.
    generic, mapped = ntsecuritycon.GENERIC_READ, ntsecuritycon.FILE_GENERIC_READ
    assert masks in ([generic], [mapped])


@pytest.mark.parametrize("flags", ["P", ""])
def test_a_list_of_rights_stays_as_closed_as_it_was(flags: str) -> None:
    text = f"D:{flags}(A;;FA;;;SY)(A;;FA;;;BA)"
    before = _accounts._from_text(text)
    granted = _accounts.with_reader(before, NETWORK_SERVICE)
    taken = _accounts.without_reader(granted, NETWORK_SERVICE)
    assert [text[: text.index("(")]] * 2 == [
        _sddl(descriptor).split("(")[0] for descriptor in (granted, taken)
    ]


def _sddl(descriptor: object) -> str:
    return win32security.ConvertSecurityDescriptorToStringSecurityDescriptor(
        *(descriptor, win32security.SDDL_REVISION_1),
        win32security.DACL_SECURITY_INFORMATION,
    )


@pytest.mark.parametrize(
    ("account", "expected"),
    [
        ("LocalSystem", True),
        (r"NT AUTHORITY\SYSTEM", True),
        ("network service", False),
    ],
)
def test_system_may_read_every_key(
    store: WindowsStore, account: str, expected: bool
) -> None:
    added = store.add(bundle(39))
    assert expected == store.may_read(added.thumbprint, account)


@pytest.mark.parametrize("group", ["S-1-1-0", "S-1-5-11", "S-1-5-32-545"])
def test_a_group_of_everybody_lets_a_service_in(group: str) -> None:
    open_to_all = _accounts._from_text(f"D:P(A;;FA;;;SY)(A;;GR;;;{group})")
    closed = _accounts._from_text("D:P(A;;FA;;;SY)")
    assert [True, False] == [
        _accounts.may_read(descriptor, NETWORK_SERVICE)
        for descriptor in (open_to_all, closed)
    ]


# Errors


def test_a_certificate_of_an_unknown_version_is_left_out(store: WindowsStore) -> None:
    data = forge.unparsable()
    with store._opened(write=True) as opened:
        opened.CertAddEncodedCertificateToStore(
            *(win32cryptcon.X509_ASN_ENCODING, data),
            win32cryptcon.CERT_STORE_ADD_NEW,
        )
        opened.CertControlStore(0, _certificates._COMMIT, None)
    thumbprint = hashlib.sha1(data).hexdigest()
    try:
        with pytest.warns(UserWarning, match="left out of"):
            assert thumbprint.upper() not in {entry.thumbprint for entry in store}
        with pytest.raises(StoreError, match="cannot be read"):
            store.find(thumbprint)
    finally:
        store.remove(thumbprint)


def test_stores_that_windows_does_not_list_are_an_error(
    machine: WindowsMachine, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(_: object) -> None:
        raise pywintypes.error(5, "CertEnumSystemStore", "Access denied")

    monkeypatch.setattr(_certificates, "store_names", refuse)
    with pytest.raises(StoreError, match="which stores it has") as caught:
        machine.addresses()
    assert 5 == caught.value.code


@pytest.mark.parametrize("code", [5, 0x80070005, 0x80090010])
def test_without_rights_the_error_says_so(code: int) -> None:
    error = windows.refused(code, MY, elevated=False)
    assert isinstance(error, ElevationError)
    assert error.message.startswith("Local Machine needs an elevated session")
    assert f"0x{code:08X}" in error.message
    assert "Run as administrator" in error.fix


def test_with_rights_the_error_is_windows_own() -> None:
    error = windows.refused(5, MY, elevated=True)
    assert not isinstance(error, ElevationError)
    assert "Local Machine > Personal refused: " in error.message
    assert "0x00000005" in error.message


def test_a_code_without_words_is_shown_as_it_is() -> None:
    error = windows.refused(0x8BADF00D, MY, elevated=True)
    assert "refused (Windows error 0x8BADF00D)" in error.message


@pytest.mark.wine_unsupported("everybody is an administrator")
def test_without_elevation_local_machine_refuses(store: WindowsStore) -> None:
    token = win32security.OpenProcessToken(
        win32api.GetCurrentProcess(), win32security.TOKEN_ALL_ACCESS
    )
    administrators = win32security.CreateWellKnownSid(
        win32security.WinBuiltinAdministratorsSid, None
    )
    lesser = win32security.CreateRestrictedToken(
        token, 1, [(administrators, 0)], [], []
    )
    win32security.ImpersonateLoggedOnUser(lesser)
    try:
        with pytest.raises(ElevationError, match="needs an elevated session"):
            store.add(bundle(34))
    finally:
        win32security.RevertToSelf()


def test_what_lies_in_current_user_only_is_the_known_mistake(
    store: WindowsStore, users_store: WindowsStore
) -> None:
    made = bundle(35)
    users_store.add(made)
    with pytest.raises(StoreError, match="not in Local Machine > Personal but in Cu"):
        store.find(made.thumbprint)


# Trust


def test_a_chain_of_unknown_issuers() -> None:
    made = forge.chain(not_before=NOW - forge.DAY)
    status = chain_engine.chain_status(made, "server.example.com", at=NOW)
    assert made.certificates == status.bundle.certificates
    assert ("", "", chain_engine.STATUS[0x20]) == status.statuses
    assert chain_engine.POLICY[0x800B0109] == status.policy
    assert not status.trusted


def test_what_windows_says_otherwise_is_a_line_of_its_own() -> None:
    made = forge.chain(not_before=NOW - forge.DAY)
    status = chain_engine.chain_status(made, "server.example.com", at=NOW)
    assert ("root-unknown",) == status.rules
    endpoint = Endpoint("127.0.0.1", 443, "server.example.com")
    presented = Presented(endpoint, made.certificates, "TLSv1.3", "x")
    for given, line in (
        (made.chain[-1:], "Windows says otherwise: This root is not trusted"),
        ((), ""),
    ):
        seen = checks.check(
            presented,
            context=Context(NOW, practice=True),
            trust=Trust.of((), given=given),
        )
        said = checks.second_opinion(presented, seen, at=NOW)
        assert said.startswith(line)
        assert bool(line) is bool(said)
        assert bool(given) is seen[-1].passed


def test_a_chain_that_breaks_off_is_not_trusted() -> None:
    made = forge.chain(not_before=NOW - forge.DAY)
    alone = Bundle(made.leaf, made.private_key)
    status = chain_engine.chain_status(alone, "server.example.com", at=NOW)
    assert (chain_engine.ISSUER_MISSING,) == status.statuses
    assert not status.trusted


def test_the_viewer_shows_what_windows_says() -> None:
    from certlib.widgets.viewer import CertificateViewer

    made = forge.chain(not_before=NOW - forge.DAY)
    viewer = CertificateViewer.as_windows_sees_it(made, "server.example.com", at=NOW)
    root, issuing, leaf = (step.status for step in viewer.view.path)
    assert chain_engine.STATUS[0x20] == root
    assert "This certificate is OK." == issuing == leaf


TRUST = """
from datetime import datetime
from pathlib import Path
from certlib.stores.chain_engine import chain_status
bundle = Bundle.read(Path(sys.argv[1]))
for name, at in (argument.split("@") for argument in sys.argv[2:]):
    status = chain_status(bundle, name, at=datetime.fromisoformat(at))
    print("|".join(status.reasons) or "trusted")
"""


def test_a_trusted_root_is_looked_up_for_the_server_name(
    machine: WindowsMachine, tmp_path: Path
) -> None:
    made = forge.chain(not_before=NOW - forge.DAY)
    Bundle(made.leaf, chain=made.chain).write(tmp_path / "chain.p7b")
    roots, root = machine.open(stores.TRUSTED_ROOT), Bundle(made.chain[-1])
    late = NOW + 200 * forge.DAY
    roots.add(root)
    try:  # in another process, as Windows remembers in each what is trusted
        printed = in_another_process(
            *(TRUST, str(tmp_path / "chain.p7b"), f"server.example.com@{NOW}"),
            *(f"other.example.com@{NOW}", f"server.example.com@{late}"),
        )
    finally:
        roots.remove(root.thumbprint)
    good, misnamed, expired = printed.splitlines()
    assert "trusted" == good
    assert "The certificate does not name the server other.example.com." == misnamed
    assert chain_engine.STATUS[0x1] in expired


# Files that hold secrets


def test_a_secret_file_is_written_and_read(tmp_path: Path) -> None:
    files.write(tmp_path / "key.pem", b"secret", secret=True)
    assert b"secret" == files.read(tmp_path / "key.pem")
    with pytest.raises(InputError, match="exists already"):
        files.write(tmp_path / "key.pem", b"other", secret=True)
    files.write(tmp_path / "key.pem", b"other", secret=True, replace=True)
    assert b"other" == files.read(tmp_path / "key.pem")
    assert ["key.pem"] == [path.name for path in tmp_path.iterdir()]


@pytest.mark.wine_unsupported(
    "SetNamedSecurityInfo leaves out what it is told of a file"
)
def test_a_secret_file_is_open_to_three_accounts_only(tmp_path: Path) -> None:
    path = tmp_path / "key.pem"
    files.write(path, b"secret", secret=True)
    descriptor = win32security.GetNamedSecurityInfo(
        str(path),
        win32security.SE_FILE_OBJECT,
        win32security.DACL_SECURITY_INFORMATION,
    )
    acl = descriptor.GetSecurityDescriptorDacl()
    sids = {
        win32security.ConvertSidToStringSid(acl.GetAce(n)[-1])
        for n in range(acl.GetAceCount())
    }
    token = win32security.OpenProcessToken(
        win32api.GetCurrentProcess(), win32security.TOKEN_QUERY
    )
    owner, _ = win32security.GetTokenInformation(token, win32security.TokenUser)
    mine = win32security.ConvertSidToStringSid(owner)
    assert {"S-1-5-18", "S-1-5-32-544", mine} == sids


def test_a_thumbprint_is_the_one_windows_has(store: WindowsStore) -> None:
    made = bundle(36)
    store.add(made)
    with store._opened() as opened:
        context = store._context(opened, made.thumbprint)
        assert bundles.thumbprint(made.leaf) == (
            context.CertGetCertificateContextProperty(3).hex().upper()
        )
