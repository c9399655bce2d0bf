"""Symptoms: what programs say when a certificate is at fault, and what to do.

The texts lie in ``symptoms.json``, one a line; what causes them stands there
once, however many programs have words for it. A search goes from the certain
to the likely: a code or the id of a rule, the whole text, a part of it, and
last a text that is nearly the same. What is not near enough is not found.
"""

from __future__ import annotations

import json
import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum
from functools import cache, cached_property
from importlib.resources import files

NEAR = 80
"""From this likeness on, of 100, a text counts as meant."""

LONGEST = 20_000
"""So many characters of what is pasted are looked at."""

_NEARLY_THE_SAME = 90
_VAGUE = 12  # a part that more texts have says nothing
_VAGUE_WORD = 3  # the same of a single word
_WORDS_FOR_A_STRANGER = 6  # among so many one may be another one
_SHORTEST_PART = 8  # characters
_SHORTEST_NEAR_PART = 16
_LONG_PASTE = 400  # where likeness by chance begins

# 0x8009030D, 8009030d, error:0A00010B; and -2146893043, 2148074253.
_HEX = re.compile(
    r"(?<![0-9a-z])(?:0x)?([0-9a-f]{8})(?:h|l)?(?![0-9a-z])", re.IGNORECASE
)
_DECIMAL = re.compile(r"(?<![0-9a-z])(-?[0-9]{10})(?![0-9a-z])", re.IGNORECASE)
_PLACEHOLDER = re.compile(r"…|\.\.\.")
_AROUND_NUMBERS = frozenset(
    [
        *("a", "alert", "code", "curl", "ereignis", "error", "event", "eventid"),
        *("exit", "fehler", "fehlercode", "id", "schannel", "source", "tls"),
        *("verify", "windows"),
    ]
)


@dataclass(frozen=True)
class Cause:
    """Why a program says it.

    Attributes:
        text: the cause in one sentence.
        check: the command, or the place, that shows whether it is this one.
        fix: what to do then.
        rules: ids of the rules of an audit that find it.
        notebook: the stem of the notebook that teaches it.
        fault: the task of 7-diagnosing in which it is found out.
    """

    text: str
    check: str
    fix: str
    rules: tuple[str, ...] = ()
    notebook: str = ""
    fault: str = ""


@dataclass(frozen=True)
class Symptom:
    """What a program says.

    Attributes:
        text: its words, with ``…`` for what differs each time.
        where: the program, or the kind of programs.
        causes: the most likely first.
        source: the document that it is taken from.
        url: where that can be read.
        codes: numbers and names that mean the same.
        general: it only frames another message, which says more.
    """

    text: str
    where: str
    causes: tuple[Cause, ...]
    source: str
    url: str
    codes: tuple[str, ...] = ()
    general: bool = False

    @property
    def rules(self) -> tuple[str, ...]:
        """Ids of the rules of an audit that find one of its causes."""
        return tuple(dict.fromkeys(id_ for c in self.causes for id_ in c.rules))

    @cached_property
    def plain(self) -> str:
        """Its text as it is compared."""
        return plain(_PLACEHOLDER.sub(" ", self.text))

    @cached_property
    def numbers(self) -> frozenset[int]:
        """Its codes of 32 bits."""
        return frozenset(n for code in self.codes for n in numbers(code))

    @cached_property
    def names(self) -> frozenset[str]:
        """Its other codes as they are compared."""
        return frozenset(plain(code) for code in self.codes if not numbers(code))

    @cached_property
    def pattern(self) -> re.Pattern[str]:
        """Finds its text in a longer one, whatever stands for ``…``."""
        parts = [plain(part) for part in _PLACEHOLDER.split(self.text)]
        gap = r"\b.{0,200}?\b"
        return re.compile(rf"\b{gap.join(re.escape(p) for p in parts if p)}\b")


class How(StrEnum):
    """By what a symptom was found, the most certain first."""

    RULE = "rule"
    CODE = "code"
    TEXT = "text"
    PART = "part"
    NEAR = "near"


@dataclass(frozen=True)
class Match:
    """A symptom that was found.

    Attributes:
        symptom: what was found.
        how: by what.
        likeness: how near the text is, 100 for the same.
    """

    symptom: Symptom
    how: How
    likeness: float = 100.0


def find(text: str, *, limit: int = 3) -> list[Match]:
    """Return the symptoms that are meant by a text, the most likely first.

    Args:
        text: an error, a part of one, a code or the id of a rule.
        limit: how many at most.

    Returns:
        Nothing if no text is near enough.
    """
    text = text[:LONGEST]
    wanted = plain(text)
    if not wanted:
        return []
    found: dict[Symptom, Match] = {}
    for match in _matches(text, wanted):
        found.setdefault(match.symptom, match)
    certain = any(match.how is not How.NEAR for match in found.values())
    least = _NEARLY_THE_SAME if certain else NEAR
    matches = [match for match in found.values() if match.likeness >= least]
    # What only frames another message comes after that one.
    matches.sort(key=_frames_another)
    return matches[:limit]


@cache
def all_symptoms() -> tuple[Symptom, ...]:
    """Return all symptoms, in the order of their file."""
    data = json.loads(
        files(__name__).joinpath("symptoms.json").read_text(encoding="utf-8")
    )
    causes = {
        id_: Cause(**row | {"rules": tuple(row["rules"])})
        for id_, row in data["causes"].items()
    }
    sources = data["sources"]
    return tuple(
        Symptom(
            row["text"],
            row["where"],
            tuple(causes[id_] for id_ in row["causes"]),
            sources[row["source"]]["name"],
            sources[row["source"]]["url"],
            tuple(row.get("codes", ())),
            row.get("general", False),
        )
        for row in data["symptoms"]
    )


def plain(text: str) -> str:
    """Return a text as it is compared: small letters and digits, single blanks."""
    letters = unicodedata.normalize("NFKD", text.casefold())
    letters = "".join(c for c in letters if not unicodedata.combining(c))
    return " ".join(re.findall(r"[^\W_]+", letters))


def numbers(text: str) -> list[int]:
    """Return the codes of 32 bits in a text, however they are spelled."""
    decimal = [int(n) for n in _DECIMAL.findall(text)]
    return [
        *(int(digits, 16) for digits in _HEX.findall(text)),
        *(n & 0xFFFFFFFF for n in decimal if -(2**31) <= n < 2**32),
    ]


def rest(text: str) -> str:
    """Return what is left to try with a text about which nothing is known."""
    if codes := numbers(text):
        return f"Windows may name the code: certutil -error 0x{codes[0]:08X}"
    return "try the innermost message, its code, or fewer words of it"


def _matches(text: str, wanted: str) -> Iterator[Match]:
    yield from _by_rule(text.strip())
    yield from (Match(s, How.TEXT) for s in all_symptoms() if s.plain == wanted)
    yield from _by_code(text, wanted)
    near = list(_by_likeness(wanted))
    yield from (match for match in near if match.likeness >= _NEARLY_THE_SAME)
    yield from _by_part(wanted)
    yield from near


def _frames_another(match: Match) -> bool:
    return match.symptom.general and match.how is not How.TEXT


def _by_rule(text: str) -> Iterator[Match]:
    # The rules are slow to load, so only for what can be the id of one.
    if not re.fullmatch(r"[A-Za-z]+(?:[-_][A-Za-z0-9]+)*", text) or "_E_" in text:
        return
    from certlib.rules import RULES

    rule = RULES.get(text.lower().replace("_", "-"))
    if rule is None:
        return
    cause = Cause(rule.text, "certlib audit PATH", rule.remedy, (rule.id,))
    where = f"rule {rule.id} of an audit"
    yield Match(Symptom(rule.text, where, (cause,), rule.source, rule.url), How.RULE)
    for symptom in all_symptoms():
        if rule.id in symptom.causes[0].rules:
            yield Match(symptom, How.RULE)


def _by_code(text: str, wanted: str) -> Iterator[Match]:
    given = set(numbers(text))
    # Numbers that are nearly alone need not be called by their kind.
    rest = {word for word in wanted.split() if word not in _AROUND_NUMBERS}
    loose = rest if len(rest) <= 3 and all(map(_is_number, rest)) else set()
    scored = []
    for symptom in all_symptoms():
        hits = 2 * len(given & symptom.numbers)
        hits += sum(_hits(name, wanted, loose) for name in symptom.names)
        if hits:
            scored.append((hits, symptom))
    best = max((hits for hits, _ in scored), default=0)
    yield from (Match(symptom, How.CODE) for hits, symptom in scored if hits == best)


def _hits(name: str, wanted: str, loose: set[str]) -> int:
    """Return how much a text says for a code: 2 for its name, 1 for its number."""
    number = name.rpartition(" ")[2]
    named = f" {name} " in f" {wanted} " and not _is_number(name)
    if named or name == wanted or (number in loose and len(number) >= 4):
        return 2
    return int(number in loose and f" alert {number} " in f" {wanted} ")


def _is_name(code: str) -> bool:
    return not any(map(str.isdigit, code))


def _is_number(word: str) -> bool:
    return word.isascii() and word.isdigit()


def _by_part(wanted: str) -> Iterator[Match]:
    symptoms = all_symptoms()
    # In a log that was pasted, the longest text says most.
    inside = [s for s in symptoms if s.pattern.search(wanted)]
    inside.sort(key=lambda symptom: -len(symptom.plain))
    yield from (Match(symptom, How.PART) for symptom in inside)
    if len(wanted) < _SHORTEST_PART:
        return
    around = [
        s for s in symptoms if any(wanted in text for text in (s.plain, *s.names))
    ]
    around.sort(key=lambda symptom: len(symptom.plain))
    if len(around) <= (_VAGUE if " " in wanted else _VAGUE_WORD):
        yield from (Match(symptom, How.PART) for symptom in around)


def _by_likeness(wanted: str) -> Iterator[Match]:
    if not re.search(r"[^\W\d_]{3}", wanted):
        return  # a number that is nearly another one is another one
    from rapidfuzz import fuzz

    scored = []
    for symptom in all_symptoms():
        likeness = max(
            fuzz.ratio(wanted, text, score_cutoff=NEAR)
            for text in (symptom.plain, *filter(_is_name, symptom.names))
        )
        short = min(len(wanted), len(symptom.plain))
        if short >= _SHORTEST_NEAR_PART and len(wanted) <= _LONG_PASTE:
            # A part is worth less than the whole.
            near = fuzz.partial_ratio(wanted, symptom.plain, score_cutoff=NEAR + 4)
            likeness = max(likeness, near - 4)
        if likeness >= NEAR and _same_words(wanted, symptom):
            scored.append((likeness, symptom))
    scored.sort(key=lambda pair: -pair[0])
    for likeness, symptom in scored:
        yield Match(symptom, How.NEAR, round(likeness, 1))


def _same_words(wanted: str, symptom: Symptom) -> bool:
    """Tell whether two texts differ in letters only, and in no word.

    ``The license has expired`` is nearly ``cert has expired``, and something else.
    """
    from rapidfuzz import fuzz

    def missing(one: str, other: str) -> int:
        words = [word for word in one.split() if len(word) > 2]
        lacking = [
            word for word in words if fuzz.partial_ratio(word, other) < NEAR - 15
        ]
        return max(0, len(lacking) - len(words) // _WORDS_FOR_A_STRANGER)

    texts = (symptom.plain, *filter(_is_name, symptom.names))
    return any(not missing(wanted, t) or not missing(t, wanted) for t in texts)
