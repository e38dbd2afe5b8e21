"""Whose words are asked for, and where they speak."""

import pytest
from hypothesis import given
from strategies import texts

from rag.chunking import sentences
from rag.speech import answer_to, asks_what_said, is_anothers, speaks, words_said

COURT = (
    "The court heard from many. Judge Ann Cole told Reed that he had lied. “You knew the pier was "
    "rotten. You sold it,” she said. Unity organiser Noreen Halpin said workers had been told by "
    "text. “I’d like to go home,” said St. Olaf coach Ron Petrie, a friend. Cllr Tom Rigby, who "
    "voted no, spoke last. He told the hall that he had learned to swim there. Mr Dace called it "
    "“a lesson”. Elena Dunn was at home."
)


def said_by(who: str) -> list[str]:
    return [COURT[slice(*words_said(COURT, s))] for s in sentences(COURT) if speaks(who, COURT, s)]


@pytest.mark.parametrize(
    ("who", "said"),
    [
        ("the judge", ["he had lied", "You knew the pier was rotten. You sold it,"]),
        ("Ann Cole", ["he had lied", "You knew the pier was rotten. You sold it,"]),
        ("Rigby", ["he had learned to swim there"]),
        ("the coach", ["I’d like to go home,"]),
        ("Petrie", ["I’d like to go home,"]),
        ("Mr Dace", ["Mr Dace called it “a lesson”."]),
        ("Bob Cole", []),
        ("Reed", []),
        ("the workers", []),
        ("Dunn", []),
    ],
)
def test_what_somebody_says_stands_where_they_speak(who: str, said: list[str]) -> None:
    found = said_by(who)
    assert [s for s in said if s not in found] == []
    assert found or not said
    assert said or not found


@pytest.mark.parametrize(
    ("question", "asked"),
    [
        ("What did the mayor say about the bridge?", ("the mayor", "the bridge")),
        ("what did Shilpa say", ("Shilpa", "")),
        ("And what did the judge say to her?", ("the judge", "")),
        ("What did Rigby tell the court about his loans?", ("Rigby", "his loans")),
        ("How did the council respond to the petition?", ("the council", "the petition")),
        ("What was Rowley's reaction to it?", ("Rowley", "it")),
        ("What did she say about it?", None),
        ("What does the article say about Kaba?", None),
        ("What did the mayor build?", None),
        ("What does the minister think caused the fire?", None),
        ("What did the mayor refuse to say?", None),
        ("What did Reed not say?", None),
        ("What has the mayor been told?", None),
        ("What did the chef add to the soup?", None),
        ("What did Rowley say when the bridge fell?", ("Rowley", "the bridge fell")),
        ("Who said so?", None),
    ],
)
def test_whose_words_are_asked_for_and_on_what(
    question: str, asked: tuple[str, str] | None
) -> None:
    assert asks_what_said(question) == asked


# Whoever is named with or beside them, or has another post, does not speak for them.
@pytest.mark.parametrize(
    ("who", "sentence"),
    [
        ("the minister", "The minister’s aide said it was late."),
        ("the minister", "The minister’s Chief Ann Lee said it was late."),
        ("the minister", "A critic of the minister said it was late."),
        ("the minister", "The former minister said it was late."),
        ("the mayor", "London’s deputy mayor said it was late."),
        ("the mayor", "Ann Lee, who ran against the mayor, said it was late."),
        ("Rowley", "Rowley’s lawyer said it was late."),
        ("Rowley", "In a letter to Rowley, Ann Lee said it was late."),
        ("Rowley", "Lee, who replaced Rowley, said it was late."),
        ("the minister", "“It was me,” said the man who shot the minister."),
        ("the minister", "It was the minister, Reed said, who was late."),
        ("Mr Rowley", "Mrs Rowley said it was late."),
        ("Ann Cole", "Anna Cole said it was late."),
        ("the minister", "The minister never said it was late."),
        ("the minister", "The minister was repeatedly told it was late."),
        ("Rowley", "Rowley added two goals."),
        ("Rowley", "Rowley called the police."),
        ("Rowley", "Tom Lee sued Rowley. He said it was late."),
        ("the mayor", "The mayor met Tom Lee. He said it was late."),
        ("Mr Cole", "Mrs Cole slept. She said it was late."),
        ("Mrs Cole", "Mrs Cole slept. He said it was late."),
    ],
)
def test_another_does_not_speak_for_them(who: str, sentence: str) -> None:
    assert not speaks(who, sentence, sentences(sentence)[-1])


@pytest.mark.parametrize(
    ("who", "sentence"),
    [
        ("Jim O'Brien", "Jim O’Brien said it was late."),
        ("President Biden", "Joe Biden said it was late."),
        ("Joe Biden", "President Biden said it was late."),
        ("Rowley", "“It was late,” said Met Commissioner Sir Mark Rowley, who was there."),
        ("the analyst", "Aoife Brennan, an analyst at Merrow, called it “full”."),
        ("the manager", "Fiona Garrick, its managing manager, said it was late."),
        ("the student", "It was late, according to Marcus Teel, a graduate student who flies."),
        ("the head of the union", "Mark Williams, head of the union, said it was late."),
        ("the council", "The council said it was late."),
        ("the mayor", "The mayor slept. She said it was late."),
        ("Cole", "Ann Cole slept. “It was late,” she said."),
    ],
)
def test_they_speak_by_whatever_they_are_called(who: str, sentence: str) -> None:
    assert speaks(who, sentence, sentences(sentence)[-1])


ARTICLE = "Cllr Tom Rigby voted no. Joe Biden was there, and the New Labour club. Ann Cole slept."


@pytest.mark.parametrize(
    ("who", "sentence", "another"),
    [
        ("Rigby", "“Nobody came to shut a pool,” Cllr Dace said.", True),
        ("Rigby", "“Nobody came,” Cllr Rigby said.", False),
        ("Joe Biden", "President Biden said it was late.", False),
        ("Joe Biden", "The president said it was late.", False),
        ("Cole", "Bob Reed said it was late.", True),
        ("Cole", "Bob Reed said it was late, she said.", False),
        ("Tesla", "Bob Reed said it was late.", False),
        ("the Cole family", "Bob Reed said it was late for the family of Ann Cole.", True),
        ("the Cole family", "Her mother, Eve Reed, said it was late.", False),
        ("the Cole family", "Eve Cole said it was late.", False),
        ("the council", "Bob Reed said it was late.", False),
        ("Rigby", "It was late.", False),
    ],
)
def test_what_another_person_says_is_not_theirs(who: str, sentence: str, another: bool) -> None:
    assert is_anothers(who, sentence, ARTICLE) is another


@pytest.mark.parametrize(
    ("sentence", "said"),
    [
        ("The mayor said the “Big Splash” plan was dead.", None),
        ("Reed, once “Iron Lady”, said that it was dead.", "it was dead"),
        ("“It is dead and gone,” she said.", "It is dead and gone,"),
        ("He said: “It is dead and gone.”", "It is dead and gone."),
    ],
)
def test_the_words_are_those_in_quotation_marks_beside_the_verb(
    sentence: str, said: str | None
) -> None:
    start, end = words_said(sentence, (0, len(sentence)))
    assert sentence[start:end] == (said or sentence)


@pytest.mark.parametrize(
    ("question", "text", "said"),
    [
        (
            "Why was the boat not seized?",
            "Asked why the boat was not seized, Officer S. Nair said that he had no staff.",
            "he had no staff",
        ),
        (
            "Why was the boat not sold?",
            "Asked why the boat was not seized, Nair said he slept.",
            None,
        ),
        (
            "Why was the boat seized?",
            "Asked why the boat was not seized, Nair said he slept.",
            None,
        ),
        ("Why did Reed sue Cole?", "Asked why Cole would sue Reed, Nair said he was mad.", None),
        ("Who closed the pool?", "Asked when the pool closed, Nair said in May.", None),
        ("Is the pool closed?", "Asked why the pool closed, Nair said it was old.", None),
        (
            "Why was the pool closed?",
            "When asked why the pool was closed, he told reporters that it was old.",
            "it was old",
        ),
        (
            "Why was the pool closed?",
            "Asked why the pool was closed, he said he did not know.",
            None,
        ),
    ],
)
def test_who_was_asked_the_same_says_the_answer(question: str, text: str, said: str | None) -> None:
    span = answer_to(question, text)
    assert (text[slice(*span)] if span else None) == said


@given(text=texts)
def test_any_text_may_be_speech(text: str) -> None:
    for span in sentences(text):
        speaks("Rowley", text, span)
        assert span[0] <= words_said(text, span)[0] <= words_said(text, span)[1] <= span[1]
    asks_what_said(text)
    answer_to("Why was the boat seized?", text)
