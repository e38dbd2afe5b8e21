"""Many gold questions: plans, rows that are kept, figures, and gates that a regression fails."""

import json
from dataclasses import replace
from pathlib import Path

import pytest
from conftest import SEEDS, make_library
from test_scoring import ROWLEY, UNSAID

from rag.answering import Engine, open_engine
from rag.cli import main
from rag.embedding import BUNDLED, Embedder
from rag.errors import BadInput
from rag.evaluation import GATED, Plan, cold_timings, crossed, gates, plans, rows, run_of
from rag.gold import Gold, to_json
from rag.llm import BUNDLED as BUNDLED_LLM
from rag.reading import Findings
from rag.runs import Row, Run

BASE = Plan("run", "quote", "hybrid", "normal", 8, BUNDLED_LLM, BUNDLED)
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


def test_what_is_measured_is_said_where_the_writer_was_left_open() -> None:
    assert [p.writer for p in plans(replace(BASE, writer="auto"), [])] == ["llm"]


@pytest.mark.parametrize(
    ("sweep", "why"),
    [
        ("mode", "give NAME=VALUE,VALUE"),
        ("mode=", "give NAME=VALUE,VALUE"),
        ("colour=red", "of writer, mode, strictness, top, model"),
        ("embedding=other", "of writer, mode, strictness, top, model"),
        ("mode=sideways", "give one of hybrid, dense, lexical"),
        ("writer=auto", "give one of llm, quote"),
        ("top=none", "give a whole number above 0"),
        ("top=0", "give a whole number above 0"),
    ],
)
def test_a_sweep_that_makes_no_sense_is_refused(sweep: str, why: str) -> None:
    with pytest.raises(BadInput, match=why):
        plans(BASE, [sweep])


def test_what_is_swept_twice_is_refused() -> None:
    """Else the second would silently stand for both."""
    with pytest.raises(BadInput, match="--sweep mode is given twice"):
        plans(BASE, ["mode=dense", "mode=hybrid"])


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
    first = asked(GOLD, engine, kept)
    assert [row.id for row in first] == ["rowley", "unsaid"]
    assert asked(GOLD, engine, kept) == first  # and is kept then, though the cut one stands before


@pytest.mark.parametrize(
    ("gold", "plan"),
    [
        (replace(ROWLEY, answers=("nobody",)), BASE),
        (replace(ROWLEY, question="who praised Rowley?"), BASE),
        (replace(ROWLEY, article=None), BASE),
        (ROWLEY, replace(BASE, top=3)),
        (ROWLEY, replace(BASE, model="another.gguf")),
    ],
)
def test_other_gold_or_other_settings_are_asked_anew(
    gold: Gold, plan: Plan, engine: Engine, tmp_path: Path
) -> None:
    kept = tmp_path / "rows.jsonl"
    asked((ROWLEY,), engine, kept)
    asked((gold,), engine, kept, plan)
    assert len(kept.read_text().splitlines()) == 2


def test_another_library_is_asked_anew_though_it_changed_as_often(
    engine: Engine, tmp_path: Path, embedder: Embedder
) -> None:
    """As when gold is asked of its own articles, and they lie elsewhere now."""
    names = ("ford", "mill")
    for name in names:
        article = tmp_path / f"{name}.txt"
        article.write_text(f"The {name} is old. Nobody has asked how old for many years.")
        make_library(tmp_path / name, embedder, article).close()
        other = open_engine(tmp_path / name, writer="quote")
        asked((UNSAID,), other, tmp_path / "rows.jsonl")
        other.library.close()
    assert len((tmp_path / "rows.jsonl").read_text().splitlines()) == len(names)


def test_other_articles_are_asked_anew(tmp_path: Path, embedder: Embedder) -> None:
    kept, article = tmp_path / "rows.jsonl", tmp_path / "another.txt"
    article.write_text("The ford is deep. Nobody crosses it in winter.")
    make_library(tmp_path / "library", embedder, SEEDS).close()
    for _ in range(2):
        engine = open_engine(tmp_path / "library", writer="quote")
        asked((UNSAID,), engine, kept)
        engine.library.close()
        make_library(tmp_path / "library", embedder, article).close()
    assert len(kept.read_text().splitlines()) == 2


def test_an_article_that_got_another_title_is_asked_anew(
    tmp_path: Path, embedder: Embedder
) -> None:
    """The reader reads it, and citations say it."""
    article = tmp_path / "ford.txt"
    for title in ("The ford", "The old ford"):
        article.write_text(f"title: {title}\n\nThe ford is deep. Nobody crosses it in winter.")
        make_library(tmp_path / "library", embedder, article).close()
        engine = open_engine(tmp_path / "library", writer="quote")
        asked((UNSAID,), engine, tmp_path / "rows.jsonl")
        engine.library.close()
    assert len((tmp_path / "rows.jsonl").read_text().splitlines()) == 2


def test_a_model_file_that_was_replaced_is_asked_anew(engine: Engine, tmp_path: Path) -> None:
    plan = replace(BASE, model=str(tmp_path / "a.gguf"))
    for content in ("one", "another"):
        (tmp_path / "a.gguf").write_text(content)
        asked((UNSAID,), engine, tmp_path / "rows.jsonl", plan)
    assert len((tmp_path / "rows.jsonl").read_text().splitlines()) == 2


def test_what_another_version_of_the_program_answered_is_asked_anew(
    engine: Engine, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked((UNSAID,), engine, tmp_path / "rows.jsonl")
    monkeypatch.setattr("rag.evaluation._program", lambda: "another")
    asked((UNSAID,), engine, tmp_path / "rows.jsonl")
    assert len((tmp_path / "rows.jsonl").read_text().splitlines()) == 2


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


def test_a_stage_that_did_not_take_place_has_no_latency(engine: Engine, tmp_path: Path) -> None:
    made = run(engine, tmp_path / "rows.jsonl")
    assert [f.interval for f in made.summary if f.name.startswith("write ")] == [None] * 3


def test_tokens_are_counted_by_question(engine: Engine, tmp_path: Path) -> None:
    (row,) = asked((ROWLEY,), engine, tmp_path / "rows.jsonl")
    found = [replace(row, tokens_in=n, tokens_out=2 * n) for n in (100, 300)]
    made = run_of_rows(found)
    assert (figure(made, "tokens in"), figure(made, "tokens out")) == (200, 400)


def test_a_one_off_question_is_asked_with_the_plans_settings(seeds_folder: Path) -> None:
    """Also one that begins like a flag."""
    timings = cold_timings(seeds_folder, replace(BASE, mode="lexical"), "--who criticised Rowley?")
    assert timings["process_s"] > timings["total_s"] > 0


def test_a_one_off_question_that_fails_is_told_in_a_line(tmp_path: Path) -> None:
    with pytest.raises(BadInput, match=r"^a one-off question failed \(no library at .*--cold 0\.$"):
        cold_timings(tmp_path / "nowhere", BASE, "who?")


def test_a_planted_regression_crosses_the_gate(
    seeds_folder: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    """Of a path on which nothing is read any more, every answer is an abstention."""
    file = tmp_path / "gold.jsonl"
    file.write_text("".join(json.dumps(to_json(gold)) + "\n" for gold in GOLD))
    gate = ["eval", str(file), "--out", str(tmp_path / "out"), "--fail-under", "gold_in_answer=0.9"]
    command = ["--library", str(seeds_folder), *gate, "--writer", "quote", "--cold", "0"]
    assert main(command) == 0
    monkeypatch.setattr(
        "rag.answering.read", lambda _, hits, *__: Findings((), 0.0, False, 0, tuple(hits), ())
    )
    assert main(command) == 1
    assert "run: gold_in_answer is 0.000, under 0.9" in capsys.readouterr().err


def test_only_answers_risk_anything(engine: Engine, tmp_path: Path) -> None:
    """An abstention is no wrong answer, whatever its confidence."""
    right, _ = asked(GOLD, engine, tmp_path / "rows.jsonl")
    right = replace(right, confidence=0.75)
    mute = replace(right, abstained=True, failure="wrongly abstained", confidence=0.25)
    made = run_of_rows([right, mute])
    assert (figure(made, "risk_coverage_area"), figure(made, "ece")) == (0, 0.25)


def run_of_rows(found: list[Row]) -> Run:
    from datetime import UTC, datetime

    return run_of(BASE, found, datetime.now(UTC), [])


def test_a_figure_that_was_not_measured_crosses_its_gate(engine: Engine, tmp_path: Path) -> None:
    made = run(engine, tmp_path / "rows.jsonl", (UNSAID,))
    assert crossed([made], {"gold_in_answer": 0.1}) == [
        "run: gold_in_answer is not measured, under 0.1"
    ]


def test_a_quote_that_is_not_exact_crosses_a_gate_that_nobody_has_to_set(
    engine: Engine, tmp_path: Path
) -> None:
    right, _ = asked(GOLD, engine, tmp_path / "rows.jsonl")
    bent = replace(right, scores={**right.scores, "quote_exactness": 0.5})
    assert crossed([run_of_rows([right])], {}) == []
    assert crossed([run_of_rows([right, bent])], {}) == ["run: quote_exactness is 0.750, under 1"]


@pytest.mark.parametrize("bound", ["", "high", "nan", "inf", "1x"])
def test_a_bound_that_is_no_number_is_refused(bound: str) -> None:
    with pytest.raises(BadInput, match="give a number"):
        gates([f"short_f1={bound}"])


@pytest.mark.parametrize("name", ["beauty", "", "verified", "total p95", "false_abstention"])
def test_a_bound_on_what_is_no_target_is_refused_with_the_names_that_are(name: str) -> None:
    """Unknown; the project's own judge; and that of which less is better."""
    with pytest.raises(BadInput, match=r"there are success@1, .*short_f1, .*abstention_f1\.$"):
        gates([f"{name}=0.5"])


def test_bounds_add_up_over_flags_and_none_is_silently_another() -> None:
    assert gates(["short_f1=0.5,short_em=0.4", "ndcg@10=0.3"]).keys() == {
        *("short_f1", "short_em", "ndcg@10")
    }
    with pytest.raises(BadInput, match="--fail-under short_f1 is given twice"):
        gates(["short_f1=0.9", "short_f1=0.1"])
    with pytest.raises(BadInput, match="no figure that a bound can be set on"):
        gates([","])


def test_every_figure_that_can_have_a_bound_is_in_a_run(engine: Engine, tmp_path: Path) -> None:
    made = run(engine, tmp_path / "rows.jsonl")
    assert set(GATED) <= {figure.name for figure in made.summary}
