"""What the reader learns from: who is held out, and questions that no longer have an answer."""

import json
import random
import sys
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

sys.path.append(str(Path(__file__).parents[1] / "scripts"))

import reading_data
import support_data
from reading_data import _NAME as NAME
from reading_data import _NUMBER as NUMBER
from reading_data import (
    Example,
    denied,
    elsewhere,
    in_other_words,
    is_calibration,
    opposite,
    swapped_roles,
    with_condition,
    with_near_number,
    with_neighbour,
    with_other,
    with_other_noun,
    without_answer,
    without_what_is_kept,
)
from synonyms import masked, reworded

PASSAGE = "Ann Cole opened the bridge in 1990. It was shut in 1995. Tom Reed then paid for another."


def example(question: str, answer: str = "1990") -> Example:
    at = PASSAGE.index(answer)
    return Example(question, "Bridge", PASSAGE, ((at, at + len(answer)),), True, "squad_train_part")


def test_without_the_sentence_of_its_answer_a_passage_answers_nothing() -> None:
    cut = without_answer(example("When was it opened?"))
    assert cut is not None
    assert (cut.passage, cut.spans) == ("It was shut in 1995. Tom Reed then paid for another.", ())
    assert not cut.answerable


def test_a_passage_of_which_little_would_be_left_stays_whole() -> None:
    short = Example(
        "When?", "", "It shut in 1990. All left.", ((11, 15),), True, "squad_train_part"
    )
    assert without_answer(short) is None


@pytest.mark.parametrize(
    ("alter", "question", "altered"),
    [
        (opposite, "Who was the first to pay?", "Who was the last to pay?"),
        (denied, "What did Ann Cole open?", "What did Ann Cole not open?"),
        (denied, "Who was told of it?", "Who was not told of it?"),
        (denied, "What did the town open?", "What didn't the town open?"),
        (swapped_roles, "Who praised Tom Reed?", "Who did Tom Reed praise?"),
        (swapped_roles, "Who did Tom Reed visit?", "Who visited Tom Reed?"),
    ],
)
def test_an_altered_question_has_no_answer(
    alter: Callable[[Example], Example | None], question: str, altered: str
) -> None:
    made = alter(example(question))
    assert made is not None
    assert (made.question, made.spans, made.answerable) == (altered, (), False)


@pytest.mark.parametrize(
    ("alter", "question"),
    [
        (opposite, "Who paid?"),
        (opposite, "How many paid?"),
        (denied, "When was it opened?"),
        (swapped_roles, "Who married Tom Reed?"),
    ],
)
def test_a_question_that_may_still_have_an_answer_is_not_altered(
    alter: Callable[[Example], Example | None], question: str
) -> None:
    assert alter(example(question)) is None


def test_another_number_is_one_that_the_passage_lacks() -> None:
    names = [("1995", "Bridge"), ("1812", "War")]
    made = with_other(example("What opened in 1990?"), NUMBER, names, random.Random(0))
    assert made is not None
    assert made.question == "What opened in 1812?"


TOWN = (
    "The bridge of the town was opened in 1990 by Ann Cole. Later on the council was led "
    "by Tom Reed during the War, and again at Leeds."
)


@pytest.mark.parametrize(
    ("alter", "question", "altered"),
    [
        (
            lambda e, draw: with_neighbour(e, NAME, draw),
            "What was opened by Ann Cole?",
            {
                "What was opened by Tom Reed?",
                "What was opened by Leeds?",
                "What was opened by War?",
            },
        ),
        (
            lambda e, draw: with_other_noun(e, {("Bridge", "the"): ["council"]}, draw),
            "When was the bridge of the town first opened?",
            {"When was the council of the town first opened?"},
        ),
        (
            with_condition,
            "Who opened the bridge of the town?",
            {"Who opened the bridge of the town at Leeds?"},
        ),
        (with_condition, "When was the bridge of the town opened?", {None}),
    ],
)
def test_a_question_is_altered_with_what_the_passage_says_of_something_else(
    alter: Callable[[Example, random.Random], Example | None],
    question: str,
    altered: set[str | None],
) -> None:
    made = alter(of("Bridge", TOWN, question, "1990"), random.Random(0))
    assert (made and made.question) in altered


def test_a_near_number_is_one_that_the_passage_lacks() -> None:
    for seed in range(50):
        made = with_near_number(example("What opened in 1990?"), random.Random(seed))
        assert made is None or 1978 <= int(made.question[-5:-1]) <= 2002
        assert made is None or made.question[-5:-1] not in PASSAGE


def test_about_one_title_in_fifteen_fits_the_confidence() -> None:
    drawn = sum(is_calibration(f"title {n}") for n in range(3_000))
    assert 150 < drawn < 250


def of(title: str, passage: str, question: str, answer: str) -> Example:
    at = passage.index(answer)
    spans = ((at, at + len(answer)),)
    return Example(question, title, passage, spans, True, "squad_train_part")


def test_elsewhere_is_a_like_passage_that_lacks_the_answer_under_its_own_title() -> None:
    bridge = of("Bridge", PASSAGE, "When was the bridge opened?", "1990")
    same_answer = of("Tower", "The bridge by the tower opened in 1990.", "Who?", "The bridge")
    like = of("Harbour", "The bridge at the harbour opened late.", "When did it open?", "late")
    made = elsewhere([bridge, same_answer, like], {"squad_train_part": 1.0}, random.Random(0))
    (found,) = [e for e in made if e.question == bridge.question]
    assert (found.title, found.passage, found.spans) == (like.title, like.passage, ())
    assert not found.answerable


def test_a_passage_that_shares_twelve_words_with_one_that_is_kept_trains_nothing(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    held, own = PASSAGE.split(), example("When was it opened?")
    shares = {
        len(words): replace(own, passage="Then " + " ".join(words).upper())
        for words in (held[:12], held[:11])
    }
    monkeypatch.setattr(reading_data, "kept_passages", lambda folder: [own.passage])
    assert without_what_is_kept([*shares.values()], tmp_path) == [shares[11]]


def test_a_question_in_other_words_has_none_that_the_passage_has() -> None:
    passage = "The firm closed its shop. The business was poor."
    made = {reworded("Which firm closed it?", passage, random.Random(n)) for n in range(20)}
    assert made == {"Which company shut it?"}
    assert reworded("How large is it?", "A large pier.", random.Random(0)) == "How large is it?"
    assert reworded("Who saw Reed?", "Reed.", random.Random(0)) in {"Who spotted Reed?"}


def test_what_is_masked_stands_in_the_passage() -> None:
    made = masked("Which pier burned in the night?", "A pier was lost at night.", random.Random(0))
    assert made == "Which [MASK] burned in the [MASK]?"


def test_a_new_wording_keeps_what_answers() -> None:
    draw = random.Random(0)
    asked = [in_other_words(example("When was the bridge opened?"), draw) for _ in range(200)]
    assert {(e.passage, e.spans, e.answerable) for e in asked} == {
        (e.passage, e.spans, e.answerable) for e in [example("When?")]
    }
    changed = sum(e.question != "When was the bridge opened?" for e in asked)
    assert 40 < changed < 80


def rows_of_file(path: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in path.read_text("utf-8").splitlines()]


def test_what_was_written_for_training_says_where_it_stands_and_what_answers() -> None:
    rows = rows_of_file(reading_data.WRITTEN)
    assert len({(row["set"], row["id"], row["start"], row["end"]) for row in rows}) >= 2_700
    assert {row["side"] for row in rows} == {"train", "calibrate", "dev"}
    for row in rows:
        questions = [question for _, question, _ in row["asked"]]
        assert row["title"]
        assert len(set(questions)) == len(questions) > 0
        assert {kind for kind, *_ in row["asked"]} <= {"o", "s", "n"}
        assert all((kind == "n") == (answer is None) for kind, _, answer in row["asked"])


def test_of_the_sentences_written_for_training_some_are_said_and_some_nearly() -> None:
    rows = rows_of_file(support_data.WRITTEN)
    said = [kind == "yes" for row in rows for kind, _ in row["told"]]
    assert len(rows) >= 2_000
    assert 0.4 < sum(said) / len(said) < 0.5
    assert all(sentence.strip() for row in rows for _, sentence in row["told"])
