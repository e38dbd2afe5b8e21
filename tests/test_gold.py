"""Gold questions: read and refused, brought by others, written by people; those of the seeds."""

import json
import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from conftest import ROOT, SEEDS
from hypothesis import given
from hypothesis import strategies as st
from strategies import store
from strategies import words as some_words

from rag.answer import Answer, Citation, Turn
from rag.articles import read_article
from rag.chats import Chats, Verdict
from rag.cleaning import clean
from rag.errors import BadInput, StorageFull
from rag.gold import (
    Document,
    Gold,
    as_title,
    from_feedback,
    from_json,
    is_dev,
    missing_evidence,
    plain,
    question_type,
    read_beir,
    read_gold,
    read_squad,
    sentence_with,
    to_json,
    write_articles,
    write_new,
)
from rag.library import Library

GOLD = ROOT / "tests/gold/seeds.jsonl"
BRIDGE = "The bridge was closed on Friday. It had leaned since 1990.\n\nAnn Lee said it was safe."


def row(**fields: object) -> dict[str, Any]:
    """A question of which only what matters need be said."""
    asked = {"id": "a", "question": "Who?", "answers": ["Ann Lee"], "answerable": True}
    return {**asked, **fields}


def lines(*rows: object) -> str:
    return "".join(json.dumps(r) + "\n" for r in rows)


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "gold.jsonl"


@pytest.fixture
def library(tmp_path: Path) -> Iterator[Library]:
    """With one article, which is about a bridge."""
    with Library.create(tmp_path / "library", "a-model", "its-weights", 8) as made:
        store(made, BRIDGE, "/articles/bridge.txt", title="The bridge")
        yield made


def refusal(read: Callable[[Path], object], file: Path) -> list[str]:
    """What the one error says, line by line, without its heading."""
    with pytest.raises(BadInput) as refused:
        read(file)
    heading, *faults = str(refused.value).split("\n")
    assert str(file.name) in heading
    return faults


# --- our own format ------------------------------------------------------------------------------

texts = st.lists(some_words, min_size=1).map(" ".join)
turns = st.builds(Turn, texts, texts)


@given(
    st.builds(
        Gold,
        id=texts,
        question=texts,
        answers=st.lists(texts, min_size=1).map(tuple),
        evidence=st.lists(texts).map(tuple),
        article=st.none() | texts,
        answerable=st.just(True),
        history=st.lists(turns).map(tuple),
        kind=st.none() | texts,
        relevant=st.dictionaries(texts, st.integers(0, 9)).map(lambda d: tuple(d.items())),
    )
)
def test_gold_comes_back_from_json_as_it_went(gold: Gold) -> None:
    assert from_json(json.loads(json.dumps(to_json(gold)))) == gold


def test_only_id_question_answers_and_answerable_have_to_be_said(file: Path) -> None:
    file.write_text(lines(row()))
    assert read_gold(file) == [Gold("a", "Who?", ("Ann Lee",), (), None, True, (), None, ())]


def test_an_unanswerable_question_need_not_say_that_it_has_no_answers(file: Path) -> None:
    file.write_text('{"id": "a", "question": "Who?", "answerable": false}')
    assert read_gold(file)[0].answers == ()


def test_graded_articles_stand_in_for_answers() -> None:
    assert from_json(row(answers=[], relevant={"The bridge": 2})).relevant == (("The bridge", 2),)


def test_keys_that_are_not_known_are_passed_over(file: Path) -> None:
    file.write_text(lines(row(written_by="Ann")))
    assert len(read_gold(file)) == 1


def test_blank_lines_a_byte_order_mark_and_windows_line_ends_do_no_harm(file: Path) -> None:
    file.write_bytes(
        b"\xef\xbb\xbf" + lines(row()).encode() + b"\r\n" + lines(row(id="b")).encode()
    )
    assert [gold.id for gold in read_gold(file)] == ["a", "b"]


@pytest.mark.parametrize(
    ("wrong", "fault"),
    [
        ({"question": None}, "no question"),
        ({"question": ""}, "no question"),
        ({"question": "  "}, "question is not a text"),
        ({"question": 7}, "question is not a text"),
        ({"question": "\ud800"}, "question is not a text"),
        ({"id": None}, "no id"),
        ({"id": 7}, "id is not a text"),
        ({"answerable": None}, "no answerable"),
        ({"answerable": "yes"}, "answerable is not true or false"),
        ({"answers": "Ann"}, "answers is not a list of texts"),
        ({"answers": ["Ann", ""]}, "answers is not a list of texts"),
        ({"answers": []}, "answerable, but without answers"),
        ({"answerable": False}, "unanswerable, but with answers"),
        ({"evidence": "closed"}, "evidence is not a list of texts"),
        ({"evidence": [1]}, "evidence is not a list of texts"),
        ({"article": ["a.txt"]}, "article is not a text"),
        ({"kind": 1}, "kind is not a text"),
        ({"history": ["Who?"]}, 'history is not a list of {"question": …, "answer": …}'),
        ({"history": [{"question": "Who?"}]}, 'history is not a list of {"question": …, "answer":'),
        ({"relevant": ["a.txt"]}, "relevant is not articles with whole numbers"),
        ({"relevant": {"a.txt": True}}, "relevant is not articles with whole numbers"),
    ],
)
def test_a_row_that_is_no_gold_is_refused_with_its_line(
    file: Path, wrong: dict[str, object], fault: str
) -> None:
    file.write_text(lines(row(id="good"), row(**wrong)))
    (said,) = refusal(read_gold, file)
    assert said.startswith(f"line 2: {fault}")


@pytest.mark.parametrize(
    ("line", "fault"),
    [
        (b'{"id": ', "not JSON"),
        (b"[" * 100_000, "not JSON"),
        (b'["a"]', "not an object, { \u2026 }"),
        (b'{"id": "caf\xe9"}', "not UTF-8"),
    ],
)
def test_a_line_that_is_no_row_is_refused_with_its_number(
    file: Path, line: bytes, fault: str
) -> None:
    file.write_bytes(b"\n" + line + b"\n")
    assert refusal(read_gold, file) == [f"line 2: {fault}"]


def test_all_faults_are_told_at_once_in_the_order_of_lines(file: Path) -> None:
    rows = lines(row(question=None, answerable=None), row(id="b"))
    file.write_text(rows + "{\n" + lines(row(id="c", answers=[])))
    assert refusal(read_gold, file) == [
        "line 1: no answerable",
        "line 1: no question",
        "line 3: not JSON",
        "line 4: answerable, but without answers",
    ]


def test_of_two_rows_with_one_id_both_lines_are_told(file: Path) -> None:
    file.write_text(lines(row(), row(id="b"), row()))
    assert refusal(read_gold, file) == ["line 3: its id a is line 1's too"]


def test_of_many_faults_twenty_are_told_and_the_rest_counted(file: Path) -> None:
    file.write_text("{\n" * 25)
    faults = refusal(read_gold, file)
    assert faults[19:] == ["line 20: not JSON", "and 5 more"]


@pytest.mark.parametrize("content", ["", "\n \n"])
def test_a_file_without_a_question_is_refused(file: Path, content: str) -> None:
    file.write_text(content)
    with pytest.raises(BadInput, match="holds no question"):
        read_gold(file)


def test_a_file_that_is_not_there_is_refused_by_its_name(file: Path) -> None:
    with pytest.raises(BadInput, match=r"gold\.jsonl: No such file"):
        read_gold(file)


# --- gold and the library ------------------------------------------------------------------------


def gold(**fields: Any) -> Gold:
    return replace(from_json(row()), **fields)


def test_evidence_is_found_whatever_its_white_space(library: Library) -> None:
    assert missing_evidence([gold(evidence=("since 1990.\nAnn  Lee",))], library) == []


def test_evidence_is_found_where_the_text_lost_its_marks_of_notes(library: Library) -> None:
    assert missing_evidence([gold(evidence=("on Friday.[2] It had",))], library) == []


def test_evidence_that_stands_in_no_article_is_told_with_its_question(library: Library) -> None:
    asked = [gold(evidence=("on Friday",)), gold(id="b", evidence=("on friday", "leaned"))]
    assert missing_evidence(asked, library) == ["b: 'on friday' stands in no article"]


@pytest.mark.parametrize("name", ["The bridge", "the BRIDGE", "bridge.txt", "/articles/bridge.txt"])
def test_an_article_is_known_by_its_title_or_its_file(library: Library, name: str) -> None:
    assert missing_evidence([gold(article=name)], library) == []


def test_an_article_that_is_not_there_is_told_with_its_question(library: Library) -> None:
    asked = gold(article="bridge", relevant=(("The ford", 1),))
    told = ["a: no article 'bridge'", "a: no article 'The ford'"]
    assert missing_evidence([asked], library) == told


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
        ("When?", "not a question as SQuAD has it"),
    ],
)
def test_a_bad_squad_question_is_refused_with_its_place(
    file: Path, question: object, fault: str
) -> None:
    file.write_text(squad(asked(("Friday", 25), id="good"), question))
    assert refusal(read_squad, file) == [f"data[0].paragraphs[0].qas[1]: {fault}"]


def test_two_squad_questions_with_one_id_are_refused(file: Path) -> None:
    file.write_text(squad(asked(("Friday", 25)), asked(("1990", 53))))
    assert refusal(read_squad, file) == ["data[0].paragraphs[0].qas[1]: its id q is another's too"]


@pytest.mark.parametrize(
    ("content", "fault"),
    [
        (b'{"data":\n[', "line 2: not JSON"),
        (b'"caf\xe9"', "not UTF-8"),
        (b'{"version": 2}', "not as SQuAD has it"),
        (b"[]", "not as SQuAD has it"),
        (squad(title=7).encode(), "not as SQuAD has it"),
        (squad(asked(), context=None).encode(), "not as SQuAD has it"),
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


def test_a_beir_query_for_which_nothing_is_relevant_is_unanswerable(tmp_path: Path) -> None:
    _, (one,) = read_beir(beir(tmp_path, test="q\td\t0\n"))
    assert not one.answerable


def test_a_beir_document_without_a_text_has_its_title_as_text(tmp_path: Path) -> None:
    documents, _ = read_beir(beir(tmp_path, lines({"_id": "d", "title": "Shut!", "text": ""})))
    assert documents == [Document("Shut!", "Shut!")]


def test_a_negative_beir_grade_means_not_relevant(tmp_path: Path) -> None:
    _, (one,) = read_beir(beir(tmp_path, test="q\td\t-1\n"))
    assert one.relevant == (("The bridge", 0),)


def test_beir_documents_get_titles_by_which_they_can_be_told_apart(tmp_path: Path) -> None:
    titles = {"1": "Bridge", "2": "bridge", "3": "", "4": "Ford"}
    corpus = lines(*({"_id": n, "title": title, "text": "x"} for n, title in titles.items()))
    documents, _ = read_beir(beir(tmp_path, corpus, test="q\t1\t1\n"))
    assert [d.title for d in documents] == ["Bridge 1", "bridge 2", "3", "Ford"]


def test_every_fault_of_a_beir_folder_is_told_with_file_and_line(tmp_path: Path) -> None:
    corpus = lines({"_id": "d", "text": "x"}, {"_id": "d", "text": "y"})
    queries = lines({"_id": "q", "text": "When?"}, {"_id": "r", "text": ""})
    folder = beir(tmp_path, corpus, queries + "{\n", test="q\td\nq\te\t1\n")
    assert refusal(read_beir, folder) == [
        "corpus.jsonl line 2: its _id d is another's too",
        "queries.jsonl line 2: no _id or no text",
        "queries.jsonl line 3: not JSON",
        "test.tsv line 2: not query, document and grade",
        "test.tsv line 3: no such query or document",
    ]


def test_a_beir_folder_without_judgements_is_refused(tmp_path: Path) -> None:
    (beir(tmp_path) / "qrels/test.tsv").unlink()
    with pytest.raises(BadInput, match=r"no qrels/\*\.tsv in it"):
        read_beir(tmp_path)


def test_a_beir_folder_that_judges_nothing_is_refused(tmp_path: Path) -> None:
    with pytest.raises(BadInput, match="no judgement in it"):
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


@given(st.text())
def test_a_title_made_fit_for_front_lines_comes_back_from_them(title: str) -> None:
    fit = as_title(title)
    if fit:
        data = f"title: {fit}\n\nx".encode()
        assert clean(read_article(Path("a.txt"), data)).title == fit


# --- kinds of questions --------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("question", "kind"),
    [
        ("Who closed it?", "who"),
        ("Whose bridge is it?", "who"),
        ("To whom was it sold?", "who"),
        ("What was closed?", "what"),
        ("What's that?", "what"),
        ("In what year was it closed?", "when"),
        ("when was it closed", "when"),
        ("In which city does it stand?", "where"),
        ("Where is it?", "where"),
        ("Why was it closed?", "why"),
        ("How many bridges were closed?", "how many"),
        ("How much did it cost?", "how many"),
        ("How was it closed?", "how"),
        ("At which end did it lean?", "which"),
        ("Was it closed when it leaned?", "yes-no"),
        ("Hasn’t it been closed?", "yes-no"),
        ("The bridge was closed in what year?", "when"),
        ("Rather than steel, what is it made of?", "what"),
        ("The bridge, which leaned, had how many arches?", "how many"),
        ("Name the bridge.", "other"),
        ("", "other"),
    ],
)
def test_a_question_is_of_the_kind_that_its_words_say(question: str, kind: str) -> None:
    assert question_type(question) == kind


# --- what is kept to measure with ----------------------------------------------------------------

TITLES = [f"Title {n}" for n in range(3000)]
SQUAD, SQUAD2 = "reading/squad_train_part", "unanswerable/squad2_questions"


@pytest.mark.parametrize(("name", "share"), [("reading/policyqa", 1 / 5), (SQUAD2, 1 / 3)])
def test_of_a_set_so_many_articles_are_kept_to_measure_with(name: str, share: float) -> None:
    kept = sum(is_dev(name, title) for title in TITLES)
    assert kept / len(TITLES) == pytest.approx(share, abs=0.03)


def test_the_two_sets_about_the_same_articles_keep_the_same() -> None:
    assert [is_dev(SQUAD, t) for t in TITLES] == [is_dev(SQUAD2, t) for t in TITLES]


def test_an_article_that_one_set_keeps_is_kept_by_any_that_keeps_more() -> None:
    assert all(is_dev(SQUAD, t) for t in TITLES if is_dev("reading/policyqa", t))


def test_what_may_not_be_trained_on_is_all_kept() -> None:
    assert all(is_dev("retrieval/newsquiz_allsides", title) for title in TITLES)


def test_a_title_is_the_same_in_any_spelling_of_it() -> None:
    spellings = [[t, t.upper(), t.replace(" ", "_"), f' "{t}"'] for t in TITLES[:200]]
    assert all(len({is_dev(SQUAD, s) for s in same}) == 1 for same in spellings)


def test_the_split_does_not_move() -> None:
    """Else models would be measured on what earlier ones were trained on."""
    titles = "Beyoncé", "Buddhism", "New York City", "Glacier", "Portugal", "Dog"
    assert [t for t in titles if is_dev(SQUAD, t)] == ["New York City", "Portugal", "Dog"]


# --- written by a person -------------------------------------------------------------------------


class Person:
    """Types what was prepared, then nothing more; remembers what was said."""

    def __init__(self, *typed: str) -> None:
        self.typed = iter(typed)
        self.heard: list[str] = []

    def say(self, text: str) -> None:
        self.heard.append(text)

    def read(self, prompt: str) -> str | None:
        return next(self.typed, None)


def written(library: Library, file: Path, *typed: str) -> tuple[int, Person]:
    person = Person(*typed)
    return write_new(library, file, person.say, person.read), person


def test_a_question_with_its_answers_and_words_is_appended(library: Library, file: Path) -> None:
    done, person = written(library, file, "When was it shut?", "Friday | on Friday", "on Friday.")
    (one,) = read_gold(file)
    assert (done, one.question) == (1, "When was it shut?")
    assert (one.answers, one.evidence) == (("Friday", "on Friday"), ("on Friday.",))
    assert one.article == "The bridge"
    assert any(BRIDGE in said for said in person.heard)


def test_words_that_do_not_stand_in_the_article_are_asked_for_again(
    library: Library, file: Path
) -> None:
    _, person = written(library, file, "When?", "Friday", "on Monday", "on Friday")
    assert read_gold(file)[0].evidence == ("on Friday",)
    assert any("do not stand there" in said for said in person.heard)


def test_a_dash_says_that_the_articles_do_not_say(library: Library, file: Path) -> None:
    written(library, file, "Who built it?", "-")
    (one,) = read_gold(file)
    assert (one.answerable, one.answers, one.evidence) == (False, (), ())


@pytest.mark.parametrize("typed", [("Why?", ""), ("Why?", "rust", ""), ("Why?", "|")])
def test_a_question_without_answer_or_words_is_left_out(
    library: Library, file: Path, typed: tuple[str, ...]
) -> None:
    done, _ = written(library, file, *typed, "Who built it?", "-")
    assert (done, [one.question for one in read_gold(file)]) == (1, ["Who built it?"])


def test_an_empty_question_leads_to_the_next_article(library: Library, file: Path) -> None:
    store(library, "The ford is deep.", "/ford.txt", title="The ford")
    _, person = written(library, file, "", "How deep is it?", "-", "")
    (one,) = read_gold(file)
    shown = [said.strip().split("\n")[0] for said in person.heard if "\n\n" in said]
    assert shown == ["The bridge", "The ford"]
    assert one.article == "The ford"


def test_articles_with_the_fewest_questions_come_first(library: Library, file: Path) -> None:
    store(library, "The ford is deep.", "/ford.txt", title="The ford")
    file.write_text(lines(row(article="The bridge")))
    _, person = written(library, file)
    assert person.heard[1].startswith("\nThe ford")


def test_a_question_that_the_file_has_is_not_written_again(library: Library, file: Path) -> None:
    done, person = written(library, file, "Who?", "-", "who? ", "Why?", "-")
    assert (done, [one.question for one in read_gold(file)]) == (2, ["Who?", "Why?"])
    assert any("in the file already" in said for said in person.heard)


def test_the_end_of_input_keeps_what_was_written(library: Library, file: Path) -> None:
    done, _ = written(library, file, "Who?", "-", "Why?")
    assert (done, len(read_gold(file))) == (1, 1)


def test_a_file_whose_last_line_has_no_end_gets_a_line_of_its_own(
    library: Library, file: Path
) -> None:
    file.write_text(lines(row()).rstrip())
    written(library, file, "Why?", "-")
    assert [one.question for one in read_gold(file)] == ["Who?", "Why?"]


def test_a_file_that_is_no_gold_is_refused_before_anything_is_asked(
    library: Library, file: Path
) -> None:
    file.write_text("{")
    person = Person("Why?", "-")
    with pytest.raises(BadInput):
        write_new(library, file, person.say, person.read)
    assert (person.heard, file.read_text()) == ([], "{")


def test_a_file_that_cannot_be_written_is_reported(library: Library, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(StorageFull, match="file"):
        written(library, tmp_path / "file" / "gold.jsonl", "Why?", "-")


# --- made of feedback ----------------------------------------------------------------------------


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
def chats(library: Library) -> Iterator[Chats]:
    with Chats(library.folder) as opened:
        yield opened


def rate(chats: Chats, answer: Answer, verdict: Verdict, reason: str = "") -> None:
    chat = chats.start("ann", "Bridges")
    chats.rate("ann", chats.add("ann", chat.id, answer).id, verdict, reason)


def made(chats: Chats, file: Path, *typed: str) -> tuple[int, Person]:
    person = Person(*typed)
    return from_feedback(chats, file, person.say, person.read), person


def test_what_was_called_right_has_its_quotes_as_evidence(chats: Chats, file: Path) -> None:
    quotes = citation(1, "closed on Friday"), citation(2, "leaned since\n\n1990")
    rate(chats, answer("When?", *quotes), "up")
    done, _ = made(chats, file, "Friday")
    (one,) = read_gold(file)
    assert (done, one.question, one.answers) == (1, "When?", ("Friday",))
    assert one.evidence == ("closed on Friday", "leaned since 1990")
    assert one.article == "The bridge"


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
    _, person = made(chats, file, "Friday")
    (one,) = read_gold(file)
    assert (one.answers, one.evidence, one.article) == (("Friday",), (), None)
    assert any("It says when." in said for said in person.heard)


def test_what_was_called_wrong_may_have_no_right_answer(chats: Chats, file: Path) -> None:
    rate(chats, answer("Who built it?", citation(1, "closed")), "down")
    made(chats, file, "-")
    assert not read_gold(file)[0].answerable


@pytest.mark.parametrize("typed", ["", " | "])
def test_an_empty_line_leaves_an_answer_out(chats: Chats, file: Path, typed: str) -> None:
    for question in ("When?", "Why?"):
        rate(chats, answer(question), "down")
    done, _ = made(chats, file, typed, "rust")
    assert (done, [one.question for one in read_gold(file)]) == (1, ["Why?"])


def test_a_follow_up_is_written_as_it_reads_alone(chats: Chats, file: Path) -> None:
    rate(chats, answer("And when?", standalone="When was it closed?"), "up")
    made(chats, file)
    assert read_gold(file)[0].question == "When was it closed?"


def test_what_the_file_has_already_is_not_asked_again(chats: Chats, file: Path) -> None:
    rate(chats, answer("When?"), "down")
    made(chats, file, "Friday")
    rate(chats, answer("when?"), "down")
    done, person = made(chats, file, "Monday")
    assert (done, len(read_gold(file))) == (0, 1)
    assert len(person.heard) == 1


def test_the_end_of_input_keeps_what_was_made_of_feedback(chats: Chats, file: Path) -> None:
    for question in ("When?", "Why?"):
        rate(chats, answer(question), "down")
    done, _ = made(chats, file, "Friday")
    assert (done, len(read_gold(file))) == (1, 1)


# --- the seeds' own ------------------------------------------------------------------------------


def seeds_gold() -> list[Gold]:
    return read_gold(GOLD)


def test_all_evidence_on_the_seeds_stands_in_them(seeds: Library) -> None:
    assert missing_evidence(seeds_gold(), seeds) == []


def test_evidence_on_the_seeds_stands_in_the_article_that_is_named(seeds: Library) -> None:
    texts = {a.title: plain(a.text) for a in map(seeds.article, [a.id for a in seeds.listed()])}
    strays = [g.id for g in seeds_gold() if g.article and g.evidence[0] not in texts[g.article]]
    assert strays == []


def test_each_answer_on_the_seeds_stands_in_its_evidence_or_its_article(seeds: Library) -> None:
    """One of the alternatives, or it is a yes or no."""
    text = plain(" ".join(path.read_text() for path in SEEDS.iterdir()))
    made_up = [
        g.id
        for g in seeds_gold()
        if g.answerable and not any(a in text or a in ("yes", "no") for a in g.answers)
    ]
    assert made_up == []


def test_the_seeds_have_questions_of_every_sort() -> None:
    kinds = {one.kind for one in seeds_gold()}
    assert kinds == {
        *{"who", "what", "when", "where", "why", "how many", "yes-no", "paraphrase"},
        *{"attribution", "both", "unanswerable", "other matter"},
    }


def test_a_third_of_the_questions_on_the_seeds_only_look_answerable() -> None:
    kinds = [one.kind for one in seeds_gold()]
    assert len(kinds) >= 40
    assert kinds.count("unanswerable") / len(kinds) == pytest.approx(1 / 3, abs=0.02)


def test_yes_no_questions_on_the_seeds_may_be_answered_by_yes_or_no() -> None:
    askers = [g for g in seeds_gold() if g.answerable and question_type(g.question) == "yes-no"]
    assert [g.id for g in askers if not {"yes", "no"} & set(g.answers)] == []


def test_paraphrases_share_no_word_with_the_seeds_but_small_ones() -> None:
    small = set("after are be by do of said suddenly to was were which whose about".split())
    texts = " ".join(path.read_text() for path in SEEDS.iterdir()).lower()
    known = set(re.findall(r"[a-z]{2,}", texts)) - small
    asking = [one.question for one in seeds_gold() if one.kind == "paraphrase"]
    assert len(asking) >= 4
    assert [q for q in asking if known & set(re.findall(r"[a-z]{2,}", q.lower()))] == []
