"""What the page asks for: each function takes what the browser sent and gives what it shows.

What the browser sent may be anything: it is read by `_text`, `_number` and their like, which raise
BadInput. Whose chats are meant is `owner`, which never comes from the browser.
"""

import re
import threading
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime
from functools import lru_cache
from itertools import islice
from pathlib import Path
from typing import Any, cast, get_args
from urllib.parse import urlsplit

from rag import exporting
from rag.answer import Answer, turn_of
from rag.answering import Engine, Writer, look_up, worded
from rag.articles import FORMATS, OTHER_KIND, OUTSIDE, parse_date
from rag.chats import Chats, Saved, Verdict
from rag.composing import Found, answered, quoted, with_rest
from rag.errors import (
    ArticleUnknown,
    BadInput,
    ChatUnknown,
    LibraryBusy,
    LibraryMissing,
    LibraryUnusable,
    ModelMissing,
    RagError,
    StorageFull,
)
from rag.examples import example_questions
from rag.ingesting import Ingested, found, ingest, ingest_upload
from rag.library import Filters, Library
from rag.llm import Model, is_address
from rag.machine import LOOPBACK
from rag.reading import Strictness
from rag.settings import Settings
from ui import views
from ui.models import SharedModel

PATIENCE_S = 5.0  # so long a wording waits for the model; then the quotes stand as they are
LEFT_OUT = (
    "Not worded by the model, which is busy with other questions: "
    "these are the articles’ own sentences."
)
_NO_MODEL = (
    "Not worded by the model, which cannot be loaded: these are the articles’ own sentences."
)
_MOST_SOURCES = 50  # that a person may choose to look at
_PAGE = 100  # chats, and the most articles, that are listed at once
_UNDONE = 20  # removals, the last ones, that are listed with a button that brings back
_WRITE_WAIT_S = 30.0  # for another writer of articles to finish its article
_ARTICLE_ID = re.compile(r"[0-9a-f]{16}")
_REMOVE_WAIT_S = 3.0  # the same, where each that waits keeps one of the page's threads
_STOPPED_EACH, _STOPPED = 20, 1_000  # questions known as stopped, of one visitor and of all
# Of these errors the own words name files of the server, which are for whoever runs it.
_IN_WORDS: dict[type[RagError], str] = {
    LibraryBusy: "Other articles are being added or removed; try again when that is done.",
    StorageFull: "Nothing can be kept: the disk is full, or not open to this program. "
    "What was kept before is safe. Tell whoever runs it, and try again.",
    LibraryMissing: "The library is not where it was. Tell whoever runs this program.",
    LibraryUnusable: "The library cannot be read. Tell whoever runs this program.",
    ModelMissing: "A model cannot be loaded. Tell whoever runs this program.",
}

Sent = Mapping[str, Any]  # what the browser sent
Shown = dict[str, Any]  # what it shows: "html" by the id of its place, and more by name


class Stopped:
    """The questions that were stopped, by owner and key: nothing more of them is kept."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._asked: dict[tuple[str, str], None] = {}  # in the order of stopping

    def add(self, owner: str, key: str) -> None:
        """Of one owner, and of all, only so many: one that is forgotten is kept all the same."""
        with self._lock:
            self._asked[owner, key] = None
            known = list(self._asked)
            own = [at for at in known if at[0] == owner]
            for at in {*own[:-_STOPPED_EACH], *known[:-_STOPPED]}:
                del self._asked[at]

    @contextmanager
    def keeping(self, owner: str, key: str) -> Iterator[bool]:
        """Whether the question is still wanted: inside, nobody stops it."""
        with self._lock:
            yield (owner, key) not in self._asked


@dataclass(frozen=True, slots=True, eq=False)
class Desk:
    """What the page is served from, opened once for all people."""

    engine: Engine
    chats: Chats
    model: SharedModel
    settings: Settings
    allowed: tuple[Path, ...]  # folders of this machine that files may be added from
    stopped: Stopped = field(default_factory=Stopped)


def in_words(error: RagError) -> str:
    """The error as the page tells it, without a path of the server."""
    return next((told for kind, told in _IN_WORDS.items() if isinstance(error, kind)), str(error))


# --- asking ---------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Wording:
    """An answer that stands in quotes and waits for the model's turn to be worded."""

    owner: str
    key: str
    chat: str
    turn: int
    found: Found
    model: str


def ask(desk: Desk, owner: str, sent: Sent) -> tuple[Shown, Wording | None]:
    """The answer in the articles' own sentences, and what is to be worded of it, if anything is.

    It is the last turn of its chat from then on. Nothing is kept, and nothing shown, where the
    question was stopped meanwhile. Raises RagError.
    """
    key, replaced = _text(sent, "key", 100), _number(sent, "replaces")
    model, chat = _wording_model(desk, sent), _text(sent, "chat", 200)
    before = _before(desk.chats.turns(owner, chat) if chat else [], replaced)
    got = look_up(
        _text(sent, "question"),
        desk.engine,
        history=[turn_of(saved.answer) for saved in before],
        standalone=_text(sent, "standalone") or None,
        **_options(desk, sent),
    )
    answer = quoted(got)
    with desk.stopped.keeping(owner, key) as wanted:
        if not wanted:
            return {}, None
        if chat:
            turn = desk.chats.add(owner, chat, answer, replaces=replaced or None)
        else:
            chat, turn = desk.chats.start_with(owner, got.question, answer)
    to_word = got.may_be_worded and bool(model)
    shown = _turn_shown(key, chat, turn, wording=to_word)
    return shown, Wording(owner, key, chat, turn.id, got, model) if to_word else None


def _before(turns: list[Saved], replaced: int) -> list[Saved]:
    """The turns before the one that is replaced, or all. Raises ChatUnknown."""
    return turns[: turns.index(_turn(turns, replaced))] if replaced else turns


def _turn(turns: list[Saved], number: int) -> Saved:
    """Raises ChatUnknown when none of them has that number."""
    found = next((turn for turn in turns if turn.id == number), None)
    if found is None:
        raise ChatUnknown(str(number))
    return found


def _wording_model(desk: Desk, sent: Sent) -> str:
    """The name of the model that is to word the answer; "" where none is, or is wanted."""
    if _setting(desk, sent, "writer", get_args(Writer)) == "quote":
        return ""
    return _setting(desk, sent, "model", desk.model.offered)


def _turn_shown(key: str, chat: str, turn: Saved, *, wording: bool) -> Shown:
    return {
        "key": key,
        "chat": chat,
        "turn": views.turn(turn.answer, turn.id, wording=wording),
        "wording": wording,
        "said": _spoken(turn.answer),
    }


def _spoken(answer: Answer) -> str:
    """What a screen reader says when an answer is there."""
    if answer.abstained:
        return answer.answer
    sentences, sources = len(answer.claims), len(answer.citations)
    return f"Answered: {_many(sentences, 'sentence')}, {_many(sources, 'source')}."


def _many(count: int, noun: str) -> str:
    return f"{count:,} {noun}{'s' * (count != 1)}"


def word(desk: Desk, wording: Wording) -> Iterator[Shown]:
    """The same turn as the model words it, a checked sentence more each time, until it is stopped.

    Each is kept before it is shown: what is on the page when it ends stands in the chat too.
    """
    desk.model.rest(PATIENCE_S)
    waited = wording.found.clock.lap("wait_s")
    model = desk.model.get(wording.model) if waited <= PATIENCE_S else None
    answer = None
    if model is not None:
        for answer in _growing(desk, wording.found, model):
            if not _kept(desk, wording, answer):
                return
            yield _worded_shown(wording, answer, wording_goes_on=True)
    if answer is None:
        notice = LEFT_OUT if waited > PATIENCE_S else _NO_MODEL
        answer = _with_notice(quoted(wording.found), notice)
        if not _kept(desk, wording, answer):
            return
    yield _worded_shown(wording, answer, wording_goes_on=False)


def _kept(desk: Desk, wording: Wording, answer: Answer) -> bool:
    """Keeps the answer as the turn's, unless its question was stopped."""
    with desk.stopped.keeping(wording.owner, wording.key) as wanted:
        if wanted:
            desk.chats.amend(wording.owner, wording.turn, answer)
        return wanted


def _growing(desk: Desk, found: Found, model: Model) -> Iterator[Answer]:
    found.clock.lap("load_s")
    for claims in worded(found, model, desk.engine.reader, before_token=desk.model.rest):
        yield answered(found, with_rest(found, claims), model=model)


def _worded_shown(wording: Wording, answer: Answer, *, wording_goes_on: bool) -> Shown:
    turn = Saved(wording.turn, answer, datetime.now(UTC), None)
    return _turn_shown(wording.key, wording.chat, turn, wording=wording_goes_on)


def stop_question(desk: Desk, owner: str, sent: Sent) -> Shown:
    """Nothing more of a question is kept; the turn that it has by now, with a word on that.

    Raises ChatUnknown.
    """
    desk.stopped.add(owner, _text(sent, "key", 100))
    chat, number = _text(sent, "chat", 200), _number(sent, "turn")
    if not number:
        return {}
    turn = _turn(desk.chats.turns(owner, chat), number)
    answer = _with_notice(turn.answer, views.stopped(turn.answer))
    desk.chats.amend(owner, number, answer)
    return {"turn": views.turn(answer, number, feedback=turn.feedback)}


def _with_notice(answer: Answer, notice: str) -> Answer:
    told = answer.notice or ""
    return answer if notice in told else replace(answer, notice=f"{notice} {told}".strip())


def _options(desk: Desk, sent: Sent) -> dict[str, Any]:
    """The options of `look_up`."""
    scope = _object(sent, "scope")
    return {
        "top": _top(desk, sent),
        "mode": desk.settings.mode,
        "strictness": cast(Strictness, _setting(desk, sent, "strictness", get_args(Strictness))),
        "filters": _filters(
            scope, outlets=_texts(scope, "outlets"), articles=_texts(scope, "articles")
        ),
    }


def _filters(sent: Sent, outlets: Sequence[str], articles: Sequence[str] = ()) -> Filters:
    since, until = _day(sent, "since"), _day(sent, "until", latest=True)
    if since and until and since > until:
        raise BadInput(f"from {since} to {until} is no day; set From before To.")
    return Filters(since, until, tuple(outlets), tuple(articles))


def _setting(desk: Desk, sent: Sent, name: str, known: Sequence[str]) -> str:
    """What the person chose, if there is such a thing; else what the program was started with."""
    chosen = _text(_object(sent, "settings"), name)
    if chosen in known:
        return chosen
    return desk.model.default if name == "model" else str(getattr(desk.settings, name))


def _top(desk: Desk, sent: Sent) -> int:
    """A number that makes no sense is none: a browser may have kept one, and would fail with it."""
    chosen = _object(sent, "settings").get("top")
    if type(chosen) is not int or chosen < 1:
        return desk.settings.top
    return min(chosen, _MOST_SOURCES)


# --- the page as a whole --------------------------------------------------------------------------


def start(desk: Desk, owner: str, sent: Sent, person: str | None = None) -> Shown:
    """What does not change while the page is open."""
    chosen = {
        "writer": "quote"
        if _setting(desk, sent, "writer", get_args(Writer)) == "quote"
        else "auto",
        "model": _setting(desk, sent, "model", desk.model.offered),
        "top": _top(desk, sent),
        "strictness": _setting(desk, sent, "strictness", get_args(Strictness)),
        "look": _text(_object(sent, "settings"), "look"),
    }
    local = [
        ("Passages by meaning", f"{views.file_name([desk.engine.embedder.name])}, FAISS"),
        ("Passages by words", "tantivy (BM25)"),
        ("Answers in passages", f"{desk.engine.reader.name}, ONNX Runtime"),
        ("Wording", ", ".join(views.file_name([m]) for m in desk.model.offered) or "no model"),
        ("Articles and chats", "one SQLite file in the library’s folder"),
    ]
    adder: dict[str, Any] = {
        "by_path": bool(desk.allowed),
        "megabytes": desk.settings.max_megabytes,
        "formats": list(FORMATS),
    }
    html = {
        "settings": views.settings(
            models=list(desk.model.offered),
            chosen=chosen,
            local=local,
            servers=[m for m in desk.model.offered if _is_elsewhere(m)],
        ),
        "person": views.person(person),
        "adding": views.adding(**adder),
        "first-run": views.first_run(**adder),
    }
    return {"html": html}


def _is_elsewhere(model: str) -> bool:
    return is_address(model) and urlsplit(model).hostname not in LOOPBACK


def library(desk: Desk, owner: str, sent: Sent) -> Shown:
    """What changes with the articles that there are."""
    count, _ = desk.engine.library.counts()
    articles = _many(count, "article") if count else "your articles"
    names = desk.engine.library.outlets()
    html = {
        "strap": f"answers from {articles}, and from nothing else",
        "scope-outlets": views.outlets(names),
        "filter-outlet": views.outlet_options(names),
        "welcome": views.welcome(count, ()) if count else "",
    }
    return {"html": html, "count": count}


def examples(desk: Desk, owner: str, sent: Sent) -> Shown:
    """Questions that this library answers, made from its own articles."""
    count, _ = desk.engine.library.counts()
    with _making_examples:
        asked = _examples(desk.engine, desk.engine.library.generation)
    return {"html": {"welcome": views.welcome(count, asked)}}


_making_examples = threading.Lock()  # else each of the pages that open at once would make its own


@lru_cache(maxsize=2)
def _examples(engine: Engine, generation: int) -> tuple[str, ...]:
    candidates = example_questions(engine.library, most=12)
    answered_ones = (q for q in candidates if look_up(q, engine).evidence)
    return tuple(islice(answered_ones, 4))


# --- articles -------------------------------------------------------------------------------------


def list_articles(desk: Desk, owner: str, sent: Sent) -> Shown:
    outlet = _text(sent, "outlet")
    filters = _filters(sent, outlets=[outlet] if outlet else [])
    offset, limit = _number(sent, "offset"), min(_number(sent, "limit") or _PAGE, _PAGE)
    containing, library = _text(sent, "containing"), desk.engine.library
    page = library.page(filters, containing=containing, limit=limit, offset=offset)
    if page.total and not page.articles:  # the last page's last article was removed
        offset = (page.total - 1) // limit * limit
        page = library.page(filters, containing=containing, limit=limit, offset=offset)
    shown = views.articles(page.articles, total=page.total, offset=offset, limit=limit)
    return {"html": {"articles": shown, "undo": views.undo(library.removed()[:_UNDONE])}}


def open_article(desk: Desk, owner: str, sent: Sent) -> Shown:
    try:
        article = desk.engine.library.article(_text(sent, "article", 100))
    except ArticleUnknown:
        return {"html": {"panel-body": views.gone()}}
    quote = _span(sent.get("quote")) if sent.get("quote") is not None else None
    answering = [_span(span) for span in _list(sent, "answering")]
    at = _number(sent, "at") if sent.get("at") is not None else None
    return {"html": {"panel-body": views.article(article, quote, answering, at)}}


def remove_article(desk: Desk, owner: str, sent: Sent) -> Shown:
    article = desk.engine.library.article(_text(sent, "article", 100))
    with Library.open(desk.engine.library.folder) as opened, opened.writing(_REMOVE_WAIT_S):
        opened.remove([article.id])
    desk.engine.indexes.current()
    return {"said": "Removed."}


def undo_removal(desk: Desk, owner: str, sent: Sent) -> Shown:
    article_id = _text(sent, "article", 100)
    if not _ARTICLE_ID.fullmatch(article_id):  # the beginning of one may mean several
        raise BadInput("no article is named; nothing was brought back.")
    with Library.open(desk.engine.library.folder) as opened, opened.writing(_REMOVE_WAIT_S):
        opened.undo([article_id])
    desk.engine.indexes.current()
    return {"said": "Brought back."}


def add_upload(desk: Desk, name: str, data: bytes) -> Ingested:
    """The article in an uploaded file, stored; `name` is but a label. Raises RagError."""
    with Library.open(desk.engine.library.folder) as opened:
        return ingest_upload(
            name,
            data,
            opened,
            desk.engine.embedder,
            max_megabytes=desk.settings.max_megabytes,
            wait_s=_WRITE_WAIT_S,
        )


def add_path(desk: Desk, owner: str, sent: Sent) -> Iterator[Shown]:
    """Adds a file or folder of this machine, and tells how far it is after each file.

    Where the library cannot be written, it ends with a line for each file that is not added. Raises
    BadInput when the path is not in a folder that was named with --allow-path.
    """
    key, path = _text(sent, "key", 100), _allowed(desk, _text(sent, "named"))
    files, skipped = found([path])
    counts: dict[str, int] = {}
    lines = [views.added_line(i) for i in skipped if i.note not in (OUTSIDE, OTHER_KIND)]
    for done, file in enumerate(files):
        name = views.file_name([file.name])  # as it can be shown, whatever bytes it is made of
        yield _adding(key, lines=lines, done=done, total=len(files), name=name)
        try:
            item = _add_file(desk, file)
        except (LibraryBusy, StorageFull) as error:
            lines = [_not_added(left, error) for left in files[done:]]
            counts["not added"] = len(lines)
            break
        counts[item.status] = counts.get(item.status, 0) + 1
        lines = [views.added_line(item)] if item.note else []
    desk.engine.indexes.current()
    for note, told in _PASSED_OVER.items():
        if count := sum(item.note == note for item in skipped):
            counts[told] = count
    yield _adding(key, lines=lines, finished=True, counts=counts)


_PASSED_OVER = {
    OUTSIDE: "behind links that lead out of the folder",
    OTHER_KIND: "of other kinds passed over",
}


def _adding(key: str, **news: Any) -> Shown:
    return {"stage": "adding", "key": key, **news}


def _add_file(desk: Desk, file: Path) -> Ingested:
    with Library.open(desk.engine.library.folder) as opened:
        (item,) = ingest(
            [file],
            opened,
            desk.engine.embedder,
            max_megabytes=desk.settings.max_megabytes,
            wait_s=_WRITE_WAIT_S,
        )
        return item


def _not_added(file: Path, error: RagError) -> str:
    return views.added_line(Ingested(str(file), "skipped", None, None, in_words(error)))


def _allowed(desk: Desk, text: str) -> Path:
    """Raises BadInput, in the same words whether the path is there or not."""
    if text and "\0" not in text:
        path = Path(text)
        if path.is_absolute() and _is_inside(path, desk.allowed):
            return path
    raise BadInput(
        "this path is in none of the folders that the program was started with (--allow-path); "
        "give a full path inside one of them."
    )


def _is_inside(path: Path, folders: Sequence[Path]) -> bool:
    """Whether what `path` leads to, links followed, is there and in one of the folders."""
    try:
        real = path.resolve(strict=True)
    except (OSError, RuntimeError, ValueError):
        return False
    return any(real.is_relative_to(folder) for folder in folders)


# --- chats ----------------------------------------------------------------------------------------


def list_chats(desk: Desk, owner: str, sent: Sent) -> Shown:
    containing, current = _text(sent, "containing"), _text(sent, "current", 200)
    listed = desk.chats.listed(owner, containing, limit=_PAGE + 1)
    shown = views.chats(
        listed[:_PAGE], current=current, searched=bool(containing), cut=len(listed) > _PAGE
    )
    return {"html": {"chats": shown}}


def open_chat(desk: Desk, owner: str, sent: Sent) -> Shown:
    turns = desk.chats.turns(owner, _text(sent, "chat", 200))
    shown = (views.turn(t.answer, t.id, feedback=t.feedback) for t in turns)
    return {"html": {"turns": "".join(shown)}}


def rename_chat(desk: Desk, owner: str, sent: Sent) -> Shown:
    desk.chats.rename(owner, _text(sent, "chat", 200), _text(sent, "title"))
    return {"said": "Renamed."}


def delete_chat(desk: Desk, owner: str, sent: Sent) -> Shown:
    desk.chats.delete(owner, _text(sent, "chat", 200))
    return {"said": "Deleted."}


def rate(desk: Desk, owner: str, sent: Sent) -> Shown:
    """Keeps a verdict, or with none takes back what was kept. Raises ChatUnknown, BadInput."""
    verdict = cast(Verdict, _text(sent, "verdict", 10))
    if not verdict:
        desk.chats.take_back(owner, _number(sent, "turn"))
        return {"said": "Taken back."}
    desk.chats.rate(owner, _number(sent, "turn"), verdict, _text(sent, "reason"))
    return {"said": "Kept, with the question and the answer."}


_EXPORTS = {
    "md": ("text/markdown", exporting.to_markdown),
    "html": ("text/html", exporting.to_html),
    "json": ("application/json", exporting.to_json),
}


def export(desk: Desk, owner: str, chat_id: str, suffix: str) -> tuple[str, str]:
    """(media type, text) of a chat as a file. Raises ChatUnknown, and BadInput for a suffix."""
    if suffix not in _EXPORTS:
        raise BadInput(f"a chat is not saved as .{suffix}; there are {', '.join(_EXPORTS)}.")
    media, write = _EXPORTS[suffix]
    chat = desk.chats.chat(owner, chat_id)
    answers = [turn.answer for turn in desk.chats.turns(owner, chat_id)]
    return media, write(chat.title, answers, datetime.now(UTC))


# --- reading what was sent ------------------------------------------------------------------------


def _text(sent: Sent, name: str, most: int = 20_000) -> str:
    value = sent.get(name)
    if value is None:
        return ""
    if not isinstance(value, str) or len(value) > most:
        raise BadInput(f"{name} is not a text of at most {most} characters.")
    return value.encode("utf-8", "replace").decode()  # JSON may hold half a character


def _number(sent: Sent, name: str) -> int:
    """0 where there is none."""
    value = sent.get(name)
    if value is None:
        return 0
    if type(value) is not int or not 0 <= value < 2**53:  # True is an int too
        raise BadInput(f"{name} is not a whole number.")
    return value


def _object(sent: Sent, name: str) -> Sent:
    value = sent.get(name)
    if value is None:
        return {}
    if not isinstance(value, dict):
        raise BadInput(f"{name} is not a set of named values; reload the page.")
    return value


def _list(sent: Sent, name: str) -> list[Any]:
    value = sent.get(name)
    if value is None:
        return []
    if not isinstance(value, list) or len(value) > 1000:
        raise BadInput(f"{name} is not a list of at most 1000.")
    return value


def _texts(sent: Sent, name: str) -> list[str]:
    values = _list(sent, name)
    if not all(isinstance(value, str) for value in values):
        raise BadInput(f"{name} is not a list of texts.")
    return values


def _day(sent: Sent, name: str, *, latest: bool = False) -> date | None:
    text = _text(sent, name, 40)
    return parse_date(text, latest=latest) if text else None


def _span(value: Any) -> tuple[int, int]:
    match value:
        case [int(start), int(end)] if 0 <= start <= end < 2**53:
            return start, end
    raise BadInput("a place in an article is not two numbers.")
