"""One SQLite file: its tables, its transactions, and its errors put into words."""

import secrets
import sqlite3
import threading
import unicodedata
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

from rag.articles import public_source
from rag.errors import (
    BadInput,
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
CREATE INDEX articles_listed ON articles (published IS NULL, published DESC, title, id, outlet)
WHERE removed IS NULL;
CREATE TABLE sources (
    source TEXT PRIMARY KEY,      -- absolute path, address, or `upload:…`
    article TEXT NOT NULL REFERENCES articles (id) ON DELETE CASCADE,
    fingerprint TEXT NOT NULL,    -- of the file's bytes and of how they were read
    title TEXT NOT NULL,
    outlet TEXT,
    author TEXT,
    published TEXT                -- ISO date; the earliest source's are the article's own
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
_VERSION = 2
# Of format 1, in which an article had but one outlet. Where it has several sources, each is to be
# read again, for what it said is lost.
_RENEW = """
DROP VIEW IF EXISTS temp.sources;
ALTER TABLE sources ADD COLUMN title TEXT NOT NULL DEFAULT '';
ALTER TABLE sources ADD COLUMN outlet TEXT;
ALTER TABLE sources ADD COLUMN author TEXT;
ALTER TABLE sources ADD COLUMN published TEXT;
UPDATE sources SET (title, outlet, author, published) =
    (SELECT title, outlet, author, published FROM articles WHERE id = article);
UPDATE sources SET fingerprint = '' WHERE article IN
    (SELECT article FROM sources GROUP BY article HAVING COUNT(*) > 1);
PRAGMA user_version = 2;
"""
_AS_IF_RENEWED = """
CREATE TEMP VIEW sources AS
SELECT old.rowid AS rowid, source, article, fingerprint, title, outlet, author, published
FROM main.sources AS old JOIN main.articles ON id = article
"""
_RESTORE = "move it away and ingest the articles again, or put a copy from a backup in its place"

Row = tuple[Any, ...]


class Database:
    """An open library.db. Whatever SQLite raises comes out as a RagError that names the folder.

    Threads may share it: one statement or transaction runs at a time, for two that overlap on one
    connection would see one state, and a third after them the same, however old it is by then.
    """

    def __init__(self, folder: Path) -> None:
        """Connects to the file, which SQLite makes if there is none."""
        self.folder = folder
        self._lock = threading.RLock()
        self._opened: tuple[int, int] | None = None  # what tells the file from every other
        with self._translated():
            self._connection = sqlite3.connect(
                folder / "library.db", isolation_level=None, timeout=10, check_same_thread=False
            )
            self._connection.execute("PRAGMA foreign_keys = ON")
            self._connection.create_function("folded", 1, folded, deterministic=True)
            self._connection.create_function("public", 1, public_source, deterministic=True)
        self._opened = self._there()

    @classmethod
    def of_library(cls, folder: Path) -> "Database":
        """Connects to a library that is there. Raises LibraryMissing, LibraryUnusable."""
        if not (folder / "library.db").is_file():
            raise LibraryMissing(str(folder))
        db = cls(folder)
        try:
            db.check_identity()
        except BaseException:
            db.close()
            raise
        return db

    def close(self) -> None:
        with self._lock:
            self._connection.close()

    def rows(self, sql: str, values: Sequence[object] = ()) -> list[Row]:
        with self._translated():
            return self._connection.execute(sql, values).fetchall()

    def row(self, sql: str, values: Sequence[object] = ()) -> Row | None:
        with self._translated():
            found: Row | None = self._connection.execute(sql, values).fetchone()
            return found

    def each(self, sql: str, values: Sequence[object] = ()) -> Iterator[Row]:
        """The rows one by one, for those that together may not fit the memory."""
        with self._translated():
            yield from self._connection.execute(sql, values)

    def run(self, sql: str, values: Sequence[object] = ()) -> int:
        """How many rows it changed."""
        with self._translated():
            return self._connection.execute(sql, values).rowcount

    def run_each(self, sql: str, values: Iterable[Sequence[object]]) -> None:
        with self._translated():
            self._connection.executemany(sql, values)

    def run_all(self, statements: str) -> None:
        """Runs each of them; a semicolon at a line's end is between two."""
        for statement in statements.split(";\n"):
            self.run(statement)

    @contextmanager
    def atomic(self) -> Iterator[None]:
        """What is done inside is committed whole, or not at all."""
        with self._transaction("BEGIN IMMEDIATE"):
            yield

    @contextmanager
    def reading(self) -> Iterator[None]:
        """What is read inside is one state, whatever others commit meanwhile."""
        with self._transaction("BEGIN"):
            self.row("SELECT 1 FROM meta")  # the state is that of the first read, not of BEGIN
            yield

    @contextmanager
    def _transaction(self, begin: str) -> Iterator[None]:
        with self._lock:
            self.run(begin)
            try:
                yield
                self.run("COMMIT")
            except BaseException:
                with suppress(sqlite3.Error):
                    self._connection.execute("ROLLBACK")
                raise

    def meta(self, key: str) -> str:
        found = self.row("SELECT value FROM meta WHERE key = ?", (key,))
        if found is None:
            raise LibraryUnusable(str(self.folder), f"lacks its {key}", _RESTORE)
        return str(found[0])

    def meta_number(self, key: str) -> int:
        found = self.meta(key)
        if not found.isdecimal():
            raise self.damaged(f"its {key} is {found!r}")
        return int(found)

    def set_meta(self, key: str, value: str) -> None:
        self.run("UPDATE meta SET value = ? WHERE key = ?", (value, key))

    def make_tables(self, facts: dict[str, str]) -> None:
        """Makes the tables unless they are there, and notes `facts` in meta, all or nothing."""
        self.run("PRAGMA journal_mode = WAL")  # which stays
        with self.atomic():
            if self._pragma("application_id") == 0:
                self.run_all(SCHEMA)
                noted = {"library": secrets.token_hex(8), **facts}
                self.run_each("INSERT INTO meta VALUES (?, ?)", noted.items())
                self.run(f"PRAGMA user_version = {_VERSION}")
                self.run(f"PRAGMA application_id = {_APPLICATION_ID}")

    def check_identity(self) -> None:
        """Raises LibraryMissing or LibraryUnusable when this is not a library's database."""
        if self._pragma("application_id") != _APPLICATION_ID:
            if is_unfinished(self.folder):
                raise LibraryMissing(str(self.folder))
            why = "holds a database that is not a library's"
            raise LibraryUnusable(str(self.folder), why, "name another folder")
        version = self._pragma("user_version")
        if version == 1:
            try:
                self.renew()
            except (StorageFull, LibraryBusy):  # then it is, when something is written
                self.run(_AS_IF_RENEWED)
        elif version != _VERSION:
            why = f"has format {version}, and this program reads {_VERSION}"
            raise LibraryUnusable(str(self.folder), why, "use the program that made it")
        self.row("SELECT COUNT(*) FROM articles")

    def renew(self) -> None:
        """Brings a library of format 1 up to date."""
        if self._pragma("user_version") == 1:
            with self.atomic():
                if self._pragma("user_version") == 1:  # nobody else did it meanwhile
                    self.run_all(_RENEW)

    def integrity(self) -> str:
        """What SQLite finds wrong, or `ok`."""
        found = self.row("PRAGMA integrity_check(1)")
        return str(found[0]) if found else "no answer"

    def damaged(self, why: str) -> LibraryUnusable:
        """The error that says so."""
        why = printable(why, 100)  # SQLite's may be a whole text
        return LibraryUnusable(str(self.folder), f"has a damaged library.db ({why})", _RESTORE)

    def _pragma(self, name: str) -> int:
        found = self.row(f"PRAGMA {name}")
        return int(found[0]) if found else 0

    def _there(self) -> tuple[int, int] | None:
        """What tells the file that is there now from every other; None when there is none."""
        try:
            status = (self.folder / "library.db").stat()
        except OSError:
            return None
        return status.st_dev, status.st_ino

    @contextmanager
    def _translated(self) -> Iterator[None]:
        # of a file that was replaced, SQLite goes on to read and write what nobody else sees
        if self._opened and self._opened != self._there():
            why = "was moved or replaced while it was open"
            raise LibraryUnusable(str(self.folder), why, "start the program again")
        try:
            with self._lock:
                yield
        except sqlite3.DatabaseError as error:
            raise self._our_error(error) from error
        except UnicodeEncodeError as error:  # half of a character, as JSON may hold one
            raise BadInput(f"{printable(error.object)} is not text; type it again.") from error
        except UnicodeDecodeError as error:
            raise self.damaged("a text in it is not UTF-8") from error

    def _our_error(self, error: sqlite3.DatabaseError) -> Exception:
        name = getattr(error, "sqlite_errorname", "") or ""
        if name.startswith(("SQLITE_BUSY", "SQLITE_LOCKED")):
            return LibraryBusy(str(self.folder))
        if name.startswith(("SQLITE_FULL", "SQLITE_IOERR", "SQLITE_READONLY", "SQLITE_CANTOPEN")):
            return StorageFull(str(self.folder), str(error))
        return self.damaged(str(error))


def folded(text: str) -> str:
    """`text` as it is compared in any case; in SQL too."""
    if text.isascii():
        return text.lower()
    return unicodedata.normalize("NFC", text).casefold()


def is_unfinished(folder: Path) -> bool:
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
