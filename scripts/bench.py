"""How fast it is: `python3 scripts/bench.py cold` times one-off questions in fresh processes."""

from __future__ import annotations

import argparse
import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

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
    parser.add_argument("what", choices=["cold"])
    parser.add_argument("--runs", type=int, default=7)
    arguments = parser.parse_args()
    if not PYTHON.exists():
        print("bench: nothing is installed yet; run python3 scripts/ask.py first.", file=sys.stderr)
        return 2
    with tempfile.TemporaryDirectory() as folder:
        library = str(Path(folder) / "library")
        rag(["--library", library, "ingest", str(ROOT / "seeds")])
        rag(["--library", library, "ask", QUESTION])  # makes what is made once, and fills caches
        cold(library, arguments.runs)
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


def share(timing: dict[str, float], stage: str) -> float:
    """Seconds of one stage; what the program itself did not time is its start and end."""
    return timing["wall"] - timing["total_s"] if stage == "start" else timing[stage]


def print_row(label: str, seconds: list[float]) -> None:
    middle = statistics.median(seconds)
    print(f"{label:<52} {middle:6.3f}  ({min(seconds):.3f} – {max(seconds):.3f})")


if __name__ == "__main__":
    sys.exit(main())
