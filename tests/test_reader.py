"""What the reader is given, and which words its logits point at."""

import numpy as np
import pytest

from rag.reader import LONGEST, Marked, pair, places, spans

# "when? | it: built in 1990", and a special token at either end of each part
OFFSETS = [(0, 0), (0, 4), (0, 0), (0, 2), (2, 3), (4, 9), (10, 12), (13, 17), (0, 0)]
SEQUENCES = [None, 0, None, 1, 1, 1, 1, 1, None]
SHIFT = 4  # where the passage starts behind its title
INSIDE = [5, 6, 7]


def logits(**high: float) -> np.ndarray:
    made = np.zeros(len(OFFSETS), np.float32)
    for token, value in high.items():
        made[int(token[1:])] = value
    return made


def test_a_passage_has_its_title_before_it_as_far_as_that_is_short() -> None:
    assert pair("It", "built in 1990") == ("It: built in 1990", SHIFT)
    assert pair("", "built in 1990") == ("built in 1990", 0)
    assert pair("x" * 999, "")[1] < LONGEST


def test_neither_the_question_nor_the_title_can_answer() -> None:
    assert places(SEQUENCES, OFFSETS, SHIFT) == INSIDE


def test_the_best_span_is_told_in_the_passages_own_characters() -> None:
    start, end = logits(t7=3.0, t0=1.0, t1=9.0), logits(t7=2.0, t0=0.5, t1=9.0)
    assert spans(INSIDE, OFFSETS, SHIFT, start, end, most=1) == (Marked(9, 13, 3.5),)


def test_no_span_ends_before_it_starts() -> None:
    (best,) = spans(INSIDE, OFFSETS, SHIFT, logits(t7=3.0), logits(t5=5.0), most=1)
    assert best.start < best.end


def test_no_span_lies_within_another() -> None:
    found = spans(INSIDE, OFFSETS, SHIFT, logits(t5=5.0, t6=4.0), logits(t6=5.0, t7=1.0), most=3)
    assert [(one.start, one.end) for one in found] == [(0, 8), (9, 13)]


@pytest.mark.parametrize("tokens", [5, 400])
def test_a_span_is_no_longer_than_an_answer(tokens: int) -> None:
    inside = list(range(1, tokens))
    offsets = [(2 * i, 2 * i + 1) for i in range(tokens)]
    start, end = np.zeros(tokens), np.zeros(tokens)
    start[1] = end[-1] = 9.0
    (best,) = spans(inside, offsets, 0, start, end, most=1)
    assert best.end - best.start < 60


def test_a_passage_of_which_nothing_is_left_answers_nothing() -> None:
    assert spans([], OFFSETS, SHIFT, logits(), logits(), most=3) == ()
