"""`rag eval`: gold in, a report out. What is measured, over which library, with which settings."""

import hashlib
import re
import shutil
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from itertools import cycle, islice
from pathlib import Path

from rag.answering import look_up, open_engine
from rag.embedding import Embedder
from rag.errors import BadInput, StorageFull, printable
from rag.evaluation import Plan, cold_timings, plans, rows, run_of
from rag.gold import (
    Gold,
    json_lines,
    missing_evidence,
    read_gold,
    refuse,
    retitled,
    with_what_is_kept,
)
from rag.importing import Document, read_beir, read_squad, write_articles
from rag.indexes import Indexes
from rag.ingesting import found, ingest, prune
from rag.library import Library
from rag.llm import check_model
from rag.report import to_html
from rag.runs import (
    Difference,
    Row,
    Run,
    Setting,
    differences,
    from_json,
    question_of,
    to_json,
)
from rag.scoring import asked_as

COLD = 5  # one-off questions that are timed in processes of their own

Count = Callable[[str, int, int], object]  # what is being done, and how much of it is


# --- what is measured -----------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Subject:
    """What is measured: questions, and the library that they are asked of.

    `left_out` questions came with articles that cleaning left without what answers them.
    """

    name: str
    gold: tuple[Gold, ...]
    library: Path
    left_out: int


def subject(
    file: Path,
    library: Path,
    embedding: str,
    out: Path,
    count: Count,
    *,
    articles: Path | None = None,
) -> Subject:
    """What `file` holds: gold in our format, a SQuAD file, or a BEIR folder.

    Our format is asked of `articles`, else of the articles/ beside it if there are any, else of
    `library`; the others bring their articles. Libraries that are made for this lie in `out`.
    Raises RagError, before anything is asked, for gold that is bad.
    """
    if not file.exists():
        raise BadInput(f"{printable(str(file))}: no such file or folder; name a file of gold.")
    if file.is_dir():
        return _brought(file, *read_beir(file), embedding, out, count)
    if file.suffix.lower() == ".json":
        return _brought(file, *read_squad(file), embedding, out, count)
    gold = read_gold(file)
    beside = articles or file.parent / "articles"
    if articles or beside.is_dir():
        library = _folder_for(beside, embedding, out) / "library"
        _ingest(beside, library, embedding, count)
    with Library.open(library) as opened:
        missing = list(missing_evidence(gold, opened))
    if missing:
        lines = {row["id"]: line for line, row in json_lines(file)[0]}
        refuse(file, [f"line {lines[one]}: {fault}" for one, fault in missing])
    return Subject(_name(file), tuple(gold), library, 0)


def _brought(
    file: Path,
    documents: Sequence[Document],
    gold: Sequence[Gold],
    embedding: str,
    out: Path,
    count: Count,
) -> Subject:
    folder = _folder_for(file, embedding, out)
    for old in (folder / "articles").glob("*.txt"):
        old.unlink()
    written = write_articles(documents, folder / "articles")
    _renew(folder, _hash_of(documents))
    _ingest(folder / "articles", folder / "library", embedding, count)
    with Library.open(folder / "library") as opened:
        stored = {Path(s).name: a.title for a in opened.listed() for s in a.sources}
        titles = {
            document.title: stored.get(path.name, document.title)
            for document, path in zip(documents, written, strict=True)
        }
        kept = with_what_is_kept([retitled(one, titles) for one in gold], opened)
    refuse(file, [] if kept else ["cleaning leaves none of its evidence in its articles"])
    return Subject(_name(file), tuple(kept), folder / "library", len(gold) - len(kept))


def _hash_of(documents: Sequence[Document]) -> str:
    return hashlib.sha256(repr(documents).encode("utf-8", "backslashreplace")).hexdigest()


def _renew(folder: Path, made_of: str) -> None:
    """Without a library of other documents: a text that only got another title keeps its first."""
    mark = folder / "made-of"
    if not mark.exists() or mark.read_text("utf-8") != made_of:
        shutil.rmtree(folder / "library", ignore_errors=True)
        mark.write_text(made_of, "utf-8")


def _name(file: Path) -> str:
    """Its own and its folder's, which says more where every set has a gold.jsonl."""
    return "/".join(file.resolve().parts[-2:])


def _folder_for(source: Path, embedding: str, out: Path) -> Path:
    """Of what articles come from, its own, so that questions meet no other gold's articles."""
    whole = source.resolve()
    name = re.sub(r"\W+", "-", whole.stem)[:40]
    key = f"{whole}\0{embedding}".encode("utf-8", "surrogateescape")
    return out / f"{name}-{hashlib.sha256(key).hexdigest()[:8]}"


def _ingest(articles: Path, folder: Path, embedding: str, count: Count) -> None:
    """These articles and no others in the library; what is in it already costs nothing."""
    embedder = Embedder(embedding)
    files, _ = found([articles])
    made = Library.create(folder, embedder.name, embedder.fingerprint, embedder.dimension)
    with made as library, library.writing():
        library.check_embedding(embedder.name, embedder.fingerprint)
        prune([articles], library)
        for done, _ in enumerate(ingest(files, library, embedder, max_megabytes=1000), start=1):
            count("reading articles", done, len(files))
        Indexes(library).current(must_save=True)


# --- running --------------------------------------------------------------------------------------


def planned(base: Plan, sweep: Sequence[str]) -> list[Plan]:
    """A plan for each combination of what is swept. Raises BadInput, and ModelMissing."""
    made = plans(base, sweep)
    for plan in made:
        if plan.writer == "llm":
            check_model(plan.model)
    return made


def measure(
    asked: Subject,
    made: Sequence[Plan],
    out: Path,
    count: Count,
    *,
    resume: bool = False,
    cold: int = COLD,
) -> list[Run]:
    """A run for each plan; interrupted, `resume` goes on with it."""
    kept = _folder(out) / "rows.jsonl"
    if not resume:
        kept.unlink(missing_ok=True)
    return [_measured(asked, plan, kept, count, cold) for plan in made]


def _measured(asked: Subject, plan: Plan, kept: Path, count: Count, cold: int) -> Run:
    started = datetime.now(UTC)
    engine = open_engine(
        asked.library, writer=plan.writer, model=plan.model, embedding=plan.embedding
    )
    # What is loaded once is loaded here: the first question is to be as warm as the others.
    look_up("What do the articles say?", engine, top=plan.top, mode=plan.mode)
    done = list(_counted(rows(asked.gold, engine, plan, kept), plan, len(asked.gold), count))
    engine.library.close()
    run = run_of(plan, done, started, _one_off(asked, plan, count, cold))
    return replace(run, settings={"gold": asked.name, **run.settings})


def _counted(made: Iterator[Row], plan: Plan, total: int, count: Count) -> Iterator[Row]:
    for done, row in enumerate(made, start=1):
        count(plan.name, done, total)
        yield row


def _one_off(asked: Subject, plan: Plan, count: Count, times: int) -> list[dict[str, float]]:
    """The timings of the first questions that have an answer, each in a process of its own."""
    questions = [one.question for one in asked.gold if one.answerable] or [
        one.question for one in asked.gold
    ]
    timed = []
    for done, question in enumerate(islice(cycle(questions), max(0, times))):
        count("one-off questions", done, times)
        timed.append(cold_timings(asked.library, plan, question))
    return timed


def _folder(out: Path) -> Path:
    try:
        out.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise StorageFull(str(out), error.strerror or str(error)) from error
    return out


# --- the report -----------------------------------------------------------------------------------


def saved(file: Path) -> list[Run]:
    """The runs of a report.json. Raises BadInput."""
    try:
        return from_json(file.read_text("utf-8"))
    except (OSError, UnicodeDecodeError) as error:
        why = getattr(error, "strerror", None) or "is not UTF-8"
        raise BadInput(f"{printable(str(file))}: {why}; name a saved report.json.") from error


def refuse_unlike(before: Sequence[Run], asked: Subject, made: Sequence[Plan]) -> None:
    """Raises BadInput, before anything is asked, where nothing could be compared.

    That is where none of the questions was asked before, or no earlier run is meant plainly.
    """
    known = {question_of(row) for run in before for row in run.rows}
    if known.isdisjoint(map(asked_as, asked.gold)):
        raise BadInput(
            f"--compare: no question of {printable(asked.name)} is in that report with the same "
            "id, answers and evidence; name a report on this gold."
        )
    for plan in made:
        earlier(plan.name, plan.settings, before)


def compared(runs: Sequence[Run], before: Sequence[Run]) -> list[Difference]:
    """Each run against the earlier one that is likest, or the others against the first of these."""
    if not before:
        return differences([(runs[0], run) for run in runs[1:]])
    pairs = [(earlier(run.name, run.settings, before), run) for run in runs]
    return differences([(replace(old, name=f"before: {old.name}"), new) for old, new in pairs])


def earlier(name: str, settings: Mapping[str, Setting], before: Sequence[Run]) -> Run:
    """The run with most of these settings; of several the one of that name. Raises BadInput."""
    shared = [sum(run.settings.get(k) == v for k, v in settings.items()) for run in before]
    nearest = [run for run, n in zip(before, shared, strict=True) if n == max(shared)]
    named = [run for run in nearest if run.name == name]
    if found := named or (nearest if len(nearest) == 1 else []):
        return found[0]
    raise BadInput(
        f"--compare: {printable(name)} could be held against any of "
        f"{', '.join(printable(run.name) for run in nearest)}; give the settings of one of them."
    )


def write_report(runs: Sequence[Run], comparison: Sequence[Difference], out: Path) -> Path:
    """report.html, and report.json beside it; gives the first. Raises StorageFull."""
    try:
        (_folder(out) / "report.json").write_text(to_json(runs, comparison), "utf-8")
        (out / "report.html").write_text(to_html(runs, comparison), "utf-8")
    except OSError as error:
        raise StorageFull(str(out), error.strerror or str(error)) from error
    return out / "report.html"
