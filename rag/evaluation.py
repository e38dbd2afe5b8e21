"""Many gold questions, under one choice of settings or several → runs, figures and gates."""

import json
import subprocess
import sys
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from itertools import product
from pathlib import Path

import numpy as np

from rag.answering import Engine, Writer
from rag.errors import BadInput, printable
from rag.gold import Gold
from rag.intervals import bootstrap, bootstrap_of, percentile
from rag.llm import ChatModel
from rag.machine import description, peak_megabytes
from rag.metrics import abstention, aurc, ece
from rag.reading import Strictness
from rag.retrieval import Mode
from rag.runs import Figure, Row, Run, Setting, row_from_json
from rag.scoring import GROUPS, STAGES, ask_gold
from rag.settings import settings

# --- many questions -------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Plan:
    """One run of all questions: its name, and the settings that it is made with."""

    name: str
    writer: Writer
    mode: Mode
    strictness: Strictness
    top: int

    @property
    def settings(self) -> dict[str, Setting]:
        return {k: v for k, v in asdict(self).items() if k != "name"}


def plans(base: Plan, sweep: Sequence[str]) -> list[Plan]:
    """Every combination of what is swept, as in `mode=dense,hybrid`. Raises BadInput."""
    axes: list[list[tuple[str, str]]] = []
    for text in sweep:
        name, _, values = text.partition("=")
        if name not in base.settings or not values:
            known = ", ".join(base.settings)
            raise BadInput(f"--sweep {printable(text)}: give NAME=VALUE,VALUE, of {known}.")
        axes.append([(name, value) for value in values.split(",") if value])
    return [_with(base, chosen) for chosen in product(*axes)] if axes else [base]


def _with(base: Plan, chosen: Sequence[tuple[str, str]]) -> Plan:
    fixed = settings({**base.settings, **dict(chosen)}, {}, None)
    name = " ".join(value for _, value in chosen)
    return Plan(name, fixed.writer, fixed.mode, fixed.strictness, fixed.top)


def rows(gold: Sequence[Gold], engine: Engine, plan: Plan, kept: Path) -> Iterator[Row]:
    """A row for each question, in order; each is in the file `kept` before it comes.

    Those that `kept` has of an earlier try, with the same plan and gold, are not asked again.
    """
    known = _kept_rows(kept, plan)
    for one in gold:
        row = known.get(one.id)
        if row is None or not _is_of(row, one):
            row = ask_gold(one, engine, top=plan.top, mode=plan.mode, strictness=plan.strictness)
            _keep(kept, plan, row)
        yield row


def _is_of(row: Row, gold: Gold) -> bool:
    said = (row.question, row.answers, row.evidence, row.answerable)
    return said == (gold.question, gold.answers, gold.evidence, gold.answerable)


def _keep(file: Path, plan: Plan, row: Row) -> None:
    with file.open("a", encoding="utf-8", errors="backslashreplace") as opened:
        opened.write(json.dumps({"plan": plan.settings, "row": asdict(row)}) + "\n")


def _kept_rows(file: Path, plan: Plan) -> dict[str, Row]:
    """What an interrupted run left; a last line that was cut off does not count."""
    found: dict[str, Row] = {}
    if not file.exists():
        return found
    for line in file.read_text("utf-8").splitlines():
        try:
            value = json.loads(line)
            if value["plan"] == plan.settings:
                row = row_from_json(value["row"])
                found[row.id] = row
        except (ValueError, KeyError, TypeError):
            continue
    return found


def run_of(plan: Plan, found: Sequence[Row], started: datetime, costs: Sequence[Figure]) -> Run:
    """The rows with the figures that sum them up."""
    return Run(
        name=plan.name,
        settings=plan.settings,
        started=started,
        machine=description(),
        summary=(*_score_figures(found), *_abstention_figures(found), *_latency(found), *costs),
        rows=tuple(found),
    )


# --- figures --------------------------------------------------------------------------------------


def _score_figures(found: Sequence[Row]) -> Iterator[Figure]:
    for group, names in GROUPS.items():
        for name in names:
            yield Figure(name, group, "", bootstrap([row.scores.get(name) for row in found]))


def _abstention_figures(found: Sequence[Row]) -> Iterator[Figure]:
    told = abstention([r.abstained for r in found], [r.answerable for r in found])
    for name in ("precision", "recall", "f1"):
        yield Figure(f"abstention_{name}", "abstention", "", getattr(told, name))
    yield Figure("false_abstention", "abstention", "", told.false_rate)
    answered_wrongly = [float(not r.abstained) for r in found if not r.answerable]
    yield Figure("answered_unanswerable", "abstention", "", bootstrap(answered_wrongly))
    sure = np.array([r.confidence or 0.0 for r in found])
    right = np.array([float(r.right) for r in found])
    area = bootstrap_of(lambda i: aurc(sure[i], right[i]), len(found))
    yield Figure("risk_coverage_area", "abstention", "", area)
    error = bootstrap_of(lambda i: ece(list(sure[i]), list(right[i])) or 0.0, len(found))
    yield Figure("ece", "abstention", "", error)


def _latency(found: Sequence[Row]) -> Iterator[Figure]:
    for stage in STAGES:
        taken = [1000 * row.timings[stage] for row in found]
        for share in (50, 95, 99):
            name = f"{stage.removesuffix('_s')} p{share}"
            yield Figure(name, "warm latency", "ms", percentile(taken, share))


def cost_figures(model: ChatModel | None, count: int) -> list[Figure]:
    """Tokens a question, in and out, of a model that was loaded for these; this process' memory."""
    figures = [Figure("peak memory", "cost", "MB", bootstrap([peak_megabytes()]))]
    if model is not None and count:
        for name, used in zip(("tokens in", "tokens out"), model.tokens_used, strict=True):
            figures.append(Figure(name, "cost", "tokens", bootstrap([used / count])))
    return figures


def cold_figures(library: Path, question: str, writer: str, times: int) -> list[Figure]:
    """Milliseconds of one-off questions, each in a process of its own."""
    command = [sys.executable, "-P", "-m", "rag", "--library", str(library)]
    command += ["ask", "--json", "--writer", writer, question]
    taken: dict[str, list[float]] = {}
    for _ in range(times):
        started = datetime.now(UTC)
        done = subprocess.run(command, capture_output=True, text=True, check=True)
        whole = (datetime.now(UTC) - started).total_seconds()
        timings = json.loads(done.stdout)["timings"] | {"process_s": whole}
        for stage in ("load_s", *STAGES, "process_s"):
            taken.setdefault(stage, []).append(1000 * timings[stage])
    return [
        Figure(f"cold {stage.removesuffix('_s')} p{p}", "cold latency", "ms", percentile(ms, p))
        for stage, ms in taken.items()
        for p in (50, 95, 99)
    ]


# --- gates ----------------------------------------------------------------------------------------


def gates(text: str) -> dict[str, float]:
    """Lower bounds by figure, as in `short_f1=0.70,citation_precision=0.95`. Raises BadInput."""
    found = {}
    for part in filter(None, text.split(",")):
        name, _, bound = part.partition("=")
        try:
            found[name.strip()] = float(bound)
        except ValueError:
            raise BadInput(f"--fail-under {printable(part)}: give NAME=NUMBER.") from None
    return found


def crossed(runs: Iterable[Run], bounds: Mapping[str, float]) -> list[str]:
    """The bounds that a figure is under, in words. Raises BadInput for one that is no figure."""
    told = []
    for run in runs:
        known = {figure.name: figure for figure in run.summary}
        for name, bound in bounds.items():
            if name not in known:
                raise BadInput(
                    f"--fail-under {printable(name)}: no such figure; there are {', '.join(known)}."
                )
            interval = known[name].interval
            if interval is None or interval.mean < bound:
                shown = "not measured" if interval is None else f"{interval.mean:.3f}"
                told.append(f"{run.name}: {name} is {shown}, under {bound:g}")
    return told
