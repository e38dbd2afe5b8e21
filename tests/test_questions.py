"""What a question asks for, by its form."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rag.questions import Overview, outlet_of, overview_of, parts_of


@pytest.mark.parametrize(
    ("question", "parts"),
    [
        ("Who built the pier and when did it burn?", ("Who built the pier?", "When did it burn?")),
        ("When did it open, and who built it?", ("When did it open?", "Who built it?")),
        ("Where and when was he born?", ("Where was he born?", "When was he born?")),
        ("Where was he born and when?", ("Where was he born?", "When?")),
        ("How many boats sank and when?", ("How many boats sank?", "When?")),
        (
            "What day and at what time did it sink?",
            ("What day did it sink?", "At what time did it sink?"),
        ),
        ("And who was shot and when?", ("Who was shot?", "When?")),
        ("Who sold it and why?", ("Who sold it?", "Why?")),
        ("Who sold it, when, and why?", ("Who sold it?", "When?", "Why?")),
        ("Who sold the pier, when and why?", ("Who sold the pier?", "When?", "Why?")),
        (
            "When and where Ann Lee sold the pier?",
            ("When Ann Lee sold the pier?", "Where Ann Lee sold the pier?"),
        ),
        ("Who paid? Who was paid?", ("Who paid?", "Who was paid?")),
        (
            "How many died and how many were hurt?",
            ("How many died?", "How many were hurt?"),
        ),
        ("Who was held and for what?", ("Who was held?", "For what?")),
        ("Did he resign, and if so, why?", ("Did he resign?", "Why?")),
        ("Was he held and was he drunk?", ("Was he held?", "Was he drunk?")),
        ("What's the plan and who's paying?", ("What's the plan?", "Who's paying?")),
        ("When did it open and close?", ("When did it open?", "When did it close?")),
        (
            "what did Lee say in 2014 and in 2023?",
            ("What did Lee say in 2014?", "What did Lee say in 2023?"),
        ),
        (
            "who was mayor in 2010 and 2020?",
            ("Who was mayor in 2010?", "Who was mayor in 2020?"),
        ),
        (
            "What was said on Monday and on 5 May about fog?",
            ("What was said on Monday about fog?", "What was said on 5 May about fog?"),
        ),
        ("Which team won and by how much?", ("Which team won?", "By how much?")),
        (
            "Did Ann Lee sell the pier before it was repaired?",
            ("When did Ann Lee sell the pier?", "When was it repaired?"),
        ),
        (
            "Was the roof mended before or after the election?",
            ("When was the roof mended?", "When was the election?"),
        ),
        (
            "Which came first, the fire or the flood?",
            ("When was the fire?", "When was the flood?"),
        ),
        (
            "Which came first, the riots or the death of Ann Lee?",
            ("When were the riots?", "When was the death of Ann Lee?"),
        ),
        ("Did Lee die before Bell?", ("When did Lee die?", "When did Bell die?")),
        (
            "Did the band split before Bell did?",
            ("When did the band split?", "When did Bell split?"),
        ),
        (
            "Was the Vane Bridge opened before the Orm Tunnel was?",
            ("When was the Vane Bridge opened?", "When was the Orm Tunnel opened?"),
        ),
        ("Was Lee shot before Bell was?", ("When was Lee shot?", "When was Bell shot?")),
        (
            "Did the inquest end before the trial began?",
            ("When did the inquest end?", "When did the trial begin?"),
        ),
        (
            "Had Lee been held before the alarm went off?",
            ("When had Lee been held?", "When did the alarm go off?"),
        ),
    ],
)
def test_a_question_that_asks_several_things_is_split(question: str, parts: list[str]) -> None:
    assert parts_of(question) == parts


@pytest.mark.parametrize(
    "question",
    [
        "who criticised Rowley?",
        "What did Holt say about sailors and how they live?",
        "Who said that officers and bosses were bullied?",
        "What are the causes and effects of fog?",
        "Holt was shot. Who shot her?",
        "Tell me who sold the market and who bought it",
        "Which towns and villages were flooded?",
        "Which towns, when and why, were flooded?",
        "What is the difference between who is paid and who is not?",
        "Does the law say who can vote and who can stand?",
        "Do doctors know what causes it and how it can be treated?",
        "Which party and which candidate won?",
        "Who wrote “X and who is Y”?",
        "Did anybody warn the town before the dam broke?",
        "Did it open before 1990?",
        "Did it open before May?",
        "Did Lee retire before moving to Spain?",
        "Did Lee retire before World War II?",
        "Did the strike end before Bell?",
        "Did Lee appear before the committee?",
        "Did the strike end before the crowd jeered?",
        "Did the New York Times report it before the Post did?",
        "Did the Met Police fire first before Duggan did?",
        "Was the Home Office warned twice before the Met was?",
        "Did Labour leader Corbyn resign before Cameron did?",
        "Which came first, Lee's death or Bell's?",
        "Who came and who did not?",
        "Who found the bomb and had it removed?",
        "Who ran the pier between 2010 and 2020?",
        "Who was mayor both in 2010 and in 2020?",
        "Who was elected in 2010 and in 2014 lost?",
        "Who are the health and safety officers?",
        "How many were killed and injured in the fire?",
        "What did Smith and Jones say?",
        "When were Smith and Jones born?",
        "",
    ],
)
def test_a_question_that_asks_one_thing_stays_whole(question: str) -> None:
    assert parts_of(question) == (question,)


def test_more_parts_than_anybody_asks_are_one_question() -> None:
    asked = " ".join(f"Who is number {n}?" for n in range(9))
    assert parts_of(asked) == (asked,)


def test_more_about_somebody_is_asked_of_whom_the_talk_was_about() -> None:
    assert overview_of("Tell me more about him") is None
    assert overview_of("Tell me more about Tom Bell") == Overview("Tom Bell", of_one=False)


@pytest.mark.parametrize(
    ("question", "wish"),
    [
        ("What is this about?", Overview("", of_one=True)),
        ("What is it about?", Overview("", of_one=True)),
        ("Can you summarise the articles?", Overview("", of_one=True)),
        ("summarize the article about the bridge for me", Overview("the bridge", of_one=True)),
        ("What is the article on the bridge about?", Overview("the bridge", of_one=True)),
        ("what's the prairie dog article about?", Overview("prairie dog", of_one=True)),
        ("whats the hospital story", Overview("hospital", of_one=True)),
        ("Give me a short summary of the bridge report", Overview("the bridge", of_one=True)),
        ("What's in here about Kaba?", Overview("Kaba", of_one=False)),
        ("What do the articles say about the IPCC?", Overview("the IPCC", of_one=False)),
        ("Tell me about Rowley", Overview("Rowley", of_one=False)),
        ("Which articles mention Rowley?", Overview("Rowley", of_one=False)),
        ("Which stories are about Rowley?", Overview("Rowley", of_one=False)),
        ("What articles do you have on Rowley?", Overview("Rowley", of_one=False)),
        ("Are there any articles about Rowley?", Overview("Rowley", of_one=False)),
        ("What is said about Rowley?", Overview("Rowley", of_one=False)),
        ("What has been written about fog?", Overview("fog", of_one=False)),
        ("What is in here?", Overview("", of_one=False)),
        ("what's in here?", Overview("", of_one=False)),
        ("list the articles", Overview("", of_one=False)),
        ("what articles do you have?", Overview("", of_one=False)),
        ("Which articles are there?", Overview("", of_one=False)),
        ("what's the news?", Overview("", of_one=False)),
        ("what's the story?", Overview("", of_one=True)),
        ("What do the articles say?", Overview("", of_one=True)),
        ("Tell me about the mayor (Kaba)", Overview("the mayor", of_one=False)),
        ("Tell me about it", Overview("", of_one=True)),
        ("Summarise", Overview("", of_one=True)),
    ],
)
def test_a_wish_to_hear_what_articles_say_is_known(question: str, wish: Overview) -> None:
    assert overview_of(question) == wish


@pytest.mark.parametrize(
    "question",
    [
        "who criticised Rowley?",
        "What was the argument about?",
        "What's the latest report?",
        "What is the name of the woman in the article?",
        "What's the mayor's age in the story?",
        "what's the other article?",
        "What is the police report?",
        "What did Rowley say about the officers?",
        "What is said about Rowley by Mr Williams?",
        "What is said to have happened?",
        "What is in the box?",
        "What is the story behind the murder?",
        "Which articles of the law were broken?",
        "How many articles are there?",
        "List the victims",
        "What is the name of the club about to be sold?",
        "tell me about who shot Kaba",
        "Tell me about the ferry. How many people were on board?",
        "Tell me about the bridge and when it closed",
        "Tell me about the",
        "Which report on Mark Duggan was published by the BBC?",
        "What is the report about the bridge called?",
        "What do you think about it all?",
        "",
    ],
)
def test_a_question_for_something_in_particular_is_none(question: str) -> None:
    assert overview_of(question) is None


@given(st.text(max_size=200))
def test_whatever_is_asked_has_a_form(question: str) -> None:
    overview_of(question)
    assert all(parts_of(question)) or not question.strip()


# --- whom it asks -------------------------------------------------------------------------------

OUTLETS = [
    *("BBC News", "The Guardian", "The Times", "The Times of India", "Today", "This Is Money"),
]


@pytest.mark.parametrize(
    ("question", "asked"),
    [
        ("According to the Guardian, who left?", ("Who left?", "The Guardian")),
        ("who left according to The Times?", ("Who left?", "The Times")),
        ("Who left, according to the BBC?", ("Who left?", "BBC News")),
        (
            "And what does the Guardian say about the pier?",
            ("Tell me about the pier.", "The Guardian"),
        ),
        ("What has BBC News reported on it?", ("Tell me about it.", "BBC News")),
        ("What's the BBC article about?", ("What is this about?", "BBC News")),
        ("summarise the Guardian's story", ("What is this about?", "The Guardian")),
    ],
)
def test_an_outlet_that_is_asked_alone_is_known(question: str, asked: tuple[str, str]) -> None:
    assert outlet_of(question, OUTLETS) == asked


@pytest.mark.parametrize(
    "question",
    [
        "According to Ann Cole, who left?",
        "What did Rowley say about the pier?",
        "What does the Post say about the pier?",
        "Who left the Guardian?",
        "What is the Post article about?",
        "Summarise today's news",
        "What is this article about?",
        "What times did it open, according to the plan?",
    ],
)
def test_nobody_else_is_an_outlet(question: str) -> None:
    assert outlet_of(question, OUTLETS) == (question, None)
