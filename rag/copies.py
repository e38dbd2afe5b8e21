"""Articles that are one text under several names: five copies of it are one source."""

from collections.abc import Iterable
from functools import lru_cache

from rag.articles import Article

_SHINGLE = 5  # words
SAME = 0.7  # of all shingles of two texts, those in both


def copies(article: Article, sentence: str, others: Iterable[Article]) -> tuple[Article, ...]:
    """Those of the others that say the article's sentence too, in all but the same text."""
    own = _flat(sentence)
    return tuple(
        other
        for other in {o.id: o for o in others}.values()
        if other.id != article.id
        and own in _flat(other.text)
        and resemblance(article.text, other.text) >= SAME
    )


def resemblance(one: str, other: str) -> float:
    """Of the runs of five words in either text the share in both, 0 to 1.

    Broder 1997, "On the resemblance and containment of documents"; counted, not estimated: the
    articles found for one question are few.
    """
    a, b = _shingles(one), _shingles(other)
    return len(a & b) / len(a | b) if a or b else 1.0


@lru_cache(maxsize=32)
def _shingles(text: str) -> frozenset[int]:
    words = text.casefold().split()
    return frozenset(
        hash(tuple(words[i : i + _SHINGLE])) for i in range(max(1, len(words) - _SHINGLE + 1))
    )


def _flat(text: str) -> str:
    return " ".join(text.casefold().split())
