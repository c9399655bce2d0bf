"""Nightly: one file says it all, and somebody is told what is new, once."""

from __future__ import annotations

import json
import os
import re
import shlex
import socket
import subprocess
import sys
from contextlib import ExitStack
from dataclasses import replace
from datetime import timedelta
from email import message_from_bytes, policy
from http.server import BaseHTTPRequestHandler, HTTPServer
from importlib.util import find_spec
from pathlib import Path
from threading import Thread
from typing import ClassVar

import forge
import pytest
from components import missing, require, sarif_validator

from certlib import clock, files, stores
from certlib.auditing import looking_back, parameters, settings
from certlib.auditing.history import History
from certlib.endpoints import serving
from certlib.errors import CertlibError, InputError
from certlib.files import schedules
from certlib.reports import nightly
from certlib.reports.board.memory import Memory

DAY = timedelta(days=1)


@pytest.fixture(scope="module", autouse=True)
def parts():
    for name in ("apprise", "aiosmtpd", "jsonschema", "prometheus_client"):
        if find_spec(name) is None:
            missing(f"the package {name}", reason="certlib[nightly]")


WRONG = {
    'history = "a"\ngroup = 1\n': "line 2, group: has to be of the type array",
    'history = "a"\n': "line 1, group: is missing",
    '[[group]]\nsources = ["a"]\n': "line 1, history: is missing",
    'history = "a"\nhistroy = "b"\n[[group]]\nsources = ["a"]\n': (
        "line 2, histroy: is not known"
    ),
    'history = "a"\n[[group]]\nsources = ["a"]\n[[group]]\nsources = []\n': (
        "line 5, group.sources: is empty"
    ),
    'history = "a"\n[[group]]\nsources = ["a"]\n\n# b\napproach = "own-ca"\n': (
        "line 6, group.approach: take one of self-signed, internal-ca, public-ca"
    ),
    'history = "a"\n[[group]]\nsources = ["a"]\nexpiring-within = "soon"\n': (
        "line 4, group.expiring-within: write days (30d)"
    ),
    'history = "a"\n[[group]]\nsources = ["a"]\n[[group]]\nserver = "a"\n': (
        "line 4, group.sources: is missing"
    ),
    'history = "a"\n[[group]]\nsources = ["a"]\n[[notify]]\nname = "x"\n': (
        "line 4, notify.url: give either url or url-file"
    ),
    'history = "a"\ntimeout = 0\n[[group]]\nsources = ["a"]\n': "line 2, timeout: ",
    'history = "a"\n[[group]\n': "is not TOML",
    'history = "a"\ntimeout = nan\n[[group]]\nsources = ["a"]\n': "nan stands where",
    'history = "a"\n[[group]]\nsources = ["-"]\n': "is no source",
    'history = "a"\n[[group]]\nsources = ["a"]\nserver = "a b"\n': "a b",
}


@pytest.mark.parametrize(("text", "said"), WRONG.items(), ids=range(len(WRONG)))
def test_what_is_wrong_in_the_file_is_named_with_line_and_key(tmp_path, text, said):
    path = tmp_path / "fleet.toml"
    path.write_text(text)
    with pytest.raises(CertlibError) as caught:
        settings.read(path)
    assert said in caught.value.message


def test_a_key_of_many_parts_takes_no_time(tmp_path):
    path = tmp_path / "fleet.toml"
    path.write_text("a" + ".a" * 50_000 + " = 1\n")
    with pytest.raises(InputError, match="in a line"):
        settings.read(path)


def test_a_secret_in_a_wrong_file_is_not_repeated(tmp_path):
    path = tmp_path / "fleet.toml"
    path.write_text(
        'history = "a"\n[[group]]\nsources = ["a"]\n[[notify]]\n'
        'url = ["mailto://me:hunter2@example.com"]\nname = "x"\nlevel = "hunter2"\n'
    )
    with pytest.raises(InputError) as caught:
        settings.read(path)
    assert "line 5, notify.url" in str(caught.value)
    assert "line 7, notify.level: is not known" in str(caught.value)
    assert "hunter2" not in str(caught.value)


def test_the_example_is_right_and_its_paths_are_beside_it(tmp_path):
    (tmp_path / "fleet.toml").write_text(settings.EXAMPLE)
    (tmp_path / "mail.url").write_text("mailto://me:hunter2@example.com\n")
    said = settings.read(tmp_path / "fleet.toml")
    assert tmp_path / "fleet.db" == said.history
    assert (
        (
            str(tmp_path / "certificates"),
            str(tmp_path / "servers.csv"),
            "tls://erp.example.com:8165",
        ),
        (r"Cert:\LocalMachine\My",),
    ) == tuple(group.sources for group in said.groups)
    assert "hunter2" not in repr(said)
    assert 0.2 == said.groups[0].context(forge.AT).expiring_within
    assert "erp.example.com" == said.groups[1].context(forge.AT).server_name


class Mails(list):
    """A real SMTP server, and the mails that it got."""

    async def handle_DATA(self, server, session, envelope):  # noqa: N802
        mail = message_from_bytes(envelope.content, policy=policy.default)
        body = mail.get_body(("plain", "html"))
        self.append((mail["subject"], body.get_content()))
        return "250 OK"


@pytest.fixture
def smtp():
    from aiosmtpd.controller import Controller

    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    mails = Mails()
    mails.server = Controller(mails, hostname="127.0.0.1", port=port)
    mails.url = (
        f"mailto://127.0.0.1:{port}?from=a@example.com&to=b@example.com&mode=insecure"
    )
    mails.server.start()
    yield mails
    if mails.server.loop.is_running():
        mails.server.stop()


@pytest.fixture
def fleet(tmp_path, smtp):
    """A folder with two certificates, and the file that audits it."""
    (tmp_path / "in").mkdir()
    put(tmp_path, "good", 3650)
    put(tmp_path, "ending", 20)
    path = tmp_path / "fleet.toml"
    path.write_text(
        f"""
history = "state/fleet.db"
notes = "owners.csv"
metrics = "certlib.prom"
[[group]]
sources = ["in"]
environment = "test"
[[report]]
file = "audit.json"
[[report]]
file = "audit.html"
[[notify]]
name = "the team"
url = "{smtp.url}"
"""
    )
    (tmp_path / "owners.csv").write_text("certificate;owner\n*ending.cer;Jane Doe\n")
    return path


def put(folder, name, days):
    start = clock.now() - 400 * DAY
    end = clock.now() + days * DAY
    forge.leaf(not_before=start, not_after=end).write(folder / "in" / f"{name}.cer")


def night(path, day=0):
    said, machine = settings.read(path), stores.practice_machine(path.parent / "stores")
    return nightly.run(said, machine, at=clock.now() + day * DAY)


def test_a_night_is_kept_reported_measured_and_told(fleet, smtp):
    done = night(fleet)
    assert () == done.undelivered
    ((subject, body),) = smtp
    assert subject.startswith("certlib fleet: ")
    assert "expiring" in body
    assert "ending.cer" in body
    assert "Jane Doe" in body
    document = json.loads((fleet.parent / "audit.json").read_bytes())
    assert 2 == len(document["certificates"])
    assert (fleet.parent / "audit.html").is_file()
    with History(fleet.parent / "state" / "fleet.db") as history:
        assert 1 == len(looking_back.runs(history, "fleet"))


def test_nothing_new_is_told_twice_and_what_is_new_is_told_alone(fleet, smtp):
    night(fleet)
    night(fleet, 1)
    assert 1 == len(smtp)
    put(fleet.parent, "second", 15)
    night(fleet, 1)
    (_, (_, body)) = smtp
    assert "second.cer" in body
    assert "ending.cer" not in body


def test_what_comes_again_is_told_again(fleet, smtp):
    night(fleet)
    moved = fleet.parent / "ending.cer"
    (fleet.parent / "in" / "ending.cer").rename(moved)
    night(fleet)
    assert 1 == len(smtp)
    moved.rename(fleet.parent / "in" / "ending.cer")
    night(fleet)
    assert 2 == len(smtp)


def test_what_nobody_could_read_for_a_night_is_not_told_again(fleet, smtp):
    night(fleet)
    folder = fleet.parent / "in"
    folder.rename(fleet.parent / "away")
    night(fleet)
    assert 2 == len(smtp)
    assert "(not-opened)" in smtp[1][1]
    (fleet.parent / "away").rename(folder)
    assert () == night(fleet).changes
    assert 2 == len(smtp)
    folder.rename(fleet.parent / "away")
    night(fleet)
    assert 3 == len(smtp)


def test_what_was_not_delivered_is_said_and_told_the_next_time(fleet, smtp):
    smtp.server.stop()
    done = night(fleet)
    assert ("the team",) == done.undelivered
    assert not done.passes
    from aiosmtpd.controller import Controller

    port = smtp.server.port
    smtp.server = Controller(smtp, hostname="127.0.0.1", port=port)
    smtp.server.start()
    assert () == night(fleet).undelivered
    assert 1 == len(smtp)
    night(fleet)
    assert 1 == len(smtp)


class Hook(BaseHTTPRequestHandler):
    """A webhook that refuses until it is told to take what comes."""

    got: ClassVar[list[str]] = []
    status: ClassVar[int] = 500

    def do_POST(self):
        text = self.rfile.read(int(self.headers["Content-Length"])).decode()
        if Hook.status == 200:
            Hook.got.append(text)
        self.send_response(Hook.status)
        self.end_headers()

    def log_message(self, *words):
        pass


def test_of_two_only_the_one_who_was_not_told_is_told_again(fleet, smtp):
    with HTTPServer(("127.0.0.1", 0), Hook) as hook:
        Thread(target=hook.serve_forever, daemon=True).start()
        url = f"json://127.0.0.1:{hook.server_port}/"
        (fleet.parent / "hook.url").write_text(url)
        notify = '[[notify]]\nname = "a hook"\nurl-file = "hook.url"\n'
        fleet.write_text(fleet.read_text() + notify)
        assert ("a hook",) == night(fleet).undelivered
        Hook.status = 200
        assert () == night(fleet).undelivered
        hook.shutdown()
    assert (1, 1) == (len(smtp), len(Hook.got))
    assert "ending.cer" in json.loads(Hook.got[0])["message"]


FLEET = """
history = "fleet.db"
metrics = "fleet.prom"
roots = ["root.cer"]
[[group]]
sources = ["in", {servers}]
server = "server.example.com"
environment = "test"
[[group]]
sources = ['Cert:\\LocalMachine\\My', 'Cert:\\LocalMachine\\CA']
[[report]]
file = "fleet.json"
[[report]]
file = "fleet.sarif"
[[notify]]
name = "the team"
url = "{mail}"
[[notify]]
name = "a hook"
url = "{hook}"
"""


def test_a_folder_two_stores_and_three_servers_by_one_file(tmp_path, smtp):
    """What is new is told once; each finding lies at its place, everywhere."""
    machine, at = stores.practice_machine(tmp_path / "stores"), forge.AT
    whole = forge.chain()
    forge.ca("Example Root CA").write(tmp_path / "root.cer")
    (tmp_path / "in").mkdir()
    ending = forge.leaf(not_before=at - 400 * DAY, not_after=at + 20 * DAY)
    ending.write(tmp_path / "in" / "ending.cer")
    machine.open(stores.PERSONAL).add(forge.chain(private_key=forge.key(7)))
    machine.open(stores.INTERMEDIATE).add(forge.ca("Old CA", not_after=at - DAY))
    with ExitStack() as running:
        first, second, third = (
            running.enter_context(serving.serve(one))
            for one in (whole, replace(whole, chain=()), forge.chain())
        )
        hook = running.enter_context(HTTPServer(("127.0.0.1", 0), Hook))
        Thread(target=hook.serve_forever, daemon=True).start()
        running.callback(hook.shutdown)
        Hook.status, before = 200, len(Hook.got)
        asked = (first, second, third)
        servers = ", ".join(f'"tls://{one.address}"' for one in asked)
        url = f"json://127.0.0.1:{hook.server_port}/"
        path = tmp_path / "fleet.toml"
        path.write_text(FLEET.format(servers=servers, mail=smtp.url, hook=url))
        said = settings.read(path)
        done = nightly.run(said, machine, at=at)
        again = nightly.run(said, machine, at=at + DAY)
        forge.leaf(not_after=at - DAY).write(tmp_path / "in" / "late.cer")
        new = nightly.run(said, machine, at=at + DAY)
    document = json.loads((tmp_path / "fleet.json").read_bytes())
    lone = [
        f["place"]
        for one in document["certificates"]
        for f in one["findings"]
        if f["rule"] == "chain-incomplete" and "127.0.0.1" in f["place"]
    ]
    assert [str(second)] == lone
    places = {place for one in done.results for place in one.places}
    assert set(map(str, asked)) < places
    assert 2 == sum(place.startswith("Cert:") for place in places)
    assert not done.undelivered + again.undelivered + new.undelivered
    assert () == again.changes
    hooked = [json.loads(one)["message"] for one in Hook.got[before:]]
    mails = [body for _, body in smtp]
    for told in (mails, hooked):  # the first night, and the third
        assert ["ending.cer" in one for one in told] == [True, False]
        assert ["late.cer" in one for one in told] == [False, True]
        assert str(second) in told[0]
        assert "Old CA" in told[0]
    trend = Memory(said.history).told(at + DAY)["runs"]
    assert ["fleet"] * 3 == [scope for _, scope, _ in trend]
    assert [1] == [after["error"] - was["error"] for was, after in counted(trend)]
    log = json.loads((tmp_path / "fleet.sarif").read_bytes())
    assert [] == [error.message for error in sarif_validator().iter_errors(log)]
    samples = prometheus(tmp_path / "fleet.prom")["x509_cert_not_after"]
    assert set(map(str, asked)) < {one.labels["filepath"] for one in samples}


def counted(trend):
    """Return the counts of the second run and of the third."""
    return [(trend[1][2], trend[2][2])]


def prometheus(path):
    from prometheus_client.parser import text_string_to_metric_families as parsed

    return {one.name: one.samples for one in parsed(path.read_text(encoding="utf-8"))}


def test_who_is_told_of_errors_only_hears_of_no_warning(fleet, smtp):
    fleet.write_text(fleet.read_text() + 'severity = "error"\n')
    night(fleet)
    assert not any("(expiring)" in body for _, body in smtp)


def test_a_source_that_is_not_there_is_a_finding_and_stops_nothing(fleet, smtp):
    text = fleet.read_text().replace('["in"]', '["in", "away", "tls://127.0.0.1:1"]')
    fleet.write_text(text)
    done = night(fleet)
    assert 4 == len(done.results)
    assert not done.passes
    assert any("away" in body for _, body in smtp)


def test_the_metrics_are_what_prometheus_reads(fleet):
    night(fleet)
    found = prometheus(fleet.parent / "certlib.prom")
    ends = {one.labels["filepath"]: one.value for one in found["x509_cert_not_after"]}
    days = {
        Path(p).name: round((e - clock.now().timestamp()) / 86400)
        for p, e in ends.items()
    }
    assert {"good.cer": 3650, "ending.cer": 20} == days
    (last,) = found["certlib_last_run_timestamp_seconds"]
    assert clock.now().timestamp() == pytest.approx(last.value, abs=300)


def test_a_second_one_at_the_same_time_is_refused(fleet):
    state = files.folder(fleet.parent / "state")
    with files.locked(state, name=".fleet.toml.lock"):
        run = certlib("nightly", fleet, cwd=fleet.parent)
    assert 2 == run.returncode
    assert "in use by another process" in run.stderr
    assert not (state / "fleet.db").exists()


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


def test_the_command_has_the_exit_codes_of_the_audit(fleet, tmp_path):
    run = certlib("nightly", fleet, cwd=tmp_path / "in")
    assert 0 == run.returncode, run.stderr  # warnings only
    assert "2 certificates" in run.stdout
    whole = fleet.read_text()
    fleet.write_text(f'fail-on = "warning"\n{whole}')
    assert 1 == certlib("nightly", fleet, cwd=tmp_path).returncode
    fleet.write_text(f"at-least = 3\n{whole}")
    assert 1 == certlib("nightly", fleet, cwd=tmp_path).returncode
    fleet.write_text(f'fail-on = "never"\n{whole}')
    assert 0 == certlib("nightly", fleet, cwd=tmp_path).returncode
    fleet.write_text("x = 1\n" + fleet.read_text())
    wrong = certlib("nightly", fleet, cwd=tmp_path)
    assert (2, True) == (wrong.returncode, "line 1, x: is not known" in wrong.stderr)
    schema = json.loads(certlib("nightly", "--schema", cwd=tmp_path).stdout)
    assert settings.schema() == schema


def test_groups_are_judged_for_what_is_theirs(fleet, smtp):
    fleet.write_text(
        fleet.read_text()
        + '[[group]]\nsources = ["in/good.cer"]\napproach = "public-ca"\n'
    )
    done = night(fleet)
    head = done.about.head(done.results)
    approaches = [value for what, value in head if what == "Approach"]
    assert ["as the chain of each says", "public CA"] == approaches
    assert 3 == len(done.results)


def test_the_twins_that_run_it_every_night(fleet, tmp_path):
    account = "EXAMPLE\\audit$"
    run = certlib("nightly", fleet, "--schedule", "--account", account, cwd=tmp_path)
    assert 0 == run.returncode, run.stderr
    assert "New-ScheduledTaskPrincipal -UserId 'EXAMPLE\\audit$'" in run.stdout
    assert "-LogonType 'Password'" in run.stdout
    assert "-Principal $principal" in run.stdout
    assert "SYSTEM" not in run.stdout
    cron = next(x for x in run.stdout.splitlines() if x.startswith("17 3 * * *"))
    assert cron.endswith(f"-m certlib nightly {fleet}")
    own = certlib("nightly", fleet, "--schedule", cwd=tmp_path).stdout
    assert r"-User 'NT AUTHORITY\SYSTEM'" in own


@pytest.mark.parametrize(
    "account",
    ["S-1-5-20", "*S-1-5-20", "Netzwerkdienst", "AUTORITE NT\\Service réseau"],
)
def test_a_built_in_account_has_many_names(fleet, tmp_path, account):
    run = certlib("nightly", fleet, "--schedule", "--account", account, cwd=tmp_path)
    assert "-UserId 'NT AUTHORITY\\NETWORK SERVICE'" in run.stdout
    assert "-LogonType 'ServiceAccount'" in run.stdout


def test_the_pipelines_are_yaml_that_runs_the_command():
    yaml = pytest.importorskip("yaml")
    words = ["python", "-m", "certlib", "nightly", "my fleet: a.toml"]
    github, gitlab = schedules.pipelines(words, install="certlib[nightly]")
    wanted = [
        "python -m pip install 'certlib[nightly]'",
        "python -m certlib nightly 'my fleet: a.toml'",
    ]
    jobs = yaml.safe_load(github.text)["jobs"]
    assert wanted == [s["run"] for s in jobs["nightly"]["steps"] if "run" in s]
    assert wanted == yaml.safe_load(gitlab.text)["nightly"]["script"]


def test_the_script_of_a_pipeline_runs(fleet, tmp_path):
    yaml = pytest.importorskip("yaml")
    (tmp_path / "bin").mkdir()
    for name in ("python", "python3"):
        (tmp_path / "bin" / name).symlink_to(sys.executable)
    odd = tmp_path / "my fleet: $a.toml"
    odd.write_text(fleet.read_text().replace("the team", "them"))
    words = [sys.executable, "-m", "certlib", "nightly", odd.name, "--dry-run"]
    github, gitlab = schedules.pipelines(words, install="certlib[nightly]")
    steps = yaml.safe_load(github.text)["jobs"]["nightly"]["steps"]
    for script in (
        [one["run"] for one in steps if "run" in one],
        yaml.safe_load(gitlab.text)["nightly"]["script"],
    ):
        assert 2 == len(script)
        run = subprocess.run(
            ["sh", "-e", "-c", script[1]], capture_output=True, text=True, cwd=tmp_path
        )
        assert (0, True) == (run.returncode, "2 certificates" in run.stdout), run.stderr


WORDS = ["/opt/my python", "-m", "certlib", "nightly", '/srv/50% "a" $b/fleet.toml']


def twin(system, words):
    found = schedules.schedules(words, name="certlib-nightly-a b", purpose="Audit")
    (text,) = [one.text for one in found if one.system.startswith(system)]
    return text


def test_systemd_takes_its_timer_and_runs_these_words(tmp_path):
    program = require("systemd-analyze")
    words = [sys.executable, *WORDS[1:]]
    for part in twin("systemd", words).split("# /etc/systemd/system/")[1:]:
        name, _, unit = part.partition("\n")
        (tmp_path / name).write_text(unit.partition("\n# then")[0])
    units = sorted(tmp_path.iterdir())
    assert [".service", ".timer"] == [one.suffix for one in units]
    run = subprocess.run(
        [program, "verify", "--man=no", *units], capture_output=True, text=True
    )
    assert (0, "") == (run.returncode, run.stderr)
    (tmp_path / units[0].name).write_text(units[0].read_text() + "Nonsense=1\n")
    bad = subprocess.run(
        [program, "verify", "--man=no", units[0]], capture_output=True, text=True
    )
    assert "Nonsense" in bad.stderr


def test_the_line_for_cron_is_what_cron_and_a_shell_read(tmp_path):
    minute, hour, *days, command = twin("cron", WORDS).split(" ", 5)
    assert (range(60)[int(minute)], range(24)[int(hour)]) == (17, 3)
    assert ["*"] * 3 == days
    # crontab(5): what follows a % that no backslash precedes is standard input.
    assert not re.search(r"(?<!\\)%", command)
    assert shlex.split(command.replace(r"\%", "%")) == WORDS


NOTEBOOK = Path(__file__).parent.parent / "notebooks" / "nightly.ipynb"


def test_the_notebook_is_short():
    assert 6 >= len(json.loads(NOTEBOOK.read_bytes())["cells"])


def test_each_key_of_the_file_is_a_parameter_of_the_notebook():
    cells = json.loads(NOTEBOOK.read_bytes())["cells"]
    (cell,) = [c for c in cells if "parameters" in c["metadata"].get("tags", ())]
    values = {}
    exec("".join(cell["source"]), {}, values)  # our own
    assert parameters.names() == set(values)
    assert parameters.of(values) is None  # it has to be told what to audit
    whole = settings.schema()["properties"]
    assert {"ROOTS", "CRLS", "TIMEOUT", "PROXY", "GROUP"} <= set(values)
    assert len(whole) <= len(values)


def test_what_parameters_say_is_what_the_file_says(tmp_path):
    (tmp_path / "mail.url").write_text("json://127.0.0.1\n")
    (path := tmp_path / "nightly.toml").write_text(
        """
name = "fleet"
history = "a.db"
metrics = "a.prom"
suppressions = "s.toml"
notes = "n.csv"
passphrase-file = "p.txt"
roots = ["r.pem", "t.pem"]
crls = ["c.crl"]
online = true
timeout = 7
proxy = "http://proxy.example:3128"
expiring-within = "20%"
fail-on = "never"
at-least = 3
[[group]]
sources = ["in", "tls://[::1]:8165"]
server = "erp.example.com"
product = "board-connector"
environment = "test"
approach = "internal-ca"
[[report]]
file = "a.html"
[[report]]
file = "a.json"
[[notify]]
name = "mail"
url-file = "mail.url"
severity = "error"
"""
    )
    values = {
        "FOLDER": str(tmp_path),
        "NAME": "fleet",
        "HISTORY": "a.db",
        "METRICS": "a.prom",
        "SUPPRESSIONS": "s.toml",
        "NOTES": "n.csv",
        "PASSPHRASE_FILE": "p.txt",
        "ROOTS": "r.pem;t.pem",
        "CRLS": "c.crl",
        "ONLINE": True,
        "TIMEOUT": 7,
        "PROXY": "http://proxy.example:3128",
        "EXPIRING_WITHIN": "20%",
        "FAIL_ON": "never",
        "AT_LEAST": 3,
        "SOURCES": "in;tls://[::1]:8165",
        "SERVER": "erp.example.com",
        "PRODUCT": "board-connector",
        "ENVIRONMENT": "test",
        "APPROACH": "internal-ca",
        "REPORT": "a.html;a.json",
        "NOTIFY": "mail.url",
        "SEVERITY": "error",
    }
    assert parameters.names() - {"FILE", "GROUP"} == values.keys()
    by_file = settings.read(path)
    assert by_file == parameters.of(values)
    assert by_file == parameters.of({"FILE": str(path)})
    groups = [{"sources": ["in"]}, {"sources": ["there"], "approach": "public-ca"}]
    several = parameters.of({**values, "SOURCES": "", "GROUP": groups})
    assert ["in", "there"] == [Path(g.sources[0]).name for g in several.groups]
    with pytest.raises(InputError, match="fail-on: take one of"):
        parameters.of({**values, "FAIL_ON": "sometimes"})


def papermill(folder, **values):
    if find_spec("papermill") is None:
        missing("the package papermill", reason="certlib[papermill]")
    words = [word for name, value in values.items() for word in ("-p", name, value)]
    command = ("-m", "papermill", NOTEBOOK, "tonight.ipynb", "--no-progress-bar")
    return subprocess.run(
        [sys.executable, *map(str, (*command, *words))],
        capture_output=True,
        encoding="utf-8",
        cwd=folder,
        env=os.environ | {"XDG_DATA_HOME": str(folder / "data")},
        timeout=120,
    )


def test_the_notebook_runs_with_values_and_fails_on_findings(fleet, tmp_path):
    values = {"FOLDER": tmp_path, "SOURCES": "in", "REPORT": "r.json"}
    fine = papermill(tmp_path, **values, ENVIRONMENT="test")
    assert 0 == fine.returncode, fine.stderr
    assert 2 == len(json.loads((tmp_path / "r.json").read_bytes())["certificates"])
    stored = (tmp_path / "tonight.ipynb").read_text(encoding="utf-8")
    assert '"widgets"' not in stored
    assert 200_000 > len(stored)
    wrong = papermill(tmp_path, **values, ENVIRONMENT="test", FAIL_ON="warning")
    assert 0 != wrong.returncode
    assert "with warnings" in wrong.stderr


def test_the_notebook_runs_by_the_file(fleet, tmp_path, smtp):
    assert 0 == papermill(tmp_path, FILE=fleet).returncode
    assert 1 == len(smtp)


@pytest.mark.parametrize("name", ["jsonschema", "apprise", "prometheus_client"])
def test_what_the_light_installation_leaves_out_is_named(fleet, name, monkeypatch):
    monkeypatch.setitem(sys.modules, name, None)
    with pytest.raises(InputError, match=name) as caught:
        night(fleet)
    assert "pip install 'certlib[nightly]'" in caught.value.fix
