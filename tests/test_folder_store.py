"""Stores as files: what only they can show, above all what a failure leaves."""

from __future__ import annotations

import json
import stat
import sys
from pathlib import Path

import forge
import pytest

from certlib import stores
from certlib.errors import StoreError
from certlib.stores import StoreAddress, StoreLocation
from certlib.stores.folder import FolderMachine, FolderStore


@pytest.fixture
def store(tmp_path: Path) -> FolderStore:
    return FolderMachine(tmp_path / "stores").open(stores.PERSONAL)


def files_in(store: FolderStore) -> list[str]:
    root = store.machine.root
    return sorted(
        path.relative_to(root).as_posix()
        for path in root.rglob("*")
        if (path.is_symlink() or path.is_file()) and path.name != ".lock"
    )


def certificate_path(store: FolderStore, thumbprint: str) -> Path:
    return store.machine.root / "LocalMachine" / "My" / f"{thumbprint}.cer"


def test_removing_the_last_certificate_removes_everything(store: FolderStore) -> None:
    bundle = forge.leaf()
    store.add(bundle)
    kinds = [Path(name).suffix for name in files_in(store)]
    assert [".cer", ".json", ".json", ".pem"] == sorted(kinds)
    store.remove(bundle.thumbprint)
    assert [] == files_in(store)


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no file modes")
def test_keys_are_their_owners_alone(store: FolderStore) -> None:
    store.add(forge.leaf())
    (key,) = store.machine.root.rglob("*.pem")
    assert 0o600 == stat.S_IMODE(key.stat().st_mode)
    assert 0o700 == stat.S_IMODE(key.parent.stat().st_mode)


@pytest.mark.wine_unsupported("a rename replaces a symbolic link to nowhere")
def test_a_refused_certificate_leaves_no_key_behind(store: FolderStore) -> None:
    bundle = forge.leaf()
    in_the_way = certificate_path(store, bundle.thumbprint)
    in_the_way.parent.mkdir(parents=True)
    in_the_way.symlink_to("nowhere")
    before = files_in(store)
    with pytest.raises(StoreError, match="Local Machine > Personal refused"):
        store.add(bundle)
    assert before == files_in(store)


@pytest.mark.wine_unsupported("a rename replaces a symbolic link to nowhere")
def test_a_refused_certificate_does_not_take_the_key_of_another(
    store: FolderStore,
) -> None:
    first, second = forge.leaf(), forge.leaf()
    store.add(first)
    certificate_path(store, second.thumbprint).symlink_to("nowhere")
    with pytest.raises(StoreError, match="refused"):
        store.add(second)
    store.prove_key(first.thumbprint)


def test_a_root_that_is_a_file_is_refused(tmp_path: Path) -> None:
    (tmp_path / "stores").write_bytes(b"x")
    store = FolderMachine(tmp_path / "stores").open(stores.PERSONAL)
    with pytest.raises(StoreError, match="refused"):
        list(store)
    with pytest.raises(StoreError, match="refused"):
        store.add(forge.leaf())
    assert b"x" == (tmp_path / "stores").read_bytes()


@pytest.mark.parametrize("data", [b"", b"noise", forge.unparsable()])
def test_a_damaged_certificate_is_named(store: FolderStore, data: bytes) -> None:
    bundle, other = forge.leaf(), forge.leaf()
    store.add(bundle)
    added = store.add(other)
    path = certificate_path(store, bundle.thumbprint)
    path.write_bytes(data)
    with pytest.raises(StoreError, match="is damaged") as caught:
        store.find(bundle.thumbprint)
    assert str(path) in caught.value.message
    with pytest.warns(UserWarning, match="is damaged"):
        assert [added] == list(store)


def test_a_damaged_neighbour_is_in_nobodys_way(store: FolderStore) -> None:
    bundle = forge.leaf()
    store.add(bundle)
    junk = store.machine.root / "LocalMachine" / "CA" / f"{'A' * 40}.cer"
    junk.parent.mkdir()
    junk.write_bytes(b"junk")
    store.remove(bundle.thumbprint)
    assert ["LocalMachine/CA/" + junk.name] == files_in(store)


def test_a_damaged_certificate_keeps_its_key(store: FolderStore) -> None:
    damaged, other = forge.leaf(), forge.leaf(serial_number=4711)
    store.add(damaged)
    store.add(other)
    certificate_path(store, damaged.thumbprint).write_bytes(b"junk")
    store.remove(other.thumbprint)
    assert 1 == len(list(store.machine.root.rglob("*.pem")))


def test_a_key_left_behind_is_made_anew(store: FolderStore) -> None:
    bundle = forge.leaf()
    store.add(bundle, exportable=True)
    certificate_path(store, bundle.thumbprint).unlink()  # as if it was cut off
    assert not store.add(bundle).exportable
    assert sorted(store.machine.default_readers) == store.readers(bundle.thumbprint)


@pytest.mark.parametrize("key", ["../../../victim", "", "A" * 64, 1, ["a"]])
def test_what_is_no_name_of_a_key_names_no_file(
    store: FolderStore, tmp_path: Path, key: object
) -> None:
    bundle = forge.leaf()
    store.add(bundle)
    victim = tmp_path / "victim.pem"
    victim.write_bytes(b"somebody's")
    properties = certificate_path(store, bundle.thumbprint).with_suffix(".json")
    properties.write_text(json.dumps({"friendly_name": 1, "key": key}))
    entry = store.find(bundle.thumbprint)
    assert (False, "") == (entry.has_private_key, entry.friendly_name)
    store.remove(bundle.thumbprint)
    assert b"somebody's" == victim.read_bytes()


@pytest.mark.parametrize("readers", [None, 1, "everyone", {"a": 1}, [1, None]])
def test_damaged_rights_grant_nothing(store: FolderStore, readers: object) -> None:
    bundle = forge.leaf()
    store.add(bundle)
    (properties,) = (store.machine.root / "LocalMachine" / ".keys").glob("*.json")
    properties.write_text(json.dumps({"exportable": "yes", "readers": readers}))
    assert [] == store.readers(bundle.thumbprint)
    assert not store.find(bundle.thumbprint).exportable
    store.grant_read(bundle.thumbprint, "EXAMPLE\\admin")
    assert ["EXAMPLE\\admin"] == store.readers(bundle.thumbprint)


def test_a_directory_in_place_of_a_certificate_is_refused(store: FolderStore) -> None:
    certificate_path(store, "A" * 40).mkdir(parents=True)
    with pytest.raises(StoreError, match=r"refused|is damaged"):
        store.find("A" * 40)


def test_lost_properties_cost_no_certificate(store: FolderStore) -> None:
    bundle = forge.leaf(friendly_name="gone")
    store.add(bundle)
    for path in store.machine.root.rglob("*.json"):
        path.write_bytes(b"{")
    entry = store.find(bundle.thumbprint)
    assert (bundle.leaf, "", False) == (
        entry.certificate,
        entry.friendly_name,
        entry.has_private_key,
    )


def test_lost_properties_of_a_key_grant_nothing(store: FolderStore) -> None:
    bundle = forge.leaf()
    store.add(bundle, exportable=True)
    (properties,) = (store.machine.root / "LocalMachine" / ".keys").glob("*.json")
    properties.unlink()
    assert not store.find(bundle.thumbprint).exportable
    assert [] == store.readers(bundle.thumbprint)
    store.grant_read(bundle.thumbprint, "EXAMPLE\\admin")
    assert ["EXAMPLE\\admin"] == store.readers(bundle.thumbprint)


def test_a_lost_or_foreign_key_proves_nothing(store: FolderStore) -> None:
    bundle = forge.leaf()
    store.add(bundle)
    (key,) = store.machine.root.rglob("*.pem")
    stranger = forge.leaf(private_key=forge.key(1)).to_pem()
    key.write_bytes(stranger[stranger.index(b"-----BEGIN PRIVATE") :])
    with pytest.raises(StoreError, match="that of another certificate"):
        store.prove_key(bundle.thumbprint)
    key.unlink()
    with pytest.raises(StoreError, match="refused") as caught:
        store.prove_key(bundle.thumbprint)
    assert "does not exist" in caught.value.message


def test_display_names(tmp_path: Path) -> None:
    assert f"store in {tmp_path}" == FolderMachine(tmp_path).display_name
    assert "practice store" == FolderMachine(tmp_path, practice=True).display_name


def test_the_locations_keep_their_keys_apart(tmp_path: Path) -> None:
    machine = FolderMachine(tmp_path)
    bundle = forge.leaf()
    here = machine.open(stores.PERSONAL)
    there = machine.open(StoreAddress(StoreLocation.CURRENT_USER, "My"))
    here.add(bundle)
    there.add(bundle)
    assert [] == here.key_users(bundle.thumbprint)
    here.remove(bundle.thumbprint)
    there.prove_key(bundle.thumbprint)


def test_an_import_that_was_cut_off_leaves_no_key(store: FolderStore) -> None:
    bundle, other = forge.leaf(), forge.leaf(private_key=forge.key(1))
    store.add(bundle)
    certificate_path(store, bundle.thumbprint).unlink()
    store.add(other)
    store.remove(other.thumbprint)
    assert [] == files_in(store)


def test_a_removal_whose_end_fails_is_finished_by_the_next(
    store: FolderStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    bundle, other = forge.leaf(), forge.leaf(private_key=forge.key(1))
    store.add(bundle)
    real = Path.unlink

    def refuse(path: Path, missing_ok: bool = False) -> None:
        if path.suffix == ".pem":
            raise PermissionError(13, "Permission denied")
        real(path, missing_ok)

    monkeypatch.setattr(Path, "unlink", refuse)
    with pytest.raises(StoreError, match="refused"):
        store.remove(bundle.thumbprint)
    monkeypatch.undo()
    assert [] == list(store)
    store.add(other)
    assert 1 == len(list(store.machine.root.rglob("*.pem")))


@pytest.mark.skipif(sys.platform == "win32", reason="links need a right on Windows")
@pytest.mark.parametrize("planted", ["My", ".keys"])
def test_planted_links_are_not_followed(
    store: FolderStore, tmp_path: Path, planted: str
) -> None:
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    (store.machine.root / "LocalMachine").mkdir(parents=True)
    (store.machine.root / "LocalMachine" / planted).symlink_to(elsewhere)
    with pytest.raises(StoreError, match="is a symbolic link"):
        store.add(forge.leaf())
    assert [] == list(elsewhere.iterdir())


def test_a_key_that_was_lost_comes_back_with_the_next_of_its_certificates(
    store: FolderStore,
) -> None:
    old, new = forge.leaf(), forge.leaf(serial_number=4711)
    store.add(old)
    (key,) = store.machine.root.rglob("*.pem")
    key.unlink()
    store.add(new)
    store.prove_key(new.thumbprint)
