"""Write docs/clients.md: who refuses what, as it was measured.

uv run python tests/clients_page.py
"""

from __future__ import annotations

from pathlib import Path

from certlib.rules import RULES, Severity
from certlib.rules.measured import measured

PAGE = Path(__file__).parents[1] / "docs" / "clients.md"

_NOT_PUBLIC = (
    "These clients were asked with a root of their own; a public root, which browsers "
    "watch over, may not vouch for it."
)
OTHERWISE = {
    "about-to-expire": "Clients take it today and refuse it tomorrow.",
    "for-forbidden-purposes": _NOT_PUBLIC,
    "for-more-than-servers": _NOT_PUBLIC,
    "internal-name": _NOT_PUBLIC,
    "issuer-about-to-expire": "Clients take it today and refuse it tomorrow.",
    "lifetime-too-long": _NOT_PUBLIC,
    "path-depends-on-client": "There is a good path, and it depends on the order in "
    "which a server sends its issuers whether a client that tries one finds it.",
    "signs-without-being-a-ca": "No client looks at it, but RFC 5280 forbids it "
    "(MUST NOT).",
    "trailing-dot-in-name": "Chromium, Node.js and curl accept it, the others do not: "
    "it works for some users and not for others, so it is a warning.",
    "version-not-3": "These clients ignore the version; RFC 5280 demands version 3 "
    "(MUST) where there are extensions, such as the one with the names.",
}
"""Where the audit's severity is not the majority's, and why."""

HEAD = """# Who refuses what

Each fault below was served by a real server, and each client was asked whether it
accepts: ✓ it does, ✗ it refuses, – it was not asked. A fault that half of the clients
refuse is an error in an audit; one that all accept is none, unless a document demands
it. `python tests/measured_cases.py` measures again, `python tests/clients_page.py`
writes this page.

"""


def refused_by_half(rule: str) -> bool:
    """Tell whether half of the clients that were asked refuse."""
    return 2 * len(measured().refusing(rule)) >= len(measured().answers[rule])


def otherwise() -> set[str]:
    """Return the rules whose severity is not what the clients say."""
    return {
        rule
        for rule in measured().answers
        if (RULES[rule].severity is Severity.ERROR) != refused_by_half(rule)
        and (refused_by_half(rule) or not measured().refusing(rule))
    }


def page() -> str:
    """Return the page as it should be."""
    clients = [c for c in measured().versions if c != "Chromium"]
    names = ["Chromium", *clients]
    heads = [f"{name} {measured().versions[name]}" for name in names]
    lines = [
        "| Fault | In an audit | " + " | ".join(heads) + " |",
        "|" + "---|" * (2 + len(names)),
    ]
    for rule, answers in sorted(measured().answers.items()):
        said = [{True: "✓", False: "✗", None: "–"}[answers.get(n)] for n in names]
        link = f"[{RULES[rule].text}](rules.md#{rule})"
        cells = [link, str(RULES[rule].severity), *said]
        lines.append(f"| {' | '.join(cells)} |")
    lines += ["", "## Where an audit says otherwise", ""]
    lines += [f"- **{RULES[r].text}** {why}" for r, why in OTHERWISE.items()]
    return HEAD + "\n".join(lines) + "\n"


if __name__ == "__main__":
    PAGE.write_text(page(), encoding="utf-8")
