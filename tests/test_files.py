"""Files: whole or not at all, private from the first byte, never replaced."""

from __future__ import annotations

import os
import stat
import subprocess
import sys
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from certlib import files, texts
from certlib.errors import InputError
from certlib.files import rights

posix_only = pytest.mark.skipif(
    sys.platform == "win32", reason="Windows has no file modes"
)


def mode(path: Path) -> str:
    return oct(stat.S_IMODE(path.stat().st_mode))


def names_in(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())


def test_what_is_written_is_read_back(tmp_path: Path) -> None:
    files.write(tmp_path / "a.cer", b"content")
    assert b"content" == files.read(tmp_path / "a.cer")
    assert ["a.cer"] == names_in(tmp_path)


@posix_only
def test_a_secret_is_its_owners_alone(tmp_path: Path) -> None:
    files.write(tmp_path / "key.pem", b"secret", secret=True)
    files.write(tmp_path / "a.cer", b"public")
    assert "0o600" == mode(tmp_path / "key.pem")
    assert "0o644" == mode(tmp_path / "a.cer")


@posix_only
def test_nobody_else_reads_it_from_the_first_byte_on(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    seen: list[str] = []
    real = os.fsync

    def look(handle: int) -> None:
        if stat.S_ISREG(os.fstat(handle).st_mode):  # and not the folder
            assert "key.pem" not in names_in(tmp_path)
            seen.append(oct(stat.S_IMODE(os.fstat(handle).st_mode)))
        real(handle)

    monkeypatch.setattr(os, "fsync", look)
    old = os.umask(0)
    try:
        files.write(tmp_path / "key.pem", b"secret", secret=True)
    finally:
        os.umask(old)
    assert ["0o600"] == seen


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

    monkeypatch.setattr(rights, "restrict", refuse)
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
    assert b"first" == path.read_bytes()
    files.write(path, b"third", secret=True, replace=True)
    assert b"third" == path.read_bytes()
    assert ["key.pem"] == names_in(tmp_path)


@posix_only
def test_a_dangling_link_is_not_replaced_either(tmp_path: Path) -> None:
    (tmp_path / "key.pem").symlink_to(tmp_path / "nowhere")
    with pytest.raises(InputError, match="exists already"):
        files.write(tmp_path / "key.pem", b"secret", secret=True)
    assert ["key.pem"] == names_in(tmp_path)


def test_a_file_without_hard_links_is_written_too(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*_: object) -> None:
        raise PermissionError(1, "Operation not permitted")

    monkeypatch.setattr(Path, "hardlink_to", refuse)
    files.write(tmp_path / "a.cer", b"first")
    with pytest.raises(InputError, match="exists already"):
        files.write(tmp_path / "a.cer", b"second")
    assert b"first" == files.read(tmp_path / "a.cer")
    assert ["a.cer"] == names_in(tmp_path)


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
    assert b"old" == (tmp_path / "a.cer").read_bytes()
    assert ["a.cer"] == names_in(tmp_path)


def test_a_folder_that_is_none_is_named(tmp_path: Path) -> None:
    (tmp_path / "file").write_bytes(b"x")
    for path in (
        tmp_path / "missing" / "a.cer",
        tmp_path / "file" / "a.cer",
        tmp_path / "a\0.cer",
    ):
        with pytest.raises(InputError) as caught:
            files.write(path, b"content")
        assert f"{texts.shown(str(path))} cannot be written" in caught.value.message
    assert ["file"] == names_in(tmp_path)
    with pytest.raises(InputError, match="cannot be written"):
        files.private_folder(tmp_path / "file" / "folder")


def test_a_directory_is_not_replaced(tmp_path: Path) -> None:
    (tmp_path / "a.cer").mkdir()
    for replace in (True, False):
        with pytest.raises(InputError):
            files.write(tmp_path / "a.cer", b"content", replace=replace)
    assert ["a.cer"] == names_in(tmp_path)


@posix_only
def test_a_private_folder_is_its_owners_alone(tmp_path: Path) -> None:
    assert "0o700" == mode(files.private_folder(tmp_path / "keys"))


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
        assert f"{texts.shown(str(path))} {reason}" in caught.value.message


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
    with pytest.raises(InputError, match="/dev/zero is a device and no file"):
        files.read(Path("/dev/zero"))


def test_what_a_killed_writer_left_is_deleted_by_the_next(tmp_path: Path) -> None:
    code = (
        "import os, sys, pathlib; from certlib import files; "
        "from certlib.files import rights; "
        "rights.restrict = lambda path: os._exit(9);"
        "files.write(pathlib.Path(sys.argv[1]), b'secret', secret=True)"
    )
    done = subprocess.run([sys.executable, "-c", code, str(tmp_path / "key.pem")])
    assert (9, 1) == (done.returncode, len(names_in(tmp_path)))
    files.write(tmp_path / "other.cer", b"content")
    assert ["other.cer"] == names_in(tmp_path)


def test_what_is_still_written_is_left_alone(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def meanwhile(_: Path) -> None:
        monkeypatch.undo()
        files.write(tmp_path / "other.cer", b"content")

    monkeypatch.setattr(rights, "restrict", meanwhile)
    files.write(tmp_path / "key.pem", b"secret", secret=True)
    assert ["key.pem", "other.cer"] == names_in(tmp_path)


def test_a_clean_up_that_fails_after_a_good_write_is_no_error(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*_: object, **__: object) -> None:
        raise OSError(5, "Input/output error")

    monkeypatch.setattr(Path, "unlink", refuse)
    files.write(tmp_path / "a.cer", b"content")
    assert b"content" == files.read(tmp_path / "a.cer")


@pytest.fixture
def holder(tmp_path: Path) -> Iterator[subprocess.Popen[bytes]]:
    """Yield a process that holds the lock of `tmp_path`."""
    code = (
        "import sys, pathlib; from certlib import files\n"
        "with files.locked(pathlib.Path(sys.argv[1])):\n"
        "    print('locked', flush=True); sys.stdin.read()"
    )
    with subprocess.Popen(
        [sys.executable, "-c", code, str(tmp_path)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
    ) as process:
        assert process.stdout is not None
        assert b"locked" == process.stdout.readline().strip()
        yield process
        process.kill()


def test_a_lock_is_one_processs_until_it_is_killed(
    tmp_path: Path, holder: subprocess.Popen[bytes], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(files, "PATIENCE", 0.2)
    with (
        pytest.raises(InputError, match="in use by another process"),
        files.locked(tmp_path),
    ):
        pass
    holder.kill()
    holder.wait()
    monkeypatch.setattr(files, "PATIENCE", 20.0)
    with files.locked(tmp_path), files.locked(tmp_path):  # a thread may take it again
        pass


def test_a_lock_is_one_threads(tmp_path: Path) -> None:
    counted = []

    def count() -> None:
        with files.locked(tmp_path):
            seen = len(counted)
            time.sleep(0.02)
            counted.append(seen)

    with ThreadPoolExecutor(8) as pool:
        for future in [pool.submit(count) for _ in range(8)]:
            future.result()
    assert list(range(8)) == counted


def test_a_lock_that_cannot_be_made_is_named(tmp_path: Path) -> None:
    (tmp_path / "file").write_bytes(b"x")
    with (
        pytest.raises(InputError, match="cannot be written"),
        files.locked(tmp_path / "file"),
    ):
        pass


@posix_only
def test_a_pipe_is_read_to_its_end_within_its_time(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(files, "MAX_SECONDS", 0.2)
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    with pytest.raises(InputError, match="is empty"):  # nobody writes
        files.read(pipe)
    with pipe.open("r+b", buffering=0) as writer:
        writer.write(b"content")
        with pytest.raises(InputError, match=r"pipe was not written to its end"):
            files.read(pipe)
    with ThreadPoolExecutor(1) as pool:
        monkeypatch.setattr(files, "MAX_SECONDS", 20.0)
        writing = pool.submit(pipe.write_bytes, b"a" * 1_000_000)
        while not (read := _unless_empty(pipe)):
            time.sleep(0.01)
        writing.result()
    assert b"a" * 1_000_000 == read


def _unless_empty(pipe: Path) -> bytes:
    try:
        return files.read(pipe)
    except InputError:
        return b""


@posix_only
def test_a_device_is_neither_read_nor_replaced(tmp_path: Path) -> None:
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    for path in (Path("/dev/null"), pipe):
        with pytest.raises(InputError, match="is a device and no file"):
            files.write(path, b"content", replace=True)
    assert Path("/dev/null").is_char_device()


@posix_only
def test_a_replaced_file_keeps_its_rights(tmp_path: Path) -> None:
    path = tmp_path / "tls.json"
    files.write(path, b"first")
    path.chmod(0o640)
    files.write(path, b"second", replace=True)
    assert (b"second", "0o640") == (path.read_bytes(), mode(path))
    files.write(path, b"third", replace=True, secret=True)
    assert "0o600" == mode(path)


@pytest.mark.skipif(
    not hasattr(os, "geteuid") or os.geteuid() != 0, reason="only root gives files away"
)
def test_a_replaced_file_keeps_its_owner(tmp_path: Path) -> None:
    path = tmp_path / "tls.json"
    files.write(path, b"first")
    os.chown(path, 12345, 54321)
    files.write(path, b"second", replace=True)
    assert (12345, 54321) == (path.stat().st_uid, path.stat().st_gid)


@posix_only
def test_planted_links_are_not_followed(tmp_path: Path) -> None:
    own, elsewhere = tmp_path / "own", tmp_path / "elsewhere"
    files.private_folder(own)
    elsewhere.mkdir()
    (own / "keys").symlink_to(elsewhere)
    (own / "key.pem").symlink_to(elsewhere / "key.pem")
    (elsewhere / "key.pem").write_bytes(b"stranger's")
    for attempt in (
        lambda: files.private_folder(own / "keys", within=own),
        lambda: files.private_folder(own / "keys" / "below", within=own),
        lambda: files.read(own / "key.pem", follow=False),
    ):
        with pytest.raises(InputError, match="is a symbolic link"):
            attempt()
    assert ["key.pem"] == names_in(elsewhere)


@posix_only
def test_no_umask_opens_a_private_folder(tmp_path: Path) -> None:
    old = os.umask(0)
    try:
        files.private_folder(tmp_path / "a" / "b" / "keys")
        files.write(tmp_path / "a" / "b" / "keys" / "a.cer", b"public")
    finally:
        os.umask(old)
    folders = [tmp_path / "a", tmp_path / "a" / "b", tmp_path / "a" / "b" / "keys"]
    assert ["0o755", "0o755", "0o700"] == [mode(folder) for folder in folders]
    assert "0o644" == mode(folders[-1] / "a.cer")


@pytest.mark.parametrize("text", ["", " ", '""', "\u202a"])
def test_an_empty_text_is_not_the_present_folder(text: str) -> None:
    with pytest.raises(InputError, match="names no file"):
        files.named(text)
