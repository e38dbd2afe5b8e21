"""A question → the chunks that may answer it, best first."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal

from rag.articles import Article
from rag.chunking import Chunk, Span, sentences
from rag.embedding import Embedder
from rag.indexes import Indexes
from rag.library import Filters, Library

Mode = Literal["hybrid", "dense", "lexical"]

RRF_K = 60  # Cormack, Clarke and Büttcher 2009, "Reciprocal rank fusion outperforms Condorcet …"
_DEPTH = 50  # how many of each list are fused


@dataclass(frozen=True, slots=True)
class Hit:
    """A chunk that was found. A score is None when that index did not find it.

    `cosine`: -1 to 1. `bm25`: 0 and up. `fused`: the sum of 1 / (60 + rank) over the lists.
    """

    chunk_id: int
    chunk: Chunk
    article: Article
    cosine: float | None
    bm25: float | None
    fused: float

    @property
    def sentences(self) -> list[Span]:
        """The chunk's, in the article's characters."""
        at = self.chunk.start
        return [(at + start, at + end) for start, end in sentences(self.chunk.text)]

    def to_json(self) -> dict[str, object]:
        article = self.article
        return {
            "chunk_id": self.chunk_id,
            "article_id": self.chunk.article_id,
            "title": article.title,
            "outlet": article.outlet,
            "published": article.published.isoformat() if article.published else None,
            "sources": list(article.sources),
            "text": self.chunk.text,
            "start": self.chunk.start,
            "end": self.chunk.end,
            "cosine": self.cosine,
            "bm25": self.bm25,
            "fused": self.fused,
        }


def retrieve(
    question: str,
    library: Library,
    indexes: Indexes,
    embedder: Embedder,
    *,
    top: int,
    mode: Mode = "hybrid",
    filters: Filters | None = None,
) -> list[Hit]:
    """The `top` chunks for the question, best first: by cosine, by BM25, or by both fused."""
    among = library.article_ids(filters) if filters and filters.any else None
    depth = max(top, _DEPTH)
    dense: list[tuple[int, float]] = []
    lexical: list[tuple[int, float]] = []
    if mode != "lexical":
        dense = indexes.dense(embedder.remembered([question])[0], depth, among)
    if mode != "dense":
        lexical = indexes.lexical(question, depth, among)
    fused = fuse([chunk_id for chunk_id, _ in ranking] for ranking in (dense, lexical))
    best = list(fused.items())[: 2 * top]  # some may have been removed since
    chunks = library.chunks([chunk_id for chunk_id, _ in best])
    articles = library.articles_by_id(c.article_id for c in chunks.values())
    cosines, bm25s = dict(dense), dict(lexical)
    return [
        Hit(
            chunk_id=chunk_id,
            chunk=chunk,
            article=article,
            cosine=cosines.get(chunk_id),
            bm25=bm25s.get(chunk_id),
            fused=score,
        )
        for chunk_id, score in best
        if (chunk := chunks.get(chunk_id)) and (article := articles.get(chunk.article_id))
    ][:top]


def fuse(rankings: Iterable[Iterable[int]]) -> dict[int, float]:
    """Ids with their reciprocal-rank scores, best first; ties by id, so that runs agree.

    >>> list(fuse([[1, 2], [2]]))
    [2, 1]
    """
    scores: dict[int, float] = {}
    for ranking in rankings:
        for rank, item in enumerate(ranking, start=1):
            scores[item] = scores.get(item, 0.0) + 1 / (RRF_K + rank)
    return dict(sorted(scores.items(), key=lambda pair: (-pair[1], pair[0])))
