"""The sentences that answer, whom they speak of, and whether any answers at all."""

from datetime import UTC, datetime
from pathlib import Path

import pytest

from rag.articles import Article
from rag.chunking import chunk
from rag.embedding import Embedder
from rag.indexes import Indexes
from rag.library import Library
from rag.reading import Evidence, answerable, answering_words, leans_from, read, speaker_of
from rag.retrieval import retrieve


def evidence_for(question: str, library: Library, embedder: Embedder) -> list[Evidence]:
    hits = retrieve(question, library, Indexes(library), embedder, top=8)
    return read(question, hits, embedder)


@pytest.mark.parametrize(
    ("question", "answer"),
    [
        ("who criticised Rowley?", "Mr Williams also criticised"),
        ("How many armed officers returned their permits?", "300 of the 2,500"),
        ("When does NX121 face a plea hearing?", "December 1"),
        ("What did the IPCC say about a timetable?", "no timetable"),
    ],
)
def test_the_sentence_that_answers_comes_first(
    question: str, answer: str, seeds: Library, embedder: Embedder
) -> None:
    assert answer in evidence_for(question, seeds, embedder)[0].quote


def test_a_quote_stands_in_its_article(seeds: Library, embedder: Embedder) -> None:
    for e in evidence_for("Why were the officers frustrated?", seeds, embedder):
        assert e.article.text[e.start : e.end] == e.quote
        assert e.start <= e.sentence[0] < e.sentence[1] == e.end


@pytest.mark.parametrize("question", ["who criticised Rowley?", "Who was shot in South London?"])
def test_questions_that_the_articles_answer_are_answerable(
    question: str, seeds: Library, embedder: Embedder
) -> None:
    assert answerable(evidence_for(question, seeds, embedder))


@pytest.mark.parametrize(
    "question",
    [
        "What is the capital of France?",
        "Who won the World Cup in 2014?",
        "How are volcanoes formed?",
        "谁批评了罗利？",
        "Кто критиковал Роули?",
    ],
)
def test_questions_about_something_else_are_not(
    question: str, seeds: Library, embedder: Embedder
) -> None:
    assert not answerable(evidence_for(question, seeds, embedder))


def test_strictness_moves_the_line(seeds: Library, embedder: Embedder) -> None:
    evidence = evidence_for("Where was Kaba killed?", seeds, embedder)
    verdicts = [answerable(evidence, s) for s in ("low", "normal", "high")]
    assert verdicts == sorted(verdicts, reverse=True)


def test_nothing_found_answers_nothing(embedder: Embedder) -> None:
    assert read("who?", [], embedder) == []
    assert not answerable([])


def quoted(text: str, sentence: str) -> str:
    """The quote that is taken for `sentence`, which stands in `text`."""
    start = text.index(sentence)
    return text[leans_from(text, (start, start + len(sentence))) : start + len(sentence)]


def test_a_sentence_that_opens_with_a_pronoun_takes_the_one_before_along() -> None:
    text = "It rained. Ann Cole opened the bridge. She praised the builders."
    assert quoted(text, "She praised the builders.") == text.removeprefix("It rained. ")


def test_speech_without_a_speaker_takes_the_sentence_that_names_one_along() -> None:
    text = "Ann Cole spoke first. She said: “We are late.\n\n“That will not do.” All left."
    assert quoted(text, "“That will not do.”").startswith("Ann Cole spoke first.")


def test_speech_of_a_pronoun_takes_the_sentence_that_names_it_along() -> None:
    text = "It rained. Tom Reed owns a shop. “I will lose half my customers,” he said."
    assert quoted(text, "“I will lose half my customers,” he said.").startswith("Tom Reed owns")


def test_the_speaker_of_long_speech_is_named_beside_it() -> None:
    long = "“We are " + "very, " * 90 + "very late."
    text = f"Ann Cole said: {long}\n\n“That will not do.”"
    start = text.index("“That")
    assert leans_from(text, (start, len(text))) == start
    assert speaker_of(text, start, len(text)) == "Ann Cole"


def test_a_sentence_inside_a_quotation_is_somebodys() -> None:
    text = "Ann Cole said: “We are late. Nobody called. That will not do.”"
    start = text.index("Nobody")
    assert speaker_of(text, start, start + len("Nobody called.")) == "Ann Cole"


def test_speech_of_nobody_knows_whom_does_not_come_second(
    library: Library, embedder: Embedder
) -> None:
    text = (
        "“The harbour wall cracked on Monday, they tell us.”\n\nIt rained for most of the week.\n\n"
        "The harbour wall cracked on Monday."
    )
    article = Article("Storm", text, ("/storm.txt",), None, None, None, None, datetime.now(UTC))
    chunks = chunk(article, embedder.count_tokens, embedder.window)
    library.put(article, "", chunks, embedder.encode([c.text for c in chunks]))
    (found,) = evidence_for("When did the harbour wall crack?", library, embedder)
    assert found.quote == "The harbour wall cracked on Monday."


def test_he_who_spoke_is_the_subject_before_if_the_title_fits() -> None:
    text = "{} Reed met Ann Cole. He added: “We are late.\n\n“That will not do.”"
    for title, speaker in (("Mr", "Mr Reed"), ("Mrs", None)):
        whole = text.format(title)
        assert speaker_of(whole, whole.index("“That"), len(whole)) == speaker


@pytest.mark.parametrize(
    "before", ["It rained.", "Ann Cole said it would rain. It did.", "She said: “So.”"]
)
def test_a_speaker_who_is_not_certain_is_not_named(before: str) -> None:
    text = f"{before}\n\n“That will not do.”"
    assert speaker_of(text, text.index("“That"), len(text)) is None


def test_a_sentence_that_names_its_subject_stands_alone() -> None:
    text = "Ann Cole opened the bridge. Tom Reed paid for it."
    assert quoted(text, "Tom Reed paid for it.") == "Tom Reed paid for it."


def test_a_quote_does_not_grow_past_ninety_words() -> None:
    text = "Ann " + "really " * 100 + "talked. She left."
    assert quoted(text, "She left.") == "She left."


@pytest.mark.parametrize(
    ("question", "words"),
    [
        ("When is the hearing?", ["December 1"]),
        ("How many were freed?", ["300"]),
        ("Who freed the prisoners?", ["Ann Cole"]),
        ("Why were they freed?", []),
    ],
)
def test_the_words_that_look_like_the_answer_fit_what_is_asked(
    question: str, words: list[str]
) -> None:
    text = "On December 1 the mayor, Ann Cole, freed 300 prisoners."
    spans = answering_words(question, text, (0, len(text)))
    assert [text[a:b] for a, b in spans][: len(words)] == words


def test_an_article_whose_every_line_is_a_heading_can_still_be_read(
    tmp_path: Path, library: Library, embedder: Embedder
) -> None:
    article = Article(
        title="Notes",
        text="Meeting of the harbour board on 3 May",
        sources=(str(tmp_path / "notes.txt"),),
        outlet=None,
        author=None,
        published=None,
        language=None,
        fetched=datetime.now(UTC),
    )
    chunks = chunk(article, embedder.count_tokens, embedder.window)
    library.put(article, "", chunks, embedder.encode([c.text for c in chunks]))
    found = evidence_for("When did the harbour board meet?", library, embedder)
    assert found[0].quote == article.text
