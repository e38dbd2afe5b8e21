"""`rag chat`: a conversation in the terminal. A line that begins with / is for the chat itself."""

import argparse
import os
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from rag.errors import BadInput, RagError, printable, what_failed
from rag.opening import answer_options, open_engine_of
from rag.settings import Settings

if TYPE_CHECKING:
    from rich.console import Console

    from rag.answer import Answer
    from rag.answering import Engine

_HELP = """\
/sources      the last answer's passages, with their scores
/why          what was checked for the last answer, how it came out, and what took how long
/new          forget what was said: the next question stands alone
/save FILE    keep the conversation: FILE.md, FILE.html, or FILE.json for `rag verify`
/since DATE   ask articles from then on only (2014, 2014-01-31); without DATE all again
/until DATE   the same, up to then
/help         this
/quit         end, as Ctrl-D does
A line that ends in \\ goes on in the next, an empty one is passed over. Ctrl-C stops an answer."""
_TYPED = "chat_history"  # in the library's folder: what was typed, for the arrow keys
_MOST_TYPED = 1000  # lines of it


@dataclass
class _Talk:
    """What a conversation is made of so far."""

    engine: "Engine"
    options: dict[str, Any]
    out: "Console"
    errors: "Console"
    answers: list["Answer"] = field(default_factory=list)
    since_new: int = 0  # so many of them are forgotten


def chat(arguments: argparse.Namespace, chosen: Settings) -> int:
    from rag.terminal import consoles

    out, errors = consoles()
    engine = open_engine_of(chosen, errors)
    talk = _Talk(engine, answer_options(arguments, chosen, engine.library), out, errors)
    if not sys.stdin.isatty():
        return _converse(talk)
    articles, _ = engine.library.counts()
    errors.print(f"{articles} articles. Ask a question; /help says what else there is.")
    with _typed_before(engine.library.folder / _TYPED):
        return _converse(talk)


@contextmanager
def _typed_before(file: Path) -> Iterator[None]:
    """Arrow keys, with what was typed in earlier conversations; neither where Python has none."""
    try:
        import readline
    except ImportError:  # on Windows
        yield
        return
    readline.set_history_length(_MOST_TYPED)
    with suppress(OSError):
        readline.read_history_file(file)
    yield
    with suppress(OSError):
        readline.write_history_file(file)


def _converse(talk: _Talk) -> int:
    while True:
        try:
            line = _line()
        except KeyboardInterrupt:  # at the prompt there is nothing to stop
            talk.errors.print("\nCtrl-D or /quit ends.")
            continue
        if line is None or line == "/quit":
            return 0
        try:
            if line:
                _answer(line, talk)
        except KeyboardInterrupt:
            talk.errors.print("\nstopped.")
        except RagError as error:
            talk.errors.print(f"rag: {error}")
        except OSError as error:
            talk.errors.print(f"rag: {what_failed(error)}.")


def _line() -> str | None:
    """What is typed next; lines that end in a backslash are one with the next.

    None at the end, which an empty line is too where nobody types: pasted text may have some.
    """
    typed = sys.stdin.isatty()
    prompt = "\n> "
    lines: list[str] = []
    while True:
        try:
            line = input(prompt if typed else "")
        except EOFError:
            if not lines:
                return None
            line = ""
        lines.append(line.removesuffix("\\"))
        if not line.endswith("\\"):
            said = " ".join(lines).strip()
            return said if said or typed else None
        prompt = "… "


def _answer(line: str, talk: _Talk) -> None:
    if line.startswith("/"):
        name, _, rest = line.partition(" ")
        command = _COMMANDS.get(name)
        if command is None:
            raise BadInput(f"{printable(name)}: no such command; /help lists them.")
        command(talk, rest.strip())
        return
    from rag.answer import turn_of
    from rag.answering import answers
    from rag.terminal import show_stream

    history = [turn_of(answer) for answer in talk.answers[talk.since_new :]]
    growing = answers(line, talk.engine, history=history, **talk.options)
    talk.answers.append(show_stream(talk.out, growing))


# --- the commands ---------------------------------------------------------------------------------


def _last(talk: _Talk) -> "Answer":
    if not talk.answers:
        raise BadInput("nothing has been asked yet; ask a question first.")
    return talk.answers[-1]


def _sources(talk: _Talk, rest: str) -> None:
    from rag.terminal import show_retrieved

    show_retrieved(talk.out, _last(talk), talk.engine.library)


def _why(talk: _Talk, rest: str) -> None:
    from rag.terminal import show_why

    show_why(talk.out, _last(talk))


def _new(talk: _Talk, rest: str) -> None:
    talk.since_new = len(talk.answers)
    talk.errors.print("forgotten; the next question stands alone.")


def _save(talk: _Talk, rest: str) -> None:
    from rag.exporting import to_html, to_json, to_markdown

    written = {".md": to_markdown, ".html": to_html, ".json": to_json}
    file = Path(os.path.expanduser(rest))  # noqa: PTH111  # Path's own raises where nobody is called so
    if file.suffix not in written or "\0" in rest:
        raise BadInput(f"/save {printable(rest)}: name a file that ends in .md, .html or .json.")
    if file.exists():
        raise BadInput(f"/save {printable(rest)}: it is there already; name another file.")
    _last(talk)
    text = written[file.suffix](talk.answers[0].question, talk.answers, datetime.now(UTC))
    file.write_text(text, encoding="utf-8")
    count = len(talk.answers)
    talk.errors.print(f"{count} answer{'s' * (count != 1)} saved in {printable(str(file))}")


def _since(talk: _Talk, rest: str) -> None:
    from rag.articles import parse_date

    _filter(talk, since=parse_date(rest) if rest else None)


def _until(talk: _Talk, rest: str) -> None:
    from rag.articles import parse_date

    _filter(talk, until=parse_date(rest, latest=True) if rest else None)


def _filter(talk: _Talk, **dates: Any) -> None:
    filters = replace(talk.options["filters"], **dates)
    among = len(talk.engine.library.article_ids(filters))
    talk.options = {**talk.options, "filters": filters}
    days = [f"since {filters.since}"] if filters.since else []
    days += [f"until {filters.until}"] if filters.until else []
    talk.errors.print(f"{' '.join(days) or 'of any date'}: {among} articles.")


def _help(talk: _Talk, rest: str) -> None:
    talk.errors.print(_HELP)


_COMMANDS: dict[str, Callable[[_Talk, str], None]] = {
    "/sources": _sources,
    "/why": _why,
    "/new": _new,
    "/save": _save,
    "/since": _since,
    "/until": _until,
    "/help": _help,
}
