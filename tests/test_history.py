"""History: a run is kept whole or not at all, and compared with the one before."""

from __future__ import annotations

import json
import os
import signal
import sqlite3
import subprocess
import sys
import time
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import forge
import pytest

from certlib import auditing, clock, stores
from certlib.auditing import looking_back, notes
from certlib.auditing.history import History, chain_end
from certlib.auditing.sources import DataSource
from certlib.auditing.suppressions import Suppression, Suppressions
from certlib.bundles import Bundle
from certlib.errors import EncodingError, InputError
from certlib.rules import Context

DAY = forge.DAY


def leaf(days=300, *, serial=1, **overrides):
    return forge.leaf(
        not_before=forge.AT - 300 * DAY,
        not_after=forge.AT + days * DAY,
        issuer=forge.ca(),
        serial_number=serial,
        **overrides,
    )


def found(at=forge.AT, suppressions=None, **places):
    """What an audit finds: a certificate at each place."""
    sources = [
        DataSource(lambda b=b: forge.der(b) if isinstance(b, Bundle) else b, place)
        for place, b in places.items()
    ]
    context = Context(at=at, practice=True)
    return list(auditing.audit(sources, context, suppressions=suppressions))


@pytest.fixture
def kept(tmp_path):
    with History(tmp_path / "fleet.db", make=True) as history:
        yield history


def keep(history, day=0, scope="fleet", **places):
    at = forge.AT + day * DAY
    return history.keep(found(at, **places), at=at, scope=scope)


def told(history, scope="fleet"):
    return [(str(c.change), c.place) for c in looking_back.changes(history, scope)]


def test_a_certificate_and_a_place_are_kept_once(kept):
    for day in range(3):
        keep(kept, day, one=leaf(), two=leaf())
    counted = [
        kept.rows(f"SELECT count(*) FROM {t}")[0][0]
        for t in ("run", "certificate", "place", "sighting")
    ]
    assert [3, 1, 2, 6] == counted
    (first, second) = looking_back.upcoming(kept, at=forge.AT, limit=9)
    assert ("one", "two") == (first.place, second.place)
    assert (forge.AT, forge.AT + 2 * DAY) == (first.first, first.last)


def test_the_first_run_has_nothing_to_compare_with(kept):
    assert [] == told(kept)
    keep(kept, one=leaf())
    assert [] == told(kept)


def test_new_gone_renewed_worse_and_better_are_told_by_place(kept):
    moved = leaf(serial=5, private_key=forge.key(3))
    keep(kept, 0, a=leaf(20, serial=2), b=leaf(20, serial=2), c=leaf(31), d=moved)
    keep(kept, 2, a=leaf(400, serial=3), b=leaf(20, serial=2), c=leaf(31), e=moved)
    # What is still at b was renewed at a only.
    assert [
        ("renewed", "a"),
        ("worse", "c"),
        ("new", "e"),
        ("gone", "d"),
    ] == told(kept)
    (renewed, worse, *_) = looking_back.changes(kept, "fleet")
    assert "until 2026-11-22, now until 2027-12-07" == renewed.detail
    assert "expiring" == worse.detail


OTHERS = {
    "another name": leaf(400, serial=3, san=("other.example.com",)),
    "an earlier end": leaf(10, serial=3),
    "the same end": leaf(20, serial=3),
}


@pytest.mark.parametrize("other", OTHERS.values(), ids=OTHERS)
def test_what_is_no_renewal_is_new(kept, other):
    keep(kept, 0, a=leaf(20, serial=2))
    keep(kept, 1, a=other)
    assert [("new", "a"), ("gone", "a")] == told(kept)


def test_in_a_store_each_place_has_a_thumbprint_and_is_renewed(kept, tmp_path):
    store = r"Cert:\LocalMachine\My"
    machine = stores.practice_machine(tmp_path)
    held = machine.open(stores.PERSONAL)
    for day, one in enumerate((leaf(20, serial=2), leaf(400, serial=3))):
        held.add(one)
        if day:
            held.remove(leaf(20, serial=2).thumbprint)
        source = auditing.source(store, machine)
        at = forge.AT + day * DAY
        kept.keep(auditing.audit([source], Context(at)), at=at, scope="fleet")
    ((change, place),) = told(kept)
    assert "renewed" == change
    assert place.startswith(store)


def test_runs_of_another_scope_are_not_compared_with(kept):
    keep(kept, 0, scope="one", a=leaf())
    keep(kept, 1, scope="two", b=leaf(50, serial=2))
    assert [] == told(kept, "one") + told(kept, "two")
    ends = [one.place for one in looking_back.upcoming(kept, at=forge.AT, limit=9)]
    assert ["b", "a"] == ends


def since(history):
    return {
        (one.seen.place, one.rule): (one.since - forge.AT).days
        for one in looking_back.open_findings(history)
    }


def test_how_long_a_finding_is_open(kept):
    wrong = leaf(31, san=("a_b.example.com",))
    for day in (0, 1, 3):
        keep(kept, day, a=wrong)
    open_ = since(kept)
    assert 3 == open_["a", "expiring"]
    assert {0, 3} == set(open_.values())


def test_what_was_away_in_between_is_open_anew(kept):
    ending = leaf(20)
    accepted = Suppressions((Suppression("expiring", "known", forge.AT.date()),))
    for day, one in enumerate((None, accepted, None)):
        at = forge.AT + day * DAY
        # On the second day somebody had accepted it, which does not close it.
        entry = one and Suppressions((replace(one.entries[0], until=at.date()),))
        kept.keep(found(at, entry, a=ending), at=at, scope="fleet")
    assert 0 == since(kept)["a", "expiring"]
    keep(kept, 3, a=leaf(400, serial=9))
    keep(kept, 4, a=ending)
    assert 0 == since(kept)["a", "expiring"]


def test_accepted_findings_are_not_open(kept):
    accepted = Suppressions((Suppression("expiring", "known", forge.AT.date()),))
    kept.keep(found(suppressions=accepted, a=leaf(20)), at=forge.AT, scope="fleet")
    assert ("a", "expiring") not in since(kept)


def test_the_end_of_a_chain_is_the_earliest(kept):
    (one,) = found(a=leaf())
    around = one.summary.surroundings._replace(
        issuer_ends=(("CN=CA", forge.AT + 50 * DAY),)
    )
    shorter = replace(one, summary=one.summary._replace(surroundings=around))
    assert (forge.AT + 50 * DAY, "CN=CA") == chain_end(shorter)
    assert (forge.AT + 300 * DAY, "") == chain_end(one)
    kept.keep([shorter], at=forge.AT, scope="fleet")
    (soon,) = looking_back.upcoming(kept, at=forge.AT, limit=1)
    assert (forge.AT + 50 * DAY, "CN=CA") == (soon.ends, soon.ends_by)


def test_where_nobody_could_look_nothing_is_new_or_gone(kept):
    keep(kept, 0, a=leaf(), b=leaf(serial=2))
    keep(kept, 1, a=b"junk", b=leaf(serial=2))
    assert [("new", "a")] == told(kept)  # what could not be read
    keep(kept, 2, a=leaf(), b=leaf(serial=2))
    assert [] == told(kept)
    keep(kept, 3, a=b"junk", b=leaf(serial=2))
    keep(kept, 4, a=leaf(serial=9), b=leaf(serial=2))
    assert [("new", "a")] == told(kept)


KEEP = """
import sys
from datetime import UTC, datetime
import test_history
from certlib.auditing.history import History
results = test_history.found(a=test_history.leaf(20))
number, path = sys.argv[1:]
with History(__import__("pathlib").Path(path), make=True) as history:
    for n in range(20):
        at = datetime(2026, 11, 3, n, tzinfo=UTC)
        history.keep(results, at=at, scope=number)
        print(n, flush=True)
"""


def keeping(number, path):
    return subprocess.Popen(
        [sys.executable, "-c", KEEP, number, str(path)],
        cwd=Path(__file__).parent,
        stdout=subprocess.PIPE,
        text=True,
    )


def test_two_runs_at_once_are_both_kept_whole(tmp_path):
    path = tmp_path / "fleet.db"
    for process in [keeping(number, path) for number in "12"]:  # both started
        process.communicate(timeout=120)
        assert 0 == process.returncode
    with History(path) as history:
        assert [20, 20] == [len(looking_back.runs(history, scope)) for scope in "12"]
        assert 40 == history.rows("SELECT count(*) FROM sighting")[0][0]
        assert [("ok",)] == history.rows("PRAGMA integrity_check")


SLOW = """
import pathlib, sys, time
import test_history
from certlib.auditing.history import History

class Slow(History):
    def _keep(self, run, one):
        super()._keep(run, one)
        print("kept", flush=True)
        time.sleep(60)
results = test_history.found(a=test_history.leaf(20))
with Slow(pathlib.Path(sys.argv[1]), make=True) as history:
    history.keep(results, at=test_history.forge.AT, scope="fleet")
"""


def test_a_run_that_is_killed_in_the_middle_leaves_nothing(tmp_path):
    path = tmp_path / "fleet.db"
    with History(path, make=True) as history:
        keep(history, 0, a=leaf())
    killed = subprocess.Popen(
        [sys.executable, "-c", SLOW, str(path)],
        cwd=Path(__file__).parent,
        stdout=subprocess.PIPE,
        text=True,
    )
    assert "kept\n" == killed.stdout.readline()
    killed.send_signal(signal.SIGKILL if os.name == "posix" else signal.SIGTERM)
    killed.wait(30)
    start = time.monotonic()
    with History(path, make=True) as history:
        assert 1 == len(looking_back.runs(history))
        keep(history, 1, a=leaf())
        assert [("ok",)] == history.rows("PRAGMA integrity_check")
        assert 2 == len(looking_back.runs(history))
    assert 30 > time.monotonic() - start


def test_a_run_that_fails_in_the_middle_leaves_nothing(kept):
    with pytest.raises(AttributeError):
        kept.keep([*found(a=leaf()), None], at=forge.AT, scope="fleet")
    for table in ("run", "sighting", "certificate", "place"):
        assert [(0,)] == kept.rows(f"SELECT count(*) FROM {table}")


def test_another_file_is_refused_and_left_alone(tmp_path):
    text, other = tmp_path / "notes.txt", tmp_path / "other.db"
    text.write_text("these are no certificates" * 100)
    db = sqlite3.connect(other)
    db.execute("CREATE TABLE mine (x)")
    db.close()
    for path in (text, other):
        before = path.read_bytes()
        with pytest.raises(EncodingError, match="no history of certlib"):
            History(path, make=True)
        assert before == path.read_bytes()
    with pytest.raises(InputError, match="does not exist"):
        History(tmp_path / "none.db")
    assert not (tmp_path / "none.db").exists()


def test_a_newer_version_is_refused(tmp_path):
    with History(tmp_path / "fleet.db", make=True) as history:
        history.db.execute("PRAGMA user_version = 99")
    with pytest.raises(InputError, match="version 99"):
        History(tmp_path / "fleet.db", make=True)


@pytest.mark.parametrize("mark", ",;\t", ids=["comma", "semicolon", "tab"])
def test_notes_say_who_owns_what(tmp_path, mark):
    path = tmp_path / "notes.csv"
    rows = [
        ("Certificate", "Owner", "ticket", "due", "note"),
        ("*.erp.example.com", "Jane Doe", "CHG-1", "2027-01-31", ""),
        ("host:443", "Team TLS", "", "", "see wiki"),
    ]
    path.write_text("\n".join(mark.join(row) for row in rows), encoding="utf-8-sig")
    known = notes.Notes(notes.read(path))
    one = known.of(("ABC", "x:1", "A.ERP.example.com"))
    assert "Jane Doe, CHG-1, due 2027-01-31" == str(one)
    assert "Team TLS, see wiki" == str(known.of(("ABC", "host:443")))
    assert known.of(("ABC", "host:4433")) is None
    path.write_text("owner\nme\n")
    with pytest.raises(InputError, match="no list of notes"):
        notes.read(path)


def test_a_cell_longer_than_any_is_no_note(tmp_path):
    path = tmp_path / "owners.csv"
    path.write_text('certificate,owner\n"' + "a" * 300_000 + '",x\n')
    with pytest.raises(InputError, match="no list of notes"):
        notes.read(path)


@pytest.mark.parametrize(
    "change",
    [
        "UPDATE run SET at = 'yesterday'",
        "UPDATE run SET at = '2026-01-01'",
        "UPDATE run SET counts = '['",
        "UPDATE certificate SET names = '{'",
        "UPDATE certificate SET names = x'ff'",
        "UPDATE sighting SET ends = '9999-12-31T23:59:59-14:00'",
        "UPDATE finding SET severity = 'grave'",
    ],
)
def test_values_that_no_history_has_are_damage(kept, change):
    for day in range(2):
        keep(kept, day, a=forge.leaf())
    kept.db.execute(change)
    with pytest.raises(EncodingError, match="is no history"):
        _ = (
            looking_back.runs(kept),
            looking_back.changes(kept, "fleet"),
            looking_back.open_findings(kept),
            looking_back.upcoming(kept, at=forge.AT, limit=9),
        )


def test_notes_are_kept_by_file_and_by_hand(kept):
    wide = notes.Note("*.example.com", "Team A", "CHG-1", "2027-01-31", "moves")
    mine = notes.Note("b.example.com", "Jane Doe")
    notes.keep(kept, [wide, notes.Note("old", "nobody")])
    notes.put(kept, notes.Note("b.example.com", "somebody"))
    notes.put(kept, mine)
    notes.keep(kept, [wide])  # the next file stands for the one before
    assert (mine, wide) == notes.kept(kept)
    assert mine == notes.Notes(notes.kept(kept)).of(("b.example.com",))
    notes.put(kept, notes.Note("b.example.com"))
    assert (wide,) == notes.kept(kept)


def test_a_history_of_the_version_before_goes_on(tmp_path):
    path = tmp_path / "fleet.db"
    with History(path, make=True) as history:
        keep(history, 0, a=leaf())
        history.db.execute("DROP TABLE note")
        history.db.execute("PRAGMA user_version = 1")
    for _ in range(2):
        with History(path) as history:
            notes.put(history, notes.Note("a", "Jane Doe"))
            assert 1 == len(looking_back.runs(history))
            assert "Jane Doe" == notes.kept(history)[0].owner


def certlib(*words, cwd):
    return subprocess.run(
        [sys.executable, "-m", "certlib", *map(str, words)],
        capture_output=True,
        encoding="utf-8",
        cwd=cwd,
        env=os.environ
        | {"XDG_DATA_HOME": str(cwd / "data"), "PYTHONIOENCODING": "utf-8"},
        timeout=120,
    )


def test_the_command_keeps_and_looks_back(tmp_path):
    folder = tmp_path / "certificates"
    folder.mkdir()
    options = (folder, "--history", "fleet.db", "--environment=test")
    end = clock.now() + timedelta(days=3650)
    forge.leaf(not_after=end).write(folder / "a.cer")
    certlib("audit", *options, cwd=tmp_path)
    forge.leaf(not_after=end, serial_number=99).write(folder / "b.cer")
    certlib("audit", *options, cwd=tmp_path)
    (tmp_path / "notes.csv").write_text("certificate,owner\n*b.cer,Jane Doe\n")
    said = certlib("history", "fleet.db", "--notes=notes.csv", cwd=tmp_path)
    assert 0 == said.returncode, said.stderr
    assert "new" in said.stdout
    assert "Jane Doe" in said.stdout
    as_json = certlib("history", "fleet.db", "--json", cwd=tmp_path).stdout
    document = json.loads(as_json)["history"]
    owners = [one["note"] and one["note"]["owner"] for one in document["upcoming"]]
    assert [None, "Jane Doe"] == sorted(owners, key=bool)  # kept by the run before
    assert 2 == len(document["runs"])
    (changes,) = document["changes"].values()
    assert ["new"] == [one["change"] for one in changes]
    none = certlib("history", "none.db", cwd=tmp_path)
    assert (2, True) == (none.returncode, "none.db" in none.stderr)
