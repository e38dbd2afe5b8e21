"""How fast it is.

`python3 scripts/bench.py cold` times one-off questions in fresh processes, `load` the browser
app: it asks over HTTP, as the page does, first one person's questions, then many people's at once.
"""

from __future__ import annotations

import argparse
import contextlib
import http.client
import json
import os
import re
import secrets
import socket
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
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
    "read_s": "sentences chosen",
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
    """Each question is a new one, over articles that were asked about before."""
    with served(library) as port:
        page = Page(port)
        for n in range(len(ASKED)):
            page.ask(question(n))
        alone = [page.ask(question(n)) for n in range(len(ASKED), 2 * len(ASKED))]
        print(f"{os.cpu_count()} cores, seconds: median (lowest – highest)\n")
        print_row("one person: first checked words", [first for first, _, _ in alone])
        print_row("one person: wording settled", [settled for _, settled, _ in alone])
        for run in range(runs):
            at = (2 * run + 2) * people
            pages = [Page(port) for _ in range(people)]
            for i, one in enumerate(pages):  # whose page has been open for a while
                one.ask(question(at + people + i))
            with ThreadPoolExecutor(people) as pool:
                asked = [pool.submit(p.ask, question(at + i)) for i, p in enumerate(pages)]
            crowd = [done.result() for done in asked]
            firsts = [first for first, _, _ in crowd]
            times = statistics.median(firsts) / statistics.median(first for first, _, _ in alone)
            print_row(f"{people} people: first checked words ({times:.1f} times)", firsts)
            print_row("  wording settled", [settled for _, settled, _ in crowd])
            print(f"  wording left out: {sum(left for _, _, left in crowd)} of {people}")


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
    """A person's open page: its cookie, and the events that it may post."""

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
        self.asking = next(e for e in events if [t for t in e["targets"] if t[1] == "ask"])
        self.wording = next(e for e in events if e.get("trigger_after") == self.asking["id"])

    def ask(self, text: str) -> tuple[float, float, bool]:
        """Seconds to the first checked words and to the last wording, and if that was left out."""
        started = time.perf_counter()
        self.post(self.asking, {"key": "1", "question": text})
        first = time.perf_counter() - started
        shown = self.post(self.wording, None)
        return first, time.perf_counter() - started, "Not worded" in shown

    def post(self, event: dict[str, Any], data: dict[str, str] | None) -> str:
        """All that comes until the event has ended."""
        headers = {"Content-Type": "application/json", "Cookie": self.cookie}
        body = {
            "data": [None] if data is None else [],
            "event_data": data,
            "fn_index": event["id"],
            "trigger_id": self.asking["targets"][0][0],
            "session_hash": self.session,
        }
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=120)
        connection.connect()
        connection.sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)  # as browsers do
        connection.request("POST", "/gradio_api/queue/join", json.dumps(body), headers)
        connection.getresponse().read()
        at = f"/gradio_api/queue/data?session_hash={self.session}"
        connection.request("GET", at, headers=headers)
        shown = ""
        for line in connection.getresponse():
            shown += line.decode()
            if b'"process_completed"' in line:
                break
        connection.close()
        return shown


def share(timing: dict[str, float], stage: str) -> float:
    """Seconds of one stage; what the program itself did not time is its start and end."""
    return timing["wall"] - timing["total_s"] if stage == "start" else timing[stage]


def print_row(label: str, seconds: list[float]) -> None:
    middle = statistics.median(seconds)
    print(f"{label:<52} {middle:6.3f}  ({min(seconds):.3f} – {max(seconds):.3f})")


if __name__ == "__main__":
    sys.exit(main())
