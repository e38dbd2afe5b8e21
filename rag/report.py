"""What an evaluation gave → a page, and lines for the terminal.

Everything in a run is text of others, hostile until escaped; the page asks the network for nothing.
"""

import base64
import hashlib
import re
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from datetime import UTC
from functools import cache, partial
from itertools import groupby
from pathlib import Path
from typing import Any

import numpy as np
from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup

from rag import plots
from rag.errors import printable
from rag.intervals import Interval, bootstrap
from rag.metrics import risk_coverage
from rag.plots import Bar, Group, Line
from rag.runs import FAILURES, Difference, Failure, Figure, Run

RETRIEVAL = "retrieval"  # the group of the figures that are drawn beside one another
LATENCY = "latency"  # what groups have in their names that only few will want to read
F1 = "short_f1"  # the score that is drawn by kind of question

# --- figures in words -----------------------------------------------------------------------------


def figure_of(value: float, unit: str = "") -> str:
    """For example "0.734", "1.25 s", "412 MB"."""
    if not unit:
        return f"{value:.3f}"
    digits = max(0, 2 - (value >= 10) - (value >= 100)) if unit == "s" else int(value < 10)
    return f"{value:.{digits}f} {unit}"


def range_of(interval: Interval, unit: str = "") -> str:
    """The interval's ends, the unit said once."""
    low, high = (figure_of(end, unit).removesuffix(unit).strip() for end in _ends(interval))
    return (f"{low} to {high}" if interval.low < 0 else f"{low}–{high}").replace("-", "−")


def _ends(interval: Interval) -> tuple[float, float]:
    return interval.low, interval.high


def _summary(runs: Sequence[Run]) -> list[tuple[str, str, list[Figure | None]]]:
    """Group and name of each figure that any run has, and the runs' figures of that name."""
    by_run = [{(f.group, f.name): f for f in run.summary} for run in runs]
    names = dict.fromkeys(key for figures in by_run for key in figures)
    groups = dict.fromkeys(group for group, _ in names)  # together, whichever run has them
    order = [key for group in groups for key in names if key[0] == group]
    return [(*key, [figures.get(key) for figures in by_run]) for key in order]


# --- for a terminal -------------------------------------------------------------------------------

# What one steers by; the page has the rest.
_STEERING = """
    success@1 success@10 ndcg@10 short_em short_f1 gold_in_answer
    citation_recall citation_precision verified quote_exactness
    abstention_f1 false_abstention answered_unanswerable risk_coverage_area
""".split()
_COSTS = ("total p50", "total p95", "cold process p50", "peak memory")
_LONGEST_NAME = 18
_COLUMNS = {  # as short as 80 columns and a run's name ask for
    "ndcg@10": "ndcg@10",
    "short_f1": "short_f1",
    "gold_in_answer": "in_answer",
    "citation_precision": "cit_prec",
    "abstention_f1": "abst_f1",
    "total p95": "p95",
}


def table(runs: Sequence[Run]) -> str:
    """One run's figures that one steers by, a line each; of several runs a line each."""
    return _one_table(runs[0]) if len(runs) == 1 else _sweep_table(runs)


def _one_table(run: Run) -> str:
    known = {figure.name: figure for figure in run.summary}
    chosen = [known[name] for name in (*_STEERING, *_COSTS) if name in known]
    head = ("", "", "95 % interval", "n")
    lines = [_cells(figure) for figure in chosen if figure.interval]
    return _columns([head, *lines])


def _cells(figure: Figure) -> tuple[str, ...]:
    if figure.interval is None:
        return figure.name, "–", "", ""
    shown = figure_of(figure.interval.mean, figure.unit)
    spread = range_of(figure.interval, figure.unit) if figure.n > 1 else ""
    return figure.name, shown, spread, str(figure.n)


def _sweep_table(runs: Sequence[Run]) -> str:
    names = [printable(run.name) for run in runs]
    numbers = [f"({n})" for n in range(1, len(runs) + 1)]
    are_long = max(map(len, names)) > _LONGEST_NAME
    lines = [["95 % interval: ±", *_COLUMNS.values()]]
    for label, run in zip(numbers if are_long else names, runs, strict=True):
        known = {figure.name: figure for figure in run.summary}
        lines.append([label, *(_with_spread(known.get(name)) for name in _COLUMNS)])
    legend = [f"{n} {name}" for n, name in zip(numbers, names, strict=True)] if are_long else []
    return "\n".join([_columns(lines), *legend])


def _with_spread(figure: Figure | None) -> str:
    """As short as a column asks for, "0.73±.02": with half of the width of the interval."""
    if figure is None or figure.interval is None:
        return "–"
    if figure.unit:
        return figure_of(figure.interval.mean, figure.unit)
    half = (figure.interval.high - figure.interval.low) / 2
    return f"{figure.interval.mean:.2f}±{half:.2f}".replace("±0.", "±.")


def _columns(lines: Sequence[Sequence[str]]) -> str:
    widths = [max(map(len, column)) for column in zip(*lines, strict=True)]
    padded = (
        "  ".join(cell.ljust(width) for cell, width in zip(line, widths, strict=True)).rstrip()
        for line in lines
    )
    return "\n".join(padded)


def differences_told(comparison: Sequence[Difference]) -> str:
    """Those that are more than chance, a line each, and how many were looked at."""
    real = [
        f"{printable(d.runs[1], 24)}: {d.name} {d.difference.mean:+.3f} against "
        f"{printable(d.runs[0], 24)} (p {d.p:.3f})"
        for d in comparison
        if d.real
    ]
    return "\n".join([*real, f"more than chance: {len(real)} of {len(comparison)} differences"])


# --- the page -------------------------------------------------------------------------------------


def to_html(runs: Sequence[Run], comparison: Sequence[Difference] = ()) -> str:
    """One page that needs nothing else: summary, plots, and every question with what went wrong.

    Its own script and style are all that its policy lets it run.
    """
    style, script = (_beside(f"report.{kind}") for kind in ("css", "js"))
    groups = [
        (group, [(name, figures) for _, name, figures in listed])
        for group, listed in groupby(_summary(runs), key=lambda line: line[0])
    ]
    page = _template().render(
        runs=runs,
        comparison=comparison,
        style=Markup(style),
        script=Markup(script),
        policy=_policy(style, script),
        summary=[(group, listed) for group, listed in groups if LATENCY not in group],
        latency=[(group, listed) for group, listed in groups if LATENCY in group],
        golds=list(dict.fromkeys(str(r.settings["gold"]) for r in runs if "gold" in r.settings)),
        settings=_settings(runs),
        failures=_failures(runs),
        kinds=sorted({row.kind for run in runs for row in run.rows}),
        plots=_plots(runs),
        f1=F1,
    )
    return _UNSEEN.sub(lambda found: f"⟨U+{ord(found[0]):04X}⟩", page)


# What UTF-8 or HTML has no place for, and what turns the reading order of all that follows.
_UNSEEN = re.compile("[\0-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069\ud800-\udfff]")


def _beside(name: str) -> str:
    return (Path(__file__).parent / name).read_text("utf-8")


def _policy(style: str, script: str) -> str:
    return (
        f"default-src 'none'; style-src {_hash(style)}; script-src {_hash(script)}; "
        "base-uri 'none'; form-action 'none'"
    )


def _hash(text: str) -> str:
    return f"'sha256-{base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()}'"


@cache
def _template() -> Any:
    made = Environment(
        loader=FileSystemLoader(Path(__file__).parent),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    made.filters |= {
        "figure": figure_of,
        "range": range_of,
        "signed": lambda value: f"{value:+.3f}".replace("-", "−"),
        "minute": lambda when: when.astimezone(UTC).strftime("%Y-%m-%d %H:%M UTC"),
        "words": lambda name: name.removesuffix("_s").replace("_", " "),
    }
    return made.get_template("report.html")


def _settings(runs: Sequence[Run]) -> list[tuple[str, list[str]]]:
    names = dict.fromkeys(name for run in runs for name in run.settings)
    return [(name, [str(run.settings.get(name, "–")) for run in runs]) for name in names]


def _failures(runs: Sequence[Run]) -> list[tuple[Failure, list[int]]]:
    """How many questions of each run went wrong in each way."""
    counts = [Counter(row.failure for row in run.rows) for run in runs]
    return [(failure, [count[failure] for count in counts]) for failure in FAILURES]


# --- plots ----------------------------------------------------------------------------------------


def _plots(runs: Sequence[Run]) -> list[tuple[str, str, Markup]]:
    """Title, what one should know to read it, and the drawing; those without values left out."""
    found = [(name, figures) for group, name, figures in _summary(runs) if group == RETRIEVAL]
    kinds = sorted({row.kind for run in runs for row in run.rows})
    stages = dict.fromkeys(stage for run in runs for row in run.rows for stage in row.timings)
    lines = [Line(run.name, points) for run in runs if (points := _risks(run))]
    drawn = [
        (
            "Retrieval",
            "Shares of 1, with their 95 % intervals.",
            _bars([_figures(name, runs, figures) for name, figures in found], most=1),
        ),
        (
            "Answer F1 by kind of question",
            "Means, with their 95 % intervals.",
            _bars([_group(kind, runs, partial(_f1_of, kind)) for kind in kinds], most=1),
        ),
        (
            "Risk and coverage",
            "Answering the surest questions only: how many, and how many of those not right.",
            plots.curves("share answered", "share not right", lines) if lines else Markup(),
        ),
        (
            "Milliseconds by stage",
            "The bar ends at the median (p50), the line at the p95; both are named.",
            _bars(
                [
                    _group(
                        stage.removesuffix("_s").replace("_", " "),
                        runs,
                        partial(_milliseconds_of, stage),
                    )
                    for stage in stages
                ]
            ),
        ),
    ]
    return [(title, note, svg) for title, note, svg in drawn if svg]


def _bars(groups: Iterable[Group], *, most: float | None = None) -> Markup:
    drawn = [group for group in groups if group.bars]
    return plots.bars(drawn, most=most) if drawn else Markup()


def _figures(name: str, runs: Sequence[Run], figures: Sequence[Figure | None]) -> Group:
    pairs = zip(runs, figures, strict=True)
    return Group(name, tuple(_bar(run.name, f.interval) for run, f in pairs if f and f.interval))


def _group(label: str, runs: Sequence[Run], of: Callable[[Run], Bar | None]) -> Group:
    return Group(label, tuple(bar for run in runs if (bar := of(run))))


def _f1_of(kind: str, run: Run) -> Bar | None:
    interval = bootstrap([row.scores.get(F1) for row in run.rows if row.kind == kind])
    return _bar(run.name, interval) if interval else None


def _bar(label: str, i: Interval) -> Bar:
    return Bar(label, i.mean, i.low, i.high, figure_of(i.mean))


def _milliseconds_of(stage: str, run: Run) -> Bar | None:
    """Of the questions for which the stage took place."""
    taken = [1000 * seconds for row in run.rows if (seconds := row.timings.get(stage))]
    if not taken:
        return None
    half, most = np.percentile(taken, (50, 95))
    shown = (figure_of(value, "ms").removesuffix(" ms") for value in (half, most))
    return Bar(run.name, half, half, most, " · ".join(shown))


def _risks(run: Run) -> tuple[tuple[float, float], ...]:
    """Of the answers; what they cover is a share of all questions, abstentions among them."""
    answers = [r for r in run.rows if not r.abstained]
    sure = [(r.confidence, r.right) for r in answers if r.confidence is not None]
    points = risk_coverage([c for c, _ in sure], [right for _, right in sure])
    share = len(sure) / max(1, len(run.rows))
    return tuple((share * point.coverage, point.risk) for point in points)
