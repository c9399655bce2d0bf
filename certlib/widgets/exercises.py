"""Exercises: the tasks of a step, one at a time, with check, hint and solution."""

from __future__ import annotations

import os
from collections.abc import Iterable
from html import escape
from typing import Any

import ipywidgets as widgets

from certlib.clock import PRACTICE_TIME
from certlib.errors import CertlibError
from certlib.practice import course, exercises, recaps, tasks
from certlib.practice.attempts import Attempt
from certlib.practice.exercises import Answer, Fill, Task, Tick, Write
from certlib.practice.lab import FAULT
from certlib.practice.progress import Learner
from certlib.widgets import bench, look
from certlib.widgets.panels import BUTTON, Panel

_ROW = widgets.Layout(width="auto", max_width="860px")
_LABEL = widgets.Layout(width="22em", min_width="0")
_INPUT = widgets.Layout(width="34em")


class Exercises(Panel):
    """The tasks of a step, and the one that is open.

    A person clicks; a test calls `take`, `answer` and the methods behind the buttons.

    Attributes:
        attempt: the open task as this learner works on it.
        told: what was said last, as plain text.
    """

    def __init__(
        self, step: str, learner: Learner | None = None, *, recap: bool = False
    ) -> None:
        """Show the tasks of a step.

        Args:
            step: stem of the notebook, ``creating``.
            learner: whose; the one at this computer when left out.
            recap: show the five questions, and else all but them.
        """
        self._learner = learner or Learner.here()
        last = recaps.name(step)
        of_step = exercises.of_step(step)
        self._tasks = tuple(t for t in of_step if (t.name == last) is recap)
        self.told, self._open = "", ""
        self._level = _levels(self._tasks)
        self._level.observe(lambda _: self.take(self._first().name), "value")
        self._choice = widgets.Dropdown(
            description="Task", layout=widgets.Layout(width="34em")
        )
        self._choice.observe(self._chosen, "value")
        self._state = widgets.HTML()
        self._question = widgets.HTML()
        self._inputs, self._bench = widgets.VBox(), widgets.VBox()
        self._feedback = widgets.HTML()
        self._feedback.add_class("certlib-live")
        buttons = [
            self._button("Check", self.check, "primary"),
            self._button("Hint", self.hint),
            self._button("Solution", self.solution),
            self._button("Another one", self.another),
            *([] if recap else [self._button("Next task", self.go_on)]),
        ]
        super().__init__(
            "Five questions" if recap else "Exercises",
            [
                widgets.HBox(
                    [self._state]
                    if recap
                    else [self._level, self._choice, self._state],
                    layout=look.WRAPPED,
                ),
                self._question,
                self._bench,
                self._inputs,
                widgets.HBox(buttons, layout=look.WRAPPED),
                self._feedback,
            ],
            # What is diagnosed runs with real clients, and so on the real clock.
            practice=None if recap or step == "diagnosing" else PRACTICE_TIME,
        )
        self.take(self._first().name)

    def take(self, name: str) -> None:
        """Open a task by its name."""
        self._open = name
        self._list()
        try:
            self.attempt = Attempt(exercises.find(name), self._learner)
        except CertlibError as error:
            self._question.value = look.failure(error)
            return
        self._show()

    def answer(self, answer: Answer) -> None:
        """Answer as if a person had clicked and typed."""
        for label, widget in self._fields.items():
            match self.attempt.exercise.ask:
                case Tick():
                    widget.value = label in answer
                case Write():
                    widget.value = answer
                case Fill():
                    widget.value = answer[label]

    def check(self) -> bool:
        """Check the answer and say what is wrong with it."""
        try:
            wrong = self.attempt.check(self._answered())
        except CertlibError as error:
            self._say(error.sentence, "bad")
            return False
        if wrong:
            self._say(wrong, "bad")
        elif self.attempt.record.solved is None:
            self._say("Right. The solution was shown: try another one.", "warn")
        else:
            self._say("Right.", "good")
        self._list()
        if not wrong:
            self._state.value += f"; this one took {self.attempt.took}"
        return not wrong

    def hint(self) -> None:
        """Show the next hint."""
        self._say(self.attempt.hint(), "plain")

    def solution(self) -> None:
        """Show the solution, after a try."""
        self._say(self.attempt.solution(), "plain")

    def another(self) -> None:
        """Take other material for the same task."""
        self.attempt.another()
        self._show()

    def go_on(self) -> None:
        """Open the next task that is not solved."""
        task = self._first()
        if self._learner.progress().solved(task.name):
            self._say("All of these are solved.", "good")
        elif task.name == self._open:
            self._say("This is the only one that is left.", "plain")
        else:
            self.take(task.name)

    def picture(self) -> str:
        """Return the list of tasks as a picture."""
        rows = [(f"{t.title}", f"{t.minutes} minutes") for t in self._tasks[:8]]
        more = len(self._tasks) - len(rows)
        rows += [("…", f"and {more} more")] if more else []
        return look.picture(self.heading, rows, button="Check", practice=self.practice)

    def _button(self, text: str, act: Any, style: str = "") -> widgets.Button:
        button = widgets.Button(description=text, button_style=style, layout=BUTTON)
        button.on_click(lambda _: act())
        return button

    def _first(self) -> Task:
        """Return the task that was asked for, or the first that is not solved."""
        progress, wanted = self._learner.progress(), os.environ.get(FAULT)
        left = [task for task in self._offered() if not progress.solved(task.name)]
        asked = (task for task in self._tasks if task.name == wanted)
        if not self._open and (task := next(asked, None)):
            return task
        names = [task.name for task in self._tasks]
        after = names.index(self._open) if self._open else -1
        return next(
            (task for task in left if names.index(task.name) > after),
            (left or self._offered())[0],
        )

    def _offered(self) -> tuple[Task, ...]:
        """Return the tasks of the level that was chosen."""
        level = self._level.value
        return tuple(t for t in self._tasks if level in ("", t.level))

    def _list(self) -> None:
        progress = self._learner.progress()
        solved = [task for task in self._tasks if progress.solved(task.name)]
        self._choice.unobserve(self._chosen, "value")  # new options choose one
        self._choice.options = [
            (_entry(number, task, solved=task in solved), task.name)
            for number, task in enumerate(self._tasks, start=1)
            if task in self._offered() or task.name == self._open
        ]
        self._choice.value = self._open
        self._choice.observe(self._chosen, "value")
        self._state.value = (
            f"{len(solved)} of {len(self._tasks)} solved"
            if len(self._tasks) > 1
            else "Solved"
            if solved
            else "Not solved yet"
        )

    def _chosen(self, change: Any) -> None:
        self.take(change["new"])

    def _show(self) -> None:
        exercise = self.attempt.exercise
        header, *rows = exercise.given or ((),)
        given = look.table(rows, header=header) if rows else ""
        page = bench.browser_page(exercise.bench) if exercise.bench else ""
        self._question.value = f"<p>{escape(exercise.question)}</p>{page}{given}"
        self._bench.children = bench.tools(exercise.bench) if exercise.bench else ()
        self._fields = _inputs(exercise.ask)
        labelled = isinstance(exercise.ask, Tick)
        self._inputs.children = [
            widget if labelled else _labelled(label, widget)
            for label, widget in self._fields.items()
        ]
        for widget in self._fields.values():
            if isinstance(widget, widgets.Text):
                widget.on_msg(self._pressed)
            widget.observe(lambda _: self._say("", "plain"), names="value")
        self._say("", "plain")

    def _pressed(self, _: Any, content: Any, buffers: Any) -> None:
        if content.get("event") == "submit":  # Enter
            self.check()

    def _answered(self) -> Answer:
        values = {label: widget.value for label, widget in self._fields.items()}
        match self.attempt.exercise.ask:
            case Tick():
                return frozenset(label for label, ticked in values.items() if ticked)
            case Write():
                return next(iter(values.values()))
            case _:
                return {label: value or "" for label, value in values.items()}

    def _say(self, text: str, tone: Any) -> None:
        self.told = text
        self._feedback.value = look.note(text, tone) if text else ""


def _levels(of_step: Iterable[Task]) -> widgets.Dropdown:
    """Return a choice of the levels; hidden where there is only one."""
    levels = sorted({task.level for task in of_step})
    return widgets.Dropdown(
        description="Level",
        options=[("all", ""), *((f"{n or 'first steps'}", n) for n in levels)],
        layout=widgets.Layout(
            width="12em", display=None if len(levels) > 1 else "none"
        ),
    )


def _entry(number: int, task: Task, *, solved: bool) -> str:
    sign = "✓" if solved else "○"
    return f"{sign} {number}. {task.title} ({task.minutes} min)"


def _labelled(text: str, widget: Any) -> widgets.HBox:
    # What programs say may be one word that is longer than the place for it.
    wrapped = f'<span style="overflow-wrap:anywhere">{escape(text)}</span>'
    label = widgets.HTML(wrapped, layout=_LABEL)
    row = widgets.HBox([label, widget])
    row.add_class("certlib-labelled")
    return row


def _inputs(ask: exercises.Ask) -> dict[str, Any]:
    """Return the inputs for an answer, by their labels."""
    match ask:
        case Tick(options):
            return {
                option: widgets.Checkbox(description=option, indent=False, layout=_ROW)
                for option in options
            }
        case Write(label, example):
            return {label: widgets.Text(placeholder=example, layout=_INPUT)}
        case Fill(fields):
            return {label: _input(choices) for label, choices in fields.items()}


def _input(choices: tuple[str, ...]) -> Any:
    if not choices:
        return widgets.Text(layout=_INPUT)
    options = [("(choose)", "")] + [(choice, choice) for choice in choices]
    return widgets.Dropdown(options=options, layout=_INPUT)


class ProgressMap(Panel):
    """What is solved in each notebook, and what to do next."""

    def __init__(self, learner: Learner | None = None) -> None:
        """Show the progress of a learner."""
        self._learner = learner or Learner.here()
        self._map = widgets.HTML()
        refresh = widgets.Button(description="Look again", layout=BUTTON)
        refresh.on_click(lambda _: self.refresh())
        super().__init__("Your way through the course", [self._map, refresh])
        self.refresh()

    def refresh(self) -> None:
        """Read the progress file again."""
        try:
            progress = self._learner.progress()
        except CertlibError as error:
            self._map.value = look.failure(error)
            return
        self._map.value = look.rendered(
            "progress.html.j2",
            steps=[
                {
                    "notebook": f"{number}-{step}.ipynb",
                    "tasks": [(t.title, progress.solved(t.name)) for t in found],
                    "solved": sum(progress.solved(t.name) for t in found),
                    "minutes": course.minutes_left(progress, step),
                }
                for number, step in enumerate(tasks.STEMS, start=1)
                for found in [exercises.of_step(step)]
            ],
        )

    def picture(self) -> str:
        """Return the notebooks of the course as a picture."""
        rows = [
            (f"{number}-{step}", f"{len(exercises.of_step(step))} tasks")
            for number, step in enumerate(tasks.STEMS, start=1)
        ]
        return look.picture(self.heading, rows)
