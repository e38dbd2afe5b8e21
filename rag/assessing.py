"""`rag eval`: gold in, a report out. What is measured, over which library, with which settings."""

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path

from rag.answering import open_engine
from rag.embedding import BUNDLED, Embedder
from rag.errors import BadInput, StorageFull, printable
from rag.evaluation import Plan, cold_figures, cost_figures, plans, rows, run_of
from rag.gold import (
    Document,
    Gold,
    missing_evidence,
    read_beir,
    read_gold,
    read_squad,
    refuse,
    write_articles,
)
from rag.indexes import Indexes
from rag.ingesting import found, ingest
from rag.library import Library
from rag.llm import BUNDLED as BUNDLED_LLM
from rag.report import to_html
from rag.runs import Difference, Row, Run, differences, from_json, to_json
from rag.settings import Settings

_COLD = 5  # one-off questions that are timed in processes of their own

Count = Callable[[str, int, int], object]  # what is being done, and how much of it is


@dataclass(frozen=True, slots=True)
class Subject:
    """What is measured: questions, and the library that they are asked of."""

    gold: tuple[Gold, ...]
    library: Path


def subject(file: Path, chosen: Settings, out: Path, count: Count) -> Subject:
    """What `file` holds: gold in our format, a SQuAD file, or a BEIR folder.

    Our format is asked of the articles/ beside it if there are any, else of the library that was
    set; the others bring their articles. Libraries that are made for this lie in `out`. Raises
    RagError, before anything is asked, for gold that is bad.
    """
    if not file.exists():
        raise BadInput(f"{printable(str(file))}: no such file or folder; name a file of gold.")
    if file.is_dir():
        brought, gold = read_beir(file)
    elif file.suffix.lower() == ".json":
        brought, gold = read_squad(file)
    else:
        brought, gold = [], read_gold(file)
    library = _library_of(file, brought, chosen, out, count)
    with Library.open(library) as opened:
        missing = missing_evidence(gold, opened)
    refuse(file, missing)
    return Subject(tuple(gold), library)


def _library_of(
    file: Path, brought: Sequence[Document], chosen: Settings, out: Path, count: Count
) -> Path:
    beside = file.parent / "articles"
    if brought:
        articles = out / "articles"
        write_articles(brought, articles)
    elif beside.is_dir():
        articles = beside
    else:
        return Path(chosen.library)
    name = re.sub(r"\W+", "-", file.parent.name or "gold")
    folder = out / f"library-{name}"
    _ingest(articles, folder, chosen, count)
    return folder


def _ingest(articles: Path, folder: Path, chosen: Settings, count: Count) -> None:
    """The articles in the library in `folder`; what is in it already costs nothing."""
    embedder = Embedder(chosen.embedding or BUNDLED)
    files, _ = found([articles])
    made = Library.create(folder, embedder.name, embedder.fingerprint, embedder.dimension)
    with made as library, library.writing():
        for done, _ in enumerate(ingest(files, library, embedder, max_megabytes=1000), start=1):
            count("reading articles", done, len(files))
        Indexes(library).current(must_save=True)


# --- running --------------------------------------------------------------------------------------


def measure(
    asked: Subject,
    chosen: Settings,
    sweep: Sequence[str],
    out: Path,
    count: Count,
    *,
    resume: bool = False,
    cold: int = _COLD,
) -> list[Run]:
    """A run for each combination of what is swept; interrupted, `resume` goes on with it."""
    base = Plan("run", chosen.writer, chosen.mode, chosen.strictness, chosen.top)
    kept = _folder(out) / "rows.jsonl"
    if not resume:
        kept.unlink(missing_ok=True)
    return [_measured(asked, plan, chosen, kept, count, cold) for plan in plans(base, sweep)]


def _measured(
    asked: Subject, plan: Plan, chosen: Settings, kept: Path, count: Count, cold: int
) -> Run:
    started = datetime.now(UTC)
    writer = "llm" if plan.writer == "auto" else plan.writer  # what is measured is said
    engine = open_engine(
        asked.library,
        writer=writer,
        model=chosen.model or BUNDLED_LLM,
        embedding=chosen.embedding or BUNDLED,
    )
    model = engine.model.result() if engine.model else None
    done = list(_counted(rows(asked.gold, engine, plan, kept), plan, len(asked.gold), count))
    costs = cost_figures(model, len(done))
    if cold and done:
        count("one-off questions", 0, cold)
        costs += cold_figures(asked.library, asked.gold[0].question, writer, cold)
    engine.library.close()
    return run_of(plan, done, started, costs)


def _counted(made: Iterator[Row], plan: Plan, total: int, count: Count) -> Iterator[Row]:
    for done, row in enumerate(made, start=1):
        count(plan.name, done, total)
        yield row


def _folder(out: Path) -> Path:
    try:
        out.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise StorageFull(str(out), error.strerror or str(error)) from error
    return out


# --- the report -----------------------------------------------------------------------------------


def compared(runs: Sequence[Run], other: Path | None) -> list[Difference]:
    """Each run against the saved one of its name, or against its first. Raises BadInput."""
    if other is None:
        return [d for run in runs[1:] for d in differences(runs[0], run)]
    try:
        before = from_json(other.read_text("utf-8"))
    except (OSError, UnicodeDecodeError) as error:
        why = getattr(error, "strerror", None) or "is not UTF-8"
        raise BadInput(f"{printable(str(other))}: {why}; name a saved report.json.") from error
    by_name = {run.name: run for run in before}
    pairs = [(by_name.get(run.name, before[0]), run) for run in runs] if before else []
    return [d for old, new in pairs for d in differences(replace(old, name="before"), new)]


def write_report(runs: Sequence[Run], comparison: Sequence[Difference], out: Path) -> Path:
    """report.html, and report.json beside it; gives the first. Raises StorageFull."""
    try:
        (_folder(out) / "report.json").write_text(to_json(runs), "utf-8")
        (out / "report.html").write_text(to_html(runs, comparison), "utf-8")
    except OSError as error:
        raise StorageFull(str(out), error.strerror or str(error)) from error
    return out / "report.html"
