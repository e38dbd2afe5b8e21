"""Files → the library: each is read, cleaned, cut, embedded and stored before the next."""

import hashlib
import json
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path, PurePath
from threading import Lock
from typing import Literal

import numpy as np

from rag import chunking
from rag.articles import (
    MAX_MEGABYTES,
    Article,
    Skipped,
    check_format,
    check_size,
    find_files,
    read_article,
    read_bytes,
    upload_label,
    whole_path,
    with_details,
    with_headline,
)
from rag.cleaning import clean
from rag.embedding import Embedder, Vectors
from rag.errors import LibraryBusy, SourceUnreadable
from rag.library import Library
from rag.reader import WINDOW

WAIT_S = 2.0  # for another writer to be done with its article
# One article at a time: side by side they would slow one another, and all questions.
_EMBEDDING = Lock()
_SURE_WORDS = 25  # the language of fewer is a guess


@dataclass(frozen=True, slots=True)
class Ingested:
    """What became of one source. `note` is the reason of a skip, or a remark."""

    source: str
    status: Literal["added", "updated", "unchanged", "skipped", "removed"]
    article_id: str | None
    title: str | None
    note: str | None


@dataclass(frozen=True, slots=True)
class Details:
    """What is true of all files of one call and not written in them."""

    outlet: str | None = None
    published: date | None = None


def ingest(
    paths: Iterable[Path],
    library: Library,
    embedder: Embedder,
    *,
    details: Details | None = None,
    max_megabytes: float = MAX_MEGABYTES,
    wait_s: float = WAIT_S,
    on_chunks: Callable[[int], None] = lambda done: None,
) -> Iterator[Ingested]:
    """Stores what `find_files` gave, each article whole, and says of each what was done.

    A bad file is skipped with its reason; what concerns the library itself is raised
    (StorageFull, LibraryUnusable). The right to write is taken for each article, unless the
    caller holds `library.writing()` for all; one that is not to be had within `wait_s` raises
    LibraryBusy. `on_chunks` is called with how many chunks of the present article were embedded.
    """
    for path in paths:
        try:
            file = whole_path(path)
            data = read_bytes(file, max_megabytes)
            yield _store(str(file), file, data, library, embedder, details, wait_s, on_chunks)
        except SourceUnreadable as error:
            yield Ingested(str(path), "skipped", None, None, str(error))


def ingest_upload(
    name: str,
    data: bytes,
    library: Library,
    embedder: Embedder,
    *,
    max_megabytes: float = MAX_MEGABYTES,
    wait_s: float = WAIT_S,
    on_chunks: Callable[[int], None] = lambda done: None,
) -> Ingested:
    """Stores what a browser sent, as `ingest` stores a file, and says what was done.

    The name is only a label. The source, `upload:…/label`, has a hash of the bytes in it, so that
    another file of the same name replaces nothing.
    """
    label = PurePath(upload_label(name))
    source = f"upload:{hashlib.sha256(data).hexdigest()[:12]}/{label}"
    try:
        check_format(label)
        check_size(label, len(data), max_megabytes)
        return _store(source, label, data, library, embedder, None, wait_s, on_chunks)
    except SourceUnreadable as error:
        return Ingested(source, "skipped", None, None, str(error))


def found(paths: Iterable[Path]) -> tuple[list[Path], list[Ingested]]:
    """The files at and below `paths`, once each, and what could not be followed.

    Raises BadInput when one of `paths` is not there.
    """
    files: dict[Path, None] = {}
    skipped = []
    for path in paths:
        for item in find_files(path):
            if isinstance(item, Skipped):
                skipped.append(Ingested(item.path, "skipped", None, None, item.why))
            else:
                files[whole_path(item)] = None
    return list(files), skipped


def prune(paths: Iterable[Path], library: Library) -> list[Ingested]:
    """Removes the articles whose file at or below `paths` is gone; uploads lie below no path."""
    gone = [
        source
        for path in paths
        for source in library.sources_below(str(whole_path(path)))
        if _gone(Path(source))
    ]
    return [
        Ingested(article.sources[0], "removed", article.id, article.title, None)
        for article in library.prune(gone)
    ]


def _gone(file: Path) -> bool:
    """False also for a file that is out of reach, which may be there."""
    try:
        file.stat()
    except (FileNotFoundError, NotADirectoryError):
        return True
    except OSError:
        pass
    return False


def _store(
    source: str,
    path: PurePath,
    data: bytes,
    library: Library,
    embedder: Embedder,
    details: Details | None,
    wait_s: float,
    on_chunks: Callable[[int], None],
) -> Ingested:
    """Stores `data` under `source`; `path`, not opened, tells the format and stands in errors.

    What `details` leave open is as it was when it was given with the source before.
    """
    known = library.source(source)
    details = _with_earlier(details or Details(), known[1] if known else "")
    fingerprint = _fingerprint(data, details)
    if known and known[1] == fingerprint:
        return Ingested(source, "unchanged", known[0], None, None)
    article = replace(_cleaned(path, data, details), sources=(source,))
    parts = None
    if not library.stored(article):  # before the right to write is taken: it may take minutes
        parts = _parts(article, library, embedder, wait_s, on_chunks)
    with library.writing(wait_s):
        if library.stored(article):  # by now, perhaps
            parts = [], np.zeros((0, embedder.dimension), np.float32)
        elif parts is None:  # it was erased meanwhile
            parts = _parts(article, library, embedder, wait_s, on_chunks)
        status = library.put(article, fingerprint, *parts)
    shared = status == "added" and len(library.article(article.id).sources) > 1
    return Ingested(source, status, article.id, article.title, _note(article, shared=shared))


def _cleaned(path: PurePath, data: bytes, details: Details) -> Article:
    """Raises SourceUnreadable."""
    told = with_details(read_article(path, data), details.outlet, details.published)
    article = clean(with_headline(told))
    if not article.text:
        why = "holds nothing but page furniture"
        raise SourceUnreadable(str(path), why, "save the article's own text")
    return replace(article, language=language(article.text))


def _parts(
    article: Article,
    library: Library,
    embedder: Embedder,
    wait_s: float,
    on_chunks: Callable[[int], None],
) -> tuple[list[chunking.Chunk], Vectors]:
    """The article's chunks and their vectors. Raises LibraryBusy."""
    if not _EMBEDDING.acquire(timeout=wait_s):
        raise LibraryBusy(str(library.folder))
    try:
        cut = chunking.chunk(article, embedder.count_tokens, min(embedder.window, WINDOW))
        # what is said 500 times over would fill every place of what is found
        chunks = list({c.text: c for c in reversed(cut)}.values())[::-1]
        texts = [embedded(article, c, embedder.count_tokens) for c in chunks]
        return chunks, embedder.encode(texts, on_chunks)
    finally:
        _EMBEDDING.release()


def embedded(article: Article, chunk: chunking.Chunk, count_tokens: chunking.CountTokens) -> str:
    """What is embedded for a chunk: the title, where the chunk does not open with it, and its text.

    The vector then knows whom the article is about when the chunk says "he".
    """
    if chunk.text.startswith(article.title):
        return chunk.text
    return f"{chunking.heading(article.title, count_tokens)}\n{chunk.text}"


def language(text: str) -> str | None:
    """The ISO 639-1 code of the text's language, or None where there is too little to tell."""
    from py3langid import classify

    sample = text[:5000]
    if len(sample.split()) < _SURE_WORDS and sample.isascii():
        return None
    code = str(classify(sample)[0])
    return code if len(code) == 2 else None


def _note(article: Article, *, shared: bool) -> str | None:
    if shared:
        return "the same text is in already; kept as another source of it"
    if article.language not in (None, "en"):
        return (
            f"looks like {article.language}, not English, which is what the embedded models "
            "read: answers from it may be poor"
        )
    return None


def _fingerprint(data: bytes, details: Details) -> str:
    """By which it is known whether a source is as it was: of its bytes, and what was told of it."""
    digest = hashlib.sha256(data)
    digest.update(f"|{chunking.VERSION}".encode())
    day = details.published.isoformat() if details.published else None
    return f"{digest.hexdigest()} {json.dumps([details.outlet, day])}"


def _with_earlier(details: Details, fingerprint: str) -> Details:
    told = fingerprint.partition(" ")[2]
    outlet, day = json.loads(told) if told else (None, None)
    earlier = date.fromisoformat(day) if day else None
    return Details(details.outlet or outlet, details.published or earlier)
