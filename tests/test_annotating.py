"""Gold that a person writes: for their own articles, or of what they rated in the chat."""

from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from strategies import BRIDGE, store
from test_gold import lines, row

from rag.annotating import from_feedback, write_new
from rag.answer import Answer, Citation
from rag.chats import Chats, Verdict
from rag.errors import BadInput, StorageFull
from rag.gold import read_gold
from rag.library import Library


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "gold.jsonl"


# --- on articles ---------------------------------------------------------------------------------


class Person:
    """Types what was prepared, then nothing more; remembers what was said."""

    def __init__(self, *typed: str) -> None:
        self.typed = iter(typed)
        self.heard: list[str] = []

    def say(self, text: str) -> None:
        self.heard.append(text)

    def read(self, prompt: str) -> str | None:
        return next(self.typed, None)


def written(bridge: Library, file: Path, *typed: str) -> tuple[int, Person]:
    person = Person(*typed)
    return write_new(bridge, file, person.say, person.read), person


def test_a_question_with_its_answers_and_words_is_appended(bridge: Library, file: Path) -> None:
    done, person = written(bridge, file, "When was it shut?", "Friday | on Friday", "on Friday.")
    (one,) = read_gold(file)
    assert (done, one.question) == (1, "When was it shut?")
    assert (one.answers, one.evidence) == (("Friday", "on Friday"), ("on Friday.",))
    assert one.article == "The bridge"
    assert any(BRIDGE in said for said in person.heard)


def test_of_answers_that_the_words_do_not_have_another_is_asked_for(
    bridge: Library, file: Path
) -> None:
    """To quote these words would never count as right."""
    typed = ("When was it shut?", "on the fifth day | -", "on Friday", "Monday", "Bob | Friday")
    _, person = written(bridge, file, *typed)
    assert read_gold(file)[0].answers == ("on the fifth day", "Friday")
    assert any("stands in these words" in said for said in person.heard)
    assert any("does not stand in them either" in said for said in person.heard)


def test_a_word_that_says_nothing_carries_no_answer(bridge: Library, file: Path) -> None:
    _, person = written(bridge, file, "When was it shut?", "Friday", "on", "on Friday")
    assert read_gold(file)[0].evidence == ("on Friday",)
    assert any("too little" in said for said in person.heard)


@pytest.mark.parametrize("answer", ["yes", "Friday"])
def test_yes_and_what_stands_in_the_words_needs_no_other(
    bridge: Library, file: Path, answer: str
) -> None:
    done, _ = written(bridge, file, "Was it shut?", answer, "on Friday", "Why?", "-")
    assert (done, read_gold(file)[0].answers) == (2, (answer,))


def test_words_that_do_not_stand_in_the_article_are_asked_for_again(
    bridge: Library, file: Path
) -> None:
    _, person = written(bridge, file, "When?", "Friday", "on Monday", "on Friday")
    assert read_gold(file)[0].evidence == ("on Friday",)
    assert any("do not stand there" in said for said in person.heard)


def test_a_dash_says_that_the_articles_do_not_say(bridge: Library, file: Path) -> None:
    written(bridge, file, "Who built it?", "-")
    (one,) = read_gold(file)
    assert (one.answerable, one.answers, one.evidence) == (False, (), ())


@pytest.mark.parametrize("typed", [("Why?", ""), ("Why?", "rust", ""), ("Why?", "|")])
def test_a_question_without_answer_or_words_is_left_out(
    bridge: Library, file: Path, typed: tuple[str, ...]
) -> None:
    done, _ = written(bridge, file, *typed, "Who built it?", "-")
    assert (done, [one.question for one in read_gold(file)]) == (1, ["Who built it?"])


def test_an_empty_question_leads_to_the_next_article(bridge: Library, file: Path) -> None:
    store(bridge, "The ford is deep.", "/ford.txt", title="The ford")
    _, person = written(bridge, file, "", "How deep is it?", "-", "")
    (one,) = read_gold(file)
    shown = [said.strip().split("\n")[0] for said in person.heard if "\n\n" in said]
    assert shown == ["The bridge", "The ford"]
    assert one.article == "The ford"


def test_articles_with_the_fewest_questions_come_first(bridge: Library, file: Path) -> None:
    store(bridge, "The ford is deep.", "/ford.txt", title="The ford")
    file.write_text(lines(row(article="The bridge")))
    _, person = written(bridge, file)
    assert person.heard[1].startswith("\nThe ford")


def test_a_question_that_the_file_has_is_not_written_again(bridge: Library, file: Path) -> None:
    done, person = written(bridge, file, "Who?", "-", "who? ", "Why?", "-")
    assert (done, [one.question for one in read_gold(file)]) == (2, ["Who?", "Why?"])
    assert any("in the file already" in said for said in person.heard)


def test_what_cannot_be_asked_is_told_and_not_written(bridge: Library, file: Path) -> None:
    done, person = written(bridge, file, "?!", "Why?", "-")
    assert (done, [one.question for one in read_gold(file)]) == (1, ["Why?"])
    assert any("has no word in it" in said for said in person.heard)


def test_the_end_of_input_keeps_what_was_written(bridge: Library, file: Path) -> None:
    done, _ = written(bridge, file, "Who?", "-", "Why?")
    assert (done, len(read_gold(file))) == (1, 1)


def test_a_file_whose_last_line_has_no_end_gets_a_line_of_its_own(
    bridge: Library, file: Path
) -> None:
    file.write_text(lines(row()).rstrip())
    written(bridge, file, "Why?", "-")
    assert [one.question for one in read_gold(file)] == ["Who?", "Why?"]


def test_a_file_that_is_no_gold_is_refused_before_anything_is_asked(
    bridge: Library, file: Path
) -> None:
    file.write_text("{")
    person = Person("Why?", "-")
    with pytest.raises(BadInput):
        write_new(bridge, file, person.say, person.read)
    assert (person.heard, file.read_text()) == ([], "{")


def test_a_file_that_cannot_be_written_is_reported(bridge: Library, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(StorageFull, match="file"):
        written(bridge, tmp_path / "file" / "gold.jsonl", "Why?", "-")


# --- of feedback ---------------------------------------------------------------------------------


def citation(n: int, quote: str, title: str = "The bridge") -> Citation:
    return Citation(
        n=n,
        article_id="0",
        chunk_id=1,
        title=title,
        outlet=None,
        published=None,
        sources=(),
        quote=quote,
        start=0,
        end=len(quote),
        answering=(),
        speaker=None,
        score=None,
    )


def answer(question: str, *citations: Citation, standalone: str | None = None) -> Answer:
    """An answer, or without citations an abstention, of which only what is asked on matters."""
    return Answer(
        question=question,
        standalone_question=standalone or question,
        answer="It was closed. [1]" if citations else "The articles do not say.",
        short_answer=None,
        short_answers=(),
        abstained=not citations,
        confidence=None,
        method="quoted" if citations else "abstained",
        claims=(),
        parts=(),
        conflicts=(),
        citations=citations,
        nearest=(),
        retrieved=(),
        checked=(),
        notice=None,
        timings={},
        models={},
    )


Rate = Callable[..., None]


@pytest.fixture
def chats(bridge: Library) -> Iterator[Chats]:
    with Chats(bridge.folder) as opened:
        yield opened


def rate(chats: Chats, answer: Answer, verdict: Verdict, reason: str = "") -> None:
    chat = chats.start("ann", "Bridges")
    chats.rate("ann", chats.add("ann", chat.id, answer).id, verdict, reason)


def made(chats: Chats, file: Path, *typed: str) -> tuple[int, Person]:
    person = Person(*typed)
    with Library.open(file.parent / "library") as bridge:
        return from_feedback(chats, bridge, file, person.say, person.read), person


QUOTES = citation(1, "closed on Friday"), citation(2, "leaned since\n\n1990")


def test_what_was_called_right_has_the_quotes_that_carry_it_as_evidence(
    chats: Chats, file: Path
) -> None:
    rate(chats, answer("When?", *QUOTES), "up")
    done, _ = made(chats, file, "Friday")
    (one,) = read_gold(file)
    assert (done, one.question, one.answers) == (1, "When?", ("Friday",))
    assert (one.evidence, one.article) == (("closed on Friday",), "The bridge")


def test_that_some_articles_do_not_say_it_is_no_gold_of_all(chats: Chats, file: Path) -> None:
    rate(chats, replace(answer("Why?"), scope="The Post"), "up")
    assert made(chats, file)[0] == 0
    rate(chats, answer("Why?"), "up")
    assert made(chats, file)[0] == 1


def test_of_what_was_called_right_all_quotes_are_evidence_where_none_carries_it(
    chats: Chats, file: Path
) -> None:
    rate(chats, answer("Was it?", *QUOTES), "up")
    made(chats, file, "yes")
    assert read_gold(file)[0].evidence == ("closed on Friday", "leaned since 1990")


def test_words_are_asked_for_where_a_quote_no_longer_stands_in_the_library(
    chats: Chats, file: Path
) -> None:
    rate(chats, answer("When?", citation(1, "opened on Friday")), "up")
    made(chats, file, "Friday", "closed on Friday")
    (one,) = read_gold(file)
    assert (one.evidence, one.article) == (("closed on Friday",), "The bridge")


def test_what_was_called_right_of_two_articles_names_neither(chats: Chats, file: Path) -> None:
    rate(chats, answer("When?", citation(1, "a"), citation(2, "b", "The ford")), "up")
    made(chats, file, "Friday")
    assert read_gold(file)[0].article is None


def test_an_abstention_called_right_is_unanswerable_and_asks_nothing(
    chats: Chats, file: Path
) -> None:
    rate(chats, answer("Who built it?"), "up")
    done, person = made(chats, file)
    assert (done, read_gold(file)[0].answerable) == (1, False)
    assert len(person.heard) == 1


def test_what_was_called_wrong_is_told_with_its_reason_and_put_right(
    chats: Chats, file: Path
) -> None:
    rate(chats, answer("When?", citation(1, "closed")), "down", "It says when.")
    _, person = made(chats, file, "Friday", "on Monday", "closed on Friday")
    (one,) = read_gold(file)
    assert (one.answers, one.evidence) == (("Friday",), ("closed on Friday",))
    assert one.article == "The bridge"
    assert any("It says when." in said for said in person.heard)


def test_of_what_was_called_wrong_nobody_need_know_the_words(chats: Chats, file: Path) -> None:
    rate(chats, answer("When?", citation(1, "closed")), "down")
    made(chats, file, "Friday", "")
    assert (read_gold(file)[0].evidence, read_gold(file)[0].article) == ((), None)


def test_what_was_called_wrong_may_have_no_right_answer(chats: Chats, file: Path) -> None:
    rate(chats, answer("Who built it?", citation(1, "closed")), "down")
    made(chats, file, "-")
    assert not read_gold(file)[0].answerable


@pytest.mark.parametrize("typed", ["", " | "])
def test_an_empty_line_leaves_an_answer_out(chats: Chats, file: Path, typed: str) -> None:
    for question in ("When?", "Why?"):
        rate(chats, answer(question), "down")
    done, _ = made(chats, file, typed, "rust", "")
    assert (done, [one.question for one in read_gold(file)]) == (1, ["Why?"])


def test_a_follow_up_is_written_as_it_reads_alone(chats: Chats, file: Path) -> None:
    rate(chats, answer("And when?", standalone="When was it closed?"), "up")
    made(chats, file)
    assert read_gold(file)[0].question == "When was it closed?"


def test_what_the_file_has_already_is_not_asked_again(chats: Chats, file: Path) -> None:
    rate(chats, answer("When?"), "down")
    made(chats, file, "Friday", "")
    rate(chats, answer("when?"), "down")
    done, person = made(chats, file, "Monday", "")
    assert (done, len(read_gold(file))) == (0, 1)
    assert len(person.heard) == 1


def test_the_end_of_input_keeps_what_was_made_of_feedback(chats: Chats, file: Path) -> None:
    for question in ("When?", "Why?"):
        rate(chats, answer(question), "down")
    done, _ = made(chats, file, "Friday", "")
    assert (done, len(read_gold(file))) == (1, 1)
