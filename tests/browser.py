"""What the tests of the browser app share: the app as a process, Chromium, a watch on pages.

Tests that use them carry `pytest.mark.slow`: `scripts/test.py --all` sees to the Chromium.
"""

import ipaddress
import os
import re
import shutil
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager, suppress
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

import pytest

if TYPE_CHECKING:
    from playwright.sync_api import Browser, BrowserContext, ConsoleMessage, Page

Serve = Callable[..., str]
Open = Callable[..., "Page"]

ADDRESS = re.compile(r"(http://127\.0\.0\.1:\d+)")
READY_S = 300  # to import Gradio and load the models, on two cores that have other work
CHROMIUMS = ("chromium", "chromium-browser", "google-chrome")
ARGUMENTS = """
    --no-sandbox --disable-gpu --disable-quic --no-first-run --disable-background-networking
    --disable-component-update --disable-sync
""".split()
# No name and no address is found but this machine's, whatever a page or Chromium itself asks for.
ALONE = "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE localhost, EXCLUDE 127.0.0.1, EXCLUDE [::1]"


# --- the app ----------------------------------------------------------------------------------


@contextmanager
def serving(folder: Path, *flags: str | Path, **environment: str) -> Iterator[str]:
    """The address of `rag ui` on the library in `folder`, a process that ends with the block."""
    command = [sys.executable, "-m", "rag", "--library", str(folder), "ui", "--port", "0"]
    with ExitStack() as stack:
        # A file, not a pipe: nobody has to read along lest the app comes to a halt.
        log = Path(stack.enter_context(tempfile.TemporaryDirectory())) / "stderr"
        process = subprocess.Popen(
            [*command, *map(str, flags)],
            cwd=folder.parent,
            env={**os.environ, "NO_COLOR": "1", **environment},
            stderr=stack.enter_context(log.open("w")),
        )
        try:
            yield wait_for_address(process, log)
        finally:
            end(process)
            print(log.read_text("utf-8", "replace"), file=sys.stderr)  # shown if a test fails


def wait_for_address(process: subprocess.Popen[bytes], log: Path) -> str:
    """The address that the process says to open; fails when it ends first or takes too long."""
    patience = time.monotonic() + READY_S
    while not (found := ADDRESS.search(log.read_text("utf-8", "replace"))):
        assert process.poll() is None, f"the app ended with exit code {process.returncode}"
        assert time.monotonic() < patience, f"the app was not ready in {READY_S} s"
        time.sleep(0.05)
    return found[1]


def end(process: subprocess.Popen[bytes]) -> None:
    """Ask the process to end, and make it when it still waits for somebody after 5 s."""
    process.terminate()
    try:
        process.wait(timeout=5)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()


@pytest.fixture
def served() -> Iterator[Serve]:
    """`served(folder, "--auth", file)`: the address of the app, which runs until the test ends."""
    with ExitStack() as running:
        yield lambda *given, **named: running.enter_context(serving(*given, **named))


# Run by the app's Python before the app, which reads these when it starts.
PATIENT = """
import sqlite3

import rag.machine

rag.machine.physical_cores = lambda: 2

import ui.desk

ui.desk.PATIENCE_S = 600
connect = sqlite3.connect
sqlite3.connect = lambda *given, **named: connect(*given, **{**named, "timeout": 600})
"""


@pytest.fixture
def patient(tmp_path: Path) -> dict[str, str]:
    """The environment of an app that looks two questions up at a time and gives up on nothing.

    What waits for the model, or to be kept, waits ten minutes, however fast the machine is.
    """
    folder = tmp_path / "patient"
    folder.mkdir()
    (folder / "sitecustomize.py").write_text(PATIENT)
    return {"PYTHONPATH": str(folder)}


class MockModel(ThreadingHTTPServer):
    """A chat model behind an address, which words nothing until it is let go, and little then."""

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), MockWording)
        self.address = f"http://127.0.0.1:{self.server_port}/v1#one"
        self.asked: list[bytes] = []
        self.is_asked = threading.Event()
        self.let_go = threading.Event()


class MockWording(BaseHTTPRequestHandler):
    """One wording that is asked of it."""

    server: MockModel

    def do_POST(self) -> None:
        self.server.asked.append(self.rfile.read(int(self.headers["content-length"])))
        self.server.is_asked.set()
        with suppress(OSError):  # whoever asked may be gone
            self.send_response(200)
            self.end_headers()
            while not self.server.let_go.wait(5):
                self.wfile.write(b":\n")  # a model that is silent for long is given up
            self.wfile.write(b"data: [DONE]\n\n")

    def log_message(self, *_: object) -> None:
        """Nothing on stderr."""


@pytest.fixture
def held() -> Iterator[MockModel]:
    """Tests name it after `own`, so that it is let go before the app ends."""
    with MockModel() as model:
        threading.Thread(target=model.serve_forever, daemon=True).start()
        yield model
        model.let_go.set()
        model.shutdown()


# --- the browser ------------------------------------------------------------------------------


# Not for the session: while Playwright is at work, no other test of its thread can use asyncio.
@pytest.fixture(scope="module")
def chromium() -> Iterator["Browser"]:
    """Chromium without a window, and without a network but this machine's own."""
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=executable(), args=[*ARGUMENTS, ALONE], headless=True
        )
        yield browser
        browser.close()


def executable() -> str | None:
    """What RAG_CHROMIUM names, else the system's; None for Playwright's own: where it is empty."""
    named = os.environ.get("RAG_CHROMIUM")
    if named is None:
        named = next((path for name in CHROMIUMS if (path := shutil.which(name))), "")
    return named or None


@pytest.fixture
def complaints() -> Iterator[list[str]]:
    """What went wrong in pages; a test that provokes it takes it out again, the rest fails it."""
    noted: list[str] = []
    yield noted
    assert not noted


@pytest.fixture
def opened(chromium: "Browser", complaints: list[str], served: Serve) -> Iterator[Open]:
    """`opened(color_scheme="dark")`: a page of a new visitor, with cookies of its own.

    It uses `served` to be closed before the app ends: a page complains of an app that is gone.
    """
    contexts: list[BrowserContext] = []

    def open_page(**options: Any) -> "Page":
        context = chromium.new_context(**options)
        contexts.append(context)
        watch(context, complaints)
        return context.new_page()

    yield open_page
    for context in contexts:
        context.close()


@pytest.fixture
def page(opened: Open) -> "Page":
    """A page of a new visitor, 1280 × 800."""
    return opened(viewport={"width": 1280, "height": 800})


def watch(context: "BrowserContext", complaints: list[str]) -> None:
    """Note each error that a page throws or logs, and each request that would leave the machine."""

    def note(condition: bool, complaint: str) -> None:
        if condition:
            complaints.append(complaint)

    context.on("weberror", lambda error: note(True, f"thrown: {error.error}"))
    context.on("console", lambda said: note(said.type == "error", logged(said)))
    context.on("request", lambda sent: note(not is_local(sent.url), f"asked for: {sent.url}"))


def logged(said: "ConsoleMessage") -> str:
    return f"logged: {said.text} ({said.location['url']})"


def is_local(url: str) -> bool:
    """Whether a request for this address stays on this machine."""
    parts = urlsplit(url)
    if parts.scheme in ("about", "blob", "data"):
        return True
    try:
        return ipaddress.ip_address(parts.hostname or "").is_loopback
    except ValueError:
        return parts.hostname == "localhost"


# --- what tests look at -----------------------------------------------------------------------


def shot(page: "Page", name: str) -> Path:
    """The file of a new screenshot, `name`.png in RAG_SCREENSHOTS or build/screenshots."""
    default = Path(__file__).parents[1] / "build" / "screenshots"
    path = Path(os.environ.get("RAG_SCREENSHOTS") or default) / f"{name}.png"
    page.screenshot(path=path, animations="disabled")
    return path


def axe_serious(page: "Page") -> list[str]:
    """What axe-core finds serious or critical, a line each: rule, what it asks, first targets."""
    from axe_playwright_python.sync_playwright import Axe

    found = Axe().run(page).response["violations"]
    return [summary(rule) for rule in found if rule["impact"] in ("serious", "critical")]


def summary(rule: dict[str, Any]) -> str:
    targets = [str(node["target"]) for node in rule["nodes"]]
    more = f" and {len(targets) - 3} more" if len(targets) > 3 else ""
    return f"{rule['id']}: {rule['help']}: {', '.join(targets[:3])}{more}"
