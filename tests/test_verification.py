"""A sentence is shown only when its quotes carry it."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rag.facts import names, numbers
from rag.verification import (
    dropped,
    faults,
    holds,
    is_sentence_of,
    is_slice_of,
    may_become,
)

PLAIN = "On 3 May the mayor, Tom Reed, opened the splendid new library in Harwick."


@pytest.mark.parametrize(
    "sentence",
    [
        PLAIN,
        "On 3 May the mayor, Tom Reed, opened the new library in Harwick.",
        "Tom Reed opened a library in Harwick.",
    ],
)
def test_a_shortened_sentence_of_the_quote_passes(sentence: str) -> None:
    assert faults(sentence, [PLAIN]) == []


@pytest.mark.parametrize(
    ("sentence", "fault"),
    [
        ("Tom Hale opened the new library in Harwick.", "name not in the quote: Hale"),
        ("On 4 May Tom Reed opened the new library.", "number not in the quote: 4"),
        ("Two mayors opened the library.", "number not in the quote: 2"),
        ("Tom Reed opened the “best” library.", "not the quote's words: best"),
        ("Tom Reed opened the new hospital.", "not the quote's words in its order"),
        ("Harwick opened the mayor.", "not the quote's words in its order"),
    ],
)
def test_what_the_quote_does_not_say_is_named(sentence: str, fault: str) -> None:
    assert any(fault in found for found in faults(sentence, [PLAIN]))


@pytest.mark.parametrize(
    ("quote", "sentence"),
    [
        ("Police were called by the bus driver at midnight.", "Police called the bus driver."),
        ("The hospital could close its ward next year.", "The hospital will close its ward."),
        ("The library may be built on the site.", "The library will be built on the site."),
        ("Cyclists will still be able to cross.", "Cars will still be able to cross."),
        ("The merger needs the approval of the court.", "The merger has the approval."),
        ("It is unlikely that the bridge will reopen.", "The bridge will reopen."),
        ("If the cables snap, the council will resign.", "The council will resign."),
        ("He dismissed suggestions that the school was closed.", "The school was closed."),
        ("The mayor abandoned a plan to sell the park.", "The mayor plans to sell the park."),
        ("Up to 900 posts will go.", "900 posts will go."),
        ("The officer was shot by the gang.", "The officer shot the gang."),
        ("Profits rose to $5m from $3m.", "Profits rose to $3m from $5m."),
        ("Mr Hall said his wife had stolen the money.", "Mr Hall had stolen the money."),
        ("Ann Cole said the road was closed.", "The road was closed."),
        ("The school was not closed.", "The school was closed."),
        ("It was a “total disgrace”.", "It was a disgrace."),
        ("“The road is closed.”", "The road is closed."),
        ("The school wasn't closed.", "The school closed."),
        ("Only the north tower fell.", "The tower fell."),
        ("Nearly all of the pupils left.", "All of the pupils left."),
        ("Tom criticised Ann in May.", "Ann criticised Tom in May."),
        ("The plan was welcomed by Ann, who criticised Tom.", "Ann criticised Tom."),
        ("Ann Cole stabbed Tom Reed, the court heard.", "Ann Cole stabbed Tom Reed."),
        ("The former mayor, Tom Reed, opened it.", "The mayor, Tom Reed, opened it."),
        ("He was charged with attempted murder.", "He was charged with murder."),
        ("Staff called off the strike.", "Staff called the strike."),
        ("In the film, Ann Cole robs a bank.", "Ann Cole robs a bank."),
        ("Ann was paid £50 per week.", "Ann was paid £50."),
        ("It cost £4 million.", "It cost $4 million."),
        ("It was -5C in Leeds.", "It was 5C in Leeds."),
        ("Turnout fell by 5%.", "Turnout fell by 5."),
        ("Williams' wife was killed.", "Williams was killed."),
        ("The players’ wives were arrested.", "The players were arrested."),
        ("It was a 'total disgrace'.", "It was a disgrace."),
        ("‘The road is closed.’", "The road is closed."),
        ("Reed said he was tired.", "Reed said he was “tired”."),
    ],
)
def test_what_turns_a_statement_into_another_does_not_pass(quote: str, sentence: str) -> None:
    assert faults(sentence, [quote])


@pytest.mark.parametrize(
    ("quote", "sentence"),
    [
        ("Ann Cole said that the road was closed.", "Ann Cole said the road was closed."),
        ("But the road was closed.", "The road was closed."),
        ("About 1,000 people marched.", "About 1000 people marched."),
        ("Turnout fell by 5 per cent.", "Turnout fell by 5 percent."),
        ("The road didn't close.", "The road did not close."),
        ("The library and a museum were closed.", "A library and a museum were closed."),
    ],
)
def test_what_turns_nothing_may_be_left_out_or_written_otherwise(quote: str, sentence: str) -> None:
    assert faults(sentence, [quote]) == []


def test_a_beginning_is_given_up_at_the_first_word_that_is_not_the_quotes() -> None:
    assert may_become("Tom Reed opened the lib", PLAIN)
    assert may_become("", PLAIN)
    assert not may_become("Tom Reed resigned and", PLAIN)
    assert not may_become("Harwick opened the library", PLAIN)


def test_one_quote_that_carries_the_sentence_is_enough() -> None:
    assert faults("Tom Reed opened the library.", ["Nothing of it.", PLAIN]) == []
    assert faults("Tom Reed opened the library.", [])


def test_a_wording_must_keep_every_name_and_number_of_its_quote() -> None:
    quote = "Some provers, such as Mizar and Isabelle, fill in 20 missing pieces."
    assert dropped("Some provers fill in missing pieces.", quote, "") == ["Mizar", "Isabelle", "20"]
    assert dropped("Mizar and Isabelle fill in 20 missing pieces.", quote, "") == []


def test_a_short_answer_is_held_with_its_signs() -> None:
    assert holds("It cost ₹500.", "₹500")
    assert not holds("It cost $500.", "₹500")
    assert not holds("It was 5C.", "-5C")


def test_numbers_are_the_same_in_words_and_digits() -> None:
    assert numbers("Three of the 1,000 paid 2.5 million") == ["1000", "2.5", "3", "1000000"]


def test_names_are_words_with_a_capital_that_do_not_just_open_a_sentence() -> None:
    assert names("The mayor met Ann Cole. She left. NX121 stayed.") == ["Ann", "Cole", "NX121"]


def test_a_sentence_of_a_quote_is_whole_but_for_case_marks_and_last_stop() -> None:
    quote = "He said “the school was closed”. All left."
    assert is_sentence_of('he said "the school was closed"', quote)
    assert not is_sentence_of("the school was closed", quote)


@pytest.mark.parametrize(
    ("words", "sliced"),
    [
        ("tom reed, opened the splendid new library.", True),
        ("The mayor, Tom Reed, opened the splendid new library in Harwick", True),
        (PLAIN, True),
        ("Tom Reed opened the splendid new library.", False),
        ("Tom Reed, opened the splendid new lib", False),
        ("Tom Reed, opened the new library.", False),
        (" .", False),
    ],
)
def test_a_slice_is_whole_words_as_the_quote_has_them(words: str, sliced: bool) -> None:
    assert is_slice_of(words, PLAIN) == sliced


def test_a_slice_that_leaves_out_what_turns_its_sense_is_still_a_fault() -> None:
    quote, sliced = "Ann Cole said the road was closed.", "The road was closed."
    assert is_slice_of(sliced, quote)
    assert faults(sliced, [quote]) == ["leaves out 'said'"]


@pytest.mark.parametrize(
    ("text", "words", "held"),
    [
        ("Tom Reed opened it.", "tom reed", True),
        ("It was opened by Tom “Bob” Reed’s wife.", "Bob Reed's", True),
        ("It cost £5m.", "£5m", True),
        ("It cost $5m.", "£5m", False),
        ("It cost 15m.", "5m", False),
        ("Tom and Ann Reed opened it.", "Tom Reed", False),
    ],
)
def test_words_are_held_beside_each_other_case_and_punctuation_aside(
    text: str, words: str, held: bool
) -> None:
    assert holds(text, words) == held


@given(st.text(max_size=300), st.text(max_size=300), st.text(max_size=100))
def test_any_texts_can_be_checked(sentence: str, quote: str, question: str) -> None:
    """Hostile text gives faults or none, never an error."""
    assert isinstance(faults(sentence, [quote]), list)
    assert isinstance(dropped(sentence, quote, question), list)
