"""The `rag` command: each parses what was typed, calls the library, and prints what comes of it."""

import argparse
import io
import json
import os
import sys
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any, NoReturn, get_args

from rag.articles import FORMATS, OTHER_KIND, parse_date, whole_path
from rag.cli_chat import chat
from rag.cli_evaluation import evaluate
from rag.cli_models import models
from rag.cli_support import support
from rag.errors import BadInput, RagError, printable, what_failed
from rag.opening import (
    answer_options,
    bar_on,
    lines_of,
    open_embedder,
    open_engine_of,
    open_library,
    prepare,
    print_json,
    search_options,
)
from rag.settings import Settings, settings

if TYPE_CHECKING:  # what is heavy is imported by the command that needs it
    from rich.console import Console

    from rag.answer import Turn
    from rag.answering import Engine
    from rag.ingesting import Ingested


def main(argv: Sequence[str] | None = None) -> int:
    """The exit code: 0 done, 1 a fault found, 2 an error to act on, 130 interrupted."""
    for stream in (sys.stdout, sys.stderr):  # what a terminal or a file name cannot say, escaped
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="backslashreplace")
    if isinstance(sys.stdin, io.TextIOWrapper):  # bytes that are no text are seen to be none
        sys.stdin.reconfigure(errors="replace")
    try:
        arguments = parser().parse_args(argv)
        chosen = settings(vars(arguments), os.environ, arguments.config)
        code: int = arguments.run(arguments, chosen)
        print(end="", flush=True)
        return code
    except RagError as error:
        print(f"rag: {error}", file=sys.stderr)
        return 2
    except KeyboardInterrupt:
        print("rag: interrupted; what was stored before is safe.", file=sys.stderr)
        return 130
    except BrokenPipeError:  # the reader of our output has left, as `head` does
        _drop_output()
        return 0
    except OSError as error:
        remedy = "check the name, who may use it, and that no disk is full"
        print(f"rag: {what_failed(error)}; {remedy}.", file=sys.stderr)
        _drop_output()
        return 2


def _drop_output() -> None:
    """What stdout still holds, if it cannot be written, so that the exit does not fail on it."""
    try:
        sys.stdout.flush()
    except OSError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


class _Parser(argparse.ArgumentParser):
    """Says what is wrong in one line, as the errors of `rag.errors` do."""

    def error(self, message: str) -> NoReturn:
        self.exit(2, f"rag: {printable(message)}; see `{self.prog} --help`.\n")


def parser() -> argparse.ArgumentParser:
    top = _Parser(
        prog="rag",
        description="Answers from your articles, every sentence with a quote that can be checked.",
        epilog="exit codes: 0 done, 1 a fault found, 2 an error to act on, 130 interrupted",
    )
    _add_place(top, default=None)
    commands = top.add_subparsers(title="commands", metavar="COMMAND", required=True)

    def command(
        name: str, run: Callable[[argparse.Namespace, Settings], int], about: str
    ) -> argparse.ArgumentParser:
        sub = commands.add_parser(name, help=about, description=about)
        sub.set_defaults(run=run)
        _add_place(sub, default=argparse.SUPPRESS)  # without it, before the command counts
        sub.add_argument("--embedding", metavar="MODEL", help="embedding model, or its folder")
        return sub

    _add_ingest(command("ingest", _ingest, "add or refresh articles"))
    ask = command("ask", _ask, "answer a question, with numbered sources")
    ask.add_argument("question", nargs="*", metavar="QUESTION")
    ask.add_argument("--batch", metavar="FILE", help="questions as JSON lines (- for stdin)")
    ask.add_argument("--json", action="store_true", help="print one Answer as JSON")
    _add_answering(ask)

    search = command("search", _search, "the passages found for a question, with their scores")
    search.add_argument("question", nargs="+", metavar="QUESTION")
    search.add_argument("--json", action="store_true", help="one Hit a line")
    _add_scope(search)

    articles = command("articles", _articles, "list the articles")
    articles.add_argument("--json", action="store_true", help="one object a line")
    show = command("show", _show, "print an article")
    show.add_argument("article", metavar="ARTICLE", help="its id, file, file name or title")
    show.add_argument("--json", action="store_true")
    remove = command("remove", _remove, "remove articles; for a day this can be undone")
    remove.add_argument("articles", nargs="*", metavar="ARTICLE")
    remove.add_argument(
        "--undo", action="store_true", help="bring back the last ones, or these ids"
    )

    _add_answering(command("chat", chat, "a conversation in the terminal"))
    _add_ui(command("ui", _ui, "the chat in the browser"))
    _add_eval(command("eval", evaluate, "score answers against gold questions"))
    verify = command("verify", _verify, "check a saved answer's or chat's quotes again")
    verify.add_argument("file", metavar="ANSWER.json", help="made by rag ask --json; - for stdin")
    _add_support(command("support", support, "whether a quote says all that a sentence says"))
    installed = command("models", models, "the models that are installed, and where")
    installed.add_argument("--model", metavar="FILE", help="a GGUF file, or an address")
    installed.add_argument("--json", action="store_true", help="one object a line")
    doctor = command("doctor", _doctor, "check the library, the models and the machine")
    doctor.add_argument("--repair", action="store_true", help="build the indexes again")
    doctor.add_argument("--model", metavar="FILE", help="a GGUF file, or an address")
    return top


def _add_ingest(command: argparse.ArgumentParser) -> None:
    command.add_argument("paths", nargs="+", metavar="PATH", help="a file, or a folder of files")
    command.add_argument("--prune", action="store_true", help="remove articles whose file is gone")
    command.add_argument("--published", metavar="DATE", help="for files that do not say")
    command.add_argument("--outlet", metavar="TEXT", help="for files that do not say")
    _add_longest(command)
    command.add_argument("--json", action="store_true", help="one object a line")


def _add_ui(command: argparse.ArgumentParser) -> None:
    command.add_argument(
        "--host", default="127.0.0.1", help="address to serve (default: 127.0.0.1)"
    )
    command.add_argument(
        "--port", type=int, metavar="N", help="port (default: 7860, or the next free)"
    )
    command.add_argument("--auth", metavar="FILE", help="who may come in, with hashed passwords")
    command.add_argument("--add-user", metavar="NAME", help="put a name into --auth FILE, and end")
    command.add_argument(
        "--allow-path",
        action="append",
        metavar="DIR",
        help="folder to add files from by path; .gguf files in it can be chosen as the chat model",
    )
    command.add_argument(
        "--public-address", metavar="URL", help="where a proxy shows it: https://articles.example"
    )
    _add_longest(command)
    _add_engine(command)


def _add_eval(command: argparse.ArgumentParser) -> None:
    command.add_argument(
        "gold", nargs="?", metavar="GOLD", help="JSON lines, SQuAD, or a BEIR folder"
    )
    command.add_argument("--out", default="evaluation", metavar="DIR", help="for the report")
    command.add_argument(
        "--sweep",
        action="extend",
        nargs="+",
        default=[],
        metavar="NAME=VALUE,VALUE",
        help="a run for each value; put GOLD before it",
    )
    command.add_argument(
        "--compare", metavar="REPORT.json", help="an earlier report to hold against"
    )
    command.add_argument(
        "--fail-under", action="append", metavar="NAME=NUMBER,…", help="lower bounds"
    )
    command.add_argument("--resume", action="store_true", help="go on with an interrupted run")
    command.add_argument(
        "--cold", type=int, default=5, metavar="N", help="one-off questions to time"
    )
    command.add_argument("--new", action="store_true", help="write gold, with your help")
    command.add_argument(
        "--from-feedback", action="store_true", help="make gold of the chat's feedback"
    )
    _add_engine(command)


def _add_support(command: argparse.ArgumentParser) -> None:
    command.add_argument(
        "sentence", nargs="*", metavar="SENTENCE", help="or FILE: pairs as JSON lines (- for stdin)"
    )
    command.add_argument("--quote", metavar="TEXT", help="what the sentence cites")
    command.add_argument("--title", metavar="TEXT", help="of the article that holds the quote")
    command.add_argument("--batch", metavar="FILE", help="the same as FILE")
    command.add_argument("--json", action="store_true", help="print the verdict as JSON")


def _add_place(command: argparse.ArgumentParser, *, default: str | None) -> None:
    command.add_argument(
        "--library", metavar="DIR", default=default, help="the library's folder (default: .rag)"
    )
    command.add_argument(
        "--config", metavar="FILE", default=default, help="a TOML file of settings"
    )


def _add_longest(command: argparse.ArgumentParser) -> None:
    command.add_argument("--max-megabytes", metavar="N", help="longest file to read (default: 10)")


def _add_scope(command: argparse.ArgumentParser) -> None:
    _add_search(command)
    command.add_argument(
        "--since", metavar="DATE", help="published then or later: 2014-01-31, 2014"
    )
    command.add_argument("--until", metavar="DATE", help="published then or earlier")
    command.add_argument("--outlet", action="append", metavar="TEXT", help="of this outlet")
    command.add_argument(
        "--article",
        action="extend",
        nargs="+",
        metavar="ARTICLE",
        help="of these articles; put the question before it",
    )


def _add_answering(command: argparse.ArgumentParser) -> None:
    _add_scope(command)
    _add_writing(command)


def _add_engine(command: argparse.ArgumentParser) -> None:
    _add_search(command)
    _add_writing(command)


def _add_search(command: argparse.ArgumentParser) -> None:
    command.add_argument("--mode", choices=_choices("mode"), help="how to search")
    command.add_argument("--top", metavar="N", help="how many passages (default: 12)")


def _add_writing(command: argparse.ArgumentParser) -> None:
    command.add_argument("--writer", choices=_choices("writer"), help="a model, or quotes alone")
    command.add_argument(
        "--strictness", choices=_choices("strictness"), help="how sure it has to be"
    )
    command.add_argument(
        "--model", metavar="MODEL", help="what words the answers: a GGUF file, or http://…/v1#NAME"
    )


def _choices(name: str) -> tuple[str, ...]:
    return get_args(Settings.__annotations__[name])


# --- the commands ---------------------------------------------------------------------------------


def _ingest(arguments: argparse.Namespace, chosen: Settings) -> int:
    from rag.indexes import Indexes
    from rag.ingesting import Details, Ingested, found, ingest, prune
    from rag.library import Library
    from rag.terminal import consoles, ingested_line, say, totals

    out, errors = consoles()
    published = parse_date(arguments.published) if arguments.published else None
    details = Details(arguments.outlet, published)
    if "" in arguments.paths:
        raise BadInput("a path is empty; name a file or a folder.")
    given = [Path(p) for p in arguments.paths]
    if arguments.prune and not any(map(os.path.lexists, given)) and not _known(chosen, given):
        raise BadInput(f"{printable(str(given[0]))}: no such file or folder, and none was read.")
    files, skipped = found(p for p in given if not arguments.prune or os.path.lexists(p))
    others = [item.source for item in skipped if item.note == OTHER_KIND]
    embedder = open_embedder(chosen)
    done: list[Ingested] = []

    def report(new: Iterable[Ingested]) -> None:
        for item in new:
            done.append(item)
            if arguments.json:
                print_json({name: getattr(item, name) for name in Ingested.__slots__})
            else:
                say(out, ingested_line(item))

    folder = Path(chosen.library)
    with (
        Library.create(folder, embedder.name, embedder.fingerprint, embedder.dimension) as library,
        library.writing(),
    ):
        library.check_embedding(embedder.name, embedder.fingerprint)
        report(item for item in skipped if item.note != OTHER_KIND)
        prepare(embedder, errors)
        with _progress(errors, files) as (advance, on_chunks):
            report(
                advance(
                    ingest(
                        files,
                        library,
                        embedder,
                        details=details,
                        max_megabytes=chosen.max_megabytes,
                        on_chunks=on_chunks,
                    )
                )
            )
        if arguments.prune:
            report(prune(given, library))
        Indexes(library).current(must_save=True)
    if not arguments.json:
        say(out, totals(done, others))
    return _ingest_code(done, given, others)


def _known(chosen: Settings, paths: Sequence[Path]) -> bool:
    with open_library(chosen) as library:
        return any(library.sources_below(str(whole_path(path))) for path in paths)


def _ingest_code(done: Sequence["Ingested"], given: Sequence[Path], others: Sequence[str]) -> int:
    """2 when a file that was named outright was skipped, or nothing but skips came of it all."""
    if others and not done:
        kinds = f"only files of other kinds than {', '.join(FORMATS)}; save them as one of these."
        print(f"rag: {printable(str(given[0]))}: {kinds}", file=sys.stderr)
        return 2
    named = {str(whole_path(path)) for path in given}
    bad = [i for i in done if i.status == "skipped" and (i.source in named)]
    if not bad and done and all(i.status == "skipped" for i in done):
        bad = list(done)
    for item in bad[:1]:
        more = f" ({len(bad) - 1} more like it above)" if len(bad) > 1 else ""
        note = item.note or ""
        source = "" if note.startswith(printable(item.source)) else f"{printable(item.source)}: "
        print(f"rag: {source}{note}{more}", file=sys.stderr)
    return 2 if bad else 0


@contextmanager
def _progress(errors: "Console", files: Sequence[Path]) -> Iterator[tuple[Any, Any]]:
    """A bar on a terminal's stderr: files done, and chunks of the present one."""
    with bar_on(errors, "{task.fields[chunks]}") as bar:
        task = bar.add_task("reading", total=len(files), chunks="")
        chunks = 0

        def on_chunks(more: int) -> None:
            nonlocal chunks
            chunks += more
            bar.update(task, chunks=f"{chunks} chunks")

        def advance(items: Iterable["Ingested"]) -> Iterator["Ingested"]:
            for item in items:
                yield item
                bar.advance(task)

        yield advance, on_chunks


def _ask(arguments: argparse.Namespace, chosen: Settings) -> int:
    from rag.answering import answers, ask, checked
    from rag.terminal import consoles, show_stream

    out, errors = consoles()
    if arguments.batch and arguments.question:
        raise BadInput("a question and --batch were both given; use one of them.")
    if arguments.article and not (arguments.batch or arguments.question):
        raise BadInput("no question is asked; put it before --article, which takes all after it.")
    question = None if arguments.batch else checked(" ".join(arguments.question))
    engine = open_engine_of(chosen, errors)
    options = answer_options(arguments, chosen, engine.library)
    if question is None:
        return _batch(arguments.batch, engine, options)
    if arguments.json:
        print_json(ask(question, engine, **options).to_json())
    else:
        show_stream(out, answers(question, engine, **options))
    return 0


def _batch(file: str, engine: "Engine", options: dict[str, Any]) -> int:
    """One Answer a line, in order; a line that cannot be asked gives its error, and 2 at last."""
    from rag.answering import ask

    failed = 0
    for number, line in enumerate(lines_of(file), start=1):
        if not line.strip():
            continue
        row: Any = None
        try:
            row = _batch_row(line, number)
            history = _history(row, number)
            answer = ask(row["question"], engine, history=history, **options).to_json()
            print_json({"id": row.get("id"), **answer})
        except RagError as error:
            failed += 1
            known = row.get("id") if row else None
            print_json({"id": known, "line": number, "error": str(error)})
    if failed:
        print(f"rag: {failed} lines of {printable(file)} were not answered.", file=sys.stderr)
    return 2 if failed else 0


def _batch_row(line: str, number: int) -> dict[str, Any]:
    try:
        row = json.loads(line, parse_constant=_no_number)
    except (ValueError, RecursionError):
        row = None
    if not isinstance(row, dict) or not isinstance(row.get("question"), str):
        raise BadInput(f'line {number} is not {{"id": …, "question": "…"}}; mend it.')
    return row


def _history(row: dict[str, Any], number: int) -> list["Turn"]:
    from rag.answer import turn_from_json

    history = row.get("history", [])
    try:
        if not isinstance(history, list):
            raise BadInput("history is no list.")
        return [turn_from_json(turn) for turn in history]
    except BadInput as error:
        raise BadInput(
            f'line {number}: history is not a list of {{"question": …, "answer": …}}; mend it.'
        ) from error


def _no_number(name: str) -> None:
    """NaN and Infinity are no JSON, and could not be given back as an id."""
    raise ValueError(name)


def _search(arguments: argparse.Namespace, chosen: Settings) -> int:
    from rag.answering import checked
    from rag.indexes import Indexes
    from rag.retrieval import retrieve
    from rag.terminal import consoles, show_hits

    out, errors = consoles()
    question = checked(" ".join(arguments.question))
    with open_library(chosen) as library:
        embedder = open_embedder(chosen)
        library.check_embedding(embedder.name, embedder.fingerprint)
        prepare(embedder, errors)
        options = search_options(arguments, chosen, library)
        hits = retrieve(question, library, Indexes(library), embedder, **options)
    if arguments.json:
        for hit in hits:
            print_json(hit.to_json())
    else:
        show_hits(out, hits)
    return 0


def _articles(arguments: argparse.Namespace, chosen: Settings) -> int:
    from dataclasses import asdict

    with open_library(chosen) as library:
        listed = library.listed()
    if arguments.json:
        for article in listed:
            value = asdict(article)
            value["published"] = article.published.isoformat() if article.published else None
            value["added"] = article.added.isoformat()
            print_json(value)
        return 0
    from rag.terminal import consoles, say, show_articles

    out, _ = consoles()
    show_articles(out, listed)
    if not listed:
        say(out, "no articles yet; add some: rag ingest PATH")
    return 0


def _show(arguments: argparse.Namespace, chosen: Settings) -> int:
    with open_library(chosen) as library:
        article = library.article(library.resolve(arguments.article))
    if arguments.json:
        print_json(article.to_json())
        return 0
    facts = [article.outlet, article.author, article.published and article.published.isoformat()]
    for line in (
        printable(article.title),
        printable(" · ".join(str(f) for f in facts if f)),
        *map(printable, article.sources),
    ):
        if line:
            print(line)
    print(f"\n{article.text}")
    return 0


def _remove(arguments: argparse.Namespace, chosen: Settings) -> int:
    if not arguments.undo and not arguments.articles:
        raise BadInput("name the articles to remove; `rag articles` lists what there is.")
    from rag.indexes import Indexes

    with open_library(chosen) as library, library.writing():
        if arguments.undo:
            ids = library.undo(arguments.articles)
        else:
            ids = [library.resolve(name) for name in arguments.articles]
            library.remove(ids)
        Indexes(library).current(must_save=True)
    done = "back" if arguments.undo else "removed; `rag remove --undo` brings it back for a day"
    for article_id in ids:
        print(f"{article_id} {done}")
    return 0


def _ui(arguments: argparse.Namespace, chosen: Settings) -> int:
    from rag.machine import LOOPBACK
    from rag.terminal import consoles
    from ui.accounts import Accounts, add_user

    _, errors = consoles()
    if arguments.add_user is not None:
        if not arguments.auth:
            raise BadInput("--add-user needs --auth FILE, where names and passwords are kept.")
        add_user(Path(arguments.auth), arguments.add_user, _password())
        errors.print(f"{printable(arguments.add_user)} may sign in.")
        return 0
    accounts = Accounts.read(Path(arguments.auth)) if arguments.auth else None
    errors.print("starting …")
    from ui.server import open_desk, public_origin, serve

    public = arguments.public_address
    origin = None if public is None else public_origin(public)
    desk = open_desk(chosen, arguments.allow_path or (), lambda e: prepare(e, errors))
    local = arguments.host in LOOPBACK and origin is None
    if accounts is None and not local:
        errors.print("rag: whoever reaches this address may ask, add and remove; see --auth.")
    serve(
        desk,
        accounts=accounts,
        host=arguments.host,
        port=arguments.port,
        origin=origin,
        ready=lambda address: _opened(address, origin, errors),
    )
    return 0


def _password() -> str:
    """Asked for twice on a terminal; in a pipe, the first line."""
    if not sys.stdin.isatty():
        return sys.stdin.readline().rstrip("\r\n")
    from getpass import getpass

    password = getpass("Password: ")
    if getpass("Once more: ") != password:
        raise BadInput("the two passwords differ; nothing was changed.")
    return password


def _opened(address: str, public: str | None, errors: "Console") -> None:
    """Says where it is, and shows it where there is a screen."""
    if public:
        errors.print(f"open {public}; its proxy is to pass on to {address}", soft_wrap=True)
        return
    errors.print(f"open {address}", soft_wrap=True)
    screens = ("DISPLAY", "WAYLAND_DISPLAY")
    if sys.stderr.isatty() and (
        sys.platform in ("darwin", "win32") or any(map(os.environ.get, screens))
    ):
        import webbrowser

        webbrowser.open(address)


def _verify(arguments: argparse.Namespace, chosen: Settings) -> int:
    from rag.answer import Answer
    from rag.checking import recheck
    from rag.exporting import answers_of, is_chat

    text = "".join(lines_of(arguments.file))
    try:
        value = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise BadInput(
            f"{printable(arguments.file)}: not JSON ({error}); save an answer with --json."
        ) from error
    chat = is_chat(value)
    answers = answers_of(value) if chat else [Answer.from_json(value)]
    faults = []
    with open_library(chosen) as library:
        for number, answer in enumerate(answers, start=1):
            faults += [f"{number}: {f}" if chat else f for f in recheck(answer, library)]
    for fault in faults:
        print(f"FAULT {printable(fault, 500)}")
    if not faults:
        kept = sum(len(answer.citations) or len(answer.nearest) for answer in answers)
        print(f"ok: {kept} quotes stand in their articles, word for word")
    return 1 if faults else 0


def _doctor(arguments: argparse.Namespace, chosen: Settings) -> int:
    from rag.doctor import check_all, repair
    from rag.terminal import consoles, say, text_of_check

    out, _ = consoles()
    if arguments.repair:
        repair(Path(chosen.library))
    checks = []
    for check in check_all(Path(chosen.library), chosen.embedding, chosen.model):
        checks.append(check)
        say(out, text_of_check(check))
    return 1 if any(check.state == "fail" for check in checks) else 0
