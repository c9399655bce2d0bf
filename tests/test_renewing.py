"""Renewal with nobody there: real ACME, a real HTTPS server, cut off and taken back."""

from __future__ import annotations

import contextlib
import json
import os
import signal
import socket
import ssl
import stat
import subprocess
import sys
import time
from datetime import timedelta
from pathlib import Path

import forge
import pebble
import pytest
from cryptography import x509

from certlib import bundles, clock, integrating, keys, requesting
from certlib.bundles import Bundle
from certlib.errors import InputError, StoreError
from certlib.files import schedules
from certlib.issuers import RenewalTime, training
from certlib.issuers.by_hand import ByHand
from certlib.requesting import renewing
from certlib.requesting.renewing import Job, Service, StorePlace, due
from certlib.stores import INTERMEDIATE, PERSONAL
from certlib.stores.folder import FolderMachine

NAME = "board.example.com"
DAY = timedelta(days=1)
SVC = r"EXAMPLE\svc-board"
SECRET = "correct horse battery"


@pytest.fixture(scope="module")
def acme(tmp_path_factory):
    with pebble.running(tmp_path_factory.mktemp("pebble")) as running:
        yield running


SERVER = """
import sys, time
from pathlib import Path
from certlib import importing, integrating
from certlib.bundles import Bundle
from certlib.endpoints import serving
from certlib.stores.folder import FolderMachine
source, stores, port = Path(sys.argv[1]), Path(sys.argv[2]), int(sys.argv[3])
if source.suffix == ".json":
    bundle = importing.servable(FolderMachine(stores), integrating.chosen(source))
else:
    bundle = Bundle.read(source)
with serving.serve(bundle, port=port):
    time.sleep(300)
"""

RESTART = """
import os, pathlib, signal, socket, subprocess, sys, time
folder, port, *command = sys.argv[1:]
folder = pathlib.Path(folder)
pid, mode = folder / "pid", folder / "mode"
mode = mode.read_text() if mode.exists() else ""
undone = os.environ.get("CERTLIB_UNDONE")
with (folder / "runs").open("a") as runs:
    print("undone" if undone else os.environ["CERTLIB_NEW_THUMBPRINT"], file=runs)
if mode == "killed":
    os.kill(os.getppid(), signal.SIGKILL)
    sys.exit(0)
if mode == "fails" and not undone:
    sys.exit("the service says no")
if mode == "ignored":
    sys.exit(0)
if pid.exists():
    os.kill(int(pid.read_text()), signal.SIGTERM)
process = subprocess.Popen(command, start_new_session=True,
                           stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
pid.write_text(str(process.pid))
"""


class Site:
    """A folder machine, a service that answers from it, and certlib beside them."""

    def __init__(self, folder: Path, *certlib) -> None:
        self.folder = folder
        self.certlib = certlib or (sys.executable, "-m", "certlib")
        self.machine = FolderMachine(folder / "data" / "certlib" / "stores")
        self.port = pebble.free_ports(1)[0]
        self.tls = folder / "tls.json"
        self.requests = folder / "requests"
        for name, text in (("server.py", SERVER), ("restart.py", RESTART)):
            (folder / name).write_text(text)
        self.source = self.tls

    @property
    def restart(self) -> list[str]:
        served = (self.source, self.machine.root, self.port)
        return [
            *(sys.executable, self.folder / "restart.py", self.folder, self.port),
            *(sys.executable, self.folder / "server.py", *served),
        ]

    def start(self) -> None:
        words = list(map(str, self.restart))
        env = os.environ | {"CERTLIB_NEW_THUMBPRINT": "first"}
        subprocess.run(words, check=True, env=env)
        self.presented()

    def stop(self) -> None:
        with contextlib.suppress(OSError):
            os.kill(int((self.folder / "pid").read_text()), signal.SIGTERM)

    def presented(self) -> str:
        """Return the thumbprint that a client of its own sees."""
        context = ssl.create_default_context()
        context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
        until = time.monotonic() + 30
        while True:
            try:
                with (
                    socket.create_connection(("127.0.0.1", self.port), 5) as raw,
                    context.wrap_socket(raw, server_hostname=NAME) as tls,
                ):
                    der = tls.getpeercert(binary_form=True)
            except OSError:
                assert time.monotonic() < until, "the server does not answer"
                time.sleep(0.1)
            else:
                return bundles.thumbprint(x509.load_der_x509_certificate(der))

    def mode(self, word: str) -> None:
        (self.folder / "mode").write_text(word)

    def runs(self) -> list[str]:
        return (self.folder / "runs").read_text().split()

    def lies(self) -> dict[str, set[str]]:
        """Return what lies where, key files too."""
        root = self.machine.root
        files = {str(p.relative_to(root)) for p in root.rglob("*") if p.is_file()}
        return {
            "files": files,
            "tls": {self.tls.read_text()} if self.tls.exists() else set(),
        }

    def renew(self, what, *options, code=0, passphrase=None):
        """Run ``certlib renew`` and return what it says as JSON, or its words."""
        env = os.environ | {
            "XDG_DATA_HOME": str(self.folder / "data"),
            "PYTHONIOENCODING": "utf-8",
            "COLUMNS": "200",
            **({"CERTLIB_PASSPHRASE": passphrase} if passphrase else {}),
        }
        done = subprocess.run(
            [
                *map(str, (*self.certlib, "renew", what, "--json", "--yes")),
                *("--folder", self.requests, *map(str, options)),
            ],
            capture_output=True,
            encoding="utf-8",
            cwd=self.folder,
            env=env,
            input="",
            timeout=120,
        )
        assert code == done.returncode, done.stdout + done.stderr
        assert SECRET not in done.stdout + done.stderr
        return json.loads(done.stdout)["renewal"] if done.stdout else done.stderr

    def service(self, patience=20) -> list[str]:
        after = " ".join(map(str, self.restart))
        return [
            *("--after", after, "--check", f"127.0.0.1:{self.port}"),
            *("--patience", str(patience)),
        ]

    def log(self) -> list[dict]:
        text = (self.requests / "renewals.jsonl").read_text()
        return [json.loads(line) for line in text.splitlines()]


@pytest.fixture
def site(tmp_path):
    made = Site(tmp_path)
    yield made
    made.stop()


def aging(left: timedelta = 10 * DAY, **changes) -> Bundle:
    """Return a certificate that has lived 80 days, and has little left."""
    now = clock.now()
    values = {"not_before": now - 80 * DAY, "not_after": now + left}
    names = {"san": (NAME,), "common_name": NAME}
    return forge.leaf(**values | names | changes)


def in_use(site: Site, old: Bundle) -> Bundle:
    """Put a certificate into the store, for an account, in use by the service."""
    store = site.machine.open(PERSONAL)
    store.add(old, exportable=True)
    store.grant_read(old.thumbprint, SVC)
    integrating.configure(site.tls, old.thumbprint, site.machine)
    site.start()
    assert old.thumbprint == site.presented()
    return old


def by_acme(server: pebble.Pebble) -> list[str]:
    return [
        *("--submit", server.directory, "--agree-terms", "--acme-root", server.trust),
        *("--http-port", server.http_port),
    ]


IN_STORE = (r"Cert:\LocalMachine\My", "--server", NAME, "--if-needed")


def test_from_the_order_to_the_answer_on_https(site, acme):
    old = in_use(site, aging())
    told = (*IN_STORE, *by_acme(acme), "--tls-json", site.tls, *site.service())

    dry = site.renew(*told, "--dry-run")
    assert (True, None) == (dry["is_due"], dry["outcome"])
    assert not site.requests.exists()

    done = site.renew(*told)

    new = done["outcome"]["new"]
    assert ("renewed", True) == (done["outcome"]["kind"], done["outcome"]["looked"])
    assert new == site.presented() == integrating.chosen(site.tls)
    store = site.machine.open(PERSONAL)
    assert {old.thumbprint, new} == {entry.thumbprint for entry in store}
    assert set(store.readers(old.thumbprint)) == set(store.readers(new))
    assert SVC in store.readers(new)
    assert list(site.machine.open(INTERMEDIATE)), "the chain came along"
    assert [] == list(site.requests.glob("*/key.pem")), "the key has its place"

    again = site.renew(*told)
    assert ("not due", old.thumbprint != new) == (again["outcome"]["kind"], True)
    assert new == again["old"]
    assert ["renewed", "not due"] == [line["outcome"] for line in site.log()]
    assert ["first", new] == site.runs()


@pytest.mark.parametrize("mode", ["ignored", "fails"])
def test_it_is_taken_back_and_tried_again_with_the_same_answer(site, acme, mode):
    old = in_use(site, aging())
    before = site.lies()
    told = (*IN_STORE, *by_acme(acme), "--tls-json", site.tls, *site.service(3))
    site.mode(mode)

    failed = site.renew(*told, code={"ignored": 1, "fails": 2}[mode])

    if mode == "ignored":
        assert "taken back" == failed["outcome"]["kind"]
        assert "OLD certificate" in failed["outcome"]["detail"]
        assert "the old one answers again" in failed["outcome"]["detail"]
    else:
        assert "the service says no" in failed
    assert before == site.lies()
    assert old.thumbprint == site.presented()
    assert "undone" == site.runs()[-1]
    (answer,) = site.requests.glob("*/answer.pem")
    ordered = Bundle.read(answer).thumbprint

    site.mode("")
    assert ordered == site.renew(*told)["outcome"]["new"] == site.presented()


def test_a_run_that_was_killed_is_gone_on_with(site, acme):
    old = in_use(site, aging())
    told = (*IN_STORE, *by_acme(acme), "--tls-json", site.tls, *site.service())
    site.mode("killed")

    site.renew(*told, code=-signal.SIGKILL)

    (answer,) = site.requests.glob("*/answer.pem")
    ordered = Bundle.read(answer).thumbprint
    assert ordered == integrating.chosen(site.tls)
    assert old.thumbprint == site.presented()
    site.mode("")
    assert ordered == site.renew(*told)["outcome"]["new"] == site.presented()
    assert "not due" == site.renew(*told)["outcome"]["kind"]


def test_a_killed_run_is_taken_back_to_the_old_one(site, acme):
    old = in_use(site, aging())
    before = integrating.chosen(site.tls)
    told = (*IN_STORE, *by_acme(acme), "--tls-json", site.tls, *site.service(3))
    site.mode("killed")
    site.renew(*told, code=-signal.SIGKILL)
    site.mode("ignored")

    assert "taken back" == site.renew(*told, code=1)["outcome"]["kind"]

    assert before == integrating.chosen(site.tls)
    assert [old.thumbprint] == [e.thumbprint for e in site.machine.open(PERSONAL)]


def test_an_exchange_with_people_waits_for_their_answer(site, tmp_path):
    old = in_use(site, aging())
    exchange = tmp_path / "exchange"
    exchange.mkdir()
    told = (*IN_STORE, "--submit", exchange, "--tls-json", site.tls, *site.service())

    assert "waiting" == site.renew(*told)["outcome"]["kind"]
    assert "waiting" == site.renew(*told)["outcome"]["kind"]
    (laid,) = exchange.glob("*.csr")
    assert old.thumbprint == site.presented()

    ca = training.found(tmp_path / "ca", at=clock.now())
    request = x509.load_pem_x509_csr(laid.read_bytes())
    chain = ca.release(request, at=clock.now())
    Bundle(chain[0], chain=chain[1:]).write(laid.with_suffix(".p7b"))
    done = site.renew(*told)
    assert bundles.thumbprint(chain[0]) == done["outcome"]["new"] == site.presented()


def test_an_answer_that_a_person_joined_is_taken(site, tmp_path):
    old = in_use(site, aging())
    ca = training.found(tmp_path / "ca", at=clock.now())
    spec = requesting.renewal_spec(old.leaf)
    made = requesting.prepare(spec, site.requests, at=clock.now(), passphrase=SECRET)
    told = (*IN_STORE, "--tls-json", site.tls, *site.service())
    assert "no answer has come" in site.renew(*told, passphrase=SECRET, code=2)
    chain = ca.release(made.csr, at=clock.now())
    pem = Bundle(chain[0], chain=chain[1:]).to_pem()
    requesting.join(made, pem, at=clock.now(), passphrase=SECRET)

    done = site.renew(*told, passphrase=SECRET)

    assert bundles.thumbprint(chain[0]) == done["outcome"]["new"] == site.presented()
    assert made.key_path.is_file(), "a person's request stays"
    assert "not due" == site.renew(*told, passphrase=SECRET)["outcome"]["kind"]


@pytest.mark.parametrize("same", [False, True])
def test_a_file_is_renewed_in_place(site, acme, same):
    site.source = path = site.folder / "server.pem"
    old = aging()
    path.write_bytes(old.to_pem())
    path.chmod(0o640)
    site.start()
    told = ("server.pem", "--if-needed", *by_acme(acme), *site.service())

    done = site.renew(*told, *["--same-key"] * same)

    new = Bundle.read(path)
    assert new.thumbprint == done["outcome"]["new"] == site.presented()
    assert same is keys.has_key(new.leaf, old.leaf.public_key())
    assert new.chain
    assert 0o640 == stat.S_IMODE(path.stat().st_mode)
    assert old.leaf == Bundle.read(site.folder / "server.pem.1.bak").leaf
    assert "not due" == site.renew(*told)["outcome"]["kind"]


def test_a_protected_file_stays_protected_and_is_taken_back(site, acme):
    path = site.folder / "server.pfx"
    aging().write(path, passphrase=SECRET)
    before = path.read_bytes()
    told = ("server.pfx", "--if-needed", *by_acme(acme))

    taken = site.renew(
        *told, "--check", f"127.0.0.1:{site.port}", "--patience", 1,
        code=1, passphrase=SECRET,
    )  # fmt: skip
    assert "taken back" == taken["outcome"]["kind"]
    assert before == path.read_bytes()
    assert [] == list(site.folder.glob("*.bak"))

    done = site.renew(*told, passphrase=SECRET)
    assert (False, "renewed") == (done["outcome"]["looked"], done["outcome"]["kind"])
    assert ["Nobody will see whether the service presents it."] == done["notes"]
    assert done["outcome"]["new"] == Bundle.read(path, passphrase=SECRET).thumbprint


def test_the_old_one_is_removed_when_the_new_one_has_answered(site, acme):
    old = in_use(site, aging())
    told = (*IN_STORE, *by_acme(acme), "--tls-json", site.tls, "--remove-old")

    assert "only if the new one has answered" in site.renew(*told, code=2)
    new = site.renew(*told, *site.service())["outcome"]["new"]

    assert [new] == [entry.thumbprint for entry in site.machine.open(PERSONAL)]
    assert old.thumbprint != new == site.presented()


def test_a_thumbprint_leads_to_its_successor(site, acme):
    old = in_use(site, aging())
    told = (old.thumbprint, "--if-needed", *by_acme(acme), "--tls-json", site.tls)
    new = site.renew(*told, *site.service())["outcome"]["new"]
    again = site.renew(*told, *site.service())
    assert (new, "not due") == (again["old"], again["outcome"]["kind"])


# The clock is an argument


def job(site, issuer=None, **changes):
    place = StorePlace(site.machine, PERSONAL, server=NAME)
    return Job(place, site.machine, site.requests, issuer, **changes)


@pytest.mark.parametrize(("days", "due"), [(58, False), (62, True), (95, True)])
def test_it_is_due_by_its_age_where_nobody_tells(site, days, due):
    now = clock.now()
    young = aging(not_before=now, not_after=now + 90 * DAY)
    site.machine.open(PERSONAL).add(young)
    found = renewing.plan(
        job(site, ByHand(site.folder)), at=now + days * DAY, if_needed=True
    )
    assert (due, due, now + 60 * DAY) == (found.needed, found.due.reached, found.due.at)


class Telling(ByHand):
    """A certification authority that says when to renew, as it likes."""

    def __init__(self, folder, told):
        super().__init__(folder)
        self.told = told

    def renewal_time(self, certificate):
        return RenewalTime(self.told, self.told)


@pytest.mark.parametrize(
    ("told", "days"),
    [(50 * DAY, 50), (-9000 * DAY, -9000), (90 * DAY, 60), (90_000 * DAY, 60)],
)
def test_what_a_ca_says_lets_no_certificate_end(site, told, days):
    now = clock.now().replace(microsecond=0)
    one = aging(not_before=now, not_after=now + 90 * DAY, issuer=forge.ca()).leaf
    found = due.when(one, Telling(site.folder, now + told), at=now)
    assert now + days * DAY == found.at


def test_a_year_goes_by(site, acme):
    """Each run at another moment: three certificates one after the other."""
    site.machine.open(PERSONAL).add(aging())
    told = job(site, acme.ca(site.folder, acme.http_server()))
    now, kinds, used = clock.now(), [], []
    for days in (0, 1, 59, 61, 62):
        at = now + days * DAY
        done = renewing.carry_out(renewing.plan(told, at=at, if_needed=True), at=at)
        kinds.append(done.kind.value)
        used.append(done.new or done.old)
    # Pebble issues by its own clock: the one of day 61 is as old as the first.
    assert ["renewed", "not due", "not due", "renewed"] == kinds[:4]
    assert used[0] == used[1] == used[2] != used[3]
    assert not list(site.requests.glob("*/key.pem"))


def test_it_says_which_one_is_not_clear(site):
    store = site.machine.open(PERSONAL)
    store.add(aging())
    store.add(aging(san=("other.example.com",), common_name="other.example.com"))
    several = StorePlace(site.machine, PERSONAL)
    with pytest.raises(InputError, match="several servers"):
        several.present()
    with pytest.raises(StoreError, match=r"for no\.example\.com"):
        StorePlace(site.machine, PERSONAL, server="no.example.com").present()


def test_a_key_that_may_not_leave_is_not_the_same_again(site):
    site.machine.open(PERSONAL).add(aging())
    told = job(site, ByHand(site.folder), key=requesting.RenewalKey.SAME)
    with pytest.raises(StoreError, match="the same key cannot be used"):
        renewing.plan(told, at=clock.now())


def test_a_file_that_names_another_certificate_is_left_alone(site):
    store = site.machine.open(PERSONAL)
    store.add(aging())
    other = store.add(aging(san=("o.example.com",), common_name="o.example.com"))
    integrating.configure(site.tls, other.thumbprint, site.machine)
    told = job(site, ByHand(site.folder), service=Service(tls_file=site.tls))
    with pytest.raises(InputError, match="does not name the certificate"):
        renewing.plan(told, at=clock.now())


def test_no_service_is_restarted_where_there_is_no_windows(site):
    site.machine.open(PERSONAL).add(aging())
    told = job(site, ByHand(site.folder), service=Service(restart="A Service"))
    with pytest.raises(InputError, match="this is no Windows"):
        renewing.plan(told, at=clock.now())


def test_what_a_person_has_to_select_is_said_and_not_waited_for(site, acme):
    old = site.machine.open(PERSONAL).add(aging())
    done = site.renew(
        *IN_STORE, *by_acme(acme), "--product", "xtract-universal", code=1
    )
    assert "to be selected by hand" == done["outcome"]["kind"]
    assert "Select X.509 certificate" in done["outcome"]["detail"]
    assert done["old"] == old.thumbprint


def test_the_same_accounts_read_the_new_key_until_it_is_taken_back(site):
    place = job(site).place
    store = site.machine.open(PERSONAL)
    old = store.add(aging())
    store.grant_read(old.thumbprint, SVC)
    new = forge.leaf(common_name=NAME, san=(NAME,))
    undo = place.put(new, old.certificate)
    assert store.readers(old.thumbprint) == store.readers(new.thumbprint)
    assert [] == undo()
    assert [old] == list(store)


# The schedule


def test_the_schedule_says_what_is_run_daily(site, acme):
    site.machine.open(PERSONAL).add(aging())
    env = os.environ | {"XDG_DATA_HOME": str(site.folder / "data"), "COLUMNS": "400"}
    thumbprint = next(iter(site.machine.open(PERSONAL))).thumbprint
    done = subprocess.run(
        [*(sys.executable, "-m", "certlib", "renew", thumbprint, "--schedule"),
         *("--folder", "requests", *map(str, by_acme(acme)))],
        capture_output=True, encoding="utf-8", env=env, cwd=site.folder, check=True,
    )  # fmt: skip
    said = done.stdout
    assert "Register-ScheduledTask" in said
    assert "OnCalendar" in said
    assert thumbprint not in said, "its successor has another one"
    cron = next(line for line in said.splitlines() if line.startswith("17 3 * * *"))
    assert f"--server {NAME}" in cron
    assert "--if-needed --yes" in cron


def test_the_schedule_says_that_nobody_types_a_passphrase(site):
    aging().write(site.folder / "s.pfx", passphrase=SECRET)
    env = os.environ | {"CERTLIB_PASSPHRASE": SECRET}
    (site.folder / "x").mkdir()
    done = subprocess.run(
        [*(sys.executable, "-m", "certlib", "renew", "s.pfx", "--schedule"),
         *("--folder", "requests", "--submit", "x")],
        capture_output=True, encoding="utf-8", env=env, cwd=site.folder, check=True,
    )  # fmt: skip
    assert "add --passphrase-file" in done.stderr
    assert SECRET not in done.stdout


def test_words_are_quoted_for_each_system():
    words = ["/opt/py thon", "a%b", 'say "x"', r"C:\x", "$HOME"]
    windows, systemd, cron = schedules.schedules(
        words, name="certlib-renew-*.example.com", purpose="Renew it"
    )
    assert "'/opt/py thon'" in windows.text
    assert "certlib-renew-wildcard.example.com" in windows.text
    assert r'"/opt/py thon" "a%%b" "say \"x\"" "C:\\x" "$$HOME"' in systemd.text
    assert r"'/opt/py thon' a\%b 'say" in cron.text
