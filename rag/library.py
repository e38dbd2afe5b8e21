"""The store: articles, chunks and vectors in one SQLite file, which is the truth.

One process writes articles at a time; any number read. Every committed change of articles or chunks
raises the generation, by which the derived indexes (`rag/indexes.py`) know what they lack.
"""

import json
import os
import secrets
import sqlite3
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Literal

import numpy as np

from rag.articles import Article
from rag.chunking import Chunk
from rag.embedding import Vectors
from rag.errors import (
    ArticleUnknown,
    LibraryBusy,
    LibraryMissing,
    LibraryUnusable,
    StorageFull,
    printable,
)

SCHEMA = """
CREATE TABLE meta (key TEXT PRIMARY KEY, value TEXT NOT NULL) STRICT;
CREATE TABLE articles (
    id TEXT PRIMARY KEY,          -- hash of the text
    title TEXT NOT NULL,
    text TEXT NOT NULL,           -- cleaned; what offsets and quotes refer to
    outlet TEXT,
    author TEXT,
    published TEXT,               -- ISO date
    language TEXT,                -- ISO 639-1
    fetched TEXT NOT NULL,        -- ISO time, UTC
    generation INTEGER NOT NULL,  -- in which it last changed
    removed TEXT                  -- ISO time, UTC; erased a day later
) STRICT;
CREATE INDEX articles_generation ON articles (generation);
CREATE TABLE sources (
    source TEXT PRIMARY KEY,      -- absolute path or address
    article TEXT NOT NULL REFERENCES articles (id) ON DELETE CASCADE,
    fingerprint TEXT NOT NULL     -- of the file's bytes and of how they were read
) STRICT;
CREATE INDEX sources_article ON sources (article);
CREATE TABLE chunks (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    article TEXT NOT NULL REFERENCES articles (id) ON DELETE CASCADE,
    start INTEGER NOT NULL,       -- characters of the article's text, half-open
    "end" INTEGER NOT NULL,
    text TEXT NOT NULL,
    vector BLOB NOT NULL          -- float16, unit length
) STRICT;
CREATE INDEX chunks_article ON chunks (article);
"""
_APPLICATION_ID = 0x72616701
_VERSION = 1
_OURS = ("library.db", "writer.lock", "dense.", "lexical", "seeds.json")
UNDO = timedelta(days=1)

Status = Literal["added", "updated", "unchanged"]


@dataclass(frozen=True, slots=True)
class Filters:
    """Which articles a question may be answered from; empty tuples and None let all through.

    Articles without a date are left out as soon as a date is asked for. Days are inclusive.
    """

    since: date | None = None
    until: date | None = None
    outlets: tuple[str, ...] = ()
    articles: tuple[str, ...] = ()

    @property
    def any(self) -> bool:
        return bool(self.since or self.until or self.outlets or self.articles)


@dataclass(frozen=True, slots=True)
class Listed:
    """An article without its text, and how many chunks it has."""

    id: str
    title: str
    outlet: str | None
    published: date | None
    language: str | None
    chunks: int
    added: datetime
    sources: tuple[str, ...]


class Library:
    """An open library. Use `Library.open` or `Library.create`, and close it (or use `with`)."""

    def __init__(self, folder: Path, db: sqlite3.Connection) -> None:
        self.folder = folder
        self._db = db
        self._writing = False

    # --- opening -------------------------------------------------------------------------------

    @classmethod
    def open(cls, folder: Path) -> "Library":
        """Raises LibraryMissing, or LibraryUnusable when it is not a library or is damaged."""
        file = folder / "library.db"
        if not file.is_file():
            raise LibraryMissing(str(folder))
        library = cls(folder, _connect(file, folder))
        try:
            with library._translated():
                library._check_identity()
        except BaseException:
            library.close()
            raise
        return library

    @classmethod
    def create(cls, folder: Path, embedding: str, fingerprint: str, dimension: int) -> "Library":
        """A new library, or the one that is there. Raises LibraryUnusable, StorageFull."""
        if (folder / "library.db").exists() and not _unfinished(folder):
            return cls.open(folder)
        if folder.exists() and not folder.is_dir():
            raise LibraryUnusable(str(folder), "is a file", "name a folder")
        try:
            folder.mkdir(parents=True, exist_ok=True)
            others = [f for f in folder.iterdir() if not f.name.startswith(_OURS)]
        except OSError as error:
            raise StorageFull(str(folder), error.strerror or str(error)) from error
        if others:
            why = f"is a folder with other files ({len(others)})"
            raise LibraryUnusable(str(folder), why, "name an empty or a new folder")
        library = cls(folder, _connect(folder / "library.db", folder))
        with library.writing(), library._translated():
            library._db.execute("PRAGMA journal_mode = WAL")  # which stays
            with library._atomic():
                if library._db.execute("PRAGMA application_id").fetchone()[0] == 0:
                    library._make_tables(embedding, fingerprint, dimension)
        return library

    def _make_tables(self, embedding: str, fingerprint: str, dimension: int) -> None:
        for statement in SCHEMA.split(";\n"):
            self._db.execute(statement)
        values = {
            "library": secrets.token_hex(8),
            "embedding": embedding,
            "fingerprint": fingerprint,
            "dimension": str(dimension),
            "generation": "0",
            "erased": "0",  # the last generation that changes cannot be told from
        }
        self._db.executemany("INSERT INTO meta VALUES (?, ?)", values.items())
        self._db.execute(f"PRAGMA user_version = {_VERSION}")
        self._db.execute(f"PRAGMA application_id = {_APPLICATION_ID}")

    def _check_identity(self) -> None:
        if self._db.execute("PRAGMA application_id").fetchone()[0] != _APPLICATION_ID:
            if _unfinished(self.folder):
                raise LibraryMissing(str(self.folder))
            why = "holds a database that is not a library's"
            raise LibraryUnusable(str(self.folder), why, "name another folder")
        version = self._db.execute("PRAGMA user_version").fetchone()[0]
        if version != _VERSION:
            why = f"has format {version}, and this program reads {_VERSION}"
            raise LibraryUnusable(str(self.folder), why, "use the program that made it")
        self._db.execute("SELECT COUNT(*) FROM articles").fetchone()

    def close(self) -> None:
        self._db.close()

    def __enter__(self) -> "Library":
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def check_embedding(self, embedding: str, fingerprint: str | None = None) -> None:
        """Raises LibraryUnusable when the library's vectors are another model's."""
        mine = printable(self._meta("embedding"))
        if mine != printable(embedding):
            why = f"was made with the embedding model {mine}, not with {printable(embedding)}"
            remedy = f"use --embedding {mine}, or ingest into a new library"
            raise LibraryUnusable(str(self.folder), why, remedy)
        if fingerprint not in (None, self._meta("fingerprint")):
            why = f"was made with another version of the embedding model {mine}"
            raise LibraryUnusable(str(self.folder), why, "ingest into a new library")

    # --- transactions --------------------------------------------------------------------------

    @contextmanager
    def writing(self, wait_s: float = 2.0) -> Iterator[None]:
        """Holds the right to write articles. Raises LibraryBusy when another process has it."""
        from filelock import FileLock, Timeout

        if self._writing:
            yield
            return
        lock = FileLock(self.folder / "writer.lock")
        try:
            lock.acquire(timeout=wait_s)
        except Timeout:
            raise LibraryBusy(str(self.folder)) from None
        except OSError as error:
            raise StorageFull(str(self.folder), error.strerror or str(error)) from error
        self._writing = True
        try:
            yield
        finally:
            self._writing = False
            lock.release()

    @contextmanager
    def _translated(self) -> Iterator[None]:
        """SQLite's errors as ours."""
        try:
            yield
        except sqlite3.DatabaseError as error:
            raise _our_error(error, self.folder) from error

    @contextmanager
    def _atomic(self) -> Iterator[None]:
        """What is done inside is committed whole, or not at all."""
        with self._translated():
            self._db.execute("BEGIN IMMEDIATE")
            try:
                yield
                self._db.execute("COMMIT")
            except BaseException:
                with suppress(sqlite3.Error):
                    self._db.execute("ROLLBACK")
                raise

    @contextmanager
    def _change(self) -> Iterator[int]:
        """A committed change of articles, all or nothing. Gives the generation that it makes."""
        with self._atomic():
            generation = self.generation + 1
            yield generation
            self._set("generation", str(generation))

    def _meta(self, key: str) -> str:
        with self._translated():
            found = self._db.execute("SELECT value FROM meta WHERE key = ?", (key,)).fetchone()
        if found is None:
            raise LibraryUnusable(str(self.folder), f"lacks its {key}", _RESTORE)
        return str(found[0])

    def _set(self, key: str, value: str) -> None:
        self._db.execute("UPDATE meta SET value = ? WHERE key = ?", (value, key))

    @property
    def generation(self) -> int:
        """How many changes of articles and chunks were committed."""
        return int(self._meta("generation"))

    # --- writing -------------------------------------------------------------------------------

    def source(self, source: str) -> tuple[str, str] | None:
        """The (article id, fingerprint) last read from `source`, if the article is still in."""
        with self._translated():
            found = self._db.execute(
                "SELECT article, fingerprint FROM sources JOIN articles ON articles.id = article "
                "WHERE source = ? AND removed IS NULL",
                (source,),
            ).fetchone()
        return tuple(found) if found else None

    def stored(self, article: Article) -> bool:
        """Whether this text is in, under this title: then `put` needs no chunks."""
        with self._translated():
            found = self._db.execute(
                "SELECT title, (SELECT COUNT(*) FROM sources WHERE article = id AND source != ?) "
                "FROM articles WHERE id = ?",
                (article.sources[0], article.id),
            ).fetchone()
        return found is not None and (found[0] == article.title or found[1] > 0)

    def put(
        self, article: Article, fingerprint: str, chunks: Sequence[Chunk], vectors: Vectors
    ) -> Status:
        """Adds an article read from its one source, or what is new about it, all or nothing.

        What the source held before goes, unless another source holds it too.
        """
        (source,) = article.sources
        before = self.source(source)
        with self._change() as generation:
            if chunks:
                self._insert(article, chunks, vectors, generation)
            else:
                self._refresh(article, generation)
            self._db.execute(
                "INSERT OR REPLACE INTO sources VALUES (?, ?, ?)",
                (source, article.id, fingerprint),
            )
            if before and before[0] != article.id:
                self._db.execute(
                    "UPDATE articles SET removed = ?, generation = ? WHERE id = ? "
                    "AND id NOT IN (SELECT article FROM sources)",
                    (_now(), generation, before[0]),
                )
        return "updated" if before else "added"

    def _insert(
        self, article: Article, chunks: Sequence[Chunk], vectors: Vectors, generation: int
    ) -> None:
        replaced = self._db.execute("DELETE FROM articles WHERE id = ?", (article.id,)).rowcount
        if replaced:  # its chunks' ids are gone: the indexes cannot tell which to drop
            self._set("erased", str(generation))
        self._db.execute(
            "INSERT INTO articles VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, NULL)",
            (
                article.id,
                article.title,
                article.text,
                article.outlet,
                article.author,
                article.published.isoformat() if article.published else None,
                article.language,
                article.fetched.isoformat(),
                generation,
            ),
        )
        self._db.executemany(
            'INSERT INTO chunks (article, start, "end", text, vector) VALUES (?, ?, ?, ?, ?)',
            (
                (c.article_id, c.start, c.end, c.text, v.astype(np.float16).tobytes())
                for c, v in zip(chunks, vectors, strict=True)
            ),
        )

    def _refresh(self, article: Article, generation: int) -> None:
        """Brings a stored text back if it was removed, and fills in what was not known of it."""
        self._db.execute(
            "UPDATE articles SET outlet = COALESCE(?, outlet), author = COALESCE(?, author), "
            "published = COALESCE(?, published), removed = NULL, generation = ? WHERE id = ?",
            (
                article.outlet,
                article.author,
                article.published.isoformat() if article.published else None,
                generation,
                article.id,
            ),
        )

    def remove(self, ids: Sequence[str]) -> None:
        """Marks articles as removed; for a day they can come back."""
        self._erase_old()
        now = _now()
        with self._change() as generation:
            self._db.executemany(
                "UPDATE articles SET removed = ?, generation = ? WHERE id = ? AND removed IS NULL",
                ((now, generation, i) for i in ids),
            )

    def undo(self, ids: Sequence[str] = ()) -> list[str]:
        """Brings removed articles back (all of the last removal, if none is named): their ids.

        Raises ArticleUnknown when nothing was removed within a day.
        """
        oldest = (datetime.now(UTC) - UNDO).isoformat()
        with self._translated():
            rows = self._db.execute(
                "SELECT id, removed FROM articles WHERE removed > ? "
                "AND id IN (SELECT article FROM sources) ORDER BY removed DESC",
                (oldest,),
            ).fetchall()
        for wanted in ids:
            if not any(row[0].startswith(wanted) for row in rows):
                raise ArticleUnknown(wanted, "was not removed within the last day")
        if not rows:
            raise ArticleUnknown("--undo", "nothing was removed within the last day")
        chosen = [i for i, at in rows if (any(map(i.startswith, ids)) if ids else at == rows[0][1])]
        with self._change() as generation:
            self._db.executemany(
                "UPDATE articles SET removed = NULL, generation = ? WHERE id = ?",
                ((generation, i) for i in chosen),
            )
        return chosen

    def prune(self, gone: Iterable[str]) -> list[Article]:
        """Drops the sources `gone`, and removes the articles that have no other: those articles."""
        sources = json.dumps(list(gone))
        with self._translated():
            rows = self._db.execute(
                "SELECT DISTINCT article FROM sources WHERE source IN (SELECT value FROM "
                "json_each(?1)) AND article NOT IN (SELECT article FROM sources WHERE source "
                "NOT IN (SELECT value FROM json_each(?1)))",
                (sources,),
            ).fetchall()
        orphans = [row[0] for row in rows]
        articles = list(self.articles_by_id(orphans).values())
        if orphans:
            self.remove(orphans)
        with self._atomic():  # an orphan keeps its sources, so that its removal can be undone
            self._db.execute(
                "DELETE FROM sources WHERE source IN (SELECT value FROM json_each(?)) "
                "AND article NOT IN (SELECT value FROM json_each(?))",
                (sources, json.dumps(orphans)),
            )
        return articles

    def sources_below(self, path: str) -> list[str]:
        """The sources of present articles that are `path` or lie in it."""
        with self._translated():
            rows = self._db.execute(
                "SELECT source FROM sources JOIN articles ON articles.id = article "
                "WHERE removed IS NULL AND (source = ? OR substr(source, 1, ?) = ?)",
                (path, len(path.rstrip(os.sep)) + 1, path.rstrip(os.sep) + os.sep),
            ).fetchall()
        return [row[0] for row in rows]

    def _erase_old(self) -> None:
        """Erases what was removed more than a day ago."""
        oldest = (datetime.now(UTC) - UNDO).isoformat()
        with self._change() as generation:
            erased = self._db.execute("DELETE FROM articles WHERE removed <= ?", (oldest,)).rowcount
            if erased:
                self._set("erased", str(generation))

    # --- reading -------------------------------------------------------------------------------

    def article(self, article_id: str) -> Article:
        """Raises ArticleUnknown."""
        found = self.articles_by_id([article_id])
        if not found:
            raise ArticleUnknown(article_id)
        return found[article_id]

    def articles_by_id(self, ids: Iterable[str]) -> dict[str, Article]:
        """The present articles among `ids`."""
        found = {}
        with self._translated():
            for article_id in dict.fromkeys(ids):
                row = self._db.execute(
                    "SELECT title, text, outlet, author, published, language, fetched "
                    "FROM articles WHERE id = ? AND removed IS NULL",
                    (article_id,),
                ).fetchone()
                if row:
                    title, text, outlet, author, published, language, fetched = row
                    found[article_id] = Article(
                        title=title,
                        text=text,
                        sources=self._sources(article_id),
                        outlet=outlet,
                        author=author,
                        published=_date(published),
                        language=language,
                        fetched=datetime.fromisoformat(fetched),
                    )
                    if found[article_id].id != article_id:
                        raise _damaged(self.folder, f"the text of {article_id} has changed")
        return found

    def _sources(self, article_id: str) -> tuple[str, ...]:
        rows = self._db.execute(
            "SELECT source FROM sources WHERE article = ? ORDER BY source", (article_id,)
        )
        return tuple(row[0] for row in rows)

    def chunks(self, ids: Sequence[int]) -> dict[int, Chunk]:
        """The chunks of present articles among `ids`."""
        with self._translated():
            rows = self._db.execute(
                'SELECT chunks.id, article, start, "end", chunks.text FROM chunks '
                "JOIN articles ON articles.id = article WHERE removed IS NULL "
                "AND chunks.id IN (SELECT value FROM json_each(?))",
                (json.dumps(list(ids)),),
            ).fetchall()
        return {row[0]: Chunk(*row[1:]) for row in rows}

    def listed(self, filters: Filters | None = None) -> list[Listed]:
        """The articles that `filters` let through, newest first, those without a date last."""
        allowed = self.article_ids(filters) if filters and filters.any else None
        with self._translated():
            rows = self._db.execute(
                "SELECT id, title, outlet, published, language, (SELECT COUNT(*) FROM chunks WHERE "
                "article = articles.id), fetched FROM articles WHERE removed IS NULL "
                "ORDER BY published IS NULL, published DESC, title, id"
            ).fetchall()
            return [
                Listed(
                    id=row[0],
                    title=row[1],
                    outlet=row[2],
                    published=_date(row[3]),
                    language=row[4],
                    chunks=row[5],
                    added=datetime.fromisoformat(row[6]),
                    sources=self._sources(row[0]),
                )
                for row in rows
                if allowed is None or row[0] in allowed
            ]

    def article_ids(self, filters: Filters) -> set[str]:
        """The ids of the present articles that `filters` let through."""
        wanted = ["removed IS NULL"]
        values: list[str] = []
        if filters.since:
            wanted.append("published >= ?")
            values.append(filters.since.isoformat())
        if filters.until:
            wanted.append("published <= ?")
            values.append(filters.until.isoformat())
        with self._translated():
            rows = self._db.execute(
                f"SELECT id, outlet FROM articles WHERE {' AND '.join(wanted)}", values
            ).fetchall()
        outlets = {o.casefold() for o in filters.outlets}
        return {
            article
            for article, outlet in rows
            if (not outlets or (outlet or "").casefold() in outlets)
            and (not filters.articles or article in filters.articles)
        }

    def resolve(self, name: str) -> str:
        """The id of the article that `name` means: an id (or its start), source, file name, title.

        Raises ArticleUnknown when there is none or more than one.
        """
        path, folded = str(Path(name).absolute()), name.casefold()
        ways = (
            lambda a: a.id == name,
            lambda a: path in a.sources or name in a.sources,
            lambda a: len(name) >= 4 and a.id.startswith(name),
            lambda a: a.title.casefold() == folded,
            lambda a: any(Path(s).name == name for s in a.sources),
        )
        everything = self.listed()
        for way in ways:
            found = [a.id for a in everything if way(a)]
            if len(found) == 1:
                return found[0]
            if found:
                raise ArticleUnknown(name, f"means {len(found)} articles ({', '.join(found[:3])})")
        raise ArticleUnknown(name)

    def chunk_ids(self, articles: set[str]) -> list[int]:
        """The ids of these articles' chunks."""
        with self._translated():
            rows = self._db.execute(
                "SELECT id FROM chunks WHERE article IN (SELECT value FROM json_each(?))",
                (json.dumps(sorted(articles)),),
            ).fetchall()
        return [row[0] for row in rows]

    def counts(self) -> tuple[int, int]:
        """How many present articles and chunks."""
        with self._translated():
            row = self._db.execute(
                "SELECT COUNT(DISTINCT articles.id), COUNT(chunks.id) FROM articles "
                "LEFT JOIN chunks ON article = articles.id WHERE removed IS NULL"
            ).fetchone()
        return row[0], row[1]

    # --- for the indexes -----------------------------------------------------------------------

    @property
    def identity(self) -> str:
        """What tells this library from every other."""
        return self._meta("library")

    @property
    def dimension(self) -> int:
        return int(self._meta("dimension"))

    def can_tell_changes_since(self, generation: int) -> bool:
        """False when something was erased since, so that only a rebuild is sure."""
        return int(self._meta("erased")) <= generation <= self.generation

    def changed_articles(self, since: int) -> list[str]:
        """The ids of articles added, changed or removed after generation `since`."""
        with self._translated():
            rows = self._db.execute("SELECT id FROM articles WHERE generation > ?", (since,))
            return [row[0] for row in rows]

    def removed_chunks(self, since: int) -> list[int]:
        """The ids of chunks of articles removed after generation `since`."""
        with self._translated():
            rows = self._db.execute(
                "SELECT chunks.id FROM chunks JOIN articles ON articles.id = article "
                "WHERE generation > ? AND removed IS NOT NULL",
                (since,),
            )
            return [row[0] for row in rows]

    def added_chunks(self, since: int) -> Iterator[tuple[int, str, str, str]]:
        """(chunk id, article id, title, text) of present articles changed after `since`."""
        with self._translated():
            yield from self._db.execute(
                "SELECT chunks.id, article, title, chunks.text FROM chunks "
                "JOIN articles ON articles.id = article WHERE generation > ? AND removed IS NULL",
                (since,),
            )

    def added_vectors(self, since: int) -> tuple[list[int], Vectors]:
        """The ids and vectors, shape (n, dimension), of the same chunks."""
        with self._translated():
            rows = self._db.execute(
                "SELECT chunks.id, vector FROM chunks JOIN articles ON articles.id = article "
                "WHERE generation > ? AND removed IS NULL",
                (since,),
            ).fetchall()
        halves = np.frombuffer(b"".join(row[1] for row in rows), np.float16)
        return [row[0] for row in rows], halves.reshape(-1, self.dimension).astype(np.float32)

    def integrity(self) -> str:
        """What is wrong with the database, or `ok`. Raises LibraryUnusable for an altered text."""
        with self._translated():
            found = str(self._db.execute("PRAGMA integrity_check(1)").fetchone()[0])
            if found != "ok":
                return found
            strays = self._db.execute(
                "SELECT COUNT(*) FROM chunks JOIN articles ON articles.id = article "
                'WHERE substr(articles.text, start + 1, "end" - start) != chunks.text'
            ).fetchone()[0]
        self.articles_by_id(a.id for a in self.listed())
        return f"{strays} chunks are not what their article says" if strays else "ok"


_RESTORE = "move it away and ingest the articles again, or put a copy from a backup in its place"


def _connect(file: Path, folder: Path) -> sqlite3.Connection:
    try:
        db = sqlite3.connect(file, isolation_level=None, timeout=10, check_same_thread=False)
        db.execute("PRAGMA foreign_keys = ON")
    except sqlite3.DatabaseError as error:
        raise _our_error(error, folder) from error
    return db


def _unfinished(folder: Path) -> bool:
    """True for a database whose making was cut short: there is nothing in it."""
    file = folder / "library.db"
    if file.stat().st_size == 0:
        return True
    with suppress(sqlite3.DatabaseError):
        db = sqlite3.connect(file, timeout=10)
        try:
            empty = db.execute("SELECT COUNT(*) FROM sqlite_master").fetchone()[0] == 0
            return bool(empty and db.execute("PRAGMA application_id").fetchone()[0] == 0)
        finally:
            db.close()
    return False


def _our_error(error: sqlite3.DatabaseError, folder: Path) -> Exception:
    name = getattr(error, "sqlite_errorname", "") or ""
    if name.startswith(("SQLITE_BUSY", "SQLITE_LOCKED")):
        return LibraryBusy(str(folder))
    if name.startswith(("SQLITE_FULL", "SQLITE_IOERR", "SQLITE_READONLY", "SQLITE_CANTOPEN")):
        return StorageFull(str(folder), str(error))
    return _damaged(folder, str(error))


def _damaged(folder: Path, why: str) -> LibraryUnusable:
    why = printable(why, 100)  # SQLite's may be a whole text
    return LibraryUnusable(str(folder), f"has a damaged library.db ({why})", _RESTORE)


def _now() -> str:
    return datetime.now(UTC).isoformat()


def _date(text: str | None) -> date | None:
    return date.fromisoformat(text) if text else None
