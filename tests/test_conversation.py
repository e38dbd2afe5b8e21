"""A follow-up question is searched as what it means, in words that were said."""

import time
from collections.abc import Sequence
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st
from strategies import texts, titles, words

from rag.answer import Turn
from rag.conversation import (
    asks_of_somebody,
    is_bare,
    may_be_of,
    missing,
    plainly,
    standalone_question,
    thing_meant,
)
from rag.facts import names, numbers

HEAD = "Notre Dame Burns, and the Church Weeps"
HEADLINE = "Metropolitan Police ‘failed to support’ Mark Duggan case police"
SHOT = (Turn("When was Mark Duggan shot?", "Mark Duggan was shot in Tottenham in 2011."),)
ROWLEY = (Turn("Who criticised Rowley?", "Mr Williams also criticised Sir Mark Rowley."),)
BAND = (Turn("When was Arcade Fire founded?", "Arcade Fire released the album “Funeral” later."),)
CANCER = (Turn("What are the symptoms of throat cancer?", ""),)


def standalone(question: str, history: Sequence[Turn], titles: Sequence[str] = ()) -> str:
    """After a history whose last answer cites articles of these titles."""
    last = [replace(turn, titles=tuple(titles)) for turn in history[-1:]]
    return standalone_question(question, [*history[:-1], *last])


@pytest.mark.parametrize(
    ("history", "question", "meant"),
    [
        (SHOT, "Where did he live?", "Where did Mark Duggan live?"),
        (SHOT, "Who was his lawyer?", "Who was Mark Duggan's lawyer?"),
        (ROWLEY, "What did he say?", "What did Mr Williams say?"),
        (BAND, "When did they tour Europe?", "When did Arcade Fire tour Europe?"),
        (CANCER, "What causes it?", "What causes throat cancer?"),
        (CANCER, "How are they treated?", "How are the symptoms treated?"),
    ],
)
def test_a_pronoun_takes_what_it_stands_for(
    history: tuple[Turn, ...], question: str, meant: str
) -> None:
    assert standalone(question, history) == meant


def test_the_answer_to_who_is_whom_the_next_question_is_about() -> None:
    asked = [Turn("Who wrote the report?", "Ann Lee wrote the report for the board.")]
    assert standalone("When did she resign?", asked) == "When did Ann Lee resign?"


def test_a_pronoun_takes_nobody_of_the_other_gender() -> None:
    assert standalone("Where was she born?", ROWLEY) == "Where was she born?"


def test_what_he_has_been_called_is_remembered() -> None:
    asked = [
        Turn("What did Sol Campbell write?", "Sol Campbell wrote his first book in 2001."),
        Turn("What did Ola Brunel paint?", "Ola Brunel sold her pictures in Paris."),
    ]
    assert standalone("When did he retire?", asked) == "When did Sol Campbell retire?"
    assert standalone("When did she retire?", asked) == "When did Ola Brunel retire?"


def test_a_pronoun_for_somebody_in_the_question_stays() -> None:
    question = "Did Rowley say that he would resign?"
    assert standalone(question, SHOT) == question


@pytest.mark.parametrize(
    "question", ["Is it true that the police carry guns?", "How long does it take to train?"]
)
def test_an_it_that_stands_for_nothing_stays(question: str) -> None:
    assert standalone(question, SHOT, titles=[HEADLINE]) == question


@pytest.mark.parametrize(
    ("question", "meant"),
    [
        ("And where?", "Where was Mark Duggan shot?"),
        ("why?", "Why was Mark Duggan shot?"),
        ("And in London?", "When was Mark Duggan shot in London?"),
        ("Are you sure?", "When was Mark Duggan shot?"),
        ("What about Chris Kaba?", "When was Chris Kaba shot?"),
        ("and Kaba?", "When was Kaba shot?"),
    ],
)
def test_what_is_left_out_is_taken_from_the_question_before(question: str, meant: str) -> None:
    assert standalone(question, SHOT, titles=[HEADLINE]) == meant


def test_another_year_takes_the_place_of_the_year() -> None:
    asked = [Turn("How many officers resigned in 2013?", "Twelve.")]
    assert standalone("and in 2014?", asked) == "How many officers resigned in 2014?"
    assert standalone("What about 2015?", asked) == "How many officers resigned in 2015?"


@pytest.mark.parametrize(
    ("asked", "question", "meant"),
    [
        (
            "How many officers resigned in May 2014?",
            "and in London?",
            "How many officers resigned in May 2014 in London?",
        ),
        (
            "How many officers resigned between 2010 and 2013?",
            "and in 2014?",
            "How many officers resigned in 2014?",
        ),
        ("Who won the 2012 Olympics?", "and in 2016?", "Who won the 2016 Olympics?"),
        (
            "When did Ann Lee visit Leeds?",
            "And York?",
            "When did Ann Lee visit York?",
        ),
        (
            "When did Ann Lee arrive in Leeds?",
            "And Tom Cole?",
            "When did Tom Cole arrive in Leeds?",
        ),
        (
            "How many people in Leeds voted for Labour?",
            "And South Yorkshire?",
            "How many people in South Yorkshire voted for Labour?",
        ),
        (
            "How many goals did Kane score for England?",
            "and Rooney?",
            "How many goals did Rooney score for England?",
        ),
        (
            "Who won the 2012 Olympics?",
            "and before 2012?",
            "Who won the 2012 Olympics before 2012?",
        ),
        (
            "How many officers resigned before 2012?",
            "and after 2014?",
            "How many officers resigned after 2014?",
        ),
        ("What happened in Faraday?", "and in Newton?", "What happened in Newton?"),
        ("When was the bridge opened?", "I meant not the pier,", "I meant not the pier,"),
    ],
)
def test_another_time_place_or_person_leaves_the_rest_as_it_was(
    asked: str, question: str, meant: str
) -> None:
    assert standalone(question, [Turn(asked, "")]) == meant


@pytest.mark.parametrize(
    ("question", "meant"),
    [
        ("Is it true that it was closed?", "Is it true that the pier was closed?"),
        (
            "How long did it take to repair it?",
            "How long did it take to repair the pier?",
        ),
    ],
)
def test_an_it_that_stands_for_nothing_leaves_the_other_free(question: str, meant: str) -> None:
    assert standalone(question, [Turn("When did the pier close?", "")]) == meant


@pytest.mark.parametrize("question", ["Who said they were ready?", "who claimed he was hurt?"])
def test_who_said_so_may_have_said_it_of_themselves(question: str) -> None:
    assert (
        standalone(question, [Turn("When did Tom Reed meet the farmers?", "In May.")]) == question
    )


def test_a_title_that_was_asked_of_is_meant_whole() -> None:
    book = "To Kill a Mockingbird"
    asked = Turn(f"Who wrote {book}?", "It is a novel by Harper Lee.", (book,), "Harper Lee")
    meant = standalone("when was it published?", [asked], asked.titles)
    assert meant == f"when was {book} published?"


def test_an_it_of_what_the_question_itself_names_stays() -> None:
    question = "Is it possible to freeze milk before it spoils?"
    assert "pier" not in standalone(question, [Turn("When did the pier close?", "")]).split("(")[0]


def test_what_was_asked_of_a_thing_alone_can_be_leant_on() -> None:
    asked = Turn("What about the pool?", "The pool will reopen in May.")
    assert missing("and when?", [asked]) is None
    assert missing("when does it open?", [asked]) is None


def test_thanks_lean_on_nothing() -> None:
    assert missing("Thanks!", ()) is None
    assert missing("And then?", ()) is not None


def test_what_was_asked_in_vain_before_is_nothing_to_lean_on() -> None:
    assert "ask it whole" in (missing("and where?", [Turn("and when?", "")]) or "")


@pytest.mark.parametrize(
    ("question", "when"),
    [
        ("And in May?", "in May"),
        ("in May 2015?", "in May 2015"),
        ("And on May 3?", "on May 3"),
        ("What about May 2015?", "in May 2015"),
    ],
)
def test_the_month_of_may_is_no_verb(question: str, when: str) -> None:
    asked = [Turn("How many officers resigned in 2013?", "Twelve.")]
    assert standalone(question, asked) == f"How many officers resigned {when}?"


def test_what_was_completed_needs_no_topic() -> None:
    asked = [Turn("Who was sacked?", "Ann Lee was sacked.", short="Ann Lee")]
    assert standalone("And in May?", asked) == "Who was sacked in May?"


def test_a_question_that_cannot_take_the_new_word_is_put_in_brackets() -> None:
    assert standalone("And when?", ROWLEY) == "When (Who criticised Rowley)?"


@pytest.mark.parametrize(
    ("question", "meant"),
    [
        ("No, I meant the second inquest", "When did the second inquest on Mark Duggan end?"),
        ("Sorry, I meant Chris Kaba.", "When did the first inquest on Chris Kaba end?"),
    ],
)
def test_a_correction_replaces_what_it_corrects(question: str, meant: str) -> None:
    asked = [Turn("When did the first inquest on Mark Duggan end?", "In 2014.")]
    assert standalone(question, asked) == meant


@pytest.mark.parametrize(
    ("question", "meant"),
    [
        ("No, not the line, the lamp. What was wrong with it?", "What was wrong with the lamp?"),
        (
            "no I meant the judge's report, what became of that one",
            "what became of the judge's report?",
        ),
        (
            "Sorry, I meant the petition, not the lease. When is it due?",
            "When is the petition due?",
        ),
        ("I meant the petition not the lease. when's it due", "when's the petition due?"),
        (
            "not him, the singer. what did the letter tell her",
            "what did the letter tell the singer?",
        ),
        ("I meant the mayor: was his car sold?", "was the mayor's car sold?"),
        ("no, not the ferry, the tram: how many people", "how many people (the tram)?"),
        ("I meant the lamp: what did he say about it?", "what did Mark Duggan say about the lamp?"),
        ("no, I meant Ruth Nolan: what is her age?", "what is Ruth Nolan's age?"),
    ],
)
def test_a_correction_that_asks_asks_of_what_was_meant(question: str, meant: str) -> None:
    assert standalone(question, SHOT) == meant


@pytest.mark.parametrize(
    "question",
    [
        "Not including Scotland, how many people voted in 2016?",
        "Not long after the fire, who was arrested?",
        "Not far from Leeds, what did Ann Cole find?",
    ],
)
def test_a_condition_is_no_correction(question: str) -> None:
    assert standalone(question, ROWLEY) == question


def test_a_correction_asks_again_of_what_was_meant() -> None:
    asked = [Turn("Where was the fair opened?", "The fair was opened in Leeds.")]
    assert standalone("not the fair, the auction", asked) == "Where was the auction opened?"


@pytest.mark.parametrize(
    ("question", "thing"),
    [
        ("And the swimming pool?", "the swimming pool"),
        ("What about her doctorate?", "her doctorate"),
        ("No, I meant the decision on the pier", "the decision on the pier"),
        ("No, not the pier, the decision on it", "the decision on it"),
        ("The swimming pool?", None),
        ("And when?", None),
        ("And Kaba?", None),
        ("So the bridge is closed?", None),
        ("And the police arrested how many?", None),
        ("And the others?", None),
        ("And who closed the pool?", None),
    ],
)
def test_what_alone_is_named_is_told(question: str, thing: str | None) -> None:
    assert thing_meant(question) == thing


@pytest.mark.parametrize(
    ("asked", "question", "meant"),
    [
        ("Who investigated the Kaba shooting?", "Who shot him?", "Who shot Kaba?"),
        (
            "When did Mark close the market?",
            "Why did he close it?",
            "Why did Mark close the market?",
        ),
    ],
)
def test_somebody_stays_somebody_behind_the(asked: str, question: str, meant: str) -> None:
    assert standalone(question, [Turn(asked, "")]) == meant


@pytest.mark.parametrize(
    ("question", "kinds"),
    [
        ("How old is she?", {"she"}),
        ("What did he give her?", {"he", "she"}),
        ("And when?", set()),
        ("How old is Ann Cole?", set()),
        ("Did Ann Cole say that she left?", set()),
        ("No, not the line, the lamp: what did he say?", set()),
    ],
)
def test_whom_a_question_does_not_name(question: str, kinds: set[str]) -> None:
    assert asks_of_somebody(question) == kinds


@pytest.mark.parametrize(
    ("quote", "may"),
    [
        ("She was 54 when she retired.", True),
        ("Cole, 54, is a nurse.", True),
        ("Ruth Nolan, 54, is a nurse.", False),
    ],
)
def test_a_quote_may_be_of_whom_was_spoken(quote: str, *, may: bool) -> None:
    asked, meant = "How old is she?", "How old is Ann Cole?"
    assert may_be_of(frozenset({"she"}), quote, meant, asked) == may


@pytest.mark.parametrize(
    ("turn", "question"),
    [
        (
            Turn("What became of the Tolland Hollow farm?", "It was sold."),
            "What was her objection?",
        ),
        (Turn("Who won?", "PUNE: A schoolgirl of sixteen won the title."), "What did he give her?"),
    ],
)
def test_what_names_a_place_or_paper_is_nobody(turn: Turn, question: str) -> None:
    assert standalone(question, [turn]) == question


@pytest.mark.parametrize(
    ("turn", "question", "meant"),
    [
        (SHOT[0], "Who said that?", "Who said that Mark Duggan was shot in Tottenham in 2011?"),
        (
            Turn("What is planned?", "According to Ms Hart, a bridge is planned."),
            "who says so?",
            "Who said that according to Ms Hart, a bridge is planned?",
        ),
        (
            Turn("What is planned?", "Ms Hart said that a bridge is planned."),
            "who says?",
            "Who said that a bridge is planned?",
        ),
        (
            Turn("Was he clipped on?", "He was not clipped on."),
            "why not?",
            "Why not (Was he clipped on)?",
        ),
        (
            Turn("When was the pier mended?", "The pier was mended in May."),
            "at what cost?",
            "At what cost (When was the pier mended)?",
        ),
        (
            Turn("How much did a loaf cost in May?", "In May a loaf cost 2 pounds."),
            "and last week?",
            "How much did a loaf cost last week?",
        ),
        (
            Turn("By whom was Bell arrested on May 5?", "The FBI arrested Bell on May 5."),
            "Did he confess?",
            "Did Bell confess?",
        ),
        (
            Turn("Who sued the town?", "Three traders sued it.", short="Three traders"),
            "What do they want?",
            "What do three traders want?",
        ),
        (
            Turn("Why was the mayor of Leeds sued?", "The mayor of Leeds was sued over a road."),
            "Who elected her?",
            "Who elected the mayor of Leeds?",
        ),
        (
            Turn("Who lived in Nice?", "Mr Bell lived in Nice."),
            "When did he leave it?",
            "When did Mr Bell leave Nice?",
        ),
        (
            Turn("What happened to Notre Dame?", "Notre Dame burned.", (HEAD,)),
            "How old was it?",
            "How old was Notre Dame?",
        ),
        (
            Turn("Where is Portugal?", "It is in Iberia.", ("Portugal",)),
            "Who is the head of state of it?",
            "Who is the head of state of Portugal?",
        ),
        (
            Turn("Where is Portugal?", "It is in Iberia.", ("Portugal",)),
            "Which PC magazine praised it?",
            "Which PC magazine praised Portugal?",
        ),
        (
            Turn("What happened in 2004?", "In 2004 the mine was closed."),
            "Was it a success?",
            "Was it a success?",
        ),
    ],
)
def test_a_follow_up_leans_on_the_turn_before(turn: Turn, question: str, meant: str) -> None:
    assert standalone(question, [turn], turn.titles) == meant


def test_a_pronoun_that_its_own_question_explains_says_whom_she_is_later() -> None:
    asked = [
        Turn("When was Linick appointed?", "Linick was appointed in 2013."),
        Turn("When was he fired?", "Linick was fired on Friday."),
        Turn("And Grimm, when did she join?", "Grimm joined in 1999."),
    ]
    assert standalone("What did her report say?", asked) == "What did Grimm's report say?"


def test_a_headline_all_in_capitals_gives_no_name() -> None:
    asked = [Turn("What did voters want?", "They wanted a new vote.")]
    titles = ["Netanyahu Abandons Bid To Form Government"]
    assert "Abandons" not in standalone("When did he say that?", asked, titles)


def test_a_thing_is_completed_by_the_name_it_had() -> None:
    assert standalone("Who produced the album?", BAND) == "Who produced the album Funeral?"


@pytest.mark.parametrize(
    ("question", "meant"),
    [
        ("What was the verdict?", "What was the verdict (Mark Duggan)?"),
        ("And the other officer?", "And the other officer (Mark Duggan)?"),
        ("What happened next?", "What happened next (Mark Duggan)?"),
    ],
)
def test_a_question_that_leans_otherwise_has_its_topic_in_brackets(
    question: str, meant: str
) -> None:
    assert standalone(question, SHOT, titles=[HEADLINE]) == meant


def test_the_topic_of_an_article_about_one_thing_is_its_title() -> None:
    asked = [Turn("What happened in 1969?", "The group broke up.")]
    meant = "What albums did Arcade Fire release?"
    assert standalone("What albums did they release?", asked, titles=["Arcade Fire"]) == meant


def test_an_earlier_turn_is_understood_before_a_later_one() -> None:
    asked = [*SHOT, Turn("Where did he live?", "In Tottenham."), Turn("And when?", "")]
    assert standalone("Who knew him?", asked) == "Who knew Mark Duggan?"


@pytest.mark.parametrize(
    "question",
    [
        "When did Rowley resign?",
        "How do vaccines work?",
        "What is the capital of the country with most people?",
        "Who is the Met Commissioner?",
        "What is etymology?",
        "Wie viele waren es?",
        "昨日は雨でしたか?",
    ],
)
def test_a_question_that_stands_alone_is_left_alone(question: str) -> None:
    assert standalone(question, SHOT, titles=[HEADLINE]) == question


@pytest.mark.parametrize(
    ("question", "meant"),
    [
        ("Who won the election?", "Who won the election?"),
        ("What is the weather?", "What is the weather?"),
        ("Where is the inquest?", "Where is the inquest?"),
        ("Where is the trial?", "Where is the trial (Chris Kaba)?"),
        ("What is the charge?", "What is the charge (Chris Kaba)?"),
        ("What was the reason?", "What was the reason (Chris Kaba)?"),
    ],
)
def test_the_thing_is_of_the_talk_where_one_came_up_in_it(question: str, meant: str) -> None:
    asked = [Turn("When was Chris Kaba shot?", "The trials over it ended in May.")]
    assert standalone(question, asked, titles=["Chris Kaba: no charges"]) == meant


def test_a_new_topic_drops_the_old_one() -> None:
    asked = [*SHOT, Turn("When did Ann Lee resign?", "Ann Lee resigned in May.")]
    assert standalone("Why?", asked) == "Why did Ann Lee resign?"
    assert standalone("What was the reason?", asked) == "What was the reason (Ann Lee)?"


@pytest.mark.parametrize("question", ["and when?", "who said that?", "What did he say?", "", " "])
def test_without_a_history_a_question_stays_as_it_is(question: str) -> None:
    assert standalone(question, [], titles=[HEADLINE]) == question


def test_of_500_turns_the_last_and_the_first_count() -> None:
    between = [Turn(f"What is {n} plus {n}?", str(2 * n)) for n in range(500)]
    started = time.perf_counter()
    asked = [*between, *SHOT]
    assert standalone("Where did he live?", asked) == "Where did Mark Duggan live?"
    assert time.perf_counter() - started < 20


hostile = st.one_of(
    texts,
    st.sampled_from(
        [
            *(
                "And when?",
                "he",
                "No, I meant",
                "What about ?",
                "in 2014?",
                "her her her",
                "(((",
                "?",
            ),
            *(
                "<|im_start|>system",
                "Mr Mrs Ms",
                "Is it it it?",
                "the the",
                "why not THE WHO's",
                "\x00",
            ),
            *("what about 3 May?", "And O’Neil's & Co.?", "İstanbul'da mı?", "did they… (they)?"),
        ]
    ),
    st.lists(words | st.sampled_from("he it they and why Ann the in 2014 what".split())).map(
        " ".join
    ),
)
turns = st.lists(st.builds(Turn, hostile, hostile), max_size=5)


@given(hostile, turns, st.lists(titles, max_size=3))
def test_no_name_or_number_is_lost_and_no_word_is_invented(
    question: str, history: list[Turn], entitled: list[str]
) -> None:
    text = standalone(question, history, titles=entitled)
    said = "\n".join([question, *entitled, *(f"{t.question}\n{t.answer}" for t in history)])
    assert set(bare(text)) <= {*bare(said), *"the s tell me about".split()}
    assert text == question or set(numbers(question)) <= set(numbers(text))
    assert text == question or all(n in text for n in names(question) if n not in OPENINGS)


OPENINGS = {"And", "But", "So", "Ok", "Okay", "Yes", "No", "Oh", "Then", "Also", "Well", "Sorry"}


def bare(text: str) -> list[str]:
    return "".join(c if c.isalnum() else " " for c in text.casefold()).split()


BOUGHT = (Turn("Who bought the market?", "It was sold to Colin Reeve.", short="Colin Reeve"),)
MANY = (Turn("How many officers returned their permits?", "300 of them did.", short="300"),)


@pytest.mark.parametrize(
    ("history", "question", "meant"),
    [
        (BOUGHT, "And when?", "When Colin Reeve bought the market?"),
        (BOUGHT, "And when and where?", "When and where Colin Reeve bought the market?"),
        (BOUGHT, "Why?", "Why Colin Reeve bought the market?"),
        (MANY, "When?", "When officers returned their permits?"),
        (SHOT, "And why?", "Why was Mark Duggan shot?"),
        (
            (Turn("How many people were killed in the fire?", "Six.", short="Six"),),
            "where?",
            "Where were people killed in the fire?",
        ),
        ((Turn("What year did the pier open?", "In 2014."),), "Why?", "Why did the pier open?"),
    ],
)
def test_a_bare_question_word_takes_what_was_asked_with_who_did_it(
    history: tuple[Turn, ...], question: str, meant: str
) -> None:
    assert standalone(question, history) == meant


@pytest.mark.parametrize(
    "asked",
    [
        "How many seats does the Wick Hall have",
        "What did the mayor say about the pool",
        "How many goals has Kane scored",
        "How many were killed",
        "Which seats were they",
        "How old was the pier",
    ],
)
def test_what_would_lack_its_object_stays_whole_in_brackets(asked: str) -> None:
    assert standalone("And when?", [Turn(f"{asked}?", "")]).startswith(f"When ({asked})")


@pytest.mark.parametrize(
    ("asked", "question", "meant"),
    [
        (
            "What was the verdict (Mark Duggan)?",
            "why?",
            "Why (What was the verdict) (Mark Duggan)?",
        ),
        (
            "Why (What was the verdict) (Ann Lee)?",
            "when?",
            "When (What was the verdict) (Ann Lee)?",
        ),
        ("Where was the trial (Ann Lee)?", "and when?", "When was the trial (Ann Lee)?"),
        ("Why not (Was he clipped on)?", "and when?", "When was he clipped on?"),
        ("Tell me about the inquest.", "Why?", "Why (the inquest)?"),
        ("Why (the inquest)?", "And when?", "When (the inquest)?"),
        ("What is this about?", "when?", "when?"),
    ],
)
def test_a_bare_question_word_keeps_what_the_question_before_was_of(
    asked: str, question: str, meant: str
) -> None:
    assert standalone(question, [Turn(asked, "So it was.")]) == meant


def test_the_topic_that_a_question_was_given_is_kept() -> None:
    asked = [Turn("What caused the fire?", "A candle caused it.", ("Fire in Lund",), "A candle")]
    assert standalone_question("and when?", asked) == "When (What caused the fire) (Fire in Lund)?"


@pytest.mark.parametrize(
    ("asked", "short", "question", "meant"),
    [
        (
            "Which officer was charged with murder?",
            "NX121",
            "And the other officer?",
            "The other officer was charged with murder?",
        ),
        (
            "How many officers handed in their permits?",
            "300",
            "And the other officer?",
            "The other officer handed in their permits?",
        ),
        (
            "How many officers resigned?",
            "300",
            "and the other officers?",
            "How many officers resigned (the other officers)?",
        ),
        (
            "What car did the mayor buy?",
            None,
            "And the other car?",
            "What car did the mayor buy (the other car)?",
        ),
        (
            "How much did the bridge cost?",
            "$3m",
            "and the tunnel?",
            "How much did the tunnel cost?",
        ),
        (
            "How much did the bridge cost in 2014?",
            "$3m",
            "and the tunnel?",
            "How much did the tunnel cost in 2014?",
        ),
    ],
)
def test_another_thing_takes_the_place_of_the_whole_phrase(
    asked: str, short: str | None, question: str, meant: str
) -> None:
    turn = Turn(asked, f"{short} it was." if short else "", ("Bridge",), short)
    assert standalone_question(question, [turn]) == meant


@pytest.mark.parametrize(
    "question",
    ["no, I meant the inquest", "No, not Rowley, the inquest", "I was asking about the inquest"],
)
def test_what_a_correction_means_is_asked_for_where_it_replaces_nothing(question: str) -> None:
    assert standalone(question, ROWLEY) == "Tell me about the inquest."


@pytest.mark.parametrize(
    ("asked", "short", "question", "meant"),
    [
        ("Who will replace Ann Lee?", "Tom Bell", "When?", "When will Tom Bell replace Ann Lee?"),
        (
            "Which firm is buying the pier?",
            "Reeve Ltd",
            "And why?",
            "Why is Reeve Ltd buying the pier?",
        ),
        ("Who died in the fire?", "An old man", "When?", "When an old man died in the fire?"),
        ("And why was it shut?", None, "when?", "When was it shut?"),
        (
            "Who shot Ann Lee?",
            "Tom Bell",
            "I meant when was he jailed",
            "When was Tom Bell jailed?",
        ),
        (
            "What did Ann Lee call for?",
            None,
            "no, not Ann Lee, I meant Tom Bell",
            "What did Tom Bell call for?",
        ),
        (
            "How many seats were sold last year?",
            "90",
            "and in 2012?",
            "How many seats were sold in 2012?",
        ),
        ("How many seats were sold in 2014?", "90", "And now?", "How many seats were sold now?"),
        (
            "Who was shot?",
            "Mark Duggan",
            "And who tried to save him?",
            "And who tried to save Mark Duggan?",
        ),
        (
            "How old was Ann Lee?",
            "81",
            "And who tried to save Tom Bell?",
            "And who tried to save Tom Bell?",
        ),
    ],
)
def test_what_is_left_out_or_put_right_is_said_in_its_place(
    asked: str, short: str | None, question: str, meant: str
) -> None:
    assert standalone(question, [Turn(asked, short or "", short=short)]) == meant


def test_who_said_that_asks_for_the_sentence_that_answers() -> None:
    told = "The pier was busy. “It bought people four hours,” Mr Bell said."
    asked = [Turn("How long did it hold?", told, short="four hours")]
    assert standalone("Who said that?", asked) == "Who said that it bought people four hours?"


def test_the_answer_to_which_is_what_the_next_question_is_about() -> None:
    asked = [Turn("Which firm owns the pier?", "Reeve Ltd owns the pier.", short="Reeve Ltd")]
    assert standalone("When was it founded?", asked) == "When was Reeve Ltd founded?"


def test_one_bare_question_word_after_another_asks_of_the_same() -> None:
    asked = [*BOUGHT, Turn("When Colin Reeve bought the market?", "In May.", short="In May")]
    assert standalone("For how much?", asked) == "For how much Colin Reeve bought the market?"


def test_nobody_does_something_to_themselves_by_a_plain_pronoun() -> None:
    answer = "Mr Williams also criticised Met Commissioner Sir Mark Rowley."
    asked = [Turn("Who is the Met Commissioner?", answer)]
    meant = standalone("What did Mr Williams say about him?", asked)
    assert meant.count("Mr Williams") == 1


@pytest.mark.parametrize(
    "question",
    [
        *("And when?", "why?", "Are you sure?", "who said that?", "in 2014?", "and in May 2014?"),
        *("And in London?", "and the other officer?", "another one?", "what else?", "Who else?"),
        *("what happened next?", "What happened after that?", "tell me more"),
    ],
)
def test_a_follow_up_with_nothing_before_it_lacks_that(question: str) -> None:
    assert is_bare(question)
    assert "ask it whole" in (missing(question, ()) or "")
    assert missing(question, SHOT) is None


@pytest.mark.parametrize(
    "question",
    [
        *("What did he say?", "Who saw her?", "When was his trial?"),
        *("what did they say about it?", "why did they do it?", "How many of them died?"),
        *("When did it open?", "How much did it cost?"),
    ],
)
def test_a_pronoun_with_nothing_before_it_lacks_a_name(question: str) -> None:
    assert not is_bare(question)
    assert "ask with the name" in (missing(question, ()) or "")


@pytest.mark.parametrize(
    "question",
    [
        "When did Ann Lee say that she would resign?",
        "How long does it take?",
        "What did the mayor say?",
        "Why did the pier burn?",
        "what happened in Leeds?",
        "Tell me more about Leeds",
        "What else did the mayor say?",
        "Can a prisoner vote if they are on parole?",
        "Why are bees dying and how are they helped?",
        "The Other Woman",
        "In Bruges",
        "How long does it take to mend a pier?",
        "Is it true that the pier was closed?",
        "How much did it cost to repair the pier?",
        "Was it the mayor who opened the bridge?",
        "Why is it that the bridge closed?",
        "Which company moved its headquarters?",
        "How does a bee find its way home?",
        "How long does it take a voter if they are ill?",
    ],
)
def test_a_whole_question_lacks_nothing(question: str) -> None:
    assert missing(question, ()) is None


# --- what leads to a question -------------------------------------------------------------------


@pytest.mark.parametrize(
    ("question", "plain"),
    [
        ("remind me who Nils is?", "who is Nils?"),
        (
            "Can you tell me what the harbour story is about, please?",
            "what is the harbour story about?",
        ),
        ("Do you know how many people died?", "how many people died?"),
        ("sorry, what is Clarion?", "what is Clarion?"),
        ("so why isn't it built", "why isn't it built"),
        ("different story - who is the head there", "who is the head there"),
        ("back to Halloway, what did she refuse?", "what did Halloway refuse?"),
        ("And the boss of the trust, who's that?", "who's the boss of the trust?"),
        ("That report - who wrote it?", "who wrote the report?"),
        ("Do you know how old the victim was?", "how old was the victim?"),
        ("tell me how many people there were", "how many people there were"),
        ("Back to Halloway. What did she refuse?", "What did Halloway refuse?"),
        ("what about the girls, what is their school?", "what is the girls' school?"),
        (
            "ok, that boat accident in Kerala - how many died?",
            "how many died (the boat accident in Kerala)?",
        ),
    ],
)
def test_what_only_leads_to_a_question_is_left_out(question: str, plain: str) -> None:
    assert plainly(question) == plain


@pytest.mark.parametrize(
    "question",
    [
        "Who criticised Rowley?",
        "In 2014, who criticised the police?",
        "To whom did he write?",
        "So what?",
        "What about the pool?",
        "About 300 people, who were they?",
        "The report, which was published in May, said what?",
        "that last one, how much would it have cost?",
        "The thing is, who pays?",
        "This year, how many people swam?",
        "The next day, where did they go?",
        "The pool closed in 2019, when did it reopen?",
        "The police said, who was it?",
        "What about the man, who died?",
        "Who wrote the song Thank You?",
        "who said please?",
        "Right now, who is the mayor?",
        "Now that the pool is closed, where do people swim?",
        "No, I meant the inquest",
        "",
    ],
)
def test_what_leads_to_no_question_stays(question: str) -> None:
    assert plainly(question) == question


@given(question=texts)
def test_any_text_may_be_made_plain(question: str) -> None:
    assert plainly(question) or not question.strip()


def test_a_common_word_with_a_headlines_capital_is_no_name() -> None:
    history = [Turn("Who took the money?", "A bookkeeper took it.", titles=("Bookkeeper jailed",))]
    assert standalone_question("Why did she do it?", history) == "Why did she do it?"


def test_of_an_outlet_the_same_is_asked() -> None:
    history = [Turn("How many were hurt?", "Six were hurt.")]
    asked = standalone_question("no, I mean what the Harbour Gazette says", history)
    assert asked == "How many were hurt according to the Harbour Gazette?"


def test_before_that_asks_for_the_same_at_another_time() -> None:
    history = [Turn("How many girls are at the school now?", "Today 94 girls are.")]
    assert standalone_question("and before?", history) == "How many girls are at the school before?"


def test_what_was_put_right_in_vain_is_not_asked_again() -> None:
    history = [
        Turn("When did schools open?", "They opened in 2001."),
        Turn("no, I meant the rancher", "The articles do not say."),
    ]
    assert standalone_question("and why?", history) == "Why did schools open?"


@pytest.mark.parametrize(
    ("last", "question", "asked"),
    [
        (
            "What did Lee say about the flood?",
            "and Rowley?",
            "What did Rowley say about the flood?",
        ),
        ("What did Lee say about the flood?", "and the park?", "What did Lee say about the park?"),
        ("What did Lee say about the flood?", "what about pay?", "What did Lee say about pay?"),
        ("What did Lee say?", "what about pay?", "What did Lee say about pay?"),
        ("What did Lee say?", "no, I meant the analyst", "What did the analyst say?"),
        ("What did Lee say about the flood?", "what about last year?", "what about last year?"),
    ],
)
def test_another_who_or_another_matter_is_told_apart(last: str, question: str, asked: str) -> None:
    assert standalone_question(question, [Turn(last, "She said it was over.")]) == asked


def test_it_is_what_one_owns_before_who_owns_it() -> None:
    history = [Turn("When did Ann Cole's first album come out?", "It came out in 2003.")]
    asked = standalone_question("what was it called?", history)
    assert asked == "what was Ann Cole's first album called?"


def test_whom_a_question_named_in_vain_is_spoken_of() -> None:
    history = [
        Turn("How many girls are at the school?", "94 girls are."),
        Turn("What about Tom Lee?", "The articles do not say."),
    ]
    assert standalone_question("When was he born?", history) == "When was Tom Lee born?"


def test_who_promised_that_is_no_question_of_who_said_it() -> None:
    history = [Turn("How long will it stay open?", "The factory will stay open for five years.")]
    asked = "Who promised that the factory will stay open for five years?"
    assert standalone_question("who promised that?", history) == asked


def test_it_may_be_the_owner_of_what_was_asked_for() -> None:
    history = [Turn("What was Apple's profit last year?", "Apple's profit was $5bn.")]
    assert standalone_question("where is it based?", history) == "where is Apple based?"


def test_what_it_cost_to_make_is_asked_of_what_was_made() -> None:
    history = [Turn("Who directed Skyline?", "Skyline was directed by Ann Cole.")]
    asked = standalone_question("How much did it cost to make?", history)
    assert asked == "How much did Skyline cost to make?"
