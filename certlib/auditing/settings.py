"""Settings: the TOML file of an audit that runs every night."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from certlib import endpoints, files, products, texts
from certlib.auditing.gate import Gate
from certlib.endpoints import proxies
from certlib.errors import InputError, part
from certlib.files import toml
from certlib.rules import APPROACHES, ENVIRONMENTS, Context, Severity

EXAMPLE = """\
history = "fleet.db"
suppressions = "accepted.toml"
notes = "owners.csv"
metrics = "certlib.prom"
fail-on = "error"

[[group]]
sources = ["certificates", "servers.csv", "tls://erp.example.com:8165"]
approach = "internal-ca"
expiring-within = "20%"

[[group]]
sources = ['Cert:\\LocalMachine\\My']
server = "erp.example.com"
product = "board-connector"
environment = "test"

[[report]]
file = "audit.html"

[[notify]]
name = "mail to the team"
url-file = "mail.url"
severity = "warning"
"""

NEVER = "never"


@dataclass(frozen=True)
class Group:
    """Sources that are judged for the same.

    Attributes:
        sources: as `auditing.source` takes them.
        words: what they are judged for, as `Context.of` takes it.
    """

    sources: tuple[str, ...]
    words: Mapping[str, str]

    def context(self, at: datetime) -> Context:
        """Return what they are judged for at a moment."""
        return Context.of(at, **self.words)


@dataclass(frozen=True)
class Notify:
    """Somebody who is told.

    Attributes:
        name: for people.
        url: of apprise, with its secrets; never shown.
        severity: the least that is told.
    """

    name: str
    url: str = field(repr=False)
    severity: Severity


@dataclass(frozen=True)
class Settings:
    """What the file says; its paths are relative to its own folder.

    Attributes:
        path: the file itself.
        name: in words, by which the history tells one from another.
        history: the SQLite file.
        groups: what is audited.
        gate: what makes the exit code 1.
        reports: files to write, in the formats that their names end in.
        notify: who is told.
        metrics: a file for Prometheus' textfile collector, if any.
        suppressions: the file of accepted findings, if any.
        notes: the file that says who owns what, if any.
        passphrase_file: passphrases to try, if any.
        roots: files of roots that are trusted, too.
        lists: revocation lists, or folders of them.
        online: revocation is looked up where certificates say.
        timeout: seconds that each server may take.
        proxy: by which servers are reached, if any.
    """

    path: Path
    name: str
    history: Path
    groups: tuple[Group, ...]
    gate: Gate
    reports: tuple[Path, ...] = ()
    notify: tuple[Notify, ...] = ()
    metrics: Path | None = None
    suppressions: Path | None = None
    notes: Path | None = None
    passphrase_file: Path | None = None
    roots: tuple[Path, ...] = ()
    lists: tuple[Path, ...] = ()
    online: bool = False
    timeout: float = endpoints.DEADLINE
    proxy: endpoints.Proxy | None = None


_TEXT = {"type": "string", "minLength": 1}
_TEXTS = {"type": "array", "items": _TEXT, "minItems": 1}
_FILES = ("history", "metrics", "suppressions", "notes", "passphrase_file")
_SEVERITIES = [str(one) for one in Severity]


def _table(required: Iterable[str] = (), **known: object) -> dict[str, Any]:
    return {
        "type": "object",
        "properties": {name.replace("_", "-"): one for name, one in known.items()},
        "required": list(required),
        "additionalProperties": False,
    }


def schema() -> dict[str, Any]:
    """Return the JSON schema of the file."""
    judged = {
        "server": _TEXT,
        "product": {"enum": list(products.PRODUCTS)},
        "environment": {"enum": list(ENVIRONMENTS)},
        "approach": {"enum": list(APPROACHES)},
        "expiring_within": {"type": "string", "pattern": r"^\d+ ?(%|d|h)$"},
    }
    group = _table(["sources"], sources=_TEXTS, **judged)
    report = _table(["file"], file=_TEXT)
    severity = {"enum": _SEVERITIES}
    notify = _table(["name"], name=_TEXT, url=_TEXT, url_file=_TEXT, severity=severity)
    notify["oneOf"] = [{"required": ["url"]}, {"required": ["url-file"]}]
    whole = _table(
        ["history", "group"],
        name=_TEXT,
        **dict.fromkeys(_FILES, _TEXT),
        **dict.fromkeys(("roots", "crls"), _TEXTS),
        online={"type": "boolean"},
        timeout={"type": "number", "exclusiveMinimum": 0, "maximum": 600},
        proxy=_TEXT,
        expiring_within=judged["expiring_within"],
        fail_on={"enum": [*_SEVERITIES, NEVER]},
        at_least={"type": "integer", "minimum": 0},
        group={"type": "array", "items": group, "minItems": 1},
        report={"type": "array", "items": report},
        notify={"type": "array", "items": notify},
    )
    return {"$schema": "https://json-schema.org/draft/2020-12/schema", **whole}


def read(path: Path) -> Settings:
    """Return what a TOML file says.

    Raises:
        InputError: the file cannot be read, or a key is missing, unknown or wrong; each
            with its line.
        EncodingError: it is not TOML.
    """
    said, text = toml.read(path)
    # Places are the same wherever the command is run.
    return of(said, path.absolute(), text)


def words(**values: object) -> dict[str, Any]:
    """Return keys and values as the file has them; what is empty is left out."""
    return {key.replace("_", "-"): value for key, value in values.items() if value}


def of(said: dict[str, Any], path: Path, text: str = "") -> Settings:
    """Return what is said.

    Args:
        said: keys and values as the file has them.
        path: the file, or where it would lie: paths are meant from its folder.
        text: what stands in it, for the lines of errors.

    Raises:
        InputError: a key is missing, unknown or wrong.
    """
    _check(path, text, said)
    folder = path.parent

    def below(name: str) -> Path | None:
        return folder / said[name] if name in said else None

    def all_below(names: Iterable[str]) -> tuple[Path, ...]:
        return tuple(folder / name for name in names)

    fail_on = said.get("fail-on", Severity.ERROR)
    return Settings(
        path,
        said.get("name", path.stem),
        folder / said["history"],
        tuple(_group(folder, one, said) for one in said["group"]),
        Gate(None if fail_on == NEVER else Severity(fail_on), said.get("at-least")),
        all_below(one["file"] for one in said.get("report", ())),
        tuple(_notify(folder, one) for one in said.get("notify", ())),
        below("metrics"),
        below("suppressions"),
        below("notes"),
        below("passphrase-file"),
        all_below(said.get("roots", ())),
        all_below(said.get("crls", ())),
        said.get("online", False),
        said.get("timeout", endpoints.DEADLINE),
        proxies.parse(said["proxy"]) if "proxy" in said else None,
    )


def _check(path: Path, text: str, said: dict[str, Any]) -> None:
    with part("a nightly audit", "nightly"):
        import jsonschema
    found = list(jsonschema.Draft202012Validator(schema()).iter_errors(said))
    if not found:
        return
    told = "; ".join(
        f"line {line}, {key}: {what}" if text else f"{key}: {what}"
        for line, key, what in sorted(_told(text, error) for error in found)
    )
    raise InputError(f"{path}: {told}", fix="correct it, see the page of the command")


def _told(text: str, error: Any) -> tuple[int, str, str]:
    """Return line, key and what is wrong; not the value, which may be secret."""
    where = list(error.absolute_path)
    keys = [one for one in where if isinstance(one, str)]
    what = error.message
    if error.validator == "additionalProperties":
        unknown = next(k for k in error.instance if k not in error.schema["properties"])
        where, keys, what = [*where, unknown], [*keys, unknown], "is not known"
    elif error.validator == "required":
        missing = next(k for k in error.validator_value if k not in error.instance)
        keys, what = [*keys, missing], "is missing"
    elif error.validator == "oneOf":
        keys, what = [*keys, "url"], "give either url or url-file"
    elif error.validator == "enum":
        what = f"take one of {', '.join(error.validator_value)}"
    elif error.validator == "type":
        what = f"has to be of the type {error.validator_value}"
    elif error.validator == "pattern":
        what = "write days (30d), hours (12h) or a part of its lifetime (20%)"
    elif error.validator in ("minItems", "minLength"):
        what = "is empty"
    else:
        what = f"has to be {error.validator} {error.validator_value}"
    return _line(text, where), texts.shown(".".join(keys)), texts.shown(what)


def _line(text: str, where: list[str | int]) -> int:
    """Return the line of a key, or of the head of its table; 1 if it has none."""
    lines = text.splitlines()
    begin, keys = 0, [one for one in where if isinstance(one, str)]
    if len(where) > 1 and isinstance(where[1], int):
        head = re.compile(rf"\s*\[\[\s*{re.escape(str(where[0]))}\s*\]\]")
        heads = [n for n, line in enumerate(lines) if head.match(line)]
        begin = heads[where[1]] if where[1] < len(heads) else 0
        keys = keys[1:]
    key = re.compile(rf"""\s*["']?{re.escape(keys[0])}["']?\s*[=.]""") if keys else None
    for number, line in enumerate(lines[begin:], begin + 1):
        if key and key.match(line):
            return number
        if number > begin + 1 and line.lstrip().startswith("[["):
            break
    return begin + 1


def _group(folder: Path, one: dict[str, Any], whole: dict[str, Any]) -> Group:
    words = {k.replace("-", "_"): v for k, v in one.items() if k != "sources"}
    if "expiring-within" in whole:
        words.setdefault("expiring_within", whole["expiring-within"])
    # A name that is none is said now.
    Context.of(datetime.min.replace(tzinfo=UTC), **words)
    return Group(tuple(_source(folder, text) for text in one["sources"]), words)


def _source(folder: Path, text: str) -> str:
    """Return a source that means the same in any folder."""
    if "://" in text or text.lower().startswith("cert:"):
        return text
    if text == "-":
        raise InputError("- is no source: nobody types at night", fix="name a file")
    return str(folder / files.named(text))


def _notify(folder: Path, one: dict[str, Any]) -> Notify:
    url = one.get("url", "")
    if "url-file" in one:
        lines = texts.decoded(files.read(folder / one["url-file"])).split()
        url = lines[0] if lines else ""
    severity = Severity(one.get("severity", Severity.WARNING))
    return Notify(one["name"], url, severity)
