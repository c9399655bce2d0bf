"""Write docs/reference/clients.md: who refuses what, as it was measured.

uv run python tests/clients_page.py
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from pathlib import Path

from certlib.practice.faults import FAULTS
from certlib.practice.faults import measured as lab
from certlib.rules import RULES, Severity
from certlib.rules import measured as rules

PAGE = Path(__file__).parents[1] / "docs" / "reference" / "clients.md"

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


IN_THE_LAB = """## In the lab of broken services

The same for the faults of [7-diagnosing](../notebooks/7-diagnosing.ipynb) whose service
answers. Where nothing is served (no key, no right to read it, a wrong port) no client
can say anything. Where some refuse and some accept, an audit follows the documents: RSA
keys of 1024 bits and a missing SAN are errors, since browsers or the baseline
requirements refuse them. tstclnt shows what NSS says; Firefox, which has a verifier of
its own above NSS, refuses SHA-1, a lone common name and an issuer for clients, too.
`python tests/measured_faults.py` measures again."""

OTHERWISE_IN_THE_LAB = {
    "client-certificate-wanted": "Nothing is wrong with the server: clients without a "
    "certificate of their own are to be refused, so it is a notice.",
    "revoked": "These clients do not ask for a revocation list by themselves; browsers "
    "have lists of their own, for public authorities. RFC 5280 (6.3) demands that a "
    "revoked certificate is refused.",
}
"""The same for the faults of the lab."""


def differs(severity: str, said: Mapping[str, bool]) -> bool:
    """Tell whether an audit says what the clients do not.

    What half of them refuse is an error; what all accept is none.
    """
    refusing = sum(not accepted for accepted in said.values())
    if severity == Severity.ERROR:
        return not refusing
    return 2 * refusing >= len(said)


def otherwise() -> set[str]:
    """Return the rules whose severity is not what the clients say."""
    return {
        rule
        for rule, said in rules.measured().answers.items()
        if differs(RULES[rule].severity, said)
    }


def otherwise_in_the_lab() -> set[str]:
    """Return the faults of which an audit says what the clients do not."""
    return {
        fault
        for fault, found in lab.measured()["answers"].items()
        if differs(found["audit"], found["clients"])
    }


def _table(
    versions: Mapping[str, str], rows: Iterable[tuple[str, str, Mapping[str, bool]]]
) -> list[str]:
    names = ["Chromium", *(name for name in versions if name != "Chromium")]
    heads = " | ".join(f"{name} {versions[name]}" for name in names)
    lines = [f"| Fault | In an audit | {heads} |", "|" + "---|" * (2 + len(names))]
    signs = {True: "✓", False: "✗", None: "–"}
    for text, severity, said in rows:
        cells = [text, severity, *(signs[said.get(name)] for name in names)]
        lines.append(f"| {' | '.join(cells)} |")
    return lines


def page() -> str:
    """Return the page as it should be."""
    of_rules, of_lab = rules.measured(), lab.measured()
    lines = _table(
        of_rules.versions,
        (
            (f"[{RULES[rule].text}](../rules.md#{rule})", RULES[rule].severity, said)
            for rule, said in sorted(of_rules.answers.items())
        ),
    )
    lines += ["", "## Where an audit says otherwise", ""]
    lines += [f"- **{RULES[r].text}** {why}" for r, why in OTHERWISE.items()]
    lines += ["", *IN_THE_LAB.splitlines(), ""]
    lines += _table(
        of_lab["versions"],
        (
            (FAULTS[fault].cause, found["audit"], found["clients"])
            for fault, found in of_lab["answers"].items()
        ),
    )
    lines.append("")
    lines += [f"- **{FAULTS[f].cause}** {w}" for f, w in OTHERWISE_IN_THE_LAB.items()]
    return HEAD + "\n".join(lines) + "\n"


if __name__ == "__main__":
    PAGE.write_text(page(), encoding="utf-8")
