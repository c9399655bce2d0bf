"""Schedules: how a system runs a command every night, as text to read and to copy."""

from __future__ import annotations

import json
import re
import shlex
import subprocess
from collections.abc import Sequence
from dataclasses import dataclass

from certlib import powershell
from certlib.powershell import Raw


@dataclass(frozen=True)
class Schedule:
    """How one system does it.

    Attributes:
        system: whose way it is.
        text: commands, or files with their names in comments.
    """

    system: str
    text: str


def schedules(
    words: Sequence[str], *, name: str, purpose: str, account: str = ""
) -> tuple[Schedule, ...]:
    """Return how Windows, systemd and cron run a command every night.

    Args:
        words: the command, its program with the full path.
        name: of the task; what is no letter, digit, ``.``, ``_`` or ``-`` is left out.
        purpose: what it does, in a sentence.
        account: that runs it; on Windows a group managed one ends in ``$``. The
            system itself when left out.
    """
    plain = _ODD.sub("-", name.replace("*", "wildcard"))
    who = account or "root"
    return (
        Schedule("Windows (elevated PowerShell)", _task(words, plain, account)),
        Schedule("systemd (as root)", _timer(words, plain, purpose, account)),
        Schedule(f"cron (crontab -e, as {who})", _cron(words)),
    )


_ODD = re.compile(r"[^A-Za-z0-9._-]+")


def pipelines(words: Sequence[str], *, install: str) -> tuple[Schedule, ...]:
    """Return how GitHub and GitLab run a command every night.

    Args:
        words: the command, as it is typed in the repository.
        install: what pip has to install for it.
    """
    commands = [f"python -m pip install {shlex.quote(install)}", shlex.join(words)]
    return (
        Schedule("GitHub (.github/workflows/nightly.yml)", _github(commands)),
        Schedule("GitLab (.gitlab-ci.yml)", _gitlab(commands)),
    )


def _github(commands: Sequence[str]) -> str:
    steps = "\n".join(f"      - run: {json.dumps(one)}" for one in commands)
    return f"""\
on:
  schedule:
    - cron: "17 3 * * *"
  workflow_dispatch:
jobs:
  nightly:
    runs-on: self-hosted  # it has to reach your servers, and keeps the history
    steps:
      - uses: actions/checkout@v5
        with:
          clean: false
{steps}"""


def _gitlab(commands: Sequence[str]) -> str:
    script = "\n".join(f"    - {json.dumps(one)}" for one in commands)
    return f"""\
# Build > Pipeline schedules: 17 3 * * *
nightly:
  rules:
    - if: $CI_PIPELINE_SOURCE == "schedule"
  variables:
    GIT_CLEAN_FLAGS: none  # the history stays
  script:
{script}"""


def _task(words: Sequence[str], name: str, account: str) -> str:
    action = powershell.command(
        "New-ScheduledTaskAction",
        Execute=words[0],
        Argument=subprocess.list2cmdline(words[1:]),
    )
    trigger = powershell.command(
        "New-ScheduledTaskTrigger",
        Daily=True,
        At="03:00",
        RandomDelay=Raw("(New-TimeSpan -Hours 2)"),
    )
    register = powershell.command(
        "Register-ScheduledTask",
        TaskName=name,
        Action=Raw("$action"),
        Trigger=Raw("$trigger"),
        **(
            {"Principal": Raw("$principal")}
            if account
            else {"User": r"NT AUTHORITY\SYSTEM", "RunLevel": "Highest"}
        ),
    )
    lines = [f"$action = {action}", f"$trigger = {trigger}"]
    if account:
        lines.append(f"$principal = {_principal(account)}")
    return "\n".join([*lines, register])


def _principal(account: str) -> str:
    """Return the account; Windows knows the password of a managed one and its own."""
    own = account.upper().startswith("NT AUTHORITY\\")
    return powershell.command(
        "New-ScheduledTaskPrincipal",
        UserId=account,
        LogonType="ServiceAccount" if own else "Password",
    )


def _timer(words: Sequence[str], name: str, purpose: str, account: str) -> str:
    user = f"User={account}\n" if account else ""
    return f"""\
# /etc/systemd/system/{name}.service
[Unit]
Description={purpose}
[Service]
Type=oneshot
{user}ExecStart={" ".join(map(_systemd_word, words))}

# /etc/systemd/system/{name}.timer
[Unit]
Description={purpose}
[Timer]
OnCalendar=*-*-* 03:00:00
RandomizedDelaySec=2h
Persistent=true
[Install]
WantedBy=timers.target

# then
systemctl daemon-reload && systemctl enable --now {name}.timer"""


def _systemd_word(word: str) -> str:
    """Return a word as ``ExecStart`` takes it (systemd.service(5))."""
    for mark in '\\"':
        word = word.replace(mark, f"\\{mark}")
    return f'"{word.replace("%", "%%").replace("$", "$$")}"'


def _cron(words: Sequence[str]) -> str:
    """Return the line of a crontab, in which ``%`` would end the command."""
    return f"17 3 * * * {shlex.join(words)}".replace("%", r"\%")
