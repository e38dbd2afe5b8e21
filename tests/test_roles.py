"""Who does it and to whom it is done is told by where the names stand about the verb."""

import pytest

from rag.roles import (
    answers_itself,
    done_by_another,
    only_speaks,
    said_by_another,
    swapped,
)

PRAISED = "Mr Reed also praised Mayor Ann Cole, claiming that she had mended the bridge."
TOLD = "They saw {}, and left."
SAID = "Mr Reed added: “It is not good for anybody, least of all the family of Tom Hale.”"


@pytest.mark.parametrize(
    ("question", "sentence"),
    [
        ("Whom did Cole praise?", PRAISED),
        ("who did cole praise", PRAISED),
        ("Who praised Reed?", PRAISED),
        ("Who praised Mr Reed?", PRAISED),
        ("Who was praised by Ann Cole?", PRAISED),
        ("By whom was Reed praised?", PRAISED),
        ("When did Cole praise Reed?", PRAISED),
        ("Did Cole praise Reed?", PRAISED),
        ("What did Cole say?", PRAISED),
        ("What did the family of Tom Hale say about it?", SAID),
        ("Whom did Cole praise?", "She praised Ann Cole."),
        ("Who sued Reed?", "Reed, the head of the port, sued the council."),
        ("Whom did Ann Cole shoot?", "They asked about the shooting of the singer Ann Cole."),
        ("Who praised the officers?", "Reed praised Ann Cole, who had led the officers."),
    ],
)
def test_a_sentence_that_gives_one_the_other_part_is_told(question: str, sentence: str) -> None:
    assert swapped(question, sentence)


@pytest.mark.parametrize(
    ("question", "sentence"),
    [
        ("Who praised Cole?", PRAISED),
        ("Whom did Reed praise?", PRAISED),
        ("Who was praised by Reed?", PRAISED),
        ("By whom was Cole praised?", PRAISED),
        ("Why did Reed praise Cole?", PRAISED),
        ("What did Reed say?", SAID),
        ("Who bought the Wick market?", "The Wick market was bought by Colin Reeve."),
        ("What did Reeve buy?", "The market was bought by Colin Reeve in May."),
        ("Who founded Apple?", "Apple, founded in April 1976 by Jobs, makes computers."),
        ("Who played Batman?", "In Batman, Keaton played the hero."),
        ("What did Cole say?", "The bridge is safe, Ann Cole said."),
        ("What did Cole say?", "Mr Reed said it was safe, but Cole said it was not."),
        ("What did the port say?", "Ann Lee, the head of the Port, said it was closed."),
        ("Who met Cole?", "Ann Cole met Mr Reed in May."),
        ("Who mended the bridge?", PRAISED),
        ("Who sold Wick?", PRAISED),
        ("Who accused Reed?", "Reed has been accused of fraud by Ann Cole."),
        ("Who gave the prize?", "Reed gave Ann Cole the prize."),
        ("Who praised the officers?", "Reed praised the officers, and Ann Cole."),
        ("Who praised the mayor?", "Reed praised Mayor Ann Cole, the mayor of Wick."),
        ("When did Wallace and Darwin unveil it?", "Darwin and Wallace unveiled it in May."),
        ("When did Cole and Reed end their dispute?", "In May, Reed and Cole left their port."),
        ("Why did Reed resign?", "“I resigned because I was ill,” Mr Reed said."),
        ("How many goals did Spurs score?", "Kane scored all three goals for Spurs."),
        ("Where did Reed live?", "Ann Cole lived in Wick with Reed."),
        ("What did Reed promise?", "He promised 40 new ships, a pledge that Reed repeated."),
        ("Why did the Met suspend Reed?", "They suspended him after a charge, the Met said."),
        ("Who directed the film?", "Nolan directed Oppenheimer, a film about the bomb."),
        (
            "What did Reed say of officers?",
            "Ms Cole backed Mr Tom Reed, who said they were anxious.",
        ),
        (
            "What did Reed say of the port?",
            "They asked Reed about the port, and he said it was shut.",
        ),
        ("What does Cole think of it?", "Mr Reed mocked Cole’s view that it is unfair."),
        ("What did Wick say about it?", "Daniel Hale said the strike by Wick had hit a base."),
        ("What did the Met say?", "Mr Reed said in a statement for the Met that it was sorry."),
        (
            "When did the Army first use it?",
            "The first use of it was in 1835, by the Army in Wick.",
        ),
        ("Who killed Reed?", "Tom Reed was killed in Wick in 2011 when V53 opened fire."),
        ("Who killed Reed?", "Tom Reed was killed on Tuesday; Wick’s own guards had shot him."),
        ("", PRAISED),
        ("Who praised Cole?", ""),
    ],
)
def test_what_fits_or_is_not_plain_is_left_alone(question: str, sentence: str) -> None:
    assert not swapped(question, sentence)


@pytest.mark.parametrize(
    ("question", "words", "itself"),
    [
        ("Who supports Cole?", "Mayor Ann Cole", True),
        ("Whom did Cole praise?", "Ann Cole", True),
        ("who replaced cole", "Ann Cole", True),
        ("Who praised Cole?", "Mr Reed", False),
        ("Who is Cole?", "Ann Cole", False),
        ("Who is the mayor called Cole named after?", "Ann Cole", False),
        ("Who founded Cole?", "Ann Cole", False),
        ("Who led the Cole inquiry?", "Ann Cole", False),
        ("Who taught Tom Cole?", "Ann Cole", False),
        ("Who supports Cole?", "Cole said that", False),
        ("When did Cole leave?", "Ann Cole", False),
    ],
)
def test_somebody_is_no_answer_to_a_question_about_them(
    question: str, words: str, itself: bool
) -> None:
    assert answers_itself(question, words, TOLD.format(words), TOLD.format(words)) == itself


def test_a_name_that_two_in_the_sentence_have_may_answer() -> None:
    for question, told in (
        ("Who beat Ann Cole?", "Eve Cole beat Ann Cole."),
        ("Who beat Cole?", "Eve Cole beat her sister Ann Cole."),
        ("who beat ann cole", "Eve Cole beat her younger sister."),
        ("Who did Cole marry?", "Eve Cole was married in May."),
    ):
        assert not answers_itself(question, "Eve Cole", told, told)
    article = "Eve Cole beat her. Ann Cole wept."
    assert not answers_itself("Who beat Cole?", "Eve Cole", "Eve Cole beat her.", article)


def test_what_somebody_is_accused_of_does_not_tell_who_accuses() -> None:
    told = "The Port has been accused of hiding what Ann Cole had found."
    assert swapped("Who accused the Port?", told, "Ann Cole")
    assert not swapped("What was the Port accused of?", told, "hiding what Ann Cole had found")


@pytest.mark.parametrize(
    ("question", "another"),
    [
        ("What did Cole say?", True),
        ("What else did Mayor Ann Cole say about it?", True),
        ("What did Tom Reed say?", False),
        ("What did Mr Reed claim?", False),
        ("What did the Council say?", False),
        ("What did Hale say?", False),
        ("Who saw Cole?", False),
    ],
)
def test_speech_is_no_answer_to_what_another_said(question: str, another: bool) -> None:
    assert said_by_another(question, "Mr Reed", "“It is bad for Hale.”") == another


@pytest.mark.parametrize(
    ("question", "sentence", "by_another"),
    [
        ("Whom did Ann Cole accuse?", "Later Tom Hale accused the port.", True),
        ("When did Cole accuse the port?", "In May Tom Hale accused the port.", True),
        ("Whom did Ann Cole accuse?", "Later Ms Cole accused the port.", False),
        ("Whom did Ann Cole accuse?", "In May she accused the port.", False),
        ("Whom did Ann Cole accuse?", "In May the mayor accused the port.", False),
        ("Whom did Ann Cole accuse?", "Later Tom Hale was accused.", False),
        ("Whom did Zoë Cole accuse?", "Later Miss Zoe Hill accused the port.", False),
        ("Whom did the Port accuse?", "Later Tom Hale accused the port.", False),
        ("Whom did Ann Cole accuse?", "Later Tom Hale left.", False),
    ],
)
def test_what_one_person_did_another_s_doing_does_not_tell(
    question: str, sentence: str, *, by_another: bool
) -> None:
    assert done_by_another(question, sentence) == by_another


@pytest.mark.parametrize(
    ("question", "speaks"),
    [
        ("Who fined the airport?", True),
        ("Who was elected mayor?", True),
        ("Who called it a dark day?", False),
        ("Who chairs the airport?", False),
        ("Who criticised the airport?", False),
        ("Who is the owner of the airport?", False),
        ("When was the airport fined?", False),
    ],
)
def test_who_but_speaks_is_not_who_did_it(question: str, *, speaks: bool) -> None:
    said = "Sir Alan Teale, its chairman, said it was a dark day."
    assert only_speaks(question, said, "Sir Alan Teale") == speaks
