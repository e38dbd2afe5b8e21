"""Many gold questions: plans, rows that are kept, figures, and gates that a regression fails."""

import json
from dataclasses import replace
from pathlib import Path

import pytest
from test_scoring import ROWLEY, UNSAID

from rag.answering import Engine, open_engine
from rag.errors import BadInput
from rag.evaluation import Plan, crossed, gates, plans, rows, run_of
from rag.gold import Gold
from rag.runs import Row, Run

BASE = Plan("run", "quote", "hybrid", "normal", 8)
GOLD = (ROWLEY, UNSAID)


@pytest.fixture(scope="module")
def engine(seeds_folder: Path) -> Engine:
    return open_engine(seeds_folder, writer="quote")


def test_a_sweep_is_every_combination_of_its_values() -> None:
    made = plans(BASE, ["mode=dense,hybrid", "top=3,8"])
    assert [(p.mode, p.top) for p in made] == [
        ("dense", 3),
        ("dense", 8),
        ("hybrid", 3),
        ("hybrid", 8),
    ]
    assert [p.name for p in made] == ["dense 3", "dense 8", "hybrid 3", "hybrid 8"]


def test_without_a_sweep_there_is_one_plan() -> None:
    assert plans(BASE, []) == [BASE]


@pytest.mark.parametrize("sweep", ["mode", "mode=", "colour=red", "mode=sideways", "top=none"])
def test_a_sweep_that_makes_no_sense_is_refused(sweep: str) -> None:
    with pytest.raises(BadInput):
        plans(BASE, [sweep])


# --- rows that are kept ---------------------------------------------------------------------------


def asked(gold: tuple[Gold, ...], engine: Engine, kept: Path, plan: Plan = BASE) -> list[Row]:
    return list(rows(gold, engine, plan, kept))


def test_what_was_asked_before_is_not_asked_again(engine: Engine, tmp_path: Path) -> None:
    kept = tmp_path / "rows.jsonl"
    first = asked(GOLD, engine, kept)
    before = kept.read_text()
    assert asked(GOLD, engine, kept) == first
    assert kept.read_text() == before


def test_a_line_that_was_cut_off_is_asked_again(engine: Engine, tmp_path: Path) -> None:
    kept = tmp_path / "rows.jsonl"
    asked(GOLD, engine, kept)
    kept.write_text(kept.read_text()[:-40])
    assert [row.id for row in asked(GOLD, engine, kept)] == ["rowley", "unsaid"]


@pytest.mark.parametrize(
    ("gold", "plan"),
    [
        (replace(ROWLEY, answers=("nobody",)), BASE),
        (replace(ROWLEY, question="who praised Rowley?"), BASE),
        (ROWLEY, replace(BASE, top=3)),
    ],
)
def test_other_gold_or_other_settings_are_asked_anew(
    gold: Gold, plan: Plan, engine: Engine, tmp_path: Path
) -> None:
    kept = tmp_path / "rows.jsonl"
    asked((ROWLEY,), engine, kept)
    asked((gold,), engine, kept, plan)
    assert len(kept.read_text().splitlines()) == 2


def test_every_kept_line_is_json(engine: Engine, tmp_path: Path) -> None:
    kept = tmp_path / "rows.jsonl"
    asked((replace(ROWLEY, answers=("Mr\ud800",)),), engine, kept)
    assert json.loads(kept.read_text())["row"]["id"] == "rowley"


# --- figures and gates ----------------------------------------------------------------------------


def run(engine: Engine, kept: Path, gold: tuple[Gold, ...] = GOLD) -> Run:
    from datetime import UTC, datetime

    return run_of(BASE, asked(gold, engine, kept), datetime.now(UTC), [])


def figure(made: Run, name: str) -> float:
    (interval,) = [f.interval for f in made.summary if f.name == name]
    assert interval is not None
    return interval.mean


def test_a_run_sums_its_rows_up(engine: Engine, tmp_path: Path) -> None:
    made = run(engine, tmp_path / "rows.jsonl")
    assert figure(made, "gold_in_answer") == 1
    assert figure(made, "abstention_f1") == 1
    assert figure(made, "false_abstention") == 0
    assert figure(made, "total p95") > 0


def test_a_planted_regression_crosses_the_gate(engine: Engine, tmp_path: Path) -> None:
    """An engine whose every answer is an abstention, as one that reads nothing would give."""
    bounds = gates("gold_in_answer=0.9,quote_exactness=1")
    assert crossed([run(engine, tmp_path / "good.jsonl")], bounds) == []
    kept = tmp_path / "bad.jsonl"
    bad = list(rows(GOLD, engine, replace(BASE, strictness="high"), kept))
    mute = [replace(r, scores={**r.scores, "gold_in_answer": 0.0}) for r in bad]
    made = replace(run(engine, tmp_path / "more.jsonl"), summary=run_of_rows(mute).summary)
    assert crossed([made], bounds) == ["run: gold_in_answer is 0.000, under 0.9"]


def run_of_rows(found: list[Row]) -> Run:
    from datetime import UTC, datetime

    return run_of(BASE, found, datetime.now(UTC), [])


def test_a_figure_that_was_not_measured_crosses_its_gate(engine: Engine, tmp_path: Path) -> None:
    made = run(engine, tmp_path / "rows.jsonl", (UNSAID,))
    assert crossed([made], {"gold_in_answer": 0.1}) == [
        "run: gold_in_answer is not measured, under 0.1"
    ]


@pytest.mark.parametrize("text", ["gold_in_answer", "gold_in_answer=high", "=1x"])
def test_a_gate_that_makes_no_sense_is_refused(text: str) -> None:
    with pytest.raises(BadInput):
        gates(text)


def test_a_gate_on_no_figure_is_refused(engine: Engine, tmp_path: Path) -> None:
    with pytest.raises(BadInput, match="no such figure"):
        crossed([run(engine, tmp_path / "rows.jsonl")], {"beauty": 1})
