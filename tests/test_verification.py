"""A sentence is shown only when its quotes carry it."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rag.verification import dropped, faults, is_slice, names, numbers

QUOTE = (
    "Ann Cole, the mayor of Harwick, said on 3 May that 40 of the 600 pupils had “fallen ill”, "
    "but the school was not closed."
)
PLAIN = "Tom Reed opened the new library in Harwick on 3 May."


def test_a_sentence_of_the_quotes_own_words_passes() -> None:
    assert faults("Tom Reed opened the library in Harwick on 3 May.", [PLAIN], "") == []


@pytest.mark.parametrize(
    ("sentence", "fault"),
    [
        ("Tom Hale opened the new library in Harwick on 3 May.", "name not in the quote: Hale"),
        ("Tom Reed opened the new library in Harwick on 4 May.", "number not in the quote: 4"),
        ("Tom Reed opened the new library in Harwick on 3 June.", "name not in the quote: June"),
        ("Tom Reed opened the new hospital in Harwick on 3 May.", "neither quote nor question"),
        ("Tom Reed never opened the new library in Harwick on 3 May.", "a negation on one side"),
        ("Tom Reed opened the “best” library in Harwick on 3 May.", "not the quote's words: best"),
        ("Harwick opened the new library in Tom Reed.", "another order"),
        ("Two Tom Reeds opened the new library in Harwick on 3 May.", "number not in the quote: 2"),
        ("The new library, the new library, the new library in Harwick.", "repeats itself"),
    ],
)
def test_what_the_quote_does_not_say_is_named(sentence: str, fault: str) -> None:
    assert any(fault in found for found in faults(sentence, [PLAIN], ""))


def test_words_of_the_question_may_stand_in_the_sentence_but_not_make_it() -> None:
    question = "Who inaugurated the library?"
    assert faults("Tom Reed inaugurated the new library in Harwick.", [PLAIN], question) == []
    assert faults("Tom Reed resigned.", [PLAIN], "When did Tom Reed resign?")


def test_speech_stays_attributed() -> None:
    quote = "Ann Cole said the road would be closed in May."
    assert faults("Ann Cole said the road would be closed in May.", [quote], "") == []
    assert faults("The road would be closed in May.", [quote], "") == [
        "the quote says who said it, the sentence does not"
    ]


def test_a_dropped_negation_fails() -> None:
    assert "a negation on one side only" in faults("The school was closed.", [QUOTE], "")


def test_words_picked_from_all_over_a_long_quote_fail() -> None:
    quote = (
        "The laboratory studies lakes in the north, owns two boats and a large house, employs "
        "nine people of five countries, and sends its samples to the river station at Plum."
    )
    assert any("scattered" in f for f in faults("The laboratory studies Plum.", [quote], ""))


def test_a_wording_must_keep_every_name_and_number_of_its_quote() -> None:
    quote = "Some provers, such as Mizar and Isabelle, fill in 20 missing pieces."
    assert dropped("Some provers fill in missing pieces.", quote, "") == ["Mizar", "Isabelle", "20"]
    assert dropped("Mizar and Isabelle fill in 20 missing pieces.", quote, "") == []


def test_numbers_are_the_same_in_words_and_digits() -> None:
    assert numbers("Three of the 1,000 paid 2.5 million") == ["1000", "2.5", "3", "1000000"]


def test_names_are_words_with_a_capital_that_do_not_just_open_a_sentence() -> None:
    assert names("The mayor met Ann Cole. She left. NX121 stayed.") == ["Ann", "Cole", "NX121"]


def test_a_slice_differs_from_its_quote_in_case_quotes_marks_and_last_stop_alone() -> None:
    assert is_slice("the school was not closed.", QUOTE)
    assert is_slice('had "fallen ill"', QUOTE)
    assert not is_slice("the school was closed.", QUOTE)


@given(st.text(max_size=300), st.text(max_size=300), st.text(max_size=100))
def test_any_texts_can_be_checked(sentence: str, quote: str, question: str) -> None:
    """Hostile text gives faults or none, never an error."""
    assert isinstance(faults(sentence, [quote], question), list)
    assert isinstance(dropped(sentence, quote, question), list)
