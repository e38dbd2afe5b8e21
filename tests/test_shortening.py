"""Short answers say what was asked for, and no more."""

import pytest

from rag.shortening import as_asked, name_before


def shortened(question: str, sentence: str, marked: str) -> str:
    at = sentence.index(marked)
    start, end = as_asked(question, (at, at + len(marked)), (0, len(sentence)), sentence)
    return sentence[start:end]


@pytest.mark.parametrize(
    ("question", "sentence", "marked", "short"),
    [
        (
            "Why was it shut?",
            "It was shut because the roof leaked, and later sold.",
            "roof",
            "because the roof leaked, and later sold",
        ),
        ("Why was it shut?", "The roof leaked, so it was shut.", "roof leaked", "roof leaked"),
        (
            "What did the report say?",
            "The report said on Monday that the pier was unsafe.",
            "pier",
            "the pier was unsafe",
        ),
        ("What did they find?", "They found a coin.", "a coin", "a coin"),
        (
            "Who saw it?",
            "Tom Reed, 72, a retired postman, saw it.",
            "Tom Reed, 72, a retired postman",
            "Tom Reed",
        ),
        (
            "Who saw it?",
            "LEEDS, Maine (AP) — Tom Reed saw it.",
            "LEEDS, Maine (AP) — Tom Reed",
            "Tom Reed",
        ),
        (
            "How high was it?",
            "It stood at 6.2 metres on Monday, 40cm above the last.",
            "6.2 metres on Monday, 40cm",
            "6.2 metres",
        ),
        ("How long was it?", "It was 50 to 60 metres long.", "50 to 60 metres", "50 to 60 metres"),
        (
            "How old is he?",
            "He is 18 years and 2 months old.",
            "18 years and 2 months",
            "18 years and 2 months",
        ),
        ("Where was it?", "It was in Leeds, 5 miles away.", "Leeds, 5 miles", "Leeds, 5 miles"),
    ],
)
def test_of_what_was_marked_stays_what_was_asked_for(
    question: str, sentence: str, marked: str, short: str
) -> None:
    assert shortened(question, sentence, marked) == short


def test_whom_a_pronoun_leans_on_is_named_by_the_sentence_before() -> None:
    text = "Ann Cole, who runs it, spoke. She praised Tom Reed."
    found = name_before(0, text.index("She"), text)
    assert found is not None
    assert text[slice(*found)] == "Ann Cole"
    assert name_before(0, 9, "The mayor spoke. She left.") is None
