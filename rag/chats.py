"""Saved chats and what people thought of the answers, kept in the library's database.

Each operation is a short transaction of its own, over a connection of its own: it does not take the
right to write articles, does not raise the library's generation, and may come from any thread.
"""

import json
import secrets
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Literal, get_args

from rag.answer import Answer
from rag.database import Database, Row, folded
from rag.errors import BadInput, ChatUnknown, LibraryBusy, StorageFull, printable

SCHEMA = """
CREATE TABLE IF NOT EXISTS chats (
    id TEXT PRIMARY KEY,          -- random
    owner BLOB NOT NULL,          -- whose it is, as UTF-8
    title TEXT NOT NULL,          -- one line
    started TEXT NOT NULL,        -- ISO time, UTC
    changed TEXT NOT NULL         -- ISO time, UTC; when its title or its turns last did
) STRICT;
CREATE INDEX IF NOT EXISTS chats_owner ON chats (owner, changed);
CREATE TABLE IF NOT EXISTS turns (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    chat TEXT NOT NULL REFERENCES chats (id) ON DELETE CASCADE,
    asked TEXT NOT NULL,          -- ISO time, UTC
    verdict TEXT,                 -- up or down; null until there is one
    reason TEXT,                  -- for the verdict
    given TEXT,                   -- ISO time, UTC; when the verdict was
    search TEXT NOT NULL,         -- question and answer as they are searched
    answer TEXT NOT NULL          -- JSON, docs/contract.md
) STRICT;
CREATE INDEX IF NOT EXISTS turns_chat ON turns (chat);
CREATE TABLE IF NOT EXISTS replaced (  -- rated turns whose question was asked again
    id INTEGER PRIMARY KEY,       -- that of the turn
    chat TEXT NOT NULL REFERENCES chats (id) ON DELETE CASCADE,
    asked TEXT NOT NULL,          -- as in turns, and so the rest
    verdict TEXT NOT NULL,        -- up or down
    reason TEXT NOT NULL,         -- for the verdict
    given TEXT NOT NULL,          -- ISO time, UTC
    answer TEXT NOT NULL          -- JSON, docs/contract.md
) STRICT;
CREATE INDEX IF NOT EXISTS replaced_chat ON replaced (chat);
"""
TITLE_LIMIT = 120  # characters
REASON_LIMIT = 2_000
_PAGE = 100  # rated answers that are in memory at once

Verdict = Literal["up", "down"]


@dataclass(frozen=True, slots=True)
class Chat:
    """A saved chat without its turns. `changed` is when its title or its turns last did, UTC."""

    id: str
    title: str
    started: datetime
    changed: datetime
    turns: int


@dataclass(frozen=True, slots=True)
class Feedback:
    """What a person thought of an answer, and when (UTC)."""

    verdict: Verdict
    reason: str
    given: datetime


@dataclass(frozen=True, slots=True)
class Saved:
    """One turn of a chat: a question with its answer, when it was asked (UTC)."""

    id: int
    answer: Answer
    asked: datetime
    feedback: Feedback | None


@dataclass(frozen=True, slots=True)
class Rated:
    """An answer with somebody's feedback, and nothing of who that was."""

    question: str
    answer: Answer
    verdict: Verdict
    reason: str
    given: datetime


class Chats:
    """The chats of a library's owners. An owner is any text; each sees only what is their own.

    Another owner's chat is as unknown as one that does not exist. Saving raises StorageFull where
    the library cannot be written. Close it, or use `with`.
    """

    def __init__(self, folder: Path) -> None:
        """Raises LibraryMissing or LibraryUnusable where `folder` holds no library."""
        self._db = Database.of_library(folder)
        self._made = False
        with suppress(StorageFull, LibraryBusy):  # then they are made when something is saved
            self._make_tables()

    def close(self) -> None:
        self._db.close()

    def __enter__(self) -> "Chats":
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    # --- chats ---------------------------------------------------------------------------------

    def start(self, owner: str, title: str) -> Chat:
        """A new chat without turns. The title becomes one line and is cut where it is too long."""
        with self._saving():
            return self._start(owner, title, _now())

    def start_with(self, owner: str, title: str, answer: Answer) -> tuple[str, Saved]:
        """The id of a new chat, and the answer as its first turn: both are kept, or neither."""
        now = _now()
        with self._saving():
            chat = self._start(owner, title, now)
            return chat.id, self._add(chat.id, answer, now)

    def _start(self, owner: str, title: str, now: datetime) -> Chat:
        line = one_line(title, TITLE_LIMIT)
        chat = Chat(secrets.token_urlsafe(16), line, started=now, changed=now, turns=0)
        self._db.run(
            "INSERT INTO chats VALUES (?, ?, ?, ?, ?)",
            (chat.id, _key(owner), line, _text_of(now), _text_of(now)),
        )
        return chat

    def listed(
        self, owner: str, containing: str = "", *, limit: int = 50, offset: int = 0
    ) -> list[Chat]:
        """Those whose title, questions or answers contain the words, last changed first."""
        rows = self._rows(
            f"{_CHATS} WHERE owner = ?1 AND (instr(folded(title), ?2) OR EXISTS "
            "(SELECT 1 FROM turns WHERE chat = chats.id AND instr(turns.search, ?2))) "
            "ORDER BY changed DESC, rowid DESC LIMIT ?3 OFFSET ?4",
            (_key(owner), _searched(containing), _within(limit), _within(offset)),
        )
        return list(map(self._chat, rows))

    def chat(self, owner: str, chat_id: str) -> Chat:
        """Raises ChatUnknown."""
        asked_for = chat_id.encode("ascii", "replace").decode()  # what SQLite can be asked
        values = (_key(owner), asked_for)
        for row in self._rows(f"{_CHATS} WHERE owner = ? AND id = ?", values):
            return self._chat(row)
        raise ChatUnknown(chat_id)

    def rename(self, owner: str, chat_id: str, title: str) -> Chat:
        """The chat under its new title. Raises ChatUnknown."""
        line = one_line(title, TITLE_LIMIT)
        with self._saving():
            chat = self.chat(owner, chat_id)
            self._db.run(
                "UPDATE chats SET title = ?, changed = ? WHERE id = ?",
                (line, _text_of(_now()), chat.id),
            )
            return self.chat(owner, chat_id)

    def delete(self, owner: str, chat_id: str) -> None:
        """Forgets the chat with its turns and their feedback. Raises ChatUnknown."""
        with self._saving():
            self._db.run("DELETE FROM chats WHERE id = ?", (self.chat(owner, chat_id).id,))

    # --- turns ---------------------------------------------------------------------------------

    def turns(self, owner: str, chat_id: str) -> list[Saved]:
        """In the order of asking. Raises ChatUnknown."""
        chat = self.chat(owner, chat_id)
        rows = self._rows(
            "SELECT id, answer, asked, verdict, reason, given FROM turns "
            "WHERE chat = ? ORDER BY id",
            (chat.id,),
        )
        return list(map(self._saved, rows))

    def add(
        self, owner: str, chat_id: str, answer: Answer, *, replaces: int | None = None
    ) -> Saved:
        """The answer as the chat's last turn, in place of the turn `replaces` and all after it.

        Raises ChatUnknown, also when the turn is another chat's; then nothing is changed.
        """
        now = _now()
        with self._saving():
            chat = self.chat(owner, chat_id)
            if replaces is not None:
                self._forget_from(owner, chat, replaces)
            saved = self._add(chat.id, answer, now)
            self._changed(chat.id, now)
        return saved

    def _add(self, chat_id: str, answer: Answer, now: datetime) -> Saved:
        ((turn_id,),) = self._db.rows(
            "INSERT INTO turns (chat, asked, search, answer) VALUES (?, ?, ?, ?) RETURNING id",
            (chat_id, _text_of(now), _search_text(answer), json.dumps(answer.to_json())),
        )
        return Saved(turn_id, answer, now, None)

    def amend(self, owner: str, turn_id: int, answer: Answer) -> None:
        """The answer in place of the turn's own: the same question, worded since.

        Raises ChatUnknown.
        """
        with self._saving():
            self._chat_of(owner, turn_id)
            self._db.run(
                "UPDATE turns SET answer = ?, search = ? WHERE id = ?",
                (json.dumps(answer.to_json()), _search_text(answer), turn_id),
            )

    def _forget_from(self, owner: str, chat: Chat, turn_id: int) -> None:
        if self._chat_of(owner, turn_id) != chat.id:
            raise ChatUnknown(str(turn_id))
        gone = (chat.id, turn_id)
        self._db.run(
            "INSERT INTO replaced SELECT id, chat, asked, verdict, reason, given, answer "
            "FROM turns WHERE chat = ? AND id >= ? AND verdict IS NOT NULL",
            gone,
        )
        self._db.run("DELETE FROM turns WHERE chat = ? AND id >= ?", gone)

    def _changed(self, chat_id: str, when: datetime) -> None:
        self._db.run("UPDATE chats SET changed = ? WHERE id = ?", (_text_of(when), chat_id))

    # --- feedback ------------------------------------------------------------------------------

    def rate(self, owner: str, turn_id: int, verdict: Verdict, reason: str = "") -> Feedback:
        """Keeps what the owner thinks of that answer, instead of what was thought before.

        A long reason is cut. Raises ChatUnknown, and BadInput for any other verdict.
        """
        if verdict not in get_args(Verdict):
            raise BadInput(f"{printable(str(verdict))}: not a verdict; give up or down.")
        feedback = Feedback(verdict, _encodable(reason)[:REASON_LIMIT], _now())
        with self._saving():
            self._chat_of(owner, turn_id)
            self._db.run(
                "UPDATE turns SET verdict = ?, reason = ?, given = ? WHERE id = ?",
                (verdict, feedback.reason, _text_of(feedback.given), turn_id),
            )
        return feedback

    def take_back(self, owner: str, turn_id: int) -> None:
        """Forgets what the owner thought of that answer. Raises ChatUnknown."""
        with self._saving():
            self._chat_of(owner, turn_id)
            self._db.run(
                "UPDATE turns SET verdict = NULL, reason = NULL, given = NULL WHERE id = ?",
                (turn_id,),
            )

    def feedback(self) -> Iterator[Rated]:
        """All rated answers of all owners, in the order of asking, those asked again too."""
        last = 0
        while rows := self._rows(
            "SELECT id, answer, asked, verdict, reason, given FROM (SELECT * FROM replaced "
            "UNION ALL SELECT id, chat, asked, verdict, reason, given, answer FROM turns) "
            "WHERE id > ? AND verdict IS NOT NULL ORDER BY id LIMIT ?",
            (last, _PAGE),
        ):
            for saved in map(self._saved, rows):
                if f := saved.feedback:
                    yield Rated(saved.answer.question, saved.answer, f.verdict, f.reason, f.given)
                last = saved.id

    # --- rows and values -----------------------------------------------------------------------

    def _chat_of(self, owner: str, turn_id: int) -> str:
        """The id of the chat that holds the turn. Raises ChatUnknown."""
        found = self._rows(
            "SELECT chats.id FROM chats JOIN turns ON chat = chats.id "
            "WHERE owner = ? AND turns.id = ?",
            (_key(owner), str(turn_id)),  # a text may be any number, an integer only 64 bits
        )
        if not found:
            raise ChatUnknown(str(turn_id))
        return str(found[0][0])

    def _chat(self, row: Row) -> Chat:
        chat_id, title, started, changed, turns = row
        return Chat(chat_id, title, self._time(started), self._time(changed), turns)

    def _saved(self, row: Row) -> Saved:
        turn_id, answer, asked, verdict, reason, given = row
        feedback = Feedback(verdict, reason, self._time(given)) if verdict else None
        return Saved(turn_id, self._answer(answer), self._time(asked), feedback)

    def _answer(self, text: str) -> Answer:
        try:
            return Answer.from_json(json.loads(text))
        except (ValueError, BadInput) as error:
            raise self._db.damaged(f"a saved answer: {error}") from error

    def _time(self, text: str) -> datetime:
        try:
            return datetime.fromisoformat(text)
        except ValueError:
            raise self._db.damaged(f"{text!r} is no time") from None

    # --- transactions --------------------------------------------------------------------------

    def _rows(self, sql: str, values: tuple[object, ...]) -> list[Row]:
        """None while the tables could not be made."""
        return self._db.rows(sql, values) if self._has_tables() else []

    @contextmanager
    def _saving(self) -> Iterator[None]:
        """What is done inside is saved whole or not at all, by one thread at a time."""
        self._make_tables()
        with self._db.atomic():
            yield

    def _make_tables(self) -> None:
        """Makes them in a library of before there were chats."""
        if not self._has_tables():
            with self._db.atomic():
                self._db.run_all(SCHEMA)

    def _has_tables(self) -> bool:
        if not self._made:  # another process may have made them meanwhile
            self._made = bool(self._db.rows("SELECT 1 FROM sqlite_master WHERE name = 'replaced'"))
        return self._made


_CHATS = (
    "SELECT id, title, started, changed, (SELECT COUNT(*) FROM turns WHERE chat = chats.id) "
    "FROM chats"
)


def one_line(text: str, limit: int) -> str:
    """`text` on one line, without what cannot be seen or turns the reading order, cut at `limit`.

    A text of which nothing remains is `Untitled`.
    """
    seen = "".join(c if c.isprintable() or c in _JOINERS else " " * c.isspace() for c in text)
    line = " ".join(seen.split())
    if not line.strip(_JOINERS):
        return "Untitled"
    return line if len(line) <= limit else line[: limit - 1] + "…"


_JOINERS = "\u200c\u200d"  # which some scripts, and emoji, are written with


def _search_text(answer: Answer) -> str:
    return f"{_searched(answer.question)}\n{_searched(answer.answer)}"


def _searched(text: str) -> str:
    """How texts are compared: without case, in one spelling of accents, on one line."""
    return " ".join(folded(_encodable(text)).split())


def _encodable(text: str) -> str:
    """Without lone surrogates, which UTF-8 has no place for, and without NULs."""
    return text.encode("utf-8", "replace").decode().replace("\0", "")


def _key(owner: str) -> bytes:
    """Different for different owners, whatever characters they are made of."""
    return owner.encode("utf-8", "surrogatepass")


def _within(count: int) -> int:
    """What SQLite can count to, and takes no `unlimited` from."""
    return min(max(count, 0), 2**31)


def _now() -> datetime:
    return datetime.now(UTC)


def _text_of(time: datetime) -> str:
    """Of one length, so that texts sort as times do."""
    return time.isoformat(timespec="microseconds")
