"""Files: whole or not at all, private from the first byte, never replaced."""

from __future__ import annotations

import os
import stat
import sys
from pathlib import Path

import pytest

from certlib import files
from certlib.errors import InputError

posix_only = pytest.mark.skipif(
    sys.platform == "win32", reason="Windows has no file modes"
)


def mode(path: Path) -> str:
    return oct(stat.S_IMODE(path.stat().st_mode))


def names_in(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())


def test_what_is_written_is_read_back(tmp_path: Path) -> None:
    files.write(tmp_path / "a.cer", b"content")
    assert files.read(tmp_path / "a.cer") == b"content"
    assert names_in(tmp_path) == ["a.cer"]


@posix_only
def test_a_secret_is_its_owners_alone(tmp_path: Path) -> None:
    files.write(tmp_path / "key.pem", b"secret", secret=True)
    files.write(tmp_path / "a.cer", b"public")
    assert mode(tmp_path / "key.pem") == "0o600"
    assert mode(tmp_path / "a.cer") == "0o644"


@posix_only
@pytest.mark.parametrize("secret", [True, False])
def test_nobody_else_reads_it_from_the_first_byte_on(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, secret: bool
) -> None:
    seen: list[str] = []
    real = os.fsync

    def look(handle: int) -> None:
        assert [name for name in names_in(tmp_path) if name == "key.pem"] == []
        seen.append(oct(stat.S_IMODE(os.fstat(handle).st_mode)))
        real(handle)

    monkeypatch.setattr(os, "fsync", look)
    old = os.umask(0)
    try:
        files.write(tmp_path / "key.pem", b"secret", secret=secret)
    finally:
        os.umask(old)
    assert seen == ["0o600"]


@posix_only
@pytest.mark.parametrize(("mask", "expected"), [(0o077, "0o600"), (0o027, "0o640")])
def test_the_umask_counts(tmp_path: Path, mask: int, expected: str) -> None:
    old = os.umask(mask)
    try:
        files.write(tmp_path / "a.cer", b"public")
        kept = os.umask(mask)
    finally:
        os.umask(old)
    assert (expected, mask) == (mode(tmp_path / "a.cer"), kept)


@pytest.mark.skipif(not Path("/proc/self/fd").is_dir(), reason="no list of open files")
@pytest.mark.parametrize("error", [OSError(5, "no rights"), RuntimeError()])
def test_a_file_that_cannot_be_made_private_is_closed_and_gone(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, error: Exception
) -> None:
    def refuse(_: Path) -> None:
        raise error

    monkeypatch.setattr(files, "_restrict", refuse)
    before = len(names_in(Path("/proc/self/fd")))
    with pytest.raises((InputError, RuntimeError)):
        files.write(tmp_path / "key.pem", b"secret", secret=True)
    assert before == len(names_in(Path("/proc/self/fd")))
    assert [] == names_in(tmp_path)


def test_nothing_is_replaced_unasked(tmp_path: Path) -> None:
    path = tmp_path / "key.pem"
    files.write(path, b"first", secret=True)
    with pytest.raises(InputError, match="exists already and is left as it is"):
        files.write(path, b"second", secret=True)
    assert path.read_bytes() == b"first"
    files.write(path, b"third", secret=True, replace=True)
    assert path.read_bytes() == b"third"
    assert names_in(tmp_path) == ["key.pem"]


@posix_only
def test_a_dangling_link_is_not_replaced_either(tmp_path: Path) -> None:
    (tmp_path / "key.pem").symlink_to(tmp_path / "nowhere")
    with pytest.raises(InputError, match="exists already"):
        files.write(tmp_path / "key.pem", b"secret", secret=True)
    assert names_in(tmp_path) == ["key.pem"]


def test_a_file_without_hard_links_is_written_too(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*_: object) -> None:
        raise PermissionError(1, "Operation not permitted")

    monkeypatch.setattr(Path, "hardlink_to", refuse)
    files.write(tmp_path / "a.cer", b"first")
    with pytest.raises(InputError, match="exists already"):
        files.write(tmp_path / "a.cer", b"second")
    assert files.read(tmp_path / "a.cer") == b"first"
    assert names_in(tmp_path) == ["a.cer"]


@posix_only
def test_without_hard_links_a_faster_writer_wins(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*_: object) -> None:
        (tmp_path / "a.cer").symlink_to("nowhere")  # which exists() does not see
        raise PermissionError(1, "Operation not permitted")

    monkeypatch.setattr(Path, "hardlink_to", refuse)
    with pytest.raises(InputError, match="exists already"):
        files.write(tmp_path / "a.cer", b"ours")
    assert (tmp_path / "a.cer").is_symlink()
    assert ["a.cer"] == names_in(tmp_path)


@pytest.mark.parametrize("replace", [True, False])
def test_a_failure_leaves_nothing_behind(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, replace: bool
) -> None:
    (tmp_path / "a.cer").write_bytes(b"old")

    def full(_: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(InputError, match="cannot be written: No space left"):
        files.write(tmp_path / "a.cer", b"new", secret=True, replace=replace)
    assert (tmp_path / "a.cer").read_bytes() == b"old"
    assert names_in(tmp_path) == ["a.cer"]


def test_a_folder_that_is_none_is_named(tmp_path: Path) -> None:
    (tmp_path / "file").write_bytes(b"x")
    for path in (
        tmp_path / "missing" / "a.cer",
        tmp_path / "file" / "a.cer",
        tmp_path / "a\0.cer",
    ):
        with pytest.raises(InputError) as caught:
            files.write(path, b"content")
        assert f"{path} cannot be written" in caught.value.message
    assert names_in(tmp_path) == ["file"]
    with pytest.raises(InputError, match="cannot be written"):
        files.private_folder(tmp_path / "file" / "folder")


def test_a_directory_is_not_replaced(tmp_path: Path) -> None:
    (tmp_path / "a.cer").mkdir()
    for replace in (True, False):
        with pytest.raises(InputError):
            files.write(tmp_path / "a.cer", b"content", replace=replace)
    assert names_in(tmp_path) == ["a.cer"]


@posix_only
def test_a_private_folder_is_its_owners_alone(tmp_path: Path) -> None:
    assert mode(files.private_folder(tmp_path / "keys")) == "0o700"


def test_what_cannot_be_read_is_named(tmp_path: Path) -> None:
    (tmp_path / "empty").touch()
    expected = {
        tmp_path: "is a directory",
        tmp_path / "empty": "is empty",
        tmp_path / "missing": "does not exist",
        tmp_path / "empty" / "below": "does not exist"
        if sys.platform == "win32"
        else "cannot be read",
        tmp_path / "a\0b": "cannot be read",
    }
    for path, reason in expected.items():
        with pytest.raises(InputError) as caught:
            files.read(path)
        assert f"{path} {reason}" in caught.value.message


def test_the_largest_file_is_read_and_no_larger_one(tmp_path: Path) -> None:
    path = tmp_path / "large"
    path.touch()
    os.truncate(path, files.MAX_SIZE)
    assert len(files.read(path)) == files.MAX_SIZE
    os.truncate(path, files.MAX_SIZE + 1)
    with pytest.raises(InputError, match="has 16,777,217 bytes"):
        files.read(path)
    os.truncate(path, 100 * 1024 * 1024)
    with pytest.raises(InputError, match="has 104,857,600 bytes"):
        files.read(path)


@posix_only
def test_an_endless_file_is_not_read_to_its_end() -> None:
    with pytest.raises(InputError, match="/dev/zero has more than 16,777,216 bytes"):
        files.read(Path("/dev/zero"))
