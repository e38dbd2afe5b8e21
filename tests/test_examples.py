"""Questions that the articles themselves suggest."""

from collections.abc import Iterator
from datetime import date, timedelta
from pathlib import Path

import pytest
from conftest import ROOT
from hypothesis import given, settings
from strategies import article, store, texts

from rag.articles import read_article
from rag.cleaning import clean
from rag.examples import example_questions
from rag.library import Library


@pytest.fixture
def library(tmp_path: Path) -> Iterator[Library]:
    with Library.create(tmp_path / "library", "a-model", "its-weights", 8) as made:
        yield made


def asked(library: Library, text: str) -> list[str]:
    store(library, text)
    return example_questions(library, most=9)


def test_the_seeds_suggest_what_a_reader_would_ask(seeds: Library) -> None:
    assert example_questions(seeds) == [
        "Who criticised Met Commissioner Sir Mark Rowley?",
        "What did Mark Williams say about the officers?",
        "When was Mr Kaba shot in South London?",
        "How many officers were removed from firearms operations?",
    ]


def test_prose_of_all_kinds_suggests_a_few_good_ones(library: Library) -> None:
    for file in sorted((ROOT / "tests/data/prose").iterdir()):
        read = clean(read_article(file, file.read_bytes()))
        store(library, read.text, str(file), title=read.title)
    assert set(example_questions(library, most=99)) <= {
        "How many copies are printed on a machine in the vestry?",
        "What did Peter Gough say about the council?",
        "When was the channel last dredged?",
        "When will the draw be made?",
        "Who is Ann Tierney?",
        "Who is Dr Hal Benning?",
        "Who is Elspeth Rannoch?",
        "Who is Joseph Were?",
    }


@pytest.mark.parametrize(
    ("text", "question"),
    [
        ("Ann Lee said the bridge was safe.", "What did Ann Lee say about the bridge?"),
        ("Ann Lee came. Mrs Lee said the bridge is old.", "What did Ann Lee say about the bridge?"),
        ("Ann Lee, in a coat, said: “The toll of the ferry is high.”", "What did Ann Lee say"),
        ("“The old bridge will go,” said Ann Lee.", "What did Ann Lee say about the old bridge?"),
        ("Ann Lee also praised the engineers for their work.", "Who praised the engineers?"),
        ("The bridge was closed because it leaned.", "Why was the bridge closed?"),
        ("The bridge was closed on Friday.", "When was the bridge closed?"),
        ("About 40 people were taken home by bus, and slept.", "How many people were taken home"),
        ("Ann Lee, the mayor of Wells, opened it.", "Who is Ann Lee?"),
    ],
)
def test_a_sentence_of_a_known_shape_is_turned_into_a_question(
    library: Library, text: str, question: str
) -> None:
    (found,) = asked(library, text)
    assert found.startswith(question)


@pytest.mark.parametrize(
    "text",
    [
        "Yesterday he said the bridge was safe.",
        "The head of the River Police Association said the bridge was safe.",
        "Ann Lee and Bo Lee came. Lee said the bridge was safe.",
        "Ann Lee said the bridge was safe" + ", and safe" * 60 + ".",
        "In Wells Ann said she was glad.",
        "The company said it was founded in 1990.",
        "The report found Smith was elected in 1990.",
        "The staff have been paid until the end of December.",
        "About 40 people were seen between Wells and Harwick.",
        "It leaned because of the flood.",
        "Ann Lee said the \u202ebridge was safe.",
        "Ann Lee said the bridge" + "s" * 80 + " was safe.",
        "",
    ],
)
def test_a_sentence_that_would_give_an_odd_question_gives_none(library: Library, text: str) -> None:
    assert asked(library, f"{text} The end") == []


def test_questions_come_from_several_articles_and_of_several_kinds(library: Library) -> None:
    one = "Ann Lee said the bridge was safe. Bo Ek said the ford was not."
    other = "Di Roe said the wall was high. The wall was built in 1990."
    store(library, one, "/1", published=date(2014, 1, 2))
    store(library, other, "/2", published=date(2014, 1, 1))
    assert example_questions(library, most=3) == [
        "What did Ann Lee say about the bridge?",
        "When was the wall built?",
        "What did Bo Ek say about the ford?",
    ]


def test_the_newest_articles_of_different_outlets_are_read(library: Library) -> None:
    for n in range(30):
        day = date(2014, 1, 1) + timedelta(days=n)
        outlet = "The Post" if n > 10 else "The Courier"
        text = f"The bridge no {'x' * n}y was closed in {1900 + n}."
        store(library, text, f"/{n}", published=day, outlet=outlet)
    asked_about = example_questions(library, most=99)
    assert len(asked_about) == 12
    assert any("xxxxxxxxxxy" in q for q in asked_about)


def test_the_same_question_is_not_suggested_twice(library: Library) -> None:
    for n in (1990, 1991):
        store(library, f"The bridge was closed in {n}.", f"/{n}")
    assert example_questions(library) == ["When was the bridge closed?"]


def test_no_more_are_given_than_were_asked_for(seeds: Library) -> None:
    assert len(example_questions(seeds, most=2)) == 2
    assert example_questions(seeds, most=0) == []


def test_an_empty_library_suggests_nothing(library: Library) -> None:
    assert example_questions(library) == []


@settings(max_examples=15)
@given(text=texts)
def test_of_any_text_the_questions_are_short_and_printable(
    text: str, tmp_path_factory: pytest.TempPathFactory
) -> None:
    folder = tmp_path_factory.mktemp("any") / "library"
    with Library.create(folder, "a-model", "its-weights", 8) as library:
        store(library, clean(article(text)).text or "x")
        for question in example_questions(library, most=99):
            assert len(question) <= 80
            assert question.isprintable()
