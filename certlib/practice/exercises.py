"""Exercises: a question, an answer, and what is wrong with just this answer.

A task makes an exercise from fresh material, other names and other faults for
each learner, so that no answer can be copied. What checks an answer is what
certlib is used for: its rules, its stores, its audit.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from cryptography import x509

from certlib.errors import CertlibError, InputError
from certlib.practice.material import Material
from certlib.stores import Machine

Answer = Any
"""A set of options (`Tick`), a text (`Write`) or texts by name (`Fill`)."""


@dataclass(frozen=True)
class Tick:
    """Tick all that fit. The answer is a frozenset of options."""

    options: tuple[str, ...]

    def by_guessing(self) -> float:
        """How likely a guess is right."""
        return 1.0 / ((1 << len(self.options)) - 1)


@dataclass(frozen=True)
class Write:
    """Write a line. The answer is a text.

    Attributes:
        label: what stands beside the field.
        example: what an answer looks like.
    """

    label: str
    example: str = ""

    def by_guessing(self) -> float:
        """How likely a guess is right."""
        return 0.0


@dataclass(frozen=True)
class Fill:
    """Fill in a form. The answer is a dict of texts.

    Attributes:
        fields: the labels, each with its choices; none for a field to write in.
    """

    fields: Mapping[str, tuple[str, ...]]

    def by_guessing(self) -> float:
        """How likely a guess is right."""
        written = any(not choices for choices in self.fields.values())
        return 0.0 if written else 1 / math.prod(map(len, self.fields.values()))


Ask = Tick | Write | Fill


@dataclass(frozen=True)
class Bench:
    """A machine that something is wrong with, to be looked at with one's own tools.

    Attributes:
        machine: its stores.
        presented: the certificates that its service presents, its own first.
        address: where users call it.
        page: what a browser says to it; empty if it shows the page.
    """

    machine: Machine
    presented: tuple[x509.Certificate, ...]
    address: str
    page: str


@dataclass(frozen=True)
class Exercise:
    """A task as one learner meets it.

    Attributes:
        question: in sentences; the first paragraph is what is asked.
        ask: how it is answered.
        check: says what is wrong with an answer; empty if it is right.
        right: a right answer.
        wrong: answers that a learner may well give.
        hints: from a nudge to nearly all of it.
        solution: the answer in words, and why.
        given: rows of material to look at, under a header; may be empty.
        bench: the machine, where it is about one.
    """

    question: str
    ask: Ask
    check: Callable[[Any], str]
    right: Answer
    wrong: tuple[Answer, ...]
    hints: tuple[str, ...]
    solution: str
    given: tuple[tuple[str, ...], ...] = ()
    bench: Bench | None = None

    def feedback(self, answer: Answer) -> str:
        """Return what is wrong with an answer; empty if it is right.

        An error of certlib is an answer, too: it says what was wrong.
        """
        if not answer or (isinstance(answer, str) and not answer.strip()):
            return "There is no answer yet."
        try:
            return self.check(answer)
        except CertlibError as error:
            return f"{error.sentence}."


@dataclass(frozen=True)
class Task:
    """Something to learn.

    Attributes:
        name: unique, in words with hyphens.
        title: what it is about.
        step: the stem of the notebook that it belongs to, ``creating``.
        minutes: that it takes.
        make: returns the exercise for one learner's material.
        level: 1 for easy to 3 for hard, for faults of the lab; else 0.
    """

    name: str
    title: str
    step: str
    minutes: int
    make: Callable[[Material], Exercise] = field(repr=False)
    level: int = 0


TASKS: dict[str, Task] = {}
"""All tasks by name, in the order in which they are written."""

Make = Callable[[Material], Exercise]


def task(*, minutes: int = 3) -> Callable[[Make], Make]:
    """Publish a function as a task.

    Its name is the task's, the first line of its docstring the title, and its
    module the step.
    """

    def publish(make: Make) -> Make:
        name = make.__name__.replace("_", "-")
        title = (make.__doc__ or name).partition("\n")[0].rstrip(".")
        step = make.__module__.rpartition(".")[2]
        TASKS[name] = Task(name, title, step, minutes, make)
        return make

    return publish


def find(name: str) -> Task:
    """Return a task.

    Raises:
        InputError: there is none of this name.
    """
    if name not in TASKS:
        raise InputError(
            f"there is no task {name!r}", fix=f"take one of {', '.join(TASKS)}"
        )
    return TASKS[name]


def of_step(step: str) -> tuple[Task, ...]:
    """Return the tasks of a step, in their order."""
    return tuple(task for task in TASKS.values() if task.step == step)


def fitting(why_not: Mapping[str, str]) -> frozenset[str]:
    """Return the options that fit: those with no reason why not."""
    return frozenset(option for option, reason in why_not.items() if not reason)


def ticked(why_not: Mapping[str, str]) -> Callable[[frozenset[str]], str]:
    """Return a check for `Tick`.

    Args:
        why_not: for each option why it does not fit; empty if it fits.
    """
    right = fitting(why_not)

    def check(answer: frozenset[str]) -> str:
        wrong = [option for option in why_not if option in answer - right]
        if wrong:
            return f"{wrong[0]} does not fit: {why_not[wrong[0]]}"
        if missed := len(right - answer):
            left = ", ".join(o for o in why_not if o not in answer)
            more = "one more fits" if missed == 1 else f"{missed} more fit"
            return f"What is ticked fits, and {more}. Look again at: {left}."
        return ""

    return check


def filled(
    right: Mapping[str, str], wrong: Callable[[str, str], str]
) -> Callable[[Mapping[str, str]], str]:
    """Return a check for `Fill` that compares field by field.

    Args:
        right: what belongs into each field.
        wrong: says of a field's label and of what stands there what is wrong.
    """

    def check(answer: Mapping[str, str]) -> str:
        for label, text in right.items():
            if answer[label] != text:
                return wrong(label, answer[label])
        return ""

    return check


def same(text: str) -> str:
    """Return a text as answers are compared: case and blanks do not count."""
    return "".join(text.casefold().split()).strip(".\"'")
