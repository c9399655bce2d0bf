"""Auditing: every source, every kind of damage, and what is said about it."""

import contextlib
import io
import json
import os
import shutil
import ssl
import subprocess
import warnings
from dataclasses import replace
from pathlib import Path

import certifi
import cryptography_vectors
import forge
import pytest
from components import missing, require
from cryptography import x509
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
)
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from test_endpoints import hanging, talking

from certlib import (
    auditing,
    bundles,
    endpoints,
    practice,
    stores,
)
from certlib.auditing.sources import (
    DataSource,
    EndpointSource,
    FileSource,
    StoreSource,
)
from certlib.bundles import reading
from certlib.endpoints import serving
from certlib.errors import InputError
from certlib.products import PRODUCTS
from certlib.rules import Context, Severity
from certlib.stores import PERSONAL, practice_machine
from certlib.summaries import Kind
from certlib.trust.roots import Trust

HERE = Context(at=forge.AT, server_name="server.example.com", practice=True)


def rules_of(result):
    return sorted(finding.rule for finding in result.findings)


def audit(*sources, context=HERE):
    return list(auditing.audit(sources, context))


def in_data(data, name="a.cer", passphrases=()):
    return audit(DataSource(lambda: data, name, passphrases))


@pytest.fixture
def machine(tmp_path):
    return practice_machine(tmp_path / "stores")


# Files


def test_the_practice_set_has_the_faults_that_its_names_say(tmp_path):
    practice.files_to_audit(tmp_path)
    context = Context(at=forge.AT, server_name="todd.example.com", practice=True)
    found = audit(FileSource(tmp_path, ("x", practice.PASSPHRASE)), context=context)
    assert {
        "client.cer": ["not-for-server-authentication"],
        "expired.cer": ["expired"],
        "expiring.cer": ["expiring"],
        "no-san.cer": ["common-name-only", "san-missing"],
        "old-name.cer": ["common-name-without-server-name", "san-without-server-name"],
        "right.pfx": [],
        "self-signed.pfx": ["self-signed-in-production"],
        "torn.cer": ["cannot-be-read"],
    } == {Path(result.place).name: rules_of(result) for result in found}


def formats():
    bundle = forge.chain()
    pem = bundle.leaf.public_bytes(Encoding.PEM)
    return {
        "a.der": forge.der(bundle),
        "a.pem": pem,
        "a.crt": pem.replace(b" CERTIFICATE", b" X509 CERTIFICATE"),
        "chain.pem": bundle.to_pem(),
        "a.p7b": bundle.to_p7b(),
        "a.pfx": bundle.to_pfx("geheim ä"),
    }


@pytest.mark.parametrize("name", formats())
def test_every_format_gives_its_leaf(name):
    (found,) = in_data(formats()[name], name, ("wrong", "geheim ä"))
    assert Kind.CERTIFICATE is found.summary.kind
    assert "CN=server.example.com" == found.summary.subject
    has_key = True if name in ("chain.pem", "a.pfx") else None
    assert has_key is found.summary.private_key
    plain = ["private-key-without-passphrase"] if name == "chain.pem" else []
    assert plain == rules_of(found)


def test_openssls_trusted_certificate_is_trimmed(tmp_path):
    openssl = require("openssl")
    bundle = forge.leaf()
    (tmp_path / "a.pem").write_bytes(bundle.leaf.public_bytes(Encoding.PEM))
    made = subprocess.run(
        [openssl, "x509", "-in", "a.pem", "-trustout", "-addtrust", "serverAuth"],
        cwd=tmp_path,
        capture_output=True,
        check=True,
    ).stdout
    assert b"BEGIN TRUSTED CERTIFICATE" in made
    (found,) = in_data(made)
    assert bundle.thumbprint == found.summary.thumbprint


def test_a_protected_file_without_its_passphrase_is_a_finding():
    data = forge.leaf().to_pfx("secret word")
    (found,) = in_data(data, "a.pfx", ("guess one", "guess two"))
    assert ["not-opened"] == rules_of(found)
    detail = found.findings[0].detail
    assert "none of the 2 passphrases" in detail
    assert not {"guess one", "guess two", "secret word"} & set(detail.split("; "))


def test_passphrases_are_tried_as_long_as_there_is_time(monkeypatch):
    monkeypatch.setattr(reading, "MAX_SECONDS", 0)
    (found,) = in_data(forge.leaf().to_pfx("right"), "a.pfx", ("wrong",) * 9)
    assert "none of the 1 passphrases that were tried" in found.findings[0].detail


def test_passphrases_stand_in_no_repr(tmp_path):
    assert "hidden" not in repr(FileSource(tmp_path, ("hidden",)))
    assert "hidden" not in repr(DataSource(bytes, "a.pfx", ("hidden",)))


def test_one_bad_certificate_in_a_file_does_not_hide_the_others():
    good, bad = forge.leaf(), forge.unparsable()
    armoured = b"-----BEGIN CERTIFICATE-----\n%s-----END CERTIFICATE-----\n"
    import base64

    data = (
        armoured % base64.encodebytes(bad)
        + good.leaf.public_bytes(Encoding.PEM)
        + armoured % b"?? no base64 ??\n"
    )
    found = in_data(data, "many.pem")
    assert 3 == len(found)
    assert good.thumbprint in {result.summary.thumbprint for result in found}
    assert 2 == sum("cannot-be-read" in rules_of(result) for result in found)


def test_a_p7b_is_read_certificate_by_certificate():
    good = forge.leaf()
    data = good.to_p7b().replace(
        forge.der(good), forge.der(good).replace(b"\x02\x01\x02", b"\x02\x01\x04", 1)
    )
    (found,) = in_data(data, "a.p7b")
    assert "cannot-be-read" in rules_of(found)
    assert "CN=server.example.com" == found.summary.subject


def test_a_key_and_a_request_are_told_from_certificates(tmp_path):
    bundle = forge.leaf()
    key = bundle.to_pem().partition(b"-----BEGIN PRIVATE")
    (found,) = in_data(key[1] + key[2], "a.pem")
    assert Kind.PRIVATE_KEY is found.summary.kind
    assert ["private-key-without-passphrase"] == rules_of(found)


def test_the_same_certificate_in_two_places_is_one(tmp_path, machine):
    bundle = forge.leaf(issuer=forge.ca())
    folder = tmp_path / "files"
    folder.mkdir()
    bundle.write(folder / "a.cer")
    bundle.write(folder / "b.pfx", passphrase="x")
    machine.open(PERSONAL).add(bundle)
    store = StoreSource(machine.open(PERSONAL), stores.trust_of(machine))
    (found,) = audit(FileSource(folder, ("x",)), store)
    assert (
        str(folder / "a.cer"),
        str(folder / "b.pfx"),
        rf"Cert:\LocalMachine\My\{bundle.thumbprint}",
    ) == found.places
    assert True is found.summary.private_key


def test_a_key_in_two_certificates_is_said_of_both(tmp_path):
    for name in ("a", "b"):
        host = f"{name}.example.com"
        bundle = forge.leaf(issuer=forge.ca(), common_name=host, san=[host])
        bundle.write(tmp_path / f"{name}.cer")
    found = audit(FileSource(tmp_path))
    assert ["key-shared", "key-shared"] == [
        rule for one in found for rule in rules_of(one) if rule == "key-shared"
    ]
    details = [finding.detail for finding in found[0].findings]
    assert f"also in {tmp_path / 'b.cer'}" in details


def test_who_has_renewed_with_the_same_key_shares_it_with_nobody(tmp_path):
    new, old = forge.ca("New Root"), forge.ca("Old Root")
    forge.leaf(issuer=new).write(tmp_path / "1.cer")
    forge.leaf(issuer=new, san=["server.example.com", "b.example"]).write(
        tmp_path / "2.cer"
    )
    new.write(tmp_path / "root.cer")
    forge.ca("New Root").write(tmp_path / "renewed.cer")
    forge.ca("New Root", issuer=old).write(tmp_path / "crossed.cer")
    found = audit(FileSource(tmp_path))
    assert 5 == len(found)
    assert [] == [one.place for one in found if "key-shared" in rules_of(one)]


def in_one_file(tmp_path, *bundles, key=None):
    path = tmp_path / "all.pem"
    content = b"".join(one.public_bytes(Encoding.PEM) for one in bundles)
    if key is not None:
        content += key.private_bytes(
            Encoding.PEM,
            PrivateFormat.PKCS8,
            NoEncryption(),
        )
    path.write_bytes(content)
    return FileSource(path)


def test_a_key_of_another_certificate_in_the_same_file_is_an_error(tmp_path):
    leaf = forge.leaf(issuer=forge.ca())
    key, found = audit(in_one_file(tmp_path, leaf.leaf, key=forge.key(7)))
    assert "private-key-without-passphrase" in rules_of(key)
    assert ["key-of-another"] == rules_of(found)
    (found,) = audit(in_one_file(tmp_path, leaf.leaf, key=forge.key()))
    assert "private-key-without-passphrase" in rules_of(found)
    assert "key-of-another" not in rules_of(found)


def changed(bundle):
    der = bytearray(forge.der(bundle))
    der[-1] ^= 1  # in the signature: as wrong as any other change
    return x509.load_der_x509_certificate(bytes(der))


@pytest.mark.parametrize(
    ("key_id", "expected"), [(True, "signature-broken"), (False, "issuer-unconfirmed")]
)
def test_what_was_changed_after_it_was_signed_is_told(tmp_path, key_id, expected):
    alone = changed(forge.leaf(subject_key_identifier=key_id))
    (found,) = audit(in_one_file(tmp_path, alone))
    assert expected in rules_of(found)


def test_a_changed_one_beside_its_issuer_is_told(tmp_path):
    bundle = forge.leaf(issuer=forge.ca())
    source = in_one_file(tmp_path, changed(bundle), forge.ca().leaf)
    assert "signature-broken" in [r for one in audit(source) for r in rules_of(one)]


def test_one_named_like_its_issuer_is_neither_broken_nor_self_signed(tmp_path):
    name = "server.example.com"
    root = forge.ca(name)
    leaf = forge.leaf(issuer=root, subject_key_identifier=False)
    (found,) = audit(in_one_file(tmp_path, leaf.leaf, root.leaf))
    assert [] == rules_of(found)


def test_a_renewed_root_signed_by_its_old_key_is_not_broken(tmp_path):
    old = forge.ca("Rollover")
    new = forge.ca("Rollover", issuer=old, private_key=forge.key(5))
    leaf = forge.leaf(issuer=new)
    source = in_one_file(tmp_path, leaf.leaf, new.leaf, old.leaf)
    assert [[]] == [rules_of(one) for one in audit(source)]


def test_hidden_and_other_files_of_a_folder_are_passed_over(tmp_path):
    (tmp_path / ".git").mkdir()
    forge.leaf().write(tmp_path / ".git" / "a.cer")
    (tmp_path / "readme.md").write_text("text")
    (found,) = audit(FileSource(tmp_path))
    assert (str(tmp_path), ["not-opened"]) == (found.place, rules_of(found))
    assert "1 hidden, 1 .md" in found.findings[0].detail
    forge.leaf(issuer=forge.ca()).write(tmp_path / "b.cer")
    assert [str(tmp_path / "b.cer")] == [
        one.place for one in audit(FileSource(tmp_path))
    ]


def test_a_folder_is_read_as_it_is_when_it_is_audited(tmp_path):
    forge.leaf(issuer=forge.ca()).write(tmp_path / "a.cer")
    source = FileSource(tmp_path)
    assert [str(tmp_path / "a.cer")] == [one.place for one in audit(source)]
    (tmp_path / "a.cer").rename(tmp_path / "b.cer")
    assert [str(tmp_path / "b.cer")] == [one.place for one in audit(source)]


def test_a_folder_says_what_was_not_looked_at(tmp_path):
    (tmp_path / "in" / "empty").mkdir(parents=True)
    (tmp_path / "elsewhere").mkdir()
    forge.leaf().write(tmp_path / "elsewhere" / "a.cer")
    (found,) = audit(FileSource(tmp_path / "in"))
    assert "it is empty" in found.findings[0].detail
    forge.leaf(issuer=forge.ca()).write(tmp_path / "in" / "a.cer")
    try:
        (tmp_path / "in" / "b").symlink_to(tmp_path / "elsewhere")
        (tmp_path / "in" / "c.pem").symlink_to(tmp_path / "nowhere")
        (tmp_path / "in" / "d").symlink_to(tmp_path / "in" / "empty")
    except OSError:  # not everybody may on Windows
        pytest.skip("no symbolic links here")
    found = audit(FileSource(tmp_path / "in"))
    assert [
        (str(tmp_path / "in" / "a.cer"), []),
        (str(tmp_path / "in" / "b"), ["not-opened"]),
        (str(tmp_path / "in" / "c.pem"), ["not-opened"]),
    ] == [(one.place, rules_of(one)) for one in found]
    assert str(tmp_path / "elsewhere") in found[1].findings[0].detail


@pytest.mark.parametrize("name", ["server", "server.pem.txt", "server.old", "a.JKS"])
def test_a_folder_is_read_by_content_too(tmp_path, name):
    data = b"\xfe\xed\xfe\xed..." if name == "a.JKS" else forge.leaf().to_pem()
    (tmp_path / name).write_bytes(data)
    (tmp_path / "notes.txt").write_text("no certificate")
    assert {str(tmp_path / name)} == {
        one.place.partition(" #")[0] for one in audit(FileSource(tmp_path))
    }


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("empty.cer", [["not-opened"]]),
        ("large.cer", [["not-opened"]]),
        ("folder", [["not-opened"]]),
        ("missing.cer", [["not-opened"]]),
    ],
)
def test_files_that_cannot_be_read_are_findings(tmp_path, name, expected):
    (tmp_path / "empty.cer").touch()
    (tmp_path / "folder").mkdir()
    with (tmp_path / "large.cer").open("wb") as stream:
        stream.truncate(100 * 1024 * 1024)
    found = audit(FileSource(tmp_path / name))
    assert expected == [rules_of(result) for result in found]


def damaged():
    return st.lists(
        st.tuples(st.floats(0, 1, exclude_max=True), st.integers(1, 255)), max_size=6
    )


@settings(suppress_health_check=[HealthCheck.too_slow], deadline=None)
@given(st.sampled_from(sorted(formats())), damaged(), st.floats(0.3, 1))
def test_no_damage_stops_an_audit(name, changes, length):
    data = bytearray(formats()[name])
    for where, by in changes:
        data[int(where * len(data))] ^= by
    found = in_data(bytes(data[: int(length * len(data)) or 1]), name, ("geheim ä",))
    assert found
    for result in found:
        if result.summary.kind is Kind.UNREADABLE:
            assert {*rules_of(result)} in ({"cannot-be-read"}, {"not-opened"})


@given(st.binary(min_size=1, max_size=300))
def test_noise_is_a_finding(data):
    assert {"error", None} >= {result.worst for result in in_data(data)}


# Collections of real and odd certificates


def collection(name):
    return {
        "cryptography": Path(cryptography_vectors.__file__).parent / "x509",
        "certifi": Path(certifi.where()),
        "Debian": Path("/etc/ssl/certs"),
        "NSS": Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache")
        / "certlib-nss",
    }[name]


@pytest.mark.parametrize("name", ["cryptography", "certifi", "Debian", "NSS"])
def test_every_file_of_a_collection_gives_rows(name):
    path = collection(name)
    if not path.exists():
        missing(f"the collection {path}", reason=f"test certificates of {name}")
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        found = audit(FileSource(path), context=Context(at=forge.AT))
    places = {place.partition(" #")[0] for one in found for place in one.places}
    assert {str(p) for p in FileSource(path)._seen()} == places
    for result in found:
        unread = bool(result.summary.problems)
        assert unread == bool({"cannot-be-read", "not-opened"} & {*rules_of(result)})
        assert unread or result.summary.kind is not Kind.UNREADABLE


def test_the_roots_of_the_public_cas_are_no_servers():
    found = audit(FileSource(Path(certifi.where())), context=Context(at=forge.AT))
    ends = {"about-to-expire", "expired"}  # as some do, by the age of the package
    errors = {
        f.rule for one in found for f in one.findings if f.severity is Severity.ERROR
    }
    assert errors <= ends


# Stores


def test_a_store_is_audited_with_its_issuers_and_rights(machine):
    bundle = forge.chain()
    machine.open(PERSONAL).add(bundle)
    machine.open(stores.TRUSTED_ROOT).add(bundles.Bundle(bundle.chain[1]))
    source = auditing.source(r"cert:\localmachine\my", machine)
    context = replace(HERE, product=PRODUCTS["board-connector"])
    (found,) = audit(source, context=context)
    assert ["chain-incomplete", "private-key-not-readable"] == rules_of(found)
    account = PRODUCTS["board-connector"].service_account
    machine.open(PERSONAL).grant_read(bundle.thumbprint, account)
    machine.open(stores.INTERMEDIATE).add(bundles.Bundle(bundle.chain[0]))
    (found,) = audit(
        auditing.source(r"cert:\localmachine\my", machine), context=context
    )
    assert [] == rules_of(found)


@pytest.mark.parametrize(("days", "told"), [(1, True), (-1, False)])
def test_an_issuer_elsewhere_in_the_run_ends_earlier(tmp_path, days, told):
    end = forge.AT + 60 * forge.DAY
    issuing = forge.ca("Issuing", issuer=forge.ca(), not_after=end)
    leaf = forge.leaf(issuer=issuing, not_after=end + days * forge.DAY)
    (tmp_path / "leaf.cer").write_bytes(forge.der(leaf))
    (tmp_path / "issuing.cer").write_bytes(forge.der(issuing))
    _, found = audit(FileSource(tmp_path))
    assert told is ("outlives-its-issuer" in rules_of(found))


def test_rights_on_a_key_that_are_too_wide(machine):
    bundle = forge.chain()
    store = machine.open(PERSONAL)
    store.add(bundle, exportable=True)
    machine.open(stores.TRUSTED_ROOT).add(bundles.Bundle(bundle.chain[1]))
    machine.open(stores.INTERMEDIATE).add(bundles.Bundle(bundle.chain[0]))
    store.grant_read(bundle.thumbprint, "Jeder")
    (properties,) = (machine.root / "LocalMachine" / ".keys").glob("*.json")
    rights = json.loads(properties.read_text()) | {"controllers": [r"EXAMPLE\svc"]}
    properties.write_text(json.dumps(rights))
    product = PRODUCTS["board-connector"]
    source = auditing.source(r"cert:\localmachine\my", machine)
    (found,) = audit(source, context=replace(HERE, product=product))
    assert [
        "private-key-exportable",
        "private-key-in-full-control",
        "private-key-not-readable",
        "private-key-readable-by-anyone",
    ] == rules_of(found)


def test_current_user_is_the_wrong_place(machine):
    address = stores.StoreAddress(stores.StoreLocation.CURRENT_USER, "My")
    machine.open(address).add(forge.leaf(issuer=forge.ca()))
    root = forge.ca().leaf
    (found,) = audit(StoreSource(machine.open(address), Trust.of((), [root])))
    assert ["in-current-user"] == rules_of(found)


# Servers


def served(bundle, machine, server_name="server.example.com"):
    with serving.serve(bundle, server_name=server_name) as endpoint:
        return rules_of(
            audit(EndpointSource((endpoint,), stores.trust_of(machine), deadline=2.0))[
                0
            ]
        )


@pytest.mark.parametrize(
    ("least", "told"),
    [
        (ssl.TLSVersion.TLSv1, ["TLSv1.1", "TLSv1"]),
        (ssl.TLSVersion.TLSv1_1, ["TLSv1.1"]),
        (ssl.TLSVersion.TLSv1_2, []),
    ],
)
@pytest.mark.filterwarnings("ignore:ssl.TLSVersion:DeprecationWarning")
def test_old_versions_beside_the_newest_are_found(machine, least, told):
    def adjust(context):
        context.set_ciphers("DEFAULT:@SECLEVEL=0")
        context.minimum_version = least

    with serving.serve(forge.chain(), adjust=adjust) as endpoint:
        (found,) = audit(EndpointSource((endpoint,), stores.trust_of(machine)))
    details = [f.detail for f in found.findings if f.rule == "old-tls-version-offered"]
    assert [f"version: {one}, beside TLSv1.3" for one in told] == details


def test_servers_good_and_bad(tmp_path, machine):
    chain = forge.chain()
    late = forge.chain(not_after=forge.AT - forge.SECOND)
    alone = bundles.Bundle(chain.leaf, chain.private_key)
    assert ["chain-incomplete"] == served(chain, machine)
    machine.open(stores.TRUSTED_ROOT).add(bundles.Bundle(chain.chain[-1]))
    machine.open(stores.TRUSTED_ROOT).add(bundles.Bundle(late.chain[-1]))
    assert [] == served(chain, machine)
    assert ["expired"] == served(late, machine)
    assert ["chain-incomplete"] == served(alone, machine)
    assert ["self-signed-in-production"] == served(forge.leaf(), machine)
    assert ["common-name-without-server-name", "san-without-server-name"] == served(
        chain, machine, "other.example.com"
    )


def test_a_server_certificate_that_issued_another(machine):
    root = forge.ca("Example Root CA")
    server = forge.leaf(issuer=root, private_key=forge.key(1))
    machine.open(stores.TRUSTED_ROOT).add(bundles.Bundle(root.leaf))
    found = served(forge.leaf(issuer=server), machine)
    assert "issuer-may-not-issue" in found


def test_a_public_anchor_brings_the_rules_for_public_cas():
    chain = forge.chain()
    with serving.serve(chain) as endpoint:
        (found,) = audit(EndpointSource((endpoint,), Trust.of([chain.chain[-1]])))
    assert True is found.summary.publicly_trusted
    assert "policies-missing" in rules_of(found)


def test_servers_that_do_not_answer_as_they_should():
    with hanging() as silent, talking(b"HTTP/1.1 400 Bad Request\r\n\r\n") as plain:
        found = audit(EndpointSource((silent, plain), deadline=0.5))
    assert {str(silent), str(plain)} == {result.place for result in found}
    assert [["not-opened"]] * 2 == [rules_of(result) for result in found]


def test_a_list_of_servers(tmp_path, machine):
    with serving.serve(forge.chain()) as endpoint:
        text = f"port;host\n{endpoint.port};127.0.0.1\n;a b\n"
        (tmp_path / "hosts.csv").write_text(text, encoding="utf-8-sig")
        found = audit(auditing.source(str(tmp_path / "hosts.csv"), machine))
    assert [f"{tmp_path / 'hosts.csv'} line 3", f"127.0.0.1:{endpoint.port}"] == [
        result.place for result in found
    ]


@pytest.mark.parametrize("ending", ["txt", "csv"])
def test_a_list_that_is_a_certificate_is_judged_as_one(tmp_path, machine, ending):
    path = tmp_path / f"a.{ending}"
    forge.leaf(issuer=forge.ca()).write(tmp_path / "a.pem")
    (tmp_path / "a.pem").rename(path)
    (found, *_) = audit(auditing.source(str(path), machine))
    assert found.summary.thumbprint


def test_a_list_of_nothing_but_comments_is_a_finding(tmp_path, machine):
    (tmp_path / "hosts.txt").write_text("# none yet\n\n")
    (found,) = audit(auditing.source(str(tmp_path / "hosts.txt"), machine))
    assert ["not-opened"] == rules_of(found)


# The whole


def test_what_a_text_names(tmp_path, machine, monkeypatch):
    endpoint = auditing.source("tls://server.example.com:8165", machine)
    assert (endpoints.parse("server.example.com:8165"),) == endpoint.servers
    stdin = type("Stdin", (), {"buffer": io.BytesIO(forge.der(forge.leaf()))})
    monkeypatch.setattr("sys.stdin", stdin)
    (found,) = audit(auditing.source("-", machine))
    assert "standard input" == found.place
    with pytest.raises(InputError):
        auditing.source(str(tmp_path / "none"), machine)


def test_a_stopped_audit_judges_what_it_has_found(tmp_path):
    practice.files_to_audit(tmp_path)
    seen = []
    source = FileSource(tmp_path)
    found = list(
        auditing.audit(
            [source], HERE, progress=lambda one: seen.append(one) or len(seen) < 3
        )
    )
    assert (3, 3) == (len(seen), len(found))


def test_sources_are_mixed(tmp_path, machine):
    forge.leaf(issuer=forge.ca()).write(tmp_path / "a.cer")
    other = forge.leaf(issuer=forge.ca(), private_key=forge.key(1))
    machine.open(PERSONAL).add(other)
    with serving.serve(forge.leaf(private_key=forge.key(2))) as endpoint:
        found = audit(
            *(
                auditing.source(text, machine)
                for text in (
                    str(tmp_path),
                    r"Cert:\LocalMachine\My",
                    f"tls://{endpoint.host}:{endpoint.port}",
                )
            )
        )
    assert 3 == len(found)


def test_a_folder_that_may_not_be_read_is_no_end(tmp_path):
    if os.name == "nt" or os.geteuid() == 0:
        pytest.skip("this user may read everything")
    forge.leaf().write(tmp_path / "a.cer")
    (tmp_path / "a.cer").chmod(0)
    with contextlib.suppress(OSError):
        assert ["not-opened"] == rules_of(audit(FileSource(tmp_path))[0])
    shutil.rmtree(tmp_path, ignore_errors=True)


def test_an_odd_certificate_is_loaded_no_second_time():
    data = forge.with_unreadable_extensions()
    (found,) = in_data(data)
    assert x509.load_der_x509_certificate(found.certificates[0])
