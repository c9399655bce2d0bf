"""Catalogue: the published text of all rules, as Markdown."""

from __future__ import annotations

from certlib.rules import CHAPTERS, RULES, Rule
from certlib.rules.measured import measured

_HEAD = """\
# Rules

Each documented requirement that an audit checks, with its source. An **error**
keeps clients out or breaks a documented requirement, a **warning** will, or
keeps some clients out, a **notice** is good to know. This page is written by
`python -m certlib.rules`.

Where *Clients* stands, a server presented a certificate that breaks the rule and is
right otherwise, and these were asked: {clients}.
"""


def catalogue() -> str:
    """Return the catalogue, a section for each module of rules."""
    clients = ", ".join(f"{name} {v}" for name, v in measured().versions.items())
    parts = [_HEAD.format(clients=clients)]
    for module in CHAPTERS:
        parts.append(f"## {(module.__doc__ or '').strip()}\n")
        parts += [
            _entry(rule) for rule in RULES.values() if rule.chapter == module.__name__
        ]
    return "\n".join(parts)


def _entry(rule: Rule) -> str:
    since = f", for certificates from {rule.since} on" if rule.since else ""
    return (
        f"### {rule.id}\n\n"
        f"{rule.text} ({rule.severity}{since})\n\n"
        f"- To do ({rule.by}): {rule.remedy}\n"
        f"{_said(rule.id)}"
        f"- Source: [{rule.source}]({rule.url})\n"
    )


def _said(rule: str) -> str:
    refusing, accepting = measured().refusing(rule), measured().accepting(rule)
    if not refusing and not accepting:
        return ""
    if not refusing or not accepting:
        return f"- Clients: all {'accept' if accepting else 'refuse'}\n"
    who = f"{', '.join(refusing)} refuse; {', '.join(accepting)} accept"
    return f"- Clients: {who}\n"
