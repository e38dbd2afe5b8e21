"""One gold question: what is right of what was found, said and cited, and what went wrong first."""

import time
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path

import pytest
from conftest import make_library

from rag.answering import Engine, ask, open_engine
from rag.embedding import Embedder, Vectors
from rag.gold import Gold
from rag.runs import Row
from rag.scoring import ask_gold

ROWLEY = Gold(
    id="rowley",
    question="who criticised Rowley?",
    answers=("Mr Williams", "Mark Williams"),
    evidence=("Mr Williams also criticised Met Commissioner Sir Mark Rowley",),
    article="001_788d2fea1109a0fb.txt",
    answerable=True,
    history=(),
    kind="who",
    relevant=(),
)
UNSAID = replace(
    ROWLEY, id="unsaid", question="What is the capital of Mongolia?", answers=(), evidence=()
)
UNSAID = replace(UNSAID, answerable=False, article=None, kind=None)


@pytest.fixture(scope="module")
def engine(seeds_folder: Path) -> Engine:
    return open_engine(seeds_folder, writer="quote")


def scored(engine: Engine, gold: Gold, **options: object) -> Row:
    chosen = {"top": 8, "mode": "hybrid", "strictness": "normal", **options}
    return ask_gold(gold, engine, **chosen)  # type: ignore[arg-type]


def test_a_right_answer_has_every_score_and_no_failure(engine: Engine) -> None:
    row = scored(engine, ROWLEY)
    assert row.failure == ""
    names = ("success@1", "mrr@10", "gold_in_answer", "gold_in_first_sentence", "citation_recall")
    assert [row.scores[name] for name in (*names, "citation_precision")] == [1] * 6
    assert row.citations[0].supports
    assert row.scores["quote_exactness"] == 1


def test_without_a_short_answer_there_is_none_of_its_words(engine: Engine) -> None:
    yes_or_no = replace(ROWLEY, question="Did Mr Williams criticise Rowley?", answers=("yes",))
    row = scored(engine, yes_or_no)
    assert (row.short_answer, row.scores["short_f1"]) == (None, 0)


def test_the_same_question_gets_the_same_scores(engine: Engine) -> None:
    first, again = (replace(scored(engine, ROWLEY), timings={}) for _ in range(2))
    assert first == again


def test_opening_the_library_is_not_counted_to_a_question(engine: Engine) -> None:
    slow = scored(replace(engine, load_s=100.0), ROWLEY)
    assert 0 < slow.timings["total_s"] < 100
    assert 0 < slow.timings["first_token_s"] < 100


class SlowEmbedder(Embedder):
    """It thinks for half a second before it makes vectors, and not where they are remembered."""

    def encode(
        self, texts: Sequence[str], progress: Callable[[int], None] = lambda done: None
    ) -> Vectors:
        time.sleep(0.5 if texts else 0)
        return super().encode(texts, progress)


def test_what_was_found_is_timed_before_its_question_is_known(engine: Engine) -> None:
    """The vector of a question that was asked before costs nothing."""
    row = scored(replace(engine, embedder=SlowEmbedder()), ROWLEY)
    assert row.timings["retrieve_s"] >= 0.5


def test_without_a_model_no_tokens_are_used(engine: Engine) -> None:
    row = scored(engine, ROWLEY)
    assert (row.tokens_in, row.tokens_out) == (None, None)


@pytest.mark.slow
def test_the_tokens_of_one_question_are_its_own(seeds_folder: Path) -> None:
    worded = open_engine(seeds_folder, writer="llm")
    first, again = (scored(worded, ROWLEY) for _ in range(2))
    assert (first.tokens_in or 0) > (first.tokens_out or 0) > 0
    assert (again.tokens_in, again.tokens_out) == (first.tokens_in, first.tokens_out)


@pytest.mark.slow
def test_whether_the_model_worded_an_answer_is_counted(seeds_folder: Path) -> None:
    asked = open_engine(seeds_folder, writer="llm")
    row = scored(asked, ROWLEY)
    assert row.scores["worded"] == float(ask(ROWLEY.question, asked).method == "generated")


def test_where_no_model_was_asked_nothing_is_worded(engine: Engine) -> None:
    assert scored(engine, ROWLEY).scores["worded"] is None


def test_a_rightly_unanswered_question_has_no_failure_and_no_answer_scores(
    engine: Engine,
) -> None:
    row = scored(engine, UNSAID)
    assert (row.abstained, row.failure, row.kind) == (True, "", "what")
    assert row.scores["gold_in_answer"] is None
    assert row.scores["success@1"] is None


def outcome(row: Row) -> list[float | None]:
    return [row.scores[n] for n in ("right", "false_abstention", "answered_unanswerable")]


def test_what_became_of_a_question_is_a_score_by_which_runs_are_compared(engine: Engine) -> None:
    """Of the answerable whether it is right, or was not answered; of the others if it was."""
    assert outcome(scored(engine, ROWLEY)) == [1, 0, None]
    assert outcome(scored(engine, UNSAID)) == [None, None, 0]
    assert outcome(scored(engine, replace(UNSAID, question=ROWLEY.question))) == [None, None, 1]
    assert outcome(scored(engine, replace(ROWLEY, question=UNSAID.question))) == [0, 1, None]


def test_an_answer_where_there_is_none_is_a_failure(engine: Engine) -> None:
    gold = replace(UNSAID, question=ROWLEY.question)
    assert scored(engine, gold).failure == "wrongly answered"


def test_an_abstention_where_the_chunk_was_found_is_a_wrong_one(engine: Engine) -> None:
    gold = replace(ROWLEY, question="Do cops dread rifles?")
    gold = replace(gold, evidence=("Officers have expressed concerns about carrying guns",))
    row = scored(engine, gold, strictness="high")
    assert row.abstained
    assert (row.failure, row.scores["gold_in_answer"]) == ("wrongly abstained", 0)


def test_what_no_chunk_holds_was_not_retrieved(engine: Engine) -> None:
    """The evidence is of the other article, and a chunk of this one is all that is looked at."""
    gold = replace(
        ROWLEY,
        answers=("no timetable",),
        evidence=("there was no timetable for the conclusion of its investigation",),
        article=None,
    )
    assert scored(engine, gold, top=1).failure == "not retrieved"


def test_a_sentence_that_was_not_chosen_was_retrieved_and_not_read(engine: Engine) -> None:
    gold = replace(ROWLEY, answers=("December 1",), evidence=("a plea hearing on December 1",))
    assert scored(engine, gold).failure == "retrieved but not read"


def test_chunks_of_another_article_than_the_golds_are_not_relevant(engine: Engine) -> None:
    gold = replace(ROWLEY, article="000_e2e9499ab278fd0c.txt")
    assert scored(engine, gold).scores["success@1"] is None


def test_whole_articles_that_are_relevant_are_ranked_once_each(engine: Engine) -> None:
    """By whatever name they are spoken of: a title, a file's name, an id."""
    first, second = engine.library.listed()
    names = ((Path(first.sources[0]).name, 2), (second.id.upper(), 1))
    gold = replace(ROWLEY, evidence=(), article=None, relevant=names)
    row = scored(engine, gold)
    assert row.scores["recall@10"] == 1
    assert row.scores["success@3"] == 1


def test_without_gold_answers_what_was_not_retrieved_is_not_right(engine: Engine) -> None:
    gold = replace(ROWLEY, answers=(), evidence=(), article=None)
    other = replace(gold, relevant=(("000_e2e9499ab278fd0c.txt", 1),))
    right = replace(gold, relevant=(("001_788d2fea1109a0fb.txt", 1),))
    assert scored(engine, other, top=1).failure == "not retrieved"
    assert scored(engine, right, top=1).failure == ""


def test_without_gold_answers_a_quote_supports_when_its_article_is_relevant(
    engine: Engine,
) -> None:
    gold = replace(ROWLEY, answers=(), evidence=(), article=None)
    right = replace(gold, relevant=(("001_788d2fea1109a0fb.txt", 1),))
    other = replace(gold, relevant=(("000_e2e9499ab278fd0c.txt", 1),))
    row = scored(engine, right)
    assert (row.scores["citation_precision"], row.citations[0].supports) == (1, True)
    row = scored(engine, other)
    assert (row.failure, row.scores["right"]) == ("citation wrong", 0)
    assert not any(cited.supports for cited in row.citations)


def test_an_article_that_is_named_twice_counts_once(engine: Engine) -> None:
    (first, _) = engine.library.listed()
    names = ((first.title, 1), (Path(first.sources[0]).name, 2))
    gold = replace(ROWLEY, evidence=(), article=None, relevant=names)
    assert scored(engine, gold).scores["recall@10"] == 1


def test_retrieved_is_what_the_answer_was_read_from(engine: Engine) -> None:
    """Two passages, both of one article: the other is the second article, but was not read."""
    gold = replace(ROWLEY, question="Who returned their weapon permits to the Met?", answers=())
    gold = replace(gold, evidence=(), article=None)
    gold = replace(gold, relevant=(("000_e2e9499ab278fd0c.txt", 1),))
    row = scored(engine, gold, top=2)
    assert (row.scores["success@3"], row.failure) == (1, "not retrieved")


def test_no_more_is_found_than_there_is(engine: Engine) -> None:
    """Half of the evidence's words stand in the other article too, which has no piece of it."""
    words = "Mark Williams, chief of the Police Firearms Officers Association, said some members"
    row = scored(engine, replace(ROWLEY, evidence=(words,), article=None))
    assert (row.scores["recall@10"], row.scores["ndcg@10"]) == (1, 1)


def test_evidence_is_found_in_chunks_as_it_is_in_articles(engine: Engine) -> None:
    """With the marks of notes that articles lose, for example."""
    row = scored(engine, replace(ROWLEY, evidence=("photograph taken.[2] That’s",)))
    assert row.scores["recall@10"] == 1


def test_an_article_is_ranked_after_one_that_has_many_chunks(
    tmp_path: Path, embedder: Embedder
) -> None:
    files = tmp_path / "long.txt", tmp_path / "short.txt"
    day = "The bridge was closed on day {0}, and of the bridge nothing else was said that day. "
    noise = "Nobody spoke of the ford, of the market, of the rain or of the mill that year. "
    files[0].write_text("\n\n".join(day.format(n) * 8 for n in range(40)))
    files[1].write_text(noise * 6 + "Then they built a bridge.")
    make_library(tmp_path / "library", embedder, *files).close()
    engine = open_engine(tmp_path / "library", writer="quote")
    gold = replace(ROWLEY, question="bridge", answers=(), evidence=(), article=None)
    row = scored(engine, replace(gold, relevant=(("short.txt", 1),)), mode="lexical")
    assert row.scores["mrr@10"] == 1 / 2


def test_a_quote_that_does_not_stand_there_is_a_citation_that_is_wrong(
    engine: Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    """No input makes one, or should."""
    monkeypatch.setattr("rag.scoring.quote_exactness", lambda *_: 0.5)
    assert scored(engine, ROWLEY).failure == "citation wrong"
