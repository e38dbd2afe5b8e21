"""Many gold questions, under one choice of settings or several → runs, figures and gates."""

import hashlib
import json
import math
import subprocess
import sys
import time
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from datetime import datetime
from functools import cache
from itertools import product
from pathlib import Path
from typing import Any, get_args

import numpy as np

from rag.answering import Engine, Writer
from rag.errors import BadInput, printable
from rag.gold import Gold, append_line
from rag.gold import to_json as gold_json
from rag.intervals import Values, bootstrap, bootstrap_of, percentile
from rag.library import Library
from rag.machine import description, peak_megabytes
from rag.metrics import abstention, aurc, ece
from rag.reading import Strictness
from rag.retrieval import Mode
from rag.runs import Figure, Row, Run, Setting, row_from_json
from rag.scoring import GROUPS, STAGES, ask_gold

# --- one run, or several --------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Plan:
    """One run of all questions: its name, and the settings that it is made with."""

    name: str
    writer: Writer
    mode: Mode
    strictness: Strictness
    top: int
    model: str
    embedding: str

    @property
    def settings(self) -> dict[str, Setting]:
        return {k: v for k, v in asdict(self).items() if k != "name"}


_CHOICES: dict[str, tuple[str, ...]] = {
    "writer": ("llm", "quote"),  # not "auto": what is measured is said
    "mode": get_args(Mode),
    "strictness": get_args(Strictness),
}
_SWEPT = (*_CHOICES, "top", "model")  # another embedding would need another library


def plans(base: Plan, sweep: Sequence[str]) -> list[Plan]:
    """Every combination of what is swept, as in `mode=dense,hybrid`. Raises BadInput."""
    if base.writer == "auto":
        base = replace(base, writer="llm")
    axes: list[list[tuple[str, Any]]] = []
    for text in sweep:
        name, _, values = text.partition("=")
        listed = [value for value in values.split(",") if value]
        if name not in _SWEPT or not listed:
            known = ", ".join(_SWEPT)
            raise BadInput(f"--sweep {printable(text)}: give NAME=VALUE,VALUE, of {known}.")
        if any(axis[0][0] == name for axis in axes):
            raise BadInput(f"--sweep {name} is given twice; give all its values in one.")
        axes.append([(name, _value(name, value)) for value in listed])
    return [_with(base, chosen) for chosen in product(*axes)] if axes else [base]


def _value(name: str, text: str) -> str | int:
    """Raises BadInput."""
    if name == "top":
        if not (text.isascii() and text.isdecimal() and 0 < int(text) < 1_000_000):
            raise BadInput(f"--sweep top={printable(text)}: give a whole number above 0.")
        return int(text)
    known = _CHOICES.get(name, (text,))
    if text not in known:
        raise BadInput(f"--sweep {name}={printable(text)}: give one of {', '.join(known)}.")
    return text


def _with(base: Plan, chosen: Sequence[tuple[str, Any]]) -> Plan:
    return replace(base, name=" ".join(str(value) for _, value in chosen), **dict(chosen))


def run_of(
    plan: Plan, found: Sequence[Row], started: datetime, cold: Sequence[Mapping[str, float]] = ()
) -> Run:
    """The rows with the figures that sum them up; `cold` are seconds of one-off questions."""
    summary = (
        *_score_figures(found),
        *_abstention_figures(found),
        *_latency("warm", STAGES, [row.timings for row in found]),
        *_latency("cold", _COLD_STAGES if cold else (), cold),
        *_cost_figures(found),
    )
    return Run(plan.name, plan.settings, started, description(), summary, tuple(found))


# --- its questions --------------------------------------------------------------------------------


def rows(gold: Sequence[Gold], engine: Engine, plan: Plan, kept: Path) -> Iterator[Row]:
    """A row for each question, in order; each is in the file `kept` before it comes.

    Those that `kept` has of an earlier try are not asked again, if they were made with the same
    plan, gold, articles, models and program.
    """
    known = _kept_rows(kept)
    made_with = {
        **plan.settings,
        "articles": _articles(engine.library),
        "models": [engine.embedder.fingerprint, engine.reader.fingerprint, *_state(plan.model)],
        "program": _program(),
    }
    for one in gold:
        asked = json.dumps([made_with, gold_json(one)])
        row = known.get(asked)
        if row is None:
            row = ask_gold(one, engine, top=plan.top, mode=plan.mode, strictness=plan.strictness)
            _keep(kept, asked, row)
        yield row


def _articles(library: Library) -> str:
    """Of all that answers and scores hang on; an article's id is of its text alone."""
    listed = library.listed()
    facts = sorted(
        (a.id, a.title, str(a.outlet), str(a.published), a.chunks, sorted(map(_name, a.sources)))
        for a in listed
    )
    return _hash(json.dumps(facts).encode())


def _name(source: str) -> str:
    return Path(source).name


def _state(model: str) -> tuple[int, int]:
    """The size of a model's file and when it was changed, which its name does not tell."""
    file = Path(model)
    return (file.stat().st_size, file.stat().st_mtime_ns) if file.is_file() else (0, 0)


@cache
def _program() -> str:
    """Of this package's code: one that was changed may answer and score otherwise."""
    files = sorted(Path(__file__).parent.glob("*.py"))
    return _hash(b"\0".join(file.read_bytes() for file in files))


def _hash(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()


def _keep(file: Path, asked: str, row: Row) -> None:
    append_line(json.dumps({"asked": asked, "row": asdict(row)}), file)


def _kept_rows(file: Path) -> dict[str, Row]:
    """What an interrupted run left; a last line that was cut off does not count."""
    found: dict[str, Row] = {}
    if not file.exists():
        return found
    for line in file.read_text("utf-8", "replace").splitlines():
        try:
            value = json.loads(line)
            found[value["asked"]] = row_from_json(value["row"])
        except (ValueError, KeyError, TypeError):
            continue
    return found


# --- one-off questions ----------------------------------------------------------------------------

_COLD_STAGES = ("load_s", *STAGES, "process_s")


def cold_timings(library: Path, plan: Plan, question: str) -> dict[str, float]:
    """Seconds by stage of a question that has a process of its own. Raises BadInput."""
    command = [sys.executable, "-P", "-m", "rag", "--library", str(library), "ask", "--json"]
    command += [f"--{name}={value}" for name, value in plan.settings.items()]
    started = time.perf_counter()
    done = subprocess.run([*command, "--", question], capture_output=True, text=True, check=False)
    whole = time.perf_counter() - started
    if done.returncode:
        why = printable(done.stderr.strip().removeprefix("rag: "))
        raise BadInput(f"a one-off question failed ({why}); go on with --resume --cold 0.")
    timings: dict[str, float] = json.loads(done.stdout)["timings"]
    return {**timings, "process_s": whole}


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
    answered = [r for r in found if not r.abstained]  # the others risk nothing
    sure = np.array([r.confidence or 0.0 for r in answered])
    right = np.array([float(r.right) for r in answered])
    area = bootstrap_of(lambda i: aurc(sure[i], right[i]), len(answered))
    yield Figure("risk_coverage_area", "abstention", "", area)
    error = bootstrap_of(lambda i: ece(list(sure[i]), list(right[i])) or 0.0, len(answered))
    yield Figure("ece", "abstention", "", error)


def _latency(
    kind: str, stages: Sequence[str], timings: Sequence[Mapping[str, float]]
) -> Iterator[Figure]:
    """Milliseconds by stage; a stage that took no time did not take place."""
    prefix = "" if kind == "warm" else f"{kind} "
    for stage in stages:
        taken: Values = [1000 * timed[stage] or None for timed in timings]
        for share in (50, 95, 99):
            name = f"{prefix}{stage.removesuffix('_s')} p{share}"
            yield Figure(name, f"{kind} latency", "ms", percentile(taken, share))


def _cost_figures(found: Sequence[Row]) -> Iterator[Figure]:
    """Tokens a question, and the most memory that this process has had until now."""
    yield Figure("tokens in", "cost", "tokens", bootstrap([row.tokens_in for row in found]))
    yield Figure("tokens out", "cost", "tokens", bootstrap([row.tokens_out for row in found]))
    yield Figure("peak memory", "cost", "MB", bootstrap([peak_megabytes()]))


# --- gates ----------------------------------------------------------------------------------------

# Of which more is better. Not "verified": a filter cannot be its own judge.
GATED = (
    *(name for names in GROUPS.values() for name in names if name != "verified"),
    *(f"abstention_{name}" for name in ("precision", "recall", "f1")),
)


def gates(texts: Sequence[str]) -> dict[str, float]:
    """Lower bounds by figure, as in `short_f1=0.70,citation_precision=0.95`. Raises BadInput."""
    found: dict[str, float] = {}
    for part in (part for text in texts for part in text.split(",")):
        name, _, bound = (piece.strip() for piece in part.partition("="))
        if name not in GATED:
            raise BadInput(
                f"--fail-under {printable(name)}: no figure that a bound can be set on; "
                f"there are {', '.join(GATED)}."
            )
        if name in found:
            raise BadInput(f"--fail-under {name} is given twice; give one bound.")
        found[name] = _bound(name, bound)
    return found


def _bound(name: str, text: str) -> float:
    """Raises BadInput, also for NaN, which nothing is ever under."""
    try:
        bound = float(text)
    except ValueError:
        bound = math.nan
    if not math.isfinite(bound):
        raise BadInput(f"--fail-under {name}={printable(text)}: give a number, such as 0.9.")
    return bound


def crossed(runs: Iterable[Run], bounds: Mapping[str, float]) -> list[str]:
    """The bounds that a figure is under, in words; that every quote is exact is always one."""
    told = []
    for run in runs:
        known = {figure.name: figure.interval for figure in run.summary}
        exact = {"quote_exactness": 1.0} if known.get("quote_exactness") else {}
        for name, bound in {**bounds, **exact}.items():
            interval = known.get(name)
            if interval is None or interval.mean < bound:
                shown = "not measured" if interval is None else f"{interval.mean:.3f}"
                told.append(f"{run.name}: {name} is {shown}, under {bound:g}")
    return told
