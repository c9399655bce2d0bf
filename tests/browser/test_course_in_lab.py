"""The course as a learner goes through it: right and wrong, hints, progress, reset."""

from __future__ import annotations

import pytest
import scenes
from playwright.sync_api import expect

from certlib.practice import exercises, recaps, tasks
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


def solved(panel, learner, task, pictures, picture) -> None:
    """Answer wrong, take a hint, answer right, as a learner does."""
    said = panel.locator(".certlib-live")
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
    expect(panel).to_contain_text("; this one took")
    panel.scroll_into_view_if_needed()
    panel.screenshot(path=pictures / picture)


def panels(notebook):
    """Return the tasks of a notebook, and its five questions."""
    button = notebook.page.get_by_role("button", name="Another one")
    return notebook.panel.locator(".certlib-panel", has=button)


def way(lab, *, dark=False):
    """Open the map of the course."""
    start = lab.open("0-start-here.ipynb", dark=dark)
    start.run_all()
    assert [] == start.errors()
    return start, start.panel.locator(".certlib-panel", has_text="Your way").last


def test_the_whole_course(lab, learner, pictures):
    for number, step in enumerate(tasks.STEMS, start=1):
        notebook = lab.open(f"{number}-{step}.ipynb")
        notebook.run_all()
        assert [] == notebook.errors()
        own, questions = panels(notebook).first, panels(notebook).last
        first, second, *_ = exercises.of_step(step)
        solved(own, learner, first, pictures, f"exercise-{step}-light.png")
        last = exercises.find(recaps.name(step))
        solved(questions, learner, last, pictures, f"recap-{step}.png")
        own.get_by_role("button", name="Next task").click()
        expect(own).to_contain_text(learner.exercise(second).question[:40])
        if step == "diagnosing":
            repaired(own, learner, pictures)
        notebook.page.close()
    start, map_ = way(lab)
    for step in tasks.STEMS:
        count = 3 if step == "diagnosing" else 2
        of = len(exercises.of_step(step))
        expect(map_).to_contain_text(f"{count} of {of} solved")
    assert [] == scenes.grave(start.page, ".certlib-panel")
    map_.screenshot(path=pictures / "progress-light.png")
    learner.reset()
    map_.get_by_role("button", name="Look again").click()
    expect(map_).not_to_contain_text("2 of ")
    start.page.close()


def repaired(panel, learner, pictures) -> None:
    """Find out a fault of the lab, and have it repaired."""
    panel.get_by_label("Level", exact=True).select_option("1")
    fault = next(one for one in exercises.of_step("diagnosing") if one.level == 1)
    expect(panel.locator(".certlib-page")).to_contain_text("NET::ERR_CERT")
    panel.get_by_role("button", name="Look closer").click()
    expect(panel.locator(".certlib-panel").first).to_be_visible()
    stores = panel.locator(".certlib-panel").first
    stores.screenshot(path=pictures / "diagnosing-closer.png")
    panel.get_by_role("button", name="Look closer").click()
    exercise = learner.exercise(fault)
    answered(panel, exercise, exercise.right)
    panel.get_by_role("button", name="Check").click()
    expect(panel.locator(".certlib-live").last).to_contain_text("Right.")
    expect(panel).to_contain_text("2 of ")


def test_the_course_in_the_dark(lab, learner, pictures):
    notebook = lab.open("3-inspecting.ipynb", dark=True)
    notebook.run_all()
    first, *_ = exercises.of_step("inspecting")
    own = panels(notebook).first
    solved(own, learner, first, pictures, "exercise-inspecting-dark.png")
    notebook.panel.get_by_role("link", name="private key", exact=True).click()
    word = notebook.page.get_by_role("heading", name="private key", exact=False)
    expect(word).to_be_visible()
    notebook.page.close()
    start, map_ = way(lab, dark=True)
    expect(map_).to_contain_text("1 of ")
    assert [] == scenes.grave(start.page, ".certlib-panel")
    map_.screenshot(path=pictures / "progress-dark.png")
    start.page.close()
