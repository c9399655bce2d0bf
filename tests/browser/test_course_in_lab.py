"""The course as a learner goes through it: right and wrong, hints, progress, reset."""

from __future__ import annotations

import pytest
import scenes
from playwright.sync_api import expect

from certlib.practice import exercises, tasks
from certlib.practice.exercises import Fill, Tick
from certlib.practice.progress import Learner


@pytest.fixture
def learner(lab):
    learner = Learner(lab.settings.parent / "progress.json")
    learner.reset()
    return learner


def answered(panel, exercise, answer) -> None:
    """Give an answer as a person would."""
    match exercise.ask:
        case Tick(options):
            for option in options:
                box = panel.get_by_label(option, exact=True)
                box.set_checked(option in answer)
        case Fill(fields):
            for label, choices in fields.items():
                field = panel.get_by_label(label, exact=True)
                if choices:
                    field.select_option(answer[label])
                else:
                    field.fill(answer[label])
        case _:
            panel.get_by_label(exercise.ask.label, exact=True).fill(answer)


@pytest.mark.parametrize("dark", [False, True], ids=["light", "dark"])
def test_a_course_run(lab, learner, pictures, dark):
    for step in ("creating", "inspecting"):
        number = 1 + tasks.STEMS.index(step)
        notebook = lab.open(f"{number}-{step}.ipynb", dark=dark)
        notebook.run_all()
        panel = notebook.panel.locator(".certlib-panel", has_text="Another one").last
        said = panel.locator(".certlib-live")
        task = exercises.of_step(step)[0]
        exercise = learner.exercise(task)
        expect(said).to_have_attribute("role", "status")
        answered(panel, exercise, exercise.wrong[0])
        panel.get_by_role("button", name="Check").click()
        expect(said).to_contain_text("✗")
        panel.get_by_role("button", name="Hint").click()
        expect(said).to_contain_text(exercise.hints[0])
        answered(panel, exercise, exercise.right)
        panel.get_by_role("button", name="Check").click()
        expect(said).to_contain_text("Right.")
        expect(panel).to_contain_text("1 of 6 solved")
        panel.scroll_into_view_if_needed()
        picture = f"exercise-{step}-{'dark' if dark else 'light'}.png"
        panel.screenshot(path=pictures / picture)
        notebook.page.close()
    start = lab.open("0-start-here.ipynb", dark=dark)
    start.run_all()
    way = start.panel.locator(".certlib-panel", has_text="Your way").last
    expect(way).to_contain_text("1 of 6")
    assert [] == scenes.grave(start.page, ".certlib-panel")
    way.screenshot(path=pictures / f"progress-{'dark' if dark else 'light'}.png")
    learner.reset()
    way.get_by_role("button", name="Look again").click()
    expect(way).not_to_contain_text("1 of 6")
    start.page.close()
