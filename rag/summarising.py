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
from rag.chunking import Span, sentences
from rag.embedding import Embedder
from rag.questions import Overview
from rag.reading import Evidence, reports, with_copies
from rag.retrieval import Hit
from rag.stemming import content_stems, stems

_FEWEST, _MOST = 3, 5  # sentences
_WORDS = range(6, 46)  # of a sentence that is taken
_LOOKED_AT = 120  # sentences
_NEWNESS = 0.4  # how much less near to those taken weighs than nearness to what is asked
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


def sum_up(asked: Overview, hits: Sequence[Hit], embedder: Embedder) -> tuple[Evidence, ...]:
    """At most five sentences of the chunks found, in the order of their articles and places.

    Of one article those that say most of it; on a matter those that speak of it, of several
    articles. Empty where none does.
    """
    every = list(_tellable(hits))
    if asked.words and not asked.of_one:
        told = {hit.article.id for hit in hits if _names_all(asked.words, hit.article)}
        every = [s for s in every if s.hit.article.id in told and _mentions(asked.words, s.text)]
    found = [s for s in every if s.start == s.span[0]]  # that can be understood alone
    found = (found if len(found) >= _FEWEST else every)[:_LOOKED_AT]
    if not found:
        return ()
    vectors = embedder.remembered([s.text for s in found])
    if asked.words and not asked.of_one:
        near = vectors @ embedder.remembered([asked.words])[0]
    else:
        centre = vectors.mean(axis=0)
        near = vectors @ (centre / np.linalg.norm(centre))
    near = near + np.array([_FIRST * s.first for s in found], np.float32)
    order = {hit.article.id: rank for rank, hit in reversed(list(enumerate(hits)))}
    chosen = [found[i] for i in _spread(near, vectors)]
    chosen.sort(key=lambda s: (order[s.hit.article.id], s.span))
    return tuple(with_copies(_evidence(s), hits) for s in chosen if not _is_within(s, chosen))


def _is_within(one: _Sentence, chosen: Sequence[_Sentence]) -> bool:
    """Whether it stands in what another leans on."""
    return any(
        s is not one
        and s.hit.article.id == one.hit.article.id
        and s.start <= one.span[0]
        and one.span[1] <= s.span[0]
        for s in chosen
    )


def _spread(near: NDArray[np.float32], vectors: NDArray[np.float32]) -> list[int]:
    """The best by nearness, less how near each is to those that are taken already."""
    taken: list[int] = []
    alike = np.zeros(len(near), np.float32)
    while len(taken) < _MOST:
        value = (1 - _NEWNESS) * near - _NEWNESS * alike
        value[taken] = -np.inf
        value[alike > 0.9] = -np.inf
        best = int(value.argmax())
        if value[best] == -np.inf:
            break
        taken.append(best)
        alike = np.maximum(alike, vectors @ vectors[best])
    return taken


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
        for number, (a, b) in enumerate(sentences(hit.chunk.text)):
            start, end = hit.chunk.start + a, hit.chunk.start + b
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
