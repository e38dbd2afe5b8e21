"""Short answers say what was asked for, and no more."""

import pytest

from rag.shortening import as_asked, items, name_before


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


@pytest.mark.parametrize(
    ("sentence", "marked", "listed"),
    [
        (
            "It was opposed by the Greens, the Liberals and two others.",
            "the Greens",
            ["the Greens", "the Liberals", "two others"],
        ),
        (
            "It was opposed by Ann Cole, Tom Reed and Joe Hale.",
            "Tom Reed",
            ["Ann Cole", "Tom Reed", "Joe Hale"],
        ),
        (
            "Three reasons: few visitors, the cost of the roof, and the rent.",
            "few visitors",
            ["few visitors", "the cost of the roof", "the rent"],
        ),
        ("Ann Cole and the mayor came.", "Ann Cole", ["Ann Cole"]),
        ("They saw Ann Cole, and it rained.", "Ann Cole", ["Ann Cole"]),
        ("They saw Ann Cole, who fell and was hurt.", "Ann Cole", ["Ann Cole"]),
        ("They saw Ann Cole and were glad.", "Ann Cole", ["Ann Cole"]),
        ("They saw Ann Cole, left town and were fined.", "Ann Cole", ["Ann Cole"]),
        ("They saw Ann Cole and Tom Reed.", "Ann Cole", ["Ann Cole", "Tom Reed"]),
    ],
)
def test_the_others_of_a_list_stand_beside_the_one_that_was_marked(
    sentence: str, marked: str, listed: list[str]
) -> None:
    at = sentence.index(marked)
    found = items((at, at + len(marked)), (0, len(sentence)), sentence)
    assert [sentence[a:b] for a, b in found] == listed
