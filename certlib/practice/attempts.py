"""Attempts: a learner at a task, whichever window it is in."""

from __future__ import annotations

from certlib import clock
from certlib.practice.exercises import Answer, Exercise, Task
from certlib.practice.progress import Learner, Record


class Attempt:
    """A task as one learner works on it.

    Attributes:
        task: what is to be solved.
        learner: who remembers.
        exercise: the task with the learner's own material.
    """

    def __init__(self, task: Task, learner: Learner) -> None:
        """Make the exercise from the learner's own material."""
        self.task, self.learner = task, learner
        self.exercise: Exercise = learner.exercise(task)
        self._begun = clock.now()

    @property
    def took(self) -> str:
        """How long it has been open, in minutes and seconds."""
        minutes, seconds = divmod(int((clock.now() - self._begun).total_seconds()), 60)
        return f"{minutes}:{seconds:02} min"

    @property
    def record(self) -> Record:
        """How far it is."""
        return self.learner.record(self.task)

    @property
    def may_see_solution(self) -> bool:
        """The solution is shown after a try."""
        return self.record.tries > 0

    def check(self, answer: Answer) -> str:
        """Check an answer: what is wrong with it, or empty if it is right.

        What was solved after a look at the solution does not count: other
        material is there for that.
        """
        wrong = self.exercise.feedback(answer)
        record = self.record
        solved = record.solved
        if not wrong and not record.shown:
            solved = solved or clock.now()
        self.learner.note(self.task, tries=record.tries + 1, solved=solved)
        return wrong

    def hint(self) -> str:
        """Return the next hint; the last one again when there are no more."""
        taken = min(self.record.hints, len(self.exercise.hints) - 1)
        self.learner.note(self.task, hints=taken + 1)
        return self.exercise.hints[taken]

    def solution(self) -> str:
        """Return the solution, after a try."""
        if not self.may_see_solution:
            return "Try it once; then the solution is shown."
        self.learner.note(self.task, shown=True)
        return self.exercise.solution

    def another(self) -> None:
        """Take other material; the solution of that one was not seen yet."""
        record = self.record
        self.learner.note(
            self.task, round=record.round + 1, shown=False, hints=0, tries=0
        )
        self.exercise = self.learner.exercise(self.task)
        self._begun = clock.now()
