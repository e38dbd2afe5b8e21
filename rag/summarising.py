"""A wish to hear what the articles say → a few of their own sentences, each cited.

Nothing is worded: a summary by extraction. The sentences are near to what was asked for, or to what
their article says as a whole, and not near to one another (maximal marginal relevance, Carbonell
and Goldstein 1998, "The use of MMR …").
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from rag.articles import Article
from rag.attribution import is_finished, leans_from, says_who, speaker_of
from rag.chunking import Span
from rag.embedding import Embedder
from rag.questions import Overview
from rag.reading import Evidence, reports, with_copies
from rag.retrieval import Hit
from rag.stemming import content_stems, stems

_FEWEST, _MOST = 3, 5  # sentences
_WORDS = range(6, 46)  # of a sentence that is taken
_LOOKED_AT = 120  # sentences
_NEWNESS = 0.4  # how much less near to those taken weighs than nearness to what is asked
_SAME = 0.9  # in cosine: it says what one of those taken says
_FIRST = 0.15  # in cosine, for an article's first sentence, where newspapers say the whole


@dataclass(frozen=True, slots=True)
class _Sentence:
    hit: Hit
    start: int  # of the quote, which begins with what the sentence leans on
    span: Span
    first: bool

    @property
    def text(self) -> str:
        return self.hit.article.text[slice(*self.span)]

    @property
    def quote(self) -> str:
        return self.hit.article.text[self.start : self.span[1]]


def sum_up(asked: Overview, hits: Sequence[Hit], embedder: Embedder) -> tuple[Evidence, ...]:
    """Three to five sentences of the chunks found, in the order of their articles and places.

    Of one article those that say most of it; on a matter those that speak of it, of as many
    articles as do. Fewer where no more do, and empty where none does.
    """
    every = list(_tellable(hits))
    if asked.words and not asked.of_one:
        told = {hit.article.id for hit in hits if _names_all(asked.words, hit.article)}
        every = [s for s in every if s.hit.article.id in told and _mentions(asked.words, s.quote)]
    alone = [s for s in every if s.start == s.span[0]]  # which lean on none before them
    chosen = _chosen(asked, alone, embedder)
    if len(chosen) < _FEWEST:
        chosen = _chosen(asked, every, embedder)
    order = {hit.article.id: rank for rank, hit in reversed(list(enumerate(hits)))}
    chosen.sort(key=lambda s: (order[s.hit.article.id], s.span))
    return tuple(with_copies(_evidence(s), hits) for s in chosen)


def _chosen(asked: Overview, among: Sequence[_Sentence], embedder: Embedder) -> list[_Sentence]:
    """At most five of them, best first."""
    found = _shared_out(among)
    if not found:
        return []
    vectors = embedder.remembered([s.text for s in found])
    if asked.words and not asked.of_one:
        near = vectors @ embedder.remembered([asked.words])[0]
    else:
        centre = vectors.mean(axis=0)
        near = vectors @ (centre / np.linalg.norm(centre))
    near = near + np.array([_FIRST * s.first for s in found], np.float32)
    chosen: list[_Sentence] = []
    for i in _spread(near, vectors, [s.hit.article.id for s in found]):
        chosen.append(found[i])
        chosen = [s for s in chosen if not _is_within(s, chosen)]
        if len(chosen) == _MOST:
            break
    return chosen


def _shared_out(among: Sequence[_Sentence]) -> list[_Sentence]:
    """As many as are looked at, as many of each article."""
    own: dict[str, list[_Sentence]] = {}
    for s in among:
        own.setdefault(s.hit.article.id, []).append(s)
    return [s for told in own.values() for s in told[: max(1, _LOOKED_AT // len(own))]]


def _is_within(one: _Sentence, chosen: Sequence[_Sentence]) -> bool:
    """Whether it stands in what another leans on."""
    return any(
        s is not one
        and s.hit.article.id == one.hit.article.id
        and s.start <= one.span[0]
        and one.span[1] <= s.span[0]
        for s in chosen
    )


def _spread(
    near: NDArray[np.float32], vectors: NDArray[np.float32], articles: Sequence[str]
) -> Iterator[int]:
    """The best by nearness, less how near each is to those before it; one of each article first."""
    left = np.ones(len(near), bool)
    unheard = np.ones(len(near), bool)
    alike = np.zeros(len(near), np.float32)
    while (left := left & (alike <= _SAME)).any():
        open_to = left & unheard if (left & unheard).any() else left
        value = (1 - _NEWNESS) * near - _NEWNESS * alike
        best = int(np.where(open_to, value, -np.inf).argmax())
        yield best
        left[best] = False
        unheard &= np.array([article != articles[best] for article in articles])
        alike = np.maximum(alike, vectors @ vectors[best])


def _names_all(words: str, article: Article) -> bool:
    """Whether the article has all that the words name, or nearly all of many."""
    asked = set(content_stems(words))
    held = set(stems(article.title)) | set(stems(article.text))
    return bool(asked) and len(asked - held) <= len(asked) // 5


def _mentions(words: str, sentence: str) -> bool:
    """Whether half of the words stand in it, and the last of few, as of a name."""
    asked = content_stems(words)
    held = set(stems(sentence))
    shared = sum(stem in held for stem in asked)
    return bool(asked) and 2 * shared >= len(asked) and (len(asked) > 3 or asked[-1] in held)


def named(words: str, hits: Sequence[Hit]) -> Article | None:
    """Of the articles found that speak of it the one whose title has most of the words."""
    asked = set(content_stems(words))
    own = [hit.article for hit in hits if _names_all(words, hit.article)]
    return max(own, key=lambda a: len(asked & set(stems(a.title))), default=None)


def _tellable(hits: Sequence[Hit]) -> Iterator[_Sentence]:
    """Sentences that report, of which is known who speaks and of whom, each once."""
    seen: set[str] = set()
    for hit in hits:
        text = hit.article.text
        for number, (start, end) in enumerate(hit.sentences):
            own = text[start:end]
            if own in seen or len(own.split()) not in _WORDS or not is_finished(own):
                continue
            begins = leans_from(text, (start, end))
            if not reports(own) or not says_who(text, begins, (start, end)):
                continue
            seen.add(own)
            yield _Sentence(hit, begins, (start, end), first=hit.chunk.start == 0 and number < 2)


def _evidence(s: _Sentence) -> Evidence:
    end = s.span[1]
    return Evidence(
        article=s.hit.article,
        chunk_id=s.hit.chunk_id,
        start=s.start,
        end=end,
        sentence=s.span,
        answering=(),
        speaker=speaker_of(s.hit.article.text, s.start, end),
        short=None,
        score=1.0,
    )
