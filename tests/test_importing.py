"""Gold of others: SQuAD files and BEIR folders, read with their articles, or refused aloud."""

import json
from collections.abc import Iterable
from datetime import date
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from strategies import BRIDGE
from test_gold import lines, refusal

from rag.articles import read_article
from rag.cleaning import clean
from rag.errors import BadInput, StorageFull
from rag.gold import as_title
from rag.importing import Document, read_beir, read_squad, sentence_with, write_articles


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "gold.json"


# --- SQuAD ---------------------------------------------------------------------------------------


def squad(*questions: object, title: object = "The_bridge", context: object = BRIDGE) -> str:
    return json.dumps({"data": [{"title": title, "paragraphs": [_paragraph(context, questions)]}]})


def _paragraph(context: object, questions: Iterable[object]) -> dict[str, object]:
    return {"context": context, "qas": list(questions)}


def asked(*answers: tuple[str, int], **fields: object) -> dict[str, object]:
    found = [{"text": text, "answer_start": start} for text, start in answers]
    return {"id": "q", "question": "When?", "answers": found, **fields}


def test_a_squad_question_has_its_answers_once_and_the_sentence_that_holds_them(file: Path) -> None:
    file.write_text(squad(asked(("Friday", 25), ("Friday", 25), ("1990", 53))))
    documents, (one,) = read_squad(file)
    assert documents == [Document("The bridge", BRIDGE)]
    assert (one.id, one.question, one.article) == ("q", "When?", "The bridge")
    assert one.answers == ("Friday", "1990")
    assert one.evidence == ("The bridge was closed on Friday.", "It had leaned since 1990.")


def test_paragraphs_of_one_title_become_one_article(file: Path) -> None:
    paragraphs = [_paragraph(text, [asked(("it", 0), id=text)]) for text in ("it is", "it was")]
    file.write_text(json.dumps({"data": [{"title": "A", "paragraphs": paragraphs}]}))
    documents, questions = read_squad(file)
    assert documents == [Document("A", "it is\n\nit was")]
    assert len(questions) == 2


def test_an_impossible_squad_question_is_unanswerable_whatever_answers_it_lists(file: Path) -> None:
    file.write_text(squad(asked(("Friday", 25), is_impossible=True)))
    _, (one,) = read_squad(file)
    assert (one.answerable, one.answers, one.evidence) == (False, (), ())


@pytest.mark.parametrize(
    ("question", "fault"),
    [
        (asked(("Monday", 25)), "the answer 'Monday' does not stand in its paragraph"),
        (asked(), "answerable, but without answers"),
        (asked(("Friday", 25), id=None), "no id"),
        ({"id": "q"}, "not a question as SQuAD has it"),
        (asked(("Friday", 25), is_impossible="false"), "is_impossible is not true or false"),
        ("When?", "not a question as SQuAD has it"),
    ],
)
def test_a_bad_squad_question_is_refused_with_its_place(
    file: Path, question: object, fault: str
) -> None:
    file.write_text(squad(asked(("Friday", 25), id="good"), question))
    assert refusal(read_squad, file) == [f"data[0].paragraphs[0].qas[1]: {fault}"]


def test_faults_before_a_place_that_is_not_squads_are_told_too(file: Path) -> None:
    value = json.loads(squad(asked(("Monday", 25))))
    value["data"].append({"title": 7})
    file.write_text(json.dumps(value))
    first, second = refusal(read_squad, file)
    assert first.startswith("data[0].paragraphs[0].qas[0]: the answer 'Monday'")
    assert second.startswith("data[1]: no title in it")


def test_two_squad_questions_with_one_id_are_refused(file: Path) -> None:
    file.write_text(squad(asked(("Friday", 25)), asked(("1990", 53))))
    assert refusal(read_squad, file) == ["data[0].paragraphs[0].qas[1]: its id q is another's too"]


@pytest.mark.parametrize(
    ("content", "fault"),
    [
        (b'{"data":\n[', "line 2: not JSON"),
        (b'"caf\xe9"', "not UTF-8"),
        (b'{"version": 2}', "the file: no data in it that is a list"),
        (b"[]", "the file: no data in it that is a list"),
        (b'{"data": ["a"]}', "data[0]: no title in it that is a text"),
        (squad(title=7).encode(), "data[0]: no title in it that is a text"),
        (
            squad(asked(), context=None).encode(),
            "data[0].paragraphs[0]: no context in it that is a text",
        ),
        (squad().encode(), "no question in it"),
    ],
)
def test_a_file_that_is_not_squad_is_refused(file: Path, content: bytes, fault: str) -> None:
    file.write_bytes(content)
    (said,) = refusal(read_squad, file)
    assert said.startswith(fault)


def test_the_sentence_of_words_is_the_one_nearest_to_where_they_are_said_to_stand() -> None:
    text = "It was shut. It was built. It was shut again."
    assert sentence_with("shut", text, near=36) == "It was shut again."


def test_words_over_two_sentences_bring_both() -> None:
    text = "It rained. It was shut. We left. Nobody came."
    assert sentence_with("shut. We", text, near=18) == "It was shut. We left."


def test_a_sentence_is_given_as_an_article_will_have_it() -> None:
    text = "It rained a lot.[note 5] It  was\nshut[3] then."
    assert sentence_with("shut", text, near=30) == "It was shut then."


# --- BEIR ----------------------------------------------------------------------------------------


def beir(folder: Path, corpus: str = "", queries: str = "", **qrels: str) -> Path:
    """A BEIR folder in which only what matters need be said."""
    (folder / "qrels").mkdir()
    corpus = corpus or lines({"_id": "d", "title": "The bridge", "text": BRIDGE})
    (folder / "corpus.jsonl").write_text(corpus)
    (folder / "queries.jsonl").write_text(queries or lines({"_id": "q", "text": "When?"}))
    for name, content in (qrels or {"test": "q\td\t1\n"}).items():
        (folder / f"qrels/{name}.tsv").write_text("query-id\tcorpus-id\tscore\n" + content)
    return folder


def test_a_beir_query_names_its_documents_with_their_grades(tmp_path: Path) -> None:
    documents, (one,) = read_beir(beir(tmp_path, test="q\td\t2\n"))
    assert documents == [Document("The bridge", BRIDGE)]
    assert (one.id, one.question, one.answerable) == ("q", "When?", True)
    assert one.relevant == (("The bridge", 2),)


def test_of_beir_judgements_those_to_test_with_count(tmp_path: Path) -> None:
    _, (one,) = read_beir(beir(tmp_path, dev="q\td\t1\n", test="q\td\t2\n", train="q\td\t3\n"))
    assert one.relevant == (("The bridge", 2),)


def test_beir_queries_that_nobody_judged_are_left_out(tmp_path: Path) -> None:
    queries = lines({"_id": "q", "text": "When?"}, {"_id": "r", "text": "Why?"})
    _, questions = read_beir(beir(tmp_path, queries=queries))
    assert [one.id for one in questions] == ["q"]


def test_a_beir_query_for_which_nothing_is_relevant_is_left_out(tmp_path: Path) -> None:
    """That this document does not answer is not to say that none does."""
    queries = lines({"_id": "q", "text": "When?"}, {"_id": "r", "text": "Why?"})
    _, (one,) = read_beir(beir(tmp_path, queries=queries, test="q\td\t0\nr\td\t1\n"))
    assert one.id == "r"


def test_a_beir_document_without_a_text_has_its_title_as_text(tmp_path: Path) -> None:
    documents, _ = read_beir(beir(tmp_path, lines({"_id": "d", "title": "Shut!", "text": ""})))
    assert documents == [Document("Shut!", "Shut!")]


def test_a_negative_beir_grade_means_not_relevant(tmp_path: Path) -> None:
    corpus = lines(*({"_id": n, "title": n, "text": "x"} for n in ("bridge", "ford")))
    _, (one,) = read_beir(beir(tmp_path, corpus, test="q\tbridge\t-1\nq\tford\t1\n"))
    assert one.relevant == (("bridge", 0), ("ford", 1))


def test_beir_documents_get_titles_by_which_they_can_be_told_apart(tmp_path: Path) -> None:
    titles = {"1": "Bridge", "2": "bridge", "3": "", "4": "Ford"}
    corpus = lines(*({"_id": n, "title": title, "text": "x"} for n, title in titles.items()))
    documents, _ = read_beir(beir(tmp_path, corpus, test="q\t1\t1\n"))
    assert [d.title for d in documents] == ["Bridge 1", "bridge 2", "3", "Ford"]


def test_every_fault_of_a_beir_folder_is_told_with_file_and_line(tmp_path: Path) -> None:
    corpus = lines({"_id": "d", "text": "x"}, {"_id": "d", "text": "y"})
    queries = lines(
        {"_id": "q", "text": "When?"}, {"_id": "r", "text": ""}, {"_id": "s", "text": "?!"}
    )
    folder = beir(tmp_path, corpus, queries + "{\n", test="q\td\nq\te\t1\nq\td\t1\nq\td\t0\n")
    assert refusal(read_beir, folder) == [
        "corpus.jsonl line 2: its _id d is another's too",
        "queries.jsonl line 2: no _id or no text",
        "queries.jsonl line 3: the question '?!' has no word in it; ask in words.",
        "queries.jsonl line 4: not JSON",
        "test.tsv line 2: not query, document and grade",
        "test.tsv line 3: no such query or document",
        "test.tsv line 5: judged before",
    ]


def test_a_beir_folder_without_judgements_is_refused(tmp_path: Path) -> None:
    (beir(tmp_path) / "qrels/test.tsv").unlink()
    with pytest.raises(BadInput, match=r"no qrels/\*\.tsv in it"):
        read_beir(tmp_path)


def test_a_beir_folder_that_judges_nothing_is_refused(tmp_path: Path) -> None:
    with pytest.raises(BadInput, match="no document in it is relevant"):
        read_beir(beir(tmp_path, test=""))


# --- articles of documents -----------------------------------------------------------------------


def test_documents_become_files_that_are_read_back_as_they_were(tmp_path: Path) -> None:
    document = Document("The bridge: a “story”", BRIDGE, "The Courier", date(2014, 5, 3))
    (file,) = write_articles([document], tmp_path / "articles")
    read = clean(read_article(file, file.read_bytes()))
    facts = (read.title, read.text, read.outlet, read.published)
    assert facts == (
        document.title,
        BRIDGE,
        "The Courier",
        date(2014, 5, 3),
    )


def test_documents_with_like_titles_get_files_of_their_own(tmp_path: Path) -> None:
    documents = [Document("A/B", "x"), Document("a b", "y"), Document("東京", "z")]
    assert len(set(write_articles(documents, tmp_path))) == 3


def test_a_text_that_begins_like_front_lines_stays_text(tmp_path: Path) -> None:
    (file,) = write_articles([Document("A title", "outlet: The Courier\n\nx")], tmp_path)
    read = read_article(file, file.read_bytes())
    assert (read.outlet, read.text.strip()) == (None, "outlet: The Courier\n\nx")


def test_articles_that_cannot_be_written_are_reported_with_the_folder(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(StorageFull, match="file"):
        write_articles([Document("A", "x")], tmp_path / "file")


@given(st.text(st.characters(exclude_categories=("C",))))  # of which a file may be called binary
def test_a_title_made_fit_for_front_lines_comes_back_from_them(title: str) -> None:
    fit = as_title(title)
    if fit:
        data = f"title: {fit}\n\nx".encode()
        assert clean(read_article(Path("a.txt"), data)).title == fit
