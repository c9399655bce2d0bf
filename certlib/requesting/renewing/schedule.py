"""Schedule: how a system runs a renewal every day, as text to read and to copy."""

from __future__ import annotations

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


def schedules(words: Sequence[str], *, server: str) -> tuple[Schedule, ...]:
    """Return how Windows, systemd and cron run a command every night.

    Args:
        words: the command, its program with the full path.
        server: whose certificate is renewed, for the name of the task.
    """
    name = f"certlib-renew-{server.replace('*', 'wildcard')}"
    return (
        Schedule("Windows (elevated PowerShell)", _task(words, name)),
        Schedule("systemd (as root)", _timer(words, name)),
        Schedule("cron (crontab -e, as root)", _cron(words)),
    )


def _task(words: Sequence[str], name: str) -> str:
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
        User=r"NT AUTHORITY\SYSTEM",
        RunLevel="Highest",
    )
    return f"$action = {action}\n$trigger = {trigger}\n{register}"


def _timer(words: Sequence[str], name: str) -> str:
    return f"""\
# /etc/systemd/system/{name}.service
[Unit]
Description=Renew a certificate when it is due
[Service]
Type=oneshot
ExecStart={" ".join(map(_systemd_word, words))}

# /etc/systemd/system/{name}.timer
[Unit]
Description=Renew a certificate when it is due
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
