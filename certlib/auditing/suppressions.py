"""Suppressions: findings that somebody has accepted, why, and until when.

They stand in a small TOML file, see `EXAMPLE`. `certificate` is a thumbprint, a place
or a DNS name, with ``*`` for anything. `by` says who has accepted it. Reason and end
are demanded: what is accepted for ever is forgotten for ever.
"""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from fnmatch import fnmatch
from pathlib import Path
from typing import Any

from certlib import files
from certlib.errors import InputError
from certlib.files import toml
from certlib.rules import RULES, Finding
from certlib.summaries import Summary

EXAMPLE = """\
[[suppress]]
rule = "expiring"
certificate = "*.lab.example.com"
reason = "The lab moves in January."
until = 2027-01-31
by = "Jane Doe"
"""

MAX_TEXT = 2000
"""Characters of a rule, a reason or a pattern."""


def meant(wanted: str, known: Iterable[str]) -> bool:
    """Tell whether a text, in which ``*`` is anything, is one of a thing's names."""
    # Brackets are a pattern, and those of an IPv6 address are none.
    pattern, folded = wanted.casefold(), [name.casefold() for name in known]
    return pattern in folded or any(fnmatch(name, pattern) for name in folded)


@dataclass(frozen=True, slots=True)
class Suppression:
    """A finding that somebody has accepted.

    Attributes:
        rule: its id.
        reason: why it is accepted.
        until: the last day (UTC) on which it is.
        certificate: thumbprint, place or DNS name; ``*`` stands for anything.
        by: who has accepted it; empty if nobody says so.
    """

    rule: str
    reason: str
    until: date
    certificate: str = "*"
    by: str = ""

    @property
    def said(self) -> str:
        """What is accepted, until when, why and by whom, as one text."""
        return f"{self.rule} of {self.certificate}: {_why(self)}"

    def covers(self, summary: Summary, place: str) -> bool:
        """Tell whether a certificate at a place is meant."""
        known = (summary.thumbprint, summary.sha256, *summary.server_names, place)
        return meant(self.certificate, known)


@dataclass(frozen=True, slots=True)
class Suppressed:
    """A finding that does not count, and why."""

    finding: Finding
    reason: str
    until: date
    by: str = ""

    @property
    def why(self) -> str:
        """The reason, who says so, and the end as one text."""
        return _why(self)


def _why(one: Suppression | Suppressed) -> str:
    who = f" by {one.by}" if one.by else ""
    return f"accepted until {one.until}{who}: {one.reason}"


@dataclass(frozen=True)
class Suppressions:
    """All that was accepted."""

    entries: tuple[Suppression, ...] = ()

    @classmethod
    def read(cls, path: Path) -> Suppressions:
        """Return what a TOML file says.

        Raises:
            InputError: the file cannot be read, or an entry lacks something or
                names a rule that does not exist.
            EncodingError: it is not TOML.
        """
        return cls._of(path, toml.read(path)[0])

    @classmethod
    def _of(cls, path: Path, document: Mapping[str, Any]) -> Suppressions:
        entries = document.get("suppress", [])
        if not isinstance(entries, list) or set(document) - {"suppress"}:
            raise InputError(
                f"{path} has something else than [[suppress]]",
                fix="begin each entry with a line [[suppress]]",
            )
        return cls(tuple(_entry(path, n, e) for n, e in enumerate(entries, start=1)))

    def adding(self, entry: Suppression) -> Suppressions:
        """Return these and one more.

        Raises:
            InputError: it names no rule, has no reason, or says too much.
        """
        _refuse_nameless(f"the finding {entry.rule}", entry.rule, entry.reason)
        return Suppressions((*self.entries, entry))

    def write(self, path: Path) -> None:
        """Write them as a TOML file, over an earlier one.

        Raises:
            InputError: it cannot be written, or could not be read back: it is too
                long, or a text is none. The file is then as it was.
            EncodingError: the same, of a text that TOML cannot hold.
        """
        parts = [
            f"[[suppress]]\nrule = {_quoted(e.rule)}\n"
            f"certificate = {_quoted(e.certificate)}\nreason = {_quoted(e.reason)}\n"
            f"until = {e.until}\n" + (f"by = {_quoted(e.by)}\n" if e.by else "")
            for e in self.entries
        ]
        data = "\n".join(parts).encode(errors="backslashreplace")
        if Suppressions._of(path, toml.parsed(path, data)[0]) != self:
            raise InputError(
                f"{path} would not say what it should",
                fix="give a reason and names in letters that every program knows",
            )
        files.write(path, data, replace=True)

    def apply(
        self, findings: Iterable[Finding], summary: Summary, *, at: datetime
    ) -> tuple[tuple[Finding, ...], tuple[Suppressed, ...]]:
        """Return the findings that count, and those that do not, each by its place."""
        valid: dict[str, list[Suppression]] = defaultdict(list)
        for entry in self.entries:
            if at.date() <= entry.until:
                valid[entry.rule].append(entry)
        counting, accepted = [], []
        for f in findings:
            by = [one for one in valid[f.rule] if one.covers(summary, f.place)]
            if by:
                accepted.append(Suppressed(f, by[-1].reason, by[-1].until, by[-1].by))
            else:
                counting.append(f)
        return tuple(counting), tuple(accepted)


def _entry(path: Path, number: int, entry: Mapping[str, Any]) -> Suppression:
    where = f"{path}, entry {number}"
    if not isinstance(entry, Mapping):
        raise InputError(
            f"{where} is no table", fix="begin it with a line [[suppress]]"
        )
    texts = {n: entry.get(n, "*") for n in ("rule", "reason", "certificate")}
    texts["by"] = entry.get("by", "")
    if not isinstance(entry.get("until"), date) or isinstance(entry["until"], datetime):
        raise InputError(f"{where}: until is not a day", fix="write until = 2027-01-31")
    for name, value in texts.items():
        if not isinstance(value, str) or (name not in entry and name not in _OPTIONAL):
            raise InputError(
                f"{where}: {name} is missing or not a text",
                fix="give rule, reason and until; certificate if not all are meant",
            )
        if len(value) > MAX_TEXT:
            raise InputError(
                f"{where}: {name} has {len(value):,} characters; {MAX_TEXT:,} are the "
                "limit",
                fix="say it shorter",
            )
    if unknown := set(entry) - {*texts, "until"}:
        raise InputError(
            f"{where}: {', '.join(sorted(unknown))} is not known",
            fix="an entry has rule, certificate, reason, until and by",
        )
    _refuse_nameless(where, texts["rule"], texts["reason"])
    return Suppression(until=entry["until"], **texts)


_OPTIONAL = ("certificate", "by")


def _refuse_nameless(where: str, rule: str, reason: str) -> None:
    if rule not in RULES:
        raise InputError(
            f"{where}: there is no rule {rule!r}",
            fix="take the id from the catalogue of rules",
        )
    if not reason.strip(" *"):
        raise InputError(f"{where}: the reason is empty", fix="say why")


def _quoted(text: str) -> str:
    # A string of JSON is one of TOML, which wants DEL escaped, too, and no surrogates.
    return json.dumps(text, ensure_ascii=False).replace("\x7f", "\\u007F")
