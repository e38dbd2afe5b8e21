"""Gold questions: read and refused, held against a library; those of the seeds."""

import json
import re
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from conftest import ROOT, SEEDS
from hypothesis import given
from hypothesis import strategies as st
from strategies import store
from strategies import words as some_words

from rag.answer import Turn
from rag.errors import BadInput
from rag.gold import (
    Gold,
    from_json,
    is_dev,
    missing_evidence,
    plain,
    question_type,
    read_gold,
    to_json,
    with_what_is_kept,
)
from rag.library import Library

GOLD = ROOT / "tests/gold/seeds.jsonl"


def row(**fields: object) -> dict[str, Any]:
    """A question of which only what matters need be said."""
    asked = {"id": "a", "question": "Who?", "answers": ["Ann Lee"], "answerable": True}
    return {**asked, **fields}


def lines(*rows: object) -> str:
    return "".join(json.dumps(r) + "\n" for r in rows)


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "gold.jsonl"


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
        question=texts.map("Who {}?".format),
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
        ({"question": "?!"}, "the question '?!' has no word in it"),
        ({"question": "why " * 501}, "the question has 501 words"),
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
        ({"answers": [], "relevant": {"a.txt": 0}}, "answerable, but without answers"),
        ({"relevant": {"a.txt": 10**400}}, "relevant is not articles with whole numbers"),
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


def missing(asked: list[Gold], bridge: Library) -> list[tuple[str, str]]:
    return list(missing_evidence(asked, bridge))


def test_evidence_is_found_whatever_its_white_space(bridge: Library) -> None:
    assert missing([gold(evidence=("since 1990.\nAnn  Lee",))], bridge) == []


def test_evidence_is_found_where_the_text_lost_its_marks_of_notes(bridge: Library) -> None:
    assert missing([gold(evidence=("on Friday.[2] It had",))], bridge) == []


def test_evidence_that_stands_in_no_article_is_told_with_its_question(bridge: Library) -> None:
    asked = [gold(evidence=("on Friday",)), gold(id="b", evidence=("on friday", "leaned"))]
    assert missing(asked, bridge) == [("b", "'on friday' stands in no article")]


@pytest.mark.parametrize("name", ["The bridge", "the BRIDGE", "bridge.txt", "/articles/bridge.txt"])
def test_an_article_is_known_by_its_title_or_its_file(bridge: Library, name: str) -> None:
    assert missing([gold(article=name)], bridge) == []


def test_an_article_that_is_not_there_is_told_with_its_question(bridge: Library) -> None:
    asked = gold(article="bridge", relevant=(("The ford", 1),))
    told = [("a", "no article 'bridge'"), ("a", "no article 'The ford'")]
    assert missing([asked], bridge) == told


def test_evidence_that_stands_in_another_article_than_the_one_that_is_named_is_told(
    bridge: Library,
) -> None:
    store(bridge, "The ford is deep.", "/ford.txt", title="The ford")
    asked = gold(article="The bridge", evidence=("The ford is deep.",))
    told = "'The ford is deep.' stands in other articles than 'The bridge'"
    assert missing([asked], bridge) == [("a", told)]
    assert with_what_is_kept([asked], bridge) == []


def test_without_evidence_that_is_gone_the_rest_of_a_question_stays(bridge: Library) -> None:
    asked = gold(evidence=("on Friday", "Subscribe now"), relevant=(("The bridge", 1), ("Ford", 1)))
    (one,) = with_what_is_kept([asked], bridge)
    assert (one.evidence, one.relevant) == (("on Friday",), (("The bridge", 1),))


@pytest.mark.parametrize(
    "lost",
    [{"evidence": ("Subscribe now",)}, {"article": "Ford"}, {"relevant": (("Ford", 1),)}],
)
def test_a_question_of_which_nothing_can_be_found_is_left_out(
    bridge: Library, lost: dict[str, Any]
) -> None:
    asked = [gold(), gold(id="b", **lost)]
    assert [one.id for one in with_what_is_kept(asked, bridge)] == ["a"]


def test_a_question_for_which_nothing_is_relevant_stays(bridge: Library) -> None:
    asked = gold(answerable=False, answers=(), relevant=(("Ford", 0),))
    assert len(with_what_is_kept([asked], bridge)) == 1


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


# --- the seeds' own ------------------------------------------------------------------------------


def seeds_gold() -> list[Gold]:
    return read_gold(GOLD)


def test_all_evidence_on_the_seeds_stands_in_them(seeds: Library) -> None:
    assert missing(seeds_gold(), seeds) == []


def test_evidence_on_the_seeds_stands_in_the_article_that_is_named(seeds: Library) -> None:
    texts = {a.title: plain(a.text) for a in map(seeds.article, [a.id for a in seeds.listed()])}
    strays = [g.id for g in seeds_gold() if g.article and g.evidence[0] not in texts[g.article]]
    assert strays == []


def test_what_needs_both_articles_of_the_seeds_has_evidence_in_each_of_them() -> None:
    texts = [plain(path.read_text()) for path in SEEDS.iterdir()]
    asking = [g for g in seeds_gold() if g.kind == "both"]
    holders = [{i for e in g.evidence for i, t in enumerate(texts) if e in t} for g in asking]
    assert len(asking) >= 4
    assert [g.id for g, found in zip(asking, holders, strict=True) if len(found) < 2] == []


def test_each_alternative_answer_on_the_seeds_stands_in_them_or_is_yes_or_no() -> None:
    """One that does not is right by no article's words."""
    text = plain(" ".join(path.read_text() for path in SEEDS.iterdir()))
    made_up = [
        g.id
        for g in seeds_gold()
        if not all(a in ("yes", "no") or plain(a) in text for a in g.answers)
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
