"""How fast it is.

`python3 scripts/bench.py cold` times one-off questions in fresh processes, `load` the browser
app: it asks over HTTP, as the page does, first one person's questions, then many people's at once.
"""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import http.client
import itertools
import json
import os
import re
import secrets
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Coroutine, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[1]
PYTHON = ROOT / ".venv" / ("Scripts/python.exe" if sys.platform == "win32" else "bin/python")
QUESTION = "who criticised Rowley?"
STAGES = {
    "start": "interpreter, imports, exit",
    "load_s": "library and models opened",
    "retrieve_s": "passages found",
    "read_s": "passages read",
    "write_s": "worded",
    "verify_s": "checked",
}


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("what", choices=["cold", "load"])
    parser.add_argument("--runs", type=int, default=7)
    parser.add_argument("--people", type=int, default=20, help="of load, who ask at once")
    arguments = parser.parse_args()
    if not PYTHON.exists():
        print("bench: nothing is installed yet; run python3 scripts/ask.py first.", file=sys.stderr)
        return 2
    with tempfile.TemporaryDirectory() as folder:
        library = str(Path(folder) / "library")
        articles = [str(ROOT / "seeds"), str(ROOT / "tests/data/prose")]
        kept = articles[:1] if arguments.what == "cold" else articles
        rag(["--library", library, "ingest", *kept])
        rag(["--library", library, "ask", QUESTION])  # makes what is made once, and fills caches
        if arguments.what == "cold":
            cold(library, arguments.runs)
        else:
            load(library, arguments.runs, arguments.people)
    return 0


def rag(arguments: list[str]) -> tuple[float, str]:
    """Wall-clock seconds and stdout of `rag ARGUMENTS…` in a fresh process."""
    started = time.perf_counter()
    done = subprocess.run(
        [str(PYTHON), "-P", "-m", "rag", *arguments], capture_output=True, text=True, check=True
    )
    return time.perf_counter() - started, done.stdout


def cold(library: str, runs: int) -> None:
    print(f"{os.cpu_count()} cores, {runs} runs, seconds: median (lowest – highest)\n")
    print_row("rag --help", [rag(["--help"])[0] for _ in range(runs)])
    for writer in ("quote", "llm"):
        walls: list[float] = []
        timings: list[dict[str, float]] = []
        for _ in range(runs):
            command = ["--library", library, "ask", "--json", "--writer", writer, QUESTION]
            wall, printed = rag(command)
            walls.append(wall)
            timings.append(json.loads(printed)["timings"] | {"wall": wall})
        print_row(f'\nrag ask --writer {writer} "{QUESTION}"', walls)
        for stage, meaning in STAGES.items():
            print_row(f"  {meaning}", [share(t, stage) for t in timings])


def load(library: str, runs: int, people: int) -> None:
    """Each question is a new one, over articles that were asked about before.

    With a Chromium at hand, one of the people has a real page: its words are timed on its screen.
    """
    numbers = itertools.count()
    with served(library) as port, chromium_page(port) as screen:
        pages = [Page(port) for _ in range(people)]
        alone = apart(one_by_one(pages, numbers))[people:]
        print(f"{os.cpu_count()} cores, seconds: median (lowest – highest)\n")
        print_row("one person: first checked words", [first for first, _, _ in alone])
        print_row("one person: wording settled", [settled for _, settled, _ in alone])
        seen = [screen(question(next(numbers))) for _ in range(people)] if screen else []
        if seen:
            print_row("one person: first checked words on the screen", seen)
        for _ in range(runs):
            crowd = apart(at_once(pages, numbers))
            print_row(f"{people} people: first checked words", [first for first, _, _ in crowd])
            print_row("  wording settled", [settled for _, settled, _ in crowd])
            print(f"  wording left out: {sum(left for _, _, left in crowd)} of {people}")
        if screen:
            among = [seen_among(screen, pages[1:], numbers) for _ in range(people)]
            print_row(f"{people} people: first checked words on one's screen", among)


Asked = tuple[float, float, bool]  # seconds to first words and last, and if wording was left out
Screen = Callable[[str], float]


def apart(asking: Coroutine[Any, Any, list[Asked]]) -> list[Asked]:
    """What comes of it in a thread of its own, since Playwright has a loop in this one."""
    with ThreadPoolExecutor(1) as pool:
        return pool.submit(asyncio.run, asking).result()


async def one_by_one(pages: list[Page], numbers: Iterator[int]) -> list[Asked]:
    """Two questions from each page: its first is slower, since Gradio makes its session then."""
    return [await page.ask(question(next(numbers))) for _ in range(2) for page in pages]


async def at_once(pages: list[Page], numbers: Iterator[int]) -> list[Asked]:
    return await asyncio.gather(*(page.ask(question(next(numbers))) for page in pages))


def seen_among(screen: Screen, others: list[Page], numbers: Iterator[int]) -> float:
    """Seconds on the screen of one who asks somewhere among the others."""
    with ThreadPoolExecutor(1) as pool:
        asked = pool.submit(asyncio.run, at_once(others, numbers))
        seconds = screen(question(next(numbers)))
        asked.result()
    return seconds


_ON_SCREEN = """question => new Promise(seen => {
  const turns = document.querySelector("#turns"), box = document.querySelector("#question");
  const words = () => turns.querySelectorAll(".turn:not(.pending)").length;
  const before = words(), began = performance.now();
  new MutationObserver((_, watching) => {
    if (words() === before) return;
    watching.disconnect();
    requestAnimationFrame(() => setTimeout(() => seen((performance.now() - began) / 1000)));
  }).observe(turns, { childList: true });
  box.value = question;
  document.querySelector("#composer").requestSubmit();
})"""


@contextlib.contextmanager
def chromium_page(port: int) -> Iterator[Screen | None]:
    """What asks in a real page and gives the seconds till words are on its screen, if it can."""
    try:
        from playwright.sync_api import sync_playwright
    except ImportError:
        yield None
        return
    chosen = os.environ.get("RAG_CHROMIUM") or shutil.which("chromium")
    with sync_playwright() as playwright:
        flags = ["--no-sandbox", "--disable-gpu", "--disable-background-networking"]
        page = playwright.chromium.launch(executable_path=chosen, args=flags).new_page()
        page.goto(f"http://127.0.0.1:{port}/")
        page.wait_for_selector("#rag[data-ready]")

        def screen(text: str) -> float:
            seconds: float = page.evaluate(_ON_SCREEN, text)
            page.wait_for_selector("#rag:not([data-busy])", timeout=60_000)
            return seconds

        yield screen
        page.context.browser.close()  # type: ignore[union-attr]  # it was launched above


ASKED = (
    """
who criticised Rowley?|How many officers returned their permits?|Why were the officers upset?
When does NX121 appear in court?|What did Rishi Sunak express support for?|Who faces a plea hearing?
Who is the head of the Police Firearms Officers Association?|When was Mark Duggan shot?
What did Mr Williams say about the officers?|Who refused to answer questions?
""".strip()
    .replace("\n", "|")
    .split("|")
)


def question(n: int) -> str:
    """The n-th question: none is like another, so that no answer is at hand."""
    return f"{ASKED[n % len(ASKED)]} {n}"


@contextlib.contextmanager
def served(library: str) -> Iterator[int]:
    """The port of a `rag ui` that is ready."""
    command = [str(PYTHON), "-P", "-m", "rag", "--library", library, "ui", "--port", "0"]
    with subprocess.Popen(command, stderr=subprocess.PIPE, text=True) as process:
        try:
            for line in process.stderr or ():
                if found := re.match(r"open http://[^:]+:(\d+)", line):
                    time.sleep(3)  # till the chat model is in memory
                    yield int(found[1])
                    break
        finally:
            process.terminate()


class Page:
    """A person's open page: its cookie, and how it asks."""

    def __init__(self, port: int) -> None:
        self.port, self.session = port, secrets.token_hex(6)
        connection = http.client.HTTPConnection("127.0.0.1", port)
        connection.request("GET", "/", headers={"Accept": "text/html"})
        answer = connection.getresponse()
        self.cookie = (answer.getheader("set-cookie") or "").split(";")[0]
        config = re.search(
            r"gradio_config\s*=\s*({.*?});\s*(?:window|</script>)", answer.read().decode(), re.S
        )
        events = json.loads(config[1] if config else "{}")["dependencies"]
        connection.close()
        self.event = next(e["id"] for e in events if e["targets"][0][1] == "word")
        self.component = events[0]["targets"][0][0]

    async def ask(self, text: str) -> Asked:
        """Seconds to the first checked words and to the last wording, and if that was left out."""
        started = time.perf_counter()
        sent = {"key": "1", "question": text}
        call = {"fn_name": "ask", "component_id": self.component, "data": sent}
        shown = await self.told("component_server/", call, b'"said"')
        first = time.perf_counter() - started
        if '"wording":true' in shown:
            await asyncio.sleep(0.3)  # as the page does
            shown = await self.worded(sent)
        return first, time.perf_counter() - started, "Not worded" in shown

    async def told(self, route: str, body: dict[str, Any], last: bytes) -> str:
        """The answer to one request, to the piece that `last` is in."""
        reader, writer = await self.posted(route, body)
        shown = await reader.readuntil(last)
        writer.close()
        return shown.decode("utf-8", "replace")

    async def posted(
        self, route: str, body: dict[str, Any]
    ) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
        reader, writer = await asyncio.open_connection("127.0.0.1", self.port, limit=1 << 24)
        content = json.dumps({"session_hash": self.session, **body})
        writer.write(self.request("POST", f"/gradio_api/{route}", content))
        return reader, writer

    async def worded(self, sent: dict[str, str]) -> str:
        """All that comes until the wording has ended, over one connection, as a browser has it."""
        event = {"data": [], "event_data": sent, "fn_index": self.event}
        reader, writer = await self.posted("queue/join", {**event, "trigger_id": self.component})
        await reader.readuntil(b"event_id")
        at = f"/gradio_api/queue/data?session_hash={self.session}"
        writer.write(self.request("GET", at))
        shown = b""
        while b'"process_completed"' not in shown and (piece := await reader.read(1 << 16)):
            shown += piece
        writer.close()
        return shown.decode("utf-8", "replace")

    def request(self, method: str, target: str, body: str = "") -> bytes:
        lines = [f"{method} {target} HTTP/1.1", f"Host: 127.0.0.1:{self.port}"]
        lines += [f"Cookie: {self.cookie}", f"Content-Length: {len(body.encode())}"]
        lines += ["Content-Type: application/json"] if body else []
        return "\r\n".join([*lines, "", body]).encode()


def share(timing: dict[str, float], stage: str) -> float:
    """Seconds of one stage; what the program itself did not time is its start and end."""
    return timing["wall"] - timing["total_s"] if stage == "start" else timing[stage]


def print_row(label: str, seconds: list[float]) -> None:
    middle = statistics.median(seconds)
    print(f"{label:<52} {middle:6.3f}  ({min(seconds):.3f} – {max(seconds):.3f})")


if __name__ == "__main__":
    sys.exit(main())
