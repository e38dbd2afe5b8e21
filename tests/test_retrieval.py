"""A question → chunks, over the two seed articles and the real models."""

from datetime import date
from typing import get_args

import pytest
from hypothesis import given
from hypothesis import strategies as st
from strategies import store

from rag.embedding import Embedder
from rag.indexes import Indexes
from rag.library import Filters, Library
from rag.retrieval import RRF_K, Hit, Mode, fuse, retrieve

QUESTION = "Who heads the Police Firearms Officers Association?"

rankings = st.lists(st.lists(st.integers(1, 30), unique=True, max_size=15), max_size=3)


def ask(
    library: Library, embedder: Embedder, question: str = QUESTION, **options: object
) -> list[Hit]:
    return retrieve(question, library, Indexes(library), embedder, **{"top": 5, **options})


# --- fusion --------------------------------------------------------------------------------------


@given(rankings)
def test_a_fused_score_is_the_sum_of_the_reciprocal_ranks(rankings: list[list[int]]) -> None:
    """Of 1 / (60 + rank), the first rank being 1."""
    for item, score in fuse(rankings).items():
        parts = [1 / (RRF_K + r.index(item) + 1) for r in rankings if item in r]
        assert score == pytest.approx(sum(parts))


@given(rankings)
def test_fusion_keeps_everything_and_puts_the_best_first(rankings: list[list[int]]) -> None:
    fused = fuse(rankings)
    assert set(fused) == {item for ranking in rankings for item in ranking}
    assert list(fused.values()) == sorted(fused.values(), reverse=True)


@given(st.lists(st.integers(), unique=True))
def test_one_ranking_is_fused_to_itself(ranking: list[int]) -> None:
    assert list(fuse([ranking])) == ranking


def test_ties_are_ordered_by_id() -> None:
    assert list(fuse([[9, 2], [2, 9], [5]])) == [2, 9, 5]
    assert list(fuse([[9], [2], [5]])) == [2, 5, 9]


# --- modes ---------------------------------------------------------------------------------------


@pytest.mark.parametrize("mode", get_args(Mode))
def test_each_mode_finds_the_passage(seeds: Library, embedder: Embedder, mode: Mode) -> None:
    found = ask(seeds, embedder, "the head of the Police Firearms Officers Association", mode=mode)
    assert any("Mark Williams" in hit.chunk.text for hit in found[:2])


@pytest.mark.parametrize(
    ("mode", "score", "other"), [("dense", "cosine", "bm25"), ("lexical", "bm25", "cosine")]
)
def test_a_single_index_gives_its_score_and_its_order(
    seeds: Library, embedder: Embedder, mode: str, score: str, other: str
) -> None:
    found = ask(seeds, embedder, mode=mode)
    scores = [getattr(hit, score) for hit in found]
    assert scores == sorted(scores, reverse=True)
    assert [getattr(hit, other) for hit in found] == [None] * len(found)


def test_hybrid_hits_are_the_fusion_of_both_indexes(seeds: Library, embedder: Embedder) -> None:
    both = [
        [h.chunk_id for h in ask(seeds, embedder, mode=m, top=50)] for m in ("dense", "lexical")
    ]
    found = ask(seeds, embedder, top=50)
    assert {hit.chunk_id: hit.fused for hit in found} == pytest.approx(fuse(both))
    assert [hit.chunk_id for hit in found] == list(fuse(both))


def test_what_only_one_index_finds_has_no_score_of_the_other(
    seeds: Library, embedder: Embedder
) -> None:
    found = ask(seeds, embedder, "zyxwv")
    assert found
    assert {hit.bm25 for hit in found} == {None}


@pytest.mark.parametrize("top", [1, 2, 100])
def test_no_more_than_top_are_found_and_the_first_are_the_same(
    seeds: Library, embedder: Embedder, top: int
) -> None:
    every = [hit.chunk_id for hit in ask(seeds, embedder, top=50)]
    assert [hit.chunk_id for hit in ask(seeds, embedder, top=top)] == every[:top]


def test_runs_agree(seeds: Library, embedder: Embedder) -> None:
    assert ask(seeds, embedder) == ask(seeds, embedder)


# --- scope ---------------------------------------------------------------------------------------


@pytest.mark.parametrize("mode", get_args(Mode))
def test_filters_restrict_what_is_found(seeds: Library, embedder: Embedder, mode: Mode) -> None:
    for article in seeds.listed():
        found = ask(seeds, embedder, mode=mode, filters=Filters(articles=(article.id,)))
        assert {hit.chunk.article_id for hit in found} <= {article.id}
    assert ask(seeds, embedder, mode=mode, filters=Filters(since=date(2100, 1, 1))) == []


def test_filters_do_not_change_the_cosines(seeds: Library, embedder: Embedder) -> None:
    best = ask(seeds, embedder, mode="dense")[0]
    filters = Filters(articles=(best.chunk.article_id,))
    again = ask(seeds, embedder, mode="dense", filters=filters)[0]
    assert (again.chunk_id, again.cosine) == (best.chunk_id, pytest.approx(best.cosine))


@pytest.mark.parametrize("mode", get_args(Mode))
def test_a_removed_article_is_not_found(library: Library, embedder: Embedder, mode: Mode) -> None:
    kept, _ = store(library, "The river rose.", "/a")
    removed, _ = store(library, "The river fell.", "/b")
    indexes = Indexes(library)
    assert len(retrieve("river", library, indexes, embedder, top=5, mode=mode)) == 2  # type: ignore[arg-type]
    library.remove([removed])
    found = retrieve("river", library, indexes, embedder, top=5, mode=mode)
    assert [hit.article.id for hit in found] == [kept]


def test_an_empty_library_gives_no_hits(library: Library, embedder: Embedder) -> None:
    assert ask(library, embedder) == []


def test_a_hit_stands_in_its_article(seeds: Library, embedder: Embedder) -> None:
    for hit in ask(seeds, embedder):
        assert hit.article.text[hit.chunk.start : hit.chunk.end] == hit.chunk.text


def test_a_hit_as_json_has_its_place_and_its_scores(seeds: Library, embedder: Embedder) -> None:
    hit = ask(seeds, embedder)[0]
    value = hit.to_json()
    assert (value["start"], value["end"], value["text"]) == (
        hit.chunk.start,
        hit.chunk.end,
        hit.chunk.text,
    )
    assert (value["cosine"], value["bm25"], value["fused"]) == (hit.cosine, hit.bm25, hit.fused)
