"""What a question asks for."""

import pytest

from rag.asking import asks_for_several, asks_of_a_time, fits, is_unfit, is_yes_no


def test_costs_are_one_sum() -> None:
    assert not asks_for_several("What were the costs of the pier?")
    assert asks_for_several("What were the reasons?")


@pytest.mark.parametrize(
    ("question", "several"),
    [
        ("Which people were hurt?", True),
        ("Which armed men fled?", True),
        ("What reasons does she give?", True),
        ("What are the reasons?", True),
        ("Which of the officers resigned?", True),
        ("Give me all the reasons.", True),
        ("Please list the towns.", True),
        ("Who spoke at the meeting?", True),
        ("Who attended the meeting?", True),
        ("Who spoke?", False),
        ("Who spoke at length?", False),
        ("Which officer was shot?", False),
        ("Which of the officers was shot?", False),
        ("Which of the two teams won?", False),
        ("Which of the runners came first?", False),
        ("What news does the letter bring?", False),
        ("What does she give?", False),
        ("Give me the reason.", False),
        ("Tell me all about the flood.", False),
    ],
)
def test_where_several_are_asked_for(question: str, *, several: bool) -> None:
    assert asks_for_several(question) == several


@pytest.mark.parametrize(
    ("question", "newest"),
    [
        ("Who resigned last week?", True),
        ("What happened this month?", True),
        ("Who was shot yesterday?", True),
        ("Who recently left the council?", True),
        ("What’s new?", True),
        ("What is new in Wick?", True),
        ("Who is the most recent mayor?", True),
        ("Who fell in the last week of the war?", False),
        ("What is New Wick?", False),
    ],
)
def test_where_the_newest_is_asked_for(question: str, *, newest: bool) -> None:
    assert asks_of_a_time(question) == newest


@pytest.mark.parametrize(
    ("question", "words", "kind"),
    [
        ("When is the hearing?", "December 1", 1),
        ("When is the hearing?", "Ann Cole", -1),
        ("How many were freed?", "300", 1),
        ("How many were freed?", "the prisoners", -1),
        ("Who freed the prisoners?", "Ann Cole", 1),
        ("How many were freed when the war was over?", "Sixteen", 1),
        ("Why were they freed?", "the war was over", 0),
    ],
)
def test_words_are_of_the_kind_asked_for_or_not(question: str, words: str, kind: int) -> None:
    assert fits(question, words) == kind


@pytest.mark.parametrize(
    ("question", "asked"),
    [
        ("Is Rowley the commissioner?", True),
        ("Did the officers return?", True),
        ("Isn’t Rowley the commissioner?", True),
        ("In 2014, did Rowley resign?", True),
        ("Did he resign or not?", True),
        ("Can you tell me who criticised Rowley?", False),
        ("Is it red or blue?", False),
        ("Who is the commissioner?", False),
    ],
)
def test_what_yes_or_no_answers(question: str, asked: bool) -> None:
    assert is_yes_no(question) == asked


@pytest.mark.parametrize(
    ("question", "words", "unfit"),
    [
        ("When was the pier built?", "four million pounds", True),
        ("When was the pier built?", "the late 1860s", False),
        ("When was the pier built?", "before the war", False),
        ("When was the pier built?", "8th century", False),
        ("When was he arrested?", "Yesterday", False),
        ("When was the castle destroyed?", "Second World War", False),
        ("Why was he shot?", "last year", True),
        ("Why was he shot?", "because he ran", False),
        ("What year did it burn?", "Spencer Gore", True),
        ("How many ships sank?", "the harbour", True),
        ("How many ships sank?", "thirty", False),
        ("How many ships sank?", "a dozen", False),
        ("How many people came?", "31 miles", True),
        ("How many died?", "500,000 rupees", True),
        ("How many people came?", "$40", True),
        ("How many miles is it?", "31 miles", False),
        ("How many people came?", "40 of the 600", False),
        ("How many people came?", "30 per cent", False),
        ("How often do ships sink?", "annually", False),
        ("What is it called when a ship sinks?", "a wreck", False),
        ("Who built the pier?", "builders", False),
    ],
)
def test_words_that_are_no_time_or_number_where_one_is_asked_for_are_unfit(
    question: str, words: str, *, unfit: bool
) -> None:
    assert is_unfit(question, words, words) == unfit


@pytest.mark.parametrize(
    ("sentence", "unfit"),
    [
        ("Ann Cole, who left in 2019, has nine helpers and wants 15.", True),
        ("Ann Cole, 61, of Sorrel Close, looked after the accounts.", False),
        ("The 117-year-old mill will close.", False),
        ("She was nineteen when she joined.", False),
        ("Her son is five.", False),
        ("Ann Cole, 61 and a mother of two, spoke.", False),
        ("It was her 90th birthday.", False),
        ("He was guilty of two charges at University.", True),
        ("The mill was built in 1904.", False),
        ("He had been mending cycles there for 30 years.", True),
        ("The church has stood for 900 years.", False),
    ],
)
def test_what_names_no_age_does_not_say_how_old(sentence: str, *, unfit: bool) -> None:
    assert is_unfit("How old is she?", "Ann Cole", sentence) == unfit


def test_a_time_in_the_sentence_is_enough_for_words_beside_it() -> None:
    sentence = "Colin Reeve was arrested in May, when the pier burned."
    assert not is_unfit("When was Reeve arrested?", "the pier burned", sentence)
