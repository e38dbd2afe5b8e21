"""A process may be killed at any moment: what was committed is whole, and the rest can follow."""

import os
import random
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from conftest import make_library

from rag.embedding import Embedder
from rag.indexes import Indexes
from rag.ingesting import found, ingest
from rag.library import Library

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(sys.platform == "win32", reason="SIGKILL is POSIX's"),
]

ARTICLES = 60
MOMENTS = 25
BODY = (
    "Mr Hill of ward {0} told the meeting that {0} of the 900 lamps in Elm Road had failed.\n\n"
    "The council of Riverton put off its vote on the {0} lamps until a Tuesday in June, and Mayor "
    "Ann Cole said that nobody had been hurt.\n\n"
) * 5


@pytest.fixture(scope="module")
def files(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """60 small articles, in a folder whose name makes long lines of what is said of them."""
    folder = tmp_path_factory.mktemp("files") / ("long" * 37)
    folder.mkdir()
    for i in range(ARTICLES):
        (folder / f"{i:02}.txt").write_text(f"Lamps fail in ward {i}\n\n" + BODY.format(i))
    return folder


def start(folder: Path, *arguments: str | Path, ahead: int = -1) -> subprocess.Popen[str]:
    """It waits when it has said `ahead` bytes that nobody has read, where the system lets it."""
    return subprocess.Popen(
        [sys.executable, "-m", "rag", "--library", str(folder), *map(str, arguments)],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        pipesize=ahead,
    )


def added(process: subprocess.Popen[str], count: int) -> list[str]:
    """The next so many articles that the process says it has added."""
    assert process.stdout
    return [process.stdout.readline().split()[1] for _ in range(count)]


def kill(process: subprocess.Popen[str], after_s: float, number: int = signal.SIGKILL) -> str:
    """What the process said on stderr until it ended, by the signal or by itself."""
    time.sleep(after_s)
    process.send_signal(number)
    return process.communicate(timeout=60)[1]


def moments(duration_s: float) -> list[float]:
    """So many moments, spread at random but evenly over the duration; the same in every run."""
    dice = random.Random(0)
    return [duration_s * (i + dice.random()) / MOMENTS for i in range(MOMENTS)]


def duration(command: Callable[[], subprocess.Popen[str]]) -> float:
    started = time.monotonic()
    process = command()
    process.communicate(timeout=120)
    assert process.returncode == 0
    return time.monotonic() - started


def assert_whole(library: Library) -> None:
    """Every article has all its chunks, each at its place, with its vector."""
    assert library.integrity() == "ok"
    ids, vectors = library.added_vectors(-1)
    chunks = library.chunks(ids)
    assert sorted(chunks) == sorted(ids)
    assert np.allclose((vectors**2).sum(axis=1), 1, atol=0.01)
    for listed in library.listed():
        text = library.article(listed.id).text
        own = sorted((c for c in chunks.values() if c.article_id == listed.id), key=by_start)
        at = 0
        for chunk in own:
            assert chunk.text == text[chunk.start : chunk.end]
            assert not text[at : chunk.start].strip()
            at = chunk.end
        assert not text[at:].strip()


def by_start(chunk: object) -> int:
    return int(getattr(chunk, "start"))  # noqa: B009


def complete(library: Library, files: Path, embedder: Embedder) -> None:
    """What the same command would do when it is run again."""
    with library.writing():
        for item in ingest(found([files])[0], library, embedder):
            assert item.status in ("added", "unchanged", "updated")
        Indexes(library).current(must_save=True)


def assert_all_found(library: Library, embedder: Embedder) -> None:
    """Both indexes hold every chunk, and find the right article."""
    indexes = Indexes(library)
    dense, lexical = indexes.current()
    assert len(dense) == library.counts()[1]
    for question in ("lamps in ward 57", "ward 42"):
        (chunk_id, _), *_ = lexical.search(question, 5)
        assert question.split()[-1] in library.chunks([chunk_id])[chunk_id].text
        assert len(dense.search(embedder.encode([question])[0], 5)) == 5


def test_an_ingest_can_be_killed_at_any_moment(
    files: Path, tmp_path: Path, embedder: Embedder
) -> None:
    """Every article is whole or absent, and the next ingest brings in the rest.

    It is killed while it makes the library, after each third article, and while it saves the index.
    """
    dice, seen = random.Random(0), set()
    for i, done in enumerate([0, *range(0, ARTICLES + 1, 3), ARTICLES, ARTICLES]):
        folder = tmp_path / f"library{i}"
        ingesting = start(folder, "ingest", files, ahead=4096)
        while not folder.exists():
            assert ingesting.poll() is None
            time.sleep(0.001)
        added(ingesting, done)
        kill(ingesting, dice.uniform(0, 0.05))
        with Library.create(
            folder, embedder.name, embedder.fingerprint, embedder.dimension
        ) as library:
            assert_whole(library)
            seen.add(library.counts()[0])
            if i % 3 == 0:  # the others are much like these
                complete(library, files, embedder)
                assert library.counts()[0] == ARTICLES
                assert_whole(library)
                assert_all_found(library, embedder)
    assert len(seen) > 3, "the kills did not spread over the run"


def test_a_library_survives_kill_upon_kill(files: Path, tmp_path: Path, embedder: Embedder) -> None:
    """Ten ingests of the same folder, each killed a little later than the last."""
    folder = tmp_path / "library"
    whole = duration(lambda: start(tmp_path / "first", "ingest", files))
    counts = []
    for i in range(10):
        kill(start(folder, "ingest", files), whole * (0.3 + 0.05 * i))
        with Library.create(
            folder, embedder.name, embedder.fingerprint, embedder.dimension
        ) as library:
            assert_whole(library)
            counts.append(library.counts()[0])
    assert counts == sorted(counts)
    with Library.open(folder) as library:
        complete(library, files, embedder)
        assert library.counts()[0] == ARTICLES
        assert_all_found(library, embedder)


def test_a_removal_can_be_killed_at_any_moment(
    files: Path, tmp_path: Path, embedder: Embedder
) -> None:
    """All of the named articles are gone, or none; and questions are answered from the others."""
    folder = tmp_path / "library"
    named = [f"{i:02}.txt" for i in range(30)]
    make_library(folder, embedder, files).close()
    whole = duration(lambda: start(folder, "remove", *named))
    for moment in moments(whole)[5::2]:
        with Library.open(folder) as library:
            complete(library, files, embedder)
            assert library.counts()[0] == ARTICLES
        kill(start(folder, "remove", *named), moment)
        with Library.open(folder) as library:
            left = {Path(s).name for a in library.listed() for s in a.sources}
            assert len(left) in (ARTICLES, ARTICLES - len(named))
            assert_whole(library)
            assert_all_found(library, embedder)


SAVING = """if True:
    import sys
    from pathlib import Path
    from rag.indexes import Indexes
    from rag.library import Library
    with Library.open(Path(sys.argv[1])) as library:
        indexes = Indexes(library)
        print("saving", flush=True)
        while True:
            indexes.current(rebuild=True, must_save=True)"""


def test_the_saving_of_an_index_can_be_killed(
    files: Path, tmp_path: Path, embedder: Embedder
) -> None:
    """The next question finds the saved index whole, or makes it again."""
    folder = tmp_path / "library"
    make_library(folder, embedder, files).close()
    dice = random.Random(0)
    for _ in range(MOMENTS):
        with subprocess.Popen(
            [sys.executable, "-c", SAVING, str(folder)], stdout=subprocess.PIPE, text=True
        ) as saving:
            assert saving.stdout
            assert saving.stdout.readline() == "saving\n"
            time.sleep(dice.uniform(0, 0.3))
            saving.kill()
        with Library.open(folder) as library:
            assert_all_found(library, embedder)
            assert_all_found(library, embedder)
    assert len(os.listdir(folder / "lexical")) < 40, "files of killed writers pile up"  # noqa: PTH208


# What is read, what waits to be read and what the pipe holds are fewer than all the articles.
@pytest.mark.parametrize("count", [5, 10, 15])
def test_an_interrupted_ingest_keeps_what_it_has_reported(
    count: int, files: Path, tmp_path: Path, embedder: Embedder
) -> None:
    """Ctrl-C: exit code 130, one line, and every article that was printed as added is there."""
    folder = tmp_path / "library"
    ingesting = start(folder, "ingest", files, ahead=4096)
    reported = added(ingesting, count)
    ingesting.send_signal(signal.SIGINT)
    more, said = ingesting.communicate(timeout=60)
    assert (ingesting.returncode, len(said.splitlines())) == (130, 1), said
    assert said.startswith("rag: interrupted; what was stored before is safe")
    reported += [line.split()[1] for line in more.splitlines() if line.startswith("added")]
    with Library.open(folder) as library:
        stored = {source for a in library.listed() for source in a.sources}
        assert set(reported) <= stored
        assert_whole(library)
        complete(library, files, embedder)
        assert_all_found(library, embedder)
