"""What the commands of `rag` share: opening what the settings name, reading, and printing."""

import argparse
import json
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

from rag.errors import BadInput, printable
from rag.settings import Settings

if TYPE_CHECKING:  # what is heavy is imported by the command that needs it
    from rich.console import Console
    from rich.progress import Progress

    from rag.answering import Engine
    from rag.embedding import Embedder
    from rag.library import Filters, Library


def open_library(chosen: Settings) -> "Library":
    from rag.library import Library

    return Library.open(Path(chosen.library))


def open_embedder(chosen: Settings) -> "Embedder":
    from rag.embedding import BUNDLED, Embedder

    return Embedder(chosen.embedding or BUNDLED)


def open_engine_of(chosen: Settings, errors: "Console") -> "Engine":
    from rag.answering import open_engine
    from rag.embedding import BUNDLED
    from rag.llm import BUNDLED as BUNDLED_LLM

    engine = open_engine(
        chosen.library,
        writer=chosen.writer,
        model=chosen.model or BUNDLED_LLM,
        embedding=chosen.embedding or BUNDLED,
    )
    if not engine.library.counts()[0]:
        folder = printable(chosen.library)
        raise BadInput(
            f"the library {folder} holds no articles; add some: rag --library {folder} ingest PATH"
        )
    prepare(engine.embedder, errors)
    return engine


def prepare(embedder: "Embedder", errors: "Console") -> None:
    """Makes the embedding model's fast form, once for a machine, and says so."""
    if embedder.prepared:
        return
    with errors.status("preparing the embedding model (once, about 20 s) …"):
        if not errors.is_terminal:
            errors.print("preparing the embedding model (once, about 20 s) …")
        embedder.onnx_file()


def search_options(
    arguments: argparse.Namespace, chosen: Settings, library: "Library"
) -> dict[str, Any]:
    return {"top": chosen.top, "mode": chosen.mode, "filters": filters_of(arguments, library)}


def answer_options(
    arguments: argparse.Namespace, chosen: Settings, library: "Library"
) -> dict[str, Any]:
    return search_options(arguments, chosen, library) | {"strictness": chosen.strictness}


def filters_of(arguments: argparse.Namespace, library: "Library") -> "Filters":
    from rag.articles import parse_date
    from rag.library import Filters

    filters = Filters(
        since=parse_date(arguments.since) if arguments.since else None,
        until=parse_date(arguments.until, latest=True) if arguments.until else None,
        outlets=tuple(arguments.outlet or ()),
        articles=tuple(map(library.resolve, arguments.article or ())),
    )
    if filters.any and not library.article_ids(filters):
        print("rag: no article is within these filters.", file=sys.stderr)
    return filters


def print_json(value: object) -> None:
    """In UTF-8, or where stdout is set to another encoding, with escapes that all can read."""
    plain = (sys.stdout.encoding or "utf-8").lower() != "utf-8"
    print(json.dumps(value, ensure_ascii=plain), flush=True)


def lines_of(file: str) -> Iterator[str]:
    if file == "-":
        yield from sys.stdin
        return
    try:
        with open(file, encoding="utf-8") as opened:  # noqa: PTH123  # a plain name, as given
            yield from opened
    except (OSError, UnicodeDecodeError) as error:
        why = getattr(error, "strerror", None) or "is not UTF-8 text"
        raise BadInput(f"{printable(file)}: {why}; name a readable file.") from error


def bar_on(errors: "Console", *more: str) -> "Progress":
    """What is being done, how much of it is, `more`, and the time left."""
    from rich.progress import (
        BarColumn,
        MofNCompleteColumn,
        Progress,
        TextColumn,
        TimeRemainingColumn,
    )

    columns = (
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        *map(TextColumn, more),
        TimeRemainingColumn(),
    )
    return Progress(*columns, console=errors, transient=True, disable=not errors.is_terminal)
