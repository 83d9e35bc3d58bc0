"""A JupyterLab over a copy of the project, as Binder starts it, and a notebook open in it."""

import contextlib
import json
import os
import shutil
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from urllib.error import URLError

from playwright.sync_api import BrowserContext, Page

LEFT_OUT = shutil.ignore_patterns("__pycache__", ".*_cache")
AT_THE_TOP = (".git", ".venv", "_build", "notebooks")
SETTINGS = ".jupyter/lab/user-settings/@jupyterlab/notebook-extension/tracker.jupyterlab-settings"
PATIENCE = 120_000  # ms; what is waited for comes within seconds on a machine that is not busy
OPENED = ".jp-NotebookPanel .jp-Notebook .jp-Cell, .jp-Dialog"
SCRIPT = Path(__file__).with_name("lab.js").read_text("utf8")
FLAGS = ("--no-browser", "--allow-root", "--IdentityProvider.token=", "--ServerApp.port_retries=0",
         "--ServerApp.disable_check_xsrf=True")


@dataclass
class Lab:
    """A running JupyterLab; ``root`` is the folder it shows."""

    root: Path
    address: str

    def ask(self, path: str, method: str = "GET"):
        request = urllib.request.Request(f"{self.address}/api/{path}", method=method)
        with urllib.request.urlopen(request, timeout=60) as answer:
            return json.loads(answer.read() or "null")

    def connected(self) -> None:
        """Wait for the kernel and the browser at its other end; before, it seems idle, too."""
        for _ in range(PATIENCE // 250):
            if any(kernel["connections"] and kernel["execution_state"] == "idle"
                   for kernel in self.ask("kernels")):
                return
            time.sleep(0.25)
        raise TimeoutError("no kernel has started")

    def stop_kernels(self) -> None:
        for session in self.ask("sessions"):
            self.ask(f"sessions/{session['id']}", "DELETE")


def copy(root: Path, folder: Path) -> dict[str, str]:
    """Copy the project as a clone would hold it and do what Binder does then; gives the
    environment in which the server runs."""
    def left_out(place: str, names: list[str]) -> set[str]:
        found = LEFT_OUT(place, names)
        return found | set(AT_THE_TOP) if Path(place) == root else found

    shutil.copytree(root, folder / "project", ignore=left_out)
    home = folder / "home"
    settings = home / SETTINGS
    settings.parent.mkdir(parents=True)
    # all cells are in the document, also those beyond the window
    settings.write_text('{"windowingMode": "none"}', "utf-8")
    kept = {k: v for k, v in os.environ.items() if not k.startswith(("JUPYTER", "XDG_", "BOOK_"))}
    environment = kept | {
        "HOME": str(home), "PYTHONPATH": str(folder / "project" / "code"),
        "PATH": f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"}
    subprocess.run(["sh", ".binder/postBuild"], cwd=folder / "project", env=environment, check=True,
                   timeout=600, stdout=subprocess.DEVNULL)
    return environment


@contextlib.contextmanager
def start(root: Path, folder: Path) -> Iterator[Lab]:
    environment = copy(root, folder)
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    with (folder / "log").open("w") as log, subprocess.Popen(
            [sys.executable, "-m", "jupyterlab", *FLAGS, f"--ServerApp.port={port}"],
            cwd=folder / "project", env=environment, stdout=log, stderr=log) as server:
        lab = Lab(folder / "project", f"http://127.0.0.1:{port}")
        try:
            _up(lab, server, folder / "log")
            yield lab
        finally:
            server.terminate()


def _up(lab: Lab, server: subprocess.Popen, log: Path) -> None:
    for _ in range(PATIENCE // 250):
        with contextlib.suppress(URLError, ConnectionError):
            lab.ask("status")
            return
        assert server.poll() is None, log.read_text("utf8")[-2000:]
        time.sleep(0.25)
    raise TimeoutError(log.read_text("utf8")[-2000:])


@dataclass
class Notebook:
    """A notebook open in the browser."""

    page: Page
    lab: Lab
    path: str

    def texts(self) -> list[str]:
        """The sources of its Markdown cells."""
        cells = self.lab.ask(f"contents/{self.path}?type=notebook")["content"]["cells"]
        return [cell["source"] for cell in cells if cell["cell_type"] == "markdown"]

    def drawn(self) -> None:
        """Wait until every text and formula is drawn."""
        self.wait(f"rendered({len(self.texts())})")

    def seen(self, what: str) -> list[str]:
        """A function of ``lab.js``: problems, or what it found."""
        return self.page.evaluate(f"() => {{ {SCRIPT}; return {what}(); }}")

    def run(self, number: int) -> None:
        """Run the code cell of this number as a reader does, and wait until it has run."""
        self.lab.connected()  # JupyterLab forgets a cell that is run before
        self.wait("idle()")
        cell = self.page.locator(".jp-Notebook .jp-CodeCell").nth(number)
        folded = cell.locator(".jp-InputPlaceholder .jp-Placeholder-content")
        if folded.count():
            folded.click()
        text = cell.locator(".cm-content")
        text.click()
        text.press("Shift+Enter")
        self.wait(f"ran({number}, '[{number + 1}]:')")

    def wait(self, until: str) -> None:
        """Until an expression of ``lab.js`` holds."""
        self.page.wait_for_function(f"() => {{ {SCRIPT}; return {until}; }}", timeout=PATIENCE)


@contextlib.contextmanager
def open_notebook(lab: Lab, context: BrowserContext, path: str) -> Iterator[Notebook]:
    """Open an address that a button names, or a click in JupyterLab's list of files."""
    page = context.new_page()
    try:
        page.goto(f"{lab.address}/lab/tree/{path}?reset")  # without the tabs of another test
        page.wait_for_selector(OPENED, timeout=PATIENCE)
        yield Notebook(page, lab, path)
    finally:
        page.close()
        lab.stop_kernels()
