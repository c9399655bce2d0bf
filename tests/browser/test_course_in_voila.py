"""A task in Voila, as a page without JupyterLab, and by keyboard alone."""

from __future__ import annotations

import shutil
import socket
import subprocess
import sys
import time
from pathlib import Path

import pytest
from components import missing, require
from lab import ECHO_MILLISECONDS
from playwright.sync_api import expect, sync_playwright

from certlib.practice import exercises, tasks
from certlib.practice.lab import notebooks
from certlib.practice.progress import VARIABLE, Learner


@pytest.fixture
def address(tmp_path, monkeypatch):
    try:
        import voila  # noqa: F401 # whether it is there
    except ImportError:
        missing("the package voila", reason="certlib[web]")
    monkeypatch.setenv(VARIABLE, str(tmp_path / "progress.json"))
    notebook = shutil.copy(notebooks() / "1-creating.ipynb", tmp_path)
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    options = (f"--port={port}", "--no-browser", "--Voila.ip=127.0.0.1")
    command = [sys.executable, "-m", "voila", notebook, *options]
    with (tmp_path / "voila.log").open("wb") as log:
        server = subprocess.Popen(command, stdout=log, stderr=log)
    for _ in range(480):
        with socket.socket() as one:
            one.settimeout(0.5)
            if one.connect_ex(("127.0.0.1", port)) == 0:
                break
        time.sleep(0.25)
    yield f"http://127.0.0.1:{port}/"
    server.terminate()
    server.wait(30)


def typed(page, text: str) -> None:
    """Type as fast as people do; what is still under way would undo the verdict."""
    page.keyboard.type(text, delay=20)
    page.wait_for_timeout(ECHO_MILLISECONDS)
    page.keyboard.press("Enter")


def test_a_task_by_keyboard(address, tmp_path: Path, pictures) -> None:
    chromium = require("chromium", reason="it opens the page")
    learner = Learner(tmp_path / "progress.json")
    first, *_ = exercises.of_step(tasks.STEMS[0])
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=chromium, args=["--no-sandbox", "--disable-gpu"]
        )
        page = browser.new_page()
        page.goto(address, timeout=120_000)
        button = page.get_by_role("button", name="Next task")
        panel = page.locator(".certlib-panel", has=button)
        field = panel.get_by_label("Server names", exact=True)
        field.wait_for(timeout=120_000)
        exercise = learner.exercise(first)
        said = panel.locator(".certlib-live")
        field.focus()
        typed(page, exercise.wrong[0])
        expect(said).to_contain_text("✗")
        for _ in range(2):  # past Check
            page.keyboard.press("Tab")
        page.keyboard.press("Enter")
        expect(said).to_contain_text(exercise.hints[0])
        field.focus()
        page.keyboard.press("Control+a")
        typed(page, exercise.right)
        expect(said).to_contain_text("Right.")
        page.screenshot(path=pictures / "exercise-in-voila.png")
        browser.close()
