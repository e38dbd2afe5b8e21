"""Words that say the opposite of what was asked."""

import pytest

from rag.opposites import denied, opposed


@pytest.mark.parametrize(
    ("asked", "told", "found"),
    [
        ("Which is the oldest bridge?", "The youngest bridge is in Tarn.", ["oldest"]),
        ("Who destroyed the pier?", "The pier was built by Reeve.", ["destroy"]),
        ("Where did the river fall?", "The river rose in Harwick.", ["fall"]),
        ("What did the northern towns do?", "Towns in the south paid.", ["northern"]),
        ("Who opposed the plan?", "The mayor supports the plan.", ["oppos"]),
    ],
)
def test_a_word_whose_opposite_stands_there_is_told(
    asked: str, told: str, found: list[str]
) -> None:
    assert opposed(asked, told) == found


@pytest.mark.parametrize(
    ("asked", "told"),
    [
        ("Which is the oldest bridge?", "The oldest bridge and the youngest are in Tarn."),
        ("Which is the oldest bridge?", "The bridge of Tarn was built in 1400."),
        ("Did prices rise or fall?", "Prices fell."),
        ("When did the war begin?", "The war started in May and ended in June."),
        ("Who bought the market?", "The market was sold to Colin Reeve."),
        ("", ""),
    ],
)
def test_nothing_is_opposed_where_the_word_or_one_that_means_it_stands_too(
    asked: str, told: str
) -> None:
    assert opposed(asked, told) == []


@pytest.mark.parametrize(
    ("question", "sentence", "is_denied"),
    [
        ("Which firm will run the pool?", "He denied that the firm would run the pool.", True),
        ("What killed the whale?", "He did not believe the plastic had killed it.", True),
        ("What did he deny?", "He denied that the firm would run the pool.", False),
        ("Who denied the firm would run it?", "He denied that the firm would run it.", False),
        ("Who spoke of the pool?", "He spoke of the pool and denied that it would close.", False),
        ("Why was he refused at the port?", "He was denied entry at the port.", False),
        ("Why was the port shut?", "The port was denied access to its own money.", False),
    ],
)
def test_what_is_denied_answers_nothing(question: str, sentence: str, *, is_denied: bool) -> None:
    assert denied(question, sentence) == is_denied
