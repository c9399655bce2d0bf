"""A real JupyterLab in a real Chromium, for tests that click.

Each server has a port of its own, a token, and private folders for its
settings. The browser resolves no name but its own machine's, so a page that
asks for something outside fails here.
"""

from __future__ import annotations

import json
import os
import re
import secrets
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from playwright.sync_api import (
    Browser,
    BrowserContext,
    Locator,
    Page,
    expect,
    sync_playwright,
)
from playwright.sync_api import TimeoutError as PlaywrightTimeoutError

PANEL = ".jp-NotebookPanel:not(.lm-mod-hidden)"
STARTUP_SECONDS = 60
KERNEL_SECONDS = 60
RUN_SECONDS = 120
ATTEMPTS = 4
CALM_MILLISECONDS = 1500
ECHO_MILLISECONDS = 300

_CHROMIUM_SWITCHES = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--no-first-run",
    "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE localhost, EXCLUDE 127.0.0.1",
]


@dataclass
class Lab:
    """A running JupyterLab and the browser in front of it.

    Attributes:
        url: where it answers, without the token.
        token: what it asks for.
        settings: the folder of its settings, read when a page is opened.
        context: the browser's, with all pages in it.
    """

    url: str
    token: str
    settings: Path
    context: BrowserContext

    def open(
        self, notebook: str, *, dark: bool = False, width: int = 1200
    ) -> NotebookPage:
        """Open a notebook of the folder, alone, and wait for its kernel."""
        _write_settings(self.settings, dark=dark)
        for _ in range(ATTEMPTS):
            page = self.context.new_page()
            page.set_viewport_size({"width": width, "height": 1000})
            page.goto(f"{self.url}doc/tree/{notebook}?token={self.token}&reset")
            opened = NotebookPage(page)
            try:
                opened.wait_for_kernel()
            except (AssertionError, PlaywrightTimeoutError):
                # On a busy machine Lab sometimes asks for a kernel instead of
                # starting the one that the notebook names; a new page does.
                page.close()
            else:
                return opened
        log = (self.settings.parent / "jupyterlab.log").read_text(errors="replace")
        raise AssertionError(f"JupyterLab gave {notebook} no kernel:\n{log[-3000:]}")


@dataclass
class NotebookPage:
    """A notebook that is open in JupyterLab.

    Attributes:
        page: what the browser shows.
        keys: somebody without a mouse is at work.
    """

    page: Page
    keys: bool = False

    @property
    def panel(self) -> Locator:
        """The notebook itself, without Lab around it."""
        return self.page.locator(PANEL)

    def wait_for_kernel(self) -> None:
        """Wait until the kernel is connected and has nothing to do."""
        self.panel.wait_for(timeout=1000 * STARTUP_SECONDS)
        self.page.wait_for_function(
            """panel => document.querySelector('.jp-Dialog') || (
                document.querySelector(
                    `${panel} .jp-Notebook-ExecutionIndicator[data-status="idle"]`)
                && document.querySelector(`${panel} .jp-Toolbar-kernelName`)
                    ?.textContent.includes('Python 3'))""",
            arg=PANEL,
            timeout=1000 * KERNEL_SECONDS,
        )
        self.expect_no_dialog()

    def run_all(self) -> None:
        """Run all cells and wait for the last one.

        'Run All' before the kernel is fully connected silently does nothing
        (jupyterlab/jupyterlab#8490), so it is asked for again until cells wait.
        """
        for _ in range(10):
            self.expect_no_dialog()
            self.page.get_by_role("menuitem", name="Run", exact=True).click()
            self.page.get_by_role("menuitem", name="Run All Cells", exact=True).click()
            if self._has_started():
                break
            self.page.keyboard.press("Escape")
        else:
            raise AssertionError("JupyterLab did not start to run the cells")
        self.wait_until_calm()

    def wait_until_calm(self) -> None:
        """Wait until no cell has run for a while: folded ones show no asterisk."""
        self.page.wait_for_function(
            """([panel, calm]) => {
                const at = document.querySelector(
                    `${panel} .jp-Notebook-ExecutionIndicator`)?.dataset.status;
                if (at !== 'idle') window.certlibSince = undefined;
                else window.certlibSince ??= Date.now();
                return Date.now() - (window.certlibSince ?? Infinity) > calm;
            }""",
            arg=[PANEL, CALM_MILLISECONDS],
            timeout=1000 * RUN_SECONDS,
        )
        self.wait_for_kernel()

    def expect_no_dialog(self) -> None:
        """Fail with the words of a dialog that covers the page, if there is one."""
        dialogs = self.page.locator(".jp-Dialog").all_inner_texts()
        assert [] == dialogs, dialogs

    def _has_started(self) -> bool:
        # Stored outputs show numbers already, and folded cells none at all.
        try:
            self.page.wait_for_function(
                """panel => document.querySelector(
                    `${panel} .jp-Notebook-ExecutionIndicator`)
                    ?.dataset.status === 'busy'""",
                arg=PANEL,
                timeout=3000,
                polling=50,
            )
        except PlaywrightTimeoutError:
            return False
        return True

    def fill(self, label: str, text: str, *, nth: int = 0) -> None:
        """Type into the field of a form that has a label, and leave it."""
        field = self.panel.get_by_label(label, exact=True).nth(nth)
        if self.keys:
            field.focus()
            self.page.keyboard.press("Control+a")
            self.page.keyboard.type(text)
        else:
            field.fill(text)
        field.press("Tab")
        # What the kernel says to it may move the button that is clicked next.
        self.page.wait_for_timeout(ECHO_MILLISECONDS)
        self.wait_for_kernel()

    def click(self, button: str, *, nth: int = 0) -> None:
        """Press the button whose text begins so."""
        self.press(self.button(button).nth(nth))

    def press(self, button: Locator) -> None:
        """Press a button, or what is like one, as soon as it is not grey."""
        if not self.keys:
            button.click()
            return
        expect(button).to_be_enabled()
        assert 0 <= button.evaluate("e => e.tabIndex"), "Tab leads past it"
        button.press("Enter")

    def button(self, text: str) -> Locator:
        """Return the buttons of the widgets whose text begins so."""
        return self.panel.locator("button.jupyter-button").filter(
            has_text=re.compile(rf"^\s*{re.escape(text)}")
        )

    def tab(self, title: str, *, nth: int = 0) -> None:
        """Open a tab of a widget."""
        tab = self.panel.get_by_role("tab", name=title, exact=True).nth(nth)
        tab.click()
        expect(tab).to_have_attribute("aria-selected", "true")
        # The kernel's echo of this choice would undo the next one.
        self.page.wait_for_timeout(ECHO_MILLISECONDS)
        self.wait_for_kernel()

    def text(self, selector: str, *, nth: int = 0) -> str:
        """Return the text, or the value, of an element in the notebook."""
        found = self.panel.locator(selector).nth(nth)
        found.wait_for()
        if found.evaluate("e => 'value' in e && e.tagName != 'BUTTON'"):
            return found.input_value()
        return found.inner_text()

    def choose(self, label: str, option: str) -> None:
        """Choose an entry of the list beside a label."""
        row = self.panel.locator(".widget-dropdown").filter(
            has=self.page.locator("label", has_text=label)
        )
        row.locator("select").first.select_option(option)

    def upload(self, button: str, path: Path) -> None:
        """Choose a file with an upload button, and wait until it is taken."""
        with self.page.expect_file_chooser() as chooser:
            self.click(button)
        chooser.value.set_files(path)
        self.button(f"{button} (1)").wait_for()

    def wait_for_text(self, text: str) -> None:
        """Wait until the notebook shows a text."""
        expect(self.panel.get_by_text(text).first).to_be_visible()

    def wait_for_value(self, selector: str, value: str, *, nth: int = 0) -> None:
        """Wait until an input in the notebook holds a value."""
        expect(self.panel.locator(selector).nth(nth)).to_have_value(value)

    def errors(self) -> list[str]:
        """Return the error outputs of the cells."""
        return self.panel.locator(
            '[data-mime-type="application/vnd.jupyter.error"]'
        ).all_inner_texts()

    def screenshot(self, path: Path, *, selector: str = "") -> None:
        """Save a picture of the page, or of one element in the notebook."""
        if selector:
            found = self.panel.locator(selector).first
            high = found.evaluate("e => Math.max(innerHeight, e.offsetHeight + 200)")
            width = self.page.evaluate("innerWidth")
            self.page.set_viewport_size({"width": width, "height": high})
            found.scroll_into_view_if_needed()
            found.screenshot(path=path)
        else:
            self.page.screenshot(path=path)


@contextmanager
def running(folder: Path, private: Path, chromium: Path) -> Iterator[Lab]:
    """Serve a folder of notebooks with JupyterLab, and open a browser.

    Args:
        folder: the notebooks; copies, because Lab saves them.
        private: a folder for settings, runtime files and the log.
        chromium: the browser's program.
    """
    token = secrets.token_hex(16)
    with _server(folder, private, token) as url, sync_playwright() as playwright:
        browser: Browser = playwright.chromium.launch(
            executable_path=chromium, args=_CHROMIUM_SWITCHES
        )
        try:
            context = browser.new_context(viewport={"width": 1200, "height": 1000})
            context.set_default_timeout(20_000)
            yield Lab(url, token, private / "settings", context)
        finally:
            browser.close()


@contextmanager
def _server(folder: Path, private: Path, token: str) -> Iterator[str]:
    environment = os.environ | {
        "JUPYTER_CONFIG_DIR": str(private / "config"),
        "JUPYTER_RUNTIME_DIR": str(private / "runtime"),
        "JUPYTERLAB_SETTINGS_DIR": str(private / "settings"),
        "JUPYTERLAB_WORKSPACES_DIR": str(private / "workspaces"),
        "IPYTHONDIR": str(private / "ipython"),
        "CERTLIB_PROGRESS": str(private / "progress.json"),
    }
    command = [
        *(sys.executable, "-m", "jupyterlab", "--no-browser", "--allow-root"),
        "--ServerApp.ip=127.0.0.1",
        "--ServerApp.port=0",
        f"--ServerApp.root_dir={folder}",
        f"--IdentityProvider.token={token}",
    ]
    with (
        (private / "jupyterlab.log").open("wb") as log,
        subprocess.Popen(command, env=environment, stdout=log, stderr=log) as server,
    ):
        try:
            yield _address(server, private, token)
        finally:
            server.terminate()
            try:
                server.wait(10)
            except subprocess.TimeoutExpired:
                server.kill()


def _address(server: subprocess.Popen[bytes], private: Path, token: str) -> str:
    """Return where the server answers, once it does."""
    deadline = time.monotonic() + STARTUP_SECONDS
    while time.monotonic() < deadline and server.poll() is None:
        for info in (private / "runtime").glob("jpserver-*.json"):
            try:
                url = str(json.loads(info.read_text())["url"])
                request = urllib.request.Request(
                    f"{url}api/status", headers={"Authorization": f"token {token}"}
                )
                with urllib.request.urlopen(request, timeout=5):
                    return url
            except (OSError, ValueError, KeyError):
                continue  # half written, or not listening yet
        time.sleep(0.1)
    log = (private / "jupyterlab.log").read_text(errors="replace")
    raise AssertionError(f"JupyterLab did not start:\n{log[-2000:]}")


def _write_settings(settings: Path, *, dark: bool) -> None:
    for name, values in {
        # A toast about news would cover the page.
        "apputils-extension/notification": {
            "fetchNews": "false",
            "doNotDisturbMode": True,
        },
        "apputils-extension/themes": {
            "theme": "JupyterLab Dark" if dark else "JupyterLab Light"
        },
        # Otherwise cells that are scrolled away are there, but not visible.
        "notebook-extension/tracker": {"windowingMode": "none"},
    }.items():
        path = settings / "@jupyterlab" / f"{name}.jupyterlab-settings"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(json.dumps(values))
