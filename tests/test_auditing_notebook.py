"""The notebook 6-auditing as a web page."""

import importlib.util
import shutil
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from pathlib import Path

import pytest
from components import missing

NOTEBOOKS = Path(__file__).parent.parent / "notebooks"


def test_voila_shows_it_as_a_page(tmp_path):
    if not _has("voila"):
        missing("the package voila", reason="certlib[web]")
    notebook = shutil.copy(NOTEBOOKS / "6-auditing.ipynb", tmp_path)
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    options = (f"--port={port}", "--no-browser", "--Voila.ip=127.0.0.1")
    voila = subprocess.Popen(
        [sys.executable, "-m", "voila", notebook, *options],
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    try:
        page = fetched(f"http://127.0.0.1:{port}/")
    finally:
        voila.terminate()
        voila.wait(30)
    assert "do the certificates that are there meet the requirements?" in page
    assert "application/vnd.jupyter.widget-view+json" in page
    assert "Traceback" not in page


def fetched(url):
    """Return a page of a server that is only just starting."""
    for _ in range(120):
        try:
            with urllib.request.urlopen(url, timeout=120) as answer:
                return answer.read().decode()
        except (ConnectionError, urllib.error.URLError):
            time.sleep(0.5)
    pytest.fail(f"{url} does not answer")


def _has(module):
    return importlib.util.find_spec(module) is not None
