"""The shared data become sets to measure with; tried on small data of the same form."""

import gzip
import hashlib
import importlib.util
import json
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest
from conftest import ROOT
from hypothesis import given
from hypothesis import strategies as st

from rag.articles import read_article
from rag.errors import BadInput
from rag.gold import Gold, from_json, is_dev, read_gold

OPEN = "reading/squad_train_part"
OTHER = "reading/squadshifts_new_wiki"
QUESTIONS = "unanswerable/squad2_questions"
POLICIES = "reading/policyqa"
NEWS = "retrieval/newsquiz_allsides"
CORPUS = ["corpus/allsides_1", "corpus/allsides_2", "corpus/allsides_3"]

# Titles on either side of the split, for sets that keep a fifth and so for those that keep a third.
DEV = [t for t in (f"Bridge {n}" for n in range(200)) if is_dev(POLICIES, t)]
TRAIN = [t for t in (f"Bridge {n}" for n in range(200)) if not is_dev(OPEN, t)]

Row = dict[str, Any]


def _loaded() -> ModuleType:
    """The script, under a name that is no package's."""
    spec = importlib.util.spec_from_file_location("scripts_datasets", ROOT / "scripts/datasets.py")
    assert spec
    assert spec.loader
    module = importlib.util.module_from_spec(spec)
    sys.modules["scripts_datasets"] = module
    spec.loader.exec_module(module)
    return module


datasets = _loaded()


def row(title: str, question: str = "When?", context: str = "", **fields: object) -> Row:
    """A question of a reading set whose answer is a year."""
    context = context or f"{title} was opened by the mayor in 1990. It leans."
    known = {"answers": ["1990"], "answer_start": [context.find("1990")], "answerable": True}
    asked = {"id": f"{title}/{question}", "question": question, "context": context, "title": title}
    return {**asked, **known, **fields}


def put(folder: Path, name: str, *rows: Row) -> None:
    file = folder / f"{name}.jsonl.gz"
    file.parent.mkdir(parents=True, exist_ok=True)
    with gzip.open(file, "wt", encoding="utf-8") as out:
        out.writelines(json.dumps(r) + "\n" for r in rows)


@pytest.fixture
def data(tmp_path: Path) -> Path:
    return tmp_path / "data"


Make = Callable[..., Path]


@pytest.fixture
def make(data: Path, tmp_path: Path) -> Make:
    """Makes one set and gives its folder."""

    def made(name: str) -> Path:
        out = tmp_path / "out"
        assert datasets.main([str(data), "--only", name, "--out", str(out)]) == 0
        return out / name

    return made


def texts(folder: Path) -> dict[str, str]:
    """The articles of a set by their titles."""
    read = (read_article(f, f.read_bytes()) for f in sorted((folder / "articles").iterdir()))
    return {article.title: article.text.strip() for article in read}


def asked(file: Path) -> list[str | None]:
    return [gold.article for gold in read_gold(file)]


# --- articles and questions ----------------------------------------------------------------------


def test_contexts_of_one_title_become_one_article_in_their_order(data: Path, make: Make) -> None:
    put(
        data, POLICIES, *(row("A", text, f"{text} in 1990.") for text in ("Built", "Shut", "Built"))
    )
    assert texts(make("policyqa")) == {"A": "Built in 1990.\n\nShut in 1990."}


def test_gold_has_the_sentence_that_holds_the_answer_and_its_article(
    data: Path, make: Make
) -> None:
    put(data, OPEN, row(DEV[0]))
    put(data, OTHER)
    (gold,) = read_gold(make("open") / "gold.jsonl")
    assert gold.evidence == (f"{DEV[0]} was opened by the mayor in 1990.",)
    assert (gold.answers, gold.article) == (("1990",), DEV[0])


def test_a_question_that_comes_again_on_one_article_is_asked_once_with_all_answers() -> None:
    context = "It was opened in 1990. It was shut in 1995."
    again = row(
        "A", "when?", context, id="b", answers=["1995"], answer_start=[context.find("1995")]
    )
    (gold,) = datasets.questions([row("A", "When?", context), again])
    assert gold.answers == ("1990", "1995")
    assert gold.evidence == ("It was opened in 1990.", "It was shut in 1995.")


def test_an_answer_of_several_lines_is_any_of_them_that_says_something() -> None:
    context = "Fees:\nIt costs 39 EUR a year.\nSisters pay 22 EUR for it.\nCall us."
    asked = row("A", "How much?", context, answers=[context], answer_start=[0])
    (gold,) = datasets.questions([asked])
    assert gold.answers == ("It costs 39 EUR a year.", "Sisters pay 22 EUR for it.")
    assert gold.evidence == ("Fees: It costs 39 EUR a year.", "Sisters pay 22 EUR for it.")


def test_a_question_is_another_on_another_article() -> None:
    assert len(datasets.questions([row("A"), row("B")])) == 2


def test_an_answer_that_is_no_part_of_the_text_makes_no_question() -> None:
    context = "It leans.[citation needed] It was opened."
    mark = row("A", context=context, answers=["citation"], answer_start=[10])
    assert datasets.questions([mark]) == []


def test_the_library_has_the_articles_of_both_sides(data: Path, make: Make) -> None:
    put(data, OPEN, row(DEV[0]), row(TRAIN[0]))
    put(data, OTHER, row(DEV[1]))
    assert set(texts(make("open"))) == {DEV[0], TRAIN[0], DEV[1]}


def test_questions_are_measured_or_trained_with_by_their_article(data: Path, make: Make) -> None:
    put(data, OPEN, row(DEV[0]), row(TRAIN[0]))
    put(data, OTHER, row(DEV[1]), row(TRAIN[1]))
    folder = make("open")
    assert asked(folder / "gold.jsonl") == [DEV[0], DEV[1]]
    assert asked(folder / "train.jsonl") == [TRAIN[0], TRAIN[1]]


def test_look_alikes_are_unanswerable_on_the_articles_of_open(data: Path, make: Make) -> None:
    put(data, OPEN, row(DEV[0]), row(TRAIN[0]))
    put(data, OTHER)
    look_alike = {"answerable": False, "answers": [], "answer_start": []}
    put(data, QUESTIONS, row(DEV[0], "Who?", **look_alike), row(TRAIN[0], "Who?", **look_alike))
    folder = make("squad2_unanswerable")
    (gold,) = read_gold(folder / "gold.jsonl")
    assert (gold.answerable, gold.answers, gold.article) == (False, (), DEV[0])
    assert asked(folder / "train.jsonl") == [TRAIN[0]]
    assert set(texts(folder)) == {DEV[0], TRAIN[0]}


def test_questions_that_fit_any_article_name_theirs(data: Path, make: Make) -> None:
    put(data, POLICIES, row(DEV[0], "Do you sell my data?"))
    (gold,) = read_gold(make("policyqa") / "gold.jsonl")
    assert gold.question == f"In “{DEV[0]}”: Do you sell my data?"
    assert gold.kind == "yes-no"


def test_rows_without_a_title_are_left_out(data: Path, make: Make) -> None:
    put(data, "reading/timeqa_human", row(DEV[0]), {**row("B"), "title": None})
    assert set(texts(make("timeqa"))) == {DEV[0]}


def test_a_question_whose_evidence_is_cleaned_away_is_left_out_aloud(
    data: Path, make: Make, capsys: pytest.CaptureFixture[str]
) -> None:
    notice = "Share this article on Facebook\n\nCopyright © 1990. All rights reserved."
    lost = row(DEV[0], "When?", f"{DEV[0]} leans, says the mayor of the town.\n\n{notice}")
    put(data, POLICIES, lost, row(DEV[1]))
    assert asked(make("policyqa") / "gold.jsonl") == [DEV[1]]
    assert "1 left out: cleaning takes their evidence away" in capsys.readouterr().err


# --- stretches of one text -----------------------------------------------------------------------

TEXT = " ".join(f"{n} and {n * n} are numbers." for n in range(100, 180))


@given(
    cuts=st.lists(st.integers(0, len(TEXT) - 400), min_size=1),
    order=st.randoms(use_true_random=False),
)
def test_stretches_that_overlap_give_back_their_text(cuts: list[int], order: Any) -> None:
    """In whatever order they come."""
    stretches = [TEXT[start : start + 400] for start in (*cuts, *range(0, len(TEXT), 300))]
    order.shuffle(stretches)
    assert datasets.stitched(stretches) == [TEXT]


def test_stretches_that_share_nothing_stay_apart_and_in_order() -> None:
    assert datasets.stitched(["It was built.", "It was shut."]) == ["It was built.", "It was shut."]


# --- drawing -------------------------------------------------------------------------------------


def many(count: int) -> list[Gold]:
    return [
        from_json({"id": str(n), "question": "Who?", "answerable": False}) for n in range(count)
    ]


def test_a_sample_is_of_its_size_and_in_the_order_of_asking() -> None:
    drawn = [int(gold.id) for gold in datasets.sample(many(50), 20)]
    assert len(drawn) == 20
    assert drawn == sorted(drawn)
    assert drawn != list(range(20))


def test_a_sample_is_drawn_the_same_from_any_order() -> None:
    ids = {gold.id for gold in datasets.sample(many(50), 20)}
    assert {gold.id for gold in datasets.sample(many(50)[::-1], 20)} == ids


def test_a_set_has_no_more_questions_to_measure_with_than_it_should(data: Path, make: Make) -> None:
    put(data, "reading/nq_oracle", *(row(DEV[0], f"When did {n} open?") for n in range(160)))
    assert len(read_gold(make("nq") / "gold.jsonl")) == 150


# --- news ----------------------------------------------------------------------------------------


def piece(n: int, **fields: object) -> Row:
    told = {"title": f"Piece {n}", "text": f"The mayor opened bridge {n} in 1990 with a speech."}
    return {"id": f"n{n}", "outlet": "The Post", "date": "2014-05-03", **told, **fields}


# The one of six hundred that chance draws last.
LAST = max(range(600), key=lambda n: hashlib.sha256(f"n{n}".encode()).digest())


def quiz(answer: str, *, verbatim: bool = True) -> Row:
    known = {
        "article_id": f"n{LAST}",
        "title": f"Piece {LAST}",
        "verbatim": verbatim,
        "answerable": True,
    }
    return {"id": "q", "question": "When?", "answers": [answer], **known}


@pytest.fixture
def newsstand(data: Path) -> Path:
    for part, name in enumerate(CORPUS):
        put(data, name, *(piece(n) for n in range(part * 200, part * 200 + 200)))
    return data


def test_the_article_asked_about_is_among_five_hundred(newsstand: Path, make: Make) -> None:
    put(newsstand, NEWS, quiz("1990"))
    titles = set(texts(make("news")))
    assert len(titles) == 500
    assert f"Piece {LAST}" in titles


def test_news_articles_say_their_outlet_and_their_day(newsstand: Path, make: Make) -> None:
    put(newsstand, NEWS, quiz("1990"))
    file = next((make("news") / "articles").glob(f"*-piece-{LAST}.txt"))
    assert file.read_text().startswith(
        f"title: Piece {LAST}\noutlet: The Post\npublished: 2014-05-03\n\n"
    )


@pytest.mark.parametrize(
    ("asking", "evidence"),
    [
        (quiz("1990"), (f"The mayor opened bridge {LAST} in 1990 with a speech.",)),
        (quiz("e"), ()),
        (quiz("ninety", verbatim=False), ()),
    ],
)
def test_a_quiz_question_has_evidence_where_its_answer_stands_in_one_place(
    newsstand: Path, make: Make, asking: Row, evidence: tuple[str, ...]
) -> None:
    put(newsstand, NEWS, asking)
    (gold,) = read_gold(make("news") / "gold.jsonl")
    assert (gold.evidence, gold.relevant) == (evidence, ((f"Piece {LAST}", 1),))


# --- the command ---------------------------------------------------------------------------------


def test_the_same_data_give_the_same_sets(data: Path, make: Make) -> None:
    put(data, POLICIES, *(row(title) for title in DEV[:9]))
    first = (make("policyqa") / "gold.jsonl").read_bytes()
    assert (make("policyqa") / "gold.jsonl").read_bytes() == first


def test_a_set_made_again_keeps_nothing_of_before(data: Path, make: Make) -> None:
    put(data, POLICIES, row(DEV[0]), row(DEV[1]))
    make("policyqa")
    put(data, POLICIES, row(DEV[2]))
    assert set(texts(make("policyqa"))) == {DEV[2]}


def test_a_folder_that_lacks_the_data_is_told_by_the_file_that_is_missing(
    data: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert datasets.main([str(data), "--only", "nq", "--out", str(tmp_path / "out")]) == 2
    assert "nq_oracle.jsonl.gz: No such file" in capsys.readouterr().err


@pytest.mark.slow
def test_its_name_does_not_keep_the_embedding_model_from_loading() -> None:
    """Which looks for a package `datasets` of its own, in the folder of the script that runs."""
    code = "import sentence_transformers"
    scripts = {**os.environ, "PYTHONPATH": str(ROOT / "scripts")}
    done = subprocess.run([sys.executable, "-c", code], env=scripts, capture_output=True)
    assert done.returncode == 0, done.stderr


def test_data_that_are_damaged_are_refused(data: Path) -> None:
    put(data, POLICIES, row("A"))
    (data / f"{POLICIES}.jsonl.gz").write_bytes(b"not gzip")
    with pytest.raises(BadInput, match="policyqa"):
        list(datasets.rows_of(data, POLICIES))
