"""Is everything in order? A list of checks, each saying what it found and what to do."""

import os
import shutil
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from rag.embedding import BUNDLED, Embedder, default_cache, model_folder
from rag.errors import ModelMissing, RagError
from rag.indexes import DenseIndex, IndexDamagedError, Indexes, LexicalIndex, Stamp
from rag.library import Library
from rag.llm import BUNDLED as BUNDLED_LLM
from rag.llm import check_model, is_address, open_model
from rag.machine import physical_cores
from rag.reader import FOLDER, NAME, Reader

_LOW_DISK_GB = 1.0


@dataclass(frozen=True, slots=True)
class Check:
    """One finding. `remedy` is empty where nothing is to be done."""

    name: str
    state: Literal["ok", "warn", "fail"]
    message: str
    remedy: str


@dataclass(frozen=True, slots=True)
class Installed:
    """The model for a job; `where` it is, a file, a folder or an address, None where nowhere.

    `megabytes` is None of an address too. `wrong` says why it does not load, None where it does.
    """

    job: str
    name: str
    where: str | None
    megabytes: float | None
    wrong: str | None


def check_all(folder: Path, embedding: str | None, model: str | None) -> Iterator[Check]:
    """The machine, the models, and the library in `folder`."""
    yield _machine(folder)
    yield _embedding(embedding or BUNDLED)
    yield _reader()
    yield _chat_model(model or BUNDLED_LLM)
    try:
        with Library.open(folder) as library:
            yield _database(library)
            yield _vectors(library, embedding or BUNDLED)
            yield from _indexes(library)
            yield from _sources(library)
    except RagError as error:
        yield Check("library", "fail", str(error), "")


def installed(embedding: str | None, model: str | None) -> Iterator[Installed]:
    """What there is for each job, as the checks find it."""
    vectors, words = embedding or BUNDLED, model or BUNDLED_LLM
    yield _installed(vectors, _embedding(vectors), lambda: str(model_folder(vectors)))
    yield _installed(NAME, _reader(), lambda: str(FOLDER))
    yield _installed(words, _chat_model(words), lambda: check_model(words))


def _installed(name: str, check: Check, place: Callable[[], str]) -> Installed:
    try:
        where = place()
    except ModelMissing:
        where = None
    size = None if where is None or is_address(where) else _megabytes(Path(where))
    return Installed(check.name, name, where, size, None if check.state == "ok" else check.message)


def _megabytes(path: Path) -> float:
    files = [path] if path.is_file() else [p for p in path.rglob("*") if p.is_file()]
    return round(sum(file.stat().st_size for file in files) / 1e6, 1)


def repair(folder: Path) -> None:
    """Builds both indexes again from the database. Raises RagError."""
    with Library.open(folder) as library:
        Indexes(library).current(rebuild=True, must_save=True)


def _machine(folder: Path) -> Check:
    there = next(p for p in (folder, *folder.absolute().parents) if p.exists())
    free = shutil.disk_usage(there).free / 1e9
    message = f"{physical_cores()} cores, {free:.1f} GB of disk free"
    if free < _LOW_DISK_GB:
        return Check("machine", "warn", message, "free some disk space")
    if not os.access(there, os.W_OK):
        return Check("machine", "warn", f"{there} cannot be written", "check its permissions")
    return Check("machine", "ok", message, "")


def _embedding(name: str) -> Check:
    try:
        embedder = Embedder(name)
    except ModelMissing as error:
        return Check("embedding model", "fail", str(error), "")
    made = "" if embedder.prepared else "; its fast form is made at first use"
    message = f"{name}, {embedder.dimension} dimensions, kept in {default_cache()}{made}"
    return Check("embedding model", "ok", message, "")


def _reader() -> Check:
    try:
        reader = Reader()
        reader.read("who?", [("", "Nobody.")])
    except ModelMissing as error:
        return Check("reader", "fail", str(error), "")
    return Check("reader", "ok", f"{reader.name} {reader.fingerprint}, part of the program", "")


def _chat_model(name: str) -> Check:
    try:
        where = check_model(name)
        open_model(name)
        return Check("chat model", "ok", where, "")
    except ModelMissing as error:
        return Check("chat model", "warn", str(error), "answers are given in quotes meanwhile")


def _database(library: Library) -> Check:
    found = library.integrity()
    if found != "ok":
        return Check("database", "fail", found, "move the library away and ingest again")
    articles, chunks = library.counts()
    state: Literal["ok", "warn"] = "ok" if articles else "warn"
    message = f"{articles} articles, {chunks} chunks, generation {library.generation}"
    return Check("database", state, message, "" if articles else "add some: rag ingest PATH")


def _vectors(library: Library, embedding: str) -> Check:
    try:
        library.check_embedding(embedding)
    except RagError as error:
        return Check("vectors", "fail", str(error), "")
    _, vectors = library.added_vectors(-1)
    wrong = int((abs((vectors**2).sum(axis=1) - 1) > 0.01).sum())
    if wrong:
        remedy = "ingest the articles into a new library"
        return Check("vectors", "fail", f"{wrong} are not of unit length", remedy)
    return Check("vectors", "ok", f"{len(vectors)} of unit length", "")


def _indexes(library: Library) -> Iterator[Check]:
    stamp = Stamp(library.identity, library.generation)
    folder, dimension = library.folder, library.dimension
    loaders: dict[str, Callable[[], DenseIndex | LexicalIndex]] = {
        "dense index": lambda: DenseIndex.load(folder / "dense.faiss", dimension),
        "lexical index": lambda: LexicalIndex(folder / "lexical"),
    }
    for name, load in loaders.items():
        try:
            found = load().stamp
        except IndexDamagedError:
            yield Check(name, "fail", "missing or damaged", "rag doctor --repair")
            continue
        behind = found != stamp
        message = "behind the database; the next question brings it up to date" if behind else ""
        yield Check(name, "warn" if behind else "ok", message or "up to date", "")


def _sources(library: Library) -> Iterator[Check]:
    files = [s for a in library.listed() for s in a.sources if s.startswith("/")]
    gone = [s for s in files if not Path(s).exists()]
    if gone:
        message = f"{len(gone)} of {len(files)} files are gone, {gone[0]} among them"
        yield Check("sources", "warn", message, "rag ingest FOLDER --prune removes their articles")
    else:
        yield Check("sources", "ok", f"all {len(files)} files are there", "")
