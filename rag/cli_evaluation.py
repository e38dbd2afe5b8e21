"""`rag eval`: scores answers against gold questions, and writes such questions."""

import argparse
import os
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from rag.errors import BadInput, printable
from rag.opening import bar_on, open_embedder, open_library, prepare
from rag.settings import Settings

if TYPE_CHECKING:
    from rich.console import Console

    from rag.evaluation import Plan


def evaluate(arguments: argparse.Namespace, chosen: Settings) -> int:
    from rag.assessing import (
        compared,
        measure,
        planned,
        refuse_unlike,
        saved,
        subject,
        write_report,
    )
    from rag.evaluation import crossed, gates
    from rag.report import differences_told, table
    from rag.terminal import consoles

    writes = arguments.new or arguments.from_feedback
    named = arguments.gold or (not writes and os.environ.get("RAG_GOLD"))
    if not named:
        raise BadInput("no gold is named; give a file of questions with answers: rag eval GOLD")
    gold, out = Path(named), Path(arguments.out)
    if writes:
        return _write_gold(arguments, chosen, gold)
    base = _plan(chosen)
    made, bounds = planned(base, arguments.sweep), gates(arguments.fail_under or [])
    before = saved(Path(arguments.compare)) if arguments.compare else []
    _, errors = consoles()
    prepare(open_embedder(chosen), errors)
    with _counting(errors) as count:
        asked = subject(
            gold,
            Path(chosen.library),
            base.embedding,
            out,
            count,
            articles=_gold_articles(arguments),
        )
        if arguments.compare:
            refuse_unlike(before, asked, made)
        if asked.left_out:
            whole = asked.left_out + len(asked.gold)
            errors.print(
                f"left out: {asked.left_out} of {whole} questions, whose evidence is cleaned away"
            )
        runs = measure(asked, made, out, count, resume=arguments.resume, cold=arguments.cold)
        comparison = compared(runs, before)
    report = write_report(runs, comparison, out)
    print(table(runs))
    if comparison:
        print(f"\n{differences_told(comparison)}")
    errors.print(f"report: {printable(str(report))}", soft_wrap=True)
    under = crossed(runs, bounds)
    for line in under:
        print(f"rag: {line}.", file=sys.stderr)
    return 1 if under else 0


def _gold_articles(arguments: argparse.Namespace) -> Path | None:
    """The articles of the gold that RAG_GOLD names; gold that is named outright has its own."""
    named = None if arguments.gold else os.environ.get("RAG_GOLD_ARTICLES")
    return Path(named) if named else None


def _plan(chosen: Settings) -> "Plan":
    from rag.embedding import BUNDLED
    from rag.evaluation import Plan
    from rag.llm import BUNDLED as BUNDLED_LLM

    return Plan(
        name="run",
        writer=chosen.writer,
        mode=chosen.mode,
        strictness=chosen.strictness,
        top=chosen.top,
        model=chosen.model or BUNDLED_LLM,
        embedding=chosen.embedding or BUNDLED,
    )


def _write_gold(arguments: argparse.Namespace, chosen: Settings, out: Path) -> int:
    from rag.annotating import from_feedback, write_new
    from rag.chats import Chats

    def read(prompt: str) -> str | None:
        try:
            return input(prompt)
        except EOFError:
            return None

    with open_library(chosen) as library:
        if arguments.from_feedback:
            with Chats(Path(chosen.library)) as chats:
                written = from_feedback(chats, library, out, print, read)
        else:
            written = write_new(library, out, print, read)
    print(f"{written} added to {printable(str(out))}")
    return 0


@contextmanager
def _counting(errors: "Console") -> Iterator[Callable[[str, int, int], None]]:
    """A bar on a terminal's stderr, with the time left."""
    with bar_on(errors) as bar:
        task = bar.add_task("", total=None)

        def count(what: str, done: int, total: int) -> None:
            if bar.tasks[0].description != what:
                bar.reset(task, description=what, total=total)
            bar.update(task, completed=done, total=total)

        yield count
