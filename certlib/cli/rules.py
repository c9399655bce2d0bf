"""The command that lists the rules of the audit, or shows one."""

from __future__ import annotations

import difflib

import click

from certlib.cli.common import AS_JSON, example, print_json
from certlib.cli.console import bold, coloured, dim, out, safe
from certlib.errors import InputError
from certlib.rules import RULES, Rule


@click.command(
    epilog=example(
        "certlib rules\ncertlib rules san-missing\ncertlib rules --json > rules.json"
    )
)
@click.argument("rule", nargs=-1)
@AS_JSON
def rules(rule: tuple[str, ...], as_json: bool) -> None:
    """List the requirements that an audit checks, or show some of them."""
    wanted = [_rule(name) for name in rule] or list(RULES.values())
    if as_json:
        print_json("rules", [_row(one) for one in wanted])
        return
    for one in wanted:
        severity = coloured(one.severity, one.severity.tone)
        out.print(f"{severity}  {bold(one.id)}  {safe(one.text)}")
        if rule:
            out.print(f"  {bold('do')} ({one.by}): {safe(one.remedy)}")
            out.print(f"  {dim(safe(f'{one.source}: {one.url}'))}")


def _rule(name: str) -> Rule:
    if found := RULES.get(name.strip().lower()):
        return found
    near = difflib.get_close_matches(name.lower(), RULES, 3, 0.5)
    raise InputError(
        f"there is no rule {name!r}",
        fix=f"take {' or '.join(near)}" if near else "`certlib rules` lists them all",
    )


def _row(rule: Rule) -> dict[str, str | None]:
    return {
        "id": rule.id,
        "severity": str(rule.severity),
        "text": rule.text,
        "remedy": rule.remedy,
        "by": str(rule.by),
        "source": rule.source,
        "url": rule.url,
        "since": rule.since.isoformat() if rule.since else None,
    }
