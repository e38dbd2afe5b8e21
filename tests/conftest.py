"""What the tests share: the real models, a library of the seeds, and the command as a process."""

import os
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import httpx
import pytest
from hypothesis import settings
from strategies import BRIDGE, store

from rag.embedding import Embedder
from rag.indexes import Indexes
from rag.ingesting import found, ingest
from rag.library import Library
from rag.llm import BUNDLED, model_file
from rag.reader import Reader

pytest_plugins = ["browser"]

ROOT = Path(__file__).parents[1]
SEEDS = ROOT / "seeds"

Run = Callable[..., subprocess.CompletedProcess[str]]

# The same examples each time, so that whoever hears of a failure sees it too, and for as long as
# they take on a machine that has other work; `--hypothesis-profile explore` tries new ones.
settings.register_profile("fast", max_examples=30, derandomize=True, deadline=None)
settings.register_profile("all", derandomize=True, deadline=None)
settings.register_profile("explore", max_examples=300, deadline=None)


def pytest_configure(config: pytest.Config) -> None:
    if not config.getoption("--hypothesis-profile"):
        settings.load_profile("fast" if config.getoption("markexpr") == "not slow" else "all")


@pytest.fixture(scope="session", autouse=True)
def cache(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """One ONNX export of the embedding model for all tests and the processes that they start."""
    shared = tmp_path_factory.getbasetemp()
    if os.environ.get("PYTEST_XDIST_WORKER"):  # the others’ too
        shared = shared.parent
    folder = Path(os.environ.get("RAG_CACHE") or shared / "cache")
    os.environ["RAG_CACHE"] = str(folder)
    return folder


@pytest.fixture(scope="session")
def embedder(cache: Path) -> Embedder:
    made = Embedder(cache=cache)
    made.onnx_file()
    return made


@pytest.fixture(scope="session")
def reader() -> Reader:
    return Reader()


def make_library(folder: Path, embedder: Embedder, *paths: Path) -> Library:
    """A library in `folder` that holds the articles at `paths`, its indexes saved."""
    library = Library.create(folder, embedder.name, embedder.fingerprint, embedder.dimension)
    with library.writing():
        files, _ = found(paths)
        for _ in ingest(files, library, embedder):
            pass
        Indexes(library).current(must_save=True)
    return library


@pytest.fixture
def library(tmp_path: Path, embedder: Embedder) -> Iterator[Library]:
    """An empty library of this test's own."""
    with make_library(tmp_path / "library", embedder) as made:
        yield made


@pytest.fixture
def bridge(tmp_path: Path) -> Iterator[Library]:
    """A library with one article, which is about a bridge; no model has read it."""
    with Library.create(tmp_path / "library", "a-model", "its-weights", 8) as made:
        store(made, BRIDGE, "/articles/bridge.txt", title="The bridge")
        yield made


@pytest.fixture(scope="session")
def seeds_folder(tmp_path_factory: pytest.TempPathFactory, embedder: Embedder) -> Path:
    """A library of the two seeds, for tests that only read it."""
    folder = tmp_path_factory.mktemp("seeds") / "library"
    make_library(folder, embedder, SEEDS).close()
    return folder


@pytest.fixture
def seeds(seeds_folder: Path) -> Iterator[Library]:
    with Library.open(seeds_folder) as library:
        yield library


@pytest.fixture
def run(tmp_path: Path) -> Run:
    """The command as a process of its own in an empty folder; `run("ask", "who …?")`."""

    def run_command(
        *arguments: str | Path, stdin: str | None = None, **environment: str
    ) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [sys.executable, "-m", "rag", *map(str, arguments)],
            input=stdin,
            capture_output=True,
            text=True,
            cwd=tmp_path,
            env={**os.environ, "NO_COLOR": "1", **environment},
            timeout=120,
        )

    return run_command


@pytest.fixture(scope="module")
def server() -> Iterator[str]:
    """The address of a real server with the real small model."""
    from browser import READY_S  # once pytest has loaded it as a plug-in

    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    command = [sys.executable, "-m", "llama_cpp.server", "--model", str(model_file(BUNDLED))]
    options = ["--model_alias", "small", "--port", str(port), "--n_ctx", "2048"]
    running = subprocess.Popen(
        [*command, *options], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    )
    address = f"http://127.0.0.1:{port}/v1"
    try:
        patience = time.monotonic() + READY_S
        while not _serves(address):
            assert running.poll() is None, "the server ended"
            assert time.monotonic() < patience, f"the server was not ready in {READY_S} s"
            time.sleep(0.1)
        yield address
    finally:
        running.kill()
        running.wait()


def _serves(address: str) -> bool:
    """Whether the server there has loaded its model."""
    try:
        return httpx.get(f"{address}/models").status_code == 200
    except httpx.HTTPError:
        return False
