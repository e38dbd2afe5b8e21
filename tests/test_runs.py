"""What an evaluation gave is kept whole, and two of them are compared question by question."""

import json
from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rag.errors import BadInput
from rag.intervals import Interval
from rag.runs import (
    FAILURES,
    Cited,
    Difference,
    Figure,
    Row,
    Run,
    differences,
    from_json,
    to_json,
)

texts = st.text(max_size=8)
shares = st.floats(0, 1)
maybe = st.none() | shares
intervals = st.builds(Interval, shares, shares, shares, st.integers(0, 9))
cited = st.builds(Cited, st.integers(1, 9), texts, texts, st.booleans())
rows = st.builds(
    Row,
    id=texts,
    kind=texts,
    question=texts,
    answers=st.lists(texts, max_size=2).map(tuple),
    evidence=st.lists(texts, max_size=2).map(tuple),
    answerable=st.booleans(),
    answer=texts,
    short_answer=st.none() | texts,
    abstained=st.booleans(),
    confidence=maybe,
    citations=st.lists(cited, max_size=2).map(tuple),
    failure=st.sampled_from(FAILURES),
    scores=st.dictionaries(texts, maybe, max_size=2),
    timings=st.dictionaries(texts, shares, max_size=2),
    relevant=st.dictionaries(texts, st.integers(0, 3), max_size=2),
    history=st.lists(st.tuples(texts, texts), max_size=2).map(tuple),
)
runs = st.builds(
    Run,
    name=texts,
    settings=st.dictionaries(texts, st.none() | texts | st.booleans() | st.integers() | shares),
    started=st.datetimes(timezones=st.just(UTC)),
    machine=texts,
    summary=st.lists(st.builds(Figure, texts, texts, texts, st.none() | intervals), max_size=2).map(
        tuple
    ),
    rows=st.lists(rows, max_size=2).map(tuple),
)


def row(**changes: Any) -> Row:
    """A question that was answered, and nothing wrong with it."""
    plain = Row(
        id="q1",
        kind="who",
        question="Who closed it?",
        answers=("the council",),
        evidence=("The council closed it.",),
        answerable=True,
        answer="The council closed it. [1]",
        short_answer=None,
        abstained=False,
        confidence=0.5,
        citations=(Cited(1, "Bridge closed", "The council closed it.", True),),
        failure="",
        scores={},
        timings={"total_s": 0.5},
        tokens_in=None,
        tokens_out=None,
    )
    return replace(plain, **changes)


def run(name: str, **scores: Sequence[float | None]) -> Run:
    """A run whose questions q1, q2 … have these scores."""
    count = max(map(len, scores.values()), default=0)
    asked = [
        row(id=f"q{i + 1}", scores={s: values[i] for s, values in scores.items()})
        for i in range(count)
    ]
    return Run(
        name, {"mode": name}, datetime(2026, 1, 2, tzinfo=UTC), "two cores", (), tuple(asked)
    )


# --- values ---------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("changes", "right"),
    [
        ({}, True),
        ({"failure": "citation wrong"}, False),
        ({"abstained": True, "failure": "wrongly abstained"}, False),
        ({"answerable": False, "failure": "wrongly answered"}, False),
        ({"answerable": False, "abstained": True}, False),
    ],
)
def test_right_is_what_was_answered_and_has_nothing_wrong(
    changes: dict[str, Any], right: bool
) -> None:
    assert row(**changes).right is right


def test_a_figure_tells_how_many_questions_it_is_of() -> None:
    assert Figure("F1", "answers", "", Interval(0.5, 0.4, 0.6, 12)).n == 12
    assert Figure("F1", "answers", "", None).n == 0


# --- JSON -----------------------------------------------------------------------------------------


@settings(max_examples=50)
@given(st.lists(runs, max_size=2))
def test_runs_are_read_back_as_they_were(several: list[Run]) -> None:
    assert from_json(to_json(several)) == several


def test_texts_that_are_no_unicode_are_kept_too() -> None:
    broken = run("\ud800 \0 \u202e", f1=[0.5])
    text = to_json([broken])
    assert from_json(text.encode("utf-8").decode()) == [broken]


@pytest.mark.parametrize("name", ["relevant", "history"])
def test_an_evaluation_from_before_this_was_kept_is_read_too(name: str) -> None:
    older = broken(lambda v: v["runs"][0]["rows"][0].pop(name))
    assert from_json(older) == [run("a", f1=[0.5])]


def test_each_question_has_a_line_of_its_own() -> None:
    lines = to_json([run("a", f1=[0.1, 0.2, 0.3])]).splitlines()
    assert sum(line.startswith('{"id": "q') for line in lines) == 3


def broken(change: Callable[[dict[str, Any]], object]) -> str:
    value = json.loads(to_json([run("a", f1=[0.5])]))
    change(value)
    return json.dumps(value)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "[]",
        "null",
        '"version"',
        "[" * 100_000,
        broken(lambda v: v.update(version=2)),
        broken(lambda v: v.update(kind="chat")),
        broken(lambda v: v.update(runs={})),
        broken(lambda v: v["runs"][0].pop("machine")),
        broken(lambda v: v["runs"][0].update(started="yesterday")),
        broken(lambda v: v["runs"][0]["rows"][0].update(answers="the council")),
        broken(lambda v: v["runs"][0]["rows"][0].update(failure="nearly right")),
        broken(lambda v: v["runs"][0]["rows"][0].update(abstained=0)),
        broken(lambda v: v["runs"][0]["rows"][0]["scores"].update(f1="0.5")),
        broken(lambda v: v["runs"][0]["rows"][0]["scores"].update(f1=True)),
        broken(lambda v: v["runs"][0]["rows"][0]["scores"].update(f1=float("nan"))),
        broken(lambda v: v["runs"][0]["rows"][0]["scores"].update(f1=10**400)),
        broken(lambda v: v["runs"][0]["rows"][0]["citations"][0].pop("quote")),
    ],
)
def test_what_is_no_saved_evaluation_is_said_to_be_none(text: str) -> None:
    with pytest.raises(BadInput, match=r"^this is not a saved evaluation"):
        from_json(text)


# --- two runs -------------------------------------------------------------------------------------


def between(a: Run, b: Run) -> list[Difference]:
    return differences([(a, b)])


def test_a_difference_names_both_runs_and_their_means() -> None:
    (found,) = between(run("old", f1=[0.1, 0.3]), run("new", f1=[0.4, 0.8]))
    assert (found.name, found.runs) == ("f1", ("old", "new"))
    assert (found.a, found.b, found.difference.mean) == pytest.approx((0.2, 0.6, 0.4))


def test_only_questions_that_both_runs_have_are_compared() -> None:
    old, new = run("old", f1=[0.1, 0.9, 0.5]), run("new", f1=[0.3, 0.7, None])
    (found,) = between(old, replace(new, rows=(new.rows[0], new.rows[2])))
    assert (found.a, found.b, found.difference.n) == (0.1, 0.3, 1)


def test_questions_are_paired_by_their_id_and_not_their_place() -> None:
    old, new = run("old", f1=[0.1, 0.9]), run("new", f1=[0.1, 0.9])
    (found,) = between(old, replace(new, rows=new.rows[::-1]))
    assert (found.difference.low, found.difference.high) == (0, 0)


@pytest.mark.parametrize(
    "changes",
    [
        {"question": "Who opened it?"},
        {"answers": ("rust",)},
        {"evidence": ("It rusts.",)},
        {"relevant": {"The bridge": 1}},
        {"history": (("What was closed?", "The bridge was."),)},
    ],
)
def test_a_question_that_is_another_now_is_not_compared(changes: dict[str, Any]) -> None:
    old, new = run("old", f1=[0.1, 0.9]), run("new", f1=[0.3, 0.7])
    (found,) = between(old, replace(new, rows=(replace(new.rows[0], **changes), new.rows[1])))
    assert (found.a, found.b, found.difference.n) == (0.9, 0.7, 1)


def test_right_and_wrong_are_compared_by_mcnemar() -> None:
    """Of six apart all are the new run's: 2 / 2 ** 6."""
    (found,) = between(run("old", em=[0.0] * 6), run("new", em=[1.0] * 6))
    assert found.p == 2 / 64


def test_other_scores_are_compared_by_the_paired_bootstrap() -> None:
    (found,) = between(run("old", f1=[0.0] * 11 + [0.5]), run("new", f1=[1.0] * 12))
    assert found.p == 2 / 2001


def test_a_difference_is_real_only_among_all_that_were_compared() -> None:
    """A p of 1/32 alone is below 0.05; as one of two scores it has to be twice as clear."""
    old, new = [0.0] * 6, [1.0] * 6
    same = [0.0, 1.0] * 3
    (alone,) = between(run("old", em=old), run("new", em=new))
    first, second = between(run("old", em=old, f1=same), run("new", em=new, f1=same))
    assert (alone.real, first.real, second.real) == (True, False, False)
    assert alone.p == first.p == 2 / 64


def test_a_difference_is_as_real_in_a_sweep_as_between_its_two_runs() -> None:
    """No bootstrap has samples enough for all scores of all runs of a sweep together."""
    old, new = run("old", em=[0.0] * 6), run("new", em=[1.0] * 6)
    assert [d.real for d in differences([(old, new)] * 50)] == [True] * 50


def test_a_score_that_only_one_run_has_is_not_compared() -> None:
    assert between(run("old", f1=[0.5]), run("new", em=[1.0])) == []
    assert between(run("old", f1=[None]), run("new", f1=[1.0])) == []
