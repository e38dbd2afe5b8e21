"""What an evaluation gave: the values, their JSON, and how two of them differ."""

import json
import math
from collections.abc import Iterator, Sequence
from dataclasses import MISSING, asdict, dataclass, field, fields, is_dataclass, replace
from datetime import datetime
from types import NoneType, UnionType
from typing import Any, Literal, NamedTuple, get_args, get_origin, get_type_hints

from rag.errors import BadInput, printable
from rag.intervals import Interval, holm, mcnemar, paired_bootstrap

VERSION = 1
LEVEL = 0.05  # below which a p, adjusted for how many there are, is more than chance

Failure = Literal[
    "",
    "not retrieved",
    "retrieved but not read",
    "read but badly written",
    "wrongly abstained",
    "wrongly answered",
    "citation wrong",
]
FAILURES: tuple[Failure, ...] = get_args(Failure)  # "": nothing went wrong
Setting = str | int | float | bool | None


# --- a run ----------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Cited:
    """A citation of an answer; `supports`: whether the judge found that its quote does."""

    n: int
    title: str
    quote: str
    supports: bool


@dataclass(frozen=True, slots=True)
class Row:
    """One question: what was asked, what is right, what was answered, and what went wrong.

    `scores` by their names, from 0 to 1, None where the question says nothing about one. `timings`
    are seconds by stage, of an engine that is open. Tokens are None where no model was asked.
    `relevant` are grades of articles by name, `history` the questions and answers before; what was
    saved before they were kept has none.
    """

    id: str
    kind: str
    question: str
    answers: tuple[str, ...]
    evidence: tuple[str, ...]
    answerable: bool
    answer: str
    short_answer: str | None
    abstained: bool
    confidence: float | None
    citations: tuple[Cited, ...]
    failure: Failure
    scores: dict[str, float | None]
    timings: dict[str, float]
    tokens_in: int | None
    tokens_out: int | None
    relevant: dict[str, int] = field(default_factory=dict)
    history: tuple[tuple[str, ...], ...] = field(default_factory=tuple)

    @property
    def right(self) -> bool:
        """Whether it was answered and nothing is wrong with that.

        What risk and coverage are of: to answer the unanswerable is never right, however sure.
        """
        return self.answerable and not self.failure


@dataclass(frozen=True, slots=True)
class Figure:
    """A measure over all questions; `unit` is "s", "MB", "tokens", or "" for a share of 1."""

    name: str
    group: str
    unit: str
    interval: Interval | None

    @property
    def n(self) -> int:
        """So many questions say something about it."""
        return self.interval.n if self.interval else 0


@dataclass(frozen=True, slots=True)
class Run:
    """All questions asked once, with one choice of settings. `started` is UTC."""

    name: str
    settings: dict[str, Setting]
    started: datetime
    machine: str
    summary: tuple[Figure, ...]
    rows: tuple[Row, ...]


# --- JSON -----------------------------------------------------------------------------------------


def to_json(runs: Sequence[Run], comparison: Sequence["Difference"] = ()) -> str:
    """`from_json` reads the runs back; a question a line, so that files can be compared as text."""
    lines = ",\n".join(_run_json(run) for run in runs)
    told = ",\n".join(json.dumps(asdict(d), ensure_ascii=False) for d in comparison)
    text = (
        f'{{"version": {VERSION}, "kind": "evaluation", "runs": [\n{lines}\n],\n'
        f'"differences": [\n{told}\n]}}\n'
    )
    # UTF-8 has no place for a lone surrogate; as it happens Python's escape for one is JSON's too
    return text.encode("utf-8", "backslashreplace").decode()


def _run_json(run: Run) -> str:
    value = asdict(replace(run, rows=())) | {"started": run.started.isoformat()}
    head = json.dumps(value, ensure_ascii=False, allow_nan=False)
    rows = ",\n".join(
        json.dumps(asdict(row), ensure_ascii=False, allow_nan=False) for row in run.rows
    )
    return f"{head.removesuffix(']}')}\n{rows}\n]}}"


def from_json(text: str) -> list[Run]:
    """Raises BadInput when the text is not what `to_json` made."""
    try:
        value = json.loads(text)
        if value["version"] != VERSION or value["kind"] != "evaluation":
            raise ValueError(f"version {value['version']}, kind {value['kind']}")
        return list(_made(tuple[Run, ...], value["runs"]))
    except (KeyError, TypeError, ValueError, OverflowError, RecursionError) as error:
        why = printable(str(error), 80)
        raise BadInput(
            f"this is not a saved evaluation ({why}); `rag eval` saves one beside its report."
        ) from None


def row_from_json(value: Any) -> Row:
    """A row of what `asdict` makes of one. Raises KeyError, TypeError, ValueError."""
    row: Row = _made(Row, value)
    return row


def _made(kind: Any, value: Any) -> Any:
    """`value`, as JSON has it, made what the annotation `kind` says. Raises ValueError."""
    inner = get_args(kind)
    if isinstance(kind, UnionType):
        exact = [k for k in inner if type(value) is k] or [k for k in inner if k is not NoneType]
        return _made(exact[0], value)
    if get_origin(kind) is Literal and value in inner:
        return value
    if get_origin(kind) is tuple and isinstance(value, list):
        return tuple(_made(inner[0], v) for v in value)
    if get_origin(kind) is dict and isinstance(value, dict):
        return {name: _made(inner[1], v) for name, v in value.items()}
    if is_dataclass(kind) and isinstance(value, dict):
        hints = get_type_hints(kind)
        given = [f.name for f in fields(kind) if f.name in value or f.default_factory is MISSING]
        return kind(**{name: _made(hints[name], value[name]) for name in given})  # type: ignore[operator]  # mypy takes it for an instance
    if kind is datetime and isinstance(value, str):
        return datetime.fromisoformat(value)
    if kind is float and type(value) in (int, float) and math.isfinite(value):
        return float(value)
    if kind is not float and type(value) is kind:
        return value
    raise ValueError(f"{value!r:.40} is not {kind}")


# --- two runs -------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Difference:
    """A score of two runs on the questions that both have: the means `a` and `b`, and b − a.

    `p` is McNemar's where the score is only right or wrong, else the paired bootstrap's. `real`:
    more than chance, all scores of the two runs taken together (Holm).
    """

    name: str
    runs: tuple[str, str]
    a: float
    b: float
    difference: Interval
    p: float
    real: bool


class Question(NamedTuple):
    """What has to be the same for two rows to be of one question: under one id gold may change."""

    id: str
    question: str
    history: tuple[tuple[str, ...], ...]
    answers: tuple[str, ...]
    evidence: tuple[str, ...]
    relevant: frozenset[tuple[str, int]]


def question_of(row: Row) -> Question:
    graded = frozenset(row.relevant.items())
    return Question(row.id, row.question, row.history, row.answers, row.evidence, graded)


def differences(pairs: Sequence[tuple[Run, Run]]) -> list[Difference]:
    """By how much each b is above its a, for each score that both have, in the order of a."""
    return [difference for a, b in pairs for difference in _adjusted(list(_differences(a, b)))]


def _adjusted(found: Sequence[Difference]) -> Iterator[Difference]:
    """Of two runs: over a whole sweep, no bootstrap has samples enough to tell anything."""
    ps = holm([difference.p for difference in found])
    yield from (replace(d, real=p < LEVEL) for d, p in zip(found, ps, strict=True))


def _differences(a: Run, b: Run) -> Iterator[Difference]:
    """Each with what its p alone says of `real`."""
    others = {question_of(row): row for row in b.rows}
    both = [(row, others[key]) for row in a.rows if (key := question_of(row)) in others]
    for name in dict.fromkeys(name for row, _ in both for name in row.scores):
        scored = [(one.scores.get(name), other.scores.get(name)) for one, other in both]
        pairs = [(x, y) for x, y in scored if x is not None and y is not None]
        if pairs:
            yield _difference(name, (a.name, b.name), pairs)


def _difference(
    name: str, runs: tuple[str, str], pairs: Sequence[tuple[float, float]]
) -> Difference:
    of_a, of_b = zip(*pairs, strict=True)
    found = paired_bootstrap(of_a, of_b)
    assert found, "there are pairs"
    interval, p = found
    if all(value in (0, 1) for pair in pairs for value in pair):
        p = mcnemar([x == 1 for x in of_a], [y == 1 for y in of_b])
    mean_a, mean_b = sum(of_a) / len(pairs), sum(of_b) / len(pairs)
    return Difference(name, runs, mean_a, mean_b, interval, p, real=p < LEVEL)
