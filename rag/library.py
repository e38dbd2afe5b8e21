"""The store: articles, chunks and vectors in one SQLite file, which is the truth.

One process writes articles at a time; any number read. Every committed change of articles or chunks
raises the generation, by which the derived indexes (`rag/indexes.py`) know what they lack.
"""

import json
import os
import threading
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Literal

import numpy as np

from rag.articles import Article, Printing, whole_path
from rag.chunking import Chunk
from rag.database import Database, Row, folded, is_unfinished
from rag.embedding import Vectors
from rag.errors import (
    ArticleUnknown,
    LibraryBusy,
    LibraryUnusable,
    StorageFull,
    printable,
)

_OURS = ("library.db", "writer.lock", "dense.", "lexical", "seeds.json")
UNDO = timedelta(days=1)
_MOST_WORDS = 12  # that a list of articles is searched for

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


@dataclass(frozen=True, slots=True)
class Page:
    """Some of the articles in their order, and how many there are in all."""

    articles: tuple[Listed, ...]
    total: int


class Library:
    """An open library. Use `Library.open` or `Library.create`, and close it (or use `with`)."""

    def __init__(self, db: Database) -> None:
        self.folder = db.folder
        self._db = db
        self._writer: int | None = None  # the thread that holds the right to write

    # --- opening -------------------------------------------------------------------------------

    @classmethod
    def open(cls, folder: Path) -> "Library":
        """Raises LibraryMissing, or LibraryUnusable when it is not a library or is damaged."""
        return cls(Database.of_library(folder))

    @classmethod
    def create(cls, folder: Path, embedding: str, fingerprint: str, dimension: int) -> "Library":
        """A new library, or the one that is there. Raises LibraryUnusable, StorageFull."""
        if (folder / "library.db").exists() and not is_unfinished(folder):
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
        library = cls(Database(folder))
        facts = {
            "embedding": embedding,
            "fingerprint": fingerprint,
            "dimension": str(dimension),
            "generation": "0",
            "erased": "0",  # the last generation that changes cannot be told from
            "last_removal": "",  # when; what `undo` brings back
        }
        with library.writing():
            library._db.make_tables(facts)
        return library

    def close(self) -> None:
        self._db.close()

    def __enter__(self) -> "Library":
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def check_embedding(self, embedding: str, fingerprint: str | None = None) -> None:
        """Raises LibraryUnusable when the library's vectors are another model's."""
        mine = printable(self._db.meta("embedding"))
        if mine != printable(embedding):
            why = f"was made with the embedding model {mine}, not with {printable(embedding)}"
            remedy = f"use --embedding {mine}, or ingest into a new library"
            raise LibraryUnusable(str(self.folder), why, remedy)
        if fingerprint not in (None, self._db.meta("fingerprint")):
            why = f"was made with another version of the embedding model {mine}"
            raise LibraryUnusable(str(self.folder), why, "ingest into a new library")

    # --- transactions --------------------------------------------------------------------------

    @contextmanager
    def writing(self, wait_s: float = 2.0) -> Iterator[None]:
        """Holds the right to write articles. Raises LibraryBusy when another has it.

        That is another process, another thread, or another Library of the same folder.
        """
        from filelock import FileLock, Timeout

        if self._writer == threading.get_ident():
            yield
            return
        lock = FileLock(self.folder / "writer.lock")
        try:
            lock.acquire(timeout=wait_s)
        except Timeout:
            raise LibraryBusy(str(self.folder)) from None
        except OSError as error:
            raise StorageFull(str(self.folder), error.strerror or str(error)) from error
        self._writer = threading.get_ident()
        try:
            yield
        finally:
            self._writer = None
            lock.release()

    @contextmanager
    def snapshot(self) -> Iterator["Library"]:
        """This library as it is now, for reading: later changes of others do not show in it."""
        with Library.open(self.folder) as library, library._db.reading():
            yield library

    @contextmanager
    def _change(self) -> Iterator[int]:
        """A committed change of articles, all or nothing. Gives the generation that it makes."""
        self._db.renew()  # where it could not be when it was opened
        with self._db.atomic():
            generation = self.generation + 1
            yield generation
            self._db.set_meta("generation", str(generation))

    @property
    def generation(self) -> int:
        """How many changes of articles and chunks were committed."""
        return self._db.meta_number("generation")

    # --- writing -------------------------------------------------------------------------------

    def source(self, source: str) -> tuple[str, str] | None:
        """The (article id, fingerprint) last read from `source`, if the article is still in."""
        found = self._db.row(
            "SELECT article, fingerprint FROM sources JOIN articles ON articles.id = article "
            "WHERE source = ? AND removed IS NULL",
            (source,),
        )
        return (found[0], found[1]) if found else None

    def stored(self, article: Article) -> bool:
        """Whether this text is in, and not to have a new title by this: `put` needs no chunks."""
        found = self._db.row("SELECT title FROM articles WHERE id = ?", (article.id,))
        mine = Printing(article.title, article.outlet, article.author, article.published)
        printings = {**self._printings(article.id), article.sources[0]: mine}
        original, *_ = _by_outlet(printings.values())
        return found is not None and (found[0] == article.title or original is not mine)

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
            former = self._db.row(
                "SELECT article FROM sources WHERE source = ? AND article != ?",
                (source, article.id),
            )
            self._note_source(article, fingerprint)
            self._db.run("UPDATE articles SET removed = NULL WHERE id = ?", (article.id,))
            self._describe(article.id, generation)
            if former:
                self._describe(former[0], generation)
                self._db.run(
                    "UPDATE articles SET removed = ?, generation = ? WHERE id = ? "
                    "AND removed IS NULL AND id NOT IN (SELECT article FROM sources)",
                    (_now(), generation, former[0]),
                )
        return "updated" if before else "added"

    def _insert(
        self, article: Article, chunks: Sequence[Chunk], vectors: Vectors, generation: int
    ) -> None:
        replaced = self._db.run("DELETE FROM chunks WHERE article = ?", (article.id,))
        if replaced:  # their ids are gone: the indexes cannot tell which to drop
            self._db.set_meta("erased", str(generation))
        self._db.run(  # the article's sources stay
            "INSERT INTO articles VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, NULL) "
            "ON CONFLICT (id) DO UPDATE SET fetched = excluded.fetched",
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
        self._db.run_each(
            'INSERT INTO chunks (article, start, "end", text, vector) VALUES (?, ?, ?, ?, ?)',
            (
                (c.article_id, c.start, c.end, c.text, v.astype(np.float16).tobytes())
                for c, v in zip(chunks, vectors, strict=True)
            ),
        )

    def _note_source(self, article: Article, fingerprint: str) -> None:
        """What the article's one source says; it keeps its place among the article's others."""
        (source,) = article.sources
        self._db.run("DELETE FROM sources WHERE source = ? AND article != ?", (source, article.id))
        self._db.run(
            "INSERT INTO sources (source, article, fingerprint, title, outlet, author, published) "
            "VALUES (?, ?, ?, ?, ?, ?, ?) ON CONFLICT (source) DO UPDATE SET (fingerprint, title, "
            "outlet, author, published) = (excluded.fingerprint, excluded.title, excluded.outlet, "
            "excluded.author, excluded.published)",
            (source, article.id, fingerprint, *_columns(article)),
        )

    def _describe(self, article_id: str, generation: int) -> None:
        """Gives an article what its original says: title, outlet, author, date.

        A title that comes from a source read before leaves the vectors those of the former one.
        """
        for original in _by_outlet(self._printings(article_id).values())[:1]:
            self._db.run(
                "UPDATE articles SET (title, outlet, author, published) = (?, ?, ?, ?), "
                "generation = ? WHERE id = ?",
                (*_columns(original), generation, article_id),
            )

    def remove(self, ids: Sequence[str]) -> None:
        """Marks articles as removed; for a day they can come back."""
        self._erase_old()
        now = _now()
        with self._change() as generation:
            self._db.run_each(
                "UPDATE articles SET removed = ?, generation = ? WHERE id = ? AND removed IS NULL",
                ((now, generation, i) for i in ids),
            )
            self._db.set_meta("last_removal", now)

    def removed(self) -> list[tuple[str, str]]:
        """The id and title of each article that can be brought back, the last removed first."""
        return [(row[0], row[2]) for row in self._undoable()]

    def _undoable(self) -> list[Row]:
        oldest = (datetime.now(UTC) - UNDO).isoformat()
        return self._db.rows(
            "SELECT id, removed, title FROM articles WHERE removed > ? "
            "AND id IN (SELECT article FROM sources) ORDER BY removed DESC, title",
            (oldest,),
        )

    def undo(self, ids: Sequence[str] = ()) -> list[str]:
        """Brings removed articles back (all of the last removal, if none is named): their ids.

        Raises ArticleUnknown when nothing was removed within a day.
        """
        rows = self._undoable()
        for wanted in ids:
            if not any(row[0].startswith(wanted) for row in rows):
                raise ArticleUnknown(wanted, "was not removed within the last day")
        last = self._db.meta("last_removal")
        chosen = [i for i, at, _ in rows if (any(map(i.startswith, ids)) if ids else at == last)]
        if not rows:
            raise ArticleUnknown("--undo", "nothing was removed within the last day")
        if not chosen:
            raise ArticleUnknown("--undo", "what was removed last has been replaced since")
        with self._change() as generation:
            self._db.run_each(
                "UPDATE articles SET removed = NULL, generation = ? WHERE id = ?",
                ((generation, i) for i in chosen),
            )
        return chosen

    def prune(self, gone: Iterable[str]) -> list[Article]:
        """Drops the sources `gone`, and removes the articles that have no other: those articles."""
        sources = json.dumps(list(gone))
        rows = self._db.rows(
            "SELECT DISTINCT article, article IN (SELECT article FROM sources WHERE source "
            "NOT IN (SELECT value FROM json_each(?1))) FROM sources WHERE source IN "
            "(SELECT value FROM json_each(?1))",
            (sources,),
        )
        orphans = [article for article, stays in rows if not stays]
        others = [article for article, stays in rows if stays]
        articles = list(self.articles_by_id(orphans).values())
        if orphans:  # which keep their sources, so that their removal can be undone
            self.remove(orphans)
        if others:
            with self._change() as generation:
                self._db.run(
                    "DELETE FROM sources WHERE source IN (SELECT value FROM json_each(?)) "
                    "AND article IN (SELECT value FROM json_each(?))",
                    (sources, json.dumps(others)),
                )
                for article in others:
                    self._describe(article, generation)
        return articles

    def sources_below(self, path: str) -> list[str]:
        """The sources of present articles that are the absolute `path` or lie in it."""
        rows = self._db.rows(
            "SELECT source FROM sources JOIN articles ON articles.id = article "
            "WHERE removed IS NULL AND (source = ? OR substr(source, 1, ?) = ?)",
            (path, len(path.rstrip(os.sep)) + 1, path.rstrip(os.sep) + os.sep),
        )
        return [row[0] for row in rows]

    def _erase_old(self) -> None:
        """Erases what was removed more than a day ago."""
        oldest = (datetime.now(UTC) - UNDO).isoformat()
        with self._change() as generation:
            erased = self._db.run("DELETE FROM articles WHERE removed <= ?", (oldest,))
            if erased:
                self._db.set_meta("erased", str(generation))

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
        for article_id in dict.fromkeys(ids):
            row = self._db.row(
                "SELECT title, text, outlet, author, published, language, fetched "
                "FROM articles WHERE id = ? AND removed IS NULL",
                (article_id,),
            )
            if row:
                title, text, outlet, author, published, language, fetched = row
                printings = self._printings(article_id)
                found[article_id] = Article(
                    title=title,
                    text=text,
                    sources=tuple(sorted(printings)),
                    outlet=outlet,
                    author=author,
                    published=self._date(published),
                    language=language,
                    fetched=self._time(fetched),
                    reprints=_by_outlet(printings.values())[1:],
                )
                if found[article_id].id != article_id:
                    raise self._db.damaged(f"the text of {article_id} has changed")
        return found

    def _printings(self, article_id: str) -> dict[str, Printing]:
        """What each source of the article says, the first added first."""
        rows = self._db.rows(
            "SELECT source, title, outlet, author, published FROM sources WHERE article = ? "
            "ORDER BY rowid",
            (article_id,),
        )
        return {
            source: Printing(title, outlet, author, self._date(day))
            for source, title, outlet, author, day in rows
        }

    def chunks(self, ids: Sequence[int]) -> dict[int, Chunk]:
        """The chunks of present articles among `ids`."""
        rows = self._db.rows(
            'SELECT chunks.id, article, start, "end", chunks.text FROM chunks '
            "JOIN articles ON articles.id = article WHERE removed IS NULL "
            "AND chunks.id IN (SELECT value FROM json_each(?))",
            (json.dumps(list(ids)),),
        )
        return {row[0]: Chunk(*row[1:]) for row in rows}

    def ids_titled(self, titles: Iterable[str]) -> list[str]:
        """The present articles of these titles, in their order; of one title, at most five."""
        found: list[str] = []
        for title in titles:
            rows = self._db.rows(
                "SELECT id FROM articles WHERE title = ? AND removed IS NULL LIMIT 5", (title,)
            )
            found += [article_id for (article_id,) in rows]
        return found

    def listed(self, filters: Filters | None = None) -> list[Listed]:
        """The articles that `filters` let through, newest first, those without a date last."""
        return list(self.page(filters, limit=None).articles)

    def page(
        self,
        filters: Filters | None = None,
        *,
        containing: str = "",
        limit: int | None = 50,
        offset: int = 0,
    ) -> Page:
        """As `listed`, but of them only `limit` from `offset` on, and how many there are in all.

        `containing`: words or parts of words, in any case, each of which stands in the title, the
        outlet, the author, a source as others may see it, or the text (there only a to z in any
        case).
        """
        wanted, values = _wanted(filters or Filters(), containing)
        ids = self._db.rows(
            f"SELECT id FROM articles WHERE {wanted} ORDER BY published IS NULL, published DESC, "
            "title, id LIMIT ? OFFSET ?",
            (*values, -1 if limit is None else limit, offset),
        )
        ((total,),) = self._db.rows(f"SELECT COUNT(*) FROM articles WHERE {wanted}", values)
        return Page(tuple(self._listed([row[0] for row in ids])), total)

    def _listed(self, ids: Sequence[str]) -> list[Listed]:
        """These articles, in this order."""
        among = "IN (SELECT value FROM json_each(?))"
        wanted = (json.dumps(ids),)
        sources: dict[str, list[str]] = {}
        for article, source in self._db.rows(
            f"SELECT article, source FROM sources WHERE article {among} ORDER BY source", wanted
        ):
            sources.setdefault(article, []).append(source)
        rows = self._db.rows(
            "SELECT id, title, outlet, published, language, (SELECT COUNT(*) FROM chunks WHERE "
            f"article = articles.id), fetched FROM articles WHERE id {among}",
            wanted,
        )
        found = {
            row[0]: Listed(
                id=row[0],
                title=row[1],
                outlet=row[2],
                published=self._date(row[3]),
                language=row[4],
                chunks=row[5],
                added=self._time(row[6]),
                sources=tuple(sources.get(row[0], ())),
            )
            for row in rows
        }
        return [found[i] for i in ids if i in found]

    def outlets(self) -> list[str]:
        """The outlets of present articles, sorted; one that is written in several ways, once."""
        rows = self._db.rows(
            "SELECT DISTINCT sources.outlet FROM sources JOIN articles ON articles.id = article "
            "WHERE removed IS NULL AND sources.outlet IS NOT NULL"
        )
        by_name = {folded(outlet): outlet for (outlet,) in sorted(rows, reverse=True)}
        return [by_name[name] for name in sorted(by_name)]

    def article_ids(self, filters: Filters) -> set[str]:
        """The ids of the present articles that `filters` let through."""
        wanted, values = _wanted(filters)
        return {row[0] for row in self._db.rows(f"SELECT id FROM articles WHERE {wanted}", values)}

    def resolve(self, name: str) -> str:
        """The id of the article that `name` means: an id (or its start), source, file name, title.

        Raises ArticleUnknown when there is none or more than one.
        """
        path, folded = str(whole_path(name)), name.casefold()
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
        rows = self._db.rows(
            "SELECT id FROM chunks WHERE article IN (SELECT value FROM json_each(?))",
            (json.dumps(sorted(articles)),),
        )
        return [row[0] for row in rows]

    def counts(self) -> tuple[int, int]:
        """How many present articles and chunks."""
        (row,) = self._db.rows(
            "SELECT COUNT(DISTINCT articles.id), COUNT(chunks.id) FROM articles "
            "LEFT JOIN chunks ON article = articles.id WHERE removed IS NULL"
        )
        return row[0], row[1]

    def _date(self, text: str | None) -> date | None:
        return self._time(text).date() if text else None

    def _time(self, text: str) -> datetime:
        try:
            return datetime.fromisoformat(text)
        except ValueError:
            raise self._db.damaged(f"{text!r} is no time") from None

    # --- for the indexes -----------------------------------------------------------------------

    @property
    def identity(self) -> str:
        """What tells this library from every other."""
        return self._db.meta("library")

    @property
    def dimension(self) -> int:
        return self._db.meta_number("dimension")

    def can_tell_changes_since(self, generation: int) -> bool:
        """False when something was erased since, so that only a rebuild is sure."""
        return self._db.meta_number("erased") <= generation <= self.generation

    def changed_articles(self, since: int) -> list[str]:
        """The ids of articles added, changed or removed after generation `since`."""
        rows = self._db.rows("SELECT id FROM articles WHERE generation > ?", (since,))
        return [row[0] for row in rows]

    def removed_chunks(self, since: int) -> list[int]:
        """The ids of chunks of articles removed after generation `since`."""
        rows = self._db.rows(
            "SELECT chunks.id FROM chunks JOIN articles ON articles.id = article "
            "WHERE generation > ? AND removed IS NOT NULL",
            (since,),
        )
        return [row[0] for row in rows]

    def added_chunks(self, since: int) -> Iterator[tuple[int, str, str, str]]:
        """(chunk id, article id, title, text) of present articles changed after `since`."""
        yield from self._db.each(
            "SELECT chunks.id, article, title, chunks.text FROM chunks "
            "JOIN articles ON articles.id = article WHERE generation > ? AND removed IS NULL",
            (since,),
        )

    def added_vectors(self, since: int) -> tuple[list[int], Vectors]:
        """The ids and vectors, shape (n, dimension), of the same chunks."""
        rows = self._db.rows(
            "SELECT chunks.id, vector FROM chunks JOIN articles ON articles.id = article "
            "WHERE generation > ? AND removed IS NULL",
            (since,),
        )
        if any(len(row[1]) != 2 * self.dimension for row in rows):
            raise self._db.damaged("a vector is not of the right length")
        halves = np.frombuffer(b"".join(row[1] for row in rows), np.float16)
        return [row[0] for row in rows], halves.reshape(-1, self.dimension).astype(np.float32)

    def integrity(self) -> str:
        """What is wrong with the database, or `ok`. Raises LibraryUnusable for an altered text."""
        found = self._db.integrity()
        if found != "ok":
            return found
        ((strays,),) = self._db.rows(
            "SELECT COUNT(*) FROM chunks JOIN articles ON articles.id = article "
            'WHERE substr(articles.text, start + 1, "end" - start) != chunks.text'
        )
        self.articles_by_id(a.id for a in self.listed())
        return f"{strays} chunks are not what their article says" if strays else "ok"


def _wanted(filters: Filters, containing: str = "") -> tuple[str, list[str]]:
    """The SQL that is true of the articles let through, and its values."""
    among = "IN (SELECT value FROM json_each(?))"
    of_source = "id IN (SELECT article FROM sources WHERE {})"
    place = of_source.format("instr(folded(public(source) || ' ' || coalesce(outlet, '')), ?)")
    anywhere = (
        f"(instr(folded(title || ' ' || coalesce(author, '')), ?) OR {place} "
        "OR instr(lower(text), ?))"  # `folded` would take a second for 10,000 texts
    )
    words = folded(containing).split()[:_MOST_WORDS]
    wanted = {
        "removed IS NULL": [],
        "published >= ?": [filters.since.isoformat()] if filters.since else None,
        "published <= ?": [filters.until.isoformat()] if filters.until else None,
        of_source.format(f"folded(coalesce(outlet, '')) {among}"): (
            [json.dumps([folded(o) for o in filters.outlets])] if filters.outlets else None
        ),
        f"id {among}": [json.dumps(filters.articles)] if filters.articles else None,
        " AND ".join([anywhere] * len(words)): [w for w in words for _ in "123"] or None,
    }
    chosen = {sql: values for sql, values in wanted.items() if values is not None}
    return " AND ".join(chosen), [value for values in chosen.values() for value in values]


def _by_outlet(printings: Iterable[Printing]) -> tuple[Printing, ...]:
    """The original of all, and the first of each other outlet.

    The original is the first by date; of one day, or where none has a date, the first that names
    its outlet, else the first of all.
    """
    ordered = sorted(printings, key=lambda p: (p.published or date.max, p.outlet is None))
    first = {folded(p.outlet): p for p in reversed(ordered) if p.outlet}
    others = (p for p in ordered[1:] if p.outlet and p is first[folded(p.outlet)])
    return (*ordered[:1], *others)


def _columns(said: Article | Printing) -> tuple[str, str | None, str | None, str | None]:
    """Title, outlet, author and ISO date."""
    day = said.published.isoformat() if said.published else None
    return said.title, said.outlet, said.author, day


def _now() -> str:
    return datetime.now(UTC).isoformat()
