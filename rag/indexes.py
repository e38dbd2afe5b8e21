"""What is derived from the library's database to search it: dense vectors and an inverted index.

Both can be thrown away and made again. Each records which library it belongs to and the generation
it was built from, so that one which lags or was damaged is noticed.
"""

import json
import shutil
import threading
import time
import zlib
from collections.abc import Iterable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from rag.embedding import Vectors
from rag.errors import LibraryBusy, StorageFull
from rag.library import Library
from rag.stemming import analyzer, content_stems, stems

Ids = NDArray[np.int64]


class IndexDamagedError(Exception):
    """The stored index is missing or not what was written; it can be built again."""


@dataclass(frozen=True, slots=True)
class Stamp:
    """The library an index belongs to, and the generation of it that the index holds."""

    library: str
    generation: int


class Indexes:
    """The dense and the lexical index of one library, kept in step with it.

    Threads may share them: searches run side by side, and whoever finds that they lag brings them
    up to date while the others who need that wait.
    """

    def __init__(self, library: Library) -> None:
        self._library = library
        self._lock = threading.Lock()
        self._held: _Pair | None = None  # replaced as a whole

    def dense(self, vector: Vectors, top: int, among: set[str] | None) -> list[tuple[int, float]]:
        """(chunk id, cosine), best first. `among`: the only article ids to consider."""
        index, _ = self.current()
        ids = None if among is None else np.array(self._library.chunk_ids(among), np.int64)
        return index.search(vector, top, ids)

    def lexical(self, question: str, top: int, among: set[str] | None) -> list[tuple[int, float]]:
        """(chunk id, BM25), best first. `among`: the only article ids to consider."""
        scope = None if among is None else sorted(among)
        try:
            return self.current()[1].search(question, top, scope)
        except IndexDamagedError:  # after it was opened; what it holds can be built again
            return self.current(rebuild=True)[1].search(question, top, scope)

    def current(self, *, rebuild: bool = False, must_save: bool = False) -> "_Pair":
        """Both indexes at the library's generation, made from what is stored, without a model.

        They are saved if no other process is writing and the folder can be written; with
        `must_save` that they cannot raises LibraryBusy or StorageFull.
        """
        held = self._held
        if held and not rebuild and self._in_step(held):
            return held
        with self._lock:
            held = self._held or self._stored()
            if rebuild or not self._in_step(held):
                try:
                    with self._library.writing(wait_s=0):
                        held = self._follow(held, rebuild=rebuild, save=True)
                except (LibraryBusy, StorageFull):
                    if must_save:
                        raise
                    held = self._follow(held, rebuild=rebuild, save=False)
            self._held = held
            return held

    def _in_step(self, held: "_Pair") -> bool:
        stamp = _stamp(self._library)
        return all(index.stamp == stamp for index in held)

    def _stored(self) -> "_Pair":
        """What lies in the library's folder; for what is missing or damaged, an empty index."""
        folder, dimension = self._library.folder, self._library.dimension
        dense, lexical = DenseIndex(dimension), LexicalIndex(None)
        with suppress(IndexDamagedError):
            dense = DenseIndex.load(folder / "dense.faiss", dimension)
        with suppress(IndexDamagedError):
            lexical = LexicalIndex(folder / "lexical")
        return dense, lexical

    def _follow(self, held: "_Pair", *, rebuild: bool, save: bool) -> "_Pair":
        """Both, as the library is now, read as one state while others may be writing."""
        folder = self._library.folder
        try:
            with self._library.snapshot() as library:
                dense = _follow_dense(held[0], library, rebuild=rebuild, save=save)
                return dense, _follow_lexical(held[1], library, rebuild=rebuild, save=save)
        except OSError as error:
            raise StorageFull(str(folder), error.strerror or str(error)) from error


def _follow_dense(
    index: "DenseIndex", library: Library, *, rebuild: bool, save: bool
) -> "DenseIndex":
    stamp = _stamp(library)
    if rebuild or not _reachable(index.stamp, library):
        index = DenseIndex(library.dimension)
    if index.stamp != stamp:
        since = index.stamp.generation
        index = index.copy()  # others may be searching it
        index.update(library.removed_chunks(since), *library.added_vectors(since))
        index.stamp = stamp
        if save:
            index.save(library.folder / "dense.faiss")
    return index


def _follow_lexical(
    index: "LexicalIndex", library: Library, *, rebuild: bool, save: bool
) -> "LexicalIndex":
    stamp = _stamp(library)
    if rebuild or not _reachable(index.stamp, library):
        index = LexicalIndex.make(library.folder / "lexical") if save else LexicalIndex(None)
    # Another process that is writing will bring the stored index up to date: till then it lags.
    if index.stamp != stamp and (save or not index.stored):
        since = index.stamp.generation
        index.update(stamp, library.changed_articles(since), library.added_chunks(since))
    return index


def _stamp(library: Library) -> Stamp:
    return Stamp(library.identity, library.generation)


def _reachable(stamp: Stamp, library: Library) -> bool:
    """Whether an index of that stamp can be brought up to date by what changed since."""
    return stamp.library == library.identity and library.can_tell_changes_since(stamp.generation)


class DenseIndex:
    """Chunk ids by the inner product of unit vectors (their cosine), exact, kept as float16."""

    def __init__(self, dimension: int) -> None:
        import faiss

        flat = faiss.IndexScalarQuantizer(
            dimension, faiss.ScalarQuantizer.QT_fp16, faiss.METRIC_INNER_PRODUCT
        )
        self._index: Any = faiss.IndexIDMap2(flat)
        self.stamp = Stamp("", -1)

    @classmethod
    def load(cls, file: Path, dimension: int) -> "DenseIndex":
        """Raises IndexDamagedError when the file is missing, cut, or altered."""
        import faiss

        try:
            data = file.read_bytes()
            body, trailer = data[: -cls._TRAILER], json.loads(data[-cls._TRAILER :])
            if zlib.crc32(body) != trailer["crc32"]:
                raise ValueError("checksum")
            index = cls(dimension)
            index._index = faiss.deserialize_index(np.frombuffer(body, np.uint8))
            index.stamp = Stamp(trailer["library"], trailer["generation"])
        except (OSError, ValueError, KeyError, TypeError, RuntimeError) as error:
            raise IndexDamagedError(str(file)) from error
        if index._index.d != dimension:
            raise IndexDamagedError(str(file))
        return index

    # A trailer of fixed length after the index: FAISS itself reads the file without minding it.
    _TRAILER = 128

    def save(self, file: Path) -> None:
        """Writes the file whole or not at all. Raises OSError."""
        import faiss

        body = faiss.serialize_index(self._index).tobytes()
        trailer = {
            "library": self.stamp.library,
            "generation": self.stamp.generation,
            "crc32": zlib.crc32(body),
        }
        written = file.with_suffix(".new")
        try:
            written.write_bytes(body + json.dumps(trailer).ljust(self._TRAILER).encode())
            written.replace(file)
        finally:
            written.unlink(missing_ok=True)

    def copy(self) -> "DenseIndex":
        import faiss

        made = DenseIndex(self._index.d)
        made._index = faiss.clone_index(self._index)
        made.stamp = self.stamp
        return made

    def __len__(self) -> int:
        return int(self._index.ntotal)

    def update(self, removed: Sequence[int], ids: Sequence[int], vectors: Vectors) -> None:
        gone = np.array([*removed, *ids], np.int64)
        if len(gone) and len(self):
            self._index.remove_ids(gone)
        if len(ids):
            self._index.add_with_ids(vectors, np.array(ids, np.int64))

    def search(
        self, vector: Vectors, top: int, among: Ids | None = None
    ) -> list[tuple[int, float]]:
        """The `top` (chunk id, cosine) nearest to `vector`, shape (dimension,), best first.

        `among`: the only chunk ids to consider.
        """
        import faiss

        if not len(self) or (among is not None and not len(among)):
            return []
        # One question is searched by one thread in any case; the others would only wait, spinning.
        faiss.omp_set_num_threads(1)
        options: Any = None
        if among is not None:
            options = faiss.SearchParameters()
            options.sel = faiss.IDSelectorBatch(among)
        cosines, ids = self._index.search(vector[None, :], min(top, len(self)), params=options)
        return [(int(i), float(c)) for i, c in zip(ids[0], cosines[0], strict=True) if i >= 0]


class LexicalIndex:
    """Chunk ids by BM25 over English stems of their text and their article's title."""

    _TITLE_BOOST = 0.5  # every chunk of an article has its title: it should not outweigh the text

    def __init__(self, folder: Path | None) -> None:
        """The index in `folder`, or an empty one in memory. Raises IndexDamagedError."""
        import tantivy

        self._folder = folder
        self.stamp = Stamp("", -1)
        try:
            if folder is None:
                self._index = tantivy.Index(_schema())
            else:
                self.stamp = _checked(folder)
                self._index = tantivy.Index.open(str(folder))
        except (OSError, ValueError, KeyError, TypeError) as error:
            raise IndexDamagedError(str(folder)) from error
        # Else a thread of tantivy's reads the files again by itself, soon after each commit:
        # needless, and where a file is just being cut short, the end of the process (SIGBUS).
        self._index.config_reader("Manual")
        self._schema = self._index.schema
        self._index.register_tokenizer("english", analyzer())

    @classmethod
    def make(cls, folder: Path) -> "LexicalIndex":
        """A new, empty index in `folder`, in place of whatever is there. Raises OSError."""
        import tantivy

        _remove(folder)
        folder.mkdir(parents=True)
        tantivy.Index(_schema(), str(folder))
        _record(folder, Stamp("", -1))
        return cls(folder)

    @property
    def stored(self) -> bool:
        """False for one that lives in memory alone."""
        return self._folder is not None

    def update(
        self,
        stamp: Stamp,
        changed: Iterable[str],
        added: Iterable[tuple[int, str, str, str]],
    ) -> None:
        """Takes the articles `changed` (ids) out, and puts the chunks `added` in.

        A search that runs meanwhile finds what there was before, or all that is there after.
        A chunk is (chunk id, article id, title, text). Twice is as once. Raises OSError.
        """
        import tantivy

        try:
            writer = self._index.writer(heap_size=64_000_000, num_threads=1)
            for article in changed:
                writer.delete_documents_by_term("article", article)
            for chunk_id, article, title, text in added:
                document = tantivy.Document(article=article, title=title, text=text)
                document.add_unsigned("chunk", chunk_id)
                writer.add_document(document)
            writer.commit()
            writer.wait_merging_threads()
        except ValueError as error:
            raise OSError(str(error)) from error
        self._index.reload()
        self.stamp = stamp
        if self._folder is not None:
            _record(self._folder, stamp)

    def search(
        self, question: str, top: int, among: Sequence[str] | None = None
    ) -> list[tuple[int, float]]:
        """The `top` (chunk id, BM25) for the question's words, best first.

        The words are looked up as they are: nothing in a question is query syntax. `among`: the
        only article ids to consider.
        """
        from tantivy import Occur, Query

        words = content_stems(question) or stems(question)
        if not words or (among is not None and not among):
            return []
        clauses = []
        for word in dict.fromkeys(words[:_MOST_WORDS]):
            title = Query.term_query(self._schema, "title", word)
            clauses.append((Occur.Should, Query.term_query(self._schema, "text", word)))
            clauses.append((Occur.Should, Query.boost_query(title, self._TITLE_BOOST)))
        query = Query.boolean_query(clauses)
        if among is not None:
            scope = Query.term_set_query(self._schema, "article", list(among))
            no_score = Query.const_score_query(scope, 0.0)
            query = Query.boolean_query([(Occur.Must, query), (Occur.Must, no_score)])
        searcher = self._index.searcher()
        try:
            hits = searcher.search(query, top, count=False).hits
            found: Any = [(searcher.doc(at).get_first("chunk"), score) for score, at in hits]
            return [(int(chunk), float(score)) for chunk, score in found]
        except (OSError, ValueError) as error:
            raise IndexDamagedError(str(self._folder)) from error


_Pair = tuple[DenseIndex, LexicalIndex]
_MOST_WORDS = 64  # of a question; what is longer is a text, and each word costs time


def _remove(folder: Path) -> None:
    """Removes it and all in it. Raises OSError.

    A thread of tantivy's may just be writing, or removing, a file of an index that was open there.
    """
    tries = 5
    while folder.exists():
        tries -= 1
        try:
            shutil.rmtree(folder)
        except OSError:
            if not tries:
                raise
            time.sleep(0.05)


def _schema() -> Any:
    import tantivy

    builder = tantivy.SchemaBuilder()
    builder.add_unsigned_field("chunk", stored=True, indexed=True, fast=True)
    builder.add_text_field("article", tokenizer_name="raw", index_option="basic")
    builder.add_text_field("title", tokenizer_name="english", index_option="freq")
    builder.add_text_field("text", tokenizer_name="english", index_option="freq")
    return builder.build()


def _record(folder: Path, stamp: Stamp) -> None:
    """Notes the stamp and the size and checksum of every file, so that damage shows."""
    files = {
        f.name: [f.stat().st_size, zlib.crc32(f.read_bytes())]
        for f in sorted(folder.iterdir())
        if f.is_file() and not f.name.startswith(".") and f.name != "stamp.json"
    }
    noted = {"library": stamp.library, "generation": stamp.generation, "files": files}
    written = folder / ".stamp.new"
    written.write_text(json.dumps(noted))
    written.replace(folder / "stamp.json")


def _checked(folder: Path) -> Stamp:
    noted = json.loads((folder / "stamp.json").read_text())
    for name, (size, checksum) in noted["files"].items():
        data = (folder / name).read_bytes()
        if len(data) != size or zlib.crc32(data) != checksum:
            raise ValueError(name)
    return Stamp(noted["library"], noted["generation"])
