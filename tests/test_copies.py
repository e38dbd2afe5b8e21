"""One text under several names is one source."""

import json
from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from conftest import make_library
from hypothesis import given
from hypothesis import strategies as st

from rag.answer import Answer, copies_told
from rag.answering import Engine, ask, open_engine
from rag.checking import recheck
from rag.copies import resemblance
from rag.embedding import Embedder
from rag.library import Filters

GOLD = Path(__file__).parent / "gold/copies.jsonl"
TEXT = """The covered market of Tarn was sold to the builder Colin Reeve for four million pounds.

The council called the sale a good day for the town, and said that the stalls would stay open.

Traders had feared for months that the hall, which was built in 1871, would be pulled down.
"""
OTHER = """The Harwick bridge was closed on Friday after engineers found cracks in two of its piers.

Mayor Anne Holt promised that the repairs would take nine weeks.
"""
Asked = Callable[..., Answer]
Edit = dict[str, Any]


@pytest.fixture
def asked(tmp_path: Path, embedder: Embedder) -> Asked:
    """`asked(question, {name: (outlet, date, text)})`."""

    def ask_of(question: str, articles: dict[str, tuple[str, str, str]]) -> Answer:
        (tmp_path / "articles").mkdir()
        for name, (outlet, day, text) in articles.items():
            head = f"title: The market is sold\noutlet: {outlet}\npublished: {day}\n\n"
            (tmp_path / "articles" / name).write_text(head + text, encoding="utf-8")
        make_library(tmp_path / "library", embedder, tmp_path / "articles").close()
        engine = open_engine(tmp_path / "library", writer="quote")
        answer = ask(question, engine)
        assert recheck(answer, engine.library) == []
        return answer

    return ask_of


WHO = "Who bought the covered market?"


def test_copies_are_told_as_one_source_with_several_outlets(asked: Asked) -> None:
    answer = asked(
        WHO,
        {
            "a.txt": ("The Tarn Gazette", "2019-11-20", TEXT),
            "b.txt": ("The Courier", "2019-11-21", f"{TEXT}\nMore on this later today.\n"),
            "c.txt": ("The Leaf", "2019-11-22", f"{TEXT}\nOur reporter was there as well.\n"),
            "d.txt": ("The Crag", "2019-11-22", OTHER),
        },
    )
    assert len(answer.citations) == 1
    (cited,) = answer.citations
    outlets = {cited.outlet, *(copy.outlet for copy in cited.copies)}
    assert outlets == {"The Tarn Gazette", "The Courier", "The Leaf"}
    assert not any(check.what == "agreement" for check in answer.checked)
    assert Answer.from_json(json.loads(json.dumps(answer.to_json()))) == answer


def test_articles_of_their_own_words_that_say_the_same_are_no_copies(asked: Asked) -> None:
    own = (
        "Builder Colin Reeve bought the covered market in Tarn on Wednesday.\n\n"
        "He would not tell reporters what he means to do with the hall.\n"
    )
    answer = asked(
        WHO,
        {
            "a.txt": ("The Tarn Gazette", "2019-11-20", TEXT),
            "b.txt": ("The Courier", "2019-11-21", own),
        },
    )
    assert all(not cited.copies for cited in answer.citations)


def test_a_copy_that_says_otherwise_is_shown_beside_it(asked: Asked) -> None:
    answer = asked(
        "For how many million pounds was the covered market sold?",
        {
            "a.txt": ("The Tarn Gazette", "2019-11-20", TEXT.replace("four", "4")),
            "b.txt": ("The Courier", "2019-11-21", TEXT.replace("four", "6")),
        },
    )
    assert len(answer.citations) == 2
    assert all(not cited.copies for cited in answer.citations)
    assert len(answer.conflicts) == 1


def test_an_article_that_only_takes_the_sentence_over_is_no_copy(asked: Asked) -> None:
    sentence = TEXT.split("\n\n", maxsplit=1)[0]
    answer = asked(
        WHO,
        {
            "a.txt": ("The Tarn Gazette", "2019-11-20", TEXT),
            "b.txt": ("The Courier", "2019-11-21", f"{sentence}\n\n{OTHER}"),
        },
    )
    assert all(not cited.copies for cited in answer.citations)


def test_of_two_that_answer_as_well_the_newest_is_taken_where_it_is_asked_for(asked: Asked) -> None:
    answer = asked(
        "Who is the mayor of Tarn now?",
        {
            "a.txt": ("The Tarn Gazette", "2010-11-20", "Anne Holt is the mayor of Tarn.\n"),
            "b.txt": ("The Courier", "2020-11-21", "Colin Reeve is the mayor of Tarn.\n"),
            "c.txt": ("The Leaf", "2015-11-21", "Ruth Berg is the mayor of Tarn.\n"),
        },
    )
    assert answer.short_answer == "Colin Reeve"


def test_each_of_several_things_that_are_asked_for_has_its_citation(asked: Asked) -> None:
    towns = ("Tarn", "Harwick", "Marn")
    text = "The town of {} was flooded on Friday.\n"
    answer = asked(
        "Which towns were flooded?",
        {f"{t}.txt": (f"The {t} Post", "2020-01-01", text.format(t)) for t in towns},
    )
    said = " ".join(cited.quote for cited in answer.citations)
    assert all(town in said for town in towns)
    assert len(answer.citations) == 3


@given(st.text(), st.text())
def test_resemblance_is_a_share_and_the_same_either_way(one: str, other: str) -> None:
    assert 0 <= resemblance(one, other) == resemblance(other, one) <= 1
    assert resemblance(one, one) == 1


# --- copies that were edited by hand --------------------------------------------------------------


@pytest.fixture(scope="module")
def edited(
    tmp_path_factory: pytest.TempPathFactory, embedder: Embedder
) -> tuple[Engine, list[Edit]]:
    """Each text, and each of its edited copies, as an article of its own name."""
    top = tmp_path_factory.mktemp("edited")
    (top / "articles").mkdir()
    edits = []
    for i, line in enumerate(GOLD.read_text("utf-8").splitlines()):
        row = json.loads(line)
        texts = {f"{i}.txt": row["text"]}
        for j, edit in enumerate(row["edits"]):
            assert edit["from"] in row["text"]
            texts[f"{i}-{j}.txt"] = row["text"].replace(edit["from"], edit["to"])
            edits.append({**edit, "files": (f"{i}.txt", f"{i}-{j}.txt")})
        for name, text in texts.items():
            (top / "articles" / name).write_text(f"title: Report {i}\n\n{text}", "utf-8")
    make_library(top / "library", embedder, top / "articles").close()
    return open_engine(top / "library", writer="quote"), edits


def disagreements(edited: tuple[Engine, list[Edit]], *, agree: bool) -> list[bool]:
    """Of the edits that agree with their original, or do not: whether both versions are shown."""
    engine, edits = edited
    ids = {Path(a.sources[0]).name: a.id for a in engine.library.listed()}
    found = []
    for edit in (e for e in edits if e["agree"] is agree):
        both = Filters(articles=tuple(ids[name] for name in edit["files"]))
        found.append(bool(ask(edit["question"], engine, filters=both).conflicts))
    return found


def test_both_versions_are_shown_where_an_edited_copy_says_another_thing(
    edited: tuple[Engine, list[Edit]],
) -> None:
    shown = disagreements(edited, agree=False)
    assert len(shown) >= 30
    assert sum(shown) >= 0.95 * len(shown)


def test_a_copy_that_says_the_same_in_other_words_is_no_disagreement(
    edited: tuple[Engine, list[Edit]],
) -> None:
    alarms = disagreements(edited, agree=True)
    assert len(alarms) >= 28
    assert sum(alarms) <= 0.03 * len(alarms)


# --- one text, word for word ----------------------------------------------------------------------

WIRE = {
    "The Tarn Gazette": date(2019, 11, 20),
    "The Courier": date(2019, 11, 21),
    "The Echo": date(2019, 11, 22),
}
FRONT = "title: The market is sold\noutlet: {outlet}\npublished: {day}\n\n"
LINE = "The market is sold\n\n{outlet}, {day}\n\n"  # which stays in the text: three articles


@pytest.mark.parametrize("names", ["abc", "cba", "bca"])  # in whose order they are read
@pytest.mark.parametrize(("head", "articles"), [(FRONT, 1), (LINE, 3)])
def test_a_wire_story_is_cited_once_with_all_its_outlets(
    names: str, head: str, articles: int, tmp_path: Path, embedder: Embedder
) -> None:
    (tmp_path / "articles").mkdir()
    for name, (outlet, day) in zip(names, WIRE.items(), strict=True):
        text = head.format(outlet=outlet, day=day) + TEXT
        (tmp_path / "articles" / f"{name}.txt").write_text(text, encoding="utf-8")
    make_library(tmp_path / "library", embedder, tmp_path / "articles").close()
    engine = open_engine(tmp_path / "library", writer="quote")
    assert engine.library.counts()[0] == articles
    answer = ask(WHO, engine)
    (cited,) = answer.citations
    assert {cited.outlet: cited.published} | {c.outlet: c.published for c in cited.copies} == WIRE
    assert copies_told(cited) == "3 outlets, 1 original: first The Tarn Gazette, 2019-11-20"
    assert len(cited.copies) == 2
    assert recheck(answer, engine.library) == []
    for outlet in WIRE:
        assert not ask(WHO, engine, filters=Filters(outlets=(outlet,))).abstained
